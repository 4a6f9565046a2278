package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// BindCard has the provider send the payer a code. Nothing of the card is kept but what the
// provider gives back and the first 6 and last 4 digits.
func (s *Service) BindCard(ctx context.Context, in core.BindCardInput) (core.SavedCard, error) {
	id, tenant, err := s.allow(ctx, "cards", "create")
	if err != nil {
		return core.SavedCard{}, err
	}
	if err := checkText("user_ref", in.UserRef, 1, 64); err != nil {
		return core.SavedCard{}, err
	}
	if err := checkCard(in.Card, s.Clock()); err != nil {
		return core.SavedCard{}, err
	}
	account, err := s.cardAccount(ctx, tenant, in.AccountID)
	if err != nil {
		return core.SavedCard{}, err
	}
	now := s.Clock()
	orderNo, err := s.Database.NextOrderNo(ctx, now)
	if err != nil {
		return core.SavedCard{}, err
	}
	card := core.SavedCard{
		TenantID: tenant, ID: core.NewID(now), AccountID: account.ID, Provider: account.Provider, OrderNo: orderNo, UserRef: in.UserRef,
		State: core.CardPending, Masked: maskCard(string(in.Card.Number.Reveal())), CardType: in.Card.Type,
		PhoneDisplay: maskPhone(string(in.Card.Phone.Reveal())), CodeSentAt: now, CreatedAt: now, UpdatedAt: now,
	}
	work := context.WithoutCancel(ctx)
	err = s.Database.InTenant(work, tenant, func(tx core.TenantTx) error { return tx.InsertCard(work, card) })
	if err != nil {
		return card, err
	}
	in.Card.UserID = in.UserRef
	return s.callAboutCard(work, id, account, card, core.CapBindCard, core.CardFailed, func(ctx context.Context, call core.ProviderCall) (core.CardResult, error) {
		return s.Providers.BindCard(ctx, call, core.BindCardRequest{OrderNo: card.OrderNo, Card: in.Card})
	})
}

// ConfirmCard binds with the code the payer received. The card is given again: it was not kept.
// A code that the provider refuses leaves the card awaiting another.
func (s *Service) ConfirmCard(ctx context.Context, cardID core.ID, code core.Secret, given core.Card) (core.SavedCard, error) {
	if !digits(string(code.Reveal()), 4, 8) {
		return core.SavedCard{}, core.Errorf(core.CodeInvalidRequest, "The code has 4 to 8 digits.").At("code")
	}
	if err := checkCard(given, s.Clock()); err != nil {
		return core.SavedCard{}, err
	}
	id, account, card, err := s.openCard(ctx, cardID, "create")
	if err != nil {
		return card, err
	}
	if !card.AwaitsCode() {
		return card, core.Errorf(core.CodeInvalidState, "The card is %s and awaits no code.", card.State)
	}
	if maskCard(string(given.Number.Reveal())) != card.Masked {
		return card, core.Errorf(core.CodeInvalidRequest, "This is another card than the one for which the code was sent.").At("card.number")
	}
	given.UserID, given.BindID = card.UserRef, card.BindID
	return s.callAboutCard(context.WithoutCancel(ctx), id, account, card, core.CapBindCard, card.State, func(ctx context.Context, call core.ProviderCall) (core.CardResult, error) {
		return s.Providers.BindCard(ctx, call, core.BindCardRequest{OrderNo: card.OrderNo, Card: given, Code: code})
	})
}

// UnbindCard has the provider forget a card. One that awaits its code has no handle there yet:
// it is dropped here, and nothing is asked of the provider.
func (s *Service) UnbindCard(ctx context.Context, cardID core.ID) (core.SavedCard, error) {
	id, account, card, err := s.openCard(ctx, cardID, "delete")
	if err != nil {
		return card, err
	}
	if card.State == core.CardUnbound {
		return card, nil
	}
	if card.AwaitsCode() {
		return s.dropCard(ctx, id, card)
	}
	if card.State != core.CardBound {
		return card, core.Errorf(core.CodeInvalidState, "The card is %s, not bound.", card.State)
	}
	return s.callAboutCard(context.WithoutCancel(ctx), id, account, card, core.CapUnbindCard, card.State, func(ctx context.Context, call core.ProviderCall) (core.CardResult, error) {
		return s.Providers.UnbindCard(ctx, call, core.CardRef{BindID: card.BindID, UserID: card.UserRef})
	})
}

