// Package wechatpay is a simulated WeChat Pay (微信支付) API v3 for direct merchants, written from the provider's public
// documentation alone.
//
// It is an independent witness: it imports nothing of the platform, checks every documented field and signature, keeps
// its own ledger of the money it moved, notifies the merchant as the provider does, changes its keys, and can be told
// to misbehave. See README.md.
package wechatpay

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// Provider is this simulator's name in the ledger.
const Provider = "wechatpay"

// The operations, as faults, calls and violations name them. The last two are the ones the simulator sends itself.
const (
	OpNative        = "native"
	OpJSAPI         = "jsapi"
	OpH5            = "h5"
	OpQuery         = "query"       // by the merchant's number
	OpQueryID       = "query-by-id" // by the provider's
	OpClose         = "close"
	OpRefund        = "refund"
	OpRefundQuery   = "refund-query"
	OpCertificates  = "certificates"
	OpTradeBill     = "trade-bill"
	OpBillFile      = "bill-file"
	OpPaymentNotice = "payment-notice"
	OpRefundNotice  = "refund-notice"
)

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
	platform   *platform
	bills      bills
	notices    notices
	operations []*operation // read-only after New

	randomMu sync.Mutex
	random   io.Reader
	requests atomic.Int64 // numbers Request-ID

	ctx  context.Context //nolint:containedctx // the lifetime of delays
	stop context.CancelFunc
}

var _ http.Handler = (*Simulator)(nil)

// New builds a simulator; what a journal holds is restored and wins over the merchants and keys in the options.
func New(opts Options) *Simulator {
	opts = opts.withDefaults()
	s := &Simulator{
		opts: opts, now: opts.Now, sleep: opts.Sleep, random: opts.Random,
		faults:   faults.NewSet(opts.Seed, checkFault),
		book:     newBook(opts.Now()),
		platform: newPlatform(opts),
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if s.sleep == nil {
		s.sleep = s.wait
	}
	s.notices.start(opts)
	for _, m := range opts.Merchants {
		s.merchants.put(m)
	}
	s.operations = s.routes()
	s.restore(opts.Journal.Take())
	return s
}

func (s *Simulator) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
}

// Close ends delays and pending notifications and closes the journal. Close the simulator before the HTTP server
// in front of it: a server waits for the calls that a delay holds.
func (s *Simulator) Close() error {
	s.stop()
	s.notices.close()
	return s.opts.Journal.Close()
}

// Ledger is the simulator's own book: the oracle.
func (s *Simulator) Ledger() *Ledger { return &s.ledger }

// Key names an order in the ledger: the merchant number and the merchant's out_trade_no.
func Key(mchID, outTradeNo string) OrderKey {
	return OrderKey{Provider: Provider, Account: mchID, Order: outTradeNo}
}

// Faults is the set of fault switches.
func (s *Simulator) Faults() *FaultSet { return s.faults }

// AddFault arms a fault and returns its id.
func (s *Simulator) AddFault(fault Fault) (string, error) { return s.faults.Add(fault) }

// ClearFaults disarms all faults.
func (s *Simulator) ClearFaults() { s.faults.Clear("") }

// Violations lists the breaches of the documentation so far. A correct plugin causes none.
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

// Reset forgets orders, ledger, faults, violations, deliveries, bills and call counts, and ends pending notifications.
// Merchants and keys stay.
func (s *Simulator) Reset() {
	s.faults.Clear("")
	s.notices.restart(s.opts)
	s.book.reset()
	s.ledger.Reset()
	s.bills.reset()
	s.violations.Reset()
	for _, op := range s.operations {
		op.calls.Store(0)
	}
	s.opts.Journal.Append(record{Reset: true})
}

// draw makes a random text from an alphabet.
func (s *Simulator) draw(alphabet string, length int) (string, error) {
	raw := make([]byte, length)
	s.randomMu.Lock()
	_, err := io.ReadFull(s.random, raw)
	s.randomMu.Unlock()
	if err != nil {
		return "", fmt.Errorf("no random bytes: %w", err)
	}
	for i, b := range raw {
		raw[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(raw), nil
}

const (
	alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	hexadecimal  = "0123456789abcdef"
	digits       = "0123456789"
)
