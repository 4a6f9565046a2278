package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestWebhookSummary: what ended and what waits is counted, tests and other endpoints are not, and
// attempts that failed in one way are one line. A delivery names the earlier one it waits for.
func TestWebhookSummary(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	e, other := m.hook(t, db), m.hook(t, db)
	object := core.NewID(noon())
	var second core.ID
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		put := func(endpoint core.ID, kind string, sequence int64, state core.DeliveryState, at time.Time, status int, reason string) core.ID {
			d := core.WebhookDelivery{
				TenantID: m.tenant, ID: core.NewID(at), EndpointID: endpoint, EventID: core.NewID(at), EventType: kind, ObjectID: object, Sequence: sequence,
				State: state, Attempts: 1, CreatedAt: at,
			}
			if state == core.DeliveryPending {
				d.NextCheckAt = at
			}
			must(t, tx.InsertDelivery(ctx, d, core.DeliveryAttempt{TenantID: m.tenant, ID: core.NewID(at), DeliveryID: d.ID, Status: status, Error: reason, StartedAt: at}))
			return d.ID
		}
		put(e.ID, "payment.created", 1, core.DeliveryDelivered, noon(), 200, "")
		put(e.ID, "payment.created", 2, core.DeliveryDelivered, noon().Add(-2*oneDay), 200, "") // before the time
		put(e.ID, "webhook.test", 3, core.DeliveryFailed, noon(), 500, "a test")
		put(other.ID, "payment.created", 1, core.DeliveryFailed, noon(), 500, "another's")
		put(e.ID, "payment.failed", 4, core.DeliveryFailed, noon(), 503, "The receiver answered 503.")
		put(e.ID, "payment.failed", 5, core.DeliveryCanceled, noon().Add(time.Minute), 503, "The receiver answered 503.")
		put(e.ID, "payment.failed", 6, core.DeliveryPending, noon().Add(2*time.Minute), 0, "No reply came.")
		second = put(e.ID, "payment.failed", 7, core.DeliveryPending, noon().Add(3*time.Minute), 0, "No reply came.")
		return nil
	}))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.WebhookSummary(ctx, e.ID, noon().Add(-oneDay))
		must(t, err)
		if got.Delivered != 1 || got.Failed != 1 || got.Canceled != 1 || got.Pending != 2 || got.Retrying != 2 || !got.OldestPending.Equal(noon().Add(2*time.Minute)) {
			t.Errorf("%+v", got)
		}
		want := []core.WebhookFailure{
			{Status: 0, Error: "No reply came.", Count: 2, LastAt: noon().Add(3 * time.Minute)},
			{Status: 503, Error: "The receiver answered 503.", Count: 2, LastAt: noon().Add(time.Minute)},
		}
		if len(got.Failures) != 2 || got.Failures[0] != want[0] || got.Failures[1] != want[1] {
			t.Errorf("failures %+v", got.Failures)
		}
		d, err := tx.WebhookDelivery(ctx, second)
		must(t, err)
		first, err := tx.WebhookDelivery(ctx, d.WaitsFor)
		must(t, err)
		if first.Sequence != 6 || !first.WaitsFor.IsZero() {
			t.Errorf("waits for %+v", first)
		}
		return nil
	}))
}
