package service

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zhanggui-pay/zhanggui/core"
)

const matchDay = core.Day("2026-11-23")

// books are the two sides of a day and what its neighbours' bills say, in memory.
type books struct {
	orders []core.Movement
	lines  []core.BilledLine
	bills  map[core.ID]core.Bill
	// neighbours are the numbers on the bills of the days beside; a day without an entry has none yet.
	neighbours map[core.Day]map[string]bool
	shown      bool
}

type slice[T any] struct{ rest []T }

func (s *slice[T]) Next(context.Context) (first T, ok bool, err error) {
	if len(s.rest) == 0 {
		return first, false, nil
	}
	first, s.rest = s.rest[0], s.rest[1:]
	return first, true, nil
}

// streams are what ReadDay gives.
func (b *books) streams() (*slice[core.Movement], *slice[core.BilledLine]) {
	from, to := matchDay.Near()
	var ours []core.Movement
	for _, o := range b.orders {
		if o.Moved && !o.MovedAt.Before(from) && o.MovedAt.Before(to) {
			ours = append(ours, o)
		}
	}
	slices.SortFunc(ours, func(x, y core.Movement) int { return strings.Compare(x.Number, y.Number) })
	theirs := slices.Clone(b.lines)
	slices.SortStableFunc(theirs, func(x, y core.BilledLine) int {
		if c := strings.Compare(x.Number, y.Number); c != 0 {
			return c
		}
		return strings.Compare(x.ProviderNumber, y.ProviderNumber)
	})
	return &slice[core.Movement]{ours}, &slice[core.BilledLine]{theirs}
}

func (b *books) find(numbers []string) (found []core.Movement) {
	for _, o := range b.orders {
		if slices.Contains(numbers, o.Number) {
			found = append(found, o)
		}
	}
	return found
}

func (b *books) elsewhereOf(m core.Movement) (o otherDays) {
	for day := m.FirstDay(); day <= m.LastDay(); day = day.Next(1) {
		bill, ready := b.neighbours[day]
		switch {
		case day == matchDay:
		case !ready:
			o.waits = true
		case bill[m.Number]:
			o.on = earlierDay(o.on, day)
		}
	}
	o.listed = o.on
	return o
}

// memory implements besides.
type memory struct{ *books }

func (b memory) orders(_ context.Context, numbers []string) ([]core.Movement, error) {
	return b.find(numbers), nil
}

func (b memory) elsewhere(_ context.Context, list []core.Movement) (out []otherDays, _ error) {
	for _, m := range list {
		out = append(out, b.elsewhereOf(m))
	}
	return out, nil
}

// matched runs the matcher and gives what it found, by key.
func (b *books) matched(t interface{ Fatalf(string, ...any) }) (map[string]core.Difference, matchCounts) {
	found := map[string]core.Difference{}
	m := &matcher{
		day: matchDay, bills: b.bills, final: true, look: memory{b}, ours: sumsByKind{}, theirs: sumsByKind{},
		covers: func(core.Movement) coverage { return coverage{shown: b.shown} },
		found: func(_ context.Context, d core.Difference) error {
			if _, twice := found[d.Key]; twice {
				t.Fatalf("%s was found twice in one run", d.Key)
			}
			found[d.Key] = d
			return nil
		},
	}
	ours, theirs := b.streams()
	if err := m.run(context.Background(), ours, theirs); err != nil {
		t.Fatalf("%v", err)
	}
	return found, m.count
}

func beijing(clock string) time.Time {
	t, err := time.ParseInLocation("01-02 15:04", clock, core.Beijing())
	if err != nil {
		panic(err)
	}
	return t.AddDate(2026, 0, 0)
}

// order is a payment of 1 yuan, created and paid as told; without paid it did not move.
func ordered(number, created, paid string) core.Movement {
	o := core.Movement{Kind: core.MovementPayment, Number: number, State: "failed", Amount: core.Fen(100), CreatedAt: beijing(created)}
	if paid != "" {
		o.State, o.Moved, o.MovedAt = "succeeded", true, beijing(paid)
	}
	return o
}

func billed(number string, change ...func(*core.BilledLine)) core.BilledLine {
	l := core.BilledLine{BillID: core.ID{1}, StoredLine: core.StoredLine{
		N: 1, Kind: core.MovementPayment, Number: number, Outcome: core.OutcomeSucceeded, Amount: core.Fen(100),
	}}
	for _, c := range change {
		c(&l)
	}
	return l
}

func outcomeIs(o core.Outcome) func(*core.BilledLine) {
	return func(l *core.BilledLine) { l.Outcome = o }
}

func ofKind(k core.MovementKind) func(*core.BilledLine) {
	return func(l *core.BilledLine) { l.Kind = k }
}

