package postgres

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// searched fills every table that a search looks into with so many rows that reading all of them
// is the wrong plan.
var searched = []string{
	`INSERT INTO payments (tenant_id, id, order_no, merchant_order_no, account_id, provider, method, amount, currency, state, provider_order_no, channel_trade_no, created_at, updated_at)
		SELECT $1, gen_random_uuid(), 'o' || n, 'm' || n, $2, 'example', 'barcode', 100, 'CNY', 'succeeded', 'p' || n, 'c' || n, now() - n * interval '1 second', now()
		FROM generate_series(1, 10000) n`,
	`INSERT INTO refunds (tenant_id, id, payment_id, refund_no, merchant_refund_no, account_id, provider, amount, currency, state, provider_refund_no, created_at, updated_at)
		SELECT tenant_id, gen_random_uuid(), id, 'r' || order_no, 'r' || merchant_order_no, $2, 'example', 100, 'CNY', 'succeeded', 'r' || provider_order_no, created_at, now()
		FROM payments WHERE tenant_id = $1`,
	`INSERT INTO payouts (tenant_id, id, payout_no, merchant_payout_no, account_id, provider, amount, currency, state, provider_payout_no, created_at, updated_at)
		SELECT tenant_id, gen_random_uuid(), 'q' || order_no, 'q' || merchant_order_no, $2, 'example', 100, 'CNY', 'failed', 'q' || provider_order_no, created_at, now()
		FROM payments WHERE tenant_id = $1`,
	// A difference of no day: what is searched is its numbers.
	`ALTER TABLE differences DROP CONSTRAINT differences_day`,
	`INSERT INTO differences (tenant_id, id, day_id, account_id, provider, day, key, kind, movement, number, provider_number, ours_present, theirs_present, state, found_at, found_run)
		SELECT tenant_id, gen_random_uuid(), id, $2, 'example', current_date, order_no, 'surplus', 'payment', 'd' || order_no, 'd' || provider_order_no, false, true, 'accepted', created_at, 1
		FROM payments WHERE tenant_id = $1`,
	`ANALYZE payments, refunds, payouts, differences`,
}

// A search looks for a number in every column that may have one by that column's index, bound to
// the merchant who asks; no table is read through.
func TestSearchUsesIndexes(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	m := newMerchant(t, db)
	owner := rawRole(t, url, roleOwner)
	for _, statement := range searched {
		args := []any{m.tenant, m.account}
		_, err := owner.ExecContext(t.Context(), statement, args[:min(2, strings.Count(statement, "$"))]...)
		must(t, err)
	}
	page := core.Page{Limit: 20}
	for name, c := range map[string]struct {
		statement func(c conditions) (string, []any)
		indexes   []string
	}{
		"payments": {
			func(c conditions) (string, []any) {
				return paymentList(c, core.PaymentFilter{AnyNumber: "o17", Page: page})
			},
			[]string{"payments_order_no", "payments_merchant_order_no", "payments_provider_order_no", "payments_channel_trade_no"},
		},
		"refunds": {
			func(c conditions) (string, []any) {
				return refundList(c, core.RefundFilter{AnyNumber: "ro17", Page: page})
			},
			[]string{"refunds_refund_no", "refunds_merchant_refund_no", "refunds_provider_refund_no"},
		},
		"payouts": {
			func(c conditions) (string, []any) {
				return payoutList(c, core.PayoutFilter{AnyNumber: "qo17", Page: page})
			},
			[]string{"payouts_payout_no_key", "payouts_merchant_payout_no", "payouts_provider_payout_no"},
		},
		"differences": {
			func(c conditions) (string, []any) {
				return differenceList(c, core.DifferenceFilter{AnyNumber: "do17", Page: page})
			},
			[]string{"differences_number", "differences_provider_number"},
		},
	} {
		for _, platform := range []bool{true, false} {
			plan := explain(t, db, m, platform, c.statement)
			for _, index := range c.indexes {
				if !strings.Contains(plan, index) {
					t.Errorf("%s, platform %t: a number is not looked for in %s:\n%s", name, platform, index, plan)
				}
			}
			if strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "newest") {
				t.Errorf("%s, platform %t: rows are read through:\n%s", name, platform, plan)
			}
		}
		if query, args := c.statement((&tenantTx{tenant: m.tenant}).own("x.tenant_id")); !strings.Contains(query, "x.tenant_id = $1") || !slices.Contains(args, any(m.tenant)) {
			t.Errorf("%s: not bound to the merchant: %s", name, query)
		}
	}
}

// explain gives the plan of the very statement a list sends.
func explain(t *testing.T, db *DB, m merchant, platform bool, statement func(c conditions) (string, []any)) string {
	t.Helper()
	var lines []string
	ask := func(s *session, c conditions) error {
		text, args := statement(c)
		return s.list(t.Context(), &lines, unprepared+"EXPLAIN "+text, args...)
	}
	var err error
	if platform {
		err = db.run(t.Context(), db.platform, core.ID{}, func(s *session) error { return ask(s, conditions{}) })
	} else {
		err = db.run(t.Context(), db.app, m.tenant, func(s *session) error {
			return ask(s, (&tenantTx{tenant: m.tenant}).own("x.tenant_id"))
		})
	}
	must(t, err)
	return fmt.Sprintln(strings.Join(lines, "\n"))
}
