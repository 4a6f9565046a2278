package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

var webhookTable = &table{"webhook_endpoints", []string{
	"tenant_id", "id", "url", "description", "types", "enabled", "disabled_reason", "disabled_at", "failing_since",
	"created_by", "created_at", "updated_at", "removed_at", "version",
}}

var webhookSecretTable = &table{"webhook_secrets", []string{"tenant_id", "id", "endpoint_id", "sealed", "display", "created_by", "created_at", "expires_at"}}

var (
	webhookSelect       = "SELECT " + strings.Join(webhookTable.columns, ", ") + " FROM webhook_endpoints"
	webhookSecretSelect = "SELECT " + strings.Join(webhookSecretTable.columns, ", ") + " FROM webhook_secrets"
	webhookUpdate       = `UPDATE webhook_endpoints SET url = $4, description = $5, types = $6, enabled = $7, disabled_reason = $8, disabled_at = $9,
		failing_since = $10, updated_at = $11, removed_at = $12, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND version = $3 AND removed_at IS NULL`
)

type webhookRow struct {
	TenantID       core.ID        `db:"tenant_id"`
	ID             core.ID        `db:"id"`
	URL            string         `db:"url"`
	Description    string         `db:"description"`
	Types          pq.StringArray `db:"types"`
	Enabled        bool           `db:"enabled"`
	DisabledReason string         `db:"disabled_reason"`
	DisabledAt     stamp          `db:"disabled_at"`
	FailingSince   stamp          `db:"failing_since"`
	CreatedBy      string         `db:"created_by"`
	CreatedAt      stamp          `db:"created_at"`
	UpdatedAt      stamp          `db:"updated_at"`
	RemovedAt      stamp          `db:"removed_at"`
	Version        int            `db:"version"`
}

func (r *webhookRow) endpoint() core.WebhookEndpoint {
	return core.WebhookEndpoint{
		TenantID: r.TenantID, ID: r.ID, URL: r.URL, Description: r.Description, Types: r.Types, Enabled: r.Enabled, DisabledReason: r.DisabledReason,
		DisabledAt: r.DisabledAt.Time, FailingSince: r.FailingSince.Time, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
		RemovedAt: r.RemovedAt.Time, Version: r.Version,
	}
}

type webhookSecretRow struct {
	TenantID   core.ID `db:"tenant_id"`
	ID         core.ID `db:"id"`
	EndpointID core.ID `db:"endpoint_id"`
	Sealed     []byte  `db:"sealed"`
	Display    string  `db:"display"`
	CreatedBy  string  `db:"created_by"`
	CreatedAt  stamp   `db:"created_at"`
	ExpiresAt  stamp   `db:"expires_at"`
}

func (r *webhookSecretRow) secret() core.WebhookSecret {
	return core.WebhookSecret{
		TenantID: r.TenantID, ID: r.ID, EndpointID: r.EndpointID, Sealed: r.Sealed, Display: r.Display,
		CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.Time, ExpiresAt: r.ExpiresAt.Time,
	}
}

// InsertWebhookEndpoint implements core.WebhookWriter.
func (t *tenantTx) InsertWebhookEndpoint(ctx context.Context, e core.WebhookEndpoint) error {
	if e.TenantID != t.tenant {
		return wrongTenant("webhook")
	}
	_, err := t.s.change(ctx, webhookTable.insertText(), e.TenantID, e.ID, clean(e.URL), clean(e.Description), texts(e.Types), e.Enabled, e.DisabledReason,
		stamp{e.DisabledAt}, stamp{e.FailingSince}, e.CreatedBy, stamp{e.CreatedAt}, stamp{e.UpdatedAt}, stamp{e.RemovedAt}, e.Version)
	return err
}

// UpdateWebhookEndpoint implements core.WebhookWriter.
func (t *tenantTx) UpdateWebhookEndpoint(ctx context.Context, e core.WebhookEndpoint) error {
	changed := core.Errorf(core.CodeConflict, "The webhook was changed or removed meanwhile. Read it again.")
	return t.s.mustChange(ctx, changed, webhookUpdate, t.tenant, e.ID, e.Version, clean(e.URL), clean(e.Description), texts(e.Types), e.Enabled,
		e.DisabledReason, stamp{e.DisabledAt}, stamp{e.FailingSince}, stamp{e.UpdatedAt}, stamp{e.RemovedAt})
}

