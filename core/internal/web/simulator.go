package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// GetSimulator says what the simulated providers do now.
func (o *operations) GetSimulator(ctx context.Context, _ api.GetSimulatorRequestObject) (api.GetSimulatorResponseObject, error) {
	providers, err := o.opt.Simulator.Simulation(ctx)
	if err != nil {
		return nil, err
	}
	return api.GetSimulator200JSONResponse{Items: each(providers, simulatedOf)}, nil
}

// SwitchFault has a simulated provider misbehave, or stop it.
func (o *operations) SwitchFault(ctx context.Context, r api.SwitchFaultRequestObject) (api.SwitchFaultResponseObject, error) {
	providers, err := o.opt.Simulator.SwitchFault(ctx, r.Body.Provider, core.FaultKind(r.Body.Kind), r.Body.Enabled)
	if err != nil {
		return nil, err
	}
	return api.SwitchFault200JSONResponse{Items: each(providers, simulatedOf)}, nil
}

// ActAsPayer has a simulated payer do something about a payment.
func (o *operations) ActAsPayer(ctx context.Context, r api.ActAsPayerRequestObject) (api.ActAsPayerResponseObject, error) {
	payment, err := pathID(core.PrefixPayment, r.PaymentID)
	if err != nil {
		return nil, err
	}
	if err := o.opt.Simulator.ActAsPayer(ctx, payment, core.PayerAct(r.Body.Act)); err != nil {
		return nil, err
	}
	return api.ActAsPayer204Response{}, nil
}

func simulatedOf(p core.SimulatedProvider) api.SimulatedProvider {
	return api.SimulatedProvider{
		Provider: p.Provider,
		Faults: each(p.Faults, func(f core.FaultSwitch) api.FaultSwitch {
			return api.FaultSwitch{Kind: api.FaultKind(f.Kind), Enabled: f.Enabled, Hits: f.Hits}
		}),
		Payers: each(p.Payers, func(p core.SimulatedPayer) api.SimulatedPayer {
			return api.SimulatedPayer{Fate: p.Fate, Name: textOf(p.Name), Prefix: p.Prefix, Suffix: p.Suffix, Length: int32(p.Length)} //nolint:gosec // a code's length
		}),
	}
}
