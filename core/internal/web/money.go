package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// operations answers what the document promises; see api.StrictServerInterface.
type operations struct{ *Server }

var _ api.StrictServerInterface = (*operations)(nil)

// CreatePayment takes a payment.
func (o *operations) CreatePayment(ctx context.Context, r api.CreatePaymentRequestObject) (api.CreatePaymentResponseObject, error) {
	in, err := paymentInput(ctx, r)
	if err != nil {
		return nil, err
	}
	reply, err := o.opt.Payments.CreatePayment(ctx, in)
	if err != nil {
		return nil, err
	}
	body := o.paymentOf(reply.Payment)
	if reply.Payment.State == core.PaymentProcessing {
		return api.CreatePayment202JSONResponse{Body: body, Headers: api.CreatePayment202ResponseHeaders{IdempotencyReplayed: reply.Replayed}}, nil
	}
	return api.CreatePayment201JSONResponse{Body: body, Headers: api.CreatePayment201ResponseHeaders{IdempotencyReplayed: reply.Replayed}}, nil
}

func paymentInput(ctx context.Context, r api.CreatePaymentRequestObject) (core.CreatePaymentInput, error) {
	b := r.Body
	in := core.CreatePaymentInput{
		IdempotencyKey: r.Params.IdempotencyKey, MerchantOrderNo: b.MerchantOrderNo, Method: core.Method(b.Method), Channel: b.Channel,
		Amount: core.Fen(b.Amount), Subject: b.Subject, Description: b.Description, PayerCode: b.PayerCode.Secret, Operator: b.Operator,
		ReturnURL: b.ReturnURL, ClientIP: b.ClientIP, Extra: b.Extra, Wait: infoFrom(ctx).wait,
		PayerID: b.PayerID, UserRef: b.UserRef, Card: cardInput(b.Card),
	}
	var err error
	if in.BoundCardID, err = fieldID(core.PrefixCard, b.BoundCardID, "bound_card_id"); err != nil {
		return in, err
	}
	if in.AccountID, err = fieldID(core.PrefixAccount, b.AccountID, "account_id"); err != nil {
		return in, err
	}
	if in.StoreID, err = fieldID(core.PrefixStore, b.StoreID, "store_id"); err != nil {
		return in, err
	}
	if in.TerminalID, err = fieldID(core.PrefixTerminal, b.TerminalID, "terminal_id"); err != nil {
		return in, err
	}
	return in, core.CheckAmount(in.Amount)
}

