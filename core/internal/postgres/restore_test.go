package postgres

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func plan() RestorePlan {
	return RestorePlan{Now: noon(), Window: time.Hour, AskFirst: map[string]string{"unfinished": "in_doubt"}, Doubt: "nobody knows", By: "command:test"}
}

// closedAt runs fn with a database that is closed again afterwards, as a node that stopped.
func closedAt(t *testing.T, url string, fn func(db *DB)) {
	t.Helper()
	db, err := Open(t.Context(), Config{URL: url, MaxConns: 4, PlatformConns: 2})
	must(t, err)
	fn(db)
	must(t, db.Close())
}

func TestAfterRestoreMakesDueWhatMayHaveChanged(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	var m merchant
	tests := map[string]struct {
		edit func(p *core.Payment)
		due  bool
		want func(p core.Payment) bool
	}{
		"open":                {edit: func(p *core.Payment) { p.NextCheckAt = noon().Add(time.Hour) }, due: true},
		"open and nobody's":   {edit: func(p *core.Payment) { p.NextCheckAt = time.Time{} }, due: true},
		"waits for its payer": {edit: func(p *core.Payment) { p.State = core.PaymentRequiresAction }, due: true},
		"ended unpaid":        {edit: func(p *core.Payment) { p.State, p.NextCheckAt = core.PaymentCanceled, time.Time{} }, due: true},
		"ended unpaid long ago": {edit: func(p *core.Payment) {
			p.State, p.NextCheckAt = core.PaymentClosed, time.Time{}
			p.UpdatedAt = noon().Add(-2 * time.Hour)
		}},
		"paid":                          {edit: func(p *core.Payment) { p.State, p.NextCheckAt = core.PaymentSucceeded, time.Time{} }},
		"would be acted on, unasked":    {edit: func(p *core.Payment) { p.UnknownSince, p.UnknownReason = noon(), "unfinished" }, due: true, want: func(p core.Payment) bool { return p.UnknownReason == "in_doubt" }},
		"another reason stays as it is": {edit: func(p *core.Payment) { p.UnknownSince, p.UnknownReason = noon(), "other" }, due: true, want: func(p core.Payment) bool { return p.UnknownReason == "other" }},
	}
	ids := map[string]core.ID{}
	closedAt(t, url, func(db *DB) {
		m = newMerchant(t, db)
		for name, tt := range tests {
			p := m.payment()
			tt.edit(&p)
			ids[name] = p.ID
			m.write(t, db, p)
		}
		_, err := db.ClaimDue(t.Context(), noon().Add(2*time.Hour), 1, time.Hour)
		must(t, err)
	})
	done, err := AfterRestore(t.Context(), url, plan())
	must(t, err)
	if done.Payments != 5 || done.EndedUnpaid != 1 || done.Leases != 1 || done.OldEpoch == done.NewEpoch || !done.Newest.Equal(noon()) {
		t.Errorf("%+v", done)
	}
	db := openAt(t, url)
	claimed, err := db.ClaimDue(t.Context(), noon(), 100, time.Minute)
	must(t, err)
	due := map[core.ID]bool{}
	for _, d := range claimed {
		due[d.ID] = true
	}
	for name, tt := range tests {
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			p, err := tx.Payment(ctx, ids[name])
			if due[p.ID] != tt.due || tt.want != nil && !tt.want(p) {
				t.Errorf("%s: due is %v, the payment %+v", name, due[p.ID], p)
			}
			return err
		}))
	}
}

// TestAfterRestoreSendsNothingThatWasApproved: what the backup says was approved and not sent yet may have
// been sent after it. It is asked about instead.
func TestAfterRestoreSendsNothingThatWasApproved(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	var m merchant
	var alone, first, second core.Refund
	var payout core.Payout
	var question core.Approval
	closedAt(t, url, func(db *DB) {
		m = newMerchant(t, db)
		approved := func(p core.Payment) core.Refund {
			r := m.refund(p, 3000)
			r.ApprovedAt, r.NextCheckAt = noon(), noon().Add(time.Hour)
			must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
				if _, err := tx.HoldRefund(ctx, p.ID, r.Amount.Minor, noon()); err != nil {
					return err
				}
				return tx.InsertRefund(ctx, r)
			}))
			return r
		}
		one, two := m.paid(t, db), m.paid(t, db)
		alone, first, second = approved(one), approved(two), approved(two)
		payout = m.payout()
		payout.State, payout.ApprovedBy, payout.WaitReason, payout.NextCheckAt = core.PayoutProcessing, "user:usr_2", "outside_hours", noon().Add(time.Hour)
		question = m.approval(core.NewID(noon()))
		question.ExpiresAt = noon().Add(time.Hour)
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			return firstError(tx.InsertPayout(ctx, payout), tx.InsertApproval(ctx, question))
		}))
	})
	done, err := AfterRestore(t.Context(), url, plan())
	must(t, err)
	if done.UnsentRefunds != 3 || done.UnsentPayouts != 1 || done.Approvals != 1 {
		t.Errorf("%+v", done)
	}
	db := openAt(t, url)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		for _, r := range []core.Refund{alone, first, second} {
			now, err := tx.Refund(ctx, r.ID)
			if err != nil {
				return err
			}
			ask := r.ID == alone.ID
			if now.ToBeSent() || now.NextCheckAt.IsZero() == ask || now.UnknownSince.IsZero() != ask {
				t.Errorf("the refund would be sent, or is not asked about: %+v", now)
			}
			p, err := tx.Payment(ctx, r.PaymentID)
			if err != nil {
				return err
			}
			if p.Held != 0 || p.Reserved == 0 {
				t.Errorf("held %d, reserved %d: it is in flight", p.Held, p.Reserved)
			}
		}
		now, err := tx.Payout(ctx, payout.ID)
		if err != nil {
			return err
		}
		if now.SentAt.IsZero() || !now.NextCheckAt.Equal(noon()) || now.WaitReason != "" {
			t.Errorf("the payout would be sent: %+v", now)
		}
		waits, err := tx.Approval(ctx, question.ID)
		if err != nil {
			return err
		}
		if want := noon().Add(7 * 24 * time.Hour); !waits.ExpiresAt.Equal(want) {
			t.Errorf("the question expires at %s, want %s", waits.ExpiresAt, want)
		}
		return nil
	}))
}

