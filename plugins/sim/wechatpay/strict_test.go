package wechatpay_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"
)

// refusedAs sends and checks that the reply is a refusal and that this breach was recorded.
func (w *world) refusedAs(op string, c call, code, field, rule string) {
	w.t.Helper()
	before := len(w.sim.Violations())
	resp, body, err := w.exchange(c)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header}
	if err := a.read(body); err != nil || a.code != code || a.words == "" {
		w.t.Errorf("%s of %s answered %d %q %q, want %s: %v", rule, field, a.status, a.code, a.words, code, err)
	}
	// Only a rightly signed request has a signed reply.
	if genuine := w.genuine(resp.Header, body) == nil; genuine != (code != "SIGN_ERROR" && code != "MCH_NOT_EXISTS") {
		w.t.Errorf("%s of %s: the reply's signature is there: %v", rule, field, genuine)
	}
	for _, v := range w.sim.Violations()[before:] {
		if v.Operation == op && v.Field == field && v.Rule == rule && v.Code == code && v.Account == mchID {
			return
		}
	}
	w.t.Errorf("%s of %s was not recorded: %+v", rule, field, w.sim.Violations()[before:])
}

// documented is a field of a request table.
type documented struct {
	pointer  string
	required bool
	kind     string // string, number, bool, object, array
}

type message struct {
	op, path string
	body     fields
	fields   []documented
}

// messages are the documented fields of every operation with a body, with a body that has them all and is accepted.
func (w *world) messages() []message {
	goods := []any{fields{"merchant_goods_id": "1", "wechatpay_goods_id": "2", "goods_name": "n", "quantity": 1, "unit_price": 0}}
	common := []documented{
		{"/appid", true, "string"},
		{"/mchid", true, "string"},
		{"/description", true, "string"},
		{"/out_trade_no", true, "string"},
		{"/time_expire", false, "string"},
		{"/attach", false, "string"},
		{"/notify_url", true, "string"},
		{"/goods_tag", false, "string"},
		{"/support_fapiao", false, "bool"},
		{"/amount", true, "object"},
		{"/amount/total", true, "number"},
		{"/amount/currency", false, "string"},
		{"/detail", false, "object"},
		{"/detail/cost_price", false, "number"},
		{"/detail/invoice_id", false, "string"},
		{"/detail/goods_detail", false, "array"},
		{"/scene_info/payer_client_ip", true, "string"},
		{"/scene_info/device_id", false, "string"},
		{"/scene_info/store_info", false, "object"},
		{"/scene_info/store_info/id", true, "string"},
		{"/settle_info", false, "object"},
		{"/settle_info/profit_sharing", false, "bool"},
	}
	full := func(body fields) fields {
		scene := fields{"payer_client_ip": "::1", "device_id": "d", "store_info": fields{"id": "1", "name": "n", "area_code": "1", "address": "a"}}
		if h5, ok := body["scene_info"].(fields); ok {
			scene["h5_info"] = h5["h5_info"]
		}
		return body.with("time_expire", "2026-11-28T18:00:00+08:00").with("goods_tag", "G").with("support_fapiao", true).
			with("detail", fields{"cost_price": 1, "invoice_id": "i", "goods_detail": goods}).
			with("settle_info", fields{"profit_sharing": false}).with("scene_info", scene)
	}
	refundGoods := []any{fields{"merchant_goods_id": "1", "unit_price": 1, "refund_amount": 1, "refund_quantity": 1}}
	refund := w.refund("STRICT-1", "R1", 1, 100).with("funds_account", "AVAILABLE").with("goods_detail", refundGoods)
	refund["amount"] = fields{
		"refund": 1, "total": 100, "currency": "CNY", "from": []any{fields{"account": "AVAILABLE", "amount": 1}},
	}
	return []message{
		{"native", nativePath, full(w.order("STRICT-1", 100)), append(common, documented{"/scene_info", false, "object"})},
		{"jsapi", jsapiPath, full(w.jsapiOrder("STRICT-2", 100)), append(
			common, documented{"/payer", true, "object"}, documented{"/payer/openid", true, "string"}, documented{"/scene_info", false, "object"},
		)},
		{"h5", h5Path, full(w.h5Order("STRICT-3", 100)), append(
			common, documented{"/scene_info", true, "object"}, documented{"/scene_info/h5_info", true, "object"},
			documented{"/scene_info/h5_info/type", true, "string"},
		)},
		{"close", closePath("STRICT-1"), fields{"mchid": mchID}, []documented{{"/mchid", true, "string"}}},
		{"refund", refundPath, refund, []documented{
			{"/out_refund_no", true, "string"},
			{"/reason", false, "string"},
			{"/notify_url", false, "string"},
			{"/funds_account", false, "string"},
			{"/amount", true, "object"},
			{"/amount/refund", true, "number"},
			{"/amount/total", true, "number"},
			{"/amount/currency", true, "string"},
			{"/amount/from", false, "array"},
			{"/goods_detail", false, "array"},
		}},
	}
}

