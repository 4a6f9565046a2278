package service

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// oneRefund is a database with one due refund, at a provider that cannot be asked about it.
type oneRefund struct {
	core.Database
	core.TenantTx
	refund   core.Refund
	events   []string
	cases    []core.CaseKind
	released bool
}

func (d *oneRefund) InTenant(_ context.Context, _ core.ID, fn func(tx core.TenantTx) error) error {
	return fn(d)
}

func (d *oneRefund) Refund(context.Context, core.ID) (core.Refund, error) { return d.refund, nil }

func (d *oneRefund) Payment(context.Context, core.ID) (core.Payment, error) {
	return core.Payment{}, nil
}

func (d *oneRefund) Account(context.Context, core.ID) (core.ProviderAccount, error) {
	return core.ProviderAccount{}, nil
}

func (d *oneRefund) UpdateRefund(_ context.Context, r core.Refund, _ core.RefundState) error {
	d.refund = r
	return nil
}

func (d *oneRefund) AppendEvent(_ context.Context, e core.Event) error {
	d.events = append(d.events, e.Type)
	return nil
}

func (d *oneRefund) OpenCase(_ context.Context, c core.Case) (bool, error) {
	d.cases = append(d.cases, c.Kind)
	return true, nil
}

func (d *oneRefund) ReleaseDue(context.Context, core.Due) error {
	d.released = true
	return nil
}

type noQueries struct{ core.Providers }

func (noQueries) Manifest(string) (core.Manifest, error) { return core.Manifest{}, nil }

// TestARefundThatCannotBeAskedAboutIsNotDueForEver: a host died before it recorded what came
// of a refund, and the provider has no query. People are told; it is not claimed again and again.
func TestARefundThatCannotBeAskedAboutIsNotDueForEver(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	db := &oneRefund{refund: core.Refund{State: core.RefundProcessing, NextCheckAt: now.Add(-time.Minute)}}
	s := testTables()
	s.Options = Options{Database: db, Providers: noQueries{}, Clock: func() time.Time { return now }}
	if err := s.CheckDue(t.Context(), core.Due{Kind: core.DueRefund}); err != nil {
		t.Fatal(err)
	}
	r := db.refund
	if r.State != core.RefundProcessing || r.UnknownSince.IsZero() || r.UnknownReason == "" || !r.NextCheckAt.IsZero() {
		t.Errorf("%s, unknown since %v (%s), due at %v", r.State, r.UnknownSince, r.UnknownReason, r.NextCheckAt)
	}
	if len(db.events) != 2 || db.events[0] != "refund.unknown" || db.events[1] != "case.opened" || len(db.cases) != 1 || db.released {
		t.Errorf("events %v, cases %v, released %v", db.events, db.cases, db.released)
	}
}
