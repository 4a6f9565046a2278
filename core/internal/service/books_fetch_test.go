package service

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestDaysAreOpenedAndFetched: a day of a live account is opened when it has ended, and fetched
// once, from three o'clock on; an account that is taken out of use has its last day compared.
func TestDaysAreOpenedAndFetched(t *testing.T) {
	t.Parallel()
	o := newOffice(t, askedProduct())
	paid := o.take(t, 3)
	o.at(t, o.day, 23*time.Hour+59*time.Minute)
	err := o.Database.InTenant(t.Context(), o.tenant.ID, func(tx core.TenantTx) error {
		_, err := tx.ReconciliationDayOf(t.Context(), o.account, o.day)
		return err
	})
	if core.CodeOf(err) != core.CodeNotFound {
		t.Fatalf("a day that runs is opened: %v", err)
	}
	next := o.day.Next(1)
	o.at(t, next, time.Minute)
	d, bills := o.read(t, o.day)
	if d.State != core.DayWaiting || len(bills) != 0 || d.NextCheckAt.Before(next.Start().Add(3*time.Hour)) || !d.NextCheckAt.Before(next.Start().Add(4*time.Hour)) {
		t.Fatalf("after midnight: %+v, %d bills", d, len(bills))
	}
	o.at(t, next, 2*time.Hour+59*time.Minute)
	if asked, _ := o.clerk.count(); asked != 0 {
		t.Errorf("%d orders were asked about before the time", asked)
	}
	o.at(t, next, 4*time.Hour)
	d, bills = o.read(t, o.day)
	if asked, _ := o.clerk.count(); d.State != core.DayClean || asked != len(paid) || len(bills) != 1 || bills[0].Asked != 3 || bills[0].Source != core.BillFromQuery {
		t.Fatalf("at four: %+v, %+v, %d questions", d, bills, asked)
	}
	o.must(t, o.setStatus(t, core.AccountDisabled))
	o.at(t, next.Next(1), 4*time.Hour)
	if d, _ = o.read(t, next); d.State != core.DayClean {
		t.Errorf("the day of the end is %+v", d)
	}
	o.at(t, next.Next(3), 4*time.Hour)
	if err := o.Database.InTenant(t.Context(), o.tenant.ID, func(tx core.TenantTx) error {
		_, err := tx.ReconciliationDayOf(t.Context(), o.account, next.Next(1))
		return err
	}); core.CodeOf(err) != core.CodeNotFound {
		t.Errorf("an account out of use is compared: %v", err)
	}
}

func (o *office) setStatus(t *testing.T, status core.AccountStatus) error {
	t.Helper()
	return o.Database.InTenant(t.Context(), o.tenant.ID, func(tx core.TenantTx) error {
		a, err := tx.Account(t.Context(), o.account)
		if err != nil {
			return err
		}
		a.Status = status
		return tx.UpdateAccount(t.Context(), a)
	})
}

// TestABillThatDoesNotCome: attempts with growing waits for three days, people are told at ten,
// and the day is incomplete in the end. A bill that comes ends it all.
func TestABillThatDoesNotCome(t *testing.T) {
	t.Parallel()
	o := newOffice(t, listedProduct())
	paid := o.take(t, 3)
	o.clerk.list = func(core.ListRequest) core.ListResult {
		return core.ListResult{Outcome: core.OutcomeRefused, Provider: core.ProviderText{Code: "9", Message: "later"}}
	}
	next := o.day.Next(1)
	o.at(t, next, time.Minute)
	d, _ := o.read(t, o.day)
	first := d.NextCheckAt
	var waits []time.Duration
	for d.State != core.DayIncomplete {
		at := d.NextCheckAt
		o.clock.Move(at.Sub(o.clock.Now()))
		o.must(t, o.bulk(t))
		d, _ = o.read(t, o.day)
		if told := len(o.open(t, core.AlertBillMissing, d.ID)) == 1; told != !at.Before(next.Start().Add(10*time.Hour)) {
			t.Errorf("at %s people were told: %t", at.In(core.Beijing()), told)
		}
		if !d.NextCheckAt.IsZero() {
			waits = append(waits, d.NextCheckAt.Sub(at))
		}
	}
	if d.Reason != reasonRefused || d.Provided.Message != "later" || !d.NextCheckAt.IsZero() || d.Attempts != len(waits)+1 {
		t.Errorf("in the end: %+v", d)
	}
	ten := next.Start().Add(10 * time.Hour)
	if waits[0] != 30*time.Minute || waits[1] != time.Hour || waits[2] != 2*time.Hour || !first.Add(waits[0]+waits[1]+waits[2]+waits[3]).Equal(ten) || waits[4] != 4*time.Hour {
		t.Errorf("it waited %v", waits)
	}
	if last := o.clock.Now().Sub(first); last > fetchGivesUp || last < fetchGivesUp-4*time.Hour {
		t.Errorf("the last attempt was %v after the first", last)
	}
	o.clerk.set(func() { o.clerk.list = listOf(paid, 2) })
	o.again(t, o.day)
	d, bills := o.read(t, o.day)
	if d.State != core.DayClean || d.Attempts != 0 || len(bills) != 1 || bills[0].Lines != 3 || len(o.open(t, core.AlertBillMissing, d.ID)) != 0 {
		t.Errorf("when it came: %+v, %+v", d, bills)
	}
}

