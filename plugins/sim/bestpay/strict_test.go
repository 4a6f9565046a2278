package bestpay_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/bestpay"
)

// documented is one row of a request table: M (required) or O, String or Long. The document prints no lengths.
type documented struct {
	name     string
	required bool
	long     bool
}

func required(names ...string) []documented {
	var out []documented
	for _, name := range names {
		out = append(out, documented{name: name, required: true})
	}
	return out
}

type message struct {
	body   fields
	fields []documented
}

// messages are the documented fields of every operation with a body that is accepted.
func (w *world) messages() map[string]message {
	order := append(required("institutionCode", "merchantNo", "outTradeNo", "subject", "requestDate", "goodsInfo", "notifyUrl",
		"operator", "sign"), documented{"tradeAmt", true, true}, documented{"timeOut", true, true}, documented{"remark", false, false})
	numbers := required("institutionCode", "merchantNo", "outTradeNo", "sign")
	return map[string]message{
		"barcode": {w.barcodeBody("S1"), append(required("mediumNo"), order...)},
		"qr":      {w.qrBody("S2"), append(append(required("tradeType"), documented{"userCode", false, false}), order...)},
		"confirm": {confirmBody("S3"), append(required("tradeDate"), numbers...)},
		"refund": {w.refundBody("S4", "R1", 1), append(append(required("outRequestNo", "requestDate", "operator", "notifyUrl"),
			documented{"refundAmt", true, true}, documented{"refundCause", false, false}, documented{"remark", false, false}), numbers...)},
		"refund-query": {refundQueryBody("S5", "R1"), append(required("outRequestNo", "refundDate"), numbers...)},
	}
}

// refusedAs sends and checks that the reply is a refusal and that this breach was recorded.
func (w *world) refusedAs(op string, body []byte, code, field, rule string) {
	w.t.Helper()
	before := len(w.sim.Violations())
	a, err := w.sendRaw(op, body)
	if err != nil {
		w.t.Fatal(err)
	}
	if a.success || a.code != code || a.words == "" {
		w.t.Errorf("%s of %s answered %q %q, want %s", rule, field, a, a.words, code)
	}
	for _, v := range w.sim.Violations()[before:] {
		if v.Operation == op && v.Field == field && v.Rule == rule && v.Code == code {
			return
		}
	}
	w.t.Errorf("%s of %s was not recorded: %+v", rule, field, w.sim.Violations()[before:])
}

