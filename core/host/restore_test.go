//go:build e2e

package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host"
	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

// TestARestoredBackupLosesNoMoney takes a backup while orders are open, goes on, loses the
// server, and restores onto a fresh cluster by the steps of docs/backup.md. The judge is the
// provider's ledger, which knows also what the backup does not.
func TestARestoredBackupLosesNoMoney(t *testing.T) {
	t.Parallel()
	d := &disaster{w: newWorld(t, 1), replies: map[string]map[string]any{}}
	d.m = d.w.tenants[0]
	d.untilTheBackup()
	d.afterTheBackup()
	d.restore()
	d.serveAgain()
}

// disaster is a merchant's day with a backup in the middle and a lost server at its end.
type disaster struct {
	w       *world
	m       merchant
	replies map[string]map[string]any // of the API, by the idempotency key
	backup  string                    // directory: the dump, and the keys as they were
	address string                    // callback address before
	known   map[string]bool           // numbers the provider knows, without their date
	open    map[string]string         // order number by what it is
	asked   map[string]int            // questions about an order so far
	sends   [3]int64                  // pay, precreate and refund requests so far
}

func (d *disaster) post(h *host.Host, path, key string, body map[string]any, want ...string) map[string]any {
	d.w.t.Helper()
	status, reply := d.m.post(h.Address(), path, key, body)
	state, _ := reply["state"].(string)
	for _, w := range want {
		if state == w {
			d.replies[key] = reply
			return reply
		}
	}
	d.w.t.Fatalf("%s: %d %v, want %v", key, status, reply, want)
	return nil
}

// untilTheBackup leaves orders open in every way: waiting for their payer, and in doubt.
func (d *disaster) untilTheBackup() {
	w := d.w
	h, stop := w.startNode()
	defer stop()
	paid := d.post(h, "/v1/payments", "paid", d.m.barcode(500, "01"), "succeeded")
	qr := d.post(h, "/v1/payments", "qr", map[string]any{"method": "qr", "channel": "wechat", "amount": 200, "subject": "QR"}, "requires_action")
	for _, f := range []shouqianba.Fault{
		{Operation: "query", Kind: shouqianba.FaultHTTP500},
		{Operation: "pay", PayerSuffix: "77", Kind: shouqianba.FaultLostAfter},
		{Operation: "refund", Kind: shouqianba.FaultLostAfter},
	} {
		_, err := w.sim.AddFault(f)
		w.must(err)
	}
	doubt := d.post(h, "/v1/payments", "doubt", d.m.barcode(300, "77"), "processing")
	d.post(h, "/v1/refunds", "refund", map[string]any{"payment_id": paid["id"], "amount": 40, "reason": "test"}, "processing")
	d.open = map[string]string{"waiting": text(qr, "order_no"), "in doubt": text(doubt, "order_no"), "being refunded": text(paid, "order_no")}

	var out bytes.Buffer
	if err := host.AfterRestore(w.t.Context(), testConfig(w.database, w.plugins, w.call), "command:test", &out); core.CodeOf(err) != core.CodeConflict {
		w.t.Errorf("while a node serves: %v", err)
	}
	d.backup = w.t.TempDir()
	pg(w.t, "pg_dump", "--role=zhanggui_owner", "--enable-row-security", "--format=custom", "--file="+filepath.Join(d.backup, "dump"), w.database)
	pg(w.t, "pg_restore", "--list", filepath.Join(d.backup, "dump")) // it can be read
	w.copyKeys(filepath.Join(d.backup, "keys"))
	d.address = d.callbackAddress()
}

// copyKeys copies the store of keys, for its owner alone.
func (w *world) copyKeys(to string) {
	w.t.Helper()
	w.must(os.CopyFS(to, os.DirFS(w.keys)))
	w.must(filepath.WalkDir(to, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return os.Chmod(path, 0o600)
	}))
}

// pg runs one of PostgreSQL's programs.
func pg(t *testing.T, name string, args ...string) {
	t.Helper()
	dir, err := devstack.FindPostgres()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), filepath.Join(dir, name), args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
}

