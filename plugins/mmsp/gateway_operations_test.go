package main

import (
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The requests and replies of the gateway's tests.

func gatewayRequest() sdk.PaymentRequest {
	return sdk.PaymentRequest{
		OrderNo: testOrder, Method: sdk.MethodGatewayForm, Channel: "YLBILL-NET-B2C", Amount: sdk.Fen(666),
		Subject: `Men's <coat> & "hat"`, Description: "备注/1", CreatedAt: testNow,
	}
}

func gatewayRef() sdk.OrderRef {
	return sdk.OrderRef{
		OrderNo: testOrder, Method: sdk.MethodGatewayForm, Channel: "YLBILL-NET-B2C", Amount: sdk.Fen(666), CreatedAt: testNow.Add(-time.Minute),
	}
}

func listRequest(product string) sdk.ListRequest {
	return sdk.ListRequest{
		Product: product, From: time.Date(2026, 1, 1, 0, 0, 0, 0, sdk.Beijing()), To: time.Date(2026, 1, 2, 0, 0, 0, 0, sdk.Beijing()), Limit: 10,
	}
}

const (
	gatewayPaid = `{"AMT":"666","ERRCODE":"","ERRMSG":"","GOODSNAME":"coat","LIST_ID":"` + testProvider + `","MERORDERID":"` + testOrder +
		`","NOTIFY_DATE":"20260101120005","PAY_CHANNEL":"YLBILL-NET-B2C","PAY_DATE":"20260101120003","REMARK":"备注/1","STATUS":"1"}`
	listedRow  = `{"STATUS":"1","LIST_ID":"` + testProvider + `","MERORDERID":"` + testOrder + `","PAY_DATE":"20260101120003","NOTIFY_DATE":"20260101120005","CARDNO":"622848******1234","AMT":"666","CARDTYPE":"1","BIND_ID":""}`
	listedBody = `{"BIZ_CONTENT":[` + listedRow + `],"PAGE":"1","PERPAGE":"10","STATUS":"1","TOTAL_NUM":"1","TOTAL_PAGE":"1"}`
)

func browserBack(query string) sdk.InboundRequest {
	return sdk.InboundRequest{Kind: inboundReturn, Method: "GET", Path: "/in/0123456789" + inboundReturn, Query: query}
}

func gatewayOperations() []operation {
	succeeded := sdk.OutcomeSucceeded
	return []operation{
		{ID: "GW1", Name: "pay-form", Capability: sdk.CapCreatePayment, Method: sdk.MethodGatewayForm, Call: createPayment(gatewayRequest()), Want: sdk.OutcomeInProgress},
		{ID: "GW2", Name: "notification", Capability: sdk.CapInbound, Call: handleInbound(notice(inboundGateway, 35104, gatewayPaid)), Want: succeeded},
		{ID: "GW2", Name: "notification-by-table", Capability: sdk.CapInbound, Call: handleInbound(notice(inboundGateway, 35090, gatewayPaid)), Want: succeeded},
		{ID: "GW3", Name: "query", Capability: sdk.CapQueryPayment, Method: sdk.MethodGatewayForm, Reply: reply(35091, gatewayPaid), Call: queryPayment(gatewayRef()), Want: succeeded},
		{ID: "GW4", Name: "list", Capability: sdk.CapListPayments, Reply: reply(33550, listedBody), Call: listPaymentsOf(listRequest(productGateway)), Want: succeeded},
		{ID: "GW5", Name: "browser-return", Capability: sdk.CapInbound, Call: handleInbound(browserBack("STATUS=1&LIST_ID=" + testProvider + "&MERORDERID=" + testOrder + "&AMT=666&PAY_DATE=20260101120003")), Want: sdk.OutcomeInProgress},
	}
}
