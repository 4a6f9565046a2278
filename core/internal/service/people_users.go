package service

import (
	"context"
	"log/slog"
	"net/mail"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// ListUsers lists who has a role in the tenant, or on the platform when none is named.
func (s *Service) ListUsers(ctx context.Context) (list []core.User, err error) {
	id, tenant, err := s.allowAnywhere(ctx, "users", "read")
	if err != nil {
		return nil, err
	}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		list, err = tx.Users(ctx, tenant)
		return err
	})
	if err != nil {
		return nil, err
	}
	everywhere, err := s.allowedEverywhere(ctx, id, "users", "read")
	for i := range list {
		list[i] = shownTo(id, list[i], everywhere)
	}
	return list, err
}

// allowedEverywhere says whether the caller's platform roles alone allow something. Who holds a
// role on the platform and another at a merchant may do there what the second allows, and
// nowhere else. Errors: CodeDatabaseUnavailable.
func (s *Service) allowedEverywhere(ctx context.Context, id core.Identity, object, action string) (bool, error) {
	if !id.Platform {
		return false, nil
	}
	id.TenantID = core.ID{}
	err := s.Authorizer.Authorize(ctx, id, core.Permission{Object: object, Action: action})
	if core.CodeOf(err) == core.CodeForbidden {
		return false, nil
	}
	return err == nil, err
}

// shownTo leaves out what a tenant must not know of its users: their roles elsewhere.
func shownTo(id core.Identity, u core.User, everywhere bool) core.User {
	if !everywhere {
		u.Roles = rolesIn(u.Roles, id.TenantID)
	}
	return u
}

func rolesIn(roles []core.RoleBinding, tenant core.ID) []core.RoleBinding {
	out := make([]core.RoleBinding, 0, len(roles))
	for _, b := range roles {
		if b.TenantID == tenant {
			out = append(out, b)
		}
	}
	return out
}

// CreateUser invites a person: the link sets their password. It is shown once, to the caller.
func (s *Service) CreateUser(ctx context.Context, in core.UserInput) (core.UserReply, error) {
	id, tenant, first, err := s.mayInvite(ctx)
	if err != nil {
		return core.UserReply{}, err
	}
	email, err := checkEmail(in.Email)
	if err != nil {
		return core.UserReply{}, err
	}
	if err := checkText("name", in.Name, 1, 100); err != nil {
		return core.UserReply{}, err
	}
	if len(in.Roles) == 0 {
		return core.UserReply{}, core.Errorf(core.CodeInvalidRequest, "Give the person at least one role.").At("roles")
	}
	roles, err := s.checkRoles(ctx, id, tenant, in.Roles, nil, first)
	if err != nil {
		return core.UserReply{}, err
	}
	now, token := s.Clock(), newToken()
	user := core.User{ID: core.NewID(now), Email: email, Name: in.Name, CreatedAt: now, Invitation: invitation(id, now)}
	link := core.OneTimeLink{Hash: hashToken(token), Purpose: purposeInvite, UserID: user.ID, ExpiresAt: now.Add(inviteLife)}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if err := tx.Lock(ctx, rolesLock(tenant)); err != nil {
			return err
		}
		if err := onlyFirst(ctx, tx, tenant, first, 0, "This merchant has a user already; its owner invites the others."); err != nil {
			return err
		}
		if err := admitUser(ctx, tx, &user, tenant, now); err != nil {
			return err
		}
		link.UserID = user.ID
		if err := rebind(ctx, tx, user.ID, tenant, rolesIn(user.Roles, tenant), roles); err != nil {
			return err
		}
		if err := tx.InsertLink(ctx, link); err != nil {
			return err
		}
		if user, err = tx.User(ctx, user.ID); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, id, tenant, "user.create", userName(user.ID), nil, userRecord(user, tenant))
	})
	if err != nil {
		return core.UserReply{}, err
	}
	s.rolesChanged(ctx)
	return core.UserReply{User: shownTo(id, user, id.Platform), InviteURL: s.linkURL(token)}, nil
}

// admitUser writes a new user. Somebody who was invited here before and did not come in time is
// invited again: the row stays and the roles are given anew. While a link is still out nobody
// invites anew: that would end it, and change the role it was given with, without a word.
func admitUser(ctx context.Context, tx core.DirectoryTx, user *core.User, tenant core.ID, now time.Time) error {
	known, err := tx.UserByEmail(ctx, user.Email)
	if core.CodeOf(err) == core.CodeNotFound {
		return addressTaken(tx.InsertUser(ctx, *user))
	}
	if err != nil {
		return err
	}
	before := known.User
	if before.PasswordHash != "" || before.Disabled || len(before.Roles) == 0 || len(rolesIn(before.Roles, tenant)) != len(before.Roles) {
		return addressTaken(core.Errorf(core.CodeConflict, "The address belongs to an account."))
	}
	if before.Invitation.ExpiresAt.After(now) {
		return core.Errorf(core.CodeConflict, "This person is invited already, and the link still works. Make a new invitation link in the list, or change the role there.").
			With("zh", "此人已在邀请中，链接仍然有效。要换新链接，请在列表里点“重新生成邀请链接”；要换角色，也请在列表里修改。").At("email")
	}
	before.Name, before.Invitation = user.Name, user.Invitation
	*user = before
	if err := tx.DeleteLinks(ctx, before.ID, purposeInvite); err != nil {
		return err
	}
	return tx.UpdateUser(ctx, before)
}

