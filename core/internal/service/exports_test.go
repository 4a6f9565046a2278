package service

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/xuri/excelize/v2"

	"github.com/zhanggui-pay/zhanggui/core"
)

// exportOf asks for an export as ctx and works until nothing is due.
func (h *house) export(ctx context.Context, t *testing.T, in core.CreateExportInput) core.Export {
	t.Helper()
	if in.Kind == "" {
		in.Kind = core.ExportPayments
	}
	if in.Format == "" {
		in.Format = core.ExportCSV
	}
	reply, err := h.CreateExport(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	h.workBulk(t)
	e, err := h.Export(ctx, reply.Export.ID)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// workBulk does what is due of what takes long, once.
func (h *house) workBulk(t *testing.T) {
	t.Helper()
	due, err := h.Database.ClaimBulk(t.Context(), h.clock.Now(), 20, 15*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range due {
		if err := h.CheckDue(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
}

// file fetches a ready export whole.
func (h *house) file(ctx context.Context, t *testing.T, e core.Export) []byte {
	t.Helper()
	opened, err := h.OpenExport(ctx, e.ID)
	if err != nil {
		t.Fatalf("open: %v (%s, %s)", err, e.State, e.Reason)
	}
	var out []byte
	for n := range opened.Chunks {
		data, err := h.ExportChunk(ctx, e.ID, n)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) != core.ChunkBytes && n < opened.Chunks-1 {
			t.Errorf("chunk %d has %d bytes", n, len(data))
		}
		out = append(out, data...)
	}
	if int64(len(out)) != opened.Bytes {
		t.Errorf("%d bytes, announced %d", len(out), opened.Bytes)
	}
	return out
}

func tableOf(t *testing.T, file []byte) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func sheetOf(t *testing.T, file []byte, name string) [][]string {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	rows, err := book.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// plenty writes n payments of the till's merchant, as the database's owner: one in ten in doubt,
// with a subject that would run.
func (x *till) plenty(t *testing.T, n int) {
	t.Helper()
	db, err := sqlx.Open("postgres", x.url+"&search_path=zhanggui&options=-c%20role%3Dzhanggui_owner")
	x.must(t, err)
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTxx(t.Context(), nil)
	x.must(t, err)
	_, err = tx.ExecContext(t.Context(), `INSERT INTO payments (tenant_id, id, order_no, merchant_order_no, account_id, provider, method, amount, currency, subject,
		state, unknown_since, created_by, created_at, updated_at)
		SELECT $1, gen_random_uuid(), '260504' || lpad(i::text, 14, '0'), '000' || i, $2, 'example', 'qr', i, 'CNY', '=HYPERLINK("http://evil.example","' || i || '")',
		CASE WHEN i % 10 = 0 THEN 'processing' ELSE 'succeeded' END, CASE WHEN i % 10 = 0 THEN $3::timestamptz END, 'user:usr_x',
		$3::timestamptz - i * interval '1 millisecond', $3
		FROM generate_series(1, $4::int) i`, x.tenant.ID, x.account, x.clock.Now(), n)
	x.must(t, err)
	x.must(t, tx.Commit())
}

// TestExportsAreWholeAndInert is the proof at a million rows in small: see make bench.
func TestExportsAreWholeAndInert(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	const n = 20000 // four pages
	x.plenty(t, n)
	ctx := x.as(t, x.owner, x.tenant.ID)
	columns := []string{"subject", "order_no", "merchant_order_no", "state", "amount", "created_at"}
	heading := "商品,平台订单号,商户订单号,状态,金额（元）,创建时间（北京时间）"
	for format, read := range map[core.ExportFormat]func(file []byte) [][]string{
		core.ExportCSV:  func(file []byte) [][]string { return tableOf(t, file) },
		core.ExportXLSX: func(file []byte) [][]string { return sheetOf(t, file, "支付订单") },
	} {
		e := x.export(ctx, t, core.CreateExportInput{Format: format, Columns: columns, Language: "zh"})
		if e.State != core.ExportReady || e.Rows != n || e.Total != n || e.Restarts != 0 {
			t.Fatalf("%s: %+v", format, e)
		}
		rows := read(x.file(ctx, t, e))
		if len(rows) != n+1 || strings.Join(rows[0], ",") != heading {
			t.Fatalf("%s: %d rows, %v", format, len(rows), rows[0])
		}
		mark := map[core.ExportFormat]string{core.ExportCSV: "'"}[format]
		for i, row := range rows[1:] {
			no := i + 1
			state := "已支付"
			if no%10 == 0 {
				state = "待确认"
			}
			want := []string{
				mark + fmt.Sprintf(`=HYPERLINK("http://evil.example","%d")`, no), mark + fmt.Sprintf("260504%014d", no), mark + fmt.Sprintf("000%d", no), state,
				fmt.Sprintf("%d.%02d", no/100, no%100),
			}
			if !slices.Equal(row[:5], want) {
				t.Fatalf("%s, row %d: %q, want %q", format, no, row, want)
			}
		}
		if at := rows[1][5]; at != x.clock.Now().Add(-time.Millisecond).In(core.Beijing()).Format(time.DateTime) {
			t.Errorf("%s: created at %s", format, at)
		}
	}
}

func TestEveryKindIsExported(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	p, err := x.pay(t, core.MethodQR, 1234)
	x.must(t, err)
	x.desk.answers(core.OutcomeUnknown)
	_, err = x.pay(t, core.MethodQR, 500)
	x.must(t, err)
	_, err = x.CreateRefund(x.key(t), core.CreateRefundInput{IdempotencyKey: "r", PaymentID: p.ID, Amount: core.Fen(34), Reason: "+1"})
	x.must(t, err)
	ctx := x.as(t, x.owner, x.tenant.ID)
	for kind := range exportKinds() {
		columns, err := x.ExportColumns(ctx, kind)
		x.must(t, err)
		for _, format := range []core.ExportFormat{core.ExportCSV, core.ExportXLSX} {
			e := x.export(ctx, t, core.CreateExportInput{Kind: kind, Format: format, Language: "en"})
			if e.State != core.ExportReady || len(e.Columns) != len(columns) {
				t.Fatalf("%s: %+v", kind, e)
			}
			if format == core.ExportXLSX {
				continue
			}
			rows := tableOf(t, x.file(ctx, t, e))
			if int64(len(rows)) != e.Rows+1 || len(rows[0]) != len(columns) || rows[0][0] != columns[0].Label.EN {
				t.Errorf("%s: %d rows of %d: %v", kind, len(rows), e.Rows, rows[0])
			}
			text := fmt.Sprint(rows)
			for _, want := range map[core.ExportKind][]string{
				core.ExportPayments: {"12.34", "unknown", "paid", p.ID.Prefixed(core.PrefixPayment), "A"}, core.ExportRefunds: {"0.34", "'+1", "refunded"},
				core.ExportAudit: {"payment.create", "account.create"},
			}[kind] {
				if !strings.Contains(text, want) {
					t.Errorf("%s lacks %q: %s", kind, want, text)
				}
			}
			if kind == core.ExportPayments && strings.Contains(text, "failed") {
				t.Errorf("in doubt is not failed: %s", text)
			}
		}
	}
}

func TestExportsAreBounded(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ctx := x.as(t, x.owner, x.tenant.ID)
	in := core.CreateExportInput{Kind: core.ExportPayments, Format: core.ExportCSV}
	var made []core.Export
	for i := range core.MaxUnfinishedExports {
		in.IdempotencyKey = fmt.Sprint(i)
		reply, err := x.CreateExport(ctx, in)
		x.must(t, err)
		made = append(made, reply.Export)
	}
	in.IdempotencyKey = "one more"
	_, err := x.CreateExport(ctx, in)
	wantCode(t, "a fourth", err, core.CodeLimitExceeded)
	in.IdempotencyKey = "0"
	reply, err := x.CreateExport(ctx, in)
	if err != nil || !reply.Replayed || reply.Export.ID != made[0].ID {
		t.Errorf("the first again: %+v %v", reply, err)
	}
	in.Columns = []string{"amount"}
	_, err = x.CreateExport(ctx, in)
	wantCode(t, "the same key for another", err, core.CodeIdempotencyMismatch)
	if _, err := x.CancelExport(ctx, made[0].ID); err != nil {
		t.Error(err)
	}
	_, err = x.CancelExport(ctx, made[0].ID)
	wantCode(t, "cancel twice", err, core.CodeInvalidState)
	for range core.MaxKeptExports - 2 {
		x.export(ctx, t, core.CreateExportInput{})
	}
	_, err = x.CreateExport(ctx, core.CreateExportInput{Kind: core.ExportPayments, Format: core.ExportCSV})
	wantCode(t, "one file too many", err, core.CodeLimitExceeded)
	if _, err := x.CancelExport(ctx, made[1].ID); err != nil { // throws a file away
		t.Error(err)
	}
	x.export(ctx, t, core.CreateExportInput{})
	for name, bad := range map[string]core.CreateExportInput{
		"no column": {Kind: core.ExportPayments, Format: core.ExportCSV, Columns: []string{"colour"}}, "a column twice": {Kind: core.ExportPayments, Format: core.ExportCSV, Columns: []string{"amount", "amount"}},
		"no kind": {Kind: "secrets", Format: core.ExportCSV}, "no format": {Kind: core.ExportPayments, Format: "pdf"},
	} {
		_, err := x.CreateExport(ctx, bad)
		wantCode(t, name, err, core.CodeInvalidRequest)
	}
}

// TestACanceledExportEndsWithinAPage cancels while the first of several pages is written.
func TestACanceledExportEndsWithinAPage(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.plenty(t, 3*core.ExportPage)
	ctx := x.as(t, x.owner, x.tenant.ID)
	for _, format := range []core.ExportFormat{core.ExportCSV, core.ExportXLSX} {
		reply, err := x.CreateExport(ctx, core.CreateExportInput{Kind: core.ExportPayments, Format: format})
		x.must(t, err)
		pages := 0
		x.Hook = func(point string) {
			if point != "export.page" {
				return
			}
			if pages++; pages == 1 {
				if _, err := x.CancelExport(ctx, reply.Export.ID); err != nil {
					t.Error(err)
				}
			}
		}
		x.workBulk(t)
		x.workBulk(t) // what was stored is removed
		e, err := x.Export(ctx, reply.Export.ID)
		if err != nil || e.State != core.ExportCanceled || pages > 2 || e.Rows > 2*core.ExportPage || !e.NextCheckAt.IsZero() {
			t.Errorf("%s: %s after %d pages and %d rows: %v", format, e.State, pages, e.Rows, err)
		}
		if n := x.rows(t, "SELECT count(*) FROM file_chunks"); n != 0 {
			t.Errorf("%s: %d chunks are left", format, n)
		}
		_, err = x.OpenExport(ctx, e.ID)
		wantCode(t, "fetch what was canceled", err, core.CodeNotFound)
	}
}

// TestAnExportThatWasTakenOverIsWrittenByOne lets another program begin anew while the first is
// at its first page: the first must not write any more.
func TestAnExportThatWasTakenOverIsWrittenByOne(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	const n = 2*core.ExportPage + 10
	x.plenty(t, n)
	ctx := x.as(t, x.owner, x.tenant.ID)
	reply, err := x.CreateExport(ctx, core.CreateExportInput{Kind: core.ExportPayments, Format: core.ExportCSV, Columns: []string{"order_no", "subject"}})
	x.must(t, err)
	due := core.Due{Kind: core.DueExport, TenantID: x.tenant.ID, ID: reply.Export.ID}
	pages := 0
	x.Hook = func(point string) {
		if point != "export.page" {
			return
		}
		if pages++; pages == 1 {
			if err := x.CheckDue(t.Context(), due); err != nil {
				t.Error(err)
			}
		}
	}
	x.must(t, x.CheckDue(t.Context(), due))
	e, err := x.Export(ctx, reply.Export.ID)
	if err != nil || e.State != core.ExportReady || e.Restarts != 1 || e.Rows != n || pages != 4 {
		t.Fatalf("%d pages, %+v: %v", pages, e, err)
	}
	if rows := tableOf(t, x.file(ctx, t, e)); len(rows) != n+1 {
		t.Errorf("%d rows", len(rows))
	}
}

// TestAnExportThatEndsEveryProgramIsGivenUp: each attempt is broken off before it ends.
func TestAnExportThatEndsEveryProgramIsGivenUp(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.plenty(t, 10)
	ctx := x.as(t, x.owner, x.tenant.ID)
	reply, err := x.CreateExport(ctx, core.CreateExportInput{Kind: core.ExportPayments, Format: core.ExportCSV})
	x.must(t, err)
	for range mostRestarts + 1 {
		dying, die := context.WithCancel(t.Context())
		x.Hook = func(string) { die() }
		_ = x.CheckDue(dying, core.Due{Kind: core.DueExport, TenantID: x.tenant.ID, ID: reply.Export.ID})
		die()
	}
	x.Hook = func(string) {}
	x.workBulk(t)
	e, err := x.Export(ctx, reply.Export.ID)
	if err != nil || e.State != core.ExportFailed || e.Reason != exportInterrupted || e.Restarts != mostRestarts {
		t.Errorf("%+v %v", e, err)
	}
	if types := x.eventTypes(t, x.tenant.ID, e.ID); !slices.Equal(types, []string{"export.failed"}) {
		t.Errorf("events %v", types)
	}
}

func TestRightsAreAskedWhenWrittenAndWhenFetched(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.plenty(t, 5)
	viewer := x.person(t, x.tenant.ID, "viewer@a.example", core.RoleTenantViewer)
	ctx := x.as(t, viewer, x.tenant.ID)
	_, err := x.CreateExport(ctx, core.CreateExportInput{Kind: core.ExportAudit, Format: core.ExportCSV})
	wantCode(t, "a list the viewer may not read", err, core.CodeForbidden)
	cashier := x.person(t, x.tenant.ID, "cashier@a.example", core.RoleTenantCashier)
	_, err = x.CreateExport(x.as(t, cashier, x.tenant.ID), core.CreateExportInput{Kind: core.ExportPayments, Format: core.ExportCSV})
	wantCode(t, "the cashier", err, core.CodeForbidden)

	owner := x.as(t, x.owner, x.tenant.ID)
	audit := x.export(owner, t, core.CreateExportInput{Kind: core.ExportAudit})
	_, err = x.OpenExport(ctx, audit.ID)
	wantCode(t, "the viewer fetches the owner's audit log", err, core.CodeForbidden)
	if n := len(tableOf(t, x.file(owner, t, audit))); n < 5 {
		t.Errorf("%d rows of the audit log", n)
	}
	if n := x.rows(t, "SELECT count(*) FROM audit_log WHERE action = 'export.download'"); n != 1 {
		t.Errorf("%d fetches are recorded", n)
	}

	ready := x.export(ctx, t, core.CreateExportInput{})
	waiting, err := x.CreateExport(ctx, core.CreateExportInput{Kind: core.ExportPayments, Format: core.ExportCSV})
	x.must(t, err)
	id, err := core.IdentityFrom(ctx)
	x.must(t, err)
	x.must(t, x.Database.InDirectory(t.Context(), func(tx core.DirectoryTx) error {
		return tx.UnbindRole(t.Context(), id.UserID, x.tenant.ID, core.RoleTenantViewer)
	}))
	x.must(t, x.Authorizer.Reload(t.Context()))
	x.workBulk(t)
	e, err := x.Export(owner, waiting.Export.ID)
	if err != nil || e.State != core.ExportFailed || e.Reason != exportForbidden {
		t.Errorf("%+v %v", e, err)
	}
	_, err = x.ExportChunk(ctx, ready.ID, 0)
	wantCode(t, "who has no role any more", err, core.CodeForbidden)
}

// TestStoresBoundAnExport: a person bound to one store, and one who is bound to it later.
func TestStoresBoundAnExport(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	admin := x.adminIn(t, x.tenant.ID)
	mine, err := x.CreateStore(admin, core.StoreInput{Name: "Mine", Code: "M"})
	x.must(t, err)
	other, err := x.CreateStore(admin, core.StoreInput{Name: "Other", Code: "O"})
	x.must(t, err)
	bound := x.person(t, x.tenant.ID, "bound@a.example", core.RoleTenantViewer, mine.ID)
	for _, store := range []core.ID{mine.ID, other.ID} {
		_, err := x.CreatePayment(x.key(t), core.CreatePaymentInput{IdempotencyKey: store.String(), Method: core.MethodQR, Amount: core.Fen(100), Subject: "Tea", StoreID: store})
		x.must(t, err)
	}
	ctx, owner := x.as(t, bound, x.tenant.ID), x.as(t, x.owner, x.tenant.ID)
	e := x.export(ctx, t, core.CreateExportInput{Columns: []string{"store"}})
	if rows := tableOf(t, x.file(ctx, t, e)); len(rows) != 2 || rows[1][0] != "Mine" {
		t.Errorf("%v", rows)
	}
	_, err = x.CreateExport(ctx, core.CreateExportInput{Kind: core.ExportPayments, Format: core.ExportCSV, Query: []byte(`{"StoreIDs":["` + other.ID.String() + `"]}`)})
	wantCode(t, "another store", err, core.CodeForbidden)
	_, err = x.CreateExport(ctx, core.CreateExportInput{Kind: core.ExportPayouts, Format: core.ExportCSV})
	wantCode(t, "what belongs to no store", err, core.CodeForbidden)
	all := x.export(owner, t, core.CreateExportInput{Columns: []string{"store"}})
	if rows := tableOf(t, x.file(owner, t, all)); len(rows) != 3 {
		t.Errorf("%v", rows)
	}
	_, err = x.OpenExport(ctx, all.ID)
	wantCode(t, "the owner's export", err, core.CodeNotFound)
	list, err := x.ListExports(ctx, core.ExportFilter{})
	if err != nil || len(list) != 1 || list[0].ID != e.ID {
		t.Errorf("lists %d exports: %v", len(list), err)
	}
	// The file that was written before a binding is not for who is bound now.
	own := all
	own.CreatedBy = e.CreatedBy
	id, err := core.IdentityFrom(ctx)
	x.must(t, err)
	wantCode(t, "an own export of earlier", x.mayHave(ctx, id, own), core.CodeForbidden)
}

func TestFilesGoAfterTheirTime(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.plenty(t, 5)
	ctx, _ := x.program(t)
	e := x.export(ctx, t, core.CreateExportInput{})
	x.clock.Move(core.ExportKept - time.Second)
	x.workBulk(t)
	if len(x.file(ctx, t, e)) == 0 {
		t.Error("no file")
	}
	x.clock.Move(2 * time.Second)
	_, err := x.OpenExport(ctx, e.ID)
	wantCode(t, "before it was removed", err, core.CodeNotFound)
	x.workBulk(t)
	e, err = x.Export(ctx, e.ID)
	if err != nil || e.State != core.ExportExpired || !e.NextCheckAt.IsZero() || x.rows(t, "SELECT count(*) FROM file_chunks") != 0 {
		t.Errorf("%+v %v", e, err)
	}
	_, err = x.OpenExport(ctx, e.ID)
	wantCode(t, "after it was removed", err, core.CodeNotFound)
}

// program is a program of the merchant's with a key that can be revoked.
func (x *till) program(t *testing.T) (context.Context, core.APIKey) {
	t.Helper()
	key, _, err := x.CreateAPIKey(x.adminIn(t, x.tenant.ID), core.APIKeyInput{Name: "books", Role: core.RoleTenantDeveloper})
	x.must(t, err)
	return core.WithIdentity(t.Context(), core.Identity{Actor: keyActor(key.ID), APIKeyID: key.ID, Subject: string(key.Role), TenantID: x.tenant.ID}), key
}

func TestAKeyThatWasRevokedGetsNoFile(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ctx, key := x.program(t)
	if e := x.export(ctx, t, core.CreateExportInput{}); e.State != core.ExportReady {
		t.Errorf("%+v", e)
	}
	reply, err := x.CreateExport(ctx, core.CreateExportInput{Kind: core.ExportPayments, Format: core.ExportCSV})
	x.must(t, err)
	x.must(t, x.RevokeAPIKey(x.adminIn(t, x.tenant.ID), key.ID))
	x.workBulk(t)
	if e, err := x.Export(ctx, reply.Export.ID); err != nil || e.State != core.ExportFailed || e.Reason != exportForbidden {
		t.Errorf("%+v %v", e, err)
	}
}

func TestThePlatformExportsAllMerchantsAndEachOnlyItself(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	_, err := x.pay(t, core.MethodQR, 100)
	x.must(t, err)
	b := x.house.tenant(t, "B")
	stranger := x.as(t, x.person(t, b.ID, "owner@b.example", core.RoleTenantOwner), b.ID)
	finance := x.as(t, x.person(t, core.ID{}, "finance@example.com", core.RolePlatformFinance), core.ID{})
	owner := x.as(t, x.owner, x.tenant.ID)
	platform := x.export(finance, t, core.CreateExportInput{Columns: []string{"merchant", "amount"}})
	if rows := tableOf(t, x.file(finance, t, platform)); len(rows) != 2 || rows[1][0] != "A" || rows[1][1] != "1.00" {
		t.Errorf("%v", rows)
	}
	mine := x.export(owner, t, core.CreateExportInput{})
	foreign := x.export(stranger, t, core.CreateExportInput{})
	if rows := tableOf(t, x.file(stranger, t, foreign)); len(rows) != 1 {
		t.Errorf("B exports %v", rows)
	}
	for name, ctx := range map[string]context.Context{"B": stranger, "the platform without naming A": finance} {
		for _, use := range []func() error{
			func() error { _, err := x.Export(ctx, mine.ID); return err },
			func() error { _, err := x.OpenExport(ctx, mine.ID); return err },
			func() error { _, err := x.ExportChunk(ctx, mine.ID, 0); return err },
			func() error { _, err := x.CancelExport(ctx, mine.ID); return err },
		} {
			wantCode(t, name+" and A's export", use(), core.CodeNotFound)
		}
	}
	_, err = x.OpenExport(owner, platform.ID)
	wantCode(t, "A and the platform's export", err, core.CodeNotFound)
	x.file(x.adminIn(t, x.tenant.ID), t, mine)
	// A query that names another merchant is narrowed all the same.
	sly := x.export(stranger, t, core.CreateExportInput{Query: []byte(`{"TenantID":"` + x.tenant.ID.String() + `"}`)})
	if sly.Rows != 0 || sly.State != core.ExportReady {
		t.Errorf("%+v", sly)
	}
}
