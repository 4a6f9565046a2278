package service

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/zhanggui-pay/zhanggui/core"
)

func codeAt(t *testing.T, seed core.Secret, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(string(seed.Reveal()), at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func (h *house) enrol(ctx context.Context, t *testing.T) (core.Secret, []string) {
	t.Helper()
	shown, err := h.BeginTOTP(ctx)
	if err != nil {
		t.Fatal(err)
	}
	recovery, err := h.ConfirmTOTP(ctx, codeAt(t, shown.Secret, h.clock.Now()))
	if err != nil {
		t.Fatal(err)
	}
	return shown.Secret, recovery
}

func TestOneTimeCodes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := h.adminIn(t, core.ID{})
	_, err := h.ConfirmTOTP(ctx, "123456")
	wantCode(t, "confirm before asking", err, core.CodeInvalidState)
	seed, recovery := h.enrol(ctx, t)
	if len(recovery) != recoveryCodes {
		t.Errorf("%d recovery codes", len(recovery))
	}
	if n := h.rows(t, "SELECT count(*) FROM users WHERE totp_enabled AND position(convert_to($1, 'UTF8') IN totp_sealed) > 0", string(seed.Reveal())); n != 0 {
		t.Error("the seed is stored as it is")
	}
	enter := func(code string) error {
		_, err := h.Login(t.Context(), login("admin@example.com", housePassword, code))
		return err
	}
	code := codeAt(t, seed, h.clock.Now())
	wantCode(t, "the code that confirmed", enter(code), core.CodeLoginFailed)
	wantCode(t, "no code", enter(""), core.CodeTOTPRequired)
	h.clock.Move(2 * totpPeriod)
	code = codeAt(t, seed, h.clock.Now())
	n, errs := together(4, func(int) error { return enter(code) })
	if n != 1 {
		t.Errorf("one code let in %d times: %v", n, errs)
	}
	h.clock.Move(lockFirst)
	wantCode(t, "wrong password with a right code", func() error {
		_, err := h.Login(t.Context(), login("admin@example.com", "wrong password!", codeAt(t, seed, h.clock.Now())))
		return err
	}(), core.CodeLoginFailed)
	wantCode(t, "a code from the step before", enter(codeAt(t, seed, h.clock.Now().Add(-totpPeriod))), "")
	wantCode(t, "a code from long ago", enter(codeAt(t, seed, h.clock.Now().Add(-3*totpPeriod))), core.CodeLoginFailed)
	wantCode(t, "with a space", enter(codeAt(t, seed, h.clock.Now())[:3]+" "+codeAt(t, seed, h.clock.Now())[3:]), "")
}

func TestRecoveryCodesWorkOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, recovery := h.enrol(h.adminIn(t, core.ID{}), t)
	enter := func(code string) error {
		_, err := h.Login(t.Context(), login("admin@example.com", housePassword, code))
		return err
	}
	n, errs := together(4, func(int) error { return enter(recovery[0]) })
	if n != 1 {
		t.Errorf("one recovery code let in %d times: %v", n, errs)
	}
	h.clock.Move(lockFirst)
	wantCode(t, "used again", enter(recovery[0]), core.CodeLoginFailed)
	wantCode(t, "invented", enter("aaaaaaaa-bbbbbbbb"), core.CodeLoginFailed)
	h.clock.Move(lockFirst)
	wantCode(t, "in capitals without the hyphen", enter(strings.ToUpper(strings.ReplaceAll(recovery[1], "-", ""))), "")
	again, err := h.Login(t.Context(), login("admin@example.com", housePassword, recovery[2]))
	if err != nil {
		t.Fatal(err)
	}
	_, fresh := h.enrol(h.as(t, again, core.ID{}), t)
	wantCode(t, "a code of the seed before", enter(recovery[3]), core.CodeLoginFailed)
	wantCode(t, "a code of the new seed", enter(fresh[0]), "")
}

// The count of failures is not taken back by a right password alone: a thief of the
// password could otherwise guess codes for ever.
func TestCodesCannotBeGuessedByStartingOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enrol(h.adminIn(t, core.ID{}), t)
	locked := false
	for range 2 * lockAfter {
		_, err := h.Login(t.Context(), login("admin@example.com", housePassword, ""))
		_, guess := h.Login(t.Context(), login("admin@example.com", housePassword, "000000"))
		locked = locked || core.CodeOf(err) == core.CodeLocked || core.CodeOf(guess) == core.CodeLocked
	}
	if !locked {
		t.Error("guessing codes never locked the account")
	}
}

func TestAnAbandonedEnrolmentChangesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := h.adminIn(t, core.ID{})
	seed, _ := h.enrol(ctx, t)
	if _, err := h.BeginTOTP(ctx); err != nil {
		t.Fatal(err)
	}
	_, err := h.ConfirmTOTP(ctx, "000000")
	wantCode(t, "wrong code", err, core.CodeInvalidRequest)
	h.clock.Move(2 * totpPeriod)
	_, err = h.Login(t.Context(), login("admin@example.com", housePassword, codeAt(t, seed, h.clock.Now())))
	wantCode(t, "the old seed still works", err, "")
	h.clock.Move(2 * totpPeriod)
	wantCode(t, "step-up by code", h.StepUp(ctx, core.Secret{}, codeAt(t, seed, h.clock.Now())), "")
	wantCode(t, "step-up by the same code", h.StepUp(ctx, core.Secret{}, codeAt(t, seed, h.clock.Now())), core.CodeLoginFailed)
}
