package stand

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
)

// Cluster is a PostgreSQL as careful with the data as production: fsync and synchronous_commit are on.
type Cluster struct {
	mu       sync.Mutex
	server   *devstack.Postgres
	dir      string
	password string
}

const (
	login        = "zhanggui_chaos"
	databaseName = "zhanggui"
)

func startCluster(ctx context.Context, dir string) (*Cluster, error) {
	c := &Cluster{dir: dir, password: strings.ToLower(rand.Text())}
	var err error
	if c.server, err = devstack.StartPostgres(ctx, c.options(0)); err != nil {
		return nil, fmt.Errorf("a PostgreSQL for the run: %w", err)
	}
	for _, ddl := range []string{
		"CREATE ROLE " + login + " LOGIN CREATEROLE PASSWORD " + pq.QuoteLiteral(c.password),
		"CREATE DATABASE " + databaseName + " OWNER " + login,
	} {
		if err := c.superuser(ctx, "postgres", ddl); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	if _, err := postgres.Migrate(ctx, c.URL()); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *Cluster) options(port int) devstack.PostgresOptions {
	return devstack.PostgresOptions{DataDir: c.dir, Port: port, Fsync: true, MaxConnections: 300}
}

// Superuser runs statements past every rule, each for itself: how a test breaks what the product keeps whole.
func (c *Cluster) Superuser(ctx context.Context, statements ...string) error {
	return c.superuser(ctx, databaseName, statements...)
}

func (c *Cluster) superuser(ctx context.Context, database string, statements ...string) error {
	db, err := sql.Open("postgres", c.current().SuperuserURL(database))
	if err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("PostgreSQL: %.60s: %w", statement, err)
		}
	}
	return nil
}

func (c *Cluster) current() *devstack.Postgres {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server
}

// address is the host:port the server listens on now.
func (c *Cluster) address() string {
	server := c.current()
	return net.JoinHostPort(server.Host(), strconv.Itoa(server.Port()))
}

// URL is the product's database, without the proxy.
func (c *Cluster) URL() string { return c.current().URL(login, c.password, databaseName) }

// SuperuserURL sees every row.
func (c *Cluster) SuperuserURL() string { return c.current().SuperuserURL(databaseName) }

// Crash stops the server as `pg_ctl stop -m immediate` does and starts it again: it recovers from its log.
func (c *Cluster) Crash(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	port := c.server.Port()
	if err := c.server.Stop(ctx, devstack.StopImmediate); err != nil {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	server, err := devstack.StartPostgres(ctx, c.options(port))
	if err != nil {
		return fmt.Errorf("start PostgreSQL again: %w", err)
	}
	c.server = server
	return nil
}

func (c *Cluster) close() error {
	err := c.current().Stop(context.Background(), devstack.StopImmediate)
	return errors.Join(err, os.RemoveAll(c.dir))
}

// Cutter is a TCP proxy before PostgreSQL that cuts connections at COMMIT.
type Cutter struct {
	listener net.Listener
	target   func() string
	mu       sync.Mutex
	before   int // COMMITs still to be cut before the server sees them
	after    int // COMMITs still to be cut when the server has answered
	done     int
	open     map[net.Conn]bool
}

func newCutter(ctx context.Context, target func() string) (*Cutter, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen before PostgreSQL: %w", err)
	}
	c := &Cutter{listener: listener, target: target, open: map[net.Conn]bool{}}
	go c.accept()
	return c, nil
}

// through is the URL with the proxy's address.
func (c *Cutter) through(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	u.Host = c.listener.Addr().String()
	return u.String()
}

// CutBefore cuts the next n connections that say COMMIT before the server sees it: nothing is committed.
func (c *Cutter) CutBefore(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before += n
}

// CutAfter cuts the next n connections that say COMMIT when the server has answered: all is committed and nobody hears it.
func (c *Cutter) CutAfter(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.after += n
}

// Heal cuts nothing more.
func (c *Cutter) Heal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before, c.after = 0, 0
}

// Cuts says how many connections were cut.
func (c *Cutter) Cuts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done
}

func (c *Cutter) close() error {
	err := c.listener.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.open {
		_ = conn.Close()
	}
	return err //nolint:wrapcheck // closing our own listener
}
