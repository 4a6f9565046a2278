package service

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	totpPeriod    = 30 * time.Second
	recoveryCodes = 10
	// recoveryLife is practically for ever: a recovery code is for the day the phone is gone.
	recoveryLife    = 10 * 365 * 24 * time.Hour
	recoveryPurpose = "recovery"
)

// seeds is what is sealed in a user's row: the seed in use, and one that was shown and not
// yet confirmed. An enrolment that is given up leaves the old one working.
type seeds struct {
	Active  string `json:"active,omitempty"`
	Pending string `json:"pending,omitempty"`
}

func seedPurpose(user core.ID) string { return "users.totp " + user.String() }

func (s *Service) openSeeds(ctx context.Context, user core.User) (seeds, error) {
	var out seeds
	if len(user.TOTPSealed) == 0 {
		return out, nil
	}
	plain, err := s.Sealer.Open(ctx, core.ID{}, seedPurpose(user.ID), user.TOTPSealed)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(plain, &out); err != nil {
		return out, fmt.Errorf("service: read the one-time seed of %s: not in the form we write", userName(user.ID))
	}
	return out, nil
}

func (s *Service) sealSeeds(ctx context.Context, user core.ID, in seeds) ([]byte, error) {
	plain, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("service: write a one-time seed: %w", err)
	}
	return s.Sealer.Seal(ctx, core.ID{}, seedPurpose(user), plain)
}

// usedFactor is a second factor that was right; use makes sure that it is right only once.
type usedFactor struct {
	user     core.ID
	step     int64
	recovery []byte
}

// use spends the code in the transaction that lets the person in. Errors: CodeLoginFailed
// when it was spent before.
func (f usedFactor) use(ctx context.Context, tx core.DirectoryTx, now time.Time) error {
	switch {
	case f.step != 0:
		return tx.UseTOTPStep(ctx, f.user, f.step)
	case f.recovery != nil:
		link, err := tx.TakeLink(ctx, f.recovery, now)
		if err != nil || link.Purpose != recoveryPurpose || link.UserID != f.user {
			return notOnce(err)
		}
	}
	return nil
}

// notOnce hides why a one-time thing did not work, except that the database is away.
func notOnce(err error) error {
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		return err
	}
	return loginFailed()
}

// secondFactor checks the code of an enrolled user; others need none. Errors:
// CodeTOTPRequired without a code, CodeLoginFailed for a wrong one.
func (s *Service) secondFactor(ctx context.Context, user core.User, code string) (usedFactor, error) {
	if !user.TOTPEnabled {
		return usedFactor{}, nil
	}
	code = strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(code))
	if code == "" {
		return usedFactor{}, core.Errorf(core.CodeTOTPRequired, "Enter the code of your authenticator app as well.").At("code")
	}
	seed, err := s.openSeeds(ctx, user)
	if err != nil {
		return usedFactor{}, err
	}
	if seed.Active == "" {
		return usedFactor{}, loginFailed()
	}
	if len(code) != 6 {
		return usedFactor{user: user.ID, recovery: recoveryHash(user.ID, seed.Active, code)}, nil
	}
	step, err := totpStep(seed.Active, code, s.Clock())
	if err != nil {
		return usedFactor{}, err
	}
	if step == 0 {
		return usedFactor{}, loginFailed()
	}
	return usedFactor{user: user.ID, step: step}, nil
}

