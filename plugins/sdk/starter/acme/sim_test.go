package main

import (
	"errors"
	"net/http"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/starter/acme/acmesim"
)

// TestPayAndRefund is the good way, with the simulator's own books as the witness.
func TestPayAndRefund(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	want(t, "not there yet", s.query(t).Outcome, sdk.OutcomeNotFound)

	placed := s.pay(t)
	want(t, "placed", placed.Outcome, sdk.OutcomeInProgress)
	if placed.NextAction == nil || placed.NextAction.Type != sdk.ActionShowQR || placed.NextAction.QRContent == "" {
		t.Fatalf("the payer has nothing to scan: %+v", placed.NextAction)
	}
	want(t, "nobody paid", s.query(t).Outcome, sdk.OutcomeInProgress)

	if err := s.sim.Pay(testOrder); err != nil {
		t.Fatal(err)
	}
	paid := s.query(t)
	want(t, "paid", paid.Outcome, sdk.OutcomeSucceeded)
	want(t, "amount", paid.Amount, sdk.Fen(1230))
	want(t, "number", paid.OrderNo, testOrder)
	want(t, "paid at", paid.PaidAt.Equal(testNow()), true)

	want(t, "no refund yet", s.queryRefund(t).Outcome, sdk.OutcomeNotFound)
	want(t, "refund", s.refund(t).Outcome, sdk.OutcomeSucceeded)
	want(t, "the same again", s.refund(t).Outcome, sdk.OutcomeSucceeded)
	want(t, "refund asked", s.queryRefund(t).Outcome, sdk.OutcomeSucceeded)
	books, _ := s.sim.Order(testOrder)
	want(t, "the provider gave back", books.Refunded, int64(230))
	for _, v := range s.sim.Violations() {
		t.Error(v)
	}
}

// TestClose: an order that nobody paid is closed; one that was paid stays paid.
func TestClose(t *testing.T) {
	t.Parallel()
	for paid, expected := range map[bool][2]sdk.Outcome{
		false: {sdk.OutcomeSucceeded, sdk.OutcomeClosed}, true: {sdk.OutcomeRefused, sdk.OutcomeSucceeded},
	} {
		s := openShop(t)
		s.pay(t)
		if paid {
			if err := s.sim.Pay(testOrder); err != nil {
				t.Fatal(err)
			}
		}
		r, err := provider{}.ClosePayment(t.Context(), s.call(t, sdk.CapClosePayment), orderRef())
		want(t, "close", settled(t, r, err).Outcome, expected[0])
		want(t, "asked", s.query(t).Outcome, expected[1])
	}
}

// TestFaults: whatever goes wrong with an order is in doubt, and a query tells in the end.
func TestFaults(t *testing.T) {
	t.Parallel()
	for fault, exists := range map[acmesim.Fault]bool{
		acmesim.FaultBusy: false, acmesim.FaultError: false, acmesim.FaultLost: true, acmesim.FaultBroken: true, acmesim.FaultUnsigned: true,
	} {
		s := openShop(t)
		s.sim.Fail(fault)
		r, err := provider{}.CreatePayment(t.Context(), s.call(t, sdk.CapCreatePayment), paymentRequest())
		// An error with something sent means the same as unknown: the host sees to that.
		if err == nil && r.Outcome != sdk.OutcomeUnknown {
			t.Errorf("%s: %s", fault, r.Outcome)
		}
		if errors.Is(err, &sdk.Error{Code: sdk.ErrNotSent}) {
			t.Errorf("%s: %v, and it was sent", fault, err)
		}
		expected := sdk.OutcomeNotFound
		if exists {
			expected = sdk.OutcomeInProgress
		}
		want(t, string(fault), s.query(t).Outcome, expected)
	}
}

// TestNobodyThere: what did not leave is an error that says so.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	host := answering(func(*http.Request) (*http.Response, error) { return nil, sdk.Errorf(sdk.ErrNotSent, "No connection.") })
	_, err := provider{}.CreatePayment(t.Context(), host.Call(t.Context(), sdk.CapCreatePayment, "", `{}`), paymentRequest())
	if !errors.Is(err, &sdk.Error{Code: sdk.ErrNotSent}) {
		t.Error(err)
	}
}

// TestRefusals: what Acme promises not to have done is refused; the host confirms it by a query.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.pay(t)
	want(t, "a refund of what nobody paid", s.refund(t).Outcome, sdk.OutcomeRefused)
	want(t, "and there is none", s.queryRefund(t).Outcome, sdk.OutcomeNotFound)

	request := paymentRequest()
	request.Amount = sdk.Fen(9)
	r, err := provider{}.CreatePayment(t.Context(), s.call(t, sdk.CapCreatePayment), request)
	want(t, "the number with another amount", settled(t, r, err).Outcome, sdk.OutcomeUnknown)
}

// TestNotice: Acme's own notice is believed, and nothing else is.
func TestNotice(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.pay(t)
	if err := s.sim.Pay(testOrder); err != nil {
		t.Fatal(err)
	}
	hear := func(req sdk.InboundRequest) sdk.InboundResult {
		r, err := provider{}.HandleInbound(t.Context(), s.call(t, sdk.CapInbound), req)
		return settled(t, r, err)
	}
	r := hear(s.notice(t))
	if !r.Verified || len(r.Events) != 1 || r.Events[0].Payment == nil || r.Answer.Status != http.StatusOK {
		t.Fatalf("%+v", r)
	}
	want(t, "outcome", r.Events[0].Payment.Outcome, sdk.OutcomeSucceeded)
	want(t, "order", r.Events[0].Payment.OrderNo, testOrder)

	forged := s.notice(t)
	forged.Body = append([]byte(" "), forged.Body...)
	if r := hear(forged); r.Verified || len(r.Events) > 0 || r.Answer.Status == http.StatusOK {
		t.Errorf("another body: %+v", r)
	}
	late := s.notice(t)
	late.Headers = map[string]string{"Acme-Timestamp": "1767230000", "Acme-Signature": late.Headers["acme-signature"]}
	if r := hear(late); r.Verified {
		t.Errorf("an old one: %+v", r)
	}
}
