package core

import (
	"context"
	"time"
)

// Entry is one movement in a merchant's books: written once, in the transaction that moved the
// order, and never changed. What an order has come to is the sum of its entries. What becomes
// known late is booked on the day it became known, so that a day that was settled stays as it was.
type Entry struct {
	TenantID  ID
	ID        ID
	Day       Day       // the Beijing day it counts to: see EntryDay
	At        time.Time // when it was booked
	StoreID   ID        // of the payment, or zero
	AccountID ID
	Kind      EntryKind
	ObjectID  ID    // the payment, refund or payout
	N         int   // of the object's entries, from 1
	Amount    int64 // fen, from the merchant's side: what came in is positive
	Fee       int64 // fen, what was charged; negative when it was given back
	Corrects  Day   // the earlier day that it takes back or adds to, or empty

	// Of the order, filled where entries are listed.
	Number         string // ours
	MerchantNumber string // the tenant's own
	Provider       string
}

// Net is what the entry adds to what the merchant is owed, in fen.
func (e Entry) Net() int64 { return e.Amount - e.Fee }

// EntryKind says what an entry is of.
type EntryKind string

// The kinds of entries.
const (
	EntryPayment EntryKind = "payment"
	EntryRefund  EntryKind = "refund"
	EntryPayout  EntryKind = "payout"
)

const (
	// DayOpenFor is how long after its end a day still takes entries.
	DayOpenFor = 2 * time.Hour
	// DaySettledAfter is how long after its end a day is settled: every transaction that was let
	// into it has ended by then, on whichever node and by whichever clock.
	DaySettledAfter = DayOpenFor + 30*time.Minute
)

// EntryDay is the day that an entry counts to that is booked now, about something of the day
// about: that day while it is open, until 02:00 on the next, else today, which corrects it then.
func EntryDay(about Day, now time.Time) (day, corrects Day) {
	today := DayOf(now)
	switch {
	case about >= today || about == "": // a provider's clock may be ahead
		return today, ""
	case now.Before(about.End().Add(DayOpenFor)):
		return about, ""
	}
	return today, about
}

// Settled says that nothing will be booked on the day any more.
func (d Day) Settled(now time.Time) bool { return !now.Before(d.End().Add(DaySettledAfter)) }

// SettlementLine sums a merchant's entries of a day, of one store or of all. What was taken
// back is taken off the sum it was in; counts follow.
type SettlementLine struct {
	TenantID    ID
	Day         Day
	StoreID     ID // zero: what belongs to no store
	AccountID   ID // zero unless told apart by account
	Payments    int64
	Paid        int64 // fen
	Refunds     int64
	Refunded    int64 // fen, positive
	Payouts     int64
	PaidOut     int64 // fen, positive
	Fees        int64 // fen
	Corrections int64 // fen, the part of Net that corrects earlier days
	Net         int64 // Paid − Refunded − PaidOut − Fees, corrections included
}

// Add sums two lines; whose they are stays that of l.
func (l SettlementLine) Add(o SettlementLine) SettlementLine {
	l.Payments, l.Paid = l.Payments+o.Payments, l.Paid+o.Paid
	l.Refunds, l.Refunded = l.Refunds+o.Refunds, l.Refunded+o.Refunded
	l.Payouts, l.PaidOut = l.Payouts+o.Payouts, l.PaidOut+o.PaidOut
	l.Fees, l.Corrections, l.Net = l.Fees+o.Fees, l.Corrections+o.Corrections, l.Net+o.Net
	return l
}

// SettlementFilter says what is summed.
type SettlementFilter struct {
	TenantID  ID  // platform only
	From, To  Day // both included
	StoreIDs  []ID
	AccountID ID
	ByAccount bool // lines are told apart by account
}

// Within is the filter with the days that were left out: today, and the week that ends with the
// last day.
func (f SettlementFilter) Within(now time.Time) SettlementFilter {
	if f.To == "" {
		f.To = DayOf(now)
	}
	if f.From == "" {
		f.From = f.To.Next(-6)
	}
	return f
}

// EntryFilter narrows a list of entries.
type EntryFilter struct {
	From, To  Day       // both included
	Until     time.Time // booked before; zero: whenever
	StoreIDs  []ID
	AccountID ID
	ObjectID  ID
	Page      Page // by Day and ID: BeforeTime is the day's start
}

// EntryMark is a place in the books: after the entry of this day with this id.
type EntryMark struct {
	Day Day
	ID  ID
}

// Shift sums what a cashier took between two times.
type Shift struct {
	Actor     string // user:usr_… or key:key_…
	From, To  time.Time
	StoreIDs  []ID
	Lines     []ShiftLine // of what succeeded, by store, account, method and channel
	Succeeded int64       // payments
	Taken     int64       // fen
	Refunded  int64       // fen given back of payments of this shift, so far
	Open      int64       // payments without an outcome yet
	Unknown   int64       // of those, in doubt
	Pending   int64       // fen of the open ones: neither taken nor failed
}

// ShiftLine is a part of a shift.
type ShiftLine struct {
	StoreID   ID
	AccountID ID
	Provider  string
	Method    Method
	Channel   string
	Count     int64
	Amount    int64 // fen
	Refunded  int64 // fen of Amount that was given back since
}

// Settlement sums up what moved.
type Settlement interface {
	// ListSettlement gives a line for each merchant, day and store that something moved in, by
	// day. Errors: CodeInvalidRequest for more than 92 days.
	ListSettlement(ctx context.Context, f SettlementFilter) ([]SettlementLine, error)
	// ListEntries gives entries, the newest day first.
	ListEntries(ctx context.Context, f EntryFilter) ([]Entry, error)
	// ShiftOf sums a cashier's payments; an empty actor is the caller. Cashiers see their own
	// only. Errors: CodeInvalidRequest for more than two days.
	ShiftOf(ctx context.Context, actor string, from, to time.Time) (Shift, error)
}

// EntryTx writes entries.
type EntryTx interface {
	EntryReader
	// AppendEntry books an entry. Errors: CodeConflict when the object's entry N is there.
	AppendEntry(ctx context.Context, e Entry) error
}

// EntryReader reads entries within one tenant.
type EntryReader interface {
	SettlementReader
	// EntriesOf gives an order's entries in the order they were booked.
	EntriesOf(ctx context.Context, object ID) ([]Entry, error)
	Entries(ctx context.Context, f EntryFilter) ([]Entry, error)
	// CountEntries counts entries, and the days they are of; the filter's page is not looked at.
	CountEntries(ctx context.Context, f EntryFilter) (entries, days int64, err error)
	// EntriesAfter gives up to limit entries after a mark, the oldest day first; the filter's
	// page is not looked at.
	EntriesAfter(ctx context.Context, f EntryFilter, after EntryMark, limit int) ([]Entry, error)
	ShiftOf(ctx context.Context, actor string, stores []ID, from, to time.Time) (Shift, error)
}

// SettlementReader sums entries, of one tenant or of all.
type SettlementReader interface {
	Settlement(ctx context.Context, f SettlementFilter) ([]SettlementLine, error)
}

// BooksVerdict is what comparing a merchant's orders with its entries found.
type BooksVerdict struct {
	Orders  int64 // that moved, or that have entries
	Amount  int64 // fen, the sum of the entries
	Fees    int64 // fen
	Wrong   int64 // orders whose entries are not what they hold
	Example []BooksGap
}

// BooksGap is an order whose entries do not sum up to what it holds.
type BooksGap struct {
	Kind             EntryKind
	ObjectID         ID
	Amount, Fee      int64 // fen, by the order
	Entered, Charged int64 // fen, by its entries
}
