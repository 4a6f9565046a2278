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

// keepHouse goes on while there is a full batch to remove.
func (s *Sweeper) keepHouse(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := s.Claims.PruneCallbacks(ctx, s.Clock().Add(-unverifiedKept), pruneBatch)
		if err != nil && ctx.Err() == nil {
			s.Logger.WarnContext(ctx, "old callbacks could not be removed; it is tried again", "error", err)
		}
		if err != nil || n < pruneBatch {
			return
		}
	}
}
