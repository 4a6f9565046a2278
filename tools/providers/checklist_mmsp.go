package main

import "github.com/zhanggui-pay/zhanggui/plugins/sdk"

// The four products of MMSP. Commands are as the document's headings print them; on the wire
// they are decimal.

const mmsp = "mmsp"

func payout() []operation {
	return []operation{
		{"PO1", mmsp, "payout: single payout", "0x1001", by(sdk.CapCreatePayout), nil},
		{"PO2", mmsp, "payout: query", "0x1002", by(sdk.CapQueryPayout), nil},
		{"PO3", mmsp, "payout: balances by channel", "0x1003", by(sdk.CapListBalances), nil},
	}
}

func quick() []operation {
	return []operation{
		{"QP1", mmsp, "quick: SMS code to bind a card", "0x030D", by(sdk.CapBindCard), nil},
		{"QP2", mmsp, "quick: bind a card", "0x0306", by(sdk.CapBindCard), nil},
		{"QP3", mmsp, "quick: pay by card", "0x0303", by(sdk.CapCreatePayment), with(sdk.MethodCard)},
		{"QP4", mmsp, "quick: confirm with the SMS code", "0x0304", by(sdk.CapConfirmPayment), with(sdk.MethodCard)},
		{"QP5", mmsp, "quick: result notification", "called by the provider, 35104", by(sdk.CapInbound), nil},
		{"QP6", mmsp, "quick: unbind a card", "0x0307", by(sdk.CapUnbindCard), nil},
		{"QP7", mmsp, "quick: query", "0x0305", by(sdk.CapQueryPayment), with(sdk.MethodCard)},
		{"QP8", mmsp, "quick: query bound cards", "0x0308", by(sdk.CapQueryCard), nil},
		{"QP9", mmsp, "quick: list paid orders by pages", "0x0309", by(sdk.CapListPayments), nil},
		{"QP10", mmsp, "quick: send the SMS code again", "0x030A", by(sdk.CapResendCode), with(sdk.MethodCard)},
		{"QP11", mmsp, "quick: pay with a bound card", "0x030B", by(sdk.CapConfirmPayment), with(sdk.MethodBoundCard)},
		{"QP12", mmsp, "quick: SMS code to pay with a bound card", "0x030C", by(sdk.CapCreatePayment), with(sdk.MethodBoundCard)},
		{"QP13", mmsp, "quick: order on UnionPay's page", "0x030F", by(sdk.CapCreatePayment), with(sdk.MethodUnionPay)},
	}
}

func scan() []operation {
	create := by(sdk.CapCreatePayment)
	return []operation{
		{"SC1", mmsp, "scan: WeChat account, native, mini program", "0x0902", create, with(sdk.MethodQR, sdk.MethodJSAPI, sdk.MethodMiniProgram)},
		{"SC2", mmsp, "scan: WeChat barcode", "0x0903", create, with(sdk.MethodBarcode)},
		{"SC3", mmsp, "scan: WeChat H5", "0x0911", create, with(sdk.MethodH5)},
		{"SC4", mmsp, "scan: Alipay service window, native", "0x0904", create, with(sdk.MethodQR, sdk.MethodJSAPI)},
		{"SC5", mmsp, "scan: Alipay barcode", "0x0905", create, with(sdk.MethodBarcode)},
		{"SC6", mmsp, "scan: Alipay static code", "0x0402", create, with(sdk.MethodStaticCode)},
		{"SC7", mmsp, "scan: Alipay dynamic code", "0x0403", create, with(sdk.MethodDynamicCode)},
		{"SC8", mmsp, "scan: Alipay H5", "0x0406", create, with(sdk.MethodH5)},
		{"SC9", mmsp, "scan: QQ wallet order", "0x0915", create, with(sdk.MethodQR, sdk.MethodJSAPI)},
		{"SC10", mmsp, "scan: QQ wallet barcode", "0x0916", create, with(sdk.MethodBarcode)},
		{"SC11", mmsp, "scan: JD order", "0x0407", create, with(sdk.MethodQR)},
		{"SC12", mmsp, "scan: UnionPay wallet order", "0x0401", create, with(sdk.MethodQR)},
		{"SC13", mmsp, "scan: the payer's OPENID or USER_ID", "browser redirect", by(sdk.CapResolvePayer), nil},
		{"SC14", mmsp, "scan: query", "0x0906", by(sdk.CapQueryPayment), nil},
		{"SC15", mmsp, "scan: cancel, after 15 s", "0x0907", by(sdk.CapCancelPayment), nil},
		{"SC16", mmsp, "scan: close", "0x090A", by(sdk.CapClosePayment), nil},
		{"SC17", mmsp, "scan: refund", "0x0908", by(sdk.CapCreateRefund), nil},
		{"SC18", mmsp, "scan: refund query", "0x0909", by(sdk.CapQueryRefund), nil},
		{"SC19", mmsp, "scan: result notification", "called by the provider, 0x0914", by(sdk.CapInbound), nil},
		{"SC20", mmsp, "scan: page that wakes WeChat", "browser redirect", by(sdk.CapResolvePayer), nil},
	}
}

func gateway() []operation {
	return []operation{
		{"GW1", mmsp, "gateway: form of the payer's browser", "0x0912", by(sdk.CapCreatePayment), with(sdk.MethodGatewayForm)},
		{"GW2", mmsp, "gateway: result notification", "called by the provider, 35104 or 35090", by(sdk.CapInbound), nil},
		{"GW3", mmsp, "gateway: query", "0x0913", by(sdk.CapQueryPayment), with(sdk.MethodGatewayForm)},
		{"GW4", mmsp, "gateway: list orders by pages", "0x030E", by(sdk.CapListPayments), nil},
		{"GW5", mmsp, "gateway: the payer's browser returns", "called by the browser", by(sdk.CapInbound), nil},
	}
}
