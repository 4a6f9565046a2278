package main

import (
	_ "embed"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// version of this plugin.
const version = "1.0.0"

// The paths of the interfaces. A segment in braces is the call's own number.
const (
	pathPrepay = "/v3/pay/transactions/"
	pathNative = pathPrepay + "native"
	pathJSAPI  = pathPrepay + "jsapi"
	pathH5     = pathPrepay + "h5"
	pathOrder  = pathPrepay + "out-trade-no/"

	pathRefunds      = "/v3/refund/domestic/refunds"
	pathCertificates = "/v3/certificates"
	pathBill         = "/v3/bill/tradebill"
	pathBillFile     = "/v3/billdownload/file"
)

// The kinds of notifications: an address travels with each order and each refund.
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
		ID: "wechatpay", Name: sdk.Text{ZH: "微信支付", EN: "WeChat Pay"}, Version: version, ProtocolVersion: sdk.ProtocolVersion,
		Products:    []sdk.Product{direct()},
		Settings:    settingsSchema,
		Credentials: credentialsSchema,
		Hosts:       []string{"api.mch.weixin.qq.com", "api2.mch.weixin.qq.com"}, // the second is the documented spare
		Grants:      grants(),
		OrderNumber: sdk.OrderNumberRule{MaxLength: maxNumber},
		Poll:        poll(),
		Cancel:      cancelRule(),
		Refund:      sdk.RefundRule{Conclusive: true},
		Inbound: []sdk.InboundKind{
			{Kind: kindPayment, Name: sdk.Text{ZH: "支付结果通知", EN: "Payment result"}},
			{Kind: kindRefund, Name: sdk.Text{ZH: "退款结果通知", EN: "Refund result"}},
		},
		// WeChat Pay changes its certificates by itself and asks merchants to fetch them twice a day.
		CheckInEvery:        12 * time.Hour,
		ReplyAuthentication: sdk.ReplySigned,
		// The payer at the app, our signatures, what is sealed, and what is renewed.
		Redact: []string{"openid", "Authorization", "paySign", "ciphertext", credCertificate, credCertificate2},
	}
}

// poll asks as often as the documentation suggests for an order whose notification does not
// come, then for days.
func poll() sdk.PollSchedule {
	return sdk.PollSchedule{
		Fast:   []time.Duration{5 * time.Second, 5 * time.Second, 10 * time.Second},
		Window: 2 * time.Minute,
		Tail: []time.Duration{
			30 * time.Second, time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour,
		},
		Horizon: 15 * time.Minute,
	}
}

// cancelRule closes what nobody has paid in a quarter of an hour. The documentation asks to
// wait 5 minutes before an order is closed.
func cancelRule() sdk.CancelRule {
	methods := []sdk.Method{sdk.MethodQR, sdk.MethodJSAPI, sdk.MethodH5}
	rule := sdk.CancelRule{After: map[sdk.Method]time.Duration{}, NotBefore: 5 * time.Minute, ByClose: methods, Repeat: time.Minute}
	for _, method := range methods {
		rule.After[method] = 15 * time.Minute
	}
	return rule
}

func direct() sdk.Product {
	return sdk.Product{
		ID: "direct", Name: sdk.Text{ZH: "普通商户", EN: "Direct merchant"},
		Capabilities: []sdk.Capability{
			sdk.CapCreatePayment, sdk.CapQueryPayment, sdk.CapClosePayment, sdk.CapCreateRefund, sdk.CapQueryRefund,
			sdk.CapFetchBill, sdk.CapCheckIn, sdk.CapInbound,
		},
		Methods: []sdk.MethodSpec{
			{Method: sdk.MethodQR, Name: sdk.Text{ZH: "Native 支付（二维码）", EN: "Native (QR code)"}},
			{Method: sdk.MethodJSAPI, Name: sdk.Text{ZH: "JSAPI 支付（微信内页面）", EN: "JSAPI (page inside WeChat)"}, Needs: []string{sdk.NeedPayerID}},
			{Method: sdk.MethodH5, Name: sdk.Text{ZH: "H5 支付（微信外浏览器）", EN: "H5 (browser outside WeChat)"}, Needs: []string{sdk.NeedClientIP}},
		},
	}
}

// grants: every call sends one signed request and verifies one reply; a notification is
// verified and opened, and nothing is sent.
func grants() map[sdk.Capability]sdk.Grant {
	sends := func(method string, paths ...string) sdk.Grant {
		g := sdk.Grant{Sends: 1, Keys: append(verifies(), sdk.GrantKey{Name: credPrivateKey, Operations: []string{sdk.OpSign}})}
		for _, path := range paths {
			g.Requests = append(g.Requests, sdk.GrantRequest{Method: method, Path: path})
		}
		return g
	}
	opens := sdk.GrantKey{Name: credSecret, Operations: []string{sdk.OpOpen}}
	checkIn := sends("GET", pathCertificates)
	checkIn.Keys, checkIn.Rotate = append(checkIn.Keys, opens), certificates()
	return map[sdk.Capability]sdk.Grant{
		sdk.CapCreatePayment: sends("POST", pathNative, pathJSAPI, pathH5),
		sdk.CapQueryPayment:  sends("GET", pathOrder+"{order_no}"),
		sdk.CapClosePayment:  sends("POST", pathOrder+"{order_no}/close"),
		sdk.CapCreateRefund:  sends("POST", pathRefunds),
		sdk.CapQueryRefund:   sends("GET", pathRefunds+"/{refund_no}"),
		sdk.CapFetchBill:     sends("GET", pathBill, pathBillFile),
		sdk.CapCheckIn:       checkIn,
		sdk.CapInbound:       {Keys: append(verifies(), opens)},
	}
}

// verifies are the keys that WeChat Pay's messages are verified with.
func verifies() []sdk.GrantKey {
	names := append(certificates(), credPublicKey)
	keys := make([]sdk.GrantKey, 0, len(names))
	for _, name := range names {
		keys = append(keys, sdk.GrantKey{Name: name, Operations: []string{sdk.OpVerify}})
	}
	return keys
}
