package host

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core/api"
	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
	"github.com/zhanggui-pay/zhanggui/core/internal/keyring"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
)

// DevOptions say how `zhanggui dev` runs.
type DevOptions struct {
	StateDir string // everything it keeps; empty: a directory of its own outside the clone
	Listen   string // host:port of the console; a port that is taken is replaced by a free one
	BinDir   string // where provider-sim and plugins/ lie; empty: beside this program
	Plugins  string // the plugin directory; empty: plugins/ in BinDir
	Console  fs.FS
	Version  api.Version
	Out      io.Writer // progress and the addresses, for people
	LogLevel string
	// Fsync false trades the data's safety for speed; tests only.
	Fsync bool
	// Payments is how many demo orders are made on the first start.
	Payments int
}

// devLogin is the database login of `zhanggui dev`.
const (
	devLogin    = "zhanggui"
	devDatabase = "zhanggui"
)

// Dev runs the whole product on this machine, with simulated providers and demo data,
// until ctx ends.
func Dev(ctx context.Context, o DevOptions) (err error) {
	if o.StateDir, err = stateDir(o.StateDir); err != nil {
		return err
	}
	if o.BinDir, err = binDir(o.BinDir); err != nil {
		return err
	}
	logs, err := os.OpenFile(filepath.Join(o.StateDir, "zhanggui.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("host: log file: %w", err)
	}
	defer func() { _ = logs.Close() }()
	logger := slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: logLevel(o.LogLevel)}))

	say(o.Out, "PostgreSQL …")
	server, err := startDevPostgres(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop(context.WithoutCancel(ctx), devstack.StopFast)) }()
	databaseURL, err := prepareDevDatabase(ctx, server, o.StateDir)
	if err != nil {
		return err
	}
	say(o.Out, "Simulated providers …")
	sim, err := startSimulator(ctx, o.BinDir, o.StateDir, logs)
	if err != nil {
		return err
	}
	defer sim.stop()

	keys, err := keyring.OpenEmbedded(filepath.Join(o.StateDir, "keys"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	cfg := devConfig(o, databaseURL)
	if err := ApprovePlugins(ctx, cfg, "dev", nil); err != nil {
		return err
	}
	say(o.Out, "Plugins, API and console …")
	h, err := Start(ctx, cfg, Parts{
		Keyring: keys, Clock: time.Now, Logger: logger, Console: o.Console, Version: o.Version, TestMode: true,
		Simulator: sim.with(cfg.Plugins.Dir),
	})
	if err != nil {
		return err
	}
	receiver, err := startDemoReceiver(ctx)
	if err != nil {
		return errors.Join(err, h.Stop())
	}
	defer receiver.stop()
	people, err := seedDemo(ctx, h, sim.with(cfg.Plugins.Dir), receiver, o)
	if err != nil {
		return errors.Join(err, h.Stop())
	}
	if err := h.welcome(ctx, o, sim, people); err != nil {
		return errors.Join(err, h.Stop())
	}
	return h.Run(ctx)
}

func stateDir(dir string) (string, error) {
	if dir == "" {
		return devstack.StateDir("dev")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("host: state directory: %w", err)
	}
	return abs, os.MkdirAll(abs, 0o755) //nolint:gosec // the database server's user must be able to enter it
}

func binDir(dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("host: where this program lies: %w", err)
	}
	return filepath.Dir(self), nil
}

func devConfig(o DevOptions, databaseURL string) Config {
	cfg := Defaults()
	cfg.Listen, cfg.AdminListen = freeAddress(o.Listen), ""
	cfg.PublicURL = "http://" + strings.Replace(cfg.Listen, "127.0.0.1", "localhost", 1)
	cfg.Database.URL = databaseURL
	cfg.Plugins.Dir = cmp.Or(o.Plugins, filepath.Join(o.BinDir, "plugins"))
	cfg.Plugins.AllowPrivateNetworks = true
	cfg.Plugins.BackOff = time.Second
	cfg.Drain = 5 * time.Second
	return cfg
}

