// Package billfile reads providers' bill files by a mapping of their columns, as a stream.
package billfile

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/sheet"
)

const (
	// maxRecord is the longest row; what is longer is an open quotation mark.
	maxRecord  = 64 << 10
	maxColumns = 256
	// end is a record that no file has (NUL bytes are refused): the file ended where a row ends.
	end = "\x00"
)

// Reader implements core.BillReader.
type Reader struct{}

var _ core.BillReader = Reader{}

// errEnough ends a file that nobody wants to hear more of.
var errEnough = errors.New("billfile: enough errors")

// reading is one file being read.
type reading struct {
	mapping core.BillMapping
	each    func(core.StoredLine) error
	report  func(core.BillRowError) bool

	file    *sheet.Decoder
	fence   *fence
	records *csv.Reader
	skipped int64 // lines before the first record
	last    int64 // line at which the last record began
	places  places
	facts   core.BillFacts
}

// ReadBill implements core.BillReader.
func (Reader) ReadBill(file io.Reader, m core.BillMapping, each func(core.StoredLine) error, report func(core.BillRowError) bool) (core.BillFacts, error) {
	r := &reading{mapping: m, each: each, report: report, facts: core.BillFacts{Sums: map[core.StatedTotal]int64{}}}
	err := r.read(file)
	r.facts.Encoding = r.file.Encoding()
	if problem, ok := errors.AsType[*sheet.FileError](err); ok {
		report(core.BillRowError{Row: problem.Line, Code: problem.Code, Message: problem.Message})
		err = nil
	}
	if errors.Is(err, errEnough) {
		err = nil
	}
	return r.facts, err
}

func (r *reading) read(file io.Reader) error {
	r.file = sheet.NewDecoder(file, map[string]string{"utf-8": sheet.UTF8, "gb18030": sheet.GB18030}[r.mapping.Encoding])
	if err := r.open(); err != nil {
		return err
	}
	heading, err := r.next()
	if err != nil {
		return err
	}
	if heading == nil {
		return r.fault(0, "", CodeNoRows, "The file has no heading.", "文件没有标题行。")
	}
	r.facts.Header = clean(heading)
	if fine, err := r.headings(); err != nil || !fine {
		return err
	}
	for {
		record, err := r.next()
		if err != nil {
			return err
		}
		if record == nil {
			return r.atEnd()
		}
		if prefix := r.mapping.TrailerPrefix; prefix != "" && strings.HasPrefix(sheet.Clean(record[0]), prefix) {
			return r.trailer(record)
		}
		if err := r.row(record); err != nil {
			return err
		}
	}
}

// open passes the lines before the heading and tells the delimiter.
func (r *reading) open() error {
	text := bufio.NewReaderSize(r.file, maxRecord)
	for skip := r.mapping.SkipLines; ; skip-- {
		line, err := text.Peek(maxRecord)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		heading, _, broken := strings.Cut(string(line), "\n")
		if skip <= 0 && (!broken || strings.TrimSpace(heading) != "") {
			r.begin(text, heading)
			return nil
		}
		if !broken && errors.Is(err, io.EOF) { // the file ends among the lines before
			r.begin(strings.NewReader(""), "")
			return nil
		}
		if !broken {
			return r.tooLong(r.skipped + 1)
		}
		if _, err := text.Discard(len(heading) + 1); err != nil {
			return err
		}
		r.skipped++
	}
}

func (r *reading) begin(text io.Reader, heading string) {
	r.fence = &fence{src: text}
	r.fence.pass()
	r.records = csv.NewReader(r.fence)
	r.records.FieldsPerRecord, r.records.LazyQuotes, r.records.ReuseRecord, r.records.Comma = -1, true, true, sheet.Delimiter(heading)
	if r.mapping.Delimiter != "" {
		r.records.Comma = rune(r.mapping.Delimiter[0])
	}
}

// next gives the next record that is not empty; nil at the end.
func (r *reading) next() ([]string, error) {
	for {
		record, err := r.records.Read()
		switch {
		case errors.Is(err, errLong):
			return nil, r.tooLong(r.last + 1)
		case errors.Is(err, io.EOF):
			return nil, nil
		case err != nil:
			return nil, err
		}
		r.fence.pass()
		line := func(field int) int64 {
			n, _ := r.records.FieldPos(field)
			return r.skipped + int64(n)
		}
		if len(record) == 1 && record[0] == end {
			if r.fence.open {
				r.facts.OpenEnd = r.last
			}
			return nil, nil
		}
		if field := len(record) - 1; strings.HasSuffix(record[field], end+"\n") {
			return nil, r.openQuote(line(field))
		}
		r.last = line(0)
		if len(record) > maxColumns {
			return nil, r.fault(r.last, "", CodeLongRow, "The row has %d columns; at most %d are taken.", "此行有 %d 列，最多允许 %d 列。", len(record), maxColumns)
		}
		if slices.ContainsFunc(record, func(cell string) bool { return sheet.Clean(cell) != "" }) {
			return record, nil
		}
	}
}

// atEnd says what is missing when the file ends without a trailer.
func (r *reading) atEnd() error {
	if prefix := r.mapping.TrailerPrefix; prefix != "" {
		return r.fault(r.last, "", CodeNoTrailer, "The file ends here without the line that begins with “%s”: it was cut off.",
			"文件到此结束，缺少以“%s”开头的合计行：文件可能被截断。", prefix)
	}
	return nil
}

func clean(record []string) []string {
	cells := make([]string, len(record))
	last := 0
	for i, cell := range record {
		if cells[i] = sheet.Clean(cell); cells[i] != "" {
			last = i + 1
		}
	}
	return cells[:last]
}

// errLong is how the fence ends a row that does not end.
var errLong = errors.New("billfile: a row does not end")

// fence lets a limited number of bytes pass for each record, so that an open quotation mark
// cannot draw the whole file into memory, and closes the file with the record end.
type fence struct {
	src   io.Reader
	left  int
	last  byte
	open  bool // the file's last line has no line break
	tail  string
	ended bool
}

// pass lets the next record come. The CSV reader reads 4 KiB ahead.
func (f *fence) pass() { f.left = maxRecord + 4096 }

// Read implements io.Reader.
func (f *fence) Read(p []byte) (int, error) {
	if f.ended {
		if f.tail == "" {
			return 0, io.EOF
		}
		n := copy(p, f.tail)
		f.tail = f.tail[n:]
		return n, nil
	}
	if f.left <= 0 {
		return 0, errLong
	}
	n, err := f.src.Read(p[:min(len(p), f.left)])
	f.left -= n
	if n > 0 {
		f.last = p[n-1]
	}
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	f.ended, f.tail = true, end+"\n"
	if f.open = f.last != 0 && f.last != '\n'; f.open {
		f.tail = "\n" + f.tail
	}
	return n, nil
}
