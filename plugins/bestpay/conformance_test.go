package main

import (
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// TestConformance runs the SDK's suite, in this process and over the wire: the manifest,
// bad replies and strangers' callbacks, and good ones cut and mutated.
func TestConformance(t *testing.T) {
	t.Parallel()
	sdktest.Run(t, sdktest.Case{
		Provider: provider{},
		Settings: `{"order_not_found_codes":"NO_ORDER","refund_not_found_codes":"NO_REFUND"}`,
		Credentials: map[string]string{
			credInstitution: testInstitution, credMerchant: testMerchant,
			credKey: textFile(t, "merchant.key.pem"), credPlatform: textFile(t, "platform.cert.pem"),
		},
		Now:      testNow(),
		Payments: []sdk.PaymentRequest{barcodeRequest(), qrRequest(), h5Request(), jsapiRequest()},
		Order:    orderRef(),
		Refund:   refundRequest(),
		Inbound: []sdk.InboundRequest{
			noticeRequest(kindPayment, signed(t, paymentNotice("SUCCESS"))), noticeRequest(kindRefund, signed(t, refundNotice("SUCCESS"))),
		},
		Replies: map[sdk.Capability][]string{
			sdk.CapCreatePayment: {took(t, codeOrderResult("SUCCESS")), took(t, qrOrderResult("WAITFORPAY"))},
			sdk.CapQueryPayment:  {took(t, queryResult("SUCCESS")), refusal(t, "NO_ORDER")},
			sdk.CapCreateRefund:  {took(t, refundResult("SUCCESS"))},
			sdk.CapQueryRefund:   {took(t, jsonOf(refundQueryResult("SUCCESS"))), refusal(t, "NO_REFUND")},
			sdk.CapCheckIn:       {refusal(t, "NO_ORDER")},
		},
		Mutations: 15,
	})
}
