package mmsp_test

import (
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

func TestFaultsOfEveryScanOperation(t *testing.T) {
	t.Parallel()
	for _, d := range scanDocument() {
		t.Run(d.op, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			only := func(f mmsp.Fault) {
				t.Helper()
				w.sim.ClearFaults()
				f.Operation = d.op
				w.fault(f)
			}
			only(mmsp.Fault{Kind: mmsp.FaultRefuse, Code: "-3005", Message: "交易金额不符"})
			w.scan(d.command, d.body, "refused 0 -3005")
			only(mmsp.Fault{Kind: mmsp.FaultRefuse, Result: "39999", Message: "支付失败"})
			w.scan(d.command, d.body, "refused 39999 支付失败")
			for _, kind := range []mmsp.FaultKind{mmsp.FaultGarbage, mmsp.FaultTruncated, mmsp.FaultHTTP500} {
				only(mmsp.Fault{Kind: kind, Stage: mmsp.StageBefore})
				w.wantNoReply(mmsp.PathScan, d.command, d.body)
			}
			only(mmsp.Fault{Kind: mmsp.FaultSystemError, Stage: mmsp.StageBefore})
			w.scan(d.command, d.body, "refused 39999 支付失败")
			only(mmsp.Fault{Kind: mmsp.FaultLostBefore})
			w.wantNoReply(mmsp.PathScan, d.command, d.body)
			if len(w.sim.Orders()) != 0 || w.sim.Ledger().Len() != 0 {
				t.Fatalf("something was done: %+v", w.sim.Orders())
			}
			before := w.clock.Now()
			only(mmsp.Fault{Kind: mmsp.FaultDelay, Delay: mmsp.Delay(3 * time.Second)})
			w.fault(mmsp.Fault{Operation: d.op, Kind: mmsp.FaultLostAfter, Delay: mmsp.Delay(time.Second)})
			w.wantNoReply(mmsp.PathScan, d.command, d.body)
			if waited := w.clock.Now().Sub(before); waited != 4*time.Second {
				t.Errorf("waited %v", waited)
			}
			w.clean()
		})
	}
}

func TestBadSignature(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(mmsp.Fault{Kind: mmsp.FaultBadSignature, Times: 1})
	w.fault(mmsp.Fault{Kind: mmsp.FaultBadSignature, Result: "missing", Skip: 0, Times: 1})
	for i, number := range []string{"BS1", "BS2"} {
		a, err := w.send(mmsp.PathScan, 2307, barcodeBody(number, wechatCode))
		if err != nil || a.text("STATUS") != "1" || a.Sign == sign(t, a.Body, merKey) || (i == 1) != (a.Sign == "") {
			t.Errorf("%s: %v, signature %q, %v", number, a, a.Sign, err)
		}
		w.books(number, 1, 1000)
	}
	w.scan(2307, barcodeBody("BS3", wechatCode), "1 1")
}

func TestLostAfterMovesTheMoney(t *testing.T) {
	t.Parallel()
	for _, kind := range []mmsp.FaultKind{mmsp.FaultLostAfter, mmsp.FaultGarbage, mmsp.FaultTruncated, mmsp.FaultHTTP500} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.fault(mmsp.Fault{Operation: "scan-wechat-barcode", Kind: kind, PayerSuffix: "3456"})
			w.wantNoReply(mmsp.PathScan, 2307, barcodeBody("LA", wechatCode))
			w.scan(cmdQuery, numberBody("LA"), "1 1")
			w.books("LA", 1, 1000)
			w.scan(2307, barcodeBody("LB", "134567890123450000"), "1 1")
		})
	}
}

func TestSystemErrorAfterThePayment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(mmsp.Fault{Operation: "scan-alipay-barcode", Kind: mmsp.FaultSystemError})
	w.scan(2309, barcodeBody("SE", alipayCode), "refused 39999 支付失败")
	w.scan(cmdQuery, numberBody("SE"), "1 1")
	w.books("SE", 1, 1000)
}

