package service

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// inviteLife is how long an invited person has to come.
const inviteLife = 7 * 24 * time.Hour

func invitation(by core.Identity, now time.Time) core.Invitation {
	return core.Invitation{By: by.Actor, At: now, ExpiresAt: now.Add(inviteLife)}
}

// RoleGrants lists every role template with what the policy lets it do.
func (s *Service) RoleGrants(ctx context.Context) ([]core.RoleGrant, error) {
	if _, err := core.IdentityFrom(ctx); err != nil {
		return nil, err
	}
	// The templates of merchants count in every merchant, so any id stands for one.
	merchant := core.NewID(s.Clock())
	roles := core.Roles()
	out := make([]core.RoleGrant, 0, len(roles))
	for _, role := range roles {
		binding := core.RoleBinding{Role: role}
		if !role.IsPlatform() {
			binding.TenantID = merchant
		}
		granted, err := s.permissionsOf(ctx, binding)
		if err != nil {
			return nil, err
		}
		out = append(out, core.RoleGrant{Role: role, Permissions: granted})
	}
	return out, nil
}

// RenewInvitation gives a new link to somebody who was invited and never came.
func (s *Service) RenewInvitation(ctx context.Context, user core.ID) (core.UserReply, error) {
	token := newToken()
	after, err := s.changeInvitation(ctx, user, "user.invite_again", func(ctx context.Context, tx core.DirectoryTx, id core.Identity, u *core.User) error {
		now := s.Clock()
		u.Invitation = invitation(id, now)
		return tx.InsertLink(ctx, core.OneTimeLink{Hash: hashToken(token), Purpose: purposeInvite, UserID: u.ID, ExpiresAt: now.Add(inviteLife)})
	})
	if err != nil {
		return core.UserReply{}, err
	}
	return core.UserReply{User: after, InviteURL: s.linkURL(token)}, nil
}

// RevokeInvitation takes the link back; the person cannot come until invited again.
func (s *Service) RevokeInvitation(ctx context.Context, user core.ID) (core.User, error) {
	return s.changeInvitation(ctx, user, "user.invite_revoked", func(_ context.Context, _ core.DirectoryTx, _ core.Identity, u *core.User) error {
		u.Invitation.ExpiresAt = time.Time{}
		return nil
	})
}

type invitationChange func(ctx context.Context, tx core.DirectoryTx, id core.Identity, u *core.User) error

// changeInvitation ends the links of somebody who never came and then does what change says.
// Who may only invite a merchant's first user may change that one's invitation.
func (s *Service) changeInvitation(ctx context.Context, user core.ID, action string, change invitationChange) (core.User, error) {
	id, tenant, first, err := s.mayInvite(ctx)
	if err != nil {
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
	here := rolesIn(before.Roles, tenant)
	if !everywhere && len(here) != len(before.Roles) {
		return core.User{}, core.Errorf(core.CodeForbidden, "This person also works elsewhere. Ask the platform.")
	}
	if !first {
		if err := s.mayGive(ctx, id, manageable(id, tenant, before.Roles)); err != nil {
			return core.User{}, err
		}
	}
	var after core.User
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		now, err := s.lockRoles(ctx, tx, tenant, user)
		if err != nil {
			return err
		}
		if now.PasswordHash != "" || now.Disabled || !sameRoles(rolesIn(now.Roles, tenant), here) {
			return core.Errorf(core.CodeInvalidState, "This person has come already, or was disabled. Look again.").With("zh", "此人已经加入或已被停用，请刷新后再看。")
		}
		if err := onlyFirst(ctx, tx, tenant, first, 1, "This merchant has other users; its owner invites them."); err != nil {
			return err
		}
		if err := tx.DeleteLinks(ctx, user, purposeInvite); err != nil {
			return err
		}
		if err := change(ctx, tx, id, &now); err != nil {
			return err
		}
		if err := tx.UpdateUser(ctx, now); err != nil {
			return err
		}
		after = now
		return s.auditDirectory(ctx, tx, id, tenant, action, userName(user), nil, userRecord(now, tenant))
	})
	return shownTo(id, after, everywhere), err
}
