package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// MinimumMajor is the oldest PostgreSQL major version the product's SQL runs on.
const MinimumMajor = 14

// BinDirVariable names the environment variable that points at the directory of initdb and postgres
// when they are neither on PATH nor where Debian puts them.
const BinDirVariable = "ZHANGGUI_PG_BIN"

// ErrNoPostgres is returned by FindPostgres when this machine has no usable PostgreSQL server
// binaries. Its text says what to install.
var ErrNoPostgres = errors.New("PostgreSQL 14 or newer is not installed here: " +
	"install it with `apt-get install postgresql` (or set " + BinDirVariable + " to the directory that holds initdb and postgres)")

// FindPostgres returns the directory that holds initdb and postgres: the one ZHANGGUI_PG_BIN names,
// else the newest one under /usr/lib/postgresql, else the one on PATH. The error is ErrNoPostgres,
// or a sentence about a ZHANGGUI_PG_BIN that holds no server.
func FindPostgres() (bindir string, err error) {
	return finder{
		explicit: os.Getenv(BinDirVariable),
		debian:   "/usr/lib/postgresql",
		path:     filepath.SplitList(os.Getenv("PATH")),
	}.find()
}

// finder holds the places to look in, so that a test can name its own.
type finder struct {
	explicit string
	debian   string
	path     []string
}

func (f finder) find() (string, error) {
	if f.explicit != "" {
		if hasServer(f.explicit) {
			return f.explicit, nil
		}
		return "", fmt.Errorf("%s names %q, which holds no initdb and postgres programs: correct it or unset it", BinDirVariable, f.explicit)
	}
	for _, dir := range append(debianDirs(f.debian), f.path...) {
		if filepath.IsAbs(dir) && hasServer(dir) {
			return dir, nil
		}
	}
	return "", ErrNoPostgres
}

// debianDirs lists root/<major>/bin, newest first, leaving out what is too old.
func debianDirs(root string) []string {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil
	}
	var majors []int
	for _, entry := range entries {
		if major, err := strconv.Atoi(entry.Name()); err == nil && major >= MinimumMajor {
			majors = append(majors, major)
		}
	}
	sort.Sort(sort.Reverse(sort.IntSlice(majors)))
	dirs := make([]string, 0, len(majors))
	for _, major := range majors {
		dirs = append(dirs, filepath.Join(root, strconv.Itoa(major), "bin"))
	}
	return dirs
}

func hasServer(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// majorVersion asks the server binary for its version; "postgres (PostgreSQL) 15.13 (Debian …)" is 15.
func majorVersion(ctx context.Context, bindir string) (int, error) {
	out, err := exec.CommandContext(ctx, filepath.Join(bindir, "postgres"), "--version").Output() //nolint:gosec // the program was found by FindPostgres
	if err != nil {
		return 0, fmt.Errorf("ask %s for its version: %w", bindir, err)
	}
	for field := range strings.FieldsSeq(string(out)) {
		// "15.13", and of a pre-release "18beta1".
		digits := strings.IndexFunc(field+".", func(r rune) bool { return r < '0' || r > '9' })
		if major, err := strconv.Atoi(field[:digits]); err == nil {
			return major, nil
		}
	}
	return 0, fmt.Errorf("%s/postgres reports a version nobody understands: %q", bindir, strings.TrimSpace(string(out)))
}

// InstallPostgres installs Debian's PostgreSQL server without letting the package create or start a
// cluster of its own. It needs root and apt-get; without them the error is ErrNoPostgres. Output of
// apt-get goes to log. It takes a minute or two on a fresh machine.
func InstallPostgres(ctx context.Context, log io.Writer) error {
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return ErrNoPostgres
	}
	if err := refuseDefaultCluster("/etc/postgresql-common"); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"-q", "update"},
		{"-q", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", "-o", "DPkg::Lock::Timeout=300", "install", "postgresql"},
	} {
		cmd := exec.CommandContext(ctx, apt, args...) //nolint:gosec // the arguments are the constants above
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("install PostgreSQL with apt-get %s: %w", strings.Join(args, " "), err)
		}
	}
	return nil
}

// refuseDefaultCluster tells postgresql-common not to create its "main" cluster. An existing
// configuration is somebody's decision and stays as it is.
func refuseDefaultCluster(dir string) error {
	conf := filepath.Join(dir, "createcluster.conf")
	if _, err := os.Stat(conf); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // a system directory, readable like its neighbours
		return fmt.Errorf("prepare %s: %w", dir, err)
	}
	if err := os.WriteFile(conf, []byte("create_main_cluster = false\n"), 0o644); err != nil { //nolint:gosec // configuration, no secret
		return fmt.Errorf("write %s: %w", conf, err)
	}
	return nil
}
