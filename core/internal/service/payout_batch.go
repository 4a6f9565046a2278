package service

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// batchPace is the time between two payouts of a file: a provider is not flooded, and people
// who see something wrong can still act.
const batchPace = 200 * time.Millisecond

// CreatePayoutBatch takes a file in, whole or not at all.
func (s *Service) CreatePayoutBatch(ctx context.Context, in core.CreatePayoutBatchInput) (core.PayoutBatchReply, error) {
	id, tenant, err := s.allowPayouts(ctx)
	if err != nil {
		return core.PayoutBatchReply{}, err
	}
	if err := checkText("file_name", in.FileName, 0, 200); err != nil {
		return core.PayoutBatchReply{}, err
	}
	if err := checkText("note", in.Note, 0, 200); err != nil {
		return core.PayoutBatchReply{}, err
	}
	hash := s.fileHash(in.File)
	key := s.batchKey(id, in, hash)
	b, rows, err := s.readBatch(ctx, id, tenant, in, hash, key.ObjectID)
	if err != nil {
		saved, err := s.replayOr(ctx, tenant, key, err)
		return s.answerBatch(ctx, tenant, saved, true, err)
	}
	var payouts []core.Payout
	if b.State != core.BatchInvalid {
		if payouts, err = s.batchPayouts(ctx, id, b, rows); err != nil {
			return core.PayoutBatchReply{}, err
		}
	}
	needed, err := s.neededApprovals(ctx, id, tenant, core.ApprovePayoutBatch, b.Amount)
	if err != nil {
		return core.PayoutBatchReply{}, err
	}
	replayed, err := s.writeBatch(ctx, id, &b, payouts, key, needed, in.Note)
	if core.CodeOf(err) == core.CodeOutcomeUnknown {
		if _, readErr := s.readStoredBatch(ctx, tenant, b.ID); readErr == nil {
			err = nil
		}
	}
	return s.answerBatch(ctx, tenant, b.ID, replayed, err)
}

// fileHash is keyed: a file holds payees, whose plain hash could be guessed.
func (s *Service) fileHash(file []byte) []byte {
	mac := hmac.New(sha256.New, s.HashKey.Reveal())
	mac.Write(file) // never fails
	return mac.Sum(nil)
}

func (s *Service) batchKey(id core.Identity, in core.CreatePayoutBatchInput, hash []byte) core.IdempotencyKey {
	in.File = nil
	return s.idempotencyKey(id, operationCreateBatch, in.IdempotencyKey, struct {
		Input core.CreatePayoutBatchInput
		File  string
	}{in, hex.EncodeToString(hash)})
}

