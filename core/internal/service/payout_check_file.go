package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// CheckPayoutBatch reads a file as CreatePayoutBatch does and keeps nothing of it. Nobody has to
// confirm themselves for it: nothing can come of it.
func (s *Service) CheckPayoutBatch(ctx context.Context, in core.CreatePayoutBatchInput) (core.PayoutBatchCheck, error) {
	id, tenant, err := s.allow(ctx, "payouts", "create")
	if err != nil {
		return core.PayoutBatchCheck{}, err
	}
	if err := wholeTenant(id); err != nil {
		return core.PayoutBatchCheck{}, err
	}
	b, rows, err := s.readBatch(ctx, id, tenant, in, s.fileHash(in.File), core.NewID(s.Clock()))
	if err != nil {
		return core.PayoutBatchCheck{}, err
	}
	out := core.PayoutBatchCheck{Encoding: b.Encoding, Rows: b.Rows, Amount: b.Amount, Errors: b.Errors, ErrorCount: b.ErrorCount}
	if b.State == core.BatchInvalid {
		return out, nil
	}
	if out.Fee, err = s.feesOf(ctx, b, rows); err != nil {
		return out, err
	}
	needed, err := s.neededApprovals(ctx, id, tenant, core.ApprovePayoutBatch, b.Amount)
	out.Needed = max(1, needed)
	return out, err
}

// feesOf is what the payouts of a file cost by the rate of now.
func (s *Service) feesOf(ctx context.Context, b core.PayoutBatch, rows payoutRows) (fee int64, err error) {
	rules, err := s.payoutRules(ctx, core.ProviderAccount{TenantID: b.TenantID, ID: b.AccountID})
	for _, r := range rows.inputs {
		fee += rules.rate.Fee(r.Amount.Minor)
	}
	return fee, err
}
