package sdktest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// sample is a small well-behaved plugin; flaw makes a broken twin of it.
type sample struct{ flaw string }

func (s sample) Manifest() sdk.Manifest {
	label := func(v string) sdk.Text { return sdk.Text{ZH: v, EN: v} }
	m := sdk.Manifest{
		ID: "sample", Name: label("sample"), Version: "1", ProtocolVersion: sdk.ProtocolVersion,
		Products: []sdk.Product{{
			ID: "scan", Name: label("scan"), Capabilities: []sdk.Capability{sdk.CapCreatePayment, sdk.CapQueryPayment},
			Methods: []sdk.MethodSpec{{Method: sdk.MethodBarcode, Name: label("barcode")}},
		}},
		Settings: json.RawMessage(`{"type":"object","additionalProperties":false,"properties":{}}`),
		Credentials: json.RawMessage(`{"type":"object","additionalProperties":false,"properties":{"key":{"type":"string","x-type":"md5_key","x-label":{"zh":"密钥","en":"Key"}},
			"number":{"type":"string","x-type":"merchant_number","x-label":{"zh":"商户号","en":"Merchant number"}}}}`),
		Hosts: []string{"provider.invalid"},
		Grants: map[sdk.Capability]sdk.Grant{
			sdk.CapCreatePayment: {Sends: 1, Requests: []sdk.GrantRequest{{Method: "POST", Path: "/pay"}}, Keys: []sdk.GrantKey{{Name: "key", Operations: []string{sdk.OpDigest}}}},
			sdk.CapQueryPayment:  {Sends: 1, Requests: []sdk.GrantRequest{{Method: "POST", Path: "/query"}}},
		},
		OrderNumber:         sdk.OrderNumberRule{MaxLength: 32},
		Poll:                sdk.PollSchedule{Fast: []time.Duration{time.Second}, Tail: []time.Duration{time.Second}, Window: time.Second, Horizon: time.Second},
		ReplyAuthentication: sdk.ReplyTLSOnly, Redact: []string{"code"},
	}
	switch s.flaw {
	case "no English":
		m.Name.EN = ""
	case "a grant too many":
		m.Grants[sdk.CapCreateRefund] = sdk.Grant{}
	case "two sends":
		m.Grants[sdk.CapQueryPayment] = sdk.Grant{Sends: 2, Requests: m.Grants[sdk.CapQueryPayment].Requests}
	case "an unknown key":
		m.Grants[sdk.CapQueryPayment] = sdk.Grant{Sends: 1, Requests: m.Grants[sdk.CapQueryPayment].Requests, Keys: []sdk.GrantKey{{Name: "nope", Operations: []string{"sign"}}}}
	case "not implemented":
		m.Products[0].Capabilities = append(m.Products[0].Capabilities, sdk.CapClosePayment)
		m.Grants[sdk.CapClosePayment] = sdk.Grant{}
	case "a schema that takes anything":
		m.Settings = json.RawMessage(`{"type":"object"}`)
	case "a broken schema":
		m.Settings = json.RawMessage(`{"type":"objekt","additionalProperties":false}`)
	}
	return m
}

func (s sample) ask(ctx context.Context, call *sdk.Call, path string) (sdk.PaymentResult, error) {
	out := sdk.PaymentResult{Outcome: sdk.OutcomeUnknown}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, call.BaseURL+path, strings.NewReader("{}"))
	if err != nil {
		return out, err
	}
	resp, err := call.HTTP().Do(req)
	if err != nil {
		if s.flaw == "a time-out is failure" {
			return sdk.PaymentResult{Outcome: sdk.OutcomeFailed}, nil
		}
		return out, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return out, err
	}
	if resp.StatusCode != http.StatusOK {
		if s.flaw == "a 500 is failure" {
			out.Outcome = sdk.OutcomeFailed
		}
		return out, nil
	}
	if s.flaw == "garbage panics" && !json.Valid(body) {
		panic("garbage")
	}
	return s.read(body)
}

func (s sample) read(body []byte) (sdk.PaymentResult, error) {
	var reply struct{ Status string }
	out := sdk.PaymentResult{Outcome: sdk.OutcomeUnknown}
	if s.flaw == "reads what is cut" && strings.Contains(string(body), `"PAID"`) {
		return sdk.PaymentResult{Outcome: sdk.OutcomeSucceeded}, nil
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		return out, fmt.Errorf("read the reply: %w", err)
	}
	if reply.Status == "PAID" {
		out.Outcome = sdk.OutcomeSucceeded
	}
	return out, nil
}

func (s sample) CreatePayment(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	if _, err := call.Digest("key", sdk.MD5, sdk.String(req.OrderNo), sdk.Key()); err != nil {
		return sdk.PaymentResult{}, err
	}
	if s.flaw == "success without asking" {
		return sdk.PaymentResult{Outcome: sdk.OutcomeSucceeded}, nil
	}
	return s.ask(ctx, call, "/pay")
}

func (s sample) QueryPayment(ctx context.Context, call *sdk.Call, _ sdk.OrderRef) (sdk.PaymentResult, error) {
	return s.ask(ctx, call, "/query")
}

func caseOf(s sample) Case {
	return Case{
		Provider: s, Credentials: map[string]string{"key": "k"}, Payments: []sdk.PaymentRequest{{OrderNo: "1", Method: sdk.MethodBarcode}}, Mutations: 30,
		Replies: map[sdk.Capability][]string{sdk.CapCreatePayment: {`{"Status":"PAID","Sn":"1"}`}, sdk.CapQueryPayment: {`{"Status":"PAID"}`}},
	}
}

func TestAGoodPluginPasses(t *testing.T) {
	t.Parallel()
	Run(t, caseOf(sample{}))
}

func TestFlawsOfTheManifestAreSeen(t *testing.T) {
	t.Parallel()
	for _, flaw := range []string{"no English", "a grant too many", "two sends", "an unknown key", "not implemented", "a schema that takes anything", "a broken schema"} {
		if len(CheckManifest(sample{flaw})) == 0 {
			t.Errorf("%s was not seen", flaw)
		}
	}
}

// recorder is a test that only notes that it failed.
type recorder struct {
	*testing.T
	failures []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func TestFlawsOfBehaviourAreSeen(t *testing.T) {
	t.Parallel()
	for _, flaw := range []string{"a time-out is failure", "a 500 is failure", "garbage panics", "reads what is cut", "success without asking"} {
		t.Run(flaw, func(t *testing.T) {
			t.Parallel()
			c := caseOf(sample{flaw}).WithDefaults()
			inProcess := &recorder{T: t}
			c.Behaves(inProcess, c.Provider)
			remote := &recorder{T: t}
			c.Behaves(remote, OverTheWire(t, c.Provider))
			if len(inProcess.failures) == 0 || len(remote.failures) == 0 {
				t.Errorf("not seen: %d in process, %d over the wire", len(inProcess.failures), len(remote.failures))
			}
		})
	}
}

func TestCredentialsStayWithTheHost(t *testing.T) {
	t.Parallel()
	h := &Host{Manifest: sample{}.Manifest(), Credentials: map[string]string{"key": "k", "number": "1"}}
	call := h.Call(t.Context(), sdk.CapQueryPayment, "", "{}")
	if _, err := call.Digest("key", sdk.MD5, sdk.Key()); err == nil {
		t.Error("a key outside the grant was used")
	}
	if _, ok := call.Merchants["key"]; ok || !slices.Contains([]string{call.Merchant("number")}, "1") {
		t.Errorf("merchant numbers: %v", call.Merchants)
	}
}
