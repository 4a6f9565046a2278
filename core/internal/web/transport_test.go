package web

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestInternalErrorsAndPanicsStayInside(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.err = errors.New(`pq: relation "payments" does not exist at 10.0.0.3`)
	got := r.pay(goodPayment, "X-Request-Id", "find-me-in-the-log")
	if p := got.problem(t); got.status != 500 || p.Code != "internal" || strings.Contains(string(got.body), "pq") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if log := r.log.String(); strings.Count(log, `relation \"payments\"`) != 1 || !strings.Contains(log, "find-me-in-the-log") {
		t.Errorf("the log does not hold the error once: %s", log)
	}
	r.panic = "index out of range in /src/secret.go"
	got = r.pay(goodPayment)
	if p := got.problem(t); got.status != 500 || p.Code != "internal" || strings.Contains(string(got.body), "secret.go") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if !strings.Contains(r.log.String(), "secret.go") {
		t.Error("the panic is not in the log")
	}
	r.panic, r.err = "", nil
	if got := r.pay(goodPayment); got.status != 201 {
		t.Errorf("the server did not survive: %d", got.status)
	}
	if got := r.do("GET", "/v1/stores", "", http.Header{"Authorization": {"Bearer broken"}}); got.status != 500 || strings.Contains(string(got.body), "pq") {
		t.Errorf("authentication's error: %d %s", got.status, got.body)
	}
}

func TestAddressesAreExact(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cases := []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/v1/nothing", 404, "not_found"},
		{"POST", "/v1/nothing", 404, "not_found"},
		{"GET", "/v1", 404, "not_found"},
		{"GET", "/v1/", 404, "not_found"},
		{"GET", "/V1/stores", 200, ""}, // not the API: the console's page
		{"GET", "/v1/Stores", 404, "not_found"},
		{"GET", "/v1/stores/", 404, "not_found"},
		{"GET", "/v1//stores", 404, "not_found"},
		{"GET", "/v1/%73tores", 404, "not_found"},
		{"DELETE", "/v1/payments", 405, "method_not_allowed"},
		{"PATCH", "/v1/stores", 405, "method_not_allowed"},
		{"OPTIONS", "/v1/stores", 405, "method_not_allowed"},
		{"GET", "/v1/payer-codes", 405, "method_not_allowed"},
		{"POST", "/docs", 405, "method_not_allowed"},
		{"POST", "/", 404, "not_found"},
		{"GET", "/metrics", 404, "not_found"},
		{"GET", "/in/abcdefgh", 404, "not_found"},
		{"GET", "/assets/none.js", 404, "not_found"},
		{"GET", "/none.png", 404, "not_found"},
	}
	for _, c := range cases {
		got := r.do(c.method, c.path, "", byKey())
		if got.status != c.status {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.status, got.body)
			continue
		}
		if c.code != "" && got.problem(t).Code != c.code {
			t.Errorf("%s %s: %s", c.method, c.path, got.body)
		}
		if c.status == 405 && got.header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow header", c.method, c.path)
		}
	}
}

func TestBodiesOverTheLimit(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Limits.Body = 4 << 10 })
	got := r.pay(`{"subject":"` + strings.Repeat("x", 8<<10) + `"}`)
	if got.status != 413 || got.problem(t).Code != "body_too_large" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if n := r.count(); n != 0 {
		t.Error("a use case was called")
	}
}

// TestCompressedBodies: a small body that unpacks to a lot is refused before it is unpacked.
func TestCompressedBodies(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(goodPayment))
	_, _ = w.Write(bytes.Repeat([]byte(" "), 32<<20))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, encoding := range []string{"gzip", "br", "deflate", "zstd", "gzip, gzip", "identity, gzip"} {
		got := r.pay(packed.String(), "Content-Encoding", encoding)
		if got.status != 415 || got.problem(t).Code != "unsupported_encoding" {
			t.Errorf("%s: %d", encoding, got.status)
		}
	}
	if r.count() != 0 {
		t.Error("a use case was called")
	}
}

// dial opens a connection to the server, for what no HTTP client would send.
func (r *rig) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestHalfABodyIsNotWaitedForForEver(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Limits.ReadTimeout = 200 * time.Millisecond })
	conn := r.dial(t)
	if _, err := conn.Write([]byte("POST /v1/payments HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{\"a\"")); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn) // ends only when the server closes
	if err != nil {
		t.Fatalf("the connection stayed open: %v", err)
	}
	if len(answer) > 0 && !bytes.Contains(answer, []byte(problemJSON)) {
		t.Errorf("answered %s", answer)
	}
	if r.count() != 0 {
		t.Error("a use case was called")
	}
}

