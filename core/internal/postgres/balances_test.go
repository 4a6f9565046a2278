package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func (m merchant) snapshot(at time.Time) core.BalanceSnapshot {
	return core.BalanceSnapshot{TenantID: m.tenant, ID: core.NewID(at), AccountID: m.account, TakenAt: at, Balance: core.Balance{Channel: "C1", ClearsAt: -1}}
}

func TestABalanceComesBack(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	s := m.snapshot(noon())
	s.Balance = core.Balance{ClearsAt: 16}
	s.AsOf = noon().Add(-time.Second)
	filled(t, &s.Balance)
	s.Balance.Advance = core.Money{} // not stated is not zero
	w := core.BalanceWatch{TenantID: m.tenant, AccountID: m.account}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		if err := firstError(tx.WatchBalances(ctx, m.account, noon(), noon()), tx.AskBalances(ctx, m.account, noon(), noon()), tx.InsertBalances(ctx, []core.BalanceSnapshot{s})); err != nil {
			return err
		}
		w.AskedAt, w.CreatedAt = noon(), noon()
		filled(t, &w)
		w.Version = 0
		return tx.UpdateBalanceWatch(ctx, w)
	}))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		list, err := tx.BalanceHistory(ctx, core.BalanceHistoryFilter{AccountID: m.account})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		same(t, list[0], s)
		got, err := tx.BalanceWatch(ctx, m.account)
		w.Version = 1
		same(t, got, w)
		return err
	}))
	stale := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.UpdateBalanceWatch(ctx, core.BalanceWatch{AccountID: m.account})
	})
	wantCode(t, stale, core.CodeConflict)
	early := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.AskBalances(ctx, m.account, noon().Add(time.Second), noon().Add(-time.Second))
	})
	wantCode(t, early, core.CodeTooEarly)
}

// TestOldBalances: of whole days that are over, in Beijing, the last of each stays.
func TestOldBalances(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	midnight := time.Date(2026, 11, 1, 0, 0, 0, 0, core.Beijing())
	kept := []time.Time{midnight.Add(-time.Second), midnight.Add(23 * time.Hour), midnight.Add(24 * time.Hour), midnight.Add(25 * time.Hour)}
	gone := []time.Time{midnight.Add(-time.Hour), midnight, midnight.Add(time.Hour), midnight.Add(22 * time.Hour)}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		for _, at := range append(append([]time.Time{}, kept...), gone...) {
			if err := tx.InsertBalances(ctx, []core.BalanceSnapshot{m.snapshot(at), m.snapshot(at)}); err != nil {
				return err
			}
		}
		return nil
	}))
	m.daily(t, db, core.Scope{}, 100)
	before := midnight.Add(30 * time.Hour) // on the second day, of which nothing may go yet
	removed := 0
	for range 4 {
		n, err := db.PruneBalances(t.Context(), before, 3)
		must(t, err)
		removed += n.Rows
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		list, err := tx.BalanceHistory(ctx, core.BalanceHistoryFilter{AccountID: m.account})
		if removed != 2*len(gone) || len(list) != 2*len(kept) {
			t.Errorf("%d were removed and %d are left", removed, len(list))
		}
		for i, s := range list {
			if want := kept[len(kept)-1-i/2]; !s.TakenAt.Equal(want) {
				t.Errorf("%v is left, want %v", s.TakenAt, want)
			}
		}
		return err
	}))
	days := func() (n int) {
		must(t, db.platform.Get(&n, "SELECT count(*) FROM spending_days WHERE tenant_id = $1", m.tenant))
		return n
	}
	if days() != 1 {
		t.Error("today's counter is gone")
	}
	_, err := db.PruneBalances(t.Context(), noon().Add(48*time.Hour), 3)
	must(t, err)
	if days() != 0 {
		t.Error("an old counter stayed")
	}
}
