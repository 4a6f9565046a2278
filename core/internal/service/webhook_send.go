package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	webhookTimeout  = 15 * time.Second
	webhookInFlight = 4  // requests to one endpoint at the same time
	webhookBatch    = 64 // deliveries read at once
	// A node keeps an endpoint so long at most, and its shutdown waits no longer than this and
	// the last requests' time-out.
	webhookTurn     = 5 * time.Second
	webhookGivenUp  = 7 * 24 * time.Hour // without anything taken
	webhookCancels  = 1000
	eventTest       = "webhook.test"
	eventWebhookOff = "webhook.disabled"
)

// webhookRetries are the waits before each attempt, some three days together (Standard
// Webhooks 1.0.0, "Deliverability and reliability"). Each is stretched by up to a tenth.
var webhookRetries = [...]time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// retryAt says when a delivery is tried again after so many attempts, if it is.
func retryAt(delivery core.ID, attempts int, now time.Time) (time.Time, bool) {
	if attempts >= len(webhookRetries) {
		return time.Time{}, false
	}
	wait := webhookRetries[attempts]
	// The same delivery has the same jitter everywhere; different ones spread.
	h := fnv.New32a()
	_, _ = h.Write(append(delivery[:], byte(attempts))) //nolint:gosec // ten attempts
	return now.Add(wait + wait*time.Duration(h.Sum32()%1000)/10_000), true
}

// sending is one node's turn at one endpoint.
type sending struct {
	*Service
	endpoint core.WebhookEndpoint
	secrets  []core.Secret
	until    time.Time

	mu     sync.Mutex
	silent bool // no reply came to something
	err    error
}

// sendWebhooks sends what is due at an endpoint. The caller holds its lease, so nobody else
// sends to it: four requests at once, one of an object at a time, in the order of the events.
func (s *Service) sendWebhooks(ctx context.Context, due core.Due) error {
	e, err := s.endpoint(ctx, due.TenantID, due.ID)
	if core.CodeOf(err) == core.CodeNotFound || err == nil && !e.Enabled {
		return s.cancelWebhooks(ctx, due)
	}
	if err != nil {
		return err
	}
	w := &sending{Service: s, endpoint: e, until: s.Clock().Add(webhookTurn)}
	if w.secrets, err = s.openWebhookSecrets(ctx, e); err != nil {
		return err
	}
	for w.goesOn() {
		batch, err := w.next(ctx)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			break
		}
		w.send(ctx, batch)
	}
	if w.err != nil {
		return w.err
	}
	return s.Database.ReleaseDue(ctx, due)
}

// goesOn ends the turn of a receiver that hangs, so that others get theirs.
func (w *sending) goesOn() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err == nil && !w.silent && w.endpoint.Enabled && w.Clock().Before(w.until)
}

func (w *sending) next(ctx context.Context) (batch []core.WebhookDelivery, err error) {
	err = w.Database.InTenant(ctx, w.endpoint.TenantID, func(tx core.TenantTx) error {
		batch, err = tx.DueDeliveries(ctx, w.endpoint.ID, w.Clock(), webhookBatch)
		return err
	})
	return batch, err
}

// send works a batch off; each delivery in it is of another object.
func (w *sending) send(ctx context.Context, batch []core.WebhookDelivery) {
	var workers sync.WaitGroup
	todo := make(chan core.WebhookDelivery)
	for range min(webhookInFlight, len(batch)) {
		workers.Go(func() {
			for d := range todo {
				w.one(ctx, d)
			}
		})
	}
	for _, d := range batch {
		if !w.goesOn() {
			break
		}
		todo <- d
	}
	close(todo)
	workers.Wait()
}

// one sends a delivery and records what came of it. A failure to record leaves it due: it is
// sent again, which receivers tell by its id.
func (w *sending) one(ctx context.Context, d core.WebhookDelivery) {
	a := w.post(ctx, w.endpoint, w.secrets, eventOf(d), d.ID)
	err := w.record(ctx, d, a)
	w.mu.Lock()
	defer w.mu.Unlock()
	if a.Status == 0 {
		w.silent = true
	}
	if err != nil && core.CodeOf(err) != core.CodeConflict && w.err == nil {
		w.err = err
	}
}

// eventOf is what a delivery tells: an event of the outbox, or a test, which is in none.
func eventOf(d core.WebhookDelivery) core.Event {
	if d.EventType != eventTest {
		return d.Event
	}
	return core.Event{
		TenantID: d.TenantID, ID: d.EventID, Type: eventTest, ObjectID: d.EndpointID, CreatedAt: d.CreatedAt,
		Data: json.RawMessage(`{"message":"This is a test. 这是一条测试消息。"}`),
	}
}

