package bestpay_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/bestpay"
)

func TestPendingPayments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(bestpay.Fault{Operation: "barcode", Order: "W1", Kind: bestpay.FaultPending, Queries: 2})
	w.fault(bestpay.Fault{Operation: "barcode", PayerSuffix: "0404", Kind: bestpay.FaultPending, Queries: 1, Then: bestpay.ThenAbandoned, Code: "INSUFFICIENT_FUND"})
	w.fault(bestpay.Fault{Operation: "barcode", PayerSuffix: "0505", Kind: bestpay.FaultPending, Then: bestpay.ThenAbandoned, Result: "CLOSE"})
	w.fault(bestpay.Fault{Operation: "barcode", PayerSuffix: "0606", Kind: bestpay.FaultPending, Then: bestpay.ThenNever})
	w.fault(bestpay.Fault{Operation: "qr", Kind: bestpay.FaultPending, Queries: 1})
	a := w.want("barcode", w.barcodeBody("W1"), "WAITFORPAY")
	if a.result["payAmt"] != nil || a.result["disCountAmt"] != nil || a.result["tradeNo"] == nil {
		t.Errorf("an unpaid order answered %v", a.result)
	}
	w.want("confirm", confirmBody("W1"), "WAITFORPAY")
	w.want("confirm", confirmBody("W1"), "WAITFORPAY")
	w.books("W1", 0, 0)
	w.want("confirm", confirmBody("W1"), "SUCCESS")
	w.books("W1", 1, 1000)

	w.want("barcode", w.barcodeBody("W2").with("mediumNo", "510012345678900404"), "WAITFORPAY")
	w.want("confirm", confirmBody("W2"), "WAITFORPAY")
	if code := w.want("confirm", confirmBody("W2"), "FAIL").result["errorMsgCode"]; code != "INSUFFICIENT_FUND" {
		t.Errorf("errorMsgCode %v", code)
	}
	w.want("barcode", w.barcodeBody("W3").with("mediumNo", "510012345678900505"), "WAITFORPAY")
	w.want("confirm", confirmBody("W3"), "CLOSE")
	w.want("barcode", w.barcodeBody("W4").with("mediumNo", "510012345678900606"), "WAITFORPAY")
	w.want("confirm", confirmBody("W4"), "WAITFORPAY")
	w.clock.Sleep(1500 * time.Second)
	w.want("confirm", confirmBody("W4"), "CLOSE")
	w.want("qr", w.qrBody("W5"), "WAITFORPAY")
	w.want("confirm", confirmBody("W5"), "WAITFORPAY")
	w.want("confirm", confirmBody("W5"), "SUCCESS")
	w.books("W2", 0, 0)
	w.books("W3", 0, 0)
	w.books("W5", 1, 1000)
	w.clean()
}

func TestPendingRefunds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want("barcode", w.barcodeBody("P"), "SUCCESS")
	w.fault(bestpay.Fault{Operation: "refund", Kind: bestpay.FaultPending, Queries: 1, Times: 1})
	w.fault(bestpay.Fault{Operation: "refund", Kind: bestpay.FaultPending, Then: bestpay.ThenAbandoned, Times: 1})
	w.fault(bestpay.Fault{Operation: "refund", Kind: bestpay.FaultPending, Then: bestpay.ThenNever, Times: 2})
	w.want("refund", w.refundBody("P", "R1", 100), "WAITFORPAY")
	w.want("refund", w.refundBody("P", "R2", 200), "WAITFORPAY")
	w.want("refund", w.refundBody("P", "R3", 300), "WAITFORPAY")
	w.want("refund", w.refundBody("P", "R4", 400), "WAITFORPAY")
	w.want("refund", w.refundBody("P", "R5", 1), "REFUND_AMOUNT_EXCEED") // what is being processed counts
	w.books("P", 1, 1000)
	w.want("refund-query", refundQueryBody("P", "R1"), "WAITFORPAY")
	w.want("refund-query", refundQueryBody("P", "R1"), "SUCCESS")
	w.want("refund-query", refundQueryBody("P", "R2"), "FAIL")
	w.want("refund-query", refundQueryBody("P", "R3"), "WAITFORPAY")
	w.books("P", 1, 900)
	for number, made := range map[string]bool{"R3": true, "R4": false} {
		if err := w.sim.FinishRefund(merchantNo, "P", number, made); err != nil {
			t.Fatal(err)
		}
		if w.sim.FinishRefund(merchantNo, "P", number, made) == nil {
			t.Error("a refund was finished twice")
		}
	}
	w.want("refund-query", refundQueryBody("P", "R3"), "SUCCESS")
	w.want("refund-query", refundQueryBody("P", "R4"), "FAIL")
	w.want("refund", w.refundBody("P", "R5", 600), "SUCCESS") // a failed refund gives its amount back
	w.books("P", 1, 0)
	w.clean()
}