// again has a day run again, as a person does.
func (o *office) again(t *testing.T, day core.Day) {
	t.Helper()
	o.clock.Move(time.Second)
	o.must(t, o.Database.InTenant(t.Context(), o.tenant.ID, func(tx core.TenantTx) error {
		_, err := tx.OpenDay(t.Context(), o.account, day, o.clock.Now(), o.clock.Now())
		return err
	}))
	o.must(t, o.bulk(t))
}

// TestAListGoesOnWhereItWasLeft: a list that breaks off goes on with the page that is missing,
// rows that moved to the next page do not stand twice, and the same list again is the same bill.
func TestAListGoesOnWhereItWasLeft(t *testing.T) {
	t.Parallel()
	o := newOffice(t, listedProduct())
	paid := o.take(t, 5)
	moved := append([]core.Payment{}, paid[:2]...)
	moved = append(moved, paid[1]) // it stands on the next page again
	moved = append(moved, paid[2:]...)
	whole := listOf(moved, 2)
	o.clerk.list = func(req core.ListRequest) core.ListResult {
		if req.Product != "scan" || !req.From.Equal(o.day.Start()) || !req.To.Equal(o.day.End()) || req.Limit != 2 {
			t.Errorf("asked for %+v", req)
		}
		if req.Cursor == "2" && len(o.clerk.pages) == 2 {
			return core.ListResult{Outcome: core.OutcomeUnknown}
		}
		return whole(req)
	}
	next := o.day.Next(1)
	o.at(t, next, 4*time.Hour)
	d, bills := o.read(t, o.day)
	if d.State != core.DayWaiting || d.Reason != reasonNoAnswer || len(bills) != 1 || bills[0].State != core.BillReading || bills[0].Lines != 2 {
		t.Fatalf("after it broke off: %+v, %+v", d, bills)
	}
	o.at(t, next, 5*time.Hour)
	d, bills = o.read(t, o.day)
	if d.State != core.DayClean || len(bills) != 1 || bills[0].State != core.BillReady || bills[0].Lines != 5 {
		t.Fatalf("after it went on: %+v, %+v", d, bills)
	}
	if got := o.clerk.pages; len(got) != 4 || got[1] != "2" || got[2] != "2" || got[3] != "4" {
		t.Errorf("it asked for the pages %q", got)
	}
	seen := map[string]int{}
	for i, l := range o.lines(t, bills[0].ID) {
		if seen[l.Number]++; l.N != int64(i+1) || seen[l.Number] > 1 {
			t.Errorf("line %d is %+v", i, l)
		}
	}
	before := bills[0]
	o.clerk.set(func() { o.clerk.list = listOf([]core.Payment{paid[4], paid[2], paid[0], paid[1], paid[3]}, 2) })
	o.again(t, o.day)
	if _, bills = o.read(t, o.day); len(bills) != 2 || bills[0].ID != before.ID || bills[1].State != core.BillFailed || len(o.lines(t, bills[1].ID)) != 0 {
		t.Errorf("the same list again: %+v", bills)
	}
	o.clerk.set(func() { o.clerk.list = listOf(paid[:4], 2) })
	o.again(t, o.day)
	_, bills = o.read(t, o.day)
	if bills[0].ID == before.ID || bills[0].Lines != 4 || len(o.lines(t, before.ID)) != 0 {
		t.Errorf("another list: %+v", bills)
	}
}

