package wire

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

var standard = Envelope{Code: "code", Message: "msg", Data: "data", Success: "0"}

// TestSignedString: ascending order of the names, as printed and with the values alone.
func TestSignedString(t *testing.T) {
	t.Parallel()
	stamp := Stamp{Merchant: "880000000001", Nonce: "0123456789abcdef", Time: "1767240000"}
	if got := string(Signing{}.Message(stamp)); got != "mch_id=880000000001&nonce_str=0123456789abcdef&timestamp=1767240000" {
		t.Error(got)
	}
	if got := string(Signing{ValuesOnly: true}.Message(stamp)); got != "880000000001&0123456789abcdef&1767240000" {
		t.Error(got)
	}
}

// TestEncode: nothing is escaped that need not be.
func TestEncode(t *testing.T) {
	t.Parallel()
	raw, err := encode(map[string]string{"body": `拿铁/<大>&"热"`})
	if err != nil || string(raw) != `{"body":"拿铁/<大>&\"热\""}` {
		t.Errorf("%s, %v", raw, err)
	}
	if _, err := encode(func() {}); err == nil {
		t.Error("a function was encoded")
	}
}

// TestNotOfTheForm: an error, and nothing of a reply beside it.
func TestNotOfTheForm(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", " ", "null", "[]", `"0"`, "0", "{", "{}", `{"code"}`, `{"code":}`, `{"code":0`, `{"code":0,}`, `{"code":0} {}`, `{"code":0},`,
		`{"code":null}`, `{"code":""}`, `{"code":{}}`, `{"code":[0]}`, `{"Code":0}`, `{"code":0,"code":0}`, `{"code":0,"c\u006fde":0}`,
		`{"code":0}`, `{"code":0,"data":null}`, `{"code":0,"data":[]}`, `{"code":0,"data":"{}"}`, `{"code":0,"data":{"a":1,"a":1}}`, `{"code":1,"msg":2}`,
		"\xef\xbb\xbf" + `{"code":0,"data":{}}`, `{"code":0,"data":{}}` + strings.Repeat(" ", maxReply), strings.Repeat("[", 100_000), `{"code":` + strings.Repeat(`{"a":`, 20_000),
	} {
		r, err := standard.Parse([]byte(raw))
		if !errors.Is(err, strictjson.ErrForm) || r.OK || r.data != nil || r.Text != (sdk.ProviderText{}) {
			t.Errorf("%.60q: %+v, %v", raw, r, err)
		}
	}
}

// TestNumbers: whole, not negative, in 64 bits, with or without quotes.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Number{
		"0": {0, true}, "1": {1, true}, `"1"`: {1, true}, "9223372036854775807": {1<<63 - 1, true}, `"9223372036854775807"`: {1<<63 - 1, true}, "null": {},
	} {
		f := reader{fields: strictjson.Object{"n": []byte(raw)}}
		if got := f.number("n"); got != want || f.err != nil {
			t.Errorf("%s: %+v, %v", raw, got, f.err)
		}
	}
	for _, raw := range []string{
		"-1", "1.0", "1e2", "01", `"01"`, `""`, `" 1"`, `"+1"`, `"1_0"`, `"0x1"`, "9223372036854775808", "18446744073709551615", "true", "[]", "{}", `"\u0031"`,
	} {
		f := reader{fields: strictjson.Object{"n": []byte(raw)}}
		if got := f.number("n"); got != (Number{}) || !errors.Is(f.err, strictjson.ErrForm) {
			t.Errorf("%s: %+v, %v", raw, got, f.err)
		}
	}
}

// TestTime: fourteen digits, and a day that exists.
func TestTime(t *testing.T) {
	t.Parallel()
	if got, want := Time("20220401060549"), time.Date(2022, 3, 31, 22, 5, 49, 0, time.UTC); !got.Equal(want) {
		t.Errorf("%s, want %s", got, want)
	}
	for _, s := range []string{"", "20220401", "202204010605490", "20221301000000", "20220401250000", "2022040106054x", "２０２２"} {
		if got := Time(s); !got.IsZero() {
			t.Errorf("%q: %s", s, got)
		}
	}
}

// TestFailure: what left and what did not.
func TestFailure(t *testing.T) {
	t.Parallel()
	host := sdk.Errorf(sdk.ErrInternal, "No.")
	for _, c := range []struct {
		err    error
		unsent string
	}{
		{sdk.Errorf(sdk.ErrSentMaybe, "Broke."), ""},
		{sdk.Errorf(sdk.ErrTooLarge, "Large."), ""},
		{host, ""},
		{errors.New("what"), ""},
		{unsentError{host}, sdk.ErrInternal},
		{unsentError{errors.New("what")}, sdk.ErrInternal},
		{sdk.Errorf(sdk.ErrNotSent, "Away."), sdk.ErrNotSent},
		{unsentError{sdk.Errorf(sdk.ErrSentMaybe, "No.")}, sdk.ErrSentMaybe},
	} {
		text, err := Failure(c.err)
		if text.Message == "" || (c.unsent == "") != (err == nil) || (c.unsent != "" && !errors.Is(err, &sdk.Error{Code: c.unsent})) {
			t.Errorf("%v: %+v, %v", c.err, text, err)
		}
	}
}

// TestPhones: what decrypts to no phone number was sealed under another key.
func TestPhones(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		"13800000001": true, "+8613800000001": true, "12345": true, "01234567890123456789": true,
		"": false, "+": false, "1234": false, "012345678901234567890": false, "138-0000": false, "１３８００００": false, "13800000001\n": false, "++13800000001": false,
	} {
		if IsPhone([]byte(text)) != good {
			t.Errorf("%q: %t", text, !good)
		}
	}
}

// FuzzParse: no reply panics, and none that fails says anything.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"code":0,"msg":"","data":{"pay_status":"PS_SUCCESS","total_fee":100,"pay_time":"20220401060549","uid":"u"}}`,
		`{"code":"0","data":{"out_request_no":"1","out_refund_no":"2","pay_refund_fee":"30","pay_refund_status":"RS_SUCCESS"}}`,
		`{"code":0,"data":{"recall":"Y"}}`, `{"code":0,"data":{"date":"20220822","bill_infos":[{"pay_type":"CT_UNION","total_count":1}]}}`,
		`{"code":0,"data":{"bill_infos":null}}`, `{"code":1,"msg":"x"}`, `{"code":{}}`, `[`, ``, "\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := standard.Parse(raw)
		if err != nil {
			if r.OK || r.data != nil {
				t.Errorf("half a reply beside an error: %+v", r)
			}
			return
		}
		if r.OK != (r.Text.Code == "0") {
			t.Errorf("%+v", r)
		}
		p, _ := r.Payment()
		d, _ := r.Refund()
		for _, n := range []Number{p.Total, d.Amount, d.Total} {
			if n.Value < 0 || (!n.Stated && n.Value != 0) {
				t.Errorf("%+v", n)
			}
		}
		_, _ = r.Recall()
		_, _ = r.UID()
		if bill, err := r.Bill(); err != nil && bill.Rows != nil {
			t.Errorf("half a bill beside an error: %+v", bill)
		}
	})
}

// FuzzParseMember: no body panics, and what is read names a member.
func FuzzParseMember(f *testing.F) {
	for _, seed := range []string{`{"uid":"u","phone":"AAAA"}`, `{"uid":"","phone":""}`, `{"uid":1}`, `{"uid":"u","uid":"v"}`, `[]`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if m, err := ParseMember(raw); err == nil && (m.UID == "" || len(m.UID) > maxUID || len(m.Phone) == 0) {
			t.Errorf("%+v", m)
		}
	})
}
