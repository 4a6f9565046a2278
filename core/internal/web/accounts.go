package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListAccounts lists provider accounts.
func (o *operations) ListAccounts(ctx context.Context, _ api.ListAccountsRequestObject) (api.ListAccountsResponseObject, error) {
	rows, err := o.opt.Onboarding.ListAccounts(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListAccounts200JSONResponse{Items: each(rows, accountOf)}, nil
}

// CreateAccount creates a provider account.
func (o *operations) CreateAccount(ctx context.Context, r api.CreateAccountRequestObject) (api.CreateAccountResponseObject, error) {
	store, err := fieldID(core.PrefixStore, r.Body.StoreID, "store_id")
	if err != nil {
		return nil, err
	}
	a, err := o.opt.Onboarding.CreateAccount(ctx, core.AccountInput{
		Provider: r.Body.Provider, Name: r.Body.Name, StoreID: store, Default: r.Body.Default, BaseURL: r.Body.BaseURL, Settings: object(r.Body.Settings),
	})
	if err != nil {
		return nil, err
	}
	return api.CreateAccount201JSONResponse(accountOf(a)), nil
}

// GetAccount reads a provider account.
func (o *operations) GetAccount(ctx context.Context, r api.GetAccountRequestObject) (api.GetAccountResponseObject, error) {
	account, err := pathID(core.PrefixAccount, r.AccountID)
	if err != nil {
		return nil, err
	}
	a, err := o.opt.Onboarding.Account(ctx, account)
	if err != nil {
		return nil, err
	}
	return api.GetAccount200JSONResponse(accountOf(a)), nil
}

// UpdateAccount changes a provider account's settings.
func (o *operations) UpdateAccount(ctx context.Context, r api.UpdateAccountRequestObject) (api.UpdateAccountResponseObject, error) {
	account, err := pathID(core.PrefixAccount, r.AccountID)
	if err != nil {
		return nil, err
	}
	store, err := fieldID(core.PrefixStore, r.Body.StoreID, "store_id")
	if err != nil {
		return nil, err
	}
	a, err := o.opt.Onboarding.UpdateAccount(ctx, account, core.AccountInput{
		Name: r.Body.Name, StoreID: store, Default: r.Body.Default, BaseURL: r.Body.BaseURL, Settings: object(r.Body.Settings),
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateAccount200JSONResponse(accountOf(a)), nil
}

// SetCredentials stores keys as a new version.
func (o *operations) SetCredentials(ctx context.Context, r api.SetCredentialsRequestObject) (api.SetCredentialsResponseObject, error) {
	account, err := pathID(core.PrefixAccount, r.AccountID)
	if err != nil {
		return nil, err
	}
	in, err := credentials(r.Body.Credentials)
	if err != nil {
		return nil, err
	}
	a, err := o.opt.Onboarding.SetCredentials(ctx, account, in)
	if err != nil {
		return nil, err
	}
	return api.SetCredentials200JSONResponse(accountOf(a)), nil
}

// TestAccount tests keys and makes a harmless query.
func (o *operations) TestAccount(ctx context.Context, r api.TestAccountRequestObject) (api.TestAccountResponseObject, error) {
	account, err := pathID(core.PrefixAccount, r.AccountID)
	if err != nil {
		return nil, err
	}
	t, err := o.opt.Onboarding.TestAccount(ctx, account)
	if err != nil {
		return nil, err
	}
	return api.TestAccount200JSONResponse(accountTestOf(t)), nil
}

// ActivateAccount has the provider issue keys.
func (o *operations) ActivateAccount(ctx context.Context, r api.ActivateAccountRequestObject) (api.ActivateAccountResponseObject, error) {
	account, err := pathID(core.PrefixAccount, r.AccountID)
	if err != nil {
		return nil, err
	}
	values := make(map[string]core.Secret, len(r.Body.Values))
	for name, v := range r.Body.Values {
		values[name] = v.Secret
	}
	a, err := o.opt.Onboarding.ActivateAccount(ctx, account, values)
	if err != nil {
		return nil, err
	}
	return api.ActivateAccount200JSONResponse(accountOf(a)), nil
}

// CheckInAccount renews keys at the provider.
func (o *operations) CheckInAccount(ctx context.Context, r api.CheckInAccountRequestObject) (api.CheckInAccountResponseObject, error) {
	account, err := pathID(core.PrefixAccount, r.AccountID)
	if err != nil {
		return nil, err
	}
	a, err := o.opt.Onboarding.CheckInAccount(ctx, account)
	if err != nil {
		return nil, err
	}
	return api.CheckInAccount200JSONResponse(accountOf(a)), nil
}

// SetAccountStatus sets a provider account live or disables it.
func (o *operations) SetAccountStatus(ctx context.Context, r api.SetAccountStatusRequestObject) (api.SetAccountStatusResponseObject, error) {
	account, err := pathID(core.PrefixAccount, r.AccountID)
	if err != nil {
		return nil, err
	}
	a, err := o.opt.Onboarding.SetAccountStatus(ctx, account, core.AccountStatus(r.Body.Status))
	if err != nil {
		return nil, err
	}
	return api.SetAccountStatus200JSONResponse(accountOf(a)), nil
}

// ListProviders lists the plugins found.
func (o *operations) ListProviders(ctx context.Context, _ api.ListProvidersRequestObject) (api.ListProvidersResponseObject, error) {
	rows, err := o.opt.Records.ListPlugins(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListProviders200JSONResponse{Items: each(rows, providerOf)}, nil
}

// GetProvider reads one plugin.
func (o *operations) GetProvider(ctx context.Context, r api.GetProviderRequestObject) (api.GetProviderResponseObject, error) {
	rows, err := o.opt.Records.ListPlugins(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range rows {
		if p.ID == r.Provider {
			return api.GetProvider200JSONResponse(providerOf(p)), nil
		}
	}
	return nil, core.NotFound("provider")
}
