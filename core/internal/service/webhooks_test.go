package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/zhanggui-pay/zhanggui/core"
)

// hooked is a merchant with an owner who has confirmed, and a receiver.
type hooked struct {
	*house

	tenant core.ID
	owner  core.SessionReply
	asking core.Identity
	t      *testing.T
	seq    int
}

func newHooked(t *testing.T) *hooked {
	t.Helper()
	h := newHouse(t)
	x := &hooked{house: h, t: t, tenant: h.tenant(t, "Webhooks").ID}
	x.owner = h.person(t, x.tenant, "owner@example.com", core.RoleTenantOwner)
	var err error
	if x.asking, _, err = x.Authenticate(t.Context(), x.owner.Token, x.tenant); err != nil {
		t.Fatal(err)
	}
	return x
}

// ctx is a request of the owner, who has just confirmed, whatever time has passed.
func (x *hooked) ctx() context.Context {
	x.t.Helper()
	id := x.asking
	id.StepUpAt = x.Clock()
	return core.WithIdentity(x.t.Context(), id)
}

func (x *hooked) webhook(types ...string) (core.WebhookEndpoint, core.Secret) {
	x.t.Helper()
	x.seq++
	e, secret, err := x.CreateWebhook(x.ctx(), core.WebhookInput{URL: fmt.Sprintf("https://shop.example.com/%d", x.seq), Types: types, Enabled: true})
	if err != nil {
		x.t.Fatal(err)
	}
	return e, secret
}

// happen writes events of objects to the outbox, each in a transaction.
func (x *hooked) happen(kind string, objects ...core.ID) {
	x.t.Helper()
	for _, object := range objects {
		event, err := x.event(x.tenant, kind, object, map[string]any{"n": x.seq})
		if err != nil {
			x.t.Fatal(err)
		}
		x.seq++
		if err := x.Database.InTenant(x.t.Context(), x.tenant, func(tx core.TenantTx) error { return tx.AppendEvent(x.t.Context(), event) }); err != nil {
			x.t.Fatal(err)
		}
	}
}

// sweep does what is due, once, and says how many endpoints were served.
func (x *hooked) sweep() int {
	x.t.Helper()
	due, err := x.Database.ClaimWebhooks(x.t.Context(), x.Clock(), 100, time.Minute)
	if err != nil {
		x.t.Fatal(err)
	}
	for _, d := range due {
		if err := x.CheckDue(x.t.Context(), d); err != nil {
			x.t.Fatal(err)
		}
	}
	return len(due)
}

func (x *hooked) deliveries(states ...core.DeliveryState) []core.WebhookDelivery {
	x.t.Helper()
	list, err := x.ListDeliveries(x.ctx(), core.DeliveryFilter{States: states, Page: core.Page{Limit: 200}})
	if err != nil {
		x.t.Fatal(err)
	}
	return list
}

// message is what a receiver reads of a body.
type message struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	ObjectID string `json:"object_id"`
	Sequence int64  `json:"sequence"`
}

