package service

import (
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestAWebhooksLife: made with a secret that is shown once, changed, tested, rotated, removed.
func TestAWebhooksLife(t *testing.T) {
	t.Parallel()
	x := newHooked(t)
	e, secret := x.webhook("payment.succeeded")
	if !strings.HasPrefix(string(secret.Reveal()), "whsec_") || len(e.Secrets) != 1 || strings.Contains(e.Secrets[0].Display, string(secret.Reveal())) {
		t.Fatalf("%+v", e)
	}
	x.postbox.answer = func(core.OutboundRequest) (core.OutboundReply, error) {
		return core.OutboundReply{Status: 307, Body: []byte("moved")}, nil
	}
	d, err := x.TestWebhook(x.ctx(), e.ID)
	if err != nil || d.State != core.DeliveryFailed || d.EventType != eventTest || !strings.Contains(d.LastError, "redirect") || len(d.Tries) != 1 || string(d.Tries[0].Reply) != "moved" {
		t.Errorf("%+v %v", d, err)
	}
	if kept, err := x.Delivery(x.ctx(), d.ID); err != nil || kept.Event.ID != d.EventID || len(kept.Tries) != 1 {
		t.Errorf("%+v %v", kept, err)
	}
	if _, err := x.RemoveWebhookSecret(x.ctx(), e.ID, e.Secrets[0].ID); core.CodeOf(err) != core.CodeInvalidState {
		t.Errorf("the secret in use: %v", err)
	}
	e, _, err = x.RotateWebhookSecret(x.ctx(), e.ID, time.Hour)
	if err != nil || len(e.Secrets) != 2 || !e.Secrets[0].ExpiresAt.IsZero() || e.Secrets[1].ExpiresAt.IsZero() {
		t.Fatalf("%+v %v", e, err)
	}
	if e, err = x.RemoveWebhookSecret(x.ctx(), e.ID, e.Secrets[1].ID); err != nil || len(e.Secrets) != 1 {
		t.Errorf("%+v %v", e, err)
	}
	x.postbox.gone = true // an endpoint whose name is gone can be disabled, not enabled
	e, err = x.UpdateWebhook(x.ctx(), e.ID, core.WebhookInput{URL: e.URL, Description: "till", Types: []string{"refund.failed"}})
	if err != nil || e.Enabled || e.DisabledReason != core.WebhookDisabledByPerson || e.Description != "till" || len(e.Types) != 1 {
		t.Errorf("%+v %v", e, err)
	}
	if _, err := x.UpdateWebhook(x.ctx(), e.ID, core.WebhookInput{URL: e.URL, Enabled: true}); core.CodeOf(err) != core.CodeInvalidURL {
		t.Errorf("enabled without a name: %v", err)
	}
	if err := x.RemoveWebhook(x.ctx(), e.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Webhook(x.ctx(), e.ID); core.CodeOf(err) != core.CodeNotFound {
		t.Errorf("after removal: %v", err)
	}
	if list := x.deliveries(); len(list) != 1 {
		t.Errorf("the log has %d rows after removal", len(list))
	}
}

// TestOnlyWantedEventsOfTheTenant reach an endpoint.
func TestOnlyWantedEventsOfTheTenant(t *testing.T) {
	t.Parallel()
	x := newHooked(t)
	e, _ := x.webhook("refund.succeeded")
	other := x.house.tenant(t, "Other").ID
	x.happen("payment.succeeded", core.NewID(x.Clock()))
	x.happen("refund.succeeded", core.NewID(x.Clock()))
	foreign, err := x.event(other, "refund.succeeded", core.NewID(x.Clock()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Database.InTenant(t.Context(), other, func(tx core.TenantTx) error { return tx.AppendEvent(t.Context(), foreign) }); err != nil {
		t.Fatal(err)
	}
	x.sweep()
	if list := x.deliveries(); len(list) != 1 || list[0].EventType != "refund.succeeded" || list[0].EndpointID != e.ID || len(x.postbox.taken()) != 1 {
		t.Errorf("%+v", list)
	}
}

// TestWebhookRefusals is the table of bad input and of callers who may not.
func TestWebhookRefusals(t *testing.T) {
	t.Parallel()
	x := newHooked(t)
	e, _ := x.webhook()
	good := core.WebhookInput{URL: "https://shop.example.com/", Enabled: true}
	for name, in := range map[string]core.WebhookInput{
		"no address":         {},
		"plain http":         {URL: "http://shop.example.com/"},
		"a type with spaces": {URL: good.URL, Types: []string{"payment succeeded"}},
		"too many types":     {URL: good.URL, Types: make([]string, maxWebhookTypes+1)},
		"a long description": {URL: good.URL, Description: strings.Repeat("长", 201)},
	} {
		_, _, err := x.CreateWebhook(x.ctx(), in)
		if code := core.CodeOf(err); code != core.CodeInvalidURL && code != core.CodeInvalidRequest {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := x.UpdateWebhook(x.ctx(), e.ID, in); core.CodeOf(err) != core.CodeInvalidURL && core.CodeOf(err) != core.CodeInvalidRequest {
			t.Errorf("%s on update: %v", name, err)
		}
	}
	for _, r := range []core.ResendRange{{}, {From: x.Clock(), To: x.Clock()}, {From: x.Clock(), To: x.Clock().Add(32 * 24 * time.Hour)}} {
		r.EndpointID = e.ID
		if _, err := x.ResendDeliveries(x.ctx(), r); core.CodeOf(err) != core.CodeInvalidRequest {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if _, _, err := x.RotateWebhookSecret(x.ctx(), e.ID, -time.Hour); core.CodeOf(err) != core.CodeInvalidRequest {
		t.Errorf("a negative overlap: %v", err)
	}
	for range maxWebhookSecrets - 1 {
		if _, _, err := x.RotateWebhookSecret(x.ctx(), e.ID, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := x.RotateWebhookSecret(x.ctx(), e.ID, time.Hour); core.CodeOf(err) != core.CodeLimitExceeded {
		t.Errorf("a sixth secret: %v", err)
	}
	for range maxWebhooks - 1 {
		x.webhook()
	}
	if _, _, err := x.CreateWebhook(x.ctx(), good); core.CodeOf(err) != core.CodeLimitExceeded {
		t.Errorf("one webhook more: %v", err)
	}
	x.clock.Move(time.Hour)
	stale := x.as(t, x.owner, x.tenant)
	if _, _, err := x.CreateWebhook(stale, good); core.CodeOf(err) != core.CodeStepUpRequired {
		t.Errorf("without confirming: %v", err)
	}
	if _, err := x.UpdateWebhook(stale, e.ID, core.WebhookInput{URL: good.URL, Enabled: true}); core.CodeOf(err) != core.CodeStepUpRequired {
		t.Errorf("another address without confirming: %v", err)
	}
	if _, _, err := x.RotateWebhookSecret(stale, e.ID, 0); core.CodeOf(err) != core.CodeStepUpRequired {
		t.Errorf("a new secret without confirming: %v", err)
	}
}
