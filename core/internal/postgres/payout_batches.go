package postgres

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

var batchTable = &table{"payout_batches", []string{
	"tenant_id", "id", "account_id", "provider", "file_name", "file_hash", "encoding", "again", "rows", "amount", "currency", "errors", "error_count",
	"created_by", "created_at", "version",
	"state", "failure_code", "approved_by", "updated_at",
}}

const batchFixed = 16

var (
	batchInsert = batchTable.insertText()
	batchSelect = "SELECT " + strings.Join(batchTable.columns, ", ") + " FROM payout_batches"
	// batchUpdate has no lease to clear: what is due are its payouts.
	batchUpdate = `UPDATE payout_batches SET state = $5, failure_code = $6, approved_by = $7, updated_at = $8, version = version + 1
		WHERE tenant_id = $1 AND id = $2 AND state = $3 AND version = $4`
	batchRelease = `UPDATE payouts SET state = 'processing', approved_by = $3, updated_at = $4, version = version + 1,
		next_check_at = $4::timestamptz + (w.place - 1) * $5 * interval '1 microsecond'
		FROM (SELECT id AS waiting, row_number() OVER (ORDER BY batch_row) AS place FROM payouts
			WHERE tenant_id = $1 AND batch_id = $2 AND state = 'pending_approval') w
		WHERE tenant_id = $1 AND id = w.waiting AND state = 'pending_approval' RETURNING ` + payoutColumns
	batchReject = `UPDATE payouts SET state = 'rejected', failure_code = $3, finished_at = $4, updated_at = $4, version = version + 1
		WHERE tenant_id = $1 AND batch_id = $2 AND state = 'pending_approval' RETURNING ` + payoutColumns
)

func batchValues(b core.PayoutBatch) []any {
	return []any{
		b.TenantID, b.ID, b.AccountID, b.Provider, clean(b.FileName), b.FileHash, b.Encoding, b.Again, b.Rows, b.Amount.Minor, string(b.Amount.Currency),
		encode(b.Errors, len(b.Errors) == 0), b.ErrorCount, b.CreatedBy,
		stamp{b.CreatedAt},
		b.Version,
		string(b.State), b.FailureCode, b.ApprovedBy,
		stamp{b.UpdatedAt},
	}
}

type batchRow struct {
	TenantID    core.ID  `db:"tenant_id"`
	ID          core.ID  `db:"id"`
	AccountID   core.ID  `db:"account_id"`
	Provider    string   `db:"provider"`
	FileName    string   `db:"file_name"`
	FileHash    []byte   `db:"file_hash"`
	Encoding    string   `db:"encoding"`
	Again       bool     `db:"again"`
	Rows        int      `db:"rows"`
	Amount      int64    `db:"amount"`
	Currency    string   `db:"currency"`
	Errors      document `db:"errors"`
	ErrorCount  int      `db:"error_count"`
	State       string   `db:"state"`
	FailureCode string   `db:"failure_code"`
	ApprovedBy  string   `db:"approved_by"`
	CreatedBy   string   `db:"created_by"`
	CreatedAt   stamp    `db:"created_at"`
	UpdatedAt   stamp    `db:"updated_at"`
	Version     int      `db:"version"`
}

func (r *batchRow) batch() core.PayoutBatch {
	b := core.PayoutBatch{
		TenantID: r.TenantID, ID: r.ID, AccountID: r.AccountID, Provider: r.Provider, FileName: r.FileName, FileHash: r.FileHash, Encoding: r.Encoding, Again: r.Again,
		Rows: r.Rows, Amount: core.Money{Minor: r.Amount, Currency: core.Currency(r.Currency)}, State: core.PayoutBatchState(r.State),
		ErrorCount: r.ErrorCount, FailureCode: r.FailureCode, ApprovedBy: r.ApprovedBy, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.Time,
		UpdatedAt: r.UpdatedAt.Time, Version: r.Version,
	}
	if len(r.Errors) > 0 {
		_ = json.Unmarshal(r.Errors, &b.Errors) // written by batchValues
	}
	return b
}

// InsertPayoutBatch implements core.PayoutTx.
func (t *tenantTx) InsertPayoutBatch(ctx context.Context, b core.PayoutBatch) error {
	if b.TenantID != t.tenant {
		return wrongTenant("payout batch")
	}
	_, err := t.s.change(ctx, batchInsert, batchValues(b)...)
	return err
}

