// Command shouqianba is the provider plugin for Shouqianba (收钱吧), payment gateway 2.0.
// "Document" in its comments is the provider's 支付网关2.0接入文档.
package main

import "github.com/zhanggui-pay/zhanggui/plugins/sdk"

func main() { sdk.Serve(provider{}) }

// provider implements the capabilities, one file each.
type provider struct{}

var (
	_ sdk.PaymentCreator  = provider{}
	_ sdk.PaymentQuerier  = provider{}
	_ sdk.PaymentCanceler = provider{}
	_ sdk.Refunder        = provider{}
	_ sdk.RefundQuerier   = provider{}
	_ sdk.Activator       = provider{}
	_ sdk.CheckIner       = provider{}
)
