package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// TestTraps has a test for each numbered trap of the document; README.md lists them.
func TestTraps(t *testing.T) {
	t.Parallel()
	for _, trap := range []struct {
		name string
		test func(*testing.T)
	}{
		{"E3-S1 only order_status decides", trapS1},
		{"E3-S2 net_amount is not money received", trapS2},
		{"E3-S3 only FAIL_CANCELED is a confirmed failure", trapS3},
		{"E3-S4 conflicts are not failures", trapS4},
		{"E3-S5 refunds are told by net_amount", trapS5},
		{"E3-S6 the payer's account is redacted in both spellings", trapS6},
		{"E3-S7 both spellings of INVALID_PARAMS", trapS7},
		{"E3-S8 orders are named by our number alone", trapS8},
		{"E3-S9 a cancel needs a number", trapS9},
		{"E3-S10 result_code is not the HTTP status", trapS10},
		{"E3-S11 a gateway fault is unknown", trapS11},
		{"E3-S12 NOT_EXIST is not failed", trapS12},
		{"E3-S13 the PAID branch of the poll", trapS13},
		{"E3-S14 required fields are missing in failures", trapS14},
		{"E3-S15 lost underscores are not guessed", trapS15},
		{"E3-S16 fields outside the tables", trapS16},
		{"E3-S17 qr_code is needed", trapS17},
		{"E3-S18 longitude and latitude together", trapS18},
		{"E3-S19 a QR code needs the wallet", trapS19},
		{"E3-S20 operator is cut to the shorter", trapS20},
		{"E3-S21 the field is result_code", trapS21},
		{"E3-S22 maintenance is not in progress", trapS22},
	} {
		t.Run(trap.name, func(t *testing.T) {
			t.Parallel()
			trap.test(t)
		})
	}
}

func trapS1(t *testing.T) {
	t.Helper()
	// result_code SUCCESS, status SUCCESS: and the order is canceled.
	expect(t, "query", biz("SUCCESS", "", order("CANCELED", fields{"net_amount": "0"})), canceled)
	expect(t, "query", biz("SUCCESS", "", order("PAY_CANCELED", nil)), failed)
	expect(t, "pay", biz("PAY_SUCCESS", "", order("CANCELED", nil)), unknown)
	expect(t, "query", biz("SUCCESS", "", order("", nil)), unknown)
}

func trapS2(t *testing.T) {
	t.Helper()
	expect(t, "pay", biz("PAY_FAIL", "EXPIRED_BARCODE", order("PAY_CANCELED", fields{"net_amount": "100"})), failed)
	expect(t, "query", biz("SUCCESS", "", order("PAY_CANCELED", fields{"net_amount": "100"})), failed)
	r := expect(t, "query", biz("SUCCESS", "", order("REFUNDED", fields{"net_amount": "0"})), succeeded)
	if r.payment.Amount != sdk.Fen(100) {
		t.Errorf("amount %+v, want the total", r.payment.Amount)
	}
}

func trapS3(t *testing.T) {
	t.Helper()
	doubtful := []string{
		"FAIL_PROTOCOL_1", "FAIL_PROTOCOL_2", "FAIL_PROTOCOL_3", "FAIL_IO_1", "FAIL_IO_2", "FAIL_IO_3", "FAIL_ERROR",
		"CANCEL_ERROR", "REFUND_ERROR", "SUCCESS", "SOMETHING_NEW",
	}
	for _, entry := range doubtful {
		expect(t, "pay", biz("PAY_FAIL", "", order("", fields{"status": entry})), unknown)
		expect(t, "precreate", biz("PRECREATE_FAIL", "", order("", fields{"status": entry})), unknown)
		expect(t, "query", biz("SUCCESS", "", order("", fields{"status": entry})), unknown)
	}
	expect(t, "pay", biz("PAY_FAIL", "", order("", fields{"status": "FAIL_CANCELED"})), failed)
	// The entry is no verdict where the order has a state.
	expect(t, "query", biz("SUCCESS", "", order("PAID", fields{"status": "FAIL_CANCELED"})), succeeded)
	expect(t, "query", biz("SUCCESS", "", order("", fields{"status": "FAIL_CANCELED"})), unknown)
}

