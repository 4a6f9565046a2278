package service

import (
	"slices"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Records say user:usr_… and key:key_…; whoever may read them learns the names, and a merchant
// learns nobody's of another or of the platform.
func TestActorsAreNamedToThoseWhoReadTheirRecords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.tenant(t, "A"), h.tenant(t, "B")
	owner := h.person(t, a.ID, "owner@a.example", core.RoleTenantOwner)
	finance := h.person(t, a.ID, "finance@a.example", core.RoleTenantFinance)
	cashier := h.person(t, a.ID, "till@a.example", core.RoleTenantCashier)
	stranger := h.person(t, b.ID, "owner@b.example", core.RoleTenantOwner)
	key, _, err := h.CreateAPIKey(h.as(t, owner, a.ID), core.APIKeyInput{Name: "shop", Role: core.RoleTenantDeveloper})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.RevokeAPIKey(h.as(t, owner, a.ID), key.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.DisableUser(h.as(t, owner, a.ID), cashier.Me.User.ID, true); err != nil {
		t.Fatal(err)
	}
	of := func(r core.SessionReply, platform, active bool) core.Actor {
		return core.Actor{Actor: actorOf(r.Me.User.ID), Name: r.Me.User.Name, Platform: platform, Active: active}
	}
	shop := core.Actor{Actor: keyActor(key.ID), Name: "shop"}
	mine := []core.Actor{of(owner, false, true), of(finance, false, true), of(cashier, false, false), shop}
	list, err := h.ListActors(h.as(t, finance, a.ID))
	if err != nil || !sameActors(list, mine) {
		t.Errorf("the merchant's finance: %+v %v", list, err)
	}
	list, err = h.ListActors(h.adminIn(t, a.ID))
	if want := append([]core.Actor{of(h.admin, true, true)}, mine...); err != nil || !sameActors(list, want) {
		t.Errorf("the platform in the merchant: %+v %v", list, err)
	}
	list, err = h.ListActors(h.adminIn(t, core.ID{}))
	if err != nil || !sameActors(list, []core.Actor{of(h.admin, true, true)}) {
		t.Errorf("the platform: %+v %v", list, err)
	}
	list, err = h.ListActors(h.as(t, stranger, b.ID))
	if err != nil || !sameActors(list, []core.Actor{of(stranger, false, true)}) {
		t.Errorf("another merchant: %+v %v", list, err)
	}
	if _, err := h.SetRoles(h.as(t, owner, a.ID), finance.Me.User.ID, bindings(core.RoleTenantCashier)); err != nil {
		t.Fatal(err)
	}
	till, err := h.Login(t.Context(), login("finance@a.example", housePassword, ""))
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.ListActors(h.as(t, till, a.ID))
	wantCode(t, "a cashier", err, core.CodeForbidden)
}

// sameActors compares without order: the house's people came at the same instant.
func sameActors(got, want []core.Actor) bool {
	byName := func(a, b core.Actor) int { return strings.Compare(a.Actor, b.Actor) }
	return slices.Equal(slices.SortedFunc(slices.Values(got), byName), slices.SortedFunc(slices.Values(want), byName))
}
