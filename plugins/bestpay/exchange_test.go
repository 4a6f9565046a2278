package main

import (
	"context"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The requests of the tests, and one function for each operation that makes it.

const (
	succeeded  = sdk.OutcomeSucceeded
	failed     = sdk.OutcomeFailed
	inProgress = sdk.OutcomeInProgress
	unknown    = sdk.OutcomeUnknown
	refused    = sdk.OutcomeRefused
	notFound   = sdk.OutcomeNotFound
	closed     = sdk.OutcomeClosed
)

func barcodeRequest() sdk.PaymentRequest {
	return sdk.PaymentRequest{
		OrderNo: testOrder, Method: sdk.MethodBarcode, Amount: sdk.Fen(100), Subject: "咖啡", Description: "拿铁一杯", Operator: "cashier-1",
		PayerCode: sdk.SecretString(testCode), CreatedAt: testCreated(),
	}
}

func qrRequest() sdk.PaymentRequest {
	r := barcodeRequest()
	r.Method, r.Channel, r.PayerCode = sdk.MethodQR, channelAlipay, sdk.Secret{}
	return r
}

func h5Request() sdk.PaymentRequest {
	r := qrRequest()
	r.Method, r.Channel = sdk.MethodH5, channelBestPay
	return r
}

func jsapiRequest() sdk.PaymentRequest {
	r := qrRequest()
	r.Method, r.Channel, r.PayerID = sdk.MethodJSAPI, channelWeChat, "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
	return r
}

func orderRef() sdk.OrderRef {
	return sdk.OrderRef{
		OrderNo: testOrder, ProviderOrderNo: "20260101000000000011", Method: sdk.MethodBarcode, Amount: sdk.Fen(100), CreatedAt: testCreated(),
	}
}

func refundRequest() sdk.RefundRequest {
	return sdk.RefundRequest{
		Payment: orderRef(), RefundNo: testRefund, Amount: sdk.Fen(30), RefundedBefore: sdk.Fen(0), Reason: "少一件", Operator: "cashier-1",
		CreatedAt: testCreated(),
	}
}

func noticeRequest(kind, body string) sdk.InboundRequest {
	return sdk.InboundRequest{
		Kind: kind, Method: "POST", Path: "/in/0123456789" + kind, Headers: map[string]string{"Content-Type": "application/json; charset=utf-8"},
		Body: []byte(body),
	}
}

// able is what both the plugin itself and the plugin behind a connection can do.
type able interface {
	sdk.Provider
	sdk.PaymentCreator
	sdk.PaymentQuerier
	sdk.Refunder
	sdk.RefundQuerier
	sdk.CheckIner
	sdk.InboundHandler
}

var (
	_ able = provider{}
	_ able = (*sdk.Remote)(nil)
)

type result struct {
	payment sdk.PaymentResult
	refund  sdk.RefundResult
	outcome sdk.Outcome
	refused bool // KeyRefused
}

// exchange is one operation that sends a request.
type exchange struct {
	capability sdk.Capability
	run        func(ctx context.Context, p able, call *sdk.Call) (result, error)
}

func create(req sdk.PaymentRequest) exchange {
	return exchange{sdk.CapCreatePayment, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.CreatePayment(ctx, call, req)
		return result{payment: r, outcome: r.Outcome, refused: r.KeyRefused}, err
	}}
}

func query(ref sdk.OrderRef) exchange {
	return exchange{sdk.CapQueryPayment, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.QueryPayment(ctx, call, ref)
		return result{payment: r, outcome: r.Outcome, refused: r.KeyRefused}, err
	}}
}

func refund(req sdk.RefundRequest) exchange {
	return exchange{sdk.CapCreateRefund, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.CreateRefund(ctx, call, req)
		return result{refund: r, outcome: r.Outcome, refused: r.KeyRefused}, err
	}}
}

func queryRefund(req sdk.RefundRequest) exchange {
	return exchange{sdk.CapQueryRefund, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.QueryRefund(ctx, call, req)
		return result{refund: r, outcome: r.Outcome, refused: r.KeyRefused}, err
	}}
}

func checkIn() exchange {
	return exchange{sdk.CapCheckIn, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.CheckIn(ctx, call)
		return result{outcome: r.Outcome, refused: r.KeyRefused}, err
	}}
}

// exchanges has each operation once.
func exchanges() map[string]exchange {
	return map[string]exchange{
		"barcode": create(barcodeRequest()), "qr": create(qrRequest()), "h5": create(h5Request()), "jsapi": create(jsapiRequest()),
		"query": query(orderRef()), "refund": refund(refundRequest()), "refund query": queryRefund(refundRequest()), "check-in": checkIn(),
	}
}

// on makes the exchange with the plugin in this process.
func (e exchange) on(t *testing.T, h *testHost, settings string) (result, error) {
	t.Helper()
	return e.run(t.Context(), provider{}, h.call(t, e.capability, testBase, settings))
}

// expect gives what an operation makes of one reply, and compares its outcome.
func expect(t *testing.T, e exchange, settings, reply string, want sdk.Outcome) result {
	t.Helper()
	h := answering(t, 200, reply)
	r, err := e.on(t, h, settings)
	if err != nil {
		t.Fatal(err)
	}
	if h.sent() != 1 {
		t.Fatalf("%d requests, want 1", h.sent())
	}
	if r.outcome != want {
		t.Errorf("%s: %s, want %s, for %s", e.capability, r.outcome, want, reply)
	}
	return r
}

// notify hands a callback in.
func notify(t *testing.T, settings, kind, body string) sdk.InboundResult {
	t.Helper()
	r, err := provider{}.HandleInbound(t.Context(), answering(t, 500, "").call(t, sdk.CapInbound, testBase, settings), noticeRequest(kind, body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
