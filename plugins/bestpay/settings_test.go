package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestRequestSignature: SHA256withRSA unless the account says SHA1withRSA.
func TestRequestSignature(t *testing.T) {
	t.Parallel()
	for settings, hash := range map[string]crypto.Hash{
		`{}`: crypto.SHA256, `{"request_signature":""}`: crypto.SHA256, `{"request_signature":"SHA256withRSA"}`: crypto.SHA256, `{"request_signature":"SHA1withRSA"}`: crypto.SHA1,
	} {
		for _, e := range exchanges() {
			h := answering(t, 200, "")
			if _, err := e.on(t, h, settings); err != nil {
				t.Fatal(err)
			}
			checkSigned(t, h, hash)
		}
	}
}

// TestReplySignature: SHA1withRSA unless the account says SHA256withRSA; the other one does
// not pass.
func TestReplySignature(t *testing.T) {
	t.Parallel()
	message := fields{"success": true, "errorCode": nil, "errorMsg": nil, "result": queryResult("SUCCESS")}
	for hash, settings := range map[crypto.Hash][2]string{
		crypto.SHA1:   {`{}`, `{"reply_signature":"SHA256withRSA"}`},
		crypto.SHA256: {`{"reply_signature":"SHA256withRSA"}`, `{"reply_signature":"SHA1withRSA"}`},
	} {
		reply := jsonOf(merged(message, fields{"sign": signature(t, platformKey(), hash, textOf(message))}))
		expect(t, query(orderRef()), settings[0], reply, succeeded)
		expect(t, query(orderRef()), settings[1], reply, unknown)
	}
	expect(t, query(orderRef()), `{"reply_signature":"none"}`, took(t, queryResult("SUCCESS")), unknown)
}

// TestEmptyFields: optional fields without a value are left out, or sent and signed empty.
func TestEmptyFields(t *testing.T) {
	t.Parallel()
	optional := map[string][]string{"barcode": {"remark"}, "qr": {"remark", "userCode"}, "refund": {"refundCause", "remark"}}
	bare := refundRequest()
	bare.Reason = ""
	all := exchanges()
	all["refund"] = refund(bare)
	for name, names := range optional {
		for settings, there := range map[string]bool{`{}`: false, `{"empty_fields":"omit"}`: false, `{"empty_fields":"send"}`: true} {
			h := answering(t, 200, "")
			if _, err := all[name].on(t, h, settings); err != nil {
				t.Fatal(err)
			}
			sent := checkSigned(t, h, crypto.SHA256)
			for _, field := range names {
				if value, ok := sent[field]; ok != there || (ok && value != "") {
					t.Errorf("%s, %s: %s is %v", name, settings, field, value)
				}
			}
		}
	}
}

// TestCallbackStatusCode: the number 200, or the document's String.
func TestCallbackStatusCode(t *testing.T) {
	t.Parallel()
	for settings, want := range map[string]string{
		`{}`:                                  taken,
		`{"callback_status_code":"number"}`:   taken,
		`{"callback_status_code":"string"}`:   `{"success":true,"errorCode":null,"errorMsg":null,"result":{"statusCode":"200"}}`,
		`{"callback_status_code":"whatever"}`: taken,
	} {
		r := notify(t, settings, kindPayment, signed(t, paymentNotice("SUCCESS")))
		same(t, settings, string(r.Answer.Body), want)
	}
}

// TestOperator: the caller's person, else the account's, else nobody in particular.
func TestOperator(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, settings, want string }{
		{"张三", `{"operator":"till"}`, "张三"},
		{"", `{"operator":"till"}`, "till"},
		{"", `{}`, "system"},
		{"\xff", `{"operator":""}`, "system"},
	} {
		order, back := barcodeRequest(), refundRequest()
		order.Operator, back.Operator = c.name, c.name
		for _, e := range []exchange{create(order), refund(back)} {
			h := answering(t, 200, "")
			if _, err := e.on(t, h, c.settings); err != nil {
				t.Fatal(err)
			}
			same(t, c.settings, sentFields(t, h.last(t))["operator"], any(c.want))
		}
	}
}

