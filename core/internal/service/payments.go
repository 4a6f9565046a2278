package service

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/core"
)

// operationCreatePayment and operationCreateRefund name the operations of idempotency keys.
const (
	operationCreatePayment = "payments.create"
	operationCreateRefund  = "refunds.create"
)

// CreatePayment writes the intent, calls the provider with no connection held, and
// records the outcome.
func (s *Service) CreatePayment(ctx context.Context, in core.CreatePaymentInput) (core.PaymentReply, error) {
	id, tenant, err := s.allow(ctx, "payments", "create")
	if err != nil {
		return core.PaymentReply{}, err
	}
	if err := checkPaymentInput(in); err != nil {
		return core.PaymentReply{}, err
	}
	if err := s.checkReturnURL(in.ReturnURL); err != nil {
		return core.PaymentReply{}, err
	}
	if !id.MayUseStore(in.StoreID) {
		return core.PaymentReply{}, core.Errorf(core.CodeForbidden, "You are bound to other stores; choose one of yours.").At("store_id")
	}
	key := s.paymentKey(id, in)
	route, err := s.routePayment(ctx, tenant, in)
	if err != nil {
		// A repeated key answers as the first time, whatever has become of the account since.
		saved, err := s.replayOr(ctx, tenant, key, err)
		return s.answerPayment(ctx, tenant, saved, true, in.Wait, err)
	}
	payment, err := s.newPayment(ctx, id, tenant, in, route, key.ObjectID)
	if err != nil {
		return core.PaymentReply{}, err
	}
	s.Hook("before_intent")
	attempt := s.newAttempt(payment, core.ID{}, core.CapCreatePayment)
	payment, replayed, err := s.writeIntent(ctx, id, payment, attempt, key)
	if err != nil || replayed {
		return s.answerPayment(ctx, tenant, payment.ID, replayed, in.Wait, err)
	}
	s.Hook("after_intent")
	// The client may go away; the call and its outcome may not.
	work := context.WithoutCancel(ctx)
	payment, err = s.sendPayment(work, payment, attempt, route, in)
	if err != nil {
		return core.PaymentReply{}, err
	}
	if payment.State != core.PaymentProcessing {
		return core.PaymentReply{Payment: payment}, nil // as it was recorded; there is nothing to wait for
	}
	reply, err := s.answerPayment(ctx, tenant, payment.ID, false, in.Wait, nil)
	if err != nil {
		// It was called and recorded: an error that says "nothing was done" would be wrong.
		return core.PaymentReply{Payment: payment}, nil //nolint:nilerr // what was recorded is the answer
	}
	return reply, nil
}

// paymentRoute is where a payment goes.
type paymentRoute struct {
	account  core.ProviderAccount
	manifest core.Manifest
	channel  string
	place    place
	card     *core.Card // memory only
}

