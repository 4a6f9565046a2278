package postgres

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

var deliveryTable = &table{"webhook_deliveries", []string{
	"tenant_id", "id", "endpoint_id", "event_id", "event_type", "object_id", "sequence", "state", "attempts", "next_check_at",
	"last_status", "last_error", "created_at", "finished_at",
}}

var deliveryAttemptTable = &table{"webhook_attempts", []string{
	"tenant_id", "id", "delivery_id", "status", "error", "reply", "address", "started_at", "duration_us",
}}

// eventFanOutReads is what eventFanOut needs of the events.
var eventFanOutReads = []string{"tenant_id", "id", "type", "object_id", "sequence", "created_at"}

// eventFanOut follows the events within the statement that writes them: what an endpoint must
// be told stands in the same commit, also when the sender never looks at this event again. A
// merchant without endpoints pays for finding none.
const eventFanOut = `INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, object_id, sequence, state, next_check_at, created_at)
	SELECT e.tenant_id, gen_random_uuid(), w.id, e.id, e.type, e.object_id, e.sequence, 'pending', e.created_at, e.created_at
	FROM {events} e JOIN webhook_endpoints w ON w.tenant_id = e.tenant_id
	WHERE w.enabled AND w.removed_at IS NULL AND (w.types = '{}' OR e.type = ANY (w.types))`

var (
	deliverySelect        = "SELECT x." + strings.Join(deliveryTable.columns, ", x.") + " FROM webhook_deliveries x"
	deliveryWithEvent     = "SELECT x." + strings.Join(deliveryTable.columns, ", x.") + ", e.data, e.created_at AS event_at FROM webhook_deliveries x LEFT JOIN events e ON e.tenant_id = x.tenant_id AND e.id = x.event_id"
	deliveryAttemptSelect = "SELECT " + strings.Join(deliveryAttemptTable.columns, ", ") + " FROM webhook_attempts"

	// What waits for an earlier one of its object is put off until that one's time, so that
	// looking for what is due does not read it again and again.
	deliveriesPutOff = `UPDATE webhook_deliveries d SET next_check_at = b.next_check_at FROM webhook_deliveries b
		WHERE d.tenant_id = $1 AND d.id IN (SELECT id FROM webhook_deliveries
			WHERE tenant_id = $1 AND endpoint_id = $2 AND next_check_at <= $3 ORDER BY next_check_at LIMIT $4)
		AND b.tenant_id = $1 AND b.endpoint_id = $2 AND b.object_id = d.object_id AND b.sequence < d.sequence AND b.next_check_at > $3`
	deliveriesDue = deliveryWithEvent + ` WHERE x.tenant_id = $1 AND x.endpoint_id = $2 AND x.next_check_at <= $3
		AND NOT EXISTS (SELECT FROM webhook_deliveries b WHERE b.tenant_id = $1 AND b.endpoint_id = $2 AND b.object_id = x.object_id
			AND b.sequence < x.sequence AND b.next_check_at IS NOT NULL)
		ORDER BY x.next_check_at, x.sequence LIMIT $4`
	deliveryRecord = `UPDATE webhook_deliveries SET state = $4, attempts = $3 + 1, next_check_at = $5, last_status = $6, last_error = $7, finished_at = $8
		WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state = 'pending'`
	deliveryNext = `UPDATE webhook_deliveries SET next_check_at = $5 WHERE tenant_id = $1 AND id = (SELECT id FROM webhook_deliveries
		WHERE tenant_id = $1 AND endpoint_id = $2 AND object_id = $3 AND sequence > $4 AND next_check_at IS NOT NULL ORDER BY sequence LIMIT 1) AND next_check_at > $5`
	deliveryBefore = `SELECT id FROM webhook_deliveries WHERE tenant_id = $1 AND endpoint_id = $2 AND object_id = $3 AND sequence < $4 AND next_check_at IS NOT NULL
		ORDER BY sequence LIMIT 1`
	deliveriesCancel = `UPDATE webhook_deliveries SET state = 'canceled', next_check_at = NULL, finished_at = $3 WHERE tenant_id = $1 AND id IN (
		SELECT id FROM webhook_deliveries WHERE tenant_id = $1 AND endpoint_id = $2 AND next_check_at IS NOT NULL ORDER BY next_check_at LIMIT $4)`
	requeue = "state = 'pending', attempts = 0, next_check_at = $2::timestamptz, finished_at = NULL"
)

type deliveryRow struct {
	TenantID    core.ID  `db:"tenant_id"`
	ID          core.ID  `db:"id"`
	EndpointID  core.ID  `db:"endpoint_id"`
	EventID     core.ID  `db:"event_id"`
	EventType   string   `db:"event_type"`
	ObjectID    core.ID  `db:"object_id"`
	Sequence    int64    `db:"sequence"`
	State       string   `db:"state"`
	Attempts    int      `db:"attempts"`
	NextCheckAt stamp    `db:"next_check_at"`
	LastStatus  int      `db:"last_status"`
	LastError   string   `db:"last_error"`
	CreatedAt   stamp    `db:"created_at"`
	FinishedAt  stamp    `db:"finished_at"`
	Data        document `db:"data"`
	EventAt     stamp    `db:"event_at"`
}

