package main

import (
	"net/http"
	"net/url"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// returnPage is what the payer sees when the bank sends the browser back to us. It promises
// nothing.
const returnPage = `<!doctype html>
<html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>支付结果确认中</title>
<p>已返回，支付结果以商户通知为准，请勿重复支付。</p>
<p lang="en">You are back. The merchant will tell you the result; please do not pay again.</p>
</html>
`

// browserReturn takes the payer's browser back (gateway 5.5). Its fields carry no signature
// (trap C23), so they only make the host ask about the order they name.
func browserReturn(req sdk.InboundRequest) sdk.InboundResult {
	if req.Method != http.MethodGet {
		return sdk.InboundResult{Answer: refused(http.StatusMethodNotAllowed)}
	}
	out := sdk.InboundResult{Answer: sdk.InboundAnswer{
		Status: http.StatusOK, Headers: map[string]string{"Content-Type": "text/html; charset=utf-8"}, Body: []byte(returnPage),
	}}
	query, err := url.ParseQuery(req.Query)
	if orderNo := query.Get("MERORDERID"); err == nil && checkNumber("order_no", orderNo, maxLongNumber) == nil {
		out.Ask = []string{orderNo}
	}
	return out
}
