package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// CancelPayment takes an order back (document, 三.5).
func (provider) CancelPayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	reply, err := wire.Post(ctx, call, terminal(call), pathCancel, orderFields(call, ref))
	if err != nil {
		return wire.Unknown(err), nil
	}
	return reply.Payment(cancelOutcome(reply)), nil
}

// cancelOutcome maps the reply by 四.2: CANCEL_ABORT_* answer a cancel of a payment that
// was under way. Without an order_status that agrees the order is asked again.
func cancelOutcome(r wire.Reply) sdk.Outcome {
	if outcome, ok := r.Layer1(); !ok {
		return outcome
	}
	switch r.Biz {
	case "CANCEL_SUCCESS", "CANCEL_ABORT_SUCCESS":
		if s := r.Data.OrderStatus; s == "CANCELED" || s == "PAY_CANCELED" {
			return sdk.OutcomeSucceeded
		}
		return sdk.OutcomeUnknown
	case "FAIL":
		return sdk.OutcomeRefused
	}
	if r.Pending() {
		return sdk.OutcomeInProgress
	}
	return sdk.OutcomeUnknown
}
