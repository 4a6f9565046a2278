package main

import (
	"slices"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// operation is one thing that a provider's document offers.
type operation struct {
	ID, Plugin   string
	Name         string
	Wire         string // path, command or direction
	Capabilities []sdk.Capability
	Methods      []sdk.Method // none: not of one method
}

// checklist has every operation of the four documents. It is kept apart from the plugins, so
// that an operation missing from a plugin and from its tests is missed here.
func checklist() []operation {
	return slices.Concat(metro(), bestpay(), shouqianba(), payout(), quick(), scan(), gateway())
}

// providers are the plugins of the checklist.
func providers() []string {
	var out []string
	for _, op := range checklist() {
		if !slices.Contains(out, op.Plugin) {
			out = append(out, op.Plugin)
		}
	}
	return out
}

func by(capabilities ...sdk.Capability) []sdk.Capability { return capabilities }

func with(methods ...sdk.Method) []sdk.Method { return methods }

func metro() []operation {
	const p, base = "metro", "/metro/payment/v1/api/qrcode"
	return []operation{
		{"ME1", p, "a membership is opened or closed", "called by the provider", by(sdk.CapInbound), nil},
		{"ME2", p, "a member's phone changed", "called by the provider", by(sdk.CapInbound), nil},
		{"ME3", p, "charge a code of 36 digits", base + "/applypay", by(sdk.CapCreatePayment), with(sdk.MethodBarcode)},
		{"ME4", p, "whose code it is", base + "/queryuid", by(sdk.CapResolvePayer), nil},
		{"ME5", p, "order query", base + "/orderquery", by(sdk.CapQueryPayment), nil},
		{"ME6", p, "reverse, repeated while it says recall", base + "/reverse", by(sdk.CapCancelPayment), nil},
		{"ME7", p, "refund", base + "/refund", by(sdk.CapCreateRefund), nil},
		{"ME8", p, "daily bill: totals by wallet", base + "/bill", by(sdk.CapFetchBill), nil},
	}
}

func bestpay() []operation {
	const p, base = "bestpay", "/mapi/o2o/aggregatePayment"
	return []operation{
		{"BP1", p, "barcode order", base + "/orderMixBrcode", by(sdk.CapCreatePayment), with(sdk.MethodBarcode)},
		{"BP2", p, "QR order: BestPay, Alipay, WeChat", base + "/platform/orderMixQrcode", by(sdk.CapCreatePayment), with(sdk.MethodQR, sdk.MethodH5, sdk.MethodJSAPI)},
		{"BP3", p, "confirm order status", base + "/confirmOrderStatus", by(sdk.CapQueryPayment), nil},
		{"BP4", p, "callbacks of payments and refunds", "called by the provider", by(sdk.CapInbound), nil},
		{"BP5", p, "refund", base + "/refund", by(sdk.CapCreateRefund), nil},
		{"BP6", p, "refund query", base + "/queryRefundOrder", by(sdk.CapQueryRefund), nil},
	}
}

func shouqianba() []operation {
	const p = "shouqianba"
	return []operation{
		{"SQ1", p, "pay by the payer's code", "/upay/v2/pay", by(sdk.CapCreatePayment), with(sdk.MethodBarcode)},
		{"SQ2", p, "refund, several per order", "/upay/v2/refund", by(sdk.CapCreateRefund), nil},
		{"SQ3", p, "query", "/upay/v2/query", by(sdk.CapQueryPayment, sdk.CapQueryRefund), nil},
		{"SQ4", p, "cancel", "/upay/v2/cancel", by(sdk.CapCancelPayment), nil},
		{"SQ5", p, "pre-create a QR code", "/upay/v2/precreate", by(sdk.CapCreatePayment), with(sdk.MethodQR)},
		{"SQ6", p, "terminal activation and check-in", "/terminal/activate, /terminal/checkin", by(sdk.CapActivate, sdk.CapCheckIn), nil},
	}
}
