package postgres

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// longUnknown reads the partial indexes over unknown_since, which hold what is in doubt and
// nothing else.
const longUnknown = `SELECT * FROM (
		SELECT u.*, count(*) OVER (PARTITION BY tenant_id, account_id) AS of_account,
			row_number() OVER (PARTITION BY tenant_id, account_id ORDER BY unknown_since, id) AS place
		FROM (
			SELECT 'payment' AS kind, tenant_id, id, account_id, order_no AS number, unknown_since FROM payments WHERE unknown_since <= $1
			UNION ALL SELECT 'refund', tenant_id, id, account_id, refund_no, unknown_since FROM refunds WHERE unknown_since <= $2
			UNION ALL SELECT 'payout', tenant_id, id, account_id, payout_no, unknown_since FROM payouts WHERE unknown_since <= $3
		) u
	) r WHERE place <= $4 ORDER BY unknown_since, id`

type longUnknownRow struct {
	Kind      string  `db:"kind"`
	TenantID  core.ID `db:"tenant_id"`
	ID        core.ID `db:"id"`
	AccountID core.ID `db:"account_id"`
	Number    string  `db:"number"`
	Since     stamp   `db:"unknown_since"`
	OfAccount int     `db:"of_account"`
	Place     int     `db:"place"`
}

func (r *longUnknownRow) one() core.LongUnknown {
	return core.LongUnknown{
		TenantID: r.TenantID, ID: r.ID, AccountID: r.AccountID, ObjectKind: r.Kind, Number: r.Number, Since: r.Since.Time, OfAccount: r.OfAccount,
	}
}

// LongUnknown implements core.UnknownReader.
func (p *platformTx) LongUnknown(ctx context.Context, b core.UnknownBefore) ([]core.LongUnknown, error) {
	var rows []longUnknownRow
	err := p.s.list(ctx, &rows, longUnknown, stamp{b.Payments}, stamp{b.Refunds}, stamp{b.Payouts}, b.PerAccount)
	return convert(rows, (*longUnknownRow).one), err
}
