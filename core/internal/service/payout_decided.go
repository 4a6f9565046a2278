package service

import (
	"context"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func lookAtPayout(ctx context.Context, tx core.TenantTx, object core.ID) (doubtful, error) {
	p, err := tx.Payout(ctx, object)
	return doubtful{amount: p.Amount, inDoubt: !p.UnknownSince.IsZero(), order: payoutEvent(p)}, err
}

// settlePayout gives a payout in doubt the state that people decided. It is never sent again.
func (s *Service) settlePayout(ctx context.Context, tx core.TenantTx, r core.Resolution) error {
	p, err := tx.Payout(ctx, r.ObjectID)
	if err != nil {
		return err
	}
	if p.UnknownSince.IsZero() {
		return noLongerInDoubt()
	}
	from, to, failure := p.State, core.PayoutFailed, failureDecided
	if r.Outcome == core.ResolveSucceeded {
		to, failure = core.PayoutSucceeded, ""
	}
	if _, err := s.payouts.Check(from, to, false); err != nil {
		return err
	}
	before := payoutEvent(p)
	p.State, p.ResolutionID, p.UnknownSince, p.UnknownReason, p.WaitReason, p.FailureCode = to, r.ID, time.Time{}, "", "", failure
	p.UpdatedAt, p.FinishedAt = r.AppliedAt, r.AppliedAt
	p.NextCheckAt = r.AppliedAt.Add(defaultTail)
	if m, err := s.Providers.Manifest(p.Provider); err == nil {
		p.NextCheckAt = nextCheck(m.Poll, p.SentAt, r.AppliedAt, p.Checks)
	}
	change := payoutChange{payout: p, events: []string{"payout." + string(to), "payout.resolved"}}
	if err := s.writePayout(ctx, tx, &change, from); err != nil {
		return err
	}
	return s.recordDecision(ctx, tx, r, core.CaseUnknownPayout, p.ID.Prefixed(core.PrefixPayout), before, payoutEvent(change.payout))
}

// judgeDecidedPayout is for a payout whose state stands on people's decision: the provider's
// word confirms it or takes its place; until there is one, it is asked now and then.
func (s *Service) judgeDecidedPayout(c payoutChange, a payoutAnswer, state core.PayoutState, failure, unknown string) (payoutChange, error) {
	decided := c.payout
	c.confirm, c.cases, c.events = false, nil, nil
	c.payout.UpdatedAt = a.now
	if unknown != "" || !s.payouts.Final(state) || state == decided.State && a.result.Exchange.Sent == core.SentNo {
		c.payout.Checks++
		c.payout.NextCheckAt = nextCheck(a.manifest.Poll, c.payout.SentAt, a.now, c.payout.Checks)
		return c, nil
	}
	a.note(&c.payout)
	if state == decided.State && !a.saysFinal() {
		c.payout.NextCheckAt = nextCheck(a.manifest.Poll, c.payout.SentAt, a.now, c.payout.Checks)
		return c, nil
	}
	if state != decided.State && a.result.Outcome == core.OutcomeNotFound {
		// That it knows none is no evidence against evidence: people look again.
		c.payout.NextCheckAt, c.events = time.Time{}, []string{"payout.disagrees"}
		c.ruling = ruling{of: decided.ResolutionID, state: core.ResolutionDisputed, say: string(state)}
		c.cases = map[core.CaseKind]string{core.CaseDecisionDisputed: string(state)}
		return c, nil
	}
	c.payout.ResolutionID = core.ID{}
	if state == decided.State {
		c.ruling = ruling{of: decided.ResolutionID, state: core.ResolutionConfirmed}
		c.payout.NextCheckAt = nextLook(c.payout, a.now)
		return c, nil
	}
	if _, err := s.payouts.Overrule(decided.State, state); err != nil {
		return c, err
	}
	c.payout.State = state
	c.events = []string{"payout." + string(state), "payout.corrected"}
	c.ruling = ruling{of: decided.ResolutionID, state: core.ResolutionCorrected, say: string(state)}
	a.finish(&c, failure)
	return c, nil
}

// saysFinal says that the answer itself is about an end, and not the state that stood before.
func (a payoutAnswer) saysFinal() bool {
	switch a.result.Outcome {
	case core.OutcomeSucceeded, core.OutcomeFailed, core.OutcomeNotFound:
		return true
	case core.OutcomeUnknown, core.OutcomeInProgress, core.OutcomeRefused, core.OutcomeCanceled, core.OutcomeClosed:
	}
	return false
}

// followPayout keeps the payout's case and the decision it stands on in step with a change.
func (s *Service) followPayout(ctx context.Context, tx core.TenantTx, c payoutChange, from core.PayoutState) error {
	p := c.payout
	if slices.Contains(c.events, "payout.unknown") {
		if err := s.openDoubt(ctx, tx, payoutCase(p, core.CaseUnknownPayout, p.UnknownReason), payoutEvent(p)); err != nil {
			return err
		}
	}
	if c.answered {
		if err := s.endDoubt(ctx, tx, core.CaseUnknownPayout, p.ID, core.CaseAnswered); err != nil {
			return err
		}
	}
	alert := core.Alert{TenantID: p.TenantID, ObjectID: p.ID, ObjectKind: kindPayout, Object: p.PayoutNo}
	if c.ruling.state == core.ResolutionCorrected {
		if err := s.openCase(ctx, tx, payoutCase(p, core.CaseDecisionCorrected, c.ruling.say)); err != nil {
			return err
		}
		told := alert
		told.Kind, told.Severity, told.Args = core.AlertCorrection, core.SeverityCritical, map[string]string{"from": string(from), "to": string(p.State)}
		if err := s.raise(ctx, tx, told); err != nil {
			return err
		}
	}
	return s.applyRuling(ctx, tx, c.ruling, alert)
}