// TestErrorCodesOfTheSettings: with codes that BestPay confirmed, a query concludes.
func TestErrorCodesOfTheSettings(t *testing.T) {
	t.Parallel()
	settings := `{"order_not_found_codes":"NO_ORDER, 1002","refund_not_found_codes":"NO_REFUND","signature_refused_codes":"BAD_SIGN"}`
	for _, code := range []string{"NO_ORDER", "1002"} {
		expect(t, query(orderRef()), settings, refusal(t, code), notFound)
		expect(t, checkIn(), settings, refusal(t, code), succeeded)
		expect(t, query(orderRef()), "{}", refusal(t, code), refused)
		expect(t, checkIn(), "{}", refusal(t, code), refused)
		expect(t, queryRefund(refundRequest()), settings, refusal(t, code), refused)
		expect(t, create(barcodeRequest()), settings, refusal(t, code), unknown)
		expect(t, refund(refundRequest()), settings, refusal(t, code), unknown)
		inTrade := merged(queryResult("FAIL"), fields{"errorMsgCode": code})
		expect(t, query(orderRef()), settings, took(t, inTrade), notFound)
		expect(t, query(orderRef()), "{}", took(t, inTrade), failed)
		expect(t, query(orderRef()), settings, took(t, merged(queryResult("SUCCESS"), fields{"errorMsgCode": code})), succeeded)
	}
	expect(t, queryRefund(refundRequest()), settings, refusal(t, "NO_REFUND"), notFound)
	expect(t, query(orderRef()), settings, refusal(t, "NO_REFUND"), refused)
	for _, code := range []string{"", "NO", "NO_ORDER, 1002", "no_order", "BAD_SIGN"} {
		expect(t, query(orderRef()), settings, refusal(t, code), refused)
		expect(t, checkIn(), settings, refusal(t, code), refused)
	}
	for name, e := range exchanges() {
		h := answering(t, 200, refusal(t, "BAD_SIGN"))
		r, err := e.on(t, h, settings)
		if err != nil || !r.refused || r.outcome == succeeded || r.outcome == notFound || r.outcome == failed {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if r, err = e.on(t, answering(t, 200, refusal(t, "BAD_SIGN")), "{}"); err != nil || r.refused {
			t.Errorf("%s without the setting: %+v, %v", name, r, err)
		}
	}
	expect(t, checkIn(), "{}", took(t, queryResult("FAIL")), succeeded)
}

// TestPreviousCertificate: while the platform's certificate is exchanged, a message under
// the one before still counts, and one under a third does not.
func TestPreviousCertificate(t *testing.T) {
	t.Parallel()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		public map[string]*rsa.PublicKey
		want   sdk.Outcome
	}{
		"the one before": {map[string]*rsa.PublicKey{credPlatform: &other.PublicKey, sdk.Previous(credPlatform): &platformKey().PublicKey}, succeeded},
		"a third":        {map[string]*rsa.PublicKey{credPlatform: &other.PublicKey, sdk.Previous(credPlatform): &other.PublicKey}, unknown},
		"none before":    {map[string]*rsa.PublicKey{credPlatform: &other.PublicKey}, unknown},
	} {
		h := answering(t, 200, took(t, queryResult("SUCCESS")))
		h.public = c.public
		r, err := query(orderRef()).on(t, h, "{}")
		if err != nil || r.outcome != c.want {
			t.Errorf("%s: %s, %v", name, r.outcome, err)
		}
		in, err := provider{}.HandleInbound(t.Context(), h.plain(t, sdk.CapInbound), noticeRequest(kindPayment, signed(t, paymentNotice("SUCCESS"))))
		if err != nil || in.Verified != (c.want == succeeded) {
			t.Errorf("%s: callback verified %t, %v", name, in.Verified, err)
		}
	}
}

// TestManifest: what the document fixes, and forms without a gap.
func TestManifest(t *testing.T) {
	t.Parallel()
	m := provider{}.Manifest()
	if m.ReplyAuthentication != sdk.ReplySigned || !m.Refund.Conclusive || m.Refund.OneInFlight || len(m.Cancel.After) != 0 {
		t.Errorf("rules: %q %+v %+v", m.ReplyAuthentication, m.Refund, m.Cancel)
	}
	for op, g := range m.Grants {
		if sends := op != sdk.CapInbound; (g.Sends == 1) != sends || (len(g.Keys) == 2) != sends || len(g.Reveal)+len(g.Rotate) != 0 {
			t.Errorf("%s: %+v", op, g)
		}
	}
	var kinds []string
	for _, k := range m.Inbound {
		kinds = append(kinds, k.Kind)
		if k.Browser || k.Enter || k.Name.ZH == "" || k.Name.EN == "" {
			t.Errorf("%+v", k)
		}
	}
	same(t, "kinds", strings.Join(kinds, ""), "pr")
	if m.Poll.Horizon <= 25*time.Minute {
		t.Error("an order can be paid for 25 minutes, and the horizon is shorter")
	}
	// The merchant's key is issued as PKCS#12.
	var credentials struct {
		Properties map[string]struct {
			Type string `json:"x-type"`
		}
	}
	if err := json.Unmarshal(m.Credentials, &credentials); err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]string{
		credKey: "pkcs12", credPlatform: "certificate", credInstitution: "merchant_number", credMerchant: "merchant_number",
	} {
		same(t, name, credentials.Properties[name].Type, kind)
	}
	// The settings that the code reads are those of the schema.
	raw, err := json.Marshal(settings{})
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]any
	var schema struct{ Properties map[string]any }
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(m.Settings, &schema); err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(schema.Properties)), slices.Sorted(maps.Keys(read)); !slices.Equal(got, want) {
		t.Errorf("the schema has %v, the code %v", got, want)
	}
}

// TestPayerCodesAreTold: each code belongs to one app.
func TestPayerCodesAreTold(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, code := range (provider{}).Manifest().PayerCodes {
		for _, prefix := range code.Prefixes {
			if other, twice := seen[prefix]; twice {
				t.Errorf("%s is %s and %s", prefix, other, code.Channel)
			}
			seen[prefix] = code.Channel
		}
		if slices.Max(code.Lengths) > maxCode {
			t.Errorf("%s: longer than a code may be", code.Channel)
		}
	}
	same(t, "BestPay", seen["51"], channelBestPay)
}
