package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
)

// ownedTables is every table with a tenant's data.
func ownedTables() []string {
	return []string{
		"tenants", "stores", "terminals", "provider_accounts", "fee_rates", "api_keys", "payments", "refunds", "payouts",
		"attempts", "events", "audit_log", "idempotency_keys",
		"webhook_endpoints", "webhook_secrets", "webhook_deliveries", "webhook_attempts",
		"callbacks", "callback_nonces", "members", "bound_cards", "payer_visits", "cases",
		"alerts", "alert_channels", "alert_notices",
		"spending_limits", "spending_days", "freezes",
		"approvals", "approval_decisions", "approval_tiers", "resolutions",
		"payout_batches",
		"bill_mappings", "bill_imports",
		"balance_watches", "balance_snapshots", "balance_marks", "check_in_watches",
		"file_chunks",
		"book_watches", "reconciliation_days", "bills", "bill_lines", "bill_totals", "differences",
		"entries", "retention_marks",
		"exports",
		"request_log",
	}
}

// twoMerchants are A, empty but for what a payment needs, and B with one of everything.
func twoMerchants(t *testing.T, db *DB) (a, b merchant, p core.Payment, r core.Refund, k core.APIKey) {
	t.Helper()
	a, b = newMerchant(t, db), newMerchant(t, db)
	p = b.paid(t, db)
	r = b.refund(p, 100)
	k = core.APIKey{TenantID: b.tenant, ID: core.NewID(noon()), Name: "till", Prefix: "zg_1", Hash: []byte(b.tenant.String()), Role: core.RoleTenantCashier, CreatedBy: "user:usr_1", CreatedAt: noon(), ExpiresAt: noon().Add(time.Hour)}
	must(t, b.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		key := core.IdempotencyKey{Caller: "c", Operation: "o", Key: "k", BodyHash: []byte("h"), ObjectID: p.ID}
		_, err := tx.BeginIdempotent(ctx, key, noon())
		return firstError(err, tx.InsertRefund(ctx, r), tx.InsertAPIKey(ctx, k), tx.AppendEntry(ctx, b.entry(p)))
	}))
	return a, b, p, r, k
}

