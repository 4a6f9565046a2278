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
	m := movement{kind: core.EntryPayment, tenant: p.TenantID, object: p.ID, account: p.AccountID, store: p.StoreID, reopened: s.payments.Final(from)}
	if p.State == core.PaymentSucceeded {
		m.amount, m.fee, m.moved = p.Amount.Minor, p.Fee, p.SucceededAt
	}
	return s.book(ctx, tx, m)
}

// bookRefund books a refund that changed from a state. It counts to the store of its payment.
func (s *Service) bookRefund(ctx context.Context, tx core.TenantTx, r core.Refund, from core.RefundState) error {
	if r.State == from || r.State != core.RefundSucceeded && from != core.RefundSucceeded {
		return nil
	}
	m := movement{kind: core.EntryRefund, tenant: r.TenantID, object: r.ID, account: r.AccountID, reopened: s.refunds.Final(from)}
	if r.State == core.RefundSucceeded {
		p, err := tx.Payment(ctx, r.PaymentID)
		if err != nil {
			return err
		}
		m.amount, m.store, m.moved = -r.Amount.Minor, p.StoreID, r.SucceededAt
	}
	return s.book(ctx, tx, m)
}

// bookPayout books a payout that changed from a state. The fee of one that the bank gave back
// stays: see chargePayout.
func (s *Service) bookPayout(ctx context.Context, tx core.TenantTx, p core.Payout, from core.PayoutState) error {
	if p.State == from || p.State != core.PayoutSucceeded && from != core.PayoutSucceeded {
		return nil
	}
	m := movement{kind: core.EntryPayout, tenant: p.TenantID, object: p.ID, account: p.AccountID, fee: p.Fee, reopened: s.payouts.Final(from)}
	if p.State == core.PayoutSucceeded {
		m.amount, m.moved = -p.Amount.Minor, p.FinishedAt
		if !p.PaidAt.IsZero() {
			m.moved = p.PaidAt
		}
	}
	return s.book(ctx, tx, m)
}
