package service

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Payment reads one payment with everything that happened to it.
func (s *Service) Payment(ctx context.Context, payment core.ID) (core.PaymentDetail, error) {
	id, tenant, err := s.tenantOfPayment(ctx, payment, "read")
	if err != nil {
		return core.PaymentDetail{}, err
	}
	var d core.PaymentDetail
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		return readPaymentDetail(ctx, tx, payment, &d)
	})
	if err != nil {
		return core.PaymentDetail{}, err
	}
	if !id.MayUseStore(d.Payment.StoreID) {
		return core.PaymentDetail{}, core.NotFound("payment")
	}
	final := s.payments.Final(d.Payment.State)
	may := func(object, action string) bool {
		return s.Authorizer.Authorize(ctx, id, core.Permission{Object: object, Action: action}) == nil
	}
	d.Syncable = (d.Payment.State != core.PaymentSucceeded || !d.Payment.ResolutionID.IsZero()) && may("payments", "sync")
	d.Cancelable = (!final || d.Payment.State == core.PaymentExpired) && may("payments", "cancel")
	d.Refundable = d.Payment.Refundable() > 0 && may("refunds", "create")
	return d, nil
}

func readPaymentDetail(ctx context.Context, tx core.TenantTx, payment core.ID, d *core.PaymentDetail) (err error) {
	if d.Payment, err = tx.Payment(ctx, payment); err != nil {
		return err
	}
	if d.Tenant, err = tx.Tenant(ctx); err != nil {
		return err
	}
	if d.Account, err = tx.Account(ctx, d.Payment.AccountID); err != nil {
		return err
	}
	if d.Refunds, err = tx.Refunds(ctx, core.RefundFilter{PaymentID: payment, Page: core.Page{Limit: 200}}); err != nil {
		return err
	}
	if d.Attempts, err = tx.Attempts(ctx, payment); err != nil {
		return err
	}
	d.Events, err = tx.Events(ctx, core.EventFilter{ObjectID: payment, Page: core.Page{Limit: 200}})
	return err
}

// ListPayments lists the tenant's payments, or all tenants' for a platform caller that named none.
func (s *Service) ListPayments(ctx context.Context, f core.PaymentFilter) (list []core.Payment, err error) {
	id, tenant, err := s.allowAnywhere(ctx, "payments", "read")
	if err != nil {
		return nil, err
	}
	if f.StoreIDs, err = storesSeen(id, f.StoreIDs); err != nil {
		return nil, err
	}
	if f.TenantID, err = narrowed(tenant, f.TenantID); err != nil {
		return nil, err
	}
	err = s.read(ctx, tenant, func(tx reader) error {
		list, err = tx.Payments(ctx, f)
		return err
	})
	return list, err
}

// storesSeen narrows a filter to the stores the caller is bound to.
func storesSeen(id core.Identity, asked []core.ID) ([]core.ID, error) {
	if id.StoreIDs == nil {
		return asked, nil
	}
	if len(asked) == 0 {
		return id.StoreIDs, nil
	}
	for _, store := range asked {
		if !id.MayUseStore(store) {
			return nil, core.Errorf(core.CodeForbidden, "You are bound to other stores; choose one of yours.").At("store_id")
		}
	}
	return asked, nil
}

// SyncPayment asks the provider now.
func (s *Service) SyncPayment(ctx context.Context, payment core.ID) (core.Payment, error) {
	p, route, err := s.openPayment(ctx, payment, "sync")
	if err != nil || p.State == core.PaymentSucceeded && p.ResolutionID.IsZero() || s.cancelRunning(p) {
		return p, err
	}
	work := context.WithoutCancel(ctx)
	p, change, err := s.queryPayment(work, p, route)
	if err != nil {
		return p, err
	}
	if change.notSent != nil {
		return p, change.notSent
	}
	return p, s.recordAction(work, p.TenantID, "payment.sync", p.ID.Prefixed(core.PrefixPayment), paymentEvent(p))
}

// cancelRunning says that a cancel may still be on its way: a query now could tell the
// state before it took effect.
func (s *Service) cancelRunning(p core.Payment) bool {
	return !p.CancelSentAt.IsZero() && s.Clock().Before(p.CancelSentAt.Add(s.CallTimeout)) && !s.payments.Final(p.State) &&
		p.NextCheckAt.After(s.Clock())
}

