package bestpay

import (
	"net/url"
	"regexp"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// Formats. The document prints no lengths; a Long is written without sign, leading zero, fraction or exponent.
var (
	fenForm     = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)
	secondsForm = regexp.MustCompile(`^[1-9][0-9]{0,8}$`)
	codeForm    = regexp.MustCompile(`^[0-9]{16,24}$`)
)

// dateForm is yyyy-MM-dd HH:mm:ss, Shanghai time.
const dateForm = time.DateTime

// shanghai is the provider's time zone.
func shanghai() *time.Location { return time.FixedZone("CST", 8*3600) }

// basePath is where all operations are (seed 001, chapter 3).
const basePath = "/mapi/o2o/aggregatePayment/"

func (s *Simulator) routes() map[string]*operation {
	return map[string]*operation{
		basePath + "orderMixBrcode":          {name: OpBarcode, fields: barcodeFields(), check: s.checkRequestDate, run: s.barcode},
		basePath + "platform/orderMixQrcode": {name: OpQR, fields: qrFields(), check: s.checkQR, run: s.qr},
		basePath + "confirmOrderStatus":      {name: OpConfirm, fields: confirmFields(), run: s.confirm},
		basePath + "refund":                  {name: OpRefund, fields: refundFields(), check: s.checkRequestDate, run: s.refund},
		basePath + "queryRefundOrder":        {name: OpRefundQuery, fields: refundQueryFields(), run: s.refundQuery},
	}
}

// requestOperations are the operations a merchant can ask for.
func requestOperations() []string {
	return []string{OpBarcode, OpQR, OpConfirm, OpRefund, OpRefundQuery}
}

// signedFields are what all requests have.
func signedFields(more ...frame.Field) []frame.Field {
	return append([]frame.Field{
		{Name: "institutionCode", Required: true},
		{Name: "merchantNo", Required: true},
		{Name: "outTradeNo", Required: true},
		{Name: "sign", Required: true},
	}, more...)
}

// orderFields are what 3.1 and 3.2 share.
func orderFields(more ...frame.Field) []frame.Field {
	return append(signedFields(
		frame.Field{Name: "tradeAmt", Required: true, Type: "number", Check: pattern(fenForm, "应为以分为单位的正整数")},
		frame.Field{Name: "subject", Required: true},
		frame.Field{Name: "requestDate", Required: true, Check: dateFormat},
		frame.Field{Name: "timeOut", Required: true, Type: "number", Check: pattern(secondsForm, "应为以秒为单位的正整数")},
		frame.Field{Name: "goodsInfo", Required: true},
		frame.Field{Name: "notifyUrl", Required: true, Check: urlFormat},
		frame.Field{Name: "operator", Required: true},
		frame.Field{Name: "remark"},
	), more...)
}

func barcodeFields() []frame.Field {
	return orderFields(frame.Field{Name: "mediumNo", Required: true, Check: pattern(codeForm, "不是有效的付款码")})
}

func qrFields() []frame.Field {
	return orderFields(
		frame.Field{Name: "tradeType", Required: true, Check: tradeTypeFormat},
		frame.Field{Name: "userCode"},
	)
}

func confirmFields() []frame.Field {
	return signedFields(frame.Field{Name: "tradeDate", Required: true, Check: dateFormat})
}

func refundFields() []frame.Field {
	return signedFields(
		frame.Field{Name: "outRequestNo", Required: true},
		frame.Field{Name: "refundAmt", Required: true, Type: "number", Check: pattern(fenForm, "应为以分为单位的正整数")},
		frame.Field{Name: "requestDate", Required: true, Check: dateFormat},
		frame.Field{Name: "operator", Required: true},
		frame.Field{Name: "notifyUrl", Required: true, Check: urlFormat},
		frame.Field{Name: "refundCause"},
		frame.Field{Name: "remark"},
	)
}

func refundQueryFields() []frame.Field {
	return signedFields(
		frame.Field{Name: "outRequestNo", Required: true},
		frame.Field{Name: "refundDate", Required: true, Check: dateFormat},
	)
}

// checkRequestDate finds a clock or a time zone that is wrong.
func (s *Simulator) checkRequestDate(object frame.Object) []frame.Problem {
	window := s.opts.RequestDateWindow
	at, err := time.ParseInLocation(dateForm, object.Text("requestDate"), shanghai())
	if window < 0 || err != nil || s.now().Sub(at).Abs() <= window {
		return nil
	}
	return []frame.Problem{{Field: "requestDate", Rule: frame.RuleValue, Message: "requestDate与北京时间相差过大"}}
}

// checkQR adds the rule that WeChat needs a userCode (条件域).
func (s *Simulator) checkQR(object frame.Object) []frame.Problem {
	problems := s.checkRequestDate(object)
	if object.Text("tradeType") == TradeTypeTenpay && object.Text("userCode") == "" && object["userCode"].Type != "null" {
		problems = append(problems, frame.Problem{
			Field: "userCode", Rule: frame.RuleTogether, Message: "tradeType为TENPAY时userCode必填",
		})
	}
	return problems
}

func pattern(form interface{ MatchString(string) bool }, wrong string) func(string) string {
	return func(value string) string {
		if form.MatchString(value) {
			return ""
		}
		return wrong
	}
}

// dateFormat is strict: time.Parse alone would take fractions of a second.
func dateFormat(value string) string {
	at, err := time.ParseInLocation(dateForm, value, shanghai())
	if err != nil || at.Format(dateForm) != value {
		return "的格式应为yyyy-MM-dd HH:mm:ss"
	}
	return ""
}

func urlFormat(value string) string {
	target, err := url.Parse(value)
	if err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https") {
		return "不是有效的URL"
	}
	return ""
}

func tradeTypeFormat(value string) string {
	switch value {
	case TradeTypeBestpay, TradeTypeAlipay, TradeTypeTenpay:
		return ""
	}
	return "应为BESTPAY、ALIPAY或TENPAY"
}
