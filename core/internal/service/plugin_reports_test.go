package service

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// inspector is a suite that finds what it is told to.
type inspector struct {
	runs    []string
	refuses error
}

func (i *inspector) VerifyVersion(_ context.Context, provider, sha256 string) (core.VerifyReport, error) {
	i.runs = append(i.runs, provider+" "+sha256[:1])
	return core.VerifyReport{
		PluginID: provider, Version: "2.0.0", SHA256: sha256, RanAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Checks: []core.VerifyCheck{{ID: "manifest", Title: core.Text{ZH: "自述", EN: "The manifest"}, Result: core.VerifyFailed, Detail: core.Text{ZH: "\x00错", EN: "wrong"}}},
	}, i.refuses
}

func TestAVersionsReportIsKept(t *testing.T) {
	t.Parallel()
	h, _, admin := shelfHouse(t)
	suite := &inspector{}
	h.Verifier = suite
	p, err := h.InspectPlugin(admin, "sample")
	if err != nil || p.Offers[0].Report != nil {
		t.Fatalf("%+v %v", p, err)
	}
	r, err := h.VerifyPlugin(admin, "sample", sumOf("b"))
	if err != nil || r.Passed || len(r.Checks) != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	if p, err = h.InspectPlugin(admin, "sample"); err != nil || p.Offers[0].Report != nil || p.Offers[1].Report == nil {
		t.Fatalf("%+v %v", p, err)
	}
	if got := p.Offers[1].Report; got.SHA256 != sumOf("b") || got.Version != "2.0.0" || !got.RanAt.Equal(r.RanAt) || got.Checks[0].Detail.ZH != "错" || got.Checks[0].Result != core.VerifyFailed {
		t.Errorf("%+v", got)
	}
	_, err = h.VerifyPlugin(admin, "sample", sumOf("e"))
	wantCode(t, "no such file", err, core.CodeNotFound)
	_, err = h.VerifyPlugin(admin, "other", sumOf("b"))
	wantCode(t, "no such plugin", err, core.CodeNotFound)
	suite.refuses = core.Errorf(core.CodePluginRefused, "It does not start.")
	_, err = h.VerifyPlugin(admin, "sample", sumOf("a"))
	wantCode(t, "could not be run", err, core.CodePluginRefused)
	if _, err := h.ApprovePlugin(admin, "sample", sumOf("b")); err != nil {
		t.Errorf("a failed report forbade an approval: %v", err)
	}
}

func TestOnlyWhatWaitsIsVerifiedByItself(t *testing.T) {
	t.Parallel()
	h, _, admin := shelfHouse(t)
	suite := &inspector{}
	h.Verifier = suite
	for range 2 {
		for _, sum := range []string{"a", "b", "c", "e"} {
			if err := h.VerifyNewPlugin(admin, "sample", sumOf(sum)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(suite.runs) != 1 || suite.runs[0] != "sample b" {
		t.Errorf("verified: %v", suite.runs)
	}
}

func TestWhoMayVerifyPlugins(t *testing.T) {
	t.Parallel()
	h, _, admin := shelfHouse(t)
	h.Verifier = &inspector{}
	callers := map[string]context.Context{"admin": admin}
	for name, role := range map[string]core.Role{"operations": core.RolePlatformOperations, "finance": core.RolePlatformFinance, "auditor": core.RolePlatformAuditor} {
		callers[name] = h.as(t, h.person(t, core.ID{}, name+"@example.com", role), core.ID{})
	}
	h.clock.Move(stepUpLife) // no fresh confirmation: it changes nothing
	for name, want := range map[string]core.Code{"admin": "", "operations": "", "finance": core.CodeForbidden, "auditor": core.CodeForbidden} {
		_, err := h.VerifyPlugin(callers[name], "sample", sumOf("b"))
		wantCode(t, name, err, want)
	}
}

func TestOnePluginIsVerifiedAtATime(t *testing.T) {
	t.Parallel()
	h, _, admin := shelfHouse(t)
	h.Verifier = &inspector{}
	h.verifying <- struct{}{}
	ctx, cancel := context.WithCancel(admin)
	done := make(chan error, 1)
	go func() {
		_, err := h.VerifyPlugin(ctx, "sample", sumOf("b"))
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	cancel()
	if err := <-done; err == nil {
		t.Error("it was verified beside another")
	}
}
