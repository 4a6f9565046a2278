package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
)

// open is something without an outcome that its provider can be asked about.
type open struct {
	Kind     string  `db:"kind"`
	TenantID core.ID `db:"tenant_id"`
	ID       core.ID `db:"id"`
	Number   string  `db:"number"`
	Provider string  `db:"provider"`
	State    string  `db:"state"`
	Method   string  `db:"method"`
}

const openThings = `SELECT 'payment' AS kind, tenant_id, id, order_no AS number, provider, state, method FROM zhanggui.payments WHERE state IN ('processing', 'requires_action')
	UNION ALL SELECT 'refund', tenant_id, id, refund_no, provider, state, '' FROM zhanggui.refunds WHERE state = 'processing' AND next_check_at IS NOT NULL
	UNION ALL SELECT 'payout', tenant_id, id, payout_no, provider, state, '' FROM zhanggui.payouts WHERE state IN ('processing', 'in_review')
	UNION ALL SELECT 'webhook delivery', tenant_id, id, event_type, '', state, '' FROM zhanggui.webhook_deliveries WHERE state = 'pending'`

// phase puts the nodes' clocks ahead: a provider's "no such order" counts from its own
// horizon on. Simulated providers refuse requests whose time is too far from theirs, so
// the lead grows in steps, and each provider settles in the last step that it takes.
type phase struct {
	lead  time.Duration
	quiet time.Duration // without progress for so long, the next phase begins
}

func phases() []phase {
	return []phase{
		{lead: 4*time.Minute + 52*time.Second, quiet: 12 * time.Second},
		{lead: 50 * time.Minute, quiet: 12 * time.Second},
		{lead: 3 * time.Hour, quiet: 50 * time.Second},
	}
}

// settler waits until everything that can have an outcome has one.
type settler struct {
	stand   *stand.Stand
	clients *clients
	db      *sqlx.DB
	tenants map[core.ID]stand.Tenant
	phases  []phase
}

// settle ends with an error that lists what is open when nothing moves any more.
func (s settler) settle(ctx context.Context) error {
	var left []open
	for i, p := range s.phases {
		if err := s.walkAway(ctx, i > 0); err != nil {
			return err
		}
		for _, n := range s.stand.Nodes {
			if err := n.Lead(p.lead); err != nil {
				return err
			}
		}
		var err error
		if left, err = s.until(ctx, p.quiet); err != nil || len(left) == 0 {
			return err
		}
	}
	var text strings.Builder
	for i, o := range left {
		if i == 20 {
			break
		}
		fmt.Fprintf(&text, "\n  %s %s (%s at %s) is %s", o.Kind, o.ID, o.Number, o.Provider, o.State)
	}
	return fmt.Errorf("%d operations have no outcome although the faults are over: %s", len(left), text.String())
}

// walkAway has the payers of orders that wait leave; all, or those who showed no code.
func (s settler) walkAway(ctx context.Context, all bool) error {
	waiting, err := s.open(ctx)
	if err != nil {
		return err
	}
	for _, o := range waiting {
		if o.Kind == "payment" && (all || o.Method != string(core.MethodBarcode)) {
			if err := s.stand.Sims.Abandon(ctx, o.Provider, o.Number); err != nil {
				return err
			}
		}
	}
	return nil
}

// until asks about what is open until nothing is, or nothing has moved for quiet.
func (s settler) until(ctx context.Context, quiet time.Duration) ([]open, error) {
	fewest, moved := -1, time.Now()
	for {
		left, err := s.open(ctx)
		if err != nil || len(left) == 0 {
			return left, err
		}
		if fewest < 0 || len(left) < fewest {
			fewest, moved = len(left), time.Now()
		}
		if time.Since(moved) > quiet {
			return left, nil
		}
		s.ask(ctx, left)
		pause(ctx, time.Second)
		if ctx.Err() != nil {
			return left, fmt.Errorf("%d operations are still open: %w", len(left), ctx.Err())
		}
	}
}

// ask has the provider asked now, as a person at the console would.
func (s settler) ask(ctx context.Context, left []open) {
	var group sync.WaitGroup
	limit := make(chan struct{}, 8)
	for _, o := range left {
		if o.Provider == "" {
			continue // a webhook is sent again by itself
		}
		limit <- struct{}{}
		group.Go(func() {
			defer func() { <-limit }()
			path := "/v1/" + o.Kind + "s/" + o.ID.Prefixed(prefixes()[o.Kind]) + "/sync"
			_, _ = s.clients.once(ctx, request{tenant: s.tenants[o.TenantID], method: http.MethodPost, path: path})
		})
	}
	group.Wait()
}

func (s settler) open(ctx context.Context) (left []open, err error) {
	if err := s.db.SelectContext(ctx, &left, openThings); err != nil {
		return nil, fmt.Errorf("read what is open: %w", err)
	}
	return left, nil
}