// TestAConnectionWithoutARequestIsTimedOut: browsers open connections ahead of time, and send their
// request again when they find exactly this status on one.
func TestAConnectionWithoutARequestIsTimedOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Limits.ReadTimeout = 200 * time.Millisecond })
	conn := r.dial(t)
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("the connection stayed open: %v", err)
	}
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 408 ")) || !bytes.Contains(answer, []byte(`"code":"request_timeout"`)) || !bytes.Contains(bytes.ToLower(answer), []byte("connection: close")) {
		t.Errorf("answered %s", answer)
	}
}

// TestBuffersAreNotShared: what one request left must not change when its connection's
// buffers are used again.
func TestBuffersAreNotShared(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	conn := r.dial(t)
	reader := bufio.NewReader(conn)
	const n = 20
	for i := range n {
		tag := strings.Repeat(strconv.Itoa(i%10), 12)
		body := `{"method":"barcode","amount":1,"subject":"s` + tag + `","payer_code":"c` + tag + `","merchant_order_no":"m` + tag + `"}`
		request := "POST /v1/payments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + goodKey + "\r\nIdempotency-Key: k" + tag + "\r\nX-Request-Id: r" + tag +
			"\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
		if _, err := conn.Write([]byte(request)); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	if len(r.payments) != n {
		t.Fatalf("%d payments", len(r.payments))
	}
	for i, in := range r.payments {
		tag := strings.Repeat(strconv.Itoa(i%10), 12)
		if in.IdempotencyKey != "k"+tag || in.Subject != "s"+tag || string(in.PayerCode.Reveal()) != "c"+tag || in.MerchantOrderNo != "m"+tag || r.ids[i].RequestID != "r"+tag {
			t.Errorf("request %d became %+v", i, in)
		}
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Limits.Provider = 50 * time.Millisecond })
	r.block = make(chan struct{})
	got := r.pay(goodPayment)
	if got.status != 503 || got.problem(t).Code != "outcome_unknown" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestDrain(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) {
		o.Readiness = func(context.Context) []Check {
			return []Check{{Name: "database", OK: true, Message: "PostgreSQL answers."}}
		}
	})
	r.block = make(chan struct{})
	if got := r.do("GET", "/readyz", "", nil); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	answers := make(chan reply, 1)
	var started sync.WaitGroup
	started.Add(1)
	go func() { started.Done(); answers <- r.pay(goodPayment) }()
	started.Wait()
	waitFor(t, func() bool { return r.count() == 1 })

	r.server.StartDraining()
	if got := r.do("GET", "/readyz", "", nil); got.status != 503 || !strings.Contains(string(got.body), "shutting down") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := r.do("GET", "/livez", "", nil); got.status != 200 {
		t.Errorf("%d", got.status)
	}
	drained := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		drained <- r.server.Drain(ctx)
	}()
	waitFor(t, func() bool {
		conn, err := (&net.Dialer{Timeout: time.Second}).Dial("tcp", strings.TrimPrefix(r.base, "http://"))
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	close(r.block)
	if got := <-answers; got.status != 201 {
		t.Errorf("the running request got %d %s", got.status, got.body)
	}
	if err := <-drained; err != nil {
		t.Error(err)
	}
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("did not happen within a minute")
		}
	}
}

func TestReadinessNamesWhatFails(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) {
		o.Readiness = func(context.Context) []Check {
			return []Check{{Name: "database", OK: true, Message: "PostgreSQL answers."}, {Name: "keys", Message: "Vault is sealed: unseal it."}}
		}
	})
	got := r.do("GET", "/readyz", "", nil)
	if got.status != 503 || !strings.Contains(string(got.body), "Vault is sealed: unseal it.") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := r.do("GET", "/v1/health", "", byKey()); got.status != 200 || !strings.Contains(string(got.body), `"ok":false`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	admin := httptest.NewServer(r.server.Admin())
	defer admin.Close()
	for path, want := range map[string]string{"/readyz": "FAIL keys: Vault is sealed", "/livez": "ok", "/metrics": `zhanggui_http_request_duration_seconds_count{method="GET",route="/v1/health",status="200"} 1`} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, admin.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := admin.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("%s lacks %q: %s", path, want, body)
		}
	}
}

