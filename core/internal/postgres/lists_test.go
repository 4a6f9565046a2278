package postgres

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestPagesVisitEveryRowOnce(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	var all []core.Payment
	for i := range 25 {
		p := m.payment()
		p.CreatedAt = noon().Add(time.Duration(i/5) * time.Second) // several share a time
		p.Amount = core.Fen(int64(100 + i%7*100))                  // and several an amount
		all = append(all, p)
	}
	m.write(t, db, all...)
	byTime := func(a, b core.Payment) int { return a.CreatedAt.Compare(b.CreatedAt) }
	byAmount := func(a, b core.Payment) int { return cmp.Compare(a.Amount.Minor, b.Amount.Minor) }
	sorts := map[core.PaymentSort]struct {
		by         func(a, b core.Payment) int
		descending bool
	}{
		core.PaymentsNewest: {byTime, true}, core.PaymentsOldest: {byTime, false},
		core.PaymentsLargest: {byAmount, true}, core.PaymentsSmallest: {byAmount, false},
	}
	visitIn := func(from, to time.Time, sort core.PaymentSort, list func(f core.PaymentFilter) ([]core.Payment, error)) {
		t.Helper()
		var got []core.ID
		page := core.Page{Limit: 4}
		for {
			rows, err := list(core.PaymentFilter{From: from, To: to, Sort: sort, Page: page})
			must(t, err)
			if len(rows) == 0 {
				break
			}
			for _, r := range rows {
				got = append(got, r.ID)
			}
			last := rows[len(rows)-1]
			page.BeforeTime, page.BeforeAmount, page.BeforeID = last.CreatedAt, last.Amount.Minor, last.ID
		}
		slices.SortFunc(all, func(a, b core.Payment) int {
			if sorts[sort].descending {
				a, b = b, a
			}
			return cmp.Or(sorts[sort].by(a, b), strings.Compare(a.ID.String(), b.ID.String()))
		})
		var want []core.ID
		for _, p := range all {
			want = append(want, p.ID)
		}
		same(t, got, want)
	}
	visit := func(sort core.PaymentSort, list func(f core.PaymentFilter) ([]core.Payment, error)) {
		t.Helper()
		visitIn(time.Time{}, time.Time{}, sort, list)
		visitIn(noon(), noon().Add(time.Hour), sort, list) // all of them as well
	}
	for sort := range sorts {
		visit(sort, func(f core.PaymentFilter) (rows []core.Payment, err error) {
			err = m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { rows, err = tx.Payments(ctx, f); return err })
			return rows, err
		})
		visit(sort, func(f core.PaymentFilter) (rows []core.Payment, err error) {
			err = db.AcrossTenants(t.Context(), func(tx core.PlatformTx) error { rows, err = tx.Payments(t.Context(), f); return err })
			return rows, err
		})
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	plain := m.payment()
	odd := m.payment()
	odd.State, odd.UnknownSince, odd.Provider, odd.Method = core.PaymentFailed, noon(), "other", "qr"
	odd.StoreID, odd.TerminalID, odd.Amount = core.ID{}, core.ID{}, core.Fen(7)
	odd.ProviderOrderNo, odd.ChannelTradeNo, odd.CreatedAt = "P-77", "C-77", noon().Add(time.Hour)
	paid := m.payment()
	paid.State = core.PaymentSucceeded
	m.write(t, db, plain, odd, paid)
	cases := map[string]struct {
		filter core.PaymentFilter
		want   []core.Payment
	}{
		"state":                 {core.PaymentFilter{States: []core.PaymentState{core.PaymentFailed}}, []core.Payment{odd}},
		"states":                {core.PaymentFilter{States: []core.PaymentState{core.PaymentFailed, core.PaymentSucceeded}}, []core.Payment{odd, paid}},
		"unknown":               {core.PaymentFilter{Unknown: true}, []core.Payment{odd}},
		"provider":              {core.PaymentFilter{Provider: "other"}, []core.Payment{odd}},
		"account":               {core.PaymentFilter{AccountID: core.NewID(noon())}, nil},
		"store":                 {core.PaymentFilter{StoreIDs: []core.ID{m.store}}, []core.Payment{plain, paid}},
		"bound to no store":     {core.PaymentFilter{StoreIDs: []core.ID{}}, nil},
		"method":                {core.PaymentFilter{Method: "qr"}, []core.Payment{odd}},
		"from":                  {core.PaymentFilter{From: noon().Add(time.Hour)}, []core.Payment{odd}},
		"to is not included":    {core.PaymentFilter{To: noon().Add(time.Hour)}, []core.Payment{plain, paid}},
		"largest":               {core.PaymentFilter{MaxAmount: 7}, []core.Payment{odd}},
		"smallest":              {core.PaymentFilter{MinAmount: 8}, []core.Payment{plain, paid}},
		"refundable":            {core.PaymentFilter{Refundable: true}, []core.Payment{paid}},
		"our number":            {core.PaymentFilter{AnyNumber: plain.OrderNo}, []core.Payment{plain}},
		"the merchant's number": {core.PaymentFilter{AnyNumber: plain.MerchantOrderNo}, []core.Payment{plain}},
		"the provider's number": {core.PaymentFilter{AnyNumber: "P-77"}, []core.Payment{odd}},
		"the channel's number":  {core.PaymentFilter{AnyNumber: "C-77"}, []core.Payment{odd}},
		"part of a number":      {core.PaymentFilter{AnyNumber: "P-7"}, nil},
	}
	for name, c := range cases {
		for _, platform := range []bool{false, true} {
			var (
				got []core.Payment
				err error
			)
			if platform {
				err = db.AcrossTenants(t.Context(), func(tx core.PlatformTx) (err error) { got, err = tx.Payments(t.Context(), c.filter); return err })
			} else {
				err = m.in(t, db, func(ctx context.Context, tx core.TenantTx) (err error) {
					got, err = tx.Payments(ctx, c.filter)
					return err
				})
			}
			must(t, err)
			if a, b := numbers(got), numbers(c.want); a != b {
				t.Errorf("%s, platform %t: %s, want %s", name, platform, a, b)
			}
		}
	}
}

