package main

import (
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestGatewayTraps: the document's traps of the gateway, each under its number.
func TestGatewayTraps(t *testing.T) {
	t.Parallel()
	for name, trap := range map[string]func(*testing.T){
		"E6-C21": formIsTheBrowsers, "E6-C22": noticeNeedNotBeSuccess, "E6-C23": returnProvesNothing, "E6-C24": bankIsRequired,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trap(t)
		})
	}
}

// formIsTheBrowsers: the payer's browser posts one field to the gateway, and nothing is sent
// from here. What is in the field survives the page that posts it.
func formIsTheBrowsers(t *testing.T) {
	t.Helper()
	h, r, err := row(t, "GW1", "pay-form").run(t, testPlugin())
	if err != nil || h.Sends() != 0 || r.outcome != inProgress {
		t.Fatalf("%q, %v, %d sent", r.outcome, err, h.Sends())
	}
	form := r.payment.NextAction
	if form.Type != sdk.ActionFormPost || form.URL != testBase+"/gateway" || len(form.Fields) != 1 || form.HTML != "" {
		t.Errorf("%+v", form)
	}
	// The apostrophe of "Men's" ends a naive attribute: a page must escape, and then it holds.
	var page strings.Builder
	if err := template.Must(template.New("").Parse(`<input value='{{.}}'>`)).Execute(&page, form.Fields["web_api"]); err != nil {
		t.Fatal(err)
	}
	value := regexp.MustCompile(`^<input value='([^']*)'>$`).FindStringSubmatch(page.String())
	if value == nil || !strings.Contains(form.Fields["web_api"], "Men's <coat>") {
		t.Errorf("%s", page.String())
	}
	m := provider{}.Manifest()
	if grant := m.Grants[sdk.CapCreatePayment]; slices.ContainsFunc(grant.Requests, func(r sdk.GrantRequest) bool { return r.Path == gatewayPath }) {
		t.Error("creating a payment may send to the gateway")
	}
	if !gatewayProduct().Methods[0].Browser {
		t.Error("the method does not say that the browser sends")
	}
}

func noticeNeedNotBeSuccess(t *testing.T) {
	t.Helper()
	for status, want := range map[string]sdk.Outcome{"0": inProgress, "1": succeeded, "2": failed, "3": succeeded} {
		body := strings.Replace(gatewayPaid, `"STATUS":"1"`, `"STATUS":"`+status+`"`, 1)
		o := operation{Capability: sdk.CapInbound, Call: handleInbound(notice(inboundGateway, 35104, body))}
		_, r, err := o.run(t, testPlugin())
		if err != nil || r.outcome != want || r.payment.Refunded != (status == "3") || r.answer != "SUCCESS" {
			t.Errorf("%s: %+v, %v", status, r, err)
		}
	}
}

func returnProvesNothing(t *testing.T) {
	t.Helper()
	for query, asks := range map[string]string{
		"STATUS=1&MERORDERID=" + testOrder: testOrder, "MERORDERID=" + testOrder + "&STATUS=2&AMT=1": testOrder,
		"STATUS=1": "", "": "", "MERORDERID=": "", "MERORDERID=a%20b": "", "%zz": "", "MERORDERID=" + strings.Repeat("1", 33): "",
	} {
		h := answering(http.StatusOK, "")
		r, err := testPlugin().HandleInbound(t.Context(), h.call(t.Context(), sdk.CapInbound, ""), browserBack(query))
		if err != nil || r.Verified || len(r.Events) != 0 || r.Answer.Status != http.StatusOK || strings.Join(r.Ask, ",") != asks {
			t.Errorf("%s: %+v, %v", query, r, err)
		}
		if strings.Contains(string(r.Answer.Body), "成功") || strings.Contains(string(r.Answer.Body), query) && query != "" {
			t.Errorf("the page promises something: %s", r.Answer.Body)
		}
	}
	post := browserBack("MERORDERID=" + testOrder)
	post.Method = http.MethodPost
	r, err := testPlugin().HandleInbound(t.Context(), answering(http.StatusOK, "").call(t.Context(), sdk.CapInbound, ""), post)
	if err != nil || len(r.Ask) != 0 || r.Answer.Status != http.StatusMethodNotAllowed {
		t.Errorf("POST: %+v, %v", r, err)
	}
}