func (d *disaster) callbackAddress() (token string) {
	d.w.t.Helper()
	d.inDatabase(func(ctx context.Context, db *postgres.DB) error {
		return db.InDirectory(ctx, func(tx core.DirectoryTx) (err error) {
			token, err = tx.CallbackOfAccount(ctx, d.m.account)
			return err
		})
	})
	return token
}

func (d *disaster) inDatabase(fn func(ctx context.Context, db *postgres.DB) error) {
	d.w.t.Helper()
	db, err := postgres.Open(d.w.t.Context(), postgres.Config{URL: d.w.database, MaxConns: 2, PlatformConns: 1})
	d.w.must(err)
	d.w.must(errors.Join(fn(d.w.t.Context(), db), db.Close()))
}

// afterTheBackup is what will be lost: open orders end, and new ones are made by a node that
// draws fresh numbers.
func (d *disaster) afterTheBackup() {
	w := d.w
	w.sim.ClearFaults()
	w.must(w.sim.PayOrder(d.m.terminal, d.open["waiting"]))
	h, stop := w.startNode()
	defer stop()
	for i := range 3 {
		d.post(h, "/v1/payments", fmt.Sprintf("lost-%d", i), d.m.barcode(int64(100+i), "01"), "succeeded")
	}
	eventually(w.t, "the open orders end", func() error {
		payments, refunds := w.stored(d.m)
		if n := countOpen(payments, refunds); n > 0 {
			return fmt.Errorf("%d are open", n)
		}
		return nil
	})
	d.post(h, "/v1/refunds", "lost-refund", map[string]any{"payment_id": d.replies["lost-0"]["id"], "amount": 10, "reason": "test"}, "succeeded")
}

// restore brings the backup onto a cluster that holds nothing.
func (d *disaster) restore() {
	w := d.w
	base, err := devstack.StateDir(fmt.Sprintf("restore-%d", os.Getpid()))
	w.must(err)
	server, err := devstack.StartPostgres(w.t.Context(), devstack.PostgresOptions{DataDir: base})
	w.must(err)
	w.t.Cleanup(func() {
		_ = server.Stop(context.Background(), devstack.StopImmediate)
		_ = os.RemoveAll(base)
	})
	admin, err := sqlx.ConnectContext(w.t.Context(), "postgres", server.SuperuserURL("postgres"))
	w.must(err)
	const password = "only-in-this-throw-away-server"
	for _, ddl := range []string{
		"CREATE ROLE zhanggui_owner NOLOGIN", "CREATE ROLE zhanggui_app NOLOGIN", "CREATE ROLE zhanggui_platform NOLOGIN",
		"CREATE ROLE zhanggui LOGIN NOINHERIT PASSWORD '" + password + "' IN ROLE zhanggui_app, zhanggui_platform",
		"CREATE ROLE keeper LOGIN PASSWORD '" + password + "' IN ROLE zhanggui_owner", "CREATE DATABASE zhanggui",
	} {
		_, err := admin.ExecContext(w.t.Context(), ddl)
		w.must(err)
	}
	w.must(admin.Close())
	pg(w.t, "pg_restore", "--exit-on-error", "--single-transaction", "--dbname="+server.SuperuserURL("zhanggui"), filepath.Join(d.backup, "dump"))
	w.database, w.keys = server.URL("zhanggui", password, "zhanggui"), filepath.Join(d.backup, "keys")
	d.remember()
	d.seeTheDanger()

	var out bytes.Buffer
	cfg := testConfig(server.URL("keeper", password, "zhanggui"), w.plugins, w.call)
	w.must(host.AfterRestore(w.t.Context(), cfg, "command:test", &out))
	for _, want := range []string{"2 payments, 1 refunds, 0 payouts that were open", "which no order has", "1 callback addresses"} {
		if !strings.Contains(out.String(), want) {
			w.t.Errorf("it does not say %q: %s", want, out.String())
		}
	}
}

// remember notes what the provider knows before a node serves again.
func (d *disaster) remember() {
	d.known, d.asked = map[string]bool{}, map[string]int{}
	for _, o := range d.w.sim.Orders() {
		d.known[o.ClientSN[6:]] = true
		d.asked[o.ClientSN] = o.Queries
	}
	d.sends = d.requests()
}

