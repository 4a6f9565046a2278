package main

import (
	"encoding/json"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The requests of the tests with canned replies, and one function for each capability
// that gives the outcome of a reply.

func barcodeRequest() sdk.PaymentRequest {
	return sdk.PaymentRequest{
		OrderNo: testOrder, Method: sdk.MethodBarcode, Channel: "alipay", Amount: sdk.Fen(100),
		Subject: "咖啡", Operator: "cashier-1", PayerCode: sdk.SecretString(testCode),
	}
}

func qrRequest() sdk.PaymentRequest {
	r := barcodeRequest()
	r.Method, r.PayerCode = sdk.MethodQR, sdk.Secret{}
	return r
}

func orderRef() sdk.OrderRef {
	return sdk.OrderRef{OrderNo: testOrder, ProviderOrderNo: "7894259244067349", Method: sdk.MethodBarcode, Channel: "alipay", Amount: sdk.Fen(100)}
}

func refundRequest() sdk.RefundRequest {
	return sdk.RefundRequest{Payment: orderRef(), RefundNo: testRefund, Amount: sdk.Fen(30), RefundedBefore: sdk.Fen(0), Operator: "cashier-1"}
}

// able is what both the plugin itself and the plugin behind a connection can do.
type able interface {
	sdk.Provider
	sdk.PaymentCreator
	sdk.PaymentQuerier
	sdk.PaymentCanceler
	sdk.Refunder
	sdk.RefundQuerier
	sdk.Activator
	sdk.CheckIner
}

type result struct {
	payment sdk.PaymentResult
	refund  sdk.RefundResult
	check   sdk.CheckResult
	outcome sdk.Outcome
	refused bool // KeyRefused
}

type exchange func(t *testing.T, h *testHost) (result, error)

// exchanges are those of the plugin in this process.
var exchanges = exchangesOf(provider{})

func exchangesOf(p able) map[string]exchange {
	return map[string]exchange{
		"pay": func(t *testing.T, h *testHost) (result, error) {
			t.Helper()
			r, err := p.CreatePayment(t.Context(), h.plain(t, sdk.CapCreatePayment), barcodeRequest())
			return result{payment: r, outcome: r.Outcome, refused: r.KeyRefused}, err
		},
		"precreate": func(t *testing.T, h *testHost) (result, error) {
			t.Helper()
			r, err := p.CreatePayment(t.Context(), h.plain(t, sdk.CapCreatePayment), qrRequest())
			return result{payment: r, outcome: r.Outcome, refused: r.KeyRefused}, err
		},
		"query": func(t *testing.T, h *testHost) (result, error) {
			t.Helper()
			r, err := p.QueryPayment(t.Context(), h.plain(t, sdk.CapQueryPayment), orderRef())
			return result{payment: r, outcome: r.Outcome, refused: r.KeyRefused}, err
		},
		"cancel": func(t *testing.T, h *testHost) (result, error) {
			t.Helper()
			r, err := p.CancelPayment(t.Context(), h.plain(t, sdk.CapCancelPayment), orderRef())
			return result{payment: r, outcome: r.Outcome, refused: r.KeyRefused}, err
		},
		"refund": func(t *testing.T, h *testHost) (result, error) {
			t.Helper()
			r, err := p.CreateRefund(t.Context(), h.plain(t, sdk.CapCreateRefund), refundRequest())
			return result{refund: r, outcome: r.Outcome, refused: r.KeyRefused}, err
		},
		"refund query": func(t *testing.T, h *testHost) (result, error) {
			t.Helper()
			r, err := p.QueryRefund(t.Context(), h.plain(t, sdk.CapQueryRefund), refundRequest())
			return result{refund: r, outcome: r.Outcome, refused: r.KeyRefused}, err
		},
		"activate": func(t *testing.T, h *testHost) (result, error) {
			t.Helper()
			r, err := p.Activate(t.Context(), h.plain(t, sdk.CapActivate), map[string]sdk.Secret{"code": sdk.SecretString("11111111")})
			return result{check: r, outcome: r.Outcome, refused: r.KeyRefused}, err
		},
		"check-in": func(t *testing.T, h *testHost) (result, error) {
			t.Helper()
			r, err := p.CheckIn(t.Context(), h.plain(t, sdk.CapCheckIn))
			return result{check: r, outcome: r.Outcome, refused: r.KeyRefused}, err
		},
	}
}

// answer gives what the capability makes of one reply.
func answer(t *testing.T, name, reply string) result {
	t.Helper()
	h := answering(200, reply)
	r, err := exchanges[name](t, h)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if h.sent() != 1 {
		t.Fatalf("%s: %d requests, want 1", name, h.sent())
	}
	return r
}

func expect(t *testing.T, name, reply string, want sdk.Outcome) result {
	t.Helper()
	r := answer(t, name, reply)
	if r.outcome != want {
		t.Errorf("%s: %s, want %s, for %s", name, r.outcome, want, reply)
	}
	return r
}

type fields map[string]string

// order is the data of the test's order in a state; more overrides it, and an empty value leaves a field out.
func order(status string, more fields) fields {
	d := fields{
		"sn": "7894259244067349", "client_sn": testOrder, "status": "SUCCESS", "order_status": status, "payway": "1", "sub_payway": "1",
		"trade_no": "2026010122001", "total_amount": "100", "net_amount": "100",
		"finish_time": "1767240000430", "channel_finish_time": "1767240000000",
		"terminal_sn": testTerminal, "store_id": "49", "subject": "咖啡", "operator": "cashier-1",
	}
	for name, value := range more {
		if d[name] = value; value == "" {
			delete(d, name)
		}
	}
	return d
}

// biz is a reply of the gateway under result_code 200.
func biz(result, code string, data fields) string {
	inner := map[string]any{"result_code": result}
	if code != "" {
		inner["error_code"], inner["error_message"] = code, "说明"
	}
	if data != nil {
		inner["data"] = data
	}
	return encodeReply(map[string]any{"result_code": "200", "biz_response": inner})
}

// layer1 is a reply that ends at the communication layer.
func layer1(result, code string) string {
	return encodeReply(map[string]any{"result_code": result, "error_code": code, "error_message": "说明"})
}

func encodeReply(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
