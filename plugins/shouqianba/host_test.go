package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

const (
	testTerminal = "100000010001"
	testKey      = "0123456789abcdef0123456789abcdef"
	testVendor   = "91800001"
	testVendKey  = "fedcba9876543210fedcba9876543210"
	testApp      = "2026000001"
	testOrder    = "26010100010000000001"
	testRefund   = "26010100010000000002"
	testCode     = "280000000000000001"
)

// testHost is the host behind a call. It holds every call to the manifest's grant, so
// that a test passes only with what the manifest asks for.
type testHost struct {
	sdk.Host // nil: what this plugin has no business with panics

	send    func(*http.Request) (*http.Response, error)
	failure error // of Digest
	lose    error // of Rotate

	mu       sync.Mutex
	keys     map[string]string
	requests []sentRequest
}

type sentRequest struct {
	method, path string
	header       http.Header
	body         string
}

func newHost(send func(*http.Request) (*http.Response, error)) *testHost {
	return &testHost{send: send, keys: map[string]string{
		credTerminalSN: testTerminal, credTerminalKey: testKey, credVendorSN: testVendor, credVendorKey: testVendKey,
	}}
}

// answering is a host whose provider always gives one answer.
func answering(status int, body string) *testHost {
	return newHost(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	})
}

// failing is a host that cannot send.
func failing(err error) *testHost {
	return newHost(func(*http.Request) (*http.Response, error) { return nil, err })
}

// overHTTP sends for real, on a new connection each time so that nothing is sent twice.
func overHTTP() *testHost {
	return newHost(sdktest.OverHTTP(&http.Transport{DisableKeepAlives: true}))
}

// call makes a call of one capability, good for as many exchanges as the grant says.
func (h *testHost) call(t *testing.T, op sdk.Capability, baseURL, settings string) *sdk.Call {
	t.Helper()
	grant, ok := provider{}.Manifest().Grants[op]
	if !ok {
		t.Fatalf("the manifest grants nothing for %s", op)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	info := sdk.CallInfo{
		AccountID: "acct_1", Operation: op, BaseURL: baseURL, Settings: []byte(settings), Language: "zh",
		Merchants: map[string]string{credTerminalSN: h.keys[credTerminalSN], credVendorSN: h.keys[credVendorSN]},
	}
	return sdk.NewCall(t.Context(), info, &grantedHost{testHost: h, grant: grant})
}

// plain is a call at the provider's default address without settings but the app id.
func (h *testHost) plain(t *testing.T, op sdk.Capability) *sdk.Call {
	t.Helper()
	return h.call(t, op, "https://gateway.invalid", `{"app_id":"`+testApp+`"}`)
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

func (h *grantedHost) Send(req *http.Request, _ sdk.HTTPOptions) (*http.Response, error) {
	if !slices.Contains(h.grant.Requests, sdk.GrantRequest{Method: req.Method, Path: req.URL.Path}) || h.sends >= h.grant.Sends {
		return nil, sdk.Errorf(sdk.ErrDenied, "%s %s is not granted.", req.Method, req.URL.Path)
	}
	h.sends++
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.requests = append(h.requests, sentRequest{method: req.Method, path: req.URL.Path, header: req.Header.Clone(), body: string(body)})
	h.mu.Unlock()
	req.Body = io.NopCloser(bytes.NewReader(body))
	return h.send(req)
}

func (h *grantedHost) Digest(_ context.Context, name string, alg sdk.DigestAlgorithm, parts []sdk.Part) ([]byte, error) {
	if h.failure != nil {
		return nil, h.failure
	}
	granted := slices.ContainsFunc(h.grant.Keys, func(k sdk.GrantKey) bool {
		return k.Name == name && slices.Contains(k.Operations, sdk.OpDigest)
	})
	if !granted || alg != sdk.MD5 {
		return nil, sdk.Errorf(sdk.ErrDenied, "%s with %s is not granted.", alg, name)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	sum := md5.New()
	for _, p := range parts {
		if p.IsKey {
			sum.Write([]byte(h.keys[name]))
			continue
		}
		sum.Write(p.Data)
	}
	return sum.Sum(nil), nil
}

func (h *grantedHost) Rotate(_ context.Context, values map[string]sdk.Secret) error {
	if h.lose != nil {
		return h.lose
	}
	for name := range maps.Keys(values) {
		if !slices.Contains(h.grant.Rotate, name) {
			return sdk.Errorf(sdk.ErrDenied, "%s may not be rotated.", name)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, value := range values {
		h.keys[name] = value.Text()
	}
	return nil
}

func (h *grantedHost) Now() time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, sdk.Beijing()) }

func (h *grantedHost) Log(context.Context, slog.Level, string, map[string]string) {}
