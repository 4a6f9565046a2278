package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// healthHours is how far back provider health goes when nothing is asked.
const healthHours = 24

// GetSystem says how the platform does, with the checks of this node.
func (o *operations) GetSystem(ctx context.Context, _ api.GetSystemRequestObject) (api.GetSystemResponseObject, error) {
	v, err := o.opt.Systems.System(ctx)
	if err != nil {
		return nil, err
	}
	now := o.opt.Clock()
	return api.GetSystem200JSONResponse{
		Version: o.opt.Version, Checks: o.health(ctx).Checks, Nodes: nodesOf(v.Nodes, v.Node, now), Work: each(v.Work, queueOf), Figures: each(v.Figures, figureOf),
		Database: api.DatabaseState{
			Version: v.Database.Version, Bytes: v.Database.Bytes, SchemaVersion: v.Database.SchemaVersion, KnownSchema: v.Database.KnownSchema,
			Tables: each(v.Database.Tables, func(t core.TableSize) api.TableSize { return api.TableSize{Name: t.Name, Bytes: t.Bytes, Rows: t.Rows} }),
		},
		Retention: retentionOf(v.Retention),
	}, nil
}

// GetProviderHealth says how the providers answer.
func (o *operations) GetProviderHealth(ctx context.Context, r api.GetProviderHealthRequestObject) (api.GetProviderHealthResponseObject, error) {
	hours := time.Duration(r.Params.Hours)
	if hours == 0 {
		hours = healthHours
	}
	v, err := o.opt.Systems.ProviderHealth(ctx, hours*time.Hour)
	if err != nil {
		return nil, err
	}
	return api.GetProviderHealth200JSONResponse{
		From: utc(v.From), To: utc(v.To), StepSeconds: int64(v.Step / time.Second), Nodes: nodesOf(v.Nodes, core.ID{}, o.opt.Clock()),
		Providers: each(v.Providers, func(p core.ProviderHealth) api.ProviderHealth {
			return api.ProviderHealth{Provider: p.Provider, Sums: callsOf(p.ProviderCalls), Steps: each(p.Steps, func(m core.ProviderMinute) api.ProviderHealthStep {
				return api.ProviderHealthStep{From: utc(m.Minute), Sums: callsOf(m.ProviderCalls)}
			})}
		}),
	}, nil
}

func callsOf(c core.ProviderCalls) api.CallSums {
	millis := func(part float64) float64 { return float64(c.Percentile(part).Microseconds()) / 1000 }
	return api.CallSums{
		Calls: c.Calls, Succeeded: c.Succeeded, Failed: c.Failed, InDoubt: c.InDoubt, NotSent: c.NotSent, P50Millis: millis(0.5), P95Millis: millis(0.95),
	}
}

func nodesOf(nodes []core.Node, here core.ID, now time.Time) []api.Node {
	return each(nodes, func(n core.Node) api.Node {
		return api.Node{
			ID: id(core.PrefixNode, n.ID), Name: n.Name, Version: n.Version, StartedAt: utc(n.StartedAt), SeenAt: utc(n.SeenAt), Lost: n.Lost(now), Here: n.ID == here,
			Plugins: each(n.Plugins, func(p core.NodePlugin) api.NodePlugin {
				return api.NodePlugin{
					ID: p.ID, State: api.PluginState(p.State), Restarts: int64(p.Restarts), LastCrashAt: utc(p.LastCrash), GaveUp: p.GaveUp, Unreachable: list(p.Unreachable),
				}
			}),
			Work: each(n.Work, func(w core.NodeWork) api.NodeWork {
				return api.NodeWork{Kind: string(w.Kind), Done: w.Done, Failed: w.Failed, FailedAt: utc(w.FailedAt)}
			}),
		}
	})
}

func queueOf(q core.WorkQueue) api.WorkQueue {
	return api.WorkQueue{Kind: string(q.Kind), Due: q.Due, Leased: q.Leased, Oldest: utc(q.Oldest)}
}

func figureOf(f core.Figure) api.SystemFigure {
	return api.SystemFigure{Of: string(f.Of), Kind: f.Kind, Detail: f.Detail, Count: f.Count, Oldest: utc(f.Oldest)}
}

func retentionOf(r core.Retention) []api.RetentionRule {
	rule := func(what string, kept time.Duration) api.RetentionRule {
		return api.RetentionRule{What: what, Seconds: int64(kept / time.Second)}
	}
	return []api.RetentionRule{
		rule("evidence", r.Evidence), rule("attempts", r.Attempts), rule("callbacks", r.Callbacks), rule("unverified_callbacks", r.UnverifiedCallbacks),
		rule("deliveries", r.Deliveries), rule("balances", r.Balances), rule("nonces", r.Nonces), rule("alerts", r.Alerts),
		rule("requests", r.Requests), rule("provider_minutes", core.ProviderMinutesKept),
	}
}