// addressTaken says the same of every address that is taken, in this tenant or elsewhere.
func addressTaken(err error) error {
	if core.CodeOf(err) != core.CodeConflict {
		return err
	}
	return core.Wrap(err, core.CodeConflict, "This e-mail address cannot be invited: it belongs to an account already. Use another, or ask the platform to give that account a role.").
		With("zh", "此邮箱已有账户，不能邀请。请换一个邮箱，或请平台给该账户分配角色。").At("email")
}

// mayInvite asks whether the caller may invite people, or only a new merchant's first user.
func (s *Service) mayInvite(ctx context.Context) (core.Identity, core.ID, bool, error) {
	id, tenant, err := s.allowAnywhere(ctx, "users", "create")
	first := false
	if core.CodeOf(err) == core.CodeForbidden && !tenant.IsZero() {
		first = true
		err = s.Authorizer.Authorize(ctx, id, core.Permission{Object: "users", Action: "first"})
	}
	if err == nil {
		err = s.stepUp(id)
	}
	return id, tenant, first, err
}

// onlyFirst holds who may look after a merchant's first user alone to merchants with at most
// so many users; otherwise is the sentence for the rest.
func onlyFirst(ctx context.Context, tx core.DirectoryTx, tenant core.ID, first bool, most int, otherwise string) error {
	if !first {
		return nil
	}
	present, err := tx.Users(ctx, tenant)
	if err != nil {
		return err
	}
	if len(present) > most {
		return core.Errorf(core.CodeForbidden, "%s", otherwise)
	}
	return nil
}

func checkEmail(email string) (string, error) {
	email = normalEmail(email)
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > 254 {
		return "", core.Errorf(core.CodeInvalidRequest, "%q is not an e-mail address such as name@example.com.", shorten(email, 80)).
			With("zh", "邮箱格式不对，应类似 name@example.com。").At("email")
	}
	return email, nil
}

// rolesLock serialises changes of who has which role in one tenant.
func rolesLock(tenant core.ID) string { return "roles " + tenant.String() }

// checkRoles completes and checks bindings: roles of the tenant (or of the platform), stores
// of the tenant, and nothing the caller does not hold. present are the roles the user has:
// taking those away needs the same rights. first lifts that for a new merchant's first user.
func (s *Service) checkRoles(ctx context.Context, id core.Identity, tenant core.ID, roles, present []core.RoleBinding, first bool) ([]core.RoleBinding, error) {
	out := make([]core.RoleBinding, 0, len(roles))
	for _, b := range roles {
		if b.TenantID.IsZero() {
			b.TenantID = tenant
		}
		if b.TenantID != tenant || b.Role.IsPlatform() != tenant.IsZero() {
			return nil, core.Errorf(core.CodeInvalidRequest, "The role %s cannot be given here.", b.Role).At("roles")
		}
		if slices.ContainsFunc(out, func(o core.RoleBinding) bool { return o.Role == b.Role }) {
			return nil, core.Errorf(core.CodeInvalidRequest, "The role %s is named twice.", b.Role).At("roles")
		}
		out = append(out, b)
	}
	if err := s.checkStores(ctx, tenant, out); err != nil {
		return nil, err
	}
	if first {
		return out, s.rolesExist(ctx, out)
	}
	return out, s.mayGive(ctx, id, slices.Concat(out, present))
}

