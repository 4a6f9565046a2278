package service

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func bindings(roles ...core.Role) []core.RoleBinding {
	out := make([]core.RoleBinding, 0, len(roles))
	for _, r := range roles {
		out = append(out, core.RoleBinding{Role: r})
	}
	return out
}

func TestInvitingPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.tenant(t, "A"), h.tenant(t, "B")
	owner := h.person(t, a.ID, "owner@a.example", core.RoleTenantOwner)
	viewer := h.person(t, a.ID, "viewer@a.example", core.RoleTenantViewer)
	operations := h.person(t, core.ID{}, "ops@example.com", core.RolePlatformOperations)
	auditor := h.person(t, core.ID{}, "audit@example.com", core.RolePlatformAuditor)

	n := 0
	for _, c := range []struct {
		name   string
		who    core.SessionReply
		tenant core.ID
		role   core.RoleBinding
		want   core.Code
	}{
		{"owner invites a cashier", owner, a.ID, core.RoleBinding{Role: core.RoleTenantCashier}, ""},
		{"owner invites an owner", owner, a.ID, core.RoleBinding{Role: core.RoleTenantOwner}, ""},
		{"owner gives a platform role", owner, a.ID, core.RoleBinding{Role: core.RolePlatformAdmin}, core.CodeInvalidRequest},
		{"owner names another tenant", owner, a.ID, core.RoleBinding{TenantID: b.ID, Role: core.RoleTenantOwner}, core.CodeInvalidRequest},
		{"owner gives no role there is", owner, a.ID, core.RoleBinding{Role: "tenant_god"}, core.CodeInvalidRequest},
		{"owner names a store that is not there", owner, a.ID, core.RoleBinding{Role: core.RoleTenantCashier, StoreIDs: []core.ID{core.NewID(time.Now())}}, core.CodeNotFound},
		{"viewer invites", viewer, a.ID, core.RoleBinding{Role: core.RoleTenantViewer}, core.CodeForbidden},
		{"auditor invites", auditor, core.ID{}, core.RoleBinding{Role: core.RolePlatformAuditor}, core.CodeForbidden},
		{"operations invites on the platform", operations, core.ID{}, core.RoleBinding{Role: core.RolePlatformAdmin}, core.CodeForbidden},
		{"operations invites to a merchant with users", operations, a.ID, core.RoleBinding{Role: core.RoleTenantOwner}, core.CodeForbidden},
		{"operations invites a new merchant's first user", operations, b.ID, core.RoleBinding{Role: core.RoleTenantOwner}, ""},
		{"operations invites its second", operations, b.ID, core.RoleBinding{Role: core.RoleTenantOwner}, core.CodeForbidden},
		{"admin gives a tenant role on the platform", h.admin, core.ID{}, core.RoleBinding{Role: core.RoleTenantOwner}, core.CodeInvalidRequest},
		{"admin invites to a merchant", h.admin, b.ID, core.RoleBinding{Role: core.RoleTenantFinance}, ""},
	} {
		n++
		_, err := h.CreateUser(h.as(t, c.who, c.tenant), core.UserInput{Email: "p" + string(rune('a'+n)) + "@example.com", Name: "P", Roles: []core.RoleBinding{c.role}})
		wantCode(t, c.name, err, c.want)
	}
	_, err := h.CreateUser(h.as(t, owner, a.ID), core.UserInput{Email: "ADMIN@example.com", Name: "P", Roles: bindings(core.RoleTenantViewer)})
	wantCode(t, "an address that is taken", err, core.CodeConflict)
	_, err = h.CreateUser(h.as(t, owner, a.ID), core.UserInput{Email: "no address", Name: "P", Roles: bindings(core.RoleTenantViewer)})
	wantCode(t, "no address", err, core.CodeInvalidRequest)
	_, err = h.CreateUser(h.as(t, owner, a.ID), core.UserInput{Email: "no@roles.example", Name: "P"})
	wantCode(t, "no roles", err, core.CodeInvalidRequest)
	if n := h.rows(t, "SELECT count(*) FROM audit_log WHERE action = 'user.create' AND tenant_id = $1", a.ID.String()); n != 4 {
		t.Errorf("%d invitations in the tenant's audit log, want 4", n)
	}
}

