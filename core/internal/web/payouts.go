package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// CreatePayout asks for a payout.
func (o *operations) CreatePayout(ctx context.Context, r api.CreatePayoutRequestObject) (api.CreatePayoutResponseObject, error) {
	b := r.Body
	in := core.CreatePayoutInput{
		IdempotencyKey: r.Params.IdempotencyKey, MerchantPayoutNo: b.MerchantPayoutNo, Amount: core.Fen(b.Amount), Source: b.Source,
		Channel: b.Channel, Purpose: b.Purpose, Payee: payeeInput(b.Payee, b.Extra), Note: b.Note,
	}
	var err error
	if in.AccountID, err = fieldID(core.PrefixAccount, b.AccountID, "account_id"); err != nil {
		return nil, err
	}
	reply, err := o.opt.Payouts.CreatePayout(ctx, in)
	if err != nil {
		return nil, err
	}
	return api.CreatePayout202JSONResponse{Body: payoutOf(reply.Payout), Headers: api.CreatePayout202ResponseHeaders{IdempotencyReplayed: reply.Replayed}}, nil
}

func payeeInput(in api.PayeeInput, extra map[string]string) core.Payee {
	p := core.Payee{
		Type: in.Type, Name: in.Name.Secret, Number: in.Number.Secret, Phone: in.Phone.Secret, IDNumber: in.IDNumber.Secret,
		BankCode: in.BankCode, BankName: in.BankName, BranchCode: in.BranchCode, BranchName: in.BranchName, Province: in.Province, City: in.City, Extra: extra,
	}
	if p.Type == "" {
		p.Type = core.PayeePersonal
	}
	return p
}

