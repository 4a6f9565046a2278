package main

import (
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// short names for the tables
const (
	succeeded  = sdk.OutcomeSucceeded
	failed     = sdk.OutcomeFailed
	inProgress = sdk.OutcomeInProgress
	unknown    = sdk.OutcomeUnknown
	refusedIt  = sdk.OutcomeRefused
	notFound   = sdk.OutcomeNotFound
	closed     = sdk.OutcomeClosed
)

// quickAsk gives what an operation makes of one reply; exactly one message is sent.
func quickAsk(t *testing.T, id, answer string) quickAnswer {
	t.Helper()
	return quickAskWith(t, id, "", answer)
}

func quickAskWith(t *testing.T, id, settings, answer string) quickAnswer {
	t.Helper()
	c, h := quickCases()[id], answering(200, answer)
	got, err := c.ask(t, testPlugin(), h.call(t.Context(), c.capability, settings))
	if err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	if h.Sends() != 1 {
		t.Fatalf("%s: %d messages were sent", id, h.Sends())
	}
	return got
}

// quickReply is the operation's good reply with other fields.
func quickReply(id string, more fields) string {
	c := quickCases()[id]
	return reply(c.command+0x8000, c.body.with(more).json())
}

// unsigned takes the signature out of a reply.
func unsigned(answer string) string {
	head, _, _ := strings.Cut(answer, `"Sign":"`)
	return head + `"Sign":""}`
}

// TestQuickStatuses: every STATUS of every operation. aa is what the code AA makes of every
// STATUS but the good one, where it means anything: a payer is still paying.
func TestQuickStatuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		zero, one, two, three, missing, other, aa sdk.Outcome
	}{
		"QP1":  {refusedIt, inProgress, refusedIt, refusedIt, unknown, refusedIt, refusedIt},
		"QP2":  {refusedIt, succeeded, refusedIt, refusedIt, unknown, refusedIt, refusedIt},
		"QP3":  {inProgress, inProgress, failed, unknown, unknown, unknown, inProgress},
		"QP4":  {refusedIt, inProgress, refusedIt, refusedIt, unknown, refusedIt, inProgress},
		"QP6":  {refusedIt, succeeded, refusedIt, refusedIt, unknown, refusedIt, refusedIt},
		"QP7":  {inProgress, succeeded, failed, succeeded, unknown, unknown, inProgress},
		"QP8":  {refusedIt, succeeded, refusedIt, refusedIt, unknown, refusedIt, refusedIt},
		"QP10": {refusedIt, inProgress, refusedIt, refusedIt, unknown, refusedIt, refusedIt},
		"QP11": {unknown, inProgress, failed, succeeded, unknown, unknown, inProgress},
		"QP12": {refusedIt, inProgress, refusedIt, refusedIt, unknown, refusedIt, inProgress},
		"QP13": {inProgress, inProgress, failed, unknown, unknown, unknown, inProgress},
	}
	for id, c := range cases {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			for _, row := range []struct {
				status any
				want   sdk.Outcome
			}{
				{"0", c.zero},
				{0, c.zero},
				{"1", c.one},
				{1, c.one},
				{"2", c.two},
				{2, c.two},
				{"3", c.three},
				{3, c.three},
				{nil, c.missing},
				{"", c.missing},
				{"4", c.other},
				{"9", c.other},
				{"01", c.other},
				{" 1", c.other},
				{true, c.other},
				{[]int{1}, c.other},
				{"成功", c.other},
			} {
				if got := quickAsk(t, id, quickReply(id, fields{"STATUS": row.status})); got.outcome != row.want {
					t.Errorf("STATUS %v: %s, want %s", row.status, got.outcome, row.want)
				}
				if row.want != c.one && row.want != c.missing {
					got := quickAsk(t, id, quickReply(id, fields{"STATUS": row.status, "ERRCODE": "AA", "ERRMSG": "用户支付中"}))
					if got.outcome != c.aa {
						t.Errorf("STATUS %v with AA: %s, want %s", row.status, got.outcome, c.aa)
					}
				}
				// 00 alone is no proof.
				got := quickAsk(t, id, quickReply(id, fields{"STATUS": row.status, "ERRCODE": "00", "ERRMSG": "交易成功"}))
				if got.outcome != row.want {
					t.Errorf("STATUS %v with 00: %s, want %s", row.status, got.outcome, row.want)
				}
			}
		})
	}
	if len(cases) != len(quickCases()) {
		t.Errorf("%d operations of %d", len(cases), len(quickCases()))
	}
}

