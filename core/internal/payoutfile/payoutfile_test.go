package payoutfile_test

import (
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/payoutfile"
)

func gb18030(t *testing.T, text string) []byte {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFilesThatSpreadsheetsWrite(t *testing.T) {
	t.Parallel()
	const plain = "收款人姓名,收款账号,金额（元）\r\n张三,6217715555555555,12.50\r\n"
	want := core.PayoutTable{
		Encoding: "UTF-8", Header: []string{"收款人姓名", "收款账号", "金额（元）"}, Rows: [][]string{{"张三", "6217715555555555", "12.50"}}, Lines: []int{2},
	}
	chinese := want
	chinese.Encoding = "GB18030"
	blank := want
	blank.Lines = []int{4}
	for name, tt := range map[string]struct {
		file []byte
		want core.PayoutTable
	}{
		"plain":            {[]byte(plain), want},
		"with a BOM":       {[]byte("\ufeff" + plain), want},
		"GB18030":          {gb18030(t, plain), chinese},
		"quoted":           {[]byte("\"收款人姓名\",\"收款账号\",\"金额（元）\"\n\"张三\",\"6217715555555555\",\"12.50\"\n"), want},
		"digits as text":   {[]byte("收款人姓名,收款账号,金额（元）\n=\"张三\",=\"6217715555555555\",'12.50\n"), want},
		"quoted formula":   {[]byte("收款人姓名,收款账号,金额（元）\n张三,\"=\"\"6217715555555555\"\"\",12.50\n"), want},
		"tabs":             {[]byte("收款人姓名\t收款账号\t金额（元）\n张三\t6217715555555555\t12.50\n"), want},
		"spaces and blank": {[]byte("收款人姓名 ,收款账号,金额（元）,,\n,,,\n\n 张三　, 6217715555555555,12.50,,\n"), blank},
	} {
		got, err := payoutfile.Files{}.Read(tt.file)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"empty": "", "a heading alone": "金额\n", "a workbook": "PK\x03\x04abc", "UTF-16": "\xff\xfea\x00", "NUL": "a,b\n1,\x00\n",
		"no encoding": "姓名\n\xff\xff\xff\n", "too large": strings.Repeat("a", payoutfile.MaxBytes+1),
		"too many rows": "a\n" + strings.Repeat("1\n", payoutfile.MaxRows+1), "too wide": "a\n" + strings.Repeat("1,", 70) + "1\n",
	} {
		if _, err := (payoutfile.Files{}).Read([]byte(file)); core.CodeOf(err) != core.CodeInvalidFile {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := (payoutfile.Files{}).Read([]byte("a\n" + strings.Repeat("1\n", payoutfile.MaxRows))); err != nil || len(got.Rows) != payoutfile.MaxRows {
		t.Errorf("%d rows: %v", len(got.Rows), err)
	}
}

// TestNothingRunsInASpreadsheet: whatever a cell begins with, it is text.
func TestNothingRunsInASpreadsheet(t *testing.T) {
	t.Parallel()
	out := string(payoutfile.Files{}.Write([][]string{{"=1+1", "+86", "-5", "@x", "\tx", "\rx", "张*", "26112300010000000001", "12.50"}}))
	want := "\ufeff'=1+1,'+86,'-5,'@x,'\tx,\"'x\",张*,'26112300010000000001,12.50\r\n"
	if out != want {
		t.Errorf("%q\nwant %q", out, want)
	}
	// A formula in a cell reaches the caller as it is, and is not taken for text.
	got, err := payoutfile.Files{}.Read([]byte("a\n\"=HYPERLINK(\"\"http://x\"\")\"\n\"=\"\"a\"\"&\"\"b\"\"\"\n"))
	if err != nil || !strings.HasPrefix(got.Rows[0][0], "=HYPERLINK") || !strings.HasPrefix(got.Rows[1][0], "=") {
		t.Errorf("%+v, %v", got, err)
	}
}

// FuzzRead: whatever is uploaded is refused with a sentence or is a table within the limits,
// and what is written of it runs nothing.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\ufeff金额,\"x\"\r\n=\"1\",'2\r\n", "a\tb\n\"\"\"\n", "\xbd\xf0\xb6\xee\n1\n", "PK\x03\x04", "a\n=cmd|' /C calc'!A0\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := payoutfile.Files{}.Read(data)
		if err != nil {
			if core.CodeOf(err) != core.CodeInvalidFile {
				t.Fatalf("%v", err)
			}
			return
		}
		if len(table.Rows) == 0 || len(table.Rows) > payoutfile.MaxRows || len(table.Rows) != len(table.Lines) {
			t.Fatalf("%d rows, %d lines", len(table.Rows), len(table.Lines))
		}
		for _, row := range table.Rows {
			for _, cell := range row {
				written := strings.TrimPrefix(string(payoutfile.Files{}.Write([][]string{{cell}})), "\ufeff")
				if first := strings.TrimPrefix(written, `"`); first != "" && strings.ContainsRune("=+-@\t", rune(first[0])) {
					t.Fatalf("%q is written as %q", cell, written)
				}
			}
		}
	})
}
