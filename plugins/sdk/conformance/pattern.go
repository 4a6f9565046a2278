package conformance

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// matching makes a text that a pattern takes, of at least so many characters if it can.
func matching(pattern string, least int) (string, bool) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", false
	}
	parsed = parsed.Simplify()
	whole, err := regexp.Compile(pattern)
	if err != nil {
		return "", false
	}
	// Where the pattern may repeat, it repeats until the text is long enough.
	for times := 1; times <= 1+least; times++ {
		var out strings.Builder
		write(&out, parsed, times)
		if text := out.String(); whole.MatchString(text) && len([]rune(text)) >= least {
			return text, true
		}
	}
	return "", false
}

// write appends what an expression takes. Optional parts are there: they are where mistakes are.
func write(out *strings.Builder, e *syntax.Regexp, times int) {
	switch e.Op {
	case syntax.OpLiteral:
		out.WriteString(string(e.Rune))
	case syntax.OpCharClass:
		out.WriteRune(oneOf(e.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		out.WriteByte('a')
	case syntax.OpCapture, syntax.OpConcat, syntax.OpQuest:
		for _, sub := range e.Sub {
			write(out, sub, times)
		}
	case syntax.OpAlternate:
		write(out, e.Sub[0], times)
	case syntax.OpStar, syntax.OpPlus:
		for range times {
			write(out, e.Sub[0], times)
		}
	case syntax.OpRepeat:
		n := max(e.Min, times)
		if e.Max >= 0 {
			n = min(n, e.Max)
		}
		for range n {
			write(out, e.Sub[0], times)
		}
	default: // the ends of texts, lines and words are not written
	}
}

// oneOf chooses from a class: a digit or letter where it has one, else its first.
func oneOf(ranges []rune) rune {
	for _, wanted := range "7akZ" {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= wanted && wanted <= ranges[i+1] {
				return wanted
			}
		}
	}
	if len(ranges) == 0 {
		return 'a'
	}
	return ranges[0]
}
