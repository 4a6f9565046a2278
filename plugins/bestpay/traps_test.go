package main

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/bestpay/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestTraps has a test for each numbered trap of the document; README.md lists them.
func TestTraps(t *testing.T) {
	t.Parallel()
	for _, trap := range []struct {
		name string
		test func(*testing.T)
	}{
		{"E2-B1 ccy is ASCII", trapB1},
		{"E2-B2 two spellings of the discount", trapB2},
		{"E2-B3 tradeType has two lists", trapB3},
		{"E2-B4 REAL_TIM", trapB4},
		{"E2-B5 CLOSE", trapB5},
		{"E2-B6 the number of a refund callback", trapB6},
		{"E2-B7 result as a string", trapB7},
		{"E2-B8 the original dates", trapB8},
		{"E2-B9 a query echoes nothing", trapB9},
		{"E2-B10 failures must be polled", trapB10},
		{"E2-B11 the answer is due in 6 s", trapB11},
		{"E2-B12 the app is known before", trapB12},
		{"E2-B13 no close and no cancel", trapB13},
		{"E2-B14 required in refunds too", trapB14},
		{"E2-B15 null and missing fields", trapB15},
		{"E2-B16 timeOut is always sent", trapB16},
		{"E2-B17 institutionCode of a callback", trapB17},
		{"E2-B18 the test address", trapB18},
	} {
		t.Run(trap.name, func(t *testing.T) {
			t.Parallel()
			trap.test(t)
		})
	}
}

// requestOf is what an operation sends.
func requestOf(t *testing.T, e exchange) fields {
	t.Helper()
	h := answering(t, 200, "")
	if _, err := e.on(t, h, "{}"); err != nil {
		t.Fatal(err)
	}
	return sentFields(t, h.last(t))
}

// trapB1: the table prints ccy in Cyrillic letters. Only the ASCII name is a currency.
func trapB1(t *testing.T) {
	t.Helper()
	_, outcome := outcomeOf(t, notify(t, "{}", kindPayment, signed(t, merged(paymentNotice("SUCCESS"), fields{"ccy": "USD"}))))
	same(t, "ccy", outcome, unknown)
	_, outcome = outcomeOf(t, notify(t, "{}", kindPayment, signed(t, merged(paymentNotice("SUCCESS"), fields{"\u0441\u0441\u0443": "USD"}))))
	same(t, "the Cyrillic name", outcome, succeeded)
}

// trapB2: disCountAmt and discountAmt: neither decides, both are covered by the signature.
func trapB2(t *testing.T) {
	t.Helper()
	for _, name := range []string{"disCountAmt", "discountAmt"} {
		r := expect(t, create(barcodeRequest()), "{}", took(t, merged(codeOrderResult("SUCCESS"), fields{"disCountAmt": absent, name: 99})), succeeded)
		same(t, name, r.payment.Amount, sdk.Fen(100))
		e, outcome := outcomeOf(t, notify(t, "{}", kindPayment, signed(t, merged(paymentNotice("SUCCESS"), fields{"discountAmt": absent, name: 99}))))
		same(t, name, outcome, succeeded)
		same(t, name, e.Payment.Amount, sdk.Fen(100))
	}
	// The small p of tradeprodNo is no tradeNo.
	r := expect(t, create(barcodeRequest()), "{}", took(t, merged(codeOrderResult("SUCCESS"), fields{"tradeNo": absent})), succeeded)
	same(t, "tradeprodNo", r.payment.ProviderOrderNo, "")
}

