package main

import (
	"fmt"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// The limits of our numbers, by the provider's current edition (the seed prints 64 and
// 32), and of an amount: ten digits of fen.
const (
	maxClientSN  = 32
	maxRefundNo  = 20
	maxAmountFen = 9_999_999_999
)

// invalid refuses a request before anything is sent.
func invalid(param, format string, args ...any) *sdk.Error {
	return &sdk.Error{Code: sdk.ErrInvalidRequest, Message: fmt.Sprintf(format, args...), Param: param}
}

func checkCreate(req sdk.PaymentRequest) error {
	if err := checkOrderNo(req.OrderNo); err != nil {
		return err
	}
	if err := checkAmount(req.Amount); err != nil {
		return err
	}
	if req.Channel != "" && wire.Payway(req.Channel) == "" {
		return invalid("channel", "Shouqianba does not know the wallet %q; it knows alipay, wechat, baidu and jd.", req.Channel)
	}
	// Trap S18: 经纬度必须同时出现.
	if (req.Extra["longitude"] == "") != (req.Extra["latitude"] == "") {
		return invalid("extra", "Give longitude and latitude together, or neither.")
	}
	// What comes back as it was sent, or is read by a machine, is refused and not cut.
	if len(req.Extra["reflect"]) > maxReflect {
		return invalid("extra.reflect", "reflect must have at most %d bytes.", maxReflect)
	}
	if len(req.Extra["extended"]) > maxExtended {
		return invalid("extra.extended", "extended must have at most %d bytes.", maxExtended)
	}
	return nil
}

func checkOrderNo(orderNo string) error {
	if orderNo == "" || len(orderNo) > maxClientSN {
		return invalid("order_no", "The order number must have 1 to %d bytes.", maxClientSN)
	}
	return nil
}

func checkAmount(m sdk.Money) error {
	if m.Currency != sdk.CNY {
		return invalid("amount", "Shouqianba takes CNY only, not %q.", m.Currency)
	}
	if m.Minor <= 0 || m.Minor > maxAmountFen {
		return invalid("amount", "The amount must be 1 to %d fen.", int64(maxAmountFen))
	}
	return nil
}

// noPayment is the answer when there is no readable reply: an error when nothing left,
// otherwise the money may have moved.
func noPayment(err error) (sdk.PaymentResult, error) {
	text, err := wire.Failure(err)
	return sdk.PaymentResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
}
