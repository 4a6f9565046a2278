package service

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// concludeDay compares the two sides, looks into sums that disagree, and says where the day
// stands. short is why a bill of an earlier run had to do.
func (s *Service) concludeDay(ctx context.Context, w *dayWork, short *shortfall) error {
	if short == nil {
		if err := s.dropUnread(ctx, w); err != nil {
			return err
		}
	}
	compared, err := s.compareFetched(ctx, w, &short)
	if err != nil {
		return err
	}
	d := compared.Day
	d.State, d.Reason, d.Provided, d.NextCheckAt, d.FinishedAt = core.DayClean, "", core.ProviderText{}, time.Time{}, s.Clock()
	if d.Carried > 0 {
		d.Reason = reasonCarried
	}
	if short != nil {
		d.Reason, d.Provided = short.reason, short.provided
	}
	if !w.hasGaps() {
		d.Attempts = 0
	} else if d.Reason, d.NextCheckAt = reasonUnanswered, s.askAgainAt(w); !d.NextCheckAt.IsZero() {
		d.State = core.DayWaiting
		d.Attempts++
	}
	if d.Open > 0 {
		d.State = core.DayOpen
	}
	return s.inTenant(ctx, w, func(tx core.TenantTx) error {
		if err := tx.UpdateReconciliationDay(ctx, d); err != nil {
			return err
		}
		if err := s.resolve(ctx, tx, core.AlertBillMissing, d.ID); err != nil || d.State == w.was {
			return err
		}
		if d.State == core.DayWaiting { // for answers: nothing waits for people
			return s.resolve(ctx, tx, core.AlertBooksDisagree, d.ID)
		}
		return s.tellBooks(ctx, tx, d)
	})
}

// dropUnread gives up bills that were begun and are not needed any more: a file took their place.
// Answers about single orders are kept for as long as there is no file of everything.
func (s *Service) dropUnread(ctx context.Context, w *dayWork) error {
	for _, b := range w.bills {
		if b.State != core.BillReading || !b.ImportID.IsZero() || b.Source == core.BillFromQuery && !w.hasWholeFile() {
			continue
		}
		b.State = core.BillFailed
		if err := s.inTenant(ctx, w, func(tx core.TenantTx) error { return tx.FinishBill(ctx, b) }); err != nil {
			return err
		}
	}
	return nil
}

// compareFetched compares what was fetched; sums that disagree are asked about order by order, and
// then it compares again. short becomes why those questions gave nothing.
func (s *Service) compareFetched(ctx context.Context, w *dayWork, short **shortfall) (DayComparison, error) {
	options := CompareOptions{Final: s.askAgainAt(w).IsZero()}
	compared, err := s.CompareDay(ctx, w.day, options)
	if err != nil || len(compared.Disagree) == 0 {
		return compared, err
	}
	unseen, err := s.drillDown(ctx, w, compared.Disagree)
	if err != nil {
		return compared, err
	}
	if *short == nil {
		*short = unseen
	}
	options.Asked = true
	return s.CompareDay(ctx, w.day, options)
}

// hasGaps says that orders are without an answer.
func (w *dayWork) hasGaps() bool {
	return slices.ContainsFunc(w.bills, func(b core.Bill) bool { return b.State == core.BillReady && b.Unanswered > 0 })
}

// askAgainAt is when orders without an answer are asked about again; zero: not any more.
func (s *Service) askAgainAt(w *dayWork) time.Time {
	return s.Reconciliation.nextFetch(w.account.ID, w.day.Day, w.day.Attempts+1, s.Clock())
}

// tellBooks tells that a day became clean or open, and that people are needed or not any more.
func (s *Service) tellBooks(ctx context.Context, tx core.TenantTx, d core.ReconciliationDay) error {
	event, err := s.event(d.TenantID, "reconciliation."+string(d.State), d.ID, map[string]any{
		"id": d.ID.Prefixed(core.PrefixReconciliation), "account_id": d.AccountID.Prefixed(core.PrefixAccount), "provider": d.Provider, "day": string(d.Day),
		"state": string(d.State), "open": d.Open, "resolved": d.Resolved,
	})
	if err != nil {
		return err
	}
	if err := tx.AppendEvent(ctx, event); err != nil {
		return err
	}
	if d.Open == 0 {
		return s.resolve(ctx, tx, core.AlertBooksDisagree, d.ID)
	}
	a, err := accountIn(ctx, tx, d.AccountID)
	if err != nil {
		return err
	}
	return s.raise(ctx, tx, core.Alert{
		TenantID: d.TenantID, Kind: core.AlertBooksDisagree, Severity: core.SeverityWarning, ObjectID: d.ID, ObjectKind: kindDay, Object: a.Name + " " + string(d.Day),
		Args: map[string]string{"account": a.Name, "day": string(d.Day), "count": strconv.FormatInt(d.Open, 10)},
	})
}
