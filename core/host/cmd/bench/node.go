package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core/api"
	"github.com/zhanggui-pay/zhanggui/core/host"
	"github.com/zhanggui-pay/zhanggui/core/internal/keyring"
)

// nodeVariable makes this program a node: it holds a nodeConfig in JSON.
const nodeVariable = "ZHANGGUI_BENCH_NODE"

// nodeConfig is what a node of the benchmark needs to know.
type nodeConfig struct {
	Database string `json:"database"`
	Plugins  string `json:"plugins"`
	Keys     string `json:"keys"`
	Log      string `json:"log"`     // file its log is appended to
	Profile  string `json:"profile"` // file for its CPU profile, or ""
}

// host is the configuration of production, but for addresses.
func (c nodeConfig) host() host.Config {
	cfg := host.Defaults()
	cfg.Listen, cfg.AdminListen = "127.0.0.1:0", ""
	cfg.Database.URL = c.Database
	cfg.Plugins.Dir, cfg.Plugins.AllowPrivateNetworks = c.Plugins, true
	cfg.Drain = 5 * time.Second
	return cfg
}

// start runs the node in this process.
func (c nodeConfig) start(ctx context.Context) (*host.Host, func() error, error) {
	log, err := os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the node's log: %w", err)
	}
	keys, err := keyring.OpenEmbedded(c.Keys)
	if err != nil {
		return nil, nil, errors.Join(err, log.Close())
	}
	h, err := host.Start(ctx, c.host(), host.Parts{
		Keyring: keys, Clock: now, Logger: slog.New(slog.NewJSONHandler(log, nil)), TestMode: true, Version: api.Version{Version: "bench"},
	})
	if err != nil {
		return nil, nil, errors.Join(err, keys.Close(), log.Close())
	}
	return h, func() error { return errors.Join(h.Stop(), keys.Close(), log.Close()) }, nil
}

// runNode is the node's own process: it prints its address, and ends with its standard input.
func runNode(ctx context.Context, raw string) (err error) {
	var c nodeConfig
	if err := json.Unmarshal([]byte(raw), &c); err != nil {
		return fmt.Errorf("read %s: %w", nodeVariable, err)
	}
	h, stop, err := c.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if c.Profile != "" {
		file, err := os.Create(c.Profile)
		if err != nil {
			return fmt.Errorf("write the CPU profile: %w", err)
		}
		defer func() { _ = file.Close() }()
		if err := pprof.StartCPUProfile(file); err != nil {
			return fmt.Errorf("start the CPU profile: %w", err)
		}
		defer pprof.StopCPUProfile()
	}
	printf(os.Stdout, "%s\n", h.Address())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// node is a node in a process of its own.
type node struct {
	cmd     *exec.Cmd
	stdin   io.Closer
	address string
}

func (w *world) startNode(ctx context.Context, profile string) (*node, error) {
	config := w.node
	config.Profile = profile
	raw, err := json.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("configure the node: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	n := &node{cmd: exec.CommandContext(context.WithoutCancel(ctx), self)} //nolint:gosec // ourselves; it ends with its standard input
	n.cmd.Env = append(os.Environ(), nodeVariable+"="+string(raw))
	n.cmd.Stderr = os.Stderr
	stdin, err := n.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the node: %w", err)
	}
	stdout, err := n.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the node: %w", err)
	}
	n.stdin = stdin
	if err := n.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the node: %w", err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the node did not start: %w", err), n.stop())
	}
	n.address = strings.TrimSpace(line)
	return n, nil
}

func (n *node) stop() error {
	_ = n.stdin.Close()
	if err := n.cmd.Wait(); err != nil {
		return fmt.Errorf("the node: %w", err)
	}
	return nil
}
