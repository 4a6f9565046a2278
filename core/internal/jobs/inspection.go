package jobs

import (
	"context"
	"time"
)

// inspectEvery is how often this node looks for what nobody's request would show.
const inspectEvery = 30 * time.Second

// Inspector looks for what people should be told.
type Inspector interface {
	Inspect(ctx context.Context) error
}

// RunInspection looks at once and then again and again, until ctx ends.
func (s *Sweeper) RunInspection(ctx context.Context, inspector Inspector) {
	tick := time.NewTicker(inspectEvery)
	defer tick.Stop()
	for {
		if err := inspector.Inspect(ctx); err != nil && ctx.Err() == nil {
			s.Logger.WarnContext(ctx, "an inspection could not be finished; the next one is soon", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
