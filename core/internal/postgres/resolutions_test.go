package postgres

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func (m merchant) doubt(object core.ID, opened time.Time) core.Case {
	return core.Case{
		TenantID: m.tenant, ID: core.NewID(opened), Kind: core.CaseUnknownRefund, ObjectID: object, ObjectKind: "refund", AccountID: m.account,
		Reason: "no_clear_answer", Times: 1, OpenedAt: opened, LastAt: opened,
	}
}

func TestCasesAreQueuedAssignedAndClosed(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	var all []core.Case
	for i := range 3 {
		c := m.doubt(core.NewID(noon()), noon().Add(time.Duration(i)*time.Hour))
		all = append(all, c)
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { _, err := tx.OpenCase(ctx, c); return err }))
	}
	list := func(f core.CaseFilter) (out []core.Case) {
		t.Helper()
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) (err error) { out, err = tx.Cases(ctx, f); return err }))
		return out
	}
	same(t, list(core.CaseFilter{Open: true, Oldest: true}), all)
	same(t, list(core.CaseFilter{Oldest: true, Page: core.Page{BeforeTime: all[0].OpenedAt, BeforeID: all[0].ID, Limit: 1}}), all[1:2])
	same(t, list(core.CaseFilter{OpenedBefore: noon().Add(time.Minute)}), all[:1])
	all[1].Owner = "user:usr_1"
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.AssignCase(ctx, all[1].ID, all[1].Owner) }))
	same(t, list(core.CaseFilter{Owner: "user:usr_1"}), all[1:2])
	if n := len(list(core.CaseFilter{Unowned: true})); n != 2 {
		t.Errorf("%d cases are nobody's", n)
	}
	ended := all[2]
	ended.ClosedAt, ended.Closing, ended.ClosedBy, ended.ClosedNote = noon().Add(5*time.Hour), core.CaseDone, "user:usr_2", "n"
	end := func() error {
		return m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.CloseCase(ctx, ended) })
	}
	must(t, end())
	wantCode(t, end(), core.CodeInvalidState)
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.AssignCase(ctx, ended.ID, "user:x") }), core.CodeInvalidState)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.Case(ctx, ended.ID)
		same(t, got, ended)
		return err
	}))
	other := newMerchant(t, db)
	wantCode(t, other.in(t, db, func(ctx context.Context, tx core.TenantTx) error { _, err := tx.Case(ctx, ended.ID); return err }), core.CodeNotFound)
	wantCode(t, other.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.AssignCase(ctx, all[0].ID, "user:x") }), core.CodeInvalidState)
}

func TestDecisionsComeBackAndChangeOnce(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	c := m.doubt(core.NewID(noon()), noon())
	r := core.Resolution{
		TenantID: m.tenant, ID: core.NewID(noon()), CaseID: c.ID, ObjectID: c.ObjectID, ObjectKind: "refund", Amount: core.Fen(400), Outcome: core.ResolveFailed,
		EvidenceNo: "B-1", Note: "n", State: core.ResolutionPending, MadeBy: "user:usr_1", CreatedAt: noon(),
	}
	insert := func(r core.Resolution) error {
		return m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertResolution(ctx, r) })
	}
	wantCode(t, insert(r), core.CodeNotFound) // there is no such case
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { _, err := tx.OpenCase(ctx, c); return err }))
	must(t, insert(r))
	again := r
	again.ID = core.NewID(noon())
	wantCode(t, insert(again), core.CodeConflict)
	filled(t, &r)
	r.State, r.ObjectKind, r.ProviderSay = core.ResolutionApplied, "refund", "succeeded"
	update := func() error {
		return m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			return tx.UpdateResolution(ctx, r, core.ResolutionPending)
		})
	}
	must(t, update())
	wantCode(t, update(), core.CodeConflict)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.Resolution(ctx, r.ID)
		same(t, got, r)
		list, listErr := tx.Resolutions(ctx, r.ObjectID)
		same(t, list, []core.Resolution{r})
		return firstError(err, listErr)
	}))
	must(t, insert(again)) // the first is no longer pending
}

// TestCorrectionsNeverExceedThePayment: corrections, reservations and settlements at once keep
// refunded + reserved within the amount; the checker sees it when they do not.
func TestCorrectionsNeverExceedThePayment(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	for range 30 {
		p := m.paid(t, db) // 10,000 fen
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
					if i%2 == 0 {
						return tx.CorrectRefunded(ctx, p.ID, 6000, noon())
					}
					_, err := tx.ReserveRefund(ctx, p.ID, 6000, false, noon())
					return err
				})
				if err != nil && core.CodeOf(err) != core.CodeRefundExceeds {
					t.Errorf("%v", err)
				}
			})
		}
		group.Wait()
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			now, err := tx.Payment(ctx, p.ID)
			if now.Refunded+now.Reserved != 6000 {
				t.Errorf("refunded %d, reserved %d of %d", now.Refunded, now.Reserved, now.Amount.Minor)
			}
			wantCode(t, tx.CorrectRefunded(ctx, p.ID, -6001, noon()), core.CodeRefundExceeds)
			return err
		}))
	}
}
