package metro

import (
	"regexp"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// The operations' names are the last words of their paths (seed 000, 四.3 to 四.8).
const (
	opApplyPay   = "applypay"
	opQueryUID   = "queryuid"
	opOrderQuery = "orderquery"
	opReverse    = "reverse"
	opRefund     = "refund"
	opBill       = "bill"
)

const basePath = "/metro/payment/v1/api/qrcode/"

func (s *Simulator) routes() map[string]*operation {
	return map[string]*operation{
		basePath + opApplyPay:   {name: opApplyPay, fields: applyPayFields(), run: s.applyPay},
		basePath + opQueryUID:   {name: opQueryUID, fields: []frame.Field{qrcodeField()}, run: s.queryUID},
		basePath + opOrderQuery: {name: opOrderQuery, fields: numberFields(), check: oneNumber, run: s.orderQuery},
		basePath + opReverse:    {name: opReverse, fields: numberFields(), check: oneNumber, run: s.reverse},
		basePath + opRefund:     {name: opRefund, fields: refundFields(), check: oneNumber, run: s.refund},
		basePath + opBill:       {name: opBill, fields: billFields(), run: s.bill},
	}
}

// Apart from the code the document prints no lengths, so none are checked.
func applyPayFields() []frame.Field {
	return []frame.Field{
		{Name: "out_request_no", Required: true},
		qrcodeField(),
		{Name: "body", Required: true},
		{Name: "total_fee", Required: true, Type: "number", Check: feeFormat},
		{Name: "extra_data"},
		{Name: "store_id", Required: true},
	}
}

func qrcodeField() frame.Field {
	return frame.Field{Name: "qrcode", Required: true, MaxBytes: codeLength, Check: matching(codeForm, "应为8开头的36位数字")}
}

// numberFields name an order: one of the two (二选一).
func numberFields() []frame.Field {
	return []frame.Field{{Name: "out_request_no"}, {Name: "pay_out_trade_no"}}
}

func refundFields() []frame.Field {
	return append(numberFields(),
		frame.Field{Name: "out_refund_no", Required: true},
		frame.Field{Name: "refund_fee", Required: true, Type: "number", Check: feeFormat})
}

func billFields() []frame.Field {
	return []frame.Field{{Name: "date", Required: true, MaxBytes: len(dateLayout), Check: dateFormat}}
}

// oneNumber is the rule that exactly one of the order's two numbers is given; an empty text is not given.
func oneNumber(object frame.Object) []frame.Problem {
	if (object.Text("out_request_no") == "") != (object.Text("pay_out_trade_no") == "") {
		return nil
	}
	return []frame.Problem{{
		Field: "out_request_no", Rule: frame.RuleTogether, Message: "out_request_no和pay_out_trade_no二选一",
	}}
}

var feeForm = regexp.MustCompile(`^[1-9][0-9]*$`)

// feeFormat takes a uint64 as written: no sign, fraction or exponent, at least one fen.
func feeFormat(value string) string {
	if _, err := strconv.ParseInt(value, 10, 64); err != nil || !feeForm.MatchString(value) {
		return "应为大于0的整数,单位分"
	}
	return ""
}

// The forms of dates and times, in Beijing time (seed 000, 四.5: 20220822, 20220401060549).
const (
	dateLayout = "20060102"
	timeLayout = "20060102150405"
)

func dateFormat(value string) string {
	if day, err := time.Parse(dateLayout, value); err != nil || day.Format(dateLayout) != value {
		return "应为yyyyMMdd格式的日期"
	}
	return ""
}

// shanghai is the provider's time zone.
func shanghai() *time.Location { return time.FixedZone("CST", 8*3600) }

func date(at time.Time) string { return at.In(shanghai()).Format(dateLayout) }

func clockTime(at time.Time) string { return at.In(shanghai()).Format(timeLayout) }
