package postgres

import (
	"context"
	"encoding/json"

	"github.com/zhanggui-pay/zhanggui/core"
)

var (
	auditTable = &table{"audit_log", []string{
		"tenant_id", "id", "actor", "action", "object", "before", "after", "ip", "request_id", "created_at",
	}}
	unchainedTable = &table{"audit_unchained", []string{"tenant_id", "audit_id"}}
)

const auditSelect = `SELECT a.tenant_id, a.id, a.actor, a.action, a.object, a.before, a.after, a.ip, a.request_id, a.created_at,
	c.chain_index, c.hash FROM audit_log a LEFT JOIN audit_chain c ON c.tenant_id = a.tenant_id AND c.audit_id = a.id`

type auditRow struct {
	TenantID   core.ID  `db:"tenant_id"`
	ID         core.ID  `db:"id"`
	Actor      string   `db:"actor"`
	Action     string   `db:"action"`
	Object     string   `db:"object"`
	Before     document `db:"before"`
	After      document `db:"after"`
	IP         string   `db:"ip"`
	RequestID  string   `db:"request_id"`
	CreatedAt  stamp    `db:"created_at"`
	ChainIndex *int64   `db:"chain_index"`
	Hash       []byte   `db:"hash"`
}

func (r *auditRow) entry() core.AuditEntry {
	e := core.AuditEntry{
		TenantID: r.TenantID, ID: r.ID, Actor: r.Actor, Action: r.Action, Object: r.Object,
		Before: json.RawMessage(r.Before), After: json.RawMessage(r.After), IP: r.IP, RequestID: r.RequestID,
		CreatedAt: r.CreatedAt.Time, ChainHash: r.Hash,
	}
	if r.ChainIndex != nil {
		e.ChainIndex = *r.ChainIndex
	}
	return e
}

// audit buffers the row and its place in the sealer's queue.
func (s *session) audit(a core.AuditEntry) {
	s.buffer.add(auditTable, core.ID{}, uid(a.TenantID), a.ID, a.Actor, a.Action, a.Object,
		rawJSON(a.Before), rawJSON(a.After), clean(a.IP), clean(a.RequestID), stamp{a.CreatedAt})
	s.buffer.add(unchainedTable, core.ID{}, uid(a.TenantID), a.ID)
}

// AppendAudit implements core.TenantTx. It is buffered: see the package comment.
func (t *tenantTx) AppendAudit(_ context.Context, a core.AuditEntry) error {
	if a.TenantID != t.tenant {
		return wrongTenant("audit entry")
	}
	t.s.audit(a)
	return nil
}

// AppendPlatformAudit implements core.DirectoryTx.
func (d *directoryTx) AppendPlatformAudit(ctx context.Context, a core.AuditEntry) error {
	if a.TenantID.IsZero() {
		d.s.audit(a)
		return nil
	}
	return d.within(ctx, a.TenantID, func() error {
		d.s.audit(a)
		return d.s.flush(ctx)
	})
}
