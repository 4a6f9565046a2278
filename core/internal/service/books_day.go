package service

import (
	"context"
	"errors"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Why a day waits or is incomplete, and what a due one is due for.
const (
	reasonNotReady    = "bill_not_ready"       // the provider has none of the day yet
	reasonRefused     = "provider_refused"     // the provider does not give it
	reasonNoAnswer    = "no_answer"            // none that says anything
	reasonUnavailable = "provider_unavailable" // it could not be asked
	reasonNoSource    = "no_source"            // the provider has nothing to compare with: a file is needed
	reasonUnanswered  = "unanswered"           // orders that the provider gives no answer about are asked about again
	reasonCarried     = "carried"              // orders near midnight wait for the neighbouring day's bill
	reasonNewBill     = "bill_arrived"         // a bill of it or of a neighbouring day did: what was fetched serves
)

// shortfall is why the provider's side of a day is not complete.
type shortfall struct {
	reason   string
	provided core.ProviderText
}

// dayWork is a day that is being fetched and compared.
type dayWork struct {
	day      core.ReconciliationDay
	was      core.ReconciliationState // before it ran
	account  core.ProviderAccount
	manifest core.Manifest
	bills    []core.Bill
	sources  []billSource // those that the account uses
	// since is from when on a bill serves; zero: any that is current does.
	since time.Time
	began time.Time // this turn
}

// sweepTurn is how long a day asks its provider about order by order before other bulk work has
// its turn: questions are spaced, and a large day's take hours.
const sweepTurn = 2 * time.Minute

// errTurnOver ends a turn. What was asked is kept, and the day is due at once.
var errTurnOver = errors.New("service: the day goes on in its next turn")

func (s *Service) inTenant(ctx context.Context, w *dayWork, fn func(core.TenantTx) error) error {
	return s.Database.InTenant(ctx, w.day.TenantID, fn)
}

// checkDueDay fetches a day's bills and compares them. Broken off anywhere, it goes on from what
// was fetched.
func (s *Service) checkDueDay(ctx context.Context, due core.Due) error {
	w, taken, err := s.takeDay(ctx, due)
	if err != nil {
		return err
	}
	if !taken {
		return s.Database.ReleaseDue(ctx, due)
	}
	short, err := s.fetchDay(ctx, w)
	switch {
	case err != nil:
	case short != nil && !w.complete():
		err = s.postponeDay(ctx, w, *short)
	default:
		err = s.concludeDay(ctx, w, short)
	}
	if errors.Is(err, errTurnOver) {
		return s.endTurn(ctx, w)
	}
	return err
}

// endTurn has the day go on after what was due before.
func (s *Service) endTurn(ctx context.Context, w *dayWork) error {
	d := w.day
	d.NextCheckAt = s.Clock()
	return s.inTenant(ctx, w, func(tx core.TenantTx) error { return tx.UpdateReconciliationDay(ctx, d) })
}

// takeDay notes that the day is worked on. While it runs its lease is kept.
func (s *Service) takeDay(ctx context.Context, due core.Due) (*dayWork, bool, error) {
	now := s.Clock()
	w, taken := &dayWork{began: now}, false
	err := s.Database.InTenant(ctx, due.TenantID, func(tx core.TenantTx) (err error) {
		if w.day, err = tx.ReconciliationDay(ctx, due.ID); err != nil {
			return err
		}
		if taken = !w.day.NextCheckAt.IsZero() && !w.day.NextCheckAt.After(now); !taken {
			return nil
		}
		if w.account, err = accountIn(ctx, tx, w.day.AccountID); err != nil {
			return err
		}
		if w.bills, err = tx.Bills(ctx, w.day.AccountID, w.day.Day); err != nil {
			return err
		}
		if w.was = w.day.State; w.day.State != core.DayRunning {
			w.day.State, w.day.StartedAt = core.DayRunning, now
			if err := tx.UpdateReconciliationDay(ctx, w.day); err != nil {
				return err
			}
			w.day.Version++
		}
		return nil
	})
	if w.day.Attempts == 0 && w.day.Reason != reasonNewBill && w.day.Reason != reasonUnanswered {
		w.since = w.day.StartedAt
	}
	return w, taken, err
}

// fetchDay gets what is missing of the provider's side. One source that gives nothing does not
// keep the others back.
func (s *Service) fetchDay(ctx context.Context, w *dayWork) (*shortfall, error) {
	if w.hasWholeFile() {
		return nil, nil //nolint:nilnil // nothing is missing
	}
	var err error
	if w.manifest, err = s.Providers.Manifest(w.account.Provider); err != nil {
		return notAskedFor(err), nil
	}
	if w.sources, err = s.sourcesInUse(ctx, w); err != nil {
		return nil, err
	}
	if len(sourcesOf(w.manifest)) == 0 {
		return &shortfall{reason: reasonNoSource}, nil
	}
	var missing *shortfall
	for _, source := range w.sources {
		if w.serves(source) {
			continue
		}
		short, err := s.fetchSource(ctx, w, source)
		if err != nil {
			return nil, err
		}
		if missing == nil {
			missing = short
		}
	}
	return missing, nil
}

func (s *Service) fetchSource(ctx context.Context, w *dayWork, source billSource) (short *shortfall, err error) {
	switch source.how {
	case core.BillFromList:
		short, err = s.fetchList(ctx, w, source)
	case core.BillFromTotals:
		short, err = s.fetchStated(ctx, w, source)
	case core.BillFromQuery, core.BillFromFile:
		short, err = s.fetchByQuery(ctx, w, source)
	}
	if err != nil {
		return nil, err
	}
	return short, s.inTenant(ctx, w, func(tx core.TenantTx) error {
		w.bills, err = tx.Bills(ctx, w.account.ID, w.day.Day)
		return err
	})
}

// hasWholeFile says that a person brought the day's file of the whole account.
func (w *dayWork) hasWholeFile() bool {
	for _, b := range w.bills {
		if b.State == core.BillReady && b.Source == core.BillFromFile && b.Scope == "" {
			return true
		}
	}
	return false
}

// current is the bill of the source that is compared with now, or nil. Sums and the answers to
// the questions that they raised stand beside each other.
func (w *dayWork) current(source billSource) *core.Bill {
	for i, b := range w.bills {
		beside := core.BillFromQuery
		if source.how == core.BillFromQuery {
			beside = core.BillFromTotals
		}
		if b.State == core.BillReady && b.Scope == source.scope && b.Source != beside {
			return &w.bills[i]
		}
	}
	return nil
}

// serves says that the source need not be asked now: what a person brought is not replaced, and
// what was fetched serves for as long as the day is due for another reason.
func (w *dayWork) serves(source billSource) bool {
	b := w.current(source)
	switch {
	case b == nil:
		return false
	case b.Source == core.BillFromFile:
		return true
	case w.day.Reason == reasonUnanswered && b.Unanswered > 0:
		return !b.ReadyAt.Before(w.day.StartedAt)
	}
	return !b.ReadyAt.Before(w.since)
}

// complete says that there is a bill of every source all the same, from an earlier run.
func (w *dayWork) complete() bool {
	for _, source := range w.sources {
		if w.current(source) == nil {
			return false
		}
	}
	return len(w.sources) > 0
}

// postponeDay waits for the next attempt; after the last the day is incomplete.
func (s *Service) postponeDay(ctx context.Context, w *dayWork, short shortfall) error {
	d, now := w.day, s.Clock()
	d.State, d.Reason, d.Provided, d.FinishedAt = core.DayWaiting, short.reason, short.provided, now
	d.Attempts++
	if d.NextCheckAt = s.Reconciliation.nextFetch(d.AccountID, d.Day, d.Attempts, now); d.NextCheckAt.IsZero() {
		d.State = core.DayIncomplete
		if w.was == core.DayClean || w.was == core.DayOpen {
			d.State = w.was // what was found before holds
		}
	}
	return s.inTenant(ctx, w, func(tx core.TenantTx) error {
		if err := tx.UpdateReconciliationDay(ctx, d); err != nil {
			return err
		}
		if d.State != core.DayIncomplete && now.Before(d.Day.End().Add(billMissing)) {
			return nil
		}
		return s.raise(ctx, tx, core.Alert{
			TenantID: d.TenantID, Kind: core.AlertBillMissing, Severity: core.SeverityWarning, ObjectID: d.ID, ObjectKind: kindDay,
			Object: w.account.Name + " " + string(d.Day), Args: map[string]string{"account": w.account.Name, "day": string(d.Day), "reason": short.reason, "provider_message": short.provided.Message},
		})
	})
}
