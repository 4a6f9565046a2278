package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
)

// cluster is a PostgreSQL of the benchmark's own, as careful with the data as production:
// fsync and synchronous_commit are on. It begins empty and is removed at the end.
type cluster struct {
	server   *devstack.Postgres
	admin    *sqlx.DB
	dir      string
	password string
}

// login owns the databases; it may make roles and is no superuser, so row-level security binds it.
const login = "zhanggui_bench"

func startCluster(ctx context.Context) (*cluster, error) {
	state, err := devstack.StateDir("bench")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: filepath.Join(state, "postgres"), password: strings.ToLower(rand.Text())}
	if err := os.RemoveAll(c.dir); err != nil {
		return nil, fmt.Errorf("remove an earlier run's database: %w", err)
	}
	if c.server, err = devstack.StartPostgres(ctx, devstack.PostgresOptions{DataDir: c.dir, Fsync: true, MaxConnections: 200}); err != nil {
		return nil, err
	}
	if c.admin, err = sqlx.ConnectContext(ctx, "postgres", c.server.SuperuserURL("postgres")); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to the benchmark's PostgreSQL: %w", err), c.stop())
	}
	if err := c.ddl(ctx, "CREATE ROLE "+login+" LOGIN CREATEROLE PASSWORD "+pq.QuoteLiteral(c.password)); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

// ddl takes no parameters, and CREATE DATABASE no transaction; the names are ours.
func (c *cluster) ddl(ctx context.Context, statement string) error {
	if _, err := c.admin.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("prepare the benchmark's PostgreSQL: %w", err)
	}
	return nil
}

// database makes a migrated database and gives its URL.
func (c *cluster) database(ctx context.Context, name string) (string, error) {
	if err := c.ddl(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(name)+" OWNER "+login); err != nil {
		return "", err
	}
	url := c.server.URL(login, c.password, name)
	_, err := postgres.Migrate(ctx, url)
	return url, err
}

// checkpoint writes everything down, so that one measurement does not pay for another's.
func (c *cluster) checkpoint(ctx context.Context) error { return c.ddl(ctx, "CHECKPOINT") }

// print shows the settings that decide how fast a commit is.
func (c *cluster) print(ctx context.Context, out io.Writer) error {
	shown := make([]string, 0, 4)
	for _, name := range []string{"server_version", "fsync", "synchronous_commit", "shared_buffers"} {
		var value string
		if err := c.admin.GetContext(ctx, &value, "SELECT current_setting($1)", name); err != nil {
			return fmt.Errorf("read the setting %s: %w", name, err)
		}
		shown = append(shown, name+" "+value)
	}
	printf(out, "PostgreSQL: %s\n", strings.Join(shown, ", "))
	return nil
}

func (c *cluster) stop() error {
	if c.admin != nil {
		_ = c.admin.Close()
	}
	err := c.server.Stop(context.Background(), devstack.StopImmediate)
	return errors.Join(err, os.RemoveAll(c.dir))
}
