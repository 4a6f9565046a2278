package service

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"github.com/zhanggui-pay/zhanggui/core"
)

// file is the account's whole bill of the day, brought by a person.
func (l *sheet) file(t *testing.T, lines ...core.StoredLine) {
	t.Helper()
	b := l.bill
	b.ID, b.Scope, b.State, b.Version, b.Lines = core.NewID(l.clock.Now()), "", core.BillReading, 0, 0
	l.in(t, func(ctx context.Context, tx core.TenantTx) error {
		if err := tx.InsertBill(ctx, b); err != nil {
			return err
		}
		for i := range lines {
			lines[i].N, lines[i].At, lines[i].Outcome = int64(i+1), l.clock.Now(), core.OutcomeSucceeded
		}
		if err := tx.AddBillLines(ctx, b, lines); err != nil {
			return err
		}
		b.Version, b.Lines, b.State, b.ReadyAt = 1, int64(len(lines)), core.BillReady, l.clock.Now()
		return tx.FinishBill(ctx, b)
	})
}

// compares runs the comparison as a due day does, and gives the day and what waits for people.
func (l *sheet) compares(t *testing.T) (core.ReconciliationDay, []core.Difference) {
	t.Helper()
	var d core.ReconciliationDay
	l.in(t, func(ctx context.Context, tx core.TenantTx) (err error) {
		d, err = tx.ReconciliationDay(ctx, l.day.ID)
		return err
	})
	out, err := l.CompareDay(t.Context(), d, CompareOptions{Final: true})
	must(t, err)
	d = out.Day
	d.State = core.DayClean
	if d.Open > 0 {
		d.State = core.DayOpen
	}
	l.in(t, func(ctx context.Context, tx core.TenantTx) error { return tx.UpdateReconciliationDay(ctx, d) })
	list, err := l.ListDifferences(l.maker, core.DifferenceFilter{States: []core.DifferenceState{core.DifferenceOpen, core.DifferenceCorrecting}})
	must(t, err)
	return d, list
}

// TestTheBooksAgreeAfterwards: what a run found is corrected, linked and accepted; further runs
// find the two sides agree, leave what people decided alone, and nothing is told twice.
func TestTheBooksAgreeAfterwards(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	closed, missing, kept := payAs(t, x, l, core.PaymentClosed), payAs(t, x, l, core.PaymentSucceeded), payAs(t, x, l, core.PaymentSucceeded)
	l.file(t,
		core.StoredLine{Kind: core.MovementPayment, Number: closed.OrderNo, Amount: closed.Amount},
		core.StoredLine{Kind: core.MovementPayment, Number: kept.OrderNo, Amount: kept.Amount},
		core.StoredLine{Kind: core.MovementPayment, Number: "OLD-7", ProviderNumber: "S1", Amount: missing.Amount},
		core.StoredLine{Kind: core.MovementPayment, Number: "TEST", ProviderNumber: "S2", Amount: core.Fen(1)},
	)
	d, found := l.compares(t)
	if d.State != core.DayOpen || d.Open != 4 || len(found) != 4 || d.Matched != 1 {
		t.Fatalf("found %d: %+v", len(found), d)
	}
	for _, f := range found {
		switch {
		case f.Kind == core.DifferState:
			l.corrects(t, f)
		case f.ProviderNumber == "S1":
			_, err := l.LinkDifference(l.maker, f.ID, missing.ID, "the old number")
			must(t, err)
		case f.ProviderNumber == "S2":
			_, err := l.AcceptDifference(l.maker, f.ID, "the provider's test")
			must(t, err)
		}
	}
	for run := range 3 {
		d, found = l.compares(t)
		if d.State != core.DayClean || d.Open != 0 || d.Resolved != 4 || len(found) != 0 || d.Matched != 2 {
			t.Errorf("run %d: %+v", run, d)
		}
		if len(d.Ours) != 1 || d.Ours[0].Amount != 3000 || d.Theirs[0].Amount != 3001 {
			t.Errorf("run %d: ours %+v, theirs %+v", run, d.Ours, d.Theirs)
		}
	}
	l.events(t, "payment.corrected", 1)
	l.events(t, "difference.resolved", 4) // of the link, both sides
	l.events(t, "reconciliation.clean", 1)
}

