package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

// session is one transaction with its buffer of writes nobody waits for.
type session struct {
	*sqlx.Tx

	buffer  buffer
	wrote   bool
	tenant  core.ID
	changed []core.Change // told to live views after the commit
}

type tenantTx struct {
	alertRoom
	fileRoom
	exportRoom
	keyRoom
	pageRoom

	now    core.Clock
	s      *session
	tenant core.ID
}

type platformTx struct {
	pageRoom

	s *session
}

type directoryTx struct {
	alertRoom
	fileRoom
	exportRoom
	keyRoom

	s   *session
	now core.Clock
}

// InTenant implements core.Database.
func (db *DB) InTenant(ctx context.Context, tenant core.ID, fn func(tx core.TenantTx) error) error {
	if tenant.IsZero() {
		return core.Errorf(core.CodeTenantRequired, "Name the merchant.")
	}
	return db.run(ctx, db.app, tenant, func(s *session) error {
		return fn(&tenantTx{
			alertRoom: alertRoom{s, tenant}, fileRoom: fileRoom{s, tenant}, exportRoom: exportRoom{s, tenant}, keyRoom: keyRoom{s, tenant},
			pageRoom: pageRoom{s, tenant}, s: s, tenant: tenant, now: db.now,
		})
	})
}

// AcrossTenants implements core.Database.
func (db *DB) AcrossTenants(ctx context.Context, fn func(tx core.PlatformTx) error) error {
	return db.run(ctx, db.platform, core.ID{}, func(s *session) error { return fn(&platformTx{pageRoom: pageRoom{session: s}, s: s}) })
}

// InDirectory implements core.Database. The transaction's tenant is the zero one, which owns
// what is the platform's own (audit rows, alerts, files) and nothing else.
func (db *DB) InDirectory(ctx context.Context, fn func(tx core.DirectoryTx) error) error {
	return db.run(ctx, db.app, core.ID{}, func(s *session) error {
		return fn(&directoryTx{
			alertRoom: alertRoom{session: s}, fileRoom: fileRoom{session: s}, exportRoom: exportRoom{session: s}, keyRoom: keyRoom{session: s}, s: s, now: db.now,
		})
	})
}

// run begins, calls fn, flushes and commits. It does not repeat fn.
func (db *DB) run(ctx context.Context, pool *sqlx.DB, tenant core.ID, fn func(s *session) error) error {
	tx, end, err := db.begin(ctx, pool, tenant)
	if err != nil {
		return err
	}
	defer end()
	s := &session{Tx: tx, tenant: tenant}
	finished := false
	defer func() {
		if !finished {
			_ = tx.Rollback()
		}
	}()
	if err := fn(s); err != nil {
		return translate(ctx, err)
	}
	if err := s.flush(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	finished = true
	if err := commitError(tx.Commit(), s.wrote); err != nil {
		return err
	}
	db.live.tell(s.changed)
	return nil
}

// begin finds a living connection. A pooled one may be dead since the server restarted; BEGIN
// did nothing then and is repeated on another. The transaction itself is not tied to ctx, so
// that a caller who leaves cannot cut a COMMIT in half. end gives the connection back.
func (db *DB) begin(ctx context.Context, pool *sqlx.DB, tenant core.ID) (tx *sqlx.Tx, end func(), err error) {
	var last error
	for range db.attempts {
		c, err := pool.Connx(ctx)
		if err != nil {
			return nil, nil, beginError(ctx, err)
		}
		unguard := guard(ctx, c)
		tx, err := c.BeginTxx(context.WithValue(context.WithoutCancel(ctx), tenantKey{}, tenant), nil)
		if err == nil {
			return tx, func() { unguard(); _ = c.Close() }, nil
		}
		unguard()
		_ = c.Close()
		last = err
		refused, fromServer := errors.AsType[*pq.Error](err)
		if fromServer && !isServerGone(refused) || !fromServer && !isConnectionError(err) {
			break
		}
	}
	return nil, nil, beginError(ctx, last)
}

// guard closes the socket when ctx has ended and the server does not react to the driver's
// cancellation either: the driver itself would wait for ever for a server that hangs.
func guard(ctx context.Context, c *sqlx.Conn) (release func()) {
	var socket net.Conn
	_ = c.Raw(func(driverConn any) error {
		if ours, ok := unwrapped(driverConn).(*conn); ok {
			socket = ours.socket
		}
		return nil
	})
	if socket == nil {
		return func() {}
	}
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(cancelTimeout)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
			_ = socket.Close()
		}
	})
	return func() { stop(); close(done) }
}

func beginError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("postgres: wait for a connection: %w", ctx.Err())
	}
	if _, ok := errors.AsType[*pq.Error](err); ok {
		return openingError(err)
	}
	if isConnectionError(err) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return unavailable(err)
	}
	return fmt.Errorf("postgres: begin: %w", err)
}

// change runs a statement that must be answered at once and gives the rows it touched.
func (s *session) change(ctx context.Context, statement string, args ...any) (int64, error) {
	s.wrote = true
	s.noteStatement(statement)
	result, err := s.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, translate(ctx, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("postgres: %w", err)
	}
	return n, nil
}

// mustChange is change for exactly one row; missing is the error for none.
func (s *session) mustChange(ctx context.Context, missing error, statement string, args ...any) error {
	n, err := s.change(ctx, statement, args...)
	if err != nil {
		return err
	}
	if n == 0 {
		return missing
	}
	return nil
}

// get reads one row; missing is the error for none.
func (s *session) get(ctx context.Context, into any, missing error, query string, args ...any) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	s.noteStatement(query)
	err := s.GetContext(ctx, into, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return missing
	}
	return translate(ctx, err)
}

// list reads rows.
func (s *session) list(ctx context.Context, into any, query string, args ...any) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	s.noteStatement(query)
	return translate(ctx, s.SelectContext(ctx, into, query, args...))
}
