package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListFeeRates lists fee rates.
func (o *operations) ListFeeRates(ctx context.Context, r api.ListFeeRatesRequestObject) (api.ListFeeRatesResponseObject, error) {
	account, err := fieldID(core.PrefixAccount, r.Params.AccountID, "account_id")
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.Fees.ListFeeRates(ctx, account)
	if err != nil {
		return nil, err
	}
	return api.ListFeeRates200JSONResponse{Items: each(rows, feeRateOf)}, nil
}

// AddFeeRate adds a rate.
func (o *operations) AddFeeRate(ctx context.Context, r api.AddFeeRateRequestObject) (api.AddFeeRateResponseObject, error) {
	b := r.Body
	account, err := fieldID(core.PrefixAccount, b.AccountID, "account_id")
	if err != nil {
		return nil, err
	}
	rate, err := o.opt.Fees.AddFeeRate(ctx, core.FeeRateInput{
		AccountID: account, Method: core.Method(b.Method), BasisPoints: int64(b.BasisPoints), Minimum: b.Minimum, Maximum: b.Maximum,
		PerPayout: b.PerPayout, ValidFrom: b.ValidFrom, ValidTo: b.ValidTo,
	})
	if err != nil {
		return nil, err
	}
	return api.AddFeeRate201JSONResponse(feeRateOf(rate)), nil
}

// EndFeeRate ends a rate.
func (o *operations) EndFeeRate(ctx context.Context, r api.EndFeeRateRequestObject) (api.EndFeeRateResponseObject, error) {
	rate, err := pathID(core.PrefixFeeRate, r.FeeRateID)
	if err != nil {
		return nil, err
	}
	ended, err := o.opt.Fees.EndFeeRate(ctx, rate, r.Body.ValidTo)
	if err != nil {
		return nil, err
	}
	return api.EndFeeRate200JSONResponse(feeRateOf(ended)), nil
}

func feeRateOf(r core.FeeRate) api.FeeRate {
	return api.FeeRate{
		ID: id(core.PrefixFeeRate, r.ID), AccountID: id(core.PrefixAccount, r.AccountID), Method: string(r.Method),
		BasisPoints: int32(r.BasisPoints), //nolint:gosec // at most 10,000
		Minimum:     r.Minimum, Maximum: r.Maximum, PerPayout: r.PerPayout, ValidFrom: utc(r.ValidFrom), ValidTo: utc(r.ValidTo),
	}
}
