package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// faultCase is one thing that goes wrong with one call, what the plugin makes of it, and
// what it makes of the question that follows.
type faultCase struct {
	fault sim.Fault
	want  sdk.Outcome
	then  sdk.Outcome
	money [3]int64 // paid, refunded, reversed
}

func runFaults(t *testing.T, operation string, cases []faultCase, do, ask func(*shop) sdk.Outcome, before func(*shop)) {
	t.Helper()
	for _, c := range cases {
		s := openShop(t, sim.Options{})
		if before != nil {
			before(s)
		}
		c.fault.Operation, c.fault.Times = operation, 1
		name := operation + " " + string(c.fault.Kind) + " " + string(c.fault.Stage) + " " + c.fault.Code + " " + c.fault.Result
		s.fault(t, c.fault)
		want(t, name, do(s), c.want)
		want(t, name+", asked", ask(s), c.then)
		sum := s.gateway.Ledger().Order(sim.Key(testTerminal, testOrder))
		want(t, name+", ledger", [3]int64{sum.Paid, sum.Refunded, sum.Reversed}, c.money)
		s.clean(t)
	}
}

// broken are the faults after which no reply can be read: unknown for every operation.
func broken(expected func(done bool) faultCase) []faultCase {
	var cases []faultCase
	for _, kind := range []sim.FaultKind{sim.FaultGarbage, sim.FaultTruncated, sim.FaultHTTP500, sim.FaultSystemError} {
		after, before := expected(true), expected(false)
		after.fault, before.fault = sim.Fault{Kind: kind}, sim.Fault{Kind: kind, Stage: sim.StageBefore}
		cases = append(cases, after, before)
	}
	lost, never := expected(true), expected(false)
	lost.fault, never.fault = sim.Fault{Kind: sim.FaultLostAfter}, sim.Fault{Kind: sim.FaultLostBefore}
	return append(cases, lost, never)
}

func TestFaultsOfPay(t *testing.T) {
	t.Parallel()
	none, paid := [3]int64{}, [3]int64{100, 0, 0}
	cases := broken(func(done bool) faultCase {
		if done {
			return faultCase{want: unknown, then: succeeded, money: paid}
		}
		return faultCase{want: unknown, then: notFound, money: none}
	})
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultRefuse, Code: "INSUFFICIENT_FUND"}, refused, notFound, none},
		faultCase{sim.Fault{Kind: sim.FaultRefuse, Code: "INVALID_PARAMS"}, refused, notFound, none},
		faultCase{sim.Fault{Kind: sim.FaultRefuse, Code: "UNKNOWN_SYSTEM_ERROR", Result: "500"}, unknown, notFound, none},
		faultCase{sim.Fault{Kind: sim.FaultRefuse, Code: "TRADE_HAS_SUCCESS"}, unknown, notFound, none},
		faultCase{sim.Fault{Kind: sim.FaultFail, Code: "EXPIRED_BARCODE"}, failed, failed, none},
		faultCase{sim.Fault{Kind: sim.FaultFail, Code: "INSUFFICIENT_FUND"}, failed, failed, none},
		faultCase{sim.Fault{Kind: sim.FaultUncertain}, unknown, unknown, none},
		faultCase{sim.Fault{Kind: sim.FaultUncertain, Moved: true}, unknown, unknown, paid},
		faultCase{sim.Fault{Kind: sim.FaultUncertain, Moved: true, Queries: 1, Then: sim.ThenPaid}, unknown, unknown, paid},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount, Amount: 1}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultWrongOrder}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultDelay, Delay: sim.Delay(time.Millisecond)}, succeeded, succeeded, paid},
	)
	runFaults(t, "pay", cases,
		func(s *shop) sdk.Outcome { return s.create(t, barcodeRequest()).Outcome },
		func(s *shop) sdk.Outcome { return s.query(t).Outcome }, nil)
}

func TestFaultsOfPrecreate(t *testing.T) {
	t.Parallel()
	none := [3]int64{}
	cases := broken(func(done bool) faultCase {
		if done {
			return faultCase{want: unknown, then: inProgress, money: none}
		}
		return faultCase{want: unknown, then: notFound, money: none}
	})
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultRefuse, Code: "INVALID_PARAMS"}, refused, notFound, none},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount}, unknown, inProgress, none},
		faultCase{sim.Fault{Kind: sim.FaultWrongOrder}, unknown, inProgress, none},
	)
	runFaults(t, "precreate", cases,
		func(s *shop) sdk.Outcome {
			r := s.create(t, qrRequest())
			if r.Outcome != inProgress && r.NextAction != nil {
				t.Errorf("a code is shown although the outcome is %s", r.Outcome)
			}
			return r.Outcome
		},
		func(s *shop) sdk.Outcome { return s.query(t).Outcome }, nil)
}

