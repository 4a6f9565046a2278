package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The kinds of objects that callbacks and cases are about.
const (
	kindPayment = "payment"
	kindPayout  = "payout"
	kindRefund  = "refund"
	kindMember  = "member"
	kindAccount = "account"
	kindDay     = "reconciliation"
)

// applied is what one event of a callback did.
type applied struct {
	effect core.CallbackEffect
	object core.ID
	kind   string // of the object
	reason string
	opened *core.Case
}

// effectRank orders the effects of one callback's events: the row shows the weightiest.
func effectRank(e core.CallbackEffect) int {
	switch e {
	case core.CallbackDisagrees:
		return 4
	case core.CallbackApplied:
		return 3
	case core.CallbackRepeated:
		return 2
	case core.CallbackNotKnown:
		return 1
	case core.CallbackReceived, core.CallbackRefused, core.CallbackReplayed, core.CallbackAsked, core.CallbackFailed:
	}
	return 0
}

// applyInbound applies every event of a verified request and answers. An error means that it
// could not be recorded: the provider sends it again, and applying is repeatable.
func (s *Service) applyInbound(ctx context.Context, in inbound, result core.InboundResult) (core.InboundAnswer, error) {
	var weightiest applied
	var opened *core.Case
	known := false
	for _, event := range result.Events {
		a, err := s.applyEvent(ctx, in, event)
		if err != nil {
			return core.InboundAnswer{}, err
		}
		known = known || a.effect != core.CallbackNotKnown
		if a.opened != nil {
			opened = a.opened
		}
		if effectRank(a.effect) > effectRank(weightiest.effect) {
			weightiest = a
		}
	}
	if weightiest.effect == "" {
		weightiest.effect = core.CallbackRepeated // it was authentic and said nothing new
		known = true
	}
	answer := result.Answer
	if !known && result.Unknown != nil {
		answer = *result.Unknown
	}
	c := in.callback
	c.Effect, c.ObjectID, c.ObjectKind = weightiest.effect, weightiest.object, weightiest.kind
	c.Reason, c.Answer = weightiest.reason, answer.Status
	return answer, s.finishInbound(ctx, c, opened)
}

func (s *Service) applyEvent(ctx context.Context, in inbound, e core.InboundEvent) (applied, error) {
	switch {
	case e.Type == core.InboundPayment && e.Payment != nil:
		return s.applyPaymentEvent(ctx, in, *e.Payment)
	case e.Type == core.InboundRefund && e.Refund != nil:
		return s.applyRefundEvent(ctx, in, *e.Refund)
	case e.Type == core.InboundMemberOpened, e.Type == core.InboundMemberClosed, e.Type == core.InboundMemberPhone:
		return s.applyMemberEvent(ctx, in, e)
	}
	return applied{effect: core.CallbackNotKnown, reason: "event_not_known"}, nil
}

// applyPaymentEvent judges a callback as the answer to a question, except that one which
// contradicts what we hold changes nothing at all.
func (s *Service) applyPaymentEvent(ctx context.Context, in inbound, r core.PaymentResult) (applied, error) {
	p, err := s.paymentOfNumber(ctx, in.account.TenantID, r.OrderNo)
	if core.CodeOf(err) == core.CodeNotFound {
		return in.stranger("order_not_known", r.OrderNo), nil
	}
	if err != nil {
		return applied{}, err
	}
	r.Exchange.Sent = core.SentMaybe
	attempt := s.newAttempt(p, core.ID{}, core.CapInbound)
	doubt := paymentAnswer{operation: core.CapInbound, result: r}.contradiction(p)
	if p.AccountID != in.account.ID {
		doubt = doubtOtherAccount
	}
	if doubt != "" {
		disagreement := paymentCase(p, core.CaseCallbackDisagrees, doubt)
		return applied{effect: core.CallbackDisagrees, object: p.ID, kind: kindPayment, reason: doubt, opened: &disagreement}, nil
	}
	if r.Outcome == core.OutcomeUnknown || r.Outcome == core.OutcomeRefused || r.Outcome == core.OutcomeNotFound || r.Outcome == "" {
		// It says nothing of use; the question is asked by itself.
		s.askSoon(ctx, p)
		return applied{effect: core.CallbackRepeated, object: p.ID, kind: kindPayment, reason: doubtAnswer}, nil
	}
	before := p.State
	p, change, err := s.applyPayment(ctx, p, attempt, r, in.manifest)
	switch {
	case err != nil:
		return applied{}, err
	case len(change.cases) > 0 && p.State == before:
		return applied{effect: core.CallbackDisagrees, object: p.ID, kind: kindPayment, reason: string(r.Outcome)}, nil
	case p.State == before:
		return applied{effect: core.CallbackRepeated, object: p.ID, kind: kindPayment}, nil
	}
	return applied{effect: core.CallbackApplied, object: p.ID, kind: kindPayment}, nil
}