func TestAnotherTenantsThingsAreAsIfTheyDidNotExist(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b, p, r, k := twoMerchants(t, db)
	nothing := core.NewID(noon())
	gets := map[string]func(tx core.TenantTx, exists bool) error{
		"payment": func(tx core.TenantTx, exists bool) error {
			_, err := tx.Payment(t.Context(), pick(exists, p.ID, nothing))
			return err
		},
		"payment by our number": func(tx core.TenantTx, exists bool) error {
			_, err := tx.PaymentByOrderNo(t.Context(), pick(exists, p.OrderNo, "no such"))
			return err
		},
		"payment by its own number": func(tx core.TenantTx, exists bool) error {
			_, err := tx.PaymentByMerchantOrderNo(t.Context(), pick(exists, p.MerchantOrderNo, "no such"))
			return err
		},
		"refund": func(tx core.TenantTx, exists bool) error {
			_, err := tx.Refund(t.Context(), pick(exists, r.ID, nothing))
			return err
		},
		"refund by its own number": func(tx core.TenantTx, exists bool) error {
			_, err := tx.RefundByMerchantNo(t.Context(), pick(exists, r.MerchantRefundNo, "no such"))
			return err
		},
		"account": func(tx core.TenantTx, exists bool) error {
			_, err := tx.Account(t.Context(), pick(exists, b.account, nothing))
			return err
		},
		"reserve": func(tx core.TenantTx, exists bool) error {
			_, err := tx.ReserveRefund(t.Context(), pick(exists, p.ID, nothing), 1, false, noon())
			return err
		},
		"revoke key": func(tx core.TenantTx, exists bool) error {
			return tx.RevokeAPIKey(t.Context(), pick(exists, k.ID, nothing), noon())
		},
	}
	for name, get := range gets {
		errs := map[bool]error{}
		for _, exists := range []bool{true, false} {
			errs[exists] = db.InTenant(t.Context(), a.tenant, func(tx core.TenantTx) error { return get(tx, exists) })
			wantCode(t, errs[exists], core.CodeNotFound)
			if err := db.InTenant(t.Context(), b.tenant, func(tx core.TenantTx) error { return get(tx, exists) }); (err == nil) != exists {
				t.Errorf("%s: the owner gets %v for a thing that exists: %t", name, err, exists)
			}
		}
		if errs[true].Error() != errs[false].Error() {
			t.Errorf("%s: %q and %q can be told apart", name, errs[true], errs[false])
		}
	}
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// lists is every list of a tenant, asked as widely as its filter allows.
func lists(ctx context.Context, tx core.TenantTx, of core.ID, p core.Payment) map[string]func() (int, error) {
	return map[string]func() (int, error){
		"payments":           func() (int, error) { return count(tx.Payments(ctx, core.PaymentFilter{TenantID: of})) },
		"payments by number": func() (int, error) { return count(tx.Payments(ctx, core.PaymentFilter{AnyNumber: p.OrderNo})) },
		"refunds":            func() (int, error) { return count(tx.Refunds(ctx, core.RefundFilter{TenantID: of})) },
		"refunds of payment": func() (int, error) { return count(tx.Refunds(ctx, core.RefundFilter{PaymentID: p.ID})) },
		"attempts":           func() (int, error) { return count(tx.Attempts(ctx, p.ID)) },
		"events":             func() (int, error) { return count(tx.Events(ctx, core.EventFilter{TenantID: of})) },
		"audit":              func() (int, error) { return count(tx.Audit(ctx, core.AuditFilter{TenantID: of})) },
		"entries":            func() (int, error) { return count(tx.Entries(ctx, core.EntryFilter{ObjectID: p.ID})) },
		"entries of payment": func() (int, error) { return count(tx.EntriesOf(ctx, p.ID)) },
		"settlement": func() (int, error) {
			return count(tx.Settlement(ctx, core.SettlementFilter{TenantID: of, From: core.DayOf(noon()), To: core.DayOf(noon())}))
		},
		"API keys": func() (int, error) { return count(tx.APIKeys(ctx)) },
	}
}

func count[T any](list []T, err error) (int, error) { return len(list), err }

func TestAnotherTenantsListsAreEmpty(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b, p, _, _ := twoMerchants(t, db)
	for tenant, want := range map[core.ID]int{a.tenant: 0, b.tenant: 1} {
		must(t, db.InTenant(t.Context(), tenant, func(tx core.TenantTx) error {
			for name, list := range lists(t.Context(), tx, b.tenant, p) {
				n, err := list()
				must(t, err)
				if n != want {
					t.Errorf("%s: %d rows, want %d", name, n, want)
				}
			}
			return nil
		}))
	}
}

// The application's predicate is gone here: the statements name no tenant at all.
func TestTheDatabaseRefusesWithoutOurPredicate(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	a, b, p, _, _ := twoMerchants(t, db)
	app := rawRole(t, url, roleApp)
	mine := map[string]int{"tenants": 1, "stores": 1, "terminals": 1, "provider_accounts": 1}
	inRaw(t, app, a.tenant, func(tx *sql.Tx) {
		for _, table := range ownedTables() {
			var rows int
			must(t, tx.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&rows))
			if rows != mine[table] {
				t.Errorf("%s: tenant A sees %d rows, want %d", table, rows, mine[table])
			}
		}
	})
	writes := []string{
		fmt.Sprintf("UPDATE payments SET reserved = 1 WHERE id = '%s'", p.ID),
		fmt.Sprintf("UPDATE tenants SET name = 'x' WHERE tenant_id = '%s'", b.tenant),
		"UPDATE provider_accounts SET base_url = 'https://evil.example' WHERE tenant_id <> current_setting('app.tenant_id')::uuid",
	}
	for _, w := range writes {
		inRaw(t, app, a.tenant, func(tx *sql.Tx) {
			result, err := tx.ExecContext(t.Context(), w)
			must(t, err)
			if n, _ := result.RowsAffected(); n != 0 {
				t.Errorf("%s: touched %d rows of tenant B", w, n)
			}
		})
	}
	inRaw(t, app, a.tenant, func(tx *sql.Tx) {
		_, err := tx.ExecContext(t.Context(), "INSERT INTO stores VALUES ($1, $2, 'x', 'x', now())", b.tenant, core.NewID(noon()))
		if err == nil || !strings.Contains(err.Error(), "row-level security") {
			t.Errorf("tenant A writes a store of tenant B: %v", err)
		}
	})
}

