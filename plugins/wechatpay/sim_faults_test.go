package main

import (
	"errors"
	"testing"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// broken are the faults after which WeChat Pay may have done what it was asked.
func broken(operation string) map[string]sim.Fault {
	out := map[string]sim.Fault{
		"lost after":  {Operation: operation, Kind: sim.FaultLostAfter},
		"lost before": {Operation: operation, Kind: sim.FaultLostBefore},
		"garbage":     {Operation: operation, Kind: sim.FaultGarbage},
		"truncated":   {Operation: operation, Kind: sim.FaultTruncated},
		"500":         {Operation: operation, Kind: sim.FaultHTTP500},
		"502":         {Operation: operation, Kind: sim.FaultHTTP500, Status: 502},
		"system":      {Operation: operation, Kind: sim.FaultSystemError},
		"too often":   {Operation: operation, Kind: sim.FaultRefuse, Code: "FREQUENCY_LIMITED"},
	}
	for _, flaw := range sim.Flaws() {
		out["signature "+string(flaw)] = sim.Fault{Operation: operation, Kind: sim.FaultBadSignature, Result: string(flaw)}
	}
	return out
}

// needsRetired says that a fault signs with a retired certificate: there must be one.
func needsRetired(f sim.Fault) bool { return f.Result == string(sim.ForgeRetired) }

// retire changes the platform certificate, and gives the account the new one.
func (s *shop) retire(t *testing.T) {
	t.Helper()
	for _, step := range []sim.CertificateStep{sim.StepIssue, sim.StepSwitch, sim.StepRetire} {
		if err := s.wechat.ChangeCertificate(step); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := s.wechat.PlatformKeys()
	if err != nil {
		t.Fatal(err)
	}
	s.host.Credentials[credCertificate] = keys.Certificates[len(keys.Certificates)-1].PEM
}

// TestSimOrderFaults: whatever breaks while an order is placed is unknown, and a query says
// whether there is one; nobody pays what nobody has a link for.
func TestSimOrderFaults(t *testing.T) {
	t.Parallel()
	for name, f := range broken(sim.OpNative) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, sim.ModeCertificate, sim.Options{})
			if needsRetired(f) {
				s.retire(t)
			}
			f.Times = 1
			s.fault(t, f)
			want(t, "order", s.order(t, sdk.MethodQR).outcome, unknown)
			placed := inProgress
			if _, there := s.wechat.Order(testMerchant, testOrder); !there {
				placed = notFound
			}
			want(t, "query", s.query(t).outcome, placed)
			s.books(t, 0, 0)
			s.clean(t)
		})
	}
}

// TestSimQueryFaults: a query that breaks changes nothing and says nothing.
func TestSimQueryFaults(t *testing.T) {
	t.Parallel()
	faults := broken(sim.OpQuery)
	for _, kind := range []sim.FaultKind{sim.FaultWrongAmount, sim.FaultWrongOrder, sim.FaultWrongState} {
		faults[string(kind)] = sim.Fault{Operation: sim.OpQuery, Kind: kind}
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, sim.ModeCertificate, sim.Options{})
			if needsRetired(f) {
				s.retire(t)
			}
			want(t, "order", s.order(t, sdk.MethodQR).outcome, inProgress)
			if err := s.wechat.PayOrder(testMerchant, testOrder); err != nil {
				t.Fatal(err)
			}
			f.Times = 1
			s.fault(t, f)
			want(t, "broken", s.query(t).outcome, unknown)
			want(t, "then", s.query(t).outcome, succeeded)
			s.books(t, 100, 0)
			s.clean(t)
		})
	}
}

// TestSimOrderRefusals: what is refused for good was not placed.
func TestSimOrderRefusals(t *testing.T) {
	t.Parallel()
	for code, outcome := range map[string]sdk.Outcome{
		"PARAM_ERROR": refused, "NO_AUTH": refused, "APPID_MCHID_NOT_MATCH": refused, "RULE_LIMIT": refused,
		"INVALID_REQUEST": unknown, "OUT_TRADE_NO_USED": unknown, "ORDERPAID": unknown, "TRADE_ERROR": unknown,
	} {
		s := openShop(t, sim.ModePublicKey, sim.Options{})
		s.fault(t, sim.Fault{Operation: sim.OpNative, Kind: sim.FaultRefuse, Code: code, Times: 1})
		r := s.order(t, sdk.MethodQR)
		want(t, code, r.outcome, outcome)
		want(t, code+", code", r.payment.Provider.Code, code)
		want(t, code+", query", s.query(t).outcome, notFound)
		s.books(t, 0, 0)
	}
}

