package service

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zhanggui-pay/zhanggui/core"
)

// firstDay is long before anything in these tests, lastDay long after.
const firstDay, lastDay core.Day = "2026-01-01", "2026-12-31"

// parts are sums by store.
type parts map[core.ID]core.SettlementLine // by store

// ordersParts sums what the orders hold now, by the store they count to. It knows nothing of entries.
func (x *ledger) ordersParts(ctx context.Context, tx core.TenantTx) (parts, error) {
	sums := parts{}
	store := map[core.ID]core.ID{}
	for _, id := range x.payments {
		p, err := tx.Payment(ctx, id)
		if err != nil {
			return nil, err
		}
		store[id] = p.StoreID
		if p.State == core.PaymentSucceeded {
			sums[p.StoreID] = sums[p.StoreID].Add(core.SettlementLine{Payments: 1, Paid: p.Amount.Minor, Fees: p.Fee, Net: p.Amount.Minor - p.Fee})
		}
	}
	for _, id := range x.refunds {
		r, err := tx.Refund(ctx, id)
		if err != nil {
			return nil, err
		}
		if r.State == core.RefundSucceeded {
			of := store[r.PaymentID]
			sums[of] = sums[of].Add(core.SettlementLine{Refunds: 1, Refunded: r.Amount.Minor, Net: -r.Amount.Minor})
		}
	}
	for _, id := range x.payouts {
		p, err := tx.Payout(ctx, id)
		if err != nil {
			return nil, err
		}
		line := core.SettlementLine{Fees: p.Fee, Net: -p.Fee}
		if p.State == core.PayoutSucceeded {
			line = line.Add(core.SettlementLine{Payouts: 1, PaidOut: p.Amount.Minor, Net: -p.Amount.Minor})
		}
		sums[core.ID{}] = sums[core.ID{}].Add(line)
	}
	return sums, nil
}

// check says what is wrong with the books now: sums that are not those of the orders, a settled
// day that changed, an entry on a day that was closed, an order that the comparison finds wrong.
func (x *ledger) check(ctx context.Context) error {
	now := x.clock.Now()
	var orders parts
	var lines []core.SettlementLine
	var entries []core.Entry
	err := x.Database.InTenant(ctx, x.tenant, func(tx core.TenantTx) (err error) {
		if orders, err = x.ordersParts(ctx, tx); err != nil {
			return err
		}
		if lines, err = tx.Settlement(ctx, core.SettlementFilter{From: firstDay, To: lastDay}); err != nil {
			return err
		}
		entries, err = tx.EntriesAfter(ctx, core.EntryFilter{}, core.EntryMark{}, 5000)
		return err
	})
	if err != nil {
		return err
	}
	verdict, err := x.Database.VerifyBooks(ctx, x.tenant)
	if err != nil {
		return err
	}
	var wrong []error
	if verdict.Wrong != 0 {
		wrong = append(wrong, fmt.Errorf("the comparison finds %+v", verdict))
	}
	wrong = append(wrong, sameParts(orders, lines))
	for _, e := range entries {
		if !e.At.Before(e.Day.End().Add(core.DayOpenFor)) || e.Corrects != "" && e.Corrects >= e.Day {
			wrong = append(wrong, fmt.Errorf("an entry of %s was booked at %v and corrects %q", e.Day, e.At, e.Corrects))
		}
	}
	if err := errors.Join(append(wrong, x.freeze(lines, now))...); err != nil {
		return fmt.Errorf("%w: %w", errBooks, err)
	}
	return nil
}

// errBooks is what check finds.
var errBooks = errors.New("the books are wrong")

