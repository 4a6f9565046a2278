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

// TestAListOfCasesSaysWhatTheirOrdersSay: number, amount and the last question, by the tenant and
// over all of them; what another call about the order said is no answer to a question.
func TestAListOfCasesSaysWhatTheirOrdersSay(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	paid := m.paid(t, db)
	refund, payout := m.refund(paid, 100), m.payout()
	payout.Checks, payout.NextCheckAt = 3, noon().Add(time.Hour)
	ask := func(change func(a *core.Attempt)) core.Attempt {
		a := core.Attempt{
			TenantID: m.tenant, ID: core.NewID(noon()), AccountID: m.account, StartedAt: noon(), Outcome: core.OutcomeUnknown, Provided: core.ProviderText{Code: "0001", Message: "处理中"},
		}
		change(&a)
		return a
	}
	attempts := []core.Attempt{
		ask(func(a *core.Attempt) { a.PaymentID, a.Operation = paid.ID, core.CapQueryPayment }),
		ask(func(a *core.Attempt) {
			a.PaymentID, a.RefundID, a.Operation, a.StartedAt = paid.ID, refund.ID, core.CapQueryRefund, noon().Add(time.Minute)
		}),
		ask(func(a *core.Attempt) {
			a.PaymentID, a.RefundID, a.Operation, a.StartedAt = paid.ID, refund.ID, core.CapCreateRefund, noon().Add(time.Hour)
		}),
		ask(func(a *core.Attempt) { a.PayoutID, a.Operation = payout.ID, core.CapQueryPayout }),
		ask(func(a *core.Attempt) {
			a.PayoutID, a.Operation, a.StartedAt, a.Outcome = payout.ID, core.CapQueryPayout, noon().Add(2*time.Minute), ""
		}),
	}
	wanted := map[core.ID]core.CaseOrder{
		paid.ID:   {Number: paid.OrderNo, Amount: paid.Amount, Checks: paid.Checks, NextAskAt: paid.NextCheckAt, AskedAt: noon(), Outcome: core.OutcomeUnknown, Provided: attempts[0].Provided},
		refund.ID: {Number: refund.RefundNo, Amount: refund.Amount, Checks: refund.Checks, NextAskAt: refund.NextCheckAt, AskedAt: noon().Add(time.Minute), Outcome: core.OutcomeUnknown, Provided: attempts[0].Provided},
		payout.ID: {Number: payout.PayoutNo, Amount: payout.Amount, Checks: 3, NextAskAt: payout.NextCheckAt, AskedAt: noon().Add(2 * time.Minute), Provided: attempts[0].Provided},
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		_, err := tx.ReserveRefund(ctx, paid.ID, 100, false, noon())
		err = firstError(err, tx.InsertRefund(ctx, refund), tx.InsertPayout(ctx, payout))
		for _, a := range attempts {
			err = firstError(err, tx.InsertAttempt(ctx, a))
		}
		for object, kind := range map[core.ID]string{paid.ID: "payment", refund.ID: "refund", payout.ID: "payout", m.account: "account"} {
			c := m.doubt(object, noon())
			c.ObjectKind = kind
			_, openErr := tx.OpenCase(ctx, c)
			err = firstError(err, openErr)
		}
		return err
	}))
	check := func(list []core.Case) {
		t.Helper()
		if len(list) != 4 {
			t.Errorf("%d cases", len(list))
		}
		for _, c := range list {
			want, ok := wanted[c.ObjectID]
			switch {
			case ok && c.Order == nil, !ok && c.Order != nil:
				t.Errorf("%s: %+v", c.ObjectKind, c.Order)
			case ok:
				same(t, *c.Order, want)
			}
		}
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		list, err := tx.Cases(ctx, core.CaseFilter{})
		check(list)
		return err
	}))
	must(t, db.AcrossTenants(t.Context(), func(tx core.PlatformTx) error {
		list, err := tx.Cases(t.Context(), core.CaseFilter{TenantID: m.tenant})
		check(list)
		return err
	}))
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
