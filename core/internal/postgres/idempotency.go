package postgres

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	beginIdempotent = `INSERT INTO idempotency_keys (tenant_id, caller, operation, key, body_hash, object_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`
	readIdempotent = `SELECT body_hash, object_id, coalesce(status, 0) AS status FROM idempotency_keys
		WHERE tenant_id = $1 AND caller = $2 AND operation = $3 AND key = $4`
)

var replyTable = &table{"idempotency_keys", []string{"tenant_id", "caller", "operation", "key", "status", "object_id"}}

// keyRoom takes the idempotency keys of one tenant, or with the zero tenant those of the platform.
type keyRoom struct {
	session *session
	tenant  core.ID
}

// BeginIdempotent implements core.IdempotencyTx. A request with the same key that has not
// committed yet is waited for, up to the lock time-out: CodeIdempotencyInFlight. A key that
// was committed with its object answers at once, with status 0 until SaveReply: the object
// itself says how far the first request has come, also when its host has died.
func (r keyRoom) BeginIdempotent(ctx context.Context, k core.IdempotencyKey, now time.Time) (*core.SavedReply, error) {
	inFlight := core.Errorf(core.CodeIdempotencyInFlight, "The first request with this idempotency key is still running. Ask again in a moment.")
	r.session.wrote = true
	result, err := r.session.ExecContext(ctx, beginIdempotent, uid(r.tenant), k.Caller, k.Operation, k.Key, k.BodyHash, k.ObjectID, stamp{now})
	if refused, ok := errors.AsType[*pq.Error](err); ok && string(refused.Code) == stateLockNotAvailable {
		return nil, inFlight
	}
	if err != nil {
		return nil, translate(ctx, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return nil, translate(ctx, err)
	}
	// The statement after the conflict has a snapshot of its own and sees the winner's row.
	var saved struct {
		BodyHash []byte  `db:"body_hash"`
		ObjectID core.ID `db:"object_id"`
		Status   int     `db:"status"`
	}
	if err := r.session.get(ctx, &saved, inFlight, readIdempotent, uid(r.tenant), k.Caller, k.Operation, k.Key); err != nil {
		return nil, err
	}
	switch {
	case !bytes.Equal(saved.BodyHash, k.BodyHash):
		return nil, core.Errorf(core.CodeIdempotencyMismatch, "This idempotency key was used with another body. Use a new key for a new request.").At("Idempotency-Key")
	case saved.Status == 0 && saved.ObjectID.IsZero():
		return nil, inFlight
	}
	return &core.SavedReply{Status: saved.Status, ObjectID: saved.ObjectID}, nil
}

// SaveReply implements core.TenantTx. It is buffered: see the package comment.
func (t *tenantTx) SaveReply(_ context.Context, k core.IdempotencyKey, reply core.SavedReply) error {
	t.s.buffer.updates = append(t.s.buffer.updates, update{on: replyTable, keys: 4, values: []any{
		t.tenant, k.Caller, k.Operation, k.Key, reply.Status, reply.ObjectID,
	}})
	return nil
}
