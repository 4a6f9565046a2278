package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListRoles lists the role templates with what the policy lets them do.
func (o *operations) ListRoles(ctx context.Context, _ api.ListRolesRequestObject) (api.ListRolesResponseObject, error) {
	grants, err := o.opt.People.RoleGrants(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListRoles200JSONResponse{Items: each(grants, roleOf)}, nil
}

func roleOf(g core.RoleGrant) api.RoleInfo {
	info := roleWords(g.Role)
	info.Role, info.Platform, info.Permissions = api.Role(g.Role), g.Role.IsPlatform(), each(g.Permissions, permissionOf)
	return info
}

func permissionOf(p core.Permission) api.Permission {
	return api.Permission{Object: p.Object, Action: p.Action}
}

// roleWords names a role and says in a line what it is for. What it may do is decided by the policies.
func roleWords(role core.Role) api.RoleInfo {
	row := func(zh, en, aboutZH, aboutEN string) api.RoleInfo {
		return api.RoleInfo{Name: api.Text{Zh: zh, En: en}, Description: api.Text{Zh: aboutZH, En: aboutEN}}
	}
	switch role {
	case core.RolePlatformAdmin:
		return row("平台管理员", "Platform administrator", "管理商户、用户、角色与渠道", "Manages merchants, users, roles and providers")
	case core.RolePlatformOperations:
		return row("平台运营", "Platform operations", "为商户开户，处理订单", "Sets merchants up and looks after orders")
	case core.RolePlatformFinance:
		return row("平台财务", "Platform finance", "查看交易，处理退款与对账", "Reads transactions, handles refunds and reconciles")
	case core.RolePlatformAuditor:
		return row("平台审计", "Platform auditor", "只读全部数据与审计日志", "Reads everything and the audit log")
	case core.RoleTenantOwner:
		return row("商户负责人", "Owner", "管理本商户的一切", "Manages everything of the merchant")
	case core.RoleTenantFinance:
		return row("商户财务", "Finance", "查看交易，发起退款与付款，对账", "Reads transactions, gives refunds, pays out and reconciles")
	case core.RoleTenantCashier:
		return row("收银员", "Cashier", "收款，查看所属门店订单", "Takes payments, sees the orders of own stores")
	case core.RoleTenantDeveloper:
		return row("开发者", "Developer", "管理 API 密钥与推送，查看事件", "Manages API keys and webhooks and reads events")
	case core.RoleTenantViewer:
		return row("只读", "Viewer", "只能查看", "May look and nothing else")
	}
	return api.RoleInfo{}
}

// RenewInvitation invites somebody who never came again.
func (o *operations) RenewInvitation(ctx context.Context, r api.RenewInvitationRequestObject) (api.RenewInvitationResponseObject, error) {
	user, err := pathID(core.PrefixUser, r.UserID)
	if err != nil {
		return nil, err
	}
	reply, err := o.opt.People.RenewInvitation(ctx, user)
	if err != nil {
		return nil, err
	}
	return api.RenewInvitation201JSONResponse{User: userOf(reply.User), InviteURL: string(reply.InviteURL.Reveal())}, nil
}

// RevokeInvitation takes an invitation back.
func (o *operations) RevokeInvitation(ctx context.Context, r api.RevokeInvitationRequestObject) (api.RevokeInvitationResponseObject, error) {
	user, err := pathID(core.PrefixUser, r.UserID)
	if err != nil {
		return nil, err
	}
	u, err := o.opt.People.RevokeInvitation(ctx, user)
	if err != nil {
		return nil, err
	}
	return api.RevokeInvitation200JSONResponse(userOf(u)), nil
}
