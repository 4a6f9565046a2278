package service

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// sendPayout makes the one call of an approved payout. What says that it was begun is
// committed before anything is sent, so whoever comes later asks and never sends again.
func (s *Service) sendPayout(ctx context.Context, p core.Payout, route payoutRoute) error {
	payee, err := s.openPayee(ctx, p)
	if err != nil {
		return err // nothing was begun: it stays due
	}
	if held := s.holdBack(ctx, p, route); held != nil {
		return s.keepBack(ctx, p, held)
	}
	s.Hook("before_intent")
	attempt := s.payoutAttempt(p, core.CapCreatePayout)
	p, begun, err := s.beginSend(ctx, p, attempt)
	if err != nil || !begun {
		return err
	}
	s.Hook("after_intent")
	p, change, _, err := s.payoutExchange(ctx, p, attempt, route, p.NextCheckAt, func(ctx context.Context, call core.ProviderCall) (core.PayoutResult, error) {
		return s.Providers.CreatePayout(ctx, call, payoutRequest(p, payee))
	})
	if err != nil || !change.confirm {
		return err
	}
	// Should the question fail, the payout is as it was and due: the sweeper asks again.
	_, _, err = s.queryPayout(ctx, p, route)
	return err
}

// beginSend is the guarded step between approved and sent: of any number of nodes that see
// the payout due, one gets through. begun is false when another did, or when the commit's
// answer was lost: then the row says whether to ask or to begin anew.
func (s *Service) beginSend(ctx context.Context, p core.Payout, attempt core.Attempt) (_ core.Payout, begun bool, err error) {
	now := s.Clock()
	err = s.Database.InTenant(ctx, p.TenantID, func(tx core.TenantTx) error {
		current, err := tx.Payout(ctx, p.ID)
		if err != nil {
			return err
		}
		if current.State != core.PayoutProcessing || !current.SentAt.IsZero() {
			p = current
			return core.Errorf(core.CodeConflict, "The payout was begun by another.")
		}
		p = current
		p.SentAt, p.UpdatedAt, p.WaitReason = now, now, ""
		p.NextCheckAt = now.Add(s.CallTimeout + answerMargin)
		if err := tx.UpdatePayout(ctx, p, core.PayoutProcessing); err != nil {
			return err
		}
		p.Version++
		if err := tx.InsertAttempt(ctx, attempt); err != nil {
			return err
		}
		event, err := s.event(p.TenantID, "payout.sent", p.ID, payoutEvent(p))
		if err != nil {
			return err
		}
		return tx.AppendEvent(ctx, event)
	})
	if code := core.CodeOf(err); code == core.CodeConflict || code == core.CodeOutcomeUnknown {
		stored, err := s.readPayout(ctx, p.TenantID, p.ID)
		return stored, false, err
	}
	return p, err == nil, err
}

// keepBack leaves an approved payout unsent for now, or ends it when waiting does not help:
// nothing was sent then, and nothing will be.
func (s *Service) keepBack(ctx context.Context, p core.Payout, held *holding) error {
	now := s.Clock()
	err := s.Database.InTenant(ctx, p.TenantID, func(tx core.TenantTx) error {
		current, err := tx.Payout(ctx, p.ID)
		if err != nil || current.State != core.PayoutProcessing || !current.SentAt.IsZero() {
			return err
		}
		c := payoutChange{payout: current}
		c.payout.UpdatedAt = now
		switch {
		case held.until.IsZero():
			c.payout.State, c.payout.FailureCode, c.payout.WaitReason = core.PayoutFailed, held.reason, ""
			c.payout.Provided.Message = held.sentence
			c.payout.FinishedAt, c.payout.NextCheckAt = now, time.Time{}
			c.events = []string{"payout.failed"}
		default:
			if current.WaitReason != held.reason {
				c.events = []string{"payout.waiting"}
			}
			c.payout.WaitReason, c.payout.NextCheckAt = held.reason, held.until
		}
		return s.writePayout(ctx, tx, &c, current.State)
	})
	if core.CodeOf(err) == core.CodeConflict {
		return nil // somebody else was faster: it is as they left it
	}
	return err
}

// queryPayout asks once and records the answer. notSent is the reason when nothing left.
func (s *Service) queryPayout(ctx context.Context, p core.Payout, route payoutRoute) (_ core.Payout, notSent, err error) {
	p, _, notSent, err = s.askPayout(ctx, p, route)
	return p, notSent, err
}

// askPayout is queryPayout with what the provider said.
func (s *Service) askPayout(ctx context.Context, p core.Payout, route payoutRoute) (_ core.Payout, _ payoutChange, notSent, err error) {
	attempt := s.payoutAttempt(p, core.CapQueryPayout)
	err = s.Database.InTenant(ctx, p.TenantID, func(tx core.TenantTx) error { return tx.InsertAttempt(ctx, attempt) })
	if err != nil {
		return p, payoutChange{payout: p}, nil, err
	}
	return s.payoutExchange(ctx, p, attempt, route, time.Time{}, func(ctx context.Context, call core.ProviderCall) (core.PayoutResult, error) {
		return s.Providers.QueryPayout(ctx, call, core.PayoutRef{
			OrderNo: p.PayoutNo, ProviderOrderNo: p.ProviderPayoutNo, Channel: p.Channel, Amount: p.Amount, CreatedAt: p.SentAt,
		})
	})
}

func (s *Service) payoutAttempt(p core.Payout, operation core.Capability) core.Attempt {
	now := s.Clock()
	return core.Attempt{
		TenantID: p.TenantID, ID: core.NewID(now), PayoutID: p.ID, AccountID: p.AccountID, Operation: operation, Sent: core.SentMaybe, StartedAt: now,
	}
}