// CancelPayment asks the provider to take an unfinished payment back.
func (s *Service) CancelPayment(ctx context.Context, payment core.ID, reason string) (core.Payment, error) {
	if err := checkText("reason", reason, 0, 200); err != nil {
		return core.Payment{}, err
	}
	p, route, err := s.openPayment(ctx, payment, "cancel")
	if err != nil {
		return p, err
	}
	switch {
	case p.State == core.PaymentCanceled || p.State == core.PaymentClosed:
		return p, nil
	case p.State == core.PaymentSucceeded:
		return p, core.Errorf(core.CodeInvalidState, "The payment is paid; refund it instead.")
	case s.payments.Final(p.State) && p.State != core.PaymentExpired:
		return p, core.Errorf(core.CodeInvalidState, "The payment is %s; there is nothing to cancel.", p.State)
	case !offers(route.manifest, p.Method, endingOf(route.manifest, p.Method)):
		return p, core.Errorf(core.CodeNotSupported, "The provider offers no cancel.")
	case s.cancelRunning(p):
		return p, nil
	}
	if wait := route.manifest.Cancel.NotBefore - s.Clock().Sub(p.CreatedAt); wait > 0 && endingOf(route.manifest, p.Method) == core.CapCancelPayment {
		seconds := strconv.Itoa(int((wait + time.Second - 1) / time.Second))
		return p, core.Errorf(core.CodeTooEarly, "The provider takes no cancel so soon after the order; nothing was sent. Try again in %s seconds.", seconds).With("seconds", seconds)
	}
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return p, err
	}
	asked := paymentEvent(p)
	asked["reason"] = reason
	entry, err := s.audit(id, p.TenantID, "payment.cancel", p.ID.Prefixed(core.PrefixPayment), nil, asked)
	if err != nil {
		return p, err
	}
	p, change, err := s.cancelAtProvider(context.WithoutCancel(ctx), p, route, &entry)
	if err != nil {
		return p, err
	}
	return p, change.notSent
}

// openPayment authorizes, reads the payment and the account it belongs to.
func (s *Service) openPayment(ctx context.Context, payment core.ID, action string) (p core.Payment, route paymentRoute, err error) {
	id, tenant, err := s.tenantOfPayment(ctx, payment, action)
	if err != nil {
		return p, route, err
	}
	if p, route, err = s.loadPayment(ctx, tenant, payment); err != nil {
		return p, route, err
	}
	if !id.MayUseStore(p.StoreID) {
		return core.Payment{}, route, core.NotFound("payment")
	}
	return p, route, nil
}

// tenantOfPayment finds the tenant for a platform caller that named none; the caller's
// own tenant otherwise. What belongs to another tenant does not exist.
func (s *Service) tenantOfPayment(ctx context.Context, payment core.ID, action string) (core.Identity, core.ID, error) {
	id, tenant, err := s.allowAnywhere(ctx, "payments", action)
	if err != nil || !tenant.IsZero() {
		return id, tenant, err
	}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		tenant, err = tx.TenantOfPayment(ctx, payment)
		return err
	})
	return id, tenant, err
}

func (s *Service) loadPayment(ctx context.Context, tenant, payment core.ID) (p core.Payment, route paymentRoute, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if p, err = tx.Payment(ctx, payment); err != nil {
			return err
		}
		route.account, err = tx.Account(ctx, p.AccountID)
		return err
	})
	if err != nil {
		return p, route, err
	}
	route.manifest, err = s.Providers.Manifest(p.Provider)
	return p, route, err
}

// queryPayment asks once and records the answer; a cancel that falls due with it follows.
func (s *Service) queryPayment(ctx context.Context, p core.Payment, route paymentRoute) (core.Payment, paymentChange, error) {
	p, change, err := s.exchange(ctx, p, route, core.CapQueryPayment)
	if err != nil || !change.cancel || !offers(route.manifest, p.Method, endingOf(route.manifest, p.Method)) {
		return p, change, err
	}
	return s.cancelAtProvider(ctx, p, route, nil)
}

