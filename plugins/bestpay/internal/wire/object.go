package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// ErrForm is any message that is not of the documented form: its meaning is unknown.
var ErrForm = errors.New("the message is not of the documented form")

// maxDepth bounds how deep a message may nest; real ones have two levels.
const maxDepth = 16

// object is a JSON object by its exact names. encoding/json's own struct decoding takes
// "TradeStatus" for "tradeStatus" and lets the last of two win; where one word decides
// over money, and a signature covers each name, neither may happen.
type object map[string]json.RawMessage

// readObject reads one JSON object and nothing after it. A name that stands twice is an error.
func readObject(raw []byte) (object, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, fmt.Errorf("%w: it is no JSON object", ErrForm)
	}
	o := object{}
	for dec.More() {
		token, err := dec.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, fmt.Errorf("%w: it is broken JSON", ErrForm)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, fmt.Errorf("%w: it is broken JSON after %q", ErrForm, name)
		}
		if _, twice := o[name]; twice {
			return nil, fmt.Errorf("%w: %q stands twice", ErrForm, name)
		}
		o[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("%w: it is cut off", ErrForm)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows the JSON object", ErrForm)
	}
	return o, nil
}

// names are the object's names, sorted bytewise.
func (o object) names() []string { return slices.Sorted(maps.Keys(o)) }

// has says whether name has a value other than null.
func (o object) has(name string) bool {
	value, ok := o[name]
	return ok && !bytes.Equal(value, []byte("null"))
}

// texts reads fields that are strings. A field that is missing or null stays empty: the
// document requires errorCode and errorMsg and yet sends null in them (trap B15). One of
// another type is an error, never a guess.
func (o object) texts(into map[string]*string) error {
	for name, field := range into {
		if !o.has(name) {
			continue
		}
		if err := json.Unmarshal(o[name], field); err != nil {
			return fmt.Errorf("%w: %q is no string", ErrForm, name)
		}
	}
	return nil
}

// amounts reads fields that are whole numbers of fen (Long), also where a gateway quotes
// its numbers. A field that is missing or null keeps no currency.
func (o object) amounts(into map[string]*sdk.Money) error {
	for name, field := range into {
		if !o.has(name) {
			continue
		}
		fen, ok := long(string(o[name]))
		if !ok {
			return fmt.Errorf("%w: %q is no whole number of fen", ErrForm, name)
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
		return nil, fmt.Errorf("%w: it nests too deep", ErrForm)
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
				return nil, fmt.Errorf("%w: it is broken JSON", ErrForm)
			}
			return append(out, quote(text)...), nil
		}
	}
	return append(out, raw...), nil
}

func compactObject(out []byte, raw json.RawMessage, anew bool, depth int) ([]byte, error) {
	o, err := readObject(raw)
	if err != nil {
		return nil, err
	}
	out = append(out, '{')
	for i, name := range o.names() {
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
		return nil, fmt.Errorf("%w: it is broken JSON", ErrForm)
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
