package mmsp

import (
	"regexp"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// The commands of the payout product (6.1.1), sent in decimal and as text.
const (
	cmdPayout        = "4097" // 0x1001
	cmdPayoutQuery   = "4098" // 0x1002
	cmdPayoutBalance = "4099" // 0x1003
)

const (
	payoutVersion = "1.0"
	timeLayout    = "20060102150405"
	debitCard     = "0"
	creditCard    = "1"
	corporate     = "2"
	fromBalance   = "1"
	fromEBank     = "2"
	fromAdvance   = "3"
	balanceOnly   = "1"
)

var (
	positiveFen    = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)
	mobileForm     = regexp.MustCompile(`^1[0-9]{10}$`)
	accountForm    = regexp.MustCompile(`^[0-9A-Za-z-]+$`)
	bankNumberForm = regexp.MustCompile(`^[0-9]{12}$`)
)

// payoutField is a documented field and the code of the list that a mistake in it is answered with.
type payoutField struct {
	frame.Field
	code string // "" = 1001
}

// payoutHead is what all three messages begin with. The samples quote every value, the ones typed int as well.
func payoutHead(command string) []payoutField {
	return []payoutField{
		{Field: frame.Field{Name: "CMDID", Required: true, Check: oneOf(command)}, code: rcBadRequest},
		{Field: frame.Field{Name: "VERSION", Required: true, MaxBytes: 3, Check: oneOf(payoutVersion)}, code: rcVersion},
		{Field: frame.Field{Name: "MERNO", Required: true, MaxBytes: 20}},
		{Field: frame.Field{Name: "REQTIME", Required: true, MaxBytes: 14, Check: timeFormat}},
	}
}

// payoutFields is the request of 5.1.2. BUSIYPE, as printed there, is BUSITYPE on the wire. BANKSETTLENO is printed
// with 10 characters, but such a number has 12 digits.
func payoutFields() []payoutField {
	businessTypes := oneOf("001", "002", "003", "004", "005", "999")
	account, mobile := matches(accountForm, "应为账号"), matches(mobileForm, "应为手机号码")
	return append(
		payoutHead(cmdPayout),
		payoutField{Field: frame.Field{Name: "ORDERNO", Required: true, MaxBytes: 32, Check: digitsFormat}},
		payoutField{Field: frame.Field{Name: "AMT", Required: true, Check: fenFormat}, code: rcAmount},
		payoutField{Field: frame.Field{Name: "BUSITYPE", Required: true, MaxBytes: 3, Check: businessTypes}, code: rcBusinessType},
		payoutField{Field: frame.Field{Name: "ACCNAME", Required: true, MaxChars: 20}, code: rcPayeeName},
		payoutField{Field: frame.Field{Name: "ACCNO", Required: true, MaxBytes: 20, Check: account}, code: rcPayeeAccount},
		payoutField{Field: frame.Field{Name: "MEMO", Required: true, MaxChars: 64}},
		payoutField{Field: frame.Field{Name: "PAYTYPE", Check: oneOf(fromBalance, fromEBank, fromAdvance)}},
		payoutField{Field: frame.Field{Name: "ACCTYPE", Required: true, Check: accountType}, code: rcAccountType},
		payoutField{Field: frame.Field{Name: "CVV2", Check: digitsFormat}},
		payoutField{Field: frame.Field{Name: "MOBILE", Required: true, MaxBytes: 11, Check: mobile}, code: rcPayeeMobile},
		payoutField{Field: frame.Field{Name: "BANKNAME", Required: true}, code: rcBankName},
		payoutField{
			Field: frame.Field{Name: "BANKSETTLENO", MaxBytes: 12, Check: matches(bankNumberForm, "应为12位联行号")},
			code:  rcBankNumber,
		},
		payoutField{Field: frame.Field{Name: "BANKBRANCHNAME", MaxChars: 32}},
		payoutField{Field: frame.Field{Name: "BANKPROV"}, code: rcBankProvince},
		payoutField{Field: frame.Field{Name: "BANKCITY"}, code: rcBankProvince},
		payoutField{Field: frame.Field{Name: "IDCARD", MaxBytes: 32}, code: rcPayeeID},
		payoutField{Field: frame.Field{Name: "CHLNO"}},
		payoutField{Field: frame.Field{Name: "CHLMERNO"}},
	)
}

