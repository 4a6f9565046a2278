package jobs

import (
	"context"
	"time"
)

// auditEvery keeps the chain within a second of the rows.
const (
	auditEvery = 500 * time.Millisecond
	auditBatch = 2000
)

// RunAuditSealer chains audit rows until ctx ends.
func (s *Sweeper) RunAuditSealer(ctx context.Context) {
	tick := time.NewTicker(auditEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for {
			n, err := s.Claims.SealAudit(ctx, s.Clock(), auditBatch)
			if err != nil && ctx.Err() == nil {
				s.Logger.WarnContext(ctx, "the audit sealer could not chain; it tries again", "error", err)
			}
			if err != nil || n < auditBatch {
				break
			}
		}
	}
}
