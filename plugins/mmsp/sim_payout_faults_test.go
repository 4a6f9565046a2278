package main

import (
	"testing"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestSimPayoutFaults: whatever goes wrong, a payout ends as the ledger says.
func TestSimPayoutFaults(t *testing.T) {
	t.Parallel()
	faultCases(t, []faultCase{
		{sim.OpPayout, func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			return s.payOut(t, payoutRequest()).Outcome
		}, map[sim.FaultKind]sdk.Outcome{
			sim.FaultRefuse: refusedIt, sim.FaultSystemError: unknown, sim.FaultPending: inProgress, sim.FaultFail: failed, sim.FaultUncertain: unknown,
			sim.FaultWrongAmount: unknown, sim.FaultWrongOrder: unknown,
		}},
		{sim.OpPayoutQuery, func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			s.payOut(t, payoutRequest())
			return s.payout(t, payoutRef()).Outcome
		}, map[sim.FaultKind]sdk.Outcome{
			sim.FaultRefuse: refusedIt, sim.FaultSystemError: refusedIt, sim.FaultNotExist: notFound, sim.FaultWrongAmount: unknown, sim.FaultWrongOrder: unknown,
		}},
		{sim.OpPayoutBalance, func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			return s.balances(t).Outcome
		}, map[sim.FaultKind]sdk.Outcome{sim.FaultRefuse: refusedIt, sim.FaultSystemError: refusedIt}},
	}, payoutEndsAsTheLedgerSays)
	t.Run("codes", payoutCodes)
}

// payoutEndsAsTheLedgerSays asks until there is an answer, as the host does.
func payoutEndsAsTheLedgerSays(t *testing.T, s *shop) {
	t.Helper()
	var last sdk.Outcome
	for range 4 {
		last = s.payout(t, payoutRef()).Outcome
	}
	paid := s.paid(t, testOrder)
	if (last == succeeded) != (paid == -10_000) || last == unknown || last == refusedIt {
		t.Errorf("the query says %s, the ledger %d", last, paid)
	}
}

// payoutCodes: the codes that leave doubt never read as a failure, whether the money moved
// (system-error) or not (refuse).
func payoutCodes(t *testing.T) {
	t.Parallel()
	for code, wanted := range map[string]sdk.Outcome{
		"1002": refusedIt, "1031": refusedIt, "1049": refusedIt, "1008": unknown, "1009": unknown, "1037": unknown, "1038": unknown, "1040": unknown, "1046": unknown, "1047": unknown,
	} {
		for _, kind := range []sim.FaultKind{sim.FaultRefuse, sim.FaultSystemError} {
			s := openShop(t, sim.Options{})
			s.arm(t, sim.Fault{Operation: sim.OpPayout, Kind: kind, Code: code, Times: 1})
			r := s.payOut(t, payoutRequest())
			want(t, string(kind)+" "+code, r.Outcome, wanted)
			want(t, string(kind)+" "+code, r.Provider.Code, code)
			payoutEndsAsTheLedgerSays(t, s)
		}
	}
}
