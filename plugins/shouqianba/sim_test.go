package main

import (
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// shop is a merchant's terminal at the simulated gateway. The gateway was written from
// the document by others: it checks every field, and its ledger says what really moved.
type shop struct {
	gateway *sim.Simulator
	host    *testHost
	url     string
}

func openShop(t *testing.T, opts sim.Options) *shop {
	t.Helper()
	opts.Terminals = append(opts.Terminals, sim.Terminal{SN: testTerminal, Key: testKey, StoreID: "49"})
	opts.Vendors = []sim.Vendor{{SN: testVendor, Key: testVendKey, AppID: testApp, Codes: []sim.ActivationCode{{Code: "11111111", StoreID: "49"}}}}
	gateway := sim.New(opts)
	server := httptest.NewServer(gateway)
	t.Cleanup(func() {
		if err := gateway.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return &shop{gateway: gateway, host: overHTTP(), url: server.URL}
}

func (s *shop) call(t *testing.T, op sdk.Capability) *sdk.Call {
	t.Helper()
	return s.host.call(t, op, s.url, `{"app_id":"`+testApp+`","device_id":"POS-1"}`)
}

func (s *shop) create(t *testing.T, req sdk.PaymentRequest) sdk.PaymentResult {
	t.Helper()
	r, err := provider{}.CreatePayment(t.Context(), s.call(t, sdk.CapCreatePayment), req)
	return settled(t, r, err)
}

func (s *shop) query(t *testing.T) sdk.PaymentResult {
	t.Helper()
	r, err := provider{}.QueryPayment(t.Context(), s.call(t, sdk.CapQueryPayment), orderRef())
	return settled(t, r, err)
}

func (s *shop) cancel(t *testing.T) sdk.PaymentResult {
	t.Helper()
	r, err := provider{}.CancelPayment(t.Context(), s.call(t, sdk.CapCancelPayment), orderRef())
	return settled(t, r, err)
}

func (s *shop) refund(t *testing.T, no string, amount, before int64) sdk.Outcome {
	t.Helper()
	req := sdk.RefundRequest{Payment: orderRef(), RefundNo: no, Amount: sdk.Fen(amount), RefundedBefore: sdk.Fen(before)}
	r, err := provider{}.CreateRefund(t.Context(), s.call(t, sdk.CapCreateRefund), req)
	return settled(t, r, err).Outcome
}

func (s *shop) queryRefund(t *testing.T, amount, before int64) sdk.Outcome {
	t.Helper()
	req := sdk.RefundRequest{Payment: orderRef(), RefundNo: testRefund, Amount: sdk.Fen(amount), RefundedBefore: sdk.Fen(before)}
	r, err := provider{}.QueryRefund(t.Context(), s.call(t, sdk.CapQueryRefund), req)
	return settled(t, r, err).Outcome
}

func settled[R any](t *testing.T, r R, err error) R {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func want[T comparable](t *testing.T, what string, got, expected T) {
	t.Helper()
	if got != expected {
		t.Errorf("%s: %v, want %v", what, got, expected)
	}
}

// books compares the gateway's own ledger of the order, in fen.
func (s *shop) books(t *testing.T, paid, refunded, reversed int64) {
	t.Helper()
	sum := s.gateway.Ledger().Order(sim.Key(testTerminal, testOrder))
	if sum.Paid != paid || sum.Refunded != refunded || sum.Reversed != reversed {
		t.Errorf("ledger: paid %d refunded %d reversed %d, want %d %d %d", sum.Paid, sum.Refunded, sum.Reversed, paid, refunded, reversed)
	}
}

// clean checks that the gateway found nothing against the document.
func (s *shop) clean(t *testing.T) {
	t.Helper()
	for _, v := range s.gateway.Violations() {
		t.Errorf("violation: %+v", v)
	}
}

func (s *shop) fault(t *testing.T, f sim.Fault) {
	t.Helper()
	if _, err := s.gateway.AddFault(f); err != nil {
		t.Fatal(err)
	}
}

// TestPayByCode: SQ1 with codes of both wallets, with and without the wallet named.
func TestPayByCode(t *testing.T) {
	t.Parallel()
	cases := []struct{ code, channel, recognised string }{
		{testCode, "alipay", "alipay"},
		{testCode, "", "alipay"},
		{"130000000000000001", "wechat", "wechat"},
		{"130000000000000001", "", "wechat"},
		{"180000000000000001", "jd", "jd"},
		{"310000000000000001", "baidu", "baidu"},
	}
	for _, c := range cases {
		s := openShop(t, sim.Options{})
		req := fullest(barcodeRequest())
		req.Amount, req.PayerCode, req.Channel = sdk.Fen(100), sdk.SecretString(c.code), c.channel
		r := s.create(t, req)
		want(t, "outcome", r.Outcome, succeeded)
		want(t, "channel", r.Channel, c.recognised)
		want(t, "order", r.OrderNo, testOrder)
		want(t, "amount", r.Amount, sdk.Fen(100))
		if r.ProviderOrderNo == "" || r.ChannelTradeNo == "" || time.Since(r.PaidAt).Abs() > time.Minute {
			t.Errorf("result %+v", r)
		}
		want(t, "query", s.query(t).Outcome, succeeded)
		s.books(t, 100, 0, 0)
		s.clean(t)
	}
}

// TestPayerIsSlow: in progress until the payer has entered the password.
func TestPayerIsSlow(t *testing.T) {
	t.Parallel()
	for then, last := range map[string]sdk.Outcome{"paid": succeeded, "abandoned": failed} {
		s := openShop(t, sim.Options{})
		f := sim.Fault{Operation: "pay", Kind: sim.FaultPending, Queries: 3, Then: sim.ThenPaid}
		if then == "abandoned" {
			f.Then = sim.ThenAbandoned
		}
		s.fault(t, f)
		want(t, "pay", s.create(t, barcodeRequest()).Outcome, inProgress)
		for range 3 {
			want(t, "query", s.query(t).Outcome, inProgress)
		}
		want(t, then, s.query(t).Outcome, last)
		s.clean(t)
	}
}

// TestQRCode: SQ5, the payer scans, SQ3 sees it.
func TestQRCode(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	req := fullest(qrRequest())
	req.Amount, req.ExpiresAt = sdk.Fen(100), time.Now().Add(4*time.Minute)
	r := s.create(t, req)
	want(t, "precreate", r.Outcome, inProgress)
	if r.NextAction == nil || r.NextAction.QRContent == "" || !r.NextAction.ExpiresAt.Equal(req.ExpiresAt) {
		t.Fatalf("next action %+v", r.NextAction)
	}
	want(t, "before", s.query(t).Outcome, inProgress)
	s.books(t, 0, 0, 0)
	if err := s.gateway.PayOrder(testTerminal, testOrder); err != nil {
		t.Fatal(err)
	}
	want(t, "after", s.query(t).Outcome, succeeded)
	s.books(t, 100, 0, 0)
	s.clean(t)
}

// TestCancel: SQ4 of an order that is waiting, paid, gone, or was never there.
func TestCancel(t *testing.T) {
	t.Parallel()
	t.Run("in flight", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, sim.Options{})
		s.fault(t, sim.Fault{Operation: "pay", Kind: sim.FaultPending, Queries: 9})
		want(t, "pay", s.create(t, barcodeRequest()).Outcome, inProgress)
		r := s.cancel(t)
		want(t, "cancel", r.Outcome, succeeded)
		want(t, "paid at", r.PaidAt.IsZero(), true)
		if last := s.query(t).Outcome; last != canceled && last != failed {
			t.Errorf("query: %s", last)
		}
		s.books(t, 0, 0, 0)
		s.clean(t)
	})
	t.Run("QR code", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, sim.Options{})
		want(t, "precreate", s.create(t, qrRequest()).Outcome, inProgress)
		want(t, "cancel", s.cancel(t).Outcome, succeeded)
		s.books(t, 0, 0, 0)
		s.clean(t)
	})
	t.Run("paid", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, sim.Options{})
		want(t, "pay", s.create(t, barcodeRequest()).Outcome, succeeded)
		want(t, "cancel", s.cancel(t).Outcome, succeeded)
		want(t, "query", s.query(t).Outcome, canceled)
		want(t, "again", s.cancel(t).Outcome, refused)
		s.books(t, 100, 0, 100)
		s.clean(t)
	})
	t.Run("unknown order", func(t *testing.T) {
		t.Parallel()
		s := openShop(t, sim.Options{})
		want(t, "query", s.query(t).Outcome, notFound)
		want(t, "cancel", s.cancel(t).Outcome, refused)
		s.clean(t)
	})
}

