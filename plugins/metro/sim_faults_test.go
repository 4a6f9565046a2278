package main

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/metro"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// faultCase is one thing that goes wrong with one call, what the plugin makes of it, what
// it makes of the query that follows, and what really moved.
type faultCase struct {
	fault sim.Fault
	want  sdk.Outcome
	then  sdk.Outcome
	money [3]int64 // paid, refunded, reversed
}

func runFaults(t *testing.T, name string, cases []faultCase, before func(*shop), do func(*shop) sdk.Outcome) {
	t.Helper()
	for _, c := range cases {
		s := openShop(t, sim.Options{})
		if before != nil {
			before(s)
		}
		c.fault.Operation, c.fault.Times = name, 1
		what := name + " " + string(c.fault.Kind) + " " + string(c.fault.Stage) + " " + c.fault.Code
		s.fault(t, c.fault)
		want(t, what, do(s), c.want)
		want(t, what+", asked", s.query(t).outcome, c.then)
		sum := s.metro.Ledger().Order(sim.Key(testMerchant, testOrder))
		want(t, what+", ledger", [3]int64{sum.Paid, sum.Refunded, sum.Reversed}, c.money)
		s.clean(t)
	}
}

// broken are the faults after which no reply can be read: unknown for every operation,
// whether it was done or not.
func broken(done, undone faultCase) []faultCase {
	var cases []faultCase
	for _, kind := range []sim.FaultKind{sim.FaultGarbage, sim.FaultTruncated, sim.FaultHTTP500} {
		after, before := done, undone
		after.fault, before.fault = sim.Fault{Kind: kind}, sim.Fault{Kind: kind, Stage: sim.StageBefore}
		cases = append(cases, after, before)
	}
	done.fault, undone.fault = sim.Fault{Kind: sim.FaultLostAfter}, sim.Fault{Kind: sim.FaultLostBefore}
	return append(cases, done, undone)
}

func TestSimFaultsOfCharge(t *testing.T) {
	t.Parallel()
	none, paid := [3]int64{}, [3]int64{100, 0, 0}
	cases := broken(faultCase{want: unknown, then: succeeded, money: paid}, faultCase{want: unknown, then: refused, money: none})
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultSystemError}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultSystemError, Stage: sim.StageBefore}, unknown, refused, none},
		faultCase{sim.Fault{Kind: sim.FaultRefuse, Code: "4001"}, unknown, refused, none},
		faultCase{sim.Fault{Kind: sim.FaultFail}, failed, failed, none},
		faultCase{sim.Fault{Kind: sim.FaultPending, Queries: 1}, inProgress, inProgress, none},
		faultCase{sim.Fault{Kind: sim.FaultPending, Queries: 1, Then: sim.ThenAbandoned}, inProgress, inProgress, none},
		faultCase{sim.Fault{Kind: sim.FaultUncertain}, inProgress, inProgress, none},
		faultCase{sim.Fault{Kind: sim.FaultUncertain, Moved: true}, inProgress, inProgress, paid},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount, Amount: 1}, unknown, succeeded, paid},
		// A charge's reply repeats no number of ours: another order's cannot be told by it.
		faultCase{sim.Fault{Kind: sim.FaultWrongOrder}, succeeded, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultOddStatus, Code: "PS_DONE"}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultOddStatus}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultDelay, Delay: sim.Delay(time.Millisecond)}, succeeded, succeeded, paid},
	)
	runFaults(t, "applypay", cases, nil, func(s *shop) sdk.Outcome { return s.charge(t).outcome })
}

func TestSimFaultsOfQuery(t *testing.T) {
	t.Parallel()
	paid := [3]int64{100, 0, 0}
	same := faultCase{want: unknown, then: succeeded, money: paid}
	cases := broken(same, same)
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultSystemError}, refused, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultRefuse, Code: "4001"}, refused, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultNotExist}, refused, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultWrongOrder}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultOddStatus, Code: "PS_REFUNDED"}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultOddStatus}, unknown, succeeded, paid},
	)
	runFaults(t, "orderquery", cases, func(s *shop) { want(t, "charge", s.charge(t).outcome, succeeded) },
		func(s *shop) sdk.Outcome { return s.query(t).outcome })
}

func TestSimFaultsOfReverse(t *testing.T) {
	t.Parallel()
	paid, back := [3]int64{100, 0, 0}, [3]int64{100, 0, 100}
	cases := broken(faultCase{want: unknown, then: closed, money: back}, faultCase{want: unknown, then: succeeded, money: paid})
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultSystemError, Stage: sim.StageBefore}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultRefuse, Code: "4001"}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultNotExist}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultFail}, unknown, succeeded, paid}, // recall N, and nothing was taken back
		faultCase{sim.Fault{Kind: sim.FaultUncertain}, inProgress, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultUncertain, Moved: true}, inProgress, closed, back},
		faultCase{sim.Fault{Kind: sim.FaultOddStatus, Code: "M"}, unknown, closed, back},
		faultCase{sim.Fault{Kind: sim.FaultOddStatus}, unknown, closed, back},
	)
	runFaults(t, "reverse", cases, func(s *shop) { want(t, "charge", s.charge(t).outcome, succeeded) },
		func(s *shop) sdk.Outcome { return s.reverse(t).outcome })
}

