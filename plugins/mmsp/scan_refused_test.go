package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// creating is an operation that creates another payment.
func (o operation) creating(req sdk.PaymentRequest) operation {
	o.Call = createPayment(req)
	return o
}

// TestScanOrdersRefusedUnsent: what the provider cannot take is refused before anything is
// sent, with the field that is wrong.
func TestScanOrdersRefusedUnsent(t *testing.T) {
	t.Parallel()
	base := map[string]struct {
		row operation
		req sdk.PaymentRequest
	}{
		"qr":      {row(t, "SC1", "wechat-qr"), scanRequest(sdk.MethodQR, channelWeChat)},
		"barcode": {row(t, "SC2", "wechat-barcode"), barcodeRequest(channelWeChat, "130000000000000001")},
		"jsapi":   {row(t, "SC1", "wechat-jsapi"), insideRequest(sdk.MethodJSAPI, channelWeChat, "o-1")},
		"alipay":  {row(t, "SC4", "alipay-service-window"), insideRequest(sdk.MethodJSAPI, channelAlipay, "2088")},
		"mini":    {row(t, "SC1", "wechat-mini-program"), insideRequest(sdk.MethodMiniProgram, channelWeChat, "o-1")},
		"h5":      {row(t, "SC3", "wechat-h5"), h5Request(channelWeChat)},
	}
	all := []string{"qr", "barcode", "jsapi", "alipay", "mini", "h5"}
	for _, c := range []struct {
		what, param string
		of          []string
		change      func(*sdk.PaymentRequest)
	}{
		{"no number", "order_no", all, func(r *sdk.PaymentRequest) { r.OrderNo = "" }},
		{"21 digits", "order_no", all, func(r *sdk.PaymentRequest) { r.OrderNo = strings.Repeat("1", 21) }},
		{"a number with a slash", "order_no", all, func(r *sdk.PaymentRequest) { r.OrderNo = "1/2" }},
		{"nothing to pay", "amount", all, func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(0) }},
		{"less than nothing", "amount", all, func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(-1) }},
		{"too much", "amount", all, func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(maxScanAmount + 1) }},
		{"nothing is paid for", "subject", all, func(r *sdk.PaymentRequest) { r.Subject = " " }},
		{"a subject of 16 characters", "subject", all, func(r *sdk.PaymentRequest) { r.Subject = strings.Repeat("茶", 16) }},
		{"dollars", "amount", all, func(r *sdk.PaymentRequest) { r.Amount.Currency = "USD" }},
		{"over already", "expires_at", all, func(r *sdk.PaymentRequest) { r.ExpiresAt = testNow }},
		{"a long address", "client_ip", all, func(r *sdk.PaymentRequest) { r.ClientIP = "2001:db8:ffff:ffff::1" }},
		{"no address", "client_ip", []string{"h5"}, func(r *sdk.PaymentRequest) { r.ClientIP = "" }},
		{"no wallet", "channel", []string{"qr", "jsapi", "h5"}, func(r *sdk.PaymentRequest) { r.Channel = "" }},
		{"another wallet", "channel", all, func(r *sdk.PaymentRequest) { r.Channel = "visa" }},
		{"JD inside", "channel", []string{"jsapi", "mini", "h5", "barcode"}, func(r *sdk.PaymentRequest) { r.Channel = channelJD }},
		{"no code", "payer_code", []string{"barcode"}, func(r *sdk.PaymentRequest) { r.PayerCode = sdk.Secret{} }},
		{"a long code", "payer_code", []string{"barcode"}, func(r *sdk.PaymentRequest) { r.PayerCode = sdk.SecretString(strings.Repeat("1", 33)) }},
		{"a code with a space", "payer_code", []string{"barcode"}, func(r *sdk.PaymentRequest) { r.PayerCode = sdk.SecretString("13 0") }},
		{"a strange code", "channel", []string{"barcode"}, func(r *sdk.PaymentRequest) {
			r.Channel, r.PayerCode = "", sdk.SecretString("990000000000000001")
		}},
		{"nobody pays", "payer_id", []string{"jsapi", "alipay", "mini"}, func(r *sdk.PaymentRequest) { r.PayerID = "" }},
		{"a long payer", "payer_id", []string{"jsapi", "alipay", "mini"}, func(r *sdk.PaymentRequest) { r.PayerID = strings.Repeat("o", 33) }},
		{"no page to return to", "return_url", []string{"h5"}, func(r *sdk.PaymentRequest) { r.ReturnURL = "" }},
		{"a relative page", "return_url", []string{"h5"}, func(r *sdk.PaymentRequest) { r.ReturnURL = "/paid" }},
		{"a long page", "return_url", []string{"h5"}, func(r *sdk.PaymentRequest) { r.ReturnURL = "https://shop.example/" + strings.Repeat("a", 80) }},
	} {
		for _, name := range c.of {
			req := base[name].req
			c.change(&req)
			base[name].row.creating(req).refuses(t, c.param)
		}
	}
}

