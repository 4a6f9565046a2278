package service

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// CreateRefund reserves the amount and writes the intent in one transaction, calls the
// provider, and records the outcome.
func (s *Service) CreateRefund(ctx context.Context, in core.CreateRefundInput) (core.RefundReply, error) {
	if err := checkRefundInput(in); err != nil {
		return core.RefundReply{}, err
	}
	id, tenant, err := s.allowAnywhere(ctx, "refunds", "create")
	if err != nil {
		return core.RefundReply{}, err
	}
	if tenant.IsZero() {
		if id, tenant, err = s.tenantOfPayment(ctx, in.PaymentID, "read"); err != nil {
			return core.RefundReply{}, err
		}
	}
	key := s.refundKey(id, in)
	payment, route, err := s.refundablePayment(ctx, id, tenant, in)
	if err != nil {
		saved, err := s.replayOr(ctx, tenant, key, err)
		return s.answerRefund(ctx, tenant, saved, true, in.Wait, err)
	}
	refund, err := s.newRefund(ctx, id, payment, in, key.ObjectID)
	if err != nil {
		return core.RefundReply{}, err
	}
	needed, err := s.neededApprovals(ctx, id, tenant, core.ApproveRefund, refund.Amount)
	if err != nil {
		return core.RefundReply{}, err
	}
	if needed > 0 {
		saved, replayed, err := s.holdRefund(ctx, id, payment, refund, key, needed)
		return s.answerRefund(ctx, tenant, saved, replayed, 0, err)
	}
	attempt := s.newAttempt(payment, refund.ID, core.CapCreateRefund)
	s.Hook("before_intent")
	payment, refund, replayed, err := s.reserveRefund(ctx, id, payment, refund, attempt, key, route.manifest.Refund.OneInFlight)
	if err != nil || replayed {
		return s.answerRefund(ctx, tenant, refund.ID, replayed, in.Wait, err)
	}
	s.Hook("after_intent")
	refund, err = s.sendRefund(context.WithoutCancel(ctx), payment, refund, attempt, route)
	if err != nil {
		return core.RefundReply{}, err
	}
	reply, err := s.answerRefund(ctx, tenant, refund.ID, false, in.Wait, nil)
	if err != nil {
		return core.RefundReply{Refund: refund}, nil //nolint:nilerr // as for a payment: what was recorded is the answer
	}
	return reply, nil
}

func checkRefundInput(in core.CreateRefundInput) error {
	if err := core.CheckAmount(in.Amount); err != nil {
		return err
	}
	if err := checkText("merchant_refund_no", in.MerchantRefundNo, 0, 64); err != nil {
		return err
	}
	return checkText("reason", in.Reason, 0, 200)
}

// refundablePayment reads the payment and says early and plainly what the guarded
// reservation would refuse anyway.
func (s *Service) refundablePayment(ctx context.Context, id core.Identity, tenant core.ID, in core.CreateRefundInput) (core.Payment, paymentRoute, error) {
	p, route, err := s.loadPayment(ctx, tenant, in.PaymentID)
	if err != nil {
		return p, route, err
	}
	switch {
	case !id.MayUseStore(p.StoreID):
		return p, route, core.NotFound("payment")
	case !offers(route.manifest, p.Method, core.CapCreateRefund):
		return p, route, core.Errorf(core.CodeNotSupported, "The provider offers no refund.")
	case p.State != core.PaymentSucceeded:
		return p, route, core.Errorf(core.CodeInvalidState, "Only a paid order can be refunded; this one is %s.", p.State)
	case in.Amount.Minor > p.Amount.Minor-p.Refunded:
		return p, route, exceeds(p)
	}
	if _, err := s.Keyring.Get(ctx, route.account.KeyPath(), route.account.KeyVersion); err != nil {
		return p, route, keysError(err)
	}
	return p, route, nil
}

func exceeds(p core.Payment) error {
	left := core.Money{Minor: p.Refundable(), Currency: p.Amount.Currency}
	return core.Errorf(core.CodeRefundExceeds, "At most %s can still be refunded.", left).At("amount").With("remaining", left.String())
}

func (s *Service) newRefund(ctx context.Context, id core.Identity, p core.Payment, in core.CreateRefundInput, refund core.ID) (core.Refund, error) {
	now := s.Clock()
	number, err := s.Database.NextOrderNo(ctx, now)
	if err != nil {
		return core.Refund{}, err
	}
	r := core.Refund{
		TenantID: p.TenantID, ID: refund, PaymentID: p.ID, RefundNo: number, MerchantRefundNo: in.MerchantRefundNo,
		AccountID: p.AccountID, Provider: p.Provider, Amount: in.Amount, Reason: in.Reason, State: core.RefundProcessing,
		NextCheckAt: now.Add(s.CallTimeout + answerMargin), CreatedBy: id.Actor, CreatedAt: now, SentAt: now, UpdatedAt: now, Version: 1,
	}
	if r.MerchantRefundNo == "" {
		r.MerchantRefundNo = number
	}
	return r, nil
}

