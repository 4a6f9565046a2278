package sdk

import providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"

func cardToWire(c *Card) *providerpb.Card {
	if c == nil {
		return nil
	}
	return &providerpb.Card{
		BindId: c.BindID, UserId: c.UserID, Type: c.Type, Number: secretToWire(c.Number), Expiry: secretToWire(c.Expiry), Cvn2: secretToWire(c.CVN2),
		HolderName: secretToWire(c.HolderName), IdType: c.IDType, IdNumber: secretToWire(c.IDNumber), Phone: secretToWire(c.Phone),
	}
}

func cardFromWire(c *providerpb.Card) *Card {
	if c == nil {
		return nil
	}
	return &Card{
		BindID: c.GetBindId(), UserID: c.GetUserId(), Type: c.GetType(), Number: secretFromWire(c.GetNumber()), Expiry: secretFromWire(c.GetExpiry()), CVN2: secretFromWire(c.GetCvn2()),
		HolderName: secretFromWire(c.GetHolderName()), IDType: c.GetIdType(), IDNumber: secretFromWire(c.GetIdNumber()), Phone: secretFromWire(c.GetPhone()),
	}
}

func bindCardToWire(r BindCardRequest) *providerpb.BindCardRequest {
	return &providerpb.BindCardRequest{OrderNo: r.OrderNo, Card: cardToWire(&r.Card), Code: secretToWire(r.Code), Extra: stringsMap(r.Extra)}
}

func bindCardFromWire(r *providerpb.BindCardRequest) BindCardRequest {
	out := BindCardRequest{OrderNo: r.GetOrderNo(), Code: secretFromWire(r.GetCode()), Extra: stringsMap(r.GetExtra())}
	if card := cardFromWire(r.GetCard()); card != nil {
		out.Card = *card
	}
	return out
}

func cardRefToWire(r CardRef) *providerpb.CardRef {
	return &providerpb.CardRef{BindId: r.BindID, UserId: r.UserID, Extra: stringsMap(r.Extra)}
}

func cardRefFromWire(r *providerpb.CardRef) CardRef {
	return CardRef{BindID: r.GetBindId(), UserID: r.GetUserId(), Extra: stringsMap(r.GetExtra())}
}

func cardResultToWire(r CardResult) *providerpb.CardResult {
	return &providerpb.CardResult{
		Outcome: string(r.Outcome), Cards: list(r.Cards, boundCardToWire), NextAction: actionToWire(r.NextAction), Provider: providerToWire(r.Provider),
	}
}

func cardResultFromWire(r *providerpb.CardResult) CardResult {
	return CardResult{
		Outcome: Outcome(r.GetOutcome()), Cards: list(r.GetCards(), boundCardFromWire), NextAction: actionFromWire(r.GetNextAction()), Provider: providerFromWire(r.GetProvider()),
	}
}

func boundCardToWire(c BoundCard) *providerpb.BoundCard {
	return &providerpb.BoundCard{
		BindId: valid(c.BindID), UserId: valid(c.UserID), Masked: valid(c.Masked), BankCode: valid(c.BankCode),
		BankName: valid(c.BankName), CardType: valid(c.CardType), Phone: valid(c.Phone),
	}
}

func boundCardFromWire(c *providerpb.BoundCard) BoundCard {
	return BoundCard{
		BindID: c.GetBindId(), UserID: c.GetUserId(), Masked: c.GetMasked(), BankCode: c.GetBankCode(),
		BankName: c.GetBankName(), CardType: c.GetCardType(), Phone: c.GetPhone(),
	}
}

func payerRequestToWire(r PayerRequest) *providerpb.PayerRequest {
	return &providerpb.PayerRequest{
		Purpose: r.Purpose, Code: secretToWire(r.Code), Channel: r.Channel, ReturnUrl: r.ReturnURL, Query: stringsMap(r.Query), Extra: stringsMap(r.Extra),
	}
}

func payerRequestFromWire(r *providerpb.PayerRequest) PayerRequest {
	return PayerRequest{
		Purpose: r.GetPurpose(), Code: secretFromWire(r.GetCode()), Channel: r.GetChannel(), ReturnURL: r.GetReturnUrl(), Query: stringsMap(r.GetQuery()), Extra: stringsMap(r.GetExtra()),
	}
}

func payerResultToWire(r PayerResult) *providerpb.PayerResult {
	return &providerpb.PayerResult{
		Outcome: string(r.Outcome), PayerId: valid(r.PayerID), NextAction: actionToWire(r.NextAction), Provider: providerToWire(r.Provider),
	}
}

func payerResultFromWire(r *providerpb.PayerResult) PayerResult {
	return PayerResult{
		Outcome: Outcome(r.GetOutcome()), PayerID: r.GetPayerId(), NextAction: actionFromWire(r.GetNextAction()), Provider: providerFromWire(r.GetProvider()),
	}
}

func checkToWire(r CheckResult) *providerpb.CheckResult {
	return &providerpb.CheckResult{Outcome: string(r.Outcome), Values: validMap(r.Values), Provider: providerToWire(r.Provider), KeyRefused: r.KeyRefused}
}

func checkFromWire(r *providerpb.CheckResult) CheckResult {
	return CheckResult{
		Outcome: Outcome(r.GetOutcome()), Values: stringsMap(r.GetValues()), Provider: providerFromWire(r.GetProvider()), KeyRefused: r.GetKeyRefused(),
	}
}
