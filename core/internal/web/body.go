package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/core"
)

// maxDepth bounds nesting; our deepest request has four levels.
const maxDepth = 16

// checkBody holds a JSON body against its schema while reading it once: syntax, text
// that is not UTF-8, anything after the value, names that are unknown or stand twice,
// types, limits. What passes decodes without error and without surprise. No sentence
// repeats a value, since any value may be a secret.
func checkBody(body []byte, s *schema) error {
	if !utf8.Valid(body) {
		return core.Errorf(core.CodeInvalidRequest, "The body is not valid UTF-8: save or send it as UTF-8.")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	c := checker{dec: dec, body: body}
	if err := c.value(s, place{}); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return core.Errorf(core.CodeInvalidRequest, "The body has something after its JSON value, at byte %d: send one JSON object only.", dec.InputOffset())
	}
	return nil
}

type checker struct {
	dec  *json.Decoder
	body []byte
}

// place is where we are in the body; it is only put into words when something is wrong.
type place struct {
	parent *place
	name   string
	depth  int
}

// String gives the bare name of a top-level field and a JSON pointer for what is nested.
func (p place) String() string {
	if p.depth == 1 {
		return p.name
	}
	var parts []string
	for at := &p; at != nil && at.depth > 0; at = at.parent {
		parts = append([]string{strings.NewReplacer("~", "~0", "/", "~1").Replace(at.name)}, parts...)
	}
	if len(parts) == 0 {
		return ""
	}
	return "/" + strings.Join(parts, "/")
}

func (p *place) child(name string) place { return place{parent: p, name: name, depth: p.depth + 1} }

// what names the place for a sentence.
func (p place) what() string {
	if p.depth == 0 {
		return "The body"
	}
	return strconv.Quote(shorten(p.String()))
}

// wrong makes the error for the value at p.
func wrong(s *schema, p place, format string, args ...any) error {
	code := core.CodeInvalidRequest
	if s != nil && s.amount {
		code = core.CodeInvalidAmount
	}
	return core.Errorf(code, "%s %s", p.what(), fmt.Sprintf(format, args...)).At(p.String())
}

func (c *checker) token() (json.Token, error) {
	t, err := c.dec.Token()
	if err == nil {
		return t, nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if len(bytes.TrimSpace(c.body)) == 0 {
			return nil, core.Errorf(core.CodeInvalidRequest, "The body is empty: send a JSON object.")
		}
		return nil, core.Errorf(core.CodeInvalidRequest, "The body ends in the middle of its JSON value: it may have been cut off.")
	}
	at := c.dec.InputOffset()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = syntax.Offset
	}
	return nil, core.Errorf(core.CodeInvalidRequest, "The body is not valid JSON, at byte %d: check quotes, commas, brackets and how numbers are written.", at)
}

func (c *checker) value(s *schema, p place) error {
	if p.depth > maxDepth {
		return core.Errorf(core.CodeInvalidRequest, "The body is nested too deeply: at most %d levels.", maxDepth)
	}
	t, err := c.token()
	if err != nil {
		return err
	}
	switch v := t.(type) {
	case json.Delim:
		if v == '{' {
			return c.object(s, p)
		}
		return c.array(s, p)
	case string:
		return checkText(s, p, v)
	case json.Number:
		return checkNumber(s, p, v.String())
	case bool:
		if s != nil && s.kind != "" && s.kind != "boolean" {
			return wrong(s, p, "must be %s, not true or false.", s.wanted())
		}
		return nil
	default: // null
		if s != nil && s.kind != "" {
			return wrong(s, p, "must be %s, not null: leave the field out instead.", s.wanted())
		}
		return nil
	}
}

func (c *checker) object(s *schema, p place) error {
	if s != nil && s.kind != "" && s.kind != "object" {
		return wrong(s, p, "must be %s, not an object.", s.wanted())
	}
	seen := make(map[string]struct{}, 8)
	for c.dec.More() {
		t, err := c.token()
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if !ok {
			return core.Errorf(core.CodeInvalidRequest, "The body is not valid JSON: a field's name must be text.")
		}
		if err := c.field(s, p, name, seen); err != nil {
			return err
		}
	}
	if _, err := c.token(); err != nil {
		return err
	}
	return s.complete(p, seen)
}

func (c *checker) field(s *schema, p place, name string, seen map[string]struct{}) error {
	at := p.child(name)
	if _, twice := seen[name]; twice {
		return wrong(nil, at, "stands twice in the body: send it once.")
	}
	seen[name] = struct{}{}
	if problem := badText(name); problem != "" {
		return wrong(nil, at, "is a field's name that %s.", problem)
	}
	var child *schema
	if s != nil && s.kind == "object" {
		var known bool
		if child, known = s.property(name); !known {
			if len(s.properties) == 0 {
				return wrong(nil, at, "is not a field here: there are none.")
			}
			return wrong(nil, at, "is not a field here. The fields are: %s.", s.names())
		}
	}
	return c.value(child, at)
}

