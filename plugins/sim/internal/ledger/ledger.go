// Package ledger is the simulated providers' own book of money moved: the oracle that tests compare the platform with.
//
// An entry is appended where the money moves, under the lock of the order it belongs to, and never depends on
// whether a reply reached anybody. Entries are never changed or removed (except by Reset, which starts a new book).
package ledger

import (
	"sort"
	"sync"
	"time"
)

// Kind says in which direction an entry moves money.
type Kind string

// The kinds of entries. Pay moves money from the payer to the merchant, Refund and Reversal move it back
// (Reversal is a cancel or a provider's own correction), Payout moves it from the merchant to a payee and Return
// brings a payout back that the payee's bank did not take.
const (
	Pay      Kind = "pay"
	Refund   Kind = "refund"
	Reversal Kind = "reversal"
	Payout   Kind = "payout"
	Return   Kind = "return"
)

// OrderKey names one order of one account at one provider.
type OrderKey struct {
	Provider string `json:"provider"`
	Account  string `json:"account"` // the provider's name for who sells: terminal_sn, merchant number …
	Order    string `json:"order"`   // the merchant's order number
}

// String joins the parts as they stand in an operation id.
func (k OrderKey) String() string { return k.Provider + "/" + k.Account + "/" + k.Order }

// Entry is one movement of money. Amount is in fen and always positive; Kind gives the direction.
type Entry struct {
	Seq       int64     `json:"seq"`
	Operation string    `json:"operation"` // provider/account/order[/request]
	OrderKey            // flattened in JSON
	Request   string    `json:"request,omitempty"` // the refund's own number, if it has one
	Kind      Kind      `json:"kind"`
	Amount    int64     `json:"amount"`
	At        time.Time `json:"at"`
}

// Summary is what the ledger knows about one order. Amounts are in fen.
type Summary struct {
	OrderKey
	Paid      int64 `json:"paid"`
	Refunded  int64 `json:"refunded"`
	Reversed  int64 `json:"reversed"`
	PaidOut   int64 `json:"paid_out,omitempty"`
	Returned  int64 `json:"returned,omitempty"`
	Net       int64 `json:"net"` // paid − refunded − reversed − paid out + returned
	Pays      int   `json:"pays"`
	Refunds   int   `json:"refunds"`
	Reversals int   `json:"reversals"`
	Payouts   int   `json:"payouts,omitempty"`
	Returns   int   `json:"returns,omitempty"`
}

// Ledger is safe for concurrent use. The zero value is an empty ledger.
type Ledger struct {
	mu      sync.RWMutex
	entries []Entry
	orders  map[OrderKey]*account
}

type account struct {
	summary Summary
	entries []int // positions in Ledger.entries
}

// Append books one movement, numbers it and returns it as booked.
func (l *Ledger) Append(e Entry) Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Seq = int64(len(l.entries)) + 1
	e.Operation = e.String()
	if e.Request != "" {
		e.Operation += "/" + e.Request
	}
	if l.orders == nil {
		l.orders = make(map[OrderKey]*account)
	}
	a := l.orders[e.OrderKey]
	if a == nil {
		a = &account{summary: Summary{OrderKey: e.OrderKey}}
		l.orders[e.OrderKey] = a
	}
	a.entries = append(a.entries, len(l.entries))
	a.summary.add(e)
	l.entries = append(l.entries, e)
	return e
}

func (s *Summary) add(e Entry) {
	switch e.Kind {
	case Pay:
		s.Paid += e.Amount
		s.Pays++
	case Refund:
		s.Refunded += e.Amount
		s.Refunds++
	case Reversal:
		s.Reversed += e.Amount
		s.Reversals++
	case Payout:
		s.PaidOut += e.Amount
		s.Payouts++
	case Return:
		s.Returned += e.Amount
		s.Returns++
	}
	s.Net = s.Paid - s.Refunded - s.Reversed - s.PaidOut + s.Returned
}

// Order returns the summary of one order; an order without any movement has a zero summary.
func (l *Ledger) Order(key OrderKey) Summary {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if a := l.orders[key]; a != nil {
		return a.summary
	}
	return Summary{OrderKey: key}
}

// Net is the money in fen the merchant holds from one order: paid − refunded − reversed − paid out + returned.
func (l *Ledger) Net(key OrderKey) int64 { return l.Order(key).Net }

// Pays is how many times money was taken from the payer for one order. More than 1 is a double charge.
func (l *Ledger) Pays(key OrderKey) int { return l.Order(key).Pays }

// OrderEntries returns the movements of one order, oldest first.
func (l *Ledger) OrderEntries(key OrderKey) []Entry {
	l.mu.RLock()
	defer l.mu.RUnlock()
	a := l.orders[key]
	if a == nil {
		return nil
	}
	out := make([]Entry, 0, len(a.entries))
	for _, i := range a.entries {
		out = append(out, l.entries[i])
	}
	return out
}

// Entries returns a copy of all movements, oldest first.
func (l *Ledger) Entries() []Entry {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return append([]Entry(nil), l.entries...)
}

// Orders returns the summaries of all orders that moved money, in the order of their first movement.
func (l *Ledger) Orders() []Summary {
	l.mu.RLock()
	defer l.mu.RUnlock()
	list := make([]*account, 0, len(l.orders))
	for _, a := range l.orders {
		list = append(list, a)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].entries[0] < list[j].entries[0] })
	out := make([]Summary, len(list))
	for i, a := range list {
		out[i] = a.summary
	}
	return out
}

// Len is the number of movements.
func (l *Ledger) Len() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.entries)
}

// Reset starts an empty book.
func (l *Ledger) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries, l.orders = nil, nil
}
