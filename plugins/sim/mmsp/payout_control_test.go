package mmsp_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

func TestPayoutMoneyComesBack(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t)
	w.fault(mmsp.Fault{Operation: mmsp.OpPayout, Order: "2", Kind: mmsp.FaultFail})
	w.fault(mmsp.Fault{Operation: mmsp.OpPayout, Order: "3", Kind: mmsp.FaultPending, Then: mmsp.ThenNever})
	w.wantPayout(payoutBody("1"), "0000 2")
	if err := w.sim.ReturnPayout(merNo, "1"); !errors.Is(err, mmsp.ErrNotReturnable) {
		t.Errorf("a payout in flight came back: %v", err)
	}
	for _, err := range []error{w.sim.PayPayout(merNo, "1"), w.sim.FailPayout(merNo, "1")} {
		if !errors.Is(err, mmsp.ErrNotWaiting) {
			t.Errorf("a payout whose money has moved was decided: %v", err)
		}
	}
	w.wantPayout(payoutQueryBody("1"), "0000 1")
	if err := w.sim.ReturnPayout(merNo, "1"); err != nil {
		t.Fatal(err)
	}
	w.wantPayout(payoutQueryBody("1"), "0000 4")
	w.paidOut("1", 1, 0)
	w.purse("900", 0, "100000 0 30")

	w.wantPayout(payoutBody("2"), "0000 3")
	w.purse("901", 0, "98800 0 1230") // note 4: failed and not returned yet
	if err := w.sim.ReturnPayout(merNo, "2"); err != nil {
		t.Fatal(err)
	}
	w.wantPayout(payoutQueryBody("2"), "0000 3")
	w.purse("902", 0, "100000 0 30")
	w.paidOut("2", 0, 0)
	for _, number := range []string{"1", "2"} {
		if err := w.sim.ReturnPayout(merNo, number); !errors.Is(err, mmsp.ErrNotReturnable) {
			t.Errorf("payout %s came back twice: %v", number, err)
		}
	}

	w.wantPayout(payoutBody("3"), "0000 2")
	if err := w.sim.PayPayout(merNo, "3"); err != nil {
		t.Fatal(err)
	}
	w.paidOut("3", 1, -1000)
	for _, err := range []error{w.sim.PayPayout(merNo, "3"), w.sim.FailPayout(merNo, "3")} {
		if !errors.Is(err, mmsp.ErrNotWaiting) {
			t.Errorf("a paid payout was decided again: %v", err)
		}
	}
	for _, err := range []error{w.sim.PayPayout(merNo, "404"), w.sim.FailPayout(merNo, "404"), w.sim.ReturnPayout(merNo, "404")} {
		if !errors.Is(err, mmsp.ErrNoOrder) {
			t.Errorf("an unknown payout was decided: %v", err)
		}
	}
}

func TestPayoutsSurviveARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	open := func(o *mmsp.Options) {
		j, err := mmsp.OpenJournal(path)
		if err != nil {
			t.Fatal(err)
		}
		o.Journal = j
	}
	w := payoutWorld(t, open)
	w.fault(mmsp.Fault{Operation: mmsp.OpPayout, Order: "2", Kind: mmsp.FaultPending, Queries: 1})
	w.fault(mmsp.Fault{Operation: mmsp.OpPayout, Order: "3", Kind: mmsp.FaultUncertain, Queries: 1, Moved: true})
	first := w.wantPayout(payoutBody("1"), "0000 2")
	w.wantPayout(payoutQueryBody("1"), "0000 1")
	w.wantPayout(payoutBody("2"), "0000 2")
	w.wantPayout(payoutBody("3"), "0001")
	w.end()

	again := payoutWorld(t, open)
	again.paidOut("1", 1, -1000)
	again.paidOut("2", 0, 0)
	again.paidOut("3", 1, -1000)
	again.purse("900", 0, "96400 0 2430")
	again.wantPayout(payoutBody("1"), "1008")
	again.wantPayout(payoutQueryBody("2"), "0000 2")
	again.wantPayout(payoutQueryBody("2"), "0000 1")
	again.wantPayout(payoutQueryBody("3"), "0001")
	again.wantPayout(payoutQueryBody("3"), "0000 1")
	fresh := again.wantPayout(payoutBody("4"), "0000 2")
	if fresh.text("BSORDERNO") <= first.text("BSORDERNO") {
		t.Errorf("BSORDERNO %s after %s", fresh.text("BSORDERNO"), first.text("BSORDERNO"))
	}
	again.sim.Reset()
	again.wantPayout(payoutQueryBody("1"), "1028")
	again.purse("901", 0, "100000 0 30")
}