func (s *Service) newPayment(ctx context.Context, id core.Identity, tenant core.ID, in core.CreatePaymentInput, route paymentRoute, payment core.ID) (core.Payment, error) {
	now := s.Clock()
	orderNo, err := s.Database.NextOrderNo(ctx, now)
	if err != nil {
		return core.Payment{}, err
	}
	p := core.Payment{
		TenantID: tenant, ID: payment, OrderNo: orderNo, MerchantOrderNo: in.MerchantOrderNo,
		AccountID: route.account.ID, Provider: route.account.Provider, StoreID: in.StoreID, TerminalID: in.TerminalID,
		Method: in.Method, Channel: route.channel, Amount: in.Amount, Subject: in.Subject, Description: in.Description,
		State: core.PaymentProcessing, NextCheckAt: now.Add(s.CallTimeout + answerMargin),
		ReturnURL: in.ReturnURL, UserRef: in.UserRef, BoundCardID: in.BoundCardID, PayerID: in.PayerID,
		CreatedBy: id.Actor, CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	if p.MerchantOrderNo == "" {
		p.MerchantOrderNo = orderNo
	}
	if after, ok := route.manifest.Cancel.After[in.Method]; ok {
		p.CancelAt = now.Add(after)
	}
	return p, nil
}

func (s *Service) newAttempt(p core.Payment, refund core.ID, operation core.Capability) core.Attempt {
	now := s.Clock()
	return core.Attempt{
		TenantID: p.TenantID, ID: core.NewID(now), PaymentID: p.ID, RefundID: refund,
		AccountID: p.AccountID, Operation: operation, Sent: core.SentMaybe, StartedAt: now,
	}
}

// writeIntent commits the payment, the attempt, the event, the audit row and the
// idempotency key in one transaction. replayed means that the key was used before.
func (s *Service) writeIntent(ctx context.Context, id core.Identity, p core.Payment, attempt core.Attempt, key core.IdempotencyKey) (core.Payment, bool, error) {
	replayed := false
	event, err := s.event(p.TenantID, "payment.created", p.ID, paymentEvent(p))
	if err != nil {
		return p, false, err
	}
	event.CreatedAt = p.CreatedAt // its story begins with it, before the first call
	entry, err := s.audit(id, p.TenantID, "payment.create", p.ID.Prefixed(core.PrefixPayment), nil, paymentEvent(p))
	if err != nil {
		return p, false, err
	}
	err = s.Database.InTenant(ctx, p.TenantID, func(tx core.TenantTx) error {
		saved, err := tx.BeginIdempotent(ctx, key, p.CreatedAt)
		if err != nil {
			return err
		}
		if saved != nil {
			replayed, p.ID = true, saved.ObjectID
			return nil
		}
		if err := tx.InsertPayment(ctx, p); err != nil {
			return err
		}
		if err := tx.InsertAttempt(ctx, attempt); err != nil {
			return err
		}
		if err := tx.AppendEvent(ctx, event); err != nil {
			return err
		}
		if err := tx.AppendAudit(ctx, entry); err != nil {
			return err
		}
		return s.checkLimits(ctx, tx, paymentSpend(p))
	})
	if core.CodeOf(err) == core.CodeOutcomeUnknown {
		// The commit's answer was lost. If the row stands, the intent was written; the
		// sweeper asks for it. Nothing is sent from here on an uncertain intent.
		if stored, readErr := s.readPayment(ctx, p.TenantID, p.ID); readErr == nil {
			return stored, true, nil
		}
	}
	return p, replayed, err
}

// sendPayment makes the one call of a new payment and records what came of it.
func (s *Service) sendPayment(ctx context.Context, p core.Payment, attempt core.Attempt, route paymentRoute, in core.CreatePaymentInput) (core.Payment, error) {
	request := core.PaymentRequest{
		OrderNo: p.OrderNo, Method: p.Method, Channel: p.Channel, Amount: p.Amount, Subject: p.Subject,
		Description: p.Description, PayerCode: in.PayerCode, Operator: operatorOf(in, p), ReturnURL: in.ReturnURL,
		StoreCode: route.place.store, TerminalNo: route.place.terminal,
		ClientIP: in.ClientIP, CreatedAt: p.CreatedAt, ExpiresAt: p.CancelAt, Extra: in.Extra, PayerID: in.PayerID, Card: route.card,
	}
	var result core.PaymentResult
	callCtx, stop, err := s.callUntil(ctx, p.NextCheckAt)
	defer stop()
	if err == nil {
		result, err = s.Providers.CreatePayment(callCtx, s.providerCall(ctx, p, attempt, route.account), request)
	} else {
		result.Exchange.Sent = core.SentNo
	}
	result, err = settleCallError(result, err)
	p, change, applyErr := s.applyPayment(ctx, p, attempt, result, route.manifest)
	if applyErr != nil {
		return p, unrecorded(applyErr)
	}
	if change.confirm {
		// Should the question fail, the payment is as it was and due: the sweeper asks again.
		if asked, _, askErr := s.queryPayment(ctx, p, route); askErr == nil {
			p = asked
		}
	}
	if err != nil && p.FailureCode == failureNotSent {
		// Nothing left and the payment is recorded as failed; the caller also hears why.
		return p, err
	}
	return p, nil
}

// callUntil bounds a call that moves money by the moment its order is asked about: what
// was written before the call says by then that it was made or never will be. A host that
// stood still since then must not send any more. A zero latest bounds a question, which may
// be asked at any time. Errors: CodeProviderUnavailable.
func (s *Service) callUntil(ctx context.Context, latest time.Time) (context.Context, context.CancelFunc, error) {
	left := s.CallTimeout
	if !latest.IsZero() {
		left = min(left, latest.Sub(s.Clock()))
	}
	if left <= 0 {
		return ctx, func() {}, core.Errorf(core.CodeProviderUnavailable, "This node was held up before it could call the provider; nothing was sent. Try again.")
	}
	callCtx, stop := context.WithTimeout(ctx, left)
	return callCtx, stop, nil
}

// unrecorded is what a caller hears when the call was made and its outcome could not be
// written: the money may have moved, whatever the database's own error says.
func unrecorded(err error) error {
	return core.Wrap(err, core.CodeOutcomeUnknown, "The provider was called and the outcome could not be recorded. Nothing is lost: ask again with the same Idempotency-Key.")
}

// settleCallError turns an error of Providers into a result that can be judged. The
// error is kept for the caller only when nothing was sent.
func settleCallError(r core.PaymentResult, err error) (core.PaymentResult, error) {
	if err == nil {
		return r, nil
	}
	if r.Outcome == "" {
		r.Outcome = core.OutcomeUnknown
	}
	if r.Provider.Message == "" {
		r.Provider = core.ProviderText{Code: string(core.CodeOf(err)), Message: publicMessage(err)}
	}
	if r.Exchange.Sent != core.SentNo {
		return r, nil
	}
	return r, err
}

// applyPayment records an answer: the attempt, the payment's next state and the events in
// one transaction. When the payment changed meanwhile the answer is judged anew.
func (s *Service) applyPayment(ctx context.Context, p core.Payment, attempt core.Attempt, result core.PaymentResult, m core.Manifest) (core.Payment, paymentChange, error) {
	attempt = s.finished(attempt, result.Outcome, result.Provider, result.Exchange)
	answer := paymentAnswer{
		operation: attempt.Operation, started: attempt.StartedAt, result: result, manifest: m,
		now: attempt.FinishedAt, callLimit: s.CallTimeout,
	}
	s.Hook("before_commit")
	for try := range 8 {
		var change paymentChange
		err := s.Database.InTenant(ctx, p.TenantID, func(tx core.TenantTx) error {
			from, judged, err := s.judgeStored(ctx, tx, p, answer, try > 0)
			if change = judged; err != nil {
				return err
			}
			if err := s.keepCard(ctx, tx, &change, result.BoundCard); err != nil {
				return err
			}
			if err := s.writePayment(ctx, tx, &change, from.State); err != nil {
				return err
			}
			return s.closeAttempt(ctx, tx, attempt)
		})
		switch core.CodeOf(err) {
		case "":
			s.Hook("after_commit")
			if change.changed {
				change.payment.Version++
			}
			return change.payment, change, nil
		case core.CodeConflict:
			continue
		case core.CodeOutcomeUnknown:
			// Committed or not: what stands in the database is the truth, and if it was not
			// committed the row is still due.
			stored, readErr := s.readPayment(ctx, p.TenantID, p.ID)
			return stored, paymentChange{payment: stored}, readErr
		default:
			return p, change, err
		}
	}
	return p, paymentChange{payment: p}, core.Errorf(core.CodeConflict, "The payment is being changed by others; try again.")
}

// judgeStored judges an answer upon the payment as it stands. A change is refused when the
// row is no longer the one that was judged, so the first try takes p for it and spares the
// reading; an answer that changes nothing is judged upon the row itself.
func (s *Service) judgeStored(ctx context.Context, tx core.TenantTx, p core.Payment, answer paymentAnswer, read bool) (core.Payment, paymentChange, error) {
	if !read {
		if change := s.judgePayment(p, answer); change.changed {
			return p, change, nil
		}
	}
	current, err := tx.Payment(ctx, p.ID)
	if err != nil {
		return current, paymentChange{}, err
	}
	return current, s.judgePayment(current, answer), nil
}

// closeAttempt completes a call's attempt. A callback is no call of ours: its own row tells of it.
func (s *Service) closeAttempt(ctx context.Context, tx core.TenantTx, attempt core.Attempt) error {
	if attempt.Operation == core.CapInbound {
		return nil
	}
	return tx.FinishAttempt(ctx, attempt)
}

// writePayment writes a change with its events and cases, charges a success, and keeps the
// books and the day's limits in step.
func (s *Service) writePayment(ctx context.Context, tx core.TenantTx, c *paymentChange, from core.PaymentState) error {
	if c.changed {
		if err := s.chargePayment(ctx, tx, &c.payment, from); err != nil {
			return err
		}
		if err := tx.UpdatePayment(ctx, c.payment, from); err != nil {
			return err
		}
		if err := s.recountSpend(ctx, tx, paymentSpend(c.payment), from.Counts(), c.payment.State.Counts()); err != nil {
			return err
		}
		if err := s.bookPayment(ctx, tx, c.payment, from); err != nil {
			return err
		}
	}
	for _, kind := range c.events {
		event, err := s.event(c.payment.TenantID, kind, c.payment.ID, paymentEvent(c.payment))
		if err != nil {
			return err
		}
		if err := tx.AppendEvent(ctx, event); err != nil {
			return err
		}
	}
	for kind, reason := range c.cases {
		if err := s.openCase(ctx, tx, paymentCase(c.payment, kind, reason)); err != nil {
			return err
		}
	}
	if err := s.followPayment(ctx, tx, *c); err != nil {
		return err
	}
	return s.tellCorrection(ctx, tx, c, from)
}

// answerPayment reads the payment and waits for its outcome as long as asked.
func (s *Service) answerPayment(ctx context.Context, tenant, payment core.ID, replayed bool, wait time.Duration, err error) (core.PaymentReply, error) {
	if err != nil {
		return core.PaymentReply{}, err
	}
	var p core.Payment
	err = waitFor(ctx, wait, func() (bool, error) {
		p, err = s.readPayment(ctx, tenant, payment)
		return p.State != core.PaymentProcessing, err
	})
	return core.PaymentReply{Payment: p, Replayed: replayed}, err
}

func (s *Service) readPayment(ctx context.Context, tenant, id core.ID) (p core.Payment, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		p, err = tx.Payment(ctx, id)
		return err
	})
	return p, err
}

