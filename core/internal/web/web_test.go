package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// rig is a server on a real socket over fake use cases.
type rig struct {
	*fake

	t      *testing.T
	server *Server
	base   string
	log    *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const indexPage = `<!doctype html><script>var theme=1</script><script type="module" src="/assets/app-1a2b.js"></script>`

func newRig(t *testing.T, change ...func(*Options)) *rig {
	t.Helper()
	f, log := &fake{}, &lockedBuffer{}
	opt := Options{
		Payments: f, Refunds: f, Onboarding: f, People: f, Records: f, Inbound: f, Payers: f, Balances: f, Simulator: f, Approvals: f, Payouts: f, Plugins: f, PluginReports: f, UserSettings: f, Systems: f, Exports: f, BillImports: f, Cases: f, Reconciliation: f, SpendingLimits: f, Fees: f, Settlement: f, Alerts: f, AlertChannels: f, Webhooks: f, Live: f, Clock: time.Now,
		RequestLog: f,
		PublicURL:  "https://pay.example.com", Version: api.Version{Version: "1.2.3"},
		Logger: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Console: fstest.MapFS{
			"index.html":         {Data: []byte(indexPage)},
			"assets/app-1a2b.js": {Data: []byte(strings.Repeat("console.log(1);\n", 500))},
			"favicon.svg":        {Data: []byte("<svg/>")},
		},
	}
	for _, c := range change {
		c(&opt)
	}
	s, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_ = s.Drain(ctx)
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return &rig{fake: f, t: t, server: s, base: "http://" + ln.Addr().String(), log: log}
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) problem(t *testing.T) api.Problem {
	t.Helper()
	if got := r.header.Get("Content-Type"); got != problemJSON {
		t.Fatalf("Content-Type %q, want %s; body %s", got, problemJSON, r.body)
	}
	var p api.Problem
	dec := json.NewDecoder(bytes.NewReader(r.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		t.Fatal(err)
	}
	if int(p.Status) != r.status || p.RequestID == "" || p.RequestID != r.header.Get(headerRequestID) || p.Detail == "" || p.Title == "" || p.Type != "/docs/errors#"+p.Code {
		t.Errorf("incomplete problem: %+v", p)
	}
	if r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a problem may be cached")
	}
	return p
}

// byKey and byCookie are the two kinds of callers.
func byKey() http.Header { return http.Header{"Authorization": {"Bearer " + goodKey}} }

func byCookie() http.Header {
	return http.Header{"Cookie": {"__Host-zhanggui=" + goodToken}, "X-Csrf-Token": {goodCSRF}, "Sec-Fetch-Site": {"same-origin"}}
}

func with(h http.Header, pairs ...string) http.Header {
	h = h.Clone()
	if h == nil {
		h = http.Header{}
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			h.Del(pairs[i])
		} else {
			h.Set(pairs[i], pairs[i+1])
		}
	}
	return h
}

