package service

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// orderAnswer is what a provider says of one order, as a line of a bill, or why it could not be asked.
type orderAnswer struct {
	line core.StoredLine
	away *shortfall
}

// askAbout asks about an order as a person's question does: the answer is applied to the order
// first, with all that follows from it, and is the bill's line besides.
func (s *Service) askAbout(ctx context.Context, tenant core.ID, o core.SweptOrder) (orderAnswer, error) {
	switch o.Kind { //nolint:exhaustive // the others are no orders of ours
	case core.MovementRefund:
		return s.askAboutRefund(ctx, tenant, o)
	case core.MovementPayout:
		return s.askAboutPayout(ctx, tenant, o)
	}
	return s.askAboutPayment(ctx, tenant, o)
}

func (s *Service) askAboutPayment(ctx context.Context, tenant core.ID, o core.SweptOrder) (orderAnswer, error) {
	p, route, err := s.loadPayment(ctx, tenant, o.ID)
	if err != nil {
		return unaskable(o, err)
	}
	p, change, err := s.exchange(ctx, p, route, core.CapQueryPayment)
	if err != nil {
		return orderAnswer{}, err
	}
	r := change.result
	return answered(o, orderWord{
		number: r.OrderNo, providerNumber: orText(r.ProviderOrderNo, p.ProviderOrderNo), outcome: r.Outcome, amount: r.Amount, at: r.PaidAt, method: orText(r.Channel, p.Channel),
		provided: r.Provider, sent: r.Exchange.Sent, ours: p.Amount, oursAt: p.SucceededAt,
	}, change.notSent), nil
}

func (s *Service) askAboutRefund(ctx context.Context, tenant core.ID, o core.SweptOrder) (orderAnswer, error) {
	r, p, route, err := s.loadRefund(ctx, tenant, o.ID)
	if err != nil {
		return unaskable(o, err)
	}
	r, change, notSent, err := s.askRefund(ctx, p, r, route)
	if err != nil {
		return orderAnswer{}, err
	}
	said := change.result
	return answered(o, orderWord{
		number: said.RefundNo, providerNumber: orText(said.ProviderRefundNo, r.ProviderRefundNo), outcome: said.Outcome, amount: said.Amount, at: said.RefundedAt,
		method: p.Channel, provided: said.Provider, sent: said.Exchange.Sent, ours: r.Amount, oursAt: r.SucceededAt,
	}, notSent), nil
}

func (s *Service) askAboutPayout(ctx context.Context, tenant core.ID, o core.SweptOrder) (orderAnswer, error) {
	p, route, err := s.loadPayout(ctx, tenant, o.ID)
	if err != nil {
		return unaskable(o, err)
	}
	p, change, notSent, err := s.askPayout(ctx, p, route)
	if err != nil {
		return orderAnswer{}, err
	}
	said := change.result
	return answered(o, orderWord{
		number: said.OrderNo, providerNumber: orText(said.ProviderOrderNo, p.ProviderPayoutNo), outcome: said.Outcome, amount: said.Amount, fee: said.Fee, at: said.PaidAt,
		method: p.Channel, provided: said.Provider, sent: said.Exchange.Sent, ours: p.Amount, oursAt: orTime(p.PaidAt, p.FinishedAt),
	}, notSent), nil
}

// unaskable is for an order that could not be read: a provider whose plugin is away is away.
func unaskable(_ core.SweptOrder, err error) (orderAnswer, error) {
	if core.CodeOf(err) == core.CodeProviderUnavailable {
		return orderAnswer{away: notAskedFor(err)}, nil
	}
	return orderAnswer{}, err
}

// orderWord is what an answer says of an order, and what we hold where it says nothing.
type orderWord struct {
	number, providerNumber string
	outcome                core.Outcome
	amount, fee            core.Money
	at                     time.Time
	method                 string
	provided               core.ProviderText
	sent                   core.Sent
	ours                   core.Money
	oursAt                 time.Time
}

// answered makes an answer a line. What is about another order, or a refusal to answer, says
// nothing about this one.
func answered(o core.SweptOrder, word orderWord, notSent error) orderAnswer {
	if word.sent == core.SentNo && (notSent == nil || core.CodeOf(notSent) != core.CodeInvalidRequest) {
		away := &shortfall{reason: reasonNoAnswer, provided: word.provided}
		if notSent != nil {
			away = notAskedFor(notSent)
		}
		return orderAnswer{away: away}
	}
	line := core.StoredLine{
		Kind: o.Kind, Number: o.Number, ProviderNumber: word.providerNumber, Outcome: word.outcome, Amount: word.amount, Fee: word.fee, At: word.at,
		Method: word.method, Status: word.provided.Code,
	}
	if word.number != "" && word.number != o.Number || word.outcome == core.OutcomeRefused || word.outcome == "" || notSent != nil {
		line.Outcome = core.OutcomeUnknown
	}
	if line.Amount.Currency == "" {
		line.Amount = word.ours
	}
	if line.At.IsZero() && line.Outcome == core.OutcomeSucceeded {
		line.At = word.oursAt
	}
	return orderAnswer{line: line}
}

func orTime(t, otherwise time.Time) time.Time {
	if t.IsZero() {
		return otherwise
	}
	return t
}
