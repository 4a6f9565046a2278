package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// object is a JSON object by its exact names. encoding/json's own struct decoding takes
// "Order_Status" for "order_status" and lets the last of two win; where one word decides
// over money, neither may happen.
type object map[string]json.RawMessage

// readObject reads one JSON object and nothing after it. A name that stands twice is an error.
func readObject(raw []byte) (object, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, fmt.Errorf("%w: it is no JSON object", errForm)
	}
	o := object{}
	for dec.More() {
		token, err := dec.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, fmt.Errorf("%w: it is broken JSON", errForm)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, fmt.Errorf("%w: it is broken JSON after %q", errForm, name)
		}
		if _, twice := o[name]; twice {
			return nil, fmt.Errorf("%w: %q stands twice", errForm, name)
		}
		o[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("%w: it is cut off", errForm)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows the JSON object", errForm)
	}
	return o, nil
}

// has says whether name has a value other than null.
func (o object) has(name string) bool {
	value, ok := o[name]
	return ok && !bytes.Equal(value, []byte("null"))
}

// texts reads fields that are strings, as every value is in the document (三.1). A field
// that is missing or null stays empty; one of another type is an error, never a guess.
func (o object) texts(into map[string]*string) error {
	for name, field := range into {
		if !o.has(name) {
			continue
		}
		if err := json.Unmarshal(o[name], field); err != nil {
			return fmt.Errorf("%w: %q is no string", errForm, name)
		}
	}
	return nil
}
