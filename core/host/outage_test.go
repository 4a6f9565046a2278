//go:build e2e

package host_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host"
)

// eventually repeats look until it is satisfied.
func eventually(t *testing.T, what string, look func() error) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		err := look()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// TestAKilledPluginComesBack: the plugin is killed and payments go on by themselves.
func TestAKilledPluginComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	h, stop := w.startNode()
	defer stop()
	m := w.tenants[0]
	before := pluginOf(t, h)
	if err := syscall.Kill(before.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "payments after the plugin was killed", func() error {
		status, reply := m.post(h.Address(), "/v1/payments", core.NewID(time.Now()).String(), m.barcode(100, "01"))
		if status != 201 || reply["state"] != "succeeded" {
			return fmt.Errorf("%d %v", status, reply)
		}
		return nil
	})
	if after := pluginOf(t, h); after.PID == before.PID || after.Restarts == 0 {
		t.Errorf("the plugin has process %d after %d restarts; before it had %d", after.PID, after.Restarts, before.PID)
	}
}

// TestAChangedPluginDoesNotRun: a binary that differs from the approved one is refused
// with a sentence, and runs again when the approved one is back.
func TestAChangedPluginDoesNotRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	h, stop := w.startNode()
	defer stop()
	m := w.tenants[0]
	path := filepath.Join(w.plugins, "shouqianba")
	approved, err := os.ReadFile(path)
	w.must(err)
	replaceFile(t, path, append(append([]byte(nil), approved...), "tampered"...))
	eventually(t, "the changed file is noticed", func() error {
		status, reply := m.post(h.Address(), "/v1/payments", core.NewID(time.Now()).String(), m.barcode(100, "01"))
		if status != 503 || reply["code"] != string(core.CodePluginPending) {
			return fmt.Errorf("%d %v", status, reply)
		}
		return nil
	})
	if p := pluginOf(t, h); p.State != core.PluginModified || p.Reason == "" {
		t.Errorf("the plugin is %s: %q", p.State, p.Reason)
	}
	if text := readyz(t, h); !strings.Contains(text, "modified") {
		t.Errorf("/readyz does not say it: %s", text)
	}
	replaceFile(t, path, approved)
	eventually(t, "the approved file runs again", func() error {
		status, reply := m.post(h.Address(), "/v1/payments", core.NewID(time.Now()).String(), m.barcode(100, "01"))
		if status != 201 {
			return fmt.Errorf("%d %v", status, reply)
		}
		return nil
	})
}

// lockedKeyring is a keyring that can be made unreachable, as a sealed Vault is.
type lockedKeyring struct {
	core.Keyring
	locked atomic.Bool
}

func (k *lockedKeyring) Get(ctx context.Context, path core.KeyPath, version int) (core.KeySet, error) {
	if err := k.Health(ctx); err != nil {
		return core.KeySet{}, err
	}
	return k.Keyring.Get(ctx, path, version)
}

func (k *lockedKeyring) Health(context.Context) error {
	if k.locked.Load() {
		return core.Wrap(errors.New("sealed"), core.CodeKeysUnavailable, "Vault is sealed: unseal it.")
	}
	return nil
}

// TestWithoutKeysNothingIsSent: 503 with a plain sentence, no order written, and /readyz says why.
func TestWithoutKeysNothingIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	keys := &lockedKeyring{}
	h, stop := w.startNodeWith(func(k core.Keyring) core.Keyring { keys.Keyring = k; return keys })
	defer stop()
	m := w.tenants[0]
	keys.locked.Store(true)
	status, reply := m.post(h.Address(), "/v1/payments", "k", m.barcode(100, "01"))
	if status != 503 || reply["code"] != string(core.CodeKeysUnavailable) || !strings.Contains(fmt.Sprint(reply["detail"]), "unseal") {
		t.Errorf("%d %v", status, reply)
	}
	if text := readyz(t, h); !strings.Contains(text, "unseal it") {
		t.Errorf("/readyz does not say it: %s", text)
	}
	if payments, _ := w.stored(m); len(payments) != 0 {
		t.Errorf("%d payments were written", len(payments))
	}
	keys.locked.Store(false)
	if status, reply = m.post(h.Address(), "/v1/payments", "k", m.barcode(100, "01")); status != 201 {
		t.Errorf("with keys again: %d %v", status, reply)
	}
}

func pluginOf(t *testing.T, h *host.Host) core.PluginStatus {
	t.Helper()
	list := h.Plugins(t.Context())
	if len(list) != 1 {
		t.Fatalf("%d plugins", len(list))
	}
	return list[0]
}

// replaceFile swaps the file in one step, as an installer does.
func replaceFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", content, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func readyz(t *testing.T, h *host.Host) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+h.Address()+"/readyz", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
