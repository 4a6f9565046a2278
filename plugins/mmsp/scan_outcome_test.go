package main

import (
	"errors"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func asError(err error, target **sdk.Error) bool { return errors.As(err, target) }

// preOrders and barcodes are the operations whose replies read alike.
func preOrders(t *testing.T) []operation {
	t.Helper()
	return []operation{
		row(t, "SC1", "wechat-qr"), row(t, "SC1", "wechat-jsapi"), row(t, "SC1", "wechat-mini-program"), row(t, "SC4", "alipay-qr"),
		row(t, "SC4", "alipay-service-window"), row(t, "SC6", "alipay-static-code"), row(t, "SC7", "alipay-dynamic-code"), row(t, "SC9", "qq-qr"),
		row(t, "SC9", "qq-service-window"), row(t, "SC11", "jd-qr"), row(t, "SC12", "unionpay-qr"), row(t, "SC3", "wechat-h5"), row(t, "SC8", "alipay-h5"),
	}
}

func barcodes(t *testing.T) []operation {
	t.Helper()
	return []operation{row(t, "SC2", "wechat-barcode"), row(t, "SC5", "alipay-barcode"), row(t, "SC10", "qq-barcode")}
}

// statuses is an operation's reading of STATUS.
type statuses struct {
	operations                                []operation
	one, two, three, other, missing, twoAndAA sdk.Outcome
}

func (s statuses) check(t *testing.T) {
	t.Helper()
	for _, o := range s.operations {
		o.with(t, fields{"STATUS": "1"}).expect(t, s.one)
		o.with(t, fields{"STATUS": "2", "ERR_CODE": "X1", "ERR_CODE_MSG": "失败"}).expect(t, s.two)
		o.with(t, fields{"STATUS": "3"}).expect(t, s.three)
		o.with(t, fields{"STATUS": "2", "ERR_CODE": "AA", "ERR_CODE_MSG": "用户支付中"}).expect(t, s.twoAndAA)
		o.with(t, fields{"STATUS": nil}).expect(t, s.missing)
		for _, other := range []any{"", "0", "4", "01", " 1", "成功", true, []any{"1"}, fields{"1": "1"}, nil} {
			o.with(t, fields{"STATUS": other}).expect(t, s.other)
		}
		// A number says the same as a text.
		o.with(t, fields{"STATUS": 1}).expect(t, s.one)
	}
}

// TestScanStatuses: what STATUS means in each operation (scan 5 to 10).
func TestScanStatuses(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]statuses{
		"orders":       {preOrders(t), inProgress, failed, unknown, unknown, unknown, inProgress},
		"barcodes":     {barcodes(t), succeeded, failed, inProgress, unknown, unknown, inProgress},
		"query":        {[]operation{row(t, "SC14", "query")}, succeeded, failed, inProgress, unknown, unknown, inProgress},
		"cancel":       {[]operation{row(t, "SC15", "cancel")}, succeeded, refusedIt, unknown, unknown, unknown, inProgress},
		"close":        {[]operation{row(t, "SC16", "close")}, succeeded, refusedIt, unknown, unknown, unknown, inProgress},
		"refund":       {[]operation{row(t, "SC17", "refund")}, inProgress, failed, unknown, unknown, unknown, inProgress},
		"refund query": {[]operation{row(t, "SC18", "refund-query")}, succeeded, failed, unknown, unknown, unknown, inProgress},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.check(t)
		})
	}
}

// TestScanClosed: D4 in a query says that the order was closed (scan 11).
func TestScanClosed(t *testing.T) {
	t.Parallel()
	row(t, "SC14", "query").with(t, fields{"STATUS": "2", "ERR_CODE": "D4", "ERR_CODE_MSG": "订单已关闭"}).expect(t, closed)
	row(t, "SC2", "wechat-barcode").with(t, fields{"STATUS": "2", "ERR_CODE": "D4"}).expect(t, failed)
}

// TestScanRefusals: a message that was not taken, by what it was to do.
func TestScanRefusals(t *testing.T) {
	t.Parallel()
	const noOrder, malformed, wrongAmount = "[-2002] 没有该订单", "消息结构体错误", "[-3005]：交易金额不符，请设置为100"
	type effects struct{ moves, asks, changes sdk.Outcome }
	for answer, want := range map[string]effects{
		"general":               {unknown, refusedIt, refusedIt},
		"general, no order":     {unknown, notFound, refusedIt},
		"general, wrong amount": {refusedIt, refusedIt, refusedIt},
		"general, 39999":        {unknown, unknown, unknown},
		"general, 1":            {unknown, unknown, unknown},
		"own":                   {refusedIt, refusedIt, refusedIt},
		"own, no order":         {refusedIt, notFound, refusedIt},
		"own, 39999":            {unknown, unknown, unknown},
	} {
		text := map[string]string{"general, no order": noOrder, "own, no order": noOrder, "general, wrong amount": wrongAmount}[answer]
		if text == "" {
			text = malformed
		}
		code := map[string]int{"general, 39999": 39999, "own, 39999": 39999, "general, 1": 1}[answer]
		for _, o := range scanOperations() {
			if o.Reply == "" || o.Agent {
				continue
			}
			command := 32768
			if answer[0] == 'o' {
				command, _ = o.parts(t)
			}
			outcome := want.moves
			switch o.Capability {
			case sdk.CapQueryPayment, sdk.CapQueryRefund:
				outcome = want.asks
			case sdk.CapCancelPayment, sdk.CapClosePayment:
				outcome = want.changes
			default:
			}
			o.answered(refusalWith(command, code, text)).expect(t, outcome)
		}
	}
}

