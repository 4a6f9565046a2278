package shouqianba_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

func TestPayQueryRefund(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.want("pay", payBody("P1").with("reflect", "R&<>"), "PAY_SUCCESS PAID")
	for name, want := range map[string]string{
		"client_sn": "P1", "total_amount": "1000", "net_amount": "1000", "payway": "1", "sub_payway": "1",
		"status": "SUCCESS", "terminal_sn": terminalSN, "store_id": "store-1", "subject": "咖啡", "operator": "刘侃",
		"reflect": "R&<>", "finish_time": fmt.Sprint(w.clock.Now().UnixMilli()),
	} {
		if a.Biz.Data[name] != want {
			t.Errorf("%s = %q, want %q", name, a.Biz.Data[name], want)
		}
	}
	sn := a.Biz.Data["sn"]
	if len(sn) != 16 || a.Biz.Data["trade_no"] == "" || len(a.Biz.Data["channel_finish_time"]) != 13 {
		t.Errorf("sn %q, trade_no %q, channel_finish_time %q", sn, a.Biz.Data["trade_no"], a.Biz.Data["channel_finish_time"])
	}
	w.books("P1", 1, 1000)

	w.want("query", numberBody("P1"), "SUCCESS PAID")
	w.want("query", numberBody("nothing").with("sn", sn), "SUCCESS PAID") // sn comes first
	w.want("query", fields{"terminal_sn": terminalSN, "sn": sn, "client_sn": ""}, "SUCCESS PAID")
	w.want("query", numberBody("P1").with("sn", "1"), "SUCCESS PAID") // then client_sn
	w.want("query", numberBody("nothing"), "FAIL UPAY_ORDER_NOT_EXIST")
	w.want("pay", payBody("P1"), "FAIL CLIENT_SN_CONFLICT")
	w.want("refund", refundBody("nothing", "R1", "1"), "FAIL UPAY_ORDER_NOT_EXIST")

	r := w.want("refund", refundBody("P1", "R1", "300"), "REFUND_SUCCESS PARTIAL_REFUNDED")
	if r.Biz.Data["net_amount"] != "700" || r.Biz.Data["total_amount"] != "1000" || r.Biz.Data["refund_request_no"] != "" {
		t.Errorf("refund answered %v", r.Biz.Data)
	}
	w.want("refund", refundBody("P1", "R1", "300"), "FAIL REFUND_REQUEST_CONFLICT")
	w.want("refund", refundBody("P1", "R2", "701"), "FAIL REFUND_AMT_NOT_EQUAL_TOTAL")
	w.want("cancel", numberBody("P1"), "FAIL UPAY_CANCEL_INVALID_ORDER_STATE")
	w.want("refund", refundBody("", "R3", "700").with("sn", sn), "REFUND_SUCCESS REFUNDED")
	w.want("refund", refundBody("P1", "R4", "1"), "FAIL UPAY_REFUND_INVALID_ORDER_STATE")
	q := w.want("query", numberBody("P1"), "SUCCESS REFUNDED")
	if q.Biz.Data["net_amount"] != "0" || q.Biz.Data["ctime"] == "" {
		t.Errorf("query answered %v", q.Biz.Data)
	}
	w.books("P1", 1, 0)
	w.clean()
	order, _ := w.sim.Order(terminalSN, "P1")
	if order.PayRequests != 2 || len(order.Refunds) != 2 || w.sim.Calls("refund") != 6 {
		t.Errorf("%d pay requests, %d refunds, %d refund calls", order.PayRequests, len(order.Refunds), w.sim.Calls("refund"))
	}
	entries := w.sim.Ledger().OrderEntries(shouqianba.Key(terminalSN, "P1"))
	if len(entries) != 3 || entries[1].Operation != "shouqianba/"+terminalSN+"/P1/R1" || entries[2].Amount != 700 {
		t.Errorf("ledger: %+v", entries)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want("cancel", numberBody("nothing"), "FAIL UPAY_ORDER_NOT_EXISTS")

	w.want("pay", payBody("C1"), "PAY_SUCCESS PAID")
	w.want("cancel", numberBody("C1"), "CANCEL_SUCCESS CANCELED")
	q := w.want("query", numberBody("C1"), "SUCCESS CANCELED")
	if q.Biz.Data["status"] != "SUCCESS" || q.Biz.Data["net_amount"] != "0" {
		t.Errorf("a canceled order answers %v, want status SUCCESS and net 0", q.Biz.Data)
	}
	w.books("C1", 1, 0)
	a := w.want("cancel", numberBody("C1"), "FAIL UPAY_CANCEL_INVALID_ORDER_STATE")
	if !strings.Contains(a.Biz.Message, "3201") {
		t.Errorf("message %q", a.Biz.Message)
	}
	w.want("refund", refundBody("C1", "R", "1"), "FAIL UPAY_REFUND_INVALID_ORDER_STATE")

	w.fault(shouqianba.Fault{Operation: "pay", Kind: shouqianba.FaultPending, Then: shouqianba.ThenNever})
	w.want("pay", payBody("C2"), "PAY_IN_PROGRESS CREATED")
	w.want("refund", refundBody("C2", "R", "1"), "FAIL UPAY_REFUND_INVALID_ORDER_STATE")
	w.want("cancel", numberBody("C2"), "CANCEL_ABORT_SUCCESS CANCELED")
	w.books("C2", 0, 0)
	w.sim.ClearFaults()

	w.want("pay", payBody("C3"), "PAY_SUCCESS PAID")
	w.clock.Sleep(10 * time.Hour) // 18:00 at the start in Shanghai, past midnight now
	w.want("cancel", numberBody("C3"), "FAIL UPAY_CANCEL_INVALID_ORDER_STATE")
	w.books("C3", 1, 1000)
	w.clean()
}

func TestPrecreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.want("precreate", precreateBody("Q1"), "PRECREATE_SUCCESS CREATED")
	if code := a.Biz.Data["qr_code"]; code == "" || len(code) > 128 || a.Biz.Data["sub_payway"] != "2" {
		t.Errorf("answered %v", a.Biz.Data)
	}
	for range 3 {
		w.want("query", numberBody("Q1"), "SUCCESS CREATED")
	}
	w.books("Q1", 0, 0)
	if err := w.sim.PayOrder(terminalSN, "Q1"); err != nil {
		t.Fatal(err)
	}
	w.want("query", numberBody("Q1"), "SUCCESS PAID")
	w.books("Q1", 1, 1000)
	if err := w.sim.PayOrder(terminalSN, "Q1"); err == nil {
		t.Error("an order was paid twice")
	}
	w.want("precreate", precreateBody("Q1"), "FAIL CLIENT_SN_CONFLICT")

	w.want("precreate", precreateBody("Q2"), "PRECREATE_SUCCESS CREATED")
	w.want("cancel", numberBody("Q2"), "CANCEL_SUCCESS CANCELED")
	if err := w.sim.PayOrder(terminalSN, "Q2"); err == nil {
		t.Error("a canceled code was paid")
	}
	w.want("precreate", precreateBody("Q3"), "PRECREATE_SUCCESS CREATED")
	if err := w.sim.AbandonOrder(terminalSN, "Q3"); err != nil {
		t.Fatal(err)
	}
	q := w.want("query", numberBody("Q3"), "SUCCESS PAY_CANCELED")
	if q.Biz.Data["net_amount"] != "1000" {
		t.Errorf("net_amount %q of a failed order, the document prints the total", q.Biz.Data["net_amount"])
	}
	w.want("precreate", precreateBody("Q4").with("payway", "2"), "500 UNEXPECTED_PROVIDER_ERROR")
}

func TestTerminalsDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.want("pay", payBody("T1"), "PAY_SUCCESS PAID")
	same := fields{"terminal_sn": "100000010002", "sn": a.Biz.Data["sn"]}
	other := same.with("terminal_sn", "100000010003")
	w.want("query", same, "SUCCESS PAID") // another terminal of the store, by sn
	w.want("query", same.without("sn").with("client_sn", "T1"), "FAIL UPAY_ORDER_NOT_EXIST")
	w.want("query", other, "FAIL UPAY_ORDER_NOT_EXIST")
	w.want("cancel", other, "FAIL UPAY_ORDER_NOT_EXISTS")
	w.want("pay", payBody("T1").with("terminal_sn", "100000010003"), "PAY_SUCCESS PAID") // unique per terminal
	w.books("T1", 1, 1000)
}

func TestIdempotentRefunds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *shouqianba.Options) { o.IdempotentRefunds = true })
	w.want("pay", payBody("I1"), "PAY_SUCCESS PAID")
	for range 3 {
		w.want("refund", refundBody("I1", "R1", "600"), "REFUND_SUCCESS PARTIAL_REFUNDED")
	}
	w.want("refund", refundBody("I1", "R1", "100"), "FAIL REFUND_REQUEST_CONFLICT")
	w.books("I1", 1, 400)
}

