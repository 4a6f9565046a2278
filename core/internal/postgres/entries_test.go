package postgres

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/migrations"
)

// entry is what a payment of the merchant's books.
func (m merchant) entry(p core.Payment) core.Entry {
	return core.Entry{
		TenantID: m.tenant, ID: core.NewID(noon()), Day: core.DayOf(noon()), At: noon(), StoreID: p.StoreID, AccountID: p.AccountID, Kind: core.EntryPayment,
		ObjectID: p.ID, N: 1, Amount: p.Amount.Minor, Fee: 38,
	}
}

// booked is a payment with its entry.
func (m merchant) booked(t *testing.T, db *DB, edit func(*core.Entry)) (core.Payment, core.Entry) {
	t.Helper()
	p := m.paid(t, db)
	e := m.entry(p)
	edit(&e)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.AppendEntry(ctx, e) }))
	return p, e
}

func TestAMovementIsBookedOnce(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	p, e := m.booked(t, db, func(*core.Entry) {})
	e.ID = core.NewID(noon())
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.AppendEntry(ctx, e) }), core.CodeConflict)
	e.N, e.Amount, e.Fee, e.Day, e.Corrects = 2, -e.Amount, -e.Fee, e.Day.Next(1), e.Day
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.AppendEntry(ctx, e) }))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		list, err := tx.EntriesOf(ctx, p.ID)
		if err != nil || len(list) != 2 || list[1].N != 2 || list[1].Corrects != list[0].Day || list[1].Amount != -list[0].Amount || list[1].Day != e.Day {
			t.Errorf("%+v, %v", list, err)
		}
		return nil
	}))
	e.N, e.ID, e.Corrects = 3, core.NewID(noon()), e.Day
	if err := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.AppendEntry(ctx, e) }); err == nil {
		t.Error("an entry corrects its own day")
	}
}

// TestEntriesAreReadInBothDirections: every entry once, page by page, with the order's numbers.
func TestEntriesAreReadInBothDirections(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	numbers := map[core.ID]string{}
	for i := range 7 {
		p, _ := m.booked(t, db, func(e *core.Entry) { e.Day = core.DayOf(noon()).Next(i % 3) })
		numbers[p.ID] = p.OrderNo
	}
	days := core.EntryFilter{From: core.DayOf(noon()), To: core.DayOf(noon()).Next(2)}
	var down, up []core.Entry
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		f, mark := days, core.EntryMark{}
		f.Page.Limit = 2
		for {
			list, err := tx.Entries(ctx, f)
			must(t, err)
			if len(list) == 0 {
				break
			}
			down = append(down, list...)
			last := list[len(list)-1]
			f.Page.BeforeTime, f.Page.BeforeID = last.Day.Start(), last.ID
		}
		for {
			list, err := tx.EntriesAfter(ctx, days, mark, 3)
			must(t, err)
			if len(list) == 0 {
				return nil
			}
			up = append(up, list...)
			mark = core.EntryMark{Day: list[len(list)-1].Day, ID: list[len(list)-1].ID}
		}
	}))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		f := days
		for until, want := range map[time.Time]int64{{}: 7, noon(): 0, noon().Add(time.Second): 7} {
			f.Until = until
			if n, of, err := tx.CountEntries(ctx, f); err != nil || n != want || of != min(want, 3) {
				t.Errorf("until %v: %d entries of %d days, %v", until, n, of, err)
			}
		}
		return nil
	}))
	if len(down) != 7 || len(up) != 7 {
		t.Fatalf("%d and %d entries", len(down), len(up))
	}
	for i, e := range up {
		if e != down[len(down)-1-i] || e.Number != numbers[e.ObjectID] || e.Provider == "" || e.MerchantNumber == "" {
			t.Errorf("%d: %+v", i, e)
		}
	}
}

