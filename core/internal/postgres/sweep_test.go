package postgres

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// asked are the numbers of the orders of a kind that the day's provider is to be asked about.
func (m merchant) asked(t *testing.T, db *DB, q core.SweepQuery) (numbers []string) {
	t.Helper()
	q.AccountID, q.From, q.To = m.account, billDay.Start(), billDay.End()
	if q.Limit == 0 {
		q.Limit = 100
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		list, err := tx.OrdersToAsk(ctx, q)
		for _, o := range list {
			if o.Kind != q.Kind || o.ID.IsZero() {
				t.Errorf("an order is %+v", o)
			}
			numbers = append(numbers, o.Number)
		}
		return err
	}))
	return numbers
}

// TestOrdersToAsk: what moved on the day by our books, and what was sent on it and did not
// succeed; not what was never sent, of another day or account, or has a line already.
func TestOrdersToAsk(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m, other := newMerchant(t, db), newMerchant(t, db)
	other.paid(t, db)
	payment := func(edit func(*core.Payment)) core.Payment {
		p := m.payment()
		p.NextCheckAt = time.Time{}
		edit(&p)
		m.write(t, db, p)
		return p
	}
	moved := m.paid(t, db)
	open := payment(func(p *core.Payment) { p.State, p.Channel = core.PaymentClosed, "" })
	late := payment(func(p *core.Payment) {
		p.State, p.CreatedAt, p.SucceededAt = core.PaymentSucceeded, billDay.Start().Add(-time.Hour), billDay.Start()
	})
	payment(func(p *core.Payment) { p.State, p.FailureCode = core.PaymentFailed, "not_sent" })
	payment(func(p *core.Payment) { p.State, p.SucceededAt = core.PaymentSucceeded, billDay.End() })
	payment(func(p *core.Payment) { p.State, p.CreatedAt = core.PaymentFailed, billDay.Start().Add(-time.Second) })
	wallet := payment(func(p *core.Payment) {
		p.State, p.SucceededAt, p.Channel, p.Method = core.PaymentSucceeded, noon(), "wallet", "h5"
	})
	all := []string{moved.OrderNo, open.OrderNo, late.OrderNo, wallet.OrderNo}
	slices.Sort(all)
	check := func(what string, got, want []string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	pays := core.SweepQuery{Kind: core.MovementPayment}
	check("all", m.asked(t, db, pays), all)
	check("two", m.asked(t, db, core.SweepQuery{Kind: core.MovementPayment, Limit: 2}), all[:2])
	check("after", m.asked(t, db, core.SweepQuery{Kind: core.MovementPayment, After: all[1]}), all[2:])
	check("by method", m.asked(t, db, core.SweepQuery{Kind: core.MovementPayment, Methods: []core.Method{"h5"}}), []string{wallet.OrderNo})
	check("by channel, or of none", m.asked(t, db, core.SweepQuery{Kind: core.MovementPayment, Channels: []string{"wallet"}}), []string{open.OrderNo, wallet.OrderNo})
	b := m.written(t, db, m.bill(core.BillFromQuery, "scan"), line(1, moved.OrderNo, ""), line(2, open.OrderNo, ""))
	pays.Bill = b.ID
	rest := []string{late.OrderNo, wallet.OrderNo}
	slices.Sort(rest)
	check("without a line", m.asked(t, db, pays), rest)

	refund := func(edit func(*core.Refund)) core.Refund {
		r := m.refund(moved, 1)
		r.NextCheckAt = time.Time{}
		edit(&r)
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertRefund(ctx, r) }))
		return r
	}
	given := refund(func(r *core.Refund) { r.State, r.SucceededAt = core.RefundSucceeded, noon() })
	sent := refund(func(r *core.Refund) { r.State = core.RefundProcessing })
	refund(func(r *core.Refund) { r.State = core.RefundPendingApproval })
	refund(func(r *core.Refund) { r.State, r.ApprovedAt = core.RefundProcessing, noon() })
	refund(func(r *core.Refund) { r.State, r.FailureCode = core.RefundFailed, "not_sent" })
	refunds := []string{given.RefundNo, sent.RefundNo}
	slices.Sort(refunds)
	check("refunds", m.asked(t, db, core.SweepQuery{Kind: core.MovementRefund, Methods: []core.Method{moved.Method}}), refunds)
	check("refunds of other methods", m.asked(t, db, core.SweepQuery{Kind: core.MovementRefund, Methods: []core.Method{"none"}}), nil)

	payout := func(edit func(*core.Payout)) core.Payout {
		p := m.payout()
		p.ApprovedBy = "user:usr_2"
		edit(&p)
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertPayout(ctx, p) }))
		return p
	}
	out := payout(func(p *core.Payout) {
		p.State, p.SentAt, p.PaidAt, p.FinishedAt = core.PayoutSucceeded, billDay.Start().Add(-time.Hour), noon(), billDay.End()
	})
	review := payout(func(p *core.Payout) { p.State, p.SentAt = core.PayoutInReview, noon() })
	payout(func(p *core.Payout) { p.State = core.PayoutProcessing })
	payout(func(p *core.Payout) { p.State, p.SentAt, p.FinishedAt = core.PayoutSucceeded, noon(), billDay.End() })
	payouts := []string{out.PayoutNo, review.PayoutNo}
	slices.Sort(payouts)
	check("payouts", m.asked(t, db, core.SweepQuery{Kind: core.MovementPayout}), payouts)
}

// TestWhatAnAccountUses: a product is used where an order was taken by one of its methods, or,
// without methods, paid out.
func TestWhatAnAccountUses(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	p := m.paid(t, db)
	from, to := noon().Add(-time.Hour), noon().Add(time.Hour)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		for _, c := range []struct {
			methods  []core.Method
			from, to time.Time
			want     bool
		}{
			{[]core.Method{"other", p.Method}, from, to, true},
			{[]core.Method{"other"}, from, to, false},
			{[]core.Method{p.Method}, to, to.Add(time.Hour), false},
			{nil, from, to, false},
		} {
			if has, err := tx.HasOrders(ctx, m.account, c.methods, c.from, c.to); err != nil || has != c.want {
				t.Errorf("%+v: %t %v", c, has, err)
			}
		}
		return tx.InsertPayout(ctx, m.payout())
	}))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		if has, err := tx.HasOrders(ctx, m.account, nil, from, to); err != nil || !has {
			t.Errorf("an account that paid out: %t %v", has, err)
		}
		return nil
	}))
}
