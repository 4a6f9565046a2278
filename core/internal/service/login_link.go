package service

import (
	"context"
	"errors"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// What a one-time link is for.
const (
	purposeSetup  = "setup"  // the first administrator
	purposeInvite = "invite" // an invited user sets a password
	purposeLogin  = "login"  // signs in without a password; printed by a command on the server
)

const setupLife = 24 * time.Hour

// linkURL puts the token behind #, where browsers keep it from servers' logs and from referrers.
func (s *Service) linkURL(token core.Secret) core.Secret {
	return core.SecretString(s.PublicURL + "/link#" + string(token.Reveal()))
}

// EnsureFirstAdministrator gives a one-time link that makes the first administrator, while
// there is no user. created is false and url empty otherwise. Each call gives a new link and
// the earlier ones work as well until somebody came; they end after a day.
func (s *Service) EnsureFirstAdministrator(ctx context.Context) (url core.Secret, created bool, err error) {
	token := newToken()
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		n, err := tx.CountUsers(ctx)
		if err != nil || n > 0 {
			return err
		}
		created = true
		return tx.InsertLink(ctx, core.OneTimeLink{Hash: hashToken(token), Purpose: purposeSetup, ExpiresAt: s.Clock().Add(setupLife)})
	})
	if err != nil || !created {
		return core.Secret{}, false, err
	}
	return s.linkURL(token), true, nil
}

// IssueLoginLink gives a link that signs user in once, within ttl. It is for commands run on
// the server by whoever runs it: it asks nobody's permission and is audited as the system.
func (s *Service) IssueLoginLink(ctx context.Context, user core.ID, ttl time.Duration) (core.Secret, error) {
	if ttl <= 0 || ttl > setupLife {
		return core.Secret{}, core.Errorf(core.CodeInvalidRequest, "A login link lives up to a day.")
	}
	token := newToken()
	err := s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if _, err := tx.User(ctx, user); err != nil {
			return err
		}
		link := core.OneTimeLink{Hash: hashToken(token), Purpose: purposeLogin, UserID: user, ExpiresAt: s.Clock().Add(ttl)}
		if err := tx.InsertLink(ctx, link); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, core.Identity{Actor: systemActor}, core.ID{}, "user.login_link", userName(user), nil, nil)
	})
	if err != nil {
		return core.Secret{}, err
	}
	return s.linkURL(token), nil
}

// LoginByLink takes a one-time link. The link is spent only when everything else is right, so
// that a password that is too short does not cost it.
func (s *Service) LoginByLink(ctx context.Context, in core.LinkInput) (core.SessionReply, error) {
	link, user, err := s.peekLink(ctx, in.Token)
	if err != nil {
		return core.SessionReply{}, err
	}
	from := origin{action: "user.login_by_link", ip: in.IP, agent: in.UserAgent}
	switch link.Purpose {
	case purposeLogin:
		return s.enter(ctx, user, from, func(tx core.DirectoryTx, _ core.User) error { return s.spend(ctx, tx, link) })
	case purposeInvite:
		if err := checkText("name", in.Name, 0, 100); err != nil {
			return core.SessionReply{}, err
		}
		hash, err := s.newPassword(ctx, in.Password, user.Email)
		if err != nil {
			return core.SessionReply{}, err
		}
		return s.enter(ctx, user, from, func(tx core.DirectoryTx, now core.User) error {
			if err := s.spend(ctx, tx, link); err != nil {
				return err
			}
			if now.PasswordHash != "" { // came by another link: this one must not change the password
				return linkGone()
			}
			if now.PasswordHash = hash; in.Name != "" {
				now.Name = in.Name
			}
			now.Invitation.AcceptedAt = s.Clock()
			if err := tx.UpdateUser(ctx, now); err != nil {
				return err
			}
			return tx.DeleteSessionsOf(ctx, now.ID)
		})
	case purposeSetup:
		return s.setUp(ctx, in, link, from)
	}
	return core.SessionReply{}, linkGone()
}

func linkGone() error {
	return core.Errorf(core.CodeLoginFailed, "This link has been used, has expired or never existed. Ask for a new one.").At("token")
}

// spend takes the link in the transaction that lets the person in.
func (s *Service) spend(ctx context.Context, tx core.DirectoryTx, link core.OneTimeLink) error {
	_, err := tx.TakeLink(ctx, link.Hash, s.Clock())
	if core.CodeOf(err) == core.CodeNotFound {
		return linkGone()
	}
	return err
}

var errOnlyLooking = errors.New("service: a link was looked at and put back")

// peekLink reads a link and its user without spending it: the transaction is rolled back.
func (s *Service) peekLink(ctx context.Context, token core.Secret) (link core.OneTimeLink, user core.User, err error) {
	if len(token.Reveal()) != tokenLength {
		return link, user, linkGone()
	}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if link, err = tx.TakeLink(ctx, hashToken(token), s.Clock()); err != nil {
			return err
		}
		if !link.UserID.IsZero() {
			if user, err = tx.User(ctx, link.UserID); err != nil {
				return err
			}
		}
		return errOnlyLooking
	})
	switch {
	case errors.Is(err, errOnlyLooking) && link.UserID.IsZero() == (link.Purpose == purposeSetup) && !user.Disabled:
		return link, user, nil
	case errors.Is(err, errOnlyLooking), core.CodeOf(err) == core.CodeNotFound:
		return link, user, linkGone()
	}
	return link, user, err
}

func (s *Service) newPassword(ctx context.Context, password core.Secret, email string) (string, error) {
	if err := checkPassword("password", password, email); err != nil {
		return "", err
	}
	return s.passwords.hash(ctx, password)
}

// setUp makes the first administrator. Two links used at once make one: the second finds a
// user when it gets the lock.
func (s *Service) setUp(ctx context.Context, in core.LinkInput, link core.OneTimeLink, from origin) (core.SessionReply, error) {
	email, err := checkEmail(in.Email)
	if err != nil {
		return core.SessionReply{}, err
	}
	if err := checkText("name", in.Name, 1, 100); err != nil {
		return core.SessionReply{}, err
	}
	hash, err := s.newPassword(ctx, in.Password, email)
	if err != nil {
		return core.SessionReply{}, err
	}
	now := s.Clock()
	user := core.User{ID: core.NewID(now), Email: email, Name: in.Name, PasswordHash: hash, CreatedAt: now}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if err := tx.Lock(ctx, "first administrator"); err != nil {
			return err
		}
		if n, err := tx.CountUsers(ctx); err != nil || n > 0 {
			return orElse(err, linkGone())
		}
		if err := s.spend(ctx, tx, link); err != nil {
			return err
		}
		if err := tx.InsertUser(ctx, user); err != nil {
			return err
		}
		if err := tx.BindRole(ctx, user.ID, core.RoleBinding{Role: core.RolePlatformAdmin}); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, core.Identity{Actor: systemActor, IP: in.IP}, core.ID{}, "user.first_administrator", userName(user.ID), nil, map[string]any{"email": email})
	})
	if err != nil {
		return core.SessionReply{}, err
	}
	s.rolesChanged(ctx)
	return s.enter(ctx, user, from, func(core.DirectoryTx, core.User) error { return nil })
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
