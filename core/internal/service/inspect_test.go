package service

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// shop is a merchant with an account, written without the use cases.
type shop struct {
	*house

	tenant, account core.ID
	numbers         atomic.Int64
}

func newShop(t *testing.T, h *house) *shop {
	t.Helper()
	s := &shop{house: h, tenant: h.tenant(t, "茶馆").ID, account: core.NewID(h.clock.Now())}
	s.write(t, func(ctx context.Context, tx core.TenantTx) error {
		return tx.InsertAccount(ctx, core.ProviderAccount{
			TenantID: s.tenant, ID: s.account, Provider: "sample", Name: "Main", Status: core.AccountLive, CreatedAt: h.clock.Now(), UpdatedAt: h.clock.Now(),
		})
	})
	return s
}

func (s *shop) write(t *testing.T, fn func(ctx context.Context, tx core.TenantTx) error) {
	t.Helper()
	if err := s.Database.InTenant(t.Context(), s.tenant, func(tx core.TenantTx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// doubted writes a payment that is in doubt from now on.
func (s *shop) doubted(t *testing.T) core.Payment {
	t.Helper()
	now, number := s.clock.Now(), fmt.Sprintf("260504%014d", s.numbers.Add(1))
	p := core.Payment{
		TenantID: s.tenant, ID: core.NewID(now), OrderNo: number, MerchantOrderNo: number, AccountID: s.account, Provider: "sample", Method: core.MethodBarcode,
		Amount: core.Fen(100), Subject: "Tea", State: core.PaymentProcessing, UnknownSince: now, UnknownReason: doubtAnswer, CreatedAt: now, UpdatedAt: now, CreatedBy: "system",
	}
	s.write(t, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertPayment(ctx, p) })
	return p
}

// settled ends the doubt.
func (s *shop) settled(t *testing.T, p core.Payment) {
	t.Helper()
	p.State, p.UnknownSince, p.UnknownReason, p.SucceededAt = core.PaymentSucceeded, time.Time{}, "", s.clock.Now()
	s.write(t, func(ctx context.Context, tx core.TenantTx) error {
		return tx.UpdatePayment(ctx, p, core.PaymentProcessing)
	})
}

// alertsAfter inspects after a while and gives what is open, as object and severity.
func (s *shop) alertsAfter(t *testing.T, d time.Duration) []string {
	t.Helper()
	s.clock.Move(d)
	if err := s.Inspect(t.Context()); err != nil {
		t.Fatal(err)
	}
	open, err := s.openAlertsOf(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, a := range open {
		out = append(out, fmt.Sprintf("%s %s %s ×%d", a.Kind, a.Object, a.Severity, a.Times))
	}
	slices.Sort(out)
	return out
}

func (s *shop) wantAlerts(t *testing.T, after time.Duration, want ...string) {
	t.Helper()
	if got := s.alertsAfter(t, after); !slices.Equal(got, want) {
		t.Errorf("after %s: %q, want %q", after, got, want)
	}
}

func TestOrdersInDoubtForLong(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	p := s.doubted(t)
	s.wantAlerts(t, 29*time.Minute)
	s.wantAlerts(t, time.Minute, "unknown_old "+p.OrderNo+" warning ×1")
	s.wantAlerts(t, time.Minute, "unknown_old "+p.OrderNo+" warning ×1")
	s.wantAlerts(t, 24*time.Hour, "unknown_old "+p.OrderNo+" critical ×2")
	s.settled(t, p)
	s.wantAlerts(t, 0)
	if n := s.rows(t, "SELECT count(*) FROM events WHERE type IN ('alert.opened', 'alert.resolved')"); n != 2 {
		t.Errorf("%d events, want one for the beginning and one for the end", n)
	}
}

func TestARefundMayBeInDoubtForLonger(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	p := s.doubted(t)
	s.settled(t, p)
	now := s.clock.Now()
	r := core.Refund{
		TenantID: s.tenant, ID: core.NewID(now), PaymentID: p.ID, RefundNo: "26050400000000009999", MerchantRefundNo: "R", AccountID: s.account, Provider: "sample",
		Amount: core.Fen(1), State: core.RefundProcessing, UnknownSince: now, UnknownReason: doubtAnswer, CreatedAt: now, UpdatedAt: now,
	}
	s.write(t, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertRefund(ctx, r) })
	s.wantAlerts(t, 119*time.Minute)
	s.wantAlerts(t, time.Minute, "unknown_old "+r.RefundNo+" warning ×1")
	s.UnknownAfter.Refunds = 3 * time.Hour
	s.wantAlerts(t, time.Minute)
}

func TestManyOrdersOfAnAccountHaveOneAlert(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	var all []core.Payment
	for range aloneUpTo {
		all = append(all, s.doubted(t))
	}
	if got := s.alertsAfter(t, time.Hour); len(got) != aloneUpTo {
		t.Errorf("%d alerts for %d orders: %q", len(got), aloneUpTo, got)
	}
	for range 20 {
		all = append(all, s.doubted(t))
	}
	s.wantAlerts(t, time.Hour, "unknown_old Main critical ×1")
	s.wantAlerts(t, time.Minute, "unknown_old Main critical ×1")
	s.settled(t, all[0])
	s.wantAlerts(t, time.Minute, "unknown_old Main critical ×2") // another count
	for _, p := range all[2:] {
		s.settled(t, p)
	}
	s.wantAlerts(t, time.Minute, "unknown_old "+all[1].OrderNo+" warning ×1")
}

func TestTwoNodesRaiseOneAlert(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	s.doubted(t)
	s.clock.Move(time.Hour)
	if n, errs := together(4, func(int) error { return s.Inspect(t.Context()) }); n != 4 {
		t.Fatal(errs)
	}
	if n := s.rows(t, "SELECT count(*) FROM events WHERE type = 'alert.opened'"); n != 1 {
		t.Errorf("opened %d times", n)
	}
}

// statuses is a plugin host that says what the test wants.
type statuses struct {
	core.Providers
	all []core.PluginStatus
}

func (p *statuses) Plugins(context.Context) []core.PluginStatus { return p.all }

func TestPluginsOutOfService(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	plugins := &statuses{}
	s.Providers = plugins
	for _, c := range []struct {
		name   string
		status core.PluginStatus
		want   []string
	}{
		{"it runs", core.PluginStatus{State: core.PluginEnabled, CrashesInARow: 3}, nil},
		{"it crashed once", core.PluginStatus{State: core.PluginCrashed, CrashesInARow: 1}, nil},
		{"it crashes again and again", core.PluginStatus{State: core.PluginCrashed, CrashesInARow: 2}, []string{"breaker_open demo warning ×1"}},
		{"its provider cannot be connected to", core.PluginStatus{State: core.PluginEnabled, Unreachable: []string{"192.0.2.1:443"}}, []string{"breaker_open demo warning ×1"}},
		{"it was given up", core.PluginStatus{State: core.PluginCrashed, CrashesInARow: 10, GaveUp: true}, []string{"plugin_stopped demo critical ×1"}},
		{"its file was replaced", core.PluginStatus{State: core.PluginModified}, []string{"plugin_modified demo critical ×1"}},
		{"its new version failed", core.PluginStatus{State: core.PluginEnabled, Versions: []core.PluginVersion{
			{State: core.PluginEnabled, Running: true}, {State: core.PluginIncompatible, Wanted: true, Reason: core.Text{EN: "x"}},
		}}, []string{"plugin_not_upgraded demo warning ×1"}},
		{"another version is no plugin", core.PluginStatus{State: core.PluginEnabled, Versions: []core.PluginVersion{{State: core.PluginIncompatible}}}, nil},
		{"it asked for too much", core.PluginStatus{State: core.PluginEnabled, Violations: 3, LastViolation: "x", ViolatedAt: s.clock.Now().Add(time.Hour)}, []string{"plugin_denied demo warning ×1"}},
		{"it asked for too much long ago", core.PluginStatus{State: core.PluginEnabled, Violations: 3, ViolatedAt: s.clock.Now().Add(-time.Hour)}, nil},
		{"it was given up and then switched off", core.PluginStatus{State: core.PluginDisabled, GaveUp: true}, nil},
	} {
		c.status.ID = "demo"
		plugins.all = []core.PluginStatus{c.status}
		if got := s.alertsAfter(t, 0); !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		plugins.all = nil
		s.wantAlerts(t, conditionOver)
	}
}

// A node where the plugin runs does not end what another node has just seen.
func TestAConditionEndsWhenNoNodeSeesItAnyMore(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	plugins := &statuses{all: []core.PluginStatus{{ID: "demo", State: core.PluginCrashed, GaveUp: true}}}
	s.Providers = plugins
	s.wantAlerts(t, 0, "plugin_stopped demo critical ×1")
	plugins.all = nil
	s.wantAlerts(t, conditionOver-time.Second, "plugin_stopped demo critical ×1")
	s.wantAlerts(t, time.Second)
}

// lockedKeys is a keyring whose store can be closed.
type lockedKeys struct {
	core.Keyring
	closed bool
}

func (k *lockedKeys) Health(context.Context) error {
	if k.closed {
		return core.Errorf(core.CodeKeysUnavailable, "Vault is sealed.")
	}
	return nil
}

func TestKeysThatCannotBeReadForLong(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	keys := &lockedKeys{Keyring: s.keys}
	s.Keyring = keys
	s.wantAlerts(t, 0)
	keys.closed = true
	s.wantAlerts(t, keysOut-time.Second)
	s.wantAlerts(t, time.Second, "vault_closing vault warning ×1")
	open, err := s.openAlertsOf(t.Context())
	if err != nil || !maps.Equal(open[0].Args, map[string]string{"since": "2026-05-04T12:00:00Z", "reason": "Vault is sealed."}) {
		t.Errorf("%v %v", open, err)
	}
	s.wantAlerts(t, 2*time.Minute, "vault_closing vault critical ×2")
	keys.closed = false
	s.wantAlerts(t, time.Minute, "vault_closing vault critical ×2")
	s.wantAlerts(t, conditionOver)
}

func TestForgeriesThatKeepComing(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	forge := func() {
		t.Helper()
		now := s.clock.Now()
		c := core.Callback{TenantID: s.tenant, ID: core.NewID(now), AccountID: s.account, Kind: "s", Sealed: []byte("x"), BodyHash: []byte("x"), ReceivedAt: now, Effect: core.CallbackReceived}
		s.write(t, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertCallback(ctx, c) })
		in := inbound{callback: c, account: core.ProviderAccount{TenantID: s.tenant, ID: s.account}, kind: core.InboundKind{Kind: "s"}}
		if _, err := s.refuseInbound(t.Context(), in, core.CallbackRefused, core.CaseCallbackUnverified, core.InboundAnswer{Status: 401}); err != nil {
			t.Fatal(err)
		}
	}
	for range forgeriesTold - 1 {
		forge()
	}
	s.clock.Move(forgeriesIn + time.Second) // too far apart
	for range forgeriesTold - 1 {
		forge()
		s.wantAlerts(t, time.Second)
	}
	forge()
	s.wantAlerts(t, time.Second, "callback_unverified Main warning ×1")
	s.wantAlerts(t, quietFor-2*time.Second, "callback_unverified Main warning ×1")
	s.wantAlerts(t, time.Second)
}

func TestACorrectionIsToldAndEndsWhenSomebodyTakesIt(t *testing.T) {
	t.Parallel()
	s := newShop(t, newHouse(t))
	owner := s.as(t, s.person(t, s.tenant, "owner@example.com", core.RoleTenantOwner), s.tenant)
	p := s.doubted(t)
	closed := p
	closed.State, closed.UnknownSince, closed.UnknownReason = core.PaymentClosed, time.Time{}, ""
	s.write(t, func(ctx context.Context, tx core.TenantTx) error { return tx.UpdatePayment(ctx, closed, p.State) })
	closed.Version++
	manifest := scriptedManifest()
	change := s.judgePayment(closed, paymentAnswer{
		operation: core.CapQueryPayment, started: s.clock.Now(), now: s.clock.Now(), manifest: manifest,
		result: core.PaymentResult{Outcome: core.OutcomeSucceeded, OrderNo: p.OrderNo, Exchange: core.Exchange{Sent: core.SentMaybe}},
	})
	s.write(t, func(ctx context.Context, tx core.TenantTx) error {
		return s.writePayment(ctx, tx, &change, core.PaymentClosed)
	})
	s.wantAlerts(t, 0, "correction "+p.OrderNo+" critical ×1")
	open, err := s.openAlertsOf(t.Context(), core.AlertCorrection)
	if err != nil || strings.Join([]string{open[0].Args["from"], open[0].Args["to"]}, " ") != "closed succeeded" {
		t.Fatalf("%+v %v", open, err)
	}
	taken, err := s.TakeAlert(owner, open[0].ID)
	if err != nil || taken.ResolvedAt.IsZero() || taken.SeenBy == "" {
		t.Errorf("%+v %v", taken, err)
	}
	s.wantAlerts(t, 0)
}