// payoutQueryFields is the request of 5.2.2. QRYTYPE stands in its sample only (5.2.4) and is accepted for that.
func payoutQueryFields() []payoutField {
	return append(
		payoutHead(cmdPayoutQuery),
		payoutField{Field: frame.Field{Name: "ORDERNO", MaxBytes: 32, Check: digitsFormat}},
		payoutField{Field: frame.Field{Name: "BSORDERNO", MaxBytes: 32}},
		payoutField{Field: frame.Field{Name: "QRYTYPE", Check: oneOf("1")}},
	)
}

// payoutBalanceFields is the request of 5.3.2.
func payoutBalanceFields() []payoutField {
	return append(
		payoutHead(cmdPayoutBalance),
		payoutField{Field: frame.Field{Name: "QRYTYPE", Required: true, Check: oneOf("1", "2", "3")}},
		payoutField{Field: frame.Field{Name: "ORDERNO", Required: true, MaxBytes: 32, Check: digitsFormat}},
	)
}

// checkPayoutFields returns what is wrong with a message and the code of the first mistake.
func checkPayoutFields(object frame.Object, duplicates []string, fields []payoutField) ([]frame.Problem, string) {
	plain, codes := make([]frame.Field, len(fields)), make(map[string]string, len(fields))
	for i, field := range fields {
		plain[i], codes[field.Name] = field.Field, field.code
	}
	problems := frame.CheckFields(object, duplicates, plain)
	if len(problems) == 0 {
		return nil, rcSuccess
	}
	first := problems[0]
	code, known := codes[first.Field]
	switch {
	case !known || first.Rule == frame.RuleDuplicate:
		return problems, rcBadRequest
	case code == "":
		return problems, rcBadParameter
	}
	return problems, code
}

// corporateAccount is the rule that a corporate account names its branch (5.1.2, BANKSETTLENO).
func corporateAccount(object frame.Object) ([]frame.Problem, string) {
	if object.Text("ACCTYPE") != corporate || object.Text("BANKSETTLENO") != "" {
		return nil, rcSuccess
	}
	return []frame.Problem{{
		Field: "BANKSETTLENO", Rule: frame.RuleTogether, Message: "对公账户必传开户所在支行的联行号",
	}}, rcBankNumber
}

// eitherNumber is the rule that a query names at least one of the two numbers (5.2.2).
func eitherNumber(object frame.Object) ([]frame.Problem, string) {
	if object.Text("ORDERNO") != "" || object.Text("BSORDERNO") != "" {
		return nil, rcSuccess
	}
	return []frame.Problem{{Field: "ORDERNO", Rule: frame.RuleTogether, Message: rcMessages[rcNoNumber]}}, rcNoNumber
}

// accountType: credit cards are in the list but not supported.
func accountType(value string) string {
	switch value {
	case debitCard, corporate:
		return ""
	case creditCard:
		return "暂不支持贷记卡"
	}
	return "应为0、1或2"
}

func matches(form *regexp.Regexp, wrong string) func(string) string {
	return func(value string) string {
		if form.MatchString(value) {
			return ""
		}
		return wrong
	}
}

func digitsFormat(value string) string { return matches(digitsForm, "应为纯数字")(value) }

func fenFormat(value string) string {
	return matches(positiveFen, "应为以分为单位的正整数")(value)
}

// timeFormat is YYYYMMDDhhmmss.
func timeFormat(value string) string {
	if at, err := time.ParseInLocation(timeLayout, value, time.UTC); err != nil || at.Format(timeLayout) != value {
		return "应为年月日时分秒YYYYMMDDhhmmss"
	}
	return ""
}

// parseFen reads an amount that passed its check.
func parseFen(text string) int64 {
	amount, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return amount
}
