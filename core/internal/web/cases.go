package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ownerNone asks for cases that nobody takes care of.
const ownerNone = "none"

// ListCases lists what a person has to look at.
func (o *operations) ListCases(ctx context.Context, r api.ListCasesRequestObject) (api.ListCasesResponseObject, error) {
	p := r.Params
	page, limit, err := pageOf(p.Limit, p.Cursor)
	if err != nil {
		return nil, err
	}
	f := core.CaseFilter{
		Kinds: states[core.CaseKind](p.Kind), Open: p.Open, OpenedBefore: p.OpenedBefore, Unowned: p.Owner == ownerNone,
		Oldest: p.Sort == api.ListCasesParamsSortOldest, Page: page,
	}
	if f.ObjectID, err = objectID(p.ObjectID); err != nil {
		return nil, err
	}
	if p.Owner != "" && !f.Unowned {
		f.Owner = "user:" + p.Owner
	}
	rows, err := o.opt.Cases.ListCases(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(c core.Case) (time.Time, core.ID) { return c.OpenedAt, c.ID })
	return api.ListCases200JSONResponse{Items: each(rows, caseOf), NextCursor: next}, nil
}

// GetCase reads a case with everything known.
func (o *operations) GetCase(ctx context.Context, r api.GetCaseRequestObject) (api.GetCaseResponseObject, error) {
	id, err := pathID(core.PrefixCase, r.CaseID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Cases.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	return api.GetCase200JSONResponse(o.caseDetailOf(d)), nil
}

// AssignCase says who takes care of it.
func (o *operations) AssignCase(ctx context.Context, r api.AssignCaseRequestObject) (api.AssignCaseResponseObject, error) {
	id, err := pathID(core.PrefixCase, r.CaseID)
	if err != nil {
		return nil, err
	}
	user, err := fieldID(core.PrefixUser, r.Body.UserID, "user_id")
	if err != nil {
		return nil, err
	}
	c, err := o.opt.Cases.AssignCase(ctx, id, user)
	if err != nil {
		return nil, err
	}
	return api.AssignCase200JSONResponse(caseOf(c)), nil
}

// AskCase asks the provider about the order now.
func (o *operations) AskCase(ctx context.Context, r api.AskCaseRequestObject) (api.AskCaseResponseObject, error) {
	id, err := pathID(core.PrefixCase, r.CaseID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Cases.AskCase(ctx, id)
	if err != nil {
		return nil, err
	}
	return api.AskCase200JSONResponse(o.caseDetailOf(d)), nil
}

// ResolveCase asks a second person to settle an order in doubt.
func (o *operations) ResolveCase(ctx context.Context, r api.ResolveCaseRequestObject) (api.ResolveCaseResponseObject, error) {
	id, err := pathID(core.PrefixCase, r.CaseID)
	if err != nil {
		return nil, err
	}
	decision, approval, err := o.opt.Cases.ResolveCase(ctx, id, core.ResolveInput{
		Outcome: core.ResolutionOutcome(r.Body.Outcome), EvidenceNo: r.Body.EvidenceNo, Note: r.Body.Note,
	})
	if err != nil {
		return nil, err
	}
	return api.ResolveCase201JSONResponse{Resolution: resolutionOf(decision), Approval: approvalOf(approval)}, nil
}

// CloseCase closes a case that was dealt with.
func (o *operations) CloseCase(ctx context.Context, r api.CloseCaseRequestObject) (api.CloseCaseResponseObject, error) {
	id, err := pathID(core.PrefixCase, r.CaseID)
	if err != nil {
		return nil, err
	}
	c, err := o.opt.Cases.CloseCase(ctx, id, r.Body.Note)
	if err != nil {
		return nil, err
	}
	return api.CloseCase200JSONResponse(caseOf(c)), nil
}

func caseOf(c core.Case) api.Case {
	out := api.Case{
		ID: id(core.PrefixCase, c.ID), TenantID: id(core.PrefixTenant, c.TenantID), Kind: string(c.Kind), ObjectKind: c.ObjectKind,
		ObjectID: id(prefixOfKind(c.ObjectKind), c.ObjectID), AccountID: id(core.PrefixAccount, c.AccountID), Reason: c.Reason, Details: object(c.Details),
		Times: int64(c.Times), Open: c.ClosedAt.IsZero(), Owner: c.Owner, OpenedAt: utc(c.OpenedAt), LastAt: utc(c.LastAt), ClosedAt: utc(c.ClosedAt),
		Closing: string(c.Closing), ClosedBy: c.ClosedBy, ClosedNote: c.ClosedNote,
	}
	if o := c.Order; o != nil {
		out.Order = api.CaseOrder{
			Number: o.Number, Amount: o.Amount.Minor, Checks: int64(o.Checks), NextAskAt: utc(o.NextAskAt), AskedAt: utc(o.AskedAt),
			Outcome: string(o.Outcome), ProviderCode: o.Provided.Code, ProviderMessage: o.Provided.Message,
		}
	}
	return out
}

func (s *Server) caseDetailOf(d core.CaseDetail) api.CaseDetail {
	out := api.CaseDetail{
		Case: caseOf(d.Case), Account: accountOf(d.Account), Attempts: each(d.Attempts, attemptOf), Callbacks: each(d.Callbacks, callbackOf),
		Events: each(d.Events, eventOf), Timeline: timelineOf(d.Attempts, d.Events), Resolutions: each(d.Resolutions, resolutionOf),
		Askable: d.Askable, Conclusive: d.Conclusive, SettledBy: textOf(d.SettledBy), LastAskedAt: utc(d.LastAskedAt), NextAskAt: utc(d.NextAskAt),
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

func resolutionOf(r core.Resolution) api.Resolution {
	return api.Resolution{
		ID: id(core.PrefixResolution, r.ID), CaseID: id(core.PrefixCase, r.CaseID), ObjectID: id(prefixOfKind(r.ObjectKind), r.ObjectID),
		Amount: r.Amount.Minor, Currency: string(r.Amount.Currency), Outcome: api.ResolutionOutcome(r.Outcome), EvidenceNo: r.EvidenceNo, Note: r.Note,
		State: string(r.State), MadeBy: r.MadeBy, CreatedAt: utc(r.CreatedAt), AppliedAt: utc(r.AppliedAt), EndedAt: utc(r.EndedAt), ProviderSay: r.ProviderSay,
	}
}
