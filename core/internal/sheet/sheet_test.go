package sheet_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/sheet"
)

func gb18030(t *testing.T, text string) string {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestEncodingsAreTold: whatever the size of the file's first ASCII part and wherever the parts
// end that are read at once.
func TestEncodingsAreTold(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a,b\n", 40_000) // more than is looked at
	chinese := strings.Repeat("订单号,金额\n", 20_000)
	for name, tt := range map[string]struct{ file, want, encoding string }{
		"empty":              {"", "", sheet.UTF8},
		"ASCII":              {"a,b\n1,2\n", "a,b\n1,2\n", sheet.UTF8},
		"UTF-8":              {"姓名\n张三\n", "姓名\n张三\n", sheet.UTF8},
		"BOM":                {"\ufeff姓名\n", "姓名\n", sheet.UTF8},
		"GB18030":            {gb18030(t, "姓名\n张三\n"), "姓名\n张三\n", sheet.GB18030},
		"GB18030, four":      {gb18030(t, "㐂𠮷\n"), "㐂𠮷\n", sheet.GB18030},
		"UTF-8 late":         {long + chinese, long + chinese, sheet.UTF8},
		"GB18030 late":       {long + gb18030(t, chinese), long + chinese, sheet.GB18030},
		"UTF-8 odd borders":  {"a" + chinese, "a" + chinese, sheet.UTF8},
		"GB18030 odd border": {gb18030(t, "a"+chinese), "a" + chinese, sheet.GB18030},
	} {
		d := sheet.NewDecoder(iotest.HalfReader(strings.NewReader(tt.file)), "")
		got, err := io.ReadAll(d)
		if err != nil || string(got) != tt.want || d.Encoding() != tt.encoding {
			t.Errorf("%s: %d bytes in %s, want %d in %s, %v", name, len(got), d.Encoding(), len(tt.want), tt.encoding, err)
		}
	}
}

func TestWhatIsNoTextIsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file, encoding, code string
		line                 int64
	}{
		"workbook":               {"PK\x03\x04abc", "", sheet.CodeNotCSV, 0},
		"old workbook":           {"\xd0\xcf\x11\xe0abc", "", sheet.CodeNotCSV, 0},
		"UTF-16":                 {"\xff\xfea\x00", "", sheet.CodeEncoding, 0},
		"UTF-16 big":             {"\xfe\xff\x00a", "", sheet.CodeEncoding, 0},
		"NUL":                    {"a\nb\x00\n", "", sheet.CodeNotCSV, 2},
		"NUL after half a rune":  {"a\n姓\xe5\x00\n", "", sheet.CodeEncoding, 2},
		"NUL after half, GB":     {gb18030(t, "姓名") + "\xd5\x00", "", sheet.CodeEncoding, 1},
		"neither":                {"a\nb\n\xff\xff\xff\n", "", sheet.CodeEncoding, 3},
		"UTF-8, then GB18030":    {strings.Repeat("姓名,金额\n", 9000) + gb18030(t, "张三\n"), "", sheet.CodeEncoding, 9001},
		"GB18030, then UTF-8":    {gb18030(t, strings.Repeat("姓名,金额\n", 9000)) + "\xff\n", "", sheet.CodeEncoding, 9001},
		"cut within a character": {"姓名\n张\xe4\xb8", "", sheet.CodeEncoding, 2},
		"said to be UTF-8":       {gb18030(t, "姓名\n"), sheet.UTF8, sheet.CodeEncoding, 1},
		"said to be GB18030":     {"\ufeff姓名\n", sheet.GB18030, sheet.CodeEncoding, 0},
	} {
		_, err := io.ReadAll(sheet.NewDecoder(strings.NewReader(tt.file), tt.encoding))
		p, ok := errors.AsType[*sheet.FileError](err)
		if !ok || p.Code != tt.code || p.Line != tt.line || p.Message.ZH == "" || core.CodeOf(err) != core.CodeInvalidFile {
			t.Errorf("%s: %v (%+v)", name, err, p)
		}
	}
	broken := errors.New("the disk is gone")
	if _, err := io.ReadAll(sheet.NewDecoder(io.MultiReader(strings.NewReader("a"), iotest.ErrReader(broken)), "")); !errors.Is(err, broken) {
		t.Errorf("the file's own error: %v", err)
	}
}

func TestCells(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"12.50 \t": "12.50", "`26112300010000000001": "26112300010000000001", "'0012": "0012", `="6217"`: "6217", "　张三　": "张三", "\ufeff订单号\t": "订单号",
		`=HYPERLINK("x")`: `=HYPERLINK("x")`, `="a"&"b"`: `="a"&"b"`, "": "",
	} {
		if got := sheet.Clean(cell); got != want {
			t.Errorf("Clean(%q) = %q, want %q", cell, got, want)
		}
	}
}

// TestNothingRunsAndNoDigitIsLost: what a spreadsheet would run, round or shorten is text.
func TestNothingRunsAndNoDigitIsLost(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{
		"=1+1", "+86", "-5", "@SUM(A1)", "\tx", "\rx", "\n=1", " =1", `"=1`, "　=1", "＝1+1", "＋1", "－1", "＠x", "“=1", "`=1",
		"26112300010000000001", "123456789012", "007", "00", "12E5", "1e10", "1.5E+3", "9e-2",
	} {
		if got := sheet.AsText(cell); got != "'"+cell {
			t.Errorf("AsText(%q) = %q", cell, got)
		}
	}
	for _, cell := range []string{"", "0", "12.50", "12345678901", "张三", "'=1+1", "E5", "5E", "a=b", "pay_01ARZ3", "2026-11-28 00:00:00"} {
		if got := sheet.AsText(cell); got != cell {
			t.Errorf("AsText(%q) = %q", cell, got)
		}
	}
}

// FuzzDecoder: whatever a file holds, it is refused with a sentence or is UTF-8, and the same
// whether it comes at once or in pieces.
func FuzzDecoder(f *testing.F) {
	for _, seed := range []string{"a,b\n", "\ufeff金额\n", "\xbd\xf0\xb6\xee\n1\n", "PK\x03\x04", "a\x00", "姓名\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, encoding, err := sheet.Text(data)
		if err != nil && core.CodeOf(err) != core.CodeInvalidFile {
			t.Fatal(err)
		}
		d := sheet.NewDecoder(iotest.OneByteReader(bytes.NewReader(data)), "")
		pieces, err2 := io.ReadAll(d)
		if (err == nil) != (err2 == nil) || err == nil && (string(pieces) != text || d.Encoding() != encoding || strings.ToValidUTF8(text, "") != text) {
			t.Fatalf("%q, %v in one; %q, %v in pieces", text, err, pieces, err2)
		}
	})
}