// sameParts compares the orders with the settlement, store by store, over all days.
func sameParts(orders parts, lines []core.SettlementLine) error {
	settled := parts{}
	var wrong []error
	for _, l := range lines {
		if l.Net != l.Paid-l.Refunded-l.PaidOut-l.Fees {
			wrong = append(wrong, fmt.Errorf("the net of %+v is wrong", l))
		}
		l.TenantID, l.Day, l.Corrections = core.ID{}, "", 0
		of := l.StoreID
		l.StoreID = core.ID{}
		settled[of] = settled[of].Add(l)
	}
	for store, sum := range orders {
		if settled[store] != sum {
			wrong = append(wrong, fmt.Errorf("store %s: the orders are %+v, the settlement %+v", store, sum, settled[store]))
		}
	}
	for store, sum := range settled {
		if _, ok := orders[store]; !ok && sum != (core.SettlementLine{}) {
			wrong = append(wrong, fmt.Errorf("store %s: nothing moved, and the settlement is %+v", store, sum))
		}
	}
	return errors.Join(wrong...)
}

// freeze remembers what a day held when it was first seen settled, and says when it changed.
func (x *ledger) freeze(lines []core.SettlementLine, now time.Time) error {
	days := map[core.Day]string{}
	for day := core.DayOf(now).Next(-40); day.Settled(now); day = day.Next(1) {
		days[day] = ""
	}
	for _, l := range lines {
		if l.Day.Settled(now) {
			days[l.Day] += fmt.Sprintf("%+v\n", l)
		}
	}
	var wrong []error
	for day, holds := range days {
		before, seen := x.frozen[day]
		if seen && before != holds {
			wrong = append(wrong, fmt.Errorf("the settled %s was\n%sand is\n%s", day, before, holds))
		}
		if !seen {
			x.frozen[day] = holds
		}
	}
	return errors.Join(wrong...)
}

// refusals are what a random step may meet: it then did nothing.
var refusals = map[core.Code]bool{
	core.CodeInvalidState: true, core.CodeRefundExceeds: true, core.CodeRefundInFlight: true, core.CodeConflict: true, core.CodeProviderUnavailable: true,
}

// step draws what happens next and does it.
func (x *ledger) step(ctx context.Context, t *rapid.T) error {
	now := x.clock.Now()
	moved := rapid.SampledFrom([]time.Time{{}, now, now.Add(-3 * time.Minute), now.Add(-5 * time.Hour), now.Add(-50 * time.Hour), now.Add(time.Minute)}).Draw(t, "moved")
	said := rapid.SampledFrom([]core.Outcome{
		core.OutcomeSucceeded, core.OutcomeSucceeded, core.OutcomeUnknown, core.OutcomeFailed, core.OutcomeClosed, core.OutcomeNotFound, core.OutcomeInProgress,
	}).Draw(t, "said")
	x.clearing.says(said, moved, rapid.Bool().Draw(t, "back"))
	pick := func(list []core.ID) core.ID { return list[rapid.IntRange(0, len(list)-1).Draw(t, "which")] }
	amount := rapid.Int64Range(1, 200_000).Draw(t, "amount")
	account := rapid.IntRange(0, 1).Draw(t, "account")
	kind := rapid.SampledFrom([]string{"pay", "pay", "turn", "turn", "turn", "ask", "refund", "refund asked", "payout", "payout asked", "decide", "time", "time"}).Draw(t, "step")
	switch {
	case kind == "turn":
		return x.turn(ctx, t, account, amount)
	case kind == "ask" && len(x.payments) > 0:
		return x.askPayment(ctx, pick(x.payments))
	case kind == "refund" && len(x.payments) > 0:
		return x.giveBack(ctx, pick(x.payments), rapid.Int64Range(1, 100).Draw(t, "percent"))
	case kind == "refund asked" && len(x.refunds) > 0:
		return x.askRefund(ctx, pick(x.refunds))
	case kind == "payout":
		return x.payOut(ctx, account, amount)
	case kind == "payout asked" && len(x.payouts) > 0:
		return x.askPayout(ctx, pick(x.payouts))
	case kind == "decide":
		outcome := rapid.SampledFrom([]core.ResolutionOutcome{core.ResolveSucceeded, core.ResolveFailed}).Draw(t, "decided")
		return x.decide(ctx, rapid.IntRange(0, 5).Draw(t, "case"), outcome)
	case kind == "time":
		x.clock.Move(x.pause(now, rapid.SampledFrom([]string{"minutes", "hours", "midnight", "two", "day", "days"}).Draw(t, "until")))
		return nil
	}
	method := rapid.SampledFrom([]core.Method{core.MethodQR, "h5"}).Draw(t, "method")
	return x.pay(ctx, rapid.IntRange(0, 2).Draw(t, "store"), account, method, amount)
}

