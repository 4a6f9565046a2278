//go:build e2e

package host_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

// TestANodeTellsHowItDoes scrapes a node after a payment and one in doubt.
func TestANodeTellsHowItDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.admins = "127.0.0.1:0"
	h, stop := w.startNode()
	defer stop()
	m := w.tenants[0]
	if status, reply := m.post(h.Address(), "/v1/payments", "paid", m.barcode(500, "01")); status != http.StatusCreated {
		t.Fatalf("%d %v", status, reply)
	}
	for _, f := range []shouqianba.Fault{
		{Operation: "query", Kind: shouqianba.FaultHTTP500}, {Operation: "pay", Kind: shouqianba.FaultLostAfter},
	} {
		_, err := w.sim.AddFault(f)
		w.must(err)
	}
	_, reply := m.post(h.Address(), "/v1/payments", "doubt", m.barcode(500, "01"))
	if text(reply, "state") != "processing" {
		t.Fatalf("%v", reply)
	}
	eventually(t, "the figures tell of the order in doubt and its check", func() error {
		page := scrape(t, h.AdminAddress())
		for _, want := range []string{
			`zhanggui_provider_call_duration_seconds_count{operation="create_payment",provider="shouqianba",result="succeeded"} 1`,
			`zhanggui_provider_call_duration_seconds_count{operation="create_payment",provider="shouqianba",result="unknown"} 1`,
			`zhanggui_provider_exchange_duration_seconds_count{provider="shouqianba",status="none"} 1`,
			`zhanggui_unknown_orders{age="under_10m",kind="payment"} 1`, `zhanggui_unknown_orders{age="older",kind="payout"} 0`,
			`zhanggui_check_duration_seconds_count{kind="payment",result="done"}`, `zhanggui_plugin_up{plugin="shouqianba"} 1`,
			`zhanggui_keys_up 1`, `zhanggui_figures_up 1`, `zhanggui_db_connections{pool="app",state="most"} 40`, `go_goroutines`,
		} {
			if !strings.Contains(page, want) {
				return fmt.Errorf("it lacks %s", want)
			}
		}
		return bounded(page)
	})
}

func scrape(t *testing.T, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// bounded: no label holds an id, an order number or an address of ours.
func bounded(page string) error {
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "zhanggui_") && regexp.MustCompile(`(ten|acc|pay|ref|req)_[0-9a-z]{10}|[0-9]{20}|[0-9a-f]{8}-[0-9a-f]{4}`).MatchString(line) {
			return errors.New("a label grows without bound: " + line)
		}
	}
	return nil
}
