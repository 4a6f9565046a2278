package service

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres/bookstest"
)

// dayBooks are a shop with the books of one day.
type dayBooks struct {
	*shop

	day core.ReconciliationDay
}

// The house's clock stands at 20:00 of this day in Beijing; the bills came the morning after.
const booksDay = core.Day("2026-05-04")

func newDayBooks(t *testing.T) *dayBooks {
	t.Helper()
	l := &dayBooks{shop: newShop(t, newHouse(t))}
	l.write(t, func(ctx context.Context, tx core.TenantTx) (err error) {
		l.day, err = tx.OpenDay(ctx, l.account, booksDay, l.clock.Now(), l.clock.Now())
		return err
	})
	return l
}

// paid writes a payment of 1 yuan that succeeded at noon.
func (l *dayBooks) paid(t *testing.T, change ...func(*core.Payment)) core.Payment {
	t.Helper()
	noon, number := booksDay.Start().Add(12*time.Hour), fmt.Sprintf("260504%014d", l.numbers.Add(1))
	p := core.Payment{
		TenantID: l.tenant, ID: core.NewID(noon), OrderNo: number, MerchantOrderNo: number, AccountID: l.account, Provider: "sample", Method: core.MethodBarcode,
		Channel: "wechat", Amount: core.Fen(100), Subject: "Tea", State: core.PaymentSucceeded, CreatedAt: noon, UpdatedAt: noon, SucceededAt: noon, CreatedBy: "system",
	}
	for _, c := range change {
		c(&p)
	}
	l.write(t, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertPayment(ctx, p) })
	return p
}

func failedPayment(p *core.Payment) { p.State, p.SucceededAt = core.PaymentFailed, time.Time{} }
func lateAtNight(p *core.Payment)   { p.CreatedAt, p.SucceededAt = late(58), late(59) }
func late(minute int) time.Time {
	return booksDay.Start().Add(23*time.Hour + time.Duration(minute)*time.Minute)
}

func numbered(p core.Payment) core.StoredLine {
	return core.StoredLine{Kind: core.MovementPayment, Number: p.OrderNo, Outcome: core.OutcomeSucceeded, Amount: p.Amount}
}

// bill brings a bill of the day with its lines or sums.
func (l *dayBooks) bill(t *testing.T, day core.Day, source core.BillSource, scope string, sums []core.MovementTotal, lines ...core.StoredLine) core.Bill {
	t.Helper()
	now := l.clock.Now()
	b := core.Bill{
		TenantID: l.tenant, ID: core.NewID(now), AccountID: l.account, Provider: "sample", Day: day, Scope: scope, Source: source, State: core.BillReading, CreatedAt: now,
	}
	for i := range lines {
		lines[i].N = int64(i + 1)
	}
	l.write(t, func(ctx context.Context, tx core.TenantTx) error {
		if err := tx.InsertBill(ctx, b); err != nil {
			return err
		}
		if err := tx.AddBillLines(ctx, b, lines); err != nil {
			return err
		}
		b.Version, b.Lines, b.State, b.ReadyAt = b.Version+1, int64(len(lines)), core.BillReady, now
		if err := tx.SetBillTotals(ctx, b, sums); err != nil {
			return err
		}
		return tx.FinishBill(ctx, b)
	})
	return b
}

