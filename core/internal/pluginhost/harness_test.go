package pluginhost

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// actorEnv names a test plugin that is built already.
const actorEnv = "ZHANGGUI_TEST_ACTOR"

// actorPath is the test plugin, built once for all tests.
var actorPath string

func TestMain(m *testing.M) {
	RunShim()
	if os.Getenv(helperEnv) != "" {
		runHelperHost()
		return
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "zgtest")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Chmod(dir, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if actorPath = os.Getenv(actorEnv); actorPath != "" {
		return m.Run() // another test process has built it
	}
	actorPath = filepath.Join(dir, "actor")
	build := exec.Command("go", "build", "-o", actorPath, "./testplugin/actor") //nolint:noctx // the test's own build
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the test plugin: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// memoryKeyring keeps keys in memory, for tests.
type memoryKeyring struct {
	mu   sync.Mutex
	sets map[core.KeyPath][]core.KeySet
	down atomic.Bool
	gets atomic.Int64
}

func (k *memoryKeyring) Put(_ context.Context, path core.KeyPath, values map[string]core.Credential, expect int) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.down.Load() {
		return 0, core.Errorf(core.CodeKeysUnavailable, "sealed")
	}
	if len(k.sets[path]) != expect {
		return 0, core.Errorf(core.CodeConflict, "version")
	}
	if k.sets == nil {
		k.sets = map[core.KeyPath][]core.KeySet{}
	}
	k.sets[path] = append(k.sets[path], core.KeySet{Version: expect + 1, Values: values})
	return expect + 1, nil
}

func (k *memoryKeyring) Get(_ context.Context, path core.KeyPath, version int) (core.KeySet, error) {
	k.gets.Add(1)
	if k.down.Load() {
		return core.KeySet{}, core.Errorf(core.CodeKeysUnavailable, "Vault is sealed.")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	sets := k.sets[path]
	if version == 0 {
		version = len(sets)
	}
	if version < 1 || version > len(sets) {
		return core.KeySet{}, core.NotFound("key version")
	}
	return sets[version-1], nil
}

func (k *memoryKeyring) Retire(context.Context, core.KeyPath, int) error { return nil }
func (k *memoryKeyring) Health(context.Context) error                    { return nil }

// provider is the test's provider: it checks signatures and counts.
type provider struct {
	*httptest.Server
	mu       sync.Mutex
	keys     []string // accepted
	bodies   []string
	requests atomic.Int64
	slow     atomic.Int64 // nanoseconds to wait before the reply
	status   atomic.Int64
	reply    atomic.Value // string
	gate     atomic.Value // chan struct{}: when it is closed, to reply
	half     atomic.Bool  // to reply with a beginning and no end
	to       atomic.Value // string: where to redirect
	huge     atomic.Int64 // bytes of a reply nobody can want; negative without saying so
	headers  http.Header
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{keys: []string{"key-one"}}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) accept(keys ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = keys
}

func (p *provider) serve(w http.ResponseWriter, r *http.Request) {
	p.requests.Add(1)
	body, _ := io.ReadAll(r.Body)
	p.mu.Lock()
	p.bodies = append(p.bodies, string(body))
	p.headers = r.Header.Clone()
	keys := p.keys
	p.mu.Unlock()
	time.Sleep(time.Duration(p.slow.Load()))
	if gate, ok := p.gate.Load().(chan struct{}); ok {
		<-gate
	}
	if status := p.status.Load(); status != 0 {
		w.WriteHeader(int(status))
		return
	}
	if to, ok := p.to.Load().(string); ok && to != "" {
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		return
	}
	if n := p.huge.Load(); n != 0 {
		writeHuge(w, n)
		return
	}
	if p.half.Load() {
		_, _ = io.WriteString(w, strings.Repeat(" ", 128<<10))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		return
	}
	if s, ok := p.reply.Load().(string); ok {
		_, _ = io.WriteString(w, s)
		return
	}
	_, sign, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	status := "BAD_SIGN"
	for _, key := range keys {
		if r.Method == http.MethodGet {
			body = []byte("null")
		}
		if sum := md5.Sum(append(append([]byte(nil), body...), key...)); hex.EncodeToString(sum[:]) == sign {
			status = "PAID"
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"status": status, "sn": "7895000000000001", "key": "key-two"})
}

// writeHuge writes until the other side has had enough.
func writeHuge(w http.ResponseWriter, n int64) {
	if n > 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	}
	chunk := make([]byte, 1<<20)
	for range 2 << 10 {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// bench is one host with one or more copies of the actor.
type bench struct {
	*Host
	t        *testing.T
	dir      string
	keyring  *memoryKeyring
	provider *provider
	account  core.ProviderAccount
	logs     *logBuffer
}

type logBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const keyOne = "key-one"

// start runs a host with a copy of the actor under each name.
func start(t *testing.T, change func(*Options), names ...string) *bench {
	t.Helper()
	if len(names) == 0 {
		names = []string{"actor"}
	}
	b := &bench{t: t, dir: t.TempDir(), keyring: &memoryKeyring{}, provider: newProvider(t), logs: &logBuffer{}}
	for _, name := range names {
		b.install(name, nil)
	}
	now := time.Now()
	b.account = core.ProviderAccount{TenantID: core.NewID(now), ID: core.NewID(now), Provider: names[0], BaseURL: b.provider.URL, KeyVersion: 1}
	b.putKeys(map[string]core.Credential{
		"terminal_key": {Type: core.CredMD5Key, Value: core.SecretString(keyOne)},
		"other_key":    {Type: core.CredMD5Key, Value: core.SecretString("not for you")},
		"terminal_sn":  {Type: core.CredMerchantNumber, Value: core.SecretString("SN-0")},
	})
	o := Options{
		Dir: b.dir, Keyring: b.keyring, Approvals: &TrustFirst{}, AllowPrivateNetworks: true,
		Logger:      slog.New(slog.NewTextHandler(b.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		BackOff:     BackOff{First: 50 * time.Millisecond, Max: 200 * time.Millisecond, MaxPerHour: 50},
		RescanEvery: 50 * time.Millisecond, HealthEvery: 100 * time.Millisecond, HealthTimeout: 10 * time.Second,
		CallTimeout: 20 * time.Second, RestartWait: 10 * time.Second,
	}
	if change != nil {
		change(&o)
	}
	host, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	b.Host = host
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(b.logs.String())
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := host.WaitReady(ctx); err != nil {
		t.Fatal(err)
	}
	return b
}

// install puts the actor's bytes and a tail under a name, as an installer does: whole.
func (b *bench) install(name string, tail []byte) {
	b.t.Helper()
	data, err := os.ReadFile(actorPath)
	if err != nil {
		b.t.Fatal(err)
	}
	temp := filepath.Join(b.dir, "."+name)
	if err := os.WriteFile(temp, append(data, tail...), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.Rename(temp, filepath.Join(b.dir, name)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) putKeys(values map[string]core.Credential) {
	b.t.Helper()
	path := b.account.KeyPath()
	if _, err := b.keyring.Put(b.t.Context(), path, values, len(b.keyring.sets[path])); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) call(act string, more ...string) core.ProviderCall {
	settings := map[string]string{"Act": act}
	for i := 0; i+1 < len(more); i += 2 {
		settings[more[i]] = more[i+1]
	}
	data, err := json.Marshal(settings)
	if err != nil {
		b.t.Fatal(err)
	}
	account := b.account
	account.Settings = data
	return core.ProviderCall{TenantID: account.TenantID, AttemptID: core.NewID(time.Now()), Account: account, OrderNo: orderNo}
}

const orderNo = "26112300000000000001"

// payerCode passes the Luhn test, as some payers' codes do.
const payerCode = "130000000000000012"

func (b *bench) pay(act string) (core.PaymentResult, error) {
	return b.CreatePayment(b.t.Context(), b.call(act), core.PaymentRequest{
		OrderNo: orderNo, Method: core.MethodBarcode, Amount: core.Fen(100), PayerCode: core.SecretString(payerCode), Subject: "card 4111111111111111",
	})
}

func (b *bench) status(name string) core.PluginStatus {
	b.t.Helper()
	for _, s := range b.Plugins(b.t.Context()) {
		if s.ID == name {
			return s
		}
	}
	return core.PluginStatus{} // not found, or not yet
}

// eventually waits for a condition that another process brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
