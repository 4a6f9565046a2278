package service

import (
	"slices"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// differences are the day's open ones, as kind and number.
func (o *office) differences(t *testing.T, day core.Day) []string {
	t.Helper()
	var out []string
	o.must(t, o.Database.InTenant(t.Context(), o.tenant.ID, func(tx core.TenantTx) error {
		list, err := tx.Differences(t.Context(), core.DifferenceFilter{From: day, To: day, States: []core.DifferenceState{core.DifferenceOpen}})
		for _, d := range list {
			out = append(out, string(d.Kind)+" "+d.Number)
		}
		return err
	}))
	slices.Sort(out)
	return out
}

func (o *office) differ(t *testing.T, day core.Day, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := o.differences(t, day); !slices.Equal(got, want) {
		t.Errorf("the differences of %s are %q, want %q", day, got, want)
	}
}

func sums(count, amount int64) func(core.BillRequest) core.BillResult {
	return func(core.BillRequest) core.BillResult {
		return core.BillResult{Outcome: core.OutcomeSucceeded, Totals: []core.BillTotal{
			{Kind: "payment", Count: count, Amount: core.Fen(amount)}, {Kind: "refund"},
		}}
	}
}

// TestSumsThatDisagreeAreAskedAbout: nobody is asked while the sums agree; when they do not,
// every order is asked about once, and what no order explains is one difference.
func TestSumsThatDisagreeAreAskedAbout(t *testing.T) {
	t.Parallel()
	o := newOffice(t, statedProduct())
	o.clerk.bill = func(req core.BillRequest) core.BillResult {
		if !req.Day.Equal(o.day.Start()) {
			return core.BillResult{Outcome: core.OutcomeNotFound}
		}
		return sums(3, 100+101+102)(req)
	}
	paid := o.take(t, 3)
	next := o.day.Next(1)
	o.at(t, next, 4*time.Hour)
	d, bills := o.read(t, o.day)
	if asked, _ := o.clerk.count(); d.State != core.DayClean || asked != 0 || len(bills) != 1 || bills[0].Source != core.BillFromTotals || d.Matched != 3 {
		t.Fatalf("sums that agree: %+v %+v, %d questions", d, bills, asked)
	}
	o.clerk.set(func() {
		o.clerk.bill = sums(3, 100+102+777)
		o.clerk.says[paid[1].OrderNo] = core.PaymentResult{Outcome: core.OutcomeClosed}
	})
	o.again(t, o.day)
	d, _ = o.read(t, o.day)
	o.differ(t, o.day, "state "+paid[1].OrderNo, "total ")
	if asked, _ := o.clerk.count(); asked != 3 || d.State != core.DayOpen || d.Open != 2 || len(o.open(t, core.AlertBooksDisagree, d.ID)) != 1 {
		t.Errorf("sums that do not: %+v, %d questions", d, asked)
	}
	o.again(t, o.day)
	o.differ(t, o.day, "state "+paid[1].OrderNo, "total ")
	o.clerk.set(func() { o.clerk.bill = sums(2, 100+102) })
	o.again(t, o.day)
	o.differ(t, o.day, "state "+paid[1].OrderNo) // the sums are as the provider says of the orders
	o.clerk.set(func() { o.clerk.bill = sums(3, 100+101+102) })
	o.again(t, o.day)
	if d, _ = o.read(t, o.day); d.State != core.DayClean || len(o.open(t, core.AlertBooksDisagree, d.ID)) != 0 {
		t.Errorf("in the end: %+v", d)
	}
}

// TestABillOfTheNeighbourIsWaitedFor: an order near midnight that today's list does not have is
// carried until tomorrow's is there, and told of only when that lacks it too.
func TestABillOfTheNeighbourIsWaitedFor(t *testing.T) {
	t.Parallel()
	o := newOffice(t, listedProduct())
	o.clock.Move(o.day.End().Add(-10 * time.Minute).Sub(o.clock.Now()))
	paid := o.take(t, 2)
	lists := map[core.Day][]core.Payment{o.day.Next(1): paid[:1]}
	o.clerk.list = func(req core.ListRequest) core.ListResult { return listOf(lists[core.DayOf(req.From)], 2)(req) }
	next := o.day.Next(1)
	o.at(t, next, 4*time.Hour)
	d, _ := o.read(t, o.day)
	if d.State != core.DayClean || d.Carried != 2 || d.Reason != reasonCarried {
		t.Fatalf("today: %+v", d)
	}
	o.at(t, next.Next(1), 4*time.Hour)
	d, _ = o.read(t, o.day)
	o.differ(t, o.day, "shortage "+paid[1].OrderNo)
	o.differ(t, next)
	if d.State != core.DayOpen || d.Carried != 0 || d.Run < 2 {
		t.Errorf("after tomorrow: %+v", d)
	}
	// A late list of tomorrow has the other one.
	lists[next] = paid
	o.again(t, next)
	if d, _ = o.read(t, o.day); d.State != core.DayClean {
		t.Errorf("after the late list: %+v", d)
	}
	o.differ(t, o.day)
}

// TestAFileTakesThePlaceOfWhatIsFetched: what a person brought is compared with, and the provider is not
// asked in its place.
func TestAFileTakesThePlaceOfWhatIsFetched(t *testing.T) {
	t.Parallel()
	o := newOffice(t, listedProduct())
	paid := o.take(t, 2)
	o.clerk.list = func(core.ListRequest) core.ListResult { return core.ListResult{Outcome: core.OutcomeNotFound} }
	next := o.day.Next(1)
	o.at(t, next, 4*time.Hour)
	if d, _ := o.read(t, o.day); d.State != core.DayWaiting || d.Reason != reasonNotReady {
		t.Fatalf("without a list: %+v", d)
	}
	now := o.clock.Now()
	file := core.Bill{
		TenantID: o.tenant.ID, ID: core.NewID(now), AccountID: o.account, Provider: "sample", Day: o.day, Source: core.BillFromFile, State: core.BillReading, CreatedAt: now,
	}
	o.must(t, o.Database.InTenant(t.Context(), o.tenant.ID, func(tx core.TenantTx) error { return tx.InsertBill(t.Context(), file) }))
	lines := make([]core.StoredLine, 0, len(paid))
	for _, p := range paid {
		lines = append(lines, core.StoredLine{Kind: core.MovementPayment, Number: p.OrderNo, Outcome: core.OutcomeSucceeded, Amount: p.Amount, At: p.SucceededAt})
	}
	file, err := o.addLines(t.Context(), file, lines)
	o.must(t, err)
	o.must(t, o.finishBill(t.Context(), file, nil))
	_, pages := o.clerk.count()
	o.must(t, o.Database.InTenant(t.Context(), o.tenant.ID, func(tx core.TenantTx) error { return o.tellDays(t.Context(), tx, file) }))
	o.must(t, o.bulk(t))
	d, bills := o.read(t, o.day)
	if last := bills[len(bills)-1]; bills[0].ID != file.ID || last.Source != core.BillFromList || last.State != core.BillFailed {
		t.Errorf("the list that was begun: %+v", bills)
	}
	if _, now := o.clerk.count(); d.State != core.DayClean || d.Matched != 2 || now != pages || d.Attempts != 0 {
		t.Errorf("with the file: %+v, %d further pages", d, now-pages)
	}
}

// TestRefundsAreAskedAboutWhereThatDecides: a provider whose word about a refund is conclusive is
// asked about each; at another they are counted and are no difference.
func TestRefundsAreAskedAboutWhereThatDecides(t *testing.T) {
	t.Parallel()
	for _, conclusive := range []bool{true, false} {
		product := askedProduct()
		product.Capabilities = append(product.Capabilities, core.CapCreateRefund, core.CapQueryRefund)
		o := newOffice(t, product)
		o.clerk.refunds = core.RefundRule{Conclusive: conclusive}
		paid := o.take(t, 2)
		numbers := make([]string, len(paid))
		for i, p := range paid {
			reply, err := o.CreateRefund(o.key(t), core.CreateRefundInput{IdempotencyKey: "r-" + p.OrderNo, PaymentID: p.ID, Amount: core.Fen(10), Reason: "back"})
			o.must(t, err)
			numbers[i] = reply.Refund.RefundNo
		}
		o.clerk.set(func() { o.clerk.says[numbers[1]] = core.PaymentResult{Outcome: core.OutcomeFailed} })
		o.at(t, o.day.Next(1), 4*time.Hour)
		d, bills := o.read(t, o.day)
		asked, _ := o.clerk.count()
		if !conclusive {
			if d.State != core.DayClean || d.Unasked != 2 || asked != 2 || bills[0].Lines != 2 {
				t.Errorf("refunds that cannot be asked about: %+v, %d questions", d, asked)
			}
			continue
		}
		o.differ(t, o.day, "state "+numbers[1])
		if d.Unasked != 0 || d.Matched != 3 || asked != 4 || bills[0].Lines != 4 {
			t.Errorf("refunds that can: %+v, %d questions", d, asked)
		}
	}
}
