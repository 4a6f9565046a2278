// Package shouqianba is a simulated Shouqianba payment gateway 2.0, written from the provider's document alone.
//
// It is an independent witness: it imports nothing of the platform, checks every documented field, keeps its own
// ledger of the money it moved, and can be told to misbehave. See plugins/sim/README.md.
package shouqianba

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/journal"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// Provider is this simulator's name in the ledger.
const Provider = "shouqianba"

// Vendor is a service provider that may activate terminals.
type Vendor struct {
	SN    string           `json:"vendor_sn"`
	Key   string           `json:"vendor_key"`
	AppID string           `json:"app_id"`
	Codes []ActivationCode `json:"activation_codes"`
}

// ActivationCode turns a device into a terminal of a store.
type ActivationCode struct {
	Code    string `json:"code"`
	StoreID string `json:"store_id"`
	Uses    int    `json:"uses"` // how many devices it can activate; 0 means 1
}

// Terminal is an activated terminal.
type Terminal struct {
	SN       string `json:"terminal_sn"`
	Key      string `json:"terminal_key"`
	StoreID  string `json:"store_id"`
	DeviceID string `json:"device_id,omitempty"` // empty: check-in accepts any device_id
}

// Options describe a simulator. The zero value works: no vendors, no terminals, the real clock.
type Options struct {
	Vendors   []Vendor
	Terminals []Terminal

	// Now and Sleep are the clock; Random makes keys. Defaults: time.Now, a real wait that Close ends, crypto/rand.
	Now    func() time.Time
	Sleep  func(time.Duration)
	Random io.Reader

	// Seed of the faults' probability mode.
	Seed uint64

	// ReflectName is the wire name of the echoed field in pay, printed "reflact" in the document. Default "reflect".
	ReflectName string
	// IdempotentRefunds answers a repeated refund_request_no of the same amount with the first result.
	// Default: FAIL, REFUND_REQUEST_CONFLICT, as the document's list of codes has it.
	IdempotentRefunds bool
	// KeepPreviousKey accepts the key before the last check-in until the next check-in.
	// Default: until the new key was used once, the harder case for a client.
	KeepPreviousKey bool

	// Callback turns on payment notifications to a request's notify_url. Default nil: none are sent.
	Callback *Callback
	// Journal keeps orders, ledger and keys across restarts. Default nil: memory only. Close closes it.
	Journal *Journal
}

// The shared parts, under names that callers outside plugins/sim can use.
type (
	// Fault is a fault rule; see the Fault… kinds.
	Fault = faults.Rule
	// FaultKind is what goes wrong.
	FaultKind = faults.Kind
	// FaultStatus is an armed fault and how often it hit.
	FaultStatus = faults.Status
	// FaultSet is the set of armed faults.
	FaultSet = faults.Set
	// Delay is a duration inside a Fault.
	Delay = faults.Duration
	// Ledger is the book of money moved.
	Ledger = ledger.Ledger
	// Entry is one movement of money.
	Entry = ledger.Entry
	// Summary is what the ledger knows of one order.
	Summary = ledger.Summary
	// OrderKey names an order in the ledger.
	OrderKey = ledger.OrderKey
	// Violation is a breach of the document by a caller.
	Violation = frame.Violation
	// Journal is the file that survives restarts.
	Journal = journal.Journal
)

// The kinds of faults, stages and outcomes; package faults documents them.
const (
	FaultDelay       = faults.Delay
	FaultRefuse      = faults.Refuse
	FaultPending     = faults.Pending
	FaultLostBefore  = faults.LostBefore
	FaultLostAfter   = faults.LostAfter
	FaultGarbage     = faults.Garbage
	FaultTruncated   = faults.Truncated
	FaultHTTP500     = faults.HTTP500
	FaultSystemError = faults.SystemError
	FaultFail        = faults.Fail
	FaultUncertain   = faults.Uncertain
	FaultNotExist    = faults.NotExist
	FaultWrongAmount = faults.WrongAmount
	FaultWrongOrder  = faults.WrongOrder

	StageBefore = faults.Before
	StageAfter  = faults.After

	ThenPaid      = faults.Paid
	ThenAbandoned = faults.Abandoned
	ThenNever     = faults.Never

	EntryPay      = ledger.Pay
	EntryRefund   = ledger.Refund
	EntryReversal = ledger.Reversal
)

// OpenJournal opens or creates the file for Options.Journal.
func OpenJournal(path string) (*Journal, error) {
	return journal.Open(path)
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
	terminals  *terminals
	operations map[string]*operation // by path; read-only after New

	randomMu sync.Mutex
	random   io.Reader

	ctx       context.Context //nolint:containedctx // the lifetime of notification goroutines
	stop      context.CancelFunc
	callbacks sync.WaitGroup
}

// operation is one URL of the gateway.
type operation struct {
	name   string
	fields []frame.Field
	vendor bool // signed by the vendor, not by a terminal
	check  func(frame.Object) []frame.Problem
	run    func(*request) reply
	calls  atomic.Int64
}

var _ http.Handler = (*Simulator)(nil)

// New builds a simulator; what a journal holds is restored and wins over the terminals in the options.
func New(opts Options) *Simulator {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Random == nil {
		opts.Random = rand.Reader
	}
	if opts.ReflectName == "" {
		opts.ReflectName = "reflect"
	}
	s := &Simulator{
		opts: opts, now: opts.Now, sleep: opts.Sleep, random: opts.Random,
		faults:    faults.NewSet(opts.Seed, checkFault),
		book:      newBook(opts.Now()),
		terminals: newTerminals(opts),
	}
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

// Close ends delays and pending notifications and closes the journal. Close the simulator before the HTTP server
// in front of it: a server waits for the calls that a delay holds.
func (s *Simulator) Close() error {
	s.stop()
	s.callbacks.Wait()
	return s.opts.Journal.Close()
}

// Ledger is the simulator's own book: the oracle.
func (s *Simulator) Ledger() *Ledger { return &s.ledger }

// Key names an order in the ledger.
func Key(terminalSN, clientSN string) OrderKey {
	return OrderKey{Provider: Provider, Account: terminalSN, Order: clientSN}
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

// Calls is how many requests an operation received (pay, refund, query, cancel, precreate, activate, checkin),
// refused ones included.
func (s *Simulator) Calls(name string) int64 {
	for _, op := range s.operations {
		if op.name == name {
			return op.calls.Load()
		}
	}
	return 0
}

// AddTerminal adds or replaces a terminal.
func (s *Simulator) AddTerminal(t Terminal) {
	s.terminals.put(t)
	s.opts.Journal.Append(record{Terminal: &savedTerminal{Terminal: t}})
}

// TerminalKey is the terminal's current key, "" if there is no such terminal.
func (s *Simulator) TerminalKey(terminalSN string) string {
	if t := s.terminals.find(terminalSN); t != nil {
		return t.state().Key
	}
	return ""
}

// Reset forgets orders, ledger, faults, violations and call counts. Terminals and their keys stay.
func (s *Simulator) Reset() {
	s.faults.Clear("")
	s.book.reset()
	s.ledger.Reset()
	s.violations.Reset()
	for _, op := range s.operations {
		op.calls.Store(0)
	}
	s.opts.Journal.Append(record{Reset: true})
}
