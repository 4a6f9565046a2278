//go:build e2e

package host_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core/api"
	"github.com/zhanggui-pay/zhanggui/core/host"
	"github.com/zhanggui-pay/zhanggui/core/internal/keyring"
)

// childVariable makes this test binary a node: it holds a childConfig in JSON.
const childVariable = "ZHANGGUI_TEST_NODE"

// childConfig is what a node of the tests needs to know.
type childConfig struct {
	Database  string        `json:"database"`
	Plugins   string        `json:"plugins"`
	Keys      string        `json:"keys"`
	KillAt    string        `json:"kill_at"`   // the point at which an armed node ends itself
	ClockLead time.Duration `json:"clock"`     // how far its clock is ahead
	Log       string        `json:"log"`       // file its log is appended to
	CallLimit time.Duration `json:"call_time"` // of one call to a provider
}

// TestMain is three programs: the plugin host's shim, a node, and the tests.
func TestMain(m *testing.M) {
	host.RunShim()
	if raw := os.Getenv(childVariable); raw != "" {
		if err := runChild(raw); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runChild is a node that prints its address, takes "arm" on standard input, and ends with it.
func runChild(raw string) error {
	var c childConfig
	if err := json.Unmarshal([]byte(raw), &c); err != nil {
		return err
	}
	log, err := os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	keys, err := keyring.OpenEmbedded(c.Keys)
	if err != nil {
		return err
	}
	var armed atomic.Bool
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	h, err := host.Start(ctx, testConfig(c.Database, c.Plugins, c.CallLimit), host.Parts{
		Keyring: keys, Clock: func() time.Time { return time.Now().Add(c.ClockLead) },
		Logger: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), TestMode: true, Version: api.Version{Version: "test"},
		Hook: func(point string) {
			if armed.Load() && point == c.KillAt {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		},
	})
	if err != nil {
		return err
	}
	fmt.Printf("{\"address\":%q}\n", h.Address())
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			armed.Store(true)
			fmt.Println("{}")
		}
		cancel()
	}()
	return h.Run(ctx)
}

func testConfig(database, plugins string, callLimit time.Duration) host.Config {
	cfg := host.Defaults()
	cfg.Listen, cfg.AdminListen = "127.0.0.1:0", ""
	cfg.Database.URL = database
	cfg.Plugins = host.PluginConfig{Dir: plugins, AllowPrivateNetworks: true, BackOff: 20 * time.Millisecond, MaxBackOff: 200 * time.Millisecond}
	cfg.CallTimeout, cfg.Drain = callLimit, 3*time.Second
	// Tests that move the clock count what a provider hears.
	cfg.Balances.Every, cfg.Reconciliation.QueriesPerSecond = 0, 0
	return cfg
}
