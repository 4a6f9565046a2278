package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/jobs"
)

// shelf keeps entries, waits while it is shut, and fails for the merchant that it does not know.
type shelf struct {
	mu      sync.Mutex
	kept    int
	unknown core.ID
	shut    chan struct{}
}

func (s *shelf) KeepRequests(_ context.Context, list []core.RequestEntry) (int, error) {
	<-s.shut
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, e := range list {
		if e.TenantID == s.unknown {
			return i, errors.New("the database is away")
		}
		s.kept++
	}
	return len(list), nil
}

// TestTheRequestLogNeverMakesARequestWait: while nothing can be written entries fill the queue, and
// more are lost and counted; at the end everything is either kept or counted as lost.
func TestTheRequestLogNeverMakesARequestWait(t *testing.T) {
	t.Parallel()
	s := &shelf{shut: make(chan struct{}), unknown: core.ID{1}}
	var mu sync.Mutex
	lost := 0
	log, err := jobs.NewRequestLog(jobs.RequestLogOptions{Keeper: s, Logger: slog.New(slog.DiscardHandler), Dropped: func(n int) {
		mu.Lock()
		defer mu.Unlock()
		lost += n
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { log.Run(ctx); close(done) }()
	const sent = 20_000
	for range sent - 1 {
		log.Record(core.RequestEntry{TenantID: core.ID{2}})
	}
	mu.Lock()
	early := lost
	mu.Unlock()
	if early == 0 || early == sent-1 {
		t.Fatalf("%d of %d were lost while nothing was written", early, sent)
	}
	close(s.shut)
	stop()
	<-done
	if s.kept == 0 || s.kept+lost != sent-1 {
		t.Errorf("%d kept and %d lost of %d", s.kept, lost, sent-1)
	}

	before := lost
	log.Record(core.RequestEntry{TenantID: s.unknown})
	log.Run(ctx) // has ended: writes what is left
	if lost != before+1 {
		t.Errorf("%d lost that could not be written", lost-before)
	}
	if _, err := jobs.NewRequestLog(jobs.RequestLogOptions{}); err == nil {
		t.Error("a log without a keeper")
	}
}