func (l *dayBooks) compare(t *testing.T, o CompareOptions) DayComparison {
	t.Helper()
	out, err := l.CompareDay(t.Context(), l.day, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// differences are the day's, by kind, number and state.
func (l *dayBooks) differences(t *testing.T) (list []core.Difference) {
	t.Helper()
	l.write(t, func(ctx context.Context, tx core.TenantTx) (err error) {
		list, err = tx.Differences(ctx, core.DifferenceFilter{DayID: l.day.ID})
		return err
	})
	return list
}

func (l *dayBooks) has(t *testing.T, want ...string) {
	t.Helper()
	got := []string{}
	for _, d := range l.differences(t) {
		got = append(got, fmt.Sprintf("%s %s %s", d.Kind, d.Number, d.State))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, append([]string{}, want...)) {
		t.Errorf("the day has\n %s\nwant\n %s", strings.Join(got, "\n "), strings.Join(want, "\n "))
	}
}

func (l *dayBooks) resolveAs(t *testing.T, number string, state core.DifferenceState) {
	t.Helper()
	for _, d := range l.differences(t) {
		if d.Number == number {
			from := d.State
			d.State, d.Owner, d.Remark, d.ResolvedBy, d.ResolvedAt = state, "user:usr_1", "seen", "user:usr_1", l.clock.Now()
			l.write(t, func(ctx context.Context, tx core.TenantTx) error { return tx.UpdateDifference(ctx, d, from) })
		}
	}
}

func TestADayIsComparedAgainAndAgain(t *testing.T) {
	t.Parallel()
	l := newDayBooks(t)
	good, short, wrong, failed := l.paid(t), l.paid(t), l.paid(t), l.paid(t, failedPayment)
	onlyTheirs := l.paid(t, func(p *core.Payment) { p.ProviderOrderNo = "T1" })
	amount := numbered(wrong)
	amount.Amount = core.Fen(90)
	theirs := core.StoredLine{Kind: core.MovementPayment, ProviderNumber: "T1", Outcome: core.OutcomeSucceeded, Amount: core.Fen(100)}
	foreign := core.StoredLine{Kind: core.MovementPayment, Number: "X1", Outcome: core.OutcomeSucceeded, Amount: core.Fen(5)}
	first := l.bill(t, booksDay, core.BillFromList, "scan", nil, numbered(good), amount, numbered(failed), theirs, foreign)
	found := []string{"shortage " + short.OrderNo + " open", "amount " + wrong.OrderNo + " open", "state " + failed.OrderNo + " open", "surplus X1 open"}
	for run := 1; run <= 2; run++ {
		out := l.compare(t, CompareOptions{})
		l.has(t, found...)
		if out.Day.Run != run || out.Day.Matched != 2 || out.Day.Open != 4 || out.Day.Resolved != 0 || len(out.Disagree) != 0 {
			t.Errorf("run %d: %+v", run, out)
		}
		if len(out.Day.Ours) != 1 || out.Day.Ours[0].Count != 4 || out.Day.Ours[0].Amount != 400 || out.Day.Theirs[0].Amount != 395 {
			t.Errorf("run %d: ours %+v, theirs %+v of %s", run, out.Day.Ours, out.Day.Theirs, onlyTheirs.OrderNo)
		}
	}
	l.resolveAs(t, short.OrderNo, core.DifferenceAccepted)
	l.resolveAs(t, wrong.OrderNo, core.DifferenceAccepted)
	if out := l.compare(t, CompareOptions{}); out.Day.Open != 2 || out.Day.Resolved != 2 {
		t.Errorf("after two were accepted: %+v", out.Day)
	}

	// A late bill: the shortage is there now, the amount is another, the foreign order is gone.
	amount.Amount = core.Fen(80)
	l.clock.Move(time.Hour)
	l.bill(t, booksDay, core.BillFromList, "scan", nil, numbered(good), amount, numbered(failed), numbered(short), theirs)
	out := l.compare(t, CompareOptions{})
	l.has(t, "shortage "+short.OrderNo+" accepted", "amount "+wrong.OrderNo+" open", "state "+failed.OrderNo+" open", "surplus X1 gone")
	if out.Day.Matched != 3 || out.Day.Open != 2 || out.Day.Resolved != 1 {
		t.Errorf("after the late bill: %+v", out.Day)
	}
	l.write(t, func(ctx context.Context, tx core.TenantTx) error {
		lines, err := tx.BillLinesAfter(ctx, first.ID, 0, 10)
		if err != nil || len(lines) != 0 {
			t.Errorf("lines of the superseded bill: %v %v", lines, err)
		}
		log, err := tx.Audit(ctx, core.AuditFilter{Action: "difference.reopen"})
		if err != nil || len(log) != 1 || log[0].Actor != "system" {
			t.Errorf("the reopened one is in the log as %+v %v", log, err)
		}
		return nil
	})
}

func TestMidnightIsTheNeighboursMatter(t *testing.T) {
	t.Parallel()
	l := newDayBooks(t)
	night := l.paid(t, lateAtNight)
	l.bill(t, booksDay, core.BillFromList, "scan", nil)
	if out := l.compare(t, CompareOptions{}); out.Day.Carried != 1 || out.Day.Open != 0 {
		t.Errorf("before the neighbour's bill: %+v", out.Day)
	}
	next := l.bill(t, booksDay.Next(1), core.BillFromList, "scan", nil, numbered(night))
	if out := l.compare(t, CompareOptions{}); out.Day.Carried != 0 || out.Day.Open != 0 {
		t.Errorf("the neighbour has it: %+v", out.Day)
	}
	l.bill(t, next.Day, core.BillFromList, "scan", nil)
	if out := l.compare(t, CompareOptions{}); out.Day.Carried != 0 || out.Day.Open != 1 {
		t.Errorf("neither has it: %+v", out.Day)
	}
	l.has(t, "shortage "+night.OrderNo+" open")
}

func TestSumsThatDisagree(t *testing.T) {
	t.Parallel()
	l := newDayBooks(t)
	one, two, three := l.paid(t), l.paid(t), l.paid(t, func(p *core.Payment) { p.Channel = "alipay" })
	closed := l.paid(t, failedPayment)
	sum := func(method string, count, amount int64) core.MovementTotal {
		return core.MovementTotal{Kind: core.MovementPayment, Method: method, Count: count, Amount: amount}
	}
	l.bill(t, booksDay, core.BillFromTotals, "scan", []core.MovementTotal{sum("wechat", 2, 200), sum("alipay", 1, 100)})
	if out := l.compare(t, CompareOptions{}); out.Day.Matched != 3 || len(out.Disagree) != 0 || out.Day.Open != 0 {
		t.Errorf("sums that agree: %+v", out)
	}

	// One more there, that we hold failed; one of ours not; and 7 fen that no order explains.
	l.clock.Move(time.Minute)
	l.bill(t, booksDay, core.BillFromTotals, "scan", []core.MovementTotal{
		sum("wechat", 3, 307), sum("alipay", 1, 100), {Kind: core.MovementReversal, Method: "wechat", Count: 1, Amount: 100},
	})
	out := l.compare(t, CompareOptions{})
	want := SumDisagreement{Kind: core.MovementPayment, Method: "wechat", Scope: "scan"}
	if len(out.Disagree) != 1 {
		t.Fatalf("disagree: %+v", out.Disagree)
	}
	got := out.Disagree[0]
	if got.Kind != want.Kind || got.Method != want.Method || got.Scope != want.Scope || got.Ours.Amount != 200 || got.Theirs.Amount != 207 || got.Theirs.Count != 2 {
		t.Errorf("disagree: %+v", got)
	}
	l.has(t)
	l.clock.Move(time.Minute)
	gone := numbered(two)
	gone.Outcome = core.OutcomeClosed
	l.bill(t, booksDay, core.BillFromQuery, "scan", nil, numbered(one), gone, numbered(closed))
	for range 2 {
		out = l.compare(t, CompareOptions{})
		l.has(t, "state "+two.OrderNo+" open", "state "+closed.OrderNo+" open", "total  open")
		if len(out.Disagree) != 0 || out.Day.Matched != 2 {
			t.Errorf("after the questions: %+v", out)
		}
	}
	for _, d := range l.differences(t) {
		if d.Kind == core.DifferTotal && (d.Ours.Amount != core.Fen(200) || d.Theirs.Amount != core.Fen(207) || d.Ours.State != "2") {
			t.Errorf("the rest is %+v of %s", d, three.OrderNo)
		}
	}
	// New sums: the answers were about the old ones.
	l.clock.Move(time.Minute)
	l.bill(t, booksDay, core.BillFromTotals, "scan", []core.MovementTotal{sum("", 2, 200)})
	if out = l.compare(t, CompareOptions{}); len(out.Disagree) != 1 || out.Disagree[0].Method != "" {
		t.Errorf("new sums: %+v", out.Disagree)
	}
	if out = l.compare(t, CompareOptions{Asked: true}); len(out.Disagree) != 0 || out.Day.Open != 1 {
		t.Errorf("new sums that cannot be looked into: %+v", out)
	}
}

func TestAnswersAndGaps(t *testing.T) {
	t.Parallel()
	l := newDayBooks(t)
	silent, unasked := l.paid(t), l.paid(t)
	answer := numbered(silent)
	answer.Outcome = core.OutcomeUnknown
	l.bill(t, booksDay, core.BillFromQuery, "scan", nil, answer)
	if out := l.compare(t, CompareOptions{}); out.Unanswered != 1 || out.Day.Unasked != 1 || out.Day.Open != 0 {
		t.Errorf("it will be asked again: %+v", out)
	}
	l.compare(t, CompareOptions{Final: true})
	l.has(t, "unanswered "+silent.OrderNo+" open")

	// A file of the whole account stands for all: what was not asked about is missing now.
	l.clock.Move(time.Minute)
	l.bill(t, booksDay, core.BillFromFile, "", nil, numbered(silent))
	l.compare(t, CompareOptions{})
	l.has(t, "unanswered "+silent.OrderNo+" gone", "shortage "+unasked.OrderNo+" open")
}

// TestEveryPlantedDifferenceIsFound is the small form of what `make bench` does with a million
// orders: all of a thousand differences are found and none of a thousand that only look like one,
// twice.
func TestEveryPlantedDifferenceIsFound(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	day, err := bookstest.Plant(t.Context(), bookstest.Options{
		Database: s.Database, URL: s.url, Tenant: s.tenant, Account: s.account, Day: booksDay, Orders: 20_000, Now: s.clock.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	for run := 1; run <= 2; run++ {
		out, err := s.CompareDay(t.Context(), day.Reconciliation, CompareOptions{Final: true})
		if err != nil {
			t.Fatal(err)
		}
		found, err := day.Found(t.Context(), s.Database)
		if err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(found, day.Want) {
			t.Errorf("run %d: %d differences, want %d; of a sample, %s", run, len(found), len(day.Want), unlike(found, day.Want))
		}
		if out.Day.Run != run || out.Day.Matched != day.Matched || out.Day.Carried != day.Carried || out.Day.Open != int64(len(day.Want)) {
			t.Errorf("run %d: matched %d, carried %d, open %d; want %d, %d, %d", run, out.Day.Matched, out.Day.Carried, out.Day.Open, day.Matched, day.Carried, len(day.Want))
		}
	}
}

// unlike names some numbers that one side has otherwise.
func unlike(found, want map[string]core.DifferenceKind) (sample string) {
	for number, kind := range found {
		if want[number] != kind && len(sample) < 300 {
			sample += fmt.Sprintf("%s: found %q, want %q; ", number, kind, want[number])
		}
	}
	for number, kind := range want {
		if _, ok := found[number]; !ok && len(sample) < 600 {
			sample += fmt.Sprintf("%s: not found, want %q; ", number, kind)
		}
	}
	return sample
}
