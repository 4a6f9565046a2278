package vaulttest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// BinaryVariable names a vault or devserver program to use instead of searching.
const BinaryVariable = "ZHANGGUI_TEST_VAULT"

// program is a Vault server and how it wants to be started.
type program struct {
	path string
	own  bool // ours, which takes flags; HashiCorp's takes a configuration file
}

func findProgram(ctx context.Context) (program, error) {
	if path := os.Getenv(BinaryVariable); path != "" {
		return program{path: path, own: filepath.Base(path) != "vault"}, nil
	}
	if path, err := exec.LookPath("vault"); err == nil {
		return program{path: path}, nil
	}
	path, err := Build(ctx)
	return program{path: path, own: true}, err
}

// Build gives the path of vault/devserver's program, building it if this version of its
// sources was not built yet. Other processes that want it wait for the one that builds.
func Build(ctx context.Context) (string, error) {
	sources, err := findSources()
	if err != nil {
		return "", err
	}
	version, err := hashSources(sources)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a place for the built Vault: %w", err)
	}
	dir := filepath.Join(cache, "zhanggui", "vault-"+version)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make a place for the built Vault: %w", err)
	}
	target := filepath.Join(dir, "zhanggui-vault-devserver")
	lock, err := lockFile(filepath.Join(dir, "lock"), true)
	if err != nil {
		return "", err
	}
	defer func() { _ = lock.Close() }()
	if _, err := os.Stat(target); err == nil {
		return target, nil
	}
	return target, compile(ctx, sources, dir, target)
}

// compile writes into a draft that is renamed at the end, and the compiler's output into
// a file: a pipe kept open by a child would hang `go test`.
func compile(ctx context.Context, sources, dir, target string) error {
	log, err := os.Create(filepath.Join(dir, "build.log")) //nolint:gosec // in our own cache
	if err != nil {
		return fmt.Errorf("build Vault: %w", err)
	}
	defer func() { _ = log.Close() }()
	arguments := []string{"go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", target + ".draft", "."}
	if nice, err := exec.LookPath("nice"); err == nil {
		arguments = append([]string{nice, "-n", "10"}, arguments...)
	}
	command := exec.CommandContext(ctx, arguments[0], arguments[1:]...) //nolint:gosec // our own arguments
	command.Dir, command.Stdout, command.Stderr = sources, log, log
	command.Env = append(slices.DeleteFunc(os.Environ(), func(pair string) bool {
		return strings.HasPrefix(pair, "GOFLAGS=")
	}), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	if err := command.Run(); err != nil {
		return fmt.Errorf("build Vault in %s (its messages are in %s): %w", sources, log.Name(), err)
	}
	if err := os.Rename(target+".draft", target); err != nil {
		return fmt.Errorf("keep the built Vault: %w", err)
	}
	return nil
}

// findSources walks up from the working directory, which for a test is its package's.
func findSources() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find vault/devserver: %w", err)
	}
	for {
		sources := filepath.Join(dir, "vault", "devserver")
		if _, err := os.Stat(filepath.Join(sources, "go.mod")); err == nil {
			return sources, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("vault/devserver is not above the working directory: run this inside the clone")
		}
		dir = parent
	}
}

func hashSources(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", fmt.Errorf("list vault/devserver: %w", err)
	}
	slices.Sort(files)
	sum := sha256.New()
	for _, file := range append(files, filepath.Join(dir, "go.mod"), filepath.Join(dir, "go.sum")) {
		content, err := os.ReadFile(file) //nolint:gosec // our own sources
		if err != nil {
			return "", fmt.Errorf("read vault/devserver: %w", err)
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n", filepath.Base(file), len(content))
		_, _ = sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// lockFile holds a file against other processes until it is closed or this process ends.
func lockFile(path string, wait bool) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // a path of our own making
	if err != nil {
		return nil, fmt.Errorf("open the lock %s: %w", path, err)
	}
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err = syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("take the lock %s: %w", path, err)
	}
	return file, nil
}
