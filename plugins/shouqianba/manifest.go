package main

import (
	_ "embed"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// version of this plugin.
const version = "1.0.0"

// The credentials' names.
const (
	credTerminalSN  = "terminal_sn"
	credTerminalKey = "terminal_key"
	credVendorSN    = "vendor_sn"
	credVendorKey   = "vendor_key"
)

// The paths of the document's 三 (precreate is printed once with a capital U; lower case
// is right) and of terminal administration.
const (
	pathPay       = "/upay/v2/pay"
	pathRefund    = "/upay/v2/refund"
	pathQuery     = "/upay/v2/query"
	pathCancel    = "/upay/v2/cancel"
	pathPrecreate = "/upay/v2/precreate"
	pathActivate  = "/terminal/activate"
	pathCheckIn   = "/terminal/checkin"
)

// defaultReflectField is the wire name of what the provider gives back as it was sent;
// pay's table spells it reflact, the lists of replies reflect.
const defaultReflectField = "reflect"

//go:embed settings.schema.json
var settingsSchema []byte

//go:embed credentials.schema.json
var credentialsSchema []byte

// settings are the account's settings, by settings.schema.json.
type settings struct {
	AppID        string `json:"app_id"`
	DeviceID     string `json:"device_id"`
	ReflectField string `json:"reflect_field"`
}

func settingsOf(call *sdk.Call) (settings, error) {
	s := settings{ReflectField: defaultReflectField}
	err := call.Bind(&s)
	return s, err
}

// device is the device's id: the account's own where none is set.
func (s settings) device(call *sdk.Call) string {
	if s.DeviceID != "" {
		return s.DeviceID
	}
	return wire.Clip("zg-"+call.AccountID, maxDevice)
}

// terminal signs everything but an activation.
func terminal(call *sdk.Call) wire.Signer {
	return wire.Signer{Number: call.Merchant(credTerminalSN), Key: credTerminalKey}
}

// Manifest says what this provider is.
func (provider) Manifest() sdk.Manifest {
	return sdk.Manifest{
		ID: "shouqianba", Name: sdk.Text{ZH: "收钱吧", EN: "Shouqianba"}, Version: version, ProtocolVersion: sdk.ProtocolVersion,
		Products:    []sdk.Product{gateway()},
		Settings:    settingsSchema,
		Credentials: credentialsSchema,
		Hosts:       []string{"vsi-api.shouqianba.com", "api.shouqianba.com"},
		Grants:      grants(),
		PayerCodes: []sdk.PayerCode{
			{Method: sdk.MethodBarcode, Channel: "alipay", Prefixes: []string{"25", "26", "27", "28", "29", "30"}, Lengths: []int{16, 17, 18, 19, 20, 21, 22, 23, 24}},
			{Method: sdk.MethodBarcode, Channel: "wechat", Prefixes: []string{"10", "11", "12", "13", "14", "15"}, Lengths: []int{18}},
			{Method: sdk.MethodBarcode, Channel: "jd", Prefixes: []string{"18"}, Lengths: []int{18}},
			{Method: sdk.MethodBarcode, Channel: "baidu", Prefixes: []string{"31"}, Lengths: []int{18}},
		},
		OrderNumber: sdk.OrderNumberRule{MaxLength: maxClientSN},
		// The document polls every 3 to 5 s for 50 s and then cancels (2.4).
		Poll: sdk.PollSchedule{
			Fast:   []time.Duration{3 * time.Second, 3 * time.Second, 5 * time.Second},
			Window: time.Minute,
			Tail: []time.Duration{
				15 * time.Second, 30 * time.Second, time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute,
				30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour,
			},
			Horizon: 5 * time.Minute,
		},
		Cancel: sdk.CancelRule{
			After:  map[sdk.Method]time.Duration{sdk.MethodBarcode: 50 * time.Second, sdk.MethodQR: 4 * time.Minute},
			Repeat: 30 * time.Second,
		},
		Refund: sdk.RefundRule{OneInFlight: true, Conclusive: false, SettledBy: sdk.Text{
			ZH: "收钱吧没有退款查询：以订单的 net_amount（剩余金额）前后之差判断；REFUND_ERROR 须联系收钱吧客服人工确认。",
			EN: "Shouqianba has no refund query: the order's net_amount before and after tells; after REFUND_ERROR ask Shouqianba's support.",
		}},
		ReplyAuthentication: sdk.ReplyTLSOnly,
		// payer_login and pay_login (trap S6) are the payer's phone or mail address.
		Redact: []string{"dynamic_id", "terminal_key", "vendor_key", "code", "Authorization", "payer_login", "pay_login"},
	}
}

func gateway() sdk.Product {
	alipay := sdk.Channel{ID: "alipay", Name: sdk.Text{ZH: "支付宝", EN: "Alipay"}}
	wechat := sdk.Channel{ID: "wechat", Name: sdk.Text{ZH: "微信支付", EN: "WeChat Pay"}}
	baidu := sdk.Channel{ID: "baidu", Name: sdk.Text{ZH: "百付宝", EN: "Baidu Wallet"}}
	jd := sdk.Channel{ID: "jd", Name: sdk.Text{ZH: "京东支付", EN: "JD Pay"}}
	return sdk.Product{
		ID: "gateway", Name: sdk.Text{ZH: "支付网关 2.0", EN: "Payment gateway 2.0"},
		Capabilities: []sdk.Capability{
			sdk.CapCreatePayment, sdk.CapQueryPayment, sdk.CapCancelPayment, sdk.CapCreateRefund, sdk.CapQueryRefund, sdk.CapActivate, sdk.CapCheckIn,
		},
		Methods: []sdk.MethodSpec{
			{Method: sdk.MethodBarcode, Name: sdk.Text{ZH: "扫付款码", EN: "Scan the payer's code"}, Channels: []sdk.Channel{alipay, wechat, baidu, jd}},
			{Method: sdk.MethodQR, Name: sdk.Text{ZH: "出示收款码", EN: "Show a QR code"}, Channels: []sdk.Channel{alipay, wechat, baidu, jd}, ChannelRequired: true},
		},
	}
}

// grants: every call sends one request and digests with one key.
func grants() map[sdk.Capability]sdk.Grant {
	one := func(key string, rotate []string, paths ...string) sdk.Grant {
		g := sdk.Grant{Sends: 1, Keys: []sdk.GrantKey{{Name: key, Operations: []string{sdk.OpDigest}}}, Rotate: rotate}
		for _, path := range paths {
			g.Requests = append(g.Requests, sdk.GrantRequest{Method: "POST", Path: path})
		}
		return g
	}
	issued := []string{credTerminalSN, credTerminalKey}
	return map[sdk.Capability]sdk.Grant{
		sdk.CapCreatePayment: one(credTerminalKey, nil, pathPay, pathPrecreate),
		sdk.CapQueryPayment:  one(credTerminalKey, nil, pathQuery),
		sdk.CapCancelPayment: one(credTerminalKey, nil, pathCancel),
		sdk.CapCreateRefund:  one(credTerminalKey, nil, pathRefund),
		sdk.CapQueryRefund:   one(credTerminalKey, nil, pathQuery),
		sdk.CapActivate:      one(credVendorKey, issued, pathActivate),
		sdk.CapCheckIn:       one(credTerminalKey, issued, pathCheckIn),
	}
}
