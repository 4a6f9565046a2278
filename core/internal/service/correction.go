package service

import (
	"context"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/core"
)

// correction is what a bill's line would make of one of our orders.
type correction struct {
	object core.ID
	kind   string // payment, refund or payout
	number string
	from   string
	to     string // empty: nothing
	doubt  bool   // it ends a doubt; else it corrects a final state
	amount core.Money
	order  map[string]any // as events say of it
	line   core.StoredLine
}

// evidence names the line, for the records.
func (c correction) evidence(d core.Difference) string {
	return d.BillID.Prefixed(core.PrefixBill) + " line " + strconv.FormatInt(d.BillLine, 10)
}

// planCorrection says what the bill would make of our order, or why nothing: refusal is a
// sentence that says what to do instead. What can be corrected is what the state tables list,
// and what is in doubt. Amounts never are.
func (s *Service) planCorrection(ctx context.Context, tx core.TenantTx, d core.Difference) (c correction, refusal string, err error) {
	if refusal := notByState(d); refusal != "" {
		return c, refusal, nil
	}
	line, refusal, err := s.evidenceOf(ctx, tx, d)
	if err != nil || refusal != "" {
		return c, refusal, err
	}
	c = correction{object: d.ObjectID, kind: d.ObjectKind, number: d.Number, line: line}
	switch d.ObjectKind {
	case kindPayment:
		p, err := tx.Payment(ctx, d.ObjectID)
		if err != nil {
			return c, "", err
		}
		c.from, c.amount, c.order = string(p.State), p.Amount, paymentEvent(p)
		c, refusal = s.planPayment(c, p)
		return c, refusal, nil
	case kindRefund:
		r, err := tx.Refund(ctx, d.ObjectID)
		if err != nil {
			return c, "", err
		}
		c.from, c.amount, c.order = string(r.State), r.Amount, refundEvent(r)
		c, refusal = s.planRefund(c, r)
		return c, refusal, nil
	}
	p, err := tx.Payout(ctx, d.ObjectID)
	if err != nil {
		return c, "", err
	}
	c.from, c.amount, c.order = string(p.State), p.Amount, payoutEvent(p)
	c, refusal = s.planPayout(c, p)
	return c, refusal, nil
}

// notByState says why a difference is none that a correction of our order's state could end, or
// "".
func notByState(d core.Difference) string {
	switch d.Kind {
	case core.DifferState:
	case core.DifferSurplus:
		return "We have no order of this number: link it to one of our orders, or accept it with a remark."
	case core.DifferShortage:
		return "The bill does not show this order, and that is no evidence: ask the provider, or accept it with a remark."
	case core.DifferAmount:
		return "Amounts are never changed: refund what was paid too much, or settle it with the provider, and accept it with a remark."
	case core.DifferFee:
		return "Fees that were charged are never changed: settle it with the provider, or accept it with a remark."
	case core.DifferDay, core.DifferDuplicate, core.DifferTotal:
		return "There is no state of an order to correct: settle it with the provider, or accept it with a remark."
	case core.DifferUnanswered:
		return "The provider has said nothing of this order that could be evidence: ask it again."
	}
	if d.ObjectID.IsZero() {
		return "We have no order of this number: accept it with a remark."
	}
	return ""
}

// evidenceOf reads the line that shows the difference: it must stand on a current bill of the
// day and say what the difference says.
func (s *Service) evidenceOf(ctx context.Context, tx core.TenantTx, d core.Difference) (line core.StoredLine, refusal string, err error) {
	const stale = "The bill that shows it is not the current one any more: have the day compared again."
	if d.BillID.IsZero() {
		return line, stale, nil
	}
	b, err := tx.Bill(ctx, d.BillID)
	if err != nil {
		return line, "", err
	}
	line, found, err := lineOf(ctx, tx, d)
	if err != nil {
		return line, "", err
	}
	line.Amount = positive(line.Amount)
	if line.Kind == core.MovementPayment && d.Theirs.State == string(core.OutcomeCanceled) {
		line.Outcome = core.OutcomeCanceled // another line takes it back
	}
	if !found || b.State != core.BillReady || b.AccountID != d.AccountID || b.Day != d.Day || line.Number != d.Number ||
		string(line.Outcome) != d.Theirs.State || line.Amount != d.Theirs.Amount {
		return line, stale, nil
	}
	return line, "", nil
}

const otherAmount = "The bill shows another amount, and amounts are never changed: settle it with the provider, and accept it with a remark."

// planPayment: what ended without money and was paid, and what is in doubt and was paid.
func (s *Service) planPayment(c correction, p core.Payment) (correction, string) {
	switch {
	case c.line.Kind != core.MovementPayment:
		return c, "A payment that was taken back at the provider is not corrected here: refund it here as well, or ask the provider, and accept it with a remark."
	case c.line.Outcome != core.OutcomeSucceeded:
		return c, "A payment that succeeded is not taken back upon a bill: ask the provider, whose own verified word counts, or refund it."
	case c.line.Amount != p.Amount:
		return c, otherAmount
	case p.State == core.PaymentSucceeded:
		return c, "Our order has succeeded by now: have the day compared again."
	case s.payments.Final(p.State):
		if !s.correctsPayment(p.State) {
			return c, "A payment that is " + string(p.State) + " cannot become succeeded."
		}
	case p.UnknownSince.IsZero():
		return c, "The order is still open here: ask the provider about it."
	default:
		c.doubt = true
	}
	c.to = string(core.PaymentSucceeded)
	return c, ""
}