// TestASweepAsksOnce: an interrupted sweep goes on with the orders that were not asked about;
// those that moved nothing and were never sent are left out.
func TestASweepAsksOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t, askedProduct())
	paid := o.take(t, 5)
	o.clerk.answers(core.OutcomeFailed)
	failed, err := o.pay(t, core.MethodQR, 7)
	o.must(t, err)
	next := o.day.Next(1)
	o.at(t, next, time.Minute)
	o.clock.Move(4 * time.Hour)
	ctx, stop := context.WithCancel(t.Context())
	o.clerk.set(func() {
		o.clerk.onAnswer = func(asked int) {
			if again, err := o.Database.ClaimBulk(t.Context(), o.clock.Now(), 10, time.Second); len(again) != 0 || err != nil {
				t.Errorf("others may take what is being worked on: %v %v", again, err)
			}
			if asked == 2 {
				stop() // the node is told to stop while the provider answers
			}
		}
	})
	due, err := o.Database.ClaimBulk(t.Context(), o.clock.Now(), 10, time.Second)
	o.must(t, err)
	for _, d := range due {
		_ = o.CheckDue(ctx, d)
	}
	d, bills := o.read(t, o.day)
	if asked, _ := o.clerk.count(); d.State != core.DayRunning || asked != 2 || len(bills) != 1 || bills[0].Asked != 2 {
		t.Fatalf("after the stop: %+v %+v, %d questions", d, bills, asked)
	}
	o.clock.Move(2 * time.Second) // its lease has ended
	o.must(t, o.bulk(t))
	d, bills = o.read(t, o.day)
	if d.State != core.DayClean || bills[0].State != core.BillReady || bills[0].Asked != 6 || bills[0].Unanswered != 0 {
		t.Errorf("in the end: %+v %+v", d, bills)
	}
	times := map[string]int{}
	for _, number := range o.clerk.asked {
		times[number]++
	}
	for _, p := range append(paid, failed) {
		if times[p.OrderNo] != 1 {
			t.Errorf("order %s was asked about %d times", p.OrderNo, times[p.OrderNo])
		}
	}
}

// TestASweepTakesTurns: a day with many orders to ask about lets others have their turn, goes on
// by itself, and asks about nothing twice.
func TestASweepTakesTurns(t *testing.T) {
	t.Parallel()
	o := newOffice(t, askedProduct())
	paid := o.take(t, 5)
	next := o.day.Next(1)
	o.at(t, next, time.Minute)
	o.clock.Move(4 * time.Hour)
	o.clerk.set(func() {
		o.clerk.onAnswer = func(asked int) {
			if asked == 2 {
				o.clock.Move(sweepTurn)
			}
		}
	})
	before := o.clock.Now()
	due, err := o.Database.ClaimBulk(t.Context(), before, 10, time.Second)
	o.must(t, err)
	for _, d := range due {
		o.must(t, o.CheckDue(t.Context(), d))
	}
	d, bills := o.read(t, o.day)
	if asked, _ := o.clerk.count(); asked != 2 || d.State != core.DayRunning || d.NextCheckAt.Before(before.Add(sweepTurn)) || bills[0].Asked != 2 {
		t.Fatalf("after its turn: %+v %+v, %d questions", d, bills, asked)
	}
	o.must(t, o.bulk(t))
	d, bills = o.read(t, o.day)
	if d.State != core.DayClean || bills[0].State != core.BillReady || bills[0].Asked != 5 {
		t.Errorf("in the end: %+v %+v", d, bills)
	}
	if asked, _ := o.clerk.count(); asked != len(paid) {
		t.Errorf("%d questions about %d orders", asked, len(paid))
	}
}

