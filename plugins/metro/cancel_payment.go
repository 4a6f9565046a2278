package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// CancelPayment reverses an order (seed 000, 四.6). It never succeeds by itself: the reply
// names no order, and recall N says no more than that another call is not needed (trap M5).
// The host asks for the order instead, and calls again while recall is Y.
func (p provider) CancelPayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if err := checkNumber("order_no", ref.OrderNo); err != nil {
		return sdk.PaymentResult{}, err
	}
	reply, err := p.post(ctx, call, set, pathReverse, orderBody{ref.OrderNo})
	if err != nil {
		return noPayment(err)
	}
	if !reply.OK {
		return sdk.PaymentResult{Outcome: sdk.OutcomeUnknown, Provider: reply.Text}, nil
	}
	recall, err := reply.Recall()
	if err != nil {
		return noPayment(err)
	}
	result := sdk.PaymentResult{Outcome: sdk.OutcomeUnknown, Provider: reply.Text}
	switch recall {
	case "Y":
		result.Outcome, result.Provider.Code = sdk.OutcomeInProgress, "recall Y"
	case "N":
		result.Provider.Code = "recall N"
	}
	return result, nil
}
