package pluginhost

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// runDirPrefix is short: a socket's path may have 107 bytes.
const runDirPrefix = "zgplug"

// runDir holds the private directories of a host's plugins. It is locked for as long as
// the host lives, so that the next host can tell what a killed one left behind.
type runDir struct {
	path string
	lock *os.File
}

func newRunDir() (*runDir, error) {
	sweepRunDirs(time.Now())
	path, err := os.MkdirTemp("", runDirPrefix)
	if err != nil {
		return nil, fmt.Errorf("make a directory for the plugins' sockets: %w", err)
	}
	lock, err := lockDir(path)
	if err != nil {
		_ = os.RemoveAll(path)
		return nil, fmt.Errorf("lock the directory of the plugins' sockets: %w", err)
	}
	return &runDir{path: path, lock: lock}, nil
}

func lockDir(path string) (*os.File, error) {
	f, err := os.Open(path) //nolint:gosec // our own directory
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func (r *runDir) remove() {
	_ = os.RemoveAll(r.path)
	_ = r.lock.Close()
}

// sweepAge keeps the sweep away from a directory that is just being made.
const sweepAge = time.Minute

// sweepRunDirs removes what hosts that were killed have left. Another user's cannot be
// locked or removed, which is as it should be.
func sweepRunDirs(now time.Time) {
	found, err := filepath.Glob(filepath.Join(os.TempDir(), runDirPrefix+"*"))
	if err != nil {
		return
	}
	for _, path := range found {
		info, err := os.Lstat(path)
		if err != nil || !info.IsDir() || now.Sub(info.ModTime()) < sweepAge {
			continue
		}
		if lock, err := lockDir(path); err == nil {
			_ = os.RemoveAll(path)
			_ = lock.Close()
		}
	}
}
