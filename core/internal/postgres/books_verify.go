package postgres

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// booksOf is what a tenant's orders hold beside what their entries sum up to. The fee of a
// payout stays when the bank gives it back.
const booksOf = `FROM (
		SELECT 'payment' AS kind, id, amount, fee FROM payments WHERE tenant_id = $1 AND state = 'succeeded'
		UNION ALL SELECT 'refund', id, -amount, 0 FROM refunds WHERE tenant_id = $1 AND state = 'succeeded'
		UNION ALL SELECT 'payout', id, CASE WHEN state = 'succeeded' THEN -amount ELSE 0 END, fee FROM payouts
			WHERE tenant_id = $1 AND (state = 'succeeded' OR state = 'returned' AND fee <> 0)) o
	FULL JOIN (SELECT object_id, min(kind) AS kind, sum(amount)::bigint AS amount, sum(fee)::bigint AS fee
		FROM entries WHERE tenant_id = $1 GROUP BY object_id) e ON e.object_id = o.id AND e.kind = o.kind`

const booksDiffer = "coalesce(o.amount, 0) <> coalesce(e.amount, 0) OR coalesce(o.fee, 0) <> coalesce(e.fee, 0)"

// booksExamples is how many gaps a verdict names.
const booksExamples = "20"

// VerifyBooks implements core.Database. Two statements see one snapshot.
func (db *DB) VerifyBooks(ctx context.Context, tenant core.ID) (core.BooksVerdict, error) {
	var sums struct {
		Orders int64 `db:"orders"`
		Amount int64 `db:"amount"`
		Fees   int64 `db:"fees"`
		Wrong  int64 `db:"wrong"`
	}
	var gaps []struct {
		Kind     string  `db:"kind"`
		ObjectID core.ID `db:"id"`
		Amount   int64   `db:"amount"`
		Fee      int64   `db:"fee"`
		Entered  int64   `db:"entered"`
		Charged  int64   `db:"charged"`
	}
	err := db.run(ctx, db.platform, core.ID{}, func(s *session) error {
		if _, err := s.ExecContext(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"); err != nil {
			return err
		}
		if _, err := s.ExecContext(ctx, "SET LOCAL statement_timeout = '10min'"); err != nil {
			return err
		}
		err := s.get(ctx, &sums, nil, unprepared+`SELECT count(*) AS orders, coalesce(sum(e.amount), 0)::bigint AS amount, coalesce(sum(e.fee), 0)::bigint AS fees,
			count(*) FILTER (WHERE `+booksDiffer+`) AS wrong `+booksOf, tenant)
		if err != nil || sums.Wrong == 0 {
			return err
		}
		return s.list(ctx, &gaps, unprepared+`SELECT coalesce(o.kind, e.kind) AS kind, coalesce(o.id, e.object_id) AS id, coalesce(o.amount, 0) AS amount,
			coalesce(o.fee, 0) AS fee, coalesce(e.amount, 0) AS entered, coalesce(e.fee, 0) AS charged `+booksOf+` WHERE `+booksDiffer+`
			ORDER BY 2 LIMIT `+booksExamples, tenant)
	})
	verdict := core.BooksVerdict{Orders: sums.Orders, Amount: sums.Amount, Fees: sums.Fees, Wrong: sums.Wrong}
	for _, g := range gaps {
		verdict.Example = append(verdict.Example, core.BooksGap{
			Kind: core.EntryKind(g.Kind), ObjectID: g.ObjectID, Amount: g.Amount, Fee: g.Fee, Entered: g.Entered, Charged: g.Charged,
		})
	}
	return verdict, err
}
