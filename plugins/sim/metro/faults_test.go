package metro_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
)

func TestPendingPayments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(metro.Fault{Operation: "applypay", Order: "W1", Kind: metro.FaultPending, Queries: 2})
	w.fault(metro.Fault{Operation: "applypay", PayerSuffix: "0404", Kind: metro.FaultPending, Queries: 1, Then: metro.ThenAbandoned})
	a := w.want("applypay", payBody("W1"), "0 PS_PAYING")
	for _, name := range []string{"pay_date", "pay_time", "pay_type", "pay_type_trade_no", "pay_err_desc"} {
		if _, there := a.Data[name]; there {
			t.Errorf("%s is there while paying", name)
		}
	}
	if a.text("pay_out_trade_no") == "" || a.text("uid") != uid || a.number("total_fee") != 1000 {
		t.Errorf("paying: %v", a.Data)
	}
	w.want("refund", refundBody("W1", "R", 1), "400104")
	w.want("orderquery", byNumber("W1"), "0 PS_PAYING")
	w.want("orderquery", byNumber("W1"), "0 PS_PAYING")
	w.books("W1", 0, 0)
	w.want("orderquery", byNumber("W1"), "0 PS_SUCCESS")
	w.books("W1", 1, 1000)

	w.want("applypay", payBody("W2").with("qrcode", wechatCode[:32]+"0404"), "0 PS_PAYING")
	w.want("orderquery", byNumber("W2"), "0 PS_PAYING")
	w.want("orderquery", byNumber("W2"), "0 PS_CLOSED")
	w.books("W2", 0, 0)
	w.want("applypay", payBody("W3"), "0 PS_SUCCESS") // untouched by the rules
	w.clean()
}

func TestUncertainPayments(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault       metro.Fault
		early, late int64
		end         string
		pays        int
	}{
		"taken":             {metro.Fault{Moved: true, Queries: 2}, 1000, 1000, "0 PS_SUCCESS", 1},
		"not taken":         {metro.Fault{Queries: 2}, 0, 0, "0 PS_FAILED", 0},
		"taken, undone":     {metro.Fault{Moved: true, Queries: 2, Then: metro.ThenAbandoned}, 1000, 0, "0 PS_FAILED", 1},
		"taken late":        {metro.Fault{Queries: 2, Then: metro.ThenPaid}, 0, 1000, "0 PS_SUCCESS", 1},
		"never known, took": {metro.Fault{Moved: true}, 1000, 1000, "0 PS_PAYING", 1},
		"never known":       {metro.Fault{}, 0, 0, "0 PS_PAYING", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.fault.Operation, c.fault.Kind = "applypay", metro.FaultUncertain
			w.fault(c.fault)
			w.want("applypay", payBody("U"), "0 PS_PAYING")
			w.books("U", c.pays*btoi(c.fault.Moved), c.early)
			for range 2 {
				w.want("orderquery", byNumber("U"), "0 PS_PAYING")
			}
			w.books("U", c.pays*btoi(c.fault.Moved), c.early)
			w.want("orderquery", byNumber("U"), c.end)
			w.books("U", c.pays, c.late)
			w.want("reverse", byNumber("U"), "0 N")
			w.books("U", c.pays, 0) // whatever was held in doubt goes back
			w.clean()
		})
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestBrokenReplies shows that the ledger tells whether the money moved, whatever became of the reply.
func TestBrokenReplies(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault metro.Fault
		moved bool
		reply string // "" = none that can be read
	}{
		"lost before":         {metro.Fault{Kind: metro.FaultLostBefore}, false, ""},
		"lost after":          {metro.Fault{Kind: metro.FaultLostAfter}, true, ""},
		"garbage":             {metro.Fault{Kind: metro.FaultGarbage}, true, ""},
		"garbage before":      {metro.Fault{Kind: metro.FaultGarbage, Stage: metro.StageBefore}, false, ""},
		"truncated":           {metro.Fault{Kind: metro.FaultTruncated}, true, ""},
		"truncated before":    {metro.Fault{Kind: metro.FaultTruncated, Stage: metro.StageBefore}, false, ""},
		"http 500":            {metro.Fault{Kind: metro.FaultHTTP500}, true, ""},
		"http 502 before":     {metro.Fault{Kind: metro.FaultHTTP500, Status: http.StatusBadGateway, Stage: metro.StageBefore}, false, ""},
		"system error":        {metro.Fault{Kind: metro.FaultSystemError}, true, "500000"},
		"system error before": {metro.Fault{Kind: metro.FaultSystemError, Stage: metro.StageBefore}, false, "500000"},
		"another code":        {metro.Fault{Kind: metro.FaultSystemError, Code: "700001"}, true, "700001"},
		"refused":             {metro.Fault{Kind: metro.FaultRefuse}, false, "400100"},
		"refused with a code": {metro.Fault{Kind: metro.FaultRefuse, Code: "600001"}, false, "600001"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			hit := func(op string, body fields) {
				t.Helper()
				fault := c.fault
				fault.Operation, fault.Times = op, 1
				w.fault(fault)
				if c.reply != "" {
					w.want(op, body, c.reply)
					return
				}
				w.wantNoReply(op, body)
			}
			hit("applypay", payBody("B1"))
			w.books("B1", btoi(c.moved), int64(1000*btoi(c.moved)))
			if !c.moved {
				w.want("orderquery", byNumber("B1"), "400102")
			}
			w.want("applypay", payBody("B2"), "0 PS_SUCCESS")
			hit("refund", refundBody("B2", "R1", 400))
			w.books("B2", 1, int64(1000-400*btoi(c.moved)))
			w.want("applypay", payBody("B3"), "0 PS_SUCCESS")
			hit("reverse", byNumber("B3"))
			w.books("B3", 1, int64(1000-1000*btoi(c.moved)))
			hit("orderquery", byNumber("B2"))
			hit("queryuid", fields{"qrcode": wechatCode})
			hit("bill", fields{"date": "20261123"})
			w.clean()
		})
	}
}

func TestCertainFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(metro.Fault{Operation: "applypay", Order: "F1", Kind: metro.FaultFail, Message: "余额不足"})
	w.fault(metro.Fault{Operation: "applypay", Order: "F2", Kind: metro.FaultFail, Code: "EXPIRED"})
	w.fault(metro.Fault{Operation: "refund", Kind: metro.FaultFail, Times: 1})
	w.fault(metro.Fault{Operation: "reverse", Kind: metro.FaultFail, Times: 1})
	a := w.want("applypay", payBody("F1"), "0 PS_FAILED")
	if a.text("pay_err_desc") != "余额不足" || a.text("pay_time") != "" {
		t.Errorf("failed: %v", a.Data)
	}
	if a := w.want("orderquery", byNumber("F1"), "0 PS_FAILED"); a.text("pay_err_desc") != "余额不足" {
		t.Errorf("failed: %v", a.Data)
	}
	if a := w.want("applypay", payBody("F2"), "0 PS_FAILED"); a.text("pay_err_desc") != "EXPIRED" {
		t.Errorf("failed: %v", a.Data)
	}
	w.want("applypay", payBody("F1"), "400101") // a failed order's number is taken all the same
	w.want("applypay", payBody("F3"), "0 PS_SUCCESS")
	r := w.want("refund", refundBody("F3", "R1", 400), "0 RS_FAILED")
	if r.text("refund_time") != "" || r.text("pay_refund_id") == "" || r.number("pay_refund_fee") != 400 {
		t.Errorf("failed refund: %v", r.Data)
	}
	w.want("refund", refundBody("F3", "R1", 400), "400105")
	// N without a date is not "reversed".
	if v := w.want("reverse", byNumber("F3"), "0 N"); len(v.Data) != 1 {
		t.Errorf("not reversed, yet: %v", v.Data)
	}
	w.want("orderquery", byNumber("F3"), "0 PS_SUCCESS")
	w.books("F1", 0, 0)
	w.books("F3", 1, 1000)
	w.want("refund", refundBody("F3", "R2", 1000), "0 RS_SUCCESS") // a failed refund leaves the whole amount
	w.books("F3", 1, 0)
	w.clean()
}

