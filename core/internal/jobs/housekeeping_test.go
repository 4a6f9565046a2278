package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/jobs"
)

// cellar has so much of each kind that is too old, and remembers up to when it was asked for it.
type cellar struct {
	mu     sync.Mutex
	left   map[string]int
	before map[string]time.Time
	broken string // this kind fails
	empty  context.CancelFunc
}

func (c *cellar) take(kind string, before time.Time, limit int) (core.Pruned, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before[kind] = before
	if kind == c.broken {
		return core.Pruned{}, errors.New("the database is away")
	}
	n := min(limit, c.left[kind])
	c.left[kind] -= n
	if kind == "evidence" && c.left[kind] == 0 { // the last of a round
		c.empty()
	}
	return core.Pruned{Rows: n, More: c.left[kind] > 0}, nil
}

func (c *cellar) EmptyEvidence(_ context.Context, before time.Time, limit int) (core.Pruned, error) {
	return c.take("evidence", before, limit)
}

func (c *cellar) PruneAttempts(_ context.Context, before time.Time, limit int) (core.Pruned, error) {
	return c.take("attempts", before, limit)
}

func (c *cellar) PruneCallbacks(_ context.Context, before time.Time, limit int) (core.Pruned, error) {
	return c.take("unverified_callbacks", before, limit)
}

func (c *cellar) PruneVerifiedCallbacks(_ context.Context, before time.Time, limit int) (core.Pruned, error) {
	return c.take("callbacks", before, limit)
}

func (c *cellar) PruneRequests(_ context.Context, before time.Time, limit int) (core.Pruned, error) {
	return c.take("requests", before, limit)
}

func (c *cellar) PruneNonces(_ context.Context, before time.Time, limit int) (core.Pruned, error) {
	return c.take("nonces", before, limit)
}

func (c *cellar) PruneDeliveries(_ context.Context, before time.Time, limit int) (core.Pruned, error) {
	return c.take("deliveries", before, limit)
}

func (c *cellar) PruneBalances(_ context.Context, before time.Time, limit int) (core.Pruned, error) {
	return c.take("balances", before, limit)
}

func (c *cellar) PruneNotices(_ context.Context, before time.Time, limit int) (core.Pruned, error) {
	return c.take("alerts", before, limit)
}

// TestHousekeepingRemovesWhatIsOld: of each kind all that is too old, whatever becomes of the
// others; what is kept for ever is not asked for.
func TestHousekeepingRemovesWhatIsOld(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	ctx, stop := context.WithCancel(t.Context())
	c := &cellar{
		left:   map[string]int{"unverified_callbacks": 2501, "callbacks": 7, "nonces": 9, "balances": 1500, "deliveries": 3, "attempts": 1001, "evidence": 1200, "alerts": 5, "requests": 1002},
		before: map[string]time.Time{}, broken: "nonces", empty: stop,
	}
	removed := map[string]int{}
	kept := core.DefaultRetention()
	kept.Alerts = 0
	h, err := jobs.NewHousekeeper(jobs.HousekeeperOptions{
		Pruner: c, Kept: kept, Clock: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler), Removed: func(kind string, rows int) { removed[kind] += rows },
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Run(ctx)
	if want := map[string]int{"unverified_callbacks": 2501, "callbacks": 7, "balances": 1500, "deliveries": 3, "attempts": 1001, "evidence": 1200, "requests": 1002}; !maps.Equal(removed, want) {
		t.Errorf("removed %v, want %v", removed, want)
	}
	for kind, age := range map[string]time.Duration{
		"unverified_callbacks": 7 * day, "callbacks": 180 * day, "nonces": 180 * day, "balances": 30 * day, "deliveries": 30 * day, "attempts": 730 * day, "evidence": 180 * day, "requests": 30 * day,
	} {
		if !c.before[kind].Equal(now.Add(-age)) {
			t.Errorf("%s: removed up to %s", kind, c.before[kind])
		}
	}
	if _, asked := c.before["alerts"]; asked {
		t.Error("what is kept for ever was removed")
	}
	kept.Evidence = time.Hour
	if _, err := jobs.NewHousekeeper(jobs.HousekeeperOptions{Pruner: c, Kept: kept, Clock: time.Now, Logger: slog.Default()}); core.CodeOf(err) != core.CodeInvalidRequest {
		t.Errorf("evidence kept for an hour: %v", err)
	}
}
