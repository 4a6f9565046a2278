package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// RestorePlan says how a database that came out of a backup is made fit to serve.
type RestorePlan struct {
	Now time.Time
	// Window reaches back from the backup's newest row: orders that ended unpaid within it are
	// asked about again, because the provider's later word was lost with what followed the backup.
	Window time.Duration
	// AskFirst maps reasons of doubt to those that replace them. A payment in one of the former
	// would be acted on without a question, on a state that is as old as the backup.
	AskFirst map[string]string
	// Doubt is the reason of doubt of what only a person can tell apart.
	Doubt string
	By    string // the actor the audit log names
}

// decisionTime is how long at least a second person has after a restore. An approval that
// expired at once could have been given, and its refund sent, after the backup.
const decisionTime = 7 * 24 * time.Hour

// Restored says what AfterRestore did, and what it leaves to people.
type Restored struct {
	Newest             time.Time // the backup's newest row; zero: it holds none
	OldEpoch, NewEpoch string
	// Due now: what was open, and payments that ended unpaid within the window.
	Payments, Refunds, Payouts, EndedUnpaid int64
	// Unsent are approved refunds and payouts that the backup says were not sent yet: they are
	// asked about and not sent, because they may have been sent after it.
	UnsentRefunds, UnsentPayouts int64
	Leases                       int64 // of nodes that are gone
	// Ended: a session, a link or a payer's visit may have been ended or used after the backup.
	Sessions, Links, Visits int64
	// Kept as they are.
	IdempotencyKeys, CallbackAddresses, APIKeys int64
	// Waiting for a second person: they may have been approved, and sent, after the backup.
	Approvals int64
}

// AfterRestore makes a restored database fit to serve, as the owner and in one transaction.
// A restored sequence would repeat numbers that providers know, and the sweeper would act on
// states that are as old as the backup. Doing it again does no harm. Errors: CodeConflict
// while a node is connected; as for Open.
func AfterRestore(ctx context.Context, rawURL string, plan RestorePlan) (done Restored, err error) {
	owner, err := openOwner(rawURL)
	if err != nil {
		return done, err
	}
	defer func() { _ = owner.Close() }()
	tx, err := owner.BeginTx(ctx, nil)
	if err != nil {
		return done, openingError(err)
	}
	defer func() { _ = tx.Rollback() }()
	r := &restoring{tx: tx, plan: plan}
	for _, step := range []func(context.Context) error{r.alone, r.drawEpoch, r.askAgain, r.endAccess, r.count, r.record} {
		if err := step(ctx); err != nil {
			return r.done, translate(ctx, err)
		}
	}
	return r.done, commitError(tx.Commit(), true)
}

type restoring struct {
	tx   *sql.Tx
	plan RestorePlan
	done Restored
	// nodes are those connected, for people.
	nodes string
}

// alone keeps nodes from drawing numbers until the end, and refuses while one is connected. A
// node's login may become app; a superuser may become anything, so it must also call itself as
// a node does.
func (r *restoring) alone(ctx context.Context) error {
	if _, err := r.tx.ExecContext(ctx, "LOCK TABLE settings IN ACCESS EXCLUSIVE MODE"); err != nil {
		return err
	}
	for range closing {
		// Within a transaction the view shows what it showed first, unless told to forget that.
		if _, err := r.tx.ExecContext(ctx, "SELECT pg_stat_clear_snapshot()"); err != nil {
			return err
		}
		var who sql.NullString
		if err := r.tx.QueryRowContext(ctx, connectedNodes).Scan(&who); err != nil {
			return err
		}
		if who.String == "" {
			return nil
		}
		r.nodes = who.String
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(closingStep):
		}
	}
	return core.Errorf(core.CodeConflict, "A node is connected to this database (%s). Stop every node, then run this again.", r.nodes)
}

// The server takes a moment to notice that a stopped node's connections are gone.
const (
	closing     = 20
	closingStep = 100 * time.Millisecond
)

