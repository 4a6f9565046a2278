package mmsp_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// remote is the control's client.
type remote struct {
	t   *testing.T
	url string
}

func newRemote(t *testing.T, sim *mmsp.Simulator) remote {
	t.Helper()
	server := httptest.NewServer(sim.Control())
	t.Cleanup(server.Close)
	return remote{t: t, url: server.URL + mmsp.ControlPrefix}
}

// call returns the status and decodes the reply into target, unless that is nil.
func (r remote) call(method, path, body string, target any) int {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if target != nil {
		if err := json.NewDecoder(resp.Body).Decode(target); err != nil {
			r.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return resp.StatusCode
}

func TestControlOfOrders(t *testing.T) {
	t.Parallel()
	w, receiver, _ := notifiedWorld(t, 0)
	r := newRemote(t, w.sim)
	body := preorderBody("CO1").with("NOTIFY_URL", receiver.server.URL)
	w.scan(2306, body, "1 1")
	w.scan(2306, preorderBody("CO2"), "1 1")
	if a, err := w.post(mmsp.PathScan, compact(t, w.agentMessage(mmsp.PathScan, 2306, preorderBody("CO2")))); err != nil || a.String() != "1 1" {
		t.Fatalf("%v %v", a, err)
	}
	var list []mmsp.Order
	if r.call(http.MethodGet, "/orders", "", &list); len(list) != 3 {
		t.Errorf("%d orders", len(list))
	}
	if r.call(http.MethodGet, "/orders?mer_no="+merNo2+"&product=scan&state=waiting", "", &list); len(list) != 1 || list[0].MerNo != merNo2 {
		t.Errorf("filtered: %+v", list)
	}
	if r.call(http.MethodGet, "/orders?product=quick", "", &list); len(list) != 0 {
		t.Errorf("filtered: %+v", list)
	}
	if r.call(http.MethodGet, "/orders?state=paid", "", &list); len(list) != 0 {
		t.Errorf("filtered: %+v", list)
	}
	steps := []struct {
		method, path, body string
		status             int
	}{
		{http.MethodGet, "/orders/CO1", "", http.StatusOK},
		{http.MethodGet, "/orders/CO2", "", http.StatusConflict},
		{http.MethodGet, "/orders/CO2?mer_no=" + merNo, "", http.StatusOK},
		{http.MethodGet, "/orders/CO3", "", http.StatusNotFound},
		{http.MethodPost, "/orders/CO1/notify", "", http.StatusConflict}, // unpaid
		{http.MethodPost, "/orders/CO1/pay", `{"outcome":"stolen"}`, http.StatusBadRequest},
		{http.MethodPost, "/orders/CO1/pay", `{"amount":1}`, http.StatusBadRequest},
		{http.MethodPost, "/orders/CO1/pay", "", http.StatusOK},
		{http.MethodPost, "/orders/CO1/pay", "", http.StatusConflict},
		{http.MethodPost, "/orders/CO1/abandon", "", http.StatusConflict},
		{http.MethodPost, "/orders/CO2/abandon?mer_no=" + merNo, "", http.StatusOK},
		{http.MethodPost, "/orders/CO2/pay?mer_no=" + merNo2, `{"outcome":"abandoned"}`, http.StatusOK},
		{http.MethodPost, "/orders/CO1/notify", "", http.StatusOK},
		{http.MethodPost, "/orders/CO1/forge", `{"kind":"tampered"}`, http.StatusOK},
		{http.MethodPost, "/orders/CO1/forge", `{"kind":"nice"}`, http.StatusConflict},
		{http.MethodPost, "/orders/CO1/forge", `{"sort":"nice"}`, http.StatusBadRequest},
		{http.MethodPost, "/orders/CO9/forge", `{"kind":"tampered"}`, http.StatusNotFound},
	}
	for _, s := range steps {
		if status := r.call(s.method, s.path, s.body, nil); status != s.status {
			t.Errorf("%s %s %s: HTTP %d, want %d", s.method, s.path, s.body, status, s.status)
		}
	}
	w.delivered(3)
	var deliveries []mmsp.Delivery
	if r.call(http.MethodGet, "/deliveries", "", &deliveries); len(deliveries) != 3 || deliveries[0].Key != "CO1" {
		t.Errorf("%+v", deliveries)
	}
	w.books("CO1", 1, 1000)
	w.books("CO2", 0, 0)
}

func TestControlOfTheRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newRemote(t, w.sim)
	w.scan(2307, barcodeBody("CR", wechatCode), "1 1")
	var deliveries []mmsp.Delivery
	if r.call(http.MethodGet, "/deliveries", "", &deliveries); deliveries == nil || len(deliveries) != 0 {
		t.Errorf("%v, want an empty list", deliveries)
	}
	var calls map[string]int64
	r.call(http.MethodGet, "/calls", "", &calls)
	for _, d := range scanDocument() {
		if _, listed := calls[d.op]; !listed {
			t.Errorf("%s is not counted", d.op)
		}
	}
	if _, identity := calls["scan-identity"]; !identity || calls["scan-wechat-barcode"] != 1 {
		t.Errorf("%v", calls)
	}
	merchant := `{"mer_no":"001440353999899","term_no":"84970099","key":"k"}`
	if status := r.call(http.MethodPost, "/merchants", merchant, nil); status != http.StatusOK {
		t.Errorf("HTTP %d", status)
	}
	for _, bad := range []string{`{"mer_no":"1"}`, `{"key":"1"}`, `{"number":"1"}`} {
		if status := r.call(http.MethodPost, "/merchants", bad, nil); status != http.StatusBadRequest {
			t.Errorf("%s: HTTP %d", bad, status)
		}
	}
	body := preorderBody("NM")
	message := w.message(mmsp.PathScan, 2306, body).with("MERNO", "001440353999899").with("TERMNO", "84970099").with("Sign", sign(t, body, "k"))
	if a, err := w.post(mmsp.PathScan, compact(t, message)); err != nil || a.String() != "1 1" {
		t.Errorf("the new merchant: %v %v", a, err)
	}
	if status := r.call(http.MethodPost, "/faults", `{"rules":[{"operation":"scan-query","kind":"bad-signature"}]}`, nil); status != http.StatusOK {
		t.Errorf("faults: HTTP %d", status)
	}
	if status := r.call(http.MethodPost, "/faults", `{"rules":[{"operation":"scan-query","kind":"fail"}]}`, nil); status != http.StatusBadRequest {
		t.Errorf("a fault that a query does not know: HTTP %d", status)
	}
	if status := r.call(http.MethodPost, "/reset", "", nil); status != http.StatusOK || len(w.sim.Orders()) != 0 || w.sim.Ledger().Len() != 0 {
		t.Errorf("reset: HTTP %d", status)
	}
	w.scan(cmdQuery, numberBody("CR"), "refused 0 -2002")
	if n := w.sim.Calls("scan-wechat-barcode"); n != 0 || len(w.sim.Faults().List()) != 0 {
		t.Errorf("%d calls and %v after a reset", n, w.sim.Faults().List())
	}
}

func TestViolationsCarryNoValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newRemote(t, w.sim)
	secret := "SECRETSECRETSECRETSECRETSECRETSECRETSECRET"
	body := barcodeBody("VV", secret).with("GOODSNAME", secret).with("NOTIFY_URL", secret)
	if _, err := w.send(mmsp.PathScan, 2307, body); err != nil {
		t.Fatal(err)
	}
	var violations struct {
		Count int64            `json:"count"`
		List  []mmsp.Violation `json:"list"`
	}
	r.call(http.MethodGet, "/violations", "", &violations)
	if violations.Count != 3 || strings.Contains(compact(t, violations), secret) {
		t.Errorf("%+v", violations)
	}
	rules := []string{}
	for _, v := range violations.List {
		rules = append(rules, v.Field+" "+v.Rule)
	}
	slices.Sort(rules)
	if want := []string{"CODE length", "GOODSNAME length", "NOTIFY_URL format"}; !slices.Equal(rules, want) {
		t.Errorf("%v, want %v", rules, want)
	}
}
