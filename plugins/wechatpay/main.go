// Command wechatpay is the provider plugin for WeChat Pay (微信支付) API v3, direct merchants.
// "Documentation" in its comments is the provider's public one, pay.weixin.qq.com/doc/v3/merchant;
// README.md says which pages were read.
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
	_ sdk.PaymentCreator = provider{}
	_ sdk.PaymentQuerier = provider{}
	_ sdk.PaymentCloser  = provider{}
	_ sdk.Refunder       = provider{}
	_ sdk.RefundQuerier  = provider{}
	_ sdk.BillFetcher    = provider{}
	_ sdk.CheckIner      = provider{}
	_ sdk.InboundHandler = provider{}
)
