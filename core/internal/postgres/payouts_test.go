package postgres

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// payout waits for a second person, not written yet.
func (m merchant) payout() core.Payout {
	n := counter.Add(1)
	return core.Payout{
		TenantID: m.tenant, ID: core.NewID(noon()), PayoutNo: fmt.Sprintf("261123%014d", n), MerchantPayoutNo: fmt.Sprintf("P-%d", n),
		AccountID: m.account, Provider: "example", Amount: core.Fen(10000), Source: "balance", PayeeType: "personal", PayeeName: "张*",
		PayeeNumber: "621771****5555", PayeeSealed: []byte("sealed"), State: core.PayoutPendingApproval, CreatedBy: "user:usr_1",
		CreatedAt: noon(), UpdatedAt: noon(),
	}
}

func (m merchant) batch() core.PayoutBatch {
	return core.PayoutBatch{
		TenantID: m.tenant, ID: core.NewID(noon()), AccountID: m.account, Provider: "example", FileName: "工资.csv", FileHash: []byte("hash"), Encoding: "UTF-8",
		Rows: 3, Amount: core.Fen(30000), State: core.BatchPendingApproval, CreatedBy: "user:usr_1", CreatedAt: noon(), UpdatedAt: noon(),
	}
}

// waits writes a batch with three payouts.
func (m merchant) waits(t *testing.T, db *DB) (core.PayoutBatch, []core.Payout) {
	t.Helper()
	b := m.batch()
	var list []core.Payout
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		if err := tx.InsertPayoutBatch(ctx, b); err != nil {
			return err
		}
		for row := range b.Rows {
			p := m.payout()
			p.BatchID, p.BatchRow = b.ID, row+2
			list = append(list, p)
			if err := tx.InsertPayout(ctx, p); err != nil {
				return err
			}
		}
		return nil
	}))
	return b, list
}

func TestEveryFieldOfAPayoutComesBack(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	b := m.batch()
	b.Errors, b.State, b.ApprovedBy = []core.PayoutRowError{{Row: 2, Column: "amount", Code: "invalid_amount", Message: core.Text{ZH: "错", EN: "Wrong"}}}, core.BatchApproved, "user:usr_2"
	filled(t, &b)
	p := m.payout()
	p.BatchID = b.ID
	filled(t, &p)
	a := core.Attempt{TenantID: m.tenant, ID: core.NewID(noon()), PayoutID: p.ID, AccountID: m.account, StartedAt: noon()}
	filled(t, &a)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.InsertPayoutBatch(ctx, b), tx.InsertPayout(ctx, p), tx.InsertAttempt(ctx, a))
	}))
	changed := p
	changed.State, changed.UpdatedAt, changed.Version = core.PayoutSucceeded, noon().Add(time.Minute), 0
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.Payout(ctx, p.ID)
		same(t, got, p)
		gotBatch, batchErr := tx.PayoutBatch(ctx, b.ID)
		same(t, gotBatch, b)
		attempts, attemptErr := tx.PayoutAttempts(ctx, p.ID)
		same(t, attempts, []core.Attempt{a})
		changed.Version = got.Version
		return firstError(err, batchErr, attemptErr, tx.UpdatePayout(ctx, changed, p.State))
	}))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.Payout(ctx, p.ID)
		want := changed
		want.Version++
		same(t, got, want)
		return err
	}))
	// The same update again: state and version are no longer those.
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.UpdatePayout(ctx, changed, core.PayoutPendingApproval)
	}), core.CodeConflict)
}

// TestTheDatabaseRefusesASecondSend: whatever goes wrong above it, a payout has one attempt to
// send it, none without a second person, and not by the maker.
func TestTheDatabaseRefusesASecondSend(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	p := m.payout()
	send := func() core.Attempt {
		return core.Attempt{TenantID: m.tenant, ID: core.NewID(noon()), PayoutID: p.ID, AccountID: m.account, Operation: core.CapCreatePayout, StartedAt: noon()}
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.InsertPayout(ctx, p), tx.InsertAttempt(ctx, send()))
	}))
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertAttempt(ctx, send()) }), core.CodeConflict)
	ask := send()
	ask.Operation = core.CapQueryPayout
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertAttempt(ctx, ask) }))
	for name, spoil := range map[string]func(*core.Payout){
		"sent, and nobody agreed": func(p *core.Payout) { p.SentAt = noon() },
		"approved by its maker":   func(p *core.Payout) { p.ApprovedBy = p.CreatedBy },
	} {
		changed := p
		changed.State = core.PayoutProcessing
		spoil(&changed)
		if err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			return tx.UpdatePayout(ctx, changed, core.PayoutPendingApproval)
		}); err == nil {
			t.Errorf("%s: written", name)
		}
	}
	again := m.payout()
	again.MerchantPayoutNo = p.MerchantPayoutNo
	err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertPayout(ctx, again) })
	wantCode(t, err, core.CodeOrderNoUsed)
}

