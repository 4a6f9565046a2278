package main

import (
	"context"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// CreateRefund gives money back (scan 10.6). Quick pay and the gateway have no refund.
func (p provider) CreateRefund(ctx context.Context, call *sdk.Call, req sdk.RefundRequest) (sdk.RefundResult, error) {
	set, err := checkRefund(call, req)
	if err != nil {
		return sdk.RefundResult{}, err
	}
	random, err := p.randomText()
	if err != nil {
		return sdk.RefundResult{}, err
	}
	account := scanAccount(call, set)
	account.Certificate = set.certificate()
	reply, err := wire.Exchange(ctx, call, account, wire.ScanRefund, map[string]string{
		"MERORDERID":        req.Payment.OrderNo,
		"REFUND_MERORDERID": req.RefundNo,
		"AMT":               strconv.FormatInt(req.Amount.Minor, 10), // fen, as everywhere (trap C15)
		"RANDSTR":           random,
	})
	if err != nil {
		return noRefund(err)
	}
	outcome, ok := reply.Taken(wire.MovesMoney)
	if ok {
		outcome = refundOutcome(reply, sdk.OutcomeInProgress) // 受理成功: accepted, not refunded
	}
	return refundResult(reply, req, outcome), nil
}

// QueryRefund asks what became of a refund (scan 10.7). Its best word is 受理成功, accepted
// (trap C2): a setting says whether that is the end of it.
func (p provider) QueryRefund(ctx context.Context, call *sdk.Call, req sdk.RefundRequest) (sdk.RefundResult, error) {
	set, err := checkRefund(call, req)
	if err != nil {
		return sdk.RefundResult{}, err
	}
	random, err := p.randomText()
	if err != nil {
		return sdk.RefundResult{}, err
	}
	// The row of REFUND_MERORDERID is printed under the next heading (trap C14).
	reply, err := wire.Exchange(ctx, call, scanAccount(call, set), wire.ScanRefundQuery, map[string]string{
		"REFUND_MERORDERID": req.RefundNo, "RANDSTR": random,
	})
	if err != nil {
		return noRefund(err)
	}
	outcome, ok := reply.Taken(wire.Asks)
	if ok {
		accepted := sdk.OutcomeInProgress
		if set.RefundFinal {
			accepted = sdk.OutcomeSucceeded
		}
		outcome = refundOutcome(reply, accepted)
	}
	return refundResult(reply, req, outcome), nil
}

func checkRefund(call *sdk.Call, req sdk.RefundRequest) (settings, error) {
	set, err := settingsOf(call)
	if err != nil {
		return set, err
	}
	if productOf(req.Payment.Method) != productScan {
		return set, notOffered(req.Payment.Method, "refund")
	}
	if err := checkNumber("order_no", req.Payment.OrderNo, maxScanNumber); err != nil {
		return set, err
	}
	if err := checkNumber("refund_no", req.RefundNo, maxScanNumber); err != nil {
		return set, err
	}
	return set, checkAmount(req.Amount, maxScanAmount)
}

func refundOutcome(r wire.Reply, accepted sdk.Outcome) sdk.Outcome {
	switch status := r.Status(); {
	case status == "1":
		return accepted
	case r.StillPaying():
		return sdk.OutcomeInProgress
	case status == "2":
		return sdk.OutcomeFailed
	}
	return sdk.OutcomeUnknown
}

// refundResult repeats the refund's number and amount, which the reply must name; of the
// payment it names nothing.
func refundResult(r wire.Reply, req sdk.RefundRequest, outcome sdk.Outcome) sdk.RefundResult {
	result := sdk.RefundResult{Outcome: outcome, Provider: r.Text(), KeyRefused: r.KeyRefused()}
	if r.Body == nil {
		return result
	}
	amount, ok := r.Amount()
	result.RefundNo, result.Amount = r.Body.Text("REFUND_MERORDERID"), amount
	result.ProviderRefundNo = r.Body.Text("REFUND_ORDERNO")
	stated := r.Body.Text("AMT") != ""
	if result.RefundNo != req.RefundNo || stated && (!ok || amount != req.Amount) || !stated && outcome == sdk.OutcomeSucceeded {
		result.Outcome = sdk.OutcomeUnknown
	}
	if result.Outcome == sdk.OutcomeSucceeded {
		result.RefundedAt = r.RefundTime()
	}
	return result
}

// noRefund is noPayment for a refund.
func noRefund(err error) (sdk.RefundResult, error) {
	text, err := wire.Failure(err)
	return sdk.RefundResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
}
