package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

// sealerLock is the advisory lock of the one sealer at a time.
const sealerLock = 0x7a686761

// errSealedElsewhere ends a seal that another node was faster with.
var errSealedElsewhere = errors.New("another node seals")

// AuditHead is the end of one chain: keep it outside the database, and a later cut of the
// chain, heads and all, shows.
type AuditHead struct {
	TenantID core.ID   `db:"tenant_id"`
	Rows     int64     `db:"rows"`
	Hash     []byte    `db:"hash"`
	SealedAt time.Time `db:"sealed_at"`
}

const unchainedRows = `SELECT a.tenant_id, a.id, a.actor, a.action, a.object, a.before, a.after, a.ip, a.request_id, a.created_at
	FROM audit_unchained u JOIN audit_log a ON a.tenant_id = u.tenant_id AND a.id = u.audit_id
	ORDER BY a.tenant_id, a.seq LIMIT $1`

// SealAudit implements core.Database. The rows get their place in the chain here, in the order
// they are found: one whose transaction began early and committed late comes after those
// that were chained before. The rows are read as platform; the chain holds hashes only and is
// written for all tenants in one statement. A second sealer does nothing.
func (db *DB) SealAudit(ctx context.Context, now time.Time, limit int) (int, error) {
	if limit < 1 {
		limit = 1000
	}
	var links []link
	err := db.run(ctx, db.app, core.ID{}, func(s *session) error {
		var mine bool
		if err := s.QueryRowxContext(ctx, "SELECT pg_try_advisory_xact_lock($1)", sealerLock).Scan(&mine); err != nil {
			return err
		}
		if !mine {
			return nil
		}
		// Read after the lock was taken, so that what the last sealer did is seen.
		var err error
		if links, err = db.nextLinks(ctx, limit); err != nil || len(links) == 0 {
			return err
		}
		return s.append(ctx, links, now)
	})
	if errors.Is(err, errSealedElsewhere) || core.CodeOf(err) == core.CodeConflict {
		return 0, nil
	}
	return len(links), err
}

// link is one entry of a chain.
type link struct {
	tenant core.ID
	index  int64
	entry  core.ID
	hash   []byte
	last   bool // of its tenant in this batch
	before int64
}

