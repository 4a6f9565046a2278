package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// lineBatch is how many lines of a bill are read or written at once.
const lineBatch = 2000

// openBill finds the bill of the source that was begun and not completed, or begins one.
func (s *Service) openBill(ctx context.Context, w *dayWork, source billSource, how core.BillSource) (core.Bill, error) {
	for _, b := range w.bills {
		if b.State == core.BillReading && b.Scope == source.scope && b.Source == how {
			return b, nil
		}
	}
	now := s.Clock()
	b := core.Bill{
		TenantID: w.day.TenantID, ID: core.NewID(now), AccountID: w.account.ID, Provider: w.account.Provider, Day: w.day.Day, Scope: source.scope,
		Source: how, State: core.BillReading, Kinds: source.kinds(), CreatedAt: now,
	}
	err := s.inTenant(ctx, w, func(tx core.TenantTx) error { return tx.InsertBill(ctx, b) })
	w.bills = append(w.bills, b)
	return b, err
}

// addLines appends to a bill that is being read, in its order, and remembers how far it is.
func (s *Service) addLines(ctx context.Context, b core.Bill, lines []core.StoredLine) (core.Bill, error) {
	for i := range lines {
		lines[i].N = b.Lines + int64(i) + 1
	}
	err := s.Database.InTenant(ctx, b.TenantID, func(tx core.TenantTx) error { return tx.AddBillLines(ctx, b, lines) })
	if err == nil {
		b.Version++
		b.Lines += int64(len(lines))
	}
	return b, err
}

// finishBill makes a bill current, unless it says what the current one says: then nothing is new.
// A new one makes the neighbouring days look again.
func (s *Service) finishBill(ctx context.Context, b core.Bill, totals []core.MovementTotal) error {
	hash, err := s.hashBill(ctx, b, totals)
	if err != nil {
		return err
	}
	b.Hash, b.ReadyAt = hash, s.Clock()
	return s.Database.InTenant(ctx, b.TenantID, func(tx core.TenantTx) error {
		bills, err := tx.Bills(ctx, b.AccountID, b.Day)
		if err != nil {
			return err
		}
		was, same := sameBill(bills, b)
		if b.State = core.BillReady; same {
			b.State = core.BillFailed
		}
		if err := tx.SetBillTotals(ctx, b, totals); err != nil {
			return err
		}
		if err := tx.FinishBill(ctx, b); err != nil || b.State == core.BillFailed {
			return err
		}
		return s.tellNeighbours(ctx, tx, b, was)
	})
}

// sameBill says whether a bill is current in the place of b, and whether it says the same. Answers
// about single orders belong to the sums that raised the questions: those to older sums are not the same.
func sameBill(bills []core.Bill, b core.Bill) (there, same bool) {
	var stated time.Time
	for _, was := range bills {
		if was.State == core.BillReady && was.Scope == b.Scope && was.Source == core.BillFromTotals {
			stated = was.ReadyAt
		}
	}
	for _, was := range bills {
		beside := (was.Source == core.BillFromTotals) != (b.Source == core.BillFromTotals)
		if was.State != core.BillReady || was.Scope != b.Scope || beside {
			continue
		}
		there = true
		same = bytes.Equal(was.Hash, b.Hash) && (b.Source != core.BillFromQuery || !was.ReadyAt.Before(stated))
	}
	return there, same
}

// tellNeighbours has the days beside a new bill's compared again: orders near midnight may stand
// on it that they waited for, or no more stand on it when it supersedes another.
func (s *Service) tellNeighbours(ctx context.Context, tx core.TenantTx, b core.Bill, supersedes bool) error {
	if err := s.tellNeighbour(ctx, tx, b, b.Day.Next(-1), supersedes); err != nil {
		return err
	}
	return s.tellNeighbour(ctx, tx, b, b.Day.Next(1), supersedes)
}

// tellDays has a bill's own day compared as well, for one that came by itself. Days are taken in
// their order everywhere, so that two bills at once do not wait for each other.
func (s *Service) tellDays(ctx context.Context, tx core.TenantTx, b core.Bill) error {
	now := s.Clock()
	if err := s.tellNeighbour(ctx, tx, b, b.Day.Next(-1), true); err != nil {
		return err
	}
	if _, err := tx.OpenDay(ctx, b.AccountID, b.Day, now, now); err != nil {
		return err
	}
	return s.tellNeighbour(ctx, tx, b, b.Day.Next(1), true)
}

func (s *Service) tellNeighbour(ctx context.Context, tx core.TenantTx, b core.Bill, day core.Day, supersedes bool) error {
	now := s.Clock()
	d, err := tx.ReconciliationDayOf(ctx, b.AccountID, day)
	if core.CodeOf(err) == core.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	switch compared := d.State == core.DayClean || d.State == core.DayOpen; {
	case d.State == core.DayRunning:
		// What it read may be from before: it is compared once more.
		_, err = tx.OpenDay(ctx, b.AccountID, day, now, now)
	case compared && (d.Carried > 0 || supersedes):
		d.Reason, d.NextCheckAt = reasonNewBill, now
		err = tx.UpdateReconciliationDay(ctx, d)
	}
	return err
}

// hashBill is the same for the same lines in any order: lists are not sorted the same way twice.
func (s *Service) hashBill(ctx context.Context, b core.Bill, totals []core.MovementTotal) ([]byte, error) {
	var sum [sha256.Size]byte
	for _, t := range totals {
		addHash(&sum, func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "total\x00%s\x00%s\x00%d\x00%d\x00%d", t.Kind, t.Method, t.Count, t.Amount, t.Fee)
		})
	}
	for after := int64(0); ; {
		var lines []core.StoredLine
		err := s.Database.InTenant(ctx, b.TenantID, func(tx core.TenantTx) (err error) {
			lines, err = tx.BillLinesAfter(ctx, b.ID, after, lineBatch)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			addHash(&sum, func(w io.Writer) {
				_, _ = fmt.Fprintf(w, "line\x00%s\x00%s\x00%s\x00%s\x00%d\x00%t\x00%d\x00%d\x00%s\x00%s",
					l.Kind, l.Number, l.ProviderNumber, l.Outcome, l.Amount.Minor, l.Fee.Currency != "", l.Fee.Minor, l.At.UnixMicro(), l.Method, l.Status)
			})
		}
		if len(lines) < lineBatch {
			return sum[:], nil
		}
		after = lines[len(lines)-1].N
	}
}

// addHash adds the hash of what write writes to the sum, as numbers of 256 bits are added.
func addHash(sum *[sha256.Size]byte, write func(io.Writer)) {
	h := sha256.New()
	write(h)
	part := h.Sum(nil)
	var carry uint64
	for i := len(sum) - 8; i >= 0; i -= 8 {
		a, b := binary.BigEndian.Uint64(sum[i:]), binary.BigEndian.Uint64(part[i:])
		var total uint64
		total, carry = bits.Add64(a, b, carry)
		binary.BigEndian.PutUint64(sum[i:], total)
	}
}
