package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/starter/acme/acmesim"
)

const (
	testMerchant = "10000001"
	testKey      = "0123456789abcdef0123456789abcdef"
	testOrder    = "26010100010000000001"
	testRefund   = "26010100010000000002"
)

// testNow is 12:00 in Beijing, 1767240000 in seconds.
func testNow() time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, sdk.Beijing()) }

func testCredentials() map[string]string {
	return map[string]string{credMerchant: testMerchant, credKey: testKey}
}

// answering is a host whose provider is played by answer.
func answering(answer func(*http.Request) (*http.Response, error)) *sdktest.Host {
	return &sdktest.Host{Manifest: provider{}.Manifest(), Credentials: testCredentials(), Clock: testNow, Answer: answer}
}

// shop is a merchant at the simulated provider.
type shop struct {
	sim  *acmesim.Simulator
	host *sdktest.Host
	url  string
}

func openShop(t *testing.T) *shop {
	t.Helper()
	sim := acmesim.New(acmesim.Merchant{ID: testMerchant, APIKey: testKey}, testNow)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	// Each call a connection of its own: nothing is sent twice behind our back.
	return &shop{sim: sim, host: answering(sdktest.OverHTTP(&http.Transport{DisableKeepAlives: true})), url: server.URL}
}

func (s *shop) call(t *testing.T, capability sdk.Capability) *sdk.Call {
	t.Helper()
	return s.host.Call(t.Context(), capability, s.url, `{}`)
}

func (s *shop) pay(t *testing.T) sdk.PaymentResult {
	t.Helper()
	r, err := provider{}.CreatePayment(t.Context(), s.call(t, sdk.CapCreatePayment), paymentRequest())
	return settled(t, r, err)
}

func (s *shop) query(t *testing.T) sdk.PaymentResult {
	t.Helper()
	r, err := provider{}.QueryPayment(t.Context(), s.call(t, sdk.CapQueryPayment), orderRef())
	return settled(t, r, err)
}

func (s *shop) refund(t *testing.T) sdk.RefundResult {
	t.Helper()
	r, err := provider{}.CreateRefund(t.Context(), s.call(t, sdk.CapCreateRefund), refundRequest())
	return settled(t, r, err)
}

func (s *shop) queryRefund(t *testing.T) sdk.RefundResult {
	t.Helper()
	r, err := provider{}.QueryRefund(t.Context(), s.call(t, sdk.CapQueryRefund), refundRequest())
	return settled(t, r, err)
}

func paymentRequest() sdk.PaymentRequest {
	return sdk.PaymentRequest{
		OrderNo: testOrder, Method: sdk.MethodQR, Amount: sdk.Fen(1230), Subject: "奶茶 Milk tea",
		CreatedAt: testNow(), ExpiresAt: testNow().Add(10 * time.Minute),
	}
}

func orderRef() sdk.OrderRef {
	return sdk.OrderRef{OrderNo: testOrder, Method: sdk.MethodQR, Amount: sdk.Fen(1230), CreatedAt: testNow()}
}

func refundRequest() sdk.RefundRequest {
	return sdk.RefundRequest{Payment: orderRef(), RefundNo: testRefund, Amount: sdk.Fen(230), Reason: "cold", CreatedAt: testNow()}
}

func settled[R any](t *testing.T, r R, err error) R {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func want[T comparable](t *testing.T, what string, got, expected T) {
	t.Helper()
	if got != expected {
		t.Errorf("%s: %v, want %v", what, got, expected)
	}
}

// notice is the simulator's notice as the host hands it on. Header names may come in any case.
func (s *shop) notice(t *testing.T) sdk.InboundRequest {
	t.Helper()
	body, headers, err := s.sim.Notice(testOrder)
	if err != nil {
		t.Fatal(err)
	}
	lower := map[string]string{}
	for name, value := range headers {
		lower[strings.ToLower(name)] = value
	}
	return sdk.InboundRequest{Kind: kindNotice, Method: http.MethodPost, Path: "/in/0123456789n", Headers: lower, Body: body}
}
