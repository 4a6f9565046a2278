package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/zhanggui-pay/zhanggui/core"
)

// paidDay is the Beijing day on which a till takes its payments.
const paidDay = core.Day("2026-05-04")

const billHeading = "时间,订单号,渠道单号,金额,类型,状态,商户号\n"

// desked is a till with paid orders, and the morning after them.
type desked struct {
	*till

	as      context.Context //nolint:containedctx // a person, as the use cases see one
	orders  []core.Payment
	mapping core.BillMapping
	foreign core.ID // another merchant
}

func testMapping() core.BillMapping {
	return core.BillMapping{
		Name: "日账单", Provider: sampleAccount().Provider, Unit: "yuan", TimeFormat: "2006-01-02 15:04:05",
		Columns: map[string]string{"time": "时间", "order_no": "订单号", "refund_no": "订单号", "provider_order_no": "渠道单号", "amount": "金额", "kind": "类型", "status": "状态", "merchant_no": "商户号"},
		Kinds:   map[string]string{"支付": "payment", "退款": "refund"}, Statuses: map[string]string{"成功": "succeeded", "关闭": "skip"},
		TrailerPrefix: "合计", TrailerCount: 2, TrailerAmount: 4, TotalOf: core.TotalAll, MerchantNo: "M1",
	}
}

func newDesked(t *testing.T, orders int) *desked {
	t.Helper()
	d := &desked{till: newTill(t)}
	for range orders {
		p, err := d.pay(t, core.MethodQR, 1000)
		d.must(t, err)
		d.orders = append(d.orders, p)
	}
	d.foreign = d.house.tenant(t, "B").ID
	d.clock.Move(12 * time.Hour)
	d.as = core.WithIdentity(t.Context(), core.Identity{Actor: "user:usr_1", UserID: d.account, Subject: string(core.RoleTenantOwner), APIKeyID: d.account, TenantID: d.tenant.ID})
	var err error
	d.mapping, err = d.SaveBillMapping(d.as, testMapping())
	d.must(t, err)
	return d
}

// row is a line of the file for an order, at a time of the day.
func (d *desked) row(number, amount, at string) string {
	return fmt.Sprintf("%s %s,%s,W%s,%s,支付,成功,M1\n", paidDay, at, number, number, amount)
}

// file has a row for each order, and the totals.
func (d *desked) file() string {
	var b strings.Builder
	b.WriteString(billHeading)
	for _, p := range d.orders {
		b.WriteString(d.row(p.OrderNo, "10.00", "20:00:00"))
	}
	fmt.Fprintf(&b, "合计,%d,,%d.00\n", len(d.orders), 10*len(d.orders))
	return b.String()
}

// announce tells of a file and sends it.
func (d *desked) announce(t *testing.T, file string, change func(*core.CreateBillImportInput)) core.BillImport {
	t.Helper()
	in := core.CreateBillImportInput{
		AccountID: d.account, Day: paidDay, MappingID: d.mapping.ID, FileName: "bill.csv", Bytes: int64(len(file)), ExpectedCount: -1, ExpectedAmount: -1,
	}
	if change != nil {
		change(&in)
	}
	i, err := d.CreateBillImport(d.as, in)
	d.must(t, err)
	for n := 0; n < i.Chunks(); n++ {
		part := file[n*core.ChunkBytes:]
		_, err := d.PutBillChunk(d.as, i.ID, n, []byte(part[:min(len(part), core.ChunkBytes)]))
		d.must(t, err)
	}
	i, err = d.FinishBillImport(d.as, i.ID)
	d.must(t, err)
	return i
}

// bring has a file read to its end.
func (d *desked) bring(t *testing.T, file string, change func(*core.CreateBillImportInput)) core.BillImport {
	t.Helper()
	i := d.announce(t, file, change)
	d.must(t, d.check(t.Context(), i))
	return d.again(t, i)
}

// check is what the sweeper does when the import is due.
func (d *desked) check(ctx context.Context, i core.BillImport) error {
	return d.CheckDue(ctx, core.Due{Kind: core.DueBillImport, TenantID: i.TenantID, ID: i.ID})
}

