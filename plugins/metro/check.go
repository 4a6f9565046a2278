package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// maxNumber is the longest number of ours, in bytes. The document prints no lengths; this
// one fits every provider we know.
const maxNumber = 32

// A payer's code has 36 digits and begins with 8 (seed 000, 二). It is longer than any
// integer and stays text (trap M11).
const (
	codePrefix = "8"
	codeLength = 36
)

// invalid refuses a request before anything is sent.
func invalid(param, format string, args ...any) *sdk.Error {
	return &sdk.Error{Code: sdk.ErrInvalidRequest, Message: fmt.Sprintf(format, args...), Param: param}
}

func checkNumber(param, number string) error {
	if number == "" || len(number) > maxNumber {
		return invalid(param, "The number must have 1 to %d bytes.", maxNumber)
	}
	return nil
}

func checkAmount(m sdk.Money) error {
	if m.Currency != sdk.CNY {
		return invalid("amount", "Metro takes CNY only, not %q.", m.Currency)
	}
	if m.Minor <= 0 {
		return invalid("amount", "The amount must be at least 1 fen.")
	}
	return nil
}

func checkCode(param string, code sdk.Secret) error {
	text := code.Text()
	if len(text) != codeLength || !strings.HasPrefix(text, codePrefix) || strings.Trim(text, "0123456789") != "" {
		return invalid(param, "A consumption code has %d digits and begins with %s; scan the payer's code again.", codeLength, codePrefix)
	}
	return nil
}

func checkCreate(now time.Time, set settings, req sdk.PaymentRequest) error {
	if req.Method != sdk.MethodBarcode {
		return sdk.Errorf(sdk.ErrNotSupported, "Metro does not offer the method %q.", req.Method)
	}
	if err := checkNumber("order_no", req.OrderNo); err != nil {
		return err
	}
	if err := checkAmount(req.Amount); err != nil {
		return err
	}
	switch {
	case req.Channel != "":
		return invalid("channel", "The payer's app chooses the wallet; leave the channel out.")
	case !req.ExpiresAt.IsZero() && !now.Before(req.ExpiresAt):
		return invalid("expires_at", "The order expired before it was sent; make a new one.")
	case set.StoreID == "":
		return invalid("store_id", "The account has no store_id; enter the one that Metro assigned in the account's settings.")
	}
	return checkCode("payer_code", req.PayerCode)
}

func checkRefund(req sdk.RefundRequest) error {
	if err := checkNumber("order_no", req.Payment.OrderNo); err != nil {
		return err
	}
	if err := checkNumber("refund_no", req.RefundNo); err != nil {
		return err
	}
	if err := checkAmount(req.Amount); err != nil {
		return err
	}
	if left := req.Payment.Amount.Minor - req.RefundedBefore.Minor; req.Payment.Amount.Currency == sdk.CNY && req.Amount.Minor > left {
		return invalid("amount", "Only %d fen of the payment are left to give back.", left)
	}
	return nil
}
