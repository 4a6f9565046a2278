package postgres

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The columns an UPDATE may change come last: see exportFixed.
var exportTable = &table{"exports", []string{
	"tenant_id", "id", "kind", "format", "filter", "query", "columns", "language", "file_name", "created_by", "created_at", "version",
	"state", "total", "rows", "bytes", "chunks", "restarts", "reason", "started_at", "finished_at", "expires_at", "next_check_at",
}}

const exportFixed = 12

var (
	exportInsert = exportTable.insertText()
	exportSelect = "SELECT " + strings.Join(exportTable.columns, ", ") + " FROM exports"
	exportUpdate = guardedUpdate(exportTable, exportFixed)
	// exportAdvance leaves the lease alone.
	exportAdvance = strings.Replace(exportUpdate, ", lease_until = NULL, lease_token = NULL", "", 1)
)

const (
	exportCancel = `UPDATE exports SET state = 'canceled', reason = '', finished_at = $3, expires_at = NULL, next_check_at = $3,
		version = version + 1, lease_until = NULL, lease_token = NULL
		WHERE tenant_id = $1 AND id = $2 AND state IN ('queued', 'running', 'ready')`
	exportCount = `SELECT count(*) FILTER (WHERE state <> 'ready') AS unfinished, count(*) AS kept FROM exports
		WHERE tenant_id = $1 AND state IN ('queued', 'running', 'ready')`
)

func exportValues(e core.Export) []any {
	return []any{
		uid(e.TenantID), e.ID, string(e.Kind), string(e.Format), encode(e.Filter, false), rawJSON(e.Query), pq.StringArray(e.Columns), e.Language, clean(e.FileName),
		e.CreatedBy,
		stamp{e.CreatedAt},
		e.Version,
		string(e.State), e.Total, e.Rows, e.Bytes, e.Chunks, e.Restarts, e.Reason,
		stamp{e.StartedAt},
		stamp{e.FinishedAt},
		stamp{e.ExpiresAt},
		stamp{e.NextCheckAt},
	}
}

type exportRow struct {
	TenantID    core.ID        `db:"tenant_id"`
	ID          core.ID        `db:"id"`
	Kind        string         `db:"kind"`
	Format      string         `db:"format"`
	Filter      document       `db:"filter"`
	Query       document       `db:"query"`
	Columns     pq.StringArray `db:"columns"`
	Language    string         `db:"language"`
	FileName    string         `db:"file_name"`
	CreatedBy   string         `db:"created_by"`
	CreatedAt   stamp          `db:"created_at"`
	State       string         `db:"state"`
	Total       int64          `db:"total"`
	Rows        int64          `db:"rows"`
	Bytes       int64          `db:"bytes"`
	Chunks      int            `db:"chunks"`
	Restarts    int            `db:"restarts"`
	Reason      string         `db:"reason"`
	StartedAt   stamp          `db:"started_at"`
	FinishedAt  stamp          `db:"finished_at"`
	ExpiresAt   stamp          `db:"expires_at"`
	NextCheckAt stamp          `db:"next_check_at"`
	Version     int            `db:"version"`
}

func (r *exportRow) export() core.Export {
	e := core.Export{
		TenantID: r.TenantID, ID: r.ID, Kind: core.ExportKind(r.Kind), Format: core.ExportFormat(r.Format), Query: json.RawMessage(r.Query),
		Columns: r.Columns, Language: r.Language, State: core.ExportState(r.State), Total: r.Total, Rows: r.Rows, Bytes: r.Bytes, Chunks: r.Chunks,
		FileName: r.FileName, Restarts: r.Restarts, Reason: r.Reason, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.Time, StartedAt: r.StartedAt.Time,
		FinishedAt: r.FinishedAt.Time, ExpiresAt: r.ExpiresAt.Time, NextCheckAt: r.NextCheckAt.Time, Version: r.Version,
	}
	_ = json.Unmarshal(r.Filter, &e.Filter) // written by exportValues
	return e
}

// exportRoom keeps the exports of one tenant, or with the zero tenant those of the platform.
type exportRoom struct {
	session *session
	tenant  core.ID
}

// InsertExport implements core.ExportTx.
func (r exportRoom) InsertExport(ctx context.Context, e core.Export) error {
	if e.TenantID != r.tenant {
		return wrongTenant("export")
	}
	_, err := r.session.change(ctx, exportInsert, exportValues(e)...)
	return err
}

// AdvanceExport implements core.ExportTx.
func (r exportRoom) AdvanceExport(ctx context.Context, e core.Export, from core.ExportState) error {
	return r.update(ctx, exportAdvance, e, from)
}

// UpdateExport implements core.ExportTx.
func (r exportRoom) UpdateExport(ctx context.Context, e core.Export, from core.ExportState) error {
	return r.update(ctx, exportUpdate, e, from)
}

func (r exportRoom) update(ctx context.Context, statement string, e core.Export, from core.ExportState) error {
	args := append([]any{uid(r.tenant), e.ID, string(from), e.Version}, exportValues(e)[exportFixed:]...)
	return r.session.mustChange(ctx, exportConflict(), statement, args...)
}

func exportConflict() error {
	return core.Errorf(core.CodeConflict, "The export changed meanwhile. Read it again.")
}

// CancelExport implements core.ExportTx. The version is not asked for: it changes with every page.
func (r exportRoom) CancelExport(ctx context.Context, id core.ID, now time.Time) error {
	return r.session.mustChange(ctx, exportConflict(), exportCancel, uid(r.tenant), id, stamp{now})
}

// CountExports implements core.ExportTx. Without the lock two could be the last that fits.
func (r exportRoom) CountExports(ctx context.Context) (unfinished, kept int, err error) {
	if _, err := r.session.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", "exports/"+uid(r.tenant)); err != nil {
		return 0, 0, translate(ctx, err)
	}
	var n struct {
		Unfinished int `db:"unfinished"`
		Kept       int `db:"kept"`
	}
	err = r.session.get(ctx, &n, core.NotFound("export"), exportCount, uid(r.tenant))
	return n.Unfinished, n.Kept, err
}

// Export implements core.ExportTx.
func (r exportRoom) Export(ctx context.Context, id core.ID) (core.Export, error) {
	var row exportRow
	if err := r.session.get(ctx, &row, core.NotFound("export"), exportSelect+" WHERE tenant_id = $1 AND id = $2", uid(r.tenant), id); err != nil {
		return core.Export{}, err
	}
	return row.export(), nil
}

// Exports implements core.ExportTx.
func (r exportRoom) Exports(ctx context.Context, f core.ExportFilter) ([]core.Export, error) {
	var c conditions
	c.is("tenant_id", uid(r.tenant))
	c.oneOf("state", texts(f.States))
	c.text("created_by", f.CreatedBy)
	var rows []exportRow
	if err := r.session.list(ctx, &rows, c.page(exportSelect, f.Page, "created_at", "id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*exportRow).export), nil
}