func (d *desked) again(t *testing.T, i core.BillImport) core.BillImport {
	t.Helper()
	i, err := d.BillImport(d.as, i.ID)
	d.must(t, err)
	return i
}

func (d *desked) bills(t *testing.T, state core.BillState) int {
	t.Helper()
	return d.rows(t, "SELECT count(*) FROM bills WHERE state = $1", string(state))
}

// TestABillIsTakenIn: its lines are the day's bill, the day is compared, the same file changes
// nothing, one with other content takes its place, and the files are removed.
func TestABillIsTakenIn(t *testing.T) {
	t.Parallel()
	d := newDesked(t, 3)
	first := d.bring(t, d.file(), nil)
	if first.State != core.ImportDone || first.Rows != 3 || first.Encoding != "UTF-8" || first.Unchanged || first.ErrorCount != 0 {
		t.Fatalf("%+v", first)
	}
	if n := d.rows(t, "SELECT count(*) FROM bill_lines l JOIN payments p ON p.order_no = l.number WHERE l.bill_id = $1 AND l.amount = 1000 AND l.kind = 'payment'", first.BillID.String()); n != 3 {
		t.Errorf("%d lines of our orders", n)
	}
	if n := d.rows(t, "SELECT count(*) FROM reconciliation_days WHERE day = $1 AND next_check_at <= $2", string(paidDay), d.clock.Now()); n != 1 {
		t.Error("the day is not due")
	}
	// In another order, in GB18030, with the columns turned around: the same bill.
	rows := strings.SplitAfter(strings.TrimSuffix(d.file(), "\n"), "\n")
	slices.Reverse(rows[1:4])
	same, err := simplifiedchinese.GB18030.NewEncoder().String(strings.Join(rows, "") + "\n")
	d.must(t, err)
	second := d.bring(t, same, nil)
	if second.State != core.ImportDone || !second.Unchanged || second.BillID != first.BillID || second.Encoding != "GB18030" {
		t.Errorf("the same again: %+v", second)
	}
	if ready, failed := d.bills(t, core.BillReady), d.bills(t, core.BillFailed); ready != 1 || failed != 1 {
		t.Errorf("%d bills are current and %d failed", ready, failed)
	}
	third := d.bring(t, strings.NewReplacer("10.00", "11.00", "30.00", "33.00").Replace(d.file()), nil)
	if third.State != core.ImportDone || third.Unchanged || d.bills(t, core.BillReady) != 1 || d.bills(t, core.BillSuperseded) != 1 {
		t.Errorf("other content: %+v", third)
	}
	if n := d.rows(t, "SELECT count(*) FROM bill_lines WHERE bill_id <> $1 AND bill_id <> $2", first.BillID.String(), third.BillID.String()); n != 0 {
		t.Errorf("%d lines of bills that nothing became of", n)
	}
	for _, i := range []core.BillImport{first, second, third} {
		d.must(t, d.check(t.Context(), i))
	}
	if n := d.rows(t, "SELECT count(*) FROM file_chunks"); n != 0 {
		t.Errorf("%d chunks are left", n)
	}
	if n := d.rows(t, "SELECT count(*) FROM bill_imports WHERE next_check_at IS NOT NULL"); n != 0 {
		t.Errorf("%d imports are still due", n)
	}
	if n := d.rows(t, "SELECT count(*) FROM audit_log WHERE action IN ('bill_import.create', 'bill_import.finish', 'bill_import.read')"); n != 9 {
		t.Errorf("%d audit rows", n)
	}
}

// TestOrdersByTheProvidersNumber: a file without our numbers.
func TestOrdersByTheProvidersNumber(t *testing.T) {
	t.Parallel()
	d := newDesked(t, 2)
	if n := d.rows(t, "WITH u AS (UPDATE payments SET provider_order_no = 'W' || order_no RETURNING 1) SELECT count(*) FROM u"); n != 2 {
		t.Fatal(n)
	}
	m := testMapping()
	m.Name, m.Columns = "no numbers", map[string]string{"time": "时间", "provider_order_no": "渠道单号", "amount": "金额"}
	m.Kinds, m.Statuses, m.MerchantNo = nil, nil, ""
	m, err := d.SaveBillMapping(d.as, m)
	d.must(t, err)
	i := d.bring(t, d.file(), func(in *core.CreateBillImportInput) { in.MappingID = m.ID })
	if n := d.rows(t, "SELECT count(*) FROM bill_lines l JOIN payments p ON p.order_no = l.number WHERE l.bill_id = $1", i.BillID.String()); i.State != core.ImportDone || n != 2 {
		t.Errorf("%d lines found their orders: %+v", n, i)
	}
}

