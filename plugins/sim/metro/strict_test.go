package metro_test

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
)

// documented is a request field as the document's tables have it. Lengths are printed for the code and, by their
// form, for a date; nothing else has one.
type documented struct {
	name     string
	required bool
	kind     string // string, uint64
	length   int    // 0: none printed
}

type documentedMessage struct {
	body   fields
	fields []documented
}

// documentedMessages are the tables of 四.3 to 四.8 and a body of each that is accepted.
func documentedMessages() map[string]documentedMessage {
	number := []documented{{"out_request_no", false, "string", 0}, {"pay_out_trade_no", false, "string", 0}}
	return map[string]documentedMessage{
		"applypay": {payBody("S1"), []documented{
			{"out_request_no", true, "string", 0},
			{"qrcode", true, "string", 36},
			{"body", true, "string", 0},
			{"total_fee", true, "uint64", 0},
			{"extra_data", false, "string", 0},
			{"store_id", true, "string", 0},
		}},
		"queryuid":   {fields{"qrcode": wechatCode}, []documented{{"qrcode", true, "string", 36}}},
		"orderquery": {byNumber("S1"), number},
		"reverse":    {byNumber("S1"), number},
		"refund": {refundBody("S1", "R1", 1), append([]documented{
			{"out_refund_no", true, "string", 0}, {"refund_fee", true, "uint64", 0},
		}, number...)},
		"bill": {fields{"date": "20261122"}, []documented{{"date", true, "string", 8}}},
	}
}

const (
	invalid   = "400001"
	signature = "400002"
)

// refusedAs sends and checks that the reply is that code and that exactly this breach was recorded.
func (w *world) refusedAs(op string, head headers, body []byte, code, field, rule string) {
	w.t.Helper()
	before := len(w.sim.Violations())
	a, err := w.sendRaw(op, head, body)
	if err != nil {
		w.t.Fatal(err)
	}
	if a.Code.String() != code || a.Msg == "" || a.Data != nil {
		w.t.Errorf("%s answered %q %q %v, want %s", op, a, a.Msg, a.Data, code)
	}
	for _, v := range w.sim.Violations()[before:] {
		if v.Operation == op && v.Field == field && v.Rule == rule && v.Code == code {
			return
		}
	}
	w.t.Errorf("%s: %s of %q was not recorded: %+v", op, rule, field, w.sim.Violations()[before:])
}

func TestEveryDocumentedField(t *testing.T) {
	t.Parallel()
	for op, m := range documentedMessages() {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			check := func(body fields, field, rule string) {
				t.Helper()
				w.refusedAs(op, w.signed(), encode(t, body), invalid, field, rule)
			}
			for _, f := range m.fields {
				if f.required {
					check(m.body.without(f.name), f.name, "missing")
				}
				for _, wrong := range wrongTypes(f.kind) {
					check(m.body.with(f.name, wrong), f.name, "type")
				}
				if f.required && f.kind == "string" {
					check(m.body.with(f.name, ""), f.name, "missing")
				}
				if f.length > 0 {
					check(m.body.with(f.name, strings.Repeat("8", f.length+1)), f.name, "length")
					check(m.body.with(f.name, strings.Repeat("8", f.length-1)), f.name, "format")
				}
				twice := strings.Replace(string(encode(t, m.body)), "{", `{"`+f.name+`":"X","`+f.name+`":"Y",`, 1)
				w.refusedAs(op, w.signed(), []byte(twice), invalid, f.name, "duplicate-key")
			}
			check(m.body.with("mch_id", mchID), "mch_id", "unknown-field")
			check(m.body.with(strings.ToUpper(m.fields[0].name), "1"), strings.ToUpper(m.fields[0].name), "unknown-field")
			for _, broken := range []string{"", "[]", `"x"`, "null", "{", `{"a":"b"}x`, "{}{}", "{\"a\":\"\xff\"}", "a=b"} {
				w.refusedAs(op, w.signed(), []byte(broken), invalid, "", "json")
			}
			if n := len(w.sim.Ledger().Entries()); n != 0 || len(w.sim.Orders()) != 0 {
				t.Errorf("refused messages left %d movements and %d orders", n, len(w.sim.Orders()))
			}
		})
	}
}

