package service

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/core"
)

// sumsByKind sums movements.
type sumsByKind map[core.MovementKind]core.MovementTotal

func (s sumsByKind) add(kind core.MovementKind, amount core.Money, fee int64) {
	t := s[kind]
	t.Kind = kind
	t.Count++
	t.Amount += amount.Minor
	t.Fee += fee
	s[kind] = t
}

func (s sumsByKind) list() []core.MovementTotal {
	return slices.SortedFunc(maps.Values(s), func(a, b core.MovementTotal) int { return cmp.Compare(a.Kind, b.Kind) })
}

// countOurs sums what moved on the day itself.
func (m *matcher) countOurs(o core.Movement) {
	if !o.Moved || !m.onDay(o.MovedAt) {
		return
	}
	fee, _ := knownFee(o)
	m.ours.add(o.Kind, o.Amount, fee.Minor)
}

// countTheirs sums what the bills list. The answers to questions that sums raised are in those.
func (m *matcher) countTheirs(l core.BilledLine) {
	if !moved(&l) || m.answers[l.BillID] {
		return
	}
	m.theirs.add(l.Kind, positive(l.Amount), positive(l.Fee).Minor)
}

// stated is a bill that says sums only, beside what our orders of the day sum up to.
type stated struct {
	bill core.Bill
	rows []core.MovementTotal
	// asked says that the provider was asked about the orders one by one, as far as it can be.
	asked bool
	cells map[cell]*cellSum
}

// cell is what is summed: a kind, and the channel for our orders, the method for the provider's.
type cell struct {
	kind   core.MovementKind
	method string
}

type cellSum struct {
	ours core.MovementTotal
	// told is ours with what the provider said of single orders in the place of what we hold.
	told  core.MovementTotal
	loose int64 // orders that the provider was not asked about
}

// SumDisagreement is a sum of a bill that is not what our orders of the day sum up to. The orders
// have to be asked about one by one. Method is empty when methods and channels cannot be told to
// be the same.
type SumDisagreement struct {
	BillID       core.ID
	Scope        string
	Kind         core.MovementKind
	Method       string
	Ours, Theirs core.MovementTotal
}

// addStated counts a pair into the sums that it belongs to.
func (m *matcher) addStated(p pair, theirs bool) {
	if p.ours == nil {
		return
	}
	s := m.covers(*p.ours).stated
	if s == nil {
		return
	}
	c := s.cells[cell{p.kind, p.ours.Channel}]
	if c == nil {
		c = &cellSum{}
		s.cells[cell{p.kind, p.ours.Channel}] = c
	}
	held := p.ours.Moved && m.onDay(p.ours.MovedAt)
	if held {
		c.ours.Count++
		c.ours.Amount += p.ours.Amount.Minor
	}
	switch {
	case p.line == nil && p.back == nil:
		if held {
			c.loose++
			c.told.Count++
			c.told.Amount += p.ours.Amount.Minor
		}
	case theirs && (p.line.At.IsZero() && (held || !p.ours.Moved) || m.onDay(p.line.At)):
		c.told.Count++
		c.told.Amount += positive(p.line.Amount).Minor
	case held && p.back == nil && saysNothing(p.line):
		c.told.Count++
		c.told.Amount += p.ours.Amount.Minor
	}
}

// compare tells what of the sums disagrees: to be asked about, or, when that was done, as
// differences.
func (s *stated) compare(ctx context.Context, m *matcher) ([]SumDisagreement, error) {
	var disagree []SumDisagreement
	theirs, methods := s.theirs()
	for _, kind := range s.kinds() {
		byMethod := methods && s.sameMethods(theirs)
		for _, c := range s.pairsOf(kind, theirs, byMethod) {
			mine := c.ours
			if s.asked {
				mine = c.told
			}
			if mine.Amount == c.theirs.Amount && (mine.Count == c.theirs.Count || c.theirs.Count == 0 && c.theirs.Amount != 0) {
				m.count.matched += c.loose
				continue
			}
			d := SumDisagreement{BillID: s.bill.ID, Scope: s.bill.Scope, Kind: kind, Method: c.method, Ours: mine, Theirs: c.theirs}
			if !s.asked {
				disagree = append(disagree, d)
				continue
			}
			if err := m.found(ctx, d.difference()); err != nil {
				return nil, err
			}
		}
	}
	return disagree, nil
}

