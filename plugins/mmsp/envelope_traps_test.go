package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestEnvelopeTraps: the traps of the message that the three MD5 products share.
func TestEnvelopeTraps(t *testing.T) {
	t.Parallel()
	for name, trap := range map[string]func(*testing.T){
		"E5-Q1": generalRefusalHasNoBody, "E5-Q2": codeIsInTheText, "E5-Q3": sampleCodeIsNoFailure, "E5-Q4": nodeByProduct,
		"E5-Q5": requestHasNoRetCode, "E5-Q6": certificateIfAsked, "E5-Q7": terminalAlways, "E5-Q8": agentMayBeNull,
		"E5-Q9": attachmentsAreNotSent, "E5-Q10": chineseIsDecodedFirst, "E5-Q11": numbersAreNotQuoted, "E5-Q12": errorFieldsByProduct,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trap(t)
		})
	}
}

// md5Operations are the operations that send a message of the three products and get a Body.
func md5Operations() []operation {
	var out []operation
	for _, o := range operations() {
		if o.Reply != "" && !strings.HasPrefix(o.ID, "PO") && !o.Agent && o.Want != notFound {
			out = append(out, o)
		}
	}
	return out
}

// sentMessage is the message an operation sends.
func (o operation) sentMessage(t *testing.T) map[string]any {
	t.Helper()
	h, r, err := o.run(t, testPlugin())
	if err != nil {
		t.Fatal(err)
	}
	sent := r.request
	if o.Reply != "" {
		sent = h.last(t).body
	}
	var message map[string]any
	if err := json.Unmarshal([]byte(sent), &message); err != nil {
		t.Fatal(err)
	}
	return message
}

func generalRefusalHasNoBody(t *testing.T) {
	t.Helper()
	for _, o := range md5Operations() {
		for _, body := range []string{`""`, "null"} {
			answer := strings.Replace(refusal("消息结构体错误"), `"Body":""`, `"Body":`+body, 1)
			if _, r, err := o.answered(answer).run(t, testPlugin()); err != nil || r.outcome == failed || r.outcome == succeeded {
				t.Errorf("%s %s: %q, %v", o.ID, o.Name, r.outcome, err)
			}
		}
		// Even signed and with a Body, a general refusal is none of the replies.
		_, body := o.parts(t)
		if _, r, err := o.answered(reply(32768, body.json())).run(t, testPlugin()); err != nil || r.outcome == succeeded || r.outcome == failed {
			t.Errorf("%s %s, with a Body: %q, %v", o.ID, o.Name, r.outcome, err)
		}
	}
}

func codeIsInTheText(t *testing.T) {
	t.Helper()
	for text, want := range map[string]sdk.Outcome{
		"[-2002] 没有该订单": notFound, " [-2002]没有该订单": notFound, "[-2002]：没有该订单": notFound, "没有该订单": refusedIt, "[-3005]：交易金额不符": refusedIt,
		"单号[-2002]": refusedIt,
	} {
		row(t, "SC14", "query").answered(refusal(text)).expect(t, want)
		row(t, "GW3", "query").answered(refusal(text)).expect(t, want)
	}
}

func sampleCodeIsNoFailure(t *testing.T) {
	t.Helper()
	for _, o := range md5Operations() {
		o.answered(refusalWith(32768, 39999, "支付失败")).expect(t, unknown)
	}
}

func nodeByProduct(t *testing.T) {
	t.Helper()
	for id, node := range map[string]string{"SC14": "openplat", "GW3": "openapi"} {
		if got := row(t, id, "query").sentMessage(t); got["NodeID"] != node || got["NodeType"] != 3.0 || got["SeqID"] != 1.0 || got["Version"] != "1.0.0" {
			t.Errorf("%s: %v", id, got)
		}
	}
}

func requestHasNoRetCode(t *testing.T) {
	t.Helper()
	for _, o := range append(md5Operations(), row(t, "GW1", "pay-form")) {
		got := o.sentMessage(t)
		if _, has := got["RetCode"]; has {
			t.Errorf("%s %s: %v", o.ID, o.Name, got)
		}
	}
}

