package service

import (
	"context"
	"slices"

	"github.com/zhanggui-pay/zhanggui/core"
)

// A case stands for every order in doubt: opened with the doubt, and closed with it.

// followPayment keeps the payment's case and the decision it stands on in step with a change.
func (s *Service) followPayment(ctx context.Context, tx core.TenantTx, c paymentChange) error {
	p := c.payment
	if slices.Contains(c.events, "payment.unknown") {
		doubt := paymentCase(p, core.CaseUnknownPayment, p.UnknownReason)
		if err := s.openDoubt(ctx, tx, doubt, paymentEvent(p)); err != nil {
			return err
		}
	}
	if c.answered {
		if err := s.endDoubt(ctx, tx, core.CaseUnknownPayment, p.ID, core.CaseAnswered); err != nil {
			return err
		}
	}
	return s.applyRuling(ctx, tx, c.ruling, core.Alert{TenantID: p.TenantID, ObjectID: p.ID, ObjectKind: kindPayment, Object: p.OrderNo})
}

// followRefund is followPayment for a refund. from is the state before.
func (s *Service) followRefund(ctx context.Context, tx core.TenantTx, c refundChange, from core.RefundState) error {
	r := c.refund
	about := core.Case{TenantID: r.TenantID, ObjectID: r.ID, ObjectKind: kindRefund, AccountID: r.AccountID}
	if slices.Contains(c.events, "refund.unknown") {
		about.Kind, about.Reason = core.CaseUnknownRefund, r.UnknownReason
		if err := s.openDoubt(ctx, tx, about, refundEvent(r)); err != nil {
			return err
		}
	}
	if c.answered {
		if err := s.endDoubt(ctx, tx, core.CaseUnknownRefund, r.ID, core.CaseAnswered); err != nil {
			return err
		}
	}
	alert := core.Alert{TenantID: r.TenantID, ObjectID: r.ID, ObjectKind: kindRefund, Object: r.RefundNo}
	switch c.ruling.state {
	case core.ResolutionCorrected:
		about.Kind, about.Reason = core.CaseDecisionCorrected, c.ruling.say
		alert.Kind, alert.Severity, alert.Args = core.AlertCorrection, core.SeverityCritical, map[string]string{"from": string(from), "to": string(r.State)}
		if err := s.raise(ctx, tx, alert); err != nil {
			return err
		}
	case core.ResolutionDisputed:
		about.Kind, about.Reason = core.CaseDecisionDisputed, c.ruling.say
	default:
		return s.applyRuling(ctx, tx, c.ruling, alert)
	}
	if err := s.openCase(ctx, tx, about); err != nil {
		return err
	}
	return s.applyRuling(ctx, tx, c.ruling, alert)
}

// openDoubt opens the case of an order in doubt; order is what events say of it.
func (s *Service) openDoubt(ctx context.Context, tx core.TenantTx, c core.Case, order map[string]any) error {
	details, err := marshal(order)
	if err != nil {
		return err
	}
	c.Details = details
	return s.openCase(ctx, tx, c)
}

// endDoubt closes the case of an order that is not in doubt any more. A decision about it that
// waits for the second person has been overtaken.
func (s *Service) endDoubt(ctx context.Context, tx core.TenantTx, kind core.CaseKind, object core.ID, how core.CaseClosing) error {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return err
	}
	if how == core.CaseAnswered {
		id.Actor = systemActor // the provider's word did it, whoever asked
	}
	open, err := tx.Cases(ctx, core.CaseFilter{ObjectID: object, Kinds: []core.CaseKind{kind}, Open: true})
	if err != nil {
		return err
	}
	for _, c := range open {
		c.Closing = how
		if _, err := s.closeCase(ctx, tx, id, c); err != nil && core.CodeOf(err) != core.CodeInvalidState {
			return err
		}
	}
	if how != core.CaseAnswered || len(open) == 0 {
		return nil
	}
	return s.overtake(ctx, tx, id, object)
}

// closeCase ends a case and tells of it. Errors: CodeInvalidState when it is closed already.
func (s *Service) closeCase(ctx context.Context, tx core.TenantTx, id core.Identity, c core.Case) (core.Case, error) {
	c.ClosedAt, c.ClosedBy = s.Clock(), id.Actor
	if err := tx.CloseCase(ctx, c); err != nil {
		return c, err
	}
	event, err := s.event(c.TenantID, "case.closed", c.ID, map[string]any{
		"id": c.ID.Prefixed(core.PrefixCase), "kind": string(c.Kind), "object_kind": c.ObjectKind, "object_id": c.ObjectID.String(),
		"closing": string(c.Closing), "closed_by": c.ClosedBy,
	})
	if err != nil {
		return c, err
	}
	return c, tx.AppendEvent(ctx, event)
}

