package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListDifferences lists where the two sides disagree.
func (o *operations) ListDifferences(ctx context.Context, r api.ListDifferencesRequestObject) (api.ListDifferencesResponseObject, error) {
	page, limit, err := pageOf(r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	f, err := differenceFilter(r.Params)
	if err != nil {
		return nil, err
	}
	f.Page = page
	rows, err := o.opt.Reconciliation.ListDifferences(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(d core.Difference) (time.Time, core.ID) { return d.FoundAt, d.ID })
	return api.ListDifferences200JSONResponse{Items: each(rows, differenceOf), NextCursor: next}, nil
}

func differenceFilter(p api.ListDifferencesParams) (f core.DifferenceFilter, err error) {
	f = core.DifferenceFilter{Kinds: states[core.DifferenceKind](p.Kind), States: states[core.DifferenceState](p.State), Unowned: p.Owner == ownerNone, AnyNumber: p.Number}
	if p.Owner != "" && !f.Unowned {
		f.Owner = "user:" + p.Owner
	}
	if f.AccountID, err = fieldID(core.PrefixAccount, p.AccountID, "account_id"); err != nil {
		return f, err
	}
	if f.DayID, err = fieldID(core.PrefixReconciliation, p.ReconciliationID, "reconciliation_id"); err != nil {
		return f, err
	}
	f.From, f.To, err = daysOf(p.From, p.To)
	return f, err
}

// GetDifference reads a difference with what it is about.
func (o *operations) GetDifference(ctx context.Context, r api.GetDifferenceRequestObject) (api.GetDifferenceResponseObject, error) {
	difference, err := pathID(core.PrefixDifference, r.DifferenceID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Reconciliation.Difference(ctx, difference)
	if err != nil {
		return nil, err
	}
	return api.GetDifference200JSONResponse(o.differenceDetailOf(d)), nil
}

// AssignDifference says who takes care of it.
func (o *operations) AssignDifference(ctx context.Context, r api.AssignDifferenceRequestObject) (api.AssignDifferenceResponseObject, error) {
	difference, err := pathID(core.PrefixDifference, r.DifferenceID)
	if err != nil {
		return nil, err
	}
	user, err := fieldID(core.PrefixUser, r.Body.UserID, "user_id")
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Reconciliation.AssignDifference(ctx, difference, user)
	if err != nil {
		return nil, err
	}
	return api.AssignDifference200JSONResponse(differenceOf(d)), nil
}

// AcceptDifference ends it with a remark.
func (o *operations) AcceptDifference(ctx context.Context, r api.AcceptDifferenceRequestObject) (api.AcceptDifferenceResponseObject, error) {
	difference, err := pathID(core.PrefixDifference, r.DifferenceID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Reconciliation.AcceptDifference(ctx, difference, r.Body.Remark)
	if err != nil {
		return nil, err
	}
	return api.AcceptDifference200JSONResponse(differenceOf(d)), nil
}

// LinkDifference says which of our orders a surplus is.
func (o *operations) LinkDifference(ctx context.Context, r api.LinkDifferenceRequestObject) (api.LinkDifferenceResponseObject, error) {
	difference, err := pathID(core.PrefixDifference, r.DifferenceID)
	if err != nil {
		return nil, err
	}
	object, err := objectID(r.Body.ObjectID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Reconciliation.LinkDifference(ctx, difference, object, r.Body.Remark)
	if err != nil {
		return nil, err
	}
	return api.LinkDifference200JSONResponse(differenceOf(d)), nil
}

// CorrectDifference asks a second person to correct our order.
func (o *operations) CorrectDifference(ctx context.Context, r api.CorrectDifferenceRequestObject) (api.CorrectDifferenceResponseObject, error) {
	difference, err := pathID(core.PrefixDifference, r.DifferenceID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Reconciliation.CorrectDifference(ctx, difference, r.Body.Remark)
	if err != nil {
		return nil, err
	}
	return api.CorrectDifference201JSONResponse(differenceOf(d)), nil
}

// AskDifference asks the provider about the order now.
func (o *operations) AskDifference(ctx context.Context, r api.AskDifferenceRequestObject) (api.AskDifferenceResponseObject, error) {
	difference, err := pathID(core.PrefixDifference, r.DifferenceID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Reconciliation.AskDifference(ctx, difference)
	if err != nil {
		return nil, err
	}
	return api.AskDifference200JSONResponse(differenceOf(d)), nil
}

// ReopenDifference takes back what ended it.
func (o *operations) ReopenDifference(ctx context.Context, r api.ReopenDifferenceRequestObject) (api.ReopenDifferenceResponseObject, error) {
	difference, err := pathID(core.PrefixDifference, r.DifferenceID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Reconciliation.ReopenDifference(ctx, difference, r.Body.Remark)
	if err != nil {
		return nil, err
	}
	return api.ReopenDifference200JSONResponse(differenceOf(d)), nil
}

func differenceOf(d core.Difference) api.Difference {
	return api.Difference{
		ID: id(core.PrefixDifference, d.ID), TenantID: id(core.PrefixTenant, d.TenantID), ReconciliationID: id(core.PrefixReconciliation, d.DayID),
		AccountID: id(core.PrefixAccount, d.AccountID), Provider: d.Provider, Day: string(d.Day), Kind: api.DifferenceKind(d.Kind), Movement: api.MovementKind(d.Movement),
		ObjectKind: d.ObjectKind, ObjectID: id(prefixOfKind(d.ObjectKind), d.ObjectID), Number: d.Number, ProviderNumber: d.ProviderNumber,
		Ours: differenceSideOf(d.Ours), Theirs: differenceSideOf(d.Theirs), BillID: id(core.PrefixBill, d.BillID), BillLine: d.BillLine,
		State: api.DifferenceState(d.State), Owner: d.Owner, LinkedID: id(prefixOfMovement(d.Movement), d.LinkedID), Remark: d.Remark,
		ApprovalID: id(core.PrefixApproval, d.ApprovalID), FoundAt: utc(d.FoundAt), FoundRun: int64(d.FoundRun), ResolvedAt: utc(d.ResolvedAt),
		ResolvedBy: d.ResolvedBy, Version: int64(d.Version),
	}
}

func differenceSideOf(s core.DifferenceSide) api.DifferenceSide {
	return api.DifferenceSide{
		Present: s.Present, State: s.State, Amount: stated(s.Amount), Currency: string(s.Amount.Currency), Fee: stated(s.Fee), At: utc(s.At),
	}
}

// prefixOfMovement is the prefix of ids of the orders that move money so.
func prefixOfMovement(kind core.MovementKind) string {
	switch kind {
	case core.MovementRefund:
		return core.PrefixRefund
	case core.MovementPayout:
		return core.PrefixPayout
	case core.MovementPayment, core.MovementReversal, core.MovementFee:
	}
	return core.PrefixPayment
}

func (s *Server) differenceDetailOf(d core.DifferenceDetail) api.DifferenceDetail {
	out := api.DifferenceDetail{
		Difference: differenceOf(d.Difference), Account: accountOf(d.Account), Approvals: each(d.Approvals, approvalOf),
		Correctable: d.Correctable, NotCorrectable: d.NotCorrectable, Askable: d.Askable,
	}
	if d.Line != nil {
		out.Line = billLineOf(*d.Line)
	}
	if d.Payment != nil {
		out.Payment = s.paymentOf(*d.Payment)
	}
	if d.Refund != nil {
		out.Refund = refundOf(*d.Refund)
	}
	if d.Payout != nil {
		out.Payout = payoutOf(*d.Payout)
	}
	return out
}
