package pluginhost

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// word is an operator's word about plugins, as the database keeps it.
type word struct {
	mu   sync.Mutex
	live map[string]string
	off  map[string]bool
	down error
}

func (w *word) Approval(_ context.Context, id, sha256 string) (Approval, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch live := w.live[id]; {
	case w.down != nil:
		return ApprovalPending, w.down
	case w.off[id]:
		return ApprovalDisabled, nil
	case live == "":
		return ApprovalPending, nil
	case live == sha256:
		return ApprovalEnabled, nil
	default:
		return ApprovalModified, nil
	}
}

func (w *word) ApprovedAs(_ context.Context, sha256 string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, live := range w.live {
		if live == sha256 && len(w.live) == 1 { // the harness has one binary under two names
			return id, nil
		}
	}
	return "", w.down
}

func (w *word) approve(id, sha256 string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.live == nil {
		w.live, w.off = map[string]string{}, map[string]bool{}
	}
	w.live[id] = sha256
}

func (w *word) switchOff(id string, off bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.off[id] = off
}

func (w *word) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = err
}

// formsFake refuses manifests that an account of the test could not go on with.
type formsFake struct{}

func (formsFake) CheckManifest(core.Manifest) error { return nil }

func (formsFake) CheckAccounts(_ context.Context, m core.Manifest) error {
	if strings.Contains(string(m.Settings), "Region") {
		return errors.New("the account Shop lacks Region")
	}
	return nil
}

// startLive is start with the actor approved, and other versions beside it.
func startLive(t *testing.T, change func(*Options), versions ...string) (*bench, *word) {
	t.Helper()
	w := &word{}
	b := start(t, func(o *Options) {
		o.Approvals, o.Examiner = w, formsFake{}
		if change != nil {
			change(o)
		}
	}, append([]string{"actor", "second"}, versions...)...)
	eventually(t, "the actor is described", func() bool { return b.version("actor", "actor").Manifest != nil })
	w.approve("actor", b.version("actor", "actor").SHA256)
	w.approve("second", b.status("second").SHA256)
	b.Rescan()
	eventually(t, "both run", func() bool { return b.status("actor").PID != 0 && b.status("second").PID != 0 })
	return b, w
}

// version gives a plugin's version that lies in a file.
func (b *bench) version(id, file string) core.PluginVersion {
	for _, v := range b.status(id).Versions {
		for _, f := range v.Files {
			if f == file {
				return v
			}
		}
	}
	return core.PluginVersion{}
}

// drop puts the actor under a name that says what to be, so that its hash is its own.
func (b *bench) drop(name string) core.PluginVersion {
	b.t.Helper()
	b.install(name, []byte(name))
	eventually(b.t, name+" is described", func() bool { return b.version("actor", name).Manifest != nil })
	return b.version("actor", name)
}

func TestANewVersionWaitsForTheOperator(t *testing.T) {
	t.Parallel()
	b, w := startLive(t, nil)
	pid := b.status("actor").PID
	v := b.drop("actor@2.0.0+more")
	for _, s := range b.Plugins(t.Context()) {
		if s.ID == "actor" && s.Manifest.Version != "1.2.3" {
			t.Errorf("the plugin's manifest is that of a version nobody approved: %s", s.Manifest.Version)
		}
	}
	if v.State != core.PluginPending || v.Running || v.Wanted || v.Manifest.Version != "2.0.0" || v.Reason.ZH == "" || v.Reason.EN == "" {
		t.Fatalf("%+v", v)
	}
	got, err := b.pay("")
	if err != nil || !strings.HasPrefix(got.Exchange.Plugin, "actor 1.2.3 ") || b.status("actor").PID != pid {
		t.Fatalf("the version that runs was moved: %+v %v", got.Exchange, err)
	}
	w.approve("actor", v.SHA256)
	b.Rescan()
	eventually(t, "the new version is live", func() bool { return b.version("actor", "actor@2.0.0+more").Running })
	if got, err = b.pay(""); err != nil || got.Exchange.Plugin != "actor 2.0.0 "+v.SHA256[:12] {
		t.Fatalf("%+v %v", got.Exchange, err)
	}
	eventually(t, "the old process is gone", func() bool { return !alive(pid) })
	if s := b.status("actor"); s.Restarts != 0 || s.State != core.PluginEnabled || len(s.Versions) != 2 {
		t.Errorf("%+v", s)
	}
}

