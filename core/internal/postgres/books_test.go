package postgres

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const billDay = core.Day("2026-11-23") // of noon, in Beijing

func (m merchant) bill(source core.BillSource, scope string) core.Bill {
	return core.Bill{
		TenantID: m.tenant, ID: core.NewID(noon()), AccountID: m.account, Provider: "example", Day: billDay, Scope: scope, Source: source,
		State: core.BillReading, CreatedAt: noon(),
	}
}

func line(n int64, number, providerNumber string) core.StoredLine {
	return core.StoredLine{
		N: n, Kind: core.MovementPayment, Number: number, ProviderNumber: providerNumber, Outcome: core.OutcomeSucceeded, Amount: core.Fen(100),
		At: noon(),
	}
}

// written is a bill with its lines that was read to its end.
func (m merchant) written(t *testing.T, db *DB, b core.Bill, lines ...core.StoredLine) core.Bill {
	t.Helper()
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		if err := firstError(tx.InsertBill(ctx, b), tx.AddBillLines(ctx, b, lines)); err != nil {
			return err
		}
		b.Version, b.Lines, b.State, b.ReadyAt = 1, int64(len(lines)), core.BillReady, noon()
		err := tx.FinishBill(ctx, b)
		b.Version++
		return err
	}))
	return b
}

// day is the account's bill day, waiting.
func (m merchant) day(t *testing.T, db *DB) (d core.ReconciliationDay) {
	t.Helper()
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) (err error) {
		d, err = tx.OpenDay(ctx, m.account, billDay, noon(), noon())
		return err
	}))
	return d
}

func TestBooksComeBack(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	d := m.day(t, db)
	filled := core.ReconciliationDay{
		TenantID: m.tenant, ID: d.ID, AccountID: m.account, Provider: "example", Day: billDay, State: core.DayOpen, Reason: "carried", Run: 1,
		NextCheckAt: noon(), Attempts: 2, Provided: core.ProviderText{Code: "C", Message: "话"},
		Ours: []core.MovementTotal{{Kind: core.MovementPayment, Count: 2, Amount: 300, Fee: 1}}, Theirs: []core.MovementTotal{{Kind: core.MovementRefund, Method: "W"}},
		Matched: 3, Carried: 4, Unasked: 5, Open: 6, Resolved: 7, CreatedAt: noon(), StartedAt: noon(), FinishedAt: noon().Add(time.Second),
	}
	b := m.bill(core.BillFromFile, "scan")
	b.Cursor, b.Hash, b.ImportID, b.Asked, b.Unanswered = "c", []byte("h"), core.NewID(noon()), 8, 9
	b.Kinds, b.Provided = []core.MovementKind{core.MovementPayment, core.MovementRefund}, core.ProviderText{Code: "B", Message: "单"}
	l := core.StoredLine{
		N: 2, Kind: core.MovementRefund, Number: "N", ProviderNumber: "P", Outcome: core.OutcomeFailed, Amount: core.Fen(-5), Fee: core.Fen(0), At: noon(),
		Method: "wx", Status: "失败",
	}
	bare := core.StoredLine{N: 3, Kind: core.MovementPayment, Outcome: core.OutcomeSucceeded, Amount: core.Fen(1)}
	b = m.written(t, db, b, l, bare)
	totals := []core.MovementTotal{{Kind: core.MovementFee, Method: "wx", Count: 1, Amount: 2, Fee: 3}, {Kind: core.MovementPayment, Count: 4, Amount: 5}}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.UpdateReconciliationDay(ctx, filled), tx.SetBillTotals(ctx, b, totals[:1]), tx.SetBillTotals(ctx, b, totals))
	}))
	filled.Version = 1
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		gotDay, err := tx.ReconciliationDayOf(ctx, m.account, billDay)
		must(t, err)
		same(t, gotDay, filled)
		gotBill, err := tx.Bill(ctx, b.ID)
		must(t, err)
		same(t, gotBill, b)
		gotLines, err := tx.BillLinesAfter(ctx, b.ID, 1, 10)
		must(t, err)
		same(t, gotLines, []core.StoredLine{l, bare})
		gotTotals, err := tx.BillTotals(ctx, b.ID)
		must(t, err)
		same(t, gotTotals, totals)
		return nil
	}))
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.UpdateReconciliationDay(ctx, d) }), core.CodeConflict)
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.AddBillLines(ctx, b, nil) // is not being read any more
	}), core.CodeConflict)
}

