package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestRefusedBeforeSending: what the provider could not take is refused here, with the
// field at fault and a sentence.
func TestRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	charge := func(change func(*sdk.PaymentRequest)) exchange {
		req := paymentRequest()
		change(&req)
		return paymentExchange(req)
	}
	back := func(change func(*sdk.RefundRequest)) exchange {
		req := refundRequest()
		change(&req)
		return refundExchange(req)
	}
	bill := func(change func(*sdk.BillRequest)) exchange {
		req := billRequest()
		change(&req)
		return billExchange(req)
	}
	long := strings.Repeat("1", 33)
	cases := []struct {
		name     string
		exchange exchange
		param    string
	}{
		{"no order number", charge(func(r *sdk.PaymentRequest) { r.OrderNo = "" }), "order_no"},
		{"a long order number", charge(func(r *sdk.PaymentRequest) { r.OrderNo = long }), "order_no"},
		{"nothing to pay", charge(func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(0) }), "amount"},
		{"less than nothing", charge(func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(-1) }), "amount"},
		{"dollars", charge(func(r *sdk.PaymentRequest) { r.Amount.Currency = "USD" }), "amount"},
		{"a channel", charge(func(r *sdk.PaymentRequest) { r.Channel = "CT_WECHAT" }), "channel"},
		{"expired", charge(func(r *sdk.PaymentRequest) { r.ExpiresAt = testNow }), "expires_at"},
		{"no code", charge(func(r *sdk.PaymentRequest) { r.PayerCode = sdk.Secret{} }), "payer_code"},
		{"query without a number", queryExchange(sdk.OrderRef{ProviderOrderNo: testNumber}), "order_no"},
		{"query with a long number", queryExchange(sdk.OrderRef{OrderNo: long}), "order_no"},
		{"reverse without a number", cancelExchange(sdk.OrderRef{ProviderOrderNo: testNumber}), "order_no"},
		{"refund of no order", back(func(r *sdk.RefundRequest) { r.Payment.OrderNo = "" }), "order_no"},
		{"no refund number", back(func(r *sdk.RefundRequest) { r.RefundNo = "" }), "refund_no"},
		{"a long refund number", back(func(r *sdk.RefundRequest) { r.RefundNo = long }), "refund_no"},
		{"refund of nothing", back(func(r *sdk.RefundRequest) { r.Amount = sdk.Fen(0) }), "amount"},
		{"refund of more than was paid", back(func(r *sdk.RefundRequest) { r.Amount = sdk.Fen(101) }), "amount"},
		{"refund of more than is left", back(func(r *sdk.RefundRequest) { r.RefundedBefore = sdk.Fen(71) }), "amount"},
		{"no day", bill(func(r *sdk.BillRequest) { r.Day = time.Time{} }), "day"},
		{"tomorrow", bill(func(r *sdk.BillRequest) { r.Day = testNow.AddDate(0, 0, 1) }), "day"},
		{"a kind of bill", bill(func(r *sdk.BillRequest) { r.Kind = "detail" }), "kind"},
		{"a second page", bill(func(r *sdk.BillRequest) { r.Cursor = "2" }), "cursor"},
		{"payer without a code", payerExchange(sdk.PayerRequest{}), "code"},
		{"payer with a short code", payerExchange(sdk.PayerRequest{Code: sdk.SecretString(testCode[1:])}), "code"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := answering(t, 200, "")
			_, err := h.call(t, c.exchange)
			isRefusal(t, h, err, c.param)
		})
	}
}

func isRefusal(t *testing.T, h *testHost, err error, param string) {
	t.Helper()
	var known *sdk.Error
	if !errors.As(err, &known) || known.Code != sdk.ErrInvalidRequest || known.Param != param || !strings.HasSuffix(known.Message, ".") {
		t.Errorf("%v, want a refusal of %s in a sentence", err, param)
	}
	if h.Sends() != 0 {
		t.Errorf("%d requests were sent", h.Sends())
	}
}

