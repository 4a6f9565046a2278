package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// SystemIdentity is the host itself, for what it does without a person: demo data, commands
// run on the server. It may do what an administrator may, and its audit rows say system.
func SystemIdentity(tenant core.ID) core.Identity {
	return core.Identity{Actor: systemActor, Subject: string(core.RolePlatformAdmin), Platform: true, TenantID: tenant}
}

// Me describes the caller for the console.
func (s *Service) Me(ctx context.Context) (core.Me, error) {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return core.Me{}, err
	}
	if id.UserID.IsZero() {
		return s.describe(ctx, id, core.User{}, "")
	}
	var (
		user     core.User
		sessions []core.Session
		recovery int
	)
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if user, err = tx.User(ctx, id.UserID); err != nil {
			return err
		}
		if recovery, err = tx.CountLinks(ctx, id.UserID, recoveryPurpose, s.Clock()); err != nil {
			return err
		}
		sessions, err = tx.Sessions(ctx, id.UserID)
		return err
	})
	if err != nil {
		return core.Me{}, err
	}
	csrf := ""
	for _, one := range sessions {
		if one.ID == id.SessionID {
			csrf = csrfToken(one)
		}
	}
	me, err := s.describe(ctx, id, user, csrf)
	me.RecoveryCodesLeft = recovery
	return me, err
}

func (s *Service) describe(ctx context.Context, id core.Identity, user core.User, csrf string) (core.Me, error) {
	me := core.Me{User: user, TenantID: id.TenantID, Platform: id.Platform, CSRF: csrf, Simulator: s.Simulator != nil}
	var err error
	if me.Permissions, err = s.Authorizer.Permissions(ctx, id); err != nil {
		return me, err
	}
	if id.TenantID.IsZero() {
		// Without a merchant chosen, the whole node may be one for trying things out.
		me.TestMode = s.AllowTestMode
		return me, nil
	}
	err = s.Database.InTenant(ctx, id.TenantID, func(tx core.TenantTx) error {
		tenant, err := tx.Tenant(ctx)
		me.TestMode = tenant.TestMode
		return err
	})
	return me, err
}

// ChangePassword sets a new password and ends the caller's other sessions.
func (s *Service) ChangePassword(ctx context.Context, old, fresh core.Secret) error {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return err
	}
	if old.Empty() {
		return core.Errorf(core.CodeInvalidRequest, "Enter the present password.").At("old_password")
	}
	person, _, err := s.confirm(ctx, id.UserID, old, "")
	if err != nil {
		return err
	}
	if err := checkPassword("new_password", fresh, person.Email); err != nil {
		return err
	}
	hash, err := s.passwords.hash(ctx, fresh)
	if err != nil {
		return err
	}
	return s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		user, err := lockedUser(ctx, tx, id.UserID)
		if err != nil {
			return err
		}
		if user.PasswordHash != person.PasswordHash {
			return core.Errorf(core.CodeConflict, "The password was changed elsewhere meanwhile.")
		}
		user.PasswordHash = hash
		if err := tx.UpdateUser(ctx, user); err != nil {
			return err
		}
		if err := tx.LoginSucceeded(ctx, id.UserID, s.Clock()); err != nil {
			return err
		}
		if err := endOtherSessions(ctx, tx, id); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, id, core.ID{}, "user.password_changed", userName(id.UserID), nil, nil)
	})
}

func (s *Service) readUser(ctx context.Context, user core.ID) (out core.User, err error) {
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		out, err = tx.User(ctx, user)
		return err
	})
	return out, err
}

// lockedUser reads a user who cannot be changed by others until the transaction ends.
func lockedUser(ctx context.Context, tx core.DirectoryTx, user core.ID) (core.User, error) {
	if err := tx.Lock(ctx, userLock(user)); err != nil {
		return core.User{}, err
	}
	return tx.User(ctx, user)
}

// auditDirectory records what was done in the directory, in its transaction.
func (s *Service) auditDirectory(ctx context.Context, tx core.DirectoryTx, id core.Identity, tenant core.ID, action, object string, before, after any) error {
	entry, err := s.audit(id, tenant, action, object, before, after)
	if err != nil {
		return err
	}
	return tx.AppendPlatformAudit(ctx, entry)
}
