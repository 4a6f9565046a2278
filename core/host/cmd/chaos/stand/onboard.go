package stand

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host"
)

// Tenant is a merchant with an account at every provider.
type Tenant struct {
	ID       core.ID
	Mark     string   // in everything it writes; no other tenant may ever be given it
	Key      string   // an API key
	Accounts []string // by the number of the provider
	// HookSecret signs what its program is told.
	HookSecret string
}

// Admin is a person of the platform, who agrees to payouts.
type Admin struct {
	Token, Password core.Secret // of a session, and to confirm it with
}

// markOf is a tenant's mark.
func markOf(i int) string { return fmt.Sprintf("mk%02d", i) }

// MarkLength is how long a tenant's mark is.
const MarkLength = 4

// onboard takes the tenants through onboarding, as the first administrator.
func (s *Stand) onboard(ctx context.Context) (err error) {
	c := s.config()
	c.Log = filepath.Join(s.dir, "onboarding.log")
	if err := host.ApprovePlugins(ctx, c.host(), "chaos", nil); err != nil {
		return fmt.Errorf("approve the plugins: %w", err)
	}
	h, stop, err := new(child).start(ctx, c)
	if err != nil {
		return fmt.Errorf("a node for onboarding: %w", err)
	}
	defer func() { err = errors.Join(err, stop()) }()
	link, _, err := h.Service().EnsureFirstAdministrator(ctx)
	if err != nil {
		return fmt.Errorf("the first administrator: %w", err)
	}
	_, token, _ := strings.Cut(string(link.Reveal()), "#")
	password := core.SecretString(rand.Text())
	admin, err := h.Service().LoginByLink(ctx, core.LinkInput{Token: core.SecretString(token), Password: password, Email: "chaos@example.com", Name: "Chaos"})
	if err != nil {
		return fmt.Errorf("the first administrator: %w", err)
	}
	s.Admin = Admin{Token: admin.Token, Password: password}
	for i, p := range s.Sims.Providers {
		manifest, err := h.Service().Providers.Manifest(p.Provider)
		if err != nil {
			return fmt.Errorf("the plugin of %s: %w", p.Provider, err)
		}
		_, s.Sims.Providers[i].paysOut = manifest.Grants[core.CapCreatePayout]
	}
	o := onboarding{Host: h, admin: admin.Token, client: &s.Sims.client, hooks: s.Hooks}
	for i := range s.options.Tenants {
		tenant, err := o.tenant(ctx, i, s.Sims.Providers)
		if err != nil {
			return fmt.Errorf("onboard tenant %d: %w", i, err)
		}
		s.Tenants = append(s.Tenants, tenant)
	}
	return nil
}

type onboarding struct {
	*host.Host

	admin  core.Secret
	client *http.Client
	hooks  *Receiver
}

func (o onboarding) in(ctx context.Context, tenant core.ID) (context.Context, error) {
	id, _, err := o.Service().Authenticate(ctx, o.admin, tenant)
	return core.WithIdentity(ctx, id), err
}

func (o onboarding) tenant(ctx context.Context, i int, providers []Simulated) (Tenant, error) {
	s := o.Service()
	platform, err := o.in(ctx, core.ID{})
	if err != nil {
		return Tenant{}, err
	}
	made, err := s.CreateTenant(platform, core.TenantInput{Name: "Merchant " + markOf(i), ShortName: markOf(i), TestMode: true})
	if err != nil {
		return Tenant{}, err
	}
	if ctx, err = o.in(ctx, made.ID); err != nil {
		return Tenant{}, err
	}
	t := Tenant{ID: made.ID, Mark: markOf(i)}
	for n, p := range providers {
		account, err := o.account(ctx, p, p.Accounts[i], n == 0)
		if err != nil {
			return t, fmt.Errorf("account at %s: %w", p.Provider, err)
		}
		t.Accounts = append(t.Accounts, account.ID.Prefixed(core.PrefixAccount))
	}
	if _, err := s.SetTenantStatus(ctx, made.ID, core.TenantLive, ""); err != nil {
		return t, err
	}
	_, secret, err := s.CreateWebhook(ctx, core.WebhookInput{URL: o.hooks.addressOf(t.Mark), Description: "chaos", Enabled: true})
	if err != nil {
		return t, fmt.Errorf("a webhook: %w", err)
	}
	if err := o.hooks.expect(t.Mark, string(secret.Reveal())); err != nil {
		return t, err
	}
	t.HookSecret = string(secret.Reveal())
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return t, err
	}
	id.Actor = "system" // the administrator agrees to payouts, and may not to those of a key of their own
	_, key, err := s.CreateAPIKey(core.WithIdentity(ctx, id), core.APIKeyInput{Name: "chaos", Role: core.RoleTenantOwner})
	t.Key = string(key.Reveal())
	return t, err
}

func (o onboarding) account(ctx context.Context, p Simulated, contract Contract, first bool) (core.ProviderAccount, error) {
	s := o.Service()
	types, err := o.credentialTypes(p.Provider)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	account, err := s.CreateAccount(ctx, core.AccountInput{
		Provider: p.Provider, Name: "Simulated", Default: first, BaseURL: p.BaseURL, Settings: contract.Settings,
	})
	if err != nil {
		return account, err
	}
	var inputs []core.CredentialInput
	for name, value := range contract.Credentials {
		inputs = append(inputs, core.CredentialInput{Name: name, Type: types[name], Data: core.SecretString(value)})
	}
	if _, err := s.SetCredentials(ctx, account.ID, inputs); err != nil {
		return account, err
	}
	test, err := s.TestAccount(ctx, account.ID)
	if err != nil {
		return account, err
	}
	if !test.OK {
		return account, fmt.Errorf("the account's test failed: %+v", test.Steps)
	}
	if account, err = s.SetAccountStatus(ctx, account.ID, core.AccountLive); err != nil || contract.Enroll == "" {
		return account, err
	}
	current, err := s.Account(ctx, account.ID)
	if err != nil {
		return account, err
	}
	sims := &Simulators{client: *o.client}
	return account, sims.call(ctx, http.MethodPost, contract.Enroll, map[string]string{"callback_url": current.CallbackURL}, nil)
}

// credentialTypes reads the types of a provider's credentials from its plugin's manifest.
func (o onboarding) credentialTypes(provider string) (map[string]core.CredentialType, error) {
	manifest, err := o.Service().Providers.Manifest(provider)
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
