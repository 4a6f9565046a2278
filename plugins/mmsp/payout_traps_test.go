package main

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// payoutSent is the message of the one request that a payout's call sends, and what came of it.
func payoutSent(t *testing.T, settings string, req sdk.PayoutRequest) (map[string]string, sdk.PayoutResult) {
	t.Helper()
	h := answering(200, payoutReply("0000", payoutBody))
	r, err := testPlugin().CreatePayout(t.Context(), h.call(t.Context(), sdk.CapCreatePayout, settings), req)
	if err != nil {
		t.Fatal(err)
	}
	return payoutMessage(t, h), r
}

func payoutMessage(t *testing.T, h *testHost) map[string]string {
	t.Helper()
	var sent struct{ ENCRYPT string }
	if err := json.Unmarshal([]byte(h.last(t).body), &sent); err != nil {
		t.Fatal(err)
	}
	var message map[string]string
	if err := json.Unmarshal([]byte(platformOpens(t, sent.ENCRYPT)), &message); err != nil {
		t.Fatalf("not every value is text: %v", err)
	}
	return message
}

func payoutAnswer(t *testing.T, reply string) sdk.PayoutResult {
	t.Helper()
	r, err := testPlugin().CreatePayout(t.Context(), answering(200, reply).call(t.Context(), sdk.CapCreatePayout, ""), payoutRequest())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func payoutQueryAnswer(t *testing.T, reply string) sdk.PayoutResult {
	t.Helper()
	r, err := testPlugin().QueryPayout(t.Context(), answering(200, reply).call(t.Context(), sdk.CapQueryPayout, ""), payoutRef())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func balancesAnswer(t *testing.T, settings, reply string) (sdk.BalanceResult, *testHost) {
	t.Helper()
	h := answering(200, reply)
	r, err := testPlugin().ListBalances(t.Context(), h.call(t.Context(), sdk.CapListBalances, settings))
	if err != nil {
		t.Fatal(err)
	}
	return r, h
}

// payoutRefused: the request is refused for a field, and nothing is sent.
func payoutRefused(t *testing.T, settings, param string, req sdk.PayoutRequest) {
	t.Helper()
	h := answering(200, payoutReply("0000", payoutBody))
	r, err := testPlugin().CreatePayout(t.Context(), h.call(t.Context(), sdk.CapCreatePayout, settings), req)
	var known *sdk.Error
	if !errors.As(err, &known) || known.Code != sdk.ErrInvalidRequest || known.Param != param || h.Sends() != 0 {
		t.Errorf("want a refusal of %s: %+v, %v, %d sent", param, r, err, h.Sends())
	}
}

// TestPayoutTraps has a test for each trap of the payout document, E4.
func TestPayoutTraps(t *testing.T) {
	t.Parallel()
	for name, trap := range map[string]func(*testing.T){
		"E4-P1 replies are not signed": trapP1, "E4-P2 ten million of what": trapP2, "E4-P3 no credit cards": trapP3, "E4-P4 branch number": trapP4,
		"E4-P5 the strict sample": trapP5, "E4-P6 reply lengths": trapP6, "E4-P7 QRYTYPE in a sample": trapP7, "E4-P8 numbers": trapP8,
		"E4-P9 ACCINFO in two forms": trapP9, "E4-P10 swapped fields": trapP10, "E4-P11 failed is not given back": trapP11,
		"E4-P12 balance or advance": trapP12, "E4-P13 failures have no message": trapP13, "E4-P14 not failures": trapP14,
		"E4-P15 payer means payee": trapP15, "E4-P16 a missing appendix": trapP16, "E4-P17 two versions": trapP17,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trap(t)
		})
	}
}

// Anybody who has the merchant's public key can make a reply, so the connection is all there is.
func trapP1(t *testing.T) {
	t.Helper()
	if got := (provider{}).Manifest().ReplyAuthentication; got != sdk.ReplyTLSOnly {
		t.Errorf("the manifest says %q: the host would not insist on https", got)
	}
	if got := payoutAnswer(t, payoutReply("0000", payoutBody)); got.Outcome != inProgress {
		t.Errorf("a reply without a signature: %s", got.Outcome)
	}
}