// GetPayout reads a payout with its history.
func (o *operations) GetPayout(ctx context.Context, r api.GetPayoutRequestObject) (api.GetPayoutResponseObject, error) {
	payout, err := pathID(core.PrefixPayout, r.PayoutID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Payouts.Payout(ctx, payout)
	if err != nil {
		return nil, err
	}
	out := api.GetPayout200JSONResponse{
		Payout: payoutOf(d.Payout), Attempts: each(d.Attempts, attemptOf), Events: each(d.Events, eventOf), Timeline: timelineOf(d.Attempts, d.Events),
		Approvals: each(d.Approvals, approvalOf),
	}
	if !d.Account.ID.IsZero() {
		out.Account = accountOf(d.Account)
	}
	return out, nil
}

// ListPayouts lists payouts.
func (o *operations) ListPayouts(ctx context.Context, r api.ListPayoutsRequestObject) (api.ListPayoutsResponseObject, error) {
	p := r.Params
	page, limit, err := pageOf(p.Limit, p.Cursor)
	if err != nil {
		return nil, err
	}
	f, err := payoutFilter(p)
	if err != nil {
		return nil, err
	}
	f.Page = page
	rows, err := o.opt.Payouts.ListPayouts(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(p core.Payout) (time.Time, core.ID) { return p.CreatedAt, p.ID })
	return api.ListPayouts200JSONResponse{Items: each(rows, payoutOf), NextCursor: next}, nil
}

// payoutFilter reads the query of a list of payouts, or the filter of an export of them.
func payoutFilter(p api.ListPayoutsParams) (f core.PayoutFilter, err error) {
	f = core.PayoutFilter{States: states[core.PayoutState](p.State), Unknown: p.Unknown, From: p.From, To: p.To, AnyNumber: p.Number}
	if f.BatchID, err = fieldID(core.PrefixPayoutBatch, p.BatchID, "batch_id"); err != nil {
		return f, err
	}
	f.AccountID, err = fieldID(core.PrefixAccount, p.AccountID, "account_id")
	return f, err
}

// SyncPayout asks the provider now.
func (o *operations) SyncPayout(ctx context.Context, r api.SyncPayoutRequestObject) (api.SyncPayoutResponseObject, error) {
	payout, err := pathID(core.PrefixPayout, r.PayoutID)
	if err != nil {
		return nil, err
	}
	p, err := o.opt.Payouts.SyncPayout(ctx, payout)
	if err != nil {
		return nil, err
	}
	return api.SyncPayout200JSONResponse(payoutOf(p)), nil
}

// CreatePayoutBatch takes a file in.
func (o *operations) CreatePayoutBatch(ctx context.Context, r api.CreatePayoutBatchRequestObject) (api.CreatePayoutBatchResponseObject, error) {
	in, err := batchInput(*r.Body)
	if err != nil {
		return nil, err
	}
	in.IdempotencyKey = r.Params.IdempotencyKey
	reply, err := o.opt.Payouts.CreatePayoutBatch(ctx, in)
	if err != nil {
		return nil, err
	}
	return api.CreatePayoutBatch202JSONResponse{Body: payoutBatchOf(reply.Batch), Headers: api.CreatePayoutBatch202ResponseHeaders{IdempotencyReplayed: reply.Replayed}}, nil
}

// CheckPayoutBatch reads a file and keeps nothing.
func (o *operations) CheckPayoutBatch(ctx context.Context, r api.CheckPayoutBatchRequestObject) (api.CheckPayoutBatchResponseObject, error) {
	in, err := batchInput(*r.Body)
	if err != nil {
		return nil, err
	}
	c, err := o.opt.Payouts.CheckPayoutBatch(ctx, in)
	if err != nil {
		return nil, err
	}
	return api.CheckPayoutBatch200JSONResponse{
		Encoding: c.Encoding, Rows: int64(c.Rows), Amount: c.Amount.Minor, Fee: c.Fee, Needed: int32(c.Needed), //nolint:gosec // a few people
		ErrorCount: int64(c.ErrorCount), Errors: each(c.Errors, rowErrorOf),
	}, nil
}

func batchInput(b api.PayoutBatchRequest) (core.CreatePayoutBatchInput, error) {
	file, err := base64.StdEncoding.DecodeString(string(b.FileBase64.Reveal()))
	if err != nil || len(file) == 0 {
		// The decoder's error quotes nothing, but it is not needed either.
		return core.CreatePayoutBatchInput{}, core.Errorf(core.CodeInvalidFile, "The file did not arrive as Base64: choose it again.").At("file_base64")
	}
	in := core.CreatePayoutBatchInput{FileName: b.FileName, File: file, Again: b.Again, Note: b.Note}
	in.AccountID, err = fieldID(core.PrefixAccount, b.AccountID, "account_id")
	return in, err
}

// GetPayoutBatch reads a batch and how far it is.
func (o *operations) GetPayoutBatch(ctx context.Context, r api.GetPayoutBatchRequestObject) (api.GetPayoutBatchResponseObject, error) {
	batch, err := pathID(core.PrefixPayoutBatch, r.BatchID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Payouts.PayoutBatch(ctx, batch)
	if err != nil {
		return nil, err
	}
	return api.GetPayoutBatch200JSONResponse{
		Batch: payoutBatchOf(d.Batch), Errors: each(d.Batch.Errors[:min(len(d.Batch.Errors), 100)], rowErrorOf),
		Totals: payoutTotalsOf(d.Totals), Approvals: each(d.Approvals, approvalOf),
	}, nil
}

// ListPayoutBatches lists batches.
func (o *operations) ListPayoutBatches(ctx context.Context, r api.ListPayoutBatchesRequestObject) (api.ListPayoutBatchesResponseObject, error) {
	page, limit, err := pageOf(r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.Payouts.ListPayoutBatches(ctx, core.PayoutBatchFilter{States: states[core.PayoutBatchState](r.Params.State), Page: page})
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(b core.PayoutBatch) (time.Time, core.ID) { return b.CreatedAt, b.ID })
	return api.ListPayoutBatches200JSONResponse{Items: each(rows, payoutBatchOf), NextCursor: next}, nil
}

// GetPayoutTemplate gives a file to fill in.
func (o *operations) GetPayoutTemplate(ctx context.Context, _ api.GetPayoutTemplateRequestObject) (api.GetPayoutTemplateResponseObject, error) {
	file, err := o.opt.Payouts.PayoutTemplate(ctx)
	if err != nil {
		return nil, err
	}
	return api.GetPayoutTemplate200TextCsvResponse{Body: bytes.NewReader(file), ContentLength: int64(len(file))}, nil
}

// GetPayoutBatchErrors gives a file that says what is wrong with another.
func (o *operations) GetPayoutBatchErrors(ctx context.Context, r api.GetPayoutBatchErrorsRequestObject) (api.GetPayoutBatchErrorsResponseObject, error) {
	batch, err := pathID(core.PrefixPayoutBatch, r.BatchID)
	if err != nil {
		return nil, err
	}
	file, err := o.opt.Payouts.PayoutBatchErrors(ctx, batch)
	if err != nil {
		return nil, err
	}
	return api.GetPayoutBatchErrors200TextCsvResponse{Body: bytes.NewReader(file), ContentLength: int64(len(file))}, nil
}