func TestAnInvitedPersonHasNoPasswordYet(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	reply, err := h.CreateUser(h.adminIn(t, core.ID{}), core.UserInput{Email: "new@example.com", Name: "N", Roles: bindings(core.RolePlatformAuditor)})
	if err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"", "stranger", housePassword} {
		_, err := h.Login(t.Context(), login("new@example.com", password, ""))
		wantCode(t, "before coming", err, core.CodeLoginFailed)
	}
	token := tokenOf(t, reply.InviteURL)
	_, err = h.LoginByLink(t.Context(), core.LinkInput{Token: token, Password: core.SecretString("new@example.com")})
	wantCode(t, "the address as password", err, core.CodeInvalidRequest)
	anew := core.UserInput{Email: "New@example.com", Name: "Another", Roles: bindings(core.RolePlatformFinance)}
	_, err = h.CreateUser(h.adminIn(t, core.ID{}), anew)
	wantCode(t, "invited anew while the link works", err, core.CodeConflict)
	if as, ok := errors.AsType[*core.Error](err); !ok || as.Param != "email" || !strings.Contains(as.Message, "invited already") {
		t.Errorf("refused with %v", err)
	}
	if _, err := h.RevokeInvitation(h.adminIn(t, core.ID{}), reply.User.ID); err != nil {
		t.Fatal(err)
	}
	reply, err = h.CreateUser(h.adminIn(t, core.ID{}), anew)
	if err != nil {
		t.Fatalf("invited anew after the link was taken back: %v", err)
	}
	second := tokenOf(t, reply.InviteURL)
	_, err = h.CreateUser(h.adminIn(t, h.tenant(t, "T").ID), core.UserInput{Email: "new@example.com", Name: "N", Roles: bindings(core.RoleTenantOwner)})
	wantCode(t, "invited by somebody else", err, core.CodeConflict)
	_, err = h.LoginByLink(t.Context(), core.LinkInput{Token: token, Password: core.SecretString(housePassword)})
	wantCode(t, "the earlier link", err, core.CodeLoginFailed)
	_, err = h.LoginByLink(t.Context(), core.LinkInput{Token: second, Password: core.SecretString(housePassword), Name: "a\x00b"})
	wantCode(t, "a name with a control character", err, core.CodeInvalidRequest)
	came, err := h.LoginByLink(t.Context(), core.LinkInput{Token: second, Password: core.SecretString(housePassword), Name: "New Name"})
	if len(came.Me.User.Roles) != 1 || came.Me.User.Roles[0].Role != core.RolePlatformFinance {
		t.Errorf("roles %v", came.Me.User.Roles)
	}
	wantCode(t, "a refused password did not cost the link", err, "")
	_, err = h.LoginByLink(t.Context(), core.LinkInput{Token: second, Password: core.SecretString(housePassword + "!")})
	wantCode(t, "the link again", err, core.CodeLoginFailed)
	again, err := h.Login(t.Context(), login("new@example.com", housePassword, ""))
	wantCode(t, "the password", err, "")
	if again.Me.User.Name != "New Name" {
		t.Errorf("name %q", again.Me.User.Name)
	}
}

func TestChangedRolesCountAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	cashier := h.person(t, a.ID, "c@a.example", core.RoleTenantCashier)
	user := cashier.Me.User.ID
	old := h.as(t, cashier, a.ID)
	if _, err := h.SetRoles(h.adminIn(t, a.ID), user, bindings(core.RoleTenantViewer)); err != nil {
		t.Fatal(err)
	}
	_, _, err := h.Authenticate(t.Context(), cashier.Token, a.ID)
	wantCode(t, "the session from before", err, core.CodeUnauthenticated)
	_, _, err = h.allow(old, "payments", "create")
	wantCode(t, "a request that was under way", err, core.CodeForbidden)
	again, err := h.Login(t.Context(), login("c@a.example", housePassword, ""))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = h.allow(h.as(t, again, core.ID{}), "payments", "create")
	wantCode(t, "a new session", err, core.CodeForbidden)
	if _, err := h.SetRoles(h.adminIn(t, a.ID), user, nil); err != nil {
		t.Fatal(err)
	}
	again, err = h.Login(t.Context(), login("c@a.example", housePassword, ""))
	if err != nil || len(again.Me.Permissions) != 0 {
		t.Errorf("without a role: %v %v", again.Me.Permissions, err)
	}
	_, _, err = h.Authenticate(t.Context(), again.Token, a.ID)
	wantCode(t, "the tenant of the lost role", err, core.CodeNotFound)
}

