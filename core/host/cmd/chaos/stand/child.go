package stand

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/zhanggui-pay/zhanggui/core/api"
	"github.com/zhanggui-pay/zhanggui/core/host"
	"github.com/zhanggui-pay/zhanggui/core/internal/keyring"
)

// nodeVariable makes a program a node: it holds a nodeConfig in JSON.
const nodeVariable = "ZHANGGUI_CHAOS_NODE"

// nodeConfig is what a node needs to know.
type nodeConfig struct {
	Database     string        `json:"database"`
	Plugins      string        `json:"plugins"`
	Vault        string        `json:"vault"`
	RoleID       string        `json:"role_id"`
	SecretIDFile string        `json:"secret_id_file"`
	PublicURL    string        `json:"public_url"`
	Log          string        `json:"log"`
	CallTimeout  time.Duration `json:"call_timeout"`
	BackOff      time.Duration `json:"back_off"`
}

// conns is how many connections a node keeps to PostgreSQL: so few that its pool is always
// full, and the number of its open files says something.
const conns = 12

// host is the configuration of production, but for addresses, the pool, and how long is waited.
func (c nodeConfig) host() host.Config {
	cfg := host.Defaults()
	cfg.Listen, cfg.AdminListen, cfg.PublicURL = "127.0.0.1:0", "", c.PublicURL
	cfg.Database.URL, cfg.Database.MaxConns = c.Database, conns
	cfg.Plugins.Dir, cfg.Plugins.AllowPrivateNetworks = c.Plugins, true
	if c.BackOff > 0 {
		cfg.Plugins.BackOff, cfg.Plugins.MaxBackOff = c.BackOff, 10*c.BackOff
	}
	if c.CallTimeout > 0 {
		cfg.CallTimeout = c.CallTimeout
	}
	cfg.Drain = 5 * time.Second
	return cfg
}

// child is a node's own process.
type child struct {
	lead  atomic.Int64 // how far its clock is ahead, in nanoseconds
	armed atomic.Pointer[string]
}

// start runs the node in this process.
func (k *child) start(ctx context.Context, c nodeConfig) (*host.Host, func() error, error) {
	log, err := os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the node's log: %w", err)
	}
	logger := slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	keys, err := keyring.OpenVault(keyring.VaultOptions{Address: c.Vault, RoleID: c.RoleID, SecretIDFile: c.SecretIDFile, Logger: logger})
	if err != nil {
		return nil, nil, errors.Join(err, log.Close())
	}
	h, err := host.Start(ctx, c.host(), host.Parts{
		Keyring: keys, Clock: k.now, Logger: logger, TestMode: true, Version: api.Version{Version: "chaos"}, Hook: k.hook,
	})
	if err != nil {
		logger.ErrorContext(ctx, "the node does not start", "error", err)
		return nil, nil, errors.Join(err, keys.Close(), log.Close())
	}
	return h, func() error { return errors.Join(h.Stop(), keys.Close(), log.Close()) }, nil
}

func (k *child) now() time.Time { return time.Now().Add(time.Duration(k.lead.Load())) }

// hook ends the process, as kill -9 does, at the point it is armed for.
func (k *child) hook(point string) {
	if at := k.armed.Load(); at != nil && *at == point {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

// RunNode is a node when this process was started as one: it prints its address, takes
// commands, and ends with its standard input. is says whether it was.
func RunNode(ctx context.Context) (is bool, err error) {
	raw := os.Getenv(nodeVariable)
	if raw == "" {
		return false, nil
	}
	var c nodeConfig
	if err := json.Unmarshal([]byte(raw), &c); err != nil {
		return true, fmt.Errorf("read %s: %w", nodeVariable, err)
	}
	k := &child{}
	h, stop, err := k.start(ctx, c)
	if err != nil {
		return true, err
	}
	if _, err := fmt.Fprintln(os.Stdout, h.Address()); err != nil {
		return true, errors.Join(err, stop())
	}
	return true, errors.Join(k.obey(os.Stdin, os.Stdout), stop())
}

// obey takes a command a line: "arm <point>" and "lead <duration>".
func (k *child) obey(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		command, value, _ := strings.Cut(lines.Text(), " ")
		switch command {
		case "arm":
			k.armed.Store(&value)
		case "lead":
			lead, err := time.ParseDuration(value)
			if err != nil {
				return fmt.Errorf("a node's command: %w", err)
			}
			k.lead.Store(int64(lead))
		default:
			return fmt.Errorf("a node's command: %q is none", command)
		}
		if _, err := fmt.Fprintln(out, "ok"); err != nil {
			return fmt.Errorf("answer a command: %w", err)
		}
	}
	return nil
}
