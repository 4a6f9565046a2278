package wechatpay

import (
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// requestOperations are those a merchant calls.
func requestOperations() []string {
	return append(placing(), OpQuery, OpQueryID, OpClose, OpRefund, OpRefundQuery, OpCertificates, OpTradeBill, OpBillFile)
}

// placing are the operations that place an order.
func placing() []string { return []string{OpNative, OpJSAPI, OpH5} }

func (s *Simulator) routes() []*operation {
	mchID := frame.Field{Name: "mchid", Required: true, MaxBytes: 32}
	byNumber := []frame.Field{{Name: "out_trade_no", Required: true, Check: numberFormat}}
	post := func(name, path string, run func(*request) reply, body shape) *operation {
		return &operation{name: name, method: http.MethodPost, path: split(path), run: run, body: body}
	}
	get := func(name, path string, run func(*request) reply, params []frame.Field, query ...frame.Field) *operation {
		return &operation{name: name, method: http.MethodGet, path: split(path), run: run, params: params, query: query}
	}
	closing := post(OpClose, "v3/pay/transactions/out-trade-no/{out_trade_no}/close", s.close, shape{fields: []frame.Field{mchID}})
	closing.params = byNumber
	return []*operation{
		post(OpNative, "v3/pay/transactions/native", s.native, s.placeShape(OpNative)),
		post(OpJSAPI, "v3/pay/transactions/jsapi", s.jsapi, s.placeShape(OpJSAPI)),
		post(OpH5, "v3/pay/transactions/h5", s.h5, s.placeShape(OpH5)),
		get(OpQuery, "v3/pay/transactions/out-trade-no/{out_trade_no}", s.query, byNumber, mchID),
		get(OpQueryID, "v3/pay/transactions/id/{transaction_id}", s.query,
			[]frame.Field{{Name: "transaction_id", Required: true, MaxBytes: 32}}, mchID),
		closing,
		post(OpRefund, "v3/refund/domestic/refunds", s.refund, s.refundShape()),
		get(OpRefundQuery, "v3/refund/domestic/refunds/{out_refund_no}", s.refundQuery,
			[]frame.Field{{Name: "out_refund_no", Required: true, MaxBytes: 64, Check: matching(refundForm, refundWords)}}),
		get(OpCertificates, "v3/certificates", s.certificates, nil),
		get(OpTradeBill, "v3/bill/tradebill", s.tradeBill, nil, billFields()...),
		get(OpBillFile, "v3/billdownload/file", s.billFile, nil, frame.Field{Name: "token", Required: true}),
	}
}

func split(path string) []string { return strings.Split(path, "/") }

// placeShape is the body of an order. JSAPI wants the payer, H5 the scene.
func (s *Simulator) placeShape(op string) shape {
	sh := shape{
		fields: []frame.Field{
			{Name: "appid", Required: true, MaxBytes: 32},
			{Name: "mchid", Required: true, MaxBytes: 32},
			{Name: "description", Required: true, MaxChars: 127},
			{Name: "out_trade_no", Required: true, Check: numberFormat},
			{Name: "time_expire", MaxBytes: 64, Check: timeFormat},
			{Name: "attach", MaxChars: 128},
			{Name: "notify_url", Required: true, MaxBytes: 255, Check: s.addressFormat},
			{Name: "goods_tag", MaxBytes: 32},
			{Name: "support_fapiao", Type: "bool"},
		},
		nested: []nested{
			{name: "amount", required: true, shape: shape{fields: []frame.Field{
				{Name: "total", Required: true, Type: "number", Check: fenFormat},
				{Name: "currency", Check: oneOf("CNY")},
			}}},
			{name: "detail", shape: detailShape()},
			{name: "scene_info", required: op == OpH5, shape: sceneShape(op)},
			{name: "settle_info", shape: shape{fields: []frame.Field{{Name: "profit_sharing", Type: "bool"}}}},
		},
	}
	if op == OpJSAPI {
		sh.nested = append(sh.nested, nested{name: "payer", required: true, shape: shape{
			fields: []frame.Field{{Name: "openid", Required: true, MaxBytes: 128}},
		}})
	}
	return sh
}

func detailShape() shape {
	return shape{
		fields: []frame.Field{{Name: "cost_price", Type: "number", Check: countFormat}, {Name: "invoice_id", MaxBytes: 32}},
		nested: []nested{{name: "goods_detail", list: true, shape: shape{fields: []frame.Field{
			{Name: "merchant_goods_id", Required: true, MaxBytes: 32},
			{Name: "wechatpay_goods_id", MaxBytes: 32},
			{Name: "goods_name", MaxChars: 256},
			{Name: "quantity", Required: true, Type: "number", Check: fenFormat},
			{Name: "unit_price", Required: true, Type: "number", Check: countFormat},
		}}}},
	}
}

func sceneShape(op string) shape {
	sh := shape{
		fields: []frame.Field{
			{Name: "payer_client_ip", Required: true, MaxBytes: 45, Check: ipFormat},
			{Name: "device_id", MaxBytes: 32},
		},
		nested: []nested{{name: "store_info", shape: shape{fields: []frame.Field{
			{Name: "id", Required: true, MaxBytes: 32},
			{Name: "name", MaxChars: 256},
			{Name: "area_code", MaxBytes: 32},
			{Name: "address", MaxChars: 512},
		}}}},
	}
	if op == OpH5 {
		sh.nested = append(sh.nested, nested{name: "h5_info", required: true, shape: shape{fields: []frame.Field{
			{Name: "type", Required: true, MaxBytes: 32, Check: oneOf("iOS", "Android", "Wap")},
			{Name: "app_name", MaxChars: 64},
			{Name: "app_url", MaxBytes: 128},
			{Name: "bundle_id", MaxBytes: 128},
			{Name: "package_name", MaxBytes: 128},
		}}})
	}
	return sh
}

func (s *Simulator) refundShape() shape {
	return shape{
		fields: []frame.Field{
			{Name: "transaction_id", MaxBytes: 32},
			{Name: "out_trade_no", Check: numberFormat},
			{Name: "out_refund_no", Required: true, MaxBytes: 64, Check: matching(refundForm, refundWords)},
			{Name: "reason", MaxBytes: 80},
			{Name: "notify_url", MaxBytes: 256, Check: s.addressFormat},
			{Name: "funds_account", Check: oneOf("AVAILABLE", "UNSETTLED")},
		},
		nested: []nested{
			{name: "amount", required: true, shape: shape{
				fields: []frame.Field{
					{Name: "refund", Required: true, Type: "number", Check: fenFormat},
					{Name: "total", Required: true, Type: "number", Check: fenFormat},
					{Name: "currency", Required: true, Check: oneOf("CNY")},
				},
				nested: []nested{{name: "from", list: true, shape: shape{fields: []frame.Field{
					{Name: "account", Required: true, Check: oneOf("AVAILABLE", "UNAVAILABLE")},
					{Name: "amount", Required: true, Type: "number", Check: fenFormat},
				}}}},
			}},
			{name: "goods_detail", list: true, shape: shape{fields: []frame.Field{
				{Name: "merchant_goods_id", Required: true, MaxBytes: 32},
				{Name: "wechatpay_goods_id", MaxBytes: 32},
				{Name: "goods_name", MaxChars: 256},
				{Name: "unit_price", Required: true, Type: "number", Check: countFormat},
				{Name: "refund_amount", Required: true, Type: "number", Check: countFormat},
				{Name: "refund_quantity", Required: true, Type: "number", Check: fenFormat},
			}}},
		},
	}
}

func billFields() []frame.Field {
	return []frame.Field{
		{Name: "bill_date", Required: true, Check: dayFormat},
		{Name: "bill_type", Check: oneOf(BillAll, BillSuccess, BillRefund)},
		{Name: "tar_type", Check: oneOf("GZIP")},
	}
}

var (
	numberForm = regexp.MustCompile(`^[0-9A-Za-z_\-|*]{6,32}$`)
	refundForm = regexp.MustCompile(`^[0-9A-Za-z_\-|*@]{1,64}$`)
	fenForm    = regexp.MustCompile(`^[1-9][0-9]*$`)
	countForm  = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)
)