func wrongTypes(kind string) []any {
	wrong := []any{true, nil, []string{"1"}, fields{"a": "b"}}
	if kind == "uint64" {
		return append(wrong, "1000", "")
	}
	return append(wrong, 1, 1.5)
}

func TestEveryHeader(t *testing.T) {
	t.Parallel()
	documentedHeaders := []struct {
		name   string
		length int // 0: none printed
	}{{"mch_id", 0}, {"timestamp", 10}, {"nonce_str", 16}, {"Authorization", 0}}
	for op, m := range documentedMessages() {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			body := encode(t, m.body)
			for _, h := range documentedHeaders {
				w.refusedAs(op, w.signed().without(h.name), body, invalid, h.name, "missing")
				w.refusedAs(op, w.signed().with(h.name, ""), body, invalid, h.name, "missing")
				if h.length > 0 {
					w.refusedAs(op, w.signed().with(h.name, strings.Repeat("1", h.length+1)), body, invalid, h.name, "length")
					w.refusedAs(op, w.signed().with(h.name, strings.Repeat("1", h.length-1)), body, invalid, h.name, "format")
				}
				header := http.Header{}
				for name, value := range w.signed() {
					header[name] = []string{value}
				}
				header[h.name] = append(header[h.name], header[h.name][0])
				before := len(w.sim.Violations())
				if a, err := w.sendHeader(op, header, body); err != nil || a.String() != invalid {
					t.Errorf("%s twice answered %q %v", h.name, a, err)
				}
				if v := w.sim.Violations()[before:]; len(v) != 1 || v[0].Field != h.name || v[0].Rule != "duplicate-key" {
					t.Errorf("%s twice recorded %+v", h.name, v)
				}
			}
			w.refusedAs(op, w.signed().with("timestamp", "17000000x0"), body, invalid, "timestamp", "format")
			w.refusedAs(op, w.signed().with("nonce_str", "with space 12345"), body, invalid, "nonce_str", "format")
			w.refusedAs(op, w.signed().with("Authorization", "not Base64!"), body, invalid, "Authorization", "format")
		})
	}
}

// TestSignature refuses, for every operation, what the merchant's key did not sign exactly as the document says.
func TestSignature(t *testing.T) {
	t.Parallel()
	for op, m := range documentedMessages() {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			body := encode(t, m.body)
			nonce, at := w.nonce(), w.timestamp()
			text := func(text string) headers {
				return signedAs(merchantKey(), mchID, nonce, at).
					with("Authorization", base64.StdEncoding.EncodeToString(signText(merchantKey(), text)))
			}
			cases := map[string]headers{
				"another's key":    signedAs(otherKey(), mchID, nonce, at),
				"another nonce":    signedAs(merchantKey(), mchID, nonce, at).with("nonce_str", "abcdefghijklmnop"),
				"another time":     signedAs(merchantKey(), mchID, nonce, at).with("timestamp", strconv.FormatInt(w.clock.Now().Unix()+1, 10)),
				"another merchant": signedAs(merchantKey(), mchID, nonce, at).with("mch_id", otherMch),
				"values only":      text(mchID + "&" + nonce + "&" + at),
				"not sorted":       text("mch_id=" + mchID + "&timestamp=" + at + "&nonce_str=" + nonce),
				"with the body":    text(named(mchID, nonce, at) + string(body)),
				"hexadecimal":      signedAs(merchantKey(), mchID, nonce, at).with("Authorization", strings.Repeat("ab", 256)),
				"cut off":          signedAs(merchantKey(), mchID, nonce, at).with("Authorization", "AAAA"),
			}
			for name, head := range cases {
				w.refusedAs(op, head, body, signature, "Authorization", "signature")
				if t.Failed() {
					t.Fatalf("case %q", name)
				}
			}
			w.refusedAs(op, signedAs(strangerKey(), "M9", nonce, at), body, "400003", "mch_id", "account")
			if len(w.sim.Orders()) != 0 {
				t.Error("a message with a wrong signature did something")
			}
			// No refused message has used the nonce up.
			if a, err := w.sendRaw(op, signedAs(merchantKey(), mchID, nonce, at), body); err != nil || a.Code == signature || a.Code == "400005" {
				t.Errorf("the same nonce, rightly signed, answered %q %v", a, err)
			}
		})
	}
}