func (db *DB) nextLinks(ctx context.Context, limit int) ([]link, error) {
	var rows []auditRow
	heads := map[core.ID]AuditHead{}
	err := db.run(ctx, db.platform, core.ID{}, func(s *session) error {
		if err := s.list(ctx, &rows, unchainedRows, limit); err != nil {
			return err
		}
		tenants := convert(rows, func(r *auditRow) core.ID { return r.TenantID })
		var list []AuditHead
		if err := s.list(ctx, &list, "SELECT tenant_id, rows, hash, sealed_at FROM audit_heads WHERE tenant_id = ANY ($1::uuid[])", uids(tenants)); err != nil {
			return err
		}
		for _, h := range list {
			heads[h.TenantID] = h
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	links := make([]link, 0, len(rows))
	start := map[core.ID]int64{}
	for i := range rows {
		r := &rows[i]
		head := heads[r.TenantID]
		if _, ok := start[r.TenantID]; !ok {
			start[r.TenantID] = head.Rows
		}
		head.Rows++
		head.Hash = chainHash(head.Hash, head.Rows, r)
		heads[r.TenantID] = head
		last := i == len(rows)-1 || rows[i+1].TenantID != r.TenantID
		links = append(links, link{r.TenantID, head.Rows, r.ID, head.Hash, last, start[r.TenantID]})
	}
	return links, nil
}

const (
	appendLinks = `WITH taken AS (
			DELETE FROM audit_unchained u USING unnest($1::uuid[], $3::uuid[]) AS n (tenant_id, audit_id)
			WHERE u.tenant_id = n.tenant_id AND u.audit_id = n.audit_id RETURNING 1)
		, linked AS (INSERT INTO audit_chain (tenant_id, chain_index, audit_id, hash)
			SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bytea[]) RETURNING 1)
		SELECT (SELECT count(*) FROM taken), (SELECT count(*) FROM linked)`
	moveHeads = `INSERT INTO audit_heads AS h (tenant_id, rows, hash, sealed_at)
		SELECT n.tenant_id, n.rows, n.hash, $5::timestamptz FROM unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::bigint[]) AS n (tenant_id, rows, hash, before)
		ON CONFLICT (tenant_id) DO UPDATE SET rows = EXCLUDED.rows, hash = EXCLUDED.hash, sealed_at = EXCLUDED.sealed_at
		WHERE h.rows = EXCLUDED.rows - (SELECT n.rows - n.before FROM unnest($1::uuid[], $2::bigint[], $4::bigint[]) AS n (tenant_id, rows, before)
			WHERE n.tenant_id = EXCLUDED.tenant_id)`
)

// append writes the links and moves the heads; every count must be what was computed from.
func (s *session) append(ctx context.Context, links []link, now time.Time) error {
	s.wrote = true
	var (
		headTenants      []core.ID
		headRows, before pq.Int64Array
		headHashes       pq.ByteaArray
		tenants, entries = make([]core.ID, 0, len(links)), make([]core.ID, 0, len(links))
		indexes, hashes  = make(pq.Int64Array, 0, len(links)), make(pq.ByteaArray, 0, len(links))
	)
	for _, l := range links {
		tenants, entries = append(tenants, l.tenant), append(entries, l.entry)
		indexes, hashes = append(indexes, l.index), append(hashes, l.hash)
		if l.last {
			headTenants, headRows = append(headTenants, l.tenant), append(headRows, l.index)
			headHashes, before = append(headHashes, l.hash), append(before, l.before)
		}
	}
	var taken, linked int
	if err := s.QueryRowxContext(ctx, appendLinks, uids(tenants), indexes, uids(entries), hashes).Scan(&taken, &linked); err != nil {
		return translate(ctx, err)
	}
	moved, err := s.change(ctx, moveHeads, uids(headTenants), headRows, headHashes, before, stamp{now})
	if err != nil {
		return err
	}
	if taken != len(links) || linked != len(links) || moved != int64(len(headTenants)) {
		return errSealedElsewhere
	}
	return nil
}

// chainHash is SHA-256 over the previous hash, the index and every field of the entry, each
// with its length before it, so that text cannot move from one field to the next.
func chainHash(previous []byte, index int64, r *auditRow) []byte {
	h := sha256.New()
	var n [8]byte
	put := func(b []byte) {
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	put([]byte("zhanggui audit 1"))
	put(previous)
	binary.BigEndian.PutUint64(n[:], uint64(index)) //nolint:gosec // counts from one
	h.Write(n[:])
	put(r.TenantID[:])
	put(r.ID[:])
	for _, field := range []string{r.Actor, r.Action, r.Object, r.IP, r.RequestID} {
		put([]byte(field))
	}
	put(r.Before)
	put(r.After)
	put([]byte(r.CreatedAt.UTC().Format("2006-01-02T15:04:05.000000Z")))
	return h.Sum(nil)
}

// AuditHeads lists the ends of all chains, the platform's (zero tenant) among them.
func (db *DB) AuditHeads(ctx context.Context) ([]AuditHead, error) {
	var heads []AuditHead
	err := db.run(ctx, db.platform, core.ID{}, func(s *session) error {
		return s.list(ctx, &heads, "SELECT tenant_id, rows, hash, sealed_at FROM audit_heads ORDER BY tenant_id")
	})
	return heads, err
}

const chainRows = `SELECT c.chain_index, c.hash, c.audit_id AS id, a.tenant_id, coalesce(a.actor, '') AS actor, coalesce(a.action, '') AS action,
	coalesce(a.object, '') AS object, a.before, a.after, coalesce(a.ip, '') AS ip, coalesce(a.request_id, '') AS request_id, a.created_at
	FROM audit_chain c LEFT JOIN audit_log a ON a.tenant_id = c.tenant_id AND a.id = c.audit_id
	WHERE c.tenant_id = $1 AND c.chain_index > $2 ORDER BY c.chain_index LIMIT 1000`

// VerifyAudit implements core.Database. What was written and is not sealed yet is no break.
func (db *DB) VerifyAudit(ctx context.Context, tenant core.ID) (core.AuditVerdict, error) {
	return db.VerifyAuditSince(ctx, AuditHead{TenantID: tenant})
}

// VerifyAuditSince is VerifyAudit that also wants to meet a head kept outside on its way.
func (db *DB) VerifyAuditSince(ctx context.Context, known AuditHead) (core.AuditVerdict, error) {
	var verdict core.AuditVerdict
	// One snapshot for chain, log and head: the sealer may be at work.
	err := db.run(ctx, db.platform, core.ID{}, func(s *session) error {
		if _, err := s.ExecContext(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"); err != nil {
			return err
		}
		w := &walk{verdict: &verdict, known: known}
		for w.more = true; w.more && verdict.Reason == ""; {
			if err := s.walkChain(ctx, known.TenantID, w); err != nil {
				return err
			}
		}
		if verdict.Reason != "" {
			return nil
		}
		return s.checkEnds(ctx, known, &verdict)
	})
	return verdict, err
}

// walk is where a verification has come to.
type walk struct {
	verdict *core.AuditVerdict
	known   AuditHead
	more    bool
}

func (s *session) walkChain(ctx context.Context, tenant core.ID, w *walk) error {
	var rows []auditRow
	if err := s.list(ctx, &rows, chainRows, uid(tenant), w.verdict.Rows); err != nil {
		return err
	}
	w.more = len(rows) > 0
	for i := range rows {
		if reason := w.step(&rows[i]); reason != "" {
			w.verdict.BrokenAt, w.verdict.Reason = rows[i].ID, reason
			return nil
		}
	}
	return nil
}

// step checks one link and says what is wrong with it.
func (w *walk) step(r *auditRow) string {
	v := w.verdict
	switch {
	case *r.ChainIndex != v.Rows+1:
		return fmt.Sprintf("Link %d of the chain is missing.", v.Rows+1)
	case r.CreatedAt.IsZero():
		return fmt.Sprintf("The audit row of link %d was removed.", *r.ChainIndex)
	case !bytes.Equal(chainHash(v.Head, *r.ChainIndex, r), r.Hash):
		return fmt.Sprintf("The audit row of link %d is not the one that was sealed: it was changed or moved.", *r.ChainIndex)
	}
	v.Rows, v.Head = *r.ChainIndex, r.Hash
	if v.Rows == w.known.Rows && !bytes.Equal(v.Head, w.known.Hash) {
		return fmt.Sprintf("Link %d differs from the head that was kept.", v.Rows)
	}
	return ""
}

const strayRow = `SELECT a.id FROM audit_log a WHERE a.tenant_id = $1
	AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.tenant_id = a.tenant_id AND c.audit_id = a.id)
	AND NOT EXISTS (SELECT FROM audit_unchained u WHERE u.tenant_id = a.tenant_id AND u.audit_id = a.id) LIMIT 1`

// checkEnds compares the walk with the published head and looks for rows outside the chain.
func (s *session) checkEnds(ctx context.Context, known AuditHead, v *core.AuditVerdict) error {
	var heads []AuditHead
	if err := s.list(ctx, &heads, "SELECT tenant_id, rows, hash, sealed_at FROM audit_heads WHERE tenant_id = $1", uid(known.TenantID)); err != nil {
		return err
	}
	var head AuditHead
	if len(heads) == 1 {
		head = heads[0]
	}
	switch {
	case head.Rows != v.Rows || !bytes.Equal(head.Hash, v.Head):
		v.Reason = fmt.Sprintf("The chain ends at link %d, its head says %d: the end was cut off or added to.", v.Rows, head.Rows)
		return nil
	case known.Rows > v.Rows:
		v.Reason = fmt.Sprintf("The chain ends at link %d, the head that was kept says %d: the end was cut off.", v.Rows, known.Rows)
		return nil
	}
	var stray []core.ID
	if err := s.list(ctx, &stray, strayRow, uid(known.TenantID)); err != nil {
		return err
	}
	if len(stray) > 0 {
		v.BrokenAt, v.Reason = stray[0], "An audit row stands outside the chain: it was put there past this program."
	}
	return nil
}
