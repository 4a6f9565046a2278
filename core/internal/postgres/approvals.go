package postgres

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

var approvalTable = &table{"approvals", []string{
	"tenant_id", "id", "kind", "object_id", "amount", "currency", "needed", "summary", "made_by", "note", "created_at", "expires_at",
	"state", "decided_at", "next_check_at", "version",
}}

var decisionTable = &table{"approval_decisions", []string{"tenant_id", "approval_id", "actor", "made_by", "agree", "note", "decided_at"}}

var (
	approvalSelect = "SELECT " + strings.Join(approvalTable.columns, ", ") + " FROM approvals"
	decisionInsert = decisionTable.insertText()
)

const (
	approvalUpdate = `UPDATE approvals SET state = $3, decided_at = $4, next_check_at = $5, version = version + 1, lease_until = NULL, lease_token = NULL
		WHERE tenant_id = $1 AND id = $2 AND state = 'pending' AND version = $6`
	decisionSelect = `SELECT tenant_id, approval_id, actor, agree, note, decided_at FROM approval_decisions
		WHERE approval_id = ANY ($1::uuid[]) ORDER BY decided_at, actor`
	tierSelect = "SELECT kind, role, from_amount, needed FROM approval_tiers WHERE tenant_id = $1 ORDER BY kind, role, from_amount"
	tierInsert = "INSERT INTO approval_tiers (tenant_id, kind, role, from_amount, needed) VALUES ($1, $2, $3, $4, $5)"
)

type approvalRow struct {
	TenantID    core.ID  `db:"tenant_id"`
	ID          core.ID  `db:"id"`
	Kind        string   `db:"kind"`
	ObjectID    core.ID  `db:"object_id"`
	Amount      int64    `db:"amount"`
	Currency    string   `db:"currency"`
	Needed      int      `db:"needed"`
	Summary     document `db:"summary"`
	MadeBy      string   `db:"made_by"`
	Note        string   `db:"note"`
	CreatedAt   stamp    `db:"created_at"`
	ExpiresAt   stamp    `db:"expires_at"`
	State       string   `db:"state"`
	DecidedAt   stamp    `db:"decided_at"`
	NextCheckAt stamp    `db:"next_check_at"`
	Version     int      `db:"version"`
}

func (r *approvalRow) approval() core.Approval {
	return core.Approval{
		TenantID: r.TenantID, ID: r.ID, Kind: core.ApprovalKind(r.Kind), ObjectID: r.ObjectID,
		Amount: core.Money{Minor: r.Amount, Currency: core.Currency(r.Currency)}, Needed: r.Needed, State: core.ApprovalState(r.State),
		Summary: json.RawMessage(r.Summary), MadeBy: r.MadeBy, Note: r.Note, CreatedAt: r.CreatedAt.Time, ExpiresAt: r.ExpiresAt.Time,
		DecidedAt: r.DecidedAt.Time, Version: r.Version,
	}
}

type decisionRow struct {
	TenantID   core.ID `db:"tenant_id"`
	ApprovalID core.ID `db:"approval_id"`
	Actor      string  `db:"actor"`
	Agree      bool    `db:"agree"`
	Note       string  `db:"note"`
	DecidedAt  stamp   `db:"decided_at"`
}

// nextCheckOf is when a pending approval expires; a decided one is never due.
func nextCheckOf(a core.Approval) stamp {
	if a.State != core.ApprovalPending {
		return stamp{}
	}
	return stamp{a.ExpiresAt}
}

// InsertApproval implements core.ApprovalTx. It is buffered: see the package comment.
func (t *tenantTx) InsertApproval(_ context.Context, a core.Approval) error {
	if a.TenantID != t.tenant {
		return wrongTenant("approval")
	}
	t.s.buffer.add(approvalTable, a.ID, a.TenantID, a.ID, string(a.Kind), a.ObjectID, a.Amount.Minor, string(a.Amount.Currency), a.Needed,
		rawJSON(a.Summary), a.MadeBy, clean(a.Note), stamp{a.CreatedAt}, stamp{a.ExpiresAt},
		string(a.State), stamp{a.DecidedAt}, nextCheckOf(a), a.Version)
	return nil
}

// UpdateApproval implements core.ApprovalTx.
func (t *tenantTx) UpdateApproval(ctx context.Context, a core.Approval) error {
	if err := t.s.flushIf(ctx, a.ID); err != nil {
		return err
	}
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The approval was decided meanwhile. Read it again."),
		approvalUpdate, t.tenant, a.ID, string(a.State), stamp{a.DecidedAt}, nextCheckOf(a), a.Version)
}

