package main

import (
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestPayoutsRefused: what the platform would refuse is refused before it is sent.
func TestPayoutsRefused(t *testing.T) {
	t.Parallel()
	cases := []struct {
		param string
		spoil func(*sdk.PayoutRequest)
	}{
		{"order_no", func(r *sdk.PayoutRequest) { r.OrderNo = "" }},
		{"order_no", func(r *sdk.PayoutRequest) { r.OrderNo = "P" + testOrder }},
		{"order_no", func(r *sdk.PayoutRequest) { r.OrderNo = strings.Repeat("1", 33) }},
		{"amount", func(r *sdk.PayoutRequest) { r.Amount = sdk.Fen(0) }},
		{"amount", func(r *sdk.PayoutRequest) { r.Amount = sdk.Fen(-100) }},
		{"amount", func(r *sdk.PayoutRequest) { r.Amount.Currency = "USD" }},
		{"amount", func(r *sdk.PayoutRequest) { r.Amount = sdk.Money{} }},
		{"extra.business_type", func(r *sdk.PayoutRequest) { r.Extra = map[string]string{extraBusinessType: "006"} }},
		{"payee_number", func(r *sdk.PayoutRequest) { r.PayeeNumber = sdk.Secret{} }},
		{"payee_number", func(r *sdk.PayoutRequest) { r.PayeeNumber = sdk.SecretString(strings.Repeat("6", 21)) }},
		{"branch_code", func(r *sdk.PayoutRequest) { r.BranchCode = "1045810060" }},
		{"phone", func(r *sdk.PayoutRequest) { r.Phone = sdk.Secret{} }},
		{"phone", func(r *sdk.PayoutRequest) { r.Phone = sdk.SecretString("0755-8888888") }},
		{"payee_name", func(r *sdk.PayoutRequest) { r.PayeeName = sdk.SecretString(strings.Repeat("张", 21)) }},
		{"purpose", func(r *sdk.PayoutRequest) { r.Purpose = strings.Repeat("工", 65) }},
		{"id_number", func(r *sdk.PayoutRequest) { r.IDNumber = sdk.SecretString(strings.Repeat("1", 33)) }},
		{"branch_name", func(r *sdk.PayoutRequest) { r.BranchName = strings.Repeat("行", 33) }},
		{"bank_name", func(r *sdk.PayoutRequest) { r.BankName = strings.Repeat("行", 65) }},
		{"payee_number", func(r *sdk.PayoutRequest) {
			*r = corporatePayout()
			r.PayeeNumber = sdk.SecretString(strings.Repeat("账", 21))
		}},
		{"payee_number", func(r *sdk.PayoutRequest) {
			*r = corporatePayout()
			r.PayeeNumber = sdk.Secret{}
		}},
	}
	for _, c := range cases {
		req := payoutRequest()
		c.spoil(&req)
		payoutRefused(t, "", c.param, req)
	}
	h := answering(200, "")
	if _, err := testPlugin().QueryPayout(t.Context(), h.call(t.Context(), sdk.CapQueryPayout, ""), sdk.PayoutRef{OrderNo: "P1"}); err == nil || h.Sends() != 0 {
		t.Errorf("a query by a number with letters: %v", err)
	}
}

// TestPayoutTextsAtTheirLimits: 20 Chinese characters are 20, not 60.
func TestPayoutTextsAtTheirLimits(t *testing.T) {
	t.Parallel()
	req := corporatePayout()
	req.PayeeName, req.Purpose, req.BranchName = sdk.SecretString(strings.Repeat("张", 20)), strings.Repeat("工", 64), strings.Repeat("行", 32)
	sent, r := payoutSent(t, "", req)
	if r.Outcome != inProgress || sent["ACCNAME"] != strings.Repeat("张", 20) || sent["MEMO"] != req.Purpose || sent["BANKBRANCHNAME"] != req.BranchName {
		t.Errorf("%+v, sent %v", r, sent)
	}
	if sent["BUSITYPE"] != "004" || sent["CHLNO"] != "C1" || sent["CHLMERNO"] != "M1" || sent["IDCARD"] == "" || sent["PAYTYPE"] != "3" {
		t.Errorf("sent %v", sent)
	}
	req = payoutRequest()
	req.Purpose = ""
	if sent, _ := payoutSent(t, "", req); sent["MEMO"] != "代付" || sent["BUSITYPE"] != "001" || sent["IDCARD"] != "" || sent["CHLNO"] != "" {
		t.Errorf("sent %v", sent)
	}
}

// TestPayoutsOfAnother: a reply about another payout proves nothing.
func TestPayoutsOfAnother(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"1", "2", "3", "4", "5"} {
		for name, value := range map[string]any{"ORDERNO": "26010100010000000009", "MERNO": "001440353999854", "AMT": "10001"} {
			reply := payoutReply("0000", payoutBody.with(fields{"PAYSTATE": state, name: value}))
			if got := payoutAnswer(t, reply); got.Outcome != unknown {
				t.Errorf("PAYSTATE %s, another %s: %s", state, name, got.Outcome)
			}
			if got := payoutQueryAnswer(t, reply); got.Outcome != unknown {
				t.Errorf("a query, PAYSTATE %s, another %s: %s", state, name, got.Outcome)
			}
		}
	}
	// PO1's table has no AMT, PO2's has.
	bare := payoutReply("0000", payoutBody.with(fields{"PAYSTATE": "1", "AMT": nil}))
	if got := payoutAnswer(t, bare); got.Outcome != succeeded {
		t.Errorf("a payout's reply without an amount: %s", got.Outcome)
	}
	if got := payoutQueryAnswer(t, bare); got.Outcome != unknown {
		t.Errorf("a query's reply without an amount: %s", got.Outcome)
	}
	if got := payoutAnswer(t, fields{"RETCODE": "1006", "RETMSG": "签名错误"}.json()); got.Outcome != refusedIt || !got.KeyRefused {
		t.Errorf("a refused signature: %+v", got)
	}
}
