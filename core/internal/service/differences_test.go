package service

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestAcceptAndReopen: the counts and the state of the day follow each step.
func TestAcceptAndReopen(t *testing.T) {
	t.Parallel()
	_, l := newBooks(t)
	a, b := l.surplus(t, "S1", 100), l.surplus(t, "S2", 200)
	l.stands(t, a, core.DifferenceOpen, core.DayOpen, 2, 0)

	_, err := l.AcceptDifference(l.maker, a.ID, "")
	wantCode(t, "without a remark", err, core.CodeInvalidRequest)
	got, err := l.AcceptDifference(l.maker, a.ID, "the provider's test order")
	must(t, err)
	if got.Remark != "the provider's test order" || got.ResolvedBy == "" || got.ResolvedAt.IsZero() {
		t.Errorf("accepted: %+v", got)
	}
	l.stands(t, a, core.DifferenceAccepted, core.DayOpen, 1, 1)
	_, err = l.AcceptDifference(l.second, a.ID, "again")
	wantCode(t, "accepted twice", err, core.CodeInvalidState)
	_, err = l.ReopenDifference(l.maker, b.ID, "it is open")
	wantCode(t, "an open one opened", err, core.CodeInvalidState)

	_, err = l.AcceptDifference(l.second, b.ID, "the same")
	must(t, err)
	l.stands(t, b, core.DifferenceAccepted, core.DayClean, 0, 2)
	l.events(t, "reconciliation.clean", 1)
	_, err = l.AssignDifference(l.maker, b.ID, core.ID{})
	wantCode(t, "assigned although ended", err, core.CodeInvalidState)

	_, err = l.ReopenDifference(l.maker, b.ID, "it is another one")
	must(t, err)
	l.stands(t, b, core.DifferenceOpen, core.DayOpen, 1, 1)
	l.events(t, "reconciliation.open", 1)
	alerts := "SELECT count(*) FROM alerts WHERE kind = 'books_disagree' AND resolved_at IS NULL"
	if n := l.rows(t, alerts); n != 1 {
		t.Errorf("%d alerts of a day that is open again", n)
	}
	l.events(t, "difference.resolved", 2)
	l.events(t, "difference.reopened", 1)
	_, err = l.AcceptDifference(l.maker, b.ID, "after all")
	must(t, err)
	if n := l.rows(t, alerts); n != 0 {
		t.Errorf("%d alerts of a clean day", n)
	}
	if n := l.rows(t, "SELECT count(*) FROM audit_log WHERE action LIKE 'difference.%'"); n != 4 {
		t.Errorf("%d audit rows, want 4", n)
	}
}

// TestAnAcceptedDifferenceHoldsInRuns: a run that meets it again leaves it alone, one that finds
// other sides opens it.
func TestAnAcceptedDifferenceHoldsInRuns(t *testing.T) {
	t.Parallel()
	_, l := newBooks(t)
	d := l.surplus(t, "S1", 100)
	_, err := l.AcceptDifference(l.maker, d.ID, "known")
	must(t, err)
	again := d
	again.FoundRun = 2
	l.in(t, func(ctx context.Context, tx core.TenantTx) error {
		_, err := tx.UpsertDifferences(ctx, []core.Difference{again})
		return err
	})
	l.stands(t, d, core.DifferenceAccepted, core.DayClean, 0, 1)
	again.FoundRun, again.Theirs.Amount = 3, core.Fen(101)
	l.in(t, func(ctx context.Context, tx core.TenantTx) error {
		_, err := tx.UpsertDifferences(ctx, []core.Difference{again})
		return err
	})
	l.stands(t, d, core.DifferenceOpen, core.DayClean, 0, 1) // the run itself writes the day
}

func TestAssignADifference(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	d := l.surplus(t, "S1", 100)
	cashier := x.person(t, x.tenant.ID, "till@a.example", core.RoleTenantCashier)
	_, err := l.AssignDifference(l.maker, d.ID, userOf(t, l.second))
	must(t, err)
	list, err := l.ListDifferences(l.maker, core.DifferenceFilter{Owner: actorOf(userOf(t, l.second))})
	if err != nil || len(list) != 1 || list[0].ID != d.ID {
		t.Errorf("the owner's: %v, %v", list, err)
	}
	_, err = l.AssignDifference(l.maker, d.ID, userOf(t, x.by(t, cashier)))
	wantCode(t, "given to somebody who cannot see it", err, core.CodeInvalidRequest)
	_, err = l.AssignDifference(l.maker, d.ID, core.ID{})
	must(t, err)
	if list, err = l.ListDifferences(l.maker, core.DifferenceFilter{Unowned: true}); err != nil || len(list) != 1 {
		t.Errorf("nobody's: %v, %v", list, err)
	}
}

func userOf(t *testing.T, ctx context.Context) core.ID { //nolint:revive // the request is what it is about
	t.Helper()
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return id.UserID
}