func (r *deliveryRow) delivery() core.WebhookDelivery {
	d := core.WebhookDelivery{
		TenantID: r.TenantID, ID: r.ID, EndpointID: r.EndpointID, EventID: r.EventID, EventType: r.EventType, ObjectID: r.ObjectID, Sequence: r.Sequence,
		State: core.DeliveryState(r.State), Attempts: r.Attempts, NextCheckAt: r.NextCheckAt.Time, LastStatus: r.LastStatus, LastError: r.LastError,
		CreatedAt: r.CreatedAt.Time, FinishedAt: r.FinishedAt.Time,
	}
	if !r.EventAt.IsZero() {
		d.Event = core.Event{
			TenantID: r.TenantID, ID: r.EventID, Type: r.EventType, ObjectID: r.ObjectID, Sequence: r.Sequence,
			Data: json.RawMessage(r.Data), CreatedAt: r.EventAt.Time,
		}
	}
	return d
}

type deliveryAttemptRow struct {
	TenantID   core.ID `db:"tenant_id"`
	ID         core.ID `db:"id"`
	DeliveryID core.ID `db:"delivery_id"`
	Status     int     `db:"status"`
	Error      string  `db:"error"`
	Reply      []byte  `db:"reply"`
	Address    string  `db:"address"`
	StartedAt  stamp   `db:"started_at"`
	DurationUS int64   `db:"duration_us"`
}

func (r *deliveryAttemptRow) attempt() core.DeliveryAttempt {
	return core.DeliveryAttempt{
		TenantID: r.TenantID, ID: r.ID, DeliveryID: r.DeliveryID, Status: r.Status, Error: r.Error, Reply: r.Reply, Address: r.Address,
		StartedAt: r.StartedAt.Time, Duration: time.Duration(r.DurationUS) * time.Microsecond,
	}
}

// putOffAtOnce bounds what one look puts off: after an outage very much may be due.
const putOffAtOnce = 500

// DueDeliveries implements core.WebhookWriter.
func (t *tenantTx) DueDeliveries(ctx context.Context, endpoint core.ID, now time.Time, limit int) ([]core.WebhookDelivery, error) {
	if _, err := t.s.change(ctx, deliveriesPutOff, t.tenant, endpoint, stamp{now}, putOffAtOnce); err != nil {
		return nil, err
	}
	var rows []deliveryRow
	if err := t.s.list(ctx, &rows, deliveriesDue, t.tenant, endpoint, stamp{now}, limit); err != nil {
		return nil, err
	}
	return convert(rows, (*deliveryRow).delivery), nil
}

// InsertDelivery implements core.WebhookWriter.
func (t *tenantTx) InsertDelivery(ctx context.Context, d core.WebhookDelivery, a core.DeliveryAttempt) error {
	if d.TenantID != t.tenant {
		return wrongTenant("delivery")
	}
	_, err := t.s.change(ctx, deliveryTable.insertText(), d.TenantID, d.ID, d.EndpointID, d.EventID, d.EventType, d.ObjectID, d.Sequence, string(d.State), d.Attempts,
		stamp{d.NextCheckAt}, d.LastStatus, clean(d.LastError), stamp{d.CreatedAt}, stamp{d.FinishedAt})
	if err != nil {
		return err
	}
	return t.insertDeliveryAttempt(ctx, a)
}

func (t *tenantTx) insertDeliveryAttempt(ctx context.Context, a core.DeliveryAttempt) error {
	_, err := t.s.change(ctx, deliveryAttemptTable.insertText(), t.tenant, a.ID, a.DeliveryID, a.Status, clean(a.Error), a.Reply, a.Address,
		stamp{a.StartedAt}, a.Duration.Microseconds())
	return err
}

// RecordDelivery implements core.WebhookWriter.
func (t *tenantTx) RecordDelivery(ctx context.Context, d core.WebhookDelivery, a core.DeliveryAttempt) error {
	moved := core.Errorf(core.CodeConflict, "The delivery was recorded by somebody else.")
	err := t.s.mustChange(ctx, moved, deliveryRecord, t.tenant, d.ID, d.Attempts-1, string(d.State), stamp{d.NextCheckAt}, d.LastStatus, clean(d.LastError), stamp{d.FinishedAt})
	if err != nil {
		return err
	}
	if err := t.insertDeliveryAttempt(ctx, a); err != nil || d.State == core.DeliveryPending {
		return err
	}
	_, err = t.s.change(ctx, deliveryNext, t.tenant, d.EndpointID, d.ObjectID, d.Sequence, stamp{d.FinishedAt})
	return err
}

// CancelDeliveries implements core.WebhookWriter.
func (t *tenantTx) CancelDeliveries(ctx context.Context, endpoint core.ID, now time.Time, limit int) (int, error) {
	n, err := t.s.change(ctx, deliveriesCancel, t.tenant, endpoint, stamp{now}, limit)
	return int(n), err
}

