package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Simulation says what the simulated providers do now.
func (s *Service) Simulation(ctx context.Context) ([]core.SimulatedProvider, error) {
	if err := s.allowSimulator(ctx, "read"); err != nil {
		return nil, err
	}
	return s.Simulator.Simulation(ctx)
}

// SwitchFault has a simulated provider misbehave, or stop it.
func (s *Service) SwitchFault(ctx context.Context, provider string, kind core.FaultKind, on bool) ([]core.SimulatedProvider, error) {
	if err := s.allowSimulator(ctx, "use"); err != nil {
		return nil, err
	}
	if err := s.Simulator.SwitchFault(ctx, provider, kind, on); err != nil {
		return nil, err
	}
	return s.Simulator.Simulation(ctx)
}

// ActAsPayer has a simulated payer do something about a payment that the caller may read.
func (s *Service) ActAsPayer(ctx context.Context, payment core.ID, act core.PayerAct) error {
	if err := s.allowSimulator(ctx, "use"); err != nil {
		return err
	}
	d, err := s.Payment(ctx, payment)
	if err != nil {
		return err
	}
	return s.Simulator.ActAsPayer(ctx, d.Payment.Provider, d.Payment.OrderNo, act)
}

// allowSimulator comes first: where providers are real there is no simulator for anybody.
func (s *Service) allowSimulator(ctx context.Context, action string) error {
	if s.Simulator == nil {
		return core.NotFound("simulator")
	}
	_, _, err := s.allowAnywhere(ctx, "simulator", action)
	return err
}
