package main

import (
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// TestConformance runs the SDK's suite, in this process and over the wire: the manifest, bad
// replies, and good replies cut and mutated.
func TestConformance(t *testing.T) {
	t.Parallel()
	c := sdktest.Case{
		Provider: testPlugin(), Settings: testSettings, Credentials: credentials(), Now: testNow,
		Replies: map[sdk.Capability][]string{}, Mutations: 12,
	}
	for _, add := range []func(*sdktest.Case){scanSamples, gatewaySamples, quickSamples, payoutSamples} {
		add(&c)
	}
	for _, o := range operations() {
		if replies := c.Replies[o.Capability]; o.Reply != "" && !o.Agent && len(replies) < 3 {
			c.Replies[o.Capability] = append(replies, o.Reply)
		}
	}
	sdktest.Run(t, c)
}

func scanSamples(c *sdktest.Case) {
	c.Payments = append(c.Payments,
		barcodeRequest(channelWeChat, "130000000000000001"), scanRequest(sdk.MethodQR, channelWeChat), insideRequest(sdk.MethodJSAPI, channelWeChat, "o-1"),
		insideRequest(sdk.MethodMiniProgram, channelWeChat, "o-1"), h5Request(channelAlipay), scanRequest(sdk.MethodStaticCode, ""), scanRequest(sdk.MethodDynamicCode, ""))
	c.Order, c.Refund = scanRef(), refundRequest()
	c.Payer = sdk.PayerRequest{Purpose: sdk.PayerWake, ReturnURL: "https://shop.example/"}
	c.Inbound = append(c.Inbound, notice(inboundScan, 2324, noticeBody))
}

func gatewaySamples(c *sdktest.Case) {
	c.Payments = append(c.Payments, gatewayRequest())
	c.List = listRequest(productGateway)
	c.Inbound = append(c.Inbound, notice(inboundGateway, 35104, gatewayPaid), browserBack("STATUS=1&MERORDERID="+testOrder))
}
