// Package wire is the protocol of the metro consumption code (seed 000): signed requests,
// the envelope of a reply, and the fields of its data.
package wire

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// maxReply bounds a reply in bytes; real ones are under 4 KiB.
const maxReply = 256 << 10

// Client sends for one call.
type Client struct {
	Call     *sdk.Call
	Merchant string // mch_id
	Key      string // the name of the credential that signs
	Random   io.Reader
	Signing  Signing
	Envelope Envelope
}

// Post signs and sends body as JSON (seed 000, 三.2 and 四). An error means that there is no
// readable reply; Failure says what follows from it.
func (c Client) Post(ctx context.Context, path string, body any) (Reply, error) {
	req, err := c.request(ctx, path, body)
	if err != nil {
		return Reply{}, unsentError{err}
	}
	resp, err := c.Call.HTTP().Do(req)
	if err != nil {
		return Reply{}, fmt.Errorf("send: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return Reply{}, fmt.Errorf("read the reply: %w", err)
	}
	// The document knows no status but success, so no other one proves anything.
	if resp.StatusCode != http.StatusOK {
		return Reply{}, fmt.Errorf("the provider answered with HTTP status %d", resp.StatusCode)
	}
	return c.Envelope.Parse(raw)
}

func (c Client) request(ctx context.Context, path string, body any) (*http.Request, error) {
	switch {
	case c.Merchant == "":
		return nil, sdk.Errorf(sdk.ErrInvalidCredential, "The account has no mch_id; enter the one that the provider assigned.")
	case c.Call.BaseURL == "":
		return nil, &sdk.Error{
			Code: sdk.ErrInvalidRequest, Param: "base_url",
			Message: "The account has no address; the document prints none, so enter the one that the provider gave you.",
		}
	}
	raw, err := encode(body)
	if err != nil {
		return nil, err
	}
	nonce, err := newNonce(c.Random)
	if err != nil {
		return nil, err
	}
	stamp := Stamp{Merchant: c.Merchant, Nonce: nonce, Time: strconv.FormatInt(c.Call.Now().Unix(), 10)}
	signature, err := c.Signing.Sign(c.Call, c.Key, stamp)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Call.BaseURL+path, bytes.NewReader(raw))
	if err != nil {
		return nil, sdk.Errorf(sdk.ErrInvalidRequest, "The account's address cannot be used: %v.", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(HeaderMerchant, stamp.Merchant)
	req.Header.Set(HeaderTime, stamp.Time)
	req.Header.Set(HeaderNonce, stamp.Nonce)
	req.Header.Set(HeaderSignature, signature)
	return req, nil
}

// newNonce is 16 characters out of 80 random bits, which Base32 writes as exactly so many.
func newNonce(random io.Reader) (string, error) {
	var bits [NonceLength * 5 / 8]byte
	if _, err := io.ReadFull(random, bits[:]); err != nil {
		return "", fmt.Errorf("no random numbers for nonce_str: %w", err)
	}
	return base32.StdEncoding.EncodeToString(bits[:]), nil
}

// encode writes compact JSON with Chinese, <, > and & literal.
func encode(body any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// unsentError is a failure before anything was handed to the host to send.
type unsentError struct{ cause error }

func (e unsentError) Error() string { return e.cause.Error() }

func (e unsentError) Unwrap() error { return e.cause }

// unsentCodes are the host's reasons for which nothing left.
var unsentCodes = []string{
	sdk.ErrNotSent, sdk.ErrDenied, sdk.ErrKeysUnavailable, sdk.ErrInvalidCredential, sdk.ErrInvalidRequest, sdk.ErrNotSupported,
}

// Failure says what an error of Post means. When nothing left it is the call's error;
// otherwise the provider may have acted, and text is the reason of an unknown outcome.
func Failure(err error) (text sdk.ProviderText, unsent error) {
	var before unsentError
	var host *sdk.Error
	known := errors.As(err, &host)
	message := err.Error()
	if known {
		message = host.Message
	}
	switch {
	case known && (slices.Contains(unsentCodes, host.Code) || errors.As(err, &before)):
		return sdk.ProviderText{Message: message}, host
	case errors.As(err, &before):
		return sdk.ProviderText{Message: message}, sdk.Errorf(sdk.ErrInternal, "%v", err)
	}
	return sdk.ProviderText{Message: message}, nil
}
