package core_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestMoneyPrintsTheSameWayEverywhere(t *testing.T) {
	t.Parallel()
	for minor, want := range map[int64]string{
		0: "¥0.00", 1: "¥0.01", 99: "¥0.99", 123450: "¥1,234.50", 100000000: "¥1,000,000.00",
		-123450: "-¥1,234.50", math.MinInt64: "-¥92,233,720,368,547,758.08",
	} {
		if got := core.Fen(minor).String(); got != want {
			t.Errorf("%d fen print as %s, want %s", minor, got, want)
		}
	}
}

func TestMoneyRefusesOverflowAndMixedCurrencies(t *testing.T) {
	t.Parallel()
	if _, err := core.Fen(math.MaxInt64).Add(core.Fen(1)); core.CodeOf(err) != core.CodeInvalidAmount {
		t.Errorf("overflow: %v", err)
	}
	if _, err := core.Fen(0).Sub(core.Fen(math.MinInt64)); core.CodeOf(err) != core.CodeInvalidAmount {
		t.Errorf("overflow: %v", err)
	}
	if _, err := core.Fen(1).Add(core.Money{Minor: 1, Currency: "USD"}); core.CodeOf(err) != core.CodeInvalidAmount {
		t.Errorf("two currencies: %v", err)
	}
}

func TestCheckAmount(t *testing.T) {
	t.Parallel()
	for amount, want := range map[core.Money]core.Code{
		core.Fen(1): "", core.Fen(core.MaxAmount): "", core.Fen(0): core.CodeInvalidAmount, core.Fen(-1): core.CodeInvalidAmount,
		core.Fen(core.MaxAmount + 1): core.CodeInvalidAmount, {Minor: 5, Currency: "USD"}: core.CodeInvalidAmount, {Minor: 5}: core.CodeInvalidAmount,
	} {
		if got := core.CodeOf(core.CheckAmount(amount)); got != want {
			t.Errorf("%v: %q, want %q", amount, got, want)
		}
	}
}

func TestAllocateLosesNoFen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(0, math.MaxInt64).Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64Range(0, math.MaxInt64/64), 1, 50).Draw(t, "weights")
		parts, err := core.Fen(total).Allocate(weights)
		var sum, all int64
		for i, w := range weights {
			all += w
			if err == nil {
				sum += parts[i].Minor
				if w == 0 && parts[i].Minor != 0 {
					t.Fatalf("a zero weight got %d fen", parts[i].Minor)
				}
			}
		}
		if all == 0 {
			if err == nil {
				t.Fatal("weights of zero were accepted")
			}
			return
		}
		if err != nil || sum != total {
			t.Fatalf("parts sum to %d, want %d (%v)", sum, total, err)
		}
	})
}

func TestPrefixedIDsRoundTripAndKeepOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(0, 1<<47).Draw(t, "ms"))
		id := core.NewID(at)
		back, err := core.ParsePrefixed(core.PrefixPayment, id.Prefixed(core.PrefixPayment))
		if err != nil || back != id {
			t.Fatalf("%s came back as %s: %v", id, back, err)
		}
		uuid, err := core.ParseID(id.String())
		if err != nil || uuid != id {
			t.Fatalf("%s came back as %s: %v", id, uuid, err)
		}
		later := core.NewID(at.Add(time.Millisecond))
		if later.Prefixed("pay") <= id.Prefixed("pay") {
			t.Fatal("a later id sorts before an earlier one")
		}
	})
}

