package service

import (
	"context"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	sweepPage = 200 // orders that are looked up at once
	// awayAfter is how often in a row a provider cannot be reached before an attempt ends.
	awayAfter = 3
)

// fetchByQuery asks about each of the day's orders, once. It goes on where it was broken off:
// what has a line was asked.
func (s *Service) fetchByQuery(ctx context.Context, w *dayWork, source billSource) (*shortfall, error) {
	b, err := s.openBill(ctx, w, source, core.BillFromQuery)
	if err != nil {
		return nil, err
	}
	if was := w.current(source); was != nil && was.Unanswered > 0 && w.since.IsZero() {
		if b, err = s.copyAnswers(ctx, b, *was); err != nil {
			return nil, err
		}
	}
	b, short, err := s.sweep(ctx, w, source, b)
	if short != nil || err != nil {
		return short, err
	}
	return nil, s.finishBill(ctx, b, nil)
}

// copyAnswers takes over the answers of a bill with gaps, so that only the gaps are asked about.
func (s *Service) copyAnswers(ctx context.Context, b, was core.Bill) (core.Bill, error) {
	for after := int64(0); ; {
		var lines, answered []core.StoredLine
		err := s.Database.InTenant(ctx, b.TenantID, func(tx core.TenantTx) error {
			var err error
			if lines, err = tx.BillLinesAfter(ctx, was.ID, after, lineBatch); err != nil {
				return err
			}
			numbers := make([]string, len(lines))
			for i, l := range lines {
				numbers[i] = l.Number
			}
			known, err := tx.LinesByNumber(ctx, []core.ID{b.ID}, numbers)
			there := make(map[string]bool, len(known))
			for _, l := range known {
				there[l.Number] = true
			}
			for _, l := range lines {
				if l.Outcome != core.OutcomeUnknown && !there[l.Number] {
					answered = append(answered, l)
				}
			}
			return err
		})
		if err != nil {
			return b, err
		}
		if len(answered) > 0 {
			b.Asked += int64(len(answered))
			if b, err = s.addLines(ctx, b, answered); err != nil {
				return b, err
			}
		}
		if len(lines) < lineBatch {
			return b, nil
		}
		after = lines[len(lines)-1].N
	}
}

// sweep asks about every order of the source's asked movements that has no line on the bill yet.
// Orders come to the day while it is swept, so it ends with a pass that finds none.
func (s *Service) sweep(ctx context.Context, w *dayWork, source billSource, b core.Bill) (core.Bill, *shortfall, error) {
	for _, kind := range source.asked {
		q := core.SweepQuery{
			AccountID: w.account.ID, Kind: kind, Methods: source.methods, Channels: source.channels, From: w.day.Day.Start(), To: w.day.Day.End(), Bill: b.ID, Limit: sweepPage,
		}
		var short *shortfall
		var err error
		if b, short, err = s.sweepOrders(ctx, w, b, q); short != nil || err != nil {
			return b, short, err
		}
	}
	return b, nil, nil
}

func (s *Service) sweepOrders(ctx context.Context, w *dayWork, b core.Bill, q core.SweepQuery) (core.Bill, *shortfall, error) {
	for {
		var orders []core.SweptOrder
		err := s.inTenant(ctx, w, func(tx core.TenantTx) (err error) {
			orders, err = tx.OrdersToAsk(ctx, q)
			return err
		})
		if err != nil {
			return b, nil, err
		}
		if len(orders) == 0 && q.After == "" {
			return b, nil, nil
		}
		for _, o := range orders {
			var short *shortfall
			if s.Clock().Sub(w.began) >= sweepTurn {
				return b, nil, errTurnOver
			}
			if b, short, err = s.askOrder(ctx, w, b, o); short != nil || err != nil {
				return b, short, err
			}
		}
		if q.After = ""; len(orders) == q.Limit {
			q.After = orders[len(orders)-1].Number
		}
	}
}

// askOrder asks about one order and keeps the answer as a line. One that cannot be asked about
// at all is without an answer; a provider that cannot be reached ends the attempt.
func (s *Service) askOrder(ctx context.Context, w *dayWork, b core.Bill, o core.SweptOrder) (core.Bill, *shortfall, error) {
	for try := 1; ; try++ {
		if err := s.pace(ctx, w.account.ID); err != nil {
			return b, nil, err
		}
		// The provider's answer is heard to its end: a node that stops asks about the next order no more.
		a, err := s.askAbout(context.WithoutCancel(ctx), w.day.TenantID, o)
		if err != nil {
			return b, nil, err
		}
		if a.away != nil {
			if try < awayAfter && a.away.reason != reasonUnavailable {
				continue
			}
			return b, a.away, nil
		}
		b.Asked++
		if a.line.Outcome == core.OutcomeUnknown {
			b.Unanswered++
		}
		b, err = s.addLines(context.WithoutCancel(ctx), b, []core.StoredLine{a.line})
		return b, nil, err
	}
}

// pacer spaces the questions of one account.
type pacer struct {
	mu   sync.Mutex
	next time.Time
}

// pace waits for the account's next turn.
func (s *Service) pace(ctx context.Context, account core.ID) error {
	every := time.Second / time.Duration(max(1, s.Reconciliation.QueriesPerSecond))
	kept, _ := s.pacers.LoadOrStore(account, &pacer{})
	p, _ := kept.(*pacer)
	p.mu.Lock()
	now := s.Clock()
	turn := now
	if p.next.After(now) {
		turn = p.next
	}
	p.next = turn.Add(every)
	p.mu.Unlock()
	if turn.After(now) {
		timer := time.NewTimer(turn.Sub(now))
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
	}
	return ctx.Err()
}
