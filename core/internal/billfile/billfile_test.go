package billfile_test

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/billfile"
)

// result is what reading a file gave.
type result struct {
	facts core.BillFacts
	lines []core.StoredLine
	wrong []core.BillRowError
	err   error
}

func read(file io.Reader, m core.BillMapping) (r result) {
	r.facts, r.err = billfile.Reader{}.ReadBill(file, m, func(l core.StoredLine) error {
		r.lines = append(r.lines, l)
		return nil
	}, func(e core.BillRowError) bool {
		r.wrong = append(r.wrong, e)
		return len(r.wrong) < 100
	})
	return r
}

func gb18030(t *testing.T, text string) string {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// before is a file that was cut off where something began.
func before(file, what string) string {
	head, _, _ := strings.Cut(file, what)
	return head
}

func at(text string) time.Time {
	when, err := time.ParseInLocation("2006-01-02 15:04:05", text, core.Beijing())
	if err != nil {
		panic(err)
	}
	return when
}

// The shapes of three well-known bills.
const (
	// Every cell begins with a backtick; the totals stand below a second heading.
	backticks = "\ufeff交易时间,公众账号ID,商户号,微信订单号,商户订单号,交易状态,应结订单金额,微信退款单号,商户退款单号,退款金额,退款状态,商品名称,手续费\r\n" +
		"`2026-11-27 16:33:45,`wx2421,`1900000109,`1001690740201411100005734289,`26112700010000000001,`SUCCESS,`1234.50,`0,`,`0.00,`,`Mac \"mini\",`7.40700\r\n" +
		"`2026-11-27 17:00:00,`wx2421,`1900000109,`1001690740201411100005734290,`26112700010000000002,`REFUND,`20.00,`2008450740201411110000174436,`26112700010000000003,`5.50,`SUCCESS,`茶，一杯,`-0.03000\r\n" +
		"`2026-11-27 18:00:00,`wx2421,`1900000109,`1001690740201411100005734291,`26112700010000000004,`REVOKED,`1.00,`0,`,`0.00,`,`x,`0.00000\r\n" +
		"总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额\r\n`3,`1234.50,`5.50,`0.00,`7.38\r\n"
	// Lines beginning with # above and below; tabs within the cells; refunds by sign.
	hashes = "#账务明细查询\n#账号：[20885012345678901561]\n#起始日期：[2026年11月27日 00:00:00]   终止日期：[2026年11月28日 00:00:00]\n#----------账务明细列表----------\n" +
		"账务流水号,业务流水号,商户订单号,商品名称,发生时间,收入金额（+元）,交易渠道,业务类型\n" +
		"2019\t,20261127220014\t,26112700010000000001\t,饮料\t,2026/11/27 09:05:01\t,\"1,234.50\t\",支付宝\t,交易付款\t\n" +
		"2020\t,20261127220015\t,26112700010000000002\t,饮料\t,2026/11/27 23:59:59\t,-5.00\t,支付宝\t,交易退款\t\n" +
		"#----------账务明细列表结束----------\n#交易合计：2笔\n"
	// Tab-separated, fen with leading zeros, no line of totals.
	tabs = "清算日期\t交易时间\t查询流水号\t商户订单号\t交易金额\t交易类型\t应答码\t商户号\n" +
		"1127\t20261127103000\t201611271030001\t26112700010000000001\t000000123450\t01\t00\t777290058110048\n" +
		"1127\t20261127103100\t201611271031001\t26112700010000000002\t000000000500\t04\t00\t777290058110048\n" +
		"1127\t20261127103200\t201611271032001\t26112700010000000003\t000000000700\t01\t05\t777290058110048\n"
)

func backtickMapping() core.BillMapping {
	return core.BillMapping{
		Columns: map[string]string{
			"time": "交易时间", "merchant_no": "商户号", "provider_order_no": "微信订单号", "order_no": "商户订单号", "kind": "交易状态", "amount": "应结订单金额",
			"provider_refund_no": "微信退款单号", "refund_no": "商户退款单号", "refund_amount": "退款金额", "fee": "手续费",
		},
		Unit: "yuan", TimeFormat: "2006-01-02 15:04:05", Kinds: map[string]string{"SUCCESS": "payment", "REFUND": "refund", "REVOKED": "reversal"},
		TrailerPrefix: "总交易单数", TrailerBelow: true, TrailerCount: 1, TrailerAmount: 2, TotalOf: core.TotalPayments, MerchantNo: "1900000109",
	}
}

func hashMapping() core.BillMapping {
	return core.BillMapping{
		SkipLines: 4, Unit: "yuan", TimeFormat: "2006/01/02 15:04:05", TrailerPrefix: "#",
		Columns: map[string]string{"time": "发生时间", "provider_order_no": "业务流水号", "order_no": "商户订单号", "refund_no": "商户订单号", "amount": "收入金额（+元）", "method": "交易渠道"},
	}
}

func tabMapping() core.BillMapping {
	return core.BillMapping{
		Unit: "fen", TimeFormat: "20060102150405", MerchantNo: "777290058110048",
		Columns: map[string]string{
			"time": "交易时间", "provider_order_no": "查询流水号", "order_no": "商户订单号", "refund_no": "商户订单号", "amount": "交易金额", "kind": "交易类型", "status": "应答码",
			"merchant_no": "商户号",
		},
		Kinds: map[string]string{"01": "payment", "04": "refund"}, Statuses: map[string]string{"00": "succeeded", "05": "skip"},
	}
}

func TestBillsInTheShapesThatProvidersGive(t *testing.T) {
	t.Parallel()
	ok := core.OutcomeSucceeded
	for name, tt := range map[string]struct {
		file    string
		mapping core.BillMapping
		lines   []core.StoredLine
		facts   core.BillFacts
	}{
		"backticks": {backticks, backtickMapping(), []core.StoredLine{
			{N: 2, Kind: "payment", Number: "26112700010000000001", ProviderNumber: "1001690740201411100005734289", Outcome: ok, Amount: core.Fen(123450), Fee: core.Money{}, At: at("2026-11-27 16:33:45")},
			{N: 3, Kind: "refund", Number: "26112700010000000003", ProviderNumber: "2008450740201411110000174436", Outcome: ok, Amount: core.Fen(550), Fee: core.Fen(-3), At: at("2026-11-27 17:00:00")},
			{N: 4, Kind: "reversal", Number: "26112700010000000004", ProviderNumber: "1001690740201411100005734291", Outcome: ok, Amount: core.Fen(100), Fee: core.Fen(0), At: at("2026-11-27 18:00:00")},
		}, core.BillFacts{Encoding: "UTF-8", Rows: 3, Totals: true, Sums: map[core.StatedTotal]int64{"all": 124100, "payments": 123450, "net": 122800}}},
		"hashes": {gb18030(t, hashes), hashMapping(), []core.StoredLine{
			{N: 6, Kind: "payment", Number: "26112700010000000001", ProviderNumber: "20261127220014", Outcome: ok, Amount: core.Fen(123450), At: at("2026-11-27 09:05:01"), Method: "支付宝"},
			{N: 7, Kind: "refund", Number: "26112700010000000002", ProviderNumber: "20261127220015", Outcome: ok, Amount: core.Fen(500), At: at("2026-11-27 23:59:59"), Method: "支付宝"},
		}, core.BillFacts{Encoding: "GB18030", Rows: 2, Sums: map[core.StatedTotal]int64{"all": 123950, "payments": 123450, "net": 122950}}},
		"tabs": {gb18030(t, tabs), tabMapping(), []core.StoredLine{
			{N: 2, Kind: "payment", Number: "26112700010000000001", ProviderNumber: "201611271030001", Outcome: ok, Amount: core.Fen(123450), At: at("2026-11-27 10:30:00"), Status: "00"},
			{N: 3, Kind: "refund", Number: "26112700010000000002", ProviderNumber: "201611271031001", Outcome: ok, Amount: core.Fen(500), At: at("2026-11-27 10:31:00"), Status: "00"},
		}, core.BillFacts{Encoding: "GB18030", Rows: 3, Skipped: 1, Sums: map[core.StatedTotal]int64{"all": 123950, "payments": 123450, "net": 122950}}},
	} {
		if name == "backticks" { // the first fee has five decimals that say something
			tt.file = strings.Replace(tt.file, "`7.40700", "`", 1)
		}
		got := read(strings.NewReader(tt.file), tt.mapping)
		got.facts.Header = nil
		if got.err != nil || len(got.wrong) > 0 || !reflect.DeepEqual(got.lines, tt.lines) || !reflect.DeepEqual(got.facts, tt.facts) {
			t.Errorf("%s: %v %+v\nlines %+v\n want %+v\nfacts %+v\n want %+v", name, got.err, got.wrong, got.lines, tt.lines, got.facts, tt.facts)
		}
	}
}

// simple is a file that is right, for the cases to break.
const simple = "时间,订单号,金额,类型,状态,商户号,手续费\n" +
	"2026-11-27 08:00:00,26112700010000000001,10.00,支付,成功,M1,0.06\n" +
	"2026-11-27 09:00:00,26112700010000000002,20.00,支付,成功,M1,0.12\n" +
	"2026-11-27 10:00:00,26112700010000000003,5.00,退款,成功,M1,0.00\n" +
	"合计,3,35.00,,,,\n"

func simpleMapping() core.BillMapping {
	return core.BillMapping{
		Unit: "yuan", TimeFormat: "2006-01-02 15:04:05", TrailerPrefix: "合计", TrailerCount: 2, TrailerAmount: 3, TotalOf: core.TotalAll, MerchantNo: "M1",
		Columns:  map[string]string{"time": "时间", "order_no": "订单号", "refund_no": "订单号", "amount": "金额", "kind": "类型", "status": "状态", "merchant_no": "商户号", "fee": "手续费"},
		Kinds:    map[string]string{"支付": "payment", "退款": "refund"},
		Statuses: map[string]string{"成功": "succeeded", "关闭": "skip"},
	}
}

// TestWhatIsWrongInAFile: each with the row, the column and a sentence.
func TestWhatIsWrongInAFile(t *testing.T) {
	t.Parallel()
	replace := func(old, with string) string { return strings.Replace(simple, old, with, 1) }
	for name, tt := range map[string]struct {
		file         string
		row          int64
		column, code string
		words        string
	}{
		"missing column":            {replace("金额", "总额"), 1, "金额", "missing_column", "时间 | 订单号 | 总额"},
		"column twice":              {replace("类型", "金额"), 1, "金额", "duplicate_column", ""},
		"UTF-16":                    {"\xff\xfe" + simple, 0, "", "wrong_encoding", "UTF-16"},
		"a workbook":                {"PK\x03\x04" + simple, 0, "", "not_csv", "workbook"},
		"neither encoding":          {replace("退款", "\xff\xff\xff\xff"), 4, "", "wrong_encoding", "UTF-8"},
		"another merchant":          {replace("成功,M1,0.12", "成功,M2,0.12"), 3, "商户号", "other_account", "“M2” and should be “M1”"},
		"count disagrees":           {replace("合计,3", "合计,4"), 5, "#2", "total_disagrees", "states 4 rows and has 3"},
		"amount disagrees":          {replace("35.00", "36.00"), 5, "#3", "total_disagrees", "¥36.00 and its rows make ¥35.00"},
		"totals are no numbers":     {replace("合计,3", "合计,x"), 5, "#2", "total_disagrees", "no number"},
		"totals are not there":      {replace("合计,3,35.00,,,,", "合计"), 5, "#2", "total_disagrees", ""},
		"an open quote":             {replace("20.00", "\"20.00"), 3, "", "open_quote", "Row 3"},
		"a quote over much":         {replace("20.00", "\""+strings.Repeat("x\n", 100_000)), 3, "", "open_quote", "Row 3"},
		"cut within a row":          {before(simple, ",5.00"), 4, "", "short_row", "2 of 7 columns"},
		"cut within a character":    {before(simple, "退款") + "\xe9\x80", 4, "", "wrong_encoding", "Line 4"},
		"cut before the totals":     {before(simple, "合计"), 4, "", "missing_trailer", "ends here"},
		"a comma in an amount":      {replace("20.00", "1,020.00"), 3, "", "long_row", "Column 8"},
		"an amount in words":        {replace("20.00", "二十"), 3, "金额", "not_an_amount", "“二十”"},
		"an amount of a formula":    {replace("20.00", "=A1"), 3, "金额", "not_an_amount", ""},
		"no amount":                 {replace("20.00", ""), 3, "金额", "not_an_amount", ""},
		"three decimals":            {replace("20.00", "20.001"), 3, "金额", "not_an_amount", ""},
		"an exponent":               {replace("20.00", "2E1"), 3, "金额", "not_an_amount", ""},
		"more than there is":        {replace("20.00", "99999999999.00"), 3, "金额", "not_an_amount", ""},
		"a payment below zero":      {replace("20.00", "-20.00"), 3, "金额", "not_an_amount", "below zero"},
		"a fee in words":            {replace("0.12", "free"), 3, "手续费", "not_an_amount", "no fee"},
		"a time in another form":    {replace("2026-11-27 09:00:00", "27.11.2026"), 3, "时间", "not_a_time", ""},
		"a time from nowhere":       {replace("2026-11-27 09:00:00", "0001-11-27 09:00:00"), 3, "时间", "not_a_time", ""},
		"an unknown kind":           {replace("支付,成功,M1,0.12", "转账,成功,M1,0.12"), 3, "类型", "unknown_kind", "“转账”"},
		"an unknown status":         {replace("成功,M1,0.12", "处理中,M1,0.12"), 3, "状态", "unknown_status", "“处理中”"},
		"a rounded number":          {replace("26112700010000000002", "2.61127E+19"), 3, "订单号", "not_a_number", "rounded"},
		"a formula as number":       {replace("26112700010000000002", "=1+1"), 3, "订单号", "not_a_number", ""},
		"no number":                 {replace("26112700010000000002", ""), 3, "订单号", "missing_number", ""},
		"nothing":                   {"", 0, "", "no_rows", "no heading"},
		"a row wider than anything": {replace("20.00", strings.Repeat("1,", 300)), 3, "", "long_row", "at most 256"},
	} {
		got := read(strings.NewReader(tt.file), simpleMapping())
		if got.err != nil || len(got.wrong) == 0 {
			t.Errorf("%s: %v, nothing is wrong: %+v", name, got.err, got.facts)
			continue
		}
		e := got.wrong[0]
		if e.Row != tt.row || e.Column != tt.column || e.Code != tt.code || !strings.Contains(e.Message.EN, tt.words) || e.Message.ZH == "" ||
			tt.row > 0 && !strings.Contains(e.Message.EN, fmt.Sprintf(" %d", tt.row)) || tt.row > 0 && tt.column != "" && !strings.Contains(e.Message.ZH, tt.column) {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if got := read(strings.NewReader(simple), simpleMapping()); got.err != nil || len(got.wrong) > 0 || len(got.lines) != 3 || !got.facts.Totals {
		t.Errorf("the file that is right: %+v", got)
	}
}

// TestAllThatIsWrongIsTold: a file is mended once, not once for each error, and reading ends when
// nobody wants to hear more.
func TestAllThatIsWrongIsTold(t *testing.T) {
	t.Parallel()
	file := strings.NewReplacer("10.00", "x", "20.00", "y", "2026-11-27 10:00:00", "z").Replace(simple)
	got := read(strings.NewReader(file), simpleMapping())
	if len(got.wrong) != 4 || got.wrong[3].Code != "total_disagrees" || got.facts.Rows != 3 {
		t.Errorf("%+v", got)
	}
	told := 0
	_, err := billfile.Reader{}.ReadBill(strings.NewReader(file), simpleMapping(), func(core.StoredLine) error { return nil }, func(core.BillRowError) bool {
		told++
		return false
	})
	if err != nil || told != 1 {
		t.Errorf("told %d times, %v", told, err)
	}
	broken := errors.New("the database is gone")
	if _, err := (billfile.Reader{}).ReadBill(strings.NewReader(simple), simpleMapping(), func(core.StoredLine) error { return broken }, nil); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestHowAmountsAndTimesAreWritten(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]int64{
		"12.5": 1250, "`12": 1200, "'12.50": 1250, `"=""12.50"""`: 1250, "¥12.50": 1250, "￥12.50": 1250, "12.50元": 1250, `"1,234.50"`: 123450, "１２．５０": 1250,
		"12.50 　": 1250, "0.06000": 6, "+0.00": -1, "1234.5E": -1, "12,34.50": -1, "1.2.3": -1, ".5": -1, "5.": -1, "--5": -1, "0": 0,
	} {
		file := strings.NewReplacer("20.00", cell, "合计,3,35.00,,,,\n", "").Replace(simple)
		m := simpleMapping()
		m.TrailerPrefix = ""
		got := read(strings.NewReader(file), m)
		if want < 0 && len(got.lines) != 2 || want >= 0 && (len(got.lines) != 3 || got.lines[1].Amount != core.Fen(want)) {
			t.Errorf("%q: %+v %+v", cell, got.lines, got.wrong)
		}
	}
	m := simpleMapping()
	m.TimeFormat = "2006/1/2 15:04"
	got := read(strings.NewReader(strings.NewReplacer("2026-11-27 08:00:00", "2026/11/7 8:05", "2026-11-27 09:00:00", "２０２６／１１／７ ９：０５", "2026-11-27 10:00:00", "2026/11/07 23:59").Replace(simple)), m)
	if len(got.wrong) > 0 || !got.lines[0].At.Equal(at("2026-11-07 08:05:00")) || !got.lines[1].At.Equal(at("2026-11-07 09:05:00")) {
		t.Errorf("%+v", got)
	}
}

// TestTheEndOfAFile: one whose last line has no line break may have been cut off, and says so.
func TestTheEndOfAFile(t *testing.T) {
	t.Parallel()
	m := simpleMapping()
	m.TrailerPrefix = ""
	rows := before(simple, "合计")
	for file, open := range map[string]int64{rows: 0, strings.TrimSuffix(rows, "\n"): 4, rows + "\r\n\r\n": 0} {
		if got := read(strings.NewReader(file), m); len(got.wrong) > 0 || got.facts.OpenEnd != open || len(got.lines) != 3 {
			t.Errorf("%d bytes: %+v", len(file), got)
		}
	}
}

// rowsOf writes a file of n rows as it is read.
func rowsOf(n int) io.Reader {
	in, out := io.Pipe()
	go func() {
		_, err := io.WriteString(out, "时间,订单号,金额,类型,状态,商户号,手续费\n")
		for i := 0; i < n && err == nil; i++ {
			_, err = fmt.Fprintf(out, "2026-11-27 08:00:00,261127000100%08d,10.00,支付,成功,M1,0.06\n", i)
		}
		_ = out.CloseWithError(err)
	}()
	return in
}

// TestMemoryDoesNotGrowWithTheFile: ten times the rows, the same heap.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) { //nolint:paralleltest // it measures the process's heap
	m := simpleMapping()
	m.TrailerPrefix = ""
	peak := func(rows int) uint64 {
		defer debug.SetGCPercent(debug.SetGCPercent(20))
		runtime.GC()
		var most, n uint64
		var now runtime.MemStats
		_, err := billfile.Reader{}.ReadBill(rowsOf(rows), m, func(core.StoredLine) error {
			if n++; n%2000 == 0 {
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
			}
			return nil
		}, func(e core.BillRowError) bool { t.Error(e); return false })
		if err != nil || n != uint64(rows) {
			t.Fatalf("%d of %d rows, %v", n, rows, err)
		}
		return most
	}
	small, large := peak(20_000), peak(200_000)
	t.Logf("20,000 rows: %d KiB of heap at most; 200,000 rows: %d KiB", small>>10, large>>10)
	if large > small+small/2 {
		t.Errorf("the heap grew from %d to %d bytes", small, large)
	}
}

// FuzzReadBill: whatever is brought, it is read or refused with sentences, and what was read
// holds together.
func FuzzReadBill(f *testing.F) {
	for _, seed := range []string{simple, backticks, hashes, tabs, "时间,订单号\n\"", "PK\x03\x04", "\xbd\xf0\xb6\xee\n1\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, m := range []core.BillMapping{simpleMapping(), backtickMapping(), hashMapping(), tabMapping()} {
			got := read(strings.NewReader(string(data)), m)
			if got.err != nil {
				t.Fatal(got.err)
			}
			var sum, last int64
			for _, l := range got.lines {
				if l.N <= last || l.Amount.Minor < 0 || l.Kind == "" || l.At.IsZero() || l.Number+l.ProviderNumber == "" {
					t.Fatalf("%+v after line %d", l, last)
				}
				last, sum = l.N, sum+l.Amount.Minor
			}
			if sum != got.facts.Sums[core.TotalAll] || int64(len(got.lines))+got.facts.Skipped > got.facts.Rows {
				t.Fatalf("%+v", got.facts)
			}
			for _, e := range got.wrong {
				if e.Code == "" || e.Message.EN == "" || e.Message.ZH == "" {
					t.Fatalf("%+v", e)
				}
			}
		}
	})
}
