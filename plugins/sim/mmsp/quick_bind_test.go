package mmsp_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// TestBindingModeA is the one working way to bind a card (4.1.1): pay with USER_ID, BIND_ID, confirm, query.
func TestBindingModeA(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *mmsp.Options) { o.Opened = []string{mmsp.OpQuickBindQuery, mmsp.OpQuickUnbind} })
	a := w.quick(cmdQuickPay, creditBody("B1").with("USER_ID", "U1"), "1 0")
	bind := fields{"BIND_ID": a.text("BIND_ID")}
	if a.text("BIND_ID") == "" {
		t.Fatal("USER_ID brought no BIND_ID")
	}
	w.quick(cmdQuickBindQuery, bind, "1 2 Q4") // not before the payment is through
	w.quick(cmdQuickConfirm, confirmBody(a.text("LIST_ID")), "1 1")
	w.has(w.quick(cmdQuickQuery, fields{"MERORDERID": "B1"}, "1 1"), bind)
	w.has(w.quick(cmdQuickBindQuery, bind, "1 1"), fields{
		"LIST_ID": a.text("LIST_ID"), "CARDNO": "6225880113756648", "CARDTYPE": "2", "EXPDATE": "0628", "CVN2": "344", "NAME": "张安",
		"ID_NO": "23210219820916601X", "PHONENO": "18826570890", "BIND_ID": a.text("BIND_ID"),
	})
	if again := w.quick(cmdQuickPay, creditBody("B2").with("USER_ID", "U1"), "1 0"); again.text("BIND_ID") != a.text("BIND_ID") {
		t.Errorf("the same card of the same user got %s after %s", again.text("BIND_ID"), a.text("BIND_ID"))
	}
	if other := w.quick(cmdQuickPay, creditBody("B3").with("USER_ID", "U2"), "1 0"); other.text("BIND_ID") == a.text("BIND_ID") {
		t.Error("two users share a BIND_ID")
	}
	w.quick(cmdQuickUnbind, bind, "1 1")
	w.quick(cmdQuickUnbind, bind, "1 2 Q4")
	w.quick(cmdQuickBindQuery, bind, "1 2 Q4")
	w.clean()
}

// TestSwitchedOff is about the six operations that the document does not offer: well-formed messages are refused, and
// that is no breach.
func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for command, body := range map[int]fields{
		cmdQuickBindSMS: bindSMSBody("O1"), cmdQuickBind: bindBody("O2"), cmdQuickUnbind: {"BIND_ID": "1"}, cmdQuickBindQuery: {"BIND_ID": "1"},
		cmdQuickBoundSMS: boundSMSBody("O3", "1"), cmdQuickBoundPay: boundPayBody("O4", "1"),
	} {
		a := w.quick(command, body, "refused 0 -1001")
		if !strings.Contains(a.ErrorMsg, "暂未开通") {
			t.Errorf("%d says %q", command, a.ErrorMsg)
		}
	}
	if len(w.sim.Orders()) != 0 {
		t.Errorf("%d orders were placed", len(w.sim.Orders()))
	}
	w.clean()
}

func opened(o *mmsp.Options) {
	o.Opened = []string{
		mmsp.OpQuickBindSMS, mmsp.OpQuickBind, mmsp.OpQuickUnbind, mmsp.OpQuickBindQuery, mmsp.OpQuickBoundSMS, mmsp.OpQuickBoundPay,
	}
}

// bindModeB binds a card by SMS (4.1.2) and returns its BIND_ID.
func (w *world) bindModeB(number string) string {
	w.t.Helper()
	w.quick(cmdQuickBindSMS, bindSMSBody(number), "1 1")
	return w.quick(cmdQuickBind, bindBody(number), "1 1").text("BIND_ID")
}

func TestBindingModeBOpened(t *testing.T) {
	t.Parallel()
	w := newWorld(t, opened)
	w.quick(cmdQuickBind, bindBody("B0"), "1 2 Q1") // no SMS before
	w.has(w.quick(cmdQuickBindSMS, bindSMSBody("B1"), "1 1"), fields{"USER_ID": "U1", "MERORDERID": "B1", "CARDNO": "6225880113756648"})
	w.quick(cmdQuickBindSMS, bindSMSBody("B1"), "refused 0 -2003")
	w.quick(cmdQuickQuery, fields{"MERORDERID": "B1"}, "refused 0 -2002") // a binding is no payment
	if err := w.sim.PayOrder(merNo, "B1"); !errors.Is(err, mmsp.ErrNotWaiting) {
		t.Errorf("a binding was paid: %v", err)
	}
	w.quick(cmdQuickBind, bindBody("B2").with("MSG_CODE", "000000"), "1 2 Q1")
	a := w.quick(cmdQuickBind, bindBody("B1"), "1 1") // under the SMS's number
	w.has(a, fields{"USER_ID": "U1", "MERORDERID": "B1", "CARDNO": "6225880113756648"})
	w.quick(cmdQuickBind, bindBody("B1"), "refused 0 -2003")
	w.quick(cmdQuickBindSMS, bindSMSBody("B3"), "1 1")
	w.quick(cmdQuickBind, bindBody("B4"), "1 1") // under a fresh one
	w.has(w.quick(cmdQuickBindQuery, fields{"BIND_ID": a.text("BIND_ID")}, "1 1"), fields{"NAME": "张安", "CARDTYPE": "1"})
	w.quick(cmdQuickUnbind, fields{"BIND_ID": a.text("BIND_ID")}, "1 1")
	w.quick(cmdQuickBindQuery, fields{"BIND_ID": a.text("BIND_ID")}, "1 2 Q4")
	if w.sim.Ledger().Len() != 0 {
		t.Error("a binding moved money")
	}
	w.clean()
}

