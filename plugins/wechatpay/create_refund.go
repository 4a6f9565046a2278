package main

import (
	"context"
	"net/http"

	"github.com/wechatpay-apiv3/wechatpay-go/services/refunddomestic"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/wechatpay/internal/wire"
)

// refundOutcomes are the states of a refund. ABNORMAL is one that the payer's bank did not
// take: the money has left the merchant and not reached the payer, and somebody must choose
// at WeChat Pay's merchant platform where it goes; it can still succeed.
var refundOutcomes = map[string]sdk.Outcome{
	"SUCCESS":    sdk.OutcomeSucceeded,
	"PROCESSING": sdk.OutcomeInProgress,
	"CLOSED":     sdk.OutcomeFailed,
	"ABNORMAL":   sdk.OutcomeUnknown,
}

// abnormal says what to do about a refund that is ABNORMAL.
const abnormal = "退款异常：原路退回银行卡失败，请在微信支付商户平台（交易中心-退款查询）处理。"

// CreateRefund gives money back (申请退款). The reply says that it was taken; that it was given
// back a query or a notification says.
func (p provider) CreateRefund(ctx context.Context, call *sdk.Call, req sdk.RefundRequest) (sdk.RefundResult, error) {
	a, err := p.accountOf(call)
	if err != nil {
		return sdk.RefundResult{}, err
	}
	if err := checkRefund(req); err != nil {
		return sdk.RefundResult{}, err
	}
	reply, err := a.client.Post(ctx, pathRefunds, refundBody(call, req))
	switch {
	case err != nil:
		return noRefund(err)
	case reply.Status != http.StatusOK:
		return sdk.RefundResult{Outcome: refuseOutcome(reply), Provider: reply.Text, KeyRefused: reply.KeyRefused()}, nil
	}
	d, err := reply.Refund()
	if err != nil {
		return noRefund(err)
	}
	return refundOf(d, req), nil
}

// refundBody names the order by our number: it is known even when every reply was lost.
func refundBody(call *sdk.Call, req sdk.RefundRequest) refunddomestic.CreateRequest {
	body := refunddomestic.CreateRequest{
		OutTradeNo: &req.Payment.OrderNo, OutRefundNo: &req.RefundNo,
		Amount: &refunddomestic.AmountReq{Refund: &req.Amount.Minor, Total: &req.Payment.Amount.Minor, Currency: &req.Amount.Currency},
	}
	if reason := clip(req.Reason, maxReason, bytesOf); reason != "" {
		body.Reason = &reason
	}
	if notify := call.Callback(kindRefund); notify != "" {
		body.NotifyUrl = &notify
	}
	return body
}

// refuseOutcome reads the refusal of a refund: of these codes the documentation says that
// the request has failed, or that there is nothing it could be about.
func refuseOutcome(r wire.Reply) sdk.Outcome {
	switch {
	case r.Is(http.StatusBadRequest, "PARAM_ERROR", "INVALID_REQUEST", "MCH_NOT_EXISTS"),
		r.Is(http.StatusForbidden, "USER_ACCOUNT_ABNORMAL", "NOT_ENOUGH", "NOTENOUGH", "NO_AUTH"),
		r.Is(http.StatusNotFound, "MCH_NOT_EXISTS", wire.CodeNoResource), r.KeyRefused():
		return sdk.OutcomeRefused
	}
	return sdk.OutcomeUnknown
}

// refundOf is a refund as WeChat Pay shows it. It must be the one that was asked about.
func refundOf(d wire.Refund, req sdk.RefundRequest) sdk.RefundResult {
	result := statedRefund(d)
	otherTotal := d.Total.Stated && money(d.Total, d.Currency) != req.Payment.Amount
	otherNumber := req.Payment.ProviderOrderNo != "" && d.Number != "" && d.Number != req.Payment.ProviderOrderNo
	otherAmount := result.Amount.Currency != "" && result.Amount != req.Amount
	if d.RefundNo != req.RefundNo || d.OrderNo != req.Payment.OrderNo || otherTotal || otherNumber || otherAmount {
		result.Outcome = sdk.OutcomeUnknown
	}
	return result
}

// statedRefund is what WeChat Pay says of a refund. A success without its amount or number
// is none.
func statedRefund(d wire.Refund) sdk.RefundResult {
	result := sdk.RefundResult{
		Outcome: refundOutcomes[d.Status], OrderNo: d.OrderNo, RefundNo: d.RefundNo, ProviderRefundNo: d.RefundID,
		Provider: sdk.ProviderText{Code: d.Status},
	}
	if d.Amount.Stated {
		result.Amount = money(d.Amount, d.Currency)
	}
	if d.Status == "ABNORMAL" {
		result.Provider.Message = abnormal
	}
	incomplete := result.Outcome == sdk.OutcomeSucceeded && (!d.Amount.Stated || d.RefundID == "")
	if result.Outcome == "" || incomplete {
		result.Outcome = sdk.OutcomeUnknown
	}
	if result.Outcome == sdk.OutcomeSucceeded {
		result.RefundedAt = d.Refunded
	}
	return result
}

// noRefund is noPayment for a refund.
func noRefund(err error) (sdk.RefundResult, error) {
	missing, err := wire.Failure(err)
	return sdk.RefundResult{Outcome: sdk.OutcomeUnknown, Provider: missing.Text, KeyRefused: missing.KeyRefused}, err
}
