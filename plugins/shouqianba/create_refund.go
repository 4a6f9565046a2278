package main

import (
	"context"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// CreateRefund gives money back (document, 三.3). The reply lacks the refund's number, so
// the host keeps one refund of an order in flight and net_amount tells it (trap S5).
func (provider) CreateRefund(ctx context.Context, call *sdk.Call, req sdk.RefundRequest) (sdk.RefundResult, error) {
	fields := orderFields(call, req.Payment)
	fields["refund_request_no"] = req.RefundNo
	fields["refund_amount"] = strconv.FormatInt(req.Amount.Minor, 10)
	fields["operator"] = wire.Clip(req.Operator, maxOperator)
	reply, err := wire.Post(ctx, call, terminal(call), pathRefund, fields)
	if err != nil {
		return unknownRefund(err), nil
	}
	return refundResult(reply, req, refundOutcome(reply, req)), nil
}

func refundOutcome(r wire.Reply, req sdk.RefundRequest) sdk.Outcome {
	if outcome, ok := r.Layer1(); !ok {
		return outcome
	}
	switch r.Biz {
	case "REFUND_SUCCESS":
		if byNetAmount(r, req) == sdk.OutcomeSucceeded {
			return sdk.OutcomeSucceeded
		}
		return sdk.OutcomeUnknown
	case "FAIL":
		return r.Fail()
	}
	return sdk.OutcomeUnknown // REFUND_ERROR and whatever is not documented
}

// byNetAmount tells a refund by what is left of the order: its amount less, and it
// succeeded; unchanged, and the gateway does not know it (yet).
func byNetAmount(r wire.Reply, req sdk.RefundRequest) sdk.Outcome {
	total, okTotal := wire.Amount(r.Data.TotalAmount)
	net, okNet := wire.Amount(r.Data.NetAmount)
	if !okTotal || !okNet || r.Data.ClientSN != req.Payment.OrderNo || total.Minor != req.Payment.Amount.Minor {
		return sdk.OutcomeUnknown
	}
	before := total.Minor - req.RefundedBefore.Minor
	switch s := r.Data.OrderStatus; {
	case net.Minor == before-req.Amount.Minor && ((s == "REFUNDED" && net.Minor == 0) || (s == "PARTIAL_REFUNDED" && net.Minor > 0)):
		return sdk.OutcomeSucceeded
	case net.Minor == before && ((s == "PAID" && req.RefundedBefore.Minor == 0) || (s == "PARTIAL_REFUNDED" && req.RefundedBefore.Minor > 0)):
		return sdk.OutcomeNotFound
	}
	return sdk.OutcomeUnknown // REFUND_ERROR among them: a person settles it
}

func refundResult(r wire.Reply, req sdk.RefundRequest, outcome sdk.Outcome) sdk.RefundResult {
	result := sdk.RefundResult{Outcome: outcome, Provider: r.Text(), KeyRefused: r.SignRefused()}
	if outcome == sdk.OutcomeSucceeded {
		result.RefundNo, result.Amount = req.RefundNo, req.Amount
		if result.RefundedAt = wire.Millis(r.Data.ChannelFinish); result.RefundedAt.IsZero() {
			result.RefundedAt = wire.Millis(r.Data.FinishTime)
		}
	}
	return result
}

func unknownRefund(err error) sdk.RefundResult {
	return sdk.RefundResult{Outcome: sdk.OutcomeUnknown, Provider: wire.Unknown(err).Provider}
}
