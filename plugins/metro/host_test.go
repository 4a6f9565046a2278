package main

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

const (
	testMerchant = "880000000001"
	testStore    = "SZTX001"
	testOrder    = "26010100010000000001"
	testRefund   = "26010100010000000002"
	testNumber   = "DDH20260101000000000001"
	testUID      = "u-8800001"
	testPhone    = "13800000001"
	testCode     = "886470844354771893120988313412025269" // the document's first example
	testPhoneKey = "0123456789abcdef0123456789abcdef"
	testPhoneIV  = "fedcba9876543210"
	testSettings = `{"store_id":"` + testStore + `"}`
	testURL      = "https://metro.example"
)

// The outcomes under short names.
const (
	succeeded  = sdk.OutcomeSucceeded
	failed     = sdk.OutcomeFailed
	inProgress = sdk.OutcomeInProgress
	unknown    = sdk.OutcomeUnknown
	refused    = sdk.OutcomeRefused
	notFound   = sdk.OutcomeNotFound
	closed     = sdk.OutcomeClosed
)

var testNow = time.Date(2026, 1, 1, 12, 0, 0, 0, sdk.Beijing())

// steady gives the same bytes for every nonce.
type steady struct{}

func (steady) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i)
	}
	return len(p), nil
}

// fixed is the plugin with nothing left to chance.
func fixed() provider { return provider{random: steady{}} }

// able is what both the plugin itself and the plugin behind a connection can do.
type able interface {
	sdk.Provider
	sdk.PaymentCreator
	sdk.PaymentQuerier
	sdk.PaymentCanceler
	sdk.Refunder
	sdk.BillFetcher
	sdk.PayerResolver
	sdk.CheckIner
	sdk.InboundHandler
}

// testHost is a host that holds every call to the manifest's grant, keeps the credentials
// of testdata, and remembers what was sent.
type testHost struct {
	sdktest.Host

	mu   sync.Mutex
	sent []sentRequest
}

type sentRequest struct {
	method, path string
	header       http.Header
	body         string
}

func newHost(tb testing.TB, send func(*http.Request) (*http.Response, error)) *testHost {
	tb.Helper()
	h := &testHost{}
	h.Manifest = provider{}.Manifest()
	h.Credentials = credentials(tb)
	h.Clock = func() time.Time { return testNow }
	h.Answer = func(req *http.Request) (*http.Response, error) {
		if err := h.keep(req); err != nil {
			return nil, err
		}
		return send(req)
	}
	return h
}

func (h *testHost) keep(req *http.Request) error {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, sentRequest{method: req.Method, path: req.URL.Path, header: req.Header.Clone(), body: string(body)})
	return nil
}

// last is the only request that was sent.
func (h *testHost) last(tb testing.TB) sentRequest {
	tb.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.sent) != 1 {
		tb.Fatalf("%d requests were sent, want 1", len(h.sent))
	}
	return h.sent[0]
}

// answering is a host whose provider always gives one answer.
func answering(tb testing.TB, status int, body string) *testHost {
	tb.Helper()
	return newHost(tb, func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}, Request: req}, nil
	})
}

// failing is a host that cannot send, or does not know whether it did.
func failing(tb testing.TB, err error) *testHost {
	tb.Helper()
	return newHost(tb, func(*http.Request) (*http.Response, error) { return nil, err })
}

func credentials(tb testing.TB) map[string]string {
	tb.Helper()
	return map[string]string{
		credMerchant: testMerchant, credPrivateKey: testdata(tb, "merchant.pem"), credProviderKey: testdata(tb, "provider.pub.pem"),
		credPhoneKey: testPhoneKey, credPhoneIV: testPhoneIV,
	}
}

func testdata(tb testing.TB, name string) string {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}

func rsaKey(tb testing.TB, name string) *rsa.PrivateKey {
	tb.Helper()
	block, _ := pem.Decode([]byte(testdata(tb, name)))
	if block == nil {
		tb.Fatalf("%s is no PEM", name)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		tb.Fatal(err)
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		tb.Fatalf("%s is a %T", name, key)
	}
	return private
}

// The requests of the tests.

func paymentRequest() sdk.PaymentRequest {
	return sdk.PaymentRequest{
		OrderNo: testOrder, Method: sdk.MethodBarcode, Amount: sdk.Fen(100), Subject: `拿铁 <大> & "热" 1/2 ☕`, Description: "第一行\n第二行\t\\结束",
		PayerCode: sdk.SecretString(testCode), CreatedAt: testNow, ExpiresAt: testNow.Add(time.Minute),
	}
}

func barePayment() sdk.PaymentRequest {
	return sdk.PaymentRequest{
		OrderNo: testOrder, Method: sdk.MethodBarcode, Amount: sdk.Fen(100),
		PayerCode: sdk.SecretString("884230554680350241118744724052956705"), // the document's second example
	}
}

func orderRef() sdk.OrderRef {
	return sdk.OrderRef{OrderNo: testOrder, ProviderOrderNo: testNumber, Method: sdk.MethodBarcode, Amount: sdk.Fen(100), CreatedAt: testNow}
}

func refundRequest() sdk.RefundRequest {
	return sdk.RefundRequest{Payment: orderRef(), RefundNo: testRefund, Amount: sdk.Fen(30), RefundedBefore: sdk.Fen(0), CreatedAt: testNow}
}

func billRequest() sdk.BillRequest {
	return sdk.BillRequest{Day: time.Date(2025, 12, 31, 0, 0, 0, 0, sdk.Beijing())}
}

