package wire

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// reader reads an object's fields and keeps the first error.
type reader struct {
	fields strictjson.Object
	err    error
}

func (r *reader) wrong(name, want string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s is no %s", strictjson.ErrForm, name, want)
	}
}

// text is a field that is a string, or empty when it is missing or null.
func (r *reader) text(name string) string {
	var s string
	if err := r.fields.Texts(map[string]*string{name: &s}); err != nil {
		r.wrong(name, "string")
		return ""
	}
	return s
}

// Number is an amount in fen; Stated tells a zero from a field that is missing.
type Number struct {
	Value  int64
	Stated bool
}

// Is says that the number is stated and is n.
func (n Number) Is(value int64) bool { return n.Stated && n.Value == value }

// number is a field that is a whole number, not below zero, written with digits alone.
func (r *reader) number(name string) Number {
	if !r.fields.Has(name) {
		return Number{}
	}
	raw := string(r.fields[name])
	value, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || value < 0 || strings.Trim(raw, "0123456789") != "" {
		r.wrong(name, "amount in fen")
		return Number{}
	}
	return Number{Value: value, Stated: true}
}

// time is a field of the form of RFC 3339. One of another form is no time.
func (r *reader) time(name string) time.Time {
	at, err := time.Parse(time.RFC3339, r.text(name))
	if err != nil {
		return time.Time{}
	}
	return at
}

// object is a field that is an object, or one without fields when it is missing or null.
func (r *reader) object(name string) *reader {
	if !r.fields.Has(name) {
		return &reader{}
	}
	fields, err := strictjson.Read(r.fields[name])
	if err != nil {
		r.wrong(name, "object")
	}
	return &reader{fields: fields}
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