func (s *Service) providerCall(ctx context.Context, p core.Payment, attempt core.Attempt, account core.ProviderAccount) core.ProviderCall {
	language := "zh"
	if id, err := core.IdentityFrom(ctx); err == nil && id.Language != "" {
		language = id.Language
	}
	return core.ProviderCall{
		TenantID: p.TenantID, AttemptID: attempt.ID, Account: account,
		Operation: attempt.Operation, OrderNo: p.OrderNo, Language: language, CallbackURL: s.callbackURL(ctx, account),
	}
}

func (s *Service) finished(a core.Attempt, outcome core.Outcome, text core.ProviderText, x core.Exchange) core.Attempt {
	a.FinishedAt = s.Clock()
	a.Outcome, a.Provided, a.Evidence = outcome, text, x.Evidence
	if a.Outcome == "" {
		a.Outcome = core.OutcomeUnknown
	}
	a.Sent = x.Sent
	if a.Sent == "" {
		a.Sent = core.SentMaybe
	}
	a.KeyUses, a.KeyVersion, a.Plugin, a.Duration = x.KeyUses, x.KeyVersion, x.Plugin, x.Duration
	return a
}

// checkPaymentInput refuses what no provider could take, before anything is written.
func checkPaymentInput(in core.CreatePaymentInput) error {
	if err := core.CheckAmount(in.Amount); err != nil {
		return err
	}
	if err := checkText("merchant_order_no", in.MerchantOrderNo, 0, 64); err != nil {
		return err
	}
	if err := checkText("subject", in.Subject, 1, 64); err != nil {
		return err
	}
	if err := checkText("description", in.Description, 0, 256); err != nil {
		return err
	}
	if in.Method == "" {
		return core.Errorf(core.CodeInvalidRequest, "Say how the payer pays.").At("method")
	}
	return nil
}

