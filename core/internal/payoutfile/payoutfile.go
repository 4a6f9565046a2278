// Package payoutfile reads and writes the tables that merchants fill in with a spreadsheet.
package payoutfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The most that a file may hold.
const (
	MaxBytes   = 2 << 20
	MaxRows    = 5000
	maxColumns = 64
)

// bom begins a UTF-8 file, so that spreadsheets do not take it for another encoding.
const bom = "\ufeff"

// longNumber is from how many digits on a spreadsheet shows a number as 6.2E+18.
const longNumber = 12

// Files implements core.PayoutFiles.
type Files struct{}

var _ core.PayoutFiles = Files{}

// Read implements core.PayoutFiles.
func (Files) Read(data []byte) (core.PayoutTable, error) {
	text, encoding, err := decode(data)
	if err != nil {
		return core.PayoutTable{}, err
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord, reader.LazyQuotes, reader.Comma = -1, true, delimiter(text)
	t := core.PayoutTable{Encoding: encoding}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, _ := reader.FieldPos(0)
			return t, refuse("The file cannot be read as CSV near line %d: a quotation mark may be open.", line)
		}
		line, _ := reader.FieldPos(0)
		cells := clean(record)
		switch {
		case len(cells) == 0: // an empty line
		case len(cells) > maxColumns:
			return t, refuse("Line %d has %d columns; at most %d are taken.", line, len(cells), maxColumns)
		case t.Header == nil:
			t.Header = cells
		case len(t.Rows) == MaxRows:
			return t, refuse("The file has more than %d rows: divide it.", MaxRows)
		default:
			t.Rows, t.Lines = append(t.Rows, cells), append(t.Lines, line)
		}
	}
	if t.Header == nil || len(t.Rows) == 0 {
		return t, refuse("The file has no rows below its heading.")
	}
	return t, nil
}

// decode tells UTF-8 from GB18030: what is valid UTF-8 is hardly ever meant as something else.
func decode(data []byte) (text, encoding string, err error) {
	switch {
	case len(data) > MaxBytes:
		return "", "", refuse("The file is larger than 2 MiB: divide it.")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return "", "", refuse("This is a workbook, not a CSV file: save it as CSV UTF-8.")
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return "", "", refuse("The file is in UTF-16: save it as CSV UTF-8.")
	case bytes.IndexByte(data, 0) >= 0:
		return "", "", refuse("The file holds NUL bytes and is no CSV file.")
	case utf8.Valid(data):
		return strings.TrimPrefix(string(data), bom), "UTF-8", nil
	}
	raw, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(raw, utf8.RuneError) {
		return "", "", refuse("The file is in neither UTF-8 nor GB18030: save it as CSV UTF-8.")
	}
	return string(raw), "GB18030", nil
}

func refuse(format string, args ...any) error {
	return core.Errorf(core.CodeInvalidFile, format, args...).At("file")
}

// delimiter is the comma, or the tab of a file that has no comma in its heading.
func delimiter(text string) rune {
	heading, _, _ := strings.Cut(text, "\n")
	if strings.Contains(heading, "\t") && !strings.Contains(heading, ",") {
		return '\t'
	}
	return ','
}

// clean takes off what spreadsheets put around a cell, and empty cells at the end.
func clean(record []string) []string {
	cells := make([]string, len(record))
	last := 0
	for i, cell := range record {
		cells[i] = unwrap(strings.Trim(cell, " \t\r\n\u00a0\u3000"+bom))
		if cells[i] != "" {
			last = i + 1
		}
	}
	return cells[:last]
}

// unwrap gives the text of ="622588…" and of '622588…, the ways in which a spreadsheet is told
// that digits are text. Any other formula stays as it is, for the caller to refuse.
func unwrap(cell string) string {
	if inner, ok := strings.CutPrefix(cell, `="`); ok {
		if inner, ok := strings.CutSuffix(inner, `"`); ok && !strings.ContainsAny(inner, `"&(`) {
			return strings.TrimSpace(inner)
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(cell, "'"))
}

// Write implements core.PayoutFiles: UTF-8 with BOM. A cell that a spreadsheet would run, and
// digits that it would round, are marked as text.
func (Files) Write(rows [][]string) []byte {
	var out bytes.Buffer
	out.WriteString(bom)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = asText(cell)
		}
		_ = w.Write(cells) // a buffer takes everything
	}
	w.Flush()
	return out.Bytes()
}

func asText(cell string) string {
	if cell == "" {
		return cell
	}
	if strings.ContainsRune("=+-@\t\r", rune(cell[0])) || len(cell) >= longNumber && strings.Trim(cell, "0123456789") == "" {
		return "'" + cell
	}
	return cell
}
