package service

import (
	"slices"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestInvitationsAreRenewedAndTakenBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.tenant(t, "A"), h.tenant(t, "B")
	owner := h.person(t, a.ID, "owner@a.example", core.RoleTenantOwner)
	viewer := h.person(t, a.ID, "viewer@a.example", core.RoleTenantViewer)
	stranger := h.person(t, b.ID, "owner@b.example", core.RoleTenantOwner)
	ctx := h.as(t, owner, a.ID)
	invited, err := h.CreateUser(ctx, core.UserInput{Email: "new@a.example", Name: "N", Roles: bindings(core.RoleTenantFinance)})
	if err != nil {
		t.Fatal(err)
	}
	user, was := invited.User.ID, invited.User.Invitation
	if was.By != actorOf(owner.Me.User.ID) || !was.At.Equal(h.clock.Now().Truncate(0)) || !was.ExpiresAt.Equal(was.At.Add(inviteLife)) || !was.AcceptedAt.IsZero() {
		t.Errorf("invitation %+v", was)
	}
	come := func(reply core.UserReply) error {
		_, err := h.LoginByLink(t.Context(), core.LinkInput{Token: tokenOf(t, reply.InviteURL), Password: core.SecretString(housePassword)})
		return err
	}

	_, err = h.RenewInvitation(h.as(t, viewer, a.ID), user)
	wantCode(t, "a viewer renews", err, core.CodeForbidden)
	_, err = h.RenewInvitation(h.as(t, stranger, b.ID), user)
	wantCode(t, "another merchant's owner renews", err, core.CodeNotFound)
	_, err = h.RevokeInvitation(h.as(t, stranger, b.ID), user)
	wantCode(t, "another merchant's owner takes back", err, core.CodeNotFound)

	renewed, err := h.RenewInvitation(ctx, user)
	wantCode(t, "the owner renews", err, "")
	wantCode(t, "the first link", come(invited), core.CodeLoginFailed)
	revoked, err := h.RevokeInvitation(ctx, user)
	wantCode(t, "the owner takes back", err, "")
	if !revoked.Invitation.ExpiresAt.IsZero() {
		t.Errorf("taken back: %+v", revoked.Invitation)
	}
	wantCode(t, "the link taken back", come(renewed), core.CodeLoginFailed)

	renewed, err = h.RenewInvitation(ctx, user)
	wantCode(t, "renewed again", err, "")
	wantCode(t, "the newest link", come(renewed), "")
	_, err = h.RenewInvitation(ctx, user)
	wantCode(t, "renewed after coming", err, core.CodeInvalidState)
	_, err = h.RevokeInvitation(ctx, user)
	wantCode(t, "taken back after coming", err, core.CodeInvalidState)
	team, err := h.ListUsers(ctx)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(team, func(u core.User) bool { return u.ID == user })
	if at < 0 || team[at].Invitation.AcceptedAt.IsZero() {
		t.Errorf("came: %+v", team)
	}
	if n := h.rows(t, "SELECT count(*) FROM audit_log WHERE action IN ('user.invite_again', 'user.invite_revoked') AND tenant_id = $1", a.ID.String()); n != 3 {
		t.Errorf("%d changes in the audit log, want 3", n)
	}
}

// Who sets a merchant up may renew the first user's link when it was lost, and nobody else's.
func TestTheFirstUsersLinkCanBeRenewedByWhoSetsUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	operations := h.person(t, core.ID{}, "ops@example.com", core.RolePlatformOperations)
	ctx := h.as(t, operations, a.ID)
	first, err := h.CreateUser(ctx, core.UserInput{Email: "owner@a.example", Name: "O", Roles: bindings(core.RoleTenantOwner)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.RenewInvitation(ctx, first.User.ID)
	wantCode(t, "the first user's", err, "")
	if _, err := h.CreateUser(h.adminIn(t, a.ID), core.UserInput{Email: "second@a.example", Name: "S", Roles: bindings(core.RoleTenantViewer)}); err != nil {
		t.Fatal(err)
	}
	_, err = h.RenewInvitation(ctx, first.User.ID)
	wantCode(t, "with a second user", err, core.CodeForbidden)
}

func TestRoleGrantsAreThePolicys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	grants, err := h.RoleGrants(h.adminIn(t, core.ID{}))
	if err != nil || len(grants) != len(core.Roles()) {
		t.Fatalf("%d roles: %v", len(grants), err)
	}
	may := func(role core.Role, object, action string) bool {
		at := slices.IndexFunc(grants, func(g core.RoleGrant) bool { return g.Role == role })
		return slices.Contains(grants[at].Permissions, core.Permission{Object: object, Action: action})
	}
	if !may(core.RoleTenantCashier, "payments", "create") || may(core.RoleTenantCashier, "refunds", "create") || !may(core.RolePlatformAuditor, "audit", "verify") {
		t.Error("the grants are not the policy's")
	}
}
