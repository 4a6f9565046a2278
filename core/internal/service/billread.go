package service

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// billBatch is how many lines are written in one transaction, and numbered or removed in one.
	billBatch = 2000
	// clearBatch is how many chunks are removed in one.
	clearBatch = 16
	// repeatedPart is how many lines are sorted at once to find those that stand twice.
	repeatedPart = 1_000_000
	// ownNumbers is from how many of our numbers on a file without one known order is another
	// account's.
	ownNumbers = 20
	// strangers is how many numbers of one file that this merchant does not have are looked up
	// over all merchants.
	strangers = 200
	// otherDayRows is how many rows of another day are named one by one.
	otherDayRows = 10
)

// The codes of what only the whole of a file, or our orders, can tell.
const (
	faultOtherDay     = "other_day"
	faultOtherAccount = "other_account"
	faultTwice        = "duplicate"
	faultTotals       = "total_disagrees"
	faultOpenEnd      = "open_end"
	faultNoRows       = "no_rows"
)

// checkDueBillImport reads a file that was brought, gives one up that was never completed, or
// clears away what an ended import leaves.
func (s *Service) checkDueBillImport(ctx context.Context, due core.Due) error {
	i, err := s.storedImport(ctx, due.TenantID, due.ID)
	if err != nil {
		return err
	}
	switch {
	case i.NextCheckAt.IsZero() || i.NextCheckAt.After(s.Clock()):
		return s.Database.ReleaseDue(ctx, due)
	case i.State == core.ImportReading:
		return s.readBill(ctx, i)
	case i.State == core.ImportReceiving:
		i.State, i.FinishedAt, i.NextCheckAt = core.ImportCanceled, s.Clock(), s.Clock()
		return s.Database.InTenant(ctx, i.TenantID, func(tx core.TenantTx) error {
			if err := tx.UpdateBillImport(ctx, i, core.ImportReceiving); err != nil {
				return err
			}
			return s.recordImport(ctx, tx, core.Identity{Actor: systemActor, TenantID: i.TenantID}, i, "bill_import.give_up")
		})
	}
	return s.clearImport(ctx, i)
}

// clearImport removes the file, and the lines of a bill that nothing became of.
func (s *Service) clearImport(ctx context.Context, i core.BillImport) error {
	if i.State != core.ImportDone && !i.BillID.IsZero() {
		if err := s.dropBill(ctx, i.TenantID, i.BillID); err != nil {
			return err
		}
	}
	for {
		var n int
		err := s.Database.InTenant(ctx, i.TenantID, func(tx core.TenantTx) (err error) {
			n, err = tx.RemoveChunks(ctx, i.ID, clearBatch)
			return err
		})
		if err != nil {
			return err
		}
		if n < clearBatch {
			break
		}
	}
	i.NextCheckAt = time.Time{}
	return s.Database.InTenant(ctx, i.TenantID, func(tx core.TenantTx) error { return tx.UpdateBillImport(ctx, i, i.State) })
}

// dropBill marks a bill that was being read as failed and removes its lines.
func (s *Service) dropBill(ctx context.Context, tenant, id core.ID) error {
	err := s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error { return failBill(ctx, tx, id) })
	for err == nil {
		var n int
		err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) (err error) {
			n, err = tx.RemoveBillLines(ctx, id, billBatch)
			return err
		})
		if n < billBatch {
			break
		}
	}
	return err
}

func failBill(ctx context.Context, tx core.TenantTx, id core.ID) error {
	b, err := tx.Bill(ctx, id)
	if err != nil || b.State != core.BillReading {
		return err
	}
	b.State = core.BillFailed
	return tx.FinishBill(ctx, b)
}

// readBill takes a file in, whole or not at all: its lines go to a bill that nobody compares
// with until the last of them was found right.
func (s *Service) readBill(ctx context.Context, i core.BillImport) error {
	t, err := s.beginBill(ctx, i)
	if err != nil {
		return err
	}
	s.Hook("bill.begun")
	file := &chunkedFile{ctx: ctx, service: s, of: t.of, chunks: i.Chunks()}
	facts, err := s.BillReader.ReadBill(file, i.Mapping, t.line, t.report)
	if err == nil {
		err = t.flush()
	}
	if err != nil {
		return err
	}
	s.Hook("bill.read")
	t.judge(facts)
	if t.of.ErrorCount == 0 {
		if err := t.settleNumbers(); err != nil {
			return err
		}
	}
	if t.of.ErrorCount > 0 {
		return t.refuse()
	}
	return t.finish()
}