// TestUpgradesUnderLoad upgrades and rolls back ten times each, with calls under way all the
// time and a provider that takes a while, and no call fails.
func TestUpgradesUnderLoad(t *testing.T) {
	t.Parallel()
	b, w := startLive(t, nil)
	b.provider.slow.Store(int64(30 * time.Millisecond))
	old, fresh := b.version("actor", "actor").SHA256, b.drop("actor@2.0.0").SHA256
	var calls, failed, byNew atomic.Int64
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				got, err := b.pay("")
				calls.Add(1)
				if err != nil || got.Outcome != core.OutcomeSucceeded {
					failed.Add(1)
					t.Errorf("%+v %v", got, err)
				}
				if strings.HasPrefix(got.Exchange.Plugin, "actor 2.0.0 ") {
					byNew.Add(1)
				}
			}
		})
	}
	began := time.Now()
	for n := range 20 {
		wanted := fresh
		if n%2 == 1 {
			wanted = old
		}
		w.approve("actor", wanted)
		b.Rescan()
		before := calls.Load()
		eventually(t, "it is live and used", func() bool { return b.status("actor").SHA256 == wanted && calls.Load() > before+6 })
	}
	close(stop)
	wg.Wait()
	t.Logf("10 upgrades and 10 roll-backs in %s: %d calls, %d of them by the new version, %d failed", time.Since(began).Round(time.Millisecond), calls.Load(), byNew.Load(), failed.Load())
	if failed.Load() != 0 || byNew.Load() == 0 || b.status("actor").Restarts != 0 {
		t.Errorf("%d failed, %d by the new version", failed.Load(), byNew.Load())
	}
}

// TestACallUnderWayEndsWhereItBegan: the old version is not ended while it has a call.
func TestACallUnderWayEndsWhereItBegan(t *testing.T) {
	t.Parallel()
	b, w := startLive(t, func(o *Options) { o.CallTimeout = 3 * time.Minute })
	fresh := b.drop("actor@2.0.0")
	pid := b.status("actor").PID
	gate := make(chan struct{})
	reply := sync.OnceFunc(func() { close(gate) })
	defer reply()
	b.provider.gate.Store(gate)
	done := make(chan core.PaymentResult, 1)
	go func() {
		got, err := b.pay("")
		if err != nil {
			t.Error(err)
		}
		done <- got
	}()
	eventually(t, "the provider has the request", func() bool { return b.provider.requests.Load() == 1 })
	w.approve("actor", fresh.SHA256)
	b.Rescan()
	eventually(t, "the new version is live", func() bool { return b.status("actor").SHA256 == fresh.SHA256 })
	if !alive(pid) {
		t.Error("the old version was ended with a call under way")
	}
	reply()
	if got := <-done; got.Outcome != core.OutcomeSucceeded || !strings.HasPrefix(got.Exchange.Plugin, "actor 1.2.3 ") {
		t.Errorf("%+v", got)
	}
	eventually(t, "the old process is gone", func() bool { return !alive(pid) })
}

// TestAVersionThatFailsItsSelfTest leaves the one before it live and says why.
func TestAVersionThatFailsItsSelfTest(t *testing.T) {
	t.Parallel()
	b, w := startLive(t, nil)
	pid, old := b.status("actor").PID, b.status("actor").SHA256
	fresh := b.drop("actor@2.0.0+strict")
	if err := b.TestVersion(t.Context(), "actor", fresh.SHA256); core.CodeOf(err) != core.CodePluginRefused || !strings.Contains(err.Error(), "lacks Region") {
		t.Fatal(err)
	}
	if err := b.TestVersion(t.Context(), "actor", old); err != nil {
		t.Error("the version that runs:", err)
	}
	if err := b.TestVersion(t.Context(), "actor", strings.Repeat("0", 64)); core.CodeOf(err) != core.CodeNotFound {
		t.Error(err)
	}
	w.approve("actor", fresh.SHA256)
	b.Rescan()
	eventually(t, "it is refused", func() bool { return b.version("actor", "actor@2.0.0+strict").State == core.PluginIncompatible })
	s := b.status("actor")
	if s.PID != pid || s.State != core.PluginEnabled || !strings.Contains(s.Reason, "lacks Region") || s.ReasonText.ZH == "" {
		t.Fatalf("%+v", s)
	}
	if got, err := b.pay(""); err != nil || !strings.HasPrefix(got.Exchange.Plugin, "actor 1.2.3 ") {
		t.Fatal(got, err)
	}
	w.approve("actor", old)
	b.Rescan()
	eventually(t, "all is as before", func() bool { s := b.status("actor"); return s.Reason == "" && s.PID == pid })
}

func TestSwitchedOffAndOnAgain(t *testing.T) {
	t.Parallel()
	b, w := startLive(t, nil)
	pid := b.status("actor").PID
	w.switchOff("actor", true)
	b.Rescan()
	eventually(t, "it is off", func() bool { return b.status("actor").State == core.PluginDisabled && !alive(pid) })
	if got, err := b.pay(""); core.CodeOf(err) != core.CodePluginPending || got.Exchange.Sent != core.SentNo {
		t.Fatal(got, err)
	}
	w.switchOff("actor", false)
	b.Rescan()
	if got, err := b.pay(""); err != nil || got.Outcome != core.OutcomeSucceeded {
		t.Fatal(got, err)
	}
}

