package postgres

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	visitInsert = `INSERT INTO payer_visits (tenant_id, id, account_id, channel, return_url, state, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	visitTake = `UPDATE payer_visits SET used_at = $3 WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL AND expires_at > $3
		RETURNING tenant_id, id, account_id, channel, return_url, state, created_at, expires_at, used_at`
)

type visitRow struct {
	TenantID  core.ID `db:"tenant_id"`
	ID        core.ID `db:"id"`
	AccountID core.ID `db:"account_id"`
	Channel   string  `db:"channel"`
	ReturnURL string  `db:"return_url"`
	State     string  `db:"state"`
	CreatedAt stamp   `db:"created_at"`
	ExpiresAt stamp   `db:"expires_at"`
	UsedAt    stamp   `db:"used_at"`
}

// InsertPayerVisit implements core.TenantTx.
func (t *tenantTx) InsertPayerVisit(ctx context.Context, v core.PayerVisit) error {
	if v.TenantID != t.tenant {
		return wrongTenant("payer's visit")
	}
	_, err := t.s.change(ctx, visitInsert, v.TenantID, v.ID, v.AccountID, clean(v.Channel), clean(v.ReturnURL), clean(v.State), stamp{v.CreatedAt}, stamp{v.ExpiresAt})
	return err
}

// TakePayerVisit implements core.TenantTx. The one statement lets one of two through.
func (t *tenantTx) TakePayerVisit(ctx context.Context, id core.ID, now time.Time) (core.PayerVisit, error) {
	t.s.wrote = true
	var rows []visitRow
	if err := t.s.SelectContext(ctx, &rows, visitTake, t.tenant, id, stamp{now}); err != nil {
		return core.PayerVisit{}, translate(ctx, err)
	}
	if len(rows) == 0 {
		return core.PayerVisit{}, core.Errorf(core.CodeLinkUsed, "This address was used before or has expired. Go back to the shop and begin again.")
	}
	r := rows[0]
	return core.PayerVisit{
		TenantID: r.TenantID, ID: r.ID, AccountID: r.AccountID, Channel: r.Channel, ReturnURL: r.ReturnURL, State: r.State,
		CreatedAt: r.CreatedAt.Time, ExpiresAt: r.ExpiresAt.Time, UsedAt: r.UsedAt.Time,
	}, nil
}
