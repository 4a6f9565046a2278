package service

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestTheFirstAdministratorComesOnce(t *testing.T) {
	t.Parallel()
	h := bareHouse(t)
	h.passwords = passwordHasher{slots: make(chan struct{}, 8)} // so that all arrive at the database together
	links := make([]core.Secret, 8)
	for i := range links {
		url, created, err := h.EnsureFirstAdministrator(t.Context())
		if err != nil || !created {
			t.Fatal(created, err)
		}
		links[i] = tokenOf(t, url)
	}
	try := func(token core.Secret, email, password string) error {
		_, err := h.LoginByLink(t.Context(), core.LinkInput{Token: token, Email: email, Name: "A", Password: core.SecretString(password)})
		return err
	}
	wantCode(t, "short password", try(links[0], "a@example.com", "short"), core.CodeInvalidRequest)
	wantCode(t, "password = e-mail", try(links[0], "somebody@example.com", "Somebody@example.com"), core.CodeInvalidRequest)
	wantCode(t, "few characters", try(links[0], "a@example.com", strings.Repeat("ab", 8)), core.CodeInvalidRequest)
	wantCode(t, "no e-mail", try(links[0], "somebody", housePassword), core.CodeInvalidRequest)
	wantCode(t, "unknown link", try(newToken(), "a@example.com", housePassword), core.CodeLoginFailed)
	n, errs := together(len(links), func(i int) error { return try(links[i], "a"+string(rune('0'+i))+"@example.com", housePassword) })
	if n != 1 {
		t.Errorf("%d administrators were made: %v", n, errs)
	}
	if got := h.rows(t, "SELECT count(*) FROM users"); got != 1 {
		t.Errorf("%d users", got)
	}
	for _, token := range links {
		wantCode(t, "a link afterwards", try(token, "late@example.com", housePassword), core.CodeLoginFailed)
	}
	if url, created, err := h.EnsureFirstAdministrator(t.Context()); err != nil || created || !url.Empty() {
		t.Errorf("another first administrator: %v %v", created, err)
	}
}

func TestAnExpiredLinkIsGone(t *testing.T) {
	t.Parallel()
	h := bareHouse(t)
	url, _, err := h.EnsureFirstAdministrator(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Move(setupLife + time.Second)
	_, err = h.LoginByLink(t.Context(), core.LinkInput{Token: tokenOf(t, url), Email: "a@example.com", Name: "A", Password: core.SecretString(housePassword)})
	wantCode(t, "after a day", err, core.CodeLoginFailed)
}

func TestLogin(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	reply, err := h.Login(t.Context(), login(" Admin@Example.com ", housePassword, ""))
	if err != nil {
		t.Fatal(err)
	}
	if len(reply.Token.Reveal()) != tokenLength || reply.CSRF == "" || !reply.Me.Platform || len(reply.Me.Permissions) < 30 || reply.Me.CSRF != reply.CSRF {
		t.Errorf("the session is incomplete: %+v", reply)
	}
	if bytes.Equal(reply.Token.Reveal(), h.admin.Token.Reveal()) {
		t.Error("two sessions share a token")
	}
	_, wrong := h.Login(t.Context(), login("admin@example.com", "wrong password!", ""))
	_, unknown := h.Login(t.Context(), login("nobody@example.com", housePassword, ""))
	wantCode(t, "wrong password", wrong, core.CodeLoginFailed)
	if wrong == nil || unknown == nil || wrong.Error() != unknown.Error() {
		t.Errorf("an unknown address is told apart: %v / %v", wrong, unknown)
	}
	for _, odd := range []string{"", "a", "a\x00b@example.com", "\xff@example.com", strings.Repeat("a", 500) + "@example.com"} {
		_, err := h.Login(t.Context(), login(odd, housePassword, ""))
		wantCode(t, "no address", err, core.CodeLoginFailed)
	}
	if n := h.rows(t, "SELECT count(*) FROM sessions WHERE hash = $1", reply.Token.Reveal()); n != 0 {
		t.Error("the token itself is stored")
	}
	if n := h.rows(t, "SELECT count(*) FROM audit_log WHERE action = 'user.login' AND ip = '192.0.2.7'"); n != 1 {
		t.Errorf("%d audit rows of signing in", n)
	}
}

func TestLockOutGrowsAndEnds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	try := func(password string) error {
		_, err := h.Login(t.Context(), login("admin@example.com", password, ""))
		return err
	}
	for range lockAfter {
		wantCode(t, "failure", try("wrong password!"), core.CodeLoginFailed)
	}
	wantCode(t, "locked", try(housePassword), core.CodeLocked)
	h.clock.Move(lockFirst - time.Second)
	wantCode(t, "still locked", try(housePassword), core.CodeLocked)
	h.clock.Move(2 * time.Second)
	wantCode(t, "sixth failure", try("wrong password!"), core.CodeLoginFailed)
	h.clock.Move(lockFirst + time.Second)
	wantCode(t, "locked for longer", try(housePassword), core.CodeLocked)
	h.clock.Move(lockFirst)
	wantCode(t, "unlocked", try(housePassword), "")
	for range lockAfter - 1 {
		wantCode(t, "failure", try("wrong password!"), core.CodeLoginFailed)
	}
	wantCode(t, "success began the count anew", try(housePassword), "")
}

