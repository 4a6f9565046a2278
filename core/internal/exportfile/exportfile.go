// Package exportfile writes lists as CSV files and as workbooks, row by row, with memory that
// does not grow with the file.
package exportfile

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/sheet"
)

// roomPrefix begins the names of the directories that workbooks are made in.
const roomPrefix = "zhanggui-export-"

// roomKept is how old such a directory must be before it is taken for one whose program was
// killed: no export takes as long.
const roomKept = 24 * time.Hour

// Files implements core.ExportFiles.
type Files struct{ dir string }

var _ core.ExportFiles = Files{}

// New keeps what workbooks need on disk while they are written below dir; empty: TMPDIR. What a
// program that was killed left there is removed.
func New(dir string, now time.Time) Files {
	if dir == "" {
		dir = os.TempDir()
	}
	left, _ := filepath.Glob(filepath.Join(dir, roomPrefix+"*")) // the pattern is ours
	for _, room := range left {
		if info, err := os.Stat(room); err == nil && now.Sub(info.ModTime()) > roomKept {
			_ = os.RemoveAll(room) // another program's; it will be tried again
		}
	}
	return Files{dir: dir}
}

// NewExportFile implements core.ExportFiles.
func (f Files) NewExportFile(format core.ExportFormat, title string, heading []string, w io.Writer) (core.ExportFile, error) {
	switch format {
	case core.ExportCSV:
		return newCSV(heading, w)
	case core.ExportXLSX:
		return newWorkbook(f.dir, title, heading, w)
	}
	return nil, fmt.Errorf("exportfile: %q is no format", format)
}

// csvFile is UTF-8 with BOM and CRLF.
type csvFile struct {
	out   *csv.Writer
	cells []string
}

func newCSV(heading []string, w io.Writer) (*csvFile, error) {
	if _, err := io.WriteString(w, sheet.BOM); err != nil {
		return nil, err
	}
	f := &csvFile{out: csv.NewWriter(w)}
	f.out.UseCRLF = true
	return f, f.out.Write(heading)
}

// WriteRow implements core.ExportFile.
func (f *csvFile) WriteRow(cells []core.ExportCell) error {
	f.cells = f.cells[:0]
	for _, c := range cells {
		switch c.Kind {
		case core.CellAmount:
			f.cells = append(f.cells, yuan(c.Number))
		case core.CellCount:
			f.cells = append(f.cells, strconv.FormatInt(c.Number, 10))
		case core.CellText:
			f.cells = append(f.cells, sheet.AsText(c.Text))
		}
	}
	return f.out.Write(f.cells)
}

// Finish implements core.ExportFile.
func (f *csvFile) Finish() error {
	f.out.Flush()
	return f.out.Error()
}

// Close implements core.ExportFile. Nothing is kept on disk.
func (f *csvFile) Close() error { return nil }

// yuan writes fen as yuan with two decimals.
func yuan(fen int64) string {
	sign, n := "", uint64(fen) //nolint:gosec // the negative ones are turned below
	if fen < 0 {
		sign, n = "-", -n
	}
	part := strconv.FormatUint(n%100, 10)
	if len(part) < 2 {
		part = "0" + part
	}
	return sign + strconv.FormatUint(n/100, 10) + "." + part
}

// exactFen is up to which amounts a workbook's numbers, which are floats, hold every fen: a float
// has 15 digits that are right.
const exactFen = 1e15

// number is the value of an amount in a workbook: the float nearest to it, which is written with
// as many digits as tell it apart from others: just the amount's. False beyond exactFen.
func number(fen int64) (float64, bool) {
	if fen > exactFen || fen < -exactFen {
		return 0, false
	}
	return float64(fen) / 100, true
}
