package mmsp

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// The commands of the quick product (quick 3.2.1). The sample of the single query prints 775, the unbinding's number.
const (
	cmdQuickPay        = 0x0303
	cmdQuickConfirm    = 0x0304
	cmdQuickQuery      = 0x0305
	cmdQuickBind       = 0x0306
	cmdQuickUnbind     = 0x0307
	cmdQuickBindQuery  = 0x0308
	cmdQuickBatch      = 0x0309
	cmdQuickResend     = 0x030A
	cmdQuickBoundPay   = 0x030B
	cmdQuickBoundSMS   = 0x030C
	cmdQuickBindSMS    = 0x030D
	cmdQuickUnionPay   = 0x030F
	cmdQuickNotify     = 0x8920 // 35104, in no table, only in the samples of both notifications
	debit              = "1"
	credit             = "2"
	tradeModeURL       = "1"
	tradeModeHTML      = "2"
	maxPerPage         = 1000
	batchHorizonMonths = 3
)

var (
	amount12 = regexp.MustCompile(`^[1-9][0-9]{0,11}$`)
	cvn2Form = regexp.MustCompile(`^[0-9]{3}$`)
	dayForm  = regexp.MustCompile(`^([0-9]{8}|[0-9]{10})$`)
)

func orderNumber() frame.Field {
	return frame.Field{Name: "MERORDERID", Required: true, MaxBytes: 32}
}

func userID(required bool) frame.Field {
	return frame.Field{Name: "USER_ID", Required: required, MaxBytes: 32}
}

func cardNumber() frame.Field {
	return frame.Field{Name: "CARDNO", Required: true, MaxBytes: 20, Check: digitsFormat}
}

func phoneNumber() frame.Field {
	return frame.Field{Name: "PHONENO", Required: true, MaxBytes: 11, Check: matches(mobileForm, "应为手机号码")}
}

func amountField() frame.Field {
	return frame.Field{Name: "AMT", Required: true, MaxBytes: 12, Check: matches(amount12, "应为以分为单位的正整数")}
}

// smsCode is what the payer typed: a wrong one is no breach of the document.
func smsCode() frame.Field {
	return frame.Field{Name: "MSG_CODE", Required: true, MaxBytes: 6}
}

func randomField(required bool) frame.Field {
	return frame.Field{Name: "RANDSTR", Required: required, MaxBytes: 32}
}

func addressField(name string) frame.Field {
	return frame.Field{Name: name, Required: true, MaxBytes: 255, Check: addressFormat}
}

// providerNumber is a number that the provider gave: LIST_ID, BIND_ID.
func providerNumber(name string) frame.Field {
	return frame.Field{Name: name, Required: true, MaxBytes: 32}
}

// holderFields are the elements of a card that its bank checks (5.2.2, 5.3.2).
func holderFields() []frame.Field {
	return []frame.Field{
		cardNumber(),
		{Name: "CARDTYPE", Required: true, MaxBytes: 1, Check: oneOf(debit, credit)},
		{Name: "EXPDATE", MaxBytes: 4, Check: expiryFormat},
		{Name: "CVN2", MaxBytes: 3, Check: matches(cvn2Form, "应为3位数字")},
		{Name: "NAME", Required: true, MaxChars: 32},
		{Name: "ID_NO", Required: true, MaxBytes: 32},
		phoneNumber(),
	}
}

func quickBindSMSFields() []frame.Field { // 5.1.2
	return []frame.Field{orderNumber(), userID(true), cardNumber(), phoneNumber(), randomField(false)}
}

func quickBindFields() []frame.Field { // 5.2.2
	return append(holderFields(), orderNumber(), userID(true), smsCode(), randomField(false))
}

func quickPayFields() []frame.Field { // 5.3.2
	return append(holderFields(), orderNumber(), amountField(), userID(false), addressField("NOTIFY_URL"), randomField(false))
}

func quickConfirmFields() []frame.Field { // 5.4.2
	return []frame.Field{providerNumber("LIST_ID"), smsCode(), randomField(false)}
}

func quickBindIDFields() []frame.Field { // 5.6.2, 5.8.2
	return []frame.Field{providerNumber("BIND_ID")}
}

func quickQueryFields() []frame.Field { // 5.7.2
	return []frame.Field{orderNumber()}
}

// batchFields are those of both batch queries (quick 5.9.2, gateway 5.4.2).
func batchFields() []frame.Field {
	return []frame.Field{
		{Name: "START_DATE", Required: true, MaxBytes: 14, Check: dayFormat},
		{Name: "END_DATE", Required: true, MaxBytes: 14, Check: dayFormat},
		{Name: "PERPAGE", Required: true, MaxBytes: 10, Check: pageFormat(maxPerPage)},
		{Name: "PAGE", Required: true, MaxBytes: 10, Check: pageFormat(1 << 31)},
	}
}

func quickResendFields() []frame.Field { // 5.11.2
	return []frame.Field{providerNumber("LIST_ID"), randomField(false)}
}

func quickBoundPayFields() []frame.Field { // 5.12.2
	return []frame.Field{
		providerNumber("BIND_ID"), orderNumber(), userID(true), amountField(), smsCode(), randomField(false),
		addressField("NOTIFY_URL"),
	}
}

// quickBoundSMSFields are those of 5.13.2, the only message of the product that requires RANDSTR.
func quickBoundSMSFields() []frame.Field {
	return []frame.Field{
		providerNumber("BIND_ID"), orderNumber(), userID(true), phoneNumber(), amountField(), randomField(true),
	}
}

// quickUnionPayFields are those of 5.14.2; some upstreams require CARDNO.
func quickUnionPayFields(requireCard bool) []frame.Field {
	return []frame.Field{
		orderNumber(), amountField(), addressField("JUMP_URL"), addressField("NOTIFY_URL"),
		{Name: "TRADE_MODE", MaxBytes: 1, Check: oneOf(tradeModeURL, tradeModeHTML)},
		randomField(false),
		{Name: "CARDNO", Required: requireCard, MaxBytes: 32, Check: digitsFormat},
	}
}

// creditCardElements is the rule that a credit card comes with its expiry and its number on the back.
func creditCardElements(object frame.Object) []frame.Problem {
	if object.Text("CARDTYPE") != credit {
		return nil
	}
	var problems []frame.Problem
	for _, name := range []string{"EXPDATE", "CVN2"} {
		if object.Text(name) == "" {
			problems = append(problems, frame.Problem{
				Field: name, Rule: frame.RuleTogether, Message: fmt.Sprintf("CARDTYPE为2时必须填写%s", name),
			})
		}
	}
	return problems
}

// expiryFormat is MMYY; the sample's five digits are a misprint.
func expiryFormat(value string) string {
	if _, err := time.ParseInLocation("0106", value, time.UTC); err != nil {
		return "格式应为MMYY"
	}
	return ""
}

// dayFormat: YYYYMMDD as in the example, or YYYYMMDDHH as in the words beside it.
func dayFormat(value string) string {
	layout := "20060102"
	if len(value) == 10 {
		layout = "2006010215"
	}
	if _, err := time.ParseInLocation(layout, value, time.UTC); err != nil || !dayForm.MatchString(value) {
		return "格式应为YYYYMMDD或YYYYMMDDHH"
	}
	return ""
}

func pageFormat(limit int64) func(string) string {
	return func(value string) string {
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil || !digitsForm.MatchString(value) || number < 1 || number > limit {
			return fmt.Sprintf("应为1到%d的整数", limit)
		}
		return ""
	}
}

func addressFormat(value string) string {
	target, err := url.Parse(value)
	if err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https") {
		return "不是有效的URL"
	}
	return ""
}