func TestLockUntil(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	for failures, want := range map[int]time.Duration{0: 0, 4: 0, 5: 15 * time.Minute, 6: 30 * time.Minute, 8: 2 * time.Hour, 11: 16 * time.Hour, 12: 24 * time.Hour, 1000: 24 * time.Hour} {
		got := lockUntil(failures, now)
		if want == 0 && !got.IsZero() || want != 0 && got.Sub(now) != want {
			t.Errorf("%d failures lock until %v, want %v", failures, got, want)
		}
	}
}

func TestGuessesAtTheSameMomentAreCounted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, errs := together(12, func(int) error {
		_, err := h.Login(t.Context(), login("admin@example.com", "wrong password!", ""))
		return err
	})
	tried := 0
	for _, err := range errs {
		if core.CodeOf(err) == core.CodeLoginFailed {
			tried++
		}
	}
	if len(errs) != 12 || tried != lockAfter {
		t.Errorf("%d of %d guesses were compared, want %d: %v", tried, len(errs), lockAfter, errs)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := h.adminIn(t, core.ID{})
	_, session, err := h.Authenticate(t.Context(), h.admin.Token, core.ID{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := h.Login(t.Context(), login("admin@example.com", housePassword, ""))
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, "own CSRF token", h.CheckCSRF(session, h.admin.CSRF), "")
	wantCode(t, "another session's CSRF token", h.CheckCSRF(session, other.CSRF), core.CodeCSRF)
	wantCode(t, "no CSRF token", h.CheckCSRF(session, ""), core.CodeCSRF)
	wantCode(t, "no session", h.CheckCSRF(core.Session{}, csrfToken(core.Session{})), core.CodeCSRF)

	me, err := h.Me(ctx)
	if err != nil || me.CSRF != h.admin.CSRF || me.User.Email != "admin@example.com" {
		t.Errorf("me: %+v %v", me, err)
	}
	stranger := h.person(t, core.ID{}, "auditor@example.com", core.RolePlatformAuditor)
	wantCode(t, "end somebody else's session", h.EndSession(h.as(t, stranger, core.ID{}), h.admin.Session.ID), core.CodeNotFound)
	wantCode(t, "end a session that is not there", h.EndSession(ctx, core.NewID(time.Now())), core.CodeNotFound)
	wantCode(t, "end the other", h.EndSession(ctx, other.Session.ID), "")
	_, _, err = h.Authenticate(t.Context(), other.Token, core.ID{})
	wantCode(t, "the ended session", err, core.CodeUnauthenticated)
	for name, token := range map[string]core.Secret{"empty": {}, "short": core.SecretString("x"), "unknown": newToken()} {
		_, _, err := h.Authenticate(t.Context(), token, core.ID{})
		wantCode(t, name+" token", err, core.CodeUnauthenticated)
	}
	wantCode(t, "log out", h.Logout(ctx), "")
	_, _, err = h.Authenticate(t.Context(), h.admin.Token, core.ID{})
	wantCode(t, "after logging out", err, core.CodeUnauthenticated)
}

func TestSessionsEndByTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	used := func(token core.Secret) error {
		_, _, err := h.Authenticate(t.Context(), token, core.ID{})
		return err
	}
	for range int(sessionLife/time.Hour) - 1 {
		h.clock.Move(time.Hour)
		wantCode(t, "in use", used(h.admin.Token), "")
	}
	h.clock.Move(time.Hour)
	wantCode(t, "after its whole life, though in use", used(h.admin.Token), core.CodeUnauthenticated)
	fresh, err := h.Login(t.Context(), login("admin@example.com", housePassword, ""))
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Move(sessionIdle)
	wantCode(t, "unused", used(fresh.Token), core.CodeUnauthenticated)
	if n := h.rows(t, "SELECT count(*) FROM sessions WHERE user_id = $1 AND hash = $2", fresh.Me.User.ID, hashToken(fresh.Token)); n != 0 {
		t.Error("an idle session was kept")
	}
}

func TestStepUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.clock.Move(stepUpLife)
	invite := func() error {
		_, err := h.CreateUser(h.adminIn(t, core.ID{}), core.UserInput{Email: "x@example.com", Name: "X", Roles: []core.RoleBinding{{Role: core.RolePlatformAuditor}}})
		return err
	}
	wantCode(t, "after a while", invite(), core.CodeStepUpRequired)
	wantCode(t, "wrong password", h.StepUp(h.adminIn(t, core.ID{}), core.SecretString("wrong password!"), ""), core.CodeLoginFailed)
	wantCode(t, "nothing given", h.StepUp(h.adminIn(t, core.ID{}), core.Secret{}, ""), core.CodeLoginFailed)
	wantCode(t, "a code without enrolment", h.StepUp(h.adminIn(t, core.ID{}), core.Secret{}, "123456"), core.CodeLoginFailed)
	wantCode(t, "right password", h.StepUp(h.adminIn(t, core.ID{}), core.SecretString(housePassword), ""), "")
	wantCode(t, "confirmed", invite(), "")
	key := core.WithIdentity(t.Context(), core.Identity{Actor: "key:key_x", APIKeyID: core.NewID(time.Now()), Subject: "tenant_owner", TenantID: core.NewID(time.Now())})
	wantCode(t, "an API key", h.StepUp(key, core.SecretString(housePassword), ""), core.CodeForbidden)
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other, err := h.Login(t.Context(), login("admin@example.com", housePassword, ""))
	if err != nil {
		t.Fatal(err)
	}
	ctx := h.adminIn(t, core.ID{})
	fresh := "another horse entirely"
	wantCode(t, "wrong old one", h.ChangePassword(ctx, core.SecretString("wrong password!"), core.SecretString(fresh)), core.CodeLoginFailed)
	wantCode(t, "weak new one", h.ChangePassword(ctx, core.SecretString(housePassword), core.SecretString("short")), core.CodeInvalidRequest)
	wantCode(t, "change", h.ChangePassword(ctx, core.SecretString(housePassword), core.SecretString(fresh)), "")
	_, _, err = h.Authenticate(t.Context(), other.Token, core.ID{})
	wantCode(t, "the other session", err, core.CodeUnauthenticated)
	_, _, err = h.Authenticate(t.Context(), h.admin.Token, core.ID{})
	wantCode(t, "this session", err, "")
	_, err = h.Login(t.Context(), login("admin@example.com", housePassword, ""))
	wantCode(t, "the old password", err, core.CodeLoginFailed)
	_, err = h.Login(t.Context(), login("admin@example.com", fresh, ""))
	wantCode(t, "the new password", err, "")
}

func TestLoginLink(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	user := h.admin.Me.User.ID
	url, err := h.IssueLoginLink(t.Context(), user, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	token := tokenOf(t, url)
	n, errs := together(4, func(int) error {
		_, err := h.LoginByLink(t.Context(), core.LinkInput{Token: token})
		return err
	})
	if n != 1 {
		t.Errorf("one link signed in %d times: %v", n, errs)
	}
	_, err = h.IssueLoginLink(t.Context(), core.NewID(time.Now()), time.Hour)
	wantCode(t, "a link for nobody", err, core.CodeNotFound)
	_, err = h.IssueLoginLink(t.Context(), user, 0)
	wantCode(t, "a link without a life", err, core.CodeInvalidRequest)
	late, err := h.IssueLoginLink(t.Context(), user, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Move(2 * time.Minute)
	_, err = h.LoginByLink(t.Context(), core.LinkInput{Token: tokenOf(t, late)})
	wantCode(t, "an expired link", err, core.CodeLoginFailed)
}
