package postgres

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The limits of a page.
const (
	defaultPage = 50
	maxPage     = 200
)

// conditions collects a WHERE with its parameters. Columns come from this file only.
type conditions struct {
	parts []string
	args  []any
	most  int // rows of a page; 0: maxPage
}

// arg adds a parameter and gives its placeholder.
func (c *conditions) arg(v any) string {
	c.args = append(c.args, v)
	return "$" + strconv.Itoa(len(c.args))
}

// is adds column = value.
func (c *conditions) is(column string, v any) { c.parts = append(c.parts, column+" = "+c.arg(v)) }

// id adds column = id unless the id is zero.
func (c *conditions) id(column string, id core.ID) {
	if !id.IsZero() {
		c.is(column, id)
	}
}

// text adds column = value unless it is empty.
func (c *conditions) text(column, v string) {
	if v != "" {
		c.is(column, v)
	}
}

// between adds from ≤ column < to, for times that are set.
func (c *conditions) between(column string, from, to time.Time) {
	if !from.IsZero() {
		c.parts = append(c.parts, column+" >= "+c.arg(stamp{from}))
	}
	if !to.IsZero() {
		c.parts = append(c.parts, column+" < "+c.arg(stamp{to}))
	}
}

// oneOf adds column = ANY unless nothing was asked for.
func (c *conditions) oneOf(column string, wanted pq.StringArray) {
	if len(wanted) > 0 {
		c.parts = append(c.parts, column+" = ANY ("+c.arg(wanted)+"::text[])")
	}
}

// stores binds to stores. A list that is there and empty is bound to none.
func (c *conditions) stores(ids []core.ID) {
	if ids != nil {
		c.parts = append(c.parts, "x.store_id = ANY ("+c.arg(uids(ids))+"::uuid[])")
	}
}

// number finds rows that have the number in any of the columns. A union of equalities, because
// an OR over columns would not use their indexes.
func (c *conditions) number(t, number string, columns ...string) {
	if number == "" {
		return
	}
	value := c.arg(number)
	var finds []string
	for _, column := range columns {
		finds = append(finds, "SELECT n.tenant_id, n.id FROM "+t+" n WHERE n."+column+" = "+value+" AND n."+column+" <> ''")
	}
	c.parts = append(c.parts, "(x.tenant_id, x.id) IN ("+strings.Join(finds, " UNION ")+")")
}

// page ends the statement: newest first, after the last row of the page before.
func (c *conditions) page(query string, p core.Page, timeColumn, idColumn string) string {
	return c.ordered(query, p, beforeTime(p), timeColumn, idColumn, "DESC")
}

// pageOldest is page with the oldest first.
func (c *conditions) pageOldest(query string, p core.Page, timeColumn, idColumn string) string {
	return c.ordered(query, p, beforeTime(p), timeColumn, idColumn, "ASC")
}

// beforeTime is what a list by time goes on from, nil on its first page.
func beforeTime(p core.Page) any {
	if p.BeforeTime.IsZero() {
		return nil
	}
	return stamp{p.BeforeTime}
}

// ordered ends the statement in the order of a column and the id, beyond the last row's value of it; nil: from the first row.
func (c *conditions) ordered(query string, p core.Page, last any, column, idColumn, order string) string {
	if last != nil {
		beyond := "<"
		if order == "ASC" {
			beyond = ">"
		}
		c.parts = append(c.parts, "("+column+", "+idColumn+") "+beyond+" ("+c.arg(last)+", "+c.arg(p.BeforeID)+"::uuid)")
	}
	limit, most := p.Limit, c.most
	if limit <= 0 {
		limit = defaultPage
	}
	if most == 0 {
		most = maxPage
	}
	return unprepared + query + c.where() + " ORDER BY " + column + " " + order + ", " + idColumn + " " + order + " LIMIT " + strconv.Itoa(min(limit, most))
}

// where is the clause, with a space before it.
func (c *conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.parts, " AND ")
}

