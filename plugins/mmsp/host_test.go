package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

const (
	testMerchant = "001440353999853"
	testTerminal = "84970001"
	testKey      = "0123456789abcdef0123456789abcdef"
	testAgent    = "80001234"
	testAgentKey = "fedcba9876543210fedcba9876543210"
	testOrder    = "26010100010000000001"
	testRefund   = "26010100010000000002"
	testProvider = "100000001467"
	testBase     = "https://mmsp.example/openapi"
	testSettings = `{"payout_path":"/payout","quick_path":"/quick","scan_path":"/scan","gateway_path":"/gateway","identify_url":"https://mmsp.example/openid"}`
)

// testNow is the host's time in the tests.
var testNow = time.Date(2026, 1, 1, 12, 0, 0, 0, sdk.Beijing())

// testPlugin is the plugin with RANDSTR 0000000000.
func testPlugin() provider { return provider{random: zeros{}} }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// credentials are a merchant's for all four products.
func credentials() map[string]string {
	out := map[string]string{credMerchantNo: testMerchant, credTerminalNo: testTerminal, credMD5Key: testKey}
	maps.Copy(out, payoutCredentials())
	return out
}

// agentCredentials are those of a merchant behind an agent.
func agentCredentials() map[string]string {
	out := credentials()
	delete(out, credMD5Key)
	out[credAgentNo], out[credAgentKey] = testAgent, testAgentKey
	return out
}

// testHost is a host whose provider gives one answer. It holds every call to the manifest's
// grant, so that a test passes only with what the manifest asks for.
type testHost struct {
	*sdktest.Host

	mu   sync.Mutex
	sent []sentRequest
}

type sentRequest struct {
	method, url string
	header      http.Header
	body        string
}

// answering is a host whose provider always gives one answer.
func answering(status int, body string) *testHost {
	h := &testHost{}
	h.Host = &sdktest.Host{
		Manifest: provider{}.Manifest(), Credentials: credentials(), Clock: func() time.Time { return testNow },
		Answer: func(req *http.Request) (*http.Response, error) {
			if err := h.record(req); err != nil {
				return nil, err
			}
			return &http.Response{
				StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Header: http.Header{}, Request: req,
			}, nil
		},
	}
	return h
}

func (h *testHost) record(req *http.Request) error {
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return err
	}
	req.Body = io.NopCloser(bytes.NewReader(raw))
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, sentRequest{method: req.Method, url: req.URL.String(), header: req.Header.Clone(), body: string(raw)})
	return nil
}

// call makes a call of one capability with settings over the tests' own.
func (h *testHost) call(ctx context.Context, capability sdk.Capability, settings string) *sdk.Call {
	return h.Call(ctx, capability, testBase, merged(settings))
}

// merged lays settings over the tests' own.
func merged(settings string) string {
	if settings == "" {
		return testSettings
	}
	return strings.TrimSuffix(testSettings, "}") + "," + strings.TrimPrefix(settings, "{")
}

// last is the only request that was sent.
func (h *testHost) last(t *testing.T) sentRequest {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.sent) != 1 {
		t.Fatalf("%d requests were sent, want 1", len(h.sent))
	}
	return h.sent[0]
}

// reply is a reply of the provider, signed by the tests' own arithmetic: the body stands
// there as it is signed but for its slashes.
func reply(command int, body string) string { return replyWith(testKey, command, body) }

func replyWith(key string, command int, body string) string {
	return fmt.Sprintf(
		`{"CommandID":%d,"SeqID":1,"NodeType":3,"NodeID":"openapi","Version":"1.0.0","RetCode":1,"ErrorMsg":"","AGENTNO":null,"MERNO":%q,"TERMNO":%q,"Body":%s,"Sign":%q}`,
		command, testMerchant, testTerminal, body, signature(key, body))
}

func signature(key, body string) string {
	sum := md5.Sum([]byte(strings.ReplaceAll(body, "/", `\/`) + "&key=" + key))
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// refusal is the general refusal of quick 3.1: unsigned, with a text for a Body.
func refusal(text string) string { return refusalWith(32768, 0, text) }

func refusalWith(command, retCode int, text string) string {
	return fmt.Sprintf(
		`{"CommandID":%d,"SeqID":"1","NodeType":"3","NodeID":"openapi","Version":"1.0.0","RetCode":%d,"ErrorMsg":%q,"Body":"","Sign":"","AGENTNO":null,"MERNO":%q,"TERMNO":%q}`,
		command, retCode, text, testMerchant, testTerminal)
}
