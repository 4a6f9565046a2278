package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/zhanggui-pay/zhanggui/plugins/bestpay/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// The error codes of our refusals; the document leaves them to us (3.4).
const (
	codeNotTaken  = "NOT_ACCEPTED"
	codeSignature = "INVALID_SIGNATURE"
	codeMerchant  = "UNKNOWN_MERCHANT"
	codeOrder     = "UNKNOWN_ORDER"
)

// HandleInbound takes a callback about a payment or a refund (document, 3.4). An error
// means that the signature could not be checked now.
func (provider) HandleInbound(_ context.Context, call *sdk.Call, req sdk.InboundRequest) (sdk.InboundResult, error) {
	if req.Method != http.MethodPost || (req.Kind != kindPayment && req.Kind != kindRefund) {
		return notTaken(false, http.StatusBadRequest, codeNotTaken, "A callback is a POST to the address that was given with the order."), nil
	}
	a, err := accountOf(call)
	if err != nil {
		return sdk.InboundResult{}, err
	}
	message, err := wire.Open(call, a.client.Keys, req.Body)
	switch {
	case errors.Is(err, strictjson.ErrForm):
		return notTaken(false, http.StatusBadRequest, codeNotTaken, err.Error()), nil
	case errors.Is(err, &sdk.Error{Code: sdk.ErrVerification}):
		return notTaken(false, http.StatusBadRequest, codeSignature, "The signature does not hold."), nil
	case err != nil:
		return sdk.InboundResult{}, err
	}
	return a.notified(message, req.Kind == kindRefund), nil
}

// notified reads what the platform says. What is genuine and yet not ours, or not of the
// documented form, changes nothing and is answered as not taken.
func (a account) notified(message wire.Message, toRefund bool) sdk.InboundResult {
	n, err := message.Notice()
	switch {
	case err != nil:
		return notTaken(true, http.StatusOK, codeNotTaken, err.Error())
	case n.MerchantNo != a.merchant || n.InstitutionCode != a.institution:
		return notTaken(true, http.StatusOK, codeMerchant, "The callback is about another merchant.")
	case n.OutTradeNo == "":
		return notTaken(true, http.StatusOK, codeNotTaken, "The callback names no order.")
	}
	event := a.paymentEvent(n)
	if toRefund || n.SaysRefund() {
		event = a.refundEvent(n)
	}
	unknown := wire.Refused(http.StatusOK, codeOrder, "There is no such order.")
	return sdk.InboundResult{
		Verified: true, Events: []sdk.InboundEvent{event}, Provider: n.Text,
		Answer: wire.Taken(a.CallbackStatusCode == codeAsString), Unknown: &unknown,
	}
}

// notTaken is a callback from which nothing follows.
func notTaken(verified bool, status int, code, message string) sdk.InboundResult {
	return sdk.InboundResult{
		Verified: verified, Answer: wire.Refused(status, code, message), Provider: sdk.ProviderText{Code: code, Message: message},
	}
}

func (account) paymentEvent(n wire.Notice) sdk.InboundEvent {
	p := sdk.PaymentResult{
		Outcome: settledBy(n, wire.PaymentOutcome(n.Status), false), OrderNo: n.OutTradeNo, Amount: amountOf(n),
		ProviderOrderNo: n.TradeNo, Provider: n.Text,
	}
	if p.Outcome == sdk.OutcomeSucceeded {
		p.PaidAt = n.FinishedAt
	}
	return sdk.InboundEvent{Type: sdk.EventPayment, Payment: &p}
}

// refundEvent: the callback has no field for the refund's number, and outTradeNo may be the
// order's or, as in the refund's own reply, the refund's (trap B6). It stands in both, and
// the host looks for both.
func (account) refundEvent(n wire.Notice) sdk.InboundEvent {
	r := sdk.RefundResult{
		Outcome: settledBy(n, wire.RefundOutcome(n.Status), true), OrderNo: n.OutTradeNo, RefundNo: n.OutTradeNo, Amount: amountOf(n),
		Provider: n.Text,
	}
	if n.TradeNo != n.OriginalTradeNo {
		r.ProviderRefundNo = n.TradeNo
	}
	if r.Outcome == sdk.OutcomeSucceeded {
		r.RefundedAt = n.FinishedAt
	}
	event := sdk.InboundEvent{Type: sdk.EventRefund, Refund: &r}
	if n.OriginalTradeNo != "" {
		event.Values = map[string]string{"original_trade_no": n.OriginalTradeNo}
	}
	return event
}

// settledBy is the outcome unless the callback contradicts itself or leaves the amount of a
// success out: then the host asks.
func settledBy(n wire.Notice, outcome sdk.Outcome, refund bool) sdk.Outcome {
	priceless := outcome == sdk.OutcomeSucceeded && n.Amount.Currency == ""
	if priceless || !n.Fits(refund) || !n.Yuan() {
		return sdk.OutcomeUnknown
	}
	return outcome
}

// amountOf is the trade's amount in the callback's own currency.
func amountOf(n wire.Notice) sdk.Money {
	amount := n.Amount
	if amount.Currency != "" && !n.Yuan() {
		amount.Currency = n.Currency
	}
	return amount
}
