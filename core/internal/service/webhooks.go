package service

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	maxWebhooks       = 16 // of a merchant
	maxWebhookTypes   = 50
	maxWebhookSecrets = 5 // that sign at the same time
	maxSecretOverlap  = 7 * 24 * time.Hour
	secretShown       = len("whsec_") + 4
)

// eventType is the form of an event's type.
var eventType = regexp.MustCompile(`^[a-z_]{1,31}\.[a-z_]{1,32}$`)

// ListWebhooks lists where the tenant's programs are told what happens.
func (s *Service) ListWebhooks(ctx context.Context) (list []core.WebhookEndpoint, err error) {
	tenant, err := s.webhookReader(ctx, "webhooks")
	if err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err = tx.WebhookEndpoints(ctx)
		return err
	})
	return list, err
}

// Webhook reads one endpoint.
func (s *Service) Webhook(ctx context.Context, id core.ID) (e core.WebhookEndpoint, err error) {
	tenant, err := s.webhookReader(ctx, "webhooks")
	if err != nil {
		return e, err
	}
	return s.endpoint(ctx, tenant, id)
}

// webhookSummaryOf is how far back the summary of an endpoint looks.
const webhookSummaryOf = 7 * 24 * time.Hour

// WebhookSummary says how an endpoint has fared.
func (s *Service) WebhookSummary(ctx context.Context, id core.ID) (out core.WebhookSummary, err error) {
	tenant, err := s.webhookReader(ctx, "webhooks")
	if err != nil {
		return out, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if _, err := tx.WebhookEndpoint(ctx, id); err != nil {
			return err
		}
		out, err = tx.WebhookSummary(ctx, id, s.Clock().Add(-webhookSummaryOf))
		return err
	})
	return out, err
}

// EventTypes lists what webhooks can be told of.
func (s *Service) EventTypes(ctx context.Context) ([]core.EventType, error) {
	if _, _, err := s.allowAnywhere(ctx, "webhooks", "read"); err != nil {
		return nil, err
	}
	return core.EventTypes(), nil
}

// webhookReader authorizes a look at what the whole merchant's programs are told.
func (s *Service) webhookReader(ctx context.Context, object string) (core.ID, error) {
	id, tenant, err := s.allow(ctx, object, "read")
	if err != nil {
		return tenant, err
	}
	return tenant, wholeTenant(id)
}

// webhookWriter authorizes a change by somebody who is not bound to stores.
func (s *Service) webhookWriter(ctx context.Context, object, action string) (core.Identity, core.ID, error) {
	id, tenant, err := s.allow(ctx, object, action)
	if err != nil {
		return id, tenant, err
	}
	return id, tenant, wholeTenant(id)
}

func (s *Service) endpoint(ctx context.Context, tenant, id core.ID) (e core.WebhookEndpoint, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		e, err = tx.WebhookEndpoint(ctx, id)
		return err
	})
	return e, err
}

// checkWebhook checks what a person gave, the address last: it takes a look-up. An address
// that stays is not looked up to disable it: its name may be gone, which is why.
func (s *Service) checkWebhook(ctx context.Context, in core.WebhookInput, before core.WebhookEndpoint) error {
	if err := checkText("description", in.Description, 0, 200); err != nil {
		return err
	}
	if len(in.Types) > maxWebhookTypes {
		return core.Errorf(core.CodeInvalidRequest, "At most %d types of events can be named; name none for all.", maxWebhookTypes).At("types")
	}
	for _, t := range in.Types {
		if !eventType.MatchString(t) {
			return core.Errorf(core.CodeInvalidRequest, "%q is no type of events such as payment.succeeded.", t).At("types")
		}
	}
	if !before.ID.IsZero() && in.URL == before.URL && (!in.Enabled || before.Enabled) {
		return nil
	}
	return s.Outbound.CheckURL(ctx, in.URL)
}

