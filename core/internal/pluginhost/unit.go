package pluginhost

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// unit is one plugin and whatever runs of it. One goroutine, supervise, starts and ends its
// processes; calls only borrow the one that runs.
type unit struct {
	host   *Host
	id     string // empty while a binary is only asked what it is
	file   string // that is asked; empty otherwise
	egress *egress
	// What of its refusals and of its own lines reaches the host's log.
	refusals, sayings *throttle

	wake chan struct{} // something may have changed

	mu       sync.Mutex
	state    core.PluginState
	reason   core.Text
	release  *release             // that is to run, or ran last
	image    *image               // its bytes
	asked    uint64               // counts reasons to judge again before another call is made
	answered uint64               // the last of them that led to a decision
	nudged   bool                 // a reason to judge again that calls need not wait for
	refused  map[string]core.Text // versions that failed their self-test, by hash
	current  *instance
	license  *license // of the last instance that ran
	layers   []core.ConfinementLayer
	changed  chan struct{} // closed and replaced whenever the state changes
	failures []time.Time   // of the last hour
	streak   int           // failures in a row
	next     time.Time     // the earliest next start
	gaveUp   bool
	restarts int
	crashes  []core.PluginCrash // the last of them
	tried    map[string]bool    // what it was refused and is logged
	counters counters
}

// counters are what the status shows.
type counters struct {
	calls, failures, violations int64
	spent                       time.Duration
	violation                   string
	violated                    time.Time
}

func newUnit(h *Host, id string) *unit {
	return &unit{
		host: h, id: id, refusals: newRefusals(), sayings: newSayings(), refused: map[string]core.Text{}, tried: map[string]bool{},
		egress: newEgress(h.options.AllowPrivateNetworks, h.options.RootCAs, h.options.Clock),
		wake:   make(chan struct{}, 1), state: core.PluginStarting, asked: 1, changed: make(chan struct{}),
	}
}

func (u *unit) stir() {
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// become changes the state and tells who waits for that.
func (u *unit) become(state core.PluginState, reason core.Text) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.becomeLocked(state, reason)
}

func (u *unit) becomeLocked(state core.PluginState, reason core.Text) {
	if u.state != state || u.reason != reason {
		u.host.log.Info("plugin", "plugin", u.id, "state", string(state), "reason", reason.EN)
	}
	u.state, u.reason = state, reason
	close(u.changed)
	u.changed = make(chan struct{})
}

// look compares the file that runs with what was read of it, cheaply, and holds calls back
// until it has been judged again if it differs.
func (u *unit) look() {
	u.mu.Lock()
	r, undecided := u.release, u.undecided()
	u.mu.Unlock()
	if r == nil || undecided {
		return
	}
	if info, err := os.Stat(filepath.Join(u.host.options.Dir, r.file)); err == nil && stampOf(info) == r.stamp {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.release == r && !u.undecided() {
		u.asked++
		u.stir()
	}
}

// undecided says that the plugin is to be judged before another call. The caller holds the lock.
func (u *unit) undecided() bool { return u.asked != u.answered }

// reconsider asks for the approval again. While the plugin runs, calls go on.
func (u *unit) reconsider() {
	u.mu.Lock()
	if u.current == nil {
		u.asked++
	}
	u.nudged = true
	u.mu.Unlock()
	u.stir()
}

// pardon gives versions that failed their self-test another try.
func (u *unit) pardon() {
	u.mu.Lock()
	clear(u.refused)
	u.mu.Unlock()
}

// forgive forgets the failures and starts again.
func (u *unit) forgive() {
	u.mu.Lock()
	u.failures, u.streak, u.gaveUp, u.next = nil, 0, false, time.Time{}
	u.mu.Unlock()
	u.stir()
}

// supervise is the life of the unit.
func (u *unit) supervise(ctx context.Context) {
	defer u.egress.close()
	for ctx.Err() == nil {
		r, img := u.decide(ctx)
		if img == nil {
			u.sleep(ctx, 0)
			continue
		}
		if wait, tired := u.pause(); tired || wait > 0 {
			u.sleep(ctx, wait)
			continue
		}
		u.become(core.PluginStarting, starting())
		i, err := u.start(ctx, r.file, img)
		if err != nil {
			u.failed(ctx, i, err)
			continue
		}
		u.run(ctx, i)
	}
}

func starting() core.Text { return both("The plugin is being started.", "插件正在启动。") }

// sleep waits to be stirred, and no longer than d unless that is zero.
func (u *unit) sleep(ctx context.Context, d time.Duration) {
	var expired <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-ctx.Done():
	case <-u.wake:
	case <-expired:
	}
}

