//go:build e2e

package host_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
	"github.com/zhanggui-pay/zhanggui/core/host"
	"github.com/zhanggui-pay/zhanggui/core/internal/keyring"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres/postgrestest"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

// world is everything around a node: a database, keys, plugins and a simulated provider
// whose ledger is the judge. Nodes come and go in it.
type world struct {
	t        *testing.T
	database string
	keys     string
	plugins  string
	log      string
	sim      *shouqianba.Simulator
	gateway  *httptest.Server
	tenants  []merchant
	call     time.Duration
	admin    core.Secret        // the administrator's session
	hook     func(point string) // of nodes in this process, or nil
	spans    sdktrace.SpanProcessor
	mail     host.MailConfig // of nodes in this process
	admins   string          // where nodes in this process answer /metrics, or empty
	books    bool            // nodes in this process compare days with providers
	verify   bool            // nodes in this process verify what waits to be approved
}

// merchant is a tenant that was onboarded through the use cases.
type merchant struct {
	id       core.ID
	store    core.ID
	account  core.ID
	owner    core.ID
	terminal string // the simulated provider's number
	apiKey   string
}

// pluginBinaries are built once for all tests of this binary, by the plugin's name.
//
//nolint:gochecknoglobals // built once a run
var pluginBinaries = struct {
	sync.Mutex

	files map[string]string
}{files: map[string]string{}}

// pluginBinary gives the file of a plugin.
func pluginBinary(ctx context.Context, name string) (string, error) {
	pluginBinaries.Lock()
	defer pluginBinaries.Unlock()
	if file, ok := pluginBinaries.files[name]; ok {
		return file, nil
	}
	file, err := buildPlugin(ctx, name)
	if err == nil {
		pluginBinaries.files[name] = file
	}
	return file, err
}

func buildPlugin(ctx context.Context, name string) (string, error) {
	if dir := os.Getenv("ZHANGGUI_BIN"); dir != "" {
		return filepath.Join(dir, "plugins", name), nil
	}
	dir, err := os.MkdirTemp("", "zhanggui-plugin-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, name)
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", file, "github.com/zhanggui-pay/zhanggui/plugins/"+name)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
}

// newWorld makes a world with n onboarded merchants.
func newWorld(t *testing.T, n int) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{
		t: t, keys: filepath.Join(dir, "keys"), plugins: filepath.Join(dir, "plugins"), log: filepath.Join(dir, "node.log"),
		database: postgrestest.URL(t), call: 3 * time.Second,
	}
	w.copyPlugin("shouqianba")
	options := shouqianba.Options{}
	for i := range n {
		options.Terminals = append(options.Terminals, shouqianba.Terminal{SN: terminalNumber(i), Key: "terminal-key-of-" + terminalNumber(i), StoreID: "store"})
	}
	w.sim = shouqianba.New(options)
	w.gateway = httptest.NewServer(w.sim)
	t.Cleanup(func() {
		_ = w.sim.Close()
		w.gateway.Close()
	})
	w.approve()
	w.withNode(func(ctx context.Context, h *host.Host) { w.onboard(ctx, h, n) })
	return w
}

func terminalNumber(i int) string { return fmt.Sprintf("1000000%05d", i) }

func (w *world) copyPlugin(name string) {
	w.t.Helper()
	file, err := pluginBinary(w.t.Context(), name)
	w.must(err)
	content, err := os.ReadFile(file)
	w.must(err)
	w.must(os.MkdirAll(w.plugins, 0o755))
	w.must(os.WriteFile(filepath.Join(w.plugins, name), content, 0o755))
}

func (w *world) approve() {
	w.t.Helper()
	w.must(host.ApprovePlugins(w.t.Context(), testConfig(w.database, w.plugins, w.call), "test", nil))
}

// withNode runs fn with a node in this process.
func (w *world) withNode(fn func(ctx context.Context, h *host.Host)) {
	w.t.Helper()
	h, stop := w.startNode()
	defer stop()
	fn(w.t.Context(), h)
}

// startNode starts a node in this process.
func (w *world) startNode() (*host.Host, func()) {
	w.t.Helper()
	return w.startNodeWith(func(k core.Keyring) core.Keyring { return k })
}

