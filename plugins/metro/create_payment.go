package main

import (
	"cmp"
	"context"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/metro/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// chargeBody is a charge (seed 000, 四.3). Amounts are fen. The document prints no lengths,
// so no text is cut.
type chargeBody struct {
	OrderNo string `json:"out_request_no"`
	Code    string `json:"qrcode"`
	Body    string `json:"body"`
	Total   int64  `json:"total_fee"`
	Remark  string `json:"extra_data,omitempty"`
	StoreID string `json:"store_id"`
}

// chargeOutcomes are the states of an order in the reply to a charge (seed 000, 四.3).
var chargeOutcomes = map[string]sdk.Outcome{
	"PS_SUCCESS": sdk.OutcomeSucceeded,
	"PS_PAYING":  sdk.OutcomeInProgress,
	"PS_FAILED":  sdk.OutcomeFailed,
}

// CreatePayment charges a payer's code (seed 000, 四.3).
func (p provider) CreatePayment(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if err := checkCreate(call.Now(), set, req); err != nil {
		return sdk.PaymentResult{}, err
	}
	reply, err := p.post(ctx, call, set, pathCharge, chargeBody{
		OrderNo: req.OrderNo, Code: req.PayerCode.Text(), Body: cmp.Or(validText(req.Subject), req.OrderNo),
		Total: req.Amount.Minor, Remark: validText(req.Description), StoreID: set.StoreID,
	})
	if err != nil {
		return noPayment(err)
	}
	// No code of the envelope is documented, so none proves that nothing was taken.
	if !reply.OK {
		return sdk.PaymentResult{Outcome: sdk.OutcomeUnknown, Provider: reply.Text}, nil
	}
	return paymentOf(reply, chargeOutcomes, sdk.OrderRef{Amount: req.Amount})
}

// validText is what JSON can carry of s.
func validText(s string) string { return strings.ToValidUTF8(s, "") }

// paymentOf reads the state of an order. The reply repeats the amount alone and not our
// number; that, and the provider's number where it is known, must fit.
func paymentOf(reply wire.Reply, outcomes map[string]sdk.Outcome, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	d, err := reply.Payment()
	if err != nil {
		return noPayment(err)
	}
	result := sdk.PaymentResult{
		Outcome: outcomes[d.Status], ProviderOrderNo: d.Number, ChannelTradeNo: d.Trade, Channel: d.Type, PayerID: d.UID,
		Provider: sdk.ProviderText{Code: d.Status, Message: cmp.Or(d.Failure, reply.Text.Message)},
	}
	// A zero is what servers write for an amount that is not there: no order has it.
	if d.Total.Value > 0 {
		result.Amount = sdk.Fen(d.Total.Value)
	}
	if !fits(result, ref) {
		result.Outcome = sdk.OutcomeUnknown
	}
	if result.Outcome == sdk.OutcomeSucceeded {
		result.PaidAt = d.Paid
	}
	return result, nil
}

// fits says whether what the reply states is the order's; money that was taken must be stated.
func fits(r sdk.PaymentResult, ref sdk.OrderRef) bool {
	switch {
	case r.Outcome == "": // a state that is not documented, or none
		return false
	case r.ProviderOrderNo != "" && ref.ProviderOrderNo != "" && r.ProviderOrderNo != ref.ProviderOrderNo:
		return false
	case r.Outcome == sdk.OutcomeSucceeded:
		return r.Amount.Currency != "" && r.Amount == ref.Amount
	}
	return r.Amount.Currency == "" || r.Amount == ref.Amount
}
