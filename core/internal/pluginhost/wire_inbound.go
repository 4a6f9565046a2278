package pluginhost

import (
	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

func same(s string) string { return s }

func cardToWire(c *core.Card) *providerpb.Card {
	if c == nil {
		return nil
	}
	return &providerpb.Card{
		BindId: c.BindID, UserId: valid(c.UserID), Type: c.Type, Number: c.Number.Reveal(), Expiry: c.Expiry.Reveal(), Cvn2: c.CVN2.Reveal(),
		HolderName: c.HolderName.Reveal(), IdType: c.IDType, IdNumber: c.IDNumber.Reveal(), Phone: c.Phone.Reveal(),
	}
}

func cardRefToWire(r core.CardRef) *providerpb.CardRef {
	return &providerpb.CardRef{BindId: r.BindID, UserId: valid(r.UserID), Extra: dictionary[string](r.Extra, valid)}
}

func boundCardFromWire(c *providerpb.BoundCard) core.BoundCard {
	return core.BoundCard{
		BindID: c.GetBindId(), UserID: c.GetUserId(), Masked: c.GetMasked(), BankCode: c.GetBankCode(), BankName: c.GetBankName(),
		CardType: c.GetCardType(), Phone: c.GetPhone(),
	}
}

func cardResultFromWire(r *providerpb.CardResult) core.CardResult {
	return core.CardResult{
		Outcome: outcome(r.GetOutcome()), Cards: list(r.GetCards(), boundCardFromWire), NextAction: actionFromWire(r.GetNextAction()),
		Provider: providerFromWire(r.GetProvider()),
	}
}

func payerRequestToWire(r core.PayerRequest) *providerpb.PayerRequest {
	return &providerpb.PayerRequest{
		Purpose: r.Purpose, Code: r.Code.Reveal(), Channel: r.Channel, ReturnUrl: valid(r.ReturnURL),
		Query: dictionary[string](r.Query, valid), Extra: dictionary[string](r.Extra, valid),
	}
}

func payerResultFromWire(r *providerpb.PayerResult) core.PayerResult {
	return core.PayerResult{
		Outcome: outcome(r.GetOutcome()), PayerID: r.GetPayerId(), NextAction: actionFromWire(r.GetNextAction()), Provider: providerFromWire(r.GetProvider()),
	}
}

func inboundRequestToWire(r core.InboundRequest) *providerpb.InboundRequest {
	return &providerpb.InboundRequest{
		Kind: r.Kind, Method: r.Method, Path: valid(r.Path), Query: valid(r.Query), Headers: dictionary[string](r.Headers, valid), Body: r.Body,
	}
}

func inboundResultFromWire(r *providerpb.InboundResult) core.InboundResult {
	return core.InboundResult{
		Verified: r.GetVerified(), Nonce: r.GetNonce(), Events: list(r.GetEvents(), inboundEventFromWire), Ask: r.GetAsk(),
		Answer: inboundAnswerFromWire(r.GetAnswer()), Unknown: present(r.GetUnknown(), inboundAnswerFromWire), Provider: providerFromWire(r.GetProvider()),
	}
}

func inboundAnswerFromWire(a *providerpb.InboundAnswer) core.InboundAnswer {
	return core.InboundAnswer{Status: int(a.GetStatus()), Headers: dictionary[string](a.GetHeaders(), same), Body: a.GetBody()}
}

func inboundEventFromWire(e *providerpb.InboundEvent) core.InboundEvent {
	return core.InboundEvent{
		Type: e.GetType(), ID: e.GetId(), Payment: present(e.GetPayment(), paymentResultFromWire), Refund: present(e.GetRefund(), refundResultFromWire),
		Payout: present(e.GetPayout(), payoutResultFromWire), Values: dictionary[string](e.GetValues(), same),
		Secrets: dictionary[string](e.GetSecrets(), core.NewSecret),
	}
}
