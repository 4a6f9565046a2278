package postgres

import (
	"context"
	"database/sql"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The three kinds of orders in one form. moved is when, for those that did.
const (
	paymentMoves = `SELECT 'payment' AS kind, order_no COLLATE "C" AS number, provider_order_no AS provider_number, id AS object_id, account_id, state,
		amount, fee, NULL::bigint AS provider_fee, method, channel, created_at, CASE WHEN state = 'succeeded' THEN succeeded_at END AS moved_at
		FROM payments WHERE tenant_id = $1 AND account_id = $2 AND `
	refundMoves = `SELECT 'refund', r.refund_no COLLATE "C", r.provider_refund_no, r.id, r.account_id, r.state, r.amount, 0::bigint, NULL::bigint,
		(SELECT p.method FROM payments p WHERE p.tenant_id = r.tenant_id AND p.id = r.payment_id),
		(SELECT p.channel FROM payments p WHERE p.tenant_id = r.tenant_id AND p.id = r.payment_id),
		r.created_at, CASE WHEN r.state = 'succeeded' THEN r.succeeded_at END FROM refunds r WHERE r.tenant_id = $1 AND r.account_id = $2 AND r.`
	payoutMoves = `SELECT 'payout', payout_no COLLATE "C", provider_payout_no, id, account_id, state, amount, fee, provider_fee, '', channel, created_at,
		CASE WHEN state = 'succeeded' THEN coalesce(paid_at, finished_at) END FROM payouts WHERE tenant_id = $1 AND account_id = $2 AND `

	movesByNumber = paymentMoves + "order_no = ANY ($3::text[]) UNION ALL " + refundMoves + "refund_no = ANY ($3::text[]) UNION ALL " +
		payoutMoves + "payout_no = ANY ($3::text[])"
	movesInPeriod = paymentMoves + "state = 'succeeded' AND succeeded_at >= $3 AND succeeded_at < $4 UNION ALL " +
		refundMoves + "state = 'succeeded' AND r.succeeded_at >= $3 AND r.succeeded_at < $4 UNION ALL " +
		payoutMoves + "state = 'succeeded' AND coalesce(paid_at, finished_at) >= $3 AND coalesce(paid_at, finished_at) < $4 ORDER BY number"

	linesToRead = "SELECT l.bill_id, " + lineColumns + ` FROM bill_lines l WHERE l.tenant_id = $1 AND l.bill_id = ANY ($2::uuid[])
		ORDER BY l.number, l.provider_number, l.bill_id, l.n`

	// A provider's number that two orders have is no match: which of them it is, nobody knows.
	linesToNumber = `SELECT n, kind, provider_number FROM bill_lines WHERE tenant_id = $1 AND bill_id = $2 AND number = '' AND n > $3 ORDER BY n LIMIT $4`
	numbersFound  = `SELECT kind, provider_number, min(number) AS number FROM (
			SELECT 'payment' AS kind, provider_order_no AS provider_number, order_no AS number FROM payments
				WHERE tenant_id = $1 AND account_id = $2 AND provider_order_no = ANY ($3::text[]) AND provider_order_no <> ''
			UNION ALL SELECT 'refund', provider_refund_no, refund_no FROM refunds
				WHERE tenant_id = $1 AND account_id = $2 AND provider_refund_no = ANY ($3::text[]) AND provider_refund_no <> ''
			UNION ALL SELECT 'payout', provider_payout_no, payout_no FROM payouts
				WHERE tenant_id = $1 AND account_id = $2 AND provider_payout_no = ANY ($3::text[]) AND provider_payout_no <> '') f
		GROUP BY kind, provider_number HAVING count(*) = 1`
	numberLines = `UPDATE bill_lines l SET number = f.number FROM unnest($3::bigint[], $4::text[]) AS f (n, number)
		WHERE l.tenant_id = $1 AND l.bill_id = $2 AND l.n = f.n AND l.number = ''`
	billAccount = "SELECT account_id FROM bills WHERE tenant_id = $1 AND id = $2"
)

type movementRow struct {
	Kind           string         `db:"kind"`
	Number         string         `db:"number"`
	ProviderNumber string         `db:"provider_number"`
	ObjectID       core.ID        `db:"object_id"`
	AccountID      core.ID        `db:"account_id"`
	State          string         `db:"state"`
	Amount         int64          `db:"amount"`
	Fee            int64          `db:"fee"`
	ProviderFee    sql.NullInt64  `db:"provider_fee"`
	Method         sql.NullString `db:"method"`
	Channel        sql.NullString `db:"channel"`
	CreatedAt      stamp          `db:"created_at"`
	MovedAt        stamp          `db:"moved_at"`
}

func (r *movementRow) movement() core.Movement {
	return core.Movement{
		Kind: core.MovementKind(r.Kind), Number: r.Number, ProviderNumber: r.ProviderNumber, ObjectID: r.ObjectID, AccountID: r.AccountID, State: r.State,
		Moved: !r.MovedAt.IsZero(), Amount: core.Fen(r.Amount), Fee: r.Fee, ProviderFee: stated(r.ProviderFee), Method: core.Method(r.Method.String),
		Channel: r.Channel.String, CreatedAt: r.CreatedAt.Time, MovedAt: r.MovedAt.Time,
	}
}

// MovementsByNumber implements core.BooksReader.
func (t *tenantTx) MovementsByNumber(ctx context.Context, account core.ID, numbers []string) ([]core.Movement, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	var rows []movementRow
	if err := t.s.list(ctx, &rows, unprepared+movesByNumber, t.tenant, account, pq.StringArray(numbers)); err != nil {
		return nil, err
	}
	return convert(rows, (*movementRow).movement), nil
}

// NumberBillLines implements core.BooksTx. What was taken back has the number of its payment.
func (t *tenantTx) NumberBillLines(ctx context.Context, bill core.ID, after int64, limit int) (int64, error) {
	var lines []struct {
		N              int64  `db:"n"`
		Kind           string `db:"kind"`
		ProviderNumber string `db:"provider_number"`
	}
	if err := t.s.list(ctx, &lines, linesToNumber, t.tenant, bill, after, limit); err != nil || len(lines) == 0 {
		return 0, err
	}
	wanted := make(pq.StringArray, len(lines))
	for i, l := range lines {
		wanted[i] = l.ProviderNumber
	}
	var account core.ID
	if err := t.s.get(ctx, &account, core.NotFound("bill"), billAccount, t.tenant, bill); err != nil {
		return 0, err
	}
	var rows []struct {
		Kind           string `db:"kind"`
		ProviderNumber string `db:"provider_number"`
		Number         string `db:"number"`
	}
	if err := t.s.list(ctx, &rows, unprepared+numbersFound, t.tenant, account, wanted); err != nil {
		return 0, err
	}
	found := make(map[[2]string]string, len(rows))
	for _, r := range rows {
		found[[2]string{r.Kind, r.ProviderNumber}] = r.Number
	}
	var ns pq.Int64Array
	var numbers pq.StringArray
	for _, l := range lines {
		if l.Kind == string(core.MovementReversal) {
			l.Kind = string(core.MovementPayment)
		}
		if number, ok := found[[2]string{l.Kind, l.ProviderNumber}]; ok {
			ns, numbers = append(ns, l.N), append(numbers, number)
		}
	}
	last := lines[len(lines)-1].N
	if len(ns) == 0 {
		return last, nil
	}
	_, err := t.s.change(ctx, unprepared+numberLines, t.tenant, bill, ns, numbers)
	return last, err
}

const (
	// fetchRows is how many rows of a stream are in memory at once.
	fetchRows = 2000
	// The sort of a day with a million orders takes seconds, and longer on a busy machine.
	streamSettings = "SET LOCAL statement_timeout = '10min'; SET LOCAL idle_in_transaction_session_timeout = '10min'; SET LOCAL jit = off"
	streamOurs     = "DECLARE ours NO SCROLL CURSOR FOR " + movesInPeriod
	streamTheirs   = "DECLARE theirs NO SCROLL CURSOR FOR " + linesToRead
)

type snapshotKey struct{}

// ReadDay implements core.DayStreams. It reads as app, under the tenant's row-level security, in
// one read-only snapshot with two cursors: sorted on the server, in its work_mem and on its disk.
func (db *DB) ReadDay(ctx context.Context, q core.DayQuery, fn func(ours core.MovementStream, theirs core.LineStream) error) error {
	if q.TenantID.IsZero() {
		return core.Errorf(core.CodeTenantRequired, "Name the merchant.")
	}
	return db.run(context.WithValue(ctx, snapshotKey{}, true), db.app, q.TenantID, func(s *session) error {
		if _, err := s.ExecContext(ctx, streamSettings); err != nil {
			return err
		}
		_, err := s.ExecContext(ctx, unprepared+streamOurs, q.TenantID, q.AccountID, stamp{q.From}, stamp{q.To})
		if err != nil {
			return err
		}
		if _, err := s.ExecContext(ctx, unprepared+streamTheirs, q.TenantID, uids(q.Bills)); err != nil {
			return err
		}
		ours := &cursor[movementRow]{s: s, fetch: "FETCH 2000 FROM ours", scan: scanMovement}
		theirs := &cursor[lineRow]{s: s, fetch: "FETCH 2000 FROM theirs", scan: scanLine}
		return fn(movementStream{ours}, lineStream{theirs})
	})
}

// cursor reads a server-side cursor a page at a time, into the same memory again and again.
type cursor[R any] struct {
	s     *session
	fetch string
	scan  func(rows *sqlx.Rows, into *R) error
	page  []R
	next  int
	ended bool
}

func (c *cursor[R]) row(ctx context.Context) (*R, error) {
	if c.next == len(c.page) {
		if c.ended {
			return nil, nil //nolint:nilnil // the end
		}
		if err := c.turn(ctx); err != nil {
			return nil, err
		}
		if len(c.page) == 0 {
			return nil, nil //nolint:nilnil // the end
		}
	}
	r := &c.page[c.next]
	c.next++
	return r, nil
}

func (c *cursor[R]) turn(ctx context.Context) error {
	rows, err := c.s.QueryxContext(ctx, c.fetch)
	if err != nil {
		return translate(ctx, err)
	}
	defer func() { _ = rows.Close() }()
	c.page, c.next = c.page[:0], 0
	for rows.Next() {
		var r R
		if err := c.scan(rows, &r); err != nil {
			return translate(ctx, err)
		}
		c.page = append(c.page, r)
	}
	c.ended = len(c.page) < fetchRows
	return translate(ctx, rows.Err())
}

// scanMovement and scanLine name the fields in the order of the columns: no reflection for
// millions of rows.
func scanMovement(rows *sqlx.Rows, r *movementRow) error {
	return rows.Scan(&r.Kind, &r.Number, &r.ProviderNumber, &r.ObjectID, &r.AccountID, &r.State, &r.Amount, &r.Fee, &r.ProviderFee, &r.Method, &r.Channel,
		&r.CreatedAt, &r.MovedAt)
}

func scanLine(rows *sqlx.Rows, r *lineRow) error {
	return rows.Scan(&r.BillID, &r.N, &r.Kind, &r.Number, &r.ProviderNumber, &r.Outcome, &r.Amount, &r.Fee, &r.At, &r.Method, &r.Status)
}

type movementStream struct{ *cursor[movementRow] }

// Next implements core.MovementStream.
func (m movementStream) Next(ctx context.Context) (core.Movement, bool, error) {
	r, err := m.row(ctx)
	if r == nil {
		return core.Movement{}, false, err
	}
	return r.movement(), true, nil
}

type lineStream struct{ *cursor[lineRow] }

// Next implements core.LineStream.
func (l lineStream) Next(ctx context.Context) (core.BilledLine, bool, error) {
	r, err := l.row(ctx)
	if r == nil {
		return core.BilledLine{}, false, err
	}
	return r.billed(), true, nil
}