// TestABadBillIsRefusedAsAWhole: with a sentence that names the row and the column, and nothing
// of it is taken in.
func TestABadBillIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	d := newDesked(t, 3)
	good := d.file()
	other := core.ProviderAccount{TenantID: d.tenant.ID, ID: core.NewID(d.clock.Now()), Provider: sampleAccount().Provider, Name: "other", Status: core.AccountDraft, CreatedAt: d.clock.Now(), UpdatedAt: d.clock.Now()}
	d.must(t, d.Database.InTenant(t.Context(), d.tenant.ID, func(tx core.TenantTx) error { return tx.InsertAccount(t.Context(), other) }))
	no := d.orders[1].OrderNo
	stranger := "26050400010000009999"
	if n := d.rows(t, "WITH i AS (INSERT INTO order_directory (order_no, tenant_id, object_id, kind) VALUES ($1, $2, $3, 'payment') RETURNING 1) SELECT count(*) FROM i",
		stranger, d.foreign.String(), core.NewID(d.clock.Now()).String()); n != 1 {
		t.Fatal(n)
	}
	unknown := billHeading
	for n := range 20 {
		unknown += d.row(fmt.Sprintf("2605040001000001%04d", n), "1.00", "20:00:00")
	}
	unknown += "合计,20,,20.00\n"
	replace := func(old, with string) string { return strings.Replace(good, old, with, 1) }
	beforeTotals, _, _ := strings.Cut(good, "合计")
	untotalled := strings.TrimSuffix(beforeTotals, "\n")
	plain := testMapping()
	plain.Name, plain.TrailerPrefix, plain.TrailerCount, plain.TrailerAmount = "no totals", "", 0, 0
	plain, err := d.SaveBillMapping(d.as, plain)
	d.must(t, err)
	byPlain := func(in *core.CreateBillImportInput) { in.MappingID = plain.ID }

	for name, tt := range map[string]struct {
		file   string
		change func(in *core.CreateBillImportInput)
		row    int64
		column string
		code   string
		words  string
	}{
		"a missing column":        {replace("金额", "总额"), nil, 1, "金额", "missing_column", "The column is missing"},
		"UTF-16":                  {"\xff\xfe" + good, nil, 0, "", "wrong_encoding", "UTF-16"},
		"a workbook":              {"PK\x03\x04" + good, nil, 0, "", "not_csv", "workbook"},
		"neither encoding":        {replace("成功", "\xff\xff\xff"), nil, 2, "", "wrong_encoding", "neither"},
		"another day":             {strings.ReplaceAll(good, "2026-05-04", "2026-05-03"), nil, 2, "时间", "other_day", "3 rows are not of 2026-05-04, most of them of 2026-05-03"},
		"one row of another day":  {replace("20:00:00", "23:59:59"), func(in *core.CreateBillImportInput) { in.Day = "2026-05-03" }, 2, "时间", "other_day", "3 rows are not of 2026-05-03"},
		"another merchant number": {replace("M1", "M2"), nil, 2, "商户号", "other_account", "“M2”"},
		"another account's":       {good, func(in *core.CreateBillImportInput) { in.AccountID = other.ID }, 2, "订单号", "other_account", "another of your accounts"},
		"another merchant's":      {replace(no, stranger), nil, 3, "订单号", "other_account", "not one of this merchant's"},
		"nobody's":                {unknown, nil, 0, "", "other_account", "Not one of the 20 orders"},
		"a total that disagrees":  {replace(",30.00", ",31.00"), nil, 5, "#4", "total_disagrees", "¥31.00"},
		"another count expected":  {good, func(in *core.CreateBillImportInput) { in.ExpectedCount = 4 }, 0, "", "total_disagrees", "4 rows were expected and the file has 3"},
		"another sum expected":    {good, func(in *core.CreateBillImportInput) { in.ExpectedAmount = 3001 }, 0, "", "total_disagrees", "30.01"},
		"an order twice":          {strings.NewReplacer(d.orders[2].OrderNo, no).Replace(good), nil, 4, "订单号", "duplicate", "stands in row 3 already"},
		"an open quote":           {replace("10.00", "\"10.00"), nil, 2, "", "open_quote", "Row 2"},
		"cut within a row":        {good[:strings.LastIndex(good, "成功")-20], nil, 4, "", "short_row", "of 7 columns"},
		"cut before its totals":   {beforeTotals, nil, 4, "", "missing_trailer", "ends here"},
		"cut, and nothing tells":  {untotalled, byPlain, 4, "", "open_end", "may be cut off"},
		"no amount":               {replace("10.00", "十元"), nil, 2, "金额", "not_an_amount", "“十元”"},
		"an unknown kind":         {replace("支付", "转账"), nil, 2, "类型", "unknown_kind", "“转账”"},
		"an unknown status":       {replace("成功", "未知"), nil, 2, "状态", "unknown_status", "“未知”"},
		"no rows":                 {billHeading, byPlain, 0, "", "no_rows", "no rows"},
	} {
		i := d.bring(t, tt.file, tt.change)
		if i.State != core.ImportInvalid || i.ErrorCount == 0 || len(i.Errors) == 0 {
			t.Errorf("%s: %s with %d errors", name, i.State, i.ErrorCount)
			continue
		}
		e := i.Errors[0]
		if e.Row != tt.row || e.Column != tt.column || e.Code != tt.code || !strings.Contains(e.Message.EN, tt.words) || e.Message.ZH == "" {
			t.Errorf("%s: %+v", name, e)
		}
		csv, err := d.BillImportErrors(d.as, i.ID)
		if err != nil || !strings.Contains(string(csv), e.Code) {
			t.Errorf("%s: %v %s", name, err, csv)
		}
	}
	for what, query := range map[string]string{
		"current bills": "SELECT count(*) FROM bills WHERE state IN ('ready', 'reading')", "lines": "SELECT count(*) FROM bill_lines",
		"days": "SELECT count(*) FROM reconciliation_days WHERE day <= '2026-05-04' AND run > 0",
	} {
		if n := d.rows(t, query); n != 0 {
			t.Errorf("%d %s came of files that were refused", n, what)
		}
	}
	// The file with errors is kept for a week.
	if n := d.rows(t, "SELECT count(DISTINCT file_id) FROM file_chunks"); n != 22 {
		t.Errorf("%d files are kept", n)
	}
	// What is said of the file elsewhere takes the place of totals within it.
	if i := d.bring(t, untotalled, func(in *core.CreateBillImportInput) { byPlain(in); in.ExpectedCount = 3 }); i.State != core.ImportDone {
		t.Errorf("an open end with the right count: %+v", i)
	}
	if i := d.bring(t, billHeading, func(in *core.CreateBillImportInput) { byPlain(in); in.ExpectedCount, in.Day = 0, "2026-05-02" }); i.State != core.ImportDone {
		t.Errorf("a day on which nothing moved: %+v", i)
	}
}