// CreateWebhook makes an endpoint with its first secret.
func (s *Service) CreateWebhook(ctx context.Context, in core.WebhookInput) (core.WebhookEndpoint, core.Secret, error) {
	var none core.WebhookEndpoint
	id, tenant, err := s.webhookWriter(ctx, "webhooks", "create")
	if err != nil {
		return none, core.Secret{}, err
	}
	if err := s.stepUp(id); err != nil {
		return none, core.Secret{}, err
	}
	if err := s.checkWebhook(ctx, in, none); err != nil {
		return none, core.Secret{}, err
	}
	now := s.Clock()
	e := core.WebhookEndpoint{
		TenantID: tenant, ID: core.NewID(now), URL: in.URL, Description: in.Description, Types: in.Types, CreatedBy: id.Actor, CreatedAt: now, UpdatedAt: now,
	}
	e = enable(e, in.Enabled, now)
	kept, secret, err := s.newWebhookSecret(ctx, id, e)
	if err != nil {
		return none, core.Secret{}, err
	}
	entry, err := s.audit(id, tenant, "webhook.create", e.ID.Prefixed(core.PrefixWebhook), nil, webhookAudit(e))
	if err != nil {
		return none, core.Secret{}, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err := tx.WebhookEndpoints(ctx)
		if err != nil {
			return err
		}
		if len(list) >= maxWebhooks {
			return core.Errorf(core.CodeLimitExceeded, "A merchant has at most %d webhooks. Remove one first.", maxWebhooks)
		}
		if err := tx.InsertWebhookEndpoint(ctx, e); err != nil {
			return err
		}
		if err := tx.InsertWebhookSecret(ctx, kept); err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	e.Secrets = []core.WebhookSecret{kept}
	return e, secret, err
}

// enable sets who disabled it and when, or clears both.
func enable(e core.WebhookEndpoint, enabled bool, now time.Time) core.WebhookEndpoint {
	switch {
	case enabled:
		e.Enabled, e.DisabledReason, e.DisabledAt = true, "", time.Time{}
	case e.Enabled || e.DisabledAt.IsZero():
		e.Enabled, e.DisabledReason, e.DisabledAt = false, core.WebhookDisabledByPerson, now
	}
	return e
}

func webhookAudit(e core.WebhookEndpoint) map[string]any {
	return map[string]any{"url": auditURL(e.URL), "types": e.Types, "enabled": e.Enabled, "description": e.Description}
}

// auditURL leaves the query out: some receivers have a token of their own there.
func auditURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	u.RawQuery = ""
	return u.String()
}

// UpdateWebhook changes an endpoint. Enabling it forgets its failures.
func (s *Service) UpdateWebhook(ctx context.Context, webhook core.ID, in core.WebhookInput) (core.WebhookEndpoint, error) {
	id, tenant, err := s.webhookWriter(ctx, "webhooks", "update")
	if err != nil {
		return core.WebhookEndpoint{}, err
	}
	before, err := s.endpoint(ctx, tenant, webhook)
	if err != nil {
		return before, err
	}
	if in.URL != before.URL {
		if err := s.stepUp(id); err != nil {
			return before, err
		}
	}
	if err := s.checkWebhook(ctx, in, before); err != nil {
		return before, err
	}
	e := before
	e.URL, e.Description, e.Types, e.UpdatedAt = in.URL, in.Description, in.Types, s.Clock()
	if e = enable(e, in.Enabled, e.UpdatedAt); e.Enabled && !before.Enabled {
		e.FailingSince = time.Time{}
	}
	entry, err := s.audit(id, tenant, "webhook.update", e.ID.Prefixed(core.PrefixWebhook), webhookAudit(before), webhookAudit(e))
	if err != nil {
		return before, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if err := tx.UpdateWebhookEndpoint(ctx, e); err != nil {
			return err
		}
		if e.Enabled && !before.Enabled {
			if err := s.resolve(ctx, tx, core.AlertWebhookFailing, e.ID); err != nil {
				return err
			}
		}
		return tx.AppendAudit(ctx, entry)
	})
	if err != nil {
		return before, err
	}
	return s.endpoint(ctx, tenant, webhook)
}

// RemoveWebhook ends an endpoint. What was sent to it stays in the log.
func (s *Service) RemoveWebhook(ctx context.Context, webhook core.ID) error {
	id, tenant, err := s.webhookWriter(ctx, "webhooks", "delete")
	if err != nil {
		return err
	}
	entry, err := s.audit(id, tenant, "webhook.delete", webhook.Prefixed(core.PrefixWebhook), nil, nil)
	if err != nil {
		return err
	}
	return s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		e, err := tx.WebhookEndpoint(ctx, webhook)
		if err != nil {
			return err
		}
		now := s.Clock()
		e = enable(e, false, now)
		e.UpdatedAt, e.RemovedAt = now, now
		if err := tx.UpdateWebhookEndpoint(ctx, e); err != nil {
			return err
		}
		for _, secret := range e.Secrets {
			if err := tx.DeleteWebhookSecret(ctx, webhook, secret.ID); err != nil {
				return err
			}
		}
		if err := s.resolve(ctx, tx, core.AlertWebhookFailing, e.ID); err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
}