// changed is a body with a value at a pointer, or without it.
func changed(body fields, pointer string, value any, remove bool) fields {
	name, rest, deeper := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if deeper {
		inner, ok := body[name].(fields)
		if !ok {
			return body
		}
		return body.with(name, changed(inner, "/"+rest, value, remove))
	}
	if remove {
		return body.without(name)
	}
	return body.with(name, value)
}

func TestEveryDocumentedField(t *testing.T) {
	t.Parallel()
	samples := map[string]any{
		"string": "x", "number": 7, "bool": true, "object": fields{"a": "b"}, "array": []any{}, "null": nil,
	}
	w := newWorld(t)
	for _, m := range w.messages() {
		t.Run(m.op, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			check := func(body fields, field, rule string) {
				t.Helper()
				w.refusedAs(m.op, call{method: http.MethodPost, target: m.path, body: encode(t, body)}, "PARAM_ERROR", field, rule)
			}
			for _, f := range m.fields {
				if f.required {
					check(changed(m.body, f.pointer, nil, true), f.pointer, "missing")
				}
				if f.required && f.kind == "string" {
					check(changed(m.body, f.pointer, "", false), f.pointer, "missing")
				}
				for kind, value := range samples {
					if kind != f.kind {
						check(changed(m.body, f.pointer, value, false), f.pointer, "type")
					}
				}
			}
			check(m.body.with("MchID", mchID), "/MchID", "unknown-field")
			if _, has := m.body["amount"]; has {
				check(changed(m.body, "/amount/fee", 1, false), "/amount/fee", "unknown-field")
			}
			for _, broken := range []string{"", "[]", `"x"`, "null", "{", `{"a":"b"}x`, "{\"a\":\"\xff\"}", "a=b"} {
				w.refusedAs(m.op, call{method: http.MethodPost, target: m.path, body: []byte(broken)}, "PARAM_ERROR", "", "json")
			}
			twice := strings.Replace(string(encode(t, m.body)), "{", `{"mchid":"`+mchID+`",`, 1)
			if m.op != "refund" {
				w.refusedAs(m.op, call{method: http.MethodPost, target: m.path, body: []byte(twice)}, "PARAM_ERROR", "/mchid", "duplicate-key")
			}
			if n := len(w.sim.Orders()); n != 0 {
				t.Errorf("refused messages left %d orders", n)
			}
		})
	}
	for _, m := range w.messages()[:3] { // with everything in it they are accepted
		w.post(m.path, m.body, "200")
	}
	if err := w.sim.PayOrder(mchID, "STRICT-1"); err != nil {
		t.Fatal(err)
	}
	w.post(refundPath, w.messages()[4].body, "PROCESSING")
	w.clean()
}