// TestCodes: 36 digits beginning with 8, told by the manifest and checked before sending.
func TestCodes(t *testing.T) {
	t.Parallel()
	for code, good := range map[string]bool{
		testCode: true, "884230554680350241118744724052956705": true, "800000000000000000000000000000000000": true,
		"786470844354771893120988313412025269": false, testCode[:35]: false, testCode + "1": false,
		"8" + strings.Repeat("x", 35): false, "8" + strings.Repeat("１", 35): false, " " + testCode[1:]: false, testCode[:35] + "\n": false,
	} {
		h := answering(t, 200, ok(paidData))
		req := paymentRequest()
		req.PayerCode = sdk.SecretString(code)
		_, err := h.call(t, paymentExchange(req))
		if good != (err == nil) || h.Sends() != map[bool]int{true: 1}[good] {
			t.Errorf("%q: %v and %d requests", code, err, h.Sends())
		}
		if err != nil && strings.Contains(err.Error(), code) {
			t.Errorf("the refusal repeats the code: %v", err)
		}
	}
}

// TestOtherMethodsAndPages: what Metro does not have.
func TestOtherMethodsAndPages(t *testing.T) {
	t.Parallel()
	h := answering(t, 200, "")
	req := paymentRequest()
	req.Method = sdk.MethodQR
	if _, err := h.call(t, paymentExchange(req)); !errors.Is(err, &sdk.Error{Code: sdk.ErrNotSupported}) {
		t.Errorf("QR: %v", err)
	}
	wake := payerRequest()
	wake.Purpose = sdk.PayerWake
	if _, err := h.call(t, payerExchange(wake)); !errors.Is(err, &sdk.Error{Code: sdk.ErrNotSupported}) {
		t.Errorf("wake: %v", err)
	}
	if h.Sends() != 0 {
		t.Errorf("%d requests were sent", h.Sends())
	}
}

// TestSettingsThatCannotBeUsed: refused by name, whichever call meets them.
func TestSettingsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		`{"store_id":"S","sign_form":"none"}`:            "sign_form",
		`{"store_id":"S","sign_encoding":"utf8"}`:        "sign_encoding",
		`{"store_id":"S","data_field":"code"}`:           "data_field",
		`{"store_id":"S","message_field":"data"}`:        "data_field",
		`{"store_id":"S","not_found_code":"0"}`:          "not_found_code",
		`{"store_id":"S","inbound_window_seconds":-1}`:   "inbound_window_seconds",
		`{"store_id":"S","inbound_window_seconds":3601}`: "inbound_window_seconds",
		`{"store_id":"S","phone_reply":"{"}`:             "phone_reply",
		`{"store_id":1}`:                                 "",
	}
	all := outgoing()
	all["inbound"] = inboundExchange(goldenInbound(t, kindOpen, "ME1-open"))
	for settings, param := range cases {
		for name, x := range all {
			h := answering(t, 200, "")
			_, err := x.run(t.Context(), fixed(), h.Call(t.Context(), x.capability, testURL, settings))
			var known *sdk.Error
			if !errors.As(err, &known) || known.Code != sdk.ErrInvalidRequest || known.Param != param || h.Sends() != 0 {
				t.Errorf("%s, %s: %v and %d requests", name, settings, err, h.Sends())
			}
		}
	}
}

// TestNothingSent: a failure before anything left is the call's error with its code, so
// that the host can say why.
func TestNothingSent(t *testing.T) {
	t.Parallel()
	for name, x := range outgoing() {
		for _, code := range []string{sdk.ErrNotSent, sdk.ErrDenied, sdk.ErrKeysUnavailable} {
			if _, err := failing(t, sdk.Errorf(code, "No.")).call(t, x); !errors.Is(err, &sdk.Error{Code: code}) {
				t.Errorf("%s: %v, want %s", name, err, code)
			}
		}
		for _, missing := range []string{credMerchant, credPrivateKey} {
			h := answering(t, 200, "")
			delete(h.Credentials, missing)
			if _, err := h.call(t, x); !errors.Is(err, &sdk.Error{Code: sdk.ErrInvalidCredential}) || h.Sends() != 0 {
				t.Errorf("%s without %s: %v and %d requests", name, missing, err, h.Sends())
			}
		}
		h := answering(t, 200, "")
		_, err := x.run(t.Context(), fixed(), h.Call(t.Context(), x.capability, "", testSettings))
		isRefusal(t, h, err, "base_url")
		_, err = x.run(t.Context(), provider{random: strings.NewReader("short")}, h.Call(t.Context(), x.capability, testURL, testSettings))
		if !errors.Is(err, &sdk.Error{Code: sdk.ErrInternal}) || h.Sends() != 0 {
			t.Errorf("%s without random numbers: %v and %d requests", name, err, h.Sends())
		}
	}
}
