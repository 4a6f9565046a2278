package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func (m merchant) approval(object core.ID) core.Approval {
	return core.Approval{
		TenantID: m.tenant, ID: core.NewID(noon()), Kind: core.ApproveRefund, ObjectID: object, Amount: core.Fen(100), Needed: 2, State: core.ApprovalPending,
		Summary: json.RawMessage(`{"a": 1}`), MadeBy: "user:usr_maker", Note: "n", CreatedAt: noon(), ExpiresAt: noon().Add(time.Hour), Version: 1,
	}
}

func TestApprovalsComeBackWithTheirAnswers(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b := newMerchant(t, db), newMerchant(t, db)
	want := a.approval(core.NewID(noon()))
	must(t, a.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertApproval(ctx, want) }))
	answers := []core.Decision{{Actor: "user:usr_1", Agree: true, Note: "x", At: noon()}, {Actor: "user:usr_2", At: noon().Add(time.Second)}}
	must(t, a.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.InsertDecision(ctx, want, answers[0]), tx.InsertDecision(ctx, want, answers[1]))
	}))
	want.Decisions = answers
	must(t, a.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.Approval(ctx, want.ID)
		same(t, got, want)
		list, listErr := tx.Approvals(ctx, core.ApprovalFilter{
			Kinds: []core.ApprovalKind{core.ApproveRefund}, States: []core.ApprovalState{core.ApprovalPending}, ObjectID: want.ObjectID,
		})
		same(t, list, []core.Approval{want})
		none, noneErr := tx.Approvals(ctx, core.ApprovalFilter{States: []core.ApprovalState{core.ApprovalApproved}})
		if len(none) != 0 {
			t.Errorf("%d approvals are approved", len(none))
		}
		return firstError(err, listErr, noneErr)
	}))
	wantCode(t, b.in(t, db, func(ctx context.Context, tx core.TenantTx) error { _, err := tx.Approval(ctx, want.ID); return err }), core.CodeNotFound)
	must(t, db.AcrossTenants(t.Context(), func(tx core.PlatformTx) error {
		list, err := tx.Approvals(t.Context(), core.ApprovalFilter{TenantID: a.tenant})
		same(t, list, []core.Approval{want})
		return err
	}))
}

// TestTheDatabaseKnowsTwoPeople: also a program that forgot everything else cannot let the
// maker answer, one person answer twice, or a decided approval change.
func TestTheDatabaseKnowsTwoPeople(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	m := newMerchant(t, db)
	a := m.approval(core.NewID(noon()))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertApproval(ctx, a) }))
	answer := func(actor string) error {
		return m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			return tx.InsertDecision(ctx, a, core.Decision{Actor: actor, Agree: true, At: noon()})
		})
	}
	if err := answer(a.MadeBy); err == nil {
		t.Error("the maker answered")
	}
	must(t, answer("user:usr_1"))
	wantCode(t, answer("user:usr_1"), core.CodeConflict)
	lying := a
	lying.MadeBy = "user:usr_other"
	if err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.InsertDecision(ctx, lying, core.Decision{Actor: a.MadeBy, Agree: true, At: noon()})
	}); err == nil {
		t.Error("the maker answered under a false name of the maker")
	}
	app := rawRole(t, url, roleApp)
	for _, statement := range []string{
		"UPDATE approvals SET made_by = 'user:x'", "UPDATE approvals SET needed = 1", "UPDATE approvals SET amount = 1", "DELETE FROM approvals",
		"UPDATE approval_decisions SET agree = true", "DELETE FROM approval_decisions",
	} {
		inRaw(t, app, m.tenant, func(tx *sql.Tx) {
			if _, err := tx.ExecContext(t.Context(), statement); err == nil {
				t.Errorf("app may: %s", statement)
			}
		})
	}
}

// TestAnApprovalIsDecidedOnce: of any number who decide at the same moment, one does.
func TestAnApprovalIsDecidedOnce(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	var won atomic.Int64
	for range 20 {
		a := m.approval(core.NewID(noon()))
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertApproval(ctx, a) }))
		var group sync.WaitGroup
		for _, state := range []core.ApprovalState{core.ApprovalApproved, core.ApprovalRejected, core.ApprovalExpired, core.ApprovalWithdrawn} {
			group.Go(func() {
				decided := a
				decided.State, decided.DecidedAt = state, noon()
				err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.UpdateApproval(ctx, decided) })
				if err == nil {
					won.Add(1)
				} else if core.CodeOf(err) != core.CodeConflict {
					t.Errorf("%v", err)
				}
			})
		}
		group.Wait()
	}
	if n := won.Load(); n != 20 {
		t.Errorf("20 approvals were decided %d times", n)
	}
	due, err := db.ClaimDue(t.Context(), noon().Add(2*time.Hour), 100, time.Minute)
	must(t, err)
	if len(due) != 0 {
		t.Errorf("%d decided approvals are due", len(due))
	}
}

