// Package frame is the HTTP side that simulated providers share: strict JSON, field rules, the list of
// violations, and the ways to break a reply.
package frame

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Value is one member of a JSON object. Type is string, number, bool, null, object or array.
type Value struct {
	Type string
	Text string          // the string, or the number or bool as written
	Raw  json.RawMessage // nested values as sent
}

// Object is a decoded JSON object.
type Object map[string]Value

// Text returns a member's text, "" if it is missing.
func (o Object) Text(name string) string { return o[name].Text }

// Decode reads exactly one JSON object in UTF-8. Keys that stand twice at the top level are returned in duplicates.
func Decode(body []byte) (object Object, duplicates []string, err error) {
	if !utf8.Valid(body) {
		return nil, nil, errors.New("the body is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	token, err := decoder.Token()
	if err != nil {
		return nil, nil, fmt.Errorf("the body is not JSON: %w", err)
	}
	if token != json.Delim('{') {
		return nil, nil, errors.New("the body is not a JSON object")
	}
	object = make(Object)
	for decoder.More() {
		name, value, err := member(decoder)
		if err != nil {
			return nil, nil, fmt.Errorf("the body is not JSON: %w", err)
		}
		if _, twice := object[name]; twice {
			duplicates = append(duplicates, name)
		}
		object[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, nil, fmt.Errorf("the body is not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("something follows the JSON object")
	}
	return object, duplicates, nil
}

func member(decoder *json.Decoder) (string, Value, error) {
	token, err := decoder.Token()
	if err != nil {
		return "", Value{}, err
	}
	name, ok := token.(string)
	if !ok {
		return "", Value{}, errors.New("a key is not a string")
	}
	var raw json.RawMessage
	if err := decoder.Decode(&raw); err != nil {
		return "", Value{}, err
	}
	value, err := classify(raw)
	return name, value, err
}

func classify(raw json.RawMessage) (Value, error) {
	value := Value{Raw: raw, Text: string(raw)}
	switch raw[0] {
	case '"':
		value.Type = "string"
		value.Text = ""
		if err := json.Unmarshal(raw, &value.Text); err != nil {
			return Value{}, err
		}
	case '{':
		value.Type, value.Text = "object", ""
	case '[':
		value.Type, value.Text = "array", ""
	case 't', 'f':
		value.Type = "bool"
	case 'n':
		value.Type, value.Text = "null", ""
	default:
		value.Type = "number"
	}
	return value, nil
}
