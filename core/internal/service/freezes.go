package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// ListFreezes lists the freezes of the caller's tenant, newest first.
func (s *Service) ListFreezes(ctx context.Context, inForce bool) (list []core.Freeze, err error) {
	id, tenant, err := s.allow(ctx, "freezes", "read")
	if err != nil {
		return nil, err
	}
	if err := wholeTenant(id); err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err = tx.Freezes(ctx, inForce)
		return err
	})
	return list, err
}

// Freeze stops new payments and payouts in a scope.
func (s *Service) Freeze(ctx context.Context, scope core.Scope, reason string) (core.Freeze, error) {
	id, tenant, err := s.allow(ctx, "freezes", "create")
	if err != nil {
		return core.Freeze{}, err
	}
	if err := s.stepUp(id); err != nil {
		return core.Freeze{}, err
	}
	if err := checkText("reason", reason, 1, 200); err != nil {
		return core.Freeze{}, err
	}
	now := s.Clock()
	f := core.Freeze{TenantID: tenant, ID: core.NewID(now), Scope: scope, Layer: layerOf(id), Reason: reason, FrozenBy: id.Actor, FrozenAt: now}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if err := s.checkScope(ctx, tx, id, scope); err != nil {
			return err
		}
		if err := tx.InsertFreeze(ctx, f); err != nil {
			return err
		}
		return s.recordFreeze(ctx, tx, id, "freeze.create", f)
	})
	if core.CodeOf(err) == core.CodeOutcomeUnknown {
		if stored, readErr := s.readFreeze(ctx, tenant, f.ID); readErr == nil {
			return stored, nil
		}
	}
	return f, err
}

// LiftFreeze lets new money through again.
func (s *Service) LiftFreeze(ctx context.Context, freeze core.ID, reason string) (f core.Freeze, err error) {
	id, tenant, err := s.allow(ctx, "freezes", "lift")
	if err != nil {
		return f, err
	}
	if err := s.stepUp(id); err != nil {
		return f, err
	}
	if err := checkText("reason", reason, 1, 200); err != nil {
		return f, err
	}
	if err := wholeTenant(id); err != nil {
		return f, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if f, err = tx.Freeze(ctx, freeze); err != nil {
			return err
		}
		if f.Layer == core.LayerPlatform && !id.Platform {
			return core.Errorf(core.CodeForbidden, "The platform froze this, and only the platform can lift it.")
		}
		if !f.LiftedAt.IsZero() {
			return core.Errorf(core.CodeInvalidState, "The freeze was lifted already.")
		}
		f.LiftReason, f.LiftedBy, f.LiftedAt = reason, id.Actor, s.Clock()
		if err := tx.LiftFreeze(ctx, f); err != nil {
			return err
		}
		return s.recordFreeze(ctx, tx, id, "freeze.lift", f)
	})
	return f, err
}

// recordFreeze writes who did it, and tells the merchant's programs.
func (s *Service) recordFreeze(ctx context.Context, tx core.TenantTx, id core.Identity, action string, f core.Freeze) error {
	record := map[string]any{
		"id": f.ID.Prefixed(core.PrefixFreeze), "layer": string(f.Layer), "method": string(f.Scope.Method), "reason": f.Reason,
	}
	if !f.Scope.AccountID.IsZero() {
		record["account_id"] = accountName(f.Scope.AccountID)
	}
	kind := "freeze.created"
	if !f.LiftedAt.IsZero() {
		kind, record["lift_reason"] = "freeze.lifted", f.LiftReason
	}
	entry, err := s.audit(id, f.TenantID, action, f.ID.Prefixed(core.PrefixFreeze), nil, record)
	if err != nil {
		return err
	}
	event, err := s.event(f.TenantID, kind, f.ID, record)
	if err != nil {
		return err
	}
	if err := tx.AppendEvent(ctx, event); err != nil {
		return err
	}
	return tx.AppendAudit(ctx, entry)
}

func (s *Service) readFreeze(ctx context.Context, tenant, id core.ID) (f core.Freeze, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		f, err = tx.Freeze(ctx, id)
		return err
	})
	return f, err
}