func bankIsRequired(t *testing.T) {
	t.Helper()
	if n := len(banks()); n != 20 {
		t.Errorf("%d banks, the document lists 20", n)
	}
	seen := map[string]bool{}
	for _, bank := range banks() {
		if seen[bank.ID] || !strings.HasSuffix(bank.ID, "-NET-B2C") {
			t.Errorf("%q", bank.ID)
		}
		seen[bank.ID] = true
		req := gatewayRequest()
		req.Channel = bank.ID
		if got := row(t, "GW1", "pay-form").creating(req).body(t)["PAY_CHANNEL"]; got != bank.ID {
			t.Errorf("%s: %v", bank.ID, got)
		}
	}
	req := gatewayRequest()
	req.Channel = ""
	row(t, "GW1", "pay-form").creating(req).refuses(t, "channel")
}

// TestGatewayStatuses: STATUS of gateway 5.3.3, and replies of something else.
func TestGatewayStatuses(t *testing.T) {
	t.Parallel()
	o := row(t, "GW3", "query")
	for _, c := range []struct {
		changes fields
		want    sdk.Outcome
	}{
		{fields{"STATUS": "0"}, inProgress},
		{fields{"STATUS": "1"}, succeeded},
		{fields{"STATUS": 1}, succeeded},
		{fields{"STATUS": "2", "ERRCODE": "X1"}, failed},
		{fields{"STATUS": "2", "ERRCODE": "AA"}, inProgress},
		{fields{"STATUS": "2", "ERRCODE": "D4"}, closed},
		{fields{"STATUS": "3"}, succeeded},
		{fields{"STATUS": "4"}, unknown},
		{fields{"STATUS": nil}, unknown},
		{fields{"STATUS": ""}, unknown},
		{fields{"MERORDERID": "26010100010000009999"}, unknown},
		{fields{"MERORDERID": nil}, unknown},
		{fields{"AMT": "667"}, unknown},
		{fields{"AMT": nil}, unknown},
	} {
		if r := o.with(t, c.changes).expect(t, c.want); r.payment.Refunded != (c.changes["STATUS"] == "3") {
			t.Errorf("%v: refunded %v", c.changes, r.payment.Refunded)
		}
	}
	for answer, want := range map[string]sdk.Outcome{
		refusal("[-2002] 没有该订单"): notFound, refusal("消息结构体错误"): refusedIt, refusalWith(35091, 0, "错误"): refusedIt, refusalWith(32768, 39999, "支付失败"): unknown,
	} {
		o.answered(answer).expect(t, want)
	}
	// The sample of a reply prints the notification's number; 0x8913 is the table's.
	o.answered(reply(35104, gatewayPaid)).expect(t, unknown)
}

// TestGatewayReturnPage: JUMP_URL is our page, whatever the caller's is: the host sends the
// browser on.
func TestGatewayReturnPage(t *testing.T) {
	t.Parallel()
	o := row(t, "GW1", "pay-form")
	if got := o.body(t); got["JUMP_URL"] != "https://pay.example/in/0123456789b" || got["NOTIFY_URL"] != "https://pay.example/in/0123456789g" {
		t.Errorf("%v", got)
	}
	req := gatewayRequest()
	req.ReturnURL = "https://shop.example/done?o=1"
	if got := o.creating(req).body(t)["JUMP_URL"]; got != "https://pay.example/in/0123456789b" {
		t.Errorf("%v", got)
	}
	req.Subject = strings.Repeat("衣", 32)
	if got := o.creating(req).body(t)["GOODSNAME"]; got != req.Subject {
		t.Errorf("%v", got)
	}
}
