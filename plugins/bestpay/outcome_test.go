package main

import (
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestTradeStatuses: every status of 4.1, and some that are not in it, for every operation.
func TestTradeStatuses(t *testing.T) {
	t.Parallel()
	barcode := map[string]sdk.Outcome{"SUCCESS": succeeded, "FAIL": failed, "WAITFORPAY": inProgress, "CLOSE": closed}
	placed := map[string]sdk.Outcome{"SUCCESS": inProgress, "FAIL": failed, "WAITFORPAY": inProgress, "CLOSE": closed}
	refunds := map[string]sdk.Outcome{"SUCCESS": succeeded, "FAIL": failed, "WAITFORPAY": inProgress, "CLOSE": unknown}
	cases := []struct {
		name     string
		exchange exchange
		result   func(string) fields
		want     map[string]sdk.Outcome
	}{
		{"BP1", create(barcodeRequest()), codeOrderResult, barcode},
		{"BP2 qr", create(qrRequest()), qrOrderResult, placed},
		{"BP2 h5", create(h5Request()), qrOrderResult, placed},
		{"BP2 jsapi", create(jsapiRequest()), qrOrderResult, placed},
		{"BP3", query(orderRef()), queryResult, barcode},
		{"BP5", refund(refundRequest()), refundResult, refunds},
		{"BP6", queryRefund(refundRequest()), refundQueryResult, refunds},
	}
	for _, c := range cases {
		for _, status := range []string{"SUCCESS", "FAIL", "WAITFORPAY", "CLOSE", "success", " SUCCESS", "PAID", "WAIT", ""} {
			t.Run(c.name+" "+status, func(t *testing.T) {
				t.Parallel()
				want, known := c.want[status]
				if !known {
					want = unknown
				}
				expect(t, c.exchange, "{}", took(t, c.result(status)), want)
			})
		}
		t.Run(c.name+" no status", func(t *testing.T) {
			t.Parallel()
			expect(t, c.exchange, "{}", took(t, merged(c.result(""), fields{"tradeStatus": nil})), unknown)
			expect(t, c.exchange, "{}", took(t, merged(c.result(""), fields{"tradeStatus": absent})), unknown)
			expect(t, c.exchange, "{}", took(t, merged(c.result(""), fields{"tradeStatus": 1})), unknown)
			expect(t, c.exchange, "{}", took(t, nil), unknown)
			expect(t, c.exchange, "{}", took(t, []any{c.result("SUCCESS")}), unknown)
		})
	}
}

// TestCallsThatFailed: success false. Nothing says what became of an order or a refund, and
// a query that failed changes nothing.
func TestCallsThatFailed(t *testing.T) {
	t.Parallel()
	want := map[string]sdk.Outcome{
		"barcode": unknown, "qr": unknown, "h5": unknown, "jsapi": unknown, "refund": unknown, "query": refused, "refund query": refused, "check-in": refused,
	}
	for name, e := range exchanges() {
		r := expect(t, e, "{}", refusal(t, "SYS_001"), want[name])
		if text := r.payment.Provider.Code + r.refund.Provider.Code; name != "check-in" && text != "SYS_001" {
			t.Errorf("%s: the provider's code is %q", name, text)
		}
		// A result beside success false is not read.
		expect(t, e, "{}", signed(t, fields{"success": false, "errorCode": "E", "errorMsg": "", "result": codeOrderResult("SUCCESS")}), want[name])
		// Nor is anything a success but the word true.
		for _, success := range []any{"true", 1, nil, "false", fields{}} {
			reply := signed(t, fields{"success": success, "errorCode": nil, "errorMsg": nil, "result": codeOrderResult("SUCCESS")})
			expect(t, e, "{}", reply, unknown)
		}
	}
}

// TestEchoes: an answer about another order, merchant or amount, or a final one that does
// not say whose it is, leaves the outcome open.
func TestEchoes(t *testing.T) {
	t.Parallel()
	type edit struct {
		status string
		more   fields
		want   sdk.Outcome
	}
	orders := []edit{
		{"SUCCESS", fields{"outTradeNo": "26010100010000000009"}, unknown},
		{"FAIL", fields{"outTradeNo": "26010100010000000009"}, unknown},
		{"CLOSE", fields{"outTradeNo": "26010100010000000009"}, unknown},
		{"WAITFORPAY", fields{"outTradeNo": "26010100010000000009"}, unknown},
		{"SUCCESS", fields{"outTradeNo": nil}, unknown},
		{"FAIL", fields{"outTradeNo": absent}, unknown},
		{"CLOSE", fields{"outTradeNo": absent}, unknown},
		{"WAITFORPAY", fields{"outTradeNo": absent}, inProgress},
		{"SUCCESS", fields{"tradeAmt": 101}, unknown},
		{"FAIL", fields{"tradeAmt": 101}, unknown},
		{"WAITFORPAY", fields{"tradeAmt": 1}, unknown},
		{"SUCCESS", fields{"tradeAmt": nil}, unknown},
		{"SUCCESS", fields{"tradeAmt": absent}, unknown},
		{"FAIL", fields{"tradeAmt": absent}, failed},
		{"SUCCESS", fields{"tradeAmt": 100.5}, unknown},
		{"SUCCESS", fields{"tradeAmt": "-100"}, unknown},
		{"SUCCESS", fields{"tradeAmt": "100"}, succeeded},
		{"SUCCESS", fields{"merchantNo": "3178033500000000"}, unknown},
		{"SUCCESS", fields{"merchantNo": absent}, succeeded},
		{"SUCCESS", fields{"payAmt": 1, "disCountAmt": nil}, succeeded},
	}
	for _, c := range orders {
		expect(t, create(barcodeRequest()), "{}", took(t, merged(codeOrderResult(c.status), c.more)), c.want)
		if c.want == unknown {
			r := expect(t, create(qrRequest()), "{}", took(t, merged(qrOrderResult(c.status), c.more)), placedUnknown(c.status, c.more))
			if r.outcome == unknown && r.payment.NextAction != nil {
				t.Error("the payer is sent to an order in doubt")
			}
		}
	}
	refunds := []edit{
		{"SUCCESS", fields{"refundAmt": 31}, unknown},
		{"SUCCESS", fields{"refundAmt": nil}, unknown},
		{"FAIL", fields{"refundAmt": 31}, unknown},
		{"WAITFORPAY", fields{"refundAmt": 31}, unknown},
		{"WAITFORPAY", fields{"refundAmt": absent}, inProgress},
		{"FAIL", fields{"refundAmt": absent}, failed},
	}
	for _, c := range refunds {
		expect(t, refund(refundRequest()), "{}", took(t, merged(refundResult(c.status), c.more)), c.want)
		expect(t, queryRefund(refundRequest()), "{}", took(t, merged(refundQueryResult(c.status), c.more)), c.want)
	}
	for _, status := range []string{"SUCCESS", "FAIL", "WAITFORPAY"} {
		expect(t, refund(refundRequest()), "{}", took(t, merged(refundResult(status), fields{"outTradeNo": testOrder})), unknown)
		for _, name := range []string{"outTradeNo", "outRequestNo"} {
			expect(t, queryRefund(refundRequest()), "{}", took(t, merged(refundQueryResult(status), fields{name: "26010100010000000009"})), unknown)
		}
		expect(t, queryRefund(refundRequest()), "{}", took(t, merged(refundQueryResult(status), fields{"tradeAmt": 99})), unknown)
	}
	expect(t, refund(refundRequest()), "{}", took(t, merged(refundResult("SUCCESS"), fields{"outTradeNo": nil})), unknown)
	expect(t, queryRefund(refundRequest()), "{}", took(t, merged(refundQueryResult("SUCCESS"), fields{"outRequestNo": nil})), unknown)
}

// placedUnknown: an order that waits need not state its amount or its number.
func placedUnknown(status string, more fields) sdk.Outcome {
	value, named := more["outTradeNo"]
	amount, priced := more["tradeAmt"]
	silent := (named && (value == nil || value == absent)) || (priced && (amount == nil || amount == absent))
	if status == "SUCCESS" && silent {
		return inProgress
	}
	return unknown
}

// TestWhatAResultHolds: numbers, amounts and times arrive where the host looks for them.
func TestWhatAResultHolds(t *testing.T) {
	t.Parallel()
	p := expect(t, create(barcodeRequest()), "{}", took(t, codeOrderResult("SUCCESS")), succeeded).payment
	same(t, "order", p.OrderNo, testOrder)
	same(t, "amount", p.Amount, sdk.Fen(100))
	same(t, "BestPay's number", p.ProviderOrderNo, "20260101000000000011")
	same(t, "the bank's number", p.ChannelTradeNo, "2026010122001")
	same(t, "code", p.Provider.Code, "SUCCESS")

	q := expect(t, query(orderRef()), "{}", took(t, merged(queryResult("FAIL"), fields{"errorMsgCode": "BAL_001", "errorMsgDesc": "余额不足"})), failed).payment
	same(t, "why", q.Provider, sdk.ProviderText{Code: "BAL_001", Message: "余额不足"})

	r := expect(t, refund(refundRequest()), "{}", took(t, refundResult("SUCCESS")), succeeded).refund
	same(t, "refund", r.RefundNo, testRefund)
	same(t, "order of the refund", r.OrderNo, "")
	same(t, "refund's amount", r.Amount, sdk.Fen(30))
	same(t, "BestPay's refund number", r.ProviderRefundNo, "20260101000000000021")

	r = expect(t, queryRefund(refundRequest()), "{}", took(t, refundQueryResult("SUCCESS")), succeeded).refund
	same(t, "queried refund", r.RefundNo, testRefund)
	same(t, "queried order", r.OrderNo, testOrder)
	r = expect(t, queryRefund(refundRequest()), "{}", took(t, merged(refundQueryResult("SUCCESS"), fields{"tradeNo": orderRef().ProviderOrderNo})), succeeded).refund
	same(t, "the order's number is not the refund's", r.ProviderRefundNo, "")
}

// TestWhereThePayerGoes: a QR code or a redirect to the same address, until the order ends.
func TestWhereThePayerGoes(t *testing.T) {
	t.Parallel()
	expires := testNow().Add(25 * time.Minute)
	for _, status := range []string{"WAITFORPAY", "SUCCESS"} {
		qr := expect(t, create(qrRequest()), "{}", took(t, qrOrderResult(status)), inProgress).payment.NextAction
		if qr == nil || qr.Type != sdk.ActionShowQR || qr.QRContent != testPaymentURL || qr.URL != "" || !qr.ExpiresAt.Equal(expires) {
			t.Errorf("%s: %+v", status, qr)
		}
		for _, req := range []sdk.PaymentRequest{h5Request(), jsapiRequest()} {
			page := expect(t, create(req), "{}", took(t, qrOrderResult(status)), inProgress).payment.NextAction
			if page == nil || page.Type != sdk.ActionRedirect || page.URL != testPaymentURL || page.QRContent != "" || !page.ExpiresAt.Equal(expires) {
				t.Errorf("%s, %s: %+v", status, req.Method, page)
			}
		}
	}
	req := qrRequest()
	req.ExpiresAt = testNow().Add(90*time.Second + 900*time.Millisecond)
	short := expect(t, create(req), "{}", took(t, qrOrderResult("WAITFORPAY")), inProgress).payment.NextAction
	if !short.ExpiresAt.Equal(testNow().Add(90 * time.Second)) {
		t.Errorf("expires %s", short.ExpiresAt)
	}
	bad := []any{"javascript:alert(1)", "/h5/1", "weixin://wxpay/bizpayurl?pr=1", "https://", "https://x/" + strings.Repeat("a", 2048), "http://%zz/"}
	for _, address := range bad {
		expect(t, create(h5Request()), "{}", took(t, merged(qrOrderResult("WAITFORPAY"), fields{"paymentUrl": address})), unknown)
		expect(t, create(h5Request()), "{}", took(t, merged(qrOrderResult("SUCCESS"), fields{"paymentUrl": address})), unknown)
	}
	for _, nothing := range []any{nil, absent, ""} {
		expect(t, create(h5Request()), "{}", took(t, merged(qrOrderResult("WAITFORPAY"), fields{"paymentUrl": nothing})), unknown)
		r := expect(t, create(h5Request()), "{}", took(t, merged(qrOrderResult("SUCCESS"), fields{"paymentUrl": nothing})), inProgress)
		if r.payment.NextAction != nil {
			t.Errorf("sent to %+v", r.payment.NextAction)
		}
	}
}
