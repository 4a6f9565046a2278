package service

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// settlementDays is how many days are summed at once.
	settlementDays = 92
	// longestShift is how much of a cashier's work is summed at once.
	longestShift = 48 * time.Hour
)

// ListSettlement sums what moved, of the caller's tenant, or of all for a platform caller that
// named none.
func (s *Service) ListSettlement(ctx context.Context, f core.SettlementFilter) (lines []core.SettlementLine, err error) {
	id, tenant, err := s.allowAnywhere(ctx, "settlement", "read")
	if err != nil {
		return nil, err
	}
	if f.StoreIDs, err = storesSeen(id, f.StoreIDs); err != nil {
		return nil, err
	}
	if f.TenantID, err = narrowed(tenant, f.TenantID); err != nil {
		return nil, err
	}
	if err := checkSettlementDays(f.From, f.To, settlementDays); err != nil {
		return nil, err
	}
	err = s.read(ctx, tenant, func(tx reader) error {
		lines, err = tx.Settlement(ctx, f)
		return err
	})
	return lines, err
}

// checkSettlementDays wants a first and a last day, and not too many.
func checkSettlementDays(from, to core.Day, most int) error {
	switch {
	case from == "" || to == "" || to < from:
		return core.Errorf(core.CodeInvalidRequest, "The first day must not be after the last.").At("from")
	case from.Next(most) <= to:
		return core.Errorf(core.CodeInvalidRequest, "At most %d days can be summed at once.", most).At("from")
	}
	return nil
}

// ListEntries lists the movements that are summed.
func (s *Service) ListEntries(ctx context.Context, f core.EntryFilter) (list []core.Entry, err error) {
	id, tenant, err := s.allow(ctx, "settlement", "read")
	if err != nil {
		return nil, err
	}
	if f.StoreIDs, err = storesSeen(id, f.StoreIDs); err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err = tx.Entries(ctx, f)
		return err
	})
	return list, err
}

// ShiftOf sums a cashier's payments. Another's needs the right to see any.
func (s *Service) ShiftOf(ctx context.Context, actor string, from, to time.Time) (shift core.Shift, err error) {
	id, tenant, err := s.allow(ctx, "shifts", "read")
	if err != nil {
		return shift, err
	}
	if actor == "" {
		actor = id.Actor
	}
	if actor != id.Actor {
		if err := s.Authorizer.Authorize(ctx, id, core.Permission{Object: "shifts", Action: "any"}); err != nil {
			return shift, err
		}
	}
	stores, err := storesSeen(id, nil)
	if err != nil {
		return shift, err
	}
	switch {
	case !from.Before(to):
		return shift, core.Errorf(core.CodeInvalidRequest, "A shift begins before it ends.").At("from")
	case to.Sub(from) > longestShift:
		return shift, core.Errorf(core.CodeInvalidRequest, "At most %d hours can be summed as a shift.", int(longestShift/time.Hour)).At("from")
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		shift, err = tx.ShiftOf(ctx, actor, stores, from, to)
		return err
	})
	return shift, err
}
