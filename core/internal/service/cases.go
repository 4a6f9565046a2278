package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// openCase puts something before a person, and tells of the first time.
func (s *Service) openCase(ctx context.Context, tx core.TenantTx, c core.Case) error {
	now := s.Clock()
	c.ID, c.OpenedAt, c.LastAt, c.Times = core.NewID(now), now, now, 1
	first, err := tx.OpenCase(ctx, c)
	if err != nil || !first {
		return err
	}
	event, err := s.event(c.TenantID, "case.opened", c.ID, map[string]any{
		"id": c.ID.Prefixed(core.PrefixCase), "kind": string(c.Kind), "object_kind": c.ObjectKind, "object_id": c.ObjectID.String(), "reason": c.Reason,
	})
	if err != nil {
		return err
	}
	return tx.AppendEvent(ctx, event)
}

func paymentCase(p core.Payment, kind core.CaseKind, reason string) core.Case {
	return core.Case{TenantID: p.TenantID, Kind: kind, ObjectID: p.ID, ObjectKind: kindPayment, AccountID: p.AccountID, Reason: reason}
}

// ListCases lists what people have to look at, newest first or oldest first.
func (s *Service) ListCases(ctx context.Context, f core.CaseFilter) (list []core.Case, err error) {
	f.TenantID, err = s.scope(ctx, "cases", f.TenantID)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, f.TenantID, func(tx reader) error {
		list, err = tx.Cases(ctx, f)
		return err
	})
	return list, err
}

// tenantOfCase authorizes, and finds the tenant for a platform caller that named none.
func (s *Service) tenantOfCase(ctx context.Context, id core.ID, action string) (core.Identity, core.ID, error) {
	who, tenant, err := s.allowAnywhere(ctx, "cases", action)
	if err != nil {
		return who, tenant, err
	}
	if err := wholeTenant(who); err != nil || !tenant.IsZero() {
		return who, tenant, err
	}
	err = s.Database.AcrossTenants(ctx, func(tx core.PlatformTx) error {
		found, err := tx.Cases(ctx, core.CaseFilter{ID: id})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return core.NotFound("case")
		}
		tenant = found[0].TenantID
		return nil
	})
	return who, tenant, err
}

// personMay is tenantOfCase for what only a signed-in person does.
func (s *Service) personMay(ctx context.Context, id core.ID, action string) (core.Identity, core.ID, error) {
	who, tenant, err := s.tenantOfCase(ctx, id, action)
	if err != nil {
		return who, tenant, err
	}
	_, err = sessionIdentity(ctx)
	return who, tenant, err
}

// AssignCase gives the case to a user who may see it.
func (s *Service) AssignCase(ctx context.Context, id, user core.ID) (c core.Case, err error) {
	who, tenant, err := s.personMay(ctx, id, "assign")
	if err != nil {
		return c, err
	}
	owner := ""
	if !user.IsZero() {
		if err := s.maySee(ctx, tenant, user, "cases"); err != nil {
			return c, err
		}
		owner = actorOf(user)
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if c, err = tx.Case(ctx, id); err != nil {
			return err
		}
		if err := tx.AssignCase(ctx, id, owner); err != nil {
			return err
		}
		entry, err := s.audit(who, tenant, "case.assign", id.Prefixed(core.PrefixCase), map[string]any{"owner": c.Owner}, map[string]any{"owner": owner})
		if err != nil {
			return err
		}
		c.Owner = owner
		return tx.AppendAudit(ctx, entry)
	})
	return c, err
}

// maySee refuses an owner who could not open what they are given.
func (s *Service) maySee(ctx context.Context, tenant, user core.ID, object string) error {
	owner := core.Identity{Actor: actorOf(user), UserID: user, Subject: actorOf(user), TenantID: tenant, Platform: true}
	err := s.Authorizer.Authorize(ctx, owner, core.Permission{Object: object, Action: "read"})
	if core.CodeOf(err) == core.CodeForbidden {
		return core.Errorf(core.CodeInvalidRequest, "This user may not see it: choose somebody whose role allows it.").At("user_id")
	}
	return err
}

// CloseCase ends a case that a person has dealt with.
func (s *Service) CloseCase(ctx context.Context, id core.ID, note string) (c core.Case, err error) {
	who, tenant, err := s.personMay(ctx, id, "close")
	if err != nil {
		return c, err
	}
	if err := checkText("note", note, 1, 200); err != nil {
		return c, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if c, err = tx.Case(ctx, id); err != nil {
			return err
		}
		if c.Kind.AboutDoubt() {
			return core.Errorf(core.CodeInvalidState, "The order is in doubt: the case ends when the provider answers, or when two people settle it.")
		}
		c.Closing, c.ClosedNote = core.CaseDone, note
		if c, err = s.closeCase(ctx, tx, who, c); err != nil {
			return err
		}
		entry, err := s.audit(who, tenant, "case.close", id.Prefixed(core.PrefixCase), nil, map[string]any{"kind": string(c.Kind), "note": note})
		if err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	return c, err
}

// ListCallbacks lists what providers sent us, newest first.
func (s *Service) ListCallbacks(ctx context.Context, f core.CallbackFilter) (list []core.Callback, err error) {
	f.TenantID, err = s.scope(ctx, "callbacks", f.TenantID)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, f.TenantID, func(tx reader) error {
		list, err = tx.Callbacks(ctx, f)
		return err
	})
	return list, err
}

// ListMembers lists the tenant's members, newest first.
func (s *Service) ListMembers(ctx context.Context, f core.MemberFilter) (list []core.Member, err error) {
	id, tenant, err := s.allow(ctx, "members", "read")
	if err != nil {
		return nil, err
	}
	if err := wholeTenant(id); err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err = tx.Members(ctx, f)
		return err
	})
	return list, err
}

// scope authorizes a list that is not told apart by store, and gives the tenant it is about:
// zero for all of them.
func (s *Service) scope(ctx context.Context, object string, asked core.ID) (core.ID, error) {
	id, tenant, err := s.allowAnywhere(ctx, object, "read")
	if err != nil {
		return tenant, err
	}
	if err := wholeTenant(id); err != nil {
		return tenant, err
	}
	if tenant.IsZero() {
		return asked, nil
	}
	return tenant, nil
}
