package service

import (
	"context"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// mostRestarts is how often an export begins anew before it is given up: what ends every
	// program that writes it must not go on for ever.
	mostRestarts = 10
	// chunksAtOnce is how many chunks of a file are removed in one transaction.
	chunksAtOnce = 16
)

// Why an export failed.
const (
	exportForbidden   = "forbidden"   // who asked may not read the list any more
	exportRefused     = "refused"     // what was asked for cannot be written by this version
	exportInterrupted = "interrupted" // it began anew too often
)

// checkDueExport writes an export, or removes what is left of one.
func (s *Service) checkDueExport(ctx context.Context, due core.Due) error {
	e, err := s.readExport(ctx, due.TenantID, due.ID)
	if err != nil {
		return err
	}
	if e.NextCheckAt.IsZero() || e.NextCheckAt.After(s.Clock()) {
		return s.Database.ReleaseDue(ctx, due)
	}
	if e.State != core.ExportQueued && e.State != core.ExportRunning {
		return s.removeExport(ctx, e)
	}
	err = s.writeExport(ctx, e)
	if ctx.Err() != nil {
		// This program ends: another need not wait for the lease to end.
		return s.Database.ReleaseDue(context.WithoutCancel(ctx), due)
	}
	return err
}

// writeExport writes the whole file. What another program left of it is thrown away: every export
// is of one moment's right to read, and begun once by the program that ends it.
func (s *Service) writeExport(ctx context.Context, e core.Export) error {
	if e.State == core.ExportRunning && e.Restarts >= mostRestarts {
		return s.failExport(ctx, e, exportInterrupted)
	}
	run, err := s.beginExport(ctx, e)
	if err == nil {
		defer func() { _ = run.file.Close() }()
		err = run.writeAll(ctx)
	}
	switch core.CodeOf(err) {
	case core.CodeConflict:
		return nil // it was canceled, or another program took it over
	case core.CodeForbidden, core.CodeUnauthenticated, core.CodeTenantRequired:
		return s.failExport(ctx, e, exportForbidden)
	case core.CodeInvalidRequest, core.CodeNotFound:
		return s.failExport(ctx, e, exportRefused)
	default:
		return err
	}
}

// exportRun is an export that this program writes.
type exportRun struct {
	s      *Service
	e      core.Export
	source exportSource
	file   core.ExportFile
	words  exportWords
	tail   []byte // of the file, not stored yet; less than a chunk
	put    func(data []byte) error
	stored bool // a chunk, since the last page
}

// beginExport asks for the rights again, counts, and says that the export runs.
func (s *Service) beginExport(ctx context.Context, e core.Export) (*exportRun, error) {
	kind, err := exportKindOf(e.Kind)
	if err != nil {
		return nil, err
	}
	if err := s.askerMayHave(ctx, e); err != nil {
		return nil, err
	}
	run := &exportRun{s: s, e: e, tail: make([]byte, 0, core.ChunkBytes)}
	if run.words, err = s.readExportWords(ctx, e); err != nil {
		return nil, err
	}
	if run.source, err = kind.open(e.Query, e.Columns, run.words); err != nil {
		return nil, err
	}
	from := e.State
	if from == core.ExportRunning {
		run.e.Restarts++
	}
	run.e.State, run.e.StartedAt = core.ExportRunning, s.Clock()
	run.e.Rows, run.e.Bytes, run.e.Chunks = 0, 0, 0
	if run.e.Total, err = s.countExport(ctx, e, run.source); err != nil {
		return nil, err
	}
	// From here on a program that wrote it before cannot: what it left can go.
	if err := run.advance(ctx, from, nil); err != nil {
		return nil, err
	}
	if err := s.clearChunks(ctx, e); err != nil {
		return nil, err
	}
	run.put = func(data []byte) error { return run.store(ctx, data) }
	run.file, err = s.ExportFiles.NewExportFile(e.Format, run.words.pick(kind.title().ZH, kind.title().EN), headings(kind, e, run.words), run)
	return run, err
}

func headings(kind exportKind, e core.Export, w exportWords) []string {
	labels := map[string]string{}
	for _, c := range kind.columns() {
		labels[c.Name] = w.pick(c.Label.ZH, c.Label.EN)
	}
	out := make([]string, 0, len(e.Columns))
	for _, name := range e.Columns {
		out = append(out, labels[name])
	}
	return out
}

