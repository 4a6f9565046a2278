package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// exportedBytes are two chunks, the first of which is full.
func exportedBytes() []byte {
	return slices.Concat([]byte("\ufeff"), bytes.Repeat([]byte("0123456789abcdef"), core.ChunkBytes/16), []byte("the end\r\n"))
}

func sampleExport() core.Export {
	return core.Export{
		TenantID: num(1), ID: num(50), Kind: core.ExportPayments, Format: core.ExportCSV, Filter: map[string]string{"state": "succeeded"}, Query: json.RawMessage(`{"secret":"query-canary"}`),
		Columns: []string{"order_no", "amount"}, Language: "zh", State: core.ExportReady, Total: 3, Rows: 3, Bytes: int64(len(exportedBytes())), Chunks: 2,
		FileName: "payments-20261123-160000-ab.csv", Restarts: 1, CreatedBy: "user:usr_x", CreatedAt: at(), StartedAt: at(), FinishedAt: at(), ExpiresAt: at(), Version: 9,
	}
}

func (f *fake) CreateExport(ctx context.Context, in core.CreateExportInput) (core.ExportReply, error) {
	f.mu.Lock()
	f.exports = append(f.exports, in)
	f.mu.Unlock()
	return core.ExportReply{Export: sampleExport(), Replayed: true}, f.called(ctx, "CreateExport")
}

func (f *fake) ListExports(ctx context.Context, _ core.ExportFilter) ([]core.Export, error) {
	return []core.Export{sampleExport()}, f.called(ctx, "ListExports")
}

func (f *fake) Export(ctx context.Context, _ core.ID) (core.Export, error) {
	return sampleExport(), f.called(ctx, "Export")
}

func (f *fake) CancelExport(ctx context.Context, _ core.ID) (core.Export, error) {
	return sampleExport(), f.called(ctx, "CancelExport")
}

func (f *fake) OpenExport(ctx context.Context, _ core.ID) (core.Export, error) {
	return sampleExport(), f.called(ctx, "OpenExport")
}

func (f *fake) ExportChunk(ctx context.Context, _ core.ID, n int) ([]byte, error) {
	if err := f.called(ctx, "ExportChunk"); err != nil {
		return nil, err
	}
	all := exportedBytes()
	return all[n*core.ChunkBytes : min((n+1)*core.ChunkBytes, len(all))], nil
}

func (f *fake) ExportColumns(ctx context.Context, _ core.ExportKind) ([]core.ExportColumn, error) {
	return []core.ExportColumn{{Name: "order_no", Label: core.Text{ZH: "平台订单号", EN: "Order number"}}}, f.called(ctx, "ExportColumns")
}

func TestExportFilesLeaveWholeOrInParts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	all := exportedBytes()
	path := "/v1/exports/" + num(50).Prefixed(core.PrefixExport) + "/file"
	for name, c := range map[string]struct {
		asked  string
		status int
		want   []byte
		says   string
	}{
		"whole":          {"", 200, all, ""},
		"beginning":      {"bytes=0-9", 206, all[:10], "bytes 0-9/1048588"},
		"over the seam":  {"bytes=1048570-1048580", 206, all[1048570:1048581], "bytes 1048570-1048580/1048588"},
		"the rest":       {"bytes=1048576-", 206, all[core.ChunkBytes:], "bytes 1048576-1048587/1048588"},
		"beyond the end": {"bytes=9-99999999", 206, all[9:], "bytes 9-1048587/1048588"},
		"no such place":  {"bytes=1048588-", 200, all, ""},
		"backwards":      {"bytes=9-3", 200, all, ""},
		"two parts":      {"bytes=0-1,4-5", 200, all, ""},
		"from the end":   {"bytes=-5", 200, all, ""},
		"nonsense":       {"lines=1-2", 200, all, ""},
	} {
		got := r.do(http.MethodGet, path, "", with(byKey(), "Range", c.asked))
		if got.status != c.status || !bytes.Equal(got.body, c.want) || got.header.Get("Content-Range") != c.says {
			t.Errorf("%s: %d, %d bytes, %q", name, got.status, len(got.body), got.header.Get("Content-Range"))
		}
		if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Content-Disposition") != `attachment; filename="payments-20261123-160000-ab.csv"` ||
			got.header.Get("Content-Type") != "text/csv; charset=utf-8" {
			t.Errorf("%s: %v", name, got.header)
		}
	}
	if head := r.do(http.MethodHead, path, "", byKey()); head.status != 200 || head.header.Get("Content-Length") != "1048588" || len(head.body) != 0 {
		t.Errorf("HEAD: %d %v", head.status, head.header)
	}
}

