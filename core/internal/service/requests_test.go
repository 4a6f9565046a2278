package service

import (
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestARequestLogIsReadByDevelopers: who may read it, by an order's number too, and nobody else's.
func TestARequestLogIsReadByDevelopers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.tenant(t, "A"), h.tenant(t, "B")
	now := h.Clock()
	e := core.RequestEntry{
		TenantID: a.ID, ID: core.NewID(now), APIKeyID: core.NewID(now), Method: "GET", Route: "/v1/payments", Status: 200, RequestID: "req_1", CreatedAt: now,
	}
	keeper, ok := h.Database.(core.RequestKeeper)
	if !ok {
		t.Fatal("the database keeps no requests")
	}
	if _, err := keeper.KeepRequests(t.Context(), []core.RequestEntry{e}); err != nil {
		t.Fatal(err)
	}
	for role, want := range map[core.Role]core.Code{core.RoleTenantOwner: "", core.RoleTenantDeveloper: "", core.RoleTenantFinance: core.CodeForbidden, core.RoleTenantViewer: core.CodeForbidden} {
		ctx := h.as(t, h.person(t, a.ID, string(role)+"@a.example", role), a.ID)
		list, err := h.ListRequests(ctx, core.RequestFilter{})
		wantCode(t, "list as "+string(role), err, want)
		_, err = h.Request(ctx, e.ID)
		wantCode(t, "read as "+string(role), err, want)
		if want != "" {
			continue
		}
		if len(list) != 1 || list[0] != e {
			t.Errorf("%s sees %+v", role, list)
		}
		if list, err = h.ListRequests(ctx, core.RequestFilter{Number: "no such number"}); err != nil || len(list) != 0 {
			t.Errorf("a number that nothing has finds %+v %v", list, err)
		}
	}
	ctx := h.as(t, h.person(t, b.ID, "owner@b.example", core.RoleTenantOwner), b.ID)
	if list, err := h.ListRequests(ctx, core.RequestFilter{}); err != nil || len(list) != 0 {
		t.Errorf("another merchant sees %+v %v", list, err)
	}
	_, err := h.Request(ctx, e.ID)
	wantCode(t, "another merchant reads it", err, core.CodeNotFound)
}

func TestAnAPIKeyExpires(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	owner := h.as(t, h.person(t, a.ID, "owner@a.example", core.RoleTenantOwner), a.ID)
	_, _, err := h.CreateAPIKey(owner, core.APIKeyInput{Name: "late", Role: core.RoleTenantViewer, ExpiresAt: h.Clock()})
	wantCode(t, "one that has expired", err, core.CodeInvalidRequest)
	_, secret, err := h.CreateAPIKey(owner, core.APIKeyInput{Name: "shop", Role: core.RoleTenantViewer, ExpiresAt: h.Clock().Add(time.Hour)})
	wantCode(t, "create", err, "")
	_, err = h.AuthenticateKey(t.Context(), secret, "192.0.2.9")
	wantCode(t, "before", err, "")
	h.clock.Move(time.Hour)
	_, err = h.AuthenticateKey(t.Context(), secret, "192.0.2.9")
	wantCode(t, "after", err, core.CodeUnauthenticated)
	list, err := h.ListAPIKeys(owner)
	if err != nil || len(list) != 1 || list[0].LastUsedIP != "192.0.2.9" || list[0].ExpiresAt.IsZero() {
		t.Errorf("%+v %v", list, err)
	}
}