// beginBill begins a bill of its own for each attempt. What the attempt before left is removed
// first: the import points at it until then.
func (s *Service) beginBill(ctx context.Context, i core.BillImport) (*billTaking, error) {
	if !i.BillID.IsZero() {
		if err := s.dropBill(ctx, i.TenantID, i.BillID); err != nil {
			return nil, err
		}
		i.Restarts++
	}
	now := s.Clock()
	b := core.Bill{
		TenantID: i.TenantID, ID: core.NewID(now), AccountID: i.AccountID, Provider: i.Provider, Day: i.Day, Scope: i.Scope, Source: core.BillFromFile,
		State: core.BillReading, Kinds: kindsShown(i.Mapping), ImportID: i.ID, CreatedAt: now,
	}
	i.BillID = b.ID
	err := s.Database.InTenant(ctx, i.TenantID, func(tx core.TenantTx) error {
		if err := tx.InsertBill(ctx, b); err != nil {
			return err
		}
		return tx.ClaimBillImport(ctx, i)
	})
	i.Version++
	from, to := i.Day.Near()
	return &billTaking{ctx: ctx, service: s, of: i, bill: b, from: from, to: to, otherDays: map[core.Day]int64{}}, err
}

// kindsShown are the movements that a file of the mapping has all of.
func kindsShown(m core.BillMapping) []core.MovementKind {
	kinds := map[core.MovementKind]bool{}
	for _, kind := range m.Kinds {
		kinds[core.MovementKind(kind)] = true
	}
	if len(m.Kinds) == 0 {
		kinds[core.MovementPayment] = true
		kinds[core.MovementRefund] = m.Columns[core.BillRefundNo] != "" || m.Columns[core.BillProviderRefundNo] != ""
	}
	var out []core.MovementKind
	for _, kind := range []core.MovementKind{core.MovementPayment, core.MovementReversal, core.MovementRefund, core.MovementPayout} {
		if kinds[kind] {
			out = append(out, kind)
		}
	}
	return out
}

// chunkedFile reads a stored file, a chunk at a time.
type chunkedFile struct {
	ctx     context.Context //nolint:containedctx // an io.Reader has no other way to be told
	service *Service
	of      core.BillImport
	chunks  int
	next    int
	rest    []byte
}

// Read implements io.Reader.
func (f *chunkedFile) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		if f.next == f.chunks {
			return 0, io.EOF
		}
		err := f.service.Database.InTenant(f.ctx, f.of.TenantID, func(tx core.TenantTx) (err error) {
			f.rest, err = tx.Chunk(f.ctx, f.of.ID, f.next)
			return err
		})
		if err != nil {
			return 0, fmt.Errorf("service: chunk %d of a bill file: %w", f.next, err)
		}
		f.next++
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// billTaking is a bill on its way in.
type billTaking struct {
	ctx      context.Context //nolint:containedctx // one attempt, called back by the reader
	service  *Service
	of       core.BillImport
	bill     core.Bill
	from, to time.Time // what may stand on the day
	batch    []core.StoredLine
	sum      big.Int // of the lines' hashes

	otherDays map[core.Day]int64 // how many rows are of which
	firstDay  int64              // the first such row
	numbered  int64              // lines with a number of ours
	known     int64              // of them, those of an order of the account
	asked     int                // how many unknown ones were looked up over all merchants
	stranger  bool               // one of them is another merchant's
}

// report keeps what is wrong; the first MaxRowErrors of it.
func (t *billTaking) report(e core.BillRowError) bool {
	t.of.ErrorCount++
	if len(t.of.Errors) < core.MaxRowErrors {
		t.of.Errors = append(t.of.Errors, e)
	}
	return t.ctx.Err() == nil
}

// first puts what is wrong with the file as a whole before what is wrong with its rows.
func (t *billTaking) first(e core.BillRowError) {
	t.of.ErrorCount++
	t.of.Errors = slices.Insert(t.of.Errors, 0, e)
	t.of.Errors = t.of.Errors[:min(len(t.of.Errors), core.MaxRowErrors)]
}

