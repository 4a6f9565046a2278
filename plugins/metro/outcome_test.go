package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestOutcomes: every status of the document, and what is none, by capability.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	all := outgoing()
	charge, query, reverse, refund, payer := all["charge"], all["query"], all["reverse"], all["refund"], all["payer"]
	pay := func(value string) string { return ok(status(paidData, "pay_status", value)) }
	back := func(value string) string { return ok(status(refundData, "pay_refund_status", value)) }
	cases := []struct {
		name     string
		exchange exchange
		reply    string
		want     sdk.Outcome
	}{
		{"ME3 paid", charge, pay("PS_SUCCESS"), succeeded},
		{"ME3 paying", charge, pay("PS_PAYING"), inProgress},
		{"ME3 failed", charge, pay("PS_FAILED"), failed},
		{"ME3 closed is not listed", charge, pay("PS_CLOSED"), unknown},
		{"ME3 another word", charge, pay("PS_DONE"), unknown},
		{"ME3 another case", charge, pay("ps_success"), unknown},
		{"ME3 an empty status", charge, pay(""), unknown},
		{"ME3 no status", charge, ok(edit(paidData, []string{"pay_status"}, "")), unknown},
		{"ME3 another code", charge, `{"code":1001,"msg":"余额不足","data":` + paidData + `}`, unknown},
		{"ME5 paid", query, pay("PS_SUCCESS"), succeeded},
		{"ME5 paying", query, pay("PS_PAYING"), inProgress},
		{"ME5 failed", query, pay("PS_FAILED"), failed},
		{"ME5 closed", query, pay("PS_CLOSED"), closed},
		{"ME5 another word", query, pay("PS_REFUND"), unknown},
		{"ME5 another code", query, `{"code":1001,"msg":"系统繁忙"}`, refused},
		{"ME6 again", reverse, ok(`{"recall":"Y"}`), inProgress},
		{"ME6 not again", reverse, ok(`{"recall":"N","reverse_date":"20260101","reverse_time":"20260101120002"}`), unknown},
		{"ME6 not again, no date", reverse, ok(`{"recall":"N"}`), unknown},
		{"ME6 another word", reverse, ok(`{"recall":"y"}`), unknown},
		{"ME6 none", reverse, ok(`{}`), unknown},
		{"ME6 another code", reverse, `{"code":"E1","msg":"订单不存在"}`, unknown},
		{"ME7 refunded", refund, back("RS_SUCCESS"), succeeded},
		{"ME7 refunding", refund, back("RS_PROCESSING"), inProgress},
		{"ME7 failed", refund, back("RS_FAILED"), failed},
		{"ME7 another word", refund, back("RS_CLOSED"), unknown},
		{"ME7 another code", refund, `{"code":1001,"msg":"超出可退金额"}`, unknown},
		{"ME4 known", payer, ok(`{"uid":"u1"}`), succeeded},
		{"ME4 nobody", payer, ok(`{"uid":""}`), unknown},
		{"ME4 null", payer, ok(`{"uid":null}`), unknown},
		{"ME4 another code", payer, `{"code":1001,"msg":"消费码已失效"}`, refused},
		{"ME8 another code", all["bill"], `{"code":1001,"msg":"账单未生成"}`, refused},
		{"check-in, another code", all["check-in"], `{"code":401,"msg":"验签失败"}`, refused},
		{"check-in", all["check-in"], ok(`{"date":"20251231","bill_infos":[]}`), succeeded},
		{"check-in, another day", all["check-in"], ok(`{"date":"20260101","bill_infos":[]}`), unknown},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			expect(t, c.exchange, c.reply, c.want)
		})
	}
}

