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

// ListCases lists what people have to look at, newest first.
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
