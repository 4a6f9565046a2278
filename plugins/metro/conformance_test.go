package main

import (
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// TestConformance runs the SDK's suite, in this process and over the wire: the manifest,
// bad replies, good replies cut and mutated, and forged requests.
func TestConformance(t *testing.T) {
	t.Parallel()
	body := func(name string) string { return goldenBody(t, name+".reply.golden") }
	sdktest.Run(t, sdktest.Case{
		Provider:    provider{},
		BaseURL:     testURL,
		Settings:    testSettings,
		Credentials: credentials(t),
		Now:         testNow,
		Payments:    []sdk.PaymentRequest{paymentRequest()},
		Order:       orderRef(),
		Refund:      refundRequest(),
		Bill:        billRequest(),
		Payer:       payerRequest(),
		Inbound: []sdk.InboundRequest{
			goldenInbound(t, kindOpen, "ME1-open"), goldenInbound(t, kindClose, "ME1-close"), goldenInbound(t, kindPhone, "ME2-phone"),
		},
		Replies: map[sdk.Capability][]string{
			sdk.CapCreatePayment: {body("ME3-charge"), body("ME3-charge-bare")},
			sdk.CapQueryPayment:  {body("ME5-query")},
			sdk.CapCancelPayment: {body("ME6-reverse")},
			sdk.CapCreateRefund:  {body("ME7-refund")},
			sdk.CapFetchBill:     {body("ME8-bill")},
			sdk.CapResolvePayer:  {body("ME4-payer")},
			sdk.CapCheckIn:       {body("ME8-bill")},
		},
		Mutations: 50,
	})
}
