package main

import (
	"context"
	"errors"
	"testing"
	"time"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// TestOverTheWire: the same exchanges with the simulated gateway, in this process and
// over a connection, give the same results.
func TestOverTheWire(t *testing.T) {
	t.Parallel()
	for where, p := range map[string]able{"here": provider{}, "over the wire": sdktest.OverTheWire(t, provider{})} {
		s := openShop(t, sim.Options{})
		expires := time.Date(2026, 1, 1, 12, 4, 0, 0, time.UTC)
		qr := fullest(qrRequest())
		qr.OrderNo, qr.ExpiresAt, qr.Amount = "26010100010000000003", expires, sdk.Fen(100)
		ctx := t.Context()

		r, err := p.CreatePayment(ctx, s.call(t, sdk.CapCreatePayment), fullest(barcodeRequest()))
		want(t, where+" pay", settled(t, r, err).Outcome, succeeded)
		want(t, where+" amount", r.Amount, sdk.Fen(maxAmountFen))
		want(t, where+" paid at", r.PaidAt.IsZero(), false)

		ref := orderRef()
		ref.Amount = sdk.Fen(maxAmountFen)
		q, err := p.QueryPayment(ctx, s.call(t, sdk.CapQueryPayment), ref)
		want(t, where+" query", settled(t, q, err).ProviderOrderNo, r.ProviderOrderNo)

		r, err = p.CreatePayment(ctx, s.call(t, sdk.CapCreatePayment), qr)
		want(t, where+" precreate", settled(t, r, err).Outcome, inProgress)
		if r.NextAction == nil || r.NextAction.QRContent == "" || !r.NextAction.ExpiresAt.Equal(expires) {
			t.Errorf("%s: next action %+v", where, r.NextAction)
		}
		r, err = p.CancelPayment(ctx, s.call(t, sdk.CapCancelPayment), sdk.OrderRef{OrderNo: qr.OrderNo, Amount: sdk.Fen(100)})
		want(t, where+" cancel", settled(t, r, err).Outcome, succeeded)

		back := sdk.RefundRequest{Payment: ref, RefundNo: testRefund, Amount: sdk.Fen(30), RefundedBefore: sdk.Fen(0)}
		f, err := p.CreateRefund(ctx, s.call(t, sdk.CapCreateRefund), back)
		want(t, where+" refund", settled(t, f, err).Outcome, succeeded)
		f, err = p.QueryRefund(ctx, s.call(t, sdk.CapQueryRefund), back)
		want(t, where+" refund query", settled(t, f, err).Outcome, succeeded)

		wireKeys(ctx, t, where, p, s)
		wireErrors(ctx, t, where, p, s)
		s.clean(t)
	}
}

// wireKeys: the code goes in and the issued key comes out through the host alone.
func wireKeys(ctx context.Context, t *testing.T, where string, p able, s *shop) {
	t.Helper()
	a, err := p.Activate(ctx, s.call(t, sdk.CapActivate), map[string]sdk.Secret{"code": sdk.SecretString("11111111")})
	want(t, where+" activate", settled(t, a, err).Outcome, succeeded)
	want(t, where+" number", a.Values[credTerminalSN], s.host.keys[credTerminalSN])
	a, err = p.CheckIn(ctx, s.call(t, sdk.CapCheckIn))
	want(t, where+" check-in", settled(t, a, err).Outcome, succeeded)
	want(t, where+" key", s.host.keys[credTerminalKey], s.gateway.TerminalKey(s.host.keys[credTerminalSN]))
}

// wireErrors: the codes of what failed before sending, and the field at fault, arrive.
func wireErrors(ctx context.Context, t *testing.T, where string, p able, s *shop) {
	t.Helper()
	_, err := p.CreatePayment(ctx, s.host.call(t, sdk.CapCreatePayment, "http://127.0.0.1:1", "{}"), barcodeRequest())
	if !errors.Is(err, &sdk.Error{Code: sdk.ErrNotSent}) {
		t.Errorf("%s: gateway away: %v", where, err)
	}
	_, err = p.CreateRefund(ctx, s.call(t, sdk.CapCreateRefund), sdk.RefundRequest{Payment: orderRef(), Amount: sdk.Fen(1)})
	var known *sdk.Error
	if !errors.As(err, &known) || known.Code != sdk.ErrInvalidRequest || known.Param != "refund_no" {
		t.Errorf("%s: no refund number: %v", where, err)
	}
	r, err := p.QueryPayment(ctx, answering(200, layer1("400", "ILLEGAL_SIGN")).plain(t, sdk.CapQueryPayment), orderRef())
	want(t, where+" wrong key", settled(t, r, err).KeyRefused, true)
	want(t, where+" wrong key", r.Outcome, refused)
}
