package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestNoProof: whatever cannot be read or does not verify leaves every operation in doubt,
// a query too.
func TestNoProof(t *testing.T) {
	t.Parallel()
	good := took(t, codeOrderResult("SUCCESS"))
	plain := fields{"success": true, "errorCode": nil, "errorMsg": nil, "result": codeOrderResult("SUCCESS")}
	hosts := map[string]*testHost{
		"HTTP 500":            answering(t, 500, good),
		"HTTP 302":            answering(t, 302, ""),
		"HTTP 201":            answering(t, 201, good),
		"empty":               answering(t, 200, ""),
		"html":                answering(t, 200, "<html>正在升级</html>"),
		"cut off":             answering(t, 200, good[:len(good)-9]),
		"two values":          answering(t, 200, good+good),
		"an array":            answering(t, 200, "["+good+"]"),
		"null":                answering(t, 200, "null"),
		"unsigned":            answering(t, 200, jsonOf(plain)),
		"null sign":           answering(t, 200, jsonOf(merged(plain, fields{"sign": nil}))),
		"no Base64":           answering(t, 200, jsonOf(merged(plain, fields{"sign": "***"}))),
		"another's sign":      answering(t, 200, jsonOf(merged(plain, fields{"sign": signatureOf(t, queryResult("SUCCESS"))}))),
		"a word changed":      answering(t, 200, strings.Replace(good, "SUCCESS", "SUCCEED", 1)),
		"an amount changed":   answering(t, 200, strings.Replace(good, `"tradeAmt":100`, `"tradeAmt":101`, 1)),
		"a field more":        answering(t, 200, strings.Replace(good, "{", `{"x":1,`, 1)),
		"a field twice":       answering(t, 200, strings.Replace(good, "{", `{"success":true,`, 1)),
		"a field less":        answering(t, 200, strings.Replace(good, `"errorCode":null,`, "", 1)),
		"null as a word":      answering(t, 200, strings.Replace(good, `"errorCode":null`, `"errorcode":"null"`, 1)),
		"nesting":             answering(t, 200, `{"result":`+strings.Repeat(`{"a":`, 50)+"1"+strings.Repeat("}", 51)),
		"unsigned refusal":    answering(t, 200, `{"success":false,"errorCode":"E","errorMsg":"","result":null}`),
		"too long":            answering(t, 200, good+strings.Repeat(" ", 256<<10)),
		"signed without data": answering(t, 200, signed(t, fields{"errorCode": nil})),
		"sent maybe":          failing(t, sdk.Errorf(sdk.ErrSentMaybe, "The exchange broke.")),
		"too large":           failing(t, sdk.Errorf(sdk.ErrTooLarge, "Too large.")),
		"another error":       failing(t, errors.New("who knows")),
	}
	for what, h := range hosts {
		for name, e := range exchanges() {
			r, err := e.on(t, h, "{}")
			if err != nil || r.outcome != unknown {
				t.Errorf("%s, %s: %q, %v; want unknown", what, name, r.outcome, err)
			}
		}
	}
}

// TestKeysLostAfterSending: a reply that cannot be checked because the keys cannot be read
// is no error of something that was not sent.
func TestKeysLostAfterSending(t *testing.T) {
	t.Parallel()
	for _, code := range []string{sdk.ErrKeysUnavailable, sdk.ErrInvalidCredential, sdk.ErrDenied} {
		for name, e := range exchanges() {
			h := answering(t, 200, took(t, codeOrderResult("SUCCESS")))
			h.checkFailure = sdk.Errorf(code, "No.")
			r, err := e.on(t, h, "{}")
			if err != nil || r.outcome != unknown || h.sent() != 1 {
				t.Errorf("%s, %s: %q, %v and %d requests", code, name, r.outcome, err, h.sent())
			}
		}
	}
}