func trapP2(t *testing.T) {
	t.Helper()
	const fen = `{"payout_maximum_unit":"fen"}`
	req := payoutRequest()
	for settings, most := range map[string]int64{"": 1_000_000_000, `{"payout_maximum_unit":"yuan"}`: 1_000_000_000, fen: 10_000_000} {
		req.Amount = sdk.Fen(most)
		if sent, _ := payoutSent(t, settings, req); sent["AMT"] == "" {
			t.Errorf("%s: %d fen were not sent", settings, most)
		}
		req.Amount = sdk.Fen(most + 1)
		payoutRefused(t, settings, "amount", req)
	}
	if got := payoutProduct().Payout.Maximum; got != sdk.Fen(1_000_000_000) {
		t.Errorf("the manifest's maximum is %v", got)
	}
}

func trapP3(t *testing.T) {
	t.Helper()
	for _, kind := range []string{"credit", "1", ""} {
		req := payoutRequest()
		req.PayeeType = kind
		payoutRefused(t, "", "payee_type", req)
	}
	for _, req := range []sdk.PayoutRequest{payoutRequest(), corporatePayout()} {
		if sent, _ := payoutSent(t, "", req); sent["ACCTYPE"] == "1" || sent["CVV2"] != "" {
			t.Errorf("sent %v", sent)
		}
	}
}

func trapP4(t *testing.T) {
	t.Helper()
	for _, code := range []string{"", "1045810060", "10458100601", "1045810060155", "10458100601x", "１０４５８１００６０１５"} {
		req := corporatePayout()
		req.BranchCode = code
		payoutRefused(t, "", "branch_code", req)
	}
	if sent, _ := payoutSent(t, "", corporatePayout()); sent["BANKSETTLENO"] != "104581006015" || sent["ACCTYPE"] != "2" || sent["BANKBRANCHNAME"] != "招商银行深圳分行营业部" {
		t.Errorf("corporate: %v", sent)
	}
	private := payoutRequest()
	for _, code := range []string{"104581006015", ""} {
		private.BranchCode = code
		if sent, _ := payoutSent(t, "", private); sent["BANKSETTLENO"] != "" || sent["ACCTYPE"] != "0" {
			t.Errorf("a private account with the branch %q: %v", code, sent)
		}
	}
}

func trapP5(t *testing.T) {
	t.Helper()
	req := payoutRequest()
	sent, _ := payoutSent(t, "", req)
	if sent["BANKBRANCHNAME"] != "104581006015" || sent["BANKPROV"] != "广东省" || sent["BANKCITY"] != "深圳市" {
		t.Errorf("not as the strict sample: %v", sent)
	}
	req.BranchName = "深圳分行"
	if sent, _ := payoutSent(t, "", req); sent["BANKBRANCHNAME"] != "104581006015" {
		t.Errorf("with both: %v", sent)
	}
	req.BranchCode = ""
	if sent, _ := payoutSent(t, "", req); sent["BANKBRANCHNAME"] != "深圳分行" {
		t.Errorf("without a number: %v", sent)
	}
	for _, param := range []string{"province", "city"} {
		req := payoutRequest()
		*map[string]*string{"province": &req.Province, "city": &req.City}[param] = ""
		payoutRefused(t, "", param, req)
	}
	if needs := strings.Join(payoutProduct().Payout.Needs, " "); !strings.Contains(needs, "province") || !strings.Contains(needs, "city") {
		t.Errorf("the manifest needs %s", needs)
	}
}

func trapP6(t *testing.T) {
	t.Helper()
	const number = "20171225103000000000000000000003" // 32 digits, where the reply's table prints 14
	req := payoutRequest()
	req.OrderNo = number
	h := answering(200, payoutReply("0000", payoutBody.with(fields{"ORDERNO": number, "BSORDERNO": "2017122500004124000000000000001"})))
	r, err := testPlugin().CreatePayout(t.Context(), h.call(t.Context(), sdk.CapCreatePayout, ""), req)
	if err != nil || r.Outcome != inProgress || r.OrderNo != number || r.ProviderOrderNo != "2017122500004124000000000000001" {
		t.Errorf("%+v, %v", r, err)
	}
}

func trapP7(t *testing.T) {
	t.Helper()
	h := answering(200, payoutReply("0000", payoutQueryBody))
	if _, err := testPlugin().QueryPayout(t.Context(), h.call(t.Context(), sdk.CapQueryPayout, ""), payoutRef()); err != nil {
		t.Fatal(err)
	}
	if sent := payoutMessage(t, h); sent["QRYTYPE"] != "" || sent["CMDID"] != "4098" {
		t.Errorf("sent %v", sent)
	}
}

