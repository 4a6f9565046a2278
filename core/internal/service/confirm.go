package service

import (
	"context"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// ConfirmPayment hands in the code the payer received: noted first, sent once, recorded.
func (s *Service) ConfirmPayment(ctx context.Context, payment core.ID, code core.Secret) (core.Payment, error) {
	if !digits(string(code.Reveal()), 4, 8) {
		return core.Payment{}, core.Errorf(core.CodeInvalidRequest, "The code has 4 to 8 digits.").At("code")
	}
	p, route, err := s.openPayment(ctx, payment, "create")
	if err != nil {
		return p, err
	}
	if err := awaitsCode(p, route.manifest); err != nil {
		return p, err
	}
	if route.card, err = s.cardOf(ctx, p.TenantID, route.account, core.CreatePaymentInput{BoundCardID: boundFor(p)}); err != nil {
		return p, err
	}
	// The client may go away; the call and its outcome may not.
	work := context.WithoutCancel(ctx)
	p, attempt, err := s.writeConfirm(work, p)
	if err != nil {
		return p, err
	}
	return s.sendConfirm(work, p, attempt, route, code)
}

// boundFor is the card that is paid with; a card that the payment itself binds is none.
func boundFor(p core.Payment) core.ID {
	if p.Method != core.MethodBoundCard {
		return core.ID{}
	}
	return p.BoundCardID
}

func awaitsCode(p core.Payment, m core.Manifest) error {
	switch {
	case !offers(m, p.Method, core.CapConfirmPayment):
		return core.Errorf(core.CodeNotSupported, "This payment needs no code.")
	case p.State != core.PaymentRequiresAction || p.NextAction == nil || p.NextAction.Type != core.ActionEnterCode:
		return core.Errorf(core.CodeInvalidState, "The payment is %s and awaits no code.", p.State)
	case !p.UnknownSince.IsZero():
		return core.Errorf(core.CodeInvalidState, "The payment's outcome is in doubt; ask the provider first.")
	}
	return nil
}

// writeConfirm commits that a code is on its way: from here on the sweeper asks.
func (s *Service) writeConfirm(ctx context.Context, p core.Payment) (core.Payment, core.Attempt, error) {
	now := s.Clock()
	from := p.State
	p.State, p.ConfirmSentAt, p.UpdatedAt, p.NextCheckAt = core.PaymentProcessing, now, now, now.Add(s.CallTimeout+answerMargin)
	attempt := s.newAttempt(p, core.ID{}, core.CapConfirmPayment)
	err := s.Database.InTenant(ctx, p.TenantID, func(tx core.TenantTx) error {
		if err := s.writePayment(ctx, tx, &paymentChange{payment: p, changed: true, events: []string{"payment.processing"}}, from); err != nil {
			return err
		}
		return tx.InsertAttempt(ctx, attempt)
	})
	p.Version++
	return p, attempt, err
}

func (s *Service) sendConfirm(ctx context.Context, p core.Payment, attempt core.Attempt, route paymentRoute, code core.Secret) (core.Payment, error) {
	var result core.PaymentResult
	callCtx, stop, err := s.callUntil(ctx, p.NextCheckAt)
	defer stop()
	if err == nil {
		result, err = s.Providers.ConfirmPayment(callCtx, s.providerCall(ctx, p, attempt, route.account), core.ConfirmRequest{
			Payment: orderRef(p), Code: code, Card: route.card,
		})
	} else {
		result.Exchange.Sent = core.SentNo
	}
	result, notSent := settleCallError(result, err)
	p, change, err := s.applyPayment(ctx, p, attempt, result, route.manifest)
	if err != nil {
		return p, unrecorded(err)
	}
	if notSent != nil {
		return p, notSent
	}
	if change.confirm || result.Outcome == core.OutcomeInProgress {
		// Should the question fail, the payment is as it was and due: the sweeper asks again.
		if asked, _, askErr := s.queryPayment(ctx, p, route); askErr == nil {
			p = asked
		}
	}
	if result.Outcome == core.OutcomeRefused && p.State == core.PaymentRequiresAction {
		return p, core.Errorf(core.CodeProviderRefused, "The provider did not take the code: %s %s", result.Provider.Code, result.Provider.Message).At("code")
	}
	return p, nil
}

// ResendCode has the payer sent another code, not sooner than the provider allows.
func (s *Service) ResendCode(ctx context.Context, payment core.ID) (core.Payment, error) {
	p, route, err := s.openPayment(ctx, payment, "create")
	if err != nil {
		return p, err
	}
	if err := awaitsCode(p, route.manifest); err != nil {
		return p, err
	}
	if !offers(route.manifest, p.Method, core.CapResendCode) {
		return p, core.Errorf(core.CodeNotSupported, "The provider sends no second code for this payment.")
	}
	if err := s.tooEarly(p.CodeSentAt, route.manifest.ResendAfter); err != nil {
		return p, err
	}
	work := context.WithoutCancel(ctx)
	attempt := s.newAttempt(p, core.ID{}, core.CapResendCode)
	p.CodeSentAt, p.UpdatedAt = attempt.StartedAt, attempt.StartedAt
	// The time is written before the call: two at once cannot both pass.
	err = s.Database.InTenant(work, p.TenantID, func(tx core.TenantTx) error {
		if err := tx.UpdatePayment(work, p, p.State); err != nil {
			return err
		}
		return tx.InsertAttempt(work, attempt)
	})
	if err != nil {
		return p, err
	}
	p.Version++
	callCtx, stop := context.WithTimeout(work, s.CallTimeout)
	defer stop()
	result, err := s.Providers.ResendCode(callCtx, s.providerCall(work, p, attempt, route.account), orderRef(p))
	attempt = s.finished(attempt, result.Outcome, result.Provider, result.Exchange)
	if recorded := s.Database.InTenant(work, p.TenantID, func(tx core.TenantTx) error { return tx.FinishAttempt(work, attempt) }); recorded != nil {
		return p, recorded
	}
	switch {
	case err != nil:
		return p, err
	case result.Outcome == core.OutcomeRefused || result.Outcome == core.OutcomeFailed:
		return p, core.Errorf(core.CodeProviderRefused, "The provider sent no code: %s %s", result.Provider.Code, result.Provider.Message)
	}
	return p, nil
}

// tooEarly refuses what the provider wants a wait before.
func (s *Service) tooEarly(last time.Time, least time.Duration) error {
	wait := least - s.Clock().Sub(last)
	if last.IsZero() || wait <= 0 {
		return nil
	}
	seconds := strconv.Itoa(int((wait + time.Second - 1) / time.Second))
	return core.Errorf(core.CodeTooEarly, "The provider sends at most one code in %d seconds; nothing was sent. Try again in %s seconds.",
		int(least/time.Second), seconds).With("seconds", seconds)
}
