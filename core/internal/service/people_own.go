package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Rename changes the caller's name.
func (s *Service) Rename(ctx context.Context, name string) (core.Me, error) {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return core.Me{}, err
	}
	if err := checkText("name", name, 1, 100); err != nil {
		return core.Me{}, err
	}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		user, err := lockedUser(ctx, tx, id.UserID)
		if err != nil || user.Name == name {
			return err
		}
		before := map[string]any{"name": user.Name}
		user.Name = name
		if err := tx.UpdateUser(ctx, user); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, id, core.ID{}, "user.renamed", userName(id.UserID), before, map[string]any{"name": name})
	})
	if err != nil {
		return core.Me{}, err
	}
	return s.Me(ctx)
}

// EndOtherSessions signs the caller out everywhere but here.
func (s *Service) EndOtherSessions(ctx context.Context) error {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return err
	}
	return s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if err := endOtherSessions(ctx, tx, id); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, id, core.ID{}, "session.end_others", userName(id.UserID), nil, nil)
	})
}

// RenewRecoveryCodes gives new recovery codes; the earlier ones stop working.
func (s *Service) RenewRecoveryCodes(ctx context.Context) ([]string, error) {
	id, user, kept, err := s.ownSeeds(ctx)
	if err != nil {
		return nil, err
	}
	codes := newRecoveryCodes()
	err = s.writeSeeds(ctx, id, user, kept, func(tx core.DirectoryTx) error {
		if err := s.keepRecovery(ctx, tx, user.ID, kept.Active, codes); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, id, core.ID{}, "user.recovery_renewed", userName(user.ID), nil, nil)
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// DisableTOTP ends the one-time codes, and with them the recovery codes and other sessions.
func (s *Service) DisableTOTP(ctx context.Context) error {
	id, user, _, err := s.ownSeeds(ctx)
	if err != nil {
		return err
	}
	return s.writeSeeds(ctx, id, user, seeds{}, func(tx core.DirectoryTx) error {
		if err := tx.DeleteLinks(ctx, user.ID, recoveryPurpose); err != nil {
			return err
		}
		if err := endOtherSessions(ctx, tx, id); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, id, core.ID{}, "user.totp_disabled", userName(user.ID), nil, nil)
	})
}

// ownSeeds reads the seeds of a caller who confirmed anew and is enrolled.
func (s *Service) ownSeeds(ctx context.Context) (core.Identity, core.User, seeds, error) {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return id, core.User{}, seeds{}, err
	}
	if err := s.stepUp(id); err != nil {
		return id, core.User{}, seeds{}, err
	}
	user, err := s.readUser(ctx, id.UserID)
	if err != nil {
		return id, user, seeds{}, err
	}
	kept, err := s.openSeeds(ctx, user)
	if err == nil && kept.Active == "" {
		err = core.Errorf(core.CodeInvalidState, "One-time codes are not set up for this account.").With("zh", "此账户尚未启用两步验证。")
	}
	return id, user, kept, err
}
