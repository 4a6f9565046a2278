package service

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/zhanggui-pay/zhanggui/core"
)

// drawBooks draws orders around the day and bills that agree with them more or less.
func drawBooks(t *rapid.T) *books {
	b := &books{bills: twoBills(), shown: true, neighbours: map[core.Day]map[string]bool{}}
	for day := matchDay.Next(-3); day <= matchDay.Next(3); day = day.Next(1) {
		if day != matchDay && rapid.Bool().Draw(t, "bill of "+string(day)) {
			b.neighbours[day] = map[string]bool{}
		}
	}
	kinds := []core.MovementKind{core.MovementPayment, core.MovementRefund, core.MovementPayout}
	n := rapid.IntRange(0, 12).Draw(t, "orders")
	for i := range n {
		minutes := rapid.SampledFrom([]int{-2000, -40, -31, -30, -29, -5, 0, 5, 29, 30, 31, 700, 1409, 1410, 1411, 1435, 1440, 1445, 1469, 1470, 1471, 3000})
		o := core.Movement{
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Number: fmt.Sprintf("%02d", i), State: "failed", Amount: core.Fen(100), Channel: "w",
			CreatedAt: matchDay.Start().Add(time.Duration(minutes.Draw(t, "created")) * time.Minute),
		}
		if o.Moved = rapid.Bool().Draw(t, "moved"); o.Moved {
			o.State, o.MovedAt = "succeeded", o.CreatedAt.Add(rapid.SampledFrom([]time.Duration{-time.Minute, 0, 5 * time.Minute, 26 * time.Hour}).Draw(t, "paid after"))
		}
		o.Fee = rapid.SampledFrom([]int64{0, 3}).Draw(t, "rate")
		b.orders = append(b.orders, o)
		for day := range b.neighbours {
			if rapid.IntRange(0, 3).Draw(t, "on a neighbour's") == 0 {
				b.neighbours[day][o.Number] = true
			}
		}
	}
	outcomes := []core.Outcome{core.OutcomeSucceeded, core.OutcomeSucceeded, core.OutcomeSucceeded, core.OutcomeFailed, core.OutcomeUnknown}
	for i := range rapid.IntRange(0, 20).Draw(t, "lines") {
		l := billed(fmt.Sprintf("%02d", rapid.IntRange(0, n+2).Draw(t, "number")), fen(rapid.SampledFrom([]int64{100, 100, 100, 99}).Draw(t, "amount")))
		l.N, l.Kind = int64(i+1), rapid.SampledFrom(append(kinds, core.MovementReversal)).Draw(t, "kind")
		if j := slotOfNumber(b, l.Number); j >= 0 && rapid.IntRange(0, 3).Draw(t, "its kind") > 0 {
			l.Kind = b.orders[j].Kind
		}
		l.Outcome = rapid.SampledFrom(outcomes).Draw(t, "outcome")
		if rapid.Bool().Draw(t, "fee stated") {
			l.Fee = core.Fen(rapid.SampledFrom([]int64{3, 3, 4}).Draw(t, "fee"))
		}
		b.lines = append(b.lines, l)
	}
	return b
}

func slotOfNumber(b *books, number string) int {
	for i, o := range b.orders {
		if o.Number == number {
			return i
		}
	}
	return -1
}

type matchTwin struct {
	found                        map[string]int
	matched, carried, unanswered int64
}

// twinOf is the rules once more, by looking everything up in maps: no order, no streams, no batches.
func twinOf(b *books) matchTwin {
	out := matchTwin{found: map[string]int{}}
	note := func(kind core.DifferenceKind, movement core.MovementKind, number string) {
		out.found[fmt.Sprintf("%s %s %s", kind, movement, number)]++
	}
	type at struct {
		number string
		kind   core.MovementKind
	}
	held := map[at]*core.Movement{}
	for i, o := range b.orders {
		held[at{o.Number, o.Kind}] = &b.orders[i]
	}
	lines := map[at]core.BilledLine{}
	for _, l := range b.lines {
		was, there := lines[at{l.Number, l.Kind}]
		switch {
		case !there, was.Outcome != core.OutcomeSucceeded && l.Outcome == core.OutcomeSucceeded:
			lines[at{l.Number, l.Kind}] = l
		case l.Outcome == core.OutcomeSucceeded:
			note(core.DifferDuplicate, l.Kind, l.Number)
		}
	}
	for where, l := range lines {
		if where.kind == core.MovementReversal {
			continue
		}
		back := where.kind == core.MovementPayment && lines[at{where.number, core.MovementReversal}].Outcome == core.OutcomeSucceeded
		_, taken := lines[at{where.number, core.MovementReversal}]
		taken = taken && where.kind == core.MovementPayment
		theirs := l.Outcome == core.OutcomeSucceeded && !back
		o := held[where]
		switch {
		case o == nil && theirs:
			note(core.DifferSurplus, where.kind, where.number)
		case o == nil:
		case !o.Moved && theirs:
			note(core.DifferState, where.kind, where.number)
		case !o.Moved:
		case !theirs && l.Outcome == core.OutcomeUnknown && !taken:
			out.unanswered++
			note(core.DifferUnanswered, where.kind, where.number)
		case !theirs:
			note(core.DifferState, where.kind, where.number)
		default:
			twinMoved(b, *o, l, &out, note)
		}
	}
	for where, l := range lines {
		pay := at{where.number, core.MovementPayment}
		if _, paid := lines[pay]; where.kind != core.MovementReversal || paid || l.Outcome != core.OutcomeSucceeded && held[pay] == nil {
			continue
		}
		switch o := held[pay]; {
		case o == nil:
			note(core.DifferSurplus, core.MovementReversal, where.number)
		case o.Moved:
			note(core.DifferState, core.MovementPayment, where.number)
		}
	}
	for _, o := range b.orders {
		_, shown := lines[at{o.Number, o.Kind}]
		if _, taken := lines[at{o.Number, core.MovementReversal}]; taken && o.Kind == core.MovementPayment {
			shown = true
		}
		if shown || !o.Moved || core.DayOf(o.MovedAt) != matchDay {
			continue
		}
		switch other := b.elsewhereOf(o); {
		case other.on != "":
		case other.waits:
			out.carried++
		default:
			note(core.DifferShortage, o.Kind, o.Number)
		}
	}
	return out
}

func twinMoved(b *books, o core.Movement, l core.BilledLine, out *matchTwin, note func(core.DifferenceKind, core.MovementKind, string)) {
	agrees := true
	differs := func(kind core.DifferenceKind) { agrees = false; note(kind, o.Kind, o.Number) }
	first, last := o.CreatedAt, o.MovedAt
	if last.Before(first) {
		first = last
	}
	touches := first.Add(-30*time.Minute).Before(matchDay.End()) && !last.Add(30*time.Minute).Before(matchDay.Start())
	before := false
	for day, bill := range b.neighbours {
		before = before || day < matchDay && bill[o.Number] && o.MayStandOn(day)
	}
	if !touches {
		differs(core.DifferDay)
	} else if before {
		differs(core.DifferDuplicate)
	}
	if l.Amount != o.Amount {
		differs(core.DifferAmount)
	} else if o.Fee > 0 && l.Fee.Currency != "" && l.Fee.Minor != o.Fee {
		differs(core.DifferFee)
	}
	if agrees {
		out.matched++
	}
}
