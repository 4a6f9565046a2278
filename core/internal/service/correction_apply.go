package service

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// correctionApproved gives our order the state that the bill shows. What the second person was
// shown must still be so: the bill, the order and what is to become of it.
func (s *Service) correctionApproved(ctx context.Context, tx core.TenantTx, a core.Approval) error {
	d, err := tx.Difference(ctx, a.ObjectID)
	if err != nil {
		return err
	}
	if d.State != core.DifferenceCorrecting || d.ApprovalID != a.ID {
		return core.Errorf(core.CodeInvalidState, "The difference is %s: there is nothing to correct any more. Reject the request.", d.State)
	}
	plan, err := s.mustPlan(ctx, tx, d)
	if err != nil {
		return err
	}
	var shown core.CorrectionSummary
	if err := json.Unmarshal(a.Summary, &shown); err != nil {
		return fmt.Errorf("service: read the summary of a correction: %w", err)
	}
	if shown.From != plan.from || shown.To != plan.to {
		return core.Errorf(core.CodeInvalidState, "The order was %s when this was asked for and is %s now: reject the request and look again.", shown.From, plan.from)
	}
	if err := s.applyCorrection(ctx, tx, a, d, plan); err != nil {
		return err
	}
	who, err := core.IdentityFrom(ctx)
	if err != nil {
		return err
	}
	return s.writeDifferences(ctx, tx, who, "corrected", []differenceChange{{d, s.ended(d, core.DifferenceCorrected, d.Remark, a.MadeBy)}})
}

// correctionNotApproved opens the difference again. One that has changed meanwhile is left alone.
func (s *Service) correctionNotApproved(ctx context.Context, tx core.TenantTx, a core.Approval) error {
	d, err := tx.Difference(ctx, a.ObjectID)
	if err != nil || d.State != core.DifferenceCorrecting || d.ApprovalID != a.ID {
		return err
	}
	who, err := core.IdentityFrom(ctx)
	if err != nil {
		return err
	}
	return s.writeDifferences(ctx, tx, who, "not_corrected", []differenceChange{{d, openedAgain(d, d.Remark)}})
}

// applyCorrection writes the order. But for a payout that came back, which nothing the provider
// may say later takes back, the order stands on a decision of people from then on: the
// provider is asked now and then, and its verified word confirms it or takes its place.
func (s *Service) applyCorrection(ctx context.Context, tx core.TenantTx, a core.Approval, d core.Difference, plan correction) error {
	if plan.to == string(core.PayoutReturned) {
		return s.returnPayout(ctx, tx, a, d, plan)
	}
	r := core.Resolution{
		TenantID: a.TenantID, ID: core.NewID(s.Clock()), ObjectID: plan.object, ObjectKind: plan.kind, Amount: plan.amount, Outcome: core.ResolveSucceeded,
		EvidenceNo: plan.evidence(d), Note: d.Remark, State: core.ResolutionApplied, MadeBy: a.MadeBy, CreatedAt: a.CreatedAt, AppliedAt: a.DecidedAt,
	}
	var err error
	if r.CaseID, err = s.caseOfCorrection(ctx, tx, d, plan); err != nil {
		return err
	}
	if err := tx.InsertResolution(ctx, r); err != nil {
		return err
	}
	if plan.doubt {
		if err := s.settlers()[plan.kind].settle(ctx, tx, r); err != nil {
			return err
		}
		who, err := core.IdentityFrom(ctx)
		if err != nil {
			return err
		}
		// Another decision about the doubt may wait as well: there is nothing to decide any more.
		return s.overtake(ctx, tx, who, plan.object)
	}
	return s.correctPayment(ctx, tx, r, plan.line)
}

// caseOfCorrection gives the open case that the correction ends: that of the doubt, or one that
// says that the bill contradicts a final state, opened here if there is none.
func (s *Service) caseOfCorrection(ctx context.Context, tx core.TenantTx, d core.Difference, plan correction) (core.ID, error) {
	kind := core.CaseProviderDisagrees
	if plan.doubt {
		kind = doubtKind(plan.kind)
	}
	if !plan.doubt {
		c := core.Case{TenantID: d.TenantID, Kind: kind, ObjectID: plan.object, ObjectKind: plan.kind, AccountID: d.AccountID, Reason: plan.to}
		if err := s.openDoubt(ctx, tx, c, differenceEvent(d)); err != nil {
			return core.ID{}, err
		}
	}
	open, err := tx.Cases(ctx, core.CaseFilter{ObjectID: plan.object, Kinds: []core.CaseKind{kind}, Open: true, Page: core.Page{Limit: 1}})
	if err != nil {
		return core.ID{}, err
	}
	if len(open) == 0 {
		return core.ID{}, noLongerInDoubt()
	}
	return open[0].ID, nil
}

