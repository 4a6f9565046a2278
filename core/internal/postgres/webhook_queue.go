package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// webhooksDue steps from endpoint to endpoint through the index of what waits, so that an
// endpoint costs one step however much waits for it, and one without costs nothing.
const webhooksDue = `WITH RECURSIVE waiting AS (
		(SELECT tenant_id, endpoint_id FROM webhook_deliveries WHERE next_check_at IS NOT NULL ORDER BY tenant_id, endpoint_id LIMIT 1)
		UNION ALL
		SELECT n.tenant_id, n.endpoint_id FROM waiting w CROSS JOIN LATERAL (
			SELECT d.tenant_id, d.endpoint_id FROM webhook_deliveries d
			WHERE d.next_check_at IS NOT NULL AND (d.tenant_id, d.endpoint_id) > (w.tenant_id, w.endpoint_id)
			ORDER BY d.tenant_id, d.endpoint_id LIMIT 1) n)
	SELECT 'webhook' AS kind, w.tenant_id, w.endpoint_id AS id, f.next_check_at FROM waiting w
	CROSS JOIN LATERAL (SELECT d.next_check_at FROM webhook_deliveries d
		WHERE d.tenant_id = w.tenant_id AND d.endpoint_id = w.endpoint_id AND d.next_check_at IS NOT NULL ORDER BY d.next_check_at LIMIT 1) f
	JOIN webhook_endpoints p ON p.tenant_id = w.tenant_id AND p.id = w.endpoint_id
	WHERE f.next_check_at <= $1 AND (p.lease_until IS NULL OR p.lease_until <= $1) ORDER BY f.next_check_at LIMIT $2`

// webhooksClaim leases endpoints of one tenant that nobody holds. A transaction that writes a
// delivery holds a key lock on the endpoint, which FOR UPDATE would give way to: under load
// nothing would ever be claimed.
const webhooksClaim = `UPDATE webhook_endpoints SET lease_until = $4, lease_token = $5 WHERE tenant_id = $1 AND id IN (
	SELECT id FROM webhook_endpoints WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND (lease_until IS NULL OR lease_until <= $3) FOR NO KEY UPDATE SKIP LOCKED)
	RETURNING id`

// ClaimWebhooks implements core.WebhookQueue. As ClaimDue it reads as platform and claims as
// app, tenant by tenant.
func (db *DB) ClaimWebhooks(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]core.Due, error) {
	var rows []dueRow
	err := db.run(ctx, db.platform, core.ID{}, func(s *session) error {
		return s.list(ctx, &rows, webhooksDue, stamp{now}, limit)
	})
	if err != nil {
		return nil, err
	}
	var tenants []core.ID
	of := map[core.ID][]core.ID{}
	for _, r := range rows {
		if of[r.TenantID] == nil {
			tenants = append(tenants, r.TenantID)
		}
		of[r.TenantID] = append(of[r.TenantID], r.ID)
	}
	var claimed []core.Due
	for _, tenant := range tenants {
		var got []core.ID
		err := db.run(ctx, db.app, tenant, func(s *session) error {
			s.wrote = true
			if _, err := s.ExecContext(ctx, "SET LOCAL synchronous_commit = off"); err != nil {
				return err
			}
			return s.SelectContext(ctx, &got, webhooksClaim, tenant, uids(of[tenant]), stamp{now}, stamp{now.Add(lease)}, db.node)
		})
		if err != nil {
			return claimed, err
		}
		for _, r := range rows {
			if r.TenantID == tenant && slices.Contains(got, r.ID) {
				claimed = append(claimed, core.Due{Kind: core.DueWebhook, TenantID: tenant, ID: r.ID, DueAt: r.DueAt.Time})
			}
		}
	}
	return claimed, nil
}

const (
	staleDeliveries = `SELECT t.tenant_id FROM (SELECT DISTINCT tenant_id FROM webhook_endpoints) t
		WHERE EXISTS (SELECT FROM webhook_deliveries d WHERE d.tenant_id = t.tenant_id AND d.created_at < $1 AND d.state <> 'pending') LIMIT $2`
	pruneDeliveries = `DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND id IN (SELECT id FROM webhook_deliveries
		WHERE tenant_id = $1 AND created_at < $2 AND state <> 'pending' ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED)`
)

// PruneDeliveries implements core.Pruner. What is pending stays.
func (db *DB) PruneDeliveries(ctx context.Context, before time.Time, limit int) (core.Pruned, error) {
	return db.eachPruned(ctx, func(s *session, tenants *[]core.ID) error {
		return s.list(ctx, tenants, staleDeliveries, stamp{before}, limit)
	}, remove(ctx, pruneDeliveries, before, limit))
}
