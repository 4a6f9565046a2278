package main

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// settings are the account's, by settings.schema.json.
type settings struct {
	ShopName string `json:"shop_name"`
}

// newOrder is the request of POST /v1/orders.
type newOrder struct {
	OrderNo   string `json:"order_no"`
	Amount    int64  `json:"amount"` // fen
	Subject   string `json:"subject"`
	NotifyURL string `json:"notify_url,omitempty"`
	ExpiresAt string `json:"expires_at,omitempty"`
}

// order is Acme's answer about one.
type order struct {
	OrderNo string    `json:"order_no"`
	TradeNo string    `json:"trade_no"`
	Amount  int64     `json:"amount"` // fen
	Status  string    `json:"status"`
	QRCode  string    `json:"qr_code"`
	PaidAt  time.Time `json:"paid_at"`
}

// CreatePayment places an order that the payer pays by scanning a code.
func (provider) CreatePayment(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	if req.Method != sdk.MethodQR {
		return sdk.PaymentResult{}, &sdk.Error{Code: sdk.ErrNotSupported, Message: "Acme offers QR payments only.", Param: "method"}
	}
	if req.Amount.Currency != sdk.CNY || req.Amount.Minor < 1 {
		return sdk.PaymentResult{}, &sdk.Error{Code: sdk.ErrInvalidRequest, Message: "Acme takes CNY, one fen or more.", Param: "amount"}
	}
	var set settings
	if err := call.Bind(&set); err != nil {
		return sdk.PaymentResult{}, err
	}
	body := newOrder{
		OrderNo: req.OrderNo, Amount: req.Amount.Minor, Subject: cmp.Or(set.ShopName, req.Subject, req.OrderNo),
		NotifyURL: call.Callback(kindNotice),
	}
	if !req.ExpiresAt.IsZero() {
		body.ExpiresAt = req.ExpiresAt.In(sdk.Beijing()).Format(time.RFC3339)
	}
	r, err := exchange(ctx, call, http.MethodPost, "/v1/orders", body)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	result := r.payment()
	if result.Outcome == sdk.OutcomeInProgress {
		if r.Order.QRCode == "" { // an order that nobody can pay: something is wrong with it
			result.Outcome = sdk.OutcomeUnknown
			return result, nil
		}
		result.NextAction = &sdk.NextAction{Type: sdk.ActionShowQR, QRContent: r.Order.QRCode, ExpiresAt: req.ExpiresAt}
	}
	return result, nil
}

// QueryPayment asks what became of an order.
func (provider) QueryPayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	r, err := exchange(ctx, call, http.MethodGet, "/v1/orders/"+url.PathEscape(ref.OrderNo), nil)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	return r.payment(), nil
}

// ClosePayment closes an order that nobody paid. Closed is the success of a close; one that was
// paid meanwhile was not closed, and the host asks what became of it.
func (provider) ClosePayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	r, err := exchange(ctx, call, http.MethodPost, "/v1/orders/"+url.PathEscape(ref.OrderNo)+"/close", nil)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	result := r.payment()
	switch result.Outcome {
	case sdk.OutcomeClosed:
		result.Outcome = sdk.OutcomeSucceeded
	case sdk.OutcomeSucceeded:
		result.Outcome = sdk.OutcomeRefused
	default:
	}
	return result, nil
}

// payment says what a verified reply means for a payment. The number and the amount go back as
// they were echoed: the host compares them with ours.
func (r reply) payment() sdk.PaymentResult {
	if r.Code != "OK" {
		return sdk.PaymentResult{Outcome: refusal(r.Code), Provider: r.text()}
	}
	if r.Order == nil || r.Order.OrderNo == "" || r.Order.Amount <= 0 {
		return sdk.PaymentResult{Outcome: sdk.OutcomeUnknown, Provider: r.text()}
	}
	return sdk.PaymentResult{
		Outcome: orderOutcome(r.Order.Status), OrderNo: r.Order.OrderNo, Amount: sdk.Fen(r.Order.Amount),
		ProviderOrderNo: r.Order.TradeNo, PaidAt: r.Order.PaidAt, Provider: r.text(),
	}
}

// orderOutcome is what Acme's status says. What is not in its document proves nothing.
func orderOutcome(status string) sdk.Outcome {
	switch status {
	case "WAITING":
		return sdk.OutcomeInProgress
	case "PAID":
		return sdk.OutcomeSucceeded
	case "CLOSED":
		return sdk.OutcomeClosed
	default:
		return sdk.OutcomeUnknown
	}
}

// refusal is what Acme's error codes mean, for orders and refunds alike: refused where Acme
// promises that it did nothing, not found where it knows none, unknown for all others.
func refusal(code string) sdk.Outcome {
	switch code {
	case "INVALID_REQUEST", "MERCHANT_DISABLED", "REFUND_TOO_LARGE":
		return sdk.OutcomeRefused
	case "NOT_FOUND":
		return sdk.OutcomeNotFound
	default: // SYSTEM_BUSY, NUMBER_TAKEN: there may be an order
		return sdk.OutcomeUnknown
	}
}
