// Package metro is a simulated provider of metro consumption codes (大都会消费码), written from the provider's document
// alone.
//
// It is an independent witness: it imports nothing of the platform, checks every documented field, keeps its own
// ledger of the money it moved, calls the merchant as the provider does, and can be told to misbehave.
// See README.md beside it.
package metro

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/journal"
)

// Provider is this simulator's name in the ledger.
const Provider = "metro"

// Simulator is the provider. It is an http.Handler and safe for concurrent use.
type Simulator struct {
	opts       Options
	envelope   Envelope
	now        func() time.Time
	sleep      func(time.Duration)
	ledger     Ledger
	faults     *faults.Set
	violations frame.Violations
	nonces     nonces
	merchants  *merchants
	book       *book
	members    *members
	outbox     *outbox
	notifier   *frame.Notifier
	operations map[string]*operation // by path; read-only after New

	randomMu sync.Mutex
	random   io.Reader
	forger   func() (PrivateKey, error)

	ctx  context.Context //nolint:containedctx // the lifetime of delays
	stop context.CancelFunc
}

// operation is one URL of the provider.
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
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Random == nil {
		opts.Random = rand.Reader
	}
	s := &Simulator{
		opts: opts, envelope: opts.Envelope.withDefaults(), now: opts.Now, sleep: opts.Sleep, random: opts.Random,
		merchants: newMerchants(opts.Merchants),
		book:      newBook(opts.Now()),
		members:   newMembers(),
		outbox:    newOutbox(),
		notifier:  frame.NewNotifier(opts.Client, opts.Now, patient(opts.Sleep)),
	}
	s.faults = faults.NewSet(opts.Seed, s.checkFault)
	s.forger = sync.OnceValues(s.makeForger)
	s.ctx, s.stop = context.WithCancel(context.Background())
	if s.sleep == nil {
		s.sleep = s.wait
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

// patient makes an injected sleep one that the end of its context ends too; nil stays the notifier's real wait.
func patient(sleep func(time.Duration)) func(context.Context, time.Duration) bool {
	if sleep == nil {
		return nil
	}
	return func(ctx context.Context, d time.Duration) bool {
		if ctx.Err() != nil {
			return false
		}
		sleep(d)
		return ctx.Err() == nil
	}
}

// Close ends delays and resends and closes the journal. Close the simulator before the HTTP server in front of it:
// a server waits for the calls that a delay holds.
func (s *Simulator) Close() error {
	s.stop()
	s.notifier.Close()
	return s.opts.Journal.Close()
}

// OpenJournal opens or creates the file for Options.Journal.
func OpenJournal(path string) (*Journal, error) {
	return journal.Open(path)
}

// Ledger is the simulator's own book: the oracle.
func (s *Simulator) Ledger() *Ledger { return &s.ledger }

// Key names an order in the ledger: the company number and the merchant's out_request_no.
func Key(mchID, outRequestNo string) OrderKey {
	return OrderKey{Provider: Provider, Account: mchID, Order: outRequestNo}
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

// Calls is how many requests an operation received (applypay, queryuid, orderquery, reverse, refund, bill), refused
// ones included.
func (s *Simulator) Calls(name string) int64 { return s.allCalls()[name] }

func (s *Simulator) allCalls() map[string]int64 {
	calls := make(map[string]int64, len(s.operations))
	for _, op := range s.operations {
		calls[op.name] = op.calls.Load()
	}
	return calls
}

// AddMerchant adds or replaces a merchant.
func (s *Simulator) AddMerchant(m Merchant) {
	s.merchants.put(m)
	s.opts.Journal.Append(record{Merchant: &m})
}

// Reset forgets orders, ledger, members, faults, violations, nonces and call counts. Merchants stay, and so does the
// list of deliveries.
func (s *Simulator) Reset() {
	s.faults.Clear("")
	s.book.reset()
	s.ledger.Reset()
	s.members.reset()
	s.violations.Reset()
	s.nonces.reset()
	for _, op := range s.operations {
		op.calls.Store(0)
	}
	s.opts.Journal.Append(record{Reset: true})
}

// merchants holds who may sign.
type merchants struct {
	mu   sync.RWMutex
	byID map[string]Merchant
}

func newMerchants(list []Merchant) *merchants {
	ms := &merchants{byID: make(map[string]Merchant, len(list))}
	for _, m := range list {
		ms.put(m)
	}
	return ms
}

func (ms *merchants) put(m Merchant) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	ms.byID[m.MchID] = m
}

func (ms *merchants) find(mchID string) (Merchant, bool) {
	ms.mu.RLock()
	defer ms.mu.RUnlock()
	m, ok := ms.byID[mchID]
	return m, ok
}

// only is the one merchant there is, for callers that name none.
func (ms *merchants) only() (Merchant, bool) {
	ms.mu.RLock()
	defer ms.mu.RUnlock()
	if len(ms.byID) != 1 {
		return Merchant{}, false
	}
	for _, m := range ms.byID {
		return m, true
	}
	return Merchant{}, false
}

// except lists the others by number, for forgeries in another merchant's name.
func (ms *merchants) except(mchID string) []Merchant {
	ms.mu.RLock()
	defer ms.mu.RUnlock()
	var others []Merchant
	for id, m := range ms.byID {
		if id != mchID {
			others = append(others, m)
		}
	}
	sort.Slice(others, func(i, j int) bool { return others[i].MchID < others[j].MchID })
	return others
}
