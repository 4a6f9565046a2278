package postgres

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

var caseTable = &table{"cases", []string{
	"tenant_id", "id", "kind", "object_id", "object_kind", "account_id", "reason", "details", "times", "opened_at", "last_at", "closed_at",
}}

var (
	caseSelect = "SELECT " + strings.Join(caseTable.columns, ", ") + " FROM cases"
	caseOpen   = `INSERT INTO cases (tenant_id, id, kind, object_id, object_kind, account_id, reason, details, times, opened_at, last_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9)
		ON CONFLICT (tenant_id, kind, object_id) WHERE closed_at IS NULL
		DO UPDATE SET times = cases.times + 1, last_at = excluded.last_at, reason = excluded.reason, details = excluded.details
		RETURNING times`
)

type caseRow struct {
	TenantID   core.ID  `db:"tenant_id"`
	ID         core.ID  `db:"id"`
	Kind       string   `db:"kind"`
	ObjectID   core.ID  `db:"object_id"`
	ObjectKind string   `db:"object_kind"`
	AccountID  core.ID  `db:"account_id"`
	Reason     string   `db:"reason"`
	Details    document `db:"details"`
	Times      int      `db:"times"`
	OpenedAt   stamp    `db:"opened_at"`
	LastAt     stamp    `db:"last_at"`
	ClosedAt   stamp    `db:"closed_at"`
}

func (r *caseRow) one() core.Case {
	return core.Case{
		TenantID: r.TenantID, ID: r.ID, Kind: core.CaseKind(r.Kind), ObjectID: r.ObjectID, ObjectKind: r.ObjectKind, AccountID: r.AccountID,
		Reason: r.Reason, Details: json.RawMessage(r.Details), Times: r.Times, OpenedAt: r.OpenedAt.Time, LastAt: r.LastAt.Time, ClosedAt: r.ClosedAt.Time,
	}
}

// OpenCase implements core.TenantTx.
func (t *tenantTx) OpenCase(ctx context.Context, c core.Case) (first bool, err error) {
	if c.TenantID != t.tenant {
		return false, wrongTenant("case")
	}
	t.s.wrote = true
	var times int
	err = t.s.GetContext(ctx, &times, caseOpen, c.TenantID, c.ID, string(c.Kind), c.ObjectID, c.ObjectKind, c.AccountID,
		clean(c.Reason), rawJSON(c.Details), stamp{c.OpenedAt})
	return times == 1, translate(ctx, err)
}

func (s *session) cases(ctx context.Context, c conditions, f core.CaseFilter) ([]core.Case, error) {
	c.id("x.object_id", f.ObjectID)
	c.oneOf("x.kind", texts(f.Kinds))
	if f.Open {
		c.parts = append(c.parts, "x.closed_at IS NULL")
	}
	var rows []caseRow
	if err := s.list(ctx, &rows, c.page(caseSelect+" x", f.Page, "x.opened_at", "x.id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*caseRow).one), nil
}

// Cases implements core.TenantReader.
func (t *tenantTx) Cases(ctx context.Context, f core.CaseFilter) ([]core.Case, error) {
	return t.s.cases(ctx, t.own("x.tenant_id"), f)
}

// Cases implements core.PlatformTx.
func (p *platformTx) Cases(ctx context.Context, f core.CaseFilter) ([]core.Case, error) {
	return p.s.cases(ctx, ofTenant("x.tenant_id", f.TenantID), f)
}
