package bestpay_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/bestpay"
)

type remote struct {
	t   *testing.T
	url string
}

func newRemote(t *testing.T, w *world) remote {
	t.Helper()
	server := httptest.NewServer(w.sim.Control())
	t.Cleanup(server.Close)
	return remote{t, server.URL + bestpay.ControlPrefix}
}

// do sends a control call and decodes the reply into out, if the status is the wanted one.
func (r remote) do(method, path, body string, status int, out any) {
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
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		r.t.Fatalf("%s %s: HTTP %d %s, want %d", method, path, resp.StatusCode, text, status)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			r.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
}

func publicPEM(t *testing.T, w *world, merchant string) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&w.keys[merchant].PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func text(t *testing.T, value any) string {
	t.Helper()
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestControlOfPayers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newRemote(t, w)
	for _, number := range []string{"C1", "C2", "C3", "C4"} {
		w.want("qr", w.qrBody(number), "WAITFORPAY")
	}
	w.want("qr", w.qrBody("C2").with("merchantNo", merchant2), "WAITFORPAY")
	var order bestpay.Order
	r.do("POST", "/orders/C1/pay", "", 200, &order)
	if order.Status != bestpay.StatusSuccess {
		t.Errorf("order after paying: %+v", order)
	}
	r.do("POST", "/orders/C1/pay", "", 409, nil)
	r.do("POST", "/orders/none/pay", "", 404, nil)
	r.do("POST", "/orders/C2/pay", "", 409, nil) // two merchants have it
	r.do("POST", "/orders/C2/pay?merchant_no="+merchant2, "", 200, &order)
	r.do("POST", "/orders/C3/pay", `{"outcome":"stolen"}`, 400, nil)
	r.do("POST", "/orders/C3/pay", `{"outcome":"abandoned"}`, 200, &order)
	if order.Status != bestpay.StatusFail {
		t.Errorf("order after leaving: %+v", order)
	}
	r.do("POST", "/orders/C2/abandon?merchant_no="+merchantNo, "", 200, nil)
	r.do("POST", "/orders/C4/expire", "", 200, &order)
	if order.Status != bestpay.StatusClose {
		t.Errorf("order after its time: %+v", order)
	}
	var orders []bestpay.Order
	r.do("GET", "/orders?trade_status=SUCCESS&merchant_no="+merchantNo, "", 200, &orders)
	if len(orders) != 1 || orders[0].OutTradeNo != "C1" {
		t.Errorf("paid orders: %+v", orders)
	}

	w.fault(bestpay.Fault{Operation: "refund", Kind: bestpay.FaultPending, Then: bestpay.ThenNever})
	w.want("refund", w.refundBody("C1", "R1", 1), "WAITFORPAY")
	w.want("refund", w.refundBody("C1", "R2", 1), "WAITFORPAY")
	r.do("POST", "/orders/C1/refunds/R1/finish", "", 200, &order)
	r.do("POST", "/orders/C1/refunds/R2/finish", `{"trade_status":"CLOSE"}`, 400, nil)
	r.do("POST", "/orders/C1/refunds/R2/finish", `{"trade_status":"FAIL"}`, 200, nil)
	r.do("POST", "/orders/C1/refunds/R3/finish", "", 409, nil)
	r.do("GET", "/orders/C1", "", 200, &order)
	if order.Refunds[0].Status != "SUCCESS" || order.Refunds[1].Status != "FAIL" {
		t.Errorf("refunds: %+v", order.Refunds)
	}
	w.books("C1", 1, 999)
	w.clean()
}

func TestControlOfTheRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newRemote(t, w)
	r.do("POST", "/faults", `{"clear":true,"seed":7,"rules":[{"operation":"barcode","kind":"bad-signature","times":1}]}`, 200, nil)
	r.do("POST", "/faults", `{"rules":[{"kind":"explode"}]}`, 400, nil)
	w.wantNoReply("barcode", w.barcodeBody("C1"))
	w.callbacks(1)
	var faults []bestpay.FaultStatus
	r.do("GET", "/faults", "", 200, &faults)
	if len(faults) != 1 || faults[0].Hits != 1 || faults[0].Left != 0 {
		t.Errorf("faults: %+v", faults)
	}

	var delivery bestpay.Delivery
	r.do("POST", "/orders/C1/notify", `{"status":"WAITFORPAY"}`, 200, &delivery)
	r.do("POST", "/orders/C1/notify", `{"refund":"none"}`, 409, nil)
	r.do("POST", "/orders/C1/notify", `{"x":1}`, 400, nil)
	r.do("POST", "/orders/C1/forge", `{"kind":"replay"}`, 200, &delivery)
	if !delivery.Accepted || delivery.Key != merchantNo+"/C1" {
		t.Errorf("delivery: %+v", delivery)
	}
	r.do("POST", "/orders/C1/forge", `{"kind":"magic"}`, 409, nil)
	r.do("POST", "/orders/none/forge", `{"kind":"replay"}`, 404, nil)
	r.do("POST", "/orders/none/notify", "", 404, nil)
	var deliveries []bestpay.Delivery
	r.do("GET", "/deliveries?key="+merchantNo+"/C1", "", 200, &deliveries)
	if len(deliveries) != 3 {
		t.Errorf("deliveries: %+v", deliveries)
	}
	r.do("GET", "/deliveries?key=x", "", 200, &deliveries)
	if len(deliveries) != 0 {
		t.Errorf("deliveries of another key: %+v", deliveries)
	}

	var certificate struct{ Certificate string }
	r.do("GET", "/certificate", "", 200, &certificate)
	if !certificateKey(t, certificate.Certificate).Equal(w.platform) {
		t.Error("the certificate is not the platform key's")
	}
	w.keys["M9"] = w.keys[merchant2]
	added := bestpay.MerchantConfig{InstitutionCode: institution, MerchantNo: "M9", PublicKey: publicPEM(t, w, merchant2)}
	r.do("POST", "/merchants", text(t, added), 200, nil)
	w.want("qr", w.qrBody("C9").with("merchantNo", "M9"), "WAITFORPAY")
	added.PublicKey = "?"
	r.do("POST", "/merchants", text(t, added), 400, nil)
	r.do("POST", "/merchants", `{}`, 400, nil)

	var books struct {
		Entries []bestpay.Entry
		Orders  []bestpay.Summary
	}
	r.do("GET", "/ledger?account="+merchantNo+"&order=C1", "", 200, &books)
	if len(books.Entries) != 1 || books.Orders[0].Net != 1000 {
		t.Errorf("ledger of C1: %+v", books)
	}
	var calls map[string]int
	r.do("GET", "/calls", "", 200, &calls)
	if calls["barcode"] != 1 || calls["qr"] != 1 || len(calls) != 5 {
		t.Errorf("calls: %v", calls)
	}
	r.do("GET", "/health", "", 200, nil)
	r.do("POST", "/reset", "", 200, nil)
	r.do("GET", "/ledger", "", 200, &books)
	r.do("GET", "/deliveries", "", 200, &deliveries)
	if len(books.Entries) != 0 || len(deliveries) != 0 || len(w.sim.Orders()) != 0 || len(w.sim.Violations()) != 0 || w.sim.Calls("barcode") != 0 {
		t.Error("reset left something")
	}
	w.want("barcode", w.barcodeBody("C1"), "SUCCESS") // and callbacks go on
	w.waitFor("the callback", func() bool { return len(w.sim.Deliveries()) == 1 })
}

func TestJournalSurvivesARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	journaled := func(o *bestpay.Options) {
		journal, err := bestpay.OpenJournal(path)
		if err != nil {
			t.Fatal(err)
		}
		o.Journal = journal
	}
	w := newWorld(t, journaled)
	w.want("barcode", w.barcodeBody("J0"), "SUCCESS")
	w.sim.Reset()
	w.want("barcode", w.barcodeBody("J1"), "SUCCESS")
	w.fault(bestpay.Fault{Operation: "refund", Kind: bestpay.FaultUncertain, Moved: true, Queries: 1, Times: 1})
	w.want("refund", w.refundBody("J1", "R1", 100), "SYSTEM_ERROR")
	w.want("refund", w.refundBody("J1", "R2", 200), "SUCCESS")
	w.want("qr", w.qrBody("J2"), "WAITFORPAY")
	if err := w.sim.AddMerchant(bestpay.Merchant{InstitutionCode: institution, MerchantNo: "M9", PublicKey: &w.keys[merchantNo].PublicKey}); err != nil {
		t.Fatal(err)
	}
	before := text(t, w.sim.Orders())
	w.end()

	again := newWorld(t, journaled)
	if after := text(t, again.sim.Orders()); after != before {
		t.Errorf("orders after the restart:\n%s\nbefore:\n%s", after, before)
	}
	again.books("J0", 0, 0)
	again.books("J1", 1, 700)
	again.want("barcode", again.barcodeBody("J1"), "ORDER_REPEAT")
	again.want("refund", again.refundBody("J1", "R2", 200), "REFUND_REPEAT")
	again.want("refund-query", refundQueryBody("J1", "R1"), "WAITFORPAY")
	again.want("refund-query", refundQueryBody("J1", "R1"), "SUCCESS")
	again.books("J1", 1, 700)
	a := again.want("barcode", again.barcodeBody("J3").with("merchantNo", "M9"), "SUCCESS")
	for _, o := range again.sim.Orders() {
		if o.OutTradeNo != "J3" && (o.TradeNo == a.result["tradeNo"] || o.TradeprodNo == a.result["tradeprodNo"]) {
			t.Error("a number was given out twice")
		}
	}
	if err := again.sim.PayOrder(merchantNo, "J2"); err != nil {
		t.Fatal(err)
	}
	again.books("J2", 1, 1000)
	again.want("refund", again.refundBody("J2", "R2", 200), "REFUND_REPEAT") // it is J1's
	again.clean()
}

