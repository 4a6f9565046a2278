package main

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// message is a message of the provider before it is signed. The helpers below are the
// provider's side, written with the standard library alone.
type message struct {
	kind, merchant, nonce, time string
	uid                         string
	phone                       string
}

func goodMessage(kind string) message {
	return message{kind: kind, merchant: testMerchant, nonce: "0123456789abcdef", time: "1767240000", uid: testUID, phone: testPhone}
}

func (m message) request(tb testing.TB) sdk.InboundRequest {
	tb.Helper()
	body, err := json.Marshal(map[string]string{"uid": m.uid, "phone": base64.StdEncoding.EncodeToString(sealPhone(tb, m.phone))})
	if err != nil {
		tb.Fatal(err)
	}
	return m.signed(tb, "mch_id="+m.merchant+"&nonce_str="+m.nonce+"&timestamp="+m.time, base64.StdEncoding.EncodeToString, body)
}

func (m message) signed(tb testing.TB, text string, encode func([]byte) string, body []byte) sdk.InboundRequest {
	tb.Helper()
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, rsaKey(tb, "provider.pem"), crypto.SHA256, digest[:])
	if err != nil {
		tb.Fatal(err)
	}
	return sdk.InboundRequest{Kind: m.kind, Method: http.MethodPost, Path: "/callbacks/" + m.kind, Body: body, Headers: map[string]string{
		"Mch_id": m.merchant, "Nonce_str": m.nonce, "Timestamp": m.time, "Authorization": encode(signature),
	}}
}

func sealPhone(tb testing.TB, phone string) []byte {
	tb.Helper()
	block, err := aes.NewCipher([]byte(testPhoneKey))
	if err != nil {
		tb.Fatal(err)
	}
	pad := aes.BlockSize - len(phone)%aes.BlockSize
	plain := []byte(phone + strings.Repeat(string(rune(pad)), pad))
	cipher.NewCBCEncrypter(block, []byte(testPhoneIV)).CryptBlocks(plain, plain)
	return plain
}

// TestMembers: what each kind of message says and how it is answered.
func TestMembers(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		kindOpen:  "verified 0123456789abcdef member.opened " + testUID + " " + testPhone,
		kindClose: "verified 0123456789abcdef member.closed " + testUID,
		kindPhone: "verified 0123456789abcdef member.phone " + testUID + " " + testPhone,
	} {
		r, err := newHost(t, nil).call(t, inboundExchange(goodMessage(kind).request(t)))
		if err != nil {
			t.Fatal(err)
		}
		if got := inboundSummary(r.inbound); got != want || r.inbound.Answer.Status != http.StatusOK || len(r.inbound.Ask) > 0 {
			t.Errorf("%s: %s, %+v", kind, got, r.inbound)
		}
	}
}

// refusedBy checks that a message was not taken, and that the answer gives no reason away.
func refusedBy(t *testing.T, req sdk.InboundRequest, status int) {
	t.Helper()
	r, err := newHost(t, nil).call(t, inboundExchange(req))
	if err != nil {
		t.Fatal(err)
	}
	in := r.inbound
	if in.Verified || in.Nonce != "" || len(in.Events) > 0 || in.Unknown != nil || in.Answer.Status != status || string(in.Answer.Body) != "{}" {
		t.Errorf("%+v, want a refusal with %d", in, status)
	}
	if in.Provider.Message == "" || strings.Contains(in.Provider.Message, testPhone) {
		t.Errorf("reason %q", in.Provider.Message)
	}
}

