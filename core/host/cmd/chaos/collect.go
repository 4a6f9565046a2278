package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/check"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
)

// collector reads what the judges look at, past every API of the product.
type collector struct {
	stand *stand.Stand
	db    *sqlx.DB // the superuser's
}

// stored reads the database.
func (c collector) stored(ctx context.Context, e *check.Evidence) error {
	if err := c.money(ctx, e); err != nil {
		return err
	}
	if err := c.history(ctx, e); err != nil {
		return err
	}
	return c.chains(ctx, e)
}

type orderRow struct {
	ID       core.ID `db:"id"`
	OrderNo  string  `db:"order_no"`
	Subject  string  `db:"subject"`
	State    string  `db:"state"`
	Amount   int64   `db:"amount"`
	Refunded int64   `db:"refunded"`
	Reserved int64   `db:"reserved"`
	Unknown  bool    `db:"unknown"`
	Due      bool    `db:"due"`
}

type refundRow struct {
	ID        core.ID `db:"id"`
	PaymentID core.ID `db:"payment_id"`
	RefundNo  string  `db:"refund_no"`
	Reason    string  `db:"reason"`
	State     string  `db:"state"`
	Amount    int64   `db:"amount"`
	Unknown   bool    `db:"unknown"`
	Due       bool    `db:"due"`
}

type payoutRow struct {
	ID       core.ID `db:"id"`
	PayoutNo string  `db:"payout_no"`
	Purpose  string  `db:"purpose"`
	State    string  `db:"state"`
	Amount   int64   `db:"amount"`
	Unknown  bool    `db:"unknown"`
}

func (c collector) money(ctx context.Context, e *check.Evidence) error {
	var orders []orderRow
	if err := c.read(ctx, &orders, `SELECT id, order_no, subject, state, amount, refunded, reserved,
		unknown_since IS NOT NULL AS unknown, next_check_at IS NOT NULL AS due FROM zhanggui.payments`); err != nil {
		return err
	}
	for _, r := range orders {
		e.Orders = append(e.Orders, check.Order{
			ID: r.ID.Prefixed(core.PrefixPayment), OrderNo: r.OrderNo, Mark: r.Subject, State: r.State,
			Amount: r.Amount, Refunded: r.Refunded, Reserved: r.Reserved, Unknown: r.Unknown, Due: r.Due,
		})
	}
	var payouts []payoutRow
	if err := c.read(ctx, &payouts, `SELECT id, payout_no, purpose, state, amount, unknown_since IS NOT NULL AS unknown FROM zhanggui.payouts`); err != nil {
		return err
	}
	for _, r := range payouts {
		e.Payouts = append(e.Payouts, check.Payout{
			ID: r.ID.Prefixed(core.PrefixPayout), PayoutNo: r.PayoutNo, Mark: r.Purpose, State: r.State, Amount: r.Amount, Unknown: r.Unknown,
		})
	}
	var refunds []refundRow
	if err := c.read(ctx, &refunds, `SELECT id, payment_id, refund_no, reason, state, amount,
		unknown_since IS NOT NULL AS unknown, next_check_at IS NOT NULL AS due FROM zhanggui.refunds`); err != nil {
		return err
	}
	for _, r := range refunds {
		e.Refunds = append(e.Refunds, check.Refund{
			ID: r.ID.Prefixed(core.PrefixRefund), Payment: r.PaymentID.Prefixed(core.PrefixPayment), RefundNo: r.RefundNo, Mark: r.Reason,
			State: r.State, Amount: r.Amount, Unknown: r.Unknown, Due: r.Due,
		})
	}
	return nil
}

type eventRow struct {
	ObjectID  core.ID `db:"object_id"`
	Prefix    string  `db:"prefix"`
	Type      string  `db:"type"`
	State     string  `db:"state"`
	Corrected bool    `db:"corrected"`
}

// history reads the states of each object from the outbox, in their order. A correction is
// told by an event of its own in the same transaction, hence with the same state and time.
func (c collector) history(ctx context.Context, e *check.Evidence) error {
	var rows []eventRow
	if err := c.read(ctx, &rows, `SELECT e.object_id, split_part(e.type, '.', 1) AS prefix, e.type, e.data->>'state' AS state,
		EXISTS (SELECT 1 FROM zhanggui.events c WHERE c.tenant_id = e.tenant_id AND c.object_id = e.object_id AND c.type LIKE '%.corrected'
			AND c.data->>'state' = e.data->>'state' AND c.sequence >= e.sequence) AS corrected
		FROM zhanggui.events e WHERE e.type ~ '^(payment|refund|payout)[.]' AND e.data->>'state' IS NOT NULL ORDER BY e.sequence`); err != nil {
		return err
	}
	if err := c.webhooks(ctx, e); err != nil {
		return err
	}
	told := map[string]int{}
	for _, r := range rows {
		object := r.ObjectID.Prefixed(prefixes()[r.Prefix])
		e.Steps = append(e.Steps, check.Step{Object: object, State: r.State, Corrected: r.Corrected})
		told[object+" "+r.State]++
	}
	for _, o := range e.Orders {
		e.Deliveries = append(e.Deliveries, check.Delivery{Event: o.ID, Type: "payment is " + o.State, Times: told[o.ID+" "+o.State]})
	}
	for _, p := range e.Payouts {
		e.Deliveries = append(e.Deliveries, check.Delivery{Event: p.ID, Type: "payout is " + p.State, Times: told[p.ID+" "+p.State]})
	}
	for _, r := range e.Refunds {
		e.Deliveries = append(e.Deliveries, check.Delivery{Event: r.ID, Type: "refund is " + r.State, Times: told[r.ID+" "+r.State]})
	}
	return nil
}

