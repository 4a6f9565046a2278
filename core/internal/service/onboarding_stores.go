package service

import (
	"context"
	"slices"

	"github.com/zhanggui-pay/zhanggui/core"
)

// CreateStore makes a store of the caller's tenant.
func (s *Service) CreateStore(ctx context.Context, in core.StoreInput) (core.Store, error) {
	id, tenant, err := s.allow(ctx, "stores", "create")
	if err != nil {
		return core.Store{}, err
	}
	if err := wholeTenant(id); err != nil {
		return core.Store{}, err
	}
	if err := checkNameAndCode(in.Name, in.Code); err != nil {
		return core.Store{}, err
	}
	store := core.Store{TenantID: tenant, ID: core.NewID(s.Clock()), Name: in.Name, Code: in.Code, CreatedAt: s.Clock()}
	if store.Code == "" {
		store.Code = store.ID.Prefixed(core.PrefixStore) // codes are unique, and this one is
	}
	entry, err := s.audit(id, tenant, "store.create", store.ID.Prefixed(core.PrefixStore), nil, map[string]any{"name": in.Name, "code": store.Code})
	if err != nil {
		return core.Store{}, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if err := tx.InsertStore(ctx, store); err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	if err != nil {
		return core.Store{}, codeTaken(err)
	}
	return store, nil
}

func checkNameAndCode(name, code string) error {
	if err := checkText("name", name, 1, 100); err != nil {
		return err
	}
	return checkText("code", code, 0, 64)
}

func codeTaken(err error) error {
	if core.CodeOf(err) != core.CodeConflict {
		return err
	}
	return core.Wrap(err, core.CodeConflict, "This code is used already. Choose another.").At("code")
}

// ListStores lists the stores the caller may use.
func (s *Service) ListStores(ctx context.Context) ([]core.Store, error) {
	id, tenant, err := s.allow(ctx, "stores", "read")
	if err != nil {
		return nil, err
	}
	var list []core.Store
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err = tx.Stores(ctx)
		return err
	})
	return slices.DeleteFunc(list, func(one core.Store) bool { return !id.MayUseStore(one.ID) }), err
}

// CreateTerminal makes a till in a store of the caller's tenant.
func (s *Service) CreateTerminal(ctx context.Context, store core.ID, name, code string) (core.Terminal, error) {
	id, tenant, err := s.allow(ctx, "stores", "create")
	if err != nil {
		return core.Terminal{}, err
	}
	if err := checkNameAndCode(name, code); err != nil {
		return core.Terminal{}, err
	}
	if !id.MayUseStore(store) {
		return core.Terminal{}, core.NotFound("store").At("store_id")
	}
	terminal := core.Terminal{TenantID: tenant, ID: core.NewID(s.Clock()), StoreID: store, Name: name, Code: code, CreatedAt: s.Clock()}
	if terminal.Code == "" {
		terminal.Code = terminal.ID.Prefixed(core.PrefixTerminal)
	}
	entry, err := s.audit(id, tenant, "terminal.create", terminal.ID.Prefixed(core.PrefixTerminal), nil, map[string]any{"name": name, "code": terminal.Code})
	if err != nil {
		return core.Terminal{}, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if err := storeExists(ctx, tx, store); err != nil {
			return err
		}
		if err := tx.InsertTerminal(ctx, terminal); err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	if err != nil {
		return core.Terminal{}, codeTaken(err)
	}
	return terminal, nil
}

func storeExists(ctx context.Context, tx core.TenantTx, store core.ID) error {
	stores, err := tx.Stores(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(stores, func(one core.Store) bool { return one.ID == store }) {
		return core.NotFound("store").At("store_id")
	}
	return nil
}

// ListTerminals lists the tills in the stores the caller may use.
func (s *Service) ListTerminals(ctx context.Context) ([]core.Terminal, error) {
	id, tenant, err := s.allow(ctx, "stores", "read")
	if err != nil {
		return nil, err
	}
	var list []core.Terminal
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err = tx.Terminals(ctx)
		return err
	})
	return slices.DeleteFunc(list, func(one core.Terminal) bool { return !id.MayUseStore(one.StoreID) }), err
}
