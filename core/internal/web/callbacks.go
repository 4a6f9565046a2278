package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListCallbacks lists what providers sent us.
func (o *operations) ListCallbacks(ctx context.Context, r api.ListCallbacksRequestObject) (api.ListCallbacksResponseObject, error) {
	p := r.Params
	page, limit, err := pageOf(p.Limit, p.Cursor)
	if err != nil {
		return nil, err
	}
	f := core.CallbackFilter{Effects: states[core.CallbackEffect](p.Effect), From: p.From, To: p.To, Page: page}
	if f.AccountID, err = fieldID(core.PrefixAccount, p.AccountID, "account_id"); err != nil {
		return nil, err
	}
	if f.ObjectID, err = objectID(p.ObjectID); err != nil {
		return nil, err
	}
	rows, err := o.opt.Inbound.ListCallbacks(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(c core.Callback) (time.Time, core.ID) { return c.ReceivedAt, c.ID })
	return api.ListCallbacks200JSONResponse{Items: each(rows, callbackOf), NextCursor: next}, nil
}

// RerunCallback reads a callback again.
func (o *operations) RerunCallback(ctx context.Context, r api.RerunCallbackRequestObject) (api.RerunCallbackResponseObject, error) {
	id, err := pathID(core.PrefixCallback, r.CallbackID)
	if err != nil {
		return nil, err
	}
	c, err := o.opt.Inbound.RerunCallback(ctx, id)
	if err != nil {
		return nil, err
	}
	return api.RerunCallback200JSONResponse(callbackOf(c)), nil
}

// ListCases lists what a person has to look at.
func (o *operations) ListCases(ctx context.Context, r api.ListCasesRequestObject) (api.ListCasesResponseObject, error) {
	page, limit, err := pageOf(r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	object, err := objectID(r.Params.ObjectID)
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.Inbound.ListCases(ctx, core.CaseFilter{ObjectID: object, Kinds: states[core.CaseKind](r.Params.Kind), Open: r.Params.Open, Page: page})
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(c core.Case) (time.Time, core.ID) { return c.OpenedAt, c.ID })
	return api.ListCases200JSONResponse{Items: each(rows, caseOf), NextCursor: next}, nil
}

// prefixOfKind is the prefix of ids of a kind of object.
func prefixOfKind(kind string) string {
	switch kind {
	case "payment":
		return core.PrefixPayment
	case "account":
		return core.PrefixAccount
	default:
		return core.EventObjectPrefix(kind + ".")
	}
}

func callbackOf(c core.Callback) api.Callback {
	return api.Callback{
		ID: id(core.PrefixCallback, c.ID), TenantID: id(core.PrefixTenant, c.TenantID), AccountID: id(core.PrefixAccount, c.AccountID),
		Kind: c.Kind, IP: c.IP, Verified: c.Verified, Effect: api.CallbackEffect(c.Effect), Reason: c.Reason,
		ObjectID: id(prefixOfKind(c.ObjectKind), c.ObjectID), ProviderCode: c.Provided.Code, ProviderMessage: c.Provided.Message,
		AnswerStatus: int32(c.Answer), Plugin: c.Plugin, ReceivedAt: utc(c.ReceivedAt), FinishedAt: utc(c.FinishedAt), //nolint:gosec // an HTTP status
	}
}

func caseOf(c core.Case) api.Case {
	return api.Case{
		ID: id(core.PrefixCase, c.ID), TenantID: id(core.PrefixTenant, c.TenantID), Kind: string(c.Kind), ObjectKind: c.ObjectKind,
		ObjectID: id(prefixOfKind(c.ObjectKind), c.ObjectID), AccountID: id(core.PrefixAccount, c.AccountID), Reason: c.Reason,
		Times: int64(c.Times), OpenedAt: utc(c.OpenedAt), LastAt: utc(c.LastAt), ClosedAt: utc(c.ClosedAt),
	}
}
