package service

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// unverifiedQuota is how many requests that were not authentic are kept of an account in a
// day. More are refused unread: somebody is making them up.
const unverifiedQuota = 2000

// inbound is one request to an account's callback address.
type inbound struct {
	callback core.Callback
	account  core.ProviderAccount
	manifest core.Manifest
	kind     core.InboundKind
	request  core.InboundRequest
}

// Receive takes a request in: kept sealed first, verified by the plugin, applied once, and
// answered as the provider expects.
func (s *Service) Receive(ctx context.Context, token string, req core.InboundRequest, ip string) (core.InboundAnswer, error) {
	in, err := s.findInbound(ctx, token, req)
	if err != nil {
		return core.InboundAnswer{}, err
	}
	// The provider may hang up; what it said counts all the same.
	ctx = context.WithoutCancel(core.WithIdentity(ctx, core.Identity{Actor: "provider:" + in.account.Provider, TenantID: in.account.TenantID, IP: ip}))
	if err := s.keepInbound(ctx, &in, ip); err != nil {
		return core.InboundAnswer{}, err
	}
	return s.process(ctx, in)
}

// findInbound finds whose address it is. An address that is nobody's, and a kind that the
// provider does not have, are not told apart.
func (s *Service) findInbound(ctx context.Context, token string, req core.InboundRequest) (in inbound, err error) {
	var tenant, account core.ID
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		tenant, account, err = tx.AccountOfCallback(ctx, token)
		return err
	})
	if err != nil {
		return in, err
	}
	if in.account, err = s.readAccount(ctx, tenant, account); err != nil {
		return in, err
	}
	if in.manifest, err = s.Providers.Manifest(in.account.Provider); err != nil {
		return in, err
	}
	in.request = req
	if !in.readKind(req.Kind) {
		return in, core.NotFound("callback address")
	}
	return in, nil
}

// readKind finds what the provider's manifest says of a kind of requests, if it has it.
func (in *inbound) readKind(kind string) bool {
	i := slices.IndexFunc(in.manifest.Inbound, func(k core.InboundKind) bool { return k.Kind == kind })
	if i >= 0 {
		in.kind = in.manifest.Inbound[i]
	}
	return i >= 0
}

// keepInbound writes the request as it came before anything is made of it.
func (s *Service) keepInbound(ctx context.Context, in *inbound, ip string) error {
	now := s.Clock()
	raw, err := json.Marshal(in.request)
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, s.HashKey.Reveal())
	_, _ = mac.Write(raw)
	c := core.Callback{
		TenantID: in.account.TenantID, ID: core.NewID(now), AccountID: in.account.ID, Kind: in.kind.Kind, IP: ip,
		BodyHash: mac.Sum(nil), ReceivedAt: now, Effect: core.CallbackReceived,
	}
	if c.Sealed, err = s.Sealer.Seal(ctx, c.TenantID, core.CallbackPurpose(c.ID), raw); err != nil {
		return err
	}
	in.callback = c
	return s.Database.InTenant(ctx, c.TenantID, func(tx core.TenantTx) error {
		if !in.kind.Browser {
			unverified, err := tx.UnverifiedCallbacks(ctx, c.AccountID, now.Add(-24*time.Hour))
			if err != nil {
				return err
			}
			if unverified >= unverifiedQuota {
				return core.Errorf(core.CodeRateLimited, "Too many requests to this address were not authentic.")
			}
		}
		return tx.InsertCallback(ctx, c)
	})
}

