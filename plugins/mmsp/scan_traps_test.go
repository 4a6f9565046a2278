package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestScanTraps: the document's traps of scan, each under its number.
func TestScanTraps(t *testing.T) {
	t.Parallel()
	for name, trap := range map[string]func(*testing.T){
		"E6-C1": placedIsNotPaid, "E6-C2": acceptedIsNotRefunded, "E6-C3": tradeTypeHasTwoLists, "E6-C4": notifyAddressIsShort,
		"E6-C5": barcodeSuccessIsFinal, "E6-C6": h5IsPolled, "E6-C7": oneOfURLAndPayInfo, "E6-C8": alipayJumpIsASetting,
		"E6-C9": payersByWallet, "E6-C10": currencyAlways, "E6-C11": settlementFieldsWhereListed, "E6-C12": expiryIsATimeOfDay,
		"E6-C13": ordersByOurNumber, "E6-C14": refundQueryByOurNumber, "E6-C15": refundInFen, "E6-C16": unpaidHasNoTime,
		"E6-C17": wakeIsAStepOfItsOwn, "E6-C18": identifyRedirect, "E6-C19": h5OutsideTheWallet, "E6-C20": bareAmountIsSigned,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trap(t)
		})
	}
}

// body gives the Body that an operation sends.
func (o operation) body(t *testing.T) fields {
	t.Helper()
	h, r, err := o.run(t, testPlugin())
	if err != nil {
		t.Fatalf("%s %s: %v", o.ID, o.Name, err)
	}
	sent := r.request
	if o.Reply != "" {
		sent = h.last(t).body
	}
	var message struct{ Body fields }
	if err := json.Unmarshal([]byte(sent), &message); err != nil {
		t.Fatal(err)
	}
	return message.Body
}

func (o operation) settings(s string) operation {
	o.Settings = s
	return o
}

func placedIsNotPaid(t *testing.T) {
	t.Helper()
	for _, o := range preOrders(t) {
		if r := o.with(t, fields{"STATUS": "1"}).expect(t, inProgress); !r.payment.PaidAt.IsZero() || r.payment.NextAction == nil {
			t.Errorf("%s: %+v", o.Name, r.payment)
		}
	}
	for _, o := range barcodes(t) {
		o.with(t, fields{"STATUS": "1"}).expect(t, succeeded)
	}
}

func acceptedIsNotRefunded(t *testing.T) {
	t.Helper()
	row(t, "SC17", "refund").expect(t, inProgress)
	query := row(t, "SC18", "refund-query")
	query.expect(t, succeeded)
	query.settings(`{"refund_accepted_is_final":false}`).expect(t, inProgress)
}

func tradeTypeHasTwoLists(t *testing.T) {
	t.Helper()
	for value, wallet := range map[string]string{"1": channelWeChat, "2": channelAlipay, "3": channelQQ, "4": "", "": ""} {
		if r := row(t, "SC14", "query").with(t, fields{"TRADETYPE": value}).expect(t, succeeded); r.payment.Channel != wallet {
			t.Errorf("%q is %q", value, r.payment.Channel)
		}
	}
	// In an order the same name is the kind of trade.
	if got := row(t, "SC4", "alipay-service-window").body(t)["TRADETYPE"]; got != "2" {
		t.Errorf("service window: %v", got)
	}
	if got := row(t, "SC4", "alipay-qr").body(t)["TRADETYPE"]; got != "1" {
		t.Errorf("QR: %v", got)
	}
	if r := row(t, "SC1", "wechat-jsapi").expect(t, inProgress); r.payment.Channel != "" {
		t.Errorf("the order's TRADETYPE was read as the wallet %q", r.payment.Channel)
	}
}

func notifyAddressIsShort(t *testing.T) {
	t.Helper()
	create := func(method sdk.Method, callback string) error {
		h := answering(http.StatusOK, reply(35074, placedBody))
		call := h.call(t.Context(), sdk.CapCreatePayment, "")
		call.CallbackURL = callback
		req := scanRequest(method, channelWeChat)
		req.ReturnURL, req.PayerCode = "https://shop.example/", sdk.SecretString("130000000000000001")
		_, err := testPlugin().CreatePayment(t.Context(), call, req)
		if err != nil && h.Sends() != 0 {
			t.Error("it was sent and refused")
		}
		return err
	}
	address := func(n int) string {
		return "https://pay.example/" + strings.Repeat("n", n-len("https://pay.example/")-1)
	}
	for method, most := range map[sdk.Method]int{sdk.MethodQR: 50, sdk.MethodBarcode: 100, sdk.MethodH5: 100} {
		if err := create(method, address(most)); err != nil {
			t.Errorf("%s with %d characters: %v", method, most, err)
		}
		for _, bad := range []string{address(most + 1), ""} {
			var refusal *sdk.Error
			if err := create(method, bad); !errors.As(err, &refusal) || refusal.Param != "callback_url" {
				t.Errorf("%s with %d characters: %v", method, len(bad)+1, err)
			}
		}
	}
}

