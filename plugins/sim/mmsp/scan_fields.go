package mmsp

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// Lengths as the scan section prints them. NOTIFY_URL is the one that differs: 50 characters in pre-orders, 100 in
// barcode payments and H5.
const (
	maxScanAmount     = 20
	maxScanNumber     = 20 // MERORDERID, REFUND_MERORDERID, and ORDERNO in requests
	maxGoodsName      = 15
	maxPreorderNotify = 50
	maxDirectNotify   = 100
	maxPreorderJump   = 32
	maxH5Jump         = 100
	maxScanText       = 32 // OPENID, CODE, SUP_APPID …
	maxOrderRandom    = 20
	maxFollowRandom   = 15 // of the commands about an order
)

// dateTime is TRADETIME, PAYTIME, REFUND_TIME and TIME_END, in China's time.
const dateTime = "2006-01-02 15:04:05"

// scanAmount bounds AMT to what an int64 can hold of the 20 printed digits.
var scanAmount = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)

// preorderFields are what all pre-orders share (5.1, 6.1, 6.3, 6.4, 7.1, 8.1, 9.1); tradeTypes are the allowed values.
func preorderFields(tradeTypes ...string) []frame.Field {
	return []frame.Field{
		{Name: "TRADETYPE", Required: true, MaxBytes: 1, Check: oneOf(tradeTypes...)},
		scanAmountField(), scanNumber("MERORDERID", true), random(maxOrderRandom), goodsName(), notifyURL(maxPreorderNotify),
		timeEnd(dateTime),
		{Name: "CUR", MaxBytes: 4, Check: oneOf("CNY")},
		address(),
	}
}

// userOrderFields are what the pre-orders of WeChat, Alipay and QQ have beyond: these can also be paid inside the
// wallet's own pages. JUMP_URL is 暂不传 ("not yet"), but a field.
func userOrderFields() []frame.Field {
	return []frame.Field{
		{Name: "JUMP_URL", MaxBytes: maxPreorderJump, Check: addressForm},
		{Name: "IS_RAW", MaxBytes: 1, Check: oneOf("1", "2")},
		isT0(), limitPay(),
	}
}

func wechatPreorderFields() []frame.Field { // 5.1.2
	return append(append(preorderFields("1", "2"), userOrderFields()...),
		frame.Field{Name: "OPENID", MaxBytes: maxScanText},
		frame.Field{Name: "IS_MINIPG", MaxBytes: maxScanText},
		frame.Field{Name: "SUP_APPID", MaxBytes: maxScanText})
}

func alipayPreorderFields() []frame.Field { // 6.1.1
	return append(append(preorderFields("1", "2"), userOrderFields()...),
		frame.Field{Name: "ALIPAY_USER_ID", MaxBytes: maxScanText},
		frame.Field{Name: "ALIPAY_ACCOUNT", MaxBytes: maxScanText})
}

func qqPreorderFields() []frame.Field { // 7.1.1
	return append(preorderFields("1", "2"), userOrderFields()...)
}

// barcodeFields are the payments with the payer's code (5.2.2, 6.2.2, 7.2.2).
func barcodeFields() []frame.Field {
	return append(directFields(timeEnd(dateTime)),
		frame.Field{Name: "CODE", Required: true, MaxBytes: maxScanText}, isT0(), limitPay())
}

func wechatH5Fields() []frame.Field { // 5.3.1
	return append(h5Fields(), limitPay())
}

// h5Fields are those of 6.5.1. JUMP_URL is 必须 there, and 暂不传 in the same row: it must come.
func h5Fields() []frame.Field {
	return append(directFields(timeEnd(time.DateOnly, dateTime)),
		frame.Field{Name: "JUMP_URL", Required: true, MaxBytes: maxH5Jump, Check: addressForm})
}

func directFields(end frame.Field) []frame.Field {
	return []frame.Field{
		scanAmountField(),
		{Name: "CUR", Required: true, MaxBytes: 4, Check: oneOf("CNY")},
		goodsName(), notifyURL(maxDirectNotify), scanNumber("MERORDERID", true), random(maxOrderRandom), end, address(),
	}
}

