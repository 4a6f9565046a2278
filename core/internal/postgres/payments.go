package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The columns an UPDATE may change come last: see paymentFixed.
var paymentTable = &table{"payments", []string{
	"tenant_id", "id", "order_no", "merchant_order_no", "account_id", "provider", "store_id", "terminal_id", "method",
	"amount", "currency", "subject", "description", "created_by", "created_at", "refunded", "reserved", "held", "version",
	"return_url", "user_ref",
	"channel", "state", "unknown_since", "unknown_reason", "next_action", "provider_order_no", "channel_trade_no",
	"payer_id", "provided_code", "provided_message", "failure_code", "fee", "refused_at", "cancel_asked_at",
	"cancel_sent_at", "next_check_at", "checks", "cancel_at", "updated_at", "succeeded_at", "bound_card_id", "code_sent_at",
	"confirm_sent_at", "action_opened_at", "resolution_id",
}}

// paymentFixed is how many columns UpdatePayment leaves alone. The refund sums are among
// them: only ReserveRefund, SettleReservation and the holds change them.
const paymentFixed = 21

var (
	paymentSelect = "SELECT " + strings.Join(paymentTable.columns, ", ") + " FROM payments"
	paymentUpdate = guardedUpdate(paymentTable, paymentFixed)
)

// guardedUpdate builds UPDATE … WHERE id, state and version are still those given.
func guardedUpdate(t *table, fixed int) string {
	var set strings.Builder
	for i, column := range t.columns[fixed:] {
		set.WriteString(column + " = $" + strconv.Itoa(5+i) + ", ")
	}
	return "UPDATE " + t.name + " SET " + set.String() + "version = version + 1, lease_until = NULL, lease_token = NULL" +
		" WHERE tenant_id = $1 AND id = $2 AND state = $3 AND version = $4"
}

func paymentValues(p core.Payment) []any {
	return []any{
		p.TenantID, p.ID, p.OrderNo, p.MerchantOrderNo, p.AccountID, p.Provider, p.StoreID, p.TerminalID, string(p.Method),
		p.Amount.Minor, string(p.Amount.Currency), clean(p.Subject), clean(p.Description), p.CreatedBy,
		stamp{p.CreatedAt},
		p.Refunded, p.Reserved, p.Held, p.Version,
		clean(p.ReturnURL), clean(p.UserRef),
		p.Channel, string(p.State),
		stamp{p.UnknownSince},
		clean(p.UnknownReason), encode(p.NextAction, p.NextAction == nil), clean(p.ProviderOrderNo), clean(p.ChannelTradeNo),
		clean(p.PayerID), clean(p.Provided.Code), clean(p.Provided.Message), p.FailureCode, p.Fee,
		stamp{p.RefusedAt},
		stamp{p.CancelAskedAt},
		stamp{p.CancelSentAt},
		stamp{p.NextCheckAt},
		p.Checks,
		stamp{p.CancelAt},
		stamp{p.UpdatedAt},
		stamp{p.SucceededAt},
		p.BoundCardID,
		stamp{p.CodeSentAt},
		stamp{p.ConfirmSentAt},
		stamp{p.ActionOpenedAt},
		p.ResolutionID,
	}
}

