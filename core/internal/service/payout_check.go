package service

import (
	"context"
	"slices"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Payout reads one payout with its calls.
func (s *Service) Payout(ctx context.Context, payout core.ID) (core.PayoutDetail, error) {
	tenant, err := s.tenantOfPayout(ctx, payout, "read")
	if err != nil {
		return core.PayoutDetail{}, err
	}
	var d core.PayoutDetail
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) (err error) {
		if d.Payout, err = tx.Payout(ctx, payout); err != nil {
			return err
		}
		if d.Account, err = tx.Account(ctx, d.Payout.AccountID); err != nil {
			return err
		}
		if d.Attempts, err = tx.PayoutAttempts(ctx, payout); err != nil {
			return err
		}
		if d.Events, err = tx.Events(ctx, core.EventFilter{ObjectID: payout, Page: core.Page{Limit: 200}}); err != nil {
			return err
		}
		object := payout
		if !d.Payout.BatchID.IsZero() {
			object = d.Payout.BatchID
		}
		d.Approvals, err = tx.Approvals(ctx, core.ApprovalFilter{ObjectID: object, Page: core.Page{Limit: 20}})
		return err
	})
	return d, err
}

// ListPayouts lists the tenant's payouts, or all tenants' for a platform caller that named none.
func (s *Service) ListPayouts(ctx context.Context, f core.PayoutFilter) (list []core.Payout, err error) {
	if f.TenantID, err = s.scope(ctx, "payouts", f.TenantID); err != nil {
		return nil, err
	}
	err = s.read(ctx, f.TenantID, func(tx reader) error {
		list, err = tx.Payouts(ctx, f)
		return err
	})
	return list, err
}

// SyncPayout asks the provider now.
func (s *Service) SyncPayout(ctx context.Context, payout core.ID) (core.Payout, error) {
	tenant, err := s.tenantOfPayout(ctx, payout, "sync")
	if err != nil {
		return core.Payout{}, err
	}
	p, route, err := s.loadPayout(ctx, tenant, payout)
	if err != nil {
		return p, err
	}
	if p.SentAt.IsZero() {
		return p, core.Errorf(core.CodeInvalidState, "Nothing of this payout was sent, so the provider cannot know it.")
	}
	work := context.WithoutCancel(ctx)
	p, notSent, err := s.queryPayout(work, p, route)
	if err != nil {
		return p, err
	}
	if notSent != nil {
		return p, notSent
	}
	return p, s.recordAction(work, tenant, "payout.sync", p.ID.Prefixed(core.PrefixPayout), payoutEvent(p))
}

// checkDuePayout sends what is approved and was never sent, and asks about everything else.
func (s *Service) checkDuePayout(ctx context.Context, due core.Due) error {
	p, route, err := s.loadPayout(ctx, due.TenantID, due.ID)
	if err != nil {
		return err
	}
	if p.NextCheckAt.IsZero() || p.NextCheckAt.After(s.Clock()) {
		return s.Database.ReleaseDue(ctx, due)
	}
	if p.SentAt.IsZero() {
		return s.sendPayout(ctx, p, route)
	}
	_, _, err = s.queryPayout(ctx, p, route)
	return err
}

// tenantOfPayout finds the tenant for a platform caller that named none. A payout belongs to
// no store: who is bound to stores sees none.
func (s *Service) tenantOfPayout(ctx context.Context, payout core.ID, action string) (core.ID, error) {
	id, tenant, err := s.allowAnywhere(ctx, "payouts", action)
	if err != nil {
		return tenant, err
	}
	if err := wholeTenant(id); err != nil || !tenant.IsZero() {
		return tenant, err
	}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		tenant, err = tx.TenantOfPayout(ctx, payout)
		return err
	})
	return tenant, err
}

func (s *Service) loadPayout(ctx context.Context, tenant, payout core.ID) (p core.Payout, route payoutRoute, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if p, err = tx.Payout(ctx, payout); err != nil {
			return err
		}
		route.account, err = tx.Account(ctx, p.AccountID)
		return err
	})
	if err != nil {
		return p, route, err
	}
	route.manifest, err = s.Providers.Manifest(p.Provider)
	return p, route, err
}

func (s *Service) readPayout(ctx context.Context, tenant, id core.ID) (p core.Payout, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		p, err = tx.Payout(ctx, id)
		return err
	})
	return p, err
}

// payoutRoute is where payouts go.
type payoutRoute struct {
	account  core.ProviderAccount
	manifest core.Manifest
	spec     core.PayoutSpec
}

// payoutSpecOf is what a provider's payouts ask for, or nil. A payout that could not be asked
// about could never be settled: without a query there are no payouts.
func payoutSpecOf(m core.Manifest) *core.PayoutSpec {
	for _, p := range m.Products {
		if p.Payout != nil && slices.Contains(p.Capabilities, core.CapCreatePayout) && slices.Contains(p.Capabilities, core.CapQueryPayout) {
			return p.Payout
		}
	}
	return nil
}

// routePayout finds the live account that pays out. Nothing has been written yet.
func (s *Service) routePayout(ctx context.Context, tenant, account core.ID) (route payoutRoute, err error) {
	var accounts []core.ProviderAccount
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		t, err := tx.Tenant(ctx)
		if err != nil {
			return err
		}
		if t.Status == core.TenantSuspended {
			return core.Errorf(core.CodeTenantSuspended, "The merchant is suspended: no new payouts.")
		}
		accounts, err = tx.Accounts(ctx)
		return err
	})
	if err != nil {
		return route, err
	}
	var found []payoutRoute
	var unavailable error
	for _, a := range accounts {
		if a.Status != core.AccountLive || (!account.IsZero() && a.ID != account) {
			continue
		}
		m, err := s.Providers.Manifest(a.Provider)
		if err != nil {
			unavailable = err
			continue
		}
		if spec := payoutSpecOf(m); spec != nil {
			found = append(found, payoutRoute{account: a, manifest: m, spec: *spec})
		}
	}
	switch {
	case len(found) > 1:
		return route, core.Errorf(core.CodeInvalidRequest, "Several accounts pay out; say which one.").At("account_id")
	case len(found) == 0 && unavailable != nil:
		return route, unavailable
	case len(found) == 0:
		return route, core.Errorf(core.CodeNoAccount, "No live provider account of the merchant pays out.").At("account_id")
	}
	route = found[0]
	if _, err := s.Keyring.Get(ctx, route.account.KeyPath(), route.account.KeyVersion); err != nil {
		return route, keysError(err)
	}
	return route, nil
}
