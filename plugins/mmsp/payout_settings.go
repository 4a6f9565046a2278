package main

import (
	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/payoutwire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// payoutSettings are what the document leaves open about payouts.
type payoutSettings struct {
	// PayoutMaximumUnit is the unit of "at most ten million" (trap P2).
	PayoutMaximumUnit string `json:"payout_maximum_unit"`
	// PayoutLimitUnit is the unit of a channel's own limits, which have none in print.
	PayoutLimitUnit string `json:"payout_limit_unit"`
	// PayoutClassField is the field of a balance that says T1 or D0 (trap P10).
	PayoutClassField string `json:"payout_class_field"`
}

// The units of the open settings.
const (
	unitYuan = "yuan"
	unitFen  = "fen"
)

// fieldMerchantType is the field that the table of 代付 5.3.3 gives to T1 and D0.
const fieldMerchantType = "MERTYPE"

func defaultPayoutSettings() payoutSettings {
	return payoutSettings{PayoutMaximumUnit: unitYuan, PayoutLimitUnit: unitFen, PayoutClassField: fieldMerchantType}
}

// payoutMaximum is the document's ten million (代付 5.1.2): of yuan, or of fen.
func (s payoutSettings) payoutMaximum() sdk.Money {
	if s.PayoutMaximumUnit == unitFen {
		return sdk.Fen(10_000_000)
	}
	return sdk.Fen(10_000_000 * 100)
}

func (s payoutSettings) balanceRules() payoutwire.BalanceRules {
	return payoutwire.BalanceRules{ClassField: s.PayoutClassField, LimitsInYuan: s.PayoutLimitUnit == unitYuan}
}

// payoutParty is who pays out.
func payoutParty(call *sdk.Call, set settings) payoutwire.Party {
	return payoutwire.Party{
		URL: call.BaseURL + set.PayoutPath, Merchant: call.Merchant(credPayoutMerchantNo), Private: credPayoutKey, Platform: credPlatformKey,
	}
}
