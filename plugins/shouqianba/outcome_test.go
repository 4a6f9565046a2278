package main

import (
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

const (
	succeeded  = sdk.OutcomeSucceeded
	failed     = sdk.OutcomeFailed
	inProgress = sdk.OutcomeInProgress
	unknown    = sdk.OutcomeUnknown
	refused    = sdk.OutcomeRefused
	notFound   = sdk.OutcomeNotFound
	canceled   = sdk.OutcomeCanceled
)

var orderOperations = []string{"pay", "precreate", "query", "cancel", "refund", "refund query"}

// TestCommunicationLayer: the first layer, for every capability (document, 四.1).
func TestCommunicationLayer(t *testing.T) {
	t.Parallel()
	cases := []struct {
		result, code string
		want         sdk.Outcome
	}{
		{"400", "INVALID_PARAMS", refused},
		{"400", "INVALID_PARAMETER", refused},
		{"400", "INVALID_TERMINAL", refused},
		{"400", "TERMINAL_NOT_EXISTS", refused},
		{"400", "ILLEGAL_SIGN", refused},
		{"400", "INVALID_BARCODE", refused},
		{"400", "SOMETHING_NEW", refused},
		{"500", "UNKNOWN_SYSTEM_ERROR", unknown},
		{"500", "UNEXPECTED_PROVIDER_ERROR", unknown},
		{"500", "MAINTENANCE_INPROGRESS", unknown},
		{"503", "", unknown},
		{"0200", "", unknown},
	}
	for name := range exchanges {
		for _, c := range cases {
			r := expect(t, name, layer1(c.result, c.code), c.want)
			if want := c.code == "ILLEGAL_SIGN" && name != "activate"; r.refused != want {
				t.Errorf("%s %s: KeyRefused is %v", name, c.code, r.refused)
			}
		}
	}
}

// TestBusinessResult: biz_response.result_code of each operation (document, 四.2).
func TestBusinessResult(t *testing.T) {
	t.Parallel()
	paid, created := order("PAID", nil), order("CREATED", nil)
	qr := order("CREATED", fields{"qr_code": "https://qr.example/1"})
	partly := order("PARTIAL_REFUNDED", fields{"net_amount": "70"})
	cases := []struct {
		name, result, code string
		data               fields
		want               sdk.Outcome
	}{
		{"pay", "PAY_SUCCESS", "", paid, succeeded},
		{"pay", "PAY_SUCCESS", "", created, unknown},
		{"pay", "PAY_SUCCESS", "", nil, unknown},
		{"pay", "PAY_FAIL", "", order("PAY_CANCELED", fields{"status": "FAIL_CANCELED"}), failed},
		{"pay", "PAY_FAIL", "EXPIRED_BARCODE", nil, failed},
		{"pay", "PAY_FAIL", "", paid, unknown},
		{"pay", "PAY_FAIL", "", created, unknown},
		{"pay", "PAY_FAIL", "", order("PAY_ERROR", nil), unknown},
		{"pay", "PAY_FAIL_ERROR", "", order("PAY_ERROR", nil), unknown},
		{"pay", "PAY_FAIL_ERROR", "", order("PAY_CANCELED", nil), unknown},
		{"pay", "PAY_IN_PROGRESS", "", created, inProgress},
		{"pay", "PAY_INPROGRESS", "", nil, inProgress},
		{"pay", "INPROGRESS", "", nil, inProgress},
		{"pay", "PAY_IN_PROGRESS", "", order("PAY_ERROR", nil), unknown},
		{"pay", "UNKNOWN", "", nil, unknown},
		{"pay", "SUCCESS", "", paid, unknown},
		{"pay", "FAIL", "INSUFFICIENT_FUND", nil, refused},
		{"pay", "FAIL", "INSUFFICIENT_FUND", paid, unknown},
		{"pay", "FAIL", "", nil, refused},
		{"pay", "", "", nil, unknown},

		{"precreate", "PRECREATE_SUCCESS", "", qr, inProgress},
		{"precreate", "PRECREATE_SUCCESS", "", order("PAID", fields{"qr_code": "x"}), unknown},
		{"precreate", "PRECREATE_FAIL", "", nil, failed},
		{"precreate", "PRECREATE_FAIL", "", created, unknown},
		{"precreate", "PRECREATE_IN_PROGRESS", "", nil, inProgress},
		{"precreate", "PRECREATE_ERROR", "", nil, unknown},
		{"precreate", "FAIL", "INVALID_BARCODE", nil, refused},
		{"precreate", "PAY_SUCCESS", "", paid, unknown},

		{"query", "SUCCESS", "", paid, succeeded},
		{"query", "SUCCESS", "", nil, unknown},
		{"query", "FAIL", "", nil, refused},
		{"query", "FAIL", "SOMETHING_NEW", nil, refused},
		{"query", "INPROGRESS", "", nil, unknown},
		{"query", "UNKNOWN", "", paid, unknown},
		{"query", "PAY_SUCCESS", "", paid, unknown},

		{"cancel", "CANCEL_SUCCESS", "", order("CANCELED", fields{"net_amount": "0"}), succeeded},
		{"cancel", "CANCEL_SUCCESS", "", order("PAY_CANCELED", nil), succeeded},
		{"cancel", "CANCEL_ABORT_SUCCESS", "", order("CANCELED", nil), succeeded},
		{"cancel", "CANCEL_ABORT_SUCCESS", "", order("PAY_CANCELED", nil), succeeded},
		{"cancel", "CANCEL_SUCCESS", "", paid, unknown},
		{"cancel", "CANCEL_SUCCESS", "", order("CANCEL_ERROR", nil), unknown},
		{"cancel", "CANCEL_SUCCESS", "", nil, unknown},
		{"cancel", "CANCEL_ERROR", "", order("CANCEL_ERROR", nil), unknown},
		{"cancel", "CANCEL_ABORT_ERROR", "", order("PAY_ERROR", nil), unknown},
		{"cancel", "CANCEL_IN_PROGRESS", "", created, inProgress},
		{"cancel", "FAIL", "UPAY_CANCEL_INVALID_ORDER_STATE", nil, refused},
		{"cancel", "SUCCESS", "", order("CANCELED", nil), unknown},

		{"refund", "REFUND_SUCCESS", "", partly, succeeded},
		{"refund", "REFUND_SUCCESS", "", paid, unknown},
		{"refund", "REFUND_SUCCESS", "", nil, unknown},
		{"refund", "REFUND_ERROR", "", order("REFUND_ERROR", nil), unknown},
		{"refund", "REFUND_ERROR", "", partly, unknown},
		{"refund", "REFUND_IN_PROGRESS", "", nil, inProgress},
		{"refund", "FAIL", "UPAY_REFUND_INVALID_ORDER_STATE", nil, refused},
		{"refund", "FAIL", "SELLER_BALANCE_NOT_ENOUGH", paid, refused},
		{"refund", "FAIL", "SELLER_BALANCE_NOT_ENOUGH", order("REFUND_ERROR", nil), unknown},
		{"refund", "SUCCESS", "", partly, unknown},

		{"refund query", "SUCCESS", "", partly, succeeded},
		{"refund query", "SUCCESS", "", paid, notFound},
		{"refund query", "FAIL", "", nil, refused},
		{"refund query", "FAIL", "UPAY_ORDER_NOT_EXIST", nil, unknown},
		{"refund query", "UNKNOWN", "", partly, unknown},
	}
	for _, c := range cases {
		expect(t, c.name, biz(c.result, c.code, c.data), c.want)
	}
}

// TestOrderStatus: data.order_status for each question (document, 四.3).
func TestOrderStatus(t *testing.T) {
	t.Parallel()
	cases := []struct {
		status                                 string
		payment, refund, refundQuery, canceled sdk.Outcome
	}{
		{"CREATED", inProgress, unknown, unknown, unknown},
		{"PAID", succeeded, unknown, notFound, unknown},
		{"PAY_CANCELED", failed, unknown, unknown, succeeded},
		{"PAY_ERROR", unknown, unknown, unknown, unknown},
		{"REFUNDED", succeeded, unknown, unknown, unknown},
		{"PARTIAL_REFUNDED", succeeded, unknown, unknown, unknown},
		{"REFUND_ERROR", succeeded, unknown, unknown, unknown},
		{"CANCELED", canceled, unknown, unknown, succeeded},
		{"CANCEL_ERROR", unknown, unknown, unknown, unknown},
		{"", unknown, unknown, unknown, unknown},
		{"paid", unknown, unknown, unknown, unknown},
		{"PAID ", unknown, unknown, unknown, unknown},
		{"SOMETHING_NEW", unknown, unknown, unknown, unknown},
	}
	for _, c := range cases {
		data := order(c.status, nil) // net_amount unchanged
		expect(t, "query", biz("SUCCESS", "", data), c.payment)
		expect(t, "refund", biz("REFUND_SUCCESS", "", data), c.refund)
		expect(t, "refund query", biz("SUCCESS", "", data), c.refundQuery)
		expect(t, "cancel", biz("CANCEL_SUCCESS", "", data), c.canceled)
	}
}

// TestErrorCode: biz_response.error_code beside PAY_FAIL, FAIL and *_ERROR (document, 四.5).
func TestErrorCode(t *testing.T) {
	t.Parallel()
	cases := []struct {
		code       string
		fail, deny sdk.Outcome // with PAY_FAIL, with FAIL
		query      sdk.Outcome // with FAIL to a query
	}{
		{"AUTHCODE_EXPIRE", failed, refused, refused},
		{"INVALID_BARCODE", failed, refused, refused},
		{"INSUFFICIENT_FUND", failed, refused, refused},
		{"EXPIRED_BARCODE", failed, refused, refused},
		{"BUYER_OVER_DAILY_LIMIT", failed, refused, refused},
		{"BUYER_OVER_TRANSACTION_LIMIT", failed, refused, refused},
		{"SELLER_OVER_DAILY_LIMIT", failed, refused, refused},
		{"TRADE_NOT_EXIST", unknown, unknown, notFound},
		{"TRADE_HAS_SUCCESS", unknown, unknown, refused},
		{"SELLER_BALANCE_NOT_ENOUGH", failed, refused, refused},
		{"REFUND_AMT_NOT_EQUAL_TOTAL", failed, refused, refused},
		{"TRADE_FAILED", failed, unknown, refused},
		{"CLIENT_SN_CONFLICT", unknown, unknown, refused},
		{"UPAY_ORDER_NOT_EXIST", unknown, unknown, notFound},
		{"UPAY_ORDER_NOT_EXISTS", unknown, unknown, notFound},
		{"REFUND_REQUEST_CONFLICT", unknown, unknown, refused},
		{"UNEXPECTED_PROVIDER_ERROR", failed, refused, refused},
		{"UPAY_REFUND_INVALID_ORDER_STATE", failed, refused, refused},
		{"UPAY_CANCEL_INVALID_ORDER_STATE", failed, refused, refused},
		{"SOMETHING_NEW", failed, refused, refused},
	}
	for _, c := range cases {
		expect(t, "pay", biz("PAY_FAIL", c.code, nil), c.fail)
		expect(t, "precreate", biz("PRECREATE_FAIL", c.code, nil), c.fail)
		expect(t, "pay", biz("FAIL", c.code, nil), c.deny)
		expect(t, "precreate", biz("FAIL", c.code, nil), c.deny)
		expect(t, "refund", biz("FAIL", c.code, nil), c.deny)
		expect(t, "cancel", biz("FAIL", c.code, nil), refused)
		expect(t, "query", biz("FAIL", c.code, nil), c.query)
		expect(t, "pay", biz("PAY_FAIL_ERROR", c.code, nil), unknown)
		expect(t, "refund", biz("REFUND_ERROR", c.code, nil), unknown)
		expect(t, "cancel", biz("CANCEL_ERROR", c.code, nil), unknown)
		expect(t, "cancel", biz("CANCEL_ABORT_ERROR", c.code, nil), unknown)
	}
}

// TestUndocumentedIsNeverFinal: a result code that no table holds settles nothing.
func TestUndocumentedIsNeverFinal(t *testing.T) {
	t.Parallel()
	codes := []string{"", "pay_success", "PAY_SUCCESS2", "SUCCEEDED", "FAILED", "PAY_CANCELED", "REFUND_FAIL", "CANCEL_FAIL", "CANCEL_ABORT_FAIL", "QUERY_FAIL"}
	for _, name := range orderOperations {
		for _, code := range codes {
			for _, state := range []string{"PAID", "PAY_CANCELED", "CANCELED", "REFUNDED"} {
				expect(t, name, biz(code, "", order(state, nil)), unknown)
			}
		}
	}
}

// TestEcho: a reply about another order or amount, or about none, settles nothing. What
// was echoed is handed on, so that the host can say what contradicts.
func TestEcho(t *testing.T) {
	t.Parallel()
	final := map[string]func(fields) string{
		"pay":    func(f fields) string { return biz("PAY_SUCCESS", "", order("PAID", f)) },
		"query":  func(f fields) string { return biz("SUCCESS", "", order("PAID", f)) },
		"cancel": func(f fields) string { return biz("CANCEL_SUCCESS", "", order("CANCELED", f)) },
		"refund": func(f fields) string {
			return biz("REFUND_SUCCESS", "", order("PARTIAL_REFUNDED", with(f, "net_amount", "70")))
		},
		"refund query": func(f fields) string {
			return biz("SUCCESS", "", order("PARTIAL_REFUNDED", with(f, "net_amount", "70")))
		},
	}
	for name, reply := range final {
		expect(t, name, reply(nil), succeeded)
		for _, f := range []fields{
			{"client_sn": "26010100010000000009"},
			{"client_sn": ""},
			{"total_amount": "101"},
			{"total_amount": ""},
			{"total_amount": "1.00"},
			{"total_amount": "-100"},
			{"total_amount": "+100"},
			{"total_amount": " 100"},
			{"total_amount": "00000000100"},
		} {
			r := expect(t, name, reply(f), unknown)
			if echo := f["client_sn"]; echo != "" && r.payment.OrderNo != echo && name != "refund" && name != "refund query" {
				t.Errorf("%s: the other order's number is not handed on", name)
			}
		}
	}
	// Another total, and a net_amount that fits it.
	bigger := fields{"total_amount": "101", "net_amount": "71"}
	expect(t, "refund", biz("REFUND_SUCCESS", "", order("PARTIAL_REFUNDED", bigger)), unknown)
	expect(t, "refund query", biz("SUCCESS", "", order("PARTIAL_REFUNDED", bigger)), unknown)
	other := fields{"client_sn": "26010100010000000009"}
	expect(t, "pay", biz("PAY_FAIL", "", order("PAY_CANCELED", other)), unknown)
	expect(t, "query", biz("SUCCESS", "", order("PAY_CANCELED", other)), unknown)
	expect(t, "query", biz("SUCCESS", "", order("CANCELED", other)), unknown)
	expect(t, "query", biz("SUCCESS", "", order("CREATED", other)), unknown)
	expect(t, "query", biz("SUCCESS", "", order("PAY_CANCELED", fields{"client_sn": ""})), unknown)
	expect(t, "query", biz("SUCCESS", "", order("CANCELED", fields{"client_sn": ""})), unknown)
	r := expect(t, "precreate", biz("PRECREATE_SUCCESS", "", order("CREATED", with(other, "qr_code", "https://qr.example/1"))), unknown)
	if r.payment.NextAction != nil {
		t.Error("another order's code would be shown to the payer")
	}
}

func with(f fields, name, value string) fields {
	out := fields{name: value}
	for n, v := range f {
		out[n] = v
	}
	return out
}

// TestResultFields: what is handed on beside the outcome.
func TestResultFields(t *testing.T) {
	t.Parallel()
	r := answer(t, "pay", biz("PAY_SUCCESS", "", order("PAID", fields{"payer_uid": "2088000000000001"}))).payment
	want := sdk.PaymentResult{
		Outcome: succeeded, OrderNo: testOrder, Amount: sdk.Fen(100), ProviderOrderNo: "7894259244067349", ChannelTradeNo: "2026010122001",
		Channel: "alipay", PayerID: "2088000000000001", PaidAt: wire.Millis("1767240000000"), Provider: sdk.ProviderText{Code: "PAY_SUCCESS PAID"},
	}
	if r != want {
		t.Errorf("pay:\n got %+v\nwant %+v", r, want)
	}
	for code, channel := range map[string]string{"1": "alipay", "3": "wechat", "4": "baidu", "5": "jd", "2": "", "": ""} {
		if got := answer(t, "query", biz("SUCCESS", "", order("PAID", fields{"payway": code}))).payment.Channel; got != channel {
			t.Errorf("payway %q is %q, want %q", code, got, channel)
		}
	}
	denied := answer(t, "pay", biz("FAIL", "INSUFFICIENT_FUND", nil)).payment
	if denied.Provider != (sdk.ProviderText{Code: "INSUFFICIENT_FUND", Message: "说明"}) {
		t.Errorf("the provider's own words: %+v", denied.Provider)
	}
	// Of a refunded or canceled order the time is that of the refund or cancel.
	for _, state := range []string{"REFUNDED", "PARTIAL_REFUNDED", "CANCELED"} {
		if at := answer(t, "query", biz("SUCCESS", "", order(state, nil))).payment.PaidAt; !at.IsZero() {
			t.Errorf("%s: paid at %s", state, at)
		}
	}
	back := answer(t, "refund", biz("REFUND_SUCCESS", "", order("PARTIAL_REFUNDED", fields{"net_amount": "70"}))).refund
	if back.RefundNo != "" || back.Amount != sdk.Fen(30) || !back.RefundedAt.Equal(wire.Millis("1767240000000")) {
		t.Errorf("refund: %+v", back)
	}
}
