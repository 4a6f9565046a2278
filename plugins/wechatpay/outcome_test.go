package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// paidOrder is a paid order as the documentation prints it.
const paidOrder = `{"appid":"` + testAppID + `","mchid":"` + testMerchant + `","out_trade_no":"` + testOrder + `","transaction_id":"` + testNumber + `",` +
	`"trade_type":"NATIVE","trade_state":"SUCCESS","trade_state_desc":"支付成功","bank_type":"CMC","attach":"","success_time":"2026-01-01T12:00:01+08:00",` +
	`"payer":{"openid":"` + testOpenID + `"},"amount":{"total":100,"payer_total":90,"currency":"CNY","payer_currency":"CNY"}}`

// unpaidOrder is an order before it is paid.
const unpaidOrder = `{"appid":"` + testAppID + `","mchid":"` + testMerchant + `","out_trade_no":"` + testOrder + `","trade_state":"NOTPAY","trade_state_desc":"订单未支付",` +
	`"payer":{},"amount":{"total":100,"currency":"CNY"}}`

func refusal(code string) string { return `{"code":"` + code + `","message":"` + code + ` 的说明"}` }

// edit replaces a part of a message; it must be there once.
func edit(tb testing.TB, message, old, replacement string) string {
	tb.Helper()
	if strings.Count(message, old) != 1 {
		tb.Fatalf("%s stands %d times in %s", old, strings.Count(message, old), message)
	}
	return strings.Replace(message, old, replacement, 1)
}

// said is one reply and what must follow from it.
type said struct {
	status int
	body   string
	want   sdk.Outcome
}

// judge holds an exchange to a table of rightly signed replies.
func judge(t *testing.T, x exchange, table map[string]said) {
	t.Helper()
	for name, c := range table {
		h := answering(t, c.status, c.body)
		r, err := h.call(t, x)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		h.last(t)
		if r.outcome != c.want {
			t.Errorf("%s: %s, want %s", name, r.outcome, c.want)
		}
	}
}

// everywhere are replies from which nothing follows, whatever was asked.
func everywhere(table map[string]said) map[string]said {
	for name, c := range map[string]said{
		"429":               {429, refusal("FREQUENCY_LIMITED"), unknown},
		"429, older":        {429, refusal("FREQUENCY_LIMITED_ERR"), unknown},
		"500":               {500, refusal("SYSTEM_ERROR"), unknown},
		"500 of the bank":   {500, refusal("BANK_ERROR"), unknown},
		"502":               {502, "<html>", unknown},
		"503":               {503, `{}`, unknown},
		"no code":           {400, `{"message":"?"}`, unknown},
		"no object":         {400, `[]`, unknown},
		"a code that is no": {400, `{"code":1}`, unknown},
		"a redirect":        {302, `{"code":"FOUND"}`, unknown},
		"an empty 200":      {200, ``, unknown},
		"an empty object":   {200, `{}`, unknown},
		"a list":            {200, `[{}]`, unknown},
		"an empty 202":      {202, ``, unknown},
	} {
		table[name] = c
	}
	return table
}

