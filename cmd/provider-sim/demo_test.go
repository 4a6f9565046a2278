package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

func TestTheDemoIsAnnounced(t *testing.T) {
	t.Parallel()
	r := start(t, "--demo", "--demo-merchants", "3")
	var order []string
	for _, o := range r.Demo {
		order = append(order, o.Provider)
		if len(o.Accounts) != 3 || o.BaseURL != r.Providers[o.Provider] {
			t.Errorf("%s: %d accounts at %s", o.Provider, len(o.Accounts), o.BaseURL)
		}
		byCode := slices.ContainsFunc(o.Payers, func(p demoPayer) bool { return p.Fate == "paid" })
		if !byCode && !slices.ContainsFunc(o.Methods, func(m demoMethod) bool { return m.Payable }) {
			t.Errorf("%s: nobody pays", o.Provider)
		}
		for _, p := range o.Payers {
			if len(p.Prefix)+len(p.Suffix) >= p.Length || p.ZH == "" || p.EN == "" {
				t.Errorf("%s: %+v", o.Provider, p)
			}
		}
		text, err := json.Marshal(o)
		if err != nil || strings.Contains(string(text), baseURLMark) {
			t.Errorf("%s: the base URL is not filled in: %s, %v", o.Provider, text, err)
		}
	}
	if !slices.Equal(order, []string{"shouqianba", "metro", "bestpay", "mmsp", "wechatpay"}) {
		t.Errorf("the demo announces %v", order)
	}
}

// What a host enters must be readable as what it is.
func TestTheDemosCredentials(t *testing.T) {
	t.Parallel()
	r := start(t, "--demo", "--demo-merchants", "1")
	bestpay, mmsp := r.demo(t, "bestpay").Accounts[0], r.demo(t, "mmsp").Accounts[0]
	file, err := base64.StdEncoding.DecodeString(bestpay.Credentials["merchant_key"])
	if err != nil {
		t.Fatal(err)
	}
	key, leaf, _, err := pkcs12.DecodeChain(file, "")
	if err != nil {
		t.Fatal(err)
	}
	own, ok := key.(*rsa.PrivateKey)
	if !ok || !own.PublicKey.Equal(leaf.PublicKey) {
		t.Error("the file's certificate belongs to another key")
	}
	if _, err := x509.ParseCertificate(block(t, bestpay.Credentials["platform_certificate"], "CERTIFICATE")); err != nil {
		t.Error(err)
	}
	if _, err := x509.ParsePKCS8PrivateKey(block(t, mmsp.Credentials["payout_private_key"], "PRIVATE KEY")); err != nil {
		t.Error(err)
	}
	if _, err := x509.ParsePKIXPublicKey(block(t, mmsp.Credentials["platform_public_key"], "PUBLIC KEY")); err != nil {
		t.Error(err)
	}
	if want := r.Providers["mmsp"] + "/payopenplath5/identity"; mmsp.Settings["identify_url"] != want {
		t.Errorf("identify_url %s, not %s", mmsp.Settings["identify_url"], want)
	}
}

func block(t *testing.T, text, label string) []byte {
	t.Helper()
	found, _ := pem.Decode([]byte(text))
	if found == nil || found.Type != label {
		t.Fatalf("no PEM block %s in %q", label, text)
	}
	return found.Bytes
}

func (r *running) demo(t *testing.T, provider string) offer {
	t.Helper()
	for _, o := range r.Demo {
		if o.Provider == provider {
			return o
		}
	}
	t.Fatalf("%s is not announced", provider)
	return offer{}
}

// A host keeps the keys that it was given; the providers must know them after a restart.
func TestTheDemosKeysSurviveARestart(t *testing.T) {
	t.Parallel()
	ledger := filepath.Join(t.TempDir(), "ledger")
	first := start(t, "--demo", "--ledger-file", ledger)
	account := first.demo(t, "metro").Accounts[0]
	if text := billOf(t, first, account); !strings.Contains(text, `"code":0`) {
		t.Fatalf("a bill asked for with the announced key: %s", text)
	}
	first.end(t)
	second := start(t, "--demo", "--ledger-file", ledger)
	if text := billOf(t, second, account); !strings.Contains(text, `"code":0`) {
		t.Errorf("the key of the first start is not known to the second: %s", text)
	}
	for _, name := range []string{"metro", "mmsp", "wechatpay"} {
		was, is := first.demo(t, name).Accounts[0].Credentials, second.demo(t, name).Accounts[0].Credentials
		if !maps.Equal(was, is) {
			t.Errorf("%s has other keys after a restart", name)
		}
	}
	was, is := first.demo(t, "bestpay").Accounts[0].Credentials, second.demo(t, "bestpay").Accounts[0].Credentials
	if publicOf(t, was["platform_certificate"]) != publicOf(t, is["platform_certificate"]) {
		t.Error("bestpay signs with another key after a restart")
	}
	second.end(t)
	info, err := os.Stat(ledger + ".keys")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the keys' file: %v, %v", info, err)
	}
}

func publicOf(t *testing.T, certificate string) string {
	t.Helper()
	parsed, err := x509.ParseCertificate(block(t, certificate, "CERTIFICATE"))
	if err != nil {
		t.Fatal(err)
	}
	return string(parsed.RawSubjectPublicKeyInfo)
}

