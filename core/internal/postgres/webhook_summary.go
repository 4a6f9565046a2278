package postgres

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	summaryEnded = `SELECT count(*) FILTER (WHERE state = 'delivered') AS delivered, count(*) FILTER (WHERE state = 'failed') AS failed,
		count(*) FILTER (WHERE state = 'canceled') AS canceled FROM webhook_deliveries
		WHERE tenant_id = $1 AND endpoint_id = $2 AND created_at >= $3 AND event_type <> 'webhook.test' AND state <> 'pending'`
	summaryPending = `SELECT count(*) AS pending, count(*) FILTER (WHERE attempts > 0) AS retrying, min(created_at) AS oldest FROM webhook_deliveries
		WHERE tenant_id = $1 AND endpoint_id = $2 AND next_check_at IS NOT NULL`
	summaryFailures = `SELECT a.status, a.error, count(*) AS count, max(a.started_at) AS last_at
		FROM webhook_deliveries d JOIN webhook_attempts a ON a.tenant_id = d.tenant_id AND a.delivery_id = d.id
		WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.created_at >= $3 AND a.started_at >= $3 AND a.error <> '' AND d.event_type <> 'webhook.test'
		GROUP BY a.status, a.error ORDER BY max(a.started_at) DESC LIMIT 10`
)

// WebhookSummary implements core.WebhookReader.
func (t *tenantTx) WebhookSummary(ctx context.Context, endpoint core.ID, since time.Time) (core.WebhookSummary, error) {
	out := core.WebhookSummary{Since: since}
	var ended struct{ Delivered, Failed, Canceled int64 }
	if err := t.s.get(ctx, &ended, nil, summaryEnded, t.tenant, endpoint, stamp{since}); err != nil {
		return out, err
	}
	var pending struct {
		Pending, Retrying int64
		Oldest            stamp
	}
	if err := t.s.get(ctx, &pending, nil, summaryPending, t.tenant, endpoint); err != nil {
		return out, err
	}
	var failures []struct {
		Status int
		Error  string
		Count  int64
		LastAt stamp `db:"last_at"`
	}
	if err := t.s.list(ctx, &failures, summaryFailures, t.tenant, endpoint, stamp{since}); err != nil {
		return out, err
	}
	out.Delivered, out.Failed, out.Canceled = ended.Delivered, ended.Failed, ended.Canceled
	out.Pending, out.Retrying, out.OldestPending = pending.Pending, pending.Retrying, pending.Oldest.Time
	for _, f := range failures {
		out.Failures = append(out.Failures, core.WebhookFailure{Status: f.Status, Error: f.Error, Count: f.Count, LastAt: f.LastAt.Time})
	}
	return out, nil
}