// TestLinkASurplus: to an order that moved, of the same kind and amount, that no bill shows; the
// order's shortage ends with it, and both are open again together.
func TestLinkASurplus(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	paid, failed, shown := payAs(t, x, l, core.PaymentSucceeded), payAs(t, x, l, core.PaymentFailed), payAs(t, x, l, core.PaymentSucceeded)
	l.shows(t, core.StoredLine{Kind: core.MovementPayment, Number: shown.OrderNo, Outcome: core.OutcomeSucceeded, Amount: shown.Amount})
	short, long, other, small := l.shortage(t, paid), l.surplus(t, "S1", 1000), l.surplus(t, "S2", 1000), l.surplus(t, "S3", 999)
	x.oracle.says(core.OutcomeSucceeded, core.OutcomeSucceeded)
	refund := x.refund(t, shown.ID, 1000)

	for name, c := range map[string]struct {
		difference, object core.ID
		want               core.Code
	}{
		"an order that is not there":     {long.ID, core.NewID(l.clock.Now()), core.CodeNotFound},
		"an order of another kind":       {long.ID, refund.ID, core.CodeNotFound},
		"no money moved":                 {long.ID, failed.ID, core.CodeInvalidState},
		"on the bill by its own number":  {long.ID, shown.ID, core.CodeInvalidState},
		"another amount":                 {small.ID, paid.ID, core.CodeInvalidState},
		"what is about an order already": {short.ID, paid.ID, core.CodeInvalidState},
	} {
		_, err := l.LinkDifference(l.maker, c.difference, c.object, "it is")
		wantCode(t, name, err, c.want)
	}
	_, err := l.LinkDifference(l.maker, long.ID, paid.ID, "paid under the old number")
	must(t, err)
	l.stands(t, long, core.DifferenceLinked, core.DayOpen, 2, 2)
	l.stands(t, short, core.DifferenceLinked, core.DayOpen, 2, 2)
	_, err = l.LinkDifference(l.maker, other.ID, paid.ID, "this one as well")
	wantCode(t, "an order linked twice", err, core.CodeInvalidState)
	d, err := l.Difference(l.maker, long.ID)
	if err != nil || d.Payment == nil || d.Payment.ID != paid.ID {
		t.Errorf("the linked order is not shown: %v", err)
	}

	_, err = l.ReopenDifference(l.second, short.ID, "it is another order")
	must(t, err)
	l.stands(t, long, core.DifferenceOpen, core.DayOpen, 4, 0)
	l.stands(t, short, core.DifferenceOpen, core.DayOpen, 4, 0)
	_, err = l.LinkDifference(l.maker, other.ID, paid.ID, "it is this one")
	must(t, err)
}

// TestALinkWaitsForTheOrdersOwnDay: as long as that may show the order, nothing is linked to it.
func TestALinkWaitsForTheOrdersOwnDay(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	long := l.surplus(t, "S1", 1000)
	l.clock.Move(24 * time.Hour)
	paid := payAs(t, x, l, core.PaymentSucceeded)
	_, err := l.LinkDifference(l.maker, long.ID, paid.ID, "it is")
	wantCode(t, "its day was not compared", err, core.CodeInvalidState)
	l.compared(t, core.DayOf(l.clock.Now()))
	_, err = l.LinkDifference(l.maker, long.ID, paid.ID, "it is")
	must(t, err)
}

// TestTwoPeopleEndADifference: at the same moment; one wins, and it is recorded once.
func TestTwoPeopleEndADifference(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	for range 5 {
		paid := payAs(t, x, l, core.PaymentSucceeded)
		d, short := l.surplus(t, core.NewID(l.clock.Now()).String(), 1000), l.shortage(t, paid)
		steps := []func() error{
			func() error { _, err := l.AcceptDifference(l.maker, d.ID, "a"); return err },
			func() error { _, err := l.AcceptDifference(l.second, d.ID, "b"); return err },
			func() error { _, err := l.LinkDifference(l.maker, d.ID, paid.ID, "c"); return err },
			func() error { _, err := l.AcceptDifference(l.second, short.ID, "d"); return err },
		}
		won, lost := together(len(steps), func(i int) error { return steps[i]() })
		for _, err := range lost {
			wantCode(t, "the slower one", err, core.CodeInvalidState)
		}
		if won < 1 || won > 2 {
			t.Errorf("%d won", won)
		}
		for _, one := range []core.Difference{d, short} {
			if n := l.rows(t, "SELECT count(*) FROM audit_log WHERE object = $1", one.ID.Prefixed(core.PrefixDifference)); n > 1 {
				t.Errorf("it was ended %d times", n)
			}
		}
	}
	if open := l.rows(t, "SELECT count(*) FROM differences WHERE state IN ('open', 'correcting')"); open != l.rows(t, "SELECT open FROM reconciliation_days WHERE id = $1", l.day.ID) {
		t.Errorf("%d are open and the day says otherwise", open)
	}
}

