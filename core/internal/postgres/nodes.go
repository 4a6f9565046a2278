package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	nodeSave = `INSERT INTO nodes (id, name, version, started_at, seen_at, plugins, work) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, plugins = excluded.plugins, work = excluded.work`
	nodesForget  = "DELETE FROM nodes WHERE seen_at < $1"
	nodeRemove   = "DELETE FROM nodes WHERE id = $1"
	nodeSelect   = "SELECT id, name, version, started_at, seen_at, plugins, work FROM nodes ORDER BY started_at, id"
	minuteForget = "DELETE FROM provider_minutes WHERE minute < $1"
	minuteSave   = `INSERT INTO provider_minutes (minute, provider, node_id, calls, succeeded, failed, in_doubt, not_sent, latency)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (minute, provider, node_id) DO UPDATE SET calls = excluded.calls,
		succeeded = excluded.succeeded, failed = excluded.failed, in_doubt = excluded.in_doubt, not_sent = excluded.not_sent, latency = excluded.latency`
)

type nodeRow struct {
	ID        core.ID  `db:"id"`
	Name      string   `db:"name"`
	Version   string   `db:"version"`
	StartedAt stamp    `db:"started_at"`
	SeenAt    stamp    `db:"seen_at"`
	Plugins   document `db:"plugins"`
	Work      document `db:"work"`
}

// SaveNode implements core.SystemStore.
func (db *DB) SaveNode(ctx context.Context, n core.Node, minutes []core.ProviderMinute) error {
	plugins, err := json.Marshal(n.Plugins)
	if err != nil {
		return fmt.Errorf("postgres: encode a node's plugins: %w", err)
	}
	work, err := json.Marshal(n.Work)
	if err != nil {
		return fmt.Errorf("postgres: encode a node's work: %w", err)
	}
	old := stamp{n.SeenAt.Add(-core.ProviderMinutesKept)}
	return db.run(ctx, db.app, core.ID{}, func(s *session) error {
		s.wrote = true
		// What a crash of the server loses of this, the node says again.
		if _, err := s.ExecContext(ctx, "SET LOCAL synchronous_commit = off"); err != nil {
			return err
		}
		if _, err := s.change(ctx, nodeSave, n.ID, clean(n.Name), clean(n.Version), stamp{n.StartedAt}, stamp{n.SeenAt}, plugins, work); err != nil {
			return err
		}
		for _, m := range minutes {
			_, err := s.change(ctx, minuteSave, stamp{m.Minute}, m.Provider, n.ID, m.Calls, m.Succeeded, m.Failed, m.InDoubt, m.NotSent, pq.Int64Array(m.Latency))
			if err != nil {
				return err
			}
		}
		if _, err := s.change(ctx, minuteForget, old); err != nil {
			return err
		}
		_, err := s.change(ctx, nodesForget, old)
		return err
	})
}

// RemoveNode implements core.SystemStore.
func (db *DB) RemoveNode(ctx context.Context, id core.ID) error {
	return db.run(ctx, db.app, core.ID{}, func(s *session) error {
		_, err := s.change(ctx, nodeRemove, id)
		return err
	})
}

// Nodes implements core.SystemStore, the oldest first.
func (db *DB) Nodes(ctx context.Context) ([]core.Node, error) {
	var rows []nodeRow
	if err := db.run(ctx, db.platform, core.ID{}, func(s *session) error { return s.list(ctx, &rows, nodeSelect) }); err != nil {
		return nil, err
	}
	out := make([]core.Node, len(rows))
	for i, r := range rows {
		out[i] = core.Node{ID: r.ID, Name: r.Name, Version: r.Version, StartedAt: r.StartedAt.Time, SeenAt: r.SeenAt.Time}
		_ = json.Unmarshal(r.Plugins, &out[i].Plugins) // written by SaveNode
		_ = json.Unmarshal(r.Work, &out[i].Work)
	}
	return out, nil
}

// stepsText sums each bound of the latencies over the nodes and minutes of a step.
var stepsText = func() string {
	sums := make([]string, len(core.LatencyBounds())+1)
	for i := range sums {
		sums[i] = fmt.Sprintf("sum(latency[%d])::bigint", i+1)
	}
	return `SELECT provider, date_bin($3::interval, minute, $1::timestamptz) AS step, sum(calls)::bigint AS calls, sum(succeeded)::bigint AS succeeded,
		sum(failed)::bigint AS failed, sum(in_doubt)::bigint AS in_doubt, sum(not_sent)::bigint AS not_sent, ARRAY[` + strings.Join(sums, ", ") + `] AS latency
		FROM provider_minutes WHERE minute >= $1 AND minute < $2 GROUP BY 1, 2 ORDER BY 1, 2`
}()

// ProviderSteps implements core.SystemStore.
func (db *DB) ProviderSteps(ctx context.Context, from, to time.Time, step time.Duration) ([]core.ProviderMinute, error) {
	var rows []struct {
		Provider  string        `db:"provider"`
		Step      stamp         `db:"step"`
		Calls     int64         `db:"calls"`
		Succeeded int64         `db:"succeeded"`
		Failed    int64         `db:"failed"`
		InDoubt   int64         `db:"in_doubt"`
		NotSent   int64         `db:"not_sent"`
		Latency   pq.Int64Array `db:"latency"`
	}
	err := db.run(ctx, db.platform, core.ID{}, func(s *session) error {
		return s.list(ctx, &rows, stepsText, stamp{from}, stamp{to}, fmt.Sprintf("%d seconds", int(step.Seconds())))
	})
	out := make([]core.ProviderMinute, len(rows))
	for i, r := range rows {
		out[i] = core.ProviderMinute{Provider: r.Provider, Minute: r.Step.Time, ProviderCalls: core.ProviderCalls{
			Calls: r.Calls, Succeeded: r.Succeeded, Failed: r.Failed, InDoubt: r.InDoubt, NotSent: r.NotSent, Latency: r.Latency,
		}}
	}
	return out, err
}

var _ core.SystemStore = (*DB)(nil)
