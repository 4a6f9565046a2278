package shouqianba_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

func TestPendingPayments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(shouqianba.Fault{Operation: "pay", Order: "W1", Kind: shouqianba.FaultPending, Queries: 2})
	w.fault(shouqianba.Fault{Operation: "pay", PayerSuffix: "0404", Kind: shouqianba.FaultPending, Queries: 1, Then: shouqianba.ThenAbandoned})
	w.fault(shouqianba.Fault{Operation: "precreate", Kind: shouqianba.FaultPending, Queries: 1})
	a := w.want("pay", payBody("W1"), "PAY_IN_PROGRESS CREATED")
	if a.Biz.Data["finish_time"] != "" || a.Biz.Data["sn"] == "" {
		t.Errorf("in progress answered %v", a.Biz.Data)
	}
	w.want("query", numberBody("W1"), "SUCCESS CREATED")
	w.want("query", numberBody("W1"), "SUCCESS CREATED")
	w.books("W1", 0, 0)
	w.want("query", numberBody("W1"), "SUCCESS PAID")
	w.books("W1", 1, 1000)

	w.want("pay", payBody("W2").with("dynamic_id", "281234567890120404"), "PAY_IN_PROGRESS CREATED")
	w.want("query", numberBody("W2"), "SUCCESS CREATED")
	w.want("query", numberBody("W2"), "SUCCESS PAY_CANCELED")
	w.books("W2", 0, 0)

	w.want("precreate", precreateBody("W3"), "PRECREATE_SUCCESS CREATED")
	w.want("query", numberBody("W3"), "SUCCESS CREATED")
	w.want("query", numberBody("W3"), "SUCCESS PAID")
	w.books("W3", 1, 1000)
	w.want("pay", payBody("W4"), "PAY_SUCCESS PAID") // untouched by the rules
}

