package web

import (
	"context"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListWebhooks lists where the merchant's programs are told what happens.
func (o *operations) ListWebhooks(ctx context.Context, _ api.ListWebhooksRequestObject) (api.ListWebhooksResponseObject, error) {
	rows, err := o.opt.Webhooks.ListWebhooks(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListWebhooks200JSONResponse{Items: each(rows, webhookOf)}, nil
}

// CreateWebhook makes a webhook and shows its secret once.
func (o *operations) CreateWebhook(ctx context.Context, r api.CreateWebhookRequestObject) (api.CreateWebhookResponseObject, error) {
	b := r.Body
	e, secret, err := o.opt.Webhooks.CreateWebhook(ctx, core.WebhookInput{URL: b.URL, Description: b.Description, Types: list(b.Types), Enabled: !b.Disabled})
	if err != nil {
		return nil, err
	}
	return api.CreateWebhook201JSONResponse{Webhook: webhookOf(e), Secret: string(secret.Reveal())}, nil
}

// GetWebhook reads a webhook.
func (o *operations) GetWebhook(ctx context.Context, r api.GetWebhookRequestObject) (api.GetWebhookResponseObject, error) {
	id, err := pathID(core.PrefixWebhook, r.WebhookID)
	if err != nil {
		return nil, err
	}
	e, err := o.opt.Webhooks.Webhook(ctx, id)
	if err != nil {
		return nil, err
	}
	return api.GetWebhook200JSONResponse(webhookOf(e)), nil
}

// UpdateWebhook replaces a webhook's settings.
func (o *operations) UpdateWebhook(ctx context.Context, r api.UpdateWebhookRequestObject) (api.UpdateWebhookResponseObject, error) {
	id, err := pathID(core.PrefixWebhook, r.WebhookID)
	if err != nil {
		return nil, err
	}
	b := r.Body
	e, err := o.opt.Webhooks.UpdateWebhook(ctx, id, core.WebhookInput{URL: b.URL, Description: b.Description, Types: list(b.Types), Enabled: b.Enabled})
	if err != nil {
		return nil, err
	}
	return api.UpdateWebhook200JSONResponse(webhookOf(e)), nil
}

// RemoveWebhook removes a webhook.
func (o *operations) RemoveWebhook(ctx context.Context, r api.RemoveWebhookRequestObject) (api.RemoveWebhookResponseObject, error) {
	id, err := pathID(core.PrefixWebhook, r.WebhookID)
	if err != nil {
		return nil, err
	}
	if err := o.opt.Webhooks.RemoveWebhook(ctx, id); err != nil {
		return nil, err
	}
	return api.RemoveWebhook204Response{}, nil
}

// RotateWebhookSecret makes a new secret and shows it once.
func (o *operations) RotateWebhookSecret(ctx context.Context, r api.RotateWebhookSecretRequestObject) (api.RotateWebhookSecretResponseObject, error) {
	id, err := pathID(core.PrefixWebhook, r.WebhookID)
	if err != nil {
		return nil, err
	}
	e, secret, err := o.opt.Webhooks.RotateWebhookSecret(ctx, id, time.Duration(r.Body.OverlapHours)*time.Hour)
	if err != nil {
		return nil, err
	}
	return api.RotateWebhookSecret201JSONResponse{Webhook: webhookOf(e), Secret: string(secret.Reveal())}, nil
}

// RemoveWebhookSecret ends an old secret.
func (o *operations) RemoveWebhookSecret(ctx context.Context, r api.RemoveWebhookSecretRequestObject) (api.RemoveWebhookSecretResponseObject, error) {
	id, err := pathID(core.PrefixWebhook, r.WebhookID)
	if err != nil {
		return nil, err
	}
	secret, err := pathID(core.PrefixWebhookSecret, r.SecretID)
	if err != nil {
		return nil, err
	}
	e, err := o.opt.Webhooks.RemoveWebhookSecret(ctx, id, secret)
	if err != nil {
		return nil, err
	}
	return api.RemoveWebhookSecret200JSONResponse(webhookOf(e)), nil
}

// TestWebhook sends a test event and shows the reply.
func (o *operations) TestWebhook(ctx context.Context, r api.TestWebhookRequestObject) (api.TestWebhookResponseObject, error) {
	id, err := pathID(core.PrefixWebhook, r.WebhookID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Webhooks.TestWebhook(ctx, id)
	if err != nil {
		return nil, err
	}
	detail, err := deliveryDetailOf(d)
	return api.TestWebhook200JSONResponse(detail), err
}

// ResendWebhookEvents sends the events of a time again.
func (o *operations) ResendWebhookEvents(ctx context.Context, r api.ResendWebhookEventsRequestObject) (api.ResendWebhookEventsResponseObject, error) {
	id, err := pathID(core.PrefixWebhook, r.WebhookID)
	if err != nil {
		return nil, err
	}
	b := r.Body
	n, err := o.opt.Webhooks.ResendDeliveries(ctx, core.ResendRange{EndpointID: id, From: b.From, To: b.To, Types: b.Types, All: b.All})
	if err != nil {
		return nil, err
	}
	return api.ResendWebhookEvents200JSONResponse{Count: int64(n)}, nil
}

// ListWebhookDeliveries lists what was sent to webhooks.
func (o *operations) ListWebhookDeliveries(ctx context.Context, r api.ListWebhookDeliveriesRequestObject) (api.ListWebhookDeliveriesResponseObject, error) {
	p := r.Params
	page, limit, err := pageOf(p.Limit, p.Cursor)
	if err != nil {
		return nil, err
	}
	object, err := objectID(p.ObjectID)
	if err != nil {
		return nil, err
	}
	endpoint, err := fieldID(core.PrefixWebhook, p.WebhookID, "webhook_id")
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.Webhooks.ListDeliveries(ctx, core.DeliveryFilter{
		EndpointID: endpoint, ObjectID: object, Number: p.Number, States: states[core.DeliveryState](p.State), Types: p.Type, From: p.From, To: p.To, Page: page,
	})
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(d core.WebhookDelivery) (time.Time, core.ID) { return d.CreatedAt, d.ID })
	return api.ListWebhookDeliveries200JSONResponse{Items: each(rows, deliveryOf), NextCursor: next}, nil
}

// GetWebhookDelivery reads a delivery.
func (o *operations) GetWebhookDelivery(ctx context.Context, r api.GetWebhookDeliveryRequestObject) (api.GetWebhookDeliveryResponseObject, error) {
	id, err := pathID(core.PrefixDelivery, r.DeliveryID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Webhooks.Delivery(ctx, id)
	if err != nil {
		return nil, err
	}
	detail, err := deliveryDetailOf(d)
	return api.GetWebhookDelivery200JSONResponse(detail), err
}

// ResendWebhookDelivery sends a delivery again.
func (o *operations) ResendWebhookDelivery(ctx context.Context, r api.ResendWebhookDeliveryRequestObject) (api.ResendWebhookDeliveryResponseObject, error) {
	id, err := pathID(core.PrefixDelivery, r.DeliveryID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Webhooks.ResendDelivery(ctx, id)
	if err != nil {
		return nil, err
	}
	detail, err := deliveryDetailOf(d)
	return api.ResendWebhookDelivery200JSONResponse(detail), err
}

// GetWebhookSummary says how a webhook has fared.
func (o *operations) GetWebhookSummary(ctx context.Context, r api.GetWebhookSummaryRequestObject) (api.GetWebhookSummaryResponseObject, error) {
	webhook, err := pathID(core.PrefixWebhook, r.WebhookID)
	if err != nil {
		return nil, err
	}
	m, err := o.opt.Webhooks.WebhookSummary(ctx, webhook)
	if err != nil {
		return nil, err
	}
	return api.GetWebhookSummary200JSONResponse{
		Since: utc(m.Since), Delivered: m.Delivered, Failed: m.Failed, Canceled: m.Canceled, Pending: m.Pending, Retrying: m.Retrying, OldestPendingAt: utc(m.OldestPending),
		Failures: each(m.Failures, func(f core.WebhookFailure) api.WebhookFailure {
			return api.WebhookFailure{Status: int64(f.Status), Error: f.Error, Count: f.Count, LastAt: utc(f.LastAt)}
		}),
	}, nil
}

// ListEventTypes lists what webhooks can be told of.
func (o *operations) ListEventTypes(ctx context.Context, _ api.ListEventTypesRequestObject) (api.ListEventTypesResponseObject, error) {
	types, err := o.opt.Webhooks.EventTypes(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListEventTypes200JSONResponse{Items: each(types, func(t core.EventType) api.EventTypeInfo {
		return api.EventTypeInfo{Type: t.Type, Description: textOf(t.Description)}
	})}, nil
}

func webhookOf(e core.WebhookEndpoint) api.Webhook {
	return api.Webhook{
		ID: id(core.PrefixWebhook, e.ID), URL: e.URL, Description: e.Description, Types: list(e.Types), Enabled: e.Enabled, DisabledReason: e.DisabledReason,
		DisabledAt: utc(e.DisabledAt), FailingSince: utc(e.FailingSince), Secrets: each(e.Secrets, webhookSecretOf),
		CreatedBy: e.CreatedBy, CreatedAt: utc(e.CreatedAt), UpdatedAt: utc(e.UpdatedAt),
	}
}

func webhookSecretOf(s core.WebhookSecret) api.WebhookSecret {
	return api.WebhookSecret{ID: id(core.PrefixWebhookSecret, s.ID), Display: s.Display, CreatedBy: s.CreatedBy, CreatedAt: utc(s.CreatedAt), ExpiresAt: utc(s.ExpiresAt)}
}

func deliveryOf(d core.WebhookDelivery) api.WebhookDelivery {
	return api.WebhookDelivery{
		ID: id(core.PrefixDelivery, d.ID), WebhookID: id(core.PrefixWebhook, d.EndpointID), EventID: id(core.PrefixEvent, d.EventID), Type: d.EventType,
		ObjectID: id(core.EventObjectPrefix(d.EventType), d.ObjectID), State: api.WebhookDeliveryState(d.State), Attempts: int64(d.Attempts),
		NextAttemptAt: utc(d.NextCheckAt), LastStatus: int64(d.LastStatus), LastError: d.LastError, CreatedAt: utc(d.CreatedAt), FinishedAt: utc(d.FinishedAt),
	}
}

func deliveryDetailOf(d core.WebhookDelivery) (api.WebhookDeliveryDetail, error) {
	out := api.WebhookDeliveryDetail{Delivery: deliveryOf(d), Attempts: each(d.Tries, deliveryAttemptOf), WaitsFor: id(core.PrefixDelivery, d.WaitsFor)}
	if d.Event.ID.IsZero() {
		return out, nil
	}
	_, body, err := core.WebhookMessage(d.Event)
	out.RequestBody = string(body)
	return out, err
}

func deliveryAttemptOf(a core.DeliveryAttempt) api.WebhookAttempt {
	return api.WebhookAttempt{
		StartedAt: utc(a.StartedAt), Seconds: seconds(a.Duration), Status: int64(a.Status), Error: a.Error,
		Reply: strings.ToValidUTF8(string(a.Reply), "\uFFFD"), Address: a.Address,
	}
}
