package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// delimiters are the names of what stands between two cells.
var delimiters = map[string]string{"comma": ",", "tab": "\t", "semicolon": ";", "bar": "|"}

// rulesInput is how a bill file is to be read.
func rulesInput(r api.BillRules) core.BillMapping {
	return core.BillMapping{
		Encoding: string(r.Encoding), Delimiter: delimiters[string(r.Delimiter)], SkipLines: int(r.SkipLines), Columns: r.Columns, Unit: string(r.Unit),
		TimeFormat: r.TimeFormat, Kinds: r.Kinds, Statuses: r.Statuses, TrailerPrefix: r.TrailerPrefix, TrailerBelow: r.TrailerBelow,
		TrailerCount: int(r.TrailerCount), TrailerAmount: int(r.TrailerAmount), TotalOf: core.StatedTotal(r.TotalOf), MerchantNo: r.MerchantNo,
	}
}

func rulesOf(m core.BillMapping) api.BillRules {
	r := api.BillRules{
		Encoding: api.BillRulesEncoding(m.Encoding), SkipLines: int64(m.SkipLines), Columns: m.Columns, Unit: api.BillRulesUnit(m.Unit), TimeFormat: m.TimeFormat,
		Kinds: m.Kinds, Statuses: m.Statuses, TrailerPrefix: m.TrailerPrefix, TrailerBelow: m.TrailerBelow, TrailerCount: int64(m.TrailerCount),
		TrailerAmount: int64(m.TrailerAmount), TotalOf: api.StatedTotal(m.TotalOf), MerchantNo: m.MerchantNo,
	}
	for name, delimiter := range delimiters {
		if delimiter == m.Delimiter {
			r.Delimiter = api.BillRulesDelimiter(name)
		}
	}
	return r
}

func billMappingOf(m core.BillMapping) api.BillMapping {
	return api.BillMapping{
		ID: id(core.PrefixBillMapping, m.ID), Name: m.Name, Provider: m.Provider, Rules: rulesOf(m), CreatedBy: m.CreatedBy,
		CreatedAt: utc(m.CreatedAt), UpdatedAt: utc(m.UpdatedAt), Version: int64(m.Version),
	}
}

func billFieldOf(f core.BillField) api.BillField {
	return api.BillField{Name: f.Name, Label: textOf(f.Label), Required: f.Required}
}

// ListBillMappings lists how bill files are read.
func (o *operations) ListBillMappings(ctx context.Context, r api.ListBillMappingsRequestObject) (api.ListBillMappingsResponseObject, error) {
	rows, err := o.opt.BillImports.ListBillMappings(ctx, r.Params.Provider)
	if err != nil {
		return nil, err
	}
	return api.ListBillMappings200JSONResponse{Items: each(rows, billMappingOf), Fields: each(core.BillFields(), billFieldOf)}, nil
}

// CreateBillMapping saves how bill files are read.
func (o *operations) CreateBillMapping(ctx context.Context, r api.CreateBillMappingRequestObject) (api.CreateBillMappingResponseObject, error) {
	in := rulesInput(r.Body.Rules)
	in.Name, in.Provider = r.Body.Name, r.Body.Provider
	m, err := o.opt.BillImports.SaveBillMapping(ctx, in)
	if err != nil {
		return nil, err
	}
	return api.CreateBillMapping201JSONResponse(billMappingOf(m)), nil
}

// UpdateBillMapping replaces the rules of a mapping.
func (o *operations) UpdateBillMapping(ctx context.Context, r api.UpdateBillMappingRequestObject) (api.UpdateBillMappingResponseObject, error) {
	mapping, err := pathID(core.PrefixBillMapping, r.MappingID)
	if err != nil {
		return nil, err
	}
	in := rulesInput(r.Body.Rules)
	in.ID, in.Name, in.Version = mapping, r.Body.Name, int(r.Body.Version)
	m, err := o.opt.BillImports.SaveBillMapping(ctx, in)
	if err != nil {
		return nil, err
	}
	return api.UpdateBillMapping200JSONResponse(billMappingOf(m)), nil
}

