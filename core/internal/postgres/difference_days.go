package postgres

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// A day with orders that are asked about again is not clean: it waits for the answers.
	//
	// Two people may end two differences of a day at the same moment: who comes second waits here,
	// and counts in a later statement, which sees what the first has committed.
	dayHold    = "SELECT state FROM reconciliation_days WHERE tenant_id = $1 AND id = $2 FOR UPDATE"
	dayRecount = `UPDATE reconciliation_days d SET open = c.open, resolved = c.resolved, version = d.version + 1,
			state = CASE WHEN d.state NOT IN ('open', 'clean') THEN d.state WHEN c.open > 0 THEN 'open'
				WHEN d.reason = 'unanswered' AND d.next_check_at IS NOT NULL THEN 'waiting' ELSE 'clean' END
		FROM (SELECT count(*) FILTER (WHERE state IN ('open', 'correcting')) AS open,
				count(*) FILTER (WHERE state IN ('accepted', 'linked', 'corrected')) AS resolved
			FROM differences WHERE tenant_id = $1 AND day_id = $2) c
		WHERE d.tenant_id = $1 AND d.id = $2`
)

// RecountDay implements core.DifferenceTx.
func (t *tenantTx) RecountDay(ctx context.Context, day core.ID) (was core.ReconciliationState, d core.ReconciliationDay, err error) {
	if err := t.s.get(ctx, &was, core.NotFound("reconciliation"), dayHold, t.tenant, day); err != nil {
		return was, d, err
	}
	if err := t.s.mustChange(ctx, core.NotFound("reconciliation"), dayRecount, t.tenant, day); err != nil {
		return was, d, err
	}
	d, err = t.ReconciliationDay(ctx, day)
	return was, d, err
}

// LinkedDifferences implements core.DifferenceTx.
func (t *tenantTx) LinkedDifferences(ctx context.Context, object core.ID) ([]core.Difference, error) {
	var rows []differenceRow
	err := t.s.list(ctx, &rows, differenceSelect+" WHERE x.tenant_id = $1 AND x.linked_id = $2 AND x.state = 'linked' ORDER BY x.id", t.tenant, object)
	if err != nil {
		return nil, err
	}
	return convert(rows, (*differenceRow).difference), nil
}

func (p *platformTx) tenantOf(ctx context.Context, missing, query string, id core.ID) (tenant core.ID, err error) {
	err = p.s.get(ctx, &tenant, core.NotFound(missing), query, id)
	return tenant, err
}

// TenantOfDay implements core.BooksFinder.
func (p *platformTx) TenantOfDay(ctx context.Context, id core.ID) (core.ID, error) {
	return p.tenantOf(ctx, "reconciliation", "SELECT tenant_id FROM reconciliation_days WHERE id = $1", id)
}

// TenantOfBill implements core.BooksFinder.
func (p *platformTx) TenantOfBill(ctx context.Context, id core.ID) (core.ID, error) {
	return p.tenantOf(ctx, "bill", "SELECT tenant_id FROM bills WHERE id = $1", id)
}

// TenantOfDifference implements core.BooksFinder.
func (p *platformTx) TenantOfDifference(ctx context.Context, id core.ID) (core.ID, error) {
	return p.tenantOf(ctx, "difference", "SELECT tenant_id FROM differences WHERE id = $1", id)
}

// TenantOfAccount implements core.BooksFinder.
func (p *platformTx) TenantOfAccount(ctx context.Context, id core.ID) (core.ID, error) {
	return p.tenantOf(ctx, "account", "SELECT tenant_id FROM provider_accounts WHERE id = $1", id)
}