func isInvalidCredential(err error) bool {
	return errors.Is(err, &sdk.Error{Code: sdk.ErrInvalidCredential})
}

// TestSimRefundFaults: whatever breaks while money is given back is unknown, and the query
// says what became of it; it is never given back twice.
func TestSimRefundFaults(t *testing.T) {
	t.Parallel()
	faults := broken(sim.OpRefund)
	for _, kind := range []sim.FaultKind{sim.FaultWrongAmount, sim.FaultWrongOrder, sim.FaultWrongState} {
		faults[string(kind)] = sim.Fault{Operation: sim.OpRefund, Kind: kind}
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := paid(t, sim.ModeCertificate, sim.Options{})
			if needsRetired(f) {
				s.retire(t)
			}
			f.Times = 1
			s.fault(t, f)
			want(t, "refund", s.refund(t, testRefund, 30, 0).outcome, unknown)
			order, _ := s.wechat.Order(testMerchant, testOrder)
			then, back := notFound, int64(0)
			if len(order.Refunds) > 0 {
				then, back = succeeded, 30
			}
			want(t, "query", s.refundQuery(t, testRefund, 30, 0).outcome, then)
			s.books(t, 100, back)
			s.clean(t)
		})
	}
}

// TestSimUncertainRefund: WeChat Pay itself does not know for a while.
func TestSimUncertainRefund(t *testing.T) {
	t.Parallel()
	for moved, outcome := range map[bool]sdk.Outcome{true: succeeded, false: failed} {
		s := paid(t, sim.ModePublicKey, sim.Options{})
		s.fault(t, sim.Fault{Operation: sim.OpRefund, Kind: sim.FaultUncertain, Moved: moved, Queries: 2})
		want(t, "refund", s.refund(t, testRefund, 30, 0).outcome, unknown)
		want(t, "first", s.refundQuery(t, testRefund, 30, 0).outcome, inProgress)
		want(t, "second", s.refundQuery(t, testRefund, 30, 0).outcome, inProgress)
		want(t, "third", s.refundQuery(t, testRefund, 30, 0).outcome, outcome)
		back := int64(0)
		if moved {
			back = 30
		}
		s.books(t, 100, back)
		s.clean(t)
	}
}

// TestSimRefundQueryFaults: a query that breaks changes nothing and says nothing.
func TestSimRefundQueryFaults(t *testing.T) {
	t.Parallel()
	faults := broken(sim.OpRefundQuery)
	for _, kind := range []sim.FaultKind{sim.FaultWrongAmount, sim.FaultWrongOrder, sim.FaultWrongState} {
		faults[string(kind)] = sim.Fault{Operation: sim.OpRefundQuery, Kind: kind}
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := paid(t, sim.ModeCertificate, sim.Options{})
			if needsRetired(f) {
				s.retire(t)
			}
			want(t, "refund", s.refund(t, testRefund, 30, 0).outcome, inProgress)
			f.Times = 1
			s.fault(t, f)
			want(t, "broken", s.refundQuery(t, testRefund, 30, 0).outcome, unknown)
			want(t, "then", s.refundQuery(t, testRefund, 30, 0).outcome, succeeded)
			s.clean(t)
		})
	}
}

// TestSimCloseFaults: whatever breaks while an order is closed is unknown; a query says
// whether it is closed.
func TestSimCloseFaults(t *testing.T) {
	t.Parallel()
	for name, f := range broken(sim.OpClose) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, sim.ModeCertificate, sim.Options{})
			if needsRetired(f) {
				s.retire(t)
			}
			s.order(t, sdk.MethodQR)
			f.Times = 1
			s.fault(t, f)
			want(t, "close", s.closing(t).outcome, unknown)
			order, _ := s.wechat.Order(testMerchant, testOrder)
			then := inProgress
			if order.State == "CLOSED" {
				then = closed
			}
			want(t, "query", s.query(t).outcome, then)
			s.books(t, 0, 0)
			s.clean(t)
		})
	}
}
