package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/payoutwire"
	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// queryBalances is QRYTYPE: the only one that the platform offers (代付 5.3.2).
const queryBalances = "1"

// ListBalances lists the merchant's balances, a row for each channel (代付 5.3).
func (p provider) ListBalances(ctx context.Context, call *sdk.Call) (sdk.BalanceResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.BalanceResult{}, err
	}
	number, err := p.balanceNumber(call)
	if err != nil {
		return sdk.BalanceResult{}, err
	}
	fields := map[string]string{"ORDERNO": number, "QRYTYPE": queryBalances}
	reply, err := payoutwire.Post(ctx, call, payoutParty(call, set), payoutwire.CommandBalance, fields)
	if err != nil {
		return noBalances(err)
	}
	result, err := reply.Balances(set.balanceRules())
	if err != nil {
		return noBalances(err)
	}
	return result, nil
}

// balanceNumber is the query's own number, digits only (trap P8): the host gives a fresh one
// with each call. A check-in has none, and takes the time and six digits more.
func (p provider) balanceNumber(call *sdk.Call) (string, error) {
	if call.OrderNo == "" {
		random, err := p.randomText()
		if err != nil {
			return "", err
		}
		more := []byte(random[:6])
		for i, c := range more {
			more[i] = '0' + c%10
		}
		return call.Now().In(sdk.Beijing()).Format(payoutwire.TimeLayout) + string(more), nil
	}
	if !payoutwire.Digits(call.OrderNo, 1, maxPayoutNo) {
		return "", invalid("order_no", "A balance query's number must be 1 to %d digits.", maxPayoutNo)
	}
	return call.OrderNo, nil
}

func noBalances(err error) (sdk.BalanceResult, error) {
	text, err := wire.Failure(err)
	return sdk.BalanceResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
}
