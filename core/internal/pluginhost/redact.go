package pluginhost

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"strings"
)

const redacted = "[redacted]"

// redactor takes out of evidence what must not be kept: the secrets of the call, the wire
// fields the manifest names, and card numbers. It works on text that may be cut anywhere
// or malformed: what does not parse must still not leak.
type redactor struct {
	fields  map[string]bool // lower case
	secrets [][]byte
	keep    map[string]bool // order numbers that may look like a card's
}

// keeping adds numbers that are no card's.
func (r redactor) keeping(numbers []string) redactor {
	keep := maps.Clone(r.keep)
	for _, number := range numbers {
		keep[number] = true
	}
	r.keep = keep
	return r
}

// minSecret is the length from which a secret's value is looked for anywhere.
const minSecret = 4

func (r redactor) text(s string) string {
	s = r.values(s)
	s = r.members(s)
	s = r.pairs(s)
	return r.cards(s)
}

// values replaces the secrets themselves, also as JSON and URLs would write them.
func (r redactor) values(s string) string {
	for _, secret := range r.secrets {
		if len(secret) < minSecret {
			continue
		}
		plain := string(secret)
		s = strings.ReplaceAll(s, plain, redacted)
		if q := url.QueryEscape(plain); q != plain {
			s = strings.ReplaceAll(s, q, redacted)
		}
		if q, err := json.Marshal(plain); err == nil && len(q) > 2 {
			if inner := string(q[1 : len(q)-1]); inner != plain {
				s = strings.ReplaceAll(s, inner, redacted)
			}
		}
	}
	return s
}

// members replaces the values of JSON members by name, at any depth, also in JSON that
// stands escaped within a JSON string.
func (r redactor) members(s string) string {
	if len(r.fields) == 0 || !strings.Contains(s, `"`) {
		return s
	}
	var out strings.Builder
	for {
		nameStart, nameEnd, valueStart, ok := r.nextMember(s)
		if !ok {
			out.WriteString(s)
			return out.String()
		}
		if !r.fields[strings.ToLower(s[nameStart:nameEnd])] {
			out.WriteString(s[:nameEnd])
			s = s[nameEnd:]
			continue
		}
		out.WriteString(s[:valueStart])
		out.WriteString(`"` + redacted + `"`)
		s = s[valueStart+valueLength(s[valueStart:]):]
	}
}

// nextMember finds the next `"name" :` and where its value starts.
func (r redactor) nextMember(s string) (nameStart, nameEnd, valueStart int, ok bool) {
	for at := 0; ; {
		open := strings.IndexByte(s[at:], '"')
		if open < 0 {
			return 0, 0, 0, false
		}
		nameStart = at + open + 1
		closing := strings.IndexByte(s[nameStart:], '"')
		if closing < 0 {
			return 0, 0, 0, false
		}
		end := nameStart + closing
		nameEnd = len(strings.TrimRight(s[:end], `\`))
		if nameEnd < nameStart {
			nameEnd = nameStart
		}
		rest := strings.TrimLeft(s[end+1:], " \t\r\n")
		if strings.HasPrefix(rest, ":") {
			value := strings.TrimLeft(rest[1:], " \t\r\n")
			return nameStart, nameEnd, len(s) - len(value), true
		}
		at = end // the closing quote may open the next name when the text is odd
	}
}

// valueLength measures a JSON value: a string (plain or escaped), an object or array to
// its balanced end, or anything up to the next delimiter. A value without an end is all of s.
func valueLength(s string) int {
	quoteMark := `"`
	if backslashes := len(s) - len(strings.TrimLeft(s, `\`)); backslashes > 0 && strings.HasPrefix(s[backslashes:], `"`) {
		quoteMark = s[:backslashes+1]
	}
	switch {
	case s == "":
		return 0
	case strings.HasPrefix(s, quoteMark):
		return len(quoteMark) + stringLength(s[len(quoteMark):], quoteMark)
	case s[0] == '{' || s[0] == '[':
		return nestedLength(s)
	}
	if end := strings.IndexAny(s, ",}] \t\r\n\\\""); end >= 0 {
		return end
	}
	return len(s)
}

func stringLength(s, quoteMark string) int {
	for at := 0; at < len(s); {
		if quoteMark == `"` && s[at] == '\\' {
			at += 2
			continue
		}
		if strings.HasPrefix(s[at:], quoteMark) && (quoteMark == `"` || at == 0 || s[at-1] != '\\') {
			return at + len(quoteMark)
		}
		at++
	}
	return len(s)
}

func nestedLength(s string) int {
	depth, inString := 0, false
	for at := 0; at < len(s); at++ {
		switch c := s[at]; {
		case inString && c == '\\':
			at++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
	return len(s)
}

// pairs replaces the values of name=value pairs by name, as in forms and queries.
func (r redactor) pairs(s string) string {
	if len(r.fields) == 0 || !strings.Contains(s, "=") {
		return s
	}
	var out strings.Builder
	for len(s) > 0 {
		eq := strings.IndexByte(s, '=')
		if eq < 0 {
			break
		}
		start := strings.LastIndexAny(s[:eq], "&?; \t\r\n\"'") + 1
		name := s[start:eq]
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		out.WriteString(s[:eq+1])
		s = s[eq+1:]
		if !r.fields[strings.ToLower(name)] {
			continue
		}
		end := strings.IndexAny(s, "&; \t\r\n\"'")
		if end < 0 {
			end = len(s)
		}
		out.WriteString(redacted)
		s = s[end:]
	}
	out.WriteString(s)
	return out.String()
}

// The lengths of card numbers.
const (
	cardShort = 13
	cardLong  = 19
	// epochMillis is the length of a time in milliseconds, which begins with 1 until 2033;
	// no card does.
	epochMillis = 13
)

// cards masks runs of digits that pass the Luhn test, to the first 6 and last 4.
func (r redactor) cards(s string) string {
	var out []byte
	for at := 0; at < len(s); {
		end := at
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		if end == at {
			at++
			continue
		}
		if run := s[at:end]; r.isCard(run) {
			if out == nil {
				out = []byte(s)
			}
			copy(out[at+6:end-4], bytes.Repeat([]byte{'*'}, len(run)-10))
		}
		at = end
	}
	if out == nil {
		return s
	}
	return string(out)
}

func (r redactor) isCard(run string) bool {
	if len(run) < cardShort || len(run) > cardLong || r.keep[run] || len(run) == epochMillis && run[0] == '1' {
		return false
	}
	return luhn(run)
}

func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
