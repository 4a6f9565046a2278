package pluginhost

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// crashesEnv is how many crashes TestCrashesUnderLoad makes, in a process of its own: what other
// tests leave open would hide a leak. `make plugin-crashes` sets it.
const crashesEnv = "ZHANGGUI_TEST_CRASHES"

const fewCrashes = 50

// TestCrashesUnderLoad has one provider crash again and again, in every way, while calls go on
// through it and through another. The other does not notice, and nothing is left behind.
func TestCrashesUnderLoad(t *testing.T) {
	t.Parallel()
	n, err := strconv.Atoi(os.Getenv(crashesEnv))
	if err != nil {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashesUnderLoad$", "-test.v", "-test.timeout=9m")
		cmd.Env = append(os.Environ(), crashesEnv+"="+strconv.Itoa(fewCrashes), actorEnv+"="+actorPath)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	b := start(t, func(o *Options) {
		o.BackOff = BackOff{First: 10 * time.Millisecond, Factor: 1, Max: 10 * time.Millisecond, MaxPerHour: 1 << 30}
	}, "actor", "second")
	l := &crashLoad{bench: b, other: newProvider(t), quiet: max(2*time.Second, min(time.Duration(n)*20*time.Millisecond, 20*time.Second))}
	l.run(l.quiet) // warm
	before := l.count()
	calm := l.run(l.quiet)
	began := time.Now()
	stormy := l.during(func() { l.crash(t, n) })
	took := time.Since(began)
	s := b.status("actor")
	after := l.settle(t, before)

	t.Logf("%d crashes in %s, %s each; the provider was started again %d times", n, took.Round(time.Second), (took / time.Duration(n)).Round(time.Millisecond), s.Restarts)
	t.Logf("the other provider, calm:    %s", calm.second)
	t.Logf("the other provider, crashes: %s", stormy.second)
	t.Logf("  ratio: p50 %.2f, p95 %.2f, p99 %.2f", calm.second.ratio(stormy.second, 50), calm.second.ratio(stormy.second, 95), calm.second.ratio(stormy.second, 99))
	t.Logf("the crashing provider, calm:    %s", calm.actor)
	t.Logf("the crashing provider, crashes: %s", stormy.actor)
	t.Logf("before: %s", before)
	t.Logf("after:  %s", after)
	for name, m := range map[string]*measured{"calm": calm.second, "with crashes": stormy.second} {
		if m.failed() != 0 || m.made() == 0 {
			t.Errorf("the other provider, %s: %s", name, m)
		}
	}
	if o := b.status("second"); o.Restarts != 0 || len(o.Crashes) != 0 {
		t.Errorf("the other plugin: %+v", o)
	}
	if s.Restarts < n {
		t.Errorf("%d of %d restarts", s.Restarts, n)
	}
	l.checkLedger(t)
}

// crashLoad is calls at an even pace through two providers.
type crashLoad struct {
	*bench
	other *provider
	quiet time.Duration

	mu    sync.Mutex
	next  int
	sent  map[string]core.Sent    // what was said of each order of the crashing provider
	ended map[string]core.Outcome // and how it ended
}

type phase struct{ actor, second *measured }

func (l *crashLoad) run(d time.Duration) phase { return l.during(func() { time.Sleep(d) }) }

// during makes calls while do runs: of both providers some at a time.
func (l *crashLoad) during(do func()) phase {
	p := phase{&measured{}, &measured{}}
	stop := make(chan struct{})
	var work sync.WaitGroup
	for range 3 {
		work.Go(func() { l.calls(stop, p.second, "second", l.other.URL) })
		work.Go(func() { l.calls(stop, p.actor, "actor", l.provider.URL) })
	}
	do()
	close(stop)
	work.Wait()
	return p
}

func (l *crashLoad) calls(stop <-chan struct{}, into *measured, provider, url string) {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		began := time.Now()
		got, err := l.order(provider, url, "")
		into.add(time.Since(began), got, err)
	}
}

// order makes a payment under a number of its own and keeps what came of it.
func (l *crashLoad) order(provider, url, act string) (core.PaymentResult, error) {
	l.mu.Lock()
	l.next++
	number := fmt.Sprintf("2611230000%010d", l.next)
	l.mu.Unlock()
	call := l.call(act)
	call.Account.Provider, call.Account.BaseURL, call.OrderNo = provider, url, number
	got, err := l.CreatePayment(l.t.Context(), call, core.PaymentRequest{OrderNo: number, Amount: core.Fen(100), PayerCode: core.SecretString(payerCode)})
	if provider == "actor" {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.sent == nil {
			l.sent, l.ended = map[string]core.Sent{}, map[string]core.Outcome{}
		}
		l.sent[number], l.ended[number] = got.Exchange.Sent, got.Outcome
	}
	return got, err
}

