package service

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// A link's token names a tenant and an object and is authentic by itself: a payer's browser
// has no session, and nothing about it has to be kept. It opens one object for one purpose.
const (
	purposeAction = "pay"
	purposePayer  = "payer"

	macLength  = 12
	linkLength = 2*16 + macLength
)

// actionLife is how long a payer may take to open the page with the provider's form.
const actionLife = 2 * time.Hour

func (s *Service) linkToken(purpose string, tenant, object core.ID) string {
	raw := make([]byte, 0, linkLength)
	raw = append(append(raw, tenant[:]...), object[:]...)
	raw = append(raw, s.linkMAC(purpose, raw)...)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (s *Service) linkMAC(purpose string, subject []byte) []byte {
	mac := hmac.New(sha256.New, s.HashKey.Reveal())
	_, _ = mac.Write([]byte("link/" + purpose + "/"))
	_, _ = mac.Write(subject)
	return mac.Sum(nil)[:macLength]
}

// readLink gives the tenant and the object of a token. Errors: CodeNotFound.
func (s *Service) readLink(purpose, token string) (tenant, object core.ID, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != linkLength || !hmac.Equal(raw[32:], s.linkMAC(purpose, raw[:32])) {
		return tenant, object, core.Errorf(core.CodeNotFound, "There is no such page. Check that the address is complete.")
	}
	return core.ID(raw[:16]), core.ID(raw[16:32]), nil
}

// ActionLink is our page that takes the payer's browser to the provider.
func (s *Service) ActionLink(p core.Payment) string {
	if p.NextAction == nil || !shownByUs(p.NextAction.Type) {
		return ""
	}
	return s.PublicURL + "/pay/" + s.linkToken(purposeAction, p.TenantID, p.ID)
}

// shownByUs are the actions that the tenant cannot hand to a browser by an address alone.
func shownByUs(action string) bool {
	return action == core.ActionFormPost || action == core.ActionHTML
}

// OpenAction shows the provider's form once: a page that is opened again, by a chat program's
// preview for instance, must not order twice.
func (s *Service) OpenAction(ctx context.Context, token string) (core.NextAction, error) {
	tenant, payment, err := s.readLink(purposeAction, token)
	if err != nil {
		return core.NextAction{}, err
	}
	used := core.Errorf(core.CodeLinkUsed, "This page was opened before, or the order is no longer waiting for a payment. Go back to the shop and order again.")
	var action core.NextAction
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		p, err := tx.Payment(ctx, payment)
		if err != nil {
			return err
		}
		now := s.Clock()
		expires := p.CreatedAt.Add(actionLife)
		if p.NextAction == nil || !shownByUs(p.NextAction.Type) || p.State != core.PaymentRequiresAction || !p.ActionOpenedAt.IsZero() || now.After(expires) {
			return used
		}
		if !p.CancelAt.IsZero() && now.After(p.CancelAt) {
			return used
		}
		action = *p.NextAction
		p.ActionOpenedAt, p.UpdatedAt = now, now
		return tx.UpdatePayment(ctx, p, p.State)
	})
	if core.CodeOf(err) == core.CodeConflict {
		err = used
	}
	return action, err
}