// billOf asks metro for yesterday's totals, signed with an account's key.
func billOf(t *testing.T, r *running, account demoAccount) string {
	t.Helper()
	parsed, err := x509.ParsePKCS8PrivateKey(block(t, account.Credentials["private_key"], "PRIVATE KEY"))
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		t.Fatalf("%T: %v", parsed, err)
	}
	mchID, nonce, at := account.Credentials["mch_id"], strings.ToLower(rand.Text()[:16]), strconv.FormatInt(time.Now().Unix(), 10)
	sum := sha256.Sum256([]byte("mch_id=" + mchID + "&nonce_str=" + nonce + "&timestamp=" + at))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	body := `{"date":"` + time.Now().AddDate(0, 0, -2).Format("20060102") + `"}`
	_, text := call(t, http.MethodPost, r.Providers["metro"]+"/metro/payment/v1/api/qrcode/bill", body, map[string]string{
		"mch_id": mchID, "nonce_str": nonce, "timestamp": at, "Authorization": base64.StdEncoding.EncodeToString(signature),
	})
	return text
}

func TestDamagedKeysAreSaid(t *testing.T) {
	t.Parallel()
	ledger := filepath.Join(t.TempDir(), "ledger")
	for content, says := range map[string]string{"{": "read the demo's keys", `{"metro_provider":"x"}`: "not PEM"} {
		if err := os.WriteFile(ledger+".keys", []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		err := run(t.Context(), []string{"--demo", "--ledger-file", ledger}, strings.NewReader(""), nil, nil)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", content, err)
		}
	}
}

// Keys that were made before a provider came are kept, and its own are made beside them.
func TestOlderKeysAreKept(t *testing.T) {
	t.Parallel()
	ledger := filepath.Join(t.TempDir(), "ledger")
	first, err := openKeys(ledger)
	if err != nil {
		t.Fatal(err)
	}
	metro, err := first.MetroMerchant.private()
	if err != nil {
		t.Fatal(err)
	}
	older, err := json.Marshal(map[string]string{"metro_merchant": metro})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ledger+".keys", older, 0o600); err != nil {
		t.Fatal(err)
	}
	second, err := openKeys(ledger)
	if err != nil {
		t.Fatal(err)
	}
	third, err := openKeys(ledger)
	if err != nil {
		t.Fatal(err)
	}
	if !second.MetroMerchant.Equal(first.MetroMerchant.PrivateKey) || second.WeChatPayMerchant.Equal(first.WeChatPayMerchant.PrivateKey) {
		t.Error("the keys are not those in the file")
	}
	if !third.WeChatPayMerchant.Equal(second.WeChatPayMerchant.PrivateKey) {
		t.Error("a key that was made is not kept")
	}
}

// A provider that calls the merchant of its own accord is told where, and remembers.
func TestAnAccountIsEnrolled(t *testing.T) {
	t.Parallel()
	called := make(chan string, 10)
	host := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { called <- r.URL.Path }))
	t.Cleanup(host.Close)
	ledger := filepath.Join(t.TempDir(), "ledger")
	first := start(t, "--demo", "--ledger-file", ledger)
	account := first.demo(t, "metro").Accounts[2]
	for body, want := range map[string]int{
		`{"callback_url":"` + host.URL + `/in/abc"}`: http.StatusNoContent,
		`{"callback_url":"ftp://x/in/abc"}`:          http.StatusBadRequest,
		`{"callback":"` + host.URL + `"}`:            http.StatusBadRequest,
	} {
		if status, text := call(t, http.MethodPost, account.Enroll, body, nil); status != want {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
	stranger := strings.Replace(account.Enroll, account.Credentials["mch_id"], "M0", 1)
	if status, text := call(t, http.MethodPost, stranger, `{"callback_url":"`+host.URL+`"}`, nil); status != http.StatusBadRequest {
		t.Errorf("an unknown merchant: %d %s", status, text)
	}
	first.end(t)
	second := start(t, "--demo", "--ledger-file", ledger)
	for _, kind := range []struct{ call, path string }{{"open", "/in/abco"}, {"phone", "/in/abcm"}, {"unbind", "/in/abcc"}} {
		call(t, http.MethodPost, second.Control["metro"]+"/members/000000000042/"+kind.call,
			`{"mch_id":"`+account.Credentials["mch_id"]+`","phone":"13800000042","once":true}`, nil)
		select {
		case path := <-called:
			if path != kind.path {
				t.Errorf("%s came to %s", kind.call, path)
			}
		default:
			t.Errorf("%s did not come", kind.call)
		}
	}
	second.end(t)
}

// The providers listen side by side; a port that is taken moves one of them.
func TestPortsFollowTheFirst(t *testing.T) {
	t.Parallel()
	taken, first := neighbours(t)
	t.Cleanup(func() { _ = taken.Close() })
	r := start(t, "--listen", "127.0.0.1:"+strconv.Itoa(first))
	if want := "http://127.0.0.1:" + strconv.Itoa(first); r.Providers["shouqianba"] != want {
		t.Errorf("shouqianba is at %s, not %s", r.Providers["shouqianba"], want)
	}
	seen := map[string]bool{"http://" + taken.Addr().String(): true}
	for name, url := range r.Providers {
		if seen[url] {
			t.Errorf("%s is at %s, where somebody else is", name, url)
		}
		seen[url] = true
		if status, _ := call(t, http.MethodGet, url+"/", "", nil); status == 0 {
			t.Errorf("%s does not answer", name)
		}
	}
	err := run(t.Context(), []string{"--listen", taken.Addr().String()}, strings.NewReader(""), nil, nil)
	if err == nil || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("the first port is taken: %v", err)
	}
}

// neighbours finds a free port before one that it keeps.
func neighbours(t *testing.T) (taken net.Listener, first int) {
	t.Helper()
	for range 100 {
		second, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address, ok := second.Addr().(*net.TCPAddr)
		if !ok {
			t.Fatalf("%T", second.Addr())
		}
		port := address.Port - 1
		before, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			_ = before.Close()
			return second, port
		}
		_ = second.Close()
	}
	t.Fatal("no two ports side by side are free")
	return nil, 0
}