func TestAPendingApprovalIsDueWhenItExpires(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	a := m.approval(core.NewID(noon()))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertApproval(ctx, a) }))
	for after, want := range map[time.Duration]int{59 * time.Minute: 0, time.Hour: 1} {
		due, err := db.ClaimDue(t.Context(), noon().Add(after), 10, time.Second)
		must(t, err)
		if len(due) != want || want == 1 && (due[0].Kind != core.DueApproval || due[0].ID != a.ID) {
			t.Errorf("after %s: %v", after, due)
		}
	}
	// The same object cannot be asked about twice at once.
	again := m.approval(a.ObjectID)
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertApproval(ctx, again) }), core.CodeConflict)
}

func TestApprovalTiersAreReplaced(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	for _, tiers := range [][]core.ApprovalTier{
		{{Kind: core.ApprovePayout, Needed: 1}, {Kind: core.ApproveRefund, Role: core.RoleTenantFinance, From: 100, Needed: 1}},
		{{Kind: core.ApproveRefund, Role: core.RoleTenantFinance, From: 200, Needed: 0}},
		{},
	} {
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.ReplaceApprovalTiers(ctx, tiers) }))
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			got, err := tx.ApprovalTiers(ctx)
			same(t, got, tiers)
			return err
		}))
	}
	err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.ReplaceApprovalTiers(ctx, []core.ApprovalTier{{Kind: core.ApprovePayout}})
	})
	if err == nil || !strings.Contains(err.Error(), "approval_tiers_somebody") {
		t.Errorf("payouts without a second person: %v", err)
	}
}

// TestHeldRefunds: what waits for approval is reserved, but is no refund in flight.
func TestHeldRefunds(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	p := m.paid(t, db) // 10,000 fen
	in := func(fn func(ctx context.Context, tx core.TenantTx) error) func() error {
		return func() error { return m.in(t, db, fn) }
	}
	hold := func(n int64) func() error {
		return in(func(ctx context.Context, tx core.TenantTx) error {
			_, err := tx.HoldRefund(ctx, p.ID, n, noon())
			return err
		})
	}
	start := func(n int64) func() error {
		return in(func(ctx context.Context, tx core.TenantTx) error {
			_, err := tx.StartHeld(ctx, p.ID, n, true, noon())
			return err
		})
	}
	reserve := func(n int64) func() error {
		return in(func(ctx context.Context, tx core.TenantTx) error {
			_, err := tx.ReserveRefund(ctx, p.ID, n, true, noon())
			return err
		})
	}
	settle := func(n int64) func() error {
		return in(func(ctx context.Context, tx core.TenantTx) error {
			return tx.SettleReservation(ctx, p.ID, n, true, noon())
		})
	}
	release := func(n int64) func() error {
		return in(func(ctx context.Context, tx core.TenantTx) error { return tx.ReleaseHeld(ctx, p.ID, n, noon()) })
	}
	for i, step := range []struct {
		do   func() error
		want core.Code
		sums [3]int64 // refunded, reserved, held
	}{
		{hold(6000), "", [3]int64{0, 6000, 6000}},
		{hold(5000), core.CodeRefundExceeds, [3]int64{0, 6000, 6000}},
		{reserve(5000), core.CodeRefundExceeds, [3]int64{0, 6000, 6000}},
		{reserve(1000), "", [3]int64{0, 7000, 6000}}, // one waits; another may go out
		{reserve(1000), core.CodeRefundInFlight, [3]int64{0, 7000, 6000}},
		{start(6000), core.CodeRefundInFlight, [3]int64{0, 7000, 6000}},
		{settle(1000), "", [3]int64{1000, 6000, 6000}},
		{settle(1000), core.CodeConflict, [3]int64{1000, 6000, 6000}}, // what is held cannot be settled
		{start(6001), core.CodeConflict, [3]int64{1000, 6000, 6000}},
		{start(6000), "", [3]int64{1000, 6000, 0}},
		{release(6000), core.CodeConflict, [3]int64{1000, 6000, 0}}, // what was sent cannot be released as if it had not been
		{settle(6000), "", [3]int64{7000, 0, 0}},
		{hold(3000), "", [3]int64{7000, 3000, 3000}},
		{release(3000), "", [3]int64{7000, 0, 0}},
	} {
		if err := step.do(); core.CodeOf(err) != step.want {
			t.Errorf("step %d: %v, want %q", i, err, step.want)
		}
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			now, err := tx.Payment(ctx, p.ID)
			if sums := [3]int64{now.Refunded, now.Reserved, now.Held}; sums != step.sums {
				t.Errorf("step %d: refunded, reserved, held %v, want %v", i, sums, step.sums)
			}
			return err
		}))
	}
}
