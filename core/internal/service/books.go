package service

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// movement is what an order has come to, as the books see it.
type movement struct {
	kind     core.EntryKind
	tenant   core.ID
	object   core.ID
	account  core.ID
	store    core.ID
	amount   int64     // fen, from the merchant's side; 0: nothing moved
	fee      int64     // fen
	moved    time.Time // when it moved, by the provider's word or ours
	reopened bool      // the state before was final: there may be entries of it
}

// book writes the entry that brings the books to what the order holds now. It runs in the
// transaction that updates the order, once for each change of state, and is the one place that
// books: the guard on the order's row is the guard of its entries. Only an order that had ended
// already can have entries, so the usual payment is booked without reading any.
func (s *Service) book(ctx context.Context, tx core.TenantTx, m movement) error {
	entry := core.Entry{
		TenantID: m.tenant, AccountID: m.account, StoreID: m.store, Kind: m.kind, ObjectID: m.object, N: 1, Amount: m.amount, Fee: m.fee,
	}
	about := core.DayOf(m.moved)
	if m.moved.IsZero() {
		about = ""
	}
	if m.reopened {
		before, err := tx.EntriesOf(ctx, m.object)
		if err != nil {
			return err
		}
		for _, e := range before {
			entry.Amount, entry.Fee, entry.N, entry.StoreID = entry.Amount-e.Amount, entry.Fee-e.Fee, e.N+1, e.StoreID
			if m.amount == 0 {
				about = e.Day // what is taken back is that entry
			}
		}
	}
	if entry.Amount == 0 && entry.Fee == 0 {
		return nil
	}
	entry.At = s.Clock()
	entry.ID = core.NewID(entry.At)
	entry.Day, entry.Corrects = core.EntryDay(about, entry.At)
	return tx.AppendEntry(ctx, entry)
}

// bookPayment books a payment that changed from a state.
func (s *Service) bookPayment(ctx context.Context, tx core.TenantTx, p core.Payment, from core.PaymentState) error {
	if p.State == from || p.State != core.PaymentSucceeded && from != core.PaymentSucceeded {
		return nil
	}
	m := paymentMovement(p)
	m.reopened = s.payments.Final(from)
	return s.book(ctx, tx, m)
}

func paymentMovement(p core.Payment) movement {
	m := movement{kind: core.EntryPayment, tenant: p.TenantID, object: p.ID, account: p.AccountID, store: p.StoreID}
	if p.State == core.PaymentSucceeded {
		m.amount, m.fee, m.moved = p.Amount.Minor, p.Fee, p.SucceededAt
	}
	return m
}

// bookRefund books a refund that changed from a state.
func (s *Service) bookRefund(ctx context.Context, tx core.TenantTx, r core.Refund, from core.RefundState) error {
	if r.State == from || r.State != core.RefundSucceeded && from != core.RefundSucceeded {
		return nil
	}
	m, err := refundMovement(ctx, tx, r)
	if err != nil {
		return err
	}
	m.reopened = s.refunds.Final(from)
	return s.book(ctx, tx, m)
}

// refundMovement counts a refund to the store of its payment.
func refundMovement(ctx context.Context, tx core.TenantTx, r core.Refund) (movement, error) {
	m := movement{kind: core.EntryRefund, tenant: r.TenantID, object: r.ID, account: r.AccountID}
	if r.State != core.RefundSucceeded {
		return m, nil
	}
	p, err := tx.Payment(ctx, r.PaymentID)
	m.amount, m.store, m.moved = -r.Amount.Minor, p.StoreID, r.SucceededAt
	return m, err
}

// bookPayout books a payout that changed from a state.
func (s *Service) bookPayout(ctx context.Context, tx core.TenantTx, p core.Payout, from core.PayoutState) error {
	if p.State == from || p.State != core.PayoutSucceeded && from != core.PayoutSucceeded {
		return nil
	}
	m := payoutMovement(p)
	m.reopened = s.payouts.Final(from)
	return s.book(ctx, tx, m)
}

// payoutMovement keeps the fee of a payout that the bank gave back: see chargePayout.
func payoutMovement(p core.Payout) movement {
	m := movement{kind: core.EntryPayout, tenant: p.TenantID, object: p.ID, account: p.AccountID, fee: p.Fee}
	if p.State == core.PayoutSucceeded {
		m.amount, m.moved = -p.Amount.Minor, p.FinishedAt
		if !p.PaidAt.IsZero() {
			m.moved = p.PaidAt
		}
	}
	return m
}

// RepairBooks books what a comparison found missing or wrong, as corrections that become known
// now, and gives how many orders that were. Nothing that was booked is changed. It is for what
// was moved by a version that kept no books, beside which this one was started.
func (s *Service) RepairBooks(ctx context.Context, tenant core.ID) (repaired int64, err error) {
	verdict, err := s.Database.VerifyBooks(ctx, tenant)
	for err == nil && verdict.Wrong > 0 {
		for _, gap := range verdict.Example {
			if err := s.repair(ctx, tenant, gap); err != nil {
				return repaired, err
			}
			repaired++
		}
		before := verdict.Wrong
		if verdict, err = s.Database.VerifyBooks(ctx, tenant); err == nil && verdict.Wrong >= before {
			return repaired, core.Errorf(core.CodeConflict, "%d orders still differ from their entries.", verdict.Wrong)
		}
	}
	return repaired, err
}

func (s *Service) repair(ctx context.Context, tenant core.ID, gap core.BooksGap) error {
	return s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		m, err := movementNow(ctx, tx, gap)
		if err != nil {
			return err
		}
		m.reopened = true
		return s.book(ctx, tx, m)
	})
}

// movementNow is what the order holds.
func movementNow(ctx context.Context, tx core.TenantTx, gap core.BooksGap) (movement, error) {
	switch gap.Kind {
	case core.EntryPayment:
		p, err := tx.Payment(ctx, gap.ObjectID)
		return paymentMovement(p), err
	case core.EntryRefund:
		r, err := tx.Refund(ctx, gap.ObjectID)
		if err != nil {
			return movement{}, err
		}
		return refundMovement(ctx, tx, r)
	case core.EntryPayout:
		p, err := tx.Payout(ctx, gap.ObjectID)
		return payoutMovement(p), err
	}
	return movement{}, core.NotFound("order")
}