func TestFaultsOfQuery(t *testing.T) {
	t.Parallel()
	paid := [3]int64{100, 0, 0}
	cases := broken(func(bool) faultCase { return faultCase{want: unknown, then: succeeded, money: paid} })
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultNotExist}, notFound, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultNotExist, Code: "UPAY_ORDER_NOT_EXISTS"}, notFound, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultRefuse, Code: "INVALID_TERMINAL"}, refused, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount}, unknown, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultWrongOrder}, unknown, succeeded, paid},
	)
	ask := func(s *shop) sdk.Outcome { return s.query(t).Outcome }
	runFaults(t, "query", cases, ask, ask, func(s *shop) { s.create(t, barcodeRequest()) })
}

func TestFaultsOfCancel(t *testing.T) {
	t.Parallel()
	paid, undone := [3]int64{100, 0, 0}, [3]int64{100, 0, 100}
	cases := broken(func(done bool) faultCase {
		if done {
			return faultCase{want: unknown, then: canceled, money: undone}
		}
		return faultCase{want: unknown, then: succeeded, money: paid}
	})
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultRefuse, Code: "UPAY_CANCEL_INVALID_ORDER_STATE"}, refused, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultFail, Code: "UPAY_CANCEL_INVALID_ORDER_STATE"}, refused, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultNotExist}, refused, succeeded, paid},
		faultCase{sim.Fault{Kind: sim.FaultUncertain}, unknown, unknown, paid},
		faultCase{sim.Fault{Kind: sim.FaultUncertain, Moved: true}, unknown, unknown, undone},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount}, unknown, canceled, undone},
		faultCase{sim.Fault{Kind: sim.FaultWrongOrder}, unknown, canceled, undone},
	)
	runFaults(t, "cancel", cases,
		func(s *shop) sdk.Outcome { return s.cancel(t).Outcome },
		func(s *shop) sdk.Outcome { return s.query(t).Outcome },
		func(s *shop) { s.create(t, barcodeRequest()) })
}

func TestFaultsOfRefund(t *testing.T) {
	t.Parallel()
	paid, back := [3]int64{100, 0, 0}, [3]int64{100, 30, 0}
	cases := broken(func(done bool) faultCase {
		if done {
			return faultCase{want: unknown, then: succeeded, money: back}
		}
		return faultCase{want: unknown, then: notFound, money: paid}
	})
	cases = append(cases,
		faultCase{sim.Fault{Kind: sim.FaultRefuse, Code: "SELLER_BALANCE_NOT_ENOUGH"}, refused, notFound, paid},
		faultCase{sim.Fault{Kind: sim.FaultRefuse, Code: "REFUND_REQUEST_CONFLICT"}, unknown, notFound, paid},
		faultCase{sim.Fault{Kind: sim.FaultFail, Code: "REFUND_AMT_NOT_EQUAL_TOTAL"}, refused, notFound, paid},
		faultCase{sim.Fault{Kind: sim.FaultNotExist}, unknown, notFound, paid},
		faultCase{sim.Fault{Kind: sim.FaultUncertain}, unknown, unknown, paid},
		faultCase{sim.Fault{Kind: sim.FaultUncertain, Moved: true}, unknown, unknown, back},
		faultCase{sim.Fault{Kind: sim.FaultUncertain, Moved: true, Queries: 1}, unknown, unknown, back},
		faultCase{sim.Fault{Kind: sim.FaultWrongAmount}, unknown, succeeded, back},
		faultCase{sim.Fault{Kind: sim.FaultWrongOrder}, unknown, succeeded, back},
	)
	runFaults(t, "refund", cases,
		func(s *shop) sdk.Outcome { return s.refund(t, testRefund, 30, 0) },
		func(s *shop) sdk.Outcome { return s.queryRefund(t, 30, 0) },
		func(s *shop) { s.create(t, barcodeRequest()) })
}

// TestDoubtIsResolved: after the provider's own doubt the truth comes out, and the plugin
// says it.
func TestDoubtIsResolved(t *testing.T) {
	t.Parallel()
	for then, last := range map[sim.Fault]sdk.Outcome{
		{Operation: "pay", Kind: sim.FaultUncertain, Moved: true, Queries: 1, Then: sim.ThenPaid}: succeeded,
		{Operation: "pay", Kind: sim.FaultUncertain, Moved: true, Queries: 1}:                     failed,
		{Operation: "pay", Kind: sim.FaultUncertain, Queries: 1}:                                  failed,
	} {
		s := openShop(t, sim.Options{})
		s.fault(t, then)
		want(t, "pay", s.create(t, barcodeRequest()).Outcome, unknown)
		want(t, "first", s.query(t).Outcome, unknown)
		want(t, "then", s.query(t).Outcome, last)
		net := s.gateway.Ledger().Net(sim.Key(testTerminal, testOrder))
		want(t, "the gateway holds the money", net == 100, last == succeeded)
	}
	for moved, last := range map[bool]sdk.Outcome{true: succeeded, false: notFound} {
		s := openShop(t, sim.Options{})
		want(t, "pay", s.create(t, barcodeRequest()).Outcome, succeeded)
		s.fault(t, sim.Fault{Operation: "refund", Kind: sim.FaultUncertain, Moved: moved, Queries: 1})
		want(t, "refund", s.refund(t, testRefund, 30, 0), unknown)
		want(t, "first", s.queryRefund(t, 30, 0), unknown)
		want(t, "then", s.queryRefund(t, 30, 0), last)
	}
}