// process reads a kept request with the plugin and applies what it says.
func (s *Service) process(ctx context.Context, in inbound) (core.InboundAnswer, error) {
	callCtx, stop := context.WithTimeout(ctx, s.CallTimeout)
	defer stop()
	call := core.ProviderCall{
		TenantID: in.account.TenantID, AttemptID: in.callback.ID, Account: in.account, Operation: core.CapInbound,
		Language: "zh", CallbackURL: s.callbackURL(ctx, in.account),
	}
	result, err := s.Providers.HandleInbound(callCtx, call, in.request)
	in.callback.Plugin, in.callback.Provided = result.Exchange.Plugin, result.Provider
	if err != nil {
		in.callback.Effect, in.callback.Reason = core.CallbackFailed, string(core.CodeOf(err))
		if finishErr := s.finishInbound(ctx, in.callback, nil); finishErr != nil {
			return core.InboundAnswer{}, finishErr
		}
		return core.InboundAnswer{}, err
	}
	if in.kind.Browser {
		return s.fromBrowser(ctx, in, result)
	}
	in.callback.Verified = result.Verified
	if !result.Verified {
		return s.refuseInbound(ctx, in, core.CallbackRefused, core.CaseCallbackUnverified, refusalOf(result.Answer))
	}
	if result.Nonce == "" {
		return s.applyInbound(ctx, in, result)
	}
	holder, err := s.holderOf(ctx, in, result.Nonce)
	switch {
	case err != nil:
		return core.InboundAnswer{}, err
	case holder.ID == in.callback.ID || !finished(holder) && bytes.Equal(holder.BodyHash, in.callback.BodyHash):
		return s.applyInbound(ctx, in, result)
	case bytes.Equal(holder.BodyHash, in.callback.BodyHash):
		return s.repeatInbound(ctx, in, holder, result)
	}
	return s.refuseInbound(ctx, in, core.CallbackReplayed, core.CaseCallbackReplayed, refusalOf(core.InboundAnswer{}))
}

// finished says that what a callback says has been applied, as far as it can be.
func finished(c core.Callback) bool {
	switch c.Effect {
	case core.CallbackApplied, core.CallbackRepeated, core.CallbackDisagrees, core.CallbackNotKnown:
		return true
	case core.CallbackReceived, core.CallbackRefused, core.CallbackReplayed, core.CallbackAsked, core.CallbackFailed:
	}
	return false
}

// repeatInbound answers the very same message as the first time and applies it no more: the
// provider did not hear our answer, or somebody plays an old message again.
func (s *Service) repeatInbound(ctx context.Context, in inbound, first core.Callback, result core.InboundResult) (core.InboundAnswer, error) {
	answer := result.Answer
	if first.Effect == core.CallbackNotKnown && result.Unknown != nil {
		answer = *result.Unknown
	}
	c := in.callback
	c.Effect, c.ObjectID, c.ObjectKind, c.Answer = core.CallbackRepeated, first.ObjectID, first.ObjectKind, answer.Status
	return answer, s.finishInbound(ctx, c, nil)
}

// refusalOf is what a request that is not believed is answered: the plugin's words, never a success.
func refusalOf(a core.InboundAnswer) core.InboundAnswer {
	if !a.Refuses() {
		return core.RefusedAnswer()
	}
	return a
}

// refuseInbound records a request that changes nothing, and puts it before a person.
func (s *Service) refuseInbound(ctx context.Context, in inbound, effect core.CallbackEffect, kind core.CaseKind, answer core.InboundAnswer) (core.InboundAnswer, error) {
	in.callback.Effect, in.callback.Answer = effect, answer.Status
	in.callback.Reason = string(effect)
	return answer, s.finishInbound(ctx, in.callback, &core.Case{
		TenantID: in.account.TenantID, Kind: kind, ObjectID: in.account.ID, ObjectKind: kindAccount, AccountID: in.account.ID, Reason: in.kind.Kind,
	})
}

func (s *Service) finishInbound(ctx context.Context, c core.Callback, opened *core.Case) error {
	c.FinishedAt = s.Clock()
	return s.Database.InTenant(ctx, c.TenantID, func(tx core.TenantTx) error {
		if opened != nil {
			if err := s.openCase(ctx, tx, *opened); err != nil {
				return err
			}
			if opened.Kind == core.CaseCallbackUnverified || opened.Kind == core.CaseCallbackReplayed {
				if err := s.tellForgeries(ctx, tx, c); err != nil {
					return err
				}
			}
		}
		return tx.FinishCallback(ctx, c)
	})
}

