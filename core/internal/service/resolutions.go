package service

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// failureDecided is the failure code of an order that people decided to have failed.
const failureDecided = "decided"

// doubtful is an order in doubt, as far as settling it needs to know.
type doubtful struct {
	amount  core.Money
	inDoubt bool
	order   map[string]any // as events say of it
}

// settler knows how one kind of object is settled by people. Both run in a transaction.
type settler struct {
	look   func(ctx context.Context, tx core.TenantTx, object core.ID) (doubtful, error)
	settle func(ctx context.Context, tx core.TenantTx, r core.Resolution) error
}

// settlers is the one table of what people can settle, by the kind of object.
func (s *Service) settlers() map[string]settler {
	return map[string]settler{
		kindPayment: {look: lookAtPayment, settle: s.settlePayment},
		kindRefund:  {look: lookAtRefund, settle: s.settleRefund},
		kindPayout:  {look: lookAtPayout, settle: s.settlePayout},
	}
}

// ResolveCase asks a second person to settle an order in doubt.
func (s *Service) ResolveCase(ctx context.Context, id core.ID, in core.ResolveInput) (core.Resolution, core.Approval, error) {
	who, tenant, err := s.personMay(ctx, id, "resolve")
	if err != nil {
		return core.Resolution{}, core.Approval{}, err
	}
	if err := checkResolveInput(in); err != nil {
		return core.Resolution{}, core.Approval{}, err
	}
	c, order, err := s.doubtOf(ctx, tenant, id)
	if err != nil {
		return core.Resolution{}, core.Approval{}, err
	}
	needed, err := s.neededApprovals(ctx, who, tenant, core.ApproveResolution, order.amount)
	if err != nil {
		return core.Resolution{}, core.Approval{}, err
	}
	now := s.Clock()
	r := core.Resolution{
		TenantID: tenant, ID: core.NewID(now), CaseID: c.ID, ObjectID: c.ObjectID, ObjectKind: c.ObjectKind, Amount: order.amount, Outcome: in.Outcome,
		EvidenceNo: in.EvidenceNo, Note: in.Note, State: core.ResolutionPending, MadeBy: who.Actor, CreatedAt: now,
	}
	a := core.Approval{TenantID: tenant, ID: core.NewID(now), Kind: core.ApproveResolution, ObjectID: r.ID, Amount: r.Amount, Needed: max(needed, 1), Note: r.Note}
	if a.Summary, err = marshal(resolutionSummary(r, order)); err != nil {
		return r, a, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if err := tx.InsertResolution(ctx, r); err != nil {
			return err
		}
		return s.askApproval(ctx, tx, who, a)
	})
	if err != nil && core.CodeOf(err) != core.CodeOutcomeUnknown {
		return r, a, err
	}
	// After a lost answer to the commit, what stands in the database says whether it was asked.
	a, err = s.readApproval(ctx, tenant, a.ID)
	return r, a, err
}

// doubtOf reads the case and refuses when it is not about an order that is in doubt now.
func (s *Service) doubtOf(ctx context.Context, tenant, id core.ID) (c core.Case, order doubtful, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if c, err = tx.Case(ctx, id); err != nil {
			return err
		}
		kind, ok := s.settlers()[c.ObjectKind]
		if !c.Kind.AboutDoubt() || !ok {
			return core.Errorf(core.CodeInvalidState, "The case is not about an order in doubt: close it when it is dealt with.")
		}
		if order, err = kind.look(ctx, tx, c.ObjectID); err != nil {
			return err
		}
		if !c.ClosedAt.IsZero() || !order.inDoubt {
			return noLongerInDoubt()
		}
		return nil
	})
	return c, order, err
}

func noLongerInDoubt() error {
	return core.Errorf(core.CodeInvalidState, "The order is not in doubt any more: the provider has answered.")
}

func checkResolveInput(in core.ResolveInput) error {
	if in.Outcome != core.ResolveSucceeded && in.Outcome != core.ResolveFailed {
		return core.Errorf(core.CodeInvalidRequest, "Say whether the order succeeded or failed.").At("outcome")
	}
	if err := checkText("evidence_no", in.EvidenceNo, 1, 64); err != nil {
		return err
	}
	return checkText("note", in.Note, 1, 200)
}

// resolutionSummary is what the second person is shown.
func resolutionSummary(r core.Resolution, order doubtful) map[string]any {
	return map[string]any{
		"case_id": r.CaseID.Prefixed(core.PrefixCase), "object_kind": r.ObjectKind, "outcome": string(r.Outcome), "evidence_no": r.EvidenceNo,
		"note": r.Note, "order": order.order,
	}
}

// resolutionApproved gives the order the state that was decided.
func (s *Service) resolutionApproved(ctx context.Context, tx core.TenantTx, a core.Approval) error {
	r, err := tx.Resolution(ctx, a.ObjectID)
	if err != nil {
		return err
	}
	kind, ok := s.settlers()[r.ObjectKind]
	if r.State != core.ResolutionPending || !ok {
		return noLongerInDoubt()
	}
	r.State, r.AppliedAt = core.ResolutionApplied, a.DecidedAt
	if err := tx.UpdateResolution(ctx, r, core.ResolutionPending); err != nil {
		return err
	}
	return kind.settle(ctx, tx, r)
}

