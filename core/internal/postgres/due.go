package postgres

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

type dueRow struct {
	Kind     string  `db:"kind"`
	TenantID core.ID `db:"tenant_id"`
	ID       core.ID `db:"id"`
	DueAt    stamp   `db:"next_check_at"`
}

// dueTables are the tables with next_check_at, lease_until and lease_token, by what they hold.
var dueTables = map[core.DueKind]string{
	core.DueApproval:     "approvals",
	core.DuePayment:      "payments",
	core.DueRefund:       "refunds",
	core.DuePayout:       "payouts",
	core.DueBalance:      "balance_watches",
	core.DueCheckIn:      "check_in_watches",
	core.DueAlert:        "alerts",
	core.DueAlertChannel: "alert_channels",
}

// bulkTables are those of what takes long, which must not hold up the questions to providers.
var bulkTables = map[core.DueKind]string{
	core.DueBillImport:     "bill_imports",
	core.DueBooks:          "book_watches",
	core.DueReconciliation: "reconciliation_days",
	core.DueExport:         "exports",
}

// dueKinds and bulkKinds are the orders in which they are claimed.
var (
	dueKinds  = slices.Sorted(maps.Keys(dueTables))
	bulkKinds = slices.Sorted(maps.Keys(bulkTables))
)

var (
	dueCandidates  = candidates(dueKinds)
	bulkCandidates = candidates(bulkKinds)
)

// candidates reads the partial indexes in order and stops at the limit.
func candidates(kinds []core.DueKind) string {
	parts := make([]string, 0, len(kinds))
	for _, kind := range kinds {
		parts = append(parts, `(SELECT '`+string(kind)+`' AS kind, tenant_id, id, next_check_at FROM `+leasedTable(kind)+`
			WHERE next_check_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) ORDER BY next_check_at LIMIT $2)`)
	}
	return "SELECT * FROM (" + strings.Join(parts, " UNION ALL ") + ") due ORDER BY next_check_at LIMIT $2"
}

// ClaimDue implements core.Database.
func (db *DB) ClaimDue(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]core.Due, error) {
	return db.claimOf(ctx, dueKinds, dueCandidates, now, limit, lease)
}

// ClaimBulk implements core.Database.
func (db *DB) ClaimBulk(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]core.Due, error) {
	if len(bulkKinds) == 0 {
		return nil, nil
	}
	return db.claimOf(ctx, bulkKinds, bulkCandidates, now, limit, lease)
}

// claimOf reads the candidates as platform and claims them as app, tenant by tenant. What
// another node claims in between is skipped.
func (db *DB) claimOf(ctx context.Context, kinds []core.DueKind, query string, now time.Time, limit int, lease time.Duration) ([]core.Due, error) {
	var rows []dueRow
	err := db.run(ctx, db.platform, core.ID{}, func(s *session) error {
		return s.list(ctx, &rows, query, stamp{now}, limit)
	})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var tenants []core.ID
	of := map[core.ID][]dueRow{}
	for _, r := range rows {
		if of[r.TenantID] == nil {
			tenants = append(tenants, r.TenantID)
		}
		of[r.TenantID] = append(of[r.TenantID], r)
	}
	var claimed []core.Due
	for _, tenant := range tenants {
		got, err := db.claim(ctx, tenant, kinds, of[tenant], now, lease)
		if err != nil {
			return claimed, err
		}
		claimed = append(claimed, got...)
	}
	return claimed, nil
}

