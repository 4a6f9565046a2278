package main

import (
	_ "embed"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// version of this plugin.
const version = "1.0.0"

// The paths of the document's 三.
const (
	pathBarcode     = "/mapi/o2o/aggregatePayment/orderMixBrcode"
	pathQR          = "/mapi/o2o/aggregatePayment/platform/orderMixQrcode"
	pathQuery       = "/mapi/o2o/aggregatePayment/confirmOrderStatus"
	pathRefund      = "/mapi/o2o/aggregatePayment/refund"
	pathQueryRefund = "/mapi/o2o/aggregatePayment/queryRefundOrder"
)

// The read time-outs of the document: 60 s for the two order calls (3.1, 3.2), 6 s for the rest.
const (
	orderTimeout = 60 * time.Second
	otherTimeout = 6 * time.Second
)

// The payer's app, by the document's trade types of an order (3.2).
const (
	channelBestPay = "BESTPAY"
	channelAlipay  = "ALIPAY"
	channelWeChat  = "TENPAY"
)

// The kinds of callbacks: an address of its own for each tells a refund's from a payment's
// where the callback itself does not (trap B3).
const (
	kindPayment = "p"
	kindRefund  = "r"
)

//go:embed settings.schema.json
var settingsSchema []byte

//go:embed credentials.schema.json
var credentialsSchema []byte

// Manifest says what this provider is.
func (provider) Manifest() sdk.Manifest {
	return sdk.Manifest{
		ID: "bestpay", Name: sdk.Text{ZH: "翼支付聚合收单", EN: "BestPay aggregate acquiring"}, Version: version, ProtocolVersion: sdk.ProtocolVersion,
		Products:    []sdk.Product{aggregate()},
		Settings:    settingsSchema,
		Credentials: credentialsSchema,
		Hosts:       []string{"mapi.bestpay.com.cn", "116.228.151.160:18002"}, // 2.4; the second is the test environment, plain HTTP
		Grants:      grants(),
		PayerCodes: []sdk.PayerCode{
			{Method: sdk.MethodBarcode, Channel: channelBestPay, Prefixes: []string{"51"}, Lengths: []int{18}},
			{Method: sdk.MethodBarcode, Channel: channelAlipay, Prefixes: []string{"25", "26", "27", "28", "29", "30"}, Lengths: []int{16, 17, 18, 19, 20, 21, 22, 23, 24}},
			{Method: sdk.MethodBarcode, Channel: channelWeChat, Prefixes: []string{"10", "11", "12", "13", "14", "15"}, Lengths: []int{18}},
		},
		OrderNumber: sdk.OrderNumberRule{MaxLength: maxNumber},
		Poll:        poll(),
		// There is no close and no cancel (trap B13): timeOut alone ends an order.
		Cancel: sdk.CancelRule{},
		Refund: sdk.RefundRule{Conclusive: true},
		Inbound: []sdk.InboundKind{
			{Kind: kindPayment, Name: sdk.Text{ZH: "支付结果通知", EN: "Payment result"}},
			{Kind: kindRefund, Name: sdk.Text{ZH: "退款结果通知", EN: "Refund result"}},
		},
		ReplyAuthentication: sdk.ReplySigned,
		// The payer's code, the payer's WeChat code, the payer's login at BestPay.
		Redact: []string{"mediumNo", "userCode", "buyerLoginNo"},
	}
}

// poll asks often while the payer stands at the till, then through the 25 minutes that an
// order lives, then for days: only successes are called back (trap B10).
func poll() sdk.PollSchedule {
	return sdk.PollSchedule{
		Fast:   []time.Duration{3 * time.Second, 3 * time.Second, 5 * time.Second},
		Window: time.Minute,
		Tail: []time.Duration{
			15 * time.Second, 30 * time.Second, time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute,
			30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour,
		},
		Horizon: 30 * time.Minute,
	}
}

func aggregate() sdk.Product {
	bestpay := sdk.Channel{ID: channelBestPay, Name: sdk.Text{ZH: "翼支付", EN: "BestPay"}}
	alipay := sdk.Channel{ID: channelAlipay, Name: sdk.Text{ZH: "支付宝", EN: "Alipay"}}
	wechat := sdk.Channel{ID: channelWeChat, Name: sdk.Text{ZH: "微信支付", EN: "WeChat Pay"}}
	all := []sdk.Channel{bestpay, alipay, wechat}
	remark := []sdk.InputField{{Name: extraRemark, Label: sdk.Text{ZH: "备注", EN: "Remark"}}}
	return sdk.Product{
		ID: "aggregate", Name: sdk.Text{ZH: "聚合收单", EN: "Aggregate acquiring"},
		Capabilities: []sdk.Capability{
			sdk.CapCreatePayment, sdk.CapQueryPayment, sdk.CapCreateRefund, sdk.CapQueryRefund, sdk.CapCheckIn, sdk.CapInbound,
		},
		Methods: []sdk.MethodSpec{
			{
				Method: sdk.MethodBarcode, Name: sdk.Text{ZH: "扫付款码", EN: "Scan the payer's code"},
				Channels: all, Needs: []string{sdk.NeedPayerCode}, Extra: remark,
			},
			{
				Method: sdk.MethodQR, Name: sdk.Text{ZH: "订单二维码", EN: "Order QR code"},
				Channels: all, ChannelRequired: true, Extra: remark,
			},
			{
				Method: sdk.MethodH5, Name: sdk.Text{ZH: "收款码页面（H5）", EN: "Page in the payer's app (H5)"},
				Channels: all, ChannelRequired: true, Extra: remark,
			},
			{
				Method: sdk.MethodJSAPI, Name: sdk.Text{ZH: "微信内页面", EN: "Page inside WeChat"},
				Channels: []sdk.Channel{wechat}, ChannelRequired: true, Needs: []string{sdk.NeedPayerID}, Extra: remark,
			},
		},
	}
}

// grants: every call sends one signed request and verifies one reply; a callback is
// verified and nothing is sent.
func grants() map[sdk.Capability]sdk.Grant {
	verify := sdk.GrantKey{Name: credPlatform, Operations: []string{sdk.OpVerify}}
	one := func(paths ...string) sdk.Grant {
		g := sdk.Grant{Sends: 1, Keys: []sdk.GrantKey{{Name: credKey, Operations: []string{sdk.OpSign}}, verify}}
		for _, path := range paths {
			g.Requests = append(g.Requests, sdk.GrantRequest{Method: "POST", Path: path})
		}
		return g
	}
	return map[sdk.Capability]sdk.Grant{
		sdk.CapCreatePayment: one(pathBarcode, pathQR),
		sdk.CapQueryPayment:  one(pathQuery),
		sdk.CapCreateRefund:  one(pathRefund),
		sdk.CapQueryRefund:   one(pathQueryRefund),
		sdk.CapCheckIn:       one(pathQuery),
		sdk.CapInbound:       {Keys: []sdk.GrantKey{verify}},
	}
}
