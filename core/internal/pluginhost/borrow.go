package pluginhost

import (
	"context"
	"fmt"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// borrow gives the running instance. While the plugin is being started it waits, not long.
// Errors: CodePluginPending, CodeProviderUnavailable; nothing was sent.
func (u *unit) borrow(ctx context.Context) (*instance, error) {
	u.look()
	timer := time.NewTimer(u.host.options.RestartWait)
	defer timer.Stop()
	for {
		u.mu.Lock()
		i, undecided, changed, err := u.current, u.undecided(), u.changed, u.unavailable()
		soon := u.soon()
		if i != nil && !undecided && !i.over() {
			i.users++ // within the lock: it is not ended while a call has it
			u.mu.Unlock()
			return i, nil
		}
		u.mu.Unlock()
		if !undecided && !soon {
			return nil, err
		}
		select {
		case <-changed:
		case <-timer.C:
			return nil, err
		case <-ctx.Done():
			return nil, core.Wrap(ctx.Err(), core.CodeProviderUnavailable, "The provider's plugin is being started; nothing was sent.")
		}
	}
}

// soon says whether waiting may help. The caller holds the lock.
func (u *unit) soon() bool {
	switch u.state {
	case core.PluginStarting, core.PluginEnabled:
		return true
	case core.PluginCrashed:
		return !u.gaveUp && time.Until(u.next) < u.host.options.RestartWait
	default:
		return false
	}
}

// unavailable is the error of a call now. The caller holds the lock.
func (u *unit) unavailable() error {
	switch u.state {
	case core.PluginPending, core.PluginModified, core.PluginDisabled:
		return core.Errorf(core.CodePluginPending, "The plugin of the provider %s cannot be used: %s Nothing was sent.", u.id, u.reason.EN)
	default:
		return core.Errorf(core.CodeProviderUnavailable, "The plugin of the provider %s is not running: %s Nothing was sent.", u.id, u.reason.EN)
	}
}

// settled waits until the state is no longer "starting".
func (u *unit) settled(ctx context.Context) error {
	for {
		u.mu.Lock()
		state, undecided, changed := u.state, u.undecided(), u.changed
		u.mu.Unlock()
		if state != core.PluginStarting && !undecided {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("the plugin %s is still being started: %w", u.id, ctx.Err())
		}
	}
}

func (u *unit) manifest() (core.Manifest, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.license == nil {
		return core.Manifest{}, u.unavailable()
	}
	return u.license.manifest, nil
}

// label names the version that runs, or ran last, as instance.label does.
func (u *unit) label() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	version, sum := "", ""
	if u.license != nil {
		version = u.license.manifest.Version
	}
	if u.release != nil && len(u.release.sha256) >= 12 {
		sum = u.release.sha256[:12]
	}
	return u.id + " " + version + " " + sum
}

func (u *unit) count(took time.Duration, failed bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.counters.calls++
	u.counters.spent += took
	if failed {
		u.counters.failures++
	}
}
