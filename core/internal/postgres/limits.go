package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	limitSet = `INSERT INTO spending_limits (tenant_id, account_id, method, spending, layer, single_limit, daily_limit, set_by, set_at)
		VALUES ($1, $2, $3, $4, $5, nullif($6::bigint, 0), nullif($7::bigint, 0), $8, $9)
		ON CONFLICT (tenant_id, scope, spending, layer) DO UPDATE
		SET single_limit = excluded.single_limit, daily_limit = excluded.daily_limit, set_by = excluded.set_by, set_at = excluded.set_at`
	limitRemove = "DELETE FROM spending_limits WHERE tenant_id = $1 AND scope = $2 AND spending = $3 AND layer = $4"

	limitColumns = `l.tenant_id, l.account_id, l.method, l.spending, l.layer, coalesce(l.single_limit, 0) AS single_limit,
		coalesce(l.daily_limit, 0) AS daily_limit, l.set_by, l.set_at`
	limitList = "SELECT " + limitColumns + `, CASE WHEN l.daily_limit IS NULL THEN 0 ELSE coalesce(d.used, 0) END AS used
		FROM spending_limits l LEFT JOIN spending_days d ON d.tenant_id = l.tenant_id AND d.scope = l.scope AND d.spending = l.spending AND d.day = $2
		WHERE l.tenant_id = $1 ORDER BY l.scope COLLATE "C", l.spending, l.layer`

	// Writing a payment or payout shares the row of its account (the foreign key does it): taking
	// these rows waits for those under way and holds back the next.
	accountsHeld = `SELECT id FROM provider_accounts WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id = $2::uuid) ORDER BY id FOR UPDATE`

	dayBegin = `INSERT INTO spending_days (tenant_id, scope, spending, day, used) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, scope, spending, day) DO UPDATE SET used = excluded.used`
	dayCount = `INSERT INTO spending_days (tenant_id, scope, spending, day, used) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, scope, spending, day) DO UPDATE SET used = spending_days.used + excluded.used
		WHERE spending_days.used + excluded.used <= $6 RETURNING used`
	dayUsed = `SELECT coalesce(max(used), 0) FROM spending_days WHERE tenant_id = $1 AND scope = $2 AND spending = $3 AND day = $4`
	// The rows are taken in the order in which they are counted, so that no two wait for each other.
	dayAdjust = `WITH held AS (SELECT scope FROM spending_days WHERE tenant_id = $1 AND spending = $2 AND day = $3 AND scope = ANY ($4::text[])
			ORDER BY scope COLLATE "C" FOR UPDATE)
		UPDATE spending_days d SET used = greatest(0, d.used + $5) FROM held
		WHERE d.tenant_id = $1 AND d.spending = $2 AND d.day = $3 AND d.scope = held.scope`
)

// daySums sum up what counts of a Beijing day, by the kind of spending.
var daySums = map[core.Spending]string{
	core.SpendPayment: daySum("payments", countingPayments) + " AND ($4 = '' OR method = $4)",
	core.SpendPayout:  daySum("payouts", countingPayouts) + " AND $4 = ''",
}

func daySum(from string, counting []string) string {
	return "SELECT coalesce(sum(amount), 0)::bigint FROM " + from + ` WHERE tenant_id = $1 AND created_at >= ($2 || 'T00:00:00+08:00')::timestamptz
		AND created_at < ($2 || 'T00:00:00+08:00')::timestamptz + interval '1 day' AND ($3::uuid IS NULL OR account_id = $3::uuid)
		AND state IN ('` + strings.Join(counting, "', '") + "')"
}

// What counts, by the states' own word.
var (
	countingPayments = counting(core.PaymentState.Counts, core.PaymentRequiresAction, core.PaymentProcessing, core.PaymentSucceeded,
		core.PaymentFailed, core.PaymentCanceled, core.PaymentClosed, core.PaymentExpired)
	countingPayouts = counting(core.PayoutState.Counts, core.PayoutPendingApproval, core.PayoutProcessing, core.PayoutInReview, core.PayoutSucceeded,
		core.PayoutFailed, core.PayoutReturned, core.PayoutRejected)
)

func counting[S ~string](counts func(S) bool, states ...S) []string {
	return texts(slices.DeleteFunc(states, func(s S) bool { return !counts(s) }))
}

