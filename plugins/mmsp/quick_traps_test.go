package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestQuickTraps has a test for each trap of quick pay, E5; those of the envelope and of lists
// stand in envelope_traps_test.go and list_test.go.
func TestQuickTraps(t *testing.T) {
	t.Parallel()
	for name, trap := range map[string]func(*testing.T){
		"E5-Q13 four meanings of 0": trapQ13,
		"E5-Q14 a status cut off":   trapQ14, "E5-Q15 two meanings of D4": trapQ15, "E5-Q16 confirmed is not paid": trapQ16, "E5-Q17 LIST_ID alone": trapQ17,
		"E5-Q18 binding by paying": trapQ18, "E5-Q19 refunded elsewhere": trapQ19, "E5-Q20 EXPDATE": trapQ20, "E5-Q21 RANDSTR": trapQ21,
		"E5-Q22 two unique numbers": trapQ22, "E5-Q23 masked card": trapQ23, "E5-Q24 empty PAY_DATE": trapQ24,
		"E5-Q27 UnionPay's card": trapQ27, "E5-Q28 raw callbacks": trapQ28,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trap(t)
		})
	}
}

// quickHeader is the header of the one message that an operation sends, its Body apart.
type quickHeader struct {
	CommandID, SeqID, NodeType         int
	NodeID, Version                    string
	AGENTNO, MERNO, TERMNO, Sign       string
	RetCode, ErrorMsg, Attach, Extends json.RawMessage
	Body                               map[string]string
}

// quickSent is what an operation sends.
func quickSent(t *testing.T, id, settings string) quickHeader {
	t.Helper()
	c, h := quickCases()[id], answering(200, quickReply(id, nil))
	if _, err := c.ask(t, testPlugin(), h.call(t.Context(), c.capability, settings)); err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	return header(t, h)
}

func header(t *testing.T, h *testHost) quickHeader {
	t.Helper()
	var sent quickHeader
	if err := json.Unmarshal([]byte(h.last(t).body), &sent); err != nil {
		t.Fatal(err)
	}
	return sent
}

// quickRefused: the request is refused for a field, and nothing is sent.
func quickRefused(t *testing.T, capability sdk.Capability, settings, param string, ask func(*sdk.Call) error) {
	t.Helper()
	h := answering(200, refusal("x"))
	err := ask(h.call(t.Context(), capability, settings))
	var known *sdk.Error
	if !errors.As(err, &known) || known.Code != sdk.ErrInvalidRequest || known.Param != param || h.Sends() != 0 {
		t.Errorf("want a refusal of %s: %v, %d sent", param, err, h.Sends())
	}
}