// TestForgedMessages: nothing is taken that the provider did not sign for now and for us.
func TestForgedMessages(t *testing.T) {
	t.Parallel()
	header := func(name, value string) func(*sdk.InboundRequest) {
		return func(r *sdk.InboundRequest) { r.Headers[name] = value }
	}
	own := func(t *testing.T, r *sdk.InboundRequest) { // signed with the merchant's key, as our own requests are
		t.Helper()
		digest := sha256.Sum256([]byte("mch_id=" + testMerchant + "&nonce_str=0123456789abcdef&timestamp=1767240000"))
		signature, err := rsa.SignPKCS1v15(nil, rsaKey(t, "merchant.pem"), crypto.SHA256, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		r.Headers["Authorization"] = base64.StdEncoding.EncodeToString(signature)
	}
	valid := goodMessage(kindOpen).request(t)
	changes := map[string]func(*sdk.InboundRequest){
		"another merchant":       header("Mch_id", "880000000002"),
		"another nonce":          header("Nonce_str", "0123456789abcdeg"),
		"another time":           header("Timestamp", "1767240001"),
		"no merchant":            func(r *sdk.InboundRequest) { delete(r.Headers, "Mch_id") },
		"no nonce":               func(r *sdk.InboundRequest) { delete(r.Headers, "Nonce_str") },
		"no time":                func(r *sdk.InboundRequest) { delete(r.Headers, "Timestamp") },
		"no signature":           func(r *sdk.InboundRequest) { delete(r.Headers, "Authorization") },
		"an empty signature":     header("Authorization", ""),
		"no Base64":              header("Authorization", "%%%"),
		"cut off":                header("Authorization", valid.Headers["Authorization"][:340]),
		"a header in two cases":  header("mch_id", testMerchant),
		"a nonce in two cases":   header("NONCE_STR", "0123456789abcdef"),
		"a merchant's signature": func(r *sdk.InboundRequest) { own(t, r) },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := valid
			req.Headers = maps.Clone(valid.Headers)
			change(&req)
			refusedBy(t, req, http.StatusUnauthorized)
		})
	}
}

// TestWindow: a timestamp is good for 300 seconds either way, or as long as the account says.
func TestWindow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		settings string
		apart    time.Duration
		good     bool
	}{
		{testSettings, 0, true},
		{testSettings, 300 * time.Second, true},
		{testSettings, -300 * time.Second, true},
		{testSettings, 301 * time.Second, false},
		{testSettings, -301 * time.Second, false},
		{testSettings, 20 * 365 * 24 * time.Hour, false},
		{`{"store_id":"S","inbound_window_seconds":10}`, 10 * time.Second, true},
		{`{"store_id":"S","inbound_window_seconds":10}`, 11 * time.Second, false},
		{`{"store_id":"S","inbound_window_seconds":0}`, 301 * time.Second, false}, // no value that skips the check
	} {
		h := newHost(t, nil)
		h.Clock = func() time.Time { return testNow.Add(c.apart) }
		r, err := fixed().HandleInbound(t.Context(), h.Call(t.Context(), sdk.CapInbound, testURL, c.settings), goodMessage(kindOpen).request(t))
		if err != nil || r.Verified != c.good {
			t.Errorf("%s, %s: verified %t, %v", c.settings, c.apart, r.Verified, err)
		}
	}
}

// TestMalformedMessages: signed, and yet of no use.
func TestMalformedMessages(t *testing.T) {
	t.Parallel()
	m := goodMessage(kindOpen)
	stamp := func(m message) string {
		return "mch_id=" + m.merchant + "&nonce_str=" + m.nonce + "&timestamp=" + m.time
	}
	body := func(text string) sdk.InboundRequest {
		return m.signed(t, stamp(m), base64.StdEncoding.EncodeToString, []byte(text))
	}
	phone := base64.StdEncoding.EncodeToString(sealPhone(t, testPhone))
	for name, text := range map[string]string{
		"empty": "", "no object": "[]", "no uid": `{"phone":"` + phone + `"}`, "an empty uid": `{"uid":"","phone":"` + phone + `"}`,
		"a long uid":    `{"uid":"` + strings.Repeat("u", 129) + `","phone":"` + phone + `"}`,
		"a control":     `{"uid":"u\u0000","phone":"` + phone + `"}`,
		"uid, a number": `{"uid":1,"phone":"` + phone + `"}`, "uid twice": `{"uid":"u","uid":"v","phone":"` + phone + `"}`,
		"no phone": `{"uid":"u"}`, "a plain phone": `{"uid":"u","phone":"` + testPhone + `"}`, "half a block": `{"uid":"u","phone":"AAAA"}`,
		"another key": `{"uid":"u","phone":"` + base64.StdEncoding.EncodeToString(make([]byte, 16)) + `"}`,
		"no digits":   `{"uid":"u","phone":"` + base64.StdEncoding.EncodeToString(sealPhone(t, "call me")) + `"}`,
		"too short":   `{"uid":"u","phone":"` + base64.StdEncoding.EncodeToString(sealPhone(t, "1380")) + `"}`,
		"too long":    `{"uid":"u","phone":"` + phone + `"}` + strings.Repeat(" ", 16<<10),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusedBy(t, body(text), http.StatusBadRequest)
		})
	}
	for name, change := range map[string]func(*message){
		"a short nonce": func(m *message) { m.nonce = m.nonce[1:] }, "nine digits": func(m *message) { m.time = m.time[1:] },
		"rightly signed for another merchant": func(m *message) { m.merchant = "880000000002" },
		"eleven digits":                       func(m *message) { m.time = "0" + m.time },
		"a sign":                              func(m *message) { m.time = "+767240000" }, "no number": func(m *message) { m.time = "1767240o00" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := m
			change(&changed)
			refusedBy(t, changed.request(t), http.StatusUnauthorized)
		})
	}
	t.Run("GET", func(t *testing.T) {
		t.Parallel()
		req := m.request(t)
		req.Method = http.MethodGet
		refusedBy(t, req, http.StatusMethodNotAllowed)
	})
	t.Run("another kind", func(t *testing.T) {
		t.Parallel()
		req := m.request(t)
		req.Kind = "x"
		refusedBy(t, req, http.StatusNotFound)
	})
}