// TestSettlementSums: each kind in its own sum, what is taken back taken off it, by store and account.
func TestSettlementSums(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m, other := newMerchant(t, db), newMerchant(t, db)
	other.booked(t, db, func(*core.Entry) {})
	day := core.DayOf(noon())
	_, sale := m.booked(t, db, func(e *core.Entry) { e.Amount, e.Fee = 1000, 4 })
	m.booked(t, db, func(e *core.Entry) { e.Amount, e.Fee, e.StoreID = 500, 2, core.ID{} })
	m.booked(t, db, func(e *core.Entry) { e.Kind, e.Amount, e.Fee = core.EntryRefund, -300, 0 })
	m.booked(t, db, func(e *core.Entry) {
		e.Kind, e.Amount, e.Fee, e.StoreID = core.EntryPayout, -200, 1, core.ID{}
	})
	m.booked(t, db, func(e *core.Entry) { e.Day, e.Corrects, e.Amount, e.Fee = day.Next(1), day, -1000, -4 })
	f := core.SettlementFilter{From: day, To: day.Next(1), ByAccount: true}
	want := []core.SettlementLine{
		{TenantID: m.tenant, Day: day, StoreID: sale.StoreID, AccountID: m.account, Payments: 1, Paid: 1000, Refunds: 1, Refunded: 300, Fees: 4, Net: 696},
		{TenantID: m.tenant, Day: day, AccountID: m.account, Payments: 1, Paid: 500, Payouts: 1, PaidOut: 200, Fees: 3, Net: 297},
		{TenantID: m.tenant, Day: day.Next(1), StoreID: sale.StoreID, AccountID: m.account, Payments: -1, Paid: -1000, Fees: -4, Corrections: -996, Net: -996},
	}
	same := func(what string, got []core.SettlementLine, want ...core.SettlementLine) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: %+v", what, got)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: line %d is %+v\nwant %+v", what, i, got[i], want[i])
			}
		}
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		lines, err := tx.Settlement(ctx, f)
		must(t, err)
		same("own", lines, want...)
		f := f
		f.ByAccount, f.StoreIDs = false, []core.ID{sale.StoreID}
		lines, err = tx.Settlement(ctx, f)
		must(t, err)
		first, second := want[0], want[2]
		first.AccountID, second.AccountID = core.ID{}, core.ID{}
		same("of a store", lines, first, second)
		f.StoreIDs = []core.ID{}
		lines, err = tx.Settlement(ctx, f)
		must(t, err)
		same("bound to no store", lines)
		return nil
	}))
	must(t, db.AcrossTenants(t.Context(), func(tx core.PlatformTx) error {
		lines, err := tx.Settlement(t.Context(), f)
		must(t, err)
		if len(lines) != 4 {
			t.Errorf("over all merchants: %+v", lines)
		}
		f := f
		f.TenantID = m.tenant
		lines, err = tx.Settlement(t.Context(), f)
		must(t, err)
		same("of one merchant", lines, want...)
		return nil
	}))
}

// TestVerifyBooksSeesEveryGap: an order that was not booked, an entry without an order, another
// amount, another fee.
func TestVerifyBooksSeesEveryGap(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	m, other := newMerchant(t, db), newMerchant(t, db)
	other.paid(t, db)
	m.booked(t, db, func(e *core.Entry) { e.Fee = 0 })
	verify := func(want int64) core.BooksVerdict {
		t.Helper()
		v, err := db.VerifyBooks(t.Context(), m.tenant)
		must(t, err)
		if v.Wrong != want || int64(len(v.Example)) != want {
			t.Errorf("%+v, want %d wrong", v, want)
		}
		return v
	}
	if v := verify(0); v.Orders != 1 || v.Amount == 0 {
		t.Errorf("%+v", v)
	}
	unbooked := m.paid(t, db)
	if v := verify(1); v.Example[0].ObjectID != unbooked.ID || v.Example[0].Amount != unbooked.Amount.Minor || v.Example[0].Entered != 0 {
		t.Errorf("%+v", v)
	}
	m.booked(t, db, func(e *core.Entry) { e.Fee, e.Amount = 0, e.Amount-1 })
	m.booked(t, db, func(e *core.Entry) { e.Fee = 1 })
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.AppendEntry(ctx, core.Entry{TenantID: m.tenant, ID: core.NewID(noon()), Day: "2026-05-04", At: noon(), AccountID: m.account, Kind: core.EntryPayout, ObjectID: core.NewID(noon()), N: 1, Amount: -1})
	}))
	verify(4)
}

// TestTheMigrationBooksWhatMovedBefore: as the owner, for every merchant, so that the books agree.
func TestTheMigrationBooksWhatMovedBefore(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	a, b := newMerchant(t, db), newMerchant(t, db)
	p := a.paid(t, db)
	b.paid(t, db)
	r := a.refund(p, 100)
	must(t, a.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertRefund(ctx, r) }))
	owner := rawRole(t, url, roleOwner)
	text, err := migrations.Files.ReadFile("00021_entries.sql")
	must(t, err)
	_, backfill, _ := strings.Cut(string(text), "INSERT INTO entries")
	_, err = owner.ExecContext(t.Context(), "UPDATE refunds SET state = 'succeeded', succeeded_at = '2026-05-04 16:00:00Z'")
	must(t, err)
	_, err = owner.ExecContext(t.Context(), "INSERT INTO entries"+backfill)
	must(t, err)
	for _, m := range []merchant{a, b} {
		if v, err := db.VerifyBooks(t.Context(), m.tenant); err != nil || v.Wrong != 0 || v.Orders == 0 {
			t.Errorf("%+v, %v", v, err)
		}
	}
	must(t, a.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		list, err := tx.EntriesOf(ctx, r.ID)
		if err != nil || len(list) != 1 || list[0].Day != "2026-05-05" || list[0].StoreID != p.StoreID || list[0].Amount != -100 {
			t.Errorf("%+v, %v", list, err)
		}
		// Ids follow the time of the entry.
		if early, late := core.NewID(list[0].At.Add(-time.Millisecond)), core.NewID(list[0].At.Add(time.Millisecond)); strings.Compare(list[0].ID.String(), early.String()) < 0 || strings.Compare(list[0].ID.String(), late.String()) > 0 {
			t.Errorf("id %s at %v", list[0].ID, list[0].At)
		}
		return nil
	}))
}
