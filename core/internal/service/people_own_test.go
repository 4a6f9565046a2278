package service

import (
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestPeopleRenameThemselves(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := h.adminIn(t, core.ID{})
	for _, c := range []struct {
		name string
		want core.Code
	}{
		{"王小明🙂", ""}, {strings.Repeat("长", 100), ""}, {strings.Repeat("长", 101), core.CodeInvalidRequest}, {"", core.CodeInvalidRequest}, {"a\nb", core.CodeInvalidRequest},
	} {
		me, err := h.Rename(ctx, c.name)
		wantCode(t, c.name, err, c.want)
		if err == nil && me.User.Name != c.name {
			t.Errorf("%q became %q", c.name, me.User.Name)
		}
	}
	if _, err := h.Rename(ctx, strings.Repeat("长", 100)); err != nil {
		t.Error(err)
	}
	if n := h.rows(t, "SELECT count(*) FROM audit_log WHERE action = 'user.renamed'"); n != 2 {
		t.Errorf("%d changes in the audit log, want 2: the same name is none", n)
	}
}

func TestEndingTheOtherSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other, err := h.Login(t.Context(), login("admin@example.com", housePassword, ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.EndOtherSessions(h.adminIn(t, core.ID{})); err != nil {
		t.Fatal(err)
	}
	_, _, err = h.Authenticate(t.Context(), other.Token, core.ID{})
	wantCode(t, "another browser", err, core.CodeUnauthenticated)
	_, _, err = h.Authenticate(t.Context(), h.admin.Token, core.ID{})
	wantCode(t, "this browser", err, "")
}

func TestRecoveryCodesAreRenewedAndEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := h.adminIn(t, core.ID{})
	_, err := h.RenewRecoveryCodes(ctx)
	wantCode(t, "codes without an enrolment", err, core.CodeInvalidState)
	wantCode(t, "an end without an enrolment", h.DisableTOTP(ctx), core.CodeInvalidState)
	left := func(want int) {
		t.Helper()
		me, err := h.Me(ctx)
		if err != nil || me.RecoveryCodesLeft != want {
			t.Errorf("%d codes left, want %d: %v", me.RecoveryCodesLeft, want, err)
		}
	}
	enter := func(code string) error {
		_, err := h.Login(t.Context(), login("admin@example.com", housePassword, code))
		return err
	}
	_, first := h.enrol(ctx, t)
	left(recoveryCodes)
	wantCode(t, "a code", enter(first[0]), "")
	left(recoveryCodes - 1)
	fresh, err := h.RenewRecoveryCodes(ctx)
	wantCode(t, "renewed", err, "")
	left(recoveryCodes)
	wantCode(t, "a code from before", enter(first[1]), core.CodeLoginFailed)
	wantCode(t, "a new code", enter(fresh[0]), "")

	wantCode(t, "ended", h.DisableTOTP(ctx), "")
	left(0)
	wantCode(t, "the password alone", enter(""), "")
	_, err = h.Login(t.Context(), login("admin@example.com", housePassword, fresh[1]))
	wantCode(t, "a code that is not wanted does no harm", err, "")
}

func TestEndingCodesNeedsAFreshConfirmation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enrol(h.adminIn(t, core.ID{}), t)
	h.clock.Move(stepUpLife)
	stale := h.adminIn(t, core.ID{})
	_, err := h.RenewRecoveryCodes(stale)
	wantCode(t, "renew", err, core.CodeStepUpRequired)
	wantCode(t, "end", h.DisableTOTP(stale), core.CodeStepUpRequired)
}
