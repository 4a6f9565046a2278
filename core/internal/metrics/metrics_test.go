package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/zhanggui-pay/zhanggui/core"
)

// sources is a database, keys and plugins as a test wants them.
type sources struct {
	now     time.Time
	figures []core.Figure
	err     error
	keys    error
	asked   int
}

func (s *sources) Figures(context.Context, time.Time) ([]core.Figure, error) {
	s.asked++
	return s.figures, s.err
}

func (s *sources) registry(t *testing.T) *prometheus.Registry {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	err := NewCollector(r, Sources{
		Figures: s, Keys: func(context.Context) error { return s.keys }, Clock: func() time.Time { return s.now },
		Plugins: func(context.Context) []core.PluginStatus {
			return []core.PluginStatus{{ID: "alpha", State: core.PluginEnabled, Restarts: 2}, {ID: "beta", State: core.PluginCrashed}}
		},
		Pools:  func() []Pool { return []Pool{{Name: "app", Most: 40, Open: 3, Busy: 2, Waits: 1, Waited: time.Second}} },
		Logger: slog.New(slog.DiscardHandler), Version: "1.2.3",
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// told are the samples of a metric: "label=value,… number".
func told(t *testing.T, r *prometheus.Registry, name string) []string {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := make([]string, 0, 2)
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			out = append(out, fmt.Sprintf("%s %g", strings.Join(labels, ","), m.GetGauge().GetValue()+m.GetCounter().GetValue()))
		}
	}
	return out
}

func compare(t *testing.T, r *prometheus.Registry, name string, want ...string) {
	t.Helper()
	if got := told(t, r, name); strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("%s tells %q, want %q", name, got, want)
	}
}

func TestFiguresAreTold(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	s := &sources{now: now, figures: []core.Figure{
		{Of: core.FigureUnknown, Kind: "payment", Detail: core.AgeMinutes, Count: 2, Oldest: now.Add(-5 * time.Minute)},
		{Of: core.FigureUnknown, Kind: "payment", Detail: core.AgeOld, Count: 1, Oldest: now.Add(-48 * time.Hour)},
		{Of: core.FigureUnknown, Kind: "payout", Detail: core.AgeOld},
		{Of: core.FigureUnchained, Count: 3, Oldest: now.Add(-time.Second)},
		{Of: core.FigureCallbacks, Kind: "applied", Count: 7},
		{Of: "of a newer database", Count: 1},
	}}
	r := s.registry(t)
	compare(t, r, "zhanggui_unknown_orders", "age=older,kind=payment 1", "age=older,kind=payout 0", "age=under_10m,kind=payment 2")
	compare(t, r, "zhanggui_unknown_oldest_seconds", "kind=payment 172800", "kind=payout 0")
	compare(t, r, "zhanggui_callbacks_recent", "effect=applied 7")
	compare(t, r, "zhanggui_audit_unchained", " 3")
	compare(t, r, "zhanggui_audit_unchained_oldest_seconds", " 1")
	compare(t, r, "zhanggui_plugin_up", "plugin=alpha 1", "plugin=beta 0")
	compare(t, r, "zhanggui_plugin_restarts_total", "plugin=alpha 2", "plugin=beta 0")
	compare(t, r, "zhanggui_db_connections", "pool=app,state=busy 2", "pool=app,state=idle 1", "pool=app,state=most 40")
	if s.asked != 1 {
		t.Errorf("scrapes within a moment asked the database %d times", s.asked)
	}
	s.now = now.Add(figuresFor)
	if _, err := r.Gather(); err != nil || s.asked != 2 {
		t.Errorf("a scrape later: asked %d times, %v", s.asked, err)
	}
}

// TestWhatCannotBeAskedIsNotMadeUp: old figures would look like new ones.
func TestWhatCannotBeAskedIsNotMadeUp(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	s := &sources{now: now, figures: []core.Figure{{Of: core.FigureDue, Kind: "payment", Count: 2}}}
	r := s.registry(t)
	compare(t, r, "zhanggui_due", "kind=payment 2")
	compare(t, r, "zhanggui_figures_up", " 1")
	s.now, s.err, s.keys = now.Add(time.Minute), errors.New("down"), errors.New("sealed")
	compare(t, r, "zhanggui_due")
	compare(t, r, "zhanggui_figures_up", " 0")
	compare(t, r, "zhanggui_keys_up", " 0")
	compare(t, r, "zhanggui_keys_unreachable_seconds", " 60")
	s.now, s.err, s.keys = now.Add(2*time.Minute), nil, nil
	compare(t, r, "zhanggui_due", "kind=payment 2")
	compare(t, r, "zhanggui_keys_unreachable_seconds", " 0")
}

func TestCountersCount(t *testing.T) {
	t.Parallel()
	r := prometheus.NewPedanticRegistry()
	c, err := NewCounters(r)
	if err != nil {
		t.Fatal(err)
	}
	c.Called("alpha", core.CapCreatePayment, "succeeded", time.Millisecond)
	c.Exchanged("alpha", 200, time.Millisecond)
	c.Exchanged("alpha", 0, time.Millisecond)
	due := core.Due{Kind: core.DuePayment}
	fails := core.Errorf(core.CodeKeysUnavailable, "sealed")
	if err := c.Checks(answers{fails}).CheckDue(t.Context(), due); !errors.Is(err, fails) {
		t.Errorf("the error was changed: %v", err)
	}
	if err := c.Checks(answers{}).CheckDue(t.Context(), due); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]int{
		"zhanggui_provider_call_duration_seconds": 1, "zhanggui_provider_exchange_duration_seconds": 2, "zhanggui_check_duration_seconds": 2,
	} {
		if n, err := testutil.GatherAndCount(r, name); n != want || err != nil {
			t.Errorf("%s has %d series, want %d: %v", name, n, want, err)
		}
	}
}

type answers struct{ err error }

func (a answers) CheckDue(context.Context, core.Due) error { return a.err }