func trapP8(t *testing.T) {
	t.Helper()
	h := answering(200, payoutReply("0000", payoutQueryBody))
	if _, err := testPlugin().QueryPayout(t.Context(), h.call(t.Context(), sdk.CapQueryPayout, ""), payoutRef()); err != nil {
		t.Fatal(err)
	}
	if sent := payoutMessage(t, h); sent["ORDERNO"] != testOrder || sent["BSORDERNO"] != "" {
		t.Errorf("a query names %v", sent)
	}
	_, h = balancesAnswer(t, "", payoutReply("0000", balanceBody))
	call := h.call(t.Context(), sdk.CapListBalances, "")
	if sent := payoutMessage(t, h); sent["ORDERNO"] != call.OrderNo || sent["QRYTYPE"] != "1" {
		t.Errorf("a balance query names %v, the host's number is %s", sent, call.OrderNo)
	}
	for _, number := range []string{"B26010100010000000001", strings.Repeat("1", 33)} {
		call.OrderNo = number
		if r, err := testPlugin().ListBalances(t.Context(), call); !errors.Is(err, &sdk.Error{Code: sdk.ErrInvalidRequest}) {
			t.Errorf("the number %q: %+v, %v", number, r, err)
		}
	}
	// A call without a number makes one, another each time.
	seen := map[string]bool{}
	for range 10 {
		h := answering(200, payoutReply("0000", balanceBody))
		call := h.call(t.Context(), sdk.CapListBalances, "")
		call.OrderNo = ""
		if _, err := (provider{}).ListBalances(t.Context(), call); err != nil {
			t.Fatal(err)
		}
		number := payoutMessage(t, h)["ORDERNO"]
		if !digits(number, 20, 20) || !strings.HasPrefix(number, "20260101120000") {
			t.Errorf("the number %q", number)
		}
		seen[number] = true
	}
	if len(seen) < 5 {
		t.Errorf("10 queries have the numbers %v", seen)
	}
}

func trapP9(t *testing.T) {
	t.Helper()
	plain, _ := balancesAnswer(t, "", payoutReply("0000", balanceBody))
	quoted, _ := balancesAnswer(t, "", payoutReply("0000", balanceBody.with(fields{"ACCINFO": encodeJSON(balanceBody["ACCINFO"])})))
	if len(plain.Balances) != 2 || !reflect.DeepEqual(plain, quoted) {
		t.Errorf("an array gives %+v\na string of one %+v", plain, quoted)
	}
}

func trapP10(t *testing.T) {
	t.Helper()
	row := balanceRow.with(fields{"MERTYPE": "1", "ISCHARGE": "2"})
	body := payoutReply("0000", balanceBody.with(fields{"ACCINFO": []fields{row}}))
	for settings, payable := range map[string]int64{"": 20_000, `{"payout_class_field":"MERTYPE"}`: 20_000, `{"payout_class_field":"ISCHARGE"}`: 20_300} {
		if r, _ := balancesAnswer(t, settings, body); r.Payable != sdk.Fen(payable) {
			t.Errorf("%s: payable %v, want %d", settings, r.Payable, payable)
		}
	}
	if r, _ := balancesAnswer(t, "", body); r.Balances[0].Figures["ISCHARGE"] != "2" || r.Balances[0].Figures["MERTYPE"] != "1" {
		t.Errorf("the figures are %v", r.Balances[0].Figures)
	}
}

// PAYSTATE 3 is final for the payout; the money is in FREEZEBAL until it comes back.
func trapP11(t *testing.T) {
	t.Helper()
	got := payoutQueryAnswer(t, payoutReply("0000", payoutQueryBody.with(fields{"PAYSTATE": "3", "DESC": "付款失败"})))
	if got.Outcome != failed || got.Returned || got.Provider.Message != "付款失败" {
		t.Errorf("%+v", got)
	}
	if got := payoutQueryAnswer(t, payoutReply("0000", payoutQueryBody.with(fields{"PAYSTATE": "4"}))); got.Outcome != failed || !got.Returned {
		t.Errorf("given back by the bank: %+v", got)
	}
	r, _ := balancesAnswer(t, "", payoutReply("0000", balanceBody))
	if r.Balances[0].Frozen != sdk.Fen(40) || r.Payable != sdk.Fen(2*20_300) {
		t.Errorf("frozen money can be paid out: %+v", r)
	}
}