func TestEveryDocumentedField(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"barcode", "qr", "confirm", "refund", "refund-query"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			m := w.messages()[op]
			check := func(body fields, field, rule string) {
				t.Helper()
				w.refusedAs(op, encode(t, body), "PARAM_ERROR", field, rule)
			}
			// change spoils one field and signs the rest, so that only this breach can be the reason.
			change := func(body fields, field string) fields {
				if field == "sign" {
					return body
				}
				return w.sign(body)
			}
			for _, f := range m.fields {
				signed := w.sign(m.body)
				if f.required {
					check(change(signed.without(f.name), f.name), f.name, "missing")
				}
				if f.required && !f.long {
					check(change(signed.with(f.name, ""), f.name), f.name, "missing")
				}
				wrong := []any{true, nil, []string{"1"}, fields{"a": "b"}, 1, 1.5}
				if f.long {
					wrong = []any{true, nil, []int{1}, fields{"a": 1}, "1", "1.5", ""}
				}
				for _, value := range wrong {
					check(change(signed.with(f.name, value), f.name), f.name, "type")
				}
			}
			check(w.sign(m.body.with("goodDetails", "removed in V1.4")), "goodDetails", "unknown-field")
			check(w.sign(m.body.with("MerchantNo", merchantNo)), "MerchantNo", "unknown-field")
			twice := strings.Replace(string(encode(t, w.sign(m.body))), "{", `{"merchantNo":"`+merchantNo+`",`, 1)
			w.refusedAs(op, []byte(twice), "PARAM_ERROR", "merchantNo", "duplicate-key")
			for _, broken := range []string{"", "[]", `"x"`, "null", "{", `{"a":"b"}x`, "{}{}", "{\"a\":\"\xff\"}", "a=b"} {
				w.refusedAs(op, []byte(broken), "PARAM_ERROR", "", "json")
			}
			if n := w.sim.Ledger().Len(); n != 0 || len(w.sim.Orders()) != 0 {
				t.Errorf("refused messages left %d movements and %d orders", n, len(w.sim.Orders()))
			}
		})
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	type row struct {
		op, field string
		value     string // as it stands in the JSON
		rule      string
	}
	var rows []row
	for _, number := range []string{"0", "-1", "1.0", "1e3", "1000000000000000000000"} {
		rows = append(rows, row{"barcode", "tradeAmt", number, "format"}, row{"qr", "tradeAmt", number, "format"},
			row{"refund", "refundAmt", number, "format"}, row{"barcode", "timeOut", number, "format"}, row{"qr", "timeOut", number, "format"})
	}
	for _, date := range []string{
		"2026-11-23", "20261123180000", "2026-11-23T18:00:00", "2026-11-23 18:00:00.5", "2026-11-23 18:00", "2026-13-01 00:00:00",
		"2026-11-23 24:00:00", " 2026-11-23 18:00:00", "2026-11-23 18:00:00+08:00", "2026-1-3 18:00:00",
	} {
		rows = append(rows, row{"barcode", "requestDate", `"` + date + `"`, "format"}, row{"qr", "requestDate", `"` + date + `"`, "format"},
			row{"refund", "requestDate", `"` + date + `"`, "format"}, row{"confirm", "tradeDate", `"` + date + `"`, "format"},
			row{"refund-query", "refundDate", `"` + date + `"`, "format"})
	}
	for _, date := range []string{"2026-11-23 10:00:00", "2026-11-23 16:59:59", "2026-11-23 19:00:01"} { // the first is UTC
		rows = append(rows, row{"barcode", "requestDate", `"` + date + `"`, "value"}, row{"qr", "requestDate", `"` + date + `"`, "value"},
			row{"refund", "requestDate", `"` + date + `"`, "value"})
	}
	for _, target := range []string{"ftp://x/y", "/notify", "x", "https://", "mailto:a@b"} {
		rows = append(rows, row{"barcode", "notifyUrl", `"` + target + `"`, "format"}, row{"qr", "notifyUrl", `"` + target + `"`, "format"},
			row{"refund", "notifyUrl", `"` + target + `"`, "format"})
	}
	for _, code := range []string{"123456789012345", "1234567890123456789012345", "51001234567890123x", "５１００１２３４５６７８９０１２３４"} {
		rows = append(rows, row{"barcode", "mediumNo", `"` + code + `"`, "format"})
	}
	for _, app := range []string{"WECHAT", "alipay", "ALIPAY "} {
		rows = append(rows, row{"qr", "tradeType", `"` + app + `"`, "format"})
	}
	for _, r := range rows {
		body := encode(t, w.sign(w.messages()[r.op].body.with(r.field, "@")))
		w.refusedAs(r.op, []byte(strings.Replace(string(body), `"@"`, r.value, 1)), "PARAM_ERROR", r.field, r.rule)
	}
	for _, body := range []fields{w.qrBody("F"), w.qrBody("F").with("userCode", "")} {
		w.refusedAs("qr", encode(t, w.sign(body.with("tradeType", "TENPAY"))), "PARAM_ERROR", "userCode", "together")
	}
	if len(w.sim.Orders()) != 0 {
		t.Error("refused messages made orders")
	}
}

