package service

import (
	"context"
	"errors"
	"hash/fnv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Check-ins that are made by themselves.
const (
	checkInLook    = 24 * time.Hour      // until a provider without is looked at again: a new version of its plugin may want them
	checkInRetry   = 10 * time.Minute    // after the first failure; doubled with each, to a quarter of the interval
	checkInWait    = 30 * time.Minute    // until an account is looked at again whose plugin is not enabled, or while keys cannot be stored
	checkInLeast   = time.Hour           // no plugin gets them more often
	checkInMost    = 30 * 24 * time.Hour // nor more seldom
	checkInTell    = 3                   // failures in a row after which people may be told
	checkInLate    = 24 * time.Hour      // after a missed interval people are told an interval later, or this
	checkInSpreads = 8                   // accounts are spread over this part of the interval
)

// checkInEvery is how often a provider wants check-ins; zero: never by themselves.
func checkInEvery(m core.Manifest) time.Duration {
	if _, ok := m.Grants[core.CapCheckIn]; !ok || m.CheckInEvery <= 0 {
		return 0
	}
	return min(max(m.CheckInEvery, checkInLeast), checkInMost)
}

// checkInSpread is the interval of one account: a little shorter for each, so that accounts that
// were once due together, after the host was down, are not for ever.
func checkInSpread(account core.ID, every time.Duration) time.Duration {
	sum := fnv.New32a()
	_, _ = sum.Write(account[:])
	return every - every/checkInSpreads*time.Duration(sum.Sum32()%1000)/1000
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

// checkDueCheckIn makes the check-in of an account whose time has come.
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
	case err != nil:
		watch.NextCheckAt = now.Add(checkInWait)
	case every == 0:
		watch.NextCheckAt, watch.Failures, watch.Failure = now.Add(checkInLook), 0, ""
	default:
		answer, err := s.checkIn(ctx, id, a)
		if err != nil {
			return err
		}
		watch = afterCheckIn(watch, answer, s.Clock(), every)
	}
	return s.Database.InTenant(ctx, due.TenantID, func(tx core.TenantTx) error {
		if err := tx.UpdateCheckInWatch(ctx, watch); err != nil {
			return err
		}
		return s.tellOfCheckIn(ctx, tx, a, before, watch, checkInEvery(m))
	})
}

// checkInAnswer is what came of a check-in.
type checkInAnswer struct {
	failure string // why it brought nothing; empty: it succeeded
	waits   bool   // the provider was not asked, and that is no failure
}

// checkIn makes the one exchange and takes over the keys it brought. An error means that what came
// of it could not be kept.
func (s *Service) checkIn(ctx context.Context, id core.Identity, a core.ProviderAccount) (checkInAnswer, error) {
	// As for people: nothing is asked of the provider while what it issues could not be stored.
	if err := s.Keyring.Health(ctx); err != nil {
		return checkInAnswer{failure: sentence(err), waits: true}, nil
	}
	number, err := s.Database.NextOrderNo(ctx, s.Clock())
	if err != nil {
		return checkInAnswer{}, err
	}
	callCtx, stop := context.WithTimeout(ctx, s.CallTimeout)
	defer stop()
	result, notAsked := s.Providers.CheckIn(callCtx, s.accountCall(ctx, id, a, core.CapCheckIn, number))
	answer := checkInAnswer{}
	switch {
	case notAsked != nil:
		answer.failure = sentence(notAsked)
		answer.waits = core.CodeOf(notAsked) == core.CodePluginPending || core.CodeOf(notAsked) == core.CodeKeysUnavailable
	case result.Outcome != core.OutcomeSucceeded:
		answer.failure = sentence(issueFailed(result))
	}
	if answer.failure != "" {
		s.Logger.WarnContext(ctx, "a check-in did not succeed", "account", a.ID.Prefixed(core.PrefixAccount), "outcome", string(result.Outcome),
			"provider_code", result.Provider.Code, "error", notAsked)
	}
	// Even after a failure: a key may have been stored before something else went wrong.
	_, err = s.adoptKeys(ctx, id, a, "account.check_in")
	return answer, err
}

// sentence is what people may read of an error; of one that is not meant for them, that it happened.
func sentence(err error) string {
	var said *core.Error
	if errors.As(err, &said) && said.Code != core.CodeInternal {
		return shorten(strings.TrimSpace(said.Message), 500)
	}
	return "The check-in went wrong inside; the log says how."
}

// afterCheckIn says when the next one is due. After failures it is tried sooner; what was not
// asked of the provider is neither a failure nor a success.
func afterCheckIn(w core.CheckInWatch, answer checkInAnswer, now time.Time, every time.Duration) core.CheckInWatch {
	w.Failure = answer.failure
	switch {
	case answer.failure == "":
		w.Failures, w.SucceededAt, w.NextCheckAt = 0, now, now.Add(checkInSpread(w.AccountID, every))
	case answer.waits:
		w.NextCheckAt = now.Add(checkInWait)
	default:
		w.Failures++
		w.NextCheckAt = now.Add(min(checkInRetry<<min(w.Failures-1, 10), every/4))
	}
	return w
}

// noteCheckedIn keeps that a person's check-in succeeded: the next by itself is due an interval
// later, and the alert of those that failed is over.
func (s *Service) noteCheckedIn(ctx context.Context, a core.ProviderAccount) error {
	m, err := s.Providers.Manifest(a.Provider)
	if err != nil {
		return err
	}
	now, every := s.Clock(), checkInEvery(m)
	return s.Database.InTenant(ctx, a.TenantID, func(tx core.TenantTx) error {
		before, err := tx.CheckInWatch(ctx, a.ID)
		if core.CodeOf(err) == core.CodeNotFound { // it was never live
			if err := tx.WatchCheckIn(ctx, a.ID, time.Time{}, now); err != nil {
				return err
			}
			before, err = tx.CheckInWatch(ctx, a.ID)
		}
		if err != nil {
			return err
		}
		after := afterCheckIn(before, checkInAnswer{}, now, every)
		if before.NextCheckAt.IsZero() || every == 0 {
			after.NextCheckAt = before.NextCheckAt
		}
		if err := tx.UpdateCheckInWatch(ctx, after); err != nil {
			return err
		}
		return s.tellOfCheckIn(ctx, tx, a, before, after, every)
	})
}

// tellOfCheckIn raises an alert when check-ins have failed for long, and resolves it with the next success.
func (s *Service) tellOfCheckIn(ctx context.Context, tx core.TenantTx, a core.ProviderAccount, before, after core.CheckInWatch, every time.Duration) error {
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
	if after.Failures == before.Failures || after.Failures < checkInTell || s.Clock().Sub(last) < every+min(every, checkInLate) {
		return nil
	}
	return s.raise(ctx, tx, core.Alert{
		TenantID: a.TenantID, ObjectID: a.ID, ObjectKind: kindAccount, Object: a.Name,
		Kind: core.AlertKeysNotRenewed, Severity: core.SeverityWarning, Args: map[string]string{"account": a.Name},
	})
}
