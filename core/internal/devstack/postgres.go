package devstack

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "github.com/lib/pq" // the driver the readiness check connects with
)

// Superuser is the role initdb creates. Its password is random and kept beside the data, mode 0600.
const Superuser = "postgres"

// PostgresOptions says where a server keeps its things and how careful it is with them.
type PostgresOptions struct {
	// DataDir holds the cluster, its password, its socket directory and its lock. It is created if
	// missing and must be outside root's home when we are root. Required.
	DataDir string
	// Port on 127.0.0.1. 0 means any free one. A port that is taken is replaced by a free one: ask Port().
	Port int
	// Fsync false trades crash safety for speed: for tests only.
	Fsync bool
	// MaxConnections of the server; 0 means 100.
	MaxConnections int
	// Log receives the server's log. Nil means DataDir/postgres.log, started anew each time.
	Log io.Writer
	// Settings are further server settings by name.
	Settings map[string]string
	// ReadyTimeout bounds the wait for the first answer, crash recovery included; 0 means two minutes.
	ReadyTimeout time.Duration
	// BinDir holds initdb and postgres; empty means FindPostgres.
	BinDir string
}

// StopMode says how a server treats its open connections when it stops.
type StopMode int

const (
	// StopFast ends the connections, writes everything down and stops.
	StopFast StopMode = iota
	// StopImmediate stops at once; the next start recovers from the log.
	StopImmediate
)

// Postgres is a running server that belongs to this process: it stops when this process ends, also
// when this process is killed.
type Postgres struct {
	layout   layout
	password string
	port     int
	server   *serverProcess
	lock     *fileLock
}

// ErrInUse means that another process runs a server on the same data directory.
var ErrInUse = errors.New("the database directory is in use by another zhanggui process")

// StartPostgres makes the cluster if there is none, starts a server on it and waits until it
// answers. What an earlier server left behind (a process on its way down, a stale lock file, a log
// to recover from) is dealt with. Errors: ErrNoPostgres, ErrInUse, or a sentence with the last
// lines of the server's log.
func StartPostgres(ctx context.Context, options PostgresOptions) (*Postgres, error) {
	plan, err := newLayout(ctx, options)
	if err != nil {
		return nil, err
	}
	lock, err := plan.tryLock()
	if err != nil {
		return nil, err
	}
	pg := &Postgres{layout: plan, lock: lock}
	if err := pg.start(ctx, options); err != nil {
		return nil, errors.Join(err, lock.release())
	}
	return pg, nil
}

func (p *Postgres) start(ctx context.Context, options PostgresOptions) (err error) {
	if err := p.layout.clearLeftovers(ctx); err != nil {
		return err
	}
	if p.password, err = p.layout.ensureCluster(ctx, options.Fsync); err != nil {
		return err
	}
	p.server, p.port, err = launch(ctx, p.layout, p.password, options, ownedChild)
	return err
}

// Host is the address the server listens on.
func (p *Postgres) Host() string { return loopback }

// Port is the TCP port the server listens on.
func (p *Postgres) Port() int { return p.port }

// SocketDir is the private directory of the server's Unix socket.
func (p *Postgres) SocketDir() string { return p.layout.run }

// SuperuserPassword is the password of the role Superuser.
func (p *Postgres) SuperuserPassword() string { return p.password }

// SuperuserURL is a connection URL for the superuser.
func (p *Postgres) SuperuserURL(database string) string {
	return p.URL(Superuser, p.password, database)
}

// URL is a connection URL over TCP for any role.
func (p *Postgres) URL(user, password, database string) string {
	return connectionURL(p.port, user, password, database)
}

// Done is closed when the server process has ended, asked or not.
func (p *Postgres) Done() <-chan struct{} { return p.server.done }

// Stop ends the server and gives the data directory free. A fast stop that does not finish within
// ctx, or within 20 seconds, becomes an immediate one. Stopping twice is no error.
func (p *Postgres) Stop(ctx context.Context, mode StopMode) error {
	err := p.server.stop(ctx, mode)
	return errors.Join(err, p.lock.release())
}

const loopback = "127.0.0.1"

