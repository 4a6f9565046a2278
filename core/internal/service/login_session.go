package service

import (
	"context"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// How long a session lives: unused, at most, and how often its use is written down.
const (
	sessionIdle  = 2 * time.Hour
	sessionLife  = 12 * time.Hour
	sessionTouch = time.Minute
	// stepUpLife is how long a confirmation counts for what needs one.
	stepUpLife = 15 * time.Minute
)

// origin says where a sign-in came from, for the session list and the audit log.
type origin struct{ action, ip, agent string }

// enter begins a session. extra runs in its transaction with the user as they are now.
// A session's token is always new: nothing a browser brought is kept.
func (s *Service) enter(ctx context.Context, user core.User, from origin, extra func(core.DirectoryTx, core.User) error) (core.SessionReply, error) {
	now, token := s.Clock(), newToken()
	session := core.Session{
		ID: core.NewID(now), UserID: user.ID, Hash: hashToken(token), CSRFHash: csrfKey(token),
		CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(sessionLife), StepUpAt: now,
		IP: from.ip, UserAgent: shorten(from.agent, 256),
	}
	err := s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if err := tx.Lock(ctx, userLock(user.ID)); err != nil {
			return err
		}
		current, err := tx.User(ctx, user.ID)
		if err != nil {
			return err
		}
		if current.Disabled {
			return loginFailed()
		}
		if err := extra(tx, current); err != nil {
			return err
		}
		if err := tx.LoginSucceeded(ctx, user.ID, now); err != nil {
			return err
		}
		if err := tx.InsertSession(ctx, session); err != nil {
			return err
		}
		if user, err = tx.User(ctx, user.ID); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, identityOf(user, session, from), core.ID{}, from.action, userName(user.ID), nil, nil)
	})
	if err != nil {
		return core.SessionReply{}, err
	}
	id, err := enteredTenant(user, session, core.ID{})
	if err != nil {
		return core.SessionReply{}, err
	}
	me, err := s.describe(ctx, id, user, csrfToken(session))
	return core.SessionReply{Session: session, Token: token, CSRF: csrfToken(session), ExpiresAt: session.ExpiresAt, Me: me}, err
}

func identityOf(user core.User, session core.Session, from origin) core.Identity {
	return core.Identity{Actor: actorOf(user.ID), UserID: user.ID, Subject: actorOf(user.ID), SessionID: session.ID, StepUpAt: session.StepUpAt, IP: from.ip}
}

// actorOf is what audit rows call a user, and their Casbin subject.
func actorOf(user core.ID) string { return "user:" + userName(user) }

func userName(user core.ID) string { return user.Prefixed(core.PrefixUser) }

// userLock serialises changes of one user: a change is written back whole.
func userLock(user core.ID) string { return "user " + user.String() }

func shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// Authenticate turns a session token into an identity, in one transaction for a tenant's
// user. The roles are read with the session, so that a role taken away counts at once.
func (s *Service) Authenticate(ctx context.Context, token core.Secret, tenant core.ID) (core.Identity, core.Session, error) {
	if len(token.Reveal()) != tokenLength {
		return core.Identity{}, core.Session{}, signIn()
	}
	session, user, err := s.openSession(ctx, hashToken(token))
	if err != nil {
		return core.Identity{}, core.Session{}, err
	}
	id, err := enteredTenant(user, session, tenant)
	if err != nil {
		return core.Identity{}, core.Session{}, err
	}
	if id.Platform && !tenant.IsZero() {
		err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
			_, err := tx.Tenant(ctx)
			return err
		})
		if core.CodeOf(err) == core.CodeNotFound {
			err = core.NotFound("merchant")
		}
	}
	return id, session, err
}

func signIn() error { return core.Errorf(core.CodeUnauthenticated, "Sign in or send an API key.") }

// openSession reads a session that may still be used, and its user.
func (s *Service) openSession(ctx context.Context, hash []byte) (session core.Session, user core.User, err error) {
	now := s.Clock()
	over := false // for longer than the user may stay away, or for good
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if session, err = tx.SessionByHash(ctx, hash, now); err != nil {
			return err
		}
		if user, err = tx.User(ctx, session.UserID); err != nil {
			return err
		}
		if over = user.Disabled || !now.Before(session.ExpiresAt) || now.Sub(session.SeenAt) >= sessionIdle; over {
			return tx.DeleteSession(ctx, session.ID)
		}
		if now.Sub(session.SeenAt) < sessionTouch {
			return nil
		}
		return tx.TouchSession(ctx, session.ID, now)
	})
	if over || core.CodeOf(err) == core.CodeNotFound {
		return session, user, signIn()
	}
	return session, user, err
}