func numbers(list []core.Payment) string {
	var out []string
	for _, p := range list {
		out = append(out, p.OrderNo)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestRefundAndTenantFilters(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	p := m.paid(t, db)
	r := m.refund(p, 5)
	r.ProviderRefundNo = "PR-1"
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertRefund(ctx, r) }))
	for name, c := range map[string]struct {
		filter core.RefundFilter
		want   int
	}{
		"number":            {core.RefundFilter{AnyNumber: "PR-1"}, 1},
		"state":             {core.RefundFilter{States: []core.RefundState{core.RefundFailed}}, 0},
		"store":             {core.RefundFilter{StoreIDs: []core.ID{m.store}}, 1},
		"bound to no store": {core.RefundFilter{StoreIDs: []core.ID{}}, 0},
		"unknown":           {core.RefundFilter{Unknown: true}, 0},
		"payment":           {core.RefundFilter{PaymentID: p.ID}, 1},
	} {
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			got, err := tx.Refunds(ctx, c.filter)
			if len(got) != c.want {
				t.Errorf("%s: %d refunds, want %d", name, len(got), c.want)
			}
			return err
		}))
	}
	for search, want := range map[string]int{"limit": 1, "100%": 0, "_est": 0, `\`: 0, "Li": 1} {
		must(t, db.AcrossTenants(t.Context(), func(tx core.PlatformTx) error {
			got, err := tx.Tenants(t.Context(), core.TenantFilter{Search: search})
			if len(got) != want {
				t.Errorf("search %q: %d merchants, want %d", search, len(got), want)
			}
			return err
		}))
	}
}

// The platform's lists and every search by a number must use their indexes, under row-level
// security and with as many rows as make a scan the wrong plan.
func TestListsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	m := newMerchant(t, db)
	owner := rawRole(t, url, roleOwner)
	_, err := owner.ExecContext(t.Context(), `INSERT INTO payments (tenant_id, id, order_no, merchant_order_no, account_id, provider, method, amount, currency, state,
		provider_order_no, channel_trade_no, next_check_at, unknown_since, created_at, updated_at)
		SELECT $1, gen_random_uuid(), 'o' || n, 'm' || n, $2, 'example', 'barcode', 100 + n % 5000, 'CNY', CASE WHEN n % 1000 = 0 THEN 'failed' ELSE 'succeeded' END,
		'p' || n, 'c' || n, CASE WHEN n % 1000 = 1 THEN now() END, CASE WHEN n % 1000 = 2 THEN now() END, now() - n * interval '1 second', now()
		FROM generate_series(1, 20000) n`, m.tenant, m.account)
	must(t, err)
	_, err = owner.ExecContext(t.Context(), "ANALYZE payments")
	must(t, err)
	before := core.Page{Limit: 20, BeforeTime: time.Now().Add(-time.Hour), BeforeAmount: 2000, BeforeID: core.NewID(noon())}
	first := core.Page{Limit: 20}
	from := time.Now().Add(-time.Hour)
	cases := map[string]struct {
		filter core.PaymentFilter
		index  string
	}{
		"newest":             {core.PaymentFilter{Page: first}, "newest"},
		"next page":          {core.PaymentFilter{Page: before}, "newest"},
		"oldest":             {core.PaymentFilter{Sort: core.PaymentsOldest, Page: before}, "newest"},
		"largest":            {core.PaymentFilter{Sort: core.PaymentsLargest, Page: first}, "amount"},
		"next largest":       {core.PaymentFilter{Sort: core.PaymentsLargest, Page: before}, "amount"},
		"next smallest":      {core.PaymentFilter{Sort: core.PaymentsSmallest, Page: before}, "amount"},
		"largest of an hour": {core.PaymentFilter{Sort: core.PaymentsLargest, From: from, To: from.Add(time.Hour), Page: before}, "newest"},
		"one amount":         {core.PaymentFilter{MinAmount: 4321, MaxAmount: 4321, Page: first}, "amount"},
		"large amounts":      {core.PaymentFilter{MinAmount: 5098, Page: first}, "amount"},
		"failed":             {core.PaymentFilter{States: []core.PaymentState{core.PaymentFailed}, Page: first}, "state"},
		"unknown":            {core.PaymentFilter{Unknown: true}, "payments_unknown"},
		"number":             {core.PaymentFilter{AnyNumber: "c17"}, "payments_channel_trade_no"},
	}
	for name, c := range cases {
		for _, platform := range []bool{true, false} {
			plan := explainPayments(t, db, m, platform, c.filter)
			if c.filter.Sort != core.PaymentsNewest && c.filter.From.IsZero() && strings.Contains(plan, "Sort") {
				t.Errorf("%s, platform %t: rows are sorted that an index has in order:\n%s", name, platform, plan)
			}
			if strings.Contains(plan, "Seq Scan") || !usesIndex(plan, c.index) {
				t.Errorf("%s, platform %t: no use of an index like %s:\n%s", name, platform, c.index, plan)
			}
		}
	}
	for _, index := range []string{"payments_order_no", "payments_merchant_order_no", "payments_provider_order_no"} {
		if plan := explainPayments(t, db, m, true, core.PaymentFilter{AnyNumber: "o17"}); !strings.Contains(plan, index) {
			t.Errorf("a number is not looked for in %s:\n%s", index, plan)
		}
	}
	var due []string
	must(t, db.platform.Select(&due, "EXPLAIN "+strings.NewReplacer("$1", "now()", "$2", "10").Replace(dueCandidates)))
	if plan := strings.Join(due, "\n"); !strings.Contains(plan, "payments_due") || strings.Contains(plan, "Seq Scan on payments") {
		t.Errorf("what is due is not found by its index:\n%s", plan)
	}
}

// usesIndex tells whether a plan scans an index whose name holds part; conditions do not count.
func usesIndex(plan, part string) bool {
	return regexp.MustCompile(`Scan[a-zA-Z ]* (using|on) payments_\w*` + regexp.QuoteMeta(strings.TrimPrefix(part, "payments_"))).MatchString(plan)
}

// explainPayments gives the plan of the very statement the list sends.
func explainPayments(t *testing.T, db *DB, m merchant, platform bool, f core.PaymentFilter) string {
	t.Helper()
	return explain(t, db, m, platform, func(c conditions) (string, []any) { return paymentList(c, f) })
}
