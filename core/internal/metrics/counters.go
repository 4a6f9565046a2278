// Package metrics owns what Prometheus is told, beside the requests that core/internal/web
// counts: calls of plugins and exchanges with providers, checks, and what the database, the
// plugins, the keys and the pools say when they are asked. docs/metrics.md lists it all.
//
// No label holds a tenant, an account or an order: their number grows.
package metrics

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Counters counts what this node does.
type Counters struct {
	calls, exchanges, checks *prometheus.HistogramVec
	removed                  *prometheus.CounterVec
	dropped                  prometheus.Counter
}

// NewCounters registers them.
func NewCounters(r prometheus.Registerer) (*Counters, error) {
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name, Help: help, Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, labels)
	}
	c := &Counters{
		calls:     histogram("zhanggui_provider_call_duration_seconds", "Calls of provider plugins by what came out.", "provider", "operation", "result"),
		exchanges: histogram("zhanggui_provider_exchange_duration_seconds", "HTTP exchanges with providers by status; none: no reply.", "provider", "status"),
		checks:    histogram("zhanggui_check_duration_seconds", "Checks of due things by what came of them.", "kind", "result"),
	}
	c.removed = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "zhanggui_removed_rows_total", Help: "Rows removed, or emptied, because they were kept long enough."}, []string{"kind"})
	c.dropped = prometheus.NewCounter(prometheus.CounterOpts{Name: "zhanggui_request_log_dropped_total", Help: "Entries of the request log that were lost because they could not be written in time."})
	for _, h := range []prometheus.Collector{c.calls, c.exchanges, c.checks, c.removed, c.dropped} {
		if err := r.Register(h); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Called implements pluginhost.Observer.
func (c *Counters) Called(provider string, operation core.Capability, result string, took time.Duration) {
	c.calls.WithLabelValues(provider, string(operation), result).Observe(took.Seconds())
}

// Exchanged implements pluginhost.Observer.
func (c *Counters) Exchanged(provider string, status int, took time.Duration) {
	label := "none"
	if status > 0 {
		label = strconv.Itoa(status)
	}
	c.exchanges.WithLabelValues(provider, label).Observe(took.Seconds())
}

// Removed counts what housekeeping removed.
func (c *Counters) Removed(kind string, rows int) {
	c.removed.WithLabelValues(kind).Add(float64(rows))
}

// RequestsDropped counts entries of the request log that were lost.
func (c *Counters) RequestsDropped(entries int) { c.dropped.Add(float64(entries)) }

// Checker acts on one due thing; jobs.Checker is the same.
type Checker interface {
	CheckDue(ctx context.Context, due core.Due) error
}

// Checks counts the checks of inner.
func (c *Counters) Checks(inner Checker) Checker { return &checks{inner: inner, counters: c} }

type checks struct {
	inner    Checker
	counters *Counters
}

// CheckDue implements jobs.Checker.
func (k *checks) CheckDue(ctx context.Context, due core.Due) error {
	started := time.Now()
	err := k.inner.CheckDue(ctx, due)
	result := "done"
	if err != nil {
		result = string(core.CodeOf(err))
	}
	k.counters.checks.WithLabelValues(string(due.Kind), result).Observe(time.Since(started).Seconds())
	return err
}
