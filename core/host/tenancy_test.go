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
	"github.com/zhanggui-pay/zhanggui/core/host"
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
	card, callback := b.keepThings(t, h, text(paid, "id"))
	webhook, delivery := b.keepWebhook(t, h)
	theirs := map[string]string{
		"crd": card.Prefixed(core.PrefixCard), "cbk": callback.Prefixed(core.PrefixCallback), "alt": callback.Prefixed(core.PrefixAlert),
		"whk": webhook.Prefixed(core.PrefixWebhook), "whs": delivery.Prefixed(core.PrefixWebhookSecret), "dlv": delivery.Prefixed(core.PrefixDelivery),
		"pay": text(paid, "id"), "ref": text(refund, "id"), "acc": b.account.Prefixed(core.PrefixAccount),
		"sto": b.store.Prefixed(core.PrefixStore), "ten": b.id.Prefixed(core.PrefixTenant), "usr": b.owner.Prefixed(core.PrefixUser),
		"order": text(paid, "order_no"), "merchant": text(paid, "merchant_order_no"),
	}
	for _, call := range tenantCalls() {
		absent := map[string]string{"order": "26010100000000000001", "merchant": "26010100000000000002"}
		for _, prefix := range []string{"pay", "ref", "acc", "sto", "ten", "usr", "crd", "cbk", "alt", "whk", "whs", "dlv"} {
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

// keepWebhook writes an endpoint and what was sent to it.
func (m merchant) keepWebhook(t *testing.T, h *host.Host) (webhook, delivery core.ID) {
	t.Helper()
	now := time.Now()
	webhook, delivery = core.NewID(now), core.NewID(now)
	err := h.Service().Database.InTenant(t.Context(), m.id, func(tx core.TenantTx) error {
		if err := tx.InsertWebhookEndpoint(t.Context(), core.WebhookEndpoint{TenantID: m.id, ID: webhook, URL: "https://shop.example.com/b", Enabled: true, CreatedBy: "system", CreatedAt: now, UpdatedAt: now}); err != nil {
			return err
		}
		return tx.InsertDelivery(t.Context(), core.WebhookDelivery{
			TenantID: m.id, ID: delivery, EndpointID: webhook, EventID: core.NewID(now), EventType: "webhook.test", ObjectID: webhook, State: core.DeliveryFailed, CreatedAt: now, FinishedAt: now,
		}, core.DeliveryAttempt{ID: core.NewID(now), DeliveryID: delivery, StartedAt: now})
	})
	if err != nil {
		t.Fatal(err)
	}
	return webhook, delivery
}

// keepThings writes one of everything that providers and payers bring along.
func (m merchant) keepThings(t *testing.T, h *host.Host, payment string) (card, callback core.ID) {
	t.Helper()
	now := time.Now()
	card, callback = core.NewID(now), core.NewID(now)
	about, err := core.ParsePrefixed(core.PrefixPayment, payment)
	if err != nil {
		t.Fatal(err)
	}
	err = h.Service().Database.InTenant(t.Context(), m.id, func(tx core.TenantTx) error {
		if err := tx.InsertCard(t.Context(), core.SavedCard{TenantID: m.id, ID: card, AccountID: m.account, UserRef: "payer-of-b", State: core.CardBound, BindID: "b", CreatedAt: now, UpdatedAt: now}); err != nil {
			return err
		}
		if err := tx.InsertMember(t.Context(), core.Member{TenantID: m.id, ID: core.NewID(now), AccountID: m.account, UID: "member-of-b", State: core.MemberActive, CreatedAt: now, UpdatedAt: now}); err != nil {
			return err
		}
		if _, err := tx.OpenCase(t.Context(), core.Case{TenantID: m.id, ID: core.NewID(now), Kind: core.CaseProviderDisagrees, ObjectID: about, ObjectKind: "payment", AccountID: m.account, OpenedAt: now}); err != nil {
			return err
		}
		if _, _, err := tx.RaiseAlert(t.Context(), core.Alert{TenantID: m.id, ID: callback, Kind: core.AlertCorrection, Severity: core.SeverityWarning, ObjectID: about, ObjectKind: "payment", LastAt: now}); err != nil {
			return err
		}
		return tx.InsertCallback(t.Context(), core.Callback{
			TenantID: m.id, ID: callback, AccountID: m.account, Kind: "s", Sealed: []byte("x"), BodyHash: []byte("x"), ReceivedAt: now, Effect: core.CallbackApplied, ObjectID: about, ObjectKind: "payment",
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return card, callback
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
		{method: "POST", path: "/v1/payments/{pay}/confirm", body: `{"code":"123456"}`},
		{method: "POST", path: "/v1/payments/{pay}/resend-code"},
		{method: "POST", path: "/v1/payments", body: `{"method":"bound_card","amount":1,"subject":"x","bound_card_id":"{crd}"}`},
		{method: "GET", path: "/v1/cards?user_ref=payer-of-b", lists: true},
		{method: "POST", path: "/v1/cards/{crd}/sync"},
		{method: "POST", path: "/v1/cards/{crd}/confirm", body: `{"code":"123456","card":{"number":"6228480402564890018","type":"debit"}}`},
		{method: "DELETE", path: "/v1/cards/{crd}"},
		{method: "POST", path: "/v1/payers/resolve", body: `{"code":"281234567890123456","account_id":"{acc}"}`},
		{method: "GET", path: "/v1/members?uid=member-of-b", lists: true},
		{method: "GET", path: "/v1/callbacks?account_id={acc}", lists: true},
		{method: "GET", path: "/v1/callbacks?object_id={pay}", lists: true},
		{method: "POST", path: "/v1/callbacks/{cbk}/rerun"},
		{method: "GET", path: "/v1/cases?object_id={pay}", lists: true},
		{method: "GET", path: "/v1/alerts?object_id={pay}", lists: true},
		{method: "POST", path: "/v1/alerts/{alt}/take"},
		{method: "GET", path: "/v1/webhooks/{whk}"},
		{method: "PUT", path: "/v1/webhooks/{whk}", body: `{"url":"https://shop.example.com/b","enabled":false}`},
		{method: "DELETE", path: "/v1/webhooks/{whk}"},
		{method: "POST", path: "/v1/webhooks/{whk}/secrets", body: `{"overlap_hours":0}`},
		{method: "DELETE", path: "/v1/webhooks/{whk}/secrets/{whs}"},
		{method: "POST", path: "/v1/webhooks/{whk}/test"},
		{method: "POST", path: "/v1/webhooks/{whk}/resend", body: `{"from":"2026-01-02T00:00:00Z","to":"2026-01-03T00:00:00Z"}`},
		{method: "GET", path: "/v1/webhook-deliveries?webhook_id={whk}", lists: true},
		{method: "GET", path: "/v1/webhook-deliveries/{dlv}"},
		{method: "POST", path: "/v1/webhook-deliveries/{dlv}/resend"},
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