func barcodeSuccessIsFinal(t *testing.T) {
	t.Helper()
	for _, o := range barcodes(t) {
		// Nothing will be notified, so the reply itself must end the payment.
		if r := o.expect(t, succeeded); r.payment.OrderNo != testOrder || r.payment.ProviderOrderNo != testProvider {
			t.Errorf("%s: %+v", o.Name, r.payment)
		}
	}
}

func h5IsPolled(t *testing.T) {
	t.Helper()
	m := provider{}.Manifest()
	if len(m.Poll.Fast) == 0 || m.Poll.Window < 5*time.Minute {
		t.Errorf("an H5 order lives 5 minutes and is polled for %s", m.Poll.Window)
	}
	ref := scanRef()
	ref.Method = sdk.MethodH5
	o := row(t, "SC14", "query")
	o.Call = queryPayment(ref)
	o.expect(t, succeeded)
}

func oneOfURLAndPayInfo(t *testing.T) {
	t.Helper()
	jsapi := row(t, "SC1", "wechat-jsapi")
	jsapi.with(t, fields{"URL": "https://x.example/"}).expect(t, unknown) // both
	jsapi.with(t, fields{"PAY_INFO": nil}).expect(t, unknown)             // neither
	if r := jsapi.with(t, fields{"PAY_INFO": nil, "URL": "https://x.example/"}).expect(t, inProgress); r.payment.NextAction.Type != sdk.ActionRedirect {
		t.Errorf("%+v", r.payment.NextAction)
	}
	for _, info := range []string{"no JSON", "{}", "[1]", `{"a":1`, `"text"`} {
		jsapi.with(t, fields{"PAY_INFO": info}).expect(t, unknown)
	}
	long := `{"package":"` + strings.Repeat("p", 500) + `"}` // the printed 100 is no limit
	jsapi.with(t, fields{"PAY_INFO": long}).expect(t, inProgress)
	qr := row(t, "SC1", "wechat-qr")
	qr.with(t, fields{"URL": nil}).expect(t, unknown)
	qr.with(t, fields{"URL": nil, "PAY_INFO": "{}"}).expect(t, unknown)
	qr.with(t, fields{"URL": "https://x.example/" + strings.Repeat("p", 500)}).expect(t, inProgress)
}

func alipayJumpIsASetting(t *testing.T) {
	t.Helper()
	o := row(t, "SC8", "alipay-h5")
	if got := o.body(t)["JUMP_URL"]; got != "https://shop.example/paid?a=1&b=2" {
		t.Errorf("by default: %v", got)
	}
	if got, sent := o.settings(`{"alipay_h5_jump_url":false}`).body(t)["JUMP_URL"]; sent {
		t.Errorf("switched off: %v", got)
	}
	for _, o := range preOrders(t)[:11] { // 暂不传
		if got, sent := o.body(t)["JUMP_URL"]; sent {
			t.Errorf("%s: %v", o.Name, got)
		}
	}
}

func payersByWallet(t *testing.T) {
	t.Helper()
	if got := row(t, "SC1", "wechat-jsapi").body(t); got["OPENID"] != "o-1" || got["SUP_APPID"] != "wx0001" || got["IS_MINIPG"] != nil {
		t.Errorf("WeChat: %v", got)
	}
	if got := row(t, "SC1", "wechat-mini-program").body(t); got["IS_MINIPG"] != "1" || got["SUP_APPID"] != "wx0002" || got["IS_RAW"] != "1" {
		t.Errorf("mini program: %v", got)
	}
	if got := row(t, "SC4", "alipay-service-window").body(t); got["ALIPAY_USER_ID"] != "2088000000000001" || got["OPENID"] != nil {
		t.Errorf("Alipay: %v", got)
	}
	req := insideRequest(sdk.MethodJSAPI, channelAlipay, "")
	req.Extra = map[string]string{extraAlipayAccount: "a@shop.example"}
	if got := row(t, "SC4", "alipay-service-window").creating(req).body(t); got["ALIPAY_ACCOUNT"] != "a@shop.example" || got["ALIPAY_USER_ID"] != nil {
		t.Errorf("Alipay by account: %v", got)
	}
	got := row(t, "SC9", "qq-service-window").body(t)
	for _, name := range []string{"OPENID", "ALIPAY_USER_ID", "ALIPAY_ACCOUNT", "SUP_APPID", "IS_MINIPG"} {
		if got[name] != nil {
			t.Errorf("QQ was sent %s", name)
		}
	}
}

