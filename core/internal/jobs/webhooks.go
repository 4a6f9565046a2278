package jobs

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// webhookWorkers is how many endpoints a node sends to at once. A receiver that hangs keeps
// its worker until the time-out, and none of those that ask providers.
const webhookWorkers = 64

// WebhookClaims are Claims that also give out endpoints with deliveries; core.Database does.
type WebhookClaims interface {
	Claims
	ClaimWebhooks(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]core.Due, error)
}

// endpoints are the Claims of a sweeper that only sends to webhooks.
type endpoints struct{ WebhookClaims }

// ClaimDue implements Claims.
func (e endpoints) ClaimDue(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]core.Due, error) {
	return e.ClaimWebhooks(ctx, now, limit, lease)
}

// NewWebhookSweeper makes a Sweeper for deliveries to webhooks, apart from the one for money.
func NewWebhookSweeper(claims WebhookClaims, o SweeperOptions) (*Sweeper, error) {
	o.Claims = endpoints{claims}
	if o.Workers == 0 {
		o.Workers = webhookWorkers
	}
	return NewSweeper(o)
}