// TestSeveralRefunds: SQ2, told apart by net_amount (trap S5).
func TestSeveralRefunds(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	want(t, "pay", s.create(t, barcodeRequest()).Outcome, succeeded)
	want(t, "not yet", s.queryRefund(t, 30, 0), notFound)
	want(t, "first", s.refund(t, "R1", 30, 0), succeeded)
	want(t, "asked", s.queryRefund(t, 30, 0), succeeded)
	want(t, "second", s.refund(t, "R2", 30, 30), succeeded)
	want(t, "asked", s.queryRefund(t, 30, 30), succeeded)
	want(t, "too much", s.refund(t, "R3", 41, 60), refused)
	want(t, "asked", s.queryRefund(t, 41, 60), notFound)
	want(t, "same number", s.refund(t, "R2", 30, 60), unknown)
	want(t, "the rest", s.refund(t, "R4", 40, 60), succeeded)
	want(t, "asked", s.queryRefund(t, 40, 60), succeeded)
	want(t, "nothing left", s.refund(t, "R5", 1, 100), refused)
	want(t, "payment", s.query(t).Outcome, succeeded)
	s.books(t, 100, 100, 0)
	s.clean(t)
}

// TestRefundAgain: the same number twice moves the money once, whichever way the gateway
// answers the second.
func TestRefundAgain(t *testing.T) {
	t.Parallel()
	for idempotent, outcome := range map[bool]sdk.Outcome{true: succeeded, false: unknown} {
		s := openShop(t, sim.Options{IdempotentRefunds: idempotent})
		want(t, "pay", s.create(t, barcodeRequest()).Outcome, succeeded)
		want(t, "refund", s.refund(t, testRefund, 30, 0), succeeded)
		want(t, "again", s.refund(t, testRefund, 30, 0), outcome)
		want(t, "asked", s.queryRefund(t, 30, 0), succeeded)
		s.books(t, 100, 30, 0)
		s.clean(t)
	}
}