func TestPayoutControl(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t)
	server := httptest.NewServer(w.sim.Control())
	t.Cleanup(server.Close)
	call := func(method, path string, status int) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL+mmsp.ControlPrefix+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != status {
			t.Fatalf("%s %s: HTTP %d, want %d: %s %v", method, path, resp.StatusCode, status, text, err)
		}
		return string(text)
	}
	if text := call(http.MethodGet, "/payouts", http.StatusOK); text != "[]" {
		t.Errorf("no payouts are %s", text)
	}
	w.fault(mmsp.Fault{Operation: mmsp.OpPayout, Kind: mmsp.FaultPending, Then: mmsp.ThenNever})
	w.wantPayout(payoutBody("1"), "0000 2")
	w.wantPayout(payoutBody("2"), "0000 2")
	if text := call(http.MethodGet, "/payouts?mer_no="+merNo+"&state=2", http.StatusOK); strings.Count(text, `"order_no"`) != 2 {
		t.Errorf("two payouts are %s", text)
	}
	if text := call(http.MethodGet, "/payouts?state=1", http.StatusOK); text != "[]" {
		t.Errorf("paid payouts are %s", text)
	}
	call(http.MethodGet, "/payouts/1", http.StatusOK)
	if text := call(http.MethodPost, "/payouts/1/pay", http.StatusOK); !strings.Contains(text, `"state":"1"`) {
		t.Errorf("paid: %s", text)
	}
	if text := call(http.MethodPost, "/payouts/2/abandon", http.StatusOK); !strings.Contains(text, `"state":"3"`) {
		t.Errorf("failed: %s", text)
	}
	if text := call(http.MethodPost, "/payouts/1/return", http.StatusOK); !strings.Contains(text, `"state":"4"`) {
		t.Errorf("returned: %s", text)
	}
	call(http.MethodPost, "/payouts/1/pay", http.StatusConflict)
	call(http.MethodPost, "/payouts/404/pay", http.StatusNotFound)
	w.paidOut("1", 1, 0)
}

// TestPayoutKeysFromJSON reads keys as PEM text, as a configuration file has them.
func TestPayoutKeysFromJSON(t *testing.T) {
	t.Parallel()
	var config mmsp.Config
	text := compact(t, map[string]any{
		"platform_key": mmsp.PrivateKey{PrivateKey: pairs(t).platform},
		"merchants": []any{map[string]any{"mer_no": merNo, "payout": map[string]any{
			"public_key": mmsp.PublicKey{PublicKey: &pairs(t).merchant.PublicKey},
			"channels":   []any{map[string]any{"chlno": "C", "balance_pay": 5000}},
		}}},
		"payout":  map[string]any{"paid_at_once": true},
		"quick":   map[string]any{"sms_code": "777777", "min_amount": 1, "max_amount": 2, "require_card": true},
		"gateway": map[string]any{"notify_command": 35090, "single_object": true, "test_channels": true},
		"faults":  []any{map[string]any{"operation": "payout", "kind": "fail", "payer_suffix": "9999"}},
	})
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&config); err != nil {
		t.Fatal(err)
	}
	if config.Quick != (mmsp.QuickOptions{SMSCode: "777777", MinAmount: 1, MaxAmount: 2, RequireCard: true}) ||
		config.Gateway != (mmsp.GatewayOptions{NotifyCommand: mmsp.GatewayNotifyTable, SingleObject: true, TestChannels: true}) {
		t.Errorf("quick and gateway were read as %+v %+v", config.Quick, config.Gateway)
	}
	sim, err := config.New()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(func() {
		server.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, sim: sim, url: server.URL}
	w.wantPayout(payoutBody("1"), "0000 1")
	w.wantPayout(payoutBody("2").with("ACCNO", "622500009999"), "0000 3")
}