// trapB3: an order's tradeType is the payer's app, a callback's is what it is about, and
// optional: the address decides without it, and REFUND decides whatever the address.
func trapB3(t *testing.T) {
	t.Helper()
	same(t, "order", requestOf(t, create(qrRequest()))["tradeType"], any("ALIPAY"))
	for _, nothing := range []any{absent, nil, ""} {
		e, outcome := outcomeOf(t, notify(t, "{}", kindPayment, signed(t, merged(paymentNotice("SUCCESS"), fields{"tradeType": nothing}))))
		same(t, "payment", e.Type+string(outcome), sdk.EventPayment+"succeeded")
		e, outcome = outcomeOf(t, notify(t, "{}", kindRefund, signed(t, merged(refundNotice("SUCCESS"), fields{"tradeType": nothing}))))
		same(t, "refund", e.Type+string(outcome), sdk.EventRefund+"succeeded")
	}
	e, outcome := outcomeOf(t, notify(t, "{}", kindPayment, signed(t, refundNotice("SUCCESS"))))
	same(t, "a refund at the payment's address", e.Type+string(outcome), sdk.EventRefund+"succeeded")
	e, outcome = outcomeOf(t, notify(t, "{}", kindRefund, signed(t, paymentNotice("SUCCESS"))))
	same(t, "a payment at the refund's address", e.Type+string(outcome), sdk.EventRefund+"unknown")
	_, outcome = outcomeOf(t, notify(t, "{}", kindPayment, signed(t, merged(paymentNotice("SUCCESS"), fields{"tradeType": "ALIPAY"}))))
	same(t, "an order's type in a callback", outcome, unknown)
}

// trapB4: REAL_TIM is printed so; REAL_TIME counts as well.
func trapB4(t *testing.T) {
	t.Helper()
	for _, kind := range []string{"REAL_TIM", "REAL_TIME", "REAL_TIME_PRO"} {
		_, outcome := outcomeOf(t, notify(t, "{}", kindPayment, signed(t, merged(paymentNotice("SUCCESS"), fields{"tradeType": kind}))))
		same(t, kind, outcome, succeeded)
	}
}

// trapB5: CLOSE is missing from the tables of 3.1 to 3.3, and a closed order is not paid.
func trapB5(t *testing.T) {
	t.Helper()
	expect(t, create(barcodeRequest()), "{}", took(t, codeOrderResult("CLOSE")), closed)
	expect(t, create(qrRequest()), "{}", took(t, qrOrderResult("CLOSE")), closed)
	expect(t, query(orderRef()), "{}", took(t, queryResult("CLOSE")), closed)
	_, outcome := outcomeOf(t, notify(t, "{}", kindPayment, signed(t, paymentNotice("CLOSE"))))
	same(t, "callback", outcome, closed)
	expect(t, refund(refundRequest()), "{}", took(t, refundResult("CLOSE")), unknown)
	expect(t, queryRefund(refundRequest()), "{}", took(t, refundQueryResult("CLOSE")), unknown)
	_, outcome = outcomeOf(t, notify(t, "{}", kindRefund, signed(t, refundNotice("CLOSE"))))
	same(t, "refund callback", outcome, unknown)
}

// trapB6: the number in a refund callback may be the order's or the refund's.
func trapB6(t *testing.T) {
	t.Helper()
	for _, number := range []string{testOrder, testRefund} {
		e, _ := outcomeOf(t, notify(t, "{}", kindRefund, signed(t, merged(refundNotice("SUCCESS"), fields{"outTradeNo": number}))))
		same(t, "as the order's", e.Refund.OrderNo, number)
		same(t, "as the refund's", e.Refund.RefundNo, number)
	}
}

// trapB7: result may be a string that holds JSON. It is verified as it was sent.
func trapB7(t *testing.T) {
	t.Helper()
	expect(t, refund(refundRequest()), "{}", took(t, jsonOf(refundResult("SUCCESS"))), succeeded)
	expect(t, queryRefund(refundRequest()), "{}", took(t, `{ "tradeStatus" : "SUCCESS", "outTradeNo":"`+testOrder+`", "outRequestNo":"`+testRefund+`", "refundAmt": 30 }`), succeeded)
	expect(t, create(barcodeRequest()), "{}", took(t, jsonOf(codeOrderResult("SUCCESS"))), succeeded)
	spaced := strings.Replace(took(t, jsonOf(refundResult("SUCCESS"))), `{\"`, `{ \"`, 1)
	expect(t, refund(refundRequest()), "{}", spaced, unknown)
	for _, text := range []string{"", "SUCCESS", "null", "{", "[]"} {
		expect(t, refund(refundRequest()), "{}", took(t, text), unknown)
	}
}