// TestPayAgain: the same number twice charges once (trap S4).
func TestPayAgain(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	want(t, "pay", s.create(t, barcodeRequest()).Outcome, succeeded)
	want(t, "again", s.create(t, barcodeRequest()).Outcome, unknown)
	want(t, "pays", s.gateway.Ledger().Pays(sim.Key(testTerminal, testOrder)), 1)
	s.clean(t)
}

// TestTerminal: SQ6, an activation, a payment with the new key, a check-in, a payment.
func TestTerminal(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	activate := func() sdk.CheckResult {
		r, err := provider{}.Activate(t.Context(), s.call(t, sdk.CapActivate), map[string]sdk.Secret{"code": sdk.SecretString("11111111")})
		return settled(t, r, err)
	}
	checkIn := func() sdk.CheckResult {
		r, err := provider{}.CheckIn(t.Context(), s.call(t, sdk.CapCheckIn))
		return settled(t, r, err)
	}
	r := activate()
	want(t, "activate", r.Outcome, succeeded)
	number := s.host.keys[credTerminalSN]
	want(t, "shown", r.Values[credTerminalSN], number)
	want(t, "another terminal", number != testTerminal, true)
	want(t, "key", s.host.keys[credTerminalKey], s.gateway.TerminalKey(number))
	want(t, "pay", s.create(t, barcodeRequest()).Outcome, succeeded)

	before := s.host.keys[credTerminalKey]
	want(t, "check-in", checkIn().Outcome, succeeded)
	want(t, "new key", s.host.keys[credTerminalKey] != before, true)
	want(t, "number", s.host.keys[credTerminalSN], number)
	want(t, "query", s.query(t).Outcome, succeeded)

	// A lost reply does not lock the terminal out: the old key still signs.
	s.fault(t, sim.Fault{Operation: "checkin", Kind: sim.FaultLostAfter, Times: 1})
	held := s.host.keys[credTerminalKey]
	want(t, "lost", checkIn().Outcome, unknown)
	want(t, "kept", s.host.keys[credTerminalKey], held)
	want(t, "query with the old key", s.query(t).Outcome, succeeded)
	want(t, "again", checkIn().Outcome, succeeded)
	want(t, "query with the new key", s.query(t).Outcome, succeeded)
	s.clean(t)

	// The key that was replaced is refused, and the host is told so.
	s.host.keys[credTerminalKey] = held
	old := s.query(t)
	want(t, "old key", old.Outcome, refused)
	want(t, "old key", old.KeyRefused, true)
	signature := slices.IndexFunc(s.gateway.Violations(), func(v sim.Violation) bool { return v.Rule == "signature" })
	want(t, "noticed", signature >= 0, true)
}
