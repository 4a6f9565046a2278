package service

import (
	"context"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// ListRequests lists what the tenant's programs asked, newest first.
func (s *Service) ListRequests(ctx context.Context, f core.RequestFilter) (list []core.RequestEntry, err error) {
	id, tenant, err := s.allow(ctx, "requests", "read")
	if err != nil {
		return nil, err
	}
	if err := wholeTenant(id); err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if f.Number = strings.TrimSpace(f.Number); f.Number != "" {
			if f.ObjectIDs, err = ordersOfNumber(ctx, tx, f.Number); err != nil {
				return err
			}
		}
		list, err = tx.Requests(ctx, f)
		return err
	})
	return list, err
}

// Request reads one request.
func (s *Service) Request(ctx context.Context, request core.ID) (e core.RequestEntry, err error) {
	id, tenant, err := s.allow(ctx, "requests", "read")
	if err != nil {
		return e, err
	}
	if err := wholeTenant(id); err != nil {
		return e, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		e, err = tx.Request(ctx, request)
		return err
	})
	return e, err
}

// ordersOfNumber finds the payments, refunds and payouts that have a number, ours, the merchant's
// or the provider's. Never nil: a number that nothing has finds nothing.
func ordersOfNumber(ctx context.Context, tx core.TenantTx, number string) ([]core.ID, error) {
	page := core.Page{Limit: searchPage}
	found := []core.ID{}
	payments, err := tx.Payments(ctx, core.PaymentFilter{AnyNumber: number, Page: page})
	if err != nil {
		return nil, err
	}
	refunds, err := tx.Refunds(ctx, core.RefundFilter{AnyNumber: number, Page: page})
	if err != nil {
		return nil, err
	}
	payouts, err := tx.Payouts(ctx, core.PayoutFilter{AnyNumber: number, Page: page})
	if err != nil {
		return nil, err
	}
	for _, p := range payments {
		found = append(found, p.ID)
	}
	for _, r := range refunds {
		found = append(found, r.ID)
	}
	for _, p := range payouts {
		found = append(found, p.ID)
	}
	return found, nil
}
