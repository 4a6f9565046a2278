package mmsp_test

import (
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// TestFaultsOfEveryQuickAndGatewayOperation is about the faults that all messages know.
func TestFaultsOfEveryQuickAndGatewayOperation(t *testing.T) {
	t.Parallel()
	for path, document := range map[string][]documentedOperation{
		mmsp.PathQuick: quickDocument(), mmsp.PathGateway: gatewayDocument(),
	} {
		for _, d := range document {
			t.Run(d.op, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				only := func(f mmsp.Fault) {
					t.Helper()
					w.sim.ClearFaults()
					f.Operation = d.op
					w.fault(f)
				}
				deliver := func() (answer, error) {
					return w.deliver(path, d.command, compact(t, w.message(path, d.command, d.body)))
				}
				refused := func(want string) {
					t.Helper()
					if a, err := deliver(); err != nil || a.String() != want {
						t.Errorf("answered %q %v, want %q", a, err, want)
					}
				}
				lost := func() {
					t.Helper()
					if a, err := deliver(); err == nil {
						t.Errorf("answered %q, want nothing that can be read", a)
					}
				}
				only(mmsp.Fault{Kind: mmsp.FaultRefuse, Code: "-3005", Message: "交易金额不符"})
				refused("refused 0 -3005")
				only(mmsp.Fault{Kind: mmsp.FaultRefuse, Result: "39999", Message: "支付失败"})
				refused("refused 39999 支付失败")
				only(mmsp.Fault{Kind: mmsp.FaultSystemError, Stage: mmsp.StageBefore})
				refused("refused 39999 支付失败")
				for _, kind := range []mmsp.FaultKind{mmsp.FaultGarbage, mmsp.FaultTruncated, mmsp.FaultHTTP500} {
					only(mmsp.Fault{Kind: kind, Stage: mmsp.StageBefore})
					lost()
				}
				only(mmsp.Fault{Kind: mmsp.FaultLostBefore})
				lost()
				if len(w.sim.Orders()) != 0 || w.sim.Ledger().Len() != 0 {
					t.Fatalf("something was done: %+v", w.sim.Orders())
				}
				before := w.clock.Now()
				only(mmsp.Fault{Kind: mmsp.FaultDelay, Delay: mmsp.Delay(3 * time.Second)})
				w.fault(mmsp.Fault{Operation: d.op, Kind: mmsp.FaultTruncated, Delay: mmsp.Delay(time.Second)})
				lost()
				if waited := w.clock.Now().Sub(before); waited != 4*time.Second {
					t.Errorf("waited %v", waited)
				}
				w.clean()
			})
		}
	}
}

// TestQuickBadSignature: everything is done, and the reply cannot be verified.
func TestQuickBadSignature(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, kind := range []string{"", "missing"} {
		w.fault(mmsp.Fault{Operation: mmsp.OpQuickPay, Kind: mmsp.FaultBadSignature, Result: kind, Times: 1})
		number := []string{"BS1", "BS2"}[i]
		a, err := w.send(mmsp.PathQuick, cmdQuickPay, cardBody(number))
		if err != nil || a.text("STATUS") != "0" || a.Sign == sign(t, a.Body, merKey) || (kind == "missing") != (a.Sign == "") {
			t.Errorf("%v, signature %q, %v", a, a.Sign, err)
		}
		w.quick(cmdQuickQuery, fields{"MERORDERID": number}, "1 0 AA")
	}
}

func TestQuickWrongAmountAndOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, op := range []string{mmsp.OpQuickPay, mmsp.OpQuickUnionPay} {
		send := func(number string) answer {
			a, err := w.send(mmsp.PathQuick, []int{cmdQuickPay, cmdQuickUnionPay}[i], []fields{cardBody(number), unionPayBody(number)}[i])
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		w.fault(mmsp.Fault{Operation: op, Kind: mmsp.FaultWrongAmount, Times: 1})
		if a := send(op + "-1"); a.text("AMT") != "1001" {
			t.Errorf("%s: the wrong amount is %v", op, a.Body)
		}
		w.fault(mmsp.Fault{Operation: op, Kind: mmsp.FaultWrongOrder, Times: 1})
		if a := send(op + "-2"); a.text("MERORDERID") == op+"-2" || a.text("LIST_ID") == w.listID(op+"-2") {
			t.Errorf("%s: the wrong order is %v", op, a.Body)
		}
	}
	w.clean()
}

func TestFaultsThatQuickAndGatewayDoNotHave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for op, kind := range map[string]mmsp.FaultKind{
		mmsp.OpQuickQuery: mmsp.FaultFail, mmsp.OpQuickBatch: mmsp.FaultWrongAmount, mmsp.OpQuickResend: mmsp.FaultPending,
		mmsp.OpQuickConfirm: mmsp.FaultWrongAmount, mmsp.OpGatewayPay: mmsp.FaultNotExist, mmsp.OpGatewayBatch: mmsp.FaultUncertain,
		"quick-refund": mmsp.FaultDelay,
	} {
		if _, err := w.sim.AddFault(mmsp.Fault{Operation: op, Kind: kind, Delay: 1}); err == nil {
			t.Errorf("the fault %s of %s was armed", kind, op)
		}
	}
}

