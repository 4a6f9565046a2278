package main

import (
	"testing"
	"time"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/bestpay"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// faultCase is one thing that goes wrong with one call, what the plugin makes of it, and
// what it makes of the question that follows.
type faultCase struct {
	fault sim.Fault
	want  sdk.Outcome
	then  sdk.Outcome
	money [2]int64 // paid, refunded
}

func runFaults(t *testing.T, operation string, cases []faultCase, do, ask exchange, before ...exchange) {
	t.Helper()
	for _, c := range cases {
		c.fault.Operation, c.fault.Times = operation, 1
		name := operation + " " + string(c.fault.Kind) + " " + string(c.fault.Stage) + " " + c.fault.Code + " " + c.fault.Result
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, quiet())
			for _, e := range before {
				s.do(t, e)
			}
			s.fault(t, c.fault)
			r := s.outcome(t, do, c.want)
			if r.outcome != inProgress && r.payment.NextAction != nil {
				t.Errorf("the payer is sent on although the outcome is %s", r.outcome)
			}
			s.outcome(t, ask, c.then)
			s.books(t, c.money[0], c.money[1])
			s.clean(t)
		})
	}
}

// broken are the faults after which no reply proves anything: unknown for every operation.
// expected tells what follows when the operation was done, and when it was not.
func broken(expected func(done bool) faultCase) []faultCase {
	var cases []faultCase
	add := func(done bool, f sim.Fault) {
		c := expected(done)
		c.fault, c.want = f, unknown
		cases = append(cases, c)
	}
	for _, kind := range []sim.FaultKind{sim.FaultGarbage, sim.FaultTruncated, sim.FaultHTTP500} {
		add(true, sim.Fault{Kind: kind})
		add(false, sim.Fault{Kind: kind, Stage: sim.StageBefore})
	}
	add(true, sim.Fault{Kind: sim.FaultLostAfter})
	add(false, sim.Fault{Kind: sim.FaultLostBefore})
	for _, how := range []string{"", "unsigned", "key", "algorithm"} {
		add(true, sim.Fault{Kind: sim.FaultBadSignature, Result: how})
	}
	for _, status := range []string{"", "PAID", "success", "REFUND"} {
		add(true, sim.Fault{Kind: sim.FaultWrongStatus, Code: status})
	}
	return cases
}

func TestFaultsOfBarcode(t *testing.T) {
	t.Parallel()
	none, paid := [2]int64{}, [2]int64{100, 0}
	cases := broken(func(done bool) faultCase {
		if done {
			return faultCase{then: succeeded, money: paid}
		}
		return faultCase{then: refused, money: none}
	})
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultSystemError}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultSystemError, Stage: sim.StageBefore}, unknown, refused, none},
		faultCase{sim.Fault{Kind: sim.FaultRefuse}, unknown, refused, none},
		faultCase{sim.Fault{Kind: sim.FaultFail}, failed, failed, none},
		faultCase{sim.Fault{Kind: sim.FaultPending, Queries: 1}, inProgress, inProgress, none},
		faultCase{sim.Fault{Kind: sim.FaultPending, Queries: 0}, inProgress, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount, Amount: 1}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultUncertain, Moved: true}, unknown, inProgress, paid},
		faultCase{sim.Fault{Kind: sim.FaultUncertain}, unknown, inProgress, none},
		faultCase{sim.Fault{Kind: sim.FaultWrongOrder}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultWrongStatus, Code: "CLOSE"}, closed, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultDiscount, Amount: 10}, succeeded, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultDelay, Delay: sim.Delay(time.Millisecond)}, succeeded, succeeded, paid},
	)
	runFaults(t, sim.OpBarcode, cases, create(barcodeRequest()), query(orderRef()))
}

func TestFaultsOfQR(t *testing.T) {
	t.Parallel()
	none := [2]int64{}
	cases := broken(func(done bool) faultCase {
		if done {
			return faultCase{then: inProgress}
		}
		return faultCase{then: refused}
	})
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultSystemError}, unknown, inProgress, none},
		faultCase{sim.Fault{Kind: sim.FaultRefuse}, unknown, refused, none},
		faultCase{sim.Fault{Kind: sim.FaultFail}, failed, failed, none},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount}, unknown, inProgress, none},
		faultCase{sim.Fault{Kind: sim.FaultWrongOrder}, unknown, inProgress, none},
		faultCase{sim.Fault{Kind: sim.FaultWrongStatus, Code: "SUCCESS"}, inProgress, inProgress, none},
	)
	runFaults(t, sim.OpQR, cases, create(qrRequest()), query(orderRef()))
}

func TestFaultsOfConfirm(t *testing.T) {
	t.Parallel()
	paid := [2]int64{100, 0}
	cases := broken(func(bool) faultCase { return faultCase{then: succeeded, money: paid} })
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultSystemError}, refused, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultRefuse}, refused, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultNotExist}, refused, succeeded, paid},
	)
	runFaults(t, sim.OpConfirm, cases, query(orderRef()), query(orderRef()), create(barcodeRequest()))
}

func TestFaultsOfRefund(t *testing.T) {
	t.Parallel()
	none, back := [2]int64{100, 0}, [2]int64{100, 30}
	cases := broken(func(done bool) faultCase {
		if done {
			return faultCase{then: succeeded, money: back}
		}
		return faultCase{then: refused, money: none}
	})
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultSystemError}, unknown, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultSystemError, Stage: sim.StageBefore}, unknown, refused, none},
		faultCase{sim.Fault{Kind: sim.FaultRefuse}, unknown, refused, none},
		faultCase{sim.Fault{Kind: sim.FaultFail}, failed, failed, none},
		faultCase{sim.Fault{Kind: sim.FaultPending, Queries: 1}, inProgress, inProgress, none},
		faultCase{sim.Fault{Kind: sim.FaultUncertain, Moved: true}, unknown, inProgress, back},
		faultCase{sim.Fault{Kind: sim.FaultUncertain}, unknown, inProgress, none},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount}, unknown, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultWrongOrder}, unknown, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultWrongStatus, Code: "CLOSE"}, unknown, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultWrongStatus, Code: "WAITFORPAY"}, inProgress, succeeded, back},
	)
	runFaults(t, sim.OpRefund, cases, refund(refundRequest()), queryRefund(refundRequest()), create(barcodeRequest()))
}

func TestFaultsOfRefundQuery(t *testing.T) {
	t.Parallel()
	back := [2]int64{100, 30}
	cases := broken(func(bool) faultCase { return faultCase{then: succeeded, money: back} })
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultSystemError}, refused, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultRefuse}, refused, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultNotExist}, refused, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount}, unknown, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultWrongOrder}, unknown, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultWrongStatus, Code: "CLOSE"}, unknown, succeeded, back},
	)
	runFaults(t, sim.OpRefundQuery, cases, queryRefund(refundRequest()), queryRefund(refundRequest()), create(barcodeRequest()), refund(refundRequest()))
}

// TestFaultsOfCallback: a callback whose signature is spoilt is not answered as received.
func TestFaultsOfCallback(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"", "unsigned", "key", "algorithm"} {
		s := openShop(t, quiet())
		s.outcome(t, create(barcodeRequest()), succeeded)
		s.fault(t, sim.Fault{Operation: sim.OpCallback, Kind: sim.FaultBadSignature, Result: how, Times: 1})
		d, err := s.gateway.Notify(t.Context(), testMerchant, testOrder, sim.Notice{})
		if err != nil || d.Accepted || len(s.events) > 0 {
			t.Errorf("%q: %+v, %v, %d events", how, d, err, len(s.events))
		}
	}
}
