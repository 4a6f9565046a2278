package main

import (
	"context"
	"net/url"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TRADE_MODE (quick 5.14.2).
const (
	tradeModeURL  = "1"
	tradeModeHTML = "2"
)

// createUnionPay places an order that the payer pays on UnionPay's own page (quick 5.14).
func (p provider) createUnionPay(ctx context.Context, call *sdk.Call, set settings, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	fields, err := quickOrder(call, req)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if err := checkReturnURL(req.ReturnURL, maxLongURL); err != nil {
		return sdk.PaymentResult{}, err
	}
	fields["JUMP_URL"], fields["TRADE_MODE"] = req.ReturnURL, tradeModeURL
	if set.UnionPayMode == unionPayHTML {
		fields["TRADE_MODE"] = tradeModeHTML
	}
	if set.UnionPayCard {
		if req.Card == nil {
			return sdk.PaymentResult{}, invalid("card", "This account's UnionPay orders need the payer's card number: give the card.")
		}
		if err := checkCardNumber(*req.Card); err != nil {
			return sdk.PaymentResult{}, err
		}
		fields["CARDNO"] = req.Card.Number.Text()
	}
	if fields["NOTIFY_URL"], err = callbackURL(call, inboundQuick, maxLongURL); err != nil {
		return sdk.PaymentResult{}, err
	}
	reply, err := p.quickExchange(ctx, call, set, wire.QuickUnionPay, fields)
	if err != nil {
		return noPayment(err)
	}
	result := reply.Payment(orderOutcome(reply), wire.Echo{OrderNo: req.OrderNo, Amount: req.Amount})
	if result.Outcome != sdk.OutcomeInProgress {
		return result, nil
	}
	switch page := unionPayPage(reply, set.UnionPayMode); {
	case page != nil:
		page.ExpiresAt = req.ExpiresAt
		result.NextAction = page
	case reply.Status() == quickOpen:
		result.Outcome = sdk.OutcomeUnknown // placed, and nobody can open it
	}
	return result, nil
}

// unionPayPage is what the payer opens: the page, where one was asked for and came, or the
// address, which is there in both modes (trap Q27).
func unionPayPage(r wire.Reply, mode string) *sdk.NextAction {
	if page := r.Body.Text("HTML"); page != "" && mode == unionPayHTML {
		return &sdk.NextAction{Type: sdk.ActionHTML, HTML: page}
	}
	if address := r.Body.Text("PAY_URL"); isPage(address) {
		return &sdk.NextAction{Type: sdk.ActionRedirect, URL: address}
	}
	return nil
}

func isPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