// rowFault is a fault with its place in the sentence.
func rowFault(row int64, column, code, en, zh string) core.BillRowError {
	e := core.BillRowError{Row: row, Column: column, Code: code, Message: core.Text{EN: en, ZH: zh}}
	if row == 0 {
		return e
	}
	at, place := "Row "+strconv.FormatInt(row, 10), "第 "+strconv.FormatInt(row, 10)+" 行"
	if column != "" {
		at, place = at+", column “"+column+"”", place+"“"+column+"”列"
	}
	e.Message.EN, e.Message.ZH = at+": "+en, place+"："+zh
	return e
}

// line takes one line. Of a file with errors nothing more is written; it is only read on.
func (t *billTaking) line(l core.StoredLine) error {
	if l.At.Before(t.from) || !l.At.Before(t.to) {
		t.otherDay(l)
	}
	t.count(l)
	t.batch = append(t.batch, l)
	if len(t.batch) < billBatch {
		return nil
	}
	return t.flush()
}

func (t *billTaking) otherDay(l core.StoredLine) {
	day := core.DayOf(l.At)
	if len(t.otherDays) == 0 {
		t.firstDay = l.N
	}
	if t.otherDays[day] > 0 || len(t.otherDays) < maxMappingWords {
		t.otherDays[day]++
	}
	at := l.At.In(core.Beijing()).Format(time.DateTime)
	e := rowFault(l.N, t.of.Mapping.Columns[core.BillTime], faultOtherDay, at+" is not of "+string(t.of.Day)+".", at+" 不属于 "+string(t.of.Day)+"。")
	if len(t.of.Errors) < otherDayRows {
		t.report(e)
		return
	}
	t.of.ErrorCount++
}

// count adds the line to the content's hash: a sum, so that the order of lines does not matter.
func (t *billTaking) count(l core.StoredLine) {
	h := sha256.New()
	for _, part := range []string{string(l.Kind), l.Number, l.ProviderNumber, string(l.Outcome), string(l.Fee.Currency), l.Method, l.Status} {
		_ = binary.Write(h, binary.BigEndian, int64(len(part)))
		_, _ = io.WriteString(h, part)
	}
	for _, n := range []int64{l.Amount.Minor, l.Fee.Minor, l.At.UnixMicro()} {
		_ = binary.Write(h, binary.BigEndian, n)
	}
	t.sum.Add(&t.sum, new(big.Int).SetBytes(h.Sum(nil)))
}

// flush writes a batch and holds its numbers against our orders.
func (t *billTaking) flush() error {
	batch := t.batch
	t.batch = t.batch[:0]
	if len(batch) == 0 {
		return t.ctx.Err()
	}
	var numbers []string
	for _, l := range batch {
		if l.Number != "" {
			numbers = append(numbers, l.Number)
		}
	}
	var accounts map[string]core.ID
	err := t.service.Database.InTenant(t.ctx, t.of.TenantID, func(tx core.TenantTx) (err error) {
		if accounts, err = tx.AccountsOfNumbers(t.ctx, numbers); err != nil || t.of.ErrorCount > 0 {
			return err
		}
		return tx.AddBillLines(t.ctx, t.bill, batch)
	})
	if err != nil {
		return err
	}
	t.service.Hook("bill.batch")
	if t.of.ErrorCount == 0 {
		t.bill.Version++
		t.bill.Lines += int64(len(batch))
	}
	return t.ownOrders(batch, accounts)
}

