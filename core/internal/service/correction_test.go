package service

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// corrects has the maker ask and the second person agree.
func (l *sheet) corrects(t *testing.T, d core.Difference) {
	t.Helper()
	_, err := l.CorrectDifference(l.maker, d.ID, "the bill shows it")
	must(t, err)
	_, err = l.DecideApproval(l.second, l.pendingApproval(t, d).ID, true, "seen")
	must(t, err)
}

// TestABillCorrectsAPayment: every state that is listed, once, with all that a correction by the
// provider's own word brings.
func TestABillCorrectsAPayment(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	l.in(t, func(ctx context.Context, tx core.TenantTx) error {
		return tx.InsertFeeRate(ctx, core.FeeRate{
			TenantID: l.tenant, ID: core.NewID(l.clock.Now()), AccountID: l.account, Method: core.MethodQR, BasisPoints: 100, ValidFrom: l.clock.Now().Add(-time.Hour),
		})
	})
	states := []core.PaymentState{core.PaymentFailed, core.PaymentClosed, core.PaymentCanceled, core.PaymentExpired}
	for i, state := range states {
		p := payAs(t, x, l, state)
		d := l.paidThere(t, p)
		detail, err := l.Difference(l.maker, d.ID)
		if err != nil || detail.Correctable != "succeeded" || detail.NotCorrectable != "" || detail.Line == nil || !detail.Askable {
			t.Errorf("%s: correctable %q, %q, %v", state, detail.Correctable, detail.NotCorrectable, err)
		}
		_, err = l.CorrectDifference(l.maker, d.ID, "the bill shows it")
		must(t, err)
		l.stands(t, d, core.DifferenceCorrecting, core.DayOpen, 1, int64(i))
		if now, err := l.readPayment(t.Context(), l.tenant, p.ID); err != nil || now.State != state || now.Version != p.Version {
			t.Errorf("%s: asking changed the order to %s, %v", state, now.State, err)
		}
		a := l.pendingApproval(t, d)
		_, err = l.DecideApproval(l.maker, a.ID, true, "")
		wantCode(t, "agreed by the maker", err, core.CodeOwnRequest)
		_, err = l.DecideApproval(l.second, a.ID, true, "seen")
		must(t, err)
		l.stands(t, d, core.DifferenceCorrected, core.DayClean, 0, int64(i+1))
		now, err := l.readPayment(t.Context(), l.tenant, p.ID)
		if err != nil || now.State != core.PaymentSucceeded || now.Fee != 10 || now.SucceededAt.IsZero() || now.FailureCode != "" || now.ResolutionID.IsZero() || now.ProviderOrderNo == "" {
			t.Errorf("%s: %+v, %v", state, now, err)
		}
		_, err = l.ReopenDifference(l.maker, d.ID, "no")
		wantCode(t, "a correction taken back", err, core.CodeInvalidState)
	}
	l.events(t, "payment.corrected", len(states))
	l.events(t, "payment.succeeded", len(states))
	l.events(t, "difference.resolved", len(states))
	x.alerted(t, core.AlertCorrection, len(states))
	for what, query := range map[string]string{
		"cases":      "SELECT count(*) FROM cases WHERE kind = 'provider_disagrees' AND closing = 'settled'",
		"decisions":  "SELECT count(*) FROM resolutions WHERE state = 'applied' AND evidence_no LIKE 'bil_% line 1'",
		"audit rows": "SELECT count(*) FROM audit_log WHERE action = 'payment.resolve' AND after::text LIKE '%the bill shows it%'",
		"endings":    "SELECT count(*) FROM audit_log WHERE action = 'difference.corrected'",
	} {
		if n := l.rows(t, query); n != len(states) {
			t.Errorf("%d %s, want %d", n, what, len(states))
		}
	}
}

