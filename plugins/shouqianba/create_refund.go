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
	if err := checkRefund(req); err != nil {
		return sdk.RefundResult{}, err
	}
	fields := orderFields(call, req.Payment)
	fields["refund_request_no"] = req.RefundNo
	fields["refund_amount"] = strconv.FormatInt(req.Amount.Minor, 10)
	fields["operator"] = operator(req.Operator)
	reply, err := wire.Post(ctx, call, terminal(call), pathRefund, fields)
	if err != nil {
		return noRefund(err)
	}
	return refundResult(reply, req, refundOutcome(reply, req)), nil
}

func checkRefund(req sdk.RefundRequest) error {
	if err := checkOrderNo(req.Payment.OrderNo); err != nil {
		return err
	}
	// Cut, two refunds could become one.
	if req.RefundNo == "" || len(req.RefundNo) > maxRefundNo {
		return invalid("refund_no", "The refund number must have 1 to %d bytes.", maxRefundNo)
	}
	return checkAmount(req.Amount)
}

func refundOutcome(r wire.Reply, req sdk.RefundRequest) sdk.Outcome {
	if outcome, ok := r.Layer1(); !ok {
		return outcome
	}
	switch {
	case r.Biz == "REFUND_SUCCESS":
		if byNetAmount(r.Data, req) == sdk.OutcomeSucceeded {
			return sdk.OutcomeSucceeded
		}
		return sdk.OutcomeUnknown
	case r.Biz == "FAIL":
		if r.Data.OrderStatus == "REFUND_ERROR" {
			return sdk.OutcomeUnknown
		}
		return r.Fail()
	case r.Pending():
		return sdk.OutcomeInProgress
	}
	return sdk.OutcomeUnknown // REFUND_ERROR and whatever is not documented
}

// byNetAmount tells a refund by what is left of the order: its amount less, and it
// succeeded; unchanged, and the gateway does not know it (yet).
func byNetAmount(d wire.Data, req sdk.RefundRequest) sdk.Outcome {
	total, okTotal := wire.Amount(d.TotalAmount)
	net, okNet := wire.Amount(d.NetAmount)
	if !okTotal || !okNet || d.ClientSN != req.Payment.OrderNo || total != req.Payment.Amount {
		return sdk.OutcomeUnknown
	}
	before := total.Minor - req.RefundedBefore.Minor
	after := before - req.Amount.Minor
	switch {
	case net.Minor == after && refundedStatus(d.OrderStatus, after, total.Minor):
		return sdk.OutcomeSucceeded
	case net.Minor == before && refundedStatus(d.OrderStatus, before, total.Minor):
		return sdk.OutcomeNotFound
	}
	return sdk.OutcomeUnknown // REFUND_ERROR among them: a person settles it
}

// refundedStatus says whether order_status agrees with what is left of the total.
func refundedStatus(status string, left, total int64) bool {
	switch left {
	case total:
		return status == "PAID"
	case 0:
		return status == "REFUNDED"
	default:
		return left > 0 && status == "PARTIAL_REFUNDED"
	}
}

// refundResult leaves the refund's number out: the provider does not echo it. The amount
// is what net_amount fell by.
func refundResult(r wire.Reply, req sdk.RefundRequest, outcome sdk.Outcome) sdk.RefundResult {
	result := sdk.RefundResult{Outcome: outcome, Provider: r.Text(), KeyRefused: r.SignRefused()}
	if outcome == sdk.OutcomeSucceeded {
		result.Amount, result.RefundedAt = req.Amount, r.Data.Finished()
	}
	return result
}

// noRefund is noPayment for a refund.
func noRefund(err error) (sdk.RefundResult, error) {
	text, err := wire.Failure(err)
	return sdk.RefundResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
}
