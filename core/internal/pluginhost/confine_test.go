package pluginhost

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestLayersAreReported(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	names := map[string]bool{}
	for _, l := range b.status("actor").Confinement {
		names[l.Name] = true
		if !l.Active && l.Reason == "" {
			t.Errorf("%s is missing and nothing says why", l.Name)
		}
	}
	for _, want := range []string{"namespaces", "user-namespace", "capabilities", "landlock-files", "landlock-tcp", "landlock-scopes", "limits", "seccomp"} {
		if !names[want] {
			t.Errorf("%s is not reported", want)
		}
	}
}

func TestFullConfinementCanBeRequired(t *testing.T) {
	t.Parallel()
	b := start(t, func(o *Options) {
		o.WithoutNamespaces, o.RequireFullConfinement, o.RestartWait = true, true, 200*time.Millisecond
	})
	s := b.status("actor")
	if s.State != core.PluginCrashed || !strings.Contains(s.Reason, "namespaces") {
		t.Fatalf("%s: %s", s.State, s.Reason)
	}
	if _, err := b.pay(""); core.CodeOf(err) != core.CodeProviderUnavailable {
		t.Fatal(err)
	}
}

func TestTheEnvironmentIsEmpty(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	got, err := b.CheckIn(t.Context(), b.call("env"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(got.Values["env"]) {
		name, _, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && !strings.Contains(name, " ") && !strings.HasPrefix(name, "PLUGIN_") && name != "ZHANGGUI_PLUGIN" && name != "TZ" && strings.ToUpper(name) == name && len(name) < 30 {
			t.Errorf("the plugin's environment holds %q", name)
		}
	}
}

// TestNoOrphans kills a host and expects its plugin to be gone with it.
func TestNoOrphans(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		flat string
		user uint32
	}{"with namespaces": {}, "without namespaces": {flat: "1"}, "as an ordinary user": {user: 65534}, "as an ordinary user without namespaces": {flat: "1", user: 65534}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.user != 0 && os.Getuid() != 0 {
				test.user = 0 // already an ordinary user
			}
			host, said := startHelper(t, test.flat, test.user)
			pid, err := strconv.Atoi(strings.Fields(said[0])[0])
			if err != nil || pid == 0 {
				t.Fatalf("no plugin runs: %v", said)
			}
			if !slices.ContainsFunc(said, func(l string) bool { return strings.HasPrefix(l, "layer seccomp true") }) {
				t.Fatalf("no filter: %v", said)
			}
			if !alive(pid) {
				t.Fatal("the plugin is gone before its host")
			}
			if err := host.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = host.Wait()
			eventually(t, "the plugin ends with its host", func() bool { return !alive(pid) })
		})
	}
}

func startHelper(t *testing.T, flat string, user uint32) (*exec.Cmd, []string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "zghost") // readable by another user, unlike t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, dir: dir}
	b.install("actor", nil)
	self := filepath.Join(dir, ".host") // the test's own program may lie where another user cannot reach it
	copyFile(t, "/proc/self/exe", self)
	cmd, out := startCopy(t, self, []string{helperEnv + "=" + dir, helperEnv + "_FLAT=" + flat}, user)
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	var said []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "done" {
			return cmd, said
		}
		said = append(said, lines.Text())
	}
	t.Fatalf("the host said only %v", said)
	return nil, nil
}

// startCopy starts a program that was just written: another test's fork may still hold it open.
func startCopy(t *testing.T, self string, env []string, user uint32) (*exec.Cmd, io.Reader) {
	t.Helper()
	for {
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env, cmd.Stderr = env, os.Stderr
		if user != 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		err = cmd.Start()
		if err == nil {
			return cmd, out
		}
		if !errors.Is(err, syscall.ETXTBSY) {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o755); err != nil {
		t.Fatal(err)
	}
}

// alive says whether a process exists and is no zombie.
func alive(pid int) bool {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(data), ") ")
	return !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X")
}

func TestAMemoryBombDiesAlone(t *testing.T) {
	t.Parallel()
	b := start(t, nil, "actor", "second")
	_, err := b.CheckIn(t.Context(), b.call("bomb"))
	if core.CodeOf(err) != core.CodeProviderUnavailable {
		t.Fatalf("%v", err)
	}
	eventually(t, "the plugin runs again", func() bool { return b.status("actor").State == core.PluginEnabled && b.status("actor").Restarts == 1 })
	if s := b.status("actor"); len(s.LastLines) == 0 || s.LastCrash.IsZero() {
		t.Errorf("nothing is kept of the crash: %+v", s)
	}
	if s := b.status("second"); s.Restarts != 0 || s.State != core.PluginEnabled {
		t.Errorf("the other plugin suffered: %+v", s)
	}
	if got, err := b.pay(""); err != nil || got.Outcome != core.OutcomeSucceeded {
		t.Fatal(got, err)
	}
}

// output is what is kept of what a plugin that runs has written.
func (b *bench) output(name string) []string {
	u := b.find(name)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.current == nil {
		return nil
	}
	return u.current.output.last()
}

func TestFloodsDoNotBlock(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	if _, err := b.CheckIn(t.Context(), b.call("flood")); err != nil {
		t.Fatal(err)
	}
	if got, err := b.pay(""); err != nil || got.Outcome != core.OutcomeSucceeded {
		t.Fatal(got, err)
	}
	eventually(t, "lines are kept", func() bool { return len(b.output("actor")) > 0 })
	for _, line := range b.output("actor") {
		if len(line) > lineLimit || strings.Contains(line, "4111111111111111") {
			t.Errorf("kept %q", line)
		}
	}
}

func TestCloseEndsAPluginThatIgnoresSignals(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	if _, err := b.CheckIn(t.Context(), b.call("ignore-term")); err != nil {
		t.Fatal(err)
	}
	pid := b.status("actor").PID
	began := time.Now()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if alive(pid) {
		t.Error("the plugin outlived Close")
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("Close took %s", took)
	}
}