func TestQuickFaultsOfThePayment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fault(mmsp.Fault{Operation: mmsp.OpQuickPay, PayerSuffix: "0404", Kind: mmsp.FaultFail})
	w.fault(mmsp.Fault{Operation: mmsp.OpQuickPay, Order: "F2", Kind: mmsp.FaultPending, Queries: 1})
	w.fault(mmsp.Fault{Operation: mmsp.OpQuickPay, Order: "F3", Kind: mmsp.FaultUncertain, Queries: 1, Moved: true})
	w.fault(mmsp.Fault{Operation: mmsp.OpQuickPay, Order: "F4", Kind: mmsp.FaultUncertain, Queries: 1, Result: "1"})
	w.fault(mmsp.Fault{Operation: mmsp.OpQuickPay, Order: "F5", Kind: mmsp.FaultPending, Queries: 1, Result: "7", Code: "ZZ"})
	a := w.quick(cmdQuickPay, cardBody("F1").with("CARDNO", "6225880113750404"), "1 2 D4")
	if a.text("ERRMSG") != "要素不匹配" {
		t.Errorf("elements that do not match are called %q", a.text("ERRMSG"))
	}
	w.quick(cmdQuickConfirm, confirmBody(a.text("LIST_ID")), "1 2 D4")
	w.quick(cmdQuickQuery, fields{"MERORDERID": "F1"}, "1 2 D4")
	w.books("F1", 0, 0)
	a = w.quick(cmdQuickPay, cardBody("F2"), "1 2 AA")
	w.quick(cmdQuickConfirm, confirmBody(a.text("LIST_ID")), "1 2 AA")
	w.quick(cmdQuickResend, fields{"LIST_ID": a.text("LIST_ID")}, "1 2 Q3")
	w.quick(cmdQuickQuery, fields{"MERORDERID": "F2"}, "1 0 AA")
	w.quick(cmdQuickQuery, fields{"MERORDERID": "F2"}, "1 1")
	w.books("F2", 1, 1000)
	w.quick(cmdQuickPay, cardBody("F3"), "1 3 AA")
	w.books("F3", 1, 1000)
	w.quick(cmdQuickQuery, fields{"MERORDERID": "F3"}, "1 0 AA")
	w.quick(cmdQuickQuery, fields{"MERORDERID": "F3"}, "1 1")
	w.books("F3", 1, 1000)
	w.quick(cmdQuickPay, cardBody("F4"), "1 1") // theoretically never returned, and not true here
	w.books("F4", 0, 0)
	w.quick(cmdQuickQuery, fields{"MERORDERID": "F4"}, "1 0 AA")
	w.quick(cmdQuickQuery, fields{"MERORDERID": "F4"}, "1 2 99")
	w.books("F4", 0, 0)
	w.quick(cmdQuickPay, cardBody("F5"), "1 7 ZZ") // in no table
	w.quick(cmdQuickQuery, fields{"MERORDERID": "F5"}, "1 7 ZZ")
	w.quick(cmdQuickQuery, fields{"MERORDERID": "F5"}, "1 1")
}

func TestQuickFaultsOfTheConfirmation(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault       mmsp.Fault
		confirm     string
		queries     []string
		pays        int
		paidAtOnce  int
		otherReply  bool // no reply at all
		payableLate bool // the code can be sent again
	}{
		"failed":               {mmsp.Fault{Kind: mmsp.FaultFail, Code: "E9"}, "1 2 E9", []string{"1 2 E9"}, 0, 0, false, false},
		"pending":              {mmsp.Fault{Kind: mmsp.FaultPending, Queries: 1}, "1 2 AA", []string{"1 0 AA", "1 1"}, 1, 0, false, false},
		"pending, given up":    {mmsp.Fault{Kind: mmsp.FaultPending, Then: mmsp.ThenAbandoned}, "1 2 AA", []string{"1 2 99"}, 0, 0, false, false},
		"moved, says failed":   {mmsp.Fault{Kind: mmsp.FaultUncertain, Moved: true, Queries: 1}, "1 2 99", []string{"1 0 AA", "1 1"}, 1, 1, false, false},
		"not moved, in doubt":  {mmsp.Fault{Kind: mmsp.FaultUncertain, Queries: 1}, "1 2 99", []string{"1 0 AA", "1 2 99"}, 0, 0, false, false},
		"lost after":           {mmsp.Fault{Kind: mmsp.FaultLostAfter}, "", []string{"1 1"}, 1, 1, true, false},
		"lost before":          {mmsp.Fault{Kind: mmsp.FaultLostBefore}, "", []string{"1 0 AA"}, 0, 0, true, true},
		"refused":              {mmsp.Fault{Kind: mmsp.FaultRefuse, Result: "39999"}, "refused 39999 消息结构体错误", []string{"1 0 AA"}, 0, 0, false, true},
		"not there":            {mmsp.Fault{Kind: mmsp.FaultNotExist}, "refused 0 -2002", []string{"1 0 AA"}, 0, 0, false, true},
		"system error, it ran": {mmsp.Fault{Kind: mmsp.FaultSystemError}, "refused 39999 支付失败", []string{"1 1"}, 1, 1, false, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			list := w.quick(cmdQuickPay, cardBody("C1"), "1 0").text("LIST_ID")
			c.fault.Operation, c.fault.Times, c.fault.Order = mmsp.OpQuickConfirm, 1, "C1" // found by LIST_ID
			w.fault(c.fault)
			if c.otherReply {
				w.wantNoReply(mmsp.PathQuick, cmdQuickConfirm, confirmBody(list))
			} else {
				w.quick(cmdQuickConfirm, confirmBody(list), c.confirm)
			}
			w.books("C1", c.paidAtOnce, int64(c.paidAtOnce)*1000)
			for _, want := range c.queries {
				w.quick(cmdQuickQuery, fields{"MERORDERID": "C1"}, want)
			}
			w.books("C1", c.pays, int64(c.pays)*1000)
			if c.payableLate {
				w.quick(cmdQuickConfirm, confirmBody(list), "1 1")
				w.books("C1", 1, 1000)
			}
		})
	}
}