func inRaw(t *testing.T, db *sql.DB, tenant core.ID, fn func(tx *sql.Tx)) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	must(t, err)
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(t.Context(), "SELECT set_config('app.tenant_id', $1, true)", tenant)
	must(t, err)
	fn(tx)
}

func TestWithoutATenantNothingIsRead(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	twoMerchants(t, db)
	app := rawRole(t, url, roleApp)
	for _, table := range ownedTables() {
		var rows int
		if err := app.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&rows); err == nil {
			t.Errorf("%s: %d rows were read without a tenant", table, rows)
		}
	}
	wantCode(t, db.InTenant(t.Context(), core.ID{}, func(core.TenantTx) error { return nil }), core.CodeTenantRequired)
	// The directory's transaction has the zero tenant, which owns no rows of merchants.
	must(t, db.InDirectory(t.Context(), func(tx core.DirectoryTx) error {
		d, ok := tx.(*directoryTx)
		if !ok {
			t.Fatal("not our transaction")
		}
		for _, table := range ownedTables() {
			var rows int
			must(t, d.s.GetContext(t.Context(), &rows, "SELECT count(*) FROM "+table))
			if rows != 0 {
				t.Errorf("%s: the directory sees %d rows", table, rows)
			}
		}
		return nil
	}))
}

func TestTheTenantOfOneTransactionIsGoneInTheNext(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db, err := Open(t.Context(), Config{URL: url, MaxConns: 1, PlatformConns: 1})
	must(t, err)
	defer func() { _ = db.Close() }()
	m := newMerchant(t, db)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { _, err := tx.Tenant(ctx); return err }))
	var rows int
	if err := db.app.Get(&rows, "SELECT count(*) FROM tenants"); err == nil {
		t.Errorf("outside a transaction the connection still sees %d tenants", rows)
	}
}

