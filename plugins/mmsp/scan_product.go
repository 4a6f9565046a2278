package main

import "github.com/zhanggui-pay/zhanggui/plugins/sdk"

// The wallets of scan.
const (
	channelWeChat   = "wechat"
	channelAlipay   = "alipay"
	channelQQ       = "qq"
	channelJD       = "jd"
	channelUnionPay = "unionpay"
)

func wallets(ids ...string) []sdk.Channel {
	names := map[string]sdk.Text{
		channelWeChat:   {ZH: "微信支付", EN: "WeChat Pay"},
		channelAlipay:   {ZH: "支付宝", EN: "Alipay"},
		channelQQ:       {ZH: "QQ 钱包", EN: "QQ Wallet"},
		channelJD:       {ZH: "京东支付", EN: "JD Pay"},
		channelUnionPay: {ZH: "银联钱包", EN: "UnionPay Wallet"},
	}
	out := make([]sdk.Channel, 0, len(ids))
	for _, id := range ids {
		out = append(out, sdk.Channel{ID: id, Name: names[id]})
	}
	return out
}

// The further inputs of scan.
const (
	extraAppID         = "sup_appid"
	extraAlipayAccount = "alipay_account"
)

func scanProduct() sdk.Product {
	appID := sdk.InputField{
		Name: extraAppID, MaxLength: maxAppID,
		Label: sdk.Text{ZH: "公众号或小程序 AppID（留空则用账户设置）", EN: "AppID of the official account or mini program (empty: the account's setting)"},
	}
	account := sdk.InputField{
		Name: extraAlipayAccount, MaxLength: maxPayerID,
		Label: sdk.Text{ZH: "买家支付宝账号（没有 USER_ID 时）", EN: "Payer's Alipay account (where there is no USER_ID)"},
	}
	return sdk.Product{
		ID: productScan, Name: sdk.Text{ZH: "扫码支付", EN: "Scan"},
		Capabilities: []sdk.Capability{
			sdk.CapCreatePayment, sdk.CapQueryPayment, sdk.CapCancelPayment, sdk.CapClosePayment, sdk.CapCreateRefund, sdk.CapQueryRefund,
			sdk.CapResolvePayer, sdk.CapCheckIn, sdk.CapInbound,
		},
		Methods: []sdk.MethodSpec{
			{
				Method: sdk.MethodBarcode, Name: sdk.Text{ZH: "扫付款码", EN: "Scan the payer's code"},
				Channels: wallets(channelWeChat, channelAlipay, channelQQ), Needs: []string{sdk.NeedPayerCode},
			},
			{
				Method: sdk.MethodQR, Name: sdk.Text{ZH: "出示收款码", EN: "Show a QR code"},
				Channels: wallets(channelWeChat, channelAlipay, channelQQ, channelJD, channelUnionPay), ChannelRequired: true,
			},
			{
				// WeChat needs the payer's OPENID, Alipay the USER_ID or the account, and QQ's table
				// has no field for its payer at all (trap C9): so no Need, and each is checked.
				Method: sdk.MethodJSAPI, Name: sdk.Text{ZH: "公众号 / 服务窗", EN: "Official account / service window"},
				Channels: wallets(channelWeChat, channelAlipay, channelQQ), ChannelRequired: true, Extra: []sdk.InputField{appID, account},
			},
			{
				Method: sdk.MethodMiniProgram, Name: sdk.Text{ZH: "小程序", EN: "Mini program"},
				Channels: wallets(channelWeChat), Needs: []string{sdk.NeedPayerID}, Extra: []sdk.InputField{appID},
			},
			{
				Method: sdk.MethodH5, Name: sdk.Text{ZH: "H5 支付", EN: "H5"},
				Channels: wallets(channelWeChat, channelAlipay), ChannelRequired: true, Needs: []string{sdk.NeedReturnURL, sdk.NeedClientIP},
			},
			{Method: sdk.MethodStaticCode, Name: sdk.Text{ZH: "支付宝静态码", EN: "Alipay static code"}, Channels: wallets(channelAlipay)},
			{Method: sdk.MethodDynamicCode, Name: sdk.Text{ZH: "支付宝动态码", EN: "Alipay dynamic code"}, Channels: wallets(channelAlipay)},
		},
	}
}