func TestReversalsThatTakeLonger(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault       metro.Fault
		early, late int64
		reversed    bool   // the last reply carries a date
		last        string // the third reply
		state       string
	}{
		"done at the end":     {metro.Fault{Kind: metro.FaultPending, Queries: 1}, 1000, 0, true, "0 N", "0 PS_CLOSED"},
		"not done at the end": {metro.Fault{Kind: metro.FaultPending, Queries: 1, Then: metro.ThenAbandoned}, 1000, 1000, false, "0 N", "0 PS_SUCCESS"},
		"never ends":          {metro.Fault{Kind: metro.FaultPending, Then: metro.ThenNever}, 1000, 1000, false, "0 Y", "0 PS_SUCCESS"},
		"unsure, done":        {metro.Fault{Kind: metro.FaultUncertain, Queries: 1, Moved: true}, 0, 0, true, "0 N", "0 PS_CLOSED"},
		"unsure, not done":    {metro.Fault{Kind: metro.FaultUncertain, Queries: 1}, 1000, 1000, false, "0 N", "0 PS_SUCCESS"},
		"unsure for ever":     {metro.Fault{Kind: metro.FaultUncertain, Moved: true}, 0, 0, false, "0 Y", "0 PS_CLOSED"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.fault.Operation, c.fault.Times = "reverse", 1
			w.fault(c.fault)
			w.want("applypay", payBody("L"), "0 PS_SUCCESS")
			if a := w.want("reverse", byNumber("L"), "0 Y"); len(a.Data) != 1 {
				t.Errorf("Y with %v", a.Data)
			}
			w.books("L", 1, c.early)
			w.want("refund", refundBody("L", "R", 1), "400104") // not beside a reversal
			w.want("reverse", byNumber("L"), "0 Y")
			a := w.want("reverse", byNumber("L"), c.last)
			if (a.text("reverse_date") != "") != c.reversed || (a.text("reverse_time") != "") != c.reversed {
				t.Errorf("the last reply: %v", a.Data)
			}
			w.books("L", 1, c.late)
			w.want("orderquery", byNumber("L"), c.state)
			w.clean()
		})
	}
}

func TestRefundsThatTakeLonger(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault       metro.Fault
		early, late int64
		state       string
	}{
		"done":             {metro.Fault{Kind: metro.FaultPending, Queries: 1}, 1000, 600, metro.RefundDone},
		"failed":           {metro.Fault{Kind: metro.FaultPending, Queries: 1, Then: metro.ThenAbandoned}, 1000, 1000, metro.RefundFailed},
		"never":            {metro.Fault{Kind: metro.FaultPending, Then: metro.ThenNever}, 1000, 1000, metro.RefundProcessing},
		"unsure, done":     {metro.Fault{Kind: metro.FaultUncertain, Queries: 1, Moved: true}, 600, 600, metro.RefundDone},
		"unsure, not done": {metro.Fault{Kind: metro.FaultUncertain, Queries: 1}, 1000, 1000, metro.RefundFailed},
		"unsure, late":     {metro.Fault{Kind: metro.FaultUncertain, Queries: 1, Then: metro.ThenPaid}, 1000, 600, metro.RefundDone},
		"unsure for ever":  {metro.Fault{Kind: metro.FaultUncertain, Moved: true}, 600, 600, metro.RefundProcessing},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.fault.Operation, c.fault.Times = "refund", 1
			w.fault(c.fault)
			w.want("applypay", payBody("L"), "0 PS_SUCCESS")
			r := w.want("refund", refundBody("L", "R1", 400), "0 RS_PROCESSING")
			if r.text("refund_date") != "" || r.text("pay_refund_id") == "" {
				t.Errorf("processing: %v", r.Data)
			}
			w.books("L", 1, c.early)
			w.want("refund", refundBody("L", "R1", 400), "400105")
			w.want("refund", refundBody("L", "R2", 601), "400106") // what is under way is spoken for
			w.want("reverse", byNumber("L"), "400104")
			w.want("orderquery", byNumber("L"), "0 PS_SUCCESS")
			w.books("L", 1, c.early)
			w.want("orderquery", byNumber("L"), "0 PS_SUCCESS")
			w.books("L", 1, c.late)
			if o, _ := w.sim.Order(mchID, "L"); o.Refunds[0].State != c.state {
				t.Errorf("the refund is %s, want %s", o.Refunds[0].State, c.state)
			}
			w.billIs("20261123", map[int64]string{
				600: "CT_WECHAT 1/1000 0/0 1/400", 1000: "CT_WECHAT 1/1000 0/0 0/0",
			}[c.late]) // the bill knows what no query tells
			w.clean()
		})
	}
}