func trapS4(t *testing.T) {
	t.Helper()
	for _, code := range []string{"TRADE_HAS_SUCCESS", "CLIENT_SN_CONFLICT", "REFUND_REQUEST_CONFLICT"} {
		expect(t, "pay", biz("FAIL", code, nil), unknown)
		expect(t, "pay", biz("PAY_FAIL", code, nil), unknown)
		expect(t, "pay", biz("PAY_FAIL", code, order("PAY_CANCELED", nil)), unknown)
		expect(t, "precreate", biz("PRECREATE_FAIL", code, nil), unknown)
		expect(t, "refund", biz("FAIL", code, nil), unknown)
	}
}

func trapS5(t *testing.T) {
	t.Helper()
	rule := provider{}.Manifest().Refund
	if !rule.OneInFlight || rule.Conclusive || rule.SettledBy.ZH == "" || rule.SettledBy.EN == "" {
		t.Errorf("refund rule %+v", rule)
	}
	cases := []struct {
		before, amount int64
		status, net    string
		want           sdk.Outcome
	}{
		{0, 30, "PARTIAL_REFUNDED", "70", succeeded},
		{30, 30, "PARTIAL_REFUNDED", "40", succeeded},
		{60, 40, "REFUNDED", "0", succeeded},
		{0, 100, "REFUNDED", "0", succeeded},
		{0, 30, "PAID", "100", notFound},
		{30, 30, "PARTIAL_REFUNDED", "70", notFound},
		{60, 40, "PARTIAL_REFUNDED", "40", notFound},
		{0, 30, "PAID", "70", unknown},               // the state says nothing was refunded
		{0, 30, "PARTIAL_REFUNDED", "100", unknown},  // and here nothing is missing
		{0, 30, "PARTIAL_REFUNDED", "80", unknown},   // another amount
		{0, 30, "PARTIAL_REFUNDED", "40", unknown},   // more than ours
		{0, 100, "PARTIAL_REFUNDED", "0", unknown},   // all, or a part?
		{0, 30, "REFUNDED", "70", unknown},           //
		{0, 30, "REFUND_ERROR", "70", unknown},       // a person settles it
		{0, 30, "REFUND_ERROR", "100", unknown},      //
		{0, 30, "CANCELED", "0", unknown},            //
		{0, 30, "PARTIAL_REFUNDED", "", unknown},     //
		{0, 30, "PARTIAL_REFUNDED", "-30", unknown},  //
		{0, 30, "PARTIAL_REFUNDED", "70.0", unknown}, //
	}
	for _, c := range cases {
		req := refundRequest()
		req.RefundedBefore, req.Amount = sdk.Fen(c.before), sdk.Fen(c.amount)
		h := answering(200, biz("SUCCESS", "", order(c.status, fields{"net_amount": c.net})))
		r, err := provider{}.QueryRefund(t.Context(), h.plain(t, sdk.CapQueryRefund), req)
		if err != nil || r.Outcome != c.want {
			t.Errorf("%+v: %s, %v", c, r.Outcome, err)
		}
	}
}

func trapS6(t *testing.T) {
	t.Helper()
	redacted := strings.Join(provider{}.Manifest().Redact, " ")
	for _, name := range []string{"payer_login", "pay_login", "dynamic_id", "terminal_key", "vendor_key", "Authorization"} {
		if !strings.Contains(redacted, name) {
			t.Errorf("%s is not redacted", name)
		}
	}
	r := answer(t, "pay", biz("PAY_SUCCESS", "", order("PAID", fields{"payer_login": "payer@example.invalid", "pay_login": "payer@example.invalid"})))
	if strings.Contains(encodeReply(r.payment), "example.invalid") {
		t.Error("the payer's login is handed on")
	}
}

func trapS7(t *testing.T) {
	t.Helper()
	for name := range exchanges {
		expect(t, name, layer1("400", "INVALID_PARAMETER"), refused)
		expect(t, name, layer1("400", "INVALID_PARAMS"), refused)
	}
}

// sentFields is the body of the one request that a capability sends.
func sentFields(t *testing.T, name string) map[string]string {
	t.Helper()
	h := answering(200, layer1("500", "UNKNOWN_SYSTEM_ERROR"))
	if _, err := exchanges[name](t, h); err != nil {
		t.Fatal(err)
	}
	var out map[string]string
	if err := json.Unmarshal([]byte(h.last(t).body), &out); err != nil {
		t.Fatalf("%s: not every value is a string: %v", name, err)
	}
	return out
}

