// Package wire is Shouqianba's protocol: the signed request, the three layers of a reply,
// and what its codes mean.
package wire

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// DefaultBaseURL is used when the account names no address. The document says
// "api_domain" only.
const DefaultBaseURL = "https://vsi-api.shouqianba.com"

// maxReply bounds a reply in bytes; real ones are under 4 KiB.
const maxReply = 256 << 10

// Signer names who signs: a number that stands in the header and the key's name.
type Signer struct{ Number, Key string }

// Post signs fields and sends them (document, 二.1 and 二.2): the sign is the lower-case
// hexadecimal MD5 of the body's bytes and the key. An error means that there is no
// readable reply; Failure says what follows from it.
func Post(ctx context.Context, call *sdk.Call, signer Signer, path string, fields map[string]string) (Reply, error) {
	req, err := signed(ctx, call, signer, path, fields)
	if err != nil {
		return Reply{}, unsentError{err}
	}
	resp, err := call.HTTP().Do(req)
	if err != nil {
		return Reply{}, fmt.Errorf("send: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return Reply{}, fmt.Errorf("read the reply: %w", err)
	}
	// The codes 400 and 500 of the document stand in the body, under HTTP 200 (trap S10).
	if resp.StatusCode != http.StatusOK {
		return Reply{}, fmt.Errorf("the gateway answered with HTTP status %d", resp.StatusCode)
	}
	return ParseReply(raw)
}

func signed(ctx context.Context, call *sdk.Call, signer Signer, path string, fields map[string]string) (*http.Request, error) {
	if signer.Number == "" {
		return nil, sdk.Errorf(sdk.ErrInvalidCredential, "The account has no number to sign with: activate a terminal, or enter its number and key.")
	}
	body, err := encode(fields)
	if err != nil {
		return nil, err
	}
	digest, err := call.Digest(signer.Key, sdk.MD5, sdk.Bytes(body), sdk.Key())
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	base := call.BaseURL
	if base == "" {
		base = DefaultBaseURL
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, bytes.NewReader(body))
	if err != nil {
		return nil, sdk.Errorf(sdk.ErrInvalidRequest, "The account's address cannot be used: %v.", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", signer.Number+" "+hex.EncodeToString(digest))
	return req, nil
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
// otherwise the provider may have acted and text is the reason of an unknown outcome.
func Failure(err error) (text sdk.ProviderText, unsent error) {
	var before unsentError
	var host *sdk.Error
	known := errors.As(err, &host)
	if errors.As(err, &before) || (known && slices.Contains(unsentCodes, host.Code)) {
		if known {
			return sdk.ProviderText{Message: host.Message}, host
		}
		return sdk.ProviderText{Message: err.Error()}, sdk.Errorf(sdk.ErrInternal, "%v", err)
	}
	if known {
		return sdk.ProviderText{Message: host.Message}, nil
	}
	return sdk.ProviderText{Message: err.Error()}, nil
}

// encode writes compact JSON with every value a string and Chinese, <, > and & literal.
// Empty optional fields are left out.
func encode(fields map[string]string) ([]byte, error) {
	sent := make(map[string]string, len(fields))
	for name, value := range fields {
		if value != "" {
			sent[name] = value
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(sent); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// Clip shortens text to at most n bytes without cutting a character. The document does
// not say whether its lengths are bytes or characters; n bytes satisfy both.
func Clip(text string, n int) string {
	text = strings.ToValidUTF8(text, "")
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
