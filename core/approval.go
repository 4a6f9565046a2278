package core

import (
	"context"
	"encoding/json"
	"time"
)

// Approval is a question to a second person: may this go out? It is asked before anything
// is sent, and answered once. The object it is about waits in a state of its own.
type Approval struct {
	TenantID ID
	ID       ID
	Kind     ApprovalKind
	ObjectID ID // the refund, payout, batch or resolution that waits
	Amount   Money
	// Needed is how many different people must agree, by the tier of Amount.
	Needed    int
	State     ApprovalState
	Summary   json.RawMessage // what the approver is shown; never a secret
	MadeBy    string          // the actor who asked, user:usr_… or key:key_…; may not decide
	Note      string          // of the maker
	CreatedAt time.Time
	ExpiresAt time.Time
	DecidedAt time.Time
	Decisions []Decision
	Version   int
}

// Decision is one person's answer to an approval.
type Decision struct {
	Actor string
	Agree bool
	Note  string
	At    time.Time
}

// ApprovalKind says what waits for a second person.
type ApprovalKind string

// The kinds of approvals.
const (
	ApproveRefund      ApprovalKind = "refund"       // over the maker's limit
	ApprovePayout      ApprovalKind = "payout"       // every single payout
	ApprovePayoutBatch ApprovalKind = "payout_batch" // a whole file
	ApproveResolution  ApprovalKind = "resolution"   // a person settles an unknown order
)

// ApprovalState is where an approval stands.
type ApprovalState string

// The states of an approval.
const (
	ApprovalPending   ApprovalState = "pending"
	ApprovalApproved  ApprovalState = "approved"
	ApprovalRejected  ApprovalState = "rejected"
	ApprovalExpired   ApprovalState = "expired"   // nobody decided in time; nothing was sent
	ApprovalWithdrawn ApprovalState = "withdrawn" // by its maker
)

// ApprovalTier says how many people must agree from an amount on.
type ApprovalTier struct {
	Kind   ApprovalKind
	From   int64 // fen; the tier with the highest From that is not over the amount counts
	Needed int   // 0: no second person (refunds only)
}

// ApprovalFilter narrows a list of approvals. Zero fields do not filter.
type ApprovalFilter struct {
	TenantID ID
	Kinds    []ApprovalKind
	States   []ApprovalState
	ObjectID ID
	Page     Page
}

// Approvals lets a second person decide.
type Approvals interface {
	ListApprovals(ctx context.Context, f ApprovalFilter) ([]Approval, error)
	Approval(ctx context.Context, id ID) (Approval, error)
	// DecideApproval records one person's answer. The last answer that is needed lets the
	// object go on, in the same transaction. Errors: CodeStepUpRequired; CodeOwnRequest when
	// the maker decides; CodeApprovalExpired; CodeInvalidState when it is decided or the
	// person has answered already.
	DecideApproval(ctx context.Context, id ID, agree bool, note string) (Approval, error)
	WithdrawApproval(ctx context.Context, id ID) (Approval, error)
	// ApprovalTiers and SetApprovalTiers read and change the tenant's tiers.
	ApprovalTiers(ctx context.Context) ([]ApprovalTier, error)
	SetApprovalTiers(ctx context.Context, tiers []ApprovalTier) ([]ApprovalTier, error)
}
