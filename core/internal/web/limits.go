package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListLimits lists limits.
func (o *operations) ListLimits(ctx context.Context, _ api.ListLimitsRequestObject) (api.ListLimitsResponseObject, error) {
	rows, err := o.opt.SpendingLimits.ListLimits(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListLimits200JSONResponse{Items: each(rows, limitOf)}, nil
}

// SetLimit sets or removes a limit.
func (o *operations) SetLimit(ctx context.Context, r api.SetLimitRequestObject) (api.SetLimitResponseObject, error) {
	scope, err := scopeInput(r.Body.AccountID, r.Body.Method)
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.SpendingLimits.SetLimit(ctx, core.LimitInput{
		Scope: scope, Spending: core.Spending(r.Body.Spending), Single: r.Body.Single, Daily: r.Body.Daily,
	})
	if err != nil {
		return nil, err
	}
	return api.SetLimit200JSONResponse{Items: each(rows, limitOf)}, nil
}

func scopeInput(account, method string) (core.Scope, error) {
	id, err := fieldID(core.PrefixAccount, account, "account_id")
	return core.Scope{AccountID: id, Method: core.Method(method)}, err
}

func limitOf(l core.Limit) api.SpendingLimit {
	out := api.SpendingLimit{
		AccountID: id(core.PrefixAccount, l.Scope.AccountID), Method: string(l.Scope.Method), Spending: api.Spending(l.Spending), Layer: api.Layer(l.Layer),
		Single: l.Single, Daily: l.Daily, SetBy: l.SetBy, SetAt: utc(l.SetAt),
	}
	if l.Daily > 0 {
		left := max(0, l.Daily-l.UsedToday)
		out.UsedToday, out.LeftToday = &l.UsedToday, &left
	}
	return out
}

// ListFreezes lists freezes.
func (o *operations) ListFreezes(ctx context.Context, r api.ListFreezesRequestObject) (api.ListFreezesResponseObject, error) {
	rows, err := o.opt.SpendingLimits.ListFreezes(ctx, r.Params.InForce)
	if err != nil {
		return nil, err
	}
	return api.ListFreezes200JSONResponse{Items: each(rows, freezeOf)}, nil
}

// CreateFreeze freezes a scope.
func (o *operations) CreateFreeze(ctx context.Context, r api.CreateFreezeRequestObject) (api.CreateFreezeResponseObject, error) {
	scope, err := scopeInput(r.Body.AccountID, r.Body.Method)
	if err != nil {
		return nil, err
	}
	f, err := o.opt.SpendingLimits.Freeze(ctx, scope, r.Body.Reason)
	if err != nil {
		return nil, err
	}
	return api.CreateFreeze201JSONResponse(freezeOf(f)), nil
}

// LiftFreeze lifts a freeze.
func (o *operations) LiftFreeze(ctx context.Context, r api.LiftFreezeRequestObject) (api.LiftFreezeResponseObject, error) {
	freeze, err := pathID(core.PrefixFreeze, r.FreezeID)
	if err != nil {
		return nil, err
	}
	f, err := o.opt.SpendingLimits.LiftFreeze(ctx, freeze, r.Body.Reason)
	if err != nil {
		return nil, err
	}
	return api.LiftFreeze200JSONResponse(freezeOf(f)), nil
}

func freezeOf(f core.Freeze) api.Freeze {
	return api.Freeze{
		ID: id(core.PrefixFreeze, f.ID), AccountID: id(core.PrefixAccount, f.Scope.AccountID), Method: string(f.Scope.Method), Layer: api.Layer(f.Layer),
		Reason: f.Reason, FrozenBy: f.FrozenBy, FrozenAt: utc(f.FrozenAt), LiftReason: f.LiftReason, LiftedBy: f.LiftedBy, LiftedAt: utc(f.LiftedAt),
	}
}
