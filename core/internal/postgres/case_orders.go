package postgres

import (
	"context"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

// caseOrders reads the orders of a page of cases and the last question about each, by their keys:
// a page is a hundred rows at most.
const caseOrders = `SELECT w.object_id, o.number, o.amount, o.checks, o.next_check_at, a.started_at, a.outcome, a.provided_code, a.provided_message
	FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS w(tenant_id, object_id, kind)
	CROSS JOIN LATERAL (
		SELECT p.order_no AS number, p.amount, p.checks, p.next_check_at, p.id AS payment_id FROM payments p
		WHERE w.kind = 'payment' AND p.tenant_id = w.tenant_id AND p.id = w.object_id
		UNION ALL
		SELECT r.refund_no, r.amount, r.checks, r.next_check_at, r.payment_id FROM refunds r
		WHERE w.kind = 'refund' AND r.tenant_id = w.tenant_id AND r.id = w.object_id
		UNION ALL
		SELECT q.payout_no, q.amount, q.checks, q.next_check_at, NULL FROM payouts q
		WHERE w.kind = 'payout' AND q.tenant_id = w.tenant_id AND q.id = w.object_id
	) o
	LEFT JOIN LATERAL (
		(SELECT t.started_at, t.outcome, t.provided_code, t.provided_message FROM attempts t
		WHERE w.kind = 'payment' AND t.tenant_id = w.tenant_id AND t.payment_id = o.payment_id AND t.refund_id IS NULL AND t.operation = 'query_payment'
		ORDER BY t.started_at DESC LIMIT 1)
		UNION ALL
		(SELECT t.started_at, t.outcome, t.provided_code, t.provided_message FROM attempts t
		WHERE w.kind = 'refund' AND t.tenant_id = w.tenant_id AND t.payment_id = o.payment_id AND t.refund_id = w.object_id AND t.operation = 'query_refund'
		ORDER BY t.started_at DESC LIMIT 1)
		UNION ALL
		(SELECT t.started_at, t.outcome, t.provided_code, t.provided_message FROM attempts t
		WHERE w.kind = 'payout' AND t.tenant_id = w.tenant_id AND t.payout_id = w.object_id AND t.operation = 'query_payout'
		ORDER BY t.started_at DESC LIMIT 1)
	) a ON true`

type caseOrderRow struct {
	ObjectID        core.ID `db:"object_id"`
	Number          string  `db:"number"`
	Amount          int64   `db:"amount"`
	Checks          int     `db:"checks"`
	NextCheckAt     stamp   `db:"next_check_at"`
	StartedAt       stamp   `db:"started_at"`
	Outcome         *string `db:"outcome"`
	ProvidedCode    *string `db:"provided_code"`
	ProvidedMessage *string `db:"provided_message"`
}

func (r *caseOrderRow) order() *core.CaseOrder {
	o := &core.CaseOrder{Number: r.Number, Amount: core.Fen(r.Amount), Checks: r.Checks, NextAskAt: r.NextCheckAt.Time, AskedAt: r.StartedAt.Time}
	if r.Outcome != nil {
		o.Outcome, o.Provided = core.Outcome(*r.Outcome), core.ProviderText{Code: *r.ProvidedCode, Message: *r.ProvidedMessage}
	}
	return o
}

// withOrders adds to each case what its order says.
func (s *session) withOrders(ctx context.Context, cases []core.Case) error {
	tenants, objects, kinds := make(pq.StringArray, len(cases)), make(pq.StringArray, len(cases)), make(pq.StringArray, len(cases))
	for i, c := range cases {
		tenants[i], objects[i], kinds[i] = c.TenantID.String(), c.ObjectID.String(), c.ObjectKind
	}
	var rows []caseOrderRow
	if err := s.list(ctx, &rows, caseOrders, tenants, objects, kinds); err != nil {
		return err
	}
	found := make(map[core.ID]*core.CaseOrder, len(rows))
	for i := range rows {
		found[rows[i].ObjectID] = rows[i].order()
	}
	for i := range cases {
		cases[i].Order = found[cases[i].ObjectID]
	}
	return nil
}