// webhooks compares the outbox with what the tenants' programs were told. Each has been
// listening since before its first event that counts.
func (c collector) webhooks(ctx context.Context, e *check.Evidence) error {
	if _, err := c.left(ctx, unsentMessages); err != nil {
		return err
	}
	var events []struct {
		ID   core.ID `db:"id"`
		Type string  `db:"type"`
	}
	if err := c.read(ctx, &events, `SELECT e.id, e.type FROM zhanggui.events e JOIN zhanggui.webhook_endpoints w ON w.tenant_id = e.tenant_id
		WHERE e.created_at > w.created_at AND w.enabled`); err != nil {
		return err
	}
	times, forged := c.stand.Hooks.Taken()
	for _, event := range events {
		id := event.ID.Prefixed(core.PrefixEvent)
		e.Deliveries = append(e.Deliveries, check.Delivery{Event: id, Type: event.Type, Times: times[id]})
	}
	if forged > 0 {
		e.Deliveries = append(e.Deliveries, check.Delivery{Event: "none", Type: fmt.Sprintf("%d messages with a wrong signature", forged)})
	}
	for _, m := range c.stand.Hooks.Messages() {
		e.Sightings = append(e.Sightings, foreignMarks(m.Mark, "a webhook", m.Body)...)
		e.Replies++
	}
	return nil
}

func prefixes() map[string]string {
	return map[string]string{"payment": core.PrefixPayment, "refund": core.PrefixRefund, "payout": core.PrefixPayout}
}

// chains has the product's own verification walk every chain, and counts what stands in none.
func (c collector) chains(ctx context.Context, e *check.Evidence) (err error) {
	db, err := postgres.Open(ctx, postgres.Config{URL: c.stand.Cluster.URL(), MaxConns: 2, PlatformConns: 1})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	owners := map[string]core.ID{"the platform": {}}
	for _, t := range c.stand.Tenants {
		owners[t.Mark] = t.ID
	}
	for name, id := range owners {
		unsealed, err := c.left(ctx, unsealedRows, id)
		if err != nil {
			return err
		}
		v, err := db.VerifyAudit(ctx, id)
		if err != nil {
			return err
		}
		chain := check.Chain{Tenant: name, Rows: v.Rows, Unsealed: unsealed}
		if !v.BrokenAt.IsZero() || v.Reason != "" {
			chain.Broken = fmt.Sprintf("%s at %s", v.Reason, v.BrokenAt)
		}
		e.Chains = append(e.Chains, chain)
	}
	return nil
}

// caughtUpWithin is how long nodes that run may take to chain the last audit rows and to
// send the last messages.
const caughtUpWithin = 10 * time.Second

const (
	unsealedRows = `SELECT count(*) FROM zhanggui.audit_log a WHERE tenant_id = $1
		AND NOT EXISTS (SELECT 1 FROM zhanggui.audit_chain c WHERE c.tenant_id = a.tenant_id AND c.audit_id = a.id)`
	unsentMessages = `SELECT count(*) FROM zhanggui.webhook_deliveries WHERE state = 'pending'`
)

// left counts what is still to be done when the nodes have had their time.
func (c collector) left(ctx context.Context, query string, args ...any) (int64, error) {
	for until := time.Now().Add(caughtUpWithin); ; pause(ctx, 200*time.Millisecond) {
		var rows []int64
		if err := c.read(ctx, &rows, query, args...); err != nil {
			return 0, err
		}
		if rows[0] == 0 || time.Now().After(until) {
			return rows[0], nil
		}
	}
}

// ledgers reads the simulated providers' books.
func (c collector) ledgers(ctx context.Context, e *check.Evidence) error {
	for _, p := range c.stand.Sims.Providers {
		entries, err := c.stand.Sims.Ledger(ctx, p.Provider)
		if err != nil {
			return err
		}
		for _, m := range entries {
			e.Movements = append(e.Movements, check.Movement{Order: m.Order, Request: m.Request, Kind: m.Kind, Amount: m.Amount})
		}
	}
	return nil
}

func (c collector) read(ctx context.Context, into any, query string, args ...any) error {
	if err := c.db.SelectContext(ctx, into, query, args...); err != nil {
		return fmt.Errorf("read what is stored: %w", err)
	}
	return nil
}

// overdrawn is I2 in one statement, so in one snapshot.
const overdrawn = `SELECT p.id, p.amount, greatest(p.refunded + p.reserved,
		coalesce(sum(r.amount) FILTER (WHERE r.state IN ('pending_approval', 'processing', 'succeeded')), 0))::bigint AS committed
	FROM zhanggui.payments p JOIN zhanggui.refunds r ON r.tenant_id = p.tenant_id AND r.payment_id = p.id GROUP BY p.tenant_id, p.id
	HAVING greatest(p.refunded + p.reserved, coalesce(sum(r.amount) FILTER (WHERE r.state IN ('pending_approval', 'processing', 'succeeded')), 0)) > p.amount`

// watch looks for overdrawn payments until ctx ends. PostgreSQL may be away meanwhile.
func (c collector) watch(ctx context.Context, every time.Duration) (found []check.Overdrawn, looks int) {
	seen := map[core.ID]bool{}
	for ctx.Err() == nil {
		var rows []struct {
			ID        core.ID `db:"id"`
			Amount    int64   `db:"amount"`
			Committed int64   `db:"committed"`
		}
		if err := c.db.SelectContext(ctx, &rows, overdrawn); err == nil {
			looks++
		}
		for _, r := range rows {
			if !seen[r.ID] {
				seen[r.ID] = true
				found = append(found, check.Overdrawn{Payment: r.ID.Prefixed(core.PrefixPayment), Paid: r.Amount, Committed: r.Committed})
			}
		}
		pause(ctx, every)
	}
	return found, looks
}
