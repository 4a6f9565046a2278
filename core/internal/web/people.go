package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListRoles lists the role templates.
func (o *operations) ListRoles(context.Context, api.ListRolesRequestObject) (api.ListRolesResponseObject, error) {
	return api.ListRoles200JSONResponse{Items: roles()}, nil
}

// roles are the templates with their names. What each may do is decided by the policies.
func roles() []api.RoleInfo {
	row := func(role core.Role, zh, en, aboutZH, aboutEN string) api.RoleInfo {
		return api.RoleInfo{Role: api.Role(role), Platform: role.IsPlatform(), Name: api.Text{Zh: zh, En: en}, Description: api.Text{Zh: aboutZH, En: aboutEN}}
	}
	return []api.RoleInfo{
		row(core.RolePlatformAdmin, "平台管理员", "Platform administrator", "管理商户、用户、角色与渠道", "Manages merchants, users, roles and providers"),
		row(core.RolePlatformOperations, "平台运营", "Platform operations", "为商户开户,处理订单", "Sets merchants up and looks after orders"),
		row(core.RolePlatformFinance, "平台财务", "Platform finance", "查看交易,处理退款", "Reads transactions and handles refunds"),
		row(core.RolePlatformAuditor, "平台审计", "Platform auditor", "只读全部数据与审计日志", "Reads everything and the audit log"),
		row(core.RoleTenantOwner, "商户负责人", "Owner", "管理本商户的一切", "Manages everything of the merchant"),
		row(core.RoleTenantFinance, "商户财务", "Finance", "查看交易,发起退款", "Reads transactions and gives refunds"),
		row(core.RoleTenantCashier, "收银员", "Cashier", "收款,查看所属门店订单", "Takes payments, sees the orders of own stores"),
		row(core.RoleTenantDeveloper, "开发者", "Developer", "管理 API 密钥,查看事件", "Manages API keys and reads events"),
		row(core.RoleTenantViewer, "只读", "Viewer", "只能查看", "May look and nothing else"),
	}
}

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
	key, secret, err := o.opt.People.CreateAPIKey(ctx, r.Body.Name, core.Role(r.Body.Role))
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
