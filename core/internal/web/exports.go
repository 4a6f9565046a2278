package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// exportedLists are the lists that exports come from: their operation, and how their query is
// read. An export's filter is read by the same two.
func exportedLists() map[core.ExportKind]exportedList {
	return map[core.ExportKind]exportedList{
		core.ExportPayments: {http.MethodGet + " /v1/payments", filterBy(paymentFilter)},
		core.ExportRefunds:  {http.MethodGet + " /v1/refunds", filterBy(refundFilter)},
		core.ExportPayouts:  {http.MethodGet + " /v1/payouts", filterBy(payoutFilter)},
		core.ExportAudit: {http.MethodGet + " /v1/audit", filterBy(func(p api.ListAuditParams) (core.AuditFilter, error) {
			return auditFilter(p), nil
		})},
		core.ExportSettlement: {http.MethodGet + " /v1/settlement", filterBy(settlementFilter)},
		core.ExportStatement:  {http.MethodGet + " /v1/settlement/entries", filterBy(entryFilter)},

		core.ExportDifferences: {http.MethodGet + " /v1/differences", filterBy(differenceFilter)},
	}
}

type exportedList struct {
	operation string
	read      func(params []byte) (any, error)
}

// filterBy reads parameters, which are JSON by their names, as a list's handler gets them.
func filterBy[P, F any](read func(P) (F, error)) func([]byte) (any, error) {
	return func(params []byte) (any, error) {
		var p P
		if err := json.Unmarshal(params, &p); err != nil {
			return nil, fmt.Errorf("web: the parameters of an export: %w", err)
		}
		return read(p)
	}
}

// exportQuery is what a filter means to the list. Errors: CodeInvalidRequest that names what is
// no filter of it, or its value.
func (s *Server) exportQuery(kind core.ExportKind, filter map[string]string) (json.RawMessage, error) {
	list, ok := exportedLists()[kind]
	if !ok {
		return nil, core.Errorf(core.CodeInvalidRequest, "%s cannot be exported.", kind).At("kind")
	}
	known := s.ops[list.operation].query
	params := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(filter)) {
		p := known[name]
		if p == nil || besidesFilter(name) {
			names := slices.DeleteFunc(slices.Sorted(maps.Keys(known)), besidesFilter)
			return nil, core.Errorf(core.CodeInvalidRequest, "%q is no filter of %s; there are %s.", shorten(name), kind, strings.Join(names, ", ")).At(shorten(name))
		}
		value, err := p.typed(filter[name])
		if err != nil {
			return nil, err
		}
		params[name] = value
	}
	raw, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	f, err := list.read(raw)
	if err != nil {
		return nil, err
	}
	return json.Marshal(f)
}

// besidesFilter tells what a list's query says about its pages only; a file has all of them, the newest first.
func besidesFilter(name string) bool { return name == "limit" || name == "cursor" || name == "sort" }

