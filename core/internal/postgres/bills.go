package postgres

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

var billTable = &table{"bills", []string{
	"tenant_id", "id", "account_id", "provider", "day", "scope", "source", "state", "kinds", "cursor", "lines", "hash", "import_id", "asked",
	"unanswered", "provided_code", "provided_message", "created_at", "ready_at", "superseded_at", "version",
}}

var (
	billInsert = billTable.insertText()
	billSelect = "SELECT x." + strings.ReplaceAll(strings.Join(billTable.columns, ", x."), "x.day", "x.day::text AS day") + " FROM bills x"
)

const (
	billAppend = `UPDATE bills SET lines = lines + $4, cursor = $5, asked = $6, unanswered = $7, version = version + 1
		WHERE tenant_id = $1 AND id = $2 AND version = $3 AND state = 'reading'`
	billFinish = `UPDATE bills SET state = $4, kinds = $5, cursor = $6, hash = $7, asked = $8, unanswered = $9, provided_code = $10,
		provided_message = $11, ready_at = $12, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND version = $3 AND state = 'reading'`
	// What was current before, as FinishBill's contract says.
	billSupersede = `UPDATE bills b SET state = 'superseded', superseded_at = $3, version = b.version + 1 FROM bills n
		WHERE n.tenant_id = $1 AND n.id = $2 AND b.tenant_id = $1 AND b.account_id = n.account_id AND b.day = n.day AND b.state = 'ready' AND b.id <> n.id
			AND (n.scope = '' AND n.source = 'file' OR b.scope = n.scope AND (b.source = 'totals') = (n.source = 'totals'))`

	linesInsert = `INSERT INTO bill_lines (tenant_id, bill_id, n, kind, number, provider_number, outcome, amount, fee, at, method, status)
		SELECT $1, $2, * FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::timestamptz[],
			$11::text[], $12::text[])`
	linesRemove = `DELETE FROM bill_lines WHERE tenant_id = $1 AND bill_id = $2 AND n IN (
		SELECT n FROM bill_lines WHERE tenant_id = $1 AND bill_id = $2 ORDER BY n LIMIT $3)
		AND EXISTS (SELECT FROM bills WHERE tenant_id = $1 AND id = $2 AND state IN ('failed', 'superseded'))`
	lineColumns = "l.n, l.kind, l.number, l.provider_number, l.outcome, l.amount, l.fee, l.at, l.method, l.status"
	linesAfter  = "SELECT " + lineColumns + " FROM bill_lines l WHERE l.tenant_id = $1 AND l.bill_id = $2 AND l.n > $3 ORDER BY l.n LIMIT $4"
	linesOf     = "SELECT l.bill_id, " + lineColumns + ` FROM bill_lines l WHERE l.tenant_id = $1 AND l.bill_id = ANY ($2::uuid[])
		AND l.number = ANY ($3::text[]) ORDER BY l.number, l.bill_id, l.n`

	lineKinds = "SELECT DISTINCT kind FROM bill_lines WHERE tenant_id = $1 AND bill_id = $2 ORDER BY kind"

	totalsClear  = "DELETE FROM bill_totals WHERE tenant_id = $1 AND bill_id = $2"
	totalsInsert = "INSERT INTO bill_totals (tenant_id, bill_id, kind, method, count, amount, fee) VALUES ($1, $2, $3, $4, $5, $6, $7)"
	totalsSelect = "SELECT kind, method, count, amount, fee FROM bill_totals WHERE tenant_id = $1 AND bill_id = $2 ORDER BY kind, method"
)

type billRow struct {
	TenantID        core.ID        `db:"tenant_id"`
	ID              core.ID        `db:"id"`
	AccountID       core.ID        `db:"account_id"`
	Provider        string         `db:"provider"`
	Day             string         `db:"day"`
	Scope           string         `db:"scope"`
	Source          string         `db:"source"`
	State           string         `db:"state"`
	Kinds           pq.StringArray `db:"kinds"`
	Cursor          string         `db:"cursor"`
	Lines           int64          `db:"lines"`
	Hash            []byte         `db:"hash"`
	ImportID        core.ID        `db:"import_id"`
	Asked           int64          `db:"asked"`
	Unanswered      int64          `db:"unanswered"`
	ProvidedCode    string         `db:"provided_code"`
	ProvidedMessage string         `db:"provided_message"`
	CreatedAt       stamp          `db:"created_at"`
	ReadyAt         stamp          `db:"ready_at"`
	SupersededAt    stamp          `db:"superseded_at"`
	Version         int            `db:"version"`
}

