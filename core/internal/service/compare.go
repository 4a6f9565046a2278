package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// differenceBatch is how many differences are written in one transaction.
	differenceBatch = 200
	// numberBatch is how many lines get our number in one transaction, and how many lines of old
	// bills are removed in one.
	numberBatch = 2000
)

// CompareOptions say how far the provider's side was asked for.
type CompareOptions struct {
	// Asked says that behind sums that disagree no more can be asked about: what is left of them is
	// a difference. A bill of single answers that is newer than the sums of its scope says so too.
	Asked bool
	// Final says that orders without an answer are not asked about again: each is a difference.
	Final bool
}

// DayComparison is what comparing a day gave.
type DayComparison struct {
	// Day has the number of this run, the sums and the counts; its state is the caller's matter.
	Day core.ReconciliationDay
	// Unanswered counts orders that moved by our books and that the provider says nothing about.
	Unanswered int64
	// Disagree are sums to be asked about order by order: then the day is compared again. As
	// long as there are any, differences of earlier runs that were not found are left open.
	Disagree []SumDisagreement
}

// CompareDay matches the current bills of an account's day with our orders and writes the
// differences, each once however often it runs: see core.BooksTx. It writes neither the day nor
// an alert. Broken off anywhere it begins anew. The rules are in docs/matching.md.
func (s *Service) CompareDay(ctx context.Context, d core.ReconciliationDay, o CompareOptions) (DayComparison, error) {
	c := &comparing{s: s, day: d, options: o, out: DayComparison{Day: d}}
	for _, step := range []func(context.Context) error{c.begin, c.number, c.match, c.compareSums, c.flush, c.closeGone, c.removeOld} {
		if err := step(ctx); err != nil {
			return c.out, err
		}
	}
	return c.out, nil
}

func (s *Service) inDay(ctx context.Context, d core.ReconciliationDay, fn func(core.TenantTx) error) error {
	return s.Database.InTenant(ctx, d.TenantID, fn)
}

// comparing is one run over a day.
type comparing struct {
	s       *Service
	day     core.ReconciliationDay
	options CompareOptions
	out     DayComparison

	all      []core.Bill // of the day
	lines    []core.Bill // the current ones with lines
	sums     []*stated
	covering []covering
	covered  map[coveredKey]coverage
	days     map[core.Day]*otherDay
	matcher  *matcher
	batch    []core.Difference
}

// begin numbers the run and reads what it compares with.
func (c *comparing) begin(ctx context.Context) error {
	return c.s.inDay(ctx, c.day, func(tx core.TenantTx) (err error) {
		if c.out.Day.Run, err = tx.BeginRun(ctx, c.day.ID); err != nil {
			return err
		}
		if c.all, err = tx.Bills(ctx, c.day.AccountID, c.day.Day); err != nil {
			return err
		}
		c.matcher = &matcher{
			day: c.day.Day, bills: map[core.ID]core.Bill{}, answers: map[core.ID]bool{}, covers: c.covers, look: c, found: c.found,
			final: c.options.Final, ours: sumsByKind{}, theirs: sumsByKind{},
		}
		return c.sort(ctx, tx, currentBills(c.all))
	})
}

// currentBills are those to compare with: a file of the whole account stands for all others.
func currentBills(all []core.Bill) []core.Bill {
	var current []core.Bill
	for _, b := range all {
		switch {
		case b.State != core.BillReady:
		case b.Source == core.BillFromFile && b.Scope == "":
			return []core.Bill{b}
		default:
			current = append(current, b)
		}
	}
	return current
}

// sort tells sums from lines. Answers about single orders that are older than the sums of their
// scope belong to sums that are superseded.
func (c *comparing) sort(ctx context.Context, tx core.TenantTx, current []core.Bill) error {
	byScope := map[string]*stated{}
	for _, b := range current {
		if b.Source != core.BillFromTotals {
			continue
		}
		rows, err := tx.BillTotals(ctx, b.ID)
		if err != nil {
			return err
		}
		sums := &stated{bill: b, rows: rows, asked: c.options.Asked, cells: map[cell]*cellSum{}}
		byScope[b.Scope] = sums
		c.sums = append(c.sums, sums)
	}
	for _, b := range current {
		if b.Source == core.BillFromTotals {
			continue
		}
		if sums := byScope[b.Scope]; sums != nil && b.Source == core.BillFromQuery {
			if b.ReadyAt.Before(sums.bill.ReadyAt) {
				continue
			}
			sums.asked = true
			c.matcher.answers[b.ID] = true
		}
		c.lines = append(c.lines, b)
		c.matcher.bills[b.ID] = b
	}
	return c.coverages(ctx, tx)
}