func TestEveryOwnedTableIsForcedWithThreePolicies(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	owner := rawRole(t, url, roleOwner)
	var owned []string
	rows, err := owner.QueryContext(t.Context(), `SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'zhanggui'::regnamespace AND c.relkind = 'r'
		AND c.relrowsecurity AND c.relforcerowsecurity AND pg_get_userbyid(c.relowner) = 'zhanggui_owner'
		AND (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) = 3 ORDER BY 1`)
	must(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		owned = append(owned, name)
	}
	must(t, rows.Err())
	if len(owned) != len(ownedTables()) {
		t.Errorf("forced tables %v, want %v", owned, ownedTables())
	}
	// A table with tenant_id that is neither forced nor a known directory table is a hole.
	var holes string
	must(t, owner.QueryRowContext(t.Context(), `SELECT coalesce(string_agg(c.relname, ' ' ORDER BY c.relname), '') FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
		WHERE c.relnamespace = 'zhanggui'::regnamespace AND c.relkind = 'r' AND NOT c.relforcerowsecurity`).Scan(&holes))
	if want := "api_key_directory audit_chain audit_heads audit_unchained callback_directory order_directory role_bindings tenants_directory"; holes != want {
		t.Errorf("tables with tenant_id and without row-level security: %s; want %s", holes, want)
	}
	var privileged int
	must(t, owner.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'zhanggui\\_%' AND rolname IN ('zhanggui_app', 'zhanggui_platform', 'zhanggui_owner') AND (rolsuper OR rolbypassrls OR rolcanlogin)").Scan(&privileged))
	if privileged != 0 {
		t.Errorf("%d of our roles may log in or pass row-level security", privileged)
	}
}

func TestGrants(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	m := newMerchant(t, db)
	p := m.paid(t, db)
	app, platform := rawRole(t, url, roleApp), rawRole(t, url, rolePlatform)
	forbidden := []string{
		"DELETE FROM payments", "DELETE FROM refunds", "DELETE FROM payouts", "DELETE FROM attempts", "DELETE FROM events",
		"DELETE FROM entries", "UPDATE entries SET amount = 1", "DELETE FROM audit_log", "DELETE FROM audit_chain", "DELETE FROM audit_heads", "UPDATE events SET type = 'x'",
		"UPDATE audit_log SET actor = 'x'", "UPDATE audit_chain SET hash = hash", "UPDATE payments SET amount = 1",
		"UPDATE payments SET order_no = 'x'", "UPDATE payments SET tenant_id = tenant_id", "UPDATE refunds SET amount = 1",
		"UPDATE settings SET value = '1'", "TRUNCATE payments", "DROP TABLE payments", "ALTER TABLE payments DISABLE ROW LEVEL SECURITY",
		"CREATE TABLE x (i int)", "UPDATE attempts SET payment_id = payment_id",
	}
	for _, statement := range forbidden {
		inRaw(t, app, m.tenant, func(tx *sql.Tx) {
			if _, err := tx.ExecContext(t.Context(), statement); err == nil {
				t.Errorf("app may: %s", statement)
			}
		})
	}
	writes := []string{
		"INSERT INTO payments SELECT * FROM payments", "UPDATE payments SET state = 'failed'", "DELETE FROM payments",
		"INSERT INTO events SELECT * FROM events", "SELECT nextval('order_no_seq')", "SELECT password_hash FROM users", "SELECT hash FROM sessions",
		"SELECT hash FROM api_key_directory", "SELECT hash FROM one_time_links",
	}
	for _, statement := range writes {
		if _, err := platform.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("platform may: %s", statement)
		}
	}
	var seen int
	must(t, platform.QueryRowContext(t.Context(), "SELECT count(*) FROM payments WHERE id = $1", p.ID).Scan(&seen))
	if seen != 1 {
		t.Error("platform does not see the payment")
	}
}

func TestReferencesDoNotCrossTenants(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b, p, _, _ := twoMerchants(t, db)
	cases := map[string]func(ctx context.Context, tx core.TenantTx) error{
		"payment on B's account": func(ctx context.Context, tx core.TenantTx) error {
			n := a.payment()
			n.AccountID = b.account
			return tx.InsertPayment(ctx, n)
		},
		"payment in B's store": func(ctx context.Context, tx core.TenantTx) error {
			n := a.payment()
			n.StoreID, n.TerminalID = b.store, core.ID{}
			return tx.InsertPayment(ctx, n)
		},
		"payment at B's terminal": func(ctx context.Context, tx core.TenantTx) error {
			n := a.payment()
			n.TerminalID = b.terminal
			return tx.InsertPayment(ctx, n)
		},
		"refund of B's payment": func(ctx context.Context, tx core.TenantTx) error {
			n := a.refund(p, 1)
			return tx.InsertRefund(ctx, n)
		},
		"attempt on B's payment": func(ctx context.Context, tx core.TenantTx) error {
			return tx.InsertAttempt(ctx, a.attempt(p))
		},
		"terminal in B's store": func(ctx context.Context, tx core.TenantTx) error {
			return tx.InsertTerminal(ctx, core.Terminal{TenantID: a.tenant, ID: core.NewID(noon()), StoreID: b.store, Name: "x", Code: "x", CreatedAt: noon()})
		},
	}
	for name, fn := range cases {
		if err := a.in(t, db, fn); core.CodeOf(err) != core.CodeNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Every foreign key between owned tables leads with tenant_id.
	var single string
	must(t, db.platform.Get(&single, `SELECT coalesce(string_agg(conname, ' '), '') FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
		WHERE c.contype = 'f' AND r.relforcerowsecurity AND (SELECT attname FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = c.conkey[1]) <> 'tenant_id'`))
	if single != "" {
		t.Errorf("foreign keys that do not lead with tenant_id: %s", single)
	}
	if err := a.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertPayment(ctx, b.payment()) }); err == nil {
		t.Error("a payment of B was written in A's transaction")
	}
}

