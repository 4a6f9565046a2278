package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// payoutRules are what decides over an account's payouts beside what the provider says of
// its channels: the merchant's rate, the days that are worked, and freezes.
type payoutRules struct {
	rate   core.FeeRate
	days   core.WorkingDays
	frozen error // CodeFrozen, or nil
}

func (s *Service) payoutRules(ctx context.Context, a core.ProviderAccount) (r payoutRules, err error) {
	now := s.Clock()
	err = s.Database.InTenant(ctx, a.TenantID, func(tx core.TenantTx) error {
		if r.rate, err = tx.FeeRateAt(ctx, a.ID, core.MethodPayout, now); err != nil {
			return err
		}
		if r.days, err = tx.WorkingDays(ctx); err != nil {
			return err
		}
		rules, err := tx.SpendingRules(ctx, core.Spend{Spending: core.SpendPayout, AccountID: a.ID, At: now})
		if len(rules.Freezes) > 0 {
			r.frozen = frozen(rules.Freezes[0])
		}
		return err
	})
	return r, err
}

// fees is what the payouts asked for cost by a rate: all of them, and the largest.
func (a payoutAsk) fees(rate core.FeeRate) (all, ofLargest int64) {
	ofLargest = rate.Fee(a.largest)
	if len(a.amounts) == 0 {
		return ofLargest, ofLargest
	}
	for _, amount := range a.amounts {
		all += rate.Fee(amount)
	}
	return all, ofLargest
}

// payoutSpend is what a payout counts as in the day's limits.
func payoutSpend(p core.Payout) core.Spend {
	return core.Spend{Spending: core.SpendPayout, AccountID: p.AccountID, Amount: p.Amount.Minor, At: p.CreatedAt}
}

// batchSpend is the same for all payouts of a file.
func batchSpend(b core.PayoutBatch, payouts []core.Payout) core.Spend {
	spend := core.Spend{Spending: core.SpendPayout, AccountID: b.AccountID, At: b.CreatedAt}
	for _, p := range payouts {
		spend.Amount += p.Amount.Minor
		spend.Largest = max(spend.Largest, p.Amount.Minor)
	}
	return spend
}

// chargePayout puts the fee on a payout that is about to succeed. It stays when the bank gives
// the payout back: the provider has done its work. One that never succeeded costs nothing,
// whatever people had decided.
func (s *Service) chargePayout(ctx context.Context, tx core.TenantTx, p *core.Payout, from core.PayoutState) (err error) {
	if p.State == core.PayoutSucceeded && from != core.PayoutSucceeded {
		p.Fee, err = s.feeAt(ctx, tx, p.AccountID, core.MethodPayout, p.Amount.Minor, p.CreatedAt)
	}
	if p.State == core.PayoutFailed {
		p.Fee = 0
	}
	return err
}