func (s *Service) rolesExist(ctx context.Context, roles []core.RoleBinding) error {
	for _, b := range roles {
		if _, err := s.permissionsOf(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) permissionsOf(ctx context.Context, b core.RoleBinding) ([]core.Permission, error) {
	as := core.Identity{Actor: systemActor, Subject: string(b.Role), TenantID: b.TenantID, Platform: b.TenantID.IsZero()}
	granted, err := s.Authorizer.Permissions(ctx, as)
	if err != nil {
		return nil, err
	}
	if len(granted) == 0 {
		return nil, core.Errorf(core.CodeInvalidRequest, "There is no role %q.", shorten(string(b.Role), 40)).At("roles")
	}
	return granted, nil
}

// mayGive refuses roles that allow more than the caller's own.
func (s *Service) mayGive(ctx context.Context, id core.Identity, roles []core.RoleBinding) error {
	own, err := s.Authorizer.Permissions(ctx, id)
	if err != nil {
		return err
	}
	for _, b := range roles {
		granted, err := s.permissionsOf(ctx, b)
		if err != nil {
			return err
		}
		for _, p := range granted {
			if !slices.Contains(own, p) {
				return core.Errorf(core.CodeForbidden, "You cannot give or take the role %s: it allows %s.%s, and yours does not.", b.Role, p.Object, p.Action).At("roles")
			}
		}
	}
	if id.StoreIDs != nil {
		return core.Errorf(core.CodeForbidden, "You are bound to stores; give roles from an account that is not.").At("roles")
	}
	return nil
}

func (s *Service) checkStores(ctx context.Context, tenant core.ID, roles []core.RoleBinding) error {
	if !slices.ContainsFunc(roles, func(b core.RoleBinding) bool { return len(b.StoreIDs) > 0 }) {
		return nil
	}
	if tenant.IsZero() {
		return core.Errorf(core.CodeInvalidRequest, "A role on the platform is not bound to stores.").At("roles")
	}
	var known []core.Store
	err := s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) (err error) {
		known, err = tx.Stores(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for _, b := range roles {
		for _, wanted := range b.StoreIDs {
			if !slices.ContainsFunc(known, func(k core.Store) bool { return k.ID == wanted }) {
				return core.NotFound("store").At("roles")
			}
		}
	}
	return nil
}

// SetRoles replaces the user's roles in the tenant of the caller, or on the platform. The
// user's sessions end: rights change only with a new session.
func (s *Service) SetRoles(ctx context.Context, user core.ID, roles []core.RoleBinding) (core.User, error) {
	id, tenant, err := s.allowAnywhere(ctx, "users", "update")
	if err != nil {
		return core.User{}, err
	}
	if err := s.stepUp(id); err != nil {
		return core.User{}, err
	}
	everywhere, err := s.allowedEverywhere(ctx, id, "users", "update")
	if err != nil {
		return core.User{}, err
	}
	before, err := s.visibleUser(ctx, tenant, user, everywhere)
	if err != nil {
		return core.User{}, err
	}
	present := rolesIn(before.Roles, tenant)
	wanted, err := s.checkRoles(ctx, id, tenant, roles, present, false)
	if err != nil {
		return core.User{}, err
	}
	after := before
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		now, err := s.lockRoles(ctx, tx, tenant, user)
		if err != nil {
			return err
		}
		if !sameRoles(rolesIn(now.Roles, tenant), present) {
			return core.Errorf(core.CodeConflict, "The roles of this user were changed meanwhile. Look again.")
		}
		if !hasRole(wanted, keeperOf(tenant)) {
			if err := keepsOne(ctx, tx, tenant, now); err != nil {
				return err
			}
		}
		if err := rebind(ctx, tx, user, tenant, present, wanted); err != nil {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, user); err != nil {
			return err
		}
		if after, err = tx.User(ctx, user); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, id, tenant, "user.set_roles", userName(user), userRecord(before, tenant), userRecord(after, tenant))
	})
	if err != nil {
		return core.User{}, err
	}
	s.rolesChanged(ctx)
	return shownTo(id, after, everywhere), nil
}

// visibleUser reads a user the caller may manage. A tenant's owner sees only those who have
// a role there; the rest answer like users that do not exist.
func (s *Service) visibleUser(ctx context.Context, tenant, user core.ID, everywhere bool) (core.User, error) {
	u, err := s.readUser(ctx, user)
	if core.CodeOf(err) == core.CodeNotFound || err == nil && !everywhere && len(rolesIn(u.Roles, tenant)) == 0 {
		return core.User{}, core.NotFound("user")
	}
	return u, err
}

func (s *Service) lockRoles(ctx context.Context, tx core.DirectoryTx, tenant, user core.ID) (core.User, error) {
	if err := tx.Lock(ctx, rolesLock(tenant)); err != nil {
		return core.User{}, err
	}
	return lockedUser(ctx, tx, user)
}

func rebind(ctx context.Context, tx core.DirectoryTx, user, tenant core.ID, present, wanted []core.RoleBinding) error {
	for _, b := range present {
		if err := tx.UnbindRole(ctx, user, tenant, b.Role); err != nil {
			return err
		}
	}
	for _, b := range wanted {
		if err := tx.BindRole(ctx, user, b); err != nil {
			return err
		}
	}
	return nil
}

func sameRoles(a, b []core.RoleBinding) bool {
	if len(a) != len(b) {
		return false
	}
	for _, one := range a {
		if !hasRole(b, one.Role) {
			return false
		}
	}
	return true
}

func hasRole(roles []core.RoleBinding, role core.Role) bool {
	return slices.ContainsFunc(roles, func(b core.RoleBinding) bool { return b.Role == role })
}

