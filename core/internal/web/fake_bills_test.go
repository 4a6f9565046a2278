package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

func sampleMapping() core.BillMapping {
	return core.BillMapping{
		TenantID: num(1), ID: num(61), Name: "日账单", Provider: "demo", Encoding: "gb18030", Delimiter: "\t", SkipLines: 4, Columns: map[string]string{"time": "时间", "amount": "金额", "order_no": "订单号"},
		Unit: "yuan", TimeFormat: "2006-01-02 15:04:05", Kinds: map[string]string{"支付": "payment"}, Statuses: map[string]string{"成功": "succeeded"}, TrailerPrefix: "合计",
		TrailerBelow: true, TrailerCount: 1, TrailerAmount: 2, TotalOf: core.TotalNet, MerchantNo: "M1", CreatedBy: "user:usr_x", CreatedAt: at(), UpdatedAt: at(), Version: 3,
	}
}

func sampleImport() core.BillImport {
	return core.BillImport{
		TenantID: num(1), ID: num(60), AccountID: num(3), Provider: "demo", Day: "2026-11-27", Mapping: sampleMapping(), FileName: "bill.csv", Bytes: core.ChunkBytes + 1, ExpectedCount: 0,
		ExpectedAmount: -1, State: core.ImportInvalid, Received: 1, Restarts: 1, Encoding: "GB18030", Rows: 2, Skipped: 1, ErrorCount: 1, BillID: num(62), Unchanged: true,
		Errors:    []core.BillRowError{{Row: 3, Column: "金额", Code: "not_an_amount", Message: core.Text{ZH: "不是金额", EN: "No amount"}}},
		CreatedBy: "user:usr_x", CreatedAt: at(), FinishedAt: at(), NextCheckAt: at(), Version: 4,
	}
}

func (f *fake) ListBillMappings(ctx context.Context, _ string) ([]core.BillMapping, error) {
	return []core.BillMapping{sampleMapping()}, f.called(ctx, "ListBillMappings")
}

func (f *fake) SaveBillMapping(ctx context.Context, m core.BillMapping) (core.BillMapping, error) {
	f.mu.Lock()
	f.mappings = append(f.mappings, m)
	f.mu.Unlock()
	return sampleMapping(), f.called(ctx, "SaveBillMapping")
}

func (f *fake) DeleteBillMapping(ctx context.Context, _ core.ID) error {
	return f.called(ctx, "DeleteBillMapping")
}

func (f *fake) PreviewBill(ctx context.Context, m core.BillMapping, head []byte) (core.BillPreview, error) {
	f.mu.Lock()
	f.mappings, f.parts = append(f.mappings, m), append(f.parts, head)
	f.mu.Unlock()
	line := core.StoredLine{N: 2, Kind: core.MovementPayment, Number: "26112700010000000001", ProviderNumber: "W1", Outcome: core.OutcomeSucceeded, Amount: core.Fen(100), Fee: core.Fen(1), At: at(), Method: "m", Status: "s"}
	return core.BillPreview{Encoding: "UTF-8", Header: []string{"时间"}, Lines: []core.StoredLine{line}, Errors: sampleImport().Errors}, f.called(ctx, "PreviewBill")
}

func (f *fake) CreateBillImport(ctx context.Context, in core.CreateBillImportInput) (core.BillImport, error) {
	f.mu.Lock()
	f.imports = append(f.imports, in)
	f.mu.Unlock()
	return sampleImport(), f.called(ctx, "CreateBillImport")
}

func (f *fake) PutBillChunk(ctx context.Context, _ core.ID, _ int, data []byte) (core.BillImport, error) {
	f.mu.Lock()
	f.parts = append(f.parts, bytes.Clone(data))
	f.mu.Unlock()
	return sampleImport(), f.called(ctx, "PutBillChunk")
}

func (f *fake) FinishBillImport(ctx context.Context, _ core.ID) (core.BillImport, error) {
	return sampleImport(), f.called(ctx, "FinishBillImport")
}

func (f *fake) CancelBillImport(ctx context.Context, _ core.ID) (core.BillImport, error) {
	return sampleImport(), f.called(ctx, "CancelBillImport")
}

func (f *fake) BillImport(ctx context.Context, _ core.ID) (core.BillImport, error) {
	return sampleImport(), f.called(ctx, "BillImport")
}

func (f *fake) ListBillImports(ctx context.Context, _ core.ID, _ core.Page) ([]core.BillImport, error) {
	return []core.BillImport{sampleImport()}, f.called(ctx, "ListBillImports")
}

func (f *fake) BillImportErrors(ctx context.Context, _ core.ID) ([]byte, error) {
	return []byte("\ufeff行号\r\n"), f.called(ctx, "BillImportErrors")
}

