package postgres

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

type shiftRow struct {
	StoreID   core.ID `db:"store_id"`
	AccountID core.ID `db:"account_id"`
	Provider  string  `db:"provider"`
	Method    string  `db:"method"`
	Channel   string  `db:"channel"`
	Count     int64   `db:"count"`
	Amount    int64   `db:"amount"`
	Refunded  int64   `db:"refunded"`
	Open      int64   `db:"open"`
	Unknown   int64   `db:"unknown"`
	Pending   int64   `db:"pending"`
}

// shiftSums tells what succeeded from what has no outcome yet. What failed is in neither.
const shiftSums = `SELECT x.store_id, x.account_id, x.provider, x.method, x.channel,
	count(*) FILTER (WHERE x.state = 'succeeded') AS count,
	coalesce(sum(x.amount) FILTER (WHERE x.state = 'succeeded'), 0)::bigint AS amount,
	coalesce(sum(x.refunded) FILTER (WHERE x.state = 'succeeded'), 0)::bigint AS refunded,
	count(*) FILTER (WHERE x.state <> 'succeeded') AS open,
	count(*) FILTER (WHERE x.state <> 'succeeded' AND x.unknown_since IS NOT NULL) AS unknown,
	coalesce(sum(x.amount) FILTER (WHERE x.state <> 'succeeded'), 0)::bigint AS pending
	FROM payments x`

// ShiftOf implements core.EntryReader.
func (t *tenantTx) ShiftOf(ctx context.Context, actor string, stores []core.ID, from, to time.Time) (core.Shift, error) {
	c := t.own("x.tenant_id")
	c.between("x.created_at", from, to)
	c.is("x.created_by", actor)
	c.stores(stores)
	c.parts = append(c.parts, "(x.state IN ('succeeded', 'processing', 'requires_action') OR x.unknown_since IS NOT NULL)")
	var rows []shiftRow
	shift := core.Shift{Actor: actor, From: from, To: to, StoreIDs: stores}
	if err := t.s.list(ctx, &rows, c.grouped(shiftSums, "1, 2, 3, 4, 5"), c.args...); err != nil {
		return shift, err
	}
	for _, r := range rows {
		shift.Succeeded, shift.Taken, shift.Refunded = shift.Succeeded+r.Count, shift.Taken+r.Amount, shift.Refunded+r.Refunded
		shift.Open, shift.Unknown, shift.Pending = shift.Open+r.Open, shift.Unknown+r.Unknown, shift.Pending+r.Pending
		if r.Count > 0 {
			shift.Lines = append(shift.Lines, core.ShiftLine{
				StoreID: r.StoreID, AccountID: r.AccountID, Provider: r.Provider, Method: core.Method(r.Method), Channel: r.Channel,
				Count: r.Count, Amount: r.Amount, Refunded: r.Refunded,
			})
		}
	}
	return shift, nil
}
