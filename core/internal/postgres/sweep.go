package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

// sweepSource says where orders of a kind are read from, and which of them a provider may have
// heard of without having moved money by our books.
type sweepSource struct {
	from, number, moved, isMoved, began, unmoved, method string
}

func sweepSources() map[core.MovementKind]sweepSource {
	return map[core.MovementKind]sweepSource{
		core.MovementPayment: {
			from: "payments x", number: "x.order_no", moved: "x.succeeded_at", isMoved: "true", began: "x.created_at", method: "x.method",
			unmoved: "x.succeeded_at IS NULL AND x.failure_code <> 'not_sent'",
		},
		core.MovementRefund: {
			from: "refunds x JOIN payments p ON p.tenant_id = x.tenant_id AND p.id = x.payment_id", number: "x.refund_no",
			moved: "x.succeeded_at", isMoved: "true", began: "coalesce(x.sent_at, x.created_at)", method: "p.method",
			unmoved: `x.succeeded_at IS NULL AND x.failure_code <> 'not_sent' AND x.state NOT IN ('pending_approval', 'rejected')
				AND (x.sent_at IS NOT NULL OR x.approved_at IS NULL)`,
		},
		core.MovementPayout: {
			from: "payouts x", number: "x.payout_no", moved: "coalesce(x.paid_at, x.finished_at)", isMoved: "x.state = 'succeeded'", began: "x.sent_at",
			unmoved: "x.state <> 'succeeded' AND x.failure_code <> 'not_sent'",
		},
	}
}

// OrdersToAsk implements core.SweepReader. The two halves have an index each.
func (t *tenantTx) OrdersToAsk(ctx context.Context, q core.SweepQuery) ([]core.SweptOrder, error) {
	source, known := sweepSources()[q.Kind]
	if !known {
		return nil, core.Errorf(core.CodeInvalidRequest, "A provider is not asked about the kind %q.", q.Kind)
	}
	var c conditions
	moved := source.half(&c, t.tenant, q, source.moved, source.isMoved)
	began := source.half(&c, t.tenant, q, source.began, source.unmoved)
	var rows []struct {
		ID     core.ID `db:"id"`
		Number string  `db:"number"`
	}
	text := unprepared + moved + " UNION ALL " + began + " ORDER BY number LIMIT " + c.arg(q.Limit)
	if err := t.s.list(ctx, &rows, text, c.args...); err != nil {
		return nil, err
	}
	out := make([]core.SweptOrder, len(rows))
	for i, r := range rows {
		out[i] = core.SweptOrder{Kind: q.Kind, ID: r.ID, Number: r.Number}
	}
	return out, nil
}

// half selects the orders whose time at is in the query's period and that are so.
func (s sweepSource) half(c *conditions, tenant core.ID, q core.SweepQuery, at, so string) string {
	own := conditions{args: c.args}
	own.is("x.tenant_id", tenant)
	own.is("x.account_id", q.AccountID)
	own.between(at, q.From, q.To)
	own.parts = append(own.parts, so)
	if s.method != "" {
		own.oneOf(s.method, texts(q.Methods))
	}
	if q.Kind == core.MovementPayment && len(q.Channels) > 0 {
		own.parts = append(own.parts, "(x.channel = '' OR x.channel = ANY ("+own.arg(pq.StringArray(q.Channels))+"::text[]))")
	}
	if q.After != "" {
		own.parts = append(own.parts, s.number+` COLLATE "C" > `+own.arg(q.After))
	}
	own.parts = append(own.parts, "NOT EXISTS (SELECT FROM bill_lines l WHERE l.tenant_id = x.tenant_id AND l.bill_id = "+own.arg(q.Bill)+
		" AND l.number = "+s.number+` COLLATE "C")`)
	c.args = own.args
	return "SELECT x.id, " + s.number + ` COLLATE "C" AS number FROM ` + s.from + " WHERE " + strings.Join(own.parts, " AND ")
}

// HasOrders implements core.SweepReader.
func (t *tenantTx) HasOrders(ctx context.Context, account core.ID, methods []core.Method, from, to time.Time) (bool, error) {
	c := t.own("x.tenant_id")
	c.is("x.account_id", account)
	c.between("x.created_at", from, to)
	table := "payouts"
	if len(methods) > 0 {
		table = "payments"
		c.oneOf("x.method", texts(methods))
	}
	var has bool
	err := t.s.get(ctx, &has, core.NotFound("account"), unprepared+"SELECT EXISTS (SELECT FROM "+table+" x WHERE "+strings.Join(c.parts, " AND ")+")", c.args...)
	return has, err
}
