package service

import (
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The failure codes we give beside the provider's own.
const (
	failureProvider    = "provider_failed"  // the provider says the payment failed
	failureRefused     = "provider_refused" // refused, and a query confirmed that there is no order
	failureNotSent     = "not_sent"         // nothing reached the provider
	failureNotReceived = "not_received"     // the provider knows no such order, past its own horizon
	failureReturned    = "returned"         // the bank gave a payout back
)

// eventCorrected tells that the provider's word changed what was final.
const eventCorrected = "payment.corrected"

// Why an outcome is in doubt, in words that programs compare and the console translates.
// What exactly the provider said stands in the attempt's evidence.
const (
	doubtAnswer = "no_clear_answer" // nothing, or nothing that decides
	doubtCancel = "cancel_in_doubt" // it may have been taken back
	// doubtCancelUnfinished: the provider wants the cancel to be sent again until it is final.
	doubtCancelUnfinished = "cancel_unfinished"
	doubtCanceling        = "paid_while_canceling"  // a query was overtaken by a cancel
	doubtAbsent           = "not_known_yet"         // the provider knows none, within its horizon
	doubtRefused          = "question_refused"      // it was refused, and then the question whether it is there
	doubtOtherOrder       = "other_order"           // the answer was about another order or refund
	doubtOtherAccount     = "other_account"         // it came for another account than the order's
	doubtOtherAmount      = "other_amount"          // the answer shows another amount
	doubtOtherNumber      = "other_provider_number" // the answer shows another number of the provider's
)

// paymentChange is what one answer of a provider does to a payment.
type paymentChange struct {
	payment core.Payment
	events  []string
	// confirm asks for a query at once: a refusal is not believed before the order is looked for.
	confirm bool
	// cancel asks for the order to be taken back now: nobody paid in time.
	cancel bool
	// changed is false when the answer leaves the payment as it is.
	changed bool
	// cases are what people have to look at, by kind, with the reason.
	cases map[core.CaseKind]string
	// answered says that the provider's word ended a doubt.
	answered bool
	// ruling is what the provider's word does to the decision of people that the state stood on.
	ruling ruling
	// notSent is why the provider was not asked, or nil.
	notSent error
	// result is what the provider said.
	result core.PaymentResult
}

// paymentAnswer is an answer with what is needed to judge it.
type paymentAnswer struct {
	operation core.Capability
	started   time.Time
	result    core.PaymentResult
	manifest  core.Manifest
	now       time.Time
	callLimit time.Duration
}

// judgePayment maps an answer to the payment's next state. It is the one place that
// decides; it does no I/O. The rules are those of docs/architecture.md, "Money".
func (s *Service) judgePayment(p core.Payment, a paymentAnswer) paymentChange {
	if s.unpaid(p.State) && a.mayHaveBegun() {
		return a.askAgain(p)
	}
	c := paymentChange{payment: p, changed: true}
	outcome := a.effectiveOutcome(p)
	if s.unpaid(p.State) && s.unpaid(outcome.state) {
		outcome = verdict{state: p.State} // failed, canceled or closed: the order is not paid, as is recorded
	}
	if p.State != outcome.state && outcome.state != "" {
		arrow, listed := s.payments.Check(p.State, outcome.state, a.evidence())
		if listed != nil && a.mayOverrule(p) {
			arrow, listed = s.payments.Overrule(p.State, outcome.state)
		}
		if listed != nil {
			// The provider contradicts a final state and no correction is listed for it:
			// nothing changes, people are told.
			c.events = []string{"payment.disagrees"}
			c.cases = map[core.CaseKind]string{core.CaseProviderDisagrees: string(outcome.state)}
			if !p.ResolutionID.IsZero() && a.evidence() {
				c.cases = map[core.CaseKind]string{core.CaseDecisionDisputed: string(outcome.state)}
				c.ruling = ruling{of: p.ResolutionID, state: core.ResolutionDisputed, say: string(outcome.state)}
			}
			c.changed = !p.NextCheckAt.IsZero()
			c.payment.NextCheckAt = time.Time{}
			return c
		}
		c.payment.State = outcome.state
		c.events = append(c.events, "payment."+string(outcome.state))
		if arrow.Correction || arrow.Overrules {
			c.events = append(c.events, eventCorrected)
		}
		c.overruled(p, outcome.state)
	} else if outcome.state != "" && !p.ResolutionID.IsZero() && a.evidence() {
		c.ruling = ruling{of: p.ResolutionID, state: core.ResolutionConfirmed}
		c.payment.ResolutionID = core.ID{}
	}
	if a.result.Refunded && outcome.state == core.PaymentSucceeded && p.Refunded == 0 && p.Reserved == 0 {
		c.events = append(c.events, "payment.refunded_outside")
		if c.cases == nil {
			c.cases = map[core.CaseKind]string{}
		}
		c.cases[core.CaseRefundedOutside] = a.result.Provider.Code
	}
	a.note(&c.payment)
	a.settle(s, &c, outcome)
	c.answered = !p.UnknownSince.IsZero() && c.payment.UnknownSince.IsZero()
	return c
}

// mayOverrule says that the provider's word may take the place of a decision of people: it is
// verified, more than that it knows no such order, and no money of the payment was given back
// meanwhile.
func (a paymentAnswer) mayOverrule(p core.Payment) bool {
	return !p.ResolutionID.IsZero() && a.evidence() && a.result.Outcome != core.OutcomeNotFound && p.Refunded == 0 && p.Reserved == 0
}

// overruled notes that the state no longer stands on a decision of people.
func (c *paymentChange) overruled(p core.Payment, to core.PaymentState) {
	if p.ResolutionID.IsZero() {
		return
	}
	c.ruling = ruling{of: p.ResolutionID, state: core.ResolutionCorrected, say: string(to)}
	c.payment.ResolutionID = core.ID{}
	c.cases = map[core.CaseKind]string{core.CaseDecisionCorrected: string(to)}
}

// evidence says that the answer is the provider's own, verified word about the order as it
// stands: that to a question, or a callback.
func (a paymentAnswer) evidence() bool {
	return a.operation == core.CapQueryPayment || a.operation == core.CapInbound
}

// unpaid says that the state ends the payment without money.
func (s *Service) unpaid(state core.PaymentState) bool {
	return s.payments.Final(state) && state != core.PaymentSucceeded && state != core.PaymentExpired
}

// mayHaveBegun says that the answer to a new order leaves it possible that it is or will be paid.
func (a paymentAnswer) mayHaveBegun() bool {
	if a.operation != core.CapCreatePayment || a.result.Exchange.Sent == core.SentNo {
		return false
	}
	switch a.result.Outcome {
	case core.OutcomeFailed, core.OutcomeRefused, core.OutcomeCanceled, core.OutcomeClosed, core.OutcomeNotFound:
		return false
	case core.OutcomeSucceeded, core.OutcomeInProgress, core.OutcomeUnknown:
	}
	return true
}

// askAgain is for an order that reached the provider after it was given up here. Only a
// query's answer is evidence enough to correct that, so it is due again: when the provider
// surely knows it, and no cancel is under way.
func (a paymentAnswer) askAgain(p core.Payment) paymentChange {
	c := paymentChange{payment: p, changed: true, events: []string{"payment.disagrees"}}
	action := p.NextAction
	a.note(&c.payment)
	c.payment.NextAction, c.payment.UpdatedAt = action, a.now
	due := a.now
	if a.result.Outcome != core.OutcomeSucceeded && a.result.Outcome != core.OutcomeInProgress {
		due = due.Add(a.manifest.Poll.Horizon)
	} else {
		c.confirm = p.CancelSentAt.IsZero()
	}
	if cancelOver := p.CancelSentAt.Add(a.callLimit); due.Before(cancelOver) {
		due = cancelOver
	}
	c.payment.NextCheckAt = due
	return c
}

// verdict is the state an answer leads to ("" for no change) and whether the outcome is in doubt.
type verdict struct {
	state   core.PaymentState
	unknown string // why, or ""
	failure string
	refused bool
	open    bool // the provider says the order exists and nothing is wrong
	absent  bool // the provider says there is no such order
	ask     bool // the provider is to be asked about the order at once
}

func (a paymentAnswer) effectiveOutcome(p core.Payment) verdict {
	r := a.result
	if r.Exchange.Sent == core.SentNo && r.Outcome != core.OutcomeSucceeded && !a.leftToBrowser(p) {
		return a.notSent(p)
	}
	if reason := a.contradiction(p); reason != "" {
		return verdict{unknown: reason}
	}
	switch r.Outcome {
	case core.OutcomeSucceeded:
		return a.success(p)
	case core.OutcomeFailed:
		return verdict{state: core.PaymentFailed, failure: failureProvider}
	case core.OutcomeCanceled:
		return verdict{state: core.PaymentCanceled}
	case core.OutcomeClosed:
		return verdict{state: core.PaymentClosed}
	case core.OutcomeInProgress:
		return a.inProgress(p)
	case core.OutcomeRefused:
		return a.refusal(p)
	case core.OutcomeNotFound:
		return a.notFound(p)
	case core.OutcomeUnknown:
	}
	if ends(a.operation) && p.UnknownSince.IsZero() {
		// The payment itself was not in doubt; whether it was taken back is, so it is now.
		return verdict{unknown: doubtCancel}
	}
	return verdict{unknown: doubtAnswer}
}

// leftToBrowser says that the payer's browser, not we, sends the order to the provider.
func (a paymentAnswer) leftToBrowser(p core.Payment) bool {
	spec := methodOf(a.manifest, p.Method)
	return a.operation == core.CapCreatePayment && spec != nil && spec.Browser && a.result.Outcome == core.OutcomeInProgress
}

// notSent: the bytes never left. A new payment has failed; anything else is as before.
func (a paymentAnswer) notSent(p core.Payment) verdict {
	switch {
	case a.operation == core.CapCreatePayment && p.State == core.PaymentProcessing:
		return verdict{state: core.PaymentFailed, failure: failureNotSent}
	case a.operation == core.CapConfirmPayment && p.State == core.PaymentProcessing:
		return verdict{state: core.PaymentRequiresAction, open: true}
	}
	return verdict{unknown: p.UnknownReason}
}

// contradiction says why the answer cannot be about this payment, or "".
func (a paymentAnswer) contradiction(p core.Payment) string {
	r := a.result
	if r.OrderNo != "" && r.OrderNo != p.OrderNo {
		return doubtOtherOrder
	}
	if r.Amount.Currency != "" && r.Amount != p.Amount {
		return doubtOtherAmount
	}
	if p.ProviderOrderNo != "" && r.ProviderOrderNo != "" && p.ProviderOrderNo != r.ProviderOrderNo {
		return doubtOtherNumber
	}
	return ""
}

// success of a cancel means taken back. A query that was asked while a cancel was under
// way may tell the state before it took effect: ask again.
func (a paymentAnswer) success(p core.Payment) verdict {
	switch a.operation { //nolint:exhaustive // the rest is about the payment itself
	case core.CapCancelPayment:
		return verdict{state: core.PaymentCanceled}
	case core.CapClosePayment:
		return verdict{state: core.PaymentClosed}
	}
	if !p.CancelSentAt.IsZero() && a.started.Before(p.CancelSentAt.Add(a.callLimit)) && p.State != core.PaymentSucceeded {
		return verdict{unknown: doubtCanceling}
	}
	return verdict{state: core.PaymentSucceeded}
}

func (a paymentAnswer) inProgress(p core.Payment) verdict {
	v := verdict{open: true}
	switch {
	case ends(a.operation) && a.manifest.Cancel.Repeat > 0:
		return verdict{unknown: doubtCancelUnfinished}
	case a.operation == core.CapCreatePayment && a.result.NextAction != nil:
		v.state = core.PaymentRequiresAction
	case a.operation == core.CapCreatePayment:
		v.state = p.State
	case a.operation == core.CapQueryPayment && a.confirmIsOver(p):
		// The code was not taken: the payer may enter another.
		v.state = core.PaymentRequiresAction
	}
	return v
}

// confirmIsOver says that a code was handed in, no answer said that it was taken, and the
// question was asked when that call could not be running any more. An earlier question may
// have ended the doubt already: that the order is open does not say what became of the code.
func (a paymentAnswer) confirmIsOver(p core.Payment) bool {
	return p.State == core.PaymentProcessing && p.NextAction != nil && !p.ConfirmSentAt.IsZero() &&
		!a.started.Before(p.ConfirmSentAt.Add(a.callLimit))
}

// refusal of a new payment is confirmed by a query before it is believed; a refused
// query or cancel leaves the order as it was. When the question that was to confirm is
// refused as well (a key out of step), the order is in doubt and people must see it.
func (a paymentAnswer) refusal(p core.Payment) verdict {
	switch {
	case a.operation == core.CapCreatePayment:
		return verdict{refused: true}
	case a.operation == core.CapQueryPayment && !p.RefusedAt.IsZero():
		return verdict{unknown: doubtRefused}
	case a.operation == core.CapConfirmPayment && p.State == core.PaymentProcessing:
		return verdict{state: core.PaymentRequiresAction, open: true, ask: true}
	}
	return verdict{}
}

// notFound is failure only when the provider refused the order before, or when its own
// horizon has passed: a query can overtake the order.
func (a paymentAnswer) notFound(p core.Payment) verdict {
	if a.operation != core.CapQueryPayment {
		return verdict{unknown: doubtAbsent, absent: true}
	}
	if !p.RefusedAt.IsZero() {
		return verdict{state: core.PaymentFailed, failure: failureRefused}
	}
	if horizon := a.manifest.Poll.Horizon; horizon > 0 && a.started.Sub(p.CreatedAt) >= horizon {
		return verdict{state: core.PaymentFailed, failure: failureNotReceived}
	}
	return verdict{unknown: doubtAbsent, absent: true}
}

// said is what stays of the provider's words. That it knows nothing of what it refused (absent)
// confirms the refusal and takes no reason from those who read why.
func said(before, now core.ProviderText, absent bool) core.ProviderText {
	if now == (core.ProviderText{}) || absent && before != (core.ProviderText{}) {
		return before
	}
	return now
}

// note copies what the answer tells beside the outcome.
func (a paymentAnswer) note(p *core.Payment) {
	r := a.result
	if a.contradiction(*p) != "" {
		return
	}
	setIf(&p.ProviderOrderNo, r.ProviderOrderNo)
	setIf(&p.ChannelTradeNo, r.ChannelTradeNo)
	setIf(&p.PayerID, r.PayerID)
	setIf(&p.Channel, r.Channel)
	p.Provided = said(p.Provided, r.Provider, !p.RefusedAt.IsZero() && r.Outcome == core.OutcomeNotFound)
	switch {
	case r.NextAction != nil:
		p.NextAction = r.NextAction
		if r.NextAction.Type == core.ActionEnterCode {
			p.CodeSentAt = a.now
		}
	case a.operation == core.CapConfirmPayment && r.Outcome == core.OutcomeInProgress:
		p.NextAction = nil // the code was taken
	}
}

// settle writes the consequences of the verdict: doubt, failure, times, what is due next.
func (a paymentAnswer) settle(s *Service, c *paymentChange, v verdict) {
	p := &c.payment
	p.UpdatedAt = a.now
	if a.operation == core.CapQueryPayment {
		p.Checks++
	}
	if s.payments.Final(p.State) && p.State != core.PaymentExpired {
		again := !p.NextCheckAt.IsZero() && v.state == ""
		a.finish(p, v)
		if again { // see askAgain: the provider has not said yet what became of it
			p.NextCheckAt = nextCheck(a.manifest.Poll, p.CreatedAt, a.now, p.Checks)
		}
		return
	}
	switch {
	case v.refused:
		p.RefusedAt, c.confirm = a.now, true
	case v.unknown != "":
		if p.UnknownSince.IsZero() {
			p.UnknownSince = a.now
			c.events = append(c.events, "payment.unknown")
		}
		p.UnknownReason = v.unknown
	case v.open:
		p.UnknownSince, p.UnknownReason = time.Time{}, ""
	}
	c.confirm = c.confirm || v.ask
	p.NextCheckAt = nextCheck(a.manifest.Poll, p.CreatedAt, a.now, p.Checks)
	if v.unknown == doubtCancelUnfinished {
		p.NextCheckAt = a.now.Add(max(leastWait, a.manifest.Cancel.Repeat))
		return
	}
	a.considerCancel(c, v)
}

// finish clears what is due; a succeeded payment remembers when.
func (a paymentAnswer) finish(p *core.Payment, v verdict) {
	p.UnknownSince, p.UnknownReason = time.Time{}, ""
	p.NextCheckAt, p.CancelAt, p.NextAction = time.Time{}, time.Time{}, nil
	if v.failure != "" {
		p.FailureCode = v.failure
	}
	if p.State != core.PaymentSucceeded {
		p.SucceededAt, p.Fee = time.Time{}, 0 // people may have decided otherwise before
	}
	if p.State == core.PaymentSucceeded {
		p.FailureCode = ""
		if p.SucceededAt.IsZero() {
			p.SucceededAt = a.now
			if paid := a.result.PaidAt; !paid.IsZero() {
				p.SucceededAt = paid
			}
		}
	}
}

// considerCancel takes an order back that nobody paid in time: only when the provider
// says it is open or knows none, never when the provider itself is in doubt.
func (a paymentAnswer) considerCancel(c *paymentChange, v verdict) {
	p := &c.payment
	if p.CancelAt.IsZero() || ends(a.operation) {
		return
	}
	if a.now.Before(p.CancelAt) {
		p.NextCheckAt = earliest(p.NextCheckAt, p.CancelAt)
		return
	}
	if a.operation != core.CapQueryPayment || (!v.open && !v.absent) {
		return
	}
	repeat := a.manifest.Cancel.Repeat
	c.cancel = p.CancelSentAt.IsZero() || (repeat > 0 && a.now.Sub(p.CancelSentAt) >= repeat)
}

func setIf(field *string, value string) {
	if value != "" {
		*field = value
	}
}