// reserveRefund commits the reservation and the intent in one transaction.
func (s *Service) reserveRefund(ctx context.Context, id core.Identity, p core.Payment, r core.Refund, attempt core.Attempt, key core.IdempotencyKey, oneInFlight bool) (core.Payment, core.Refund, bool, error) {
	replayed := false
	err := s.Database.InTenant(ctx, p.TenantID, func(tx core.TenantTx) error {
		saved, err := tx.BeginIdempotent(ctx, key, r.CreatedAt)
		if err != nil {
			return err
		}
		if saved != nil {
			replayed, r.ID = true, saved.ObjectID
			return nil
		}
		if p, err = tx.ReserveRefund(ctx, p.ID, r.Amount.Minor, oneInFlight, r.CreatedAt); err != nil {
			return err
		}
		r.RefundedBefore = p.Refunded
		if err := tx.InsertRefund(ctx, r); err != nil {
			return err
		}
		if err := tx.InsertAttempt(ctx, attempt); err != nil {
			return err
		}
		return s.recordRefund(ctx, tx, id, r)
	})
	if core.CodeOf(err) == core.CodeOutcomeUnknown {
		// As for a payment: if it stands, the sweeper asks; nothing is sent from here.
		if stored, readErr := s.readRefund(ctx, p.TenantID, r.ID); readErr == nil {
			return p, stored, true, nil
		}
	}
	return p, r, replayed, err
}

func (s *Service) recordRefund(ctx context.Context, tx core.TenantTx, id core.Identity, r core.Refund) error {
	event, err := s.event(r.TenantID, "refund.created", r.ID, refundEvent(r))
	if err != nil {
		return err
	}
	event.CreatedAt = r.CreatedAt // its story begins with it, before the first call
	if err := tx.AppendEvent(ctx, event); err != nil {
		return err
	}
	entry, err := s.audit(id, r.TenantID, "refund.create", r.ID.Prefixed(core.PrefixRefund), nil, refundEvent(r))
	if err != nil {
		return err
	}
	return tx.AppendAudit(ctx, entry)
}

// sendRefund makes the one call of a new refund and records what came of it.
func (s *Service) sendRefund(ctx context.Context, p core.Payment, r core.Refund, attempt core.Attempt, route paymentRoute) (core.Refund, error) {
	r, change, notSent, err := s.refundExchange(ctx, p, r, attempt, route, s.Providers.CreateRefund)
	if err != nil {
		return r, unrecorded(err)
	}
	if change.confirm && offers(route.manifest, p.Method, core.CapQueryRefund) {
		// Should the question fail, the refund is as it was and due: the sweeper asks again.
		if asked, _, askErr := s.queryRefund(ctx, p, r, route); askErr == nil {
			r = asked
		}
	}
	if notSent != nil && r.FailureCode == failureNotSent {
		return r, notSent
	}
	return r, nil
}

// queryRefund asks once and records the answer. notSent is the reason when nothing left.
func (s *Service) queryRefund(ctx context.Context, p core.Payment, r core.Refund, route paymentRoute) (_ core.Refund, notSent, err error) {
	r, _, notSent, err = s.askRefund(ctx, p, r, route)
	return r, notSent, err
}

// askRefund is queryRefund with what the provider said.
func (s *Service) askRefund(ctx context.Context, p core.Payment, r core.Refund, route paymentRoute) (_ core.Refund, _ refundChange, notSent, err error) {
	attempt := s.newAttempt(p, r.ID, core.CapQueryRefund)
	err = s.Database.InTenant(ctx, p.TenantID, func(tx core.TenantTx) error { return tx.InsertAttempt(ctx, attempt) })
	if err != nil {
		return r, refundChange{refund: r}, nil, err
	}
	return s.refundExchange(ctx, p, r, attempt, route, s.Providers.QueryRefund)
}

type refundCall func(context.Context, core.ProviderCall, core.RefundRequest) (core.RefundResult, error)

// refundExchange makes one call about a refund and records it. notSent is the reason
// when nothing left.
func (s *Service) refundExchange(ctx context.Context, p core.Payment, r core.Refund, attempt core.Attempt, route paymentRoute, call refundCall) (core.Refund, refundChange, error, error) {
	var latest time.Time
	if attempt.Operation == core.CapCreateRefund {
		latest = r.NextCheckAt
	}
	var result core.RefundResult
	callCtx, stop, notSent := s.callUntil(ctx, latest)
	defer stop()
	if notSent == nil {
		result, notSent = call(callCtx, s.providerCall(ctx, p, attempt, route.account), core.RefundRequest{
			Payment: orderRef(p), RefundNo: r.RefundNo, Amount: r.Amount,
			RefundedBefore: core.Money{Minor: r.RefundedBefore, Currency: r.Amount.Currency}, Reason: r.Reason, Operator: r.CreatedBy, CreatedAt: r.Began(),
		})
	} else {
		result.Exchange.Sent = core.SentNo
	}
	if notSent != nil {
		if result.Outcome == "" {
			result.Outcome = core.OutcomeUnknown
		}
		result.Provider = core.ProviderText{Code: string(core.CodeOf(notSent)), Message: publicMessage(notSent)}
	}
	if result.Exchange.Sent != core.SentNo {
		notSent = nil
	}
	r, change, err := s.applyRefund(ctx, p.Method, r, attempt, result, route.manifest)
	change.result = result
	return r, change, notSent, err
}

