package main

import (
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// TestConformance runs the SDK's suite, in this process and over the wire.
func TestConformance(t *testing.T) {
	t.Parallel()
	sdktest.Run(t, sdktest.Case{
		Provider:    provider{},
		BaseURL:     testURL,
		Settings:    testSettings,
		Credentials: credentials(t),
		Now:         testNow,
		Payments:    []sdk.PaymentRequest{paymentRequest(sdk.MethodQR), paymentRequest(sdk.MethodJSAPI), paymentRequest(sdk.MethodH5)},
		Order:       orderRef(),
		Refund:      refundRequest(),
		Bill:        billRequest(),
		Inbound: []sdk.InboundRequest{
			noticeRequest(t, kindPayment, sealedOrder(paidOrder).body(t, "TRANSACTION.SUCCESS"), byCertificate),
			noticeRequest(t, kindRefund, sealedRefund(noticedRefund).body(t, "REFUND.SUCCESS"), byPublicKey),
		},
		Mutations: 50,
	})
}
