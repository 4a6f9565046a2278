package service

import (
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// refundChange is what one answer of a provider does to a refund.
type refundChange struct {
	refund  core.Refund
	events  []string
	confirm bool // a refusal is confirmed by one query
	settled bool // the reservation ends: into refunded when the refund succeeded
	// answered says that the provider's word ended a doubt.
	answered bool
	// ruling is what the provider's word does to the decision of people that the state stood on.
	ruling ruling
	// result is what the provider said.
	result core.RefundResult
}

// refundAnswer is an answer with what is needed to judge it.
type refundAnswer struct {
	operation core.Capability
	started   time.Time
	result    core.RefundResult
	manifest  core.Manifest
	method    core.Method // of the payment
	now       time.Time
	// blurred says that a later refund of the payment may be what the answer shows: the provider
	// tells refunds only by what is left of the order.
	blurred bool
}

// judgeRefund maps an answer to the refund's next state; it does no I/O.
func (s *Service) judgeRefund(r core.Refund, a refundAnswer) (refundChange, error) {
	c := refundChange{refund: r}
	if s.refunds.Final(r.State) {
		if !r.ResolutionID.IsZero() && a.evidence() {
			return s.judgeDecided(r, a)
		}
		if a.disagrees(r) {
			c.events = []string{"refund.disagrees"}
		}
		return c, nil
	}
	if !r.WasSent() {
		// Nothing was sent: whatever the answer says is about something else.
		c.events = []string{"refund.disagrees"}
		return c, nil
	}
	state, failure, unknown := a.verdict(r, &c)
	if state != r.State {
		if _, err := s.refunds.Check(r.State, state, false); err != nil {
			return c, err
		}
		c.refund.State = state
		c.settled = true
		c.events = append(c.events, "refund."+string(state))
	}
	a.note(&c, failure, unknown)
	c.answered = !r.UnknownSince.IsZero() && c.refund.UnknownSince.IsZero()
	return c, nil
}

// evidence says that the answer is the provider's own, verified word about the refund.
func (a refundAnswer) evidence() bool {
	return a.operation == core.CapQueryRefund || a.operation == core.CapInbound
}

// judgeDecided is for a refund whose state stands on people's decision: the provider's word
// confirms it or takes its place; until there is one, the provider is asked now and then.
func (s *Service) judgeDecided(r core.Refund, a refundAnswer) (refundChange, error) {
	c := refundChange{refund: r}
	c.refund.UpdatedAt = a.now
	if a.operation == core.CapQueryRefund {
		c.refund.Checks++
	}
	if a.blurred {
		c.refund.NextCheckAt = time.Time{} // no answer can tell any more
		return c, nil
	}
	state, failure := a.word(r)
	switch state {
	case "":
		if offers(a.manifest, a.method, core.CapQueryRefund) {
			c.refund.NextCheckAt = nextCheck(a.manifest.Poll, r.Began(), a.now, c.refund.Checks)
		}
		return c, nil
	case r.State:
		c.ruling = ruling{of: r.ResolutionID, state: core.ResolutionConfirmed}
	default:
		if !a.conclusive() || a.result.Outcome == core.OutcomeNotFound {
			// The provider cannot know better than the evidence that people had, and that it knows
			// none is no evidence: they look again.
			c.events = []string{"refund.disagrees"}
			c.ruling = ruling{of: r.ResolutionID, state: core.ResolutionDisputed, say: string(state)}
			c.refund.NextCheckAt = time.Time{}
			return c, nil
		}
		if _, err := s.refunds.Overrule(r.State, state); err != nil {
			return c, err
		}
		c.refund.State, c.refund.FailureCode, c.refund.SucceededAt = state, failure, time.Time{}
		c.events = []string{"refund." + string(state), "refund.corrected"}
		c.ruling = ruling{of: r.ResolutionID, state: core.ResolutionCorrected, say: string(state)}
	}
	c.refund.NextCheckAt, c.refund.ResolutionID = time.Time{}, core.ID{}
	setIf(&c.refund.ProviderRefundNo, a.result.ProviderRefundNo)
	if c.refund.State == core.RefundSucceeded && c.refund.SucceededAt.IsZero() {
		c.refund.SucceededAt = a.now
	}
	return c, nil
}

// conclusive says that the answer is about this very refund and decides it.
func (a refundAnswer) conclusive() bool {
	return a.manifest.Refund.Conclusive || a.operation == core.CapInbound
}

// word is the final state that the answer means, or "".
func (a refundAnswer) word(r core.Refund) (core.RefundState, string) {
	if a.contradiction(r) != "" || a.result.Exchange.Sent == core.SentNo && a.result.Outcome != core.OutcomeSucceeded {
		return "", ""
	}
	switch a.result.Outcome { //nolint:exhaustive // the others say nothing final
	case core.OutcomeSucceeded:
		return core.RefundSucceeded, ""
	case core.OutcomeFailed:
		return core.RefundFailed, failureProvider
	case core.OutcomeNotFound:
		if state, failure, _ := a.notFound(r); state == core.RefundFailed {
			return state, failure
		}
	}
	return "", ""
}

// disagrees says that the provider gives another final answer than the one recorded.
func (a refundAnswer) disagrees(r core.Refund) bool {
	return (a.result.Outcome == core.OutcomeSucceeded && r.State != core.RefundSucceeded) ||
		(a.result.Outcome == core.OutcomeFailed && r.State == core.RefundSucceeded)
}

// verdict gives the state, our failure code, and why the outcome is in doubt ("" if not).
func (a refundAnswer) verdict(r core.Refund, c *refundChange) (state core.RefundState, failure, unknown string) {
	res := a.result
	if res.Exchange.Sent == core.SentNo && res.Outcome != core.OutcomeSucceeded {
		if a.operation == core.CapCreateRefund {
			return core.RefundFailed, failureNotSent, ""
		}
		return r.State, "", r.UnknownReason
	}
	if reason := a.contradiction(r); reason != "" {
		return r.State, "", reason
	}
	switch res.Outcome {
	case core.OutcomeSucceeded:
		return core.RefundSucceeded, "", ""
	case core.OutcomeFailed:
		return core.RefundFailed, failureProvider, ""
	case core.OutcomeInProgress:
		return r.State, "", ""
	case core.OutcomeRefused:
		if a.operation == core.CapCreateRefund {
			c.refund.RefusedAt, c.confirm = a.now, true
			return r.State, "", ""
		}
		if !r.RefusedAt.IsZero() {
			return r.State, "", doubtRefused
		}
		return r.State, "", r.UnknownReason
	case core.OutcomeNotFound:
		return a.notFound(r)
	case core.OutcomeUnknown, core.OutcomeCanceled, core.OutcomeClosed:
	}
	return r.State, "", doubtAnswer
}

// notFound is failure only when the provider refused the refund before, or when its own
// horizon has passed since it was sent.
func (a refundAnswer) notFound(r core.Refund) (core.RefundState, string, string) {
	if a.operation == core.CapQueryRefund {
		if !r.RefusedAt.IsZero() {
			return core.RefundFailed, failureRefused, ""
		}
		if horizon := a.manifest.Poll.Horizon; horizon > 0 && a.started.Sub(r.Began()) >= horizon {
			return core.RefundFailed, failureNotReceived, ""
		}
	}
	return r.State, "", doubtAbsent
}

func (a refundAnswer) contradiction(r core.Refund) string {
	res := a.result
	if res.RefundNo != "" && res.RefundNo != r.RefundNo {
		return doubtOtherOrder
	}
	if res.Amount.Currency != "" && res.Amount != r.Amount {
		return doubtOtherAmount
	}
	return ""
}

// note writes the consequences: texts, doubt, times, what is due next.
func (a refundAnswer) note(c *refundChange, failure, unknown string) {
	r := &c.refund
	r.UpdatedAt = a.now
	if a.contradiction(*r) == "" {
		setIf(&r.ProviderRefundNo, a.result.ProviderRefundNo)
		r.Provided = said(r.Provided, a.result.Provider, !r.RefusedAt.IsZero() && a.result.Outcome == core.OutcomeNotFound)
	}
	if a.operation == core.CapQueryRefund {
		r.Checks++
	}
	if c.settled {
		r.UnknownSince, r.UnknownReason, r.NextCheckAt, r.FailureCode = time.Time{}, "", time.Time{}, failure
		if r.State == core.RefundSucceeded {
			r.SucceededAt = a.now
			if at := a.result.RefundedAt; !at.IsZero() {
				r.SucceededAt = at
			}
		}
		return
	}
	if unknown != "" && r.UnknownSince.IsZero() {
		r.UnknownSince = a.now
		c.events = append(c.events, "refund.unknown")
	}
	if unknown == "" && !c.confirm {
		r.UnknownSince = time.Time{}
	}
	r.UnknownReason = unknown
	r.NextCheckAt = time.Time{}
	if offers(a.manifest, a.method, core.CapQueryRefund) {
		r.NextCheckAt = nextCheck(a.manifest.Poll, r.Began(), a.now, r.Checks)
	}
}