// overtake ends the decision about an order that waits for the second person, and its approval.
func (s *Service) overtake(ctx context.Context, tx core.TenantTx, id core.Identity, object core.ID) error {
	all, err := tx.Resolutions(ctx, object)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.State != core.ResolutionPending {
			continue
		}
		if err := s.withdrawPending(ctx, tx, id, r.ID); err != nil {
			return err
		}
		r.State, r.EndedAt = core.ResolutionOvertaken, s.Clock()
		if err := tx.UpdateResolution(ctx, r, core.ResolutionPending); err != nil {
			return err
		}
	}
	return nil
}

// withdrawPending ends the approval of an object that waits, because there is nothing to decide
// any more.
func (s *Service) withdrawPending(ctx context.Context, tx core.TenantTx, id core.Identity, object core.ID) error {
	waiting, err := tx.Approvals(ctx, core.ApprovalFilter{ObjectID: object, States: []core.ApprovalState{core.ApprovalPending}})
	if err != nil {
		return err
	}
	for _, a := range waiting {
		a.State, a.DecidedAt = core.ApprovalWithdrawn, s.Clock()
		if err := tx.UpdateApproval(ctx, a); err != nil {
			return err
		}
		if err := s.recordApproval(ctx, tx, id, a, "withdraw", "approval.withdrawn", nil); err != nil {
			return err
		}
	}
	return nil
}

// ruling is what the provider's word does to a decision of people.
type ruling struct {
	of    core.ID // the decision; zero: there was none
	state core.ResolutionState
	say   string // the state that the provider's word means
}

// applyRuling records what became of a decision; one that is contradicted and cannot be
// corrected needs a person now. about brings what an alert is about.
func (s *Service) applyRuling(ctx context.Context, tx core.TenantTx, r ruling, about core.Alert) error {
	if r.of.IsZero() {
		return nil
	}
	resolution, err := tx.Resolution(ctx, r.of)
	if err != nil {
		return err
	}
	from := resolution.State
	resolution.State, resolution.EndedAt, resolution.ProviderSay = r.state, s.Clock(), r.say
	if err := tx.UpdateResolution(ctx, resolution, from); err != nil {
		return err
	}
	if r.state != core.ResolutionDisputed {
		return nil
	}
	about.Kind, about.Severity = core.AlertResolutionDisputed, core.SeverityCritical
	about.Args = map[string]string{"from": string(resolution.Outcome), "to": r.say}
	return s.raise(ctx, tx, about)
}

// correctRefund moves the money of a refund whose state was decided otherwise by people. Where
// others were refunded meanwhile and it would be more than was paid, nothing is invented: the
// state stays, and people are told.
func (s *Service) correctRefund(ctx context.Context, tx core.TenantTx, c refundChange, current core.Refund) (refundChange, error) {
	delta := c.refund.Amount.Minor
	if c.refund.State == core.RefundFailed {
		delta = -delta
	}
	err := tx.CorrectRefunded(ctx, c.refund.PaymentID, delta, c.refund.UpdatedAt)
	if core.CodeOf(err) != core.CodeRefundExceeds {
		return c, err
	}
	disputed := refundChange{refund: current, events: []string{"refund.disagrees"}}
	disputed.refund.UpdatedAt, disputed.refund.NextCheckAt = c.refund.UpdatedAt, c.refund.NextCheckAt
	disputed.ruling = ruling{of: current.ResolutionID, state: core.ResolutionDisputed, say: string(c.refund.State)}
	return disputed, nil
}

// isBlurred says that the answer about a decided refund may show a later refund of the same
// payment: the provider only tells what is left of the order.
func (s *Service) isBlurred(ctx context.Context, tx core.TenantTx, r core.Refund, a refundAnswer) (bool, error) {
	if r.ResolutionID.IsZero() || a.manifest.Refund.Conclusive || a.operation != core.CapQueryRefund {
		return false, nil
	}
	all, err := tx.Refunds(ctx, core.RefundFilter{PaymentID: r.PaymentID, Page: core.Page{Limit: 200}})
	return slices.ContainsFunc(all, func(o core.Refund) bool { return o.ID != r.ID && o.WasSent() && o.Began().After(r.Began()) }), err
}
