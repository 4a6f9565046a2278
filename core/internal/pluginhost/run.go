package pluginhost

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// run serves calls with an instance, and with those that take its place, until the last of
// them ends, hangs, or may not run any more.
func (u *unit) run(ctx context.Context, i *instance) {
	born := time.Now()
	u.install(i, false)
	tick := time.NewTicker(u.host.options.HealthEvery)
	defer tick.Stop()
	var next <-chan successor
	defer func() { u.host.abandon(next) }()
	for {
		select {
		case <-ctx.Done():
			u.remove(i)
			u.become(core.PluginDisabled, both("The host is shutting down.", "系统正在关闭。"))
			i.end()
			return
		case <-i.exited():
			u.remove(i)
			u.crash(i, endedWith(i), time.Since(born))
			i.end()
			return
		case <-tick.C:
			if why := i.ill(ctx); why != (core.Text{}) {
				u.remove(i)
				i.end()
				u.crash(i, unhealthy(i, why), time.Since(born))
				return
			}
		case s := <-next:
			next = nil
			if s.instance != nil {
				u.succeed(i, s)
				i, born = s.instance, time.Now()
			} else {
				u.refuse(s)
			}
			u.reconsider() // the word may have changed meanwhile
		case <-u.wake:
			wanted, stays := u.review(ctx, i)
			if !stays {
				u.drain(i)
				return
			}
			if wanted != nil && next == nil {
				next = u.prepare(ctx, wanted)
			}
		}
	}
}

func endedWith(i *instance) core.Text {
	return both("The plugin ended unexpectedly (%s).", "插件意外退出（%s）。", i.process.ending())
}

// killed is the ending of a process that the host, or the kernel for want of memory, has ended.
const killed = "signal: killed"

// unhealthy prefers how the process ended by itself to what was seen of it.
func unhealthy(i *instance, why core.Text) core.Text {
	if ending := i.process.ending(); ending != "" && ending != killed {
		return endedWith(i)
	}
	return why
}

// install has calls made with an instance.
func (u *unit) install(i *instance, instead bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.license != nil && !instead {
		u.restarts++
	}
	u.release = u.host.learn(u.release, i.license.manifest)
	u.current, u.license, u.layers = i, i.license, i.confinement()
	u.becomeLocked(core.PluginEnabled, core.Text{})
}

func (u *unit) remove(i *instance) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.current == i {
		u.current = nil
	}
}

// review judges again while an instance runs. It goes on while its binary is the one that is to
// run, while that cannot be found out, and until another that is to run has proved itself:
// wanted is that one. stays is false when it may not run any more.
func (u *unit) review(ctx context.Context, i *instance) (wanted *release, stays bool) {
	u.mu.Lock()
	asked, due := u.asked, u.undecided() || u.nudged
	u.nudged = false
	u.mu.Unlock()
	if !due {
		return nil, true
	}
	r, state, reason, err := u.judge(ctx)
	there := u.host.holds(u.id, i.sha256)
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case err != nil && there != nil:
		u.release, u.answered = there, asked // what was approved goes on
	case err != nil || state != core.PluginEnabled:
		u.current = nil // decide judges it again
		u.asked++
		return nil, false
	case r.sha256 == i.sha256:
		u.release, u.answered = r, asked
		reason = core.Text{}
	default:
		u.release, u.answered = there, asked
		if why, no := u.refused[r.sha256]; no {
			reason = why
		} else {
			wanted = r
		}
	}
	u.becomeLocked(core.PluginEnabled, reason)
	return wanted, true
}
