package billfile

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/sheet"
)

// The codes of what is wrong with a row, beside those of the file as a whole in package sheet.
const (
	CodeNoColumn  = "missing_column"
	CodeTwice     = "duplicate_column"
	CodeShortRow  = "short_row"
	CodeLongRow   = "long_row"
	CodeOpenQuote = "open_quote"
	CodeTooMany   = "too_many_rows"
	CodeNoRows    = "no_rows"
	CodeNoTrailer = "missing_trailer"
	CodeTotals    = "total_disagrees"
	CodeAmount    = "not_an_amount"
	CodeTime      = "not_a_time"
	CodeNumber    = "not_a_number"
	CodeMissing   = "missing_number"
	CodeKind      = "unknown_kind"
	CodeStatus    = "unknown_status"
	CodeAccount   = "other_account"
)

const (
	unitFen = "fen"
	// maxDigits keeps the sum of all rows of the largest file within an int64.
	maxDigits = 12
	maxNumber = 64
)

// plain are the full-width forms that people and programs write for the plain ones.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '　' || r == '\u00a0':
			return ' '
		}
		return r
	}, text)
}

// amount reads fen or yuan: 1,234.50, ¥12, -0.5, 0.06000. Nothing is rounded.
func amount(text, unit string) (fen int64, ok bool) {
	text = strings.TrimSpace(plain(text))
	text = strings.TrimSpace(strings.TrimSuffix(text, "元"))
	negative := false
	for range 2 { // -¥5 and ¥-5
		if rest, found := strings.CutPrefix(text, "-"); found && !negative {
			negative, text = true, rest
		}
		text = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(text, "¥"), "￥"))
	}
	whole, part, point := strings.Cut(text, ".")
	whole, ok = ungroup(whole)
	if !ok || point && !digits(part) {
		return 0, false
	}
	if unit == unitFen {
		if strings.Trim(part, "0") != "" {
			return 0, false
		}
		part = ""
	} else {
		part += "00"
		if strings.Trim(part[2:], "0") != "" {
			return 0, false
		}
		part = part[:2]
	}
	whole = strings.TrimLeft(whole+part, "0")
	if len(whole) > maxDigits {
		return 0, false
	}
	fen, err := strconv.ParseInt("0"+whole, 10, 64)
	if negative {
		fen = -fen
	}
	return fen, err == nil
}

// ungroup takes the thousands' commas out, where they stand as they should.
func ungroup(whole string) (string, bool) {
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if !digits(g) || i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && len(g) > 3 {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func digits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// moment reads a time in Beijing.
func moment(text, layout string) (time.Time, bool) {
	at, err := time.ParseInLocation(layout, strings.TrimSpace(plain(text)), core.Beijing())
	return at, err == nil && at.Year() >= 2000 && at.Year() < 2100
}

// number refuses what cannot be an order number, above all what a spreadsheet made of one.
func number(text string) bool {
	if len(text) > maxNumber || strings.HasPrefix(text, "=") {
		return false
	}
	mantissa, exponent, found := strings.Cut(strings.ToUpper(text), "E+")
	if found && digits(exponent) && strings.Trim(mantissa, "0123456789.") == "" {
		return false
	}
	return strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) < 0
}

func yuanText(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	return fmt.Sprintf("%s%d.%02d", sign, fen/100, fen%100)
}

// shorten bounds what is repeated of a file that may hold anything.
func shorten(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// words are a part of a sentence in both languages.
type words struct{ en, zh string }

// fault reports what is wrong, with the row and the column in the sentence. Errors: errEnough.
func (r *reading) fault(row int64, column, code, en, zh string, args ...any) error {
	english, chinese := make([]any, len(args)), make([]any, len(args))
	for i, arg := range args {
		english[i], chinese[i] = arg, arg
		if w, ok := arg.(words); ok {
			english[i], chinese[i] = w.en, w.zh
		}
	}
	e := core.BillRowError{Row: row, Column: shorten(column, 100), Code: code}
	where := words{}
	switch {
	case row > 0 && column != "":
		where = words{fmt.Sprintf("Row %d, column “%s”: ", row, e.Column), fmt.Sprintf("第 %d 行“%s”列：", row, e.Column)}
	case row > 0:
		where = words{fmt.Sprintf("Row %d: ", row), fmt.Sprintf("第 %d 行：", row)}
	}
	e.Message = core.Text{EN: where.en + fmt.Sprintf(en, english...), ZH: where.zh + fmt.Sprintf(zh, chinese...)}
	if !r.report(e) {
		return errEnough
	}
	return nil
}

// tooLong and openQuote end the file: what follows cannot be told apart.
func (r *reading) tooLong(line int64) error {
	return &sheet.FileError{Line: line, Code: CodeOpenQuote, Message: core.Text{
		EN: fmt.Sprintf("Row %d: the row is longer than 64 KiB: a quotation mark may be open.", line),
		ZH: fmt.Sprintf("第 %d 行：此行超过 64 KiB，可能有未闭合的引号。", line),
	}}
}

func (r *reading) openQuote(line int64) error {
	return &sheet.FileError{Line: line, Code: CodeOpenQuote, Message: core.Text{
		EN: fmt.Sprintf("Row %d: a quotation mark is open to the end: the file was cut off, or the mark stands alone.", line),
		ZH: fmt.Sprintf("第 %d 行：引号直到文件结尾都未闭合：文件被截断，或引号不成对。", line),
	}}
}
