package service

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const operationCreateExport = "exports.create"

// exportRoom is what a merchant's transaction and the directory's, for the platform's own
// exports, can both do.
type exportRoom struct {
	core.ExportTx
	core.FileTx
	core.IdempotencyTx

	audit func(ctx context.Context, entry core.AuditEntry) error
	// event is nil on the platform, which has no webhooks.
	event func(ctx context.Context, e core.Event) error
}

// inExports runs fn in a transaction of the tenant, or of the directory when it is zero.
func (s *Service) inExports(ctx context.Context, tenant core.ID, fn func(tx exportRoom) error) error {
	if tenant.IsZero() {
		return s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
			return fn(exportRoom{ExportTx: tx, FileTx: tx, IdempotencyTx: tx, audit: tx.AppendPlatformAudit})
		})
	}
	return s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		return fn(exportRoom{ExportTx: tx, FileTx: tx, IdempotencyTx: tx, audit: tx.AppendAudit, event: tx.AppendEvent})
	})
}

// mayExport asks for two rights: to have files, and to read the list that is in them.
func (s *Service) mayExport(ctx context.Context, action string, kind exportKind) (core.Identity, core.ID, error) {
	id, tenant, err := s.allowAnywhere(ctx, "exports", action)
	if err != nil {
		return id, tenant, err
	}
	return id, tenant, s.Authorizer.Authorize(ctx, id, core.Permission{Object: kind.object(), Action: "read"})
}

// CreateExport implements core.Exports.
func (s *Service) CreateExport(ctx context.Context, in core.CreateExportInput) (reply core.ExportReply, err error) {
	kind, err := exportKindOf(in.Kind)
	if err != nil {
		return reply, err
	}
	id, tenant, err := s.mayExport(ctx, "create", kind)
	if err != nil {
		return reply, err
	}
	key := s.idempotencyKey(id, operationCreateExport, in.IdempotencyKey, in)
	e, err := s.newExport(kind, id, tenant, in, key.ObjectID)
	if err != nil {
		return reply, err
	}
	entry, err := s.audit(id, tenant, "export.create", e.ID.Prefixed(core.PrefixExport), nil, exportRecord(e))
	if err != nil {
		return reply, err
	}
	err = s.inExports(ctx, tenant, func(tx exportRoom) error {
		saved, err := tx.BeginIdempotent(ctx, key, e.CreatedAt)
		if err != nil {
			return err
		}
		if saved != nil {
			reply.Replayed = true
			reply.Export, err = tx.Export(ctx, saved.ObjectID)
			return err
		}
		if err := roomForExport(ctx, tx); err != nil {
			return err
		}
		reply.Export = e
		if err := tx.InsertExport(ctx, e); err != nil {
			return err
		}
		return tx.audit(ctx, entry)
	})
	return reply, err
}

// newExport checks what is asked for.
func (s *Service) newExport(kind exportKind, id core.Identity, tenant core.ID, in core.CreateExportInput, name core.ID) (core.Export, error) {
	now := s.Clock()
	e := core.Export{
		TenantID: tenant, ID: name, Kind: in.Kind, Format: in.Format, Filter: in.Filter, Language: in.Language, State: core.ExportQueued,
		CreatedBy: id.Actor, CreatedAt: now, NextCheckAt: now, Version: 1,
	}
	if e.Filter == nil {
		e.Filter = map[string]string{}
	}
	if e.Language == "" {
		e.Language = id.Language
	}
	if e.Language != "en" {
		e.Language = "zh"
	}
	if e.Format != core.ExportCSV && e.Format != core.ExportXLSX {
		return e, core.Errorf(core.CodeInvalidRequest, "An export is made as csv or xlsx.").At("format")
	}
	var err error
	if e.Columns, err = chooseColumns(kind, in.Columns); err != nil {
		return e, err
	}
	if e.Query, err = kind.bind(id, in.Query, now.Add(time.Microsecond)); err != nil {
		return e, err
	}
	e.FileName = fmt.Sprintf("%s-%s-%s.%s", e.Kind, now.In(core.Beijing()).Format("20060102-150405"), e.ID.String()[28:], e.Format)
	return e, nil
}

