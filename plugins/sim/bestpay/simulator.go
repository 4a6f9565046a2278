// Package bestpay is a simulated BestPay aggregate acquiring platform (翼支付聚合收单) v1.8, written from the
// provider's document alone (seed 001).
//
// It is an independent witness: it imports nothing of the platform, checks every documented field and signature, keeps
// its own ledger of the money it moved, calls the merchant back, and can be told to misbehave. See README.md.
package bestpay

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// Provider is this simulator's name in the ledger.
const Provider = "bestpay"

// The operations, as faults, calls and violations name them. OpCallback is the one the simulator sends itself.
const (
	OpBarcode     = "barcode"      // 3.1
	OpQR          = "qr"           // 3.2
	OpConfirm     = "confirm"      // 3.3
	OpCallback    = "callback"     // 3.4
	OpRefund      = "refund"       // 3.5
	OpRefundQuery = "refund-query" // 3.6
)

// Options describe a simulator. The zero value works: no merchants, a platform key of its own, the real clock.
type Options struct {
	Merchants []Merchant

	// Key signs replies and callbacks. Default: one made when first needed; Certificate is its other half.
	Key *rsa.PrivateKey

	// Now and Sleep are the clock. Defaults: time.Now, a real wait that Close ends.
	Now   func() time.Time
	Sleep func(time.Duration)

	// Seed of the faults' probability mode.
	Seed uint64

	// RequestAlgorithm is how merchants sign; the document does not name it. Default SHA256withRSA.
	RequestAlgorithm Algorithm
	// ReplyAlgorithm is how the platform signs replies and callbacks. Default SHA1withRSA.
	ReplyAlgorithm Algorithm
	// StatusCode is the JSON type that a callback's answer must give statusCode. Default: a string or a number.
	StatusCode StatusCodeType
	// RequestDateWindow is how far a requestDate may be from the clock, so that a wrong time zone shows.
	// Default one hour; negative: any time.
	RequestDateWindow time.Duration
	// ExactDates finds orders and refunds only by the very second of their requestDate. Default: by its day.
	ExactDates bool
	// IdempotentRefunds answers a repeated outRequestNo of the same order and amount with the refund it made.
	// Default: refused.
	IdempotentRefunds bool
	// ResultAsString sends the result of refund and refund-query as a JSON string, as 3.5 and 3.6 type it.
	// Default: an object, as in all other sections.
	ResultAsString bool

	// Callback says how results are called back. The zero value follows the document.
	Callback Callback

	// Journal keeps orders, ledger and added merchants across restarts. Default nil: memory only. Close closes it.
	Journal *Journal
}

// Simulator is the provider. It is an http.Handler and safe for concurrent use.
type Simulator struct {
	opts       Options
	now        func() time.Time
	sleep      func(time.Duration)
	ledger     ledger.Ledger
	faults     *faults.Set
	violations frame.Violations
	book       *book
	merchants  merchants
	operations map[string]*operation // by path; read-only after New

	platformKey func() (*rsa.PrivateKey, error)
	forgersKey  func() (*rsa.PrivateKey, error)
	callbacks   callbacks

	ctx  context.Context //nolint:containedctx // the lifetime of delays
	stop context.CancelFunc
}

// operation is one URL of the platform.
type operation struct {
	name   string
	fields []frame.Field
	check  func(frame.Object) []frame.Problem
	run    func(*request) reply
	calls  atomic.Int64
}

var _ http.Handler = (*Simulator)(nil)

// New builds a simulator; what a journal holds is restored and wins over the merchants in the options.
func New(opts Options) *Simulator {
	opts = opts.withDefaults()
	s := &Simulator{
		opts: opts, now: opts.Now, sleep: opts.Sleep,
		faults:      faults.NewSet(opts.Seed, checkFault),
		book:        newBook(opts.Now()),
		platformKey: sync.OnceValues(func() (*rsa.PrivateKey, error) { return keyOr(opts.Key) }),
		forgersKey:  sync.OnceValues(func() (*rsa.PrivateKey, error) { return keyOr(nil) }),
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if s.sleep == nil {
		s.sleep = s.wait
	}
	s.callbacks.start(opts)
	for _, m := range opts.Merchants {
		s.merchants.put(m)
	}
	s.operations = s.routes()
	s.restore(opts.Journal.Take())
	return s
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.RequestAlgorithm == "" {
		o.RequestAlgorithm = SHA256WithRSA
	}
	if o.ReplyAlgorithm == "" {
		o.ReplyAlgorithm = SHA1WithRSA
	}
	if o.RequestDateWindow == 0 {
		o.RequestDateWindow = time.Hour
	}
	o.Callback = o.Callback.withDefaults()
	return o
}

// keyOr returns the key given, or a new one.
func keyOr(key *rsa.PrivateKey) (*rsa.PrivateKey, error) {
	if key != nil {
		return key, nil
	}
	return rsa.GenerateKey(rand.Reader, 2048)
}

func (s *Simulator) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
}

// Close ends delays and pending callbacks and closes the journal. Close the simulator before the HTTP server
// in front of it: a server waits for the calls that a delay holds.
func (s *Simulator) Close() error {
	s.stop()
	s.callbacks.close()
	return s.opts.Journal.Close()
}

// Ledger is the simulator's own book: the oracle.
func (s *Simulator) Ledger() *Ledger { return &s.ledger }

// Key names an order in the ledger.
func Key(merchantNo, outTradeNo string) OrderKey {
	return OrderKey{Provider: Provider, Account: merchantNo, Order: outTradeNo}
}

// Faults is the set of fault switches.
func (s *Simulator) Faults() *FaultSet { return s.faults }

// AddFault arms a fault and returns its id.
func (s *Simulator) AddFault(fault Fault) (string, error) { return s.faults.Add(fault) }

// ClearFaults disarms all faults.
func (s *Simulator) ClearFaults() { s.faults.Clear("") }

// Violations lists the breaches of the document so far. A correct plugin causes none.
func (s *Simulator) Violations() []Violation { return s.violations.List() }

// Calls is how many requests an operation received, refused ones included.
func (s *Simulator) Calls(name string) int64 { return s.allCalls()[name] }

func (s *Simulator) allCalls() map[string]int64 {
	calls := make(map[string]int64, len(s.operations))
	for _, op := range s.operations {
		calls[op.name] = op.calls.Load()
	}
	return calls
}

// Certificate is the self-signed X.509 certificate, in PEM, with which replies and callbacks can be verified.
func (s *Simulator) Certificate() (string, error) {
	key, err := s.platformKey()
	if err != nil {
		return "", err
	}
	return SelfSigned(key, s.now())
}

// AddMerchant adds or replaces a merchant. The journal keeps it.
func (s *Simulator) AddMerchant(m Merchant) error {
	saved, err := m.config()
	if err != nil {
		return err
	}
	s.merchants.put(m)
	s.opts.Journal.Append(record{Merchant: &saved})
	return nil
}

// Reset forgets orders, ledger, faults, violations, deliveries and call counts, and ends pending callbacks.
// Merchants and keys stay.
func (s *Simulator) Reset() {
	s.faults.Clear("")
	s.callbacks.restart(s.opts)
	s.book.reset()
	s.ledger.Reset()
	s.violations.Reset()
	for _, op := range s.operations {
		op.calls.Store(0)
	}
	s.opts.Journal.Append(record{Reset: true})
}
