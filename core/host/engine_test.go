//go:build e2e

package host_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

// movedClock is wall time and a lead that a test extends.
type movedClock struct{ lead atomic.Int64 }

func (c *movedClock) now() time.Time          { return time.Now().Add(time.Duration(c.lead.Load())) }
func (c *movedClock) advance(d time.Duration) { c.lead.Add(int64(d)) }

// till is one merchant at a running node whose clock can be moved.
type till struct {
	t     *testing.T
	w     *world
	m     merchant
	h     *host.Host
	clock *movedClock
	n     int
}

func newTill(t *testing.T) *till {
	t.Helper()
	return newTillWith(t, nil)
}

// newTillWith is newTill with a hook at the named points of an operation's life.
func newTillWith(t *testing.T, hook func(point string)) *till {
	t.Helper()
	w := newWorld(t, 1)
	w.hook = hook
	clock := &movedClock{}
	h, stop := w.startNodeAt(clock.now, func(k core.Keyring) core.Keyring { return k })
	t.Cleanup(stop)
	return &till{t: t, w: w, m: w.tenants[0], h: h, clock: clock}
}

func (x *till) post(path string, body map[string]any) (int, map[string]any) {
	x.n++
	return x.m.post(x.h.Address(), path, fmt.Sprintf("key-%d", x.n), body)
}

func (x *till) fault(f shouqianba.Fault) {
	x.t.Helper()
	_, err := x.w.sim.AddFault(f)
	x.w.must(err)
}

// payment reads what is stored.
func (x *till) payment(id string) core.Payment {
	x.t.Helper()
	payments, _ := x.w.stored(x.m)
	for _, p := range payments {
		if p.ID.Prefixed(core.PrefixPayment) == id {
			return p
		}
	}
	x.t.Fatalf("payment %s is not stored", id)
	return core.Payment{}
}

// becomes waits until the payment has the state, without moving the clock.
func (x *till) becomes(id string, want core.PaymentState) core.Payment {
	x.t.Helper()
	var p core.Payment
	eventually(x.t, "payment becomes "+string(want), func() error {
		if p = x.payment(id); p.State != want {
			return fmt.Errorf("it is %s (%s)", p.State, p.UnknownReason)
		}
		return nil
	})
	return p
}

// asked waits until the payment has been asked about more often than before.
func (x *till) asked(id string, before int) core.Payment {
	x.t.Helper()
	var p core.Payment
	eventually(x.t, "the payment is asked about again", func() error {
		if p = x.payment(id); p.Checks <= before {
			return fmt.Errorf("asked %d times", p.Checks)
		}
		return nil
	})
	return p
}

func (x *till) charged(p core.Payment, want int) {
	x.t.Helper()
	s := x.w.summaries()[p.OrderNo]
	if s.Pays != want || s.Paid-s.Reversed != int64(want)*p.Amount.Minor {
		x.t.Errorf("the provider's ledger: %+v, want %d charges held", s, want)
	}
}

// TestADoubtfulPaymentHeals: the answer is lost or broken after the money moved. The order
// is in doubt, never failed, and one query settles it. The payer is charged once.
func TestADoubtfulPaymentHeals(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	for i, f := range []shouqianba.Fault{
		{Kind: shouqianba.FaultLostAfter},
		{Kind: shouqianba.FaultGarbage},
		{Kind: shouqianba.FaultTruncated},
		{Kind: shouqianba.FaultHTTP500},
		{Kind: shouqianba.FaultSystemError},
		{Kind: shouqianba.FaultWrongAmount},
		{Kind: shouqianba.FaultWrongOrder},
	} {
		f.Operation, f.PayerSuffix = "pay", fmt.Sprintf("7%03d", i)
		x.fault(f)
		status, reply := x.post("/v1/payments", x.m.barcode(100, f.PayerSuffix))
		if status != 202 || reply["state"] != "processing" || reply["unknown_since"] == nil {
			t.Errorf("%s: %d %v", f.Kind, status, reply)
			continue
		}
		x.clock.advance(4 * time.Second)
		x.charged(x.becomes(text(reply, "id"), core.PaymentSucceeded), 1)
	}
}

