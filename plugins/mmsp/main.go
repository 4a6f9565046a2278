// Command mmsp is the provider plugin for the MMSP open platform: payout (代付), quick pay
// (快捷), scan (扫码) and gateway (网关). "Document" in its comments is the provider's
// interface specification, seed 003; quick, scan and gateway name its parts.
package main

import (
	"io"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func main() { sdk.Serve(provider{}) }

// provider implements the capabilities. Each capability's file asks the product that the
// order's method belongs to; the products' own files are named for them.
type provider struct {
	random io.Reader // nil: the system's
}

var (
	_ sdk.PaymentCreator   = provider{}
	_ sdk.PaymentConfirmer = provider{}
	_ sdk.CodeResender     = provider{}
	_ sdk.PaymentQuerier   = provider{}
	_ sdk.PaymentLister    = provider{}
	_ sdk.PaymentCanceler  = provider{}
	_ sdk.PaymentCloser    = provider{}
	_ sdk.Refunder         = provider{}
	_ sdk.RefundQuerier    = provider{}
	_ sdk.PayoutCreator    = provider{}
	_ sdk.PayoutQuerier    = provider{}
	_ sdk.BalanceLister    = provider{}
	_ sdk.CardBinder       = provider{}
	_ sdk.CardUnbinder     = provider{}
	_ sdk.CardQuerier      = provider{}
	_ sdk.PayerResolver    = provider{}
	_ sdk.CheckIner        = provider{}
	_ sdk.InboundHandler   = provider{}
)
