package wechatpay_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"
)

// remote is the remote control of a world.
type remote struct {
	t   *testing.T
	url string
}

func (w *world) remote() remote {
	w.t.Helper()
	server := httptest.NewServer(w.sim.Control())
	w.t.Cleanup(server.Close)
	return remote{w.t, server.URL + wechatpay.ControlPrefix}
}

// do calls a route and wants a status.
func (r remote) do(method, path, body string, status int) map[string]any {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		r.t.Fatalf("%s %s: HTTP %d, want %d: %s, %v", method, path, resp.StatusCode, status, text, err)
	}
	var out map[string]any
	if strings.HasPrefix(string(text), "{") {
		if err := json.Unmarshal(text, &out); err != nil {
			r.t.Fatal(err)
		}
		return out
	}
	return map[string]any{"list": string(text)}
}

func TestControlOfOrders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.remote()
	code := w.post(nativePath, w.order("CONTROL-1", 100), "200").text("code_url")
	c.do("POST", "/pay", fmt.Sprintf(`{"link":%q}`, "weixin://wxpay/bizpayurl?pr=none"), http.StatusConflict)
	c.do("POST", "/pay", fmt.Sprintf(`{"link":%q}`, code), http.StatusOK)
	c.do("POST", "/orders/CONTROL-1/pay", "", http.StatusConflict) // twice
	c.do("POST", "/orders/CONTROL-9/pay", "", http.StatusNotFound)
	for number, row := range map[string]struct{ path, body, state string }{
		"CONTROL-2": {"/pay", `{}`, "SUCCESS"},
		"CONTROL-3": {"/pay", `{"outcome":"abandoned"}`, "NOTPAY"},
		"CONTROL-4": {"/pay", `{"outcome":"paying"}`, "USERPAYING"},
		"CONTROL-5": {"/pay", `{"outcome":"failed"}`, "PAYERROR"},
		"CONTROL-6": {"/pay", `{"outcome":"revoked"}`, "REVOKED"},
		"CONTROL-7": {"/expire", "", "CLOSED"},
		"CONTROL-8": {"/abandon", "", "NOTPAY"},
	} {
		w.post(nativePath, w.order(number, 100), "200")
		if out := c.do("POST", "/orders/"+number+row.path, row.body, http.StatusOK); out["trade_state"] != row.state {
			t.Errorf("%s: %v", number, out)
		}
		w.get(queryPath(number), row.state)
	}
	c.do("POST", "/orders/CONTROL-7/pay", `{"outcome":"late"}`, http.StatusOK)
	w.get(queryPath("CONTROL-7"), "SUCCESS")
	c.do("POST", "/orders/CONTROL-8/pay", `{"outcome":"magic"}`, http.StatusBadRequest)
	if list := c.do("GET", "/orders?trade_state=SUCCESS&mchid="+mchID, "", http.StatusOK)["list"]; strings.Count(fmt.Sprint(list), `"mchid"`) != 3 {
		t.Errorf("%v", list)
	}
	c.do("POST", "/orders", `{"mchid":"`+mchID+`","out_trade_no":"ELSEWHERE-1","total":5}`, http.StatusOK)
	c.do("POST", "/orders", `{"mchid":"`+mchID+`","out_trade_no":"ELSEWHERE-1","total":5}`, http.StatusConflict)
	if out := c.do("POST", "/orders/ELSEWHERE-1/omit", "", http.StatusOK); out["omitted"] != true {
		t.Errorf("%v", out)
	}
	bill := c.do("GET", "/bill?mchid="+mchID+"&date=2026-11-27", "", http.StatusOK)["bill"]
	if text, ok := bill.(string); !ok || !strings.Contains(text, "`CONTROL-1,") || strings.Contains(text, "ELSEWHERE-1") {
		t.Errorf("%v", bill)
	}
	c.do("GET", "/bill?mchid="+mchID+"&date=2026-11-20", "", http.StatusNotFound)
	c.do("GET", "/bill?mchid="+mchID+"&date=20261127", "", http.StatusNotFound)
	w.wantCall(call{
		method: http.MethodPost, target: nativePath, from: &w.other, body: encode(t, w.order("CONTROL-1", 1).with("mchid", mch2)),
	}, "200")
	c.do("GET", "/orders/CONTROL-1", "", http.StatusConflict)
	if out := c.do("GET", "/orders/CONTROL-1?mchid="+mch2, "", http.StatusOK); out["total"] != 1.0 {
		t.Errorf("%v", out)
	}
	w.clean()
}

