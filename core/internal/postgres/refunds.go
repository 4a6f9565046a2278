package postgres

import (
	"context"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

var refundTable = &table{"refunds", []string{
	"tenant_id", "id", "payment_id", "refund_no", "merchant_refund_no", "account_id", "provider", "amount", "currency",
	"reason", "created_by", "created_at", "version",
	"refunded_before", "state", "unknown_since", "unknown_reason", "refused_at", "provider_refund_no", "provided_code", "provided_message",
	"failure_code", "next_check_at", "checks", "updated_at", "succeeded_at", "approved_at", "sent_at", "resolution_id",
}}

const refundFixed = 13

var (
	refundSelect = "SELECT " + strings.Join(refundTable.columns, ", ") + " FROM refunds"
	refundUpdate = guardedUpdate(refundTable, refundFixed)
)

func refundValues(r core.Refund) []any {
	return []any{
		r.TenantID, r.ID, r.PaymentID, r.RefundNo, r.MerchantRefundNo, r.AccountID, r.Provider, r.Amount.Minor, string(r.Amount.Currency),
		clean(r.Reason), r.CreatedBy,
		stamp{r.CreatedAt},
		r.Version,
		r.RefundedBefore, string(r.State),
		stamp{r.UnknownSince},
		clean(r.UnknownReason),
		stamp{r.RefusedAt},
		clean(r.ProviderRefundNo), clean(r.Provided.Code), clean(r.Provided.Message),
		r.FailureCode,
		stamp{r.NextCheckAt},
		r.Checks,
		stamp{r.UpdatedAt},
		stamp{r.SucceededAt},
		stamp{r.ApprovedAt},
		stamp{r.SentAt},
		r.ResolutionID,
	}
}

type refundRow struct {
	TenantID         core.ID `db:"tenant_id"`
	ID               core.ID `db:"id"`
	PaymentID        core.ID `db:"payment_id"`
	RefundNo         string  `db:"refund_no"`
	MerchantRefundNo string  `db:"merchant_refund_no"`
	AccountID        core.ID `db:"account_id"`
	Provider         string  `db:"provider"`
	Amount           int64   `db:"amount"`
	Currency         string  `db:"currency"`
	RefundedBefore   int64   `db:"refunded_before"`
	Reason           string  `db:"reason"`
	State            string  `db:"state"`
	UnknownSince     stamp   `db:"unknown_since"`
	UnknownReason    string  `db:"unknown_reason"`
	RefusedAt        stamp   `db:"refused_at"`
	ProviderRefundNo string  `db:"provider_refund_no"`
	ProvidedCode     string  `db:"provided_code"`
	ProvidedMessage  string  `db:"provided_message"`
	FailureCode      string  `db:"failure_code"`
	NextCheckAt      stamp   `db:"next_check_at"`
	Checks           int     `db:"checks"`
	CreatedBy        string  `db:"created_by"`
	CreatedAt        stamp   `db:"created_at"`
	UpdatedAt        stamp   `db:"updated_at"`
	SucceededAt      stamp   `db:"succeeded_at"`
	ApprovedAt       stamp   `db:"approved_at"`
	SentAt           stamp   `db:"sent_at"`
	ResolutionID     core.ID `db:"resolution_id"`
	Version          int     `db:"version"`
}

func (r *refundRow) refund() core.Refund {
	return core.Refund{
		TenantID: r.TenantID, ID: r.ID, PaymentID: r.PaymentID, RefundNo: r.RefundNo, MerchantRefundNo: r.MerchantRefundNo,
		AccountID: r.AccountID, Provider: r.Provider, Amount: core.Money{Minor: r.Amount, Currency: core.Currency(r.Currency)},
		RefundedBefore: r.RefundedBefore, Reason: r.Reason, State: core.RefundState(r.State), UnknownSince: r.UnknownSince.Time,
		UnknownReason: r.UnknownReason, RefusedAt: r.RefusedAt.Time, ProviderRefundNo: r.ProviderRefundNo,
		Provided: core.ProviderText{Code: r.ProvidedCode, Message: r.ProvidedMessage}, FailureCode: r.FailureCode,
		NextCheckAt: r.NextCheckAt.Time, Checks: r.Checks, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.Time,
		UpdatedAt: r.UpdatedAt.Time, SucceededAt: r.SucceededAt.Time, ApprovedAt: r.ApprovedAt.Time, SentAt: r.SentAt.Time, ResolutionID: r.ResolutionID, Version: r.Version,
	}
}

// InsertRefund implements core.TenantTx. It is buffered: see the package comment.
func (t *tenantTx) InsertRefund(_ context.Context, r core.Refund) error {
	if r.TenantID != t.tenant {
		return wrongTenant("refund")
	}
	t.s.buffer.add(refundTable, r.ID, refundValues(r)...)
	t.s.buffer.add(orderTable, core.ID{}, r.RefundNo, r.TenantID, r.ID, "refund")
	return nil
}

// UpdateRefund implements core.TenantTx, guarded as UpdatePayment is.
func (t *tenantTx) UpdateRefund(ctx context.Context, r core.Refund, from core.RefundState) error {
	if err := t.s.flushIf(ctx, r.ID); err != nil {
		return err
	}
	args := append([]any{t.tenant, r.ID, string(from), r.Version}, refundValues(r)[refundFixed:]...)
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The refund changed meanwhile. Read it again."), refundUpdate, args...)
}

func (t *tenantTx) oneRefund(ctx context.Context, where string, value any) (core.Refund, error) {
	var row refundRow
	err := t.s.get(ctx, &row, core.NotFound("refund"), refundSelect+" WHERE tenant_id = $1 AND "+where, t.tenant, value)
	if err != nil {
		return core.Refund{}, err
	}
	return row.refund(), nil
}

// Refund implements core.TenantReader.
func (t *tenantTx) Refund(ctx context.Context, id core.ID) (core.Refund, error) {
	return t.oneRefund(ctx, "id = $2", id)
}

// RefundByMerchantNo implements core.TenantReader.
func (t *tenantTx) RefundByMerchantNo(ctx context.Context, no string) (core.Refund, error) {
	return t.oneRefund(ctx, "merchant_refund_no = $2", no)
}

// RefundByNo implements core.TenantReader.
func (t *tenantTx) RefundByNo(ctx context.Context, refundNo string) (core.Refund, error) {
	return t.oneRefund(ctx, "refund_no = $2", refundNo)
}