// stranger is authentic and about an order that we do not have, for instance because it was
// made after the backup that this database was restored from: the provider may hold money.
func (in inbound) stranger(reason string, numbers ...string) applied {
	details, err := json.Marshal(map[string]any{"numbers": numbers, "callback": in.callback.ID.String()})
	if err != nil {
		details = nil // the callback itself is kept
	}
	return applied{effect: core.CallbackNotKnown, reason: reason, opened: &core.Case{
		TenantID: in.account.TenantID, Kind: core.CaseCallbackStranger, ObjectID: in.account.ID, ObjectKind: kindAccount,
		AccountID: in.account.ID, Reason: reason, Details: details,
	}}
}

// applyRefundEvent finds the refund by its own number, or by its payment's where that is all
// the provider tells: then the one refund in flight with that amount.
func (s *Service) applyRefundEvent(ctx context.Context, in inbound, r core.RefundResult) (applied, error) {
	refund, p, err := s.refundOfEvent(ctx, in.account.TenantID, r)
	if core.CodeOf(err) == core.CodeNotFound {
		return in.stranger("refund_not_known", r.RefundNo, r.OrderNo), nil
	}
	if err != nil {
		return applied{}, err
	}
	// Only what names the refund itself can take the place of people's decision about it.
	decides := r.RefundNo == refund.RefundNo && !refund.ResolutionID.IsZero()
	r.RefundNo, r.Exchange.Sent = refund.RefundNo, core.SentMaybe
	attempt := s.newAttempt(p, refund.ID, core.CapInbound)
	doubt := refundAnswer{result: r}.contradiction(refund)
	if refund.AccountID != in.account.ID {
		doubt = doubtOtherAccount
	}
	if doubt == "" && !decides && s.refunds.Final(refund.State) && (refundAnswer{result: r}).disagrees(refund) {
		doubt = "final_state"
	}
	if doubt != "" {
		return applied{effect: core.CallbackDisagrees, object: refund.ID, kind: kindRefund, reason: doubt, opened: &core.Case{
			TenantID: refund.TenantID, Kind: core.CaseCallbackDisagrees, ObjectID: refund.ID, ObjectKind: kindRefund, AccountID: refund.AccountID, Reason: doubt,
		}}, nil
	}
	if r.Outcome != core.OutcomeSucceeded && r.Outcome != core.OutcomeFailed || !decides && !refund.ResolutionID.IsZero() {
		return applied{effect: core.CallbackRepeated, object: refund.ID, kind: kindRefund}, nil
	}
	before := refund.State
	refund, _, err = s.applyRefund(ctx, p.Method, refund, attempt, r, in.manifest)
	if err != nil {
		return applied{}, err
	}
	if refund.State == before {
		return applied{effect: core.CallbackRepeated, object: refund.ID, kind: kindRefund}, nil
	}
	return applied{effect: core.CallbackApplied, object: refund.ID, kind: kindRefund}, nil
}

func (s *Service) refundOfEvent(ctx context.Context, tenant core.ID, r core.RefundResult) (refund core.Refund, p core.Payment, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		for _, number := range []string{r.RefundNo, r.OrderNo} {
			if number == "" {
				continue
			}
			if refund, err = tx.RefundByNo(ctx, number); core.CodeOf(err) != core.CodeNotFound {
				break
			}
			if refund, err = soleRefund(ctx, tx, number, r.Amount); core.CodeOf(err) != core.CodeNotFound {
				break
			}
		}
		if err != nil {
			return err
		}
		if refund.ID.IsZero() {
			return core.NotFound("refund")
		}
		p, err = tx.Payment(ctx, refund.PaymentID)
		return err
	})
	return refund, p, err
}

// soleRefund is the one refund of the order with that number which the amount can mean.
func soleRefund(ctx context.Context, tx core.TenantTx, orderNo string, amount core.Money) (core.Refund, error) {
	p, err := tx.PaymentByOrderNo(ctx, orderNo)
	if err != nil {
		return core.Refund{}, err
	}
	all, err := tx.Refunds(ctx, core.RefundFilter{PaymentID: p.ID, Page: core.Page{Limit: 200}})
	if err != nil {
		return core.Refund{}, err
	}
	all = slices.DeleteFunc(all, func(r core.Refund) bool { return !r.WasSent() })
	var open, done []core.Refund
	for _, r := range all {
		switch {
		case amount.Currency != "" && r.Amount != amount:
		case r.State == core.RefundProcessing:
			open = append(open, r)
		default:
			done = append(done, r)
		}
	}
	switch {
	case len(open) == 1:
		return open[0], nil
	case len(open) == 0 && len(done) == 1:
		return done[0], nil
	case len(all) == 1:
		return all[0], nil // another amount than asked for: the caller sees the contradiction
	}
	return core.Refund{}, core.NotFound("refund")
}

