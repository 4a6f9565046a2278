package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// provider signs its requests and believes signed replies only, but for its flaw.
type provider struct{ flaw string }

func same(v string) sdk.Text { return sdk.Text{ZH: v, EN: v} }

// Manifest says what the plugin is.
func (p provider) Manifest() sdk.Manifest {
	m := sdk.Manifest{
		ID: "flawed", Name: same("flawed"), Version: "1.0.0", ProtocolVersion: sdk.ProtocolVersion,
		Products: []sdk.Product{{
			ID: "scan", Name: same("scan"), Capabilities: []sdk.Capability{sdk.CapCreatePayment, sdk.CapQueryPayment, sdk.CapInbound},
			Methods: []sdk.MethodSpec{{Method: sdk.MethodQR, Name: same("QR")}},
		}},
		Settings: json.RawMessage(`{"type":"object","additionalProperties":false,"properties":{}}`),
		Credentials: json.RawMessage(`{"type":"object","additionalProperties":false,"required":["number","key","their_key","secret"],"properties":{
			"number":{"type":"string","x-type":"merchant_number","x-label":{"zh":"商户号","en":"Merchant number"}},
			"key":{"type":"string","x-type":"rsa_private","x-label":{"zh":"私钥","en":"Private key"}},
			"their_key":{"type":"string","x-type":"rsa_public","x-label":{"zh":"公钥","en":"Public key"}},
			"secret":{"type":"string","x-type":"secret","x-label":{"zh":"口令","en":"Secret"}}}}`),
		Hosts: []string{"provider.invalid"},
		Grants: map[sdk.Capability]sdk.Grant{
			sdk.CapCreatePayment: p.grant("/pay"), sdk.CapQueryPayment: p.grant("/query"),
			sdk.CapInbound: {Keys: []sdk.GrantKey{{Name: "their_key", Operations: []string{sdk.OpVerify}}}},
		},
		OrderNumber:         sdk.OrderNumberRule{MaxLength: 32},
		Poll:                sdk.PollSchedule{Fast: []time.Duration{time.Second}, Tail: []time.Duration{time.Second}, Window: time.Second, Horizon: time.Second},
		Inbound:             []sdk.InboundKind{{Kind: "n", Name: same("notification")}},
		ReplyAuthentication: sdk.ReplySigned, Redact: []string{"code"},
	}
	switch p.flaw {
	case "broken-schema":
		m.Settings = json.RawMessage(`{"type":"objekt","additionalProperties":false}`)
	case "no-schema-for-key":
		m.Grants[sdk.CapQueryPayment] = sdk.Grant{Sends: 1, Requests: m.Grants[sdk.CapQueryPayment].Requests, Keys: []sdk.GrantKey{{Name: "nobody", Operations: []string{sdk.OpSign}}}}
	case "offers-what-it-cannot":
		m.Products[0].Capabilities = append(m.Products[0].Capabilities, sdk.CapClosePayment)
		m.Grants[sdk.CapClosePayment] = p.grant("/close")
	}
	return m
}

func (p provider) grant(path string) sdk.Grant {
	g := sdk.Grant{
		Sends: 1, Requests: []sdk.GrantRequest{{Method: http.MethodPost, Path: path}},
		Keys: []sdk.GrantKey{{Name: "key", Operations: []string{sdk.OpSign}}, {Name: "their_key", Operations: []string{sdk.OpVerify}}},
	}
	if p.flaw == "asks-for-too-much" || p.flaw == "leaks-a-secret" {
		g.Reveal = []string{"secret"}
	}
	return g
}

// CreatePayment asks for money.
func (p provider) CreatePayment(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	if req.Amount.Currency != sdk.CNY && p.flaw != "any-currency" {
		return sdk.PaymentResult{}, sdk.Errorf(sdk.ErrInvalidRequest, "Payments are in CNY.")
	}
	order, amount := req.OrderNo, req.Amount.Minor
	switch p.flaw {
	case "another-amount":
		amount++
	case "another-number":
		order = rand.Text()
	}
	body, err := json.Marshal(map[string]any{"order": order, "amount": amount, "subject": req.Subject})
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	if p.flaw == "careless-json" {
		body = []byte(`{"order":"` + order + `","subject":"` + req.Subject + `"` + strings.Repeat(" ", len(req.Subject)%2))
		if !strings.Contains(req.Subject, "amount") { // a repeated member takes the first one's place
			body = append(body, fmt.Sprintf(`,"amount":%d`, amount)...)
		}
		body = append(body, '}')
	}
	if p.flaw == "sends-twice" {
		_, _ = p.exchange(ctx, call, "/pay", body)
	}
	return p.exchange(ctx, call, "/pay", body)
}

