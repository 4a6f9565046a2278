package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// midnight is in Beijing, twelve hours before noon.
func midnight() time.Time { return core.DayOf(noon()).Start() }

// TestSummary: orders count in the time they were made in, told apart by step, provider and
// method; the time before counts as far as this one has come; another merchant's count only for
// the platform.
func TestSummary(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	from := midnight()
	p := m.paid(t, db) // 10000 at noon
	yesterday := func(after time.Duration) core.Payment {
		x := m.payment()
		x.State, x.CreatedAt, x.Amount = core.PaymentSucceeded, from.Add(after-24*time.Hour), core.Fen(7)
		return x
	}
	early, late, before := yesterday(0), yesterday(13*time.Hour), yesterday(-time.Microsecond)
	late.UnknownSince = noon().Add(-time.Hour)
	failed := m.payment()
	failed.State, failed.Method = core.PaymentFailed, core.MethodQR
	m.write(t, db, early, late, before, failed)
	r, out := m.refund(p, 300), m.payout()
	r.State, out.State, out.CreatedAt, out.Amount = core.RefundSucceeded, core.PayoutSucceeded, from, core.Fen(40)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.InsertRefund(ctx, r), tx.InsertPayout(ctx, out))
	}))
	newMerchant(t, db).paid(t, db)
	for tenant, times := range map[core.ID]int64{m.tenant: 1, {}: 2} {
		s, err := db.Summary(t.Context(), core.SummaryQuery{TenantID: tenant, From: from, To: from.Add(24 * time.Hour), Now: noon().Add(time.Minute)})
		must(t, err)
		same(t, s.Sums, core.Sums{Paid: 10000 * times, PaidCount: times, Refunded: 300, RefundedCount: 1, PaidOut: 40, PaidOutCount: 1, FailedCount: 1})
		same(t, s.Previous, core.Sums{Paid: 7, PaidCount: 1}) // not what was paid at 13:00: that hour has not come today
		same(t, s.PreviousTo.UTC(), noon().Add(time.Minute-24*time.Hour))
		if len(s.Steps) != 24 || len(s.PreviousSteps) != 24 || s.Steps[12].Paid != 10000*times || s.PreviousSteps[13].Paid != 7 || s.PreviousSteps[0].Paid != 7 || s.Steps[0].PaidOut != 40 {
			t.Errorf("tenant %s: %+v %+v", tenant, s.Steps, s.PreviousSteps)
		}
		same(t, s.Doubt, core.Doubt{Payments: 1, Since: noon().Add(-time.Hour)})
		same(t, s.Parts, []core.SummaryPart{
			{Provider: "example", Method: p.Method, Paid: 10000 * times, PaidCount: times}, {Provider: "example", Method: core.MethodQR, FailedCount: 1},
		})
	}
	_, err := db.Summary(t.Context(), core.SummaryQuery{TenantID: m.tenant, From: from, To: from})
	wantCode(t, err, core.CodeInvalidRequest)
}

// TestSummaryOfManyDays goes by days that begin at 00:00 in Beijing, and the sum of the steps is the sum.
func TestSummaryOfManyDays(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	from := midnight().AddDate(0, 0, -6)
	for _, at := range []time.Time{from, from.Add(24*time.Hour - time.Microsecond), from.Add(24 * time.Hour), from.Add(-time.Microsecond), from.AddDate(0, 0, -7)} {
		p := m.payment()
		p.State, p.CreatedAt, p.Amount = core.PaymentSucceeded, at, core.Fen(1)
		m.write(t, db, p)
	}
	s, err := db.Summary(t.Context(), core.SummaryQuery{TenantID: m.tenant, From: from, To: from.AddDate(0, 0, 7), Now: noon()})
	must(t, err)
	if len(s.Steps) != 7 || s.Step != 24*time.Hour || s.Steps[0].Paid != 2 || s.Steps[1].Paid != 1 || s.Paid != 3 || s.Previous.Paid != 1 || s.PreviousSteps[0].Paid != 1 || s.PreviousSteps[6].Paid != 1 {
		t.Errorf("%+v", s)
	}
}

// TestWaiting counts what is open, approvals only for who can still answer them.
func TestWaiting(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m, other := newMerchant(t, db), newMerchant(t, db)
	for _, x := range []merchant{m, other} {
		a := x.approval(x.paid(t, db).ID)
		must(t, x.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			if err := tx.InsertApproval(ctx, a); err != nil {
				return err
			}
			_, _, err := tx.RaiseAlert(ctx, core.Alert{
				TenantID: x.tenant, ID: core.NewID(noon()), Kind: core.AlertUnknownOld, Severity: core.SeverityCritical, ObjectKind: "payment", ObjectID: core.NewID(noon()), OpenedAt: noon(), LastAt: noon(), Times: 1,
			})
			return err
		}))
		for actor, want := range map[string]int64{"user:second": 1, a.MadeBy: 0} {
			all, err := db.Waiting(t.Context(), x.tenant, actor, a.CreatedAt)
			must(t, err)
			same(t, all, []core.WaitingFor{
				{What: core.WaitingApprovals, Count: want, Oldest: map[bool]time.Time{true: a.CreatedAt}[want == 1]},
				{What: core.WaitingCases},
				{What: core.WaitingDifferences},
				{What: core.WaitingAlerts, Count: 1, Urgent: 1, Oldest: noon()},
			})
		}
	}
	all, err := db.Waiting(t.Context(), core.ID{}, "user:second", noon())
	must(t, err)
	if all[0].Count != 2 || all[3].Count != 2 {
		t.Errorf("the platform: %+v", all)
	}
	if all, err = db.Waiting(t.Context(), core.ID{}, "user:second", noon().AddDate(1, 0, 0)); err != nil || all[0].Count != 0 {
		t.Errorf("what has expired waits for nobody: %+v %v", all, err)
	}
}

// BenchmarkSummary sums today, a week and a month, and the time before each, over a million orders
// of sixty days. Asking every half a minute must be cheap enough for several people.
func BenchmarkSummary(b *testing.B) {
	url := testURL(b)
	db := openAt(b, url)
	m := newMerchant(b, db)
	owner := rawRole(b, url, roleOwner)
	_, err := owner.ExecContext(b.Context(), `INSERT INTO payments (tenant_id, id, order_no, merchant_order_no, account_id, provider, method, amount, currency, state,
		created_at, updated_at) SELECT $1, gen_random_uuid(), 'o' || n, 'm' || n, $2, 'example', CASE WHEN n % 3 = 0 THEN 'qr' ELSE 'barcode' END, 100, 'CNY',
		CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'succeeded' END, $3::timestamptz - n * interval '5184 milliseconds', $3::timestamptz FROM generate_series(1, 1000000) n`,
		m.tenant, m.account, stamp{noon()})
	must(b, err)
	_, err = owner.ExecContext(b.Context(), "VACUUM ANALYZE payments")
	must(b, err)
	for name, days := range map[string]int{"day": 1, "week": 7, "month": 30} {
		for who, tenant := range map[string]core.ID{"merchant": m.tenant, "platform": {}} {
			b.Run(name+"/"+who, func(b *testing.B) {
				for b.Loop() {
					_, err := db.Summary(b.Context(), core.SummaryQuery{TenantID: tenant, From: midnight().AddDate(0, 0, 1-days), To: midnight().AddDate(0, 0, 1), Now: noon()})
					must(b, err)
				}
			})
		}
	}
}