func TestFlowBOpened(t *testing.T) {
	t.Parallel()
	w := newWorld(t, opened)
	bind := w.bindModeB("B1")
	w.quick(cmdQuickBoundSMS, boundSMSBody("P0", "404"), "1 2 Q4")
	w.quick(cmdQuickBoundSMS, boundSMSBody("P0", bind).with("USER_ID", "U2"), "1 2 Q4")
	w.quick(cmdQuickBoundPay, boundPayBody("P0", bind), "1 2 Q1") // no SMS yet
	w.quick(cmdQuickBoundPay, boundPayBody("P0", "404"), "1 2 Q4")
	sent := w.quick(cmdQuickBoundSMS, boundSMSBody("P1", bind), "1 1")
	w.has(sent, fields{"USER_ID": "U1", "MERORDERID": "P1", "CARDNO": "6225880113756648"})
	w.quick(cmdQuickBoundPay, boundPayBody("P1", bind).with("AMT", "999"), "1 2 Q1")
	w.quick(cmdQuickBoundPay, boundPayBody("P1", bind).with("MSG_CODE", "000000"), "1 2 Q1")
	w.books("P1", 0, 0)
	w.has(w.quick(cmdQuickBoundPay, boundPayBody("P1", bind), "1 1"), fields{
		"USER_ID": "U1", "BIND_ID": bind, "LIST_ID": sent.text("LIST_ID"), "MERORDERID": "P1", "PAY_DATE": "20261123100000",
		"NOTIFY_DATE": "20261123100000", "AMT": "1000", "BANK_NAME": "招商银行", "CARDNO": "6225880113756648",
	})
	w.books("P1", 1, 1000)
	w.quick(cmdQuickBoundPay, boundPayBody("P1", bind), "refused 0 -2003")
	w.books("P1", 1, 1000)
	w.quick(cmdQuickQuery, fields{"MERORDERID": "P1"}, "1 1")

	w.quick(cmdQuickBoundSMS, boundSMSBody("P2", bind), "1 1")
	w.quick(cmdQuickBoundPay, boundPayBody("P3", bind), "1 1") // under its own number
	w.quick(cmdQuickBoundPay, boundPayBody("P4", bind), "1 2 Q1")
	w.books("P3", 1, 1000)
	w.clean()
}

func TestFlowBFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, opened)
	bind := w.bindModeB("B1")
	pay := func(number, want string, f mmsp.Fault) {
		t.Helper()
		w.quick(cmdQuickBoundSMS, boundSMSBody(number, bind), "1 1")
		f.Operation, f.Times = mmsp.OpQuickBoundPay, 1
		w.fault(f)
		w.quick(cmdQuickBoundPay, boundPayBody(number, bind), want)
	}
	pay("P1", "1 0 AA", mmsp.Fault{Kind: mmsp.FaultPending, Queries: 1}) // 状态未知,请发查询
	w.quick(cmdQuickQuery, fields{"MERORDERID": "P1"}, "1 0 AA")
	w.quick(cmdQuickQuery, fields{"MERORDERID": "P1"}, "1 1")
	w.books("P1", 1, 1000)
	pay("P2", "1 0 AA", mmsp.Fault{Kind: mmsp.FaultUncertain, Moved: true, Queries: 1})
	w.books("P2", 1, 1000)
	w.quick(cmdQuickQuery, fields{"MERORDERID": "P2"}, "1 0 AA")
	w.quick(cmdQuickQuery, fields{"MERORDERID": "P2"}, "1 1")
	w.books("P2", 1, 1000)
	pay("P3", "1 2 E1", mmsp.Fault{Kind: mmsp.FaultFail, Code: "E1"})
	w.quick(cmdQuickQuery, fields{"MERORDERID": "P3"}, "1 2 E1")
	w.books("P3", 0, 0)
	for command, op := range map[int]string{cmdQuickBindSMS: mmsp.OpQuickBindSMS, cmdQuickBind: mmsp.OpQuickBind, cmdQuickBoundSMS: mmsp.OpQuickBoundSMS} {
		body := map[int]fields{cmdQuickBindSMS: bindSMSBody("F1"), cmdQuickBind: bindBody("F2"), cmdQuickBoundSMS: boundSMSBody("F3", bind)}[command]
		w.fault(mmsp.Fault{Operation: op, Kind: mmsp.FaultFail, Code: "E2", Result: "0"})
		w.quick(command, body, "1 0 E2")
	}
	for command, op := range map[int]string{cmdQuickUnbind: mmsp.OpQuickUnbind, cmdQuickBindQuery: mmsp.OpQuickBindQuery} {
		w.fault(mmsp.Fault{Operation: op, Kind: mmsp.FaultFail, Code: "E3", Result: "3", Times: 1})
		w.quick(command, fields{"BIND_ID": bind}, "1 3 E3")
	}
	w.quick(cmdQuickBindQuery, fields{"BIND_ID": bind}, "1 1") // still bound
}

func TestOneSMSPaysOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, opened)
	bind := w.bindModeB("B1")
	w.quick(cmdQuickBoundSMS, boundSMSBody("P0", bind), "1 1")
	var group sync.WaitGroup
	for i := range 20 {
		message := compact(t, w.message(mmsp.PathQuick, cmdQuickBoundPay, boundPayBody(fmt.Sprint("P", i%4), bind)))
		group.Go(func() {
			if _, err := w.post(mmsp.PathQuick, message); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := w.sim.Ledger().Len(); n != 1 {
		t.Errorf("one SMS paid %d times", n)
	}
}
