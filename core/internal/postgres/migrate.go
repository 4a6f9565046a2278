package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/migrations"
)

// MigrationState is one migration and when it was applied.
type MigrationState struct {
	Version   int64
	Name      string
	AppliedAt time.Time // zero: pending
}

// Migrate brings the database up to date: roles and schema if they are missing, then the
// migrations as zhanggui_owner. Several nodes may do it at once; one does the work. It returns
// how many were applied. Errors: CodeDatabaseUnavailable with what the database
// administrator must run when the login may not create what is missing.
func Migrate(ctx context.Context, rawURL string) (int, error) {
	if err := prepare(ctx, rawURL); err != nil {
		return 0, err
	}
	owner, err := openOwner(rawURL)
	if err != nil {
		return 0, err
	}
	defer func() { _ = owner.Close() }()
	provider, err := newProvider(owner)
	if err != nil {
		return 0, err
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return len(done), fmt.Errorf("postgres: migrate: %w", err)
	}
	return len(done), nil
}

// MigrationStatus lists the migrations this program knows. Errors as for Open.
func MigrationStatus(ctx context.Context, rawURL string) ([]MigrationState, error) {
	owner, err := openOwner(rawURL)
	if err != nil {
		return nil, err
	}
	defer func() { _ = owner.Close() }()
	if err := owner.PingContext(ctx); err != nil {
		return nil, openingError(err)
	}
	provider, err := newProvider(owner)
	if err != nil {
		return nil, err
	}
	list, err := provider.Status(ctx)
	if err != nil {
		return nil, openingError(err)
	}
	out := make([]MigrationState, len(list))
	for i, m := range list {
		out[i] = MigrationState{Version: m.Source.Version, Name: m.Source.Path, AppliedAt: m.AppliedAt}
	}
	return out, nil
}

// CheckSchema compares what was applied with what this program knows; any login of a node may.
// A database that is newer is fine: an upgrade migrates first. Errors: CodeDatabaseUnavailable
// when migrations are missing.
func (db *DB) CheckSchema(ctx context.Context) error {
	known, err := newestMigration()
	if err != nil {
		return err
	}
	var applied int64
	err = db.run(ctx, db.app, core.ID{}, func(s *session) error {
		return s.get(ctx, &applied, core.NotFound("migration"), "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied")
	})
	if refused, ok := errors.AsType[*pq.Error](err); ok && string(refused.Code) == stateInsufficient {
		applied = 0 // before the migration that lets us look
	} else if err != nil {
		return err
	}
	if applied < known {
		return core.Errorf(core.CodeDatabaseUnavailable, "The database has migration %d and this program needs %d: run `zhanggui migrate` as the owner.", applied, known)
	}
	return nil
}

// newestMigration is the highest number among the files.
func newestMigration() (newest int64, err error) {
	files, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		return 0, fmt.Errorf("postgres: %w", err)
	}
	for _, name := range files {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return 0, fmt.Errorf("postgres: %w", err)
		}
		newest = max(newest, version)
	}
	return newest, nil
}

// ServerTime is the database's clock.
func (db *DB) ServerTime(ctx context.Context) (time.Time, error) {
	var now stamp
	err := db.run(ctx, db.platform, core.ID{}, func(s *session) error {
		return s.get(ctx, &now, core.NotFound("clock"), "SELECT clock_timestamp()")
	})
	return now.Time, err
}

// openOwner connects as the tables' owner, without the time limits of the other pools.
func openOwner(rawURL string) (*sql.DB, error) {
	dsn, err := sessionURL(rawURL, roleOwner, "")
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return nil, openingError(err)
	}
	db.SetMaxOpenConns(2)
	return db, nil
}

func newProvider(owner *sql.DB) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, fmt.Errorf("postgres: migrate: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, owner, migrations.Files,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("postgres: migrate: %w", err)
	}
	return provider, nil
}

// prepare makes the roles and the schema, as the login itself.
func prepare(ctx context.Context, rawURL string) error {
	dsn, err := sessionURL(rawURL, "", "")
	if err != nil {
		return err
	}
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return openingError(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.PingContext(ctx); err != nil {
		return openingError(err)
	}
	for _, role := range []string{roleOwner, roleApp, rolePlatform} {
		if err := ensureRole(ctx, db, role); err != nil {
			return err
		}
	}
	return ensureSchema(ctx, db)
}

// ensureRole makes the role if it is missing and the login a member of it.
func ensureRole(ctx context.Context, db *sql.DB, role string) error {
	create := "CREATE ROLE " + role + " NOLOGIN NOSUPERUSER NOBYPASSRLS"
	exists, err := ask(ctx, db, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role)
	if err == nil && !exists {
		err = runUnderRace(ctx, db, create)
	}
	if err != nil {
		return administratorMust(err, create+"; GRANT "+role+" TO the user of the database URL")
	}
	// The session's user, because the URL may already name a role. A role just created is
	// granted in any case: since PostgreSQL 16 its maker is a member who may not take it.
	member, err := ask(ctx, db, "SELECT pg_has_role(session_user, $1, 'MEMBER')", role)
	if err == nil && (!member || !exists) {
		err = runUnderRace(ctx, db, "GRANT "+role+" TO SESSION_USER")
	}
	if err != nil {
		return administratorMust(err, "GRANT "+role+" TO the user of the database URL")
	}
	return nil
}

func ensureSchema(ctx context.Context, db *sql.DB) error {
	exists, err := ask(ctx, db, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", schema)
	if err == nil && !exists {
		err = runUnderRace(ctx, db, "CREATE SCHEMA IF NOT EXISTS "+schema+" AUTHORIZATION "+roleOwner)
	}
	if err != nil {
		return administratorMust(err, "CREATE SCHEMA "+schema+" AUTHORIZATION "+roleOwner)
	}
	return nil
}

func ask(ctx context.Context, db *sql.DB, query, arg string) (bool, error) {
	var yes bool
	if err := db.QueryRowContext(ctx, query, arg).Scan(&yes); err != nil {
		return false, fmt.Errorf("postgres: migrate: %w", err)
	}
	return yes, nil
}

// runUnderRace repeats what another node, or another database of the cluster, did at the same moment.
func runUnderRace(ctx context.Context, db *sql.DB, statement string) error {
	var err error
	for range 20 {
		err = runOnce(ctx, db, statement)
		refused, ok := errors.AsType[*pq.Error](err)
		switch {
		case err == nil, ok && string(refused.Code) == stateDuplicateObject, ok && string(refused.Code) == stateUniqueViolation:
			return nil // made by the other one
		case !ok || string(refused.Code) != stateInternal: // XX000: tuple concurrently updated
			return fmt.Errorf("postgres: migrate: %w", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("postgres: migrate: %w", err)
}

func runOnce(ctx context.Context, db *sql.DB, statement string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, statement); err != nil {
		return err
	}
	return tx.Commit()
}

func administratorMust(err error, statement string) error {
	if refused, ok := errors.AsType[*pq.Error](err); ok && string(refused.Code) == stateInsufficient {
		return core.Wrap(err, core.CodeDatabaseUnavailable, "The user of the database URL may not do this; let the database administrator run: %s;", statement)
	}
	if ok := isConnectionError(err); ok {
		return openingError(err)
	}
	return err
}
