package service

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// settlementExport is a line for each merchant, day and store, and their sum at the end. It
// reads a day at a time: how many merchants there are does not matter.
type settlementExport struct {
	fields []exportField[core.SettlementLine]
}

func exportSettlement() exportKind {
	return settlementExport{[]exportField[core.SettlementLine]{
		{"day", "日期（北京时间）", "Day (Beijing time, UTC+8)", func(w exportWords, l core.SettlementLine) core.ExportCell {
			if l.Day == "" {
				return textCell(w.pick("合计", "Total"))
			}
			return textCell(string(l.Day))
		}},
		{"merchant", "商户", "Merchant", func(w exportWords, l core.SettlementLine) core.ExportCell { return textCell(w.merchants[l.TenantID]) }},
		{"store", "门店", "Store", func(w exportWords, l core.SettlementLine) core.ExportCell { return textCell(w.stores[l.StoreID]) }},
		{"account", "渠道账户", "Provider account", func(w exportWords, l core.SettlementLine) core.ExportCell { return textCell(w.accounts[l.AccountID]) }},
		{"payments", "收款笔数", "Payments", func(_ exportWords, l core.SettlementLine) core.ExportCell { return countCell(l.Payments) }},
		{"paid", "收款金额（元）", "Paid (yuan)", func(_ exportWords, l core.SettlementLine) core.ExportCell { return amountCell(l.Paid) }},
		{"refunds", "退款笔数", "Refunds", func(_ exportWords, l core.SettlementLine) core.ExportCell { return countCell(l.Refunds) }},
		{"refunded", "退款金额（元）", "Refunded (yuan)", func(_ exportWords, l core.SettlementLine) core.ExportCell { return amountCell(l.Refunded) }},
		{"payouts", "付款笔数", "Payouts", func(_ exportWords, l core.SettlementLine) core.ExportCell { return countCell(l.Payouts) }},
		{"paid_out", "付款金额（元）", "Paid out (yuan)", func(_ exportWords, l core.SettlementLine) core.ExportCell { return amountCell(l.PaidOut) }},
		{"fees", "手续费（元）", "Fees (yuan)", func(_ exportWords, l core.SettlementLine) core.ExportCell { return amountCell(l.Fees) }},
		{"corrections", "其中更正以前日期（元）", "Of net, corrections of earlier days (yuan)", func(_ exportWords, l core.SettlementLine) core.ExportCell { return amountCell(l.Corrections) }},
		{"net", "净额（元）", "Net (yuan)", func(_ exportWords, l core.SettlementLine) core.ExportCell { return amountCell(l.Net) }},
		{"store_id", "门店编号", "Store id", func(_ exportWords, l core.SettlementLine) core.ExportCell { return idCell(core.PrefixStore, l.StoreID) }},
		{"account_id", "账户编号", "Account id", func(_ exportWords, l core.SettlementLine) core.ExportCell {
			return idCell(core.PrefixAccount, l.AccountID)
		}},
		{"merchant_id", "商户编号", "Merchant id", func(_ exportWords, l core.SettlementLine) core.ExportCell {
			return idCell(core.PrefixTenant, l.TenantID)
		}},
	}}
}

func countCell(n int64) core.ExportCell { return core.ExportCell{Kind: core.CellCount, Number: n} }

func (k settlementExport) object() string               { return "settlement" }
func (k settlementExport) title() core.Text             { return core.Text{ZH: "结算", EN: "Settlement"} }
func (k settlementExport) columns() []core.ExportColumn { return exportColumnsOf(k.fields) }

func (k settlementExport) bind(id core.Identity, query json.RawMessage, before time.Time) (json.RawMessage, error) {
	f, err := readQuery[core.SettlementFilter](query)
	if err != nil {
		return nil, err
	}
	f = f.Within(before)
	if err := checkSettlementDays(f.From, f.To, settlementDays); err != nil {
		return nil, err
	}
	if f.TenantID, err = narrowed(id.TenantID, f.TenantID); err != nil {
		return nil, err
	}
	if f.StoreIDs, err = boundStores(id, f.StoreIDs); err != nil {
		return nil, err
	}
	return marshal(f)
}

func (k settlementExport) open(query json.RawMessage, columns []string, words exportWords) (exportSource, error) {
	f, err := readQuery[core.SettlementFilter](query)
	if err != nil {
		return nil, err
	}
	fields, err := chosenFields(k.fields, columns)
	return &settlementSource{filter: f, day: f.From, fields: fields, words: words}, err
}

type settlementSource struct {
	filter core.SettlementFilter
	fields []exportField[core.SettlementLine]
	words  exportWords
	day    core.Day // the next to be read; after the last: the total is
	total  core.SettlementLine
	ended  bool
}

func (s *settlementSource) of(ctx context.Context, tx exportReader, day core.Day) ([]core.SettlementLine, error) {
	f := s.filter
	f.From, f.To = day, day
	return tx.Settlement(ctx, f)
}

func (s *settlementSource) count(ctx context.Context, tx exportReader) (int64, error) {
	n := int64(1)
	for day := s.filter.From; day <= s.filter.To; day = day.Next(1) {
		lines, err := s.of(ctx, tx, day)
		if err != nil {
			return 0, err
		}
		n += int64(len(lines))
	}
	return n, nil
}

func (s *settlementSource) next(ctx context.Context, tx exportReader) ([][]core.ExportCell, error) {
	for ; s.day <= s.filter.To; s.day = s.day.Next(1) {
		lines, err := s.of(ctx, tx, s.day)
		if err != nil {
			return nil, err
		}
		if len(lines) == 0 {
			continue
		}
		for _, l := range lines {
			s.total = s.total.Add(l)
		}
		s.day = s.day.Next(1)
		return rowsOf(s.fields, s.words, lines), nil
	}
	if s.ended {
		return nil, nil
	}
	s.ended = true
	return rowsOf(s.fields, s.words, []core.SettlementLine{s.total}), nil
}

// readQuery reads what bind wrote, or what the list's parameters say.
func readQuery[F any](query json.RawMessage) (f F, err error) {
	if len(query) == 0 {
		return f, nil
	}
	if err := json.Unmarshal(query, &f); err != nil {
		return f, fmt.Errorf("service: the query of an export: %w", err)
	}
	return f, nil
}

func exportColumnsOf[R any](fields []exportField[R]) []core.ExportColumn {
	out := make([]core.ExportColumn, 0, len(fields))
	for _, f := range fields {
		out = append(out, core.ExportColumn{Name: f.name, Label: core.Text{ZH: f.zh, EN: f.en}})
	}
	return out
}

// chosenFields are the fields that are asked for, in that order.
func chosenFields[R any](fields []exportField[R], columns []string) ([]exportField[R], error) {
	out := make([]exportField[R], 0, len(columns))
	for _, name := range columns {
		at := slices.IndexFunc(fields, func(f exportField[R]) bool { return f.name == name })
		if at < 0 { // asked for by an older version
			return nil, core.Errorf(core.CodeInvalidRequest, "There is no column %q.", name).At("columns")
		}
		out = append(out, fields[at])
	}
	return out, nil
}

func rowsOf[R any](fields []exportField[R], words exportWords, list []R) [][]core.ExportCell {
	rows := make([][]core.ExportCell, len(list))
	for i, r := range list {
		rows[i] = make([]core.ExportCell, len(fields))
		for j, f := range fields {
			rows[i][j] = f.cell(words, r)
		}
	}
	return rows
}
