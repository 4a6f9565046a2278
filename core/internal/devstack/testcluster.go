package devstack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/peterldowns/pgtestdb"
)

// TestCluster is the server all test binaries of one clone share. It forgives nothing: no fsync, and
// each start begins with an empty cluster.
type TestCluster struct {
	// AdminURL is the superuser's connection to the database "postgres", over TCP on 127.0.0.1.
	AdminURL string
	// Port on 127.0.0.1.
	Port int
	// Password of the superuser.
	Password string
}

// URL is a connection URL for any role and database of the test server.
func (c TestCluster) URL(user, password, database string) string {
	return connectionURL(c.Port, user, password, database)
}

// Config is what pgtestdb needs to make databases here. The role owns each database and runs the
// migrations; nil means one like the product's owner in production: it may create roles but is no superuser, so that
// row-level security binds it.
func (c TestCluster) Config(role *pgtestdb.Role) pgtestdb.Config {
	if role == nil {
		role = &pgtestdb.Role{
			Username:     "zhanggui_test_owner",
			Password:     "only-on-this-throw-away-server",
			Capabilities: "NOSUPERUSER NOBYPASSRLS NOCREATEDB CREATEROLE",
		}
	}
	return pgtestdb.Config{
		DriverName: "postgres", Host: loopback, Port: strconv.Itoa(c.Port), User: Superuser, Password: c.Password,
		Database: "postgres", Options: "sslmode=disable", TestRole: role, ForceTerminateConnections: true,
	}
}

// TestPostgres returns the shared test server and starts it if no test has done so yet. A machine
// without PostgreSQL fails the test with a sentence: it is never skipped.
func TestPostgres(tb pgtestdb.TB) TestCluster {
	tb.Helper()
	cluster, err := StartTestCluster(context.Background())
	if err != nil {
		tb.Fatalf("the tests need their PostgreSQL: %v", err)
	}
	return cluster
}

// TestDatabase makes a database of its own for one test, cloned from a template the migrator filled
// once, and returns the owner's URL. The database goes when the test has passed; after a failure it
// stays until the server stops.
func TestDatabase(tb pgtestdb.TB, migrator pgtestdb.Migrator) (url string) {
	tb.Helper()
	cluster := TestPostgres(tb)
	return pgtestdb.Custom(tb, cluster.Config(nil), migrator).URL()
}

// StartTestCluster is TestPostgres for programs.
func StartTestCluster(ctx context.Context) (TestCluster, error) {
	dir, err := testClusterDir()
	if err != nil {
		return TestCluster{}, err
	}
	if cluster, ok := attach(dir); ok {
		return cluster, nil
	}
	lock, err := lockFile(filepath.Join(dir, "lock"), true)
	if err != nil {
		return TestCluster{}, err
	}
	defer func() { _ = lock.release() }()
	if cluster, ok := attach(dir); ok {
		return cluster, nil
	}
	return startDetached(ctx, dir)
}

func startDetached(ctx context.Context, dir string) (TestCluster, error) {
	options := PostgresOptions{
		DataDir: dir, MaxConnections: 300,
		Settings: map[string]string{
			"wal_level": "minimal", "max_wal_senders": "0", "checkpoint_timeout": "1h", "max_wal_size": "2GB",
			"autovacuum": "off", "jit": "off", "cluster_name": "zhanggui-test",
		},
	}
	plan, err := newLayout(ctx, options)
	if err != nil {
		return TestCluster{}, err
	}
	if err := plan.clearLeftovers(ctx); err != nil {
		return TestCluster{}, err
	}
	if err := os.RemoveAll(plan.data); err != nil {
		return TestCluster{}, fmt.Errorf("remove the last test cluster: %w", err)
	}
	password, err := plan.ensureCluster(ctx, false)
	if err != nil {
		return TestCluster{}, err
	}
	_, port, err := launch(ctx, plan, password, options, detached)
	if err != nil {
		return TestCluster{}, err
	}
	return newTestCluster(port, password), nil
}

// StopTestCluster ends the shared test server, if there is one, and removes its data.
func StopTestCluster(ctx context.Context) error {
	dir, err := testClusterDir()
	if err != nil {
		return err
	}
	lock, err := lockFile(filepath.Join(dir, "lock"), true)
	if err != nil {
		return err
	}
	defer func() { _ = lock.release() }()
	data := filepath.Join(dir, "data")
	signalAll(processesIn(data), immediateShutdown)
	left, err := waitGone(ctx, data, 20*time.Second)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("the test PostgreSQL (process %d) does not end", left[0])
	}
	return errors.Join(os.RemoveAll(data), os.RemoveAll(filepath.Join(dir, "password")))
}

// attach reads what a running server wrote down: its process, its port and that it is ready.
func attach(dir string) (TestCluster, bool) {
	data := filepath.Join(dir, "data")
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid")) //nolint:gosec // a file of our own in a directory of our own
	if err != nil {
		return TestCluster{}, false
	}
	// Lines: process, data directory, start time, port, socket directory, address, shared memory, status.
	lines := strings.Split(string(text), "\n")
	if len(lines) < 8 || strings.TrimSpace(lines[7]) != "ready" {
		return TestCluster{}, false
	}
	pid, pidErr := strconv.Atoi(strings.TrimSpace(lines[0]))
	port, portErr := strconv.Atoi(strings.TrimSpace(lines[3]))
	password, passwordErr := os.ReadFile(filepath.Join(dir, "password")) //nolint:gosec // a file of our own in a directory of our own
	if pidErr != nil || portErr != nil || passwordErr != nil || !worksIn(pid, data) {
		return TestCluster{}, false
	}
	return newTestCluster(port, strings.TrimSpace(string(password))), true
}

func newTestCluster(port int, password string) TestCluster {
	return TestCluster{AdminURL: connectionURL(port, Superuser, password, "postgres"), Port: port, Password: password}
}

// testClusterDir is one per clone, so that two clones do not stop each other's server.
func testClusterDir() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(root))
	return StateDir("test-" + hex.EncodeToString(sum[:4]))
}

// moduleRoot walks up to go.mod: a test runs in its package's directory.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("find the module: no go.mod here or above; run this inside the clone")
		}
		dir = parent
	}
}