// startDevPostgres uses installed binaries; as root it installs them when there are none.
func startDevPostgres(ctx context.Context, o DevOptions) (*devstack.Postgres, error) {
	options := devstack.PostgresOptions{DataDir: filepath.Join(o.StateDir, "postgres"), Fsync: o.Fsync}
	server, err := devstack.StartPostgres(ctx, options)
	if !errors.Is(err, devstack.ErrNoPostgres) || os.Geteuid() != 0 {
		return server, err
	}
	say(o.Out, "PostgreSQL is not installed; installing it …")
	if err := devstack.InstallPostgres(ctx, o.Out); err != nil {
		return nil, err
	}
	return devstack.StartPostgres(ctx, options)
}

// prepareDevDatabase makes the login and the database on the first start, migrates, and
// gives the login's URL.
func prepareDevDatabase(ctx context.Context, server *devstack.Postgres, dir string) (string, error) {
	password, err := keptPassword(filepath.Join(dir, "database-password"))
	if err != nil {
		return "", err
	}
	admin, err := sqlx.ConnectContext(ctx, "postgres", server.SuperuserURL("postgres"))
	if err != nil {
		return "", fmt.Errorf("host: private PostgreSQL: %w", err)
	}
	defer func() { _ = admin.Close() }()
	var exists bool
	if err := admin.GetContext(ctx, &exists, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", devLogin); err != nil {
		return "", fmt.Errorf("host: private PostgreSQL: %w", err)
	}
	if !exists {
		// DDL takes no parameters and CREATE DATABASE no transaction; the password is ours, hexadecimal.
		for _, ddl := range []string{
			"CREATE ROLE " + devLogin + " LOGIN CREATEROLE PASSWORD " + pq.QuoteLiteral(password),
			"CREATE DATABASE " + devDatabase + " OWNER " + devLogin,
		} {
			if _, err := admin.ExecContext(ctx, ddl); err != nil { //nolint:forbidigo // see above
				return "", fmt.Errorf("host: private PostgreSQL: %w", err)
			}
		}
	}
	url := server.URL(devLogin, password, devDatabase)
	if _, err := postgres.Migrate(ctx, url); err != nil {
		return "", err
	}
	return url, nil
}

// keptPassword reads a password from path or makes one.
func keptPassword(path string) (string, error) {
	kept, err := os.ReadFile(path) //nolint:gosec // a file of our own state directory
	if err == nil {
		return string(kept), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("host: %w", err)
	}
	password := strings.ToLower(rand.Text())
	if err := os.WriteFile(path, []byte(password), 0o600); err != nil {
		return "", fmt.Errorf("host: %w", err)
	}
	return password, nil
}

// welcome prints the address and the one-time logins, the operator's last.
func (h *Host) welcome(ctx context.Context, o DevOptions, sim *simulator, people demoPeople) error {
	say(o.Out, "")
	if h.cfg.Listen != o.Listen && !strings.HasSuffix(o.Listen, ":0") {
		say(o.Out, "%s is in use or cannot be listened on, so another port was taken.", o.Listen)
	}
	say(o.Out, "Zhanggui runs at %s", h.PublicURL())
	say(o.Out, "API reference      %s/docs", h.PublicURL())
	say(o.Out, "Log and data       %s", o.StateDir)
	say(o.Out, "Plugins            %s", h.cfg.Plugins.Dir)
	for _, p := range sim.Demo {
		say(o.Out, "Simulated provider %s, remote control %s", p.BaseURL, sim.Control[p.Provider])
	}
	spare, err := sim.keepSpareAccounts(o.StateDir)
	if err != nil {
		return err
	}
	say(o.Out, "Test accounts      %s, to onboard merchants by hand", spare)
	say(o.Out, "")
	for _, p := range people {
		link, err := h.service.IssueLoginLink(ctx, p.id, time.Hour)
		if err != nil {
			return err
		}
		say(o.Out, "One-time login as %s (%s):", p.role, p.email)
		say(o.Out, "  %s", link.Reveal())
	}
	return nil
}

func say(out io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(out, format+"\n", args...)
}
