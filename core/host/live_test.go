//go:build e2e

package host_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host"
)

// listen reads the stream of a node as a browser does. The lines end when the node ends it.
func (p person) listen(ctx context.Context, h *host.Host, tenant core.ID) <-chan string {
	p.w.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.Address()+"/v1/stream", nil)
	p.w.must(err)
	req.Header.Set("Cookie", "zhanggui="+string(p.token.Reveal()))
	req.Header.Set("Zhanggui-Tenant", tenant.Prefixed(core.PrefixTenant))
	resp, err := http.DefaultClient.Do(req)
	p.w.must(err)
	if resp.StatusCode != http.StatusOK {
		p.w.t.Fatalf("the stream answers %d", resp.StatusCode)
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		defer func() { _ = resp.Body.Close() }()
		for scan := bufio.NewScanner(resp.Body); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	return lines
}

// line waits for a line that holds text; false when the stream ended without one.
func line(t *testing.T, lines <-chan string, text string) bool {
	t.Helper()
	limit := time.After(2 * time.Minute)
	for {
		select {
		case got, more := <-lines:
			if !more || strings.Contains(got, text) {
				return more
			}
		case <-limit:
			t.Fatalf("nothing was heard of %s", text)
		}
	}
}

// TestAChangeIsHeardOnEveryNode: a payment made on one of two nodes is heard of on the other, by
// the merchant's own people only; a role taken away on the one ends listening on the other; and
// a node that stops does not wait for who listens.
func TestAChangeIsHeardOnEveryNode(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	first, stopFirst := w.startNode()
	defer stopFirst()
	second, stopSecond := w.startNode()
	one, two := w.tenants[0], w.tenants[1]
	viewer := w.hire(t.Context(), first, one.id, "viewer", core.RoleTenantViewer)
	other := w.hire(t.Context(), first, two.id, "other", core.RoleTenantViewer)
	ours, theirs := viewer.listen(t.Context(), second, one.id), other.listen(t.Context(), second, two.id)
	pay := func(m merchant) {
		if status, reply := m.post(first.Address(), "/v1/payments", "k", m.barcode(100, "01")); status != 201 {
			t.Fatal(status, reply)
		}
	}
	// The listener of a node may come after the first payments.
	heard := make(chan bool)
	go func() { heard <- line(t, ours, `"payments"`) }()
	for waiting, turn := true, 0; waiting; turn++ {
		if status, reply := one.post(first.Address(), "/v1/payments", "k-"+time.Now().String(), one.barcode(100, "01")); status != 201 {
			t.Fatal(status, reply)
		}
		select {
		case ok := <-heard:
			if !ok {
				t.Fatal("the stream ended")
			}
			waiting = false
		case <-time.After(time.Second):
		}
	}
	pay(two)
	if !line(t, theirs, `"payments"`) {
		t.Fatal("the other merchant's stream ended")
	}
	for drained := false; !drained; {
		select {
		case got := <-theirs:
			if strings.Contains(got, "changed") {
				continue
			}
		default:
			drained = true
		}
	}
	id, _, err := first.Service().Authenticate(t.Context(), viewer.token, one.id)
	w.must(err)
	_, err = first.Service().SetRoles(w.asAdmin(t.Context(), first, one.id), id.UserID, nil)
	w.must(err)
	if !line(t, ours, `"unauthenticated"`) {
		t.Error("the stream ended without a word")
	}
	begin := time.Now()
	stopSecond()
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("the node waited %s for who listens", took)
	}
	if !line(t, theirs, `"shutting_down"`) {
		t.Error("the stream of a node that stops ended without a word")
	}
}