// ownOrders looks for orders that are ours and are not of this account.
func (t *billTaking) ownOrders(batch []core.StoredLine, accounts map[string]core.ID) error {
	var unknown []core.StoredLine
	for _, l := range batch {
		if l.Number == "" {
			continue
		}
		t.numbered++
		account, found := accounts[l.Number]
		switch {
		case !found:
			unknown = append(unknown, l)
		case account != t.of.AccountID:
			t.report(rowFault(l.N, t.column(l.Kind), faultOtherAccount, "order "+l.Number+" is one of another of your accounts: the file is that account's.",
				"订单 "+l.Number+" 属于您的另一个账户：这是那个账户的账单。"))
		default:
			t.known++
		}
	}
	unknown = unknown[:min(len(unknown), strangers-t.asked)]
	if len(unknown) == 0 || t.stranger {
		return nil
	}
	t.asked += len(unknown)
	return t.service.Database.InDirectory(t.ctx, func(tx core.DirectoryTx) error {
		for _, l := range unknown {
			owner, err := tx.TenantOfOrder(t.ctx, l.Number)
			if err == nil && owner != t.of.TenantID {
				t.stranger = true
				t.report(rowFault(l.N, t.column(l.Kind), faultOtherAccount, "order "+l.Number+" is not one of this merchant's: the file is another merchant's.",
					"订单 "+l.Number+" 不属于本商户：这是其他商户的账单。"))
				return nil
			}
			if err != nil && core.CodeOf(err) != core.CodeNotFound {
				return err
			}
		}
		return nil
	})
}

// column is the heading under which the number of a kind stands.
func (t *billTaking) column(kind core.MovementKind) string {
	return t.of.Mapping.Columns[core.BillNumberField(kind)]
}

// judge says what only the whole of the file shows.
func (t *billTaking) judge(f core.BillFacts) {
	i := &t.of
	i.Encoding, i.Rows, i.Skipped = f.Encoding, f.Rows, f.Skipped
	slices.SortStableFunc(i.Errors, func(a, b core.BillRowError) int { return cmp.Compare(a.Row, b.Row) })
	clean := i.ErrorCount == 0
	if len(t.otherDays) > 0 {
		t.first(t.otherDaysFault())
	}
	if t.numbered >= ownNumbers && t.known == 0 && !t.stranger {
		t.first(rowFault(0, "", faultOtherAccount, fmt.Sprintf("Not one of the %d orders of the file is known to this account: it is another account's, or the column of our order number is another.", t.numbered),
			fmt.Sprintf("文件中的 %d 笔订单都不属于本账户：这是其他账户的账单，或“我方订单号”选错了列。", t.numbered)))
	}
	if i.ExpectedCount >= 0 && i.ExpectedCount != f.Rows && i.ExpectedCount != f.Rows-f.Skipped {
		t.first(rowFault(0, "", faultTotals, fmt.Sprintf("%d rows were expected and the file has %d.", i.ExpectedCount, f.Rows), fmt.Sprintf("预期 %d 笔，文件中有 %d 笔。", i.ExpectedCount, f.Rows)))
	}
	if sum := f.Sums[i.Mapping.TotalOf]; clean && i.ExpectedAmount != -1 && i.ExpectedAmount != sum {
		t.first(rowFault(0, "", faultTotals, fmt.Sprintf("A total of %s was expected and the rows make %s.", core.Fen(i.ExpectedAmount), core.Fen(sum)),
			fmt.Sprintf("预期合计 %s，各行相加为 %s。", core.Fen(i.ExpectedAmount), core.Fen(sum))))
	}
	expected := i.ExpectedCount >= 0 || i.ExpectedAmount != -1
	if f.Rows == 0 && clean && !f.Totals && !expected {
		t.first(rowFault(0, "", faultNoRows, "The file has no rows below its heading. If nothing moved that day, say that 0 rows are expected.", "标题行下没有数据。如果当天没有交易，请填写预期笔数 0。"))
	}
	if f.Rows > 0 && clean && f.OpenEnd > 0 && !f.Totals && !expected {
		t.first(rowFault(f.OpenEnd, "", faultOpenEnd, "the last row ends without a line break and the file states no totals: it may be cut off. Say how many rows are expected.",
			"最后一行没有换行符，文件也没有合计：可能被截断。请填写预期笔数。"))
	}
}

func (t *billTaking) otherDaysFault() core.BillRowError {
	var total, most int64
	var day core.Day
	for d, n := range t.otherDays {
		total += n
		if n > most || n == most && d < day {
			day, most = d, n
		}
	}
	column := t.of.Mapping.Columns[core.BillTime]
	return rowFault(t.firstDay, column, faultOtherDay,
		fmt.Sprintf("from here on %d rows are not of %s, most of them of %s: name that day, or take another file.", total, t.of.Day, day),
		fmt.Sprintf("从此行起共有 %d 行不属于 %s，多数属于 %s：请选择该日期或换一个文件。", total, t.of.Day, day))
}

