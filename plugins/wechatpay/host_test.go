package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

const (
	testMerchant = "1900000109"
	testAppID    = "wxd678efh567hg6787"
	testSerial   = "7777777777777777777777777777777777777777"
	testSecret   = "0123456789abcdef0123456789ABCDEF"
	testKeyID    = "PUB_KEY_ID_0119000001092026010100000000000001"
	testOrder    = "26010100010000000001"
	testRefund   = "26010100010000000002"
	testNumber   = "4200001234202601011234567890"
	testOpenID   = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
	testURL      = "https://api.mch.weixin.qq.com"
	testSettings = `{"appid":"` + testAppID + `"}`
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
	canceled   = sdk.OutcomeCanceled
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

// testHost is a host that holds every call to the manifest's grant, keeps the credentials
// of testdata, and remembers what was sent.
type testHost struct {
	sdktest.Host

	mu   sync.Mutex
	sent []sentRequest
}

type sentRequest struct {
	method, path string // with the query
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
	h.sent = append(h.sent, sentRequest{method: req.Method, path: req.URL.RequestURI(), header: req.Header.Clone(), body: string(body)})
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

// stamp is what a message is signed with.
type stamp struct {
	key, serial string // the key's file in testdata and the name of its other half
	at          time.Time
}

// The halves of WeChat Pay's keys in testdata.
var (
	byCertificate  = stamp{"platform", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1", testNow}
	byCertificate2 = stamp{"platform2", "50062CE505775F070CAB06E697F1BBD1AD4F4D87", testNow}
	byPublicKey    = stamp{"public", testKeyID, testNow}
)

// header signs a message as WeChat Pay does.
func (s stamp) header(tb testing.TB, body string) http.Header {
	tb.Helper()
	at, nonce := strconv.FormatInt(s.at.Unix(), 10), "c5ac7061fccab6bf3e254dcf98995b8c"
	digest := sha256.Sum256([]byte(at + "\n" + nonce + "\n" + body + "\n"))
	signature, err := rsa.SignPKCS1v15(rand.Reader, rsaKey(tb, s.key+".key.pem"), crypto.SHA256, digest[:])
	if err != nil {
		tb.Fatal(err)
	}
	return http.Header{
		"Wechatpay-Timestamp": {at}, "Wechatpay-Nonce": {nonce}, "Wechatpay-Serial": {s.serial},
		"Wechatpay-Signature": {base64.StdEncoding.EncodeToString(signature)},
	}
}

// replying is a host whose provider always gives one answer.
func replying(tb testing.TB, status int, header http.Header, body string) *testHost {
	tb.Helper()
	return newHost(tb, func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Header: header, Request: req}, nil
	})
}

// answering is replying with a good signature.
func answering(tb testing.TB, status int, body string) *testHost {
	tb.Helper()
	return replying(tb, status, byCertificate.header(tb, body), body)
}

// failing is a host that cannot send, or does not know whether it did.
func failing(tb testing.TB, err error) *testHost {
	tb.Helper()
	return newHost(tb, func(*http.Request) (*http.Response, error) { return nil, err })
}

func credentials(tb testing.TB) map[string]string {
	tb.Helper()
	return map[string]string{
		credMerchant: testMerchant, credSerial: testSerial, credPrivateKey: testdata(tb, "merchant.key.pem"), credSecret: testSecret,
		credPublicKeyID: testKeyID, credPublicKey: testdata(tb, "public.pub.pem"), credCertificate: testdata(tb, "platform.cert.pem"),
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

func paymentRequest(method sdk.Method) sdk.PaymentRequest {
	return sdk.PaymentRequest{
		OrderNo: testOrder, Method: method, Amount: sdk.Fen(100), Subject: `拿铁 <大> & "热" 1/2 ☕🍵`, CreatedAt: testNow,
		ExpiresAt: testNow.Add(30 * time.Minute), ClientIP: "203.0.113.7", PayerID: testOpenID, ReturnURL: "https://shop.example/done?n=1",
	}
}

func orderRef() sdk.OrderRef {
	return sdk.OrderRef{OrderNo: testOrder, ProviderOrderNo: testNumber, Method: sdk.MethodQR, Amount: sdk.Fen(100), CreatedAt: testNow}
}

func refundRequest() sdk.RefundRequest {
	return sdk.RefundRequest{Payment: orderRef(), RefundNo: testRefund, Amount: sdk.Fen(30), RefundedBefore: sdk.Fen(0), Reason: "七天无理由 ☕ <退货>", CreatedAt: testNow}
}

func billRequest() sdk.BillRequest {
	return sdk.BillRequest{Day: time.Date(2025, 12, 31, 0, 0, 0, 0, sdk.Beijing())}
}

// result is what a call gave, whichever capability it was of.
type result struct {
	outcome    sdk.Outcome
	keyRefused bool
	text       sdk.ProviderText
	payment    sdk.PaymentResult
	refund     sdk.RefundResult
	bill       sdk.BillResult
	check      sdk.CheckResult
	inbound    sdk.InboundResult
}

// exchange is one way to call the plugin.
type exchange struct {
	capability sdk.Capability
	run        func(ctx context.Context, p able, call *sdk.Call) (result, error)
}

// able is what both the plugin itself and the plugin behind a connection can do.
type able interface {
	sdk.Provider
	sdk.PaymentCreator
	sdk.PaymentQuerier
	sdk.PaymentCloser
	sdk.Refunder
	sdk.RefundQuerier
	sdk.BillFetcher
	sdk.CheckIner
	sdk.InboundHandler
}

func ofPayment(r sdk.PaymentResult, err error) (result, error) {
	return result{outcome: r.Outcome, keyRefused: r.KeyRefused, text: r.Provider, payment: r}, err
}

func ofRefund(r sdk.RefundResult, err error) (result, error) {
	return result{outcome: r.Outcome, keyRefused: r.KeyRefused, text: r.Provider, refund: r}, err
}

func paymentExchange(req sdk.PaymentRequest) exchange {
	return exchange{sdk.CapCreatePayment, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		return ofPayment(p.CreatePayment(ctx, call, req))
	}}
}

func queryExchange(ref sdk.OrderRef) exchange {
	return exchange{sdk.CapQueryPayment, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		return ofPayment(p.QueryPayment(ctx, call, ref))
	}}
}

func closeExchange(ref sdk.OrderRef) exchange {
	return exchange{sdk.CapClosePayment, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		return ofPayment(p.ClosePayment(ctx, call, ref))
	}}
}