// TestFaultsOfTerminal: an activation or check-in without a good reply changes no key.
func TestFaultsOfTerminal(t *testing.T) {
	t.Parallel()
	for _, kind := range []sim.FaultKind{sim.FaultGarbage, sim.FaultTruncated, sim.FaultHTTP500, sim.FaultSystemError, sim.FaultLostAfter, sim.FaultLostBefore, sim.FaultRefuse} {
		for operation, exchange := range map[string]string{"activate": "activate", "checkin": "check-in"} {
			s := openShop(t, sim.Options{})
			f := sim.Fault{Operation: operation, Kind: kind, Times: 1}
			outcome := unknown
			if kind == sim.FaultRefuse {
				f.Code, outcome = "INVALID_PARAMS", refused
			}
			s.fault(t, f)
			var r sdk.CheckResult
			var err error
			if exchange == "activate" {
				r, err = provider{}.Activate(t.Context(), s.call(t, sdk.CapActivate), map[string]sdk.Secret{"code": sdk.SecretString("11111111")})
			} else {
				r, err = provider{}.CheckIn(t.Context(), s.call(t, sdk.CapCheckIn))
			}
			want(t, operation+" "+string(kind), settled(t, r, err).Outcome, outcome)
			want(t, "key", s.host.keys[credTerminalKey], testKey)
			s.clean(t)
		}
	}
}

// TestGatewayAway: where no connection is made the caller learns that nothing was sent.
func TestGatewayAway(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	s.url = "http://127.0.0.1:1"
	_, err := provider{}.CreatePayment(t.Context(), s.call(t, sdk.CapCreatePayment), barcodeRequest())
	if !errors.Is(err, &sdk.Error{Code: sdk.ErrNotSent}) {
		t.Errorf("%v", err)
	}
	want(t, "calls", s.gateway.Calls("pay"), int64(0))
}

// TestWrongKey: the gateway refuses the signature, and the host is told.
func TestWrongKey(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	s.host.keys[credTerminalKey] = strings.ToUpper(testKey)
	r := s.create(t, barcodeRequest())
	want(t, "outcome", r.Outcome, refused)
	want(t, "key refused", r.KeyRefused, true)
	want(t, "code", r.Provider.Code, "ILLEGAL_SIGN")
	s.books(t, 0, 0, 0)
}

// TestAnyTextSurvives: whatever a merchant types is signed, sent, understood and paid.
func TestAnyTextSurvives(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.Options{})
	text := rapid.StringOfN(rapid.OneOf(
		rapid.RuneFrom([]rune(`/\<>&"'{}[]:,+%=?#;|~^$@! 　,。:「」`)), rapid.RuneFrom([]rune("收钱吧掌柜退款门店咖啡饮料℃㎏é\u2028\u2029ñ")),
		rapid.RuneFrom([]rune("😀👍🏽🇨🇳☕‍")), rapid.RuneFrom([]rune("abcXYZ0189")),
	), 0, 80, -1)
	numbers := 0
	rapid.Check(t, func(rt *rapid.T) {
		numbers++
		req := sdk.PaymentRequest{
			OrderNo: "26010100010000" + pad(numbers), Method: sdk.MethodBarcode, PayerCode: sdk.SecretString(testCode),
			Amount:  sdk.Fen(rapid.Int64Range(1, maxAmountFen).Draw(rt, "fen")),
			Subject: text.Draw(rt, "subject"), Description: text.Draw(rt, "description"), Operator: text.Draw(rt, "operator"), TerminalNo: text.Draw(rt, "device"),
			Extra: map[string]string{"reflect": "a" + rapid.StringMatching(`[一-龥<>&"/]{0,20}`).Draw(rt, "reflect")},
		}
		r, err := provider{}.CreatePayment(t.Context(), s.call(t, sdk.CapCreatePayment), req)
		if err != nil || r.Outcome != succeeded || r.OrderNo != req.OrderNo || r.Amount != req.Amount {
			rt.Fatalf("%+v, %v", r, err)
		}
		held, ok := s.gateway.Order(testTerminal, req.OrderNo)
		if !ok || (req.Subject != "" && !strings.HasPrefix(req.Subject, held.Subject)) || (req.Operator != "" && !strings.HasPrefix(req.Operator, held.Operator)) || held.Reflect != req.Extra["reflect"] {
			rt.Fatalf("the gateway holds %+v", held)
		}
		if v := s.gateway.Violations(); len(v) > 0 {
			rt.Fatalf("violations: %+v", v)
		}
	})
}

// pad gives six digits.
func pad(n int) string {
	digits := []byte("000000")
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] += byte(n % 10)
		n /= 10
	}
	return string(digits)
}
