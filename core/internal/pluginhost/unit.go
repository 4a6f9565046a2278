package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// unit is one plugin's file and whatever runs of it. One goroutine, supervise, starts and
// ends its processes; calls only borrow the one that runs.
type unit struct {
	host   *Host
	file   string
	path   string
	output *lines
	egress *egress
	wake   chan struct{} // something may have changed

	mu       sync.Mutex
	state    core.PluginState
	reason   string
	image    *image // as last read
	asked    uint64 // counts reasons to read the file and ask for its approval again
	answered uint64 // the last of them that led to a decision
	current  *instance
	license  *license // of the last instance that ran
	layers   []core.ConfinementLayer
	changed  chan struct{} // closed and replaced whenever the state changes
	failures []time.Time   // of the last hour
	streak   int           // failures in a row
	next     time.Time     // the earliest next start
	gaveUp   bool
	restarts int
	crashed  time.Time
	lastSaid []string
	counters counters
}

// counters are what the status shows.
type counters struct {
	calls, failures, violations int64
	spent                       time.Duration
	violation                   string
}

func newUnit(h *Host, file, path string) *unit {
	plain := redactor{}
	return &unit{
		host: h, file: file, path: path, output: &lines{redact: plain.text},
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
func (u *unit) become(state core.PluginState, reason string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.becomeLocked(state, reason)
}

func (u *unit) becomeLocked(state core.PluginState, reason string) {
	if u.state != state || u.reason != reason {
		u.host.log.Info("plugin", "file", u.file, "state", string(state), "reason", reason)
	}
	u.state, u.reason = state, reason
	close(u.changed)
	u.changed = make(chan struct{})
}

// look compares the file with what was read of it, cheaply, and has it read again if it differs.
func (u *unit) look() {
	info, err := os.Stat(u.path)
	u.mu.Lock()
	defer u.mu.Unlock()
	same := err == nil && u.image != nil && stampOf(info) == u.image.stamp || err != nil && u.image == nil
	if !same && !u.undecided() {
		u.asked++
		u.stir()
	}
}

// undecided says that the file is to be read and judged again. The caller holds the lock.
func (u *unit) undecided() bool { return u.asked != u.answered }

// reconsider asks for the approval again.
func (u *unit) reconsider() {
	u.mu.Lock()
	u.asked++
	u.mu.Unlock()
	u.stir()
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
		img := u.decide(ctx)
		if img == nil {
			u.sleep(ctx, 0)
			continue
		}
		if wait, tired := u.pause(); tired || wait > 0 {
			u.sleep(ctx, wait)
			continue
		}
		u.become(core.PluginStarting, "The plugin is being started.")
		i, err := u.start(ctx, img)
		if err != nil {
			u.failed(ctx, err)
			continue
		}
		u.run(ctx, i)
	}
}

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

// decide reads the file if it may have changed and asks whether it may run. It gives nil,
// and has set the state, when it may not.
func (u *unit) decide(ctx context.Context) *image {
	u.mu.Lock()
	known, state, asked, undecided := u.image, u.state, u.asked, u.undecided()
	u.mu.Unlock()
	if !undecided && known != nil {
		if state == core.PluginCrashed || state == core.PluginStarting || state == core.PluginEnabled {
			return known
		}
		return nil
	}
	img, err := readImage(u.path)
	if err != nil {
		u.decided(asked, nil, core.PluginDisabled, "The plugin's file cannot be read: "+fileError(err)+".")
		return nil
	}
	if known != nil && known.sha256 != img.sha256 {
		u.forgive()
	}
	state, reason := u.judge(ctx, img)
	u.decided(asked, img, state, reason)
	if state != core.PluginEnabled {
		return nil
	}
	return img
}

// decided records a decision. A plugin that may run is being started, or waits after a crash.
func (u *unit) decided(asked uint64, img *image, state core.PluginState, reason string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.image, u.answered = img, asked
	switch {
	case state != core.PluginEnabled:
		u.becomeLocked(state, reason)
	case u.state == core.PluginCrashed:
		u.becomeLocked(u.state, u.reason) // whoever waits looks again
	default:
		u.becomeLocked(core.PluginStarting, "The plugin is being started.")
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

// judge says what the operator and the file's form make of it.
func (u *unit) judge(ctx context.Context, img *image) (core.PluginState, string) {
	approval, err := u.host.options.Approvals.Approval(ctx, u.file, img.sha256)
	if err != nil {
		u.host.log.Error("the approval of a plugin cannot be read", "plugin", u.file, "error", err)
		u.retryDecision()
		return core.PluginPending, "Whether this plugin is approved cannot be read now."
	}
	switch approval {
	case ApprovalEnabled:
	case ApprovalModified:
		return core.PluginModified, "The plugin's file has changed since it was approved. Approve the new file, or put the approved one back."
	case ApprovalDisabled:
		return core.PluginDisabled, "The plugin is switched off."
	case ApprovalPending:
		return core.PluginPending, "The plugin was found and is not approved yet."
	default:
		return core.PluginPending, "The plugin was found and is not approved yet."
	}
	if wrong := checkExecutable(img.bytes); wrong != "" {
		return core.PluginIncompatible, wrong
	}
	return core.PluginEnabled, ""
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

// failed records a start that did not succeed.
func (u *unit) failed(ctx context.Context, err error) {
	if wrong, ok := errors.AsType[incompatible](err); ok {
		u.become(core.PluginIncompatible, wrong.Error())
		return
	}
	if ctx.Err() == nil {
		u.crash(fmt.Sprintf("The plugin could not be started: %v.", err), 0)
	}
}

// crash records a failure and sets when to try again.
func (u *unit) crash(reason string, lived time.Duration) {
	b := u.host.options.BackOff
	now := time.Now()
	u.mu.Lock()
	defer u.mu.Unlock()
	if lived > b.Max {
		u.streak = 0
	}
	u.streak++
	u.failures = append(recent(u.failures, now), now)
	u.crashed, u.lastSaid = u.host.now(), u.output.last()
	u.host.log.Error("plugin failed", "file", u.file, "reason", reason, "output", u.lastSaid)
	if len(u.failures) >= b.MaxPerHour {
		u.gaveUp = true
		u.becomeLocked(core.PluginCrashed, fmt.Sprintf("%s It failed %d times within an hour and is not started again by itself.", reason, len(u.failures)))
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
	u.becomeLocked(core.PluginCrashed, fmt.Sprintf("%s It is started again in %s.", reason, wait))
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

// run serves calls with an instance until it ends, hangs, or its file changes.
func (u *unit) run(ctx context.Context, i *instance) {
	born := time.Now()
	u.install(i)
	defer i.end()
	tick := time.NewTicker(u.host.options.HealthEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			u.remove(i)
			u.become(core.PluginDisabled, "The host is shutting down.")
			return
		case <-i.exited():
			u.remove(i)
			u.crash("The plugin ended unexpectedly ("+i.process.ending()+").", time.Since(born))
			return
		case <-tick.C:
			if !i.healthy(ctx) && ctx.Err() == nil {
				u.remove(i)
				i.end()
				u.crash(unhealthy(i), time.Since(born))
				return
			}
		case <-u.wake:
			if u.outdated(ctx, i) {
				return
			}
		}
	}
}

func unhealthy(i *instance) string {
	if ending := i.process.ending(); ending != "" && ending != "signal: killed" {
		return "The plugin ended unexpectedly (" + ending + ")."
	}
	return "The plugin no longer answered and was ended."
}

func (u *unit) install(i *instance) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.license != nil {
		u.restarts++
	}
	u.current, u.license, u.layers = i, i.license, i.confinement()
	u.becomeLocked(core.PluginEnabled, "")
}

func (u *unit) remove(i *instance) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.current == i {
		u.current = nil
	}
}

// outdated reads a changed file. The instance goes on when the bytes are the same; else
// it is taken out of service before anything else happens.
func (u *unit) outdated(ctx context.Context, i *instance) bool {
	u.mu.Lock()
	known, asked, undecided := u.image, u.asked, u.undecided()
	u.mu.Unlock()
	if !undecided {
		return false
	}
	img, err := readImage(u.path)
	if err == nil && img.sha256 == known.sha256 {
		if state, _ := u.judge(ctx, img); state == core.PluginEnabled {
			u.mu.Lock()
			defer u.mu.Unlock()
			u.image, u.answered = img, asked
			u.becomeLocked(core.PluginEnabled, "")
			return false
		}
	}
	u.remove(i) // decide reads and judges it again
	return true
}
