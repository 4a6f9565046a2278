package main

import (
	"context"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The lengths of gateway 5.1.2.
const (
	maxLongURL      = 255
	maxGatewayGoods = 32
	maxRemark       = 255
)

// createGatewayForm signs the order that the payer's browser posts as the field web_api
// (gateway 5.1). Nothing is sent from here, so there is no evidence that it was sent (trap
// C21): the query tells.
func (provider) createGatewayForm(call *sdk.Call, set settings, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	fields, err := gatewayOrder(call, req)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if call.BaseURL == "" {
		return sdk.PaymentResult{}, wire.ErrNoAddress()
	}
	account := md5Account(call, set.GatewayPath)
	message, err := wire.Sign(call, account, wire.GatewayPay, fields)
	if err != nil {
		return noPayment(wire.Unsent(err))
	}
	return sdk.PaymentResult{
		Outcome: sdk.OutcomeInProgress,
		NextAction: &sdk.NextAction{
			Type: sdk.ActionFormPost, URL: account.URL, Fields: map[string]string{"web_api": string(message)}, ExpiresAt: req.ExpiresAt,
		},
	}, nil
}

func gatewayOrder(call *sdk.Call, req sdk.PaymentRequest) (map[string]string, error) {
	if err := checkNumber("order_no", req.OrderNo, maxLongNumber); err != nil {
		return nil, err
	}
	if err := checkAmount(req.Amount, maxLongAmount); err != nil {
		return nil, err
	}
	if !isBank(req.Channel) {
		return nil, invalid("channel", "Choose the payer's bank: MMSP's gateway does not know %q (8.1.1).", req.Channel)
	}
	if err := checkText("description", req.Description, maxRemark); err != nil {
		return nil, err
	}
	if err := checkExpiry(call, req.ExpiresAt); err != nil {
		return nil, err
	}
	notify, err := callbackURL(call, inboundGateway, maxLongURL)
	if err != nil {
		return nil, err
	}
	// Our own page first: the host asks the provider, and sends the browser on to the caller's.
	jump, err := callbackURL(call, inboundReturn, maxLongURL)
	if err != nil {
		return nil, err
	}
	if err := checkText("subject", req.Subject, maxGatewayGoods); err != nil {
		return nil, err
	}
	return map[string]string{
		"MERORDERID":  req.OrderNo,
		"AMT":         strconv.FormatInt(req.Amount.Minor, 10),
		"NOTIFY_URL":  notify,
		"JUMP_URL":    jump,
		"PAY_CHANNEL": req.Channel,
		"GOODSNAME":   req.Subject,
		"REMARK":      req.Description,
	}, nil
}

// queryGateway asks what became of an order (gateway 5.3).
func (provider) queryGateway(ctx context.Context, call *sdk.Call, set settings, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	if err := checkNumber("order_no", ref.OrderNo, maxLongNumber); err != nil {
		return sdk.PaymentResult{}, err
	}
	account := md5Account(call, set.GatewayPath)
	reply, err := wire.Exchange(ctx, call, account, wire.GatewayQuery, map[string]string{"MERORDERID": ref.OrderNo})
	if err != nil {
		return noPayment(err)
	}
	echo := wire.Echo{OrderNo: ref.OrderNo, Amount: ref.Amount}
	if outcome, ok := reply.Taken(wire.Asks); !ok {
		return reply.Payment(outcome, echo), nil
	}
	return gatewayResult(reply, echo), nil
}

// gatewayResult reads a query, a row of a list or a notification, which need not be of a
// success (trap C22). 3 is a payment that was given back without us: there is no refund.
func gatewayResult(r wire.Reply, echo wire.Echo) sdk.PaymentResult {
	outcome := sdk.OutcomeUnknown
	status := r.Status()
	switch {
	case r.StillPaying() || status == "0":
		outcome = sdk.OutcomeInProgress
	case status == "1" || status == "3":
		outcome = sdk.OutcomeSucceeded
	case status == "2" && r.Closed():
		outcome = sdk.OutcomeClosed
	case status == "2":
		outcome = sdk.OutcomeFailed
	}
	result := r.Payment(outcome, echo)
	result.Refunded = status == "3" && result.Outcome == sdk.OutcomeSucceeded
	if channel := r.Body.Text("PAY_CHANNEL"); isBank(channel) && result.Outcome != sdk.OutcomeUnknown {
		result.Channel = channel
	}
	return result
}
