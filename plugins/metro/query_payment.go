package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// queryOutcomes are the states of an order in the reply to a query (seed 000, 四.5): one
// more than a charge's (trap M3).
var queryOutcomes = map[string]sdk.Outcome{
	"PS_SUCCESS": sdk.OutcomeSucceeded,
	"PS_PAYING":  sdk.OutcomeInProgress,
	"PS_FAILED":  sdk.OutcomeFailed,
	"PS_CLOSED":  sdk.OutcomeClosed,
}

// QueryPayment asks what became of an order (seed 000, 四.5).
func (p provider) QueryPayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if err := checkNumber("order_no", ref.OrderNo); err != nil {
		return sdk.PaymentResult{}, err
	}
	reply, err := p.post(ctx, call, set, pathQuery, orderBody{ref.OrderNo})
	switch {
	case err != nil:
		return noPayment(err)
	case !reply.OK && reply.Text.Code == set.NotFoundCode:
		return sdk.PaymentResult{Outcome: sdk.OutcomeNotFound, Provider: reply.Text}, nil
	case !reply.OK:
		return sdk.PaymentResult{Outcome: sdk.OutcomeRefused, Provider: reply.Text}, nil
	}
	return paymentOf(reply, queryOutcomes, ref)
}