func (r *rig) do(method, path, body string, h http.Header) reply {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.base+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for k, v := range h {
		req.Header[k] = v
	}
	if body != "" && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{
		Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return reply{status: resp.StatusCode, header: resp.Header, body: b}
}

const goodPayment = `{"method":"barcode","amount":1250,"subject":"茶","payer_code":"134567890123456789"}`

func (r *rig) pay(body string, pairs ...string) reply {
	r.t.Helper()
	return r.do("POST", "/v1/payments", body, with(byKey(), append([]string{"Idempotency-Key", "k-1"}, pairs...)...))
}

func TestPaymentIsDecodedAndEncoded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.pay(`{"method":"barcode","amount":9999999999,"subject":"茶","payer_code":"134567890123456789","merchant_order_no":"A-1",
		"store_id":"`+num(4).Prefixed("sto")+`","channel":"w","extra":{"a":"b"}}`, "Prefer", "respond-async, wait=20", "X-Request-Id", "caller-chosen-1")
	if got.status != 201 || got.header.Get("Idempotency-Replayed") != "false" || got.header.Get("X-Request-Id") != "caller-chosen-1" {
		t.Fatalf("%d %v %s", got.status, got.header, got.body)
	}
	in := r.payments[0]
	if in.Amount != core.Fen(9_999_999_999) || in.IdempotencyKey != "k-1" || in.Wait != 20*time.Second || in.StoreID != num(4) ||
		string(in.PayerCode.Reveal()) != "134567890123456789" || in.Extra["a"] != "b" || in.MerchantOrderNo != "A-1" || in.Subject != "茶" {
		t.Errorf("decoded %+v", in)
	}
	if id := r.ids[0]; id.RequestID != "caller-chosen-1" || id.IP != "127.0.0.1" || id.Language != "zh" || id.TenantID != num(1) {
		t.Errorf("identity %+v", id)
	}
	var p api.Payment
	if err := json.Unmarshal(got.body, &p); err != nil || p.Amount != 1250 || !p.Unknown || p.Refundable != 1250 || p.ID != num(2).Prefixed("pay") {
		t.Errorf("encoded %s: %v", got.body, err)
	}
	if strings.Contains(r.log.String(), "134567890123456789") || strings.Contains(r.log.String(), goodKey) {
		t.Error("a secret is in the log")
	}
}

func TestUndecidedPaymentIs202(t *testing.T) {
	t.Parallel()
	for state, want := range map[core.PaymentState]int{
		core.PaymentProcessing: 202, core.PaymentRequiresAction: 201, core.PaymentSucceeded: 201, core.PaymentFailed: 201, core.PaymentExpired: 201,
	} {
		r := newRig(t)
		r.state = state
		if got := r.pay(goodPayment); got.status != want {
			t.Errorf("%s: %d, want %d", state, got.status, want)
		}
	}
}

