package metrics

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhanggui-pay/zhanggui/core"
)

type failing struct{ err error }

func (f failing) CheckDue(context.Context, core.Due) error { return f.err }

// TestTheRecorderForgetsWhatWasKept: a minute is given until it was kept and has ended, with every
// call that was counted to it since.
func TestTheRecorderForgetsWhatWasKept(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 4, 0, 30, 0, time.UTC)
	counters, err := NewCounters(prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	r := NewRecorder(counters, func() time.Time { return now })
	for _, result := range []string{"succeeded", "failed", "unknown", "not_sent", "in_progress"} {
		r.Called("demo", core.CapQueryPayment, result, 20*time.Millisecond)
	}
	r.Called("demo", core.CapQueryPayment, "succeeded", 2*time.Minute)
	got := r.Minutes()
	if len(got) != 1 || !got[0].Minute.Equal(now.Truncate(time.Minute)) || got[0].Calls != 6 || got[0].Succeeded != 2 || got[0].Failed != 1 || got[0].InDoubt != 1 ||
		got[0].NotSent != 1 || got[0].Latency[2] != 5 || got[0].Latency[13] != 1 {
		t.Fatalf("%+v", got)
	}
	r.Kept(got)
	if len(r.Minutes()) != 1 {
		t.Error("a minute that goes on was forgotten")
	}
	r.Called("demo", core.CapQueryPayment, "succeeded", time.Millisecond)
	now = now.Add(time.Minute)
	r.Kept(got)
	if len(r.Minutes()) != 1 {
		t.Error("a call that was not kept was forgotten")
	}
	r.Kept(r.Minutes())
	if len(r.Minutes()) != 0 {
		t.Error("what was kept is given again")
	}
	r.Called("demo", core.CapQueryPayment, "succeeded", time.Millisecond)
	r.Forget(now.Add(time.Hour))
	if len(r.Minutes()) != 0 {
		t.Error("what could not be kept for too long is held")
	}

	due := core.Due{Kind: core.DuePayment}
	if err := r.Checks(failing{}).CheckDue(t.Context(), due); err != nil {
		t.Error(err)
	}
	if err := r.Checks(failing{errors.New("no")}).CheckDue(t.Context(), due); err == nil {
		t.Error("a failure was swallowed")
	}
	if work := r.Work(); len(work) != 1 || work[0] != (core.NodeWork{Kind: core.DuePayment, Done: 1, Failed: 1, FailedAt: now}) {
		t.Errorf("%+v", work)
	}
}