func currencyAlways(t *testing.T) {
	t.Helper()
	for _, o := range append(preOrders(t), barcodes(t)...) {
		if got := o.body(t)["CUR"]; got != "CNY" {
			t.Errorf("%s: %v", o.Name, got)
		}
	}
}

func settlementFieldsWhereListed(t *testing.T) {
	t.Helper()
	for _, o := range append(preOrders(t), barcodes(t)...) {
		got := o.settings(`{"settlement":"T0","no_credit_cards":true}`).body(t)
		both := slices.Contains([]string{"SC1", "SC2", "SC4", "SC5", "SC9", "SC10"}, o.ID)
		if (got["IST0"] == "2") != both || (got["LIMIT_PAY"] == "1") != (both || o.ID == "SC3") || got["ISTO"] != nil {
			t.Errorf("%s %s: IST0 %v, LIMIT_PAY %v, ISTO %v", o.ID, o.Name, got["IST0"], got["LIMIT_PAY"], got["ISTO"])
		}
		if plain := o.settings("").body(t); plain["IST0"] != nil || plain["LIMIT_PAY"] != nil {
			t.Errorf("%s %s: defaults were sent: %v", o.ID, o.Name, plain)
		}
	}
}

func expiryIsATimeOfDay(t *testing.T) {
	t.Helper()
	req := scanRequest(sdk.MethodQR, channelWeChat)
	req.ExpiresAt = time.Date(2026, 1, 1, 17, 30, 5, 0, time.UTC)
	if got := row(t, "SC1", "wechat-qr").creating(req).body(t)["TIME_END"]; got != "2026-01-02 01:30:05" {
		t.Errorf("in Beijing: %v", got)
	}
	req.ExpiresAt = time.Time{} // the provider's 5 minutes
	if got, sent := row(t, "SC1", "wechat-qr").creating(req).body(t)["TIME_END"]; sent {
		t.Errorf("without an end: %v", got)
	}
	if got := row(t, "SC3", "wechat-h5").settings(`{"h5_expiry_format":"day"}`).body(t)["TIME_END"]; got != "2026-01-01" {
		t.Errorf("H5 by day: %v", got)
	}
}

func ordersByOurNumber(t *testing.T) {
	t.Helper()
	for _, o := range []operation{row(t, "SC14", "query"), row(t, "SC15", "cancel"), row(t, "SC16", "close"), row(t, "SC17", "refund")} {
		if got := o.body(t); got["MERORDERID"] != testOrder || got["ORDERNO"] != nil || got["RANDSTR"] != "0000000000" {
			t.Errorf("%s: %v", o.Name, got)
		}
	}
}

func refundQueryByOurNumber(t *testing.T) {
	t.Helper()
	if got := row(t, "SC18", "refund-query").body(t); len(got) != 2 || got["REFUND_MERORDERID"] != testRefund || got["RANDSTR"] != "0000000000" {
		t.Errorf("%v", got)
	}
}

func refundInFen(t *testing.T) {
	t.Helper()
	if got := row(t, "SC17", "refund").body(t)["AMT"]; got != "30" {
		t.Errorf("%v", got)
	}
	if m := (provider{}).Manifest(); !m.Refund.OneInFlight {
		t.Error("the document does not speak of several refunds: one at a time")
	}
}

func unpaidHasNoTime(t *testing.T) {
	t.Helper()
	for _, empty := range []any{"", nil, "0000-00-00 00:00:00"} {
		if r := row(t, "SC14", "query").with(t, fields{"STATUS": "3", "PAYTIME": empty}).expect(t, inProgress); !r.payment.PaidAt.IsZero() {
			t.Errorf("%v: %s", empty, r.payment.PaidAt)
		}
	}
	if r := row(t, "SC15", "cancel").with(t, fields{"PAYTIME": "2026-01-01 12:00:03"}).expect(t, succeeded); !r.payment.PaidAt.IsZero() {
		t.Errorf("a canceled payment was paid at %s", r.payment.PaidAt)
	}
}