// dropCard ends a binding whose code never came.
func (s *Service) dropCard(ctx context.Context, id core.Identity, card core.SavedCard) (core.SavedCard, error) {
	from := card.State
	card.State, card.UpdatedAt = core.CardUnbound, s.Clock()
	entry, err := s.audit(id, card.TenantID, "card.drop", card.ID.Prefixed(core.PrefixCard), nil, cardEvent(card))
	if err != nil {
		return card, err
	}
	event, err := s.event(card.TenantID, "card."+string(card.State), card.ID, cardEvent(card))
	if err != nil {
		return card, err
	}
	return card, s.Database.InTenant(ctx, card.TenantID, func(tx core.TenantTx) error {
		if err := tx.UpdateCard(ctx, card, from); err != nil {
			return err
		}
		if err := tx.AppendEvent(ctx, event); err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
}

// SyncCard asks the provider about a card, by the handle that it has there.
func (s *Service) SyncCard(ctx context.Context, cardID core.ID) (core.SavedCard, error) {
	id, account, card, err := s.openCard(ctx, cardID, "read")
	if err != nil {
		return card, err
	}
	if card.BindID == "" {
		return card, core.Errorf(core.CodeInvalidState, "The provider has no handle for the card by which it could be asked.")
	}
	return s.callAboutCard(context.WithoutCancel(ctx), id, account, card, core.CapQueryCard, card.State, func(ctx context.Context, call core.ProviderCall) (core.CardResult, error) {
		return s.Providers.QueryCard(ctx, call, core.CardRef{BindID: card.BindID, UserID: card.UserRef})
	})
}

// ListCards lists the tenant's bound cards, newest first.
func (s *Service) ListCards(ctx context.Context, f core.CardFilter) (list []core.SavedCard, err error) {
	id, tenant, err := s.allow(ctx, "cards", "read")
	if err != nil {
		return nil, err
	}
	if err := wholeTenant(id); err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err = tx.Cards(ctx, f)
		return err
	})
	return list, err
}

func (s *Service) openCard(ctx context.Context, cardID core.ID, action string) (id core.Identity, account core.ProviderAccount, card core.SavedCard, err error) {
	id, tenant, err := s.allow(ctx, "cards", action)
	if err != nil {
		return id, account, card, err
	}
	if card, err = s.readCard(ctx, tenant, cardID); err != nil {
		return id, account, card, err
	}
	account, err = s.readAccount(ctx, tenant, card.AccountID)
	return id, account, card, err
}

// cardAccount is the live account whose provider binds cards.
func (s *Service) cardAccount(ctx context.Context, tenant, asked core.ID) (core.ProviderAccount, error) {
	accounts, _, err := s.payableAccounts(ctx, tenant, core.ID{}, core.ID{})
	if err != nil {
		return core.ProviderAccount{}, err
	}
	for _, a := range accounts {
		if !asked.IsZero() && a.ID != asked {
			continue
		}
		if m, err := s.Providers.Manifest(a.Provider); err == nil {
			if _, ok := m.Grants[core.CapBindCard]; ok {
				return a, nil
			}
		}
	}
	return core.ProviderAccount{}, core.Errorf(core.CodeNoAccount, "No live provider account binds cards.").At("account_id")
}

type cardCall func(ctx context.Context, call core.ProviderCall) (core.CardResult, error)

// callAboutCard makes one call about a card and records it with what it changed; refused is the
// state in which a refusal leaves it.
func (s *Service) callAboutCard(
	ctx context.Context, id core.Identity, a core.ProviderAccount, card core.SavedCard, operation core.Capability, refused core.CardState, ask cardCall,
) (core.SavedCard, error) {
	attempt := core.Attempt{
		TenantID: a.TenantID, ID: core.NewID(s.Clock()), CardID: card.ID, AccountID: a.ID, Operation: operation, Sent: core.SentMaybe, StartedAt: s.Clock(),
	}
	call := s.accountCall(ctx, id, a, operation, card.OrderNo)
	call.AttemptID = attempt.ID
	callCtx, stop := context.WithTimeout(ctx, s.CallTimeout)
	defer stop()
	result, err := ask(callCtx, call)
	attempt = s.finished(attempt, result.Outcome, result.Provider, result.Exchange)
	from := card.State
	card = judgeCard(card, operation, refused, result)
	card.UpdatedAt = attempt.FinishedAt
	entry, auditErr := s.audit(id, a.TenantID, "card."+string(operation), card.ID.Prefixed(core.PrefixCard), nil, cardEvent(card))
	if auditErr != nil {
		return card, auditErr
	}
	event, eventErr := s.event(a.TenantID, "card."+string(card.State), card.ID, cardEvent(card))
	if eventErr != nil {
		return card, eventErr
	}
	recorded := s.Database.InTenant(ctx, a.TenantID, func(tx core.TenantTx) error {
		if err := tx.UpdateCard(ctx, card, from); err != nil {
			return err
		}
		if err := tx.InsertAttempt(ctx, attempt); err != nil {
			return err
		}
		if from != card.State {
			if err := tx.AppendEvent(ctx, event); err != nil {
				return err
			}
		}
		return tx.AppendAudit(ctx, entry)
	})
	switch {
	case err != nil:
		return card, err
	case recorded != nil:
		return card, recorded
	case result.Outcome == core.OutcomeRefused || result.Outcome == core.OutcomeFailed:
		return card, core.Errorf(core.CodeProviderRefused, "The provider refused: %s %s", result.Provider.Code, result.Provider.Message)
	case result.Outcome == core.OutcomeUnknown:
		return card, core.Errorf(core.CodeOutcomeUnknown, "The provider gave no answer that can be trusted; ask about the card again.")
	}
	return card, nil
}

