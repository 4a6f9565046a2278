package metro_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
)

func TestPayQueryRefund(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	paid := w.want("applypay", payBody("P1").with("extra_data", "note"), "0 PS_SUCCESS")
	for name, want := range map[string]string{
		"pay_status": "PS_SUCCESS", "pay_date": "20261123", "pay_time": "20261123180000", "uid": uid, "pay_type": "CT_WECHAT",
	} {
		if paid.text(name) != want {
			t.Errorf("%s = %q, want %q", name, paid.text(name), want)
		}
	}
	tradeNo := paid.text("pay_out_trade_no")
	if tradeNo == "" || paid.text("pay_type_trade_no") == "" || paid.number("total_fee") != 1000 || paid.number("pay_coupon_fee") != 0 {
		t.Errorf("answered %v", paid.Data)
	}
	for _, name := range []string{"pay_err_desc", "out_request_no", "qrcode"} {
		if _, there := paid.Data[name]; there {
			t.Errorf("%s is there", name)
		}
	}
	w.books("P1", 1, 1000)
	w.want("orderquery", byNumber("P1"), "0 PS_SUCCESS")
	w.want("orderquery", fields{"pay_out_trade_no": tradeNo}, "0 PS_SUCCESS")
	w.want("orderquery", fields{"pay_out_trade_no": tradeNo, "out_request_no": ""}, "0 PS_SUCCESS")
	w.want("orderquery", byNumber("nothing"), "400102")
	w.want("applypay", payBody("P1"), "400101")
	w.want("refund", refundBody("nothing", "R1", 1), "400102")

	r := w.want("refund", refundBody("P1", "R1", 300), "0 RS_SUCCESS")
	for name, want := range map[string]any{
		"out_request_no": "P1", "pay_out_trade_no": tradeNo, "out_refund_no": "R1", "pay_refund_fee": 300.0, "pay_refund_coupon_fee": 0.0,
		"total_fee": 1000.0, "refund_date": "20261123", "refund_time": "20261123180000",
	} {
		if r.Data[name] != want {
			t.Errorf("%s = %v, want %v", name, r.Data[name], want)
		}
	}
	w.want("refund", refundBody("P1", "R1", 300), "400105")
	w.want("refund", refundBody("P1", "R2", 701), "400106")
	w.want("reverse", byNumber("P1"), "400104") // a refunded order is not reversed
	w.want("refund", fields{"pay_out_trade_no": tradeNo, "out_refund_no": "R2", "refund_fee": 700}, "0 RS_SUCCESS")
	w.want("refund", refundBody("P1", "R3", 1), "400106")
	w.want("orderquery", byNumber("P1"), "0 PS_SUCCESS") // refunds do not show
	w.books("P1", 1, 0)
	w.clean()
	order, _ := w.sim.Order(mchID, "P1")
	if order.PayRequests != 2 || len(order.Refunds) != 2 || w.sim.Calls("refund") != 6 || order.StoreID != storeID {
		t.Errorf("%+v and %d refund calls", order, w.sim.Calls("refund"))
	}
	entries := w.sim.Ledger().OrderEntries(metro.Key(mchID, "P1"))
	if len(entries) != 3 || entries[1].Operation != "metro/"+mchID+"/P1/R1" || entries[2].Amount != 700 {
		t.Errorf("ledger: %+v", entries)
	}
}

func TestMerchantsAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tradeNo := w.want("applypay", payBody("A1"), "0 PS_SUCCESS").text("pay_out_trade_no")
	other := func(op string, body fields, want string) {
		t.Helper()
		a, err := w.sendRaw(op, w.signedBy(otherMch, otherKey()), encode(t, body))
		if err != nil || a.String() != want {
			t.Errorf("%s answered %q %v, want %q", op, a, err, want)
		}
	}
	other("orderquery", byNumber("A1"), "400102")
	other("orderquery", fields{"pay_out_trade_no": tradeNo}, "400102")
	other("reverse", fields{"pay_out_trade_no": tradeNo}, "400102")
	other("refund", fields{"pay_out_trade_no": tradeNo, "out_refund_no": "R", "refund_fee": 1}, "400102")
	other("applypay", payBody("A1").with("store_id", "any"), "0 PS_SUCCESS") // the same number, a merchant without a list of stores
	w.want("refund", refundBody("A1", "R", 1), "0 RS_SUCCESS")
	other("refund", refundBody("A1", "R", 2), "0 RS_SUCCESS")
	w.books("A1", 1, 999)
	if net := w.sim.Ledger().Net(metro.Key(otherMch, "A1")); net != 998 {
		t.Errorf("the other's order holds %d", net)
	}
	if lines := w.sim.Bill(otherMch, "20261123"); len(lines) != 1 || lines[0].RefundAmount != 2 {
		t.Errorf("the other's bill: %+v", lines)
	}
	w.clean()
}

func TestReverse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want("reverse", byNumber("nothing"), "400102")
	w.want("applypay", payBody("V1"), "0 PS_SUCCESS")
	a := w.want("reverse", byNumber("V1"), "0 N")
	if a.text("reverse_date") != "20261123" || a.text("reverse_time") != "20261123180000" || len(a.Data) != 3 {
		t.Errorf("answered %v", a.Data)
	}
	w.books("V1", 1, 0)
	q := w.want("orderquery", byNumber("V1"), "0 PS_CLOSED")
	if q.text("pay_time") != "20261123180000" || q.number("total_fee") != 1000 {
		t.Errorf("closed: %v", q.Data)
	}
	w.clock.Sleep(time.Minute)
	if again := w.want("reverse", byNumber("V1"), "0 N"); again.text("reverse_time") != "20261123180000" {
		t.Errorf("again: %v", again.Data)
	}
	w.want("refund", refundBody("V1", "R", 1), "400104")
	w.books("V1", 1, 0)
	if o, _ := w.sim.Order(mchID, "V1"); o.ReverseRequests != 2 || o.Reversed != 1000 {
		t.Errorf("%+v", o)
	}

	w.fault(metro.Fault{Operation: "applypay", Order: "V2", Kind: metro.FaultPending, Then: metro.ThenNever})
	w.want("applypay", payBody("V2"), "0 PS_PAYING")
	w.want("reverse", byNumber("V2"), "0 N")
	w.want("orderquery", byNumber("V2"), "0 PS_CLOSED")
	w.books("V2", 0, 0)

	w.fault(metro.Fault{Operation: "applypay", Order: "V3", Kind: metro.FaultFail})
	w.want("applypay", payBody("V3"), "0 PS_FAILED")
	if a := w.want("reverse", byNumber("V3"), "0 N"); len(a.Data) != 1 {
		t.Errorf("there was nothing to reverse, yet: %v", a.Data)
	}
	w.want("orderquery", byNumber("V3"), "0 PS_FAILED")
	w.clean()
}

func TestCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for code, payType := range map[string]string{wechatCode: "CT_WECHAT", alipayCode: "CT_ALIPAY", unionCode: "CT_UNION"} {
		a := w.want("applypay", payBody("C"+payType).with("qrcode", code), "0 PS_SUCCESS")
		if a.text("pay_type") != payType {
			t.Errorf("%q, want %q", a.text("pay_type"), payType)
		}
	}
	if a := w.want("queryuid", fields{"qrcode": alipayCode}, "0"); a.text("uid") != uid || len(a.Data) != 1 {
		t.Errorf("uid %v", a.Data)
	}
	seen := map[string]bool{}
	for payType, want := range map[string]string{
		"": "CT_WECHAT", "CT_WECHAT": "CT_WECHAT", "CT_ALIPAY": "CT_ALIPAY", "CT_UNION": "CT_UNION",
	} {
		code, err := w.sim.Code("123456789012", payType)
		if err != nil || len(code) != 36 || seen[code] {
			t.Fatalf("code %q: %v", code, err)
		}
		seen[code] = true
		a := w.want("applypay", payBody("D"+payType).with("qrcode", code), "0 PS_SUCCESS")
		if a.text("uid") != "123456789012" || a.text("pay_type") != want {
			t.Errorf("answered %v, want %s", a.Data, want)
		}
	}
	if _, err := w.sim.Code("12", ""); err == nil {
		t.Error("a code was made for a short uid")
	}
	if _, err := w.sim.Code(uid, "CT_CASH"); err == nil {
		t.Error("a code was made for cash")
	}
	w.clean()
}

