package main

import (
	_ "embed"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// version of this plugin.
const version = "1.0.0"

//go:embed settings.schema.json
var settingsSchema []byte

//go:embed credentials.schema.json
var credentialsSchema []byte

// Manifest says what this provider is.
func (provider) Manifest() sdk.Manifest {
	return sdk.Manifest{
		ID: "mmsp", Name: sdk.Text{ZH: "MMSP 开放平台", EN: "MMSP open platform"}, Version: version, ProtocolVersion: sdk.ProtocolVersion,
		Products:    []sdk.Product{payoutProduct(), quickProduct(), scanProduct(), gatewayProduct()},
		Settings:    settingsSchema,
		Credentials: credentialsSchema,
		// The document prints no address (12.1: 请咨询运营对接人), so only the account's own can be
		// reached; this name never resolves.
		Hosts:       []string{"mmsp.invalid"},
		Grants:      grants(),
		PayerCodes:  payerCodes(),
		OrderNumber: sdk.OrderNumberRule{MaxLength: maxScanNumber, DigitsOnly: true}, // payout's are digits
		Poll: sdk.PollSchedule{
			Fast:   []time.Duration{3 * time.Second, 3 * time.Second, 5 * time.Second},
			Window: 5 * time.Minute, // an order without TIME_END lives so long
			Tail: []time.Duration{
				15 * time.Second, 30 * time.Second, time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute,
				30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour,
			},
			// "No such order" is not signed, and a gateway's order is not there before the payer's
			// browser has brought it (traps Q1, C21).
			Horizon: 2 * time.Hour,
		},
		Cancel: cancelRule(),
		// Even the query of a refund only says "accepted" (scan 10.6.2, 10.7.2; trap C2).
		Refund: sdk.RefundRule{OneInFlight: true, SettledBy: sdk.Text{
			ZH: "MMSP 的退款查询只返回“受理成功”，不代表款项已退：以对账单、商户平台的退款记录或 MMSP 客服的书面答复为准。",
			EN: "MMSP's refund query only says \"accepted\": its bill, its merchant pages or its support's written word tell whether the money went back.",
		}},
		ResendAfter: resendAfter,
		Inbound:     inboundKinds(),
		// Three of the four products sign their replies, which internal/wire always verifies. A
		// payout's replies carry no signature (trap P1), and the whole plugin must be as careful
		// as its most careless product needs: the host insists on https.
		ReplyAuthentication: sdk.ReplyTLSOnly,
		Redact:              redacted(),
	}
}

// resendAfter is the document's 60 s between two codes (quick 5.11.1).
const resendAfter = time.Minute

// cancelRule: a barcode payment is canceled (scan 10.4, not within 15 s); an order that waits
// for the payer is closed (scan 10.5) when the document's 5 minutes are over.
func cancelRule() sdk.CancelRule {
	waiting := []sdk.Method{
		sdk.MethodQR, sdk.MethodJSAPI, sdk.MethodMiniProgram, sdk.MethodH5, sdk.MethodStaticCode, sdk.MethodDynamicCode,
	}
	after := map[sdk.Method]time.Duration{sdk.MethodBarcode: time.Minute}
	for _, method := range waiting {
		after[method] = 5 * time.Minute
	}
	return sdk.CancelRule{After: after, NotBefore: cancelNotBefore, ByClose: waiting, Repeat: 30 * time.Second}
}

// payerCodes tell the wallets' codes by their public ranges; the document names the wallets
// and not their codes.
func payerCodes() []sdk.PayerCode {
	return []sdk.PayerCode{
		{
			Method: sdk.MethodBarcode, Channel: channelAlipay,
			Prefixes: []string{"25", "26", "27", "28", "29", "30"}, Lengths: []int{16, 17, 18, 19, 20, 21, 22, 23, 24},
		},
		{Method: sdk.MethodBarcode, Channel: channelWeChat, Prefixes: []string{"10", "11", "12", "13", "14", "15"}, Lengths: []int{18}},
		{Method: sdk.MethodBarcode, Channel: channelQQ, Prefixes: []string{"91"}, Lengths: []int{18}},
	}
}

// The kinds of requests made to us. The pre-orders' NOTIFY_URL has room for 50 characters
// (trap C4), so a kind is one letter.
const (
	inboundQuick   = "q"
	inboundScan    = "s"
	inboundGateway = "g"
	inboundReturn  = "b"
)

func inboundKinds() []sdk.InboundKind {
	return []sdk.InboundKind{
		{Kind: inboundQuick, Name: sdk.Text{ZH: "快捷支付通知", EN: "Quick pay notification"}},
		{Kind: inboundScan, Name: sdk.Text{ZH: "扫码支付通知", EN: "Scan payment notification"}},
		{Kind: inboundGateway, Name: sdk.Text{ZH: "网关支付通知", EN: "Gateway payment notification"}},
		{Kind: inboundReturn, Name: sdk.Text{ZH: "网关支付前台返回", EN: "Return of the payer's browser from the gateway"}, Browser: true},
	}
}

// redacted are the wire fields with payers' codes, cards and persons. ENCRYPT is readable
// with our own key only; a payout's plaintext never reaches the host's evidence.
func redacted() []string {
	return []string{
		"CODE", "MSG_CODE", "CARDNO", "CVN2", "EXPDATE", "ID_NO", "NAME", "PHONENO",
		"CVV2", "ACCNO", "ACCNAME", "IDCARD", "MOBILE",
		"OPENID", "ALIPAY_USER_ID", "ALIPAY_ACCOUNT", "token_id",
	}
}
