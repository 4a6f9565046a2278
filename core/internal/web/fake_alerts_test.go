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

func sampleChannel() core.AlertChannel {
	return core.AlertChannel{
		TenantID: num(1), ID: num(26), Name: "值班群", Type: core.ChannelFeishu, Display: "open.feishu.cn/…1234", Signed: true, Sealed: []byte("sealed"),
		Kinds: []core.AlertKind{core.AlertUnknownOld}, Least: core.SeverityWarning, Language: "zh", LastAt: at(), LastError: "x", CreatedAt: at(), UpdatedAt: at(),
	}
}

func (f *fake) ListAlertChannels(ctx context.Context) ([]core.AlertChannel, error) {
	return []core.AlertChannel{sampleChannel(), {ID: num(27), Name: "m", Type: core.ChannelMail, Least: core.SeverityCritical, Language: "en", CreatedAt: at(), UpdatedAt: at()}},
		f.called(ctx, "ListAlertChannels")
}

func (f *fake) CreateAlertChannel(ctx context.Context, in core.AlertChannelInput) (core.AlertChannelReply, error) {
	f.mu.Lock()
	f.channels = append(f.channels, in)
	f.mu.Unlock()
	return core.AlertChannelReply{Channel: sampleChannel(), Secret: core.SecretString("whsec_x")}, f.called(ctx, "CreateAlertChannel")
}

func (f *fake) UpdateAlertChannel(ctx context.Context, _ core.ID, in core.AlertChannelInput) (core.AlertChannel, error) {
	f.mu.Lock()
	f.channels = append(f.channels, in)
	f.mu.Unlock()
	return sampleChannel(), f.called(ctx, "UpdateAlertChannel")
}

func (f *fake) RemoveAlertChannel(ctx context.Context, _ core.ID) error {
	return f.called(ctx, "RemoveAlertChannel")
}

func (f *fake) TestAlertChannel(ctx context.Context, _ core.ID) error {
	return f.called(ctx, "TestAlertChannel")
}
