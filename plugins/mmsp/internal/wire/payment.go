package wire

import (
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// Status is the Body's STATUS. What it means differs by operation (trap Q13).
func (r Reply) Status() string { return r.Body.Text("STATUS") }

// StillPaying is the code AA: the payer is paying, whatever STATUS says (6, 用户支付中).
func (r Reply) StillPaying() bool { return r.Body.Text(r.command.product.errorCode) == "AA" }

// Closed is the code D4: the order is closed. With a payment by card it means something
// else (trap Q15).
func (r Reply) Closed() bool { return r.Body.Text(r.command.product.errorCode) == "D4" }

// OrderNo is our number of the payment. One sample prints MERORDER.
func (r Reply) OrderNo() string { return r.Body.Text("MERORDERID", "MERORDER") }

// ProviderOrderNo is the provider's number of the payment.
func (r Reply) ProviderOrderNo() string { return r.Body.Text(r.command.product.orderNo...) }

// Amount is AMT; ok is false when it is missing or no amount.
func (r Reply) Amount() (m sdk.Money, ok bool) { return Amount(r.Body.Text("AMT")) }

// PaidAt is when the payment was made; zero for what is not paid (traps Q24, C16).
func (r Reply) PaidAt() time.Time {
	p := r.command.product
	return Time(p.time, r.Body.Text(p.paidAt))
}

// RefundTime is when a refund of scan was taken.
func (r Reply) RefundTime() time.Time { return Time(dashedTime, r.Body.Text("REFUND_TIME")) }

// Row is the reply to a single query that a row of a list stands for.
func (r Reply) Row(row Body) Reply {
	r.Body = row
	return r
}

// Amount reads fen from 1 to 20 digits.
func Amount(text string) (sdk.Money, bool) {
	if text == "" || len(text) > 20 || strings.Trim(text, "0123456789") != "" {
		return sdk.Money{}, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return sdk.Money{}, false
	}
	return sdk.Fen(n), true
}

// Time reads a time in Beijing; anything else is no time.
func Time(layout, text string) time.Time {
	at, err := time.ParseInLocation(layout, text, sdk.Beijing())
	if err != nil {
		return time.Time{}
	}
	return at
}

// Echo is what a reply must repeat of the request to be believed.
type Echo struct {
	OrderNo string
	Amount  sdk.Money
	// NoAmount: the operation does not repeat the amount.
	NoAmount bool
	// NoOrderNo: the operation does not repeat our number.
	NoOrderNo bool
}

// Payment makes the result of a payment. A verified reply that is of another order or amount
// is unknown, and so is a final one that does not say which order it is of.
func (r Reply) Payment(outcome sdk.Outcome, echo Echo) sdk.PaymentResult {
	result := sdk.PaymentResult{Outcome: outcome, Provider: r.Text(), KeyRefused: r.KeyRefused()}
	if r.Body == nil {
		return result
	}
	amount, _ := r.Amount()
	result.OrderNo, result.Amount, result.ProviderOrderNo = r.OrderNo(), amount, r.ProviderOrderNo()
	if outcome == sdk.OutcomeSucceeded {
		result.PaidAt = r.PaidAt()
	}
	if !r.repeats(outcome, echo) {
		result.Outcome, result.NextAction = sdk.OutcomeUnknown, nil
	}
	return result
}

func (r Reply) repeats(outcome sdk.Outcome, echo Echo) bool {
	if orderNo := r.OrderNo(); orderNo != echo.OrderNo && (orderNo != "" || !echo.NoOrderNo && final(outcome)) {
		return false
	}
	text := r.Body.Text("AMT")
	amount, ok := Amount(text)
	if text == "" {
		return echo.NoAmount || outcome != sdk.OutcomeSucceeded
	}
	return ok && amount == echo.Amount
}

func final(outcome sdk.Outcome) bool {
	switch outcome {
	case sdk.OutcomeSucceeded, sdk.OutcomeFailed, sdk.OutcomeCanceled, sdk.OutcomeClosed:
		return true
	default:
		return false
	}
}
