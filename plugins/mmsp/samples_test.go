package main

import (
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// quickSamples are what the suite calls quick pay with.
func quickSamples(c *sdktest.Case) {
	c.Payments = append(c.Payments, cardPayment(), boundPaymentRequest(), unionPayRequest())
	c.Confirm, c.BindCard = confirmation(sdk.MethodCard), binding("123456")
	c.Card = sdk.CardRef{BindID: testBindID, UserID: testUser}
	c.Inbound = append(c.Inbound, notice(inboundQuick, 35104, quickNoticeBody))
}

// payoutSamples are what the suite calls payouts with.
func payoutSamples(c *sdktest.Case) {
	c.Payout, c.PayoutRef = payoutRequest(), payoutRef()
}
