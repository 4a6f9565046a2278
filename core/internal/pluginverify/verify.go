// Package pluginverify runs the conformance suite of the SDK against a plugin's binary. It plays
// the host and, behind it, the provider: the plugin reaches neither a network nor anybody's keys.
package pluginverify

import (
	"context"
	"fmt"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/conformance"
)

// startTimeout bounds a process's start and its first answer.
const startTimeout = 30 * time.Second

// Verify runs the suite. Errors: core.CodePluginRefused when the binary could not be run at all.
func Verify(ctx context.Context, launch Launcher, clock core.Clock) (core.VerifyReport, error) {
	report := core.VerifyReport{RanAt: clock()}
	process, err := launch(ctx)
	if err != nil {
		return report, err
	}
	defer process.End()
	report.SHA256 = process.SHA256
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	remote, err := sdk.NewRemote(starting, process.Broker, process.Conn)
	if err != nil {
		return report, core.Errorf(core.CodePluginRefused, "The plugin started and did not say what it is: %v.", err)
	}
	defer remote.Stop()
	m := remote.Manifest()
	report.PluginID, report.Version = m.ID, m.Version
	report.Checks = []core.VerifyCheck{manifestCheck(remote)}
	report.Passed = report.Checks[0].Result == core.VerifyPassed
	return report, nil
}

func manifestCheck(p sdk.Provider) core.VerifyCheck {
	c := core.VerifyCheck{ID: "manifest", Title: core.Text{ZH: "自述完整且一致", EN: "The manifest is complete and consistent"}, Result: core.VerifyPassed}
	if wrong := conformance.CheckManifest(p); len(wrong) > 0 {
		c.Result = core.VerifyFailed
		c.Detail = core.Text{
			EN: fmt.Sprintf("%d things are wrong, the first: %s.", len(wrong), wrong[0]), ZH: fmt.Sprintf("共 %d 处问题，第一处：%s。", len(wrong), wrong[0]),
		}
	}
	return c
}