// judgeCard maps an answer to the card's next state.
func judgeCard(card core.SavedCard, operation core.Capability, refused core.CardState, r core.CardResult) core.SavedCard {
	if r.Provider.Code != "" || r.Provider.Message != "" {
		card.Provided = r.Provider
	}
	for _, c := range r.Cards {
		if c.BindID != "" && (card.BindID == "" || card.BindID == c.BindID) {
			card.BindID = c.BindID
			setIf(&card.BankCode, c.BankCode)
			setIf(&card.BankName, c.BankName)
			setIf(&card.CardType, c.CardType)
		}
	}
	switch {
	case operation == core.CapUnbindCard && r.Outcome == core.OutcomeSucceeded:
		card.State = core.CardUnbound
	case operation == core.CapUnbindCard:
	case r.Outcome == core.OutcomeSucceeded && card.BindID != "" && card.State != core.CardUnbound:
		card.State = core.CardBound
	case r.Outcome == core.OutcomeRefused || r.Outcome == core.OutcomeFailed:
		card.State = refused
	}
	return card
}

// keepCard remembers the handle that a payment's answer gave for the payer's card: bound when
// the payment has succeeded.
func (s *Service) keepCard(ctx context.Context, tx core.TenantTx, c *paymentChange, bound *core.BoundCard) error {
	p := &c.payment
	if (bound == nil || bound.BindID == "") && p.BoundCardID.IsZero() {
		return nil
	}
	state := core.CardPending
	if p.State == core.PaymentSucceeded {
		state = core.CardBound
	}
	card, err := s.cardOfPayment(ctx, tx, *p, bound)
	switch {
	case core.CodeOf(err) == core.CodeNotFound && bound != nil && bound.BindID != "":
		now := s.Clock()
		card = core.SavedCard{
			TenantID: p.TenantID, ID: core.NewID(now), AccountID: p.AccountID, Provider: p.Provider, OrderNo: p.OrderNo, UserRef: p.UserRef,
			BindID: bound.BindID, State: state, Masked: maskCard(bound.Masked), CardType: bound.CardType, BankCode: bound.BankCode,
			BankName: bound.BankName, PhoneDisplay: bound.Phone, CreatedAt: now, UpdatedAt: now,
		}
		p.BoundCardID, c.changed = card.ID, true
		return tx.InsertCard(ctx, card)
	case err != nil:
		return err
	case card.State == core.CardPending && state == core.CardBound:
		card.State, card.UpdatedAt = core.CardBound, s.Clock()
		return tx.UpdateCard(ctx, card, core.CardPending)
	}
	return nil
}

func (s *Service) cardOfPayment(ctx context.Context, tx core.TenantTx, p core.Payment, bound *core.BoundCard) (core.SavedCard, error) {
	if !p.BoundCardID.IsZero() {
		return tx.Card(ctx, p.BoundCardID)
	}
	return tx.CardByBindID(ctx, p.AccountID, bound.BindID)
}

// maskCard keeps the first 6 and the last 4 digits, whatever it is given.
func maskCard(number string) string {
	if len(number) < 12 {
		return ""
	}
	return number[:6] + "****" + number[len(number)-4:]
}

func cardEvent(c core.SavedCard) map[string]any {
	return map[string]any{
		"id": c.ID.Prefixed(core.PrefixCard), "user_ref": c.UserRef, "state": string(c.State), "masked": c.Masked, "bank_name": c.BankName,
	}
}