// crash ends the plugin n times: by a signal, by itself before it sends, while the reply is read
// and after it.
func (l *crashLoad) crash(t *testing.T, n int) {
	t.Helper()
	acts := []string{"", "die-before", "die-after", "die-reading"}
	for i := range n {
		eventually(t, "the plugin runs", func() bool { return l.status("actor").PID != 0 })
		pid, restarts := l.status("actor").PID, l.status("actor").Restarts
		if act := acts[i%len(acts)]; act != "" {
			_, _ = l.order("actor", l.provider.URL, act)
		} else if pid != 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		eventually(t, "it is started again", func() bool { s := l.status("actor"); return s.Restarts > restarts && s.PID != 0 })
	}
}

// checkLedger holds what was said of each order against what the provider saw.
func (l *crashLoad) checkLedger(t *testing.T) {
	t.Helper()
	seen := map[string]int{}
	l.provider.mu.Lock()
	for _, body := range l.provider.bodies {
		var order struct {
			Number string `json:"client_sn"`
		}
		if json.Unmarshal([]byte(body), &order) == nil {
			seen[order.Number]++
		}
	}
	l.provider.mu.Unlock()
	count := map[string]int{}
	for number, sent := range l.sent {
		outcome, n := l.ended[number], seen[number]
		switch {
		case n > 1:
			t.Errorf("%s was sent %d times", number, n)
		case sent == core.SentNo && n != 0:
			t.Errorf("%s was sent and is said not to be", number)
		case outcome == core.OutcomeSucceeded && n != 1:
			t.Errorf("%s succeeded and was never sent", number)
		case outcome != core.OutcomeSucceeded && outcome != core.OutcomeUnknown:
			t.Errorf("%s: %s", number, outcome)
		}
		switch {
		case outcome == core.OutcomeSucceeded:
			count["succeeded"]++
		case sent == core.SentNo:
			count["not sent"]++
		default:
			count["unknown"]++
		}
	}
	t.Logf("orders of the crashing provider: %d, of them %d succeeded, %d not sent, %d unknown; each agrees with the provider's own record",
		len(l.sent), count["succeeded"], count["not sent"], count["unknown"])
}

// measured are calls and how long they took.
type measured struct {
	mu                         sync.Mutex
	took                       []time.Duration // of those that succeeded
	notSent, unknown, succeeds int
}

func (m *measured) add(d time.Duration, got core.PaymentResult, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err == nil && got.Outcome == core.OutcomeSucceeded:
		m.succeeds++
		m.took = append(m.took, d)
	case got.Exchange.Sent == core.SentNo:
		m.notSent++
	default:
		m.unknown++
	}
}

func (m *measured) made() int   { return m.succeeds + m.failed() }
func (m *measured) failed() int { return m.notSent + m.unknown }

func (m *measured) percentile(p int) time.Duration {
	if len(m.took) == 0 {
		return 0
	}
	slices.Sort(m.took)
	return m.took[min(len(m.took)*p/100, len(m.took)-1)]
}

func (m *measured) ratio(other *measured, p int) float64 {
	return float64(other.percentile(p)) / float64(max(1, m.percentile(p)))
}

func (m *measured) String() string {
	ms := func(p int) string { return fmt.Sprintf("%.1f ms", float64(m.percentile(p).Microseconds())/1000) }
	return fmt.Sprintf("%d calls, %d succeeded (%.2f %%), %d not sent, %d unknown; p50 %s, p95 %s, p99 %s",
		m.made(), m.succeeds, 100*float64(m.succeeds)/float64(max(1, m.made())), m.notSent, m.unknown, ms(50), ms(95), ms(99))
}

// counted is what a process holds.
type counted struct {
	descriptors, goroutines, processes, directories int
	resident                                        int64
}

func (c counted) String() string {
	return fmt.Sprintf("%d descriptors, %d goroutines, %d plugin processes, %d private directories, %d MiB resident",
		c.descriptors, c.goroutines, c.processes, c.directories, c.resident>>20)
}

// count looks at this process when no call is under way.
func (l *crashLoad) count() counted {
	debug.FreeOSMemory()
	var c counted
	files, _ := os.ReadDir("/proc/self/fd")
	dirs, _ := os.ReadDir(l.Host.run.path)
	c.descriptors, c.goroutines, c.directories, c.resident = len(files), runtime.NumGoroutine(), len(dirs), resident()
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(data), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) {
			c.processes++
		}
	}
	return c
}

// Slack is what may be a connection that is open a while longer, or a timer's goroutine.
const (
	slackFiles      = 12
	slackGoroutines = 40
	slackMemory     = 96 << 20
)

// settle waits until what the crashes have used is given back.
func (l *crashLoad) settle(t *testing.T, before counted) counted {
	t.Helper()
	var after counted
	eventually(t, "all is given back", func() bool {
		l.run(200 * time.Millisecond) // both run, and hold connections as before
		after = l.count()
		ok := after.descriptors <= before.descriptors+slackFiles && after.goroutines <= before.goroutines+slackGoroutines &&
			after.processes == before.processes && after.directories == before.directories && after.resident <= before.resident+slackMemory
		if !ok {
			t.Logf("not yet: %s", after)
		}
		return ok
	})
	return after
}
