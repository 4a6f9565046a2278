package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// hook gives the merchant an endpoint.
func (m merchant) hook(tb testing.TB, db *DB) core.WebhookEndpoint {
	tb.Helper()
	e := core.WebhookEndpoint{
		TenantID: m.tenant, ID: core.NewID(noon()), URL: "https://shop.example.com/", Enabled: true, CreatedBy: "user:usr_1", CreatedAt: noon(), UpdatedAt: noon(),
	}
	must(tb, m.in(tb, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.InsertWebhookEndpoint(ctx, e), tx.InsertWebhookSecret(ctx, core.WebhookSecret{
			TenantID: m.tenant, ID: core.NewID(noon()), EndpointID: e.ID, Sealed: []byte("x"), Display: "whsec_x", CreatedBy: "user:usr_1", CreatedAt: noon(),
		}))
	}))
	return e
}

func (m merchant) deliveries(tb testing.TB, db *DB) (list []core.WebhookDelivery) {
	tb.Helper()
	must(tb, m.in(tb, db, func(ctx context.Context, tx core.TenantTx) (err error) {
		list, err = tx.WebhookDeliveries(ctx, core.DeliveryFilter{})
		return err
	}))
	return list
}

// TestAnEventAndItsDeliveriesAreOne: what is rolled back is not delivered, and what commits
// late is found although later events were sent before.
func TestAnEventAndItsDeliveriesAreOne(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	e := m.hook(t, db)
	taken := errors.New("taken back")
	err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		must(t, tx.AppendEvent(ctx, m.event(core.NewID(noon()), "payment.created")))
		_, err := tx.Events(ctx, core.EventFilter{}) // writes what is buffered
		return firstError(err, taken)
	})
	if !errors.Is(err, taken) || len(m.deliveries(t, db)) != 0 {
		t.Fatalf("%v: %d deliveries of an event that was taken back", err, len(m.deliveries(t, db)))
	}
	begun, sent := make(chan struct{}), make(chan struct{})
	var late sync.WaitGroup
	late.Go(func() {
		err := db.InTenant(t.Context(), m.tenant, func(tx core.TenantTx) error {
			err := tx.AppendEvent(t.Context(), m.event(core.NewID(noon()), "payment.late"))
			if err == nil {
				_, err = tx.Events(t.Context(), core.EventFilter{})
			}
			close(begun)
			<-sent
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-begun
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.AppendEvent(ctx, m.event(core.NewID(noon()), "payment.early"))
	}))
	finish := func(want string) {
		t.Helper()
		due, err := db.ClaimWebhooks(t.Context(), noon(), 10, time.Minute)
		must(t, err)
		if len(due) != 1 || due[0].ID != e.ID {
			t.Fatalf("claimed %v", due)
		}
		// A transaction that writes a delivery of the endpoint holds the renewal up no more than the claim.
		must(t, db.RenewDue(t.Context(), due, noon().Add(3*time.Minute)))
		if again, err := db.ClaimWebhooks(t.Context(), noon().Add(2*time.Minute), 10, time.Minute); err != nil || len(again) != 0 {
			t.Fatalf("the lease was not renewed: %v %v", again, err)
		}
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			list, err := tx.DueDeliveries(ctx, e.ID, noon(), 10)
			if err != nil || len(list) != 1 || list[0].EventType != want || list[0].Event.ID != list[0].EventID {
				return fmt.Errorf("%w: %+v", err, list)
			}
			d := list[0]
			d.State, d.Attempts, d.NextCheckAt, d.LastStatus, d.FinishedAt = core.DeliveryDelivered, 1, time.Time{}, 200, noon()
			a := core.DeliveryAttempt{ID: core.NewID(noon()), DeliveryID: d.ID, Status: 200, StartedAt: noon()}
			if err := tx.RecordDelivery(ctx, d, a); err != nil {
				return err
			}
			if err := tx.RecordDelivery(ctx, d, a); core.CodeOf(err) != core.CodeConflict {
				return fmt.Errorf("recorded twice: %w", err)
			}
			return nil
		}))
		must(t, db.ReleaseDue(t.Context(), due[0]))
	}
	finish("payment.early")
	close(sent)
	late.Wait()
	finish("payment.late")
}

