package service

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// maxOpenImports is how many files of a merchant may be on their way at once.
	maxOpenImports = 5
	// uploadPatience is how long an import waits for its next chunk.
	uploadPatience = 24 * time.Hour
	// invalidKept is how long the file with errors is kept, to be looked into.
	invalidKept = 7 * 24 * time.Hour
)

// CreateBillImport announces a file.
func (s *Service) CreateBillImport(ctx context.Context, in core.CreateBillImportInput) (core.BillImport, error) {
	id, tenant, err := s.billWriter(ctx, "import")
	if err != nil {
		return core.BillImport{}, err
	}
	now := s.Clock()
	if err := checkBillImport(in, now); err != nil {
		return core.BillImport{}, err
	}
	i := core.BillImport{
		TenantID: tenant, ID: core.NewID(now), AccountID: in.AccountID, Day: in.Day, Scope: in.Scope, FileName: in.FileName, Bytes: in.Bytes,
		ExpectedCount: in.ExpectedCount, ExpectedAmount: in.ExpectedAmount, State: core.ImportReceiving, CreatedBy: id.Actor, CreatedAt: now,
		NextCheckAt: now.Add(uploadPatience),
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		account, err := tx.Account(ctx, in.AccountID)
		if err != nil {
			return err
		}
		i.Provider = account.Provider
		if i.Mapping, err = tx.BillMapping(ctx, in.MappingID); err != nil {
			return err
		}
		if i.Mapping.Provider != account.Provider {
			return core.Errorf(core.CodeInvalidRequest, "The mapping is one of another provider's files.").At("mapping_id")
		}
		open, err := tx.OpenBillImports(ctx)
		if err != nil {
			return err
		}
		if open >= maxOpenImports {
			return core.Errorf(core.CodeLimitExceeded, "%d files are on their way already: wait for one of them, or cancel it.", open)
		}
		if err := s.checkBillScope(account.Provider, in.Scope); err != nil {
			return err
		}
		if err := tx.InsertBillImport(ctx, i); err != nil {
			return err
		}
		return s.recordImport(ctx, tx, id, i, "bill_import.create")
	})
	if core.CodeOf(err) == core.CodeOutcomeUnknown {
		if stored, readErr := s.storedImport(ctx, tenant, i.ID); readErr == nil {
			return stored, nil
		}
	}
	return i, err
}

func checkBillImport(in core.CreateBillImportInput, now time.Time) error {
	switch {
	case in.AccountID.IsZero():
		return core.Errorf(core.CodeInvalidRequest, "A bill is one of a provider account.").At("account_id")
	case in.Day.Start().IsZero():
		return core.Errorf(core.CodeInvalidRequest, "Name the day, as 2026-11-28.").At("day")
	case in.Day.End().After(now):
		return core.Errorf(core.CodeInvalidRequest, "The day %s has not ended in Beijing: its bill is not whole yet.", in.Day).At("day")
	case in.Bytes < 1 || in.Bytes > core.MaxBillBytes:
		return core.Errorf(core.CodeInvalidRequest, "A file has 1 to %d bytes.", int64(core.MaxBillBytes)).At("bytes")
	case in.ExpectedCount < -1:
		return core.Errorf(core.CodeInvalidRequest, "The number of rows is 0 or more; leave it out when it is not known.").At("expected_count")
	}
	return checkText("file_name", in.FileName, 1, 200)
}

func (s *Service) checkBillScope(provider, scope string) error {
	if scope == "" {
		return nil
	}
	manifest, err := s.Providers.Manifest(provider)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(manifest.Products, func(p core.Product) bool { return p.ID == scope }) {
		return core.Errorf(core.CodeInvalidRequest, "The provider has no product %q.", printable(scope)).At("scope")
	}
	return nil
}

// recordImport writes who did what with a file.
func (s *Service) recordImport(ctx context.Context, tx core.TenantTx, id core.Identity, i core.BillImport, action string) error {
	after := map[string]any{
		"account_id": i.AccountID.Prefixed(core.PrefixAccount), "day": i.Day, "file_name": i.FileName, "bytes": i.Bytes, "state": i.State,
	}
	if i.State != core.ImportReceiving && !i.FinishedAt.IsZero() {
		after["rows"], after["errors"] = i.Rows, i.ErrorCount
	}
	if i.State == core.ImportDone {
		after["bill_id"], after["unchanged"] = i.BillID.Prefixed(core.PrefixBill), i.Unchanged
	}
	entry, err := s.audit(id, i.TenantID, action, i.ID.Prefixed(core.PrefixBillImport), nil, after)
	if err != nil {
		return err
	}
	return tx.AppendAudit(ctx, entry)
}

func (s *Service) storedImport(ctx context.Context, tenant, id core.ID) (i core.BillImport, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		i, err = readImport(ctx, tx, id)
		return err
	})
	return i, err
}

// readImport also says how much of the file is there, while it is being received.
func readImport(ctx context.Context, tx core.TenantTx, id core.ID) (core.BillImport, error) {
	i, err := tx.BillImport(ctx, id)
	if err == nil && i.State == core.ImportReceiving {
		i.Received, _, err = tx.FileSize(ctx, id)
	}
	return i, err
}