func TestForeignAndBrokenIDsDoNotExist(t *testing.T) {
	t.Parallel()
	good := core.NewID(time.Now()).Prefixed(core.PrefixRefund)
	for _, s := range []string{"", "pay_", good, "pay_" + strings.Repeat("z", 26), "pay_" + strings.Repeat("0", 25), "pay_" + strings.Repeat("u", 26)} {
		if _, err := core.ParsePrefixed(core.PrefixPayment, s); core.CodeOf(err) != core.CodeNotFound {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestOrderNumbersFitEveryProvider(t *testing.T) {
	t.Parallel()
	// 16:30 UTC is already the next day in Beijing.
	at := time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC)
	got, err := core.OrderNumber(at, 42, 7)
	if err != nil || got != "26112300420000000007" || len(got) != core.OrderNumberLength {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []struct {
		epoch int
		seq   int64
	}{{-1, 0}, {10000, 0}, {0, -1}, {0, 10_000_000_000}} {
		if _, err := core.OrderNumber(at, bad.epoch, bad.seq); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}

func TestSecretsNeverPrint(t *testing.T) {
	t.Parallel()
	s := core.SecretString("canary-7d1f")
	body, err := json.Marshal(map[string]any{"s": s, "p": &s})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", s)
	for _, printed := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x", s, s, s, s, s, s), string(body), log.String()} {
		if strings.Contains(printed, "canary") || strings.Contains(printed, "63616e617279") {
			t.Errorf("printed %q", printed)
		}
	}
}

func TestErrorsCompareByCode(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("outer: %w", core.Wrap(errors.New("cause"), core.CodeConflict, "It changed.").At("x"))
	if !errors.Is(err, &core.Error{Code: core.CodeConflict}) || core.CodeOf(err) != core.CodeConflict {
		t.Errorf("code lost: %v", err)
	}
	if core.CodeOf(errors.New("plain")) != core.CodeInternal || core.CodeOf(nil) != "" {
		t.Error("plain errors must be internal")
	}
}

func TestStateTablesAreWhatTheDesignSays(t *testing.T) {
	t.Parallel()
	payments := core.PaymentTransitions()
	states := []core.PaymentState{
		core.PaymentRequiresAction, core.PaymentProcessing, core.PaymentSucceeded, core.PaymentFailed,
		core.PaymentCanceled, core.PaymentClosed, core.PaymentExpired,
	}
	// One row per state: where it may go freely, and where only by a correction.
	free := map[core.PaymentState]string{
		core.PaymentRequiresAction: "processing succeeded failed canceled closed expired",
		core.PaymentProcessing:     "requires_action succeeded failed canceled closed expired",
		core.PaymentExpired:        "canceled closed failed",
	}
	corrected := map[core.PaymentState]string{
		core.PaymentFailed: "succeeded", core.PaymentCanceled: "succeeded", core.PaymentClosed: "succeeded", core.PaymentExpired: "succeeded",
	}
	for _, from := range states {
		for _, to := range states {
			inFree := strings.Contains(" "+free[from]+" ", " "+string(to)+" ")
			inCorrected := strings.Contains(" "+corrected[from]+" ", " "+string(to)+" ")
			_, plain := payments.Check(from, to, false)
			arrow, proven := payments.Check(from, to, true)
			if (plain == nil) != inFree || (proven == nil) != (inFree || inCorrected) || arrow.Correction != inCorrected {
				t.Errorf("%s → %s: without evidence %v, with %v", from, to, plain, proven)
			}
		}
	}
	if _, err := core.PayoutTransitions().Check(core.PayoutSucceeded, core.PayoutReturned, true); err != nil {
		t.Error(err)
	}
	if _, err := core.RefundTransitions().Check(core.RefundSucceeded, core.RefundFailed, true); err == nil {
		t.Error("a succeeded refund became failed")
	}
	// Only a state that stands on people's decision gives way to the provider's word.
	for _, err := range []error{
		overruled(payments, core.PaymentSucceeded, core.PaymentFailed, core.PaymentCanceled, core.PaymentClosed),
		overruled(payments, core.PaymentFailed, core.PaymentSucceeded),
		overruled(core.RefundTransitions(), core.RefundSucceeded, core.RefundFailed),
		overruled(core.RefundTransitions(), core.RefundFailed, core.RefundSucceeded),
		overruled(core.PayoutTransitions(), core.PayoutSucceeded, core.PayoutFailed, core.PayoutReturned),
		overruled(core.PayoutTransitions(), core.PayoutFailed, core.PayoutSucceeded, core.PayoutReturned),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if overruled(core.RefundTransitions(), core.RefundRejected, core.RefundSucceeded) == nil || overruled(payments, core.PaymentSucceeded, core.PaymentExpired) == nil {
		t.Error("what nobody decides was overruled")
	}
}

func overruled[S ~string](t core.StateTable[S], from S, to ...S) error {
	for _, s := range to {
		if _, err := t.Overrule(from, s); err != nil {
			return err
		}
	}
	return nil
}

func TestOverrulingIsNoCorrection(t *testing.T) {
	t.Parallel()
	if _, err := core.PaymentTransitions().Check(core.PaymentSucceeded, core.PaymentFailed, true); err == nil {
		t.Error("evidence alone un-paid a payment")
	}
}

func TestEveryCodeIsDocumented(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("error.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`Code\w+\s+Code = "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 30 {
		t.Fatalf("only %d codes were found in error.go", len(codes))
	}
	for _, c := range codes {
		if !strings.Contains(string(page), "`"+c[1]+"`") {
			t.Errorf("docs/errors.md does not list %s", c[1])
		}
	}
}