// post makes one request and says in a sentence why it was not taken.
func (s *Service) post(ctx context.Context, e core.WebhookEndpoint, secrets []core.Secret, event core.Event, delivery core.ID) core.DeliveryAttempt {
	now := s.Clock()
	a := core.DeliveryAttempt{TenantID: e.TenantID, ID: core.NewID(now), DeliveryID: delivery, StartedAt: now}
	if event.ID.IsZero() {
		a.Error = "The event is not kept any more."
		return a
	}
	id, body, err := core.WebhookMessage(event)
	if err != nil {
		a.Error = "The event cannot be written as JSON."
		return a
	}
	headers, err := core.WebhookHeaders(secrets, id, now, body)
	if err != nil {
		a.Error = "The message cannot be signed."
		return a
	}
	reply, err := s.Outbound.Post(ctx, core.OutboundRequest{URL: e.URL, Headers: headers, Body: body, Timeout: webhookTimeout})
	a.Status, a.Reply, a.Address, a.Duration = reply.Status, reply.Body, reply.Address, reply.Duration
	switch {
	case err != nil:
		a.Error = sentenceOf(err)
	case a.Status >= 300 && a.Status < 400:
		a.Error = "The receiver redirects, which is not followed. Give the address it redirects to."
	case a.Status < 200 || a.Status >= 300:
		a.Error = fmt.Sprintf("The receiver answered %d; only 2xx means that it took the message.", a.Status)
	}
	return a
}

// sentenceOf is what people may read of an error.
func sentenceOf(err error) string {
	if known, ok := errors.AsType[*core.Error](err); ok {
		return known.Message
	}
	return "The message could not be sent."
}

// settle says what an attempt makes of a delivery.
func settle(d core.WebhookDelivery, a core.DeliveryAttempt, now time.Time) core.WebhookDelivery {
	d.Attempts++
	d.LastStatus, d.LastError, d.FinishedAt, d.NextCheckAt = a.Status, a.Error, now, time.Time{}
	if a.Error == "" {
		d.State = core.DeliveryDelivered
		return d
	}
	d.State = core.DeliveryFailed
	if next, again := retryAt(d.ID, d.Attempts, now); again && !lost(d) {
		d.State, d.NextCheckAt, d.FinishedAt = core.DeliveryPending, next, time.Time{}
	}
	return d
}

// lost says that there is nothing left to send.
func lost(d core.WebhookDelivery) bool { return eventOf(d).ID.IsZero() }

// record writes the attempt and what it says of the endpoint.
func (w *sending) record(ctx context.Context, d core.WebhookDelivery, a core.DeliveryAttempt) error {
	now := w.Clock()
	return w.Database.InTenant(ctx, d.TenantID, func(tx core.TenantTx) error {
		if err := tx.RecordDelivery(ctx, settle(d, a, now), a); err != nil {
			return err
		}
		return w.judge(ctx, tx, a, now)
	})
}

// judge keeps since when the endpoint fails, and disables one that says it is gone or that
// took nothing for a week.
func (w *sending) judge(ctx context.Context, tx core.TenantTx, a core.DeliveryAttempt, now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := &w.endpoint
	switch {
	case a.Error == "":
		if e.FailingSince.IsZero() {
			return nil
		}
		e.FailingSince = time.Time{}
		return tx.MarkWebhookFailing(ctx, e.ID, time.Time{})
	case a.Status == 410:
		return w.disable(ctx, tx, core.WebhookDisabledGone, now)
	case e.FailingSince.IsZero():
		e.FailingSince = now
		return tx.MarkWebhookFailing(ctx, e.ID, now)
	case now.Sub(e.FailingSince) >= webhookGivenUp:
		return w.disable(ctx, tx, core.WebhookDisabledFailing, now)
	}
	return nil
}

// disable ends the endpoint with a notice: an event and an alert. What waits is canceled at
// its time.
func (w *sending) disable(ctx context.Context, tx core.TenantTx, reason string, now time.Time) error {
	e := &w.endpoint
	was, err := tx.DisableWebhook(ctx, e.ID, reason, now)
	if err != nil || !was {
		return err
	}
	e.Enabled = false
	event, err := w.event(e.TenantID, eventWebhookOff, e.ID, map[string]any{
		"id": e.ID.Prefixed(core.PrefixWebhook), "url": auditURL(e.URL), "reason": reason,
	})
	if err != nil {
		return err
	}
	if err := tx.AppendEvent(ctx, event); err != nil {
		return err
	}
	return w.raise(ctx, tx, core.Alert{
		TenantID: e.TenantID, Kind: core.AlertWebhookFailing, Severity: core.SeverityWarning, ObjectID: e.ID, ObjectKind: "webhook", Object: auditURL(e.URL),
		Args: map[string]string{"reason": reason},
	})
}

// cancelWebhooks cancels what waits for an endpoint that is disabled or gone.
func (s *Service) cancelWebhooks(ctx context.Context, due core.Due) error {
	for {
		var n int
		err := s.Database.InTenant(ctx, due.TenantID, func(tx core.TenantTx) (err error) {
			n, err = tx.CancelDeliveries(ctx, due.ID, s.Clock(), webhookCancels)
			return err
		})
		if err != nil {
			return err
		}
		if n < webhookCancels {
			return s.Database.ReleaseDue(ctx, due)
		}
	}
}

func (s *Service) openWebhookSecrets(ctx context.Context, e core.WebhookEndpoint) ([]core.Secret, error) {
	secrets := make([]core.Secret, 0, len(e.Secrets))
	for _, k := range e.Secrets {
		plain, err := s.Sealer.Open(ctx, e.TenantID, core.WebhookSecretPurpose(k.ID), k.Sealed)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, core.NewSecret(plain))
	}
	return secrets, nil
}
