package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// cardInput is nil when the body has no card.
func cardInput(c api.CardInput) *core.Card {
	if c.Number.Empty() && c.Type == "" {
		return nil
	}
	return &core.Card{
		Type: string(c.Type), Number: c.Number.Secret, Expiry: c.Expiry.Secret, CVN2: c.Cvn2.Secret, HolderName: c.HolderName.Secret,
		IDType: c.IDType, IDNumber: c.IDNumber.Secret, Phone: c.Phone.Secret,
	}
}

// ConfirmPayment hands in the code the payer received.
func (o *operations) ConfirmPayment(ctx context.Context, r api.ConfirmPaymentRequestObject) (api.ConfirmPaymentResponseObject, error) {
	payment, err := pathID(core.PrefixPayment, r.PaymentID)
	if err != nil {
		return nil, err
	}
	p, err := o.opt.Payments.ConfirmPayment(ctx, payment, r.Body.Code.Secret)
	if err != nil {
		return nil, err
	}
	return api.ConfirmPayment200JSONResponse(o.paymentOf(p)), nil
}

// ResendCode has the payer sent another code.
func (o *operations) ResendCode(ctx context.Context, r api.ResendCodeRequestObject) (api.ResendCodeResponseObject, error) {
	payment, err := pathID(core.PrefixPayment, r.PaymentID)
	if err != nil {
		return nil, err
	}
	p, err := o.opt.Payments.ResendCode(ctx, payment)
	if err != nil {
		return nil, err
	}
	return api.ResendCode200JSONResponse(o.paymentOf(p)), nil
}

// ResolvePayer finds out who a payer is.
func (o *operations) ResolvePayer(ctx context.Context, r api.ResolvePayerRequestObject) (api.ResolvePayerResponseObject, error) {
	b := r.Body
	account, err := fieldID(core.PrefixAccount, b.AccountID, "account_id")
	if err != nil {
		return nil, err
	}
	reply, err := o.opt.Payers.ResolvePayer(ctx, core.ResolvePayerInput{
		AccountID: account, Purpose: string(b.Purpose), Code: b.Code.Secret, Channel: b.Channel, ReturnURL: b.ReturnURL, State: b.State,
	})
	if err != nil {
		return nil, err
	}
	return api.ResolvePayer200JSONResponse{PayerID: reply.PayerID, NextAction: nextActionOf(reply.NextAction, "")}, nil
}

// ListCards lists bound cards.
func (o *operations) ListCards(ctx context.Context, r api.ListCardsRequestObject) (api.ListCardsResponseObject, error) {
	page, limit, err := pageOf(r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.Payers.ListCards(ctx, core.CardFilter{UserRef: r.Params.UserRef, State: core.CardState(r.Params.State), Page: page})
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(c core.SavedCard) (time.Time, core.ID) { return c.CreatedAt, c.ID })
	return api.ListCards200JSONResponse{Items: each(rows, cardOf), NextCursor: next}, nil
}

// BindCard binds a payer's card.
func (o *operations) BindCard(ctx context.Context, r api.BindCardRequestObject) (api.BindCardResponseObject, error) {
	account, err := fieldID(core.PrefixAccount, r.Body.AccountID, "account_id")
	if err != nil {
		return nil, err
	}
	in := core.BindCardInput{AccountID: account, UserRef: r.Body.UserRef}
	if card := cardInput(r.Body.Card); card != nil {
		in.Card = *card
	}
	card, err := o.opt.Payers.BindCard(ctx, in)
	if err != nil {
		return nil, err
	}
	return api.BindCard201JSONResponse(cardOf(card)), nil
}

// ConfirmCard binds with the code the payer received.
func (o *operations) ConfirmCard(ctx context.Context, r api.ConfirmCardRequestObject) (api.ConfirmCardResponseObject, error) {
	id, err := pathID(core.PrefixCard, r.CardID)
	if err != nil {
		return nil, err
	}
	given := core.Card{}
	if card := cardInput(r.Body.Card); card != nil {
		given = *card
	}
	card, err := o.opt.Payers.ConfirmCard(ctx, id, r.Body.Code.Secret, given)
	if err != nil {
		return nil, err
	}
	return api.ConfirmCard200JSONResponse(cardOf(card)), nil
}

// UnbindCard has the provider forget a card.
func (o *operations) UnbindCard(ctx context.Context, r api.UnbindCardRequestObject) (api.UnbindCardResponseObject, error) {
	id, err := pathID(core.PrefixCard, r.CardID)
	if err != nil {
		return nil, err
	}
	card, err := o.opt.Payers.UnbindCard(ctx, id)
	if err != nil {
		return nil, err
	}
	return api.UnbindCard200JSONResponse(cardOf(card)), nil
}

// SyncCard asks the provider about a card.
func (o *operations) SyncCard(ctx context.Context, r api.SyncCardRequestObject) (api.SyncCardResponseObject, error) {
	id, err := pathID(core.PrefixCard, r.CardID)
	if err != nil {
		return nil, err
	}
	card, err := o.opt.Payers.SyncCard(ctx, id)
	if err != nil {
		return nil, err
	}
	return api.SyncCard200JSONResponse(cardOf(card)), nil
}

// ListMembers lists members.
func (o *operations) ListMembers(ctx context.Context, r api.ListMembersRequestObject) (api.ListMembersResponseObject, error) {
	page, limit, err := pageOf(r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.Inbound.ListMembers(ctx, core.MemberFilter{UID: r.Params.UID, State: core.MemberState(r.Params.State), Page: page})
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(m core.Member) (time.Time, core.ID) { return m.CreatedAt, m.ID })
	return api.ListMembers200JSONResponse{Items: each(rows, memberOf), NextCursor: next}, nil
}

func cardOf(c core.SavedCard) api.SavedCard {
	return api.SavedCard{
		ID: id(core.PrefixCard, c.ID), TenantID: id(core.PrefixTenant, c.TenantID), AccountID: id(core.PrefixAccount, c.AccountID), Provider: c.Provider,
		UserRef: c.UserRef, State: api.CardState(c.State), AwaitsCode: c.AwaitsCode(), Masked: c.Masked, CardType: c.CardType, BankName: c.BankName, Phone: c.PhoneDisplay,
		ProviderCode: c.Provided.Code, ProviderMessage: c.Provided.Message, CreatedAt: utc(c.CreatedAt), UpdatedAt: utc(c.UpdatedAt),
	}
}

func memberOf(m core.Member) api.Member {
	return api.Member{
		ID: id(core.PrefixMember, m.ID), TenantID: id(core.PrefixTenant, m.TenantID), AccountID: id(core.PrefixAccount, m.AccountID), Provider: m.Provider,
		UID: m.UID, State: api.MemberState(m.State), Phone: m.PhoneDisplay, CreatedAt: utc(m.CreatedAt), UpdatedAt: utc(m.UpdatedAt),
	}
}
