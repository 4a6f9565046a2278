package pluginhost

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// isolations are the two ways a plugin is confined: with namespaces, and as in a container that
// refuses them. Every attempt of the suite is made both ways.
func isolations() map[string]func(*Options) {
	return map[string]func(*Options){
		"with namespaces":    func(o *Options) { o.WithoutNamespaces = false },
		"without namespaces": func(o *Options) { o.WithoutNamespaces = true },
	}
}

// around makes what a plugin must not reach: listening sockets, a server, the host's own files.
func around(t *testing.T, b *bench) []string {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "zhanggui.yaml")
	if err := os.WriteFile(config, []byte("database_url: secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	// Whoever starts a host may leave it a descriptor that is not closed on exec.
	f, err := os.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	leak, err := unix.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = unix.Close(leak), f.Close() })
	b.restart(t)
	out := []string{
		"Host", strings.TrimPrefix(b.provider.URL, "http://"), "Pid", strconv.Itoa(os.Getpid()),
		"Config", config, "Plugins", b.dir, "Other", b.find("second").current.dir,
	}
	for setting, address := range map[string]string{
		"Path": filepath.Join(dir, ".s.PGSQL.5432"), "Docker": filepath.Join(dir, "docker.sock"), "Name": "@zhanggui-" + core.NewID(time.Now()).String(),
	} {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		out = append(out, setting, strings.TrimPrefix(address, "@"))
	}
	return out
}

// restart has the actor started again, so that it is given what the host has now.
func (b *bench) restart(t *testing.T) {
	t.Helper()
	pid := b.status("actor").PID
	_ = syscall.Kill(pid, syscall.SIGKILL)
	eventually(t, "it runs again", func() bool { s := b.status("actor"); return s.PID != 0 && s.PID != pid })
}

// TestEscapesAreRefused lets the plugin try every way out.
func TestEscapesAreRefused(t *testing.T) {
	t.Parallel()
	for name, isolation := range isolations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, isolation, "actor", "second")
			got, err := b.CheckIn(t.Context(), b.call("escape", around(t, b)...))
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Values) < 800 {
				t.Errorf("only %d attempts were made", len(got.Values))
			}
			for attempt, came := range got.Values {
				if came == "went through" {
					t.Errorf("%s went through", attempt)
				}
				if strings.HasPrefix(attempt, "socket") && came != "operation not permitted" {
					t.Errorf("%s was not refused by the filter: %s", attempt, came)
				}
			}
			if b.provider.requests.Load() != 0 {
				t.Error("the provider was reached")
			}
			if s := b.status("actor"); s.Violations < 800 || !strings.Contains(s.LastViolation, "the system call") {
				t.Errorf("%d refusals are counted, the last %q", s.Violations, s.LastViolation)
			}
			for _, want := range []string{"the system call connect", "the system call socket", "the system call ptrace", "opening "} {
				if !strings.Contains(b.logs.String(), want) {
					t.Errorf("the log does not tell of %s", want)
				}
			}
			b.unharmed(t)
		})
	}
}

// unharmed expects both plugins to run as if nothing had been tried.
func (b *bench) unharmed(t *testing.T) {
	t.Helper()
	for _, name := range []string{"actor", "second"} {
		call := b.call("")
		call.Account.Provider = name
		got, err := b.QueryPayment(t.Context(), call, core.OrderRef{OrderNo: orderNo})
		if err != nil || got.Outcome != core.OutcomeSucceeded {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

// TestAPluginHurtsOnlyItself makes every attempt of the table, both ways, while calls go on through
// the other plugin. Each comes to nothing, is told to the operator, and the host stays as it was.
func TestAPluginHurtsOnlyItself(t *testing.T) {
	t.Parallel()
	for name, isolation := range isolations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, func(o *Options) {
				isolation(o)
				o.HealthTimeout = 5 * time.Second
				o.BackOff.MaxPerHour = 1000
				o.CallTimeouts = map[core.Capability]time.Duration{core.CapCheckIn: 20 * time.Second}
			}, "actor", "second")
			others := b.callSecond(t)
			flat := watchMemory()
			for _, attempt := range attempts() {
				before := b.status("actor")
				b.hold(t, attempt, before)
				eventually(t, attempt.name+": the plugin works again", func() bool {
					got, err := b.QueryPayment(t.Context(), b.call(""), core.OrderRef{OrderNo: orderNo})
					return err == nil && got.Outcome == core.OutcomeSucceeded
				})
			}
			made, failed := others()
			t.Logf("%d calls through the other plugin, %d failed; the host's memory grew by %d MiB at most", made, failed, flat()>>20)
			if failed != 0 || made < int64(len(attempts())) {
				t.Errorf("%d of %d calls through the other plugin failed", failed, made)
			}
			if s := b.status("second"); s.Restarts != 0 || s.State != core.PluginEnabled || s.Violations != 0 {
				t.Errorf("the other plugin: %+v", s)
			}
			if grown := flat(); grown > 1536<<20 { // other tests run in the same process, each with plugins in memory
				t.Errorf("the host grew by %d MiB", grown>>20)
			}
		})
	}
}

