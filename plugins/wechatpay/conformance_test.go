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
		Payments:    []sdk.PaymentRequest{paymentRequest(sdk.MethodQR)},
		Order:       orderRef(),
		Mutations:   50,
	})
}