// holderOf gives the callback whose nonce it is: this one, or one that came before. The
// nonce of a callback that is long gone is nobody's who could be asked.
func (s *Service) holderOf(ctx context.Context, in inbound, nonce string) (holder core.Callback, err error) {
	c := in.callback
	err = s.Database.InTenant(ctx, c.TenantID, func(tx core.TenantTx) error {
		id, err := tx.TakeNonce(ctx, c.AccountID, nonce, c.ID, s.Clock())
		if err != nil {
			return err
		}
		if holder, err = tx.Callback(ctx, id); core.CodeOf(err) == core.CodeNotFound {
			return nil
		}
		return err
	})
	return holder, err
}

// fromBrowser is a payer's browser that comes back from the provider: it proves nothing. The
// provider is asked, and the browser goes on to the tenant's page.
func (s *Service) fromBrowser(ctx context.Context, in inbound, result core.InboundResult) (core.InboundAnswer, error) {
	in.callback.Effect = core.CallbackNotKnown
	answer := result.Answer
	for _, number := range result.Ask {
		p, err := s.paymentOfNumber(ctx, in.account.TenantID, number)
		if err != nil || p.AccountID != in.account.ID {
			continue
		}
		in.callback.Effect, in.callback.ObjectID, in.callback.ObjectKind = core.CallbackAsked, p.ID, kindPayment
		if p.ReturnURL != "" {
			answer = core.RedirectAnswer(withQuery(p.ReturnURL, map[string]string{"payment_id": p.ID.Prefixed(core.PrefixPayment)}))
		}
		s.askSoon(ctx, p)
	}
	if answer.Status == 0 {
		answer = core.PageAnswer("支付结果以商户页面为准。请返回商户页面查看。\nPlease return to the shop to see the result.\n")
	}
	in.callback.Answer = answer.Status
	return answer, s.finishInbound(ctx, in.callback, nil)
}

// askSoon asks about an unfinished payment; should that fail, it is due and asked again.
func (s *Service) askSoon(ctx context.Context, p core.Payment) {
	if s.payments.Final(p.State) || s.cancelRunning(p) {
		return
	}
	p, route, err := s.loadPayment(ctx, p.TenantID, p.ID)
	if err == nil {
		_, _, err = s.queryPayment(ctx, p, route)
	}
	if err != nil {
		s.Logger.WarnContext(ctx, "a payment could not be asked about after its payer came back", "payment", p.ID.Prefixed(core.PrefixPayment), "error", err)
	}
}

func withQuery(page string, add map[string]string) string {
	u, err := url.Parse(page)
	if err != nil {
		return page
	}
	query := u.Query()
	for name, value := range add {
		query.Set(name, value)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

func (s *Service) paymentOfNumber(ctx context.Context, tenant core.ID, orderNo string) (p core.Payment, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		p, err = tx.PaymentByOrderNo(ctx, orderNo)
		return err
	})
	return p, err
}

// callbackURL is the account's callback address without the letter of a kind, or empty.
func (s *Service) callbackURL(ctx context.Context, a core.ProviderAccount) string {
	if s.PublicURL == "" {
		return ""
	}
	if m, err := s.Providers.Manifest(a.Provider); err != nil || len(m.Inbound) == 0 {
		return ""
	}
	if known, ok := s.callbacks.Load(a.ID); ok {
		if token, ok := known.(string); ok {
			return s.PublicURL + "/in/" + token
		}
	}
	var token string
	err := s.Database.InDirectory(ctx, func(tx core.DirectoryTx) (err error) {
		token, err = tx.CallbackOfAccount(ctx, a.ID)
		return err
	})
	if err != nil {
		s.Logger.WarnContext(ctx, "the callback address of an account could not be read", "account", a.ID.Prefixed(core.PrefixAccount), "error", err)
		return ""
	}
	s.callbacks.Store(a.ID, token)
	return s.PublicURL + "/in/" + token
}