// UpdatePayoutBatch implements core.PayoutTx.
func (t *tenantTx) UpdatePayoutBatch(ctx context.Context, b core.PayoutBatch, from core.PayoutBatchState) error {
	args := append([]any{t.tenant, b.ID, string(from), b.Version}, batchValues(b)[batchFixed:]...)
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The batch changed meanwhile. Read it again."), batchUpdate, args...)
}

// ReleaseBatch implements core.PayoutTx.
func (t *tenantTx) ReleaseBatch(ctx context.Context, b core.PayoutBatch, now time.Time, pace time.Duration) ([]core.Payout, error) {
	return t.changeBatch(ctx, batchRelease, t.tenant, b.ID, b.ApprovedBy, stamp{now}, pace.Microseconds())
}

// RejectBatch implements core.PayoutTx.
func (t *tenantTx) RejectBatch(ctx context.Context, b core.PayoutBatch, now time.Time) ([]core.Payout, error) {
	return t.changeBatch(ctx, batchReject, t.tenant, b.ID, b.FailureCode, stamp{now})
}

func (t *tenantTx) changeBatch(ctx context.Context, statement string, args ...any) ([]core.Payout, error) {
	t.s.wrote = true
	var rows []payoutRow
	if err := t.s.list(ctx, &rows, statement, args...); err != nil {
		return nil, err
	}
	return convert(rows, (*payoutRow).payout), nil
}

// PayoutBatch implements core.PayoutReader.
func (t *tenantTx) PayoutBatch(ctx context.Context, id core.ID) (core.PayoutBatch, error) {
	return t.oneBatch(ctx, batchSelect+" WHERE tenant_id = $1 AND id = $2", id)
}

// PayoutBatchByHash implements core.PayoutReader.
func (t *tenantTx) PayoutBatchByHash(ctx context.Context, hash []byte) (core.PayoutBatch, error) {
	return t.oneBatch(ctx, batchSelect+" WHERE tenant_id = $1 AND file_hash = $2 AND state IN ('pending_approval', 'approved') ORDER BY created_at DESC LIMIT 1", hash)
}

func (t *tenantTx) oneBatch(ctx context.Context, query string, value any) (core.PayoutBatch, error) {
	var row batchRow
	if err := t.s.get(ctx, &row, core.NotFound("payout batch"), query, t.tenant, value); err != nil {
		return core.PayoutBatch{}, err
	}
	return row.batch(), nil
}

// PayoutTotals implements core.PayoutReader.
func (t *tenantTx) PayoutTotals(ctx context.Context, batch core.ID) (core.PayoutTotals, error) {
	var rows []struct {
		State string `db:"state"`
		Count int    `db:"count"`
		Sum   int64  `db:"sum"`
	}
	err := t.s.list(ctx, &rows, "SELECT state, count(*) AS count, sum(amount)::bigint AS sum FROM payouts WHERE tenant_id = $1 AND batch_id = $2 GROUP BY state", t.tenant, batch)
	totals := core.PayoutTotals{Count: map[core.PayoutState]int{}, Sum: map[core.PayoutState]int64{}}
	for _, r := range rows {
		totals.Count[core.PayoutState(r.State)], totals.Sum[core.PayoutState(r.State)] = r.Count, r.Sum
	}
	return totals, err
}

func (s *session) payoutBatches(ctx context.Context, c conditions, f core.PayoutBatchFilter) ([]core.PayoutBatch, error) {
	c.oneOf("x.state", texts(f.States))
	var rows []batchRow
	if err := s.list(ctx, &rows, c.page(batchSelect+" x", f.Page, "x.created_at", "x.id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*batchRow).batch), nil
}

// PayoutBatches implements core.PayoutLists.
func (t *tenantTx) PayoutBatches(ctx context.Context, f core.PayoutBatchFilter) ([]core.PayoutBatch, error) {
	return t.s.payoutBatches(ctx, t.own("x.tenant_id"), f)
}

// PayoutBatches implements core.PayoutLists.
func (p *platformTx) PayoutBatches(ctx context.Context, f core.PayoutBatchFilter) ([]core.PayoutBatch, error) {
	return p.s.payoutBatches(ctx, ofTenant("x.tenant_id", f.TenantID), f)
}
