package devstack

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lib/pq"
)

// ownerVariable turns this test binary into a process that starts a server and waits to be killed.
const ownerVariable = "DEVSTACK_TEST_OWNER_OF"

func TestMain(m *testing.M) {
	if dir := os.Getenv(ownerVariable); dir != "" {
		pg, err := StartPostgres(context.Background(), PostgresOptions{DataDir: dir})
		if err != nil {
			panic(err)
		}
		_, _ = os.Stdout.WriteString(pg.SuperuserURL("postgres") + "\n")
		select {}
	}
	os.Exit(m.Run())
}

// clusterDir is a directory the server's account can enter, which t.TempDir is not for root.
func clusterDir(t *testing.T) string {
	t.Helper()
	base, err := StateDir("selftest")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(base, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func start(t *testing.T, options PostgresOptions) *Postgres {
	t.Helper()
	pg, err := StartPostgres(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pg.Stop(context.Background(), StopImmediate); err != nil {
			t.Error(err)
		}
	})
	return pg
}

func run(t *testing.T, url string, statements ...string) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func query(t *testing.T, url, question string) (answer string) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(t.Context(), question).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	return answer
}

func TestAServerKeepsItsDataAndItsPassword(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	first := start(t, PostgresOptions{DataDir: dir, Fsync: true})
	for question, want := range map[string]string{
		"SHOW server_encoding": "UTF8", "SHOW listen_addresses": "127.0.0.1", "SHOW fsync": "on",
		"SHOW synchronous_commit": "on", "SHOW password_encryption": "scram-sha-256", "SHOW timezone": "UTC",
	} {
		if got := query(t, first.SuperuserURL("postgres"), question); got != want {
			t.Errorf("%s = %q, want %q", question, got, want)
		}
	}
	run(t, first.SuperuserURL("postgres"), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
	if err := first.Stop(t.Context(), StopFast); err != nil {
		t.Fatal(err)
	}
	<-first.Done()

	second := start(t, PostgresOptions{DataDir: dir, Fsync: true})
	if got := query(t, second.SuperuserURL("postgres"), "SELECT n FROM kept"); got != "7" {
		t.Errorf("after a restart the row is %q", got)
	}
	if second.SuperuserPassword() != first.SuperuserPassword() {
		t.Error("the password changed over a restart")
	}
}

func TestEveryConnectionNeedsThePassword(t *testing.T) {
	t.Parallel()
	pg := start(t, PostgresOptions{DataDir: clusterDir(t)})
	for name, url := range map[string]string{
		"tcp":    pg.URL(Superuser, "wrong", "postgres"),
		"socket": "postgres://" + Superuser + ":wrong@/postgres?sslmode=disable&host=" + pg.SocketDir() + "&port=" + strconv.Itoa(pg.Port()),
	} {
		db, err := sql.Open("postgres", url)
		if err != nil {
			t.Fatal(err)
		}
		var refused *pq.Error
		if err := db.PingContext(t.Context()); !errors.As(err, &refused) || refused.Code != "28P01" {
			t.Errorf("%s with a wrong password: %v, want invalid_password", name, err)
		}
		_ = db.Close()
	}
}

func TestRecoveryAfterKill(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	first := start(t, PostgresOptions{DataDir: dir, Fsync: true})
	run(t, first.SuperuserURL("postgres"), "CREATE TABLE kept (n int)", "INSERT INTO kept SELECT generate_series(1, 1000)")
	if err := first.server.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-first.Done()
	if err := first.Stop(t.Context(), StopFast); err != nil {
		t.Fatal(err)
	}

	var log bytes.Buffer
	second := start(t, PostgresOptions{DataDir: dir, Fsync: true, Log: &log})
	if got := query(t, second.SuperuserURL("postgres"), "SELECT count(*) FROM kept"); got != "1000" {
		t.Errorf("after kill -9, %s rows of 1000 are left", got)
	}
	if tail := second.server.tail.String(); !strings.Contains(tail, "was not properly shut down") {
		t.Errorf("the server did not recover from a crash, so this test proves nothing: %s", tail)
	}
}

func TestAServerEndsWithItsKilledOwner(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	owner := exec.Command(os.Args[0]) //nolint:noctx // it is killed by hand
	owner.Env = append(os.Environ(), ownerVariable+"="+dir)
	output, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 200)
	n, err := output.Read(line)
	if err != nil {
		t.Fatalf("the owner said nothing: %v", err)
	}
	run(t, strings.TrimSpace(string(line[:n])), "CREATE TABLE kept (n int)")
	if _, err := StartPostgres(t.Context(), PostgresOptions{DataDir: dir}); !errors.Is(err, ErrInUse) {
		t.Errorf("a second owner got %v, want ErrInUse", err)
	}
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()

	left, err := waitGone(t.Context(), filepath.Join(dir, "data"), time.Minute)
	if err != nil || len(left) > 0 {
		t.Fatalf("processes %v outlived their owner (%v)", left, err)
	}
	again := start(t, PostgresOptions{DataDir: dir})
	run(t, again.SuperuserURL("postgres"), "DROP TABLE kept")
}