// followFields are the query, cancel and close of an order (10.3.1, 10.4.1, 10.5.1).
func followFields() []frame.Field {
	return []frame.Field{scanNumber("ORDERNO", false), scanNumber("MERORDERID", false), random(maxFollowRandom)}
}

func scanRefundFields() []frame.Field { // 10.6.1
	return append(followFields(), scanNumber("REFUND_MERORDERID", true), scanAmountField())
}

// scanRefundQueryFields are those of 10.7.1; the row of REFUND_MERORDERID slipped below the next heading.
func scanRefundQueryFields() []frame.Field {
	return []frame.Field{scanNumber("REFUND_ORDERNO", false), scanNumber("REFUND_MERORDERID", false), random(maxFollowRandom)}
}

func scanAmountField() frame.Field {
	return frame.Field{Name: "AMT", Required: true, MaxBytes: maxScanAmount, Check: form(scanAmount, "应为以分为单位的正整数")}
}

func scanNumber(name string, required bool) frame.Field {
	return frame.Field{Name: name, Required: required, MaxBytes: maxScanNumber}
}

func random(most int) frame.Field {
	return frame.Field{Name: "RANDSTR", Required: true, MaxBytes: most}
}

func goodsName() frame.Field {
	return frame.Field{Name: "GOODSNAME", Required: true, MaxChars: maxGoodsName}
}

func notifyURL(most int) frame.Field {
	return frame.Field{Name: "NOTIFY_URL", Required: true, MaxBytes: most, Check: addressForm}
}

func isT0() frame.Field { return frame.Field{Name: "IST0", MaxBytes: 1, Check: oneOf("1", "2")} }

func limitPay() frame.Field {
	return frame.Field{Name: "LIMIT_PAY", MaxBytes: maxScanText, Check: oneOf("1", "2")}
}

func address() frame.Field {
	return frame.Field{Name: "IP", MaxBytes: 18, Check: func(value string) string {
		if _, err := netip.ParseAddr(value); err != nil {
			return "不是有效的IP地址"
		}
		return ""
	}}
}

func timeEnd(layouts ...string) frame.Field {
	return frame.Field{Name: "TIME_END", MaxBytes: 30, Check: func(value string) string {
		if _, err := parseTime(value, layouts...); err != nil {
			return "的格式应为" + strings.Join(layouts, "或")
		}
		return ""
	}}
}

func parseTime(value string, layouts ...string) (at time.Time, err error) {
	for _, layout := range layouts {
		if at, err = time.ParseInLocation(layout, value, shanghai()); err == nil {
			return at, nil
		}
	}
	return time.Time{}, err
}

func form(pattern *regexp.Regexp, wrong string) func(string) string {
	return func(value string) string {
		if pattern.MatchString(value) {
			return ""
		}
		return wrong
	}
}

func addressForm(value string) string {
	target, err := url.Parse(value)
	if err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https") {
		return "不是有效的URL"
	}
	return ""
}

// wechatUser is the rule that an order inside WeChat names its payer (5.1.2).
func wechatUser(object frame.Object) []frame.Problem {
	if object.Text("TRADETYPE") != tradeInside || object.Text("OPENID") != "" {
		return nil
	}
	return []frame.Problem{{Field: "OPENID", Rule: frame.RuleTogether, Message: "TRADETYPE为2的时候，OPENID必传"}}
}

// alipayUser is the rule that an order inside Alipay names its payer, by either name (6.1.1).
func alipayUser(object frame.Object) []frame.Problem {
	if object.Text("TRADETYPE") != tradeInside || object.Text("ALIPAY_USER_ID") != "" || object.Text("ALIPAY_ACCOUNT") != "" {
		return nil
	}
	return []frame.Problem{{
		Field: "ALIPAY_USER_ID", Rule: frame.RuleTogether, Message: "TRADETYPE为2时,用户id和买家账号不可同时为空",
	}}
}

// either is the rule that one of two numbers must come (10.3.1, 10.7.1).
func either(platform, ours string) func(frame.Object) []frame.Problem {
	return func(object frame.Object) []frame.Problem {
		if object.Text(platform) != "" || object.Text(ours) != "" {
			return nil
		}
		return []frame.Problem{{Field: ours, Rule: frame.RuleTogether, Message: platform + "与" + ours + "其中必须上送一个"}}
	}
}
