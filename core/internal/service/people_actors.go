package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// ListActors names the people and API keys of the tenant. The platform's people are named to
// their own kind only: a merchant needs not know who works there.
func (s *Service) ListActors(ctx context.Context) ([]core.Actor, error) {
	id, tenant, err := s.allowAnywhere(ctx, "actors", "read")
	if err != nil {
		return nil, err
	}
	var out []core.Actor
	if id.Platform {
		if out, err = s.usersAsActors(ctx, core.ID{}, nil); err != nil {
			return nil, err
		}
	}
	if tenant.IsZero() {
		return out, nil
	}
	if out, err = s.usersAsActors(ctx, tenant, out); err != nil {
		return nil, err
	}
	var keys []core.APIKey
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		keys, err = tx.APIKeys(ctx)
		return err
	})
	for _, k := range keys {
		out = append(out, core.Actor{Actor: keyActor(k.ID), Name: k.Name, Active: k.RevokedAt.IsZero()})
	}
	return out, err
}

// usersAsActors adds the users with a role in tenant, or on the platform when it is zero; who
// works in both is named once, as one of the platform's.
func (s *Service) usersAsActors(ctx context.Context, tenant core.ID, out []core.Actor) ([]core.Actor, error) {
	var users []core.User
	err := s.Database.InDirectory(ctx, func(tx core.DirectoryTx) (err error) {
		users, err = tx.Users(ctx, tenant)
		return err
	})
	known := make(map[string]bool, len(out))
	for _, a := range out {
		known[a.Actor] = true
	}
	for _, u := range users {
		if a := actorOf(u.ID); !known[a] {
			out = append(out, core.Actor{Actor: a, Name: u.Name, Platform: tenant.IsZero(), Active: !u.Disabled})
		}
	}
	return out, err
}