// TestTheProvidersWordAfterACorrection: it still rules, as after every decision of people.
func TestTheProvidersWordAfterACorrection(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	p := payAs(t, x, l, core.PaymentClosed)
	l.corrects(t, l.paidThere(t, p))
	x.provider.says(core.OutcomeClosed, nil)
	x.clock.Move(7 * time.Hour)
	must(t, x.CheckDue(t.Context(), core.Due{Kind: core.DuePayment, TenantID: l.tenant, ID: p.ID}))
	if now, err := l.readPayment(t.Context(), l.tenant, p.ID); err != nil || now.State != core.PaymentClosed || now.Fee != 0 || !now.ResolutionID.IsZero() {
		t.Errorf("%+v, %v", now, err)
	}
	if n := l.rows(t, "SELECT count(*) FROM resolutions WHERE state = 'corrected' AND provider_say = 'closed'"); n != 1 {
		t.Errorf("%d decisions were corrected", n)
	}
}

// TestABillSettlesADoubt: as the resolution of its case does.
func TestABillSettlesADoubt(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	p := payAs(t, x, l, core.PaymentProcessing)
	if p.UnknownSince.IsZero() {
		t.Fatal("it is not in doubt")
	}
	c := x.caseOf(t, core.CaseUnknownPayment)
	d := l.paidThere(t, p)
	waiting, _, err := x.ResolveCase(l.maker, c.ID, core.ResolveInput{Outcome: core.ResolveFailed, EvidenceNo: "B-17", Note: "mine"})
	must(t, err)
	_, err = l.CorrectDifference(l.maker, d.ID, "the bill shows it")
	wantCode(t, "while another decision waits", err, core.CodeInvalidState)
	list, err := l.ListApprovals(l.second, core.ApprovalFilter{ObjectID: waiting.ID})
	must(t, err)
	_, err = l.DecideApproval(l.second, list[0].ID, false, "no")
	must(t, err)

	_, err = l.CorrectDifference(l.maker, d.ID, "the bill shows it")
	must(t, err)
	late, _, err := x.ResolveCase(l.maker, c.ID, core.ResolveInput{Outcome: core.ResolveFailed, EvidenceNo: "B-18", Note: "mine"})
	must(t, err)
	_, err = l.DecideApproval(l.second, l.pendingApproval(t, d).ID, true, "seen")
	must(t, err)
	l.stands(t, d, core.DifferenceCorrected, core.DayClean, 0, 1)
	if now, err := l.readPayment(t.Context(), l.tenant, p.ID); err != nil || now.State != core.PaymentSucceeded || !now.UnknownSince.IsZero() {
		t.Errorf("%+v, %v", now, err)
	}
	x.stands(t, late, core.ResolutionOvertaken)
	if detail, err := x.Case(l.maker, c.ID); err != nil || detail.Case.Closing != core.CaseSettled {
		t.Errorf("the case: %+v, %v", detail.Case, err)
	}
	l.events(t, "payment.resolved", 1)
	l.events(t, "payment.corrected", 0)
}

// TestABillSettlesARefundInDoubt: what was reserved is refunded.
func TestABillSettlesARefundInDoubt(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	p, r, c := x.doubtful(t, 400)
	line := l.shows(t, core.StoredLine{Kind: core.MovementRefund, Number: r.RefundNo, Outcome: core.OutcomeSucceeded, Amount: r.Amount})
	d := l.differs(t, core.Difference{
		Kind: core.DifferState, Movement: core.MovementRefund, ObjectID: r.ID, ObjectKind: kindRefund, Number: r.RefundNo,
		Ours:   core.DifferenceSide{Present: true, State: string(r.State), Amount: r.Amount},
		Theirs: core.DifferenceSide{Present: true, State: string(line.Outcome), Amount: r.Amount}, BillID: l.bill.ID, BillLine: 1,
	})
	l.corrects(t, d)
	x.sums(t, p.ID, 400, 0)
	l.stands(t, d, core.DifferenceCorrected, core.DayClean, 0, 1)
	if detail, err := x.Case(l.maker, c.ID); err != nil || detail.Case.Closing != core.CaseSettled {
		t.Errorf("the case: %+v, %v", detail.Case, err)
	}
}