func (r *billRow) bill() core.Bill {
	b := core.Bill{
		TenantID: r.TenantID, ID: r.ID, AccountID: r.AccountID, Provider: r.Provider, Day: core.Day(r.Day), Scope: r.Scope, Source: core.BillSource(r.Source),
		State: core.BillState(r.State), Cursor: r.Cursor, Lines: r.Lines, Hash: r.Hash, ImportID: r.ImportID, Asked: r.Asked, Unanswered: r.Unanswered,
		Provided: core.ProviderText{Code: r.ProvidedCode, Message: r.ProvidedMessage}, CreatedAt: r.CreatedAt.Time, ReadyAt: r.ReadyAt.Time,
		SupersededAt: r.SupersededAt.Time, Version: r.Version,
	}
	for _, kind := range r.Kinds {
		b.Kinds = append(b.Kinds, core.MovementKind(kind))
	}
	return b
}

type lineRow struct {
	BillID         core.ID       `db:"bill_id"`
	N              int64         `db:"n"`
	Kind           string        `db:"kind"`
	Number         string        `db:"number"`
	ProviderNumber string        `db:"provider_number"`
	Outcome        string        `db:"outcome"`
	Amount         int64         `db:"amount"`
	Fee            sql.NullInt64 `db:"fee"`
	At             stamp         `db:"at"`
	Method         string        `db:"method"`
	Status         string        `db:"status"`
}

func (r *lineRow) line() core.StoredLine {
	return core.StoredLine{
		N: r.N, Kind: core.MovementKind(r.Kind), Number: r.Number, ProviderNumber: r.ProviderNumber, Outcome: core.Outcome(r.Outcome),
		Amount: core.Fen(r.Amount), Fee: stated(r.Fee), At: r.At.Time, Method: r.Method, Status: r.Status,
	}
}

func (r *lineRow) billed() core.BilledLine {
	return core.BilledLine{BillID: r.BillID, StoredLine: r.line()}
}

// InsertBill implements core.BooksTx.
func (t *tenantTx) InsertBill(ctx context.Context, b core.Bill) error {
	if b.TenantID != t.tenant {
		return wrongTenant("bill")
	}
	_, err := t.s.change(ctx, billInsert, t.tenant, b.ID, b.AccountID, b.Provider, string(b.Day), b.Scope, string(b.Source), string(b.State),
		texts(b.Kinds), b.Cursor, b.Lines, b.Hash, b.ImportID, b.Asked, b.Unanswered, clean(b.Provided.Code), clean(b.Provided.Message),
		stamp{b.CreatedAt}, stamp{b.ReadyAt}, stamp{b.SupersededAt}, b.Version)
	return err
}

// AddBillLines implements core.BooksTx.
func (t *tenantTx) AddBillLines(ctx context.Context, b core.Bill, lines []core.StoredLine) error {
	err := t.s.mustChange(ctx, billChanged(), billAppend, t.tenant, b.ID, b.Version, len(lines), b.Cursor, b.Asked, b.Unanswered)
	if err != nil || len(lines) == 0 {
		return err
	}
	c := columnsOf(lines)
	_, err = t.s.change(ctx, unprepared+linesInsert, t.tenant, b.ID, c.n, c.kind, c.number, c.providerNumber, c.outcome, c.amount, pq.Array(c.fee),
		pq.Array(c.at), c.method, c.status)
	return err
}

func billChanged() error {
	return core.Errorf(core.CodeConflict, "The bill changed meanwhile. Read it again.")
}

// lineArrays are lines column by column: row-level security and COPY exclude each other, and
// arrays are the next fastest way.
type lineArrays struct {
	n, amount                                             pq.Int64Array
	kind, number, providerNumber, outcome, method, status pq.StringArray
	fee                                                   []sql.NullInt64
	at                                                    []sql.NullString
}

func columnsOf(lines []core.StoredLine) lineArrays {
	var c lineArrays
	for _, l := range lines {
		c.n, c.amount = append(c.n, l.N), append(c.amount, l.Amount.Minor)
		c.kind, c.number = append(c.kind, string(l.Kind)), append(c.number, clean(l.Number))
		c.providerNumber, c.outcome = append(c.providerNumber, clean(l.ProviderNumber)), append(c.outcome, string(l.Outcome))
		c.method, c.status = append(c.method, clean(l.Method)), append(c.status, clean(l.Status))
		c.fee = append(c.fee, unstated(l.Fee))
		c.at = append(c.at, sql.NullString{String: l.At.UTC().Format(time.RFC3339Nano), Valid: !l.At.IsZero()})
	}
	return c
}