func trapS8(t *testing.T) {
	t.Helper()
	for _, name := range []string{"query", "cancel", "refund", "refund query"} {
		sent := sentFields(t, name)
		if sent["client_sn"] != testOrder || sent["terminal_sn"] != testTerminal {
			t.Errorf("%s: %v", name, sent)
		}
		for _, other := range []string{"sn", "wosai_store_id"} {
			if _, there := sent[other]; there {
				t.Errorf("%s sends %s", name, other)
			}
		}
	}
}

func trapS9(t *testing.T) {
	t.Helper()
	for _, orderNo := range []string{"", strings.Repeat("1", 33)} {
		h := answering(200, "")
		_, err := provider{}.CancelPayment(t.Context(), h.plain(t, sdk.CapCancelPayment), sdk.OrderRef{OrderNo: orderNo, ProviderOrderNo: "7894259244067349"})
		checkRefusal(t, h, err, "order_no")
	}
}

func trapS10(t *testing.T) {
	t.Helper()
	for name, run := range exchanges {
		expect(t, name, layer1("400", "INVALID_TERMINAL"), refused)
		r, err := run(t, answering(400, layer1("400", "INVALID_TERMINAL")))
		if err != nil || r.outcome != unknown {
			t.Errorf("%s: HTTP 400: %s, %v", name, r.outcome, err)
		}
	}
}

func trapS11(t *testing.T) {
	t.Helper()
	for name := range exchanges {
		expect(t, name, layer1("500", "UNKNOWN_SYSTEM_ERROR"), unknown)
	}
}

func trapS12(t *testing.T) {
	t.Helper()
	for _, code := range []string{"UPAY_ORDER_NOT_EXIST", "UPAY_ORDER_NOT_EXISTS"} {
		expect(t, "query", biz("FAIL", code, nil), notFound)
		expect(t, "cancel", biz("FAIL", code, nil), refused)
		expect(t, "refund", biz("FAIL", code, nil), unknown)
		expect(t, "refund query", biz("FAIL", code, nil), unknown)
	}
	if provider.Manifest(provider{}).Poll.Horizon <= 0 {
		t.Error("the host gets no horizon")
	}
}

func trapS13(t *testing.T) {
	t.Helper()
	expect(t, "query", biz("SUCCESS", "", order("PAID", nil)), succeeded)
}

func trapS14(t *testing.T) {
	t.Helper()
	bare := fields{"trade_no": "", "channel_finish_time": "", "subject": "", "operator": "", "terminal_sn": "", "store_id": ""}
	expect(t, "pay", biz("PAY_FAIL", "EXPIRED_BARCODE", order("PAY_CANCELED", bare)), failed)
	r := expect(t, "pay", biz("PAY_SUCCESS", "", order("PAID", bare)), succeeded)
	if !r.payment.PaidAt.Equal(wire.Millis("1767240000430")) {
		t.Errorf("paid at %s, want finish_time", r.payment.PaidAt)
	}
	r = expect(t, "pay", biz("PAY_SUCCESS", "", order("PAID", with(bare, "finish_time", ""))), succeeded)
	if !r.payment.PaidAt.IsZero() {
		t.Errorf("paid at %s, want no time", r.payment.PaidAt)
	}
}

func trapS15(t *testing.T) {
	t.Helper()
	good := biz("PAY_SUCCESS", "", order("PAID", nil))
	for _, name := range []string{"client_sn", "order_status"} {
		expect(t, "pay", strings.Replace(good, `"`+name+`"`, `"`+strings.ReplaceAll(name, "_", " ")+`"`, 1), unknown)
		expect(t, "pay", strings.Replace(good, `"`+name+`"`, `"`+strings.ToUpper(name)+`"`, 1), unknown)
	}
	twice := strings.Replace(good, `"order_status":"PAID"`, `"order_status":"CANCELED","order_status":"PAID"`, 1)
	expect(t, "pay", twice, unknown)
}

func trapS16(t *testing.T) {
	t.Helper()
	expect(t, "query", biz("SUCCESS", "", order("PAID", fields{"ctime": "1449036464229", "store_id": "49", "wosai": "x"})), succeeded)
	odd := strings.Replace(biz("SUCCESS", "", order("PAID", nil)), `"store_id":"49"`, `"store_id":49,"payment_list":[{"type":"COUPON"}]`, 1)
	expect(t, "query", odd, succeeded)
}

