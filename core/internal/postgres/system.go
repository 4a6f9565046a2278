package postgres

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// queuesText counts what is due of each kind, by the partial indexes of what is due.
var queuesText = func() string {
	kinds := slices.Concat(dueKinds, bulkKinds)
	parts := make([]string, 0, len(kinds)+1)
	for _, kind := range kinds {
		parts = append(parts, queueText(kind, leasedTable(kind), "lease_until"))
	}
	// A delivery's lease stands at its endpoint.
	return strings.Join(append(parts, queueText(core.DueWebhook, "webhook_deliveries", "NULL::timestamptz")), " UNION ALL ")
}()

func queueText(kind core.DueKind, table, lease string) string {
	return `SELECT '` + string(kind) + `' AS kind, count(*) FILTER (WHERE next_check_at <= $1::timestamptz) AS due,
		count(*) FILTER (WHERE ` + lease + ` > $1::timestamptz) AS leased, min(next_check_at) FILTER (WHERE next_check_at <= $1::timestamptz) AS oldest
		FROM ` + table + ` WHERE next_check_at IS NOT NULL`
}

// WorkQueues implements core.SystemStore.
func (db *DB) WorkQueues(ctx context.Context, now time.Time) ([]core.WorkQueue, error) {
	var rows []struct {
		Kind   string `db:"kind"`
		Due    int64  `db:"due"`
		Leased int64  `db:"leased"`
		Oldest stamp  `db:"oldest"`
	}
	if err := db.run(ctx, db.platform, core.ID{}, func(s *session) error { return s.list(ctx, &rows, queuesText, stamp{now}) }); err != nil {
		return nil, err
	}
	out := make([]core.WorkQueue, len(rows))
	for i, r := range rows {
		out[i] = core.WorkQueue{Kind: core.DueKind(r.Kind), Due: r.Due, Leased: r.Leased, Oldest: r.Oldest.Time}
	}
	return out, nil
}

const (
	databaseText = `SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS bytes,
		(SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied) AS schema`
	tablesText = `SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes, greatest(c.reltuples, 0)::bigint AS rows FROM pg_class c
		WHERE c.relnamespace = 'zhanggui'::regnamespace AND c.relkind = 'r' ORDER BY 2 DESC, 1 LIMIT 8`
)

// DatabaseState implements core.SystemStore.
func (db *DB) DatabaseState(ctx context.Context) (state core.DatabaseState, err error) {
	if state.KnownSchema, err = newestMigration(); err != nil {
		return state, err
	}
	var about struct {
		Version string `db:"version"`
		Bytes   int64  `db:"bytes"`
		Schema  int64  `db:"schema"`
	}
	var tables []struct {
		Name  string `db:"name"`
		Bytes int64  `db:"bytes"`
		Rows  int64  `db:"rows"`
	}
	err = db.run(ctx, db.app, core.ID{}, func(s *session) error {
		if err := s.get(ctx, &about, nil, databaseText); err != nil {
			return err
		}
		return s.list(ctx, &tables, tablesText)
	})
	state.Version, state.Bytes, state.SchemaVersion = about.Version, about.Bytes, about.Schema
	for _, t := range tables {
		state.Tables = append(state.Tables, core.TableSize(t))
	}
	return state, err
}
