//go:build e2e

package host_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres/postgrestest"
)

// counter is one provider that a shop has an account with: the simulator behind it and what
// a merchant would enter.
type counter struct {
	name        string
	handler     http.Handler
	url         string // of a server that serves the handler already, or empty
	settings    string // JSON; default {}
	credentials []core.CredentialInput
}

// shop is one merchant with accounts at several providers, at a node whose clock can be
// moved. It sees the product through the public API only.
type shop struct {
	t        *testing.T
	w        *world
	h        *host.Host
	stop     func() // ends the node
	clock    *movedClock
	m        merchant
	accounts map[string]core.ID
	callback map[string]string // callback address by provider, without the kind

	mu sync.Mutex
	n  int
}

// newShop onboards a merchant with an account at each counter.
func newShop(t *testing.T, clock *movedClock, counters ...counter) *shop {
	t.Helper()
	return newShopIn(t, clock, func(*world) {}, counters...)
}

// newShopIn is newShop in a world that a test changes before its node starts.
func newShopIn(t *testing.T, clock *movedClock, change func(*world), counters ...counter) *shop {
	t.Helper()
	dir := t.TempDir()
	w := &world{
		t: t, keys: filepath.Join(dir, "keys"), plugins: filepath.Join(dir, "plugins"), log: filepath.Join(dir, "node.log"),
		database: postgrestest.URL(t), call: 10 * time.Second,
	}
	for _, c := range counters {
		w.copyPlugin(c.name)
	}
	w.approve()
	change(w)
	h, stop := w.startNodeAt(clock.now, func(k core.Keyring) core.Keyring { return k })
	stop = sync.OnceFunc(stop)
	t.Cleanup(stop)
	w.becomeAdmin(t.Context(), h)
	x := &shop{t: t, w: w, h: h, stop: stop, clock: clock, accounts: map[string]core.ID{}, callback: map[string]string{}}
	x.open(t.Context(), counters)
	return x
}

func (x *shop) open(ctx context.Context, counters []counter) {
	x.t.Helper()
	w, s := x.w, x.h.Service()
	tenant, err := s.CreateTenant(w.asAdmin(ctx, x.h, core.ID{}), core.TenantInput{Name: "Shop", ShortName: "Shop", TestMode: true})
	w.must(err)
	x.m.id = tenant.ID
	as := w.asAdmin(ctx, x.h, tenant.ID)
	store, err := s.CreateStore(as, core.StoreInput{Name: "Store", Code: "SZTX001"})
	w.must(err)
	x.m.store = store.ID
	for _, c := range counters {
		x.openCounter(as, c)
	}
	_, err = s.SetTenantStatus(as, tenant.ID, core.TenantLive, "")
	w.must(err)
	_, key, err := s.CreateAPIKey(somebodyElse(as), core.APIKeyInput{Name: "test", Role: core.RoleTenantOwner})
	w.must(err)
	x.m.apiKey = string(key.Reveal())
}

func (x *shop) openCounter(ctx context.Context, c counter) {
	x.t.Helper()
	w, s := x.w, x.h.Service()
	if c.url == "" {
		server := httptest.NewServer(c.handler)
		x.t.Cleanup(server.Close)
		c.url = server.URL
	}
	if c.settings == "" {
		c.settings = "{}"
	}
	account, err := s.CreateAccount(ctx, core.AccountInput{Provider: c.name, Name: c.name, BaseURL: c.url, Settings: json.RawMessage(c.settings)})
	w.must(err)
	_, err = s.SetCredentials(ctx, account.ID, c.credentials)
	w.must(err)
	x.ready(ctx, c.name)
	test, err := s.TestAccount(ctx, account.ID)
	w.must(err)
	if !test.OK {
		x.t.Fatalf("the account at %s fails its test: %+v", c.name, test.Steps)
	}
	_, err = s.SetAccountStatus(ctx, account.ID, core.AccountLive)
	w.must(err)
	account, err = s.Account(ctx, account.ID)
	w.must(err)
	x.accounts[c.name], x.callback[c.name] = account.ID, account.CallbackURL
}

// ready waits until the provider's plugin runs: on a busy machine it may have been ended for
// its silence, and be started again.
func (x *shop) ready(ctx context.Context, provider string) {
	x.t.Helper()
	eventually(x.t, "the plugin "+provider+" runs", func() error {
		var state core.PluginState
		for _, p := range x.h.Plugins(ctx) {
			if p.ID == provider {
				state = p.State
			}
		}
		if state != core.PluginEnabled {
			return fmt.Errorf("it is %q", state)
		}
		return nil
	})
}

func (x *shop) key() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.n++
	return fmt.Sprintf("key-%d", x.n)
}

// post sends JSON with a fresh idempotency key.
func (x *shop) post(path string, body map[string]any) (int, map[string]any) {
	return x.m.post(x.h.Address(), path, x.key(), body)
}

func (x *shop) get(path string) map[string]any {
	x.t.Helper()
	req, err := http.NewRequestWithContext(x.t.Context(), http.MethodGet, "http://"+x.h.Address()+path, nil)
	x.w.must(err)
	status, body := x.m.do(req)
	if status != http.StatusOK {
		x.t.Fatalf("GET %s: %d %v", path, status, body)
	}
	return body
}