// TestAnotherOrderOrAmount: what does not fit the order proves nothing about it.
func TestAnotherOrderOrAmount(t *testing.T) {
	t.Parallel()
	all := outgoing()
	pay := func(drop, more string) string { return ok(edit(paidData, []string{drop}, more)) }
	back := func(drop, more string) string { return ok(edit(refundData, []string{drop}, more)) }
	failedPay := status(paidData, "pay_status", "PS_FAILED")
	failedBack := status(refundData, "pay_refund_status", "RS_FAILED")
	cases := []struct {
		name     string
		exchange exchange
		reply    string
		want     sdk.Outcome
	}{
		{"charge, another amount", all["charge"], pay("total_fee", `"total_fee":101`), unknown},
		{"charge, no amount", all["charge"], pay("total_fee", ""), unknown},
		{"charge, zero", all["charge"], pay("total_fee", `"total_fee":0`), unknown},
		{"charge, amount in quotes", all["charge"], pay("total_fee", `"total_fee":"100"`), succeeded},
		{"charge, amount in yuan", all["charge"], pay("total_fee", `"total_fee":1.00`), unknown},
		{"charge, amount with a point", all["charge"], pay("total_fee", `"total_fee":100.0`), unknown},
		{"charge, negative", all["charge"], pay("total_fee", `"total_fee":-100`), unknown},
		{"charge, beyond 64 bits", all["charge"], pay("total_fee", `"total_fee":18446744073709551615`), unknown},
		{"charge failed, another amount", all["charge"], ok(edit(failedPay, []string{"total_fee"}, `"total_fee":101`)), unknown},
		{"charge failed, zero amount", all["charge"], ok(edit(failedPay, []string{"total_fee"}, `"total_fee":0`)), failed},
		{"query, another amount", all["query"], pay("total_fee", `"total_fee":99`), unknown},
		{"query, another order", all["query"], pay("pay_out_trade_no", `"pay_out_trade_no":"DDH2"`), unknown},
		{"query, no number", all["query"], pay("pay_out_trade_no", ""), succeeded},
		{"query failed, another order", all["query"], ok(edit(failedPay, []string{"pay_out_trade_no"}, `"pay_out_trade_no":"DDH2"`)), unknown},
		{"refund, another refund", all["refund"], back("out_refund_no", `"out_refund_no":"X"`), unknown},
		{"refund, no refund", all["refund"], back("out_refund_no", ""), unknown},
		{"refund, another order", all["refund"], back("out_request_no", `"out_request_no":"X"`), unknown},
		{"refund, another number", all["refund"], back("pay_out_trade_no", `"pay_out_trade_no":"X"`), unknown},
		{"refund, another amount", all["refund"], back("pay_refund_fee", `"pay_refund_fee":31`), unknown},
		{"refund, no amount", all["refund"], back("pay_refund_fee", ""), unknown},
		{"refund, another total", all["refund"], back("total_fee", `"total_fee":101`), unknown},
		{"refund failed, another refund", all["refund"], ok(edit(failedBack, []string{"out_refund_no"}, `"out_refund_no":"X"`)), unknown},
		{"refund failed, no refund", all["refund"], ok(edit(failedBack, []string{"out_refund_no"}, "")), unknown},
		{"refund failed, zero amount", all["refund"], ok(edit(failedBack, []string{"pay_refund_fee"}, `"pay_refund_fee":0`)), failed},
		{"bill, another day", all["bill"], ok(`{"date":"20251230","bill_infos":[]}`), unknown},
		{"bill, no list", all["bill"], ok(`{"date":"20251231"}`), unknown},
		{"bill, a null list", all["bill"], ok(`{"date":"20251231","bill_infos":null}`), succeeded},
		{"bill, a wallet twice", all["bill"], ok(`{"date":"20251231","bill_infos":[` + billRow + `,` + billRow + `]}`), unknown},
		{"bill, half a row", all["bill"], ok(`{"date":"20251231","bill_infos":[` + edit(billRow, []string{"refund_amount"}, "") + `]}`), unknown},
		{"bill, no wallet", all["bill"], ok(`{"date":"20251231","bill_infos":[` + edit(billRow, []string{"pay_type"}, "") + `]}`), unknown},
		{"bill, no row", all["bill"], ok(`{"date":"20251231","bill_infos":[null]}`), unknown},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			expect(t, c.exchange, c.reply, c.want)
		})
	}
}

