package main

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// resource is what a notification seals, and how.
type resource struct {
	plain, key, algorithm, nonce, additional, kind string
}

func sealedOrder(plain string) resource {
	return resource{plain: plain, key: testSecret, algorithm: "AEAD_AES_256_GCM", nonce: "fdasflkja484", additional: "transaction", kind: "transaction"}
}

func sealedRefund(plain string) resource {
	return resource{plain: plain, key: testSecret, algorithm: "AEAD_AES_256_GCM", nonce: "fdasflkja484", additional: "refund", kind: "refund"}
}

// body is a notification in the documentation's form.
func (r resource) body(tb testing.TB, event string) string {
	tb.Helper()
	block, err := aes.NewCipher([]byte(r.key))
	if err != nil {
		tb.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		tb.Fatal(err)
	}
	sealed := gcm.Seal(nil, []byte(r.nonce), []byte(r.plain), []byte(r.additional))
	out, err := json.Marshal(map[string]any{
		"id": "EV-2018022511223320873", "create_time": "2026-01-01T12:00:02+08:00", "resource_type": "encrypt-resource", "event_type": event, "summary": "支付成功",
		"resource": map[string]string{
			"original_type": r.kind, "algorithm": r.algorithm, "ciphertext": base64.StdEncoding.EncodeToString(sealed), "associated_data": r.additional, "nonce": r.nonce,
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return string(out)
}

// noticeRequest is a signed notification on its way.
func noticeRequest(tb testing.TB, kind, body string, by stamp) sdk.InboundRequest {
	tb.Helper()
	req := sdk.InboundRequest{Kind: kind, Method: http.MethodPost, Path: "/in/0123456789" + kind, Headers: map[string]string{"Content-Type": "application/json"}, Body: []byte(body)}
	for name, values := range by.header(tb, body) {
		req.Headers[name] = values[0]
	}
	return req
}

const noticedRefund = `{"mchid":"` + testMerchant + `","transaction_id":"` + testNumber + `","out_trade_no":"` + testOrder + `","refund_id":"50000000382019052709732678859",` +
	`"out_refund_no":"` + testRefund + `","refund_status":"SUCCESS","success_time":"2026-01-01T12:00:02+08:00","user_received_account":"招商银行信用卡0403",` +
	`"amount":{"total":100,"refund":30,"payer_total":100,"payer_refund":30}}`

func receive(t *testing.T, req sdk.InboundRequest) sdk.InboundResult {
	t.Helper()
	r, err := newHost(t, nil).call(t, inboundExchange(req))
	if err != nil {
		t.Fatal(err)
	}
	return r.inbound
}

// TestNotice: what notifications say, whichever key has signed them and whichever address
// they come to.
func TestNotice(t *testing.T) {
	t.Parallel()
	for _, by := range []stamp{byCertificate, byPublicKey} {
		for _, kind := range []string{kindPayment, kindRefund} {
			r := receive(t, noticeRequest(t, kind, sealedOrder(paidOrder).body(t, "TRANSACTION.SUCCESS"), by))
			if !r.Verified || len(r.Events) != 1 || r.Events[0].Payment == nil {
				t.Fatalf("%+v", r)
			}
			want(t, "id", r.Events[0].ID, "EV-2018022511223320873")
			want(t, "payment", r.Events[0].Payment.Outcome, succeeded)
			want(t, "amount", r.Events[0].Payment.Amount, sdk.Fen(100))
			want(t, "answer", string(r.Answer.Body), `{"code":"SUCCESS"}`)
			want(t, "status", r.Answer.Status, http.StatusOK)
			want(t, "unknown", r.Unknown.Status, http.StatusNotFound)
			for state, outcome := range map[string]sdk.Outcome{"SUCCESS": succeeded, "CLOSED": failed, "ABNORMAL": unknown} {
				r = receive(t, noticeRequest(t, kind, sealedRefund(edit(t, noticedRefund, `"SUCCESS"`, `"`+state+`"`)).body(t, "REFUND."+state), by))
				if !r.Verified || len(r.Events) != 1 || r.Events[0].Refund == nil {
					t.Fatalf("%+v", r)
				}
				want(t, state, r.Events[0].Refund.Outcome, outcome)
				want(t, "amount", r.Events[0].Refund.Amount, sdk.Fen(30))
				want(t, "refund", r.Events[0].Refund.RefundNo, testRefund)
			}
		}
	}
}

// TestNoticeContradicts: an event that is not the state's settles nothing.
func TestNoticeContradicts(t *testing.T) {
	t.Parallel()
	r := receive(t, noticeRequest(t, kindPayment, sealedOrder(edit(t, paidOrder, `"SUCCESS"`, `"NOTPAY"`)).body(t, "TRANSACTION.SUCCESS"), byCertificate))
	want(t, "payment", r.Events[0].Payment.Outcome, unknown)
	r = receive(t, noticeRequest(t, kindPayment, sealedOrder(edit(t, paidOrder, `"total":100,`, ``)).body(t, "TRANSACTION.SUCCESS"), byCertificate))
	want(t, "no amount", r.Events[0].Payment.Outcome, unknown)
	r = receive(t, noticeRequest(t, kindRefund, sealedRefund(noticedRefund).body(t, "REFUND.CLOSED"), byCertificate))
	want(t, "refund", r.Events[0].Refund.Outcome, unknown)
}

// TestNoticeNotTaken: what is genuine and not about an order of this merchant changes
// nothing, and is not answered as taken.
func TestNoticeNotTaken(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"another event":        sealedOrder(paidOrder).body(t, "COUPON.USE"),
		"another merchant":     sealedOrder(edit(t, paidOrder, testMerchant, "1900000108")).body(t, "TRANSACTION.SUCCESS"),
		"another app":          sealedOrder(edit(t, paidOrder, testAppID, "wx0000000000000000")).body(t, "TRANSACTION.SUCCESS"),
		"no order":             sealedOrder(edit(t, paidOrder, `"out_trade_no":"`+testOrder+`",`, ``)).body(t, "TRANSACTION.SUCCESS"),
		"a refund's merchant":  sealedRefund(edit(t, noticedRefund, testMerchant, "1900000108")).body(t, "REFUND.SUCCESS"),
		"no refund":            sealedRefund(edit(t, noticedRefund, `"out_refund_no":"`+testRefund+`",`, ``)).body(t, "REFUND.SUCCESS"),
		"an amount in text":    sealedOrder(edit(t, paidOrder, `"total":100`, `"total":"100"`)).body(t, "TRANSACTION.SUCCESS"),
		"a refund as an order": sealedRefund(noticedRefund).body(t, "TRANSACTION.SUCCESS.X"),
	} {
		r := receive(t, noticeRequest(t, kindPayment, body, byCertificate))
		if !r.Verified || len(r.Events) > 0 || r.Answer.Status < 400 || r.Provider.Message == "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestNoticeRefused: what WeChat Pay did not sign, or did not seal, is refused.
func TestNoticeRefused(t *testing.T) {
	t.Parallel()
	good := sealedOrder(paidOrder).body(t, "TRANSACTION.SUCCESS")
	late, early := byCertificate, byCertificate
	late.at, early.at = testNow.Add(-301*time.Second), testNow.Add(301*time.Second)
	with := func(change func(*sdk.InboundRequest)) sdk.InboundRequest {
		req := noticeRequest(t, kindPayment, good, byCertificate)
		change(&req)
		return req
	}
	sealed := func(change func(*resource)) sdk.InboundRequest {
		r := sealedOrder(paidOrder)
		change(&r)
		return noticeRequest(t, kindPayment, r.body(t, "TRANSACTION.SUCCESS"), byCertificate)
	}
	signed := func(body string) sdk.InboundRequest { return noticeRequest(t, kindPayment, body, byCertificate) }
	for name, req := range map[string]sdk.InboundRequest{
		"late": noticeRequest(t, kindPayment, good, late), "early": noticeRequest(t, kindPayment, good, early),
		"nobody's serial": noticeRequest(t, kindPayment, good, byCertificate2),
		"a GET":           with(func(r *sdk.InboundRequest) { r.Method = http.MethodGet }),
		"another address": with(func(r *sdk.InboundRequest) { r.Kind = "x" }),
		"changed":         with(func(r *sdk.InboundRequest) { r.Body = append(r.Body, ' ') }),
		"unsigned":        with(func(r *sdk.InboundRequest) { r.Headers = nil }),
		"a field twice":   with(func(r *sdk.InboundRequest) { r.Headers["wechatpay-nonce"] = r.Headers["Wechatpay-Nonce"] }),
		"another key":     sealed(func(r *resource) { r.key = "another key of exactly 32 bytes." }),
		"algorithm":       sealed(func(r *resource) { r.algorithm = "AEAD_SM4_GCM" }),
		"no order":        sealed(func(r *resource) { r.plain = "[]" }),
		"associated":      signed(edit(t, good, `"associated_data":"transaction"`, `"associated_data":"refund"`)),
		"a short nonce":   signed(edit(t, good, `"fdasflkja484"`, `"fdasflkja48"`)),
		"no resource":     signed(`{"id":"EV-1","event_type":"TRANSACTION.SUCCESS"}`),
		"a list":          signed(`[]`), "nothing": signed(``), "twice": signed(edit(t, good, `"id":`, `"event_type":"X","id":`)),
	} {
		r := receive(t, req)
		if r.Verified || len(r.Events) > 0 || r.Answer.Status < 400 || r.Provider.Message == "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestNoticeAtTheEdges: five minutes either way are good.
func TestNoticeAtTheEdges(t *testing.T) {
	t.Parallel()
	for _, apart := range []time.Duration{-300 * time.Second, 300 * time.Second} {
		by := byCertificate
		by.at = testNow.Add(apart)
		if r := receive(t, noticeRequest(t, kindPayment, sealedOrder(paidOrder).body(t, "TRANSACTION.SUCCESS"), by)); !r.Verified {
			t.Errorf("%s: %+v", apart, r)
		}
	}
}

// TestNoticeWithoutKeys: an account that lacks the APIv3 key cannot look: that is an error,
// so that the notification comes again.
func TestNoticeWithoutKeys(t *testing.T) {
	t.Parallel()
	h := newHost(t, nil)
	delete(h.Credentials, credSecret)
	_, err := h.call(t, inboundExchange(noticeRequest(t, kindPayment, sealedOrder(paidOrder).body(t, "TRANSACTION.SUCCESS"), byCertificate)))
	if !errors.Is(err, &sdk.Error{Code: sdk.ErrInvalidCredential}) {
		t.Errorf("%v", err)
	}
}
