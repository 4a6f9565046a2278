package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
	"github.com/zhanggui-pay/zhanggui/plugins/wechatpay/internal/wire"
)

// The events that are about an order or a refund of ours, with the state that each must have.
var (
	paymentEvents = map[string]string{"TRANSACTION.SUCCESS": "SUCCESS"}
	refundEvents  = map[string]string{"REFUND.SUCCESS": "SUCCESS", "REFUND.ABNORMAL": "ABNORMAL", "REFUND.CLOSED": "CLOSED"}
)

// HandleInbound takes a notification: verify, open, decode (支付成功回调通知, 退款结果通知). An error
// means that the host could not look; WeChat Pay sends it again.
//
// Its signature covers time, nonce and body, so that a notification that comes again within
// five minutes says the same again, and a later one is refused.
func (p provider) HandleInbound(ctx context.Context, call *sdk.Call, req sdk.InboundRequest) (sdk.InboundResult, error) {
	switch {
	case req.Kind != kindPayment && req.Kind != kindRefund:
		return refuse(false, http.StatusNotFound, "No message of this kind is expected."), nil
	case req.Method != http.MethodPost:
		return refuse(false, http.StatusMethodNotAllowed, "A notification is a POST."), nil
	}
	a, err := p.accountOf(call)
	if err != nil {
		return sdk.InboundResult{}, err
	}
	notice, err := wire.Platform{Call: call, Account: a.client.Account}.Open(ctx, headerOf(req), req.Body)
	var known *sdk.Error
	switch {
	case errors.Is(err, strictjson.ErrForm):
		return refuse(false, http.StatusBadRequest, err.Error()), nil
	case errors.As(err, &known) && known.Code == sdk.ErrVerification:
		return refuse(false, http.StatusUnauthorized, known.Message), nil
	case err != nil:
		return sdk.InboundResult{}, err
	}
	return a.notified(notice), nil
}

// notified reads what WeChat Pay says. What is genuine and yet not about us, or not of the
// documented form, changes nothing and is answered as not taken.
func (a account) notified(n wire.Notice) sdk.InboundResult {
	event := sdk.InboundEvent{ID: n.ID}
	var err error
	mine := false
	if state, ok := paymentEvents[n.Event]; ok {
		var order wire.Payment
		order, err = n.Payment()
		mine = order.MchID == a.merchant && order.AppID == a.AppID
		result := a.stated(order)
		if order.State != state {
			result.Outcome = sdk.OutcomeUnknown
		}
		event.Type, event.Payment = sdk.EventPayment, &result
		mine = mine && result.OrderNo != ""
	}
	if state, ok := refundEvents[n.Event]; ok {
		var d wire.Refund
		d, err = n.Refund()
		result := statedRefund(d)
		if d.Status != state {
			result.Outcome = sdk.OutcomeUnknown
		}
		event.Type, event.Refund = sdk.EventRefund, &result
		mine = d.MchID == a.merchant && d.RefundNo != ""
	}
	switch {
	case event.Type == "":
		return refuse(true, http.StatusBadRequest, "The event is not about an order or a refund.")
	case err != nil:
		return refuse(true, http.StatusBadRequest, err.Error())
	case !mine:
		return refuse(true, http.StatusBadRequest, "The notification is about another merchant, or names no order.")
	}
	unknown := answer(http.StatusNotFound, "FAIL", "There is no such order.")
	return sdk.InboundResult{
		Verified: true, Events: []sdk.InboundEvent{event}, Answer: answer(http.StatusOK, "SUCCESS", ""), Unknown: &unknown,
		Provider: sdk.ProviderText{Code: n.Event},
	}
}

// headerOf are the header fields as they came. Two that differ in case alone are both kept,
// so that neither counts.
func headerOf(req sdk.InboundRequest) http.Header {
	header := http.Header{}
	for name, value := range req.Headers {
		header.Add(name, value)
	}
	return header
}

// refuse is a request from which nothing follows; WeChat Pay sends it again.
func refuse(verified bool, status int, reason string) sdk.InboundResult {
	return sdk.InboundResult{Verified: verified, Answer: answer(status, "FAIL", reason), Provider: sdk.ProviderText{Message: reason}}
}

// answer is the documented form of an answer.
func answer(status int, code, message string) sdk.InboundAnswer {
	fields := map[string]string{"code": code}
	if message != "" {
		fields["message"] = strings.ToValidUTF8(message, "")
	}
	body, err := json.Marshal(fields)
	if err != nil { // no map of texts is one that cannot be written
		body = nil
	}
	return sdk.InboundAnswer{Status: status, Headers: map[string]string{"Content-Type": "application/json"}, Body: body}
}
