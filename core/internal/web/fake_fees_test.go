package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func sampleFeeRate() core.FeeRate {
	return core.FeeRate{TenantID: num(1), ID: num(31), AccountID: num(3), Method: core.MethodPayout, BasisPoints: 38, Minimum: 1, Maximum: 100, PerPayout: 200, ValidFrom: at(), ValidTo: at().Add(time.Hour)}
}

func (f *fake) ListFeeRates(ctx context.Context, _ core.ID) ([]core.FeeRate, error) {
	return []core.FeeRate{sampleFeeRate()}, f.called(ctx, "ListFeeRates")
}

func (f *fake) AddFeeRate(ctx context.Context, in core.FeeRateInput) (core.FeeRate, error) {
	f.mu.Lock()
	f.rates = append(f.rates, in)
	f.mu.Unlock()
	return sampleFeeRate(), f.called(ctx, "AddFeeRate")
}

func (f *fake) EndFeeRate(ctx context.Context, _ core.ID, _ time.Time) (core.FeeRate, error) {
	return sampleFeeRate(), f.called(ctx, "EndFeeRate")
}