func TestFormats(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *wechatpay.Options) { o.AllowHTTP = false })
	order := w.order("FORMAT-1", 100).with("notify_url", "https://shop.example/notify")
	refund := w.refund("FORMAT-1", "R1", 1, 100).without("notify_url")
	rows := []struct {
		op, pointer string
		rule        string
		values      []any
	}{
		{"native", "/out_trade_no", "format", []any{"12345", strings.Repeat("1", 33), "ORDER 1", "订单号订单号", "ORDER-1@", "ORDER/1"}},
		{"native", "/amount/total", "format", []any{0, -1, 1.5, 1e21}},
		{"native", "/amount/currency", "format", []any{"USD", "cny"}},
		{"native", "/description", "length", []any{strings.Repeat("字", 128)}},
		{"native", "/attach", "length", []any{strings.Repeat("字", 129)}},
		{"native", "/description", "format", []any{"咖啡😀"}},
		{"native", "/time_expire", "format", []any{
			"2026-11-28 18:00:00", "20261128180000", "2026-11-28T18:00:00", "2026-11-28T18:00:00.5+08:00", "2026-13-01T00:00:00+08:00",
		}},
		{"native", "/time_expire", "value", []any{"2026-11-27T18:00:59+08:00", "2026-11-27T10:00:00+08:00"}},
		{"native", "/notify_url", "format", []any{
			"http://shop.example/notify", "ftp://x/y", "/notify", "https://", "https://shop.example/notify?a=1", "https://shop.example/?",
			"https://shop.example/#a",
		}},
		{"refund", "/notify_url", "format", []any{"http://shop.example/notify", "https://shop.example/notify?a=1"}},
		{"refund", "/out_refund_no", "format", []any{"R 1", "退款"}},
		{"refund", "/out_refund_no", "length", []any{strings.Repeat("1", 65)}},
		{"refund", "/reason", "length", []any{strings.Repeat("字", 27)}}, // 81 bytes
		{"refund", "/amount/refund", "format", []any{0, -1, 0.5}},
		{"refund", "/amount/currency", "format", []any{"USD"}},
		{"refund", "/funds_account", "format", []any{"OTHER"}},
	}
	for _, row := range rows {
		for _, value := range row.values {
			body, path := order, nativePath
			if row.op == "refund" {
				body, path = refund, refundPath
			}
			sent := encode(t, changed(body, row.pointer, value, false))
			w.refusedAs(row.op, call{method: http.MethodPost, target: path, body: sent}, "PARAM_ERROR", row.pointer, row.rule)
		}
	}
	post := func(op, path string, body fields, code, field, rule string) {
		t.Helper()
		w.refusedAs(op, call{method: http.MethodPost, target: path, body: encode(t, body)}, code, field, rule)
	}
	post("native", nativePath, order.with("appid", "wx0000000000000001"), "APPID_MCHID_NOT_MATCH", "/appid", "account")
	post("native", nativePath, order.with("mchid", mch2), "PARAM_ERROR", "/mchid", "account")
	post("refund", refundPath, refund.with("transaction_id", "4200"), "PARAM_ERROR", "/transaction_id", "together")
	post("refund", refundPath, refund.without("out_trade_no"), "PARAM_ERROR", "/transaction_id", "together")
	post("h5", h5Path, changed(w.h5Order("FORMAT-2", 1).with("notify_url", "https://x/"), "/scene_info/payer_client_ip", "localhost", false),
		"PARAM_ERROR", "/scene_info/payer_client_ip", "format")
	for op, c := range map[string]call{
		"query":        {target: "/v3/pay/transactions/out-trade-no/12345?mchid=" + mchID},
		"refund-query": {target: refundPath + "/R%201"},
		"trade-bill":   {target: billPath + "?bill_date=20261126"},
	} {
		field := map[string]string{"query": "out_trade_no", "refund-query": "out_refund_no", "trade-bill": "bill_date"}[op]
		w.refusedAs(op, c, "PARAM_ERROR", field, "format")
	}
	if n := len(w.sim.Orders()); n != 0 {
		t.Errorf("refused messages left %d orders", n)
	}
	// The characters that a number may have survive the way through the path.
	w.post(nativePath, order.with("out_trade_no", "a_B-1|*"), "200")
	w.get(queryPath("a_B-1%7C*"), "NOTPAY")
}

