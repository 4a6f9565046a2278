package keyring

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestEmbeddedContract(t *testing.T) {
	t.Parallel()
	contract(t, func(t *testing.T, _ *slog.Logger) store {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "keyring")
		keys, err := OpenEmbedded(dir)
		if err != nil {
			t.Fatal(err)
		}
		move := func(from, to string) func(*testing.T) {
			return func(t *testing.T) {
				t.Helper()
				if err := os.Rename(from, to); err != nil {
					t.Fatal(err)
				}
			}
		}
		return store{keys, move(dir, dir+".gone"), move(dir+".gone", dir)}
	})
}

func openEmbedded(t *testing.T) *Embedded {
	t.Helper()
	keys, err := OpenEmbedded(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// Two processes over one directory see each other's writes.
func TestEmbeddedIsSharedByProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var both [2]*Embedded
	for i := range both {
		keys, err := OpenEmbedded(dir)
		if err != nil {
			t.Fatal(err)
		}
		both[i] = keys
	}
	path := newPath()
	for version := range 6 {
		mustPut(t, both[version%2], path, md5Key("-a"), version)
		mustHold(t, both[(version+1)%2], path, 0, version+1, md5Key("-a"))
	}
}

func TestEmbeddedFilesHoldNoSecretAndAreOurs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys, err := OpenEmbedded(dir)
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, keys, newPath(), md5Key(""), 0)
	files := 0
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %04o", entry.Name(), info.Mode().Perm())
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(canary)) {
			t.Errorf("%s holds the secret", entry.Name())
		}
		return err
	})
	if err != nil || files < 3 {
		t.Fatalf("%d files, %v", files, err)
	}
}

func TestEmbeddedRefusesInWords(t *testing.T) {
	t.Parallel()
	spoil := map[string]struct {
		do   func(dir string) error
		says string
	}{
		"readable by others": {func(dir string) error { return os.Chmod(filepath.Join(dir, masterFile), 0o644) }, "0600"},
		"damaged":            {func(dir string) error { return os.WriteFile(filepath.Join(dir, masterFile), []byte("x"), 0o600) }, "damaged"},
		"lost":               {func(dir string) error { return os.Remove(filepath.Join(dir, masterFile)) }, "has lost its master.key"},
		"another's": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, masterFile), []byte(strings.Repeat("A", 43)+"="), 0o600)
		}, "not the one"},
	}
	for name, c := range spoil {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			keys, err := OpenEmbedded(dir)
			if err != nil {
				t.Fatal(err)
			}
			mustPut(t, keys, newPath(), md5Key(""), 0)
			if err := c.do(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenEmbedded(dir); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want a sentence with %q", err, c.says)
			}
		})
	}
}

// A file moved to another tenant's path does not open there.
func TestEmbeddedFilesAreBoundToTheirPath(t *testing.T) {
	t.Parallel()
	keys := openEmbedded(t)
	mine, other := newPath(), newPath()
	mustPut(t, keys, mine, md5Key("-mine"), 0)
	mustPut(t, keys, other, md5Key("-other"), 0)
	content, err := os.ReadFile(keys.file(other))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keys.file(mine), content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := keys.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Get(t.Context(), mine, 0); core.CodeOf(err) != core.CodeInternal {
		t.Errorf("another tenant's file: %v", err)
	}
}
