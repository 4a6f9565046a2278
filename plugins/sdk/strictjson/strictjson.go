// Package strictjson reads the JSON that providers send by its exact names. encoding/json's own struct decoding takes
// "Order_Status" for "order_status" and lets the last of two win; where one word decides over money, and a signature
// covers each name, neither may happen.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrForm is any message that is not of the documented form: its meaning is unknown.
var ErrForm = errors.New("the message is not of the documented form")

// Object is a JSON object by its exact names.
type Object map[string]json.RawMessage

// Read reads one JSON object and nothing after it. A name that stands twice is an error; all errors are ErrForm.
func Read(raw []byte) (Object, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, fmt.Errorf("%w: it is no JSON object", ErrForm)
	}
	o := Object{}
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

// Has says whether name has a value other than null.
func (o Object) Has(name string) bool {
	value, ok := o[name]
	return ok && !bytes.Equal(value, []byte("null"))
}

// Texts reads fields that are strings. A field that is missing or null stays as it is; one of another type is an
// error, never a guess.
func (o Object) Texts(into map[string]*string) error {
	for name, field := range into {
		if !o.Has(name) {
			continue
		}
		if err := json.Unmarshal(o[name], field); err != nil {
			return fmt.Errorf("%w: %q is no string", ErrForm, name)
		}
	}
	return nil
}