// attempt is one thing a hostile plugin does, and how the operator hears of it.
type attempt struct {
	name, act  string
	prepare    func(b *bench)
	undo       func(b *bench)
	query      bool   // made in a query, not in a check-in
	error      string // in the call's error; empty when the call goes well
	crash      string // in the reason of the crash that is kept
	lines      string // in what is kept of its output
	violations int64  // refusals counted, at least
	violation  string // in the last of them
}

func attempts() []attempt {
	return []attempt{
		{name: "memory", act: "bomb", error: "nothing was sent", crash: "exit status 2", lines: "out of memory"},
		{name: "threads", act: "threads", error: "nothing was sent", crash: "threads"},
		{name: "no answer any more", act: "go-deaf", crash: "no longer answered"},
		{name: "output without a line's end", act: "flood-without-end", lines: "after the flood"},
		{name: "lines without end", act: "flood", lines: "noise"},
		{name: "log without end", act: "flood-log"},
		{name: "refusals without end", act: "flood-refusals", violations: 2000, violation: "other_key"},
		{name: "its own outputs closed", act: "close-output"},
		{name: "a result of 64 MiB", act: "huge-result", error: "nothing was sent"},
		{name: "a message of 3 MiB", act: "long-result"},
		{name: "a reply of 2 GiB", act: "huge-reply", prepare: func(b *bench) { b.provider.huge.Store(2 << 30) }, undo: func(b *bench) { b.provider.huge.Store(0) }},
		{name: "a reply of 2 GiB that does not say so", act: "huge-reply", prepare: func(b *bench) { b.provider.huge.Store(-1) }, undo: func(b *bench) { b.provider.huge.Store(0) }},
		{name: "a payment in a query", act: "pay-in-query", query: true, error: "Outside the grant", violations: 1, violation: "POST"},
		{name: "other keys", act: "other-key", violations: 4},
		{name: "other addresses", act: "elsewhere", violations: 21},
		{name: "SIGTERM ignored", act: "ignore-term"},
	}
}

// hold makes the attempt and holds what is told of it against the table.
func (b *bench) hold(t *testing.T, a attempt, before core.PluginStatus) {
	t.Helper()
	if a.prepare != nil {
		a.prepare(b)
		defer a.undo(b)
	}
	var err error
	if a.query {
		_, err = b.QueryPayment(t.Context(), b.call(a.act), core.OrderRef{OrderNo: orderNo})
	} else {
		var got core.CheckResult
		got, err = b.CheckIn(t.Context(), b.call(a.act, "Host", "other.example:1"))
		if len(got.Provider.Message) > 2<<10 || len(got.Exchange.Evidence) > 100<<10 || got.Outcome == core.OutcomeSucceeded {
			t.Errorf("%s: %s, %d bytes of a message and %d of evidence", a.name, got.Outcome, len(got.Provider.Message), len(got.Exchange.Evidence))
		}
		for what, came := range got.Values {
			if came == "went through" {
				t.Errorf("%s: %s went through", a.name, what)
			}
		}
	}
	if (err != nil) != (a.error != "") || err != nil && !strings.Contains(err.Error(), a.error) {
		t.Errorf("%s: the call came to %v", a.name, err)
	}
	crashes := len(before.Crashes)
	if a.crash != "" {
		crashes++
		eventually(t, a.name+": the crash is kept", func() bool { return len(b.status("actor").Crashes) == crashes })
		if c := b.status("actor").Crashes[0]; !strings.Contains(c.Reason.EN, a.crash) || c.Reason.ZH == "" {
			t.Errorf("%s: %+v", a.name, c)
		} else if !strings.Contains(strings.Join(c.LastLines, " "), a.lines) {
			t.Errorf("%s: last lines %q", a.name, c.LastLines)
		}
	} else if a.lines != "" {
		eventually(t, a.name+": its lines are kept", func() bool { return strings.Contains(strings.Join(b.output("actor"), " "), a.lines) })
	}
	s := b.status("actor")
	if len(s.Crashes) != crashes {
		t.Errorf("%s: %d crashes: %+v", a.name, len(s.Crashes)-len(before.Crashes), s.Crashes[0].Reason)
	}
	if s.Violations-before.Violations < a.violations || !strings.Contains(s.LastViolation, a.violation) {
		t.Errorf("%s: %d refusals, the last %q", a.name, s.Violations-before.Violations, s.LastViolation)
	}
	for _, line := range b.output("actor") {
		if len(line) > 2*lineLimit || strings.ContainsAny(line, "\x1b\x00\x07\u202e") || strings.Contains(line, "4111111111111111") {
			t.Errorf("%s: kept %q", a.name, line)
		}
	}
	if n := len(b.logs.String()); n > 16<<20 {
		t.Errorf("%s: the host's log has %d bytes", a.name, n)
	}
}