func TestPendingBarcode(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		then mmsp.Fault
		last string
		pays int
	}{
		"paid":      {mmsp.Fault{Queries: 2}, "1 1", 1},
		"abandoned": {mmsp.Fault{Queries: 2, Then: mmsp.ThenAbandoned}, "1 2 99", 0},
		"never":     {mmsp.Fault{Queries: 2, Then: mmsp.ThenNever}, "1 3 AA", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.then.Operation, c.then.Kind = "scan-wechat-barcode", mmsp.FaultPending
			w.fault(c.then)
			w.scan(2307, barcodeBody("PE", wechatCode), "1 3 AA")
			w.scan(cmdQuery, numberBody("PE"), "1 3 AA")
			w.scan(cmdQuery, numberBody("PE"), "1 3 AA")
			w.books("PE", 0, 0)
			w.scan(cmdQuery, numberBody("PE"), c.last)
			w.books("PE", c.pays, int64(c.pays)*1000)
		})
	}
}

// TestPendingInDisguise: AA means paying whatever STATUS says, and a STATUS outside the list means nothing.
func TestPendingInDisguise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(mmsp.Fault{Operation: "scan-wechat-barcode", Kind: mmsp.FaultPending, Queries: 1, Result: "2"})
	w.scan(2307, barcodeBody("DI1", wechatCode), "1 2 AA")
	w.scan(cmdQuery, numberBody("DI1"), "1 2 AA")
	w.scan(cmdQuery, numberBody("DI1"), "1 1")
	w.fault(mmsp.Fault{Operation: "scan-alipay-barcode", Kind: mmsp.FaultPending, Queries: 1, Result: "7", Code: "00"})
	w.scan(2309, barcodeBody("DI2", alipayCode), "1 7 00")
	w.scan(cmdQuery, numberBody("DI2"), "1 7 00")
	w.scan(cmdQuery, numberBody("DI2"), "1 1")
	w.fault(mmsp.Fault{Operation: "scan-wechat-preorder", Kind: mmsp.FaultPending, Queries: 1, Result: "3"})
	w.scan(2306, preorderBody("DI3"), "1 3")
	w.fault(mmsp.Fault{Operation: "scan-refund", Kind: mmsp.FaultPending, Queries: 1, Result: "3"})
	w.scan(cmdRefund, refundBody("DI1", "DR1", "1"), "1 3 AA")
	w.scan(cmdRefundQuery, refundQuery("DR1"), "1 3 AA")
	w.scan(cmdRefundQuery, refundQuery("DR1"), "1 1")
	w.books("DI1", 1, 999)
}

func TestUncertainBarcode(t *testing.T) {
	t.Parallel()
	for _, moved := range []bool{true, false} {
		for _, queries := range []int{0, 2} {
			w := newWorld(t)
			w.fault(mmsp.Fault{Operation: "scan-qq-barcode", Kind: mmsp.FaultUncertain, Moved: moved, Queries: queries})
			w.scan(2326, barcodeBody("UN", qqCode), "1 3 AA")
			pays := 0
			if moved {
				pays = 1
			}
			w.books("UN", pays, int64(pays)*1000) // before anybody asks
			w.scan(cmdQuery, numberBody("UN"), "1 3 AA")
			w.scan(cmdQuery, numberBody("UN"), "1 3 AA")
			switch {
			case queries == 0:
				w.scan(cmdQuery, numberBody("UN"), "1 3 AA")
			case moved:
				w.scan(cmdQuery, numberBody("UN"), "1 1")
			default:
				w.scan(cmdQuery, numberBody("UN"), "1 2 99")
			}
			w.books("UN", pays, int64(pays)*1000)
		}
	}
}

// TestCancelOfAPaymentInDoubt is the nasty case: the money has moved although every query says paying.
func TestCancelOfAPaymentInDoubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(mmsp.Fault{Operation: "scan-qq-barcode", Kind: mmsp.FaultUncertain, Moved: true})
	w.scan(2326, barcodeBody("CD", qqCode), "1 3 AA")
	w.clock.Sleep(10 * time.Minute)
	w.scan(cmdQuery, numberBody("CD"), "1 3 AA") // time does not close what was paid
	w.scan(cmdClose, numberBody("CD"), "1 2 99")
	w.scan(cmdCancel, numberBody("CD"), "1 1")
	w.books("CD", 1, 0)
}

func TestFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, d := range scanDocument()[:12] {
		number, _ := d.body["MERORDERID"].(string)
		w.sim.ClearFaults()
		w.fault(mmsp.Fault{Operation: d.op, Kind: mmsp.FaultFail, Code: "D4", Message: "订单已关闭"})
		a := w.scan(d.command, d.body, "1 2 D4")
		w.has(a, fields{"ERR_CODE_MSG": "订单已关闭", "URL": "", "PAY_INFO": ""})
		w.scan(cmdQuery, numberBody(number), "1 2 D4")
	}
	if w.sim.Ledger().Len() != 0 {
		t.Error("a failed payment moved money")
	}
}

func TestFaultsOfChanges(t *testing.T) {
	t.Parallel()
	cases := []struct {
		op      string
		command int
		kind    mmsp.FaultKind
		moved   bool
		want    string
		net     int64
		query   string
	}{
		{"scan-cancel", cmdCancel, mmsp.FaultFail, false, "1 2 99", 1000, "1 1"},
		{"scan-cancel", cmdCancel, mmsp.FaultUncertain, true, "1 3 AA", 0, "1 2 D4"},
		{"scan-cancel", cmdCancel, mmsp.FaultUncertain, false, "1 3 AA", 1000, "1 1"},
		{"scan-refund", cmdRefund, mmsp.FaultFail, false, "1 2 99", 1000, "1 1"},
		{"scan-refund", cmdRefund, mmsp.FaultUncertain, true, "1 3 AA", 900, "1 1"},
		{"scan-refund", cmdRefund, mmsp.FaultUncertain, false, "1 3 AA", 1000, "1 1"},
		{"scan-cancel", cmdCancel, mmsp.FaultNotExist, false, "refused 0 -2002", 1000, "1 1"},
		{"scan-refund", cmdRefund, mmsp.FaultNotExist, false, "refused 0 -2002", 1000, "1 1"},
		{"scan-close", cmdClose, mmsp.FaultNotExist, false, "refused 0 -2002", 1000, "1 1"},
		{"scan-query", cmdQuery, mmsp.FaultNotExist, false, "refused 0 -2002", 1000, "1 1"},
	}
	for _, c := range cases {
		w := newWorld(t)
		w.scan(2307, barcodeBody("FC", wechatCode), "1 1")
		w.clock.Sleep(15 * time.Second)
		w.fault(mmsp.Fault{Operation: c.op, Kind: c.kind, Moved: c.moved, Times: 1})
		body := numberBody("FC")
		if c.command == cmdRefund {
			body = refundBody("FC", "FR", "100")
		}
		w.scan(c.command, body, c.want)
		w.books("FC", 1, c.net)
		w.scan(cmdQuery, numberBody("FC"), c.query)
		if c.kind == mmsp.FaultUncertain && c.command == cmdRefund {
			want := map[bool]string{true: "1 1", false: "1 2 99"}[c.moved]
			w.scan(cmdRefundQuery, refundQuery("FR"), want)
		}
		w.clean()
	}
}

func TestUncertainClose(t *testing.T) {
	t.Parallel()
	for moved, want := range map[bool]string{true: "1 2 D4", false: "1 3 AA"} {
		w := newWorld(t)
		w.scan(2306, preorderBody("UC"), "1 1")
		w.fault(mmsp.Fault{Operation: "scan-close", Kind: mmsp.FaultUncertain, Moved: moved})
		w.scan(cmdClose, numberBody("UC"), "1 3 AA")
		w.scan(cmdQuery, numberBody("UC"), want)
	}
}

