package service

import (
	"context"
	"encoding/json"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// CreateAccount makes a provider account of the caller's tenant, as a draft without keys.
func (s *Service) CreateAccount(ctx context.Context, in core.AccountInput) (core.ProviderAccount, error) {
	id, tenant, err := s.allow(ctx, "accounts", "create")
	if err != nil {
		return core.ProviderAccount{}, err
	}
	m, err := s.Providers.Manifest(in.Provider)
	if err != nil {
		return core.ProviderAccount{}, atParam(err, "provider")
	}
	now := s.Clock()
	account := core.ProviderAccount{
		TenantID: tenant, ID: core.NewID(now), Provider: in.Provider, Status: core.AccountDraft, CreatedAt: now, UpdatedAt: now,
	}
	if account, err = s.fillAccount(ctx, id, account, in, m); err != nil {
		return core.ProviderAccount{}, err
	}
	entry, err := s.audit(id, tenant, "account.create", accountName(account.ID), nil, accountRecord(account))
	if err != nil {
		return core.ProviderAccount{}, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if err := checkAccountStore(ctx, tx, id, account.StoreID); err != nil {
			return err
		}
		if err := tx.InsertAccount(ctx, account); err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	if err != nil {
		return core.ProviderAccount{}, err
	}
	return account, nil
}

func accountName(id core.ID) string { return id.Prefixed(core.PrefixAccount) }

// accountRecord is what the audit log keeps of an account. Settings hold no secrets.
func accountRecord(a core.ProviderAccount) map[string]any {
	return map[string]any{
		"provider": a.Provider, "name": a.Name, "status": a.Status, "default": a.Default, "base_url": a.BaseURL,
		"settings": a.Settings, "key_version": a.KeyVersion,
	}
}

// fillAccount puts checked input into an account.
func (s *Service) fillAccount(ctx context.Context, id core.Identity, a core.ProviderAccount, in core.AccountInput, m core.Manifest) (core.ProviderAccount, error) {
	if err := checkText("name", in.Name, 1, 100); err != nil {
		return a, err
	}
	if err := s.checkBaseURL(ctx, id, a.BaseURL, in.BaseURL); err != nil {
		return a, err
	}
	settings, err := checkSettings(m.Settings, in.Settings)
	if err != nil {
		return a, err
	}
	a.Name, a.StoreID, a.Default, a.BaseURL, a.Settings = in.Name, in.StoreID, in.Default, in.BaseURL, settings
	return a, nil
}

func checkAccountStore(ctx context.Context, tx core.TenantTx, id core.Identity, store core.ID) error {
	if err := wholeTenant(id); err != nil {
		return err
	}
	if store.IsZero() {
		return nil
	}
	return storeExists(ctx, tx, store)
}

// UpdateAccount changes what is not secret. The account must be tested again afterwards.
func (s *Service) UpdateAccount(ctx context.Context, account core.ID, in core.AccountInput) (core.ProviderAccount, error) {
	id, tenant, err := s.allow(ctx, "accounts", "update")
	if err != nil {
		return core.ProviderAccount{}, err
	}
	current, err := s.readAccount(ctx, tenant, account)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	if in.Provider != "" && in.Provider != current.Provider {
		return core.ProviderAccount{}, core.Errorf(core.CodeInvalidRequest, "The provider of an account stays. Make another account for another provider.").At("provider")
	}
	m, err := s.Providers.Manifest(current.Provider)
	if err != nil {
		return core.ProviderAccount{}, atParam(err, "provider")
	}
	filled, err := s.fillAccount(ctx, id, current, in, m)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	return s.changeAccount(ctx, id, account, "account.update", func(tx core.TenantTx, a *core.ProviderAccount) error {
		if err := checkAccountStore(ctx, tx, id, filled.StoreID); err != nil {
			return err
		}
		a.Name, a.StoreID, a.Default, a.BaseURL, a.Settings = filled.Name, filled.StoreID, filled.Default, filled.BaseURL, filled.Settings
		if a.BaseURL != current.BaseURL || !sameJSON(a.Settings, current.Settings) {
			untest(a)
		}
		return nil
	})
}

func sameJSON(a, b json.RawMessage) bool { return string(a) == string(b) }

// untest forgets the last test: it was made with other keys or settings.
func untest(a *core.ProviderAccount) { a.CheckedAt, a.CheckError = time.Time{}, "" }

// changeAccount reads, changes and writes an account with its audit row, in one transaction.
// change must not call a plugin or the keyring.
func (s *Service) changeAccount(ctx context.Context, id core.Identity, account core.ID, action string, change func(core.TenantTx, *core.ProviderAccount) error) (core.ProviderAccount, error) {
	var after core.ProviderAccount
	err := s.Database.InTenant(ctx, id.TenantID, func(tx core.TenantTx) error {
		before, err := accountIn(ctx, tx, account)
		if err != nil {
			return err
		}
		after = before
		if err := change(tx, &after); err != nil {
			return err
		}
		if err := tx.UpdateAccount(ctx, after); err != nil {
			return err
		}
		if after, err = accountIn(ctx, tx, account); err != nil {
			return err
		}
		entry, err := s.audit(id, id.TenantID, action, accountName(account), accountRecord(before), accountRecord(after))
		if err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	return after, err
}

func accountIn(ctx context.Context, tx core.TenantTx, account core.ID) (core.ProviderAccount, error) {
	a, err := tx.Account(ctx, account)
	if core.CodeOf(err) == core.CodeNotFound {
		return a, core.NotFound("provider account")
	}
	return a, err
}

func (s *Service) readAccount(ctx context.Context, tenant, account core.ID) (out core.ProviderAccount, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		out, err = accountIn(ctx, tx, account)
		return err
	})
	return out, err
}

// Account reads a provider account. It holds no secret.
func (s *Service) Account(ctx context.Context, account core.ID) (core.ProviderAccount, error) {
	_, tenant, err := s.allow(ctx, "accounts", "read")
	if err != nil {
		return core.ProviderAccount{}, err
	}
	a, err := s.readAccount(ctx, tenant, account)
	if err != nil {
		return a, err
	}
	shown := []core.ProviderAccount{a}
	err = s.showAccounts(ctx, tenant, shown)
	return shown[0], err
}

// ListAccounts lists the provider accounts of the caller's tenant.
func (s *Service) ListAccounts(ctx context.Context) (list []core.ProviderAccount, err error) {
	_, tenant, err := s.allow(ctx, "accounts", "read")
	if err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err = tx.Accounts(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, s.showAccounts(ctx, tenant, list)
}

// showAccounts fills in what people see of accounts beside what is stored of them.
func (s *Service) showAccounts(ctx context.Context, tenant core.ID, list []core.ProviderAccount) error {
	var watches map[core.ID]core.CheckInWatch
	err := s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) (err error) {
		watches, err = tx.CheckInWatches(ctx)
		return err
	})
	for i := range list {
		w := watches[list[i].ID]
		list[i].CallbackURL = s.callbackURL(ctx, list[i])
		list[i].CheckedInAt, list[i].CheckInFailure = w.SucceededAt, w.Failure
	}
	return err
}

// SetAccountStatus takes an account live, or out of use. Live needs a passed test.
func (s *Service) SetAccountStatus(ctx context.Context, account core.ID, status core.AccountStatus) (core.ProviderAccount, error) {
	id, _, err := s.allow(ctx, "accounts", "status")
	if err != nil {
		return core.ProviderAccount{}, err
	}
	return s.changeAccount(ctx, id, account, "account.status", func(tx core.TenantTx, a *core.ProviderAccount) error {
		switch {
		case status != core.AccountLive && status != core.AccountDisabled:
			return core.Errorf(core.CodeInvalidRequest, "An account becomes live or disabled.").At("status")
		case a.Status == status:
			return core.Errorf(core.CodeInvalidState, "The account is %s already.", status)
		case status == core.AccountLive && !tested(*a):
			return core.Errorf(core.CodeInvalidState, "Test the account first: it goes live only with keys that passed the test.")
		}
		a.Status = status
		if err := s.watchBooks(ctx, tx, *a); err != nil {
			return err
		}
		if err := s.watchCheckIn(ctx, tx, *a); err != nil {
			return err
		}
		return s.watchBalances(ctx, tx, *a)
	})
}