// TestQuickRefusals: what is not taken, by what the message was to do.
func TestQuickRefusals(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ general, noOrder, own sdk.Outcome }{
		"QP1": {refusedIt, refusedIt, refusedIt}, "QP2": {refusedIt, refusedIt, refusedIt}, "QP6": {refusedIt, refusedIt, refusedIt}, "QP8": {refusedIt, refusedIt, refusedIt},
		"QP10": {refusedIt, refusedIt, refusedIt}, "QP12": {refusedIt, refusedIt, refusedIt},
		"QP3": {unknown, unknown, refusedIt}, "QP4": {unknown, unknown, refusedIt}, "QP11": {unknown, unknown, refusedIt}, "QP13": {unknown, unknown, refusedIt},
		"QP7": {refusedIt, notFound, refusedIt},
	}
	for id, c := range cases {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			command, body := quickCases()[id].command, quickCases()[id].body.json()
			for reply, want := range map[string]sdk.Outcome{
				refusal("消息结构体错误"):                            c.general,
				refusal("[-2002] 没有该订单"):                      c.noOrder,
				refusalWith(32768, 1, ""):                     unknown, // says it was taken, and proves nothing
				refusalWith(command+0x8000, 0, "消息结构体错误"):     c.own,
				refusalWith(command+0x8000, 39999, "支付失败"):    unknown,
				replyWith(testAgentKey, command+0x8000, body): unknown,
				unsigned(reply(command+0x8000, body)):         unknown,
				refusalWith(command+0x8000, 1, ""):            unknown,
				reply(command+0x8001, body):                   unknown,
				reply(command, body):                          unknown,
			} {
				got := quickAsk(t, id, reply)
				if got.outcome != want {
					t.Errorf("%s\n%s, want %s", reply, got.outcome, want)
				}
				if got.payment.NextAction != nil || got.card.NextAction != nil || got.card.Cards != nil {
					t.Errorf("%s\nleads to %+v", reply, got)
				}
			}
		})
	}
	if len(cases) != len(quickCases()) {
		t.Errorf("%d operations of %d", len(cases), len(quickCases()))
	}
}

// TestQuickConcernsTheOrder: a verified reply that is of something else proves nothing.
func TestQuickConcernsTheOrder(t *testing.T) {
	t.Parallel()
	other := fields{"MERORDERID": "26010100010000000009", "AMT": "898", "LIST_ID": "1", "USER_ID": "payer-8", "BIND_ID": "100004"}
	cases := map[string][]string{
		"QP1": {"MERORDERID", "USER_ID"}, "QP2": {"MERORDERID", "USER_ID"}, "QP3": {"MERORDERID", "AMT"}, "QP4": {"LIST_ID"},
		"QP7": {"MERORDERID", "AMT"}, "QP8": {"BIND_ID"}, "QP10": {"LIST_ID"}, "QP11": {"MERORDERID", "AMT", "BIND_ID", "USER_ID"},
		"QP12": {"MERORDERID", "USER_ID"}, "QP13": {"MERORDERID", "AMT"},
	}
	for id, names := range cases {
		for _, name := range names {
			got := quickAsk(t, id, quickReply(id, fields{name: other[name]}))
			if got.outcome != unknown || got.payment.NextAction != nil || got.card.NextAction != nil || got.card.Cards != nil {
				t.Errorf("%s of another %s: %+v", id, name, got)
			}
		}
	}
	for id, names := range map[string][]string{
		"QP1": {"MERORDERID"}, "QP2": {"MERORDERID", "BIND_ID"}, "QP4": {"LIST_ID"}, "QP7": {"MERORDERID", "AMT"}, "QP8": {"BIND_ID"}, "QP10": {"LIST_ID"}, "QP12": {"MERORDERID"},
	} {
		for _, name := range names {
			if got := quickAsk(t, id, quickReply(id, fields{name: nil})); got.outcome != unknown {
				t.Errorf("%s without %s: %s", id, name, got.outcome)
			}
		}
	}
	for _, id := range []string{"QP3", "QP7", "QP11", "QP13"} {
		if got := quickAsk(t, id, quickReply(id, fields{"STATUS": "2", "MERORDERID": nil})); got.outcome != unknown {
			t.Errorf("%s: a failure of no order: %s", id, got.outcome)
		}
		if got := quickAsk(t, id, quickReply(id, fields{"STATUS": "2", "AMT": nil})); got.outcome != failed {
			t.Errorf("%s: a failure without an amount: %s", id, got.outcome)
		}
	}
}