func TestDaysAreOpenedOnceAndDue(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	from, next := billDay.Start(), noon().Add(72*time.Hour)
	open := func(last core.Day) (n int) {
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) (err error) {
			n, err = tx.OpenDays(ctx, m.account, last, noon(), next, noon())
			return err
		}))
		return n
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.WatchBooks(ctx, m.account, from, noon()) }))
	due, err := db.ClaimBulk(t.Context(), noon(), 10, time.Minute)
	must(t, err)
	if len(due) != 1 || due[0].Kind != core.DueBooks || due[0].ID != m.account {
		t.Fatalf("due: %+v", due)
	}
	m.day(t, db)
	if n := open(billDay.Next(2)); n != 2 {
		t.Errorf("%d days were opened beside the one that was there", n)
	}
	if n := open(billDay.Next(2)); n != 0 {
		t.Errorf("%d days were opened again", n)
	}
	if due, err = db.ClaimBulk(t.Context(), noon(), 10, time.Minute); err != nil || len(due) != 3 || due[0].Kind != core.DueReconciliation {
		t.Fatalf("due: %+v %v", due, err)
	}
	// A day that a node works on is due again at once: what the node writes meets another version.
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		d, err := tx.ReconciliationDayOf(ctx, m.account, billDay)
		must(t, err)
		d.NextCheckAt = time.Time{}
		must(t, tx.UpdateReconciliationDay(ctx, d))
		again, err := tx.OpenDay(ctx, m.account, billDay, noon(), noon())
		if again.ID != d.ID || again.Version != 2 || !again.NextCheckAt.Equal(noon()) {
			t.Errorf("the day is %+v", again)
		}
		return err
	}))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		var page core.Page
		for i := range 3 {
			page.Limit = 1
			list, err := tx.ReconciliationDays(ctx, core.ReconciliationFilter{AccountID: m.account, Page: page})
			must(t, err)
			if len(list) != 1 || list[0].Day != billDay.Next(2-i) {
				t.Errorf("page %d: %+v", i, list)
				continue
			}
			page.BeforeTime, page.BeforeID = list[0].Day.Start(), list[0].ID
		}
		return nil
	}))
}

func TestABillSupersedesTheOneBefore(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	ready := func() map[core.ID]bool {
		current := map[core.ID]bool{}
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			list, err := tx.Bills(ctx, m.account, billDay)
			for _, b := range list {
				current[b.ID] = b.State == core.BillReady
			}
			return err
		}))
		return current
	}
	first := m.written(t, db, m.bill(core.BillFromList, "a"), line(1, "1", ""), line(2, "2", ""), line(3, "3", ""))
	totals := m.written(t, db, m.bill(core.BillFromTotals, "a"))
	other := m.written(t, db, m.bill(core.BillFromQuery, "b"))
	if now := ready(); !now[first.ID] || !now[totals.ID] || !now[other.ID] {
		t.Fatalf("not beside each other: %v", now)
	}
	second := m.written(t, db, m.bill(core.BillFromList, "a"))
	if now := ready(); now[first.ID] || !now[second.ID] || !now[totals.ID] || !now[other.ID] {
		t.Fatalf("after the second list: %v", now)
	}
	file := m.written(t, db, m.bill(core.BillFromFile, ""))
	if now := ready(); !now[file.ID] || now[second.ID] || now[totals.ID] || now[other.ID] {
		t.Fatalf("after a file of all: %v", now)
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		for _, want := range []int{2, 1, 0} {
			if n, err := tx.RemoveBillLines(ctx, first.ID, 2); err != nil || n != want {
				t.Errorf("%d lines were removed, want %d: %v", n, want, err)
			}
		}
		if n, err := tx.RemoveBillLines(ctx, file.ID, 2); err != nil || n != 0 {
			t.Errorf("lines of the current bill were removed: %d %v", n, err)
		}
		return nil
	}))
}

