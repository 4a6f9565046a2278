package postgres

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

type figureRow struct {
	Of     string `db:"of"`
	Kind   string `db:"kind"`
	Detail string `db:"detail"`
	Count  int64  `db:"count"`
	Oldest stamp  `db:"oldest"`
}

// unknownTables are the tables with unknown_since, by what they hold.
var unknownTables = map[string]string{"payment": "payments", "refund": "refunds", "payout": "payouts"}

// figuresText counts by partial indexes over what is open only, so that it costs as much as
// there is to tell. $1 is now, $2 the beginning of the callbacks' window.
var figuresText = func() string {
	parts := make([]string, 0, 16)
	for _, kind := range slices.Sorted(maps.Keys(unknownTables)) {
		parts = append(parts, `SELECT '`+string(core.FigureUnknown)+`' AS of, '`+kind+`' AS kind,
			CASE WHEN unknown_since > $1::timestamptz - interval '10 minutes' THEN '`+core.AgeMinutes+`' WHEN unknown_since > $1::timestamptz - interval '1 hour' THEN '`+core.AgeHour+`'
				WHEN unknown_since > $1::timestamptz - interval '24 hours' THEN '`+core.AgeDay+`' ELSE '`+core.AgeOld+`' END AS detail,
			count(*) AS count, min(unknown_since) AS oldest FROM `+unknownTables[kind]+` WHERE unknown_since IS NOT NULL GROUP BY 3`)
	}
	for _, kind := range dueKinds {
		parts = append(parts, `SELECT '`+string(core.FigureDue)+`', '`+string(kind)+`', '', count(*), min(next_check_at)
			FROM `+dueTables[kind]+` WHERE next_check_at <= $1::timestamptz`)
	}
	parts = append(parts,
		`SELECT '`+string(core.FigureCases)+`', kind, '', count(*), min(opened_at) FROM cases WHERE closed_at IS NULL GROUP BY kind`,
		`SELECT '`+string(core.FigureAlerts)+`', kind, severity, count(*), min(opened_at) FROM alerts WHERE resolved_at IS NULL GROUP BY kind, severity`,
		`SELECT '`+string(core.FigureApprovals)+`', kind, '', count(*), min(created_at) FROM approvals WHERE state = 'pending' GROUP BY kind`,
		`SELECT '`+string(core.FigureBalances)+`', a.provider, '', count(*), min(coalesce(w.taken_at, w.created_at))
			FROM balance_watches w JOIN provider_accounts a ON a.tenant_id = w.tenant_id AND a.id = w.id WHERE w.next_check_at IS NOT NULL GROUP BY a.provider`,
		`SELECT '`+string(core.FigureCallbacks)+`', effect, '', count(*), NULL FROM callbacks WHERE received_at >= $2::timestamptz GROUP BY effect`,
		`SELECT '`+string(core.FigureDays)+`', state, '', count(*), min(created_at) FROM reconciliation_days WHERE state <> 'clean' GROUP BY state`,
		`SELECT '`+string(core.FigureDeliveries)+`', '', '', count(*), min(created_at) FROM webhook_deliveries WHERE next_check_at IS NOT NULL`,
		`SELECT '`+string(core.FigureUnchained)+`', '', '', count(*), min(a.created_at)
			FROM audit_unchained u LEFT JOIN audit_log a ON a.tenant_id = u.tenant_id AND a.id = u.audit_id`,
	)
	return strings.Join(parts, " UNION ALL ")
}()

// Figures implements core.Figures.
func (db *DB) Figures(ctx context.Context, now time.Time) ([]core.Figure, error) {
	var rows []figureRow
	err := db.run(ctx, db.platform, core.ID{}, func(s *session) error {
		return s.list(ctx, &rows, figuresText, stamp{now}, stamp{now.Add(-core.CallbackWindow)})
	})
	if err != nil {
		return nil, err
	}
	out := make([]core.Figure, 0, len(rows)+12)
	told := map[string]bool{}
	for _, r := range rows {
		told[r.Kind+r.Detail] = told[r.Kind+r.Detail] || r.Of == string(core.FigureUnknown)
		out = append(out, core.Figure{Of: core.FigureOf(r.Of), Kind: r.Kind, Detail: r.Detail, Count: r.Count, Oldest: r.Oldest.Time})
	}
	// No doubt is told as zero, not left out: an alarm must be able to compare.
	for kind := range unknownTables {
		for _, age := range []string{core.AgeMinutes, core.AgeHour, core.AgeDay, core.AgeOld} {
			if !told[kind+age] {
				out = append(out, core.Figure{Of: core.FigureUnknown, Kind: kind, Detail: age})
			}
		}
	}
	return out, nil
}

// PoolStats says how a pool of connections is used.
type PoolStats struct {
	Pool             string
	Most, Open, Busy int
	Waits            int64 // times that a caller had to wait for a connection
	Waited           time.Duration
}

// PoolStats describes the pools.
func (db *DB) PoolStats() []PoolStats {
	out := make([]PoolStats, 0, 2)
	for _, p := range []struct {
		name string
		pool interface{ Stats() sql.DBStats }
	}{{"app", db.app}, {"platform", db.platform}} {
		s := p.pool.Stats()
		out = append(out, PoolStats{Pool: p.name, Most: s.MaxOpenConnections, Open: s.OpenConnections, Busy: s.InUse, Waits: s.WaitCount, Waited: s.WaitDuration})
	}
	return out
}

var _ core.Figures = (*DB)(nil)