// startNodeWith is startNode with a keyring of the test's own around the real one.
func (w *world) startNodeWith(wrap func(core.Keyring) core.Keyring) (*host.Host, func()) {
	w.t.Helper()
	return w.startNodeAt(time.Now, wrap)
}

// startNodeAt is startNodeWith and the test's own clock.
func (w *world) startNodeAt(clock core.Clock, wrap func(core.Keyring) core.Keyring) (*host.Host, func()) {
	w.t.Helper()
	keys, err := keyring.OpenEmbedded(w.keys)
	w.must(err)
	log, err := os.OpenFile(w.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	w.must(err)
	cfg := testConfig(w.database, w.plugins, w.call)
	cfg.AdminListen, cfg.Mail = w.admins, w.mail
	cfg.Plugins.Verify = w.verify
	if w.books {
		cfg.Reconciliation.QueriesPerSecond = 200
	}
	h, err := host.Start(w.t.Context(), cfg, host.Parts{
		Keyring: wrap(keys), Clock: clock, Logger: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		TestMode: true, Version: api.Version{Version: "test"}, Hook: w.hook, Spans: w.spans,
	})
	w.must(err)
	return h, func() {
		w.must(h.Stop())
		w.must(keys.Close())
		_ = log.Close()
	}
}

// onboard takes n merchants through onboarding, as the first administrator.
func (w *world) onboard(ctx context.Context, h *host.Host, n int) {
	w.t.Helper()
	w.becomeAdmin(ctx, h)
	s := h.Service()
	in := func(tenant core.ID) context.Context { return w.asAdmin(ctx, h, tenant) }
	for i := range n {
		tenant, err := s.CreateTenant(in(core.ID{}), core.TenantInput{Name: fmt.Sprintf("Merchant %d", i), ShortName: fmt.Sprintf("M%d", i), TestMode: true})
		w.must(err)
		w.tenants = append(w.tenants, w.onboardOne(in(tenant.ID), h, tenant.ID, i))
	}
}

// becomeAdmin signs in as the first administrator.
func (w *world) becomeAdmin(ctx context.Context, h *host.Host) {
	w.t.Helper()
	s := h.Service()
	link, created, err := s.EnsureFirstAdministrator(ctx)
	w.must(err)
	if !created {
		w.t.Fatal("a new database has users")
	}
	_, token, _ := strings.Cut(string(link.Reveal()), "#")
	admin, err := s.LoginByLink(ctx, core.LinkInput{
		Token: core.SecretString(token), Password: core.SecretString(rand.Text()), Email: "admin@example.com", Name: "Admin",
	})
	w.must(err)
	w.admin = admin.Token
}

// asAdmin is ctx with the administrator acting in a tenant; zero: on the platform.
func (w *world) asAdmin(ctx context.Context, h *host.Host, tenant core.ID) context.Context {
	w.t.Helper()
	id, _, err := h.Service().Authenticate(ctx, w.admin, tenant)
	w.must(err)
	return core.WithIdentity(ctx, id)
}

func (w *world) onboardOne(ctx context.Context, h *host.Host, tenant core.ID, i int) merchant {
	w.t.Helper()
	s := h.Service()
	store, err := s.CreateStore(ctx, core.StoreInput{Name: "Store", Code: "S1"})
	w.must(err)
	account, err := s.CreateAccount(ctx, core.AccountInput{Provider: "shouqianba", Name: "Account", Default: true, BaseURL: w.gateway.URL, Settings: json.RawMessage(`{}`)})
	w.must(err)
	_, err = s.SetCredentials(ctx, account.ID, []core.CredentialInput{
		{Name: "terminal_sn", Type: core.CredMerchantNumber, Data: core.SecretString(terminalNumber(i))},
		{Name: "terminal_key", Type: core.CredMD5Key, Data: core.SecretString("terminal-key-of-" + terminalNumber(i))},
	})
	w.must(err)
	test, err := s.TestAccount(ctx, account.ID)
	w.must(err)
	if !test.OK {
		w.t.Fatalf("the account's test failed: %+v", test.Steps)
	}
	_, err = s.SetAccountStatus(ctx, account.ID, core.AccountLive)
	w.must(err)
	_, err = s.SetTenantStatus(ctx, tenant, core.TenantLive, "")
	w.must(err)
	owner, err := s.CreateUser(ctx, core.UserInput{
		Email: fmt.Sprintf("owner%d@example.com", i), Name: "Owner", Roles: []core.RoleBinding{{TenantID: tenant, Role: core.RoleTenantOwner}},
	})
	w.must(err)
	_, key, err := s.CreateAPIKey(somebodyElse(ctx), core.APIKeyInput{Name: "test", Role: core.RoleTenantOwner})
	w.must(err)
	return merchant{id: tenant, store: store.ID, account: account.ID, owner: owner.User.ID, terminal: terminalNumber(i), apiKey: string(key.Reveal())}
}

// somebodyElse is another person with the same rights: whose key asks for money may not agree to it.
func somebodyElse(ctx context.Context) context.Context {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return ctx // refused where it is used
	}
	id.Actor = "user:" + core.NewID(time.Now()).Prefixed(core.PrefixUser)
	return core.WithIdentity(ctx, id)
}

