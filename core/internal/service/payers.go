package service

import (
	"context"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// payerLife is how long a payer may take on the provider's page that tells who they are.
const payerLife = 15 * time.Minute

// ResolvePayer finds a payer's id: at once by a code, or by sending the payer's browser to
// the provider and back.
func (s *Service) ResolvePayer(ctx context.Context, in core.ResolvePayerInput) (core.PayerReply, error) {
	_, tenant, err := s.allow(ctx, "payments", "create")
	if err != nil {
		return core.PayerReply{}, err
	}
	if err := s.checkResolve(&in); err != nil {
		return core.PayerReply{}, err
	}
	account, err := s.payerAccount(ctx, tenant, in)
	if err != nil {
		return core.PayerReply{}, err
	}
	request := core.PayerRequest{Purpose: in.Purpose, Code: in.Code, Channel: in.Channel, ReturnURL: in.ReturnURL}
	if in.Code.Empty() && in.Purpose == core.PayerIdentify {
		if request.ReturnURL, err = s.beginPayer(ctx, account, in); err != nil {
			return core.PayerReply{}, err
		}
	}
	result, err := s.askPayer(ctx, account, request)
	if err != nil {
		return core.PayerReply{}, err
	}
	return core.PayerReply{PayerID: result.PayerID, NextAction: result.NextAction}, nil
}

func (s *Service) checkResolve(in *core.ResolvePayerInput) error {
	if in.Purpose == "" {
		in.Purpose = core.PayerIdentify
	}
	if in.Purpose != core.PayerIdentify && in.Purpose != core.PayerWake {
		return core.Errorf(core.CodeInvalidRequest, "The purpose is identify or wake.").At("purpose")
	}
	if err := checkText("state", in.State, 0, 128); err != nil {
		return err
	}
	if in.Code.Empty() && in.ReturnURL == "" {
		return missing("return_url", "Give the payer's code, or the page to which their browser comes back.")
	}
	if !in.Code.Empty() {
		return checkPayerCode(in.Code)
	}
	return s.checkReturnURL(in.ReturnURL)
}

// payerAccount is the live account whose provider tells who payers are.
func (s *Service) payerAccount(ctx context.Context, tenant core.ID, in core.ResolvePayerInput) (core.ProviderAccount, error) {
	accounts, _, err := s.payableAccounts(ctx, tenant, core.ID{}, core.ID{})
	if err != nil {
		return core.ProviderAccount{}, err
	}
	slices.SortStableFunc(accounts, func(a, b core.ProviderAccount) int { return rankDefault(a) - rankDefault(b) })
	for _, a := range accounts {
		if !in.AccountID.IsZero() && a.ID != in.AccountID {
			continue
		}
		m, err := s.Providers.Manifest(a.Provider)
		if err != nil {
			continue
		}
		grant, ok := m.Grants[core.CapResolvePayer]
		if !ok {
			continue
		}
		if in.Code.Empty() {
			if grant.Sends == 0 { // it tells by a redirect
				return a, nil
			}
			continue
		}
		if _, fits := recognise(m, string(in.Code.Reveal())); fits && grant.Sends > 0 {
			return a, nil
		}
	}
	return core.ProviderAccount{}, core.Errorf(core.CodeNoAccount, "No live provider account can tell who this payer is.").At("account_id")
}

func rankDefault(a core.ProviderAccount) int {
	if a.Default {
		return 0
	}
	return 1
}

// askPayer makes the call and turns its outcome into an answer or a refusal.
func (s *Service) askPayer(ctx context.Context, a core.ProviderAccount, request core.PayerRequest) (core.PayerResult, error) {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return core.PayerResult{}, err
	}
	work, stop := context.WithTimeout(context.WithoutCancel(ctx), s.CallTimeout)
	defer stop()
	attempt := core.Attempt{
		TenantID: a.TenantID, ID: core.NewID(s.Clock()), AccountID: a.ID, Operation: core.CapResolvePayer, Sent: core.SentMaybe, StartedAt: s.Clock(),
	}
	call := s.accountCall(ctx, id, a, core.CapResolvePayer, "")
	call.AttemptID = attempt.ID
	result, err := s.Providers.ResolvePayer(work, call, request)
	attempt = s.finished(attempt, result.Outcome, result.Provider, result.Exchange)
	recorded := s.Database.InTenant(work, a.TenantID, func(tx core.TenantTx) error { return tx.InsertAttempt(work, attempt) })
	switch {
	case err != nil:
		return result, err
	case recorded != nil:
		return result, recorded
	case result.PayerID != "" || result.NextAction != nil:
		return result, nil
	case result.Outcome == core.OutcomeUnknown:
		return result, core.Errorf(core.CodeProviderUnavailable, "The provider gave no answer that can be trusted. Try again.")
	}
	return result, core.Errorf(core.CodeProviderRefused, "The provider did not tell: %s %s", result.Provider.Code, result.Provider.Message)
}

// beginPayer remembers where the payer's browser goes in the end, and gives our address to
// which it comes back first.
func (s *Service) beginPayer(ctx context.Context, a core.ProviderAccount, in core.ResolvePayerInput) (string, error) {
	now := s.Clock()
	visit := core.PayerVisit{
		TenantID: a.TenantID, ID: core.NewID(now), AccountID: a.ID, Channel: in.Channel, ReturnURL: in.ReturnURL, State: in.State,
		CreatedAt: now, ExpiresAt: now.Add(payerLife),
	}
	err := s.Database.InTenant(ctx, a.TenantID, func(tx core.TenantTx) error { return tx.InsertPayerVisit(ctx, visit) })
	return s.PublicURL + "/payer/" + s.linkToken(purposePayer, visit.TenantID, visit.ID), err
}

// ReturnPayer takes a payer's browser back, once: what it brings is bound to the visit that
// we began.
func (s *Service) ReturnPayer(ctx context.Context, token string, query map[string]string) (string, error) {
	tenant, id, err := s.readLink(purposePayer, token)
	if err != nil {
		return "", err
	}
	ctx = core.WithIdentity(ctx, core.Identity{Actor: "payer", TenantID: tenant})
	var visit core.PayerVisit
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		visit, err = tx.TakePayerVisit(ctx, id, s.Clock())
		return err
	})
	if err != nil {
		return "", err
	}
	account, err := s.readAccount(ctx, tenant, visit.AccountID)
	if err != nil {
		return "", err
	}
	back := map[string]string{}
	if visit.State != "" {
		back["state"] = visit.State
	}
	result, err := s.askPayer(ctx, account, core.PayerRequest{Purpose: core.PayerIdentify, Channel: visit.Channel, Query: query})
	if err != nil || result.PayerID == "" {
		back["error"] = "payer_not_identified"
		return withQuery(visit.ReturnURL, back), nil //nolint:nilerr // the tenant's page tells the payer
	}
	back["payer_id"] = result.PayerID
	return withQuery(visit.ReturnURL, back), nil
}
