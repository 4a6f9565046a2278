package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

const taken = `{"success":true,"errorCode":null,"errorMsg":null,"result":{"statusCode":200}}`

// outcomeOf is the one event's outcome.
func outcomeOf(t *testing.T, r sdk.InboundResult) (sdk.InboundEvent, sdk.Outcome) {
	t.Helper()
	if !r.Verified || len(r.Events) != 1 || string(r.Answer.Body) != taken || r.Answer.Status != 200 {
		t.Fatalf("verified %t, %d events, answered %d %s", r.Verified, len(r.Events), r.Answer.Status, r.Answer.Body)
	}
	e := r.Events[0]
	if (e.Payment == nil) == (e.Refund == nil) {
		t.Fatalf("the event is about %+v and %+v", e.Payment, e.Refund)
	}
	if e.Type == sdk.EventPayment {
		return e, e.Payment.Outcome
	}
	return e, e.Refund.Outcome
}

// TestCallbackStatuses: every status for payments and refunds.
func TestCallbackStatuses(t *testing.T) {
	t.Parallel()
	payments := map[string]sdk.Outcome{"SUCCESS": succeeded, "FAIL": failed, "CLOSE": closed, "WAITFORPAY": inProgress, "": unknown, "REFUND": unknown, "success": unknown}
	refunds := map[string]sdk.Outcome{"SUCCESS": succeeded, "FAIL": failed, "CLOSE": unknown, "WAITFORPAY": inProgress, "": unknown, "REFUND": unknown}
	for status, want := range payments {
		e, outcome := outcomeOf(t, notify(t, "{}", kindPayment, signed(t, paymentNotice(status))))
		same(t, "payment "+status, outcome, want)
		same(t, "type", e.Type, sdk.EventPayment)
	}
	for status, want := range refunds {
		e, outcome := outcomeOf(t, notify(t, "{}", kindRefund, signed(t, refundNotice(status))))
		same(t, "refund "+status, outcome, want)
		same(t, "type", e.Type, sdk.EventRefund)
	}
}

// TestWhatACallbackHolds: numbers, amounts and times arrive where the host looks for them.
func TestWhatACallbackHolds(t *testing.T) {
	t.Parallel()
	e, _ := outcomeOf(t, notify(t, "{}", kindPayment, signed(t, paymentNotice("SUCCESS"))))
	p := e.Payment
	same(t, "order", p.OrderNo, testOrder)
	same(t, "amount", p.Amount, sdk.Fen(100))
	same(t, "BestPay's number", p.ProviderOrderNo, "20260101000000000011")
	same(t, "paid at", p.PaidAt.Equal(time.Date(2026, 1, 1, 12, 0, 1, 0, sdk.Beijing())), true)
	e, _ = outcomeOf(t, notify(t, "{}", kindPayment, signed(t, paymentNotice("FAIL"))))
	same(t, "a failed payment was paid at", e.Payment.PaidAt.IsZero(), true)

	e, _ = outcomeOf(t, notify(t, "{}", kindRefund, signed(t, refundNotice("SUCCESS"))))
	r := e.Refund
	same(t, "the number as the order's", r.OrderNo, testOrder)
	same(t, "the number as the refund's", r.RefundNo, testOrder)
	same(t, "refund's amount", r.Amount, sdk.Fen(30))
	same(t, "refund's number", r.ProviderRefundNo, "20260101000000000021")
	same(t, "refunded at", r.RefundedAt.Equal(time.Date(2026, 1, 1, 12, 5, 0, 0, sdk.Beijing())), true)
	same(t, "the payment's number", e.Values["original_trade_no"], "20260101000000000011")
	e, _ = outcomeOf(t, notify(t, "{}", kindRefund, signed(t, merged(refundNotice("SUCCESS"), fields{"tradeNo": "20260101000000000011"}))))
	same(t, "the payment's number is not the refund's", e.Refund.ProviderRefundNo, "")
	e, _ = outcomeOf(t, notify(t, "{}", kindPayment, signed(t, merged(paymentNotice("SUCCESS"), fields{"tradeFinishedDate": "2026-01-01"}))))
	same(t, "another layout is no time", e.Payment.PaidAt.IsZero(), true)
}