// TestPlaceOutcomes: every documented code of placing an order.
func TestPlaceOutcomes(t *testing.T) {
	t.Parallel()
	table := everywhere(map[string]said{"a link": {200, `{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}`, inProgress}})
	for code, status := range map[string]int{"PARAM_ERROR": 400, "APPID_MCHID_NOT_MATCH": 400, "MCH_NOT_EXISTS": 400, "NO_AUTH": 403, "RULE_LIMIT": 403, "RULELIMIT": 403} {
		table[code] = said{status, refusal(code), refused}
		table[code+" under another status"] = said{500, refusal(code), unknown}
	}
	table["MCH_NOT_EXISTS, 404"] = said{404, refusal("MCH_NOT_EXISTS"), refused}
	table["our signature"] = said{401, refusal("SIGN_ERROR"), refused}
	for code, status := range map[string]int{
		"INVALID_REQUEST": 400, "OUT_TRADE_NO_USED": 403, "ORDERPAID": 400, "ORDER_CLOSED": 400, "TRADE_ERROR": 403, "ACCOUNT_ERROR": 403,
		"NOT_ENOUGH": 403, "INVALID_TRANSACTIONID": 500, "OPENID_MISMATCH": 500, "USERPAYING": 202, "ORDER_NOT_EXIST": 404, "SOMETHING_NEW": 400,
	} {
		table[code] = said{status, refusal(code), unknown}
	}
	for name, body := range map[string]string{
		"another spelling": `{"Code_Url":"weixin://x"}`, "twice": `{"code_url":"weixin://a","code_url":"weixin://b"}`, "empty": `{"code_url":""}`,
		"null": `{"code_url":null}`, "number": `{"code_url":1}`, "long": `{"code_url":"` + strings.Repeat("x", 5000) + `"}`, "another field": `{"prepay_id":"wx1"}`,
	} {
		table["link, "+name] = said{200, body, unknown}
	}
	judge(t, paymentExchange(paymentRequest(sdk.MethodQR)), table)
}

// TestQueryOutcomes: every trade state and every documented code of a query.
func TestQueryOutcomes(t *testing.T) {
	t.Parallel()
	table := everywhere(map[string]said{
		"paid": {200, paidOrder, succeeded}, "waiting": {200, unpaidOrder, inProgress},
		"no such order": {404, refusal("ORDER_NOT_EXIST"), notFound}, "no such order, older": {404, refusal("ORDERNOTEXIST"), notFound},
		"no such order under 400": {400, refusal("ORDER_NOT_EXIST"), refused}, "another 404": {404, refusal("RESOURCE_NOT_EXISTS"), refused},
		"another amount":     {200, edit(t, paidOrder, `"total":100`, `"total":101`), unknown},
		"no amount":          {200, edit(t, paidOrder, `"total":100,`, ``), unknown},
		"a fraction":         {200, edit(t, paidOrder, `"total":100`, `"total":100.0`), unknown},
		"an amount in text":  {200, edit(t, paidOrder, `"total":100`, `"total":"100"`), unknown},
		"a huge amount":      {200, edit(t, paidOrder, `"total":100`, `"total":18446744073709551716`), unknown},
		"another currency":   {200, edit(t, paidOrder, `"currency":"CNY","payer`, `"currency":"USD","payer`), unknown},
		"no currency":        {200, edit(t, paidOrder, `"currency":"CNY","payer`, `"payer`), succeeded},
		"another merchant":   {200, edit(t, paidOrder, testMerchant, "1900000108"), unknown},
		"another order":      {200, edit(t, paidOrder, testOrder, "26010100010000000009"), unknown},
		"another number":     {200, edit(t, paidOrder, testNumber, "4200001234202601019999999999"), unknown},
		"no number":          {200, edit(t, paidOrder, `"transaction_id":"`+testNumber+`",`, ``), unknown},
		"another spelling":   {200, edit(t, paidOrder, `"trade_state"`, `"Trade_State"`), unknown},
		"the state twice":    {200, edit(t, paidOrder, `"trade_type":"NATIVE"`, `"trade_state":"SUCCESS"`), unknown},
		"no state":           {200, edit(t, paidOrder, `"trade_state":"SUCCESS",`, ``), unknown},
		"an unknown state":   {200, edit(t, paidOrder, `"SUCCESS"`, `"PAID"`), unknown},
		"waiting, no amount": {200, edit(t, unpaidOrder, `"amount":{"total":100,"currency":"CNY"}`, `"amount":null`), inProgress},
		"waiting, another":   {200, edit(t, unpaidOrder, `"total":100`, `"total":7`), unknown},
	})
	for state, outcome := range map[string]sdk.Outcome{
		"REFUND": succeeded, "USERPAYING": inProgress, "PAYERROR": inProgress, "CLOSED": closed, "REVOKED": canceled, "ACCEPT": unknown,
	} {
		table[state] = said{200, edit(t, paidOrder, `"SUCCESS"`, `"`+state+`"`), outcome}
	}
	for code, status := range map[string]int{"PARAM_ERROR": 400, "INVALID_REQUEST": 400, "MCH_NOT_EXISTS": 400, "SIGN_ERROR": 401, "NO_AUTH": 403, "TRADE_ERROR": 403} {
		table[code] = said{status, refusal(code), refused}
	}
	judge(t, queryExchange(orderRef()), table)
}

