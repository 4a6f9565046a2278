package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Refund reads one refund with its payment and calls.
func (s *Service) Refund(ctx context.Context, refund core.ID) (core.RefundDetail, error) {
	id, tenant, err := s.tenantOfRefund(ctx, refund, "read")
	if err != nil {
		return core.RefundDetail{}, err
	}
	var d core.RefundDetail
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) (err error) {
		if d.Refund, err = tx.Refund(ctx, refund); err != nil {
			return err
		}
		if d.Payment, err = tx.Payment(ctx, d.Refund.PaymentID); err != nil {
			return err
		}
		attempts, err := tx.Attempts(ctx, d.Payment.ID)
		if err != nil {
			return err
		}
		for _, a := range attempts {
			if a.RefundID == refund {
				d.Attempts = append(d.Attempts, a)
			}
		}
		approvals, err := tx.Approvals(ctx, core.ApprovalFilter{ObjectID: refund, Page: core.Page{Limit: 1}})
		if err != nil {
			return err
		}
		if len(approvals) > 0 {
			d.Approval = approvals[0]
		}
		d.Events, err = tx.Events(ctx, core.EventFilter{ObjectID: refund, Page: core.Page{Limit: 200}})
		return err
	})
	if err != nil {
		return core.RefundDetail{}, err
	}
	if !id.MayUseStore(d.Payment.StoreID) {
		return core.RefundDetail{}, core.NotFound("refund")
	}
	return d, nil
}

// ListRefunds lists the tenant's refunds, or all tenants' for a platform caller that named none.
func (s *Service) ListRefunds(ctx context.Context, f core.RefundFilter) (list []core.Refund, err error) {
	id, tenant, err := s.allowAnywhere(ctx, "refunds", "read")
	if err != nil {
		return nil, err
	}
	if f.StoreIDs, err = storesSeen(id, f.StoreIDs); err != nil {
		return nil, err
	}
	if f.TenantID, err = narrowed(tenant, f.TenantID); err != nil {
		return nil, err
	}
	err = s.read(ctx, tenant, func(tx reader) error {
		list, err = tx.Refunds(ctx, f)
		return err
	})
	return list, err
}

// SyncRefund asks the provider now.
func (s *Service) SyncRefund(ctx context.Context, refund core.ID) (core.Refund, error) {
	id, tenant, err := s.tenantOfRefund(ctx, refund, "sync")
	if err != nil {
		return core.Refund{}, err
	}
	r, p, route, err := s.loadRefund(ctx, tenant, refund)
	if err != nil {
		return core.Refund{}, err
	}
	if !id.MayUseStore(p.StoreID) {
		return core.Refund{}, core.NotFound("refund")
	}
	if r.State != core.RefundProcessing && r.ResolutionID.IsZero() {
		return r, nil
	}
	if r.ToBeSent() {
		return s.sendApproved(context.WithoutCancel(ctx), r, p, route)
	}
	if !offers(route.manifest, p.Method, core.CapQueryRefund) {
		return r, core.Errorf(core.CodeNotSupported, "The provider cannot be asked about a refund. %s", route.manifest.Refund.SettledBy.EN)
	}
	work := context.WithoutCancel(ctx)
	r, notSent, err := s.queryRefund(work, p, r, route)
	if err != nil {
		return r, err
	}
	if notSent != nil {
		return r, notSent
	}
	return r, s.recordAction(work, tenant, "refund.sync", r.ID.Prefixed(core.PrefixRefund), refundEvent(r))
}

func (s *Service) tenantOfRefund(ctx context.Context, refund core.ID, action string) (core.Identity, core.ID, error) {
	id, tenant, err := s.allowAnywhere(ctx, "refunds", action)
	if err != nil || !tenant.IsZero() {
		return id, tenant, err
	}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		tenant, err = tx.TenantOfRefund(ctx, refund)
		return err
	})
	return id, tenant, err
}

func (s *Service) loadRefund(ctx context.Context, tenant, refund core.ID) (r core.Refund, p core.Payment, route paymentRoute, err error) {
	if r, err = s.readRefund(ctx, tenant, refund); err != nil {
		return r, p, route, err
	}
	p, route, err = s.loadPayment(ctx, tenant, r.PaymentID)
	return r, p, route, err
}
