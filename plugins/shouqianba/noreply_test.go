package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestNoReadableReply: whatever cannot be read leaves every operation in doubt.
func TestNoReadableReply(t *testing.T) {
	t.Parallel()
	good := biz("PAY_SUCCESS", "", order("PAID", nil))
	hosts := map[string]*testHost{
		"HTTP 500":        answering(500, "<html>proxy</html>"),
		"HTTP 400":        answering(400, layer1("400", "ILLEGAL_SIGN")),
		"HTTP 302":        answering(302, ""),
		"HTTP 201":        answering(201, good),
		"empty":           answering(200, ""),
		"html":            answering(200, "<html>正在升级</html>"),
		"cut off":         answering(200, good[:len(good)-9]),
		"two values":      answering(200, good+good),
		"an array":        answering(200, "["+good+"]"),
		"null":            answering(200, "null"),
		"no result_code":  answering(200, `{"biz_response":{"result_code":"PAY_SUCCESS"}}`),
		"a number":        answering(200, strings.Replace(good, `"200"`, `200`, 1)),
		"no biz_response": answering(200, `{"result_code":"200"}`),
		"biz is null":     answering(200, `{"result_code":"200","biz_response":null}`),
		"biz is a string": answering(200, `{"result_code":"200","biz_response":"PAY_SUCCESS"}`),
		"data is a list":  answering(200, `{"result_code":"200","biz_response":{"result_code":"SUCCESS","data":[]}}`),
		"too long":        answering(200, good+strings.Repeat(" ", 256<<10)),
		"sent maybe":      failing(sdk.Errorf(sdk.ErrSentMaybe, "The exchange broke.")),
		"too large":       failing(sdk.Errorf(sdk.ErrTooLarge, "Too large.")),
		"another error":   failing(errors.New("who knows")),
	}
	for what, h := range hosts {
		for name, run := range exchanges {
			r, err := run(t, h)
			if err != nil || r.outcome != unknown {
				t.Errorf("%s, %s: %q, %v; want unknown", what, name, r.outcome, err)
			}
		}
	}
}

// TestNothingSent: a failure before anything left is the call's error with its code, so
// that the host can say why.
func TestNothingSent(t *testing.T) {
	t.Parallel()
	for _, code := range []string{sdk.ErrNotSent, sdk.ErrDenied, sdk.ErrKeysUnavailable, sdk.ErrInvalidCredential} {
		for name, run := range exchanges {
			if _, err := run(t, failing(sdk.Errorf(code, "No."))); !errors.Is(err, &sdk.Error{Code: code}) {
				t.Errorf("%s, send: %v, want %s", name, err, code)
			}
			h := answering(200, "")
			h.failure = sdk.Errorf(code, "No.")
			if _, err := run(t, h); !errors.Is(err, &sdk.Error{Code: code}) || h.sent() != 0 {
				t.Errorf("%s, sign: %v and %d requests, want %s and none", name, err, h.sent(), code)
			}
		}
	}
	h := answering(200, "")
	h.failure = errors.New("broken")
	if _, err := exchanges["pay"](t, h); !errors.Is(err, &sdk.Error{Code: sdk.ErrInternal}) {
		t.Errorf("a failure of the host without a code: %v", err)
	}
}

// TestNoNumber: an account without a terminal, or a vendor, signs nothing.
func TestNoNumber(t *testing.T) {
	t.Parallel()
	for name, run := range exchanges {
		h := answering(200, "")
		h.keys[credTerminalSN], h.keys[credVendorSN] = "", ""
		if _, err := run(t, h); !errors.Is(err, &sdk.Error{Code: sdk.ErrInvalidCredential}) || h.sent() != 0 {
			t.Errorf("%s: %v and %d requests", name, err, h.sent())
		}
	}
}

