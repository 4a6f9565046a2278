package postgres

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	sessionSelect = "SELECT id, user_id, hash, csrf_hash, created_at, seen_at, expires_at, step_up_at, ip, user_agent FROM sessions"
	linkTake      = "DELETE FROM one_time_links WHERE hash = $1 AND expires_at > $2 RETURNING hash, purpose, user_id, expires_at"
)

var (
	sessionInsert = (&table{"sessions", []string{
		"id", "user_id", "hash", "csrf_hash", "created_at", "seen_at", "expires_at", "step_up_at", "ip", "user_agent",
	}}).insertText()
	linkInsert = (&table{"one_time_links", []string{"hash", "purpose", "user_id", "expires_at"}}).insertText()
)

type sessionRow struct {
	ID        core.ID `db:"id"`
	UserID    core.ID `db:"user_id"`
	Hash      []byte  `db:"hash"`
	CSRFHash  []byte  `db:"csrf_hash"`
	CreatedAt stamp   `db:"created_at"`
	SeenAt    stamp   `db:"seen_at"`
	ExpiresAt stamp   `db:"expires_at"`
	StepUpAt  stamp   `db:"step_up_at"`
	IP        string  `db:"ip"`
	UserAgent string  `db:"user_agent"`
}

func (r *sessionRow) session() core.Session {
	return core.Session{
		ID: r.ID, UserID: r.UserID, Hash: r.Hash, CSRFHash: r.CSRFHash, CreatedAt: r.CreatedAt.Time, SeenAt: r.SeenAt.Time,
		ExpiresAt: r.ExpiresAt.Time, StepUpAt: r.StepUpAt.Time, IP: r.IP, UserAgent: r.UserAgent,
	}
}

// InsertSession implements core.DirectoryTx.
func (d *directoryTx) InsertSession(ctx context.Context, s core.Session) error {
	_, err := d.s.change(ctx, sessionInsert, s.ID, s.UserID, s.Hash, s.CSRFHash, stamp{s.CreatedAt}, stamp{s.SeenAt}, stamp{s.ExpiresAt},
		stamp{s.StepUpAt}, clean(s.IP), clean(s.UserAgent))
	return err
}

// SessionByHash implements core.DirectoryTx. Errors: CodeUnauthenticated for none and for one that has expired.
func (d *directoryTx) SessionByHash(ctx context.Context, hash []byte, now time.Time) (core.Session, error) {
	var row sessionRow
	err := d.s.get(ctx, &row, core.Errorf(core.CodeUnauthenticated, "The session has ended. Sign in again."),
		sessionSelect+" WHERE hash = $1 AND expires_at > $2", hash, stamp{now})
	if err != nil {
		return core.Session{}, err
	}
	return row.session(), nil
}

// TouchSession implements core.DirectoryTx. A session that has ended meanwhile is no error.
func (d *directoryTx) TouchSession(ctx context.Context, id core.ID, now time.Time) error {
	_, err := d.s.change(ctx, "UPDATE sessions SET seen_at = $2 WHERE id = $1", id, stamp{now})
	return err
}

// StepUpSession implements core.DirectoryTx.
func (d *directoryTx) StepUpSession(ctx context.Context, id core.ID, now time.Time) error {
	return d.s.mustChange(ctx, core.NotFound("session"), "UPDATE sessions SET step_up_at = $2 WHERE id = $1", id, stamp{now})
}

// DeleteSession implements core.DirectoryTx. Errors: CodeNotFound when there is none.
func (d *directoryTx) DeleteSession(ctx context.Context, id core.ID) error {
	return d.s.mustChange(ctx, core.NotFound("session"), "DELETE FROM sessions WHERE id = $1", id)
}

// DeleteSessionsOf implements core.DirectoryTx.
func (d *directoryTx) DeleteSessionsOf(ctx context.Context, user core.ID) error {
	_, err := d.s.change(ctx, "DELETE FROM sessions WHERE user_id = $1", user)
	return err
}

// Sessions implements core.DirectoryTx, newest first, expired ones included until they are swept.
func (d *directoryTx) Sessions(ctx context.Context, user core.ID) ([]core.Session, error) {
	var rows []sessionRow
	if err := d.s.list(ctx, &rows, sessionSelect+" WHERE user_id = $1 ORDER BY created_at DESC, id DESC", user); err != nil {
		return nil, err
	}
	return convert(rows, (*sessionRow).session), nil
}

// InsertLink implements core.DirectoryTx.
func (d *directoryTx) InsertLink(ctx context.Context, l core.OneTimeLink) error {
	_, err := d.s.change(ctx, linkInsert, l.Hash, l.Purpose, l.UserID, stamp{l.ExpiresAt})
	return err
}

// TakeLink implements core.DirectoryTx. Errors: CodeNotFound for a link that is unknown, was
// used or has expired.
func (d *directoryTx) TakeLink(ctx context.Context, hash []byte, now time.Time) (core.OneTimeLink, error) {
	var row struct {
		Hash      []byte  `db:"hash"`
		Purpose   string  `db:"purpose"`
		UserID    core.ID `db:"user_id"`
		ExpiresAt stamp   `db:"expires_at"`
	}
	d.s.wrote = true
	gone := core.Errorf(core.CodeNotFound, "This link was used before or has expired. Ask for a new one.")
	if err := d.s.get(ctx, &row, gone, linkTake, hash, stamp{now}); err != nil {
		return core.OneTimeLink{}, err
	}
	return core.OneTimeLink{Hash: row.Hash, Purpose: row.Purpose, UserID: row.UserID, ExpiresAt: row.ExpiresAt.Time}, nil
}

// DeleteLinks implements core.DirectoryTx.
func (d *directoryTx) DeleteLinks(ctx context.Context, user core.ID, purpose string) error {
	_, err := d.s.change(ctx, "DELETE FROM one_time_links WHERE user_id = $1 AND purpose = $2", user, purpose)
	return err
}

// CountLinks implements core.DirectoryTx.
func (d *directoryTx) CountLinks(ctx context.Context, user core.ID, purpose string, now time.Time) (int, error) {
	var n int
	err := d.s.get(ctx, &n, noUser(), "SELECT count(*) FROM one_time_links WHERE user_id = $1 AND purpose = $2 AND expires_at > $3", user, purpose, stamp{now})
	return n, err
}