// TestABillReturnsAPayout: the bank gave back what had arrived.
func TestABillReturnsAPayout(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	p, a := c.waits(t, 100)
	_, err := c.DecideApproval(c.second, a.ID, true, "")
	must(t, err)
	c.clock.Move(time.Minute)
	c.sweeps(t, p, 1)
	if p = c.stored(t, p.ID); p.State != core.PayoutSucceeded {
		t.Fatal(p.State)
	}
	l := newSheet(t, &sheet{house: c.house, tenant: c.tenant, account: p.AccountID, maker: c.maker, second: c.second})
	returned := func(outcome core.Outcome) core.Difference {
		line := l.shows(t, core.StoredLine{Kind: core.MovementPayout, Number: p.PayoutNo, ProviderNumber: string(outcome), Outcome: outcome, Amount: p.Amount})
		return l.differs(t, core.Difference{
			Kind: core.DifferState, Movement: core.MovementPayout, ObjectID: p.ID, ObjectKind: kindPayout, Number: p.PayoutNo, ProviderNumber: line.ProviderNumber,
			Ours:   core.DifferenceSide{Present: true, State: string(p.State), Amount: p.Amount},
			Theirs: core.DifferenceSide{Present: true, State: string(outcome), Amount: p.Amount}, BillID: l.bill.ID, BillLine: 1,
		})
	}
	_, err = l.CorrectDifference(l.maker, returned(core.OutcomeNotFound).ID, "r")
	wantCode(t, "that it is not found is no evidence", err, core.CodeInvalidState)
	d := returned(core.OutcomeFailed)
	l.corrects(t, d)
	if p = c.stored(t, p.ID); p.State != core.PayoutReturned || p.FailureCode != failureReturned || !p.NextCheckAt.IsZero() {
		t.Errorf("%+v", p)
	}
	l.events(t, "payout.returned", 1)
	l.events(t, "payout.corrected", 1)
	if n := l.rows(t, "SELECT count(*) FROM alerts WHERE kind = 'payout_returned'"); n != 1 {
		t.Errorf("%d alerts", n)
	}
	l.stands(t, d, core.DifferenceCorrected, core.DayOpen, 1, 1)
}

// TestWhatIsNotCorrected: the answer says what to do instead, before and when it is asked for.
func TestWhatIsNotCorrected(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	p, r, _ := x.doubtful(t, 400)
	succeeded, open := payAs(t, x, l, core.PaymentSucceeded), payAs(t, x, l, core.PaymentRequiresAction)
	x.oracle.says("", core.OutcomeFailed)
	_, err := x.SyncRefund(l.maker, r.ID)
	must(t, err)
	r = x.now(t, r)
	side := func(state string, amount int64) core.DifferenceSide {
		return core.DifferenceSide{Present: true, State: state, Amount: core.Fen(amount)}
	}
	line := func(l2 core.StoredLine, d core.Difference) core.Difference {
		l.shows(t, l2)
		d.BillID, d.BillLine, d.Theirs = l.bill.ID, 1, side(string(l2.Outcome), l2.Amount.Minor)
		return l.differs(t, d)
	}
	of := func(p core.Payment) core.Difference {
		return core.Difference{Kind: core.DifferState, ObjectID: p.ID, ObjectKind: kindPayment, Number: p.OrderNo, Ours: side(string(p.State), p.Amount.Minor)}
	}
	closed, stale, reversed := payAs(t, x, l, core.PaymentClosed), payAs(t, x, l, core.PaymentClosed), payAs(t, x, l, core.PaymentClosed)
	amount := core.Difference{Kind: core.DifferAmount, ObjectID: p.ID, ObjectKind: kindPayment, Number: p.OrderNo, Ours: side("succeeded", 1000), Theirs: side("succeeded", 900)}
	superseded := l.paidThere(t, stale)
	again := l.bill
	again.ID, again.State, again.Version, again.Lines = core.NewID(l.clock.Now()), core.BillReading, 0, 0
	l.in(t, func(ctx context.Context, tx core.TenantTx) error {
		if err := tx.InsertBill(ctx, again); err != nil {
			return err
		}
		again.State, again.ReadyAt = core.BillReady, l.clock.Now()
		return tx.FinishBill(ctx, again)
	})
	for name, d := range map[string]core.Difference{
		"surplus":  l.surplus(t, "S1", 100),
		"shortage": l.shortage(t, succeeded),
		"amount":   l.differs(t, amount),
		"a succeeded payment": line(core.StoredLine{Kind: core.MovementPayment, Number: succeeded.OrderNo, Outcome: core.OutcomeFailed, Amount: core.Fen(1000)},
			of(succeeded)),
		"an open payment": line(core.StoredLine{Kind: core.MovementPayment, Number: open.OrderNo, Outcome: core.OutcomeSucceeded, Amount: core.Fen(1000)}, of(open)),
		"another amount":  line(core.StoredLine{Kind: core.MovementPayment, Number: closed.OrderNo, Outcome: core.OutcomeSucceeded, Amount: core.Fen(999)}, of(closed)),
		"a reversal":      line(core.StoredLine{Kind: core.MovementReversal, Number: reversed.OrderNo, Outcome: core.OutcomeSucceeded, Amount: core.Fen(1000)}, of(reversed)),
		"a failed refund": line(core.StoredLine{Kind: core.MovementRefund, Number: r.RefundNo, Outcome: core.OutcomeSucceeded, Amount: r.Amount}, core.Difference{
			Kind: core.DifferState, Movement: core.MovementRefund, ObjectID: r.ID, ObjectKind: kindRefund, Number: r.RefundNo, Ours: side(string(r.State), 400),
		}),
		"a superseded bill": superseded,
	} {
		detail, err := l.Difference(l.maker, d.ID)
		if err != nil || detail.Correctable != "" || detail.NotCorrectable == "" {
			t.Errorf("%s: correctable %q, %q, %v", name, detail.Correctable, detail.NotCorrectable, err)
		}
		_, err = l.CorrectDifference(l.maker, d.ID, "r")
		wantCode(t, name, err, core.CodeInvalidState)
		if publicMessage(err) != detail.NotCorrectable {
			t.Errorf("%s: %v does not say %q", name, err, detail.NotCorrectable)
		}
	}
	l.events(t, "approval.requested", 0)
}

