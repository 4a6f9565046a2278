package service

import (
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestAShiftTellsOpenFromTaken: what has no outcome is neither taken nor failed; what failed is
// in neither; a cashier sees nobody else's, and only their stores'.
func TestAShiftTellsOpenFromTaken(t *testing.T) {
	t.Parallel()
	x, err := newLedgers(t)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, start := t.Context(), x.clock.Now()
	pays := func(said core.Outcome, store int, amount int64) {
		t.Helper()
		x.clearing.says(said, time.Time{}, false)
		if err := x.pay(ctx, store, 0, core.MethodQR, amount); err != nil {
			t.Fatal(err)
		}
	}
	pays(core.OutcomeSucceeded, 1, 1000)
	pays(core.OutcomeSucceeded, 1, 500)
	pays(core.OutcomeSucceeded, 2, 70)
	if err := x.giveBack(ctx, x.payments[0], 30); err != nil {
		t.Fatal(err)
	}
	pays(core.OutcomeUnknown, 1, 40)
	pays(core.OutcomeInProgress, 1, 2)
	pays(core.OutcomeFailed, 1, 9000)
	x.maker, x.second = x.second, x.maker
	pays(core.OutcomeSucceeded, 1, 11) // another's
	x.maker, x.second = x.second, x.maker
	cashier := x.maker
	cashier.Subject, cashier.StoreIDs = string(core.RoleTenantCashier), []core.ID{x.stores[1]}
	end := start.Add(time.Hour)

	shift, err := x.ShiftOf(core.WithIdentity(ctx, cashier), "", start, end)
	if err != nil || shift.Actor != cashier.Actor || len(shift.Lines) != 1 || shift.Lines[0].Count != 2 || shift.Lines[0].Amount != 1500 || shift.Lines[0].StoreID != x.stores[1] {
		t.Errorf("%+v, %v", shift, err)
	}
	if shift.Succeeded != 2 || shift.Taken != 1500 || shift.Refunded != 300 || shift.Open != 2 || shift.Unknown != 1 || shift.Pending != 42 {
		t.Errorf("%+v", shift)
	}
	_, err = x.ShiftOf(core.WithIdentity(ctx, cashier), x.second.Actor, start, end)
	wantCode(t, "another's shift", err, core.CodeForbidden)
	_, err = x.ListSettlement(core.WithIdentity(ctx, cashier), core.SettlementFilter{From: firstDay, To: firstDay})
	wantCode(t, "a cashier's settlement", err, core.CodeForbidden)
	_, err = x.ListEntries(core.WithIdentity(ctx, cashier), core.EntryFilter{})
	wantCode(t, "a cashier's entries", err, core.CodeForbidden)

	owner := core.WithIdentity(ctx, x.second)
	if shift, err = x.ShiftOf(owner, cashier.Actor, start, end); err != nil || shift.Succeeded != 3 || shift.Taken != 1570 {
		t.Errorf("%+v, %v", shift, err)
	}
	for what, period := range map[string][2]time.Time{"backwards": {end, start}, "too long": {start, start.Add(48*time.Hour + 1)}} {
		_, err = x.ShiftOf(owner, "", period[0], period[1])
		wantCode(t, what, err, core.CodeInvalidRequest)
	}
}

// TestSettlementIsBoundToStoresAndMerchants: who is bound to stores sees theirs and no payouts,
// a merchant none of another's, the platform all.
func TestSettlementIsBoundToStoresAndMerchants(t *testing.T) {
	t.Parallel()
	next := newLedgers(t)
	ctx := t.Context()
	x, err := next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	y, err := next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []*ledger{x, y} {
		l.clearing.says(core.OutcomeSucceeded, time.Time{}, false)
		for store := range 3 {
			if err := l.pay(ctx, store, 0, core.MethodQR, 1000); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.payOut(ctx, 0, 300); err != nil {
			t.Fatal(err)
		}
	}
	today := core.DayOf(x.clock.Now())
	f := core.SettlementFilter{From: today, To: today}
	sum := func(who core.Identity, f core.SettlementFilter) (n int, net int64) {
		t.Helper()
		lines, err := x.ListSettlement(core.WithIdentity(ctx, who), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			net += l.Net
		}
		return len(lines), net
	}
	if n, net := sum(x.maker, f); n != 3 || net != 3000-300-3*3-102 {
		t.Errorf("the merchant: %d lines, %d", n, net)
	}
	bound := x.maker
	bound.StoreIDs = []core.ID{x.stores[1]}
	if n, net := sum(bound, f); n != 1 || net != 1000-3 {
		t.Errorf("bound to a store: %d lines, %d", n, net)
	}
	list, err := x.ListEntries(core.WithIdentity(ctx, bound), core.EntryFilter{})
	if err != nil || len(list) != 1 || list[0].ObjectID != x.payments[1] {
		t.Errorf("bound to a store: %+v, %v", list, err)
	}
	admin, err := core.IdentityFrom(x.adminIn(t, core.ID{}))
	if err != nil {
		t.Fatal(err)
	}
	if n, net := sum(admin, f); n != 6 || net != 2*(3000-300-3*3-102) {
		t.Errorf("the platform: %d lines, %d", n, net)
	}
	other := f
	other.TenantID = y.tenant
	if n, _ := sum(admin, other); n != 3 {
		t.Errorf("the platform of one merchant: %d lines", n)
	}
	_, err = x.ListSettlement(core.WithIdentity(ctx, x.maker), other)
	wantCode(t, "another merchant's", err, core.CodeNotFound)
	_, err = x.ListSettlement(core.WithIdentity(ctx, x.maker), core.SettlementFilter{From: today, To: today.Next(settlementDays)})
	wantCode(t, "too many days", err, core.CodeInvalidRequest)
}
