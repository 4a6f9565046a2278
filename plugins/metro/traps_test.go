package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestTraps has one test for each numbered trap of the document; README.md lists them.
func TestTraps(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(t *testing.T){
		"E1-M1 one message opens and closes":            trapM1,
		"E1-M2 the reply of a changed phone is empty":   trapM2,
		"E1-M3 closed is a state of the query alone":    trapM3,
		"E1-M4 there is no refund query":                trapM4,
		"E1-M5 recall N is no success":                  trapM5,
		"E1-M6 required fields are missing":             trapM6,
		"E1-M7 the store is required":                   trapM7,
		"E1-M8 one number and not two":                  trapM8,
		"E1-M9 refund_fee and pay_refund_fee":           trapM9,
		"E1-M10 paths without host and slash":           trapM10,
		"E1-M11 a code is longer than any integer":      trapM11,
		"E1-M12 the bill has totals only":               trapM12,
		"E1-M13 six flows whose diagrams are not there": trapM13,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t)
		})
	}
}

func trapM1(t *testing.T) {
	t.Helper()
	kinds := (provider{}).Manifest().Inbound
	var letters []string
	for _, k := range kinds {
		letters = append(letters, k.Kind)
		if !k.Enter || k.Browser || k.Name.ZH == "" || k.Name.EN == "" {
			t.Errorf("%+v", k)
		}
	}
	if !slices.Equal(letters, []string{kindOpen, kindClose, kindPhone}) {
		t.Errorf("kinds %v", letters)
	}
	// The same bytes mean what their address says.
	req := goodMessage(kindOpen).request(t)
	for kind, want := range map[string][2]string{
		kindOpen: {sdk.EventMemberOpened, `{"vip_status":"ACTIVE"}`}, kindClose: {sdk.EventMemberClosed, `{"vip_status":"CLOSED"}`},
	} {
		req.Kind = kind
		r, err := newHost(t, nil).call(t, inboundExchange(req))
		if err != nil || len(r.inbound.Events) != 1 || r.inbound.Events[0].Type != want[0] || string(r.inbound.Answer.Body) != want[1] {
			t.Errorf("%s: %+v, %v", kind, r.inbound, err)
		}
		// The host takes a nonce once: the close cannot be made of an open that was overheard.
		if r.inbound.Nonce != "0123456789abcdef" {
			t.Errorf("nonce %q", r.inbound.Nonce)
		}
	}
}

func trapM2(t *testing.T) {
	t.Helper()
	for settings, want := range map[string]string{
		testSettings: `{}`, `{"store_id":"S","phone_reply":"{\"code\":0}"}`: `{"code":0}`, `{"store_id":"S","phone_reply":""}`: `{}`,
	} {
		h := newHost(t, nil)
		r, err := fixed().HandleInbound(t.Context(), h.Call(t.Context(), sdk.CapInbound, testURL, settings), goodMessage(kindPhone).request(t))
		if err != nil || r.Answer.Status != http.StatusOK || string(r.Answer.Body) != want {
			t.Errorf("%s: %s, %v", settings, r.Answer.Body, err)
		}
	}
}

func trapM3(t *testing.T) {
	t.Helper()
	reply := ok(status(paidData, "pay_status", "PS_CLOSED"))
	expect(t, outgoing()["query"], reply, closed)
	expect(t, outgoing()["charge"], reply, unknown)
}

func trapM4(t *testing.T) {
	t.Helper()
	if slices.Contains(sdk.Capabilities(provider{}), sdk.CapQueryRefund) {
		t.Error("there is a refund query")
	}
	rule := (provider{}).Manifest().Refund
	if rule.Conclusive || rule.SettledBy.ZH == "" || rule.SettledBy.EN == "" {
		t.Errorf("%+v", rule)
	}
	r := expect(t, outgoing()["refund"], ok(status(refundData, "pay_refund_status", "RS_PROCESSING")), inProgress)
	if !r.refund.RefundedAt.IsZero() {
		t.Errorf("in progress, and given back at %s", r.refund.RefundedAt)
	}
}

func trapM5(t *testing.T) {
	t.Helper()
	r := expect(t, outgoing()["reverse"], ok(`{"recall":"N","reverse_date":"20260101","reverse_time":"20260101120002"}`), unknown)
	if r.payment.Provider.Code != "recall N" {
		t.Errorf("%+v", r.payment.Provider)
	}
	expect(t, outgoing()["reverse"], ok(`{"recall":"Y"}`), inProgress)
	if (provider{}).Manifest().Cancel.Repeat <= 0 {
		t.Error("the host does not repeat a reverse")
	}
}

func trapM6(t *testing.T) {
	t.Helper()
	for _, name := range []string{"charge", "query"} {
		expect(t, outgoing()[name], ok(`{"pay_status":"PS_PAYING"}`), inProgress)
		expect(t, outgoing()[name], ok(`{"pay_status":"PS_PAYING","total_fee":0,"pay_date":"","pay_time":"","pay_type":"","pay_type_trade_no":"","uid":""}`), inProgress)
		expect(t, outgoing()[name], ok(`{"pay_status":"PS_FAILED","pay_err_desc":"余额不足"}`), failed)
		r := expect(t, outgoing()[name], ok(`{"pay_status":"PS_SUCCESS","total_fee":100}`), succeeded) // no pay_err_desc either
		if !r.payment.PaidAt.IsZero() {
			t.Errorf("paid at %s, which nothing says", r.payment.PaidAt)
		}
	}
}

