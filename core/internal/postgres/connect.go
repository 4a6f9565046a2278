package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The database roles. The login of a host is granted app and platform; owner is for migrations.
const (
	roleOwner    = "zhanggui_owner"
	roleApp      = "zhanggui_app"
	rolePlatform = "zhanggui_platform"
	schema       = "zhanggui"
)

const (
	dialTimeout     = 5 * time.Second
	commitTimeout   = 30 * time.Second
	cancelTimeout   = 2 * time.Second
	maxPrepared     = 200
	sessionSettings = "-c statement_timeout=20s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
)

// unprepared marks statements that are planned anew each time: lists, whose best plan
// depends on which filters are set and on their values, and shapes that hardly come again.
const unprepared = "/* once */ "

// sessionURL adds to the operator's URL what every connection must have.
func sessionURL(raw, role, settings string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		// The URL holds a password, so it is not repeated.
		return "", core.Errorf(core.CodeInvalidRequest, "The database URL must look like postgres://user:password@host:5432/database?sslmode=verify-full.")
	}
	q := u.Query()
	if q.Get("sslmode") == "" {
		return "", core.Errorf(core.CodeInvalidRequest, "The database URL must say sslmode: add ?sslmode=verify-full, or sslmode=disable for a server on this machine.")
	}
	options := []string{q.Get("options"), settings}
	if role != "" {
		options = append(options, "-c role="+role)
	}
	q.Set("options", strings.TrimSpace(strings.Join(options, " ")))
	q.Set("timezone", "UTC")
	q.Set("search_path", schema+",pg_temp")
	q.Set("binary_parameters", "no")
	if q.Get("connect_timeout") == "" {
		q.Set("connect_timeout", fmt.Sprint(int(dialTimeout.Seconds())))
	}
	if q.Get("application_name") == "" {
		q.Set("application_name", "zhanggui")
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// connector makes connections that begin transactions with their tenant and keep their
// prepared statements.
type connector struct {
	url      string
	readOnly bool
}

func newConnector(raw, role string, readOnly bool) (*connector, error) {
	dsn, err := sessionURL(raw, role, sessionSettings)
	if err != nil {
		return nil, err
	}
	if _, err := pq.NewConnector(dsn); err != nil {
		return nil, core.Wrap(err, core.CodeInvalidRequest, "The database URL cannot be used: see the parameters after the question mark.")
	}
	return &connector{url: dsn, readOnly: readOnly}, nil
}

// Driver is lib/pq's.
func (c *connector) Driver() driver.Driver { return &pq.Driver{} }

// Connect opens one connection. The socket is kept so that a COMMIT that never answers can be given up.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := pq.NewConnector(c.url)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	d := &socketKeeper{}
	inner.Dialer(d)
	raw, err := inner.Connect(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // database/sql compares with driver.ErrBadConn
	}
	full, ok := raw.(fullConn)
	if !ok {
		return nil, errors.Join(errors.New("postgres: this version of the driver lacks an interface we rely on"), raw.Close())
	}
	return &conn{fullConn: full, socket: d.socket, readOnly: c.readOnly, prepared: map[string]driver.Stmt{}}, nil
}

// fullConn is what lib/pq's connection implements, the transaction methods included.
type fullConn interface {
	driver.Conn
	driver.Tx
	driver.ConnPrepareContext
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

var (
	_ driver.Connector   = (*connector)(nil)
	_ driver.ConnBeginTx = (*conn)(nil)
)

type conn struct {
	fullConn

	socket   net.Conn
	readOnly bool
	broken   bool
	prepared map[string]driver.Stmt
}

type tenantKey struct{}

// BeginTx sends BEGIN and, for app, the tenant's setting in one message. An ID prints as
// hexadecimal digits and hyphens only, so it may stand in the text.
func (c *conn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	statement := "BEGIN READ ONLY"
	if !c.readOnly {
		tenant, _ := ctx.Value(tenantKey{}).(core.ID)
		begin := "BEGIN"
		if snapshot, _ := ctx.Value(snapshotKey{}).(bool); snapshot {
			begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
		}
		statement = begin + "; SELECT set_config('app.tenant_id', '" + tenant.String() + "', true)"
	}
	if _, err := c.fullConn.ExecContext(ctx, statement, nil); err != nil {
		c.broken = true
		return nil, err //nolint:wrapcheck // judged by begin
	}
	return &transaction{c}, nil
}

// IsValid keeps a connection whose transaction state is in doubt out of the pool.
func (c *conn) IsValid() bool { return !c.broken && c.fullConn.IsValid() }

// QueryContext uses the connection's prepared statement of that text, one trip instead of two.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	stmt, err := c.statement(ctx, query, args)
	if err != nil {
		return nil, err
	}
	if q, ok := stmt.(driver.StmtQueryContext); ok {
		return q.QueryContext(ctx, args) //nolint:wrapcheck // a driver hands errors through
	}
	return c.fullConn.QueryContext(ctx, query, args) //nolint:wrapcheck // a driver hands errors through
}

// ExecContext is QueryContext for statements without rows.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	stmt, err := c.statement(ctx, query, args)
	if err != nil {
		return nil, err
	}
	if e, ok := stmt.(driver.StmtExecContext); ok {
		return e.ExecContext(ctx, args) //nolint:wrapcheck // a driver hands errors through
	}
	return c.fullConn.ExecContext(ctx, query, args) //nolint:wrapcheck // a driver hands errors through
}

// statement gives the prepared statement for query, or nil when it is not to be prepared.
func (c *conn) statement(ctx context.Context, query string, args []driver.NamedValue) (driver.Stmt, error) {
	if len(args) == 0 || strings.HasPrefix(query, unprepared) {
		return nil, nil //nolint:nilnil // nil means: send it as it is
	}
	if stmt, ok := c.prepared[query]; ok {
		return stmt, nil
	}
	if len(c.prepared) >= maxPrepared {
		return nil, nil //nolint:nilnil // nil means: send it as it is
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err //nolint:wrapcheck // a driver hands errors through
	}
	c.prepared[query] = stmt
	return stmt, nil
}

// Close also forgets the prepared statements, which end with the session.
func (c *conn) Close() error {
	c.prepared = nil
	return c.fullConn.Close() //nolint:wrapcheck // a driver hands errors through
}

type transaction struct{ c *conn }

// Commit waits for the answer for a bounded time only: the driver itself would wait for ever
// on a connection that swallows packets.
func (t *transaction) Commit() error {
	timer := time.AfterFunc(commitTimeout, func() { _ = t.c.socket.Close() })
	defer timer.Stop()
	return t.end(t.c.Commit())
}

// Rollback is bounded as Commit is.
func (t *transaction) Rollback() error {
	timer := time.AfterFunc(commitTimeout, func() { _ = t.c.socket.Close() })
	defer timer.Stop()
	return t.end(t.c.Rollback())
}

func (t *transaction) end(err error) error {
	if err != nil {
		t.c.broken = true
	}
	return err
}

// socketKeeper remembers the socket of the connection being made.
type socketKeeper struct{ socket net.Conn }

func (d *socketKeeper) Dial(network, address string) (net.Conn, error) {
	return d.DialTimeout(network, address, dialTimeout)
}

func (d *socketKeeper) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

func (d *socketKeeper) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3}}
	c, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err //nolint:wrapcheck // the driver looks into it
	}
	d.socket = c
	return c, nil
}
