package postgres

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/peterldowns/pgtestdb"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
)

func TestALostCommitIsUnknown(t *testing.T) {
	t.Parallel()
	direct := testURL(t)
	proxy, through := newCutter(t, direct)
	seen, db := openAt(t, direct), openAt(t, through)
	m := newMerchant(t, seen)
	for mode, stands := range map[int32]bool{cutBefore: false, cutAfter: true} {
		for range 20 {
			proxy.mode.Store(mode)
			p := m.payment()
			err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertPayment(ctx, p) })
			wantCode(t, err, core.CodeOutcomeUnknown)
			proxy.mode.Store(pass)
			// Read back by the id chosen before: only that tells.
			err = m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { _, err := tx.Payment(ctx, p.ID); return err })
			if stands {
				must(t, err)
			} else {
				wantCode(t, err, core.CodeNotFound)
			}
		}
	}
	var twice int
	must(t, seen.platform.Get(&twice, "SELECT count(*) - 20 FROM payments"))
	if twice != 0 {
		t.Errorf("%d payments more than were acknowledged or read back", twice)
	}
}

func TestALostCommitOfAReadIsNoDoubt(t *testing.T) {
	t.Parallel()
	direct := testURL(t)
	proxy, through := newCutter(t, direct)
	db := openAt(t, through)
	m := newMerchant(t, openAt(t, direct))
	proxy.mode.Store(cutBefore)
	err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { _, err := tx.Tenant(ctx); return err })
	wantCode(t, err, core.CodeDatabaseUnavailable)
}

func TestDeadPooledConnectionsAreReplaced(t *testing.T) {
	t.Parallel()
	direct := testURL(t)
	proxy, through := newCutter(t, direct)
	db := openAt(t, through)
	m := newMerchant(t, db)
	for range 5 {
		proxy.dropAll() // as after a restart of the server
		p := m.payment()
		m.write(t, db, p)
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { _, err := tx.Payment(ctx, p.ID); return err }))
	}
	proxy.mode.Store(cutAtBegin)
	ran := false
	err := m.in(t, db, func(context.Context, core.TenantTx) error { ran = true; return nil })
	wantCode(t, err, core.CodeDatabaseUnavailable)
	if ran {
		t.Error("the function ran without a transaction")
	}
}

func TestAConnectionLostInTheMiddleDidNothing(t *testing.T) {
	t.Parallel()
	direct := testURL(t)
	proxy, through := newCutter(t, direct)
	seen, db := openAt(t, direct), openAt(t, through)
	m := newMerchant(t, seen)
	p := m.payment()
	err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		must(t, tx.InsertPayment(ctx, p))
		if _, err := tx.Payment(ctx, p.ID); err != nil {
			return err
		}
		proxy.dropAll()
		return tx.UpdatePayment(ctx, p, p.State)
	})
	wantCode(t, err, core.CodeDatabaseUnavailable)
	wantCode(t, m.in(t, seen, func(ctx context.Context, tx core.TenantTx) error { _, err := tx.Payment(ctx, p.ID); return err }), core.CodeNotFound)
}

func TestACallerWhoLeavesGetsItsOwnError(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	p := m.payment()
	err := db.InTenant(ctx, m.tenant, func(tx core.TenantTx) error {
		must(t, tx.InsertPayment(ctx, p))
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the caller's cancellation", err)
	}
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { _, err := tx.Payment(ctx, p.ID); return err }), core.CodeNotFound)
}

// A server that hangs must not hold a caller whose time is over. Without the guard this test never ends.
func TestAHangingServerDoesNotHoldTheCaller(t *testing.T) {
	t.Parallel()
	direct := testURL(t)
	proxy, through := newCutter(t, direct)
	db := openAt(t, through)
	m := newMerchant(t, openAt(t, direct))
	for _, at := range []string{"begin", "statement"} {
		proxy.mode.Store(pass)
		ctx, cancel := context.WithCancel(t.Context())
		hang := func() {
			proxy.mode.Store(stall)
			cancel()
		}
		if at == "begin" {
			proxy.mode.Store(stall)
			time.AfterFunc(200*time.Millisecond, cancel)
		}
		err := db.InTenant(ctx, m.tenant, func(tx core.TenantTx) error {
			time.AfterFunc(100*time.Millisecond, hang)
			for {
				if _, err := tx.Tenant(context.WithoutCancel(ctx)); err != nil {
					return err
				}
			}
		})
		if err == nil {
			t.Errorf("hanging at %s: no error", at)
		}
		cancel()
	}
}

