package service

import (
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// payoutChange is what one answer of a provider does to a payout.
type payoutChange struct {
	payout  core.Payout
	events  []string
	confirm bool // a refusal is confirmed by one query
	// cases are what people have to look at, by kind, with the reason.
	cases map[core.CaseKind]string
	// returned says that the bank gave it back.
	returned bool
	// answered says that the provider's word ended a doubt.
	answered bool
	// ruling is what the provider's word does to the decision of people that the state stood on.
	ruling ruling
	// result is what the provider said.
	result core.PayoutResult
}

// payoutAnswer is an answer with what is needed to judge it.
type payoutAnswer struct {
	operation core.Capability
	started   time.Time
	result    core.PayoutResult
	manifest  core.Manifest
	now       time.Time
}

// judgePayout maps an answer to the payout's next state; it does no I/O. Only what the
// provider says settles a payout: silence, a code that says nothing, and a number that it
// does not know yet are doubt, however old.
func (s *Service) judgePayout(p core.Payout, a payoutAnswer) (payoutChange, error) {
	c := payoutChange{payout: p}
	state, failure, unknown := a.verdict(p, &c)
	if s.payouts.Final(p.State) {
		if !p.ResolutionID.IsZero() && a.operation == core.CapQueryPayout {
			return s.judgeDecidedPayout(c, a, state, failure, unknown)
		}
		return a.afterwards(s, c, state, unknown)
	}
	if state != p.State {
		if _, err := s.payouts.Check(p.State, state, false); err != nil {
			return c, err
		}
		c.payout.State = state
		c.events = append(c.events, "payout."+string(state))
	}
	a.note(&c.payout)
	c.payout.UpdatedAt = a.now
	if s.payouts.Final(state) {
		a.finish(&c, failure)
	} else {
		a.doubt(&c, unknown)
	}
	c.answered = !p.UnknownSince.IsZero() && c.payout.UnknownSince.IsZero()
	return c, nil
}

// verdict gives the state, our failure code, and why the outcome is in doubt ("" if not).
func (a payoutAnswer) verdict(p core.Payout, c *payoutChange) (state core.PayoutState, failure, unknown string) {
	res := a.result
	if res.Exchange.Sent == core.SentNo && res.Outcome != core.OutcomeSucceeded {
		if a.operation == core.CapCreatePayout {
			return core.PayoutFailed, failureNotSent, ""
		}
		return p.State, "", p.UnknownReason
	}
	if reason := a.contradiction(p); reason != "" {
		c.cases = map[core.CaseKind]string{core.CaseProviderDisagrees: reason}
		return p.State, "", reason
	}
	switch res.Outcome {
	case core.OutcomeSucceeded:
		return core.PayoutSucceeded, "", ""
	case core.OutcomeFailed:
		if res.Returned {
			return core.PayoutReturned, failureReturned, ""
		}
		return core.PayoutFailed, failureProvider, ""
	case core.OutcomeInProgress:
		if res.InReview {
			return core.PayoutInReview, "", ""
		}
		return core.PayoutProcessing, "", ""
	case core.OutcomeRefused:
		return a.refusal(p, c)
	case core.OutcomeNotFound:
		return a.notFound(p)
	case core.OutcomeUnknown, core.OutcomeCanceled, core.OutcomeClosed:
	}
	return p.State, "", doubtAnswer
}

// refusal of the payout is confirmed by a query before it is believed; a refused query
// leaves the payout as it was. When the question that was to confirm is refused as well,
// the payout is in doubt and people must see it.
func (a payoutAnswer) refusal(p core.Payout, c *payoutChange) (core.PayoutState, string, string) {
	if a.operation == core.CapCreatePayout {
		c.payout.RefusedAt, c.confirm = a.now, true
		return p.State, "", ""
	}
	if !p.RefusedAt.IsZero() {
		return p.State, "", doubtRefused
	}
	return p.State, "", p.UnknownReason
}

// notFound is failure only when the provider refused the payout before, or when its own
// horizon has passed since it was sent: a query can overtake the payout.
func (a payoutAnswer) notFound(p core.Payout) (core.PayoutState, string, string) {
	if a.operation == core.CapQueryPayout {
		if !p.RefusedAt.IsZero() {
			return core.PayoutFailed, failureRefused, ""
		}
		if horizon := a.manifest.Poll.Horizon; horizon > 0 && a.started.Sub(p.SentAt) >= horizon {
			return core.PayoutFailed, failureNotReceived, ""
		}
	}
	return p.State, "", doubtAbsent
}

// contradiction says why the answer cannot be about this payout, or "".
func (a payoutAnswer) contradiction(p core.Payout) string {
	res := a.result
	switch {
	case res.OrderNo != "" && res.OrderNo != p.PayoutNo:
		return doubtOtherOrder
	case res.Amount.Currency != "" && res.Amount != p.Amount:
		return doubtOtherAmount
	case p.ProviderPayoutNo != "" && res.ProviderOrderNo != "" && res.ProviderOrderNo != p.ProviderPayoutNo:
		return doubtOtherNumber
	}
	return ""
}

// afterwards is what an answer does to a payout that has ended: the bank may give back what
// was paid out, which is the one correction. Anything else that differs changes nothing and
// is put before people. An answer that was asked for before the end says nothing new.
func (a payoutAnswer) afterwards(s *Service, c payoutChange, state core.PayoutState, unknown string) (payoutChange, error) {
	c.confirm = false
	c.payout.UpdatedAt = a.now
	if unknown == "" && state != c.payout.State && !a.started.Before(c.payout.FinishedAt) {
		if _, err := s.payouts.Check(c.payout.State, state, a.operation == core.CapQueryPayout); err == nil {
			c.payout.State = state
			c.events = []string{"payout." + string(state), "payout.corrected"}
			a.note(&c.payout)
			a.finish(&c, failureReturned)
			return c, nil
		}
		if s.payouts.Final(state) {
			c.events = []string{"payout.disagrees"}
			c.cases = map[core.CaseKind]string{core.CaseProviderDisagrees: string(state)}
			c.payout.NextCheckAt = time.Time{}
			return c, nil
		}
	}
	if a.operation == core.CapQueryPayout {
		c.payout.Checks++
	}
	c.payout.NextCheckAt = nextLook(c.payout, a.now)
	return c, nil
}

// note copies what the answer tells beside the outcome.
func (a payoutAnswer) note(p *core.Payout) {
	if a.contradiction(*p) == "" {
		setIf(&p.ProviderPayoutNo, a.result.ProviderOrderNo)
		if a.result.Fee.Currency != "" {
			p.ProviderFee = a.result.Fee
		}
		p.Provided = said(p.Provided, a.result.Provider, !p.RefusedAt.IsZero() && a.result.Outcome == core.OutcomeNotFound)
		if p.PaidAt.IsZero() && !a.result.PaidAt.IsZero() && a.result.Outcome == core.OutcomeSucceeded {
			p.PaidAt = a.result.PaidAt
		}
	}
	if a.operation == core.CapQueryPayout {
		p.Checks++
	}
}

func (a payoutAnswer) finish(c *payoutChange, failure string) {
	p := &c.payout
	p.UnknownSince, p.UnknownReason, p.WaitReason, p.FailureCode, p.FinishedAt = time.Time{}, "", "", failure, a.now
	p.NextCheckAt = nextLook(*p, a.now)
	c.returned = p.State == core.PayoutReturned
}

// doubt writes whether the outcome is in doubt and when to ask again.
func (a payoutAnswer) doubt(c *payoutChange, unknown string) {
	p := &c.payout
	if unknown != "" && p.UnknownSince.IsZero() {
		p.UnknownSince = a.now
		c.events = append(c.events, "payout.unknown")
	}
	if unknown == "" && !c.confirm {
		p.UnknownSince = time.Time{}
	}
	p.UnknownReason = unknown
	p.NextCheckAt = nextCheck(a.manifest.Poll, p.SentAt, a.now, p.Checks)
}

// looks are when a payout that has ended is asked about again, counted from its end: a bank
// gives a payout back within days, and no provider tells us of its own accord.
func looks() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{10 * time.Minute, time.Hour, 6 * time.Hour, day, 2 * day, 3 * day, 5 * day, 7 * day}
}

// nextLook is the next of looks for what may still change: a payout that succeeded, and one
// that failed because the provider did not know it. Zero: none. It is no verdict; anybody
// may ask at any time.
func nextLook(p core.Payout, now time.Time) time.Time {
	absent := p.State == core.PayoutFailed && (p.FailureCode == failureRefused || p.FailureCode == failureNotReceived)
	if p.State != core.PayoutSucceeded && !absent {
		return time.Time{}
	}
	for _, after := range looks() {
		if at := p.FinishedAt.Add(after); at.After(now) {
			return at
		}
	}
	return time.Time{}
}