// newWebhookSecret makes and seals a secret.
func (s *Service) newWebhookSecret(ctx context.Context, id core.Identity, e core.WebhookEndpoint) (core.WebhookSecret, core.Secret, error) {
	now := s.Clock()
	secret := core.NewWebhookSecret()
	kept := core.WebhookSecret{
		TenantID: e.TenantID, ID: core.NewID(now), EndpointID: e.ID, Display: string(secret.Reveal()[:secretShown]) + "…", CreatedBy: id.Actor, CreatedAt: now,
	}
	sealed, err := s.Sealer.Seal(ctx, e.TenantID, core.WebhookSecretPurpose(kept.ID), secret.Reveal())
	kept.Sealed = sealed
	return kept, secret, err
}

// RotateWebhookSecret gives a new secret; the old ones sign beside it for a while.
func (s *Service) RotateWebhookSecret(ctx context.Context, webhook core.ID, overlap time.Duration) (core.WebhookEndpoint, core.Secret, error) {
	id, tenant, err := s.webhookWriter(ctx, "webhooks", "secrets")
	if err != nil {
		return core.WebhookEndpoint{}, core.Secret{}, err
	}
	if err := s.stepUp(id); err != nil {
		return core.WebhookEndpoint{}, core.Secret{}, err
	}
	if overlap < 0 || overlap > maxSecretOverlap {
		return core.WebhookEndpoint{}, core.Secret{}, core.Errorf(core.CodeInvalidRequest, "The old secret can sign for up to 168 hours more.").At("overlap_hours")
	}
	e, err := s.endpoint(ctx, tenant, webhook)
	if err != nil {
		return e, core.Secret{}, err
	}
	if len(e.Secrets) >= maxWebhookSecrets {
		return e, core.Secret{}, core.Errorf(core.CodeLimitExceeded, "At most %d secrets sign at the same time. Remove one first.", maxWebhookSecrets)
	}
	kept, secret, err := s.newWebhookSecret(ctx, id, e)
	if err != nil {
		return e, core.Secret{}, err
	}
	entry, err := s.audit(id, tenant, "webhook.rotate_secret", webhook.Prefixed(core.PrefixWebhook), nil, map[string]any{"secret": kept.Display, "overlap": overlap.String()})
	if err != nil {
		return e, core.Secret{}, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if err := tx.ExpireWebhookSecrets(ctx, webhook, kept.CreatedAt.Add(overlap)); err != nil {
			return err
		}
		if err := tx.InsertWebhookSecret(ctx, kept); err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	if err != nil {
		return e, core.Secret{}, err
	}
	e, err = s.endpoint(ctx, tenant, webhook)
	return e, secret, err
}

// RemoveWebhookSecret ends a rotated secret before its time.
func (s *Service) RemoveWebhookSecret(ctx context.Context, webhook, secret core.ID) (core.WebhookEndpoint, error) {
	id, tenant, err := s.webhookWriter(ctx, "webhooks", "secrets")
	if err != nil {
		return core.WebhookEndpoint{}, err
	}
	if err := s.stepUp(id); err != nil {
		return core.WebhookEndpoint{}, err
	}
	entry, err := s.audit(id, tenant, "webhook.remove_secret", webhook.Prefixed(core.PrefixWebhook), nil, map[string]any{"secret_id": secret.Prefixed(core.PrefixWebhookSecret)})
	if err != nil {
		return core.WebhookEndpoint{}, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		e, err := tx.WebhookEndpoint(ctx, webhook)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(e.Secrets, func(k core.WebhookSecret) bool { return k.ID == secret && k.ExpiresAt.IsZero() }) {
			return core.Errorf(core.CodeInvalidState, "This is the secret in use. Make a new one; then this one can be removed.")
		}
		if err := tx.DeleteWebhookSecret(ctx, webhook, secret); err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	if err != nil {
		return core.WebhookEndpoint{}, err
	}
	return s.endpoint(ctx, tenant, webhook)
}