// QueryPayment asks what became of it.
func (p provider) QueryPayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	body := []byte(`{"order":"` + ref.OrderNo + `"}`)
	if p.flaw == "asks-elsewhere" {
		_, _ = p.exchange(ctx, call, "/elsewhere", body)
	}
	return p.exchange(ctx, call, "/query", body)
}

// exchange sends a signed request and reads the reply.
func (p provider) exchange(ctx context.Context, call *sdk.Call, path string, body []byte) (sdk.PaymentResult, error) {
	out := sdk.PaymentResult{Outcome: sdk.OutcomeUnknown}
	digest := sha256.Sum256(body)
	signature, err := call.Signer("key").Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return out, err
	}
	if p.flaw == "ignores-cancel" {
		ctx = context.WithoutCancel(ctx)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, call.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return out, err
	}
	req.Header.Set("Signature", base64.StdEncoding.EncodeToString(signature))
	resp, err := call.HTTP().Do(req)
	if err != nil {
		if p.flaw == "time-out-is-failure" {
			out.Outcome = sdk.OutcomeFailed
			return out, nil
		}
		return out, err
	}
	defer func() { _ = resp.Body.Close() }()
	reply, err := io.ReadAll(resp.Body)
	if err != nil {
		return out, err
	}
	return p.read(call, resp, reply)
}

func (p provider) read(call *sdk.Call, resp *http.Response, reply []byte) (sdk.PaymentResult, error) {
	out := sdk.PaymentResult{Outcome: sdk.OutcomeUnknown}
	var said struct {
		Status string `json:"status"`
	}
	err := json.Unmarshal(reply, &said)
	if err != nil {
		if p.flaw == "reads-what-is-cut" && bytes.Contains(reply, []byte(`"status":"SUCCESS"`)) {
			out.Outcome = sdk.OutcomeSucceeded
			return out, nil
		}
		p.misbehave()
		if p.flaw == "leaks-a-secret" {
			secret, _ := call.Reveal("secret")
			return out, fmt.Errorf("the reply to %s cannot be read: %w", secret.Text(), err)
		}
		return out, err
	}
	digest := sha256.Sum256(reply)
	signature, _ := base64.StdEncoding.DecodeString(resp.Header.Get("Signature"))
	if err := call.Verify("their_key", sdk.PKCS1v15SHA256, digest[:], signature); err != nil && p.flaw != "believes-words" {
		return out, err
	}
	if resp.StatusCode == http.StatusOK && said.Status == "SUCCESS" {
		out.Outcome = sdk.OutcomeSucceeded
	}
	return out, nil
}

// misbehave is what some do with a reply that they cannot read.
func (p provider) misbehave() {
	switch p.flaw {
	case "panics":
		panic("a reply that is cut")
	case "exits":
		fmt.Fprintln(os.Stderr, "fatal error: a reply that is cut")
		os.Exit(3) //nolint:forbidigo // it is what this one does wrong
	case "hangs":
		time.Sleep(time.Hour)
	case "floods":
		for range 64 {
			fmt.Fprintln(os.Stderr, strings.Repeat("x", 1000))
		}
	}
}

// HandleInbound reads a notification.
func (p provider) HandleInbound(_ context.Context, call *sdk.Call, req sdk.InboundRequest) (sdk.InboundResult, error) {
	refused := sdk.InboundResult{Answer: sdk.InboundAnswer{Status: http.StatusUnauthorized}}
	var said struct {
		Order  string `json:"order_no"`
		Status string `json:"status"`
	}
	if err := json.Unmarshal(req.Body, &said); err != nil {
		return refused, err
	}
	if said.Order == "" {
		return refused, nil
	}
	digest := sha256.Sum256(req.Body)
	signature, err := base64.StdEncoding.DecodeString(req.Headers["Signature"])
	if err != nil {
		return refused, err
	}
	genuine := call.Verify("their_key", sdk.PKCS1v15SHA256, digest[:], signature) == nil
	if !genuine && p.flaw != "accepts-forgeries" {
		return refused, nil
	}
	return sdk.InboundResult{
		Verified: true, Answer: sdk.InboundAnswer{Status: http.StatusOK, Body: []byte("success")},
		Events: []sdk.InboundEvent{{Type: sdk.EventPayment, Payment: &sdk.PaymentResult{Outcome: sdk.OutcomeSucceeded, OrderNo: said.Order}}},
	}, nil
}
