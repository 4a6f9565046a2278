package mmsp

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the provider's signature
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// errNotJSON stands for what cannot happen to a value that frame.Decode has accepted.
var errNotJSON = errors.New("the value is not JSON")

// signature is the upper-case hexadecimal MD5 of json(Body) + "&key=" + key (3.3.2). In json(Body) the top-level keys
// are in bytewise order, nested values in their own; Chinese is literal, `/` is `\/`, numbers stand as they were sent.
func signature(body frame.Object, key string) (string, error) {
	names := make([]string, 0, len(body))
	for name := range body {
		names = append(names, name)
	}
	sort.Strings(names)
	h := md5.New() //nolint:gosec // the provider's signature
	before := "{"
	for _, name := range names {
		quoted, err := canonicalString(name)
		if err != nil {
			return "", err
		}
		value, err := canonical(body[name].Raw)
		if err != nil {
			return "", err
		}
		_, _ = io.WriteString(h, before+quoted+":"+value)
		before = ","
	}
	if len(names) == 0 {
		before = "{"
	} else {
		before = ""
	}
	_, _ = io.WriteString(h, before+"}&key="+key)
	return strings.ToUpper(hex.EncodeToString(h.Sum(nil))), nil
}

// canonical writes one value compactly, strings decoded first, everything in its own order.
func canonical(raw json.RawMessage) (string, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var out strings.Builder
	if err := canonicalValue(decoder, &out); err != nil {
		return "", err
	}
	return out.String(), nil
}

func canonicalValue(decoder *json.Decoder, out *strings.Builder) error {
	token, err := decoder.Token()
	if err != nil {
		return fmt.Errorf("%w: %w", errNotJSON, err)
	}
	switch value := token.(type) {
	case json.Delim:
		return canonicalNested(decoder, out, value)
	case string:
		quoted, err := canonicalString(value)
		out.WriteString(quoted)
		return err
	case json.Number:
		out.WriteString(value.String())
	case bool:
		fmt.Fprint(out, value)
	case nil:
		out.WriteString("null")
	}
	return nil
}

func canonicalNested(decoder *json.Decoder, out *strings.Builder, open json.Delim) error {
	out.WriteString(open.String())
	for i := 0; decoder.More(); i++ {
		if i > 0 {
			out.WriteByte(',')
		}
		if open == '{' {
			if err := canonicalValue(decoder, out); err != nil { // the key
				return err
			}
			out.WriteByte(':')
		}
		if err := canonicalValue(decoder, out); err != nil {
			return err
		}
	}
	closing, err := decoder.Token()
	if err != nil {
		return fmt.Errorf("%w: %w", errNotJSON, err)
	}
	fmt.Fprint(out, closing)
	return nil
}

func canonicalString(text string) (string, error) {
	raw, err := encode(text)
	return strings.ReplaceAll(string(raw), "/", `\/`), err
}

// encode writes a value as JSON with `<`, `>` and `&` as themselves; maps come with their keys in bytewise order.
func encode(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encode the message: %w", err)
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// escaped rewrites JSON as PHP does by default, which the document's replies show: `\/`, and `\uXXXX` for Chinese.
func escaped(raw []byte) []byte {
	var out bytes.Buffer
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		switch {
		case r == '/':
			out.WriteString(`\/`)
		case r < utf8.RuneSelf:
			out.WriteByte(raw[0])
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
		raw = raw[size:]
	}
	return out.Bytes()
}
