package mmsp

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// Provider is this simulator's name in the ledger.
const Provider = "mmsp"

// Simulator is the provider. It is an http.Handler and safe for concurrent use.
type Simulator struct {
	opts       Options
	now        func() time.Time
	sleep      func(time.Duration)
	ledger     ledger.Ledger
	faults     *faults.Set
	violations frame.Violations
	book       *book
	merchants  *merchants
	payouts    *payouts
	notifier   *frame.Notifier
	notices    map[string]notice // by product; read-only after New

	// Read-only after New.
	products   map[string]*product // by path
	operations []*operation
	pages      map[string]*page // by path

	randomMu sync.Mutex
	random   io.Reader

	ctx  context.Context //nolint:containedctx // the lifetime of delays
	stop context.CancelFunc
}

var _ http.Handler = (*Simulator)(nil)

// New builds a simulator and restores what a journal holds.
func New(opts Options) *Simulator {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Random == nil {
		opts.Random = rand.Reader
	}
	s := &Simulator{
		opts: opts, now: opts.Now, sleep: opts.Sleep, random: opts.Random,
		book: newBook(opts.Now()), merchants: newMerchants(opts.Merchants), payouts: newPayouts(opts),
		notices: map[string]notice{ProductScan: scanNotice(opts), ProductQuick: quickNotice(opts), ProductGateway: gatewayNotice(opts)},
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if s.sleep == nil {
		s.sleep = s.wait
	}
	s.notifier = frame.NewNotifier(opts.Client, opts.Now, opts.Resend)
	s.routes()
	s.faults = faults.NewSet(opts.Seed, s.checkFault)
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
	s.notifier.Close()
	return s.opts.Journal.Close()
}

// Ledger is the simulator's own book: the oracle.
func (s *Simulator) Ledger() *Ledger { return &s.ledger }

// Key names an order or payout in the ledger by MERNO and MERORDERID (payout: ORDERNO).
func Key(merNo, number string) OrderKey {
	return OrderKey{Provider: Provider, Account: merNo, Order: number}
}

// Faults is the set of fault switches.
func (s *Simulator) Faults() *FaultSet { return s.faults }

// AddFault arms a fault and returns its id.
func (s *Simulator) AddFault(fault Fault) (string, error) {
	return s.faults.Add(fault)
}

// ClearFaults disarms all faults.
func (s *Simulator) ClearFaults() { s.faults.Clear("") }

// Violations lists the breaches of the document so far. A correct plugin causes none.
func (s *Simulator) Violations() []Violation { return s.violations.List() }

// Calls is how many requests an operation or page received, refused ones included; README.md lists the names.
func (s *Simulator) Calls(name string) int64 {
	if count := s.calls()[name]; count != nil {
		return count.Load()
	}
	return 0
}

// AddMerchant adds or replaces a merchant. It is not kept in the journal.
func (s *Simulator) AddMerchant(m Merchant) {
	s.merchants.put(m)
}

// Reset forgets orders, payouts, ledger, faults, violations and call counts. Merchants and the list of deliveries stay.
func (s *Simulator) Reset() {
	s.faults.Clear("")
	s.book.reset()
	s.payouts.reset()
	s.ledger.Reset()
	s.violations.Reset()
	for _, count := range s.calls() {
		count.Store(0)
	}
	s.opts.Journal.Append(record{Reset: true})
}

// token makes 2n hexadecimal digits that do not repeat.
func (s *Simulator) token(n int) (string, error) {
	raw := make([]byte, n)
	s.randomMu.Lock()
	defer s.randomMu.Unlock()
	if _, err := io.ReadFull(s.random, raw); err != nil {
		return "", fmt.Errorf("no random bytes: %w", err)
	}
	return hex.EncodeToString(raw), nil
}

// shanghai is the provider's time zone.
func shanghai() *time.Location { return time.FixedZone("CST", 8*3600) }
