package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Summary implements core.Counts. Orders count in the time they were made in, with the state they
// have now, as their lists do.
func (db *DB) Summary(ctx context.Context, q core.SummaryQuery) (core.Summary, error) {
	if !q.From.Before(q.To) || q.To.Sub(q.From) > 366*24*time.Hour {
		return core.Summary{}, core.Errorf(core.CodeInvalidRequest, "The period must be longer than nothing and at most a year.").At("from")
	}
	sum := core.Summary{Step: q.Step(), PreviousFrom: q.PreviousFrom(), PreviousTo: q.PreviousTo()}
	sum.Steps = steps(q.From, q.To, sum.Step)
	sum.PreviousSteps = steps(q.From.Add(-sum.Step*time.Duration(len(sum.Steps))), q.From, sum.Step)
	err := db.run(ctx, db.poolOf(q.TenantID), q.TenantID, func(s *session) error {
		if err := s.sumPayments(ctx, &sum, q); err != nil {
			return err
		}
		for _, table := range []string{"refunds", "payouts"} {
			if err := s.sumOthers(ctx, &sum, q, table); err != nil {
				return err
			}
		}
		return s.doubt(ctx, &sum.Doubt, q.TenantID)
	})
	return sum, err
}

// poolOf is that of the role which sees the tenant, or all of them.
func (db *DB) poolOf(tenant core.ID) *sqlx.DB {
	if tenant.IsZero() {
		return db.platform
	}
	return db.app
}

func steps(from, to time.Time, step time.Duration) []core.SummaryStep {
	out := make([]core.SummaryStep, 0, int(to.Sub(from)/step)+1)
	for at := from; at.Before(to); at = at.Add(step) {
		out = append(out, core.SummaryStep{From: at})
	}
	return out
}

// stepRow is a step's sums of one kind of order. Early says that it was made before PreviousTo.
type stepRow struct {
	Provider string `db:"provider"`
	Method   string `db:"method"`
	Step     stamp  `db:"step"`
	Early    bool   `db:"early"`
	Amount   int64  `db:"amount"`
	Count    int64  `db:"count"`
	Failed   int64  `db:"failed"`
}

// book gives the sums that a row counts to: its step's, and the whole time's or, before
// PreviousTo, the time's before.
func book(sum *core.Summary, r stepRow) []*core.Sums {
	list, whole := sum.Steps, &sum.Sums
	if len(list) == 0 || r.Step.Before(list[0].From) {
		list, whole = sum.PreviousSteps, &sum.Previous
	}
	if len(list) == 0 {
		return nil
	}
	var out []*core.Sums
	if i := int(r.Step.Sub(list[0].From) / sum.Step); i >= 0 && i < len(list) {
		out = append(out, &list[i].Sums)
	}
	if whole == &sum.Sums || r.Early {
		out = append(out, whole)
	}
	return out
}

// sumText begins a statement over both times, told apart by step.
func sumText(q core.SummaryQuery, columns, table, by string) (string, []any) {
	c := ofTenant("tenant_id", q.TenantID)
	origin, early := c.arg(stamp{q.From}), c.arg(stamp{q.PreviousTo()})
	c.between("created_at", q.PreviousFrom(), q.To)
	text := fmt.Sprintf(`%sSELECT %s, date_bin(%s::interval, created_at, %s::timestamptz) AS step, created_at < %s::timestamptz AS early,
		coalesce(sum(amount) FILTER (WHERE state = 'succeeded'), 0)::bigint AS amount, count(*) FILTER (WHERE state = 'succeeded') AS count,
		count(*) FILTER (WHERE state = 'failed') AS failed FROM %s`,
		unprepared, columns, c.arg(fmt.Sprintf("%d seconds", int(q.Step().Seconds()))), origin, early, table)
	return text + c.where() + " GROUP BY " + by, c.args
}

func (s *session) sumPayments(ctx context.Context, sum *core.Summary, q core.SummaryQuery) error {
	text, args := sumText(q, "provider, method", "payments", "1, 2, 3, 4")
	var rows []stepRow
	if err := s.list(ctx, &rows, text, args...); err != nil {
		return err
	}
	parts := map[[2]string]*core.SummaryPart{}
	for _, r := range rows {
		for _, to := range book(sum, r) {
			to.Paid, to.PaidCount, to.FailedCount = to.Paid+r.Amount, to.PaidCount+r.Count, to.FailedCount+r.Failed
		}
		if r.Step.Before(q.From) {
			continue
		}
		key := [2]string{r.Provider, r.Method}
		if parts[key] == nil {
			parts[key] = &core.SummaryPart{Provider: r.Provider, Method: core.Method(r.Method)}
		}
		p := parts[key]
		p.Paid, p.PaidCount, p.FailedCount = p.Paid+r.Amount, p.PaidCount+r.Count, p.FailedCount+r.Failed
	}
	for _, p := range parts {
		sum.Parts = append(sum.Parts, *p)
	}
	slices.SortFunc(sum.Parts, func(a, b core.SummaryPart) int {
		return strings.Compare(a.Provider+" "+string(a.Method), b.Provider+" "+string(b.Method))
	})
	return nil
}

