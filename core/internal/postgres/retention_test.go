package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const oneDay = 24 * time.Hour

// longAgo is before anything that is kept for a while, by the tests' clock and the database's.
func longAgo() time.Time { return noon().Add(-1000 * oneDay) }

// called writes an order in a state with a call about it, both of a time.
func (m merchant) called(t *testing.T, db *DB, at time.Time, edit func(p *core.Payment)) (core.Payment, core.Attempt) {
	t.Helper()
	p := m.payment()
	p.CreatedAt, p.UpdatedAt, p.SucceededAt, p.NextCheckAt, p.State = at, at, at, time.Time{}, core.PaymentSucceeded
	edit(&p)
	a := m.attempt(p)
	a.ID, a.StartedAt, a.FinishedAt, a.Outcome, a.Evidence = core.NewID(at), at, at, core.OutcomeSucceeded, []byte(`{"status": 200}`)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.InsertPayment(ctx, p), tx.InsertAttempt(ctx, a))
	}))
	return p, a
}

// removal is one way of making calls forget, and what is left of a call then.
type removal struct {
	name  string
	step  func(ctx context.Context, before time.Time, limit int) (core.Pruned, error)
	stays func(t *testing.T, p core.Payment) bool
}

func (m merchant) removals(db *DB) []removal {
	attempts := func(t *testing.T, p core.Payment) (list []core.Attempt) {
		t.Helper()
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) (err error) {
			list, err = tx.Attempts(ctx, p.ID)
			return err
		}))
		return list
	}
	return []removal{
		{"evidence", db.EmptyEvidence, func(t *testing.T, p core.Payment) bool { t.Helper(); return len(attempts(t, p)[0].Evidence) > 0 }},
		{"attempts", db.PruneAttempts, func(t *testing.T, p core.Payment) bool { t.Helper(); return len(attempts(t, p)) > 0 }},
	}
}

// all steps until nothing more is to be looked at.
func (r removal) all(t *testing.T, before time.Time, limit int) (rows int) {
	t.Helper()
	for range 100 {
		done, err := r.step(t.Context(), before, limit)
		must(t, err)
		rows += done.Rows
		if !done.More {
			return rows
		}
	}
	t.Fatal("it does not end")
	return rows
}

// TestWhatIsLiveIsKept: of the calls that are old enough those go whose order has ended, in
// steps of any size; what was kept goes when its order has ended, with the next walk.
func TestWhatIsLiveIsKept(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	clock := noon()
	db, err := Open(t.Context(), Config{URL: url, MaxConns: 4, PlatformConns: 2, Now: func() time.Time { return clock }})
	must(t, err)
	defer func() { _ = db.Close() }()
	m, other := newMerchant(t, db), newMerchant(t, db)
	var gone, kept []core.Payment
	for range 3 {
		p, _ := m.called(t, db, longAgo(), func(*core.Payment) {})
		gone = append(gone, p)
	}
	foreign, _ := other.called(t, db, longAgo(), func(*core.Payment) {})
	for _, edit := range []func(p *core.Payment){
		func(p *core.Payment) { p.State = core.PaymentProcessing },
		func(p *core.Payment) { p.State = core.PaymentRequiresAction },
		func(p *core.Payment) { p.State, p.UnknownSince = core.PaymentExpired, longAgo() },
		func(p *core.Payment) { p.NextCheckAt = noon() },
		func(p *core.Payment) { p.Reserved = 1 },
	} {
		p, _ := m.called(t, db, longAgo(), edit)
		kept = append(kept, p)
	}
	disputed, _ := m.called(t, db, longAgo(), func(*core.Payment) {})
	c := core.Case{TenantID: m.tenant, ID: core.NewID(noon()), Kind: core.CaseProviderDisagrees, ObjectID: disputed.ID, ObjectKind: "payment", AccountID: m.account, Reason: "x", OpenedAt: noon(), LastAt: noon()}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { _, err := tx.OpenCase(ctx, c); return err }))
	young, _ := m.called(t, db, noon().Add(-100*oneDay), func(*core.Payment) {})
	kept = append(kept, disputed, young)

	before := noon().Add(-200 * oneDay)
	for _, r := range m.removals(db) {
		if n := r.all(t, before, 2); n != 4 {
			t.Errorf("%s: %d rows, want 4", r.name, n)
		}
		for i, p := range append(append([]core.Payment(nil), gone...), kept...) {
			if stays := r.stays(t, p); stays != (i >= len(gone)) {
				t.Errorf("%s: order %d (%s): stays %v", r.name, i, p.State, stays)
			}
		}
		if n := r.all(t, before, 2); n != 0 {
			t.Errorf("%s: %d rows the second time", r.name, n)
		}
	}
	// The case is closed; the walk begins anew a month later.
	owner := rawRole(t, url, roleOwner)
	_, err = owner.ExecContext(t.Context(), "UPDATE cases SET closed_at = now()")
	must(t, err)
	clock = clock.Add(walkAnew + time.Hour)
	for _, r := range m.removals(db) {
		if n := r.all(t, before, 2); n != 1 || r.stays(t, disputed) {
			t.Errorf("%s: %d rows after the case was closed", r.name, n)
		}
	}
	if n := countRows(t, owner, "SELECT count(*) FROM attempts WHERE tenant_id = $1", foreign.TenantID); n != 0 {
		t.Errorf("%d calls of the other merchant stayed", n)
	}
}

