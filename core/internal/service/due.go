package service

import (
	"context"
	"fmt"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// CheckDue asks the provider about one thing whose time has come. The sweeper calls it
// with the lease taken. A thing that cannot be asked now stays due: its lease ends by itself.
func (s *Service) CheckDue(ctx context.Context, due core.Due) error {
	ctx = core.WithIdentity(ctx, core.Identity{Actor: "system", TenantID: due.TenantID})
	switch due.Kind {
	case core.DuePayment:
		return s.checkDuePayment(ctx, due)
	case core.DueRefund:
		return s.checkDueRefund(ctx, due)
	case core.DueWebhook:
		return s.sendWebhooks(ctx, due)
	case core.DueApproval:
		return s.checkDueApproval(ctx, due)
	case core.DuePayout:
		return s.checkDuePayout(ctx, due)
	case core.DueBalance:
		return s.checkDueBalances(ctx, due)
	case core.DueCheckIn:
		return s.checkDueCheckIn(ctx, due)
	case core.DueAlert:
		return s.spreadAlert(ctx, due)
	case core.DueAlertChannel:
		return s.sendAlerts(ctx, due)
	case core.DueBooks:
		return s.checkDueBooks(ctx, due)
	case core.DueReconciliation:
		return s.checkDueDay(ctx, due)
	case core.DueBillImport:
		return s.checkDueBillImport(ctx, due)
	case core.DueExport:
		return s.checkDueExport(ctx, due)
	}
	return fmt.Errorf("service: nothing is known of due things of the kind %q", due.Kind)
}

func (s *Service) checkDuePayment(ctx context.Context, due core.Due) error {
	p, route, err := s.loadPayment(ctx, due.TenantID, due.ID)
	if err != nil {
		return err
	}
	if p.NextCheckAt.IsZero() || p.NextCheckAt.After(s.Clock()) {
		return s.Database.ReleaseDue(ctx, due)
	}
	if p.UnknownReason == doubtCancelUnfinished {
		_, _, err = s.cancelAtProvider(ctx, p, route, nil)
		return err
	}
	_, _, err = s.queryPayment(ctx, p, route)
	return err
}

func (s *Service) checkDueRefund(ctx context.Context, due core.Due) error {
	r, p, route, err := s.loadRefund(ctx, due.TenantID, due.ID)
	if err != nil {
		return err
	}
	if r.NextCheckAt.IsZero() || r.NextCheckAt.After(s.Clock()) {
		return s.Database.ReleaseDue(ctx, due)
	}
	if r.ToBeSent() {
		_, err := s.sendApproved(ctx, r, p, route)
		return err
	}
	if !offers(route.manifest, p.Method, core.CapQueryRefund) {
		return s.leaveInDoubt(ctx, r)
	}
	_, _, err = s.queryRefund(ctx, p, r, route)
	return err
}

// DoubtForPeople is the reason of doubt of what only a person can tell.
const DoubtForPeople = doubtAnswer

// AskFirst maps the reasons of doubt that make a due payment be acted on without a question
// to those that have it asked about first: after a restore the state is as old as the backup.
func AskFirst() map[string]string { return map[string]string{doubtCancelUnfinished: doubtCancel} }

// leaveInDoubt is for a refund without an outcome at a provider that cannot be asked about
// it: the bill or a person settles it, and nothing is due any more.
func (s *Service) leaveInDoubt(ctx context.Context, r core.Refund) error {
	now := s.Clock()
	c := refundChange{refund: r}
	c.refund.NextCheckAt, c.refund.UpdatedAt = time.Time{}, now
	if r.UnknownSince.IsZero() && !s.refunds.Final(r.State) {
		c.refund.UnknownSince = now
		c.refund.UnknownReason = doubtAnswer
		c.events = []string{"refund.unknown"}
	}
	return s.Database.InTenant(ctx, r.TenantID, func(tx core.TenantTx) error {
		_, err := s.writeRefund(ctx, tx, c, r)
		return err
	})
}