func TestTimestampAndNonce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := encode(t, fields{"qrcode": wechatCode})
	shifted := func(by time.Duration) headers {
		return signedAs(merchantKey(), mchID, w.nonce(), strconv.FormatInt(w.clock.Now().Add(by).Unix(), 10))
	}
	for _, by := range []time.Duration{5 * time.Minute, -5 * time.Minute, 0} {
		if a, err := w.sendRaw("queryuid", shifted(by), body); err != nil || a.String() != "0" {
			t.Errorf("a timestamp %v off answered %q %v", by, a, err)
		}
	}
	w.clean()
	for _, by := range []time.Duration{301 * time.Second, -301 * time.Second, -24 * time.Hour} {
		w.refusedAs("queryuid", shifted(by), body, "400004", "timestamp", "timestamp-window")
	}
	head := w.signed()
	if a, err := w.sendRaw("queryuid", head, body); err != nil || a.String() != "0" {
		t.Fatalf("answered %q %v", a, err)
	}
	w.refusedAs("queryuid", head, body, "400005", "nonce_str", "nonce-reused")
	w.refusedAs("applypay", head, encode(t, payBody("N1")), "400005", "nonce_str", "nonce-reused")
	// Another merchant may draw the same text, and the same merchant after a while.
	if a, err := w.sendRaw("queryuid", signedAs(otherKey(), otherMch, head["nonce_str"], head["timestamp"]), body); err != nil || a.String() != "0" {
		t.Errorf("another merchant's nonce answered %q %v", a, err)
	}
	w.clock.Sleep(11 * time.Minute)
	if a, err := w.sendRaw("queryuid", signedAs(merchantKey(), mchID, head["nonce_str"], w.timestamp()), body); err != nil || a.String() != "0" {
		t.Errorf("a nonce of long ago answered %q %v", a, err)
	}
}