// TestBadBodies: each is refused with a code and the field at fault, and no use case hears of it.
func TestBadBodies(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	amount := func(text string) string { return `{"method":"barcode","subject":"x","amount":` + text + `}` }
	cases := []struct{ name, body, code, param string }{
		{"zero", amount("0"), "invalid_amount", "amount"},
		{"minus one", amount("-1"), "invalid_amount", "amount"},
		{"minus zero", amount("-0"), "invalid_amount", "amount"},
		{"half a fen", amount("1.5"), "invalid_amount", "amount"},
		{"whole with a point", amount("1.0"), "invalid_amount", "amount"},
		{"exponent", amount("1e3"), "invalid_amount", "amount"},
		{"2^63", amount("9223372036854775808"), "invalid_amount", "amount"},
		{"2^63-1", amount("9223372036854775807"), "invalid_amount", "amount"},
		{"one over the limit", amount("10000000000"), "invalid_amount", "amount"},
		{"digits in quotes", amount(`"100"`), "invalid_amount", "amount"},
		{"full-width digits in quotes", amount(`"１００"`), "invalid_amount", "amount"},
		{"full-width digits", amount(`１００`), "invalid_request", ""},
		{"leading zero", amount(`0100`), "invalid_amount", "amount"},
		{"plus", amount(`+100`), "invalid_request", ""},
		{"hexadecimal", amount(`0x64`), "invalid_amount", "amount"},
		{"NaN", amount(`NaN`), "invalid_request", ""},
		{"null amount", amount(`null`), "invalid_amount", "amount"},
		{"amount true", amount(`true`), "invalid_amount", "amount"},
		{"amount list", amount(`[100]`), "invalid_amount", "amount"},
		{"amount object", amount(`{"fen":100}`), "invalid_amount", "amount"},
		{"no amount", `{"method":"barcode","subject":"x"}`, "invalid_amount", "amount"},
		{"unknown field", `{"method":"barcode","subject":"x","amount":1,"amonut":2}`, "invalid_request", "amonut"},
		{"field in other case", `{"method":"barcode","subject":"x","Amount":1}`, "invalid_request", "Amount"},
		{"same name twice", `{"method":"barcode","subject":"x","amount":1,"amount":100}`, "invalid_request", "amount"},
		{"same name twice, escaped", `{"method":"barcode","subject":"x","amount":1,"amoun\u0074":100}`, "invalid_request", "amount"},
		{"same name twice, nested", `{"method":"barcode","subject":"x","amount":1,"extra":{"a":"1","a":"2"}}`, "invalid_request", "/extra/a"},
		{"nested wrong type", `{"method":"barcode","subject":"x","amount":1,"extra":{"a/b":1}}`, "invalid_request", "/extra/a~1b"},
		{"subject a number", `{"method":"barcode","subject":1,"amount":1}`, "invalid_request", "subject"},
		{"blank subject", `{"method":"barcode","subject":"  ","amount":1}`, "invalid_request", "subject"},
		{"long subject", `{"method":"barcode","subject":"` + strings.Repeat("茶", 65) + `","amount":1}`, "invalid_request", "subject"},
		{"NUL", `{"method":"barcode","subject":"a\u0000b","amount":1}`, "invalid_request", "subject"},
		{"half a surrogate", `{"method":"barcode","subject":"a\ud83db","amount":1}`, "invalid_request", "subject"},
		{"not UTF-8", "{\"method\":\"barcode\",\"subject\":\"\xff\",\"amount\":1}", "invalid_request", ""},
		{"another currency", `{"method":"barcode","subject":"x","amount":1,"currency":"USD"}`, "invalid_request", "currency"},
		{"malformed id", `{"method":"barcode","subject":"x","amount":1,"store_id":"sto_1"}`, "invalid_request", "store_id"},
		{"method with a space", `{"method":"bar code","subject":"x","amount":1}`, "invalid_request", "method"},
		{"order number with a control character", `{"method":"qr","subject":"x","amount":1,"merchant_order_no":"a\nb"}`, "invalid_request", "merchant_order_no"},
		{"trailing garbage", `{"method":"barcode","subject":"x","amount":1} x`, "invalid_request", ""},
		{"two objects", `{"method":"barcode","subject":"x","amount":1}{}`, "invalid_request", ""},
		{"cut off", `{"method":"barcode","subject":"x","amount":1`, "invalid_request", ""},
		{"empty", ` `, "invalid_request", ""},
		{"a list", `[]`, "invalid_request", ""},
		{"null", `null`, "invalid_request", ""},
		{"text", `"x"`, "invalid_request", ""},
		{"comment", `{"amount":1 /* one */}`, "invalid_request", ""},
		{"too deep", strings.Repeat(`{"extra":`, 40) + `1` + strings.Repeat("}", 40), "invalid_request", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := r.pay(c.body)
			p := got.problem(t)
			wantParam := c.param
			if c.name == "too deep" {
				wantParam = p.Param // whichever level is refused first
			}
			if got.status != 400 || p.Code != c.code || p.Param != wantParam {
				t.Errorf("%d %s param %q: %s; want %s param %q", got.status, p.Code, p.Param, p.Detail, c.code, c.param)
			}
			if !strings.HasSuffix(p.Detail, ".") {
				t.Errorf("no sentence: %q", p.Detail)
			}
		})
	}
	t.Cleanup(func() {
		if n := r.count(); n != 0 {
			t.Errorf("%d use cases were called", n)
		}
	})
}

