// Package wire is the protocol of WeChat Pay API v3: signed requests, verified replies, and
// the fields of both. Requests are the official library's types, and its interfaces for
// signing and verifying are implemented over the host; its client is not used (README.md
// says why).
package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// maxReply bounds a reply in bytes; real ones are under 16 KiB.
const maxReply = 256 << 10

// Server is the documented address of the interface.
const Server = consts.WechatPayAPIServer

// Keys name the credentials.
type Keys struct {
	Private      string   // the merchant's, signs
	Secret       string   // the APIv3 key, opens
	PublicKey    string   // WeChat Pay's
	Certificates []string // WeChat Pay's
}

// Account is the merchant's side of the protocol.
type Account struct {
	Merchant    string // mchid
	Serial      string // of the merchant's API certificate
	PublicKeyID string // PUB_KEY_ID_…, or empty
	Keys        Keys
}

// Client sends for one call.
type Client struct {
	Call    *sdk.Call
	Account Account
	Random  io.Reader
}

// Get asks for a resource.
func (c Client) Get(ctx context.Context, path string, query url.Values) (Reply, error) {
	return c.exchange(ctx, http.MethodGet, path, query.Encode(), nil)
}

// Post sends body, one of the official library's requests.
func (c Client) Post(ctx context.Context, path string, body json.Marshaler) (Reply, error) {
	raw, err := body.MarshalJSON()
	if err != nil {
		return Reply{}, unsentError{err}
	}
	return c.exchange(ctx, http.MethodPost, path, "", raw)
}

// exchange makes the one exchange of a call. An error means that there is no authentic
// reply; Failure says what follows from it.
func (c Client) exchange(ctx context.Context, method, path, query string, body []byte) (Reply, error) {
	if err := c.ready(); err != nil {
		return Reply{}, unsentError{err}
	}
	resp, err := c.send(ctx, method, path, query, body, consts.ApplicationJSON, maxReply)
	if err != nil {
		return Reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := readAll(resp.Body, maxReply)
	if err != nil {
		return Reply{}, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	if err := (validator{c.Call.Now, Platform{c.Call, c.Account}}).Validate(ctx, resp); err != nil {
		return Reply{}, unprovenError{cause: err, keyRefused: refusesKey(resp.StatusCode, raw)}
	}
	return parse(resp.StatusCode, raw)
}

// ready says whether a reply could be verified: nothing is sent whose answer nobody could
// believe.
func (c Client) ready() error {
	if c.Account.PublicKeyID != "" {
		return nil
	}
	stored, err := Platform{c.Call, c.Account}.Stored()
	if err == nil && len(stored) == 0 {
		err = sdk.Errorf(sdk.ErrInvalidCredential,
			"The account has neither WeChat Pay's public key nor a platform certificate; enter one, or check the account in, which fetches the certificates.")
	}
	return err
}

// send sends one signed request.
func (c Client) send(ctx context.Context, method, path, query string, body []byte, accept string, limit int64) (*http.Response, error) {
	req, err := c.request(ctx, method, path, query, body)
	if err != nil {
		return nil, unsentError{err}
	}
	req.Header.Set(consts.Accept, accept)
	resp, err := c.Call.HTTPWith(sdk.HTTPOptions{MaxResponse: limit}).Do(req)
	if err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	return resp, nil
}

func (c Client) request(ctx context.Context, method, path, query string, body []byte) (*http.Request, error) {
	address := c.Call.BaseURL
	if address == "" {
		address = Server
	}
	address += path
	if query != "" {
		address += "?" + query
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, sdk.Errorf(sdk.ErrInvalidRequest, "The account's address cannot be used: %v.", err)
	}
	authorization, err := credential{signer{c.Call, c.Account}, c.Call, c.Random}.GenerateAuthorizationHeader(ctx, method, req.URL.RequestURI(), string(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set(consts.Authorization, authorization)
	req.Header.Set(consts.UserAgent, "Zhanggui")
	if method == http.MethodPost {
		req.Header.Set(consts.ContentType, consts.ApplicationJSON)
	}
	if serial, err := (Platform{c.Call, c.Account}).GetSerial(ctx); err == nil {
		req.Header.Set(consts.WechatPaySerial, serial)
	}
	return req, nil
}

// readAll reads a body that must not be longer than limit.
func readAll(body io.Reader, limit int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the reply: %w", err)
	case int64(len(raw)) > limit:
		return nil, fmt.Errorf("the reply is longer than %d bytes", limit)
	}
	return raw, nil
}

// unsentError is a failure before anything was handed to the host to send.
type unsentError struct{ cause error }

func (e unsentError) Error() string { return e.cause.Error() }

func (e unsentError) Unwrap() error { return e.cause }

// placedError is a failure after the exchange, whatever the host calls it.
type placedError struct{ cause error }

func (e placedError) Error() string { return e.cause.Error() }

// Placed marks a failure after WeChat Pay took the request: something left.
func Placed(cause error) error { return placedError{cause} }

// unprovenError is a reply that is not shown to be WeChat Pay's. It says nothing, but that
// our signature may not be good any more: WeChat Pay does not sign that refusal.
type unprovenError struct {
	cause      error
	keyRefused bool
}

func (e unprovenError) Error() string { return e.cause.Error() }

func (e unprovenError) Unwrap() error { return e.cause }

// unsentCodes are the host's reasons for which nothing left.
var unsentCodes = []string{
	sdk.ErrNotSent, sdk.ErrDenied, sdk.ErrKeysUnavailable, sdk.ErrInvalidCredential, sdk.ErrInvalidRequest, sdk.ErrNotSupported,
}

// Missing is what is left of an exchange without an authentic reply.
type Missing struct {
	Text       sdk.ProviderText
	KeyRefused bool
}

// Failure says what an error of Get and Post means. When nothing left it is the call's
// error; otherwise the provider may have acted, and the outcome is unknown.
func Failure(err error) (Missing, error) {
	var before unsentError
	var unproven unprovenError
	var host *sdk.Error
	known, replied := errors.As(err, &host), errors.As(err, &unproven)
	missing := Missing{Text: sdk.ProviderText{Message: err.Error()}, KeyRefused: replied && unproven.keyRefused}
	if known {
		missing.Text.Message = host.Message
	}
	switch {
	case replied:
		return missing, nil
	case known && (slices.Contains(unsentCodes, host.Code) || errors.As(err, &before)):
		return missing, host
	case errors.As(err, &before):
		return missing, sdk.Errorf(sdk.ErrInternal, "%v", err)
	}
	return missing, nil
}
