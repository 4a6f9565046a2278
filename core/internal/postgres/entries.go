package postgres

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

var entryTable = &table{"entries", []string{
	"tenant_id", "day", "id", "at", "store_id", "account_id", "kind", "object_id", "n", "amount", "fee", "corrects",
}}

const (
	entryColumns = `x.tenant_id, x.day::text AS day, x.id, x.at, x.store_id, x.account_id, x.kind, x.object_id, x.n, x.amount, x.fee, coalesce(x.corrects::text, '') AS corrects`
	entrySelect  = "SELECT " + entryColumns + ", '' AS number, '' AS merchant_number, '' AS provider FROM entries x"
	// entryList adds what people know the order by.
	entryList = "SELECT " + entryColumns + `, coalesce(p.order_no, r.refund_no, o.payout_no, '') AS number,
		coalesce(p.merchant_order_no, r.merchant_refund_no, o.merchant_payout_no, '') AS merchant_number, coalesce(p.provider, r.provider, o.provider, '') AS provider
		FROM entries x
		LEFT JOIN payments p ON x.kind = 'payment' AND p.tenant_id = x.tenant_id AND p.id = x.object_id
		LEFT JOIN refunds r ON x.kind = 'refund' AND r.tenant_id = x.tenant_id AND r.id = x.object_id
		LEFT JOIN payouts o ON x.kind = 'payout' AND o.tenant_id = x.tenant_id AND o.id = x.object_id`
	// maxEntries is the largest part of the books that is read at once.
	maxEntries = 5000
)

// dayValue is a day whose empty text is NULL.
func dayValue(d core.Day) any {
	if d == "" {
		return nil
	}
	return string(d)
}

type entryRow struct {
	TenantID       core.ID `db:"tenant_id"`
	Day            string  `db:"day"`
	ID             core.ID `db:"id"`
	At             stamp   `db:"at"`
	StoreID        core.ID `db:"store_id"`
	AccountID      core.ID `db:"account_id"`
	Kind           string  `db:"kind"`
	ObjectID       core.ID `db:"object_id"`
	N              int     `db:"n"`
	Amount         int64   `db:"amount"`
	Fee            int64   `db:"fee"`
	Corrects       string  `db:"corrects"`
	Number         string  `db:"number"`
	MerchantNumber string  `db:"merchant_number"`
	Provider       string  `db:"provider"`
}

func (r *entryRow) entry() core.Entry {
	return core.Entry{
		TenantID: r.TenantID, ID: r.ID, Day: core.Day(r.Day), At: r.At.Time, StoreID: r.StoreID, AccountID: r.AccountID, Kind: core.EntryKind(r.Kind),
		ObjectID: r.ObjectID, N: r.N, Amount: r.Amount, Fee: r.Fee, Corrects: core.Day(r.Corrects), Number: r.Number, MerchantNumber: r.MerchantNumber,
		Provider: r.Provider,
	}
}

// AppendEntry implements core.EntryTx. It is buffered and goes out with the event.
func (t *tenantTx) AppendEntry(_ context.Context, e core.Entry) error {
	if e.TenantID != t.tenant {
		return wrongTenant("entry")
	}
	t.s.buffer.add(entryTable, core.ID{}, e.TenantID, string(e.Day), e.ID, stamp{e.At}, e.StoreID, e.AccountID, string(e.Kind), e.ObjectID, e.N,
		e.Amount, e.Fee, dayValue(e.Corrects))
	return nil
}

// EntriesOf implements core.EntryReader.
func (t *tenantTx) EntriesOf(ctx context.Context, object core.ID) ([]core.Entry, error) {
	var rows []entryRow
	if err := t.s.list(ctx, &rows, entrySelect+" WHERE x.tenant_id = $1 AND x.object_id = $2 ORDER BY x.n", t.tenant, object); err != nil {
		return nil, err
	}
	return convert(rows, (*entryRow).entry), nil
}

func (t *tenantTx) entryConditions(f core.EntryFilter) conditions {
	c := t.own("x.tenant_id")
	c.days(f.From, f.To)
	c.between("x.at", time.Time{}, f.Until)
	c.stores(f.StoreIDs)
	c.id("x.account_id", f.AccountID)
	c.id("x.object_id", f.ObjectID)
	return c
}

// Entries implements core.EntryReader.
func (t *tenantTx) Entries(ctx context.Context, f core.EntryFilter) ([]core.Entry, error) {
	limit := f.Page.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	return t.entryPage(ctx, t.entryConditions(f), core.EntryMark{Day: dayBefore(f.Page), ID: f.Page.BeforeID}, "<", "DESC", min(limit, maxPage))
}

func dayBefore(p core.Page) core.Day {
	if p.BeforeTime.IsZero() {
		return ""
	}
	return core.DayOf(p.BeforeTime)
}

// CountEntries implements core.EntryReader.
func (t *tenantTx) CountEntries(ctx context.Context, f core.EntryFilter) (entries, days int64, err error) {
	c := t.entryConditions(f)
	var n struct {
		Entries int64 `db:"entries"`
		Days    int64 `db:"days"`
	}
	err = t.s.get(ctx, &n, nil, unprepared+"SELECT count(*) AS entries, count(DISTINCT x.day) AS days FROM entries x WHERE "+strings.Join(c.parts, " AND "), c.args...)
	return n.Entries, n.Days, err
}

