package postgres

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const today = "2026-11-23"

func (m merchant) spend(p core.Payment) core.Spend {
	return core.Spend{Spending: core.SpendPayment, AccountID: m.account, Method: p.Method, Amount: p.Amount.Minor, At: p.CreatedAt}
}

func (m merchant) daily(t *testing.T, db *DB, scope core.Scope, daily int64) {
	t.Helper()
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.SetLimit(ctx, core.Limit{
			TenantID: m.tenant, Scope: scope, Spending: core.SpendPayment, Layer: core.LayerPlatform, Daily: daily, SetBy: "user:usr_1", SetAt: noon(),
		}, today)
	}))
}

// used is what the day has used in a scope, and what its payments sum up to.
func (m merchant) used(t *testing.T, db *DB, scope core.Scope) (used, sum int64) {
	t.Helper()
	must(t, db.platform.Get(&used, "SELECT coalesce(max(used), 0) FROM spending_days WHERE tenant_id = $1 AND scope = $2 AND spending = 'payment' AND day = $3", m.tenant, scope.Key(), today))
	must(t, db.platform.Get(&sum, "SELECT coalesce(sum(amount), 0)::bigint FROM payments WHERE tenant_id = $1 AND state IN ('processing', 'requires_action', 'succeeded')", m.tenant))
	return used, sum
}

var errOver = errors.New("over the day's limit")

// count writes a payment and counts it in every scope of it that has a daily limit, as the use case does.
func (m merchant) count(ctx context.Context, db *DB, p core.Payment) error {
	return db.InTenant(ctx, m.tenant, func(tx core.TenantTx) error {
		if err := tx.InsertPayment(ctx, p); err != nil {
			return err
		}
		rules, err := tx.SpendingRules(ctx, m.spend(p))
		if err != nil {
			return err
		}
		for _, l := range rules.Limits {
			if _, ok, err := tx.CountSpend(ctx, m.spend(p), l.Scope, l.Daily); err != nil || !ok {
				return firstError(err, errOver)
			}
		}
		return nil
	})
}

// TestTheDaysLimitHoldsUnderConcurrency: 16 at once, in three scopes, with failures that give
// their part back meanwhile; never over the limit, and the counters are what the payments say.
func TestTheDaysLimitHoldsUnderConcurrency(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	scopes := core.Scopes(m.account, "barcode")
	for i, scope := range scopes {
		m.daily(t, db, scope, 500_000-int64(i)*100_000) // the method's is the tightest: 30 payments of 10,000
	}
	var (
		group         sync.WaitGroup
		taken, failed atomic.Int64
	)
	for range 16 {
		group.Go(func() {
			for i := range 10 {
				p := m.payment()
				err := m.count(t.Context(), db, p)
				if errors.Is(err, errOver) {
					continue
				}
				if err != nil {
					t.Errorf("count: %v", err)
					return
				}
				taken.Add(1)
				if i%3 != 0 {
					continue
				}
				failed.Add(1)
				back := m.spend(p)
				back.Amount = -back.Amount
				lost := p
				lost.State, lost.NextCheckAt = core.PaymentFailed, time.Time{}
				if err := db.InTenant(t.Context(), m.tenant, func(tx core.TenantTx) error {
					return firstError(tx.UpdatePayment(t.Context(), lost, p.State), tx.AdjustSpend(t.Context(), back))
				}); err != nil {
					t.Errorf("give back: %v", err)
				}
			}
		})
	}
	group.Wait()
	if left := taken.Load() - failed.Load(); left > 30 || taken.Load() < 30 {
		t.Errorf("%d payments were taken and %d failed under a limit of 30", taken.Load(), failed.Load())
	}
	for _, scope := range scopes {
		if used, sum := m.used(t, db, scope); used != sum || used > 300_000 {
			t.Errorf("%v: %d counted, the payments sum up to %d", scope, used, sum)
		}
	}
}

// TestALimitSetAmongPaymentsMissesNone: it begins with what the day has, and whatever is being
// written is either in that sum or counts itself.
func TestALimitSetAmongPaymentsMissesNone(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	var group sync.WaitGroup
	begun := make(chan struct{}, 8*20)
	for range 8 {
		group.Go(func() {
			for range 20 {
				if err := m.count(t.Context(), db, m.payment()); err != nil {
					t.Errorf("count: %v", err)
				}
				begun <- struct{}{}
			}
		})
	}
	for range 20 {
		<-begun
	}
	for _, scope := range core.Scopes(m.account, "barcode") {
		m.daily(t, db, scope, 1_000_000_000)
	}
	group.Wait()
	for _, scope := range core.Scopes(m.account, "barcode") {
		if used, sum := m.used(t, db, scope); used != sum || used != 160*10_000 {
			t.Errorf("%v: %d counted, the payments sum up to %d", scope, used, sum)
		}
	}
}

func TestCountingADay(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m, other := newMerchant(t, db), newMerchant(t, db)
	scope := core.Scope{}
	m.paid(t, db)
	late := m.payment()
	late.CreatedAt = time.Date(2026, 11, 22, 15, 59, 59, 0, time.UTC) // the day before, in Beijing
	expired := m.payment()
	expired.State = core.PaymentExpired
	m.write(t, db, late, expired)
	other.paid(t, db)
	m.daily(t, db, scope, 25_000)
	if used, _ := m.used(t, db, scope); used != 10_000 {
		t.Errorf("the day begins with %d", used)
	}
	steps := []struct {
		amount int64
		ok     bool
		before int64
	}{{25_001, false, 10_000}, {15_001, false, 10_000}, {15_000, true, 10_000}, {1, false, 25_000}}
	for _, step := range steps {
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			spend := core.Spend{Spending: core.SpendPayment, AccountID: m.account, Amount: step.amount, At: noon()}
			used, ok, err := tx.CountSpend(ctx, spend, scope, 25_000)
			if ok != step.ok || used != step.before {
				t.Errorf("%d: %v with %d before", step.amount, ok, used)
			}
			return err
		}))
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		// More given back than was counted never makes room below zero.
		return tx.AdjustSpend(ctx, core.Spend{Spending: core.SpendPayment, AccountID: m.account, Amount: -1_000_000, At: noon()})
	}))
	if used, _ := m.used(t, db, scope); used != 0 {
		t.Errorf("%d is counted", used)
	}
	m.daily(t, db, scope, 0)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		list, err := tx.Limits(ctx, today)
		if len(list) != 0 {
			t.Errorf("a removed limit is there: %+v", list)
		}
		return err
	}))
}
