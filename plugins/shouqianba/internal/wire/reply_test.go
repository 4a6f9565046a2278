package wire

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// TestDocumentSamples: the document's samples, with the underscores, commas and braces
// that were lost in print put back.
func TestDocumentSamples(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, raw, biz, code string
		data                 Data
	}{
		{
			"i paid", `{"result_code":"200","biz_response":{"result_code":"PAY_SUCCESS","data":{"sn":"7894259244067349","client_sn":"12345677767776",
			"status":"SUCCESS","payway":"3","sub_payway":"1","order_status":"PAID","payer_uid":"okSzXt3uY4-W8fKBH7B4z8seMzBU",
			"trade_no":"1006101016201512081965934048","total_amount":"1","net_amount":"1","finish_time":"1449569460430",
			"channel_finish_time":"1449569460000","terminal_sn":"1122234-dewls02s2","store_id":"00293001928483902","subject":"披萨","operator":"收银员"}}}`,
			"PAY_SUCCESS", "",
			Data{
				SN: "7894259244067349", ClientSN: "12345677767776", Status: "SUCCESS", Payway: "3", OrderStatus: "PAID",
				PayerUID: "okSzXt3uY4-W8fKBH7B4z8seMzBU", TradeNo: "1006101016201512081965934048", TotalAmount: "1", NetAmount: "1",
				FinishTime: "1449569460430", ChannelTime: "1449569460000", TerminalSN: "1122234-dewls02s2",
			},
		},
		{
			"iii failed", `{"result_code":"200","biz_response":{"result_code":"PAY_FAIL","error_code":"EXPIRED_BARCODE","error_message":"过期的支付条码",
			"data":{"sn":"7894259244067344","client_sn":"12345677767776","status":"FAIL_CANCELED","payway":"3","sub_payway":"1",
			"order_status":"PAY_CANCELED","total_amount":"1","net_amount":"1","finish_time":"1449569494595"}}}`,
			"PAY_FAIL", "EXPIRED_BARCODE",
			Data{
				SN: "7894259244067344", ClientSN: "12345677767776", Status: "FAIL_CANCELED", Payway: "3", OrderStatus: "PAY_CANCELED",
				TotalAmount: "1", NetAmount: "1", FinishTime: "1449569494595",
			},
		},
		{"iv no terminal", `{"result_code":"400","error_code":"TERMINAL_NOT_EXISTS","error_message":"不存在这个终端"}`, "", "TERMINAL_NOT_EXISTS", Data{}},
		{"vii maintenance", `{"result_code":"500","error_code":"MAINTENANCE_INPROGRESS","error_message":"服务端正在升级维护,稍候5分钟"}`, "", "MAINTENANCE_INPROGRESS", Data{}},
		{
			"ix canceled", `{"result_code":"200","biz_response":{"result_code":"SUCCESS","data":{"sn":"7894259244096963","client_sn":"1234567",
			"ctime":"1449036464229","status":"SUCCESS","order_status":"CANCELED","total_amount":"1","net_amount":"0","payway":"3","sub_payway":"1"}}}`,
			"SUCCESS", "",
			Data{
				SN: "7894259244096963", ClientSN: "1234567", Status: "SUCCESS", OrderStatus: "CANCELED", TotalAmount: "1", NetAmount: "0", Payway: "3",
			},
		},
		{"flat", `{"result_code":"200","biz_response":{"terminal_sn":"100000010001","terminal_key":"k"}}`, "", "", Data{TerminalSN: "100000010001", TerminalKey: "k"}},
		{"data is null", `{"result_code":"200","biz_response":{"result_code":"FAIL","sn":"1","data":null}}`, "FAIL", "", Data{SN: "1"}},
		{"empty data is not flat", `{"result_code":"200","biz_response":{"result_code":"SUCCESS","order_status":"PAID","data":{}}}`, "SUCCESS", "", Data{}},
		{"null is empty", `{"result_code":"200","biz_response":{"result_code":"SUCCESS","data":{"trade_no":null,"sn":"1"}}}`, "SUCCESS", "", Data{SN: "1"}},
		{"400 with a biz_response", `{"result_code":"400","error_code":"ILLEGAL_SIGN","biz_response":{"error_code":"OTHER"}}`, "", "ILLEGAL_SIGN", Data{}},
	}
	for _, c := range cases {
		r, err := ParseReply([]byte(c.raw))
		if err != nil || r.Biz != c.biz || r.Error.Code != c.code || r.Data != c.data {
			t.Errorf("%s: %+v, %v", c.name, r, err)
		}
	}
}

