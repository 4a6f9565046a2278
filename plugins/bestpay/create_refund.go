package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/bestpay/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// CreateRefund gives money back (document, 3.5). Operator, callback address and date are
// required here too (trap B14).
func (provider) CreateRefund(ctx context.Context, call *sdk.Call, req sdk.RefundRequest) (sdk.RefundResult, error) {
	a, err := accountOf(call)
	if err != nil {
		return sdk.RefundResult{}, err
	}
	fields, requested, err := a.refundFields(req)
	if err != nil {
		return sdk.RefundResult{}, err
	}
	notify, err := callback(call, kindRefund)
	if err != nil {
		return sdk.RefundResult{}, err
	}
	fields["refundAmt"] = wire.Long(req.Amount.Minor)
	fields["requestDate"] = wire.Text(requested)
	fields["operator"] = wire.Text(a.operatorOr(req.Operator))
	fields["notifyUrl"] = wire.Text(notify)
	fields["refundCause"] = wire.Text(req.Reason)
	fields["remark"] = wire.Text("")
	reply, err := a.client.Post(ctx, call, pathRefund, otherTimeout, fields)
	if err != nil {
		return unsettledRefund(err)
	}
	return a.refunded(reply, req), nil
}

// refundFields name a refund and its order, and give the refund's date.
func (a account) refundFields(req sdk.RefundRequest) (wire.Fields, string, error) {
	if err := checkNumber("order_no", req.Payment.OrderNo); err != nil {
		return nil, "", err
	}
	if err := checkNumber("refund_no", req.RefundNo); err != nil {
		return nil, "", err
	}
	if err := checkAmount(req.Amount); err != nil {
		return nil, "", err
	}
	requested, err := beijing(req.CreatedAt)
	if err != nil {
		return nil, "", err
	}
	fields := a.fields()
	fields["outTradeNo"] = wire.Text(req.Payment.OrderNo)
	fields["outRequestNo"] = wire.Text(req.RefundNo)
	return fields, requested, nil
}

// refunded turns the reply to a refund into a result. Its outTradeNo is the *refund's*
// number, and the order's is not echoed. A call that failed has no result, so no status, and
// no listed reason: the refund may exist, and the host asks.
func (a account) refunded(r wire.Reply, req sdk.RefundRequest) sdk.RefundResult {
	d := r.Result
	result := sdk.RefundResult{
		Outcome: wire.RefundOutcome(d.Status), RefundNo: d.OutTradeNo, Amount: d.RefundAmount,
		ProviderRefundNo: refundNumber(d.TradeNo, req), Provider: r.Text(), KeyRefused: a.keyRefused(r),
	}
	if !names(result, req) {
		result.Outcome = sdk.OutcomeUnknown
	}
	return result
}

// names says whether a result fits the refund: it may name no other refund and no other
// amount; a final one must name ours, a success our amount too.
func names(result sdk.RefundResult, req sdk.RefundRequest) bool {
	final := result.Outcome == sdk.OutcomeSucceeded || result.Outcome == sdk.OutcomeFailed
	priced := result.Outcome == sdk.OutcomeSucceeded || result.Amount.Currency != ""
	return (result.RefundNo == req.RefundNo || (result.RefundNo == "" && !final)) &&
		(!priced || result.Amount == req.Amount)
}

// refundNumber is BestPay's number of the refund. The document calls it 交易号 only: where
// it is the order's, it is no number of the refund.
func refundNumber(tradeNo string, req sdk.RefundRequest) string {
	if tradeNo == req.Payment.ProviderOrderNo {
		return ""
	}
	return tradeNo
}

// unsettledRefund is unsettled for a refund.
func unsettledRefund(err error) (sdk.RefundResult, error) {
	text, err := wire.Failure(err)
	return sdk.RefundResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
}
