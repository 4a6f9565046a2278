package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// sample is one call of an operation: golden names its files in testdata, want is what the
// plugin makes of the reply there.
type sample struct {
	golden   string
	exchange exchange
	want     string
}

// operation is one of the documentation's, by README.md's ids.
type operation struct {
	ID, Name   string
	Capability sdk.Capability
	samples    func(t *testing.T) []sample
}

// operations are all that README.md lists.
var operations = []operation{
	{"WX1", "Native", sdk.CapCreatePayment, func(*testing.T) []sample {
		bare := sdk.PaymentRequest{OrderNo: testOrder, Method: sdk.MethodQR, Amount: sdk.Fen(100)}
		return []sample{
			{"WX1-native", paymentExchange(paymentRequest(sdk.MethodQR)), "in_progress show_qr weixin://wxpay/bizpayurl?pr=p4lpSuKzz 12:30:00"},
			{"WX1-native-bare", paymentExchange(bare), "in_progress show_qr weixin://wxpay/bizpayurl?pr=p4lpSuKzz 14:00:00"},
		}
	}},
	{"WX2", "JSAPI", sdk.CapCreatePayment, func(*testing.T) []sample {
		return []sample{{"WX2-jsapi", paymentExchange(paymentRequest(sdk.MethodJSAPI)), "in_progress invoke_wallet prepay_id=wx201410272009395522657a690389285100 12:30:00"}}
	}},
	{"WX3", "H5", sdk.CapCreatePayment, func(*testing.T) []sample {
		return []sample{{
			"WX3-h5", paymentExchange(paymentRequest(sdk.MethodH5)),
			"in_progress redirect https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2016121516420242444321ca0631331346&package=1405458241" +
				"&redirect_url=https%3A%2F%2Fshop.example%2Fdone%3Fn%3D1 12:05:00",
		}}
	}},
	{"WX4", "order query", sdk.CapQueryPayment, func(*testing.T) []sample {
		return []sample{
			{"WX4-query", queryExchange(orderRef()), "succeeded " + testOrder + " 100 " + testNumber + " " + testOpenID + " 12:00:01 SUCCESS"},
			{"WX4-query-unpaid", queryExchange(orderRef()), "in_progress " + testOrder + " 100   00:00:00 NOTPAY"},
			{"WX4-query-unknown", queryExchange(orderRef()), "not_found  0   00:00:00 ORDER_NOT_EXIST"},
		}
	}},
	{"WX5", "close", sdk.CapClosePayment, func(*testing.T) []sample {
		return []sample{{"WX5-close", closeExchange(orderRef()), "succeeded  0   00:00:00 "}}
	}},
	{"WX6", "refund", sdk.CapCreateRefund, func(*testing.T) []sample {
		return []sample{
			{"WX6-refund", refundExchange(refundRequest()), "in_progress " + testOrder + " " + testRefund + " 30 50000000382019052709732678859 00:00:00 PROCESSING"},
			{"WX6-refund-refused", refundExchange(refundRequest()), "refused   0  00:00:00 NOT_ENOUGH"},
		}
	}},
	{"WX7", "refund query", sdk.CapQueryRefund, func(*testing.T) []sample {
		return []sample{{"WX7-refund-query", refundQueryExchange(refundRequest()), "succeeded " + testOrder + " " + testRefund + " 30 50000000382019052709732678859 12:00:02 SUCCESS"}}
	}},
	{"WX8", "notifications", sdk.CapInbound, func(t *testing.T) []sample {
		t.Helper()
		return []sample{
			{"WX8-payment", inboundExchange(goldenInbound(t, kindPayment, "WX8-payment")), "verified payment succeeded " + testOrder + " 100"},
			{"WX8-refund", inboundExchange(goldenInbound(t, kindRefund, "WX8-refund")), "verified refund succeeded " + testRefund + " 30"},
		}
	}},
	{"WX9", "check-in", sdk.CapCheckIn, func(*testing.T) []sample {
		return []sample{
			{"WX9-certificates", checkInExchange(), "succeeded " + byCertificate2.serial + ", " + byCertificate.serial},
			{"WX9-certificates-none", checkInExchange(), "succeeded "},
		}
	}},
	{"WX10", "bill", sdk.CapFetchBill, func(*testing.T) []sample {
		page := billRequest()
		page.Cursor = "asks=1&hash=" + sha1Of(billText) + "&line=0&query=token%3D6XIv5TUPto7pByrTQKhd6kwvyKLG2uY2wMMR8cNXqaA_Cv_isgaUtBzp4QtiozLO%26tartype%3Dgzip"
		return []sample{
			{"WX10-bill", billExchange(billRequest()), "succeeded next " + page.Cursor},
			{"WX10-bill-file", billExchange(page), "succeeded payment " + testOrder + "  100 1, refund " + testOrder + " " + testRefund + " 30 0"},
		}
	}},
}