// totpStep gives the time step a code belongs to, now or one step to either side; zero when
// it belongs to none.
func totpStep(seed, code string, now time.Time) (int64, error) {
	var found int64
	for _, shift := range []time.Duration{0, -totpPeriod, totpPeriod} {
		at := now.Add(shift)
		want, err := totp.GenerateCodeCustom(seed, at, totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, fmt.Errorf("service: compute a one-time code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && found == 0 {
			found = at.Unix() / int64(totpPeriod/time.Second)
		}
	}
	return found, nil
}

// BeginTOTP draws a seed and shows it once. It counts only after ConfirmTOTP.
func (s *Service) BeginTOTP(ctx context.Context) (core.TOTPEnrolment, error) {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return core.TOTPEnrolment{}, err
	}
	if err := s.stepUp(id); err != nil {
		return core.TOTPEnrolment{}, err
	}
	user, err := s.readUser(ctx, id.UserID)
	if err != nil {
		return core.TOTPEnrolment{}, err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Zhanggui", AccountName: user.Email, SecretSize: 20, Rand: rand.Reader})
	if err != nil {
		return core.TOTPEnrolment{}, fmt.Errorf("service: draw a one-time seed: %w", err)
	}
	kept, err := s.openSeeds(ctx, user)
	if err != nil {
		return core.TOTPEnrolment{}, err
	}
	kept.Pending = key.Secret()
	if err := s.writeSeeds(ctx, id, user, kept, nil); err != nil {
		return core.TOTPEnrolment{}, err
	}
	return core.TOTPEnrolment{URL: core.SecretString(key.URL()), Secret: core.SecretString(key.Secret())}, nil
}

// ConfirmTOTP puts the seed in force when code was made from it, and gives recovery codes.
// Those of an earlier seed stop working; the caller's other sessions end.
func (s *Service) ConfirmTOTP(ctx context.Context, code string) ([]string, error) {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.stepUp(id); err != nil {
		return nil, err
	}
	user, err := s.readUser(ctx, id.UserID)
	if err != nil {
		return nil, err
	}
	kept, err := s.openSeeds(ctx, user)
	if err != nil {
		return nil, err
	}
	if kept.Pending == "" {
		return nil, core.Errorf(core.CodeInvalidState, "Ask for a new seed first: none is waiting to be confirmed.")
	}
	step, err := totpStep(kept.Pending, code, s.Clock())
	if err != nil {
		return nil, err
	}
	if step == 0 {
		return nil, core.Errorf(core.CodeInvalidRequest, "The code does not fit the seed that was shown. Check the clock of your phone and enter the newest code.").At("code")
	}
	recovery := newRecoveryCodes()
	confirmed := seeds{Active: kept.Pending}
	err = s.writeSeeds(ctx, id, user, confirmed, func(tx core.DirectoryTx) error {
		if err := tx.UseTOTPStep(ctx, user.ID, step); err != nil {
			return err
		}
		if err := s.keepRecovery(ctx, tx, user.ID, confirmed.Active, recovery); err != nil {
			return err
		}
		if err := endOtherSessions(ctx, tx, id); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, id, core.ID{}, "user.totp_enabled", userName(user.ID), nil, nil)
	})
	if err != nil {
		return nil, err
	}
	return recovery, nil
}

// writeSeeds seals before its transaction, because the sealer may have to ask the keyring,
// and refuses to overwrite what somebody else wrote meanwhile.
func (s *Service) writeSeeds(ctx context.Context, id core.Identity, read core.User, in seeds, extra func(core.DirectoryTx) error) error {
	sealed, err := s.sealSeeds(ctx, id.UserID, in)
	if err != nil {
		return err
	}
	return s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		user, err := lockedUser(ctx, tx, id.UserID)
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare(user.TOTPSealed, read.TOTPSealed) != 1 {
			return core.Errorf(core.CodeConflict, "The one-time codes were changed elsewhere meanwhile. Begin again.")
		}
		user.TOTPSealed, user.TOTPEnabled = sealed, in.Active != ""
		if err := tx.UpdateUser(ctx, user); err != nil {
			return err
		}
		if extra == nil {
			return nil
		}
		return extra(tx)
	})
}

// keepRecovery stores hashes only, in place of those of earlier codes. A code is a one-time
// link in another form: taken once.
func (s *Service) keepRecovery(ctx context.Context, tx core.DirectoryTx, user core.ID, seed string, codes []string) error {
	if err := tx.DeleteLinks(ctx, user, recoveryPurpose); err != nil {
		return err
	}
	for _, code := range codes {
		link := core.OneTimeLink{
			Hash: recoveryHash(user, seed, strings.ReplaceAll(code, "-", "")), Purpose: recoveryPurpose,
			UserID: user, ExpiresAt: s.Clock().Add(recoveryLife),
		}
		if err := tx.InsertLink(ctx, link); err != nil {
			return err
		}
	}
	return nil
}

// newRecoveryCodes draws codes of 80 bits, written xxxxxxxx-xxxxxxxx.
func newRecoveryCodes() []string {
	out := make([]string, recoveryCodes)
	for i := range out {
		var b [10]byte
		_, _ = rand.Read(b[:]) // does not fail on the platforms we run on
		text := strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
		out[i] = text[:8] + "-" + text[8:]
	}
	return out
}

// recoveryHash binds a code to its user and to the seed it was given with, so that a new
// enrolment ends the old codes. 80 random bits need no slow hash.
func recoveryHash(user core.ID, seed, code string) []byte {
	seedSum := sha256.Sum256([]byte(seed))
	sum := sha256.Sum256([]byte("zhanggui recovery " + user.String() + " " + hex.EncodeToString(seedSum[:]) + " " + code))
	return sum[:]
}
