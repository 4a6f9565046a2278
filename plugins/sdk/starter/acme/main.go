// Command acme is the provider plugin for Acme Pay, API v1.
package main

import "github.com/zhanggui-pay/zhanggui/plugins/sdk"

func main() { sdk.Serve(provider{}) }

// provider implements the capabilities. It has no state: everything a call needs comes with it.
type provider struct{}

// What it can do. The manifest lists the same.
var (
	_ sdk.PaymentCreator = provider{}
	_ sdk.PaymentQuerier = provider{}
	_ sdk.PaymentCloser  = provider{}
	_ sdk.Refunder       = provider{}
	_ sdk.RefundQuerier  = provider{}
	_ sdk.InboundHandler = provider{}
)
