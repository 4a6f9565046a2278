package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// defaultBaseURL is used when the account has no address of its own.
const defaultBaseURL = "https://api.acme.example"

// Acme's headers (API v1, "Signatures").
const (
	headerMerchant  = "Acme-Merchant"
	headerTimestamp = "Acme-Timestamp"
	headerSignature = "Acme-Signature"
)

// reply is what Acme answers. It exists only with a signature that holds.
type reply struct {
	Code    string  `json:"code"`
	Message string  `json:"message"`
	Order   *order  `json:"order"`
	Refund  *refund `json:"refund"`
}

func (r reply) text() sdk.ProviderText { return sdk.ProviderText{Code: r.Code, Message: r.Message} }

// exchange signs a request, sends it, and reads the reply when its signature holds. Every error
// means: nothing is proven. The host knows whether anything left, so the error goes up as it is.
func exchange(ctx context.Context, call *sdk.Call, method, path string, body any) (reply, error) {
	req, err := signed(ctx, call, method, path, body)
	if err != nil {
		return reply{}, err
	}
	resp, err := call.HTTP().Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return reply{}, sdk.Errorf(sdk.ErrSentMaybe, "Acme answered with HTTP status %d.", resp.StatusCode)
	}
	if err := verify(call, resp.Header.Get(headerTimestamp), resp.Header.Get(headerSignature), raw); err != nil {
		return reply{}, err
	}
	var r reply
	if err := json.Unmarshal(raw, &r); err != nil {
		return reply{}, sdk.Errorf(sdk.ErrSentMaybe, "Acme's reply cannot be read: %v.", err)
	}
	return r, nil
}

// signed builds a request with its signature: HMAC-SHA256 over method, path, time and body.
// The key stays with the host.
func signed(ctx context.Context, call *sdk.Call, method, path string, body any) (*http.Request, error) {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	timestamp := strconv.FormatInt(call.Now().Unix(), 10)
	mac, err := call.Digest(credKey, sdk.HMACSHA256, sdk.String(method+"\n"+path+"\n"+timestamp+"\n"), sdk.Bytes(raw))
	if err != nil {
		return nil, err
	}
	base := call.BaseURL
	if base == "" {
		base = defaultBaseURL
	}
	req, err := http.NewRequestWithContext(ctx, method, base+path, bytes.NewReader(raw))
	if err != nil {
		return nil, sdk.Errorf(sdk.ErrInvalidRequest, "The account's address cannot be used: %v.", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(headerMerchant, call.Merchant(credMerchant))
	req.Header.Set(headerTimestamp, timestamp)
	req.Header.Set(headerSignature, hex.EncodeToString(mac))
	return req, nil
}

// verify checks what Acme signs, replies and notices alike: HMAC-SHA256 over time and body.
func verify(call *sdk.Call, timestamp, signature string, body []byte) error {
	expected, err := call.Digest(credKey, sdk.HMACSHA256, sdk.String(timestamp+"\n"), sdk.Bytes(body))
	if err != nil {
		return err
	}
	given, err := hex.DecodeString(signature)
	if err != nil || !hmac.Equal(given, expected) {
		return sdk.Errorf(sdk.ErrVerification, "Acme's signature does not hold.")
	}
	return nil
}
