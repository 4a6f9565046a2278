package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func sampleNode() core.Node {
	return core.Node{
		ID: num(80), Name: "host-1", Version: "1.2.3", StartedAt: at(), SeenAt: at(),
		Plugins: []core.NodePlugin{{ID: "demo", State: core.PluginEnabled, Restarts: 1, LastCrash: at(), Unreachable: []string{"pay.example:443"}}},
		Work:    []core.NodeWork{{Kind: core.DuePayment, Done: 5, Failed: 1, FailedAt: at()}},
	}
}

func (f *fake) System(ctx context.Context) (core.System, error) {
	return core.System{
		Node: num(80), Nodes: []core.Node{sampleNode()}, Work: []core.WorkQueue{{Kind: core.DuePayment, Due: 2, Oldest: at()}},
		Figures:   []core.Figure{{Of: core.FigureDeliveries, Count: 3, Oldest: at()}},
		Database:  core.DatabaseState{Version: "15.4", Bytes: 1 << 20, SchemaVersion: 43, KnownSchema: 43, Tables: []core.TableSize{{Name: "payments", Bytes: 8192, Rows: 1}}},
		Retention: core.DefaultRetention(),
	}, f.called(ctx, "System")
}

func (f *fake) ProviderHealth(ctx context.Context, back time.Duration) (core.HealthReport, error) {
	calls := core.ProviderCalls{Calls: 2, Succeeded: 1, InDoubt: 1, Latency: []int64{0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0}}
	return core.HealthReport{
		From: at().Add(-back), To: at(), Step: time.Minute, Nodes: []core.Node{sampleNode()},
		Providers: []core.ProviderHealth{{Provider: "demo", ProviderCalls: calls, Steps: []core.ProviderMinute{{Provider: "demo", Minute: at(), ProviderCalls: calls}}}},
	}, f.called(ctx, "ProviderHealth")
}
