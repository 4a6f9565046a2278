package main

import (
	"net/http"
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
		// WeChat Pay signs in header fields: what is cut and changed is signed too, and must
		// still not be believed.
		Headers: func(_ int, body []byte) http.Header { return byCertificate.header(t, string(body)) },
		Replies: map[sdk.Capability][]string{
			sdk.CapCreatePayment: {`{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}`},
			sdk.CapQueryPayment:  {paidOrder},
			sdk.CapCreateRefund:  {doneRefund},
			sdk.CapQueryRefund:   {doneRefund},
			sdk.CapFetchBill:     {billAddress(sha1Of(billText))},
			sdk.CapCheckIn:       {goldenBody(t, "WX9-certificates")},
		},
		Mutations: 25,
	})
}
