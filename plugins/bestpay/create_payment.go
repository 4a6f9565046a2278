package main

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/bestpay/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// extraRemark is the further input of every method.
const extraRemark = "remark"

// maxPaymentURL bounds, in bytes, what is shown as a QR code or sent to a browser.
const maxPaymentURL = 2048

// CreatePayment takes a payer's code (document, 3.1) or places an order that the payer's
// app is sent to (3.2).
func (provider) CreatePayment(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	a, err := accountOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	switch req.Method {
	case sdk.MethodBarcode:
		return a.takeCode(ctx, call, req)
	case sdk.MethodQR, sdk.MethodH5, sdk.MethodJSAPI:
		return a.placeOrder(ctx, call, req)
	default:
		return sdk.PaymentResult{}, &sdk.Error{
			Code: sdk.ErrNotSupported, Message: "BestPay does not offer the method " + string(req.Method) + "; choose barcode, qr, h5 or jsapi.", Param: "method",
		}
	}
}

// orderFields are the fields that both orders share, and how long the order can be paid.
func (a account) orderFields(call *sdk.Call, req sdk.PaymentRequest) (wire.Fields, time.Duration, error) {
	if err := checkNumber("order_no", req.OrderNo); err != nil {
		return nil, 0, err
	}
	if err := checkAmount(req.Amount); err != nil {
		return nil, 0, err
	}
	if req.Channel != "" && !slices.Contains([]string{channelBestPay, channelAlipay, channelWeChat}, req.Channel) {
		return nil, 0, invalid("channel", "BestPay does not know the channel %q; it knows BESTPAY, ALIPAY and TENPAY.", req.Channel)
	}
	requested, err := beijing(req.CreatedAt)
	if err != nil {
		return nil, 0, err
	}
	left, err := lifetime(call.Now(), req.ExpiresAt)
	if err != nil {
		return nil, 0, err
	}
	notify, err := callback(call, kindPayment)
	if err != nil {
		return nil, 0, err
	}
	subject := cmp.Or(strings.ToValidUTF8(req.Subject, ""), req.OrderNo)
	f := a.fields()
	f["outTradeNo"] = wire.Text(req.OrderNo)
	f["tradeAmt"] = wire.Long(req.Amount.Minor)
	f["subject"] = wire.Text(subject)
	f["requestDate"] = wire.Text(requested)
	f["timeOut"] = wire.Long(int64(left / time.Second))
	f["goodsInfo"] = wire.Text(cmp.Or(strings.ToValidUTF8(req.Description, ""), subject))
	f["notifyUrl"] = wire.Text(notify)
	f["operator"] = wire.Text(a.operatorOr(req.Operator))
	f["remark"] = wire.Text(req.Extra[extraRemark])
	return f, left, nil
}

// takeCode charges the payer who shows a code. The order call itself does not name the
// payer's app.
func (a account) takeCode(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	fields, _, err := a.orderFields(call, req)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	code := req.PayerCode.Text()
	if len(code) == 0 || len(code) > maxCode || strings.Trim(code, "0123456789") != "" {
		return sdk.PaymentResult{}, invalid("payer_code", "The payer's code must be 1 to %d digits: scan it again.", maxCode)
	}
	fields["mediumNo"] = wire.Text(code)
	reply, err := a.client.Post(ctx, call, pathBarcode, orderTimeout, fields)
	if err != nil {
		return unsettled(err)
	}
	return a.created(reply, wire.PaymentOutcome(reply.Result.Status), req), nil
}

// placeOrder places an order for a payer whose app is known (trap B12), and says where the
// payer goes: straight there, or by scanning the same address.
func (a account) placeOrder(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	fields, left, err := a.orderFields(call, req)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if err := checkApp(req); err != nil {
		return sdk.PaymentResult{}, err
	}
	fields["tradeType"] = wire.Text(req.Channel)
	if req.Channel == channelWeChat {
		fields["userCode"] = wire.Text(req.PayerID)
	} else {
		fields["userCode"] = wire.Text("")
	}
	reply, err := a.client.Post(ctx, call, pathQR, orderTimeout, fields)
	if err != nil {
		return unsettled(err)
	}
	result := a.created(reply, wire.PlacedOutcome(reply.Result.Status), req)
	if result.Outcome == sdk.OutcomeInProgress {
		return placed(result, reply.Result, req.Method, call.Now().Add(left)), nil
	}
	return result, nil
}

// checkApp: the payer's app must be known, and WeChat's must have named the payer
// (3.2: 用户使用微信app时必填).
func checkApp(req sdk.PaymentRequest) error {
	switch {
	case req.Channel == "":
		return invalid("channel", "Choose the payer's app, BESTPAY, ALIPAY or TENPAY: BestPay needs it beforehand.")
	case req.Method == sdk.MethodJSAPI && req.Channel != channelWeChat:
		return invalid("channel", "The method jsapi is for WeChat (TENPAY); use h5 for %s.", req.Channel)
	case req.Channel == channelWeChat && strings.ToValidUTF8(req.PayerID, "") == "":
		return invalid("payer_id", "BestPay needs the payer's WeChat user code to take TENPAY: give it as the payer's id.")
	}
	return nil
}

// placed adds where the payer goes. An order that waits for a payer who cannot be sent
// anywhere is in doubt; one said to be a SUCCESS may already be paid.
func placed(result sdk.PaymentResult, d wire.Result, method sdk.Method, expires time.Time) sdk.PaymentResult {
	if !webAddress(d.PaymentURL) {
		if wire.PaymentOutcome(d.Status) == sdk.OutcomeInProgress || d.PaymentURL != "" {
			result.Outcome = sdk.OutcomeUnknown
		}
		return result
	}
	result.NextAction = &sdk.NextAction{Type: sdk.ActionRedirect, URL: d.PaymentURL, ExpiresAt: expires}
	if method == sdk.MethodQR {
		result.NextAction = &sdk.NextAction{Type: sdk.ActionShowQR, QRContent: d.PaymentURL, ExpiresAt: expires}
	}
	return result
}

// webAddress says whether a payer may be sent to an address: it is a web page's.
func webAddress(address string) bool {
	if len(address) > maxPaymentURL {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

// created turns the reply to an order into a result. A call that failed has no result, so no
// status, and no listed reason: the order may exist, and the host asks. A final outcome must name our order,
// a success our amount too; nothing may name another (tradeAmt alone is compared: payAmt
// and disCountAmt are its parts).
func (a account) created(r wire.Reply, outcome sdk.Outcome, req sdk.PaymentRequest) sdk.PaymentResult {
	d := r.Result
	result := sdk.PaymentResult{
		Outcome: outcome, OrderNo: d.OutTradeNo, Amount: d.TradeAmount, ProviderOrderNo: d.TradeNo, ChannelTradeNo: d.BankRequestNo,
		Provider: r.Text(), KeyRefused: a.keyRefused(r),
	}
	other := (d.OutTradeNo != "" && d.OutTradeNo != req.OrderNo) ||
		(d.MerchantNo != "" && d.MerchantNo != a.merchant) ||
		(d.TradeAmount.Currency != "" && d.TradeAmount != req.Amount)
	nameless := outcome != sdk.OutcomeInProgress && d.OutTradeNo == ""
	priceless := outcome == sdk.OutcomeSucceeded && d.TradeAmount.Currency == ""
	if other || nameless || priceless {
		result.Outcome = sdk.OutcomeUnknown
	}
	return result
}