func TestOtherTenantsUsersDoNotExist(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.tenant(t, "A"), h.tenant(t, "B")
	owner := h.person(t, a.ID, "owner@a.example", core.RoleTenantOwner)
	theirs := h.person(t, b.ID, "owner@b.example", core.RoleTenantOwner)
	ctx := h.as(t, owner, a.ID)
	absent := core.NewID(time.Now())
	for name, try := range map[string]func(core.ID) error{
		"set roles": func(u core.ID) error { _, err := h.SetRoles(ctx, u, bindings(core.RoleTenantViewer)); return err },
		"disable":   func(u core.ID) error { _, err := h.DisableUser(ctx, u, true); return err },
		"tenant": func(u core.ID) error {
			if u != absent {
				u = b.ID
			}
			_, err := h.Tenant(ctx, u)
			return err
		},
		"enter": func(u core.ID) error {
			if u != absent {
				u = b.ID
			}
			_, _, err := h.Authenticate(t.Context(), owner.Token, u)
			return err
		},
	} {
		foreign, missing := try(theirs.Me.User.ID), try(absent)
		wantCode(t, name, foreign, core.CodeNotFound)
		if foreign == nil || missing == nil || foreign.Error() != missing.Error() {
			t.Errorf("%s: %v for another tenant's, %v for none", name, foreign, missing)
		}
	}
	_, _, err := h.Authenticate(t.Context(), h.admin.Token, absent)
	wantCode(t, "the platform in a tenant that is not there", err, core.CodeNotFound)
}

func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	one, two := h.person(t, a.ID, "one@a.example", core.RoleTenantOwner), h.person(t, a.ID, "two@a.example", core.RoleTenantOwner)
	ctxOne, ctxTwo := h.as(t, one, a.ID), h.as(t, two, a.ID)
	n, errs := together(2, func(i int) error {
		if i == 0 {
			_, err := h.SetRoles(ctxOne, two.Me.User.ID, bindings(core.RoleTenantViewer))
			return err
		}
		_, err := h.SetRoles(ctxTwo, one.Me.User.ID, bindings(core.RoleTenantViewer))
		return err
	})
	if owners := h.rows(t, "SELECT count(*) FROM role_bindings WHERE tenant_id = $1 AND role = 'tenant_owner'", a.ID.String()); n != 1 || owners != 1 {
		t.Errorf("two owners removed each other: %d succeeded, %d owners left (%v)", n, owners, errs)
	}
	admin := h.adminIn(t, core.ID{})
	_, err := h.SetRoles(admin, h.admin.Me.User.ID, bindings(core.RolePlatformAuditor))
	wantCode(t, "the last administrator", err, core.CodeInvalidState)
	_, err = h.DisableUser(admin, h.admin.Me.User.ID, true)
	wantCode(t, "disable oneself", err, core.CodeInvalidState)
}

func TestDisabledPeopleAreOutAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.tenant(t, "A"), h.tenant(t, "B")
	owner := h.person(t, a.ID, "owner@a.example", core.RoleTenantOwner)
	cashier := h.person(t, a.ID, "c@a.example", core.RoleTenantCashier)
	ctx := h.as(t, owner, a.ID)
	if _, err := h.DisableUser(ctx, cashier.Me.User.ID, true); err != nil {
		t.Fatal(err)
	}
	_, _, err := h.Authenticate(t.Context(), cashier.Token, a.ID)
	wantCode(t, "the session", err, core.CodeUnauthenticated)
	_, err = h.Login(t.Context(), login("c@a.example", housePassword, ""))
	wantCode(t, "signing in", err, core.CodeLoginFailed)
	if _, err := h.DisableUser(ctx, cashier.Me.User.ID, false); err != nil {
		t.Fatal(err)
	}
	_, err = h.Login(t.Context(), login("c@a.example", housePassword, ""))
	wantCode(t, "let in again", err, "")
	if _, err := h.SetRoles(h.adminIn(t, b.ID), cashier.Me.User.ID, bindings(core.RoleTenantViewer)); err != nil {
		t.Fatal(err)
	}
	_, err = h.DisableUser(ctx, cashier.Me.User.ID, true)
	wantCode(t, "somebody who works elsewhere too", err, core.CodeForbidden)
	list, err := h.ListUsers(ctx)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	for _, u := range list {
		for _, r := range u.Roles {
			if r.TenantID != a.ID {
				t.Errorf("%s: the tenant sees a role elsewhere", u.Email)
			}
		}
	}
}