// readBatch reads the file and says what is wrong with it. Nothing is written.
func (s *Service) readBatch(ctx context.Context, id core.Identity, tenant core.ID, in core.CreatePayoutBatchInput, hash []byte, batch core.ID) (core.PayoutBatch, payoutRows, error) {
	now := s.Clock()
	b := core.PayoutBatch{
		TenantID: tenant, ID: batch, FileName: in.FileName, FileHash: hash, Again: in.Again, State: core.BatchPendingApproval,
		Amount: core.Fen(0), CreatedBy: id.Actor, CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	route, err := s.routePayout(ctx, tenant, in.AccountID)
	if err != nil {
		return b, payoutRows{}, err
	}
	b.AccountID, b.Provider = route.account.ID, route.account.Provider
	table, err := s.PayoutFiles.Read(in.File)
	if err != nil {
		return b, payoutRows{}, err
	}
	b.Encoding, b.Rows = table.Encoding, len(table.Rows)
	rows := readPayoutRows(table, route.spec)
	if err := s.compareBatch(ctx, b, &rows); err != nil {
		return b, rows, err
	}
	if rows.count > 0 {
		b.State, b.Errors, b.ErrorCount = core.BatchInvalid, rows.errors, rows.count
		return b, rows, nil
	}
	for _, r := range rows.inputs {
		b.Amount.Minor += r.Amount.Minor // at most 5,000 of ten digits
	}
	for _, ask := range rows.asks() {
		if err := s.early(ctx, route, ask); err != nil {
			return b, rows, err
		}
	}
	return b, rows, nil
}

// compareBatch looks for what was paid before: the same file, or the same numbers.
func (s *Service) compareBatch(ctx context.Context, b core.PayoutBatch, rows *payoutRows) error {
	var numbers []string
	for _, r := range rows.inputs {
		if r.MerchantPayoutNo != "" {
			numbers = append(numbers, r.MerchantPayoutNo)
		}
	}
	return s.Database.InTenant(ctx, b.TenantID, func(tx core.TenantTx) error {
		if earlier, err := tx.PayoutBatchByHash(ctx, b.FileHash); err == nil && !b.Again {
			return sameFile(earlier)
		} else if err != nil && core.CodeOf(err) != core.CodeNotFound {
			return err
		}
		if len(numbers) == 0 {
			return nil
		}
		used, err := tx.UsedPayoutNumbers(ctx, numbers)
		rows.used(used)
		return err
	})
}

func sameFile(earlier core.PayoutBatch) error {
	name := earlier.ID.Prefixed(core.PrefixPayoutBatch)
	return core.Errorf(core.CodeConflict, "The same file was taken in at %s as the batch %s. Send it with again if it is to be paid once more.",
		earlier.CreatedAt.In(core.Beijing()).Format(time.DateTime), name).At("file").With("batch_id", name)
}

func (s *Service) batchPayouts(ctx context.Context, id core.Identity, b core.PayoutBatch, rows payoutRows) ([]core.Payout, error) {
	route := payoutRoute{account: core.ProviderAccount{ID: b.AccountID, Provider: b.Provider}}
	out := make([]core.Payout, 0, len(rows.inputs))
	for i, in := range rows.inputs {
		p, err := s.newPayout(ctx, id, b.TenantID, in, route, core.NewID(b.CreatedAt))
		if err != nil {
			return nil, err
		}
		p.BatchID, p.BatchRow, p.CreatedAt, p.UpdatedAt = b.ID, rows.lines[i], b.CreatedAt, b.CreatedAt
		out = append(out, p)
	}
	return out, nil
}

// writeBatch commits the batch, its payouts and the one question to a second person.
func (s *Service) writeBatch(ctx context.Context, id core.Identity, b *core.PayoutBatch, payouts []core.Payout, key core.IdempotencyKey, needed int, note string) (replayed bool, err error) {
	err = s.Database.InTenant(ctx, b.TenantID, func(tx core.TenantTx) error {
		saved, err := tx.BeginIdempotent(ctx, key, b.CreatedAt)
		if err != nil {
			return err
		}
		if saved != nil {
			replayed, b.ID = true, saved.ObjectID
			return nil
		}
		if err := tx.InsertPayoutBatch(ctx, *b); err != nil {
			return err
		}
		for _, p := range payouts {
			if err := tx.InsertPayout(ctx, p); err != nil {
				return err
			}
			if err := s.appendPayoutEvent(ctx, tx, "payout.created", p); err != nil {
				return err
			}
		}
		if b.State == core.BatchPendingApproval {
			if err := s.askForBatch(ctx, tx, id, *b, needed, note); err != nil {
				return err
			}
		}
		if err := s.recordBatch(ctx, tx, id, *b, "payout_batch.create", "payout_batch.created"); err != nil || len(payouts) == 0 {
			return err
		}
		return s.checkLimits(ctx, tx, batchSpend(*b, payouts))
	})
	return replayed, err
}

func (s *Service) appendPayoutEvent(ctx context.Context, tx core.TenantTx, kind string, p core.Payout) error {
	event, err := s.event(p.TenantID, kind, p.ID, payoutEvent(p))
	if err != nil {
		return err
	}
	return tx.AppendEvent(ctx, event)
}

// recordBatch writes the audit row, unless action is empty, and the event.
func (s *Service) recordBatch(ctx context.Context, tx core.TenantTx, id core.Identity, b core.PayoutBatch, action, kind string) error {
	event, err := s.event(b.TenantID, kind, b.ID, batchEvent(b))
	if err != nil {
		return err
	}
	if err := tx.AppendEvent(ctx, event); err != nil || action == "" {
		return err
	}
	entry, err := s.audit(id, b.TenantID, action, b.ID.Prefixed(core.PrefixPayoutBatch), nil, batchEvent(b))
	if err != nil {
		return err
	}
	return tx.AppendAudit(ctx, entry)
}

func batchEvent(b core.PayoutBatch) map[string]any {
	out := map[string]any{
		"id": b.ID.Prefixed(core.PrefixPayoutBatch), "file_name": b.FileName, "rows": b.Rows, "amount": b.Amount.Minor, "currency": string(b.Amount.Currency),
		"state": string(b.State),
	}
	if b.ErrorCount > 0 {
		out["errors"] = b.ErrorCount
	}
	if b.FailureCode != "" {
		out["failure_code"] = b.FailureCode
	}
	return out
}

// answerBatch answers a file with rows that cannot be used with an error: a caller who does
// not look at the state must not take it for accepted.
func (s *Service) answerBatch(ctx context.Context, tenant, batch core.ID, replayed bool, err error) (core.PayoutBatchReply, error) {
	if err != nil {
		return core.PayoutBatchReply{}, err
	}
	b, err := s.readStoredBatch(ctx, tenant, batch)
	if err != nil {
		return core.PayoutBatchReply{}, err
	}
	if b.State == core.BatchInvalid {
		return core.PayoutBatchReply{Batch: b, Replayed: replayed}, invalidFile(b)
	}
	return core.PayoutBatchReply{Batch: b, Replayed: replayed}, nil
}

func invalidFile(b core.PayoutBatch) error {
	first := core.PayoutRowError{}
	if len(b.Errors) > 0 {
		first = b.Errors[0]
	}
	where := "line " + strconv.Itoa(first.Row)
	if first.Column != "" {
		where += ", " + first.Column
	}
	return core.Errorf(core.CodeInvalidFile, "%d things in the file cannot be used, so nothing of it was taken in. The first: %s: %s", b.ErrorCount, where, first.Message.EN).At("file").
		With("batch_id", b.ID.Prefixed(core.PrefixPayoutBatch)).With("errors", strconv.Itoa(b.ErrorCount)).With("row", strconv.Itoa(first.Row)).
		With("column", first.Column).With("sentence_zh", first.Message.ZH)
}

func (s *Service) readStoredBatch(ctx context.Context, tenant, id core.ID) (b core.PayoutBatch, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		b, err = tx.PayoutBatch(ctx, id)
		return err
	})
	return b, err
}