// InsertDecision implements core.ApprovalTx.
func (t *tenantTx) InsertDecision(ctx context.Context, a core.Approval, d core.Decision) error {
	_, err := t.s.change(ctx, decisionInsert, t.tenant, a.ID, d.Actor, a.MadeBy, d.Agree, clean(d.Note), stamp{d.At})
	return err
}

// Approval implements core.ApprovalReader.
func (t *tenantTx) Approval(ctx context.Context, id core.ID) (core.Approval, error) {
	var row approvalRow
	if err := t.s.get(ctx, &row, core.NotFound("approval"), approvalSelect+" WHERE tenant_id = $1 AND id = $2", t.tenant, id); err != nil {
		return core.Approval{}, err
	}
	list, err := t.s.withDecisions(ctx, []core.Approval{row.approval()})
	if err != nil {
		return core.Approval{}, err
	}
	return list[0], nil
}

func (s *session) approvals(ctx context.Context, c conditions, f core.ApprovalFilter) ([]core.Approval, error) {
	c.id("x.id", f.ID)
	c.id("x.object_id", f.ObjectID)
	c.oneOf("x.kind", texts(f.Kinds))
	c.oneOf("x.state", texts(f.States))
	var rows []approvalRow
	if err := s.list(ctx, &rows, c.page(approvalSelect+" x", f.Page, "x.created_at", "x.id"), c.args...); err != nil {
		return nil, err
	}
	return s.withDecisions(ctx, convert(rows, (*approvalRow).approval))
}

// withDecisions adds who has answered. The ids were read under the caller's own predicate.
func (s *session) withDecisions(ctx context.Context, list []core.Approval) ([]core.Approval, error) {
	if len(list) == 0 {
		return list, nil
	}
	ids := make([]core.ID, 0, len(list))
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	var rows []decisionRow
	if err := s.list(ctx, &rows, decisionSelect, uids(ids)); err != nil {
		return nil, err
	}
	type key struct{ tenant, approval core.ID }
	answers := map[key][]core.Decision{}
	for _, r := range rows {
		at := key{r.TenantID, r.ApprovalID}
		answers[at] = append(answers[at], core.Decision{Actor: r.Actor, Agree: r.Agree, Note: r.Note, At: r.DecidedAt.Time})
	}
	for i, a := range list {
		list[i].Decisions = answers[key{a.TenantID, a.ID}]
	}
	return list, nil
}

// Approvals implements core.ApprovalReader.
func (t *tenantTx) Approvals(ctx context.Context, f core.ApprovalFilter) ([]core.Approval, error) {
	return t.s.approvals(ctx, t.own("x.tenant_id"), f)
}

// Approvals implements core.PlatformTx.
func (p *platformTx) Approvals(ctx context.Context, f core.ApprovalFilter) ([]core.Approval, error) {
	return p.s.approvals(ctx, ofTenant("x.tenant_id", f.TenantID), f)
}

// ApprovalTiers implements core.ApprovalReader.
func (t *tenantTx) ApprovalTiers(ctx context.Context) ([]core.ApprovalTier, error) {
	var rows []struct {
		Kind   string `db:"kind"`
		Role   string `db:"role"`
		From   int64  `db:"from_amount"`
		Needed int    `db:"needed"`
	}
	if err := t.s.list(ctx, &rows, tierSelect, t.tenant); err != nil {
		return nil, err
	}
	out := make([]core.ApprovalTier, 0, len(rows))
	for _, r := range rows {
		out = append(out, core.ApprovalTier{Kind: core.ApprovalKind(r.Kind), Role: core.Role(r.Role), From: r.From, Needed: r.Needed})
	}
	return out, nil
}

// ReplaceApprovalTiers implements core.ApprovalTx.
func (t *tenantTx) ReplaceApprovalTiers(ctx context.Context, tiers []core.ApprovalTier) error {
	if _, err := t.s.change(ctx, "DELETE FROM approval_tiers WHERE tenant_id = $1", t.tenant); err != nil {
		return err
	}
	for _, one := range tiers {
		if _, err := t.s.change(ctx, tierInsert, t.tenant, string(one.Kind), string(one.Role), one.From, one.Needed); err != nil {
			return err
		}
	}
	return nil
}
