package service

import (
	"context"
	"strings"
	"time"

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

// searchPage bounds a search: a number is on a few things at most.
const searchPage = 20

// Search finds what a number belongs to: ours, the tenant's, the provider's, the channel's,
// or a prefixed id.
func (s *Service) Search(ctx context.Context, number string) (out core.SearchResult, err error) {
	id, tenant, err := s.allowAnywhere(ctx, "search", "read")
	if err != nil {
		return out, err
	}
	number = strings.TrimSpace(number)
	if err := checkText("number", number, 1, 64); err != nil {
		return out, err
	}
	if payment, err := core.ParsePrefixed(core.PrefixPayment, number); err == nil {
		return s.searchPaymentID(ctx, payment)
	}
	if refund, err := core.ParsePrefixed(core.PrefixRefund, number); err == nil {
		return s.searchRefundID(ctx, refund)
	}
	if payout, err := core.ParsePrefixed(core.PrefixPayout, number); err == nil {
		return s.searchPayoutID(ctx, payout)
	}
	// A payout belongs to no store, and not everybody who searches may see one.
	payouts := id.StoreIDs == nil && s.Authorizer.Authorize(ctx, id, core.Permission{Object: "payouts", Action: "read"}) == nil
	page := core.Page{Limit: searchPage}
	err = s.read(ctx, tenant, func(tx reader) error {
		if out.Payments, err = tx.Payments(ctx, core.PaymentFilter{AnyNumber: number, StoreIDs: id.StoreIDs, Page: page}); err != nil {
			return err
		}
		if out.Refunds, err = tx.Refunds(ctx, core.RefundFilter{AnyNumber: number, StoreIDs: id.StoreIDs, Page: page}); err != nil {
			return err
		}
		if payouts {
			out.Payouts, err = tx.Payouts(ctx, core.PayoutFilter{AnyNumber: number, Page: page})
		}
		return err
	})
	return out, err
}

func (s *Service) searchPaymentID(ctx context.Context, payment core.ID) (core.SearchResult, error) {
	detail, err := s.Payment(ctx, payment)
	if core.CodeOf(err) == core.CodeNotFound {
		return core.SearchResult{}, nil
	}
	if err != nil {
		return core.SearchResult{}, err
	}
	return core.SearchResult{Payments: []core.Payment{detail.Payment}}, nil
}

func (s *Service) searchRefundID(ctx context.Context, refund core.ID) (core.SearchResult, error) {
	detail, err := s.Refund(ctx, refund)
	if core.CodeOf(err) == core.CodeNotFound {
		return core.SearchResult{}, nil
	}
	if err != nil {
		return core.SearchResult{}, err
	}
	return core.SearchResult{Refunds: []core.Refund{detail.Refund}}, nil
}

func (s *Service) searchPayoutID(ctx context.Context, payout core.ID) (core.SearchResult, error) {
	detail, err := s.Payout(ctx, payout)
	if code := core.CodeOf(err); code == core.CodeNotFound || code == core.CodeForbidden {
		return core.SearchResult{}, nil
	}
	if err != nil {
		return core.SearchResult{}, err
	}
	return core.SearchResult{Payouts: []core.Payout{detail.Payout}}, nil
}

// summaryMost is the longest time a summary may cover.
const summaryMost = 366 * 24 * time.Hour

// Summary counts what happened in [from, to), at the tenant or over all.
func (s *Service) Summary(ctx context.Context, from, to time.Time) (core.Summary, error) {
	id, tenant, err := s.allowAnywhere(ctx, "summary", "read")
	if err != nil {
		return core.Summary{}, err
	}
	if err := wholeTenant(id); err != nil {
		return core.Summary{}, err
	}
	if !from.Before(to) || to.Sub(from) > summaryMost {
		return core.Summary{}, core.Errorf(core.CodeInvalidRequest, "The end must be after the beginning, by at most 366 days.").At("to")
	}
	return s.Database.Summary(ctx, tenant, from, to)
}