// TestNobodyAgreesToACorrection: refused, withdrawn or expired, the difference is open again and
// the order as it was.
func TestNobodyAgreesToACorrection(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	p := payAs(t, x, l, core.PaymentClosed)
	d := l.paidThere(t, p)
	for name, end := range map[string]func(a core.Approval) error{
		"refused":   func(a core.Approval) error { _, err := l.DecideApproval(l.second, a.ID, false, "no"); return err },
		"withdrawn": func(a core.Approval) error { _, err := l.WithdrawApproval(l.maker, a.ID); return err },
	} {
		_, err := l.CorrectDifference(l.maker, d.ID, "the bill shows it")
		must(t, err)
		_, err = l.AcceptDifference(l.second, d.ID, "no matter")
		wantCode(t, name+": accepted meanwhile", err, core.CodeInvalidState)
		_, err = l.CorrectDifference(l.second, d.ID, "me too")
		wantCode(t, name+": asked twice", err, core.CodeInvalidState)
		must(t, end(l.pendingApproval(t, d)))
		l.stands(t, d, core.DifferenceOpen, core.DayOpen, 1, 0)
	}
	_, err := l.CorrectDifference(l.maker, d.ID, "the bill shows it")
	must(t, err)
	a := l.pendingApproval(t, d)
	l.clock.Move(approvalLife + time.Minute)
	must(t, l.CheckDue(t.Context(), core.Due{Kind: core.DueApproval, TenantID: l.tenant, ID: a.ID}))
	l.stands(t, d, core.DifferenceOpen, core.DayOpen, 1, 0)
	_, err = l.CorrectDifference(l.maker, d.ID, "the bill shows it")
	wantCode(t, "without a fresh confirmation", err, core.CodeStepUpRequired)
	if now, err := l.readPayment(t.Context(), l.tenant, p.ID); err != nil || now.State != core.PaymentClosed || now.Version != p.Version {
		t.Errorf("%+v, %v", now, err)
	}
	l.events(t, "payment.corrected", 0)
}