func connectionURL(port int, user, password, database string) string {
	target := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(user, password),
		Host:     net.JoinHostPort(loopback, strconv.Itoa(port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return target.String()
}

// launch starts the server process, on another port if the wanted one turns out to be taken, and
// waits until it answers.
func launch(ctx context.Context, plan layout, password string, options PostgresOptions, kind ownership) (*serverProcess, int, error) {
	timeout := options.ReadyTimeout
	if timeout == 0 {
		timeout = 2 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	port := options.Port
	for attempt := 1; ; attempt++ {
		chosen, err := freePort(ctx, port)
		if err != nil {
			return nil, 0, err
		}
		server, err := startServer(plan, plan.arguments(chosen, options), options.Log, kind)
		if err != nil {
			return nil, 0, err
		}
		err = waitReady(ctx, server, connectionURL(chosen, Superuser, password, "postgres"))
		if err == nil {
			return server, chosen, nil
		}
		stopErr := server.stop(context.WithoutCancel(ctx), StopImmediate)
		if ctx.Err() != nil || attempt == 5 || !isPortConflict(server.logTail()) {
			return nil, 0, errors.Join(fmt.Errorf("start PostgreSQL: %w; its log ends: %s", err, server.logTail()), stopErr)
		}
		port = 0
	}
}

func isPortConflict(log string) bool {
	return strings.Contains(log, "could not create any TCP/IP sockets") || strings.Contains(log, "Address already in use")
}

// freePort returns the wanted port if nobody listens on it, else one the kernel picks.
func freePort(ctx context.Context, wanted int) (int, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(loopback, strconv.Itoa(wanted)))
	if err != nil && wanted != 0 {
		listener, err = config.Listen(ctx, "tcp", net.JoinHostPort(loopback, "0"))
	}
	if err != nil {
		return 0, fmt.Errorf("find a free port for PostgreSQL: %w", err)
	}
	defer func() { _ = listener.Close() }()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("find a free port for PostgreSQL: the listener has the address %s", listener.Addr())
	}
	return address.Port, nil
}

// waitReady polls until the server answers a query: it refuses connections during crash recovery.
func waitReady(ctx context.Context, server *serverProcess, target string) error {
	db, err := sql.Open("postgres", target)
	if err != nil {
		return fmt.Errorf("prepare the readiness check: %w", err)
	}
	defer func() { _ = db.Close() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		if last = db.PingContext(ctx); last == nil {
			return nil
		}
		select {
		case <-server.done:
			return errors.New("the server stopped before it answered")
		case <-ctx.Done():
			return fmt.Errorf("the server did not answer in time: %w", last)
		case <-tick.C:
		}
	}
}

// arguments are the server's command line. Everything is given here, so nothing in the data
// directory can be out of date.
func (l layout) arguments(port int, options PostgresOptions) []string {
	connections := options.MaxConnections
	if connections == 0 {
		connections = 100
	}
	onOff := map[bool]string{true: "on", false: "off"}[options.Fsync]
	settings := make([]string, 0, 12+len(options.Settings))
	settings = append(settings,
		"listen_addresses="+loopback,
		"port="+strconv.Itoa(port),
		"unix_socket_directories="+l.run,
		"unix_socket_permissions=0700",
		"max_connections="+strconv.Itoa(connections),
		"fsync="+onOff,
		"synchronous_commit="+onOff,
		"full_page_writes="+onOff,
		"timezone=UTC",
		"log_timezone=UTC",
		"lc_messages=C",
		"log_line_prefix=%m [%p] %u@%d ",
	)
	for name, value := range options.Settings {
		settings = append(settings, name+"="+value)
	}
	arguments := make([]string, 0, 2+2*len(settings))
	arguments = append(arguments, "-D", l.data)
	for _, setting := range settings {
		arguments = append(arguments, "-c", setting)
	}
	return arguments
}

// removeContents empties a directory but keeps it, with its owner and mode.
func removeContents(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read %s: %w", dir, err)
	}
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return fmt.Errorf("clear %s: %w", dir, err)
		}
	}
	return nil
}
