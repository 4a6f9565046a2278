package postgres

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The last of each Beijing day stays, the others go.
const (
	staleTenants = `SELECT DISTINCT tenant_id FROM balance_snapshots WHERE NOT daily AND taken_at < $1
		UNION SELECT DISTINCT tenant_id FROM spending_days WHERE day < $2 LIMIT $3`
	keepDaily = `UPDATE balance_snapshots x SET daily = true WHERE x.tenant_id = $1 AND NOT x.daily AND x.taken_at < $2 AND NOT EXISTS (
		SELECT FROM balance_snapshots n WHERE n.tenant_id = x.tenant_id AND n.account_id = x.account_id AND n.taken_at > x.taken_at
			AND n.taken_at < date_trunc('day', x.taken_at AT TIME ZONE interval '8 hours') AT TIME ZONE interval '8 hours' + interval '1 day')`
	dropBalances = `DELETE FROM balance_snapshots WHERE tenant_id = $1 AND id IN (
		SELECT id FROM balance_snapshots WHERE tenant_id = $1 AND NOT daily AND taken_at < $2 ORDER BY taken_at LIMIT $3)`
	dropDays = "DELETE FROM spending_days WHERE tenant_id = $1 AND day < $2"
)

// PruneBalances implements core.Pruner. Counters of limits go with the snapshots of their day.
func (db *DB) PruneBalances(ctx context.Context, before time.Time, limit int) (core.Pruned, error) {
	day := core.DayOf(before) // whole days only: the last of a part of one is not its last
	before = day.Start()
	return db.eachPruned(ctx, func(s *session, tenants *[]core.ID) error {
		return s.list(ctx, tenants, staleTenants, stamp{before}, string(day), limit)
	}, func(s *session, tenant core.ID) (core.Pruned, error) {
		if _, err := s.change(ctx, keepDaily, tenant, stamp{before}); err != nil {
			return core.Pruned{}, err
		}
		if _, err := s.change(ctx, dropDays, tenant, string(day)); err != nil {
			return core.Pruned{}, err
		}
		return remove(ctx, dropBalances, before, limit)(s, tenant)
	})
}
