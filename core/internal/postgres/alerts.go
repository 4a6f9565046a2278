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
	alertRaise   = `INSERT INTO alerts (tenant_id, id, kind, severity, key, object_id, object_kind, object, args, opened_at, last_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
		ON CONFLICT (tenant_id, kind, key) WHERE resolved_at IS NULL
		DO UPDATE SET times = alerts.times + 1, last_at = excluded.last_at, severity = excluded.severity, object = excluded.object, args = excluded.args
		RETURNING ` + alertColumns
	alertResolve = "UPDATE alerts SET resolved_at = $4 WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND resolved_at IS NULL RETURNING " + alertColumns
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

// raiseAlert opens an alert of tenant, or counts it. A new row kept the id it was given.
func (s *session) raiseAlert(ctx context.Context, tenant core.ID, a core.Alert) (kept core.Alert, opened bool, err error) {
	if a.TenantID != tenant {
		return a, false, wrongTenant("alert")
	}
	s.wrote = true
	var row alertRow
	err = s.get(ctx, &row, nil, alertRaise, uid(a.TenantID), a.ID, string(a.Kind), string(a.Severity), clean(a.Key()), a.ObjectID, a.ObjectKind,
		clean(a.Object), encode(a.Args, len(a.Args) == 0), stamp{a.LastAt})
	return row.alert(), row.ID == a.ID, err
}

func (s *session) resolveAlert(ctx context.Context, tenant core.ID, kind core.AlertKind, key string, now time.Time) ([]core.Alert, error) {
	s.wrote = true
	var rows []alertRow
	err := s.list(ctx, &rows, alertResolve, uid(tenant), string(kind), clean(key), stamp{now})
	return convert(rows, (*alertRow).alert), err
}

func (s *session) takeAlert(ctx context.Context, tenant, id core.ID, actor string, now time.Time) (core.Alert, error) {
	s.wrote = true
	var row alertRow
	err := s.get(ctx, &row, core.NotFound("alert"), alertTake, uid(tenant), id, actor, stamp{now})
	return row.alert(), err
}

// RaiseAlert implements core.AlertWriter.
func (t *tenantTx) RaiseAlert(ctx context.Context, a core.Alert) (kept core.Alert, opened bool, err error) {
	return t.s.raiseAlert(ctx, t.tenant, a)
}

// ResolveAlert implements core.AlertWriter.
func (t *tenantTx) ResolveAlert(ctx context.Context, kind core.AlertKind, key string, now time.Time) ([]core.Alert, error) {
	return t.s.resolveAlert(ctx, t.tenant, kind, key, now)
}

// TakeAlert implements core.AlertWriter.
func (t *tenantTx) TakeAlert(ctx context.Context, id core.ID, actor string, now time.Time) (core.Alert, error) {
	return t.s.takeAlert(ctx, t.tenant, id, actor, now)
}

// RaiseAlert implements core.AlertWriter.
func (d *directoryTx) RaiseAlert(ctx context.Context, a core.Alert) (kept core.Alert, opened bool, err error) {
	return d.s.raiseAlert(ctx, core.ID{}, a)
}

// ResolveAlert implements core.AlertWriter.
func (d *directoryTx) ResolveAlert(ctx context.Context, kind core.AlertKind, key string, now time.Time) ([]core.Alert, error) {
	return d.s.resolveAlert(ctx, core.ID{}, kind, key, now)
}

// TakeAlert implements core.AlertWriter.
func (d *directoryTx) TakeAlert(ctx context.Context, id core.ID, actor string, now time.Time) (core.Alert, error) {
	return d.s.takeAlert(ctx, core.ID{}, id, actor, now)
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

// Alerts implements core.AlertReader.
func (t *tenantTx) Alerts(ctx context.Context, f core.AlertFilter) ([]core.Alert, error) {
	return t.s.alerts(ctx, t.own("x.tenant_id"), f)
}

// Alerts implements core.AlertReader. Those of no tenant are the platform's own.
func (p *platformTx) Alerts(ctx context.Context, f core.AlertFilter) ([]core.Alert, error) {
	return p.s.alerts(ctx, ofTenant("x.tenant_id", f.TenantID), f)
}
