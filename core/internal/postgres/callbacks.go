package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

var callbackTable = &table{"callbacks", []string{
	"tenant_id", "id", "account_id", "kind", "ip", "sealed", "body_hash", "received_at",
	"verified", "effect", "reason", "object_id", "object_kind", "provided_code", "provided_message", "answer_status", "plugin", "finished_at",
}}

const callbackFixed = 8

var (
	callbackInsertRow = callbackTable.insertText()
	callbackSelect    = "SELECT " + strings.Join(callbackTable.columns, ", ") + " FROM callbacks"
	callbackFinish    = `UPDATE callbacks SET verified = $3, effect = $4, reason = $5, object_id = $6, object_kind = $7, provided_code = $8, provided_message = $9,
		answer_status = $10, plugin = $11, finished_at = $12 WHERE tenant_id = $1 AND id = $2`
)

func callbackValues(c core.Callback) []any {
	return []any{
		c.TenantID, c.ID, c.AccountID, c.Kind, clean(c.IP), c.Sealed, c.BodyHash,
		stamp{c.ReceivedAt},
		c.Verified, string(c.Effect), clean(c.Reason), c.ObjectID, c.ObjectKind, clean(c.Provided.Code), clean(c.Provided.Message), c.Answer, c.Plugin,
		stamp{c.FinishedAt},
	}
}

type callbackRow struct {
	TenantID        core.ID `db:"tenant_id"`
	ID              core.ID `db:"id"`
	AccountID       core.ID `db:"account_id"`
	Kind            string  `db:"kind"`
	IP              string  `db:"ip"`
	Sealed          []byte  `db:"sealed"`
	BodyHash        []byte  `db:"body_hash"`
	ReceivedAt      stamp   `db:"received_at"`
	Verified        bool    `db:"verified"`
	Effect          string  `db:"effect"`
	Reason          string  `db:"reason"`
	ObjectID        core.ID `db:"object_id"`
	ObjectKind      string  `db:"object_kind"`
	ProvidedCode    string  `db:"provided_code"`
	ProvidedMessage string  `db:"provided_message"`
	Answer          int     `db:"answer_status"`
	Plugin          string  `db:"plugin"`
	FinishedAt      stamp   `db:"finished_at"`
}

func (r *callbackRow) callback() core.Callback {
	return core.Callback{
		TenantID: r.TenantID, ID: r.ID, AccountID: r.AccountID, Kind: r.Kind, IP: r.IP, Sealed: r.Sealed, BodyHash: r.BodyHash,
		ReceivedAt: r.ReceivedAt.Time, Verified: r.Verified, Effect: core.CallbackEffect(r.Effect), Reason: r.Reason, ObjectID: r.ObjectID, ObjectKind: r.ObjectKind,
		Provided: core.ProviderText{Code: r.ProvidedCode, Message: r.ProvidedMessage}, Answer: r.Answer, Plugin: r.Plugin, FinishedAt: r.FinishedAt.Time,
	}
}

// InsertCallback implements core.TenantTx.
func (t *tenantTx) InsertCallback(ctx context.Context, c core.Callback) error {
	if c.TenantID != t.tenant {
		return wrongTenant("callback")
	}
	_, err := t.s.change(ctx, callbackInsertRow, callbackValues(c)...)
	return err
}

// FinishCallback implements core.TenantTx.
func (t *tenantTx) FinishCallback(ctx context.Context, c core.Callback) error {
	args := append([]any{t.tenant, c.ID}, callbackValues(c)[callbackFixed:]...)
	return t.s.mustChange(ctx, core.NotFound("callback"), callbackFinish, args...)
}

// Callback implements core.TenantReader.
func (t *tenantTx) Callback(ctx context.Context, id core.ID) (core.Callback, error) {
	var row callbackRow
	if err := t.s.get(ctx, &row, core.NotFound("callback"), callbackSelect+" WHERE tenant_id = $1 AND id = $2", t.tenant, id); err != nil {
		return core.Callback{}, err
	}
	return row.callback(), nil
}