func trapS17(t *testing.T) {
	t.Helper()
	expect(t, "precreate", biz("PRECREATE_SUCCESS", "", order("CREATED", nil)), unknown)
	expect(t, "precreate", biz("PRECREATE_SUCCESS", "", order("CREATED", fields{"qr_code": strings.Repeat("x", maxQRContent+1)})), unknown)
	r := expect(t, "precreate", biz("PRECREATE_SUCCESS", "", order("CREATED", fields{"qr_code": "weixin://wxpay/bizpayurl?pr=1"})), inProgress)
	if a := r.payment.NextAction; a == nil || a.Type != sdk.ActionShowQR || a.QRContent != "weixin://wxpay/bizpayurl?pr=1" {
		t.Errorf("next action %+v", a)
	}
}

func trapS18(t *testing.T) {
	t.Helper()
	for _, extra := range []map[string]string{{"longitude": "121.4"}, {"latitude": "31.2"}} {
		h, req := answering(200, ""), barcodeRequest()
		req.Extra = extra
		_, err := provider{}.CreatePayment(t.Context(), h.plain(t, sdk.CapCreatePayment), req)
		checkRefusal(t, h, err, "extra")
	}
}

func trapS19(t *testing.T) {
	t.Helper()
	h, req := answering(200, ""), qrRequest()
	req.Channel = ""
	_, err := provider{}.CreatePayment(t.Context(), h.plain(t, sdk.CapCreatePayment), req)
	checkRefusal(t, h, err, "channel")
	for _, name := range []string{"pay", "precreate"} {
		sent := sentFields(t, name)
		if sent["payway"] != "1" || sent["sub_payway"] != "" || sent["notify_url"] != "" {
			t.Errorf("%s: %v", name, sent)
		}
	}
	// A scanned code needs none: the gateway knows it.
	h, req = answering(200, layer1("500", "")), barcodeRequest()
	req.Channel = ""
	if _, err := (provider{}).CreatePayment(t.Context(), h.plain(t, sdk.CapCreatePayment), req); err != nil || strings.Contains(h.last(t).body, "payway") {
		t.Errorf("%v, %s", err, h.last(t).body)
	}
}

func trapS20(t *testing.T) {
	t.Helper()
	const long, short = "收银员收银员收银员收银员收银员", "收银员收银员收银员收"
	pay, refund := barcodeRequest(), refundRequest()
	pay.Operator, refund.Operator = long, long
	for name, run := range map[string]func(h *testHost) error{
		"pay": func(h *testHost) error {
			_, err := provider{}.CreatePayment(t.Context(), h.plain(t, sdk.CapCreatePayment), pay)
			return err
		},
		"refund": func(h *testHost) error {
			_, err := provider{}.CreateRefund(t.Context(), h.plain(t, sdk.CapCreateRefund), refund)
			return err
		},
	} {
		h := answering(200, layer1("500", ""))
		if err := run(h); err != nil || !strings.Contains(h.last(t).body, `"operator":"`+short+`"`) {
			t.Errorf("%s: %v, %s", name, err, h.last(t).body)
		}
	}
	for _, name := range []string{"query", "cancel"} {
		if sent := sentFields(t, name); sent["operator"] != "" {
			t.Errorf("%s sends an operator", name)
		}
	}
	// It is required where it is sent at all.
	pay.Operator = ""
	h := answering(200, layer1("500", ""))
	if _, err := (provider{}).CreatePayment(t.Context(), h.plain(t, sdk.CapCreatePayment), pay); err != nil || !strings.Contains(h.last(t).body, `"operator":"system"`) {
		t.Errorf("%v, %s", err, h.last(t).body)
	}
}

func trapS21(t *testing.T) {
	t.Helper()
	for _, name := range orderOperations {
		reply := strings.Replace(biz("SUCCESS", "", order("PAID", nil)), `"result_code":"SUCCESS"`, `"result":"SUCCESS"`, 1)
		expect(t, name, reply, unknown)
	}
}

func trapS22(t *testing.T) {
	t.Helper()
	for name := range exchanges {
		expect(t, name, layer1("500", "MAINTENANCE_INPROGRESS"), unknown)
		expect(t, name, layer1("MAINTENANCE_INPROGRESS", ""), unknown)
	}
}
