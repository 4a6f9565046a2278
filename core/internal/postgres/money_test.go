package postgres

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// storm runs 8 refunds of 60 % at once on each of 300 payments and gives how many went through.
func storm(t *testing.T, db *DB, m merchant, refund func(ctx context.Context, p core.Payment) error) (succeeded int64, payments []core.Payment) {
	t.Helper()
	for range 300 {
		p := m.payment()
		p.State, p.NextCheckAt = core.PaymentSucceeded, time.Time{}
		payments = append(payments, p)
	}
	m.write(t, db, payments...)
	jobs := make(chan core.Payment)
	var (
		group sync.WaitGroup
		n     atomic.Int64
	)
	for range 8 {
		group.Go(func() {
			for p := range jobs {
				if err := refund(t.Context(), p); err == nil {
					n.Add(1)
				} else if core.CodeOf(err) != core.CodeRefundExceeds {
					t.Errorf("refund: %v", err)
				}
			}
		})
	}
	for _, p := range payments {
		for range 8 {
			jobs <- p // eight workers in step: each payment is refunded by all of them at once
		}
	}
	close(jobs)
	group.Wait()
	return n.Load(), payments
}

func TestRefundsNeverExceedThePayment(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	n, payments := storm(t, db, m, func(ctx context.Context, p core.Payment) error {
		return db.InTenant(ctx, m.tenant, func(tx core.TenantTx) error {
			if _, err := tx.ReserveRefund(ctx, p.ID, 6000, false, noon()); err != nil {
				return err
			}
			return tx.InsertRefund(ctx, m.refund(p, 6000))
		})
	})
	if n != int64(len(payments)) {
		t.Errorf("%d refunds of 60 %% went through on %d payments", n, len(payments))
	}
	var over int
	must(t, db.platform.Get(&over, `SELECT count(*) FROM payments p WHERE reserved <> 6000
		OR (SELECT count(*) FROM refunds r WHERE r.tenant_id = p.tenant_id AND r.payment_id = p.id) <> 1`))
	if over != 0 {
		t.Errorf("%d payments hold something else than one refund of 60 %%", over)
	}
}

// The broken twin: what a checker that cannot fail would let pass.
func TestSelectSumThenInsertOverRefunds(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	n, payments := storm(t, db, m, func(ctx context.Context, p core.Payment) error {
		return db.InTenant(ctx, m.tenant, func(tx core.TenantTx) error {
			before, err := tx.Refunds(ctx, core.RefundFilter{PaymentID: p.ID})
			if err != nil {
				return err
			}
			var sum int64
			for _, r := range before {
				sum += r.Amount.Minor
			}
			if sum+6000 > p.Amount.Minor {
				return core.Errorf(core.CodeRefundExceeds, "Too much.")
			}
			return tx.InsertRefund(ctx, m.refund(p, 6000))
		})
	})
	if n <= int64(len(payments)) {
		t.Errorf("the broken reservation made %d refunds on %d payments: this test would not see an over-refund", n, len(payments))
	}
}

func TestReservations(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	paid, open := m.paid(t, db), m.payment()
	m.write(t, db, open)
	reserve := func(p core.Payment, amount int64, one bool) error {
		return m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			_, err := tx.ReserveRefund(ctx, p.ID, amount, one, noon())
			return err
		})
	}
	settle := func(amount int64, succeeded bool) error {
		return m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			return tx.SettleReservation(ctx, paid.ID, amount, succeeded, noon())
		})
	}
	steps := []struct {
		name string
		err  error
		want core.Code
	}{
		{"not paid", reserve(open, 1, false), core.CodeInvalidState},
		{"nothing", reserve(paid, 0, false), core.CodeInvalidAmount},
		{"negative", reserve(paid, -1, false), core.CodeInvalidAmount},
		{"too much", reserve(paid, 10001, false), core.CodeRefundExceeds},
		{"first", reserve(paid, 4000, true), ""},
		{"second while one is in flight", reserve(paid, 1, true), core.CodeRefundInFlight},
		{"more than is left", reserve(paid, 6001, false), core.CodeRefundExceeds},
		{"settle more than is reserved", settle(4001, true), core.CodeConflict},
		{"succeeded", settle(4000, true), ""},
		{"settle again", settle(4000, true), core.CodeConflict},
		{"the rest", reserve(paid, 6000, true), ""},
		{"failed", settle(6000, false), ""},
		{"the rest again", reserve(paid, 6000, true), ""},
	}
	for _, s := range steps {
		if core.CodeOf(s.err) != s.want {
			t.Errorf("%s: %v, want the code %q", s.name, s.err, s.want)
		}
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		p, err := tx.Payment(ctx, paid.ID)
		if p.Refunded != 4000 || p.Reserved != 6000 {
			t.Errorf("refunded %d, reserved %d", p.Refunded, p.Reserved)
		}
		return err
	}))
}