// certificateHost knows one key and notes the client's certificate that was asked for.
type certificateHost struct {
	sdk.Host // nil: nothing else is asked of it

	key, answer, certificate string
}

func (h *certificateHost) Now() time.Time { return testNow }

func (h *certificateHost) Digest(_ context.Context, _ string, _ sdk.DigestAlgorithm, parts []sdk.Part) ([]byte, error) {
	sum := md5.New()
	for _, p := range parts {
		if p.IsKey {
			p.Data = []byte(h.key)
		}
		sum.Write(p.Data)
	}
	return sum.Sum(nil), nil
}

func (h *certificateHost) Send(req *http.Request, o sdk.HTTPOptions) (*http.Response, error) {
	h.certificate = o.ClientCertificate
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(h.answer)), Request: req}, nil
}

func certificateIfAsked(t *testing.T) {
	t.Helper()
	certificate := func(o operation, settings string) string {
		h := &certificateHost{key: testKey, answer: o.Reply}
		call := sdk.NewCall(t.Context(), sdk.CallInfo{
			BaseURL: testBase, Settings: []byte(settings), CallbackURL: "https://pay.example/in/0123456789",
			Merchants: map[string]string{credMerchantNo: testMerchant, credTerminalNo: testTerminal},
		}, h)
		if r, err := o.Call(t.Context(), testPlugin(), call); err != nil || r.outcome != o.Want {
			t.Errorf("%s: %q, %v", o.Name, r.outcome, err)
		}
		return h.certificate
	}
	for name, want := range map[string]string{"cancel": credCertificate, "refund": credCertificate, "query": "", "close": "", "refund-query": ""} {
		id := map[string]string{"cancel": "SC15", "refund": "SC17", "query": "SC14", "close": "SC16", "refund-query": "SC18"}[name]
		if got := certificate(row(t, id, name), `{"use_client_certificate":true}`); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if got := certificate(row(t, id, name), `{}`); got != "" {
			t.Errorf("%s by default: %q", name, got)
		}
	}
}

func terminalAlways(t *testing.T) {
	t.Helper()
	for _, o := range append(md5Operations(), row(t, "GW1", "pay-form")) {
		if got := o.sentMessage(t); got["TERMNO"] != testTerminal || got["MERNO"] != testMerchant {
			t.Errorf("%s %s: %v", o.ID, o.Name, got)
		}
	}
	for _, missing := range []string{credMerchantNo, credTerminalNo} {
		for _, o := range append(md5Operations(), row(t, "GW1", "pay-form")) {
			h := answering(http.StatusOK, o.Reply)
			delete(h.Credentials, missing)
			_, err := o.Call(t.Context(), testPlugin(), h.call(t.Context(), o.Capability, o.Settings))
			var refusal *sdk.Error
			if !asError(err, &refusal) || refusal.Code != sdk.ErrInvalidCredential || h.Sends() != 0 {
				t.Errorf("%s %s without %s: %v", o.ID, o.Name, missing, err)
			}
		}
	}
}

func agentMayBeNull(t *testing.T) {
	t.Helper()
	o := row(t, "SC14", "query")
	for _, agent := range []string{`null`, `""`, `"` + testAgent + `"`} {
		o.answered(strings.Replace(o.Reply, `"AGENTNO":null`, `"AGENTNO":`+agent, 1)).expect(t, succeeded)
	}
	if got := o.sentMessage(t)["AGENTNO"]; got != "" {
		t.Errorf("without an agent: %v", got)
	}
	// With an agent the agent's key signs and verifies, and the merchant's does not.
	agent := row(t, "SC14", "query-agent")
	if got := agent.sentMessage(t)["AGENTNO"]; got != testAgent {
		t.Errorf("with an agent: %v", got)
	}
	agent.answered(o.Reply).expect(t, unknown)
}

func attachmentsAreNotSent(t *testing.T) {
	t.Helper()
	for _, o := range md5Operations() {
		got := o.sentMessage(t)
		if len(got) != 10 || got["Attach"] != nil || got["Extends"] != nil {
			t.Errorf("%s %s: %v", o.ID, o.Name, got)
		}
	}
	// Both are outside the signature when they come.
	o := row(t, "SC14", "query")
	o.answered(strings.Replace(o.Reply, `"Body"`, `"Attach":"AAAA","Extends":{"a":[1]},"Body"`, 1)).expect(t, succeeded)
}

