package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/bestpay/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// QueryRefund asks what became of a refund (document, 3.6). refundDate is the requestDate
// of the refund (trap B8).
func (provider) QueryRefund(ctx context.Context, call *sdk.Call, req sdk.RefundRequest) (sdk.RefundResult, error) {
	a, err := accountOf(call)
	if err != nil {
		return sdk.RefundResult{}, err
	}
	fields, requested, err := a.refundFields(req)
	if err != nil {
		return sdk.RefundResult{}, err
	}
	fields["refundDate"] = wire.Text(requested)
	reply, err := a.client.Post(ctx, call, pathQueryRefund, otherTimeout, fields)
	if err != nil {
		return unsettledRefund(err)
	}
	return a.refundState(reply, req), nil
}

// refundState turns the reply into a result. Here outTradeNo is the order's number, and
// everything is echoed. A query that failed leaves the refund as it was.
func (a account) refundState(r wire.Reply, req sdk.RefundRequest) sdk.RefundResult {
	d := r.Result
	result := sdk.RefundResult{
		Outcome: wire.RefundOutcome(d.Status), OrderNo: d.OutTradeNo, RefundNo: d.OutRequestNo, Amount: d.RefundAmount,
		ProviderRefundNo: refundNumber(d.TradeNo, req), Provider: r.Text(), KeyRefused: a.keyRefused(r),
	}
	otherOrder := (d.OutTradeNo != "" && d.OutTradeNo != req.Payment.OrderNo) ||
		(d.TradeAmount.Currency != "" && req.Payment.Amount.Currency != "" && d.TradeAmount != req.Payment.Amount)
	switch {
	case a.refundNotFound(r):
		result.Outcome = sdk.OutcomeNotFound
	case !r.Success:
		result.Outcome = sdk.OutcomeRefused
	case otherOrder || !names(result, req):
		result.Outcome = sdk.OutcomeUnknown
	}
	return result
}
