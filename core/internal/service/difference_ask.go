package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// askable says that the provider has a question about the order that the difference is about.
func (s *Service) askable(d core.DifferenceDetail) bool {
	if d.Difference.ObjectID.IsZero() || !d.Difference.State.Waits() {
		return false
	}
	m, err := s.Providers.Manifest(d.Account.Provider)
	switch {
	case err != nil:
		return false
	case d.Payout != nil:
		return payoutSpecOf(m) != nil && !d.Payout.SentAt.IsZero()
	case d.Refund != nil:
		return offers(m, d.Payment.Method, core.CapQueryRefund) && d.Refund.WasSent()
	case d.Payment != nil:
		return offers(m, d.Payment.Method, core.CapQueryPayment)
	}
	return false
}

// AskDifference asks the provider about the order now. The answer counts for the order as any
// other does; then the two sides are compared again.
func (s *Service) AskDifference(ctx context.Context, id core.ID) (core.Difference, error) {
	who, tenant, err := s.personMayInBooks(ctx, id, "resolve")
	if err != nil {
		return core.Difference{}, err
	}
	d, err := s.mayBeAsked(ctx, tenant, id)
	if err != nil {
		return d, err
	}
	work := context.WithoutCancel(ctx)
	answer, err := s.askAbout(work, tenant, core.SweptOrder{Kind: core.MovementKind(d.ObjectKind), ID: d.ObjectID, Number: d.Number})
	if err != nil {
		return d, err
	}
	if answer.away != nil {
		return d, core.Errorf(core.CodeProviderUnavailable, "The provider could not be asked: nothing changed. %s", answer.away.provided.Message)
	}
	d, err = s.changeDifference(work, who, tenant, id, "ask", func(ctx context.Context, tx core.TenantTx, d core.Difference) ([]differenceChange, error) {
		if !d.State.Waits() {
			return nil, differenceEnded(d)
		}
		now, err := s.comparedAgain(ctx, tx, d, answer.line)
		if err != nil || now.State.Waits() {
			return []differenceChange{{d, now}}, err
		}
		// A correction that waits has been overtaken.
		return []differenceChange{{d, now}}, s.withdrawPending(ctx, tx, who, d.ID)
	})
	if err != nil || d.Kind != core.DifferUnanswered || saysNothing(&core.BilledLine{StoredLine: answer.line}) {
		return d, err
	}
	// The bill of answers is completed, and the day compared with it.
	return d, s.Database.InTenant(work, tenant, func(tx core.TenantTx) error {
		_, err := tx.OpenDay(work, d.AccountID, d.Day, s.Clock(), s.Clock())
		return err
	})
}

// mayBeAsked reads a difference about whose order there is a question now.
func (s *Service) mayBeAsked(ctx context.Context, tenant, id core.ID) (core.Difference, error) {
	var detail core.DifferenceDetail
	err := s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) (err error) {
		if detail.Difference, err = tx.Difference(ctx, id); err != nil {
			return err
		}
		return s.readDifferenceDetail(ctx, tx, &detail)
	})
	d := detail.Difference
	switch {
	case err != nil:
		return d, err
	case !d.State.Waits():
		return d, differenceEnded(d)
	case !s.askable(detail):
		return d, core.Errorf(core.CodeNotSupported, "There is no question to the provider about this: its own pages, its bill or its support decide.")
	case detail.Payment != nil && detail.Refund == nil && s.cancelRunning(*detail.Payment):
		return d, core.Errorf(core.CodeInvalidState, "A cancel of this order is on its way: ask in a moment.")
	}
	return d, nil
}

// comparedAgain is the difference as it is after the answer. Where the provider's side is made of
// answers the new one takes the old one's place; else the bill says what it said, and it is our
// order that may have changed.
func (s *Service) comparedAgain(ctx context.Context, tx core.TenantTx, d core.Difference, answer core.StoredLine) (core.Difference, error) {
	ours, err := movementOf(ctx, tx, d)
	if err != nil {
		return d, err
	}
	now := d
	now.Ours.State, now.Ours.At = ours.State, ours.MovedAt
	if !ours.Moved {
		now.Ours.At = ours.CreatedAt
	}
	said := core.BilledLine{StoredLine: answer}
	byAnswers, err := isOfAnswers(ctx, tx, d)
	if err != nil {
		return d, err
	}
	if byAnswers && !saysNothing(&said) {
		now.Theirs = sideOf(said)
	}
	switch {
	case !sidesAgree(now, ours):
		return now, nil
	case now.Ours.State != d.Ours.State:
		return s.ended(now, core.DifferenceCorrected, d.Remark, systemActor), nil
	}
	return s.ended(now, core.DifferenceGone, d.Remark, systemActor), nil
}

// sidesAgree says that an answer can end the difference, and did: money moved on both sides, and
// the same, or on neither.
func sidesAgree(d core.Difference, ours core.Movement) bool {
	switch d.Kind {
	case core.DifferState, core.DifferAmount, core.DifferUnanswered, core.DifferShortage:
	case core.DifferSurplus, core.DifferFee, core.DifferDay, core.DifferDuplicate, core.DifferTotal:
		return false
	}
	theirs := d.Theirs.Present && d.Theirs.State == string(core.OutcomeSucceeded)
	if d.Theirs.Present && saysNothing(&core.BilledLine{StoredLine: core.StoredLine{Outcome: core.Outcome(d.Theirs.State)}}) {
		return false
	}
	return ours.Moved == theirs && (!theirs || ours.Amount == d.Theirs.Amount)
}

// isOfAnswers says that the bill that shows the difference is made of answers to questions.
func isOfAnswers(ctx context.Context, tx core.TenantTx, d core.Difference) (bool, error) {
	if d.BillID.IsZero() {
		return false, nil
	}
	b, err := tx.Bill(ctx, d.BillID)
	return b.Source == core.BillFromQuery, err
}

func movementOf(ctx context.Context, tx core.TenantTx, d core.Difference) (m core.Movement, err error) {
	found, err := tx.MovementsByNumber(ctx, d.AccountID, []string{d.Number})
	if err != nil {
		return m, err
	}
	for _, m := range found {
		if m.ObjectID == d.ObjectID {
			return m, nil
		}
	}
	return m, core.NotFound("order")
}