func fen(n int64) func(*core.BilledLine) { return func(l *core.BilledLine) { l.Amount = core.Fen(n) } }

func feeOf(n int64) func(*core.BilledLine) { return func(l *core.BilledLine) { l.Fee = core.Fen(n) } }
func byQuestion(l *core.BilledLine)        { l.BillID = core.ID{2} }

func TestMatching(t *testing.T) {
	t.Parallel()
	noon := ordered("1", "11-23 12:00", "11-23 12:01")
	midnight := ordered("1", "11-23 23:58", "11-23 23:59")
	after := ordered("1", "11-23 23:58", "11-24 00:01")
	link := ordered("1", "11-20 09:00", "11-23 12:00") // a code that was paid days later
	open := ordered("1", "11-23 12:00", "")
	rate := noon
	rate.Fee = 3
	returned := open
	returned.Kind, returned.State = core.MovementPayout, "returned"
	yesterday, tomorrow := matchDay.Next(-1), matchDay.Next(1)
	for name, c := range map[string]struct {
		order      core.Movement
		lines      []core.BilledLine
		neighbours map[core.Day]map[string]bool
		want       string
		counts     matchCounts
	}{
		"agree":                    {noon, []core.BilledLine{billed("1")}, nil, "", matchCounts{matched: 1}},
		"shortage":                 {noon, nil, nil, "shortage|payment|1", matchCounts{}},
		"surplus":                  {noon, []core.BilledLine{billed("1"), billed("2")}, nil, "surplus|payment|2", matchCounts{matched: 1}},
		"amount":                   {noon, []core.BilledLine{billed("1", fen(99))}, nil, "amount|payment|1", matchCounts{}},
		"amount, minus":            {noon, []core.BilledLine{billed("1", fen(-100))}, nil, "", matchCounts{matched: 1}},
		"fee":                      {rate, []core.BilledLine{billed("1", feeOf(4))}, nil, "fee|payment|1", matchCounts{}},
		"fee agrees":               {rate, []core.BilledLine{billed("1", feeOf(3))}, nil, "", matchCounts{matched: 1}},
		"fee not stated":           {rate, []core.BilledLine{billed("1")}, nil, "", matchCounts{matched: 1}},
		"fee not known":            {noon, []core.BilledLine{billed("1", feeOf(4))}, nil, "", matchCounts{matched: 1}},
		"failed, but paid there":   {open, []core.BilledLine{billed("1")}, nil, "state|payment|1", matchCounts{}},
		"both failed":              {open, []core.BilledLine{billed("1", outcomeIs(core.OutcomeFailed))}, nil, "", matchCounts{}},
		"paid, but closed there":   {noon, []core.BilledLine{billed("1", outcomeIs(core.OutcomeClosed))}, nil, "state|payment|1", matchCounts{}},
		"paid, not known there":    {noon, []core.BilledLine{billed("1", outcomeIs(core.OutcomeNotFound))}, nil, "state|payment|1", matchCounts{}},
		"no answer":                {noon, []core.BilledLine{billed("1", outcomeIs(core.OutcomeUnknown))}, nil, "unanswered|payment|1", matchCounts{unanswered: 1}},
		"taken back there":         {noon, []core.BilledLine{billed("1"), billed("1", ofKind(core.MovementReversal))}, nil, "state|payment|1", matchCounts{}},
		"taken back on both":       {open, []core.BilledLine{billed("1"), billed("1", ofKind(core.MovementReversal))}, nil, "", matchCounts{}},
		"only taken back":          {open, []core.BilledLine{billed("1", ofKind(core.MovementReversal))}, nil, "", matchCounts{}},
		"foreign, taken back":      {open, []core.BilledLine{billed("2"), billed("2", ofKind(core.MovementReversal))}, nil, "", matchCounts{}},
		"only foreign reversal":    {open, []core.BilledLine{billed("2", ofKind(core.MovementReversal))}, nil, "surplus|reversal|2", matchCounts{}},
		"another kind":             {noon, []core.BilledLine{billed("1"), billed("1", ofKind(core.MovementRefund))}, nil, "surplus|refund|1", matchCounts{matched: 1}},
		"a payout came back":       {returned, []core.BilledLine{billed("1", ofKind(core.MovementPayout))}, nil, "", matchCounts{}},
		"twice":                    {noon, []core.BilledLine{billed("1"), billed("1")}, nil, "duplicate|payment|1|1", matchCounts{matched: 1}},
		"three times":              {noon, []core.BilledLine{billed("1"), billed("1"), billed("1")}, nil, "duplicate|payment|1|1 duplicate|payment|1|2", matchCounts{matched: 1}},
		"listed and asked":         {noon, []core.BilledLine{billed("1"), billed("1", byQuestion)}, nil, "", matchCounts{matched: 1}},
		"asked and listed":         {noon, []core.BilledLine{billed("1", byQuestion), billed("1")}, nil, "", matchCounts{matched: 1}},
		"foreign, twice":           {open, []core.BilledLine{billed("2"), billed("2")}, nil, "duplicate|payment|2|1 surplus|payment|2", matchCounts{}},
		"without any number":       {open, []core.BilledLine{billed(""), billed("")}, nil, "surplus|payment|@|1 surplus|payment|@|2", matchCounts{}},
		"before midnight, waits":   {midnight, nil, nil, "", matchCounts{carried: 1}},
		"before midnight, there":   {midnight, nil, map[core.Day]map[string]bool{tomorrow: {"1": true}}, "", matchCounts{}},
		"before midnight, not":     {midnight, nil, map[core.Day]map[string]bool{tomorrow: {}}, "shortage|payment|1", matchCounts{}},
		"after midnight, here":     {after, []core.BilledLine{billed("1")}, map[core.Day]map[string]bool{tomorrow: {}}, "", matchCounts{matched: 1}},
		"after midnight, not":      {after, nil, map[core.Day]map[string]bool{tomorrow: {}}, "", matchCounts{}},
		"on both days":             {ordered("1", "11-23 00:01", "11-23 00:02"), []core.BilledLine{billed("1")}, map[core.Day]map[string]bool{yesterday: {"1": true}}, "duplicate|payment|1|2026-11-22", matchCounts{}},
		"on both days, the first":  {midnight, []core.BilledLine{billed("1")}, map[core.Day]map[string]bool{tomorrow: {"1": true}}, "", matchCounts{matched: 1}},
		"another day":              {ordered("1", "11-20 12:00", "11-20 12:01"), []core.BilledLine{billed("1")}, nil, "day|payment|1", matchCounts{}},
		"another day and amount":   {ordered("1", "11-20 12:00", "11-20 12:01"), []core.BilledLine{billed("1", fen(1))}, nil, "amount|payment|1 day|payment|1", matchCounts{}},
		"paid later, listed here":  {ordered("1", "11-23 09:00", "11-26 12:00"), []core.BilledLine{billed("1")}, nil, "", matchCounts{matched: 1}},
		"paid days after, missing": {link, nil, map[core.Day]map[string]bool{"2026-11-20": {}, "2026-11-21": {}, yesterday: {}}, "shortage|payment|1", matchCounts{}},
		"paid days after, there":   {link, nil, map[core.Day]map[string]bool{"2026-11-20": {"1": true}, "2026-11-21": {}, yesterday: {}}, "", matchCounts{}},
	} {
		b := &books{orders: []core.Movement{c.order}, lines: c.lines, bills: twoBills(), neighbours: c.neighbours, shown: true}
		found, counts := b.matched(t)
		if got := strings.Join(slices.Sorted(maps.Keys(found)), " "); got != c.want || counts != c.counts {
			t.Errorf("%s: found %q, want %q; counted %+v, want %+v", name, got, c.want, counts, c.counts)
		}
	}
}

