package pluginhost

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestDeathAtEachPointOfACall: what has provably not left is "not sent", all else is unknown.
func TestDeathAtEachPointOfACall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		act  string
		kill string // the point at which the host's side kills it
		half bool
		sent core.Sent // empty: either, as the provider saw it
	}{
		"before it asks to send":               {act: "die-before", sent: core.SentNo},
		"allowed to send, nothing has left":    {kill: PointBeforeSend},
		"while the request leaves":             {act: "die-sending"}, // the end may be seen before there is a connection
		"after the request left":               {kill: PointAfterSend, sent: core.SentMaybe},
		"while the reply is read":              {act: "die-reading", half: true, sent: core.SentMaybe},
		"the reply is read, not yet handed on": {kill: PointAfterReply, sent: core.SentMaybe},
		"after the reply":                      {act: "die-after", sent: core.SentMaybe},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var pid atomic.Int64
			b := start(t, func(o *Options) {
				o.Hook = func(point string) {
					if point == c.kill && pid.Load() != 0 {
						_ = syscall.Kill(int(pid.Swap(0)), syscall.SIGKILL)
						time.Sleep(20 * time.Millisecond) // so that the end is usually seen first; nothing depends on it
					}
				}
			})
			b.provider.half.Store(c.half)
			pid.Store(int64(b.status("actor").PID))
			got, err := b.pay(c.act)
			if got.Outcome != core.OutcomeUnknown || c.sent != "" && got.Exchange.Sent != c.sent {
				t.Errorf("%s %q %v", got.Outcome, got.Exchange.Sent, err)
			}
			if (got.Exchange.Sent == core.SentNo) != (core.CodeOf(err) == core.CodeProviderUnavailable) {
				t.Errorf("%s: %v", got.Exchange.Sent, err)
			}
			if got.Exchange.Sent == core.SentNo && b.provider.requests.Load() != 0 {
				t.Error("the provider saw a request that was not sent")
			}
			if got.Exchange.Sent == core.SentMaybe && len(got.Exchange.Evidence) == 0 {
				t.Error("no evidence of what may have been sent")
			}
			eventually(t, "the end is kept and the plugin runs again", func() bool {
				s := b.status("actor")
				return len(s.Crashes) == 1 && s.State == core.PluginEnabled
			})
			b.provider.half.Store(false)
			if got, err := b.pay(""); err != nil || got.Outcome != core.OutcomeSucceeded {
				t.Errorf("afterwards: %s %v", got.Outcome, err)
			}
		})
	}
}

// TestCrashesAreKept: when, which version, how it ended, and its last words without what the
// call told it.
func TestCrashesAreKept(t *testing.T) {
	t.Parallel()
	const secretCode = "130000000000000019" // no card number: only the call says that it is to be hidden
	b := start(t, nil)
	sum := b.status("actor").SHA256
	for n, c := range []struct {
		do     func()
		ending string
		words  string
	}{
		{func() {
			_, _ = b.CreatePayment(t.Context(), b.call("die-talking"), core.PaymentRequest{OrderNo: orderNo, PayerCode: core.SecretString(secretCode)})
		}, "exit status 7", "was shown"},
		{func() { _ = syscall.Kill(b.status("actor").PID, syscall.SIGSEGV) }, "exit status 2", "SIGSEGV"},
		{func() { _ = syscall.Kill(b.status("actor").PID, syscall.SIGKILL) }, killed, ""},
		{func() { _, _ = b.CheckIn(t.Context(), b.call("bomb")) }, "exit status 2", "out of memory"},
	} {
		c.do()
		eventually(t, "it is kept", func() bool { s := b.status("actor"); return len(s.Crashes) == n+1 && s.State == core.PluginEnabled })
		s := b.status("actor")
		got := s.Crashes[0]
		if got.Ending != c.ending || got.SHA256 != sum || got.Version != "1.2.3" || got.PID == 0 || got.At.IsZero() || got.Lived <= 0 ||
			!strings.Contains(got.Reason.EN, c.ending) || got.Reason.ZH == "" {
			t.Errorf("%d: %+v", n, got)
		}
		said := strings.Join(got.LastLines, "\n")
		if !strings.Contains(said, c.words) || strings.Contains(said, secretCode) || strings.Contains(said, "4111111111111111") || strings.Contains(said, "\x1b") {
			t.Errorf("%d: kept %q", n, got.LastLines)
		}
		if s.LastCrash != got.At || len(s.LastLines) != len(got.LastLines) {
			t.Errorf("%d: the status names another", n)
		}
	}
	for n := range keptCrashes + 5 {
		b.find("actor").crash(nil, both("%d", "%d", n), 0)
	}
	s := b.status("actor")
	if len(s.Crashes) != keptCrashes || s.Crashes[0].Reason.EN != fmt.Sprint(keptCrashes+4) {
		t.Errorf("%d are kept, the newest is %+v", len(s.Crashes), s.Crashes[0].Reason)
	}
}

// TestAStartThatFailsIsKept: with what the plugin wrote instead of an answer.
func TestAStartThatFailsIsKept(t *testing.T) {
	t.Parallel()
	w := &word{}
	b := start(t, func(o *Options) { o.Approvals = w })
	eventually(t, "it is described", func() bool { return b.version("actor", "actor").Manifest != nil })
	w.approve("actor", b.version("actor", "actor").SHA256)
	// The same bytes under another name, at which they die.
	if err := os.Rename(filepath.Join(b.dir, "actor"), filepath.Join(b.dir, "actor@1.2.3+dying")); err != nil {
		t.Fatal(err)
	}
	b.Rescan()
	eventually(t, "it is kept", func() bool { return len(b.status("actor").Crashes) > 0 })
	got := b.status("actor").Crashes[0]
	if got.Ending != "exit status 3" || got.Lived != 0 || !strings.Contains(got.Reason.EN, "could not be started") || !strings.Contains(got.Reason.EN, "exit status 3") {
		t.Errorf("%+v", got)
	}
	if said := strings.Join(got.LastLines, " "); !strings.Contains(said, "dying early") || strings.Contains(said, "\x1b") || strings.Contains(got.Reason.EN, "\x1b") {
		t.Errorf("%+v", got)
	}
}