// TestScanNumbersRefusedUnsent: the same for what names an order.
func TestScanNumbersRefusedUnsent(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"", strings.Repeat("1", 21), "a b", "1;2"} {
		ref, refund, payment := scanRef(), refundRequest(), refundRequest()
		ref.OrderNo, refund.RefundNo, payment.Payment.OrderNo = number, number, number
		for id, call := range map[string]operation{
			"SC14": {ID: "SC14", Capability: sdk.CapQueryPayment, Call: queryPayment(ref)},
			"SC15": {ID: "SC15", Capability: sdk.CapCancelPayment, Call: cancelPayment(ref)},
			"SC16": {ID: "SC16", Capability: sdk.CapClosePayment, Call: closePayment(ref)},
			"SC17": {ID: "SC17", Capability: sdk.CapCreateRefund, Call: createRefund(payment)},
			"SC18": {ID: "SC18", Capability: sdk.CapQueryRefund, Call: queryRefund(payment)},
		} {
			call.Name = id
			call.refuses(t, "order_no")
		}
		operation{ID: "SC17", Capability: sdk.CapCreateRefund, Call: createRefund(refund)}.refuses(t, "refund_no")
		operation{ID: "SC18", Capability: sdk.CapQueryRefund, Call: queryRefund(refund)}.refuses(t, "refund_no")
	}
	over := refundRequest()
	over.Amount = sdk.Fen(0)
	operation{ID: "SC17", Capability: sdk.CapCreateRefund, Call: createRefund(over)}.refuses(t, "amount")
}

// TestOnlyScanIsTakenBack: quick pay and the gateway have no cancel, close or refund.
func TestOnlyScanIsTakenBack(t *testing.T) {
	t.Parallel()
	for _, method := range []sdk.Method{sdk.MethodCard, sdk.MethodBoundCard, sdk.MethodUnionPay, sdk.MethodGatewayForm} {
		ref, refund := scanRef(), refundRequest()
		ref.Method, refund.Payment.Method = method, method
		for _, o := range []operation{
			{Name: "cancel", Capability: sdk.CapCancelPayment, Call: cancelPayment(ref)},
			{Name: "close", Capability: sdk.CapClosePayment, Call: closePayment(ref)},
			{Name: "refund", Capability: sdk.CapCreateRefund, Call: createRefund(refund)},
			{Name: "refund query", Capability: sdk.CapQueryRefund, Call: queryRefund(refund)},
		} {
			_, _, err := o.run(t, testPlugin())
			if !errors.Is(err, &sdk.Error{Code: sdk.ErrNotSupported}) {
				t.Errorf("%s of %s: %v", o.Name, method, err)
			}
		}
	}
	_, _, err := row(t, "SC1", "wechat-qr").creating(scanRequest("cash", channelWeChat)).run(t, testPlugin())
	if !errors.Is(err, &sdk.Error{Code: sdk.ErrNotSupported}) {
		t.Errorf("an unknown method: %v", err)
	}
}

// TestCancelWaits: not within 15 s of the payment (scan 10.4).
func TestCancelWaits(t *testing.T) {
	t.Parallel()
	o := row(t, "SC15", "cancel")
	for age, early := range map[time.Duration]bool{
		-time.Second: true, 0: true, 14 * time.Second: true, 15*time.Second - 1: true, 15 * time.Second: false, time.Hour: false,
	} {
		ref := scanRef()
		ref.CreatedAt = testNow.Add(-age)
		o.Call = cancelPayment(ref)
		if early {
			o.refuses(t, "created_at")
		} else {
			o.expect(t, succeeded)
		}
	}
}

// TestGatewayOrdersRefusedUnsent: the gateway's order is refused before it is signed.
func TestGatewayOrdersRefusedUnsent(t *testing.T) {
	t.Parallel()
	for param, changes := range map[string][]func(*sdk.PaymentRequest){
		"order_no": {
			func(r *sdk.PaymentRequest) { r.OrderNo = "" },
			func(r *sdk.PaymentRequest) { r.OrderNo = strings.Repeat("1", 33) },
		},
		"amount": {
			func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(0) },
			func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(1_000_000_000_000) },
		},
		"channel": {
			func(r *sdk.PaymentRequest) { r.Channel = "" },
			func(r *sdk.PaymentRequest) { r.Channel = "ICBC" },
		},
		"description": {
			func(r *sdk.PaymentRequest) { r.Description = strings.Repeat("备", 256) },
			func(r *sdk.PaymentRequest) { r.Description = "\xff" },
		},
		"expires_at": {func(r *sdk.PaymentRequest) { r.ExpiresAt = testNow.Add(-1) }},
		"subject": {
			func(r *sdk.PaymentRequest) { r.Subject = strings.Repeat("衣", 33) },
			func(r *sdk.PaymentRequest) { r.Subject = "\xff" },
		},
	} {
		for _, change := range changes {
			req := gatewayRequest()
			change(&req)
			row(t, "GW1", "pay-form").creating(req).refuses(t, param)
		}
	}
}
