package main

import (
	"context"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// createBarcode takes the payer's code (scan 5.2, 6.2, 7.2).
func (p provider) createBarcode(ctx context.Context, call *sdk.Call, set settings, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	code := req.PayerCode.Text()
	if code == "" || len(code) > maxCode || strings.Trim(code, alphanumeric) != "" {
		return sdk.PaymentResult{}, invalid("payer_code", "The payer's code must have 1 to %d letters and digits.", maxCode)
	}
	channel := req.Channel
	if channel == "" {
		channel = walletOf(code)
	}
	command, ok := map[string]wire.Command{
		channelWeChat: wire.ScanWeChatBarcode, channelAlipay: wire.ScanAlipayBarcode, channelQQ: wire.ScanQQBarcode,
	}[channel]
	if !ok {
		return sdk.PaymentResult{}, invalid("channel", "Choose the payer's wallet: MMSP scans codes of wechat, alipay and qq, not %q.", channel)
	}
	fields, err := p.scanOrder(call, req, maxNotify)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	fields["CODE"] = code
	set.settlementFields(fields)
	result, err := p.createScan(ctx, call, set, command, req, fields, barcodeResult)
	if err == nil && result.Outcome == sdk.OutcomeSucceeded {
		result.Channel = channel
	}
	return result, err
}

// walletOf tells the wallet by the code's first digits, or nothing.
func walletOf(code string) string {
	for _, rule := range payerCodes() {
		for _, prefix := range rule.Prefixes {
			if strings.HasPrefix(code, prefix) {
				return rule.Channel
			}
		}
	}
	return ""
}

// barcodeResult: 1 is paid, and no notification follows it (trap C5); 3 is paying.
func barcodeResult(r wire.Reply, echo wire.Echo) sdk.PaymentResult {
	outcome := sdk.OutcomeUnknown
	switch status := r.Status(); {
	case r.StillPaying():
		outcome = sdk.OutcomeInProgress
	case status == "1":
		outcome = sdk.OutcomeSucceeded
	case status == "2":
		outcome = sdk.OutcomeFailed
	case status == "3":
		outcome = sdk.OutcomeInProgress
	}
	return r.Payment(outcome, echo)
}
