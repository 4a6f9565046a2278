package service

import (
	"context"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	resendMost = 10_000 // events sent again at once
	resendSpan = 31 * 24 * time.Hour
)

// TestWebhook sends an event of the type webhook.test and keeps it in the log. It is not
// tried again by itself.
func (s *Service) TestWebhook(ctx context.Context, webhook core.ID) (core.WebhookDelivery, error) {
	id, tenant, err := s.webhookWriter(ctx, "webhooks", "test")
	if err != nil {
		return core.WebhookDelivery{}, err
	}
	e, err := s.endpoint(ctx, tenant, webhook)
	if err != nil {
		return core.WebhookDelivery{}, err
	}
	secrets, err := s.openWebhookSecrets(ctx, e)
	if err != nil {
		return core.WebhookDelivery{}, err
	}
	now := s.Clock()
	d := core.WebhookDelivery{
		TenantID: tenant, ID: core.NewID(now), EndpointID: e.ID, EventID: core.NewID(now), EventType: eventTest, ObjectID: e.ID, State: core.DeliveryDelivered,
		Attempts: 1, CreatedAt: now,
	}
	a := s.post(ctx, e, secrets, eventOf(d), d.ID)
	d.LastStatus, d.LastError, d.FinishedAt = a.Status, a.Error, s.Clock()
	if a.Error != "" {
		d.State = core.DeliveryFailed
	}
	entry, err := s.audit(id, tenant, "webhook.test", webhook.Prefixed(core.PrefixWebhook), nil, map[string]any{"status": a.Status})
	if err != nil {
		return d, err
	}
	// The receiver has heard it: what came of it is written also when the caller has left.
	work := context.WithoutCancel(ctx)
	err = s.Database.InTenant(work, tenant, func(tx core.TenantTx) error {
		if err := tx.InsertDelivery(work, d, a); err != nil {
			return err
		}
		return tx.AppendAudit(work, entry)
	})
	d.Event, d.Tries = eventOf(d), []core.DeliveryAttempt{a}
	return d, err
}

// ListDeliveries lists what was sent to the tenant's endpoints, newest first.
func (s *Service) ListDeliveries(ctx context.Context, f core.DeliveryFilter) (list []core.WebhookDelivery, err error) {
	tenant, err := s.webhookReader(ctx, "deliveries")
	if err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if f.Number = strings.TrimSpace(f.Number); f.Number != "" {
			if f.ObjectIDs, err = ordersOfNumber(ctx, tx, f.Number); err != nil {
				return err
			}
		}
		list, err = tx.WebhookDeliveries(ctx, f)
		return err
	})
	return list, err
}

// Delivery reads one delivery with what was sent and answered.
func (s *Service) Delivery(ctx context.Context, id core.ID) (core.WebhookDelivery, error) {
	tenant, err := s.webhookReader(ctx, "deliveries")
	if err != nil {
		return core.WebhookDelivery{}, err
	}
	return s.delivery(ctx, tenant, id)
}

func (s *Service) delivery(ctx context.Context, tenant, id core.ID) (d core.WebhookDelivery, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		d, err = tx.WebhookDelivery(ctx, id)
		return err
	})
	d.Event = eventOf(d)
	return d, err
}

// ResendDelivery puts a delivery that has ended back to the beginning.
func (s *Service) ResendDelivery(ctx context.Context, delivery core.ID) (core.WebhookDelivery, error) {
	id, tenant, err := s.webhookWriter(ctx, "deliveries", "resend")
	if err != nil {
		return core.WebhookDelivery{}, err
	}
	entry, err := s.audit(id, tenant, "delivery.resend", delivery.Prefixed(core.PrefixDelivery), nil, nil)
	if err != nil {
		return core.WebhookDelivery{}, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		d, err := tx.WebhookDelivery(ctx, delivery)
		if err != nil {
			return err
		}
		if err := resendable(ctx, tx, d); err != nil {
			return err
		}
		if err := tx.RequeueDelivery(ctx, delivery, s.Clock()); err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	if err != nil {
		return core.WebhookDelivery{}, err
	}
	return s.delivery(ctx, tenant, delivery)
}

// resendable refuses what cannot be sent once more, with the reason.
func resendable(ctx context.Context, tx core.TenantTx, d core.WebhookDelivery) error {
	_, err := enabledEndpoint(ctx, tx, d.EndpointID)
	switch {
	case core.CodeOf(err) == core.CodeNotFound:
		return core.Errorf(core.CodeInvalidState, "The webhook has been removed.").With("zh", "推送地址已删除，不能再向它推送。")
	case err != nil:
		return err
	case d.State == core.DeliveryPending:
		return core.Errorf(core.CodeInvalidState, "It waits to be sent already.").With("zh", "这条消息已经在等待推送。")
	}
	return nil
}

// enabledEndpoint gives the endpoint if something can be sent to it.
func enabledEndpoint(ctx context.Context, tx core.TenantTx, id core.ID) (core.WebhookEndpoint, error) {
	e, err := tx.WebhookEndpoint(ctx, id)
	if err == nil && !e.Enabled {
		err = core.Errorf(core.CodeInvalidState, "The webhook is disabled. Enable it first.").With("zh", "推送地址已停用，请先启用。")
	}
	return e, err
}

// ResendDeliveries sends the events of a time to an endpoint again.
func (s *Service) ResendDeliveries(ctx context.Context, r core.ResendRange) (n int, err error) {
	id, tenant, err := s.webhookWriter(ctx, "deliveries", "resend")
	if err != nil {
		return 0, err
	}
	if !r.From.Before(r.To) || r.To.Sub(r.From) > resendSpan {
		return 0, core.Errorf(core.CodeInvalidRequest, "The end must be after the beginning, by at most 31 days.").At("to")
	}
	entry, err := s.audit(id, tenant, "webhook.resend", r.EndpointID.Prefixed(core.PrefixWebhook), nil, map[string]any{
		"from": r.From.UTC(), "to": r.To.UTC(), "types": r.Types, "all": r.All,
	})
	if err != nil {
		return 0, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		e, err := enabledEndpoint(ctx, tx, r.EndpointID)
		if err != nil {
			return err
		}
		if len(r.Types) == 0 {
			r.Types = e.Types
		}
		if n, err = tx.RequeueDeliveries(ctx, r, s.Clock(), resendMost); err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	return n, err
}
