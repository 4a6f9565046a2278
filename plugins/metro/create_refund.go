package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/metro/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// refundBody is a refund (seed 000, 四.7). The amount is called refund_fee here and
// pay_refund_fee in the reply (trap M9).
type refundBody struct {
	OrderNo  string `json:"out_request_no"`
	RefundNo string `json:"out_refund_no"`
	Amount   int64  `json:"refund_fee"`
}

// refundOutcomes are the states of a refund (seed 000, 四.7). The one in progress stays so:
// the provider has no refund query (trap M4).
var refundOutcomes = map[string]sdk.Outcome{
	"RS_SUCCESS":    sdk.OutcomeSucceeded,
	"RS_PROCESSING": sdk.OutcomeInProgress,
	"RS_FAILED":     sdk.OutcomeFailed,
}

// CreateRefund gives money back (seed 000, 四.7).
func (p provider) CreateRefund(ctx context.Context, call *sdk.Call, req sdk.RefundRequest) (sdk.RefundResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.RefundResult{}, err
	}
	if err := checkRefund(req); err != nil {
		return sdk.RefundResult{}, err
	}
	reply, err := p.post(ctx, call, set, pathRefund, refundBody{OrderNo: req.Payment.OrderNo, RefundNo: req.RefundNo, Amount: req.Amount.Minor})
	if err != nil {
		return noRefund(err)
	}
	if !reply.OK {
		return sdk.RefundResult{Outcome: sdk.OutcomeUnknown, Provider: reply.Text}, nil
	}
	d, err := reply.Refund()
	if err != nil {
		return noRefund(err)
	}
	result := sdk.RefundResult{
		Outcome: refundOutcomes[d.Status], OrderNo: d.OrderNo, RefundNo: d.RefundNo, ProviderRefundNo: d.ProviderRefund,
		Provider: sdk.ProviderText{Code: d.Status, Message: reply.Text.Message},
	}
	if d.Amount.Value > 0 {
		result.Amount = sdk.Fen(d.Amount.Value)
	}
	if result.Outcome == "" || !refundFits(result.Outcome, d, req) {
		result.Outcome = sdk.OutcomeUnknown
	}
	if result.Outcome == sdk.OutcomeSucceeded {
		result.RefundedAt = d.Refunded
	}
	return result, nil
}

// refundFits says whether the reply is about this refund. A final outcome must name it, and
// a success state its amount. Zero stands for an amount that is not there.
func refundFits(outcome sdk.Outcome, d wire.Refund, req sdk.RefundRequest) bool {
	final := outcome == sdk.OutcomeSucceeded || outcome == sdk.OutcomeFailed
	switch {
	case d.RefundNo != req.RefundNo && (final || d.RefundNo != ""):
		return false
	case d.OrderNo != "" && d.OrderNo != req.Payment.OrderNo:
		return false
	case d.Number != "" && req.Payment.ProviderOrderNo != "" && d.Number != req.Payment.ProviderOrderNo:
		return false
	case d.Total.Value > 0 && req.Payment.Amount.Currency != "" && sdk.Fen(d.Total.Value) != req.Payment.Amount:
		return false
	case outcome == sdk.OutcomeSucceeded:
		return d.Amount.Is(req.Amount.Minor)
	}
	return d.Amount.Value == 0 || d.Amount.Is(req.Amount.Minor)
}

// noRefund is noPayment for a refund.
func noRefund(err error) (sdk.RefundResult, error) {
	text, err := wire.Failure(err)
	return sdk.RefundResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
}