// number gives the lines that state only the provider's number ours, where it is sure.
func (c *comparing) number(ctx context.Context) error {
	for _, b := range c.lines {
		for after, more := int64(0), true; more; {
			err := c.s.inDay(ctx, c.day, func(tx core.TenantTx) (err error) {
				after, err = tx.NumberBillLines(ctx, b.ID, after, numberBatch)
				more = after > 0
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *comparing) match(ctx context.Context) error {
	q := core.DayQuery{TenantID: c.day.TenantID, AccountID: c.day.AccountID}
	q.From, q.To = c.day.Day.Near()
	for _, b := range c.lines {
		q.Bills = append(q.Bills, b.ID)
	}
	err := c.s.Database.ReadDay(ctx, q, func(ours core.MovementStream, theirs core.LineStream) error {
		return c.matcher.run(ctx, ours, theirs)
	})
	if err != nil {
		return err
	}
	count, day := c.matcher.count, &c.out.Day
	day.Matched, day.Carried, day.Unasked, c.out.Unanswered = count.matched, count.carried, count.unasked, count.unanswered
	day.Ours, day.Theirs = c.matcher.ours.list(), c.matcher.theirs.list()
	return nil
}

func (c *comparing) compareSums(ctx context.Context) error {
	for _, sums := range c.sums {
		disagree, err := sums.compare(ctx, c.matcher)
		if err != nil {
			return err
		}
		c.out.Disagree = append(c.out.Disagree, disagree...)
		c.out.Day.Theirs = append(c.out.Day.Theirs, sums.rows...)
	}
	c.out.Day.Matched = c.matcher.count.matched
	return nil
}

// found completes a difference and writes it with others.
func (c *comparing) found(ctx context.Context, f core.Difference) error {
	now := c.s.Clock()
	f.TenantID, f.ID, f.DayID, f.AccountID = c.day.TenantID, core.NewID(now), c.day.ID, c.day.AccountID
	f.Provider, f.Day, f.FoundAt, f.FoundRun = c.day.Provider, c.day.Day, now, c.out.Day.Run
	c.batch = append(c.batch, f)
	if len(c.batch) < differenceBatch {
		return nil
	}
	return c.flush(ctx)
}

// flush writes the batch. A person who decides about one of them at the same moment is waited
// for, or comes after.
func (c *comparing) flush(ctx context.Context) error {
	if len(c.batch) == 0 {
		return nil
	}
	batch := c.batch
	c.batch = c.batch[:0]
	return c.s.inDay(ctx, c.day, func(tx core.TenantTx) error {
		reopened, err := tx.UpsertDifferences(ctx, batch)
		if err != nil {
			return err
		}
		for _, d := range reopened {
			if err := c.s.recordReopened(ctx, tx, d); err != nil {
				return err
			}
		}
		return nil
	})
}

// recordReopened says in the audit log why what people decided does not hold any more.
func (s *Service) recordReopened(ctx context.Context, tx core.TenantTx, d core.Difference) error {
	entry, err := s.audit(core.Identity{Actor: "system", TenantID: d.TenantID}, d.TenantID, "difference.reopen", d.ID.Prefixed(core.PrefixDifference), nil,
		map[string]any{"reason": "sides_changed", "day": string(d.Day), "kind": string(d.Kind), "number": d.Number, "run": d.FoundRun})
	if err != nil {
		return err
	}
	return tx.AppendAudit(ctx, entry)
}

// closeGone ends what was not found any more and counts what is left.
func (c *comparing) closeGone(ctx context.Context) error {
	return c.s.inDay(ctx, c.day, func(tx core.TenantTx) error {
		if len(c.out.Disagree) == 0 {
			if _, err := tx.CloseGone(ctx, c.day.ID, c.out.Day.Run, c.s.Clock()); err != nil {
				return err
			}
		}
		counts, err := tx.CountDifferences(ctx, c.day.ID)
		c.out.Day.Open, c.out.Day.Resolved = 0, 0
		for _, n := range counts {
			switch {
			case n.State.Resolved():
				c.out.Day.Resolved += n.Count
			case n.State != core.DifferenceGone:
				c.out.Day.Open += n.Count
			}
		}
		return err
	})
}

// removeOld removes the lines of bills that are not used any more, a batch after the other.
func (c *comparing) removeOld(ctx context.Context) error {
	for _, b := range c.all {
		if b.State != core.BillSuperseded && b.State != core.BillFailed {
			continue
		}
		for removed := numberBatch; removed == numberBatch; {
			err := c.s.inDay(ctx, c.day, func(tx core.TenantTx) (err error) {
				removed, err = tx.RemoveBillLines(ctx, b.ID, numberBatch)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
