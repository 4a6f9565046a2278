package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/jobs"
)

type queue struct {
	mu     sync.Mutex
	due    []core.Due
	sealed int
	broken error // the claim fails after it has claimed
	renew  func(due []core.Due, until time.Time)
}

func (q *queue) ClaimDue(_ context.Context, _ time.Time, limit int, _ time.Duration) ([]core.Due, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(limit, len(q.due))
	out := q.due[:n]
	q.due = q.due[n:]
	return out, q.broken
}

func (q *queue) RenewDue(_ context.Context, due []core.Due, until time.Time) error {
	if q.renew != nil {
		q.renew(due, until)
	}
	return nil
}

func (q *queue) SealAudit(context.Context, time.Time, int) (int, error) { q.sealed++; return 0, nil }

type recorder struct {
	mu   sync.Mutex
	seen map[core.ID]int
	fail bool
}

func (r *recorder) CheckDue(_ context.Context, d core.Due) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[d.ID]++
	if r.fail {
		return errors.New("the provider is away")
	}
	return nil
}

func newSweeper(t *testing.T, q *queue, r *recorder) *jobs.Sweeper {
	t.Helper()
	s, err := jobs.NewSweeper(jobs.SweeperOptions{
		Claims: q, Checker: r, Clock: time.Now, Logger: slog.New(slog.DiscardHandler), Workers: 10, Every: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func dueThings(n int) []core.Due {
	out := make([]core.Due, n)
	for i := range out {
		out[i] = core.Due{Kind: core.DuePayment, ID: core.NewID(time.Now())}
	}
	return out
}

func TestRunDrainsMoreThanOneBatchOnce(t *testing.T) {
	t.Parallel()
	q, r := &queue{due: dueThings(25)}, &recorder{seen: map[core.ID]int{}}
	s := newSweeper(t, q, r)
	for {
		n, err := s.Sweep(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	if len(r.seen) != 25 {
		t.Fatalf("%d of 25 due things were checked", len(r.seen))
	}
	for id, n := range r.seen {
		if n != 1 {
			t.Errorf("%s was checked %d times", id, n)
		}
	}
}

func TestAFailedCheckDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	q, r := &queue{due: dueThings(5)}, &recorder{seen: map[core.ID]int{}, fail: true}
	if _, err := newSweeper(t, q, r).Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(r.seen) != 5 {
		t.Errorf("%d of 5 due things were checked", len(r.seen))
	}
}

// slow holds one check until it is released.
type slow struct {
	held     core.ID
	released chan struct{}
	others   sync.WaitGroup
}

func (s *slow) CheckDue(_ context.Context, d core.Due) error {
	if d.ID == s.held {
		<-s.released
		return nil
	}
	s.others.Done()
	return nil
}

// TestASlowProviderHoldsNobodyElseBack: what is due behind a check that hangs is checked meanwhile.
func TestASlowProviderHoldsNobodyElseBack(t *testing.T) {
	t.Parallel()
	due := dueThings(200)
	c := &slow{held: due[0].ID, released: make(chan struct{})}
	c.others.Add(len(due) - 1)
	s, err := jobs.NewSweeper(jobs.SweeperOptions{
		Claims: &queue{due: due}, Checker: c, Clock: time.Now, Logger: slog.New(slog.DiscardHandler), Workers: 4, Every: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	c.others.Wait()
	close(c.released)
	cancel()
	<-done
}

// TestWhatWasClaimedIsCheckedThoughTheClaimBrokeOff: a lease that nobody uses only keeps others away.
func TestWhatWasClaimedIsCheckedThoughTheClaimBrokeOff(t *testing.T) {
	t.Parallel()
	q, r := &queue{due: dueThings(3), broken: errors.New("the next tenant's claim failed")}, &recorder{seen: map[core.ID]int{}}
	if _, err := newSweeper(t, q, r).Sweep(t.Context()); err == nil {
		t.Error("the failure is not told")
	}
	if len(r.seen) != 3 {
		t.Errorf("%d of 3 claimed things were checked", len(r.seen))
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	s := newSweeper(t, &queue{}, &recorder{seen: map[core.ID]int{}})
	go func() { s.Run(ctx); close(done) }()
	cancel()
	<-done
}

// once is an inspector that stops the run at its first look.
type once struct {
	looks int
	stop  context.CancelFunc
}

func (o *once) Inspect(context.Context) error {
	o.looks++
	o.stop()
	return errors.New("the database is away")
}

func TestAnInspectionBeginsAtOnceAndSurvivesAnError(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	o := &once{stop: stop}
	newSweeper(t, &queue{}, &recorder{seen: map[core.ID]int{}}).RunInspection(ctx, o)
	if o.looks != 1 {
		t.Errorf("%d looks", o.looks)
	}
}
