package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// QueryRefund asks for the order and tells the refund by net_amount: the provider has no
// refund query (trap S5).
func (provider) QueryRefund(ctx context.Context, call *sdk.Call, req sdk.RefundRequest) (sdk.RefundResult, error) {
	reply, err := postOrder(ctx, call, pathQuery, req.Payment)
	if err != nil {
		return noRefund(err)
	}
	return refundResult(reply, req, refundQueryOutcome(reply, req)), nil
}

func refundQueryOutcome(r wire.Reply, req sdk.RefundRequest) sdk.Outcome {
	if outcome, ok := r.Layer1(); !ok {
		return outcome
	}
	switch {
	case r.Biz == "SUCCESS":
		return byNetAmount(r.Data, req)
	case r.Biz == "FAIL" && !r.NotExists():
		return sdk.OutcomeRefused
	}
	// An order that was paid and is not known now says nothing about its refund.
	return sdk.OutcomeUnknown
}