// DeleteBillMapping removes a mapping.
func (o *operations) DeleteBillMapping(ctx context.Context, r api.DeleteBillMappingRequestObject) (api.DeleteBillMappingResponseObject, error) {
	mapping, err := pathID(core.PrefixBillMapping, r.MappingID)
	if err != nil {
		return nil, err
	}
	if err := o.opt.BillImports.DeleteBillMapping(ctx, mapping); err != nil {
		return nil, err
	}
	return api.DeleteBillMapping204Response{}, nil
}

// PreviewBill tries rules on the beginning of a file.
func (o *operations) PreviewBill(ctx context.Context, r api.PreviewBillRequestObject) (api.PreviewBillResponseObject, error) {
	head, err := base64.StdEncoding.DecodeString(r.Body.HeadBase64)
	if err != nil {
		return nil, core.Errorf(core.CodeInvalidFile, "The file did not arrive as Base64: choose it again.").At("head_base64")
	}
	p, err := o.opt.BillImports.PreviewBill(ctx, rulesInput(r.Body.Rules), head)
	if err != nil {
		return nil, err
	}
	return api.PreviewBill200JSONResponse{Encoding: p.Encoding, Header: list(p.Header), Lines: each(p.Lines, previewLineOf), Errors: each(p.Errors, billRowErrorOf)}, nil
}

func previewLineOf(l core.StoredLine) api.BillPreviewLine {
	return api.BillPreviewLine{
		Row: l.N, Kind: string(l.Kind), Number: l.Number, ProviderNumber: l.ProviderNumber, Outcome: string(l.Outcome), Amount: l.Amount.Minor,
		Fee: fenOf(l.Fee), At: utc(l.At), Method: l.Method, Status: l.Status,
	}
}

func billRowErrorOf(e core.BillRowError) api.BillRowError {
	return api.BillRowError{Row: e.Row, Column: e.Column, Code: e.Code, Message: textOf(e.Message)}
}

// expected is what is known of a file, or -1.
func expected(n *int64) int64 {
	if n == nil {
		return -1
	}
	return *n
}

// known is the counterpart of expected.
func known(n int64) *int64 {
	if n == -1 {
		return nil
	}
	return &n
}

func billImportOf(i core.BillImport) api.BillImport {
	return api.BillImport{
		ID: id(core.PrefixBillImport, i.ID), TenantID: id(core.PrefixTenant, i.TenantID), AccountID: id(core.PrefixAccount, i.AccountID), Provider: i.Provider,
		Day: string(i.Day), Scope: i.Scope, FileName: i.FileName, Bytes: i.Bytes, Chunks: int64(i.Chunks()), Received: int64(i.Received),
		ExpectedCount: known(i.ExpectedCount), ExpectedAmount: known(i.ExpectedAmount), State: api.BillImportState(i.State), Restarts: int64(i.Restarts),
		Encoding: i.Encoding, Rows: i.Rows, Skipped: i.Skipped, ErrorCount: i.ErrorCount, BillID: id(core.PrefixBill, i.BillID), Unchanged: i.Unchanged,
		CreatedBy: i.CreatedBy, CreatedAt: utc(i.CreatedAt), FinishedAt: utc(i.FinishedAt),
	}
}

// CreateBillImport announces a bill file.
func (o *operations) CreateBillImport(ctx context.Context, r api.CreateBillImportRequestObject) (api.CreateBillImportResponseObject, error) {
	b := r.Body
	in := core.CreateBillImportInput{
		Scope: b.Scope, FileName: b.FileName, Bytes: b.Bytes, ExpectedCount: expected(b.ExpectedCount), ExpectedAmount: expected(b.ExpectedAmount),
	}
	var err error
	if in.Day, err = core.ParseDay(b.Day); err != nil {
		return nil, core.Errorf(core.CodeInvalidRequest, "There is no such day: write it as 2026-11-28.").At("day")
	}
	if in.AccountID, err = fieldID(core.PrefixAccount, b.AccountID, "account_id"); err != nil {
		return nil, err
	}
	if in.MappingID, err = fieldID(core.PrefixBillMapping, b.MappingID, "mapping_id"); err != nil {
		return nil, err
	}
	i, err := o.opt.BillImports.CreateBillImport(ctx, in)
	if err != nil {
		return nil, err
	}
	return api.CreateBillImport201JSONResponse(billImportOf(i)), nil
}

