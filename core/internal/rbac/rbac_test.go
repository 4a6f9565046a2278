package rbac

import (
	"context"
	"database/sql"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres/postgrestest"
	"github.com/zhanggui-pay/zhanggui/policies"
)

var takePayment = core.Permission{Object: "payments", Action: "create"}

func person(user, tenant core.ID, platform bool) core.Identity {
	return core.Identity{Actor: Subject(user), UserID: user, Subject: Subject(user), TenantID: tenant, Platform: platform}
}

// eventually waits for what a notification brings; a change that never comes fails the test.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never happened: %s", what)
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	d := openDirectory(t, url)
	tenantA, tenantB := core.NewID(time.Now()), core.NewID(time.Now())
	owner, cashier, admin, operations, misplaced := d.user(t), d.user(t), d.user(t), d.user(t), d.user(t)
	d.bind(t, owner, tenantA, core.RoleTenantOwner)
	d.bind(t, cashier, tenantA, core.RoleTenantCashier)
	d.bind(t, admin, core.ID{}, core.RolePlatformAdmin)
	d.bind(t, operations, core.ID{}, core.RolePlatformOperations)
	d.bind(t, misplaced, tenantA, core.RolePlatformAdmin)
	a := node(t, url)

	key := func(role core.Role) core.Identity {
		return core.Identity{Actor: "key:key_1", Subject: string(role), TenantID: tenantA}
	}
	refund, sync, verify := core.Permission{Object: "refunds", Action: "create"}, core.Permission{Object: "payments", Action: "sync"}, core.Permission{Object: "audit", Action: "verify"}
	for _, c := range []struct {
		name string
		id   core.Identity
		p    core.Permission
		want bool
	}{
		{"owner in own tenant", person(owner, tenantA, false), refund, true},
		{"owner in another tenant", person(owner, tenantB, false), refund, false},
		{"owner who claims the platform", person(owner, core.ID{}, true), refund, false},
		{"owner without a tenant", person(owner, core.ID{}, false), refund, false},
		{"cashier takes a payment", person(cashier, tenantA, false), takePayment, true},
		{"cashier refunds", person(cashier, tenantA, false), refund, false},
		{"admin anywhere", person(admin, tenantB, true), refund, true},
		{"admin on the platform", person(admin, core.ID{}, true), verify, true},
		{"admin not signed in as platform", person(admin, tenantB, false), refund, false},
		{"operations asks a provider", person(operations, tenantB, true), sync, true},
		{"operations takes a payment", person(operations, tenantB, true), takePayment, false},
		{"platform role bound in a tenant", person(misplaced, tenantA, true), takePayment, false},
		{"developer's key", key(core.RoleTenantDeveloper), takePayment, true},
		{"viewer's key", key(core.RoleTenantViewer), takePayment, false},
		{"key with a platform role", key(core.RolePlatformAdmin), takePayment, false},
		{"key of an unknown role", key("tenant_god"), takePayment, false},
		{"unknown action", person(owner, tenantA, false), core.Permission{Object: "refunds", Action: "create|read"}, false},
		{"unknown object", person(owner, tenantA, false), core.Permission{Object: "*", Action: "create"}, false},
		{"empty permission", person(admin, tenantA, true), core.Permission{}, false},
		{"nobody", core.Identity{TenantID: tenantA, Platform: true}, takePayment, false},
	} {
		err := a.Authorize(t.Context(), c.id, c.p)
		if c.want && err != nil || !c.want && core.CodeOf(err) != core.CodeForbidden {
			t.Errorf("%s: %v, want allowed %v", c.name, err, c.want)
		}
		listed, err := a.Permissions(t.Context(), c.id)
		if err != nil || slices.Contains(listed, c.p) != c.want {
			t.Errorf("%s: listed %v (%v), want %v", c.name, !c.want, err, c.want)
		}
	}
}

func TestARoleTakenAwayCountsOnEveryNode(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	d := openDirectory(t, url)
	tenant := core.NewID(time.Now())
	one, two := node(t, url), node(t, url)
	for range 5 {
		user := d.user(t)
		id := person(user, tenant, false)
		if err := two.Authorize(t.Context(), id, takePayment); core.CodeOf(err) != core.CodeForbidden {
			t.Fatalf("before: %v", err)
		}
		d.bind(t, user, tenant, core.RoleTenantCashier)
		if err := one.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := one.Authorize(t.Context(), id, takePayment); err != nil {
			t.Fatalf("the node that bound the role: %v", err)
		}
		eventually(t, "the other node allows", func() bool { return two.Authorize(t.Context(), id, takePayment) == nil })
		d.unbind(t, user)
		eventually(t, "the first node refuses", func() bool { return one.Authorize(t.Context(), id, takePayment) != nil })
		eventually(t, "the other node refuses", func() bool { return two.Authorize(t.Context(), id, takePayment) != nil })
	}
}

// A node that may have missed an announcement reads the bindings before it decides: the
// first decision after the connection was cut is already right.
func TestACutListenerDoesNotKeepOldRights(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	d := openDirectory(t, url)
	tenant, user := core.NewID(time.Now()), d.user(t)
	d.bind(t, user, tenant, core.RoleTenantCashier)
	a := node(t, url)
	id := person(user, tenant, false)
	if err := a.Authorize(t.Context(), id, takePayment); err != nil {
		t.Fatal(err)
	}
	cut(t, url)
	eventually(t, "the cut is noticed", func() bool { return !a.watcher.connected.Load() || a.current.Load() > 1 })
	d.unbind(t, user)
	eventually(t, "refused", func() bool { return core.CodeOf(a.Authorize(t.Context(), id, takePayment)) == core.CodeForbidden })
	eventually(t, "connected again", func() bool { return a.watcher.sound(time.Now()) })
	d.bind(t, user, tenant, core.RoleTenantCashier)
	eventually(t, "announcements arrive again", func() bool { return a.Authorize(t.Context(), id, takePayment) == nil })
}