// TestSwitchingOnIsAFreshStart: also of a plugin that was given up.
func TestSwitchingOnIsAFreshStart(t *testing.T) {
	t.Parallel()
	b, w := startLive(t, func(o *Options) { o.BackOff.MaxPerHour = 1 })
	if err := syscall.Kill(b.status("actor").PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is given up", func() bool { return b.status("actor").GaveUp })
	for _, off := range []bool{true, false} {
		w.switchOff("actor", off)
		b.Rescan()
		eventually(t, "the word is followed", func() bool { return (b.status("actor").State == core.PluginDisabled) == off })
	}
	eventually(t, "it runs", func() bool { return b.status("actor").PID != 0 })
}

// TestNobodyToAskStopsNothing: while approvals cannot be read, what runs goes on.
func TestNobodyToAskStopsNothing(t *testing.T) {
	t.Parallel()
	b, w := startLive(t, nil)
	pid := b.status("actor").PID
	w.fail(errors.New("no database"))
	b.Rescan()
	for range 20 {
		if got, err := b.pay(""); err != nil || got.Outcome != core.OutcomeSucceeded {
			t.Fatal(got, err)
		}
	}
	// A file that was replaced meanwhile does not run.
	b.install("actor", []byte("changed"))
	if got, err := b.pay(""); core.CodeOf(err) != core.CodePluginPending {
		t.Fatal(got, err)
	}
	eventually(t, "the process is gone", func() bool { return !alive(pid) })
}

// TestBadFiles: each has a state and a sentence in both languages, and nothing else moves.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	b, _ := startLive(t, func(o *Options) { o.StartTimeout = 6 * time.Second }) // the mute one has to be waited for
	actorPID, secondPID := b.status("actor").PID, b.status("second").PID
	good, err := os.ReadFile(actorPath)
	if err != nil {
		t.Fatal(err)
	}
	foreign := append([]byte(nil), good...)
	binary.LittleEndian.PutUint16(foreign[18:], 243) // e_machine: RISC-V
	dynamic, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file    string
		content []byte
		id      string // where it is listed
		state   core.PluginState
		reason  string
	}{
		{"readme", []byte("just a text\n"), "readme", core.PluginIncompatible, "no Linux executable"},
		{"foreign", foreign, "foreign", core.PluginIncompatible, "built for RISCV"},
		{"dynamic", dynamic, "dynamic", core.PluginIncompatible, "shared libraries"},
		{"actor@1+newer", good, "actor@1+newer", core.PluginIncompatible, "speaks version 2"},
		{"actor@1+schema", good, "actor@1+schema", core.PluginIncompatible, "must be JSON"},
		{"actor@1+other", append(good, "other"...), "actor", core.PluginIncompatible, `"actor" belongs to the plugin actor 1.2.3`},
		{"Name@1", good, "Name@1", core.PluginIncompatible, "small letters"},
		{"actor@1+dying", good, "actor@1+dying", core.PluginCrashed, "could not be asked"},
		{"actor@1+mute", good, "actor@1+mute", core.PluginCrashed, "could not be asked"},
	} {
		if err := os.WriteFile(filepath.Join(b.dir, c.file), c.content, 0o644); err != nil {
			t.Fatal(err)
		}
		eventually(t, c.file+" is judged", func() bool { // it may be looked at before all of it is written
			v := b.version(c.id, c.file)
			return v.State == c.state && strings.Contains(v.Reason.EN, c.reason) && v.Reason.ZH != ""
		})
		if got, err := b.pay(""); err != nil || got.Outcome != core.OutcomeSucceeded {
			t.Errorf("%s: %+v %v", c.file, got, err)
		}
	}
	if s := b.status("actor"); s.PID != actorPID || s.Restarts != 0 || s.State != core.PluginEnabled {
		t.Errorf("the plugin that runs was moved: %+v", s)
	}
	if s := b.status("second"); s.PID != secondPID || s.Restarts != 0 {
		t.Errorf("the other plugin was moved: %+v", s)
	}
	b.install("actor", []byte("replaced"))
	eventually(t, "a replaced file is noticed", func() bool {
		v := b.version("actor", "actor")
		return b.status("actor").State == core.PluginModified && v.State == core.PluginModified && v.Reason.ZH != ""
	})
	if s := b.status("second"); s.PID != secondPID || s.State != core.PluginEnabled {
		t.Errorf("the other plugin was moved: %+v", s)
	}
}
