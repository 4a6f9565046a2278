package core

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
)

// Currency is an ISO 4217 code. CNY is the only one the present providers know.
type Currency string

// CNY counts in fen: 100 fen are one yuan.
const CNY Currency = "CNY"

// MaxAmount is the largest amount of one operation, in fen: ten digits, the shortest
// limit among the providers' documents.
const MaxAmount = 9_999_999_999

// Money is an amount in minor units (fen for CNY). There is no float anywhere.
type Money struct {
	Minor    int64
	Currency Currency
}

// Fen makes CNY.
func Fen(n int64) Money { return Money{Minor: n, Currency: CNY} }

// Add sums two amounts. Errors: CodeInvalidAmount for two currencies or an overflow.
func (m Money) Add(o Money) (Money, error) {
	if m.Currency != o.Currency {
		return Money{}, Errorf(CodeInvalidAmount, "%s and %s cannot be added.", m.Currency, o.Currency)
	}
	sum := m.Minor + o.Minor
	if (m.Minor > 0 && o.Minor > 0 && sum < 0) || (m.Minor < 0 && o.Minor < 0 && sum >= 0) {
		return Money{}, Errorf(CodeInvalidAmount, "The sum of the amounts is too large to be counted.")
	}
	return Money{Minor: sum, Currency: m.Currency}, nil
}

// Sub subtracts. Errors as for Add.
func (m Money) Sub(o Money) (Money, error) {
	if o.Minor == math.MinInt64 {
		return Money{}, Errorf(CodeInvalidAmount, "The amount is too large to be counted.")
	}
	return m.Add(Money{Minor: -o.Minor, Currency: o.Currency})
}

// String prints ¥1,234.50 for CNY and "CODE 1,234.50" for others.
func (m Money) String() string {
	sign, n := "", uint64(m.Minor) //nolint:gosec // the sign is taken off below
	if m.Minor < 0 {
		sign, n = "-", -n
	}
	yuan := strconv.FormatUint(n/100, 10)
	for i := len(yuan) - 3; i > 0; i -= 3 {
		yuan = yuan[:i] + "," + yuan[i:]
	}
	symbol := "¥"
	if m.Currency != CNY {
		symbol = string(m.Currency) + " "
	}
	return fmt.Sprintf("%s%s%s.%02d", sign, symbol, yuan, n%100)
}

// CheckAmount refuses what cannot be an operation's amount: below 1 fen or above MaxAmount.
func CheckAmount(m Money) error {
	switch {
	case m.Currency != CNY:
		return Errorf(CodeInvalidAmount, "The currency must be CNY.").At("currency")
	case m.Minor < 1:
		return Errorf(CodeInvalidAmount, "The amount must be a whole number of fen, at least 1.").At("amount")
	case m.Minor > MaxAmount:
		return Errorf(CodeInvalidAmount, "The amount must be at most %d fen (%s).", int64(MaxAmount), Fen(MaxAmount)).At("amount")
	}
	return nil
}

// Allocate splits m by weights, by largest remainder, so that the parts sum to m to the
// fen. Equal remainders go to the earlier part. Errors: CodeInvalidAmount when a weight
// is negative, all are zero, or m is negative.
func (m Money) Allocate(weights []int64) ([]Money, error) {
	var total uint64
	for _, w := range weights {
		if w < 0 {
			return nil, Errorf(CodeInvalidAmount, "A weight must not be negative.")
		}
		total += uint64(w)
	}
	if total == 0 || total > math.MaxInt64 || m.Minor < 0 {
		return nil, Errorf(CodeInvalidAmount, "The amount cannot be divided by these weights.")
	}
	parts, remainders := make([]Money, len(weights)), make([]uint64, len(weights))
	left := m.Minor
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(m.Minor), uint64(w)) //nolint:gosec // neither is negative: checked above
		quotient, remainder := bits.Div64(hi, lo, total)
		parts[i] = Money{Minor: int64(quotient), Currency: m.Currency} //nolint:gosec // at most m.Minor, since w ≤ total
		remainders[i] = remainder
		left -= parts[i].Minor
	}
	for ; left > 0; left-- {
		largest := 0
		for i, r := range remainders {
			if r > remainders[largest] {
				largest = i
			}
		}
		parts[largest].Minor++
		remainders[largest] = 0
	}
	return parts, nil
}