// decide finds out which binary is to run, and reads it. It gives nil, and has set the
// state, when none is.
func (u *unit) decide(ctx context.Context) (*release, *image) {
	u.mu.Lock()
	known, img, before, asked, again := u.release, u.image, u.state, u.asked, u.undecided() || u.nudged
	u.nudged = false
	u.mu.Unlock()
	if !again && img != nil && known != nil {
		if before == core.PluginCrashed || before == core.PluginStarting || before == core.PluginEnabled {
			return known, img
		}
		return nil, nil
	}
	r, state, reason, _ := u.judge(ctx)
	if state != core.PluginEnabled {
		u.decided(asked, r, nil, state, reason)
		return nil, nil
	}
	if img == nil || img.sha256 != r.sha256 {
		var err error
		if img, err = u.host.reload(r); err != nil {
			u.decided(asked, r, nil, core.PluginModified, both("The plugin's file changed while it was being started: %v.", "插件文件在启动过程中发生变化：%v。", err))
			u.retryDecision()
			return nil, nil
		}
	}
	if known != nil && known.sha256 != r.sha256 || before == core.PluginDisabled {
		u.forgive() // another binary, or switched on again: a fresh start
	}
	u.decided(asked, r, img, state, reason)
	return r, img
}

// reload reads a release's bytes again and holds them against its hash.
func (h *Host) reload(r *release) (*image, error) {
	img, err := readImage(filepath.Join(h.options.Dir, r.file))
	if err != nil {
		return nil, errors.New(fileError(err))
	}
	if img.sha256 != r.sha256 {
		return nil, errors.New("it is another file now")
	}
	return img, nil
}

// decided records a decision. A plugin that may run is being started, or waits after a crash.
func (u *unit) decided(asked uint64, r *release, img *image, state core.PluginState, reason core.Text) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.release, u.image, u.answered = r, img, asked
	switch {
	case state != core.PluginEnabled:
		u.becomeLocked(state, reason)
	case u.state == core.PluginCrashed:
		u.becomeLocked(u.state, u.reason) // whoever waits looks again
	default:
		u.becomeLocked(core.PluginStarting, starting())
	}
}

func fileError(err error) string {
	if errors.Is(err, os.ErrNotExist) {
		return "it is gone"
	}
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err.Error()
	}
	return err.Error()
}

// judge says which of the plugin's binaries is to run. Without one, the release is what lies
// there instead. An error means that nobody could be asked.
func (u *unit) judge(ctx context.Context) (*release, core.PluginState, core.Text, error) {
	releases := u.host.current(ctx, u.id)
	if len(releases) == 0 {
		return nil, core.PluginDisabled, both("The plugin's file cannot be read: it is gone.", "插件文件已不存在。"), nil
	}
	first, worst := releases[0], ApprovalPending
	for _, r := range releases {
		approval, err := u.host.options.Approvals.Approval(ctx, u.id, r.sha256)
		if err != nil {
			u.host.log.Error("the approval of a plugin cannot be read", "plugin", u.id, "error", err)
			u.retryDecision()
			return r, core.PluginPending, both("Whether this plugin is approved cannot be read now.", "暂时无法读取该插件的批准状态。"), err
		}
		switch approval {
		case ApprovalEnabled:
			if r.problem == core.PluginIncompatible {
				return r, r.problem, r.reason, nil
			}
			return r, core.PluginEnabled, core.Text{}, nil
		case ApprovalModified, ApprovalDisabled:
			worst = approval
		case ApprovalPending:
		}
	}
	switch worst {
	case ApprovalModified:
		return first, core.PluginModified, both("The plugin's file has changed since it was approved. Approve the new file, or put the approved one back.",
			"插件文件在批准后发生了变化。请批准新文件，或放回已批准的文件。"), nil
	case ApprovalDisabled:
		return first, core.PluginDisabled, both("The plugin is switched off.", "插件已停用。"), nil
	default:
		if first.problem != "" && !slices.ContainsFunc(releases, func(r *release) bool { return r.problem == "" }) {
			return first, first.problem, first.reason, nil
		}
		return first, core.PluginPending, both("The plugin was found and is not approved yet.", "已发现插件，尚未批准。"), nil
	}
}

// retryDecision asks again in a while.
func (u *unit) retryDecision() {
	time.AfterFunc(u.host.options.RescanEvery, func() {
		if u.host.ctx.Err() == nil {
			u.reconsider()
		}
	})
}

// pause says how long to wait before the next start, or that there is none.
func (u *unit) pause() (wait time.Duration, tired bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.gaveUp {
		return 0, true
	}
	return time.Until(u.next), false
}
