package main

import (
	"testing"
	"time"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// bill reads all pages of yesterday's bill.
func (s *shop) bill(t *testing.T, kind string) ([]sdk.BillLine, result) {
	t.Helper()
	req := sdk.BillRequest{Day: time.Date(2026, 1, 1, 0, 0, 0, 0, sdk.Beijing()), Kind: kind}
	var lines []sdk.BillLine
	for {
		r := s.do(t, billExchange(req))
		lines = append(lines, r.bill.Lines...)
		if r.outcome != succeeded || r.bill.Next == "" {
			return lines, r
		}
		req.Cursor = r.bill.Next
	}
}

// yesterday is a shop with an order that was paid and partly given back, on the next day.
func yesterday(t *testing.T, opts sim.Options) *shop {
	t.Helper()
	now := testNow
	opts.Now = func() time.Time { return now }
	s := paid(t, sim.ModeCertificate, opts)
	want(t, "refund", s.refund(t, testRefund, 30, 0).outcome, inProgress)
	want(t, "refunded", s.refundQuery(t, testRefund, 30, 0).outcome, succeeded)
	now = testNow.Add(24 * time.Hour)
	return s
}

// TestSimBill: the day's bill in both of its forms says what the ledger says.
func TestSimBill(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		s := yesterday(t, sim.Options{BillPlain: plain})
		lines, last := s.bill(t, "")
		if last.outcome != succeeded || len(lines) != 2 {
			t.Fatalf("%d lines, %+v", len(lines), last)
		}
		want(t, "payment", lines[0].Kind, "payment")
		want(t, "order", lines[0].OrderNo, testOrder)
		want(t, "number", lines[0].ProviderOrderNo, s.ref().ProviderOrderNo)
		want(t, "amount", lines[0].Amount, sdk.Fen(100))
		want(t, "at", lines[0].At.Equal(testNow), true)
		want(t, "refund", lines[1].Kind, "refund")
		want(t, "refund's number", lines[1].RefundNo, testRefund)
		want(t, "refund's amount", lines[1].Amount, sdk.Fen(30))
		for kind, of := range map[string]string{billSuccess: "payment", billRefund: "refund"} {
			some, last := s.bill(t, kind)
			if last.outcome != succeeded || len(some) != 1 || some[0].Kind != of {
				t.Errorf("%s: %+v, %+v", kind, some, last)
			}
		}
		s.clean(t)
	}
}

// TestSimBillRefunds: refunds that failed are none; one under way is on the bill.
func TestSimBillRefunds(t *testing.T) {
	t.Parallel()
	now := testNow
	s := paid(t, sim.ModeCertificate, sim.Options{Now: func() time.Time { return now }})
	s.fault(t, sim.Fault{Operation: sim.OpRefund, Kind: sim.FaultPending, Queries: 99, Then: sim.ThenNever, Times: 2})
	want(t, "refund", s.refund(t, testRefund, 30, 0).outcome, inProgress)
	want(t, "a second", s.refund(t, "26010100010000000003", 20, 30).outcome, inProgress)
	if err := s.wechat.FinishRefund(testMerchant, testOrder, testRefund, "CLOSED"); err != nil {
		t.Fatal(err)
	}
	now = testNow.Add(24 * time.Hour)
	lines, last := s.bill(t, "")
	if last.outcome != succeeded || len(lines) != 2 || lines[1].RefundNo != "26010100010000000003" || lines[1].Status != "PROCESSING" {
		t.Errorf("%+v, %+v", lines, last)
	}
}

// TestSimBillFaults: a bill that cannot be had, or is not what was announced, gives no line.
func TestSimBillFaults(t *testing.T) {
	t.Parallel()
	faults := broken(sim.OpTradeBill)
	faults["wrong amount"] = sim.Fault{Operation: sim.OpTradeBill, Kind: sim.FaultWrongAmount}
	faults["wrong hash"] = sim.Fault{Operation: sim.OpTradeBill, Kind: sim.FaultWrongHash}
	for name, f := range map[string]sim.Fault{
		"lost": {Kind: sim.FaultLostAfter}, "garbage": {Kind: sim.FaultGarbage}, "truncated": {Kind: sim.FaultTruncated}, "500": {Kind: sim.FaultHTTP500},
	} {
		f.Operation = sim.OpBillFile
		faults["file "+name] = f
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := yesterday(t, sim.Options{})
			if needsRetired(f) {
				s.retire(t)
			}
			f.Times = 1
			s.fault(t, f)
			lines, last := s.bill(t, "")
			if last.outcome != unknown || len(lines) > 0 {
				t.Errorf("%d lines, %+v", len(lines), last)
			}
			lines, last = s.bill(t, "")
			if last.outcome != succeeded || len(lines) != 2 {
				t.Errorf("then %d lines, %+v", len(lines), last)
			}
		})
	}
}

// TestSimBillTimes: a bill that is not made yet, a day on which nothing happened, and an
// address that expires between two pages.
func TestSimBillTimes(t *testing.T) {
	t.Parallel()
	now := testNow
	s := paid(t, sim.ModeCertificate, sim.Options{Now: func() time.Time { return now }})
	now = time.Date(2026, 1, 2, 9, 0, 0, 0, sdk.Beijing())
	_, last := s.bill(t, "")
	want(t, "at nine", last.outcome, refused)
	now = time.Date(2026, 1, 2, 11, 0, 0, 0, sdk.Beijing())
	r := s.do(t, billExchange(billRequest()))
	want(t, "a day before", r.outcome, notFound)

	req := sdk.BillRequest{Day: time.Date(2026, 1, 1, 0, 0, 0, 0, sdk.Beijing())}
	req.Cursor = s.do(t, billExchange(req)).bill.Next
	now = now.Add(3 * time.Hour)
	expired := s.do(t, billExchange(req))
	want(t, "expired", expired.outcome, succeeded)
	req.Cursor = expired.bill.Next
	req.Cursor = s.do(t, billExchange(req)).bill.Next
	again := s.do(t, billExchange(req))
	if again.outcome != succeeded || len(again.bill.Lines) != 1 || again.bill.Next != "" {
		t.Errorf("%+v", again)
	}
	s.clean(t)
}