// TestBrokenReplies shows that the ledger tells whether the money moved, whatever became of the reply.
func TestBrokenReplies(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault bestpay.Fault
		moved bool
		reply string // "" = none that can be read and verified
	}{
		"lost before":         {bestpay.Fault{Kind: bestpay.FaultLostBefore}, false, ""},
		"lost after":          {bestpay.Fault{Kind: bestpay.FaultLostAfter}, true, ""},
		"garbage":             {bestpay.Fault{Kind: bestpay.FaultGarbage}, true, ""},
		"garbage before":      {bestpay.Fault{Kind: bestpay.FaultGarbage, Stage: bestpay.StageBefore}, false, ""},
		"truncated":           {bestpay.Fault{Kind: bestpay.FaultTruncated}, true, ""},
		"truncated before":    {bestpay.Fault{Kind: bestpay.FaultTruncated, Stage: bestpay.StageBefore}, false, ""},
		"http 500":            {bestpay.Fault{Kind: bestpay.FaultHTTP500}, true, ""},
		"http 502 before":     {bestpay.Fault{Kind: bestpay.FaultHTTP500, Status: http.StatusBadGateway, Stage: bestpay.StageBefore}, false, ""},
		"system error":        {bestpay.Fault{Kind: bestpay.FaultSystemError}, true, "SYSTEM_ERROR"},
		"system error before": {bestpay.Fault{Kind: bestpay.FaultSystemError, Code: "BUSY", Stage: bestpay.StageBefore}, false, "BUSY"},
		"refused":             {bestpay.Fault{Kind: bestpay.FaultRefuse}, false, "TRADE_FAILED"},
		"refused with a code": {bestpay.Fault{Kind: bestpay.FaultRefuse, Code: "RISK", Message: "风控"}, false, "RISK"},
		"bad signature":       {bestpay.Fault{Kind: bestpay.FaultBadSignature}, true, ""},
		"no signature":        {bestpay.Fault{Kind: bestpay.FaultBadSignature, Result: "unsigned"}, true, ""},
		"another key":         {bestpay.Fault{Kind: bestpay.FaultBadSignature, Result: "key"}, true, ""},
		"another algorithm":   {bestpay.Fault{Kind: bestpay.FaultBadSignature, Result: "algorithm"}, true, ""},
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
			state := func(op string, body fields, moved, otherwise string) {
				t.Helper()
				if !c.moved {
					moved = otherwise
				}
				w.want(op, body, moved)
			}
			hit("barcode", w.barcodeBody("B1"))
			state("confirm", confirmBody("B1"), "SUCCESS", "ORDER_NOT_EXIST")
			hit("qr", w.qrBody("B2"))
			state("confirm", confirmBody("B2"), "WAITFORPAY", "ORDER_NOT_EXIST")
			w.want("barcode", w.barcodeBody("B3"), "SUCCESS")
			hit("refund", w.refundBody("B3", "R1", 400))
			state("refund-query", refundQueryBody("B3", "R1"), "SUCCESS", "REFUND_NOT_EXIST")
			hit("confirm", confirmBody("B3"))
			hit("refund-query", refundQueryBody("B3", "R1"))
			if c.moved {
				w.books("B1", 1, 1000)
				w.books("B3", 1, 600)
			} else {
				w.books("B1", 0, 0)
				w.books("B3", 1, 1000)
			}
			w.clean()
		})
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(bestpay.Fault{Operation: "barcode", Order: "F1", Kind: bestpay.FaultFail, Code: "INSUFFICIENT_FUND"})
	w.fault(bestpay.Fault{Operation: "barcode", Order: "F2", Kind: bestpay.FaultFail, Result: "CLOSE"})
	w.fault(bestpay.Fault{Operation: "qr", Order: "F3", Kind: bestpay.FaultFail, Code: "X", Message: "坏了"})
	w.fault(bestpay.Fault{Operation: "refund", Kind: bestpay.FaultFail, Times: 1})
	w.want("barcode", w.barcodeBody("F1"), "FAIL")
	equal(t, w.want("confirm", confirmBody("F1"), "FAIL").result,
		map[string]any{"tradeStatus": "FAIL", "errorMsgCode": "INSUFFICIENT_FUND", "errorMsgDesc": "账户余额不足"})
	w.want("barcode", w.barcodeBody("F2"), "CLOSE")
	w.want("confirm", confirmBody("F2"), "CLOSE")
	w.want("qr", w.qrBody("F3"), "FAIL")
	equal(t, w.want("confirm", confirmBody("F3"), "FAIL").result,
		map[string]any{"tradeStatus": "FAIL", "errorMsgCode": "X", "errorMsgDesc": "坏了"})
	w.want("barcode", w.barcodeBody("F1"), "ORDER_REPEAT") // a failed order keeps its number
	w.want("barcode", w.barcodeBody("F4"), "SUCCESS")
	w.want("refund", w.refundBody("F4", "R1", 400), "FAIL")
	w.want("refund-query", refundQueryBody("F4", "R1"), "FAIL")
	w.want("refund", w.refundBody("F4", "R1", 400), "REFUND_REPEAT")
	w.books("F1", 0, 0)
	w.books("F4", 1, 1000)
	w.clean()
}

