package core

import (
	"context"
	"time"
)

// Spending is the kind of new money that limits and freezes are about.
type Spending string

// The kinds of spending.
const (
	SpendPayment Spending = "payment" // money asked of a payer
	SpendPayout  Spending = "payout"  // money sent to a payee
)

// Scope is what a limit or a freeze is about: the whole merchant, one of its provider
// accounts, or one method of an account.
type Scope struct {
	AccountID ID     // zero: the whole merchant
	Method    Method // empty: every method; needs an account
}

// Key names the scope within its tenant: what limits, freezes and counters are found by.
func (s Scope) Key() string {
	if s.AccountID.IsZero() {
		return "/"
	}
	return s.AccountID.String() + "/" + string(s.Method)
}

// Scopes lists what a payment or payout falls under, the widest first. A payout has no method.
func Scopes(account ID, method Method) []Scope {
	scopes := []Scope{{}, {AccountID: account}}
	if method != "" {
		scopes = append(scopes, Scope{AccountID: account, Method: method})
	}
	return scopes
}

// Layer says whose rule it is. All layers hold at once, so a merchant can only add to what
// the platform set.
type Layer string

// The layers.
const (
	LayerPlatform Layer = "platform"
	LayerTenant   Layer = "tenant"
)

// Limit bounds single and daily amounts of one kind of spending in one scope. A day is one
// in Beijing; what has failed, was canceled or closed, or has expired does not count, what is
// open or in doubt does.
type Limit struct {
	TenantID ID
	Scope    Scope
	Spending Spending
	Layer    Layer
	Single   int64 // fen; zero: no limit
	Daily    int64 // fen; zero: no limit
	SetBy    string
	SetAt    time.Time
	// UsedToday is what the day's payments or payouts in the scope sum up to; filled for
	// people to read when Daily is set.
	UsedToday int64
}

// Freeze stops new payments and payouts in a scope. Refunds, queries and callbacks go on.
type Freeze struct {
	TenantID   ID
	ID         ID
	Scope      Scope
	Layer      Layer
	Reason     string // the refused caller is told
	FrozenBy   string
	FrozenAt   time.Time
	LiftReason string
	LiftedBy   string
	LiftedAt   time.Time // zero: in force
}

// Spend is money that is about to be asked for or sent, or that was.
type Spend struct {
	Spending  Spending
	AccountID ID
	Method    Method // empty for payouts
	Amount    int64  // fen
	Largest   int64  // fen: of several at once, whose sum is Amount; zero: there is one
	At        time.Time
}

// Day is the Beijing day whose limits it counts in, as 2006-01-02.
func (s Spend) Day() string { return s.At.In(Beijing()).Format(time.DateOnly) }

// SpendingRules are the freezes in force and the limits that a spend falls under.
type SpendingRules struct {
	Freezes []Freeze
	Limits  []Limit
}

// Counts says whether a payment in the state counts in the limits of its day.
func (s PaymentState) Counts() bool {
	switch s {
	case PaymentRequiresAction, PaymentProcessing, PaymentSucceeded:
		return true
	case PaymentFailed, PaymentCanceled, PaymentClosed, PaymentExpired:
	}
	return false
}

// Counts says whether a payout in the state counts in the limits of its day.
func (s PayoutState) Counts() bool {
	switch s {
	case PayoutPendingApproval, PayoutProcessing, PayoutInReview, PayoutSucceeded:
		return true
	case PayoutFailed, PayoutReturned, PayoutRejected:
	}
	return false
}

// LimitReader reads limits and freezes within one tenant.
type LimitReader interface {
	Limits(ctx context.Context, today string) ([]Limit, error)
	Freezes(ctx context.Context, inForce bool) ([]Freeze, error)
	Freeze(ctx context.Context, id ID) (Freeze, error)
	// SpendingRules gives what the spend falls under.
	SpendingRules(ctx context.Context, s Spend) (SpendingRules, error)
}

// LimitTx changes limits and freezes and counts what is spent.
type LimitTx interface {
	LimitReader
	// SetLimit writes the layer's limit of a scope, or removes it when both amounts are zero. A
	// daily one begins with what the day's payments or payouts sum up to: those being written
	// are waited for, and new ones wait for the end of the transaction.
	SetLimit(ctx context.Context, l Limit, today string) error
	InsertFreeze(ctx context.Context, f Freeze) error // CodeConflict when the layer has one in force
	// LiftFreeze ends f. Errors: CodeInvalidState when it is not in force any more.
	LiftFreeze(ctx context.Context, f Freeze) error
	// CountSpend adds the amount to the scope's counter of the day by one guarded UPDATE, after
	// the payment or payout itself was written. ok is false, and nothing is counted, when it
	// would come to more than daily; used is what had been counted before.
	CountSpend(ctx context.Context, s Spend, scope Scope, daily int64) (used int64, ok bool, err error)
	// AdjustSpend adds the amount, which may be negative, to the counters there are of the day.
	AdjustSpend(ctx context.Context, s Spend) error
}

// LimitInput is what a person enters of a limit. Zero amounts are no limit.
type LimitInput struct {
	Scope    Scope
	Spending Spending
	Single   int64
	Daily    int64
}

// SpendingLimits bounds what merchants may take and pay out, and stops them. What a caller sets is in
// the layer of its role: the platform's, or the merchant's own.
type SpendingLimits interface {
	ListLimits(ctx context.Context) ([]Limit, error)
	// SetLimit replaces the caller's layer of a scope. Errors: CodeStepUpRequired;
	// CodeInvalidRequest when a merchant's is wider than the platform's.
	SetLimit(ctx context.Context, in LimitInput) ([]Limit, error)
	ListFreezes(ctx context.Context, inForce bool) ([]Freeze, error)
	// Freeze stops new money in a scope. Errors: CodeStepUpRequired, CodeConflict.
	Freeze(ctx context.Context, scope Scope, reason string) (Freeze, error)
	// LiftFreeze lets new money through again. Errors: CodeStepUpRequired; CodeForbidden when a
	// merchant would lift the platform's; CodeInvalidState.
	LiftFreeze(ctx context.Context, id ID, reason string) (Freeze, error)
}
