package main

import (
	"net/http"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// TestConformance runs the SDK's suite: the manifest, bad replies, and good replies cut and changed,
// in this process and over a connection. `zhanggui plugin verify` asks the finished binary the same.
func TestConformance(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.pay(t)
	if err := s.sim.Pay(testOrder); err != nil {
		t.Fatal(err)
	}
	sdktest.Run(t, sdktest.Case{
		Provider:    provider{},
		Credentials: testCredentials(),
		Now:         testNow(),
		Payments:    []sdk.PaymentRequest{paymentRequest()},
		Order:       orderRef(),
		Refund:      refundRequest(),
		Inbound:     []sdk.InboundRequest{s.notice(t)},
		Replies: map[sdk.Capability][]string{
			sdk.CapCreatePayment: {`{"code":"OK","order":{"order_no":"` + testOrder + `","trade_no":"AT00000001","amount":1230,"status":"WAITING","qr_code":"https://pay.acme.example/1"}}`},
			sdk.CapQueryPayment:  {`{"code":"OK","order":{"order_no":"` + testOrder + `","trade_no":"AT00000001","amount":1230,"status":"PAID","paid_at":"2026-01-01T12:00:00+08:00"}}`},
			sdk.CapClosePayment:  {`{"code":"OK","order":{"order_no":"` + testOrder + `","trade_no":"AT00000001","amount":1230,"status":"CLOSED"}}`},
			sdk.CapCreateRefund:  {`{"code":"OK","refund":{"refund_no":"` + testRefund + `","order_no":"` + testOrder + `","amount":230,"status":"SUCCEEDED"}}`},
			sdk.CapQueryRefund:   {`{"code":"OK","refund":{"refund_no":"` + testRefund + `","order_no":"` + testOrder + `","amount":230,"status":"PROCESSING"}}`},
		},
		// Signed as Acme signs, so that cut and changed replies are read and not refused unread.
		Headers: func(_ int, body []byte) http.Header {
			h := http.Header{}
			for name, value := range s.sim.Headers(body) {
				h.Set(name, value)
			}
			return h
		},
		Mutations: 50,
	})
}
