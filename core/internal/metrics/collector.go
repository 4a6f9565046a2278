package metrics

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Figures are kept for figuresFor, so that several scrapers cost as much as one; asking them
// may take figuresTimeout, so that a database that hangs does not hang the scrape.
const (
	figuresFor     = 10 * time.Second
	figuresTimeout = 5 * time.Second
)

// Pool says how a pool of database connections is used.
type Pool struct {
	Name             string
	Most, Open, Busy int
	Waits            int64
	Waited           time.Duration
}

// Sources are asked at a scrape. All are required.
type Sources struct {
	Figures core.Figures
	Plugins func(ctx context.Context) []core.PluginStatus
	Pools   func() []Pool
	Keys    func(ctx context.Context) error // whether keys can be read
	Clock   core.Clock
	Logger  *slog.Logger
	Version string
}

// Collector asks the sources when it is scraped.
type Collector struct {
	from Sources

	mu       sync.Mutex
	asked    time.Time
	took     time.Duration
	figures  []core.Figure
	err      error
	keysErr  error
	keysSeen time.Time // when keys could last be read, as far as this node has asked
}

var _ prometheus.Collector = (*Collector)(nil)

// NewCollector registers it.
func NewCollector(r prometheus.Registerer, from Sources) error {
	return r.Register(&Collector{from: from, keysSeen: from.Clock()})
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range descriptions() {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.from.Clock()
	c.refresh(now)
	send := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		m, err := prometheus.NewConstMetric(d, kind, value, labels...)
		if err != nil {
			m = prometheus.NewInvalidMetric(d, err)
		}
		out <- m
	}
	send(descBuild, prometheus.GaugeValue, 1, c.from.Version)
	send(descFiguresUp, prometheus.GaugeValue, truth(c.err == nil))
	send(descFiguresTook, prometheus.GaugeValue, c.took.Seconds())
	send(descKeysUp, prometheus.GaugeValue, truth(c.keysErr == nil))
	send(descKeysUnreachable, prometheus.GaugeValue, now.Sub(c.keysSeen).Seconds()*truth(c.keysErr != nil))
	c.collectFigures(send, now)
	c.collectPlugins(send)
	c.collectPools(send)
}

type sender func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string)

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// refresh asks the database and the keys, no more often than figuresFor. What cannot be asked
// is left out: yesterday's figures would look like today's.
func (c *Collector) refresh(now time.Time) {
	if !c.asked.IsZero() && now.Sub(c.asked) < figuresFor && !now.Before(c.asked) {
		return
	}
	c.asked = now
	ctx, cancel := context.WithTimeout(context.Background(), figuresTimeout)
	defer cancel()
	started := time.Now()
	c.figures, c.err = c.from.Figures.Figures(ctx, now)
	c.took = time.Since(started)
	if c.err != nil {
		c.from.Logger.WarnContext(ctx, "the figures could not be counted; the next scrape tries again", "error", c.err)
	}
	if c.keysErr = c.from.Keys(ctx); c.keysErr == nil {
		c.keysSeen = now
	}
}

// family says how a figure is told: its count, and the age of the oldest where that counts.
type family struct {
	count, oldest *prometheus.Desc
	labels        func(f core.Figure) []string // of the count; the age has the first one only
}

func families() map[core.FigureOf]family {
	none := func(core.Figure) []string { return nil }
	kind := func(f core.Figure) []string { return []string{f.Kind} }
	both := func(f core.Figure) []string { return []string{f.Kind, f.Detail} }
	return map[core.FigureOf]family{
		core.FigureUnknown:    {descUnknown, descUnknownOldest, both},
		core.FigureDue:        {descDue, descDueOldest, kind},
		core.FigureCases:      {descCases, descCasesOldest, kind},
		core.FigureApprovals:  {descApprovals, descApprovalsOldest, kind},
		core.FigureAlerts:     {descAlerts, nil, both},
		core.FigureCallbacks:  {descCallbacks, nil, kind},
		core.FigureBalances:   {descBalances, descBalancesOldest, kind},
		core.FigureDays:       {descDays, descDaysOldest, kind},
		core.FigureDeliveries: {descDeliveries, descDeliveriesOldest, none},
		core.FigureUnchained:  {descUnchained, descUnchainedOldest, none},
	}
}

func (c *Collector) collectFigures(send sender, now time.Time) {
	if c.err != nil {
		return
	}
	type place struct {
		desc *prometheus.Desc
		kind string
	}
	ages := map[place]float64{}
	all := families()
	for _, f := range c.figures {
		told, ok := all[f.Of]
		if !ok {
			continue
		}
		send(told.count, prometheus.GaugeValue, float64(f.Count), told.labels(f)...)
		if told.oldest == nil {
			continue
		}
		age := 0.0
		if !f.Oldest.IsZero() {
			age = max(0, now.Sub(f.Oldest).Seconds())
		}
		ages[place{told.oldest, f.Kind}] = max(ages[place{told.oldest, f.Kind}], age)
	}
	for p, age := range ages {
		if p.kind == "" {
			send(p.desc, prometheus.GaugeValue, age)
			continue
		}
		send(p.desc, prometheus.GaugeValue, age, p.kind)
	}
}

func (c *Collector) collectPlugins(send sender) {
	for _, p := range c.from.Plugins(context.Background()) {
		send(descPluginUp, prometheus.GaugeValue, truth(p.State == core.PluginEnabled), p.ID)
		send(descPluginRestarts, prometheus.CounterValue, float64(p.Restarts), p.ID)
		send(descPluginViolations, prometheus.CounterValue, float64(p.Violations), p.ID)
		send(descCircuits, prometheus.GaugeValue, float64(len(p.Unreachable)), p.ID)
	}
}

func (c *Collector) collectPools(send sender) {
	for _, p := range c.from.Pools() {
		send(descConnections, prometheus.GaugeValue, float64(p.Busy), p.Name, "busy")
		send(descConnections, prometheus.GaugeValue, float64(p.Open-p.Busy), p.Name, "idle")
		send(descConnections, prometheus.GaugeValue, float64(p.Most), p.Name, "most")
		send(descWaits, prometheus.CounterValue, float64(p.Waits), p.Name)
		send(descWaited, prometheus.CounterValue, p.Waited.Seconds(), p.Name)
	}
}