// turn is an order that people settle, or that failed, and of which the provider says later
// whatever it says.
func (x *ledger) turn(ctx context.Context, t *rapid.T, account int, amount int64) error {
	store := rapid.IntRange(0, 2).Draw(t, "store")
	what := rapid.SampledFrom([]string{"payment", "refund", "payout"}).Draw(t, "turns")
	say := func(outcomes ...core.Outcome) {
		x.clearing.says(rapid.SampledFrom(outcomes).Draw(t, "says"), time.Time{}, rapid.Bool().Draw(t, "back"))
	}
	if what == "refund" {
		say(core.OutcomeSucceeded)
		if err := x.pay(ctx, store, account, core.MethodQR, amount); err != nil {
			return err
		}
	}
	say(core.OutcomeUnknown, core.OutcomeUnknown, core.OutcomeUnknown, core.OutcomeSucceeded, core.OutcomeFailed, core.OutcomeClosed)
	var object core.ID
	var ask func(context.Context, core.ID) error
	var err error
	switch what {
	case "payment":
		err, ask = x.pay(ctx, store, account, "h5", amount), x.askPayment
		object = last(x.payments)
	case "refund":
		err, ask = x.giveBack(ctx, last(x.payments), 60), x.askRefund
		object = last(x.refunds)
	default:
		err, ask = x.payOut(ctx, account, amount), x.askPayout
		object = last(x.payouts)
	}
	if err != nil {
		return err
	}
	if err := x.decideOn(ctx, object, rapid.SampledFrom([]core.ResolutionOutcome{core.ResolveSucceeded, core.ResolveSucceeded, core.ResolveFailed}).Draw(t, "decided")); err != nil {
		return err
	}
	for range 2 {
		x.clock.Move(x.pause(x.clock.Now(), rapid.SampledFrom([]string{"minutes", "midnight", "two", "days"}).Draw(t, "then")))
		say(core.OutcomeFailed, core.OutcomeSucceeded, core.OutcomeClosed)
		if err := ask(ctx, object); err != nil {
			return err
		}
	}
	return nil
}

func last(list []core.ID) core.ID {
	if len(list) == 0 {
		return core.ID{}
	}
	return list[len(list)-1]
}

// pause is how long until: the moments around a day's cut are the ones that matter.
func (x *ledger) pause(now time.Time, until string) time.Duration {
	end := core.DayOf(now).End()
	switch until {
	case "minutes":
		return 7 * time.Minute
	case "hours":
		return 5 * time.Hour
	case "midnight":
		return end.Sub(now) + time.Minute
	case "two":
		return end.Add(core.DayOpenFor).Sub(now)
	case "day":
		return 24 * time.Hour
	}
	return 75 * time.Hour
}

// TestSettlementIsTheSumOfTheOrders: over random histories of payments, refunds and payouts
// with failures, doubts, decisions of people and corrections by the provider, early and late,
// through the use cases and the database: to the fen, by store, and no settled day changes.
func TestSettlementIsTheSumOfTheOrders(t *testing.T) {
	t.Parallel()
	next := newLedgers(t)
	ctx := t.Context()
	rapid.Check(t, func(rt *rapid.T) {
		x, err := next(ctx)
		if err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(1, 18).Draw(rt, "steps") {
			if err := x.step(ctx, rt); err != nil && !refusals[core.CodeOf(err)] {
				rt.Fatalf("a step: %v", err)
			}
			if err := x.check(ctx); err != nil {
				rt.Fatal(err)
			}
		}
	})
}

