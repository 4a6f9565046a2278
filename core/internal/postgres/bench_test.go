package postgres

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
)

// numbered is merchant n with the ids bench/reference.sql expects.
func numbered(n int) merchant {
	id := func(kind byte) (id core.ID) {
		id[6], id[8] = 0x70, kind
		binary.BigEndian.PutUint32(id[12:], uint32(n))
		return id
	}
	return merchant{tenant: id(0x80), account: id(0x90)}
}

func seedNumbered(tb testing.TB, db *DB, tenants int) {
	tb.Helper()
	for n := 1; n <= tenants; n++ {
		m := numbered(n)
		must(tb, db.InDirectory(tb.Context(), func(tx core.DirectoryTx) error {
			return tx.InsertTenant(tb.Context(), core.Tenant{ID: m.tenant, Name: "Bench", Status: core.TenantLive, CreatedAt: noon(), UpdatedAt: noon()})
		}))
		must(tb, m.in(tb, db, func(ctx context.Context, tx core.TenantTx) error {
			return tx.InsertAccount(ctx, core.ProviderAccount{TenantID: m.tenant, ID: m.account, Provider: "example", Status: core.AccountLive, CreatedAt: noon(), UpdatedAt: noon()})
		}))
	}
}

// onePayment is what the engine does to the database for one payment.
func onePayment(ctx context.Context, db *DB, m merchant, orderNo string) error {
	now := time.Now()
	p := core.Payment{
		TenantID: m.tenant, ID: core.NewID(now), OrderNo: orderNo, MerchantOrderNo: orderNo, AccountID: m.account, Provider: "example",
		Method: "barcode", Channel: "wechat", Amount: core.Fen(100), Subject: "bench", State: core.PaymentProcessing,
		NextCheckAt: now.Add(2 * time.Second), CreatedBy: "key:bench", CreatedAt: now, UpdatedAt: now,
	}
	a := core.Attempt{TenantID: m.tenant, ID: core.NewID(now), PaymentID: p.ID, AccountID: m.account, Operation: "pay", StartedAt: now}
	event := func(kind string) core.Event {
		return core.Event{TenantID: m.tenant, ID: core.NewID(now), Type: kind, ObjectID: p.ID, Data: []byte(`{"amount":100,"currency":"CNY","state":"x"}`), CreatedAt: now}
	}
	audit := core.AuditEntry{TenantID: m.tenant, ID: core.NewID(now), Actor: "key:bench", Action: "payment.create", Object: p.ID.Prefixed("pay"), After: event("").Data, CreatedAt: now}
	key := core.IdempotencyKey{Caller: "key:bench", Operation: "payment.create", Key: orderNo, BodyHash: make([]byte, 32), ObjectID: p.ID}
	err := db.InTenant(ctx, m.tenant, func(tx core.TenantTx) error {
		if _, err := tx.BeginIdempotent(ctx, key, now); err != nil {
			return err
		}
		return firstError(tx.InsertPayment(ctx, p), tx.InsertAttempt(ctx, a), tx.AppendEvent(ctx, event("payment.created")), tx.AppendAudit(ctx, audit))
	})
	if err != nil {
		return err
	}
	p.State, p.NextCheckAt, p.ProviderOrderNo, p.ChannelTradeNo, p.SucceededAt = core.PaymentSucceeded, time.Time{}, orderNo, orderNo, now
	a.Outcome, a.Sent, a.FinishedAt, a.Evidence = "succeeded", "sent", now, []byte(`{"status":200}`)
	entry := core.Entry{
		TenantID: m.tenant, ID: core.NewID(now), Day: core.DayOf(now), At: now, AccountID: m.account, Kind: core.EntryPayment, ObjectID: p.ID, N: 1, Amount: 100,
	}
	return db.InTenant(ctx, m.tenant, func(tx core.TenantTx) error {
		return firstError(tx.UpdatePayment(ctx, p, core.PaymentProcessing), tx.FinishAttempt(ctx, a), tx.AppendEntry(ctx, entry), tx.AppendEvent(ctx, event("payment.succeeded")))
	})
}

// BenchmarkPayment is our SQL of one payment at 32 callers, to hold beside pgbench running
// bench/reference.sql: ZHANGGUI_PGBENCH=1 runs that as well, for five seconds each.
func BenchmarkPayment(b *testing.B) {
	for _, tenants := range []int{1, 100} {
		b.Run(fmt.Sprintf("tenants=%d", tenants), func(b *testing.B) {
			url := testURL(b)
			db, err := Open(b.Context(), Config{URL: url, MaxConns: 32})
			must(b, err)
			defer func() { _ = db.Close() }()
			seedNumbered(b, db, tenants)
			var n atomic.Int64
			b.SetParallelism(32 / runtime.GOMAXPROCS(0))
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					if err := onePayment(b.Context(), db, numbered(1+int(i)%tenants), fmt.Sprintf("%020d", i)); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "payments/s")
			if os.Getenv("ZHANGGUI_PGBENCH") != "" {
				runReference(b, url, tenants)
			}
		})
	}
}

func runReference(tb testing.TB, url string, tenants int) {
	tb.Helper()
	dir, err := devstack.FindPostgres()
	must(tb, err)
	cmd := exec.CommandContext(tb.Context(), filepath.Join(dir, "pgbench"), "--no-vacuum", "--protocol=prepared", "--client=32", "--jobs=2", "--time=5",
		"--define=tenants="+strconv.Itoa(tenants), "--file=../../../bench/reference.sql", url)
	cmd.Env = append(os.Environ(), "PGOPTIONS=-c role=zhanggui_app -c search_path=zhanggui -c timezone=UTC")
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("pgbench: %v: %s", err, out)
	}
	for line := range strings.SplitSeq(string(out), "\n") {
		if strings.HasPrefix(line, "tps") {
			tb.Logf("reference: %s", line)
		}
	}
}

// The reference must stay runnable and write what the host writes.
func TestReferenceScriptRuns(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	seedNumbered(t, db, 3)
	dir, err := devstack.FindPostgres()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "pgbench"), "--no-vacuum", "--protocol=prepared", "--client=2", "--transactions=20",
		"--define=tenants=3", "--file=../../../bench/reference.sql", url)
	cmd.Env = append(os.Environ(), "PGOPTIONS=-c role=zhanggui_app -c search_path=zhanggui -c timezone=UTC")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("pgbench: %v: %s", err, out)
	}
	owner := rawRole(t, url, roleOwner)
	for query, want := range map[string]int{
		"SELECT count(*) FROM payments WHERE state = 'succeeded' AND next_check_at IS NULL": 40, "SELECT count(*) FROM events": 80, "SELECT count(*) FROM entries": 40,
		"SELECT count(*) FROM attempts WHERE outcome = 'succeeded'": 40, "SELECT count(*) FROM audit_log": 40, "SELECT count(*) FROM idempotency_keys": 40,
	} {
		var n int
		must(t, owner.QueryRowContext(t.Context(), query).Scan(&n))
		if n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
	sealAll(t, db)
	for n := 1; n <= 3; n++ {
		if v, err := db.VerifyAudit(t.Context(), numbered(n).tenant); err != nil || v.Reason != "" {
			t.Errorf("merchant %d: %+v %v", n, v, err)
		}
	}
}