// TestWhoMayResolve: what belongs to another merchant does not exist, and what a role does not
// allow is refused.
func TestWhoMayResolve(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	d := l.surplus(t, "S1", 100)
	stranger := x.house.tenant(t, "B")
	elsewhere := x.as(t, x.person(t, stranger.ID, "fin@b.example", core.RoleTenantFinance), stranger.ID)
	steps := func(ctx context.Context) map[string]error {
		out := map[string]error{}
		_, out["read"] = l.Difference(ctx, d.ID)
		_, out["day"] = l.ReconciliationDay(ctx, d.DayID)
		_, out["lines"] = l.BillLines(ctx, d.BillID, 0, 10)
		_, out["assign"] = l.AssignDifference(ctx, d.ID, core.ID{})
		_, out["accept"] = l.AcceptDifference(ctx, d.ID, "r")
		_, out["link"] = l.LinkDifference(ctx, d.ID, d.ID, "r")
		_, out["correct"] = l.CorrectDifference(ctx, d.ID, "r")
		_, out["ask"] = l.AskDifference(ctx, d.ID)
		_, out["reopen"] = l.ReopenDifference(ctx, d.ID, "r")
		_, out["run"] = l.RunReconciliation(ctx, l.account, l.day.Day.Next(-1))
		return out
	}
	for name, err := range steps(elsewhere) {
		wantCode(t, "another merchant's: "+name, err, core.CodeNotFound)
	}
	if list, err := l.ListDifferences(elsewhere, core.DifferenceFilter{}); err != nil || len(list) != 0 {
		t.Errorf("another merchant sees %d, %v", len(list), err)
	}
	for role, reads := range map[core.Role]core.Code{core.RoleTenantViewer: "", core.RoleTenantDeveloper: "", core.RoleTenantCashier: core.CodeForbidden} {
		who := x.as(t, x.person(t, x.tenant.ID, string(role)+"@a.example", role), x.tenant.ID)
		for name, err := range steps(who) {
			want := core.CodeForbidden
			if name == "read" || name == "day" || name == "lines" {
				want = reads
			}
			wantCode(t, string(role)+": "+name, err, want)
		}
	}
	for name, err := range steps(x.key(t)) {
		if name != "read" && name != "day" && name != "lines" && name != "run" {
			wantCode(t, "a program: "+name, err, core.CodeForbidden)
		}
	}
	platform := x.as(t, x.person(t, core.ID{}, "fin@platform.example", core.RolePlatformFinance), core.ID{})
	if list, err := l.ListDifferences(platform, core.DifferenceFilter{}); err != nil || len(list) != 1 {
		t.Errorf("the platform sees %d, %v", len(list), err)
	}
	if lines, err := l.BillLines(platform, d.BillID, 0, 10); err != nil || len(lines) != 1 {
		t.Errorf("the platform reads %d lines, %v", len(lines), err)
	}
	_, err := l.AcceptDifference(platform, d.ID, "seen by the platform")
	must(t, err)
	l.stands(t, d, core.DifferenceAccepted, core.DayClean, 0, 1)
}

func TestRunADayAgain(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	today := core.DayOf(l.clock.Now())
	_, err := l.RunReconciliation(l.maker, l.account, today)
	wantCode(t, "a day that is running", err, core.CodeInvalidRequest)
	_, err = l.RunReconciliation(l.maker, l.account, today.Next(-1))
	wantCode(t, "before the account", err, core.CodeInvalidRequest)
	_, err = l.RunReconciliation(l.maker, l.account, "2026-02-30")
	wantCode(t, "no day", err, core.CodeInvalidRequest)
	_, err = l.RunReconciliation(l.maker, core.NewID(l.clock.Now()), today)
	wantCode(t, "no such account", err, core.CodeInvalidRequest)

	platform := x.as(t, x.person(t, core.ID{}, "fin@platform.example", core.RolePlatformFinance), core.ID{})
	l.clock.Move(5 * time.Hour)
	d, err := l.RunReconciliation(l.maker, l.account, today)
	must(t, err)
	if d.ID != l.day.ID || d.NextCheckAt.IsZero() || d.NextCheckAt.After(l.clock.Now()) {
		t.Errorf("due at %v", d.NextCheckAt)
	}
	l.in(t, func(ctx context.Context, tx core.TenantTx) error {
		d.State = core.DayRunning
		return tx.UpdateReconciliationDay(ctx, d)
	})
	_, err = l.RunReconciliation(l.maker, l.account, today)
	wantCode(t, "while it runs", err, core.CodeInvalidState)
	// A platform's person needs not name the merchant.
	d.State, d.Version = core.DayClean, d.Version+1
	l.in(t, func(ctx context.Context, tx core.TenantTx) error { return tx.UpdateReconciliationDay(ctx, d) })
	_, err = l.RunReconciliation(platform, l.account, today)
	must(t, err)
}