// TestACorrectionIsOvertaken: by the provider's own answer, or by a run that does not find the
// difference any more. Agreeing then corrects nothing, and the books are asked anew.
func TestACorrectionIsOvertaken(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	p, q := payAs(t, x, l, core.PaymentClosed), payAs(t, x, l, core.PaymentClosed)
	d := l.paidThere(t, p)
	_, err := l.CorrectDifference(l.maker, d.ID, "the bill shows it")
	must(t, err)
	x.provider.says(core.OutcomeSucceeded, nil)
	_, err = x.SyncPayment(l.maker, p.ID)
	must(t, err)
	_, err = l.DecideApproval(l.second, l.pendingApproval(t, d).ID, true, "late")
	wantCode(t, "answered meanwhile", err, core.CodeInvalidState)
	l.events(t, "payment.corrected", 1) // by the provider

	moved := payAs(t, x, l, core.PaymentClosed)
	other := l.paidThere(t, moved)
	_, err = l.CorrectDifference(l.maker, other.ID, "the bill shows it")
	must(t, err)
	l.in(t, func(ctx context.Context, tx core.TenantTx) error {
		moved.State = core.PaymentCanceled
		return tx.UpdatePayment(ctx, moved, core.PaymentClosed)
	})
	_, err = l.DecideApproval(l.second, l.pendingApproval(t, other).ID, true, "late")
	wantCode(t, "another state than was shown", err, core.CodeInvalidState)

	gone := l.paidThere(t, q)
	_, err = l.CorrectDifference(l.maker, gone.ID, "the bill shows it")
	must(t, err)
	l.in(t, func(ctx context.Context, tx core.TenantTx) error {
		_, err := tx.CloseGone(ctx, l.day.ID, 2, l.clock.Now())
		return err
	})
	_, err = l.DecideApproval(l.second, l.pendingApproval(t, gone).ID, true, "late")
	wantCode(t, "gone meanwhile", err, core.CodeInvalidState)
	found := gone
	found.FoundRun = 3
	l.in(t, func(ctx context.Context, tx core.TenantTx) error {
		_, err := tx.UpsertDifferences(ctx, []core.Difference{found})
		return err
	})
	l.corrects(t, gone) // its stale request made room
	l.events(t, "payment.corrected", 2)
}

// TestTwoPeopleAgreeToACorrection: at the same moment, or one agrees while the other refuses: the
// order is corrected once or not at all.
func TestTwoPeopleAgreeToACorrection(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	third := x.by(t, x.person(t, x.tenant.ID, "cat@a.example", core.RoleTenantFinance))
	for range 4 {
		p := payAs(t, x, l, core.PaymentClosed)
		d := l.paidThere(t, p)
		_, err := l.CorrectDifference(l.maker, d.ID, "the bill shows it")
		must(t, err)
		a := l.pendingApproval(t, d)
		answers := []func() error{
			func() error { _, err := l.DecideApproval(l.second, a.ID, true, ""); return err },
			func() error { _, err := l.DecideApproval(third, a.ID, true, ""); return err },
			func() error { _, err := l.DecideApproval(x.by(t, x.owner), a.ID, false, "no"); return err },
			func() error { _, err := l.WithdrawApproval(l.maker, a.ID); return err },
		}
		if won, _ := together(len(answers), func(i int) error { return answers[i]() }); won != 1 {
			t.Errorf("%d answers counted", won)
		}
		now, err := l.readPayment(t.Context(), l.tenant, p.ID)
		must(t, err)
		stored, err := l.readDifference(t.Context(), l.tenant, d.ID)
		must(t, err)
		if (now.State == core.PaymentSucceeded) != (stored.State == core.DifferenceCorrected) {
			t.Errorf("the order is %s and the difference %s", now.State, stored.State)
		}
		if n := l.rows(t, "SELECT count(*) FROM events WHERE type = 'payment.corrected' AND object_id = $1", p.ID); n > 1 || (n == 1) != (now.State == core.PaymentSucceeded) {
			t.Errorf("%d corrections of an order that is %s", n, now.State)
		}
	}
}
