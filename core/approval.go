package core

import (
	"context"
	"encoding/json"
	"slices"
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
	ApproveCorrection  ApprovalKind = "correction"   // a final state is corrected by what a bill shows
)

// Prefix is the prefix of ids of what the approval is about.
func (k ApprovalKind) Prefix() string {
	switch k {
	case ApprovePayout:
		return PrefixPayout
	case ApprovePayoutBatch:
		return PrefixPayoutBatch
	case ApproveResolution:
		return PrefixResolution
	case ApproveCorrection:
		return PrefixDifference
	case ApproveRefund:
	}
	return PrefixRefund
}

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

// ApprovalTier says how many people must agree from an amount on. Of the tiers of one kind
// and role, the one with the highest From that is not over the amount counts; a maker with
// several roles needs as many people as the most careful of them asks for.
type ApprovalTier struct {
	Kind   ApprovalKind
	Role   Role  // of the maker; empty: whoever makes it
	From   int64 // fen
	Needed int   // 0: no second person (refunds only)
}

// DefaultApprovalTiers hold for the kinds that a tenant has no tiers of its own for. Refunds
// by the people of finance need a second person from ¥10,000.00 on; a payout always needs
// one, and two from ¥50,000.00 on.
func DefaultApprovalTiers() []ApprovalTier {
	return []ApprovalTier{
		{Kind: ApproveRefund, Role: RoleTenantFinance, From: 10_000_00, Needed: 1},
		{Kind: ApproveRefund, Role: RolePlatformFinance, From: 10_000_00, Needed: 1},
		{Kind: ApprovePayout, Needed: 1},
		{Kind: ApprovePayout, From: 50_000_00, Needed: 2},
		{Kind: ApprovePayoutBatch, Needed: 1},
		{Kind: ApprovePayoutBatch, From: 50_000_00, Needed: 2},
		{Kind: ApproveResolution, Needed: 1},
		{Kind: ApproveCorrection, Needed: 1},
	}
}

// NeededApprovals is how many people must agree to something of this kind and amount (fen),
// made by somebody with these roles. own are the tenant's tiers; the defaults stand in for the
// kinds it has none for.
func NeededApprovals(own []ApprovalTier, kind ApprovalKind, roles []Role, amount int64) int {
	tiers := ofKind(own, kind)
	if len(tiers) == 0 {
		tiers = ofKind(DefaultApprovalTiers(), kind)
	}
	highest := map[Role]ApprovalTier{}
	for _, t := range tiers {
		if t.From > amount || t.Role != "" && !slices.Contains(roles, t.Role) {
			continue
		}
		if known, ok := highest[t.Role]; !ok || t.From > known.From {
			highest[t.Role] = t
		}
	}
	needed := 0
	for _, t := range highest {
		needed = max(needed, t.Needed)
	}
	return needed
}

func ofKind(tiers []ApprovalTier, kind ApprovalKind) []ApprovalTier {
	var out []ApprovalTier
	for _, t := range tiers {
		if t.Kind == kind {
			out = append(out, t)
		}
	}
	return out
}

// ApprovalTx writes approvals, and what is held on a payment for refunds that wait.
type ApprovalTx interface {
	InsertApproval(ctx context.Context, a Approval) error
	// UpdateApproval writes state, times and version of a pending approval whose version is
	// still that given. Errors: CodeConflict when nothing matched.
	UpdateApproval(ctx context.Context, a Approval) error
	// InsertDecision adds one person's answer. Errors: CodeConflict when the person has
	// answered already. The maker's own is refused by the database.
	InsertDecision(ctx context.Context, a Approval, d Decision) error
	ReplaceApprovalTiers(ctx context.Context, tiers []ApprovalTier) error

	// HoldRefund reserves amount (fen) for a refund that waits for approval, by one guarded
	// UPDATE. It is no refund in flight. Errors: as ReserveRefund.
	HoldRefund(ctx context.Context, payment ID, amount int64, now time.Time) (Payment, error)
	// StartHeld turns what is held into a refund in flight. Errors: CodeRefundInFlight when
	// oneInFlight and another is.
	StartHeld(ctx context.Context, payment ID, amount int64, oneInFlight bool, now time.Time) (Payment, error)
	// ReleaseHeld gives back what is held for a refund that will not be sent.
	ReleaseHeld(ctx context.Context, payment ID, amount int64, now time.Time) error
}

// ApprovalReader reads approvals within one tenant.
type ApprovalReader interface {
	Approval(ctx context.Context, id ID) (Approval, error)
	Approvals(ctx context.Context, f ApprovalFilter) ([]Approval, error)
	ApprovalTiers(ctx context.Context) ([]ApprovalTier, error) // the tenant's own; none: the defaults hold
}

// ApprovalFilter narrows a list of approvals. Zero fields do not filter.
type ApprovalFilter struct {
	TenantID ID
	ID       ID
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
	// WithdrawApproval takes the request back; only its maker may.
	WithdrawApproval(ctx context.Context, id ID) (Approval, error)
	// ApprovalTiers gives the tiers that hold for the tenant, and SetApprovalTiers replaces the
	// tenant's own. Errors: CodeStepUpRequired; CodeInvalidRequest for tiers with a gap.
	ApprovalTiers(ctx context.Context) ([]ApprovalTier, error)
	SetApprovalTiers(ctx context.Context, tiers []ApprovalTier) ([]ApprovalTier, error)
}