func doubtKind(object string) core.CaseKind {
	switch object {
	case kindRefund:
		return core.CaseUnknownRefund
	case kindPayout:
		return core.CaseUnknownPayout
	}
	return core.CaseUnknownPayment
}

// correctPayment gives a payment that had ended without money the success that the bill shows,
// as the provider's own word would: charged, with the event and the alert of a correction.
func (s *Service) correctPayment(ctx context.Context, tx core.TenantTx, r core.Resolution, line core.StoredLine) error {
	p, err := tx.Payment(ctx, r.ObjectID)
	if err != nil {
		return err
	}
	from, before, now := p.State, paymentEvent(p), r.AppliedAt
	if _, err := s.payments.Check(from, core.PaymentSucceeded, true); err != nil {
		return err
	}
	change := paymentChange{changed: true, events: []string{"payment." + string(core.PaymentSucceeded), eventCorrected}, answered: !p.UnknownSince.IsZero()}
	if !p.ResolutionID.IsZero() {
		change.ruling = ruling{of: p.ResolutionID, state: core.ResolutionCorrected, say: string(core.PaymentSucceeded)}
	}
	p.State, p.ResolutionID, p.UnknownSince, p.UnknownReason, p.FailureCode, p.UpdatedAt = core.PaymentSucceeded, r.ID, time.Time{}, "", "", now
	p.NextAction, p.CancelAt, p.SucceededAt = nil, time.Time{}, now
	if !line.At.IsZero() && line.At.Before(now) {
		p.SucceededAt = line.At
	}
	if p.ProviderOrderNo == "" {
		p.ProviderOrderNo = line.ProviderNumber
	}
	p.NextCheckAt = s.afterDecision(p.Provider, p.Method, core.CapQueryPayment, p.CreatedAt, now, p.Checks)
	change.payment = p
	if err := s.writePayment(ctx, tx, &change, from); err != nil {
		return err
	}
	return s.recordDecision(ctx, tx, r, core.CaseProviderDisagrees, p.ID.Prefixed(core.PrefixPayment), before, paymentEvent(change.payment))
}

// returnPayout notes that the bank gave back what was paid out, as the provider's own word
// would.
func (s *Service) returnPayout(ctx context.Context, tx core.TenantTx, a core.Approval, d core.Difference, plan correction) error {
	p, err := tx.Payout(ctx, plan.object)
	if err != nil {
		return err
	}
	from, before, now := p.State, payoutEvent(p), a.DecidedAt
	if _, err := s.payouts.Check(from, core.PayoutReturned, true); err != nil {
		return err
	}
	change := payoutChange{returned: true, events: []string{"payout." + string(core.PayoutReturned), "payout.corrected"}}
	if !p.ResolutionID.IsZero() {
		change.ruling = ruling{of: p.ResolutionID, state: core.ResolutionCorrected, say: string(core.PayoutReturned)}
	}
	p.State, p.ResolutionID, p.FailureCode, p.FinishedAt, p.UpdatedAt, p.NextCheckAt = core.PayoutReturned, core.ID{}, failureReturned, now, now, time.Time{}
	change.payout = p
	if err := s.writePayout(ctx, tx, &change, from); err != nil {
		return err
	}
	if err := s.raise(ctx, tx, returnedAlert(change.payout)); err != nil {
		return err
	}
	after := payoutEvent(change.payout)
	after["decision"] = map[string]any{"evidence_no": plan.evidence(d), "note": d.Remark, "made_by": a.MadeBy}
	return s.recordAs(ctx, tx, a.TenantID, "payout.correct", p.ID.Prefixed(core.PrefixPayout), before, after)
}

// recordAs writes the audit row of what the caller did.
func (s *Service) recordAs(ctx context.Context, tx core.TenantTx, tenant core.ID, action, object string, before, after any) error {
	who, err := core.IdentityFrom(ctx)
	if err != nil {
		return err
	}
	entry, err := s.audit(who, tenant, action, object, before, after)
	if err != nil {
		return err
	}
	return tx.AppendAudit(ctx, entry)
}
