package postgres

import (
	"context"
	"database/sql"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/migrations"
)

func inDirectory(tb testing.TB, db *DB, fn func(ctx context.Context, tx core.DirectoryTx) error) error {
	tb.Helper()
	return db.InDirectory(tb.Context(), func(tx core.DirectoryTx) error { return fn(tb.Context(), tx) })
}

func newUser(tb testing.TB, db *DB, email string, roles ...core.RoleBinding) core.User {
	tb.Helper()
	u := core.User{ID: core.NewID(noon()), Email: email, Name: "王", PasswordHash: "h", TOTPSealed: []byte{1}, TOTPEnabled: true, CreatedAt: noon(), Roles: roles}
	must(tb, inDirectory(tb, db, func(ctx context.Context, tx core.DirectoryTx) error { return tx.InsertUser(ctx, u) }))
	return u
}

func TestUsers(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b := newMerchant(t, db), newMerchant(t, db)
	owner := newUser(t, db, "Owner@example.com", core.RoleBinding{TenantID: a.tenant, Role: core.RoleTenantCashier, StoreIDs: []core.ID{a.store}})
	admin := newUser(t, db, "admin@example.com", core.RoleBinding{Role: core.RolePlatformAdmin})
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		state, err := tx.UserByEmail(ctx, "oWNER@EXAMPLE.com")
		want := owner
		want.Roles[0].TenantName = "Test"
		same(t, state.User, want)
		must(t, err)
		for tenant, id := range map[core.ID]core.ID{a.tenant: owner.ID, {}: admin.ID} {
			users, err := tx.Users(ctx, tenant)
			must(t, err)
			if len(users) != 1 || users[0].ID != id {
				t.Errorf("users of %s: %+v", tenant, users)
			}
		}
		n, err := count(tx.Users(ctx, b.tenant))
		must(t, err)
		all, err := tx.CountUsers(ctx)
		if n != 0 || all != 2 {
			t.Errorf("%d users of B, %d users", n, all)
		}
		return err
	}))
	err := inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		return tx.InsertUser(ctx, core.User{ID: core.NewID(noon()), Email: "OWNER@example.com", CreatedAt: noon()})
	})
	wantCode(t, err, core.CodeConflict)
	owner.Name, owner.Disabled, owner.TOTPSealed = "李", true, nil
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		return firstError(tx.UpdateUser(ctx, owner), tx.BindRole(ctx, owner.ID, core.RoleBinding{TenantID: b.tenant, Role: core.RoleTenantOwner}),
			tx.UnbindRole(ctx, owner.ID, a.tenant, core.RoleTenantCashier))
	}))
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		u, err := tx.User(ctx, owner.ID)
		if !u.Disabled || u.Name != "李" || u.TOTPSealed != nil || len(u.Roles) != 1 || u.Roles[0].TenantID != b.tenant || u.Roles[0].StoreIDs != nil {
			t.Errorf("user: %+v", u)
		}
		return err
	}))
	wantCode(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		return tx.UnbindRole(ctx, owner.ID, a.tenant, core.RoleTenantCashier)
	}), core.CodeNotFound)
}

func TestLoginCounters(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	u := newUser(t, db, "a@example.com")
	until := noon().Add(time.Minute)
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		return firstError(tx.LoginFailed(ctx, u.ID, noon(), time.Time{}), tx.LoginFailed(ctx, u.ID, noon(), until), tx.UseTOTPStep(ctx, u.ID, 7))
	}))
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		s, err := tx.UserByEmail(ctx, u.Email)
		if s.Failures != 2 || !s.LockedUntil.Equal(until) || s.LastTOTPStep != 7 {
			t.Errorf("state: %+v", s)
		}
		return err
	}))
	for _, step := range []int64{7, 6} {
		wantCode(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error { return tx.UseTOTPStep(ctx, u.ID, step) }), core.CodeLoginFailed)
	}
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error { return tx.LoginSucceeded(ctx, u.ID, noon()) }))
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		s, err := tx.UserByEmail(ctx, u.Email)
		if s.Failures != 0 || !s.LockedUntil.IsZero() || !s.User.LastLoginAt.Equal(noon()) {
			t.Errorf("state: %+v", s)
		}
		return err
	}))
}

