package devstack

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindPostgres(t *testing.T) {
	t.Parallel()
	debian := t.TempDir()
	for _, major := range []string{"13", "14", "9.6", "16", "15"} {
		plantServer(t, filepath.Join(debian, major, "bin"))
	}
	if err := os.Mkdir(filepath.Join(debian, "17"), 0o700); err != nil { // a version whose server is not installed
		t.Fatal(err)
	}
	onPath := plantServer(t, filepath.Join(t.TempDir(), "bin"))
	empty := t.TempDir()

	cases := []struct {
		name      string
		look      finder
		want, err string
	}{
		{"the variable wins", finder{explicit: onPath, debian: debian}, onPath, ""},
		{"a wrong variable is an error, not ignored", finder{explicit: empty, debian: debian}, "", "ZHANGGUI_PG_BIN names"},
		{"Debian's newest", finder{debian: debian, path: []string{onPath}}, filepath.Join(debian, "16", "bin"), ""},
		{"PATH", finder{debian: empty, path: []string{"", empty, onPath}}, onPath, ""},
		{"a relative PATH entry is not run", finder{debian: empty, path: []string{"."}}, "", "apt-get install postgresql"},
		{"nothing", finder{debian: filepath.Join(empty, "none"), path: []string{empty}}, "", "apt-get install postgresql"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := c.look.find()
			if got != c.want || (err == nil) != (c.err == "") || (err != nil && !strings.Contains(err.Error(), c.err)) {
				t.Errorf("find() = %q, %v; want %q and an error with %q", got, err, c.want, c.err)
			}
		})
	}
}

func plantServer(t *testing.T, dir string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"initdb", "postgres"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\necho 'postgres (PostgreSQL) 18beta1'\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestMajorVersion(t *testing.T) {
	t.Parallel()
	dir := plantServer(t, filepath.Join(t.TempDir(), "bin"))
	if major, err := majorVersion(t.Context(), dir); err != nil || major != 18 {
		t.Errorf("majorVersion of a pre-release = %d, %v; want 18", major, err)
	}
	if _, err := majorVersion(t.Context(), t.TempDir()); err == nil {
		t.Error("majorVersion of an empty directory gave no error")
	}
}

func TestInstallNeedsApt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if err := InstallPostgres(t.Context(), io.Discard); !errors.Is(err, ErrNoPostgres) {
		t.Errorf("InstallPostgres without apt-get = %v; want ErrNoPostgres", err)
	}
}

func TestDefaultClusterIsRefusedOnceAndNotAgainstAnExistingDecision(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "postgresql-common")
	conf := filepath.Join(dir, "createcluster.conf")
	if err := refuseDefaultCluster(dir); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(conf); err != nil || string(text) != "create_main_cluster = false\n" {
		t.Errorf("createcluster.conf = %q, %v", text, err)
	}
	if err := os.WriteFile(conf, []byte("ssl = on\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := refuseDefaultCluster(dir); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(conf); err != nil || string(text) != "ssl = on\n" {
		t.Errorf("an existing createcluster.conf became %q, %v", text, err)
	}
}
