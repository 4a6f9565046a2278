package service

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// mended is a provider whose plugin cannot read callbacks until it was mended.
type mended struct {
	*desk

	mu     sync.Mutex
	broken bool
	read   int
}

func (m *mended) Manifest(provider string) (core.Manifest, error) {
	manifest, err := m.desk.Manifest(provider)
	manifest.Inbound = []core.InboundKind{{Kind: "s", Name: core.Text{ZH: "通知", EN: "Notice"}}}
	return manifest, err
}

func (m *mended) HandleInbound(_ context.Context, _ core.ProviderCall, req core.InboundRequest) (core.InboundResult, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read++
	if m.broken {
		return core.InboundResult{}, errors.New("the plugin fell over")
	}
	return core.InboundResult{
		Verified: true, Answer: core.InboundAnswer{Status: 200},
		Events: []core.InboundEvent{{Type: core.InboundPayment, Payment: &core.PaymentResult{OrderNo: string(req.Body), Outcome: core.OutcomeSucceeded}}},
	}, nil
}

// TestCallbacksAreReadAgainAfterThePluginWasMended: a range at once, each on its own, applied
// once; and shown as they came only to who may, after a fresh confirmation, on the record.
func TestCallbacksAreReadAgainAfterThePluginWasMended(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	plugin := &mended{desk: x.desk, broken: true}
	x.Providers = plugin
	account, err := x.Account(x.adminIn(t, x.tenant.ID), x.account)
	x.must(t, err)
	token := account.CallbackURL[len(account.CallbackURL)-core.CallbackTokenLength:]
	from := x.clock.Now()
	x.desk.answers(core.OutcomeUnknown)
	var payments []core.Payment
	for range 3 {
		p, err := x.pay(t, core.MethodQR, 100)
		x.must(t, err)
		payments = append(payments, p)
		x.clock.Move(time.Second)
		if _, err := x.Receive(t.Context(), token, core.InboundRequest{Kind: "s", Method: "POST", Body: []byte(p.OrderNo)}, "192.0.2.9"); err == nil {
			t.Fatal("a callback that cannot be read was taken for read")
		}
	}
	admin := x.adminIn(t, x.tenant.ID)
	rows, more, err := x.RerunCallbacks(admin, core.CallbackFilter{From: from})
	x.must(t, err)
	for _, r := range rows {
		if r.Before != core.CallbackFailed || r.After != core.CallbackFailed || r.Code == "" {
			t.Errorf("still broken: %+v", r)
		}
	}
	if len(rows) != 3 || more {
		t.Fatalf("%d rows, more %v", len(rows), more)
	}
	plugin.mu.Lock()
	plugin.broken = false
	plugin.mu.Unlock()
	rows, _, err = x.RerunCallbacks(admin, core.CallbackFilter{From: from, To: x.clock.Now().Add(time.Second)})
	x.must(t, err)
	for i, r := range rows {
		if r.After != core.CallbackApplied || r.Code != "" || i > 0 && r.ReceivedAt.Before(rows[i-1].ReceivedAt) {
			t.Errorf("mended: %+v", r)
		}
	}
	for _, p := range payments {
		d, err := x.Payment(x.key(t), p.ID)
		x.must(t, err)
		if d.Payment.State != core.PaymentSucceeded {
			t.Errorf("the payment is %s", d.Payment.State)
		}
	}
	if again, _, err := x.RerunCallbacks(admin, core.CallbackFilter{From: from}); err != nil || len(again) != 0 {
		t.Errorf("%d are still to be read: %v", len(again), err)
	}
	if again, _, err := x.RerunCallbacks(admin, core.CallbackFilter{From: from, Effects: []core.CallbackEffect{core.CallbackApplied}}); err != nil || len(again) != 3 || again[0].After != core.CallbackRepeated {
		t.Errorf("applied twice: %+v, %v", again, err)
	}
	_, _, err = x.RerunCallbacks(x.key(t), core.CallbackFilter{From: from})
	wantCode(t, "a rerun by the merchant", err, core.CodeForbidden)
	x.shownOnTheRecord(t, rows[0].ID, payments[0].OrderNo)
}

func (x *till) shownOnTheRecord(t *testing.T, callback core.ID, want string) {
	t.Helper()
	owner := x.as(t, x.owner, x.tenant.ID)
	raw, err := x.RevealCallback(owner, callback)
	x.must(t, err)
	if string(raw.Body) != want || raw.Method != http.MethodPost {
		t.Errorf("it came as %+v", raw)
	}
	if n := x.rows(t, "SELECT count(*) FROM audit_log WHERE action = 'callback.reveal'"); n != 1 {
		t.Errorf("%d audit rows say who read it", n)
	}
	_, err = x.RevealCallback(x.key(t), callback)
	wantCode(t, "shown to a program", err, core.CodeForbidden)
	viewer := x.person(t, x.tenant.ID, "viewer@a.example", core.RoleTenantViewer)
	_, err = x.RevealCallback(x.as(t, viewer, x.tenant.ID), callback)
	wantCode(t, "shown to a viewer", err, core.CodeForbidden)
	x.clock.Move(time.Hour)
	_, err = x.RevealCallback(owner, callback)
	wantCode(t, "shown without a fresh confirmation", err, core.CodeStepUpRequired)
}