// A role on the platform that only looks must not lend its reach to a role at one merchant.
func TestAPlatformRoleDoesNotWidenARoleAtAMerchant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.tenant(t, "A"), h.tenant(t, "B")
	store, err := h.CreateStore(h.adminIn(t, a.ID), core.StoreInput{Name: "One", Code: "one"})
	if err != nil {
		t.Fatal(err)
	}
	h.person(t, a.ID, "mixed@a.example", core.RoleTenantOwner)
	cashier := h.person(t, a.ID, "till@a.example", core.RoleTenantCashier, store.ID)
	stranger := h.person(t, b.ID, "owner@b.example", core.RoleTenantOwner)
	mixed, err := h.Login(t.Context(), login("mixed@a.example", housePassword, ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, both := range []core.ID{mixed.Me.User.ID, cashier.Me.User.ID} {
		if _, err := h.SetRoles(h.adminIn(t, core.ID{}), both, bindings(core.RolePlatformAuditor)); err != nil {
			t.Fatal(err)
		}
	}
	if mixed, err = h.Login(t.Context(), login("mixed@a.example", housePassword, "")); err != nil {
		t.Fatal(err)
	}
	ctx := h.as(t, mixed, a.ID)
	_, err = h.DisableUser(ctx, stranger.Me.User.ID, true)
	wantCode(t, "disabling another merchant's owner", err, core.CodeNotFound)
	_, err = h.SetRoles(ctx, stranger.Me.User.ID, bindings(core.RoleTenantViewer))
	wantCode(t, "taking another merchant's owner in", err, core.CodeNotFound)
	changed, err := h.UpdateTenant(ctx, a.ID, core.TenantInput{Name: "A", TestMode: !a.TestMode})
	if err != nil || changed.TestMode != a.TestMode {
		t.Errorf("the owner changed test mode, which is the platform's: %v, %v", changed.TestMode, err)
	}
	if cashier, err = h.Login(t.Context(), login("till@a.example", housePassword, "")); err != nil {
		t.Fatal(err)
	}
	id, err := core.IdentityFrom(h.as(t, cashier, a.ID))
	if err != nil || id.MayUseStore(core.NewID(h.clock.Now())) || !id.MayUseStore(store.ID) {
		t.Errorf("the cashier is no longer bound to the store: %v, %v", id.StoreIDs, err)
	}
}

func TestStoresBind(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	var stores []core.Store
	for _, name := range []string{"One", "Two"} {
		s, err := h.CreateStore(h.adminIn(t, a.ID), core.StoreInput{Name: name, Code: name})
		if err != nil {
			t.Fatal(err)
		}
		stores = append(stores, s)
	}
	cashier := h.person(t, a.ID, "c@a.example", core.RoleTenantCashier, stores[0].ID)
	ctx := h.as(t, cashier, core.ID{})
	id, err := core.IdentityFrom(ctx)
	if err != nil || id.TenantID != a.ID || !id.MayUseStore(stores[0].ID) || id.MayUseStore(stores[1].ID) {
		t.Errorf("identity %+v %v", id, err)
	}
	list, err := h.ListStores(ctx)
	if err != nil || len(list) != 1 || list[0].ID != stores[0].ID {
		t.Errorf("stores %v %v", list, err)
	}
	_, err = h.CreateStore(h.adminIn(t, a.ID), core.StoreInput{Name: "Again", Code: "One"})
	wantCode(t, "a store code twice", err, core.CodeConflict)
	_, err = h.CreateTerminal(h.adminIn(t, a.ID), core.NewID(time.Now()), "T", "1")
	wantCode(t, "a till in no store", err, core.CodeNotFound)
	_, err = h.CreateTerminal(h.adminIn(t, a.ID), stores[0].ID, "T", "")
	wantCode(t, "a till", err, "")
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	owner := h.person(t, a.ID, "owner@a.example", core.RoleTenantOwner)
	developer := h.person(t, a.ID, "dev@a.example", core.RoleTenantDeveloper)
	ctx := h.as(t, developer, a.ID)
	for role, want := range map[core.Role]core.Code{
		core.RoleTenantDeveloper: "", core.RoleTenantOwner: core.CodeForbidden, core.RolePlatformAdmin: core.CodeInvalidRequest, "nothing": core.CodeInvalidRequest,
	} {
		_, _, err := h.CreateAPIKey(ctx, core.APIKeyInput{Name: "shop", Role: role})
		wantCode(t, "a developer makes a key of "+string(role), err, want)
	}
	key, secret, err := h.CreateAPIKey(h.as(t, owner, a.ID), core.APIKeyInput{Name: "shop", Role: core.RoleTenantDeveloper})
	if err != nil || len(secret.Reveal()) != keyLength {
		t.Fatal(err)
	}
	id, err := h.AuthenticateKey(t.Context(), secret, "192.0.2.1")
	if err != nil || id.TenantID != a.ID || id.Platform || id.APIKeyID != key.ID {
		t.Fatalf("%+v %v", id, err)
	}
	program := core.WithIdentity(t.Context(), id)
	_, _, err = h.allow(program, "payments", "create")
	wantCode(t, "the key takes a payment", err, "")
	_, _, err = h.allow(program, "users", "create")
	wantCode(t, "the key invites", err, core.CodeForbidden)
	_, _, err = h.CreateAPIKey(program, core.APIKeyInput{Name: "child", Role: core.RoleTenantDeveloper})
	wantCode(t, "a key makes a key", err, core.CodeForbidden)
	me, err := h.Me(program)
	if err != nil || me.TenantID != a.ID || len(me.Permissions) == 0 || !me.User.ID.IsZero() {
		t.Errorf("me of a key: %+v %v", me, err)
	}
	if n := h.rows(t, "SELECT count(*) FROM api_key_directory d WHERE d::text LIKE '%' || $1 || '%'", string(secret.Reveal())); n != 0 {
		t.Error("the key itself is stored")
	}
	for name, wrong := range map[string]core.Secret{
		"empty": {}, "another": newAPIKey(), "cut": core.SecretString(string(secret.Reveal()[:keyLength-1])),
		"another prefix": core.SecretString("xgk_" + string(secret.Reveal()[4:])),
	} {
		_, err := h.AuthenticateKey(t.Context(), wrong, "192.0.2.1")
		wantCode(t, name, err, core.CodeUnauthenticated)
	}
	wantCode(t, "revoke", h.RevokeAPIKey(h.as(t, owner, a.ID), key.ID), "")
	_, err = h.AuthenticateKey(t.Context(), secret, "192.0.2.1")
	wantCode(t, "after revoking", err, core.CodeUnauthenticated)
	wantCode(t, "revoke again", h.RevokeAPIKey(h.as(t, owner, a.ID), key.ID), core.CodeNotFound)
}

func TestWithoutACallerNothingHappens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, some := t.Context(), core.NewID(time.Now())
	for name, try := range map[string]func() error{
		"Me":            func() error { _, err := h.Me(ctx); return err },
		"ListUsers":     func() error { _, err := h.ListUsers(ctx); return err },
		"ListActors":    func() error { _, err := h.ListActors(ctx); return err },
		"CreateUser":    func() error { _, err := h.CreateUser(ctx, core.UserInput{}); return err },
		"SetRoles":      func() error { _, err := h.SetRoles(ctx, some, nil); return err },
		"DisableUser":   func() error { _, err := h.DisableUser(ctx, some, true); return err },
		"CreateTenant":  func() error { _, err := h.CreateTenant(ctx, core.TenantInput{Name: "X"}); return err },
		"Tenant":        func() error { _, err := h.Tenant(ctx, some); return err },
		"ListTenants":   func() error { _, err := h.ListTenants(ctx, core.TenantFilter{}); return err },
		"SetTenant":     func() error { _, err := h.SetTenantStatus(ctx, some, core.TenantLive, ""); return err },
		"CreateAccount": func() error { _, err := h.CreateAccount(ctx, core.AccountInput{}); return err },
		"SetCredentials": func() error {
			_, err := h.SetCredentials(ctx, some, nil)
			return err
		},
		"TestAccount": func() error { _, err := h.TestAccount(ctx, some); return err },
		"ListEvents":  func() error { _, err := h.ListEvents(ctx, core.EventFilter{}); return err },
		"ListAudit":   func() error { _, err := h.ListAudit(ctx, core.AuditFilter{}); return err },
		"VerifyAudit": func() error { _, err := h.VerifyAudit(ctx); return err },
		"ListPlugins": func() error { _, err := h.ListPlugins(ctx); return err },
		"Search":      func() error { _, err := h.Search(ctx, "1"); return err },
		"Summary":     func() error { _, err := h.Summary(ctx, time.Unix(0, 0), time.Unix(1, 0)); return err },
		"Sessions":    func() error { _, err := h.Sessions(ctx); return err },
		"BeginTOTP":   func() error { _, err := h.BeginTOTP(ctx); return err },
		"Settings":    func() error { _, err := h.ListUserSettings(ctx); return err },
		"Logout":      func() error { return h.Logout(ctx) },
		"CreateKey": func() error {
			_, _, err := h.CreateAPIKey(ctx, core.APIKeyInput{Name: "x", Role: core.RoleTenantViewer})
			return err
		},
	} {
		wantCode(t, name, try(), core.CodeUnauthenticated)
	}
}
