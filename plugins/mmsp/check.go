package main

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The lengths of our own numbers, MERORDERID: 20 characters in scan, 32 in quick pay and the gateway.
const (
	maxScanNumber = 20
	maxLongNumber = 32
)

// The greatest amounts in fen: AMT is string(20) in scan, which an int64 does not fill, and
// string(12) in quick pay and the gateway.
const (
	maxScanAmount = 999_999_999_999_999_999
	maxLongAmount = 999_999_999_999
)

// invalid refuses a request before anything is sent.
func invalid(param, format string, args ...any) *sdk.Error {
	return &sdk.Error{Code: sdk.ErrInvalidRequest, Message: fmt.Sprintf(format, args...), Param: param}
}

// checkNumber refuses a number of ours that the provider cannot take. Cut, two orders could
// become one.
func checkNumber(param, number string, most int) error {
	if number == "" || len(number) > most || strings.Trim(number, alphanumeric) != "" {
		return invalid(param, "The number %q must have 1 to %d letters and digits.", number, most)
	}
	return nil
}

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func checkAmount(m sdk.Money, most int64) error {
	if m.Currency != sdk.CNY {
		return invalid("amount", "MMSP takes CNY only, not %q.", m.Currency)
	}
	if m.Minor <= 0 || m.Minor > most {
		return invalid("amount", "The amount must be 1 to %d fen.", most)
	}
	return nil
}

// checkText refuses a text over the document's length, in characters.
func checkText(param, text string, most int) error {
	if !utf8.ValidString(text) {
		return invalid(param, "The text of %s is not UTF-8.", param)
	}
	if n := utf8.RuneCountInString(text); n > most {
		return invalid(param, "%s has %d characters; MMSP takes at most %d.", param, n, most)
	}
	return nil
}

// callbackURL is the address for notifications of a kind, which must fit into NOTIFY_URL.
func callbackURL(call *sdk.Call, kind string, most int) (string, error) {
	url := call.Callback(kind)
	if url == "" {
		return "", invalid("callback_url", "MMSP requires an address for notifications: give this installation a public address.")
	}
	if len(url) > most {
		return "", invalid("callback_url",
			"The address for notifications, %q, has %d characters; MMSP takes at most %d for this kind of order. Use a shorter public host.", url, len(url), most)
	}
	return url, nil
}

// checkExpiry refuses an order that would be over before it is sent.
func checkExpiry(call *sdk.Call, at time.Time) error {
	if !at.IsZero() && !at.After(call.Now()) {
		return invalid("expires_at", "The order's end, %s, is in the past.", at.In(sdk.Beijing()).Format(time.DateTime))
	}
	return nil
}
