package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// inboundFixture is one row of every table that requests from providers fill.
type inboundFixture struct {
	callback core.Callback
	member   core.Member
	card     core.SavedCard
	visit    core.PayerVisit
}

func (m *merchant) inbound(t *testing.T) inboundFixture {
	t.Helper()
	now := noon()
	f := inboundFixture{
		callback: core.Callback{TenantID: m.tenant, ID: core.NewID(now), AccountID: m.account, ObjectID: core.NewID(now), ObjectKind: "payment", Effect: core.CallbackReceived, ReceivedAt: now},
		member:   core.Member{TenantID: m.tenant, ID: core.NewID(now), AccountID: m.account, State: core.MemberActive, CreatedAt: now, UpdatedAt: now},
		card:     core.SavedCard{TenantID: m.tenant, ID: core.NewID(now), AccountID: m.account, State: core.CardPending, CreatedAt: now, UpdatedAt: now},
		visit:    core.PayerVisit{TenantID: m.tenant, ID: core.NewID(now), AccountID: m.account, CreatedAt: now, ExpiresAt: now.Add(time.Minute)},
	}
	filled(t, &f.callback)
	filled(t, &f.member)
	filled(t, &f.card)
	return f
}

func TestWhatProvidersSendComesBack(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	f := m.inbound(t)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.InsertCallback(ctx, f.callback), tx.InsertMember(ctx, f.member), tx.InsertCard(ctx, f.card), tx.InsertPayerVisit(ctx, f.visit))
	}))
	finished := f.callback
	finished.Verified, finished.Effect, finished.Reason, finished.ObjectKind = false, core.CallbackDisagrees, "other_amount", "refund"
	finished.ObjectID, finished.Answer, finished.Plugin, finished.FinishedAt = core.NewID(noon()), 401, "p2", noon().Add(time.Hour)
	finished.Provided = core.ProviderText{Code: "X", Message: "y"}
	member := f.member
	member.State, member.PhoneSealed, member.PhoneDisplay, member.UpdatedAt = core.MemberClosed, []byte("other"), "139", noon().Add(time.Hour)
	card := f.card
	card.State, card.BindID, card.Masked, card.UpdatedAt, card.CodeSentAt = core.CardBound, "b2", "m2", noon().Add(time.Hour), noon().Add(time.Minute)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.Callback(ctx, f.callback.ID)
		must(t, err)
		same(t, got, f.callback)
		return firstError(tx.FinishCallback(ctx, finished), tx.UpdateMember(ctx, member, f.member), tx.UpdateCard(ctx, card, core.CardPending))
	}))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		callbacks, err := tx.Callbacks(ctx, core.CallbackFilter{Effects: []core.CallbackEffect{core.CallbackDisagrees}, ObjectID: finished.ObjectID})
		must(t, err)
		same(t, callbacks, []core.Callback{finished})
		got, err := tx.MemberByUID(ctx, member.UID)
		must(t, err)
		same(t, got, member)
		members, err := tx.Members(ctx, core.MemberFilter{State: core.MemberClosed})
		must(t, err)
		same(t, members, []core.Member{member})
		bound, err := tx.CardByBindID(ctx, m.account, "b2")
		must(t, err)
		same(t, bound, card)
		cards, err := tx.Cards(ctx, core.CardFilter{UserRef: card.UserRef, State: core.CardBound})
		must(t, err)
		same(t, cards, []core.SavedCard{card})
		unverified, err := tx.UnverifiedCallbacks(ctx, m.account, noon().Add(-time.Minute))
		must(t, err)
		if unverified != 1 {
			t.Errorf("%d unverified callbacks", unverified)
		}
		return nil
	}))
	// A member that changed meanwhile, a uid that is there, and a card in another state.
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.UpdateMember(ctx, member, f.member) }), core.CodeConflict)
	again := f.member
	again.ID = core.NewID(noon())
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertMember(ctx, again) }), core.CodeConflict)
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.UpdateCard(ctx, card, core.CardPending) }), core.CodeConflict)
}