// TestRowsNearMidnight are taken on the days of both sides.
func TestRowsNearMidnight(t *testing.T) {
	t.Parallel()
	d := newDesked(t, 1)
	for at, want := range map[string]core.BillImportState{
		"2026-05-03 23:30:00": core.ImportDone, "2026-05-03 23:29:59": core.ImportInvalid, "2026-05-05 00:29:59": core.ImportDone, "2026-05-05 00:30:00": core.ImportInvalid,
	} {
		if i := d.bring(t, strings.Replace(d.file(), "2026-05-04 20:00:00", at, 1), nil); i.State != want {
			t.Errorf("%s: %s %+v", at, i.State, i.Errors)
		}
	}
}

// TestAKilledReaderBeginsAnew, says so, and leaves nothing of the attempt before.
func TestAKilledReaderBeginsAnew(t *testing.T) {
	t.Parallel()
	d := newDesked(t, 3)
	for _, point := range []string{"bill.begun", "bill.read"} {
		i := d.announce(t, d.file(), nil)
		ctx, kill := context.WithCancel(t.Context())
		d.Hook = func(at string) {
			if at == point {
				kill()
			}
		}
		if err := d.check(ctx, i); !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: %v", point, err)
		}
		d.Hook = func(string) {}
		if i = d.again(t, i); i.State != core.ImportReading || d.bills(t, core.BillReading) != 1 {
			t.Fatalf("%s: %+v", point, i)
		}
		d.must(t, d.check(t.Context(), i))
		i = d.again(t, i)
		if i.State != core.ImportDone || i.Restarts != 1 || d.bills(t, core.BillReading) != 0 || d.bills(t, core.BillReady) != 1 {
			t.Errorf("%s: %+v", point, i)
		}
		if n := d.rows(t, "SELECT count(*) FROM bill_lines l JOIN bills b ON b.id = l.bill_id WHERE b.state = 'failed'"); n != 0 {
			t.Errorf("%s: %d lines of the attempt before", point, n)
		}
	}
}

