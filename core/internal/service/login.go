package service

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The lock-out: from the lockAfter-th failure on, each locks the user for twice as long.
const (
	lockAfter = 5
	lockFirst = 15 * time.Minute
	lockMost  = 24 * time.Hour
)

// Login signs a user in with e-mail, password and, when enrolled, a one-time code.
func (s *Service) Login(ctx context.Context, in core.LoginInput) (core.SessionReply, error) {
	state, err := s.countAttempt(ctx, in.Email)
	if err != nil {
		return core.SessionReply{}, err
	}
	match, err := s.passwords.matches(ctx, in.Password, state.User.PasswordHash)
	if err != nil {
		return core.SessionReply{}, err
	}
	if !match || state.User.Disabled {
		s.noteFailure(ctx, state)
		return core.SessionReply{}, loginFailed()
	}
	factor, err := s.secondFactor(ctx, state.User, in.Code)
	if err != nil {
		s.noteFailure(ctx, state)
		return core.SessionReply{}, err
	}
	return s.enter(ctx, state.User, origin{action: "user.login", ip: in.IP, agent: in.UserAgent}, func(tx core.DirectoryTx, now core.User) error {
		if now.PasswordHash != state.User.PasswordHash {
			return loginFailed() // changed while we were comparing
		}
		return factor.use(ctx, tx, s.Clock())
	})
}

func loginFailed() error {
	return core.Errorf(core.CodeLoginFailed, "The e-mail address, the password or the code is wrong.")
}

// countAttempt finds the user and counts a failure before anything is compared: success
// takes it back. Attempts that run at the same time are counted too then, and so is a
// password that was right when the code was not. An unknown address gives a zero user, which
// matches no password. Errors: CodeLocked.
func (s *Service) countAttempt(ctx context.Context, email string) (core.LoginState, error) {
	now := s.Clock()
	var state core.LoginState
	email, err := checkEmail(email)
	if err != nil {
		return state, nil //nolint:nilerr // what is no address is nobody's
	}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		// One at a time for one address, or attempts at the same moment would count as one.
		if err := tx.Lock(ctx, "sign-in "+email); err != nil {
			return err
		}
		var err error
		state, err = tx.UserByEmail(ctx, email)
		if core.CodeOf(err) == core.CodeNotFound {
			state = core.LoginState{}
			return nil
		}
		if err != nil {
			return err
		}
		if now.Before(state.LockedUntil) {
			return locked(state.LockedUntil.Sub(now))
		}
		return tx.LoginFailed(ctx, state.User.ID, now, lockUntil(state.Failures+1, now))
	})
	return state, err
}

func locked(left time.Duration) error {
	minutes := int(left.Minutes()) + 1
	return core.Errorf(core.CodeLocked, "Too many failed attempts. Try again in %d minutes, or ask an administrator.", minutes)
}

// lockUntil says how long the failures-th failure locks; zero: not at all.
func lockUntil(failures int, now time.Time) time.Time {
	if failures < lockAfter {
		return time.Time{}
	}
	wait := lockFirst
	for i := lockAfter; i < failures && wait < lockMost; i++ {
		wait *= 2
	}
	return now.Add(min(wait, lockMost))
}

func (s *Service) noteFailure(ctx context.Context, state core.LoginState) {
	if state.Failures+1 < lockAfter || state.User.ID.IsZero() {
		return
	}
	s.Logger.WarnContext(ctx, "user locked after failed sign-ins", slog.String("user", state.User.ID.Prefixed(core.PrefixUser)),
		slog.Int("failures", state.Failures+1))
}

func normalEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// confirm proves anew that the caller of a session is its user, by password or code, under
// the same count of failures as signing in. The factor is used in the caller's transaction.
func (s *Service) confirm(ctx context.Context, user core.ID, password core.Secret, code string) (core.User, usedFactor, error) {
	var person core.User
	err := s.Database.InDirectory(ctx, func(tx core.DirectoryTx) (err error) {
		person, err = tx.User(ctx, user)
		return err
	})
	if err != nil {
		return person, usedFactor{}, err
	}
	state, err := s.countAttempt(ctx, person.Email)
	if err != nil {
		return person, usedFactor{}, err
	}
	person = state.User
	if password.Empty() && code != "" && person.TOTPEnabled {
		factor, err := s.secondFactor(ctx, person, code)
		if err != nil {
			s.noteFailure(ctx, state)
		}
		return person, factor, err
	}
	match, err := s.passwords.matches(ctx, password, person.PasswordHash)
	if err != nil {
		return person, usedFactor{}, err
	}
	if !match || person.Disabled {
		s.noteFailure(ctx, state)
		return person, usedFactor{}, loginFailed()
	}
	return person, usedFactor{}, nil
}
