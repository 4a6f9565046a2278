package main

import (
	"fmt"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/bestpay/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The document prints no lengths. maxNumber bounds our order and refund numbers, maxCode
// a payer's code, both in bytes and above what occurs.
const (
	maxNumber = 32
	maxCode   = 64
)

// defaultTimeOut is how long an order can be paid unless the caller says otherwise (3.1);
// the field is required although it has a default (trap B16).
const defaultTimeOut = 25 * time.Minute

// invalid refuses a request before anything is sent.
func invalid(param, format string, args ...any) *sdk.Error {
	return &sdk.Error{Code: sdk.ErrInvalidRequest, Message: fmt.Sprintf(format, args...), Param: param}
}

func checkNumber(param, number string) error {
	if number == "" || len(number) > maxNumber {
		return invalid(param, "The number must have 1 to %d bytes; it has %d.", maxNumber, len(number))
	}
	return nil
}

func checkAmount(m sdk.Money) error {
	if m.Currency != sdk.CNY {
		return invalid("amount", "BestPay takes CNY only, not %q.", m.Currency)
	}
	if m.Minor <= 0 {
		return invalid("amount", "The amount must be at least 1 fen; it is %d.", m.Minor)
	}
	return nil
}

// beijing writes a time as the document's requests want it. Queries must repeat the time of
// the request they ask about (trap B8), so the host keeps it and it is never made up here.
func beijing(at time.Time) (string, error) {
	if at.IsZero() {
		return "", invalid("created_at", "BestPay needs the time at which the order or refund was made, and the call has none.")
	}
	return at.In(sdk.Beijing()).Format(wire.DateTime), nil
}

// callback is the address for a kind of callback, which the document requires (3.1, 3.2, 3.5).
func callback(call *sdk.Call, kind string) (string, error) {
	address := call.Callback(kind)
	if address == "" {
		return "", invalid("notify_url", "BestPay requires a callback address and this installation has none: set its public address.")
	}
	return address, nil
}

// lifetime is how long an order can be paid, counted from now. It is never longer than the
// caller allows.
func lifetime(now, expires time.Time) (time.Duration, error) {
	if expires.IsZero() {
		return defaultTimeOut, nil
	}
	left := expires.Sub(now).Truncate(time.Second)
	if left < time.Second {
		return 0, invalid("expires_at", "The order must be payable for at least one second, and its time has passed.")
	}
	return left, nil
}

// unsettled is the answer when there is no reply that proves anything: an error when
// nothing left, otherwise the money may have moved.
func unsettled(err error) (sdk.PaymentResult, error) {
	text, err := wire.Failure(err)
	return sdk.PaymentResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
}