func trapP12(t *testing.T) {
	t.Helper()
	for source, want := range map[string]string{sdk.SourceBalance: "1", "": "1", sdk.SourceAdvance: "3"} {
		req := payoutRequest()
		req.Source = source
		if sent, _ := payoutSent(t, "", req); sent["PAYTYPE"] != want {
			t.Errorf("%q is sent as PAYTYPE %s", source, sent["PAYTYPE"])
		}
	}
	for _, source := range []string{"both", "balance,advance", "2"} {
		req := payoutRequest()
		req.Source = source
		payoutRefused(t, "", "source", req)
	}
	r, _ := balancesAnswer(t, "", payoutReply("0000", balanceBody))
	if r.Balances[0].Available != sdk.Fen(20_000) || r.Balances[0].Advance != sdk.Fen(300) {
		t.Errorf("the two are mixed: %+v", r.Balances[0])
	}
}

func trapP13(t *testing.T) {
	t.Helper()
	for _, sealed := range []any{nil, "", "not Base64", nullValue} {
		reply := fields{"RETCODE": "1031", "RETMSG": "商户余额不足"}.with(fields{"ENCRYPT": sealed})
		if got := payoutAnswer(t, reply.json()); got.Outcome != refusedIt || got.Provider.Code != "1031" || got.Provider.Message != "商户余额不足" {
			t.Errorf("ENCRYPT %v: %+v", sealed, got)
		}
	}
}

// nullValue is a JSON null, where nil leaves a field out.
var nullValue = json.RawMessage("null")

func trapP14(t *testing.T) {
	t.Helper()
	for _, code := range []string{"0001", "1008", "1009", "1037", "1038", "1040", "1046", "1047"} {
		if got := payoutAnswer(t, payoutReply(code, nil)); got.Outcome != unknown {
			t.Errorf("%s: %s", code, got.Outcome)
		}
		// 0001 is unknown whatever PAYSTATE says.
		if got := payoutAnswer(t, payoutReply(code, payoutBody.with(fields{"PAYSTATE": "3"}))); got.Outcome != unknown {
			t.Errorf("%s with PAYSTATE 3: %s", code, got.Outcome)
		}
	}
	if got := payoutQueryAnswer(t, payoutReply("0001", payoutQueryBody)); got.Outcome != unknown {
		t.Errorf("a query with 0001 and PAYSTATE 1: %s", got.Outcome)
	}
}

// The provider's words are shown as they are; ours name the payee.
func trapP15(t *testing.T) {
	t.Helper()
	reply := fields{"RETCODE": "1014", "RETMSG": "付款人姓名错误"}
	if got := payoutAnswer(t, reply.json()); got.Outcome != refusedIt || got.Provider.Message != "付款人姓名错误" {
		t.Errorf("%+v", got)
	}
	req := payoutRequest()
	req.PayeeNumber = sdk.SecretString("6225-1234")
	payoutRefused(t, "", "payee_number", req)
	req.PayeeNumber, req.PayeeName = payoutRequest().PayeeNumber, sdk.Secret{}
	payoutRefused(t, "", "payee_name", req)
}

// There is no list of banks, so the bank's name goes as it was given.
func trapP16(t *testing.T) {
	t.Helper()
	req := payoutRequest()
	req.BankName = "某某县农村信用合作联社"
	if sent, _ := payoutSent(t, "", req); sent["BANKNAME"] != req.BankName {
		t.Errorf("sent %v", sent)
	}
	req.BankName = ""
	payoutRefused(t, "", "bank_name", req)
}

func trapP17(t *testing.T) {
	t.Helper()
	if sent, _ := payoutSent(t, "", payoutRequest()); sent["VERSION"] != "1.0" {
		t.Errorf("payout has the version %s", sent["VERSION"])
	}
	h := answering(200, quickReply("QP7", nil))
	if _, err := quickCases()["QP7"].ask(t, testPlugin(), h.call(t.Context(), sdk.CapQueryPayment, "")); err != nil {
		t.Fatal(err)
	}
	if body := h.last(t).body; !strings.Contains(body, `"Version":"1.0.0"`) {
		t.Errorf("quick pay sends %s", body)
	}
}
