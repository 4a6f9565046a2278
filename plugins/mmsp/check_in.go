package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// checkInOrder is an order number that no order of ours can have: they begin with a date.
const checkInOrder = "00000000000000000000"

// CheckIn proves the account's keys without touching money: it asks scan for an order that
// cannot exist or, where the account is for payouts only, for the balances.
func (p provider) CheckIn(ctx context.Context, call *sdk.Call) (sdk.CheckResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.CheckResult{}, err
	}
	if call.Merchant(credMerchantNo) == "" {
		balances, err := p.ListBalances(ctx, call)
		// 1006 is the payout product's refusal of a signature (代付 6.2).
		return sdk.CheckResult{Outcome: balances.Outcome, Provider: balances.Provider, KeyRefused: balances.Provider.Code == "1006"}, err
	}
	// Whoever sets the account up learns now, not at the first order, that the host's name is too long (trap C4).
	if _, err := callbackURL(call, inboundScan, maxPreOrderNotify); err != nil {
		return sdk.CheckResult{}, err
	}
	reply, err := p.askScan(ctx, call, scanAccount(call, set), wire.ScanQuery, checkInOrder)
	if err != nil {
		text, err := wire.Failure(err)
		return sdk.CheckResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
	}
	result := sdk.CheckResult{Outcome: sdk.OutcomeSucceeded, Provider: reply.Text(), KeyRefused: reply.KeyRefused()}
	// A Body is verified; "no such order" is said only after our signature was found good.
	if outcome, ok := reply.Taken(wire.Asks); !ok && !reply.NoSuchOrder() {
		result.Outcome = outcome
	}
	return result, nil
}
