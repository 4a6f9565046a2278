package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Summary implements core.Counts. Payments and refunds count in the period they were created in, with
// the state they have now; Unknown counts what is in doubt now, whenever it began. ByHour has
// what was paid in each hour since from.
func (db *DB) Summary(ctx context.Context, tenant core.ID, from, to time.Time) (core.Summary, error) {
	hours := int((to.Sub(from) + time.Hour - 1) / time.Hour)
	if hours < 1 || hours > 24*366 {
		return core.Summary{}, core.Errorf(core.CodeInvalidRequest, "The period must be longer than nothing and at most a year.").At("from")
	}
	pool := db.app
	if tenant.IsZero() {
		pool = db.platform
	}
	sum := core.Summary{ByProvider: map[string]int64{}, ByHour: make([]int64, hours)}
	err := db.run(ctx, pool, tenant, func(s *session) error { return s.sum(ctx, &sum, ofTenant("tenant_id", tenant), from, to) })
	return sum, err
}

func (s *session) sum(ctx context.Context, sum *core.Summary, c conditions, from, to time.Time) error {
	of := ""
	if len(c.parts) > 0 {
		of = c.parts[0] + " AND "
	}
	start, end := c.arg(stamp{from}), c.arg(stamp{to})
	within := of + "created_at >= " + start + " AND created_at < " + end
	var rows []struct {
		Provider string `db:"provider"`
		Hour     int    `db:"hour"`
		Paid     int64  `db:"paid"`
		Count    int64  `db:"count"`
		Failed   int64  `db:"failed"`
	}
	query := fmt.Sprintf(`%sSELECT provider, floor(extract(epoch FROM created_at - %s) / 3600)::int AS hour,
		coalesce(sum(amount) FILTER (WHERE state = 'succeeded'), 0)::bigint AS paid,
		count(*) FILTER (WHERE state = 'succeeded') AS count, count(*) FILTER (WHERE state = 'failed') AS failed
		FROM payments WHERE %s GROUP BY 1, 2`, unprepared, start, within)
	if err := s.list(ctx, &rows, query, c.args...); err != nil {
		return err
	}
	for _, r := range rows {
		sum.Paid += r.Paid
		sum.PaidCount += r.Count
		sum.FailedCount += r.Failed
		if r.Paid > 0 {
			sum.ByProvider[r.Provider] += r.Paid
		}
		if r.Hour >= 0 && r.Hour < len(sum.ByHour) {
			sum.ByHour[r.Hour] += r.Paid
		}
	}
	var refunds struct {
		Amount int64 `db:"amount"`
		Count  int64 `db:"count"`
	}
	query = unprepared + "SELECT coalesce(sum(amount), 0)::bigint AS amount, count(*) AS count FROM refunds WHERE " + within + " AND state = 'succeeded'"
	if err := s.get(ctx, &refunds, nil, query, c.args...); err != nil {
		return err
	}
	sum.Refunded, sum.RefundedCount = refunds.Amount, refunds.Count
	query = fmt.Sprintf(`%sSELECT (SELECT count(*) FROM payments WHERE %[2]sunknown_since IS NOT NULL)
		+ (SELECT count(*) FROM refunds WHERE %[2]sunknown_since IS NOT NULL)`, unprepared, of)
	return s.get(ctx, &sum.Unknown, nil, query, c.args[:len(c.args)-2]...)
}