func (s *Service) countExport(ctx context.Context, e core.Export, source exportSource) (total int64, err error) {
	err = s.readExported(ctx, e.TenantID, func(tx exportReader) error {
		total, err = source.count(ctx, tx)
		return err
	})
	return total, err
}

// readExported runs fn in a short transaction that reads.
func (s *Service) readExported(ctx context.Context, tenant core.ID, fn func(tx exportReader) error) error {
	if tenant.IsZero() {
		return s.Database.AcrossTenants(ctx, func(tx core.PlatformTx) error { return fn(tx) })
	}
	return s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error { return fn(tx) })
}

// writeAll reads page by page, each in a transaction of its own.
func (r *exportRun) writeAll(ctx context.Context) error {
	for {
		var rows [][]core.ExportCell
		err := r.s.readExported(ctx, r.e.TenantID, func(tx exportReader) (err error) {
			rows, err = r.source.next(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return r.finish(ctx)
		}
		r.stored = false
		for _, row := range rows {
			if err := r.file.WriteRow(row); err != nil {
				return err
			}
			r.e.Rows++
		}
		if !r.stored { // else the chunk said how far it is
			if err := r.advance(ctx, core.ExportRunning, nil); err != nil {
				return err
			}
		}
		r.s.Hook("export.page")
	}
}

// Write takes what the file's writer gives, and stores every chunk that is full.
func (r *exportRun) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		n := min(len(p), core.ChunkBytes-len(r.tail))
		r.tail = append(r.tail, p[:n]...)
		p, written = p[n:], written+n
		if len(r.tail) < core.ChunkBytes {
			break
		}
		if r.put == nil { // the heading alone fills no chunk
			return written, core.Errorf(core.CodeInvalidRequest, "The heading is too long.")
		}
		if err := r.put(r.tail); err != nil {
			return written, err
		}
		r.tail = r.tail[:0]
	}
	return written, nil
}

// store keeps a chunk, and with it how far the export is.
func (r *exportRun) store(ctx context.Context, data []byte) error {
	r.stored = true
	n := r.e.Chunks
	r.e.Chunks, r.e.Bytes = n+1, r.e.Bytes+int64(len(data))
	return r.advance(ctx, core.ExportRunning, func(tx exportRoom) error { return tx.PutChunk(ctx, r.e.ID, n, data) })
}

// advance writes how far the export is, unless it was canceled or taken over: then nothing of
// with is written either.
func (r *exportRun) advance(ctx context.Context, from core.ExportState, with func(tx exportRoom) error) error {
	err := r.s.inExports(ctx, r.e.TenantID, func(tx exportRoom) error {
		if err := tx.AdvanceExport(ctx, r.e, from); err != nil || with == nil {
			return err
		}
		return with(tx)
	})
	if err == nil {
		r.e.Version++
	}
	return err
}

// finish ends the file and makes it known.
func (r *exportRun) finish(ctx context.Context) error {
	if err := r.file.Finish(); err != nil {
		return err
	}
	now := r.s.Clock()
	done := r.e
	done.State, done.Total, done.FinishedAt = core.ExportReady, done.Rows, now
	done.ExpiresAt = now.Add(core.ExportKept)
	done.NextCheckAt = done.ExpiresAt
	last := done.Chunks
	if len(r.tail) > 0 {
		done.Chunks, done.Bytes = last+1, done.Bytes+int64(len(r.tail))
	}
	return r.s.inExports(ctx, done.TenantID, func(tx exportRoom) error {
		if err := tx.UpdateExport(ctx, done, core.ExportRunning); err != nil {
			return err
		}
		if len(r.tail) > 0 {
			if err := tx.PutChunk(ctx, done.ID, last, r.tail); err != nil {
				return err
			}
		}
		return r.s.tellExport(ctx, tx, "export.ready", done)
	})
}

// tellExport writes the event, which only merchants have.
func (s *Service) tellExport(ctx context.Context, tx exportRoom, kind string, e core.Export) error {
	if tx.event == nil {
		return nil
	}
	event, err := s.event(e.TenantID, kind, e.ID, exportRecord(e))
	if err != nil {
		return err
	}
	return tx.event(ctx, event)
}