// keeperOf is the role that must not die out: somebody has to be able to let others in.
func keeperOf(tenant core.ID) core.Role {
	if tenant.IsZero() {
		return core.RolePlatformAdmin
	}
	return core.RoleTenantOwner
}

func keeperInChinese(role core.Role) string {
	if role.IsPlatform() {
		return "平台管理员"
	}
	return "商户负责人"
}

// keepsOne refuses to take away the last owner or administrator who can sign in.
func keepsOne(ctx context.Context, tx core.DirectoryTx, tenant core.ID, leaving core.User) error {
	role := keeperOf(tenant)
	if leaving.Disabled || !hasRole(rolesIn(leaving.Roles, tenant), role) {
		return nil
	}
	all, err := tx.Users(ctx, tenant)
	if err != nil {
		return err
	}
	for _, u := range all {
		if u.ID != leaving.ID && !u.Disabled && hasRole(rolesIn(u.Roles, tenant), role) {
			return nil
		}
	}
	return core.Errorf(core.CodeInvalidState, "This is the last %s. Give somebody else the role first.", role).
		With("zh", "这是最后一位"+keeperInChinese(role)+"，请先让另一个人担任此角色。")
}

// DisableUser shuts a user out, at once, or lets them in again. A user with roles elsewhere
// is the platform's to disable.
func (s *Service) DisableUser(ctx context.Context, user core.ID, disabled bool) (core.User, error) {
	id, tenant, err := s.allowAnywhere(ctx, "users", "update")
	if err != nil {
		return core.User{}, err
	}
	if err := s.stepUp(id); err != nil {
		return core.User{}, err
	}
	everywhere, err := s.allowedEverywhere(ctx, id, "users", "update")
	if err != nil {
		return core.User{}, err
	}
	before, err := s.visibleUser(ctx, tenant, user, everywhere)
	if err != nil {
		return core.User{}, err
	}
	if user == id.UserID {
		return core.User{}, core.Errorf(core.CodeInvalidState, "You cannot disable yourself.")
	}
	if !everywhere && len(rolesIn(before.Roles, tenant)) != len(before.Roles) {
		return core.User{}, core.Errorf(core.CodeForbidden, "This person also works elsewhere. Take their roles here away instead.")
	}
	if err := s.mayGive(ctx, id, manageable(id, tenant, before.Roles)); err != nil {
		return core.User{}, err
	}
	action := "user.enable"
	if disabled {
		action = "user.disable"
	}
	var after core.User
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		now, err := s.lockRoles(ctx, tx, tenant, user)
		if err != nil {
			return err
		}
		if disabled {
			if err := keepsOneEverywhere(ctx, tx, tenant, now); err != nil {
				return err
			}
		}
		now.Disabled = disabled
		if err := tx.UpdateUser(ctx, now); err != nil {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, user); err != nil {
			return err
		}
		after = now
		return s.auditDirectory(ctx, tx, id, tenant, action, userName(user), userRecord(before, tenant), userRecord(now, tenant))
	})
	return shownTo(id, after, everywhere), err
}

// manageable are the roles whose rights the caller must hold to disable their holder. A
// platform caller is measured by the platform's own roles and, in a tenant, by that tenant's.
func manageable(id core.Identity, tenant core.ID, roles []core.RoleBinding) []core.RoleBinding {
	out := rolesIn(roles, tenant)
	if id.Platform && !tenant.IsZero() {
		out = append(out, rolesIn(roles, core.ID{})...)
	}
	return out
}

// keepsOneEverywhere checks the caller's tenant and the platform. Other tenants of a person
// whom the platform shuts out may be left without an owner: that can be on purpose.
func keepsOneEverywhere(ctx context.Context, tx core.DirectoryTx, tenant core.ID, leaving core.User) error {
	if err := keepsOne(ctx, tx, tenant, leaving); err != nil || tenant.IsZero() {
		return err
	}
	return keepsOne(ctx, tx, core.ID{}, leaving)
}

// rolesChanged makes the new roles count on this node now. The database tells the others,
// and this one too, should the reading fail.
func (s *Service) rolesChanged(ctx context.Context) {
	if err := s.Authorizer.Reload(ctx); err != nil {
		s.Logger.WarnContext(ctx, "roles could not be read anew after a change", slog.Any("error", err))
	}
}

// userRecord is what the audit log keeps of a user, as far as a tenant may see it.
func userRecord(u core.User, tenant core.ID) map[string]any {
	roles := make([]string, 0, len(u.Roles))
	for _, b := range rolesIn(u.Roles, tenant) {
		roles = append(roles, string(b.Role))
	}
	return map[string]any{"email": u.Email, "name": u.Name, "disabled": u.Disabled, "roles": roles}
}
