package service

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// eventTypes are the types of an object's events, newest first.
func (h *house) eventTypes(t *testing.T, tenant, object core.ID) (types []string) {
	t.Helper()
	err := h.Database.InTenant(t.Context(), tenant, func(tx core.TenantTx) error {
		events, err := tx.Events(t.Context(), core.EventFilter{ObjectID: object})
		for _, e := range events {
			types = append(types, e.Type)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return types
}

func (h *house) openAlerts(ctx context.Context, t *testing.T) []core.Alert {
	t.Helper()
	list, err := h.ListAlerts(ctx, core.AlertFilter{Open: true})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAlertsAreToldOnceTakenAndResolved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tenant := h.tenant(t, "茶馆").ID
	owner := h.as(t, h.person(t, tenant, "owner@example.com", core.RoleTenantOwner), tenant)
	order := core.NewID(h.clock.Now())
	raise := func(kind core.AlertKind) {
		t.Helper()
		h.clock.Move(time.Second)
		err := h.Database.InTenant(t.Context(), tenant, func(tx core.TenantTx) error {
			return h.raise(t.Context(), tx, core.Alert{TenantID: tenant, Kind: kind, Severity: core.SeverityWarning, ObjectID: order, ObjectKind: kindPayment, Object: "2605"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	raise(core.AlertUnknownOld)
	raise(core.AlertUnknownOld)
	raise(core.AlertCorrection)
	open := h.openAlerts(owner, t)
	if len(open) != 2 || open[0].Kind != core.AlertCorrection || open[1].Times != 2 {
		t.Fatalf("%+v", open)
	}
	alert := open[1]
	if got := h.eventTypes(t, tenant, alert.ID); len(got) != 1 || got[0] != "alert.opened" {
		t.Errorf("events %v", got)
	}
	h.clock.Move(time.Minute)
	taken, err := h.TakeAlert(owner, alert.ID)
	if err != nil || taken.SeenBy == "" || !taken.SeenAt.Equal(h.clock.Now()) {
		t.Errorf("%+v %v", taken, err)
	}
	err = h.Database.InTenant(t.Context(), tenant, func(tx core.TenantTx) error {
		return h.resolve(t.Context(), tx, core.AlertUnknownOld, order)
	})
	if err != nil {
		t.Fatal(err)
	}
	if left := h.openAlerts(owner, t); len(left) != 1 || left[0].Kind != core.AlertCorrection {
		t.Errorf("%+v", left)
	}
	if got := h.eventTypes(t, tenant, alert.ID); len(got) != 2 || got[0] != "alert.resolved" {
		t.Errorf("events %v", got)
	}
	if _, err := h.TakeAlert(owner, alert.ID); core.CodeOf(err) != core.CodeInvalidState {
		t.Errorf("a resolved one is taken: %v", err)
	}
}

func TestWhoSeesAndTakesAlerts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tenant, other := h.tenant(t, "茶馆").ID, h.tenant(t, "书店").ID
	owner := h.as(t, h.person(t, tenant, "owner@example.com", core.RoleTenantOwner), tenant)
	stranger := h.as(t, h.person(t, other, "stranger@example.com", core.RoleTenantOwner), other)
	viewer := h.as(t, h.person(t, tenant, "viewer@example.com", core.RoleTenantViewer), tenant)
	cashier := h.as(t, h.person(t, tenant, "cashier@example.com", core.RoleTenantCashier), tenant)
	admin := h.adminIn(t, core.ID{})
	about := core.Alert{TenantID: tenant, Kind: core.AlertBalanceLow, Severity: core.SeverityWarning, ObjectID: core.NewID(h.clock.Now()), ObjectKind: kindPayment}
	err := h.Database.InTenant(t.Context(), tenant, func(tx core.TenantTx) error { return h.raise(t.Context(), tx, about) })
	if err != nil {
		t.Fatal(err)
	}
	plugin := core.Alert{Kind: core.AlertPluginStopped, Severity: core.SeverityCritical, ObjectKind: "plugin", Object: "demo"}
	err = h.Database.InDirectory(t.Context(), func(tx core.DirectoryTx) error { return h.raiseOfPlatform(t.Context(), tx, plugin) })
	if err != nil {
		t.Fatal(err)
	}
	all := h.openAlerts(admin, t)
	if len(all) != 2 || len(h.openAlerts(owner, t)) != 1 || len(h.openAlerts(viewer, t)) != 1 || len(h.openAlerts(stranger, t)) != 0 {
		t.Fatalf("%+v", all)
	}
	if _, err := h.ListAlerts(cashier, core.AlertFilter{}); core.CodeOf(err) != core.CodeForbidden {
		t.Errorf("a cashier lists: %v", err)
	}
	for _, a := range all {
		for _, refused := range []context.Context{viewer, cashier} {
			_, err := h.TakeAlert(refused, a.ID)
			wantCode(t, "somebody without the right takes "+string(a.Kind), err, core.CodeForbidden)
		}
		_, err := h.TakeAlert(stranger, a.ID)
		wantCode(t, "a stranger takes "+string(a.Kind), err, core.CodeNotFound)
		_, err = h.TakeAlert(admin, a.ID)
		wantCode(t, "the administrator takes "+string(a.Kind), err, "")
		if a.TenantID.IsZero() {
			if _, err := h.TakeAlert(owner, a.ID); core.CodeOf(err) != core.CodeNotFound {
				t.Errorf("a merchant's owner takes the platform's: %v", err)
			}
		}
	}
	err = h.Database.InDirectory(t.Context(), func(tx core.DirectoryTx) error {
		return h.resolveOfPlatform(t.Context(), tx, core.AlertPluginStopped, "demo")
	})
	if err != nil || len(h.openAlerts(admin, t)) != 1 {
		t.Errorf("resolved: %v, %+v", err, h.openAlerts(admin, t))
	}
}
