package main

import (
	"context"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// Body.STATUS of quick pay. The same 0 means awaiting payment, no data or unknown, by
// operation (trap Q13), so each operation has its own table.
const (
	quickOpen     = "0"
	quickDone     = "1"
	quickFailed   = "2"
	quickRefunded = "3" // printed in full for a query only (trap Q14)
)

// quickExchange sends a message with a random text, which the document recommends where its
// tables have the field and requires in one (trap Q21).
func (p provider) quickExchange(
	ctx context.Context, call *sdk.Call, set settings, command wire.Command, fields map[string]string,
) (wire.Reply, error) {
	random, err := p.randomText()
	if err != nil {
		return wire.Reply{}, wire.Unsent(err)
	}
	fields["RANDSTR"] = random
	return wire.Exchange(ctx, call, md5Account(call, set.QuickPath), command, fields)
}

// queryQuick asks what became of a quick payment (quick 5.7).
func (provider) queryQuick(ctx context.Context, call *sdk.Call, set settings, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	if err := checkNumber("order_no", ref.OrderNo, maxLongNumber); err != nil {
		return sdk.PaymentResult{}, err
	}
	reply, err := wire.Exchange(ctx, call, md5Account(call, set.QuickPath), wire.QuickQuery, map[string]string{"MERORDERID": ref.OrderNo})
	if err != nil {
		return noPayment(err)
	}
	return quickOrderResult(reply, wire.Echo{OrderNo: ref.OrderNo, Amount: ref.Amount}), nil
}

// quickOrderResult reads the state of an order: the reply to a query, or a row of a list.
func quickOrderResult(r wire.Reply, echo wire.Echo) sdk.PaymentResult {
	outcome, taken := r.Taken(wire.Asks)
	if taken {
		outcome = quickState(r)
	}
	result := r.Payment(outcome, echo)
	if result.Outcome == sdk.OutcomeSucceeded {
		result.Refunded = r.Status() == quickRefunded
	}
	result.BoundCard = boundCard(r, "")
	return result
}

func quickState(r wire.Reply) sdk.Outcome {
	switch {
	case r.StillPaying():
		return sdk.OutcomeInProgress
	case r.Status() == quickOpen:
		return sdk.OutcomeInProgress
	case r.Status() == quickDone, r.Status() == quickRefunded:
		// There is no refund interface (quick 5.10): it was paid, and given back without us (trap Q19).
		return sdk.OutcomeSucceeded
	case r.Status() == quickFailed && r.Closed() && strings.Contains(r.Text().Message, "关闭"):
		return sdk.OutcomeClosed // D4 has a second meaning, which its text tells (trap Q15)
	case r.Status() == quickFailed:
		return sdk.OutcomeFailed
	}
	return sdk.OutcomeUnknown
}

// quickNoticeResult reads a notification (quick 5.5). Only successes are sent: anything else
// makes the host ask.
func quickNoticeResult(r wire.Reply, echo wire.Echo) sdk.PaymentResult {
	outcome := sdk.OutcomeUnknown
	if r.Status() == quickDone && !r.StillPaying() {
		outcome = sdk.OutcomeSucceeded
	}
	return r.Payment(outcome, echo)
}

// enterCode has the payer enter the code that the bank has sent.
func enterCode() *sdk.NextAction { return &sdk.NextAction{Type: sdk.ActionEnterCode} }