func read(t *testing.T, req core.OutboundRequest) message {
	t.Helper()
	var m message
	if err := json.Unmarshal(req.Body, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestSignaturesByTheSpecification: what is sent is verified by the specification's own
// library, with each secret that signs, and its published example is what ours makes.
func TestSignaturesByTheSpecification(t *testing.T) {
	t.Parallel()
	headers, err := core.WebhookHeaders([]core.Secret{core.SecretString("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}, "msg_p5jXN8AQM9LWM0D4loKWxJek",
		time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if err != nil || headers["webhook-signature"] != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" || headers["webhook-timestamp"] != "1614265330" {
		t.Errorf("the published example: %v %v", headers, err)
	}
	x := newHooked(t)
	e, first := x.webhook()
	_, second, err := x.RotateWebhookSecret(x.ctx(), e.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	verify := func(secret core.Secret, req core.OutboundRequest) error {
		t.Helper()
		verifier, err := standardwebhooks.NewWebhook(string(secret.Reveal()))
		if err != nil {
			t.Fatal(err)
		}
		h := http.Header{}
		for name, value := range req.Headers {
			h.Set(name, value)
		}
		return verifier.VerifyIgnoringTimestamp(req.Body, h)
	}
	x.happen("payment.succeeded", core.NewID(x.Clock()))
	x.sweep()
	sent := x.postbox.taken()
	if len(sent) != 1 || verify(first, sent[0]) != nil || verify(second, sent[0]) != nil {
		t.Fatalf("%d sent; with the old secret: %v, with the new: %v", len(sent), verify(first, sent[0]), verify(second, sent[0]))
	}
	if m := read(t, sent[0]); sent[0].Headers["webhook-id"] != m.ID || !strings.HasPrefix(m.ID, "evt_") || !strings.HasPrefix(m.ObjectID, "pay_") || m.Type != "payment.succeeded" {
		t.Errorf("%v %s", sent[0].Headers, sent[0].Body)
	}
	forged := sent[0]
	forged.Body = append([]byte(" "), forged.Body...)
	if verify(second, forged) == nil {
		t.Error("another body is verified")
	}
	// When the overlap is over, the old secret signs no more.
	x.clock.Move(time.Hour)
	x.happen("payment.succeeded", core.NewID(x.Clock()))
	x.sweep()
	if sent = x.postbox.taken(); len(sent) != 2 || verify(first, sent[1]) == nil || verify(second, sent[1]) != nil {
		t.Error("the old secret still signs, or the new one does not")
	}
}

// TestAReceiverThatIsDownForTwoDays: every event is delivered in the end, those of an object
// in their order, and none twice or never.
func TestAReceiverThatIsDownForTwoDays(t *testing.T) {
	t.Parallel()
	x := newHooked(t)
	e, _ := x.webhook()
	var (
		mu    sync.Mutex
		up    bool
		heard []message
		tries int
	)
	x.postbox.answer = func(req core.OutboundRequest) (core.OutboundReply, error) {
		mu.Lock()
		defer mu.Unlock()
		tries++
		if !up {
			return core.OutboundReply{}, core.Errorf(core.CodeDeliveryFailed, "The connection was refused.")
		}
		heard = append(heard, read(t, req))
		return core.OutboundReply{Status: 200}, nil
	}
	const objects, rounds = 12, 4
	ids := make([]core.ID, objects)
	for i := range ids {
		ids[i] = core.NewID(x.Clock())
	}
	start := x.Clock()
	for hour := range 48 {
		if hour%12 == 0 {
			x.happen("payment.created", ids...)
		}
		for range 60 {
			if x.sweep() == 0 {
				break
			}
		}
		x.clock.Move(time.Hour)
	}
	if tries == 0 || len(heard) != 0 || len(x.deliveries(core.DeliveryPending)) != objects*rounds {
		t.Fatalf("after two days: %d tries, %d heard, %d wait", tries, len(heard), len(x.deliveries(core.DeliveryPending)))
	}
	if now, err := x.Webhook(x.ctx(), e.ID); err != nil || !now.Enabled || now.FailingSince.Sub(start) > time.Hour {
		t.Errorf("%+v %v", now, err)
	}
	mu.Lock()
	up = true
	mu.Unlock()
	for range 24 {
		for x.sweep() > 0 {
		}
		x.clock.Move(time.Hour)
	}
	seen, last := map[string]bool{}, map[string]int64{}
	for _, m := range heard {
		if seen[m.ID] || m.Sequence <= last[m.ObjectID] {
			t.Errorf("%s of %s: twice or out of order", m.ID, m.ObjectID)
		}
		seen[m.ID], last[m.ObjectID] = true, m.Sequence
	}
	if len(seen) != objects*rounds || len(x.deliveries(core.DeliveryDelivered)) != objects*rounds {
		t.Errorf("%d of %d events were delivered", len(seen), objects*rounds)
	}
	if now, err := x.Webhook(x.ctx(), e.ID); err != nil || !now.FailingSince.IsZero() {
		t.Errorf("it still counts as failing: %+v %v", now, err)
	}
}

// TestOneObjectWaitsForItself: a message that is not taken holds up its object only.
func TestOneObjectWaitsForItself(t *testing.T) {
	t.Parallel()
	x := newHooked(t)
	x.webhook()
	poison, healthy := core.NewID(x.Clock()), core.NewID(x.Clock())
	refuse := true
	x.postbox.answer = func(req core.OutboundRequest) (core.OutboundReply, error) {
		if m := read(t, req); refuse && strings.HasSuffix(m.ObjectID, poison.Prefixed("pay")) {
			return core.OutboundReply{Status: 500, Body: []byte("no")}, nil
		}
		return core.OutboundReply{Status: 200}, nil
	}
	x.happen("payment.created", poison, healthy, poison, healthy)
	x.sweep()
	if done := x.deliveries(core.DeliveryDelivered); len(done) != 2 || done[0].ObjectID != healthy || done[1].ObjectID != healthy {
		t.Fatalf("%+v", done)
	}
	if n := len(x.postbox.taken()); n != 3 || x.sweep() != 0 {
		t.Errorf("%d were sent; the second of the poisoned object must wait for the first", n)
	}
	refuse = false
	x.clock.Move(6 * time.Second)
	x.sweep()
	if n := len(x.deliveries(core.DeliveryDelivered)); n != 4 {
		t.Errorf("%d were delivered", n)
	}
	all := x.deliveries()
	slices.SortFunc(all, func(a, b core.WebhookDelivery) int { return int(a.Sequence - b.Sequence) })
	detail, err := x.Delivery(x.ctx(), all[0].ID)
	if err != nil || len(detail.Tries) != 2 || detail.Tries[1].Status != 500 || string(detail.Tries[1].Reply) != "no" || detail.Tries[1].Error == "" || detail.Event.ID.IsZero() {
		t.Errorf("%+v %v", detail, err)
	}
}

// TestRetriesEnd: after some three days an event is given up, and can be sent again.
func TestRetriesEnd(t *testing.T) {
	t.Parallel()
	x := newHooked(t)
	e, _ := x.webhook()
	status := 503
	x.postbox.answer = func(core.OutboundRequest) (core.OutboundReply, error) { return core.OutboundReply{Status: status}, nil }
	object := core.NewID(x.Clock())
	from := x.Clock()
	x.happen("payment.created", object)
	for range 90 {
		x.sweep()
		if x.sweep() != 0 {
			t.Fatal("it is due again at once")
		}
		x.clock.Move(time.Hour)
	}
	failed := x.deliveries(core.DeliveryFailed)
	if len(failed) != 1 || failed[0].Attempts != len(webhookRetries) || failed[0].LastStatus != 503 {
		t.Fatalf("%+v", failed)
	}
	if took := failed[0].FinishedAt.Sub(from); took < 72*time.Hour || took > 90*time.Hour {
		t.Errorf("given up after %v", took)
	}
	status = 200
	again, err := x.ResendDelivery(x.ctx(), failed[0].ID)
	if err != nil || again.State != core.DeliveryPending {
		t.Fatalf("%+v %v", again, err)
	}
	if _, err := x.ResendDelivery(x.ctx(), failed[0].ID); core.CodeOf(err) != core.CodeInvalidState {
		t.Errorf("twice: %v", err)
	}
	x.sweep()
	if got := x.deliveries(core.DeliveryDelivered); len(got) != 1 || got[0].ID != failed[0].ID || got[0].Attempts != 1 {
		t.Errorf("%+v", got)
	}
	if n := len(x.deliveries()); n != 1 {
		t.Errorf("%d deliveries of one event to %s", n, e.ID)
	}
}

// TestWhatMayNotBeSentAgain: the server says why, to people who read Chinese as well.
func TestWhatMayNotBeSentAgain(t *testing.T) {
	t.Parallel()
	x := newHooked(t)
	e, _ := x.webhook()
	x.postbox.answer = func(core.OutboundRequest) (core.OutboundReply, error) { return core.OutboundReply{Status: 200}, nil }
	x.happen("payment.created", core.NewID(x.Clock()))
	x.sweep()
	sent := x.deliveries(core.DeliveryDelivered)
	if len(sent) != 1 {
		t.Fatalf("%+v", x.deliveries())
	}
	refused := func(why, word string) {
		t.Helper()
		var refusal *core.Error
		_, err := x.ResendDelivery(x.ctx(), sent[0].ID)
		if !errors.As(err, &refusal) || refusal.Code != core.CodeInvalidState || !strings.Contains(refusal.Args["zh"], word) {
			t.Errorf("%s: %+v", why, err)
		}
		if n := len(x.deliveries(core.DeliveryPending)); why != "it waits" && n != 0 {
			t.Errorf("%s: %d wait", why, n)
		}
	}
	if _, err := x.UpdateWebhook(x.ctx(), e.ID, core.WebhookInput{URL: e.URL, Enabled: false}); err != nil {
		t.Fatal(err)
	}
	refused("it is disabled", "停用")
	if _, err := x.UpdateWebhook(x.ctx(), e.ID, core.WebhookInput{URL: e.URL, Enabled: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := x.ResendDelivery(x.ctx(), sent[0].ID); err != nil {
		t.Fatal(err)
	}
	refused("it waits", "等待")
	x.sweep()
	if err := x.RemoveWebhook(x.ctx(), e.ID); err != nil {
		t.Fatal(err)
	}
	refused("it is removed", "删除")
}

// TestAnEndpointIsDisabled by 410 at once and by a week of failure, with an event, an alert,
// and what waits canceled; then a range is sent again.
func TestAnEndpointIsDisabled(t *testing.T) {
	t.Parallel()
	x := newHooked(t)
	bad, _ := x.webhook("payment.created")
	witness, _ := x.webhook(eventWebhookOff)
	status := 410
	x.postbox.answer = func(req core.OutboundRequest) (core.OutboundReply, error) {
		if req.URL == bad.URL {
			return core.OutboundReply{Status: status}, nil
		}
		return core.OutboundReply{Status: 204}, nil
	}
	from := x.Clock()
	object := core.NewID(x.Clock())
	x.happen("payment.created", object, object)
	x.sweep()
	now, err := x.Webhook(x.ctx(), bad.ID)
	if err != nil || now.Enabled || now.DisabledReason != core.WebhookDisabledGone {
		t.Fatalf("%+v %v", now, err)
	}
	x.clock.Move(time.Minute)
	x.sweep()
	if got := x.deliveries(core.DeliveryCanceled); len(got) != 2 {
		t.Errorf("%d canceled", len(got))
	}
	alerts, err := x.ListAlerts(x.ctx(), core.AlertFilter{Kinds: []core.AlertKind{core.AlertWebhookFailing}, Open: true})
	if err != nil || len(alerts) != 1 || alerts[0].ObjectID != bad.ID {
		t.Errorf("%+v %v", alerts, err)
	}
	told := x.deliveries(core.DeliveryDelivered)
	if len(told) != 1 || told[0].EndpointID != witness.ID || told[0].EventType != eventWebhookOff {
		t.Errorf("%+v", told)
	}
	// What happens while it is disabled is not meant for it.
	x.happen("payment.created", object)
	whole := core.ResendRange{EndpointID: bad.ID, From: from, To: x.Clock().Add(time.Second)}
	if _, err := x.ResendDeliveries(x.ctx(), whole); core.CodeOf(err) != core.CodeInvalidState {
		t.Errorf("sent again while disabled: %v", err)
	}
	if _, err := x.UpdateWebhook(x.ctx(), bad.ID, core.WebhookInput{URL: bad.URL, Types: bad.Types, Enabled: true}); err != nil {
		t.Fatal(err)
	}
	if alerts, err := x.ListAlerts(x.ctx(), core.AlertFilter{Kinds: []core.AlertKind{core.AlertWebhookFailing}, Open: true}); err != nil || len(alerts) != 0 {
		t.Errorf("the alert stays: %+v %v", alerts, err)
	}
	status = 200
	if n, err := x.ResendDeliveries(x.ctx(), whole); err != nil || n != 2 {
		t.Errorf("what was canceled: %d %v", n, err)
	}
	x.sweep()
	whole.All = true
	if n, err := x.ResendDeliveries(x.ctx(), whole); err != nil || n != 3 {
		t.Errorf("all: %d %v", n, err)
	}
	x.sweep()
	got := slices.DeleteFunc(x.deliveries(core.DeliveryDelivered), func(d core.WebhookDelivery) bool { return d.EndpointID != bad.ID })
	if len(got) != 3 {
		t.Errorf("%d delivered in the end", len(got))
	}
	// A week in which nothing is taken.
	status = 500
	for range 8 * 24 {
		x.happen("payment.created", core.NewID(x.Clock()))
		x.sweep()
		x.clock.Move(time.Hour)
	}
	if now, err := x.Webhook(x.ctx(), bad.ID); err != nil || now.DisabledReason != core.WebhookDisabledFailing {
		t.Errorf("%+v %v", now, err)
	}
}

// TestAHangingReceiverEndsItsTurn after the requests that are under way.
func TestAHangingReceiverEndsItsTurn(t *testing.T) {
	t.Parallel()
	x := newHooked(t)
	x.webhook()
	var mu sync.Mutex
	most, now := 0, 0
	x.postbox.answer = func(core.OutboundRequest) (core.OutboundReply, error) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		time.Sleep(20 * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		now--
		return core.OutboundReply{}, core.Errorf(core.CodeDeliveryFailed, "No reply came in time.")
	}
	for range 30 {
		x.happen("payment.created", core.NewID(x.Clock()))
	}
	if x.sweep() != 1 {
		t.Fatal("nothing was due")
	}
	if n := len(x.postbox.taken()); n < 1 || n > 2*webhookInFlight || most > webhookInFlight {
		t.Errorf("%d were sent in the turn, %d at once", n, most)
	}
	held, err := x.Database.ClaimWebhooks(t.Context(), x.Clock(), 10, time.Minute)
	if err != nil || len(held) != 1 {
		t.Errorf("the endpoint is not given back: %v %v", held, err)
	}
	// The next claim finds it held.
	if due, err := x.Database.ClaimWebhooks(t.Context(), x.Clock(), 10, time.Minute); err != nil || len(due) != 0 {
		t.Errorf("two nodes hold it: %v %v", due, err)
	}
	// A node whose turn is long renews what it holds.
	if err := x.Database.RenewDue(t.Context(), held, x.Clock().Add(10*time.Minute)); err != nil {
		t.Error(err)
	}
	if due, err := x.Database.ClaimWebhooks(t.Context(), x.Clock().Add(9*time.Minute), 10, time.Minute); err != nil || len(due) != 0 {
		t.Errorf("two nodes hold what was renewed: %v %v", due, err)
	}
}