// TestRefusedHere: what the document forbids is refused before anything is sent, and the
// error names the field.
func TestRefusedHere(t *testing.T) {
	t.Parallel()
	pay := []struct {
		param string
		edit  func(*sdk.PaymentRequest)
	}{
		{"amount", func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(0) }},
		{"order_no", func(r *sdk.PaymentRequest) { r.OrderNo = strings.Repeat("1", 33) }},
		{"channel", func(r *sdk.PaymentRequest) { r.Channel = "unionpay" }},
		{"payer_code", func(r *sdk.PaymentRequest) { r.PayerCode = sdk.SecretString(strings.Repeat("2", 33)) }},
		{"extra", func(r *sdk.PaymentRequest) { r.Extra = map[string]string{"latitude": "31.2"} }},
		{"extra.reflect", func(r *sdk.PaymentRequest) { r.Extra = map[string]string{"reflect": strings.Repeat("中", 22)} }},
		{"extra.extended", func(r *sdk.PaymentRequest) { r.Extra = map[string]string{"extended": strings.Repeat("x", 257)} }},
		{"amount", func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(-1) }},
		{"amount", func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(10_000_000_000) }},
		{"amount", func(r *sdk.PaymentRequest) { r.Amount.Currency = "USD" }},
		{"order_no", func(r *sdk.PaymentRequest) { r.OrderNo = "" }},
		{"payer_code", func(r *sdk.PaymentRequest) { r.PayerCode = sdk.Secret{} }},
		{"channel", func(r *sdk.PaymentRequest) { r.Method, r.Channel = sdk.MethodQR, "" }},
		{"not_supported", func(r *sdk.PaymentRequest) { r.Method = sdk.MethodCard }},
		{"not_supported", func(r *sdk.PaymentRequest) { r.Method = "" }},
	}
	for _, c := range pay {
		h, req := answering(200, ""), barcodeRequest()
		c.edit(&req)
		_, err := provider{}.CreatePayment(t.Context(), h.plain(t, sdk.CapCreatePayment), req)
		checkRefusal(t, h, err, c.param)
	}
	refund := []struct {
		param string
		edit  func(*sdk.RefundRequest)
	}{
		{"order_no", func(r *sdk.RefundRequest) { r.Payment.OrderNo = "" }},
		{"refund_no", func(r *sdk.RefundRequest) { r.RefundNo = strings.Repeat("1", 21) }},
		{"refund_no", func(r *sdk.RefundRequest) { r.RefundNo = "" }},
		{"amount", func(r *sdk.RefundRequest) { r.Amount = sdk.Fen(0) }},
	}
	for _, c := range refund {
		h, req := answering(200, ""), refundRequest()
		c.edit(&req)
		_, err := provider{}.CreateRefund(t.Context(), h.plain(t, sdk.CapCreateRefund), req)
		checkRefusal(t, h, err, c.param)
	}
	h := answering(200, "")
	_, err := provider{}.Activate(t.Context(), h.plain(t, sdk.CapActivate), nil)
	checkRefusal(t, h, err, "code")
	_, err = provider{}.Activate(t.Context(), h.call(t, sdk.CapActivate, "", "{}"), map[string]sdk.Secret{"code": sdk.SecretString("1")})
	checkRefusal(t, h, err, "app_id")
	_, err = provider{}.CheckIn(t.Context(), h.call(t, sdk.CapCheckIn, "", `{"device_id":1}`))
	checkRefusal(t, h, err, "")
	_, err = provider{}.QueryPayment(t.Context(), h.call(t, sdk.CapQueryPayment, "https://a b", "{}"), orderRef())
	checkRefusal(t, h, err, "")
}

func checkRefusal(t *testing.T, h *testHost, err error, param string) {
	t.Helper()
	var known *sdk.Error
	switch {
	case !errors.As(err, &known) || h.sent() != 0:
		t.Errorf("%s: %v and %d requests; want an error and none", param, err, h.sent())
	case param == sdk.ErrNotSupported && known.Code == param:
	case known.Code != sdk.ErrInvalidRequest || known.Param != param:
		t.Errorf("%s: %s at %q", param, known.Code, known.Param)
	case strings.Contains(known.Message, testCode):
		t.Errorf("%s: the error holds the payer's code", param)
	}
}