func TestNumbersAreUniqueWithinTheTenant(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b := newMerchant(t, db), newMerchant(t, db)
	p := a.payment()
	a.write(t, db, p)
	insert := func(m merchant, change func(n *core.Payment)) error {
		n := m.payment()
		change(&n)
		return m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertPayment(ctx, n) })
	}
	wantCode(t, insert(a, func(n *core.Payment) { n.MerchantOrderNo = p.MerchantOrderNo }), core.CodeOrderNoUsed)
	must(t, insert(b, func(n *core.Payment) { n.MerchantOrderNo = p.MerchantOrderNo }))
	wantCode(t, insert(b, func(n *core.Payment) { n.OrderNo = p.OrderNo }), core.CodeConflict)
}

// TestWhatIsOnlyReferredToIsClaimed: a transaction that writes an attempt about a payment does
// not keep the payment from being asked about.
func TestWhatIsOnlyReferredToIsClaimed(t *testing.T) {
	t.Parallel()
	db := openAt(t, testURL(t))
	m := newMerchant(t, db)
	p := m.payment()
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertPayment(ctx, p) }))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		if err := tx.InsertAttempt(ctx, m.attempt(p)); err != nil {
			return err
		}
		if written, err := tx.Attempts(ctx, p.ID); err != nil || len(written) != 1 {
			t.Errorf("the attempt is not written yet: %v %v", written, err)
		}
		got, err := db.ClaimDue(ctx, noon().Add(time.Hour), 10, time.Minute)
		if len(got) != 1 {
			t.Errorf("claimed: %v", got)
		}
		return err
	}))
}