// TestMovedRefundsStay lets somebody call a refund failed whose money has gone back.
func TestMovedRefundsStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want("applypay", payBody("M"), "0 PS_SUCCESS")
	w.fault(metro.Fault{Operation: "refund", Kind: metro.FaultUncertain, Moved: true})
	w.want("refund", refundBody("M", "R1", 400), "0 RS_PROCESSING")
	if err := w.sim.SettleRefund(mchID, "M", "R1", false); err != nil {
		t.Fatal(err)
	}
	if o, _ := w.sim.Order(mchID, "M"); o.Refunds[0].State != metro.RefundDone {
		t.Errorf("the refund is %s", o.Refunds[0].State)
	}
	w.books("M", 1, 600)
	for _, missing := range []error{
		w.sim.SettleRefund(mchID, "M", "R1", true), w.sim.SettleRefund(mchID, "N", "R1", true),
		w.sim.CloseOrder(mchID, "M"), w.sim.CloseOrder(mchID, "N"), w.sim.PayOrder(mchID, "N"),
	} {
		if missing == nil {
			t.Error("what is not there was done")
		}
	}
	w.clean()
}

func TestCoupons(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(metro.Fault{Operation: "applypay", Kind: metro.FaultCoupon, Amount: 100})
	if a := w.want("applypay", payBody("C1").with("total_fee", 999), "0 PS_SUCCESS"); a.number("pay_coupon_fee") != 100 || a.number("total_fee") != 999 {
		t.Errorf("answered %v", a.Data)
	}
	for i, c := range []struct {
		fee    int
		coupon int64
	}{{333, 33}, {333, 33}, {333, 34}} {
		r := w.want("refund", refundBody("C1", string(rune('a'+i)), c.fee), "0 RS_SUCCESS")
		if r.number("pay_refund_coupon_fee") != c.coupon || r.number("pay_refund_fee") != int64(c.fee) {
			t.Errorf("refund %d: %v", i, r.Data)
		}
	}
	if a := w.want("applypay", payBody("C2").with("total_fee", 60), "0 PS_SUCCESS"); a.number("pay_coupon_fee") != 60 {
		t.Errorf("a coupon over the amount: %v", a.Data)
	}
	huge := payBody("C3").with("total_fee", int64(9_000_000_000_000_000))
	w.want("applypay", huge, "0 PS_SUCCESS")
	if r := w.want("refund", refundBody("C3", "h", 4_500_000_000_000_000), "0 RS_SUCCESS"); r.number("pay_refund_coupon_fee") != 50 {
		t.Errorf("half of a huge order: %v", r.Data)
	}
	w.books("C1", 1, 0)
	w.clean()
}

func TestUntrueReplies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	once := func(op string, f metro.Fault) {
		t.Helper()
		f.Operation, f.Times = op, 1
		w.fault(f)
	}
	once("applypay", metro.Fault{Kind: metro.FaultWrongAmount})
	if a := w.want("applypay", payBody("A"), "0 PS_SUCCESS"); a.number("total_fee") != 1001 {
		t.Errorf("wrong amount: %v", a.Data)
	}
	w.books("A", 1, 1000)
	right := w.want("orderquery", byNumber("A"), "0 PS_SUCCESS")
	once("orderquery", metro.Fault{Kind: metro.FaultWrongAmount, Amount: 7})
	if a := w.want("orderquery", byNumber("A"), "0 PS_SUCCESS"); a.number("total_fee") != 7 {
		t.Errorf("wrong amount: %v", a.Data)
	}
	once("orderquery", metro.Fault{Kind: metro.FaultWrongOrder})
	if a := w.want("orderquery", byNumber("A"), "0 PS_SUCCESS"); a.text("pay_out_trade_no") == right.text("pay_out_trade_no") {
		t.Errorf("wrong order: %v", a.Data)
	}
	once("refund", metro.Fault{Kind: metro.FaultWrongAmount})
	if r := w.want("refund", refundBody("A", "R1", 10), "0 RS_SUCCESS"); r.number("pay_refund_fee") != 11 || r.number("total_fee") != 1000 {
		t.Errorf("wrong amount: %v", r.Data)
	}
	once("refund", metro.Fault{Kind: metro.FaultWrongOrder})
	r := w.want("refund", refundBody("A", "R2", 10), "0 RS_SUCCESS")
	for _, name := range []string{"out_request_no", "pay_out_trade_no", "out_refund_no", "pay_refund_id"} {
		if value := r.text(name); value == "" || value == "A" || value == "R2" {
			t.Errorf("wrong order: %s = %q", name, value)
		}
	}
	w.books("A", 1, 980)
	once("bill", metro.Fault{Kind: metro.FaultWrongAmount, Amount: 5})
	w.billIs("20261123", "CT_WECHAT 1/5 0/0 2/20")
	w.billIs("20261123", "CT_WECHAT 1/1000 0/0 2/20")

	for _, c := range []struct {
		op   string
		body fields
	}{
		{"applypay", payBody("O")},
		{"orderquery", byNumber("O")},
		{"refund", refundBody("O", "R3", 10)},
		{"applypay", payBody("P")},
		{"reverse", byNumber("P")},
	} {
		once(c.op, metro.Fault{Kind: metro.FaultOddStatus, Code: "ODD"})
		w.want(c.op, c.body, "0 ODD")
	}
	w.books("O", 1, 990)
	w.books("P", 1, 0)
	once("orderquery", metro.Fault{Kind: metro.FaultOddStatus})
	w.want("orderquery", byNumber("A"), "0") // no status at all
	for _, op := range []string{"orderquery", "reverse", "refund"} {
		once(op, metro.Fault{Kind: metro.FaultNotExist})
		w.want(op, documentedMessages()[op].body.with("out_request_no", "A"), "400102")
	}
	once("queryuid", metro.Fault{Kind: metro.FaultNotExist})
	w.want("queryuid", fields{"qrcode": wechatCode}, "400103")
	w.want("orderquery", byNumber("A"), "0 PS_SUCCESS")
	w.clean()
}