func twoBills() map[core.ID]core.Bill {
	return map[core.ID]core.Bill{{1}: {ID: core.ID{1}, Source: core.BillFromList}, {2}: {ID: core.ID{2}, Source: core.BillFromQuery}}
}

// TestWhatNoBillShows: an order is missed only where a bill shows all of its kind.
func TestWhatNoBillShows(t *testing.T) {
	t.Parallel()
	b := &books{orders: []core.Movement{ordered("1", "11-23 12:00", "11-23 12:01")}, bills: twoBills()}
	if found, counts := b.matched(t); len(found) != 0 || counts != (matchCounts{unasked: 1}) {
		t.Errorf("found %v, counted %+v", found, counts)
	}
}

func TestLongNumbersHaveKeysOfTheirOwn(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", 500)
	a, b := differenceKey("surplus", "payment", long+"1", "", 0), differenceKey("surplus", "payment", long+"2", "", 0)
	if a == b || len(a) > longestKey {
		t.Errorf("%q and %q", a, b)
	}
}

// TestTheMatcherAgreesWithItsTwin: a twin that holds everything in maps finds the same.
func TestTheMatcherAgreesWithItsTwin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := drawBooks(t)
		found, counts := b.matched(t)
		twin := twinOf(b)
		got := map[string]int{}
		for _, d := range found {
			got[fmt.Sprintf("%s %s %s", d.Kind, d.Movement, d.Number)]++
		}
		if !maps.Equal(got, twin.found) || counts.matched != twin.matched || counts.carried != twin.carried || counts.unanswered != twin.unanswered {
			t.Fatalf("the matcher found %v %+v, its twin %+v", got, counts, twin)
		}
	})
}
