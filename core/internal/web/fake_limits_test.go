package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

func sampleLimits() []core.Limit {
	return []core.Limit{
		{TenantID: num(1), Spending: core.SpendPayment, Layer: core.LayerPlatform, Single: 500, SetBy: "user:x", SetAt: at()},
		{TenantID: num(1), Scope: core.Scope{AccountID: num(3), Method: core.MethodQR}, Spending: core.SpendPayment, Layer: core.LayerTenant, Daily: 900, UsedToday: 900, SetBy: "user:x", SetAt: at()},
	}
}

func (f *fake) ListLimits(ctx context.Context) ([]core.Limit, error) {
	return sampleLimits(), f.called(ctx, "ListLimits")
}

func (f *fake) SetLimit(ctx context.Context, in core.LimitInput) ([]core.Limit, error) {
	f.mu.Lock()
	f.limits = append(f.limits, in)
	f.mu.Unlock()
	return sampleLimits(), f.called(ctx, "SetLimit")
}

func sampleFreeze() core.Freeze {
	return core.Freeze{TenantID: num(1), ID: num(30), Scope: core.Scope{AccountID: num(3)}, Layer: core.LayerPlatform, Reason: "fraud", FrozenBy: "user:x", FrozenAt: at(), LiftedBy: "user:y", LiftedAt: at(), LiftReason: "cleared"}
}

func (f *fake) ListFreezes(ctx context.Context, _ bool) ([]core.Freeze, error) {
	return []core.Freeze{sampleFreeze()}, f.called(ctx, "ListFreezes")
}

func (f *fake) Freeze(ctx context.Context, _ core.Scope, _ string) (core.Freeze, error) {
	return sampleFreeze(), f.called(ctx, "Freeze")
}

func (f *fake) LiftFreeze(ctx context.Context, _ core.ID, _ string) (core.Freeze, error) {
	return sampleFreeze(), f.called(ctx, "LiftFreeze")
}
