package service

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// follow begins to listen with a short beat.
func (h *house) follow(ctx context.Context, t *testing.T) *follower {
	t.Helper()
	got, err := h.Follow(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(got.Close)
	f, ok := got.(*follower)
	if !ok {
		t.Fatalf("%T", got)
	}
	f.beat = 10 * time.Millisecond
	return f
}

// heard waits for topics past the signs of life.
func heard(t *testing.T, f core.Following) ([]core.Topic, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if topics, err := f.Next(ctx); err != nil || len(topics) > 0 {
			return topics, err
		}
	}
}

func TestFollowersHearWhatTheyMayRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one, two := h.tenant(t, "One"), h.tenant(t, "Two")
	store, err := h.CreateStore(h.adminIn(t, one.ID), core.StoreInput{Name: "S", Code: "S1"})
	if err != nil {
		t.Fatal(err)
	}
	cashier := h.person(t, one.ID, "cashier@example.com", core.RoleTenantCashier, store.ID)
	followers := map[string]core.Following{
		"cashier":         h.follow(h.as(t, cashier, core.ID{}), t),
		"owner":           h.follow(h.as(t, h.person(t, one.ID, "owner@example.com", core.RoleTenantOwner), core.ID{}), t),
		"neighbour":       h.follow(h.as(t, h.person(t, two.ID, "neighbour@example.com", core.RoleTenantOwner), core.ID{}), t),
		"platform":        h.follow(h.adminIn(t, core.ID{}), t),
		"platform in two": h.follow(h.adminIn(t, two.ID), t),
	}
	changes := []core.Change{
		{TenantID: one.ID, Topic: core.TopicPayments},
		{TenantID: one.ID, Topic: core.TopicWebhooks},
		{Topic: core.TopicPlugins},
		{Topic: core.TopicAlerts},
		{TenantID: two.ID, Topic: core.TopicStores},
		{TenantID: one.ID, Topic: "unheard-of"},
	}
	for _, c := range changes {
		h.Heard(t.Context(), c)
	}
	for name, want := range map[string][]core.Topic{
		"cashier":         {"payments", "plugins"},
		"owner":           {"payments", "plugins", "webhooks"},
		"neighbour":       {"plugins", "stores"},
		"platform":        {"alerts", "payments", "plugins", "stores", "webhooks"},
		"platform in two": {"plugins", "stores"},
	} {
		if got, err := heard(t, followers[name]); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s heard %v %v, want %v", name, got, err, want)
		}
	}
	h.Heard(t.Context(), core.Change{}) // something may have been missed
	if got, err := heard(t, followers["cashier"]); err != nil || !slices.Contains(got, core.TopicRefunds) || slices.Contains(got, core.TopicWebhooks) {
		t.Errorf("after a gap: %v %v", got, err)
	}
}

// TestFollowingEndsWithTheRole and with the session, though nothing else happens; and it does
// not keep a session alive that nobody uses.
func TestFollowingEndsWithTheRole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tenant := h.tenant(t, "One")
	viewer := h.person(t, tenant.ID, "viewer@example.com", core.RoleTenantViewer)
	f := h.follow(h.as(t, viewer, core.ID{}), t)
	if _, err := h.SetRoles(h.adminIn(t, tenant.ID), viewer.Me.User.ID, nil); err != nil {
		t.Fatal(err)
	}
	h.Heard(t.Context(), core.Change{Topic: core.TopicSession})
	if _, err := heard(t, f); core.CodeOf(err) != core.CodeUnauthenticated {
		t.Errorf("without a role: %v", err)
	}

	owner := h.person(t, tenant.ID, "owner@example.com", core.RoleTenantOwner)
	f = h.follow(h.as(t, owner, core.ID{}), t)
	h.Heard(t.Context(), core.Change{Topic: core.TopicSession})
	if got, err := heard(t, f); err != nil || !slices.Equal(got, []core.Topic{core.TopicSession}) {
		t.Errorf("somebody else's roles changed: %v %v", got, err)
	}
	third := h.person(t, tenant.ID, "third@example.com", core.RoleTenantOwner)
	f = h.follow(h.as(t, third, core.ID{}), t)
	if err := h.Logout(h.as(t, third, core.ID{})); err != nil {
		t.Fatal(err)
	}
	if _, err := heard(t, f); core.CodeOf(err) != core.CodeUnauthenticated {
		t.Errorf("signed out: %v", err)
	}

	f = h.follow(h.as(t, owner, core.ID{}), t)
	h.clock.Move(sessionIdle - time.Minute)
	if got, err := f.Next(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("a sign of life: %v %v", got, err)
	}
	h.clock.Move(2 * time.Minute)
	if _, err := heard(t, f); core.CodeOf(err) != core.CodeUnauthenticated {
		t.Errorf("a session that nobody used: %v", err)
	}
}

func TestFollowingIsBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tenant := h.tenant(t, "One")
	_, key, err := h.CreateAPIKey(h.adminIn(t, tenant.ID), core.APIKeyInput{Name: "program", Role: core.RoleTenantOwner})
	if err != nil {
		t.Fatal(err)
	}
	program, err := h.AuthenticateKey(t.Context(), key, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Follow(core.WithIdentity(t.Context(), program)); core.CodeOf(err) != core.CodeForbidden {
		t.Errorf("an API key: %v", err)
	}
	ctx := h.adminIn(t, tenant.ID)
	var last *follower
	for range followersOfUser {
		last = h.follow(ctx, t)
	}
	if _, err := h.Follow(ctx); core.CodeOf(err) != core.CodeRateLimited {
		t.Errorf("one too many: %v", err)
	}
	last.Close()
	last.Close()
	last = h.follow(ctx, t)
	h.EndFollowing()
	if _, err := heard(t, last); core.CodeOf(err) != core.CodeShuttingDown {
		t.Errorf("at the end: %v", err)
	}
	if _, err := h.Follow(ctx); core.CodeOf(err) != core.CodeShuttingDown {
		t.Errorf("after the end: %v", err)
	}
}