// trapB8: queries repeat the requestDate of the order and of the refund.
func trapB8(t *testing.T) {
	t.Helper()
	order, back := barcodeRequest(), refundRequest()
	order.CreatedAt = time.Date(2025, 12, 31, 23, 59, 59, 0, sdk.Beijing())
	back.CreatedAt = time.Date(2026, 1, 1, 3, 4, 5, 0, time.UTC)
	ref := orderRef()
	ref.CreatedAt = order.CreatedAt.In(time.UTC).Add(700 * time.Millisecond)
	same(t, "requestDate", requestOf(t, create(order))["requestDate"], any("2025-12-31 23:59:59"))
	same(t, "tradeDate", requestOf(t, query(ref))["tradeDate"], any("2025-12-31 23:59:59"))
	same(t, "requestDate of the refund", requestOf(t, refund(back))["requestDate"], any("2026-01-01 11:04:05"))
	same(t, "refundDate", requestOf(t, queryRefund(back))["refundDate"], any("2026-01-01 11:04:05"))
}

// trapB9: a paid answer to a query names no number and no amount, and none is made up.
func trapB9(t *testing.T) {
	t.Helper()
	p := expect(t, query(orderRef()), "{}", took(t, queryResult("SUCCESS")), succeeded).payment
	if p.OrderNo != "" || p.ProviderOrderNo != "" || p.Amount != (sdk.Money{}) {
		t.Errorf("%+v", p)
	}
}

// trapB10: only successes are called back, so payments and refunds are asked about for days.
func trapB10(t *testing.T) {
	t.Helper()
	m := provider{}.Manifest()
	if len(m.Poll.Fast) == 0 || len(m.Poll.Tail) == 0 || m.Poll.Tail[len(m.Poll.Tail)-1] < time.Hour || !m.Refund.Conclusive {
		t.Errorf("%+v", m.Poll)
	}
	for _, capability := range []sdk.Capability{sdk.CapQueryPayment, sdk.CapQueryRefund} {
		if !slices.Contains(m.Products[0].Capabilities, capability) {
			t.Errorf("%s is not offered", capability)
		}
	}
}

// trapB11: a callback is answered without asking anybody: the grant has no request. Our own
// calls wait 60 s for orders and 6 s for the rest.
func trapB11(t *testing.T) {
	t.Helper()
	same(t, "requests while answering", provider{}.Manifest().Grants[sdk.CapInbound].Sends, 0)
	for name, e := range exchanges() {
		h := answering(t, 200, "")
		if _, err := e.on(t, h, "{}"); err != nil {
			t.Fatal(err)
		}
		want := 6 * time.Second
		if e.capability == sdk.CapCreatePayment {
			want = 60 * time.Second
		}
		same(t, name, h.last(t).timeout, want)
	}
}

// trapB12: the payer's app is known before ordering, WeChat's names its payer, and the
// payer is sent to paymentUrl.
func trapB12(t *testing.T) {
	t.Helper()
	for _, method := range []sdk.Method{sdk.MethodQR, sdk.MethodH5} {
		for _, channel := range []string{channelBestPay, channelAlipay, channelWeChat} {
			req := qrRequest()
			req.Method, req.Channel, req.PayerID = method, channel, "code-of-the-payer"
			sent := requestOf(t, create(req))
			same(t, channel, sent["tradeType"], any(channel))
			_, named := sent["userCode"]
			same(t, channel+" userCode", named, channel == channelWeChat)
		}
	}
	r := expect(t, create(h5Request()), "{}", took(t, qrOrderResult("WAITFORPAY")), inProgress)
	same(t, "sent to", r.payment.NextAction.URL, testPaymentURL)
	for _, spec := range (provider{}).Manifest().Products[0].Methods {
		same(t, string(spec.Method), spec.ChannelRequired, spec.Method != sdk.MethodBarcode)
	}
}