// node is a node in a process of its own.
type node struct {
	w       *world
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bufio.Reader
	address string
}

// spawn starts a node that ends itself at killAt once armed; clock is how far its clock is ahead.
func (w *world) spawn(killAt string, clock time.Duration) *node {
	w.t.Helper()
	raw, err := json.Marshal(childConfig{
		Database: w.database, Plugins: w.plugins, Keys: w.keys, KillAt: killAt, ClockLead: clock, Log: w.log, CallLimit: w.call,
	})
	w.must(err)
	n := &node{w: w, cmd: exec.CommandContext(w.t.Context(), os.Args[0])}
	n.cmd.Env = append(os.Environ(), childVariable+"="+string(raw))
	errs := new(bytes.Buffer)
	n.cmd.Stderr = errs
	n.stdin, err = n.cmd.StdinPipe()
	w.must(err)
	stdout, err := n.cmd.StdoutPipe()
	w.must(err)
	n.stdout = bufio.NewReader(stdout)
	w.must(n.cmd.Start())
	line, err := n.stdout.ReadBytes('\n')
	if err != nil {
		_ = n.cmd.Wait()
		w.t.Fatalf("the node did not start: %v: %s", err, errs)
	}
	var said struct{ Address string }
	w.must(json.Unmarshal(line, &said))
	n.address = said.Address
	return n
}

// arm makes the node end itself when it next comes to its point.
func (n *node) arm() {
	n.w.t.Helper()
	_, err := io.WriteString(n.stdin, "arm\n")
	n.w.must(err)
	_, err = n.stdout.ReadBytes('\n')
	n.w.must(err)
}

// ended waits for a node that killed itself.
func (n *node) ended() {
	_ = n.cmd.Wait()
	_ = n.stdin.Close()
}

// stop ends a node in good order.
func (n *node) stop() {
	n.w.t.Helper()
	w := n.w
	w.must(n.stdin.Close())
	w.must(n.cmd.Wait())
}

// post sends JSON with the merchant's API key. A lost connection gives status 0.
func (m merchant) post(address, path, key string, body any) (int, map[string]any) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, nil
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+address+path, bytes.NewReader(raw))
	if err != nil {
		return 0, nil
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	return m.do(req)
}

func (m merchant) do(req *http.Request) (int, map[string]any) {
	req.Header.Set("Authorization", "Bearer "+m.apiKey)
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return 0, nil
	}
	return resp.StatusCode, out
}

// barcode is a payment of amount fen with a fresh payer's code.
func (m merchant) barcode(amount int64, suffix string) map[string]any {
	digits := strings.Map(func(r rune) rune {
		return '0' + r%10
	}, rand.Text())[:16-len(suffix)]
	return map[string]any{"method": "barcode", "amount": amount, "subject": "测试 <商品> & \"引号\"", "payer_code": "28" + digits + suffix}
}

// text is a field of a reply that is text.
func text(reply map[string]any, field string) string {
	value, _ := reply[field].(string)
	return value
}

// object is a field that holds an object.
func object(reply map[string]any, field string) map[string]any {
	value, _ := reply[field].(map[string]any)
	return value
}

// fen is a field that holds a number.
func fen(reply map[string]any, field string) int64 {
	value, _ := reply[field].(float64)
	return int64(value)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}