// TestAfterRestoreDrawsAnEpochNoNumberHas leaves one free epoch of the ten thousand.
func TestAfterRestoreDrawsAnEpochNoNumberHas(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	owner := rawRole(t, url, roleOwner)
	_, err := owner.ExecContext(t.Context(), `INSERT INTO order_directory (order_no, tenant_id, object_id, kind)
		SELECT '261123' || lpad(n::text, 4, '0') || '0000000100', gen_random_uuid(), gen_random_uuid(), 'payment'
		FROM generate_series(0, 9999) n WHERE n <> 4711 AND lpad(n::text, 4, '0') <> (SELECT value FROM settings WHERE name = 'order_number_epoch')`)
	must(t, err)
	must(t, owner.Close())
	done, err := AfterRestore(t.Context(), url, plan())
	must(t, err)
	if done.NewEpoch != "4711" {
		t.Errorf("the epoch is %s, the free one is 4711", done.NewEpoch)
	}
	closedAt(t, url, func(db *DB) {
		no, err := db.NextOrderNo(t.Context(), time.Now())
		must(t, err)
		if no[6:10] != "4711" {
			t.Errorf("the next number is %s", no)
		}
	})
}

func TestAfterRestoreEndsWhatMayHaveBeenUsedUp(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	user := core.User{ID: core.NewID(noon()), Email: "a@example.com", Name: "A", CreatedAt: noon()}
	closedAt(t, url, func(db *DB) {
		must(t, db.InDirectory(t.Context(), func(tx core.DirectoryTx) error {
			return firstError(tx.InsertUser(t.Context(), user),
				tx.InsertSession(t.Context(), core.Session{
					ID: core.NewID(noon()), UserID: user.ID, Hash: []byte("hash"), CSRFHash: []byte("csrf"), CreatedAt: noon(), SeenAt: noon(), ExpiresAt: noon().Add(time.Hour),
				}),
				tx.InsertLink(t.Context(), core.OneTimeLink{Hash: []byte("link"), Purpose: "invite", UserID: user.ID, ExpiresAt: noon().Add(time.Hour)}))
		}))
	})
	done, err := AfterRestore(t.Context(), url, plan())
	must(t, err)
	if done.Sessions != 1 || done.Links != 1 {
		t.Errorf("%+v", done)
	}
	db := openAt(t, url)
	must(t, db.InDirectory(t.Context(), func(tx core.DirectoryTx) error {
		if list, err := tx.Sessions(t.Context(), user.ID); err != nil || len(list) != 0 {
			t.Errorf("%d sessions are left: %v", len(list), err)
		}
		if _, err := tx.TakeLink(t.Context(), []byte("link"), noon()); err == nil {
			t.Error("a link of before the restore can still be used")
		}
		return nil
	}))
	// The chain holds the record.
	_, err = db.SealAudit(t.Context(), noon(), 100)
	must(t, err)
	verdict, err := db.VerifyAudit(t.Context(), core.ID{})
	must(t, err)
	if verdict.Rows != 1 || verdict.Reason != "" {
		t.Errorf("the platform's chain: %+v", verdict)
	}
}

func TestAfterRestoreRefusesWhileANodeServes(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	closedAt(t, url, func(db *DB) {
		before, err := db.NextOrderNo(t.Context(), time.Now())
		must(t, err)
		_, err = AfterRestore(t.Context(), url, plan())
		wantCode(t, err, core.CodeConflict)
		if !strings.Contains(err.Error(), "Stop every node") {
			t.Errorf("%v", err)
		}
		closedAt(t, url, func(other *DB) {
			after, err := other.NextOrderNo(t.Context(), time.Now())
			must(t, err)
			if before[6:10] != after[6:10] {
				t.Error("the refused run drew an epoch")
			}
		})
	})
}