// TestTwoReadersOfOneFile: one that was taken for dead and goes on is refused its lines.
func TestTwoReadersOfOneFile(t *testing.T) {
	t.Parallel()
	d := newDesked(t, 3)
	i := d.announce(t, d.file(), nil)
	other := false
	d.Hook = func(at string) {
		if at == "bill.begun" && !other {
			other = true
			d.must(t, d.check(t.Context(), i)) // the second reads it to the end meanwhile
		}
	}
	err := d.check(t.Context(), i)
	wantCode(t, "the first reader", err, core.CodeConflict)
	if i = d.again(t, i); i.State != core.ImportDone || i.Restarts != 1 || d.bills(t, core.BillReady) != 1 || d.rows(t, "SELECT count(*) FROM bill_lines") != 3 {
		t.Errorf("%+v", i)
	}
}

func TestImportsThatEndOtherwise(t *testing.T) {
	t.Parallel()
	d := newDesked(t, 1)
	file := d.file()
	in := core.CreateBillImportInput{AccountID: d.account, Day: paidDay, MappingID: d.mapping.ID, FileName: "b.csv", Bytes: core.ChunkBytes + 5, ExpectedCount: -1, ExpectedAmount: -1}
	i, err := d.CreateBillImport(d.as, in)
	d.must(t, err)
	for what, call := range map[string]func() error{
		"a chunk too short":  func() error { _, err := d.PutBillChunk(d.as, i.ID, 1, []byte("1234")); return err },
		"a chunk too long":   func() error { _, err := d.PutBillChunk(d.as, i.ID, 1, []byte("123456")); return err },
		"a chunk beyond":     func() error { _, err := d.PutBillChunk(d.as, i.ID, 2, []byte("12345")); return err },
		"a chunk before":     func() error { _, err := d.PutBillChunk(d.as, i.ID, -1, []byte("12345")); return err },
		"a day not ended":    func() error { n := in; n.Day = "2026-05-05"; _, err := d.CreateBillImport(d.as, n); return err },
		"no day":             func() error { n := in; n.Day = "4 May"; _, err := d.CreateBillImport(d.as, n); return err },
		"no bytes":           func() error { n := in; n.Bytes = 0; _, err := d.CreateBillImport(d.as, n); return err },
		"an unknown product": func() error { n := in; n.Scope = "moon"; _, err := d.CreateBillImport(d.as, n); return err },
	} {
		wantCode(t, what, call(), core.CodeInvalidRequest)
	}
	got, err := d.PutBillChunk(d.as, i.ID, 1, []byte("12345"))
	if err != nil || got.Received != 1 {
		t.Errorf("%+v %v", got, err)
	}
	_, err = d.FinishBillImport(d.as, i.ID)
	wantCode(t, "fewer bytes than announced", err, core.CodeInvalidState)

	// Nobody goes on with it for a day.
	d.clock.Move(25 * time.Hour)
	d.must(t, d.check(t.Context(), i))
	d.must(t, d.check(t.Context(), i))
	if i = d.again(t, i); i.State != core.ImportCanceled || d.rows(t, "SELECT count(*) FROM file_chunks") != 0 {
		t.Errorf("%+v", i)
	}
	_, err = d.PutBillChunk(d.as, i.ID, 1, []byte("12345"))
	wantCode(t, "a chunk afterwards", err, core.CodeInvalidState)
	_, err = d.FinishBillImport(d.as, i.ID)
	wantCode(t, "the end afterwards", err, core.CodeInvalidState)

	// Canceled while it is read: the reader is refused its end, and what it wrote is removed.
	i = d.announce(t, file, nil)
	d.Hook = func(at string) {
		if at == "bill.read" {
			_, err := d.CancelBillImport(d.as, i.ID)
			d.must(t, err)
		}
	}
	wantCode(t, "the reader", d.check(t.Context(), i), core.CodeConflict)
	d.must(t, d.check(t.Context(), i))
	if i = d.again(t, i); i.State != core.ImportCanceled || d.bills(t, core.BillReady)+d.bills(t, core.BillReading) != 0 || d.rows(t, "SELECT count(*) FROM bill_lines") != 0 {
		t.Errorf("%+v", i)
	}
	_, err = d.CancelBillImport(d.as, i.ID)
	wantCode(t, "canceled twice", err, core.CodeInvalidState)

	for range maxOpenImports {
		_, err = d.CreateBillImport(d.as, in)
		d.must(t, err)
	}
	_, err = d.CreateBillImport(d.as, in)
	wantCode(t, "one more", err, core.CodeLimitExceeded)
}