// TestScanRefusalText: the code in brackets and the sentence are told apart, and ErrMsg is as
// good as ErrorMsg.
func TestScanRefusalText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]sdk.ProviderText{
		"[-2002] 没有该订单":  {Code: "-2002", Message: "没有该订单"},
		"[-3005]：交易金额不符": {Code: "-3005", Message: "交易金额不符"},
		"消息结构体错误":        {Code: "0", Message: "消息结构体错误"},
	} {
		o := row(t, "SC14", "query").answered(refusal(text))
		_, r, err := o.run(t, testPlugin())
		if err != nil || r.payment.Provider != want || r.payment.KeyRefused {
			t.Errorf("%s: %+v, %v", text, r.payment, err)
		}
	}
	o := row(t, "SC14", "query").answered(`{"CommandID":"32768","RetCode":"0","ErrMsg":"[-1] 签名错误","Body":null}`)
	_, r, err := o.run(t, testPlugin())
	if err != nil || r.payment.Provider != (sdk.ProviderText{Code: "-1", Message: "签名错误"}) || !r.payment.KeyRefused {
		t.Errorf("%+v, %v", r.payment, err)
	}
}

// TestScanConcernsTheOrder: a verified reply of another order, amount or refund is unknown.
func TestScanConcernsTheOrder(t *testing.T) {
	t.Parallel()
	for _, o := range scanOperations() {
		if o.Reply == "" || o.Agent {
			continue
		}
		number := "MERORDERID"
		if o.Capability == sdk.CapCreateRefund || o.Capability == sdk.CapQueryRefund {
			number = "REFUND_MERORDERID"
		}
		o.with(t, fields{number: "26010100010000009999"}).expect(t, unknown)
		o.with(t, fields{"AMT": "101"}).expect(t, unknown)
		o.with(t, fields{"AMT": "1.00"}).expect(t, unknown)
		o.with(t, fields{"AMT": "-100"}).expect(t, unknown)
		if o.Want == succeeded {
			o.with(t, fields{number: nil}).expect(t, unknown)
		}
		if o.Want == succeeded && o.Capability != sdk.CapCreatePayment {
			o.with(t, fields{"AMT": nil}).expect(t, unknown)
		}
	}
}

// TestScanResults: what a reply tells beside its outcome.
func TestScanResults(t *testing.T) {
	t.Parallel()
	paid := time.Date(2026, 1, 1, 12, 0, 3, 0, sdk.Beijing())
	r := row(t, "SC14", "query").expect(t, succeeded).payment
	if r.OrderNo != testOrder || r.Amount != sdk.Fen(100) || r.ProviderOrderNo != testProvider || !r.PaidAt.Equal(paid) || r.Channel != channelWeChat {
		t.Errorf("query: %+v", r)
	}
	r = row(t, "SC5", "alipay-barcode").expect(t, succeeded).payment
	if r.Channel != channelAlipay || r.Amount != (sdk.Money{}) || r.NextAction != nil {
		t.Errorf("barcode: %+v", r)
	}
	qr := row(t, "SC12", "unionpay-qr").expect(t, inProgress).payment.NextAction
	if qr == nil || qr.Type != sdk.ActionShowQR || qr.QRContent != "https://qr.example/abc?x=1&y=2" || !qr.ExpiresAt.Equal(testNow.Add(5*time.Minute)) {
		t.Errorf("QR: %+v", qr)
	}
	inside := row(t, "SC1", "wechat-mini-program").expect(t, inProgress).payment.NextAction
	if inside == nil || inside.Type != sdk.ActionInvokeWallet || inside.Fields["appId"] != "wx1" || inside.Fields["timeStamp"] != "1767240000" ||
		inside.Fields["package"] != "prepay_id=wx/01" {
		t.Errorf("inside the wallet: %+v", inside)
	}
	h5 := row(t, "SC3", "wechat-h5").expect(t, inProgress).payment.NextAction
	if h5 == nil || h5.Type != sdk.ActionRedirect || h5.URL != "https://h5.example/open?o=1" {
		t.Errorf("H5: %+v", h5)
	}
	refund := row(t, "SC18", "refund-query").expect(t, succeeded).refund
	if refund.RefundNo != testRefund || refund.Amount != sdk.Fen(30) || refund.ProviderRefundNo != "900000001467" || refund.RefundedAt.IsZero() || refund.OrderNo != "" {
		t.Errorf("refund: %+v", refund)
	}
}
