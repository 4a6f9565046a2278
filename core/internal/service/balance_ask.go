package service

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// BalanceSchedule says how often balances are asked for by themselves.
type BalanceSchedule struct {
	// Every is the wait by day, Night that at other hours. A zero Every asks never.
	Every, Night time.Duration
	// From and To are the hours of the day in Beijing, [From, To).
	From, To int
}

// The bounds of asking for balances.
const (
	balanceAskWait  = 10 * time.Second // between two questions of people
	balanceRetryMax = time.Hour        // the longest wait after failures
	balanceStale    = 3 * time.Hour    // without an answer people are told
)

// next is when to ask again after failures without an answer. It never waits beyond the
// beginning of the day.
func (b BalanceSchedule) next(now time.Time, failures int) time.Time {
	if b.Every <= 0 {
		return time.Time{}
	}
	local := now.In(core.Beijing())
	if failures > 0 {
		return now.Add(min(b.Every<<min(failures-1, 10), max(b.Every, balanceRetryMax)))
	}
	if hour := local.Hour(); hour >= b.From && hour < b.To {
		return now.Add(b.Every)
	}
	morning := time.Date(local.Year(), local.Month(), local.Day(), b.From, 0, 0, 0, core.Beijing())
	if !morning.After(now) {
		morning = morning.AddDate(0, 0, 1)
	}
	return earliest(now.Add(max(b.Every, b.Night)), morning).UTC()
}

// watchBalances has a live account's balances asked for, and no others'.
func (s *Service) watchBalances(ctx context.Context, tx core.TenantTx, a core.ProviderAccount) error {
	var from time.Time
	now := s.Clock()
	if a.Status == core.AccountLive && s.BalanceSchedule.Every > 0 && s.statesBalances(a) == nil {
		from = now
	}
	return tx.WatchBalances(ctx, a.ID, from, now)
}

// RefreshBalances asks the provider now.
func (s *Service) RefreshBalances(ctx context.Context, account core.ID) (out core.AccountBalances, err error) {
	id, tenant, err := s.allow(ctx, "balances", "refresh")
	if err != nil {
		return out, err
	}
	if err := wholeTenant(id); err != nil {
		return out, err
	}
	var a core.ProviderAccount
	now := s.Clock()
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if a, err = accountIn(ctx, tx, account); err != nil {
			return err
		}
		if err := s.statesBalances(a); err != nil {
			return err
		}
		if a.KeyVersion == 0 {
			return core.Errorf(core.CodeAccountNotLive, "The provider account has no keys; enter them on the merchant's page.")
		}
		return tx.AskBalances(ctx, account, now, now.Add(-balanceAskWait))
	})
	if core.CodeOf(err) == core.CodeTooEarly {
		seconds := strconv.Itoa(int(balanceAskWait / time.Second))
		return out, core.Errorf(core.CodeTooEarly, "The balances were asked for less than %s seconds ago; look at those, or ask again in a moment.", seconds).With("seconds", seconds)
	}
	if err != nil {
		return out, err
	}
	out, result, notAsked, err := s.askBalances(context.WithoutCancel(ctx), id, a)
	if err != nil || notAsked != nil {
		return out, cmp.Or(err, notAsked)
	}
	if result.Outcome != core.OutcomeSucceeded {
		return out, core.Errorf(core.CodeProviderRefused, "The provider did not tell the balances: %s", orText(result.Provider.Message, "it gave no clear answer.")).
			With("provider_code", result.Provider.Code)
	}
	return out, nil
}

// checkDueBalances asks for the balances of an account whose time has come.
func (s *Service) checkDueBalances(ctx context.Context, due core.Due) error {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return err
	}
	var (
		a     core.ProviderAccount
		watch core.BalanceWatch
	)
	err = s.Database.InTenant(ctx, due.TenantID, func(tx core.TenantTx) error {
		if a, err = accountIn(ctx, tx, due.ID); err != nil {
			return err
		}
		watch, err = tx.BalanceWatch(ctx, due.ID)
		return err
	})
	if err != nil {
		return err
	}
	if watch.NextCheckAt.IsZero() || watch.NextCheckAt.After(s.Clock()) {
		return s.Database.ReleaseDue(ctx, due)
	}
	if unsupported := s.statesBalances(a); a.Status != core.AccountLive || core.CodeOf(unsupported) == core.CodeNotSupported {
		watch.NextCheckAt = time.Time{}
		return s.Database.InTenant(ctx, due.TenantID, func(tx core.TenantTx) error { return tx.UpdateBalanceWatch(ctx, watch) })
	}
	_, _, _, err = s.askBalances(ctx, id, a)
	return err
}

// askBalances makes the one call and keeps what came of it. An answer that is none leaves the
// newest snapshots as they are. notAsked is why the provider could not be asked, or nil.
func (s *Service) askBalances(ctx context.Context, id core.Identity, a core.ProviderAccount) (out core.AccountBalances, result core.BalanceResult, notAsked, err error) {
	number, err := s.Database.NextOrderNo(ctx, s.Clock())
	if err != nil {
		return out, result, nil, err
	}
	taken := s.Clock()
	callCtx, stop := context.WithTimeout(ctx, s.CallTimeout)
	defer stop()
	result, notAsked = s.Providers.ListBalances(callCtx, s.accountCall(ctx, id, a, core.CapListBalances, number))
	if notAsked != nil {
		result.Outcome = core.OutcomeUnknown
		result.Provider = core.ProviderText{Code: string(core.CodeOf(notAsked)), Message: publicMessage(notAsked)}
	}
	for range 4 {
		err = s.Database.InTenant(ctx, a.TenantID, func(tx core.TenantTx) error {
			watch, err := tx.BalanceWatch(ctx, a.ID)
			if err != nil {
				return err
			}
			if watch, err = s.applyBalances(ctx, tx, a, watch, result, taken); err != nil {
				return err
			}
			out, err = s.writeWatch(ctx, tx, watch)
			return err
		})
		if core.CodeOf(err) != core.CodeConflict {
			break
		}
	}
	return out, result, notAsked, err
}

// applyBalances keeps the snapshots of an answer and says when to ask again.
func (s *Service) applyBalances(ctx context.Context, tx core.TenantTx, a core.ProviderAccount, w core.BalanceWatch, result core.BalanceResult, taken time.Time) (core.BalanceWatch, error) {
	now := s.Clock()
	answered := result.Outcome == core.OutcomeSucceeded
	if answered {
		w.Failures, w.Provided = 0, core.ProviderText{}
	} else {
		w.Failures++
		w.Provided = result.Provider
	}
	if a.Status == core.AccountLive {
		w.NextCheckAt = s.BalanceSchedule.next(now, w.Failures)
	}
	if !answered {
		return w, nil
	}
	list := make([]core.BalanceSnapshot, len(result.Balances))
	for i, b := range result.Balances {
		list[i] = core.BalanceSnapshot{TenantID: w.TenantID, ID: core.NewID(now), AccountID: w.AccountID, TakenAt: taken, AsOf: result.AsOf, Balance: b}
	}
	if taken.After(w.TakenAt) { // a later question may have been answered first
		w.TakenAt, w.AsOf, w.Payable, w.Total = taken, result.AsOf, result.Payable, result.Total
	}
	return w, tx.InsertBalances(ctx, list)
}
