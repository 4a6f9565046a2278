package service

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// lookAhead is how many orders wait for a look beside the streams before it is made.
const lookAhead = 1000

// matcher compares the two sides of an account's day while it reads them, each in the order of
// our numbers. What it keeps does not grow with them.
type matcher struct {
	day core.Day
	// from and to bound it, so that a million orders need no calendar.
	from, to time.Time

	bills map[core.ID]core.Bill // with lines
	// answers are those of them that hold what the provider said about orders behind its sums.
	answers map[core.ID]bool
	covers  func(core.Movement) coverage
	look    besides
	// found takes the differences, without what they have of the day and the run.
	found func(context.Context, core.Difference) error
	// final says that an order without an answer is a difference now and not asked about again.
	final bool

	count    matchCounts
	ours     sumsByKind
	theirs   sumsByKind
	waiting  []pair
	nameless int64 // lines that have no number at all
}

type matchCounts struct{ matched, carried, unasked, unanswered int64 }

// coverage says which bills of the day an order of ours must show up in.
type coverage struct {
	shown  bool    // a bill lists it: if not there, it is missing
	stated *stated // sums have it in them
}

// besides finds what the streams do not show.
type besides interface {
	// orders finds orders of the account by our numbers.
	orders(ctx context.Context, numbers []string) ([]core.Movement, error)
	// elsewhere looks for each order at the bills of the other days on which it may stand.
	elsewhere(ctx context.Context, list []core.Movement) ([]otherDays, error)
}

// otherDays is what the bills of other days say of an order.
type otherDays struct {
	on     core.Day // the first that has it, or empty
	listed core.Day // the first that has it of itself and not as the answer to a question, or empty
	waits  bool     // one of them is still to come
}

// pair is an order and what the provider's side has of it: a line, and one that takes a payment back.
type pair struct {
	ours       *core.Movement
	line, back *core.BilledLine
	kind       core.MovementKind
	// ordinal tells lines without any number apart.
	ordinal int64
}

// group is what both sides have under one number.
type group struct {
	number, providerNumber string
	ours                   *core.Movement
	pairs                  [3]pair // payment, refund, payout
	extra                  int64   // duplicates so far
}

func slotOf(kind core.MovementKind) int {
	switch kind {
	case core.MovementRefund:
		return 1
	case core.MovementPayout:
		return 2
	case core.MovementPayment, core.MovementReversal, core.MovementFee:
	}
	return 0
}

var slotKinds = [3]core.MovementKind{core.MovementPayment, core.MovementRefund, core.MovementPayout}

// run reads both sides to their ends.
func (m *matcher) run(ctx context.Context, ours core.MovementStream, theirs core.LineStream) error {
	m.from, m.to = m.day.Start(), m.day.End()
	mine, mineIs, err := ours.Next(ctx)
	if err != nil {
		return err
	}
	line, lineIs, err := theirs.Next(ctx)
	if err != nil {
		return err
	}
	for mineIs || lineIs {
		g := group{}
		if lineIs && (!mineIs || line.Number <= mine.Number) {
			g.number, g.providerNumber = line.Number, line.ProviderNumber
		} else {
			g.number = mine.Number
		}
		if mineIs && mine.Number == g.number {
			order := mine
			g.ours = &order
			m.countOurs(order)
			if mine, mineIs, err = ours.Next(ctx); err != nil {
				return err
			}
		}
		for first := true; lineIs && g.holds(line, first); first = false {
			if err := m.addLine(ctx, &g, line); err != nil {
				return err
			}
			if line, lineIs, err = theirs.Next(ctx); err != nil {
				return err
			}
		}
		if err := m.takeGroup(ctx, &g); err != nil {
			return err
		}
	}
	return m.settle(ctx)
}

// holds says whether the line belongs to the group. Lines without any number are alone.
func (g *group) holds(l core.BilledLine, first bool) bool {
	if l.Number != g.number {
		return false
	}
	return g.number != "" || first || l.ProviderNumber != "" && l.ProviderNumber == g.providerNumber
}

