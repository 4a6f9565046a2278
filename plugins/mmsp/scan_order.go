package main

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// cancelNotBefore is the document's 「建议支付后至少15s后再调用撤销订单接口」 (scan 10.4).
const cancelNotBefore = 15 * time.Second

// askScan sends a message that does no more than name an order: one of the two numbers is
// wanted (trap C13), and ours cannot have been learnt from a wrong reply.
func (p provider) askScan(ctx context.Context, call *sdk.Call, account wire.Account, command wire.Command, orderNo string) (wire.Reply, error) {
	if err := checkNumber("order_no", orderNo, maxScanNumber); err != nil {
		return wire.Reply{}, wire.Unsent(err)
	}
	random, err := p.randomText()
	if err != nil {
		return wire.Reply{}, wire.Unsent(err)
	}
	return wire.Exchange(ctx, call, account, command, map[string]string{"MERORDERID": orderNo, "RANDSTR": random})
}

// queryScan asks what became of an order (scan 10.3).
func (p provider) queryScan(ctx context.Context, call *sdk.Call, set settings, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	reply, err := p.askScan(ctx, call, scanAccount(call, set), wire.ScanQuery, ref.OrderNo)
	if err != nil {
		return noPayment(err)
	}
	echo := wire.Echo{OrderNo: ref.OrderNo, Amount: ref.Amount}
	if outcome, ok := reply.Taken(wire.Asks); !ok {
		return reply.Payment(outcome, echo), nil
	}
	result := reply.Payment(scanQueryOutcome(reply), echo)
	if result.Outcome != sdk.OutcomeUnknown {
		result.Channel = walletOfTrade(reply.Body.Text("TRADETYPE"))
	}
	return result, nil
}

// scanQueryOutcome reads STATUS of a query. There is no state for canceled, closed or
// refunded (trap C16); only the code D4 says closed.
func scanQueryOutcome(r wire.Reply) sdk.Outcome {
	switch status := r.Status(); {
	case r.StillPaying() || status == "3":
		return sdk.OutcomeInProgress
	case status == "1":
		return sdk.OutcomeSucceeded
	case status == "2" && r.Closed():
		return sdk.OutcomeClosed
	case status == "2":
		return sdk.OutcomeFailed
	}
	return sdk.OutcomeUnknown
}

// walletOfTrade reads TRADETYPE of a query or notification, which is the wallet there and not
// the kind of trade (trap C3). JD and UnionPay have no value.
func walletOfTrade(tradeType string) string {
	return map[string]string{"1": channelWeChat, "2": channelAlipay, "3": channelQQ}[tradeType]
}

// cancelScan takes an order back.
func (p provider) cancelScan(ctx context.Context, call *sdk.Call, set settings, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	if age := call.Now().Sub(ref.CreatedAt); !ref.CreatedAt.IsZero() && age < cancelNotBefore {
		return sdk.PaymentResult{}, invalid("created_at",
			"The payment is %d s old; MMSP asks to wait 15 s before it is canceled. Try again then.", int(max(age, 0)/time.Second))
	}
	account := scanAccount(call, set)
	account.Certificate = set.certificate()
	reply, err := p.askScan(ctx, call, account, wire.ScanCancel, ref.OrderNo)
	if err != nil {
		return noPayment(err)
	}
	return endedResult(reply, ref), nil
}

// certificate is the client's certificate for cancels and refunds, if the account uses one
// (trap Q6).
func (s scanSettings) certificate() string {
	if s.Certificate {
		return credCertificate
	}
	return ""
}

// closeScan closes an order that was not paid.
func (p provider) closeScan(ctx context.Context, call *sdk.Call, set settings, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	reply, err := p.askScan(ctx, call, scanAccount(call, set), wire.ScanClose, ref.OrderNo)
	if err != nil {
		return noPayment(err)
	}
	return endedResult(reply, ref), nil
}

// endedResult reads the reply to a cancel or a close: 2 says that this did not work, and
// nothing of the payment.
func endedResult(r wire.Reply, ref sdk.OrderRef) sdk.PaymentResult {
	echo := wire.Echo{OrderNo: ref.OrderNo, Amount: ref.Amount}
	outcome, ok := r.Taken(wire.Changes)
	if ok {
		switch status := r.Status(); {
		case status == "1":
			outcome = sdk.OutcomeSucceeded
		case r.StillPaying():
			outcome = sdk.OutcomeInProgress
		case status == "2":
			outcome = sdk.OutcomeRefused
		default:
			outcome = sdk.OutcomeUnknown
		}
	}
	result := r.Payment(outcome, echo)
	result.PaidAt = time.Time{} // PAYTIME is that of the payment, not of its end
	return result
}

// scanNoticeResult reads a notification (scan 10.8): only success is ever sent. The reply to
// a cancel has the same fields, and PAYTIME is empty there unless it was paid.
func scanNoticeResult(r wire.Reply, echo wire.Echo) sdk.PaymentResult {
	outcome := sdk.OutcomeUnknown
	if r.Status() == "1" && !r.PaidAt().IsZero() {
		outcome = sdk.OutcomeSucceeded
	}
	result := r.Payment(outcome, echo)
	if outcome == sdk.OutcomeSucceeded {
		result.Channel = walletOfTrade(r.Body.Text("TRADETYPE"))
	}
	return result
}
