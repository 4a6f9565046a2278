package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// QueryPayment asks what became of an order (document, 三.4).
func (provider) QueryPayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	reply, err := wire.Post(ctx, call, terminal(call), pathQuery, orderFields(call, ref))
	if err != nil {
		return wire.Unknown(err), nil
	}
	return reply.Payment(queryOutcome(reply)), nil
}

// queryOutcome: SUCCESS says that the query worked; order_status says the rest.
func queryOutcome(r wire.Reply) sdk.Outcome {
	if outcome, ok := r.Layer1(); !ok {
		return outcome
	}
	switch {
	case r.Biz == "SUCCESS":
		return r.Data.PaymentStatus()
	case r.NotExists():
		return sdk.OutcomeNotFound
	case r.Biz == "FAIL":
		return sdk.OutcomeRefused
	}
	return sdk.OutcomeUnknown
}

// orderFields names an order. The gateway looks for sn first (document, 三.4.2), so only
// our own number is sent: an sn learnt from a wrong reply could not lead us astray.
func orderFields(call *sdk.Call, ref sdk.OrderRef) map[string]string {
	return map[string]string{"terminal_sn": call.Merchant(credTerminalSN), "client_sn": ref.OrderNo}
}