// history is what a merchant's order may go through, with every kind of correction, across days.
func (x *ledger) history(ctx context.Context) error {
	at := func(d time.Duration) { x.clock.Move(d) }
	say := func(o core.Outcome) { x.clearing.says(o, time.Time{}, false) }
	steps := []func() error{
		func() error { say(core.OutcomeSucceeded); return x.pay(ctx, 1, 0, core.MethodQR, 10_000) },
		func() error { return x.giveBack(ctx, x.payments[0], 40) },
		func() error { say(core.OutcomeUnknown); return x.pay(ctx, 2, 1, "h5", 5_000) },
		func() error { return x.decide(ctx, 0, core.ResolveSucceeded) },
		func() error { return x.giveBack(ctx, x.payments[0], 50) }, // in doubt
		func() error { return x.decide(ctx, 0, core.ResolveSucceeded) },
		func() error { return x.payOut(ctx, 0, 3_000) }, // in doubt
		func() error { return x.decide(ctx, 0, core.ResolveSucceeded) },
		func() error { say(core.OutcomeFailed); return x.pay(ctx, 1, 1, core.MethodQR, 700) },
		func() error { at(30 * time.Hour); return x.check(ctx) },
		// The provider overrules all three decisions, and had the failed one paid after all.
		func() error { return x.askPayment(ctx, x.payments[1]) },
		func() error { return x.askRefund(ctx, x.refunds[1]) },
		func() error { return x.askPayout(ctx, x.payouts[0]) },
		func() error {
			x.clearing.says(core.OutcomeSucceeded, x.clock.Now().Add(-29*time.Hour), false)
			return x.askPayment(ctx, x.payments[2])
		},
		func() error { say(core.OutcomeSucceeded); return x.payOut(ctx, 1, 900) },
		func() error { at(30 * time.Hour); return x.check(ctx) },
		func() error {
			x.clearing.says(core.OutcomeFailed, time.Time{}, true)
			return x.askPayout(ctx, x.payouts[1])
		},
		func() error { at(30 * time.Hour); return x.check(ctx) },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	return nil
}

// TestEveryCorrectionIsBookedOnTheDayItBecameKnown is that history with what it must come to.
func TestEveryCorrectionIsBookedOnTheDayItBecameKnown(t *testing.T) {
	t.Parallel()
	x, err := newLedgers(t)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := x.history(t.Context()); err != nil {
		t.Fatal(err)
	}
	var lines []core.SettlementLine
	err = x.Database.InTenant(t.Context(), x.tenant, func(tx core.TenantTx) (err error) {
		lines, err = tx.Settlement(t.Context(), core.SettlementFilter{From: firstDay, To: lastDay})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	byDay := map[core.Day]core.SettlementLine{}
	for _, l := range lines {
		byDay[l.Day] = byDay[l.Day].Add(l)
	}
	want := map[core.Day]core.SettlementLine{
		"2026-05-04": {Payments: 2, Paid: 15_000, Refunds: 2, Refunded: 7_000, Payouts: 1, PaidOut: 3_000, Fees: 25 + 32 + 8 + 100, Net: 15_000 - 7_000 - 3_000 - 165},
		// −5,000 and +700 paid, −3,000 refunded, −3,000 and +900 paid out.
		"2026-05-06": {
			Payments: 0, Paid: -4_300, Refunds: -1, Refunded: -3_000, Payouts: 0, PaidOut: -2_100, Fees: -32 + 4 - 108 + 106,
			Corrections: -5_000 + 32 + 700 - 4 + 3_000 + 3_000 + 108, Net: -4_300 + 3_000 + 2_100 + 30,
		},
		"2026-05-07": {Payouts: -1, PaidOut: -900, Corrections: 900, Net: 900}, // given back by the bank; its fee stays
	}
	for day, line := range byDay {
		if line != want[day] {
			t.Errorf("%s: %+v\nwant %+v", day, line, want[day])
		}
	}
	if len(byDay) != len(want) {
		t.Errorf("%d days", len(byDay))
	}
}

// twin is a database whose transactions book wrongly.
type twin struct {
	core.Database

	book func(tx core.TenantTx, ctx context.Context, e core.Entry) error
}

type twinTx struct {
	core.TenantTx

	twin *twin
}

func (d *twin) InTenant(ctx context.Context, tenant core.ID, fn func(tx core.TenantTx) error) error {
	return d.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error { return fn(&twinTx{TenantTx: tx, twin: d}) })
}

func (t *twinTx) AppendEntry(ctx context.Context, e core.Entry) error {
	return t.twin.book(t.TenantTx, ctx, e)
}

// TestBrokenBooksAreSeen: the checks of the property can fail, for each way of booking wrongly.
func TestBrokenBooksAreSeen(t *testing.T) {
	t.Parallel()
	next := newLedgers(t)
	skip := func(when func(e core.Entry) bool) func(core.TenantTx, context.Context, core.Entry) error {
		return func(tx core.TenantTx, ctx context.Context, e core.Entry) error {
			if when(e) {
				return nil
			}
			return tx.AppendEntry(ctx, e)
		}
	}
	change := func(edit func(e *core.Entry)) func(core.TenantTx, context.Context, core.Entry) error {
		return func(tx core.TenantTx, ctx context.Context, e core.Entry) error {
			edit(&e)
			return tx.AppendEntry(ctx, e)
		}
	}
	var whole core.Database
	for name, book := range map[string]func(core.TenantTx, context.Context, core.Entry) error{
		"refunds are not booked":     skip(func(e core.Entry) bool { return e.Kind == core.EntryRefund }),
		"payouts are not booked":     skip(func(e core.Entry) bool { return e.Kind == core.EntryPayout }),
		"corrections are not booked": skip(func(e core.Entry) bool { return e.N > 1 }),
		"fees are not given back":    change(func(e *core.Entry) { e.Fee = max(e.Fee, 0) }),
		"another store":              change(func(e *core.Entry) { e.StoreID = core.ID{} }),
		"corrections on their old day": change(func(e *core.Entry) {
			if e.Corrects != "" {
				e.Day, e.Corrects = e.Corrects, ""
			}
		}),
	} {
		x, err := next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if whole == nil {
			whole = x.Database
		}
		x.Database = &twin{Database: whole, book: book}
		err = x.history(t.Context())
		if err == nil {
			err = x.check(t.Context())
		}
		if !errors.Is(err, errBooks) {
			t.Errorf("%s: not seen: %v", name, err)
		}
	}
}

// TestRepairBooksWhatWasMissed: an older node moved orders without booking them; they are booked
// as corrections, and what was booked stays.
func TestRepairBooksWhatWasMissed(t *testing.T) {
	t.Parallel()
	x, err := newLedgers(t)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	whole := x.Database
	x.Database = &twin{Database: whole, book: func(tx core.TenantTx, ctx context.Context, e core.Entry) error {
		if e.N > 1 || e.Kind == core.EntryRefund {
			return nil
		}
		return tx.AppendEntry(ctx, e)
	}}
	if err := x.history(t.Context()); !errors.Is(err, errBooks) {
		t.Fatalf("the gaps are not seen: %v", err)
	}
	x.Database = whole
	x.clock.Move(48 * time.Hour)
	x.frozen = map[core.Day]string{}
	if err := x.check(t.Context()); !errors.Is(err, errBooks) { // and remembers what the days hold
		t.Fatalf("the gaps are not seen: %v", err)
	}
	if n, err := x.RepairBooks(t.Context(), x.tenant); err != nil || n == 0 {
		t.Fatalf("%d repaired, %v", n, err)
	}
	if err := x.check(t.Context()); err != nil {
		t.Error(err)
	}
	if n, err := x.RepairBooks(t.Context(), x.tenant); err != nil || n != 0 {
		t.Errorf("%d repaired again, %v", n, err)
	}
}
