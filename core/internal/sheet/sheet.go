// Package sheet knows how spreadsheets write and read CSV: which encoding a file is in, what
// they put around a cell, and what a cell must look like so that nothing in it runs and no digit
// of it is lost.
package sheet

import (
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// BOM begins a UTF-8 file, so that spreadsheets do not take it for another encoding.
const BOM = "\ufeff"

// longNumber is from how many digits on a spreadsheet shows a number as 6.2E+18.
const longNumber = 12

// blanks are what stands around a cell and says nothing: also full-width and no-break spaces.
const blanks = " \t\r\n\u00a0\u3000" + BOM

// Clean takes off what spreadsheets and providers put around a cell: spaces, ="622588…", and the
// apostrophe or backtick that marks digits as text. Any other formula stays as it is, for the
// caller to refuse.
func Clean(cell string) string {
	cell = strings.Trim(cell, blanks)
	if inner, ok := strings.CutPrefix(cell, `="`); ok {
		if inner, ok := strings.CutSuffix(inner, `"`); ok && !strings.ContainsAny(inner, `"&(`) {
			return strings.Trim(inner, blanks)
		}
	}
	if strings.HasPrefix(cell, "'") || strings.HasPrefix(cell, "`") {
		cell = strings.Trim(cell[1:], blanks)
	}
	return cell
}

// AsText marks as text what a spreadsheet would run, and digits that it would round or shorten.
// What is marked is read again by Clean. A cell that is meant as a number is not to be given here.
func AsText(cell string) string {
	if runs(cell) || rounds(cell) {
		return "'" + cell
	}
	return cell
}

// runs also looks behind quotes and spaces, and at the full-width forms that some programs
// read as the plain ones.
func runs(cell string) bool {
	if cell == "" {
		return false
	}
	if strings.ContainsRune("\t\r\n", rune(cell[0])) {
		return true
	}
	bare := strings.TrimLeft(cell, blanks+`"'`+"`“”‘’")
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(bare, sign) {
			return cell[0] != '\'' // it is text already
		}
	}
	return false
}

// rounds finds digits that are no quantity: long ones, those with a leading zero, and 12E5.
func rounds(cell string) bool {
	if len(cell) < 2 {
		return false
	}
	digits := strings.Trim(cell, "0123456789") == ""
	if digits {
		return len(cell) >= longNumber || cell[0] == '0'
	}
	mantissa, exponent, found := strings.Cut(strings.ToUpper(cell), "E")
	return found && mantissa != "" && exponent != "" && strings.Trim(mantissa, "0123456789.") == "" && strings.Trim(exponent, "0123456789+-") == ""
}

// Delimiter is the comma, or the tab of a file that has no comma in its heading.
func Delimiter(heading string) rune {
	if strings.Contains(heading, "\t") && !strings.Contains(heading, ",") {
		return '\t'
	}
	return ','
}

// FileError says why a file cannot be read on.
type FileError struct {
	Line    int64  // from 1; 0: the file as a whole
	Code    string // a stable word
	Message core.Text
}

// Error implements error.
func (p *FileError) Error() string { return p.Message.EN }

// Unwrap has callers see an error of the code CodeInvalidFile.
func (p *FileError) Unwrap() error {
	return core.Errorf(core.CodeInvalidFile, "%s", p.Message.EN).At("file")
}
