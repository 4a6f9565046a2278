package postgres

import (
	"context"
	"database/sql"
	"strings"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The columns an UPDATE may change come last: see payoutFixed.
var payoutTable = &table{"payouts", []string{
	"tenant_id", "id", "payout_no", "merchant_payout_no", "account_id", "provider", "batch_id", "batch_row", "amount", "currency",
	"source", "channel", "purpose", "payee_type", "payee_name", "payee_number", "bank_name", "payee_sealed", "created_by", "created_at", "version",
	"fee", "provider_fee", "state", "wait_reason", "unknown_since", "unknown_reason", "refused_at", "sent_at", "provider_payout_no", "provided_code",
	"provided_message", "failure_code", "approved_by", "next_check_at", "checks", "updated_at", "paid_at", "finished_at",
	"resolution_id",
}}

// payoutFixed is how many columns UpdatePayout leaves alone: who receives how much among them.
const payoutFixed = 21

var (
	payoutColumns = strings.Join(payoutTable.columns, ", ")
	payoutSelect  = "SELECT " + payoutColumns + " FROM payouts"
	payoutUpdate  = guardedUpdate(payoutTable, payoutFixed)
)

func payoutValues(p core.Payout) []any {
	return []any{
		p.TenantID, p.ID, p.PayoutNo, p.MerchantPayoutNo, p.AccountID, p.Provider, p.BatchID, p.BatchRow, p.Amount.Minor, string(p.Amount.Currency),
		p.Source, clean(p.Channel), clean(p.Purpose), p.PayeeType, clean(p.PayeeName), clean(p.PayeeNumber), clean(p.BankName), p.PayeeSealed, p.CreatedBy,
		stamp{p.CreatedAt},
		p.Version,
		p.Fee, unstated(p.ProviderFee), string(p.State), p.WaitReason,
		stamp{p.UnknownSince},
		clean(p.UnknownReason),
		stamp{p.RefusedAt},
		stamp{p.SentAt},
		clean(p.ProviderPayoutNo), clean(p.Provided.Code), clean(p.Provided.Message), p.FailureCode, p.ApprovedBy,
		stamp{p.NextCheckAt},
		p.Checks,
		stamp{p.UpdatedAt},
		stamp{p.PaidAt},
		stamp{p.FinishedAt},
		p.ResolutionID,
	}
}

type payoutRow struct {
	TenantID         core.ID       `db:"tenant_id"`
	ID               core.ID       `db:"id"`
	PayoutNo         string        `db:"payout_no"`
	MerchantPayoutNo string        `db:"merchant_payout_no"`
	AccountID        core.ID       `db:"account_id"`
	Provider         string        `db:"provider"`
	BatchID          core.ID       `db:"batch_id"`
	BatchRow         int           `db:"batch_row"`
	Amount           int64         `db:"amount"`
	Currency         string        `db:"currency"`
	Fee              int64         `db:"fee"`
	ProviderFee      sql.NullInt64 `db:"provider_fee"`
	Source           string        `db:"source"`
	Channel          string        `db:"channel"`
	Purpose          string        `db:"purpose"`
	PayeeType        string        `db:"payee_type"`
	PayeeName        string        `db:"payee_name"`
	PayeeNumber      string        `db:"payee_number"`
	BankName         string        `db:"bank_name"`
	PayeeSealed      []byte        `db:"payee_sealed"`
	State            string        `db:"state"`
	WaitReason       string        `db:"wait_reason"`
	UnknownSince     stamp         `db:"unknown_since"`
	UnknownReason    string        `db:"unknown_reason"`
	RefusedAt        stamp         `db:"refused_at"`
	SentAt           stamp         `db:"sent_at"`
	ProviderPayoutNo string        `db:"provider_payout_no"`
	ProvidedCode     string        `db:"provided_code"`
	ProvidedMessage  string        `db:"provided_message"`
	FailureCode      string        `db:"failure_code"`
	ApprovedBy       string        `db:"approved_by"`
	NextCheckAt      stamp         `db:"next_check_at"`
	Checks           int           `db:"checks"`
	CreatedBy        string        `db:"created_by"`
	CreatedAt        stamp         `db:"created_at"`
	UpdatedAt        stamp         `db:"updated_at"`
	PaidAt           stamp         `db:"paid_at"`
	FinishedAt       stamp         `db:"finished_at"`
	Version          int           `db:"version"`
	ResolutionID     core.ID       `db:"resolution_id"`
}

func (r *payoutRow) payout() core.Payout {
	return core.Payout{
		TenantID: r.TenantID, ID: r.ID, PayoutNo: r.PayoutNo, MerchantPayoutNo: r.MerchantPayoutNo, AccountID: r.AccountID, Provider: r.Provider,
		BatchID: r.BatchID, BatchRow: r.BatchRow, Amount: core.Money{Minor: r.Amount, Currency: core.Currency(r.Currency)}, Fee: r.Fee, ProviderFee: stated(r.ProviderFee),
		Source: r.Source, Channel: r.Channel, Purpose: r.Purpose, PayeeType: r.PayeeType, PayeeName: r.PayeeName, PayeeNumber: r.PayeeNumber,
		BankName: r.BankName, PayeeSealed: r.PayeeSealed, State: core.PayoutState(r.State), WaitReason: r.WaitReason,
		UnknownSince: r.UnknownSince.Time, UnknownReason: r.UnknownReason, RefusedAt: r.RefusedAt.Time, SentAt: r.SentAt.Time,
		ProviderPayoutNo: r.ProviderPayoutNo, Provided: core.ProviderText{Code: r.ProvidedCode, Message: r.ProvidedMessage},
		FailureCode: r.FailureCode, ApprovedBy: r.ApprovedBy, NextCheckAt: r.NextCheckAt.Time, Checks: r.Checks, CreatedBy: r.CreatedBy,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, PaidAt: r.PaidAt.Time, FinishedAt: r.FinishedAt.Time, ResolutionID: r.ResolutionID, Version: r.Version,
	}
}

// InsertPayout implements core.PayoutTx. It is buffered: see the package comment.
func (t *tenantTx) InsertPayout(_ context.Context, p core.Payout) error {
	if p.TenantID != t.tenant {
		return wrongTenant("payout")
	}
	t.s.buffer.add(payoutTable, p.ID, payoutValues(p)...)
	t.s.buffer.add(orderTable, core.ID{}, p.PayoutNo, p.TenantID, p.ID, "payout")
	return nil
}

// UpdatePayout implements core.PayoutTx, guarded as UpdatePayment is.
func (t *tenantTx) UpdatePayout(ctx context.Context, p core.Payout, from core.PayoutState) error {
	if err := t.s.flushIf(ctx, p.ID); err != nil {
		return err
	}
	args := append([]any{t.tenant, p.ID, string(from), p.Version}, payoutValues(p)[payoutFixed:]...)
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The payout changed meanwhile. Read it again."), payoutUpdate, args...)
}

// Payout implements core.PayoutReader.
func (t *tenantTx) Payout(ctx context.Context, id core.ID) (core.Payout, error) {
	var row payoutRow
	if err := t.s.get(ctx, &row, core.NotFound("payout"), payoutSelect+" WHERE tenant_id = $1 AND id = $2", t.tenant, id); err != nil {
		return core.Payout{}, err
	}
	return row.payout(), nil
}

// UsedPayoutNumbers implements core.PayoutReader.
func (t *tenantTx) UsedPayoutNumbers(ctx context.Context, numbers []string) (used []string, err error) {
	err = t.s.list(ctx, &used, unprepared+"SELECT merchant_payout_no FROM payouts WHERE tenant_id = $1 AND merchant_payout_no = ANY ($2::text[])",
		t.tenant, pq.StringArray(numbers))
	return used, err
}

// PayoutAttempts implements core.PayoutReader.
func (t *tenantTx) PayoutAttempts(ctx context.Context, payout core.ID) ([]core.Attempt, error) {
	var rows []attemptRow
	err := t.s.list(ctx, &rows, attemptSelect+" WHERE tenant_id = $1 AND payout_id = $2 ORDER BY started_at, id", t.tenant, payout)
	if err != nil {
		return nil, err
	}
	return convert(rows, (*attemptRow).attempt), nil
}

func (s *session) payouts(ctx context.Context, c conditions, f core.PayoutFilter) ([]core.Payout, error) {
	query, args := payoutList(c, f)
	var rows []payoutRow
	if err := s.list(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	return convert(rows, (*payoutRow).payout), nil
}

func payoutList(c conditions, f core.PayoutFilter) (query string, args []any) {
	c.payouts(f)
	query = c.page(payoutSelect+" x", f.Page, "x.created_at", "x.id")
	return query, c.args
}

// payouts adds a filter of payouts.
func (c *conditions) payouts(f core.PayoutFilter) {
	c.id("x.batch_id", f.BatchID)
	c.id("x.account_id", f.AccountID)
	c.oneOf("x.state", texts(f.States))
	if f.Unknown {
		c.parts = append(c.parts, "x.unknown_since IS NOT NULL")
	}
	c.between("x.created_at", f.From, f.To)
	c.number("payouts", f.AnyNumber, "payout_no", "merchant_payout_no", "provider_payout_no")
}

// Payouts implements core.PayoutLists.
func (t *tenantTx) Payouts(ctx context.Context, f core.PayoutFilter) ([]core.Payout, error) {
	return t.s.payouts(ctx, t.own("x.tenant_id"), f)
}

// Payouts implements core.PayoutLists.
func (p *platformTx) Payouts(ctx context.Context, f core.PayoutFilter) ([]core.Payout, error) {
	return p.s.payouts(ctx, ofTenant("x.tenant_id", f.TenantID), f)
}

// TenantOfPayout implements core.PayoutDirectory.
func (d *directoryTx) TenantOfPayout(ctx context.Context, id core.ID) (core.ID, error) {
	return d.tenantOf(ctx, "payout", "object_id = $1 AND kind = 'payout'", id)
}
