package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListUsers lists users.
func (o *operations) ListUsers(ctx context.Context, _ api.ListUsersRequestObject) (api.ListUsersResponseObject, error) {
	rows, err := o.opt.People.ListUsers(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListUsers200JSONResponse{Items: each(rows, userOf)}, nil
}

// ListActors names the people and keys that stand in records.
func (o *operations) ListActors(ctx context.Context, _ api.ListActorsRequestObject) (api.ListActorsResponseObject, error) {
	rows, err := o.opt.People.ListActors(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListActors200JSONResponse{Items: each(rows, func(a core.Actor) api.Actor {
		return api.Actor{Actor: a.Actor, Name: a.Name, Platform: a.Platform, Active: a.Active}
	})}, nil
}

// CreateUser invites a user.
func (o *operations) CreateUser(ctx context.Context, r api.CreateUserRequestObject) (api.CreateUserResponseObject, error) {
	caller, err := core.IdentityFrom(ctx)
	if err != nil {
		return nil, err
	}
	given, err := bindings(caller, r.Body.Roles)
	if err != nil {
		return nil, err
	}
	reply, err := o.opt.People.CreateUser(ctx, core.UserInput{Email: r.Body.Email, Name: r.Body.Name, Roles: given})
	if err != nil {
		return nil, err
	}
	return api.CreateUser201JSONResponse{User: userOf(reply.User), InviteURL: string(reply.InviteURL.Reveal())}, nil
}

// SetUserRoles replaces a user's roles.
func (o *operations) SetUserRoles(ctx context.Context, r api.SetUserRolesRequestObject) (api.SetUserRolesResponseObject, error) {
	caller, err := core.IdentityFrom(ctx)
	if err != nil {
		return nil, err
	}
	user, err := pathID(core.PrefixUser, r.UserID)
	if err != nil {
		return nil, err
	}
	given, err := bindings(caller, r.Body.Roles)
	if err != nil {
		return nil, err
	}
	u, err := o.opt.People.SetRoles(ctx, user, given)
	if err != nil {
		return nil, err
	}
	return api.SetUserRoles200JSONResponse(userOf(u)), nil
}

// SetUserStatus disables or enables a user.
func (o *operations) SetUserStatus(ctx context.Context, r api.SetUserStatusRequestObject) (api.SetUserStatusResponseObject, error) {
	user, err := pathID(core.PrefixUser, r.UserID)
	if err != nil {
		return nil, err
	}
	u, err := o.opt.People.DisableUser(ctx, user, r.Body.Disabled)
	if err != nil {
		return nil, err
	}
	return api.SetUserStatus200JSONResponse(userOf(u)), nil
}

// ListAPIKeys lists keys without their secret.
func (o *operations) ListAPIKeys(ctx context.Context, _ api.ListAPIKeysRequestObject) (api.ListAPIKeysResponseObject, error) {
	rows, err := o.opt.People.ListAPIKeys(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListAPIKeys200JSONResponse{Items: each(rows, apiKeyOf)}, nil
}

// CreateAPIKey makes a key and shows it once.
func (o *operations) CreateAPIKey(ctx context.Context, r api.CreateAPIKeyRequestObject) (api.CreateAPIKeyResponseObject, error) {
	key, secret, err := o.opt.People.CreateAPIKey(ctx, core.APIKeyInput{Name: r.Body.Name, Role: core.Role(r.Body.Role), ExpiresAt: r.Body.ExpiresAt})
	if err != nil {
		return nil, err
	}
	return api.CreateAPIKey201JSONResponse{APIKey: apiKeyOf(key), Secret: string(secret.Reveal())}, nil
}

// RevokeAPIKey stops a key.
func (o *operations) RevokeAPIKey(ctx context.Context, r api.RevokeAPIKeyRequestObject) (api.RevokeAPIKeyResponseObject, error) {
	key, err := pathID(core.PrefixAPIKey, r.KeyID)
	if err != nil {
		return nil, err
	}
	if err := o.opt.People.RevokeAPIKey(ctx, key); err != nil {
		return nil, err
	}
	return api.RevokeAPIKey204Response{}, nil
}
