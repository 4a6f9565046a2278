package main

import (
	"context"
	"net/url"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// createH5 places an order whose address opens the wallet's app from the payer's browser
// (scan 5.3, 6.5). WeChat's must not be opened inside WeChat (trap C19).
func (p provider) createH5(ctx context.Context, call *sdk.Call, set settings, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	command := wire.ScanWeChatH5
	switch req.Channel {
	case channelWeChat:
	case channelAlipay:
		command = wire.ScanAlipayH5
	default:
		return sdk.PaymentResult{}, invalid("channel", "MMSP offers H5 with wechat and alipay, not with %q.", req.Channel)
	}
	if req.ClientIP == "" {
		return sdk.PaymentResult{}, invalid("client_ip", "Give the payer's IP address: the wallet compares it with the browser's.")
	}
	fields, err := p.scanOrder(call, req, maxNotify)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if set.H5Expiry == "day" {
		fields["TIME_END"] = wallTime(req.ExpiresAt, time.DateOnly)
	}
	if req.Channel == channelWeChat {
		set.limitField(fields) // Alipay's H5 has neither IST0 nor LIMIT_PAY, WeChat's no IST0 (trap C11)
	}
	if req.Channel == channelWeChat || set.AlipayH5Jump { // trap C8
		if err := checkReturnURL(req.ReturnURL, maxH5Jump); err != nil {
			return sdk.PaymentResult{}, err
		}
		fields["JUMP_URL"] = req.ReturnURL
	}
	return p.createScan(ctx, call, set, command, req, fields, func(r wire.Reply, echo wire.Echo) sdk.PaymentResult {
		return h5Result(r, echo, req)
	})
}

// checkReturnURL checks the page to which the payer's browser goes afterwards.
func checkReturnURL(address string, most int) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return invalid("return_url", "Give the page to which the payer returns: an address that begins with https://.")
	}
	if len(address) > most {
		return invalid("return_url", "The return page's address has %d characters; MMSP takes at most %d.", len(address), most)
	}
	return nil
}

// h5Result: 1 is called 订单状态 成功 and yet means placed (trap C1). It is not among the
// payments that are notified, so it is polled (trap C6).
func h5Result(r wire.Reply, echo wire.Echo, req sdk.PaymentRequest) sdk.PaymentResult {
	if outcome, placed := placedOutcome(r); !placed {
		return r.Payment(outcome, echo)
	}
	address := r.Body.Text("URL")
	result := r.Payment(sdk.OutcomeInProgress, echo)
	if address == "" || len(address) > maxShownURL {
		result.Outcome = sdk.OutcomeUnknown
	}
	if result.Outcome == sdk.OutcomeInProgress {
		result.NextAction = &sdk.NextAction{Type: sdk.ActionRedirect, URL: address, ExpiresAt: req.ExpiresAt}
	}
	return result
}