func chooseColumns(kind exportKind, asked []string) ([]string, error) {
	columns := kind.columns()
	all, known := make([]string, 0, len(columns)), make(map[string]bool, len(columns))
	for _, c := range columns {
		all, known[c.Name] = append(all, c.Name), true
	}
	if len(asked) == 0 {
		return all, nil
	}
	seen := map[string]bool{}
	for _, name := range asked {
		switch {
		case !known[name]:
			return nil, core.Errorf(core.CodeInvalidRequest, "There is no column %q; there are %s.", shorten(name, 40), strings.Join(all, ", ")).At("columns")
		case seen[name]:
			return nil, core.Errorf(core.CodeInvalidRequest, "The column %s is asked for twice.", name).At("columns")
		}
		seen[name] = true
	}
	return asked, nil
}

// roomForExport keeps a merchant from filling the database with files.
func roomForExport(ctx context.Context, tx exportRoom) error {
	unfinished, kept, err := tx.CountExports(ctx)
	switch {
	case err != nil:
		return err
	case unfinished >= core.MaxUnfinishedExports:
		return core.Errorf(core.CodeLimitExceeded, "%d exports are being written already; wait until one is done, or cancel it.", unfinished).
			With("limit", "unfinished_exports")
	case kept >= core.MaxKeptExports:
		return core.Errorf(core.CodeLimitExceeded, "%d exports are kept already; throw one away, or wait: they go after 7 days.", kept).With("limit", "kept_exports")
	}
	return nil
}

// ListExports implements core.Exports. Who is bound to stores sees their own.
func (s *Service) ListExports(ctx context.Context, f core.ExportFilter) (list []core.Export, err error) {
	id, tenant, err := s.allowAnywhere(ctx, "exports", "read")
	if err != nil {
		return nil, err
	}
	f.CreatedBy = ""
	if id.StoreIDs != nil {
		f.CreatedBy = id.Actor
	}
	err = s.inExports(ctx, tenant, func(tx exportRoom) error {
		list, err = tx.Exports(ctx, f)
		return err
	})
	return list, err
}

// Export implements core.Exports.
func (s *Service) Export(ctx context.Context, export core.ID) (core.Export, error) {
	_, e, err := s.findExport(ctx, "read", export)
	return e, err
}

func (s *Service) findExport(ctx context.Context, action string, export core.ID) (id core.Identity, e core.Export, err error) {
	id, tenant, err := s.allowAnywhere(ctx, "exports", action)
	if err != nil {
		return id, e, err
	}
	if e, err = s.readExport(ctx, tenant, export); err != nil {
		return id, e, err
	}
	if id.StoreIDs != nil && e.CreatedBy != id.Actor {
		return id, core.Export{}, core.NotFound("export")
	}
	return id, e, nil
}

func (s *Service) readExport(ctx context.Context, tenant, export core.ID) (e core.Export, err error) {
	err = s.inExports(ctx, tenant, func(tx exportRoom) error {
		e, err = tx.Export(ctx, export)
		return err
	})
	return e, err
}

// CancelExport implements core.Exports. What writes it sees that at its next page.
func (s *Service) CancelExport(ctx context.Context, export core.ID) (core.Export, error) {
	id, e, err := s.findExport(ctx, "cancel", export)
	if err != nil {
		return e, err
	}
	entry, err := s.audit(id, e.TenantID, "export.cancel", e.ID.Prefixed(core.PrefixExport), exportRecord(e), nil)
	if err != nil {
		return e, err
	}
	err = s.inExports(ctx, e.TenantID, func(tx exportRoom) error {
		err := tx.CancelExport(ctx, e.ID, s.Clock())
		if core.CodeOf(err) == core.CodeConflict {
			return core.Errorf(core.CodeInvalidState, "There is nothing left of this export to cancel or to throw away.")
		}
		if err != nil {
			return err
		}
		if err := tx.audit(ctx, entry); err != nil {
			return err
		}
		e, err = tx.Export(ctx, e.ID)
		return err
	})
	return e, err
}

