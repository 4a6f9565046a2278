package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/bestpay/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// absentOrderNo is a number of the year 2000: ours begin later, so no such order exists.
const absentOrderNo = "00010100000000000000"

// CheckIn asks for an order that cannot exist. A verified answer that took our request, or
// that says "no such order" by a code of the settings, proves both keys. Any other refusal
// proves the platform's certificate only, as the document lists no codes: it stays a
// refusal, with BestPay's words.
func (provider) CheckIn(ctx context.Context, call *sdk.Call) (sdk.CheckResult, error) {
	a, err := accountOf(call)
	if err != nil {
		return sdk.CheckResult{}, err
	}
	reply, err := a.query(ctx, call, sdk.OrderRef{OrderNo: absentOrderNo, CreatedAt: call.Now()})
	if err != nil {
		text, err := wire.Failure(err)
		return sdk.CheckResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
	}
	result := sdk.CheckResult{Outcome: sdk.OutcomeRefused, Provider: reply.Text(), KeyRefused: a.keyRefused(reply)}
	if reply.Success || a.orderNotFound(reply) {
		result.Outcome = sdk.OutcomeSucceeded
	}
	return result, nil
}