func TestSessions(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	u := newUser(t, db, "a@example.com")
	s := core.Session{
		ID: core.NewID(noon()), UserID: u.ID, Hash: []byte("hash"), CSRFHash: []byte("csrf"), CreatedAt: noon(), SeenAt: noon(),
		ExpiresAt: noon().Add(time.Hour), StepUpAt: noon(), IP: "192.0.2.1", UserAgent: "b",
	}
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error { return tx.InsertSession(ctx, s) }))
	find := func(at time.Time) (got core.Session, err error) {
		err = inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) (err error) {
			got, err = tx.SessionByHash(ctx, s.Hash, at)
			return err
		})
		return got, err
	}
	got, err := find(noon())
	must(t, err)
	same(t, got, s)
	_, err = find(s.ExpiresAt)
	wantCode(t, err, core.CodeUnauthenticated)
	later := noon().Add(time.Minute)
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		return firstError(tx.TouchSession(ctx, s.ID, later), tx.StepUpSession(ctx, s.ID, later))
	}))
	if got, err := find(noon()); err != nil || !got.SeenAt.Equal(later) || !got.StepUpAt.Equal(later) {
		t.Errorf("%+v %v", got, err)
	}
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		n, err := count(tx.Sessions(ctx, u.ID))
		if n != 1 {
			t.Errorf("%d sessions", n)
		}
		return firstError(err, tx.DeleteSession(ctx, s.ID))
	}))
	_, err = find(noon())
	wantCode(t, err, core.CodeUnauthenticated)
	s.ID, s.Hash = core.NewID(noon()), []byte("other")
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		return firstError(tx.InsertSession(ctx, s), tx.DeleteSessionsOf(ctx, u.ID))
	}))
	_, err = find(noon())
	wantCode(t, err, core.CodeUnauthenticated)
}

func TestALinkWorksOnce(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	link := core.OneTimeLink{Hash: []byte("h1"), Purpose: "login", UserID: core.NewID(noon()), ExpiresAt: noon().Add(time.Minute)}
	old := core.OneTimeLink{Hash: []byte("h2"), Purpose: "setup", ExpiresAt: noon()}
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		return firstError(tx.InsertLink(ctx, link), tx.InsertLink(ctx, old))
	}))
	var (
		group sync.WaitGroup
		taken atomic.Int64
	)
	for range 8 {
		group.Go(func() {
			err := db.InDirectory(t.Context(), func(tx core.DirectoryTx) error {
				got, err := tx.TakeLink(t.Context(), link.Hash, noon())
				if err == nil && (got.Purpose != "login" || got.UserID != link.UserID) {
					t.Errorf("link: %+v", got)
				}
				return err
			})
			if err == nil {
				taken.Add(1)
			} else if core.CodeOf(err) != core.CodeNotFound {
				t.Errorf("TakeLink: %v", err)
			}
		})
	}
	group.Wait()
	if taken.Load() != 1 {
		t.Errorf("the link was taken %d times", taken.Load())
	}
	wantCode(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		_, err := tx.TakeLink(ctx, old.Hash, noon())
		return err
	}), core.CodeNotFound)
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, _, p, r, k := twoMerchants(t, db)
	find := func(at time.Time) (got core.APIKey, err error) {
		err = inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) (err error) {
			got, err = tx.APIKeyByHash(ctx, k.Hash, "192.0.2.7", at)
			return err
		})
		return got, err
	}
	got, err := find(noon())
	must(t, err)
	if got.TenantID != k.TenantID || got.ID != k.ID || got.Role != k.Role {
		t.Errorf("key: %+v", got)
	}
	if got, err = find(noon().Add(time.Second)); err != nil || !got.LastUsedAt.Equal(noon()) || got.LastUsedIP != "192.0.2.7" || !got.ExpiresAt.Equal(k.ExpiresAt) {
		t.Errorf("used before: %+v %v", got, err)
	}
	if got, err = find(k.ExpiresAt); err != nil || !got.LastUsedAt.Equal(noon()) {
		t.Errorf("an expired one counts as used: %+v %v", got, err)
	}
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		for name, find := range map[string]func() (core.ID, error){
			"order":   func() (core.ID, error) { return tx.TenantOfOrder(ctx, p.OrderNo) },
			"payment": func() (core.ID, error) { return tx.TenantOfPayment(ctx, p.ID) },
			"refund":  func() (core.ID, error) { return tx.TenantOfRefund(ctx, r.ID) },
		} {
			if tenant, err := find(); err != nil || tenant != p.TenantID || tenant == a.tenant {
				t.Errorf("%s is of %s: %v", name, tenant, err)
			}
		}
		_, err := tx.TenantOfPayment(ctx, r.ID)
		wantCode(t, err, core.CodeNotFound)
		return nil
	}))
	must(t, db.InTenant(t.Context(), k.TenantID, func(tx core.TenantTx) error { return tx.RevokeAPIKey(t.Context(), k.ID, noon()) }))
	_, err = find(noon())
	wantCode(t, err, core.CodeUnauthenticated)
	must(t, db.InTenant(t.Context(), k.TenantID, func(tx core.TenantTx) error {
		list, err := tx.APIKeys(t.Context())
		if len(list) != 1 || list[0].RevokedAt.IsZero() || list[0].Name != k.Name || !list[0].ExpiresAt.Equal(k.ExpiresAt) {
			t.Errorf("keys: %+v", list)
		}
		return err
	}))
}

