package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// BindCard asks for a code (quick 5.1), and with the code binds the card (quick 5.2). The
// document calls both switched off (暂未开通); the provider's own refusal is what tells. The
// way that works is a payment by card with a USER_ID (trap Q18).
func (p provider) BindCard(ctx context.Context, call *sdk.Call, req sdk.BindCardRequest) (sdk.CardResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.CardResult{}, err
	}
	if err := checkNumber("order_no", req.OrderNo, maxLongNumber); err != nil {
		return sdk.CardResult{}, err
	}
	if req.Card.UserID == "" {
		return sdk.CardResult{}, invalid("card.user_id", "Name the payer (USER_ID): a card is bound to a name of yours.")
	}
	if req.Code.Empty() {
		return p.bindCode(ctx, call, set, req)
	}
	return p.bind(ctx, call, set, req)
}

// bindCode has a code sent to the card's holder (quick 5.1).
func (p provider) bindCode(ctx context.Context, call *sdk.Call, set settings, req sdk.BindCardRequest) (sdk.CardResult, error) {
	for _, err := range []error{checkCardNumber(req.Card), checkPhone(req.Card), checkText("card.user_id", req.Card.UserID, maxUserID)} {
		if err != nil {
			return sdk.CardResult{}, err
		}
	}
	fields := map[string]string{
		"MERORDERID": req.OrderNo, "USER_ID": req.Card.UserID, "CARDNO": req.Card.Number.Text(), "PHONENO": req.Card.Phone.Text(),
	}
	reply, err := p.quickExchange(ctx, call, set, wire.QuickBindCode, fields)
	if err != nil {
		return noCard(err)
	}
	result := sdk.CardResult{Outcome: codeOutcome(reply), Provider: reply.Text()}
	if result.Outcome == sdk.OutcomeInProgress {
		if other(reply, "USER_ID", req.Card.UserID) || reply.OrderNo() != req.OrderNo {
			result.Outcome = sdk.OutcomeUnknown
			return result, nil
		}
		result.NextAction = enterCode()
	}
	return result, nil
}

// bind hands in the code (quick 5.2).
func (p provider) bind(ctx context.Context, call *sdk.Call, set settings, req sdk.BindCardRequest) (sdk.CardResult, error) {
	fields, err := cardFields(req.Card)
	if err != nil {
		return sdk.CardResult{}, err
	}
	if err := checkCode(req.Code); err != nil {
		return sdk.CardResult{}, err
	}
	fields["MERORDERID"], fields["MSG_CODE"] = req.OrderNo, req.Code.Text()
	reply, err := p.quickExchange(ctx, call, set, wire.QuickBind, fields)
	if err != nil {
		return noCard(err)
	}
	result := sdk.CardResult{Outcome: cardOutcome(reply), Provider: reply.Text()}
	if result.Outcome != sdk.OutcomeSucceeded {
		return result, nil
	}
	card := boundCard(reply, req.Card.UserID)
	if card == nil || reply.OrderNo() != req.OrderNo || other(reply, "USER_ID", req.Card.UserID) {
		result.Outcome = sdk.OutcomeUnknown
		return result, nil
	}
	card.Masked, card.CardType, card.Phone = maskCard(req.Card.Number.Text()), req.Card.Type, maskPhone(req.Card.Phone.Text())
	result.Cards = []sdk.BoundCard{*card}
	return result, nil
}

// UnbindCard forgets a bound card (quick 5.6). Its reply names nothing.
func (provider) UnbindCard(ctx context.Context, call *sdk.Call, ref sdk.CardRef) (sdk.CardResult, error) {
	reply, err := askAboutCard(ctx, call, wire.QuickUnbind, ref)
	if err != nil {
		return noCard(err)
	}
	return sdk.CardResult{Outcome: cardOutcome(reply), Provider: reply.Text()}, nil
}

// QueryCard asks about a bound card (quick 5.8). The reply has the whole card and its holder;
// what leaves here is masked.
func (provider) QueryCard(ctx context.Context, call *sdk.Call, ref sdk.CardRef) (sdk.CardResult, error) {
	reply, err := askAboutCard(ctx, call, wire.QuickBindQuery, ref)
	if err != nil {
		return noCard(err)
	}
	result := sdk.CardResult{Outcome: cardOutcome(reply), Provider: reply.Text()}
	if result.Outcome != sdk.OutcomeSucceeded {
		return result, nil
	}
	card := boundCard(reply, ref.UserID)
	if card == nil || card.BindID != ref.BindID {
		result.Outcome = sdk.OutcomeUnknown
		return result, nil
	}
	result.Cards = []sdk.BoundCard{*card}
	return result, nil
}

// askAboutCard sends a message that names a bound card and nothing else.
func askAboutCard(ctx context.Context, call *sdk.Call, command wire.Command, ref sdk.CardRef) (wire.Reply, error) {
	set, err := settingsOf(call)
	if err != nil {
		return wire.Reply{}, wire.Unsent(err)
	}
	if err := checkHandle(ref.BindID, ref.UserID, false); err != nil {
		return wire.Reply{}, wire.Unsent(err)
	}
	return wire.Exchange(ctx, call, md5Account(call, set.QuickPath), command, map[string]string{"BIND_ID": ref.BindID})
}

// cardOutcome reads the reply to what is done with a card: 1 is success, and every other
// value failure (其他都为失败), which leaves the card as it was.
func cardOutcome(r wire.Reply) sdk.Outcome {
	outcome, taken := r.Taken(wire.Changes)
	switch {
	case !taken:
		return outcome
	case r.Status() == quickDone:
		return sdk.OutcomeSucceeded
	case r.Status() == "":
		return sdk.OutcomeUnknown
	}
	return sdk.OutcomeRefused
}

// noCard is the answer when there is no reply to believe.
func noCard(err error) (sdk.CardResult, error) {
	text, err := wire.Failure(err)
	return sdk.CardResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
}
