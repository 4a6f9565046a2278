package shouqianba_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

type documented struct {
	name     string
	required bool
	max      int  // 0: no printed length
	ascii    bool // counted in bytes
}

// messages are the documented fields of every operation with a body that is accepted.
func messages() map[string]struct {
	body   fields
	fields []documented
} {
	order := []documented{
		{"terminal_sn", true, 32, true},
		{"client_sn", true, 32, true},
		{"total_amount", true, 10, true},
		{"subject", true, 64, false},
		{"operator", true, 32, false},
		{"description", false, 256, false},
		{"device_id", false, 32, true},
		{"extended", false, 256, false},
		{"reflect", false, 64, false},
		{"notify_url", false, 255, true},
	}
	number := []documented{{"terminal_sn", true, 32, true}, {"sn", false, 16, true}, {"client_sn", false, 32, true}}
	type message = struct {
		body   fields
		fields []documented
	}
	return map[string]message{
		"pay":       {payBody("S1"), append([]documented{{"dynamic_id", true, 32, true}, {"payway", false, 2, true}}, order...)},
		"precreate": {precreateBody("S2"), append([]documented{{"payway", true, 2, true}}, order...)},
		"refund": {refundBody("S3", "R1", "1"), append([]documented{
			{"refund_request_no", true, 20, false}, {"refund_amount", true, 10, true}, {"operator", true, 64, false},
		}, number...)},
		"query":  {numberBody("S4"), number},
		"cancel": {numberBody("S5"), number},
		"activate": {
			fields{"app_id": "2026000001", "code": "22222222", "device_id": "D"},
			[]documented{
				{"app_id", true, 0, true},
				{"code", true, 0, true},
				{"device_id", true, 128, true},
				{"client_sn", false, 50, true},
				{"name", false, 128, false},
				{"os_info", false, 45, false},
				{"sdk_version", false, 45, false},
			},
		},
		"checkin": {
			fields{"terminal_sn": "100000010003", "device_id": "D"},
			[]documented{{"terminal_sn", true, 32, true}, {"device_id", true, 128, true}, {"os_info", false, 45, false}, {"sdk_version", false, 45, false}},
		},
	}
}

// refusedAs sends and checks that the reply is the client error and that exactly this breach was recorded.
func (w *world) refusedAs(op string, body []byte, signer, code, field, rule string) {
	w.t.Helper()
	before := len(w.sim.Violations())
	a, err := w.sendRaw(op, signer, body)
	if err != nil {
		w.t.Fatal(err)
	}
	if a.ResultCode != "400" || a.ErrorCode != code || a.ErrorMessage == "" {
		w.t.Errorf("answered %q %q, want 400 %s", a, a.ErrorMessage, code)
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
	for op, m := range messages() {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			signer := terminalSN
			if text, ok := m.body["terminal_sn"].(string); ok {
				signer = text
			}
			if op == "activate" {
				signer = vendorSN
			}
			check := func(body fields, field, rule string) {
				t.Helper()
				w.refusedAs(op, encode(t, body), signer, "INVALID_PARAMS", field, rule)
			}
			for _, f := range m.fields {
				if f.required {
					check(m.body.without(f.name), f.name, "missing")
					check(m.body.with(f.name, ""), f.name, "missing")
				}
				for _, wrong := range []any{1, 1.5, true, nil, []string{"1"}, fields{"a": "b"}} {
					check(m.body.with(f.name, wrong), f.name, "type")
				}
				if f.max > 0 {
					check(m.body.with(f.name, strings.Repeat("1", f.max+1)), f.name, "length")
					if f.ascii && f.max > 4 {
						check(m.body.with(f.name, strings.Repeat("收", f.max/3+1)), f.name, "length")
					}
				}
			}
			check(m.body.with("sub_payway", "1"), "sub_payway", "unknown-field")
			check(m.body.with("Terminal_SN", "1"), "Terminal_SN", "unknown-field")
			twice := strings.Replace(string(encode(t, m.body)), "{", `{"device_id":"X","device_id":"Y",`, 1)
			w.refusedAs(op, []byte(twice), signer, "INVALID_PARAMS", "device_id", "duplicate-key")
			for _, broken := range []string{"", "[]", `"x"`, "null", "{", `{"a":"b"}x`, "{}{}", "{\"a\":\"\xff\"}", "a=b"} {
				w.refusedAs(op, []byte(broken), signer, "INVALID_PARAMS", "", "json")
			}
			if n := len(w.sim.Ledger().Entries()); n != 0 || len(w.sim.Orders()) != 0 {
				t.Errorf("refused messages left %d movements and %d orders", n, len(w.sim.Orders()))
			}
		})
	}
}

func TestLongestValuesAreAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := payBody(strings.Repeat("9", 32))
	for name, n := range map[string]int{"subject": 64, "operator": 32, "description": 256, "extended": 256, "reflect": 64} {
		body = body.with(name, strings.Repeat("店", n))
	}
	body = body.with("total_amount", "9999999999").with("device_id", strings.Repeat("d", 32)).
		with("longitude", "121.4737").with("latitude", "31.2304").with("notify_url", "https://example.com/n")
	w.want("pay", body, "PAY_SUCCESS PAID")
	w.want("refund", refundBody(strings.Repeat("9", 32), strings.Repeat("退", 20), "1").with("operator", strings.Repeat("员", 64)),
		"REFUND_SUCCESS PARTIAL_REFUNDED")
	w.clean()
}

func TestFormats(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cases := []struct {
		op, field, value, rule string
		body                   fields
	}{}
	for _, amount := range []string{"0", "00", "01", "-1", "+1", "1.5", "1.0", "1e3", " 1", "1 ", "１", "0x1", "abc"} {
		for _, op := range []string{"pay", "precreate"} {
			body := payBody("F")
			if op == "precreate" {
				body = precreateBody("F")
			}
			cases = append(cases, struct {
				op, field, value, rule string
				body                   fields
			}{op, "total_amount", amount, "format", body})
		}
		cases = append(cases, struct {
			op, field, value, rule string
			body                   fields
		}{"refund", "refund_amount", amount, "format", refundBody("F", "R", "1")})
	}
	for _, c := range cases {
		w.refusedAs(c.op, encode(t, c.body.with(c.field, c.value)), terminalSN, "INVALID_PARAMS", c.field, c.rule)
	}
	w.refusedAs("pay", encode(t, payBody("F").with("payway", "x")), terminalSN, "INVALID_PARAMS", "payway", "format")
	w.refusedAs("pay", encode(t, payBody("F").with("longitude", "121.1")), terminalSN, "INVALID_PARAMS", "longitude", "together")
	w.refusedAs("precreate", encode(t, precreateBody("F").with("latitude", "31")), terminalSN, "INVALID_PARAMS", "longitude", "together")
	w.refusedAs("pay", encode(t, payBody("F").with("longitude", "181").with("latitude", "x")), terminalSN, "INVALID_PARAMS", "latitude", "format")
	w.refusedAs("pay", encode(t, payBody("F").with("notify_url", "ftp://x")), terminalSN, "INVALID_PARAMS", "notify_url", "format")
	for _, op := range []string{"query", "cancel"} {
		w.refusedAs(op, encode(t, fields{"terminal_sn": terminalSN}), terminalSN, "INVALID_PARAMS", "client_sn", "together")
	}
	w.refusedAs("refund", encode(t, refundBody("F", "R", "1").without("client_sn")), terminalSN, "INVALID_PARAMS", "client_sn", "together")
	w.refusedAs("pay", encode(t, payBody("F").with("reflact", "x")), terminalSN, "INVALID_PARAMS", "reflact", "unknown-field")
}

func TestSignatureAndTransport(t *testing.T) {
	t.Parallel()
	body := encode(t, payBody("A1"))
	good := sign(body, terminalKey)
	json := "application/json"
	cases := map[string]struct {
		method, contentType, authorization string
		body                               []byte
		code, rule                         string
	}{
		"get":               {http.MethodGet, json, terminalSN + " " + good, body, "INVALID_PARAMS", "method"},
		"put":               {http.MethodPut, json, terminalSN + " " + good, body, "INVALID_PARAMS", "method"},
		"form":              {http.MethodPost, "application/x-www-form-urlencoded", terminalSN + " " + good, body, "INVALID_PARAMS", "content-type"},
		"no content type":   {http.MethodPost, "", terminalSN + " " + good, body, "INVALID_PARAMS", "content-type"},
		"wrong charset":     {http.MethodPost, json + "; charset=gbk", terminalSN + " " + good, body, "INVALID_PARAMS", "content-type"},
		"no authorization":  {http.MethodPost, json, "", body, "ILLEGAL_SIGN", "authorization-header"},
		"upper case":        {http.MethodPost, json, terminalSN + " " + strings.ToUpper(good), body, "ILLEGAL_SIGN", "authorization-header"},
		"two spaces":        {http.MethodPost, json, terminalSN + "  " + good, body, "ILLEGAL_SIGN", "authorization-header"},
		"scheme in front":   {http.MethodPost, json, "MD5 " + terminalSN + " " + good, body, "ILLEGAL_SIGN", "authorization-header"},
		"sign only":         {http.MethodPost, json, good, body, "ILLEGAL_SIGN", "authorization-header"},
		"short sign":        {http.MethodPost, json, terminalSN + " " + good[:31], body, "ILLEGAL_SIGN", "authorization-header"},
		"wrong key":         {http.MethodPost, json, terminalSN + " " + sign(body, vendorKey), body, "ILLEGAL_SIGN", "signature"},
		"changed body":      {http.MethodPost, json, terminalSN + " " + good, append([]byte(" "), body...), "ILLEGAL_SIGN", "signature"},
		"unknown terminal":  {http.MethodPost, json, "999 " + good, body, "INVALID_TERMINAL", "account"},
		"vendor for pay":    {http.MethodPost, json, vendorSN + " " + sign(body, vendorKey), body, "INVALID_TERMINAL", "account"},
		"another terminal":  {http.MethodPost, json, "100000010002 " + good, body, "INVALID_TERMINAL", "account"},
		"body over 64 KiB":  {http.MethodPost, json, terminalSN + " " + good, make([]byte, 70_000), "INVALID_PARAMS", "json"},
		"signature of none": {http.MethodPost, json, terminalSN + " " + strings.Repeat("0", 32), body, "ILLEGAL_SIGN", "signature"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			headers := map[string]string{}
			if c.contentType != "" {
				headers["Content-Type"] = c.contentType
			}
			if c.authorization != "" {
				headers["Authorization"] = c.authorization
			}
			resp, text, err := w.raw(c.method, "/upay/v2/pay", c.body, headers)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != http.StatusOK || !strings.Contains(string(text), fmt.Sprintf(`"error_code":%q`, c.code)) {
				t.Errorf("HTTP %d %s, want %s under 200", resp.StatusCode, text, c.code)
			}
			violations := w.sim.Violations()
			if len(violations) != 1 || violations[0].Rule != c.rule || violations[0].Code != c.code || violations[0].Operation != "pay" {
				t.Errorf("recorded %+v, want one breach of %s", violations, c.rule)
			}
			if len(w.sim.Orders()) != 0 {
				t.Error("a refused message made an order")
			}
		})
	}
}

func TestUnknownPathAndCompressedBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := encode(t, precreateBody("U"))
	resp, _, err := w.raw(http.MethodPost, "/Upay/v2/precreate", body, w.signed(terminalSN, body))
	if err != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("the path with a capital U: %v %v, want 404", resp, err)
	}
	headers := w.signed(terminalSN, body)
	headers["Content-Encoding"] = "gzip"
	if _, text, err := w.raw(http.MethodPost, "/upay/v2/precreate", body, headers); err != nil || !strings.Contains(string(text), "INVALID_PARAMS") {
		t.Errorf("a compressed body: %s %v", text, err)
	}
	if v := w.sim.Violations(); len(v) != 2 || v[0].Rule != "path" || v[1].Rule != "content-type" {
		t.Errorf("recorded %+v", v)
	}
}

func TestBarcodes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ code, payway, want, shown string }{
		"alipay 16":           {"2512345678901234", "", "PAY_SUCCESS PAID", "1"},
		"alipay 24":           {"301234567890123456789012", "", "PAY_SUCCESS PAID", "1"},
		"wechat":              {"151234567890123456", "", "PAY_SUCCESS PAID", "3"},
		"wechat named":        {"101234567890123456", "3", "PAY_SUCCESS PAID", "3"},
		"jd named":            {"621234567890123456", "5", "PAY_SUCCESS PAID", "5"},
		"alipay 15":           {"251234567890123", "", "400 INVALID_BARCODE", ""},
		"alipay 25":           {"2512345678901234567890123", "", "400 INVALID_BARCODE", ""},
		"wechat 17":           {"13123456789012345", "", "400 INVALID_BARCODE", ""},
		"wechat 19":           {"1312345678901234567", "", "400 INVALID_BARCODE", ""},
		"prefix 24":           {"241234567890123456", "", "400 INVALID_BARCODE", ""},
		"prefix 31":           {"311234567890123456", "", "400 INVALID_BARCODE", ""},
		"letters":             {"28123456789012345x", "", "400 INVALID_BARCODE", ""},
		"full-width":          {"28１２３４５６７", "", "400 INVALID_BARCODE", ""},
		"one digit":           {"2", "", "400 INVALID_BARCODE", ""},
		"wechat as alipay":    {wechatCode, "1", "400 INVALID_BARCODE", ""},
		"unknown payway":      {alipayCode, "2", "500 UNEXPECTED_PROVIDER_ERROR", ""},
		"jd needs its payway": {"621234567890123456", "", "400 INVALID_BARCODE", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			body := payBody("B").with("dynamic_id", c.code)
			if c.payway != "" {
				body = body.with("payway", c.payway)
			}
			a := w.want("pay", body, c.want)
			if a.Biz.Data["payway"] != c.shown {
				t.Errorf("payway %q, want %q", a.Biz.Data["payway"], c.shown)
			}
			if wrong := a.ResultCode != "200"; wrong != (len(w.sim.Violations()) == 1) {
				t.Errorf("recorded %+v", w.sim.Violations())
			}
		})
	}
}

func TestReflactAsPrinted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *shouqianba.Options) { o.ReflectName = "reflact" })
	a := w.want("pay", payBody("R").with("reflact", "note"), "PAY_SUCCESS PAID")
	if a.Biz.Data["reflect"] != "note" {
		t.Errorf("reflect %q came back, want note", a.Biz.Data["reflect"])
	}
	w.clean()
}