// TestNothingSent: a failure before anything left is the call's error with its code, so
// that the host can say why.
func TestNothingSent(t *testing.T) {
	t.Parallel()
	for _, code := range []string{sdk.ErrNotSent, sdk.ErrDenied, sdk.ErrKeysUnavailable, sdk.ErrInvalidCredential} {
		for name, e := range exchanges() {
			if _, err := e.on(t, failing(t, sdk.Errorf(code, "No.")), "{}"); !errors.Is(err, &sdk.Error{Code: code}) {
				t.Errorf("%s, send: %v, want %s", name, err, code)
			}
			h := answering(t, 200, "")
			h.signFailure = sdk.Errorf(code, "No.")
			if _, err := e.on(t, h, "{}"); !errors.Is(err, &sdk.Error{Code: code}) || h.sent() != 0 {
				t.Errorf("%s, sign: %v and %d requests, want %s and none", name, err, h.sent(), code)
			}
		}
	}
	h := answering(t, 200, "")
	h.signFailure = errors.New("broken")
	if _, err := exchanges()["barcode"].on(t, h, "{}"); !errors.Is(err, &sdk.Error{Code: sdk.ErrInternal}) {
		t.Errorf("a failure of the host without a code: %v", err)
	}
}

// TestNoNumbers: an account without its two numbers does nothing.
func TestNoNumbers(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{credInstitution, credMerchant} {
		for name, e := range exchanges() {
			h := answering(t, 200, "")
			h.merchants[missing] = ""
			if _, err := e.on(t, h, "{}"); !errors.Is(err, &sdk.Error{Code: sdk.ErrInvalidCredential}) || h.sent() != 0 {
				t.Errorf("%s without %s: %v and %d requests", name, missing, err, h.sent())
			}
		}
	}
}

// TestRefusedHere: what cannot be right is refused before anything is sent, and the error
// names the field.
func TestRefusedHere(t *testing.T) {
	t.Parallel()
	pay := []struct {
		param string
		base  func() sdk.PaymentRequest
		edit  func(*sdk.PaymentRequest)
	}{
		{"order_no", barcodeRequest, func(r *sdk.PaymentRequest) { r.OrderNo = "" }},
		{"order_no", qrRequest, func(r *sdk.PaymentRequest) { r.OrderNo = strings.Repeat("1", 33) }},
		{"amount", barcodeRequest, func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(0) }},
		{"amount", qrRequest, func(r *sdk.PaymentRequest) { r.Amount = sdk.Fen(-1) }},
		{"amount", barcodeRequest, func(r *sdk.PaymentRequest) { r.Amount.Currency = "USD" }},
		{"amount", barcodeRequest, func(r *sdk.PaymentRequest) { r.Amount = sdk.Money{} }},
		{"channel", barcodeRequest, func(r *sdk.PaymentRequest) { r.Channel = "UNIONPAY" }},
		{"channel", qrRequest, func(r *sdk.PaymentRequest) { r.Channel = "" }},
		{"channel", h5Request, func(r *sdk.PaymentRequest) { r.Channel = "alipay" }},
		{"channel", jsapiRequest, func(r *sdk.PaymentRequest) { r.Channel = channelAlipay }},
		{"payer_id", jsapiRequest, func(r *sdk.PaymentRequest) { r.PayerID = "" }},
		{"payer_id", qrRequest, func(r *sdk.PaymentRequest) { r.Channel = channelWeChat }},
		{"payer_id", h5Request, func(r *sdk.PaymentRequest) { r.Channel, r.PayerID = channelWeChat, "\xff" }},
		{"payer_code", barcodeRequest, func(r *sdk.PaymentRequest) { r.PayerCode = sdk.Secret{} }},
		{"payer_code", barcodeRequest, func(r *sdk.PaymentRequest) { r.PayerCode = sdk.SecretString(strings.Repeat("5", 65)) }},
		{"payer_code", barcodeRequest, func(r *sdk.PaymentRequest) { r.PayerCode = sdk.SecretString("https://x/" + testCode) }},
		{"created_at", barcodeRequest, func(r *sdk.PaymentRequest) { r.CreatedAt = time.Time{} }},
		{"created_at", qrRequest, func(r *sdk.PaymentRequest) { r.CreatedAt = time.Time{} }},
		{"expires_at", qrRequest, func(r *sdk.PaymentRequest) { r.ExpiresAt = testNow() }},
		{"expires_at", barcodeRequest, func(r *sdk.PaymentRequest) { r.ExpiresAt = testNow().Add(999 * time.Millisecond) }},
		{"expires_at", qrRequest, func(r *sdk.PaymentRequest) { r.ExpiresAt = testNow().Add(-time.Hour) }},
		{"method", barcodeRequest, func(r *sdk.PaymentRequest) { r.Method = sdk.MethodCard }},
		{"method", barcodeRequest, func(r *sdk.PaymentRequest) { r.Method = "" }},
	}
	for _, c := range pay {
		h, req := answering(t, 200, ""), c.base()
		c.edit(&req)
		_, err := create(req).on(t, h, "{}")
		checkRefusal(t, h, err, c.param)
	}
	refunds := []struct {
		param string
		edit  func(*sdk.RefundRequest)
	}{
		{"order_no", func(r *sdk.RefundRequest) { r.Payment.OrderNo = "" }},
		{"refund_no", func(r *sdk.RefundRequest) { r.RefundNo = strings.Repeat("1", 33) }},
		{"refund_no", func(r *sdk.RefundRequest) { r.RefundNo = "" }},
		{"amount", func(r *sdk.RefundRequest) { r.Amount = sdk.Fen(0) }},
		{"created_at", func(r *sdk.RefundRequest) { r.CreatedAt = time.Time{} }},
	}
	for _, c := range refunds {
		for _, run := range []func(sdk.RefundRequest) exchange{refund, queryRefund} {
			h, req := answering(t, 200, ""), refundRequest()
			c.edit(&req)
			_, err := run(req).on(t, h, "{}")
			checkRefusal(t, h, err, c.param)
		}
	}
	for param, edit := range map[string]func(*sdk.OrderRef){
		"order_no":   func(r *sdk.OrderRef) { r.OrderNo = "" },
		"created_at": func(r *sdk.OrderRef) { r.CreatedAt = time.Time{} },
	} {
		h, ref := answering(t, 200, ""), orderRef()
		edit(&ref)
		_, err := query(ref).on(t, h, "{}")
		checkRefusal(t, h, err, param)
	}
}