func TestUncertainty(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		moved   bool
		queries int
		truth   string
	}{
		"moved":               {true, 1, "SUCCESS"},
		"not moved":           {false, 1, "FAIL"},
		"moved, for ever":     {true, 0, "WAITFORPAY"},
		"not moved, for ever": {false, 0, "WAITFORPAY"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.want("barcode", w.barcodeBody("U0"), "SUCCESS")
			for _, op := range []string{"barcode", "qr", "refund"} {
				w.fault(bestpay.Fault{Operation: op, Kind: bestpay.FaultUncertain, Moved: c.moved, Queries: c.queries})
			}
			w.want("barcode", w.barcodeBody("U1"), "SYSTEM_ERROR")
			w.want("qr", w.qrBody("U2"), "SYSTEM_ERROR")
			w.want("refund", w.refundBody("U0", "R1", 400), "SYSTEM_ERROR")
			pays, net, left := 0, int64(0), int64(1000)
			if c.moved {
				pays, net, left = 1, 1000, 600
			}
			for range 2 { // before and after the truth is out: money moves once
				w.books("U1", pays, net)
				w.books("U2", pays, net)
				w.books("U0", 1, left)
				w.want("confirm", confirmBody("U1"), "WAITFORPAY")
				w.want("confirm", confirmBody("U2"), "WAITFORPAY")
				w.want("refund-query", refundQueryBody("U0", "R1"), "WAITFORPAY")
				if c.queries > 0 {
					break
				}
			}
			w.want("confirm", confirmBody("U1"), c.truth)
			w.want("confirm", confirmBody("U2"), c.truth)
			w.want("refund-query", refundQueryBody("U0", "R1"), c.truth)
			w.books("U1", pays, net)
			w.books("U2", pays, net)
			w.books("U0", 1, left)
			w.clean()
		})
	}
}

func TestMovedMoneyOutlivesTheTimeOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(bestpay.Fault{Operation: "barcode", Kind: bestpay.FaultUncertain, Moved: true})
	w.want("barcode", w.barcodeBody("M"), "SYSTEM_ERROR")
	w.clock.Sleep(1500 * time.Second)
	w.want("confirm", confirmBody("M"), "WAITFORPAY")
	w.books("M", 1, 1000)
	if w.sim.AbandonOrder(merchantNo, "M") == nil || w.sim.ExpireOrder(merchantNo, "M") == nil {
		t.Error("an order whose money moved ended unpaid")
	}
	if err := w.sim.PayOrder(merchantNo, "M"); err != nil {
		t.Fatal(err)
	}
	w.books("M", 1, 1000)
}

func TestDistortions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want("barcode", w.barcodeBody("D0"), "SUCCESS")
	w.want("refund", w.refundBody("D0", "R0", 1), "SUCCESS")
	bodies := map[string]func(n string) fields{
		"barcode":      func(n string) fields { return w.barcodeBody("DB" + n) },
		"qr":           func(n string) fields { return w.qrBody("DQ" + n) },
		"refund":       func(n string) fields { return w.refundBody("D0", "R"+n, 10) },
		"refund-query": func(string) fields { return refundQueryBody("D0", "R0") },
		"confirm":      func(string) fields { return confirmBody("D0") },
	}
	amounts := map[string]string{"barcode": "tradeAmt", "qr": "tradeAmt", "refund": "refundAmt", "refund-query": "refundAmt"}
	truth := map[string]string{"barcode": "1001", "qr": "1001", "refund": "11", "refund-query": "2"}
	for op, body := range bodies {
		w.fault(bestpay.Fault{Operation: op, Kind: bestpay.FaultWrongStatus, Code: "CLOSE", Times: 1})
		w.want(op, body("1"), "CLOSE")
		w.fault(bestpay.Fault{Operation: op, Kind: bestpay.FaultWrongStatus, Times: 1})
		if status := w.want(op, body("2"), "").result["tradeStatus"]; status != nil {
			t.Errorf("%s: status %v, want null", op, status)
		}
		if amounts[op] == "" {
			continue
		}
		status := "SUCCESS"
		if op == "qr" {
			status = "WAITFORPAY"
		}
		w.fault(bestpay.Fault{Operation: op, Kind: bestpay.FaultWrongAmount, Times: 1})
		if got := plain(w.want(op, body("3"), status).result[amounts[op]]); got != truth[op] {
			t.Errorf("%s: amount %s, want %s", op, got, truth[op])
		}
		w.fault(bestpay.Fault{Operation: op, Kind: bestpay.FaultWrongAmount, Amount: 77, Times: 1})
		if got := plain(w.want(op, body("4"), status).result[amounts[op]]); got != "77" {
			t.Errorf("%s: amount %s, want 77", op, got)
		}
		w.fault(bestpay.Fault{Operation: op, Kind: bestpay.FaultWrongOrder, Times: 1})
		if got := w.want(op, body("5"), status).result["outTradeNo"]; got != "ANOTHER-ORDER" {
			t.Errorf("%s: order %v", op, got)
		}
	}
	w.books("DB3", 1, 1000) // the reply lies, the money does not
	w.clean()
}

func TestNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want("barcode", w.barcodeBody("N"), "SUCCESS")
	w.want("refund", w.refundBody("N", "R1", 1), "SUCCESS")
	for op, c := range map[string]struct {
		body fields
		code string
	}{
		"confirm": {confirmBody("N"), "ORDER_NOT_EXIST"}, "refund": {w.refundBody("N", "R2", 1), "ORDER_NOT_EXIST"},
		"refund-query": {refundQueryBody("N", "R1"), "REFUND_NOT_EXIST"},
	} {
		w.fault(bestpay.Fault{Operation: op, Kind: bestpay.FaultNotExist, Times: 1})
		w.want(op, c.body, c.code)
		w.want(op, c.body, "SUCCESS")
	}
}

func TestDiscount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(bestpay.Fault{Operation: "barcode", Kind: bestpay.FaultDiscount, Amount: 120})
	a := w.want("barcode", w.barcodeBody("D"), "SUCCESS")
	if plain(a.result["tradeAmt"]) != "1000" || plain(a.result["payAmt"]) != "880" || plain(a.result["disCountAmt"]) != "120" {
		t.Errorf("answered %v", a.result)
	}
	w.books("D", 1, 1000)
	w.want("refund", w.refundBody("D", "R", 1000), "SUCCESS")
}

func TestDelays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *bestpay.Options) { o.Callback.Off = true })
	w.fault(bestpay.Fault{Operation: "barcode", Kind: bestpay.FaultDelay, Delay: bestpay.Delay(70 * time.Second)})
	w.fault(bestpay.Fault{Operation: "barcode", Kind: bestpay.FaultDelay, Delay: bestpay.Delay(time.Second), Stage: bestpay.StageAfter})
	w.want("barcode", w.barcodeBody("L"), "SUCCESS")
	if slept := w.clock.waits(); len(slept) != 2 || slept[0] != 70*time.Second || slept[1] != time.Second {
		t.Errorf("slept %v", slept)
	}
	if o, _ := w.sim.Order(merchantNo, "L"); !o.Created.Equal(newClock().Now().Add(70 * time.Second)) {
		t.Errorf("the order was made at %v, before the delay", o.Created)
	}
}

func TestFaultsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, f := range []bestpay.Fault{
		{},
		{Kind: "explode"},
		{Operation: "cancel", Kind: bestpay.FaultLostAfter},
		{Kind: bestpay.FaultPending},
		{Kind: bestpay.FaultWrongAmount},
		{Operation: "confirm", Kind: bestpay.FaultFail},
		{Operation: "confirm", Kind: bestpay.FaultWrongAmount},
		{Operation: "callback", Kind: bestpay.FaultLostAfter},
		{Operation: "barcode", Kind: bestpay.FaultNotExist},
		{Operation: "barcode", Kind: bestpay.FaultDiscount},
		{Operation: "barcode", Kind: bestpay.FaultFail, Result: "SUCCESS"},
		{Operation: "refund", Kind: bestpay.FaultFail, Result: "CLOSE"},
		{Kind: bestpay.FaultBadSignature, Result: "tampered"},
	} {
		if id, err := w.sim.AddFault(f); err == nil {
			t.Errorf("%+v was armed as %s", f, id)
		}
	}
	w.fault(bestpay.Fault{Kind: bestpay.FaultLostAfter})
	w.sim.ClearFaults()
	if len(w.sim.Faults().List()) != 0 {
		t.Error("faults stay after ClearFaults")
	}
}
