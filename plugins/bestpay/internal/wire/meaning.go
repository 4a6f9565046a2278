package wire

import "github.com/zhanggui-pay/zhanggui/plugins/sdk"

// The trade statuses (seed 001, 4.1). The tables of 3.1 to 3.3 leave CLOSE out (trap B5).
const (
	statusSuccess = "SUCCESS"
	statusFail    = "FAIL"
	statusClose   = "CLOSE"
	statusWait    = "WAITFORPAY"
)

// PaymentOutcome is what a trade status says of a payment.
func PaymentOutcome(status string) sdk.Outcome {
	switch status {
	case statusSuccess:
		return sdk.OutcomeSucceeded
	case statusFail:
		return sdk.OutcomeFailed
	case statusClose:
		return sdk.OutcomeClosed
	case statusWait:
		return sdk.OutcomeInProgress
	}
	return sdk.OutcomeUnknown
}

// PlacedOutcome is what a trade status says of an order that the payer has yet to pay
// (seed 001, 3.2). Its SUCCESS may mean placed or paid: only a query or a callback tells.
func PlacedOutcome(status string) sdk.Outcome {
	if status == statusSuccess {
		return sdk.OutcomeInProgress
	}
	return PaymentOutcome(status)
}

// RefundOutcome is what a trade status says of a refund. WAITFORPAY means that it is being
// processed; CLOSE is not defined for refunds.
func RefundOutcome(status string) sdk.Outcome {
	if status == statusClose {
		return sdk.OutcomeUnknown
	}
	return PaymentOutcome(status)
}
