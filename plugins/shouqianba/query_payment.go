package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// QueryPayment asks what became of an order (document, 三.4).
func (provider) QueryPayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	reply, err := postOrder(ctx, call, pathQuery, ref)
	if err != nil {
		return noPayment(err)
	}
	return reply.Payment(queryOutcome(reply), ref.OrderNo, ref.Amount), nil
}

// queryOutcome: SUCCESS says that the query worked; order_status says the rest.
func queryOutcome(r wire.Reply) sdk.Outcome {
	if outcome, ok := r.Layer1(); !ok {
		return outcome
	}
	switch {
	case r.Biz == "SUCCESS":
		outcome := r.Data.PaymentStatus()
		if outcome == sdk.OutcomeFailed && r.Data.ClientSN == "" {
			return sdk.OutcomeUnknown // it does not say which order failed
		}
		return outcome
	case r.NotExists():
		return sdk.OutcomeNotFound
	case r.Biz == "FAIL":
		return sdk.OutcomeRefused
	}
	return sdk.OutcomeUnknown
}

// postOrder sends a request that does no more than name an order.
func postOrder(ctx context.Context, call *sdk.Call, path string, ref sdk.OrderRef) (wire.Reply, error) {
	if err := checkOrderNo(ref.OrderNo); err != nil {
		return wire.Reply{}, err
	}
	return wire.Post(ctx, call, terminal(call), path, orderFields(call, ref))
}

// orderFields names an order. The gateway looks for sn first (trap S8), so only our own
// number is sent: an sn learnt from a wrong reply can never lead to another order. One of
// the two is enough, for a cancel and a refund too (trap S9).
func orderFields(call *sdk.Call, ref sdk.OrderRef) map[string]string {
	return map[string]string{"terminal_sn": call.Merchant(credTerminalSN), "client_sn": ref.OrderNo}
}
