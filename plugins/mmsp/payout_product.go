package main

import "github.com/zhanggui-pay/zhanggui/plugins/sdk"

// The inputs that only this provider has, by their names in PayoutRequest.Extra.
const (
	extraBusinessType    = "business_type"
	extraChannelMerchant = "channel_merchant"
)

// defaultBusinessType is BUSITYPE unless another is chosen (代付 5.1.2: 默认填001).
const defaultBusinessType = "001"

// businessTypes are the document's (代付 6.3).
func businessTypes() []sdk.Channel {
	return []sdk.Channel{
		{ID: defaultBusinessType, Name: sdk.Text{ZH: "业务往来款", EN: "Business payment"}},
		{ID: "002", Name: sdk.Text{ZH: "员工工资", EN: "Salary"}},
		{ID: "003", Name: sdk.Text{ZH: "报销", EN: "Expenses"}},
		{ID: "004", Name: sdk.Text{ZH: "合作款项", EN: "Co-operation"}},
		{ID: "005", Name: sdk.Text{ZH: "赔付保金", EN: "Indemnity"}},
		{ID: "999", Name: sdk.Text{ZH: "其他", EN: "Other"}},
	}
}

func payoutProduct() sdk.Product {
	return sdk.Product{
		ID: productPayout, Name: sdk.Text{ZH: "代付", EN: "Payout"},
		Capabilities: []sdk.Capability{sdk.CapCreatePayout, sdk.CapQueryPayout, sdk.CapListBalances, sdk.CapCheckIn},
		Payout: &sdk.PayoutSpec{
			Sources: []sdk.Channel{
				{ID: sdk.SourceBalance, Name: sdk.Text{ZH: "余额支付", EN: "Balance"}},
				{ID: sdk.SourceAdvance, Name: sdk.Text{ZH: "垫资支付（仅当天）", EN: "Advance (same day only)"}},
			},
			PayeeTypes: []sdk.Channel{
				{ID: sdk.PayeePersonal, Name: sdk.Text{ZH: "借记卡（暂不支持贷记卡）", EN: "Debit card (no credit cards)"}},
				{ID: sdk.PayeeBusiness, Name: sdk.Text{ZH: "对公账号", EN: "Corporate account"}},
			},
			// The document calls the province and the city optional and warns that a payout without
			// them is refused (trap P5).
			Needs: []string{"payee_name", "payee_number", "bank_name", "phone", "province", "city"},
			Extra: []sdk.InputField{
				{Name: extraBusinessType, Label: sdk.Text{ZH: "业务类型（默认 001）", EN: "Business type (default 001)"}, Options: businessTypes()},
				{Name: extraChannelMerchant, Label: sdk.Text{ZH: "代付商户号（CHLMERNO）", EN: "Merchant number at the channel (CHLMERNO)"}, MaxLength: 64},
			},
			Maximum: defaultPayoutSettings().payoutMaximum(),
		},
	}
}
