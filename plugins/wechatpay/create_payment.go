package main

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/wechatpay/internal/wire"
)

// linkLife is how long a code_url and a prepay_id are good.
const linkLife = 2 * time.Hour

// maxLink bounds a link, in bytes; the documentation says 512.
const maxLink = 2048

// CreatePayment places an order and gives the payer's link to it. No money moves until the
// payer follows it.
func (p provider) CreatePayment(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	a, err := p.accountOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if err := checkCreate(call.Now(), req); err != nil {
		return sdk.PaymentResult{}, err
	}
	notify := call.Callback(kindPayment)
	if notify == "" {
		return sdk.PaymentResult{}, invalid("callback_url", "WeChat Pay wants an address for the result, and this installation has no public address.")
	}
	switch req.Method {
	case sdk.MethodQR:
		return a.native(ctx, req, notify)
	default:
		return sdk.PaymentResult{}, sdk.Errorf(sdk.ErrNotSupported, "WeChat Pay does not offer the method %q.", req.Method)
	}
}

// native places an order for a QR code (Native下单).
func (a account) native(ctx context.Context, req sdk.PaymentRequest, notify string) (sdk.PaymentResult, error) {
	body := native.PrepayRequest{
		Appid: &a.AppID, Mchid: &a.merchant, Description: description(req), OutTradeNo: &req.OrderNo, TimeExpire: expiry(req),
		NotifyUrl: &notify, Amount: &native.Amount{Total: &req.Amount.Minor, Currency: &req.Amount.Currency},
	}
	if req.ClientIP != "" {
		body.SceneInfo = &native.SceneInfo{PayerClientIp: &req.ClientIP}
	}
	return a.place(ctx, pathNative, body, "code_url", func(link string) (*sdk.NextAction, error) {
		return &sdk.NextAction{Type: sdk.ActionShowQR, QRContent: link, ExpiresAt: a.until(req, linkLife)}, nil
	})
}

// place sends an order and makes the payer's next step of the link in its reply.
func (a account) place(
	ctx context.Context, path string, body json.Marshaler, field string, next func(link string) (*sdk.NextAction, error),
) (sdk.PaymentResult, error) {
	reply, err := a.client.Post(ctx, path, body)
	if err != nil {
		return noPayment(err)
	}
	if reply.Status != http.StatusOK {
		return sdk.PaymentResult{Outcome: placeOutcome(reply), Provider: reply.Text}, nil
	}
	link, err := reply.Link(field, maxLink)
	if err != nil {
		return noPayment(err)
	}
	action, err := next(link)
	if err != nil {
		return noPayment(wire.Placed(err))
	}
	return sdk.PaymentResult{Outcome: sdk.OutcomeInProgress, NextAction: action}, nil
}

// placeOutcome reads the refusal of an order. The codes here say that there is no such order:
// the request was wrong or the merchant may not. Another may mean that the number is in use
// (INVALID_REQUEST, OUT_TRADE_NO_USED, ORDERPAID, ORDER_CLOSED), that the request came too
// often, or that the system failed; then a query tells.
func placeOutcome(r wire.Reply) sdk.Outcome {
	switch {
	case r.Is(http.StatusBadRequest, "PARAM_ERROR", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS"),
		r.Is(http.StatusNotFound, "MCH_NOT_EXISTS"),
		r.Is(http.StatusForbidden, "NO_AUTH", "RULE_LIMIT", "RULELIMIT"):
		return sdk.OutcomeFailed
	}
	return sdk.OutcomeUnknown
}

// description is required; an order without a subject is described by its number.
func description(req sdk.PaymentRequest) *string {
	text := cmp.Or(clip(req.Subject, maxDescription, utf8.RuneCountInString), req.OrderNo)
	return &text
}

// expiry is when the order can be paid no more, in Beijing's time.
func expiry(req sdk.PaymentRequest) *time.Time {
	if req.ExpiresAt.IsZero() {
		return nil
	}
	at := req.ExpiresAt.In(sdk.Beijing())
	return &at
}

// until is when a link ends: with the order, or by its own life.
func (a account) until(req sdk.PaymentRequest, life time.Duration) time.Time {
	end := a.client.Call.Now().Add(life)
	if !req.ExpiresAt.IsZero() && req.ExpiresAt.Before(end) {
		return req.ExpiresAt
	}
	return end
}

// noPayment is the answer when there is no authentic reply: an error when nothing left,
// otherwise the provider may have acted.
func noPayment(err error) (sdk.PaymentResult, error) {
	missing, err := wire.Failure(err)
	return sdk.PaymentResult{Outcome: sdk.OutcomeUnknown, Provider: missing.Text, KeyRefused: missing.KeyRefused}, err
}
