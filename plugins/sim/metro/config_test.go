package metro_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
)

// configText is a whole configuration file with PEM keys as openssl writes them.
func configText(t *testing.T) string {
	t.Helper()
	public, err := x509.MarshalPKIXPublicKey(&merchantKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(providerKey())
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte) string {
		return string(encode(t, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))))
	}
	return `{
	  "merchants": [{
	    "mch_id": "M10001", "public_key": ` + text("PUBLIC KEY", public) + `, "store_ids": ["SZTX001"],
	    "open_url": "http://127.0.0.1:8080/open", "unbind_url": "http://127.0.0.1:8080/unbind", "phone_url": "http://127.0.0.1:8080/phone",
	    "phone_key": "MDEyMzQ1Njc4OWFiY2RlZg==", "phone_iv": "ZmVkY2JhOTg3NjU0MzIxMA=="
	  }],
	  "provider_key": ` + text("PRIVATE KEY", private) + `,
	  "sign_form": "values", "sign_encoding": "hex",
	  "envelope": {"code": "ret", "message": "info", "data": "result", "success": "0000"},
	  "timestamp_window": "1m", "send_empty_fields": true, "idempotent_refunds": true, "phone_reply": "ok", "resends": ["0s", "5s"],
	  "seed": 3, "faults": [{"operation": "refund", "kind": "pending", "queries": 2}]
	}`
}

func TestConfig(t *testing.T) {
	t.Parallel()
	c, err := metro.ReadConfig(strings.NewReader(configText(t)))
	if err != nil {
		t.Fatal(err)
	}
	m := c.Merchants[0]
	if !m.PublicKey.Equal(&merchantKey().PublicKey) || !c.ProviderKey.Equal(providerKey()) || string(m.PhoneKey) != "0123456789abcdef" ||
		len(m.PhoneIV) != 16 || m.StoreIDs[0] != storeID || c.SignForm != metro.SignValues || c.SignEncoding != metro.EncodingHex ||
		c.Envelope.Code != "ret" || string(c.Envelope.Success) != `"0000"` || time.Duration(c.TimestampWindow) != time.Minute ||
		!c.SendEmptyFields || !c.IdempotentRefunds || c.PhoneReply != "ok" || len(c.Resends) != 2 || c.Seed != 3 {
		t.Errorf("read %+v", c)
	}
	sim, err := c.Build()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	if list := sim.Faults().List(); len(list) != 1 || list[0].Queries != 2 {
		t.Errorf("faults: %+v", list)
	}
	// What is written can be read again.
	again, err := metro.ReadConfig(bytes.NewReader(encode(t, c)))
	if err != nil || !bytes.Equal(encode(t, again), encode(t, c)) {
		t.Errorf("written and read: %v", err)
	}
}