func TestSecretsAreNotRepeatedInErrors(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const canary = "CANARY-MIIEvQ"
	account := num(3).Prefixed("acc")
	for _, body := range []string{
		`{"credentials":[{"name":"terminal_key","text":["` + canary + `"]}]}`,
		`{"credentials":[{"name":"terminal_key","text":"` + canary + `\u0000"}]}`,
		`{"credentials":[{"name":"terminal_key","text":"` + canary + `","file_base64":"` + canary + `"}]}`,
		`{"credentials":[{"name":"terminal_key","file_base64":"` + canary + `!"}]}`,
		`{"credentials":[{"name":"terminal_key","password":"` + canary + `"}]}`,
		`{"credentials":[{"name":"terminal_key","text":"` + canary + `"},{"name":"terminal_key","text":"` + canary + `"}]}`,
		`{"credentials":[{"name":"` + canary + `","text":"` + canary + `"}]}`,
	} {
		got := r.do("PUT", "/v1/accounts/"+account+"/credentials", body, byKey())
		if p := got.problem(t); got.status < 400 || got.status > 499 || strings.Contains(string(got.body), canary) {
			t.Errorf("%d %s: %s", got.status, p.Code, p.Detail)
		}
	}
	if strings.Contains(r.log.String(), canary) {
		t.Error("the log holds a secret")
	}
	if got := r.do("PUT", "/v1/accounts/"+account+"/credentials", `{"credentials":[{"name":"a","text":"-----BEGIN\nX"},{"name":"b","file_base64":"AAEC","password":"p"}]}`, byKey()); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	in := r.keys[0]
	if string(in[0].Data.Reveal()) != "-----BEGIN\nX" || !bytes.Equal(in[1].Data.Reveal(), []byte{0, 1, 2}) || string(in[1].Password.Reveal()) != "p" {
		t.Error("credentials were not decoded")
	}
}

func TestHeadersOfMoney(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	long := strings.Repeat("k", 256)
	cases := []struct {
		name   string
		header http.Header
		status int
		code   string
		param  string
	}{
		{"no key", byKey(), 400, "idempotency_required", "Idempotency-Key"},
		{"empty key", with(byKey(), "Idempotency-Key", " "), 400, "idempotency_required", "Idempotency-Key"},
		{"long key", with(byKey(), "Idempotency-Key", long), 400, "invalid_request", "Idempotency-Key"},
		{"key not ASCII", with(byKey(), "Idempotency-Key", "钥"), 400, "invalid_request", "Idempotency-Key"},
		{"two keys", http.Header{"Authorization": {"Bearer " + goodKey}, "Idempotency-Key": {"a", "b"}}, 400, "invalid_request", "Idempotency-Key"},
		{"wait is no number", with(byKey(), "Idempotency-Key", "k", "Prefer", "wait=soon"), 400, "invalid_request", "Prefer"},
		{"wait is negative", with(byKey(), "Idempotency-Key", "k", "Prefer", "wait=-1"), 400, "invalid_request", "Prefer"},
		{"gzip", with(byKey(), "Idempotency-Key", "k", "Content-Encoding", "gzip"), 415, "unsupported_encoding", "Content-Encoding"},
		{"form", with(byKey(), "Idempotency-Key", "k", "Content-Type", "application/x-www-form-urlencoded"), 415, "unsupported_encoding", "Content-Type"},
		{"text", with(byKey(), "Idempotency-Key", "k", "Content-Type", "text/plain"), 415, "unsupported_encoding", "Content-Type"},
		{"multipart", with(byKey(), "Idempotency-Key", "k", "Content-Type", "multipart/form-data; boundary=x"), 415, "unsupported_encoding", "Content-Type"},
		{"GBK", with(byKey(), "Idempotency-Key", "k", "Content-Type", "application/json; charset=gbk"), 415, "unsupported_encoding", "Content-Type"},
		{"two merchants", with(http.Header{"Zhanggui-Tenant": {"a", "b"}, "Authorization": {"Bearer " + goodKey}}, "Idempotency-Key", "k"), 400, "invalid_request", "Zhanggui-Tenant"},
		{"another merchant", with(byKey(), "Idempotency-Key", "k", "Zhanggui-Tenant", num(99).Prefixed("ten")), 404, "not_found", "Zhanggui-Tenant"},
		{"no merchant at all", with(byKey(), "Idempotency-Key", "k", "Zhanggui-Tenant", "x"), 404, "not_found", "Zhanggui-Tenant"},
	}
	for _, c := range cases {
		got := r.do("POST", "/v1/payments", goodPayment, c.header)
		if p := got.problem(t); got.status != c.status || p.Code != c.code || p.Param != c.param {
			t.Errorf("%s: %d %s param %q, want %d %s %q", c.name, got.status, p.Code, p.Param, c.status, c.code, c.param)
		}
	}
	if n := r.count(); n != 0 {
		t.Errorf("%d use cases were called", n)
	}
	if got := r.pay(goodPayment, "Prefer", "wait=3600", "Content-Type", "application/json; charset=UTF-8", "Zhanggui-Tenant", num(1).Prefixed("ten"), "Idempotency-Key", strings.Repeat("~", 255)); got.status != 201 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if r.payments[0].Wait != time.Minute {
		t.Errorf("waits %s", r.payments[0].Wait)
	}
}

