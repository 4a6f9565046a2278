package main

import (
	"slices"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/payoutwire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The lengths of 代付 5.1.2, in characters. A branch's number in the clearing system has 12
// digits, though the table prints 10 (trap P4).
const (
	maxPayoutNo   = 32
	maxPayee      = 20
	maxMemo       = 64
	maxIDNumber   = 32
	maxBranchName = 32
	maxPlaceName  = 64 // BANKNAME, BANKPROV, BANKCITY have no printed length
	phoneDigits   = 11
	branchDigits  = 12
)

// checkPayout refuses what the platform would, before anything is sent. Nothing is cut: a
// payee's name that is not the whole name is another name.
func checkPayout(req sdk.PayoutRequest, maximum sdk.Money) error {
	if !payoutwire.Digits(req.OrderNo, 1, maxPayoutNo) {
		return invalid("order_no", "A payout's number must be 1 to %d digits.", maxPayoutNo)
	}
	if req.Amount.Currency != sdk.CNY || req.Amount.Minor <= 0 || req.Amount.Minor > maximum.Minor {
		return invalid("amount", "A payout must be 1 to %d fen of CNY.", maximum.Minor)
	}
	if req.Source != "" && req.Source != sdk.SourceBalance && req.Source != sdk.SourceAdvance {
		return invalid("source", "Pay out from balance or from advance; %q is neither. What needs both are two payouts.", req.Source)
	}
	if id := req.Extra[extraBusinessType]; id != "" && !slices.ContainsFunc(businessTypes(), func(c sdk.Channel) bool { return c.ID == id }) {
		return invalid("extra."+extraBusinessType, "MMSP has no business type %q: choose one of 001 to 005 or 999.", id)
	}
	if err := checkPayee(req); err != nil {
		return err
	}
	return checkPayoutTexts(req)
}

// checkPayee looks at the account and who holds it.
func checkPayee(req sdk.PayoutRequest) error {
	number := req.PayeeNumber.Text()
	switch req.PayeeType {
	case sdk.PayeePersonal:
		if !payoutwire.Digits(number, 1, maxPayee) {
			return invalid("payee_number", "The payee's card number must be 1 to %d digits.", maxPayee)
		}
		if req.BranchCode != "" && !payoutwire.Digits(req.BranchCode, branchDigits, branchDigits) {
			return invalid("branch_code", "The branch's number (联行号) must be %d digits.", branchDigits)
		}
	case sdk.PayeeBusiness:
		if n := utf8.RuneCountInString(number); n == 0 || n > maxPayee {
			return invalid("payee_number", "The payee's account number must have 1 to %d characters.", maxPayee)
		}
		if !payoutwire.Digits(req.BranchCode, branchDigits, branchDigits) {
			return invalid("branch_code", "A payout to a corporate account needs the branch's number (联行号) of %d digits.", branchDigits)
		}
	default:
		return invalid("payee_type", "MMSP pays to debit cards (personal) and to corporate accounts (business), not to %q.", req.PayeeType)
	}
	if !payoutwire.Digits(req.Phone.Text(), phoneDigits, phoneDigits) {
		return invalid("phone", "The payee's mobile number must be %d digits.", phoneDigits)
	}
	return nil
}

// checkPayoutTexts looks at the lengths of texts.
func checkPayoutTexts(req sdk.PayoutRequest) error {
	texts := []struct {
		param, value string
		most         int
		required     bool
	}{
		{"payee_name", req.PayeeName.Text(), maxPayee, true},
		{"bank_name", req.BankName, maxPlaceName, true},
		{"province", req.Province, maxPlaceName, true},
		{"city", req.City, maxPlaceName, true},
		{"purpose", req.Purpose, maxMemo, false},
		{"id_number", req.IDNumber.Text(), maxIDNumber, false},
		{"branch_name", req.BranchName, maxBranchName, false},
	}
	for _, text := range texts {
		n := utf8.RuneCountInString(text.value)
		if text.required && n == 0 {
			return invalid(text.param, "MMSP refuses a payout without %s: give it.", text.param)
		}
		if n > text.most {
			return invalid(text.param, "%s may have at most %d characters.", text.param, text.most)
		}
	}
	return nil
}
