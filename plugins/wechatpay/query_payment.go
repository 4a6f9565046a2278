package main

import (
	"context"
	"net/http"
	"net/url"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/wechatpay/internal/wire"
)

// paymentOutcomes are the trade states. REFUND is an order that was paid and of which
// something was given back. USERPAYING, PAYERROR and REVOKED are documented for the payer's
// own code alone, which is not offered; PAYERROR does not end an order, for the payer can try
// again until it is closed (关闭订单 says to close it for that reason).
var paymentOutcomes = map[string]sdk.Outcome{
	"SUCCESS":    sdk.OutcomeSucceeded,
	"REFUND":     sdk.OutcomeSucceeded,
	"NOTPAY":     sdk.OutcomeInProgress,
	"USERPAYING": sdk.OutcomeInProgress,
	"PAYERROR":   sdk.OutcomeInProgress,
	"CLOSED":     sdk.OutcomeClosed,
	"REVOKED":    sdk.OutcomeCanceled,
}

// QueryPayment asks what became of an order, by our number: it is known even when every
// reply was lost (商户订单号查询订单).
func (p provider) QueryPayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	a, err := p.accountOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if err := checkNumber("order_no", ref.OrderNo); err != nil {
		return sdk.PaymentResult{}, err
	}
	reply, err := a.client.Get(ctx, pathOrder+url.PathEscape(ref.OrderNo), url.Values{"mchid": {a.merchant}})
	switch {
	case err != nil:
		return noPayment(err)
	case reply.Is(http.StatusNotFound, wire.CodeOrderNotExist, wire.CodeOrderNotOld):
		return sdk.PaymentResult{Outcome: sdk.OutcomeNotFound, Provider: reply.Text}, nil
	case reply.Refusal():
		return sdk.PaymentResult{Outcome: sdk.OutcomeRefused, Provider: reply.Text, KeyRefused: reply.KeyRefused()}, nil
	case reply.Status != http.StatusOK:
		return sdk.PaymentResult{Outcome: sdk.OutcomeUnknown, Provider: reply.Text}, nil
	}
	order, err := reply.Payment()
	if err != nil {
		return noPayment(err)
	}
	return a.payment(order, ref), nil
}

// payment is an order as WeChat Pay shows it. It must be the one that was asked about.
func (a account) payment(order wire.Payment, ref sdk.OrderRef) sdk.PaymentResult {
	result := a.stated(order)
	otherNumber := ref.ProviderOrderNo != "" && order.Number != "" && order.Number != ref.ProviderOrderNo
	otherAmount := result.Amount.Currency != "" && result.Amount != ref.Amount
	if order.OrderNo != ref.OrderNo || otherNumber || otherAmount {
		result.Outcome = sdk.OutcomeUnknown
	}
	return result
}

// stated is what WeChat Pay says of an order of this merchant. A success without its amount
// or number is none.
func (a account) stated(order wire.Payment) sdk.PaymentResult {
	result := sdk.PaymentResult{
		Outcome: paymentOutcomes[order.State], OrderNo: order.OrderNo, ProviderOrderNo: order.Number, PayerID: order.PayerID,
		Provider: sdk.ProviderText{Code: order.State, Message: order.Description},
	}
	if order.Total.Stated {
		result.Amount = money(order.Total, order.Currency)
	}
	incomplete := result.Outcome == sdk.OutcomeSucceeded && (!order.Total.Stated || order.Number == "")
	if result.Outcome == "" || incomplete || order.MchID != a.merchant {
		result.Outcome = sdk.OutcomeUnknown
	}
	if result.Outcome == sdk.OutcomeSucceeded {
		result.PaidAt = order.Paid
	}
	return result
}

// money is an amount in its currency; the documentation's default is CNY.
func money(n wire.Number, currency string) sdk.Money {
	if currency == "" {
		currency = sdk.CNY
	}
	return sdk.Money{Minor: n.Value, Currency: currency}
}
