package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// CheckIn proves number and key by asking for yesterday's bill, which changes nothing. The
// document has no code for "no such order", so a query of one would prove less.
func (p provider) CheckIn(ctx context.Context, call *sdk.Call) (sdk.CheckResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.CheckResult{}, err
	}
	_, outcome, text, err := p.bill(ctx, call, set, call.Now().In(sdk.Beijing()).AddDate(0, 0, -1))
	return sdk.CheckResult{Outcome: outcome, Provider: text}, err
}