func TestBadConfigs(t *testing.T) {
	t.Parallel()
	good := configText(t)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	weakText, err := metro.PublicKey{PublicKey: &weak.PublicKey}.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, to, want string }{
		"unknown field":   {`"seed": 3`, `"sede": 3`, "unknown field"},
		"no PEM":          {`"provider_key": "`, `"provider_key": "x`, "PEM"},
		"no number":       {`"mch_id": "M10001"`, `"mch_id": ""`, "mch_id"},
		"sign form":       {`"sign_form": "values"`, `"sign_form": "keys"`, "sign_form"},
		"sign encoding":   {`"sign_encoding": "hex"`, `"sign_encoding": "hax"`, "sign_encoding"},
		"window":          {`"1m"`, `"-1m"`, "timestamp_window"},
		"names":           {`"info"`, `"ret"`, "differ"},
		"valid":           {`"info"`, `"data"`, ""},
		"success":         {`"0000"`, `{"x":1}`, "success"},
		"negative":        {`"0000"`, `-1`, "success"},
		"collision":       {`"0000"`, `400002`, "400002"},
		"text collision":  {`"0000"`, `"400002"`, "400002"},
		"address":         {`http://127.0.0.1:8080/open`, `ftp://127.0.0.1/open`, "open_url"},
		"phone key":       {`MDEyMzQ1Njc4OWFiY2RlZg==`, `MDEy`, "phone_key"},
		"phone iv":        {`ZmVkY2JhOTg3NjU0MzIxMA==`, `ZmVk`, "phone_iv"},
		"not base64":      {`ZmVkY2JhOTg3NjU0MzIxMA==`, `***`, "base64"},
		"fault":           {`"kind": "pending"`, `"kind": "explode"`, "fault 1"},
		"fault operation": {`"operation": "refund"`, `"operation": "bill"`, "fault 1"},
		"no provider key": {`"provider_key"`, `"forger_key"`, "provider_key"},
		"twice":           {`"merchants": [`, `"merchants": [{"mch_id": "M10001", "public_key": ` + publicText(t) + `},`, "twice"},
		"weak key":        {publicText(t), string(encode(t, string(weakText))), "2048"},
		"another curve":   {publicText(t), string(encode(t, curveText(t))), "RSA"},
		"a private key":   {publicText(t), string(encode(t, privateText(t))), "public key"},
		"a public key":    {privateJSON(t), publicText(t), "private key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(good, c.old, c.to, 1)
			if text == good {
				t.Fatalf("%s is not there", c.old)
			}
			config, err := metro.ReadConfig(strings.NewReader(text))
			if err == nil {
				var sim *metro.Simulator
				if sim, err = config.Build(); err == nil {
					_ = sim.Close()
				}
			}
			if c.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func publicText(t *testing.T) string {
	t.Helper()
	text, err := metro.PublicKey{PublicKey: &merchantKey().PublicKey}.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	return string(encode(t, string(text)))
}

func privateText(t *testing.T) string {
	t.Helper()
	text, err := metro.PrivateKey{PrivateKey: providerKey()}.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func privateJSON(t *testing.T) string {
	t.Helper()
	return string(encode(t, privateText(t)))
}

func curveText(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// TestOldKeyForms reads the PKCS #1 forms that openssl genrsa and older tools write.
func TestOldKeyForms(t *testing.T) {
	t.Parallel()
	var public metro.PublicKey
	var private metro.PrivateKey
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	if err := public.UnmarshalText(block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&merchantKey().PublicKey))); err != nil || !public.Equal(&merchantKey().PublicKey) {
		t.Errorf("a PKCS #1 public key: %v", err)
	}
	if err := private.UnmarshalText(block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(merchantKey()))); err != nil || !private.Equal(merchantKey()) {
		t.Errorf("a PKCS #1 private key: %v", err)
	}
	var m metro.Merchant
	if err := json.Unmarshal([]byte(`{"public_key":"","provider_key":""}`), &m); err != nil || m.PublicKey.PublicKey != nil || m.ProviderKey.PrivateKey != nil {
		t.Errorf("empty keys: %v", err)
	}
}

// TestZeroOptions shows that a simulator without anything answers.
func TestZeroOptions(t *testing.T) {
	t.Parallel()
	sim := metro.New(metro.Options{})
	if err := sim.Close(); err != nil {
		t.Error(err)
	}
	if (metro.Options{}).Check() != nil || len(sim.Orders()) != 0 || sim.Calls("bill") != 0 {
		t.Error("the zero value is not usable")
	}
}

// TestJournal restarts a simulator twice: without its memory it knows everything that a journal holds.
func TestJournal(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "metro.journal")
	open := func() (*world, *shop) {
		journal, err := metro.OpenJournal(file)
		if err != nil {
			t.Fatal(err)
		}
		return openShop(t, func(o *metro.Options) { o.Journal = journal })
	}
	w, _ := open()
	w.want("applypay", payBody("before reset"), "0 PS_SUCCESS")
	w.sim.Reset()
	tradeNo := w.want("applypay", payBody("J1"), "0 PS_SUCCESS").text("pay_out_trade_no")
	w.want("refund", refundBody("J1", "R1", 300), "0 RS_SUCCESS")
	w.fault(metro.Fault{Operation: "applypay", Kind: metro.FaultPending, Then: metro.ThenNever})
	w.want("applypay", payBody("J2"), "0 PS_PAYING")
	w.fault(metro.Fault{Operation: "reverse", Kind: metro.FaultPending, Queries: 1})
	w.want("reverse", byNumber("J2"), "0 Y")
	if _, err := w.sim.NotifyOnce(t.Context(), metro.Message{MchID: mchID, Call: metro.CallOpen, UID: uid, Phone: phone}); err != nil {
		t.Fatal(err)
	}
	w.sim.AddMerchant(metro.Merchant{MchID: "M3", PublicKey: metro.PublicKey{PublicKey: &strangerKey().PublicKey}})
	w.clean()
	w.end()

	w, _ = open()
	if n := w.sim.Ledger().Len(); n != 2 || len(w.sim.Orders()) != 2 {
		t.Fatalf("%d movements and %d orders after a restart", n, len(w.sim.Orders()))
	}
	w.books("J1", 1, 700)
	w.want("orderquery", byNumber("before reset"), "400102")
	w.want("orderquery", fields{"pay_out_trade_no": tradeNo}, "0 PS_SUCCESS")
	w.want("applypay", payBody("J1"), "400101")
	w.want("refund", refundBody("J1", "R1", 300), "400105")
	w.want("refund", refundBody("J1", "R2", 701), "400106")
	w.want("reverse", byNumber("J2"), "0 Y")
	w.want("reverse", byNumber("J2"), "0 N")
	if a := w.want("applypay", payBody("J3"), "0 PS_SUCCESS"); a.text("pay_out_trade_no") <= tradeNo {
		t.Errorf("the number %s comes after %s", a.text("pay_out_trade_no"), tradeNo)
	}
	w.want("refund", refundBody("J3", "R1", 300), "400105") // another order's number
	if a, err := w.sendRaw("applypay", w.signedBy("M3", strangerKey()), encode(t, payBody("J1"))); err != nil || a.String() != "0 PS_SUCCESS" {
		t.Errorf("the merchant added later: %q %v", a, err)
	}
	if member, _ := w.sim.Member(mchID, uid); member.VIPStatus != "ACTIVE" || member.Phone != phone {
		t.Errorf("member: %+v", member)
	}
	w.clean()
	w.end()

	w, _ = open()
	w.want("orderquery", byNumber("J2"), "0 PS_CLOSED")
	w.books("J3", 1, 1000)
}
