// Package stand is everything around the nodes of a run under faults: a PostgreSQL of its
// own behind a proxy that cuts connections, a real Vault, the simulated providers as a
// program, the address that providers call, merchants that were onboarded, and nodes as
// processes that can be killed. Each can be broken on purpose and mended.
package stand

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
	"github.com/zhanggui-pay/zhanggui/vault"
	"github.com/zhanggui-pay/zhanggui/vault/vaulttest"
)

// Options say how large a stand is.
type Options struct {
	Bin         string // directory of provider-sim and plugins/
	Name        string // of the directory that holds everything, with this process's id; one stand of a name at a time
	Tenants     int
	Nodes       int
	CallTimeout time.Duration // of one call to a provider; zero leaves the product's own
	BackOff     time.Duration // before a plugin is started again; zero leaves the product's own
}

// Stand is what runs. Close ends it.
type Stand struct {
	Cluster *Cluster
	Proxy   *Cutter
	Vault   *vaulttest.Server
	Sims    *Simulators
	Front   *Front
	Hooks   *Receiver
	Nodes   []*Node
	Tenants []Tenant
	Admin   Admin

	options Options
	dir     string
	secret  string // file of the AppRole's secret id
	closers []func() error
}

// Start builds a stand with its tenants and starts its nodes.
func Start(ctx context.Context, o Options) (_ *Stand, err error) {
	s := &Stand{options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.dir, err = devstack.StateDir(fmt.Sprintf("%s-%d", o.Name, os.Getpid())); err != nil {
		return nil, fmt.Errorf("a directory for the run: %w", err)
	}
	if err := os.MkdirAll(s.dir, 0o711); err != nil { //nolint:gosec // PostgreSQL's user passes through; what lies inside is private
		return nil, fmt.Errorf("a directory for the run: %w", err)
	}
	for _, step := range []func(context.Context) error{s.openCluster, s.openVault, s.openSimulators, s.openFront, s.onboard, s.startNodes} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Stand) onClose(fn func() error) { s.closers = append(s.closers, fn) }

// Forget removes the logs that Close leaves.
func (s *Stand) Forget() error {
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("remove the run's directory: %w", err)
	}
	return nil
}

// Close ends everything and removes the data. The logs stay in Dir.
func (s *Stand) Close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(errs...)
}

func (s *Stand) openCluster(ctx context.Context) (err error) {
	if s.Cluster, err = startCluster(ctx, filepath.Join(s.dir, "postgres")); err != nil {
		return err
	}
	s.onClose(s.Cluster.close)
	if s.Proxy, err = newCutter(ctx, s.Cluster.address); err != nil {
		return err
	}
	s.onClose(s.Proxy.close)
	return nil
}

func (s *Stand) openVault(ctx context.Context) (err error) {
	if s.Vault, err = vaulttest.Open(ctx, vault.Options{}); err != nil {
		return fmt.Errorf("a Vault for the run: %w", err)
	}
	s.onClose(func() error { s.Vault.Close(); return nil })
	s.secret = filepath.Join(s.dir, "vault-secret-id")
	if err := os.WriteFile(s.secret, s.Vault.SecretID.Reveal(), 0o600); err != nil {
		return fmt.Errorf("the AppRole's secret id: %w", err)
	}
	return nil
}

func (s *Stand) openSimulators(ctx context.Context) (err error) {
	if s.Sims, err = startSimulators(ctx, s.options.Bin, s.options.Tenants, filepath.Join(s.dir, "provider-sim.log")); err != nil {
		return err
	}
	s.onClose(s.Sims.stop)
	return nil
}

func (s *Stand) openFront(ctx context.Context) (err error) {
	if s.Hooks, err = newReceiver(ctx); err != nil {
		return err
	}
	s.onClose(s.Hooks.close)
	if s.Front, err = newFront(ctx, s.Up); err != nil {
		return err
	}
	s.onClose(s.Front.close)
	return nil
}

func (s *Stand) startNodes(ctx context.Context) error {
	for i := range s.options.Nodes {
		n := &Node{Name: fmt.Sprintf("node %d", i+1), config: s.config(), log: filepath.Join(s.dir, fmt.Sprintf("node-%d.log", i+1))}
		n.config.Log = n.log
		if err := n.Start(ctx); err != nil {
			return err
		}
		s.onClose(n.Stop)
		s.Nodes = append(s.Nodes, n)
	}
	return nil
}

// Up gives the addresses of the nodes that serve.
func (s *Stand) Up() []string {
	var out []string
	for _, n := range s.Nodes {
		if address := n.Address(); address != "" {
			out = append(out, address)
		}
	}
	return out
}

// PayoutPlaces are the numbers of the providers that pay out.
func (s *Stand) PayoutPlaces() []int {
	var out []int
	for i, p := range s.Sims.Providers {
		if p.paysOut {
			out = append(out, i)
		}
	}
	return out
}

// LogFiles are the logs of the nodes, the simulators and PostgreSQL.
func (s *Stand) LogFiles() []string {
	files, _ := filepath.Glob(filepath.Join(s.dir, "*.log"))
	return append(files, filepath.Join(s.dir, "postgres", "postgres.log"), s.Vault.LogFile())
}

// Dir is where the run keeps its things.
func (s *Stand) Dir() string { return s.dir }

func (s *Stand) config() nodeConfig {
	return nodeConfig{
		Database: s.Proxy.through(s.Cluster.URL()), Plugins: filepath.Join(s.options.Bin, "plugins"), Vault: s.Vault.Address, RoleID: s.Vault.RoleID,
		SecretIDFile: s.secret, PublicURL: s.Front.URL(), CallTimeout: s.options.CallTimeout, BackOff: s.options.BackOff,
	}
}