// applyRefund records an answer: attempt, refund, reservation and events in one transaction.
func (s *Service) applyRefund(ctx context.Context, method core.Method, r core.Refund, attempt core.Attempt, result core.RefundResult, m core.Manifest) (core.Refund, refundChange, error) {
	attempt = s.finished(attempt, result.Outcome, result.Provider, result.Exchange)
	answer := refundAnswer{operation: attempt.Operation, started: attempt.StartedAt, result: result, manifest: m, method: method, now: attempt.FinishedAt}
	s.Hook("before_commit")
	for range 8 {
		var change refundChange
		err := s.Database.InTenant(ctx, r.TenantID, func(tx core.TenantTx) error {
			current, err := tx.Refund(ctx, r.ID)
			if err != nil {
				return err
			}
			if answer.blurred, err = s.isBlurred(ctx, tx, current, answer); err != nil {
				return err
			}
			if change, err = s.judgeRefund(current, answer); err != nil {
				return err
			}
			if change, err = s.writeRefund(ctx, tx, change, current); err != nil {
				return err
			}
			return s.closeAttempt(ctx, tx, attempt)
		})
		switch core.CodeOf(err) {
		case "":
			s.Hook("after_commit")
			return change.refund, change, nil
		case core.CodeConflict:
			continue
		case core.CodeOutcomeUnknown:
			stored, readErr := s.readRefund(ctx, r.TenantID, r.ID)
			return stored, refundChange{refund: stored}, readErr
		default:
			return r, change, err
		}
	}
	return r, refundChange{refund: r}, core.Errorf(core.CodeConflict, "The refund is being changed by others; try again.")
}

func (s *Service) writeRefund(ctx context.Context, tx core.TenantTx, c refundChange, current core.Refund) (refundChange, error) {
	if c.ruling.state == core.ResolutionCorrected {
		corrected, err := s.correctRefund(ctx, tx, c, current)
		if err != nil {
			return c, err
		}
		c = corrected
	}
	if !s.refunds.Final(current.State) || !current.ResolutionID.IsZero() {
		if err := tx.UpdateRefund(ctx, c.refund, current.State); err != nil {
			return c, err
		}
	}
	if c.settled {
		succeeded := c.refund.State == core.RefundSucceeded
		if err := tx.SettleReservation(ctx, c.refund.PaymentID, c.refund.Amount.Minor, succeeded, c.refund.UpdatedAt); err != nil {
			return c, err
		}
	}
	if err := s.bookRefund(ctx, tx, c.refund, current.State); err != nil {
		return c, err
	}
	for _, kind := range c.events {
		event, err := s.event(c.refund.TenantID, kind, c.refund.ID, refundEvent(c.refund))
		if err != nil {
			return c, err
		}
		if err := tx.AppendEvent(ctx, event); err != nil {
			return c, err
		}
	}
	return c, s.followRefund(ctx, tx, c, current.State)
}

func (s *Service) answerRefund(ctx context.Context, tenant, refund core.ID, replayed bool, wait time.Duration, err error) (core.RefundReply, error) {
	if err != nil {
		return core.RefundReply{}, err
	}
	var r core.Refund
	err = waitFor(ctx, wait, func() (bool, error) {
		r, err = s.readRefund(ctx, tenant, refund)
		return r.State != core.RefundProcessing, err
	})
	return core.RefundReply{Refund: r, Replayed: replayed}, err
}

func (s *Service) readRefund(ctx context.Context, tenant, id core.ID) (r core.Refund, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		r, err = tx.Refund(ctx, id)
		return err
	})
	return r, err
}

// refundEvent is what events and audit rows say of a refund.
func refundEvent(r core.Refund) map[string]any {
	out := map[string]any{
		"id": r.ID.Prefixed(core.PrefixRefund), "payment_id": r.PaymentID.Prefixed(core.PrefixPayment),
		"refund_no": r.RefundNo, "merchant_refund_no": r.MerchantRefundNo, "amount": r.Amount.Minor,
		"currency": string(r.Amount.Currency), "state": string(r.State), "reason": r.Reason,
	}
	if !r.UnknownSince.IsZero() {
		out["unknown_since"] = r.UnknownSince.UTC().Format(time.RFC3339)
		out["unknown_reason"] = r.UnknownReason
	}
	if r.FailureCode != "" {
		out["failure_code"] = r.FailureCode
		out["provider_message"] = r.Provided.Message
	}
	return out
}
