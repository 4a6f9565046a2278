package main

import (
	"testing"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// operationOf names the platform's operation for each order.
func operationOf() map[string]string {
	return map[string]string{
		"SC1 qr": sim.OpScanWechatPreorder, "SC1 jsapi": sim.OpScanWechatPreorder, "SC1 mini": sim.OpScanWechatPreorder, "SC2": sim.OpScanWechatBarcode,
		"SC3": sim.OpScanWechatH5, "SC4 qr": sim.OpScanAlipayPreorder, "SC4 window": sim.OpScanAlipayPreorder, "SC5": sim.OpScanAlipayBarcode,
		"SC6": sim.OpScanAlipayStatic, "SC7": sim.OpScanAlipayDynamic, "SC8": sim.OpScanAlipayH5, "SC9 qr": sim.OpScanQQPreorder,
		"SC9 window": sim.OpScanQQPreorder, "SC10": sim.OpScanQQBarcode, "SC11": sim.OpScanJDPreorder, "SC12": sim.OpScanUnionPayPreorder,
	}
}

// settle asks until an answer is final, as the host does, and compares it with the ledger.
func (s *shop) settle(t *testing.T, req sdk.PaymentRequest) sdk.Outcome {
	t.Helper()
	outcome := unknown
	for range 6 {
		outcome = s.query(t, scanRefOf(req)).Outcome
		if outcome == succeeded || outcome == failed || outcome == closed {
			break
		}
	}
	if money := s.paid(t, req.OrderNo); (outcome == succeeded) != (money == req.Amount.Minor) || money != 0 && money != req.Amount.Minor {
		t.Errorf("%s settles as %s and the ledger has %d", req.OrderNo, outcome, money)
	}
	return outcome
}

// TestSimScanOrderFaults: whatever goes wrong with an order, nothing final is said that the
// ledger does not say.
func TestSimScanOrderFaults(t *testing.T) {
	t.Parallel()
	requests := barcodeRequests()
	wanted := map[string]map[sim.FaultKind]sdk.Outcome{}
	for id := range requests {
		wanted[id] = map[sim.FaultKind]sdk.Outcome{
			sim.FaultRefuse: unknown, sim.FaultSystemError: unknown, sim.FaultPending: inProgress, sim.FaultFail: failed,
			sim.FaultUncertain: inProgress, sim.FaultWrongOrder: unknown,
		}
	}
	for id, req := range scanRequests() {
		requests[id] = req
		wanted[id] = map[sim.FaultKind]sdk.Outcome{
			sim.FaultRefuse: unknown, sim.FaultSystemError: unknown, sim.FaultPending: inProgress, sim.FaultFail: failed, sim.FaultWrongOrder: unknown,
		}
	}
	for id, req := range requests {
		for _, kind := range silences {
			wanted[id][kind] = unknown
		}
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			for kind, outcome := range wanted[id] {
				s := openShop(t, sim.Options{})
				s.arm(t, sim.Fault{Operation: operationOf()[id], Kind: kind, Times: 1, Queries: 1})
				want(t, string(kind), s.create(t, req).Outcome, outcome)
				s.settle(t, req)
				order, _ := s.platform.Order(testMerchant, req.OrderNo)
				if order.PayRequests > 1 {
					t.Errorf("%s: sent %d times", kind, order.PayRequests)
				}
				s.clean(t)
			}
		})
	}
}

// TestSimScanShownStates: a STATUS outside the list is unknown, and AA is in progress under
// any STATUS.
func TestSimScanShownStates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status, code string
		want         sdk.Outcome
	}{{"2", "AA", inProgress}, {"3", "AA", inProgress}, {"7", "X", unknown}, {"9", "99", unknown}} {
		req := barcodeRequests()["SC2"]
		s := openShop(t, sim.Options{})
		s.arm(t, sim.Fault{Operation: sim.OpScanWechatBarcode, Kind: sim.FaultPending, Times: 1, Queries: 1, Result: c.status, Code: c.code})
		want(t, c.status+c.code, s.create(t, req).Outcome, c.want)
		want(t, c.status+c.code+" in the query", s.query(t, scanRefOf(req)).Outcome, c.want)
		want(t, "at last", s.settle(t, req), succeeded)
		s.clean(t)
	}
}

