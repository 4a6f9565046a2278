//go:build e2e

package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/check"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
)

// TestTheCheckersSeeRealDamage breaks each invariant on a running product, one after the
// other: idempotency keys forgotten too early, reservations released at once, an order closed by a clock, and so on. After each, exactly its invariant is violated anew.
func TestTheCheckersSeeRealDamage(t *testing.T) {
	t.Parallel()
	w := newWreck(t)
	var before []string
	if before = w.violated(); before != nil {
		t.Fatalf("violated without any damage: %v", before)
	}
	for _, twin := range []struct {
		invariant string
		damage    func()
	}{
		{"I1", w.forgetKeys},
		{"I2", w.releaseReservations},
		{"I3", w.dropAcknowledged},
		{"I4", w.closeByClock},
		{"I5", w.changeFinal},
		{"I6", w.skipEvents},
		{"I7", w.editAudit},
		{"I8", w.plantMark},
		{"I9", w.leaveOrphan},
		{"I10", w.logSecret},
	} {
		twin.damage()
		after := w.violated()
		anew := slices.DeleteFunc(slices.Clone(after), func(i string) bool { return slices.Contains(before, i) })
		if !slices.Equal(anew, []string{twin.invariant}) {
			t.Errorf("the twin of %s: violated anew are %v: %v", twin.invariant, anew, slices.DeleteFunc(check.All(w.evidence()), check.Verdict.Holds))
		}
		before = after
	}
}

// wreck is a small stand on which things are broken on purpose.
type wreck struct {
	t         *testing.T
	r         *run
	overdrawn []check.Overdrawn
	processes []check.Process
}

// newWreck runs a short load without any fault.
func newWreck(t *testing.T) *wreck {
	t.Helper()
	o := testOptions(t)
	o.nodes, o.tenants, o.burst = 1, 2, 8
	w := &wreck{t: t}
	var err error
	w.r, err = newRun(t.Context(), o, lines{t})
	w.must(err)
	t.Cleanup(func() { w.must(w.r.close()); w.must(w.r.stand.Forget()) })
	w.r.load = newLoad(newSchedule(o.seed, sizes{Operations: 60}), w.r.clients, w.r.faults, o.workers)
	w.must(w.r.underFaults(t.Context()))
	w.must(w.r.calm(t.Context()))
	w.settle()
	w.r.options.phases = []phase{{lead: time.Minute, quiet: 3 * time.Second}, phases()[1]}
	return w
}

func (w *wreck) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *wreck) settle() {
	w.t.Helper()
	w.must(w.r.settle(w.t.Context()))
	// What comes next is made at the right time again, so that its horizon can be waited for too.
	w.must(w.r.stand.Nodes[0].Lead(0))
}

// evidence collects anew, as at the end of a run.
func (w *wreck) evidence() check.Evidence {
	w.t.Helper()
	kept := w.r.evidence
	w.r.evidence = check.Evidence{Looks: kept.Looks, Descriptors: kept.Descriptors, Overdrawn: w.overdrawn}
	w.must(w.r.collect(context.Background()))
	e := w.r.evidence
	w.r.evidence = kept
	e.Processes = append([]check.Process{{Name: "one that ended"}}, w.processes...)
	return e
}

func (w *wreck) violated() []string {
	w.t.Helper()
	return check.Violated(check.All(w.evidence()))
}

func (w *wreck) sql(statements ...string) {
	w.t.Helper()
	w.must(w.r.stand.Cluster.Superuser(w.t.Context(), statements...))
}

// pay makes a payment of the fate at the first provider, with a key of its own.
func (w *wreck) pay(place int, fate string) *result {
	w.t.Helper()
	return w.payAt(0, place, fate)
}

func (w *wreck) payAt(provider uint32, place int, fate string) *result {
	w.t.Helper()
	r := &result{}
	w.must(w.r.load.pay(w.t.Context(), 1000+place, operation{What: payByCode, Place: provider, Fate: fate, Amount: 1000}, r))
	return r
}