func TestOnceOnly(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	f := m.inbound(t)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertPayerVisit(ctx, f.visit) }))
	late := f.visit.ExpiresAt
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		_, err := tx.TakePayerVisit(ctx, f.visit.ID, late)
		return err
	}), core.CodeLinkUsed)
	take := func() error {
		return m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			_, err := tx.TakePayerVisit(ctx, f.visit.ID, noon())
			return err
		})
	}
	must(t, take())
	wantCode(t, take(), core.CodeLinkUsed)

	nonce := func(account, callback core.ID) (holder core.ID) {
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) (err error) {
			holder, err = tx.TakeNonce(ctx, account, "abcdefghijklmnop", callback, noon())
			return err
		}))
		return holder
	}
	first, second := core.NewID(noon()), core.NewID(noon())
	if got := nonce(m.account, first); got != first {
		t.Errorf("the first use belongs to %s", got)
	}
	if got := nonce(m.account, second); got != first {
		t.Errorf("the second use belongs to %s", got)
	}
	if got := nonce(core.NewID(noon()), second); got != second {
		t.Errorf("another account's use belongs to %s", got)
	}
}

func TestACaseCounts(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	subject := core.NewID(noon())
	open := func(kind core.CaseKind, object core.ID) (first bool) {
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) (err error) {
			first, err = tx.OpenCase(ctx, core.Case{
				TenantID: m.tenant, ID: core.NewID(noon()), Kind: kind, ObjectID: object, ObjectKind: "payment", AccountID: m.account, Reason: "r", OpenedAt: noon(),
			})
			return err
		}))
		return first
	}
	if !open(core.CaseCallbackDisagrees, subject) || open(core.CaseCallbackDisagrees, subject) || !open(core.CaseProviderDisagrees, subject) || !open(core.CaseCallbackDisagrees, core.NewID(noon())) {
		t.Error("first and again were mixed up")
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		list, err := tx.Cases(ctx, core.CaseFilter{ObjectID: subject, Kinds: []core.CaseKind{core.CaseCallbackDisagrees}, Open: true})
		must(t, err)
		if len(list) != 1 || list[0].Times != 2 {
			t.Errorf("cases: %+v", list)
		}
		return nil
	}))
	must(t, db.AcrossTenants(t.Context(), func(tx core.PlatformTx) error {
		list, err := tx.Cases(t.Context(), core.CaseFilter{TenantID: m.tenant})
		must(t, err)
		if len(list) != 3 {
			t.Errorf("the platform sees %d cases", len(list))
		}
		return nil
	}))
}

func TestStaleCallbacksGo(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	kept, gone, fresh := m.inbound(t).callback, m.inbound(t).callback, m.inbound(t).callback
	kept.Verified, gone.Verified, fresh.Verified = true, false, false
	fresh.ReceivedAt = noon().Add(time.Hour)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.InsertCallback(ctx, kept), tx.InsertCallback(ctx, gone), tx.InsertCallback(ctx, fresh))
	}))
	removed, err := db.PruneCallbacks(t.Context(), noon().Add(time.Minute), 100)
	must(t, err)
	if removed.Rows != 1 {
		t.Errorf("%d callbacks were removed", removed.Rows)
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		list, err := tx.Callbacks(ctx, core.CallbackFilter{})
		must(t, err)
		if len(list) != 2 {
			t.Errorf("%d callbacks are left", len(list))
		}
		return nil
	}))
}

// TestOldVerifiedCallbacksGoButNotEvidence: what an open case is about stays.
func TestOldVerifiedCallbacksGoButNotEvidence(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	old, evidence, unverified, fresh := m.inbound(t).callback, m.inbound(t).callback, m.inbound(t).callback, m.inbound(t).callback
	old.Verified, evidence.Verified, unverified.Verified, fresh.Verified = true, true, false, true
	fresh.ReceivedAt = noon().Add(time.Hour)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		_, err := tx.OpenCase(ctx, m.doubt(evidence.ObjectID, noon()))
		return firstError(err, tx.InsertCallback(ctx, old), tx.InsertCallback(ctx, evidence), tx.InsertCallback(ctx, unverified), tx.InsertCallback(ctx, fresh))
	}))
	removed, err := db.PruneVerifiedCallbacks(t.Context(), noon().Add(time.Minute), 100)
	must(t, err)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		_, err := tx.Callback(ctx, old.ID)
		wantCode(t, err, core.CodeNotFound)
		list, err := tx.Callbacks(ctx, core.CallbackFilter{Oldest: true})
		if removed.Rows != 1 || len(list) != 3 || list[2].ID != fresh.ID {
			t.Errorf("%d removed, %d left", removed.Rows, len(list))
		}
		return err
	}))
}
