package service

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// turnWait and longestTurnWait bound how long an approved refund waits before it looks again
// whether the refund before it has ended.
const (
	turnWait        = 5 * time.Second
	longestTurnWait = 10 * time.Minute
)

// holdRefund writes a refund that needs a second person, with its reservation. Nothing is sent.
func (s *Service) holdRefund(ctx context.Context, id core.Identity, p core.Payment, r core.Refund, key core.IdempotencyKey, needed int) (refund core.ID, replayed bool, err error) {
	r.State, r.NextCheckAt, r.SentAt = core.RefundPendingApproval, time.Time{}, time.Time{}
	summary, err := marshal(refundSummary(p, r))
	if err != nil {
		return r.ID, false, err
	}
	err = s.Database.InTenant(ctx, p.TenantID, func(tx core.TenantTx) error {
		saved, err := tx.BeginIdempotent(ctx, key, r.CreatedAt)
		if err != nil {
			return err
		}
		if saved != nil {
			replayed, r.ID = true, saved.ObjectID
			return nil
		}
		if _, err := tx.HoldRefund(ctx, p.ID, r.Amount.Minor, r.CreatedAt); err != nil {
			return err
		}
		if err := tx.InsertRefund(ctx, r); err != nil {
			return err
		}
		if err := s.recordRefund(ctx, tx, id, r); err != nil {
			return err
		}
		return s.askApproval(ctx, tx, id, core.Approval{
			TenantID: r.TenantID, Kind: core.ApproveRefund, ObjectID: r.ID, Amount: r.Amount, Needed: needed, Summary: summary, Note: r.Reason,
		})
	})
	if core.CodeOf(err) == core.CodeOutcomeUnknown {
		if _, readErr := s.readRefund(ctx, p.TenantID, r.ID); readErr == nil {
			return r.ID, true, nil
		}
	}
	return r.ID, replayed, err
}

// refundSummary is what the second person is shown.
func refundSummary(p core.Payment, r core.Refund) map[string]any {
	return map[string]any{
		"payment_id": p.ID.Prefixed(core.PrefixPayment), "order_no": p.OrderNo, "merchant_order_no": p.MerchantOrderNo, "paid": p.Amount.Minor,
		"refunded": p.Refunded, "refund_no": r.RefundNo, "merchant_refund_no": r.MerchantRefundNo, "provider": r.Provider,
		"subject": p.Subject, "reason": r.Reason,
	}
}

// refundReady refuses an agreement while the refund could not be sent.
func (s *Service) refundReady(ctx context.Context, a core.Approval) error {
	_, _, route, err := s.loadRefund(ctx, a.TenantID, a.ObjectID)
	if err != nil {
		return err
	}
	if _, err := s.Keyring.Get(ctx, route.account.KeyPath(), route.account.KeyVersion); err != nil {
		return keysError(err)
	}
	return nil
}

// refundApproved lets a refund go out: it is due at once, and sent by whoever comes first.
func (s *Service) refundApproved(ctx context.Context, tx core.TenantTx, a core.Approval) error {
	r, err := tx.Refund(ctx, a.ObjectID)
	if err != nil {
		return err
	}
	r.ApprovedAt, r.NextCheckAt = a.DecidedAt, a.DecidedAt
	return s.endHold(ctx, tx, r, core.RefundProcessing, "refund.approved", a.DecidedAt)
}

// refundNotApproved rejects a refund and gives back what was reserved for it.
func (s *Service) refundNotApproved(ctx context.Context, tx core.TenantTx, a core.Approval) error {
	r, err := tx.Refund(ctx, a.ObjectID)
	if err != nil {
		return err
	}
	if err := tx.ReleaseHeld(ctx, r.PaymentID, r.Amount.Minor, a.DecidedAt); err != nil {
		return err
	}
	r.FailureCode = failureOf(a.State)
	return s.endHold(ctx, tx, r, core.RefundRejected, "refund.rejected", a.DecidedAt)
}

func (s *Service) endHold(ctx context.Context, tx core.TenantTx, r core.Refund, to core.RefundState, kind string, now time.Time) error {
	from := r.State
	if _, err := s.refunds.Check(from, to, false); err != nil {
		return err
	}
	r.State, r.UpdatedAt = to, now
	if err := tx.UpdateRefund(ctx, r, from); err != nil {
		return err
	}
	event, err := s.event(r.TenantID, kind, r.ID, refundEvent(r))
	if err != nil {
		return err
	}
	return tx.AppendEvent(ctx, event)
}

// sendApprovedRefund sends a refund right after the last agreement. When that fails, it is due.
func (s *Service) sendApprovedRefund(ctx context.Context, a core.Approval) {
	s.Hook("after_approval")
	r, p, route, err := s.loadRefund(ctx, a.TenantID, a.ObjectID)
	if err == nil && r.ToBeSent() {
		_, err = s.sendApproved(ctx, r, p, route)
	}
	if err != nil {
		s.Logger.WarnContext(ctx, "an approved refund could not be sent at once; it is due", "refund", a.ObjectID.Prefixed(core.PrefixRefund), "error", err)
	}
}

// sendApproved makes the one call of a refund that was approved. The attempt is written
// first, under the refund's guard: of any number of nodes that find it to be sent, one sends.
func (s *Service) sendApproved(ctx context.Context, r core.Refund, p core.Payment, route paymentRoute) (core.Refund, error) {
	if _, err := s.Keyring.Get(ctx, route.account.KeyPath(), route.account.KeyVersion); err != nil {
		return r, keysError(err)
	}
	attempt := s.newAttempt(p, r.ID, core.CapCreateRefund)
	var mine bool
	err := s.Database.InTenant(ctx, r.TenantID, func(tx core.TenantTx) (err error) {
		p, r, mine, err = s.takeTurn(ctx, tx, p, r, attempt, route.manifest.Refund.OneInFlight)
		return err
	})
	switch code := core.CodeOf(err); {
	case code == core.CodeConflict, code == core.CodeOutcomeUnknown:
		// Another node has it, or nobody knows whether it was written: nothing is sent from here.
		return s.readRefund(ctx, r.TenantID, r.ID)
	case err != nil || !mine:
		return r, err
	}
	s.Hook("after_intent")
	r, err = s.sendRefund(context.WithoutCancel(ctx), p, r, attempt, route)
	if s.refunds.Final(r.State) {
		return r, nil // also when it is recorded as not sent: nothing is left to do
	}
	return r, err
}

// takeTurn writes down that the refund is being sent now, or puts it off while the provider
// takes one at a time and another has no outcome yet.
func (s *Service) takeTurn(ctx context.Context, tx core.TenantTx, p core.Payment, r core.Refund, attempt core.Attempt, oneInFlight bool) (core.Payment, core.Refund, bool, error) {
	now := attempt.StartedAt
	r.UpdatedAt = now
	current, err := tx.StartHeld(ctx, p.ID, r.Amount.Minor, oneInFlight, now)
	if core.CodeOf(err) == core.CodeRefundInFlight {
		r.NextCheckAt = now.Add(min(max(turnWait, now.Sub(r.ApprovedAt)/10), longestTurnWait))
		return p, r, false, tx.UpdateRefund(ctx, r, r.State)
	}
	if err != nil {
		return p, r, false, err
	}
	r.RefundedBefore, r.SentAt, r.NextCheckAt = current.Refunded, now, now.Add(s.CallTimeout+answerMargin)
	if err := tx.UpdateRefund(ctx, r, r.State); err != nil {
		return p, r, false, err
	}
	return current, r, true, tx.InsertAttempt(ctx, attempt)
}
