package service

import (
	"context"
	"fmt"
	"slices"

	"github.com/zhanggui-pay/zhanggui/core"
)

// daysBack is how far back the bills of other days are looked at for an order that was paid long
// after it was made.
const daysBack = 31

// covering is a bill with the orders that it must show.
type covering struct {
	bill     core.Bill
	kinds    []core.MovementKind
	methods  []core.Method // of its product
	payouts  bool
	everyone bool // the whole account's
}

func (c covering) has(m core.Movement) bool {
	switch {
	case !slices.Contains(c.kinds, m.Kind):
		return false
	case c.everyone:
		return true
	case m.Kind == core.MovementPayout:
		return c.payouts
	}
	return slices.Contains(c.methods, m.Method)
}

type coveredKey struct {
	kind   core.MovementKind
	method core.Method
}

// coverages says which orders each of the day's bills must show.
func (c *comparing) coverages(ctx context.Context, tx core.TenantTx) error {
	c.covered, c.days = map[coveredKey]coverage{}, map[core.Day]*otherDay{}
	for _, b := range c.lines {
		if c.matcher.answers[b.ID] {
			continue
		}
		kinds := b.Kinds
		if len(kinds) == 0 {
			var err error
			if kinds, err = tx.BillKinds(ctx, b.ID); err != nil {
				return err
			}
			kinds = append(kinds, core.MovementPayment)
		}
		if err := c.cover(b, kinds); err != nil {
			return err
		}
	}
	for _, sums := range c.sums {
		if err := c.cover(sums.bill, sums.kinds()); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparing) cover(b core.Bill, kinds []core.MovementKind) error {
	of, err := c.s.orderOf(b)
	if err != nil {
		return err
	}
	of.kinds = kinds
	c.covering = append(c.covering, of)
	return nil
}

// orderOf says which orders belong to a bill's scope. A product that a newer plugin does not list any more has none.
func (s *Service) orderOf(b core.Bill) (covering, error) {
	c := covering{bill: b, everyone: b.Scope == ""}
	if c.everyone {
		return c, nil
	}
	manifest, err := s.Providers.Manifest(b.Provider)
	if err != nil {
		return c, fmt.Errorf("service: which product an order belongs to: %w", err)
	}
	for _, p := range manifest.Products {
		if p.ID != b.Scope {
			continue
		}
		c.payouts = p.Payout != nil
		for _, m := range p.Methods {
			c.methods = append(c.methods, m.Method)
		}
	}
	return c, nil
}

// covers implements matcher.covers.
func (c *comparing) covers(m core.Movement) coverage {
	key := coveredKey{m.Kind, m.Method}
	if known, ok := c.covered[key]; ok {
		return known
	}
	var out coverage
	for _, of := range c.covering {
		if !of.has(m) {
			continue
		}
		switch of.bill.Source {
		case core.BillFromList, core.BillFromFile:
			out.shown = true
		case core.BillFromTotals:
			i := slices.IndexFunc(c.sums, func(s *stated) bool { return s.bill.ID == of.bill.ID })
			out.stated = c.sums[i]
		case core.BillFromQuery: // shows what was asked about
		}
	}
	c.covered[key] = out
	return out
}

// otherDay is what there is of a day near the one that is compared.
type otherDay struct {
	bills   []core.ID
	asked   map[core.ID]bool
	scopes  []covering
	settled bool // no bill of it is to come any more
}

// orders implements besides.
func (c *comparing) orders(ctx context.Context, numbers []string) (found []core.Movement, err error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	err = c.s.inDay(ctx, c.day, func(tx core.TenantTx) error {
		found, err = tx.MovementsByNumber(ctx, c.day.AccountID, numbers)
		return err
	})
	return found, err
}

// elsewhere implements besides.
func (c *comparing) elsewhere(ctx context.Context, list []core.Movement) ([]otherDays, error) {
	out := make([]otherDays, len(list))
	byDay := map[core.Day][]int{}
	for i, m := range list {
		earliest := c.day.Day.Next(-daysBack)
		for day := max(m.FirstDay(), earliest); day <= m.LastDay(); day = day.Next(1) {
			if day != c.day.Day {
				byDay[day] = append(byDay[day], i)
			}
		}
	}
	if len(byDay) == 0 {
		return out, nil
	}
	err := c.s.inDay(ctx, c.day, func(tx core.TenantTx) error {
		for day, orders := range byDay {
			if err := c.lookAt(ctx, tx, day, list, orders, out); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// lookAt looks for orders (by their places in list) on the bills of another day.
func (c *comparing) lookAt(ctx context.Context, tx core.TenantTx, day core.Day, list []core.Movement, orders []int, out []otherDays) error {
	other, err := c.otherDay(ctx, tx, day)
	if err != nil {
		return err
	}
	numbers := make([]string, len(orders))
	for i, place := range orders {
		numbers[i] = list[place].Number
	}
	lines, err := tx.LinesByNumber(ctx, other.bills, numbers)
	if err != nil {
		return err
	}
	at := make(map[string]core.BilledLine, len(lines))
	for _, l := range lines {
		if moved(&l) && l.Kind != core.MovementReversal && (at[l.Number].Number == "" || !other.asked[l.BillID]) {
			at[l.Number] = l
		}
	}
	for _, place := range orders {
		m, o := list[place], &out[place]
		l, there := at[m.Number]
		switch {
		case there && l.Kind == m.Kind:
			o.on = earlierDay(o.on, day)
			if !other.asked[l.BillID] {
				o.listed = earlierDay(o.listed, day)
			}
		case !other.settled && !slices.ContainsFunc(other.scopes, func(s covering) bool { return s.has(m) }):
			o.waits = true
		}
	}
	return nil
}

func earlierDay(a, b core.Day) core.Day {
	if a == "" {
		return b
	}
	return min(a, b)
}

// otherDay reads what there is of another day, once a run.
func (c *comparing) otherDay(ctx context.Context, tx core.TenantTx, day core.Day) (*otherDay, error) {
	if known := c.days[day]; known != nil {
		return known, nil
	}
	all, err := tx.Bills(ctx, c.day.AccountID, day)
	if err != nil {
		return nil, err
	}
	other := &otherDay{asked: map[core.ID]bool{}}
	for _, b := range currentBills(all) {
		if b.Source == core.BillFromTotals {
			continue
		}
		of, err := c.s.orderOf(b)
		if err != nil {
			return nil, err
		}
		if of.kinds = b.Kinds; len(of.kinds) == 0 {
			of.kinds = []core.MovementKind{core.MovementPayment, core.MovementRefund, core.MovementPayout}
		}
		other.scopes = append(other.scopes, of)
		other.bills, other.asked[b.ID] = append(other.bills, b.ID), b.Source == core.BillFromQuery
	}
	if other.settled, err = c.settled(ctx, tx, day); err != nil {
		return nil, err
	}
	c.days[day] = other
	return other, nil
}

// settled says that a day's bill is not waited for: attempts have ended, or a day that has gone by was never opened.
func (c *comparing) settled(ctx context.Context, tx core.TenantTx, day core.Day) (bool, error) {
	d, err := tx.ReconciliationDayOf(ctx, c.day.AccountID, day)
	switch {
	case core.CodeOf(err) == core.CodeNotFound:
		return day < c.day.Day, nil
	case err != nil:
		return false, err
	}
	return d.State != core.DayWaiting && d.State != core.DayRunning, nil
}
