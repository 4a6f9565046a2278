package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// reader reads an object's fields and keeps the first error.
type reader struct {
	fields strictjson.Object
	err    error
}

// value is a field's JSON, or nil when it is missing or null.
func (r *reader) value(name string) json.RawMessage {
	if raw := r.fields[name]; !bytes.Equal(raw, []byte("null")) {
		return raw
	}
	return nil
}

func (r *reader) wrong(name, want string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s is no %s", strictjson.ErrForm, name, want)
	}
}

// text is a field that is a string, or empty when it is missing or null.
func (r *reader) text(name string) string {
	raw := r.value(name)
	if raw == nil {
		return ""
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		r.wrong(name, "string")
		return ""
	}
	return s
}

// Number is a count or an amount in fen; Stated tells a zero from a field that is missing.
type Number struct {
	Value  int64
	Stated bool
}

// Is says that the number is stated and is n.
func (n Number) Is(value int64) bool { return n.Stated && n.Value == value }

// number is a field of the document's type uint64. It may stand in quotes: servers that
// make their JSON from protocol buffers write 64-bit numbers so.
func (r *reader) number(name string) Number {
	raw := r.value(name)
	if raw == nil {
		return Number{}
	}
	digits := string(raw)
	if inner, ok := strings.CutPrefix(digits, `"`); ok {
		digits = strings.TrimSuffix(inner, `"`)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != digits || n < 0 {
		r.wrong(name, "whole number")
		return Number{}
	}
	return Number{Value: n, Stated: true}
}

// scalar is a field that is a string, a number or a boolean, as text: the document does not
// say which of them the envelope's code is.
func (r *reader) scalar(name string) string {
	raw := r.value(name)
	if raw == nil {
		return ""
	}
	switch raw[0] {
	case '"':
		return r.text(name)
	case '{', '[':
		r.wrong(name, "string or number")
		return ""
	}
	return string(raw)
}