// planRefund: what is in doubt and was given back.
func (s *Service) planRefund(c correction, r core.Refund) (correction, string) {
	switch {
	case c.line.Outcome != core.OutcomeSucceeded:
		return c, "A refund that succeeded is not taken back upon a bill: ask the provider, whose own verified word counts, or accept it with a remark."
	case c.line.Amount != r.Amount:
		return c, otherAmount
	case s.refunds.Final(r.State):
		return c, "A refund that is " + string(r.State) + " is not corrected: make a new one that the provider refuses as made already, or ask the provider, and accept it with a remark."
	case r.UnknownSince.IsZero():
		return c, "The refund is still open here: ask the provider about it."
	}
	c.doubt, c.to = true, string(core.RefundSucceeded)
	return c, ""
}

// planPayout: what succeeded and the bank gave back, and what is in doubt and arrived.
func (s *Service) planPayout(c correction, p core.Payout) (correction, string) {
	if c.line.Amount != p.Amount {
		return c, otherAmount
	}
	if c.line.Outcome == core.OutcomeSucceeded {
		switch {
		case s.payouts.Final(p.State):
			return c, "A payout that is " + string(p.State) + " is not corrected upon a bill: ask the provider, whose own verified word counts."
		case p.UnknownSince.IsZero():
			return c, "The payout is still open here: ask the provider about it."
		}
		c.doubt, c.to = true, string(core.PayoutSucceeded)
		return c, ""
	}
	if !s.returnsPayout(p.State) || !endedWithout(c.line.Outcome) {
		return c, "A payout that is " + string(p.State) + " is not corrected upon a bill: ask the provider, whose own verified word counts."
	}
	c.to = string(core.PayoutReturned)
	return c, ""
}

// correctsPayment says that the table lists the correction to succeeded.
func (s *Service) correctsPayment(from core.PaymentState) bool {
	arrow, err := s.payments.Check(from, core.PaymentSucceeded, true)
	return err == nil && arrow.Correction
}

// returnsPayout says that the table lists the correction to returned.
func (s *Service) returnsPayout(from core.PayoutState) bool {
	arrow, err := s.payouts.Check(from, core.PayoutReturned, true)
	return err == nil && arrow.Correction
}

// endedWithout says that the provider states that no money moved, or that it came back.
func endedWithout(o core.Outcome) bool {
	return o == core.OutcomeFailed || o == core.OutcomeCanceled || o == core.OutcomeClosed
}

// CorrectDifference asks a second person to give our order the state that the bill shows.
func (s *Service) CorrectDifference(ctx context.Context, id core.ID, remark string) (core.Difference, error) {
	who, tenant, err := s.personMayInBooks(ctx, id, "correct")
	if err != nil {
		return core.Difference{}, err
	}
	if err := checkText("remark", remark, 1, 200); err != nil {
		return core.Difference{}, err
	}
	if err := s.stepUp(who); err != nil {
		return core.Difference{}, err
	}
	needed, err := s.neededForCorrection(ctx, who, tenant, id)
	if err != nil {
		return core.Difference{}, err
	}
	approval := core.NewID(s.Clock())
	return s.changeDifference(ctx, who, tenant, id, "correct", func(ctx context.Context, tx core.TenantTx, d core.Difference) ([]differenceChange, error) {
		if err := mustBeOpen(d); err != nil {
			return nil, err
		}
		plan, err := s.mustPlan(ctx, tx, d)
		if err != nil {
			return nil, err
		}
		if err := nobodyDecides(ctx, tx, d.ObjectID); err != nil {
			return nil, err
		}
		// A request that a later run has made pointless makes room.
		if err := s.withdrawPending(ctx, tx, who, d.ID); err != nil {
			return nil, err
		}
		now := d
		now.State, now.Remark, now.ApprovalID = core.DifferenceCorrecting, remark, approval
		a := core.Approval{TenantID: tenant, ID: approval, Kind: core.ApproveCorrection, ObjectID: d.ID, Amount: plan.amount, Needed: max(needed, 1), Note: remark}
		if a.Summary, err = plan.summary(now); err != nil {
			return nil, err
		}
		return []differenceChange{{d, now}}, s.askApproval(ctx, tx, who, a)
	})
}

// mustPlan is planCorrection for those who go on only with one.
func (s *Service) mustPlan(ctx context.Context, tx core.TenantTx, d core.Difference) (correction, error) {
	plan, refusal, err := s.planCorrection(ctx, tx, d)
	if err == nil && refusal != "" {
		err = core.Errorf(core.CodeInvalidState, "%s", refusal)
	}
	return plan, err
}

// neededForCorrection is how many people must agree, by the order's amount.
func (s *Service) neededForCorrection(ctx context.Context, who core.Identity, tenant, id core.ID) (int, error) {
	d, err := s.readDifference(ctx, tenant, id)
	if err != nil {
		return 0, err
	}
	return s.neededApprovals(ctx, who, tenant, core.ApproveCorrection, d.Ours.Amount)
}

// nobodyDecides refuses while people's decision about the order waits for a second person.
func nobodyDecides(ctx context.Context, tx core.TenantTx, object core.ID) error {
	all, err := tx.Resolutions(ctx, object)
	for _, r := range all {
		if r.State == core.ResolutionPending {
			return core.Errorf(core.CodeInvalidState, "A decision about this order waits for the second person already.")
		}
	}
	return err
}

func (c correction) summary(d core.Difference) ([]byte, error) {
	order, err := marshal(c.order)
	if err != nil {
		return nil, err
	}
	return marshal(core.CorrectionSummary{
		Difference: d.ID.Prefixed(core.PrefixDifference), Day: d.Day, Number: c.number, Evidence: c.evidence(d), ObjectKind: c.kind, From: c.from, To: c.to, Order: order, Remark: d.Remark,
	})
}
