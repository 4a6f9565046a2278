package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

func sampleAlert() core.Alert {
	return core.Alert{
		TenantID: num(1), ID: num(24), Kind: core.AlertUnknownOld, Severity: core.SeverityWarning, ObjectID: num(2), ObjectKind: "payment",
		Object: "26112312340000000001", Args: map[string]string{"minutes": "30"}, Times: 2, OpenedAt: at(), LastAt: at(), SeenBy: "user:x", SeenAt: at(),
	}
}

func (f *fake) ListAlerts(ctx context.Context, _ core.AlertFilter) ([]core.Alert, error) {
	stopped := core.Alert{ID: num(25), Kind: core.AlertPluginStopped, Severity: core.SeverityCritical, ObjectKind: "plugin", Object: "demo", Times: 1, OpenedAt: at(), LastAt: at()}
	return []core.Alert{sampleAlert(), stopped}, f.called(ctx, "ListAlerts")
}

func (f *fake) TakeAlert(ctx context.Context, _ core.ID) (core.Alert, error) {
	return sampleAlert(), f.called(ctx, "TakeAlert")
}
