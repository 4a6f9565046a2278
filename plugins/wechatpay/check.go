package main

import (
	"fmt"
	"net"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The documentation's lengths of our numbers (商户订单号: 6 to 32), and what they consist of.
const (
	minNumber = 6
	maxNumber = 32
	numberSet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-|*"
)

// The lengths of texts: in characters where the documentation says characters, in bytes
// where it gives a number alone.
const (
	maxDescription = 127 // characters
	maxOpenID      = 128 // bytes
	maxReason      = 80  // bytes
)

// invalid refuses a request before anything is sent.
func invalid(param, format string, args ...any) *sdk.Error {
	return &sdk.Error{Code: sdk.ErrInvalidRequest, Message: fmt.Sprintf(format, args...), Param: param}
}

func checkNumber(param, number string) error {
	if len(number) < minNumber || len(number) > maxNumber || strings.Trim(number, numberSet) != "" {
		return invalid(param, "WeChat Pay takes numbers of %d to %d letters, digits, _, -, | and *.", minNumber, maxNumber)
	}
	return nil
}

func checkAmount(m sdk.Money) error {
	if m.Currency != sdk.CNY {
		return invalid("amount", "WeChat Pay takes CNY only, not %q.", m.Currency)
	}
	if m.Minor <= 0 {
		return invalid("amount", "The amount must be at least 1 fen.")
	}
	return nil
}

func checkCreate(now time.Time, req sdk.PaymentRequest) error {
	if err := checkNumber("order_no", req.OrderNo); err != nil {
		return err
	}
	if err := checkAmount(req.Amount); err != nil {
		return err
	}
	switch {
	case req.Channel != "":
		return invalid("channel", "WeChat Pay is the wallet; leave the channel out.")
	case !req.ExpiresAt.IsZero() && req.ExpiresAt.Sub(now) < time.Minute:
		return invalid("expires_at", "WeChat Pay wants at least a minute in which an order can be paid; make a new one.")
	case req.ClientIP != "" && net.ParseIP(req.ClientIP) == nil:
		return invalid("client_ip", "The payer's address %.45q is no IP address.", req.ClientIP)
	}
	return nil
}

// clip takes the characters of s that WeChat Pay stores, which has none of four bytes, and
// cuts where measure says that it is too long.
func clip(s string, limit int, measure func(string) int) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r > 0xFFFF || r < ' ' {
			return -1
		}
		return r
	}, s)
	for measure(s) > limit {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return strings.TrimSpace(s)
}

func bytesOf(s string) int { return len(s) }

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
	if err := checkAmount(req.Payment.Amount); err != nil {
		return err
	}
	if left := req.Payment.Amount.Minor - req.RefundedBefore.Minor; req.Amount.Minor > left {
		return invalid("amount", "Only %d fen of the payment are left to give back.", left)
	}
	return nil
}