// failExport ends an export for good. It is read anew: how far it came does not matter.
func (s *Service) failExport(ctx context.Context, e core.Export, reason string) error {
	now := s.Clock()
	err := s.inExports(ctx, e.TenantID, func(tx exportRoom) error {
		failed, err := tx.Export(ctx, e.ID)
		if err != nil || failed.State != core.ExportQueued && failed.State != core.ExportRunning {
			return err
		}
		from := failed.State
		failed.State, failed.Reason, failed.FinishedAt, failed.NextCheckAt = core.ExportFailed, reason, now, now
		if err := tx.UpdateExport(ctx, failed, from); err != nil {
			return err
		}
		return s.tellExport(ctx, tx, "export.failed", failed)
	})
	if core.CodeOf(err) == core.CodeConflict {
		return nil
	}
	return err
}

// removeExport removes the file of an export whose time is over, or that came to nothing.
func (s *Service) removeExport(ctx context.Context, e core.Export) error {
	if e.State == core.ExportReady {
		expired := e
		expired.State = core.ExportExpired
		// First nobody fetches it any more, then it goes.
		err := s.inExports(ctx, e.TenantID, func(tx exportRoom) error { return tx.AdvanceExport(ctx, expired, core.ExportReady) })
		if core.CodeOf(err) == core.CodeConflict {
			return nil
		}
		if err != nil {
			return err
		}
		expired.Version++
		e = expired
	}
	if err := s.clearChunks(ctx, e); err != nil {
		return err
	}
	e.NextCheckAt = time.Time{}
	err := s.inExports(ctx, e.TenantID, func(tx exportRoom) error { return tx.UpdateExport(ctx, e, e.State) })
	if core.CodeOf(err) == core.CodeConflict {
		return nil
	}
	return err
}

// clearChunks removes what is stored of a file.
func (s *Service) clearChunks(ctx context.Context, e core.Export) error {
	for {
		n := 0
		err := s.inExports(ctx, e.TenantID, func(tx exportRoom) (err error) {
			n, err = tx.RemoveChunks(ctx, e.ID, chunksAtOnce)
			return err
		})
		if err != nil || n < chunksAtOnce {
			return err
		}
	}
}

// askerMayHave asks whether who asked for the export may still read what it lists, as they are now.
func (s *Service) askerMayHave(ctx context.Context, e core.Export) error {
	id, err := s.identityNow(ctx, e.CreatedBy, e.TenantID)
	if err != nil {
		return err
	}
	if err := s.Authorizer.Authorize(ctx, id, core.Permission{Object: "exports", Action: "create"}); err != nil {
		return err
	}
	return s.mayHave(ctx, id, e)
}

// identityNow is an actor as they would sign in now, in a tenant or on the platform. Errors:
// CodeForbidden for who could not.
func (s *Service) identityNow(ctx context.Context, actor string, tenant core.ID) (core.Identity, error) {
	gone := core.Errorf(core.CodeForbidden, "Who asked for this is not here any more.")
	kind, name, _ := strings.Cut(actor, ":")
	switch kind {
	case "user":
		user, err := core.ParsePrefixed(core.PrefixUser, name)
		if err != nil {
			return core.Identity{}, gone
		}
		id, err := s.userNow(ctx, user, tenant)
		if core.CodeOf(err) == core.CodeNotFound || err == nil && (id.TenantID != tenant || tenant.IsZero() && !id.Platform) {
			return id, gone
		}
		return id, err
	case "key":
		key, err := core.ParsePrefixed(core.PrefixAPIKey, name)
		if err != nil || tenant.IsZero() {
			return core.Identity{}, gone
		}
		var keys []core.APIKey
		err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
			keys, err = tx.APIKeys(ctx)
			return err
		})
		if err != nil {
			return core.Identity{}, err
		}
		for _, k := range keys {
			if k.ID == key && k.RevokedAt.IsZero() {
				return core.Identity{Actor: actor, APIKeyID: key, Subject: string(k.Role), TenantID: tenant}, nil
			}
		}
	}
	return core.Identity{}, gone
}

func (s *Service) userNow(ctx context.Context, user, tenant core.ID) (core.Identity, error) {
	var u core.User
	err := s.Database.InDirectory(ctx, func(tx core.DirectoryTx) (err error) {
		u, err = tx.User(ctx, user)
		return err
	})
	if err != nil {
		return core.Identity{}, err
	}
	if u.Disabled {
		return core.Identity{}, core.NotFound("user")
	}
	return enteredTenant(u, core.Session{}, tenant)
}