// settleNumbers finds our numbers by the provider's, and then what stands twice.
func (t *billTaking) settleNumbers() error {
	s := t.service
	for after, more := int64(0), true; more; more = after > 0 {
		err := s.Database.InTenant(t.ctx, t.of.TenantID, func(tx core.TenantTx) (err error) {
			after, err = tx.NumberBillLines(t.ctx, t.bill.ID, after, billBatch)
			return err
		})
		if err != nil {
			return err
		}
	}
	parts := int(t.bill.Lines/repeatedPart) + 1
	for part := range parts {
		var repeated []core.RepeatedLine
		err := s.Database.InTenant(t.ctx, t.of.TenantID, func(tx core.TenantTx) (err error) {
			repeated, err = tx.RepeatedLines(t.ctx, t.bill.ID, part, parts, core.MaxRowErrors)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range repeated {
			number := r.Number
			if number == "" {
				number = r.ProviderNumber
			}
			t.report(rowFault(r.N, t.column(r.Kind), faultTwice, fmt.Sprintf("%s %s stands in row %d already.", r.Kind, number, r.First), fmt.Sprintf("单号 %s 与第 %d 行重复。", number, r.First)))
		}
	}
	return nil
}

// refuse ends the import with what is wrong. The lines are removed at once, the file later.
func (t *billTaking) refuse() error {
	i := t.of
	i.State, i.FinishedAt, i.NextCheckAt = core.ImportInvalid, t.service.Clock(), t.service.Clock().Add(invalidKept)
	err := t.service.Database.InTenant(t.ctx, i.TenantID, func(tx core.TenantTx) error {
		if err := failBill(t.ctx, tx, t.bill.ID); err != nil {
			return err
		}
		return t.end(tx, i)
	})
	if err != nil {
		return err
	}
	return t.service.dropBill(t.ctx, i.TenantID, t.bill.ID)
}

// finish makes the bill current, unless just this is the day's bill already, and has the day
// compared with it.
func (t *billTaking) finish() error {
	b := t.bill
	b.Hash = t.hash()
	same, err := t.service.sameBill(t.ctx, b)
	if err != nil {
		return err
	}
	now := t.service.Clock()
	i := t.of
	i.State, i.FinishedAt, i.NextCheckAt, i.Unchanged = core.ImportDone, now, now, !same.IsZero()
	b.State, b.ReadyAt = core.BillReady, now
	if i.Unchanged {
		i.BillID = same
		if err := t.service.dropBill(t.ctx, i.TenantID, b.ID); err != nil {
			return err
		}
	}
	return t.service.Database.InTenant(t.ctx, i.TenantID, func(tx core.TenantTx) error {
		if !i.Unchanged {
			if err := tx.FinishBill(t.ctx, b); err != nil {
				return err
			}
		}
		if err := t.end(tx, i); err != nil {
			return err
		}
		return t.service.tellDays(t.ctx, tx, b)
	})
}

// hash is that of the content: of the lines in any order, and of what they are all of.
func (t *billTaking) hash() []byte {
	h := sha256.New()
	_, _ = h.Write(t.sum.Bytes())
	for _, kind := range t.bill.Kinds {
		_, _ = io.WriteString(h, " "+string(kind))
	}
	return h.Sum(nil)
}

// end writes how the import ended, and that it did.
func (t *billTaking) end(tx core.TenantTx, i core.BillImport) error {
	if err := tx.UpdateBillImport(t.ctx, i, core.ImportReading); err != nil {
		return err
	}
	return t.service.recordImport(t.ctx, tx, core.Identity{Actor: systemActor, TenantID: i.TenantID}, i, "bill_import.read")
}

// sameBill is the day's current bill by file with the same content, or zero.
func (s *Service) sameBill(ctx context.Context, b core.Bill) (core.ID, error) {
	var bills []core.Bill
	err := s.Database.InTenant(ctx, b.TenantID, func(tx core.TenantTx) (err error) {
		bills, err = tx.Bills(ctx, b.AccountID, b.Day)
		return err
	})
	for _, current := range bills {
		if current.State == core.BillReady && current.Source == core.BillFromFile && current.Scope == b.Scope && bytes.Equal(current.Hash, b.Hash) {
			return current.ID, nil
		}
	}
	return core.ID{}, err
}
