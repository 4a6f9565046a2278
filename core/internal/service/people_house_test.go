package service

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/billfile"
	"github.com/zhanggui-pay/zhanggui/core/internal/exportfile"
	"github.com/zhanggui-pay/zhanggui/core/internal/keyring"
	"github.com/zhanggui-pay/zhanggui/core/internal/payoutfile"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres/postgrestest"
	"github.com/zhanggui-pay/zhanggui/core/internal/rbac"
)

// house is the use cases over a real database, a real keyring and the real policy, with a
// clock the test moves and a provider that answers as told.
type house struct {
	*Service

	clock    *hands
	provider *scripted
	postbox  *postbox
	url      string
	keys     core.Keyring
	admin    core.SessionReply
}

type hands struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hands) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hands) Move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

const housePassword = "correct horse battery"

// bareHouse has no user yet.
func bareHouse(t *testing.T) *house {
	t.Helper()
	h := &house{clock: &hands{now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}, provider: &scripted{}, postbox: &postbox{}, url: postgrestest.URL(t)}
	quiet := slog.New(slog.DiscardHandler)
	db, err := postgres.Open(t.Context(), postgres.Config{URL: h.url, MaxConns: 8, PlatformConns: 2, Now: h.clock.Now, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	access, err := rbac.New(t.Context(), rbac.Options{URL: core.SecretString(h.url), Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(access.Close)
	keys, err := keyring.OpenEmbedded(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keys.Close() })
	h.keys = keys
	h.Service, err = New(Options{
		Database: db, Providers: h.provider, Keyring: keys, Sealer: keyring.NewSealer(keys, h.clock.Now), Credentials: keyring.Parser{}, KeyTest: keyring.SelfTest,
		Authorizer: access, PayoutFiles: payoutfile.Files{}, ExportFiles: exportfile.New("", h.clock.Now()), BillReader: billfile.Reader{}, Outbound: h.postbox, Verifier: &inspector{}, Clock: h.clock.Now, Logger: quiet, PublicURL: "https://pay.example.com", HashKey: core.SecretString("only for tests"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// newHouse has its first administrator.
func newHouse(t *testing.T) *house {
	t.Helper()
	h := bareHouse(t)
	url, created, err := h.EnsureFirstAdministrator(t.Context())
	if err != nil || !created {
		t.Fatal(created, err)
	}
	h.admin, err = h.LoginByLink(t.Context(), core.LinkInput{
		Token: tokenOf(t, url), Email: "admin@example.com", Name: "Admin", Password: core.SecretString(housePassword),
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func tokenOf(t *testing.T, url core.Secret) core.Secret {
	t.Helper()
	_, token, ok := strings.Cut(string(url.Reveal()), "/link#")
	if !ok {
		t.Fatal("the link has no token")
	}
	return core.SecretString(token)
}

// as is a request of the session in tenant.
func (h *house) as(t *testing.T, session core.SessionReply, tenant core.ID) context.Context {
	t.Helper()
	id, _, err := h.Authenticate(t.Context(), session.Token, tenant)
	if err != nil {
		t.Fatalf("authenticate: %v", err)
	}
	return core.WithIdentity(t.Context(), id)
}

func (h *house) adminIn(t *testing.T, tenant core.ID) context.Context {
	t.Helper()
	return h.as(t, h.admin, tenant)
}

func (h *house) tenant(t *testing.T, name string) core.Tenant {
	t.Helper()
	made, err := h.CreateTenant(h.adminIn(t, core.ID{}), core.TenantInput{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// person invites somebody with one role and signs them in.
func (h *house) person(t *testing.T, tenant core.ID, email string, role core.Role, stores ...core.ID) core.SessionReply {
	t.Helper()
	reply, err := h.CreateUser(h.adminIn(t, tenant), core.UserInput{Email: email, Name: "P", Roles: []core.RoleBinding{{Role: role, StoreIDs: stores}}})
	if err != nil {
		t.Fatalf("invite %s: %v", email, err)
	}
	session, err := h.LoginByLink(t.Context(), core.LinkInput{Token: tokenOf(t, reply.InviteURL), Password: core.SecretString(housePassword)})
	if err != nil {
		t.Fatalf("accept %s: %v", email, err)
	}
	return session
}

// rows counts what a query finds, as a superuser who sees everything.
func (h *house) rows(t *testing.T, query string, args ...any) int {
	t.Helper()
	db, err := sqlx.Open("postgres", h.url+"&search_path=zhanggui&options=-c%20role%3Dzhanggui_owner")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var n int
	if err := db.GetContext(t.Context(), &n, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func wantCode(t *testing.T, what string, err error, want core.Code) {
	t.Helper()
	if got := core.CodeOf(err); got != want {
		t.Errorf("%s: %q (%v), want %q", what, got, err, want)
	}
}

func login(email, password, code string) core.LoginInput {
	return core.LoginInput{Email: email, Password: core.SecretString(password), Code: code, IP: "192.0.2.7", UserAgent: "test"}
}

// scripted is a provider whose answers the test chooses.
type scripted struct {
	core.Providers

	mu    sync.Mutex
	query core.PaymentResult
	err   error
	asked []core.OrderRef
	issue func(call core.ProviderCall) (core.CheckResult, error)
	state core.PluginState
}

func scriptedManifest() core.Manifest {
	return core.Manifest{
		ID: "sample", Name: core.Text{ZH: "样例", EN: "Sample"}, Version: "1.0.0",
		Products: []core.Product{{ID: "scan", Methods: []core.MethodSpec{{Method: core.MethodBarcode}}}},
		Grants:   map[core.Capability]core.Grant{core.CapQueryPayment: {Sends: 1}},
		Settings: json.RawMessage(`{"type":"object","additionalProperties":false,"required":["store_name"],"properties":{
			"store_name":{"type":"string","minLength":1,"maxLength":10},
			"level":{"type":"integer","minimum":1,"maximum":3},
			"mode":{"type":"string","enum":["fast","slow"]},
			"number":{"type":"string","pattern":"^[0-9]{4}$"}}}`),
		Credentials: json.RawMessage(`{"type":"object","required":["terminal_sn","terminal_key"],"properties":{
			"terminal_sn":{"type":"string","x-type":"merchant_number","pattern":"^[0-9]{6,20}$"},
			"terminal_key":{"type":"string","x-type":"md5_key","minLength":8},
			"platform_key":{"type":"string","x-type":"rsa_public"}}}`),
	}
}

func (p *scripted) Manifest(provider string) (core.Manifest, error) {
	if provider != "sample" {
		return core.Manifest{}, core.Errorf(core.CodeProviderUnavailable, "There is no plugin %s.", provider)
	}
	return scriptedManifest(), nil
}

func (p *scripted) Plugins(context.Context) []core.PluginStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	state, m := p.state, scriptedManifest()
	if state == "" {
		state = core.PluginEnabled
	}
	return []core.PluginStatus{{ID: "sample", Path: "sample", State: state, PID: 4711, Manifest: &m, LastLines: []string{"x"}}}
}

func (p *scripted) QueryPayment(_ context.Context, _ core.ProviderCall, ref core.OrderRef) (core.PaymentResult, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, ref)
	return p.query, p.err
}

func (p *scripted) CheckIn(_ context.Context, call core.ProviderCall) (core.CheckResult, error) {
	return p.issue(call)
}

func (p *scripted) Activate(_ context.Context, call core.ProviderCall, _ map[string]core.Secret) (core.CheckResult, error) {
	return p.issue(call)
}

func (p *scripted) says(outcome core.Outcome, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.query, p.err = core.PaymentResult{Outcome: outcome, Provider: core.ProviderText{Code: "C", Message: "M"}}, err
}

func together(n int, fn func(i int) error) (succeeded int, errs []error) {
	var (
		group sync.WaitGroup
		mu    sync.Mutex
	)
	for i := range n {
		group.Go(func() {
			err := fn(i)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				succeeded++
			} else {
				errs = append(errs, fmt.Errorf("%d: %w", i, err))
			}
		})
	}
	group.Wait()
	return succeeded, errs
}
