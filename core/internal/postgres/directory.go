package postgres

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

var orderTable = &table{"order_directory", []string{"order_no", "tenant_id", "object_id", "kind"}}

// Lock implements core.DirectoryTx with an advisory lock on the name's hash. Two names with one
// hash wait for each other, which is harmless.
func (d *directoryTx) Lock(ctx context.Context, name string) error {
	_, err := d.s.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name)
	return translate(ctx, err)
}

func (d *directoryTx) tenantOf(ctx context.Context, what, where string, args ...any) (core.ID, error) {
	var tenant core.ID
	err := d.s.get(ctx, &tenant, core.NotFound(what), "SELECT tenant_id FROM order_directory WHERE "+where, args...)
	return tenant, err
}

// TenantOfOrder implements core.DirectoryTx, for the numbers of payments and refunds.
func (d *directoryTx) TenantOfOrder(ctx context.Context, orderNo string) (core.ID, error) {
	return d.tenantOf(ctx, "order", "order_no = $1", orderNo)
}

// TenantOfPayment implements core.DirectoryTx.
func (d *directoryTx) TenantOfPayment(ctx context.Context, id core.ID) (core.ID, error) {
	return d.tenantOf(ctx, "payment", "object_id = $1 AND kind = 'payment'", id)
}

// TenantOfRefund implements core.DirectoryTx.
func (d *directoryTx) TenantOfRefund(ctx context.Context, id core.ID) (core.ID, error) {
	return d.tenantOf(ctx, "refund", "object_id = $1 AND kind = 'refund'", id)
}

// AccountOfCallback implements core.DirectoryTx.
func (d *directoryTx) AccountOfCallback(ctx context.Context, token string) (tenant, account core.ID, err error) {
	var row struct {
		Tenant  core.ID `db:"tenant_id"`
		Account core.ID `db:"account_id"`
	}
	err = d.s.get(ctx, &row, core.NotFound("callback address"), "SELECT tenant_id, account_id FROM callback_directory WHERE token = $1", token)
	return row.Tenant, row.Account, err
}

// CallbackOfAccount implements core.DirectoryTx.
func (d *directoryTx) CallbackOfAccount(ctx context.Context, account core.ID) (token string, err error) {
	err = d.s.get(ctx, &token, core.NotFound("provider account"), "SELECT token FROM callback_directory WHERE account_id = $1", account)
	return token, err
}

// usedEvery is how often the use of a key is written down: a key in steady use would
// otherwise cost a write per request.
const usedEvery = time.Minute

const (
	keySelect = `SELECT k.tenant_id, k.id, k.name, k.prefix, k.hash, k.role, k.created_by, k.created_at, d.last_used_at, coalesce(d.last_used_ip, '') AS last_used_ip,
		k.expires_at, k.revoked_at
		FROM api_keys k LEFT JOIN api_key_directory d ON d.hash = k.hash WHERE k.tenant_id = $1 ORDER BY k.created_at, k.id`
	keyInsert = `INSERT INTO api_keys (tenant_id, id, name, prefix, hash, role, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	keyListed = `INSERT INTO api_key_directory (hash, tenant_id, key_id, role, expires_at) VALUES ($1, $2, $3, $4, $5)`
	keyRevoke = `UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL`
	keyUnlist = `DELETE FROM api_key_directory WHERE tenant_id = $1 AND key_id = $2`
	keyByHash = `SELECT tenant_id, key_id AS id, hash, role, last_used_at, last_used_ip, expires_at FROM api_key_directory WHERE hash = $1`
	keyUsed   = `UPDATE api_key_directory SET last_used_at = $2, last_used_ip = $3 WHERE hash = $1`
)

type keyRow struct {
	TenantID   core.ID `db:"tenant_id"`
	ID         core.ID `db:"id"`
	Name       string  `db:"name"`
	Prefix     string  `db:"prefix"`
	Hash       []byte  `db:"hash"`
	Role       string  `db:"role"`
	CreatedBy  string  `db:"created_by"`
	CreatedAt  stamp   `db:"created_at"`
	LastUsedAt stamp   `db:"last_used_at"`
	LastUsedIP string  `db:"last_used_ip"`
	ExpiresAt  stamp   `db:"expires_at"`
	RevokedAt  stamp   `db:"revoked_at"`
}

func (r *keyRow) key() core.APIKey {
	return core.APIKey{
		TenantID: r.TenantID, ID: r.ID, Name: r.Name, Prefix: r.Prefix, Hash: r.Hash, Role: core.Role(r.Role),
		CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.Time, LastUsedAt: r.LastUsedAt.Time, LastUsedIP: r.LastUsedIP, ExpiresAt: r.ExpiresAt.Time, RevokedAt: r.RevokedAt.Time,
	}
}

// InsertAPIKey implements core.TenantTx: the row and its entry in the directory.
func (t *tenantTx) InsertAPIKey(ctx context.Context, k core.APIKey) error {
	if k.TenantID != t.tenant {
		return wrongTenant("API key")
	}
	_, err := t.s.change(ctx, keyInsert, k.TenantID, k.ID, k.Name, k.Prefix, k.Hash, string(k.Role), k.CreatedBy, stamp{k.CreatedAt}, stamp{k.ExpiresAt})
	if err != nil {
		return err
	}
	_, err = t.s.change(ctx, keyListed, k.Hash, k.TenantID, k.ID, string(k.Role), stamp{k.ExpiresAt})
	return err
}

// RevokeAPIKey implements core.TenantTx. Errors: CodeNotFound also when it was revoked before.
func (t *tenantTx) RevokeAPIKey(ctx context.Context, id core.ID, now time.Time) error {
	if err := t.s.mustChange(ctx, core.NotFound("API key"), keyRevoke, t.tenant, id, stamp{now}); err != nil {
		return err
	}
	_, err := t.s.change(ctx, keyUnlist, t.tenant, id)
	return err
}

// APIKeys implements core.TenantReader, oldest first, revoked ones included.
func (t *tenantTx) APIKeys(ctx context.Context) ([]core.APIKey, error) {
	var rows []keyRow
	if err := t.s.list(ctx, &rows, keySelect, t.tenant); err != nil {
		return nil, err
	}
	return convert(rows, (*keyRow).key), nil
}

// APIKeyByHash implements core.DirectoryTx. The key answered has tenant, id, role, last use and
// expiry only: the rest is the tenant's and is read under it. One that has expired is not in use.
func (d *directoryTx) APIKeyByHash(ctx context.Context, hash []byte, ip string, now time.Time) (core.APIKey, error) {
	var row keyRow
	err := d.s.get(ctx, &row, core.Errorf(core.CodeUnauthenticated, "This API key is not valid."), keyByHash, hash)
	if err != nil {
		return core.APIKey{}, err
	}
	if expired := !row.ExpiresAt.IsZero() && !now.Before(row.ExpiresAt.Time); !expired && now.Sub(row.LastUsedAt.Time) >= usedEvery {
		if _, err := d.s.change(ctx, keyUsed, hash, stamp{now}, clean(ip)); err != nil {
			return core.APIKey{}, err
		}
	}
	return row.key(), nil
}