func trapM7(t *testing.T) {
	t.Helper()
	h := answering(t, 200, "")
	_, err := fixed().CreatePayment(t.Context(), h.Call(t.Context(), sdk.CapCreatePayment, testURL, `{}`), paymentRequest())
	isRefusal(t, h, err, "store_id")
	if sent := sentFields(t, "charge"); sent["store_id"] != testStore {
		t.Errorf("%v", sent)
	}
}

// sentFields is the body that an exchange sends.
func sentFields(t *testing.T, name string) map[string]any {
	t.Helper()
	h := answering(t, 200, `{"code":1}`)
	if _, err := h.call(t, outgoing()[name]); err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(h.last(t).body), &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

func trapM8(t *testing.T) {
	t.Helper()
	for _, name := range []string{"query", "reverse", "refund"} {
		sent := sentFields(t, name)
		if _, other := sent["pay_out_trade_no"]; other || sent["out_request_no"] != testOrder {
			t.Errorf("%s: %v", name, sent)
		}
	}
}

func trapM9(t *testing.T) {
	t.Helper()
	sent := sentFields(t, "refund")
	if _, reply := sent["pay_refund_fee"]; reply || sent["refund_fee"] != 30.0 {
		t.Errorf("%v", sent)
	}
	renamed := strings.Replace(refundData, "pay_refund_fee", "refund_fee", 1)
	expect(t, outgoing()["refund"], ok(renamed), unknown)
	// The coupon's share is part of the amount and taken off neither of them.
	for _, coupon := range []string{"0", "10", "100"} {
		r := expect(t, outgoing()["charge"], ok(edit(paidData, []string{"pay_coupon_fee"}, `"pay_coupon_fee":`+coupon)), succeeded)
		if r.payment.Amount != sdk.Fen(100) {
			t.Errorf("coupon %s: paid %v", coupon, r.payment.Amount)
		}
		r = expect(t, outgoing()["refund"], ok(edit(refundData, []string{"pay_refund_coupon_fee"}, `"pay_refund_coupon_fee":`+coupon)), succeeded)
		if r.refund.Amount != sdk.Fen(30) {
			t.Errorf("coupon %s: refunded %v", coupon, r.refund.Amount)
		}
	}
}

func trapM10(t *testing.T) {
	t.Helper()
	for base, want := range map[string]string{testURL: pathQuery, "https://gateway.example/open": "/open" + pathQuery} {
		h := answering(t, 200, ok(paidData))
		if _, err := fixed().QueryPayment(t.Context(), h.Call(t.Context(), sdk.CapQueryPayment, base, testSettings), orderRef()); err != nil {
			t.Fatal(err)
		}
		if got := h.last(t).path; got != want {
			t.Errorf("%s: %s, want %s", base, got, want)
		}
	}
	h := answering(t, 200, "")
	_, err := fixed().QueryPayment(t.Context(), h.Call(t.Context(), sdk.CapQueryPayment, "", testSettings), orderRef())
	isRefusal(t, h, err, "base_url")
}

func trapM11(t *testing.T) {
	t.Helper()
	for _, name := range []string{"charge", "payer"} {
		if sent := sentFields(t, name); sent["qrcode"] != testCode {
			t.Errorf("%s: %v", name, sent["qrcode"])
		}
	}
	codes := (provider{}).Manifest().PayerCodes
	if len(codes) != 1 || !slices.Equal(codes[0].Prefixes, []string{"8"}) || !slices.Equal(codes[0].Lengths, []int{36}) {
		t.Errorf("%+v", codes)
	}
}

func trapM12(t *testing.T) {
	t.Helper()
	other := strings.Replace(billRow, "CT_WECHAT", "CT_OTHER", 1) // not in the document: its money counts all the same
	r := expect(t, outgoing()["bill"], ok(`{"date":"20251231","bill_infos":[`+billRow+`,`+other+`]}`), succeeded)
	want := []sdk.BillTotal{
		{Kind: totalPayment, Method: "CT_WECHAT", Count: 3, Amount: sdk.Fen(300)},
		{Kind: totalReversal, Method: "CT_WECHAT", Count: 1, Amount: sdk.Fen(100)},
		{Kind: totalRefund, Method: "CT_WECHAT", Count: 2, Amount: sdk.Fen(40)},
	}
	if len(r.bill.Totals) != 6 || !slices.Equal(r.bill.Totals[:3], want) || r.bill.Totals[3].Method != "CT_OTHER" || len(r.bill.Lines) > 0 || r.bill.Next != "" {
		t.Errorf("%+v", r.bill)
	}
}

// trapM13: each of the six headings of the document's 五 has its operation.
func trapM13(t *testing.T) {
	t.Helper()
	flows := map[string]string{
		"消费码开通以及会员注册": "ME1", "消费码支付": "ME3", "订单退款": "ME7", "订单撤销（冲正）": "ME6", "对账": "ME8", "大都会手机号更改": "ME2",
	}
	for heading, id := range flows {
		if !slices.ContainsFunc(operations, func(op operation) bool {
			return op.ID == id && slices.Contains((provider{}).Manifest().Products[0].Capabilities, op.Capability)
		}) {
			t.Errorf("%s has no operation", heading)
		}
	}
}