// theirs are the stated sums by kind and method; what was taken back is out of the payments.
func (s *stated) theirs() (sums map[cell]core.MovementTotal, methods bool) {
	sums, methods = map[cell]core.MovementTotal{}, true
	for _, row := range s.rows {
		at, sign := cell{row.Kind, row.Method}, int64(1)
		if row.Kind == core.MovementReversal {
			at.kind, sign = core.MovementPayment, -1
		}
		if row.Kind == core.MovementFee || row.Count == 0 && row.Amount == 0 {
			continue
		}
		methods = methods && row.Method != ""
		t := sums[at]
		t.Kind, t.Method = at.kind, at.method
		t.Count += sign * row.Count
		t.Amount += sign * max(row.Amount, -row.Amount)
		sums[at] = t
	}
	return sums, methods
}

// kinds are those that the bill states all of: payments and refunds, unless it says otherwise.
func (s *stated) kinds() []core.MovementKind {
	kinds := slices.Clone(s.bill.Kinds)
	if len(kinds) == 0 {
		kinds = []core.MovementKind{core.MovementPayment, core.MovementRefund}
	}
	for _, row := range s.rows {
		if row.Kind != core.MovementReversal && row.Kind != core.MovementFee {
			kinds = append(kinds, row.Kind)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// sameMethods says that the bill's methods are channels that our orders of the day have.
func (s *stated) sameMethods(theirs map[cell]core.MovementTotal) bool {
	ours := map[string]bool{}
	for at := range s.cells {
		ours[at.method] = true
	}
	for at := range theirs {
		if !ours[at.method] {
			return false
		}
	}
	return len(theirs) > 0
}

// compared are the two sums of one kind, by method or of all methods.
type compared struct {
	method             string
	ours, told, theirs core.MovementTotal
	loose              int64
}

func (s *stated) pairsOf(kind core.MovementKind, theirs map[cell]core.MovementTotal, byMethod bool) []compared {
	sums := map[string]*compared{"": {}}
	if byMethod {
		delete(sums, "")
	}
	at := func(method string) *compared {
		if !byMethod {
			method = ""
		}
		if sums[method] == nil {
			sums[method] = &compared{method: method}
		}
		return sums[method]
	}
	for of, c := range s.cells {
		if of.kind == kind {
			sum := at(of.method)
			sum.ours, sum.told, sum.loose = plus(sum.ours, c.ours), plus(sum.told, c.told), sum.loose+c.loose
		}
	}
	for of, t := range theirs {
		if of.kind == kind && (of.method == "" || byMethod || !s.statesAll(kind, theirs)) {
			sum := at(of.method)
			sum.theirs = plus(sum.theirs, t)
		}
	}
	out := make([]compared, 0, len(sums))
	for _, method := range slices.Sorted(maps.Keys(sums)) {
		c := *sums[method]
		c.ours.Kind, c.told.Kind, c.theirs.Kind = kind, kind, kind
		c.ours.Method, c.told.Method, c.theirs.Method = method, method, method
		out = append(out, c)
	}
	return out
}

// statesAll says that one row is the sum over the others of its kind.
func (s *stated) statesAll(kind core.MovementKind, theirs map[cell]core.MovementTotal) bool {
	_, ok := theirs[cell{kind, ""}]
	return ok
}

func plus(a, b core.MovementTotal) core.MovementTotal {
	a.Count += b.Count
	a.Amount += b.Amount
	return a
}

// difference is what is left of the sums when the orders have been asked about. The state of a side
// is its number of orders.
func (d SumDisagreement) difference() core.Difference {
	side := func(t core.MovementTotal) core.DifferenceSide {
		return core.DifferenceSide{Present: true, State: strconv.FormatInt(t.Count, 10), Amount: core.Fen(t.Amount)}
	}
	return core.Difference{
		Kind: core.DifferTotal, Movement: d.Kind, State: core.DifferenceOpen, BillID: d.BillID, Ours: side(d.Ours), Theirs: side(d.Theirs),
		Key: differenceKey(core.DifferTotal, d.Kind, d.Scope+"/"+d.Method, "", 0),
	}
}
