// Command bestpay is the provider plugin for BestPay's aggregate acquiring for platform
// merchants (翼支付聚合收单), version 1.8. "Document" in its comments is the provider's
// interface document, seed 001.
package main

import "github.com/zhanggui-pay/zhanggui/plugins/sdk"

func main() { sdk.Serve(provider{}) }

// provider implements the capabilities, one file each.
type provider struct{}

var (
	_ sdk.PaymentCreator = provider{}
	_ sdk.PaymentQuerier = provider{}
	_ sdk.Refunder       = provider{}
	_ sdk.RefundQuerier  = provider{}
	_ sdk.CheckIner      = provider{}
	_ sdk.InboundHandler = provider{}
)
