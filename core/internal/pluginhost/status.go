package pluginhost

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Plugins describes every plugin found, by id. A file of which nobody knows what plugin it is
// stands under its name.
func (h *Host) Plugins(ctx context.Context) []core.PluginStatus {
	units := h.list()
	out := make([]core.PluginStatus, 0, len(units))
	for _, u := range units {
		releases := h.releasesOf(u.id)
		if s, told := u.status(releases); told {
			s.Versions = u.versions(ctx, releases)
			out = append(out, s)
		}
	}
	for _, r := range h.strangers() {
		v := core.PluginVersion{Files: []string{r.file}, SHA256: r.sha256, State: orState(r.problem, core.PluginPending), Reason: r.reason}
		if v.Reason == (core.Text{}) {
			v.Reason = both("The file is being asked what it is.", "正在读取该文件的自述。")
		}
		out = append(out, core.PluginStatus{
			ID: r.file, Path: r.file, SHA256: r.sha256, State: v.State, Reason: v.Reason.EN, ReasonText: v.Reason, Versions: []core.PluginVersion{v},
		})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

func orState(s, otherwise core.PluginState) core.PluginState {
	if s == "" {
		return otherwise
	}
	return s
}

// status describes the unit. It is not told of when nothing of it lies there or ever ran.
func (u *unit) status(releases []*release) (core.PluginStatus, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(releases) == 0 && u.license == nil {
		return core.PluginStatus{}, false
	}
	s := core.PluginStatus{
		ID: u.id, State: u.state, Reason: u.reason.EN, ReasonText: u.reason, Restarts: u.restarts, Crashes: u.crashesTold(),
		Confinement: u.layers, Calls: u.counters.calls, Failures: u.counters.failures,
		CrashesInARow: u.streak, GaveUp: u.gaveUp, Unreachable: u.egress.breaker.open(),
		Violations: u.counters.violations, LastViolation: u.counters.violation, ViolatedAt: u.counters.violated,
	}
	if len(s.Crashes) > 0 {
		s.LastCrash, s.LastLines = s.Crashes[0].At, s.Crashes[0].LastLines
	}
	shown := u.release
	if shown == nil && len(releases) > 0 {
		shown = releases[0]
	}
	if shown != nil {
		s.Path, s.SHA256 = shown.file, shown.sha256
	}
	if u.license != nil {
		m := u.license.manifest
		s.Manifest = &m
	}
	if u.current != nil {
		s.PID, s.SHA256 = u.current.process.pid(), u.current.sha256
	}
	if u.counters.calls > 0 {
		s.MeanMillis = float64(u.counters.spent.Microseconds()) / 1000 / float64(u.counters.calls)
	}
	return s, true
}

// versions describes a plugin's binaries, one for each hash, by file name.
func (u *unit) versions(ctx context.Context, releases []*release) []core.PluginVersion {
	var out []core.PluginVersion
	wanted := false
	for _, r := range releases {
		if at := slices.IndexFunc(out, func(v core.PluginVersion) bool { return v.SHA256 == r.sha256 }); at >= 0 {
			out[at].Files = append(out[at].Files, r.file)
			continue
		}
		approval, err := u.host.options.Approvals.Approval(ctx, u.id, r.sha256)
		v := u.version(r, approval, err)
		wanted = wanted || v.Wanted
		out = append(out, v)
	}
	for i := range out {
		// What lies in the place of the approved binary was put there, and not approved.
		if v := &out[i]; !wanted && v.State == core.PluginPending && u.stateNow() == core.PluginModified {
			v.State, v.Reason = core.PluginModified, u.reasonNow()
		}
	}
	return out
}

func (u *unit) version(r *release, approval Approval, err error) core.PluginVersion {
	u.mu.Lock()
	defer u.mu.Unlock()
	v := core.PluginVersion{
		Files: []string{r.file}, SHA256: r.sha256, Manifest: r.manifest, State: orState(r.problem, core.PluginPending), Reason: r.reason,
		Wanted: err == nil && approval == ApprovalEnabled, Running: u.current != nil && u.current.sha256 == r.sha256,
	}
	if u.current != nil && v.Running || u.release != nil && u.license != nil && u.release.sha256 == r.sha256 && v.Wanted {
		m := u.license.manifest
		v.Manifest = &m
	}
	why, no := u.refused[r.sha256]
	switch {
	case v.Running:
		v.State, v.Reason = core.PluginEnabled, core.Text{}
	case r.problem != "":
	case u.license != nil && r.manifest != nil && stranger(u.license.manifest, *r.manifest):
		v.State, v.Reason = core.PluginIncompatible, idTaken(u.id, u.license.manifest)
	case no:
		v.State, v.Reason = core.PluginIncompatible, why
	case v.Wanted && u.current == nil:
		v.State, v.Reason = u.state, u.reason
	case v.Wanted:
		v.State, v.Reason = core.PluginStarting, starting()
	case err == nil && approval == ApprovalDisabled:
		v.State, v.Reason = core.PluginDisabled, both("The plugin is switched off.", "插件已停用。")
	default:
		v.Reason = both("This version is not live: an operator has to approve it.", "该版本未启用，需由管理员批准。")
	}
	return v
}

func (u *unit) stateNow() core.PluginState {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.state
}

func (u *unit) reasonNow() core.Text {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.reason
}

func sortReleases(all []*release) {
	slices.SortFunc(all, func(a, b *release) int { return strings.Compare(a.file, b.file) })
}
