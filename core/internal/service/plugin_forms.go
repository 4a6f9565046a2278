package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// CheckManifest says what is wrong with a manifest's forms.
func (s *Service) CheckManifest(m core.Manifest) error {
	if _, err := compileSchema(m.Settings); err != nil {
		return core.Wrap(err, core.CodePluginRefused, "The form of settings is no JSON Schema.")
	}
	if _, err := compileSchema(m.Credentials); err != nil {
		return core.Wrap(err, core.CodePluginRefused, "The form of credentials is no JSON Schema.")
	}
	return nil
}

// CheckAccounts says which account's stored settings the manifest would not take any more.
func (s *Service) CheckAccounts(ctx context.Context, m core.Manifest) error {
	page := core.Page{Limit: tenantsAtOnce}
	for {
		var tenants []core.Tenant
		err := s.Database.AcrossTenants(ctx, func(tx core.PlatformTx) (err error) {
			tenants, err = tx.Tenants(ctx, core.TenantFilter{Page: page})
			return err
		})
		if err != nil {
			return err
		}
		for _, t := range tenants {
			if err := s.checkAccountsOf(ctx, t, m); err != nil {
				return err
			}
		}
		if len(tenants) < page.Limit {
			return nil
		}
		last := tenants[len(tenants)-1]
		page.BeforeTime, page.BeforeID = last.CreatedAt, last.ID
	}
}

// tenantsAtOnce is how many merchants are read at once.
const tenantsAtOnce = 200

func (s *Service) checkAccountsOf(ctx context.Context, t core.Tenant, m core.Manifest) error {
	var accounts []core.ProviderAccount
	err := s.Database.InTenant(ctx, t.ID, func(tx core.TenantTx) (err error) {
		accounts, err = tx.Accounts(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if a.Provider != m.ID {
			continue
		}
		if _, err := checkSettings(m.Settings, a.Settings); err != nil {
			return core.Wrap(err, core.CodePluginRefused, "The account %s of the merchant %s could not go on with it: %s", a.Name, t.Name, publicMessage(err))
		}
	}
	return nil
}
