// Command metro is the provider plugin for the metro consumption code (大都会消费码).
// "Document" in its comments is the provider's 大都会消费码接口文档 (seed 000).
package main

import (
	"io"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func main() { sdk.Serve(provider{}) }

// provider implements the capabilities, one file each.
type provider struct {
	random io.Reader // of nonces; nil: the system's
}

var (
	_ sdk.PaymentCreator  = provider{}
	_ sdk.PaymentQuerier  = provider{}
	_ sdk.PaymentCanceler = provider{}
	_ sdk.Refunder        = provider{}
	_ sdk.BillFetcher     = provider{}
	_ sdk.PayerResolver   = provider{}
	_ sdk.CheckIner       = provider{}
	_ sdk.InboundHandler  = provider{}
)
