package web

import (
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// RequestsMetric is the one metric of this package: docs/metrics.md has them all.
const RequestsMetric = "zhanggui_http_request_duration_seconds"

// metrics counts requests by matched route, never by path.
type metrics struct {
	registry *prometheus.Registry
	duration *prometheus.HistogramVec
}

func newMetrics(registry *prometheus.Registry) (*metrics, error) {
	if registry == nil {
		registry = prometheus.NewRegistry()
	}
	m := &metrics{registry: registry, duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: RequestsMetric, Help: "Duration of HTTP requests by matched route.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 75},
	}, []string{"method", "route", "status"})}
	if err := registry.Register(m.duration); err != nil {
		return nil, fmt.Errorf("web: metrics: %w", err)
	}
	return m, nil
}

func (m *metrics) observe(method, route string, status int, took time.Duration) {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "DELETE":
	default:
		method = "other"
	}
	m.duration.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}