// TestAPaymentThatNeverArrived: the provider knows no such order. Before its horizon that
// means nothing; after it, the payment has failed, and nobody was charged.
func TestAPaymentThatNeverArrived(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.fault(shouqianba.Fault{Operation: "pay", Kind: shouqianba.FaultLostBefore})
	_, reply := x.post("/v1/payments", x.m.barcode(100, "01"))
	id := text(reply, "id")
	for range 3 {
		before := x.payment(id).Checks
		x.clock.advance(6 * time.Second)
		if p := x.asked(id, before); p.State != core.PaymentProcessing || p.UnknownSince.IsZero() {
			t.Fatalf("before the horizon: %s", p.State)
		}
	}
	x.clock.advance(10 * time.Minute)
	p := x.becomes(id, core.PaymentFailed)
	x.charged(p, 0)
	if p.FailureCode == "" {
		t.Error("it does not say why")
	}
}

// TestDoubtHasNoEndByClock: the provider itself cannot say. Days later the order is still
// in doubt, still asked, and not canceled behind the provider's back.
func TestDoubtHasNoEndByClock(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.fault(shouqianba.Fault{Operation: "pay", Kind: shouqianba.FaultUncertain})
	_, reply := x.post("/v1/payments", x.m.barcode(100, "01"))
	id := text(reply, "id")
	for _, step := range []time.Duration{time.Minute, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour} {
		before := x.payment(id).Checks
		x.clock.advance(step)
		if p := x.asked(id, before); p.State != core.PaymentProcessing || p.UnknownSince.IsZero() || p.NextCheckAt.IsZero() {
			t.Fatalf("after %v: %s, next check %v", step, p.State, p.NextCheckAt)
		}
	}
	if n := x.w.sim.Calls("cancel"); n != 0 {
		t.Errorf("%d cancels were sent", n)
	}
}

// TestNobodyPays: the order is taken back when its time is over, and nobody is charged.
func TestNobodyPays(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.fault(shouqianba.Fault{Operation: "pay", Kind: shouqianba.FaultPending, Queries: 1 << 20})
	_, barcode := x.post("/v1/payments", x.m.barcode(100, "01"))
	status, qr := x.post("/v1/payments", map[string]any{"method": "qr", "channel": "alipay", "amount": 200, "subject": "QR"})
	action := object(qr, "next_action")
	if status != 201 || qr["state"] != "requires_action" || text(action, "qr_content") == "" {
		t.Fatalf("QR: %d %v", status, qr)
	}
	x.clock.advance(51 * time.Second)
	x.charged(x.becomes(text(barcode, "id"), core.PaymentCanceled), 0)
	if p := x.payment(text(qr, "id")); p.State != core.PaymentRequiresAction {
		t.Errorf("the QR code is %s after 51 seconds", p.State)
	}
	x.clock.advance(4 * time.Minute)
	x.charged(x.becomes(text(qr, "id"), core.PaymentCanceled), 0)
}

// TestThePayerPays: late with a password, and by scanning our code.
func TestThePayerPays(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.fault(shouqianba.Fault{Operation: "pay", Kind: shouqianba.FaultPending, Queries: 1})
	status, slow := x.post("/v1/payments", x.m.barcode(100, "01"))
	if status != 202 {
		t.Fatalf("%d %v", status, slow)
	}
	x.clock.advance(4 * time.Second)
	x.asked(text(slow, "id"), 0)
	x.clock.advance(4 * time.Second)
	x.charged(x.becomes(text(slow, "id"), core.PaymentSucceeded), 1)

	_, qr := x.post("/v1/payments", map[string]any{"method": "qr", "channel": "wechat", "amount": 200, "subject": "QR"})
	x.w.must(x.w.sim.PayOrder(x.m.terminal, text(qr, "order_no")))
	x.clock.advance(4 * time.Second)
	x.charged(x.becomes(text(qr, "id"), core.PaymentSucceeded), 1)
}