// TestBrokenReplies shows that the ledger tells whether the money moved, whatever became of the reply.
func TestBrokenReplies(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault shouqianba.Fault
		moved bool
		reply string // "" = none that can be read
	}{
		"lost before":         {shouqianba.Fault{Kind: shouqianba.FaultLostBefore}, false, ""},
		"lost after":          {shouqianba.Fault{Kind: shouqianba.FaultLostAfter}, true, ""},
		"garbage":             {shouqianba.Fault{Kind: shouqianba.FaultGarbage}, true, ""},
		"garbage before":      {shouqianba.Fault{Kind: shouqianba.FaultGarbage, Stage: shouqianba.StageBefore}, false, ""},
		"truncated":           {shouqianba.Fault{Kind: shouqianba.FaultTruncated}, true, ""},
		"truncated before":    {shouqianba.Fault{Kind: shouqianba.FaultTruncated, Stage: shouqianba.StageBefore}, false, ""},
		"http 500":            {shouqianba.Fault{Kind: shouqianba.FaultHTTP500}, true, ""},
		"http 502 before":     {shouqianba.Fault{Kind: shouqianba.FaultHTTP500, Status: http.StatusBadGateway, Stage: shouqianba.StageBefore}, false, ""},
		"system error":        {shouqianba.Fault{Kind: shouqianba.FaultSystemError}, true, "500 UNKNOWN_SYSTEM_ERROR"},
		"system error before": {shouqianba.Fault{Kind: shouqianba.FaultSystemError, Stage: shouqianba.StageBefore}, false, "500 UNKNOWN_SYSTEM_ERROR"},
		"maintenance":         {shouqianba.Fault{Kind: shouqianba.FaultSystemError, Code: "MAINTENANCE_INPROGRESS"}, true, "500 MAINTENANCE_INPROGRESS"},
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
			state := func(clientSN, moved, otherwise string) {
				t.Helper()
				if !c.moved {
					moved = otherwise
				}
				w.want("query", numberBody(clientSN), moved)
			}
			hit("pay", payBody("B1"))
			state("B1", "SUCCESS PAID", "FAIL UPAY_ORDER_NOT_EXIST")

			w.want("pay", payBody("B2"), "PAY_SUCCESS PAID")
			hit("refund", refundBody("B2", "R1", "400"))
			state("B2", "SUCCESS PARTIAL_REFUNDED", "SUCCESS PAID")

			w.want("pay", payBody("B3"), "PAY_SUCCESS PAID")
			hit("cancel", numberBody("B3"))
			state("B3", "SUCCESS CANCELED", "SUCCESS PAID")

			hit("precreate", precreateBody("B4"))
			state("B4", "SUCCESS CREATED", "FAIL UPAY_ORDER_NOT_EXIST")
			hit("query", numberBody("B2"))
			if c.moved {
				w.books("B1", 1, 1000)
				w.books("B2", 1, 600)
				w.books("B3", 1, 0)
			} else {
				w.books("B1", 0, 0)
				w.books("B2", 1, 1000)
				w.books("B3", 1, 1000)
			}
			w.clean()
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	cases := []struct {
		code, result, want string
	}{
		{"", "", "FAIL TRADE_FAILED"},
		{"TRADE_HAS_SUCCESS", "", "FAIL TRADE_HAS_SUCCESS"},
		{"SELLER_BALANCE_NOT_ENOUGH", "", "FAIL SELLER_BALANCE_NOT_ENOUGH"},
		{"ILLEGAL_SIGN", "", "400 ILLEGAL_SIGN"},
		{"TERMINAL_NOT_EXISTS", "", "400 TERMINAL_NOT_EXISTS"},
		{"INVALID_PARAMETER", "", "400 INVALID_PARAMETER"},
		{"MAINTENANCE_INPROGRESS", "", "500 MAINTENANCE_INPROGRESS"},
		{"ANYTHING", "400", "400 ANYTHING"},
		{"ANYTHING", "500", "500 ANYTHING"},
		{"TRADE_FAILED", "PAY_FAIL_ERROR", "PAY_FAIL_ERROR TRADE_FAILED"},
		{"INVALID_BARCODE", "PAY_FAIL", "PAY_FAIL INVALID_BARCODE"},
	}
	for _, c := range cases {
		t.Run(c.want, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.fault(shouqianba.Fault{Kind: shouqianba.FaultRefuse, Code: c.code, Result: c.result})
			for op, m := range messages() {
				if op == "activate" || op == "checkin" {
					continue
				}
				w.want(op, m.body, c.want)
			}
			if len(w.sim.Orders()) != 0 || len(w.sim.Ledger().Entries()) != 0 {
				t.Error("a refused call did something")
			}
			w.clean()
		})
	}
}

func TestCertainFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(shouqianba.Fault{Operation: "pay", Order: "F1", Kind: shouqianba.FaultFail, Code: "EXPIRED_BARCODE"})
	w.fault(shouqianba.Fault{Operation: "pay", Order: "F2", Kind: shouqianba.FaultFail})
	w.fault(shouqianba.Fault{Operation: "precreate", Kind: shouqianba.FaultFail})
	w.fault(shouqianba.Fault{Operation: "refund", Kind: shouqianba.FaultFail, Code: "SELLER_BALANCE_NOT_ENOUGH", Times: 1})
	w.fault(shouqianba.Fault{Operation: "cancel", Kind: shouqianba.FaultFail, Times: 1})
	a := w.want("pay", payBody("F1"), "PAY_FAIL EXPIRED_BARCODE PAY_CANCELED")
	if a.Biz.Message != "过期的支付条码" || a.Biz.Data["status"] != "FAIL_CANCELED" || a.Biz.Data["trade_no"] != "" || a.Biz.Data["subject"] != "" {
		t.Errorf("%q %v", a.Biz.Message, a.Biz.Data)
	}
	w.want("query", numberBody("F1"), "SUCCESS PAY_CANCELED")
	w.want("pay", payBody("F2"), "PAY_FAIL TRADE_FAILED PAY_CANCELED")
	w.want("precreate", precreateBody("F3"), "PRECREATE_FAIL TRADE_FAILED PAY_CANCELED")
	w.want("pay", payBody("F4"), "PAY_SUCCESS PAID")
	w.want("refund", refundBody("F4", "R1", "1"), "FAIL SELLER_BALANCE_NOT_ENOUGH")
	w.want("cancel", numberBody("F4"), "FAIL UPAY_CANCEL_INVALID_ORDER_STATE")
	w.want("refund", refundBody("F4", "R1", "1"), "REFUND_SUCCESS PARTIAL_REFUNDED") // a refused number is not used up
	w.books("F1", 0, 0)
	w.books("F4", 1, 999)
	w.clean()
}

