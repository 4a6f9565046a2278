package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/h5"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/wechatpay/internal/wire"
)

// How long links are good: a code_url and a prepay_id, and an h5_url.
const (
	linkLife = 2 * time.Hour
	pageLife = 5 * time.Minute
)

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
	case sdk.MethodJSAPI:
		return a.jsapi(ctx, req, notify)
	case sdk.MethodH5:
		return a.h5(ctx, req, notify)
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

// jsapi places an order for the payer inside WeChat, where the merchant's page opens the
// wallet (JSAPI下单).
func (a account) jsapi(ctx context.Context, req sdk.PaymentRequest, notify string) (sdk.PaymentResult, error) {
	if n := len(req.PayerID); n == 0 || n > maxOpenID {
		return sdk.PaymentResult{}, invalid("payer_id", "Give the payer's openid at the account's appid, 1 to %d bytes.", maxOpenID)
	}
	body := jsapi.PrepayRequest{
		Appid: &a.AppID, Mchid: &a.merchant, Description: description(req), OutTradeNo: &req.OrderNo, TimeExpire: expiry(req),
		NotifyUrl: &notify, Amount: &jsapi.Amount{Total: &req.Amount.Minor, Currency: &req.Amount.Currency}, Payer: &jsapi.Payer{Openid: &req.PayerID},
	}
	if req.ClientIP != "" {
		body.SceneInfo = &jsapi.SceneInfo{PayerClientIp: &req.ClientIP}
	}
	return a.place(ctx, pathJSAPI, body, "prepay_id", func(prepayID string) (*sdk.NextAction, error) {
		fields, err := a.client.WalletFields(ctx, a.AppID, prepayID)
		return &sdk.NextAction{Type: sdk.ActionInvokeWallet, Fields: fields, ExpiresAt: a.until(req, linkLife)}, err
	})
}

// h5 places an order for a browser outside WeChat, whose page opens the wallet (H5下单).
func (a account) h5(ctx context.Context, req sdk.PaymentRequest, notify string) (sdk.PaymentResult, error) {
	if req.ClientIP == "" {
		return sdk.PaymentResult{}, invalid("client_ip", "Give the IP address of the payer's browser: WeChat Pay compares it.")
	}
	body := h5.PrepayRequest{
		Appid: &a.AppID, Mchid: &a.merchant, Description: description(req), OutTradeNo: &req.OrderNo, TimeExpire: expiry(req),
		NotifyUrl: &notify, Amount: &h5.Amount{Total: &req.Amount.Minor, Currency: &req.Amount.Currency},
		SceneInfo: &h5.SceneInfo{PayerClientIp: &req.ClientIP, H5Info: &h5.H5Info{Type: &a.H5Type}},
	}
	return a.place(ctx, pathH5, body, "h5_url", func(page string) (*sdk.NextAction, error) {
		page, err := withReturn(page, req.ReturnURL)
		return &sdk.NextAction{Type: sdk.ActionRedirect, URL: page, ExpiresAt: a.until(req, pageLife)}, err
	})
}

// withReturn adds where the payer's browser goes afterwards (H5调起支付).
func withReturn(page, back string) (string, error) {
	u, err := url.Parse(page)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return "", errors.New("h5_url is no address of a page")
	}
	if back == "" {
		return page, nil
	}
	separator := "?"
	if u.RawQuery != "" {
		separator = "&"
	}
	return page + separator + "redirect_url=" + url.QueryEscape(back), nil
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
		return sdk.PaymentResult{Outcome: placeOutcome(reply), Provider: reply.Text, KeyRefused: reply.KeyRefused()}, nil
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

// placeOutcome reads the refusal of an order. With the codes here the request was wrong or the
// merchant may not, and nothing was placed. Another may mean that the number is in use
// (INVALID_REQUEST, OUT_TRADE_NO_USED, ORDERPAID, ORDER_CLOSED), that the request came too
// often, or that the system failed; then a query tells.
func placeOutcome(r wire.Reply) sdk.Outcome {
	switch {
	case r.Is(http.StatusBadRequest, "PARAM_ERROR", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS"),
		r.Is(http.StatusNotFound, "MCH_NOT_EXISTS"),
		r.Is(http.StatusForbidden, "NO_AUTH", "RULE_LIMIT", "RULELIMIT"), r.KeyRefused():
		return sdk.OutcomeRefused
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