// UnverifiedCallbacks implements core.TenantReader.
func (t *tenantTx) UnverifiedCallbacks(ctx context.Context, account core.ID, since time.Time) (n int, err error) {
	err = t.s.get(ctx, &n, nil, "SELECT count(*) FROM callbacks WHERE tenant_id = $1 AND account_id = $2 AND received_at >= $3 AND NOT verified",
		t.tenant, account, stamp{since})
	return n, err
}

// TakeNonce implements core.TenantTx. The row is inserted first: two at the same time cannot both be first.
func (t *tenantTx) TakeNonce(ctx context.Context, account core.ID, nonce string, callback core.ID, now time.Time) (holder core.ID, err error) {
	n, err := t.s.change(ctx, `INSERT INTO callback_nonces (tenant_id, account_id, nonce, callback_id, seen_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT DO NOTHING`, t.tenant, account, clean(nonce), callback, stamp{now})
	if err != nil || n == 1 {
		return callback, err
	}
	err = t.s.get(ctx, &holder, core.NotFound("nonce"), "SELECT callback_id FROM callback_nonces WHERE tenant_id = $1 AND account_id = $2 AND nonce = $3",
		t.tenant, account, clean(nonce))
	return holder, err
}

func (s *session) callbacks(ctx context.Context, c conditions, f core.CallbackFilter) ([]core.Callback, error) {
	c.id("x.account_id", f.AccountID)
	c.id("x.object_id", f.ObjectID)
	c.oneOf("x.effect", texts(f.Effects))
	c.between("x.received_at", f.From, f.To)
	query := c.page
	if f.Oldest {
		query = c.pageOldest
	}
	text := query(callbackSelect+" x", f.Page, "x.received_at", "x.id")
	var rows []callbackRow
	if err := s.list(ctx, &rows, text, c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*callbackRow).callback), nil
}

// Callbacks implements core.TenantReader.
func (t *tenantTx) Callbacks(ctx context.Context, f core.CallbackFilter) ([]core.Callback, error) {
	return t.s.callbacks(ctx, t.own("x.tenant_id"), f)
}

// Callbacks implements core.PlatformTx.
func (p *platformTx) Callbacks(ctx context.Context, f core.CallbackFilter) ([]core.Callback, error) {
	return p.s.callbacks(ctx, ofTenant("x.tenant_id", f.TenantID), f)
}

// staleCallbacks lists the tenants that have callbacks from before a time.
const staleCallbacks = "SELECT DISTINCT tenant_id FROM callbacks WHERE verified = $3 AND received_at < $1 LIMIT $2"

// The rows that go, the oldest first. What an open case is about is evidence and stays.
const (
	pruneUnverified = `DELETE FROM callbacks WHERE tenant_id = $1 AND id IN (SELECT id FROM callbacks
		WHERE tenant_id = $1 AND NOT verified AND received_at < $2 ORDER BY received_at LIMIT $3)`
	pruneVerified = `DELETE FROM callbacks WHERE tenant_id = $1 AND id IN (SELECT id FROM callbacks b
		WHERE tenant_id = $1 AND verified AND received_at < $2 AND NOT EXISTS (
			SELECT FROM cases c WHERE c.tenant_id = $1 AND c.closed_at IS NULL AND c.object_id IN (b.object_id, b.account_id))
		ORDER BY received_at LIMIT $3)`
)

// PruneCallbacks implements core.Pruner.
func (db *DB) PruneCallbacks(ctx context.Context, before time.Time, limit int) (core.Pruned, error) {
	return db.pruneCallbacks(ctx, false, pruneUnverified, before, limit)
}

// PruneVerifiedCallbacks implements core.Pruner.
func (db *DB) PruneVerifiedCallbacks(ctx context.Context, before time.Time, limit int) (core.Pruned, error) {
	return db.pruneCallbacks(ctx, true, pruneVerified, before, limit)
}

func (db *DB) pruneCallbacks(ctx context.Context, verified bool, statement string, before time.Time, limit int) (core.Pruned, error) {
	return db.eachPruned(ctx, func(s *session, tenants *[]core.ID) error {
		return s.list(ctx, tenants, staleCallbacks, stamp{before}, limit, verified)
	}, remove(ctx, statement, before, limit))
}
