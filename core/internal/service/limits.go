package service

import (
	"context"
	"slices"

	"github.com/zhanggui-pay/zhanggui/core"
)

// maxDaily keeps a day's sum far below what can be counted, and exact in every program that
// reads our JSON.
const maxDaily = 999_999_999_999_999

// ListLimits lists the limits of the caller's tenant with what today has used of them.
func (s *Service) ListLimits(ctx context.Context) (list []core.Limit, err error) {
	id, tenant, err := s.allow(ctx, "limits", "read")
	if err != nil {
		return nil, err
	}
	if err := wholeTenant(id); err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err = tx.Limits(ctx, s.today())
		return err
	})
	return list, err
}

// today is the day in Beijing.
func (s *Service) today() string { return core.Spend{At: s.Clock()}.Day() }

// layerOf is whose rules a caller sets.
func layerOf(id core.Identity) core.Layer {
	if id.Platform {
		return core.LayerPlatform
	}
	return core.LayerTenant
}

// SetLimit replaces the limit that the caller's layer has in a scope.
func (s *Service) SetLimit(ctx context.Context, in core.LimitInput) (list []core.Limit, err error) {
	id, tenant, err := s.allow(ctx, "limits", "update")
	if err != nil {
		return nil, err
	}
	if err := s.stepUp(id); err != nil {
		return nil, err
	}
	if err := checkLimitInput(in); err != nil {
		return nil, err
	}
	limit := core.Limit{
		TenantID: tenant, Scope: in.Scope, Spending: in.Spending, Layer: layerOf(id), Single: in.Single, Daily: in.Daily, SetBy: id.Actor, SetAt: s.Clock(),
	}
	today := s.today()
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if err := s.checkScope(ctx, tx, id, in.Scope); err != nil {
			return err
		}
		before, err := tx.Limits(ctx, today)
		if err != nil {
			return err
		}
		if err := checkTighter(limit, before); err != nil {
			return err
		}
		if err := tx.SetLimit(ctx, limit, today); err != nil {
			return err
		}
		entry, err := s.audit(id, tenant, "limit.set", scopeName(tenant, in.Scope), limitRecord(sameLimit(before, limit)), limitRecord(limit))
		if err != nil {
			return err
		}
		if err := tx.AppendAudit(ctx, entry); err != nil {
			return err
		}
		list, err = tx.Limits(ctx, today)
		return err
	})
	return list, err
}

func checkLimitInput(in core.LimitInput) error {
	switch {
	case in.Spending != core.SpendPayment && in.Spending != core.SpendPayout:
		return core.Errorf(core.CodeInvalidRequest, "A limit is one of payments or of payouts.").At("spending")
	case in.Spending == core.SpendPayout && in.Scope.Method != "":
		return core.Errorf(core.CodeInvalidRequest, "Payouts have no method: set the limit of the account.").At("method")
	case in.Single < 0 || in.Single > core.MaxAmount:
		return core.Errorf(core.CodeInvalidAmount, "The single amount must be 1 to %d fen; leave it out for none.", int64(core.MaxAmount)).At("single")
	case in.Daily < 0 || in.Daily > maxDaily:
		return core.Errorf(core.CodeInvalidAmount, "The daily amount must be 1 to %d fen; leave it out for none.", int64(maxDaily)).At("daily")
	case in.Single > 0 && in.Daily > 0 && in.Single > in.Daily:
		return core.Errorf(core.CodeInvalidRequest, "The single amount is over the daily one.").At("single")
	}
	return nil
}

// checkScope wants an account of the tenant and, where the provider says which it has, one
// of its methods.
func (s *Service) checkScope(ctx context.Context, tx core.TenantTx, id core.Identity, scope core.Scope) error {
	if err := wholeTenant(id); err != nil {
		return err
	}
	if scope.AccountID.IsZero() {
		if scope.Method != "" {
			return core.Errorf(core.CodeInvalidRequest, "A method is one of an account: name the account too.").At("account_id")
		}
		return nil
	}
	account, err := accountIn(ctx, tx, scope.AccountID)
	if err != nil {
		return atParam(err, "account_id")
	}
	if scope.Method == "" {
		return nil
	}
	m, err := s.Providers.Manifest(account.Provider)
	if err == nil && methodOf(m, scope.Method) == nil {
		return core.Errorf(core.CodeInvalidRequest, "The provider of the account has no such method.").At("method")
	}
	return nil // while the plugin is away its methods cannot be told; a freeze must be possible
}

// checkTighter refuses a merchant's limit that would promise more than the platform's allows.
func checkTighter(limit core.Limit, present []core.Limit) error {
	if limit.Layer == core.LayerPlatform {
		return nil
	}
	for _, p := range present {
		if p.Layer != core.LayerPlatform || p.Scope != limit.Scope || p.Spending != limit.Spending {
			continue
		}
		if p.Single > 0 && limit.Single > p.Single {
			return core.Errorf(core.CodeInvalidRequest, "The platform allows at most %s at once here; yours can only be tighter.", core.Fen(p.Single)).At("single")
		}
		if p.Daily > 0 && limit.Daily > p.Daily {
			return core.Errorf(core.CodeInvalidRequest, "The platform allows at most %s a day here; yours can only be tighter.", core.Fen(p.Daily)).At("daily")
		}
	}
	return nil
}

// sameLimit finds what a limit replaces; the zero one: nothing.
func sameLimit(list []core.Limit, l core.Limit) core.Limit {
	i := slices.IndexFunc(list, func(o core.Limit) bool {
		return o.Scope == l.Scope && o.Spending == l.Spending && o.Layer == l.Layer
	})
	if i < 0 {
		return core.Limit{Scope: l.Scope, Spending: l.Spending, Layer: l.Layer}
	}
	return list[i]
}

func limitRecord(l core.Limit) map[string]any {
	return map[string]any{"spending": string(l.Spending), "layer": string(l.Layer), "method": string(l.Scope.Method), "single": l.Single, "daily": l.Daily}
}

// scopeName is the object that audit rows name: the account, or the merchant.
func scopeName(tenant core.ID, scope core.Scope) string {
	if scope.AccountID.IsZero() {
		return tenant.Prefixed(core.PrefixTenant)
	}
	return accountName(scope.AccountID)
}