// GetPayment reads a payment with its history.
func (o *operations) GetPayment(ctx context.Context, r api.GetPaymentRequestObject) (api.GetPaymentResponseObject, error) {
	payment, err := pathID(core.PrefixPayment, r.PaymentID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Payments.Payment(ctx, payment)
	if err != nil {
		return nil, err
	}
	body := o.detailOf(d)
	etag, err := etagOf(body)
	if err != nil {
		return nil, err
	}
	if r.Params.IfNoneMatch == etag {
		return api.GetPayment304Response{}, nil
	}
	return api.GetPayment200JSONResponse{Body: body, Headers: api.GetPayment200ResponseHeaders{ETag: etag}}, nil
}

func etagOf(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return `"` + hex.EncodeToString(sum[:16]) + `"`, nil
}

// ListPayments lists payments.
func (o *operations) ListPayments(ctx context.Context, r api.ListPaymentsRequestObject) (api.ListPaymentsResponseObject, error) {
	f, err := paymentFilter(r.Params)
	if err != nil {
		return nil, err
	}
	f.Sort = paymentSort(r.Params.Sort)
	var limit int
	if f.Page, limit, err = paymentPage(f.Sort, r.Params.Limit, r.Params.Cursor); err != nil {
		return nil, err
	}
	rows, err := o.opt.Payments.ListPayments(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, next := cutPayments(rows, f.Sort, limit)
	return api.ListPayments200JSONResponse{Items: each(rows, o.paymentOf), NextCursor: next}, nil
}

// paymentFilter reads the query of a list of payments, or the filter of an export of them.
func paymentFilter(p api.ListPaymentsParams) (f core.PaymentFilter, err error) {
	f = core.PaymentFilter{
		States: states[core.PaymentState](p.State), Unknown: p.Unknown, Provider: p.Provider, Method: core.Method(p.Method),
		From: p.From, To: p.To, MinAmount: p.MinAmount, MaxAmount: p.MaxAmount, AnyNumber: p.Number, Refundable: p.Refundable,
	}
	if f.AccountID, err = fieldID(core.PrefixAccount, p.AccountID, "account_id"); err != nil {
		return f, err
	}
	f.StoreIDs, err = storeIDs(p.StoreID, "store_id")
	return f, err
}

// SyncPayment asks the provider now.
func (o *operations) SyncPayment(ctx context.Context, r api.SyncPaymentRequestObject) (api.SyncPaymentResponseObject, error) {
	payment, err := pathID(core.PrefixPayment, r.PaymentID)
	if err != nil {
		return nil, err
	}
	p, err := o.opt.Payments.SyncPayment(ctx, payment)
	if err != nil {
		return nil, err
	}
	return api.SyncPayment200JSONResponse(o.paymentOf(p)), nil
}

// CancelPayment takes an unfinished payment back.
func (o *operations) CancelPayment(ctx context.Context, r api.CancelPaymentRequestObject) (api.CancelPaymentResponseObject, error) {
	payment, err := pathID(core.PrefixPayment, r.PaymentID)
	if err != nil {
		return nil, err
	}
	p, err := o.opt.Payments.CancelPayment(ctx, payment, r.Body.Reason)
	if err != nil {
		return nil, err
	}
	return api.CancelPayment200JSONResponse(o.paymentOf(p)), nil
}

// RecognisePayerCode says where a scanned code belongs.
func (o *operations) RecognisePayerCode(ctx context.Context, r api.RecognisePayerCodeRequestObject) (api.RecognisePayerCodeResponseObject, error) {
	store, err := fieldID(core.PrefixStore, r.Body.StoreID, "store_id")
	if err != nil {
		return nil, err
	}
	m, err := o.opt.Payments.RecognisePayerCode(ctx, string(r.Body.PayerCode.Reveal()), store)
	if err != nil {
		return nil, err
	}
	return api.RecognisePayerCode200JSONResponse{
		Provider: m.Provider, AccountID: id(core.PrefixAccount, m.AccountID), Method: string(m.Method), Channel: m.Channel, Name: textOf(m.Name),
	}, nil
}

// CreateRefund gives money back.
func (o *operations) CreateRefund(ctx context.Context, r api.CreateRefundRequestObject) (api.CreateRefundResponseObject, error) {
	payment, err := fieldID(core.PrefixPayment, r.Body.PaymentID, "payment_id")
	if err != nil {
		return nil, err
	}
	in := core.CreateRefundInput{
		IdempotencyKey: r.Params.IdempotencyKey, PaymentID: payment, MerchantRefundNo: r.Body.MerchantRefundNo,
		Amount: core.Fen(r.Body.Amount), Reason: r.Body.Reason, Wait: infoFrom(ctx).wait,
	}
	if err := core.CheckAmount(in.Amount); err != nil {
		return nil, err
	}
	reply, err := o.opt.Refunds.CreateRefund(ctx, in)
	if err != nil {
		return nil, err
	}
	body := refundOf(reply.Refund)
	switch reply.Refund.State {
	case core.RefundProcessing, core.RefundPendingApproval:
		return api.CreateRefund202JSONResponse{Body: body, Headers: api.CreateRefund202ResponseHeaders{IdempotencyReplayed: reply.Replayed}}, nil
	default:
		return api.CreateRefund201JSONResponse{Body: body, Headers: api.CreateRefund201ResponseHeaders{IdempotencyReplayed: reply.Replayed}}, nil
	}
}

// GetRefund reads a refund with its history.
func (o *operations) GetRefund(ctx context.Context, r api.GetRefundRequestObject) (api.GetRefundResponseObject, error) {
	refund, err := pathID(core.PrefixRefund, r.RefundID)
	if err != nil {
		return nil, err
	}
	d, err := o.opt.Refunds.Refund(ctx, refund)
	if err != nil {
		return nil, err
	}
	out := api.RefundDetail{
		Refund: refundOf(d.Refund), Payment: o.paymentOf(d.Payment), Attempts: each(d.Attempts, attemptOf), Events: each(d.Events, eventOf),
		Timeline: timelineOf(d.Attempts, d.Events),
	}
	if !d.Approval.ID.IsZero() {
		out.Approval = approvalOf(d.Approval)
	}
	return api.GetRefund200JSONResponse(out), nil
}

// ListRefunds lists refunds.
func (o *operations) ListRefunds(ctx context.Context, r api.ListRefundsRequestObject) (api.ListRefundsResponseObject, error) {
	p := r.Params
	page, limit, err := pageOf(p.Limit, p.Cursor)
	if err != nil {
		return nil, err
	}
	f, err := refundFilter(p)
	if err != nil {
		return nil, err
	}
	f.Page = page
	rows, err := o.opt.Refunds.ListRefunds(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, limit, func(r core.Refund) (time.Time, core.ID) { return r.CreatedAt, r.ID })
	return api.ListRefunds200JSONResponse{Items: each(rows, refundOf), NextCursor: next}, nil
}

// refundFilter reads the query of a list of refunds, or the filter of an export of them.
func refundFilter(p api.ListRefundsParams) (f core.RefundFilter, err error) {
	f = core.RefundFilter{States: states[core.RefundState](p.State), Unknown: p.Unknown, From: p.From, To: p.To, AnyNumber: p.Number}
	if f.PaymentID, err = fieldID(core.PrefixPayment, p.PaymentID, "payment_id"); err != nil {
		return f, err
	}
	f.StoreIDs, err = storeIDs(p.StoreID, "store_id")
	return f, err
}

// SyncRefund asks the provider now.
func (o *operations) SyncRefund(ctx context.Context, r api.SyncRefundRequestObject) (api.SyncRefundResponseObject, error) {
	refund, err := pathID(core.PrefixRefund, r.RefundID)
	if err != nil {
		return nil, err
	}
	f, err := o.opt.Refunds.SyncRefund(ctx, refund)
	if err != nil {
		return nil, err
	}
	return api.SyncRefund200JSONResponse(refundOf(f)), nil
}