func TestPlatformReadsAllAndWritesNothing(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b, p, r, _ := twoMerchants(t, db)
	a.paid(t, db)
	must(t, db.AcrossTenants(t.Context(), func(tx core.PlatformTx) error {
		ctx := t.Context()
		for name, got := range map[string]func() (int, error){
			"payments": func() (int, error) { return count(tx.Payments(ctx, core.PaymentFilter{})) },
			"tenants":  func() (int, error) { return count(tx.Tenants(ctx, core.TenantFilter{})) },
			"events":   func() (int, error) { return count(tx.Events(ctx, core.EventFilter{})) },
			"audit":    func() (int, error) { return count(tx.Audit(ctx, core.AuditFilter{})) },
		} {
			if n, err := got(); err != nil || n != 2 {
				t.Errorf("%s: %d rows, want 2: %v", name, n, err)
			}
		}
		for name, got := range map[string]func() (int, error){
			"payments of B":      func() (int, error) { return count(tx.Payments(ctx, core.PaymentFilter{TenantID: b.tenant})) },
			"payments by number": func() (int, error) { return count(tx.Payments(ctx, core.PaymentFilter{AnyNumber: p.MerchantOrderNo})) },
			"refunds by number":  func() (int, error) { return count(tx.Refunds(ctx, core.RefundFilter{AnyNumber: r.RefundNo})) },
			"audit of A":         func() (int, error) { return count(tx.Audit(ctx, core.AuditFilter{TenantID: a.tenant})) },
		} {
			if n, err := got(); err != nil || n != 1 {
				t.Errorf("%s: %d rows, want 1: %v", name, n, err)
			}
		}
		return nil
	}))
	err := db.AcrossTenants(t.Context(), func(tx core.PlatformTx) error {
		s, ok := tx.(*platformTx)
		if !ok {
			t.Fatal("not our transaction")
		}
		_, err := s.s.ExecContext(t.Context(), "UPDATE payments SET reserved = 1")
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("a write in the platform's transaction: %v", err)
	}
}

func TestDumpAsTheOwnerHasTheRows(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	_, _, p, r, _ := twoMerchants(t, db)
	binaries, err := devstack.FindPostgres()
	must(t, err)
	dump := exec.CommandContext(t.Context(), filepath.Join(binaries, "pg_dump"), "--role="+roleOwner, "--enable-row-security", "--inserts", url)
	out, err := dump.CombinedOutput()
	if err != nil {
		t.Fatalf("pg_dump: %v: %s", err, out)
	}
	for _, want := range []string{p.OrderNo, r.RefundNo, "audit_log", "order_number_epoch"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the dump lacks %q", want)
		}
	}
	// The checker must be able to fail: as app the same command gives no rows.
	out, err = exec.CommandContext(t.Context(), filepath.Join(binaries, "pg_dump"), "--role="+roleApp, "--enable-row-security", "--inserts", url).CombinedOutput()
	if err == nil || strings.Contains(string(out), p.OrderNo) {
		t.Errorf("app can dump: %v", err)
	}
}

func TestBackfillAsTheOwnerTouchesEveryTenant(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	for range 3 {
		newMerchant(t, db).paid(t, db)
	}
	owner := rawRole(t, url, roleOwner)
	result, err := owner.ExecContext(t.Context(), "UPDATE payments SET description = 'backfilled'")
	must(t, err)
	if n, _ := result.RowsAffected(); n != 3 {
		t.Errorf("the backfill touched %d payments, want 3", n)
	}
}