// payoutExchange makes one call about a payout and records it. notSent is the reason when
// nothing left. latest is as for callUntil.
func (s *Service) payoutExchange(ctx context.Context, p core.Payout, attempt core.Attempt, route payoutRoute, latest time.Time,
	call func(context.Context, core.ProviderCall) (core.PayoutResult, error),
) (_ core.Payout, _ payoutChange, notSent, err error) {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return p, payoutChange{payout: p}, nil, err
	}
	var result core.PayoutResult
	callCtx, stop, notSent := s.callUntil(ctx, latest)
	defer stop()
	if notSent == nil {
		about := s.accountCall(ctx, id, route.account, attempt.Operation, p.PayoutNo)
		about.AttemptID = attempt.ID
		result, notSent = call(callCtx, about)
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
	p, change, err := s.applyPayout(ctx, p, attempt, result, route.manifest)
	change.result = result
	return p, change, notSent, err
}

// applyPayout records an answer: attempt, payout, events and cases in one transaction. When
// the payout changed meanwhile the answer is judged anew.
func (s *Service) applyPayout(ctx context.Context, p core.Payout, attempt core.Attempt, result core.PayoutResult, m core.Manifest) (core.Payout, payoutChange, error) {
	attempt = s.finished(attempt, result.Outcome, result.Provider, result.Exchange)
	answer := payoutAnswer{operation: attempt.Operation, started: attempt.StartedAt, result: result, manifest: m, now: attempt.FinishedAt}
	s.Hook("before_commit")
	for range 8 {
		var change payoutChange
		err := s.Database.InTenant(ctx, p.TenantID, func(tx core.TenantTx) error {
			current, err := tx.Payout(ctx, p.ID)
			if err != nil {
				return err
			}
			if change, err = s.judgePayout(current, answer); err != nil {
				return err
			}
			if err := s.writePayout(ctx, tx, &change, current.State); err != nil {
				return err
			}
			if change.returned {
				if err := s.raise(ctx, tx, returnedAlert(change.payout)); err != nil {
					return err
				}
			}
			return tx.FinishAttempt(ctx, attempt)
		})
		switch core.CodeOf(err) {
		case "":
			s.Hook("after_commit")
			change.payout.Version++
			return change.payout, change, nil
		case core.CodeConflict:
			continue
		case core.CodeOutcomeUnknown:
			stored, readErr := s.readPayout(ctx, p.TenantID, p.ID)
			return stored, payoutChange{payout: stored}, readErr
		default:
			return p, change, err
		}
	}
	return p, payoutChange{payout: p}, core.Errorf(core.CodeConflict, "The payout is being changed by others; try again.")
}

// writePayout writes a change with its events and cases, charges a success, and keeps the
// books and the day's limits in step.
func (s *Service) writePayout(ctx context.Context, tx core.TenantTx, c *payoutChange, from core.PayoutState) error {
	if err := s.chargePayout(ctx, tx, &c.payout, from); err != nil {
		return err
	}
	if err := tx.UpdatePayout(ctx, c.payout, from); err != nil {
		return err
	}
	if err := s.recountSpend(ctx, tx, payoutSpend(c.payout), from.Counts(), c.payout.State.Counts()); err != nil {
		return err
	}
	if err := s.bookPayout(ctx, tx, c.payout, from); err != nil {
		return err
	}
	for _, kind := range c.events {
		event, err := s.event(c.payout.TenantID, kind, c.payout.ID, payoutEvent(c.payout))
		if err != nil {
			return err
		}
		if err := tx.AppendEvent(ctx, event); err != nil {
			return err
		}
	}
	for kind, reason := range c.cases {
		if err := s.openCase(ctx, tx, payoutCase(c.payout, kind, reason)); err != nil {
			return err
		}
	}
	return s.followPayout(ctx, tx, *c, from)
}

// returnedAlert tells people that a payee does not have the money.
func returnedAlert(p core.Payout) core.Alert {
	return core.Alert{
		TenantID: p.TenantID, Kind: core.AlertPayoutReturned, Severity: core.SeverityCritical, ObjectID: p.ID, ObjectKind: kindPayout, Object: p.PayoutNo,
		Args: map[string]string{"amount": p.Amount.String()},
	}
}

func payoutCase(p core.Payout, kind core.CaseKind, reason string) core.Case {
	return core.Case{TenantID: p.TenantID, Kind: kind, ObjectID: p.ID, ObjectKind: kindPayout, AccountID: p.AccountID, Reason: reason}
}

// payoutEvent is what events and audit rows say of a payout. The payee is in it masked.
func payoutEvent(p core.Payout) map[string]any {
	out := map[string]any{
		"id": p.ID.Prefixed(core.PrefixPayout), "payout_no": p.PayoutNo, "merchant_payout_no": p.MerchantPayoutNo, "amount": p.Amount.Minor,
		"currency": string(p.Amount.Currency), "source": p.Source, "state": string(p.State), "fee": p.Fee, "payee_name": p.PayeeName, "payee_number": p.PayeeNumber,
	}
	if !p.BatchID.IsZero() {
		out["batch_id"] = p.BatchID.Prefixed(core.PrefixPayoutBatch)
	}
	if p.WaitReason != "" {
		out["wait_reason"] = p.WaitReason
	}
	if !p.UnknownSince.IsZero() {
		out["unknown_since"] = p.UnknownSince.UTC().Format(time.RFC3339)
		out["unknown_reason"] = p.UnknownReason
	}
	if p.FailureCode != "" {
		out["failure_code"] = p.FailureCode
		out["provider_message"] = p.Provided.Message
	}
	return out
}