func TestTwoClaimersNeverGetTheSame(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	first, second := openAt(t, url), openAt(t, url)
	at := noon().Add(time.Hour)
	want := 0
	for range 3 {
		m := newMerchant(t, first)
		for range 20 {
			p := m.payment()
			r := m.refund(p, 1)
			r.NextCheckAt = noon()
			must(t, m.in(t, first, func(ctx context.Context, tx core.TenantTx) error {
				return firstError(tx.InsertPayment(ctx, p), tx.InsertRefund(ctx, r))
			}))
			want += 2
		}
	}
	var (
		group  sync.WaitGroup
		mu     sync.Mutex
		owners = map[core.ID]int{}
	)
	for i := range 4 {
		db := pick(i%2 == 0, first, second)
		group.Go(func() {
			for idle := 0; idle < 3; {
				got, err := db.ClaimDue(t.Context(), at, 7, time.Minute)
				if err != nil {
					t.Errorf("ClaimDue: %v", err)
					return
				}
				if len(got) > 7 {
					t.Errorf("%d claimed, the limit was 7", len(got))
				}
				if len(got) == 0 {
					idle++
				}
				mu.Lock()
				for _, d := range got {
					owners[d.ID]++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if len(owners) != want {
		t.Errorf("%d things were claimed, want %d", len(owners), want)
	}
	for id, n := range owners {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
}

func TestLeases(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	mine, other := openAt(t, url), openAt(t, url)
	m := newMerchant(t, mine)
	p := m.payment()
	m.write(t, mine, p)
	claim := func(db *DB, at time.Time) []core.Due {
		got, err := db.ClaimDue(t.Context(), at, 10, time.Minute)
		must(t, err)
		return got
	}
	due := p.NextCheckAt
	if got := claim(mine, due.Add(-time.Second)); len(got) != 0 {
		t.Errorf("claimed before its time: %v", got)
	}
	got := claim(mine, due)
	if len(got) != 1 || got[0].ID != p.ID || got[0].Kind != core.DuePayment || !got[0].DueAt.Equal(due) {
		t.Fatalf("claimed %+v", got)
	}
	must(t, other.ReleaseDue(t.Context(), got[0])) // not its own: nothing happens
	if again := claim(other, due.Add(59*time.Second)); len(again) != 0 {
		t.Errorf("another node claimed what is leased: %v", again)
	}
	must(t, other.RenewDue(t.Context(), got, due.Add(time.Hour))) // not its own either
	if again := claim(other, due.Add(61*time.Second)); len(again) != 1 {
		t.Errorf("a lease that ended holds, renewed by another: %v", again)
	}
	must(t, other.RenewDue(t.Context(), got, due.Add(3*time.Minute)))
	must(t, other.RenewDue(t.Context(), got, due.Add(2*time.Minute))) // never ends earlier than before
	if again := claim(mine, due.Add(179*time.Second)); len(again) != 0 {
		t.Errorf("another node claimed what was renewed: %v", again)
	}
	must(t, other.ReleaseDue(t.Context(), got[0]))
	got = claim(mine, due)
	must(t, mine.ReleaseDue(t.Context(), got[0]))
	must(t, mine.RenewDue(t.Context(), got, due.Add(time.Hour))) // given back: nothing to renew
	if again := claim(other, due); len(again) != 1 {
		t.Errorf("what was given back is not claimed: %v", again)
	}
	if again := claim(mine, due.Add(2*time.Minute)); len(again) != 1 {
		t.Errorf("an expired lease still holds: %v", again)
	}
	p.State, p.NextCheckAt = core.PaymentSucceeded, time.Time{}
	must(t, m.in(t, mine, func(ctx context.Context, tx core.TenantTx) error {
		return tx.UpdatePayment(ctx, p, core.PaymentProcessing)
	}))
	if again := claim(other, due.Add(time.Hour)); len(again) != 0 {
		t.Errorf("a finished payment is due: %v", again)
	}
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b := newMerchant(t, db), newMerchant(t, db)
	key := core.IdempotencyKey{Caller: "key:key_1", Operation: "payment.create", Key: "k1", BodyHash: []byte("body"), ObjectID: core.NewID(noon())}
	begin := func(m merchant, k core.IdempotencyKey) (saved *core.SavedReply, err error) {
		err = m.in(t, db, func(ctx context.Context, tx core.TenantTx) (err error) {
			saved, err = tx.BeginIdempotent(ctx, k, noon())
			return err
		})
		return saved, err
	}
	if saved, err := begin(a, key); saved != nil || err != nil {
		t.Fatalf("first: %v %v", saved, err)
	}
	if saved, err := begin(a, key); err != nil || saved == nil || saved.ObjectID != key.ObjectID {
		t.Errorf("again: %v %v", saved, err)
	}
	other := key
	other.BodyHash = []byte("another body")
	_, err := begin(a, other)
	wantCode(t, err, core.CodeIdempotencyMismatch)
	for name, change := range map[string]func(k *core.IdempotencyKey){
		"another caller":    func(k *core.IdempotencyKey) { k.Caller = "key:key_2" },
		"another operation": func(k *core.IdempotencyKey) { k.Operation = "refund.create" },
		"another key":       func(k *core.IdempotencyKey) { k.Key = "k2" },
	} {
		k := key
		change(&k)
		if saved, err := begin(a, k); saved != nil || err != nil {
			t.Errorf("%s: %v %v", name, saved, err)
		}
	}
	if saved, err := begin(b, key); saved != nil || err != nil {
		t.Errorf("another tenant: %v %v", saved, err)
	}
	must(t, a.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.SaveReply(ctx, key, core.SavedReply{Status: 201, ObjectID: key.ObjectID})
	}))
	if saved, err := begin(a, key); err != nil || saved == nil || saved.Status != 201 {
		t.Errorf("with a saved reply: %+v %v", saved, err)
	}
}

func TestOneOfManyWithTheSameKeyIsFirst(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	var (
		group   sync.WaitGroup
		firsts  atomic.Int64
		winners = make([]core.ID, 8)
	)
	for i := range winners {
		group.Go(func() {
			p := m.payment()
			key := core.IdempotencyKey{Caller: "c", Operation: "o", Key: "same", BodyHash: []byte("b"), ObjectID: p.ID}
			err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
				saved, err := tx.BeginIdempotent(ctx, key, noon())
				if err != nil {
					return err
				}
				if saved != nil {
					winners[i] = saved.ObjectID
					return nil
				}
				firsts.Add(1)
				winners[i] = p.ID
				return tx.InsertPayment(ctx, p)
			})
			if err != nil {
				t.Errorf("caller %d: %v", i, err)
			}
		})
	}
	group.Wait()
	if firsts.Load() != 1 {
		t.Errorf("%d callers were first", firsts.Load())
	}
	for _, w := range winners {
		if w != winners[0] {
			t.Errorf("two payments for one key: %s and %s", w, winners[0])
		}
	}
}

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	p := m.payment()
	sentinel := core.Errorf(core.CodeInvalidRequest, "No.")
	err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		must(t, firstError(tx.InsertPayment(ctx, p), tx.AppendEvent(ctx, m.event(p.ID, "x"))))
		if _, err := tx.Payment(ctx, p.ID); err != nil { // flushes
			return err
		}
		return sentinel
	})
	wantCode(t, err, core.CodeInvalidRequest)
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { _, err := tx.Payment(ctx, p.ID); return err }), core.CodeNotFound)
}

func TestEventsOfOneObjectAreInCommitOrder(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	p := m.paid(t, db)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 5 {
				err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
					now, err := tx.ReserveRefund(ctx, p.ID, 1, false, noon())
					if err != nil {
						return err
					}
					e := m.event(p.ID, "reserved")
					e.Data = []byte(`{"version": ` + strconv.Itoa(now.Version) + `}`)
					return tx.AppendEvent(ctx, e)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	var wrong, all int
	must(t, db.platform.QueryRowContext(t.Context(), `SELECT count(*) FILTER (WHERE v <> n), count(*) FROM (SELECT (data ->> 'version')::int AS v,
		row_number() OVER (ORDER BY sequence) AS n FROM events WHERE type = 'reserved') x`).Scan(&wrong, &all))
	if wrong != 0 || all != 40 {
		t.Errorf("%d of %d events have a sequence out of the order of their commits", wrong, all)
	}
}