func TestSimFaultsOfRefund(t *testing.T) {
	t.Parallel()
	paid, back := [3]int64{100, 0, 0}, [3]int64{100, 30, 0}
	cases := broken(faultCase{want: unknown, then: succeeded, money: back}, faultCase{want: unknown, then: succeeded, money: paid})
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultSystemError}, unknown, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultRefuse, Code: "4001"}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultNotExist}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultFail}, failed, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultUncertain}, inProgress, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultUncertain, Moved: true}, inProgress, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount}, unknown, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultWrongOrder}, unknown, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultOddStatus, Code: "RS_CLOSED"}, unknown, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultOddStatus}, unknown, succeeded, back},
	)
	runFaults(t, "refund", cases, func(s *shop) { want(t, "charge", s.charge(t).outcome, succeeded) },
		func(s *shop) sdk.Outcome { return s.refund(t, testRefund, 30, 0).outcome })
}

// TestSimFaultsOfQuestions: ME4, ME8 and the check-in move nothing; a refusal is one.
func TestSimFaultsOfQuestions(t *testing.T) {
	t.Parallel()
	for operation, x := range map[string]func(s *shop) exchange{
		"queryuid": func(s *shop) exchange { return payerExchange(sdk.PayerRequest{Code: s.code(t, "")}) },
		"bill":     func(*shop) exchange { return billExchange(sdk.BillRequest{Day: testNow}) },
	} {
		for _, c := range []struct {
			fault sim.Fault
			want  sdk.Outcome
		}{
			{sim.Fault{Kind: sim.FaultGarbage}, unknown},
			{sim.Fault{Kind: sim.FaultTruncated}, unknown},
			{sim.Fault{Kind: sim.FaultHTTP500}, unknown},
			{sim.Fault{Kind: sim.FaultLostBefore}, unknown},
			{sim.Fault{Kind: sim.FaultLostAfter}, unknown},
			{sim.Fault{Kind: sim.FaultSystemError}, refused},
			{sim.Fault{Kind: sim.FaultRefuse, Code: "4001"}, refused},
		} {
			s := openShop(t, sim.Options{})
			want(t, "charge", s.charge(t).outcome, succeeded)
			c.fault.Operation, c.fault.Times = operation, 1
			s.fault(t, c.fault)
			want(t, operation+" "+string(c.fault.Kind), s.do(t, x(s)).outcome, c.want)
			want(t, operation+", again", s.do(t, x(s)).outcome, succeeded)
			s.books(t, 100, 0, 0)
			s.clean(t)
		}
	}
}

// TestSimChargeTwice: one number charges once, whatever the second answer is taken for.
func TestSimChargeTwice(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	want(t, "charge", s.charge(t).outcome, succeeded)
	if again := s.charge(t).outcome; again != unknown && again != succeeded {
		t.Errorf("again: %s", again)
	}
	want(t, "pays", s.metro.Ledger().Pays(sim.Key(testMerchant, testOrder)), 1)
	s.clean(t)
}

// TestSimWrongKey: the provider refuses the signature, and says so for no order.
func TestSimWrongKey(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	s.host.Credentials[credPrivateKey] = testdata(t, "provider.pem")
	want(t, "check-in", s.do(t, checkInExchange()).outcome, refused)
	want(t, "charge", s.charge(t).outcome, unknown)
	want(t, "query", s.query(t).outcome, refused)
	s.books(t, 0, 0, 0)
	if len(s.metro.Violations()) == 0 {
		t.Error("the provider noticed nothing")
	}
}

// TestSimNotFoundCode: with the code for "no such order" known, a query tells it.
func TestSimNotFoundCode(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	code := s.query(t).payment.Provider.Code
	if code == "" || code == "0" {
		t.Fatalf("the provider's code is %q", code)
	}
	s.settings = `{"store_id":"SZTX001","not_found_code":"` + code + `"}`
	want(t, "query", s.query(t).outcome, notFound)
	want(t, "charge", s.charge(t).outcome, succeeded)
	want(t, "query", s.query(t).outcome, succeeded)
	s.clean(t)
}

// TestSimAnyText: whatever a cashier types, the provider reads the same and finds no fault.
func TestSimAnyText(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	rapid.Check(t, func(rt *rapid.T) {
		s.metro.Reset()
		req := paymentRequest()
		req.PayerCode = s.code(t, "")
		req.Subject, req.Description = anyText().Draw(rt, "subject"), anyText().Draw(rt, "description")
		req.Amount = sdk.Fen(rapid.Int64Range(1, 1<<53).Draw(rt, "amount"))
		r := s.do(t, paymentExchange(req))
		if violations := s.metro.Violations(); r.outcome != succeeded || len(violations) > 0 {
			rt.Fatalf("%s, %+v", r.outcome, violations)
		}
		if order, _ := s.metro.Order(testMerchant, testOrder); order.Total != req.Amount.Minor || order.ExtraData != req.Description ||
			(req.Subject != "" && order.Body != req.Subject) {
			rt.Fatalf("%+v", order)
		}
	})
}