const refundWords = "只能是数字、大小写字母_-|*@，不超过64字节"

func matching(form *regexp.Regexp, otherwise string) func(string) string {
	return func(value string) string {
		if form.MatchString(value) {
			return ""
		}
		return otherwise
	}
}

func numberFormat(value string) string {
	return matching(numberForm, "要求6-32个字符内，只能是数字、大小写字母_-|*")(value)
}

// fenFormat takes an integer as written, at least 1: no sign, fraction or exponent.
func fenFormat(value string) string { return integer(fenForm, value, "应为大于0的整数") }

func countFormat(value string) string { return integer(countForm, value, "应为不小于0的整数") }

func integer(form *regexp.Regexp, value, otherwise string) string {
	if _, err := strconv.ParseInt(value, 10, 64); err != nil || !form.MatchString(value) {
		return otherwise
	}
	return ""
}

func oneOf(values ...string) func(string) string {
	return func(value string) string {
		if slices.Contains(values, value) {
			return ""
		}
		return "应为" + strings.Join(values, "、") + "之一"
	}
}

// timeFormat is RFC 3339 with whole seconds, as all the examples are.
func timeFormat(value string) string {
	if at, err := time.Parse(time.RFC3339, value); err != nil || at.Nanosecond() != 0 || strings.Contains(value, ".") {
		return "应遵循rfc3339标准格式yyyy-MM-DDTHH:mm:ss+TIMEZONE"
	}
	return ""
}

func dayFormat(value string) string {
	if day, err := time.Parse(time.DateOnly, value); err != nil || day.Format(time.DateOnly) != value {
		return "应为yyyy-MM-DD格式的日期"
	}
	return ""
}

func ipFormat(value string) string {
	if _, err := netip.ParseAddr(value); err != nil {
		return "应为IPv4或IPv6地址"
	}
	return ""
}

// addressFormat: a notification address is https and carries no parameters.
func (s *Simulator) addressFormat(value string) string {
	target, err := url.Parse(value)
	switch {
	case err != nil || target.Host == "" || !utf8.ValidString(value):
		return "应为直接可访问的URL"
	case target.Scheme != "https" && (!s.opts.AllowHTTP || target.Scheme != "http"):
		return "应为https地址"
	case target.RawQuery != "" || target.ForceQuery || target.Fragment != "":
		return "不允许携带查询串"
	}
	return ""
}

// beijing is the provider's time zone.
func beijing() *time.Location { return time.FixedZone("CST", 8*3600) }

func date(at time.Time) string { return at.In(beijing()).Format(time.DateOnly) }

func rfc3339(at time.Time) string { return at.In(beijing()).Format(time.RFC3339) }