// idOf is the stored id of a payment.
func (w *wreck) idOf(r *result) string {
	w.t.Helper()
	id, err := core.ParsePrefixed(core.PrefixPayment, r.object)
	w.must(err)
	return id.String()
}

// forgetKeys: a repeated request is taken for a new one, and the payer is charged twice.
func (w *wreck) forgetKeys() {
	first := w.pay(1, fateOfPayers)
	w.sql(`DELETE FROM zhanggui.idempotency_keys`)
	again, err := w.r.clients.do(w.t.Context(), first.request)
	w.must(err)
	w.r.clients.told(first.request.key, again)
	w.settle()
}

// releaseReservations: what is reserved is free again at once, so refunds that do not fit together are all sent.
func (w *wreck) releaseReservations() {
	const at = 2 // a provider that can be asked about each of several refunds
	paid := w.payAt(at, 2, fateOfPayers)
	provider := w.r.stand.Sims.Providers[at].Provider
	id, err := w.r.stand.Sims.Arm(w.t.Context(), provider, stand.Rule{Operation: "refund", Kind: "delay", Delay: "2s"})
	w.must(err)
	w.sql(`CREATE FUNCTION zhanggui.release() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.reserved := 0; RETURN NEW; END'`,
		`CREATE TRIGGER release BEFORE UPDATE ON zhanggui.payments FOR EACH ROW EXECUTE FUNCTION zhanggui.release()`)
	watching, seen := context.WithCancel(w.t.Context())
	var group sync.WaitGroup
	for k := range racers {
		group.Go(func() {
			key := fmt.Sprintf("%s-w%d", paid.request.key, k)
			_, _ = w.r.clients.once(w.t.Context(), request{
				tenant: paid.tenant, method: http.MethodPost, path: "/v1/refunds", key: key,
				body: map[string]any{"payment_id": paid.object, "amount": 600, "reason": key},
			})
		})
	}
	group.Go(func() {
		for watching.Err() == nil {
			var rows []struct {
				ID        core.ID `db:"id"`
				Amount    int64   `db:"amount"`
				Committed int64   `db:"committed"`
			}
			if err := w.r.db.SelectContext(watching, &rows, overdrawn); err == nil && len(rows) > 0 {
				w.overdrawn = []check.Overdrawn{{Payment: rows[0].ID.Prefixed(core.PrefixPayment), Paid: rows[0].Amount, Committed: rows[0].Committed}}
				seen()
			}
			pause(watching, 20*time.Millisecond)
		}
	})
	select {
	case <-watching.Done():
	case <-time.After(time.Minute):
		w.t.Error("three refunds of 60 % were never in flight together")
		seen()
	}
	// The twin ends: what is in flight is reserved, as nothing but a dropped constraint permits, so that the provider's answers can be recorded.
	w.sql(`DROP TRIGGER release ON zhanggui.payments; ALTER TABLE zhanggui.payments DROP CONSTRAINT payments_refundable; UPDATE zhanggui.payments p SET
		reserved = (SELECT coalesce(sum(amount), 0) FROM zhanggui.refunds r WHERE r.payment_id = p.id AND state = 'processing') WHERE id = '` + w.idOf(paid) + `'`)
	group.Wait()
	w.must(w.r.stand.Sims.Disarm(w.t.Context(), provider, id))
	w.settle()
}

// dropAcknowledged removes a payment that a client was told of; it failed, so the provider does not miss it.
func (w *wreck) dropAcknowledged() {
	gone := w.idOf(w.pay(3, "poor"))
	w.settle()
	w.sql(`SET session_replication_role = replica; DELETE FROM zhanggui.attempts WHERE payment_id = '` + gone + `'; DELETE FROM zhanggui.payments WHERE id = '` + gone + `'`)
}