type paymentRow struct {
	TenantID        core.ID  `db:"tenant_id"`
	ID              core.ID  `db:"id"`
	OrderNo         string   `db:"order_no"`
	MerchantOrderNo string   `db:"merchant_order_no"`
	AccountID       core.ID  `db:"account_id"`
	Provider        string   `db:"provider"`
	StoreID         core.ID  `db:"store_id"`
	TerminalID      core.ID  `db:"terminal_id"`
	Method          string   `db:"method"`
	Channel         string   `db:"channel"`
	Amount          int64    `db:"amount"`
	Currency        string   `db:"currency"`
	Subject         string   `db:"subject"`
	Description     string   `db:"description"`
	State           string   `db:"state"`
	UnknownSince    stamp    `db:"unknown_since"`
	UnknownReason   string   `db:"unknown_reason"`
	NextAction      document `db:"next_action"`
	ProviderOrderNo string   `db:"provider_order_no"`
	ChannelTradeNo  string   `db:"channel_trade_no"`
	PayerID         string   `db:"payer_id"`
	ProvidedCode    string   `db:"provided_code"`
	ProvidedMessage string   `db:"provided_message"`
	FailureCode     string   `db:"failure_code"`
	Refunded        int64    `db:"refunded"`
	Reserved        int64    `db:"reserved"`
	Held            int64    `db:"held"`
	Fee             int64    `db:"fee"`
	RefusedAt       stamp    `db:"refused_at"`
	CancelAskedAt   stamp    `db:"cancel_asked_at"`
	CancelSentAt    stamp    `db:"cancel_sent_at"`
	NextCheckAt     stamp    `db:"next_check_at"`
	Checks          int      `db:"checks"`
	CancelAt        stamp    `db:"cancel_at"`
	CreatedBy       string   `db:"created_by"`
	CreatedAt       stamp    `db:"created_at"`
	UpdatedAt       stamp    `db:"updated_at"`
	SucceededAt     stamp    `db:"succeeded_at"`
	Version         int      `db:"version"`
	ReturnURL       string   `db:"return_url"`
	UserRef         string   `db:"user_ref"`
	BoundCardID     core.ID  `db:"bound_card_id"`
	CodeSentAt      stamp    `db:"code_sent_at"`
	ConfirmSentAt   stamp    `db:"confirm_sent_at"`
	ActionOpenedAt  stamp    `db:"action_opened_at"`
	ResolutionID    core.ID  `db:"resolution_id"`
}

func (r *paymentRow) payment() core.Payment {
	p := core.Payment{
		TenantID: r.TenantID, ID: r.ID, OrderNo: r.OrderNo, MerchantOrderNo: r.MerchantOrderNo, AccountID: r.AccountID,
		Provider: r.Provider, StoreID: r.StoreID, TerminalID: r.TerminalID, Method: core.Method(r.Method), Channel: r.Channel,
		Amount: core.Money{Minor: r.Amount, Currency: core.Currency(r.Currency)}, Subject: r.Subject, Description: r.Description,
		State: core.PaymentState(r.State), UnknownSince: r.UnknownSince.Time, UnknownReason: r.UnknownReason,
		ProviderOrderNo: r.ProviderOrderNo, ChannelTradeNo: r.ChannelTradeNo, PayerID: r.PayerID,
		Provided: core.ProviderText{Code: r.ProvidedCode, Message: r.ProvidedMessage}, FailureCode: r.FailureCode,
		Refunded: r.Refunded, Reserved: r.Reserved, Held: r.Held, Fee: r.Fee, RefusedAt: r.RefusedAt.Time, CancelAskedAt: r.CancelAskedAt.Time,
		CancelSentAt: r.CancelSentAt.Time, NextCheckAt: r.NextCheckAt.Time, Checks: r.Checks, CancelAt: r.CancelAt.Time,
		CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, SucceededAt: r.SucceededAt.Time, Version: r.Version,
		ReturnURL: r.ReturnURL, UserRef: r.UserRef, BoundCardID: r.BoundCardID, CodeSentAt: r.CodeSentAt.Time,
		ConfirmSentAt: r.ConfirmSentAt.Time, ActionOpenedAt: r.ActionOpenedAt.Time, ResolutionID: r.ResolutionID,
	}
	var next core.NextAction
	if len(r.NextAction) > 0 && json.Unmarshal(r.NextAction, &next) == nil {
		p.NextAction = &next
	}
	return p
}

// InsertPayment implements core.TenantTx. It is buffered: see the package comment.
func (t *tenantTx) InsertPayment(_ context.Context, p core.Payment) error {
	if p.TenantID != t.tenant {
		return wrongTenant("payment")
	}
	t.s.buffer.add(paymentTable, p.ID, paymentValues(p)...)
	t.s.buffer.add(orderTable, core.ID{}, p.OrderNo, p.TenantID, p.ID, "payment")
	return nil
}

