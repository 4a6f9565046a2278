package host

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/zhanggui-pay/zhanggui/core/internal/metrics"
)

// collectMetrics registers what is asked at a scrape, and what Go and the kernel say of the process.
func (h *Host) collectMetrics() error {
	pools := func() []metrics.Pool {
		stats := h.db.PoolStats()
		out := make([]metrics.Pool, 0, len(stats))
		for _, s := range stats {
			out = append(out, metrics.Pool{Name: s.Pool, Most: s.Most, Open: s.Open, Busy: s.Busy, Waits: s.Waits, Waited: s.Waited})
		}
		return out
	}
	return errors.Join(
		h.metrics.Register(collectors.NewGoCollector()),
		h.metrics.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})),
		metrics.NewCollector(h.metrics, metrics.Sources{
			Figures: h.db, Plugins: h.plugins.Plugins, Pools: pools, Keys: h.parts.Keyring.Health,
			Clock: h.parts.Clock, Logger: h.parts.Logger, Version: h.parts.Version.Version,
		}),
	)
}