func TestAuditOfTheDirectoryGoesToTheRightChain(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	own, platform := m.audit("user.disable"), m.audit("user.create")
	platform.TenantID = core.ID{}
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		return firstError(tx.AppendPlatformAudit(ctx, platform), tx.AppendPlatformAudit(ctx, own))
	}))
	sealAll(t, db)
	for tenant, action := range map[core.ID]string{m.tenant: "user.disable", {}: "user.create"} {
		v, err := db.VerifyAudit(t.Context(), tenant)
		must(t, err)
		if v.Rows != 1 || v.Reason != "" {
			t.Errorf("chain with %s: %+v", action, v)
		}
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		list, err := tx.Audit(ctx, core.AuditFilter{})
		if len(list) != 1 || list[0].Action != "user.disable" {
			t.Errorf("the merchant's log: %+v", list)
		}
		return err
	}))
}

func TestLockHoldsOthersBack(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	var (
		group  sync.WaitGroup
		inside atomic.Int64
	)
	for range 6 {
		group.Go(func() {
			err := db.InDirectory(t.Context(), func(tx core.DirectoryTx) error {
				if err := tx.Lock(t.Context(), "owners"); err != nil {
					return err
				}
				if inside.Add(1) != 1 {
					t.Error("two hold the lock")
				}
				_, err := tx.CountUsers(t.Context())
				inside.Add(-1)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestTenants(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	changed := core.Tenant{ID: m.tenant, Name: "新名字", ShortName: "新", Status: core.TenantSuspended, Contact: "Wu", CreatedAt: noon(), UpdatedAt: noon().Add(time.Second)}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.UpdateTenant(ctx, changed) }))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.Tenant(ctx)
		same(t, got, changed)
		must(t, err)
		stores, err := tx.Stores(ctx)
		must(t, err)
		terminals, err := tx.Terminals(ctx)
		if len(stores) != 1 || stores[0].Code != "S1" || len(terminals) != 1 || terminals[0].StoreID != m.store {
			t.Errorf("stores %+v, terminals %+v", stores, terminals)
		}
		return err
	}))
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.InsertStore(ctx, core.Store{TenantID: m.tenant, ID: core.NewID(noon()), Name: "x", Code: "S1", CreatedAt: noon()})
	}), core.CodeConflict)
}

// TestCallbackFindsItsAccount: before any tenant is known, and nothing else with it.
func TestCallbackFindsItsAccount(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	m := newMerchant(t, db)
	newMerchant(t, db)
	must(t, db.InDirectory(t.Context(), func(tx core.DirectoryTx) error {
		token, err := tx.CallbackOfAccount(t.Context(), m.account)
		if err != nil {
			return err
		}
		tenant, account, err := tx.AccountOfCallback(t.Context(), token)
		if err != nil || tenant != m.tenant || account != m.account || len(token) != core.CallbackTokenLength {
			t.Errorf("%q leads to %s, %s: %v", token, tenant, account, err)
		}
		if _, _, err := tx.AccountOfCallback(t.Context(), core.NewCallbackToken()); core.CodeOf(err) != core.CodeNotFound {
			t.Errorf("a token that was never given: %v", err)
		}
		return nil
	}))
	app := rawRole(t, url, roleApp)
	inRaw(t, app, core.ID{}, func(tx *sql.Tx) {
		if _, err := tx.ExecContext(t.Context(), "SELECT count(*) FROM provider_accounts"); err == nil {
			t.Error("accounts can be read without a tenant")
		}
	})
}

// TestCallbackBackfill: the expression that gave older accounts their token gives what the table takes.
func TestCallbackBackfill(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	m := newMerchant(t, db)
	owner := rawRole(t, url, roleOwner)
	text, err := fs.ReadFile(migrations.Files, "00002_callback_directory.sql")
	must(t, err)
	_, backfill, found := strings.Cut(string(text), "INSERT INTO callback_directory")
	if !found {
		t.Fatal("the migration has no backfill")
	}
	tx, err := owner.BeginTx(t.Context(), nil)
	must(t, err)
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(t.Context(), "DELETE FROM callback_directory")
	must(t, err)
	_, err = tx.ExecContext(t.Context(), "INSERT INTO callback_directory"+backfill)
	must(t, err)
	var n int
	must(t, tx.QueryRowContext(t.Context(), "SELECT count(*) FROM callback_directory WHERE account_id = $1", m.account).Scan(&n))
	if n != 1 {
		t.Errorf("%d tokens for the account", n)
	}
}