func TestControlOfNotices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.remote()
	w.paid("CONTROL-1", 100)
	w.delivered(1)
	w.fault(wechatpay.Fault{Operation: "refund", Kind: wechatpay.FaultPending, Then: wechatpay.ThenNever})
	w.post(refundPath, w.refund("CONTROL-1", "R1", 40, 100), "PROCESSING")
	c.do("POST", "/orders/CONTROL-1/notify", `{"refund":"R1"}`, http.StatusConflict) // not over
	c.do("POST", "/orders/CONTROL-1/refunds/R1/finish", `{"status":"MAYBE"}`, http.StatusBadRequest)
	c.do("POST", "/orders/CONTROL-1/refunds/R2/finish", ``, http.StatusConflict)
	c.do("POST", "/orders/CONTROL-1/refunds/R1/finish", `{"status":"ABNORMAL"}`, http.StatusOK)
	w.get(refundPath+"/R1", "ABNORMAL")
	c.do("POST", "/orders/CONTROL-1/refunds/R1/finish", ``, http.StatusOK)
	w.get(refundPath+"/R1", "SUCCESS")
	w.books("CONTROL-1", 1, 60)
	w.delivered(3)
	for _, body := range []string{`{}`, `{"refund":"R1"}`} {
		if out := c.do("POST", "/orders/CONTROL-1/notify", body, http.StatusOK); out["accepted"] != true {
			t.Errorf("%s: %v", body, out)
		}
	}
	w.shop.answers(w.careful("CONTROL-1", 100))
	if out := c.do("POST", "/orders/CONTROL-1/forge", `{"kind":"cipher-key","refund":"R1"}`, http.StatusOK); out["accepted"] != false {
		t.Errorf("%v", out)
	}
	c.do("POST", "/orders/CONTROL-1/forge", `{"kind":"magic"}`, http.StatusConflict)
	list := fmt.Sprint(c.do("GET", "/deliveries?key="+mchID+"/CONTROL-1/R1", "", http.StatusOK)["list"])
	if strings.Count(list, `"key"`) != 4 {
		t.Errorf("%s", list)
	}
	w.clean()
}

func TestControlOfKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.remote()
	keys := c.do("GET", "/platform", "", http.StatusOK)
	if keys["public_key_id"] != wechatpay.DefaultPublicKeyID || !strings.HasPrefix(fmt.Sprint(keys["public_key"]), "-----BEGIN PUBLIC KEY") {
		t.Errorf("%v", keys)
	}
	if strings.Contains(fmt.Sprint(keys), "PRIVATE") {
		t.Error("the remote control tells private keys")
	}
	c.do("POST", "/platform/certificates/retire", "", http.StatusConflict)
	if out := c.do("POST", "/platform/certificates/issue", "", http.StatusOK); strings.Count(fmt.Sprint(out["certificates"]), "serial_no") != 2 {
		t.Errorf("%v", out)
	}
	c.do("POST", "/merchants/"+mchID+"/mode", `{"mode":"public-key"}`, http.StatusOK)
	c.do("POST", "/merchants/1999999999/mode", `{"mode":"public-key"}`, http.StatusConflict)
	c.do("POST", "/merchants/"+mchID+"/mode", `{"mode":"magic"}`, http.StatusConflict)
	w.get(certPath, "RESOURCE_NOT_EXISTS")
	certificate, serial, err := wechatpay.Certificate(w.other.key, "1999999999", w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	merchant := func(change string) string {
		return fmt.Sprintf(`{"mchid":"1999999999","public_key":%q,"api_v3_key":%q%s}`, certificate, apiKey2, change)
	}
	c.do("POST", "/merchants", merchant(""), http.StatusOK)
	fresh := account{id: "1999999999", key: w.other.key, serial: serial}
	w.wantCall(call{target: "/v3/pay/transactions/out-trade-no/ORDER-1?mchid=1999999999", from: &fresh}, "ORDER_NOT_EXIST")
	for _, wrong := range []string{
		merchant(`,"a":1`), merchant(`,"share":101`), merchant(`,"mode":"x"`), merchant(`,"serial_no":"12"`), merchant(`,"switched_off":["x"]`),
		strings.Replace(merchant(""), apiKey2, "short", 1), strings.Replace(merchant(""), "1999999999", "x", 1),
		`{"mchid":"1999999999","api_v3_key":"` + apiKey + `"}`,
	} {
		c.do("POST", "/merchants", wrong, http.StatusBadRequest)
	}
	w.clean()
}