// TestMappingsAreChecked before anything is read by them.
func TestMappingsAreChecked(t *testing.T) {
	t.Parallel()
	for param, change := range map[string]func(m *core.BillMapping){
		"encoding":  func(m *core.BillMapping) { m.Encoding = "utf-16" },
		"delimiter": func(m *core.BillMapping) { m.Delimiter = "," + "," }, "skip_lines": func(m *core.BillMapping) { m.SkipLines = -1 },
		"unit": func(m *core.BillMapping) { m.Unit = "" }, "total_of": func(m *core.BillMapping) { m.TotalOf = "half" },
		"trailer_prefix": func(m *core.BillMapping) { m.TrailerPrefix = "" }, "trailer_count": func(m *core.BillMapping) { m.TrailerCount = 1000 },
		"merchant_no": func(m *core.BillMapping) { m.MerchantNo = strings.Repeat("1", 65) },
	} {
		m := testMapping()
		change(&m)
		err, ok := errors.AsType[*core.Error](checkBillMapping(&m))
		if !ok || err.Code != core.CodeInvalidRequest || err.Param != param {
			t.Errorf("%s: %+v", param, err)
		}
	}
	for name, change := range map[string]func(m *core.BillMapping){
		"an unknown field":          func(m *core.BillMapping) { m.Columns["shoe_size"] = "尺码" },
		"two fields on one heading": func(m *core.BillMapping) { m.Columns["fee"] = "金额" },
		"no time":                   func(m *core.BillMapping) { delete(m.Columns, "time") },
		"no amount":                 func(m *core.BillMapping) { delete(m.Columns, "amount") },
		"no number": func(m *core.BillMapping) {
			m.Columns = map[string]string{"time": "时间", "amount": "金额"}
			m.Kinds, m.Statuses, m.MerchantNo = nil, nil, ""
		},
		"a blank heading":              func(m *core.BillMapping) { m.Columns["fee"] = "　" },
		"kinds without a column":       func(m *core.BillMapping) { delete(m.Columns, "kind") },
		"a column without kinds":       func(m *core.BillMapping) { m.Kinds = nil },
		"an unknown kind":              func(m *core.BillMapping) { m.Kinds["充值"] = "topup" },
		"an unknown outcome":           func(m *core.BillMapping) { m.Statuses["处理中"] = "in_progress" },
		"a merchant without a column":  func(m *core.BillMapping) { delete(m.Columns, "merchant_no") },
		"a day without a year":         func(m *core.BillMapping) { m.TimeFormat = "01-02 15:04" },
		"a layout in another language": func(m *core.BillMapping) { m.TimeFormat = "YYYY-MM-DD" },
		"a layout with a zone":         func(m *core.BillMapping) { m.TimeFormat = time.RFC3339 },
		"a clock of twelve hours":      func(m *core.BillMapping) { m.TimeFormat = "2006-01-02 03:04:05" },
	} {
		m := testMapping()
		change(&m)
		if err := checkBillMapping(&m); core.CodeOf(err) != core.CodeInvalidRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006/1/2 15:04", "20060102150405", "2006-01-02", "2006年01月02日 15时04分05秒", "01/02/2006 03:04:05 PM"} {
		m := testMapping()
		m.TimeFormat = layout
		if err := checkBillMapping(&m); err != nil {
			t.Errorf("%s: %v", layout, err)
		}
	}
}

