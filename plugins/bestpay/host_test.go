package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

const (
	testInstitution = "3178000000000001"
	testMerchant    = "3178033512345678"
	testOrder       = "26010100010000000001"
	testRefund      = "26010100010000000002"
	testCode        = "510000000000000001"
	testCallback    = "https://pay.example/in/0123456789"
	testBase        = "https://gateway.invalid"
)

// testNow is the hosts' time, testCreated that of the order, two seconds before.
func testNow() time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, sdk.Beijing()) }

func testCreated() time.Time { return testNow().Add(-2 * time.Second) }

// The keys of both sides exist for the tests only. They are read once: an RSA key takes
// longer to check than to use.
var (
	merchantKey = sync.OnceValue(func() *rsa.PrivateKey { return keyFile("merchant.key.pem") })
	platformKey = sync.OnceValue(func() *rsa.PrivateKey { return keyFile("platform.key.pem") })
)

// keyFile is a private key of testdata, or nil when there is none.
func keyFile(name string) *rsa.PrivateKey {
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	block, _ := pem.Decode(raw)
	if err != nil || block == nil {
		return nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := key.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil
	}
	return private
}

func textFile(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// testHost is the host behind a call. It holds every call to the manifest's grant, so
// that a test passes only with what the manifest asks for.
type testHost struct {
	sdk.Host // nil: what this plugin has no business with panics

	send         func(*http.Request) (*http.Response, error)
	signFailure  error
	checkFailure error // of Verify
	merchants    map[string]string
	callback     string
	now          time.Time
	private      *rsa.PrivateKey
	public       map[string]*rsa.PublicKey // by credential, the previous version too

	mu       sync.Mutex
	requests []sentRequest
}

type sentRequest struct {
	method, path string
	header       http.Header
	body         string
	timeout      time.Duration
}

func newHost(t *testing.T, send func(*http.Request) (*http.Response, error)) *testHost {
	t.Helper()
	return &testHost{
		send: send, merchants: map[string]string{credInstitution: testInstitution, credMerchant: testMerchant},
		callback: testCallback, now: testNow(), private: merchantKey(),
		public: map[string]*rsa.PublicKey{credPlatform: &platformKey().PublicKey},
	}
}

// answering is a host whose provider always gives one answer.
func answering(t *testing.T, status int, body string) *testHost {
	t.Helper()
	return newHost(t, func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	})
}

// failing is a host that cannot send.
func failing(t *testing.T, err error) *testHost {
	t.Helper()
	return newHost(t, func(*http.Request) (*http.Response, error) { return nil, err })
}

// overHTTP sends for real, on a new connection each time so that nothing is sent twice.
func overHTTP(t *testing.T) *testHost {
	t.Helper()
	return newHost(t, sdktest.OverHTTP(&http.Transport{DisableKeepAlives: true}))
}

// call makes a call of one capability, good for as many exchanges as the grant says.
func (h *testHost) call(t *testing.T, op sdk.Capability, baseURL, settings string) *sdk.Call {
	t.Helper()
	grant, ok := provider{}.Manifest().Grants[op]
	if !ok {
		t.Fatalf("the manifest grants nothing for %s", op)
	}
	info := sdk.CallInfo{
		AccountID: "acct_1", Operation: op, BaseURL: baseURL, Settings: []byte(settings), Language: "zh",
		Merchants: h.merchants, CallbackURL: h.callback,
	}
	return sdk.NewCall(t.Context(), info, &grantedHost{testHost: h, grant: grant})
}

// plain is a call without settings.
func (h *testHost) plain(t *testing.T, op sdk.Capability) *sdk.Call {
	t.Helper()
	return h.call(t, op, testBase, "{}")
}

// last is the only request that was sent.
func (h *testHost) last(t *testing.T) sentRequest {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.requests) != 1 {
		t.Fatalf("%d requests were sent, want 1", len(h.requests))
	}
	return h.requests[0]
}

func (h *testHost) sent() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.requests)
}

// grantedHost is the host of one call.
type grantedHost struct {
	*testHost

	grant sdk.Grant
	sends int
}

func (h *grantedHost) Send(req *http.Request, o sdk.HTTPOptions) (*http.Response, error) {
	if !slices.Contains(h.grant.Requests, sdk.GrantRequest{Method: req.Method, Path: req.URL.Path}) || h.sends >= h.grant.Sends {
		return nil, sdk.Errorf(sdk.ErrDenied, "%s %s is not granted.", req.Method, req.URL.Path)
	}
	h.sends++
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.requests = append(h.requests, sentRequest{req.Method, req.URL.Path, req.Header.Clone(), string(body), o.Timeout})
	h.mu.Unlock()
	req.Body = io.NopCloser(bytes.NewReader(body))
	return h.send(req)
}

func (h *grantedHost) granted(name, op string) bool {
	name = strings.TrimSuffix(name, "@previous")
	return slices.ContainsFunc(h.grant.Keys, func(k sdk.GrantKey) bool { return k.Name == name && slices.Contains(k.Operations, op) })
}

func hashOf(scheme sdk.SignatureScheme) crypto.Hash {
	if scheme == sdk.PKCS1v15SHA1 {
		return crypto.SHA1
	}
	return crypto.SHA256
}

func (h *grantedHost) Sign(_ context.Context, name string, scheme sdk.SignatureScheme, digest []byte) ([]byte, error) {
	if h.signFailure != nil {
		return nil, h.signFailure
	}
	if !h.granted(name, sdk.OpSign) || name != credKey {
		return nil, sdk.Errorf(sdk.ErrDenied, "Signing with %s is not granted.", name)
	}
	return rsa.SignPKCS1v15(rand.Reader, h.private, hashOf(scheme), digest)
}

func (h *grantedHost) Verify(_ context.Context, name string, scheme sdk.SignatureScheme, digest, signature []byte) error {
	if h.checkFailure != nil {
		return h.checkFailure
	}
	if !h.granted(name, sdk.OpVerify) {
		return sdk.Errorf(sdk.ErrDenied, "Verifying with %s is not granted.", name)
	}
	key, ok := h.public[name]
	if !ok {
		return sdk.Errorf(sdk.ErrInvalidCredential, "There is no %s.", name)
	}
	if rsa.VerifyPKCS1v15(key, hashOf(scheme), digest, signature) != nil {
		return sdk.Errorf(sdk.ErrVerification, "The signature does not hold.")
	}
	return nil
}

func (h *grantedHost) Now() time.Time { return h.now }

func (h *grantedHost) Log(context.Context, slog.Level, string, map[string]string) {}
