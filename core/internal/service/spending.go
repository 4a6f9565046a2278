package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// checkLimits refuses new money that is frozen or over a limit, and counts it in the day's
// limits. It belongs into the transaction that writes the payment or payout, as its last
// step: a refusal rolls that back, and a limit set meanwhile has the row or is seen here.
// Errors: CodeFrozen, CodeLimitExceeded.
func (s *Service) checkLimits(ctx context.Context, tx core.TenantTx, spend core.Spend) error {
	rules, err := tx.SpendingRules(ctx, spend)
	if err != nil {
		return err
	}
	if len(rules.Freezes) > 0 {
		return frozen(rules.Freezes[0])
	}
	single, daily := spend.Amount, map[core.Scope]int64{}
	if spend.Largest > 0 {
		single = spend.Largest
	}
	for _, l := range rules.Limits {
		if l.Single > 0 && single > l.Single {
			return overSingle(l)
		}
		if l.Daily > 0 && (daily[l.Scope] == 0 || l.Daily < daily[l.Scope]) {
			daily[l.Scope] = l.Daily
		}
	}
	for _, scope := range core.Scopes(spend.AccountID, spend.Method) {
		if daily[scope] == 0 {
			continue
		}
		used, ok, err := tx.CountSpend(ctx, spend, scope, daily[scope])
		if err != nil {
			return err
		}
		if !ok {
			return overDaily(spend.Spending, scope, daily[scope], used)
		}
	}
	return nil
}

// recountSpend keeps the day's limits in step with a state that begins or ceases to count.
// It is not refused: the money has moved already, or has not.
func (s *Service) recountSpend(ctx context.Context, tx core.TenantTx, spend core.Spend, before, after bool) error {
	if before == after {
		return nil
	}
	if before {
		spend.Amount = -spend.Amount
	}
	return tx.AdjustSpend(ctx, spend)
}

func paymentSpend(p core.Payment) core.Spend {
	return core.Spend{Spending: core.SpendPayment, AccountID: p.AccountID, Method: p.Method, Amount: p.Amount.Minor, At: p.CreatedAt}
}

// scopeText says for people what a rule is about.
func scopeText(scope core.Scope) string {
	switch {
	case scope.AccountID.IsZero():
		return "the merchant"
	case scope.Method == "":
		return "this provider account"
	}
	return "this method of the provider account"
}

func frozen(f core.Freeze) error {
	name := scopeText(f.Scope)
	return core.Errorf(core.CodeFrozen, "New payments and payouts of %s are frozen: %s. Refunds and queries still work.", name, f.Reason).
		With("reason", f.Reason)
}

func spendingText(spending core.Spending) string {
	if spending == core.SpendPayout {
		return "payout"
	}
	return "payment"
}

func overSingle(l core.Limit) error {
	most := core.Fen(l.Single).String()
	return core.Errorf(core.CodeLimitExceeded, "One %s of %s may be at most %s. Nothing was sent.", spendingText(l.Spending), scopeText(l.Scope), most).
		At("amount").With("limit", most).With("remaining", most)
}

func overDaily(spending core.Spending, scope core.Scope, daily, used int64) error {
	most, left := core.Fen(daily).String(), core.Fen(max(0, daily-used)).String()
	return core.Errorf(core.CodeLimitExceeded, "The %ss of %s may come to %s a day (Beijing time); %s is left today. Nothing was sent.",
		spendingText(spending), scopeText(scope), most, left).At("amount").With("limit", most).With("remaining", left)
}
