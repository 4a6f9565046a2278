package exportfile

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/sheet"
)

// hostile is what a payer or a merchant may write into a text field, and digits that must stay.
func hostile() []string {
	return []string{
		`=HYPERLINK("http://evil.example","click")`, "+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "\t=1+1", "\r=1+1", " =1+1",
		`"=1+1`, "'=1+1", "＝1+1", "＋1", "－1", "＠SUM(1)", "=1+1\n=2+2", `=DDE("cmd","/C calc","x")`,
		"26112800010000000001", "00012345", "12E5", "6217710000000001", "1-2", "a,b", `say "hi"`, "two\r\nlines", "茶 🍵", "<b>&amp;</b>", "  spaces  ", "]]>", "_x0041_",
	}
}

func heading() []string { return []string{"平台订单号", "Amount (yuan)", "Count"} }

func write(t *testing.T, f core.ExportFile, texts []string, amounts ...int64) {
	t.Helper()
	for i, text := range texts {
		amount := int64(i)
		if i < len(amounts) {
			amount = amounts[i]
		}
		if err := f.WriteRow([]core.ExportCell{{Text: text}, {Kind: core.CellAmount, Number: amount}, {Kind: core.CellCount, Number: int64(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func make1(t *testing.T, format core.ExportFormat, texts []string, amounts ...int64) []byte {
	t.Helper()
	var out bytes.Buffer
	f, err := New(t.TempDir(), time.Now()).NewExportFile(format, "支付订单", heading(), &out)
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, texts, amounts...)
	return out.Bytes()
}

func TestCSVKeepsEveryCharacterAndRunsNothing(t *testing.T) {
	t.Parallel()
	out := make1(t, core.ExportCSV, hostile(), 0, 1, -1, 123450, 9999999999, -9223372036854775808)
	if !bytes.HasPrefix(out, []byte(sheet.BOM+"平台订单号,Amount (yuan),Count\r\n")) {
		t.Fatalf("%q", out[:60])
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(out, []byte(sheet.BOM)))).ReadAll()
	if err != nil || len(rows) != len(hostile())+1 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	for i, want := range hostile() {
		got := rows[i+1][0]
		bare := strings.TrimPrefix(got, "'")
		// A line that ends within a cell ends as the file's lines do, which a reader gives as LF.
		if wanted := strings.ReplaceAll(want, "\r", ""); bare != wanted && got != wanted {
			t.Errorf("%q became %q", want, got)
		}
		if got == want && strings.ContainsAny(string([]rune(strings.TrimLeft(want, " \t\r\"'"))[:1]), "=+-@＝＋－＠") && want[0] != '\'' {
			t.Errorf("%q runs", got)
		}
	}
	for i, want := range []string{"0.00", "0.01", "-0.01", "1234.50", "99999999.99", "-92233720368547758.08"} {
		if rows[i+1][1] != want {
			t.Errorf("amount %q, want %q", rows[i+1][1], want)
		}
	}
}

func TestWorkbookKeepsEveryCharacterAndRunsNothing(t *testing.T) {
	t.Parallel()
	amounts := []int64{0, 1, -1, 123450, 9999999999, exactFen, exactFen - 1, 100000000000029, exactFen + 1, 10, 57, 115, 1999}
	out := make1(t, core.ExportXLSX, hostile(), amounts...)
	book, err := excelize.OpenReader(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	rows, err := book.GetRows("支付订单", excelize.Options{RawCellValue: true})
	if err != nil || len(rows) != len(hostile())+1 || strings.Join(rows[0], "|") != strings.Join(heading(), "|") {
		t.Fatalf("%d rows %v: %v", len(rows), rows[:1], err)
	}
	for i, want := range hostile() {
		at := "A" + strconv.Itoa(i+2)
		// The reader, as XML has it, gives CR as LF.
		if got := rows[i+1][0]; got != strings.ReplaceAll(strings.ReplaceAll(want, "\r\n", "\n"), "\r", "\n") && got != want {
			t.Errorf("%q became %q", want, got)
		}
		kind, err := book.GetCellType("支付订单", at)
		if err != nil || kind != excelize.CellTypeInlineString {
			t.Errorf("%s is of type %d: %v", at, kind, err)
		}
		if formula, err := book.GetCellFormula("支付订单", at); err != nil || formula != "" {
			t.Errorf("%s runs %q: %v", at, formula, err)
		}
	}
	for i, fen := range amounts {
		whole, part, _ := strings.Cut(rows[i+1][1], ".")
		if len(part) > 2 || whole+"."+(part + "00")[:2] != yuan(fen) {
			t.Errorf("%d fen became %q", fen, rows[i+1][1])
		}
	}
	shown, err := book.GetRows("支付订单")
	if err != nil || shown[4][1] != "1234.50" || shown[2][1] != "0.01" {
		t.Errorf("amounts are shown as %q and %q: %v", shown[4][1], shown[2][1], err)
	}
}

// TestEveryAmountIsExactInAWorkbook reads the numbers as they stand in the file.
func TestEveryAmountIsExactInAWorkbook(t *testing.T) {
	t.Parallel()
	for step := int64(1); step < exactFen; step = step*3 + 7 {
		for _, fen := range []int64{step, -step, step + 1, step*2 - 1} {
			n, exact := number(fen)
			if want := fen > exactFen || fen < -exactFen; want == exact {
				t.Fatalf("%d fen: exact %t", fen, exact)
			}
			if !exact {
				continue
			}
			text := strconv.FormatFloat(n, 'f', -1, 64)
			whole, part, _ := strings.Cut(text, ".")
			if whole+"."+(part + "00")[:2] != yuan(fen) || len(part) > 2 {
				t.Fatalf("%d fen is written as %s", fen, text)
			}
		}
	}
}

func TestALongListGoesOnInAFurtherSheet(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	f, err := newWorkbook(t.TempDir(), "Payments", heading(), &out)
	if err != nil {
		t.Fatal(err)
	}
	f.most = 10
	texts := make([]string, 25)
	for i := range texts {
		texts[i] = fmt.Sprintf("261128%014d", i)
	}
	write(t, f, texts)
	book, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	var got []string
	for i, name := range []string{"Payments", "Payments 2", "Payments 3"} {
		rows, err := book.GetRows(name)
		if err != nil || len(rows) != []int{11, 11, 6}[i] || rows[0][0] != heading()[0] {
			t.Fatalf("%s: %d rows: %v", name, len(rows), err)
		}
		for _, r := range rows[1:] {
			got = append(got, r[0])
		}
	}
	if strings.Join(got, " ") != strings.Join(texts, " ") || len(book.GetSheetList()) != 3 {
		t.Errorf("%v in %v", got, book.GetSheetList())
	}
	if sheetRows != 1048575 {
		t.Errorf("a sheet takes %d rows below its heading", sheetRows)
	}
}

func TestATextThatDoesNotFitSaysSo(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("茶🍵", 20000)
	book, err := excelize.OpenReader(bytes.NewReader(make1(t, core.ExportXLSX, []string{long, strings.Repeat("x", cellText)})))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	rows, err := book.GetRows("支付订单")
	if err != nil {
		t.Fatal(err)
	}
	cut, mark, found := strings.Cut(rows[1][0], "… [")
	if !found || !strings.HasPrefix(long, cut) || utf16Length(rows[1][0]) > cellText || !strings.HasSuffix(mark, " more in CSV]") {
		t.Errorf("%d units end in %q", utf16Length(rows[1][0]), mark)
	}
	if rows[2][0] != strings.Repeat("x", cellText) {
		t.Error("a text that fits was cut")
	}
}

// TestNothingIsLeftOnDisk: of a workbook that spilled, finished or not, and of a program that died.
func TestNothingIsLeftOnDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	left := func() int {
		found, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	for _, finish := range []bool{true, false} {
		f, err := New(dir, time.Now()).NewExportFile(core.ExportXLSX, "X", heading(), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		big := core.ExportCell{Text: strings.Repeat("y", 30000)}
		for range 700 { // beyond the 16 MiB that are kept in memory
			if err := f.WriteRow([]core.ExportCell{big, {}, {}}); err != nil {
				t.Fatal(err)
			}
		}
		rooms, err := filepath.Glob(filepath.Join(dir, roomPrefix+"*", "*"))
		if err != nil || len(rooms) == 0 {
			t.Errorf("nothing was spilled: %v %v", rooms, err)
		}
		if finish {
			if err := f.Finish(); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Close(); err != nil || left() != 0 {
			t.Errorf("%d left: %v", left(), err)
		}
	}
	dead, alive := filepath.Join(dir, roomPrefix+"dead"), filepath.Join(dir, roomPrefix+"alive")
	for _, room := range []string{dead, alive} {
		if err := os.MkdirAll(filepath.Join(room, "x"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-2 * roomKept)
	if err := os.Chtimes(dead, old, old); err != nil {
		t.Fatal(err)
	}
	New(dir, time.Now())
	if _, err := os.Stat(dead); !os.IsNotExist(err) || left() != 1 {
		t.Errorf("%d left: %v", left(), err)
	}
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errors.New("no more")
	}
	return len(p), nil
}

func TestWhatCannotBeWrittenIsSaid(t *testing.T) {
	t.Parallel()
	for _, format := range []core.ExportFormat{core.ExportCSV, core.ExportXLSX} {
		f, err := New(t.TempDir(), time.Now()).NewExportFile(format, "X", heading(), &failing{after: 100})
		if err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			if err = f.WriteRow([]core.ExportCell{{Text: "some text"}, {}, {}}); err != nil {
				break
			}
		}
		if err == nil {
			err = f.Finish()
		}
		if err == nil || f.Close() != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
	if _, err := New(filepath.Join(t.TempDir(), "none"), time.Now()).NewExportFile(core.ExportXLSX, "X", heading(), io.Discard); err == nil || !strings.Contains(err.Error(), "TMPDIR") {
		t.Errorf("without room on disk: %v", err)
	}
	if _, err := New("", time.Now()).NewExportFile("pdf", "X", heading(), io.Discard); err == nil {
		t.Error("there is a third format")
	}
}

// TestAWorkbookLeavesAsItIsMade: not from a copy in memory.
func TestAWorkbookLeavesAsItIsMade(t *testing.T) {
	t.Parallel()
	largest := 0
	var out bytes.Buffer
	f, err := New(t.TempDir(), time.Now()).NewExportFile(core.ExportXLSX, "X", heading(), writerFunc(func(p []byte) (int, error) {
		largest = max(largest, len(p))
		return out.Write(p)
	}))
	if err != nil {
		t.Fatal(err)
	}
	texts := make([]string, 20000)
	for i := range texts {
		texts[i] = core.NewID(time.Now()).String()
	}
	write(t, f, texts)
	if largest > out.Len()/4 {
		t.Errorf("%d of %d bytes came at once", largest, out.Len())
	}
	if _, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len())); err != nil {
		t.Error(err)
	}
}

type writerFunc func(p []byte) (int, error)

func (w writerFunc) Write(p []byte) (int, error) { return w(p) }