// enteredTenant says as whom and where the user of a session acts. A tenant the user has no
// role in answers like one that does not exist.
func enteredTenant(user core.User, session core.Session, tenant core.ID) (core.Identity, error) {
	id := identityOf(user, session, origin{ip: session.IP})
	tenants := map[core.ID]bool{}
	for _, b := range user.Roles {
		if b.TenantID.IsZero() && b.Role.IsPlatform() {
			id.Platform = true
		} else if !b.TenantID.IsZero() {
			tenants[b.TenantID] = true
		}
	}
	switch {
	case !tenant.IsZero() && !id.Platform && !tenants[tenant]:
		return core.Identity{}, core.NotFound("merchant")
	case !tenant.IsZero():
		id.TenantID = tenant
	case !id.Platform && len(tenants) == 1:
		for only := range tenants {
			id.TenantID = only
		}
	}
	id.StoreIDs = storesOf(user.Roles, id.TenantID)
	return id, nil
}

// storesOf gives the stores the user is bound to in a tenant, or nil for all. One role that
// is bound to stores binds the user, whatever else they hold: the narrower reading.
func storesOf(roles []core.RoleBinding, tenant core.ID) []core.ID {
	var stores []core.ID
	for _, b := range roles {
		if b.TenantID == tenant && !tenant.IsZero() {
			stores = append(stores, b.StoreIDs...)
		}
	}
	return stores
}

// StepUp confirms the session's user anew, by password or one-time code.
func (s *Service) StepUp(ctx context.Context, password core.Secret, code string) error {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return err
	}
	_, factor, err := s.confirm(ctx, id.UserID, password, code)
	if err != nil {
		return err
	}
	now := s.Clock()
	return s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if err := factor.use(ctx, tx, now); err != nil {
			return err
		}
		if err := tx.LoginSucceeded(ctx, id.UserID, now); err != nil {
			return err
		}
		if err := tx.StepUpSession(ctx, id.SessionID, now); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, id, core.ID{}, "session.step_up", userName(id.UserID), nil, nil)
	})
}

// sessionIdentity is the caller, who must be a person with a session.
func sessionIdentity(ctx context.Context) (core.Identity, error) {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return id, err
	}
	if id.UserID.IsZero() || id.SessionID.IsZero() {
		return id, core.Errorf(core.CodeForbidden, "Only a signed-in person can do this; an API key cannot.")
	}
	return id, nil
}

// stepUp guards what needs a fresh confirmation. The system itself acts without one.
func (s *Service) stepUp(id core.Identity) error {
	if id.Actor == systemActor && id.UserID.IsZero() && id.APIKeyID.IsZero() {
		return nil
	}
	if id.UserID.IsZero() || id.SessionID.IsZero() {
		return core.Errorf(core.CodeForbidden, "Only a signed-in person can do this; an API key cannot.")
	}
	if s.Clock().Sub(id.StepUpAt) >= stepUpLife {
		return core.Errorf(core.CodeStepUpRequired, "Confirm with your password or a one-time code first.")
	}
	return nil
}

// systemActor is who acts when no person does: the sweeper, the demo data.
const systemActor = "system"

// Logout ends the caller's session.
func (s *Service) Logout(ctx context.Context) error {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return err
	}
	return s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if err := tx.DeleteSession(ctx, id.SessionID); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, id, core.ID{}, "user.logout", userName(id.UserID), nil, nil)
	})
}

// Sessions lists the caller's own sessions.
func (s *Service) Sessions(ctx context.Context) (list []core.Session, err error) {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return nil, err
	}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		list, err = tx.Sessions(ctx, id.UserID)
		return err
	})
	return list, err
}

// EndSession ends one of the caller's own sessions.
func (s *Service) EndSession(ctx context.Context, session core.ID) error {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return err
	}
	return s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		own, err := tx.Sessions(ctx, id.UserID)
		if err != nil {
			return err
		}
		for _, one := range own {
			if one.ID == session {
				return tx.DeleteSession(ctx, session)
			}
		}
		return core.NotFound("session")
	})
}

// endOtherSessions leaves the caller's session and ends the rest.
func endOtherSessions(ctx context.Context, tx core.DirectoryTx, id core.Identity) error {
	own, err := tx.Sessions(ctx, id.UserID)
	if err != nil {
		return err
	}
	for _, one := range own {
		if one.ID == id.SessionID {
			continue
		}
		if err := tx.DeleteSession(ctx, one.ID); err != nil && core.CodeOf(err) != core.CodeNotFound {
			return err
		}
	}
	return nil
}