// TestPartsOfABillFile go in as they are: any bytes, of the one type, and no more than a chunk.
func TestPartsOfABillFile(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	path := "/v1/bill-imports/" + num(60).Prefixed("bim") + "/chunks/0"
	raw := func(h http.Header) http.Header { return with(h, "Content-Type", "application/octet-stream") }
	whole := strings.Repeat("\x00\xff{", core.ChunkBytes/3) + "\n"
	if got := r.do("PUT", path, whole, raw(byKey())); got.status != 200 || string(r.parts[0]) != whole {
		t.Fatalf("%d %s, %d bytes", got.status, got.body[:min(len(got.body), 200)], len(r.parts[0]))
	}
	for name, c := range map[string]struct {
		path, body string
		header     http.Header
		status     int
	}{
		"too much":           {path, whole + "x", raw(byKey()), 413},
		"nothing":            {path, "", raw(byKey()), 400},
		"as JSON":            {path, "{}", byKey(), 415},
		"compressed":         {path, "x", with(raw(byKey()), "Content-Encoding", "gzip"), 415},
		"no number":          {strings.TrimSuffix(path, "0") + "first", "x", raw(byKey()), 400},
		"an id that is none": {"/v1/bill-imports/bim_x/chunks/0", "x", raw(byKey()), 404},
		"without its token":  {path, "x", with(raw(byCookie()), "X-Csrf-Token", ""), 403},
	} {
		if got := r.do("PUT", c.path, c.body, c.header); got.status != c.status {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if len(r.parts) != 1 {
		t.Errorf("%d parts arrived", len(r.parts))
	}
}

// TestRulesOfABillFile arrive as they were sent, and what is not known is not expected.
func TestRulesOfABillFile(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const rules = `{"encoding":"gb18030","delimiter":"tab","skip_lines":4,"columns":{"time":"时间","amount":"金额","order_no":"订单号"},"unit":"yuan","time_format":"2006-01-02 15:04:05",` +
		`"kinds":{"支付":"payment"},"statuses":{"成功":"succeeded"},"trailer_prefix":"合计","trailer_below":true,"trailer_count":1,"trailer_amount":2,"total_of":"net","merchant_no":"M1"}`
	want := rulesOf(sampleMapping())
	calls := []reply{
		r.do("POST", "/v1/bill-mappings", `{"name":"日账单","provider":"demo","rules":`+rules+`}`, byKey()),
		r.do("PUT", "/v1/bill-mappings/"+num(61).Prefixed("bmp"), `{"name":"日账单","version":3,"rules":`+rules+`}`, byKey()),
		r.do("POST", "/v1/bill-mappings/preview", `{"rules":`+rules+`,"head_base64":"`+base64.StdEncoding.EncodeToString([]byte("时间"))+`"}`, byKey()),
	}
	for i, status := range []int{201, 200, 200} {
		if calls[i].status != status {
			t.Fatalf("%d: %d %s", i, calls[i].status, calls[i].body)
		}
		if got := rulesOf(r.mappings[i]); got.Delimiter != want.Delimiter || got.Columns["amount"] != "金额" || got.TrailerAmount != 2 || got.TotalOf != want.TotalOf ||
			got.Encoding != want.Encoding || got.Kinds["支付"] != "payment" || !got.TrailerBelow || got.SkipLines != 4 || got.MerchantNo != "M1" {
			t.Errorf("%d: %+v", i, got)
		}
	}
	if r.mappings[0].Name != "日账单" || r.mappings[0].Provider != "demo" || r.mappings[1].ID != num(61) || r.mappings[1].Version != 3 || string(r.parts[0]) != "时间" {
		t.Errorf("%+v", r.mappings)
	}
	file := `{"account_id":"` + num(3).Prefixed("acc") + `","day":"2026-11-27","mapping_id":"` + num(61).Prefixed("bmp") + `","file_name":"b.csv","bytes":5`
	r.do("POST", "/v1/bill-imports", file+`}`, byKey())
	r.do("POST", "/v1/bill-imports", file+`,"expected_count":0,"expected_amount":12}`, byKey())
	if len(r.imports) != 2 || r.imports[0].ExpectedCount != -1 || r.imports[0].ExpectedAmount != -1 || r.imports[1].ExpectedCount != 0 || r.imports[1].ExpectedAmount != 12 ||
		r.imports[0].Day != "2026-11-27" || r.imports[0].AccountID != num(3) || r.imports[0].MappingID != num(61) {
		t.Errorf("%+v", r.imports)
	}
	if got := r.do("POST", "/v1/bill-imports", strings.Replace(file, "11-27", "13-27", 1)+`}`, byKey()); got.status != 400 || got.problem(t).Param != "day" {
		t.Errorf("%d %s", got.status, got.body)
	}
}
