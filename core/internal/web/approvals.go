package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListApprovals lists what waits, or waited, for a second person.
func (o *operations) ListApprovals(ctx context.Context, r api.ListApprovalsRequestObject) (api.ListApprovalsResponseObject, error) {
	p := r.Params
	page, limit, err := pageOf(p.Limit, p.Cursor)
	if err != nil {
		return nil, err
	}
	f := core.ApprovalFilter{Kinds: states[core.ApprovalKind](p.Kind), States: states[core.ApprovalState](p.State), Page: page}
	if f.ObjectID, err = objectID(p.ObjectID); err != nil {
		return nil, err
	}
	rows, err := o.opt.Approvals.ListApprovals(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(a core.Approval) (time.Time, core.ID) { return a.CreatedAt, a.ID })
	return api.ListApprovals200JSONResponse{Items: each(rows, approvalOf), NextCursor: next}, nil
}

// GetApproval reads one approval.
func (o *operations) GetApproval(ctx context.Context, r api.GetApprovalRequestObject) (api.GetApprovalResponseObject, error) {
	approval, err := pathID(core.PrefixApproval, r.ApprovalID)
	if err != nil {
		return nil, err
	}
	a, err := o.opt.Approvals.Approval(ctx, approval)
	if err != nil {
		return nil, err
	}
	return api.GetApproval200JSONResponse(approvalOf(a)), nil
}

// DecideApproval records the caller's answer.
func (o *operations) DecideApproval(ctx context.Context, r api.DecideApprovalRequestObject) (api.DecideApprovalResponseObject, error) {
	approval, err := pathID(core.PrefixApproval, r.ApprovalID)
	if err != nil {
		return nil, err
	}
	a, err := o.opt.Approvals.DecideApproval(ctx, approval, r.Body.Agree, r.Body.Note)
	if err != nil {
		return nil, err
	}
	return api.DecideApproval200JSONResponse(approvalOf(a)), nil
}

// WithdrawApproval takes the caller's own request back.
func (o *operations) WithdrawApproval(ctx context.Context, r api.WithdrawApprovalRequestObject) (api.WithdrawApprovalResponseObject, error) {
	approval, err := pathID(core.PrefixApproval, r.ApprovalID)
	if err != nil {
		return nil, err
	}
	a, err := o.opt.Approvals.WithdrawApproval(ctx, approval)
	if err != nil {
		return nil, err
	}
	return api.WithdrawApproval200JSONResponse(approvalOf(a)), nil
}

// GetApprovalTiers says how many people must agree.
func (o *operations) GetApprovalTiers(ctx context.Context, _ api.GetApprovalTiersRequestObject) (api.GetApprovalTiersResponseObject, error) {
	tiers, err := o.opt.Approvals.ApprovalTiers(ctx)
	if err != nil {
		return nil, err
	}
	return api.GetApprovalTiers200JSONResponse{Tiers: each(tiers, tierOf)}, nil
}

// SetApprovalTiers replaces the merchant's tiers.
func (o *operations) SetApprovalTiers(ctx context.Context, r api.SetApprovalTiersRequestObject) (api.SetApprovalTiersResponseObject, error) {
	tiers, err := o.opt.Approvals.SetApprovalTiers(ctx, each(r.Body.Tiers, func(t api.ApprovalTierRequest) core.ApprovalTier {
		return core.ApprovalTier{Kind: core.ApprovalKind(t.Kind), Role: core.Role(t.Role), From: t.From, Needed: int(t.Needed)}
	}))
	if err != nil {
		return nil, err
	}
	return api.SetApprovalTiers200JSONResponse{Tiers: each(tiers, tierOf)}, nil
}

func approvalOf(a core.Approval) api.Approval {
	return api.Approval{
		ID: id(core.PrefixApproval, a.ID), TenantID: id(core.PrefixTenant, a.TenantID), Kind: api.ApprovalKind(a.Kind),
		ObjectID: id(a.Kind.Prefix(), a.ObjectID), Amount: a.Amount.Minor, Currency: string(a.Amount.Currency),
		Needed: int32(a.Needed), //nolint:gosec // a few people
		State:  api.ApprovalState(a.State), Summary: object(a.Summary), MadeBy: a.MadeBy, Note: a.Note,
		CreatedAt: utc(a.CreatedAt), ExpiresAt: utc(a.ExpiresAt), DecidedAt: utc(a.DecidedAt),
		Decisions: each(a.Decisions, func(d core.Decision) api.Decision {
			return api.Decision{Actor: d.Actor, Agree: d.Agree, Note: d.Note, At: utc(d.At)}
		}),
	}
}

func tierOf(t core.ApprovalTier) api.ApprovalTier {
	return api.ApprovalTier{
		Kind: api.ApprovalKind(t.Kind), Role: string(t.Role), From: t.From,
		Needed: int32(t.Needed), //nolint:gosec // a few people
	}
}