func TestTheJournalKeepsAll(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	withJournal := func(o *wechatpay.Options) {
		journal, err := wechatpay.OpenJournal(path)
		if err != nil {
			t.Fatal(err)
		}
		o.Journal, o.CertificateKey, o.PublicKeyKey = journal, nil, nil // the keys are made, and kept
		o.Notices.Off = true
	}
	first := newWorld(t, withJournal)
	code := first.post(nativePath, first.order("JOURNAL-1", 100), "200").text("code_url")
	first.paid("JOURNAL-2", 1000)
	first.fault(wechatpay.Fault{Operation: "refund", Kind: wechatpay.FaultPending, Queries: 1})
	first.post(refundPath, first.refund("JOURNAL-2", "R1", 400, 1000), "PROCESSING")
	first.step(wechatpay.StepIssue)
	first.step(wechatpay.StepSwitch)
	if err := first.sim.SetMode(mch2, wechatpay.ModePublicKey, 0); err != nil {
		t.Fatal(err)
	}
	before, err := first.sim.PlatformKeys()
	if err != nil {
		t.Fatal(err)
	}
	first.end()
	second := newWorld(t, withJournal)
	after, err := second.sim.PlatformKeys()
	if err != nil || fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("other keys after a restart: %v", err)
	}
	if err := second.sim.PayLink(code); err != nil {
		t.Error(err)
	}
	second.books("JOURNAL-1", 1, 100)
	second.books("JOURNAL-2", 1, 1000)
	second.get(refundPath+"/R1", "PROCESSING")
	second.get(refundPath+"/R1", "SUCCESS")
	second.books("JOURNAL-2", 1, 600)
	second.post(refundPath, second.refund("JOURNAL-1", "R1", 1, 100), "INVALID_REQUEST") // the number is taken
	second.wantCall(call{target: certPath, from: &second.other}, "RESOURCE_NOT_EXISTS")
	second.paid("JOURNAL-3", 7)
	one, _ := second.sim.Order(mchID, "JOURNAL-2")
	other, _ := second.sim.Order(mchID, "JOURNAL-3")
	if one.TransactionID == other.TransactionID || other.TransactionID == "" {
		t.Error("a number was given twice")
	}
	second.sim.Reset()
	if len(second.sim.Orders()) != 0 || second.sim.Ledger().Len() != 0 || second.sim.Calls("native") != 0 {
		t.Error("something is left")
	}
	second.end()
	third := newWorld(t, withJournal)
	third.get(queryPath("JOURNAL-2"), "ORDER_NOT_EXIST")
}

func TestConfig(t *testing.T) {
	t.Parallel()
	keys, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	certificate, serial, err := wechatpay.Certificate(keys[0], mchID, newClock().Now())
	if err != nil {
		t.Fatal(err)
	}
	merchant := fmt.Sprintf(`{"mchid":%q,"public_key":%q,"api_v3_key":%q,"rate_bps":38}`, mchID, certificate, apiKey)
	good := `{"merchants":[` + merchant + `],"allow_http":true,"timestamp_window":"1m","reentry_code":"OUT_TRADE_NO_USED",
		"bill_ready":"1h","notice_waits":["0s","1s"],"base_url":"http://127.0.0.1:1","faults":[{"operation":"query","kind":"garbage"}]}`
	var config wechatpay.Config
	if err := json.Unmarshal([]byte(good), &config); err != nil {
		t.Fatal(err)
	}
	opts, err := config.Options()
	if err != nil || opts.Merchants[0].Serial != serial || opts.Merchants[0].RateBPS != 38 || len(opts.Notices.Waits) != 2 {
		t.Errorf("%+v, %v", opts, err)
	}
	for name, text := range map[string]string{
		"merchant twice": `{"merchants":[` + merchant + `,` + merchant + `]}`,
		"no key":         `{"merchants":[{"mchid":"1900000109"}]}`,
		"platform key":   `{"public_key_key":"x"}`,
		"reentry":        `{"reentry_code":"ORDERPAID"}`,
		"unknown order":  `{"order_unknown_code":"NOT_FOUND"}`,
		"negative":       `{"bill_ttl":"-1s"}`,
		"base":           `{"base_url":"here"}`,
	} {
		var config wechatpay.Config
		if err := json.Unmarshal([]byte(text), &config); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Options(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
