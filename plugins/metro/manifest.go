package main

import (
	_ "embed"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// version of this plugin.
const version = "1.0.0"

// The credentials' names.
const (
	credMerchant    = "mch_id"
	credPrivateKey  = "private_key"
	credProviderKey = "provider_public_key"
	credPhoneKey    = "phone_key"
	credPhoneIV     = "phone_iv"
)

// The paths of the document's 四, printed without host and leading slash (trap M10).
const (
	pathCharge  = "/metro/payment/v1/api/qrcode/applypay"
	pathPayer   = "/metro/payment/v1/api/qrcode/queryuid"
	pathQuery   = "/metro/payment/v1/api/qrcode/orderquery"
	pathReverse = "/metro/payment/v1/api/qrcode/reverse"
	pathRefund  = "/metro/payment/v1/api/qrcode/refund"
	pathBill    = "/metro/payment/v1/api/qrcode/bill"
)

// The kinds of requests that the provider makes to us. One message opens and closes a
// membership and no field tells which, so each has an address (trap M1).
const (
	kindOpen  = "o"
	kindClose = "c"
	kindPhone = "m"
)

// noHost stands for the provider's host, which the document does not print: an account
// names its own address, and that is always allowed.
const noHost = "metro.invalid"

//go:embed settings.schema.json
var settingsSchema []byte

//go:embed credentials.schema.json
var credentialsSchema []byte

// Manifest says what this provider is.
func (provider) Manifest() sdk.Manifest {
	return sdk.Manifest{
		ID: "metro", Name: sdk.Text{ZH: "大都会消费码", EN: "Metro consumption code"}, Version: version, ProtocolVersion: sdk.ProtocolVersion,
		Products:    []sdk.Product{product()},
		Settings:    settingsSchema,
		Credentials: credentialsSchema,
		Hosts:       []string{noHost},
		Grants:      grants(),
		PayerCodes:  []sdk.PayerCode{{Method: sdk.MethodBarcode, Prefixes: []string{codePrefix}, Lengths: []int{codeLength}}},
		OrderNumber: sdk.OrderNumberRule{MaxLength: maxNumber},
		// The document says to ask, not how often.
		Poll: sdk.PollSchedule{
			Fast:   []time.Duration{3 * time.Second, 3 * time.Second, 5 * time.Second},
			Window: time.Minute,
			Tail: []time.Duration{
				15 * time.Second, 30 * time.Second, time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute,
				30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour,
			},
			Horizon: 5 * time.Minute,
		},
		Cancel: sdk.CancelRule{After: map[sdk.Method]time.Duration{sdk.MethodBarcode: time.Minute}, Repeat: 10 * time.Second},
		Refund: sdk.RefundRule{SettledBy: sdk.Text{
			ZH: "大都会没有退款查询：处理中的退款以对账单的退款合计核对，或由人工向大都会确认。",
			EN: "Metro has no refund query: the refund totals of the day's bill settle a refund that is under way, or a person who asks Metro.",
		}},
		Inbound: []sdk.InboundKind{
			{Kind: kindOpen, Enter: true, Name: sdk.Text{ZH: "会员开通", EN: "Membership opened"}},
			{Kind: kindClose, Enter: true, Name: sdk.Text{ZH: "会员解绑", EN: "Membership closed"}},
			{Kind: kindPhone, Enter: true, Name: sdk.Text{ZH: "会员手机号更新", EN: "Member's phone changed"}},
		},
		ReplyAuthentication: sdk.ReplyTLSOnly,
		Redact:              []string{"qrcode", "phone", "uid", "Authorization"},
	}
}

func product() sdk.Product {
	return sdk.Product{
		ID: "consumption_code", Name: sdk.Text{ZH: "消费码", EN: "Consumption code"},
		Capabilities: []sdk.Capability{
			sdk.CapCreatePayment, sdk.CapQueryPayment, sdk.CapCancelPayment, sdk.CapCreateRefund, sdk.CapFetchBill, sdk.CapResolvePayer,
			sdk.CapCheckIn, sdk.CapInbound,
		},
		// The payer's app chooses the wallet: there is no channel to ask for.
		Methods: []sdk.MethodSpec{{
			Method: sdk.MethodBarcode, Name: sdk.Text{ZH: "扫消费码", EN: "Scan the payer's code"}, Needs: []string{sdk.NeedPayerCode},
		}},
	}
}

// grants: a call to the provider sends one request and signs with one key; an inbound one
// sends nothing.
func grants() map[sdk.Capability]sdk.Grant {
	sends := func(path string) sdk.Grant {
		return sdk.Grant{
			Sends:    1,
			Requests: []sdk.GrantRequest{{Method: "POST", Path: path}},
			Keys:     []sdk.GrantKey{{Name: credPrivateKey, Operations: []string{sdk.OpSign}}},
		}
	}
	return map[sdk.Capability]sdk.Grant{
		sdk.CapCreatePayment: sends(pathCharge),
		sdk.CapQueryPayment:  sends(pathQuery),
		sdk.CapCancelPayment: sends(pathReverse),
		sdk.CapCreateRefund:  sends(pathRefund),
		sdk.CapFetchBill:     sends(pathBill),
		sdk.CapResolvePayer:  sends(pathPayer),
		sdk.CapCheckIn:       sends(pathBill),
		sdk.CapInbound: {Keys: []sdk.GrantKey{
			{Name: credProviderKey, Operations: []string{sdk.OpVerify}},
			{Name: credPhoneKey, Operations: []string{sdk.OpOpen}},
		}},
	}
}