// complete checks what can only be said at the end of an object.
func (s *schema) complete(p place, seen map[string]struct{}) error {
	if s == nil {
		return nil
	}
	for _, name := range s.required {
		if _, ok := seen[name]; !ok {
			at := p.child(name)
			return wrong(s.properties[name], at, "is missing: it must be %s.", s.properties[name].wanted())
		}
	}
	if s.maxItems > 0 && len(seen) > s.maxItems {
		return wrong(s, p, "has too many fields: at most %d.", s.maxItems)
	}
	return nil
}

func (c *checker) array(s *schema, p place) error {
	if s != nil && s.kind != "" && s.kind != "array" {
		return wrong(s, p, "must be %s, not a list.", s.wanted())
	}
	var items *schema
	if s != nil {
		items = s.items
	}
	n := 0
	for ; c.dec.More(); n++ {
		if s != nil && s.maxItems > 0 && n >= s.maxItems {
			return wrong(s, p, "has too many items: at most %d.", s.maxItems)
		}
		if err := c.value(items, p.child(strconv.Itoa(n))); err != nil {
			return err
		}
	}
	if _, err := c.token(); err != nil {
		return err
	}
	if s != nil && n < s.minItems {
		return wrong(s, p, "must have at least %d items.", s.minItems)
	}
	return nil
}

// checkText checks a text value, of a body or of a parameter.
func checkText(s *schema, p place, v string) error {
	if problem := badText(v); problem != "" {
		return wrong(s, p, "%s: take it out.", problem)
	}
	if s == nil || s.kind == "" {
		return nil
	}
	if s.kind != "string" {
		return wrong(s, p, "must be %s, not text in quotes.", s.wanted())
	}
	if len(s.enum) > 0 {
		for _, e := range s.enum {
			if v == e {
				return nil
			}
		}
		return wrong(s, p, "must be %s.", s.wanted())
	}
	if n := utf8.RuneCountInString(v); n < s.minLength {
		return wrong(s, p, "must not be shorter than %d %s.", s.minLength, plural(s.minLength, "character"))
	} else if s.maxLength > 0 && n > s.maxLength {
		return wrong(s, p, "is too long: at most %d characters.", s.maxLength)
	}
	if s.minLength > 0 && strings.TrimSpace(v) == "" {
		return wrong(s, p, "must not be blank.")
	}
	if s.pattern != nil && !s.pattern.MatchString(v) {
		if s.example != "" {
			return wrong(s, p, "does not have the right form; it looks like %s.", s.example)
		}
		return wrong(s, p, "does not have the right form: %s.", s.pattern)
	}
	if s.dateTime {
		if _, err := time.Parse(time.RFC3339, v); err != nil {
			return wrong(s, p, "must be a time like 2026-01-31T08:00:00+08:00 (in a URL write + as %%2B).")
		}
	}
	return nil
}

// checkNumber checks a number as it was written, so that 1.5 and 1e3 are seen.
func checkNumber(s *schema, p place, text string) error {
	if s == nil || s.kind == "" || s.kind == "number" {
		return nil
	}
	if s.kind != "integer" {
		return wrong(s, p, "must be %s, not a number.", s.wanted())
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return wrong(s, p, "is a number too large to be counted: it must be %s.", s.wanted())
	}
	if err != nil || text == "-0" {
		return wrong(s, p, "must be %s, written in plain digits without point or exponent.", s.wanted())
	}
	if (s.minimum != nil && n < *s.minimum) || (s.maximum != nil && n > *s.maximum) {
		return wrong(s, p, "must be %s.", s.wanted())
	}
	return nil
}

// wanted says in words what the schema wants.
func (s *schema) wanted() string {
	switch {
	case s == nil:
		return "given"
	case len(s.enum) == 1:
		return s.enum[0]
	case len(s.enum) > 1:
		return "one of " + strings.Join(s.enum, ", ")
	case s.amount:
		return fmt.Sprintf("a whole number of fen from %d to %d (150 is ¥1.50)", *s.minimum, *s.maximum)
	case s.kind == "integer" && s.minimum != nil && s.maximum != nil:
		return fmt.Sprintf("a whole number from %d to %d", *s.minimum, *s.maximum)
	}
	switch s.kind {
	case "integer":
		return "a whole number"
	case "number":
		return "a number"
	case "boolean":
		return "true or false"
	case "object":
		return "an object"
	case "array":
		return "a list"
	case "string":
		return "text in quotes"
	}
	return "given"
}

// badText finds what no field may hold: control characters (PostgreSQL refuses NUL) and
// what is left of half a surrogate pair.
func badText(v string) string {
	for _, r := range v {
		switch {
		case r < 0x20 && r != '\n' && r != '\r' && r != '\t', r == 0x7f:
			return "holds a control character"
		case r == utf8.RuneError:
			return "holds a character that is not valid"
		}
	}
	return ""
}

func shorten(s string) string { return shortenTo(s, 80) }

func shortenTo(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
