package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	pruneEvery = 10 * time.Minute
	pruneBatch = 1000
	// Payments come first: after each step it rests for at least as long as the step took, so that
	// it never takes more than half of one connection's time.
	leastRest = 50 * time.Millisecond
	mostRest  = 5 * time.Second
)

// HousekeeperOptions configure a Housekeeper. All but Removed are required.
type HousekeeperOptions struct {
	Pruner core.Pruner
	Kept   core.Retention
	Clock  core.Clock
	Logger *slog.Logger
	// Removed is told how many of a kind were removed; nil: nobody is.
	Removed func(kind string, rows int)
}

// Housekeeper removes what is kept for a while only. Any number may run over one database.
type Housekeeper struct{ HousekeeperOptions }

// NewHousekeeper checks that nothing is missing.
func NewHousekeeper(o HousekeeperOptions) (*Housekeeper, error) {
	if o.Pruner == nil || o.Clock == nil || o.Logger == nil {
		return nil, errors.New("jobs: a housekeeper's option is missing")
	}
	if err := o.Kept.Check(); err != nil {
		return nil, err
	}
	if o.Removed == nil {
		o.Removed = func(string, int) {}
	}
	return &Housekeeper{o}, nil
}

// Run removes what is too old until ctx ends.
func (h *Housekeeper) Run(ctx context.Context) {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		h.keep(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// keep removes what is too old, of each kind.
func (h *Housekeeper) keep(ctx context.Context) {
	h.prune(ctx, "unverified_callbacks", h.Kept.UnverifiedCallbacks, h.Pruner.PruneCallbacks)
	h.prune(ctx, "callbacks", h.Kept.Callbacks, h.Pruner.PruneVerifiedCallbacks)
	h.prune(ctx, "nonces", h.Kept.Nonces, h.Pruner.PruneNonces)
	h.prune(ctx, "balances", h.Kept.Balances, h.Pruner.PruneBalances)
	h.prune(ctx, "deliveries", h.Kept.Deliveries, h.Pruner.PruneDeliveries)
	h.prune(ctx, "alerts", h.Kept.Alerts, h.Pruner.PruneNotices)
	h.prune(ctx, "requests", h.Kept.Requests, h.Pruner.PruneRequests)
	h.prune(ctx, "attempts", h.Kept.Attempts, h.Pruner.PruneAttempts)
	h.prune(ctx, "evidence", h.Kept.Evidence, h.Pruner.EmptyEvidence)
}

// prune goes on while there is more. What is kept for ever is left alone.
func (h *Housekeeper) prune(ctx context.Context, kind string, kept time.Duration, step func(context.Context, time.Time, int) (core.Pruned, error)) {
	for kept > 0 && ctx.Err() == nil {
		began := h.Clock()
		done, err := step(ctx, h.Clock().Add(-kept), pruneBatch)
		if done.Rows > 0 {
			h.Removed(kind, done.Rows)
		}
		if err != nil && ctx.Err() == nil {
			h.Logger.WarnContext(ctx, "what is old could not be removed; it is tried again", "kind", kind, "error", err)
		}
		if err != nil || !done.More {
			return
		}
		rest := time.NewTimer(min(max(h.Clock().Sub(began), leastRest), mostRest))
		select {
		case <-ctx.Done():
		case <-rest.C:
		}
		rest.Stop()
	}
}
