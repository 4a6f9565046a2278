package core_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestFee(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		rate         core.FeeRate
		amount, want int64
	}{
		{"no rate", core.FeeRate{}, 1_000_000, 0},
		{"0.38 %", core.FeeRate{BasisPoints: 38}, 10_000, 38},
		{"half a fen goes up", core.FeeRate{BasisPoints: 50}, 100, 1},
		{"less than half a fen goes down", core.FeeRate{BasisPoints: 49}, 100, 0},
		{"one and a half", core.FeeRate{BasisPoints: 60}, 250, 2},
		{"at least", core.FeeRate{BasisPoints: 38, Minimum: 10}, 100, 10},
		{"at most", core.FeeRate{BasisPoints: 38, Maximum: 20}, 1_000_000, 20},
		{"a payout", core.FeeRate{PerPayout: 200}, 1_000_000, 200},
		{"a payout, bounded and on top", core.FeeRate{BasisPoints: 10, Minimum: 5, Maximum: 50, PerPayout: 100}, 1_000_000, 150},
		{"everything", core.FeeRate{BasisPoints: 10_000}, core.MaxAmount, core.MaxAmount},
	} {
		if got := c.rate.Fee(c.amount); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func drawRate(t *rapid.T) core.FeeRate {
	r := core.FeeRate{
		BasisPoints: rapid.Int64Range(0, 10_000).Draw(t, "basis points"), Minimum: rapid.Int64Range(0, 1000).Draw(t, "minimum"),
		PerPayout: rapid.Int64Range(0, 1000).Draw(t, "per payout"),
	}
	if rapid.Bool().Draw(t, "bounded") {
		r.Maximum = r.Minimum + rapid.Int64Range(0, 100_000).Draw(t, "more")
	}
	return r
}

// TestFeeProperties: within its bounds, never off by more than half a fen, and never less for more.
func TestFeeProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, amount := drawRate(t), rapid.Int64Range(1, core.MaxAmount-1).Draw(t, "amount")
		fee := r.Fee(amount) - r.PerPayout
		if fee < r.Minimum || (r.Maximum > 0 && fee > r.Maximum) {
			t.Fatalf("%+v of %d: %d", r, amount, fee)
		}
		exact := amount * r.BasisPoints // ten-thousandths of a fen
		off := fee*10_000 - exact
		if bounded := fee == r.Minimum || (r.Maximum > 0 && fee == r.Maximum); !bounded && (off > 5_000 || off <= -5_000) {
			t.Fatalf("%+v of %d: %d is off by %d ten-thousandths", r, amount, fee, off)
		}
		if next := r.Fee(amount+1) - r.PerPayout; next < fee {
			t.Fatalf("%+v: %d costs %d, one more %d", r, amount, fee, next)
		}
	})
}

// TestAffordable: it can be paid with its fee, and one fen more cannot.
func TestAffordable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, available := drawRate(t), rapid.Int64Range(-1000, core.MaxAmount).Draw(t, "available")
		amount := r.Affordable(available)
		if amount < 0 || (amount > 0 && amount+r.Fee(amount) > available) {
			t.Fatalf("%+v: %d of %d cannot be paid", r, amount, available)
		}
		if amount+1+r.Fee(amount+1) <= available {
			t.Fatalf("%+v: more than %d of %d can be paid", r, amount, available)
		}
	})
	// The document's own example (seed 003, 5.3 note 14): 100 yuan and 5 yuan a payout make 95.
	if got := (core.FeeRate{PerPayout: 500}).Affordable(10_000); got != 9_500 {
		t.Errorf("%d", got)
	}
}