func TestQueries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	target := "/v3/pay/transactions/out-trade-no/ORDER-1"
	w.refusedAs("query", call{target: target}, "PARAM_ERROR", "mchid", "missing")
	w.refusedAs("query", call{target: target + "?mchid=" + mch2}, "PARAM_ERROR", "mchid", "account")
	w.refusedAs("query", call{target: target + "?mchid=" + mchID + "&mchid=" + mchID}, "PARAM_ERROR", "mchid", "duplicate-key")
	w.refusedAs("query", call{target: target + "?mchid=" + mchID + "&appid=x"}, "PARAM_ERROR", "appid", "unknown-field")
	w.refusedAs("query", call{target: queryPath("ORDER-1"), body: []byte("{}")}, "PARAM_ERROR", "", "json")
	w.refusedAs("certificates", call{target: certPath + "?a=b"}, "PARAM_ERROR", "a", "unknown-field")
	for _, c := range []call{{target: "/v3/pay/transactions"}, {method: http.MethodPost, target: certPath}, {target: nativePath}, {target: "/"}} {
		resp, _, err := w.exchange(c)
		if err != nil || resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s %s: %v", c.method, c.target, err)
		}
	}
	if n := len(w.sim.Violations()); n != 6+4 {
		t.Errorf("%d violations", n)
	}
}

// TestAuthorization spoils the header in every way; none of it reaches the business.
func TestAuthorization(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paid("ORDER-1", 100)
	header := func(change func(string) string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", change(r.Header.Get("Authorization"))) }
	}
	replace := func(old, fresh string) func(*http.Request) {
		return header(func(text string) string { return strings.Replace(text, old, fresh, 1) })
	}
	rows := map[string]struct {
		call call
		rule string
	}{
		"no scheme":             {call{spoil: replace("WECHATPAY2-SHA256-RSA2048 ", "")}, "authorization-header"},
		"other scheme":          {call{spoil: replace("RSA2048", "SM2")}, "authorization-header"},
		"no nonce":              {call{spoil: replace(`nonce_str="593BEC0C930BF1AFEB40B4A08C8FB242",`, "")}, "authorization-header"},
		"empty nonce":           {call{spoil: replace(`593BEC0C930BF1AFEB40B4A08C8FB242`, "")}, "authorization-header"},
		"no quotes":             {call{spoil: replace(`mchid="1900000109"`, `mchid=1900000109`)}, "authorization-header"},
		"a further field":       {call{spoil: replace(`mchid=`, `a="b",mchid=`)}, "authorization-header"},
		"twice the merchant":    {call{spoil: replace(`mchid=`, `mchid="1900000109",mchid=`)}, "authorization-header"},
		"twice the header":      {call{spoil: func(r *http.Request) { r.Header.Add("Authorization", "x") }}, "authorization-header"},
		"other nonce":           {call{spoil: replace("593BEC", "693BEC")}, "signature"},
		"other target":          {call{spoil: func(r *http.Request) { r.URL.RawQuery += "&" }}, "signature"},
		"no Base64":             {call{spoil: replace(`signature="`, `signature="*`)}, "signature"},
		"other body":            {call{spoil: func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("{}")) }, body: []byte("[]")}, "signature"},
		"other serial":          {call{serial: "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"}, "serial"},
		"six minutes ago":       {call{at: w.clock.Now().Add(-5*time.Minute - time.Second)}, "timestamp-window"},
		"six minutes ahead":     {call{at: w.clock.Now().Add(5*time.Minute + time.Second)}, "timestamp-window"},
		"milliseconds":          {call{at: time.Unix(w.clock.Now().UnixMilli(), 0)}, "timestamp-window"},
		"within five minutes":   {call{at: w.clock.Now().Add(-5 * time.Minute)}, ""},
		"other order of fields": {call{spoil: header(reordered)}, ""},
	}
	for name, row := range rows {
		c := row.call
		c.target = queryPath("ORDER-1")
		if row.rule == "" {
			w.wantCall(c, "SUCCESS")
			continue
		}
		w.refusedUnread(name, c, row.rule)
	}
	if n := w.sim.Calls("query"); n != int64(len(rows)) {
		t.Errorf("%d calls were counted, not %d", n, len(rows))
	}
	stranger := account{id: "1999999999", key: w.mch.key, serial: w.mch.serial}
	resp, body, err := w.exchange(call{target: "/v3/pay/transactions/out-trade-no/ORDER-1?mchid=1999999999", from: &stranger})
	if err != nil || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "MCH_NOT_EXISTS") {
		t.Errorf("an unknown merchant: %s %v", body, err)
	}
	thief := account{id: mchID, key: w.other.key, serial: w.mch.serial}
	resp, body, err = w.exchange(call{target: queryPath("ORDER-1"), from: &thief})
	if err != nil || resp.StatusCode != http.StatusUnauthorized || !strings.Contains(string(body), `"issue":"sign not match"`) {
		t.Errorf("another's key: %s %v", body, err)
	}
}

