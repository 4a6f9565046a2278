package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func sampleWebhook() core.WebhookEndpoint {
	return core.WebhookEndpoint{
		TenantID: num(1), ID: num(40), URL: "https://shop.example.com/zhanggui", Types: []string{"payment.succeeded"}, DisabledReason: core.WebhookDisabledGone,
		DisabledAt: at(), FailingSince: at(), CreatedBy: "user:x", CreatedAt: at(), UpdatedAt: at(),
		Secrets: []core.WebhookSecret{
			{TenantID: num(1), ID: num(41), EndpointID: num(40), Display: "whsec_abcd…", CreatedBy: "user:x", CreatedAt: at()},
			{TenantID: num(1), ID: num(42), EndpointID: num(40), Sealed: []byte("sealed"), Display: "whsec_efgh…", CreatedBy: "user:x", CreatedAt: at(), ExpiresAt: at()},
		},
	}
}

func sampleDelivery() core.WebhookDelivery {
	return core.WebhookDelivery{
		TenantID: num(1), ID: num(43), EndpointID: num(40), EventID: num(44), EventType: "payment.succeeded", ObjectID: num(2), Sequence: 7, State: core.DeliveryPending,
		Attempts: 2, NextCheckAt: at(), LastStatus: 503, LastError: "The receiver answered 503.", CreatedAt: at(), FinishedAt: at(), WaitsFor: num(47),
		Event: core.Event{TenantID: num(1), ID: num(44), Type: "payment.succeeded", ObjectID: num(2), Sequence: 7, Data: []byte(`{"id":"x"}`), CreatedAt: at()},
		Tries: []core.DeliveryAttempt{{ID: num(45), DeliveryID: num(43), Status: 503, Error: "The receiver answered 503.", Reply: []byte("a\xffb"), Address: "192.0.2.1:443", StartedAt: at(), Duration: time.Second}},
	}
}

func (f *fake) ListWebhooks(ctx context.Context) ([]core.WebhookEndpoint, error) {
	return []core.WebhookEndpoint{sampleWebhook()}, f.called(ctx, "ListWebhooks")
}

func (f *fake) Webhook(ctx context.Context, _ core.ID) (core.WebhookEndpoint, error) {
	return sampleWebhook(), f.called(ctx, "Webhook")
}

func (f *fake) WebhookSummary(ctx context.Context, _ core.ID) (core.WebhookSummary, error) {
	return core.WebhookSummary{
		Since: at(), Delivered: 5, Failed: 1, Canceled: 1, Pending: 2, Retrying: 1, OldestPending: at(),
		Failures: []core.WebhookFailure{{Status: 503, Error: "The receiver answered 503.", Count: 3, LastAt: at()}},
	}, f.called(ctx, "WebhookSummary")
}

func (f *fake) EventTypes(ctx context.Context) ([]core.EventType, error) {
	return core.EventTypes(), f.called(ctx, "EventTypes")
}

func sampleRequest() core.RequestEntry {
	return core.RequestEntry{
		TenantID: num(1), ID: num(46), APIKeyID: num(12), Method: "POST", Route: "/v1/payments", Status: 422, Code: core.CodeNoAccount, Message: "A sentence.", Param: "method",
		RequestID: "req_1", Duration: time.Millisecond, IP: "192.0.2.1", ObjectID: num(2), ObjectKind: core.PrefixPayment, CreatedAt: at(),
	}
}

func (f *fake) ListRequests(ctx context.Context, _ core.RequestFilter) ([]core.RequestEntry, error) {
	return []core.RequestEntry{sampleRequest()}, f.called(ctx, "ListRequests")
}

func (f *fake) Request(ctx context.Context, _ core.ID) (core.RequestEntry, error) {
	return sampleRequest(), f.called(ctx, "Request")
}

func (f *fake) CreateWebhook(ctx context.Context, in core.WebhookInput) (core.WebhookEndpoint, core.Secret, error) {
	f.tell(in)
	return sampleWebhook(), core.SecretString("whsec_shown-once"), f.called(ctx, "CreateWebhook")
}

func (f *fake) UpdateWebhook(ctx context.Context, _ core.ID, in core.WebhookInput) (core.WebhookEndpoint, error) {
	f.tell(in)
	return sampleWebhook(), f.called(ctx, "UpdateWebhook")
}

func (f *fake) tell(in core.WebhookInput) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.webhooks = append(f.webhooks, in)
}

func (f *fake) RemoveWebhook(ctx context.Context, _ core.ID) error {
	return f.called(ctx, "RemoveWebhook")
}

func (f *fake) RotateWebhookSecret(ctx context.Context, _ core.ID, _ time.Duration) (core.WebhookEndpoint, core.Secret, error) {
	return sampleWebhook(), core.SecretString("whsec_shown-once"), f.called(ctx, "RotateWebhookSecret")
}

func (f *fake) RemoveWebhookSecret(ctx context.Context, _, _ core.ID) (core.WebhookEndpoint, error) {
	return sampleWebhook(), f.called(ctx, "RemoveWebhookSecret")
}

func (f *fake) TestWebhook(ctx context.Context, _ core.ID) (core.WebhookDelivery, error) {
	return sampleDelivery(), f.called(ctx, "TestWebhook")
}

func (f *fake) ListDeliveries(ctx context.Context, _ core.DeliveryFilter) ([]core.WebhookDelivery, error) {
	return []core.WebhookDelivery{sampleDelivery()}, f.called(ctx, "ListDeliveries")
}

func (f *fake) Delivery(ctx context.Context, _ core.ID) (core.WebhookDelivery, error) {
	return sampleDelivery(), f.called(ctx, "Delivery")
}

func (f *fake) ResendDelivery(ctx context.Context, _ core.ID) (core.WebhookDelivery, error) {
	return sampleDelivery(), f.called(ctx, "ResendDelivery")
}

func (f *fake) ResendDeliveries(ctx context.Context, r core.ResendRange) (int, error) {
	f.mu.Lock()
	f.resent = append(f.resent, r)
	f.mu.Unlock()
	return 3, f.called(ctx, "ResendDeliveries")
}