// TestOrdersWithoutAnAnswer: they are asked about again, and only they; what was answered is
// applied to the order as any answer is.
func TestOrdersWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	o := newOffice(t, askedProduct())
	paid := o.take(t, 3)
	o.clerk.answers(core.OutcomeFailed)
	late, err := o.pay(t, core.MethodQR, 9)
	o.must(t, err)
	o.clerk.set(func() {
		o.clerk.says[paid[1].OrderNo] = core.PaymentResult{Outcome: core.OutcomeUnknown}
		o.clerk.says[late.OrderNo] = core.PaymentResult{Outcome: core.OutcomeSucceeded, Amount: late.Amount}
	})
	next := o.day.Next(1)
	o.at(t, next, 4*time.Hour)
	d, bills := o.read(t, o.day)
	if bills[0].Unanswered != 1 || d.Reason != reasonUnanswered || d.NextCheckAt.IsZero() {
		t.Fatalf("at four: %+v %+v", d, bills)
	}
	corrected, err := o.readPayment(t.Context(), o.tenant.ID, late.ID)
	o.must(t, err)
	if corrected.State != core.PaymentSucceeded || len(o.open(t, core.AlertCorrection, late.ID)) != 1 {
		t.Errorf("the provider's word was not applied: %s", corrected.State)
	}
	o.clerk.set(func() { delete(o.clerk.says, paid[1].OrderNo); o.clerk.asked = nil })
	o.at(t, next, 5*time.Hour)
	d, bills = o.read(t, o.day)
	if len(o.clerk.asked) != 1 || o.clerk.asked[0] != paid[1].OrderNo {
		t.Errorf("it asked again about %v", o.clerk.asked)
	}
	if bills[0].Unanswered != 0 || bills[0].Lines != 4 || d.Reason != "" || !d.NextCheckAt.IsZero() || d.Attempts != 0 {
		t.Errorf("in the end: %+v %+v", d, bills)
	}
}

// TestAPluginThatIsAway: nothing is lost and nothing is judged by it.
func TestAPluginThatIsAway(t *testing.T) {
	t.Parallel()
	o := newOffice(t, askedProduct())
	o.take(t, 2)
	o.clerk.set(func() { o.clerk.away = core.Errorf(core.CodeProviderUnavailable, "The plugin is not running.") })
	next := o.day.Next(1)
	o.at(t, next, 4*time.Hour)
	d, bills := o.read(t, o.day)
	if d.State != core.DayWaiting || d.Reason != reasonUnavailable || len(bills) != 0 {
		t.Fatalf("while it is away: %+v %+v", d, bills)
	}
	o.clerk.set(func() { o.clerk.away = nil })
	o.at(t, next, 5*time.Hour)
	if d, bills = o.read(t, o.day); d.State != core.DayClean || bills[0].Asked != 2 {
		t.Errorf("when it is back: %+v %+v", d, bills)
	}
}

// TestAnEarlierBillServes: when a day is run again and the provider gives nothing, what it gave
// before is compared with; the day is not worse off than it was.
func TestAnEarlierBillServes(t *testing.T) {
	t.Parallel()
	o := newOffice(t, listedProduct())
	o.clerk.list = listOf(o.take(t, 2), 2)
	o.at(t, o.day.Next(1), 4*time.Hour)
	_, before := o.read(t, o.day)
	o.clerk.set(func() {
		o.clerk.list = func(core.ListRequest) core.ListResult { return core.ListResult{Outcome: core.OutcomeRefused} }
	})
	o.again(t, o.day)
	d, bills := o.read(t, o.day)
	if d.State != core.DayClean || d.Reason != reasonRefused || !d.NextCheckAt.IsZero() || bills[0].ID != before[0].ID || d.Matched != 2 {
		t.Errorf("when it refuses: %+v %+v", d, bills)
	}
	o.clerk.set(func() { o.clerk.away = core.Errorf(core.CodeProviderUnavailable, "The plugin is not running.") })
	o.again(t, o.day)
	if d, _ = o.read(t, o.day); d.State == core.DayIncomplete || d.Open != 0 {
		t.Errorf("when it is away: %+v", d)
	}
	o.clerk.set(func() { o.clerk.away = nil })
	o.at(t, o.day.Next(1), 6*time.Hour)
	if d, _ = o.read(t, o.day); d.State != core.DayClean || d.Matched != 2 {
		t.Errorf("when it is back: %+v", d)
	}
}
