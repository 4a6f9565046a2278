package service

import (
	"context"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// summaryMost is the longest time a summary may cover.
const summaryMost = 366 * 24 * time.Hour

// Summary sums what happened in [from, to), at the tenant or over all, and counts what waits now.
func (s *Service) Summary(ctx context.Context, from, to time.Time) (sum core.Summary, err error) {
	id, tenant, err := s.allowAnywhere(ctx, "summary", "read")
	if err != nil {
		return sum, err
	}
	if err := wholeTenant(id); err != nil {
		return sum, err
	}
	if !from.Before(to) || to.Sub(from) > summaryMost {
		return sum, core.Errorf(core.CodeInvalidRequest, "The end must be after the beginning, by at most 366 days.").At("to")
	}
	now := s.Clock()
	if sum, err = s.Database.Summary(ctx, core.SummaryQuery{TenantID: tenant, From: from, To: to, Now: now}); err != nil {
		return sum, err
	}
	waiting, err := s.Database.Waiting(ctx, tenant, id.Actor, now)
	if err != nil {
		return sum, err
	}
	sum.Waiting = s.visible(ctx, id, waiting)
	return sum, nil
}

// visible leaves out where the caller may not look.
func (s *Service) visible(ctx context.Context, id core.Identity, all []core.WaitingFor) []core.WaitingFor {
	needs := map[core.WaitingAt]core.Permission{
		core.WaitingApprovals: {Object: "approvals", Action: "decide"}, core.WaitingCases: {Object: "cases", Action: "read"},
		core.WaitingDifferences: {Object: "reconciliation", Action: "read"}, core.WaitingAlerts: {Object: "alerts", Action: "read"},
	}
	return slices.DeleteFunc(all, func(w core.WaitingFor) bool { return s.Authorizer.Authorize(ctx, id, needs[w.What]) != nil })
}
