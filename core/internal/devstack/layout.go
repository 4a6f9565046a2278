package devstack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// layout is where one cluster keeps its things:
//
//	root/data      the cluster, owned by the server's account
//	root/run       its Unix socket, likewise
//	root/password  the superuser's password, ours alone
//	root/lock      held while a process owns the cluster
type layout struct {
	root, data, run string
	bindir          string
	account         account
}

// longestSocketDir leaves room for "/.s.PGSQL.65535.lock" in the 108 bytes the kernel allows.
const longestSocketDir = 80

func newLayout(ctx context.Context, options PostgresOptions) (layout, error) {
	if !filepath.IsAbs(options.DataDir) {
		return layout{}, fmt.Errorf("the database directory %q is not an absolute path", options.DataDir)
	}
	bindir := options.BinDir
	if bindir == "" {
		found, err := FindPostgres()
		if err != nil {
			return layout{}, err
		}
		bindir = found
	}
	who, err := serverAccount()
	if err != nil {
		return layout{}, err
	}
	plan := layout{
		root: options.DataDir, data: filepath.Join(options.DataDir, "data"), run: filepath.Join(options.DataDir, "run"),
		bindir: bindir, account: who,
	}
	if err := plan.prepare(ctx); err != nil {
		return layout{}, err
	}
	return plan, nil
}

func (l *layout) prepare(ctx context.Context) error {
	if err := os.MkdirAll(l.root, 0o711); err != nil { //nolint:gosec // the server's account must pass through; what is inside has its own modes
		return fmt.Errorf("create %s: %w", l.root, err)
	}
	if err := l.account.canEnter(l.root); err != nil {
		return err
	}
	if len(l.run) > longestSocketDir {
		short, err := os.MkdirTemp("", "zhanggui-pg-")
		if err != nil {
			return fmt.Errorf("create a short directory for PostgreSQL's socket: %w", err)
		}
		l.run = short
	}
	if err := l.account.makeDir(l.run); err != nil {
		return err
	}
	return l.checkVersion(ctx)
}

// checkVersion refuses a cluster of another major version in words, before the server does so in its log.
func (l *layout) checkVersion(ctx context.Context) error {
	major, err := majorVersion(ctx, l.bindir)
	if err != nil {
		return err
	}
	if major < MinimumMajor {
		return fmt.Errorf("%s holds PostgreSQL %d: version %d or newer is needed", l.bindir, major, MinimumMajor)
	}
	made, err := os.ReadFile(filepath.Join(l.data, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the version of the database: %w", err)
	}
	if version := strings.TrimSpace(string(made)); version != strconv.Itoa(major) {
		return fmt.Errorf("the database in %s was made by PostgreSQL %s and %s holds PostgreSQL %d: "+
			"set %s to the older programs, or remove the directory to begin anew", l.root, version, l.bindir, major, BinDirVariable)
	}
	return nil
}

func (l *layout) tryLock() (*fileLock, error) {
	lock, err := lockFile(filepath.Join(l.root, "lock"), false)
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("%w (%s): stop it first", ErrInUse, l.root)
	}
	return lock, err
}

// clearLeftovers waits for the processes of an earlier server, which may be on their way down, and
// ends them if they stay. Only then are its lock files stale beyond doubt. The caller holds the lock.
func (l *layout) clearLeftovers(ctx context.Context) error {
	patience := []struct {
		wait   time.Duration
		signal os.Signal
	}{{5 * time.Second, fastShutdown}, {10 * time.Second, immediateShutdown}, {5 * time.Second, os.Kill}, {5 * time.Second, nil}}
	for _, step := range patience {
		left, err := waitGone(ctx, l.data, step.wait)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			return l.removeStale()
		}
		if step.signal == nil {
			return fmt.Errorf("an earlier PostgreSQL server (process %d) still uses %s and does not end: end it by hand", left[0], l.data)
		}
		signalAll(left, step.signal)
	}
	return nil
}

func (l *layout) removeStale() error {
	if err := removeContents(l.run); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(l.data, "postmaster.pid")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the lock file of an earlier server: %w", err)
	}
	return nil
}

// ensureCluster runs initdb once and returns the superuser's password. An initdb that was cut short
// leaves nothing that looks like a cluster: it works in a directory that is renamed at the end.
func (l *layout) ensureCluster(ctx context.Context, sync bool) (password string, err error) {
	passwordFile := filepath.Join(l.root, "password")
	if _, err := os.Stat(filepath.Join(l.data, "PG_VERSION")); err == nil {
		kept, err := os.ReadFile(passwordFile) //nolint:gosec // a file of our own in a directory of our own
		if err != nil {
			return "", fmt.Errorf("read the database's password: %w", err)
		}
		return strings.TrimSpace(string(kept)), nil
	}
	password = rand.Text()
	if err := os.WriteFile(passwordFile, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the database's password: %w", err)
	}
	draft := l.data + ".new"
	if err := os.RemoveAll(draft); err != nil {
		return "", fmt.Errorf("remove an unfinished cluster: %w", err)
	}
	if err := l.account.makeDir(draft); err != nil {
		return "", err
	}
	if err := l.initdb(ctx, draft, password, sync); err != nil {
		return "", err
	}
	if err := os.Rename(draft, l.data); err != nil {
		return "", fmt.Errorf("put the new cluster in place: %w", err)
	}
	return password, nil
}

// initdb prefers C.UTF-8, which sorts by code point and knows letters, and falls back to C where
// the C library has no such locale.
func (l *layout) initdb(ctx context.Context, dir, password string, sync bool) error {
	handOver := filepath.Join(l.run, "initial-password")
	if err := os.WriteFile(handOver, []byte(password+"\n"), 0o600); err != nil {
		return fmt.Errorf("hand the password to initdb: %w", err)
	}
	defer func() { _ = os.Remove(handOver) }()
	if err := l.account.own(handOver); err != nil {
		return err
	}
	var failure error
	for _, locale := range []string{"C.UTF-8", "C"} {
		arguments := []string{
			"--pgdata", dir, "--username", Superuser, "--pwfile", handOver, "--auth", "scram-sha-256",
			"--encoding", "UTF8", "--locale", locale, "--no-instructions",
		}
		if !sync {
			arguments = append(arguments, "--no-sync")
		}
		cmd := exec.CommandContext(ctx, filepath.Join(l.bindir, "initdb"), arguments...) //nolint:gosec // the program was found by FindPostgres
		l.dress(cmd, dir)
		out, err := cmd.CombinedOutput()
		if err == nil {
			return nil
		}
		failure = fmt.Errorf("make a database cluster with initdb: %w: %s", err, lastLines(string(out)))
		if err := removeContents(dir); err != nil {
			return errors.Join(failure, err)
		}
	}
	return failure
}

// dress gives a command the server's account, a directory that account can enter, and an
// environment that holds nothing of ours.
func (l *layout) dress(cmd *exec.Cmd, dir string) {
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + l.bindir + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=" + dir}
	cmd.SysProcAttr = l.account.attributes()
}

// lastLines keeps an error readable: the end of a log says why.
func lastLines(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], " | ")
}
