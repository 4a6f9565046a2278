package service

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// So many requests to an account's callback address that were not authentic, in so long, are
// more than an accident.
const (
	forgeriesTold = 5
	forgeriesIn   = 10 * time.Minute
)

// tellForgeries raises an alert when requests that are not authentic keep coming. The one
// that is being dealt with counts too.
func (s *Service) tellForgeries(ctx context.Context, tx core.TenantTx, c core.Callback) error {
	earlier, err := tx.Callbacks(ctx, core.CallbackFilter{
		AccountID: c.AccountID, Effects: []core.CallbackEffect{core.CallbackRefused, core.CallbackReplayed}, From: s.Clock().Add(-forgeriesIn),
		Page: core.Page{Limit: forgeriesTold},
	})
	if err != nil || len(earlier)+1 < forgeriesTold {
		return err
	}
	account, err := tx.Account(ctx, c.AccountID)
	if err != nil {
		return err
	}
	return s.raise(ctx, tx, core.Alert{
		TenantID: c.TenantID, Kind: core.AlertCallbackUnverified, Severity: core.SeverityWarning, ObjectID: c.AccountID, ObjectKind: kindAccount, Object: account.Name,
		Args: map[string]string{"count": strconv.Itoa(forgeriesTold), "minutes": strconv.Itoa(int(forgeriesIn / time.Minute))},
	})
}

// tellCorrection raises an alert when the provider's word changed what was final.
func (s *Service) tellCorrection(ctx context.Context, tx core.TenantTx, c *paymentChange, from core.PaymentState) error {
	if !slices.Contains(c.events, eventCorrected) {
		return nil
	}
	p := c.payment
	return s.raise(ctx, tx, core.Alert{
		TenantID: p.TenantID, Kind: core.AlertCorrection, Severity: core.SeverityCritical, ObjectID: p.ID, ObjectKind: kindPayment, Object: p.OrderNo,
		Args: map[string]string{"from": string(from), "to": string(p.State)},
	})
}
