package main

import (
	"cmp"
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// createPreOrder places an order that the payer pays by scanning, or inside the wallet (scan
// 5.1, 6.1, 6.3, 6.4, 7.1, 8.1, 9.1).
func (p provider) createPreOrder(ctx context.Context, call *sdk.Call, set settings, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	command, err := preOrderCommand(req)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	fields, err := p.scanOrder(call, req, maxPreOrderNotify)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	fields["TRADETYPE"] = tradeScan
	switch command {
	case wire.ScanWeChatOrder, wire.ScanAlipayOrder, wire.ScanQQOrder:
		set.settlementFields(fields) // JD, UnionPay and the two codes have neither (trap C11)
	}
	if req.Method == sdk.MethodJSAPI || req.Method == sdk.MethodMiniProgram {
		if err := windowFields(set, req, fields); err != nil {
			return sdk.PaymentResult{}, err
		}
	}
	return p.createScan(ctx, call, set, command, req, fields, func(r wire.Reply, echo wire.Echo) sdk.PaymentResult {
		return preOrderResult(r, echo, req)
	})
}

// preOrderCommand finds the message for a method and a wallet.
func preOrderCommand(req sdk.PaymentRequest) (wire.Command, error) {
	table := map[sdk.Method]map[string]wire.Command{
		sdk.MethodQR: {
			channelWeChat: wire.ScanWeChatOrder, channelAlipay: wire.ScanAlipayOrder, channelQQ: wire.ScanQQOrder,
			channelJD: wire.ScanJDOrder, channelUnionPay: wire.ScanUnionPayOrder,
		},
		sdk.MethodJSAPI: {
			channelWeChat: wire.ScanWeChatOrder, channelAlipay: wire.ScanAlipayOrder, channelQQ: wire.ScanQQOrder,
		},
		sdk.MethodMiniProgram: {"": wire.ScanWeChatOrder, channelWeChat: wire.ScanWeChatOrder},
		sdk.MethodStaticCode:  {"": wire.ScanAlipayStatic, channelAlipay: wire.ScanAlipayStatic},
		sdk.MethodDynamicCode: {"": wire.ScanAlipayDynamic, channelAlipay: wire.ScanAlipayDynamic},
	}
	command, ok := table[req.Method][req.Channel]
	if !ok {
		return wire.Command{}, invalid("channel", "MMSP does not offer the method %s with the wallet %q; choose one of the method's channels.", req.Method, req.Channel)
	}
	return command, nil
}

// windowFields are those of a payment inside the wallet: who pays, and how the answer comes
// (trap C9).
func windowFields(set settings, req sdk.PaymentRequest, fields map[string]string) error {
	fields["TRADETYPE"] = tradeWindow
	if set.RawPayInfo || req.Method == sdk.MethodMiniProgram {
		fields["IS_RAW"] = "1"
	}
	if len(req.PayerID) > maxPayerID || len(req.Extra[extraAlipayAccount]) > maxPayerID || len(req.Extra[extraAppID]) > maxAppID {
		return invalid("payer_id", "The payer's id, account and the AppID have at most %d characters each.", maxPayerID)
	}
	switch req.Channel {
	case channelAlipay:
		if req.PayerID == "" && req.Extra[extraAlipayAccount] == "" {
			return invalid("payer_id", "Give the payer's Alipay USER_ID, or the account as alipay_account: MMSP requires one of the two.")
		}
		fields["ALIPAY_USER_ID"], fields["ALIPAY_ACCOUNT"] = req.PayerID, req.Extra[extraAlipayAccount]
		return nil
	case channelQQ:
		return nil // its table has no field for the payer
	}
	if req.PayerID == "" {
		return invalid("payer_id", "Give the payer's OPENID: WeChat requires it inside the wallet.")
	}
	fields["OPENID"] = req.PayerID
	appID := set.OfficialAppID
	if req.Method == sdk.MethodMiniProgram {
		fields["IS_MINIPG"], appID = "1", set.MiniAppID
	}
	fields["SUP_APPID"] = cmp.Or(req.Extra[extraAppID], appID)
	return nil
}

// preOrderResult: 1 says that the order was placed, not that it was paid (trap C1). Exactly
// one of URL and PAY_INFO comes (trap C7).
func preOrderResult(r wire.Reply, echo wire.Echo, req sdk.PaymentRequest) sdk.PaymentResult {
	if outcome, placed := placedOutcome(r); !placed {
		return r.Payment(outcome, echo)
	}
	result := r.Payment(sdk.OutcomeInProgress, echo)
	if result.Outcome == sdk.OutcomeInProgress {
		result.NextAction = preOrderAction(r.Body, req)
	}
	if result.NextAction == nil {
		result.Outcome = sdk.OutcomeUnknown // placed perhaps, and nobody can pay it
	}
	return result
}

// placedOutcome reads STATUS of a pre-order or an H5 order.
func placedOutcome(r wire.Reply) (sdk.Outcome, bool) {
	switch status := r.Status(); {
	case status == "1":
		return sdk.OutcomeInProgress, true
	case r.StillPaying():
		return sdk.OutcomeInProgress, false
	case status == "2":
		return sdk.OutcomeFailed, false
	}
	return sdk.OutcomeUnknown, false
}

func preOrderAction(body wire.Body, req sdk.PaymentRequest) *sdk.NextAction {
	url, info := body.Text("URL"), body.Text("PAY_INFO")
	inside := req.Method == sdk.MethodJSAPI || req.Method == sdk.MethodMiniProgram
	switch {
	case inside && info != "" && url == "" && len(info) <= maxPayInfo:
		fields, err := body.JSON("PAY_INFO")
		if err != nil || len(fields) == 0 {
			return nil
		}
		return &sdk.NextAction{Type: sdk.ActionInvokeWallet, Fields: fields, ExpiresAt: req.ExpiresAt}
	case url == "" || info != "" || len(url) > maxShownURL:
		return nil
	case inside:
		return &sdk.NextAction{Type: sdk.ActionRedirect, URL: url, ExpiresAt: req.ExpiresAt}
	}
	return &sdk.NextAction{Type: sdk.ActionShowQR, QRContent: url, ExpiresAt: req.ExpiresAt}
}