func TestQueries(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cases := []struct{ query, param string }{
		{"limit=0", "limit"},
		{"limit=101", "limit"},
		{"limit=ten", "limit"},
		{"limit=1.5", "limit"},
		{"limit=%2B5", "limit"},
		{"limit=１", "limit"},
		{"limit=1&limit=2", "limit"},
		{"min_amount=1e3", "min_amount"},
		{"unknown=yes", "unknown"},
		{"state=paid", "state"},
		{"state=succeeded&state=paid", "state"},
		{"from=yesterday", "from"},
		{"from=2026-01-31T08:00:00+08:00", "from"}, // the plus became a space
		{"cursor=abc", "cursor"},
		{"sort=cheapest", "sort"},
		{"account_id=pay_1", "account_id"},
		{"tenant_id=" + num(1).Prefixed("ten"), "tenant_id"},
		{"number=%00", "number"},
	}
	for _, c := range cases {
		got := r.do("GET", "/v1/payments?"+c.query, "", byKey())
		if p := got.problem(t); got.status != 400 || p.Code != "invalid_request" || p.Param != c.param {
			t.Errorf("%s: %d %s %q: %s", c.query, got.status, p.Code, p.Param, p.Detail)
		}
	}
	got := r.do("GET", "/v1/payments?state=succeeded&state=failed&unknown=true&provider=demo&account_id="+num(3).Prefixed("acc")+"&store_id="+num(4).Prefixed("sto")+
		"&method=qr&from=2026-01-31T08:00:00%2B08:00&to=2026-02-01T00:00:00Z&min_amount=1&max_amount=5&number=7&refundable=true&limit=7", "", byKey())
	if got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	f := r.filter
	if len(f.States) != 2 || !f.Unknown || f.Provider != "demo" || f.AccountID != num(3) || len(f.StoreIDs) != 1 || f.Method != "qr" || f.MinAmount != 1 ||
		f.MaxAmount != 5 || f.AnyNumber != "7" || !f.Refundable || f.Page.Limit != 8 || !f.From.Equal(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)) || f.To.IsZero() || !f.TenantID.IsZero() {
		t.Errorf("filter %+v", f)
	}
	if got := r.do("GET", "/v1/search", "", byKey()); got.problem(t).Param != "number" {
		t.Errorf("%s", got.body)
	}
	if got := r.do("GET", "/v1/summary?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "", byKey()); got.problem(t).Param != "from" {
		t.Errorf("%s", got.body)
	}
}

func TestPagesFollowTheCursor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.rows = 5
	var page api.PaymentPage
	got := r.do("GET", "/v1/payments?limit=4", "", byKey())
	if err := json.Unmarshal(got.body, &page); err != nil || len(page.Items) != 4 || page.NextCursor == "" {
		t.Fatalf("%s: %v", got.body, err)
	}
	if got := r.do("GET", "/v1/payments?limit=4&cursor="+page.NextCursor, "", byKey()); got.status != 200 {
		t.Fatalf("%s", got.body)
	}
	if p := r.filter.Page; p.BeforeID != num(197) || !p.BeforeTime.Equal(at().Add(-3*time.Minute)) {
		t.Errorf("cursor led to %+v", p)
	}
	r.rows = 4
	page = api.PaymentPage{}
	got = r.do("GET", "/v1/payments?limit=4", "", byKey())
	if err := json.Unmarshal(got.body, &page); err != nil || len(page.Items) != 4 || page.NextCursor != "" {
		t.Errorf("the last page names another: %s", got.body)
	}
	r.rows = 0
	if got = r.do("GET", "/v1/payments", "", byKey()); strings.TrimSpace(string(got.body)) != `{"items":[]}` {
		t.Errorf("empty page: %s", got.body)
	}
}