// TestCallbackContradictions: a genuine callback that contradicts itself decides nothing.
func TestCallbackContradictions(t *testing.T) {
	t.Parallel()
	cases := []struct {
		kind string
		base fields
		more fields
		want sdk.Outcome
	}{
		{kindPayment, paymentNotice("SUCCESS"), fields{"tradeAmt": nil}, unknown},
		{kindPayment, paymentNotice("FAIL"), fields{"tradeAmt": absent}, failed},
		{kindPayment, paymentNotice("SUCCESS"), fields{"ccy": "USD"}, unknown},
		{kindPayment, paymentNotice("SUCCESS"), fields{"ccy": "RMB"}, succeeded},
		{kindPayment, paymentNotice("SUCCESS"), fields{"ccy": nil}, succeeded},
		{kindPayment, paymentNotice("SUCCESS"), fields{"tradeType": "TRANSFER"}, unknown},
		{kindRefund, refundNotice("SUCCESS"), fields{"tradeType": "REAL_TIME_PRO"}, unknown},
		{kindRefund, refundNotice("SUCCESS"), fields{"tradeAmt": absent}, unknown},
		{kindRefund, refundNotice("SUCCESS"), fields{"ccy": "HKD"}, unknown},
	}
	for _, c := range cases {
		_, outcome := outcomeOf(t, notify(t, "{}", c.kind, signed(t, merged(c.base, c.more))))
		same(t, describe(c.more), outcome, c.want)
	}
	e, _ := outcomeOf(t, notify(t, "{}", kindPayment, signed(t, merged(paymentNotice("SUCCESS"), fields{"ccy": "USD"}))))
	same(t, "another currency", e.Payment.Amount, sdk.Money{Minor: 100, Currency: "USD"})
}

// TestCallbacksNotTaken: what is not genuine, not ours or not of the form has no event and
// an answer that nobody can read as success.
func TestCallbacksNotTaken(t *testing.T) {
	t.Parallel()
	good := signed(t, paymentNotice("SUCCESS"))
	unsigned := merged(paymentNotice("SUCCESS"), fields{"sign": absent})
	cases := []struct {
		name, kind, body string
		verified         bool
		status           int
	}{
		{"empty", kindPayment, "", false, 400},
		{"no JSON", kindPayment, "tradeNo=1&sign=2", false, 400},
		{"cut off", kindPayment, good[:len(good)-4], false, 400},
		{"unsigned", kindPayment, jsonOf(unsigned), false, 400},
		{"empty sign", kindPayment, jsonOf(merged(unsigned, fields{"sign": ""})), false, 400},
		{"sign is no text", kindPayment, jsonOf(merged(unsigned, fields{"sign": 1})), false, 400},
		{"another's sign", kindPayment, jsonOf(merged(unsigned, fields{"sign": signatureOf(t, refundNotice("SUCCESS"))})), false, 400},
		{"changed", kindPayment, strings.Replace(good, `"tradeAmt":100`, `"tradeAmt":900`, 1), false, 400},
		{"added", kindPayment, strings.Replace(good, `{`, `{"tradeStatuz":"SUCCESS",`, 1), false, 400},
		{"twice", kindPayment, strings.Replace(good, `{`, `{"tradeStatus":"SUCCESS",`, 1), false, 400},
		{"another kind", "x", good, false, 400},
		{"another merchant", kindPayment, signed(t, merged(paymentNotice("SUCCESS"), fields{"merchantNo": "3178033500000000"})), true, 200},
		{"no merchant", kindPayment, signed(t, merged(paymentNotice("SUCCESS"), fields{"merchantNo": absent})), true, 200},
		{"another platform", kindRefund, signed(t, merged(refundNotice("SUCCESS"), fields{"institutionCode": testMerchant})), true, 200},
		{"no number", kindPayment, signed(t, merged(paymentNotice("SUCCESS"), fields{"outTradeNo": nil})), true, 200},
		{"a number as number", kindPayment, signed(t, merged(paymentNotice("SUCCESS"), fields{"outTradeNo": 1})), true, 200},
		{"an amount with a point", kindRefund, signed(t, merged(refundNotice("SUCCESS"), fields{"tradeAmt": 0.3})), true, 200},
	}
	for _, c := range cases {
		r := notify(t, "{}", c.kind, c.body)
		if r.Verified != c.verified || len(r.Events) != 0 || r.Answer.Status != c.status || r.Provider.Message == "" {
			t.Errorf("%s: verified %t, %d events, %d, %+v", c.name, r.Verified, len(r.Events), r.Answer.Status, r.Provider)
		}
		notSuccess(t, c.name, r.Answer)
	}
	get := noticeRequest(kindPayment, good)
	get.Method = "GET"
	r, err := provider{}.HandleInbound(t.Context(), answering(t, 500, "").plain(t, sdk.CapInbound), get)
	if err != nil || r.Verified || len(r.Events) != 0 {
		t.Errorf("GET: %+v, %v", r, err)
	}
}

