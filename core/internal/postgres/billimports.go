package postgres

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

var (
	mappingTable = &table{"bill_mappings", []string{"tenant_id", "id", "name", "provider", "rules", "created_by", "created_at", "updated_at", "version"}}
	importTable  = &table{"bill_imports", []string{
		"tenant_id", "id", "account_id", "provider", "day", "scope", "mapping", "file_name", "bytes", "expected_count", "expected_amount", "created_by",
		"created_at", "version",
		"state", "restarts", "encoding", "rows", "skipped", "errors", "error_count", "bill_id", "unchanged", "finished_at", "next_check_at",
	}}
)

const importFixed = 14

var (
	mappingInsert = mappingTable.insertText()
	mappingSelect = "SELECT " + strings.Join(mappingTable.columns, ", ") + " FROM bill_mappings"
	importInsert  = importTable.insertText()
	importSelect  = "SELECT x." + strings.ReplaceAll(strings.Join(importTable.columns, ", x."), "x.day", "x.day::text AS day") + " FROM bill_imports x"
	// importKeep leaves the lease with the node that has it, importUpdate ends it.
	importKeep = `UPDATE bill_imports SET state = $5, restarts = $6, encoding = $7, rows = $8, skipped = $9, errors = $10, error_count = $11, bill_id = $12,
		unchanged = $13, finished_at = $14, next_check_at = $15, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND state = $3 AND version = $4`
	importUpdate = strings.Replace(importKeep, "version = version + 1", "version = version + 1, lease_until = NULL, lease_token = NULL", 1)
)

const (
	mappingUpdate   = "UPDATE bill_mappings SET name = $4, rules = $5, updated_at = $6, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND version = $3"
	mappingDelete   = "DELETE FROM bill_mappings WHERE tenant_id = $1 AND id = $2"
	importReceiving = "UPDATE bill_imports SET next_check_at = $3 WHERE tenant_id = $1 AND id = $2 AND state = 'receiving'"
	importsOpen     = "SELECT count(*) FROM bill_imports WHERE tenant_id = $1 AND state IN ('receiving', 'reading')"

	// linesRepeated sorts one part at a time: a bill of millions of lines at once would take
	// longer than a statement may.
	linesRepeated = `SELECT n, first, kind, number, provider_number FROM (
			SELECT n, kind, number, provider_number, first_value(n) OVER (PARTITION BY number, key, kind ORDER BY n) AS first FROM (
				SELECT n, kind, number, provider_number, CASE WHEN number = '' THEN provider_number ELSE '' END AS key
				FROM bill_lines WHERE tenant_id = $1 AND bill_id = $2) l
			WHERE (hashtext(number || key) & 2147483647) % $3 = $4) l
		WHERE n <> first ORDER BY n LIMIT $5`
	numberAccounts = `SELECT order_no AS number, account_id FROM payments WHERE tenant_id = $1 AND order_no = ANY ($2::text[])
		UNION ALL SELECT r.refund_no, p.account_id FROM refunds r JOIN payments p ON p.tenant_id = r.tenant_id AND p.id = r.payment_id
			WHERE r.tenant_id = $1 AND r.refund_no = ANY ($2::text[])
		UNION ALL SELECT payout_no, account_id FROM payouts WHERE tenant_id = $1 AND payout_no = ANY ($2::text[])`
)

type mappingRow struct {
	TenantID  core.ID  `db:"tenant_id"`
	ID        core.ID  `db:"id"`
	Name      string   `db:"name"`
	Provider  string   `db:"provider"`
	Rules     document `db:"rules"`
	CreatedBy string   `db:"created_by"`
	CreatedAt stamp    `db:"created_at"`
	UpdatedAt stamp    `db:"updated_at"`
	Version   int      `db:"version"`
}

func (r *mappingRow) mapping() core.BillMapping {
	m := core.BillMapping{}
	_ = json.Unmarshal(r.Rules, &m) // written by InsertBillMapping
	m.TenantID, m.ID, m.Name, m.Provider = r.TenantID, r.ID, r.Name, r.Provider
	m.CreatedBy, m.CreatedAt, m.UpdatedAt, m.Version = r.CreatedBy, r.CreatedAt.Time, r.UpdatedAt.Time, r.Version
	return m
}

