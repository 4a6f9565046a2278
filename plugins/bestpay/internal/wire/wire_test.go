package wire

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// TestSignedTexts: the texts are written by hand from the errata's rules.
func TestSignedTexts(t *testing.T) {
	t.Parallel()
	cases := []struct {
		raw  string
		want []string
	}{
		{`{"sign":"x"}`, []string{""}},
		{`{"b":"2","a":"1","sign":"x"}`, []string{"a=1&b=2"}},
		{`{"errorCode":null,"success":true,"errorMsg":null,"result":{"b":null,"a":1}}`, []string{`errorCode=null&errorMsg=null&result={"a":1,"b":null}&success=true`}},
		{`{"B":1,"a":2,"A":3,"b1":4,"b":5}`, []string{"A=3&B=1&a=2&b=5&b1=4"}},
		{`{"n":1.50,"m":12345678901234567890,"f":false,"e":""}`, []string{"e=&f=false&m=12345678901234567890&n=1.50"}},
		{`{"r": { "z" : [ 1 , "x" , { "b" : true , "a" : null } ] , "y" : {} , "w": [] } }`, []string{`r={"w":[],"y":{},"z":[1,"x",{"a":null,"b":true}]}`}},
		{`{"r":"{ \"b\":1, \"a\":2 }"}`, []string{`r={ "b":1, "a":2 }`}},
		{`{"t":"\u4e2d\/<&>\"=\n"}`, []string{"t=中/<&>\"=\n"}},
		{`{"r":{"t":"\u4e2d\/<&>"}}`, []string{`r={"t":"中/<&>"}`, `r={"t":"\u4e2d\/<&>"}`}},
		{`{"r":{"t":"中/<&>\"\\"}}`, []string{`r={"t":"中/<&>\"\\"}`}},
	}
	for _, c := range cases {
		o, err := strictjson.Read([]byte(c.raw))
		if err != nil {
			t.Fatalf("%s: %v", c.raw, err)
		}
		got, err := signedTexts(o)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v; want %q", c.raw, got, err, c.want)
		}
	}
}

func TestNotOfTheForm(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", " ", "null", "[]", `"200"`, "200", "{", `{"a"}`, `{"a":}`, `{"a":1`, `{"a":1,}`, `{"a":1} {}`, `{"a":1},`, `{"a":1,"a":1}`, `{"a":1,"\u0061":2}`,
		"\xef\xbb\xbf{}", strings.Repeat("[", 100_000), `{"a":` + strings.Repeat(`{"a":`, 20_000),
	} {
		if o, err := strictjson.Read([]byte(raw)); !errors.Is(err, strictjson.ErrForm) || o != nil {
			t.Errorf("%.60q: %v, %v", raw, o, err)
		}
	}
	for _, raw := range []string{`{"r":{"a":1,"a":2}}`, `{"r":[{"a":1,"a":2}]}`, `{"r":` + strings.Repeat(`[`, 40) + strings.Repeat(`]`, 40) + `}`} {
		o, err := strictjson.Read([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if texts, err := signedTexts(o); !errors.Is(err, strictjson.ErrForm) || texts != nil {
			t.Errorf("%s: %q, %v", raw, texts, err)
		}
	}
}

func TestLong(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]int64{"0": 0, "1": 1, `"1"`: 1, "9223372036854775807": 1<<63 - 1, `"0030"`: 30} {
		if n, ok := long(literal); !ok || n != want {
			t.Errorf("%s: %d, %t", literal, n, ok)
		}
	}
	for _, literal := range []string{"", `""`, `"`, `"1`, "-1", "1.0", "1e2", "true", "{}", `"\u0031"`, `" 1"`, "9223372036854775808", `"１"`} {
		if n, ok := long(literal); ok {
			t.Errorf("%s: %d", literal, n)
		}
	}
}

func TestStamp(t *testing.T) {
	t.Parallel()
	if got := stamp("20260101120001"); !got.Equal(time.Date(2026, 1, 1, 4, 0, 1, 0, time.UTC)) {
		t.Error(got)
	}
	for _, s := range []string{"", "2026-01-01 12:00:01", "20260101", "20261301120001", "202601011200011", "20260101120061"} {
		if got := stamp(s); !got.IsZero() {
			t.Errorf("%q: %s", s, got)
		}
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]sdk.InboundAnswer{
		`{"success":true,"errorCode":null,"errorMsg":null,"result":{"statusCode":200}}`:   Taken(false),
		`{"success":true,"errorCode":null,"errorMsg":null,"result":{"statusCode":"200"}}`: Taken(true),
		`{"success":false,"errorCode":"A","errorMsg":"b","result":null}`:                  Refused(400, "A", "b"),
	} {
		if string(got.Body) != want || got.Headers["Content-Type"] != ContentType {
			t.Errorf("%+v, want %s", got, want)
		}
	}
}

// FuzzMessage: no message makes a reader panic, and what a reader tells has been told.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{
		`{"success":true,"errorCode":null,"errorMsg":null,"result":{"tradeStatus":"SUCCESS","tradeAmt":100,"outTradeNo":"1"},"sign":"x"}`,
		`{"success":true,"result":"{\"tradeStatus\":\"SUCCESS\",\"refundAmt\":30}"}`, `{"success":false,"errorCode":"E","errorMsg":"","result":null}`,
		`{"success":true,"result":null}`, `{"success":"true"}`, `{"tradeNo":"1","outTradeNo":"2","tradeAmt":"3","tradeStatus":"SUCCESS","ccy":"CNY","tradeFinishedDate":"20260101120001"}`,
		`{"result":{"a":[[[]]]}}`, `{"tradeAmt":99999999999999999999}`, `[`, ``, "\x00", `{"a":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := strictjson.Read(raw)
		if err != nil {
			if o != nil {
				t.Error("half an object beside an error")
			}
			return
		}
		if texts, err := signedTexts(o); err == nil && (len(texts) == 0 || len(texts) > 2) {
			t.Errorf("%d texts", len(texts))
		}
		m := Message{o}
		if r, err := m.Reply(); err != nil && r != (Reply{}) {
			t.Errorf("half a reply beside an error: %+v", r)
		} else if err == nil && PaymentOutcome(r.Result.Status) == sdk.OutcomeSucceeded && (!r.Success || !strings.Contains(string(raw), "result")) {
			t.Errorf("succeeded without a result: %s", raw)
		}
		if n, err := m.Notice(); err != nil && n != (Notice{}) {
			t.Errorf("half a notice beside an error: %+v", n)
		} else if err == nil && n.Amount.Currency != "" && n.Amount.Minor < 0 {
			t.Errorf("a negative amount: %+v", n)
		}
	})
}
