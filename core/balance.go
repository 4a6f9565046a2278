package core

import (
	"context"
	"time"
)

// BalanceSnapshot is what a provider said of one channel of an account at a time.
type BalanceSnapshot struct {
	TenantID  ID
	ID        ID
	AccountID ID
	TakenAt   time.Time // when it was asked; the channels of one answer share it
	AsOf      time.Time // the provider's own time, or zero
	Balance   Balance
}

// BalanceWatch says when an account's balances are asked for and how that went. It exists for
// every account that has been live; its id is the account's.
type BalanceWatch struct {
	TenantID    ID
	AccountID   ID
	NextCheckAt time.Time // zero: not asked by itself
	AskedAt     time.Time // the last question
	TakenAt     time.Time // the last that was answered: that of the newest snapshots
	AsOf        time.Time
	Payable     Money // the provider's own sums over the channels; no currency: not stated
	Total       Money
	Failures    int          // questions without an answer since TakenAt
	Provided    ProviderText // of the last failure
	LowSince    time.Time    // a channel is under its mark
	StaleSince  time.Time    // nothing was answered for long
	CreatedAt   time.Time
	Version     int
}

// BalanceMark is the amount under which people are told. It is compared with what can be paid
// out as balance.
type BalanceMark struct {
	TenantID  ID
	AccountID ID
	Channel   string // empty: the sum over the account's channels
	Amount    int64  // fen
	SetBy     string
	SetAt     time.Time
}

// BalanceFilter narrows the balances that are read. Zero fields do not filter.
type BalanceFilter struct {
	TenantID  ID // platform lists only
	AccountID ID
	Page      Page // by the watches' CreatedAt and AccountID
}

// BalanceHistoryFilter narrows a list of snapshots.
type BalanceHistoryFilter struct {
	AccountID ID
	Channel   string
	From, To  time.Time // taken in [From, To)
	Page      Page
}

// BalanceBook is everything the present balances of accounts are shown from.
type BalanceBook struct {
	Watches   []BalanceWatch
	Accounts  map[ID]ProviderAccount // of the watches: provider and name only
	Snapshots map[ID][]BalanceSnapshot
	Marks     map[ID][]BalanceMark
	Rates     map[ID]FeeRate // of payouts, valid at the time asked for
	Frozen    map[ID]bool    // accounts that are frozen, or whose merchant is
	Days      WorkingDays
}

// BalanceReader reads balances of one tenant, or of all.
type BalanceReader interface {
	BalanceBook(ctx context.Context, f BalanceFilter, at time.Time) (BalanceBook, error)
}

// BalanceTx keeps balances of one tenant.
type BalanceTx interface {
	BalanceReader
	// WorkingDays is as for CalendarReader.
	WorkingDays(ctx context.Context) (WorkingDays, error)
	// BalanceWatch reads one. Errors: CodeNotFound.
	BalanceWatch(ctx context.Context, account ID) (BalanceWatch, error)
	BalanceHistory(ctx context.Context, f BalanceHistoryFilter) ([]BalanceSnapshot, error)
	// WatchBalances has the account's balances asked for from a time on, and not by themselves
	// when it is zero.
	WatchBalances(ctx context.Context, account ID, from, now time.Time) error
	// AskBalances notes that the account is being asked. Errors: CodeTooEarly when it was asked
	// after since.
	AskBalances(ctx context.Context, account ID, now, since time.Time) error
	// UpdateBalanceWatch writes w where its version is still that. It clears the lease. Errors: CodeConflict.
	UpdateBalanceWatch(ctx context.Context, w BalanceWatch) error
	InsertBalances(ctx context.Context, list []BalanceSnapshot) error
	// SetBalanceMark writes a mark, or removes it when the amount is zero.
	SetBalanceMark(ctx context.Context, m BalanceMark) error
}

// AccountBalances is what is known of an account's balances now.
type AccountBalances struct {
	Watch    BalanceWatch
	Provider string
	Name     string
	Mark     int64 // fen, for the sum over the channels; zero: none
	Channels []ChannelBalance
}

// ChannelBalance is one channel's newest snapshot with what follows from it.
type ChannelBalance struct {
	Snapshot               BalanceSnapshot
	Payables               []Payable
	NextClearAt, ClearedBy time.Time // see WorkingDays.Clearing
	Mark                   int64     // fen; zero: none
}

// BalanceMarkInput sets a mark, or removes it when Amount is zero.
type BalanceMarkInput struct {
	AccountID ID
	Channel   string
	Amount    int64
}

// Balances shows what merchants have at their providers.
type Balances interface {
	// ListBalances gives the present balances, of the tenant or for the platform of all.
	ListBalances(ctx context.Context, f BalanceFilter) ([]AccountBalances, error)
	// RefreshBalances asks the provider now. Errors: CodeTooEarly within ten seconds;
	// CodeNotSupported; CodeProviderRefused and CodeProviderUnavailable when there is no answer.
	RefreshBalances(ctx context.Context, account ID) (AccountBalances, error)
	BalanceHistory(ctx context.Context, f BalanceHistoryFilter) ([]BalanceSnapshot, error)
	SetBalanceMark(ctx context.Context, in BalanceMarkInput) (AccountBalances, error)
	// Calendar gives a year's holidays and worked weekends.
	Calendar(ctx context.Context, year int) (Calendar, error)
	// SetCalendar replaces a year. Errors: CodeInvalidFile with the row at fault.
	SetCalendar(ctx context.Context, year int, days []CalendarDay) (Calendar, error)
}