// resolutionNotApproved leaves the order in doubt.
func (s *Service) resolutionNotApproved(ctx context.Context, tx core.TenantTx, a core.Approval) error {
	r, err := tx.Resolution(ctx, a.ObjectID)
	if err != nil {
		return err
	}
	r.State, r.EndedAt = core.ResolutionRefused, a.DecidedAt
	return tx.UpdateResolution(ctx, r, core.ResolutionPending)
}

func lookAtPayment(ctx context.Context, tx core.TenantTx, object core.ID) (doubtful, error) {
	p, err := tx.Payment(ctx, object)
	return doubtful{amount: p.Amount, inDoubt: !p.UnknownSince.IsZero(), order: paymentEvent(p)}, err
}

func lookAtRefund(ctx context.Context, tx core.TenantTx, object core.ID) (doubtful, error) {
	r, err := tx.Refund(ctx, object)
	return doubtful{amount: r.Amount, inDoubt: !r.UnknownSince.IsZero(), order: refundEvent(r)}, err
}

// settlePayment gives a payment in doubt the state that people decided. The provider is still
// asked, now and then, until its word confirms or corrects it.
func (s *Service) settlePayment(ctx context.Context, tx core.TenantTx, r core.Resolution) error {
	p, err := tx.Payment(ctx, r.ObjectID)
	if err != nil {
		return err
	}
	if p.UnknownSince.IsZero() {
		return noLongerInDoubt()
	}
	from, to := p.State, core.PaymentFailed
	if r.Outcome == core.ResolveSucceeded {
		to = core.PaymentSucceeded
	}
	if _, err := s.payments.Check(from, to, false); err != nil {
		return err
	}
	before := paymentEvent(p)
	p.State, p.ResolutionID, p.UnknownSince, p.UnknownReason, p.UpdatedAt = to, r.ID, time.Time{}, "", r.AppliedAt
	p.NextAction, p.CancelAt = nil, time.Time{}
	if to == core.PaymentSucceeded {
		p.SucceededAt = r.AppliedAt
	} else {
		p.FailureCode = failureDecided
	}
	p.NextCheckAt = s.afterDecision(p.Provider, p.Method, core.CapQueryPayment, p.CreatedAt, r.AppliedAt, p.Checks)
	change := paymentChange{payment: p, changed: true, events: []string{"payment." + string(to), "payment.resolved"}}
	if err := s.writePayment(ctx, tx, &change, from); err != nil {
		return err
	}
	return s.recordDecision(ctx, tx, r, core.CaseUnknownPayment, p.ID.Prefixed(core.PrefixPayment), before, paymentEvent(change.payment))
}

// settleRefund is settlePayment for a refund: its reservation ends with it.
func (s *Service) settleRefund(ctx context.Context, tx core.TenantTx, r core.Resolution) error {
	current, err := tx.Refund(ctx, r.ObjectID)
	if err != nil {
		return err
	}
	if current.UnknownSince.IsZero() {
		return noLongerInDoubt()
	}
	to := core.RefundFailed
	if r.Outcome == core.ResolveSucceeded {
		to = core.RefundSucceeded
	}
	if _, err := s.refunds.Check(current.State, to, false); err != nil {
		return err
	}
	p, err := tx.Payment(ctx, current.PaymentID)
	if err != nil {
		return err
	}
	next := current
	next.State, next.ResolutionID, next.UnknownSince, next.UnknownReason, next.UpdatedAt = to, r.ID, time.Time{}, "", r.AppliedAt
	if to == core.RefundSucceeded {
		next.SucceededAt = r.AppliedAt
	} else {
		next.FailureCode = failureDecided
	}
	next.NextCheckAt = s.afterDecision(next.Provider, p.Method, core.CapQueryRefund, next.Began(), r.AppliedAt, next.Checks)
	change := refundChange{refund: next, settled: true, events: []string{"refund." + string(to), "refund.resolved"}}
	if _, err := s.writeRefund(ctx, tx, change, current); err != nil {
		return err
	}
	return s.recordDecision(ctx, tx, r, core.CaseUnknownRefund, next.ID.Prefixed(core.PrefixRefund), refundEvent(current), refundEvent(next))
}

// recordDecision closes the case and writes who decided what upon which evidence.
func (s *Service) recordDecision(ctx context.Context, tx core.TenantTx, r core.Resolution, kind core.CaseKind, object string, before, after map[string]any) error {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return err
	}
	after["decision"] = map[string]any{
		"id": r.ID.Prefixed(core.PrefixResolution), "outcome": string(r.Outcome), "evidence_no": r.EvidenceNo, "note": r.Note, "made_by": r.MadeBy,
	}
	entry, err := s.audit(id, r.TenantID, r.ObjectKind+".resolve", object, before, after)
	if err != nil {
		return err
	}
	if err := tx.AppendAudit(ctx, entry); err != nil {
		return err
	}
	return s.endDoubt(ctx, tx, kind, r.ObjectID, core.CaseSettled)
}

// afterDecision is when the provider is asked again about an order that people settled; zero
// when it has no question for it.
func (s *Service) afterDecision(provider string, method core.Method, question core.Capability, began, now time.Time, checks int) time.Time {
	m, err := s.Providers.Manifest(provider)
	switch {
	case err != nil:
		return now.Add(defaultTail) // the plugin is away; it is asked for again then
	case !offers(m, method, question):
		return time.Time{}
	}
	return nextCheck(m.Poll, began, now, checks)
}
