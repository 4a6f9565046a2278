package core

import (
	"context"
	"encoding/json"
	"time"
)

// Case is something that a person has to look at. One open case for a kind and an object
// counts how often it happened.
type Case struct {
	TenantID   ID
	ID         ID
	Kind       CaseKind
	ObjectID   ID
	ObjectKind string // payment, refund, payout, account
	AccountID  ID
	Reason     string // a code
	Details    json.RawMessage
	Times      int
	Owner      string // the actor who takes care of it, user:usr_…, or empty
	OpenedAt   time.Time
	LastAt     time.Time
	ClosedAt   time.Time
	Closing    CaseClosing // how it ended; empty while it is open
	ClosedBy   string      // the actor; system when it ended by itself
	ClosedNote string
	Order      *CaseOrder // in lists, where it is about an order
}

// CaseOrder is what a list of cases says of the order a case is about.
type CaseOrder struct {
	Number    string // ours
	Amount    Money
	Checks    int       // how often the provider was asked
	NextAskAt time.Time // zero: it is not asked by itself
	AskedAt   time.Time // when it was asked last; zero: never
	Outcome   Outcome   // of that question; empty: no answer
	Provided  ProviderText
}

// CaseKind says what a case is about.
type CaseKind string

// The kinds of cases.
const (
	CaseUnknownPayment CaseKind = "unknown_payment" // its outcome is in doubt
	CaseUnknownRefund  CaseKind = "unknown_refund"
	CaseUnknownPayout  CaseKind = "unknown_payout"

	CaseDecisionCorrected  CaseKind = "decision_corrected"     // the provider's word took the place of a person's decision
	CaseDecisionDisputed   CaseKind = "decision_disputed"      // the provider contradicts a person's decision, and it cannot be corrected
	CaseCallbackUnverified CaseKind = "callback_unverified"    // of an account: somebody sends what is not authentic
	CaseCallbackReplayed   CaseKind = "callback_replayed"      // of an account: an old signature with another message
	CaseCallbackDisagrees  CaseKind = "callback_disagrees"     // verified, and it contradicts what we hold
	CaseCallbackStranger   CaseKind = "callback_order_unknown" // of an account: verified, about an order that we do not have
	CaseProviderDisagrees  CaseKind = "provider_disagrees"     // the provider contradicts a final state
	CaseRefundedOutside    CaseKind = "refunded_outside"       // the provider gave money back without us
	CaseRefundNotAsked     CaseKind = "refund_cannot_be_asked" // the provider has no query for it
)

// AboutDoubt says that the case is about an order in doubt: it ends when the doubt does, and
// nobody can close it otherwise.
func (k CaseKind) AboutDoubt() bool {
	return k == CaseUnknownPayment || k == CaseUnknownRefund || k == CaseUnknownPayout
}

// CaseClosing is how a case ended.
type CaseClosing string

// The endings of a case. No clock ends one.
const (
	CaseAnswered CaseClosing = "answered" // the provider's word ended the doubt
	CaseSettled  CaseClosing = "settled"  // two people decided, with evidence
	CaseDone     CaseClosing = "done"     // a person has dealt with it
)

// CaseFilter narrows a list of cases. Zero fields do not filter.
type CaseFilter struct {
	TenantID     ID
	ID           ID
	ObjectID     ID
	Kinds        []CaseKind
	Owner        string // user:usr_…
	Unowned      bool   // nobody takes care of it
	Open         bool
	OpenedBefore time.Time
	Oldest       bool // first; else the newest
	Page         Page // with Oldest: after the last row, not before it
}

// CaseDetail is a case with all that is known of what it is about.
type CaseDetail struct {
	Case        Case
	Account     ProviderAccount
	Payment     *Payment // the order, or that of the refund
	Refund      *Refund
	Payout      *Payout
	Attempts    []Attempt  // every call, with its redacted evidence
	Callbacks   []Callback // every request from the provider about it
	Events      []Event
	Resolutions []Resolution
	// Askable: the provider has a question about such an order. Conclusive: its answer decides.
	Askable, Conclusive bool
	SettledBy           Text // what settles it when the provider's answer cannot
	LastAskedAt         time.Time
	NextAskAt           time.Time // zero: it is not asked by itself
}

