package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// keptCrashes bounds what is remembered of a plugin's ends.
const keptCrashes = 20

// failed records a start that did not succeed.
func (u *unit) failed(ctx context.Context, i *instance, err error) {
	if wrong, ok := errors.AsType[incompatible](err); ok {
		u.become(core.PluginIncompatible, core.Text(wrong))
		return
	}
	if ctx.Err() == nil {
		u.crash(i, notStarted(i, err), 0)
	}
}

// notStarted says why a start failed. Part of that may be the plugin's own words.
func notStarted(i *instance, err error) core.Text {
	why := clip(printable(err.Error()))
	if i != nil {
		why = i.redact(why)
	}
	if i != nil && i.process.ending() != "" && i.process.ending() != killed {
		why += " (" + i.process.ending() + ")"
	}
	return both("The plugin could not be started: %s.", "插件无法启动：%s。", why)
}

// crash records a failure and sets when to try again. i has ended; it is nil when there was none.
func (u *unit) crash(i *instance, reason core.Text, lived time.Duration) {
	b := u.host.options.BackOff
	c := core.PluginCrash{At: u.host.now(), Reason: reason, Lived: lived}
	if i != nil {
		c.SHA256, c.PID, c.Ending, c.LastLines = i.sha256, i.process.pid(), i.process.ending(), i.lastLines()
		if l := i.declared.Load(); l != nil {
			c.Version = l.manifest.Version
		}
	}
	now := time.Now() // the last lines have been waited for
	u.mu.Lock()
	defer u.mu.Unlock()
	if lived > b.Max {
		u.streak = 0
	}
	u.streak++
	u.failures = append(recent(u.failures, now), now)
	if len(u.crashes) == keptCrashes {
		u.crashes = slices.Delete(u.crashes, 0, 1)
	}
	u.crashes = append(u.crashes, c)
	u.host.log.Error("plugin failed", "plugin", u.id, "reason", reason.EN, "ending", c.Ending, "output", c.LastLines)
	if len(u.failures) >= b.MaxPerHour {
		u.gaveUp = true
		u.becomeLocked(core.PluginCrashed, core.Text{
			EN: fmt.Sprintf("%s It failed %d times within an hour and is not started again by itself.", reason.EN, len(u.failures)),
			ZH: fmt.Sprintf("%s一小时内失败 %d 次，不再自动启动。", reason.ZH, len(u.failures)),
		})
		return
	}
	wait := b.First
	for range u.streak - 1 {
		if wait *= time.Duration(b.Factor); wait >= b.Max {
			wait = b.Max
			break
		}
	}
	u.next = now.Add(wait)
	u.becomeLocked(core.PluginCrashed, core.Text{
		EN: fmt.Sprintf("%s It is started again in %s.", reason.EN, wait), ZH: fmt.Sprintf("%s将在 %s 后重新启动。", reason.ZH, wait),
	})
}

func recent(times []time.Time, now time.Time) []time.Time {
	out := times[:0]
	for _, t := range times {
		if now.Sub(t) < time.Hour {
			out = append(out, t)
		}
	}
	return out
}

// crashesTold describes the crashes, newest first. The caller holds the unit's lock.
func (u *unit) crashesTold() []core.PluginCrash {
	out := slices.Clone(u.crashes)
	slices.Reverse(out)
	return out
}