// callSecond makes calls through the other plugin until it is ended.
func (b *bench) callSecond(t *testing.T) (end func() (made, failed int64)) {
	t.Helper()
	other := newProvider(t)
	call := b.call("")
	call.Account.Provider, call.Account.BaseURL = "second", other.URL
	stop, done := make(chan struct{}), make(chan struct{})
	var made, failed int64
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			got, err := b.QueryPayment(t.Context(), call, core.OrderRef{OrderNo: orderNo})
			made++
			if err != nil || got.Outcome != core.OutcomeSucceeded {
				failed++
				t.Errorf("the other plugin: %+v %v", got, err)
			}
		}
	}()
	return func() (int64, int64) {
		close(stop)
		<-done
		return made, failed
	}
}

// watchMemory gives by how much the process's resident memory has grown at most.
func watchMemory() (most func() int64) {
	began := resident()
	var peak atomic.Int64
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			if now := resident() - began; now > peak.Load() {
				peak.Store(now)
			}
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return sync.OnceValue(func() int64 {
		close(stop)
		<-done
		return peak.Load()
	})
}

func resident() int64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(data))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// TestARedirectIsNotFollowed: the plugin is told of it, and the other server hears nothing.
func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	other := newProvider(t)
	b.provider.to.Store(other.URL + "/checkin")
	got, err := b.CheckIn(t.Context(), b.call("redirect"))
	if err == nil && got.Values["status"] != "307" || other.requests.Load() != 0 || b.provider.requests.Load() != 1 {
		t.Fatalf("%v %v: %d and %d requests", got.Values, err, b.provider.requests.Load(), other.requests.Load())
	}
}

// TestAnotherPluginsTokenIsWorthNothing: a token is good in the process it was given to.
func TestAnotherPluginsTokenIsWorthNothing(t *testing.T) {
	t.Parallel()
	b := start(t, nil, "actor", "second")
	var stolen token
	hook := b.find("actor").current
	b.provider.half.Store(true)
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(done)
		_, _ = b.CreatePayment(ctx, b.call("die-reading-never"), core.PaymentRequest{OrderNo: orderNo})
	}()
	eventually(t, "the call is under way", func() bool { return b.provider.requests.Load() == 1 })
	hook.services.calls.mu.Lock()
	for stolen = range hook.services.calls.live {
	}
	hook.services.calls.mu.Unlock()
	for name, raw := range map[string][]byte{"another plugin's": stolen[:], "made up": make([]byte, len(stolen)), "none": nil, "too long": make([]byte, 4<<10)} {
		r, err := b.find("second").current.services.Digest(t.Context(), &providerpb.DigestRequest{Token: raw, Name: "terminal_key", Algorithm: "MD5"})
		if err != nil || r.GetFailure().GetCode() != "denied" {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
	if s := b.status("second"); s.Violations != 4 || !strings.Contains(s.LastViolation, "token") {
		t.Errorf("%d refusals: %s", s.Violations, s.LastViolation)
	}
	cancel()
	<-done
}

// TestWrongGreetings: what a file says instead of where it listens neither leads the host to
// another's socket nor reaches a terminal.
func TestWrongGreetings(t *testing.T) {
	t.Parallel()
	b, _ := startLive(t, func(o *Options) { o.StartTimeout = 20 * time.Second })
	for trait, reason := range map[string]string{
		"garbled": "could not be asked", "endless": "could not be asked", "foreign-socket": "not in its directory", "upwards": "not in its directory",
		"no-socket": "which is no socket", "tcp": "not in its directory", "netrpc": "could not be asked", "old-core": "could not be asked",
	} {
		file := "actor@1+" + trait
		b.install(file, nil)
		eventually(t, file+" is judged", func() bool { return b.version(file, file).State == core.PluginCrashed })
		v := b.version(file, file)
		if !strings.Contains(v.Reason.EN, reason) || v.Reason.ZH == "" || len(v.Reason.EN) > 4<<10 || strings.ContainsAny(v.Reason.EN, "\x1b\x00\u202e") || strings.Contains(v.Reason.EN, "4111111111111111") {
			t.Errorf("%s: %q", trait, v.Reason.EN)
		}
	}
	b.unharmed(t)
}
