package service

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// ReconciliationSchedule says when days are compared with their providers by themselves. The
// zero one never does: days are opened when it is set.
type ReconciliationSchedule struct {
	// At is how long after midnight in Beijing the day before is fetched, the accounts spread
	// over the hour that follows.
	At time.Duration
	// QueriesPerSecond bounds the questions about single orders to one account's provider, on
	// each node. 0: no day is opened.
	QueriesPerSecond int
}

// The bounds of fetching a day.
const (
	fetchSpread  = time.Hour
	fetchGivesUp = 3 * 24 * time.Hour // after the first attempt
	billMissing  = 10 * time.Hour     // after the day's end people are told that there is no bill
)

// fetchWaits are the waits between attempts to get a day's bills; the last repeats.
func fetchWaits() []time.Duration {
	return []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}
}

// fetchAt is when the account's day is first fetched: the same time every day, unlike other
// accounts'.
func (r ReconciliationSchedule) fetchAt(account core.ID, day core.Day) time.Time {
	spread := time.Duration(binary.BigEndian.Uint32(account[12:])) % (fetchSpread / time.Second) * time.Second
	return day.End().Add(r.At + spread).UTC()
}

// nextFetch is when to try again after failures in a row, or zero after the last attempt. An
// attempt falls on the time when people are told.
func (r ReconciliationSchedule) nextFetch(account core.ID, day core.Day, failures int, now time.Time) time.Time {
	waits := fetchWaits()
	next := now.Add(waits[min(max(failures, 1), len(waits))-1])
	if told := day.End().Add(billMissing); now.Before(told) && next.After(told) {
		next = told
	}
	if next.After(r.fetchAt(account, day).Add(fetchGivesUp)) {
		return time.Time{}
	}
	return next.UTC()
}

// watchBooks has a live account's days compared from today on. One that is taken out of use is
// watched to the end of that day.
func (s *Service) watchBooks(ctx context.Context, tx core.TenantTx, a core.ProviderAccount) error {
	if a.Status != core.AccountLive {
		return nil
	}
	now := s.Clock()
	return tx.WatchBooks(ctx, a.ID, now, now)
}

// checkDueBooks opens the days of an account that have ended.
func (s *Service) checkDueBooks(ctx context.Context, due core.Due) error {
	now := s.Clock()
	today := core.DayOf(now)
	return s.Database.InTenant(ctx, due.TenantID, func(tx core.TenantTx) error {
		a, err := accountIn(ctx, tx, due.ID)
		if err != nil {
			return err
		}
		last, next := today.Next(-1), today.End()
		switch {
		case s.Reconciliation.QueriesPerSecond <= 0:
			last = "" // days are opened when that changes
		case a.Status != core.AccountLive:
			next = time.Time{}
		}
		_, err = tx.OpenDays(ctx, a.ID, last, s.Reconciliation.fetchAt(a.ID, today.Next(-1)), next.UTC(), now)
		return err
	})
}