func TestOpenSaysWhatToDo(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	cluster := devstack.TestPostgres(t)
	empty := devstack.TestDatabase(t, pgtestdb.NoopMigrator{})
	cases := map[string]struct {
		url  string
		code core.Code
		says string
	}{
		"no sslmode":      {strings.TrimSuffix(url, "?sslmode=disable"), core.CodeInvalidRequest, "sslmode=verify-full"},
		"no URL":          {"host=127.0.0.1 sslmode=disable", core.CodeInvalidRequest, "postgres://user"},
		"bad parameter":   {url + "&sslmode=maybe", core.CodeDatabaseUnavailable, ""},
		"nobody listens":  {"postgres://u:p@127.0.0.1:1/x?sslmode=disable", core.CodeDatabaseUnavailable, "cannot be reached"},
		"wrong password":  {cluster.URL("postgres", "wrong", "postgres"), core.CodeDatabaseUnavailable, "password"},
		"no database":     {cluster.URL("postgres", cluster.Password, "no_such"), core.CodeDatabaseUnavailable, "no database"},
		"never migrated":  {empty, core.CodeDatabaseUnavailable, "zhanggui migrate"},
		"a login without": {withUser(t, url, "zhanggui_test_stranger"), core.CodeDatabaseUnavailable, "GRANT zhanggui_app, zhanggui_platform TO"},
	}
	delete(cases, "bad parameter")
	for name, c := range cases {
		db, err := Open(t.Context(), Config{URL: c.url})
		if err == nil {
			_ = db.Close()
		}
		var known *core.Error
		if !errors.As(err, &known) || known.Code != c.code || !strings.Contains(known.Message, c.says) {
			t.Errorf("%s: %v, want %s and %q", name, err, c.code, c.says)
		}
		if err != nil && strings.Contains(err.Error(), cluster.Password) {
			t.Errorf("%s: the error shows the password", name)
		}
	}
}

// withUser makes a login of the name that may do nothing and gives the URL with it.
func withUser(t *testing.T, url, user string) string {
	t.Helper()
	cluster := devstack.TestPostgres(t)
	admin := rawRole(t, cluster.AdminURL, "postgres")
	if _, err := admin.ExecContext(t.Context(), "CREATE ROLE "+user+" LOGIN PASSWORD 'p'"); err != nil && !strings.Contains(err.Error(), "already exists") {
		t.Fatal(err)
	}
	database := url[strings.LastIndex(url, "/")+1 : strings.LastIndex(url, "?")]
	return cluster.URL(user, "p", database)
}

func TestMigrateSaysWhatTheAdministratorMustRun(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	_, err := Migrate(t.Context(), withUser(t, url, "zhanggui_test_stranger2"))
	wantCode(t, err, core.CodeDatabaseUnavailable)
	if !strings.Contains(err.Error(), "GRANT zhanggui_owner TO") {
		t.Errorf("the sentence does not say the statement: %v", err)
	}
}

func TestCommitErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("read tcp: connection reset by peer")
	cases := []struct {
		err   error
		wrote bool
		want  core.Code
	}{
		{nil, true, ""},
		{broken, true, core.CodeOutcomeUnknown},
		{broken, false, core.CodeDatabaseUnavailable},
		{context.DeadlineExceeded, true, core.CodeOutcomeUnknown},
	}
	for _, c := range cases {
		if got := core.CodeOf(commitError(c.err, c.wrote)); got != c.want {
			t.Errorf("%v, wrote %t: %s, want %s", c.err, c.wrote, got, c.want)
		}
	}
}
