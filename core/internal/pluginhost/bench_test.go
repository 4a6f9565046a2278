package pluginhost

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// benchmarkCalls measures whole calls: plugin, digest and send, against a provider that
// only answers.
func benchmarkCalls(b *testing.B, callers int) {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"status":"PAID","sn":"1"}`)
	}))
	defer server.Close()
	dir := b.TempDir()
	data, err := os.ReadFile(actorPath)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "actor"), data, 0o755); err != nil {
		b.Fatal(err)
	}
	keyring := &memoryKeyring{}
	account := core.ProviderAccount{TenantID: core.NewID(time.Now()), ID: core.NewID(time.Now()), Provider: "actor", BaseURL: server.URL, KeyVersion: 1}
	if _, err := keyring.Put(b.Context(), account.KeyPath(), map[string]core.Credential{"terminal_key": {Type: core.CredMD5Key, Value: core.SecretString(keyOne)}}, 0); err != nil {
		b.Fatal(err)
	}
	h, err := New(Options{Dir: dir, Keyring: keyring, Approvals: ApproveAll{}, AllowPrivateNetworks: true})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	if err := h.WaitReady(b.Context()); err != nil {
		b.Fatal(err)
	}
	work := make(chan struct{})
	var wg sync.WaitGroup
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			for range work {
				got, err := h.CreatePayment(b.Context(), core.ProviderCall{Account: account, OrderNo: orderNo}, core.PaymentRequest{OrderNo: orderNo})
				if err != nil || got.Outcome != core.OutcomeSucceeded {
					b.Error(got, err)
				}
			}
		})
	}
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}
