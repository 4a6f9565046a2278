package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

var resolutionTable = &table{"resolutions", []string{
	"tenant_id", "id", "case_id", "object_id", "object_kind", "amount", "currency", "outcome", "evidence_no", "note", "made_by", "created_at",
	"state", "applied_at", "ended_at", "provider_say",
}}

var (
	resolutionSelect = "SELECT " + strings.Join(resolutionTable.columns, ", ") + " FROM resolutions"
	resolutionInsert = resolutionTable.insertText()
)

const (
	resolutionUpdate = `UPDATE resolutions SET state = $3, applied_at = $4, ended_at = $5, provider_say = $6
		WHERE tenant_id = $1 AND id = $2 AND state = $7`
	correctRefunded = `UPDATE payments SET refunded = refunded + $3, updated_at = $4, version = version + 1
		WHERE tenant_id = $1 AND id = $2 AND refunded + $3 >= 0 AND refunded + $3 + reserved <= amount`
)

type resolutionRow struct {
	TenantID    core.ID `db:"tenant_id"`
	ID          core.ID `db:"id"`
	CaseID      core.ID `db:"case_id"`
	ObjectID    core.ID `db:"object_id"`
	ObjectKind  string  `db:"object_kind"`
	Amount      int64   `db:"amount"`
	Currency    string  `db:"currency"`
	Outcome     string  `db:"outcome"`
	EvidenceNo  string  `db:"evidence_no"`
	Note        string  `db:"note"`
	MadeBy      string  `db:"made_by"`
	CreatedAt   stamp   `db:"created_at"`
	State       string  `db:"state"`
	AppliedAt   stamp   `db:"applied_at"`
	EndedAt     stamp   `db:"ended_at"`
	ProviderSay string  `db:"provider_say"`
}

func (r *resolutionRow) resolution() core.Resolution {
	return core.Resolution{
		TenantID: r.TenantID, ID: r.ID, CaseID: r.CaseID, ObjectID: r.ObjectID, ObjectKind: r.ObjectKind,
		Amount: core.Money{Minor: r.Amount, Currency: core.Currency(r.Currency)}, Outcome: core.ResolutionOutcome(r.Outcome), EvidenceNo: r.EvidenceNo,
		Note: r.Note, State: core.ResolutionState(r.State), MadeBy: r.MadeBy, CreatedAt: r.CreatedAt.Time, AppliedAt: r.AppliedAt.Time,
		EndedAt: r.EndedAt.Time, ProviderSay: r.ProviderSay,
	}
}

// InsertResolution implements core.CaseTx.
func (t *tenantTx) InsertResolution(ctx context.Context, r core.Resolution) error {
	if r.TenantID != t.tenant {
		return wrongTenant("decision")
	}
	_, err := t.s.change(ctx, resolutionInsert, r.TenantID, r.ID, r.CaseID, r.ObjectID, r.ObjectKind, r.Amount.Minor, string(r.Amount.Currency),
		string(r.Outcome), clean(r.EvidenceNo), clean(r.Note), r.MadeBy, stamp{r.CreatedAt},
		string(r.State), stamp{r.AppliedAt}, stamp{r.EndedAt}, r.ProviderSay)
	return err
}

// UpdateResolution implements core.CaseTx.
func (t *tenantTx) UpdateResolution(ctx context.Context, r core.Resolution, from core.ResolutionState) error {
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The decision changed meanwhile. Read it again."),
		resolutionUpdate, t.tenant, r.ID, string(r.State), stamp{r.AppliedAt}, stamp{r.EndedAt}, r.ProviderSay, string(from))
}

// Resolution implements core.CaseReader.
func (t *tenantTx) Resolution(ctx context.Context, id core.ID) (core.Resolution, error) {
	var row resolutionRow
	if err := t.s.get(ctx, &row, core.NotFound("decision"), resolutionSelect+" WHERE tenant_id = $1 AND id = $2", t.tenant, id); err != nil {
		return core.Resolution{}, err
	}
	return row.resolution(), nil
}

// Resolutions implements core.CaseReader.
func (t *tenantTx) Resolutions(ctx context.Context, object core.ID) ([]core.Resolution, error) {
	var rows []resolutionRow
	err := t.s.list(ctx, &rows, resolutionSelect+" WHERE tenant_id = $1 AND object_id = $2 ORDER BY created_at DESC, id DESC", t.tenant, object)
	if err != nil {
		return nil, err
	}
	return convert(rows, (*resolutionRow).resolution), nil
}

// CorrectRefunded implements core.CaseTx. As with ReserveRefund, one statement keeps what is
// refunded and reserved within the payment at any concurrency.
func (t *tenantTx) CorrectRefunded(ctx context.Context, payment core.ID, delta int64, now time.Time) error {
	return t.s.mustChange(ctx, core.Errorf(core.CodeRefundExceeds, "What is refunded and reserved of the payment would be more than was paid."),
		correctRefunded, t.tenant, payment, delta, stamp{now})
}
