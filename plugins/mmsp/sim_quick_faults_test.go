package main

import (
	"testing"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// silences are the faults after which there is no reply to believe.
var silences = []sim.FaultKind{
	sim.FaultLostBefore, sim.FaultLostAfter, sim.FaultGarbage, sim.FaultTruncated, sim.FaultHTTP500, sim.FaultBadSignature,
}

// faultCase is an operation under faults: what each fault makes of it. A kind that the
// platform does not offer for the operation is left out.
type faultCase struct {
	operation string
	ask       func(t *testing.T, s *shop) sdk.Outcome
	want      map[sim.FaultKind]sdk.Outcome
}

func (c faultCase) run(t *testing.T, kind sim.FaultKind, wanted sdk.Outcome, then func(*testing.T, *shop)) {
	t.Helper()
	s := openShop(t, sim.Options{})
	s.arm(t, sim.Fault{Operation: c.operation, Kind: kind, Times: 1, Queries: 1})
	if got := c.ask(t, s); got != wanted {
		t.Errorf("%s: %s, want %s", kind, got, wanted)
	}
	then(t, s)
	s.clean(t)
}

// faultCases runs every fault of every case, and a look afterwards.
func faultCases(t *testing.T, cases []faultCase, then func(*testing.T, *shop)) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.operation, func(t *testing.T) {
			t.Parallel()
			for _, kind := range silences {
				c.run(t, kind, unknown, then)
			}
			for kind, wanted := range c.want {
				c.run(t, kind, wanted, then)
			}
		})
	}
}

// TestSimQuickFaults: whatever goes wrong, a payment ends as the ledger says.
func TestSimQuickFaults(t *testing.T) {
	t.Parallel()
	place := func(req sdk.PaymentRequest) func(*testing.T, *shop) sdk.Outcome {
		return func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			return s.create(t, req).Outcome
		}
	}
	order := map[sim.FaultKind]sdk.Outcome{
		sim.FaultRefuse: unknown, sim.FaultSystemError: unknown, sim.FaultPending: inProgress, sim.FaultFail: failed, sim.FaultUncertain: inProgress,
		sim.FaultWrongAmount: unknown, sim.FaultWrongOrder: unknown,
	}
	faultCases(t, []faultCase{
		{sim.OpQuickPay, place(cardPayment()), order},
		{sim.OpQuickUnionPay, place(unionPayRequest()), order},
		{sim.OpQuickConfirm, func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			return s.confirm(t, simConfirm(sdk.MethodCard, s.create(t, cardPayment()), "123456")).Outcome
		}, map[sim.FaultKind]sdk.Outcome{
			sim.FaultRefuse: unknown, sim.FaultSystemError: unknown, sim.FaultPending: inProgress, sim.FaultFail: refusedIt, sim.FaultUncertain: refusedIt,
			sim.FaultNotExist: unknown, sim.FaultWrongOrder: unknown,
		}},
		{sim.OpQuickQuery, func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			s.confirm(t, simConfirm(sdk.MethodCard, s.create(t, cardPayment()), "123456"))
			return s.query(t, quickRef(sdk.MethodCard)).Outcome
		}, map[sim.FaultKind]sdk.Outcome{
			sim.FaultRefuse: refusedIt, sim.FaultSystemError: unknown, sim.FaultNotExist: notFound, sim.FaultWrongAmount: unknown, sim.FaultWrongOrder: unknown,
		}},
		{sim.OpQuickResend, func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			ref := simRef(sdk.MethodCard, s.create(t, cardPayment()))
			s.wait(resendAfter)
			r, err := testPlugin().ResendCode(t.Context(), s.call(t, sdk.CapResendCode), ref)
			must(t, err)
			return r.Outcome
		}, map[sim.FaultKind]sdk.Outcome{
			sim.FaultRefuse: refusedIt, sim.FaultSystemError: unknown, sim.FaultFail: refusedIt, sim.FaultNotExist: refusedIt, sim.FaultWrongOrder: unknown,
		}},
	}, quickEndsAsTheLedgerSays)
}

// quickEndsAsTheLedgerSays asks until there is an answer, as the host does.
func quickEndsAsTheLedgerSays(t *testing.T, s *shop) {
	t.Helper()
	var last sdk.Outcome
	for range 4 {
		last = s.query(t, quickRef(sdk.MethodCard)).Outcome
	}
	paid := s.paid(t, testOrder)
	if (last == succeeded) != (paid == 899) || last == unknown || last == refusedIt {
		t.Errorf("the query says %s, the ledger %d", last, paid)
	}
}
