package main

import (
	"context"
	"net/http"
	"net/url"

	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/wechatpay/internal/wire"
)

// ClosePayment closes an order that was not paid (关闭订单). 204 has no body: it is about the
// order in the path. One that was paid meanwhile was not closed, and the host asks.
func (p provider) ClosePayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	a, err := p.accountOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if err := checkNumber("order_no", ref.OrderNo); err != nil {
		return sdk.PaymentResult{}, err
	}
	reply, err := a.client.Post(ctx, pathOrder+url.PathEscape(ref.OrderNo)+"/close", native.CloseRequest{Mchid: &a.merchant})
	if err != nil {
		return noPayment(err)
	}
	return sdk.PaymentResult{Outcome: closeOutcome(reply), Provider: reply.Text, KeyRefused: reply.KeyRefused()}, nil
}

// closeOutcome reads the reply to a close.
func closeOutcome(r wire.Reply) sdk.Outcome {
	switch {
	case r.Status == http.StatusNoContent, r.Is(http.StatusBadRequest, wire.CodeOrderClosed, wire.CodeOrderCloseOld):
		return sdk.OutcomeSucceeded
	case r.Is(http.StatusAccepted, "USERPAYING", "USER_PAYING"): // the payer is entering the password
		return sdk.OutcomeRefused
	case r.Is(http.StatusNotFound, wire.CodeOrderNotExist, wire.CodeOrderNotOld):
		return sdk.OutcomeNotFound
	case r.Refusal():
		return sdk.OutcomeRefused
	}
	return sdk.OutcomeUnknown
}