func payerRequest() sdk.PayerRequest {
	return sdk.PayerRequest{Purpose: sdk.PayerIdentify, Code: sdk.SecretString(testCode)}
}

// result is what a call gave, whichever capability it was of.
type result struct {
	outcome sdk.Outcome
	payment sdk.PaymentResult
	refund  sdk.RefundResult
	bill    sdk.BillResult
	payer   sdk.PayerResult
	inbound sdk.InboundResult
}

// exchange is one way to call the plugin.
type exchange struct {
	capability sdk.Capability
	run        func(ctx context.Context, p able, call *sdk.Call) (result, error)
}

func paymentExchange(req sdk.PaymentRequest) exchange {
	return exchange{sdk.CapCreatePayment, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.CreatePayment(ctx, call, req)
		return result{outcome: r.Outcome, payment: r}, err
	}}
}

func queryExchange(ref sdk.OrderRef) exchange {
	return exchange{sdk.CapQueryPayment, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.QueryPayment(ctx, call, ref)
		return result{outcome: r.Outcome, payment: r}, err
	}}
}

func cancelExchange(ref sdk.OrderRef) exchange {
	return exchange{sdk.CapCancelPayment, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.CancelPayment(ctx, call, ref)
		return result{outcome: r.Outcome, payment: r}, err
	}}
}

func refundExchange(req sdk.RefundRequest) exchange {
	return exchange{sdk.CapCreateRefund, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.CreateRefund(ctx, call, req)
		return result{outcome: r.Outcome, refund: r}, err
	}}
}

func billExchange(req sdk.BillRequest) exchange {
	return exchange{sdk.CapFetchBill, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.FetchBill(ctx, call, req)
		return result{outcome: r.Outcome, bill: r}, err
	}}
}

func payerExchange(req sdk.PayerRequest) exchange {
	return exchange{sdk.CapResolvePayer, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.ResolvePayer(ctx, call, req)
		return result{outcome: r.Outcome, payer: r}, err
	}}
}

func checkInExchange() exchange {
	return exchange{sdk.CapCheckIn, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.CheckIn(ctx, call)
		return result{outcome: r.Outcome}, err
	}}
}

func inboundExchange(req sdk.InboundRequest) exchange {
	return exchange{sdk.CapInbound, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.HandleInbound(ctx, call, req)
		return result{inbound: r}, err
	}}
}

// outgoing are all that ask the provider.
func outgoing() map[string]exchange {
	return map[string]exchange{
		"charge": paymentExchange(paymentRequest()), "query": queryExchange(orderRef()), "reverse": cancelExchange(orderRef()),
		"refund": refundExchange(refundRequest()), "bill": billExchange(billRequest()), "payer": payerExchange(payerRequest()), "check-in": checkInExchange(),
	}
}

// call runs an exchange with the test's settings and address.
func (h *testHost) call(tb testing.TB, x exchange) (result, error) {
	tb.Helper()
	return x.run(tb.Context(), fixed(), h.Call(tb.Context(), x.capability, testURL, testSettings))
}

// answer is what an exchange makes of one reply under HTTP 200.
func answer(tb testing.TB, x exchange, reply string) result {
	tb.Helper()
	h := answering(tb, http.StatusOK, reply)
	r, err := h.call(tb, x)
	if err != nil {
		tb.Fatalf("%s: %v, for %s", x.capability, err, reply)
	}
	h.last(tb)
	return r
}

func expect(tb testing.TB, x exchange, reply string, want sdk.Outcome) result {
	tb.Helper()
	r := answer(tb, x, reply)
	if r.outcome != want {
		tb.Errorf("%s: %s, want %s, for %s", x.capability, r.outcome, want, reply)
	}
	return r
}

// ok puts data into the envelope of success.
func ok(data string) string { return `{"code":0,"msg":"","data":` + data + `}` }

// edit takes fields out of a flat JSON object and puts more in.
func edit(object string, drop []string, more string) string {
	var kept []string
	for _, field := range strings.Split(strings.Trim(object, "{}"), ",") {
		name, _, _ := strings.Cut(field, ":")
		if !slices.Contains(drop, strings.Trim(name, `"`)) {
			kept = append(kept, field)
		}
	}
	if more != "" {
		kept = append(kept, more)
	}
	return "{" + strings.Join(kept, ",") + "}"
}

// The data of a paid order, of a refund and of a row of a bill. No value has a comma.
const (
	paidData = `{"pay_status":"PS_SUCCESS","pay_date":"20260101","pay_time":"20260101120001","total_fee":100,"pay_coupon_fee":10,` +
		`"pay_out_trade_no":"` + testNumber + `","uid":"` + testUID + `","pay_type":"CT_WECHAT","pay_type_trade_no":"42000012"}`
	refundData = `{"out_request_no":"` + testOrder + `","pay_out_trade_no":"` + testNumber + `","out_refund_no":"` + testRefund + `","pay_refund_id":"DDR1",` +
		`"pay_refund_fee":30,"pay_refund_status":"RS_SUCCESS","pay_refund_coupon_fee":3,"total_fee":100,"refund_date":"20260101","refund_time":"20260101120002"}`
	billRow = `{"pay_type":"CT_WECHAT","total_count":3,"total_amount":300,"reverse_count":1,"reverse_amount":100,"refund_count":2,"refund_amount":40}`
)

func status(data, field, value string) string {
	return edit(data, []string{field}, `"`+field+`":"`+value+`"`)
}
