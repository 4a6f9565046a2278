package jobs_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/jobs"
)

// renewed is a sweeper with one check that hangs, on a clock that stands still.
type renewed struct {
	sweeper  *jobs.Sweeper
	due      core.Due
	released chan struct{}
	renewals chan time.Time
	clock    atomic.Int64
}

const (
	testLease   = 30 * time.Millisecond
	testLongest = time.Hour // of the clock that stands still
)

func newRenewed(t *testing.T) *renewed {
	t.Helper()
	r := &renewed{due: dueThings(1)[0], released: make(chan struct{}), renewals: make(chan time.Time, 1)}
	q := &queue{due: []core.Due{r.due}, renew: func(due []core.Due, until time.Time) {
		if len(due) != 1 || due[0] != r.due {
			t.Errorf("renewed %v", due)
		}
		select {
		case r.renewals <- until:
		default:
		}
	}}
	c := &slow{held: r.due.ID, released: r.released}
	var err error
	r.sweeper, err = jobs.NewSweeper(jobs.SweeperOptions{
		Claims: q, Checker: c, Clock: r.now, Logger: slog.New(slog.DiscardHandler), Every: time.Millisecond, Lease: testLease, Longest: testLongest,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *renewed) now() time.Time { return time.Unix(0, r.clock.Load()).UTC() }

func (r *renewed) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.sweeper.Run(ctx); close(done) }()
	return func() { cancel(); <-done }
}

// TestALeaseIsRenewedWhileItsCheckRuns: also after the sweeper was told to end, for the check goes on.
func TestALeaseIsRenewedWhileItsCheckRuns(t *testing.T) {
	t.Parallel()
	r := newRenewed(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.sweeper.Run(ctx); close(done) }()
	if until := <-r.renewals; !until.Equal(r.now().Add(testLease)) {
		t.Errorf("renewed until %s, want %s", until, r.now().Add(testLease))
	}
	cancel()
	for range 2 {
		<-r.renewals
	}
	close(r.released)
	<-done
}

// TestAHangingCheckLosesItsLease: what takes longer than any check may is left to others.
func TestAHangingCheckLosesItsLease(t *testing.T) {
	t.Parallel()
	r := newRenewed(t)
	stop := r.run(t)
	<-r.renewals
	r.clock.Store(int64(testLongest))
	// One renewal may be on its way and one in the channel; then there must be none.
	quiet := 0
	for range 100 {
		select {
		case <-r.renewals:
			quiet = 0
		case <-time.After(2 * testLease):
			quiet++
		}
		if quiet == 3 {
			break
		}
	}
	if quiet < 3 {
		t.Error("a check that hangs keeps its lease")
	}
	close(r.released)
	stop()
}