// pay takes a payment at a provider; fields are added to the request.
func (x *shop) pay(provider, method string, amount int64, fields map[string]any) map[string]any {
	x.t.Helper()
	body := map[string]any{
		"account_id": x.accounts[provider].Prefixed(core.PrefixAccount), "store_id": x.m.store.Prefixed(core.PrefixStore),
		"method": method, "amount": amount, "subject": "测试 <商品> & '引号' / 茶",
	}
	maps.Copy(body, fields)
	status, reply := x.post("/v1/payments", body)
	if status != http.StatusCreated && status != http.StatusAccepted {
		x.t.Fatalf("%s at %s: %d %v", method, provider, status, reply)
	}
	return reply
}

// refused expects a payment to be refused with a code, and nothing to be written.
func (x *shop) refused(provider, method string, amount int64, fields map[string]any, code string) map[string]any {
	x.t.Helper()
	body := map[string]any{
		"account_id": x.accounts[provider].Prefixed(core.PrefixAccount), "store_id": x.m.store.Prefixed(core.PrefixStore),
		"method": method, "amount": amount, "subject": "茶",
	}
	maps.Copy(body, fields)
	status, reply := x.post("/v1/payments", body)
	if status < 400 || status >= 500 || text(reply, "code") != code || text(reply, "detail") == "" {
		x.t.Errorf("%s at %s with %v: %d %v, want %s", method, provider, fields, status, reply, code)
	}
	return reply
}

// settles waits until a payment, refund or payout has one of the states, moving the clock on so that
// what is due is asked.
func (x *shop) settles(path string, states ...string) map[string]any {
	x.t.Helper()
	kind := "payment"
	switch {
	case strings.HasPrefix(path, "/v1/refunds/"):
		kind = "refund"
	case strings.HasPrefix(path, "/v1/payouts/"):
		kind = "payout"
	}
	var object map[string]any
	eventually(x.t, fmt.Sprintf("%s becomes %v", path, states), func() error {
		object, _ = x.get(path)[kind].(map[string]any)
		if slices.Contains(states, text(object, "state")) {
			return nil
		}
		x.clock.advance(2 * time.Second)
		return fmt.Errorf("it is %v (%v, %v %v)", object["state"], object["unknown_reason"], object["provider_code"], object["provider_message"])
	})
	return object
}

func (x *shop) payment(id string, states ...string) map[string]any {
	x.t.Helper()
	return x.settles("/v1/payments/"+id, states...)
}

// refund gives back and waits for the outcome.
func (x *shop) refund(payment string, amount int64, states ...string) map[string]any {
	x.t.Helper()
	status, reply := x.post("/v1/refunds", map[string]any{"payment_id": payment, "amount": amount, "reason": "退货 & 换货"})
	if status != http.StatusCreated && status != http.StatusAccepted {
		x.t.Fatalf("refund of %s: %d %v", payment, status, reply)
	}
	return x.settles("/v1/refunds/"+text(reply, "id"), states...)
}

// action is the payment's next action, which must be of a type.
func (x *shop) action(payment map[string]any, kind string) map[string]any {
	x.t.Helper()
	action := object(payment, "next_action")
	if text(action, "type") != kind || text(payment, "state") != "requires_action" {
		x.t.Fatalf("the payment is %v with the next action %v, want %s", payment["state"], action, kind)
	}
	return action
}

// list reads all items of a list of the API.
func (x *shop) list(path string) []map[string]any {
	x.t.Helper()
	items, _ := x.get(path)["items"].([]any)
	out := make([]map[string]any, 0, len(items))
	for _, item := range items {
		if object, ok := item.(map[string]any); ok {
			out = append(out, object)
		}
	}
	return out
}

// callbacks waits until as many callbacks with an effect are listed, and gives them.
func (x *shop) callbacks(effect string, atLeast int) []map[string]any {
	x.t.Helper()
	var list []map[string]any
	eventually(x.t, "callbacks are "+effect, func() error {
		if list = x.list("/v1/callbacks?limit=100&effect=" + effect); len(list) < atLeast {
			return fmt.Errorf("%d of %d", len(list), atLeast)
		}
		return nil
	})
	return list
}

// send makes a request to the node as a stranger or a payer's browser would; redirects are not followed.
func (x *shop) send(method, url string, headers map[string]string, body string) (*http.Response, string) {
	x.t.Helper()
	req, err := http.NewRequestWithContext(x.t.Context(), method, url, strings.NewReader(body))
	x.w.must(err)
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: 20 * time.Second}
	resp, err := client.Do(req)
	x.w.must(err)
	defer func() { _ = resp.Body.Close() }()
	var out bytes.Buffer
	_, err = out.ReadFrom(resp.Body)
	x.w.must(err)
	return resp, out.String()
}

// number is a credential that stands for a merchant's number.
func number(name, value string) core.CredentialInput {
	return core.CredentialInput{Name: name, Type: core.CredMerchantNumber, Data: core.SecretString(value)}
}

// rsaKeys are made once: 2048 bits take a while on a busy machine.
var rsaKeys = sync.OnceValue(func() []*rsa.PrivateKey { //nolint:gochecknoglobals // made once a run
	keys := make([]*rsa.PrivateKey, 3)
	for i := range keys {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys[i] = key
	}
	return keys
})

func privatePEM(t *testing.T, key *rsa.PrivateKey) core.Secret {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return core.NewSecret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func publicPEM(t *testing.T, key *rsa.PrivateKey) core.Secret {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return core.NewSecret(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// digitsOf is a payer's code: a prefix, a number of its own, a suffix.
func digitsOf(prefix string, n, length int, suffix string) string {
	return prefix + fmt.Sprintf("%0*d", length-len(prefix)-len(suffix), n) + suffix
}