// cancelAtProvider notes that a cancel is on its way, and who asked for it, sends it, and
// records the answer. asked is nil when the host does it of its own accord.
func (s *Service) cancelAtProvider(ctx context.Context, p core.Payment, route paymentRoute, asked *core.AuditEntry) (core.Payment, paymentChange, error) {
	now := s.Clock()
	p.CancelSentAt, p.UpdatedAt, p.NextCheckAt = now, now, now.Add(s.CallTimeout+answerMargin)
	if p.CancelAskedAt.IsZero() {
		p.CancelAskedAt = now
	}
	if p.UnknownReason == doubtCancelUnfinished {
		// It is being asked for again: should the host die now, the order is asked about first.
		p.UnknownReason = doubtCancel
	}
	err := s.Database.InTenant(ctx, p.TenantID, func(tx core.TenantTx) error {
		if asked != nil {
			if err := tx.AppendAudit(ctx, *asked); err != nil {
				return err
			}
		}
		return s.writePayment(ctx, tx, &paymentChange{payment: p, changed: true, events: []string{"payment.cancel_requested"}}, p.State)
	})
	if err != nil {
		return p, paymentChange{payment: p}, err
	}
	p.Version++
	return s.exchange(ctx, p, route, endingOf(route.manifest, p.Method))
}

// exchange makes one call about an existing payment and records it.
func (s *Service) exchange(ctx context.Context, p core.Payment, route paymentRoute, operation core.Capability) (core.Payment, paymentChange, error) {
	attempt := s.newAttempt(p, core.ID{}, operation)
	err := s.Database.InTenant(ctx, p.TenantID, func(tx core.TenantTx) error { return tx.InsertAttempt(ctx, attempt) })
	if err != nil {
		return p, paymentChange{payment: p}, err
	}
	ask, latest := s.Providers.QueryPayment, time.Time{}
	if ends(operation) {
		ask = s.Providers.CancelPayment
		if operation == core.CapClosePayment {
			ask = s.Providers.ClosePayment
		}
		// After this the provider's word "paid" is believed again.
		latest = p.CancelSentAt.Add(s.CallTimeout)
		s.Hook("before_cancel")
	}
	var result core.PaymentResult
	callCtx, stop, err := s.callUntil(ctx, latest)
	defer stop()
	if err == nil {
		result, err = ask(callCtx, s.providerCall(ctx, p, attempt, route.account), orderRef(p))
	} else {
		result.Exchange.Sent = core.SentNo
	}
	result, notSent := settleCallError(result, err)
	p, change, err := s.applyPayment(ctx, p, attempt, result, route.manifest)
	if err != nil && ends(operation) && notSent == nil {
		err = core.Wrap(err, core.CodeOutcomeUnknown, "The provider was asked to take the order back and its answer could not be recorded. The order is asked about by itself; look again in a moment.")
	}
	change.notSent, change.result = notSent, result
	return p, change, err
}

func orderRef(p core.Payment) core.OrderRef {
	return core.OrderRef{
		OrderNo: p.OrderNo, ProviderOrderNo: p.ProviderOrderNo, Method: p.Method, Channel: p.Channel,
		Amount: p.Amount, CreatedAt: p.CreatedAt,
	}
}

// offers says whether the product that a method belongs to has a capability. An order of a
// method that a newer plugin no longer lists keeps what the plugin has at all.
func offers(m core.Manifest, method core.Method, c core.Capability) bool {
	listed := false
	for _, p := range m.Products {
		if slices.ContainsFunc(p.Methods, func(s core.MethodSpec) bool { return s.Method == method }) {
			listed = true
			if slices.Contains(p.Capabilities, c) {
				return true
			}
		}
	}
	_, granted := m.Grants[c]
	return granted && !listed
}

// endingOf is how an unpaid order of the method is ended at the provider.
func endingOf(m core.Manifest, method core.Method) core.Capability {
	if slices.Contains(m.Cancel.ByClose, method) {
		return core.CapClosePayment
	}
	return core.CapCancelPayment
}

func ends(c core.Capability) bool { return c == core.CapCancelPayment || c == core.CapClosePayment }

// recordAction writes the audit row of something a person did to an object.
func (s *Service) recordAction(ctx context.Context, tenant core.ID, action, object string, after any) error {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return err
	}
	entry, err := s.audit(id, tenant, action, object, nil, after)
	if err != nil {
		return err
	}
	return s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error { return tx.AppendAudit(ctx, entry) })
}