func TestConsoleFiles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, path := range []string{"/", "/index.html", "/payments/pay_1", "/login"} {
		got := r.do("GET", path, "", nil)
		csp := got.header.Get("Content-Security-Policy")
		if got.status != 200 || string(got.body) != indexPage || got.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
		if !strings.Contains(csp, "script-src 'self' 'sha256-") || strings.Contains(csp, "unsafe-eval") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("policy %s", csp)
		}
		for _, h := range []string{"X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Strict-Transport-Security", "X-Request-Id"} {
			if got.header.Get(h) == "" {
				t.Errorf("%s lacks %s", path, h)
			}
		}
	}
	plain := r.do("GET", "/assets/app-1a2b.js", "", nil)
	if plain.status != 200 || plain.header.Get("Content-Encoding") != "" || plain.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || plain.header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%d %v", plain.status, plain.header)
	}
	packed := r.do("GET", "/assets/app-1a2b.js", "", http.Header{"Accept-Encoding": {"br, gzip;q=0.8"}})
	zr, err := gzip.NewReader(bytes.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(zr)
	if err != nil || !bytes.Equal(unpacked, plain.body) || len(packed.body) >= len(plain.body) {
		t.Errorf("packed %d, plain %d: %v", len(packed.body), len(plain.body), err)
	}
	if got := r.do("GET", "/assets/app-1a2b.js", "", http.Header{"Accept-Encoding": {"gzip;q=0"}}); got.header.Get("Content-Encoding") != "" {
		t.Error("packed although refused")
	}
	if got := r.do("GET", "/assets/app-1a2b.js", "", http.Header{"If-None-Match": {plain.header.Get("ETag")}}); got.status != 304 {
		t.Errorf("%d", got.status)
	}
	if got := r.do("GET", "/favicon.svg", "", nil); got.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%v", got.header)
	}
	if got := r.do("HEAD", "/", "", nil); got.status != 200 || len(got.body) != 0 {
		t.Errorf("HEAD: %d %d bytes", got.status, len(got.body))
	}
}

func TestConsoleNonce(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) {
		o.Console = fstest.MapFS{"index.html": {Data: []byte(`<meta name="csp-nonce" content="__CSP_NONCE__">`)}}
	})
	one, two := r.do("GET", "/", "", nil), r.do("GET", "/", "", nil)
	nonce := strings.TrimSuffix(strings.TrimPrefix(string(one.body), `<meta name="csp-nonce" content="`), `">`)
	if len(nonce) < 20 || !strings.Contains(one.header.Get("Content-Security-Policy"), "style-src 'self' 'nonce-"+nonce+"'") {
		t.Errorf("%s\n%s", one.body, one.header.Get("Content-Security-Policy"))
	}
	if bytes.Equal(one.body, two.body) {
		t.Error("the nonce was used twice")
	}
}

func TestWithoutConsole(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Console = nil })
	if got := r.do("GET", "/", "", nil); got.status != 200 || !strings.Contains(string(got.body), "without the console") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	f := &fake{}
	good := Options{RequestLog: f, Payments: f, Refunds: f, Onboarding: f, People: f, Records: f, Inbound: f, Payers: f, Balances: f, Simulator: f, Approvals: f, Payouts: f, Plugins: f, PluginReports: f, UserSettings: f, Exports: f, BillImports: f, Cases: f, Reconciliation: f, SpendingLimits: f, Fees: f, Settlement: f, Alerts: f, AlertChannels: f, Webhooks: f, Live: f, Clock: at, PublicURL: "https://x.example"}
	for name, change := range map[string]func(*Options){
		"no use case":    func(o *Options) { o.Refunds = nil },
		"no clock":       func(o *Options) { o.Clock = nil },
		"no address":     func(o *Options) { o.PublicURL = "" },
		"another scheme": func(o *Options) { o.PublicURL = "ftp://x.example" },
		"no host":        func(o *Options) { o.PublicURL = "https://" },
		"no index.html":  func(o *Options) { o.Console = fstest.MapFS{"a.js": {}} },
	} {
		o := good
		change(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do("GET", "/v1/search?number=canary-number", "", with(byKey(), "X-Request-Id", "log-line-0001", "Cookie", "x=canary-cookie"))
	log := r.log.String()
	for _, want := range []string{`"request_id":"log-line-0001"`, `"actor":"key:key_x"`, `"status":200`, `"path":"/v1/search"`, `"tenant":"` + num(1).Prefixed(core.PrefixTenant)} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s: %s", want, log)
		}
	}
	if strings.Contains(log, "canary") {
		t.Errorf("the log holds a query or a cookie: %s", log)
	}
	for given, kept := range map[string]bool{"abcdefgh": true, "short": false, strings.Repeat("a", 65): false, "with space x": false, "new{line}": false} {
		got := r.do("GET", "/livez", "", http.Header{"X-Request-Id": {given}}).header.Get("X-Request-Id")
		if (got == given) != kept || got == "" {
			t.Errorf("%q became %q", given, got)
		}
	}
}
