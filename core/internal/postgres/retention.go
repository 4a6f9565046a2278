package postgres

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// walkAnew is how often the records of calls are looked through from the first again: what was
	// kept because its order was open then may go.
	walkAnew = 30 * 24 * time.Hour

	// walkTenants are the merchants that have records after their mark, or whose walk is to begin anew.
	walkTenants = `SELECT t.tenant_id FROM tenants t LEFT JOIN retention_marks m ON m.tenant_id = t.tenant_id AND m.what = $1
		WHERE EXISTS (SELECT FROM attempts a WHERE a.tenant_id = t.tenant_id AND a.id < $2
			AND a.id > CASE WHEN m.began_at >= $3 THEN m.mark ELSE '00000000-0000-0000-0000-000000000000' END) LIMIT $4`
	walkBegin = `INSERT INTO retention_marks (tenant_id, what, mark, began_at) VALUES ($1, $2, '00000000-0000-0000-0000-000000000000', $3) ON CONFLICT DO NOTHING`
	// walkLock leaves a walk to the node that is at it.
	walkLock = `SELECT CASE WHEN began_at >= $3 THEN mark ELSE '00000000-0000-0000-0000-000000000000' END AS mark, began_at < $3 AS anew
		FROM retention_marks WHERE tenant_id = $1 AND what = $2 FOR NO KEY UPDATE SKIP LOCKED`
	walkOn = "UPDATE retention_marks SET mark = $3, began_at = coalesce($4, began_at) WHERE tenant_id = $1 AND what = $2"

	emptyEvidence = `WITH seen AS MATERIALIZED (SELECT id FROM attempts WHERE tenant_id = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4),
		old AS MATERIALIZED (SELECT a.id FROM attempts a JOIN seen s ON s.id = a.id WHERE a.tenant_id = $1 AND a.evidence IS NOT NULL
			AND NOT order_is_live($1, a.payment_id, a.refund_id, a.payout_id)),
		gone AS (UPDATE attempts a SET evidence = NULL FROM old o WHERE a.tenant_id = $1 AND a.id = o.id RETURNING a.id)
		SELECT (SELECT count(*) FROM gone) AS removed, (SELECT count(*) FROM seen) AS looked, (SELECT id FROM seen ORDER BY id DESC LIMIT 1) AS last`
	pruneAttempts = "SELECT removed, looked, last FROM prune_attempts($2, $3, $4) WHERE $1::uuid IS NOT NULL"

	staleNonces = `SELECT t.tenant_id FROM tenants t WHERE EXISTS (SELECT FROM callback_nonces n WHERE n.tenant_id = t.tenant_id AND n.seen_at < $1) LIMIT $2`
	pruneNonces = `DELETE FROM callback_nonces WHERE tenant_id = $1 AND ctid IN (SELECT ctid FROM callback_nonces
		WHERE tenant_id = $1 AND seen_at < $2 ORDER BY seen_at LIMIT $3)`

	// A channel that heard of an alert must hear of its end: notices of open ones stay.
	noticeTenants = "SELECT DISTINCT tenant_id FROM alert_notices LIMIT $1"
	pruneNotices  = `DELETE FROM alert_notices WHERE tenant_id = $1 AND ctid IN (SELECT n.ctid FROM alert_notices n
		JOIN alerts a ON a.tenant_id = n.tenant_id AND a.id = n.alert_id
		WHERE n.tenant_id = $1 AND n.created_at < $2 AND a.resolved_at < $2 AND (n.told_at IS NOT NULL OR n.gave_up_at IS NOT NULL)
		LIMIT $3 FOR UPDATE OF n SKIP LOCKED)`
)

// firstID is before every id of its time and after: ids are ordered by time, to the millisecond.
func firstID(at time.Time) (id core.ID) {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(max(0, at.UnixMilli())))
	copy(id[:6], ms[2:])
	return id
}

// EmptyEvidence implements core.Pruner.
func (db *DB) EmptyEvidence(ctx context.Context, before time.Time, limit int) (core.Pruned, error) {
	return db.walk(ctx, "evidence", emptyEvidence, before, limit)
}