// trapB13: nothing ends an order but its timeOut.
func trapB13(t *testing.T) {
	t.Helper()
	able := sdk.Capabilities(provider{})
	if slices.Contains(able, sdk.CapCancelPayment) || slices.Contains(able, sdk.CapClosePayment) {
		t.Errorf("%v", able)
	}
	rule := provider{}.Manifest().Cancel
	if len(rule.After)+len(rule.ByClose) != 0 {
		t.Errorf("%+v", rule)
	}
}

// trapB14: a refund names an operator, an address of its own and a date.
func trapB14(t *testing.T) {
	t.Helper()
	req := refundRequest()
	req.Operator = ""
	sent := requestOf(t, refund(req))
	same(t, "operator", sent["operator"], any("system"))
	same(t, "notifyUrl", sent["notifyUrl"], any(testCallback+"r"))
	same(t, "requestDate", sent["requestDate"], any("2026-01-01 11:59:58"))
	same(t, "an order's notifyUrl", requestOf(t, create(barcodeRequest()))["notifyUrl"], any(testCallback+"p"))
}

// trapB15: result is missing or null in failures; errorCode and errorMsg are null or
// missing in successes. A null counts in the signature as the word.
func trapB15(t *testing.T) {
	t.Helper()
	for _, nothing := range []any{nil, absent} {
		failure := merged(fields{"success": false, "errorCode": "E", "errorMsg": "不成功"}, fields{"result": nothing})
		expect(t, query(orderRef()), "{}", signed(t, merged(failure, fields{"result": nothing})), refused)
		success := merged(fields{"success": true, "result": queryResult("SUCCESS")}, fields{"errorCode": nothing, "errorMsg": nothing})
		expect(t, query(orderRef()), "{}", signed(t, success), succeeded)
	}
	withNull := merged(fields{"success": true, "errorCode": nil, "errorMsg": nil, "result": queryResult("SUCCESS")}, nil)
	if !strings.Contains(textOf(withNull), "errorCode=null&errorMsg=null&result={") {
		t.Error(textOf(withNull))
	}
	expect(t, query(orderRef()), "{}", jsonOf(merged(withNull, fields{"errorCode": absent, "sign": signatureOf(t, withNull)})), unknown)
}

// trapB16: timeOut is sent although it has a default, in seconds.
func trapB16(t *testing.T) {
	t.Helper()
	for _, base := range []sdk.PaymentRequest{barcodeRequest(), qrRequest()} {
		same(t, "default", jsonOf(requestOf(t, create(base))["timeOut"]), "1500")
		base.ExpiresAt = testNow().Add(5*time.Minute + 999*time.Millisecond)
		same(t, "five minutes", jsonOf(requestOf(t, create(base))["timeOut"]), "300")
	}
}

// trapB17: institutionCode is described in two ways and is one field.
func trapB17(t *testing.T) {
	t.Helper()
	same(t, "order", requestOf(t, create(barcodeRequest()))["institutionCode"], any(testInstitution))
	r := notify(t, "{}", kindPayment, signed(t, merged(paymentNotice("SUCCESS"), fields{"institutionCode": "3178000000000009"})))
	if len(r.Events) != 0 {
		t.Error("a callback for another platform is taken")
	}
}

// trapB18: the test address is plain HTTP on a port, the production one is HTTPS.
func trapB18(t *testing.T) {
	t.Helper()
	for _, address := range []string{"http://116.228.151.160:18002", wire.DefaultBaseURL} {
		u, err := url.Parse(address)
		if err != nil || !slices.Contains(provider{}.Manifest().Hosts, u.Host) {
			t.Errorf("%s is not among the hosts, %v", address, err)
		}
	}
	h := answering(t, 200, "")
	if _, err := query(orderRef()).run(t.Context(), provider{}, h.call(t, sdk.CapQueryPayment, "", "{}")); err != nil {
		t.Fatal(err)
	}
	same(t, "path", h.last(t).path, pathQuery)
	same(t, "default", wire.DefaultBaseURL, "https://mapi.bestpay.com.cn")
	same(t, "replies are signed", provider{}.Manifest().ReplyAuthentication, sdk.ReplySigned)
}