// TestAnExportsFilterIsReadAsTheListReadsIt sends the same values as a query and as a filter.
func TestAnExportsFilterIsReadAsTheListReadsIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	store, other, account := num(2).Prefixed(core.PrefixStore), num(3).Prefixed(core.PrefixStore), num(3).Prefixed(core.PrefixAccount)
	query := "?state=succeeded&state=failed&unknown=true&provider=demo&account_id=" + account + "&store_id=" + store + "&store_id=" + other +
		"&method=qr&from=2026-11-01T00:00:00%2B08:00&min_amount=5&max_amount=900&number=a%2Cb&refundable=true"
	filter := `{"state":"succeeded,failed","unknown":"true","provider":"demo","account_id":"` + account + `","store_id":"` + store + `,` + other +
		`","method":"qr","from":"2026-11-01T00:00:00+08:00","min_amount":"5","max_amount":"900","number":"a,b","refundable":"true"}`
	if got := r.do(http.MethodGet, "/v1/payments"+query, "", byKey()); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if got := r.do(http.MethodPost, "/v1/exports", `{"kind":"payments","format":"csv","filter":`+filter+`}`, with(byKey(), "Idempotency-Key", "k")); got.status != 202 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	want := r.filter
	want.Page = core.Page{}
	var got core.PaymentFilter
	if err := json.Unmarshal(r.exports[0].Query, &got); err != nil {
		t.Fatal(err)
	}
	if !got.From.Equal(want.From) {
		t.Errorf("from %s, want %s", got.From, want.From)
	}
	got.From, want.From = time.Time{}, time.Time{}
	a, _ := json.Marshal(got)  // plain structs
	b, _ := json.Marshal(want) // the same
	if !bytes.Equal(a, b) || len(got.States) != 2 || len(got.StoreIDs) != 2 || got.AnyNumber != "a,b" {
		t.Errorf("the export reads %s\nthe list reads   %s", a, b)
	}
}

func TestWhatIsNoFilterIsRefusedByName(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for body, at := range map[string]string{
		`{"kind":"payments","format":"csv","filter":{"colour":"red"}}`:             "colour",
		`{"kind":"payments","format":"csv","filter":{"limit":"5"}}`:                "limit",
		`{"kind":"payments","format":"csv","filter":{"cursor":"x"}}`:               "cursor",
		`{"kind":"payments","format":"csv","filter":{"state":"succeeded,paid"}}`:   "state",
		`{"kind":"payments","format":"csv","filter":{"unknown":"yes"}}`:            "unknown",
		`{"kind":"payments","format":"csv","filter":{"min_amount":"1.5"}}`:         "min_amount",
		`{"kind":"payments","format":"csv","filter":{"from":"yesterday"}}`:         "from",
		`{"kind":"payments","format":"csv","filter":{"account_id":"acc_x"}}`:       "account_id",
		`{"kind":"refunds","format":"csv","filter":{"method":"qr"}}`:               "method",
		`{"kind":"payouts","format":"csv","filter":{"store_id":"sto_x"}}`:          "store_id",
		`{"kind":"audit","format":"xlsx","filter":{"state":"x"}}`:                  "state",
		`{"kind":"secrets","format":"csv"}`:                                        "kind",
		`{"kind":"payments","format":"pdf"}`:                                       "format",
		`{"kind":"payments","format":"csv","language":"fr"}`:                       "language",
		`{"kind":"payments","format":"csv","filter":{"unknown":true}}`:             "/filter/unknown",
		`{"kind":"payments","format":"csv","columns":["order_no"],"password":"x"}`: "password",
	} {
		got := r.do(http.MethodPost, "/v1/exports", body, with(byKey(), "Idempotency-Key", "k"))
		if p := got.problem(t); got.status < 400 || got.status > 404 || p.Param != at {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	if len(r.exports) != 0 {
		t.Errorf("%d exports were asked for", len(r.exports))
	}
}

// TestAQueryIsNotShown: what it says stands in filter already, in words that callers know.
func TestAQueryIsNotShown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do(http.MethodGet, "/v1/exports/"+num(50).Prefixed(core.PrefixExport), "", byKey())
	if got.status != 200 || strings.Contains(string(got.body), "query-canary") || !strings.Contains(string(got.body), `"restarts":1`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}