func signatureOf(t *testing.T, message fields) string {
	t.Helper()
	var m struct{ Sign string }
	if err := json.Unmarshal([]byte(signed(t, message)), &m); err != nil {
		t.Fatal(err)
	}
	return m.Sign
}

// notSuccess reads an answer as the platform does.
func notSuccess(t *testing.T, what string, a sdk.InboundAnswer) {
	t.Helper()
	var got struct {
		Success   *bool
		ErrorCode string
		ErrorMsg  string
		Result    *struct{ StatusCode any }
	}
	if err := json.Unmarshal(a.Body, &got); err != nil {
		t.Fatalf("%s: %s: %v", what, a.Body, err)
	}
	if got.Success == nil || *got.Success || got.ErrorCode == "" || got.ErrorMsg == "" || got.Result != nil {
		t.Errorf("%s: answered %s", what, a.Body)
	}
	same(t, what+", content type", a.Headers["Content-Type"], "application/json; charset=utf-8")
}

// TestUnknownOrders: what no order of ours fits is not answered as received.
func TestUnknownOrders(t *testing.T) {
	t.Parallel()
	r := notify(t, "{}", kindRefund, signed(t, refundNotice("SUCCESS")))
	if r.Unknown == nil {
		t.Fatal("there is no answer for unknown orders")
	}
	notSuccess(t, "unknown order", *r.Unknown)
}

// TestCallbackNotChecked: a callback that cannot be verified now is neither genuine nor not.
func TestCallbackNotChecked(t *testing.T) {
	t.Parallel()
	for _, code := range []string{sdk.ErrKeysUnavailable, sdk.ErrInvalidCredential, sdk.ErrInternal} {
		h := answering(t, 500, "")
		h.checkFailure = sdk.Errorf(code, "No.")
		r, err := provider{}.HandleInbound(t.Context(), h.plain(t, sdk.CapInbound), noticeRequest(kindPayment, signed(t, paymentNotice("SUCCESS"))))
		if !errors.Is(err, &sdk.Error{Code: code}) || r.Verified || len(r.Events) != 0 {
			t.Errorf("%s: %+v, %v", code, r, err)
		}
	}
}

// TestCallbackSendsNothing: the grant of a callback has no request and no signature.
func TestCallbackSendsNothing(t *testing.T) {
	t.Parallel()
	g := provider{}.Manifest().Grants[sdk.CapInbound]
	if g.Sends != 0 || len(g.Requests) != 0 || len(g.Keys) != 1 || g.Keys[0].Operations[0] != sdk.OpVerify {
		t.Errorf("%+v", g)
	}
}