// TestOperations calls every operation against the good replies of testdata, in this
// process and over a connection.
func TestOperations(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			t.Run("in process", func(t *testing.T) {
				t.Parallel()
				runSamples(t, fixed(), op.samples(t))
			})
			t.Run("over the wire", func(t *testing.T) {
				t.Parallel()
				runSamples(t, sdktest.OverTheWire(t, fixed()), op.samples(t))
			})
		})
	}
}

// TestOperationsAreOffered: the manifest offers what the table has, and the other way round.
func TestOperationsAreOffered(t *testing.T) {
	t.Parallel()
	offered := map[sdk.Capability]bool{}
	for _, c := range (provider{}).Manifest().Products[0].Capabilities {
		offered[c] = false
	}
	for _, op := range operations {
		if _, known := offered[op.Capability]; !known {
			t.Errorf("%s needs %s, which is not offered", op.ID, op.Capability)
		}
		offered[op.Capability] = true
	}
	for c, used := range offered {
		if !used {
			t.Errorf("%s is offered and belongs to no operation", c)
		}
	}
}

func runSamples(t *testing.T, p able, samples []sample) {
	t.Helper()
	for _, s := range samples {
		h := newHost(t, nil)
		if s.exchange.capability != sdk.CapInbound {
			h = goldenReply(t, s.golden)
		}
		r, err := s.exchange.run(t.Context(), p, h.Call(t.Context(), s.exchange.capability, testURL, testSettings))
		if err != nil {
			t.Errorf("%s: %v", s.golden, err)
			continue
		}
		if got := summary(s.exchange.capability, r); got != s.want {
			t.Errorf("%s:\n got %s\nwant %s", s.golden, got, s.want)
		}
	}
}

// goldenReply is a host whose provider answers as a file in testdata says: a status, an
// empty line, the body. WeChat Pay signs all but a bill's file.
func goldenReply(t *testing.T, golden string) *testHost {
	t.Helper()
	head, body, _ := strings.Cut(testdata(t, golden+".reply.golden"), "\n\n")
	var status int
	if _, err := fmt.Sscan(head, &status); err != nil {
		t.Fatalf("%s: %v", golden, err)
	}
	if golden == "WX10-bill-file" {
		return replying(t, status, http.Header{}, body)
	}
	return answering(t, status, body)
}

// summary writes what matters of a result in one line.
func summary(c sdk.Capability, r result) string {
	clock := func(at time.Time) string {
		if at.IsZero() {
			return "00:00:00"
		}
		return at.In(sdk.Beijing()).Format(time.TimeOnly)
	}
	switch c { //nolint:exhaustive // the rest are payments
	case sdk.CapCreatePayment:
		a := r.payment.NextAction
		if a == nil {
			return fmt.Sprint(r.outcome, " ", r.text.Code)
		}
		return fmt.Sprint(r.outcome, " ", a.Type, " ", a.QRContent, a.URL, a.Fields["package"], " ", clock(a.ExpiresAt))
	case sdk.CapCreateRefund, sdk.CapQueryRefund:
		f := r.refund
		return fmt.Sprint(f.Outcome, " ", f.OrderNo, " ", f.RefundNo, " ", f.Amount.Minor, " ", f.ProviderRefundNo, " ", clock(f.RefundedAt), " ", f.Provider.Code)
	case sdk.CapFetchBill:
		var lines []string
		for _, l := range r.bill.Lines {
			lines = append(lines, fmt.Sprint(l.Kind, " ", l.OrderNo, " ", l.RefundNo, " ", l.Amount.Minor, " ", l.Fee.Minor))
		}
		if r.bill.Next != "" {
			lines = append(lines, "next "+r.bill.Next)
		}
		return fmt.Sprint(r.outcome, " ", strings.Join(lines, ", "))
	case sdk.CapCheckIn:
		return fmt.Sprint(r.outcome, " ", r.check.Values["platform_certificates"])
	case sdk.CapInbound:
		return inboundSummary(r.inbound)
	}
	p := r.payment
	return fmt.Sprint(p.Outcome, " ", p.OrderNo, " ", p.Amount.Minor, " ", p.ProviderOrderNo, " ", p.PayerID, " ", clock(p.PaidAt), " ", p.Provider.Code)
}

func inboundSummary(r sdk.InboundResult) string {
	out := "not verified"
	if r.Verified {
		out = "verified"
	}
	for _, e := range r.Events {
		if e.Payment != nil {
			out += fmt.Sprint(" ", e.Type, " ", e.Payment.Outcome, " ", e.Payment.OrderNo, " ", e.Payment.Amount.Minor)
		}
		if e.Refund != nil {
			out += fmt.Sprint(" ", e.Type, " ", e.Refund.Outcome, " ", e.Refund.RefundNo, " ", e.Refund.Amount.Minor)
		}
	}
	return out
}