// TestPaidOrder: what a paid order says.
func TestPaidOrder(t *testing.T) {
	t.Parallel()
	r, err := answering(t, http.StatusOK, paidOrder).call(t, queryExchange(orderRef()))
	if err != nil {
		t.Fatal(err)
	}
	p := r.payment
	want(t, "order", p.OrderNo, testOrder)
	want(t, "number", p.ProviderOrderNo, testNumber)
	want(t, "amount", p.Amount, sdk.Fen(100)) // not what the payer gave after coupons
	want(t, "payer", p.PayerID, testOpenID)
	want(t, "paid at", p.PaidAt.Equal(time.Date(2026, 1, 1, 12, 0, 1, 0, sdk.Beijing())), true)
	want(t, "text", p.Provider, sdk.ProviderText{Code: "SUCCESS", Message: "支付成功"})
}

// answered is an exchange with a reply that means success.
type answered struct {
	exchange

	status int
	reply  string
}

// outgoing are all that ask WeChat Pay for something whose reply is signed.
func outgoing() map[string]answered {
	return map[string]answered{
		"native":       {paymentExchange(paymentRequest(sdk.MethodQR)), 200, `{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}`},
		"jsapi":        {paymentExchange(paymentRequest(sdk.MethodJSAPI)), 200, `{"prepay_id":"wx201410272009395522657a690389285100"}`},
		"h5":           {paymentExchange(paymentRequest(sdk.MethodH5)), 200, `{"h5_url":"https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx20&package=19"}`},
		"query":        {queryExchange(orderRef()), 200, paidOrder},
		"close":        {closeExchange(orderRef()), 204, ""},
		"refund":       {refundExchange(refundRequest()), 200, doneRefund},
		"refund query": {refundQueryExchange(refundRequest()), 200, doneRefund},
		"bill":         {billExchange(billRequest()), 200, billAddress(strings.Repeat("a", 40))},
	}
}

// TestNotAuthentic: a reply that is not shown to be WeChat Pay's says nothing, however good it
// looks.
func TestNotAuthentic(t *testing.T) {
	t.Parallel()
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	spoils := map[string]func(http.Header){
		"unsigned":         func(h http.Header) { clear(h) },
		"no time":          func(h http.Header) { h.Del("Wechatpay-Timestamp") },
		"no nonce":         func(h http.Header) { h.Del("Wechatpay-Nonce") },
		"no serial":        func(h http.Header) { h.Del("Wechatpay-Serial") },
		"no signature":     func(h http.Header) { h.Del("Wechatpay-Signature") },
		"two serials":      func(h http.Header) { h.Add("Wechatpay-Serial", byCertificate.serial) },
		"two times":        func(h http.Header) { h.Add("Wechatpay-Timestamp", h.Get("Wechatpay-Timestamp")) },
		"nobody's serial":  set("Wechatpay-Serial", byCertificate2.serial),
		"another key's":    set("Wechatpay-Serial", testKeyID),
		"another nonce":    set("Wechatpay-Nonce", "x"),
		"a probe":          set("Wechatpay-Signature", "WECHATPAY/SIGNTEST/"+strings.Repeat("A", 325)),
		"no Base64":        set("Wechatpay-Signature", "!"),
		"a time in words":  set("Wechatpay-Timestamp", "now"),
		"a time with sign": set("Wechatpay-Timestamp", "+176724000"),
	}
	for name, x := range outgoing() {
		for spoiled, spoil := range spoils {
			header := byCertificate.header(t, x.reply)
			spoil(header)
			expectNothing(t, name+", "+spoiled, replying(t, x.status, header, x.reply), x.exchange)
		}
		late, early := byCertificate, byCertificate
		late.at, early.at = testNow.Add(-301*time.Second), testNow.Add(301*time.Second)
		expectNothing(t, name+", late", replying(t, x.status, late.header(t, x.reply), x.reply), x.exchange)
		expectNothing(t, name+", early", replying(t, x.status, early.header(t, x.reply), x.reply), x.exchange)
		expectNothing(t, name+", changed", replying(t, x.status, byCertificate.header(t, x.reply), x.reply+" "), x.exchange)
		if x.capability == sdk.CapCreatePayment { // the test's order is over by then
			continue
		}
		expired := replying(t, x.status, stamp{byCertificate.key, byCertificate.serial, testNow.AddDate(0, 2, 0)}.header(t, x.reply), x.reply)
		expired.Clock = func() time.Time { return testNow.AddDate(0, 2, 0) }
		expectNothing(t, name+", by an expired certificate", expired, x.exchange)
	}
}