// sumOthers sums refunds or payouts.
func (s *session) sumOthers(ctx context.Context, sum *core.Summary, q core.SummaryQuery, table string) error {
	text, args := sumText(q, "'' AS provider, '' AS method", table, "3, 4")
	var rows []stepRow
	if err := s.list(ctx, &rows, text, args...); err != nil {
		return err
	}
	for _, r := range rows {
		for _, to := range book(sum, r) {
			if table == "refunds" {
				to.Refunded, to.RefundedCount = to.Refunded+r.Amount, to.RefundedCount+r.Count
			} else {
				to.PaidOut, to.PaidOutCount = to.PaidOut+r.Amount, to.PaidOutCount+r.Count
			}
		}
	}
	return nil
}

func (s *session) doubt(ctx context.Context, d *core.Doubt, tenant core.ID) error {
	c := ofTenant("tenant_id", tenant)
	c.parts = append(c.parts, "unknown_since IS NOT NULL")
	parts := make([]string, 0, len(unknownTables))
	for _, kind := range []string{"payment", "refund", "payout"} {
		parts = append(parts, "SELECT '"+kind+"' AS kind, count(*) AS count, min(unknown_since) AS since FROM "+unknownTables[kind]+c.where())
	}
	var rows []struct {
		Kind  string `db:"kind"`
		Count int64  `db:"count"`
		Since stamp  `db:"since"`
	}
	if err := s.list(ctx, &rows, unprepared+strings.Join(parts, " UNION ALL "), c.args...); err != nil {
		return err
	}
	of := map[string]*int64{"payment": &d.Payments, "refund": &d.Refunds, "payout": &d.Payouts}
	for _, r := range rows {
		*of[r.Kind] = r.Count
		if !r.Since.IsZero() && (d.Since.IsZero() || r.Since.Before(d.Since)) {
			d.Since = r.Since.Time
		}
	}
	return nil
}

// Waiting implements core.Counts.
func (db *DB) Waiting(ctx context.Context, tenant core.ID, actor string, now time.Time) ([]core.WaitingFor, error) {
	c := ofTenant("x.tenant_id", tenant)
	of := ""
	if len(c.parts) > 0 {
		of = " AND " + c.parts[0]
	}
	text := unprepared + fmt.Sprintf(waitingText, of, c.arg(stamp{now}), c.arg(actor))
	var rows []struct {
		What   string `db:"what"`
		Count  int64  `db:"count"`
		Urgent int64  `db:"urgent"`
		Oldest stamp  `db:"oldest"`
	}
	if err := db.run(ctx, db.poolOf(tenant), tenant, func(s *session) error { return s.list(ctx, &rows, text, c.args...) }); err != nil {
		return nil, err
	}
	out := make([]core.WaitingFor, len(rows))
	for i, r := range rows {
		out[i] = core.WaitingFor{What: core.WaitingAt(r.What), Count: r.Count, Urgent: r.Urgent, Oldest: r.Oldest.Time}
	}
	return out, nil
}

// waitingText counts by partial indexes of what is open: %[1]s narrows to a tenant, %[2]s is now,
// %[3]s who asks.
const waitingText = `SELECT 'approvals' AS what, count(*) AS count, 0::bigint AS urgent, min(x.created_at) AS oldest FROM approvals x
		WHERE x.state = 'pending' AND x.expires_at > %[2]s::timestamptz AND x.made_by <> %[3]s AND NOT EXISTS (SELECT FROM approval_decisions d
			WHERE d.tenant_id = x.tenant_id AND d.approval_id = x.id AND d.actor = %[3]s)%[1]s
	UNION ALL SELECT 'cases', count(*), count(*) FILTER (WHERE x.owner = ''), min(x.opened_at) FROM cases x WHERE x.closed_at IS NULL%[1]s
	UNION ALL SELECT 'differences', count(*), 0, min(x.found_at) FROM differences x WHERE x.state IN ('open', 'correcting')%[1]s
	UNION ALL SELECT 'alerts', count(*), count(*) FILTER (WHERE x.severity = 'critical'), min(x.opened_at) FROM alerts x WHERE x.resolved_at IS NULL%[1]s`
