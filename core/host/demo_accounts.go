package host

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// contract is what the provider gave the shop of that number.
func (p demoProvider) contract(shop int) demoAccount { return p.Accounts[shop%len(p.Accounts)] }

// account takes an account at a simulated provider live, as an operator would.
func (h *Host) account(ctx context.Context, p demoProvider, shop int, first bool) (core.ProviderAccount, error) {
	contract := p.contract(shop)
	manifest, err := h.plugins.Manifest(p.Provider)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	account, err := h.service.CreateAccount(ctx, core.AccountInput{
		Provider: p.Provider, Name: manifest.Name.ZH + "（模拟）", Default: first, BaseURL: p.BaseURL, Settings: contract.Settings,
	})
	if err != nil {
		return account, err
	}
	var inputs []core.CredentialInput
	for name, value := range contract.Credentials {
		inputs = append(inputs, core.CredentialInput{Name: name, Type: credentialType(manifest, name), Data: core.SecretString(value)})
	}
	if _, err := h.service.SetCredentials(ctx, account.ID, inputs); err != nil {
		return account, err
	}
	test, err := h.service.TestAccount(ctx, account.ID)
	if err != nil {
		return account, err
	}
	if !test.OK {
		return account, fmt.Errorf("the account's test failed: %+v", test.Steps)
	}
	if account, err = h.service.SetAccountStatus(ctx, account.ID, core.AccountLive); err != nil {
		return account, err
	}
	return account, h.enroll(ctx, account.ID, contract)
}

func credentialType(m core.Manifest, name string) core.CredentialType {
	var schema struct {
		Properties map[string]struct {
			Type core.CredentialType `json:"x-type"`
		} `json:"properties"`
	}
	_ = json.Unmarshal(m.Credentials, &schema) // the plugin host has checked the manifest
	return schema.Properties[name].Type
}

// enroll tells a simulated provider the account's callback address where requests do not.
func (h *Host) enroll(ctx context.Context, account core.ID, contract demoAccount) error {
	if contract.Enroll == "" {
		return nil
	}
	current, err := h.service.Account(ctx, account)
	if err != nil || current.CallbackURL == "" {
		return err
	}
	return post(ctx, contract.Enroll, map[string]string{"callback_url": current.CallbackURL})
}

// meetAgain points a tenant's accounts at local simulators to where these listen now, and
// tells these where the accounts are called back. An account that a person gave another
// address is left alone. shop is the tenant's number among the demo's, or less than 0.
func (h *Host) meetAgain(ctx context.Context, shop int, sim *simulator) error {
	accounts, err := h.service.ListAccounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		now := sim.Providers[a.Provider]
		if now == "" || !strings.HasPrefix(a.BaseURL, "http://127.0.0.1:") {
			continue
		}
		if a.BaseURL != now {
			if err := h.moveAccount(ctx, a, now); err != nil {
				return err
			}
		}
		i := slices.IndexFunc(sim.Demo, func(p demoProvider) bool { return p.Provider == a.Provider })
		if shop < 0 || i < 0 {
			continue
		}
		if err := h.enroll(ctx, a.ID, sim.Demo[i].contract(shop)); err != nil {
			return err
		}
	}
	return nil
}

func (h *Host) moveAccount(ctx context.Context, a core.ProviderAccount, now string) error {
	_, err := h.service.UpdateAccount(ctx, a.ID, core.AccountInput{
		Provider: a.Provider, Name: a.Name, StoreID: a.StoreID, Default: a.Default, BaseURL: now,
		Settings: bytes.ReplaceAll(a.Settings, []byte(a.BaseURL), []byte(now)), // pages of the provider's
	})
	return err
}