func countRows(t *testing.T, db *sql.DB, query string, args ...any) (n int) {
	t.Helper()
	must(t, db.QueryRowContext(t.Context(), query, args...).Scan(&n))
	return n
}

// TestTheDatabaseKeepsYoungCalls: whatever the program asks for, no record of a call goes that
// is younger than 90 days by the database's own clock, and none by a plain DELETE.
func TestTheDatabaseKeepsYoungCalls(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	m := newMerchant(t, db)
	m.called(t, db, time.Now().Add(-89*oneDay), func(*core.Payment) {})
	m.called(t, db, time.Now().Add(-91*oneDay), func(*core.Payment) {})
	if done, err := db.PruneAttempts(t.Context(), time.Now(), 10); err != nil || done.Rows != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	if n := countRows(t, rawRole(t, url, roleOwner), "SELECT count(*) FROM attempts"); n != 1 {
		t.Errorf("%d calls are left", n)
	}
}

func TestNoncesAndNoticesAreRemoved(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	m := newMerchant(t, db)
	owner := rawRole(t, url, roleOwner)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		for i, at := range []time.Time{longAgo(), longAgo(), noon()} {
			if _, err := tx.TakeNonce(ctx, m.account, fmt.Sprint(i), core.NewID(noon()), at); err != nil {
				return err
			}
		}
		return nil
	}))
	before := noon().Add(-oneDay)
	if done, err := db.PruneNonces(t.Context(), before, 1); err != nil || done != (core.Pruned{Rows: 1, More: true}) {
		t.Errorf("%+v, %v", done, err)
	}
	if done, err := db.PruneNonces(t.Context(), before, 10); err != nil || done != (core.Pruned{Rows: 1}) {
		t.Errorf("%+v, %v", done, err)
	}
	channel := m.channel(t, nil)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertAlertChannel(ctx, channel) }))
	for _, resolved := range []stamp{{longAgo()}, {}, {noon()}} { // over, open, over since today
		alert := core.NewID(noon())
		_, err := owner.ExecContext(t.Context(), `INSERT INTO alerts (tenant_id, id, kind, severity, key, object_id, object_kind, object, opened_at, last_at, resolved_at)
			VALUES ($1, $2, 'unknown_payment', 'warning', $3, $2, 'payment', 'x', $4, $4, $5)`, m.tenant, alert, alert.String(), longAgo(), resolved)
		must(t, err)
		_, err = owner.ExecContext(t.Context(), "INSERT INTO alert_notices (tenant_id, channel_id, alert_id, what, created_at, told_at) VALUES ($1, $2, $3, 'opened', $4, $4)",
			m.tenant, channel.ID, alert, longAgo())
		must(t, err)
	}
	if done, err := db.PruneNotices(t.Context(), before, 10); err != nil || done.Rows != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	if n := countRows(t, owner, "SELECT count(*) FROM alert_notices"); n != 2 {
		t.Errorf("%d notices are left", n)
	}
}