// checkText bounds a text in characters and refuses control characters.
func checkText(param, value string, least, most int) error {
	n := utf8.RuneCountInString(value)
	if n < least || n > most || !utf8.ValidString(value) {
		return core.Errorf(core.CodeInvalidRequest, "%s must have %d to %d characters; it has %d.", param, least, most, n).
			With("zh", fmt.Sprintf("须为 %d 至 %d 个字符，现有 %d 个。", least, most, n)).At(param)
	}
	if strings.ContainsFunc(value, unicode.IsControl) {
		return core.Errorf(core.CodeInvalidRequest, "%s must not hold control characters.", param).With("zh", "不能含有控制字符。").At(param)
	}
	return nil
}

func operatorOf(in core.CreatePaymentInput, p core.Payment) string {
	if in.Operator != "" {
		return in.Operator
	}
	return p.CreatedBy
}

// publicMessage is the sentence of an expected failure; an internal error has none to show.
func publicMessage(err error) string {
	if core.CodeOf(err) == core.CodeInternal {
		return "The call could not be completed."
	}
	text := err.Error()
	if _, sentence, ok := strings.Cut(text, ": "); ok {
		return sentence
	}
	return text
}

// paymentEvent is what events and audit rows say of a payment.
func paymentEvent(p core.Payment) map[string]any {
	out := map[string]any{
		"id": p.ID.Prefixed(core.PrefixPayment), "order_no": p.OrderNo, "merchant_order_no": p.MerchantOrderNo,
		"amount": p.Amount.Minor, "currency": string(p.Amount.Currency), "method": string(p.Method),
		"provider": p.Provider, "state": string(p.State), "refunded": p.Refunded, "fee": p.Fee,
	}
	if !p.UnknownSince.IsZero() {
		out["unknown_since"] = p.UnknownSince.UTC().Format(time.RFC3339)
		out["unknown_reason"] = p.UnknownReason
	}
	if p.FailureCode != "" {
		out["failure_code"] = p.FailureCode
		out["provider_message"] = fmt.Sprintf("%s %s", p.Provided.Code, p.Provided.Message)
	}
	return out
}
