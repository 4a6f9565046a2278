package bestpay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// message is a JSON object the platform sends; its members go out in this order.
// Values are nil, bool, int64, string and message.
type message []member

type member struct {
	name  string
	value any
}

func (m message) get(name string) any {
	for _, field := range m {
		if field.name == name {
			return field.value
		}
	}
	return nil
}

// with returns a copy with another value of a member; a member that is not there is not added.
func (m message) with(name string, value any) message {
	out := append(message(nil), m...)
	for i := range out {
		if out[i].name == name {
			out[i].value = value
		}
	}
	return out
}

func (m message) withoutNulls() message {
	var out message
	for _, field := range m {
		if field.value != nil {
			out = append(out, field)
		}
	}
	return out
}

// sorted returns a copy with the members sorted by name, nested ones too.
func (m message) sorted() message {
	out := append(message(nil), m...)
	sort.SliceStable(out, func(i, j int) bool { return out[i].name < out[j].name })
	for i := range out {
		if nested, ok := out[i].value.(message); ok {
			out[i].value = nested.sorted()
		}
	}
	return out
}

// MarshalJSON writes the members in their order.
func (m message) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, field := range m {
		name, err := encodeJSON(field.name)
		if err != nil {
			return nil, err
		}
		value, err := encodeJSON(field.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}

// encodeJSON writes compact JSON with `<`, `>`, `&` and `/` as themselves.
func encodeJSON(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encode a message: %w", err)
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// text is what the platform signs of a message: nulls as null, booleans as true and false, numbers bare, a nested
// object as compact JSON with its keys sorted and its nulls kept.
func (m message) text() (string, error) {
	pairs := make([]string, 0, len(m))
	for _, field := range m.sorted() {
		var value string
		switch v := field.value.(type) {
		case nil:
			value = "null"
		case bool:
			value = strconv.FormatBool(v)
		case int64:
			value = strconv.FormatInt(v, 10)
		case string:
			value = v
		default:
			raw, err := encodeJSON(v)
			if err != nil {
				return "", err
			}
			value = string(raw)
		}
		pairs = append(pairs, field.name+"="+value)
	}
	return strings.Join(pairs, "&"), nil
}
