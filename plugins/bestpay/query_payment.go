package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/bestpay/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// QueryPayment asks what became of an order (document, 3.3). The reply echoes neither
// number nor amount (trap B9), so the result names none.
func (provider) QueryPayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	a, err := accountOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	reply, err := a.query(ctx, call, ref)
	if err != nil {
		return unsettled(err)
	}
	return sdk.PaymentResult{Outcome: a.queryOutcome(reply), Provider: reply.Text(), KeyRefused: a.keyRefused(reply)}, nil
}

// queryOutcome: a query that failed leaves the order as it was.
func (a account) queryOutcome(r wire.Reply) sdk.Outcome {
	switch {
	case a.orderNotFound(r) && (!r.Success || wire.PaymentOutcome(r.Result.Status) == sdk.OutcomeFailed):
		return sdk.OutcomeNotFound
	case !r.Success:
		return sdk.OutcomeRefused
	default:
		return wire.PaymentOutcome(r.Result.Status)
	}
}

// query sends the request. tradeDate is the requestDate of the order (trap B8).
func (a account) query(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (wire.Reply, error) {
	if err := checkNumber("order_no", ref.OrderNo); err != nil {
		return wire.Reply{}, err
	}
	requested, err := beijing(ref.CreatedAt)
	if err != nil {
		return wire.Reply{}, err
	}
	fields := a.fields()
	fields["outTradeNo"] = wire.Text(ref.OrderNo)
	fields["tradeDate"] = wire.Text(requested)
	return a.client.Post(ctx, call, pathQuery, otherTimeout, fields)
}
