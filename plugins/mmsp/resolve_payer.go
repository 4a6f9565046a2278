package main

import (
	"context"
	"encoding/base64"
	"net/url"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// wakePath is the page of scan 10.1.
const wakePath = "/payopenplath5/wxh5pay"

// ResolvePayer leads the payer's browser to MMSP, which finds the payer's id (scan 10.2) or
// opens WeChat (scan 10.1), and reads what the browser brings back. Nothing is sent from here.
func (provider) ResolvePayer(_ context.Context, call *sdk.Call, req sdk.PayerRequest) (sdk.PayerResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PayerResult{}, err
	}
	switch {
	case req.Purpose == sdk.PayerWake:
		return wake(call, set, req)
	case req.Purpose != sdk.PayerIdentify && req.Purpose != "":
		return sdk.PayerResult{}, invalid("purpose", "MMSP can identify a payer or wake the wallet, not %q.", req.Purpose)
	case req.Query != nil:
		return identified(req)
	}
	return identify(call, set, req)
}

// identify is the redirect to url_2. Its ？ is printed full-width and is an ASCII one (trap
// C18).
func identify(call *sdk.Call, set settings, req sdk.PayerRequest) (sdk.PayerResult, error) {
	tradeType, ok := map[string]string{channelWeChat: "1", channelAlipay: "2"}[req.Channel]
	if !ok {
		return sdk.PayerResult{}, invalid("channel", "MMSP identifies payers of wechat and alipay, not of %q.", req.Channel)
	}
	if set.IdentifyURL == "" {
		return sdk.PayerResult{}, invalid("identify_url", "The account lacks MMSP's address for payers' ids (scan 10.2, url_2): ask MMSP's people and enter it in the settings.")
	}
	if err := checkReturnURL(req.ReturnURL, maxLongURL*2); err != nil {
		return sdk.PayerResult{}, err
	}
	merchant := call.Merchant(credMerchantNo)
	if merchant == "" {
		return sdk.PayerResult{}, noMerchant()
	}
	address := set.IdentifyURL + "?merurl=" + url.QueryEscape(req.ReturnURL) + "&merno=" + url.QueryEscape(merchant) + "&tradetype=" + tradeType
	return redirect(address), nil
}

func noMerchant() error {
	return sdk.Errorf(sdk.ErrInvalidCredential, "The account has no merchant number: enter it with the credentials.")
}

func redirect(address string) sdk.PayerResult {
	return sdk.PayerResult{Outcome: sdk.OutcomeInProgress, NextAction: &sdk.NextAction{Type: sdk.ActionRedirect, URL: address}}
}

// identified reads token_id: WeChat's openid or Alipay's user id. It is unsigned; that it
// comes from the payer who was sent is the host's to see to, by the state in ReturnURL.
func identified(req sdk.PayerRequest) (sdk.PayerResult, error) {
	id := req.Query["token_id"]
	if id == "" || len(id) > maxPayerID {
		return sdk.PayerResult{}, invalid("token_id", "The payer came back without an id of 1 to %d characters: try once more.", maxPayerID)
	}
	return sdk.PayerResult{Outcome: sdk.OutcomeSucceeded, PayerID: id}, nil
}

// wake is the page that opens WeChat before the payment: a step of its own, with no order
// (trap C17). Base64 has characters that a query must escape.
func wake(call *sdk.Call, set settings, req sdk.PayerRequest) (sdk.PayerResult, error) {
	if req.Channel != "" && req.Channel != channelWeChat {
		return sdk.PayerResult{}, invalid("channel", "MMSP wakes WeChat only, not %q.", req.Channel)
	}
	if err := checkReturnURL(req.ReturnURL, maxLongURL*2); err != nil {
		return sdk.PayerResult{}, err
	}
	page := set.WakeURL
	if page == "" {
		if call.BaseURL == "" {
			return sdk.PayerResult{}, wire.ErrNoAddress()
		}
		page = call.BaseURL + wakePath
	}
	merchant, terminal := call.Merchant(credMerchantNo), call.Merchant(credTerminalNo)
	if merchant == "" || terminal == "" {
		return sdk.PayerResult{}, noMerchant()
	}
	return redirect(page + "?memo=" + url.QueryEscape(merchant) + "&termno=" + url.QueryEscape(terminal) +
		"&merurl=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(req.ReturnURL))) + "&tradetype=1"), nil
}
