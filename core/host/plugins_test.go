//go:build e2e

package host_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host"
)

// TestAPluginIsUpgradedOnEveryNode: a new version is uploaded to one of two nodes, goes live on
// both and is taken back on both, while payments are made on both, and none fails.
func TestAPluginIsUpgradedOnEveryNode(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	first, stopFirst := w.startNode()
	defer stopFirst()
	w.plugins = filepath.Join(t.TempDir(), "other") // the nodes share no disk
	w.copyPlugin("shouqianba")
	second, stopSecond := w.startNode()
	defer stopSecond()
	nodes := []*host.Host{first, second}
	old := running(t, first)

	pay := w.payAllTheTime(nodes)
	admin := w.asAdmin(t.Context(), first, core.ID{})
	fresh := w.uploadNext(admin, first)
	for _, n := range nodes {
		eventually(t, "the upload has come to the node", truth(func() bool { return len(versionsOf(t, n)) == 2 }))
		if got := running(t, n); got != old {
			t.Errorf("the upload runs without anybody's word: %s", got)
		}
	}
	for round := range 2 {
		if _, err := first.Service().ApprovePlugin(w.asAdmin(t.Context(), first, core.ID{}), "shouqianba", fresh); err != nil {
			t.Fatal(round, err)
		}
		everywhere(t, nodes, fresh, pay)
		if _, err := second.Service().RollBackPlugin(w.asAdmin(t.Context(), second, core.ID{}), "shouqianba"); err != nil {
			t.Fatal(round, err)
		}
		everywhere(t, nodes, old, pay)
	}
	made := pay.end()
	t.Logf("%d payments over 2 upgrades and 2 roll-backs on two nodes, %d failed", made, pay.failed.Load())
	if pay.failed.Load() != 0 {
		t.Errorf("%d of %d payments failed", pay.failed.Load(), made)
	}
}

// everywhere waits until a version runs on every node and payments were made with it.
func everywhere(t *testing.T, nodes []*host.Host, sum string, pay *paying) {
	t.Helper()
	for _, n := range nodes {
		eventually(t, "the version runs on every node", truth(func() bool { return running(t, n) == sum }))
	}
	before := pay.made.Load()
	eventually(t, "payments are made with it", truth(func() bool { return pay.made.Load() > before+6 }))
}

// truth makes a condition what eventually waits for.
func truth(is func() bool) func() error {
	return func() error {
		if !is() {
			return errors.New("not yet")
		}
		return nil
	}
}

func versionsOf(t *testing.T, h *host.Host) []core.PluginVersion {
	t.Helper()
	for _, p := range h.Plugins(t.Context()) {
		if p.ID == "shouqianba" {
			return p.Versions
		}
	}
	return nil
}

func running(t *testing.T, h *host.Host) string {
	t.Helper()
	for _, v := range versionsOf(t, h) {
		if v.Running {
			return v.SHA256
		}
	}
	return ""
}

// uploadNext uploads the plugin with a tail, which makes it another binary, and gives its hash.
func (w *world) uploadNext(ctx context.Context, h *host.Host) string {
	w.t.Helper()
	content, err := os.ReadFile(filepath.Join(w.plugins, "shouqianba"))
	w.must(err)
	content = append(content, "the next version"...)
	sum := sha256.Sum256(content)
	s := h.Service()
	u, err := s.CreatePluginUpload(ctx, core.NewPluginUpload{FileName: "next", SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(content))})
	w.must(err)
	for n := range u.Chunks() {
		from := n * core.ChunkBytes
		_, err := s.PutPluginChunk(ctx, u.ID, n, content[from:min(from+core.ChunkBytes, len(content))])
		w.must(err)
	}
	_, err = s.FinishPluginUpload(ctx, u.ID)
	w.must(err)
	return u.SHA256
}

// paying makes payments one after another on each node until it is ended.
type paying struct {
	stop         chan struct{}
	work         sync.WaitGroup
	made, failed atomic.Int64
}

func (w *world) payAllTheTime(nodes []*host.Host) *paying {
	p := &paying{stop: make(chan struct{})}
	a := w.tenants[0]
	for i, n := range nodes {
		p.work.Go(func() {
			for turn := 0; ; turn++ {
				select {
				case <-p.stop:
					return
				default:
				}
				status, reply := a.post(n.Address(), "/v1/payments", fmt.Sprintf("k-%d-%d", i, turn), a.barcode(100, "01"))
				if status != 201 || reply["state"] != "succeeded" {
					p.failed.Add(1)
					w.t.Errorf("%d %v", status, reply)
				}
				p.made.Add(1)
			}
		})
	}
	return p
}

func (p *paying) end() int64 {
	close(p.stop)
	p.work.Wait()
	return p.made.Load()
}
