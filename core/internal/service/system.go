package service

import (
	"context"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// onPlatform refuses who acts in a merchant: what follows is about all of them.
func (s *Service) onPlatform(ctx context.Context, object, action string) error {
	id, tenant, err := s.allowAnywhere(ctx, object, action)
	if err != nil {
		return err
	}
	if !id.Platform || !tenant.IsZero() {
		return core.Errorf(core.CodeForbidden, "This is about the whole platform: choose no merchant.")
	}
	return nil
}

// System says how the platform does.
func (s *Service) System(ctx context.Context) (out core.System, err error) {
	if err := s.onPlatform(ctx, "system", "read"); err != nil {
		return out, err
	}
	now := s.Clock()
	out.Node, out.Retention = s.Node, s.Retention
	if out.Nodes, err = s.Database.Nodes(ctx); err != nil {
		return out, err
	}
	if out.Work, err = s.Database.WorkQueues(ctx, now); err != nil {
		return out, err
	}
	figures, err := s.Database.Figures(ctx, now)
	if err != nil {
		return out, err
	}
	out.Figures = slices.DeleteFunc(figures, func(f core.Figure) bool { return f.Of == core.FigureDue || f.Count == 0 }) // Work tells what is due
	out.Database, err = s.Database.DatabaseState(ctx)
	return out, err
}

// ProviderHealth sums how the providers answered, in steps that make a picture of it.
func (s *Service) ProviderHealth(ctx context.Context, back time.Duration) (out core.HealthReport, err error) {
	if err := s.onPlatform(ctx, "system", "read"); err != nil {
		return out, err
	}
	if back < time.Hour || back > core.ProviderMinutesKept {
		return out, core.Errorf(core.CodeInvalidRequest, "1 to %d hours can be looked back.", int(core.ProviderMinutesKept/time.Hour)).At("hours")
	}
	out.Step = healthStep(back)
	out.To = s.Clock().Truncate(out.Step).Add(out.Step)
	out.From = out.To.Add(-back.Truncate(out.Step))
	steps, err := s.Database.ProviderSteps(ctx, out.From, out.To, out.Step)
	if err != nil {
		return out, err
	}
	for _, p := range s.Providers.Plugins(ctx) {
		if p.Manifest != nil {
			out.Providers = append(out.Providers, core.ProviderHealth{Provider: p.ID})
		}
	}
	for _, step := range steps {
		i := slices.IndexFunc(out.Providers, func(p core.ProviderHealth) bool { return p.Provider == step.Provider })
		if i < 0 {
			out.Providers = append(out.Providers, core.ProviderHealth{Provider: step.Provider})
			i = len(out.Providers) - 1
		}
		p := &out.Providers[i]
		p.Steps, p.ProviderCalls = append(p.Steps, step), p.Add(step.ProviderCalls)
	}
	out.Nodes, err = s.Database.Nodes(ctx)
	return out, err
}

// healthStep is short enough to show what happened and long enough for fewer than a hundred steps.
func healthStep(back time.Duration) time.Duration {
	switch {
	case back <= time.Hour:
		return time.Minute
	case back <= 6*time.Hour:
		return 5 * time.Minute
	case back <= 24*time.Hour:
		return 30 * time.Minute
	default:
		return 2 * time.Hour
	}
}