// TestNoReadableReply: whatever cannot be read leaves every operation in doubt.
func TestNoReadableReply(t *testing.T) {
	t.Parallel()
	good := ok(paidData)
	hosts := map[string]func(t *testing.T) *testHost{
		"HTTP 500":   func(t *testing.T) *testHost { t.Helper(); return answering(t, 500, "<html>proxy</html>") },
		"HTTP 400":   func(t *testing.T) *testHost { t.Helper(); return answering(t, 400, good) },
		"HTTP 201":   func(t *testing.T) *testHost { t.Helper(); return answering(t, 201, good) },
		"HTTP 302":   func(t *testing.T) *testHost { t.Helper(); return answering(t, 302, "") },
		"empty":      func(t *testing.T) *testHost { t.Helper(); return answering(t, 200, "") },
		"two values": func(t *testing.T) *testHost { t.Helper(); return answering(t, 200, good+good) },
		"a list":     func(t *testing.T) *testHost { t.Helper(); return answering(t, 200, "["+good+"]") },
		"no code":    func(t *testing.T) *testHost { t.Helper(); return answering(t, 200, `{"msg":"","data":`+paidData+`}`) },
		"code is null": func(t *testing.T) *testHost {
			t.Helper()
			return answering(t, 200, `{"code":null,"data":`+paidData+`}`)
		},
		"code is a list": func(t *testing.T) *testHost { t.Helper(); return answering(t, 200, `{"code":[0],"data":`+paidData+`}`) },
		"code twice": func(t *testing.T) *testHost {
			t.Helper()
			return answering(t, 200, `{"code":1,"code":0,"data":`+paidData+`}`)
		},
		"no data":         func(t *testing.T) *testHost { t.Helper(); return answering(t, 200, `{"code":0,"msg":""}`) },
		"data is null":    func(t *testing.T) *testHost { t.Helper(); return answering(t, 200, `{"code":0,"data":null}`) },
		"data is text":    func(t *testing.T) *testHost { t.Helper(); return answering(t, 200, `{"code":0,"data":"{}"}`) },
		"msg is a number": func(t *testing.T) *testHost { t.Helper(); return answering(t, 200, `{"code":0,"msg":1,"data":{}}`) },
		"too long":        func(t *testing.T) *testHost { t.Helper(); return answering(t, 200, good+strings.Repeat(" ", 256<<10)) },
		"sent maybe":      func(t *testing.T) *testHost { t.Helper(); return failing(t, sdk.Errorf(sdk.ErrSentMaybe, "It broke.")) },
		"too large":       func(t *testing.T) *testHost { t.Helper(); return failing(t, sdk.Errorf(sdk.ErrTooLarge, "Too large.")) },
		"another error":   func(t *testing.T) *testHost { t.Helper(); return failing(t, errors.New("who knows")) },
	}
	for what, host := range hosts {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for name, x := range outgoing() {
				r, err := host(t).call(t, x)
				if err != nil || r.outcome != unknown {
					t.Errorf("%s: %q, %v; want unknown", name, r.outcome, err)
				}
			}
		})
	}
}

// TestFieldsOfAnotherType: a field that decides must have its type.
func TestFieldsOfAnotherType(t *testing.T) {
	t.Parallel()
	all := outgoing()
	expect(t, all["charge"], ok(edit(paidData, []string{"pay_status"}, `"pay_status":["PS_SUCCESS"]`)), unknown)
	expect(t, all["charge"], ok(edit(paidData, nil, `"pay_status":"PS_FAILED"`)), unknown) // twice
	expect(t, all["reverse"], ok(`{"recall":true}`), unknown)
	expect(t, all["refund"], ok(edit(refundData, []string{"out_refund_no"}, `"out_refund_no":1`)), unknown)
	expect(t, all["payer"], ok(`{"uid":1}`), unknown)
	expect(t, all["bill"], ok(`{"date":20251231,"bill_infos":[]}`), unknown)
	// What the document does not know is passed over, of whatever type.
	expect(t, all["charge"], ok(edit(paidData, nil, `"trace":{"id":[1]}`)), succeeded)
}