// Resolution is a person's decision about an order in doubt: made with evidence, agreed to by
// a second person, and the order's state until the provider's word takes its place.
type Resolution struct {
	TenantID    ID
	ID          ID
	CaseID      ID
	ObjectID    ID
	ObjectKind  string
	Amount      Money
	Outcome     ResolutionOutcome
	EvidenceNo  string // of the bill, the provider's letter, the bank's receipt
	Note        string
	State       ResolutionState
	MadeBy      string
	CreatedAt   time.Time
	AppliedAt   time.Time
	EndedAt     time.Time // when the provider's word confirmed, corrected or contradicted it
	ProviderSay string    // the state that the provider's word means, when it contradicts
}

// ResolutionOutcome is what a person decides.
type ResolutionOutcome string

// The outcomes of a decision.
const (
	ResolveSucceeded ResolutionOutcome = "succeeded" // the money has moved
	ResolveFailed    ResolutionOutcome = "failed"    // it has not and will not
)

// ResolutionState is where a decision stands.
type ResolutionState string

// The states of a decision.
const (
	ResolutionPending   ResolutionState = "pending"   // waits for the second person
	ResolutionRefused   ResolutionState = "refused"   // they did not agree, or not in time
	ResolutionOvertaken ResolutionState = "overtaken" // the provider answered before
	ResolutionApplied   ResolutionState = "applied"   // the order has the state; the provider is still asked
	ResolutionConfirmed ResolutionState = "confirmed" // the provider says the same
	ResolutionCorrected ResolutionState = "corrected" // the provider said otherwise, and the order has its state
	ResolutionDisputed  ResolutionState = "disputed"  // the provider says otherwise, and the order could not follow
)

// CaseTx writes cases and decisions.
type CaseTx interface {
	// OpenCase opens a case, or counts one more in that which is open for the kind and object.
	OpenCase(ctx context.Context, c Case) (first bool, err error)
	// AssignCase sets the owner of an open case. Errors: CodeInvalidState when it is closed.
	AssignCase(ctx context.Context, id ID, owner string) error
	// CloseCase ends an open case, found by its id. Errors: CodeInvalidState when it is closed.
	CloseCase(ctx context.Context, c Case) error
	InsertResolution(ctx context.Context, r Resolution) error // CodeConflict while another of the order is pending
	// UpdateResolution writes state, times and ProviderSay where the state is still from.
	// Errors: CodeConflict.
	UpdateResolution(ctx context.Context, r Resolution, from ResolutionState) error
	// CorrectRefunded adds delta (fen, or takes it away) to what is refunded of a payment.
	// Errors: CodeRefundExceeds when refunded and reserved would be more than was paid.
	CorrectRefunded(ctx context.Context, payment ID, delta int64, now time.Time) error
}

// CaseReader reads cases and decisions within one tenant.
type CaseReader interface {
	Case(ctx context.Context, id ID) (Case, error)
	Cases(ctx context.Context, f CaseFilter) ([]Case, error)
	Resolution(ctx context.Context, id ID) (Resolution, error)
	Resolutions(ctx context.Context, object ID) ([]Resolution, error) // newest first
}

// Cases puts what needs a person before one.
type Cases interface {
	ListCases(ctx context.Context, f CaseFilter) ([]Case, error)
	Case(ctx context.Context, id ID) (CaseDetail, error)
	// AssignCase gives the case to a user who may see it; the zero id takes it from everybody.
	AssignCase(ctx context.Context, id, user ID) (Case, error)
	// AskCase asks the provider about the order now. Errors: CodeNotSupported when the provider
	// has no question for it.
	AskCase(ctx context.Context, id ID) (CaseDetail, error)
	// ResolveCase asks a second person to settle an order in doubt. Errors: CodeInvalidState when
	// it is not in doubt (any more); CodeConflict while another decision about it is pending.
	ResolveCase(ctx context.Context, id ID, in ResolveInput) (Resolution, Approval, error)
	// CloseCase ends a case that a person has dealt with. Errors: CodeInvalidState for a case
	// about an order in doubt: that ends with the doubt.
	CloseCase(ctx context.Context, id ID, note string) (Case, error)
}

// ResolveInput is a person's decision about an order in doubt.
type ResolveInput struct {
	Outcome    ResolutionOutcome
	EvidenceNo string // 1 to 64 characters
	Note       string // 1 to 200 characters
}