// EntriesAfter implements core.EntryReader.
func (t *tenantTx) EntriesAfter(ctx context.Context, f core.EntryFilter, after core.EntryMark, limit int) ([]core.Entry, error) {
	return t.entryPage(ctx, t.entryConditions(f), after, ">", "ASC", min(max(1, limit), maxEntries))
}

func (t *tenantTx) entryPage(ctx context.Context, c conditions, mark core.EntryMark, beyond, order string, limit int) ([]core.Entry, error) {
	if mark.Day != "" {
		c.parts = append(c.parts, "(x.day, x.id) "+beyond+" ("+c.arg(string(mark.Day))+"::date, "+c.arg(mark.ID)+"::uuid)")
	}
	query := unprepared + entryList + " WHERE " + strings.Join(c.parts, " AND ") + " ORDER BY x.day " + order + ", x.id " + order + " LIMIT " + strconv.Itoa(limit)
	var rows []entryRow
	if err := t.s.list(ctx, &rows, query, c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*entryRow).entry), nil
}

type settlementRow struct {
	TenantID    core.ID `db:"tenant_id"`
	Day         string  `db:"day"`
	StoreID     core.ID `db:"store_id"`
	AccountID   core.ID `db:"account_id"`
	Payments    int64   `db:"payments"`
	Paid        int64   `db:"paid"`
	Refunds     int64   `db:"refunds"`
	Refunded    int64   `db:"refunded"`
	Payouts     int64   `db:"payouts"`
	PaidOut     int64   `db:"paid_out"`
	Fees        int64   `db:"fees"`
	Corrections int64   `db:"corrections"`
}

func (r *settlementRow) line() core.SettlementLine {
	return core.SettlementLine{
		TenantID: r.TenantID, Day: core.Day(r.Day), StoreID: r.StoreID, AccountID: r.AccountID, Payments: r.Payments, Paid: r.Paid, Refunds: r.Refunds,
		Refunded: r.Refunded, Payouts: r.Payouts, PaidOut: r.PaidOut, Fees: r.Fees, Corrections: r.Corrections, Net: r.Paid - r.Refunded - r.PaidOut - r.Fees,
	}
}

// settlementSums counts a movement as one and what takes it back as one less.
const settlementSums = `coalesce(sum(sign(x.amount)) FILTER (WHERE x.kind = 'payment'), 0)::bigint AS payments,
	coalesce(sum(x.amount) FILTER (WHERE x.kind = 'payment'), 0)::bigint AS paid,
	coalesce(-sum(sign(x.amount)) FILTER (WHERE x.kind = 'refund'), 0)::bigint AS refunds,
	coalesce(-sum(x.amount) FILTER (WHERE x.kind = 'refund'), 0)::bigint AS refunded,
	coalesce(-sum(sign(x.amount)) FILTER (WHERE x.kind = 'payout'), 0)::bigint AS payouts,
	coalesce(-sum(x.amount) FILTER (WHERE x.kind = 'payout'), 0)::bigint AS paid_out,
	sum(x.fee)::bigint AS fees, coalesce(sum(x.amount - x.fee) FILTER (WHERE x.corrects IS NOT NULL), 0)::bigint AS corrections`

// settlementQuery sums merchant by merchant, so that each is found by the key of the entries:
// an index for the platform alone would cost every payment.
func settlementQuery(c *conditions, f core.SettlementFilter) string {
	of := c.parts // of the merchants
	c.parts = nil
	c.days(f.From, f.To)
	c.stores(f.StoreIDs)
	c.id("x.account_id", f.AccountID)
	account := "NULL::uuid"
	if f.ByAccount {
		account = "x.account_id"
	}
	where := ""
	if len(of) > 0 {
		where = " WHERE " + strings.Join(of, " AND ")
	}
	return unprepared + `SELECT t.tenant_id, s.* FROM tenants t CROSS JOIN LATERAL (
		SELECT x.day::text AS day, x.store_id, ` + account + ` AS account_id, ` + settlementSums + ` FROM entries x
		WHERE x.tenant_id = t.tenant_id AND ` + strings.Join(c.parts, " AND ") + ` GROUP BY 1, 2, 3) s` + where + `
		ORDER BY s.day, t.tenant_id, s.store_id, s.account_id`
}

func (s *session) settlement(ctx context.Context, c conditions, f core.SettlementFilter) ([]core.SettlementLine, error) {
	var rows []settlementRow
	if err := s.list(ctx, &rows, settlementQuery(&c, f), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*settlementRow).line), nil
}

// Settlement implements core.SettlementReader.
func (t *tenantTx) Settlement(ctx context.Context, f core.SettlementFilter) ([]core.SettlementLine, error) {
	return t.s.settlement(ctx, t.own("t.tenant_id"), f)
}

// Settlement implements core.SettlementReader.
func (p *platformTx) Settlement(ctx context.Context, f core.SettlementFilter) ([]core.SettlementLine, error) {
	return p.s.settlement(ctx, ofTenant("t.tenant_id", f.TenantID), f)
}