// TestEnvelopeIsASetting: names and success value, which the document does not print.
func TestEnvelopeIsASetting(t *testing.T) {
	t.Parallel()
	const named = `{"store_id":"S","code_field":"status","message_field":"desc","data_field":"body","success_code":"OK","not_found_code":"404"}`
	cases := []struct {
		settings, reply string
		want            sdk.Outcome
	}{
		{testSettings, `{"code":"0","msg":"","data":` + paidData + `}`, succeeded},
		{testSettings, `{"code":0,"data":` + paidData + `}`, succeeded},
		{testSettings, `{"code":"00","data":` + paidData + `}`, refused},
		{testSettings, `{"code":0.0,"data":` + paidData + `}`, refused},
		{testSettings, `{"code":false,"data":` + paidData + `}`, refused},
		{named, `{"status":"OK","desc":"成功","body":` + paidData + `}`, succeeded},
		{named, `{"status":"ok","desc":"成功","body":` + paidData + `}`, refused},
		{named, `{"status":"404","desc":"订单不存在"}`, notFound},
		{named, `{"status":404}`, notFound},
		{named, `{"status":"404","code":0,"data":` + paidData + `}`, notFound},
		{`{"store_id":"S","success_code":"true"}`, `{"code":true,"data":` + paidData + `}`, succeeded},
		{`{"store_id":"S","success_code":"","code_field":"","not_found_code":null}`, `{"code":0,"data":` + paidData + `}`, succeeded},
	}
	for _, c := range cases {
		h := answering(t, http.StatusOK, c.reply)
		r, err := fixed().QueryPayment(t.Context(), h.Call(t.Context(), sdk.CapQueryPayment, testURL, c.settings), orderRef())
		if err != nil || r.Outcome != c.want {
			t.Errorf("%s, %s: %s, %v, want %s", c.settings, c.reply, r.Outcome, err, c.want)
		}
	}
	// A code for "no such order" is an answer to the question alone.
	for _, name := range []string{"charge", "reverse", "refund"} {
		h := answering(t, http.StatusOK, `{"status":"404"}`)
		x := outgoing()[name]
		r, err := x.run(t.Context(), fixed(), h.Call(t.Context(), x.capability, testURL, named))
		if err != nil || r.outcome != unknown {
			t.Errorf("%s: %s, %v", name, r.outcome, err)
		}
	}
}

// TestProvidersWords: the provider's own code and sentence come along.
func TestProvidersWords(t *testing.T) {
	t.Parallel()
	all := outgoing()
	r := expect(t, all["charge"], ok(edit(status(paidData, "pay_status", "PS_FAILED"), nil, `"pay_err_desc":"余额不足"`)), failed)
	if r.payment.Provider != (sdk.ProviderText{Code: "PS_FAILED", Message: "余额不足"}) {
		t.Errorf("%+v", r.payment.Provider)
	}
	if r.payment.PaidAt != (time.Time{}) {
		t.Errorf("a failed payment was paid at %s", r.payment.PaidAt)
	}
	r = expect(t, all["query"], `{"code":7,"msg":"系统繁忙"}`, refused)
	if r.payment.Provider != (sdk.ProviderText{Code: "7", Message: "系统繁忙"}) {
		t.Errorf("%+v", r.payment.Provider)
	}
}

// TestTimes: fourteen digits in Beijing's time, or no time at all.
func TestTimes(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Time{
		"20220401060549": time.Date(2022, 4, 1, 6, 5, 49, 0, sdk.Beijing()),
		"20220230000000": {}, "20220401": {}, "2022-04-01 06:05": {}, "060549": {}, "": {},
	} {
		r := expect(t, outgoing()["charge"], ok(status(paidData, "pay_time", value)), succeeded)
		if !r.payment.PaidAt.Equal(want) {
			t.Errorf("%q: %s", value, r.payment.PaidAt)
		}
	}
}
