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
	broken error     // the claim fails after it has claimed
	stale  int       // callbacks that were never verified
	before time.Time // the limit they were pruned to

	verifiedBefore time.Time
	ended          int       // deliveries
	month          time.Time // the limit they were pruned to
	renew          func(due []core.Due, until time.Time)
	old            int // snapshots of balances

	balancesBefore time.Time
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

func (q *queue) PruneCallbacks(_ context.Context, before time.Time, limit int) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.before = before
	n := min(limit, q.stale)
	q.stale -= n
	return n, nil
}

func (q *queue) PruneDeliveries(_ context.Context, before time.Time, limit int) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.month = before
	n := min(limit, q.ended)
	q.ended -= n
	return n, nil
}

func (q *queue) PruneBalances(_ context.Context, before time.Time, limit int) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.balancesBefore = before
	n := min(limit, q.old)
	q.old -= n
	return n, nil
}

func (q *queue) PruneVerifiedCallbacks(_ context.Context, before time.Time, _ int) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.verifiedBefore = before
	return 0, nil
}

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

func TestHousekeepingRemovesWhatIsOld(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	q := &queue{stale: 2501, old: 1500, ended: 1500}
	s, err := jobs.NewSweeper(jobs.SweeperOptions{Claims: q, Checker: &recorder{}, Clock: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.RunHousekeeping(ctx) }()
	for left := 1; left > 0; {
		q.mu.Lock()
		left = q.stale + q.old + q.ended
		q.mu.Unlock()
		time.Sleep(time.Millisecond)
	}
	stop()
	<-done
	if !q.before.Equal(now.Add(-7*24*time.Hour)) || !q.balancesBefore.Equal(now.Add(-30*24*time.Hour)) || !q.month.Equal(now.Add(-30*24*time.Hour)) {
		t.Errorf("removed up to %s, balances up to %s, deliveries up to %s", q.before, q.balancesBefore, q.month)
	}
}