func quickNotified(t *testing.T, raw string) sdk.InboundResult {
	t.Helper()
	req := notice(inboundQuick, 35104, quickNoticeBody)
	req.Body = []byte(raw)
	r, err := testPlugin().HandleInbound(t.Context(), answering(200, "").call(t.Context(), sdk.CapInbound, ""), req)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func trapQ13(t *testing.T) {
	t.Helper()
	for id, want := range map[string]sdk.Outcome{"QP3": inProgress, "QP7": inProgress, "QP11": unknown, "QP13": inProgress} {
		if got := quickAsk(t, id, quickReply(id, fields{"STATUS": "0"})); got.outcome != want {
			t.Errorf("%s: %s, want %s", id, got.outcome, want)
		}
	}
	r := quickList(t, "", strings.Replace(quickListBody, `"STATUS":"1","TOTAL`, `"STATUS":"0","TOTAL`, 1))
	if r.Outcome != succeeded || len(r.Payments) != 0 || r.Next != "" {
		t.Errorf("a list without data: %+v", r)
	}
}

func trapQ14(t *testing.T) {
	t.Helper()
	for _, id := range []string{"QP3", "QP13"} {
		if got := quickAsk(t, id, quickReply(id, fields{"STATUS": "3"})); got.outcome != unknown || got.payment.Refunded || got.payment.NextAction != nil {
			t.Errorf("%s: %+v", id, got)
		}
	}
}

func trapQ15(t *testing.T) {
	t.Helper()
	elements, shut := fields{"STATUS": "2", "ERRCODE": "D4", "ERRMSG": "要素不匹配"}, fields{"STATUS": "2", "ERRCODE": "D4", "ERRMSG": "订单已关闭"}
	if got := quickAsk(t, "QP3", quickReply("QP3", elements)); got.outcome != failed {
		t.Errorf("card elements with an order: %s", got.outcome)
	}
	if got := quickAsk(t, "QP3", quickReply("QP3", shut)); got.outcome != failed {
		t.Errorf("closed with an order: %s", got.outcome)
	}
	if got := quickAsk(t, "QP7", quickReply("QP7", elements)); got.outcome != failed {
		t.Errorf("card elements with a query: %s", got.outcome)
	}
	if got := quickAsk(t, "QP7", quickReply("QP7", shut)); got.outcome != closed {
		t.Errorf("closed with a query: %s", got.outcome)
	}
}

func trapQ16(t *testing.T) {
	t.Helper()
	for status, want := range map[string]sdk.Outcome{"1": inProgress, "0": refusedIt, "2": refusedIt, "3": refusedIt, "7": refusedIt} {
		if got := quickAsk(t, "QP4", quickReply("QP4", fields{"STATUS": status})); got.outcome != want {
			t.Errorf("STATUS %s: %s", status, got.outcome)
		}
	}
	got := quickAsk(t, "QP4", quickReply("QP4", fields{"STATUS": "2", "LIST_ID": nil, "ERRCODE": "AA", "ERRMSG": "用户支付中"}))
	if got.outcome != inProgress {
		t.Errorf("AA: %s", got.outcome)
	}
}

func trapQ17(t *testing.T) {
	t.Helper()
	sent := quickSent(t, "QP4", "").Body
	if len(sent) != 3 || sent["LIST_ID"] != testListID || sent["MSG_CODE"] != "123456" {
		t.Errorf("sent %v", sent)
	}
	req := confirmation(sdk.MethodCard)
	req.Payment.ProviderOrderNo = ""
	quickRefused(t, sdk.CapConfirmPayment, "", "provider_order_no", func(call *sdk.Call) error {
		_, err := testPlugin().ConfirmPayment(t.Context(), call, req)
		return err
	})
	// A query brings the number that a lost reply would have.
	if got := quickAsk(t, "QP7", quickReply("QP7", fields{"STATUS": "0"})); got.payment.ProviderOrderNo != testListID {
		t.Errorf("%+v", got.payment)
	}
}

func trapQ18(t *testing.T) {
	t.Helper()
	if sent := quickSent(t, "QP3", "").Body; sent["USER_ID"] != testUser {
		t.Errorf("sent %v", sent)
	}
	for _, id := range []string{"QP3", "QP7"} {
		if got := quickAsk(t, id, quickReply(id, nil)).payment; got.BoundCard == nil || got.BoundCard.BindID != testBindID {
			t.Errorf("%s: %+v", id, got.BoundCard)
		}
	}
	// What is switched off is asked all the same, and the provider's words are shown.
	got := quickAsk(t, "QP2", refusal("[-1001] 该功能暂未开通"))
	if got.outcome != refusedIt || got.provider.Message != "该功能暂未开通" {
		t.Errorf("%+v", got)
	}
}

func trapQ19(t *testing.T) {
	t.Helper()
	if got := quickAsk(t, "QP7", quickReply("QP7", fields{"STATUS": "3"})); got.outcome != succeeded || !got.payment.Refunded {
		t.Errorf("%+v", got.payment)
	}
	if got := quickAsk(t, "QP7", quickReply("QP7", fields{"STATUS": "3", "AMT": "898"})); got.outcome != unknown || got.payment.Refunded {
		t.Errorf("of another amount: %+v", got.payment)
	}
}

func trapQ20(t *testing.T) {
	t.Helper()
	if sent := quickSent(t, "QP2", "").Body; sent["EXPDATE"] != "0127" || sent["CVN2"] != "344" || sent["CARDTYPE"] != "2" {
		t.Errorf("a credit card sends %v", sent)
	}
	debit := cardPayment()
	debit.Card.Expiry, debit.Card.CVN2 = sdk.SecretString("0127"), sdk.SecretString("344")
	h := answering(200, quickReply("QP3", nil))
	if _, err := testPlugin().CreatePayment(t.Context(), h.call(t.Context(), sdk.CapCreatePayment, ""), debit); err != nil {
		t.Fatal(err)
	}
	if sent := header(t, h).Body; sent["EXPDATE"] != "" || sent["CVN2"] != "" || sent["CARDTYPE"] != "1" {
		t.Errorf("a debit card sends %v", sent)
	}
	for _, expiry := range []string{"", "01117", "117", "1327", "0027", "01/27", "012", "ab27"} {
		req := cardPayment()
		req.Card = creditCard()
		req.Card.Expiry = sdk.SecretString(expiry)
		quickRefused(t, sdk.CapCreatePayment, "", "card.expiry", func(call *sdk.Call) error {
			_, err := testPlugin().CreatePayment(t.Context(), call, req)
			return err
		})
	}
}

func trapQ21(t *testing.T) {
	t.Helper()
	without := "QP6 QP7 QP8"
	for id := range quickCases() {
		random := quickSent(t, id, "").Body["RANDSTR"]
		if has := random != ""; has == strings.Contains(without, id) || has && random != "0000000000" {
			t.Errorf("%s sends RANDSTR %q", id, random)
		}
	}
	if sent := quickSent(t, "QP12", "").Body; sent["AMT"] != "899" || sent["RANDSTR"] == "" {
		t.Errorf("QP12 sends %v", sent)
	}
	// The system's own is another each time.
	seen := map[string]bool{}
	for range 20 {
		text, err := provider{}.randomText()
		if err != nil || len(text) != randomLength || seen[text] {
			t.Errorf("%q, %v", text, err)
		}
		seen[text] = true
	}
}

func trapQ22(t *testing.T) {
	t.Helper()
	const own = `{"bound_code_number":"own"}`
	for settings, want := range map[string]string{"": testOrder, `{"bound_code_number":"same"}`: testOrder, own: testOrder + "S"} {
		c, h := quickCases()["QP12"], answering(200, quickReply("QP12", fields{"MERORDERID": want}))
		got, err := c.ask(t, testPlugin(), h.call(t.Context(), c.capability, settings))
		if err != nil || got.outcome != inProgress || got.payment.NextAction == nil || header(t, h).Body["MERORDERID"] != want {
			t.Errorf("%s: %+v, %v", settings, got, err)
		}
		if same := want == testOrder; same != (got.payment.OrderNo == testOrder) || got.payment.ProviderOrderNo != "" {
			t.Errorf("%s: the code's number is taken for the payment's: %+v", settings, got.payment)
		}
		if sent := quickSent(t, "QP11", settings).Body; sent["MERORDERID"] != testOrder {
			t.Errorf("%s: the payment has the number %s", settings, sent["MERORDERID"])
		}
	}
	if got := quickAskWith(t, "QP12", own, quickReply("QP12", nil)); got.outcome != unknown {
		t.Errorf("the reply names the payment's number: %s", got.outcome)
	}
	long := boundPaymentRequest()
	long.OrderNo = strings.Repeat("1", maxLongNumber)
	quickRefused(t, sdk.CapCreatePayment, own, "order_no", func(call *sdk.Call) error {
		_, err := testPlugin().CreatePayment(t.Context(), call, long)
		return err
	})
}

func trapQ23(t *testing.T) {
	t.Helper()
	r := quickNotified(t, reply(35104, quickNoticeBody))
	if !r.Verified || len(r.Events) != 1 || r.Events[0].Payment.Outcome != succeeded || string(r.Answer.Body) != "SUCCESS" {
		t.Errorf("%+v", r)
	}
	if shown := encodeJSON(r); strings.Contains(shown, "622848") {
		t.Errorf("the card is handed on: %s", shown)
	}
	for _, card := range []any{"622700*********7349", "", nil} {
		if got := quickAsk(t, "QP3", quickReply("QP3", fields{"CARDNO": card})); got.outcome != inProgress {
			t.Errorf("CARDNO %v: %s", card, got.outcome)
		}
	}
	if got := quickAsk(t, "QP7", quickReply("QP7", fields{"CARDNO": "622700*********7349"})).payment; got.BoundCard.Masked != "622700*********7349" {
		t.Errorf("%+v", got.BoundCard)
	}
}

func trapQ24(t *testing.T) {
	t.Helper()
	for _, date := range []any{"", nil, nullValue, "0000-00-00"} {
		got := quickAsk(t, "QP7", quickReply("QP7", fields{"STATUS": "0", "PAY_DATE": date, "NOTIFY_DATE": date}))
		if got.outcome != inProgress || !got.payment.PaidAt.IsZero() {
			t.Errorf("PAY_DATE %v: %+v", date, got.payment)
		}
		if got := quickAsk(t, "QP7", quickReply("QP7", fields{"PAY_DATE": date})); got.outcome != succeeded || !got.payment.PaidAt.IsZero() {
			t.Errorf("paid, PAY_DATE %v: %+v", date, got.payment)
		}
	}
}

// quickList asks for a page and gets one.
func quickList(t *testing.T, settings, body string) sdk.ListResult {
	t.Helper()
	h := answering(200, reply(33545, body))
	r, err := testPlugin().ListPayments(t.Context(), h.call(t.Context(), sdk.CapListPayments, settings), listRequest(productQuick))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func trapQ27(t *testing.T) {
	t.Helper()
	const withCard, html = `{"unionpay_card_number":true}`, `{"unionpay_trade_mode":"html"}`
	req := unionPayRequest()
	req.Card = testCard()
	for settings, want := range map[string]string{"": "", withCard: testCardNumber} {
		h := answering(200, quickReply("QP13", nil))
		if _, err := testPlugin().CreatePayment(t.Context(), h.call(t.Context(), sdk.CapCreatePayment, settings), req); err != nil {
			t.Fatal(err)
		}
		if sent := header(t, h).Body; sent["CARDNO"] != want {
			t.Errorf("%s: sent %v", settings, sent)
		}
	}
	quickRefused(t, sdk.CapCreatePayment, withCard, "card", func(call *sdk.Call) error {
		_, err := testPlugin().CreatePayment(t.Context(), call, unionPayRequest())
		return err
	})
	// PAY_URL is there in both modes; the page, which was asked for, goes first.
	page := quickAskWith(t, "QP13", html, quickReply("QP13", fields{"HTML": "<p>"})).payment.NextAction
	if page == nil || page.Type != sdk.ActionHTML || page.HTML != "<p>" {
		t.Errorf("%+v", page)
	}
}

// A callback is a raw JSON body, whatever its headers say. That egress addresses must be
// listed with the provider is a matter of installation; the README says so.
func trapQ28(t *testing.T) {
	t.Helper()
	raw := reply(35104, quickNoticeBody)
	for _, kind := range []string{"application/json", "text/plain", "application/x-www-form-urlencoded", ""} {
		req := notice(inboundQuick, 35104, quickNoticeBody)
		req.Headers["Content-Type"] = kind
		r, err := testPlugin().HandleInbound(t.Context(), answering(200, "").call(t.Context(), sdk.CapInbound, ""), req)
		if err != nil || !r.Verified || len(r.Events) != 1 {
			t.Errorf("%s: %+v, %v", kind, r, err)
		}
	}
	for _, body := range []string{"", "web_api=" + raw, raw + "&x=1", unsigned(raw), strings.Replace(raw, `"AMT":"899"`, `"AMT":"898"`, 1), reply(33541, quickNoticeBody)} {
		if r := quickNotified(t, body); r.Verified || len(r.Events) != 0 || len(r.Ask) != 0 || strings.HasPrefix(strings.ToUpper(string(r.Answer.Body)), "SUCCESS") {
			t.Errorf("%s: %+v", body, r)
		}
	}
	for status, ask := range map[string]bool{"1": false, "0": true, "2": true, "3": true, "": true} {
		r := quickNotified(t, reply(35104, strings.Replace(quickNoticeBody, `"STATUS":"1"`, `"STATUS":"`+status+`"`, 1)))
		if !r.Verified || (len(r.Ask) == 1) != ask || (len(r.Events) == 1) == ask {
			t.Errorf("STATUS %q: %+v", status, r)
		}
	}
	if got := quickNoticeResult(wire.Reply{}, wire.Echo{OrderNo: testOrder}); got.Outcome != unknown {
		t.Errorf("an empty message: %s", got.Outcome)
	}
}
