package web

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestWebhooksOverHTTP(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do("POST", "/v1/webhooks", `{"url":"https://shop.example.com/"}`, byCookie())
	if got.status != http.StatusCreated || !strings.Contains(string(got.body), `"secret":"whsec_shown-once"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	got = r.do("PUT", "/v1/webhooks/"+num(40).Prefixed("whk"), `{"url":"https://shop.example.com/","enabled":false,"types":["payment.succeeded"]}`, byCookie())
	if got.status != http.StatusOK || strings.Contains(string(got.body), "whsec_shown-once") || strings.Contains(string(got.body), "sealed") {
		t.Errorf("%d %s", got.status, got.body)
	}
	want := []core.WebhookInput{
		{URL: "https://shop.example.com/", Types: []string{}, Enabled: true},
		{URL: "https://shop.example.com/", Types: []string{"payment.succeeded"}},
	}
	if !reflect.DeepEqual(r.webhooks, want) {
		t.Errorf("%+v", r.webhooks)
	}
	for body, param := range map[string]string{
		`{}`:         "url",
		`{"url":""}`: "url",
		`{"url":"https://x.example","types":["Payment"]}`:     "types/0",
		`{"url":"https://x.example","secret":"whsec_own"}`:    "secret",
		`{"url":"` + strings.Repeat("x", 2049) + `"}`:         "url",
		`{"url":"https://x.example","types":"payment.x"}`:     "types",
		`{"url":"https://x.example","types":["payment\n.x"]}`: "types/0",
	} {
		if got := r.do("POST", "/v1/webhooks", body, byCookie()); got.status != http.StatusBadRequest || !strings.HasPrefix(strings.TrimPrefix(got.problem(t).Param, "/"), strings.TrimSuffix(param, "/0")) {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}

func TestResendOverHTTP(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	path := "/v1/webhooks/" + num(40).Prefixed("whk") + "/resend"
	got := r.do("POST", path, `{"from":"2026-01-02T00:00:00+08:00","to":"2026-01-03T00:00:00+08:00","types":["payment.succeeded"],"all":true}`, byCookie())
	if got.status != http.StatusOK || strings.TrimSpace(string(got.body)) != `{"count":3}` {
		t.Fatalf("%d %s", got.status, got.body)
	}
	sent := r.resent[0]
	if sent.EndpointID != num(40) || !sent.All || sent.To.Sub(sent.From) != 24*time.Hour || len(sent.Types) != 1 {
		t.Errorf("%+v", sent)
	}
	for _, body := range []string{`{}`, `{"from":"yesterday","to":"2026-01-03T00:00:00Z"}`, `{"from":"2026-01-03T00:00:00Z"}`} {
		if got := r.do("POST", path, body, byCookie()); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}

// TestADeliveryIsShownAsItIs: the body is the one that is sent, and a receiver's bytes are
// made text.
func TestADeliveryIsShownAsItIs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do("GET", "/v1/webhook-deliveries/"+num(43).Prefixed("dlv"), "", byCookie())
	for _, want := range []string{`\"type\":\"payment.succeeded\"`, `\"data\":{\"id\":\"x\"}`, num(2).Prefixed("pay"), "a\uFFFDb"} {
		if !strings.Contains(string(got.body), want) {
			t.Errorf("%s is missing in %s", want, got.body)
		}
	}
	if got := r.do("GET", "/v1/webhook-deliveries/"+num(43).Prefixed("whk"), "", byCookie()); got.status != http.StatusNotFound {
		t.Errorf("an id of another kind: %d", got.status)
	}
	if got := r.do("GET", "/v1/webhook-deliveries?state=lost", "", byCookie()); got.status != http.StatusBadRequest {
		t.Errorf("a state that is none: %d", got.status)
	}
}
