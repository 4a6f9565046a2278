package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host"
)

func now() time.Time { return time.Now() }

// workers is how many things are prepared at once.
const workers = 8

// each calls fn with 0 to n-1, some at a time, and gives the first error.
func each(n int, fn func(i int) error) error {
	var group sync.WaitGroup
	errs := make(chan error, n)
	limit := make(chan struct{}, workers)
	for i := range n {
		limit <- struct{}{}
		group.Go(func() {
			defer func() { <-limit }()
			errs <- fn(i)
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// world is what a node works in: a database, keys, plugins, a simulated provider, and
// merchants onboarded through the use cases.
type world struct {
	node      nodeConfig
	dir       string
	sim       *simulator
	payers    []payer
	merchants []merchant
	admin     core.Secret // the first administrator's session
}

// merchant is a tenant with its API keys.
type merchant struct {
	tenant core.ID
	keys   []string
}

func newWorld(ctx context.Context, c *cluster, o options, tenants int) (*world, error) {
	dir, err := os.MkdirTemp("", "zhanggui-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for the benchmark: %w", err)
	}
	w := &world{dir: dir, merchants: make([]merchant, tenants)}
	if err := w.fill(ctx, c, o); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *world) fill(ctx context.Context, c *cluster, o options) (err error) {
	w.node = nodeConfig{Plugins: filepath.Join(o.bin, "plugins"), Keys: filepath.Join(w.dir, "keys"), Log: filepath.Join(w.dir, "node.log")}
	if w.node.Database, err = c.database(ctx, fmt.Sprintf("payments_%d", len(w.merchants))); err != nil {
		return err
	}
	if w.sim, err = startSimulator(ctx, o.bin, len(w.merchants)); err != nil {
		return err
	}
	w.payers = w.sim.provider().paying()
	if err := host.ApprovePlugins(ctx, w.node.host(), "bench", nil); err != nil {
		return err
	}
	h, stop, err := w.node.start(ctx)
	if err != nil {
		return err
	}
	return errors.Join(w.onboard(ctx, h, o.callers), stop())
}

func (w *world) close() error {
	if w.sim != nil {
		w.sim.stop()
	}
	return os.RemoveAll(w.dir)
}

// onboard takes the merchants through onboarding, as the first administrator.
func (w *world) onboard(ctx context.Context, h *host.Host, callers int) error {
	s := h.Service()
	link, _, err := s.EnsureFirstAdministrator(ctx)
	if err != nil {
		return err
	}
	_, token, _ := strings.Cut(string(link.Reveal()), "#")
	admin, err := s.LoginByLink(ctx, core.LinkInput{
		Token: core.SecretString(token), Password: core.SecretString(rand.Text()), Email: "bench@example.com", Name: "Bench",
	})
	if err != nil {
		return err
	}
	w.admin = admin.Token
	types, err := credentialTypes(h, w.sim.provider().Provider)
	if err != nil {
		return err
	}
	// A key has a rate limit of its own; each till of a busy merchant has a key.
	keys := (callers + len(w.merchants) - 1) / len(w.merchants)
	return each(len(w.merchants), func(i int) error {
		o := onboarding{Host: h, admin: admin.Token, types: types, provider: w.sim.provider(), number: i, keys: keys}
		w.merchants[i], err = o.run(ctx)
		if err != nil {
			return fmt.Errorf("onboard merchant %d: %w", i+1, err)
		}
		return nil
	})
}

// credentialTypes reads the types of a provider's credentials from its plugin's manifest.
func credentialTypes(h *host.Host, provider string) (map[string]core.CredentialType, error) {
	manifest, err := h.Service().Providers.Manifest(provider)
	if err != nil {
		return nil, err
	}
	var schema struct {
		Properties map[string]struct {
			Type core.CredentialType `json:"x-type"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(manifest.Credentials, &schema); err != nil {
		return nil, fmt.Errorf("read the schema of %s's credentials: %w", provider, err)
	}
	types := map[string]core.CredentialType{}
	for name, p := range schema.Properties {
		types[name] = p.Type
	}
	return types, nil
}

// onboarding is one merchant's.
type onboarding struct {
	*host.Host

	admin    core.Secret
	types    map[string]core.CredentialType
	provider simulated
	number   int
	keys     int
}

func (o onboarding) in(ctx context.Context, tenant core.ID) (context.Context, error) {
	id, _, err := o.Service().Authenticate(ctx, o.admin, tenant)
	return core.WithIdentity(ctx, id), err
}

func (o onboarding) run(ctx context.Context) (merchant, error) {
	s := o.Service()
	platform, err := o.in(ctx, core.ID{})
	if err != nil {
		return merchant{}, err
	}
	name := "Merchant " + strconv.Itoa(o.number+1)
	tenant, err := s.CreateTenant(platform, core.TenantInput{Name: name, ShortName: name, TestMode: true})
	if err != nil {
		return merchant{}, err
	}
	if ctx, err = o.in(ctx, tenant.ID); err != nil {
		return merchant{}, err
	}
	if err := o.account(ctx); err != nil {
		return merchant{}, err
	}
	if _, err := s.SetTenantStatus(ctx, tenant.ID, core.TenantLive, ""); err != nil {
		return merchant{}, err
	}
	m := merchant{tenant: tenant.ID}
	for i := range o.keys {
		_, key, err := s.CreateAPIKey(ctx, core.APIKeyInput{Name: "Till " + strconv.Itoa(i+1), Role: core.RoleTenantOwner})
		if err != nil {
			return m, err
		}
		m.keys = append(m.keys, string(key.Reveal()))
	}
	return m, nil
}

func (o onboarding) account(ctx context.Context) error {
	s := o.Service()
	contract := o.provider.Accounts[o.number]
	account, err := s.CreateAccount(ctx, core.AccountInput{
		Provider: o.provider.Provider, Name: "Simulated", Default: true, BaseURL: o.provider.BaseURL, Settings: contract.Settings,
	})
	if err != nil {
		return err
	}
	var inputs []core.CredentialInput
	for name, value := range contract.Credentials {
		inputs = append(inputs, core.CredentialInput{Name: name, Type: o.types[name], Data: core.SecretString(value)})
	}
	if _, err := s.SetCredentials(ctx, account.ID, inputs); err != nil {
		return err
	}
	test, err := s.TestAccount(ctx, account.ID)
	if err != nil {
		return err
	}
	if !test.OK {
		return fmt.Errorf("the account's test failed: %+v", test.Steps)
	}
	_, err = s.SetAccountStatus(ctx, account.ID, core.AccountLive)
	return err
}

// simulator is the program provider-sim and what it announced.
type simulator struct {
	cmd   *exec.Cmd
	stdin io.Closer
	Demo  []simulated `json:"demo"`
}

// simulated is a provider with contracts for merchants and payers of known fates.
type simulated struct {
	Provider string `json:"provider"`
	BaseURL  string `json:"base_url"`
	Accounts []struct {
		Settings    json.RawMessage   `json:"settings"`
		Credentials map[string]string `json:"credentials"`
	} `json:"accounts"`
	Payers []payer `json:"payers"`
}

func (s *simulator) provider() simulated { return s.Demo[0] }

// paying are the payers who pay at once.
func (s simulated) paying() []payer {
	var out []payer
	for _, p := range s.Payers {
		if p.Fate == "paid" {
			out = append(out, p)
		}
	}
	return out
}

func startSimulator(ctx context.Context, bin string, merchants int) (*simulator, error) {
	//nolint:gosec // our own program
	s := &simulator{cmd: exec.CommandContext(context.WithoutCancel(ctx), filepath.Join(bin, "provider-sim"),
		"--demo", "--demo-merchants", strconv.Itoa(merchants), "--exit-on-stdin-eof")}
	s.cmd.Stderr = os.Stderr
	stdin, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("provider-sim: %w", err)
	}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("provider-sim: %w", err)
	}
	s.stdin = stdin
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("provider-sim (`make binaries` builds it): %w", err)
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, s)
	}
	if err == nil && (len(s.Demo) == 0 || len(s.provider().paying()) == 0) {
		err = errors.New("it announced no provider with payers who pay")
	}
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("provider-sim: %w", err)
	}
	return s, nil
}

func (s *simulator) stop() {
	_ = s.stdin.Close()
	_ = s.cmd.Wait()
}
