package jobs

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// A lease is short, so that others soon take over what a dead node held, and is renewed
// while the node acts. When renewals do not come through, because the node stands still or
// PostgreSQL is away, others act too: a check is a question, what it writes is guarded, and
// what it sends is noted under that guard first.

func (s *Sweeper) hold(d core.Due) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[d] = s.Clock()
}

func (s *Sweeper) letGo(d core.Due) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, d)
}

// renewUntil renews leases until ctx ends.
func (s *Sweeper) renewUntil(ctx context.Context) {
	tick := time.NewTicker(s.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s.renew(ctx)
	}
}

// renew leaves out a check that has taken too long: it hangs, and others are to try.
func (s *Sweeper) renew(ctx context.Context) {
	now := s.Clock()
	s.mu.Lock()
	var held []core.Due
	for d, since := range s.held {
		if now.Sub(since) < s.Longest {
			held = append(held, d)
		}
	}
	s.mu.Unlock()
	if len(held) == 0 {
		return
	}
	if err := s.Claims.RenewDue(ctx, held, now.Add(s.Lease)); err != nil && ctx.Err() == nil {
		s.Logger.WarnContext(ctx, "leases could not be renewed; another node may ask too", "error", err)
	}
}
