package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// rules gives a merchant one of each: a limit, a freeze, a fee rate, a balance and its mark.
func (m merchant) rules(ctx context.Context, tx core.TenantTx) error {
	scope := core.Scope{AccountID: m.account}
	return firstError(
		tx.SetLimit(ctx, core.Limit{TenantID: m.tenant, Scope: scope, Spending: core.SpendPayment, Layer: core.LayerTenant, Daily: 1, SetBy: "user:usr_1", SetAt: noon()}, today),
		tx.InsertFreeze(ctx, core.Freeze{TenantID: m.tenant, ID: core.NewID(noon()), Scope: scope, Layer: core.LayerTenant, Reason: "x", FrozenBy: "user:usr_1", FrozenAt: noon()}),
		tx.InsertFeeRate(ctx, core.FeeRate{TenantID: m.tenant, ID: core.NewID(noon()), AccountID: m.account, Method: core.MethodPayout, PerPayout: 1, ValidFrom: noon()}),
		tx.WatchBalances(ctx, m.account, noon(), noon()),
		tx.InsertBalances(ctx, []core.BalanceSnapshot{m.snapshot(noon())}),
		tx.SetBalanceMark(ctx, core.BalanceMark{TenantID: m.tenant, AccountID: m.account, Amount: 1, SetBy: "user:usr_1", SetAt: noon()}),
	)
}

// TestAnotherTenantsRulesAreNotSeen: limits, freezes, rates and balances of B, asked for in A's
// transaction by B's own ids.
func TestAnotherTenantsRulesAreNotSeen(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b := newMerchant(t, db), newMerchant(t, db)
	must(t, b.in(t, db, b.rules))
	for who, want := range map[merchant]int{a: 0, b: 1} {
		must(t, who.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			rules, err := tx.SpendingRules(ctx, core.Spend{Spending: core.SpendPayment, AccountID: b.account, At: noon()})
			must(t, err)
			book, err := tx.BalanceBook(ctx, core.BalanceFilter{TenantID: b.tenant, AccountID: b.account}, noon())
			must(t, err)
			rate, err := tx.FeeRateAt(ctx, b.account, core.MethodPayout, noon())
			must(t, err)
			for name, list := range map[string]func() (int, error){
				"limits":    func() (int, error) { return count(tx.Limits(ctx, today)) },
				"freezes":   func() (int, error) { return count(tx.Freezes(ctx, false)) },
				"rules":     func() (int, error) { return (len(rules.Limits) + len(rules.Freezes)) / 2, nil },
				"fee rates": func() (int, error) { return count(tx.FeeRates(ctx, b.account)) },
				"rate":      func() (int, error) { return int(rate.PerPayout), nil },
				"history": func() (int, error) {
					return count(tx.BalanceHistory(ctx, core.BalanceHistoryFilter{AccountID: b.account}))
				},
				"watches": func() (int, error) { return len(book.Watches), nil },
				"marks":   func() (int, error) { return len(book.Marks[b.account]), nil },
				"frozen":  func() (int, error) { return len(book.Frozen), nil },
			} {
				if n, err := list(); err != nil || n != want {
					t.Errorf("%s: %d, want %d: %v", name, n, want, err)
				}
			}
			return nil
		}))
	}
	must(t, db.AcrossTenants(t.Context(), func(tx core.PlatformTx) error {
		book, err := tx.BalanceBook(t.Context(), core.BalanceFilter{}, noon())
		if len(book.Watches) != 1 || len(book.Marks[b.account]) != 1 || !book.Frozen[b.account] || book.Rates[b.account].PerPayout != 1 || book.Accounts[b.account].Provider == "" {
			t.Errorf("the platform's book is %+v", book)
		}
		return err
	}))
}

func TestRulesDoNotReferToAnotherTenantsAccount(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b := newMerchant(t, db), newMerchant(t, db)
	mixed := merchant{tenant: a.tenant, account: b.account}
	for name, fn := range map[string]func(ctx context.Context, tx core.TenantTx) error{
		"limit": func(ctx context.Context, tx core.TenantTx) error {
			return tx.SetLimit(ctx, core.Limit{TenantID: a.tenant, Scope: core.Scope{AccountID: b.account}, Spending: core.SpendPayout, Layer: core.LayerTenant, Single: 1, SetBy: "x", SetAt: noon()}, today)
		},
		"freeze": func(ctx context.Context, tx core.TenantTx) error {
			return tx.InsertFreeze(ctx, core.Freeze{TenantID: a.tenant, ID: core.NewID(noon()), Scope: core.Scope{AccountID: b.account}, Layer: core.LayerTenant, Reason: "x", FrozenBy: "x", FrozenAt: noon()})
		},
		"fee rate": func(ctx context.Context, tx core.TenantTx) error {
			return tx.InsertFeeRate(ctx, core.FeeRate{TenantID: a.tenant, ID: core.NewID(noon()), AccountID: b.account, Method: "qr", ValidFrom: noon(), ValidTo: noon().Add(time.Hour)})
		},
		"watch": func(ctx context.Context, tx core.TenantTx) error {
			return tx.WatchBalances(ctx, b.account, noon(), noon())
		},
		"snapshot": func(ctx context.Context, tx core.TenantTx) error {
			return tx.InsertBalances(ctx, []core.BalanceSnapshot{mixed.snapshot(noon())})
		},
		"mark": func(ctx context.Context, tx core.TenantTx) error {
			return tx.SetBalanceMark(ctx, core.BalanceMark{TenantID: a.tenant, AccountID: b.account, Amount: 1, SetBy: "x", SetAt: noon()})
		},
	} {
		if err := a.in(t, db, fn); core.CodeOf(err) != core.CodeNotFound {
			t.Errorf("%s on B's account: %v", name, err)
		}
	}
	if err := a.in(t, db, b.rules); err == nil {
		t.Error("B's rules were written in A's transaction")
	}
}
