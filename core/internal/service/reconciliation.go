package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// objectReconciliation is what permissions call the books.
const objectReconciliation = "reconciliation"

// mostLines bounds a page of a bill.
const mostLines = 500

// ListReconciliation lists the days that were compared, the latest first.
func (s *Service) ListReconciliation(ctx context.Context, f core.ReconciliationFilter) (list []core.ReconciliationDay, err error) {
	f.TenantID, err = s.scope(ctx, objectReconciliation, f.TenantID)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, f.TenantID, func(tx reader) error {
		list, err = tx.ReconciliationDays(ctx, f)
		return err
	})
	return list, err
}

// ReconciliationDay reads a day with the bills that it was compared with.
func (s *Service) ReconciliationDay(ctx context.Context, id core.ID) (d core.ReconciliationDetail, err error) {
	_, tenant, err := s.tenantOfBooks(ctx, id, "read", core.BooksFinder.TenantOfDay)
	if err != nil {
		return d, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if d.Day, err = tx.ReconciliationDay(ctx, id); err != nil {
			return err
		}
		if d.Account, err = tx.Account(ctx, d.Day.AccountID); err != nil {
			return err
		}
		if d.Bills, err = tx.Bills(ctx, d.Day.AccountID, d.Day.Day); err != nil {
			return err
		}
		counts, err := tx.CountDifferences(ctx, id)
		d.ByKind = map[core.DifferenceKind]int64{}
		for _, c := range counts {
			if c.State.Waits() {
				d.ByKind[c.Kind] += c.Count
			}
		}
		return err
	})
	return d, err
}

// RunReconciliation has a day fetched and compared again, soon.
func (s *Service) RunReconciliation(ctx context.Context, account core.ID, day core.Day) (d core.ReconciliationDay, err error) {
	who, tenant, err := s.tenantOfBooks(ctx, account, "run", core.BooksFinder.TenantOfAccount)
	if err != nil {
		return d, err
	}
	now := s.Clock()
	if day.Start().IsZero() || now.Before(day.End()) {
		return d, core.Errorf(core.CodeInvalidRequest, "The day has not ended in Beijing: it can be compared from its midnight on.").At("day")
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		a, err := tx.Account(ctx, account)
		if err != nil {
			return err
		}
		if day < core.DayOf(a.CreatedAt) {
			return core.Errorf(core.CodeInvalidRequest, "The account was made on %s: there is nothing to compare before.", core.DayOf(a.CreatedAt)).At("day")
		}
		d, err = tx.ReconciliationDayOf(ctx, account, day)
		if err != nil && core.CodeOf(err) != core.CodeNotFound {
			return err
		}
		if d.State == core.DayRunning {
			return core.Errorf(core.CodeInvalidState, "The day is being compared already: look again when that has ended.")
		}
		if d, err = tx.OpenDay(ctx, account, day, now, now); err != nil {
			return err
		}
		entry, err := s.audit(who, tenant, "reconciliation.run", d.ID.Prefixed(core.PrefixReconciliation), nil, map[string]any{"day": string(day)})
		if err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	return d, err
}

// BillLines reads a bill, a page at a time, in its own order.
func (s *Service) BillLines(ctx context.Context, bill core.ID, after int64, limit int) (lines []core.StoredLine, err error) {
	_, tenant, err := s.tenantOfBooks(ctx, bill, "read", core.BooksFinder.TenantOfBill)
	if err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if _, err := tx.Bill(ctx, bill); err != nil {
			return err
		}
		lines, err = tx.BillLinesAfter(ctx, bill, after, min(limit, mostLines))
		return err
	})
	return lines, err
}

// tenantOfBooks authorizes, and finds the tenant for a platform caller that named none.
func (s *Service) tenantOfBooks(ctx context.Context, id core.ID, action string, find func(core.BooksFinder, context.Context, core.ID) (core.ID, error)) (core.Identity, core.ID, error) {
	who, tenant, err := s.allowAnywhere(ctx, objectReconciliation, action)
	if err != nil {
		return who, tenant, err
	}
	if err := wholeTenant(who); err != nil || !tenant.IsZero() {
		return who, tenant, err
	}
	err = s.Database.AcrossTenants(ctx, func(tx core.PlatformTx) error {
		tenant, err = find(tx, ctx, id)
		return err
	})
	return who, tenant, err
}
