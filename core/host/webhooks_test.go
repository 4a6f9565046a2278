//go:build e2e

package host_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/zhanggui-pay/zhanggui/core"
)

// receiver is a merchant's program: it verifies by the specification's own library and keeps
// the types of the events it took, by object.
type receiver struct {
	t      *testing.T
	server *httptest.Server

	mu       sync.Mutex
	verifier *standardwebhooks.Webhook
	down     bool
	took     map[string]bool
	types    []string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{t: t, took: map[string]bool{}}
	r.server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.server.Close)
	return r
}

func (r *receiver) serve(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	// The test's clock runs ahead of the library's.
	if err := r.verifier.VerifyIgnoringTimestamp(body, req.Header); err != nil {
		r.t.Errorf("%v: %s", err, body)
		return
	}
	if id := req.Header.Get("webhook-id"); !r.took[id] {
		r.took[id] = true
		_, after, _ := strings.Cut(string(body), `"type":"`)
		kind, _, _ := strings.Cut(after, `"`)
		r.types = append(r.types, kind)
	}
}

// subscribe makes an endpoint of the merchant for the receiver.
func (x *till) subscribe(r *receiver) core.WebhookEndpoint {
	x.t.Helper()
	ctx := core.WithIdentity(x.t.Context(), core.Identity{Actor: "system", Subject: string(core.RoleTenantOwner), TenantID: x.m.id})
	e, secret, err := x.h.Service().CreateWebhook(ctx, core.WebhookInput{URL: r.server.URL + "/hook", Enabled: true})
	x.w.must(err)
	r.verifier, err = standardwebhooks.NewWebhook(string(secret.Reveal()))
	x.w.must(err)
	return e
}

// TestWebhooksReachTheMerchant: real payments, a real receiver; while it is down for two days
// nothing is lost, and what it takes then comes in the order of the payment's life.
func TestWebhooksReachTheMerchant(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	r := newReceiver(t)
	x.subscribe(r)
	r.down = true
	_, reply := x.post("/v1/payments", x.m.barcode(100, "01"))
	payment := text(reply, "id")
	_, refund := x.post("/v1/refunds", map[string]any{"payment_id": payment, "amount": 40, "reason": "test"})
	if refund["state"] != "succeeded" {
		t.Fatalf("%v", refund)
	}
	tried := func(least int) func() error {
		return func() error {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+x.h.Address()+"/v1/webhook-deliveries?state=pending", nil)
			x.w.must(err)
			_, page := x.m.do(req)
			items, _ := page["items"].([]any)
			if len(items) != 4 {
				return fmt.Errorf("%d deliveries wait: %v", len(items), page)
			}
			for _, item := range items {
				d, _ := item.(map[string]any)
				if attempts, _ := d["attempts"].(float64); text(d, "type") == "payment.created" && int(attempts) < least {
					return fmt.Errorf("%v attempts", attempts)
				}
			}
			return nil
		}
	}
	for n, wait := range []time.Duration{0, 6 * time.Second, 6 * time.Minute, 34 * time.Minute, 47 * time.Hour} {
		x.clock.advance(wait)
		eventually(t, "the receiver is tried again", tried(n+1))
	}
	r.mu.Lock()
	r.down = false
	r.mu.Unlock()
	x.clock.advance(25 * time.Hour)
	eventually(t, "all events arrive", func() error {
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.types) != 4 {
			return fmt.Errorf("%v", r.types)
		}
		return nil
	})
	r.mu.Lock()
	order := strings.Join(r.types, " ")
	r.mu.Unlock()
	for _, pair := range []string{"payment.created payment.succeeded", "refund.created refund.succeeded"} {
		first, second, _ := strings.Cut(pair, " ")
		if strings.Index(order, first) > strings.Index(order, second) || !strings.Contains(order, second) {
			t.Errorf("%s: %s", pair, order)
		}
	}
}

// TestReceiversThatLeadAstray: a redirect is not followed, and no address within our network
// is taken, in whatever notation.
func TestReceiversThatLeadAstray(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	r := newReceiver(t)
	e := x.subscribe(r)
	metadata := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer metadata.Close()
	r.server.Config.Handler = http.RedirectHandler(metadata.URL+"/latest/meta-data/", http.StatusTemporaryRedirect)
	ctx := core.WithIdentity(t.Context(), core.Identity{Actor: "system", Subject: string(core.RoleTenantOwner), TenantID: x.m.id})
	d, err := x.h.Service().TestWebhook(ctx, e.ID)
	if err != nil || d.State != core.DeliveryFailed || d.LastStatus != http.StatusTemporaryRedirect || !strings.Contains(d.LastError, "redirect") {
		t.Errorf("%+v %v", d, err)
	}
	for _, url := range []string{
		"https://169.254.169.254/latest/meta-data/", "https://[::ffff:169.254.169.254]/", "https://[::ffff:10.0.0.1]/", "https://10.0.0.1/",
		"https://2852039166/", "https://0xa9fea9fe/", "https://[fd00:ec2::254]/", "https://user:word@example.com/", "ftp://example.com/",
	} {
		if _, _, err := x.h.Service().CreateWebhook(ctx, core.WebhookInput{URL: url, Enabled: true}); core.CodeOf(err) != core.CodeInvalidURL {
			t.Errorf("%s: %v", url, err)
		}
	}
}
