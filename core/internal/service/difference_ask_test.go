package service

import (
	"context"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// unanswered is a paid order of ours that the provider gave no answer about when the day was swept.
func (l *sheet) unanswered(t *testing.T, p core.Payment) core.Difference {
	t.Helper()
	was := l.bill.Source
	l.bill.Source = core.BillFromQuery
	l.shows(t, core.StoredLine{Kind: core.MovementPayment, Number: p.OrderNo, Outcome: core.OutcomeUnknown, Amount: p.Amount})
	d := l.differs(t, core.Difference{
		Kind: core.DifferUnanswered, ObjectID: p.ID, ObjectKind: kindPayment, Number: p.OrderNo,
		Ours:   core.DifferenceSide{Present: true, State: string(p.State), Amount: p.Amount, At: p.SucceededAt},
		Theirs: core.DifferenceSide{Present: true, State: string(core.OutcomeUnknown), Amount: p.Amount}, BillID: l.bill.ID, BillLine: 1,
	})
	l.bill.Source = was
	return d
}

// TestAskAboutADifference: the answer counts for the order, and ends the difference when both
// sides agree then.
func TestAskAboutADifference(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	closed, paid, quiet, gone := payAs(t, x, l, core.PaymentClosed), payAs(t, x, l, core.PaymentSucceeded), payAs(t, x, l, core.PaymentSucceeded), payAs(t, x, l, core.PaymentSucceeded)
	a, b, c, d := l.paidThere(t, closed), l.shortage(t, paid), l.unanswered(t, quiet), l.unanswered(t, gone)
	_, err := l.CorrectDifference(l.maker, a.ID, "the bill shows it")
	must(t, err)

	x.provider.says(core.OutcomeUnknown, nil)
	for _, one := range []core.Difference{a, b, c} {
		_, err = l.AskDifference(l.maker, one.ID)
		must(t, err)
	}
	l.stands(t, a, core.DifferenceCorrecting, core.DayOpen, 4, 0)

	x.provider.says(core.OutcomeSucceeded, nil)
	got, err := l.AskDifference(l.maker, a.ID)
	must(t, err)
	if got.State != core.DifferenceCorrected || got.ResolvedBy != systemActor || got.Ours.State != "succeeded" {
		t.Errorf("answered: %+v", got)
	}
	l.events(t, "payment.corrected", 1)
	l.events(t, "approval.withdrawn", 1)
	got, err = l.AskDifference(l.maker, b.ID)
	if err != nil || got.State != core.DifferenceOpen {
		t.Errorf("the bill does not show it, whatever the provider says of it: %s, %v", got.State, err)
	}
	got, err = l.AskDifference(l.maker, c.ID)
	if err != nil || got.State != core.DifferenceGone || got.Theirs.State != "succeeded" {
		t.Errorf("answered: %+v, %v", got, err)
	}
	if n := l.rows(t, "SELECT count(*) FROM reconciliation_days WHERE next_check_at <= $1", l.clock.Now()); n != 1 {
		t.Error("the bill of answers is not completed")
	}

	x.provider.says(core.OutcomeFailed, nil)
	got, err = l.AskDifference(l.maker, d.ID)
	if err != nil || got.State != core.DifferenceOpen || got.Theirs.State != "failed" {
		t.Errorf("they disagree now: %+v, %v", got, err)
	}
	l.stands(t, d, core.DifferenceOpen, core.DayOpen, 2, 1)
	if n := l.rows(t, "SELECT count(*) FROM attempts WHERE operation = 'query_payment' AND finished_at IS NOT NULL"); n != 7 {
		t.Errorf("%d questions, want 7", n)
	}
}

// TestWhatCannotBeAsked: it says so, nothing is sent and nothing changes.
func TestWhatCannotBeAsked(t *testing.T) {
	t.Parallel()
	x, l := newBooks(t)
	paid, other := payAs(t, x, l, core.PaymentSucceeded), payAs(t, x, l, core.PaymentSucceeded)
	long, short, done := l.surplus(t, "S1", 1000), l.shortage(t, paid), l.shortage(t, other)
	_, err := l.AcceptDifference(l.maker, done.ID, "known")
	must(t, err)
	_, err = l.AskDifference(l.maker, long.ID)
	wantCode(t, "no order of ours", err, core.CodeNotSupported)
	_, err = l.AskDifference(l.maker, done.ID)
	wantCode(t, "ended", err, core.CodeInvalidState)
	x.provider.says("", core.Errorf(core.CodeProviderUnavailable, "The plugin is away."))
	x.provider.query.Exchange.Sent = core.SentNo
	_, err = l.AskDifference(l.maker, short.ID)
	wantCode(t, "away", err, core.CodeProviderUnavailable)
	l.stands(t, short, core.DifferenceOpen, core.DayOpen, 2, 1)
	cancels := payAs(t, x, l, core.PaymentProcessing)
	l.in(t, func(ctx context.Context, tx core.TenantTx) error {
		from := cancels.State
		cancels.CancelSentAt, cancels.NextCheckAt = l.clock.Now(), l.clock.Now().Add(l.CallTimeout)
		return tx.UpdatePayment(ctx, cancels, from)
	})
	_, err = l.AskDifference(l.maker, l.paidThere(t, cancels).ID)
	wantCode(t, "a cancel is on its way", err, core.CodeInvalidState)
}
