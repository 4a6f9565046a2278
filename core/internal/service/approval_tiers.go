package service

import (
	"context"
	"slices"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The most that may be asked for: people for one approval, and tiers of a tenant.
const (
	mostApprovers = 5
	mostTiers     = 100
)

// ApprovalTiers gives the tiers that hold for the tenant: its own, and the defaults for the
// kinds it has none for.
func (s *Service) ApprovalTiers(ctx context.Context) (tiers []core.ApprovalTier, err error) {
	_, tenant, err := s.allow(ctx, "approvals", "read")
	if err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		tiers, err = tx.ApprovalTiers(ctx)
		return err
	})
	return withDefaultTiers(tiers), err
}

func withDefaultTiers(own []core.ApprovalTier) []core.ApprovalTier {
	out := slices.Clone(own)
	for _, d := range core.DefaultApprovalTiers() {
		if !slices.ContainsFunc(own, func(t core.ApprovalTier) bool { return t.Kind == d.Kind }) {
			out = append(out, d)
		}
	}
	return out
}

// SetApprovalTiers replaces the tenant's tiers.
func (s *Service) SetApprovalTiers(ctx context.Context, tiers []core.ApprovalTier) ([]core.ApprovalTier, error) {
	id, tenant, err := s.allow(ctx, "approvals", "tiers")
	if err != nil {
		return nil, err
	}
	if err := checkTiers(tiers); err != nil {
		return nil, err
	}
	if err := s.stepUp(id); err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		before, err := tx.ApprovalTiers(ctx)
		if err != nil {
			return err
		}
		if err := tx.ReplaceApprovalTiers(ctx, tiers); err != nil {
			return err
		}
		entry, err := s.audit(id, tenant, "approval.tiers", tenant.Prefixed(core.PrefixTenant), tiersEvent(before), tiersEvent(tiers))
		if err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	return withDefaultTiers(tiers), err
}

func tiersEvent(tiers []core.ApprovalTier) []map[string]any {
	out := make([]map[string]any, 0, len(tiers))
	for _, t := range tiers {
		out = append(out, map[string]any{"kind": string(t.Kind), "role": string(t.Role), "from": t.From, "needed": t.Needed})
	}
	return out
}

// checkTiers refuses tiers that would let something out without a second person by mistake:
// all kinds but refunds need one for everybody and from the first fen on.
func checkTiers(tiers []core.ApprovalTier) error {
	refuse := func(format string, args ...any) error {
		return core.Errorf(core.CodeInvalidRequest, format, args...).At("tiers")
	}
	if len(tiers) > mostTiers {
		return refuse("At most %d tiers can be set.", mostTiers)
	}
	covered := map[core.ApprovalKind]bool{}
	type place struct {
		kind core.ApprovalKind
		role core.Role
		from int64
	}
	seen := map[place]bool{}
	for _, t := range tiers {
		at := place{t.Kind, t.Role, t.From}
		switch {
		case t.Kind != core.ApproveRefund && t.Needed < 1:
			return refuse("Only refunds can do without a second person: %s needs at least one.", t.Kind)
		case t.Needed < 0 || t.Needed > mostApprovers:
			return refuse("Between 0 and %d people can be asked for.", mostApprovers)
		case t.From < 0:
			return refuse("A tier begins at 0 fen or more.")
		case seen[at]:
			return refuse("Two tiers of %s begin at %d fen.", t.Kind, t.From)
		}
		seen[at] = true
		covered[t.Kind] = covered[t.Kind] || t.Kind == core.ApproveRefund || t.Role == "" && t.From == 0
	}
	for _, t := range tiers {
		if !covered[t.Kind] {
			return refuse("The tiers of %s must begin at 0 fen, for every role.", t.Kind)
		}
	}
	return nil
}