// TestTwoNodesNeverHoldOneEndpoint at the same time, and a lease that ends is taken over.
func TestTwoNodesNeverHoldOneEndpoint(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	nodes := []*DB{openAt(t, url), openAt(t, url)}
	const merchants = 6
	for range merchants {
		m := newMerchant(t, nodes[0])
		m.hook(t, nodes[0])
		must(t, m.in(t, nodes[0], func(ctx context.Context, tx core.TenantTx) error {
			return firstError(tx.AppendEvent(ctx, m.event(core.NewID(noon()), "a.b")), tx.AppendEvent(ctx, m.event(core.NewID(noon()), "a.b")))
		}))
	}
	claim := func(at time.Time) map[core.ID]int {
		var mu sync.Mutex
		held := map[core.ID]int{}
		var claims sync.WaitGroup
		for i := range 8 {
			claims.Go(func() {
				due, err := nodes[i%2].ClaimWebhooks(t.Context(), at, 4, time.Minute)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, d := range due {
					held[d.ID]++
				}
			})
		}
		claims.Wait()
		return held
	}
	for _, at := range []time.Time{noon(), noon().Add(2 * time.Minute)} {
		held := claim(at)
		for range 2 { // those that found everything held at the first try
			for id, n := range claim(at) {
				held[id] += n
			}
		}
		if len(held) != merchants {
			t.Errorf("%d of %d endpoints were claimed", len(held), merchants)
		}
		for id, n := range held {
			if n != 1 {
				t.Errorf("%s is held %d times", id, n)
			}
		}
	}
}

// TestWebhooksOfAnotherTenantDoNotExist, and none can be made to point at them.
func TestWebhooksOfAnotherTenantDoNotExist(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b := newMerchant(t, db), newMerchant(t, db)
	e := b.hook(t, db)
	must(t, b.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.AppendEvent(ctx, b.event(core.NewID(noon()), "payment.created"))
	}))
	theirs := b.deliveries(t, db)
	if len(theirs) != 1 || len(a.deliveries(t, db)) != 0 {
		t.Fatalf("%d and %d deliveries", len(theirs), len(a.deliveries(t, db)))
	}
	d := theirs[0]
	mine := core.WebhookDelivery{
		TenantID: a.tenant, ID: core.NewID(noon()), EndpointID: e.ID, EventID: core.NewID(noon()), EventType: "webhook.test", ObjectID: e.ID,
		State: core.DeliveryDelivered, CreatedAt: noon(), FinishedAt: noon(),
	}
	for name, fn := range map[string]func(ctx context.Context, tx core.TenantTx) error{
		"endpoint": func(ctx context.Context, tx core.TenantTx) error { _, err := tx.WebhookEndpoint(ctx, e.ID); return err },
		"delivery": func(ctx context.Context, tx core.TenantTx) error { _, err := tx.WebhookDelivery(ctx, d.ID); return err },
		"secret": func(ctx context.Context, tx core.TenantTx) error {
			return tx.DeleteWebhookSecret(ctx, e.ID, core.NewID(noon()))
		},
		"a delivery to it": func(ctx context.Context, tx core.TenantTx) error {
			return tx.InsertDelivery(ctx, mine, core.DeliveryAttempt{ID: core.NewID(noon()), DeliveryID: mine.ID, StartedAt: noon()})
		},
		"a secret of it": func(ctx context.Context, tx core.TenantTx) error {
			return tx.InsertWebhookSecret(ctx, core.WebhookSecret{TenantID: a.tenant, ID: core.NewID(noon()), EndpointID: e.ID, Sealed: []byte("x"), CreatedAt: noon()})
		},
	} {
		if err := a.in(t, db, fn); core.CodeOf(err) != core.CodeNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, a.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		canceled, err := tx.CancelDeliveries(ctx, e.ID, noon(), 10)
		disabled, err2 := tx.DisableWebhook(ctx, e.ID, core.WebhookDisabledGone, noon())
		due, err3 := tx.DueDeliveries(ctx, e.ID, noon(), 10)
		if canceled != 0 || disabled || len(due) != 0 {
			t.Errorf("canceled %d, disabled %v, due %d of another tenant", canceled, disabled, len(due))
		}
		return firstError(err, err2, err3)
	}))
}