// typed checks the value of a parameter as the gate does, and gives it as JSON would hold it.
func (p *parameter) typed(text string) (any, error) {
	if p.schema.kind != "array" {
		return p.typedOne(text, 1)
	}
	var out []any
	for i, part := range strings.Split(text, ",") {
		one, err := p.typedOne(part, i+1)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (p *parameter) typedOne(text string, n int) (any, error) {
	if err := p.checkNth(text, n); err != nil {
		return nil, err
	}
	kind := p.schema.kind
	if kind == "array" {
		kind = p.schema.items.kind
	}
	switch kind {
	case "integer", "boolean":
		return json.RawMessage(text), nil
	}
	return text, nil
}

// CreateExport asks for an export.
func (o *operations) CreateExport(ctx context.Context, r api.CreateExportRequestObject) (api.CreateExportResponseObject, error) {
	b := r.Body
	in := core.CreateExportInput{
		IdempotencyKey: r.Params.IdempotencyKey, Kind: core.ExportKind(b.Kind), Format: core.ExportFormat(b.Format), Filter: b.Filter, Columns: b.Columns,
		Language: string(b.Language),
	}
	var err error
	if in.Query, err = o.exportQuery(in.Kind, in.Filter); err != nil {
		return nil, err
	}
	reply, err := o.opt.Exports.CreateExport(ctx, in)
	if err != nil {
		return nil, err
	}
	return api.CreateExport202JSONResponse{Body: exportOf(reply.Export), Headers: api.CreateExport202ResponseHeaders{IdempotencyReplayed: reply.Replayed}}, nil
}

// ListExports lists exports.
func (o *operations) ListExports(ctx context.Context, r api.ListExportsRequestObject) (api.ListExportsResponseObject, error) {
	page, limit, err := pageOf(r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.Exports.ListExports(ctx, core.ExportFilter{States: states[core.ExportState](r.Params.State), Page: page})
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(e core.Export) (time.Time, core.ID) { return e.CreatedAt, e.ID })
	return api.ListExports200JSONResponse{Items: each(rows, exportOf), NextCursor: next}, nil
}

// GetExport reads one and how far it is.
func (o *operations) GetExport(ctx context.Context, r api.GetExportRequestObject) (api.GetExportResponseObject, error) {
	export, err := pathID(core.PrefixExport, r.ExportID)
	if err != nil {
		return nil, err
	}
	e, err := o.opt.Exports.Export(ctx, export)
	if err != nil {
		return nil, err
	}
	return api.GetExport200JSONResponse(exportOf(e)), nil
}

// CancelExport stops one, or throws its file away.
func (o *operations) CancelExport(ctx context.Context, r api.CancelExportRequestObject) (api.CancelExportResponseObject, error) {
	export, err := pathID(core.PrefixExport, r.ExportID)
	if err != nil {
		return nil, err
	}
	e, err := o.opt.Exports.CancelExport(ctx, export)
	if err != nil {
		return nil, err
	}
	return api.CancelExport200JSONResponse(exportOf(e)), nil
}

// ListExportColumns lists what a kind can have.
func (o *operations) ListExportColumns(ctx context.Context, r api.ListExportColumnsRequestObject) (api.ListExportColumnsResponseObject, error) {
	columns, err := o.opt.Exports.ExportColumns(ctx, core.ExportKind(r.Params.Kind))
	if err != nil {
		return nil, err
	}
	return api.ListExportColumns200JSONResponse{Items: each(columns, func(c core.ExportColumn) api.ExportColumn {
		return api.ExportColumn{Name: c.Name, Label: textOf(c.Label)}
	})}, nil
}

// GetExportFile gives the file, a chunk at a time.
func (o *operations) GetExportFile(ctx context.Context, r api.GetExportFileRequestObject) (api.GetExportFileResponseObject, error) {
	export, err := pathID(core.PrefixExport, r.ExportID)
	if err != nil {
		return nil, err
	}
	e, err := o.opt.Exports.OpenExport(ctx, export)
	if err != nil {
		return nil, err
	}
	// The file leaves after the request's own time is over: each chunk has that time anew.
	ctx = context.WithoutCancel(ctx)
	return exportFile{export: e, chunk: func(n int) ([]byte, error) {
		reading, cancel := context.WithTimeout(ctx, o.opt.Limits.Request)
		defer cancel()
		return o.opt.Exports.ExportChunk(reading, e.ID, n)
	}, patience: o.opt.Limits.WriteTimeout}, nil
}

// exportFile is the reply with a file. No more than a chunk of it is in memory.
type exportFile struct {
	export   core.Export
	chunk    func(n int) ([]byte, error)
	patience time.Duration // for a chunk to leave
}

// VisitGetExportFileResponse implements api.GetExportFileResponseObject.
func (f exportFile) VisitGetExportFileResponse(c *fiber.Ctx) error {
	media := "text/csv; charset=utf-8"
	if f.export.Format == core.ExportXLSX {
		media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	c.Set(fiber.HeaderContentType, media)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+f.export.FileName+`"`)
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	first, last, status := int64(0), f.export.Bytes-1, http.StatusOK
	if a, b, ok := byteRange(c.Get(fiber.HeaderRange), f.export.Bytes); ok {
		first, last, status = a, b, http.StatusPartialContent
		c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes %d-%d/%d", first, last, f.export.Bytes))
	}
	c.Status(status)
	conn := c.Context().Conn()
	body := &chunkReader{n: int(first / core.ChunkBytes), skip: int(first % core.ChunkBytes), next: func(n int) ([]byte, error) {
		// Who takes nothing for that long is given up; a slow line is not.
		_ = conn.SetWriteDeadline(time.Now().Add(f.patience)) // the kernel goes by its own clock
		return f.chunk(n)
	}}
	size := last - first + 1
	c.Context().SetBodyStream(io.LimitReader(body, size), int(size))
	return nil
}

// byteRange reads a range of one part. Anything else is answered with the whole file, as the
// protocol allows.
func byteRange(header string, size int64) (first, last int64, ok bool) {
	spec, isBytes := strings.CutPrefix(header, "bytes=")
	from, to, dash := strings.Cut(spec, "-")
	if !isBytes || !dash || strings.Contains(spec, ",") {
		return 0, 0, false
	}
	last = size - 1
	first, err := strconv.ParseInt(from, 10, 64)
	if err == nil && to != "" {
		var wanted int64
		if wanted, err = strconv.ParseInt(to, 10, 64); wanted < last {
			last = wanted
		}
	}
	return first, last, err == nil && first >= 0 && first <= last
}

// chunkReader reads a file from a chunk on.
type chunkReader struct {
	next func(n int) ([]byte, error)
	n    int
	skip int // bytes of the first chunk
	left bytes.Reader
}

// Read implements io.Reader. An error breaks the connection: the file is then shorter than its
// announced length, and nobody takes it for whole.
func (r *chunkReader) Read(p []byte) (int, error) {
	if r.left.Len() == 0 {
		data, err := r.next(r.n)
		if err != nil {
			return 0, err
		}
		if len(data) <= r.skip {
			return 0, io.ErrUnexpectedEOF
		}
		r.left.Reset(data[r.skip:])
		r.n, r.skip = r.n+1, 0
	}
	return r.left.Read(p)
}

func exportOf(e core.Export) api.Export {
	return api.Export{
		ID: id(core.PrefixExport, e.ID), TenantID: id(core.PrefixTenant, e.TenantID), Kind: api.ExportKind(e.Kind), Format: api.ExportFormat(e.Format),
		Filter: e.Filter, Columns: list(e.Columns), Language: e.Language, State: api.ExportState(e.State), Total: e.Total, Rows: e.Rows, Bytes: e.Bytes,
		FileName: e.FileName, Restarts: int64(e.Restarts), Reason: e.Reason, CreatedBy: e.CreatedBy, CreatedAt: utc(e.CreatedAt), StartedAt: utc(e.StartedAt),
		FinishedAt: utc(e.FinishedAt), ExpiresAt: utc(e.ExpiresAt), Version: int64(e.Version),
	}
}
