package jobs

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// bulkWorkers is how many bills, imports and exports a node works on at once: few, because they
	// read and write much and payments come first. A day that asks its provider order by order
	// mostly waits, and gives its place up now and then.
	bulkWorkers = 4
	// bulkLongest is how long one of them may take before others try too.
	bulkLongest = 2 * time.Hour
)

// BulkClaims are Claims that also give out what takes long; core.Database does.
type BulkClaims interface {
	Claims
	ClaimBulk(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]core.Due, error)
}

// bulk are the Claims of a sweeper for what takes long.
type bulk struct{ BulkClaims }

// ClaimDue implements Claims.
func (b bulk) ClaimDue(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]core.Due, error) {
	return b.ClaimBulk(ctx, now, limit, lease)
}

// NewBulkSweeper makes a Sweeper for bills, imports and exports, apart from the one for money.
// A shutdown interrupts them: what they do goes on elsewhere from its last step.
func NewBulkSweeper(claims BulkClaims, o SweeperOptions) (*Sweeper, error) {
	o.Claims, o.Interruptible = bulk{claims}, true
	if o.Workers == 0 {
		o.Workers = bulkWorkers
	}
	if o.Longest == 0 {
		o.Longest = bulkLongest
	}
	return NewSweeper(o)
}
