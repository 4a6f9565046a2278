package core

import (
	"context"
	"time"
)

// Role names a role template of policies/.
type Role string

// The role templates.
const (
	RolePlatformAdmin      Role = "platform_admin"
	RolePlatformOperations Role = "platform_operations"
	RolePlatformFinance    Role = "platform_finance"
	RolePlatformAuditor    Role = "platform_auditor"
	RoleTenantOwner        Role = "tenant_owner"
	RoleTenantFinance      Role = "tenant_finance"
	RoleTenantCashier      Role = "tenant_cashier"
	RoleTenantDeveloper    Role = "tenant_developer"
	RoleTenantViewer       Role = "tenant_viewer"
)

// Roles lists the role templates, the platform's first.
func Roles() []Role {
	return []Role{
		RolePlatformAdmin, RolePlatformOperations, RolePlatformFinance, RolePlatformAuditor,
		RoleTenantOwner, RoleTenantFinance, RoleTenantCashier, RoleTenantDeveloper, RoleTenantViewer,
	}
}

// IsPlatform says whether the role is held on the platform and not in a tenant.
func (r Role) IsPlatform() bool {
	switch r {
	case RolePlatformAdmin, RolePlatformOperations, RolePlatformFinance, RolePlatformAuditor:
		return true
	case RoleTenantOwner, RoleTenantFinance, RoleTenantCashier, RoleTenantDeveloper, RoleTenantViewer:
	}
	return false
}

// Permission is object and action, the words of policies/policy.csv.
type Permission struct{ Object, Action string }

// Identity is who a request comes from. It is made by authentication only; the tenant in
// it is one the caller was authenticated for.
type Identity struct {
	// Actor is user:usr_…, key:key_… or system; it is what audit rows say.
	Actor string
	// UserID or APIKeyID by kind of caller; both zero for the system.
	UserID   ID
	APIKeyID ID
	// Subject is the Casbin subject: user:usr_… for a person, whose roles the authorizer
	// knows, or the name of a role for an API key and the system, whose role is read with them.
	Subject string
	// Platform says that the caller holds a platform role.
	Platform bool
	// TenantID is the tenant the request acts in; zero for a platform caller that named none.
	TenantID ID
	// StoreIDs bind the caller to stores; nil means all.
	StoreIDs  []ID
	SessionID ID
	StepUpAt  time.Time
	IP        string
	RequestID string
	Language  string // zh or en
}

// MayUseStore says whether the caller is bound to stores and this is none of them.
func (i Identity) MayUseStore(store ID) bool {
	if i.StoreIDs == nil {
		return true
	}
	for _, s := range i.StoreIDs {
		if s == store {
			return true
		}
	}
	return false
}

type identityKey struct{}

// WithIdentity puts the caller into ctx.
func WithIdentity(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// IdentityFrom gives the caller. Errors: CodeUnauthenticated when there is none, so that
// a path that forgot to authenticate is closed.
func IdentityFrom(ctx context.Context) (Identity, error) {
	id, ok := ctx.Value(identityKey{}).(Identity)
	if !ok || id.Actor == "" {
		return Identity{}, Errorf(CodeUnauthenticated, "Sign in or send an API key.")
	}
	return id, nil
}

// TenantFrom gives the tenant the request acts in. Errors: CodeUnauthenticated without a
// caller, CodeTenantRequired when a platform caller named no tenant.
func TenantFrom(ctx context.Context) (Identity, ID, error) {
	id, err := IdentityFrom(ctx)
	if err != nil {
		return id, ID{}, err
	}
	if id.TenantID.IsZero() {
		return id, ID{}, Errorf(CodeTenantRequired, "Name the merchant with the Zhanggui-Tenant header.").At("Zhanggui-Tenant")
	}
	return id, id.TenantID, nil
}

// Authorizer decides who may do what. Errors: CodeForbidden when the role does not allow
// it; any other error also means no.
type Authorizer interface {
	Authorize(ctx context.Context, id Identity, p Permission) error
	// Permissions lists what the caller may do in the tenant of its identity, for the console's menus.
	Permissions(ctx context.Context, id Identity) ([]Permission, error)
	// Reload reads who has which role anew. It is called after a transaction that bound or
	// unbound a role, so that this node knows at once; the others are told by the database.
	Reload(ctx context.Context) error
}