// RequeueDelivery implements core.WebhookWriter.
func (t *tenantTx) RequeueDelivery(ctx context.Context, id core.ID, now time.Time) error {
	waits := core.Errorf(core.CodeInvalidState, "It waits to be sent already.")
	return t.s.mustChange(ctx, waits, "UPDATE webhook_deliveries SET "+requeue+" WHERE tenant_id = $1 AND id = $3 AND state <> 'pending'", t.tenant, stamp{now}, id)
}

// RequeueDeliveries implements core.WebhookWriter.
func (t *tenantTx) RequeueDeliveries(ctx context.Context, r core.ResendRange, now time.Time, limit int) (int, error) {
	c := conditions{parts: []string{"x.tenant_id = $1"}, args: []any{t.tenant, stamp{now}, r.EndpointID}}
	c.between("x.created_at", r.From, r.To)
	pick := c.undelivered
	if r.All {
		pick = c.everyEvent
	}
	from, write := pick(r)
	count := unprepared + "SELECT count(*) FROM (SELECT $2::timestamptz, $3::uuid" + from + " LIMIT " + strconv.Itoa(limit+1) + ") n"
	var found int
	if err := t.s.get(ctx, &found, nil, count, c.args...); err != nil {
		return 0, err
	}
	if found > limit {
		return 0, core.Errorf(core.CodeLimitExceeded, "More than %d events are in this time. Ask for a shorter one.", limit).At("from")
	}
	n, err := t.s.change(ctx, unprepared+write, c.args...)
	return int(n), err
}

// undelivered finds what failed or was canceled.
func (c *conditions) undelivered(r core.ResendRange) (from, write string) {
	c.parts = append(c.parts, "x.endpoint_id = $3", "x.state IN ('failed', 'canceled')")
	c.oneOf("x.event_type", texts(r.Types))
	from = " FROM webhook_deliveries x WHERE " + strings.Join(c.parts, " AND ")
	return from, "UPDATE webhook_deliveries SET " + requeue + " WHERE tenant_id = $1 AND id IN (SELECT x.id" + from + ")"
}

// everyEvent takes the events from the outbox, so that those of a time when the endpoint was
// disabled are found as well.
func (c *conditions) everyEvent(r core.ResendRange) (from, write string) {
	c.oneOf("x.type", texts(r.Types))
	from = " FROM events x WHERE " + strings.Join(c.parts, " AND ")
	return from, `INSERT INTO webhook_deliveries AS d (tenant_id, id, endpoint_id, event_id, event_type, object_id, sequence, state, next_check_at, created_at)
		SELECT x.tenant_id, gen_random_uuid(), $3::uuid, x.id, x.type, x.object_id, x.sequence, 'pending', $2::timestamptz, x.created_at` + from + `
		ON CONFLICT (tenant_id, endpoint_id, event_id) DO UPDATE SET ` + requeue + " WHERE d.state <> 'pending'"
}

// WebhookDeliveries implements core.WebhookReader.
func (t *tenantTx) WebhookDeliveries(ctx context.Context, f core.DeliveryFilter) ([]core.WebhookDelivery, error) {
	c := t.own("x.tenant_id")
	c.id("x.endpoint_id", f.EndpointID)
	c.id("x.object_id", f.ObjectID)
	c.among("x.object_id", f.ObjectIDs)
	c.oneOf("x.state", texts(f.States))
	c.oneOf("x.event_type", texts(f.Types))
	c.between("x.created_at", f.From, f.To)
	var rows []deliveryRow
	if err := t.s.list(ctx, &rows, c.page(deliverySelect, f.Page, "x.created_at", "x.id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*deliveryRow).delivery), nil
}

// triesShown is how many attempts a detail shows: more than a delivery has without being sent again.
const triesShown = 50

// WebhookDelivery implements core.WebhookReader.
func (t *tenantTx) WebhookDelivery(ctx context.Context, id core.ID) (core.WebhookDelivery, error) {
	var row deliveryRow
	if err := t.s.get(ctx, &row, core.NotFound("delivery"), deliveryWithEvent+" WHERE x.tenant_id = $1 AND x.id = $2", t.tenant, id); err != nil {
		return core.WebhookDelivery{}, err
	}
	d := row.delivery()
	var tries []deliveryAttemptRow
	if err := t.s.list(ctx, &tries, deliveryAttemptSelect+" WHERE tenant_id = $1 AND delivery_id = $2 ORDER BY started_at DESC, id DESC LIMIT $3", t.tenant, id, triesShown); err != nil {
		return core.WebhookDelivery{}, err
	}
	d.Tries = convert(tries, (*deliveryAttemptRow).attempt)
	if d.State != core.DeliveryPending {
		return d, nil
	}
	var first []core.ID
	if err := t.s.list(ctx, &first, deliveryBefore, t.tenant, d.EndpointID, d.ObjectID, d.Sequence); err != nil {
		return core.WebhookDelivery{}, err
	}
	if len(first) > 0 {
		d.WaitsFor = first[0]
	}
	return d, nil
}
