package main

import (
	"context"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// quickOrder are the fields that every order of quick pay has.
func quickOrder(call *sdk.Call, req sdk.PaymentRequest) (map[string]string, error) {
	if err := checkNumber("order_no", req.OrderNo, maxLongNumber); err != nil {
		return nil, err
	}
	if err := checkAmount(req.Amount, maxLongAmount); err != nil {
		return nil, err
	}
	if err := checkExpiry(call, req.ExpiresAt); err != nil {
		return nil, err
	}
	return map[string]string{"MERORDERID": req.OrderNo, "AMT": strconv.FormatInt(req.Amount.Minor, 10)}, nil
}

// createCard asks for money from a card, and the bank sends the payer a code (quick 5.3). A
// card with a USER_ID is bound by it, which is the only way that works (trap Q18).
func (p provider) createCard(ctx context.Context, call *sdk.Call, set settings, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	fields, err := quickOrder(call, req)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if req.Card == nil {
		return sdk.PaymentResult{}, invalid("card", "Give the payer's card.")
	}
	card, err := cardFields(*req.Card)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	for name, value := range card {
		fields[name] = value
	}
	if fields["NOTIFY_URL"], err = callbackURL(call, inboundQuick, maxLongURL); err != nil {
		return sdk.PaymentResult{}, err
	}
	reply, err := p.quickExchange(ctx, call, set, wire.QuickPay, fields)
	if err != nil {
		return noPayment(err)
	}
	result := reply.Payment(orderOutcome(reply), wire.Echo{OrderNo: req.OrderNo, Amount: req.Amount})
	result.BoundCard = boundCard(reply, req.Card.UserID)
	if result.Outcome == sdk.OutcomeInProgress && reply.Status() != quickDone {
		result.NextAction = enterCode() // with AA too: a payer who is "still paying" has a code to enter
	}
	return result, nil
}

// orderOutcome reads the reply to an order (quick 5.3.3, 5.14.3). 1, which "in theory never
// comes", is believed after a query; 3 is cut off in print (trap Q14).
func orderOutcome(r wire.Reply) sdk.Outcome {
	if outcome, taken := r.Taken(wire.MovesMoney); !taken {
		return outcome
	}
	switch {
	case r.StillPaying(), r.Status() == quickOpen, r.Status() == quickDone:
		return sdk.OutcomeInProgress
	case r.Status() == quickFailed:
		return sdk.OutcomeFailed
	}
	return sdk.OutcomeUnknown
}

// confirmCard hands in the code (quick 5.4). The message knows the provider's number only
// (trap Q17).
func (p provider) confirmCard(ctx context.Context, call *sdk.Call, set settings, req sdk.ConfirmRequest) (sdk.PaymentResult, error) {
	listID := req.Payment.ProviderOrderNo
	if err := checkListID(listID); err != nil {
		return sdk.PaymentResult{}, err
	}
	if err := checkCode(req.Code); err != nil {
		return sdk.PaymentResult{}, err
	}
	fields := map[string]string{"LIST_ID": listID, "MSG_CODE": req.Code.Text()}
	reply, err := p.quickExchange(ctx, call, set, wire.QuickConfirm, fields)
	if err != nil {
		return noPayment(err)
	}
	echo := wire.Echo{OrderNo: req.Payment.OrderNo, Amount: req.Payment.Amount, NoOrderNo: true, NoAmount: true}
	return reply.Payment(confirmOutcome(reply, listID), echo), nil
}

// checkListID wants the provider's number of an order that is to be confirmed.
func checkListID(listID string) error {
	if listID == "" {
		return invalid("provider_order_no", "The provider's number of this payment (LIST_ID) is not known yet: query the payment first.")
	}
	if len(listID) > maxListID {
		return invalid("provider_order_no", "The provider's number must have at most %d bytes.", maxListID)
	}
	return nil
}

// confirmOutcome: 1 says that the code was taken, not that the payment is made, and anything
// else says no more than that it was not: a query tells (trap Q16).
func confirmOutcome(r wire.Reply, listID string) sdk.Outcome {
	if outcome, taken := r.Taken(wire.MovesMoney); !taken {
		return outcome
	}
	named := r.ProviderOrderNo()
	switch {
	case named != "" && named != listID, r.Status() == "" && !r.StillPaying():
		return sdk.OutcomeUnknown
	case r.StillPaying():
		return sdk.OutcomeInProgress
	case r.Status() == quickDone && named == "":
		return sdk.OutcomeUnknown
	case r.Status() == quickDone:
		return sdk.OutcomeInProgress
	}
	return sdk.OutcomeRefused
}

// resendCode has the bank send the payer's code again (quick 5.11). The host keeps the 60 s
// between two codes; the first was sent with the order.
func (p provider) resendCode(ctx context.Context, call *sdk.Call, set settings, ref sdk.OrderRef) (sdk.CheckResult, error) {
	if err := checkListID(ref.ProviderOrderNo); err != nil {
		return sdk.CheckResult{}, err
	}
	if wait := ref.CreatedAt.Add(resendAfter).Sub(call.Now()); !ref.CreatedAt.IsZero() && wait > 0 {
		return sdk.CheckResult{}, invalid("created_at", "A code was sent less than %s ago: wait another %s.", resendAfter, wait.Round(time.Second))
	}
	reply, err := p.quickExchange(ctx, call, set, wire.QuickResend, map[string]string{"LIST_ID": ref.ProviderOrderNo})
	if err != nil {
		text, err := wire.Failure(err)
		return sdk.CheckResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
	}
	result := sdk.CheckResult{Outcome: codeOutcome(reply), Provider: reply.Text(), KeyRefused: reply.KeyRefused()}
	if result.Outcome == sdk.OutcomeInProgress && reply.ProviderOrderNo() != ref.ProviderOrderNo {
		result.Outcome = sdk.OutcomeUnknown
	}
	return result, nil
}

// codeOutcome reads the reply to a message that has a code sent: no money moves by it.
func codeOutcome(r wire.Reply) sdk.Outcome {
	outcome, taken := r.Taken(wire.Changes)
	switch {
	case !taken:
		return outcome
	case r.Status() == quickDone:
		return sdk.OutcomeInProgress
	case r.Status() == "":
		return sdk.OutcomeUnknown
	}
	return sdk.OutcomeRefused
}