// TestMappingsAreKept: changed by their version, with a name of their own, seen by their
// merchant, and tried out before they are saved.
func TestMappingsAreKept(t *testing.T) {
	t.Parallel()
	d := newDesked(t, 1)
	changed := d.mapping
	changed.SkipLines, changed.Provider = 2, "another"
	got, err := d.SaveBillMapping(d.as, changed)
	if err != nil || got.SkipLines != 2 || got.Version != d.mapping.Version+1 || got.Provider != d.mapping.Provider {
		t.Errorf("%+v %v", got, err)
	}
	_, err = d.SaveBillMapping(d.as, changed)
	wantCode(t, "an old version", err, core.CodeConflict)
	_, err = d.SaveBillMapping(d.as, testMapping())
	wantCode(t, "a name that is taken", err, core.CodeConflict)
	list, err := d.ListBillMappings(d.as, d.mapping.Provider)
	if err != nil || len(list) != 1 || list[0].Version != got.Version || list[0].Columns["amount"] != "金额" || list[0].Kinds["退款"] != "refund" {
		t.Errorf("%+v %v", list, err)
	}
	stranger := core.WithIdentity(t.Context(), core.Identity{Actor: "user:usr_2", UserID: d.foreign, Subject: string(core.RoleTenantOwner), APIKeyID: d.foreign, TenantID: d.foreign})
	if list, err := d.ListBillMappings(stranger, ""); err != nil || len(list) != 0 {
		t.Errorf("another merchant sees %+v %v", list, err)
	}
	wantCode(t, "another merchant's mapping", d.DeleteBillMapping(stranger, d.mapping.ID), core.CodeNotFound)
	i := d.announce(t, d.file(), nil)
	_, err = d.BillImport(stranger, i.ID)
	wantCode(t, "another merchant's import", err, core.CodeNotFound)
	_, err = d.CancelBillImport(stranger, i.ID)
	wantCode(t, "another merchant's import", err, core.CodeNotFound)

	p, err := d.PreviewBill(d.as, testMapping(), []byte(d.file()))
	if err != nil || p.Encoding != "UTF-8" || len(p.Header) != 7 || len(p.Lines) != 1 || len(p.Errors) != 0 || p.Lines[0].Number != d.orders[0].OrderNo {
		t.Errorf("%+v %v", p, err)
	}
	p, err = d.PreviewBill(d.as, testMapping(), []byte(strings.Replace(d.file(), "10.00", "x", 1)))
	if err != nil || len(p.Errors) == 0 || p.Errors[0].Code != "not_an_amount" {
		t.Errorf("%+v %v", p, err)
	}
	// The first MiB of a longer file ends somewhere in a row, which says nothing about the file.
	long := billHeading + strings.Repeat(d.row("26050400010000000001", "10.00", "20:00:00"), core.ChunkBytes/50)
	p, err = d.PreviewBill(d.as, testMapping(), []byte(long[:core.ChunkBytes]))
	if err != nil || len(p.Lines) != previewLines || len(p.Errors) != 0 {
		t.Errorf("%d lines, %+v %v", len(p.Lines), p.Errors, err)
	}
	d.must(t, d.DeleteBillMapping(d.as, d.mapping.ID))
	if n := d.rows(t, "SELECT count(*) FROM audit_log WHERE action LIKE 'bill_mapping.%'"); n != 3 {
		t.Errorf("%d audit rows", n)
	}
}
