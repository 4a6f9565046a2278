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
	RenewDue(ctx context.Context, due []core.Due, until time.Time) error
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
	Lease   time.Duration // how long a claim holds unless it is renewed; 15 s: so long a dead node's work waits
	Longest time.Duration // how long a check's lease is renewed at most; 2 minutes, longer than any check takes
	Workers int           // how many are acted on at once, and the most that are claimed at once; 32
	// Interruptible says that a check may be broken off at shutdown. A question to a provider is not.
	Interruptible bool
}

// Sweeper claims what is due and hands it to the Checker. Any number may run over one
// database.
type Sweeper struct {
	SweeperOptions

	mu   sync.Mutex
	held map[core.Due]time.Time // what is being acted on, and since when
}

// NewSweeper fills in the defaults.
func NewSweeper(o SweeperOptions) (*Sweeper, error) {
	if o.Claims == nil || o.Checker == nil || o.Clock == nil || o.Logger == nil {
		return nil, errors.New("jobs: a sweeper's option is missing")
	}
	if o.Every == 0 {
		o.Every = 500 * time.Millisecond
	}
	if o.Lease == 0 {
		o.Lease = 15 * time.Second
	}
	if o.Longest == 0 {
		o.Longest = 2 * time.Minute
	}
	if o.Workers == 0 {
		o.Workers = 32
	}
	return &Sweeper{SweeperOptions: o, held: map[core.Due]time.Time{}}, nil
}

// Run sweeps until ctx ends, and returns when the last check has ended.
func (s *Sweeper) Run(ctx context.Context) {
	var renewal sync.WaitGroup
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	renewal.Go(func() { s.renewUntil(renewing) })
	var checks sync.WaitGroup
	defer func() {
		checks.Wait() // leases are renewed to the end of the last check
		stop()
		renewal.Wait()
	}()
	slots := make(chan struct{}, s.Workers)
	tick := time.NewTicker(s.Every)
	defer tick.Stop()
	for ctx.Err() == nil {
		free := cap(slots) - len(slots)
		n, err := s.begin(ctx, free, slots, &checks)
		if err != nil && ctx.Err() == nil {
			s.Logger.WarnContext(ctx, "the sweeper could not claim; it tries again", "error", err)
		}
		if n == free && err == nil {
			// More may be due: look again as soon as one check has ended.
			select {
			case <-ctx.Done():
			case slots <- struct{}{}:
				<-slots
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// Sweep claims and acts once, waits for the end, and returns how many things were claimed.
func (s *Sweeper) Sweep(ctx context.Context) (int, error) {
	var checks sync.WaitGroup
	defer checks.Wait()
	return s.begin(ctx, s.Workers, make(chan struct{}, s.Workers), &checks)
}

// begin claims no more than can be acted on now, so that no lease ends while its thing
// still waits and a provider that hangs holds up only the workers it has.
func (s *Sweeper) begin(ctx context.Context, free int, slots chan struct{}, checks *sync.WaitGroup) (int, error) {
	if free == 0 {
		return 0, nil
	}
	due, err := s.Claims.ClaimDue(ctx, s.Clock(), free, s.Lease)
	for _, d := range due {
		slots <- struct{}{}
		checks.Go(func() {
			defer func() { <-slots }()
			s.check(ctx, d)
		})
	}
	return len(due), err
}

func (s *Sweeper) check(ctx context.Context, d core.Due) {
	s.hold(d)
	defer s.letGo(d)
	checking := ctx
	if !s.Interruptible {
		checking = context.WithoutCancel(ctx) // the provider is answering
	}
	if err := s.Checker.CheckDue(checking, d); err != nil {
		s.Logger.WarnContext(ctx, "a due check failed; it stays due", "kind", d.Kind, "id", d.ID, "tenant", d.TenantID, "error", err)
	}
}