func TestUncertainPayment(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault       shouqianba.Fault
		early, late int64
		end         string
		pays        int
	}{
		"took, undone":      {shouqianba.Fault{Moved: true, Queries: 2}, 1000, 0, "SUCCESS PAY_CANCELED", 1},
		"not taken":         {shouqianba.Fault{Queries: 2}, 0, 0, "SUCCESS PAY_CANCELED", 0},
		"took, stays":       {shouqianba.Fault{Moved: true, Queries: 2, Then: shouqianba.ThenPaid}, 1000, 1000, "SUCCESS PAID", 1},
		"taken late":        {shouqianba.Fault{Queries: 2, Then: shouqianba.ThenPaid}, 0, 1000, "SUCCESS PAID", 1},
		"never known, took": {shouqianba.Fault{Moved: true}, 1000, 1000, "SUCCESS PAY_ERROR", 1},
		"never known":       {shouqianba.Fault{}, 0, 0, "SUCCESS PAY_ERROR", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.fault.Operation, c.fault.Kind = "pay", shouqianba.FaultUncertain
			w.fault(c.fault)
			w.want("pay", payBody("U"), "PAY_FAIL_ERROR UNEXPECTED_PROVIDER_ERROR PAY_ERROR")
			key := shouqianba.Key(terminalSN, "U")
			for range 2 {
				w.want("query", numberBody("U"), "SUCCESS PAY_ERROR")
				if net := w.sim.Ledger().Net(key); net != c.early {
					t.Fatalf("net %d while in doubt, want %d", net, c.early)
				}
			}
			w.want("refund", refundBody("U", "R", "1"), "FAIL UPAY_REFUND_INVALID_ORDER_STATE")
			w.want("query", numberBody("U"), c.end)
			w.books("U", c.pays, c.late)
		})
	}
}

func TestUncertainRefund(t *testing.T) {
	t.Parallel()
	for _, moved := range []bool{true, false} {
		t.Run(fmt.Sprintf("moved %v", moved), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.fault(shouqianba.Fault{Operation: "refund", Kind: shouqianba.FaultUncertain, Moved: moved, Queries: 1, Times: 1, Skip: 1})
			w.want("pay", payBody("U"), "PAY_SUCCESS PAID")
			w.want("refund", refundBody("U", "R1", "100"), "REFUND_SUCCESS PARTIAL_REFUNDED")
			a := w.want("refund", refundBody("U", "R2", "900"), "REFUND_ERROR UNEXPECTED_PROVIDER_ERROR REFUND_ERROR")
			if a.Biz.Data["net_amount"] != "900" {
				t.Errorf("net_amount %q in doubt, want 900", a.Biz.Data["net_amount"])
			}
			w.want("query", numberBody("U"), "SUCCESS REFUND_ERROR")
			w.want("refund", refundBody("U", "R2", "900"), "FAIL REFUND_REQUEST_CONFLICT")
			w.want("refund", refundBody("U", "R3", "1"), "FAIL UPAY_REFUND_INVALID_ORDER_STATE")
			w.want("cancel", numberBody("U"), "FAIL UPAY_CANCEL_INVALID_ORDER_STATE")
			if moved {
				w.books("U", 1, 0)
				w.want("query", numberBody("U"), "SUCCESS REFUNDED")
				return
			}
			w.books("U", 1, 900)
			w.want("query", numberBody("U"), "SUCCESS PARTIAL_REFUNDED")
			w.want("refund", refundBody("U", "R3", "900"), "REFUND_SUCCESS REFUNDED")
		})
	}
}

