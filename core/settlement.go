package core

import (
	"context"
	"time"
)

// Entry is one movement in a merchant's books: written once, in the transaction that moved the
// order, and never changed. What is corrected later is booked on the day it became known, so
// that a day that was settled stays as it was.
type Entry struct {
	TenantID   ID
	ID         ID
	Day        Day       // the Beijing day it counts to
	At         time.Time // when it was booked
	StoreID    ID        // of the payment, or zero
	AccountID  ID
	Kind       EntryKind
	ObjectID   ID    // the payment, refund or payout
	Amount     int64 // fen, from the merchant's side: what came in is positive
	Fee        int64 // fen, what was charged; negative when it was given back
	Correction bool  // it takes back or adds to what an earlier day held
	Corrects   Day   // that day, or empty
}

// EntryKind says what an entry is of.
type EntryKind string

// The kinds of entries.
const (
	EntryPayment EntryKind = "payment"
	EntryRefund  EntryKind = "refund"
	EntryPayout  EntryKind = "payout"
)

// SettlementLine sums a merchant's entries of a day, of one store or of all.
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

// SettlementFilter says what is summed.
type SettlementFilter struct {
	TenantID  ID  // platform only
	From, To  Day // both included
	StoreIDs  []ID
	AccountID ID
	ByAccount bool // a line for each account as well
}

// EntryFilter narrows a list of entries.
type EntryFilter struct {
	From, To  Day // both included
	StoreIDs  []ID
	AccountID ID
	ObjectID  ID
	Page      Page // by At and ID
}

// Shift sums what a cashier took between two times.
type Shift struct {
	Actor     string // user:usr_… or key:key_…
	From, To  time.Time
	StoreIDs  []ID
	Lines     []ShiftLine // by store, account and method
	Succeeded int64       // payments
	Taken     int64       // fen
	Refunded  int64       // fen given back of payments of this shift, so far
	Open      int64       // payments without an outcome yet
	Unknown   int64       // of those, in doubt
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
}

// Settlement sums up what moved.
type Settlement interface {
	ListSettlement(ctx context.Context, f SettlementFilter) ([]SettlementLine, error)
	ListEntries(ctx context.Context, f EntryFilter) ([]Entry, error)
	// ShiftOf sums a cashier's payments. Cashiers see their own only. Errors: CodeInvalidRequest
	// for more than two days.
	ShiftOf(ctx context.Context, actor string, from, to time.Time) (Shift, error)
}

// EntryTx writes entries.
type EntryTx interface {
	EntryReader
	AppendEntry(ctx context.Context, e Entry) error
}

// EntryReader reads entries within one tenant.
type EntryReader interface {
	Entries(ctx context.Context, f EntryFilter) ([]Entry, error)
	Settlement(ctx context.Context, f SettlementFilter) ([]SettlementLine, error)
	ShiftOf(ctx context.Context, actor string, stores []ID, from, to time.Time) (Shift, error)
}
