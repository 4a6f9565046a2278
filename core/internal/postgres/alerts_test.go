package postgres

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func (m *merchant) alert(t *testing.T) core.Alert {
	t.Helper()
	a := core.Alert{TenantID: m.tenant, ID: core.NewID(noon()), Kind: core.AlertUnknownOld, Severity: core.SeverityWarning, ObjectID: core.NewID(noon()), ObjectKind: "payment", OpenedAt: noon(), LastAt: noon(), Times: 1}
	a.Args = map[string]string{"minutes": "31"}
	filled(t, &a)
	a.Times, a.LastAt, a.ResolvedAt, a.SeenBy, a.SeenAt = 1, a.OpenedAt, time.Time{}, "", time.Time{}
	return a
}

func TestAnAlertIsOpenedOnceAndCounted(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	a := m.alert(t)
	var opened sync.Map
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			again := a
			again.ID = core.NewID(noon())
			err := db.InTenant(t.Context(), m.tenant, func(tx core.TenantTx) error {
				kept, first, err := tx.RaiseAlert(t.Context(), again)
				if first {
					opened.Store(kept.ID, true)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var list []core.Alert
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) (err error) {
		list, err = tx.Alerts(ctx, core.AlertFilter{Open: true, Kinds: []core.AlertKind{a.Kind}, ObjectID: a.ObjectID})
		return err
	}))
	if len(list) != 1 || list[0].Times != 8 {
		t.Fatalf("%+v", list)
	}
	n := 0
	opened.Range(func(id, _ any) bool { n++; return id == list[0].ID })
	if n != 1 {
		t.Errorf("%d of 8 were told that they opened it", n)
	}
	a.ID, a.Times = list[0].ID, 8
	same(t, list[0], a)
}

func TestAnAlertEndsAndOpensAnew(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	a := m.alert(t)
	later := noon().Add(time.Hour)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		_, first, err := tx.RaiseAlert(ctx, a)
		must(t, err)
		taken, err := tx.TakeAlert(ctx, a.ID, "user:usr_1", later)
		must(t, err)
		if !first || taken.SeenBy != "user:usr_1" || !taken.SeenAt.Equal(later) {
			t.Errorf("opened %v, taken %+v", first, taken)
		}
		other, err := tx.ResolveAlert(ctx, core.AlertCorrection, a.Key(), later)
		must(t, err)
		ended, err := tx.ResolveAlert(ctx, a.Kind, a.Key(), later)
		must(t, err)
		if len(other) != 0 || len(ended) != 1 || ended[0].ID != a.ID || !ended[0].ResolvedAt.Equal(later) {
			t.Errorf("ended %+v and %+v", other, ended)
		}
		again := a
		again.ID = core.NewID(later)
		kept, first, err := tx.RaiseAlert(ctx, again)
		must(t, err)
		if !first || kept.ID != again.ID || kept.Times != 1 || kept.SeenBy != "" {
			t.Errorf("opened anew %v: %+v", first, kept)
		}
		return nil
	}))
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		_, err := tx.TakeAlert(ctx, a.ID, "user:usr_2", later)
		return err
	}), core.CodeNotFound)
}

func TestAlertsOfTheMerchantAndOfThePlatform(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b := newMerchant(t, db), newMerchant(t, db)
	of := a.alert(t)
	own := core.Alert{ID: core.NewID(noon()), Kind: core.AlertPluginStopped, Severity: core.SeverityCritical, ObjectKind: "plugin", Object: "demo", OpenedAt: noon(), LastAt: noon()}
	must(t, a.in(t, db, func(ctx context.Context, tx core.TenantTx) error { _, _, err := tx.RaiseAlert(ctx, of); return err }))
	must(t, inDirectory(t, db, func(ctx context.Context, tx core.DirectoryTx) error {
		_, _, err := tx.RaiseAlert(ctx, own)
		return err
	}))
	if err := a.in(t, db, func(ctx context.Context, tx core.TenantTx) error { _, _, err := tx.RaiseAlert(ctx, own); return err }); err == nil {
		t.Error("a merchant's transaction raised an alert of the platform")
	}
	wantCode(t, b.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		ended, err := tx.ResolveAlert(ctx, of.Kind, of.Key(), noon())
		if len(ended) != 0 {
			t.Error("one merchant ended another's alert")
		}
		must(t, err)
		_, err = tx.TakeAlert(ctx, of.ID, "user:usr_1", noon())
		return err
	}), core.CodeNotFound)
	for tenant, want := range map[core.ID]int{a.tenant: 1, b.tenant: 0} {
		must(t, db.InTenant(t.Context(), tenant, func(tx core.TenantTx) error {
			list, err := tx.Alerts(t.Context(), core.AlertFilter{TenantID: a.tenant})
			if len(list) != want {
				t.Errorf("%d alerts, want %d", len(list), want)
			}
			return err
		}))
	}
	must(t, db.AcrossTenants(t.Context(), func(tx core.PlatformTx) error {
		for filter, want := range map[core.ID]int{{}: 2, a.tenant: 1, b.tenant: 0} {
			list, err := tx.Alerts(t.Context(), core.AlertFilter{TenantID: filter, Open: true})
			must(t, err)
			if len(list) != want {
				t.Errorf("%d alerts, want %d", len(list), want)
			}
		}
		return nil
	}))
}