// PruneAttempts implements core.Pruner.
func (db *DB) PruneAttempts(ctx context.Context, before time.Time, limit int) (core.Pruned, error) {
	return db.walk(ctx, "attempts", pruneAttempts, before, limit)
}

// walk looks through the next limit records of calls of each merchant that has old ones.
func (db *DB) walk(ctx context.Context, what, statement string, before time.Time, limit int) (core.Pruned, error) {
	now := db.now()
	anew := stamp{now.Add(-walkAnew)}
	return db.eachPruned(ctx, func(s *session, tenants *[]core.ID) error {
		return s.list(ctx, tenants, walkTenants, what, firstID(before).String(), anew, limit)
	}, func(s *session, tenant core.ID) (core.Pruned, error) {
		if _, err := s.change(ctx, walkBegin, tenant, what, stamp{now}); err != nil {
			return core.Pruned{}, err
		}
		var marks []struct {
			Mark core.ID `db:"mark"`
			Anew bool    `db:"anew"`
		}
		if err := s.list(ctx, &marks, walkLock, tenant, what, anew); err != nil || len(marks) == 0 {
			return core.Pruned{}, err
		}
		var step struct {
			Removed int     `db:"removed"`
			Looked  int     `db:"looked"`
			Last    core.ID `db:"last"`
		}
		s.wrote = true
		if err := s.get(ctx, &step, nil, statement, tenant, marks[0].Mark.String(), firstID(before).String(), limit); err != nil {
			return core.Pruned{}, err
		}
		if step.Looked == 0 {
			return core.Pruned{}, nil
		}
		var began stamp
		if marks[0].Anew {
			began.Time = now
		}
		_, err := s.change(ctx, walkOn, tenant, what, step.Last, began)
		return core.Pruned{Rows: step.Removed, More: step.Looked == limit}, err
	})
}

// PruneNonces implements core.Pruner.
func (db *DB) PruneNonces(ctx context.Context, before time.Time, limit int) (core.Pruned, error) {
	return db.eachPruned(ctx, func(s *session, tenants *[]core.ID) error {
		return s.list(ctx, tenants, staleNonces, stamp{before}, limit)
	}, remove(ctx, pruneNonces, before, limit))
}

// PruneNotices implements core.Pruner.
func (db *DB) PruneNotices(ctx context.Context, before time.Time, limit int) (core.Pruned, error) {
	return db.eachPruned(ctx, func(s *session, tenants *[]core.ID) error {
		return s.list(ctx, tenants, noticeTenants, limit)
	}, remove(ctx, pruneNotices, before, limit))
}

// remove runs a statement of a merchant, a time and a limit.
func remove(ctx context.Context, statement string, before time.Time, limit int) func(s *session, tenant core.ID) (core.Pruned, error) {
	return func(s *session, tenant core.ID) (core.Pruned, error) {
		n, err := s.change(ctx, statement, uid(tenant), stamp{before}, limit)
		return core.Pruned{Rows: int(n), More: int(n) >= limit}, err
	}
}

// eachPruned finds the merchants as the platform and takes one step for each, in a short
// transaction of its own that nobody waits for: a step lost in a crash is taken again.
func (db *DB) eachPruned(ctx context.Context, find func(s *session, tenants *[]core.ID) error,
	step func(s *session, tenant core.ID) (core.Pruned, error),
) (sum core.Pruned, err error) {
	var tenants []core.ID
	if err := db.run(ctx, db.platform, core.ID{}, func(s *session) error { return find(s, &tenants) }); err != nil {
		return sum, err
	}
	for _, tenant := range tenants {
		err := db.run(ctx, db.app, tenant, func(s *session) error {
			s.wrote = true
			if _, err := s.ExecContext(ctx, "SET LOCAL synchronous_commit = off"); err != nil {
				return err
			}
			done, err := step(s, tenant)
			sum.Rows, sum.More = sum.Rows+done.Rows, sum.More || done.More
			return err
		})
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}
