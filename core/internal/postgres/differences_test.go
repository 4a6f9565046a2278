package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func (d dayOf) difference(key string, run int) core.Difference {
	return core.Difference{
		TenantID: d.TenantID, ID: core.NewID(noon()), DayID: d.ID, AccountID: d.AccountID, Provider: "example", Day: d.Day, Key: key,
		Kind: core.DifferState, Movement: core.MovementPayment, Number: key, State: core.DifferenceOpen, FoundAt: noon(), FoundRun: run,
		Ours:   core.DifferenceSide{Present: true, State: "failed", Amount: core.Fen(100)},
		Theirs: core.DifferenceSide{Present: true, State: "succeeded", Amount: core.Fen(100), Fee: core.Fen(0), At: noon()},
	}
}

type dayOf struct{ core.ReconciliationDay }

func TestADifferenceComesBack(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	d := dayOf{m.day(t, db)}.difference("k", 1)
	d.ObjectID, d.ObjectKind, d.ProviderNumber, d.BillID, d.BillLine = core.NewID(noon()), "payment", "P", core.NewID(noon()), 7
	d.Ours.At, d.Ours.Fee = noon(), core.Fen(3)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		_, err := tx.UpsertDifferences(ctx, []core.Difference{d})
		return err
	}))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.Difference(ctx, d.ID)
		must(t, err)
		same(t, got, d)
		got.State, got.Owner, got.LinkedID, got.Remark = core.DifferenceLinked, "user:usr_1", core.NewID(noon()), "is another"
		got.ApprovalID, got.ResolvedAt, got.ResolvedBy = core.NewID(noon()), noon(), "user:usr_1"
		must(t, tx.UpdateDifference(ctx, got, core.DifferenceOpen))
		got.Version++
		for _, f := range []core.DifferenceFilter{
			{},
			{DayID: d.DayID},
			{AccountID: m.account, From: billDay, To: billDay},
			{Kinds: []core.DifferenceKind{core.DifferState}},
			{Owner: "user:usr_1"},
			{AnyNumber: "P"},
			{AnyNumber: "k", States: []core.DifferenceState{core.DifferenceLinked}},
		} {
			list, err := tx.Differences(ctx, f)
			must(t, err)
			same(t, list, []core.Difference{got})
		}
		for _, f := range []core.DifferenceFilter{{Unowned: true}, {To: billDay.Next(-1)}, {From: billDay.Next(1)}, {AnyNumber: "x"}, {Kinds: []core.DifferenceKind{core.DifferDay}}} {
			if list, err := tx.Differences(ctx, f); err != nil || len(list) != 0 {
				t.Errorf("%+v finds %v %v", f, list, err)
			}
		}
		return nil
	}))
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.UpdateDifference(ctx, d, core.DifferenceOpen)
	}), core.CodeConflict)
}

// TestWhatALaterRunDoesToADifference: people's decisions hold while both sides are as they were.
func TestWhatALaterRunDoesToADifference(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	day := dayOf{m.day(t, db)}
	type change func(*core.Difference)
	same := func(*core.Difference) {}
	later := func(d *core.Difference) { d.Theirs.At = d.Theirs.At.Add(time.Hour) }
	amount := func(d *core.Difference) { d.Theirs.Amount = core.Fen(99) }
	fee := func(d *core.Difference) { d.Theirs.Fee = core.Money{} }
	ours := func(d *core.Difference) { d.Ours.State = "closed" }
	bill := func(d *core.Difference) { d.BillID, d.BillLine = core.NewID(noon()), 3 }
	for name, c := range map[string]struct {
		was      core.DifferenceState
		change   change
		want     core.DifferenceState
		reopened bool
	}{
		"open":                       {core.DifferenceOpen, same, core.DifferenceOpen, false},
		"open, other amount":         {core.DifferenceOpen, amount, core.DifferenceOpen, false},
		"accepted":                   {core.DifferenceAccepted, same, core.DifferenceAccepted, false},
		"accepted, later":            {core.DifferenceAccepted, later, core.DifferenceAccepted, false},
		"accepted, on a later bill":  {core.DifferenceAccepted, bill, core.DifferenceAccepted, false},
		"accepted, other amount":     {core.DifferenceAccepted, amount, core.DifferenceOpen, true},
		"linked, no fee stated":      {core.DifferenceLinked, fee, core.DifferenceOpen, true},
		"corrected, other state":     {core.DifferenceCorrected, ours, core.DifferenceOpen, true},
		"waits for a correction":     {core.DifferenceCorrecting, amount, core.DifferenceCorrecting, false},
		"was gone":                   {core.DifferenceGone, same, core.DifferenceOpen, false},
		"was gone, and another sum ": {core.DifferenceGone, amount, core.DifferenceOpen, false},
	} {
		d := day.difference(name, 1)
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			_, err := tx.UpsertDifferences(ctx, []core.Difference{d})
			must(t, err)
			resolved := d
			resolved.State, resolved.Owner, resolved.Remark, resolved.ResolvedBy = c.was, "user:usr_2", "seen", "user:usr_2"
			return tx.UpdateDifference(ctx, resolved, core.DifferenceOpen)
		}))
		again := day.difference(name, 2)
		c.change(&again)
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			reopened, err := tx.UpsertDifferences(ctx, []core.Difference{again})
			must(t, err)
			got, err := tx.Difference(ctx, d.ID)
			must(t, err)
			if got.State != c.want || got.Owner != "user:usr_2" || got.Remark != "seen" || got.FoundRun != 2 || len(reopened) == 1 != c.reopened {
				t.Errorf("%s: %+v, reopened %v", name, got, reopened)
			}
			if c.reopened && (reopened[0] != got || got.ResolvedBy != "") {
				t.Errorf("%s: returned %+v, kept %+v", name, reopened[0], got)
			}
			if got.Theirs != again.Theirs && name != "accepted, later" || got.Ours != again.Ours || got.BillID != again.BillID {
				t.Errorf("%s: the sides are old: %+v", name, got)
			}
			return nil
		}))
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		counts, err := tx.CountDifferences(ctx, day.ID)
		must(t, err)
		n := map[core.DifferenceState]int64{}
		for _, c := range counts {
			n[c.State] += c.Count
		}
		if n[core.DifferenceOpen] != 7 || n[core.DifferenceCorrecting] != 1 || n[core.DifferenceAccepted] != 3 {
			t.Errorf("counts: %v", n)
		}
		if gone, err := tx.CloseGone(ctx, day.ID, 2, noon()); err != nil || gone != 0 {
			t.Errorf("%d that were found are gone: %v", gone, err)
		}
		if gone, err := tx.CloseGone(ctx, day.ID, 3, noon()); err != nil || gone != 8 {
			t.Errorf("%d are gone, want the open and the waiting ones: %v", gone, err)
		}
		return nil
	}))
}

