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
	settings string
	exchange exchange
	want     string
}

// operation is one of the document's, with the id of the checklist.
type operation struct {
	ID, Name   string
	Capability sdk.Capability
	Method     sdk.Method
	samples    func(t *testing.T) []sample
}

// operations are all that the document has.
var operations = []operation{
	{"ME1", "open and close a membership", sdk.CapInbound, "", func(t *testing.T) []sample {
		t.Helper()
		return []sample{
			{"ME1-open", testSettings, inboundExchange(goldenInbound(t, kindOpen, "ME1-open")), "verified openopenopen0001 member.opened u-8800001 13800000001"},
			{"ME1-close", testSettings, inboundExchange(goldenInbound(t, kindClose, "ME1-close")), "verified closeclose000002 member.closed u-8800001"},
		}
	}},
	{"ME2", "a member's phone changed", sdk.CapInbound, "", func(t *testing.T) []sample {
		t.Helper()
		return []sample{{"ME2-phone", testSettings, inboundExchange(goldenInbound(t, kindPhone, "ME2-phone")), "verified phonephone000003 member.phone u-8800001 13900000002"}}
	}},
	{"ME3", "charge a code", sdk.CapCreatePayment, sdk.MethodBarcode, func(*testing.T) []sample {
		return []sample{
			{"ME3-charge", testSettings, paymentExchange(paymentRequest()), "succeeded 100 DDH20260101000000000001 4200001234202601011234567890 CT_WECHAT u-8800001 12:00:01 PS_SUCCESS"},
			{"ME3-charge-bare", testSettings, paymentExchange(barePayment()), "in_progress 0 DDH20260101000000000001    00:00:00 PS_PAYING"},
		}
	}},
	{"ME4", "whose code it is", sdk.CapResolvePayer, "", func(*testing.T) []sample {
		return []sample{{"ME4-payer", testSettings, payerExchange(payerRequest()), "succeeded u-8800001"}}
	}},
	{"ME5", "order query", sdk.CapQueryPayment, sdk.MethodBarcode, func(*testing.T) []sample {
		odd := `{"store_id":"SZTX001","sign_form":"values","sign_encoding":"hex","code_field":"ret","message_field":"errmsg","data_field":"result","success_code":"SUCCESS"}`
		return []sample{
			{"ME5-query", testSettings, queryExchange(orderRef()), "succeeded 100 DDH20260101000000000001 2026010122001 CT_ALIPAY u-8800001 12:00:01 PS_SUCCESS"},
			{"ME5-query-values-hex", odd, queryExchange(orderRef()), "closed 100     00:00:00 PS_CLOSED"},
		}
	}},
	{"ME6", "reverse", sdk.CapCancelPayment, sdk.MethodBarcode, func(*testing.T) []sample {
		return []sample{{"ME6-reverse", testSettings, cancelExchange(orderRef()), "in_progress 0     00:00:00 recall Y"}}
	}},
	{"ME7", "refund", sdk.CapCreateRefund, "", func(*testing.T) []sample {
		return []sample{{"ME7-refund", testSettings, refundExchange(refundRequest()), "succeeded 26010100010000000001 26010100010000000002 30 DDR20260101000000000001 12:00:02 RS_SUCCESS"}}
	}},
	{"ME8", "daily bill", sdk.CapFetchBill, "", func(*testing.T) []sample {
		return []sample{{
			"ME8-bill", testSettings, billExchange(billRequest()),
			"succeeded payment CT_WECHAT 3 300, reversal CT_WECHAT 1 100, refund CT_WECHAT 2 40, " +
				"payment CT_UNION 1 9223372036854775807, reversal CT_UNION 0 0, refund CT_UNION 0 0",
		}}
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
	offered := map[sdk.Capability]bool{sdk.CapCheckIn: false} // no operation of its own: ME8
	for _, c := range (provider{}).Manifest().Products[0].Capabilities {
		offered[c] = c == sdk.CapCheckIn
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
			h = answering(t, http.StatusOK, goldenBody(t, s.golden+".reply.golden"))
		}
		r, err := s.exchange.run(t.Context(), p, h.Call(t.Context(), s.exchange.capability, testURL, s.settings))
		if err != nil {
			t.Errorf("%s: %v", s.golden, err)
			continue
		}
		if got := summary(s.exchange.capability, r); got != s.want {
			t.Errorf("%s:\n got %s\nwant %s", s.golden, got, s.want)
		}
	}
}

// summary writes what matters of a result in one line.
func summary(c sdk.Capability, r result) string {
	clock := func(at time.Time) string { return at.In(sdk.Beijing()).Format(time.TimeOnly) }
	switch c { //nolint:exhaustive // the rest are payments
	case sdk.CapResolvePayer:
		return fmt.Sprint(r.outcome, " ", r.payer.PayerID)
	case sdk.CapCreateRefund:
		f := r.refund
		return fmt.Sprint(f.Outcome, " ", f.OrderNo, " ", f.RefundNo, " ", f.Amount.Minor, " ", f.ProviderRefundNo, " ", clock(f.RefundedAt), " ", f.Provider.Code)
	case sdk.CapFetchBill:
		var rows []string
		for _, b := range r.bill.Totals {
			rows = append(rows, fmt.Sprint(b.Kind, " ", b.Method, " ", b.Count, " ", b.Amount.Minor))
		}
		return fmt.Sprint(r.outcome, " ", strings.Join(rows, ", "))
	case sdk.CapInbound:
		return inboundSummary(r.inbound)
	}
	p := r.payment
	if p.PaidAt.IsZero() {
		p.PaidAt = time.Date(2026, 1, 1, 0, 0, 0, 0, sdk.Beijing())
	}
	return fmt.Sprint(p.Outcome, " ", p.Amount.Minor, " ", p.ProviderOrderNo, " ", p.ChannelTradeNo, " ", p.Channel, " ", p.PayerID, " ", clock(p.PaidAt), " ", p.Provider.Code)
}

func inboundSummary(r sdk.InboundResult) string {
	out := "not verified"
	if r.Verified {
		out = "verified"
	}
	if r.Nonce != "" {
		out += " " + r.Nonce
	}
	for _, e := range r.Events {
		out += " " + e.Type + " " + e.Values["uid"]
		if phone, there := e.Secrets["phone"]; there {
			out += " " + phone.Text()
		}
	}
	return out
}
