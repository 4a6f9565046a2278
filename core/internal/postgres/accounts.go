package postgres

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

var accountTable = &table{"provider_accounts", []string{
	"tenant_id", "id", "provider", "created_at", "updated_at",
	"name", "status", "store_id", "is_default", "base_url", "settings", "key_version", "credentials", "checked_at", "check_error",
}}

const accountFixed = 5

var (
	accountInsert  = accountTable.insertText()
	accountSelect  = "SELECT " + strings.Join(accountTable.columns, ", ") + " FROM provider_accounts WHERE tenant_id = $1"
	callbackInsert = "INSERT INTO callback_directory (token, tenant_id, account_id) VALUES ($1, $2, $3)"
	accountUpdate  = `UPDATE provider_accounts SET updated_at = $4, name = $5, status = $6, store_id = $7, is_default = $8, base_url = $9,
		settings = $10, key_version = $11, credentials = $12, checked_at = $13, check_error = $14
		WHERE tenant_id = $1 AND id = $2 AND updated_at = $3`
)

func accountValues(a core.ProviderAccount) []any {
	credentials := a.Credentials
	if credentials == nil {
		credentials = []core.CredentialInfo{}
	}
	return []any{
		a.TenantID, a.ID, a.Provider,
		stamp{a.CreatedAt},
		stamp{a.UpdatedAt},
		a.Name, string(a.Status), a.StoreID, a.Default, a.BaseURL, rawJSON(a.Settings), a.KeyVersion, encode(credentials, false),
		stamp{a.CheckedAt},
		clean(a.CheckError),
	}
}

type accountRow struct {
	TenantID    core.ID  `db:"tenant_id"`
	ID          core.ID  `db:"id"`
	Provider    string   `db:"provider"`
	Name        string   `db:"name"`
	Status      string   `db:"status"`
	StoreID     core.ID  `db:"store_id"`
	Default     bool     `db:"is_default"`
	BaseURL     string   `db:"base_url"`
	Settings    document `db:"settings"`
	KeyVersion  int      `db:"key_version"`
	Credentials document `db:"credentials"`
	CheckedAt   stamp    `db:"checked_at"`
	CheckError  string   `db:"check_error"`
	CreatedAt   stamp    `db:"created_at"`
	UpdatedAt   stamp    `db:"updated_at"`
}

func (r *accountRow) account() core.ProviderAccount {
	a := core.ProviderAccount{
		TenantID: r.TenantID, ID: r.ID, Provider: r.Provider, Name: r.Name, Status: core.AccountStatus(r.Status), StoreID: r.StoreID,
		Default: r.Default, BaseURL: r.BaseURL, Settings: json.RawMessage(r.Settings), KeyVersion: r.KeyVersion,
		CheckedAt: r.CheckedAt.Time, CheckError: r.CheckError, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
	_ = json.Unmarshal(r.Credentials, &a.Credentials) // written by accountValues
	return a
}

// InsertAccount implements core.TenantTx.
func (t *tenantTx) InsertAccount(ctx context.Context, a core.ProviderAccount) error {
	if a.TenantID != t.tenant {
		return wrongTenant("provider account")
	}
	if _, err := t.s.change(ctx, accountInsert, accountValues(a)...); err != nil {
		return err
	}
	_, err := t.s.change(ctx, callbackInsert, core.NewCallbackToken(), a.TenantID, a.ID)
	return err
}

// UpdateAccount implements core.TenantTx: it writes a where updated_at is still a.UpdatedAt,
// as it was read, and sets updated_at to a later time. Errors: CodeConflict when nothing matched.
func (t *tenantTx) UpdateAccount(ctx context.Context, a core.ProviderAccount) error {
	next := t.now()
	if !next.After(a.UpdatedAt) {
		next = a.UpdatedAt.Add(time.Microsecond)
	}
	args := append([]any{t.tenant, a.ID, stamp{a.UpdatedAt}, stamp{next}}, accountValues(a)[accountFixed:]...)
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The provider account changed meanwhile. Read it again."), accountUpdate, args...)
}

// Account implements core.TenantReader.
func (t *tenantTx) Account(ctx context.Context, id core.ID) (core.ProviderAccount, error) {
	var row accountRow
	if err := t.s.get(ctx, &row, core.NotFound("provider account"), accountSelect+" AND id = $2", t.tenant, id); err != nil {
		return core.ProviderAccount{}, err
	}
	return row.account(), nil
}

// Accounts implements core.TenantReader, oldest first.
func (t *tenantTx) Accounts(ctx context.Context) ([]core.ProviderAccount, error) {
	var rows []accountRow
	if err := t.s.list(ctx, &rows, accountSelect+" ORDER BY created_at, id", t.tenant); err != nil {
		return nil, err
	}
	return convert(rows, (*accountRow).account), nil
}