// PayoutBatch reads one batch and how far its payouts are.
func (s *Service) PayoutBatch(ctx context.Context, batch core.ID) (core.PayoutBatchDetail, error) {
	tenant, err := s.allowBatches(ctx)
	if err != nil {
		return core.PayoutBatchDetail{}, err
	}
	var d core.PayoutBatchDetail
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) (err error) {
		if d.Batch, err = tx.PayoutBatch(ctx, batch); err != nil {
			return err
		}
		if d.Totals, err = tx.PayoutTotals(ctx, batch); err != nil {
			return err
		}
		d.Approvals, err = tx.Approvals(ctx, core.ApprovalFilter{ObjectID: batch, Page: core.Page{Limit: 20}})
		return err
	})
	return d, err
}

// allowBatches lets those read who may see the whole merchant.
func (s *Service) allowBatches(ctx context.Context) (core.ID, error) {
	id, tenant, err := s.allow(ctx, "payouts", "read")
	if err != nil {
		return tenant, err
	}
	return tenant, wholeTenant(id)
}

// ListPayoutBatches lists the tenant's batches, or all tenants' for a platform caller that named none.
func (s *Service) ListPayoutBatches(ctx context.Context, f core.PayoutBatchFilter) (list []core.PayoutBatch, err error) {
	if f.TenantID, err = s.scope(ctx, "payouts", f.TenantID); err != nil {
		return nil, err
	}
	err = s.read(ctx, f.TenantID, func(tx reader) error {
		list, err = tx.PayoutBatches(ctx, f)
		return err
	})
	return list, err
}

// PayoutTemplate is a file with the headings and one row that shows how they are filled in.
func (s *Service) PayoutTemplate(ctx context.Context) ([]byte, error) {
	if _, _, err := s.allowAnywhere(ctx, "payouts", "read"); err != nil {
		return nil, err
	}
	var heading, example []string
	for _, c := range payoutColumns() {
		heading, example = append(heading, c.zh), append(example, c.example)
	}
	return s.PayoutFiles.Write([][]string{heading, example}), nil
}

// PayoutBatchErrors is a file that says of each line what is wrong with it.
func (s *Service) PayoutBatchErrors(ctx context.Context, batch core.ID) ([]byte, error) {
	tenant, err := s.allowBatches(ctx)
	if err != nil {
		return nil, err
	}
	b, err := s.readStoredBatch(ctx, tenant, batch)
	if err != nil {
		return nil, err
	}
	rows := [][]string{{"行号", "列", "商户付款单号", "代码", "说明", "Explanation"}}
	for _, e := range b.Errors {
		rows = append(rows, []string{strconv.Itoa(e.Row), columnTitle(e.Column), e.Number, e.Code, e.Message.ZH, e.Message.EN})
	}
	if more := b.ErrorCount - len(b.Errors); more > 0 {
		n := strconv.Itoa(more)
		rows = append(rows, []string{"", "", "", "more", "另有 " + n + " 处错误未列出。", n + " more are not listed."})
	}
	return s.PayoutFiles.Write(rows), nil
}
