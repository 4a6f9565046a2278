package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func inbound(t *testing.T, req sdk.InboundRequest) sdk.InboundResult {
	t.Helper()
	h := answering(http.StatusOK, "")
	r, err := testPlugin().HandleInbound(t.Context(), h.call(t.Context(), sdk.CapInbound, ""), req)
	if err != nil || h.Sends() != 0 {
		t.Fatalf("%v, %d sent", err, h.Sends())
	}
	return r
}

// notices are good notifications, by the letter of their address.
func notices() map[string]sdk.InboundRequest {
	return map[string]sdk.InboundRequest{
		inboundQuick: notice(inboundQuick, 35104, quickNoticeBody), inboundScan: notice(inboundScan, 2324, noticeBody),
		inboundGateway: notice(inboundGateway, 35104, gatewayPaid),
	}
}

// TestNotifications: one event, the answer that begins with SUCCESS, and another where the
// order is not known here.
func TestNotifications(t *testing.T) {
	t.Parallel()
	for kind, req := range notices() {
		r := inbound(t, req)
		if !r.Verified || len(r.Events) != 1 || len(r.Ask) != 0 || string(r.Answer.Body) != "SUCCESS" || r.Answer.Status != http.StatusOK {
			t.Fatalf("%s: %+v", kind, r)
		}
		if r.Unknown == nil || strings.HasPrefix(strings.ToUpper(string(r.Unknown.Body)), "SUCCESS") || r.Unknown.Status == http.StatusOK {
			t.Errorf("%s, an unknown order: %+v", kind, r.Unknown)
		}
		event := r.Events[0]
		if event.Type != sdk.EventPayment || event.Payment.Outcome != succeeded || event.Payment.OrderNo != testOrder ||
			event.Payment.Amount.Minor == 0 || event.Payment.PaidAt.IsZero() {
			t.Errorf("%s: %+v", kind, event.Payment)
		}
	}
}

// TestForgedNotifications: nothing follows from what is not the provider's.
func TestForgedNotifications(t *testing.T) {
	t.Parallel()
	for kind, good := range notices() {
		text := string(good.Body)
		for what, body := range map[string]string{
			"unsigned":           goldenSign.ReplaceAllString(text, `"Sign":""`),
			"another amount":     strings.Replace(text, `"AMT"`, `"AMT":"1","AMT2"`, 1),
			"an added field":     strings.Replace(text, `"Body":{`, `"Body":{"A":1,`, 1),
			"another merchant":   strings.Replace(text, testMerchant, "001440353999854", 1),
			"a reply's command":  reply(35074, noticeBody),
			"a general refusal":  refusal("没有该订单"),
			"empty":              "",
			"a form":             "STATUS=1&MERORDERID=" + testOrder,
			"a Body in quotes":   strings.Replace(text, `"Body":{`, `"Body":"{`, 1),
			"an empty Body":      replyWith(testKey, 2324, "{}"),
			"a very long notice": text + strings.Repeat(" ", 3<<20),
		} {
			forged := good
			forged.Body = []byte(body)
			r := inbound(t, forged)
			if r.Verified || len(r.Events)+len(r.Ask) != 0 || r.Answer.Status == http.StatusOK || strings.HasPrefix(string(r.Answer.Body), "SUCCESS") {
				t.Errorf("%s, %s: %+v", kind, what, r)
			}
		}
		get := good
		get.Method = http.MethodGet
		if r := inbound(t, get); r.Verified || r.Answer.Status != http.StatusMethodNotAllowed {
			t.Errorf("%s by GET: %+v", kind, r)
		}
	}
	h := answering(http.StatusOK, "")
	if _, err := testPlugin().HandleInbound(t.Context(), h.call(t.Context(), sdk.CapInbound, ""), sdk.InboundRequest{Kind: "x"}); err == nil {
		t.Error("an unknown kind was taken")
	}
}

// TestNoticesThatSettleNothing make the host ask, and end the resends.
func TestNoticesThatSettleNothing(t *testing.T) {
	t.Parallel()
	for what, body := range map[string]string{
		"another status": strings.Replace(noticeBody, `"STATUS":"1"`, `"STATUS":"2"`, 1),
		"no status":      strings.Replace(noticeBody, `"STATUS":"1"`, `"STATUS":""`, 1),
		// The reply to a cancel has the same fields and is signed: it must not read as paid.
		"a cancel's reply": endedBody,
	} {
		r := inbound(t, notice(inboundScan, 2324, body))
		if !r.Verified || len(r.Events) != 0 || len(r.Ask) != 1 || r.Ask[0] != testOrder || string(r.Answer.Body) != "SUCCESS" {
			t.Errorf("%s: %+v", what, r)
		}
	}
	for what, body := range map[string]string{
		"no number": strings.Replace(noticeBody, `"MERORDERID":"`+testOrder+`"`, `"MERORDERID":""`, 1),
		"no amount": strings.Replace(noticeBody, `"AMT":100`, `"AMT":""`, 1),
	} {
		if r := inbound(t, notice(inboundScan, 2324, body)); len(r.Events)+len(r.Ask) != 0 || r.Answer.Status != http.StatusBadRequest {
			t.Errorf("%s: %+v", what, r)
		}
	}
	misprinted := strings.Replace(noticeBody, "MERORDERID", "MERORDER", 1)
	if r := inbound(t, notice(inboundScan, 2324, misprinted)); len(r.Events) != 1 || r.Events[0].Payment.OrderNo != testOrder {
		t.Errorf("MERORDER: %+v", r)
	}
}

// FuzzHandleInbound: nothing that a stranger sends panics, or is verified.
func FuzzHandleInbound(f *testing.F) {
	for kind, req := range notices() {
		f.Add(kind, "", req.Body)
	}
	f.Add(inboundReturn, "STATUS=1&MERORDERID="+testOrder, []byte(nil))
	f.Add(inboundReturn, "%zz&;MERORDERID=1&MERORDERID=2", []byte("x"))
	f.Fuzz(func(t *testing.T, kind, query string, body []byte) {
		info := sdk.CallInfo{Merchants: map[string]string{credMerchantNo: testMerchant, credTerminalNo: testTerminal}}
		call := sdk.NewCall(t.Context(), info, &certificateHost{key: "a key that the fuzzer does not know"})
		method := http.MethodPost
		if kind == inboundReturn {
			method = http.MethodGet
		}
		r, err := testPlugin().HandleInbound(t.Context(), call, sdk.InboundRequest{Kind: kind, Method: method, Query: query, Body: body})
		if err != nil {
			return
		}
		if r.Verified || len(r.Events) != 0 || len(r.Ask) > 1 || len(r.Ask) == 1 && (kind != inboundReturn || len(r.Ask[0]) > maxLongNumber) {
			t.Errorf("%+v", r)
		}
	})
}
