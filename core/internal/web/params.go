package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/zhanggui-pay/zhanggui/core"
)

// maxWait is the longest a caller may wait for an outcome.
const maxWait = 60 * time.Second

// checkParameters holds query and headers against the document.
func (o *operation) checkParameters(c *fiber.Ctx) error {
	if err := o.checkQuery(c); err != nil {
		return err
	}
	for _, p := range o.headers {
		values := c.Request().Header.PeekAll(p.name)
		if len(values) == 0 || (len(values) == 1 && len(values[0]) == 0) {
			if !p.required {
				continue
			}
			if p.name == headerIdempotencyKey {
				return core.Errorf(core.CodeIdempotencyRequired, "Send an %s header of your own choosing (1 to 255 printable ASCII characters), and the same one when you repeat the call.", p.name).At(p.name)
			}
			return core.Errorf(core.CodeInvalidRequest, "The header %s is missing.", p.name).At(p.name)
		}
		if len(values) > 1 {
			return core.Errorf(core.CodeInvalidRequest, "The header %s stands more than once: send it once.", p.name).At(p.name)
		}
		if err := p.check(string(values[0])); err != nil {
			return err
		}
	}
	return nil
}

func (o *operation) checkQuery(c *fiber.Ctx) error {
	args := c.Context().QueryArgs()
	if args.Len() == 0 && !o.requiresQuery() {
		return nil
	}
	counts := make(map[string]int, args.Len())
	for key, value := range args.All() {
		name := string(key)
		p, known := o.query[name]
		if !known {
			return core.Errorf(core.CodeInvalidRequest, "%q is not a query parameter here.", shorten(name)).At(shorten(name))
		}
		counts[name]++
		if err := p.checkNth(string(value), counts[name]); err != nil {
			return err
		}
	}
	for name, p := range o.query {
		if p.required && counts[name] == 0 {
			return core.Errorf(core.CodeInvalidRequest, "The query parameter %s is missing.", name).At(name)
		}
	}
	return nil
}

func (o *operation) requiresQuery() bool {
	for _, p := range o.query {
		if p.required {
			return true
		}
	}
	return false
}

// checkNth checks the nth value that the query holds under the parameter's name.
func (p *parameter) checkNth(v string, n int) error {
	switch {
	case n > 1 && p.schema.kind != "array":
		return core.Errorf(core.CodeInvalidRequest, "The query parameter %s stands more than once: send it once.", p.name).At(p.name)
	case p.schema.maxItems > 0 && n > p.schema.maxItems:
		return core.Errorf(core.CodeInvalidRequest, "The query parameter %s stands too often: at most %d times.", p.name, p.schema.maxItems).At(p.name)
	}
	return p.check(v)
}

// check holds one value, which is always text here, against the parameter's schema.
func (p *parameter) check(v string) error {
	s, at := p.schema, place{name: p.name, depth: 1}
	if s.kind == "array" {
		s = s.items
	}
	switch s.kind {
	case "integer":
		if strings.HasPrefix(v, "+") {
			return wrong(s, at, "must be %s, written in plain digits.", s.wanted())
		}
		return checkNumber(s, at, v)
	case "boolean":
		if v != "true" && v != "false" {
			return wrong(s, at, "must be true or false.")
		}
		return nil
	default:
		return checkText(s, at, v)
	}
}

// parseWait reads Prefer: wait=N. Other preferences are passed over, more than a minute
// counts as a minute. Errors: CodeInvalidRequest for a wait that is no number.
func parseWait(prefer string) (time.Duration, error) {
	for _, part := range strings.FieldsFunc(prefer, func(r rune) bool { return r == ',' || r == ';' }) {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		n, err := strconv.ParseUint(strings.Trim(strings.TrimSpace(value), `"`), 10, 31)
		if err != nil {
			return 0, core.Errorf(core.CodeInvalidRequest, "Write the header as %s: wait=N, with N the seconds to wait, 0 to %d.", headerPrefer, int(maxWait/time.Second)).At(headerPrefer)
		}
		return min(time.Duration(n)*time.Second, maxWait), nil
	}
	return 0, nil
}
