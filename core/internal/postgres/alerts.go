package postgres

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

var alertTable = &table{"alerts", []string{
	"tenant_id", "id", "kind", "severity", "object_id", "object_kind", "object", "args", "times", "opened_at", "last_at", "resolved_at", "seen_by", "seen_at",
}}

var (
	alertColumns = strings.Join(alertTable.columns, ", ")
	alertSelect  = "SELECT " + alertColumns + " FROM alerts"
	alertRaise   = `INSERT INTO alerts (tenant_id, id, kind, severity, key, object_id, object_kind, object, args, opened_at, last_at, next_check_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10)
		ON CONFLICT (tenant_id, kind, key) WHERE resolved_at IS NULL
		DO UPDATE SET times = alerts.times + 1, last_at = excluded.last_at, severity = excluded.severity, object = excluded.object, args = excluded.args,
			next_check_at = CASE WHEN excluded.severity = 'critical' AND alerts.severity = 'warning' THEN excluded.last_at ELSE alerts.next_check_at END
		RETURNING ` + alertColumns
	alertResolve = "UPDATE alerts SET resolved_at = $4, next_check_at = $4 WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND resolved_at IS NULL RETURNING " + alertColumns
	alertTake    = "UPDATE alerts SET seen_by = $3, seen_at = $4 WHERE tenant_id = $1 AND id = $2 AND resolved_at IS NULL RETURNING " + alertColumns
)

type alertRow struct {
	TenantID   core.ID  `db:"tenant_id"`
	ID         core.ID  `db:"id"`
	Kind       string   `db:"kind"`
	Severity   string   `db:"severity"`
	ObjectID   core.ID  `db:"object_id"`
	ObjectKind string   `db:"object_kind"`
	Object     string   `db:"object"`
	Args       document `db:"args"`
	Times      int      `db:"times"`
	OpenedAt   stamp    `db:"opened_at"`
	LastAt     stamp    `db:"last_at"`
	ResolvedAt stamp    `db:"resolved_at"`
	SeenBy     string   `db:"seen_by"`
	SeenAt     stamp    `db:"seen_at"`
}

func (r *alertRow) alert() core.Alert {
	a := core.Alert{
		TenantID: r.TenantID, ID: r.ID, Kind: core.AlertKind(r.Kind), Severity: core.AlertSeverity(r.Severity), ObjectID: r.ObjectID, ObjectKind: r.ObjectKind,
		Object: r.Object, Times: r.Times, OpenedAt: r.OpenedAt.Time, LastAt: r.LastAt.Time, ResolvedAt: r.ResolvedAt.Time, SeenBy: r.SeenBy, SeenAt: r.SeenAt.Time,
	}
	if len(r.Args) > 0 {
		_ = json.Unmarshal(r.Args, &a.Args) // written by encode
	}
	return a
}

// alertRoom is what a transaction can do about alerts and channels: those of its tenant, or of
// the platform, whose tenant is the zero one.
type alertRoom struct {
	session *session
	owner   core.ID
}

var _ core.AlertChannelStore = alertRoom{}

// RaiseAlert implements core.AlertWriter. A row that is new has the id it was given.
func (r alertRoom) RaiseAlert(ctx context.Context, a core.Alert) (kept core.Alert, opened bool, err error) {
	if a.TenantID != r.owner {
		return a, false, wrongTenant("alert")
	}
	r.session.wrote = true
	var row alertRow
	err = r.session.get(ctx, &row, nil, alertRaise, uid(a.TenantID), a.ID, string(a.Kind), string(a.Severity), clean(a.Key()), a.ObjectID, a.ObjectKind,
		clean(a.Object), encode(a.Args, len(a.Args) == 0), stamp{a.LastAt})
	return row.alert(), row.ID == a.ID, err
}

// ResolveAlert implements core.AlertWriter.
func (r alertRoom) ResolveAlert(ctx context.Context, kind core.AlertKind, key string, now time.Time) ([]core.Alert, error) {
	r.session.wrote = true
	var rows []alertRow
	err := r.session.list(ctx, &rows, alertResolve, uid(r.owner), string(kind), clean(key), stamp{now})
	return convert(rows, (*alertRow).alert), err
}

// TakeAlert implements core.AlertWriter.
func (r alertRoom) TakeAlert(ctx context.Context, id core.ID, actor string, now time.Time) (core.Alert, error) {
	r.session.wrote = true
	var row alertRow
	err := r.session.get(ctx, &row, core.NotFound("alert"), alertTake, uid(r.owner), id, actor, stamp{now})
	return row.alert(), err
}

// Alerts implements core.AlertReader.
func (r alertRoom) Alerts(ctx context.Context, f core.AlertFilter) ([]core.Alert, error) {
	var c conditions
	c.is("x.tenant_id", uid(r.owner))
	return r.session.alerts(ctx, c, f)
}

func (s *session) alerts(ctx context.Context, c conditions, f core.AlertFilter) ([]core.Alert, error) {
	c.id("x.id", f.ID)
	c.id("x.object_id", f.ObjectID)
	c.oneOf("x.kind", texts(f.Kinds))
	if f.Open {
		c.parts = append(c.parts, "x.resolved_at IS NULL")
	}
	var rows []alertRow
	if err := s.list(ctx, &rows, c.page(alertSelect+" x", f.Page, "x.opened_at", "x.id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*alertRow).alert), nil
}

// Alerts implements core.AlertReader. Those of no tenant are the platform's own.
func (p *platformTx) Alerts(ctx context.Context, f core.AlertFilter) ([]core.Alert, error) {
	return p.s.alerts(ctx, ofTenant("x.tenant_id", f.TenantID), f)
}