func TestNotOfTheForm(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", " ", "null", "[]", `"200"`, "200", "{", `{"result_code"}`, `{"result_code":}`, `{"result_code":"200"`, `{}`,
		`{"result_code":200}`, `{"result_code":null}`, `{"result_code":""}`, `{"result_code":["200"]}`, `{"Result_Code":"200"}`,
		`{"result_code":"200","result_code":"400"}`, `{"result_code":"200","result\u005fcode":"200"}`,
		`{"result_code":"200"} {}`, `{"result_code":"200"},`, `{"result_code":"200",}`, "\xef\xbb\xbf" + `{"result_code":"200"}`,
		`{"result_code":"200","biz_response":[]}`, `{"result_code":"200","biz_response":{"data":"x"}}`,
		`{"result_code":"200","biz_response":{"data":{"total_amount":1}}}`,
		`{"result_code":"200","biz_response":{"data":{"sn":"1","sn":"1"}}}`,
		`{"result_code":"200","biz_response":{"result_code":"FAIL","result_code":"PAY_SUCCESS"}}`,
		`{"result_code":"200"}` + strings.Repeat(" ", maxReply), strings.Repeat("[", 100_000), `{"result_code":` + strings.Repeat("{\"a\":", 20_000),
	} {
		if r, err := ParseReply([]byte(raw)); !errors.Is(err, strictjson.ErrForm) || r != (Reply{}) {
			t.Errorf("%.60q: %+v, %v", raw, r, err)
		}
	}
}

func TestAmount(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int64{"0": 0, "1": 1, "0000000001": 1, "9999999999": 9_999_999_999} {
		if m, ok := Amount(s); !ok || m != sdk.Fen(want) {
			t.Errorf("%q: %v, %v", s, m, ok)
		}
	}
	for _, s := range []string{"", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "1_0", "12345678901", "\u0661", "\uff11"} {
		if m, ok := Amount(s); ok || m != (sdk.Money{}) {
			t.Errorf("%q: %v, %v", s, m, ok)
		}
	}
}

func TestMillis(t *testing.T) {
	t.Parallel()
	want := time.Date(2015, 12, 8, 18, 11, 0, 430e6, sdk.Beijing())
	if got := Millis("1449569460430"); !got.Equal(want) {
		t.Errorf("%s, want %s", got, want)
	}
	for _, s := range []string{"", "1449569460", "14495694604300", "-144956946043", "144956946043x", "2015-12-08 18"} {
		if got := Millis(s); !got.IsZero() {
			t.Errorf("%q: %s", s, got)
		}
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	cases := []struct {
		text string
		n    int
		want string
	}{
		{"", 3, ""},
		{"abc", 3, "abc"},
		{"abcd", 3, "abc"},
		{"中文", 6, "中文"},
		{"中文", 5, "中"},
		{"中文", 2, ""},
		{"a☕", 3, "a"},
		{"😀x", 4, "😀"},
		{"😀x", 3, ""},
		{"a\xffb", 9, "ab"},
		{"\xff\xff\xff\xff", 2, ""},
	}
	for _, c := range cases {
		if got := Clip(c.text, c.n); got != c.want || !utf8.ValidString(got) {
			t.Errorf("%q to %d: %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

// FuzzParseReply: no reply panics, and none succeeds without naming order and amount.
func FuzzParseReply(f *testing.F) {
	data := `{"sn":"7894259244067349","client_sn":"1","order_status":"PAID","status":"SUCCESS","total_amount":"1","net_amount":"1","finish_time":"1449569460430"}`
	for _, seed := range []string{
		`{"result_code":"200","biz_response":{"result_code":"PAY_SUCCESS","data":` + data + `}}`,
		`{"result_code":"200","biz_response":{"result_code":"SUCCESS","data":` + data + `}}`,
		`{"result_code":"200","biz_response":` + data + `}`,
		`{"result_code":"200","biz_response":{"result_code":"PAY_SUCCESS","data":{"order_status":"PAID"}}}`,
		`{"result_code":"200","biz_response":{"result_code":"FAIL","error_code":"UPAY_ORDER_NOT_EXIST"}}`,
		`{"result_code":"400","error_code":"ILLEGAL_SIGN"}`, `{"result_code":"200","biz_response":null}`, `{"result_code":200}`, `[`, ``, "\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := ParseReply(raw)
		if err != nil {
			if r != (Reply{}) {
				t.Errorf("half a reply beside an error: %+v", r)
			}
			return
		}
		if _, ok := r.Layer1(); ok && r.Code != codeOK {
			t.Errorf("%q passes the communication layer", r.Code)
		}
		for _, outcome := range []sdk.Outcome{sdk.OutcomeSucceeded, sdk.OutcomeCanceled} {
			got := r.Payment(outcome, "1", sdk.Fen(1))
			if got.Outcome == outcome && (got.OrderNo != "1" || got.Amount != sdk.Fen(1)) {
				t.Errorf("%s without order and amount: %+v", outcome, got)
			}
		}
		if s := r.Data.PaymentStatus(); s == sdk.OutcomeSucceeded && r.Data.OrderStatus == "" {
			t.Error("succeeded without an order_status")
		}
		_, _, _ = r.Fail(), r.Failed(), r.Pending()
	})
}
