package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/wechatpay/internal/wire"
)

// TestRefusedBeforeSending: what WeChat Pay would not take is refused with the field at
// fault, and nothing is sent.
func TestRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	payment := func(method sdk.Method, change func(*sdk.PaymentRequest)) exchange {
		req := paymentRequest(method)
		change(&req)
		return paymentExchange(req)
	}
	refund := func(change func(*sdk.RefundRequest)) exchange {
		req := refundRequest()
		change(&req)
		return refundExchange(req)
	}
	order := func(number string) sdk.OrderRef {
		ref := orderRef()
		ref.OrderNo = number
		return ref
	}
	for name, c := range map[string]struct {
		exchange exchange
		param    string
	}{
		"a short number":   {payment(sdk.MethodQR, func(r *sdk.PaymentRequest) { r.OrderNo = "12345" }), "order_no"},
		"a long number":    {payment(sdk.MethodQR, func(r *sdk.PaymentRequest) { r.OrderNo = strings.Repeat("1", 33) }), "order_no"},
		"another letter":   {payment(sdk.MethodQR, func(r *sdk.PaymentRequest) { r.OrderNo = "2601/0100" }), "order_no"},
		"nothing":          {payment(sdk.MethodQR, func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(0) }), "amount"},
		"less":             {payment(sdk.MethodQR, func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(-1) }), "amount"},
		"dollars":          {payment(sdk.MethodQR, func(r *sdk.PaymentRequest) { r.Amount.Currency = "USD" }), "amount"},
		"a channel":        {payment(sdk.MethodQR, func(r *sdk.PaymentRequest) { r.Channel = "WECHAT" }), "channel"},
		"over":             {payment(sdk.MethodQR, func(r *sdk.PaymentRequest) { r.ExpiresAt = testNow.Add(59 * time.Second) }), "expires_at"},
		"no address":       {payment(sdk.MethodQR, func(r *sdk.PaymentRequest) { r.ClientIP = "localhost" }), "client_ip"},
		"H5, no address":   {payment(sdk.MethodH5, func(r *sdk.PaymentRequest) { r.ClientIP = "" }), "client_ip"},
		"JSAPI, no payer":  {payment(sdk.MethodJSAPI, func(r *sdk.PaymentRequest) { r.PayerID = "" }), "payer_id"},
		"JSAPI, long":      {payment(sdk.MethodJSAPI, func(r *sdk.PaymentRequest) { r.PayerID = strings.Repeat("o", 129) }), "payer_id"},
		"query":            {queryExchange(order("../id/1")), "order_no"},
		"close":            {closeExchange(order("1")), "order_no"},
		"refund, order":    {refund(func(r *sdk.RefundRequest) { r.Payment.OrderNo = "" }), "order_no"},
		"refund, number":   {refund(func(r *sdk.RefundRequest) { r.RefundNo = "" }), "refund_no"},
		"refund, amount":   {refund(func(r *sdk.RefundRequest) { r.Amount = sdk.Fen(0) }), "amount"},
		"refund, too much": {refund(func(r *sdk.RefundRequest) { r.RefundedBefore = sdk.Fen(71) }), "amount"},
		"refund, no total": {refund(func(r *sdk.RefundRequest) { r.Payment.Amount = sdk.Money{} }), "amount"},
		"refund query":     {refundQueryExchange(sdk.RefundRequest{RefundNo: "?"}), "refund_no"},
		"today's bill":     {billExchange(sdk.BillRequest{Day: testNow}), "day"},
		"no day":           {billExchange(sdk.BillRequest{}), "day"},
		"another bill":     {billExchange(sdk.BillRequest{Day: testNow.AddDate(0, 0, -1), Kind: "FUNDS"}), "kind"},
	} {
		h := failing(t, sdk.Errorf(sdk.ErrInternal, "Nothing should have been sent."))
		_, err := h.call(t, c.exchange)
		var known *sdk.Error
		if !errors.As(err, &known) || known.Code != sdk.ErrInvalidRequest || known.Param != c.param || h.Sends() > 0 {
			t.Errorf("%s: %v, %d sent", name, err, h.Sends())
		}
	}
	h := failing(t, sdk.Errorf(sdk.ErrInternal, "Nothing should have been sent."))
	if _, err := h.call(t, paymentExchange(paymentRequest(sdk.MethodBarcode))); !errors.Is(err, &sdk.Error{Code: sdk.ErrNotSupported}) {
		t.Errorf("another method: %v", err)
	}
}

// TestIncompleteAccount: an account that lacks what every call needs sends nothing.
func TestIncompleteAccount(t *testing.T) {
	t.Parallel()
	for name, x := range outgoing() {
		for _, lacks := range []string{credMerchant, credSerial, credPrivateKey} {
			h := failing(t, sdk.Errorf(sdk.ErrInternal, "Nothing should have been sent."))
			delete(h.Credentials, lacks)
			if _, err := h.call(t, x.exchange); !isInvalidCredential(err) || h.Sends() > 0 {
				t.Errorf("%s without %s: %v, %d sent", name, lacks, err, h.Sends())
			}
		}
		h := failing(t, sdk.Errorf(sdk.ErrInternal, "Nothing should have been sent."))
		_, err := x.run(t.Context(), fixed(), h.Call(t.Context(), x.capability, testURL, `{}`))
		if !errors.Is(err, &sdk.Error{Code: sdk.ErrInvalidRequest}) || h.Sends() > 0 {
			t.Errorf("%s without an appid: %v", name, err)
		}
	}
}

// TestAnyText: whatever a subject holds, the description is one that WeChat Pay takes, and
// is no other text.
func TestAnyText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		subject := rapid.String().Draw(t, "subject")
		text := *description(sdk.PaymentRequest{OrderNo: testOrder, Subject: subject})
		n := 0
		for _, r := range text {
			if n++; r > 0xFFFF || r < ' ' {
				t.Fatalf("%q has %q", text, r)
			}
		}
		if n == 0 || n > maxDescription {
			t.Fatalf("%q has %d characters", text, n)
		}
		if reason := clip(subject, maxReason, bytesOf); len(reason) > maxReason {
			t.Fatalf("the reason has %d bytes", len(reason))
		}
	})
}

// TestAnyAmount: an order is believed to be paid with its own amount and no other.
func TestAnyAmount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		amount := rapid.Int64Range(1, 1<<53).Draw(rt, "amount")
		stated := rapid.Int64Range(1, 1<<53).Draw(rt, "stated")
		ref := orderRef()
		ref.Amount = sdk.Fen(amount)
		a := account{merchant: testMerchant}
		order := paidAs(stated)
		if got := a.payment(order, ref).Outcome; (got == succeeded) != (amount == stated) || got == failed {
			rt.Fatalf("%d fen of %d: %s", stated, amount, got)
		}
	})
}

// paidAs is a paid order of so many fen.
func paidAs(fen int64) wire.Payment {
	return wire.Payment{MchID: testMerchant, OrderNo: testOrder, Number: testNumber, State: "SUCCESS", Total: wire.Number{Value: fen, Stated: true}, Currency: sdk.CNY}
}