type limitRow struct {
	TenantID  core.ID `db:"tenant_id"`
	AccountID core.ID `db:"account_id"`
	Method    string  `db:"method"`
	Spending  string  `db:"spending"`
	Layer     string  `db:"layer"`
	Single    int64   `db:"single_limit"`
	Daily     int64   `db:"daily_limit"`
	SetBy     string  `db:"set_by"`
	SetAt     stamp   `db:"set_at"`
	Used      int64   `db:"used"`
}

func (r *limitRow) limit() core.Limit {
	return core.Limit{
		TenantID: r.TenantID, Scope: core.Scope{AccountID: r.AccountID, Method: core.Method(r.Method)}, Spending: core.Spending(r.Spending),
		Layer: core.Layer(r.Layer), Single: r.Single, Daily: r.Daily, SetBy: r.SetBy, SetAt: r.SetAt.Time, UsedToday: r.Used,
	}
}

// Limits implements core.LimitReader, the widest scope first.
func (t *tenantTx) Limits(ctx context.Context, today string) ([]core.Limit, error) {
	var rows []limitRow
	if err := t.s.list(ctx, &rows, limitList, t.tenant, today); err != nil {
		return nil, err
	}
	return convert(rows, (*limitRow).limit), nil
}

// SetLimit implements core.LimitTx.
func (t *tenantTx) SetLimit(ctx context.Context, l core.Limit, today string) error {
	if l.TenantID != t.tenant {
		return wrongTenant("limit")
	}
	if l.Single == 0 && l.Daily == 0 {
		_, err := t.s.change(ctx, limitRemove, t.tenant, l.Scope.Key(), string(l.Spending), string(l.Layer))
		return err
	}
	_, err := t.s.change(ctx, limitSet, t.tenant, l.Scope.AccountID, string(l.Scope.Method), string(l.Spending), string(l.Layer),
		l.Single, l.Daily, l.SetBy, stamp{l.SetAt})
	if err != nil || l.Daily == 0 {
		return err
	}
	return t.beginDay(ctx, l, today)
}

// beginDay counts what the day has before the limit. Rows whose outcome is being written
// count as they were: the sum is right or too high.
func (t *tenantTx) beginDay(ctx context.Context, l core.Limit, today string) error {
	var held []core.ID
	if err := t.s.list(ctx, &held, accountsHeld, t.tenant, l.Scope.AccountID); err != nil {
		return err
	}
	var used int64
	err := t.s.get(ctx, &used, nil, daySums[l.Spending], t.tenant, today, l.Scope.AccountID, string(l.Scope.Method))
	if err != nil {
		return err
	}
	_, err = t.s.change(ctx, dayBegin, t.tenant, l.Scope.Key(), string(l.Spending), today, used)
	return err
}

// CountSpend implements core.LimitTx.
func (t *tenantTx) CountSpend(ctx context.Context, s core.Spend, scope core.Scope, daily int64) (used int64, ok bool, err error) {
	if err := t.s.flush(ctx); err != nil {
		return 0, false, err
	}
	t.s.wrote = true
	var now []int64
	if s.Amount <= daily { // the first of a day is not guarded by a row
		err = t.s.SelectContext(ctx, &now, dayCount, t.tenant, scope.Key(), string(s.Spending), s.Day(), s.Amount, daily)
		if err != nil {
			return 0, false, translate(ctx, err)
		}
	}
	if len(now) == 1 {
		return now[0] - s.Amount, true, nil
	}
	err = t.s.get(ctx, &used, nil, dayUsed, t.tenant, scope.Key(), string(s.Spending), s.Day())
	return used, false, err
}

// AdjustSpend implements core.LimitTx.
func (t *tenantTx) AdjustSpend(ctx context.Context, s core.Spend) error {
	_, err := t.s.change(ctx, dayAdjust, t.tenant, string(s.Spending), s.Day(), scopeKeys(s), s.Amount)
	return err
}

func scopeKeys(s core.Spend) pq.StringArray {
	scopes := core.Scopes(s.AccountID, s.Method)
	keys := make(pq.StringArray, len(scopes))
	for i, scope := range scopes {
		keys[i] = scope.Key()
	}
	return keys
}