func reordered(text string) string {
	scheme, list, _ := strings.Cut(text, " ")
	parts := strings.Split(list, ",")
	return scheme + " " + strings.Join(append(parts[2:], parts[:2]...), ", ")
}

// refusedUnread wants SIGN_ERROR, unsigned, with this rule recorded.
func (w *world) refusedUnread(name string, c call, rule string) {
	w.t.Helper()
	before := len(w.sim.Violations())
	resp, body, err := w.exchange(c)
	if err != nil {
		w.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusUnauthorized || !strings.Contains(string(body), `"SIGN_ERROR"`) || resp.Header.Get("Wechatpay-Signature") != "" {
		w.t.Errorf("%s: HTTP %d %s", name, resp.StatusCode, body)
	}
	found := w.sim.Violations()[before:]
	if len(found) != 1 || found[0].Rule != rule {
		w.t.Errorf("%s: recorded %+v", name, found)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	without := func(name string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = []string{""} }
	}
	with := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	body := encode(t, w.order("HEADER-1", 100))
	for _, row := range map[string]struct {
		spoil       func(*http.Request)
		field, rule string
	}{
		"no accept":     {without("Accept"), "Accept", "authorization-header"},
		"accepts html":  {with("Accept", "text/html"), "Accept", "authorization-header"},
		"no agent":      {without("User-Agent"), "User-Agent", "authorization-header"},
		"form":          {with("Content-Type", "application/x-www-form-urlencoded"), "Content-Type", "content-type"},
		"latin":         {with("Content-Type", "application/json; charset=latin1"), "Content-Type", "content-type"},
		"compressed":    {with("Content-Encoding", "gzip"), "Content-Encoding", "content-type"},
		"strange asked": {with("Wechatpay-Serial", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"), "Wechatpay-Serial", "serial"},
	} {
		w.refusedAs("native", call{method: http.MethodPost, target: nativePath, body: body, spoil: row.spoil}, "PARAM_ERROR", row.field, row.rule)
	}
	for _, accept := range []string{"*/*", "application/json", "text/html, application/json;q=0.9"} {
		w.wantCall(call{method: http.MethodPost, target: nativePath, body: body, spoil: with("Accept", accept)}, "200")
	}
}

func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *wechatpay.Options) { o.Merchants[0].SwitchedOff = []string{"h5"} })
	if a := w.post(h5Path, w.h5Order("OFF-0001", 100), "NO_AUTH"); a.status != http.StatusForbidden {
		t.Errorf("HTTP %d", a.status)
	}
	w.post(nativePath, w.order("OFF-0001", 100), "200")
	w.clean()
}