// TestABatchIsReleasedInItsOrderAndOnce: of many who release it at the same time one does.
func TestABatchIsReleasedInItsOrderAndOnce(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	b, list := m.waits(t, db)
	b.State, b.ApprovedBy = core.BatchApproved, "user:usr_2"
	var (
		mu       sync.Mutex
		all      sync.WaitGroup
		released []core.Payout
	)
	for range 4 {
		all.Go(func() {
			err := db.InTenant(context.Background(), m.tenant, func(tx core.TenantTx) error {
				if err := tx.UpdatePayoutBatch(context.Background(), b, core.BatchPendingApproval); err != nil {
					return err
				}
				got, err := tx.ReleaseBatch(context.Background(), b, noon(), time.Second)
				mu.Lock()
				defer mu.Unlock()
				released = append(released, got...)
				return err
			})
			if err != nil && core.CodeOf(err) != core.CodeConflict {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(released) != len(list) {
		t.Fatalf("%d payouts were released, want %d", len(released), len(list))
	}
	for _, p := range released {
		want := noon().Add(time.Duration(p.BatchRow-2) * time.Second)
		if p.State != core.PayoutProcessing || p.ApprovedBy != b.ApprovedBy || !p.NextCheckAt.Equal(want) || p.Version != 1 {
			t.Errorf("row %d: %s, due %v, want %v", p.BatchRow, p.State, p.NextCheckAt, want)
		}
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		totals, err := tx.PayoutTotals(ctx, b.ID)
		if totals.Count[core.PayoutProcessing] != 3 || totals.Sum[core.PayoutProcessing] != 30000 {
			t.Errorf("%+v", totals)
		}
		used, usedErr := tx.UsedPayoutNumbers(ctx, []string{list[0].MerchantPayoutNo, "never"})
		same(t, used, []string{list[0].MerchantPayoutNo})
		rejected, rejectErr := tx.RejectBatch(ctx, b, noon())
		if len(rejected) != 0 {
			t.Errorf("%d payouts that were released are rejected", len(rejected))
		}
		return firstError(err, usedErr, rejectErr)
	}))
	due, err := db.ClaimDue(t.Context(), noon().Add(1500*time.Millisecond), 10, time.Minute)
	must(t, err)
	if len(due) != 2 || due[0].Kind != core.DuePayout {
		t.Errorf("due: %+v", due)
	}
}

func TestTheSameFileIsTakenInOnce(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	b, list := m.waits(t, db)
	again := m.batch()
	err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertPayoutBatch(ctx, again) })
	if core.CodeOf(err) != core.CodeConflict || !strings.Contains(err.Error(), "same file") {
		t.Errorf("%v", err)
	}
	again.Again = true
	b.State, b.FailureCode = core.BatchRejected, "approval_rejected"
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		found, err := tx.PayoutBatchByHash(ctx, b.FileHash)
		if found.ID != b.ID {
			t.Errorf("found %s", found.ID)
		}
		rejected, rejectErr := tx.RejectBatch(ctx, b, noon())
		if len(rejected) != len(list) || rejected[0].State != core.PayoutRejected || rejected[0].FailureCode != b.FailureCode {
			t.Errorf("rejected: %+v", rejected)
		}
		return firstError(err, rejectErr, tx.UpdatePayoutBatch(ctx, b, core.BatchPendingApproval), tx.InsertPayoutBatch(ctx, again))
	}))
	other := newMerchant(t, db)
	must(t, other.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		_, byHash := tx.PayoutBatchByHash(ctx, b.FileHash)
		_, byID := tx.PayoutBatch(ctx, b.ID)
		_, payout := tx.Payout(ctx, list[0].ID)
		for _, err := range []error{byHash, byID, payout} {
			wantCode(t, err, core.CodeNotFound)
		}
		lists, err := tx.Payouts(ctx, core.PayoutFilter{TenantID: m.tenant})
		batches, batchErr := tx.PayoutBatches(ctx, core.PayoutBatchFilter{TenantID: m.tenant})
		if len(lists)+len(batches) != 0 {
			t.Errorf("another merchant sees %d payouts and %d batches", len(lists), len(batches))
		}
		return firstError(err, batchErr)
	}))
	must(t, db.AcrossTenants(t.Context(), func(tx core.PlatformTx) error {
		found, err := tx.Payouts(t.Context(), core.PayoutFilter{AnyNumber: list[1].PayoutNo})
		if len(found) != 1 || found[0].ID != list[1].ID {
			t.Errorf("by number: %+v", found)
		}
		batches, batchErr := tx.PayoutBatches(t.Context(), core.PayoutBatchFilter{States: []core.PayoutBatchState{core.BatchRejected}})
		if len(batches) != 1 {
			t.Errorf("%d batches", len(batches))
		}
		return firstError(err, batchErr)
	}))
	must(t, db.InDirectory(t.Context(), func(tx core.DirectoryTx) error {
		tenant, err := tx.TenantOfPayout(t.Context(), list[0].ID)
		same(t, tenant, m.tenant)
		return err
	}))
}
