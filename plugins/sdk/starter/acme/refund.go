package main

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// newRefund is the request of POST /v1/refunds.
type newRefund struct {
	RefundNo string `json:"refund_no"`
	OrderNo  string `json:"order_no"`
	Amount   int64  `json:"amount"` // fen
	Reason   string `json:"reason,omitempty"`
}

// refund is Acme's answer about one.
type refund struct {
	RefundNo     string    `json:"refund_no"`
	OrderNo      string    `json:"order_no"`
	AcmeRefundNo string    `json:"acme_refund_no"`
	Amount       int64     `json:"amount"` // fen
	Status       string    `json:"status"`
	RefundedAt   time.Time `json:"refunded_at"`
}

// CreateRefund gives money back. The same refund number twice moves it once, as Acme promises.
func (provider) CreateRefund(ctx context.Context, call *sdk.Call, req sdk.RefundRequest) (sdk.RefundResult, error) {
	if req.Amount.Currency != sdk.CNY || req.Amount.Minor < 1 {
		return sdk.RefundResult{}, &sdk.Error{Code: sdk.ErrInvalidRequest, Message: "Acme takes CNY, one fen or more.", Param: "amount"}
	}
	r, err := exchange(ctx, call, http.MethodPost, "/v1/refunds", newRefund{
		RefundNo: req.RefundNo, OrderNo: req.Payment.OrderNo, Amount: req.Amount.Minor, Reason: req.Reason,
	})
	if err != nil {
		return sdk.RefundResult{}, err
	}
	return r.refund(), nil
}

// QueryRefund asks what became of a refund.
func (provider) QueryRefund(ctx context.Context, call *sdk.Call, req sdk.RefundRequest) (sdk.RefundResult, error) {
	r, err := exchange(ctx, call, http.MethodGet, "/v1/refunds/"+url.PathEscape(req.RefundNo), nil)
	if err != nil {
		return sdk.RefundResult{}, err
	}
	return r.refund(), nil
}

func (r reply) refund() sdk.RefundResult {
	if r.Code != "OK" {
		return sdk.RefundResult{Outcome: refusal(r.Code), Provider: r.text()}
	}
	if r.Refund == nil || r.Refund.RefundNo == "" || r.Refund.Amount <= 0 {
		return sdk.RefundResult{Outcome: sdk.OutcomeUnknown, Provider: r.text()}
	}
	return sdk.RefundResult{
		Outcome: refundOutcome(r.Refund.Status), OrderNo: r.Refund.OrderNo, RefundNo: r.Refund.RefundNo, Amount: sdk.Fen(r.Refund.Amount),
		ProviderRefundNo: r.Refund.AcmeRefundNo, RefundedAt: r.Refund.RefundedAt, Provider: r.text(),
	}
}

func refundOutcome(status string) sdk.Outcome {
	switch status {
	case "PROCESSING":
		return sdk.OutcomeInProgress
	case "SUCCEEDED":
		return sdk.OutcomeSucceeded
	case "FAILED":
		return sdk.OutcomeFailed
	default:
		return sdk.OutcomeUnknown
	}
}
