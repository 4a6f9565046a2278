package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// reader is what a tenant's and the platform's transactions can both list.
type reader interface {
	core.AlertReader
	core.SettlementReader

	Payments(ctx context.Context, f core.PaymentFilter) ([]core.Payment, error)
	Refunds(ctx context.Context, f core.RefundFilter) ([]core.Refund, error)
	core.PayoutLists
	Callbacks(ctx context.Context, f core.CallbackFilter) ([]core.Callback, error)
	Cases(ctx context.Context, f core.CaseFilter) ([]core.Case, error)
	core.BooksLists
	Approvals(ctx context.Context, f core.ApprovalFilter) ([]core.Approval, error)
	Events(ctx context.Context, f core.EventFilter) ([]core.Event, error)
	Audit(ctx context.Context, f core.AuditFilter) ([]core.AuditEntry, error)
}

// read runs fn within tenant, or over all of them when it is zero.
func (s *Service) read(ctx context.Context, tenant core.ID, fn func(tx reader) error) error {
	if tenant.IsZero() {
		return s.Database.AcrossTenants(ctx, func(tx core.PlatformTx) error { return fn(tx) })
	}
	return s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error { return fn(tx) })
}

// ListEvents lists what happened, newest first.
func (s *Service) ListEvents(ctx context.Context, f core.EventFilter) (list []core.Event, err error) {
	id, tenant, err := s.allowAnywhere(ctx, "events", "read")
	if err != nil {
		return nil, err
	}
	if err := wholeTenant(id); err != nil {
		return nil, err
	}
	if f.TenantID, err = narrowed(tenant, f.TenantID); err != nil {
		return nil, err
	}
	err = s.read(ctx, tenant, func(tx reader) error {
		list, err = tx.Events(ctx, f)
		return err
	})
	return list, err
}

// ListAudit lists who did what, newest first.
func (s *Service) ListAudit(ctx context.Context, f core.AuditFilter) (list []core.AuditEntry, err error) {
	id, tenant, err := s.allowAnywhere(ctx, "audit", "read")
	if err != nil {
		return nil, err
	}
	if err := wholeTenant(id); err != nil {
		return nil, err
	}
	if f.TenantID, err = narrowed(tenant, f.TenantID); err != nil {
		return nil, err
	}
	err = s.read(ctx, tenant, func(tx reader) error {
		list, err = tx.Audit(ctx, f)
		return err
	})
	return list, err
}

// narrowed keeps a filter from naming another tenant than the one the caller acts in.
func narrowed(tenant, asked core.ID) (core.ID, error) {
	if tenant.IsZero() || asked.IsZero() || asked == tenant {
		return asked, nil
	}
	return core.ID{}, core.NotFound("merchant")
}

// wholeTenant refuses a caller who is bound to stores what is not told apart by store.
func wholeTenant(id core.Identity) error {
	if id.StoreIDs != nil {
		return core.Errorf(core.CodeForbidden, "You are bound to stores, and this shows the whole merchant.")
	}
	return nil
}

// VerifyAudit walks the chain of the caller's tenant, or the platform's own.
func (s *Service) VerifyAudit(ctx context.Context) (core.AuditVerdict, error) {
	_, tenant, err := s.allowAnywhere(ctx, "audit", "verify")
	if err != nil {
		return core.AuditVerdict{}, err
	}
	return s.Database.VerifyAudit(ctx, tenant)
}

// ListPlugins lists the provider plugins. How they run is the platform's business: others
// get what forms and routing need.
func (s *Service) ListPlugins(ctx context.Context) ([]core.PluginStatus, error) {
	id, _, err := s.allowAnywhere(ctx, "plugins", "read")
	if err != nil {
		return nil, err
	}
	all := s.Providers.Plugins(ctx)
	if id.Platform {
		return all, nil
	}
	out := make([]core.PluginStatus, 0, len(all))
	for _, p := range all {
		if p.Manifest != nil {
			out = append(out, core.PluginStatus{ID: p.ID, State: p.State, Manifest: p.Manifest})
		}
	}
	return out, nil
}