// UpdatePayment implements core.TenantTx.
func (t *tenantTx) UpdatePayment(ctx context.Context, p core.Payment, from core.PaymentState) error {
	if err := t.s.flushIf(ctx, p.ID); err != nil {
		return err
	}
	args := append([]any{t.tenant, p.ID, string(from), p.Version}, paymentValues(p)[paymentFixed:]...)
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The payment changed meanwhile. Read it again."), paymentUpdate, args...)
}

var reserveRefund = `UPDATE payments SET reserved = reserved + $3, updated_at = $4, version = version + 1
	WHERE tenant_id = $1 AND id = $2 AND state = 'succeeded' AND refunded + reserved + $3 <= amount AND (NOT $5 OR reserved = held)
	RETURNING ` + strings.Join(paymentTable.columns, ", ")

// ReserveRefund implements core.TenantTx. The one statement is what keeps refunds within the
// payment at any concurrency: a waiting writer evaluates its condition anew on the newest row.
func (t *tenantTx) ReserveRefund(ctx context.Context, payment core.ID, amount int64, oneInFlight bool, now time.Time) (core.Payment, error) {
	if amount < 1 {
		return core.Payment{}, core.Errorf(core.CodeInvalidAmount, "The amount must be a whole number of fen, at least 1.").At("amount")
	}
	p, done, err := t.changePayment(ctx, payment, reserveRefund, t.tenant, payment, amount, stamp{now}, oneInFlight)
	if err != nil || done {
		return p, err
	}
	return p, whyNotReserved(p, oneInFlight)
}

func whyNotReserved(p core.Payment, oneInFlight bool) error {
	switch {
	case p.State != core.PaymentSucceeded:
		return core.Errorf(core.CodeInvalidState, "Only a payment that succeeded can be refunded; this one is %s.", p.State)
	case oneInFlight && p.Reserved > p.Held:
		return core.Errorf(core.CodeRefundInFlight, "Another refund of this payment is still running. Wait for its result.")
	}
	left := core.Money{Minor: p.Refundable(), Currency: p.Amount.Currency}
	return core.Errorf(core.CodeRefundExceeds, "Only %s of this payment can still be refunded.", left).At("amount").With("remaining", strconv.FormatInt(left.Minor, 10))
}

const settleReservation = `UPDATE payments SET reserved = reserved - $3, refunded = refunded + CASE WHEN $4 THEN $3 ELSE 0 END,
	updated_at = $5, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND reserved - held >= $3`

// SettleReservation implements core.TenantTx. Errors: CodeConflict when less is reserved.
func (t *tenantTx) SettleReservation(ctx context.Context, payment core.ID, amount int64, succeeded bool, now time.Time) error {
	if amount < 1 {
		return fmt.Errorf("postgres: a reservation of %d fen cannot be settled", amount)
	}
	if err := t.s.flushIf(ctx, payment); err != nil {
		return err
	}
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "This much is not reserved on the payment."),
		settleReservation, t.tenant, payment, amount, succeeded, stamp{now})
}

func (t *tenantTx) onePayment(ctx context.Context, where string, value any) (core.Payment, error) {
	var row paymentRow
	err := t.s.get(ctx, &row, core.NotFound("payment"), paymentSelect+" WHERE tenant_id = $1 AND "+where, t.tenant, value)
	if err != nil {
		return core.Payment{}, err
	}
	return row.payment(), nil
}

// Payment implements core.TenantReader.
func (t *tenantTx) Payment(ctx context.Context, id core.ID) (core.Payment, error) {
	return t.onePayment(ctx, "id = $2", id)
}

// PaymentByOrderNo implements core.TenantReader.
func (t *tenantTx) PaymentByOrderNo(ctx context.Context, orderNo string) (core.Payment, error) {
	return t.onePayment(ctx, "order_no = $2", orderNo)
}

// PaymentByMerchantOrderNo implements core.TenantReader.
func (t *tenantTx) PaymentByMerchantOrderNo(ctx context.Context, no string) (core.Payment, error) {
	return t.onePayment(ctx, "merchant_order_no = $2", no)
}

// wrongTenant is a mistake of ours, caught before the database would refuse it.
func wrongTenant(what string) error {
	return fmt.Errorf("postgres: this %s belongs to another tenant than the transaction", what)
}