// TestRefusedSettings: no public address, and settings that cannot be used.
func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	for name, e := range exchanges() {
		h := answering(t, 200, "")
		h.callback = ""
		_, err := e.on(t, h, "{}")
		if !strings.Contains(name, "query") && name != "check-in" {
			checkRefusal(t, h, err, "notify_url")
		} else if err != nil || h.sent() != 1 {
			t.Errorf("%s needs no callback address: %v", name, err)
		}
		h = answering(t, 200, "")
		_, err = e.on(t, h, `{"operator":1}`)
		checkRefusal(t, h, err, "")
		_, err = e.on(t, h, `{"request_signature":"MD5withRSA"}`)
		checkRefusal(t, h, err, "")
		_, err = e.run(t.Context(), provider{}, h.call(t, e.capability, "https://a b", "{}"))
		checkRefusal(t, h, err, "")
	}
}

func checkRefusal(t *testing.T, h *testHost, err error, param string) {
	t.Helper()
	var known *sdk.Error
	switch {
	case !errors.As(err, &known) || h.sent() != 0:
		t.Errorf("%s: %v and %d requests; want an error and none", param, err, h.sent())
	case param == "method" && known.Code == sdk.ErrNotSupported && known.Param == param:
	case known.Code != sdk.ErrInvalidRequest || known.Param != param:
		t.Errorf("%s: %s at %q", param, known.Code, known.Param)
	case !strings.HasSuffix(known.Message, "."):
		t.Errorf("%s: no sentence: %q", param, known.Message)
	case strings.Contains(known.Message, testCode):
		t.Errorf("%s: the error holds the payer's code", param)
	}
}