func refundExchange(req sdk.RefundRequest) exchange {
	return exchange{sdk.CapCreateRefund, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		return ofRefund(p.CreateRefund(ctx, call, req))
	}}
}

func refundQueryExchange(req sdk.RefundRequest) exchange {
	return exchange{sdk.CapQueryRefund, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		return ofRefund(p.QueryRefund(ctx, call, req))
	}}
}

func billExchange(req sdk.BillRequest) exchange {
	return exchange{sdk.CapFetchBill, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.FetchBill(ctx, call, req)
		return result{outcome: r.Outcome, text: r.Provider, bill: r}, err
	}}
}

func checkInExchange() exchange {
	return exchange{sdk.CapCheckIn, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.CheckIn(ctx, call)
		return result{outcome: r.Outcome, keyRefused: r.KeyRefused, text: r.Provider, check: r}, err
	}}
}

func inboundExchange(req sdk.InboundRequest) exchange {
	return exchange{sdk.CapInbound, func(ctx context.Context, p able, call *sdk.Call) (result, error) {
		r, err := p.HandleInbound(ctx, call, req)
		return result{inbound: r}, err
	}}
}

// call runs an exchange with the test's settings and address.
func (h *testHost) call(tb testing.TB, x exchange) (result, error) {
	tb.Helper()
	return x.run(tb.Context(), fixed(), h.Call(tb.Context(), x.capability, testURL, testSettings))
}

func want[T comparable](t *testing.T, what string, got, expected T) {
	t.Helper()
	if got != expected {
		t.Errorf("%s: %v, want %v", what, got, expected)
	}
}
