package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// release is one binary in the plugin directory: its bytes' hash, and what it said of itself.
// It is not changed once it is shown to others; a file that changes becomes a new one.
type release struct {
	file   string
	stamp  stamp
	sha256 string
	// id is the plugin it is, or may be: by its manifest, by an approval of its hash, or, until
	// its manifest has been read, by its name and what lay under it before. Empty: nobody knows.
	id       string
	manifest *core.Manifest // nil until it was read
	// problem is set when it cannot be a plugin here; reason says why.
	problem core.PluginState
	reason  core.Text
}

// reading is what the host is doing about one file of the directory.
type reading struct {
	release *release // nil until it was read
	stamp   stamp    // of what is being read, or was
	tries   int      // to read its manifest
	again   time.Time
}

// The bounds of reading what a binary says of itself.
const (
	describeTries  = 3
	describeAgain  = 30 * time.Second
	describeAtOnce = 2
)

// validID is the form of a plugin's id: it becomes a part of settings, logs and addresses.
func validID(id string) bool { return regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`).MatchString(id) }

// isPlugin says whether an entry of the directory is to be looked at. Whether it may be
// executed does not matter: a plugin runs from memory.
func isPlugin(e os.DirEntry) bool {
	info, err := e.Info()
	return err == nil && info.Mode().IsRegular() && !strings.HasPrefix(e.Name(), ".")
}

// meet has a file read that is new or has changed.
func (h *Host) meet(file string, s stamp) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := h.files[file]
	if known != nil && known.stamp == s && (known.again.IsZero() || time.Now().Before(known.again)) || h.ctx.Err() != nil {
		return
	}
	if known == nil {
		known = &reading{}
		h.files[file] = known
	}
	if known.stamp != s {
		known.tries = 0
	}
	known.stamp, known.again = s, time.Time{}
	h.unread++
	h.wg.Go(func() { h.examine(h.ctx, file, s) })
}

// lose forgets the files that are gone.
func (h *Host) lose(present map[string]bool) {
	h.mu.Lock()
	var lost []string
	for file, f := range h.files {
		if !present[file] {
			delete(h.files, file)
			if f.release != nil {
				lost = append(lost, f.release.id)
			}
		}
	}
	h.mu.Unlock()
	for _, id := range lost {
		if u := h.find(id); u != nil {
			u.reconsider()
		}
	}
}

// examine reads a file, finds out whose it is, and has it described when nobody knows.
func (h *Host) examine(ctx context.Context, file string, s stamp) {
	r, img := h.read(ctx, file)
	told := h.keep(r, s)
	h.mu.Lock()
	h.unread--
	if h.unread == 0 {
		close(h.allRead)
		h.allRead = make(chan struct{})
	}
	h.mu.Unlock()
	if !told || img == nil || r.problem != "" {
		return
	}
	if h.running(r) {
		return // its manifest comes with its process
	}
	h.describeInto(ctx, r, s)
}

// read is the part of an examination that starts nothing.
func (h *Host) read(ctx context.Context, file string) (*release, *image) {
	r := &release{file: file}
	h.mu.RLock()
	if known := h.files[file]; known != nil && known.release != nil {
		r.id = known.release.id
	} else if validID(file) {
		r.id = file
	}
	h.mu.RUnlock()
	img, err := readImage(filepath.Join(h.options.Dir, file))
	if err != nil {
		r.problem, r.reason = core.PluginIncompatible, both("The plugin's file cannot be read: %s.", "无法读取插件文件：%s。", fileError(err))
		return r, nil
	}
	r.sha256, r.stamp = img.sha256, img.stamp
	if wrong := checkExecutable(img.bytes); wrong != (core.Text{}) {
		r.problem, r.reason = core.PluginIncompatible, wrong
		return r, img
	}
	if id := h.owner(ctx, file, img.sha256); id != "" {
		r.id = id
	}
	return r, img
}

// owner is the plugin that a hash was approved as, or empty.
func (h *Host) owner(ctx context.Context, file, sha256 string) string {
	id, err := h.options.Approvals.ApprovedAs(ctx, sha256)
	if err == nil && id != "" {
		return id
	}
	if validID(file) {
		if approval, err := h.options.Approvals.Approval(ctx, file, sha256); err == nil && approval == ApprovalEnabled {
			return file
		}
	}
	return ""
}

// running says whether a release is the one that its plugin runs, or starts.
func (h *Host) running(r *release) bool {
	if r.id == "" {
		return false
	}
	approval, err := h.options.Approvals.Approval(h.ctx, r.id, r.sha256)
	return err == nil && approval == ApprovalEnabled
}

// keep shows a release to others, unless the file has changed again meanwhile.
func (h *Host) keep(r *release, s stamp) bool {
	h.mu.Lock()
	f := h.files[r.file]
	if f == nil || f.stamp != s || h.ctx.Err() != nil {
		h.mu.Unlock()
		return false
	}
	before := f.release
	f.release = r
	u := h.unitLocked(r.id)
	var other *unit
	if before != nil && before.id != r.id {
		other = h.units[before.id]
	}
	h.mu.Unlock()
	for _, u := range []*unit{u, other} {
		if u != nil {
			u.reconsider()
		}
	}
	return true
}

// unitLocked gives the unit of an id, a new one when there is none. The caller holds the lock.
func (h *Host) unitLocked(id string) *unit {
	if id == "" {
		return nil
	}
	u := h.units[id]
	if u == nil {
		u = newUnit(h, id)
		h.units[id] = u
		h.wg.Go(func() { u.supervise(h.ctx) })
	}
	return u
}

// describeInto reads a manifest in a confined process that is granted nothing, and shows it.
func (h *Host) describeInto(ctx context.Context, r *release, s stamp) {
	select {
	case h.describing <- struct{}{}:
		defer func() { <-h.describing }()
	case <-ctx.Done():
		return
	}
	img, err := h.reload(r) // not held while waiting for a turn
	if err != nil {
		return // it has changed: the next look sees that
	}
	said := *r
	l, _, err := h.describe(ctx, r.file, img)
	if ctx.Err() != nil {
		return
	}
	var wrong incompatible
	switch {
	case err == nil:
		said.id, said.manifest = l.manifest.ID, &l.manifest
	case errors.As(err, &wrong):
		said.problem, said.reason = core.PluginIncompatible, core.Text(wrong)
	default:
		why := redactor{}.text(clip(printable(err.Error())))
		said.problem, said.reason = core.PluginCrashed, both("The plugin could not be asked what it is: %s.", "无法读取插件的自述：%s。", why)
		h.tryAgain(r.file, s)
	}
	h.keep(&said, s)
}

// tryAgain has a binary asked once more later: a machine under load may have been too slow.
func (h *Host) tryAgain(file string, s stamp) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.files[file]; f != nil && f.stamp == s {
		if f.tries++; f.tries < describeTries {
			f.again = time.Now().Add(describeAgain)
		}
	}
}

// describe starts a binary that nobody has approved, reads its manifest and ends it. It has no
// call, so it is granted nothing: whatever it asks for is refused.
func (h *Host) describe(ctx context.Context, file string, img *image) (*license, []core.ConfinementLayer, error) {
	guest := newUnit(h, "")
	guest.file = file
	defer guest.egress.close()
	i, err := guest.start(ctx, file, img)
	if err != nil {
		return nil, nil, err
	}
	defer i.end()
	if h.options.Examiner != nil {
		if err := h.options.Examiner.CheckManifest(i.license.manifest); err != nil {
			return nil, nil, incompatible(both("The manifest's forms cannot be used: %v", "插件自述中的表单无法使用：%v", err))
		}
	}
	return i.license, i.confinement(), nil
}

// releasesOf lists what lies in the directory of a plugin, by file name.
func (h *Host) releasesOf(id string) []*release {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var out []*release
	for _, f := range h.files {
		if f.release != nil && f.release.id == id {
			out = append(out, f.release)
		}
	}
	sortReleases(out)
	return out
}

// strangers lists the files of which nobody knows what plugin they are.
func (h *Host) strangers() []*release { return h.releasesOf("") }

// both is a sentence in the console's two languages.
func both(en, zh string, args ...any) core.Text {
	return core.Text{EN: fmt.Sprintf(en, args...), ZH: fmt.Sprintf(zh, args...)}
}

// current is releasesOf with the files that differ on the disk read again first, so that what
// is decided holds for what lies there now.
func (h *Host) current(ctx context.Context, id string) []*release {
	for _, r := range h.releasesOf(id) {
		info, err := os.Stat(filepath.Join(h.options.Dir, r.file))
		if err == nil && stampOf(info) == r.stamp || err != nil && r.sha256 == "" {
			continue
		}
		if err != nil {
			h.forget(r)
			continue
		}
		h.reread(ctx, r, stampOf(info))
	}
	return h.releasesOf(id)
}

// forget takes a file out that is gone.
func (h *Host) forget(r *release) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.files[r.file]; f != nil && f.release == r {
		delete(h.files, r.file)
	}
}

// reread takes a changed file for what it is now. It stays with its plugin until its manifest
// has been read, which the next scan sees to.
func (h *Host) reread(ctx context.Context, old *release, s stamp) {
	r, _ := h.read(ctx, old.file)
	if r.sha256 == old.sha256 {
		r.manifest = old.manifest
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.files[old.file]
	if f == nil || f.release != old {
		return
	}
	f.release = r
	if r.sha256 == old.sha256 {
		f.stamp = s
	}
}

// holds gives a plugin's release with a hash, or nil.
func (h *Host) holds(id, sha256 string) *release {
	for _, r := range h.releasesOf(id) {
		if r.sha256 == sha256 {
			return r
		}
	}
	return nil
}

// learn keeps what a release's own process said of it.
func (h *Host) learn(r *release, m core.Manifest) *release {
	if r == nil {
		return nil
	}
	said := *r
	said.manifest = &m
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.files[r.file]; f != nil && f.release == r {
		f.release = &said
	}
	return &said
}
