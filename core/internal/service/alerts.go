package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// raise opens an alert of a tenant and tells of it, or counts one more in that which is open.
func (s *Service) raise(ctx context.Context, tx core.TenantTx, a core.Alert) error {
	kept, opened, err := tx.RaiseAlert(ctx, s.fresh(a))
	if err != nil || !opened {
		return err
	}
	return s.alertEvent(ctx, tx, "alert.opened", kept)
}

// resolve ends the open alert of the kind about an object, if there is one: its cause is gone.
func (s *Service) resolve(ctx context.Context, tx core.TenantTx, kind core.AlertKind, object core.ID) error {
	ended, err := tx.ResolveAlert(ctx, kind, object.String(), s.Clock())
	if err != nil {
		return err
	}
	for _, a := range ended {
		if err := s.alertEvent(ctx, tx, "alert.resolved", a); err != nil {
			return err
		}
	}
	return nil
}

// raiseOfPlatform is raise for what is about the installation.
func (s *Service) raiseOfPlatform(ctx context.Context, tx core.DirectoryTx, a core.Alert) error {
	_, _, err := tx.RaiseAlert(ctx, s.fresh(a))
	return err
}

// resolveOfPlatform is resolve for what is about the installation.
func (s *Service) resolveOfPlatform(ctx context.Context, tx core.DirectoryTx, kind core.AlertKind, object string) error {
	_, err := tx.ResolveAlert(ctx, kind, object, s.Clock())
	return err
}

func (s *Service) fresh(a core.Alert) core.Alert {
	now := s.Clock()
	a.ID, a.OpenedAt, a.LastAt, a.Times = core.NewID(now), now, now, 1
	return a
}

func (s *Service) alertEvent(ctx context.Context, tx core.TenantTx, kind string, a core.Alert) error {
	event, err := s.event(a.TenantID, kind, a.ID, map[string]any{
		"id": a.ID.Prefixed(core.PrefixAlert), "kind": string(a.Kind), "severity": string(a.Severity),
		"object_kind": a.ObjectKind, "object_id": a.Ref(), "object": a.Object, "args": a.Args, "times": a.Times,
	})
	if err != nil {
		return err
	}
	return tx.AppendEvent(ctx, event)
}

// ListAlerts implements core.Alerts.
func (s *Service) ListAlerts(ctx context.Context, f core.AlertFilter) (list []core.Alert, err error) {
	f.TenantID, err = s.scope(ctx, "alerts", f.TenantID)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, f.TenantID, func(tx reader) error {
		list, err = tx.Alerts(ctx, f)
		return err
	})
	return list, err
}

// TakeAlert implements core.Alerts. What happened and cannot go away ends with it. The caller who named no tenant is one of the platform's,
// who may take any.
func (s *Service) TakeAlert(ctx context.Context, id core.ID) (a core.Alert, err error) {
	caller, tenant, err := s.allowAnywhere(ctx, "alerts", "take")
	if err != nil {
		return a, err
	}
	if err := wholeTenant(caller); err != nil {
		return a, err
	}
	was, err := s.alertOf(ctx, tenant, id)
	if err != nil {
		return a, err
	}
	if !was.ResolvedAt.IsZero() {
		return a, core.Errorf(core.CodeInvalidState, "The alert is resolved: nobody needs to take care of it any more.")
	}
	entry, err := s.audit(caller, was.TenantID, "alert.take", id.Prefixed(core.PrefixAlert), nil, map[string]string{"kind": string(was.Kind), "object": was.Object})
	if err != nil {
		return a, err
	}
	if was.TenantID.IsZero() {
		err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
			if a, err = tx.TakeAlert(ctx, id, caller.Actor, s.Clock()); err != nil {
				return err
			}
			return tx.AppendPlatformAudit(ctx, entry)
		})
		return a, err
	}
	err = s.Database.InTenant(ctx, was.TenantID, func(tx core.TenantTx) error {
		if a, err = tx.TakeAlert(ctx, id, caller.Actor, s.Clock()); err != nil {
			return err
		}
		if a.Kind.Happened() {
			if err := s.resolve(ctx, tx, a.Kind, a.ObjectID); err != nil {
				return err
			}
			a.ResolvedAt = s.Clock()
		}
		return tx.AppendAudit(ctx, entry)
	})
	return a, err
}

func (s *Service) alertOf(ctx context.Context, tenant, id core.ID) (a core.Alert, err error) {
	err = s.read(ctx, tenant, func(tx reader) error {
		found, err := tx.Alerts(ctx, core.AlertFilter{ID: id, Page: core.Page{Limit: 1}})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return core.NotFound("alert")
		}
		a = found[0]
		return nil
	})
	return a, err
}