// MarkWebhookFailing implements core.WebhookWriter. It writes only when that is news.
func (t *tenantTx) MarkWebhookFailing(ctx context.Context, endpoint core.ID, since time.Time) error {
	_, err := t.s.change(ctx, `UPDATE webhook_endpoints SET failing_since = $3 WHERE tenant_id = $1 AND id = $2
		AND (failing_since IS NULL) <> ($3::timestamptz IS NULL)`, t.tenant, endpoint, stamp{since})
	return err
}

// DisableWebhook implements core.WebhookWriter.
func (t *tenantTx) DisableWebhook(ctx context.Context, endpoint core.ID, reason string, now time.Time) (bool, error) {
	n, err := t.s.change(ctx, `UPDATE webhook_endpoints SET enabled = false, disabled_reason = $3, disabled_at = $4, updated_at = $4, version = version + 1
		WHERE tenant_id = $1 AND id = $2 AND enabled`, t.tenant, endpoint, reason, stamp{now})
	return n == 1, err
}

// InsertWebhookSecret implements core.WebhookWriter.
func (t *tenantTx) InsertWebhookSecret(ctx context.Context, s core.WebhookSecret) error {
	if s.TenantID != t.tenant {
		return wrongTenant("webhook secret")
	}
	_, err := t.s.change(ctx, webhookSecretTable.insertText(), s.TenantID, s.ID, s.EndpointID, s.Sealed, s.Display, s.CreatedBy, stamp{s.CreatedAt}, stamp{s.ExpiresAt})
	return err
}

// ExpireWebhookSecrets implements core.WebhookWriter.
func (t *tenantTx) ExpireWebhookSecrets(ctx context.Context, endpoint core.ID, at time.Time) error {
	_, err := t.s.change(ctx, "UPDATE webhook_secrets SET expires_at = $3 WHERE tenant_id = $1 AND endpoint_id = $2 AND expires_at IS NULL", t.tenant, endpoint, stamp{at})
	return err
}

// DeleteWebhookSecret implements core.WebhookWriter.
func (t *tenantTx) DeleteWebhookSecret(ctx context.Context, endpoint, secret core.ID) error {
	return t.s.mustChange(ctx, core.NotFound("webhook secret"), "DELETE FROM webhook_secrets WHERE tenant_id = $1 AND endpoint_id = $2 AND id = $3", t.tenant, endpoint, secret)
}

// WebhookEndpoints implements core.WebhookReader.
func (t *tenantTx) WebhookEndpoints(ctx context.Context) ([]core.WebhookEndpoint, error) {
	var rows []webhookRow
	if err := t.s.list(ctx, &rows, webhookSelect+" WHERE tenant_id = $1 AND removed_at IS NULL ORDER BY created_at DESC, id DESC", t.tenant); err != nil {
		return nil, err
	}
	list := convert(rows, (*webhookRow).endpoint)
	return list, t.withSecrets(ctx, list)
}

// WebhookEndpoint implements core.WebhookReader.
func (t *tenantTx) WebhookEndpoint(ctx context.Context, id core.ID) (core.WebhookEndpoint, error) {
	var row webhookRow
	if err := t.s.get(ctx, &row, core.NotFound("webhook"), webhookSelect+" WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL", t.tenant, id); err != nil {
		return core.WebhookEndpoint{}, err
	}
	list := []core.WebhookEndpoint{row.endpoint()}
	err := t.withSecrets(ctx, list)
	return list[0], err
}

// withSecrets fills in the secrets that sign now.
func (t *tenantTx) withSecrets(ctx context.Context, list []core.WebhookEndpoint) error {
	place := make(map[core.ID]int, len(list))
	ids := make([]core.ID, len(list))
	for i, e := range list {
		place[e.ID], ids[i] = i, e.ID
	}
	var rows []webhookSecretRow
	err := t.s.list(ctx, &rows, webhookSecretSelect+` WHERE tenant_id = $1 AND endpoint_id = ANY ($2::uuid[]) AND (expires_at IS NULL OR expires_at > $3)
		ORDER BY expires_at IS NOT NULL, created_at DESC, id DESC`, t.tenant, uids(ids), stamp{t.now()})
	if err != nil {
		return err
	}
	for i := range rows {
		at := place[rows[i].EndpointID]
		list[at].Secrets = append(list[at].Secrets, rows[i].secret())
	}
	return nil
}