// TestARefusedPaymentFailsAtOnce: a refusal is confirmed by one query in the same request,
// so the cashier hears it now, with the provider's reason.
func TestARefusedPaymentFailsAtOnce(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.fault(shouqianba.Fault{Operation: "pay", PayerSuffix: "81", Kind: shouqianba.FaultRefuse, Code: "EXPIRED_BARCODE"})
	x.fault(shouqianba.Fault{Operation: "pay", PayerSuffix: "82", Kind: shouqianba.FaultFail, Code: "INSUFFICIENT_FUND"})
	for _, suffix := range []string{"81", "82"} {
		status, reply := x.post("/v1/payments", x.m.barcode(100, suffix))
		if status != 201 || reply["state"] != "failed" || reply["failure_code"] == "" {
			t.Errorf("%s: %d %v", suffix, status, reply)
		}
		x.charged(x.payment(text(reply, "id")), 0)
	}
}

// TestRefundsInDoubt: a lost answer heals by the order's net amount; a refund the provider
// cannot tell of stays in doubt with its reservation; a refusal releases it.
func TestRefundsInDoubt(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	paid := func() string {
		_, reply := x.post("/v1/payments", x.m.barcode(100, "01"))
		return text(reply, "id")
	}
	refund := func(payment string, amount int) (int, map[string]any) {
		return x.post("/v1/refunds", map[string]any{"payment_id": payment, "amount": amount, "reason": "test"})
	}
	lost := paid()
	x.fault(shouqianba.Fault{Operation: "refund", Kind: shouqianba.FaultLostAfter, Times: 1})
	if status, reply := refund(lost, 40); status != 202 || reply["unknown_since"] == nil {
		t.Fatalf("lost answer: %d %v", status, reply)
	}
	if status, reply := refund(lost, 10); status != 409 || reply["code"] != string(core.CodeRefundInFlight) {
		t.Errorf("a second refund while one is in doubt: %d %v", status, reply)
	}
	x.clock.advance(4 * time.Second)
	eventually(t, "the lost refund is found", func() error {
		if p := x.payment(lost); p.Refunded != 40 || p.Reserved != 0 {
			return fmt.Errorf("refunded %d, reserved %d", p.Refunded, p.Reserved)
		}
		return nil
	})
	if status, reply := refund(lost, 61); status != 422 && status != 409 || reply["code"] != string(core.CodeRefundExceeds) {
		t.Errorf("more than is left: %d %v", status, reply)
	}
	doubtful := paid()
	x.fault(shouqianba.Fault{Operation: "refund", Kind: shouqianba.FaultUncertain, Times: 1})
	if status, reply := refund(doubtful, 40); status != 202 {
		t.Fatalf("uncertain: %d %v", status, reply)
	}
	x.clock.advance(48 * time.Hour)
	time.Sleep(2 * time.Second) // several sweeps: the doubt must outlive them
	if p := x.payment(doubtful); p.Reserved != 40 || p.Refunded != 0 {
		t.Errorf("in doubt for two days: refunded %d, reserved %d", p.Refunded, p.Reserved)
	}
	refused := paid()
	x.fault(shouqianba.Fault{Operation: "refund", Kind: shouqianba.FaultFail, Code: "SELLER_BALANCE_NOT_ENOUGH", Times: 1})
	if status, reply := refund(refused, 40); status != 201 || reply["state"] != "failed" {
		t.Fatalf("refused: %d %v", status, reply)
	}
	if p := x.payment(refused); p.Reserved != 0 || p.Refunded != 0 {
		t.Errorf("refused: refunded %d, reserved %d", p.Refunded, p.Reserved)
	}
}

// TestCancelByHand takes a QR code back that nobody has scanned, once.
func TestCancelByHand(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	_, qr := x.post("/v1/payments", map[string]any{"method": "qr", "channel": "alipay", "amount": 200, "subject": "QR"})
	for range 2 {
		status, reply := x.post("/v1/payments/"+text(qr, "id")+"/cancel", map[string]any{"reason": "changed his mind"})
		if status != 200 || reply["state"] != "canceled" {
			t.Fatalf("%d %v", status, reply)
		}
	}
	if n := x.w.sim.Calls("cancel"); n != 1 {
		t.Errorf("%d cancels were sent", n)
	}
	x.charged(x.payment(text(qr, "id")), 0)
	_, paid := x.post("/v1/payments", x.m.barcode(100, "01"))
	if status, reply := x.post("/v1/payments/"+text(paid, "id")+"/cancel", map[string]any{}); status != 409 && status != 422 {
		t.Errorf("a paid order was canceled: %d %v", status, reply)
	}
}
