package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// errForm is any message that is not of the documented form: its meaning is unknown.
var errForm = errors.New("the message is not of the documented form")

// maxDepth bounds the nesting of a message. A list of orders needs three levels.
const maxDepth = 16

// Body is a message's Body: its fields by name, each with the JSON of its value, compact,
// with every character literal and `/` written `\/`, as it is signed.
type Body map[string]string

// encodeFields writes a request's Body as it is sent: compact, sorted by name, with Chinese,
// `/`, `<`, `>` and `&` literal. Every value is a string; an empty one is left out.
func encodeFields(fields map[string]string) ([]byte, error) {
	sent := make(map[string]string, len(fields))
	for name, value := range fields {
		if value != "" {
			sent[name] = value
		}
	}
	return encode(sent)
}

func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // sorts maps by name, too
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// escapeSlashes gives JSON as it is signed. Outside strings JSON has no slash.
func escapeSlashes(sent []byte) []byte { return bytes.ReplaceAll(sent, []byte("/"), []byte(`\/`)) }

// ReadObject reads a JSON object: each name once, valid UTF-8, and nothing after it.
func ReadObject(raw []byte) (Body, error) {
	body, err := readBody(raw)
	if err == nil && body == nil {
		err = fmt.Errorf("%w: it is empty", errForm)
	}
	return body, err
}

// readBody reads a Body that came in. A message without fields has the text "" (trap Q1) or
// null there, and no Body for us.
func readBody(raw []byte) (Body, error) {
	if text := string(bytes.TrimSpace(raw)); text == "" || text == "null" || text == `""` {
		return nil, nil
	}
	if !utf8.Valid(raw) {
		return nil, fmt.Errorf("%w: it is not UTF-8", errForm)
	}
	d := decoder(raw)
	body, err := readObject(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows the Body", errForm)
	}
	return body, nil
}

func decoder(raw []byte) *json.Decoder {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // a number is signed as it stands
	return d
}

func readObject(d *json.Decoder) (Body, error) {
	if err := delimiter(d, '{'); err != nil {
		return nil, err
	}
	body := Body{}
	for d.More() {
		name, err := fieldName(d)
		if err != nil {
			return nil, err
		}
		if _, twice := body[name]; twice {
			return nil, fmt.Errorf("%w: %q stands there twice", errForm, name)
		}
		var value bytes.Buffer
		if err := rewrite(&value, d, 1); err != nil {
			return nil, err
		}
		body[name] = value.String()
	}
	return body, delimiter(d, '}')
}

func delimiter(d *json.Decoder, want json.Delim) error {
	if token, err := d.Token(); err != nil || token != want {
		return fmt.Errorf("%w: %q is missing", errForm, want.String())
	}
	return nil
}

func fieldName(d *json.Decoder) (string, error) {
	token, err := d.Token()
	name, ok := token.(string)
	if err != nil || !ok {
		return "", fmt.Errorf("%w: a field's name is missing", errForm)
	}
	return name, nil
}

// rewrite copies one value in the form in which it is signed: \uXXXX decoded (trap Q10),
// numbers as they stand (trap Q11), what is nested in its own order.
func rewrite(out *bytes.Buffer, d *json.Decoder, depth int) error {
	token, err := d.Token()
	if err != nil || depth > maxDepth {
		return fmt.Errorf("%w: a value is missing or nested too deeply", errForm)
	}
	switch token {
	case json.Delim('{'):
		return rewriteObject(out, d, depth)
	case json.Delim('['):
		return rewriteArray(out, d, depth)
	}
	value, err := encode(token)
	if err != nil {
		return err
	}
	out.Write(escapeSlashes(value))
	return nil
}

func rewriteObject(out *bytes.Buffer, d *json.Decoder, depth int) error {
	out.WriteByte('{')
	names := map[string]bool{}
	for d.More() {
		name, err := fieldName(d)
		if err != nil {
			return err
		}
		if names[name] {
			return fmt.Errorf("%w: %q stands there twice", errForm, name)
		}
		if len(names) > 0 {
			out.WriteByte(',')
		}
		names[name] = true
		if err := writeName(out, name); err != nil {
			return err
		}
		if err := rewrite(out, d, depth+1); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return delimiter(d, '}')
}

func rewriteArray(out *bytes.Buffer, d *json.Decoder, depth int) error {
	out.WriteByte('[')
	for first := true; d.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		if err := rewrite(out, d, depth+1); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	return delimiter(d, ']')
}

// writeName writes a field's name as it is signed, and the colon.
func writeName(out *bytes.Buffer, name string) error {
	text, err := encode(name)
	if err != nil {
		return err
	}
	out.Write(escapeSlashes(text))
	out.WriteByte(':')
	return nil
}

// signedText is the Body as it is signed: its fields sorted bytewise by name, so that `_`
// stands after the capitals.
func (b Body) signedText() []byte {
	names := make([]string, 0, len(b))
	for name := range b {
		names = append(names, name)
	}
	slices.Sort(names)
	var out bytes.Buffer
	out.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			out.WriteByte(',')
		}
		if writeName(&out, name) != nil { // a string always encodes
			return nil
		}
		out.WriteString(b[name])
	}
	out.WriteByte('}')
	return out.Bytes()
}

// Text gives the first of the named fields that is there: a string as it is, a number as it
// stands, so that "2" and 2 read alike. A missing field and null are empty. Any other value
// is given as its JSON, which is nothing that the document lists.
func (b Body) Text(names ...string) string {
	for _, name := range names {
		value, ok := b[name]
		if !ok || value == "null" {
			continue
		}
		if !strings.HasPrefix(value, `"`) {
			return value
		}
		var text string
		if json.Unmarshal([]byte(value), &text) != nil { // it was written by us
			return value
		}
		return text
	}
	return ""
}

// Rows reads a field that lists objects: an array of them, or one alone (trap Q26).
func (b Body) Rows(name string) ([]Body, error) {
	value := b[name]
	if value == "" || value == "null" || value == `""` || value == "[]" {
		return nil, nil
	}
	if strings.HasPrefix(value, "{") {
		row, err := readBody([]byte(value))
		return []Body{row}, err
	}
	d := decoder([]byte(value))
	if err := delimiter(d, '['); err != nil {
		return nil, err
	}
	var rows []Body
	for d.More() {
		row, err := readObject(d)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, delimiter(d, ']')
}

// JSON reads a field that holds a JSON object in a string, as flat text fields.
func (b Body) JSON(name string) (map[string]string, error) {
	inner, err := readBody([]byte(b.Text(name)))
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(inner))
	for field := range inner {
		out[field] = plain(inner, field)
	}
	return out, nil
}

// plain is Text, with what is nested as plain JSON.
func plain(b Body, field string) string {
	text := b.Text(field)
	if strings.HasPrefix(b[field], `"`) || !json.Valid([]byte(text)) {
		return text
	}
	return strings.ReplaceAll(text, `\/`, "/")
}
