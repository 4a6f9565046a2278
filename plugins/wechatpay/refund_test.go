package main

import (
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// doneRefund is a refund as the documentation prints it.
const doneRefund = `{"refund_id":"50000000382019052709732678859","out_refund_no":"` + testRefund + `","transaction_id":"` + testNumber + `","out_trade_no":"` + testOrder + `",` +
	`"channel":"ORIGINAL","user_received_account":"招商银行信用卡0403","success_time":"2026-01-01T12:00:02+08:00","create_time":"2026-01-01T12:00:00+08:00",` +
	`"status":"SUCCESS","funds_account":"UNSETTLED","amount":{"total":100,"refund":30,"from":[],"payer_total":90,"payer_refund":27,"settlement_refund":30,` +
	`"settlement_total":100,"discount_refund":3,"currency":"CNY"},"promotion_detail":[]}`

// refundTable is what both a refund and its query make of a refund.
func refundTable(t *testing.T) map[string]said {
	t.Helper()
	table := everywhere(map[string]said{
		"done":              {200, doneRefund, succeeded},
		"another amount":    {200, edit(t, doneRefund, `"refund":30`, `"refund":31`), unknown},
		"no amount":         {200, edit(t, doneRefund, `"refund":30,`, ``), unknown},
		"another total":     {200, edit(t, doneRefund, `"total":100,"refund"`, `"total":99,"refund"`), unknown},
		"another currency":  {200, edit(t, doneRefund, `"CNY"`, `"HKD"`), unknown},
		"another refund":    {200, edit(t, doneRefund, testRefund, "26010100010000000009"), unknown},
		"no refund number":  {200, edit(t, doneRefund, `"out_refund_no":"`+testRefund+`",`, ``), unknown},
		"another order":     {200, edit(t, doneRefund, testOrder, "26010100010000000009"), unknown},
		"another number":    {200, edit(t, doneRefund, testNumber, "4200001234202601019999999999"), unknown},
		"no refund id":      {200, edit(t, doneRefund, `"refund_id":"50000000382019052709732678859",`, ``), unknown},
		"no status":         {200, edit(t, doneRefund, `"status":"SUCCESS",`, ``), unknown},
		"another spelling":  {200, edit(t, doneRefund, `"status"`, `"Status"`), unknown},
		"a list of amounts": {200, `{"out_refund_no":"` + testRefund + `","out_trade_no":"` + testOrder + `","status":"CLOSED","amount":[]}`, unknown},
		"closed, no amount": {200, `{"out_refund_no":"` + testRefund + `","out_trade_no":"` + testOrder + `","status":"CLOSED"}`, failed},
	})
	for state, outcome := range map[string]sdk.Outcome{"PROCESSING": inProgress, "CLOSED": failed, "ABNORMAL": unknown, "FAIL": unknown, "REFUND": unknown} {
		table[state] = said{200, edit(t, doneRefund, `"status":"SUCCESS"`, `"status":"`+state+`"`), outcome}
	}
	return table
}

// TestRefundOutcomes: every state and every documented code of a refund.
func TestRefundOutcomes(t *testing.T) {
	t.Parallel()
	table := refundTable(t)
	for code, status := range map[string]int{
		"PARAM_ERROR": 400, "INVALID_REQUEST": 400, "USER_ACCOUNT_ABNORMAL": 403, "NOT_ENOUGH": 403, "NOTENOUGH": 403, "NO_AUTH": 403, "MCH_NOT_EXISTS": 404,
		"RESOURCE_NOT_EXISTS": 404, "SIGN_ERROR": 401,
	} {
		table[code] = said{status, refusal(code), refused}
		table[code+", 500"] = said{500, refusal(code), unknown}
	}
	for code, status := range map[string]int{"REQUEST_BLOCKED": 403, "TRADE_OVERDUE": 403, "ERROR": 400, "BIZERR_NEED_RETRY": 400, "USER_ACCOUNT_ABNORMAL_2": 403} {
		table[code] = said{status, refusal(code), unknown}
	}
	judge(t, refundExchange(refundRequest()), table)
}

// TestRefundQueryOutcomes: every state and every documented code of a refund's query.
func TestRefundQueryOutcomes(t *testing.T) {
	t.Parallel()
	table := refundTable(t)
	table["no such refund"] = said{404, refusal("RESOURCE_NOT_EXISTS"), notFound}
	table["no such refund under 400"] = said{400, refusal("RESOURCE_NOT_EXISTS"), refused}
	for code, status := range map[string]int{"PARAM_ERROR": 400, "MCH_NOT_EXISTS": 404, "INVALID_REQUEST": 400, "NO_AUTH": 403, "SIGN_ERROR": 401, "USER_ACCOUNT_ABNORMAL": 403, "NOT_ENOUGH": 403} {
		table[code] = said{status, refusal(code), refused}
	}
	judge(t, refundQueryExchange(refundRequest()), table)
}

// TestDoneRefund: what a refund says, and who must act on one that the bank did not take.
func TestDoneRefund(t *testing.T) {
	t.Parallel()
	r, err := answering(t, 200, doneRefund).call(t, refundQueryExchange(refundRequest()))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "order", r.refund.OrderNo, testOrder)
	want(t, "refund", r.refund.RefundNo, testRefund)
	want(t, "refund id", r.refund.ProviderRefundNo, "50000000382019052709732678859")
	want(t, "amount", r.refund.Amount, sdk.Fen(30))
	want(t, "refunded at", r.refund.RefundedAt.Equal(time.Date(2026, 1, 1, 12, 0, 2, 0, sdk.Beijing())), true)
	r, err = answering(t, 200, edit(t, doneRefund, `"status":"SUCCESS"`, `"status":"ABNORMAL"`)).call(t, refundQueryExchange(refundRequest()))
	if err != nil || r.text != (sdk.ProviderText{Code: "ABNORMAL", Message: abnormal}) || !r.refund.RefundedAt.IsZero() {
		t.Errorf("%+v, %v", r.refund, err)
	}
}

// TestCloseOutcomes: 204 and "it is closed already" alone say closed.
func TestCloseOutcomes(t *testing.T) {
	t.Parallel()
	table := everywhere(map[string]said{
		"closed": {204, ``, succeeded}, "closed before": {400, refusal("ORDER_CLOSED"), succeeded}, "closed before, older": {400, refusal("ORDERCLOSED"), succeeded},
		"paid": {400, refusal("ORDERPAID"), refused}, "paying": {202, refusal("USERPAYING"), refused}, "paying, newer": {202, refusal("USER_PAYING"), refused},
		"no such order": {404, refusal("ORDER_NOT_EXIST"), notFound}, "no such order, older": {404, refusal("ORDERNOTEXIST"), notFound},
		"200": {200, `{"trade_state":"CLOSED"}`, unknown}, "204 with a body": {204, `<html>`, unknown}, "202": {202, `{}`, unknown},
	})
	for code, status := range map[string]int{"PARAM_ERROR": 400, "INVALID_REQUEST": 400, "MCH_NOT_EXISTS": 400, "SIGN_ERROR": 401, "NO_AUTH": 403, "TRADE_ERROR": 403} {
		table[code] = said{status, refusal(code), refused}
	}
	judge(t, closeExchange(orderRef()), table)
}
