package main

import (
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// TestConformance runs the SDK's suite, in this process and over the wire: the manifest,
// bad replies, and good replies cut and mutated.
func TestConformance(t *testing.T) {
	t.Parallel()
	partly := order("PARTIAL_REFUNDED", fields{"net_amount": "70"})
	sdktest.Run(t, sdktest.Case{
		Provider:    provider{},
		Settings:    `{"app_id":"` + testApp + `"}`,
		Credentials: map[string]string{credTerminalSN: testTerminal, credTerminalKey: testKey, credVendorSN: testVendor, credVendorKey: testVendKey},
		Payments:    []sdk.PaymentRequest{fullest(barcodeRequest()), qrRequest()},
		Order:       orderRef(),
		Refund:      refundRequest(),
		Activation:  map[string]sdk.Secret{"code": sdk.SecretString("11111111")},
		Replies: map[sdk.Capability][]string{
			sdk.CapCreatePayment: {
				biz("PAY_SUCCESS", "", order("PAID", nil)),
				biz("PRECREATE_SUCCESS", "", order("CREATED", fields{"qr_code": "https://qr.example/1"})),
				biz("PAY_FAIL", "EXPIRED_BARCODE", order("PAY_CANCELED", nil)),
			},
			sdk.CapQueryPayment:  {biz("SUCCESS", "", order("PAID", nil)), biz("FAIL", "UPAY_ORDER_NOT_EXIST", nil)},
			sdk.CapCancelPayment: {biz("CANCEL_SUCCESS", "", order("CANCELED", nil))},
			sdk.CapCreateRefund:  {biz("REFUND_SUCCESS", "", partly)},
			sdk.CapQueryRefund:   {biz("SUCCESS", "", partly)},
			sdk.CapActivate:      {flat(issued(testTerminal, "ffffffff"))},
			sdk.CapCheckIn:       {flat(issued(testTerminal, "ffffffff"))},
		},
		Mutations: 50,
	})
}
