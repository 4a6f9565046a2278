// Package jobs wakes what is due. The rows say what must be done and when; this package
// only looks, claims and calls.
package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Claims gives out due things; core.Database does.
type Claims interface {
	ClaimDue(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]core.Due, error)
	SealAudit(ctx context.Context, now time.Time, limit int) (int, error)
}

// Checker acts on one due thing. An error leaves it due: its lease ends by itself.
type Checker interface {
	CheckDue(ctx context.Context, due core.Due) error
}

// SweeperOptions configure a Sweeper. Zero durations and counts take the defaults named.
type SweeperOptions struct {
	Claims  Claims
	Checker Checker
	Clock   core.Clock
	Logger  *slog.Logger
	Every   time.Duration // between two looks when nothing was due; 500 ms
	Lease   time.Duration // how long a claim holds; 2 minutes, longer than any call
	Batch   int           // how many are claimed at once; 64
	Workers int           // how many are acted on at once; 8
}

// Sweeper claims what is due and hands it to the Checker. Any number may run over one
// database.
type Sweeper struct{ SweeperOptions }

// NewSweeper fills in the defaults.
func NewSweeper(o SweeperOptions) (*Sweeper, error) {
	if o.Claims == nil || o.Checker == nil || o.Clock == nil || o.Logger == nil {
		return nil, errors.New("jobs: a sweeper's option is missing")
	}
	if o.Every == 0 {
		o.Every = 500 * time.Millisecond
	}
	if o.Lease == 0 {
		o.Lease = 2 * time.Minute
	}
	if o.Batch == 0 {
		o.Batch = 64
	}
	if o.Workers == 0 {
		o.Workers = 8
	}
	return &Sweeper{SweeperOptions: o}, nil
}

// Run sweeps until ctx ends, and returns when the last check has ended.
func (s *Sweeper) Run(ctx context.Context) {
	tick := time.NewTicker(s.Every)
	defer tick.Stop()
	for {
		n, err := s.Sweep(ctx)
		if err != nil && ctx.Err() == nil {
			s.Logger.WarnContext(ctx, "the sweeper could not claim; it tries again", "error", err)
		}
		if n == s.Batch && err == nil && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Sweep claims and acts once, and returns how many things were claimed.
func (s *Sweeper) Sweep(ctx context.Context) (int, error) {
	due, err := s.Claims.ClaimDue(ctx, s.Clock(), s.Batch, s.Lease)
	if err != nil {
		return 0, err
	}
	work := make(chan core.Due)
	var group sync.WaitGroup
	for range min(s.Workers, len(due)) {
		group.Go(func() {
			for d := range work {
				s.check(ctx, d)
			}
		})
	}
	for _, d := range due {
		work <- d
	}
	close(work)
	group.Wait()
	return len(due), nil
}

func (s *Sweeper) check(ctx context.Context, d core.Due) {
	// A check that has begun is finished also at shutdown: the provider is answering.
	if err := s.Checker.CheckDue(context.WithoutCancel(ctx), d); err != nil {
		s.Logger.WarnContext(ctx, "a due check failed; it stays due", "kind", d.Kind, "id", d.ID, "tenant", d.TenantID, "error", err)
	}
}
