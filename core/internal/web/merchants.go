package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListTenants lists merchants.
func (o *operations) ListTenants(ctx context.Context, r api.ListTenantsRequestObject) (api.ListTenantsResponseObject, error) {
	page, limit, err := pageOf(r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.Onboarding.ListTenants(ctx, core.TenantFilter{Status: core.TenantStatus(r.Params.Status), Search: r.Params.Search, Page: page})
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(t core.Tenant) (time.Time, core.ID) { return t.CreatedAt, t.ID })
	return api.ListTenants200JSONResponse{Items: each(rows, tenantOf), NextCursor: next}, nil
}

func tenantInput(b *api.TenantRequest) core.TenantInput {
	return core.TenantInput{Name: b.Name, ShortName: b.ShortName, Contact: b.Contact, TestMode: b.TestMode}
}

// CreateTenant creates a merchant.
func (o *operations) CreateTenant(ctx context.Context, r api.CreateTenantRequestObject) (api.CreateTenantResponseObject, error) {
	t, err := o.opt.Onboarding.CreateTenant(ctx, tenantInput(r.Body))
	if err != nil {
		return nil, err
	}
	return api.CreateTenant201JSONResponse(tenantOf(t)), nil
}

// GetTenant reads a merchant.
func (o *operations) GetTenant(ctx context.Context, r api.GetTenantRequestObject) (api.GetTenantResponseObject, error) {
	tenant, err := pathID(core.PrefixTenant, r.TenantID)
	if err != nil {
		return nil, err
	}
	t, err := o.opt.Onboarding.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return api.GetTenant200JSONResponse(tenantOf(t)), nil
}

// UpdateTenant changes a merchant's details.
func (o *operations) UpdateTenant(ctx context.Context, r api.UpdateTenantRequestObject) (api.UpdateTenantResponseObject, error) {
	tenant, err := pathID(core.PrefixTenant, r.TenantID)
	if err != nil {
		return nil, err
	}
	t, err := o.opt.Onboarding.UpdateTenant(ctx, tenant, tenantInput(r.Body))
	if err != nil {
		return nil, err
	}
	return api.UpdateTenant200JSONResponse(tenantOf(t)), nil
}

// SetTenantStatus sets a merchant live or suspends it.
func (o *operations) SetTenantStatus(ctx context.Context, r api.SetTenantStatusRequestObject) (api.SetTenantStatusResponseObject, error) {
	tenant, err := pathID(core.PrefixTenant, r.TenantID)
	if err != nil {
		return nil, err
	}
	t, err := o.opt.Onboarding.SetTenantStatus(ctx, tenant, core.TenantStatus(r.Body.Status), r.Body.Reason)
	if err != nil {
		return nil, err
	}
	return api.SetTenantStatus200JSONResponse(tenantOf(t)), nil
}

// ListStores lists stores.
func (o *operations) ListStores(ctx context.Context, _ api.ListStoresRequestObject) (api.ListStoresResponseObject, error) {
	rows, err := o.opt.Onboarding.ListStores(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListStores200JSONResponse{Items: each(rows, storeOf)}, nil
}

// CreateStore creates a store.
func (o *operations) CreateStore(ctx context.Context, r api.CreateStoreRequestObject) (api.CreateStoreResponseObject, error) {
	s, err := o.opt.Onboarding.CreateStore(ctx, core.StoreInput{Name: r.Body.Name, Code: r.Body.Code})
	if err != nil {
		return nil, err
	}
	return api.CreateStore201JSONResponse(storeOf(s)), nil
}

// ListTerminals lists terminals.
func (o *operations) ListTerminals(ctx context.Context, _ api.ListTerminalsRequestObject) (api.ListTerminalsResponseObject, error) {
	rows, err := o.opt.Onboarding.ListTerminals(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListTerminals200JSONResponse{Items: each(rows, terminalOf)}, nil
}

// CreateTerminal creates a terminal.
func (o *operations) CreateTerminal(ctx context.Context, r api.CreateTerminalRequestObject) (api.CreateTerminalResponseObject, error) {
	store, err := fieldID(core.PrefixStore, r.Body.StoreID, "store_id")
	if err != nil {
		return nil, err
	}
	t, err := o.opt.Onboarding.CreateTerminal(ctx, store, r.Body.Name, r.Body.Code)
	if err != nil {
		return nil, err
	}
	return api.CreateTerminal201JSONResponse(terminalOf(t)), nil
}