// PutBillChunk takes a part of a bill file.
func (o *operations) PutBillChunk(ctx context.Context, r api.PutBillChunkRequestObject) (api.PutBillChunkResponseObject, error) {
	bill, err := pathID(core.PrefixBillImport, r.ImportID)
	if err != nil {
		return nil, err
	}
	n, data, err := chunk(r.N, r.Body)
	if err != nil {
		return nil, err
	}
	i, err := o.opt.BillImports.PutBillChunk(ctx, bill, n, data)
	if err != nil {
		return nil, err
	}
	return api.PutBillChunk200JSONResponse(billImportOf(i)), nil
}

// FinishBillImport has a bill file read.
func (o *operations) FinishBillImport(ctx context.Context, r api.FinishBillImportRequestObject) (api.FinishBillImportResponseObject, error) {
	bill, err := pathID(core.PrefixBillImport, r.ImportID)
	if err != nil {
		return nil, err
	}
	i, err := o.opt.BillImports.FinishBillImport(ctx, bill)
	if err != nil {
		return nil, err
	}
	return api.FinishBillImport202JSONResponse(billImportOf(i)), nil
}

// CancelBillImport cancels an import.
func (o *operations) CancelBillImport(ctx context.Context, r api.CancelBillImportRequestObject) (api.CancelBillImportResponseObject, error) {
	bill, err := pathID(core.PrefixBillImport, r.ImportID)
	if err != nil {
		return nil, err
	}
	i, err := o.opt.BillImports.CancelBillImport(ctx, bill)
	if err != nil {
		return nil, err
	}
	return api.CancelBillImport200JSONResponse(billImportOf(i)), nil
}

// GetBillImport reads an import and what is wrong with its file.
func (o *operations) GetBillImport(ctx context.Context, r api.GetBillImportRequestObject) (api.GetBillImportResponseObject, error) {
	bill, err := pathID(core.PrefixBillImport, r.ImportID)
	if err != nil {
		return nil, err
	}
	i, err := o.opt.BillImports.BillImport(ctx, bill)
	if err != nil {
		return nil, err
	}
	return api.GetBillImport200JSONResponse{
		Import: billImportOf(i), MappingName: i.Mapping.Name, Errors: each(i.Errors[:min(len(i.Errors), 100)], billRowErrorOf),
	}, nil
}

// ListBillImports lists the files that were brought.
func (o *operations) ListBillImports(ctx context.Context, r api.ListBillImportsRequestObject) (api.ListBillImportsResponseObject, error) {
	page, limit, err := pageOf(r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	account, err := fieldID(core.PrefixAccount, r.Params.AccountID, "account_id")
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.BillImports.ListBillImports(ctx, account, page)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(i core.BillImport) (time.Time, core.ID) { return i.CreatedAt, i.ID })
	return api.ListBillImports200JSONResponse{Items: each(rows, billImportOf), NextCursor: next}, nil
}

// GetBillImportErrors gives a file that says what is wrong with another.
func (o *operations) GetBillImportErrors(ctx context.Context, r api.GetBillImportErrorsRequestObject) (api.GetBillImportErrorsResponseObject, error) {
	bill, err := pathID(core.PrefixBillImport, r.ImportID)
	if err != nil {
		return nil, err
	}
	file, err := o.opt.BillImports.BillImportErrors(ctx, bill)
	if err != nil {
		return nil, err
	}
	return api.GetBillImportErrors200TextCsvResponse{Body: bytes.NewReader(file), ContentLength: int64(len(file))}, nil
}
