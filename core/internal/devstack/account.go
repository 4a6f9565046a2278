package devstack

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the operating-system user the server runs as. PostgreSQL refuses to run as root.
type account struct {
	name     string
	uid, gid int
	// switched says that the server runs as another user than this process.
	switched bool
}

// serverAccount is this process's own user, or for root an unprivileged one: postgres, else nobody.
func serverAccount() (account, error) {
	if uid := os.Geteuid(); uid != 0 {
		return account{name: "uid " + strconv.Itoa(uid), uid: uid, gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(found.Uid)
		gid, gidErr := strconv.Atoi(found.Gid)
		if uidErr != nil || gidErr != nil || uid == 0 {
			continue
		}
		return account{name: name, uid: uid, gid: gid, switched: true}, nil
	}
	return account{}, errors.New("PostgreSQL refuses to run as root and this machine has no user postgres or nobody: " +
		"create one with `useradd --system postgres`, or start as an ordinary user")
}

// own gives a path to the server's account.
func (a account) own(path string) error {
	if !a.switched {
		return nil
	}
	if err := os.Lchown(path, a.uid, a.gid); err != nil {
		return fmt.Errorf("give %s to user %s: %w", path, a.name, err)
	}
	return nil
}

// makeDir creates a directory only the server's account can read, or takes over an existing one.
func (a account) makeDir(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	return a.own(path)
}

// canEnter says in a sentence which parent directory keeps the server's account out, if one does:
// root's home is closed to it, and a clone often lies there.
func (a account) canEnter(path string) error {
	if !a.switched {
		return nil
	}
	for dir := path; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("look at %s: %w", dir, err)
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		mine := ok && int(stat.Uid) == a.uid
		if !mine && info.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("the PostgreSQL server runs as user %s, which may not enter %s: choose a data directory elsewhere, for example under /var/tmp", a.name, dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// StateDir returns a directory for things that outlive a process and belong outside the clone, and
// creates it: /var/tmp/zhanggui-0/<name> for root (whose home the server's user cannot enter), else
// $XDG_STATE_HOME/zhanggui/<name> or ~/.local/state/zhanggui/<name>. A directory that somebody else
// made there first is refused.
func StateDir(name string) (string, error) {
	base, mode, err := stateBase()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(base, mode); err != nil {
		return "", fmt.Errorf("create %s: %w", base, err)
	}
	if err := ownedByUs(base); err != nil {
		return "", err
	}
	dir := filepath.Join(base, name)
	if err := os.MkdirAll(dir, mode); err != nil {
		return "", fmt.Errorf("create %s: %w", dir, err)
	}
	return dir, nil
}

func stateBase() (string, os.FileMode, error) {
	if os.Geteuid() == 0 {
		return "/var/tmp/zhanggui-0", 0o711, nil
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "zhanggui"), 0o700, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", 0, fmt.Errorf("find a directory for the database: set HOME or XDG_STATE_HOME: %w", err)
	}
	return filepath.Join(home, ".local", "state", "zhanggui"), 0o700, nil
}

// ownedByUs refuses a link, and a directory another user planted in a world-writable place.
func ownedByUs(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at %s: %w", dir, err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(stat.Uid) != os.Geteuid() || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s was made by somebody else or is open to others: remove it and start again", dir)
	}
	return nil
}