func TestBill(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // 23 November 18:00 in Beijing
	w.want("applypay", payBody("B1"), "0 PS_SUCCESS")
	w.want("applypay", payBody("B2").with("total_fee", 500), "0 PS_SUCCESS")
	w.want("applypay", payBody("B3").with("qrcode", alipayCode).with("total_fee", 70), "0 PS_SUCCESS")
	w.fault(metro.Fault{Operation: "applypay", Order: "B4", Kind: metro.FaultFail})
	w.want("applypay", payBody("B4"), "0 PS_FAILED")
	w.want("reverse", byNumber("B2"), "0 N")
	w.want("refund", refundBody("B1", "R1", 10), "0 RS_SUCCESS")
	w.clock.Sleep(5*time.Hour + 59*time.Minute) // 23:59
	w.want("refund", refundBody("B1", "R2", 20), "0 RS_SUCCESS")
	w.clock.Sleep(time.Minute) // the next day
	w.want("refund", refundBody("B1", "R3", 30), "0 RS_SUCCESS")
	w.want("reverse", byNumber("B3"), "0 N")

	if a := w.want("bill", fields{"date": "20261122"}, "0"); fmt.Sprint(a.Data) != "map[bill_infos:[] date:20261122]" {
		t.Errorf("a day without movements: %v", a.Data)
	}
	w.billIs("20261123", "CT_WECHAT 2/1500 1/500 2/30; CT_ALIPAY 1/70 0/0 0/0")
	w.billIs("20261124", "CT_WECHAT 0/0 0/0 1/30; CT_ALIPAY 0/0 1/70 0/0")
	w.clean()
}

// billIs compares a day's bill: each pay_type with count/amount paid, reversed, refunded.
func (w *world) billIs(day, want string) {
	w.t.Helper()
	a := w.want("bill", fields{"date": day}, "0")
	lines, _ := a.Data["bill_infos"].([]any)
	text := ""
	for _, line := range lines {
		l, _ := line.(map[string]any)
		if text != "" {
			text += "; "
		}
		text += fmt.Sprintf("%v %v/%v %v/%v %v/%v", l["pay_type"], l["total_count"], l["total_amount"],
			l["reverse_count"], l["reverse_amount"], l["refund_count"], l["refund_amount"])
	}
	if a.Data["date"] != day || text != want {
		w.t.Errorf("the bill of %s is %q (%v), want %q", day, text, a.Data["date"], want)
	}
}

// TestConcurrentPayments looks for double charges, double refunds and refunds over the remainder.
func TestConcurrentPayments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var wait sync.WaitGroup
	all := func(op string, body func(i int) fields) {
		for i := range 16 {
			head, text := w.signed(), encode(t, body(i))
			wait.Go(func() {
				if _, err := w.sendRaw(op, head, text); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
	}
	all("applypay", func(int) fields { return payBody("X1") })
	w.books("X1", 1, 1000)
	all("refund", func(int) fields { return refundBody("X1", "R0", 100) })
	w.books("X1", 1, 900)
	all("refund", func(i int) fields { return refundBody("X1", fmt.Sprintf("R%d", i+1), 100) })
	w.books("X1", 1, 0)
	all("applypay", func(i int) fields { return payBody(fmt.Sprintf("Y%d", i%4)) })
	all("reverse", func(i int) fields { return byNumber(fmt.Sprintf("Y%d", i%4)) })
	for i := range 4 {
		w.books(fmt.Sprintf("Y%d", i), 1, 0)
	}
	if n := w.sim.Ledger().Len(); n != 1+10+8 {
		t.Errorf("%d movements", n)
	}
	w.clean()
}
