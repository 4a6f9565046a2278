// Package wire is BestPay's protocol for aggregate acquiring (seed 001, 1.3 to 2.4): signed
// JSON requests, signed replies and callbacks, and what their words mean.
package wire

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// DefaultBaseURL is the production address (seed 001, 2.4), used when the account names none.
const DefaultBaseURL = "https://mapi.bestpay.com.cn"

// ContentType is what every message carries (seed 001, 2.3).
const ContentType = "application/json; charset=utf-8"

// maxReply bounds a reply in bytes; real ones are under 2 KiB.
const maxReply = 256 << 10

// Value is a field's value: a string or a whole number.
type Value struct {
	text string
	bare bool
}

// Text is a string. Bytes that are no UTF-8 are left out: JSON would replace them, and the
// signature would then be over another text than the one that arrives.
func Text(s string) Value { return Value{text: strings.ToValidUTF8(s, "")} }

// Long is a whole number; amounts are in fen, durations in seconds.
func Long(n int64) Value { return Value{text: strconv.FormatInt(n, 10), bare: true} }

// Fields are a request by the document's names, without the sign.
type Fields map[string]Value

// names are sorted bytewise, as the signature wants them.
func names[M ~map[string]V, V any](fields M) []string { return slices.Sorted(maps.Keys(fields)) }

// text is what is signed: name=value joined with &, raw, without any encoding.
func (f Fields) text() string {
	parts := make([]string, 0, len(f))
	for _, name := range names(f) {
		parts = append(parts, name+"="+f[name].text)
	}
	return strings.Join(parts, "&")
}

// body is the fields as compact JSON in the order of their names.
func (f Fields) body() []byte {
	out := []byte{'{'}
	for i, name := range names(f) {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(out, quote(name)...), ':')
		if v := f[name]; v.bare {
			out = append(out, v.text...)
		} else {
			out = append(out, quote(v.text)...)
		}
	}
	return append(out, '}')
}

// Client sends an account's requests.
type Client struct {
	Keys      Keys
	SendEmpty bool // send and sign optional fields that have no value, instead of leaving them out
}

// Post signs fields, sends them, and verifies the reply. An error means that there is no
// reply that proves anything; Failure says what follows from it.
func (c Client) Post(ctx context.Context, call *sdk.Call, path string, timeout time.Duration, fields Fields) (Reply, error) {
	req, err := c.request(ctx, call, path, fields)
	if err != nil {
		return Reply{}, &exchangeError{cause: err}
	}
	resp, err := call.HTTPWith(sdk.HTTPOptions{Timeout: timeout}).Do(req)
	if err != nil {
		return Reply{}, &exchangeError{cause: err, sent: maySent(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	reply, err := c.read(call, resp)
	if err != nil {
		return Reply{}, &exchangeError{cause: err, sent: true}
	}
	return reply, nil
}

func (c Client) request(ctx context.Context, call *sdk.Call, path string, fields Fields) (*http.Request, error) {
	signed := maps.Clone(fields)
	if !c.SendEmpty {
		maps.DeleteFunc(signed, func(_ string, v Value) bool { return v.text == "" })
	}
	sign, err := c.Keys.sign(call, signed.text())
	if err != nil {
		return nil, err
	}
	signed[signField] = Text(sign)
	base := call.BaseURL
	if base == "" {
		base = DefaultBaseURL
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, bytes.NewReader(signed.body()))
	if err != nil {
		return nil, sdk.Errorf(sdk.ErrInvalidRequest, "The account's address cannot be used: %v.", err)
	}
	req.Header.Set("Content-Type", ContentType)
	return req, nil
}

func (c Client) read(call *sdk.Call, resp *http.Response) (Reply, error) {
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return Reply{}, fmt.Errorf("read the reply: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return Reply{}, fmt.Errorf("BestPay answered with HTTP status %d", resp.StatusCode)
	}
	if len(raw) > maxReply {
		return Reply{}, fmt.Errorf("%w: it is longer than %d bytes", strictjson.ErrForm, maxReply)
	}
	message, err := Open(call, c.Keys, raw)
	if err != nil {
		return Reply{}, err
	}
	return message.Reply()
}
