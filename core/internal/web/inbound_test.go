package web

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

const callbackAddress = "/in/0123456789s"

// TestCallbacksPassAsTheyCame: method, query, headers and body reach the use case untouched,
// and its answer the provider.
func TestCallbacksPassAsTheyCame(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	body := "{\"Body\":{\"名\":\"a\\/b\"} ,\n \"Sign\":\"X\"}"
	got := r.do(http.MethodPost, callbackAddress+"?a=1&b=%20", body, http.Header{"Authorization": {"sig"}, "Content-Type": {"text/plain"}, "Cookie": {"x=y"}})
	if got.status != http.StatusOK || string(got.body) != "SUCCESS" || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
		t.Errorf("answered %d %q %q", got.status, got.body, got.header.Get("Content-Type"))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	req := r.inbound[0]
	if req.Kind != "s" || req.Method != http.MethodPost || req.Query != "a=1&b=%20" || string(req.Body) != body || req.Headers["Authorization"] != "sig" || req.Headers["Cookie"] != "" {
		t.Errorf("the use case got %+v", req)
	}
}

func TestCallbackLimits(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Limits.InboundBurst, o.Limits.InboundRate = 3, 0.001 })
	if got := r.do(http.MethodPost, "/in/0123456789", "x", nil); got.status != http.StatusNotFound {
		t.Errorf("an address that is too short: %d", got.status)
	}
	if got := r.do(http.MethodPost, callbackAddress, strings.Repeat("x", maxInbound+1), nil); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body over the limit: %d", got.status)
	}
	if got := r.do(http.MethodPost, callbackAddress, "x", http.Header{"Content-Encoding": {"gzip"}}); got.status != http.StatusUnsupportedMediaType {
		t.Errorf("a compressed body: %d", got.status)
	}
	for range 2 {
		r.do(http.MethodGet, callbackAddress, "", nil)
	}
	if got := r.do(http.MethodPost, callbackAddress, "x", nil); got.status != http.StatusTooManyRequests {
		t.Errorf("over the rate: %d", got.status)
	}
	if got := r.do(http.MethodPost, "/in/9876543210s", "x", nil); got.status != http.StatusOK {
		t.Errorf("another account's address suffers: %d", got.status)
	}
}

// TestACallbackOfFiveMegabytes: a sentence, a code, and nothing is taken in, as soon as the
// sender has said how much it is. One that does not say, and goes on sending, may be cut off.
func TestACallbackOfFiveMegabytes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	conn := r.dial(t)
	// No byte of the body follows: the answer could be lost in what is still being sent.
	if _, err := io.WriteString(conn, "POST "+callbackAddress+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5242880\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(answer), `"code":"body_too_large"`) || !strings.Contains(string(answer), `"detail":"`) {
		t.Errorf("%d %s %v", resp.StatusCode, answer, err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.base+callbackAddress, io.MultiReader(strings.NewReader(strings.Repeat("x", 5<<20))))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req); err == nil {
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("in chunks: %d", resp.StatusCode)
		}
	}
	if n := r.count(); n != 0 {
		t.Errorf("%d use cases were called", n)
	}
}

func TestACallbackIsShownWithoutCredentials(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do(http.MethodPost, "/v1/callbacks/"+num(22).Prefixed(core.PrefixCallback)+"/reveal", "", byCookie())
	if got.status != http.StatusOK || strings.Contains(string(got.body), "canary") || !strings.Contains(string(got.body), `"body_text":"b=茶"`) || !strings.Contains(string(got.body), `"Sign":"s"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestTheProvidersFormIsEscaped: whatever stands in a field, the page holds one form, and
// only to the provider.
func TestTheProvidersFormIsEscaped(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.action = core.NextAction{Type: core.ActionFormPost, URL: "https://gateway.example/pay", Fields: map[string]string{
		"web_api": `{"GOODSNAME":"it's <script>alert(1)</script> \"&\" 茶"}`,
	}}
	got := r.do(http.MethodGet, "/pay/token", "", nil)
	page := string(got.body)
	if got.status != http.StatusOK || strings.Contains(page, "<script>alert") || strings.Contains(page, `it's`) || strings.Count(page, "<form") != 1 || !strings.Contains(page, `action="https://gateway.example/pay"`) {
		t.Errorf("%d %s", got.status, page)
	}
	policy := got.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "form-action https://gateway.example", "script-src 'nonce-"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the page's policy lacks %s: %s", want, policy)
		}
	}
	if got.header.Get("Cache-Control") != "no-store" {
		t.Error("the page may be cached")
	}
	if strings.Contains(r.log.String(), "/pay/token") {
		t.Error("the log holds the link")
	}
	r.action.URL = "javascript:alert(1)"
	if got := r.do(http.MethodGet, "/pay/token", "", nil); got.status != http.StatusNotFound || strings.Contains(string(got.body), "javascript") {
		t.Errorf("a script for an address: %d %s", got.status, got.body)
	}
}

// TestTheProvidersPageStandsInASandbox: it comes as it is, in an origin of its own.
func TestTheProvidersPageStandsInASandbox(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.action = core.NextAction{Type: core.ActionHTML, HTML: "<form>provider</form>"}
	got := r.do(http.MethodGet, "/pay/token", "", nil)
	if string(got.body) != "<form>provider</form>" || !strings.HasPrefix(got.header.Get("Content-Security-Policy"), "sandbox ") || strings.Contains(got.header.Get("Content-Security-Policy"), "allow-same-origin") {
		t.Errorf("%s with %s", got.body, got.header.Get("Content-Security-Policy"))
	}
}

func TestPayersGoOnToTheShopOrHearWhyNot(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do(http.MethodGet, "/payer/token?token_id=o-1", "", nil)
	if got.status != http.StatusFound || got.header.Get("Location") != "https://shop.example/back?payer_id=o-1" {
		t.Errorf("%d to %s", got.status, got.header.Get("Location"))
	}
	r.err = core.Errorf(core.CodeLinkUsed, "This page was opened before.")
	for _, path := range []string{"/pay/token", "/payer/token"} {
		got := r.do(http.MethodGet, path, "", nil)
		if got.status != http.StatusGone || !strings.Contains(string(got.body), "This page was opened before.") || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}