// addLine keeps a line in its place; one that says the same again is a duplicate.
func (m *matcher) addLine(ctx context.Context, g *group, l core.BilledLine) error {
	m.countTheirs(l)
	slot := slotOf(l.Kind)
	p := &g.pairs[slot]
	place := &p.line
	if l.Kind == core.MovementReversal {
		place = &p.back
	}
	p.kind = slotKinds[slot]
	was := *place
	switch {
	case was == nil || !moved(was) && moved(&l):
		*place = &l
	case !moved(&l) || m.asked(&l):
	case m.asked(was):
		*place = &l
	default:
		g.extra++
		return m.found(ctx, duplicate(l, g.extra))
	}
	return nil
}

func moved(l *core.BilledLine) bool { return l != nil && l.Outcome == core.OutcomeSucceeded }

// asked says that the line is the answer to a question about our order.
func (m *matcher) asked(l *core.BilledLine) bool {
	return l != nil && m.bills[l.BillID].Source == core.BillFromQuery
}

func (m *matcher) takeGroup(ctx context.Context, g *group) error {
	if g.ours != nil {
		p := &g.pairs[slotOf(g.ours.Kind)]
		p.ours, p.kind = g.ours, g.ours.Kind
	}
	for _, p := range g.pairs {
		if p.kind == "" {
			continue
		}
		if g.number == "" && g.providerNumber == "" {
			m.nameless++
			p.ordinal = m.nameless
		}
		if g.number == "" || g.ours != nil && !m.leavesDay(p) {
			if err := m.judge(ctx, p, otherDays{}); err != nil {
				return err
			}
			continue
		}
		m.waiting = append(m.waiting, p)
		if len(m.waiting) >= lookAhead {
			if err := m.settle(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// leavesDay says that other days' bills have to be looked at: the order may stand there, and is
// missing here or shown of itself. A line of another kind than the order is looked up.
func (m *matcher) leavesDay(p pair) bool {
	if p.ours == nil {
		return true
	}
	o := p.ours
	return o.Moved && (o.CreatedAt.Add(-core.MidnightGrace).Before(m.from) || o.MovedAt.Add(-core.MidnightGrace).Before(m.from) ||
		!o.MovedAt.Add(core.MidnightGrace).Before(m.to))
}

// onDay says whether a time is on the day that is compared.
func (m *matcher) onDay(t time.Time) bool { return !t.Before(m.from) && t.Before(m.to) }

// settle makes the looks that orders wait for and judges them.
func (m *matcher) settle(ctx context.Context) error {
	waiting := m.waiting
	m.waiting = m.waiting[:0]
	var numbers []string
	for _, p := range waiting {
		if p.ours == nil {
			numbers = append(numbers, p.number())
		}
	}
	orders, err := m.look.orders(ctx, numbers)
	if err != nil {
		return err
	}
	byNumber := make(map[string]*core.Movement, len(orders))
	for i := range orders {
		byNumber[orders[i].Number] = &orders[i]
	}
	var near []core.Movement
	var places []int
	for i := range waiting {
		p := &waiting[i]
		if p.ours == nil {
			if order := byNumber[p.number()]; order != nil && order.Kind == p.kind {
				p.ours = order
			}
		}
		if p.ours != nil && m.leavesDay(*p) {
			near, places = append(near, *p.ours), append(places, i)
		}
	}
	others, err := m.look.elsewhere(ctx, near)
	if err != nil {
		return err
	}
	at := make([]otherDays, len(waiting))
	for i, place := range places {
		at[place] = others[i]
	}
	for i, p := range waiting {
		if err := m.judge(ctx, p, at[i]); err != nil {
			return err
		}
	}
	return nil
}

// number is our number, as either side has it.
func (p pair) number() string {
	switch {
	case p.ours != nil:
		return p.ours.Number
	case p.line != nil:
		return p.line.Number
	}
	return p.back.Number
}