// closeByClock gives an order up because it is old, while the provider has the money.
func (w *wreck) closeByClock() {
	provider := w.r.stand.Sims.Providers[0].Provider
	id, err := w.r.stand.Sims.Arm(w.t.Context(), provider, stand.Rule{Operation: "query", Kind: "lost-before"})
	w.must(err)
	closed := w.idOf(w.pay(4, "healing"))
	w.sql(`UPDATE zhanggui.payments SET state = 'failed', unknown_since = NULL, next_check_at = NULL, version = version + 1 WHERE id = '`+closed+`' AND state = 'processing'`,
		`INSERT INTO zhanggui.events (tenant_id, id, type, object_id, data, created_at)
			SELECT tenant_id, gen_random_uuid(), 'payment.failed', id, '{"state": "failed"}', 'epoch' FROM zhanggui.payments WHERE id = '`+closed+`' AND state = 'failed'`)
	w.must(w.r.stand.Sims.Disarm(w.t.Context(), provider, id))
}

// changeFinal has an order that failed become canceled.
func (w *wreck) changeFinal() {
	changed := w.idOf(w.pay(5, "poor"))
	w.settle()
	w.sql(`UPDATE zhanggui.payments SET state = 'canceled' WHERE id = '`+changed+`'`,
		`INSERT INTO zhanggui.events (tenant_id, id, type, object_id, data, created_at)
			SELECT tenant_id, gen_random_uuid(), 'payment.canceled', id, '{"state": "canceled"}', 'epoch' FROM zhanggui.payments WHERE id = '`+changed+`'`)
}

// skipEvents notes messages as delivered that their receiver did not take.
func (w *wreck) skipEvents() {
	w.r.stand.Hooks.Refuse(1000)
	skipped := w.idOf(w.pay(6, fateOfPayers))
	w.sql(`UPDATE zhanggui.webhook_deliveries SET state = 'delivered', next_check_at = NULL WHERE object_id = '` + skipped + `' AND state = 'pending'`)
	w.r.stand.Hooks.Heal()
	w.settle()
}

// editAudit changes who did something.
func (w *wreck) editAudit() {
	w.sql(`SET session_replication_role = replica; UPDATE zhanggui.audit_log SET actor = 'somebody else'
		WHERE id = (SELECT id FROM zhanggui.audit_log WHERE action = 'payment.create' ORDER BY seq LIMIT 1)`)
}

// plantMark puts a tenant's data into another's payment, which that one then reads.
func (w *wreck) plantMark() {
	reader := w.pay(7, fateOfPayers)
	other := w.r.stand.Tenants[1]
	w.sql(`UPDATE zhanggui.payments SET description = '` + mark(other, 1) + `' WHERE id = '` + w.idOf(reader) + `'`)
	_, err := w.r.clients.do(w.t.Context(), request{tenant: reader.tenant, method: http.MethodGet, path: "/v1/payments/" + reader.object})
	w.must(err)
}

// leaveOrphan starts a process that outlives the one that is asked for its children.
func (w *wreck) leaveOrphan() {
	orphan := exec.CommandContext(w.t.Context(), "sleep", "300")
	w.must(orphan.Start())
	w.t.Cleanup(func() { _ = orphan.Process.Kill(); _ = orphan.Wait() })
	for _, p := range survivors(stand.Children(os.Getpid())) {
		if p.PID == orphan.Process.Pid {
			w.processes = append(w.processes, p)
		}
	}
}

// logSecret writes a merchant's key into the node's log.
func (w *wreck) logSecret() {
	log, err := os.OpenFile(filepath.Join(w.r.stand.Dir(), "node-1.log"), os.O_APPEND|os.O_WRONLY, 0o600)
	w.must(err)
	credentials := w.r.stand.Sims.Providers[0].Accounts[0].Credentials
	i := slices.IndexFunc(slices.Sorted(maps.Values(credentials)), func(v string) bool { return strings.Contains(v, "key") })
	_, err = fmt.Fprintf(log, "signing with %s\n", slices.Sorted(maps.Values(credentials))[i])
	w.must(err)
	w.must(log.Close())
}