// OpenExport implements core.Exports.
func (s *Service) OpenExport(ctx context.Context, export core.ID) (core.Export, error) {
	id, e, err := s.openExport(ctx, export)
	if err != nil {
		return e, err
	}
	entry, err := s.audit(id, e.TenantID, "export.download", e.ID.Prefixed(core.PrefixExport), nil, map[string]any{"file_name": e.FileName, "bytes": e.Bytes})
	if err != nil {
		return e, err
	}
	return e, s.inExports(ctx, e.TenantID, func(tx exportRoom) error { return tx.audit(ctx, entry) })
}

// openExport finds a file that the caller may have, by the rights of now.
func (s *Service) openExport(ctx context.Context, export core.ID) (core.Identity, core.Export, error) {
	id, e, err := s.findExport(ctx, "read", export)
	if err != nil {
		return id, e, err
	}
	if err := s.mayHave(ctx, id, e); err != nil {
		return id, e, err
	}
	switch {
	case e.State == core.ExportExpired || e.State == core.ExportCanceled || e.State == core.ExportReady && !s.Clock().Before(e.ExpiresAt):
		return id, e, core.NotFound("file of this export")
	case e.State != core.ExportReady:
		return id, e, core.Errorf(core.CodeInvalidState, "The export is %s; there is no file.", e.State)
	}
	return id, e, nil
}

// mayHave says whether id may read what e lists, and just that: whose stores changed must not get
// what was written by the earlier ones.
func (s *Service) mayHave(ctx context.Context, id core.Identity, e core.Export) error {
	kind, err := exportKindOf(e.Kind)
	if err != nil {
		return err
	}
	if err := s.Authorizer.Authorize(ctx, id, core.Permission{Object: kind.object(), Action: "read"}); err != nil {
		return err
	}
	bound, err := kind.bind(id, e.Query, e.CreatedAt.Add(time.Microsecond))
	if err != nil {
		return err
	}
	if !sameQuery(bound, e.Query) {
		return core.Errorf(core.CodeForbidden, "It was asked for by somebody who may see other stores than you.")
	}
	return nil
}

// sameQuery compares without regard to spaces, in which databases differ.
func sameQuery(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// ExportChunk implements core.Exports. The rights are asked for every chunk: who loses them in the
// middle of a file gets no more of it.
func (s *Service) ExportChunk(ctx context.Context, export core.ID, n int) (data []byte, err error) {
	_, e, err := s.openExport(ctx, export)
	if err != nil {
		return nil, err
	}
	err = s.inExports(ctx, e.TenantID, func(tx exportRoom) error {
		data, err = tx.Chunk(ctx, e.ID, n)
		return err
	})
	return data, err
}

// ExportColumns implements core.Exports.
func (s *Service) ExportColumns(ctx context.Context, kind core.ExportKind) ([]core.ExportColumn, error) {
	k, err := exportKindOf(kind)
	if err != nil {
		return nil, err
	}
	if _, _, err := s.mayExport(ctx, "read", k); err != nil {
		return nil, err
	}
	return k.columns(), nil
}

// exportRecord is what the audit log and events say of an export.
func exportRecord(e core.Export) map[string]any {
	out := map[string]any{
		"id": e.ID.Prefixed(core.PrefixExport), "kind": e.Kind, "format": e.Format, "filter": e.Filter, "columns": e.Columns, "state": e.State,
	}
	if e.State != core.ExportQueued {
		out["rows"], out["bytes"] = e.Rows, e.Bytes
	}
	if e.Reason != "" {
		out["reason"] = e.Reason
	}
	return out
}