// claim leases what is still due. The row lock and the condition evaluated under it make two
// claimers impossible; SKIP LOCKED spares the second the waiting.
func (db *DB) claim(ctx context.Context, tenant core.ID, kinds []core.DueKind, rows []dueRow, now time.Time, lease time.Duration) ([]core.Due, error) {
	ids := map[core.DueKind][]core.ID{}
	for _, r := range rows {
		ids[core.DueKind(r.Kind)] = append(ids[core.DueKind(r.Kind)], r.ID)
	}
	var got []core.Due
	err := db.run(ctx, db.app, tenant, func(s *session) error {
		s.wrote = true
		// A lease lost in a crash of the server is a lease that ended early: no need to wait for the disk.
		if _, err := s.ExecContext(ctx, "SET LOCAL synchronous_commit = off"); err != nil {
			return err
		}
		for _, kind := range kinds {
			if len(ids[kind]) == 0 {
				continue
			}
			var leased []dueRow
			err := s.SelectContext(ctx, &leased, claimText(kind), uid(tenant), uids(ids[kind]), stamp{now}, stamp{now.Add(lease)}, db.node)
			if err != nil {
				return err
			}
			for _, r := range leased {
				got = append(got, core.Due{Kind: kind, TenantID: r.TenantID, ID: r.ID, DueAt: r.DueAt.Time})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return got, nil
}

// claimText locks as the update itself does: a transaction that only refers to the row, with
// an attempt for instance, does not hide it from the claim.
func claimText(kind core.DueKind) string {
	name := leasedTable(kind)
	return "UPDATE " + name + ` SET lease_until = $4, lease_token = $5 WHERE tenant_id = $1 AND id IN (
		SELECT id FROM ` + name + ` WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND next_check_at <= $3
			AND (lease_until IS NULL OR lease_until <= $3) FOR NO KEY UPDATE SKIP LOCKED)
		RETURNING '` + string(kind) + `' AS kind, tenant_id, id, next_check_at`
}

// RenewDue implements core.Database. A row that is being written is skipped: its lease ends
// with that write. One that is only referred to is not (FOR NO KEY UPDATE).
func (db *DB) RenewDue(ctx context.Context, due []core.Due, until time.Time) error {
	of := map[core.ID]map[core.DueKind][]core.ID{}
	for _, d := range due {
		if of[d.TenantID] == nil {
			of[d.TenantID] = map[core.DueKind][]core.ID{}
		}
		of[d.TenantID][d.Kind] = append(of[d.TenantID][d.Kind], d.ID)
	}
	var failed error
	for tenant, kinds := range of {
		failed = firstError(failed, db.renew(ctx, tenant, kinds, until))
	}
	return failed
}

func (db *DB) renew(ctx context.Context, tenant core.ID, kinds map[core.DueKind][]core.ID, until time.Time) error {
	return db.run(ctx, db.app, tenant, func(s *session) error {
		s.wrote = true
		// As for a claim: a lease that ends early is no loss.
		if _, err := s.ExecContext(ctx, "SET LOCAL synchronous_commit = off"); err != nil {
			return err
		}
		for kind, ids := range kinds {
			if _, err := s.ExecContext(ctx, renewText(kind), tenant, uids(ids), stamp{until}, db.node); err != nil {
				return err
			}
		}
		return nil
	})
}

func renewText(kind core.DueKind) string {
	name := leasedTable(kind)
	return "UPDATE " + name + ` SET lease_until = $3 WHERE tenant_id = $1 AND id IN (
		SELECT id FROM ` + name + ` WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND lease_token = $4
			AND lease_until < $3 FOR NO KEY UPDATE SKIP LOCKED)`
}

// ReleaseDue implements core.Database. It gives back only what this node holds.
func (db *DB) ReleaseDue(ctx context.Context, due core.Due) error {
	return db.run(ctx, db.app, due.TenantID, func(s *session) error {
		_, err := s.change(ctx, "UPDATE "+leasedTable(due.Kind)+
			" SET lease_until = NULL, lease_token = NULL WHERE tenant_id = $1 AND id = $2 AND lease_token = $3", uid(due.TenantID), due.ID, db.node)
		return err
	})
}

// leasedTable is where the lease of a kind stands: of deliveries at their endpoint.
func leasedTable(kind core.DueKind) string {
	if kind == core.DueWebhook {
		return webhookTable.name
	}
	if name, ok := bulkTables[kind]; ok {
		return name
	}
	return dueTables[kind]
}
