package service

import (
	"context"
	"strconv"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// sheet is an account's day with its bill, written as a run leaves it.
type sheet struct {
	*house

	tenant  core.ID
	account core.ID
	maker   context.Context //nolint:containedctx // a person, as the use cases see one
	second  context.Context //nolint:containedctx // the same
	day     core.ReconciliationDay
	bill    core.Bill
}

// newSheet compares the day of the house's clock.
func newSheet(t *testing.T, l *sheet) *sheet {
	t.Helper()
	l.day = l.compared(t, core.DayOf(l.clock.Now()))
	now := l.clock.Now()
	l.bill = core.Bill{
		TenantID: l.tenant, ID: core.NewID(now), AccountID: l.account, Provider: l.day.Provider, Day: l.day.Day, Source: core.BillFromFile, State: core.BillReading, CreatedAt: now,
	}
	return l
}

// newBooks is a till's day.
func newBooks(t *testing.T) (*teller, *sheet) {
	t.Helper()
	x := newTeller(t, oracleKind{})
	return x, newSheet(t, &sheet{house: x.house, tenant: x.tenant.ID, account: x.account, maker: x.by(t, x.ann), second: x.by(t, x.bob)})
}

func (l *sheet) in(t *testing.T, fn func(ctx context.Context, tx core.TenantTx) error) {
	t.Helper()
	err := l.Database.InTenant(t.Context(), l.tenant, func(tx core.TenantTx) error { return fn(t.Context(), tx) })
	if err != nil {
		t.Fatal(err)
	}
}

// compared is a day that was compared once and has nothing open.
func (l *sheet) compared(t *testing.T, day core.Day) (d core.ReconciliationDay) {
	t.Helper()
	l.in(t, func(ctx context.Context, tx core.TenantTx) (err error) {
		if d, err = tx.OpenDay(ctx, l.account, day, l.clock.Now(), l.clock.Now()); err != nil {
			return err
		}
		d.State, d.Run = core.DayClean, 1
		if err := tx.UpdateReconciliationDay(ctx, d); err != nil {
			return err
		}
		d, err = tx.ReconciliationDay(ctx, d.ID)
		return err
	})
	return d
}

// shows makes a bill of its own product with the line current.
func (l *sheet) shows(t *testing.T, line core.StoredLine) core.StoredLine {
	t.Helper()
	b := l.bill
	b.ID, b.Scope, b.State, b.Version, b.Lines, line.N = core.NewID(l.clock.Now()), "p"+line.Number+line.ProviderNumber, core.BillReading, 0, 0, 1
	if line.At.IsZero() {
		line.At = l.clock.Now()
	}
	l.in(t, func(ctx context.Context, tx core.TenantTx) error {
		if err := tx.InsertBill(ctx, b); err != nil {
			return err
		}
		if err := tx.AddBillLines(ctx, b, []core.StoredLine{line}); err != nil {
			return err
		}
		b.Version, b.Lines, b.State, b.ReadyAt = 1, 1, core.BillReady, l.clock.Now()
		return tx.FinishBill(ctx, b)
	})
	l.bill = b
	return line
}

// differs writes what a run found, and gives it back.
func (l *sheet) differs(t *testing.T, d core.Difference) core.Difference {
	t.Helper()
	now := l.clock.Now()
	d.TenantID, d.ID, d.DayID, d.AccountID, d.Provider, d.Day = l.tenant, core.NewID(now), l.day.ID, l.account, l.day.Provider, l.day.Day
	d.Key = string(d.Kind) + d.Number + d.ProviderNumber + strconv.FormatInt(d.BillLine, 10)
	d.State, d.FoundAt, d.FoundRun = core.DifferenceOpen, now, 1
	if d.Movement == "" {
		d.Movement = core.MovementPayment
	}
	l.in(t, func(ctx context.Context, tx core.TenantTx) error {
		if _, err := tx.UpsertDifferences(ctx, []core.Difference{d}); err != nil {
			return err
		}
		_, _, err := tx.RecountDay(ctx, l.day.ID)
		return err
	})
	return d
}

// paidThere is a payment of ours that the bill shows as paid although we hold that it was not.
func (l *sheet) paidThere(t *testing.T, p core.Payment) core.Difference {
	t.Helper()
	line := l.shows(t, core.StoredLine{Kind: core.MovementPayment, Number: p.OrderNo, ProviderNumber: "P" + p.OrderNo, Outcome: core.OutcomeSucceeded, Amount: p.Amount})
	return l.differs(t, core.Difference{
		Kind: core.DifferState, ObjectID: p.ID, ObjectKind: kindPayment, Number: p.OrderNo, ProviderNumber: line.ProviderNumber,
		Ours:   core.DifferenceSide{Present: true, State: string(p.State), Amount: p.Amount},
		Theirs: core.DifferenceSide{Present: true, State: string(core.OutcomeSucceeded), Amount: p.Amount, At: line.At},
		BillID: l.bill.ID, BillLine: 1,
	})
}

// surplus is an order on the bill that we do not have.
func (l *sheet) surplus(t *testing.T, number string, amount int64) core.Difference {
	t.Helper()
	line := l.shows(t, core.StoredLine{Kind: core.MovementPayment, ProviderNumber: number, Outcome: core.OutcomeSucceeded, Amount: core.Fen(amount)})
	return l.differs(t, core.Difference{
		Kind: core.DifferSurplus, ProviderNumber: number,
		Theirs: core.DifferenceSide{Present: true, State: string(core.OutcomeSucceeded), Amount: core.Fen(amount), At: line.At}, BillID: l.bill.ID, BillLine: 1,
	})
}

// shortage is a payment of ours that the bill does not show.
func (l *sheet) shortage(t *testing.T, p core.Payment) core.Difference {
	t.Helper()
	return l.differs(t, core.Difference{
		Kind: core.DifferShortage, ObjectID: p.ID, ObjectKind: kindPayment, Number: p.OrderNo,
		Ours: core.DifferenceSide{Present: true, State: string(p.State), Amount: p.Amount, At: p.SucceededAt},
	})
}

// stands fails unless the difference and its day are so.
func (l *sheet) stands(t *testing.T, d core.Difference, want core.DifferenceState, day core.ReconciliationState, open, resolved int64) {
	t.Helper()
	got, err := l.readDifference(t.Context(), l.tenant, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.State != want || got.State.Waits() != got.ResolvedAt.IsZero() {
		t.Errorf("the difference is %s (resolved at %v by %q), want %s", got.State, got.ResolvedAt, got.ResolvedBy, want)
	}
	var stored core.ReconciliationDay
	l.in(t, func(ctx context.Context, tx core.TenantTx) (err error) {
		stored, err = tx.ReconciliationDay(ctx, d.DayID)
		return err
	})
	if stored.State != day || stored.Open != open || stored.Resolved != resolved {
		t.Errorf("the day is %s with %d open and %d resolved, want %s, %d, %d", stored.State, stored.Open, stored.Resolved, day, open, resolved)
	}
}

func (l *sheet) events(t *testing.T, kind string, want int) {
	t.Helper()
	if n := l.rows(t, "SELECT count(*) FROM events WHERE type = $1", kind); n != want {
		t.Errorf("%d events %s, want %d", n, kind, want)
	}
}

// pendingApproval is the one that waits about a difference.
func (l *sheet) pendingApproval(t *testing.T, d core.Difference) core.Approval {
	t.Helper()
	list, err := l.ListApprovals(l.second, core.ApprovalFilter{ObjectID: d.ID, States: []core.ApprovalState{core.ApprovalPending}})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d approvals wait: %v", len(list), err)
	}
	return list[0]
}

// payAs takes a payment and gives it a state that ended it.
func payAs(t *testing.T, x *teller, l *sheet, state core.PaymentState) core.Payment {
	t.Helper()
	x.desk.answers(core.OutcomeFailed)
	if state == core.PaymentProcessing {
		x.desk.answers(core.OutcomeUnknown)
	}
	if state == core.PaymentSucceeded {
		x.desk.answers(core.OutcomeSucceeded)
	}
	p, err := x.pay(t, core.MethodQR, 1000)
	x.must(t, err)
	if p.State == state {
		return p
	}
	from := p.State
	p.State = state
	l.in(t, func(ctx context.Context, tx core.TenantTx) error { return tx.UpdatePayment(ctx, p, from) })
	p.Version++
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