func expectNothing(t *testing.T, name string, h *testHost, x exchange) {
	t.Helper()
	r, err := h.call(t, x)
	if err != nil || r.outcome != unknown || r.text.Message == "" {
		t.Errorf("%s: %+v, %v", name, r, err)
	}
}

// TestAuthentic: a certificate and the public key are good side by side, and at both ends of
// the five minutes.
func TestAuthentic(t *testing.T) {
	t.Parallel()
	for name, x := range outgoing() {
		late, early := byCertificate, byPublicKey
		late.at, early.at = testNow.Add(-300*time.Second), testNow.Add(300*time.Second)
		for _, s := range []stamp{byCertificate, byCertificate2, byPublicKey, late, early} {
			h := replying(t, x.status, s.header(t, x.reply), x.reply)
			h.Credentials[credCertificate2] = testdata(t, "platform2.cert.pem")
			r, err := h.call(t, x.exchange)
			if err != nil || r.outcome == unknown {
				t.Errorf("%s by %s: %+v, %v", name, s.serial, r, err)
			}
		}
	}
}

// TestKeyRefused: the one refusal that WeChat Pay does not sign. It decides nothing and says
// that our key may be the wrong one.
func TestKeyRefused(t *testing.T) {
	t.Parallel()
	for name, x := range outgoing() {
		r, err := replying(t, http.StatusUnauthorized, http.Header{}, refusal("SIGN_ERROR")).call(t, x.exchange)
		// A bill's result has no place for it.
		if err != nil || r.outcome != unknown || r.keyRefused == (x.capability == sdk.CapFetchBill) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		for _, body := range []string{refusal("OTHER"), "<html>", ""} {
			if r, err := replying(t, http.StatusUnauthorized, http.Header{}, body).call(t, x.exchange); err != nil || r.outcome != unknown || r.keyRefused {
				t.Errorf("%s, %s: %+v, %v", name, body, r, err)
			}
		}
	}
}

// TestNothingLeft: what was not sent is the call's error; what may have been is unknown.
func TestNothingLeft(t *testing.T) {
	t.Parallel()
	for name, x := range outgoing() {
		for code, sent := range map[string]bool{
			sdk.ErrNotSent: false, sdk.ErrDenied: false, sdk.ErrKeysUnavailable: false, sdk.ErrSentMaybe: true, sdk.ErrTooLarge: true, sdk.ErrInternal: true,
		} {
			r, err := failing(t, sdk.Errorf(code, "It failed.")).call(t, x.exchange)
			if r.outcome != unknown || (err == nil) != sent || err != nil && !errors.Is(err, &sdk.Error{Code: code}) {
				t.Errorf("%s, %s: %+v, %v", name, code, r, err)
			}
		}
		h := failing(t, sdk.Errorf(sdk.ErrInternal, "Nothing should have been sent."))
		delete(h.Credentials, credPrivateKey)
		if _, err := h.call(t, x.exchange); !errors.Is(err, &sdk.Error{Code: sdk.ErrInvalidCredential}) || h.Sends() > 0 {
			t.Errorf("%s without a key: %v, %d sent", name, err, h.Sends())
		}
	}
}
