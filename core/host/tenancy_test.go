//go:build e2e

package host_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestAnotherTenantsThingsDoNotExist: as tenant A, every get of tenant B's ids and every
// list filtered by them answers byte for byte as for ids that do not exist.
func TestAnotherTenantsThingsDoNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	h, stop := w.startNode()
	defer stop()
	a, b := w.tenants[0], w.tenants[1]
	status, paid := b.post(h.Address(), "/v1/payments", "k1", b.barcode(100, "01"))
	if status != 201 {
		t.Fatalf("payment: %d %v", status, paid)
	}
	status, refund := b.post(h.Address(), "/v1/refunds", "k2", map[string]any{"payment_id": paid["id"], "amount": 10, "reason": "test"})
	if status != 201 {
		t.Fatalf("refund: %d %v", status, refund)
	}
	theirs := map[string]string{
		"pay": text(paid, "id"), "ref": text(refund, "id"), "acc": b.account.Prefixed(core.PrefixAccount),
		"sto": b.store.Prefixed(core.PrefixStore), "ten": b.id.Prefixed(core.PrefixTenant), "usr": b.owner.Prefixed(core.PrefixUser),
		"order": text(paid, "order_no"), "merchant": text(paid, "merchant_order_no"),
	}
	for _, call := range tenantCalls() {
		absent := map[string]string{"order": "26010100000000000001", "merchant": "26010100000000000002"}
		for _, prefix := range []string{"pay", "ref", "acc", "sto", "ten", "usr"} {
			absent[prefix] = core.NewID(time.Now()).Prefixed(prefix)
		}
		got := a.raw(t, h.Address(), call, theirs)
		want := a.raw(t, h.Address(), call, absent)
		if got != want {
			t.Errorf("%s %s tells another tenant's thing from none:\n%s\n%s", call.method, call.path, got, want)
		}
		if strings.Contains(got, "200") == call.lists {
			continue
		}
		t.Errorf("%s %s: unexpected %s", call.method, call.path, got)
	}
}

// tenantCall is one call with a placeholder {prefix} for another tenant's id.
type tenantCall struct {
	method, path, body string
	lists              bool // answers 200 with nothing in it
}

func tenantCalls() []tenantCall {
	return []tenantCall{
		{method: "GET", path: "/v1/payments/{pay}"},
		{method: "POST", path: "/v1/payments/{pay}/sync"},
		{method: "POST", path: "/v1/payments/{pay}/cancel", body: `{}`},
		{method: "GET", path: "/v1/payments?number={order}", lists: true},
		{method: "GET", path: "/v1/payments?number={merchant}", lists: true},
		{method: "GET", path: "/v1/payments?account_id={acc}", lists: true},
		{method: "GET", path: "/v1/payments?store_id={sto}", lists: true},
		{method: "POST", path: "/v1/payments", body: `{"method":"barcode","amount":1,"subject":"x","payer_code":"281234567890123456","store_id":"{sto}"}`},
		{method: "POST", path: "/v1/payments", body: `{"method":"barcode","amount":1,"subject":"x","payer_code":"281234567890123456","account_id":"{acc}"}`},
		{method: "GET", path: "/v1/refunds/{ref}"},
		{method: "POST", path: "/v1/refunds/{ref}/sync"},
		{method: "GET", path: "/v1/refunds?payment_id={pay}", lists: true},
		{method: "GET", path: "/v1/refunds?number={merchant}", lists: true},
		{method: "POST", path: "/v1/refunds", body: `{"payment_id":"{pay}","amount":1}`},
		{method: "GET", path: "/v1/search?number={order}", lists: true},
		{method: "GET", path: "/v1/search?number={merchant}", lists: true},
		{method: "GET", path: "/v1/events?object_id={pay}", lists: true},
		{method: "GET", path: "/v1/audit?object={pay}", lists: true},
		{method: "GET", path: "/v1/accounts/{acc}"},
		{method: "POST", path: "/v1/accounts/{acc}/test"},
		{method: "GET", path: "/v1/tenants/{ten}"},
	}
}

// volatile is what differs between any two answers.
var volatile = regexp.MustCompile(`"request_id":"[^"]*"|(?i)(date|x-request-id|etag): [^\n]*`) //nolint:gochecknoglobals // compiled once

// raw gives status, headers and body with the ids and what is volatile taken out.
func (m merchant) raw(t *testing.T, address string, c tenantCall, ids map[string]string) string {
	t.Helper()
	path, body := c.path, c.body
	for prefix, id := range ids {
		path = strings.ReplaceAll(path, "{"+prefix+"}", id)
		body = strings.ReplaceAll(body, "{"+prefix+"}", id)
	}
	req, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+address+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+m.apiKey)
	req.Header.Set("Idempotency-Key", core.NewID(time.Now()).String())
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var headers bytes.Buffer
	if err := resp.Header.Write(&headers); err != nil {
		t.Fatal(err)
	}
	out := volatile.ReplaceAllString(fmt.Sprintf("%d\n%s\n%s", resp.StatusCode, headers.String(), text), "")
	for _, id := range ids {
		out = strings.ReplaceAll(out, id, "ID")
	}
	return out
}
