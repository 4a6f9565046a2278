package wire

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// The official library's own vectors (utils and core/auth of wechatpay-go v0.2.21).
const (
	libraryKey         = "testAPIv3Key0000"
	libraryCiphertext  = "FsdXzxryWfKwvLJKf8LG/ToRPTRh8RN9wROC"
	libraryNonce       = "wCq51qZv4Yfg"
	libraryAssociated  = "Dl56FrqWQJF1t9LtC3vEUsniZKvbqdR8"
	libraryPlain       = "Hello World"
	librarySerial      = "F5765756002FDD77"
	librarySigned      = "source"
	librarySignature   = "BKyAfU4iMCuvXMXS0Wzam3V/cnxZ+JaqigPM5OhljS2iOT95OO6Fsuml2JkFANJU9K6q9bLlDhPXuoVz+pp4hAm6pHU4ld815U4jsKu1RkyaII+1CYBUYC8TK0XtJ8FwUXXz8vZHh58rrAVN1XwNyvD1vfpxrMT4SL536GLwvpUHlCqIMzoZUguLli/K8V29QiOhuH6IEqLNJn8e9b3nwNcQ7be3CzYGpDAKBfDGPCqCv8Rw5zndhlffk2FEA70G4hvMwe51qMN/RAJbknXG23bSlObuTCN7Ndj1aJGH6/L+hdwfLpUtJm4QYVazzW7DFD27EpSQEqA8bX9+8m1rLg=="
	libraryCertificate = `-----BEGIN CERTIFICATE-----
MIIDVzCCAj+gAwIBAgIJAPV2V1YAL913MA0GCSqGSIb3DQEBCwUAMEIxCzAJBgNV
BAYTAlhYMRUwEwYDVQQHDAxEZWZhdWx0IENpdHkxHDAaBgNVBAoME0RlZmF1bHQg
Q29tcGFueSBMdGQwHhcNMjEwNDI3MDg0MDMyWhcNMzEwNDI1MDg0MDMyWjBCMQsw
CQYDVQQGEwJYWDEVMBMGA1UEBwwMRGVmYXVsdCBDaXR5MRwwGgYDVQQKDBNEZWZh
dWx0IENvbXBhbnkgTHRkMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA
2VCTd91fnUn73Xy9DLvt/V62TVxRTEEstVdeRaZ3B3leO0pldE806mXO4RwdHXag
HQ4vGeZN0yqm++rDsGK+U3AH7kejyD2pXshNP9Cq5YwbptiLGtjcquw4HNxJQUOm
DeJf2vg6byms9RUipiq4SzbJKqJFlUpbuIPDpSpWz10PYmyCNeDGUUK65E5h2B83
4uxl1zNLYQCrkdBzb8oUxwYeP5a2DNxmjL5lsJML7DGr5znsevnoqGRwTm9fxCGf
y8wus7hwKz6clt3Whmmda7UAdb1c08hEQFVRbF14AR73xbnd8N0obCWJPCbzMCtk
aSef4FdEEgEXJiw0VAJT8wIDAQABo1AwTjAdBgNVHQ4EFgQUT1c7nd/SUO76HSoZ
umNUJv1R5PwwHwYDVR0jBBgwFoAUT1c7nd/SUO76HSoZumNUJv1R5PwwDAYDVR0T
BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAM+tslqBxYwqL9fdvGG6hfy69sjfX
UhBtBLWYugKKQCOWWLeq5dDWm3i5Cx2Rgiy9uc7RfmJNxQfIKlcoCNP85BjDoG1B
YnVc6znlcrT9uHgseha3987WwZsFAQbcy8TLUYHzVB8gmDgq8O08xdIe0eczatI8
t3Rg8WXO6Gs66JJ4JR+rD01o3FiSOQCRWhn19NSyDydsgPlOR2t9B9L+MkJwlsMG
Krn85TnwL3qcInzRnU8X86faXXJrI0IJi44tECKw8ftngCl6vyNwNNKPDwdkcuuV
8y3iBixO5IuKxEKEp2wGPV/4W1AXO73Z3Gb7z/1oxdgeO0hVqz1hBasTCQ==
-----END CERTIFICATE-----`
)

var testKeys = Keys{Private: "private", Secret: "secret", PublicKey: "public", Certificates: []string{"certificate"}}

