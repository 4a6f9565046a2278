package service

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Check-ins that are made by themselves.
const (
	checkInLook     = 24 * time.Hour   // until a provider without is looked at again: a new version of its plugin may want them
	checkInRetry    = 10 * time.Minute // after the first failure; doubled with each
	checkInLeast    = time.Hour        // no plugin gets them more often
	checkInTell     = 3                // failures in a row after which people may be told
	checkInTellFrom = 6 * time.Hour    // since the last success
)

// checkInEvery is how often a provider wants check-ins; zero: never by themselves.
func checkInEvery(m core.Manifest) time.Duration {
	if _, ok := m.Grants[core.CapCheckIn]; !ok || m.CheckInEvery <= 0 {
		return 0
	}
	return max(m.CheckInEvery, checkInLeast)
}

// watchCheckIn has a live account's check-in made by itself, and no others'.
func (s *Service) watchCheckIn(ctx context.Context, tx core.TenantTx, a core.ProviderAccount) error {
	var from time.Time
	now := s.Clock()
	if a.Status == core.AccountLive {
		m, err := s.Providers.Manifest(a.Provider)
		if from = now; err != nil || checkInEvery(m) == 0 {
			from = now.Add(checkInLook)
		}
	}
	return tx.WatchCheckIn(ctx, a.ID, from, now)
}

// checkDueCheckIn makes the check-in of an account whose time has come. A plugin that is away
// is no failure of the provider's: it is tried again like one.
func (s *Service) checkDueCheckIn(ctx context.Context, due core.Due) error {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return err
	}
	var (
		a     core.ProviderAccount
		watch core.CheckInWatch
	)
	err = s.Database.InTenant(ctx, due.TenantID, func(tx core.TenantTx) error {
		if a, err = accountIn(ctx, tx, due.ID); err != nil {
			return err
		}
		watch, err = tx.CheckInWatch(ctx, due.ID)
		return err
	})
	if err != nil {
		return err
	}
	now := s.Clock()
	if watch.NextCheckAt.IsZero() || watch.NextCheckAt.After(now) {
		return s.Database.ReleaseDue(ctx, due)
	}
	before := watch
	m, err := s.Providers.Manifest(a.Provider)
	switch every := checkInEvery(m); {
	case a.Status != core.AccountLive:
		watch.NextCheckAt = time.Time{}
	case err != nil || every == 0:
		watch.NextCheckAt, watch.Failures = now.Add(checkInLook), 0
	default:
		done, err := s.checkIn(ctx, id, a)
		if err != nil {
			return err
		}
		watch = afterCheckIn(watch, done, s.Clock(), every)
	}
	return s.Database.InTenant(ctx, due.TenantID, func(tx core.TenantTx) error {
		if err := tx.UpdateCheckInWatch(ctx, watch); err != nil {
			return err
		}
		return s.tellOfCheckIn(ctx, tx, a, before, watch)
	})
}

// checkIn makes the one exchange and takes over the keys it brought. An error means that what came
// of it could not be kept.
func (s *Service) checkIn(ctx context.Context, id core.Identity, a core.ProviderAccount) (done bool, err error) {
	number, err := s.Database.NextOrderNo(ctx, s.Clock())
	if err != nil {
		return false, err
	}
	callCtx, stop := context.WithTimeout(ctx, s.CallTimeout)
	defer stop()
	result, notAsked := s.Providers.CheckIn(callCtx, s.accountCall(ctx, id, a, core.CapCheckIn, number))
	done = notAsked == nil && result.Outcome == core.OutcomeSucceeded
	if !done {
		s.Logger.WarnContext(ctx, "a check-in did not succeed", "account", a.ID.Prefixed(core.PrefixAccount), "outcome", string(result.Outcome),
			"provider_code", result.Provider.Code, "error", notAsked)
	}
	// Even after a failure: a key may have been stored before something else went wrong.
	_, err = s.adoptKeys(ctx, id, a, "account.check_in")
	return done, err
}

// afterCheckIn says when the next one is due. After failures it is tried sooner, never more often
// than every ten minutes nor later than a success would be.
func afterCheckIn(w core.CheckInWatch, done bool, now time.Time, every time.Duration) core.CheckInWatch {
	if done {
		w.Failures, w.SucceededAt, w.NextCheckAt = 0, now, now.Add(every)
		return w
	}
	w.Failures++
	w.NextCheckAt = now.Add(min(checkInRetry<<min(w.Failures-1, 10), every))
	return w
}

// tellOfCheckIn raises an alert when check-ins have failed for long, and resolves it with the next success.
func (s *Service) tellOfCheckIn(ctx context.Context, tx core.TenantTx, a core.ProviderAccount, before, after core.CheckInWatch) error {
	if after.Failures == 0 {
		if before.Failures == 0 {
			return nil
		}
		return s.resolve(ctx, tx, core.AlertKeysNotRenewed, a.ID)
	}
	last := after.SucceededAt
	if last.IsZero() {
		last = after.CreatedAt
	}
	if after.Failures < checkInTell || s.Clock().Sub(last) < checkInTellFrom {
		return nil
	}
	return s.raise(ctx, tx, core.Alert{
		TenantID: a.TenantID, ObjectID: a.ID, ObjectKind: kindAccount, Object: a.Name,
		Kind: core.AlertKeysNotRenewed, Severity: core.SeverityWarning, Args: map[string]string{"account": a.Name},
	})
}