// PutBillChunk takes a part of the file, in any order, again as well.
func (s *Service) PutBillChunk(ctx context.Context, id core.ID, n int, data []byte) (i core.BillImport, err error) {
	_, tenant, err := s.billWriter(ctx, "import")
	if err != nil {
		return i, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if i, err = tx.BillImport(ctx, id); err != nil {
			return err
		}
		if n < 0 || n >= i.Chunks() {
			return core.Errorf(core.CodeInvalidRequest, "A file of %d bytes has the chunks 0 to %d.", i.Bytes, i.Chunks()-1).At("n")
		}
		if want := i.ChunkSize(n); int64(len(data)) != want {
			return core.Errorf(core.CodeInvalidRequest, "Chunk %d of a file of %d bytes has %d bytes, not %d: the file was cut off, or another was announced.", n, i.Bytes, want, len(data))
		}
		if err := tx.KeepReceiving(ctx, id, s.Clock().Add(uploadPatience)); err != nil {
			return err
		}
		if err := tx.PutChunk(ctx, id, n, data); err != nil {
			return err
		}
		i, err = readImport(ctx, tx, id)
		return err
	})
	return i, err
}

// FinishBillImport has the file read. A second time, it answers how far that is.
func (s *Service) FinishBillImport(ctx context.Context, id core.ID) (i core.BillImport, err error) {
	person, tenant, err := s.billWriter(ctx, "import")
	if err != nil {
		return i, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if i, err = tx.BillImport(ctx, id); err != nil {
			return err
		}
		if i.State != core.ImportReceiving {
			return canceledImport(i)
		}
		chunks, size, err := tx.FileSize(ctx, id)
		if err != nil {
			return err
		}
		if chunks != i.Chunks() || size != i.Bytes {
			return core.Errorf(core.CodeInvalidState, "%d of %d chunks (%d of %d bytes) are there: send the others first.", chunks, i.Chunks(), size, i.Bytes).
				With("received", strconv.Itoa(chunks))
		}
		i.State, i.NextCheckAt = core.ImportReading, s.Clock()
		if err := tx.UpdateBillImport(ctx, i, core.ImportReceiving); err != nil {
			return err
		}
		i.Version++
		return s.recordImport(ctx, tx, person, i, "bill_import.finish")
	})
	return i, err
}

func canceledImport(i core.BillImport) error {
	if i.State == core.ImportCanceled {
		return core.Errorf(core.CodeInvalidState, "The import was canceled: announce the file again.")
	}
	return nil
}

// CancelBillImport stops an import that has not ended. Nothing of it is taken in.
func (s *Service) CancelBillImport(ctx context.Context, id core.ID) (i core.BillImport, err error) {
	person, tenant, err := s.billWriter(ctx, "import")
	if err != nil {
		return i, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if i, err = tx.BillImport(ctx, id); err != nil {
			return err
		}
		if i.State != core.ImportReceiving && i.State != core.ImportReading {
			return core.Errorf(core.CodeInvalidState, "The import has ended: it is %s.", i.State)
		}
		from := i.State
		i.State, i.FinishedAt, i.NextCheckAt = core.ImportCanceled, s.Clock(), s.Clock()
		if err := tx.UpdateBillImport(ctx, i, from); err != nil {
			return err
		}
		i.Version++
		return s.recordImport(ctx, tx, person, i, "bill_import.cancel")
	})
	return i, err
}

// BillImport reads one import.
func (s *Service) BillImport(ctx context.Context, id core.ID) (core.BillImport, error) {
	tenant, err := s.billReader(ctx)
	if err != nil {
		return core.BillImport{}, err
	}
	return s.storedImport(ctx, tenant, id)
}

// ListBillImports lists the merchant's imports, newest first.
func (s *Service) ListBillImports(ctx context.Context, account core.ID, page core.Page) (list []core.BillImport, err error) {
	tenant, err := s.billReader(ctx)
	if err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err = tx.BillImports(ctx, account, page)
		return err
	})
	return list, err
}

// BillImportErrors is a file that says of each line what is wrong with it.
func (s *Service) BillImportErrors(ctx context.Context, id core.ID) ([]byte, error) {
	i, err := s.BillImport(ctx, id)
	if err != nil {
		return nil, err
	}
	rows := [][]string{{"行号", "列", "代码", "说明", "Explanation"}}
	for _, e := range i.Errors {
		row := ""
		if e.Row > 0 {
			row = strconv.FormatInt(e.Row, 10)
		}
		rows = append(rows, []string{row, e.Column, e.Code, e.Message.ZH, e.Message.EN})
	}
	if more := i.ErrorCount - int64(len(i.Errors)); more > 0 {
		n := strconv.FormatInt(more, 10)
		rows = append(rows, []string{"", "", "more", "另有 " + n + " 处错误未列出。", n + " more are not listed."})
	}
	return s.PayoutFiles.Write(rows), nil
}
