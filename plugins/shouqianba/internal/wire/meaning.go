package wire

import (
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// doubtful are error codes under FAIL that do not mean "nothing happened": the order or
// the refund may already be there (document, 四.5; traps S4).
var doubtful = []string{
	"CLIENT_SN_CONFLICT", "TRADE_HAS_SUCCESS", "REFUND_REQUEST_CONFLICT", "TRADE_NOT_EXIST", "TRADE_FAILED",
	"UPAY_ORDER_NOT_EXIST", "UPAY_ORDER_NOT_EXISTS",
}

// Layer1 gives the outcome of the communication layer: refused for 400, unknown for 500
// and anything else (traps S10, S11, S22). ok means: read biz_response.
func (r Reply) Layer1() (outcome sdk.Outcome, ok bool) {
	switch {
	case r.Code == codeOK && r.hasBiz:
		return "", true
	case r.Code == codeClientError:
		return sdk.OutcomeRefused, false
	default:
		return sdk.OutcomeUnknown, false
	}
}

// NotExists says that the gateway knows no such order; both spellings occur.
func (r Reply) NotExists() bool {
	return r.Biz == "FAIL" && slices.Contains([]string{"UPAY_ORDER_NOT_EXIST", "UPAY_ORDER_NOT_EXISTS", "TRADE_NOT_EXIST"}, r.Error.Code)
}

// Fail is the meaning of FAIL for a call that moves money: refused, or unknown when the
// error code leaves a doubt.
func (r Reply) Fail() sdk.Outcome {
	if slices.Contains(doubtful, r.Error.Code) {
		return sdk.OutcomeUnknown
	}
	return sdk.OutcomeRefused
}

// Pending says that a result code names something under way.
func (r Reply) Pending() bool {
	return strings.HasSuffix(r.Biz, "_IN_PROGRESS") || strings.HasSuffix(r.Biz, "_INPROGRESS") || r.Biz == "INPROGRESS" || r.Biz == "IN_PROGRESS"
}

// PaymentStatus is what order_status says of the payment (document, 四.3). It alone
// decides: result_code and status say SUCCESS of a canceled order too (trap S1).
func (d Data) PaymentStatus() sdk.Outcome {
	switch d.OrderStatus {
	case "PAID", "REFUNDED", "PARTIAL_REFUNDED", "REFUND_ERROR":
		return sdk.OutcomeSucceeded
	case "PAY_CANCELED":
		return sdk.OutcomeFailed
	case "CANCELED":
		return sdk.OutcomeCanceled
	case "CREATED":
		return sdk.OutcomeInProgress
	default: // PAY_ERROR, CANCEL_ERROR and whatever is not documented
		return sdk.OutcomeUnknown
	}
}

// Payment turns the order's fields into a result with outcome. A success that does not
// say which order and how much is no proof.
func (r Reply) Payment(outcome sdk.Outcome) sdk.PaymentResult {
	d := r.Data
	amount, ok := Amount(d.TotalAmount)
	result := sdk.PaymentResult{
		Outcome: outcome, OrderNo: d.ClientSN, ProviderOrderNo: d.SN, ChannelTradeNo: d.TradeNo,
		Channel: ChannelOf(d.Payway), PayerID: d.PayerUID, Provider: r.Text(), KeyRefused: r.SignRefused(),
	}
	if ok {
		result.Amount = amount
	}
	if outcome == sdk.OutcomeSucceeded {
		if result.PaidAt = Millis(d.ChannelFinish); result.PaidAt.IsZero() {
			result.PaidAt = Millis(d.FinishTime)
		}
		if d.ClientSN == "" || !ok {
			result.Outcome = sdk.OutcomeUnknown
		}
	}
	return result
}

// Unknown is the answer when there is no readable reply: the money may have moved.
func Unknown(err error) sdk.PaymentResult {
	return sdk.PaymentResult{Outcome: sdk.OutcomeUnknown, Provider: sdk.ProviderText{Message: err.Error()}}
}

// The channels by our names and the provider's payway codes (document, 四.6).
var payways = map[string]string{"alipay": "1", "wechat": "3", "baidu": "4", "jd": "5"}

// Payway is the provider's code of a channel, or "".
func Payway(channel string) string { return payways[channel] }

// ChannelOf is the channel of a payway code, or "".
func ChannelOf(payway string) string {
	for channel, code := range payways {
		if code == payway {
			return channel
		}
	}
	return ""
}
