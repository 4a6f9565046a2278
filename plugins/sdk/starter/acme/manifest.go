package main

import (
	_ "embed"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The credentials' names, as in credentials.schema.json.
const (
	credMerchant = "merchant_id"
	credKey      = "api_key"
)

// kindNotice is the one kind of request that Acme makes to us.
const kindNotice = "n"

//go:embed settings.schema.json
var settingsSchema []byte

//go:embed credentials.schema.json
var credentialsSchema []byte

// Manifest says what this provider is and what it asks for.
func (provider) Manifest() sdk.Manifest {
	return sdk.Manifest{
		ID: "acme", Name: sdk.Text{ZH: "Acme 支付", EN: "Acme Pay"}, Version: "0.1.0", ProtocolVersion: sdk.ProtocolVersion,
		Products: []sdk.Product{{
			ID: "qr", Name: sdk.Text{ZH: "扫码支付", EN: "QR payments"},
			Capabilities: []sdk.Capability{
				sdk.CapCreatePayment, sdk.CapQueryPayment, sdk.CapClosePayment, sdk.CapCreateRefund, sdk.CapQueryRefund, sdk.CapInbound,
			},
			Methods: []sdk.MethodSpec{{Method: sdk.MethodQR, Name: sdk.Text{ZH: "出示收款码", EN: "Show a QR code"}}},
		}},
		Settings:    settingsSchema,
		Credentials: credentialsSchema,
		Hosts:       []string{"api.acme.example"},
		Grants:      grants(),
		OrderNumber: sdk.OrderNumberRule{MaxLength: 32},
		Poll: sdk.PollSchedule{
			Fast:    []time.Duration{2 * time.Second, 3 * time.Second, 5 * time.Second},
			Window:  time.Minute,
			Tail:    []time.Duration{15 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 3 * time.Hour},
			Horizon: 10 * time.Minute, // Acme: an order that was taken can be found after 5 minutes at the latest
		},
		// A code that nobody scanned in ten minutes is closed. A query still asks afterwards.
		Cancel:              sdk.CancelRule{After: map[sdk.Method]time.Duration{sdk.MethodQR: 10 * time.Minute}, ByClose: []sdk.Method{sdk.MethodQR}},
		Refund:              sdk.RefundRule{Conclusive: true},
		Inbound:             []sdk.InboundKind{{Kind: kindNotice, Name: sdk.Text{ZH: "支付结果通知", EN: "Payment notices"}}},
		ReplyAuthentication: sdk.ReplySigned,
		Redact:              []string{headerSignature, "payer_phone"},
	}
}

// grants: a call sends one signed request and verifies one signed reply; a notice is verified
// and nothing is sent.
func grants() map[sdk.Capability]sdk.Grant {
	keys := []sdk.GrantKey{{Name: credKey, Operations: []string{sdk.OpDigest}}}
	one := func(method, path string) sdk.Grant {
		return sdk.Grant{Requests: []sdk.GrantRequest{{Method: method, Path: path}}, Keys: keys, Sends: 1}
	}
	return map[sdk.Capability]sdk.Grant{
		sdk.CapCreatePayment: one("POST", "/v1/orders"),
		sdk.CapQueryPayment:  one("GET", "/v1/orders/{order_no}"),
		sdk.CapClosePayment:  one("POST", "/v1/orders/{order_no}/close"),
		sdk.CapCreateRefund:  one("POST", "/v1/refunds"),
		sdk.CapQueryRefund:   one("GET", "/v1/refunds/{refund_no}"),
		sdk.CapInbound:       {Keys: keys},
	}
}
