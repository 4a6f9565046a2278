package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

var requestTable = &table{"request_log", []string{
	"tenant_id", "id", "key_id", "method", "route", "status", "code", "message", "param", "request_id", "duration_us", "ip", "object_id", "object_kind", "created_at",
}}

var requestSelect = "SELECT x." + strings.Join(requestTable.columns, ", x.") + " FROM request_log x"

const (
	staleRequests = `SELECT t.tenant_id FROM tenants t WHERE EXISTS (SELECT FROM request_log r WHERE r.tenant_id = t.tenant_id AND r.created_at < $1) LIMIT $2`
	pruneRequests = `DELETE FROM request_log WHERE tenant_id = $1 AND ctid = ANY (ARRAY(SELECT ctid FROM request_log
		WHERE tenant_id = $1 AND created_at < $2 ORDER BY created_at LIMIT $3))`
)

type requestRow struct {
	TenantID   core.ID `db:"tenant_id"`
	ID         core.ID `db:"id"`
	KeyID      core.ID `db:"key_id"`
	Method     string  `db:"method"`
	Route      string  `db:"route"`
	Status     int     `db:"status"`
	Code       string  `db:"code"`
	Message    string  `db:"message"`
	Param      string  `db:"param"`
	RequestID  string  `db:"request_id"`
	DurationUS int64   `db:"duration_us"`
	IP         string  `db:"ip"`
	ObjectID   core.ID `db:"object_id"`
	ObjectKind string  `db:"object_kind"`
	CreatedAt  stamp   `db:"created_at"`
}

func (r *requestRow) entry() core.RequestEntry {
	return core.RequestEntry{
		TenantID: r.TenantID, ID: r.ID, APIKeyID: r.KeyID, Method: r.Method, Route: r.Route, Status: r.Status, Code: core.Code(r.Code), Message: r.Message, Param: r.Param,
		RequestID: r.RequestID, Duration: time.Duration(r.DurationUS) * time.Microsecond, IP: r.IP, ObjectID: r.ObjectID, ObjectKind: r.ObjectKind, CreatedAt: r.CreatedAt.Time,
	}
}

// KeepRequests implements core.RequestKeeper. A crash may lose the last of them: no commit waits
// for the disk.
func (db *DB) KeepRequests(ctx context.Context, list []core.RequestEntry) (kept int, err error) {
	byTenant := map[core.ID][]core.RequestEntry{}
	for _, e := range list {
		byTenant[e.TenantID] = append(byTenant[e.TenantID], e)
	}
	for tenant, entries := range byTenant {
		err := db.run(ctx, db.app, tenant, func(s *session) error {
			s.wrote = true
			if _, err := s.ExecContext(ctx, "SET LOCAL synchronous_commit = off"); err != nil {
				return err
			}
			for _, e := range entries {
				s.buffer.add(requestTable, core.ID{}, tenant, e.ID, e.APIKeyID, e.Method, e.Route, e.Status, string(e.Code), clean(e.Message), clean(e.Param),
					clean(e.RequestID), e.Duration.Microseconds(), clean(e.IP), e.ObjectID, e.ObjectKind, stamp{e.CreatedAt})
			}
			return nil
		})
		if err != nil {
			return kept, err
		}
		kept += len(entries)
	}
	return kept, nil
}

// Requests implements core.RequestReader.
func (t *tenantTx) Requests(ctx context.Context, f core.RequestFilter) ([]core.RequestEntry, error) {
	c := t.own("x.tenant_id")
	c.id("x.key_id", f.APIKeyID)
	c.among("x.object_id", f.ObjectIDs)
	c.oneOf("x.method", texts(f.Methods))
	c.oneOf("x.code", texts(f.Codes))
	c.text("x.route", f.Route)
	c.text("x.request_id", f.RequestID)
	c.results(f.Results)
	c.between("x.created_at", f.From, f.To)
	var rows []requestRow
	if err := t.s.list(ctx, &rows, c.page(requestSelect, f.Page, "x.created_at", "x.id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*requestRow).entry), nil
}

// results adds how requests ended. What is refused or failed names the bound that the index of
// such rows has.
func (c *conditions) results(wanted []core.RequestResult) {
	var parts []string
	onlyBad := len(wanted) > 0
	for _, r := range wanted {
		switch r {
		case core.RequestSucceeded:
			parts, onlyBad = append(parts, "x.status < 400"), false
		case core.RequestRefused:
			parts = append(parts, "x.status BETWEEN 400 AND 499")
		case core.RequestFailed:
			parts = append(parts, "x.status >= 500")
		}
	}
	if len(parts) > 0 {
		c.parts = append(c.parts, "("+strings.Join(parts, " OR ")+")")
	}
	if onlyBad {
		c.parts = append(c.parts, "x.status >= 400")
	}
}

// among adds column = ANY of ids. A list that is there and empty finds nothing.
func (c *conditions) among(column string, ids []core.ID) {
	if ids != nil {
		c.parts = append(c.parts, column+" = ANY ("+c.arg(uids(ids))+"::uuid[])")
	}
}

// Request implements core.RequestReader.
func (t *tenantTx) Request(ctx context.Context, id core.ID) (core.RequestEntry, error) {
	var row requestRow
	if err := t.s.get(ctx, &row, core.NotFound("request"), requestSelect+" WHERE x.tenant_id = $1 AND x.id = $2", t.tenant, id); err != nil {
		return core.RequestEntry{}, err
	}
	return row.entry(), nil
}

// PruneRequests implements core.Pruner.
func (db *DB) PruneRequests(ctx context.Context, before time.Time, limit int) (core.Pruned, error) {
	return db.eachPruned(ctx, func(s *session, tenants *[]core.ID) error {
		return s.list(ctx, tenants, staleRequests, stamp{before}, limit)
	}, remove(ctx, pruneRequests, before, limit))
}
