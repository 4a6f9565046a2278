package service

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// yuanCell reads an amount of a file, in yuan with two decimals.
func yuanCell(t *testing.T, cell string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(strings.Replace(cell, ".", "", 1), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// booksExport asks for a file as the merchant's maker, with a filter.
func (x *ledger) booksExport(ctx context.Context, t *testing.T, kind core.ExportKind, columns []string, filter any) [][]string {
	t.Helper()
	query, err := json.Marshal(filter)
	if err != nil {
		t.Fatal(err)
	}
	as := x.by(ctx, x.maker)
	return tableOf(t, x.file(as, t, x.export(as, t, core.CreateExportInput{
		IdempotencyKey: "k-" + string(kind), Kind: kind, Format: core.ExportCSV, Columns: columns, Query: query, Language: "en",
	})))
}

// TestTheStatementAddsUp: each day's line is the sum of its entries, the closing line that of all,
// and both files come to what settlement says.
func TestTheStatementAddsUp(t *testing.T) {
	t.Parallel()
	x, err := newLedgers(t)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if err := x.history(ctx); err != nil {
		t.Fatal(err)
	}
	from, to := core.Day("2026-05-01"), core.DayOf(x.clock.Now())
	lines, err := x.ListSettlement(x.by(ctx, x.maker), core.SettlementFilter{From: from, To: to})
	if err != nil {
		t.Fatal(err)
	}
	var total core.SettlementLine
	for _, l := range lines {
		total = total.Add(l)
	}
	entries, days, day := 0, int64(0), int64(0)
	rows := x.booksExport(ctx, t, core.ExportStatement, []string{"kind", "net", "day", "corrects", "number"}, core.EntryFilter{From: from, To: to})
	for i, row := range rows[1:] {
		net := yuanCell(t, row[1])
		switch row[0] {
		case "opening":
			if i != 0 || net != 0 || row[2] != string(from) {
				t.Errorf("line %d: %v", i, row)
			}
		case "sum of the day":
			if net != day {
				t.Errorf("%s: %d, its entries are %d", row[2], net, day)
			}
			days, day = days+net, 0
		case "closing":
			if i != len(rows)-2 || net != days || net != total.Net {
				t.Errorf("closing %d, the days are %d, settlement is %d", net, days, total.Net)
			}
		default:
			entries++
			day += net
			if row[4] == "" || row[3] >= row[2] {
				t.Errorf("line %d: %v", i, row)
			}
		}
	}
	if entries != 11 || total.Net == 0 {
		t.Errorf("%d entries in %v", entries, rows)
	}

	rows = x.booksExport(ctx, t, core.ExportSettlement, []string{"day", "paid", "net", "corrections"}, core.SettlementFilter{From: from, To: to})
	last := rows[len(rows)-1]
	if len(rows) != len(lines)+2 || last[0] != "Total" || yuanCell(t, last[1]) != total.Paid || yuanCell(t, last[2]) != total.Net || yuanCell(t, last[3]) != total.Corrections {
		t.Errorf("%v, want %+v", rows, total)
	}
}

// TestAStatementIsOneMerchants: the platform names one; cashiers get neither file; a year is the most.
func TestAStatementIsOneMerchants(t *testing.T) {
	t.Parallel()
	x, err := newLedgers(t)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(ctx context.Context, kind core.ExportKind, filter any) error {
		query, err := json.Marshal(filter)
		if err != nil {
			return err
		}
		_, err = x.CreateExport(ctx, core.CreateExportInput{IdempotencyKey: "k", Kind: kind, Format: core.ExportXLSX, Query: query})
		return err
	}
	wantCode(t, "over all merchants", ask(x.adminIn(t, core.ID{}), core.ExportStatement, core.EntryFilter{}), core.CodeTenantRequired)
	cashier := x.maker
	cashier.Subject = string(core.RoleTenantCashier)
	for _, kind := range []core.ExportKind{core.ExportStatement, core.ExportSettlement} {
		wantCode(t, "a cashier", ask(core.WithIdentity(t.Context(), cashier), kind, core.EntryFilter{}), core.CodeForbidden)
	}
	day := core.DayOf(x.clock.Now())
	maker := x.by(t.Context(), x.maker)
	wantCode(t, "more than a year", ask(maker, core.ExportStatement, core.EntryFilter{From: day.Next(-366), To: day}), core.CodeInvalidRequest)
	wantCode(t, "more than 92 days", ask(maker, core.ExportSettlement, core.SettlementFilter{From: day.Next(-92), To: day}), core.CodeInvalidRequest)

	// What is booked after it was asked for is not in it.
	x.clearing.says(core.OutcomeSucceeded, time.Time{}, false)
	if err := x.pay(t.Context(), 1, 0, core.MethodQR, 100); err != nil {
		t.Fatal(err)
	}
	x.clock.Move(time.Second)
	reply, err := x.CreateExport(maker, core.CreateExportInput{IdempotencyKey: "k", Kind: core.ExportStatement, Format: core.ExportCSV, Columns: []string{"kind"}, Language: "zh"})
	if err != nil {
		t.Fatal(err)
	}
	x.clock.Move(time.Second)
	if err := x.pay(t.Context(), 1, 0, core.MethodQR, 100); err != nil {
		t.Fatal(err)
	}
	x.workBulk(t)
	if rows := tableOf(t, x.file(maker, t, reply.Export)); len(rows) != 5 || rows[2][0] != "收款" {
		t.Errorf("%v", rows)
	}
}