// InsertBillMapping implements core.BillImportTx.
func (t *tenantTx) InsertBillMapping(ctx context.Context, m core.BillMapping) error {
	if m.TenantID != t.tenant {
		return wrongTenant("bill mapping")
	}
	_, err := t.s.change(ctx, mappingInsert, t.tenant, m.ID, clean(m.Name), m.Provider, encode(m, false), m.CreatedBy, stamp{m.CreatedAt}, stamp{m.UpdatedAt}, m.Version)
	return err
}

// UpdateBillMapping implements core.BillImportTx.
func (t *tenantTx) UpdateBillMapping(ctx context.Context, m core.BillMapping) error {
	changed := core.Errorf(core.CodeConflict, "The mapping changed meanwhile. Read it again.")
	return t.s.mustChange(ctx, changed, mappingUpdate, t.tenant, m.ID, m.Version, clean(m.Name), encode(m, false), stamp{m.UpdatedAt})
}

// DeleteBillMapping implements core.BillImportTx. Imports keep the rules they were read by.
func (t *tenantTx) DeleteBillMapping(ctx context.Context, id core.ID) error {
	return t.s.mustChange(ctx, core.NotFound("bill mapping"), mappingDelete, t.tenant, id)
}

// BillMappings implements core.BillImportReader.
func (t *tenantTx) BillMappings(ctx context.Context, provider string) ([]core.BillMapping, error) {
	c := t.own("tenant_id")
	c.text("provider", provider)
	var rows []mappingRow
	if err := t.s.list(ctx, &rows, c.page(mappingSelect, core.Page{Limit: maxPage}, "created_at", "id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*mappingRow).mapping), nil
}

// BillMapping implements core.BillImportReader.
func (t *tenantTx) BillMapping(ctx context.Context, id core.ID) (core.BillMapping, error) {
	var row mappingRow
	if err := t.s.get(ctx, &row, core.NotFound("bill mapping"), mappingSelect+" WHERE tenant_id = $1 AND id = $2", t.tenant, id); err != nil {
		return core.BillMapping{}, err
	}
	return row.mapping(), nil
}

type importRow struct {
	TenantID       core.ID  `db:"tenant_id"`
	ID             core.ID  `db:"id"`
	AccountID      core.ID  `db:"account_id"`
	Provider       string   `db:"provider"`
	Day            string   `db:"day"`
	Scope          string   `db:"scope"`
	Mapping        document `db:"mapping"`
	FileName       string   `db:"file_name"`
	Bytes          int64    `db:"bytes"`
	ExpectedCount  int64    `db:"expected_count"`
	ExpectedAmount int64    `db:"expected_amount"`
	CreatedBy      string   `db:"created_by"`
	CreatedAt      stamp    `db:"created_at"`
	Version        int      `db:"version"`
	State          string   `db:"state"`
	Restarts       int      `db:"restarts"`
	Encoding       string   `db:"encoding"`
	Rows           int64    `db:"rows"`
	Skipped        int64    `db:"skipped"`
	Errors         document `db:"errors"`
	ErrorCount     int64    `db:"error_count"`
	BillID         core.ID  `db:"bill_id"`
	Unchanged      bool     `db:"unchanged"`
	FinishedAt     stamp    `db:"finished_at"`
	NextCheckAt    stamp    `db:"next_check_at"`
}

func (r *importRow) billImport() core.BillImport {
	i := core.BillImport{
		TenantID: r.TenantID, ID: r.ID, AccountID: r.AccountID, Provider: r.Provider, Day: core.Day(r.Day), Scope: r.Scope, FileName: r.FileName,
		Bytes: r.Bytes, ExpectedCount: r.ExpectedCount, ExpectedAmount: r.ExpectedAmount, State: core.BillImportState(r.State), Restarts: r.Restarts,
		Encoding: r.Encoding, Rows: r.Rows, Skipped: r.Skipped, ErrorCount: r.ErrorCount, BillID: r.BillID, Unchanged: r.Unchanged,
		CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.Time, FinishedAt: r.FinishedAt.Time, NextCheckAt: r.NextCheckAt.Time, Version: r.Version,
	}
	_ = json.Unmarshal(r.Mapping, &i.Mapping) // written by importValues
	if len(r.Errors) > 0 {
		_ = json.Unmarshal(r.Errors, &i.Errors) // written by importValues
	}
	return i
}

func importValues(i core.BillImport) []any {
	return []any{
		i.TenantID, i.ID, i.AccountID, i.Provider, string(i.Day), i.Scope, encode(i.Mapping, false), clean(i.FileName), i.Bytes, i.ExpectedCount,
		i.ExpectedAmount, i.CreatedBy,
		stamp{i.CreatedAt},
		i.Version,
		string(i.State), i.Restarts, i.Encoding, i.Rows, i.Skipped, encode(i.Errors, len(i.Errors) == 0), i.ErrorCount, i.BillID, i.Unchanged,
		stamp{i.FinishedAt},
		stamp{i.NextCheckAt},
	}
}

// InsertBillImport implements core.BillImportTx.
func (t *tenantTx) InsertBillImport(ctx context.Context, i core.BillImport) error {
	if i.TenantID != t.tenant {
		return wrongTenant("bill import")
	}
	_, err := t.s.change(ctx, importInsert, importValues(i)...)
	return err
}

// KeepReceiving implements core.BillImportTx. It leaves the version alone: chunks come side by side.
func (t *tenantTx) KeepReceiving(ctx context.Context, id core.ID, until time.Time) error {
	return t.s.mustChange(ctx, core.Errorf(core.CodeInvalidState, "The import takes no more chunks."), importReceiving, t.tenant, id, stamp{until})
}

// UpdateBillImport implements core.BillImportTx.
func (t *tenantTx) UpdateBillImport(ctx context.Context, i core.BillImport, from core.BillImportState) error {
	return t.changeImport(ctx, importUpdate, i, from)
}

// ClaimBillImport implements core.BillImportTx.
func (t *tenantTx) ClaimBillImport(ctx context.Context, i core.BillImport) error {
	return t.changeImport(ctx, importKeep, i, i.State)
}

func (t *tenantTx) changeImport(ctx context.Context, statement string, i core.BillImport, from core.BillImportState) error {
	args := append([]any{t.tenant, i.ID, string(from), i.Version}, importValues(i)[importFixed:]...)
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The import changed meanwhile. Read it again."), statement, args...)
}

// BillImport implements core.BillImportReader.
func (t *tenantTx) BillImport(ctx context.Context, id core.ID) (core.BillImport, error) {
	var row importRow
	if err := t.s.get(ctx, &row, core.NotFound("bill import"), importSelect+" WHERE x.tenant_id = $1 AND x.id = $2", t.tenant, id); err != nil {
		return core.BillImport{}, err
	}
	return row.billImport(), nil
}

// BillImports implements core.BillImportReader.
func (t *tenantTx) BillImports(ctx context.Context, account core.ID, page core.Page) ([]core.BillImport, error) {
	c := t.own("x.tenant_id")
	c.id("x.account_id", account)
	var rows []importRow
	if err := t.s.list(ctx, &rows, c.page(importSelect, page, "x.created_at", "x.id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*importRow).billImport), nil
}

// OpenBillImports implements core.BillImportReader.
func (t *tenantTx) OpenBillImports(ctx context.Context) (n int, err error) {
	err = t.s.get(ctx, &n, core.NotFound("bill import"), importsOpen, t.tenant)
	return n, err
}

// RepeatedLines implements core.BillImportReader.
func (t *tenantTx) RepeatedLines(ctx context.Context, bill core.ID, part, parts, limit int) ([]core.RepeatedLine, error) {
	var rows []struct {
		N              int64  `db:"n"`
		First          int64  `db:"first"`
		Kind           string `db:"kind"`
		Number         string `db:"number"`
		ProviderNumber string `db:"provider_number"`
	}
	if err := t.s.list(ctx, &rows, linesRepeated, t.tenant, bill, parts, part, limit); err != nil {
		return nil, err
	}
	out := make([]core.RepeatedLine, len(rows))
	for i, r := range rows {
		out[i] = core.RepeatedLine{N: r.N, First: r.First, Kind: core.MovementKind(r.Kind), Number: r.Number, ProviderNumber: r.ProviderNumber}
	}
	return out, nil
}

// AccountsOfNumbers implements core.BillImportReader.
func (t *tenantTx) AccountsOfNumbers(ctx context.Context, numbers []string) (map[string]core.ID, error) {
	out := make(map[string]core.ID, len(numbers))
	if len(numbers) == 0 {
		return out, nil
	}
	var rows []struct {
		Number    string  `db:"number"`
		AccountID core.ID `db:"account_id"`
	}
	if err := t.s.list(ctx, &rows, unprepared+numberAccounts, t.tenant, pq.StringArray(numbers)); err != nil {
		return nil, err
	}
	for _, r := range rows {
		out[r.Number] = r.AccountID
	}
	return out, nil
}
