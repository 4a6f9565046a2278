package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func confirmPayment(req sdk.ConfirmRequest) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.PaymentConfirmer](p).ConfirmPayment(ctx, call, req)
		return result{outcome: r.Outcome, payment: r}, err
	}
}

func resend(ref sdk.OrderRef) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.CodeResender](p).ResendCode(ctx, call, ref)
		return result{outcome: r.Outcome}, err
	}
}

func bindCard(req sdk.BindCardRequest) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.CardBinder](p).BindCard(ctx, call, req)
		return result{outcome: r.Outcome}, err
	}
}

func unbindCard(ref sdk.CardRef) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.CardUnbinder](p).UnbindCard(ctx, call, ref)
		return result{outcome: r.Outcome}, err
	}
}

func queryCard(ref sdk.CardRef) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.CardQuerier](p).QueryCard(ctx, call, ref)
		return result{outcome: r.Outcome}, err
	}
}

// quickNoticeBody is a notification's Body (quick 5.5), its card masked (trap Q23).
const quickNoticeBody = `{"AMT":"899","BANK_NAME":"农业银行","CARDNO":"622848*********1234","CARDTYPE":"1","LIST_ID":"` + testListID +
	`","MERORDERID":"` + testOrder + `","NOTIFY_DATE":"20260101120002","PAY_DATE":"20260101120001","PUSH_COUNT":1,"STATUS":"1"}`

func quickOperations() []operation {
	good := func(id string) string { return quickReply(id, nil) }
	with := func(req sdk.PaymentRequest, card *sdk.Card) sdk.PaymentRequest {
		req.Card = card
		return req
	}
	stranger, cardRef := testCard(), sdk.CardRef{BindID: testBindID, UserID: testUser}
	stranger.UserID = ""
	pay, confirm, card, bound := sdk.CapCreatePayment, sdk.CapConfirmPayment, sdk.MethodCard, sdk.MethodBoundCard
	const html = `{"unionpay_trade_mode":"html","unionpay_card_number":true}`
	page := quickReply("QP13", fields{"HTML": `<form action="https://cashier.example/a">` + "\n</form>"})
	return []operation{
		{ID: "QP1", Name: "bind-code", Capability: sdk.CapBindCard, Reply: good("QP1"), Call: bindCard(binding("")), Want: inProgress},
		{ID: "QP2", Name: "bind", Capability: sdk.CapBindCard, Reply: good("QP2"), Call: bindCard(binding("123456")), Want: succeeded},
		{ID: "QP3", Name: "pay", Capability: pay, Method: card, Reply: good("QP3"), Call: createPayment(cardPayment()), Want: inProgress},
		{ID: "QP3", Name: "pay-credit-agent", Capability: pay, Method: card, Agent: true, Reply: replyWith(testAgentKey, 33539, quickOrderBody("0", nil).json()), Call: createPayment(with(cardPayment(), creditCard())), Want: inProgress},
		{ID: "QP3", Name: "pay-without-binding", Capability: pay, Method: card, Reply: quickReply("QP3", fields{"STATUS": "2", "ERRCODE": "D4", "ERRMSG": "要素不匹配", "BIND_ID": nil}), Call: createPayment(with(cardPayment(), stranger)), Want: failed},
		{ID: "QP4", Name: "confirm", Capability: confirm, Method: card, Reply: good("QP4"), Call: confirmPayment(confirmation(card)), Want: inProgress},
		{ID: "QP5", Name: "notification", Capability: sdk.CapInbound, Call: handleInbound(notice(inboundQuick, 35104, quickNoticeBody)), Want: succeeded},
		{ID: "QP6", Name: "unbind", Capability: sdk.CapUnbindCard, Reply: good("QP6"), Call: unbindCard(cardRef), Want: succeeded},
		{ID: "QP7", Name: "query", Capability: sdk.CapQueryPayment, Method: card, Reply: good("QP7"), Call: queryPayment(quickRef(card)), Want: succeeded},
		{ID: "QP7", Name: "query-nothing", Capability: sdk.CapQueryPayment, Method: card, Reply: refusal("[-2002] 没有该订单"), Call: queryPayment(quickRef(card)), Want: notFound},
		{ID: "QP8", Name: "query-card", Capability: sdk.CapQueryCard, Reply: good("QP8"), Call: queryCard(cardRef), Want: succeeded},
		{ID: "QP9", Name: "list", Capability: sdk.CapListPayments, Reply: reply(33545, quickListBody), Call: listPaymentsOf(listRequest(productQuick)), Want: succeeded},
		{ID: "QP10", Name: "resend", Capability: sdk.CapResendCode, Method: card, Reply: good("QP10"), Call: resend(quickRef(card)), Want: inProgress},
		{ID: "QP11", Name: "bound-pay", Capability: confirm, Method: bound, Reply: good("QP11"), Call: confirmPayment(confirmation(bound)), Want: inProgress},
		{ID: "QP12", Name: "bound-code", Capability: pay, Method: bound, Reply: good("QP12"), Call: createPayment(boundPaymentRequest()), Want: inProgress},
		{ID: "QP13", Name: "unionpay", Capability: pay, Method: sdk.MethodUnionPay, Reply: good("QP13"), Call: createPayment(unionPayRequest()), Want: inProgress},
		{ID: "QP13", Name: "unionpay-page", Capability: pay, Method: sdk.MethodUnionPay, Settings: html, Reply: page, Call: createPayment(with(unionPayRequest(), testCard())), Want: inProgress},
	}
}

// quickListBody is a page of a list (quick 5.9.3).
const quickListBody = `{"BIZ_CONTENT":[{"STATUS":"1","LIST_ID":"` + testListID + `","MERORDERID":"` + testOrder +
	`","PAY_DATE":"20260101110000","NOTIFY_DATE":"20260101110001","CARDNO":"` + testCardNumber + `","AMT":"899","CARDTYPE":"1","BIND_ID":"` + testBindID +
	`"}],"PAGE":"1","PERPAGE":"1000","STATUS":"1","TOTAL_NUM":"1","TOTAL_PAGE":"1"}`