// TestFormsOfTheSignature: the account's settings hold for the provider's messages too.
func TestFormsOfTheSignature(t *testing.T) {
	t.Parallel()
	m := goodMessage(kindPhone)
	body := goldenInbound(t, kindPhone, "ME2-phone").Body
	values := m.merchant + "&" + m.nonce + "&" + m.time
	for _, c := range []struct {
		settings string
		request  sdk.InboundRequest
		good     bool
	}{
		{`{"store_id":"S","sign_form":"values"}`, m.signed(t, values, base64.StdEncoding.EncodeToString, body), true},
		{`{"store_id":"S","sign_form":"values","sign_encoding":"hex"}`, m.signed(t, values, hex.EncodeToString, body), true},
		{`{"store_id":"S","sign_encoding":"hex"}`, m.signed(t, values, hex.EncodeToString, body), false},
		{testSettings, m.signed(t, values, base64.StdEncoding.EncodeToString, body), false},
	} {
		h := newHost(t, nil)
		r, err := fixed().HandleInbound(t.Context(), h.Call(t.Context(), sdk.CapInbound, testURL, c.settings), c.request)
		if err != nil || r.Verified != c.good {
			t.Errorf("%s: verified %t, %v", c.settings, r.Verified, err)
		}
	}
}

// TestHostThatCannotLook: without a key there is no verdict, so that the provider's message
// is not refused for our own fault.
func TestHostThatCannotLook(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{credProviderKey, credPhoneKey} {
		h := newHost(t, nil)
		delete(h.Credentials, missing)
		r, err := h.call(t, inboundExchange(goodMessage(kindOpen).request(t)))
		if !errors.Is(err, &sdk.Error{Code: sdk.ErrInvalidCredential}) || r.inbound.Verified || len(r.inbound.Events) > 0 {
			t.Errorf("without %s: %+v, %v", missing, r.inbound, err)
		}
	}
}

// FuzzHandleInbound: no body that carries a good signature makes the plugin panic, and what
// it takes names a member.
func FuzzHandleInbound(f *testing.F) {
	f.Add([]byte(`{"uid":"u-8800001","phone":"HGaXWHA21R/hX2ZVyMEOcg=="}`), "o", "1767240000")
	f.Add([]byte(`{"uid":"u","phone":"AAAAAAAAAAAAAAAAAAAAAA=="}`), "c", "1767240000")
	f.Add([]byte(`{"uid":null,"phone":[]}`), "m", "0000000000")
	f.Fuzz(func(t *testing.T, body []byte, kind, at string) {
		m := goodMessage(kind)
		m.time = at
		req := m.signed(t, "mch_id="+m.merchant+"&nonce_str="+m.nonce+"&timestamp="+m.time, base64.StdEncoding.EncodeToString, body)
		r, err := newHost(t, nil).call(t, inboundExchange(req))
		if err != nil {
			t.Fatal(err)
		}
		in := r.inbound
		if in.Verified != (len(in.Events) == 1) || in.Verified != (in.Nonce != "") || in.Answer.Status == 0 {
			t.Fatalf("%+v", in)
		}
		if in.Verified && in.Events[0].Values["uid"] == "" {
			t.Fatal("a member without a uid")
		}
	})
}