// TestQuickResults: what a good reply gives beside its outcome.
func TestQuickResults(t *testing.T) {
	t.Parallel()
	const masked = "622700*********7349"
	pay := quickAsk(t, "QP3", quickReply("QP3", nil)).payment
	if pay.OrderNo != testOrder || pay.ProviderOrderNo != testListID || pay.Amount != sdk.Fen(899) || pay.NextAction == nil || pay.NextAction.Type != sdk.ActionEnterCode {
		t.Errorf("QP3: %+v", pay)
	}
	for status, acts := range map[string]bool{"0": true, "1": false} {
		if got := quickAsk(t, "QP3", quickReply("QP3", fields{"STATUS": status})).payment; (got.NextAction != nil) != acts {
			t.Errorf("QP3, STATUS %s: %+v", status, got.NextAction)
		}
	}
	if got := quickAsk(t, "QP3", quickReply("QP3", fields{"STATUS": "2", "ERRCODE": "AA"})).payment; got.NextAction == nil {
		t.Errorf("QP3, still paying: %+v", got)
	}
	if b := pay.BoundCard; b == nil || *b != (sdk.BoundCard{BindID: testBindID, UserID: testUser, Masked: masked, BankName: "招商银行"}) {
		t.Errorf("QP3: %+v", b)
	}
	query := quickAsk(t, "QP7", quickReply("QP7", nil)).payment
	if !query.PaidAt.Equal(testNow.Add(1e9)) || query.Refunded || query.BoundCard == nil || query.BoundCard.CardType != sdk.CardDebit || query.NextAction != nil {
		t.Errorf("QP7: %+v", query)
	}
	if got := quickAsk(t, "QP7", quickReply("QP7", fields{"BIND_ID": nil})).payment; got.BoundCard != nil {
		t.Errorf("QP7 without a handle: %+v", got.BoundCard)
	}
	bind := quickAsk(t, "QP2", quickReply("QP2", nil)).card
	want := sdk.BoundCard{BindID: testBindID, UserID: testUser, Masked: masked, CardType: sdk.CardCredit, Phone: "188****0890"}
	if len(bind.Cards) != 1 || bind.Cards[0] != want || bind.NextAction != nil {
		t.Errorf("QP2: %+v", bind)
	}
	if got := quickAsk(t, "QP1", quickReply("QP1", nil)).card; got.NextAction == nil || got.NextAction.Type != sdk.ActionEnterCode || got.Cards != nil {
		t.Errorf("QP1: %+v", got)
	}
	if got := quickAsk(t, "QP8", quickReply("QP8", nil)).card; len(got.Cards) != 1 || got.Cards[0] != want {
		t.Errorf("QP8: %+v", got)
	}
	if got := quickAsk(t, "QP12", quickReply("QP12", nil)).payment; got.NextAction == nil || got.NextAction.Type != sdk.ActionEnterCode || got.OrderNo != testOrder || got.ProviderOrderNo != "" {
		t.Errorf("QP12: %+v", got)
	}
	if got := quickAsk(t, "QP4", quickReply("QP4", nil)).payment; got.NextAction != nil || got.ProviderOrderNo != testListID {
		t.Errorf("QP4: %+v", got)
	}
	if got := quickAsk(t, "QP11", quickReply("QP11", fields{"STATUS": "3"})).payment; !got.Refunded {
		t.Errorf("QP11: %+v", got)
	}
}

func TestUnionPayPage(t *testing.T) {
	t.Parallel()
	const page, address, html = `<form action="https://x/?a=1&b=2">'</form>`, "https://cashier.example/pay?id=1&x=2", `{"unionpay_trade_mode":"html"}`
	cases := []struct {
		name, settings string
		more           fields
		outcome        sdk.Outcome
		want           *sdk.NextAction
	}{
		{"address", "", nil, inProgress, &sdk.NextAction{Type: sdk.ActionRedirect, URL: address}},
		{"both, address wanted", "", fields{"HTML": page}, inProgress, &sdk.NextAction{Type: sdk.ActionRedirect, URL: address}},
		{"both, page wanted", html, fields{"HTML": page}, inProgress, &sdk.NextAction{Type: sdk.ActionHTML, HTML: page}},
		{"page alone", html, fields{"HTML": page, "PAY_URL": nil}, inProgress, &sdk.NextAction{Type: sdk.ActionHTML, HTML: page}},
		{"page wanted, address came", html, nil, inProgress, &sdk.NextAction{Type: sdk.ActionRedirect, URL: address}},
		{"as in the sample", "", fields{"ERRMSG": "用户支付中", "ERRCODE": "AA"}, inProgress, &sdk.NextAction{Type: sdk.ActionRedirect, URL: address}},
		{"nothing", "", fields{"PAY_URL": nil}, unknown, nil},
		{"no address", "", fields{"PAY_URL": "javascript:alert(1)"}, unknown, nil},
		{"paid already", "", fields{"STATUS": "1", "PAY_URL": nil}, inProgress, nil},
	}
	for _, c := range cases {
		got := quickAskWith(t, "QP13", c.settings, quickReply("QP13", c.more))
		if got.outcome != c.outcome || (got.payment.NextAction == nil) != (c.want == nil) || c.want != nil && encodeJSON(got.payment.NextAction) != encodeJSON(c.want) {
			t.Errorf("%s: %s %+v", c.name, got.outcome, got.payment.NextAction)
		}
	}
}
