package pluginhost

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// successor is a version that was started beside the one that runs: an instance that passed
// its self-test, or why there is none.
type successor struct {
	release  *release
	image    *image
	instance *instance
	err      error
}

// prepare starts a version beside the one that runs and tests it.
func (u *unit) prepare(ctx context.Context, r *release) <-chan successor {
	out := make(chan successor, 1)
	u.host.wg.Go(func() {
		s := successor{release: r}
		s.instance, s.image, s.err = u.tested(ctx, r)
		out <- s
	})
	return out
}

// tested starts a version and has it pass the self-test: it starts and shows a manifest that
// is in order, it answers, and every account could go on with it. On an error nothing is left.
func (u *unit) tested(ctx context.Context, r *release) (*instance, *image, error) {
	if r.problem == core.PluginIncompatible {
		return nil, nil, incompatible(r.reason)
	}
	img, err := u.host.reload(r)
	if err != nil {
		return nil, nil, err
	}
	i, err := u.start(ctx, r.file, img)
	if err != nil {
		return nil, nil, err
	}
	if err := u.selfTest(ctx, i); err != nil {
		i.end()
		return nil, nil, err
	}
	return i, img, nil
}

func (u *unit) selfTest(ctx context.Context, i *instance) error {
	if !i.healthy(ctx) {
		return incompatible(both("It does not answer.", "插件没有响应。"))
	}
	u.mu.Lock()
	live := u.license
	u.mu.Unlock()
	if live != nil && stranger(live.manifest, i.license.manifest) {
		return incompatible(idTaken(u.id, live.manifest))
	}
	examiner := u.host.options.Examiner
	if examiner == nil {
		return nil
	}
	if err := examiner.CheckManifest(i.license.manifest); err != nil {
		return err
	}
	return examiner.CheckAccounts(ctx, i.license.manifest)
}

// succeed lets a tested version take the calls from here on. Those under way end where they began.
func (u *unit) succeed(old *instance, s successor) {
	u.mu.Lock()
	u.release, u.image = s.release, s.image
	u.failures, u.streak, u.gaveUp, u.next = nil, 0, false, time.Time{}
	u.mu.Unlock()
	u.install(s.instance, true)
	u.host.log.Info("a plugin's version took over", "plugin", u.id, "from", old.label(), "to", s.instance.label())
	u.drain(old)
}

// refuse leaves the version that runs in place and says why.
func (u *unit) refuse(s successor) {
	reason := core.Text{EN: s.err.Error(), ZH: s.err.Error()}
	if wrong, ok := errors.AsType[incompatible](s.err); ok {
		reason.ZH = wrong.ZH
	}
	why := core.Text{
		EN: "The approved version could not take over; the one before it goes on. " + reason.EN,
		ZH: "已批准的版本未能接替，继续使用之前的版本。" + reason.ZH,
	}
	if errorsPass(s.err) {
		time.AfterFunc(decideEvery, func() { u.pardon(); u.reconsider() })
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.refused[s.release.sha256] = why
	u.host.log.Error("a plugin's version could not take over", "plugin", u.id, "file", s.release.file, "sha256", s.release.sha256, "error", s.err)
	u.becomeLocked(core.PluginEnabled, why)
}

// errorsPass says whether another try later may succeed: nothing is wrong with the version itself.
func errorsPass(err error) bool {
	_, wrong := errors.AsType[incompatible](err)
	return !wrong && core.CodeOf(err) != core.CodePluginRefused
}

// abandon ends a successor that nobody waits for any more.
func (h *Host) abandon(next <-chan successor) {
	if next == nil {
		return
	}
	h.wg.Go(func() {
		if s := <-next; s.instance != nil {
			s.instance.end()
		}
	})
}

// drain ends an instance when the last call that borrowed it has ended. A call has a deadline
// of its own, so the wait has an end.
func (u *unit) drain(i *instance) {
	u.mu.Lock()
	if u.current == i {
		u.current = nil
	}
	if i.retired = true; i.users == 0 {
		close(i.idle)
	}
	u.mu.Unlock()
	u.host.wg.Go(func() {
		timer := time.NewTimer(u.host.longestCall() + finishGrace)
		defer timer.Stop()
		select {
		case <-i.idle:
		case <-timer.C:
			u.host.log.Error("a plugin's version is ended with calls under way", "plugin", u.id, "version", i.label())
		case <-i.exited():
		case <-u.host.ctx.Done():
		}
		i.end()
	})
}

// giveBack says that a call has ended.
func (u *unit) giveBack(i *instance) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if i.users--; i.users == 0 && i.retired {
		close(i.idle)
	}
}

func (h *Host) longestCall() time.Duration {
	longest := h.options.CallTimeout
	for _, d := range h.options.CallTimeouts {
		longest = max(longest, d)
	}
	return longest
}

// TestVersion starts a version beside the one that runs, tests it and ends it. Errors:
// CodeNotFound when no file here has the hash; CodePluginRefused with the reason.
func (h *Host) TestVersion(ctx context.Context, provider, sha256 string) error {
	u, r := h.find(provider), h.holds(provider, sha256)
	if u == nil || r == nil {
		return core.NotFound("plugin version")
	}
	i, _, err := u.tested(ctx, r)
	if err != nil {
		return core.Errorf(core.CodePluginRefused, "The version did not pass its self-test: %v", err)
	}
	i.end()
	return nil
}

// stranger says whether a manifest under the id of another is another provider's: they have no
// product in common, so no account could go on with it.
func stranger(live, other core.Manifest) bool {
	return !slices.ContainsFunc(other.Products, func(p core.Product) bool {
		return slices.ContainsFunc(live.Products, func(q core.Product) bool { return p.ID == q.ID })
	})
}

func idTaken(id string, live core.Manifest) core.Text {
	return both("The id %s belongs to the plugin %s %s, with which this file has no product in common. Give the new plugin an id of its own.",
		"标识 %s 已属于插件 %s %s，本文件与其没有任何共同产品。请为新插件使用自己的标识。", quote(id), live.Name.EN, live.Version)
}
