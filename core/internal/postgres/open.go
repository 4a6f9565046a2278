package postgres

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"
	"go.opentelemetry.io/otel/trace"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Config says how to reach PostgreSQL.
type Config struct {
	// URL is postgres://… with sslmode. Its login must be granted zhanggui_app and
	// zhanggui_platform, and for serving nothing more.
	URL string
	// MaxConns bounds the connections that write; zero means 16.
	MaxConns int
	// PlatformConns bounds the connections that read over all tenants; zero means 4.
	PlatformConns int
	// Now is the clock of what the caller gives no time for; nil means time.Now.
	Now core.Clock
	// Log receives what no caller can be told; nil means slog.Default.
	Log *slog.Logger
	// Tracing draws a span for each statement within a traced request; nil means none, and
	// nothing is wrapped.
	Tracing trace.TracerProvider
}

// DB is core.Database on PostgreSQL.
type DB struct {
	url      string
	app      *sqlx.DB
	platform *sqlx.DB
	attempts int // how often BEGIN is tried on connections that turn out dead
	now      core.Clock
	log      *slog.Logger
	node     core.ID // marks this node's leases
	orders   orderNumbers
	live     *announcer
}

var (
	_ core.Database    = (*DB)(nil)
	_ core.TenantTx    = (*tenantTx)(nil)
	_ core.PlatformTx  = (*platformTx)(nil)
	_ core.DirectoryTx = (*directoryTx)(nil)
)

// Open makes the pools and asks the server once. Errors: CodeInvalidRequest for a URL that
// cannot be used (one without sslmode among them), CodeDatabaseUnavailable when the server
// does not answer, is not migrated, or the login lacks a role: the sentence says which.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.MaxConns <= 0 {
		cfg.MaxConns = 16
	}
	if cfg.PlatformConns <= 0 {
		cfg.PlatformConns = 4
	}
	if cfg.Now == nil {
		cfg.Now = time.Now //nolint:forbidigo // the default for programs that inject none
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	app, err := openPool(cfg, roleApp, false, cfg.MaxConns)
	if err != nil {
		return nil, err
	}
	platform, err := openPool(cfg, rolePlatform, true, cfg.PlatformConns)
	if err != nil {
		return nil, err
	}
	db := &DB{
		url: cfg.URL, app: app, platform: platform, attempts: cfg.MaxConns + 2,
		now: cfg.Now, log: cfg.Log, node: core.NewID(cfg.Now()),
	}
	if err := db.Health(ctx); err != nil {
		_ = app.Close()
		_ = platform.Close()
		return nil, err
	}
	db.live = newAnnouncer(db)
	return db, nil
}

func openPool(cfg Config, role string, readOnly bool, conns int) (*sqlx.DB, error) {
	c, err := newConnector(cfg.URL, role, readOnly)
	if err != nil {
		return nil, err
	}
	open := sql.OpenDB
	if cfg.Tracing != nil {
		open = traced(cfg.Tracing)
	}
	pool := sqlx.NewDb(open(c), "postgres")
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return pool, nil
}

// Close waits for nothing: transactions under way are rolled back by the server.
func (db *DB) Close() error {
	db.live.stop()
	return firstError(db.app.Close(), db.platform.Close())
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Health asks for one row as both roles. Errors: CodeDatabaseUnavailable.
func (db *DB) Health(ctx context.Context) error {
	for _, p := range []*sqlx.DB{db.app, db.platform} {
		var one int
		if err := p.QueryRowxContext(ctx, "SELECT 1 FROM zhanggui.tenants_directory UNION ALL SELECT 1 LIMIT 1").Scan(&one); err != nil {
			return openingError(err)
		}
	}
	return nil
}