// TestOnlyAnAgreedCorrectionChangesAnOrder: whatever people do with differences, in whatever order.
func TestOnlyAnAgreedCorrectionChangesAnOrder(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	x.provider.says(core.OutcomeUnknown, nil)
	steps := []string{"assign", "accept", "reopen", "link", "correct", "correct", "correct", "correct", "agree", "agree", "agree", "agree", "refuse", "withdraw", "ask"}
	corrected := 0
	first := l.paidThere(t, payAs(t, x, l, core.PaymentClosed)) // chance may never draw these two in a row
	for _, name := range []string{"correct", "agree"} {
		if l.step(t, name, first, core.ID{}) {
			corrected++
		}
	}
	if corrected != 1 {
		t.Fatal("a correction that was agreed to changed nothing: the steps prove nothing")
	}
	rapid.Check(t, func(r *rapid.T) {
		states := []core.PaymentState{core.PaymentClosed, core.PaymentFailed, core.PaymentExpired, core.PaymentCanceled}
		closed, paid := payAs(t, x, l, rapid.SampledFrom(states).Draw(r, "state")), payAs(t, x, l, core.PaymentSucceeded)
		number := "S" + closed.OrderNo
		list := []core.Difference{l.paidThere(t, closed), l.shortage(t, paid), l.surplus(t, number, 1000)}
		want := map[core.ID]core.PaymentState{closed.ID: closed.State, paid.ID: paid.State}
		for range rapid.IntRange(3, 8).Draw(r, "steps") {
			d := rapid.SampledFrom(list).Draw(r, "difference")
			if l.step(t, rapid.SampledFrom(steps).Draw(r, "step"), d, paid.ID) {
				want[d.ObjectID] = core.PaymentSucceeded
				corrected++
			}
			for id, state := range want {
				if p, err := l.readPayment(t.Context(), l.tenant, id); err != nil || p.State != state || p.Amount != closed.Amount || p.Refunded != 0 {
					r.Fatalf("the order is %s of %v, want %s: %v", p.State, p.Amount, state, err)
				}
			}
		}
	})
	l.events(t, "payment.corrected", corrected)
	if n := l.rows(t, "SELECT count(*) FROM reconciliation_days d WHERE open <> (SELECT count(*) FROM differences x WHERE x.day_id = d.id AND x.state IN ('open', 'correcting'))"); n != 0 {
		t.Error("the day does not count what is open")
	}
}

// step does one thing with a difference, which may be refused; it says whether a correction was
// agreed to.
func (l *sheet) step(t *testing.T, name string, d core.Difference, order core.ID) (agreed bool) {
	t.Helper()
	var err error
	switch name {
	case "assign":
		_, err = l.AssignDifference(l.maker, d.ID, userOf(t, l.second))
	case "accept":
		_, err = l.AcceptDifference(l.maker, d.ID, "r")
	case "reopen":
		_, err = l.ReopenDifference(l.second, d.ID, "r")
	case "link":
		_, err = l.LinkDifference(l.maker, d.ID, order, "r")
	case "correct":
		_, err = l.CorrectDifference(l.maker, d.ID, "r")
	case "ask":
		_, err = l.AskDifference(l.maker, d.ID)
	default:
		var list []core.Approval
		list, err = l.ListApprovals(l.second, core.ApprovalFilter{ObjectID: d.ID, States: []core.ApprovalState{core.ApprovalPending}})
		if err != nil || len(list) == 0 {
			break
		}
		if name == "withdraw" {
			_, err = l.WithdrawApproval(l.maker, list[0].ID)
			break
		}
		_, err = l.DecideApproval(l.second, list[0].ID, name == "agree", "r")
		agreed = err == nil && name == "agree"
	}
	if code := core.CodeOf(err); err != nil && code != core.CodeInvalidState && code != core.CodeNotSupported {
		t.Fatalf("%s: %v", name, err)
	}
	return agreed
}
