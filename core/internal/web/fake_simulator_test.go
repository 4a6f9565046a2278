package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

func simulation() []core.SimulatedProvider {
	return []core.SimulatedProvider{{
		Provider: "demo", Faults: []core.FaultSwitch{{Kind: core.FaultLostAnswer, Enabled: true, Hits: 3}},
		Payers: []core.SimulatedPayer{{Fate: "paid", Name: core.Text{ZH: "付", EN: "pays"}, Prefix: "28", Suffix: "0101", Length: 18}},
	}}
}

func (f *fake) Simulation(ctx context.Context) ([]core.SimulatedProvider, error) {
	return simulation(), f.called(ctx, "Simulation")
}

func (f *fake) SwitchFault(ctx context.Context, _ string, _ core.FaultKind, _ bool) ([]core.SimulatedProvider, error) {
	return simulation(), f.called(ctx, "SwitchFault")
}

func (f *fake) ActAsPayer(ctx context.Context, _ core.ID, _ core.PayerAct) error {
	return f.called(ctx, "ActAsPayer")
}
