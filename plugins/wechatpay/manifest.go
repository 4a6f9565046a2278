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
	pathOrder  = pathPrepay + "out-trade-no/"
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
		Products:            []sdk.Product{direct()},
		Settings:            settingsSchema,
		Credentials:         credentialsSchema,
		Hosts:               []string{"api.mch.weixin.qq.com", "api2.mch.weixin.qq.com"}, // the second is the documented spare
		Grants:              grants(),
		OrderNumber:         sdk.OrderNumberRule{MaxLength: maxNumber},
		Poll:                poll(),
		ReplyAuthentication: sdk.ReplySigned,
		// The payer at the app, our signature, and what opens the wallet for an order.
		Redact: []string{"openid", "Authorization", "paySign"},
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

func direct() sdk.Product {
	return sdk.Product{
		ID: "direct", Name: sdk.Text{ZH: "普通商户", EN: "Direct merchant"},
		Capabilities: []sdk.Capability{sdk.CapCreatePayment, sdk.CapQueryPayment},
		Methods: []sdk.MethodSpec{
			{Method: sdk.MethodQR, Name: sdk.Text{ZH: "Native 支付（二维码）", EN: "Native (QR code)"}},
		},
	}
}

// grants: every call sends one signed request and verifies one reply.
func grants() map[sdk.Capability]sdk.Grant {
	sends := func(method string, paths ...string) sdk.Grant {
		g := sdk.Grant{Sends: 1, Keys: append(verifies(), sdk.GrantKey{Name: credPrivateKey, Operations: []string{sdk.OpSign}})}
		for _, path := range paths {
			g.Requests = append(g.Requests, sdk.GrantRequest{Method: method, Path: path})
		}
		return g
	}
	return map[sdk.Capability]sdk.Grant{
		sdk.CapCreatePayment: sends("POST", pathNative),
		sdk.CapQueryPayment:  sends("GET", pathOrder+"{order_no}"),
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