// memberTries bounds how often two callbacks about one member get in each other's way.
const memberTries = 4

// applyMemberEvent opens, closes or changes a member. Its phone is kept sealed.
func (s *Service) applyMemberEvent(ctx context.Context, in inbound, e core.InboundEvent) (applied, error) {
	uid := e.Values["uid"]
	if uid == "" {
		return applied{effect: core.CallbackNotKnown, reason: "no_uid"}, nil
	}
	for range memberTries {
		a, err := s.changeMember(ctx, in, e, uid)
		if !errors.Is(err, &core.Error{Code: core.CodeConflict}) {
			return a, err
		}
	}
	return applied{}, core.Errorf(core.CodeConflict, "The member is being changed by others.")
}

func (s *Service) changeMember(ctx context.Context, in inbound, e core.InboundEvent, uid string) (applied, error) {
	var was core.Member
	err := s.Database.InTenant(ctx, in.account.TenantID, func(tx core.TenantTx) (err error) {
		was, err = tx.MemberByUID(ctx, uid)
		return err
	})
	fresh := core.CodeOf(err) == core.CodeNotFound
	if err != nil && !fresh {
		return applied{}, err
	}
	if fresh && e.Type != core.InboundMemberOpened {
		return applied{effect: core.CallbackNotKnown, reason: "member_not_known"}, nil
	}
	m, changed, err := s.nextMember(ctx, in, e, was, fresh)
	if err != nil {
		return applied{}, err
	}
	if !changed {
		return applied{effect: core.CallbackRepeated, object: m.ID, kind: kindMember}, nil
	}
	event, err := s.event(m.TenantID, e.Type, m.ID, map[string]any{
		"id": m.ID.Prefixed(core.PrefixMember), "uid": m.UID, "state": string(m.State), "phone": m.PhoneDisplay,
	})
	if err != nil {
		return applied{}, err
	}
	err = s.Database.InTenant(ctx, m.TenantID, func(tx core.TenantTx) error {
		if fresh {
			err = tx.InsertMember(ctx, m)
		} else {
			err = tx.UpdateMember(ctx, m, was)
		}
		if err != nil {
			return err
		}
		return tx.AppendEvent(ctx, event)
	})
	return applied{effect: core.CallbackApplied, object: m.ID, kind: kindMember}, err
}

func (s *Service) nextMember(ctx context.Context, in inbound, e core.InboundEvent, was core.Member, fresh bool) (core.Member, bool, error) {
	now := s.Clock()
	m := was
	if fresh {
		m = core.Member{TenantID: in.account.TenantID, ID: core.NewID(now), UID: e.Values["uid"], CreatedAt: now}
	}
	m.UpdatedAt = now
	switch e.Type {
	case core.InboundMemberOpened:
		m.State, m.AccountID, m.Provider = core.MemberActive, in.account.ID, in.account.Provider
	case core.InboundMemberClosed:
		m.State = core.MemberClosed
	}
	samePhone, err := s.keepPhone(ctx, &m, e.Secrets["phone"])
	if err != nil {
		return m, false, err
	}
	return m, fresh || m.State != was.State || m.AccountID != was.AccountID || !samePhone, nil
}

// keepPhone seals a phone number that was told, unless it is the one that is kept.
func (s *Service) keepPhone(ctx context.Context, m *core.Member, phone core.Secret) (same bool, err error) {
	if phone.Empty() {
		return true, nil
	}
	if len(m.PhoneSealed) > 0 {
		kept, err := s.Sealer.Open(ctx, m.TenantID, core.MemberPurpose(m.ID), m.PhoneSealed)
		if err != nil {
			return false, err
		}
		if bytes.Equal(kept, phone.Reveal()) {
			return true, nil
		}
	}
	m.PhoneDisplay = maskPhone(string(phone.Reveal()))
	m.PhoneSealed, err = s.Sealer.Seal(ctx, m.TenantID, core.MemberPurpose(m.ID), phone.Reveal())
	return false, err
}

// maskPhone shows the first 3 and the last 4 digits.
func maskPhone(phone string) string {
	if len(phone) < 8 {
		return "****"
	}
	return phone[:3] + "****" + phone[len(phone)-4:]
}
