// Package payoutfile reads and writes the tables that merchants fill in with a spreadsheet.
package payoutfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/sheet"
)

// The most that a file may hold.
const (
	MaxBytes   = 2 << 20
	MaxRows    = 5000
	maxColumns = 64
)

// Files implements core.PayoutFiles.
type Files struct{}

var _ core.PayoutFiles = Files{}

// Read implements core.PayoutFiles.
func (Files) Read(data []byte) (core.PayoutTable, error) {
	if len(data) > MaxBytes {
		return core.PayoutTable{}, refuse("The file is larger than 2 MiB: divide it.")
	}
	text, encoding, err := sheet.Text(data)
	if err != nil {
		return core.PayoutTable{}, err
	}
	heading, _, _ := strings.Cut(text, "\n")
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord, reader.LazyQuotes, reader.Comma = -1, true, sheet.Delimiter(heading)
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

func refuse(format string, args ...any) error {
	return core.Errorf(core.CodeInvalidFile, format, args...).At("file")
}

// clean takes off what spreadsheets put around a cell, and empty cells at the end.
func clean(record []string) []string {
	cells := make([]string, len(record))
	last := 0
	for i, cell := range record {
		cells[i] = sheet.Clean(cell)
		if cells[i] != "" {
			last = i + 1
		}
	}
	return cells[:last]
}

// Write implements core.PayoutFiles: UTF-8 with BOM. A cell that a spreadsheet would run, and
// digits that it would round, are marked as text.
func (Files) Write(rows [][]string) []byte {
	var out bytes.Buffer
	out.WriteString(sheet.BOM)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = sheet.AsText(cell)
		}
		_ = w.Write(cells) // a buffer takes everything
	}
	w.Flush()
	return out.Bytes()
}
