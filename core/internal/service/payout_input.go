package service

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The lengths of a payout's texts in characters: the shortest limits among the providers'
// documents (seed 003, 5.1.2). Nothing is cut: a name that is not the whole name is another.
const (
	maxPayeeName   = 20
	maxPayeeNumber = 20
	maxPurpose     = 64
	maxBankName    = 64
	maxBranchName  = 32
	maxPlaceName   = 64
	maxIDNumber    = 32
	phoneDigits    = 11
	branchDigits   = 12
)

// The words of PayoutRowError.Code and what they are about.
const (
	faultMissing    = "missing"
	faultTooLong    = "too_long"
	faultCharacters = "invalid_characters"
	faultNumber     = "invalid_number"
	faultAmount     = "invalid_amount"
	faultTooMuch    = "amount_too_large"
	faultChoice     = "no_such_choice"
	faultDuplicate  = "duplicate"
	faultUsed       = "used_before"
)

// payoutFault is one thing that is wrong with a payout as it was asked for. The sentences
// repeat nothing of the payee.
type payoutFault struct {
	field, code string
	en, zh      string
}

// refusal is the fault as the answer of a single payout.
func (f payoutFault) refusal() error {
	code := core.CodeInvalidRequest
	if f.code == faultAmount {
		code = core.CodeInvalidAmount
	}
	if f.code == faultTooMuch {
		code = core.CodeLimitExceeded
	}
	return core.Errorf(code, "%s", f.en).At(f.field)
}

// payoutChecker collects what is wrong.
type payoutChecker struct{ faults []payoutFault }

func (c *payoutChecker) add(field, code, en, zh string) {
	c.faults = append(c.faults, payoutFault{field: field, code: code, en: en, zh: zh})
}

// text bounds a text in characters. What a spreadsheet would run is no name of anything.
func (c *payoutChecker) text(field, value string, required bool, most int) {
	n := utf8.RuneCountInString(value)
	switch {
	case value == "" && !required:
	case strings.TrimSpace(value) == "" && required:
		c.add(field, faultMissing, field+" is missing.", "缺少此项。")
	case strings.ContainsRune("=+-@", rune(value[0])):
		c.add(field, faultCharacters, field+" must not begin with = + - or @: it looks like a formula.", "不能以 = + - @ 开头：看起来是公式。")
	case n > most:
		c.add(field, faultTooLong, fmt.Sprintf("%s may have at most %d characters; it has %d.", field, most, n), fmt.Sprintf("最多 %d 个字，现有 %d 个字。", most, n))
	case !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }):
		c.add(field, faultCharacters, field+" holds a character that cannot be used.", "含有不能使用的字符。")
	}
}

// number wants digits of a length.
func (c *payoutChecker) number(field, value string, required bool, least, most int) bool {
	switch {
	case value == "" && !required:
		return false
	case value == "":
		c.add(field, faultMissing, field+" is missing.", "缺少此项。")
		return false
	case !digits(value, least, most):
		length, zh := fmt.Sprintf("%d to %d", least, most), fmt.Sprintf("%d 到 %d", least, most)
		if least == most {
			length, zh = fmt.Sprint(least), fmt.Sprint(least)
		}
		c.add(field, faultNumber, fmt.Sprintf("%s must have %s digits and nothing else.", field, length), fmt.Sprintf("必须是 %s 位数字。", zh))
		return false
	}
	return true
}

// choice wants one of a closed list.
func (c *payoutChecker) choice(field, value string, from []core.Channel) {
	if len(from) == 0 || slices.ContainsFunc(from, func(o core.Channel) bool { return o.ID == value }) {
		return
	}
	ids, names := make([]string, len(from)), make([]string, len(from))
	for i, o := range from {
		ids[i], names[i] = o.ID, o.Name.ZH
	}
	if value == "" {
		c.add(field, faultMissing, field+" is missing: one of "+strings.Join(ids, ", ")+".", "缺少此项，可填："+strings.Join(names, "、")+"。")
		return
	}
	c.add(field, faultChoice, field+" must be one of "+strings.Join(ids, ", ")+".", "只能填："+strings.Join(names, "、")+"。")
}

