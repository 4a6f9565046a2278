package payoutwire

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// Payout is what the platform is asked about: a reply about another one proves nothing.
type Payout struct {
	Merchant, OrderNo string
	Amount            sdk.Money // no currency: not known
	AmountNamed       bool      // a success must name the amount; the reply to a payout need not (seed 003, 代付 5.1.3)
}

// Result turns a reply into a result. A state that does not name our payout is no answer.
func (r Reply) Result(outcome sdk.Outcome, asked Payout) sdk.PayoutResult {
	result := sdk.PayoutResult{Outcome: outcome, Provider: r.Text(), KeyRefused: r.SignatureRefused()}
	if r.Fields == nil {
		return result
	}
	f := r.Fields
	result.OrderNo, result.ProviderOrderNo = f.Text("ORDERNO"), f.Text("BSORDERNO")
	result.Provider.Message = cmp.Or(f.Text("DESC"), r.Message)
	merchant, amount, currency := f.Text("MERNO"), f.Text("AMT"), f.Text("CURTYPE")
	named := false
	if amount != "" {
		result.Amount, named = Fen(amount)
	}
	switch {
	case result.OrderNo != asked.OrderNo:
		result.Outcome = sdk.OutcomeUnknown
	case merchant != "" && merchant != asked.Merchant, currency != "" && currency != currencyFen:
		result.Outcome = sdk.OutcomeUnknown
	case amount != "" && (!named || asked.Amount.Currency != "" && result.Amount != asked.Amount):
		result.Outcome = sdk.OutcomeUnknown
	case outcome == sdk.OutcomeSucceeded && asked.AmountNamed && !named:
		result.Outcome = sdk.OutcomeUnknown
	}
	result.InReview = result.Outcome == sdk.OutcomeInProgress && f.Text("PAYSTATE") == stateInReview
	result.Returned = result.Outcome == sdk.OutcomeFailed && f.Text("PAYSTATE") == stateReturned
	return result
}

// currencyFen is CURTYPE of CNY, in fen.
const currencyFen = "1"

// Fen reads a whole number of fen, 1 to 15 digits.
func Fen(text string) (sdk.Money, bool) {
	if !Digits(text, 1, 15) {
		return sdk.Money{}, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return sdk.Fen(n), err == nil
}

// Digits says whether text has least to most characters, all of them ASCII digits.
func Digits(text string, least, most int) bool {
	return len(text) >= least && len(text) <= most && strings.Trim(text, "0123456789") == ""
}
