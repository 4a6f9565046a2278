package service

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestRecordsStayInTheirTenant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.tenant(t, "A"), h.tenant(t, "B")
	owner := h.person(t, a.ID, "owner@a.example", core.RoleTenantOwner)
	h.person(t, b.ID, "owner@b.example", core.RoleTenantOwner)
	ctx := h.as(t, owner, a.ID)
	page := core.Page{Limit: 100}
	entries, err := h.ListAudit(ctx, core.AuditFilter{Page: page})
	if err != nil || len(entries) == 0 {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		if e.TenantID != a.ID {
			t.Errorf("an audit row of another chain: %+v", e)
		}
	}
	_, err = h.ListAudit(ctx, core.AuditFilter{TenantID: b.ID, Page: page})
	wantCode(t, "another tenant's audit log", err, core.CodeNotFound)
	_, err = h.ListEvents(ctx, core.EventFilter{TenantID: b.ID, Page: page})
	wantCode(t, "another tenant's events", err, core.CodeNotFound)
	all, err := h.ListAudit(h.adminIn(t, core.ID{}), core.AuditFilter{Page: page})
	if err != nil || len(all) <= len(entries) {
		t.Errorf("the platform sees %d rows, a tenant %d (%v)", len(all), len(entries), err)
	}
	tenants, err := h.ListTenants(ctx, core.TenantFilter{Page: page})
	if err != nil || len(tenants) != 1 || tenants[0].ID != a.ID {
		t.Errorf("a tenant's list of merchants: %v %v", tenants, err)
	}
	tenants, err = h.ListTenants(h.adminIn(t, core.ID{}), core.TenantFilter{Page: page})
	if err != nil || len(tenants) != 2 {
		t.Errorf("the platform's list of merchants: %v %v", tenants, err)
	}
	if _, err := h.Database.SealAudit(t.Context(), h.clock.Now(), 1000); err != nil {
		t.Fatal(err)
	}
	for name, who := range map[string]core.ID{"the tenant's chain": a.ID, "the platform's chain": {}} {
		verdict, err := h.VerifyAudit(h.adminIn(t, who))
		if err != nil || verdict.Rows == 0 || !verdict.BrokenAt.IsZero() {
			t.Errorf("%s: %+v %v", name, verdict, err)
		}
	}
}

func TestPluginsAreDescribedAsFarAsOneNeeds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	cashier := h.person(t, a.ID, "c@a.example", core.RoleTenantCashier)
	seen, err := h.ListPlugins(h.as(t, cashier, a.ID))
	if err != nil || len(seen) != 1 || seen[0].Manifest == nil || seen[0].PID != 0 || seen[0].Path != "" || seen[0].LastLines != nil {
		t.Errorf("a cashier sees %+v %v", seen, err)
	}
	seen, err = h.ListPlugins(h.adminIn(t, core.ID{}))
	if err != nil || len(seen) != 1 || seen[0].PID != 4711 {
		t.Errorf("an administrator sees %+v %v", seen, err)
	}
}

func TestSearchAndSummary(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	store, err := h.CreateStore(h.adminIn(t, a.ID), core.StoreInput{Name: "S"})
	if err != nil {
		t.Fatal(err)
	}
	bound := h.person(t, a.ID, "f@a.example", core.RoleTenantFinance, store.ID)
	for number, want := range map[string]core.Code{
		"": core.CodeInvalidRequest, " ": core.CodeInvalidRequest, "20260504000000000001": "", "a\x00b": core.CodeInvalidRequest,
		core.NewID(time.Now()).Prefixed(core.PrefixPayment): "", core.NewID(time.Now()).Prefixed(core.PrefixRefund): "",
	} {
		for name, tenant := range map[string]core.ID{"tenant": a.ID, "platform": {}} {
			found, err := h.Search(h.adminIn(t, tenant), number)
			wantCode(t, name+" searches "+number, err, want)
			if len(found.Payments)+len(found.Refunds) != 0 {
				t.Errorf("%q was found: %+v", number, found)
			}
		}
	}
	now := h.clock.Now()
	for name, tenant := range map[string]core.ID{"tenant": a.ID, "platform": {}} {
		_, err = h.Summary(h.adminIn(t, tenant), now.Add(-24*time.Hour), now)
		wantCode(t, "summary of the "+name, err, "")
	}
	_, err = h.Summary(h.adminIn(t, a.ID), now, now)
	wantCode(t, "no time", err, core.CodeInvalidRequest)
	_, err = h.Summary(h.adminIn(t, a.ID), now.Add(-400*24*time.Hour), now)
	wantCode(t, "too long a time", err, core.CodeInvalidRequest)
	_, err = h.Summary(h.as(t, bound, a.ID), now.Add(-time.Hour), now)
	wantCode(t, "the whole merchant for somebody bound to a store", err, core.CodeForbidden)
}

// TestSearchByID finds things of every kind by their ids, for those who may see them.
func TestSearchByID(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.tenant(t, "A"), h.tenant(t, "B")
	for _, prefix := range []string{core.PrefixPayoutBatch, core.PrefixCase, core.PrefixApproval, core.PrefixCallback, core.PrefixDelivery, core.PrefixDifference, core.PrefixPayout} {
		for name, tenant := range map[string]core.ID{"tenant": a.ID, "platform": {}} {
			found, err := h.Search(h.adminIn(t, tenant), core.NewID(time.Now()).Prefixed(prefix))
			if err != nil || len(found.Payments)+len(found.Refunds)+len(found.Payouts)+len(found.Others) != 0 {
				t.Errorf("%s of nothing, by the %s: %+v %v", prefix, name, found, err)
			}
		}
	}
	store, err := h.CreateStore(h.adminIn(t, a.ID), core.StoreInput{Name: "S"})
	if err != nil {
		t.Fatal(err)
	}
	now := h.clock.Now()
	approval := core.Approval{TenantID: a.ID, ID: core.NewID(now), Kind: core.ApproveRefund, ObjectID: core.NewID(now), Amount: core.Fen(1), Needed: 1, State: core.ApprovalPending, MadeBy: "system", CreatedAt: now, ExpiresAt: now.Add(time.Hour)}
	err = h.Database.InTenant(t.Context(), a.ID, func(tx core.TenantTx) error { return tx.InsertApproval(t.Context(), approval) })
	if err != nil {
		t.Fatal(err)
	}
	number := approval.ID.Prefixed(core.PrefixApproval)
	search := func(ctx context.Context, name string, hits int) {
		found, err := h.Search(ctx, number)
		if err != nil || len(found.Others) != hits || hits == 1 && (found.Others[0].ID != approval.ID || found.Others[0].TenantID != a.ID) {
			t.Errorf("%s: %+v %v", name, found, err)
		}
	}
	search(h.adminIn(t, core.ID{}), "platform", 1)
	search(h.adminIn(t, a.ID), "own merchant", 1)
	search(h.adminIn(t, b.ID), "other merchant", 0)
	search(h.as(t, h.person(t, a.ID, "c@a.example", core.RoleTenantCashier, store.ID), a.ID), "cashier", 0)
}