// TestLookingForWhatIsDueCostsAStepAnEndpoint, however much waits.
func TestLookingForWhatIsDueCostsAStepAnEndpoint(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	owner := rawRole(t, url, roleOwner)
	for range 3 {
		m := newMerchant(t, db)
		e := m.hook(t, db)
		_, err := owner.ExecContext(t.Context(), `INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, object_id, sequence, state, next_check_at, created_at)
			SELECT $1, gen_random_uuid(), $2, gen_random_uuid(), 'a.b', gen_random_uuid(), n, 'pending', $3, $3 FROM generate_series(1, 5000) n`, m.tenant, e.ID, noon())
		must(t, err)
	}
	_, err := owner.ExecContext(t.Context(), "ANALYZE webhook_deliveries")
	must(t, err)
	var plan []byte
	must(t, rawRole(t, url, rolePlatform).QueryRowContext(t.Context(), "EXPLAIN (ANALYZE, FORMAT JSON) "+webhooksDue, noon(), 100).Scan(&plan))
	var parsed []struct{ Plan planNode }
	must(t, json.Unmarshal(plan, &parsed))
	if read := parsed[0].Plan.read("webhook_deliveries"); read > 20 {
		t.Errorf("%v rows were read to find 3 endpoints:\n%s", read, plan)
	}
	due, err := db.ClaimWebhooks(t.Context(), noon(), 100, time.Minute)
	if err != nil || len(due) != 3 {
		t.Errorf("%v %v", due, err)
	}
}

type planNode struct {
	Relation string     `json:"Relation Name"`
	Rows     float64    `json:"Actual Rows"`
	Loops    float64    `json:"Actual Loops"`
	Removed  float64    `json:"Rows Removed by Filter"`
	Plans    []planNode `json:"Plans"`
}

// read counts the rows of a table that a plan went through.
func (n planNode) read(table string) float64 {
	sum := 0.0
	if n.Relation == table {
		sum = (n.Rows + n.Removed) * n.Loops
	}
	for _, p := range n.Plans {
		sum += p.read(table)
	}
	return sum
}

func TestDeliveriesArePruned(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	e := m.hook(t, db)
	for _, at := range []time.Time{noon(), noon().Add(48 * time.Hour)} {
		d := core.WebhookDelivery{
			TenantID: m.tenant, ID: core.NewID(at), EndpointID: e.ID, EventID: core.NewID(at), EventType: "webhook.test", ObjectID: e.ID, State: core.DeliveryFailed, CreatedAt: at, FinishedAt: at,
		}
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			return tx.InsertDelivery(ctx, d, core.DeliveryAttempt{ID: core.NewID(at), DeliveryID: d.ID, Reply: []byte{0, 255}, StartedAt: at})
		}))
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.AppendEvent(ctx, m.event(core.NewID(noon()), "a.b"))
	}))
	if n, err := db.PruneDeliveries(t.Context(), noon().Add(24*time.Hour), 10); err != nil || n.Rows != 1 {
		t.Errorf("%d removed: %v", n.Rows, err)
	}
	if list := m.deliveries(t, db); len(list) != 2 || list[0].State != core.DeliveryFailed || list[1].State != core.DeliveryPending {
		t.Errorf("left: %+v", list)
	}
}