func wakeIsAStepOfItsOwn(t *testing.T) {
	t.Helper()
	o := row(t, "SC20", "wake-wechat")
	_, r, err := o.run(t, testPlugin())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(r.request)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	back, err := base64.StdEncoding.DecodeString(q.Get("merurl"))
	if err != nil || string(back) != "https://shop.example/?a=~~>>" || strings.Contains(u.RawQuery, "+") || !strings.Contains(u.RawQuery, "%2B") {
		t.Errorf("merurl: %q, %v in %s", back, err, u.RawQuery)
	}
	if u.Path != "/openapi"+wakePath || q.Get("memo") != testMerchant || q.Get("termno") != testTerminal || q.Get("tradetype") != "1" || len(q) != 4 {
		t.Errorf("%s", r.request)
	}
	_, r, err = o.settings(`{"wake_url":"http://wake.example/p"}`).run(t, testPlugin())
	if err != nil || !strings.HasPrefix(r.request, "http://wake.example/p?memo=") {
		t.Errorf("%s, %v", r.request, err)
	}
	for param, req := range map[string]sdk.PayerRequest{
		"channel": {Purpose: sdk.PayerWake, Channel: channelAlipay, ReturnURL: "https://shop.example/"}, "return_url": {Purpose: sdk.PayerWake},
		"purpose": {Purpose: "greet"},
	} {
		operation{Name: "wake", Capability: sdk.CapResolvePayer, Call: resolvePayer(req)}.refuses(t, param)
	}
}

func identifyRedirect(t *testing.T) {
	t.Helper()
	_, r, err := row(t, "SC13", "openid-redirect").run(t, testPlugin())
	u, errURL := url.Parse(r.request)
	if err != nil || errURL != nil {
		t.Fatal(err, errURL)
	}
	if q := u.Query(); strings.Contains(r.request, "？") || q.Get("merurl") != "https://pay.example/r?s=1&t=中" || q.Get("merno") != testMerchant || q.Get("tradetype") != "1" {
		t.Errorf("%s", r.request)
	}
	_, r, err = row(t, "SC13", "user-id-back").run(t, testPlugin())
	if err != nil || r.answer != "2088000000000001" {
		t.Errorf("%q, %v", r.answer, err)
	}
	for param, req := range map[string]sdk.PayerRequest{
		"channel": {Channel: channelQQ, ReturnURL: "https://pay.example/r"}, "return_url": {Channel: channelWeChat, ReturnURL: "pay"},
		"token_id": {Channel: channelWeChat, Query: map[string]string{"other": "1"}},
	} {
		operation{Name: "identify", Capability: sdk.CapResolvePayer, Call: resolvePayer(req)}.refuses(t, param)
	}
	row(t, "SC13", "openid-redirect").settings(`{"identify_url":""}`).refuses(t, "identify_url")
	long := sdk.PayerRequest{Channel: channelWeChat, Query: map[string]string{"token_id": strings.Repeat("x", 33)}}
	operation{Name: "identified", Capability: sdk.CapResolvePayer, Call: resolvePayer(long)}.refuses(t, "token_id")
}

func h5OutsideTheWallet(t *testing.T) {
	t.Helper()
	// A code would be scanned with the wallet, which is inside of it: so a redirect, never a QR.
	for _, o := range []operation{row(t, "SC3", "wechat-h5"), row(t, "SC8", "alipay-h5")} {
		if r := o.expect(t, inProgress); r.payment.NextAction.Type != sdk.ActionRedirect || r.payment.NextAction.QRContent != "" {
			t.Errorf("%s: %+v", o.Name, r.payment.NextAction)
		}
		o.with(t, fields{"URL": nil}).expect(t, unknown)
	}
}

func bareAmountIsSigned(t *testing.T) {
	t.Helper()
	for body, good := range map[string]bool{
		noticeBody: true, strings.Replace(noticeBody, `"AMT":100`, `"AMT":"100"`, 1): true,
	} {
		o := operation{Capability: sdk.CapInbound, Call: handleInbound(notice(inboundScan, 2324, body))}
		if _, r, err := o.run(t, testPlugin()); err != nil || (r.outcome == succeeded) != good || r.payment.Amount != sdk.Fen(100) {
			t.Errorf("%s: %q, %v", body, r.outcome, err)
		}
	}
	// What was signed bare does not verify quoted.
	forged := notice(inboundScan, 2324, noticeBody)
	forged.Body = []byte(strings.Replace(string(forged.Body), `"AMT":100`, `"AMT":"100"`, 1))
	if _, r, err := (operation{Capability: sdk.CapInbound, Call: handleInbound(forged)}).run(t, testPlugin()); err != nil || r.outcome != failed {
		t.Errorf("%q, %v", r.outcome, err)
	}
}