func TestAnotherTenantsBooks(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b := newMerchant(t, db), newMerchant(t, db)
	p := b.paid(t, db)
	d := dayOf{b.day(t, db)}
	bill := b.written(t, db, b.bill(core.BillFromList, ""), line(1, p.OrderNo, "P"))
	found := d.difference("k", 1)
	must(t, b.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		_, err := tx.UpsertDifferences(ctx, []core.Difference{found})
		return firstError(err, tx.WatchBooks(ctx, b.account, noon(), noon()), tx.SetBillTotals(ctx, bill, []core.MovementTotal{{Kind: core.MovementPayment}}))
	}))
	for tenant, want := range map[core.ID]int{a.tenant: 0, b.tenant: 1} {
		must(t, db.InTenant(t.Context(), tenant, func(tx core.TenantTx) error {
			ctx := t.Context()
			for name, list := range map[string]func() (int, error){
				"days": func() (int, error) {
					return count(tx.ReconciliationDays(ctx, core.ReconciliationFilter{TenantID: b.tenant}))
				},
				"differences": func() (int, error) { return count(tx.Differences(ctx, core.DifferenceFilter{TenantID: b.tenant})) },
				"counts":      func() (int, error) { return count(tx.CountDifferences(ctx, d.ID)) },
				"bills":       func() (int, error) { return count(tx.Bills(ctx, b.account, billDay)) },
				"lines":       func() (int, error) { return count(tx.BillLinesAfter(ctx, bill.ID, 0, 10)) },
				"totals":      func() (int, error) { return count(tx.BillTotals(ctx, bill.ID)) },
				"by number":   func() (int, error) { return count(tx.LinesByNumber(ctx, []core.ID{bill.ID}, []string{p.OrderNo})) },
				"movements":   func() (int, error) { return count(tx.MovementsByNumber(ctx, b.account, []string{p.OrderNo})) },
			} {
				if n, err := list(); err != nil || n != want {
					t.Errorf("%s: %d, want %d: %v", name, n, want, err)
				}
			}
			return nil
		}))
		rows := 0
		q := core.DayQuery{TenantID: tenant, AccountID: b.account, From: noon(), To: noon().Add(time.Hour), Bills: []core.ID{bill.ID}}
		must(t, db.ReadDay(t.Context(), q, func(ours core.MovementStream, theirs core.LineStream) error {
			_, mine, err := ours.Next(t.Context())
			_, line, failed := theirs.Next(t.Context())
			if mine {
				rows++
			}
			if line {
				rows++
			}
			return firstError(err, failed)
		}))
		if rows != 2*want {
			t.Errorf("a merchant streams %d rows, want %d", rows, 2*want)
		}
	}
	for name, fn := range map[string]func(ctx context.Context, tx core.TenantTx) error{
		"day": func(ctx context.Context, tx core.TenantTx) error {
			_, err := tx.ReconciliationDay(ctx, d.ID)
			return err
		},
		"day of": func(ctx context.Context, tx core.TenantTx) error {
			_, err := tx.ReconciliationDayOf(ctx, b.account, billDay)
			return err
		},
		"bill":       func(ctx context.Context, tx core.TenantTx) error { _, err := tx.Bill(ctx, bill.ID); return err },
		"difference": func(ctx context.Context, tx core.TenantTx) error { _, err := tx.Difference(ctx, found.ID); return err },
		"open": func(ctx context.Context, tx core.TenantTx) error {
			_, err := tx.OpenDay(ctx, b.account, billDay, noon(), noon())
			return err
		},
		"watch": func(ctx context.Context, tx core.TenantTx) error {
			return tx.WatchBooks(ctx, b.account, noon(), noon())
		},
		"bill of it": func(ctx context.Context, tx core.TenantTx) error {
			return tx.InsertBill(ctx, merchant{tenant: a.tenant, account: b.account}.bill(core.BillFromList, ""))
		},
	} {
		wantCode(t, a.in(t, db, fn), core.CodeNotFound)
		_ = name
	}
	must(t, db.AcrossTenants(t.Context(), func(tx core.PlatformTx) error {
		days, err := tx.ReconciliationDays(t.Context(), core.ReconciliationFilter{})
		must(t, err)
		differences, err := tx.Differences(t.Context(), core.DifferenceFilter{TenantID: b.tenant})
		if len(days) != 1 || len(differences) != 1 || differences[0].Key != "k" {
			t.Errorf("the platform sees %v and %v", days, differences)
		}
		return err
	}))
}
