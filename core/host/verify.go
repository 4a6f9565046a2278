package host

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/pluginhost"
	"github.com/zhanggui-pay/zhanggui/core/internal/pluginverify"
)

// verifier verifies the binaries of the plugin directory.
type verifier struct {
	plugins *pluginhost.Host
	clock   core.Clock
}

var _ core.PluginVerifier = verifier{}

// VerifyVersion implements core.PluginVerifier.
func (v verifier) VerifyVersion(ctx context.Context, provider, sha256 string) (core.VerifyReport, error) {
	return pluginverify.Verify(ctx, pluginverify.Options{Clock: v.clock, Launch: func(ctx context.Context) (*pluginverify.Process, error) {
		return processOf(v.plugins.OpenVersion(ctx, provider, sha256))
	}})
}

func processOf(g *pluginhost.Guest, err error) (*pluginverify.Process, error) {
	if err != nil {
		return nil, err
	}
	return &pluginverify.Process{
		SHA256: g.SHA256(), Broker: g.Broker(), Conn: g.Conn(), Exited: g.Exited(), Ending: g.Ending, Lines: g.Lines, Written: g.Written,
		PeakMemory: g.PeakMemory, End: g.End,
	}, nil
}

// verifyEvery is how often versions without a report are looked for.
const verifyEvery = 3 * time.Second

// verifyTries is how often it is tried: a machine under load may have been too slow.
const verifyTries = 3

// verifyPlugins verifies what was dropped in, one after the other, before anybody decides about it.
func (h *Host) verifyPlugins(ctx context.Context) {
	tick := time.NewTicker(verifyEvery)
	defer tick.Stop()
	tries := map[string]int{} // by hash: what could not be verified is not tried again and again
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, p := range h.plugins.Plugins(ctx) {
			for _, v := range p.Versions {
				if v.State != core.PluginPending || v.Manifest == nil || tries[v.SHA256] >= verifyTries {
					continue
				}
				tries[v.SHA256]++
				err := h.service.VerifyNewPlugin(ctx, p.ID, v.SHA256)
				if err == nil {
					tries[v.SHA256] = verifyTries
				} else if ctx.Err() == nil {
					h.parts.Logger.WarnContext(ctx, "a new version of a plugin could not be verified", "plugin", p.ID, "sha256", v.SHA256, "error", err)
				}
			}
		}
	}
}
