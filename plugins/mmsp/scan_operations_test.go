package main

import (
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The requests of scan's tests.

func scanRequest(method sdk.Method, channel string) sdk.PaymentRequest {
	return sdk.PaymentRequest{
		OrderNo: testOrder, Method: method, Channel: channel, Amount: sdk.Fen(100), Subject: "拿铁 <大> & \"热\"",
		ClientIP: "203.0.113.9", CreatedAt: testNow, ExpiresAt: testNow.Add(5 * time.Minute),
	}
}

func barcodeRequest(channel, code string) sdk.PaymentRequest {
	r := scanRequest(sdk.MethodBarcode, channel)
	r.PayerCode = sdk.SecretString(code)
	return r
}

func insideRequest(method sdk.Method, channel, payer string) sdk.PaymentRequest {
	r := scanRequest(method, channel)
	r.PayerID = payer
	return r
}

func h5Request(channel string) sdk.PaymentRequest {
	r := scanRequest(sdk.MethodH5, channel)
	r.ReturnURL = "https://shop.example/paid?a=1&b=2"
	return r
}

func scanRef() sdk.OrderRef {
	return sdk.OrderRef{
		OrderNo: testOrder, ProviderOrderNo: testProvider, Method: sdk.MethodBarcode, Channel: channelWeChat, Amount: sdk.Fen(100),
		CreatedAt: testNow.Add(-time.Minute),
	}
}

func refundRequest() sdk.RefundRequest {
	return sdk.RefundRequest{Payment: scanRef(), RefundNo: testRefund, Amount: sdk.Fen(30), Reason: "退货", CreatedAt: testNow}
}

// The Bodies of good replies, sorted as they are signed.
const (
	placedBody = `{"MERORDERID":"` + testOrder + `","ORDERNO":"` + testProvider + `","STATUS":"1","TRADETIME":"2026-01-01 12:00:00","TRADETYPE":"1","URL":"https://qr.example/abc?x=1&y=2"}`
	insideBody = `{"MERORDERID":"` + testOrder + `","ORDERNO":"` + testProvider + `","PAY_INFO":"{\"appId\":\"wx1\",\"timeStamp\":1767240000,\"package\":\"prepay_id=wx/01\"}","STATUS":"1","TRADETIME":"2026-01-01 12:00:00","TRADETYPE":"2"}`
	h5Body     = `{"MERORDERID":"` + testOrder + `","ORDERNO":"` + testProvider + `","STATUS":"1","TRADETIME":"2026-01-01 12:00:00","URL":"https://h5.example/open?o=1"}`
	paidBody   = `{"MERORDERID":"` + testOrder + `","ORDERNO":"` + testProvider + `","STATUS":"1","TRADETIME":"2026-01-01 12:00:00"}`
	foundBody  = `{"AMT":"100","MERORDERID":"` + testOrder + `","ORDERNO":"` + testProvider + `","PAYTIME":"2026-01-01 12:00:03","STATUS":"1","TRADETIME":"2026-01-01 12:00:00","TRADETYPE":"1"}`
	endedBody  = `{"AMT":"100","MERORDERID":"` + testOrder + `","ORDERNO":"` + testProvider + `","PAYTIME":"","STATUS":"1","TRADETIME":"2026-01-01 12:00:00","TRADETYPE":"1"}`
	refundBody = `{"AMT":"30","REFUND_MERORDERID":"` + testRefund + `","REFUND_ORDERNO":"900000001467","REFUND_TIME":"2026-01-01 12:00:05","STATUS":"1"}`
	noticeBody = `{"AMT":100,"MERORDERID":"` + testOrder + `","ORDERNO":"` + testProvider + `","PAYTIME":"2026-01-01 12:00:03","STATUS":"1","TRADETIME":"2026-01-01 12:00:00","TRADETYPE":"2"}`
)

func notice(kind string, command int, body string) sdk.InboundRequest {
	return sdk.InboundRequest{
		Kind: kind, Method: "POST", Path: "/in/0123456789" + kind, Headers: map[string]string{"Content-Type": "application/json"},
		Body: []byte(reply(command, body)),
	}
}

func scanOperations() []operation {
	create, inProgress, succeeded := sdk.CapCreatePayment, sdk.OutcomeInProgress, sdk.OutcomeSucceeded
	wechat, alipay := channelWeChat, channelAlipay
	return []operation{
		{ID: "SC1", Name: "wechat-qr", Capability: create, Method: sdk.MethodQR, Reply: reply(35074, placedBody), Call: createPayment(scanRequest(sdk.MethodQR, wechat)), Want: inProgress},
		{ID: "SC1", Name: "wechat-jsapi", Capability: create, Method: sdk.MethodJSAPI, Settings: `{"raw_pay_info":true,"official_account_appid":"wx0001","settlement":"T0","no_credit_cards":true}`, Reply: reply(35074, insideBody), Call: createPayment(insideRequest(sdk.MethodJSAPI, wechat, "o-1")), Want: inProgress},
		{ID: "SC1", Name: "wechat-mini-program", Capability: create, Method: sdk.MethodMiniProgram, Settings: `{"mini_program_appid":"wx0002"}`, Reply: reply(35074, insideBody), Call: createPayment(insideRequest(sdk.MethodMiniProgram, wechat, "o-1")), Want: inProgress},
		{ID: "SC2", Name: "wechat-barcode", Capability: create, Method: sdk.MethodBarcode, Reply: reply(35075, paidBody), Call: createPayment(barcodeRequest(wechat, "130000000000000001")), Want: succeeded},
		{ID: "SC3", Name: "wechat-h5", Capability: create, Method: sdk.MethodH5, Settings: `{"no_credit_cards":true,"settlement":"T0"}`, Reply: reply(35089, h5Body), Call: createPayment(h5Request(wechat)), Want: inProgress},
		{ID: "SC4", Name: "alipay-qr", Capability: create, Method: sdk.MethodQR, Settings: `{"settlement":"T0"}`, Reply: reply(35076, placedBody), Call: createPayment(scanRequest(sdk.MethodQR, alipay)), Want: inProgress},
		{ID: "SC4", Name: "alipay-service-window", Capability: create, Method: sdk.MethodJSAPI, Settings: `{"raw_pay_info":true}`, Reply: reply(35076, insideBody), Call: createPayment(insideRequest(sdk.MethodJSAPI, alipay, "2088000000000001")), Want: inProgress},
		{ID: "SC5", Name: "alipay-barcode", Capability: create, Method: sdk.MethodBarcode, Reply: reply(35077, paidBody), Call: createPayment(barcodeRequest("", "280000000000000001")), Want: succeeded},
		{ID: "SC6", Name: "alipay-static-code", Capability: create, Method: sdk.MethodStaticCode, Settings: `{"settlement":"T0","no_credit_cards":true}`, Reply: reply(33794, placedBody), Call: createPayment(scanRequest(sdk.MethodStaticCode, alipay)), Want: inProgress},
		{ID: "SC7", Name: "alipay-dynamic-code", Capability: create, Method: sdk.MethodDynamicCode, Reply: reply(33795, placedBody), Call: createPayment(scanRequest(sdk.MethodDynamicCode, "")), Want: inProgress},
		{ID: "SC8", Name: "alipay-h5", Capability: create, Method: sdk.MethodH5, Settings: `{"no_credit_cards":true}`, Reply: reply(33798, h5Body), Call: createPayment(h5Request(alipay)), Want: inProgress},
		{ID: "SC9", Name: "qq-qr", Capability: create, Method: sdk.MethodQR, Settings: `{"no_credit_cards":true}`, Reply: reply(35093, placedBody), Call: createPayment(scanRequest(sdk.MethodQR, channelQQ)), Want: inProgress},
		{ID: "SC9", Name: "qq-service-window", Capability: create, Method: sdk.MethodJSAPI, Reply: reply(35093, placedBody), Call: createPayment(insideRequest(sdk.MethodJSAPI, channelQQ, "")), Want: inProgress},
		{ID: "SC10", Name: "qq-barcode", Capability: create, Method: sdk.MethodBarcode, Reply: reply(35094, paidBody), Call: createPayment(barcodeRequest(channelQQ, "910000000000000001")), Want: succeeded},
		{ID: "SC11", Name: "jd-qr", Capability: create, Method: sdk.MethodQR, Settings: `{"settlement":"T0","no_credit_cards":true}`, Reply: reply(33799, placedBody), Call: createPayment(scanRequest(sdk.MethodQR, channelJD)), Want: inProgress},
		{ID: "SC12", Name: "unionpay-qr", Capability: create, Method: sdk.MethodQR, Reply: reply(33793, placedBody), Call: createPayment(scanRequest(sdk.MethodQR, channelUnionPay)), Want: inProgress},
		{ID: "SC13", Name: "openid-redirect", Capability: sdk.CapResolvePayer, Call: resolvePayer(sdk.PayerRequest{Purpose: sdk.PayerIdentify, Channel: wechat, ReturnURL: "https://pay.example/r?s=1&t=中"}), Want: inProgress},
		{ID: "SC13", Name: "user-id-back", Capability: sdk.CapResolvePayer, Call: resolvePayer(sdk.PayerRequest{Purpose: sdk.PayerIdentify, Channel: alipay, Query: map[string]string{"token_id": "2088000000000001"}}), Want: succeeded},
		{ID: "SC14", Name: "query", Capability: sdk.CapQueryPayment, Method: sdk.MethodBarcode, Reply: reply(35078, foundBody), Call: queryPayment(scanRef()), Want: succeeded},
		{ID: "SC14", Name: "query-agent", Capability: sdk.CapQueryPayment, Method: sdk.MethodBarcode, Agent: true, Reply: replyWith(testAgentKey, 35078, foundBody), Call: queryPayment(scanRef()), Want: succeeded},
		{ID: "SC15", Name: "cancel", Capability: sdk.CapCancelPayment, Method: sdk.MethodBarcode, Reply: reply(35079, endedBody), Call: cancelPayment(scanRef()), Want: succeeded},
		{ID: "SC16", Name: "close", Capability: sdk.CapClosePayment, Method: sdk.MethodQR, Reply: reply(35082, endedBody), Call: closePayment(scanRef()), Want: succeeded},
		{ID: "SC17", Name: "refund", Capability: sdk.CapCreateRefund, Method: sdk.MethodBarcode, Reply: reply(35080, refundBody), Call: createRefund(refundRequest()), Want: inProgress},
		{ID: "SC18", Name: "refund-query", Capability: sdk.CapQueryRefund, Method: sdk.MethodBarcode, Reply: reply(35081, refundBody), Call: queryRefund(refundRequest()), Want: succeeded},
		{ID: "SC19", Name: "notification", Capability: sdk.CapInbound, Call: handleInbound(notice(inboundScan, 2324, noticeBody)), Want: succeeded},
		{ID: "SC20", Name: "wake-wechat", Capability: sdk.CapResolvePayer, Call: resolvePayer(sdk.PayerRequest{Purpose: sdk.PayerWake, ReturnURL: "https://shop.example/?a=~~>>"}), Want: inProgress},
	}
}
