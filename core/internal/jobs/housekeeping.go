package jobs

import (
	"context"
	"time"
)

// What was never verified is kept for a week: long enough to see what somebody tried.
const (
	pruneEvery     = 10 * time.Minute
	pruneBatch     = 1000
	unverifiedKept = 7 * 24 * time.Hour
	// What was verified is evidence of what a provider said.
	verifiedKept = 180 * 24 * time.Hour
	// Of the balances before that the last of each day stays.
	balancesKept = 30 * 24 * time.Hour
	// Deliveries that have ended are kept for a month, so that a receiver's trouble can be looked into.
	deliveriesKept = 30 * 24 * time.Hour
)

// RunHousekeeping removes what is kept for a while only, until ctx ends.
func (s *Sweeper) RunHousekeeping(ctx context.Context) {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		s.keepHouse(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// keepHouse removes what is too old, of each kind.
func (s *Sweeper) keepHouse(ctx context.Context) {
	s.prune(ctx, "callbacks", unverifiedKept, s.Claims.PruneCallbacks)
	s.prune(ctx, "verified callbacks", s.CallbacksKept, s.Claims.PruneVerifiedCallbacks)
	s.prune(ctx, "balances", balancesKept, s.Claims.PruneBalances)
	s.prune(ctx, "deliveries", deliveriesKept, s.Claims.PruneDeliveries)
}

// prune goes on while there is a full batch to remove.
func (s *Sweeper) prune(ctx context.Context, what string, kept time.Duration, remove func(context.Context, time.Time, int) (int, error)) {
	for ctx.Err() == nil {
		n, err := remove(ctx, s.Clock().Add(-kept), pruneBatch)
		if err != nil && ctx.Err() == nil {
			s.Logger.WarnContext(ctx, "what is old could not be removed; it is tried again", "what", what, "error", err)
		}
		if err != nil || n < pruneBatch {
			return
		}
	}
}