const connectedNodes = `SELECT string_agg(DISTINCT format('%s as %s', a.application_name, a.usename), ', ')
	FROM pg_stat_activity a JOIN pg_roles u ON u.oid = a.usesysid
	WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND pg_has_role(a.usesysid, '` + roleApp + `', 'MEMBER')
		AND (NOT u.rolsuper OR a.application_name = current_setting('application_name'))`

// drawEpoch takes one that no number of this database has.
func (r *restoring) drawEpoch(ctx context.Context) error {
	if err := r.tx.QueryRowContext(ctx, "SELECT value FROM settings WHERE name = 'order_number_epoch'").Scan(&r.done.OldEpoch); err != nil {
		return err
	}
	err := r.tx.QueryRowContext(ctx, `WITH used AS (SELECT DISTINCT substr(order_no, 7, 4) AS epoch FROM order_directory)
		UPDATE settings SET value = (
			SELECT lpad(n::text, 4, '0') FROM generate_series(0, 9999) n
			WHERE lpad(n::text, 4, '0') <> $1 AND lpad(n::text, 4, '0') NOT IN (SELECT epoch FROM used) ORDER BY random() LIMIT 1)
		WHERE name = 'order_number_epoch' RETURNING value`, r.done.OldEpoch).Scan(&r.done.NewEpoch)
	if err != nil {
		return fmt.Errorf("draw an epoch: %w", err)
	}
	return nil
}

// askAgain makes due now what was open and what ended unpaid shortly before the backup, and
// takes away the leases of nodes that are gone.
func (r *restoring) askAgain(ctx context.Context) error {
	var newest stamp
	err := r.tx.QueryRowContext(ctx, "SELECT greatest((SELECT max(created_at) FROM events), (SELECT max(created_at) FROM audit_log))").Scan(&newest)
	if err != nil {
		return err
	}
	r.done.Newest = newest.Time
	for _, kind := range slices.Concat(dueKinds, bulkKinds) {
		n, err := r.change(ctx, "UPDATE "+leasedTable(kind)+" SET lease_until = NULL, lease_token = NULL WHERE lease_until IS NOT NULL")
		if err != nil {
			return err
		}
		r.done.Leases += n
	}
	endpoints, err := r.change(ctx, "UPDATE webhook_endpoints SET lease_until = NULL, lease_token = NULL WHERE lease_until IS NOT NULL")
	if err != nil {
		return err
	}
	r.done.Leases += endpoints
	for from, to := range r.plan.AskFirst {
		if _, err := r.change(ctx, "UPDATE payments SET unknown_reason = $2 WHERE unknown_reason = $1", from, to); err != nil {
			return err
		}
	}
	now, since := stamp{r.plan.Now}, stamp{r.done.Newest.Add(-r.plan.Window)}
	return r.each(ctx, []counted{
		{&r.done.Payments, "UPDATE payments SET next_check_at = $1 WHERE state IN ('requires_action', 'processing')", []any{now}},
		{&r.done.EndedUnpaid, `UPDATE payments SET next_check_at = $1
			WHERE state IN ('failed', 'canceled', 'closed', 'expired') AND updated_at >= $2`, []any{now, since}},
		{&r.done.Refunds, "UPDATE refunds SET next_check_at = $1 WHERE state = 'processing'", []any{now}},
		// A payout that has ended is looked at for some days, because banks give payouts back.
		{&r.done.Payouts, "UPDATE payouts SET next_check_at = $1 WHERE state IN ('processing', 'in_review') OR next_check_at IS NOT NULL", []any{now}},
		{&r.done.UnsentPayouts, "UPDATE payouts SET sent_at = $1, wait_reason = '' WHERE state = 'processing' AND sent_at IS NULL", []any{now}},
		{&r.done.UnsentRefunds, unsentRefunds, []any{now, r.plan.Doubt}},
		{&r.done.Approvals, `UPDATE approvals SET expires_at = greatest(expires_at, $1::timestamptz), next_check_at = greatest(expires_at, $1::timestamptz)
			WHERE state = 'pending'`, []any{stamp{r.plan.Now.Add(decisionTime)}}},
	})
}