func TestAnOrphanServerIsEndedBeforeTheNextStart(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	plan, err := newLayout(t.Context(), PostgresOptions{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	password, err := plan.ensureCluster(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	orphan, _, err := launch(t.Context(), plan, password, PostgresOptions{DataDir: dir}, detached)
	if err != nil {
		t.Fatal(err)
	}
	start(t, PostgresOptions{DataDir: dir})
	select {
	case <-orphan.done:
	default:
		t.Error("two servers run on one data directory")
	}
}

func TestAStaleLockFileThatNamesALivingStrangerIsRemoved(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	first := start(t, PostgresOptions{DataDir: dir})
	if err := first.Stop(t.Context(), StopFast); err != nil {
		t.Fatal(err)
	}
	stale := strconv.Itoa(os.Getpid()) + "\n" + filepath.Join(dir, "data") + "\n1700000000\n5432\n\n127.0.0.1\n\nready\n"
	if err := os.WriteFile(filepath.Join(dir, "data", "postmaster.pid"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := attach(dir); ok {
		t.Error("attach took a stranger for a server")
	}
	start(t, PostgresOptions{DataDir: dir})
}

func TestATakenPortIsReplaced(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	taken, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	address, ok := taken.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatal("no TCP address")
	}
	pg := start(t, PostgresOptions{DataDir: clusterDir(t), Port: address.Port})
	if pg.Port() == address.Port {
		t.Errorf("the server claims the taken port %d", pg.Port())
	}
	if !isPortConflict("LOG:  could not bind IPv4 address: Address already in use") {
		t.Error("a conflict in the log is not recognised")
	}
}

func TestAnUnfinishedClusterIsMadeAnew(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	if err := os.MkdirAll(filepath.Join(dir, "data.new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	start(t, PostgresOptions{DataDir: dir})
}

func TestALongDirectoryGetsAShortSocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(clusterDir(t), strings.Repeat("long", 30))
	pg := start(t, PostgresOptions{DataDir: dir})
	t.Cleanup(func() { _ = os.RemoveAll(pg.SocketDir()) })
	socket := filepath.Join(pg.SocketDir(), ".s.PGSQL."+strconv.Itoa(pg.Port()))
	if info, err := os.Stat(socket); err != nil || info.Mode().Type() != os.ModeSocket {
		t.Errorf("%s: %v", socket, err)
	}
}

func TestRefusalsAreSentences(t *testing.T) {
	t.Parallel()
	other := clusterDir(t)
	if err := os.MkdirAll(filepath.Join(other, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(other, "data", "PG_VERSION"), []byte("12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name    string
		options PostgresOptions
		want    string
	}{
		{"relative", PostgresOptions{DataDir: "pg"}, "not an absolute path"},
		{"another version", PostgresOptions{DataDir: other}, "was made by PostgreSQL 12"},
		{"no binaries", PostgresOptions{DataDir: clusterDir(t), BinDir: t.TempDir()}, "ask "},
		{"a setting that is none", PostgresOptions{DataDir: clusterDir(t), Settings: map[string]string{"no_such": "1"}}, "no_such"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := StartPostgres(t.Context(), c.options)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("StartPostgres = %v, want a sentence with %q", err, c.want)
			}
		})
	}
}

func TestADirectoryTheServerCannotEnterIsNamed(t *testing.T) {
	t.Parallel()
	closed := t.TempDir() // go test makes its parent 0700
	stranger := account{name: "stranger", uid: 12345, gid: 12345, switched: true}
	if err := stranger.canEnter(closed); err == nil || !strings.Contains(err.Error(), "may not enter") {
		t.Errorf("canEnter(%s) = %v", closed, err)
	}
	if err := stranger.canEnter("/"); err != nil {
		t.Errorf("canEnter(/) = %v", err)
	}
}

func TestAStateDirectoryOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	open := t.TempDir()
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{open, link} {
		if err := ownedByUs(dir); err == nil {
			t.Errorf("ownedByUs(%s) accepts it", dir)
		}
	}
}

func TestStoppingInsistsOnAFrozenServer(t *testing.T) {
	t.Parallel()
	pg := start(t, PostgresOptions{DataDir: clusterDir(t)})
	if err := pg.server.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	steps := pg.server
	if steps.signalAndWait(ctx, fastShutdown) {
		t.Fatal("a frozen server ended by a polite signal")
	}
	if !steps.signalAndWait(t.Context(), syscall.SIGKILL) {
		t.Fatal("a frozen server was not killed")
	}
}
