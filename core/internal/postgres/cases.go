package postgres

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

var caseTable = &table{"cases", []string{
	"tenant_id", "id", "kind", "object_id", "object_kind", "account_id", "reason", "details", "times", "owner", "opened_at", "last_at",
	"closed_at", "closing", "closed_by", "closed_note",
}}

var (
	caseSelect = "SELECT " + strings.Join(caseTable.columns, ", ") + " FROM cases"
	caseOpen   = `INSERT INTO cases (tenant_id, id, kind, object_id, object_kind, account_id, reason, details, times, opened_at, last_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9)
		ON CONFLICT (tenant_id, kind, object_id) WHERE closed_at IS NULL
		DO UPDATE SET times = cases.times + 1, last_at = excluded.last_at, reason = excluded.reason, details = excluded.details
		RETURNING times`
)

const (
	caseAssign = "UPDATE cases SET owner = $3 WHERE tenant_id = $1 AND id = $2 AND closed_at IS NULL"
	caseClose  = `UPDATE cases SET closed_at = $3, closing = $4, closed_by = $5, closed_note = $6 WHERE tenant_id = $1 AND id = $2 AND closed_at IS NULL`
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
	Owner      string   `db:"owner"`
	OpenedAt   stamp    `db:"opened_at"`
	LastAt     stamp    `db:"last_at"`
	ClosedAt   stamp    `db:"closed_at"`
	Closing    string   `db:"closing"`
	ClosedBy   string   `db:"closed_by"`
	ClosedNote string   `db:"closed_note"`
}

func (r *caseRow) one() core.Case {
	return core.Case{
		TenantID: r.TenantID, ID: r.ID, Kind: core.CaseKind(r.Kind), ObjectID: r.ObjectID, ObjectKind: r.ObjectKind, AccountID: r.AccountID,
		Reason: r.Reason, Details: json.RawMessage(r.Details), Times: r.Times, Owner: r.Owner,
		OpenedAt: r.OpenedAt.Time, LastAt: r.LastAt.Time, ClosedAt: r.ClosedAt.Time, Closing: core.CaseClosing(r.Closing), ClosedBy: r.ClosedBy, ClosedNote: r.ClosedNote,
	}
}

// OpenCase implements core.CaseTx.
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

// AssignCase implements core.CaseTx.
func (t *tenantTx) AssignCase(ctx context.Context, id core.ID, owner string) error {
	return t.s.mustChange(ctx, caseClosed(), caseAssign, t.tenant, id, owner)
}

// CloseCase implements core.CaseTx.
func (t *tenantTx) CloseCase(ctx context.Context, c core.Case) error {
	return t.s.mustChange(ctx, caseClosed(), caseClose, t.tenant, c.ID, stamp{c.ClosedAt}, string(c.Closing), c.ClosedBy, clean(c.ClosedNote))
}

func caseClosed() error { return core.Errorf(core.CodeInvalidState, "The case is closed.") }

// Case implements core.CaseReader.
func (t *tenantTx) Case(ctx context.Context, id core.ID) (core.Case, error) {
	var row caseRow
	if err := t.s.get(ctx, &row, core.NotFound("case"), caseSelect+" WHERE tenant_id = $1 AND id = $2", t.tenant, id); err != nil {
		return core.Case{}, err
	}
	return row.one(), nil
}

func (s *session) cases(ctx context.Context, c conditions, f core.CaseFilter) ([]core.Case, error) {
	c.id("x.id", f.ID)
	c.id("x.object_id", f.ObjectID)
	c.oneOf("x.kind", texts(f.Kinds))
	c.text("x.owner", f.Owner)
	if f.Unowned {
		c.parts = append(c.parts, "x.owner = ''")
	}
	if f.Open {
		c.parts = append(c.parts, "x.closed_at IS NULL")
	}
	c.between("x.opened_at", time.Time{}, f.OpenedBefore)
	query := c.page
	if f.Oldest {
		query = c.pageOldest
	}
	text := query(caseSelect+" x", f.Page, "x.opened_at", "x.id")
	var rows []caseRow
	if err := s.list(ctx, &rows, text, c.args...); err != nil {
		return nil, err
	}
	list := convert(rows, (*caseRow).one)
	if len(list) == 0 {
		return list, nil
	}
	return list, s.withOrders(ctx, list)
}

// Cases implements core.CaseReader.
func (t *tenantTx) Cases(ctx context.Context, f core.CaseFilter) ([]core.Case, error) {
	return t.s.cases(ctx, t.own("x.tenant_id"), f)
}

// Cases implements core.PlatformTx.
func (p *platformTx) Cases(ctx context.Context, f core.CaseFilter) ([]core.Case, error) {
	return p.s.cases(ctx, ofTenant("x.tenant_id", f.TenantID), f)
}
