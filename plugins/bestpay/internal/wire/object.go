package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// maxDepth bounds how deep a message may nest; real ones have two levels.
const maxDepth = 16

// amounts reads fields that are whole numbers of fen (Long), also where a gateway quotes
// its numbers. A field that is missing or null keeps no currency.
func amounts(o strictjson.Object, into map[string]*sdk.Money) error {
	for name, field := range into {
		if !o.Has(name) {
			continue
		}
		fen, ok := long(string(o[name]))
		if !ok {
			return fmt.Errorf("%w: %q is no whole number of fen", strictjson.ErrForm, name)
		}
		*field = sdk.Fen(fen)
	}
	return nil
}

// long reads digits, bare or in quotes.
func long(literal string) (int64, bool) {
	if n := len(literal); n >= 2 && literal[0] == '"' && literal[n-1] == '"' {
		literal = literal[1 : n-1]
	}
	if literal == "" || strings.Trim(literal, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(literal, 10, 64)
	return n, err == nil
}

// quote writes a string as JSON with Chinese, <, > and & literal.
func quote(text string) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil {
		return nil // a string always encodes
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// compact appends a value as JSON without spaces, objects with their names sorted and
// nulls kept. Strings are written anew, or stay as they were sent: what a provider's
// encoder escapes is its own affair.
func compact(out []byte, raw json.RawMessage, anew bool, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%w: it nests too deep", strictjson.ErrForm)
	}
	switch raw[0] {
	case '{':
		return compactObject(out, raw, anew, depth)
	case '[':
		return compactArray(out, raw, anew, depth)
	case '"':
		if anew {
			var text string
			if err := json.Unmarshal(raw, &text); err != nil {
				return nil, fmt.Errorf("%w: it is broken JSON", strictjson.ErrForm)
			}
			return append(out, quote(text)...), nil
		}
	}
	return append(out, raw...), nil
}

func compactObject(out []byte, raw json.RawMessage, anew bool, depth int) ([]byte, error) {
	o, err := strictjson.Read(raw)
	if err != nil {
		return nil, err
	}
	out = append(out, '{')
	for i, name := range names(o) {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(out, quote(name)...), ':')
		if out, err = compact(out, o[name], anew, depth+1); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

func compactArray(out []byte, raw json.RawMessage, anew bool, depth int) ([]byte, error) {
	var items []json.RawMessage
	err := json.Unmarshal(raw, &items)
	if err != nil {
		return nil, fmt.Errorf("%w: it is broken JSON", strictjson.ErrForm)
	}
	out = append(out, '[')
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		if out, err = compact(out, item, anew, depth+1); err != nil {
			return nil, err
		}
	}
	return append(out, ']'), nil
}