func TestUncertainCancel(t *testing.T) {
	t.Parallel()
	for _, moved := range []bool{true, false} {
		for _, paid := range []bool{true, false} {
			t.Run(fmt.Sprintf("moved %v paid %v", moved, paid), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.fault(shouqianba.Fault{Operation: "cancel", Kind: shouqianba.FaultUncertain, Moved: moved, Queries: 1, Times: 1})
				result, before, pays, net := "CANCEL_ERROR", "SUCCESS PAID", 1, int64(1000)
				if !paid {
					w.fault(shouqianba.Fault{Operation: "pay", Kind: shouqianba.FaultPending, Then: shouqianba.ThenNever})
					result, before, pays, net = "CANCEL_ABORT_ERROR", "SUCCESS CREATED", 0, 0
				}
				if _, err := w.send("pay", payBody("U")); err != nil {
					t.Fatal(err)
				}
				w.want("cancel", numberBody("U"), result+" UNEXPECTED_PROVIDER_ERROR CANCEL_ERROR")
				w.want("query", numberBody("U"), "SUCCESS CANCEL_ERROR")
				end := before
				if moved {
					end, net = "SUCCESS CANCELED", 0
				}
				w.books("U", pays, net)
				w.want("query", numberBody("U"), end)
				w.books("U", pays, net)
				if !moved {
					if _, err := w.send("cancel", numberBody("U")); err != nil {
						t.Fatal(err)
					}
				}
				w.want("query", numberBody("U"), "SUCCESS CANCELED")
				w.books("U", pays, 0)
			})
		}
	}
}

func TestCancelEndsADoubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(shouqianba.Fault{Operation: "pay", Kind: shouqianba.FaultUncertain, Moved: true})
	w.fault(shouqianba.Fault{Operation: "cancel", Kind: shouqianba.FaultUncertain, Times: 1})
	w.want("pay", payBody("U"), "PAY_FAIL_ERROR UNEXPECTED_PROVIDER_ERROR PAY_ERROR")
	w.want("cancel", numberBody("U"), "CANCEL_ERROR UNEXPECTED_PROVIDER_ERROR CANCEL_ERROR")
	w.books("U", 1, 1000)
	w.want("cancel", numberBody("U"), "CANCEL_SUCCESS CANCELED")
	w.books("U", 1, 0)
}

func TestQueryOvertakesTheOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(shouqianba.Fault{Operation: "query", Kind: shouqianba.FaultNotExist, Times: 2})
	w.fault(shouqianba.Fault{Operation: "cancel", Kind: shouqianba.FaultNotExist, Code: "UPAY_ORDER_NOT_EXISTS", Times: 1})
	w.want("pay", payBody("O"), "PAY_SUCCESS PAID")
	w.want("query", numberBody("O"), "FAIL UPAY_ORDER_NOT_EXIST")
	w.want("query", numberBody("O"), "FAIL UPAY_ORDER_NOT_EXIST")
	w.want("cancel", numberBody("O"), "FAIL UPAY_ORDER_NOT_EXISTS")
	w.want("query", numberBody("O"), "SUCCESS PAID")
	w.books("O", 1, 1000)
}

func TestWrongReplies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(shouqianba.Fault{Operation: "pay", Kind: shouqianba.FaultWrongAmount, Times: 1})
	w.fault(shouqianba.Fault{Operation: "query", Kind: shouqianba.FaultWrongAmount, Amount: 7, Times: 1})
	w.fault(shouqianba.Fault{Operation: "query", Kind: shouqianba.FaultWrongOrder, Times: 1})
	if a := w.want("pay", payBody("X"), "PAY_SUCCESS PAID"); a.Biz.Data["total_amount"] != "1001" {
		t.Errorf("pay answered %v", a.Biz.Data)
	}
	if a := w.want("query", numberBody("X"), "SUCCESS PAID"); a.Biz.Data["total_amount"] != "7" {
		t.Errorf("query answered %v", a.Biz.Data)
	}
	if a := w.want("query", numberBody("X"), "SUCCESS PAID"); a.Biz.Data["client_sn"] == "X" || a.Biz.Data["sn"] == "" {
		t.Errorf("query answered %v", a.Biz.Data)
	}
	if a := w.want("query", numberBody("X"), "SUCCESS PAID"); a.Biz.Data["total_amount"] != "1000" || a.Biz.Data["client_sn"] != "X" {
		t.Errorf("query answered %v", a.Biz.Data)
	}
	w.books("X", 1, 1000)
}