// SetBillTotals implements core.BooksTx.
func (t *tenantTx) SetBillTotals(ctx context.Context, b core.Bill, totals []core.MovementTotal) error {
	if _, err := t.s.change(ctx, totalsClear, t.tenant, b.ID); err != nil {
		return err
	}
	for _, m := range totals {
		if _, err := t.s.change(ctx, totalsInsert, t.tenant, b.ID, string(m.Kind), clean(m.Method), m.Count, m.Amount, m.Fee); err != nil {
			return err
		}
	}
	return nil
}

// FinishBill implements core.BooksTx. The bill before is superseded first: two are never current.
func (t *tenantTx) FinishBill(ctx context.Context, b core.Bill) error {
	if b.State == core.BillReady {
		if _, err := t.s.change(ctx, billSupersede, t.tenant, b.ID, stamp{b.ReadyAt}); err != nil {
			return err
		}
	}
	return t.s.mustChange(ctx, billChanged(), billFinish, t.tenant, b.ID, b.Version, string(b.State), texts(b.Kinds), b.Cursor, b.Hash, b.Asked,
		b.Unanswered, clean(b.Provided.Code), clean(b.Provided.Message), stamp{b.ReadyAt})
}

// RemoveBillLines implements core.BooksTx.
func (t *tenantTx) RemoveBillLines(ctx context.Context, bill core.ID, limit int) (int, error) {
	n, err := t.s.change(ctx, linesRemove, t.tenant, bill, limit)
	return int(n), err
}

// Bills implements core.BooksReader.
func (t *tenantTx) Bills(ctx context.Context, account core.ID, day core.Day) ([]core.Bill, error) {
	var rows []billRow
	err := t.s.list(ctx, &rows, billSelect+` WHERE x.tenant_id = $1 AND x.account_id = $2 AND x.day = $3
		ORDER BY x.state <> 'ready', x.created_at DESC, x.id DESC`, t.tenant, account, string(day))
	if err != nil {
		return nil, err
	}
	return convert(rows, (*billRow).bill), nil
}

// Bill implements core.BooksReader.
func (t *tenantTx) Bill(ctx context.Context, id core.ID) (core.Bill, error) {
	var row billRow
	if err := t.s.get(ctx, &row, core.NotFound("bill"), billSelect+" WHERE x.tenant_id = $1 AND x.id = $2", t.tenant, id); err != nil {
		return core.Bill{}, err
	}
	return row.bill(), nil
}

// BillTotals implements core.BooksReader.
func (t *tenantTx) BillTotals(ctx context.Context, bill core.ID) ([]core.MovementTotal, error) {
	var rows []struct {
		Kind, Method       string
		Count, Amount, Fee int64
	}
	if err := t.s.list(ctx, &rows, totalsSelect, t.tenant, bill); err != nil {
		return nil, err
	}
	totals := make([]core.MovementTotal, len(rows))
	for i, r := range rows {
		totals[i] = core.MovementTotal{Kind: core.MovementKind(r.Kind), Method: r.Method, Count: r.Count, Amount: r.Amount, Fee: r.Fee}
	}
	return totals, nil
}

// BillKinds implements core.BooksReader.
func (t *tenantTx) BillKinds(ctx context.Context, bill core.ID) (kinds []core.MovementKind, err error) {
	err = t.s.list(ctx, &kinds, lineKinds, t.tenant, bill)
	return kinds, err
}

// BillLinesAfter implements core.BooksReader.
func (t *tenantTx) BillLinesAfter(ctx context.Context, bill core.ID, after int64, limit int) ([]core.StoredLine, error) {
	var rows []lineRow
	if err := t.s.list(ctx, &rows, linesAfter, t.tenant, bill, after, limit); err != nil {
		return nil, err
	}
	return convert(rows, (*lineRow).line), nil
}

// LinesByNumber implements core.BooksReader.
func (t *tenantTx) LinesByNumber(ctx context.Context, bills []core.ID, numbers []string) ([]core.BilledLine, error) {
	if len(bills) == 0 || len(numbers) == 0 {
		return nil, nil
	}
	var rows []lineRow
	if err := t.s.list(ctx, &rows, unprepared+linesOf, t.tenant, uids(bills), pq.StringArray(numbers)); err != nil {
		return nil, err
	}
	return convert(rows, (*lineRow).billed), nil
}