// unsentRefunds takes what was held for them into flight. Several of one payment cannot be told
// apart by a provider that tells sums only, so a person looks at those.
const unsentRefunds = `WITH waiting AS (
		SELECT tenant_id, id, payment_id, amount, count(*) OVER (PARTITION BY tenant_id, payment_id) AS siblings
		FROM refunds WHERE state = 'processing' AND approved_at IS NOT NULL AND sent_at IS NULL
	), begun AS (
		UPDATE payments p SET held = p.held - w.amount
		FROM (SELECT tenant_id, payment_id, sum(amount) AS amount FROM waiting GROUP BY tenant_id, payment_id) w
		WHERE p.tenant_id = w.tenant_id AND p.id = w.payment_id RETURNING p.tenant_id, p.id, p.refunded
	)
	UPDATE refunds r SET sent_at = $1::timestamptz, refunded_before = b.refunded,
		next_check_at = CASE WHEN w.siblings = 1 THEN $1::timestamptz END,
		unknown_since = CASE WHEN w.siblings > 1 THEN $1::timestamptz END, unknown_reason = CASE WHEN w.siblings > 1 THEN $2 ELSE '' END
	FROM waiting w JOIN begun b ON b.tenant_id = w.tenant_id AND b.id = w.payment_id
	WHERE r.tenant_id = w.tenant_id AND r.id = w.id`

// endAccess ends what may have been ended or used up after the backup.
func (r *restoring) endAccess(ctx context.Context) error {
	return r.each(ctx, []counted{
		{&r.done.Sessions, "DELETE FROM sessions", nil},
		{&r.done.Links, "DELETE FROM one_time_links", nil},
		{&r.done.Visits, "UPDATE payer_visits SET expires_at = $1 WHERE used_at IS NULL AND expires_at > $1", []any{stamp{r.plan.Now}}},
	})
}

// count tells what is kept and what people must look at.
func (r *restoring) count(ctx context.Context) error {
	err := r.tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM idempotency_keys), (SELECT count(*) FROM callback_directory),
		(SELECT count(*) FROM api_key_directory)`).
		Scan(&r.done.IdempotencyKeys, &r.done.CallbackAddresses, &r.done.APIKeys)
	return err
}

// record writes the platform's audit row.
func (r *restoring) record(ctx context.Context) error {
	after, err := json.Marshal(map[string]any{
		"newest_row": r.done.Newest, "payments_due": r.done.Payments + r.done.EndedUnpaid, "refunds_due": r.done.Refunds,
		"payouts_due": r.done.Payouts, "sessions_ended": r.done.Sessions,
	})
	if err != nil {
		return fmt.Errorf("postgres: encode a record: %w", err)
	}
	id := core.NewID(r.plan.Now)
	_, err = r.change(ctx, `INSERT INTO audit_log (tenant_id, id, actor, action, object, after, created_at)
		VALUES ($1, $2, $3, 'database.restored', 'database', $4, $5)`, uid(core.ID{}), id, r.plan.By, string(after), stamp{r.plan.Now})
	if err != nil {
		return err
	}
	_, err = r.change(ctx, "INSERT INTO audit_unchained (tenant_id, audit_id) VALUES ($1, $2)", uid(core.ID{}), id)
	return err
}

// counted is a statement and where the number of its rows goes.
type counted struct {
	into      *int64
	statement string
	args      []any
}

func (r *restoring) each(ctx context.Context, list []counted) (err error) {
	for _, c := range list {
		if *c.into, err = r.change(ctx, c.statement, c.args...); err != nil {
			return err
		}
	}
	return nil
}

func (r *restoring) change(ctx context.Context, statement string, args ...any) (int64, error) {
	result, err := r.tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