func chineseIsDecodedFirst(t *testing.T) {
	t.Helper()
	const literal = `{"AMT":"666","ERRMSG":"要素/\"<&>😀","LIST_ID":"1","MERORDERID":"` + testOrder + `","PAY_DATE":"","STATUS":"0"}`
	const escaped = `{"STATUS":"0","AMT":"666", "ERRMSG":"\u8981\u7d20\/\"\u003c\u0026>\ud83d\ude00","LIST_ID":"1","PAY_DATE":"","MERORDERID":"` + testOrder + `"}`
	o := row(t, "GW3", "query")
	signedReply := reply(35091, literal)
	for _, answer := range []string{signedReply, strings.Replace(signedReply, literal, escaped, 1)} {
		if r := o.answered(answer).expect(t, inProgress); r.payment.Provider.Message != `要素/"<&>😀` {
			t.Errorf("%q", r.payment.Provider.Message)
		}
	}
	// A signature over the escaped text is not the document's.
	o.answered(reply(35091, `{"AMT":"666","ERRMSG":"\u8981","MERORDERID":"`+testOrder+`","STATUS":"0"}`)).expect(t, unknown)
}

func numbersAreNotQuoted(t *testing.T) {
	t.Helper()
	o := row(t, "SC14", "query")
	bare := strings.Replace(foundBody, `"STATUS":"1"`, `"STATUS":1`, 1)
	o.answered(reply(35078, bare)).expect(t, succeeded)
	// The same value in the other spelling has another signature.
	o.answered(strings.Replace(reply(35078, bare), `"STATUS":1`, `"STATUS":"1"`, 1)).expect(t, unknown)
	o.answered(strings.Replace(o.Reply, `"STATUS":"1"`, `"STATUS":1`, 1)).expect(t, unknown)
	o.answered(reply(35078, strings.Replace(foundBody, `"AMT":"100"`, `"AMT":100.0`, 1))).expect(t, unknown) // no fen, and no amount of ours
}

func errorFieldsByProduct(t *testing.T) {
	t.Helper()
	r := row(t, "SC14", "query").with(t, fields{"STATUS": "2", "ERR_CODE": "S1", "ERR_CODE_MSG": "扫码", "ERRCODE": "AA"}).expect(t, failed)
	if r.payment.Provider != (sdk.ProviderText{Code: "S1", Message: "扫码"}) {
		t.Errorf("scan: %+v", r.payment.Provider)
	}
	r = row(t, "GW3", "query").with(t, fields{"STATUS": "2", "ERRCODE": "G1", "ERRMSG": "网关", "ERR_CODE": "AA"}).expect(t, failed)
	if r.payment.Provider != (sdk.ProviderText{Code: "G1", Message: "网关"}) {
		t.Errorf("gateway: %+v", r.payment.Provider)
	}
}

// TestUnverified: whatever cannot be read or verified leaves every operation in doubt.
func TestUnverified(t *testing.T) {
	t.Parallel()
	for _, o := range md5Operations() {
		good := o.Reply
		command, body := o.parts(t)
		for what, answer := range map[string]string{
			"another key":       replyWith("another key", command, body.json()),
			"no signature":      goldenSign.ReplaceAllString(good, `"Sign":""`),
			"no Sign at all":    goldenSign.ReplaceAllString(good, `"Other":""`),
			"another command":   reply(command+1, body.json()),
			"the request's":     reply(command-0x8000, body.json()),
			"another merchant":  strings.Replace(good, testMerchant, "001440353999854", 1),
			"no RetCode":        strings.Replace(good, `"RetCode":1,`, ``, 1),
			"a Body twice":      strings.Replace(good, `"Body":`, `"Body":{"STATUS":"1"},"Body":`, 1),
			"a list for a Body": strings.Replace(good, `"Body":{`, `"Body":[{`, 1),
			"a text for a Body": refusalWith(command, 1, ""),
			"two messages":      good + good,
			"cut":               good[:len(good)-1],
			"a status twice":    strings.Replace(good, `"Body":{`, `"Body":{"STATUS":"1",`, 1),
			"an added field":    strings.Replace(good, `"Body":{`, `"Body":{"A":"1",`, 1),
			"not UTF-8":         strings.Replace(good, `"Body":{`, "\"Body\":{\"A\":\"\xff\",", 1),
		} {
			h, r, err := o.answered(answer).run(t, testPlugin())
			if err != nil || r.outcome != unknown || h.Sends() != 1 {
				t.Errorf("%s %s, %s: %q, %v", o.ID, o.Name, what, r.outcome, err)
			}
		}
	}
}

