package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The guarded updates of what is held for refunds that wait. As with ReserveRefund, each is
// one statement whose condition a waiting writer evaluates anew on the newest row.
var (
	holdRefund = `UPDATE payments SET reserved = reserved + $3, held = held + $3, updated_at = $4, version = version + 1
		WHERE tenant_id = $1 AND id = $2 AND state = 'succeeded' AND refunded + reserved + $3 <= amount
		RETURNING ` + strings.Join(paymentTable.columns, ", ")
	startHeld = `UPDATE payments SET held = held - $3, updated_at = $4, version = version + 1
		WHERE tenant_id = $1 AND id = $2 AND held >= $3 AND (NOT $5 OR reserved = held)
		RETURNING ` + strings.Join(paymentTable.columns, ", ")
)

const releaseHeld = `UPDATE payments SET reserved = reserved - $3, held = held - $3, updated_at = $4, version = version + 1
	WHERE tenant_id = $1 AND id = $2 AND held >= $3`

// HoldRefund implements core.ApprovalTx.
func (t *tenantTx) HoldRefund(ctx context.Context, payment core.ID, amount int64, now time.Time) (core.Payment, error) {
	if amount < 1 {
		return core.Payment{}, core.Errorf(core.CodeInvalidAmount, "The amount must be a whole number of fen, at least 1.").At("amount")
	}
	p, done, err := t.changePayment(ctx, payment, holdRefund, t.tenant, payment, amount, stamp{now})
	if err != nil || done {
		return p, err
	}
	return p, whyNotReserved(p, false)
}

// StartHeld implements core.ApprovalTx.
func (t *tenantTx) StartHeld(ctx context.Context, payment core.ID, amount int64, oneInFlight bool, now time.Time) (core.Payment, error) {
	p, done, err := t.changePayment(ctx, payment, startHeld, t.tenant, payment, amount, stamp{now}, oneInFlight)
	switch {
	case err != nil || done:
		return p, err
	case p.Held < amount:
		return p, notHeld()
	}
	return p, core.Errorf(core.CodeRefundInFlight, "Another refund of this payment is still running. Wait for its result.")
}

// ReleaseHeld implements core.ApprovalTx.
func (t *tenantTx) ReleaseHeld(ctx context.Context, payment core.ID, amount int64, now time.Time) error {
	return t.s.mustChange(ctx, notHeld(), releaseHeld, t.tenant, payment, amount, stamp{now})
}

func notHeld() error { return core.Errorf(core.CodeConflict, "This much is not held on the payment.") }

// changePayment runs a guarded UPDATE of one payment that returns the row. When nothing
// matched it gives the payment as it is, for the caller to say why.
func (t *tenantTx) changePayment(ctx context.Context, payment core.ID, statement string, args ...any) (p core.Payment, done bool, err error) {
	if err := t.s.flushIf(ctx, payment); err != nil {
		return p, false, err
	}
	t.s.wrote = true
	var rows []paymentRow
	if err := t.s.SelectContext(ctx, &rows, statement, args...); err != nil {
		return p, false, translate(ctx, err)
	}
	if len(rows) == 1 {
		return rows[0].payment(), true, nil
	}
	p, err = t.Payment(ctx, payment)
	return p, false, err
}
