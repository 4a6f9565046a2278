package metrics

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Recorder counts what the node says of itself to the database, for the console: calls by provider
// and minute, and what came of what was due. It counts into Counters as well.
type Recorder struct {
	*Counters

	clock core.Clock

	mu      sync.Mutex
	minutes map[minuteOf]*core.ProviderCalls
	work    map[core.DueKind]*core.NodeWork
}

type minuteOf struct {
	provider string
	minute   time.Time
}

// NewRecorder records beside counters.
func NewRecorder(counters *Counters, clock core.Clock) *Recorder {
	return &Recorder{Counters: counters, clock: clock, minutes: map[minuteOf]*core.ProviderCalls{}, work: map[core.DueKind]*core.NodeWork{}}
}

// Called implements pluginhost.Observer.
func (r *Recorder) Called(provider string, operation core.Capability, result string, took time.Duration) {
	r.Counters.Called(provider, operation, result, took)
	bounds := core.LatencyBounds()
	at, _ := slices.BinarySearch(bounds, took)
	r.mu.Lock()
	defer r.mu.Unlock()
	key := minuteOf{provider, r.clock().UTC().Truncate(time.Minute)}
	c := r.minutes[key]
	if c == nil {
		c = &core.ProviderCalls{Latency: make([]int64, len(bounds)+1)}
		r.minutes[key] = c
	}
	c.Calls++
	switch core.Outcome(result) {
	case core.OutcomeSucceeded:
		c.Succeeded++
	case core.OutcomeFailed, core.OutcomeRefused, core.OutcomeCanceled, core.OutcomeClosed, core.OutcomeNotFound:
		c.Failed++
	case core.OutcomeUnknown:
		c.InDoubt++
	case core.OutcomeInProgress:
	case "not_sent":
		c.NotSent++
	}
	c.Latency[at]++
}

// Minutes gives what was counted and not yet kept, by minute and provider.
func (r *Recorder) Minutes() []core.ProviderMinute {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]core.ProviderMinute, 0, len(r.minutes))
	for key, calls := range r.minutes {
		kept := *calls
		kept.Latency = slices.Clone(calls.Latency)
		out = append(out, core.ProviderMinute{Provider: key.provider, Minute: key.minute, ProviderCalls: kept})
	}
	slices.SortFunc(out, func(a, b core.ProviderMinute) int {
		if c := a.Minute.Compare(b.Minute); c != 0 {
			return c
		}
		return strings.Compare(a.Provider, b.Provider)
	})
	return out
}

// Kept forgets minutes that were kept and have ended: nothing more is counted to them.
func (r *Recorder) Kept(minutes []core.ProviderMinute) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock().UTC().Truncate(time.Minute)
	for _, m := range minutes {
		key := minuteOf{m.Provider, m.Minute}
		if c := r.minutes[key]; c != nil && m.Minute.Before(now) && c.Calls == m.Calls {
			delete(r.minutes, key)
		}
	}
}

// Forget drops what could not be kept for too long.
func (r *Recorder) Forget(before time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.minutes, func(key minuteOf, _ *core.ProviderCalls) bool { return key.minute.Before(before) })
}

// Work gives what came of what was due, by kind.
func (r *Recorder) Work() []core.NodeWork {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]core.NodeWork, 0, len(r.work))
	for _, kind := range slices.Sorted(maps.Keys(r.work)) {
		out = append(out, *r.work[kind])
	}
	return out
}

// Checks counts the checks of inner.
func (r *Recorder) Checks(inner Checker) Checker {
	return recorded{inner: r.Counters.Checks(inner), recorder: r}
}

type recorded struct {
	inner    Checker
	recorder *Recorder
}

// CheckDue implements jobs.Checker.
func (k recorded) CheckDue(ctx context.Context, due core.Due) error {
	err := k.inner.CheckDue(ctx, due)
	r := k.recorder
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.work[due.Kind]
	if w == nil {
		w = &core.NodeWork{Kind: due.Kind}
		r.work[due.Kind] = w
	}
	if err != nil {
		w.Failed, w.FailedAt = w.Failed+1, r.clock().UTC()
	} else {
		w.Done++
	}
	return err
}