func TestConfig(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	keys, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(keys[2])
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := bestpay.SelfSigned(keys[1], time.Now())
	if err != nil {
		t.Fatal(err)
	}
	platform := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	written := `{"platform_key":` + text(t, platform) + `,"merchants":[
		{"institution_code":"` + institution + `","merchant_no":"` + merchantNo + `","public_key":` + text(t, publicPEM(t, w, merchantNo)) + `},
		{"institution_code":"` + institution + `","merchant_no":"` + merchant2 + `","public_key":` + text(t, certificate) + `,"switched_off":["refund"]}],
		"request_date_window":"-1ns","status_code":"number","idempotent_refunds":true,
		"callback":{"waits":["0s","1s"],"payment_type":"REAL_TIM","currency":"CNY","without_nulls":true},"seed":3,
		"faults":[{"operation":"barcode","kind":"fail","code":"X","times":1}]}`
	decoder := json.NewDecoder(strings.NewReader(written))
	decoder.DisallowUnknownFields()
	var c bestpay.Config
	if err := decoder.Decode(&c); err != nil {
		t.Fatal(err)
	}
	opts, err := c.Options()
	if err != nil {
		t.Fatal(err)
	}
	configured := newWorld(t, func(o *bestpay.Options) {
		opts.Now, opts.Sleep = o.Now, o.Sleep
		*o = opts
	})
	for _, f := range c.Faults {
		configured.fault(f)
	}
	old := configured.barcodeBody("C1").with("requestDate", "2020-01-01 00:00:00")
	configured.want("barcode", old, "FAIL")
	configured.want("barcode", old.with("outTradeNo", "C2").with("merchantNo", merchant2), "SUCCESS")
	if message := configured.callbacks(1)[0]; message["ccy"] != "CNY" || message["tradeType"] != "REAL_TIM" {
		t.Errorf("called back %v", message)
	}
	configured.want("refund", configured.refundBody("C2", "R", 1).with("merchantNo", merchant2), "PRODUCT_NOT_OPEN")
}

func TestConfigRefusesNonsense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]bestpay.Config{
		"platform key":     {PlatformKey: "?"},
		"wrong PEM":        {PlatformKey: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"},
		"merchant key":     {Merchants: []bestpay.MerchantConfig{{InstitutionCode: "a", MerchantNo: "b", PublicKey: "?"}}},
		"merchant number":  {Merchants: []bestpay.MerchantConfig{{InstitutionCode: "a"}}},
		"switched off":     {Merchants: []bestpay.MerchantConfig{{InstitutionCode: "a", MerchantNo: "b", SwitchedOff: []string{"x"}}}},
		"algorithm":        {RequestAlgorithm: "MD5"},
		"reply algorithm":  {ReplyAlgorithm: "sha1"},
		"status code type": {StatusCode: "bool"},
		"payment type":     {Callback: bestpay.CallbackConfig{PaymentType: "REFUND"}},
	} {
		if _, err := c.Options(); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestZeroOptions(t *testing.T) {
	t.Parallel()
	sim := bestpay.New(bestpay.Options{})
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	certificate, err := sim.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, urlPath("confirm"), strings.NewReader("{}"))
	req.Header.Set("Content-Type", jsonType)
	rec := httptest.NewRecorder()
	sim.ServeHTTP(rec, req)
	message, err := decode(rec.Body.Bytes())
	if err != nil || message["success"] != false {
		t.Fatalf("answered %s %v", rec.Body, err)
	}
	if err := genuine(certificateKey(t, certificate), message); err != nil {
		t.Errorf("the certificate does not fit the reply: %v", err)
	}
}
