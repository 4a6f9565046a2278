package vaulttest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/vault"
)

// Server is a running Vault, initialised, unsealed and bootstrapped.
type Server struct {
	Address   string
	RootToken core.Secret
	RoleID    string
	SecretID  core.Secret

	program   program
	dir       string
	lock      *os.File
	unsealKey string
	process   *process
}

// Shared is one server for all tests of this process that neither seal nor stop it. It
// ends with the process.
func Shared(tb testing.TB) *Server {
	tb.Helper()
	server, err := shared()
	if err != nil {
		tb.Fatalf("the tests need a Vault: %v", err)
	}
	return server
}

var shared = sync.OnceValues(func() (*Server, error) { //nolint:gochecknoglobals // one server per test process
	return Open(context.Background(), vault.Options{})
})

// Start is a server for one test, which may seal and stop it.
func Start(tb testing.TB, options vault.Options) *Server {
	tb.Helper()
	server, err := Open(context.Background(), options)
	if err != nil {
		tb.Fatalf("the test needs a Vault: %v", err)
	}
	tb.Cleanup(server.Close)
	return server
}

// Open is Start for programs. The server's data lie in a temporary directory until Close;
// if this process is killed, the kernel stops the server and a later Open removes the data.
func Open(ctx context.Context, options vault.Options) (*Server, error) {
	removeLeftovers()
	found, err := findProgram(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", dirPattern)
	if err != nil {
		return nil, fmt.Errorf("make a directory for Vault: %w", err)
	}
	server := &Server{program: found, dir: dir}
	if server.lock, err = lockFile(filepath.Join(dir, "lock"), false); err != nil {
		return nil, err
	}
	if err := server.prepare(ctx, options); err != nil {
		server.Close()
		return nil, err
	}
	return server, nil
}

func (s *Server) prepare(ctx context.Context, options vault.Options) error {
	if err := s.startOnFreePort(ctx); err != nil {
		return err
	}
	client, err := s.client()
	if err != nil {
		return err
	}
	made, err := client.Sys().InitWithContext(ctx, &api.InitRequest{SecretShares: 1, SecretThreshold: 1})
	if err != nil {
		return fmt.Errorf("initialise Vault: %w", err)
	}
	s.unsealKey, s.RootToken = made.KeysB64[0], core.SecretString(made.RootToken)
	if err := s.Unseal(ctx); err != nil {
		return err
	}
	return s.Bootstrap(ctx, options)
}

// Bootstrap runs the product's bootstrap, again if need be, and takes a new secret id.
func (s *Server) Bootstrap(ctx context.Context, options vault.Options) error {
	client, err := s.client()
	if err != nil {
		return err
	}
	if s.RoleID, err = vault.Bootstrap(ctx, client, options); err != nil {
		return err
	}
	s.SecretID, err = vault.NewSecretID(ctx, client)
	return err
}

// Client has the root token.
func (s *Server) Client(tb testing.TB) *api.Client {
	tb.Helper()
	client, err := s.client()
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

func (s *Server) client() (*api.Client, error) { return vault.NewClient(s.Address, s.RootToken) }

// Seal makes the keys unreadable until Unseal.
func (s *Server) Seal(ctx context.Context) error {
	client, err := s.client()
	if err != nil {
		return err
	}
	if err := client.Sys().SealWithContext(ctx); err != nil {
		return fmt.Errorf("seal Vault: %w", err)
	}
	return nil
}

// Unseal returns when Vault serves requests again, which is a moment after it says so.
func (s *Server) Unseal(ctx context.Context) error {
	client, err := s.client()
	if err != nil {
		return err
	}
	if _, err := client.Sys().UnsealWithContext(ctx, s.unsealKey); err != nil {
		return fmt.Errorf("unseal Vault: %w", err)
	}
	return until(ctx, 30*time.Second, "the server does not become active", func() bool {
		_, err := client.Auth().Token().LookupSelfWithContext(ctx)
		return err == nil
	})
}

// Stop ends the process and keeps its data for Restart.
func (s *Server) Stop() {
	if s.process != nil {
		s.process.stop()
		s.process = nil
	}
}

// Restart ends the process if it runs and starts it again under the same address, unsealed.
func (s *Server) Restart(ctx context.Context) error {
	s.Stop()
	if err := s.start(ctx, s.Address); err != nil {
		return err
	}
	return s.Unseal(ctx)
}

// Close ends the process and removes its data.
func (s *Server) Close() {
	s.Stop()
	_ = os.RemoveAll(s.dir)
	_ = s.lock.Close()
}

// LogFile is where the server's own messages go.
func (s *Server) LogFile() string { return filepath.Join(s.dir, "vault.log") }

// startOnFreePort tries again when another process took the port meanwhile.
func (s *Server) startOnFreePort(ctx context.Context) (err error) {
	for range 3 {
		var address string
		if address, err = freeAddress(ctx); err != nil {
			return err
		}
		if err = s.start(ctx, address); err == nil {
			return nil
		}
	}
	return err
}

func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return "http://" + listener.Addr().String(), listener.Close()
}

func until(ctx context.Context, atMost time.Duration, otherwise string, ready func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	for !ready() {
		select {
		case <-ctx.Done():
			return errors.New(otherwise)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}
