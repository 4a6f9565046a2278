package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// caseRows bounds the lists of a case: an order has some dozens of callbacks and events at most.
const caseRows = 200

// settledByBill stands in for a manifest that does not say what settles such an order.
func settledByBill() core.Text {
	return core.Text{
		ZH: "该支付方式没有可以确定结果的查询接口：以渠道对账单、渠道商户平台的记录或渠道客服的书面答复为准。",
		EN: "The provider has no question whose answer decides this: its bill, its own merchant pages or its support's written word does.",
	}
}

// Case reads a case with all that is known of what it is about.
func (s *Service) Case(ctx context.Context, id core.ID) (core.CaseDetail, error) {
	_, tenant, err := s.tenantOfCase(ctx, id, "read")
	if err != nil {
		return core.CaseDetail{}, err
	}
	return s.caseDetail(ctx, tenant, id)
}

func (s *Service) caseDetail(ctx context.Context, tenant, id core.ID) (d core.CaseDetail, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if d.Case, err = tx.Case(ctx, id); err != nil {
			return err
		}
		if d.Account, err = tx.Account(ctx, d.Case.AccountID); err != nil {
			return err
		}
		if err := readCaseObject(ctx, tx, &d); err != nil {
			return err
		}
		page := core.Page{Limit: caseRows}
		about := core.CallbackFilter{ObjectID: d.Case.ObjectID, Page: page}
		if d.Case.ObjectKind == kindAccount {
			about = core.CallbackFilter{AccountID: d.Case.ObjectID, Effects: effectsOf(d.Case.Kind), Page: page}
		}
		if d.Callbacks, err = tx.Callbacks(ctx, about); err != nil {
			return err
		}
		if d.Events, err = tx.Events(ctx, core.EventFilter{ObjectID: d.Case.ObjectID, Page: page}); err != nil {
			return err
		}
		d.Resolutions, err = tx.Resolutions(ctx, d.Case.ObjectID)
		return err
	})
	if err != nil {
		return d, err
	}
	s.judgeAskable(&d)
	return d, nil
}

// effectsOf is which callbacks an account's case is about.
func effectsOf(kind core.CaseKind) []core.CallbackEffect {
	switch kind { //nolint:exhaustive // the others are about orders
	case core.CaseCallbackUnverified:
		return []core.CallbackEffect{core.CallbackRefused}
	case core.CaseCallbackReplayed:
		return []core.CallbackEffect{core.CallbackReplayed}
	case core.CaseCallbackStranger:
		return []core.CallbackEffect{core.CallbackNotKnown}
	}
	return nil
}

// readCaseObject reads the order a case is about with every call about it.
func readCaseObject(ctx context.Context, tx core.TenantTx, d *core.CaseDetail) error {
	payment := d.Case.ObjectID
	switch d.Case.ObjectKind {
	case kindRefund:
		r, err := tx.Refund(ctx, d.Case.ObjectID)
		if err != nil {
			return err
		}
		d.Refund, payment = &r, r.PaymentID
	case kindPayout:
		return readCasePayout(ctx, tx, d)
	case kindPayment:
	default:
		return nil
	}
	p, err := tx.Payment(ctx, payment)
	if err != nil {
		return err
	}
	d.Payment = &p
	all, err := tx.Attempts(ctx, payment)
	for _, a := range all {
		if d.Refund == nil && a.RefundID.IsZero() || d.Refund != nil && a.RefundID == d.Refund.ID {
			d.Attempts = append(d.Attempts, a)
		}
	}
	return err
}

func readCasePayout(ctx context.Context, tx core.TenantTx, d *core.CaseDetail) error {
	p, err := tx.Payout(ctx, d.Case.ObjectID)
	if err != nil {
		return err
	}
	d.Payout = &p
	d.Attempts, err = tx.PayoutAttempts(ctx, p.ID)
	return err
}

// judgeAskable says whether the provider can be asked, whether its answer decides, and what
// does otherwise.
func (s *Service) judgeAskable(d *core.CaseDetail) {
	question := core.CapQueryPayment
	switch {
	case d.Refund != nil:
		question, d.NextAskAt = core.CapQueryRefund, d.Refund.NextCheckAt
	case d.Payment != nil:
		d.NextAskAt = d.Payment.NextCheckAt
	case d.Payout != nil:
		question, d.NextAskAt = core.CapQueryPayout, d.Payout.NextCheckAt
	default:
		return
	}
	for _, a := range d.Attempts {
		if a.Operation == question && a.StartedAt.After(d.LastAskedAt) {
			d.LastAskedAt = a.StartedAt
		}
	}
	m, err := s.Providers.Manifest(d.Account.Provider)
	if err != nil {
		d.SettledBy = settledByBill()
		return
	}
	if d.Payout != nil {
		d.Askable = payoutSpecOf(m) != nil
		d.Conclusive = d.Askable
		return
	}
	d.Askable = offers(m, d.Payment.Method, question)
	d.Conclusive = d.Askable && (d.Refund == nil || m.Refund.Conclusive)
	if d.Conclusive {
		return
	}
	if d.SettledBy = m.Refund.SettledBy; d.SettledBy == (core.Text{}) {
		d.SettledBy = settledByBill()
	}
}

// AskCase asks the provider about the order now.
func (s *Service) AskCase(ctx context.Context, id core.ID) (core.CaseDetail, error) {
	_, tenant, err := s.tenantOfCase(ctx, id, "read")
	if err != nil {
		return core.CaseDetail{}, err
	}
	d, err := s.caseDetail(ctx, tenant, id)
	if err != nil {
		return d, err
	}
	switch {
	case d.Refund != nil:
		_, err = s.SyncRefund(ctx, d.Refund.ID)
	case d.Payment != nil:
		_, err = s.SyncPayment(ctx, d.Payment.ID)
	case d.Payout != nil:
		_, err = s.SyncPayout(ctx, d.Payout.ID)
	default:
		err = core.Errorf(core.CodeNotSupported, "The case is not about an order: there is nothing to ask the provider.")
	}
	if err != nil {
		return d, err
	}
	return s.caseDetail(ctx, tenant, id)
}