func TestDelays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(metro.Fault{Operation: "applypay", Kind: metro.FaultDelay, Delay: metro.Delay(3 * time.Second)})
	w.fault(metro.Fault{Operation: "applypay", Kind: metro.FaultDelay, Delay: metro.Delay(4 * time.Second), Stage: metro.StageAfter})
	if a := w.want("applypay", payBody("D"), "0 PS_SUCCESS"); a.text("pay_time") != "20261123180003" {
		t.Errorf("paid at %s", a.text("pay_time"))
	}
	if slept := w.clock.Slept(); len(slept) != 2 || slept[0] != 3*time.Second || slept[1] != 4*time.Second {
		t.Errorf("slept %v", slept)
	}
}

// TestCloseEndsDelays lets Close end an hour's wait; what it held up is done all the same.
func TestCloseEndsDelays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *metro.Options) { o.Sleep = nil })
	w.fault(metro.Fault{Operation: "applypay", Kind: metro.FaultDelay, Delay: metro.Delay(time.Hour)})
	head, body := w.signed(), encode(t, payBody("D"))
	answers := make(chan string, 1)
	go func() {
		a, err := w.sendRaw("applypay", head, body)
		if err != nil {
			t.Error(err)
		}
		answers <- a.String()
	}()
	for w.sim.Faults().List()[0].Hits == 0 { // until the call waits
		select {
		case a := <-answers:
			t.Fatalf("answered %q at once", a)
		default:
			runtime.Gosched()
		}
	}
	if err := w.sim.Close(); err != nil {
		t.Error(err)
	}
	if a := <-answers; a != "0 PS_SUCCESS" {
		t.Errorf("answered %q", a)
	}
	w.books("D", 1, 1000)
}

// TestFaultsFindOrders lets a rule for an order hit calls that name only the provider's number.
func TestFaultsFindOrders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tradeNo := w.want("applypay", payBody("F"), "0 PS_SUCCESS").text("pay_out_trade_no")
	w.fault(metro.Fault{Operation: "reverse", Order: "F", Account: mchID, Kind: metro.FaultRefuse})
	w.want("reverse", fields{"pay_out_trade_no": tradeNo}, "400100")
	w.sim.ClearFaults()
	w.want("reverse", fields{"pay_out_trade_no": tradeNo}, "0 N")
}

func TestImpossibleFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for want, fault := range map[string]metro.Fault{
		"no operation":      {Operation: "precreate", Kind: metro.FaultDelay, Delay: 1},
		"no fault of kind":  {Kind: "bad-signature"},
		"needs a kind":      {},
		"one of the":        {Operation: "bill", Kind: metro.FaultPending},
		"operations":        {Kind: metro.FaultFail},
		"needs an amount":   {Operation: "applypay", Kind: metro.FaultCoupon},
		"code of success":   {Kind: metro.FaultRefuse, Code: "0"},
		"not \"explode\"":   {Operation: "applypay", Kind: metro.FaultPending, Then: "explode"},
		"cannot be negativ": {Operation: "applypay", Kind: metro.FaultPending, Queries: -1},
	} {
		if _, err := w.sim.AddFault(fault); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", fault, err, want)
		}
	}
	if len(w.sim.Faults().List()) != 0 {
		t.Error("an impossible fault is armed")
	}
}
