package main

import "github.com/zhanggui-pay/zhanggui/plugins/sdk"

func quickProduct() sdk.Product {
	return sdk.Product{
		ID: productQuick, Name: sdk.Text{ZH: "快捷支付", EN: "Quick pay"},
		Capabilities: []sdk.Capability{
			sdk.CapCreatePayment, sdk.CapConfirmPayment, sdk.CapResendCode, sdk.CapQueryPayment, sdk.CapListPayments,
			sdk.CapBindCard, sdk.CapUnbindCard, sdk.CapQueryCard, sdk.CapCheckIn, sdk.CapInbound,
		},
		Methods: []sdk.MethodSpec{
			{Method: sdk.MethodCard, Name: sdk.Text{ZH: "银行卡支付（短信验证）", EN: "Bank card with a code by SMS"}, Needs: []string{sdk.NeedCard}},
			{
				Method: sdk.MethodBoundCard, Name: sdk.Text{ZH: "绑卡支付（平台暂未开通）", EN: "Bound card (the provider has it switched off)"},
				Needs: []string{sdk.NeedBoundCard}, Extra: []sdk.InputField{
					{Name: extraPhone, Label: sdk.Text{ZH: "付款人手机号（接收验证码）", EN: "Payer's phone, which receives the code"}, Required: true, MaxLength: 11},
				},
			},
			{Method: sdk.MethodUnionPay, Name: sdk.Text{ZH: "银联快捷", EN: "UnionPay quick order"}, Needs: []string{sdk.NeedReturnURL}},
		},
		List: listRule(),
	}
}