// TestSignatures shows for every operation that only one signature is right: SHA256withRSA over the sorted raw values.
func TestSignatures(t *testing.T) {
	t.Parallel()
	cases := map[string]func(w *world, body fields) string{
		"another merchant's key": func(w *world, body fields) string { return sha256Sign(w.t, w.keys[merchant2], signedText(body)) },
		"sha1":                   func(w *world, body fields) string { return sha1Sign(w.t, w.keys[merchantNo], signedText(body)) },
		"not sorted": func(w *world, body fields) string {
			pairs := strings.Split(signedText(body), "&")
			return sha256Sign(w.t, w.keys[merchantNo], strings.Join(append(pairs[1:], pairs[0]), "&"))
		},
		"url-encoded": func(w *world, body fields) string {
			values := url.Values{}
			for name, value := range body {
				values.Set(name, plain(value))
			}
			return sha256Sign(w.t, w.keys[merchantNo], values.Encode())
		},
		"values only": func(w *world, body fields) string {
			var values []string
			for _, pair := range strings.Split(signedText(body), "&") {
				values = append(values, pair[strings.Index(pair, "=")+1:])
			}
			return sha256Sign(w.t, w.keys[merchantNo], strings.Join(values, "&"))
		},
		"with an empty sign": func(w *world, body fields) string {
			return sha256Sign(w.t, w.keys[merchantNo], signedText(body)+"&sign=")
		},
		"without outTradeNo": func(w *world, body fields) string {
			return sha256Sign(w.t, w.keys[merchantNo], signedText(body.without("outTradeNo")))
		},
		"over JSON": func(w *world, body fields) string {
			return sha256Sign(w.t, w.keys[merchantNo], string(encode(w.t, body)))
		},
		"not Base64": func(*world, fields) string { return "*" },
		"short":      func(*world, fields) string { return "AAAA" },
		"url Base64": func(w *world, body fields) string {
			sign := sha256Sign(w.t, w.keys[merchantNo], signedText(body))
			return strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(sign), "=")
		},
	}
	for name, sign := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for op, m := range w.messages() {
				w.refusedAs(op, encode(t, m.body.with("sign", sign(w, m.body))), "SIGN_ERROR", "sign", "signature")
				changed := w.sign(m.body).with("outTradeNo", "CHANGED")
				w.refusedAs(op, encode(t, changed), "SIGN_ERROR", "sign", "signature")
			}
			if len(w.sim.Orders()) != 0 || w.sim.Ledger().Len() != 0 {
				t.Error("a wrong signature did something")
			}
		})
	}
}

func TestEmptyOptionalFieldsAreSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := w.barcodeBody("E1")
	late := w.sign(body).with("remark", "") // the signature does not cover remark=
	w.refusedAs("barcode", encode(t, late), "SIGN_ERROR", "sign", "signature")
	w.want("barcode", body.with("remark", ""), "SUCCESS")
	w.want("qr", w.qrBody("E2").with("remark", "备注").with("userCode", "").with("subject", "a=b&c=\"d\"\n<>/"), "WAITFORPAY")
	w.want("qr", w.qrBody("E3").with("tradeType", "TENPAY").with("userCode", "oX"), "WAITFORPAY")
}

func TestSHA1Requests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *bestpay.Options) { o.RequestAlgorithm = bestpay.SHA1WithRSA })
	body := w.barcodeBody("H")
	w.refusedAs("barcode", encode(t, w.sign(body)), "SIGN_ERROR", "sign", "signature")
	a, err := w.sendRaw("barcode", encode(t, body.with("sign", sha1Sign(t, w.keys[merchantNo], signedText(body)))))
	if err != nil || a.status != "SUCCESS" {
		t.Errorf("answered %v %v", a, err)
	}
}

func TestMerchants(t *testing.T) {
	t.Parallel()
	keys, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(o *bestpay.Options) {
		o.Merchants = append(o.Merchants,
			bestpay.Merchant{InstitutionCode: institution, MerchantNo: "off", PublicKey: &keys[0].PublicKey, SwitchedOff: []string{"refund", "qr"}},
			bestpay.Merchant{InstitutionCode: institution, MerchantNo: "keyless"})
	})
	for op, m := range w.messages() {
		for _, body := range []fields{
			m.body.with("merchantNo", "unknown"), m.body.with("institutionCode", "unknown"), m.body.with("merchantNo", "keyless"),
		} {
			w.refusedAs(op, encode(t, w.sign(body)), "MERCHANT_NOT_EXIST", "merchantNo", "account")
		}
		if op == "refund" || op == "qr" {
			w.want(op, m.body.with("merchantNo", "off"), "PRODUCT_NOT_OPEN")
		}
	}
	w.want("barcode", w.barcodeBody("M").with("merchantNo", "off"), "SUCCESS")
}

