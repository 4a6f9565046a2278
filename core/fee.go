package core

import (
	"context"
	"time"
)

// MethodPayout stands for payouts where fees are told apart by method.
const MethodPayout Method = "payout"

// FeeRate is what a merchant pays for each payment of a method, or for each payout, of one of
// its accounts. A rate is never changed, only ended: what was charged by it stays explained.
type FeeRate struct {
	TenantID    ID
	ID          ID
	AccountID   ID
	Method      Method // of payments, or MethodPayout
	BasisPoints int64  // of the amount: 38 are 0.38 %
	Minimum     int64  // fen, of the part by basis points
	Maximum     int64  // fen, of the part by basis points; zero: none
	PerPayout   int64  // fen on top of each payout
	ValidFrom   time.Time
	ValidTo     time.Time // the first moment it is not valid any more; zero: open
}

// Fee is what the amount costs, in fen: the basis points of it, rounded half up, within minimum
// and maximum, and what is on top of a payout. The zero rate costs nothing.
func (r FeeRate) Fee(amount int64) int64 {
	const whole = 10_000
	fee := max(r.Minimum, (amount*r.BasisPoints+whole/2)/whole)
	if r.Maximum > 0 {
		fee = min(fee, r.Maximum)
	}
	return fee + r.PerPayout
}

// Affordable is the largest amount that can be paid with its fee out of available, in fen; 0
// when not even one fen can.
func (r FeeRate) Affordable(available int64) int64 {
	least, most := int64(0), max(0, available) // least can be paid, more than most cannot
	for least < most {
		middle := most - (most-least)/2
		if middle+r.Fee(middle) <= available {
			least = middle
		} else {
			most = middle - 1
		}
	}
	return least
}

// FeeReader reads fee rates within one tenant.
type FeeReader interface {
	// FeeRates lists the rates of an account, or of all when it is zero, the newest first.
	FeeRates(ctx context.Context, account ID) ([]FeeRate, error)
	FeeRate(ctx context.Context, id ID) (FeeRate, error)
	// FeeRateAt gives the rate that is valid at a time; the zero one when there is none.
	FeeRateAt(ctx context.Context, account ID, method Method, at time.Time) (FeeRate, error)
}

// FeeTx changes fee rates.
type FeeTx interface {
	FeeReader
	// InsertFeeRate adds a rate. Errors: CodeConflict when another is valid in a part of its time.
	InsertFeeRate(ctx context.Context, r FeeRate) error
	// EndFeeRate sets the end of a rate. Errors: CodeInvalidState when it has ended by then.
	EndFeeRate(ctx context.Context, id ID, at time.Time) error
}

// FeeRateInput is what a person enters of a fee rate.
type FeeRateInput struct {
	AccountID   ID
	Method      Method
	BasisPoints int64
	Minimum     int64
	Maximum     int64
	PerPayout   int64
	ValidFrom   time.Time // zero: now
	ValidTo     time.Time // zero: open
}

// Fees keeps the fee rates of merchants. The fee of a payment or payout is computed once, when
// it succeeds, by the rate that was valid when it was created.
type Fees interface {
	ListFeeRates(ctx context.Context, account ID) ([]FeeRate, error)
	// AddFeeRate adds a rate that begins now or later. Errors: CodeStepUpRequired; CodeConflict
	// when another rate of the account and method is valid in a part of its time.
	AddFeeRate(ctx context.Context, in FeeRateInput) (FeeRate, error)
	// EndFeeRate ends a rate now or later; one that has not begun never will. Errors:
	// CodeStepUpRequired, CodeInvalidState when it has ended by then.
	EndFeeRate(ctx context.Context, id ID, at time.Time) (FeeRate, error)
}
