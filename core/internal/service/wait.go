package service

import (
	"context"
	"time"
)

// waitStep is how often a waiting request looks at its object.
const waitStep = 250 * time.Millisecond

// waitFor looks until done, an error, or limit is over. It looks at least once. How long
// a client waits is wall time, not the domain's clock.
func waitFor(ctx context.Context, limit time.Duration, look func() (done bool, err error)) error {
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	tick := time.NewTicker(waitStep)
	defer tick.Stop()
	for {
		done, err := look()
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