// TestPendingRefund: accepted is not refunded, and the reply does not tell the difference.
func TestPendingRefund(t *testing.T) {
	t.Parallel()
	cases := map[mmsp.Fault]struct {
		last string
		net  int64
	}{
		{Queries: 1}:                           {"1 1", 600},
		{Queries: 1, Then: mmsp.ThenAbandoned}: {"1 2 99", 1000},
		{Queries: 1, Then: mmsp.ThenNever}:     {"1 1", 1000},
	}
	for f, c := range cases {
		w := newWorld(t)
		w.scan(2307, barcodeBody("PR", wechatCode), "1 1")
		f.Operation, f.Kind = "scan-refund", mmsp.FaultPending
		w.fault(f)
		w.scan(cmdRefund, refundBody("PR", "PR1", "400"), "1 1")
		w.books("PR", 1, 1000)
		w.sim.ClearFaults()
		w.scan(cmdRefund, refundBody("PR", "PR2", "601"), "1 2 99") // what is accepted is reserved
		w.scan(cmdRefundQuery, refundQuery("PR1"), "1 1")
		w.books("PR", 1, 1000)
		w.scan(cmdRefundQuery, refundQuery("PR1"), c.last)
		w.books("PR", 1, c.net)
	}
}

func TestWrongAmountAndOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.scan(2307, barcodeBody("WA", wechatCode), "1 1")
	w.fault(mmsp.Fault{Operation: "scan-query", Kind: mmsp.FaultWrongAmount, Times: 1})
	w.fault(mmsp.Fault{Operation: "scan-query", Kind: mmsp.FaultWrongAmount, Amount: 7, Times: 1})
	w.fault(mmsp.Fault{Operation: "scan-query", Kind: mmsp.FaultWrongOrder, Times: 1})
	w.has(w.scan(cmdQuery, numberBody("WA"), "1 1"), fields{"AMT": "1001", "MERORDERID": "WA"})
	w.has(w.scan(cmdQuery, numberBody("WA"), "1 1"), fields{"AMT": "7"})
	if a := w.scan(cmdQuery, numberBody("WA"), "1 1"); a.text("MERORDERID") == "WA" || a.text("AMT") != "1000" {
		t.Errorf("%v", a.Body)
	}
	w.fault(mmsp.Fault{Operation: "scan-refund", Kind: mmsp.FaultWrongAmount})
	w.has(w.scan(cmdRefund, refundBody("WA", "WR", "5"), "1 1"), fields{"AMT": "6"})
	w.books("WA", 1, 995)
}

func TestFaultsByOrderNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.scan(2307, barcodeBody("BO", wechatCode), "1 1")
	w.scan(2307, barcodeBody("BP", wechatCode), "1 1")
	r := w.scan(cmdRefund, refundBody("BO", "BR", "1"), "1 1")
	w.fault(mmsp.Fault{Order: "BO", Kind: mmsp.FaultRefuse, Code: "-1"})
	w.scan(cmdQuery, fields{"ORDERNO": a.text("ORDERNO"), "RANDSTR": "r"}, "refused 0 -1")
	w.scan(cmdRefundQuery, refundQuery("BR"), "refused 0 -1")
	w.scan(cmdRefundQuery, fields{"REFUND_ORDERNO": r.text("REFUND_ORDERNO"), "RANDSTR": "r"}, "refused 0 -1")
	w.scan(cmdQuery, numberBody("BP"), "1 1")
}

func TestFaultsThatDoNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, f := range []mmsp.Fault{
		{Operation: "pay", Kind: mmsp.FaultDelay, Delay: 1},
		{Operation: "scan-query", Kind: mmsp.FaultPending},
		{Operation: "scan-wechat-preorder", Kind: mmsp.FaultUncertain},
		{Operation: "scan-wechat-preorder", Kind: mmsp.FaultWrongAmount},
		{Operation: "scan-identity", Kind: mmsp.FaultBadSignature},
		{Operation: "scan-query", Kind: "explode"},
		{Kind: mmsp.FaultFail},
		{Kind: ""},
	} {
		if id, err := w.sim.AddFault(f); err == nil {
			t.Errorf("%+v was armed as %s", f, id)
		}
	}
}

func TestZeroAsSuccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *mmsp.Options) { o.ScanZero = true })
	w.scan(2307, barcodeBody("ZS", wechatCode), "0 1")
}