// TestSimScanAskFaults: the other operations under every fault.
func TestSimScanAskFaults(t *testing.T) {
	t.Parallel()
	req, waiting := barcodeRequests()["SC2"], scanRequests()["SC12"]
	refund := sdk.RefundRequest{Payment: scanRefOf(req), RefundNo: testRefund, Amount: sdk.Fen(30), CreatedAt: testNow}
	paid := func(t *testing.T, s *shop) {
		t.Helper()
		want(t, "paid", s.create(t, req).Outcome, succeeded)
		s.wait(cancelNotBefore)
	}
	// A refusal of a query, a cancel or a close leaves the order as it was. The platform's doubt
	// comes with the code AA, which is in progress under any STATUS.
	changes := map[sim.FaultKind]sdk.Outcome{
		sim.FaultRefuse: refusedIt, sim.FaultSystemError: unknown, sim.FaultFail: refusedIt, sim.FaultUncertain: inProgress, sim.FaultNotExist: refusedIt,
		sim.FaultWrongAmount: unknown, sim.FaultWrongOrder: unknown,
	}
	faultCases(t, []faultCase{
		{sim.OpScanQuery, func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			paid(t, s)
			return s.query(t, scanRefOf(req)).Outcome
		}, map[sim.FaultKind]sdk.Outcome{
			sim.FaultRefuse: refusedIt, sim.FaultSystemError: unknown, sim.FaultNotExist: notFound, sim.FaultWrongAmount: unknown, sim.FaultWrongOrder: unknown,
		}},
		{sim.OpScanCancel, func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			paid(t, s)
			return s.cancel(t, scanRefOf(req)).Outcome
		}, changes},
		{sim.OpScanClose, func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			s.create(t, waiting)
			return s.end(t, scanRefOf(waiting)).Outcome
		}, changes},
	}, func(t *testing.T, s *shop) {
		t.Helper()
		s.settle(t, req)
	})
	faultCases(t, []faultCase{
		{sim.OpScanRefund, func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			paid(t, s)
			return s.refund(t, refund).Outcome
		}, map[sim.FaultKind]sdk.Outcome{
			sim.FaultRefuse: unknown, sim.FaultSystemError: unknown, sim.FaultFail: failed, sim.FaultPending: inProgress, sim.FaultUncertain: inProgress,
			sim.FaultNotExist: unknown, sim.FaultWrongAmount: unknown, sim.FaultWrongOrder: unknown,
		}},
		{sim.OpScanRefundQuery, func(t *testing.T, s *shop) sdk.Outcome {
			t.Helper()
			paid(t, s)
			want(t, "accepted", s.refund(t, refund).Outcome, inProgress)
			return s.refunded(t, refund).Outcome
		}, map[sim.FaultKind]sdk.Outcome{
			sim.FaultRefuse: refusedIt, sim.FaultSystemError: unknown, sim.FaultNotExist: notFound, sim.FaultWrongAmount: unknown, sim.FaultWrongOrder: unknown,
		}},
	}, func(t *testing.T, s *shop) {
		t.Helper()
		outcome, money := s.refunded(t, refund).Outcome, s.paid(t, req.OrderNo)
		order, _ := s.platform.Order(testMerchant, req.OrderNo)
		// The best word for a refund is "accepted", also before the money has moved (trap C2).
		early := len(order.Refunds) == 1 && order.Refunds[0].State == sim.RefundAccepted
		if outcome == succeeded && money != 70 && !early || (outcome == failed || outcome == notFound) && money != 100 {
			t.Errorf("the refund is %s and the ledger has %d", outcome, money)
		}
	})
}
