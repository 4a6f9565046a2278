package postgres

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	tenantSelect = "SELECT tenant_id, name, short_name, status, contact, live, test_mode, created_at, updated_at FROM tenants"
	tenantUpdate = `UPDATE tenants SET name = $2, short_name = $3, status = $4, contact = $5, live = $6, test_mode = $7, updated_at = $8
		WHERE tenant_id = $1`
	tenantDirectoryUpdate = "UPDATE tenants_directory SET name = $2, status = $3 WHERE tenant_id = $1"
)

var (
	tenantTable = &table{"tenants", []string{
		"tenant_id", "name", "short_name", "status", "contact", "live", "test_mode", "created_at", "updated_at",
	}}
	tenantDirectory = &table{"tenants_directory", []string{"tenant_id", "name", "status", "created_at"}}
	storeTable      = &table{"stores", []string{"tenant_id", "id", "name", "code", "created_at"}}
	terminalTable   = &table{"terminals", []string{"tenant_id", "id", "store_id", "name", "code", "created_at"}}

	tenantInsert          = tenantTable.insertText()
	tenantDirectoryInsert = tenantDirectory.insertText()
	storeInsert           = storeTable.insertText()
	terminalInsert        = terminalTable.insertText()
)

type tenantRow struct {
	ID        core.ID `db:"tenant_id"`
	Name      string  `db:"name"`
	ShortName string  `db:"short_name"`
	Status    string  `db:"status"`
	Contact   string  `db:"contact"`
	Live      bool    `db:"live"`
	TestMode  bool    `db:"test_mode"`
	CreatedAt stamp   `db:"created_at"`
	UpdatedAt stamp   `db:"updated_at"`
}

func (r *tenantRow) tenant() core.Tenant {
	return core.Tenant{
		ID: r.ID, Name: r.Name, ShortName: r.ShortName, Status: core.TenantStatus(r.Status), Contact: r.Contact,
		Live: r.Live, TestMode: r.TestMode, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

// Tenant implements core.TenantReader.
func (t *tenantTx) Tenant(ctx context.Context) (core.Tenant, error) {
	var row tenantRow
	if err := t.s.get(ctx, &row, core.NotFound("merchant"), tenantSelect+" WHERE tenant_id = $1", t.tenant); err != nil {
		return core.Tenant{}, err
	}
	return row.tenant(), nil
}

// UpdateTenant implements core.TenantTx and keeps the directory's copy of name and status.
func (t *tenantTx) UpdateTenant(ctx context.Context, n core.Tenant) error {
	if n.ID != t.tenant {
		return wrongTenant("merchant")
	}
	err := t.s.mustChange(ctx, core.NotFound("merchant"), tenantUpdate,
		t.tenant, n.Name, n.ShortName, string(n.Status), n.Contact, n.Live, n.TestMode, stamp{n.UpdatedAt})
	if err != nil {
		return err
	}
	return t.s.mustChange(ctx, core.NotFound("merchant"), tenantDirectoryUpdate, t.tenant, displayName(n), string(n.Status))
}

// InsertTenant implements core.DirectoryTx.
func (d *directoryTx) InsertTenant(ctx context.Context, n core.Tenant) error {
	if n.ID.IsZero() {
		return wrongTenant("merchant")
	}
	err := d.within(ctx, n.ID, func() error {
		_, err := d.s.change(ctx, tenantInsert, n.ID, n.Name, n.ShortName, string(n.Status), n.Contact, n.Live, n.TestMode,
			stamp{n.CreatedAt}, stamp{n.UpdatedAt})
		return err
	})
	if err != nil {
		return err
	}
	_, err = d.s.change(ctx, tenantDirectoryInsert, n.ID, displayName(n), string(n.Status), stamp{n.CreatedAt})
	return err
}

// within sets the tenant for fn and takes it back.
func (d *directoryTx) within(ctx context.Context, tenant core.ID, fn func() error) error {
	const set = "SELECT set_config('app.tenant_id', $1, true)"
	if err := d.s.flush(ctx); err != nil {
		return err
	}
	if _, err := d.s.ExecContext(ctx, set, uid(tenant)); err != nil {
		return translate(ctx, err)
	}
	if err := fn(); err != nil {
		return err
	}
	_, err := d.s.ExecContext(ctx, set, uid(core.ID{}))
	return translate(ctx, err)
}

func displayName(n core.Tenant) string {
	if n.ShortName != "" {
		return n.ShortName
	}
	return n.Name
}

// InsertStore implements core.TenantTx. Errors: CodeConflict when the code is taken.
func (t *tenantTx) InsertStore(ctx context.Context, s core.Store) error {
	if s.TenantID != t.tenant {
		return wrongTenant("store")
	}
	_, err := t.s.change(ctx, storeInsert, s.TenantID, s.ID, s.Name, s.Code, stamp{s.CreatedAt})
	return err
}

// InsertTerminal implements core.TenantTx. Errors: CodeConflict when the code is taken in
// the store, CodeNotFound without such a store.
func (t *tenantTx) InsertTerminal(ctx context.Context, n core.Terminal) error {
	if n.TenantID != t.tenant {
		return wrongTenant("terminal")
	}
	_, err := t.s.change(ctx, terminalInsert, n.TenantID, n.ID, n.StoreID, n.Name, n.Code, stamp{n.CreatedAt})
	return err
}

// Stores implements core.TenantReader, oldest first.
func (t *tenantTx) Stores(ctx context.Context) ([]core.Store, error) {
	var rows []struct {
		TenantID  core.ID `db:"tenant_id"`
		ID        core.ID `db:"id"`
		Name      string  `db:"name"`
		Code      string  `db:"code"`
		CreatedAt stamp   `db:"created_at"`
	}
	const query = "SELECT tenant_id, id, name, code, created_at FROM stores WHERE tenant_id = $1 ORDER BY created_at, id"
	if err := t.s.list(ctx, &rows, query, t.tenant); err != nil {
		return nil, err
	}
	out := make([]core.Store, len(rows))
	for i, r := range rows {
		out[i] = core.Store{TenantID: r.TenantID, ID: r.ID, Name: r.Name, Code: r.Code, CreatedAt: r.CreatedAt.Time}
	}
	return out, nil
}

// Terminals implements core.TenantReader, oldest first.
func (t *tenantTx) Terminals(ctx context.Context) ([]core.Terminal, error) {
	var rows []struct {
		TenantID  core.ID `db:"tenant_id"`
		ID        core.ID `db:"id"`
		StoreID   core.ID `db:"store_id"`
		Name      string  `db:"name"`
		Code      string  `db:"code"`
		CreatedAt stamp   `db:"created_at"`
	}
	const query = "SELECT tenant_id, id, store_id, name, code, created_at FROM terminals WHERE tenant_id = $1 ORDER BY created_at, id"
	if err := t.s.list(ctx, &rows, query, t.tenant); err != nil {
		return nil, err
	}
	out := make([]core.Terminal, len(rows))
	for i, r := range rows {
		out[i] = core.Terminal{TenantID: r.TenantID, ID: r.ID, StoreID: r.StoreID, Name: r.Name, Code: r.Code, CreatedAt: r.CreatedAt.Time}
	}
	return out, nil
}