// grouped ends a statement that sums, in the order of its groups.
func (c *conditions) grouped(query, by string) string {
	return unprepared + query + " WHERE " + strings.Join(c.parts, " AND ") + " GROUP BY " + by + " ORDER BY " + by
}

func (s *session) payments(ctx context.Context, c conditions, f core.PaymentFilter) ([]core.Payment, error) {
	query, args := paymentList(c, f)
	var rows []paymentRow
	if err := s.list(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	return convert(rows, (*paymentRow).payment), nil
}

func paymentList(c conditions, f core.PaymentFilter) (query string, args []any) {
	c.payments(f)
	query = c.paymentPage(paymentSelect+" x", f)
	return query, c.args
}

// sortedSpan is the longest time whose payments are read by their time and then sorted by amount.
const sortedSpan = 48 * time.Hour

// paymentPage is page in the order that was asked for.
func (c *conditions) paymentPage(query string, f core.PaymentFilter) string {
	var last any
	if !f.Page.BeforeID.IsZero() {
		last = f.Page.BeforeAmount
	}
	amount := "x.amount"
	if !f.From.IsZero() && !f.To.IsZero() && f.To.Sub(f.From) <= sortedSpan {
		// An expression, which no index has: among the largest of all time those of a day lie far
		// apart. Seen with 300,000 payments whose amounts went with the time: 2.4 s by the index.
		amount = "(x.amount + 0)"
	}
	switch f.Sort {
	case core.PaymentsOldest:
		return c.pageOldest(query, f.Page, "x.created_at", "x.id")
	case core.PaymentsLargest:
		return c.ordered(query, f.Page, last, amount, "x.id", "DESC")
	case core.PaymentsSmallest:
		return c.ordered(query, f.Page, last, amount, "x.id", "ASC")
	default:
		return c.page(query, f.Page, "x.created_at", "x.id")
	}
}

// payments adds a filter of payments.
func (c *conditions) payments(f core.PaymentFilter) {
	c.oneOf("x.state", texts(f.States))
	if f.Unknown {
		c.parts = append(c.parts, "x.unknown_since IS NOT NULL")
	}
	c.text("x.provider", f.Provider)
	c.id("x.account_id", f.AccountID)
	c.stores(f.StoreIDs)
	c.text("x.method", string(f.Method))
	c.between("x.created_at", f.From, f.To)
	if f.MinAmount > 0 {
		c.parts = append(c.parts, "x.amount >= "+c.arg(f.MinAmount))
	}
	if f.MaxAmount > 0 {
		c.parts = append(c.parts, "x.amount <= "+c.arg(f.MaxAmount))
	}
	if f.Refundable {
		c.parts = append(c.parts, "x.state = 'succeeded' AND x.refunded + x.reserved < x.amount")
	}
	c.number("payments", f.AnyNumber, "order_no", "merchant_order_no", "provider_order_no", "channel_trade_no")
}

func (s *session) refunds(ctx context.Context, c conditions, f core.RefundFilter) ([]core.Refund, error) {
	query, args := refundList(c, f)
	var rows []refundRow
	if err := s.list(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	return convert(rows, (*refundRow).refund), nil
}

func refundList(c conditions, f core.RefundFilter) (query string, args []any) {
	c.refunds(f)
	query = c.page(refundSelect+" x", f.Page, "x.created_at", "x.id")
	return query, c.args
}

// refunds adds a filter of refunds.
func (c *conditions) refunds(f core.RefundFilter) {
	c.id("x.payment_id", f.PaymentID)
	c.oneOf("x.state", texts(f.States))
	if f.Unknown {
		c.parts = append(c.parts, "x.unknown_since IS NOT NULL")
	}
	c.between("x.created_at", f.From, f.To)
	c.number("refunds", f.AnyNumber, "refund_no", "merchant_refund_no", "provider_refund_no")
	if f.StoreIDs != nil {
		c.parts = append(c.parts, "EXISTS (SELECT FROM payments p WHERE p.tenant_id = x.tenant_id AND p.id = x.payment_id AND p.store_id = ANY ("+
			c.arg(uids(f.StoreIDs))+"::uuid[]))")
	}
}

func (s *session) events(ctx context.Context, c conditions, f core.EventFilter) ([]core.Event, error) {
	c.id("x.object_id", f.ObjectID)
	c.oneOf("x.type", texts(f.Types))
	var rows []eventRow
	if err := s.list(ctx, &rows, c.page(eventSelect+" x", f.Page, "x.created_at", "x.id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*eventRow).event), nil
}

func (s *session) auditEntries(ctx context.Context, c conditions, f core.AuditFilter) ([]core.AuditEntry, error) {
	c.audit(f)
	var rows []auditRow
	if err := s.list(ctx, &rows, c.page(auditSelect, f.Page, "a.created_at", "a.id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*auditRow).entry), nil
}

// audit adds a filter of audit rows.
func (c *conditions) audit(f core.AuditFilter) {
	c.text("a.actor", f.Actor)
	c.text("a.action", f.Action)
	c.text("a.object", f.Object)
	c.between("a.created_at", f.From, f.To)
}

// own begins the conditions of a tenant's list: its predicate stands before row-level
// security, and no filter can widen it.
func (t *tenantTx) own(column string) conditions {
	var c conditions
	c.is(column, t.tenant)
	return c
}

// Payments implements core.TenantReader.
func (t *tenantTx) Payments(ctx context.Context, f core.PaymentFilter) ([]core.Payment, error) {
	return t.s.payments(ctx, t.own("x.tenant_id"), f)
}

// Refunds implements core.TenantReader.
func (t *tenantTx) Refunds(ctx context.Context, f core.RefundFilter) ([]core.Refund, error) {
	return t.s.refunds(ctx, t.own("x.tenant_id"), f)
}

// Events implements core.TenantReader.
func (t *tenantTx) Events(ctx context.Context, f core.EventFilter) ([]core.Event, error) {
	return t.s.events(ctx, t.own("x.tenant_id"), f)
}

// Audit implements core.TenantReader.
func (t *tenantTx) Audit(ctx context.Context, f core.AuditFilter) ([]core.AuditEntry, error) {
	return t.s.auditEntries(ctx, t.own("a.tenant_id"), f)
}

func ofTenant(column string, tenant core.ID) conditions {
	var c conditions
	c.id(column, tenant)
	return c
}

// Payments implements core.PlatformTx.
func (p *platformTx) Payments(ctx context.Context, f core.PaymentFilter) ([]core.Payment, error) {
	return p.s.payments(ctx, ofTenant("x.tenant_id", f.TenantID), f)
}

// Refunds implements core.PlatformTx.
func (p *platformTx) Refunds(ctx context.Context, f core.RefundFilter) ([]core.Refund, error) {
	return p.s.refunds(ctx, ofTenant("x.tenant_id", f.TenantID), f)
}

// Events implements core.PlatformTx.
func (p *platformTx) Events(ctx context.Context, f core.EventFilter) ([]core.Event, error) {
	return p.s.events(ctx, ofTenant("x.tenant_id", f.TenantID), f)
}

// Audit implements core.PlatformTx.
func (p *platformTx) Audit(ctx context.Context, f core.AuditFilter) ([]core.AuditEntry, error) {
	return p.s.auditEntries(ctx, ofTenant("a.tenant_id", f.TenantID), f)
}

// Tenants implements core.PlatformTx. Search finds a part of the names or the contact.
func (p *platformTx) Tenants(ctx context.Context, f core.TenantFilter) ([]core.Tenant, error) {
	var c conditions
	c.text("status", string(f.Status))
	if f.Search != "" {
		pattern := c.arg("%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(f.Search) + "%")
		c.parts = append(c.parts, "(name ILIKE "+pattern+" OR short_name ILIKE "+pattern+" OR contact ILIKE "+pattern+")")
	}
	var rows []tenantRow
	if err := p.s.list(ctx, &rows, c.page(tenantSelect, f.Page, "created_at", "tenant_id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*tenantRow).tenant), nil
}
