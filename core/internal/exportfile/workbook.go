package exportfile

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// sheetRows is how many rows a sheet takes below its heading: a spreadsheet has 1,048,576.
	sheetRows = 1<<20 - 1
	// sheetText is how much text a sheet takes: its parts beyond 4 GiB would need another form.
	sheetText = 1 << 30
	// cellText is how many UTF-16 units a cell takes.
	cellText = 32767
	// The number formats 0.00 and @ (text), as workbooks number them.
	formatAmount = 2
	formatText   = 49
)

// workbook is an XLSX file. Its sheets are kept on disk, in a directory of their own, until
// Finish: the format puts them behind what is known only then.
type workbook struct {
	out     io.Writer
	room    string
	book    *excelize.File
	sheet   *excelize.StreamWriter
	title   string
	heading []string
	sheets  int
	rows    int // of the sheet, without the heading
	text    int // of the sheet, bytes
	most    int // rows of a sheet
	bold    int
	amount  int
	words   int
	values  []any
}

func newWorkbook(dir, title string, heading []string, w io.Writer) (*workbook, error) {
	// The library would keep everything in memory, without a word, if it found no room on disk.
	room, err := os.MkdirTemp(dir, roomPrefix)
	if err != nil {
		return nil, fmt.Errorf("exportfile: a workbook needs room on disk (TMPDIR): %w", err)
	}
	f := &workbook{out: w, room: room, title: title, heading: heading, most: sheetRows, book: excelize.NewFile(excelize.Options{TmpDir: room})}
	// The library would make the whole file in memory; its buffer stays empty this way.
	f.book.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(w) })
	if err := f.begin(); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func (f *workbook) begin() (err error) {
	if f.bold, err = f.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: formatText}); err != nil {
		return err
	}
	if f.amount, err = f.book.NewStyle(&excelize.Style{NumFmt: formatAmount}); err != nil {
		return err
	}
	if f.words, err = f.book.NewStyle(&excelize.Style{NumFmt: formatText}); err != nil {
		return err
	}
	return f.nextSheet()
}

// nextSheet ends a sheet and begins another, with the heading again.
func (f *workbook) nextSheet() (err error) {
	f.sheets++
	name := f.title
	if f.sheets == 1 {
		err = f.book.SetSheetName(f.book.GetSheetName(0), name)
	} else {
		if err := f.sheet.Flush(); err != nil {
			return err
		}
		name += " " + strconv.Itoa(f.sheets)
		_, err = f.book.NewSheet(name)
	}
	if err != nil {
		return err
	}
	if f.sheet, err = f.book.NewStreamWriter(name); err != nil {
		return err
	}
	if err := f.sheet.SetColWidth(1, len(f.heading), 22); err != nil {
		return err
	}
	if err := f.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	cells := make([]any, len(f.heading))
	for i, h := range f.heading {
		cells[i] = excelize.Cell{StyleID: f.bold, Value: h}
	}
	f.rows, f.text = 0, 0
	return f.sheet.SetRow("A1", cells)
}

// WriteRow implements core.ExportFile.
func (f *workbook) WriteRow(cells []core.ExportCell) error {
	if f.rows == f.most || f.text > sheetText {
		if err := f.nextSheet(); err != nil {
			return err
		}
	}
	f.values = f.values[:0]
	for _, c := range cells {
		f.values = append(f.values, f.value(c))
	}
	f.rows++
	return f.sheet.SetRow("A"+strconv.Itoa(f.rows+1), f.values)
}

// value makes every text a cell that is text by its type: nothing in it runs, and digits stay.
func (f *workbook) value(c core.ExportCell) any {
	text := c.Text
	switch c.Kind {
	case core.CellCount:
		return c.Number
	case core.CellAmount:
		if n, exact := number(c.Number); exact {
			return excelize.Cell{StyleID: f.amount, Value: n}
		}
		text = yuan(c.Number)
	case core.CellText:
	}
	if text == "" {
		return nil
	}
	f.text += len(text)
	return excelize.Cell{StyleID: f.words, Value: fitting(text)}
}

// fitting says in the cell itself what a spreadsheet has no room for.
func fitting(text string) string {
	if len(text) <= cellText || utf16Length(text) <= cellText {
		return text
	}
	total, used, at := utf16Length(text), 0, 0
	const mark = 40 // room for the sentence
	for i, r := range text {
		if used += utf16.RuneLen(r); used > cellText-mark {
			break
		}
		at = i + utf8.RuneLen(r)
	}
	return text[:at] + "… [" + strconv.Itoa(total-utf16Length(text[:at])) + " more in CSV]"
}

func utf16Length(text string) (n int) {
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// Finish implements core.ExportFile.
func (f *workbook) Finish() error {
	if err := f.sheet.Flush(); err != nil {
		return err
	}
	return f.book.Write(f.out)
}

// Close implements core.ExportFile.
func (f *workbook) Close() error {
	err := f.book.Close()
	if removed := os.RemoveAll(f.room); err == nil {
		err = removed
	}
	return err
}