func TestActivation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := fields{"app_id": "2026000001", "code": "11111111", "device_id": "POS-1"}
	a, err := w.send("activate", body)
	if err != nil || a.ResultCode != "200" || a.Biz.TerminalSN == "" || len(a.Biz.TerminalKey) != 32 {
		t.Fatalf("activation: %+v %v", a, err)
	}
	again, err := w.send("activate", body) // the reply was lost: the same device may ask again
	if err != nil || again.Biz.TerminalSN != a.Biz.TerminalSN || again.Biz.TerminalKey != a.Biz.TerminalKey {
		t.Errorf("repeated activation: %+v %v", again, err)
	}
	w.keys[a.Biz.TerminalSN] = a.Biz.TerminalKey
	w.want("pay", payBody("N1").with("terminal_sn", a.Biz.TerminalSN), "PAY_SUCCESS PAID")
	w.want("checkin", fields{"terminal_sn": a.Biz.TerminalSN, "device_id": "POS-2"}, "400 INVALID_TERMINAL")
	w.want("activate", body.with("device_id", "POS-2"), "400 INVALID_PARAMS") // the code is used up
	w.want("activate", body.with("code", "22222222"), "400 INVALID_PARAMS")   // the device has a terminal
	w.want("activate", body.with("code", "0"), "400 INVALID_PARAMS")
	w.want("activate", body.with("app_id", "0"), "400 INVALID_PARAMS")
}

func TestCheckinRotatesTheKey(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{false, true} {
		t.Run(fmt.Sprintf("keep previous %v", keep), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *shouqianba.Options) { o.KeepPreviousKey = keep })
			checkin := fields{"terminal_sn": terminalSN, "device_id": "any"}
			a, err := w.send("checkin", checkin)
			if err != nil || len(a.Biz.TerminalKey) != 32 || a.Biz.TerminalKey == terminalKey || a.Biz.TerminalSN != terminalSN {
				t.Fatalf("check-in: %+v %v", a, err)
			}
			w.want("query", numberBody("x"), "FAIL UPAY_ORDER_NOT_EXIST") // the old key still works
			w.keys[terminalSN] = a.Biz.TerminalKey
			w.want("query", numberBody("x"), "FAIL UPAY_ORDER_NOT_EXIST") // the new one too
			w.keys[terminalSN] = terminalKey
			after := "400 ILLEGAL_SIGN"
			if keep {
				after = "FAIL UPAY_ORDER_NOT_EXIST"
			}
			w.want("query", numberBody("x"), after)
			if w.sim.TerminalKey(terminalSN) != a.Biz.TerminalKey {
				t.Error("the current key is not the one answered")
			}
		})
	}
}

func TestLostCheckinsDoNotLockOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(shouqianba.Fault{Operation: "checkin", Kind: shouqianba.FaultLostAfter, Times: 3})
	checkin := fields{"terminal_sn": terminalSN, "device_id": "any"}
	for range 3 {
		w.wantNoReply("checkin", checkin)
		if w.sim.TerminalKey(terminalSN) == terminalKey {
			t.Fatal("a lost check-in did not rotate the key")
		}
		w.want("query", numberBody("x"), "FAIL UPAY_ORDER_NOT_EXIST")
	}
	a, err := w.send("checkin", checkin)
	if err != nil || a.Biz.TerminalKey == "" {
		t.Fatalf("check-in after three lost ones: %+v %v", a, err)
	}
	w.clean()
}

func TestManyCallersOneEffect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	together(24, func(int) { _, _ = w.send("pay", payBody("M1")) })
	w.books("M1", 1, 1000)
	if order, _ := w.sim.Order(terminalSN, "M1"); order.PayRequests != 24 {
		t.Errorf("%d pay requests were counted, want 24", order.PayRequests)
	}
	together(24, func(i int) { _, _ = w.send("refund", refundBody("M1", fmt.Sprint("R", i), "600")) })
	w.books("M1", 1, 400)
	together(24, func(i int) {
		op := []string{"query", "cancel", "refund"}[i%3]
		body := numberBody("M2")
		if op == "refund" {
			body = refundBody("M2", fmt.Sprint("R", i), "1000")
		}
		if i == 0 {
			op, body = "pay", payBody("M2")
		}
		_, _ = w.send(op, body)
	})
	if s := w.sim.Ledger().Order(shouqianba.Key(terminalSN, "M2")); s.Net != 0 && s.Net != 1000 || s.Pays > 1 {
		t.Errorf("ledger: %+v", s)
	}
}

func together(n int, do func(int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

func TestJournalSurvivesARestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "journal")
	open := func(o *shouqianba.Options) {
		journal, err := shouqianba.OpenJournal(file)
		if err != nil {
			t.Fatal(err)
		}
		o.Journal = journal
	}
	first := newWorld(t, open)
	first.want("pay", payBody("J1"), "PAY_SUCCESS PAID")
	first.want("refund", refundBody("J1", "R1", "400"), "REFUND_SUCCESS PARTIAL_REFUNDED")
	first.want("precreate", precreateBody("J2"), "PRECREATE_SUCCESS CREATED")
	activated, err := first.send("activate", fields{"app_id": "2026000001", "code": "11111111", "device_id": "POS-1"})
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := first.send("checkin", fields{"terminal_sn": terminalSN, "device_id": "any"})
	if err != nil {
		t.Fatal(err)
	}
	first.end()

	w := newWorld(t, open)
	w.keys[terminalSN] = rotated.Biz.TerminalKey
	w.books("J1", 1, 600)
	w.want("refund", refundBody("J1", "R1", "400"), "FAIL REFUND_REQUEST_CONFLICT")
	w.want("refund", refundBody("J1", "R2", "600"), "REFUND_SUCCESS REFUNDED")
	w.want("query", numberBody("J2"), "SUCCESS CREATED")
	w.want("pay", payBody("J1"), "FAIL CLIENT_SN_CONFLICT")
	w.keys[activated.Biz.TerminalSN] = activated.Biz.TerminalKey
	w.want("pay", payBody("J3").with("terminal_sn", activated.Biz.TerminalSN), "PAY_SUCCESS PAID")
	w.want("activate", fields{"app_id": "2026000001", "code": "11111111", "device_id": "POS-2"}, "400 INVALID_PARAMS")
	sns := map[string]bool{}
	for _, o := range w.sim.Orders() {
		if sns[o.SN] {
			t.Errorf("sn %s stands twice", o.SN)
		}
		sns[o.SN] = true
	}
}
