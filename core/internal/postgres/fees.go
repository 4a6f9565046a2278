package postgres

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	feeInsert = `INSERT INTO fee_rates (tenant_id, id, account_id, method, basis_points, minimum, maximum, per_payout, valid_from, valid_to)
		VALUES ($1, $2, $3, $4, $5, $6, nullif($7::bigint, 0), $8, $9, $10)`
	feeSelect = `SELECT tenant_id, id, account_id, method, basis_points, minimum, coalesce(maximum, 0) AS maximum, per_payout, valid_from, valid_to
		FROM fee_rates WHERE tenant_id = $1`
	feeAt = feeSelect + " AND account_id = $2 AND method = $3 AND valid_from <= $4 AND (valid_to IS NULL OR valid_to > $4) ORDER BY valid_from DESC LIMIT 1"
	// Two that add rates to an account wait for each other here; payments do not.
	feeAccountHeld = "SELECT count(*) FROM (SELECT FROM provider_accounts WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE) held"
	feeOverlaps    = `SELECT count(*) FROM fee_rates WHERE tenant_id = $1 AND account_id = $2 AND method = $3 AND (valid_to IS NULL OR valid_to > valid_from)
		AND (valid_to IS NULL OR valid_to > $4) AND ($5::timestamptz IS NULL OR valid_from < $5::timestamptz)`
	feeEnd = "UPDATE fee_rates SET valid_to = $3 WHERE tenant_id = $1 AND id = $2 AND (valid_to IS NULL OR valid_to > $3)"
)

type feeRow struct {
	TenantID    core.ID `db:"tenant_id"`
	ID          core.ID `db:"id"`
	AccountID   core.ID `db:"account_id"`
	Method      string  `db:"method"`
	BasisPoints int64   `db:"basis_points"`
	Minimum     int64   `db:"minimum"`
	Maximum     int64   `db:"maximum"`
	PerPayout   int64   `db:"per_payout"`
	ValidFrom   stamp   `db:"valid_from"`
	ValidTo     stamp   `db:"valid_to"`
}

func (r *feeRow) rate() core.FeeRate {
	return core.FeeRate{
		TenantID: r.TenantID, ID: r.ID, AccountID: r.AccountID, Method: core.Method(r.Method), BasisPoints: r.BasisPoints,
		Minimum: r.Minimum, Maximum: r.Maximum, PerPayout: r.PerPayout, ValidFrom: r.ValidFrom.Time, ValidTo: r.ValidTo.Time,
	}
}

// InsertFeeRate implements core.FeeTx.
func (t *tenantTx) InsertFeeRate(ctx context.Context, r core.FeeRate) error {
	if r.TenantID != t.tenant {
		return wrongTenant("fee rate")
	}
	var n int
	if err := t.s.get(ctx, &n, nil, feeAccountHeld, t.tenant, r.AccountID); err != nil {
		return err
	}
	if err := t.s.get(ctx, &n, nil, feeOverlaps, t.tenant, r.AccountID, string(r.Method), stamp{r.ValidFrom}, stamp{r.ValidTo}); err != nil {
		return err
	}
	if n > 0 {
		return core.Errorf(core.CodeConflict, "Another rate of this account and method is valid in a part of that time. End it first.").At("valid_from")
	}
	_, err := t.s.change(ctx, feeInsert, t.tenant, r.ID, r.AccountID, string(r.Method), r.BasisPoints, r.Minimum, r.Maximum, r.PerPayout,
		stamp{r.ValidFrom}, stamp{r.ValidTo})
	return err
}

// EndFeeRate implements core.FeeTx.
func (t *tenantTx) EndFeeRate(ctx context.Context, id core.ID, at time.Time) error {
	return t.s.mustChange(ctx, core.Errorf(core.CodeInvalidState, "The rate has ended by then already."), feeEnd, t.tenant, id, stamp{at})
}

// FeeRate implements core.FeeReader.
func (t *tenantTx) FeeRate(ctx context.Context, id core.ID) (core.FeeRate, error) {
	var row feeRow
	if err := t.s.get(ctx, &row, core.NotFound("fee rate"), feeSelect+" AND id = $2", t.tenant, id); err != nil {
		return core.FeeRate{}, err
	}
	return row.rate(), nil
}

// FeeRates implements core.FeeReader.
func (t *tenantTx) FeeRates(ctx context.Context, account core.ID) ([]core.FeeRate, error) {
	var rows []feeRow
	const query = feeSelect + " AND ($2::uuid IS NULL OR account_id = $2::uuid) ORDER BY valid_from DESC, id DESC LIMIT 1000"
	if err := t.s.list(ctx, &rows, query, t.tenant, account); err != nil {
		return nil, err
	}
	return convert(rows, (*feeRow).rate), nil
}

// FeeRateAt implements core.FeeReader.
func (t *tenantTx) FeeRateAt(ctx context.Context, account core.ID, method core.Method, at time.Time) (core.FeeRate, error) {
	var rows []feeRow
	if err := t.s.list(ctx, &rows, feeAt, t.tenant, account, string(method), stamp{at}); err != nil || len(rows) == 0 {
		return core.FeeRate{}, err
	}
	return rows[0].rate(), nil
}