// libraryPlatform is WeChat Pay with the library's test keys.
func libraryPlatform(tb testing.TB, credentials map[string]string) Platform {
	tb.Helper()
	h := &sdktest.Host{
		Credentials: credentials,
		Manifest: sdk.Manifest{Grants: map[sdk.Capability]sdk.Grant{sdk.CapInbound: {Keys: []sdk.GrantKey{
			{Name: "certificate", Operations: []string{sdk.OpVerify}}, {Name: "secret", Operations: []string{sdk.OpOpen}},
		}}}},
		Clock: func() time.Time { return time.Date(2026, 1, 1, 4, 0, 0, 0, time.UTC) },
	}
	return Platform{Call: h.Call(tb.Context(), sdk.CapInbound, "", "{}"), Account: Account{Keys: testKeys}}
}

// TestLibraryVectors: the official library's signature and sealed message, by our verifier
// and through the host.
func TestLibraryVectors(t *testing.T) {
	t.Parallel()
	p := libraryPlatform(t, map[string]string{"certificate": libraryCertificate, "secret": libraryKey})
	if err := p.Verify(t.Context(), librarySerial, librarySigned, librarySignature); err != nil {
		t.Error(err)
	}
	for name, c := range map[string][3]string{
		"another message": {librarySerial, "Source", librarySignature}, "another serial": {"F5765756002FDD78", librarySigned, librarySignature},
		"no serial": {"", librarySigned, librarySignature}, "no signature": {librarySerial, librarySigned, ""}, "no Base64": {librarySerial, librarySigned, "*"},
	} {
		if err := p.Verify(t.Context(), c[0], c[1], c[2]); !errors.Is(err, &sdk.Error{Code: sdk.ErrVerification}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	sealed, err := strictjson.Read([]byte(`{"algorithm":"AEAD_AES_256_GCM","nonce":"` + libraryNonce + `","associated_data":"` + libraryAssociated + `","ciphertext":"` + libraryCiphertext + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := p.unseal(&reader{fields: sealed}); err != nil || string(plain) != libraryPlain {
		t.Errorf("%q, %v", plain, err)
	}
}

// previousHost keeps an APIv3 key and the one before it.
type previousHost struct {
	sdk.Host

	keys map[string]string
}

func (h previousHost) Open(_ context.Context, name string, _ sdk.CipherMode, iv sdk.IV, sealed, additional []byte) ([]byte, error) {
	key, ok := h.keys[name]
	if !ok {
		return nil, sdk.Errorf(sdk.ErrInvalidCredential, "There is no %s.", name)
	}
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, iv.Value, sealed, additional)
	if err != nil {
		return nil, sdk.Errorf(sdk.ErrVerification, "It does not open.")
	}
	return plain, nil
}

// TestChangedSecret: what was sealed before the APIv3 key was changed still opens; what
// neither key opens is not authentic, and a host that cannot look says so.
func TestChangedSecret(t *testing.T) {
	t.Parallel()
	sealed, err := strictjson.Read([]byte(`{"algorithm":"AEAD_AES_256_GCM","nonce":"` + libraryNonce + `","associated_data":"` + libraryAssociated + `","ciphertext":"` + libraryCiphertext + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		keys map[string]string
		code string
	}{
		"present":  {map[string]string{"secret": libraryKey}, ""},
		"previous": {map[string]string{"secret": "anotherAPIv3Key0", sdk.Previous("secret"): libraryKey}, ""},
		"neither":  {map[string]string{"secret": "anotherAPIv3Key0", sdk.Previous("secret"): "anotherAPIv3Key1"}, sdk.ErrVerification},
		"one":      {map[string]string{"secret": "anotherAPIv3Key0"}, sdk.ErrVerification},
		"none":     {nil, sdk.ErrInvalidCredential},
	} {
		p := Platform{Call: sdk.NewCall(t.Context(), sdk.CallInfo{}, previousHost{keys: c.keys}), Account: Account{Keys: testKeys}}
		plain, err := p.unseal(&reader{fields: sealed})
		if c.code == "" && (err != nil || string(plain) != libraryPlain) || c.code != "" && !errors.Is(err, &sdk.Error{Code: c.code}) {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
}

// TestYuan: amounts to the fifth decimal, and nothing that is not an amount.
func TestYuan(t *testing.T) {
	t.Parallel()
	for text, value := range map[string]int64{
		"0": 0, "0.00": 0, "1": 100_000, "1.5": 150_000, "0.01": 1000, "0.00600": 600, "-0.06000": -6000, "99999999999.99": 9_999_999_999_999_000, "12345678.12345": 1_234_567_812_345,
	} {
		if got, ok := yuan(text); !ok || got != value {
			t.Errorf("%q: %d, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "-", ".", ".5", "1.", "1,000", "+1", "1e3", "--1", "1.123456", "0x1", " 1", "1 ", "999999999999", "１"} {
		if got, ok := yuan(text); ok {
			t.Errorf("%q: %d", text, got)
		}
	}
	for value, fen := range map[int64]int64{0: 0, 499: 0, 500: 1, 600: 1, 1499: 1, -499: 0, -500: -1, -600: -1, 9_999_999_999_999_000: 9_999_999_999_999} {
		if got := round(value); got != fen {
			t.Errorf("%d: %d", value, got)
		}
	}
}

// TestUnpackedIsBounded: a small file that unpacks to a huge one is refused by its lines,
// not by memory.
func TestUnpackedIsBounded(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	for range 256 {
		if _, err := w.Write(make([]byte, 64<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadBill(&out, "1900000109", func(Row) {}); !errors.Is(err, strictjson.ErrForm) {
		t.Errorf("%v", err)
	}
}

func goldenBodies(tb testing.TB, pattern string) [][]byte {
	tb.Helper()
	names, err := filepath.Glob(filepath.Join("..", "..", "testdata", pattern))
	if err != nil || len(names) == 0 {
		tb.Fatalf("%v: %d files", err, len(names))
	}
	var out [][]byte
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		_, body, _ := strings.Cut(string(raw), "\n\n")
		out = append(out, []byte(body))
	}
	return out
}

// FuzzParse: no reply makes a reader panic, and what is read fits its bounds.
func FuzzParse(f *testing.F) {
	for _, body := range goldenBodies(f, "WX*.reply.golden") {
		f.Add(200, body)
		f.Add(404, body)
	}
	f.Fuzz(func(t *testing.T, status int, raw []byte) {
		reply, err := parse(status, raw)
		if err != nil {
			return
		}
		if p, err := reply.Payment(); err == nil && p.Total.Value < 0 {
			t.Errorf("an order of %d fen", p.Total.Value)
		}
		if d, err := reply.Refund(); err == nil && (d.Amount.Value < 0 || d.Total.Value < 0) {
			t.Errorf("a refund of %d of %d fen", d.Amount.Value, d.Total.Value)
		}
		if link, err := reply.Link("code_url", 64); err == nil && (link == "" || len(link) > 64) {
			t.Errorf("the link %q", link)
		}
		if a, err := reply.BillAddress("/v3/billdownload/file"); err == nil && (len(a.Hash) != 40 || a.Query == "") {
			t.Errorf("the address %+v", a)
		}
	})
}

// FuzzReadBill: no bill makes the reader panic; one that is good has the hash of its text,
// and amounts that are none below zero.
func FuzzReadBill(f *testing.F) {
	for _, body := range goldenBodies(f, "WX10-bill-file.reply.golden") {
		f.Add(body)
	}
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _ = ReadBill(bytes.NewReader(raw), "1900000109", func(r Row) {
			if r.Total < 0 || r.Refund < 0 || r.At.IsZero() {
				t.Errorf("the row %+v", r)
			}
		})
	})
}

// FuzzOpen: nothing that the library's key has not signed is opened, whatever its header
// fields and body are.
func FuzzOpen(f *testing.F) {
	f.Add("1767240000", "nonce", librarySerial, librarySignature, []byte(`{"resource":{}}`))
	f.Fuzz(func(t *testing.T, at, nonce, serial, signature string, body []byte) {
		p := libraryPlatform(t, map[string]string{"certificate": libraryCertificate, "secret": libraryKey})
		header := http.Header{"Wechatpay-Timestamp": {at}, "Wechatpay-Nonce": {nonce}, "Wechatpay-Serial": {serial}, "Wechatpay-Signature": {signature}}
		if notice, err := p.Open(t.Context(), header, body); err == nil {
			t.Errorf("opened %+v", notice)
		}
	})
}