func TestLinesAreNumberedOnlyWhenTheyAreSure(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	one, twin, twins := m.payment(), m.payment(), m.payment()
	one.ProviderOrderNo, twin.ProviderOrderNo, twins.ProviderOrderNo = "P1", "P2", "P2"
	m.write(t, db, one, twin, twins)
	taken := line(5, "", "P1")
	taken.Kind = core.MovementReversal
	refund := line(6, "", "P1")
	refund.Kind = core.MovementRefund
	b := m.written(t, db, m.bill(core.BillFromList, ""), line(1, "", "P1"), line(2, "", "P2"), line(3, "", "P3"), line(4, "", ""), taken, refund, line(7, "", "P3"))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		var seen []int64
		for after := int64(0); ; {
			last, err := tx.NumberBillLines(ctx, b.ID, after, 3)
			must(t, err)
			if last == 0 {
				break
			}
			seen, after = append(seen, last), last
		}
		same(t, seen, []int64{3, 6, 7})
		lines, err := tx.BillLinesAfter(ctx, b.ID, 0, 10)
		must(t, err)
		for _, l := range lines {
			want := ""
			if l.N == 1 || l.N == 5 {
				want = one.OrderNo
			}
			if l.Number != want {
				t.Errorf("line %d has the number %q, want %q", l.N, l.Number, want)
			}
		}
		return nil
	}))
}

func TestBothSidesAreReadInTheOrderOfNumbers(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	early, late, open := m.payment(), m.payment(), m.payment()
	for i, p := range []*core.Payment{&late, &early} {
		p.State, p.SucceededAt = core.PaymentSucceeded, noon().Add(time.Duration(i)*time.Second)
	}
	early.OrderNo, late.OrderNo = fmt.Sprintf("261123000%s", early.OrderNo[9:]), fmt.Sprintf("261123999%s", late.OrderNo[9:])
	outside := m.payment()
	outside.State, outside.SucceededAt = core.PaymentSucceeded, noon().Add(-time.Second)
	m.write(t, db, late, early, open, outside)
	r := m.refund(late, 10)
	r.State, r.SucceededAt, r.CreatedAt = core.RefundSucceeded, noon(), noon()
	r.RefundNo = fmt.Sprintf("261123500%s", r.RefundNo[9:])
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertRefund(ctx, r) }))
	a := m.written(t, db, m.bill(core.BillFromList, "a"), line(1, "9", ""), line(2, "", "z"), line(3, "a", ""))
	b := m.written(t, db, m.bill(core.BillFromList, "b"), line(1, "B", ""), line(2, "", "y"))
	q := core.DayQuery{TenantID: m.tenant, AccountID: m.account, From: noon(), To: noon().Add(time.Minute), Bills: []core.ID{a.ID, b.ID}}
	var ours, theirs []string
	must(t, db.ReadDay(t.Context(), q, func(mine core.MovementStream, lines core.LineStream) error {
		for {
			got, ok, err := mine.Next(t.Context())
			must(t, err)
			if !ok {
				break
			}
			ours = append(ours, got.Number)
			if got.Number == r.RefundNo && (got.Method != late.Method || got.ObjectID != r.ID || !got.MovedAt.Equal(noon())) {
				t.Errorf("the refund is %+v", got)
			}
		}
		for {
			got, ok, err := lines.Next(t.Context())
			must(t, err)
			if !ok {
				break
			}
			theirs = append(theirs, got.Number+got.ProviderNumber)
		}
		return m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			return tx.WatchBooks(ctx, m.account, noon(), noon())
		})
	}))
	same(t, ours, []string{early.OrderNo, r.RefundNo, late.OrderNo})
	same(t, theirs, []string{"y", "z", "9", "B", "a"})
	wantCode(t, db.ReadDay(t.Context(), core.DayQuery{}, nil), core.CodeTenantRequired)
}
