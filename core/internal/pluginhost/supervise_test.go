package pluginhost

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestKilledPluginComesBack(t *testing.T) {
	t.Parallel()
	b := start(t, nil, "actor", "second")
	if err := syscall.Kill(b.status("actor").PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the plugin runs again", func() bool { s := b.status("actor"); return s.State == core.PluginEnabled && s.Restarts == 1 })
	if got, err := b.pay(""); err != nil || got.Outcome != core.OutcomeSucceeded {
		t.Fatal(got, err)
	}
	if s := b.status("second"); s.Restarts != 0 {
		t.Error("the other plugin was restarted")
	}
}

func TestAPluginThatStaysDownIsAClearError(t *testing.T) {
	t.Parallel()
	b := start(t, func(o *Options) { o.BackOff = BackOff{First: time.Hour, Max: time.Hour}; o.RestartWait = time.Second }, "actor", "second")
	if err := syscall.Kill(b.status("actor").PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the crash is seen", func() bool { return b.status("actor").State == core.PluginCrashed })
	got, err := b.pay("")
	if core.CodeOf(err) != core.CodeProviderUnavailable || got.Exchange.Sent != core.SentNo || !strings.Contains(err.Error(), "othing was sent") {
		t.Fatalf("%+v %v", got.Exchange, err)
	}
	other := b.call("")
	other.Account.Provider = "second"
	if got, err := b.QueryPayment(t.Context(), other, core.OrderRef{OrderNo: orderNo}); err != nil || got.Outcome != core.OutcomeSucceeded {
		t.Fatalf("the other provider: %+v %v", got, err)
	}
	if err := b.Restart("actor"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it runs after Restart", func() bool { return b.status("actor").State == core.PluginEnabled })
}

func TestAPluginThatKeepsFailingIsGivenUp(t *testing.T) {
	t.Parallel()
	b := start(t, func(o *Options) { o.BackOff.MaxPerHour = 3 })
	for range 3 {
		eventually(t, "it runs", func() bool { return b.status("actor").PID != 0 })
		_ = syscall.Kill(b.status("actor").PID, syscall.SIGKILL)
		eventually(t, "it is gone", func() bool { return b.status("actor").PID == 0 })
	}
	eventually(t, "it is given up", func() bool { return strings.Contains(b.status("actor").Reason, "3 times within an hour") })
}

func TestStoppedPluginIsEndedAndComesBack(t *testing.T) {
	t.Parallel()
	b := start(t, func(o *Options) { o.HealthTimeout = 300 * time.Millisecond })
	if err := syscall.Kill(b.status("actor").PID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	got, err := b.pay("")
	if err == nil && got.Outcome != core.OutcomeSucceeded || err != nil && core.CodeOf(err) != core.CodeProviderUnavailable {
		t.Fatalf("%+v %v", got, err)
	}
	eventually(t, "the plugin runs again", func() bool { s := b.status("actor"); return s.State == core.PluginEnabled && s.Restarts == 1 })
	if got, err := b.pay(""); err != nil || got.Outcome != core.OutcomeSucceeded {
		t.Fatal(got, err)
	}
}

func TestChangedBinaryIsRefusedUntilApprovedOrRestored(t *testing.T) {
	t.Parallel()
	trust := &TrustFirst{}
	b := start(t, func(o *Options) { o.Approvals = trust }, "actor", "second")
	pid := b.status("actor").PID
	b.install("actor", []byte("changed"))
	got, err := b.pay("")
	if core.CodeOf(err) != core.CodePluginPending || got.Exchange.Sent != core.SentNo {
		t.Fatalf("%+v %v", got.Exchange, err)
	}
	s := b.status("actor")
	if s.State != core.PluginModified || !strings.Contains(s.Reason, "changed since it was approved") {
		t.Fatalf("%s: %s", s.State, s.Reason)
	}
	eventually(t, "the old process is gone", func() bool { return !alive(pid) })
	b.install("actor", nil)
	if got, err := b.pay(""); err != nil || got.Outcome != core.OutcomeSucceeded {
		t.Fatal("restored:", got, err)
	}
	b.install("actor", []byte("changed again"))
	eventually(t, "the change is seen without a call", func() bool { return b.status("actor").State == core.PluginModified })
	trust.Approve("actor", b.status("actor").SHA256)
	b.Rescan()
	if got, err := b.pay(""); err != nil || got.Outcome != core.OutcomeSucceeded {
		t.Fatal("approved:", got, err)
	}
	if s := b.status("second"); s.Restarts != 0 || s.State != core.PluginEnabled {
		t.Errorf("the other plugin: %+v", s)
	}
}

func TestFilesThatAreNoPlugins(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	for name, content := range map[string]string{"script": "#!/bin/sh\n", "empty": "", "dynamic": ""} {
		data := []byte(content)
		if name == "dynamic" {
			var err error
			if data, err = os.ReadFile("/bin/true"); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(b.dir, name), data, 0o755); err != nil {
			t.Fatal(err)
		}
		b.Rescan()
		eventually(t, name+" is refused", func() bool { return b.status(name).State == core.PluginIncompatible })
		if b.status(name).Reason == "" {
			t.Errorf("%s: no reason", name)
		}
	}
	if err := os.Remove(filepath.Join(b.dir, "actor")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a removed plugin is noticed", func() bool { return b.status("actor").State == core.PluginDisabled })
}

// TestDeathDuringACall tells what may have left from what has not.
func TestDeathDuringACall(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	restarts := 0
	for act, sent := range map[string]core.Sent{"die-before": core.SentNo, "panic-before": core.SentNo, "die-after": core.SentMaybe, "panic-after": core.SentMaybe} {
		got, err := b.pay(act)
		if got.Exchange.Sent != sent || got.Outcome != core.OutcomeUnknown {
			t.Errorf("%s: %+v", act, got)
		}
		if (sent == core.SentNo) != (core.CodeOf(err) == core.CodeProviderUnavailable) {
			t.Errorf("%s: %v", act, err)
		}
		if sent == core.SentMaybe && len(got.Exchange.Evidence) == 0 {
			t.Errorf("%s: no evidence", act)
		}
		if strings.HasPrefix(act, "die") {
			restarts++
			eventually(t, "it runs again", func() bool { s := b.status("actor"); return s.State == core.PluginEnabled && s.Restarts == restarts })
		}
	}
}

func TestAPluginThatHangsIsLeft(t *testing.T) {
	t.Parallel()
	b := start(t, func(o *Options) {
		o.CallTimeouts = map[core.Capability]time.Duration{core.CapCreatePayment: 300 * time.Millisecond}
	})
	got, err := b.pay("hang")
	if core.CodeOf(err) != core.CodeProviderUnavailable || got.Exchange.Sent != core.SentNo {
		t.Fatalf("%+v %v", got.Exchange, err)
	}
}

func TestCallsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b := start(t, func(o *Options) {
		o.Hook = func(point string) {
			if point == PointAfterSend {
				cancel()
			}
		}
	})
	b.provider.slow.Store(int64(2 * time.Second))
	got, err := b.CreatePayment(ctx, b.call(""), core.PaymentRequest{OrderNo: orderNo, PayerCode: core.SecretString(payerCode)})
	if err != nil || got.Outcome != core.OutcomeUnknown || got.Exchange.Sent != core.SentMaybe || len(got.Exchange.Evidence) == 0 {
		t.Fatalf("%+v %v", got, err)
	}
}