func TestTransport(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ method, contentType, rule string }{
		"get":             {http.MethodGet, jsonType, "method"},
		"put":             {http.MethodPut, jsonType, "method"},
		"form":            {http.MethodPost, "application/x-www-form-urlencoded; charset=utf-8", "content-type"},
		"none":            {http.MethodPost, "", "content-type"},
		"without charset": {http.MethodPost, "application/json", "content-type"},
		"wrong charset":   {http.MethodPost, "application/json; charset=gbk", "content-type"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for op, m := range w.messages() {
				before := len(w.sim.Violations())
				_, text, err := w.exchange(c.method, urlPath(op), encode(t, w.sign(m.body)), c.contentType)
				if err != nil || !strings.Contains(string(text), `"errorCode":"PARAM_ERROR"`) {
					t.Errorf("%s answered %s %v", op, text, err)
				}
				if v := w.sim.Violations()[before:]; len(v) != 1 || v[0].Rule != c.rule || v[0].Operation != op {
					t.Errorf("recorded %+v, want one breach of %s", v, c.rule)
				}
			}
			if len(w.sim.Orders()) != 0 {
				t.Error("a refused message made an order")
			}
		})
	}
}

func TestUnknownPathAndLargeBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	resp, _, err := w.exchange(http.MethodPost, "/mapi/o2o/aggregatePayment/orderMixQrcode", nil, jsonType)
	if err != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("the path of before V1.7: %v %v, want 404", resp, err)
	}
	w.refusedAs("barcode", make([]byte, 70_000), "PARAM_ERROR", "", "json")
	if v := w.sim.Violations(); len(v) != 2 || v[0].Rule != "path" {
		t.Errorf("recorded %+v", v)
	}
	if n := w.sim.Calls("barcode"); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

func TestViolationsCarryNoValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refusedAs("barcode", encode(t, w.sign(w.barcodeBody("V").with("mediumNo", "SECRET-CODE").with("tradeAmt", "SECRET"))),
		"PARAM_ERROR", "mediumNo", "format")
	if text := fmt.Sprintf("%+v", w.sim.Violations()); strings.Contains(text, "SECRET") {
		t.Errorf("a value was recorded: %s", text)
	}
}

// TestSignedTexts writes the signed texts out in full, so that the client's and the simulator's cannot err together.
func TestSignedTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *bestpay.Options) { o.Callback.Off = true })
	request := "goodsInfo=咖啡 & <面包>/1&institutionCode=" + institution + "&mediumNo=" + payerCode + "&merchantNo=" + merchantNo +
		"&notifyUrl=" + w.shop.url + "&operator=刘侃&outTradeNo=T&requestDate=" + today +
		"&subject=聚合支付付款码下单&timeOut=1500&tradeAmt=1000"
	w.fault(bestpay.Fault{Operation: "barcode", Kind: bestpay.FaultPending, Then: bestpay.ThenNever})
	_, raw, err := w.post("barcode", encode(t, w.barcodeBody("T").with("sign", sha256Sign(t, w.keys[merchantNo], request))), jsonType)
	if err != nil {
		t.Fatal(err)
	}
	o, ok := w.sim.Order(merchantNo, "T")
	if !ok {
		t.Fatalf("the request's signature was refused: %s", raw)
	}
	result := `{"bankRequestNo":"` + o.BankRequestNo + `","disCountAmt":null,"merchantNo":"` + merchantNo + `","outTradeNo":"T",` +
		`"payAmt":null,"tradeAmt":1000,"tradeNo":"` + o.TradeNo + `","tradeStatus":"WAITFORPAY","tradeprodNo":"` + o.TradeprodNo + `"}`
	keys, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	signed := func(message, text string) {
		t.Helper()
		if want := `"sign":"` + sha1Sign(t, keys[2], text) + `"`; !strings.Contains(message, want) {
			t.Errorf("%s is not signed as %s", message, text)
		}
	}
	signed(string(raw), "errorCode=null&errorMsg=null&result="+result+"&success=true")

	if _, err := w.sim.Notify(t.Context(), merchantNo, "T", bestpay.Notice{}); err != nil {
		t.Fatal(err)
	}
	w.shop.mu.Lock()
	defer w.shop.mu.Unlock()
	signed(w.shop.raw[0], "ccy=156&discountAmt=0&goodsInfo=咖啡 & <面包>/1&institutionCode="+institution+"&merchantNo="+merchantNo+
		"&originalTradeNo=null&outTradeNo=T&payAmt=0&resultCode=null&resultMsg=null&tradeAmt=1000&tradeFinishedDate=20261123180000"+
		"&tradeNo="+o.TradeNo+"&tradeStatus=WAITFORPAY&tradeType=REAL_TIME_PRO")
}