// A cursor goes on in the order it came from, and in no other.
func TestCursorsBelongToAnOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.rows = 5
	cursors := map[string]string{}
	for sort, want := range map[string]core.PaymentFilter{
		"newest":   {Sort: core.PaymentsNewest, Page: core.Page{Limit: 5, BeforeTime: at().Add(-3 * time.Minute), BeforeID: num(197)}},
		"oldest":   {Sort: core.PaymentsOldest, Page: core.Page{Limit: 5, BeforeTime: at().Add(-3 * time.Minute), BeforeID: num(197)}},
		"largest":  {Sort: core.PaymentsLargest, Page: core.Page{Limit: 5, BeforeAmount: samplePayment(core.PaymentFailed).Amount.Minor, BeforeID: num(197)}},
		"smallest": {Sort: core.PaymentsSmallest, Page: core.Page{Limit: 5, BeforeAmount: samplePayment(core.PaymentFailed).Amount.Minor, BeforeID: num(197)}},
	} {
		var page api.PaymentPage
		if got := r.do("GET", "/v1/payments?limit=4&sort="+sort, "", byKey()); json.Unmarshal(got.body, &page) != nil || page.NextCursor == "" {
			t.Fatalf("%s: %s", sort, got.body)
		}
		cursors[sort] = page.NextCursor
		if got := r.do("GET", "/v1/payments?limit=4&sort="+sort+"&cursor="+page.NextCursor, "", byKey()); got.status != 200 {
			t.Fatalf("%s: %s", sort, got.body)
		}
		if p := r.filter.Page; r.filter.Sort != want.Sort || p.BeforeID != want.Page.BeforeID || p.BeforeAmount != want.Page.BeforeAmount || !p.BeforeTime.Equal(want.Page.BeforeTime) {
			t.Errorf("%s: the cursor led to %q %+v", sort, r.filter.Sort, p)
		}
	}
	for of, cursor := range cursors {
		for sort := range cursors {
			got := r.do("GET", "/v1/payments?sort="+sort+"&cursor="+cursor, "", byKey())
			if of != sort && (got.status != 400 || got.problem(t).Param != "cursor") {
				t.Errorf("a cursor of the %s is taken for the %s: %d %s", of, sort, got.status, got.body)
			}
		}
	}
}

func TestETag(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	path := "/v1/payments/" + num(2).Prefixed("pay")
	first := r.do("GET", path, "", byKey())
	tag := first.header.Get("ETag")
	if first.status != 200 || tag == "" {
		t.Fatalf("%d %v", first.status, first.header)
	}
	if again := r.do("GET", path, "", with(byKey(), "If-None-Match", tag)); again.status != 304 || len(again.body) != 0 {
		t.Errorf("%d %s", again.status, again.body)
	}
	if other := r.do("GET", path, "", with(byKey(), "If-None-Match", `"other"`)); other.status != 200 {
		t.Errorf("%d", other.status)
	}
}

// TestUnknownIDsAnswerAlike: an id that cannot exist and one that does not.
func TestUnknownIDsAnswerAlike(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	h := with(byKey(), "X-Request-Id", "fixed-request-id")
	want := r.do("GET", "/v1/payments/"+num(77).Prefixed("pay"), "", h)
	if want.problem(t).Code != "not_found" || want.status != 404 {
		t.Fatalf("%s", want.body)
	}
	for _, id := range []string{"pay_1", "x", "ref_" + strings.Repeat("0", 26), "pay_" + strings.Repeat("z", 26), "%2e%2e", "pay_%00"} {
		if got := r.do("GET", "/v1/payments/"+id, "", h); got.status != 404 || !bytes.Equal(got.body, want.body) {
			t.Errorf("%s: %d %s", id, got.status, got.body)
		}
	}
}