// TestOtherStatuses: a reply counts under HTTP status 200 alone, however good it looks.
func TestOtherStatuses(t *testing.T) {
	t.Parallel()
	for _, o := range md5Operations() {
		for _, status := range []int{http.StatusCreated, http.StatusFound, http.StatusBadRequest, http.StatusNotFound, http.StatusBadGateway} {
			h := answering(status, o.Reply)
			r, err := o.Call(t.Context(), testPlugin(), h.call(t.Context(), o.Capability, o.Settings))
			if err != nil || r.outcome != unknown {
				t.Errorf("%s %s under %d: %q, %v", o.ID, o.Name, status, r.outcome, err)
			}
		}
	}
}

// TestNothingSent: a failure before anything left is the call's error with its code; one
// after it is unknown.
func TestNothingSent(t *testing.T) {
	t.Parallel()
	for _, o := range append(md5Operations(), row(t, "GW1", "pay-form")) {
		h := answering(http.StatusOK, o.Reply)
		delete(h.Credentials, credMD5Key)
		_, err := o.Call(t.Context(), testPlugin(), h.call(t.Context(), o.Capability, o.Settings))
		var refusal *sdk.Error
		if !asError(err, &refusal) || refusal.Code != sdk.ErrInvalidCredential || h.Sends() != 0 {
			t.Errorf("%s %s without a key: %v", o.ID, o.Name, err)
		}
		call := answering(http.StatusOK, o.Reply).Call(t.Context(), o.Capability, "", merged(o.Settings))
		if _, err := o.Call(t.Context(), testPlugin(), call); !asError(err, &refusal) || refusal.Param != "base_url" {
			t.Errorf("%s %s without an address: %v", o.ID, o.Name, err)
		}
	}
	for _, o := range md5Operations() {
		for code, unsent := range map[string]bool{sdk.ErrNotSent: true, sdk.ErrDenied: true, sdk.ErrSentMaybe: false, sdk.ErrTooLarge: false} {
			h := answering(http.StatusOK, "")
			h.Answer = func(*http.Request) (*http.Response, error) { return nil, sdk.Errorf(code, "No.") }
			r, err := o.Call(t.Context(), testPlugin(), h.call(t.Context(), o.Capability, o.Settings))
			var known *sdk.Error
			if unsent != (asError(err, &known) && known.Code == code) || !unsent && (err != nil || r.outcome != unknown) {
				t.Errorf("%s %s, %s: %q, %v", o.ID, o.Name, code, r.outcome, err)
			}
		}
	}
}

// TestSettingZeroIsTaken: scan's sample prints RetCode 0 under a success.
func TestSettingZeroIsTaken(t *testing.T) {
	t.Parallel()
	o := row(t, "SC14", "query")
	zero := o.answered(strings.Replace(o.Reply, `"RetCode":1`, `"RetCode":0`, 1))
	zero.expect(t, refusedIt)
	zero.settings(`{"scan_zero_is_taken":true}`).expect(t, succeeded)
	zero.answered(goldenSign.ReplaceAllString(zero.Reply, `"Sign":""`)).settings(`{"scan_zero_is_taken":true}`).expect(t, unknown)
	zero.answered(refusalWith(35078, 0, "错误")).settings(`{"scan_zero_is_taken":true}`).expect(t, refusedIt)
	if bytes.Contains([]byte(zero.Reply), []byte(`"RetCode":1`)) {
		t.Error("the reply was not changed")
	}
}
