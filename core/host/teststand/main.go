// Command teststand runs the built programs as an operator would: `zhanggui serve` over a
// real Vault and a private PostgreSQL, with a simulated provider. The browser tests start
// it; it prints one JSON line that says where everything is and ends with its standard input.
// --without NAME leaves a plugin out of the plugin directory, which is the stand's own.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver

	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
	"github.com/zhanggui-pay/zhanggui/vault"
	"github.com/zhanggui-pay/zhanggui/vault/vaulttest"
)

// announcement is the line printed when everything runs.
type announcement struct {
	URL        string          `json:"url"`
	SetupLink  string          `json:"setup_link"`
	Database   string          `json:"database"` // URL of the superuser, for pg_dump
	PGBin      string          `json:"pg_bin"`
	Vault      string          `json:"vault"`
	VaultToken string          `json:"vault_token"`
	Log        string          `json:"log"`
	Plugins    string          `json:"plugins"` // the plugin directory
	PID        int             `json:"pid"`     // of zhanggui serve
	Simulator  json.RawMessage `json:"simulator"`
}

func main() {
	without := flag.String("without", "", "a plugin that does not lie in the plugin directory")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *without)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "teststand:", err)
		os.Exit(1)
	}
}

// stand is what runs; closers end it in reverse order.
type stand struct {
	bin, dir, without string

	said    announcement
	closers []func()
}

func run(ctx context.Context, without string) (err error) {
	bin := os.Getenv("ZHANGGUI_BIN")
	if bin == "" {
		return errors.New("ZHANGGUI_BIN is not set: the folder that `make build` fills")
	}
	dir, err := devstack.StateDir(fmt.Sprintf("teststand-%d", os.Getpid()))
	if err != nil {
		return err
	}
	s := &stand{bin: bin, dir: dir, without: without}
	s.onClose(func() { _ = os.RemoveAll(dir) })
	defer s.close()
	for _, step := range []func(context.Context) error{s.simulator, s.serve} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(s.said); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	ended := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	return nil
}

func (s *stand) onClose(fn func()) { s.closers = append(s.closers, fn) }

func (s *stand) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
}

// simulator runs provider-sim with its demo merchants.
func (s *stand) simulator(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "provider-sim"), "--demo", "--exit-on-stdin-eof") //nolint:gosec // our own program
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("provider-sim: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("provider-sim: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("provider-sim: %w", err)
	}
	s.onClose(func() { _ = stdin.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("provider-sim: %w", err)
	}
	s.said.Simulator = bytes.TrimSpace(line)
	return nil
}

// serve prepares PostgreSQL and Vault by the product's own commands and starts a node.
func (s *stand) serve(ctx context.Context) error {
	environment, err := s.environment(ctx)
	if err != nil {
		return err
	}
	if err := s.command(ctx, environment, "migrate"); err != nil {
		return err
	}
	plugins, err := s.plugins()
	if err != nil {
		return fmt.Errorf("plugins: %w", err)
	}
	if err := s.command(ctx, environment, append([]string{"plugin", "approve"}, plugins...)...); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(s.dir, "serve.log"))
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	node := exec.CommandContext(ctx, filepath.Join(s.bin, "zhanggui"), "serve") //nolint:gosec // our own program
	node.Env, node.Stderr, node.Stdout = environment, log, log
	if err := node.Start(); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	s.onClose(func() { _ = node.Process.Signal(syscall.SIGTERM); _ = node.Wait(); _ = log.Close() })
	s.said.Log, s.said.PID = log.Name(), node.Process.Pid
	return s.ready(ctx)
}

// plugins fills the plugin directory with what was built, and gives their names.
func (s *stand) plugins() (names []string, err error) {
	if err := os.CopyFS(s.said.Plugins, os.DirFS(filepath.Join(s.bin, "plugins"))); err != nil {
		return nil, err
	}
	if s.without != "" {
		if err := os.Remove(filepath.Join(s.said.Plugins, s.without)); err != nil {
			return nil, err
		}
	}
	found, err := os.ReadDir(s.said.Plugins)
	for _, p := range found {
		names = append(names, p.Name())
	}
	return names, err
}

func (s *stand) command(ctx context.Context, environment []string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "zhanggui"), args...) //nolint:gosec // our own program
	cmd.Env = environment
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("zhanggui %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// environment starts PostgreSQL and Vault and gives the settings of a node.
func (s *stand) environment(ctx context.Context) ([]string, error) {
	server, err := devstack.StartPostgres(ctx, devstack.PostgresOptions{DataDir: filepath.Join(s.dir, "postgres")})
	if err != nil {
		return nil, err
	}
	s.onClose(func() { _ = server.Stop(context.WithoutCancel(ctx), devstack.StopImmediate) })
	const password = "only-in-this-throw-away-server"
	admin, err := sqlx.ConnectContext(ctx, "postgres", server.SuperuserURL("postgres"))
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL: %w", err)
	}
	for _, ddl := range []string{"CREATE ROLE zhanggui LOGIN CREATEROLE PASSWORD '" + password + "'", "CREATE DATABASE zhanggui OWNER zhanggui"} {
		if _, err := admin.ExecContext(ctx, ddl); err != nil {
			return nil, fmt.Errorf("PostgreSQL: %w", err)
		}
	}
	_ = admin.Close()
	keys, err := vaulttest.Open(ctx, vault.Options{})
	if err != nil {
		return nil, err
	}
	s.onClose(keys.Close)
	secretFile := filepath.Join(s.dir, "vault-secret-id")
	if err := os.WriteFile(secretFile, keys.SecretID.Reveal(), 0o600); err != nil {
		return nil, fmt.Errorf("secret id: %w", err)
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	pgBin, err := devstack.FindPostgres()
	if err != nil {
		return nil, err
	}
	s.said.URL, s.said.Database, s.said.PGBin = "http://"+address, server.SuperuserURL("zhanggui"), pgBin
	s.said.Plugins = filepath.Join(s.dir, "plugins")
	s.said.Vault, s.said.VaultToken = keys.Address, string(keys.RootToken.Reveal())
	return append(os.Environ(),
		"DATABASE_URL="+server.URL("zhanggui", password, "zhanggui"), "VAULT_ADDR="+keys.Address,
		"ZHANGGUI_VAULT_ROLE_ID="+keys.RoleID, "ZHANGGUI_VAULT_SECRET_ID_FILE="+secretFile,
		"ZHANGGUI_LISTEN="+address, "ZHANGGUI_ADMIN_LISTEN=", "ZHANGGUI_PUBLIC_URL=http://"+address,
		"ZHANGGUI_PLUGINS_DIR="+s.said.Plugins, "ZHANGGUI_TEST_MODE=true", "ZHANGGUI_LOG_LEVEL=debug"), nil
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// setupLink is the first administrator's one-time link in the node's output.
var setupLink = regexp.MustCompile(`http://\S+/link#\S+`) //nolint:gochecknoglobals // compiled once

// ready waits until the node serves and has printed the setup link.
func (s *stand) ready(ctx context.Context) error {
	for range 300 {
		text, err := os.ReadFile(s.said.Log)
		if err != nil {
			return fmt.Errorf("log: %w", err)
		}
		if link := setupLink.Find(text); link != nil && answers(ctx, s.said.URL+"/readyz") {
			s.said.SetupLink = string(link)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	text, _ := os.ReadFile(s.said.Log)
	return fmt.Errorf("the node did not become ready: %s", text)
}

func answers(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode == http.StatusOK
}
