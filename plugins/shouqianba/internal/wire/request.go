// Package wire is Shouqianba's protocol: the signed request, the three layers of a reply,
// and what its codes mean.
package wire

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
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
// readable reply; the caller answers unknown, and the host knows whether anything left.
func Post(ctx context.Context, call *sdk.Call, signer Signer, path string, fields map[string]string) (Reply, error) {
	body, err := encode(fields)
	if err != nil {
		return Reply{}, err
	}
	digest, err := call.Digest(signer.Key, sdk.MD5, sdk.Bytes(body), sdk.Key())
	if err != nil {
		return Reply{}, fmt.Errorf("sign: %w", err)
	}
	base := call.BaseURL
	if base == "" {
		base = DefaultBaseURL
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, bytes.NewReader(body))
	if err != nil {
		return Reply{}, fmt.Errorf("request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", signer.Number+" "+hex.EncodeToString(digest))
	resp, err := call.HTTP().Do(req)
	if err != nil {
		return Reply{}, fmt.Errorf("send: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return Reply{}, fmt.Errorf("read the reply: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return Reply{}, fmt.Errorf("the gateway answered with HTTP status %d", resp.StatusCode)
	}
	return ParseReply(raw)
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

// Clip shortens text to at most n bytes without cutting a character.
func Clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
