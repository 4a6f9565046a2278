package main

import (
	"context"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// extraPhone is the input with the payer's phone: the host keeps a bound card's handle only.
const extraPhone = "phone"

// createBoundCard has the code for a payment with a bound card sent (quick 5.13). The order
// itself is placed by the confirmation. The document calls this flow unusable; the provider's
// own refusal is what tells.
func (p provider) createBoundCard(ctx context.Context, call *sdk.Call, set settings, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	fields, err := quickOrder(call, req)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if req.Card == nil {
		return sdk.PaymentResult{}, invalid("card", "Name the payer's bound card.")
	}
	if err := checkHandle(req.Card.BindID, req.Card.UserID, true); err != nil {
		return sdk.PaymentResult{}, err
	}
	card := *req.Card
	if phone := req.Extra[extraPhone]; phone != "" {
		card.Phone = sdk.SecretString(phone)
	}
	if err := checkPhone(card); err != nil {
		return sdk.PaymentResult{}, err
	}
	number := set.boundCodeOrder(req.OrderNo)
	if err := checkNumber("order_no", number, maxLongNumber); err != nil {
		return sdk.PaymentResult{}, err
	}
	fields["MERORDERID"], fields["PHONENO"] = number, card.Phone.Text()
	fields["BIND_ID"], fields["USER_ID"] = card.BindID, card.UserID
	reply, err := p.quickExchange(ctx, call, set, wire.QuickBoundCode, fields)
	if err != nil {
		return noPayment(err)
	}
	return boundCodeResult(reply, card, number, req), nil
}

// boundCodeResult reads the reply of 5.13.3. Its LIST_ID is that of the code, which may have
// a number of its own, and nothing is asked by it: a query gives the payment's.
func boundCodeResult(r wire.Reply, card sdk.Card, number string, req sdk.PaymentRequest) sdk.PaymentResult {
	outcome := codeOutcome(r)
	if r.StillPaying() {
		outcome = sdk.OutcomeInProgress
	}
	if outcome == sdk.OutcomeInProgress && (r.OrderNo() != number || other(r, "USER_ID", card.UserID)) {
		outcome = sdk.OutcomeUnknown
	}
	result := r.Payment(outcome, wire.Echo{OrderNo: number, Amount: req.Amount, NoAmount: true})
	result.ProviderOrderNo = ""
	if number != req.OrderNo {
		result.OrderNo = ""
	}
	if result.Outcome == sdk.OutcomeInProgress {
		result.NextAction = enterCode()
	}
	return result
}

// confirmBoundCard pays with a bound card and the code (quick 5.12).
func (p provider) confirmBoundCard(ctx context.Context, call *sdk.Call, set settings, req sdk.ConfirmRequest) (sdk.PaymentResult, error) {
	fields, err := boundPayment(call, req)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	reply, err := p.quickExchange(ctx, call, set, wire.QuickBoundPay, fields)
	if err != nil {
		return noPayment(err)
	}
	outcome := boundOutcome(reply)
	if other(reply, "BIND_ID", req.Card.BindID) || other(reply, "USER_ID", req.Card.UserID) {
		outcome = sdk.OutcomeUnknown
	}
	result := reply.Payment(outcome, wire.Echo{OrderNo: req.Payment.OrderNo, Amount: req.Payment.Amount})
	result.BoundCard = boundCard(reply, req.Card.UserID)
	result.Refunded = result.Outcome == sdk.OutcomeSucceeded && reply.Status() == quickRefunded
	return result, nil
}

func boundPayment(call *sdk.Call, req sdk.ConfirmRequest) (map[string]string, error) {
	if err := checkNumber("order_no", req.Payment.OrderNo, maxLongNumber); err != nil {
		return nil, err
	}
	if err := checkAmount(req.Payment.Amount, maxLongAmount); err != nil {
		return nil, err
	}
	if req.Card == nil {
		return nil, invalid("card", "Name the bound card that is paid with.")
	}
	if err := checkHandle(req.Card.BindID, req.Card.UserID, true); err != nil {
		return nil, err
	}
	if err := checkCode(req.Code); err != nil {
		return nil, err
	}
	url, err := callbackURL(call, inboundQuick, maxLongURL)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"BIND_ID": req.Card.BindID, "USER_ID": req.Card.UserID, "MERORDERID": req.Payment.OrderNo,
		"AMT": strconv.FormatInt(req.Payment.Amount.Minor, 10), "MSG_CODE": req.Code.Text(), "NOTIFY_URL": url,
	}, nil
}

// boundOutcome reads the reply of 5.12.3, where 0 says that the state is not known (trap Q13).
// 1 is followed by a query (flow B).
func boundOutcome(r wire.Reply) sdk.Outcome {
	if outcome, taken := r.Taken(wire.MovesMoney); !taken {
		return outcome
	}
	switch {
	case r.StillPaying(), r.Status() == quickDone:
		return sdk.OutcomeInProgress
	case r.Status() == quickFailed:
		return sdk.OutcomeFailed
	case r.Status() == quickRefunded:
		return sdk.OutcomeSucceeded
	}
	return sdk.OutcomeUnknown
}

// other says that a reply names another than was asked about. Not every reply names it.
func other(r wire.Reply, name, asked string) bool {
	text := r.Body.Text(name)
	return text != "" && text != asked
}
