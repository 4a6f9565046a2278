package postgres

import (
	"context"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

var freezeTable = &table{"freezes", []string{
	"tenant_id", "id", "account_id", "method", "layer", "reason", "frozen_by", "frozen_at", "lift_reason", "lifted_by", "lifted_at",
}}

var (
	freezeInsert = freezeTable.insertText()
	freezeSelect = "SELECT " + strings.Join(freezeTable.columns, ", ") + " FROM freezes WHERE tenant_id = $1"
	freezeLift   = "UPDATE freezes SET lift_reason = $3, lifted_by = $4, lifted_at = $5 WHERE tenant_id = $1 AND id = $2 AND lifted_at IS NULL"

	// One question for all that a spend falls under.
	spendingRules = `SELECT 'freeze' AS rule, account_id, method, '' AS spending, layer, 0::bigint AS single_limit, 0::bigint AS daily_limit, reason
			FROM freezes WHERE tenant_id = $1 AND scope = ANY ($2::text[]) AND lifted_at IS NULL
		UNION ALL SELECT 'limit', account_id, method, spending, layer, coalesce(single_limit, 0), coalesce(daily_limit, 0), ''
			FROM spending_limits WHERE tenant_id = $1 AND scope = ANY ($2::text[]) AND spending = $3`
)

type freezeRow struct {
	TenantID   core.ID `db:"tenant_id"`
	ID         core.ID `db:"id"`
	AccountID  core.ID `db:"account_id"`
	Method     string  `db:"method"`
	Layer      string  `db:"layer"`
	Reason     string  `db:"reason"`
	FrozenBy   string  `db:"frozen_by"`
	FrozenAt   stamp   `db:"frozen_at"`
	LiftReason string  `db:"lift_reason"`
	LiftedBy   string  `db:"lifted_by"`
	LiftedAt   stamp   `db:"lifted_at"`
}

func (r *freezeRow) freeze() core.Freeze {
	return core.Freeze{
		TenantID: r.TenantID, ID: r.ID, Scope: core.Scope{AccountID: r.AccountID, Method: core.Method(r.Method)}, Layer: core.Layer(r.Layer),
		Reason: r.Reason, FrozenBy: r.FrozenBy, FrozenAt: r.FrozenAt.Time, LiftReason: r.LiftReason, LiftedBy: r.LiftedBy, LiftedAt: r.LiftedAt.Time,
	}
}

// InsertFreeze implements core.LimitTx.
func (t *tenantTx) InsertFreeze(ctx context.Context, f core.Freeze) error {
	if f.TenantID != t.tenant {
		return wrongTenant("freeze")
	}
	_, err := t.s.change(ctx, freezeInsert, t.tenant, f.ID, f.Scope.AccountID, string(f.Scope.Method), string(f.Layer), f.Reason, f.FrozenBy,
		stamp{f.FrozenAt},
		f.LiftReason, f.LiftedBy,
		stamp{f.LiftedAt})
	return err
}

// LiftFreeze implements core.LimitTx.
func (t *tenantTx) LiftFreeze(ctx context.Context, f core.Freeze) error {
	return t.s.mustChange(ctx, core.Errorf(core.CodeInvalidState, "The freeze was lifted already."),
		freezeLift, t.tenant, f.ID, f.LiftReason, f.LiftedBy, stamp{f.LiftedAt})
}

// Freeze implements core.LimitReader.
func (t *tenantTx) Freeze(ctx context.Context, id core.ID) (core.Freeze, error) {
	var row freezeRow
	if err := t.s.get(ctx, &row, core.NotFound("freeze"), freezeSelect+" AND id = $2", t.tenant, id); err != nil {
		return core.Freeze{}, err
	}
	return row.freeze(), nil
}

// Freezes implements core.LimitReader, newest first.
func (t *tenantTx) Freezes(ctx context.Context, inForce bool) ([]core.Freeze, error) {
	query := freezeSelect
	if inForce {
		query += " AND lifted_at IS NULL"
	}
	var rows []freezeRow
	if err := t.s.list(ctx, &rows, query+" ORDER BY frozen_at DESC, id DESC LIMIT 200", t.tenant); err != nil {
		return nil, err
	}
	return convert(rows, (*freezeRow).freeze), nil
}

// SpendingRules implements core.LimitReader.
func (t *tenantTx) SpendingRules(ctx context.Context, s core.Spend) (out core.SpendingRules, err error) {
	var rows []struct {
		Rule      string  `db:"rule"`
		AccountID core.ID `db:"account_id"`
		Method    string  `db:"method"`
		Spending  string  `db:"spending"`
		Layer     string  `db:"layer"`
		Single    int64   `db:"single_limit"`
		Daily     int64   `db:"daily_limit"`
		Reason    string  `db:"reason"`
	}
	if err := t.s.list(ctx, &rows, spendingRules, t.tenant, scopeKeys(s), string(s.Spending)); err != nil {
		return out, err
	}
	for _, r := range rows {
		scope, layer := core.Scope{AccountID: r.AccountID, Method: core.Method(r.Method)}, core.Layer(r.Layer)
		if r.Rule == "freeze" {
			out.Freezes = append(out.Freezes, core.Freeze{TenantID: t.tenant, Scope: scope, Layer: layer, Reason: r.Reason})
			continue
		}
		out.Limits = append(out.Limits, core.Limit{
			TenantID: t.tenant, Scope: scope, Spending: core.Spending(r.Spending), Layer: layer, Single: r.Single, Daily: r.Daily,
		})
	}
	return out, nil
}