func (d *disaster) requests() [3]int64 {
	return [3]int64{d.w.sim.Calls("pay"), d.w.sim.Calls("precreate"), d.w.sim.Calls("refund")}
}

// seeTheDanger shows what happens to those who skip the step: the next number is one that the
// provider knows.
func (d *disaster) seeTheDanger() {
	d.inDatabase(func(ctx context.Context, db *postgres.DB) error {
		no, err := db.NextOrderNo(ctx, time.Now())
		if err == nil && !d.known[no[6:]] {
			d.w.t.Errorf("the restored database gives %s, which the provider does not know: this test proves nothing", no)
		}
		return err
	})
}

// serveAgain: every open order is asked about and ends right, nothing is sent again, no number
// repeats, and what is lost is exactly what came after the backup.
func (d *disaster) serveAgain() {
	w := d.w
	h, stop := w.startNode()
	defer stop()
	eventually(w.t, "the open orders end", func() error {
		payments, refunds := w.stored(d.m)
		if n := countOpen(payments, refunds); n > 0 {
			return fmt.Errorf("%d are open", n)
		}
		return nil
	})
	for _, o := range w.sim.Orders() {
		for what, no := range d.open {
			if o.ClientSN == no && o.Queries <= d.asked[no] {
				w.t.Errorf("the order that was %s was not asked about", what)
			}
		}
	}
	if now := d.requests(); now != d.sends {
		w.t.Errorf("the provider has had %v pay, precreate and refund requests, and %v when the node started", now, d.sends)
	}
	d.judge()

	if reply := d.post(h, "/v1/payments", "paid", d.m.barcode(500, "01"), "succeeded"); reply["id"] == nil || w.sim.Calls("pay") != d.sends[0] {
		w.t.Errorf("a repeated request with an old idempotency key was sent: %v", reply)
	}
	d.inDatabase(func(ctx context.Context, db *postgres.DB) error {
		for range 500 {
			no, err := db.NextOrderNo(ctx, time.Now())
			if err != nil {
				return err
			}
			if d.known[no[6:]] {
				return fmt.Errorf("the number %s repeats", no)
			}
		}
		return nil
	})
	fresh := d.post(h, "/v1/payments", "fresh", d.m.barcode(700, "01"), "succeeded")
	if d.known[text(fresh, "order_no")[6:]] {
		w.t.Errorf("the number %s repeats", text(fresh, "order_no"))
	}
	if _, _, err := h.Service().Authenticate(w.t.Context(), w.admin, core.ID{}); core.CodeOf(err) != core.CodeUnauthenticated {
		w.t.Errorf("a session of before the restore still works: %v", err)
	}
	if now := d.callbackAddress(); now != d.address {
		w.t.Errorf("the callback address was %s and is %s", d.address, now)
	}
}

// judge: the only disagreements with the provider are the orders of after the backup.
func (d *disaster) judge() {
	w := d.w
	payments, refunds := w.stored(d.m)
	requests := map[string]int{}
	for _, o := range w.sim.Orders() {
		requests[o.ClientSN] = o.PayRequests
	}
	lost := map[string]bool{}
	for i := range 3 {
		lost[text(d.replies[fmt.Sprintf("lost-%d", i)], "order_no")] = true
	}
	complaints := disagreements(payments, refunds, w.summaries(), requests)
	for _, complaint := range complaints {
		if no := strings.Fields(complaint); !strings.HasSuffix(complaint, "which is not stored") || !lost[strings.TrimSuffix(no[7], ",")] {
			w.t.Error(complaint)
		}
	}
	if len(complaints) != len(lost) {
		w.t.Errorf("%d orders are known to the provider only, %d were lost", len(complaints), len(lost))
	}
	for _, p := range payments {
		if p.State != core.PaymentSucceeded {
			w.t.Errorf("payment %s is %s", p.OrderNo, p.State)
		}
	}
	for _, r := range refunds {
		if r.State != core.RefundSucceeded {
			w.t.Errorf("refund %s is %s", r.RefundNo, r.State)
		}
	}
}