func cut(t *testing.T, url string) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var n int
	const end = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'zhanggui-rbac' AND query LIKE 'LISTEN%'`
	if err := db.QueryRowContext(t.Context(), end).Scan(&n); err != nil || n == 0 {
		t.Fatalf("ended %d listeners: %v", n, err)
	}
}

func TestWithoutTheDatabaseNobodyMay(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	d := openDirectory(t, url)
	tenant, user := core.NewID(time.Now()), d.user(t)
	d.bind(t, user, tenant, core.RoleTenantOwner)
	a := node(t, url)
	a.watcher.connected.Store(false)
	if err := a.Authorize(t.Context(), person(user, tenant, false), takePayment); err != nil {
		t.Fatalf("a deaf node asks the database: %v", err)
	}
	_ = a.db.Close()
	if err := a.Authorize(t.Context(), person(user, tenant, false), takePayment); core.CodeOf(err) != core.CodeDatabaseUnavailable {
		t.Errorf("deaf and without the database: %v, want %s", err, core.CodeDatabaseUnavailable)
	}
}

func TestDecisionsDuringReloads(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	d := openDirectory(t, url)
	tenant, user := core.NewID(time.Now()), d.user(t)
	d.bind(t, user, tenant, core.RoleTenantOwner)
	a := node(t, url)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				if err := a.Reload(t.Context()); err != nil {
					t.Error(err)
				}
				if err := a.Authorize(t.Context(), person(user, tenant, false), takePayment); err != nil {
					t.Errorf("refused during a reload: %v", err)
				}
			}
		})
	}
	group.Wait()
}

func TestListed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		actions, action string
		want            bool
	}{{"create|read", "read", true}, {"create|read", "create", true}, {"create|read", "rea", false}, {"create|read", "create|read", false}, {"", "", true}, {"read", "", false}} {
		if got, err := listed(c.actions, c.action); err != nil || got != c.want {
			t.Errorf("listed(%q, %q) = %v, %v", c.actions, c.action, got, err)
		}
	}
	if _, err := listed("read"); err == nil {
		t.Error("one argument was accepted")
	}
	if _, err := listed("read", 1); err == nil {
		t.Error("a number was accepted")
	}
}

func TestCasbinCannotWrite(t *testing.T) {
	t.Parallel()
	a := &adapter{}
	for name, err := range map[string]error{
		"SavePolicy": a.SavePolicy(nil), "AddPolicy": a.AddPolicy("", "", nil),
		"RemovePolicy": a.RemovePolicy("", "", nil), "RemoveFilteredPolicy": a.RemoveFilteredPolicy("", "", 0),
	} {
		if err == nil {
			t.Errorf("%s did nothing and said nothing", name)
		}
	}
}

func BenchmarkAuthorize(b *testing.B) {
	templates := &adapter{}
	var err error
	if templates.templates, err = policies.Templates(); err != nil {
		b.Fatal(err)
	}
	tenant := core.NewID(time.Now())
	var last core.ID
	for range 5000 {
		last = core.NewID(time.Now())
		templates.bindings = append(templates.bindings, binding{UserID: last, TenantID: tenant, Role: core.RoleTenantOwner})
	}
	e, err := newEnforcer(templates)
	if err != nil {
		b.Fatal(err)
	}
	if err := e.LoadPolicy(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if ok, err := e.Enforce(Subject(last), tenant.String(), "payments", "create"); err != nil || !ok {
			b.Fatal(ok, err)
		}
	}
}

func TestOptionsAreNotGuessed(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	for name, o := range map[string]Options{
		"no URL":    {Logger: quiet},
		"no logger": {URL: core.SecretString("postgres://x")},
		"no URL at all, but text with a password": {URL: core.SecretString("host=x password=canary"), Logger: quiet},
	} {
		a, err := New(t.Context(), o)
		if err == nil {
			a.Close()
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the refusal repeats the URL: %v", name, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := New(ctx, Options{URL: core.SecretString("postgres://x:canary@127.0.0.1:1/x?sslmode=disable"), Logger: quiet}); err == nil {
		t.Error("started without a database")
	}
}

// A database that hangs must not make callers queue up behind each other.
func TestACallerDoesNotWaitLongerThanItsOwnTime(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	a := node(t, url)
	db, err := sql.Open("postgres", url+"&options=-c%20role%3Dzhanggui_owner")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), "LOCK TABLE zhanggui.role_bindings IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	first := make(chan error, 1)
	before := a.begun.Load()
	go func() { first <- a.Reload(context.WithoutCancel(t.Context())) }()
	eventually(t, "the first load runs", func() bool { return a.begun.Load() > before })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := a.Reload(ctx); core.CodeOf(err) != core.CodeDatabaseUnavailable {
		t.Errorf("the second caller: %v", err)
	}
	select {
	case err := <-first:
		t.Errorf("the second caller waited for the first, which ended with %v", err)
	default:
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-first; err != nil {
		t.Errorf("the first caller: %v", err)
	}
}