func TestDelays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(shouqianba.Fault{Operation: "pay", Kind: shouqianba.FaultDelay, Delay: shouqianba.Delay(time.Minute)})
	w.fault(shouqianba.Fault{Operation: "pay", Kind: shouqianba.FaultDelay, Delay: shouqianba.Delay(time.Hour), Stage: shouqianba.StageAfter})
	w.fault(shouqianba.Fault{Operation: "pay", Kind: shouqianba.FaultLostAfter, Delay: shouqianba.Delay(time.Second)})
	start := w.clock.Now()
	w.wantNoReply("pay", payBody("D"))
	order, ok := w.sim.Order(terminalSN, "D")
	if !ok || !order.PaidAt.Equal(start.Add(61*time.Second)) || !w.clock.Now().Equal(start.Add(61*time.Second+time.Hour)) {
		t.Errorf("paid at %v, now %v, started %v", order.PaidAt, w.clock.Now(), start)
	}
}

func TestFaultsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, fault := range map[string]shouqianba.Fault{
		"no kind":             {Operation: "pay"},
		"unknown kind":        {Operation: "pay", Kind: "explode"},
		"unknown operation":   {Operation: "payout", Kind: shouqianba.FaultDelay, Delay: 1},
		"pending query":       {Operation: "query", Kind: shouqianba.FaultPending},
		"pending anything":    {Kind: shouqianba.FaultPending},
		"uncertain precreate": {Operation: "precreate", Kind: shouqianba.FaultUncertain},
		"not-exist pay":       {Operation: "pay", Kind: shouqianba.FaultNotExist},
		"delay without delay": {Kind: shouqianba.FaultDelay},
		"probability":         {Kind: shouqianba.FaultLostAfter, Probability: 1.1},
		"negative times":      {Kind: shouqianba.FaultLostAfter, Times: -1},
		"stage":               {Kind: shouqianba.FaultGarbage, Stage: "during"},
		"then":                {Operation: "pay", Kind: shouqianba.FaultPending, Then: "maybe"},
	} {
		if _, err := w.sim.AddFault(fault); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestChaosIsReproducible runs the same calls in two orders under chance: the same seed makes the same ledger.
func TestChaosIsReproducible(t *testing.T) {
	t.Parallel()
	run := func(seed uint64, backwards bool) (paid string, moved int64) {
		w := newWorld(t, func(o *shouqianba.Options) { o.Seed = seed })
		w.fault(shouqianba.Fault{Kind: shouqianba.FaultLostBefore, Probability: 0.2})
		w.fault(shouqianba.Fault{Kind: shouqianba.FaultLostAfter, Probability: 0.2})
		for i := range 60 {
			if backwards {
				i = 59 - i
			}
			_, _ = w.send("pay", payBody(fmt.Sprintf("K%02d", i)))
		}
		for i := range 60 {
			n := w.sim.Ledger().Pays(shouqianba.Key(terminalSN, fmt.Sprintf("K%02d", i)))
			paid += fmt.Sprint(n)
			moved += int64(n)
		}
		return paid, moved
	}
	a, moved := run(1, false)
	b, _ := run(1, true)
	c, _ := run(2, false)
	if a != b || a == c || moved < 30 || moved > 59 {
		t.Errorf("seed 1: %s and %s, seed 2: %s, %d of 60 paid", a, b, c, moved)
	}
}

// TestCloseEndsADelay: a hanging call holds neither Close nor the server behind it.
func TestCloseEndsADelay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *shouqianba.Options) { o.Sleep = nil })
	w.fault(shouqianba.Fault{Operation: "pay", Kind: shouqianba.FaultDelay, Delay: shouqianba.Delay(time.Hour)})
	answered := make(chan error, 1)
	go func() {
		_, err := w.send("pay", payBody("D"))
		answered <- err
	}()
	for w.sim.Calls("pay") == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := w.sim.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	w.books("D", 1, 1000)
}