func TestTransport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := encode(t, payBody("T1"))
	cases := map[string]struct {
		method string
		head   headers
		rule   string
	}{
		"get":        {http.MethodGet, w.signed(), "method"},
		"put":        {http.MethodPut, w.signed(), "method"},
		"form":       {http.MethodPost, w.signed().with("Content-Type", "application/x-www-form-urlencoded"), "content-type"},
		"no type":    {http.MethodPost, w.signed().without("Content-Type"), "content-type"},
		"gbk":        {http.MethodPost, w.signed().with("Content-Type", "application/json; charset=gbk"), "content-type"},
		"compressed": {http.MethodPost, w.signed().with("Content-Encoding", "gzip"), "content-type"},
	}
	for name, c := range cases {
		before := len(w.sim.Violations())
		header := http.Header{}
		for name, value := range c.head {
			header[name] = []string{value}
		}
		_, text, err := w.raw(c.method, path("applypay"), body, header)
		if err != nil || !strings.Contains(string(text), invalid) {
			t.Errorf("%s: %s %v", name, text, err)
		}
		if v := w.sim.Violations()[before:]; len(v) != 1 || v[0].Rule != c.rule {
			t.Errorf("%s recorded %+v, want %s", name, v, c.rule)
		}
	}
	large := encode(t, payBody("T2").with("extra_data", strings.Repeat("x", 64<<10)))
	w.refusedAs("applypay", w.signed(), large, invalid, "", "json")
	resp, _, err := w.raw(http.MethodPost, "/payment/v1/api/qrcode/applypay", body, http.Header{})
	if err != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown path: %v %v, want 404", resp, err)
	}
	if v := w.sim.Violations(); v[len(v)-1].Rule != "path" {
		t.Errorf("recorded %+v, want path", v[len(v)-1])
	}
	if a, err := w.sendRaw("applypay", w.signed().with("Content-Type", "application/json;charset=UTF-8"), body); err != nil || a.String() != "0 PS_SUCCESS" {
		t.Errorf("with a charset: %q %v", a, err)
	}
	if w.sim.Calls("applypay") != 8 || w.sim.Calls("refund") != 0 {
		t.Errorf("%d calls of applypay, %d of refund", w.sim.Calls("applypay"), w.sim.Calls("refund"))
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, fee := range []string{"0", "-1", "1.5", "1.0", "1e3", "9223372036854775808", "18446744073709551616"} {
		raw := strings.Replace(string(encode(t, payBody("F"))), "1000", fee, 1)
		w.refusedAs("applypay", w.signed(), []byte(raw), invalid, "total_fee", "format")
		raw = strings.Replace(string(encode(t, refundBody("F", "R", 1000))), "1000", fee, 1)
		w.refusedAs("refund", w.signed(), []byte(raw), invalid, "refund_fee", "format")
	}
	codes := []string{
		"9" + wechatCode[1:], strings.Repeat("1", 36), "8" + strings.Repeat("a", 35), wechatCode[:35] + " ", wechatCode[:35],
		"8" + strings.Repeat("０", 11) + "00",
	}
	for _, code := range codes {
		for op, body := range map[string]fields{"applypay": payBody("F"), "queryuid": {}} {
			w.refusedAs(op, w.signed(), encode(t, body.with("qrcode", code)), invalid, "qrcode", "format")
		}
	}
	for _, day := range []string{"20261322", "20260230", "2026-1-2", "0"} {
		w.refusedAs("bill", w.signed(), encode(t, fields{"date": day}), invalid, "date", "format")
	}
	w.refusedAs("bill", w.signed(), encode(t, fields{"date": "20261124"}), "400107", "date", "value") // tomorrow
	w.refusedAs("applypay", w.signed(), encode(t, payBody("F").with("store_id", "SZTX009")), "400006", "store_id", "value")
	for _, op := range []string{"orderquery", "reverse", "refund"} {
		body := documentedMessages()[op].body
		for name, numbers := range map[string]fields{
			"neither":     body.without("out_request_no"),
			"both empty":  body.with("out_request_no", "").with("pay_out_trade_no", ""),
			"both":        body.with("pay_out_trade_no", "8800000000000001"),
			"empty alone": body.with("out_request_no", ""),
		} {
			w.refusedAs(op, w.signed(), encode(t, numbers), invalid, "out_request_no", "together")
			if t.Failed() {
				t.Fatal(name)
			}
		}
	}
}

// TestViolationsCarryNoValues looks for the values of a bad request in what was recorded of it.
func TestViolationsCarryNoValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *metro.Options) { o.Merchants[0].StoreIDs = []string{"none"} })
	for _, body := range []fields{
		payBody("V1"),
		payBody("V1").with("qrcode", "secret-code").with("total_fee", "secret-fee").with("body", 7777).with("x", "secret-x"),
	} {
		if _, err := w.send("applypay", body); err != nil {
			t.Fatal(err)
		}
	}
	text := string(encode(t, w.sim.Violations()))
	for _, value := range []string{wechatCode, "secret", "7777", storeID} {
		if strings.Contains(text, value) {
			t.Errorf("%q stands in %s", value, text)
		}
	}
	if len(w.sim.Violations()) != 5 {
		t.Errorf("recorded %s", text)
	}
}
