package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// CancelPayment takes an order back (document, 三.5).
func (provider) CancelPayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	reply, err := postOrder(ctx, call, pathCancel, ref)
	if err != nil {
		return noPayment(err)
	}
	return reply.Payment(cancelOutcome(reply), ref.OrderNo, ref.Amount), nil
}

// cancelOutcome maps the reply by 四.2: CANCEL_ABORT_* answer a cancel of a payment that
// was under way. Without an order_status that agrees the order is asked again. FAIL never
// changes the payment, not even when the gateway knows no such order (trap S12).
func cancelOutcome(r wire.Reply) sdk.Outcome {
	if outcome, ok := r.Layer1(); !ok {
		return outcome
	}
	switch {
	case r.Biz == "CANCEL_SUCCESS" || r.Biz == "CANCEL_ABORT_SUCCESS":
		if s := r.Data.OrderStatus; s == "CANCELED" || s == "PAY_CANCELED" {
			return sdk.OutcomeSucceeded
		}
		return sdk.OutcomeUnknown
	case r.Biz == "FAIL":
		return sdk.OutcomeRefused
	case r.Pending():
		return sdk.OutcomeInProgress
	}
	return sdk.OutcomeUnknown // CANCEL_ERROR, CANCEL_ABORT_ERROR and whatever is not documented
}
