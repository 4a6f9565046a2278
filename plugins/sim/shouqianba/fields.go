package shouqianba

import (
	"net/url"
	"regexp"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// Lengths as the document prints them, and as its current public edition corrects them (client_sn 32 bytes,
// refund_request_no 20 characters). Identifiers are counted in bytes, texts in characters.
const (
	maxTerminalSN      = 32
	maxClientSN        = 32
	maxSN              = 16
	maxAmount          = 10
	maxDynamicID       = 32
	maxSubject         = 64
	maxPayOperator     = 32
	maxRefundOperator  = 64
	maxDescription     = 256
	maxPayDeviceID     = 32
	maxExtended        = 256
	maxReflect         = 64
	maxRefundRequestNo = 20
	maxNotifyURL       = 255
	maxDeviceID        = 128
)

var (
	amountForm  = regexp.MustCompile(`^[1-9][0-9]{0,9}$`)
	digitsForm  = regexp.MustCompile(`^[0-9]+$`)
	decimalForm = regexp.MustCompile(`^-?[0-9]{1,3}(\.[0-9]+)?$`)
)

func (s *Simulator) routes() map[string]*operation {
	pay, precreate := s.payFields(), precreateFields()
	return map[string]*operation{
		"/upay/v2/pay":       {name: "pay", fields: pay, check: position, run: s.pay},
		"/upay/v2/precreate": {name: "precreate", fields: precreate, check: position, run: s.precreate},
		"/upay/v2/refund":    {name: "refund", fields: refundFields(), check: oneNumber, run: s.refund},
		"/upay/v2/query":     {name: "query", fields: numberFields(), check: oneNumber, run: s.query},
		"/upay/v2/cancel":    {name: "cancel", fields: numberFields(), check: oneNumber, run: s.cancel},
		"/terminal/activate": {name: "activate", fields: activateFields(), vendor: true, run: s.activate},
		"/terminal/checkin":  {name: "checkin", fields: checkinFields(), run: s.checkin},
	}
}

func (s *Simulator) payFields() []frame.Field {
	fields := append(orderFields(false),
		frame.Field{Name: "dynamic_id", Required: true, MaxBytes: maxDynamicID},
		frame.Field{Name: s.opts.ReflectName, MaxChars: maxReflect})
	return fields
}

func precreateFields() []frame.Field {
	return append(orderFields(true), frame.Field{Name: "reflect", MaxChars: maxReflect})
}

// orderFields are what pay and precreate share (sections 2.2 and 6.2). notify_url is in the public edition only.
func orderFields(paywayRequired bool) []frame.Field {
	return []frame.Field{
		{Name: "terminal_sn", Required: true, MaxBytes: maxTerminalSN},
		{Name: "client_sn", Required: true, MaxBytes: maxClientSN},
		{Name: "total_amount", Required: true, MaxBytes: maxAmount, Check: amountFormat},
		{Name: "payway", Required: paywayRequired, MaxBytes: 2, Check: digitsFormat},
		{Name: "subject", Required: true, MaxChars: maxSubject},
		{Name: "operator", Required: true, MaxChars: maxPayOperator},
		{Name: "description", MaxChars: maxDescription},
		{Name: "longitude", Check: degrees(180)},
		{Name: "latitude", Check: degrees(90)},
		{Name: "device_id", MaxBytes: maxPayDeviceID},
		{Name: "extended", MaxChars: maxExtended},
		{Name: "notify_url", MaxBytes: maxNotifyURL, Check: urlFormat},
	}
}

func refundFields() []frame.Field {
	return append(numberFields(),
		frame.Field{Name: "refund_request_no", Required: true, MaxChars: maxRefundRequestNo},
		frame.Field{Name: "operator", Required: true, MaxChars: maxRefundOperator},
		frame.Field{Name: "refund_amount", Required: true, MaxBytes: maxAmount, Check: amountFormat})
}

func numberFields() []frame.Field {
	return []frame.Field{
		{Name: "terminal_sn", Required: true, MaxBytes: maxTerminalSN},
		{Name: "sn", MaxBytes: maxSN},
		{Name: "client_sn", MaxBytes: maxClientSN},
	}
}

// activateFields and checkinFields follow the public edition; the gateway document does not have these calls.
func activateFields() []frame.Field {
	return []frame.Field{
		{Name: "app_id", Required: true},
		{Name: "code", Required: true},
		{Name: "device_id", Required: true, MaxBytes: maxDeviceID},
		{Name: "client_sn", MaxBytes: 50},
		{Name: "name", MaxChars: 128},
		{Name: "os_info", MaxChars: 45},
		{Name: "sdk_version", MaxChars: 45},
	}
}

func checkinFields() []frame.Field {
	return []frame.Field{
		{Name: "terminal_sn", Required: true, MaxBytes: maxTerminalSN},
		{Name: "device_id", Required: true, MaxBytes: maxDeviceID},
		{Name: "os_info", MaxChars: 45},
		{Name: "sdk_version", MaxChars: 45},
	}
}

// position is the rule that longitude and latitude come together.
func position(object frame.Object) []frame.Problem {
	if (object.Text("longitude") == "") == (object.Text("latitude") == "") {
		return nil
	}
	return []frame.Problem{{Field: "longitude", Rule: frame.RuleTogether, Message: "经纬度必须同时出现"}}
}

// oneNumber is the rule that sn or client_sn must be there.
func oneNumber(object frame.Object) []frame.Problem {
	if object.Text("sn") != "" || object.Text("client_sn") != "" {
		return nil
	}
	return []frame.Problem{{Field: "client_sn", Rule: frame.RuleTogether, Message: "sn与client_sn不能同时为空"}}
}

func amountFormat(value string) string {
	if amountForm.MatchString(value) {
		return ""
	}
	return "金额为整数,长度不超过10位,以分为单位"
}

func digitsFormat(value string) string {
	if digitsForm.MatchString(value) {
		return ""
	}
	return "应为纯数字字符串"
}

func degrees(limit float64) func(string) string {
	return func(value string) string {
		number, err := strconv.ParseFloat(value, 64)
		if err != nil || !decimalForm.MatchString(value) || number < -limit || number > limit {
			return "不是有效的经纬度"
		}
		return ""
	}
}

func urlFormat(value string) string {
	target, err := url.Parse(value)
	if err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https") {
		return "不是有效的URL"
	}
	return ""
}

// paywayOf recognises a payment code by its first two digits and its length: "1" Alipay, "3" WeChat, "" neither.
func paywayOf(code string) string {
	if !digitsForm.MatchString(code) || len(code) < 2 {
		return ""
	}
	prefix, length := code[:2], len(code)
	switch {
	case prefix >= "25" && prefix <= "30" && length >= 16 && length <= 24:
		return "1"
	case prefix >= "10" && prefix <= "15" && length == 18:
		return "3"
	}
	return ""
}

// knownPayway reports whether a value is in the document's list (section 4.6).
func knownPayway(payway string) bool {
	return payway == "1" || payway == "3" || payway == "4" || payway == "5"
}
