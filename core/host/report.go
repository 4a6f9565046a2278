package host

import (
	"context"
	"os"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// reportNode says every while that this node runs, how its plugins do and how the providers
// answered it, until ctx ends; then it takes its leave. What cannot be kept is said again.
func (h *Host) reportNode(ctx context.Context) {
	tick := time.NewTicker(core.NodeReportsEvery)
	defer tick.Stop()
	started := h.parts.Clock().UTC()
	for {
		h.saveNode(ctx, started)
		select {
		case <-ctx.Done():
			h.takeLeave(ctx, started)
			return
		case <-tick.C:
		}
	}
}

// leaveTimeout is how long an end waits for the database to hear of it.
const leaveTimeout = 3 * time.Second

// takeLeave keeps what is left of the last minutes, and has this node no longer shown.
func (h *Host) takeLeave(ctx context.Context, started time.Time) {
	leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	h.saveNode(leaving, started)
	if err := h.db.RemoveNode(leaving, h.node); err != nil {
		h.parts.Logger.WarnContext(leaving, "this node could not take its leave; it is shown as lost", "error", err)
	}
}

func (h *Host) saveNode(ctx context.Context, started time.Time) {
	now := h.parts.Clock().UTC()
	name, err := os.Hostname()
	if err != nil {
		name = h.address
	}
	n := core.Node{ID: h.node, Name: name, Version: h.parts.Version.Version, StartedAt: started, SeenAt: now, Plugins: []core.NodePlugin{}, Work: h.recorder.Work()}
	for _, p := range h.plugins.Plugins(ctx) {
		n.Plugins = append(n.Plugins, core.NodePlugin{
			ID: p.ID, State: p.State, Restarts: p.Restarts, LastCrash: p.LastCrash.UTC(), GaveUp: p.GaveUp, Unreachable: p.Unreachable,
		})
	}
	minutes := h.recorder.Minutes()
	if err := h.db.SaveNode(ctx, n, minutes); err != nil {
		if ctx.Err() == nil {
			h.parts.Logger.WarnContext(ctx, "this node could not say how it does; it says so again", "error", err)
		}
		h.recorder.Forget(now.Add(-time.Hour))
		return
	}
	h.recorder.Kept(minutes)
}