// checkPayoutInput says everything that is wrong with a payout, before anything is written.
func checkPayoutInput(in core.CreatePayoutInput, spec core.PayoutSpec) []payoutFault {
	c := &payoutChecker{}
	c.text("merchant_payout_no", in.MerchantPayoutNo, false, 64)
	c.amount(in.Amount, spec.Maximum)
	if in.Source != "" {
		c.choice("source", in.Source, spec.Sources)
	}
	c.text("channel", in.Channel, false, 64)
	c.text("purpose", in.Purpose, false, maxPurpose)
	c.payee(in.Payee, spec)
	for _, f := range spec.Extra {
		value, at := in.Payee.Extra[f.Name], "extra."+f.Name
		most := cmp.Or(f.MaxLength, 64)
		c.text(at, value, f.Required, most)
		if value != "" {
			c.choice(at, value, f.Options)
		}
	}
	return c.faults
}

func (c *payoutChecker) amount(m, maximum core.Money) {
	if err := core.CheckAmount(m); err != nil {
		c.add("amount", faultAmount, publicMessage(err), "金额必须在 0.01 元到 99,999,999.99 元之间，最多两位小数。")
		return
	}
	if maximum.Currency != "" && m.Minor > maximum.Minor {
		c.add("amount", faultTooMuch, fmt.Sprintf("One payout may be at most %s.", maximum), fmt.Sprintf("单笔最多 %s。", maximum))
	}
}

func (c *payoutChecker) payee(p core.Payee, spec core.PayoutSpec) {
	needs := func(need string) bool { return slices.Contains(spec.Needs, need) }
	c.choice("payee.type", p.Type, spec.PayeeTypes)
	c.text("payee.name", string(p.Name.Reveal()), true, maxPayeeName)
	number := string(p.Number.Reveal())
	if p.Type == core.PayeeBusiness {
		c.text("payee.number", number, true, maxPayeeNumber)
		c.number("payee.branch_code", p.BranchCode, true, branchDigits, branchDigits)
	} else {
		if c.number("payee.number", number, true, 12, maxPayeeNumber) && !luhn(number) {
			c.add("payee.number", faultNumber, "payee.number is no card number: its check digit is wrong.", "卡号的校验位不对，请核对。")
		}
		c.number("payee.branch_code", p.BranchCode, needs(core.NeedBranchCode), branchDigits, branchDigits)
	}
	c.number("payee.phone", string(p.Phone.Reveal()), needs(core.NeedPhone), phoneDigits, phoneDigits)
	c.text("payee.id_number", string(p.IDNumber.Reveal()), needs(core.NeedIDNumber), maxIDNumber)
	c.text("payee.bank_name", p.BankName, needs(core.NeedBankName), maxBankName)
	c.text("payee.bank_code", p.BankCode, false, 32)
	c.text("payee.branch_name", p.BranchName, false, maxBranchName)
	c.text("payee.province", p.Province, needs(core.NeedProvince), maxPlaceName)
	c.text("payee.city", p.City, needs(core.NeedCity), maxPlaceName)
}

// luhn tests the check digit of a card number.
func luhn(number string) bool {
	sum, double := 0, false
	for i := len(number) - 1; i >= 0; i-- {
		d := int(number[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		double = !double
	}
	return sum%10 == 0
}

// maskName keeps the first character: 张*.
func maskName(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	if size == len(name) {
		return "*"
	}
	return string(first) + "*"
}

// maskAccount keeps the first 6 and last 4 digits of what is long enough for a card.
func maskAccount(number string) string {
	if masked := maskCard(number); masked != "" {
		return masked
	}
	if len(number) > 6 {
		return "****" + number[len(number)-2:]
	}
	return "****"
}
