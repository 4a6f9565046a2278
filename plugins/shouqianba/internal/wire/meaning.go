package wire

import (
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// contested are error codes that never prove a failure, whatever stands beside them: the
// order or the refund may be there, or may yet come (document, 四.5; traps S4, S12). Both
// spellings of the last one occur.
var contested = []string{
	"CLIENT_SN_CONFLICT", "TRADE_HAS_SUCCESS", "REFUND_REQUEST_CONFLICT", "TRADE_NOT_EXIST",
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

// NotExists says that the gateway, or the channel behind it, knows no such order.
func (r Reply) NotExists() bool {
	return r.Biz == "FAIL" && slices.Contains([]string{"UPAY_ORDER_NOT_EXIST", "UPAY_ORDER_NOT_EXISTS", "TRADE_NOT_EXIST"}, r.Error.Code)
}

// Fail is the meaning of FAIL for a call that moves money: refused, or unknown when the
// error code leaves a doubt.
func (r Reply) Fail() sdk.Outcome {
	if r.Error.Code == "TRADE_FAILED" || slices.Contains(contested, r.Error.Code) {
		return sdk.OutcomeUnknown
	}
	return sdk.OutcomeRefused
}

// FailToCreate is Fail for a new order: a reply that shows the state of an order says
// that there is one.
func (r Reply) FailToCreate() sdk.Outcome {
	if r.Data.OrderStatus != "" {
		return sdk.OutcomeUnknown
	}
	return r.Fail()
}

// Failed is the meaning of PAY_FAIL and PRECREATE_FAIL: failed and taken back, unless the
// order's state, the ledger entry or the error code says otherwise. Only FAIL_CANCELED is
// a confirmed failure among the entries (trap S3).
func (r Reply) Failed() sdk.Outcome {
	d := r.Data
	if slices.Contains(contested, r.Error.Code) {
		return sdk.OutcomeUnknown
	}
	if d.OrderStatus == "PAY_CANCELED" || (d.OrderStatus == "" && (d.Status == "" || d.Status == "FAIL_CANCELED")) {
		return sdk.OutcomeFailed
	}
	return sdk.OutcomeUnknown
}

// Pending says that a result code names something under way and the order's state does
// not contradict it.
func (r Reply) Pending() bool {
	known := strings.HasSuffix(r.Biz, "_IN_PROGRESS") || strings.HasSuffix(r.Biz, "_INPROGRESS") || r.Biz == "INPROGRESS" || r.Biz == "IN_PROGRESS"
	return known && (r.Data.OrderStatus == "" || r.Data.OrderStatus == "CREATED")
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

// Concerns says whether what the reply echoes fits the order; what it leaves out fits.
// net_amount is no part of it: it is not the money received (trap S2).
func (d Data) Concerns(orderNo string, amount sdk.Money) bool {
	if d.ClientSN != "" && d.ClientSN != orderNo {
		return false
	}
	total, ok := Amount(d.TotalAmount)
	return d.TotalAmount == "" || (ok && (amount.Currency == "" || total == amount))
}

// Payment turns the order's fields into a result. A final outcome needs a reply that fits
// the order; a success must also name the order and the amount itself.
func (r Reply) Payment(outcome sdk.Outcome, orderNo string, amount sdk.Money) sdk.PaymentResult {
	d := r.Data
	total, named := Amount(d.TotalAmount)
	result := sdk.PaymentResult{
		Outcome: outcome, OrderNo: d.ClientSN, Amount: total, ProviderOrderNo: d.SN, ChannelTradeNo: d.TradeNo,
		Channel: ChannelOf(d.Payway), PayerID: d.PayerUID, Provider: r.Text(), KeyRefused: r.SignRefused(),
	}
	// finish_time belongs to the order's last operation: of a refunded order it is the refund's.
	if d.OrderStatus == "PAID" {
		result.PaidAt = d.Finished()
	}
	settled := outcome == sdk.OutcomeSucceeded || outcome == sdk.OutcomeCanceled
	switch {
	case outcome == sdk.OutcomeRefused || outcome == sdk.OutcomeNotFound:
	case !d.Concerns(orderNo, amount), settled && (d.ClientSN == "" || !named):
		result.Outcome = sdk.OutcomeUnknown
	}
	return result
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
